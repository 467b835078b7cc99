//! The sized hall, read from its file, solved in every case and with every claimed loss.

use std::path::Path;

use serde::Serialize;

use super::SizeError;
use super::cases::{Condition, cases};
use crate::hall::LoadOptions;
use crate::hall::model::Hall;
use crate::result::{LimitStatus, SeverityName};
use crate::study::losses::{Loss, Severity, losses};
use crate::study::scenario::{Base, Change, Scenario, reason, run_all};
use crate::study::{Run, run_hall};
use crate::units::Dimension;
use crate::world::World;

/// A case of the schedule.
#[derive(Debug, Clone, Serialize)]
pub struct CaseRow {
    /// Name.
    pub name: String,
    /// What it is.
    pub text: String,
    /// Limits that the sized hall breaks there.
    pub broken: Vec<BrokenLimit>,
    /// Why the sized hall has no solution there.
    pub reason: Option<String>,
}

/// A limit that the sized hall breaks.
#[derive(Debug, Clone, Serialize)]
pub struct BrokenLimit {
    /// Path.
    pub path: String,
    /// What is limited.
    pub what: String,
    /// Value, in the units of the results.
    pub value: Option<f64>,
    /// Limit.
    pub limit: f64,
    /// Unit.
    pub unit: &'static str,
    /// Dimension.
    #[serde(skip)]
    pub dimension: Dimension,
}

/// A claimed redundancy, tried.
#[derive(Debug, Clone, Serialize)]
pub struct Trial {
    /// Path.
    pub path: String,
    /// Claim.
    pub claimed: String,
    /// What was lost.
    pub lost: String,
    /// Whether every limit that counts holds.
    pub holds: bool,
    /// What breaks.
    pub breaks: Option<String>,
}

/// Solves the sized hall in every case; the run of the first.
pub(super) fn confirm(
    hall: &Hall,
    conditions: &[Condition],
    done: &(dyn Fn() + Sync),
) -> (Vec<CaseRow>, Option<Run>) {
    let mut rows = Vec::new();
    let mut first = None;
    for (index, case) in cases(hall, conditions).into_iter().enumerate() {
        let run = run_hall(case.hall);
        done();
        let mut row = CaseRow {
            name: case.name,
            text: case.text,
            broken: Vec::new(),
            reason: None,
        };
        match run {
            Ok(run) => {
                row.broken = broken(&run);
                if index == 0 {
                    first = Some(run);
                }
            }
            Err(error) => row.reason = Some(reason(&error)),
        }
        rows.push(row);
    }
    (rows, first)
}

fn broken(run: &Run) -> Vec<BrokenLimit> {
    let limits = run.result.limits.iter();
    limits
        .filter(|limit| {
            limit.status == LimitStatus::Broken && limit.severity != SeverityName::Advisory
        })
        .map(|limit| BrokenLimit {
            path: limit.path.clone(),
            what: limit.what.clone(),
            value: limit.value,
            limit: limit.limit,
            unit: limit.unit,
            dimension: limit.dimension,
        })
        .collect()
}

/// Every claimed loss of the sized hall, in the first case.
pub(super) fn trials(
    world: &dyn World,
    path: &Path,
    load: &LoadOptions,
    run: &Run,
    done: &(dyn Fn() + Sync),
) -> Result<Vec<Trial>, SizeError> {
    let base = Base::load(world, path, load)?;
    let found: Vec<Loss> = losses(run, Severity::default(), false)
        .into_iter()
        .filter(|loss| loss.claimed.is_some())
        .collect();
    let mut list: Vec<(Trial, Scenario)> = Vec::new();
    for loss in &found {
        let Some(claimed) = &loss.claimed else {
            continue;
        };
        for number in 1..=claimed.losses {
            let scenario = loss.times(number).unwrap_or_else(|| loss.scenario());
            let trial = Trial {
                path: loss.group.clone(),
                claimed: claimed.words.clone(),
                lost: if number == 1 {
                    loss.text.clone()
                } else {
                    format!("{number} units lost")
                },
                holds: false,
                breaks: None,
            };
            list.push((trial, scenario));
        }
    }
    let scenarios: Vec<Scenario> = list
        .iter()
        .map(|(_, scenario)| {
            let mut scenario = scenario.clone();
            let state = Change::Loads(run.hall.state.clone());
            scenario.changes.insert(0, state);
            scenario
        })
        .collect();
    let outcomes = run_all(&base, &scenarios, done, broken);
    Ok(list
        .into_iter()
        .zip(outcomes)
        .map(|((mut trial, _), outcome)| {
            match outcome {
                Ok(broken) => {
                    trial.holds = broken.is_empty();
                    trial.breaks = broken
                        .first()
                        .map(|limit| format!("{}: {}", limit.path, limit.what));
                }
                Err(reason) => trial.breaks = Some(reason),
            }
            trial
        })
        .collect())
}
