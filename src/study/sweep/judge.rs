//! How far a point is from its limits.

use super::output::{Output, Sections};
use super::plan::OutputLimit;
use crate::result::{LimitStatus, SeverityName, SolveResult};

/// Limits that count and are broken.
pub fn broken(result: &SolveResult) -> usize {
    result
        .limits
        .iter()
        .filter(|limit| counts(limit.severity) && limit.status == LimitStatus::Broken)
        .count()
}

/// The least margin to a limit that counts, as a share of that limit (of 100 K for temperatures) and not less than -1, and
/// the limit's name; below zero where it is broken.
pub fn tightest(result: &SolveResult) -> Option<(f64, String)> {
    result
        .limits
        .iter()
        .filter(|limit| counts(limit.severity) && limit.status != LimitStatus::Unknown)
        .filter_map(|limit| {
            let size = match limit.unit {
                "degC" | "K" => 100.0,
                // Of what must not be there at all no margin can be told as long as it is not.
                _ if limit.limit == 0.0 && limit.status == LimitStatus::Ok => return None,
                // Such limits count GPUs.
                _ if limit.limit == 0.0 => (result.gpus.count as f64).max(1.0),
                _ => limit.limit.abs(),
            };
            let share = (limit.margin? / size).max(-1.0);
            if share.is_nan() {
                return None;
            }
            // The sign follows the status, which allows for rounding.
            let share = match limit.status {
                LimitStatus::Broken => share.min(-f64::MIN_POSITIVE),
                _ => share.max(0.0),
            };
            Some((share, limit))
        })
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(share, limit)| (share, format!("{}: {}", limit.path, limit.what)))
}

fn counts(severity: SeverityName) -> bool {
    severity != SeverityName::Advisory
}

/// Limits on outputs: those whose value is the output's.
pub fn limits(result: &SolveResult, outputs: &[Output]) -> Vec<OutputLimit> {
    let sections = Sections::of(result, outputs);
    let mut all: Vec<OutputLimit> = Vec::new();
    for (index, output) in outputs.iter().enumerate().filter(|(_, one)| !one.is_word) {
        let number = output.number(&sections);
        for limit in &result.limits {
            let same = limit.unit == output.unit && limit.value == Some(number) && number != 0.0;
            let known = |other: &OutputLimit| other.output == index && other.value == limit.limit;
            if same && limit.limit.is_finite() && !all.iter().any(known) {
                all.push(OutputLimit {
                    output: index,
                    label: limit.what.clone(),
                    value: limit.limit,
                });
            }
        }
    }
    all
}
