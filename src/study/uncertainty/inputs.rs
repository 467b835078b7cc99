//! Uncertain inputs: numbers of library parts by their grade, assumptions of the hall file by their alternatives, and ranges
//! that are given.

use super::UncertaintyError;
use crate::hall::model::{Assumption, Grade, Provenance};
use crate::units::Dimension;

/// Half width of the default range of a grade, as a share of the value. Assumptions of this model, of grade D: what a
/// grade is worth in percent is nowhere published.
pub const fn half_width(grade: Grade) -> f64 {
    match grade {
        Grade::A => 0.02,
        Grade::B => 0.05,
        Grade::C => 0.10,
        Grade::D => 0.25,
    }
}

/// The same of an absolute temperature in degC or degF, K.
pub const fn half_width_kelvin(grade: Grade) -> f64 {
    match grade {
        Grade::A => 0.5,
        Grade::B => 1.0,
        Grade::C => 2.0,
        Grade::D => 3.0,
    }
}

/// Where a range comes from.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A library number, by its grade.
    Grade(Grade),
    /// An assumption of the hall file, by its alternatives.
    Assumption(String),
    /// Given on the command line.
    Given,
}

/// An uncertain number, taken as uniform between its ends.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Input {
    /// Name: part and key, or path.
    pub name: String,
    /// Paths that hold it.
    pub paths: Vec<String>,
    /// Unit as written.
    pub unit: String,
    /// Present value, in `unit`.
    pub base: f64,
    /// Least value, in `unit`.
    pub low: f64,
    /// Greatest value, in `unit`.
    pub high: f64,
    /// Where the range comes from.
    pub origin: Origin,
}

impl Input {
    /// The value at a share of the way from `low` to `high`.
    pub fn at(&self, share: f64) -> f64 {
        self.low + (self.high - self.low) * share
    }

    /// The edits of the hall file that set it.
    pub fn edits(&self, value: f64) -> impl Iterator<Item = String> {
        let text = self.written(value);
        self.paths.iter().map(move |path| format!("{path}={text}"))
    }

    /// A value as it is written: twelve digits are exact enough, and are read back as they stand.
    pub fn rounded(&self, value: f64) -> f64 {
        format!("{value:.11e}").parse().unwrap_or(value)
    }

    /// A value with its unit.
    pub fn written(&self, value: f64) -> String {
        format!("{} {}", self.rounded(value), self.unit)
            .trim_end()
            .to_owned()
    }

    /// Whether it goes before the grades of the library numbers that it sets.
    pub fn goes_first(&self) -> bool {
        !matches!(self.origin, Origin::Grade(_))
    }

    /// About this present value; the range is widened to hold it.
    #[must_use]
    pub fn about(&self, base: f64) -> Self {
        Self {
            base,
            low: self.low.min(base),
            high: self.high.max(base),
            ..self.clone()
        }
    }

    /// Half as wide about the present value.
    #[must_use]
    pub fn narrower(&self) -> Self {
        Self {
            low: 0.5 * (self.low + self.base),
            high: 0.5 * (self.high + self.base),
            ..self.clone()
        }
    }
}

/// Number and unit of a written value; `None` for what is not one number.
pub fn number(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text
        .char_indices()
        .find(|&(at, c)| {
            !(c.is_ascii_digit()
                || matches!(c, '.' | 'e' | 'E' | '_')
                || (matches!(c, '-' | '+') && (at == 0 || text[..at].ends_with(['e', 'E']))))
        })
        .map_or(text.len(), |(at, _)| at);
    let value: f64 = text[..end].replace('_', "").parse().ok()?;
    let unit = text[end..].trim();
    // What follows the number of a curve's points is no unit.
    let known = unit.is_empty() || Dimension::ALL.iter().any(|one| one.parse(text).is_ok());
    (known && value.is_finite()).then_some((value, unit))
}

/// Keys that count or choose, and coefficients that mean nothing one by one.
fn is_no_quantity(key: &str) -> bool {
    const COUNTS: [&str; 13] = [
        "count",
        "running",
        "redundant_units",
        "modules",
        "pumps_running",
        "servers",
        "in_series",
        "exponent",
        "pressure_exponent",
        "reference_density",
        "pump_density",
        "reference_temperature",
        "idle_temperature",
    ];
    COUNTS.contains(&key)
        || is_coefficient(key)
        || ["_min", "_max", "_limit"]
            .iter()
            .any(|end| key.ends_with(end))
}

/// Coefficients of fitted curves, which mean nothing one by one.
pub(super) fn is_coefficient(key: &str) -> bool {
    ["capft_", "eirft_", "eirfplr_", "coefficient_"]
        .iter()
        .any(|start| key.starts_with(start))
}

/// Ratings and limits judge a hall and do not move it.
fn judges(key: &str) -> bool {
    key.starts_with("rated_") && key != "rated_power"
        || ["rating", "slowdown", "shutdown"]
            .iter()
            .any(|word| key.contains(word))
}

fn range(base: f64, unit: &str, grade: Grade) -> (f64, f64) {
    let half = match unit {
        "degC" | "°C" => half_width_kelvin(grade),
        "degF" | "°F" => 1.8 * half_width_kelvin(grade),
        _ => base.abs() * half_width(grade),
    };
    (base - half, base + half)
}

/// All inputs: given ranges first, then assumptions, then library numbers; each path once.
///
/// # Errors
/// [`UncertaintyError::Range`] for a given range that cannot be read.
pub fn inputs(
    provenance: &[Provenance],
    assumptions: &[Assumption],
    given: &[String],
) -> Result<Vec<Input>, UncertaintyError> {
    let mut out: Vec<Input> = Vec::new();
    for text in given {
        let found = of_range(text, provenance)?;
        if out.iter().any(|known| known.paths == found.paths) {
            return Err(UncertaintyError::Range {
                text: text.clone(),
                fault: "the path is given twice".to_owned(),
            });
        }
        out.push(found);
    }
    let taken = |out: &[Input], path: &str| {
        out.iter()
            .any(|known| known.paths.iter().any(|own| own == path))
    };
    for one in assumptions {
        let Some(path) = one.path.as_ref().filter(|path| !taken(&out, path)) else {
            continue;
        };
        out.extend(of_assumption(one, path, provenance));
    }
    for one in provenance {
        let Some(part) = &one.part else { continue };
        let key = one.path.rsplit('.').next().unwrap_or(&one.path);
        if is_no_quantity(key) || judges(key) || taken(&out, &one.path) {
            continue;
        }
        let Some((base, unit)) = number(&one.value) else {
            continue;
        };
        let name = format!("{part}: {key}");
        let (low, high) = range(base, unit, one.confidence);
        if high <= low {
            continue;
        }
        match out
            .iter_mut()
            .find(|known| known.name == name && known.base == base && known.unit == unit)
        {
            Some(known) => known.paths.push(one.path.clone()),
            None => out.push(Input {
                name,
                paths: vec![one.path.clone()],
                unit: unit.to_owned(),
                base,
                low,
                high,
                origin: Origin::Grade(one.confidence),
            }),
        }
    }
    Ok(out)
}

/// The present value at a path, as written.
fn present<'p>(path: &str, provenance: &'p [Provenance]) -> Option<(f64, &'p str)> {
    let mut found = provenance.iter().filter(|one| one.path == path);
    found.find_map(|one| number(&one.value))
}

/// The range that an assumption spans with its alternatives; `None` where they are words.
fn of_assumption(one: &Assumption, path: &str, provenance: &[Provenance]) -> Option<Input> {
    let own = present(path, provenance);
    let others: Vec<(f64, &str)> = one
        .alternatives
        .iter()
        .map(|text| number(text))
        .collect::<Option<_>>()?;
    let (_, unit) = *others.first()?;
    let values: Vec<f64> = others.iter().map(|(value, _)| *value).collect();
    let alike = others.iter().all(|(_, other)| *other == unit);
    // A number that does not stand in the file itself is the middle of its alternatives.
    let base = match own {
        Some((base, own)) if own == unit => base,
        Some(_) => return None,
        None => values.iter().sum::<f64>() / values.len() as f64,
    };
    let low = values.iter().copied().fold(base, f64::min);
    let high = values.iter().copied().fold(base, f64::max);
    let key = path.rsplit('.').next().unwrap_or(path);
    (alike && high > low && !is_no_quantity(key)).then(|| Input {
        name: format!("assumption {}", one.name),
        paths: vec![path.to_owned()],
        unit: unit.to_owned(),
        base,
        low,
        high,
        origin: Origin::Assumption(one.name.clone()),
    })
}

/// `PATH=LOW..HIGH UNIT`, or `PATH=+-20 %`.
fn of_range(text: &str, provenance: &[Provenance]) -> Result<Input, UncertaintyError> {
    let wrong = |fault: String| UncertaintyError::Range {
        text: text.to_owned(),
        fault,
    };
    let form = "write PATH=LOW..HIGH UNIT, or PATH=+-20 %";
    let (path, value) = text
        .split_once('=')
        .ok_or_else(|| wrong(format!("there is no `=`; {form}")))?;
    let (path, value) = (path.trim(), value.trim());
    let own = present(path, provenance);
    let (base, low, high, unit) = if let Some(share) = value.strip_prefix("+-") {
        let share = Dimension::Fraction
            .parse(share.trim())
            .map_err(|error| wrong(error.to_string()))?;
        let (base, unit) = own.ok_or_else(|| {
            wrong(format!(
                "`{path}` holds no number to which a share could apply"
            ))
        })?;
        let half = share.abs() * base.abs();
        (base, base - half, base + half, unit)
    } else {
        let (low, high) = value
            .split_once("..")
            .ok_or_else(|| wrong(format!("`{value}` is no range; {form}")))?;
        let ((low, first), (high, unit)) = number(low)
            .zip(number(high))
            .ok_or_else(|| wrong(format!("`{value}` is no range of numbers; {form}")))?;
        if !first.is_empty() && first != unit {
            return Err(wrong(format!(
                "its ends have different units, {first} and {unit}"
            )));
        }
        let base = own.filter(|(_, known)| *known == unit);
        (
            base.map_or(0.5 * (low + high), |(base, _)| base),
            low,
            high,
            unit,
        )
    };
    if high.is_nan() || low.is_nan() || high <= low {
        return Err(wrong(
            "the range is empty: its high end must lie above its low end".to_owned(),
        ));
    }
    Ok(Input {
        name: path.to_owned(),
        paths: vec![path.to_owned()],
        unit: unit.to_owned(),
        base: base.clamp(low, high),
        low,
        high,
        origin: Origin::Given,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Origin, inputs, number};
    use crate::hall::model::{Assumption, Grade, Provenance};

    fn known(path: &str, value: &str, part: &str, confidence: Grade) -> Provenance {
        Provenance {
            path: path.into(),
            value: value.into(),
            part: Some(part.into()),
            source: String::new(),
            confidence,
        }
    }

    #[test]
    fn numbers_are_told_from_words() {
        assert_eq!(number("45 W"), Some((45.0, "W")));
        assert_eq!(number("1e-3"), Some((1e-3, "")));
        assert_eq!(number(" -2.5 K"), Some((-2.5, "K")));
        assert_eq!(number("eco"), None);
        assert_eq!(number("[[0, 1]]"), None);
    }

    #[test]
    fn a_number_of_one_part_is_one_input_wherever_it_stands() {
        let all = [
            known("racks.a.server.gpu.idle_power", "100 W", "h100", Grade::C),
            known("racks.b.server.gpu.idle_power", "100 W", "h100", Grade::C),
            known(
                "equipment.t.supply_temperature",
                "22 degC",
                "tower",
                Grade::D,
            ),
            known("equipment.t.count", "4", "tower", Grade::D),
        ];
        let found = inputs(&all, &[], &[]).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].paths.len(), 2);
        assert_eq!((found[0].low, found[0].high), (90.0, 110.0));
        assert_eq!((found[1].low, found[1].high), (19.0, 25.0));
        assert_eq!(found[0].written(found[0].at(0.5)), "100 W");
    }

    #[test]
    fn given_ranges_go_before_assumptions_and_these_before_grades() {
        let all = [known("a.power", "100 W", "part", Grade::D)];
        let assumed = [Assumption {
            name: "power".into(),
            text: String::new(),
            path: Some("a.power".into()),
            alternatives: vec!["80 W".into(), "90 W".into()],
            confidence: Grade::D,
        }];
        let found = inputs(&all, &assumed, &[]).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].low, found[0].high), (80.0, 100.0));
        assert_eq!(found[0].origin, Origin::Assumption("power".into()));
        let found = inputs(&all, &assumed, &["a.power=+-10 %".into()]).unwrap();
        assert_eq!((found[0].low, found[0].high), (90.0, 110.0));
        for (wrong, words) in [
            ("a.power", "no `=`"),
            ("a.power=5", "no range"),
            ("a.power=5 W..4 W", "empty"),
            ("a.power=5 W..4 kW", "different units"),
            ("b.power=+-10 %", "no number"),
        ] {
            let text = inputs(&all, &[], &[wrong.to_owned()])
                .unwrap_err()
                .to_string();
            assert!(text.contains(words), "{text}");
        }
    }
}
