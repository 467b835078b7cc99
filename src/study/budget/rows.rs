//! Limits, each at the scenario that leaves it the least margin.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Sort, capacity};
use crate::result::{Limit, LimitStatus, SeverityName, SolveResult};
use crate::study::levels::{Level, Levels, starred};
use crate::study::scenario::Scenario;
use crate::units::Dimension;

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

/// All limits of all scenarios: the broken ones first, then the tightest.
pub(super) fn rows(
    levels: &Levels,
    planned: &[(Sort, Scenario)],
    outcomes: &[Result<SolveResult, String>],
) -> Vec<Row> {
    let mut rows: BTreeMap<(Level, String, String), Row> = BTreeMap::new();
    for ((_, scenario), result) in planned.iter().zip(outcomes) {
        let Ok(result) = result else { continue };
        let derived = capacity::limits(result);
        let limits = result.limits.iter().chain(&derived);
        for limit in limits.filter(|limit| speaks(limit)) {
            merge(&mut rows, levels, &scenario.name, limit);
        }
    }
    let mut limits: Vec<Row> = rows.into_values().collect();
    limits.sort_by(|a, b| {
        place(a)
            .cmp(&place(b))
            .then(tightness(a).total_cmp(&tightness(b)))
            .then_with(|| (a.level, &a.path, &a.what).cmp(&(b.level, &b.path, &b.what)))
    });
    limits
}

/// A control that is at a stop and still meets its set-point has no margin that would mean anything.
pub(super) fn speaks(limit: &Limit) -> bool {
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
