//! The budget: scenarios against the limits at every level of the electrical and of the hydraulic tree.
//!
//! | scenario | is |
//! |---|---|
//! | each state of the file | the hall in that state, at the outdoor air of the file |
//! | `synchronous-peak` | the present state with all GPUs at their rated load at once: the peak of a synchronous job, as a steady state |
//! | `worst-hour` | the present state at the worst of the weather's design conditions |
//! | `worst-hour-peak` | the same with the synchronous peak |
//! | one out | one unit lost of each set for which the file claims redundancy |
//!
//! Of the design conditions the worst is that without a solution, else with the most broken limits, else with the highest
//! facility power. Each limit is shown at the scenario that leaves it the least margin.

mod capacity;
pub mod counts;
pub mod inverse;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use super::annual;
use super::claims::{self, Audit};
use super::levels::{Level, Levels, starred};
use super::losses::{Loss, Severity, losses};
use super::scenario::{Base, Change, Scenario, run_all};
use super::{Run, RunError};
use crate::component::Outdoor;
use crate::hall::model::State;
use crate::result::{Limit, LimitStatus, SeverityName, SolveResult};
use crate::units::Dimension;
use crate::weather::{self, DesignPoint, WeatherError};
use crate::world::World;
use counts::CountError;
use inverse::{Answer, Ask};

/// Name of the scenario of the synchronous peak.
pub const PEAK: &str = "synchronous-peak";
/// Name of the scenario of the worst design condition.
pub const WORST: &str = "worst-hour";
/// Name of the scenario of both.
pub const WORST_PEAK: &str = "worst-hour-peak";

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
    /// The worst design condition.
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

/// A limit at the scenario that leaves it the least margin.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Level of the tree.
    pub level: Level,
    /// Path of the worst instance.
    pub path: String,
    /// What is limited.
    pub what: String,
    /// Scenario.
    pub scenario: String,
    /// Value found.
    pub value: Option<f64>,
    /// Limit.
    pub limit: f64,
    /// Unit of both.
    pub unit: &'static str,
    /// How far the value is on the right side, in the same unit (kelvin for temperatures).
    pub margin: Option<f64>,
    /// The same as a share of the limit, of temperatures as a share of 10 K.
    pub relative_margin: Option<f64>,
    /// Severity.
    pub severity: SeverityName,
    /// Status.
    pub status: LimitStatus,
    /// Instances that break it.
    pub broken_count: u64,
    /// All scenarios that break it.
    pub broken_in: Vec<String>,
    /// Value in each scenario in which it is judged, in the order of scenarios.
    pub values: Vec<(String, Option<f64>)>,
    /// Dimension, for display.
    #[serde(skip)]
    pub dimension: Dimension,
}

impl Row {
    /// Whether it is broken and counts.
    pub fn breaks(&self) -> bool {
        self.status == LimitStatus::Broken && self.severity != SeverityName::Advisory
    }
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
    let mut known: Vec<&str> = hall
        .states
        .iter()
        .map(|state| state.name.as_str())
        .collect();
    known.extend([PEAK, WORST, WORST_PEAK]);
    if !known.contains(&at) {
        return Err(no_scenario(at, &known));
    }
    let source = annual::source(
        &hall.annual,
        options.weather.as_deref(),
        options.design.as_deref(),
    );
    let (weather, _) = weather::open(world, &source)?;
    let mut warnings: Vec<String> = base
        .warnings
        .iter()
        .map(|w| format!("{}: {}: {}", w.place, w.path, w.text))
        .collect();
    if options.weather.is_none() && options.design.is_none() && hall.annual == unsaid(hall) {
        warnings.push(format!(
            "neither --weather nor [annual] names the weather: the design conditions are those of {}",
            weather.name
        ));
    }
    let whole = Scenario::default().run(base).map_err(BudgetError::Run)?;

    let conditions: Vec<Scenario> = weather.design.iter().map(condition).collect();
    let solved = run_all(base, &conditions, progress, |run| run.result.clone());
    let worst = worst(&conditions, &solved);
    if worst.is_none() {
        warnings.push(format!(
            "{} has no design conditions: no worst hour is tried; --design gives some",
            weather.name
        ));
    }

    let mut planned = states(base);
    planned.push((Sort::Peak, peak(base)));
    if let Some(worst) = worst {
        let mut hour = worst.clone();
        hour.text = format!("{}: {}", worst.name, worst.text);
        WORST.clone_into(&mut hour.name);
        let mut both = hour.clone();
        both.text = format!("synchronous peak at {}", worst.name);
        WORST_PEAK.clone_into(&mut both.name);
        both.changes.extend(peak(base).changes);
        planned.push((Sort::Weather, hour));
        planned.push((Sort::Weather, both));
    }
    let claimed: Vec<Loss> = losses(&whole, Severity::default(), false)
        .into_iter()
        .filter(|loss| loss.claimed.is_some())
        .collect();
    planned.extend(claimed.iter().map(|loss| (Sort::OneOut, loss.scenario())));

    let list: Vec<Scenario> = planned.iter().map(|(_, one)| one.clone()).collect();
    let outcomes = run_all(base, &list, progress, |run| run.result.clone());
    let planned_at = list.iter().find(|one| one.name == at);
    let asked = planned_at.ok_or_else(|| no_scenario(at, &known[..known.len() - 2]))?;
    let answers = inverse::answer(base, asked, &options.ask, &counts, progress);
    Ok(put_together(
        base, &whole, &planned, &outcomes, answers, warnings,
    ))
}

/// What a hall file says of its year where it says nothing.
fn unsaid(hall: &crate::hall::model::Hall) -> crate::hall::model::Annual {
    crate::hall::model::Annual {
        folder: hall.annual.folder.clone(),
        ..Default::default()
    }
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

fn condition(design: &DesignPoint) -> Scenario {
    Scenario {
        name: design.name.clone(),
        text: design.text.clone(),
        changes: vec![Change::Outdoor(Outdoor {
            dry_bulb: design.air.dry_bulb(),
            wet_bulb: design.wet_bulb,
            humidity_ratio: design.air.humidity_ratio(),
            pressure: design.air.pressure(),
        })],
    }
}

fn no_scenario(name: &str, known: &[&str]) -> BudgetError {
    BudgetError::NoScenario {
        name: name.to_owned(),
        known: known.iter().map(|name| (*name).to_owned()).collect(),
        hint: crate::diag::nearest(name, known.iter().copied()).map(str::to_owned),
    }
}

/// The worst of the design conditions.
fn worst<'a>(
    conditions: &'a [Scenario],
    solved: &[Result<SolveResult, String>],
) -> Option<&'a Scenario> {
    let rank = |outcome: &Result<SolveResult, String>| match outcome {
        Err(_) => (usize::MAX, 0.0),
        Ok(result) => (broken(result, true), result.facility.power_w),
    };
    conditions
        .iter()
        .zip(solved)
        .reduce(|a, b| {
            let (x, y) = (rank(a.1), rank(b.1));
            let worse = y.0.cmp(&x.0).then(y.1.total_cmp(&x.1));
            if worse.is_gt() { b } else { a }
        })
        .map(|(condition, _)| condition)
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
    answers: Vec<Answer>,
    warnings: Vec<String>,
) -> Budget {
    let hall = &base.hall;
    let levels = Levels::of(&hall.root);
    let scenarios: Vec<ScenarioResult> = planned
        .iter()
        .zip(outcomes)
        .map(|((sort, scenario), outcome)| summary(*sort, scenario, outcome))
        .collect();
    let mut rows: BTreeMap<(Level, String, String), Row> = BTreeMap::new();
    for ((_, scenario), result) in planned.iter().zip(outcomes) {
        let Ok(result) = result else { continue };
        let derived = capacity::limits(result);
        let limits = result.limits.iter().chain(&derived);
        for limit in limits.filter(|limit| speaks(limit)) {
            merge(&mut rows, &levels, &scenario.name, limit);
        }
    }
    let mut limits: Vec<Row> = rows.into_values().collect();
    limits.sort_by(|a, b| {
        place(a)
            .cmp(&place(b))
            .then(tightness(a).total_cmp(&tightness(b)))
            .then_with(|| (a.level, &a.path, &a.what).cmp(&(b.level, &b.path, &b.what)))
    });
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
        answers,
        warnings,
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

/// A control that is at a stop and still meets its set-point has no margin that would mean anything.
fn speaks(limit: &Limit) -> bool {
    limit.status == LimitStatus::Broken || !limit.what.ends_with(" set-point")
}

/// Keeps of each limit the scenario that leaves it the least margin.
fn merge(
    rows: &mut BTreeMap<(Level, String, String), Row>,
    levels: &Levels,
    scenario: &str,
    limit: &Limit,
) {
    let level = levels.of_limit(limit);
    // Where the hottest GPU is changes from scenario to scenario.
    let path = if level == Level::Gpu {
        String::new()
    } else {
        starred(&limit.path)
    };
    let row = Row {
        level,
        path: limit.path.clone(),
        what: limit.what.clone(),
        scenario: scenario.to_owned(),
        value: limit.value,
        limit: limit.limit,
        unit: limit.unit,
        margin: limit.margin,
        relative_margin: limit.relative_margin(),
        severity: limit.severity,
        status: limit.status,
        broken_count: limit.broken_count,
        broken_in: Vec::new(),
        values: Vec::new(),
        dimension: limit.dimension,
    };
    let breaks = limit.status == LimitStatus::Broken;
    let known = rows
        .entry((level, path, limit.what.clone()))
        .or_insert_with(|| row.clone());
    let worse = (place(&row), tightness(&row)) < (place(known), tightness(known));
    if worse {
        let broken_in = std::mem::take(&mut known.broken_in);
        let values = std::mem::take(&mut known.values);
        *known = Row {
            broken_in,
            values,
            ..row
        };
    }
    known.values.push((scenario.to_owned(), limit.value));
    if breaks {
        known.broken_in.push(scenario.to_owned());
    }
}

/// Broken trips, ratings, advisories, what is unknown, what holds; advisory limits that hold last.
fn place(row: &Row) -> u8 {
    match (row.status, row.severity) {
        (LimitStatus::Broken, SeverityName::Trip) => 0,
        (LimitStatus::Broken, SeverityName::Rating) => 1,
        (LimitStatus::Broken, SeverityName::Advisory) => 2,
        (LimitStatus::Unknown, _) => 3,
        (LimitStatus::Ok, SeverityName::Advisory) => 5,
        (LimitStatus::Ok, _) => 4,
    }
}

fn tightness(row: &Row) -> f64 {
    if row.limit == 0.0 && row.status == LimitStatus::Ok {
        return f64::INFINITY;
    }
    row.relative_margin.unwrap_or(f64::INFINITY)
}

#[cfg(test)]
mod tests;
