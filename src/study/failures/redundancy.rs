//! Redundancy that the file claims against what the solve shows: units are taken out one by one until a limit breaks.

use serde::Serialize;

use super::outcome::Outcome;
use crate::study::losses::{Loss, Sort};
use crate::study::scenario::Scenario;

/// Losses beyond those claimed that are tried.
const BEYOND: u32 = 2;

/// One claim and what was shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Redundancy {
    /// Path of the instance judged.
    pub path: String,
    /// Kind of the component.
    pub kind: &'static str,
    /// What is claimed: `N+1`, `2N`.
    pub claimed: String,
    /// Key that claims it.
    pub key: &'static str,
    /// Instances that are like it, itself included.
    pub alike: u64,
    /// Losses up to which every limit holds, of those tried.
    pub shown: u32,
    /// Whether `shown` is the most that was tried, so that there may be more.
    pub or_more: bool,
    /// Losses that the claim must stand.
    pub needed: u32,
    /// Whether it stands them.
    pub holds: bool,
    /// The first limit that breaks, or why there is no solution, at one loss more than shown.
    pub breaks: Option<String>,
}

/// One step of one claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    loss: usize,
    number: u32,
    scenario: Scenario,
}

/// All steps of all claims.
pub fn plan(found: &[Loss]) -> Vec<Step> {
    let mut steps = Vec::new();
    for (index, loss) in found.iter().enumerate() {
        let Some(claimed) = &loss.claimed else {
            continue;
        };
        let plain = |number| Step {
            loss: index,
            number,
            scenario: loss.scenario(),
        };
        match loss.sort {
            Sort::Unit if loss.times(1).is_some() => {
                steps.extend((1..=claimed.losses + BEYOND).filter_map(|number| {
                    loss.times(number).map(|scenario| Step {
                        loss: index,
                        number,
                        scenario,
                    })
                }));
            }
            _ => steps.push(plain(1)),
        }
    }
    steps
}

/// Their scenarios.
pub fn scenarios(steps: &[Step]) -> Vec<Scenario> {
    steps.iter().map(|step| step.scenario.clone()).collect()
}

/// What the outcomes of all steps show.
pub fn judge(found: &[Loss], steps: &[Step], outcomes: &[Outcome]) -> Vec<Redundancy> {
    let mut out = Vec::new();
    for (index, loss) in found.iter().enumerate() {
        let Some(claimed) = &loss.claimed else {
            continue;
        };
        let mut shown = 0;
        let mut breaks = None;
        for (step, outcome) in steps.iter().zip(outcomes).filter(|(s, _)| s.loss == index) {
            if outcome.holds() {
                shown = step.number;
            } else {
                breaks = Some(reason(outcome));
                break;
            }
        }
        out.push(Redundancy {
            path: loss.path.clone(),
            kind: loss.kind,
            claimed: claimed.words.clone(),
            key: claimed.key,
            alike: loss.alike,
            shown,
            or_more: breaks.is_none(),
            needed: claimed.losses,
            holds: shown >= claimed.losses,
            breaks,
        });
    }
    // Claims that fail come first.
    out.sort_by_key(|one| one.holds);
    out
}

fn reason(outcome: &Outcome) -> String {
    if let Some(reason) = &outcome.reason {
        return reason.clone();
    }
    outcome
        .broken
        .iter()
        .chain(&outcome.broken_before)
        .find(|limit| limit.severity != crate::result::SeverityName::Advisory)
        .map(|limit| format!("{}: {}", limit.path, limit.what))
        .unwrap_or_default()
}
