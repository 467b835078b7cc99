//! One point of the year: its solve, and the few numbers that are kept of it.

use super::plan::Point;
use crate::hall::model::Hall;
use crate::network::Network;
use crate::network::build;
use crate::result::{self, LimitStatus, SeverityName, SolveResult};
use crate::solve::{self, Options, Solution, Start};

/// Ends that the year's energy is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// GPUs.
    Gpus,
    /// The rest of the IT equipment.
    OtherIt,
    /// Chillers.
    Chillers,
    /// Towers, dry coolers and their fans.
    HeatRejection,
    /// Pumps and CDUs.
    Pumps,
    /// Air handlers, doors, room coolers.
    Air,
    /// What cools beside these.
    OtherCooling,
    /// Losses of the electrical tree.
    Electrical,
    /// Lighting and the rest.
    Other,
}

impl End {
    /// All, in the order of tables and charts.
    pub const ALL: [Self; 9] = [
        Self::Gpus,
        Self::OtherIt,
        Self::Chillers,
        Self::HeatRejection,
        Self::Pumps,
        Self::Air,
        Self::OtherCooling,
        Self::Electrical,
        Self::Other,
    ];

    /// Words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Gpus => "GPUs",
            Self::OtherIt => "Other IT",
            Self::Chillers => "Chillers",
            Self::HeatRejection => "Heat rejection",
            Self::Pumps => "Pumps and CDUs",
            Self::Air => "Air handling",
            Self::OtherCooling => "Other cooling",
            Self::Electrical => "Electrical losses",
            Self::Other => "Lighting and other",
        }
    }

    /// Key of columns and JSON.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Gpus => "gpus",
            Self::OtherIt => "other_it",
            Self::Chillers => "chillers",
            Self::HeatRejection => "heat_rejection",
            Self::Pumps => "pumps",
            Self::Air => "air",
            Self::OtherCooling => "other_cooling",
            Self::Electrical => "electrical",
            Self::Other => "other",
        }
    }

    /// End of a kind of component that counts as cooling.
    fn of_cooling(kind: &str) -> Self {
        if kind.contains("chiller") {
            Self::Chillers
        } else if kind.contains("tower") || kind.contains("cooler") && kind != "room_cooler" {
            Self::HeatRejection
        } else if kind.contains("pump") || kind == "cdu" {
            Self::Pumps
        } else if ["crah", "rear_door", "room_cooler"].contains(&kind) {
            Self::Air
        } else {
            Self::OtherCooling
        }
    }
}

/// A limit that is broken.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Broken {
    /// Path of the worst instance.
    pub(super) path: String,
    pub(super) what: String,
    pub(super) severity: SeverityName,
    pub(super) unit: &'static str,
    pub(super) margin: f64,
}

/// What is kept of a solved point. Power in W, water in L/h, temperatures in degC; NaN where there is none.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Kept {
    pub(super) power: f64,
    pub(super) it: f64,
    pub(super) cooling: f64,
    pub(super) electrical: f64,
    pub(super) other: f64,
    /// IT as a meter at the rack PDU shows it, W.
    pub(super) rack_pdu: f64,
    pub(super) ends: [f64; End::ALL.len()],
    pub(super) water: f64,
    /// Evaporation, drift, blowdown.
    pub(super) water_out: [f64; 3],
    /// Heat that is used by somebody, W.
    pub(super) reused: f64,
    pub(super) gpu_max: f64,
    pub(super) memory_max: f64,
    pub(super) margin: f64,
    pub(super) throttled: u64,
    pub(super) shut_down: u64,
    pub(super) energy_balance: f64,
    pub(super) mass_balance: f64,
    pub(super) water_balance: f64,
    /// Mode, and power in W, of each entry of the result's equipment.
    pub(super) equipment: Vec<(&'static str, f64)>,
    pub(super) broken: Vec<Broken>,
    /// Path and words of what the model warns of.
    pub(super) warnings: Vec<(String, String)>,
}

impl Kept {
    /// Whether a limit that counts is broken.
    pub(super) fn breaks(&self) -> bool {
        self.broken
            .iter()
            .any(|limit| limit.severity != SeverityName::Advisory)
    }
}

/// What a point gave; words where there is no solution.
pub(super) type Outcome = Result<Kept, String>;

/// The network at a workload: everything between the state `idle` (0) and the hall's own (1).
pub(super) fn at_workload(
    hall: &Hall,
    network: &Network,
    workload: f64,
) -> Result<Network, build::BuildError> {
    if workload == 1.0 {
        return Ok(network.clone());
    }
    let mut part = hall.clone();
    if let Some(idle) = hall.states.iter().find(|state| state.name == "idle") {
        let between = |idle: f64, full: f64| idle + workload * (full - idle);
        part.state.gpu_load = between(idle.gpu_load, hall.state.gpu_load);
        part.state.processor_load = between(idle.processor_load, hall.state.processor_load);
        part.state.other_load = between(idle.other_load, hall.state.other_load);
    }
    build::build(&part)
}

/// The solved state at the anchor of a task; none where it has no solution.
pub(super) fn anchor(hall: &Hall, network: &Network, point: &Point) -> Option<Start> {
    let middle = point.anchor();
    let mut at = at_workload(hall, network, middle.workload).ok()?;
    at.outdoor = middle.outdoor;
    let solution = solve::solve(&at, solve::guess(&at), &Options::default()).ok()?;
    Some(Start::new(solution))
}

/// Solves a point: from its anchor, else from the network's own first guess. `spare` keeps the memory of a point for
/// the next.
pub(super) fn solve_at(
    hall: &Hall,
    network: &Network,
    anchor: Option<&Start>,
    spare: &mut Option<Solution>,
) -> Result<SolveResult, String> {
    let options = Options::default();
    let solution = solve::solve_from_any(network, anchor, spare.take(), &options)
        .map_err(|error| error.to_string())?;
    let result = result::evaluate(hall, network, &solution, 0.0);
    *spare = Some(solution);
    if result.facility.power_w.is_finite() {
        Ok(result)
    } else {
        Err("the solution is no number".to_owned())
    }
}

/// What is kept of a result; `reused` are paths of heat sinks whose heat is used.
pub(super) fn keep(result: &SolveResult, reused: &[String]) -> Kept {
    let facility = &result.facility;
    let mut ends = [0.0; End::ALL.len()];
    ends[End::Gpus as usize] = result.gpus.power_w;
    ends[End::OtherIt as usize] = facility.it_power_w - result.gpus.power_w;
    ends[End::Electrical as usize] = facility.electrical_loss_w;
    ends[End::Other as usize] = facility.other_power_w;
    let mut named = 0.0;
    for row in &result.power {
        if row.path.starts_with("site.cooling.") {
            ends[End::of_cooling(row.kind) as usize] += row.watts;
            named += row.watts;
        }
    }
    let rest = facility.cooling_power_w - named;
    // The rows and their sum are added up in different orders: what remains is rounding, or a row without a name.
    if rest.abs() > 1e-9 * facility.power_w.abs() {
        ends[End::OtherCooling as usize] += rest;
    }
    let mut water_out = [0.0; 3];
    let mut used = 0.0;
    for sink in &result.heat_sinks {
        water_out[0] += sink.evaporation_l_per_h;
        water_out[1] += sink.drift_l_per_h;
        water_out[2] += sink.blowdown_l_per_h;
        if sink.kind == "heat_reuse" || reused.contains(&sink.path) {
            used += sink.watts;
        }
    }
    let out: f64 = water_out.iter().sum();
    let water = facility.water_l_per_h;
    Kept {
        power: facility.power_w,
        it: facility.it_power_w,
        cooling: facility.cooling_power_w,
        electrical: facility.electrical_loss_w,
        other: facility.other_power_w,
        rack_pdu: facility
            .pue_rack_pdu
            .map_or(0.0, |pue| facility.power_w / pue),
        ends,
        water,
        water_out,
        reused: used,
        gpu_max: result.gpus.temperature_max_c.unwrap_or(f64::NAN),
        memory_max: result.gpus.memory_temperature_max_c.unwrap_or(f64::NAN),
        margin: result.gpus.margin_min_k.unwrap_or(f64::NAN),
        throttled: result.gpus.throttled,
        shut_down: result.gpus.shut_down,
        energy_balance: result.balance.energy_relative,
        mass_balance: result.balance.mass_relative,
        // The sinks' evaporation, drift and blowdown against the make-up that the meters show.
        water_balance: ((water - out).abs() / water.max(1e-6)).max(result.balance.water_relative),
        equipment: result
            .equipment
            .iter()
            .map(|one| (one.mode, one.power_w))
            .collect(),
        broken: result
            .limits
            .iter()
            .filter(|limit| limit.status == LimitStatus::Broken)
            .map(|limit| Broken {
                path: limit.path.clone(),
                what: limit.what.clone(),
                severity: limit.severity,
                unit: limit.unit,
                margin: limit.margin.unwrap_or(f64::NAN),
            })
            .collect(),
        warnings: result
            .warnings
            .iter()
            .map(|warning| (warning.path.clone(), warning.text.clone()))
            .collect(),
    }
}
