//! What may be chosen: values of the hall file with ranges, or with the few values that are allowed.

use toml_edit::DocumentMut;

use super::OptimizeError;
use super::edit::written_at;
use super::setpoints::{self, Setpoint};
use crate::diag::nearest;
use crate::hall::model::{Hall, Provenance};
use crate::study::sweep::{Axis, Value, Values, axis, base};
use crate::units::Dimension;

/// Most values of a whole-number range.
const MOST_COUNTS: f64 = 1000.0;

/// A value of the hall file that may be chosen, at one path or at several alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Name: its path, or the pattern of its paths.
    pub name: String,
    /// One axis for each path, all of the same values.
    pub axes: Vec<Axis>,
    /// Present value in the axis's unit; none where the file does not say, or where it is a word.
    pub today: Option<f64>,
    /// Present word, where it is one.
    pub today_word: Option<String>,
}

impl Variable {
    /// The axis of its first path.
    pub fn axis(&self) -> &Axis {
        &self.axes[0]
    }

    /// Values that it may take, where they are few; none for a range.
    pub fn choices(&self) -> usize {
        self.axis().len() as usize
    }

    /// Whether it is one of few values.
    pub fn is_choice(&self) -> bool {
        self.choices() > 0
    }

    /// Present value, as written.
    pub fn today_written(&self) -> Option<String> {
        let axis = self.axis();
        match (self.today, &self.today_word) {
            (Some(number), _) => Some(axis.written(&Value::Number(round(number, number)))),
            (None, word) => word.clone(),
        }
    }

    /// Share of its range at which it stands today, 0 to 1.
    pub fn share_today(&self) -> Option<f64> {
        let (from, to) = (self.number(0.0)?, self.number(1.0)?);
        let today = self.today?;
        let share = if self.axis().is_logarithmic() {
            (today / from).ln() / (to / from).ln()
        } else {
            (today - from) / (to - from)
        };
        share.is_finite().then_some(share)
    }

    /// The choice that it has today.
    pub fn choice_today(&self) -> Option<usize> {
        (0..self.choices()).find(|&index| match self.axis().at(index as u64) {
            Value::Number(number) => self
                .today
                .is_some_and(|today| (number - today).abs() <= 1e-9 * today.abs().max(1e-9)),
            Value::Word(word) => self.today_word.as_ref() == Some(&word),
        })
    }

    /// The number at a share of its range.
    pub fn number(&self, share: f64) -> Option<f64> {
        match self.axis().between(share) {
            Value::Number(number) => Some(number),
            Value::Word(_) => None,
        }
    }
}

/// A number to about five digits of a span.
pub(super) fn round(number: f64, span: f64) -> f64 {
    if span == 0.0 || !span.is_finite() {
        return number;
    }
    let decimals = (4.0 - span.abs().log10().floor()).clamp(0.0, 12.0) as usize;
    format!("{number:.decimals$}").parse().unwrap_or(number)
}

/// A number rounded to that and some more digits, to the nearest and to the other side.
pub(super) fn both_ways(number: f64, span: f64, more: i32) -> [f64; 2] {
    if span == 0.0 || !span.is_finite() {
        return [number; 2];
    }
    let decimals = (4 - span.abs().log10().floor() as i32 + more).clamp(0, 12);
    let size = 10.0_f64.powi(decimals);
    let nearest = (number * size).round();
    let other = if nearest > number * size {
        nearest - 1.0
    } else {
        nearest + 1.0
    };
    // Dividing by a power of ten gives the number that the digits stand for.
    [nearest / size, other / size]
}

/// What a hall file and its text say.
pub(super) struct Known<'a> {
    pub(super) hall: &'a Hall,
    pub(super) document: &'a DocumentMut,
}

/// Reads `--vary PATH=VALUES`, or `--vary PATH` for a set-point with its usual range.
pub(super) fn parse(known: &Known<'_>, text: &str) -> Result<Variable, OptimizeError> {
    let wrong = |fault: String| OptimizeError::Vary {
        text: text.to_owned(),
        fault,
    };
    let pattern = text.split('=').next().unwrap_or(text).trim();
    let all = setpoints::all(known.hall);
    let paths = paths(known, &all, pattern).map_err(wrong)?;
    if !text.contains('=') {
        let wanted = all.iter().find(|one| one.path == paths[0]).ok_or_else(|| {
            let near = nearest(pattern, all.iter().map(|one| one.path.as_str()));
            wrong(format!(
                "it is no set-point with a usual range{}; give the range: PATH=FROM..TO UNIT",
                near.map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"))
            ))
        })?;
        return wanted
            .variable(paths, pattern)
            .ok_or_else(|| wrong("it can take one value alone".to_owned()));
    }
    let values = &text[text.find('=').map_or(text.len(), |at| at + 1)..];
    let mut first = Axis::parse(&format!("{}={values}", paths[0]), true).map_err(|error| {
        let fault = error.fault.replace("with --sample a range", "here a range");
        wrong(fault.replace(
            ": the sample says how many points there are (`:log` is allowed)",
            " (`:log` is allowed)",
        ))
    })?;
    base(&mut first, &known.hall.provenance)
        .map_err(|error| wrong(error.to_string().replace("--vary ", "")))?;
    if let Values::Range { from, to, .. } = first.values {
        let key = paths[0].rsplit('.').next().unwrap_or_default();
        if from >= to {
            return Err(wrong(
                "the range is empty: its end must lie above its start".to_owned(),
            ));
        }
        if setpoints::is_count(key) && first.unit.is_empty() && first.base.is_none() {
            first.values = Values::List(whole(from, to).map_err(wrong)?);
        }
    }
    let today = today(known, &paths[0], &first.unit);
    let today_word = first
        .is_words()
        .then(|| written_at(known.document, &paths[0]))
        .flatten();
    Ok(Variable {
        name: pattern.to_owned(),
        axes: paths
            .into_iter()
            .map(|path| Axis {
                path,
                ..first.clone()
            })
            .collect(),
        today,
        today_word,
    })
}

/// Whole numbers from one to another.
pub(super) fn whole(from: f64, to: f64) -> Result<Vec<f64>, String> {
    let (low, high) = (from.ceil(), to.floor());
    if high < low {
        return Err(format!("there is no whole number from {from} to {to}"));
    }
    if high - low >= MOST_COUNTS {
        return Err(format!(
            "{} whole numbers are too many; at most {MOST_COUNTS}",
            high - low + 1.0
        ));
    }
    Ok((0..=(high - low) as u32)
        .map(|k| low + f64::from(k))
        .collect())
}

/// Paths of a pattern: itself, or all set-points and numbers that fit one with `*`.
fn paths(known: &Known<'_>, all: &[Setpoint], pattern: &str) -> Result<Vec<String>, String> {
    if pattern.is_empty() {
        return Err("there is no path".to_owned());
    }
    if !pattern.contains('*') {
        return Ok(vec![pattern.to_owned()]);
    }
    let fits = |path: &str| {
        let (mut own, mut wanted) = (path.split('.'), pattern.split('.'));
        loop {
            match (own.next(), wanted.next()) {
                (None, None) => return true,
                (Some(own), Some(wanted)) if wanted == "*" || own == wanted => {}
                _ => return false,
            }
        }
    };
    let provenance = known.hall.provenance.iter().map(|one| one.path.as_str());
    let mut found: Vec<String> = Vec::new();
    for path in all.iter().map(|one| one.path.as_str()).chain(provenance) {
        if fits(path) && !found.iter().any(|known| known == path) {
            found.push(path.to_owned());
        }
    }
    if found.is_empty() {
        return Err(format!(
            "no set-point or number of this hall has a path like `{pattern}`"
        ));
    }
    Ok(found)
}

/// The present value at a path in a unit.
fn today(known: &Known<'_>, path: &str, unit: &str) -> Option<f64> {
    let of = |one: &Provenance| (one.path == path).then(|| one.value.clone());
    let text = known
        .hall
        .provenance
        .iter()
        .find_map(of)
        .or_else(|| written_at(known.document, path))
        .or_else(|| {
            let found = setpoints::all(known.hall)
                .into_iter()
                .find(|one| one.path == path)?;
            let si = found.today?;
            Some(format!("{si} {}", found.dimension.si_symbol()))
        })?;
    let (number, own) = axis::number(&text).ok()?;
    if own == unit {
        return Some(number);
    }
    Dimension::ALL.iter().find_map(|dimension| {
        let unit = dimension.find_unit(unit).ok()?;
        Some(unit.from_si(dimension.parse(&text).ok()?))
    })
}
