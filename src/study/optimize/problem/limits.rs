//! Limits and ranges of the model as functions that a search can follow: margins, below zero where broken, under keys that
//! stay the same from point to point.

use super::{Problem, Solved};
use crate::result::{Limit, LimitStatus, SeverityName, SolveResult, Warning};
use crate::study::levels::starred;

/// What a range that is left already may be left further, as a share of its width.
const AS_FAR: f64 = 1e-3;
/// Bits of a key below its condition.
const CONDITION_SHIFT: u32 = 48;

impl Problem<'_> {
    /// Whether a limit counts.
    pub(in crate::study::optimize) fn counts(&self, limit: &Limit) -> bool {
        limit.severity != SeverityName::Advisory || self.rules.advisory
    }

    /// Whether every limit that counts holds.
    pub(in crate::study::optimize) fn holds(&self, result: &SolveResult) -> bool {
        !result
            .limits
            .iter()
            .any(|limit| self.counts(limit) && limit.status == LimitStatus::Broken)
    }

    /// How far a range of the model may be left: as far as today, if that is beyond its edge.
    fn allowed(&self, index: usize, key: u64) -> f64 {
        let today = &self.left[index];
        let place = today.binary_search_by_key(&key, |(key, _)| *key);
        place.map_or(0.0, |place| today[place].1 + AS_FAR)
    }

    /// How much further each range of the model that a result leaves may be left.
    fn ranges(&self, index: usize, result: &SolveResult) -> Vec<(u64, f64)> {
        if self.rules.beyond_range {
            return Vec::new();
        }
        let mut all = beyond(index, result);
        for (key, beyond) in &mut all {
            *beyond = (self.allowed(index, *key) - *beyond).clamp(-10.0, 10.0);
        }
        all
    }

    /// Whether a warning is of a range that is left further than it may be.
    pub(in crate::study::optimize) fn leaves(&self, index: usize, warning: &Warning) -> bool {
        let allowed = || self.allowed(index, range_key(index, warning));
        !self.rules.beyond_range && warning.beyond.is_some_and(|beyond| beyond > allowed())
    }

    pub(super) fn judge(&self, index: usize, result: &SolveResult) -> Solved {
        let mut margins: Vec<(u64, f64)> = result
            .limits
            .iter()
            .filter(|limit| self.counts(limit))
            .filter_map(|limit| Some((limit_key(index, limit), margin(limit, result)?)))
            .collect();
        let ranges = self.ranges(index, result);
        let inside = ranges.iter().all(|(_, margin)| *margin >= 0.0);
        margins.extend(ranges);
        margins.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        // Of limits under one key the tightest stays.
        margins.dedup_by_key(|(key, _)| *key);
        Solved {
            devices: Vec::new(),
            objective: self.objective.of(&result.facility),
            margins,
            holds: inside && self.holds(result),
        }
    }
}

/// What a margin is measured in, in the limit's unit: 10 K of temperatures, the limit itself of others.
pub(in crate::study::optimize) fn size(limit: &Limit) -> f64 {
    match (limit.margin, limit.relative_margin()) {
        (Some(margin), Some(share)) if share != 0.0 => margin / share,
        _ => 1.0,
    }
}

/// The margin of a limit in that size; `None` where it is no line that a search could follow.
fn margin(limit: &Limit, result: &SolveResult) -> Option<f64> {
    let broken = limit.status == LimitStatus::Broken;
    if limit.limit == 0.0 {
        // GPUs that are throttled or off are counted: how bad it is shows in the work that is lost.
        let lost = result.gpus.lost_work_mean + 1e-3;
        return broken.then_some(-lost);
    }
    let share = limit.relative_margin().filter(|share| share.is_finite())?;
    Some(if broken {
        share.clamp(-10.0, -1e-9)
    } else {
        share.max(0.0)
    })
}

/// By how much a result leaves ranges of curves and correlations, by the ranges' keys.
pub(super) fn beyond(condition: usize, result: &SolveResult) -> Vec<(u64, f64)> {
    let warnings = result.warnings.iter();
    let mut all: Vec<(u64, f64)> = warnings
        .filter_map(|warning| Some((range_key(condition, warning), warning.beyond?)))
        .collect();
    // Of several under one key that which leaves its range furthest stays.
    all.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    all.dedup_by_key(|(key, _)| *key);
    all
}

/// Whether two messages say the same of other numbers.
pub(in crate::study::optimize) fn alike(a: &str, b: &str) -> bool {
    let words = |text: &str| -> String {
        text.chars()
            .filter(|c| !c.is_ascii_digit() && !matches!(c, '.' | '-'))
            .collect()
    };
    words(a) == words(b)
}

/// Key of a limit in a condition.
pub(in crate::study::optimize) fn limit_key(condition: usize, limit: &Limit) -> u64 {
    // The hottest GPU may be another one from point to point.
    let path = (!limit.path.contains("gpu.")).then(|| starred(&limit.path));
    let hash = hash(condition, &limit.what, path.as_deref().unwrap_or_default());
    hash & !1 | u64::from(limit.limit == 0.0)
}

/// Whether a key is that of a limit of none, on things that are counted.
pub(in crate::study::optimize) fn is_count(key: u64) -> bool {
    key & 1 == 1
}

/// Key of a range of the model in a condition: numbers in the words do not tell ranges apart.
pub(in crate::study::optimize) fn range_key(condition: usize, warning: &Warning) -> u64 {
    let words: String = warning.text.chars().filter(|c| c.is_alphabetic()).collect();
    hash(condition, &words, &starred(&warning.path)) & !1
}

/// The condition in the highest 16 bits, FNV-1a below; the last bit tells counts apart.
fn hash(condition: usize, what: &str, path: &str) -> u64 {
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let mut hash = 0xcbf2_9ce4_8422_2325;
    for byte in what.bytes().chain(path.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(PRIME);
    }
    (condition as u64) << CONDITION_SHIFT | hash >> (64 - CONDITION_SHIFT)
}

/// The condition of a key.
pub(in crate::study::optimize) fn condition_of(key: u64) -> usize {
    (key >> CONDITION_SHIFT) as usize
}
