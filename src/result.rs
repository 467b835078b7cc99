//! Results: named quantities, metrics, ledger, limits and tables, from a solved state.
//!
//! The names and units are a contract (`schema_version` 1): SI, except where a name says
//! otherwise. See [`SolveResult`].

pub mod assets;
pub mod causes;
pub mod gather;
pub mod gpus;
mod ledger;
mod limits;
mod loops;
mod power;
mod runaway;
mod survey;
mod ties;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::hall::model::Hall;
use crate::network::Network;
use crate::solve::Solution;
use crate::units::Dimension;

pub use gpus::{GpuPoint, points as gpu_points};
pub use ledger::Balance;
pub use limits::{Limit, LimitStatus, SeverityName};
pub use loops::LoopResult;
pub use power::{Facility, PowerRow};
use survey::Survey;

/// Everything that `solve --json` prints.
#[derive(Debug, Clone, Serialize)]
pub struct SolveResult {
    /// Version of this structure.
    pub schema_version: u32,
    /// Name of the hall.
    pub name: String,
    /// Operating state.
    pub state: String,
    /// Outdoor condition, in words.
    pub scenario: String,
    /// Power, PUE and water of the site.
    pub facility: Facility,
    /// Power as a tree: children add up to their parent.
    pub power: Vec<PowerRow>,
    /// GPUs.
    pub gpus: Gpus,
    /// Loops by name.
    pub loops: BTreeMap<String, LoopResult>,
    /// Controls; of replicated ones that which misses its set-point most.
    pub controls: Vec<Control>,
    /// Equipment, replicated entries summed.
    pub equipment: Vec<Equipment>,
    /// Where heat leaves the site.
    pub heat_sinks: Vec<HeatSink>,
    /// Limits: the worst of each group.
    pub limits: Vec<Limit>,
    /// Balance of energy and mass.
    pub balance: Balance,
    /// Solver statistics.
    pub solver: Solver,
    /// Warnings.
    pub warnings: Vec<Warning>,
}

/// GPUs of the hall.
#[derive(Debug, Clone, Serialize)]
pub struct Gpus {
    /// Number.
    pub count: u64,
    /// Power of all, W.
    pub power_w: f64,
    /// Hottest junction, °C; null without GPUs.
    pub temperature_max_c: Option<f64>,
    /// Mean junction temperature, °C.
    pub temperature_mean_c: Option<f64>,
    /// Hottest memory, °C.
    pub memory_temperature_max_c: Option<f64>,
    /// Least margin to a protective limit (core or memory), K.
    pub margin_min_k: Option<f64>,
    /// Path of the hottest GPU.
    pub hottest: Option<String>,
    /// GPUs slowed down by temperature.
    pub throttled: u64,
    /// GPUs that switched off.
    pub shut_down: u64,
    /// Work lost, mean over GPUs.
    pub lost_work_mean: f64,
    /// Work lost by a job that waits for its slowest GPU.
    pub lost_work_job: f64,
}

/// A control and what it reached.
#[derive(Debug, Clone, Serialize)]
pub struct Control {
    /// Path of the component.
    pub path: String,
    /// What is controlled.
    pub what: &'static str,
    /// Set-point.
    pub setpoint: f64,
    /// Value reached.
    pub actual: f64,
    /// Unit of both.
    pub unit: &'static str,
    /// At a stop.
    pub saturated: bool,
    /// Whether the set-point is missed on the side on which it must be met.
    pub required: bool,
    /// Dimension, for display in other units.
    #[serde(skip)]
    pub dimension: Dimension,
}

/// A component, or all its replicas.
#[derive(Debug, Clone, Serialize)]
pub struct Equipment {
    /// Path, `*` for replicas.
    pub path: String,
    /// Kind.
    pub kind: &'static str,
    /// Mode of operation.
    pub mode: &'static str,
    /// Units running.
    pub on: f64,
    /// Units installed.
    pub of: f64,
    /// Share of the rating, the largest of all replicas.
    pub load_fraction: Option<f64>,
    /// Electrical power of all replicas, W.
    pub power_w: f64,
}

/// Where heat leaves the site.
#[derive(Debug, Clone, Serialize)]
pub struct HeatSink {
    /// Path, `*` for replicas.
    pub path: String,
    /// Kind.
    pub kind: &'static str,
    /// Heat, W.
    pub watts: f64,
    /// Water used, L/h: the sum of the three below.
    pub water_l_per_h: f64,
    /// Of it as vapour, L/h.
    pub evaporation_l_per_h: f64,
    /// Of it as droplets, L/h.
    pub drift_l_per_h: f64,
    /// Of it to the drain, L/h.
    pub blowdown_l_per_h: f64,
}

/// Solver statistics.
#[derive(Debug, Clone, Serialize)]
pub struct Solver {
    /// Newton steps.
    pub iterations: usize,
    /// Largest last step relative to its scale.
    pub residual: f64,
    /// Unknowns, collapsed instances counted once.
    pub unknowns: usize,
    /// Time of the solve itself, s.
    pub seconds: f64,
}

/// A warning.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Warning {
    /// What it is about.
    pub path: String,
    /// Text.
    pub text: String,
    /// How far a curve or correlation has left its range, as a share of the range's width; none of other warnings.
    #[serde(skip)]
    pub beyond: Option<f64>,
}

/// Value and unit as results show them: SI, temperatures in °C.
pub fn shown(dimension: Dimension, value: f64) -> (f64, &'static str) {
    match dimension {
        Dimension::Temperature => (value - 273.15, "degC"),
        other => (value, other.si_symbol()),
    }
}

/// Result of a solved hall.
pub fn evaluate(hall: &Hall, network: &Network, solution: &Solution, seconds: f64) -> SolveResult {
    let parts = gather::gather(network, solution);
    let survey = Survey::new(network, solution);
    let gpus = gpus::summary(network, solution, &survey);
    let (facility, power) = power::account(hall, network, &survey, &parts);
    let balance = ledger::balance(network, solution, &parts, facility.power_w);
    let (limits, mut warnings) = limits::judge(network, solution, &parts, &survey, &gpus);
    warnings.extend(limits::component_warnings(&parts));
    warnings.extend(causes::causes(network, solution, &parts));
    SolveResult {
        schema_version: 1,
        name: hall.name.clone(),
        state: hall.state.name.clone(),
        scenario: hall.scenario.clone(),
        facility,
        power,
        gpus,
        loops: loops::results(network, solution, &parts),
        controls: gather::controls(&parts),
        equipment: gather::equipment(&parts),
        heat_sinks: gather::sinks(&parts),
        limits,
        balance,
        solver: Solver {
            iterations: solution.iterations,
            residual: solution.residual,
            unknowns: solution.unknowns,
            seconds,
        },
        warnings,
    }
}

impl SolveResult {
    /// Whether every limit that counts holds: advisory limits and unknown ones do not break it.
    pub fn holds(&self) -> bool {
        !self.limits.iter().any(|limit| {
            limit.status == LimitStatus::Broken && limit.severity != limits::SeverityName::Advisory
        })
    }
}
