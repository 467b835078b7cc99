//! What a year's result holds: everything that `annual --json` prints.

use serde::Serialize;

use super::design::DesignResult;
use super::modes::{EquipmentModes, PlantMode};
use super::point::End;
use crate::result::SeverityName;

/// Everything that `annual --json` prints of a hall. Energies in kWh, water in m3, temperatures in degC.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct AnnualResult {
    /// Version of this structure.
    pub schema_version: u32,
    /// Name of the hall.
    pub name: String,
    /// Operating state at full workload.
    pub state: String,
    /// The weather.
    pub weather: WeatherSummary,
    /// Mean workload, 0 to 1.
    pub workload_mean: f64,
    /// Hours of the weather.
    pub hours: f64,
    /// Hours with a solution: what all sums cover.
    pub hours_solved: f64,
    /// Whether every hour has a solution; if not, sums are those of `hours_solved`, not of a year.
    pub complete: bool,
    /// Distinct points solved.
    pub points: usize,
    /// Hours or bins without a solution.
    pub unsolved: Vec<Unsolved>,
    /// Energy by end use; the facility's is the sum of the four others.
    pub energy: Energy,
    /// Energy by finer end uses; adds up to the facility's.
    pub end_uses: Vec<EndEnergy>,
    /// Energy of each entry of equipment.
    pub equipment: Vec<EquipmentEnergy>,
    /// Facility over IT energy.
    pub pue: Option<f64>,
    /// Facility energy over what meters at the rack PDUs show.
    pub pue_rack_pdu: Option<f64>,
    /// Make-up water over IT energy, L/kWh.
    pub wue_l_per_kwh: Option<f64>,
    /// (Facility − heat used) over IT energy.
    pub ere: Option<f64>,
    /// Heat used by somebody, kWh.
    pub reused_heat_kwh: f64,
    /// Water.
    pub water: Water,
    /// Mean power of the facility, W.
    pub power_mean_w: f64,
    /// The hour of highest facility power.
    pub peak: Option<Hour>,
    /// Hottest GPU of all hours, degC.
    pub gpu_temperature_max_c: Option<f64>,
    /// Hours in which a limit that counts is broken.
    pub hours_limit_broken: f64,
    /// Limits broken, with their hours; advisory ones too.
    pub limits: Vec<BrokenLimit>,
    /// The worst hours: those with a broken limit first, then by the least margin of a GPU to a protective limit, then
    /// by the highest power.
    pub worst_hours: Vec<Hour>,
    /// Plant modes; one where the plant never changes its mode.
    pub plant_modes: Vec<PlantMode>,
    /// Hours in each mode of each entry of equipment.
    pub modes: Vec<EquipmentModes>,
    /// Months; empty for bins.
    pub months: Vec<Month>,
    /// Cost and emission.
    pub money: Money,
    /// Design conditions, judged beside the year.
    pub design: Vec<DesignResult>,
    /// Balances of all hours.
    pub balance: Balances,
    /// Warnings of the model (a correlation beyond its range, ...), with the hours that each held.
    pub model_warnings: Vec<ModelWarning>,
    /// Warnings.
    pub warnings: Vec<String>,
    /// Time taken, s.
    pub seconds: f64,
}

/// The weather of a year.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct WeatherSummary {
    /// Place.
    pub name: String,
    /// Source of the numbers.
    pub source: String,
    /// `hours` or `bins`.
    pub kind: &'static str,
    /// Hours or bins.
    pub samples: usize,
    /// Mean, least and highest dry bulb, degC.
    pub dry_bulb_c: [f64; 3],
    /// Mean, least and highest wet bulb, degC.
    pub wet_bulb_c: [f64; 3],
}

/// An hour without a solution.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unsolved {
    /// Index of the hour or bin, from 0.
    pub index: usize,
    /// Its date, or the bin.
    pub label: String,
    /// Hours.
    pub hours: f64,
    /// Why.
    pub reason: String,
}

/// Energy in kWh.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Energy {
    /// All.
    pub facility_kwh: f64,
    /// IT equipment at its inlet.
    pub it_kwh: f64,
    /// Cooling at its terminals.
    pub cooling_kwh: f64,
    /// Lost in the electrical tree.
    pub electrical_loss_kwh: f64,
    /// Lighting and the rest.
    pub other_kwh: f64,
}

/// Energy of an end use.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EndEnergy {
    /// End use.
    pub end: End,
    /// kWh.
    pub kwh: f64,
}

/// Energy of an entry of equipment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EquipmentEnergy {
    /// Path, `*` for replicas.
    pub path: String,
    /// Kind.
    pub kind: String,
    /// kWh.
    pub kwh: f64,
}

/// Water of the year, m3.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Water {
    /// Make-up: what comes in.
    pub make_up_m3: f64,
    /// Leaves as vapour.
    pub evaporation_m3: f64,
    /// Leaves as droplets.
    pub drift_m3: f64,
    /// Leaves to the drain.
    pub blowdown_m3: f64,
}

/// One hour or bin.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hour {
    /// Index of the hour or bin, from 0.
    pub index: usize,
    /// Its date, or the bin.
    pub label: String,
    /// Hours.
    pub hours: f64,
    /// Dry bulb, degC.
    pub dry_bulb_c: f64,
    /// Wet bulb, degC.
    pub wet_bulb_c: f64,
    /// Workload.
    pub workload: f64,
    /// Power of the facility, W.
    pub power_w: f64,
    /// PUE of the hour.
    pub pue: Option<f64>,
    /// Hottest GPU, degC.
    pub gpu_temperature_max_c: Option<f64>,
    /// Least margin of a GPU to a protective limit, K.
    pub gpu_margin_min_k: Option<f64>,
    /// Limits broken that count.
    pub broken: Vec<String>,
}

/// A limit that is broken in some hour.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BrokenLimit {
    /// Path, `*` for replicas.
    pub path: String,
    /// What is limited.
    pub what: String,
    /// Severity.
    pub severity: SeverityName,
    /// Hours.
    pub hours: f64,
    /// Worst margin; negative.
    pub worst_margin: Option<f64>,
    /// Unit of the margin (K for temperatures).
    pub unit: &'static str,
}

/// A warning of the model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelWarning {
    /// What it is about, `*` for replicas.
    pub path: String,
    /// Its words in the first hour; the numbers in them change from hour to hour.
    pub text: String,
    /// Hours.
    pub hours: f64,
}

/// A month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Month {
    /// Name.
    pub name: &'static str,
    /// Hours with a solution.
    pub hours: f64,
    /// Energy.
    pub energy: Energy,
    /// kWh by end use, in the order of [`End::ALL`].
    pub end_uses_kwh: Vec<f64>,
    /// Water.
    pub water: Water,
    /// Facility over IT energy.
    pub pue: Option<f64>,
}

/// Cost and emission; null where no rate is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Money {
    /// Price of electricity, USD/kWh.
    pub electricity_usd_per_kwh: Option<f64>,
    /// Price of water, USD/m3.
    pub water_usd_per_m3: Option<f64>,
    /// Emission, kg/kWh.
    pub co2_kg_per_kwh: Option<f64>,
    /// Cost of electricity, USD.
    pub electricity_usd: Option<f64>,
    /// Cost of water, USD.
    pub water_usd: Option<f64>,
    /// Emission, t CO2.
    pub co2_t: Option<f64>,
}

/// Worst balances of all hours.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Balances {
    /// Energy: largest relative mismatch of an hour.
    pub energy_relative_max: f64,
    /// Where.
    pub energy_worst: String,
    /// Mass of loops: largest relative mismatch.
    pub mass_relative_max: f64,
    /// Make-up water against evaporation, drift and blowdown: largest relative mismatch of an hour.
    pub water_relative_max: f64,
    /// Hours whose energy or water is off by more than 1e-8.
    pub hours_off: f64,
}
