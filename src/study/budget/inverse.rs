//! Inverse questions: how far a value may go before the first limit breaks, and which limit that is.
//!
//! The range is first tried at nine values and at the present one, so that nothing is taken for monotone that is not: a
//! limit that breaks again below, or holds again above, is told. Between the last value that holds and the first that does
//! not, seen from the present one, the edge is found by bisection.

use serde::Serialize;

use super::counts::Count;
use crate::component::{Outdoor, device};
use crate::hall::model::{DeviceRole, Group};
use crate::hall::variation::{Action, Indices, Rule, Step};
use crate::result::{Limit, LimitStatus, SeverityName, SolveResult};
use crate::study::scenario::{Base, Change, Scenario, run_all};
use crate::units::Dimension;
use crate::weather::MoistAir;

/// A question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// How many racks, and so GPUs.
    Count,
    /// What power cap of all GPUs.
    PowerCap,
    /// What outdoor wet bulb.
    WetBulb,
    /// What outdoor dry bulb.
    DryBulb,
}

impl Ask {
    /// All.
    pub const ALL: [Self; 4] = [Self::Count, Self::PowerCap, Self::WetBulb, Self::DryBulb];
}

/// The limit that breaks first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct First {
    /// Path of the worst instance.
    pub path: String,
    /// What is limited, or why there is no solution.
    pub what: String,
    /// Value found.
    pub value: Option<f64>,
    /// Limit; null without a solution.
    pub limit: Option<f64>,
    /// Unit of both.
    pub unit: &'static str,
    /// Dimension, for display.
    #[serde(skip)]
    pub dimension: Dimension,
}

/// An answer. Counts are plain numbers, power caps W of one GPU, temperatures °C.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The question.
    pub ask: Ask,
    /// Scenario at which it was asked.
    pub at: String,
    /// Counts that are moved, the leading one first.
    pub counts: Vec<Count>,
    /// Least value tried.
    pub low: f64,
    /// Greatest value tried.
    pub high: f64,
    /// Present value.
    pub present: f64,
    /// Whether every limit holds there.
    pub present_holds: bool,
    /// Value up to which every limit holds; null where none in the range does.
    pub holds_to: Option<f64>,
    /// The next value, at which one is broken; null where none breaks.
    pub breaks_at: Option<f64>,
    /// That limit.
    pub first: Option<First>,
    /// GPUs at `holds_to`.
    pub gpus: Option<u64>,
    /// Facility power at `holds_to`, W.
    pub power_w: Option<f64>,
    /// Where the answer is not the whole story: limits that break on the other side, or hold again.
    pub notes: Vec<String>,
    /// Solves that it took.
    pub solves: usize,
}

/// What a value did.
#[derive(Debug, Clone)]
struct Probe {
    first: Option<First>,
    gpus: u64,
    power: f64,
}

impl Probe {
    fn holds(&self) -> bool {
        self.first.is_none()
    }

    fn of(outcome: Result<SolveResult, String>) -> Self {
        match outcome {
            Err(reason) => Self {
                first: Some(First {
                    path: String::new(),
                    what: format!("no solution: {reason}"),
                    value: None,
                    limit: None,
                    unit: "",
                    dimension: Dimension::Dimensionless,
                }),
                gpus: 0,
                power: f64::NAN,
            },
            Ok(result) => Self {
                first: first(&result),
                gpus: result.gpus.count,
                power: result.facility.power_w,
            },
        }
    }
}

/// Of the broken limits that count, that which is furthest over; a number of GPUs that suffer only where nothing else
/// is broken, since it says what comes of a limit and not which.
fn first(result: &SolveResult) -> Option<First> {
    let limits = result.limits.iter();
    let broken =
        limits.filter(|l| l.status == LimitStatus::Broken && l.severity != SeverityName::Advisory);
    let rank = |l: &Limit| (l.limit == 0.0, l.relative_margin().unwrap_or(0.0));
    broken
        .reduce(|a, b| if rank(b) < rank(a) { b } else { a })
        .map(|limit| First {
            path: limit.path.clone(),
            what: limit.what.clone(),
            value: limit.value,
            limit: Some(limit.limit),
            unit: limit.unit,
            dimension: limit.dimension,
        })
}

/// How a question moves the hall.
struct Move<'a> {
    ask: Ask,
    low: f64,
    high: f64,
    present: f64,
    whole: bool,
    tolerance: f64,
    /// From the value moved to that shown.
    shown: Box<dyn Fn(f64) -> f64 + 'a>,
    changes: Box<dyn Fn(f64) -> Vec<Change> + Sync + 'a>,
}

/// Answers questions at a scenario. A question that the hall has no value for (a power cap without GPUs) is left out.
pub(super) fn answer(
    base: &Base<'_>,
    at: &Scenario,
    asked: &[Ask],
    counts: &[Count],
    progress: &(dyn Fn() + Sync),
) -> Vec<Answer> {
    asked
        .iter()
        .filter_map(|ask| {
            let how = match ask {
                Ask::Count => count(counts)?,
                Ask::PowerCap => power_cap(base)?,
                Ask::WetBulb => wet_bulb(base)?,
                Ask::DryBulb => dry_bulb(base)?,
            };
            let mut found = search(base, at, &how, progress);
            if *ask == Ask::Count {
                found.counts = counts.to_vec();
            }
            Some(found)
        })
        .collect()
}

fn count(counts: &[Count]) -> Option<Move<'_>> {
    let leader = counts.first()?;
    Some(Move {
        ask: Ask::Count,
        low: 1.0,
        high: (2.0 * leader.present).max(8.0).round(),
        present: leader.present,
        whole: leader.whole,
        tolerance: 1.0,
        shown: Box::new(|value| value),
        changes: Box::new(|value| {
            let factor = value / leader.present;
            counts
                .iter()
                .map(|count| Change::File(count.edit(factor)))
                .collect()
        }),
    })
}

/// GPUs of every rack set: the path of all of them, rated power, idle power, present cap.
fn gpu_sets(group: &Group, above: &[Step], out: &mut Vec<(Vec<Step>, [f64; 3])>) {
    let all = |name: &str| Step {
        name: name.to_owned(),
        indices: Indices::All,
    };
    for set in &group.racks {
        let gpus = set.server.devices.iter();
        for gpu in gpus.filter(|d| d.role == DeviceRole::Gpu) {
            let numbers = device::Parameters::<f64>::load(&gpu.device);
            let mut path = above.to_vec();
            path.extend([all(&set.name), all("server"), all("gpu")]);
            let cap = numbers.power_cap.unwrap_or(numbers.rated_power);
            out.push((path, [numbers.rated_power, numbers.idle_power, cap]));
        }
    }
    for inner in &group.groups {
        let mut path = above.to_vec();
        path.push(all(&inner.name));
        gpu_sets(inner, &path, out);
    }
}

fn power_cap<'a>(base: &Base<'_>) -> Option<Move<'a>> {
    let mut sets = Vec::new();
    gpu_sets(&base.hall.root, &[], &mut sets);
    let rated = sets.first()?.1[0];
    // In shares of the rated power, so that designs of different ratings are capped alike; never below idle.
    let share = |k: usize| sets.iter().map(move |(_, n)| n[k] / n[0]);
    let low = share(1).fold(0.2, |a: f64, b| a.max(b + 0.02)).min(1.0);
    let present = share(2).fold(low, f64::max).min(1.0);
    Some(Move {
        ask: Ask::PowerCap,
        low,
        high: 1.0,
        present,
        whole: false,
        tolerance: 5e-4,
        shown: Box::new(move |share| share * rated),
        changes: Box::new(move |share| {
            let sets = sets.iter();
            sets.map(|(path, [rated, ..])| {
                let action = Action::Set(share * rated);
                Change::Value(Rule::new(path.clone(), "power_cap", action))
            })
            .collect()
        }),
    })
}

fn celsius(kelvin: f64) -> f64 {
    kelvin - 273.15
}

/// The wet bulb alone is moved; beyond the dry bulb both are, saturated.
fn wet_bulb<'a>(base: &Base<'_>) -> Option<Move<'a>> {
    let outdoor = base.hall.outdoor;
    let driest = MoistAir::from_humidity_ratio(outdoor.dry_bulb, 0.0, outdoor.pressure).ok()?;
    let present = outdoor.wet_bulb;
    Some(Move {
        ask: Ask::WetBulb,
        low: driest.wet_bulb().max(253.15) + 0.01,
        high: (present + 5.0).max(318.15),
        present,
        whole: false,
        tolerance: 0.02,
        shown: Box::new(celsius),
        changes: Box::new(move |wet_bulb| {
            let dry = outdoor.dry_bulb.max(wet_bulb);
            let air = MoistAir::from_wet_bulb(dry, wet_bulb, outdoor.pressure);
            vec![Change::Outdoor(Outdoor {
                dry_bulb: dry,
                wet_bulb,
                humidity_ratio: air.map_or(outdoor.humidity_ratio, |air| air.humidity_ratio()),
                pressure: outdoor.pressure,
            })]
        }),
    })
}

/// The dry bulb is moved at constant moisture, as a day warms up; the wet bulb follows.
fn dry_bulb<'a>(base: &Base<'_>) -> Option<Move<'a>> {
    let outdoor = base.hall.outdoor;
    let moisture = outdoor.humidity_ratio;
    let air = MoistAir::from_humidity_ratio(outdoor.dry_bulb, moisture, outdoor.pressure).ok()?;
    let dew_point = air.dew_point().unwrap_or(253.15);
    Some(Move {
        ask: Ask::DryBulb,
        low: (dew_point + 0.01).max(253.15),
        high: (outdoor.dry_bulb + 5.0).max(328.15),
        present: outdoor.dry_bulb,
        whole: false,
        tolerance: 0.02,
        shown: Box::new(celsius),
        changes: Box::new(move |dry_bulb| {
            let air = MoistAir::from_humidity_ratio(dry_bulb, moisture, outdoor.pressure);
            vec![Change::Outdoor(Outdoor {
                dry_bulb,
                wet_bulb: air.map_or(outdoor.wet_bulb, |air| air.wet_bulb()),
                ..outdoor
            })]
        }),
    })
}

/// Values that are tried first.
const GRID: usize = 9;

fn search(base: &Base<'_>, at: &Scenario, how: &Move<'_>, progress: &(dyn Fn() + Sync)) -> Answer {
    let mut solves = 0;
    let mut probe = |values: &[f64]| -> Vec<Probe> {
        solves += values.len();
        let scenarios: Vec<Scenario> = values
            .iter()
            .map(|&value| Scenario {
                name: at.name.clone(),
                text: String::new(),
                changes: [&at.changes[..], &(how.changes)(value)].concat(),
            })
            .collect();
        run_all(base, &scenarios, progress, |run| run.result.clone())
            .into_iter()
            .map(Probe::of)
            .collect()
    };
    let round = |value: f64| if how.whole { value.round() } else { value };
    let mut grid: Vec<f64> = (0..GRID)
        .map(|k| round(how.low + (how.high - how.low) * k as f64 / (GRID - 1) as f64))
        .chain(std::iter::once(how.present))
        .collect();
    grid.sort_by(f64::total_cmp);
    grid.dedup();
    let probes = probe(&grid);
    let present = grid
        .iter()
        .position(|&value| value == how.present)
        .unwrap_or(0);
    let present_holds = probes[present].holds();
    // The edge lies above the present value where that holds, else below it.
    let edge = if present_holds {
        (present + 1..grid.len()).find(|&k| !probes[k].holds())
    } else {
        (0..=present)
            .rev()
            .find(|&k| k > 0 && probes[k - 1].holds())
    };
    let mut notes = Vec::new();
    let shown = |value: f64| (how.shown)(value);
    let mut low: Option<(f64, Probe)> = None;
    let mut high: Option<(f64, Probe)> = None;
    match edge {
        Some(k) => {
            let (mut a, mut b) = (
                (grid[k - 1], probes[k - 1].clone()),
                (grid[k], probes[k].clone()),
            );
            while b.0 - a.0 > how.tolerance * (1.0 + 1e-9) {
                let middle = round(0.5 * (a.0 + b.0));
                if middle <= a.0 || middle >= b.0 {
                    break;
                }
                let found = probe(&[middle]).swap_remove(0);
                if found.holds() {
                    a = (middle, found);
                } else {
                    b = (middle, found);
                }
            }
            low = Some(a);
            high = Some(b);
            if let Some(again) = (k + 1..grid.len()).find(|&j| probes[j].holds()) {
                notes.push(format!(
                    "not monotone: every limit holds again at {:.1}",
                    shown(grid[again])
                ));
            }
        }
        None if present_holds => {
            let last = grid.len() - 1;
            low = Some((grid[last], probes[last].clone()));
        }
        None => high = Some((grid[0], probes[0].clone())),
    }
    let below = edge.unwrap_or(present).min(grid.len());
    let beneath = (0..below).rev().find(|&j| !probes[j].holds());
    if let (Some(j), true) = (beneath, low.is_some())
        && let Some(first) = &probes[j].first
    {
        notes.push(format!(
            "a limit breaks on the other side too, at {:.1}: {} {}",
            shown(grid[j]),
            first.path,
            first.what
        ));
    }
    Answer {
        ask: how.ask,
        at: at.name.clone(),
        counts: Vec::new(),
        low: shown(how.low),
        high: shown(how.high),
        present: shown(how.present),
        present_holds,
        holds_to: low.as_ref().map(|(value, _)| shown(*value)),
        breaks_at: high.as_ref().map(|(value, _)| shown(*value)),
        first: high.and_then(|(_, probe)| probe.first),
        gpus: low.as_ref().map(|(_, probe)| probe.gpus),
        power_w: low.as_ref().map(|(_, probe)| probe.power),
        notes,
        solves,
    }
}
