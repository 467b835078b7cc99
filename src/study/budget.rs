//! The budget: scenarios against the limits at every level of the electrical and of the hydraulic tree.
//!
//! | scenario | is |
//! |---|---|
//! | each state of the file | the hall in that state, at the outdoor air of the file |
//! | `synchronous-peak` | the present state with all GPUs at their rated load at once: the peak of a synchronous job, as a steady state |
//! | `worst-hour`, `hottest-hour`, `worst-design` | the present state in the worst air of the year and of the design conditions (`hours`) |
//! | the same with `-peak` | with the synchronous peak as well |
//! | one out | one unit lost of each set for which the file claims redundancy |
//!
//! Each limit is shown at the scenario that leaves it the least margin.

mod capacity;
pub mod counts;
pub mod hours;
pub mod inverse;
mod rows;

use std::path::PathBuf;

use serde::Serialize;

use super::annual::AnnualError;
use super::claims::{self, Audit};
use super::levels::{Level, Levels};
use super::losses::{Loss, Severity, losses};
use super::scenario::{Base, Change, Scenario, run_all};
use super::{Run, RunError};
use crate::hall::model::State;
use crate::result::{LimitStatus, SeverityName, SolveResult};
use crate::weather::WeatherError;
use crate::world::World;
use counts::CountError;
use hours::{Air, YearSearched};
use inverse::{Answer, Ask};
use rows::speaks;

pub use rows::Row;

/// Name of the scenario of the synchronous peak.
pub const PEAK: &str = "synchronous-peak";
/// What is asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BudgetOptions {
    /// Built-in weather, or a file, in place of the hall file's.
    pub weather: Option<String>,
    /// Table of design conditions, in place of those that come with the weather.
    pub design: Option<PathBuf>,
    /// Inverse questions.
    pub ask: Vec<Ask>,
    /// Scenario at which they are asked; the synchronous peak if left out.
    pub at: Option<String>,
    /// Paths of counts that grow together, in place of those of the racks.
    pub counts: Vec<String>,
}

/// Why there is no budget.
#[derive(Debug, thiserror::Error)]
pub enum BudgetError {
    /// The hall in its present state.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The weather.
    #[error(transparent)]
    Weather(#[from] WeatherError),
    /// The year that is searched for its worst hours.
    #[error(transparent)]
    Annual(#[from] AnnualError),
    /// A path that is no count.
    #[error(transparent)]
    Count(#[from] CountError),
    /// No scenario of that name.
    #[error("there is no scenario `{name}`{}; scenarios are {}", hint.as_deref().map_or_else(String::new, |hint| format!(" (did you mean `{hint}`?)")), known.join(", "))]
    NoScenario {
        /// As asked for.
        name: String,
        /// Names.
        known: Vec<String>,
        /// The nearest of them.
        hint: Option<String>,
    },
}

/// What a scenario is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// A state of the file.
    State,
    /// All GPUs at once.
    Peak,
    /// The worst air of the year, or of the design conditions.
    Weather,
    /// One unit lost.
    OneOut,
}

/// A scenario and what came of it.
#[derive(Debug, Clone, Serialize)]
pub struct ScenarioResult {
    /// Name.
    pub name: String,
    /// What it is, in words.
    pub text: String,
    /// Its sort.
    pub sort: Sort,
    /// Why there is no solution.
    pub reason: Option<String>,
    /// Power of the facility, W.
    pub power_w: Option<f64>,
    /// Power of the IT equipment, W.
    pub it_power_w: Option<f64>,
    /// Power of cooling, W.
    pub cooling_power_w: Option<f64>,
    /// Losses of the electrical tree, W.
    pub electrical_loss_w: Option<f64>,
    /// Lighting and the rest, W.
    pub other_power_w: Option<f64>,
    /// Power of the GPUs, W: a part of the IT's.
    pub gpu_power_w: Option<f64>,
    /// PUE at this point.
    pub pue: Option<f64>,
    /// Hottest GPU, °C.
    pub gpu_temperature_max_c: Option<f64>,
    /// Limits broken that count.
    pub broken: usize,
    /// Advisory limits exceeded.
    pub advisory: usize,
    /// Path and words of the limit with the least relative margin of those that count.
    pub tightest: Option<String>,
    /// Its relative margin.
    pub tightest_margin: Option<f64>,
}

/// A budget.
#[derive(Debug, Clone, Serialize)]
pub struct Budget {
    /// Version of this structure.
    pub schema_version: u32,
    /// Name of the hall.
    pub name: String,
    /// Present state.
    pub state: String,
    /// Outdoor condition of the file, in words.
    pub scenario: String,
    /// The year that was searched for its worst hours; null where no weather is named.
    pub year: Option<YearSearched>,
    /// Scenarios.
    pub scenarios: Vec<ScenarioResult>,
    /// Limits: the broken ones first, then the tightest.
    pub limits: Vec<Row>,
    /// Loops, and levels of equipment, for which the file gives no limit.
    pub unlimited: Vec<String>,
    /// Claims held against all boundaries and states.
    pub claims: Vec<Audit>,
    /// Inverse questions.
    pub answers: Vec<Answer>,
    /// What is to be known.
    pub warnings: Vec<String>,
}

impl Budget {
    /// Of each level the first of its limits: one that is broken, else the tightest of those that count, else advisory.
    pub fn by_level(&self) -> Vec<&Row> {
        let first = |level| {
            let mut rows = self.limits.iter().filter(|row| row.level == level);
            rows.find(|row| row.limit != 0.0 || row.breaks())
        };
        Level::ALL.into_iter().filter_map(first).collect()
    }

    /// Whether every scenario has a solution.
    pub fn complete(&self) -> bool {
        self.scenarios.iter().all(|one| one.reason.is_none())
    }

    /// Whether every limit that counts holds in every scenario.
    pub fn holds(&self) -> bool {
        !self.limits.iter().any(Row::breaks)
    }
}

/// Told how many solves are done.
pub type Progress<'a> = dyn Fn() + Sync + 'a;

/// Solves a hall's budget.
///
/// # Errors
/// [`BudgetError`]; a scenario without a solution is none.
pub fn run(
    world: &dyn World,
    base: &Base<'_>,
    options: &BudgetOptions,
    progress: &Progress<'_>,
) -> Result<Budget, BudgetError> {
    let hall = &base.hall;
    // What is asked is judged before anything is solved.
    let counts = if options.ask.contains(&Ask::Count) {
        counts::counts(hall, &options.counts)?
    } else {
        Vec::new()
    };
    let at = options.at.as_deref().unwrap_or(PEAK);
    let air = Air::open(world, hall, options)?;
    let mut known: Vec<&str> = hall
        .states
        .iter()
        .map(|state| state.name.as_str())
        .collect();
    known.push(PEAK);
    known.extend(air.names());
    if !known.contains(&at) {
        return Err(no_scenario(at, &known));
    }
    let mut warnings: Vec<String> = base
        .warnings
        .iter()
        .map(|w| format!("{}: {}: {}", w.place, w.path, w.text))
        .collect();
    warnings.extend(air.warnings.iter().cloned());
    let whole = Scenario::default().run(base).map_err(BudgetError::Run)?;

    let synchronous = peak(base);
    let (weather, year) = air.scenarios(world, base, options, &synchronous.changes, progress)?;
    let mut planned = states(base);
    planned.push((Sort::Peak, synchronous));
    planned.extend(weather.into_iter().map(|one| (Sort::Weather, one)));
    let claimed: Vec<Loss> = losses(&whole, Severity::default(), false)
        .into_iter()
        .filter(|loss| loss.claimed.is_some())
        .collect();
    planned.extend(claimed.iter().map(|loss| (Sort::OneOut, loss.scenario())));

    let list: Vec<Scenario> = planned.iter().map(|(_, one)| one.clone()).collect();
    let outcomes = run_all(base, &list, progress, |run| run.result.clone());
    let planned_at = list.iter().find(|one| one.name == at);
    let asked = planned_at.ok_or_else(|| no_scenario(at, &known))?;
    let answers = inverse::answer(base, asked, &options.ask, &counts, progress);
    let mut found = put_together(base, &whole, &planned, &outcomes);
    found.year = year;
    found.answers = answers;
    found.warnings = warnings;
    Ok(found)
}

/// The present state with all GPUs at rated load.
fn peak(base: &Base<'_>) -> Scenario {
    let state = State {
        gpu_load: 1.0,
        ..base.hall.state.clone()
    };
    Scenario {
        name: PEAK.to_owned(),
        text: format!("state {} with all GPUs at rated load at once", state.name),
        changes: vec![Change::Loads(state)],
    }
}

fn states(base: &Base<'_>) -> Vec<(Sort, Scenario)> {
    let states = base.hall.states.iter();
    states
        .map(|state| {
            let scenario = Scenario {
                name: state.name.clone(),
                text: format!("state {} at {}", state.name, base.hall.scenario),
                changes: vec![Change::Loads(state.clone())],
            };
            (Sort::State, scenario)
        })
        .collect()
}

fn no_scenario(name: &str, known: &[&str]) -> BudgetError {
    BudgetError::NoScenario {
        name: name.to_owned(),
        known: known.iter().map(|name| (*name).to_owned()).collect(),
        hint: crate::diag::nearest(name, known.iter().copied()).map(str::to_owned),
    }
}

/// Limits broken: those that count, or advisory ones.
fn broken(result: &SolveResult, count: bool) -> usize {
    let limits = result.limits.iter();
    limits
        .filter(|l| l.status == LimitStatus::Broken)
        .filter(|l| (l.severity != SeverityName::Advisory) == count)
        .count()
}

fn put_together(
    base: &Base<'_>,
    whole: &Run,
    planned: &[(Sort, Scenario)],
    outcomes: &[Result<SolveResult, String>],
) -> Budget {
    let hall = &base.hall;
    let levels = Levels::of(&hall.root);
    let scenarios: Vec<ScenarioResult> = planned
        .iter()
        .zip(outcomes)
        .map(|((sort, scenario), outcome)| summary(*sort, scenario, outcome))
        .collect();
    let limits = rows::rows(&levels, planned, outcomes);
    let solved: Vec<(&str, &SolveResult)> = planned
        .iter()
        .zip(outcomes)
        .filter(|((sort, _), _)| *sort == Sort::State)
        .filter_map(|((_, one), outcome)| Some((one.name.as_str(), outcome.as_ref().ok()?)))
        .collect();
    Budget {
        schema_version: 1,
        name: hall.name.clone(),
        state: hall.state.name.clone(),
        scenario: hall.scenario.clone(),
        scenarios,
        unlimited: capacity::unlimited(&whole.result, &levels, &limits),
        limits,
        claims: claims::audit(&hall.claims, claims::nameplate(&whole.network), &solved),
        year: None,
        answers: Vec::new(),
        warnings: Vec::new(),
    }
}

fn summary(
    sort: Sort,
    scenario: &Scenario,
    outcome: &Result<SolveResult, String>,
) -> ScenarioResult {
    let result = outcome.as_ref().ok();
    let tightest = result.and_then(|result| {
        let limits = result.limits.iter().filter(|limit| speaks(limit));
        limits
            .filter(|l| l.severity != SeverityName::Advisory)
            // A number of GPUs against zero has no margin to speak of while it is zero.
            .filter(|l| l.limit.abs() > 0.0 || l.status == LimitStatus::Broken)
            .filter_map(|l| Some((l, l.relative_margin()?)))
            .reduce(|a, b| if b.1 < a.1 { b } else { a })
    });
    ScenarioResult {
        name: scenario.name.clone(),
        text: scenario.text.clone(),
        sort,
        reason: outcome.as_ref().err().cloned(),
        power_w: result.map(|r| r.facility.power_w),
        it_power_w: result.map(|r| r.facility.it_power_w),
        cooling_power_w: result.map(|r| r.facility.cooling_power_w),
        electrical_loss_w: result.map(|r| r.facility.electrical_loss_w),
        other_power_w: result.map(|r| r.facility.other_power_w),
        gpu_power_w: result.map(|r| r.gpus.power_w),
        pue: result.and_then(|r| r.facility.pue),
        gpu_temperature_max_c: result.and_then(|r| r.gpus.temperature_max_c),
        broken: result.map_or(0, |r| broken(r, true)),
        advisory: result.map_or(0, |r| broken(r, false)),
        tightest: tightest.map(|(l, _)| format!("{}: {}", l.path, l.what)),
        tightest_margin: tightest.map(|(_, margin)| margin),
    }
}

#[cfg(test)]
mod tests;
