//! `--vary PATH=VALUES`: one varied value of the hall file, and the values that it takes.
//!
//! | written | values |
//! |---|---|
//! | `PATH=0.6..1.6 L/min:21` | 21 values in equal steps, both ends included; the unit stands once, at the end |
//! | `PATH=1..100 kW:7log` | 7 values in equal ratios |
//! | `PATH=x0.8..x1.2:9` | the hall file's own value times 9 factors |
//! | `PATH=30,32,36 degC` | these |
//! | `PATH=water,pg25` | these words |
//!
//! With `--sample` a range has no `:N`: the sample says how many points there are.

use std::fmt;

/// Most values of one axis; more points come from more axes or from a sample.
const MOST: u64 = 1_000_000_000_000;
/// Most values of a range that are judged one by one.
const MOST_JUDGED: u64 = 1000;

/// What an axis runs through.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// From one number to another; `count` is 0 where a sample fills the range.
    Range {
        /// First.
        from: f64,
        /// Last.
        to: f64,
        /// How many.
        count: u64,
        /// In equal ratios rather than equal steps.
        logarithmic: bool,
    },
    /// These numbers.
    List(Vec<f64>),
    /// These words.
    Words(Vec<String>),
}

/// A varied value.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Path in the hall file.
    pub path: String,
    /// Values, in `unit`, or factors.
    pub values: Values,
    /// Unit as written; that of the hall file's own value for factors.
    pub unit: String,
    /// For factors, the hall file's own value in `unit`; not a number until it is known.
    pub base: Option<f64>,
}

/// One value of an axis.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number, in the axis's unit.
    Number(f64),
    /// A word.
    Word(String),
}

/// Why a `--vary` is no axis.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("--vary '{text}': {fault}")]
pub struct AxisError {
    /// As given.
    pub text: String,
    /// What is wrong, and what is allowed.
    pub fault: String,
}

impl Axis {
    /// Reads `PATH=VALUES`; `sampled` where a sample fills the ranges.
    ///
    /// # Errors
    /// [`AxisError`].
    pub fn parse(text: &str, sampled: bool) -> Result<Self, AxisError> {
        parse(text, sampled).map_err(|fault| AxisError {
            text: text.to_owned(),
            fault,
        })
    }

    /// How many values there are; 0 where a sample fills the range.
    pub fn len(&self) -> u64 {
        match &self.values {
            Values::Range { count, .. } => *count,
            Values::List(all) => all.len() as u64,
            Values::Words(all) => all.len() as u64,
        }
    }

    /// Whether there are no values of its own.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether its values are words.
    pub fn is_words(&self) -> bool {
        matches!(self.values, Values::Words(_))
    }

    /// Its words; none where its values are numbers.
    pub fn words(&self) -> &[String] {
        match &self.values {
            Values::Words(words) => words,
            _ => &[],
        }
    }

    /// Whether its values are in equal ratios.
    pub fn is_logarithmic(&self) -> bool {
        matches!(
            self.values,
            Values::Range {
                logarithmic: true,
                ..
            }
        )
    }

    /// The value of this index.
    pub fn at(&self, index: u64) -> Value {
        match &self.values {
            Values::Range { from, count, .. } if *count < 2 => self.scaled(*from),
            Values::Range { count, .. } => {
                let last = count - 1;
                self.between(index as f64 / last as f64)
            }
            Values::List(all) => self.scaled(all[pick(index, all.len())]),
            Values::Words(all) => Value::Word(all[pick(index, all.len())].clone()),
        }
    }

    /// The value at a share of the way, 0 to 1.
    pub fn between(&self, share: f64) -> Value {
        match &self.values {
            Values::Range {
                from,
                to,
                logarithmic,
                ..
            } => {
                let number = if share <= 0.0 {
                    *from
                } else if share >= 1.0 {
                    *to
                } else if *logarithmic {
                    tidy(from * (to / from).powf(share))
                } else {
                    tidy(from + (to - from) * share)
                };
                self.scaled(number)
            }
            Values::List(all) => self.scaled(all[pick_share(share, all.len())]),
            Values::Words(all) => Value::Word(all[pick_share(share, all.len())].clone()),
        }
    }

    /// The value in the middle: one of its own where it has some, since whole numbers must stay whole.
    pub fn middle(&self) -> Value {
        if self.is_empty() {
            self.between(0.5)
        } else {
            self.at(self.len() / 2)
        }
    }

    /// Values by which the axis is judged: both ends of a range, every value of a list. Bare numbers may have to be
    /// whole, so of these all are judged, unless they are very many.
    pub fn judged(&self) -> Vec<Value> {
        match &self.values {
            Values::Range { count, .. }
                if *count == 1 || self.unit.is_empty() && (1..=MOST_JUDGED).contains(count) =>
            {
                (0..*count).map(|i| self.at(i)).collect()
            }
            Values::Range { .. } => vec![self.between(0.0), self.between(1.0)],
            Values::List(_) | Values::Words(_) => (0..self.len()).map(|i| self.at(i)).collect(),
        }
    }

    /// `PATH=VALUE`, as `--set` takes it.
    pub fn set(&self, value: &Value) -> String {
        format!("{}={}", self.path, self.written(value))
    }

    /// The value with its unit.
    pub fn written(&self, value: &Value) -> String {
        match value {
            Value::Word(word) => word.clone(),
            Value::Number(number) if self.unit.is_empty() => number.to_string(),
            Value::Number(number) => format!("{number} {}", self.unit),
        }
    }

    /// Name of the column: path and unit.
    pub fn column(&self) -> String {
        if self.unit.is_empty() {
            self.path.clone()
        } else {
            format!("{} [{}]", self.path, self.unit)
        }
    }

    fn scaled(&self, number: f64) -> Value {
        Value::Number(match self.base {
            Some(base) => tidy(base * number),
            None => number,
        })
    }
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let x = if self.base.is_some() { "x" } else { "" };
        write!(f, "{}=", self.path)?;
        match &self.values {
            Values::Range {
                from,
                to,
                count,
                logarithmic,
            } => {
                write!(f, "{x}{from}..{x}{to}")?;
                if self.base.is_none() && !self.unit.is_empty() {
                    write!(f, " {}", self.unit)?;
                }
                match (count, logarithmic) {
                    (0, false) => Ok(()),
                    (0, true) => write!(f, ":log"),
                    (n, false) => write!(f, ":{n}"),
                    (n, true) => write!(f, ":{n}log"),
                }
            }
            Values::List(all) => {
                let all: Vec<String> = all.iter().map(|one| format!("{x}{one}")).collect();
                write!(f, "{}", all.join(","))?;
                if self.base.is_none() && !self.unit.is_empty() {
                    write!(f, " {}", self.unit)?;
                }
                Ok(())
            }
            Values::Words(all) => write!(f, "{}", all.join(",")),
        }
    }
}

fn pick(index: u64, count: usize) -> usize {
    usize::try_from(index).map_or(0, |index| index.min(count - 1))
}

fn pick_share(share: f64, count: usize) -> usize {
    ((share * count as f64) as usize).min(count - 1)
}

/// A number without the last digits, which are rounding: twelve of them stay.
fn tidy(number: f64) -> f64 {
    format!("{number:.11e}").parse().unwrap_or(number)
}

fn parse(text: &str, sampled: bool) -> Result<Axis, String> {
    const FORM: &str =
        "write PATH=FROM..TO UNIT:N, PATH=x0.8..x1.2:N, or PATH=A,B,C UNIT; :Nlog for equal ratios";
    let Some((path, values)) = text.split_once('=') else {
        return Err(format!("it has no `=`; {FORM}"));
    };
    let (path, values) = (path.trim(), values.trim());
    if path.is_empty() || path.split('.').any(str::is_empty) {
        return Err(format!("`{path}` is no path; {FORM}"));
    }
    if values.is_empty() {
        return Err(format!("there are no values; {FORM}"));
    }
    let (values, unit, factors) = if values.contains("..") {
        range(values, sampled)?
    } else {
        list(values)?
    };
    Ok(Axis {
        path: path.to_owned(),
        values,
        unit,
        base: factors.then_some(f64::NAN),
    })
}

fn range(text: &str, sampled: bool) -> Result<(Values, String, bool), String> {
    let (text, steps) = match text.rsplit_once(':') {
        Some((range, steps)) => (range.trim(), Some(steps.trim())),
        None => (text, None),
    };
    let (count, logarithmic) = steps_of(steps, sampled)?;
    let Some((first, last)) = text.split_once("..") else {
        return Err("the range has no `..` before its `:`".to_owned());
    };
    let (first, last) = (first.trim(), last.trim());
    let (first, factor) = strip_factor(first);
    let (last, last_factor) = strip_factor(last);
    let (from, rest) = number(first)?;
    if !rest.is_empty() {
        return Err(format!(
            "`{first}`: the unit stands once, at the end, as in {from}..{} {rest}:{}",
            number(last).map_or_else(|_| "TO".to_owned(), |(to, _)| to.to_string()),
            if count == 0 {
                "N".to_owned()
            } else {
                count.to_string()
            },
        ));
    }
    let (to, unit) = number(last)?;
    if factor != last_factor {
        return Err("both ends are factors, as in x0.8..x1.2, or neither".to_owned());
    }
    if factor && !unit.is_empty() {
        return Err(format!("a factor has no unit, but here is `{unit}`"));
    }
    if from == to && count != 1 {
        return Err(format!("the range is empty: it begins and ends at {from}"));
    }
    if count == 1 && from != to {
        return Err("a range of one value has no end; give 2 or more, or one value".to_owned());
    }
    if logarithmic && (from <= 0.0 || to <= 0.0) {
        return Err(format!(
            "equal ratios need ends above zero, not {from} and {to}"
        ));
    }
    let values = Values::Range {
        from,
        to,
        count,
        logarithmic,
    };
    Ok((values, unit.to_owned(), factor))
}

fn steps_of(steps: Option<&str>, sampled: bool) -> Result<(u64, bool), String> {
    match (steps, sampled) {
        (None, true) => Ok((0, false)),
        (Some("log"), true) => Ok((0, true)),
        (Some(_), true) => Err(
            "with --sample a range has no `:N`: the sample says how many points there are (`:log` is allowed)"
                .to_owned(),
        ),
        (None, false) => {
            Err("the range lacks `:N`, the number of its values, as in 0.6..1.6 L/min:21".to_owned())
        }
        (Some(steps), false) => {
            let (digits, logarithmic) = match steps.strip_suffix("log") {
                Some(digits) => (digits.trim(), true),
                None => (steps, false),
            };
            match digits.parse::<u64>() {
                Ok(0) => Err("0 values leave nothing to solve; `:N` must be 1 or more".to_owned()),
                Ok(count) if count <= MOST => Ok((count, logarithmic)),
                Ok(_) => Err(format!("`:{digits}` is out of range; allowed: 1 to {MOST}")),
                Err(_) => Err(format!(
                    "`:{steps}` is no number of values; allowed: a whole number, or one with `log` behind it"
                )),
            }
        }
    }
}

fn list(text: &str) -> Result<(Values, String, bool), String> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    if let Some(place) = parts.iter().position(|part| part.is_empty()) {
        return Err(format!("value {} of the list is empty", place + 1));
    }
    let (factors, plain): (Vec<bool>, Vec<&str>) = parts
        .iter()
        .map(|part| {
            let (rest, factor) = strip_factor(part);
            (factor, rest)
        })
        .unzip();
    let numbers: Vec<(f64, &str)> = plain.iter().filter_map(|part| number(part).ok()).collect();
    if numbers.len() < plain.len() || numbers.is_empty() {
        if let Some(place) = repeated(&parts) {
            return Err(format!("`{}` stands twice in the list", parts[place]));
        }
        let words = parts.iter().map(|part| (*part).to_owned()).collect();
        return Ok((Values::Words(words), String::new(), false));
    }
    let factor = factors[0];
    if factors.iter().any(|one| *one != factor) {
        return Err("all values are factors, as in x0.8,x1,x1.2, or none is".to_owned());
    }
    let unit = numbers[numbers.len() - 1].1;
    if let Some((value, other)) = numbers[..numbers.len() - 1]
        .iter()
        .find(|(_, other)| !other.is_empty() && *other != unit)
    {
        return Err(format!(
            "`{value} {other}`: the values of a list share one unit, which stands once, at the end"
        ));
    }
    if factor && !unit.is_empty() {
        return Err(format!("a factor has no unit, but here is `{unit}`"));
    }
    let all: Vec<f64> = numbers.iter().map(|(value, _)| *value).collect();
    if let Some(place) = repeated(&all) {
        return Err(format!("{} stands twice in the list", all[place]));
    }
    Ok((Values::List(all), unit.to_owned(), factor))
}

fn repeated<T: PartialEq>(all: &[T]) -> Option<usize> {
    (1..all.len()).find(|&k| all[..k].contains(&all[k]))
}

fn strip_factor(text: &str) -> (&str, bool) {
    match text.strip_prefix('x') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') => (rest, true),
        _ => (text, false),
    }
}

/// The number at the start of a text, and what follows it.
pub(in crate::study) fn number(text: &str) -> Result<(f64, &str), String> {
    let text = text.trim();
    // The longest start that is a number: `1e3 W` has an exponent, `1 each` has none.
    let ends = text
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .filter(|&end| end <= 40)
        .rev();
    for end in ends {
        let head = &text[..end];
        if head.ends_with(|c: char| c.is_ascii_digit() || c == '.')
            && let Ok(value) = head.parse::<f64>()
            && value.is_finite()
        {
            return Ok((value, text[end..].trim()));
        }
    }
    Err(format!("`{text}` does not begin with a number"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Axis, Value, Values};

    fn numbers(text: &str) -> Vec<f64> {
        let axis = Axis::parse(text, false).unwrap();
        (0..axis.len())
            .map(|index| match axis.at(index) {
                Value::Number(number) => number,
                Value::Word(word) => panic!("{word}"),
            })
            .collect()
    }

    #[test]
    fn ranges_and_lists_give_their_values() {
        assert_eq!(
            numbers("a.b=0.6..1.6 L/min:6"),
            [0.6, 0.8, 1.0, 1.2, 1.4, 1.6]
        );
        assert_eq!(numbers("a=1..100kW:3log"), [1.0, 10.0, 100.0]);
        assert_eq!(numbers("a=45..30 degC:4"), [45.0, 40.0, 35.0, 30.0]);
        assert_eq!(numbers("a = 30, 32,36 degC"), [30.0, 32.0, 36.0]);
        assert_eq!(numbers("a=-5..5 degC:3"), [-5.0, 0.0, 5.0]);
        let axis = Axis::parse("loops.tcs.fluid=water,pg25", false).unwrap();
        assert_eq!(axis.at(1), Value::Word("pg25".into()));
        assert_eq!(axis.set(&axis.at(0)), "loops.tcs.fluid=water");
        let axis = Axis::parse("a=1..2 kW:2", false).unwrap();
        assert_eq!(axis.set(&axis.at(1)), "a=2 kW");
        assert_eq!(axis.column(), "a [kW]");
    }

    #[test]
    fn factors_multiply_the_base() {
        let mut axis = Axis::parse("a=x0.8..x1.2:5", false).unwrap();
        assert!(axis.base.is_some_and(f64::is_nan));
        (axis.base, axis.unit) = (Some(80.0), "L/min".into());
        assert_eq!(axis.set(&axis.at(0)), "a=64 L/min");
        assert_eq!(axis.set(&axis.at(4)), "a=96 L/min");
        assert_eq!(axis.to_string(), "a=x0.8..x1.2:5");
    }

    #[test]
    fn a_sample_fills_ranges_and_lists() {
        let axis = Axis::parse("a=1..100 W:log", true).unwrap();
        assert_eq!(axis.between(0.5), Value::Number(10.0));
        assert!(matches!(axis.values, Values::Range { count: 0, .. }));
        let axis = Axis::parse("a=x,y,z", true).unwrap();
        assert_eq!(axis.between(0.99), Value::Word("z".into()));
        assert_eq!(axis.between(0.0), Value::Word("x".into()));
    }

    #[test]
    fn wrong_ones_are_told_apart() {
        for (text, sampled, part) in [
            ("a", false, "no `=`"),
            ("=1..2:3", false, "no path"),
            ("a..b=1..2:3", false, "no path"),
            ("a=", false, "no values"),
            ("a=1..2", false, "lacks `:N`"),
            ("a=1..2:0", false, "0 values"),
            ("a=1..2:x", false, "no number of values"),
            ("a=1..2:-3", false, "no number of values"),
            ("a=2..2 W:5", false, "empty"),
            ("a=1..2:1", false, "one value"),
            ("a=1 W..2 W:5", false, "once, at the end, as in 1..2 W:5"),
            ("a=0..2 W:5log", false, "above zero"),
            ("a=x1..2:5", false, "or neither"),
            ("a=x1..x2 W:5", false, "a factor has no unit"),
            ("a=up..2:5", false, "begin with a number"),
            ("a=1..2:5", true, "with --sample"),
            ("a=1,,2", false, "value 2 of the list is empty"),
            ("a=1,2,1 W", false, "twice"),
            ("a=1 kW,2 W", false, "share one unit"),
            ("a=b,c,b", false, "twice"),
        ] {
            let error = Axis::parse(text, sampled).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
