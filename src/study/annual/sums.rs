//! Sums and findings of a year, in the order of its hours.

use std::collections::BTreeMap;

use serde::Serialize;

use super::design::DesignResult;
use super::modes::{self, EquipmentModes, PlantMode};
use super::point::{End, Kept};
use super::{Year, extremes, point};
use crate::hall::model::Hall;
use crate::result::SeverityName;
use crate::weather::{Calendar, MONTHS, date};

/// J in a kWh.
const KWH: f64 = 3.6e6;
/// An hour's balance that is off by more than this is reported.
const BALANCE: f64 = 1e-8;
/// Hours that are told as the worst.
const WORST: usize = 10;

/// Prices and emission.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rates {
    /// USD/J.
    pub(super) electricity: Option<f64>,
    /// USD/m3.
    pub(super) water: Option<f64>,
    /// kg/J.
    pub(super) co2: Option<f64>,
}

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
    /// Plant modes; empty where the plant never changes its mode.
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

pub(super) fn optional(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

fn over(top: f64, bottom: f64) -> Option<f64> {
    (bottom > 0.0).then(|| top / bottom)
}

impl Energy {
    fn add(&mut self, kept: &Kept, hours: f64) {
        let kwh = |watts: f64| watts * hours / 1000.0;
        self.facility_kwh += kwh(kept.power);
        self.it_kwh += kwh(kept.it);
        self.cooling_kwh += kwh(kept.cooling);
        self.electrical_loss_kwh += kwh(kept.electrical);
        self.other_kwh += kwh(kept.other);
    }
}

impl Water {
    fn add(&mut self, kept: &Kept, hours: f64) {
        let m3 = |litres: f64| litres * hours / 1000.0;
        self.make_up_m3 += m3(kept.water);
        self.evaporation_m3 += m3(kept.water_out[0]);
        self.drift_m3 += m3(kept.water_out[1]);
        self.blowdown_m3 += m3(kept.water_out[2]);
    }
}

/// A path with `*` in place of indices.
fn group(path: &str) -> String {
    path.split('.')
        .map(|name| {
            if name.bytes().all(|b| b.is_ascii_digit()) {
                "*"
            } else {
                name
            }
        })
        .collect::<Vec<_>>()
        .join(".")
}

fn mean_and_ends(values: impl Iterator<Item = (f64, f64)>) -> [f64; 3] {
    let (mut sum, mut hours, mut low, mut high) = (0.0, 0.0, f64::INFINITY, f64::NEG_INFINITY);
    for (value, lasts) in values {
        sum += value * lasts;
        hours += lasts;
        low = low.min(value);
        high = high.max(value);
    }
    [sum / hours - 273.15, low - 273.15, high - 273.15]
}

/// An hour that has a solution.
fn hour(year: &Year, index: usize) -> Hour {
    let sample = &year.weather.samples[index];
    let kept = year.outcome(index).as_ref().ok();
    let number = |value: fn(&Kept) -> f64| kept.map_or(f64::NAN, value);
    Hour {
        index,
        label: year.weather.label(index),
        hours: sample.hours,
        dry_bulb_c: sample.air.dry_bulb() - 273.15,
        wet_bulb_c: sample.wet_bulb - 273.15,
        workload: year.workload[index],
        power_w: number(|kept| kept.power),
        pue: over(number(|kept| kept.power), number(|kept| kept.it)),
        gpu_temperature_max_c: optional(number(|kept| kept.gpu_max)),
        gpu_margin_min_k: optional(number(|kept| kept.margin)),
        broken: kept.map_or_else(Vec::new, |kept| {
            let counted = kept
                .broken
                .iter()
                .filter(|limit| limit.severity != SeverityName::Advisory);
            counted
                .map(|limit| format!("{}: {}", limit.path, limit.what))
                .collect()
        }),
    }
}

/// Sums a year up.
pub(super) fn sum(
    hall: &Hall,
    year: &Year,
    rates: &Rates,
    design: Vec<DesignResult>,
    mut warnings: Vec<String>,
) -> AnnualResult {
    let weather = &year.weather;
    let samples = &weather.samples;
    let mut found = AnnualResult {
        schema_version: 1,
        name: hall.name.clone(),
        state: hall.state.name.clone(),
        weather: WeatherSummary {
            name: weather.name.clone(),
            source: weather.source.clone(),
            kind: match weather.calendar {
                Calendar::Year => "hours",
                Calendar::Bins => "bins",
            },
            samples: samples.len(),
            dry_bulb_c: mean_and_ends(samples.iter().map(|s| (s.air.dry_bulb(), s.hours))),
            wet_bulb_c: mean_and_ends(samples.iter().map(|s| (s.wet_bulb, s.hours))),
        },
        hours: weather.hours(),
        points: year.plan.points.len(),
        design,
        ..AnnualResult::default()
    };
    let mut ends = [0.0; End::ALL.len()];
    let mut months: Vec<(Month, [f64; End::ALL.len()])> = Vec::new();
    if weather.calendar == Calendar::Year {
        months = MONTHS
            .iter()
            .map(|name| (empty_month(name), ends))
            .collect();
    }
    let mut equipment = vec![0.0; year.equipment.len()];
    let mut limits: BTreeMap<(String, String), BrokenLimit> = BTreeMap::new();
    let mut model_warnings: BTreeMap<(String, String), ModelWarning> = BTreeMap::new();
    let (mut rack_pdu, mut reused, mut loads) = (0.0, 0.0, 0.0);
    for (index, sample) in samples.iter().enumerate() {
        let hours = sample.hours;
        loads += year.workload[index] * hours;
        let kept = match year.outcome(index) {
            Ok(kept) => kept,
            Err(reason) => {
                found.unsolved.push(Unsolved {
                    index,
                    label: weather.label(index),
                    hours,
                    reason: reason.clone(),
                });
                continue;
            }
        };
        found.hours_solved += hours;
        found.energy.add(kept, hours);
        found.water.add(kept, hours);
        rack_pdu += kept.rack_pdu * hours / 1000.0;
        reused += kept.reused * hours / 1000.0;
        for (sum, watts) in ends.iter_mut().zip(&kept.ends) {
            *sum += watts * hours / 1000.0;
        }
        for (sum, (_, watts)) in equipment.iter_mut().zip(&kept.equipment) {
            *sum += watts * hours / 1000.0;
        }
        if !months.is_empty() {
            let (month, month_ends) = &mut months[date(index, weather.is_leap()).0 - 1];
            month.hours += hours;
            month.energy.add(kept, hours);
            month.water.add(kept, hours);
            for (sum, watts) in month_ends.iter_mut().zip(&kept.ends) {
                *sum += watts * hours / 1000.0;
            }
        }
        let hottest = found.gpu_temperature_max_c.unwrap_or(f64::NEG_INFINITY);
        // Without GPUs the temperature is NaN, which is no maximum.
        found.gpu_temperature_max_c = optional(hottest.max(kept.gpu_max));
        if kept.breaks() {
            found.hours_limit_broken += hours;
        }
        note_limits(&mut limits, kept, hours);
        note_warnings(&mut model_warnings, kept, hours);
        note_balances(&mut found.balance, kept, hours, || weather.label(index));
    }
    found.complete = found.unsolved.is_empty();
    found.workload_mean = loads / found.hours;
    found.end_uses = End::ALL
        .iter()
        .zip(ends)
        .map(|(&end, kwh)| EndEnergy { end, kwh })
        .collect();
    found.equipment = year
        .equipment
        .iter()
        .zip(equipment)
        .map(|((path, kind), kwh)| EquipmentEnergy {
            path: path.clone(),
            kind: (*kind).to_owned(),
            kwh,
        })
        .collect();
    let energy = found.energy;
    found.pue = over(energy.facility_kwh, energy.it_kwh);
    found.pue_rack_pdu = over(energy.facility_kwh, rack_pdu);
    found.wue_l_per_kwh = over(found.water.make_up_m3 * 1000.0, energy.it_kwh);
    found.ere = over(energy.facility_kwh - reused, energy.it_kwh);
    found.reused_heat_kwh = reused;
    found.power_mean_w = over(energy.facility_kwh * 1000.0, found.hours_solved).unwrap_or(0.0);
    found.model_warnings = model_warnings.into_values().collect();
    found.limits = limits.into_values().collect();
    found.limits.sort_by(|a, b| {
        rank(a.severity)
            .cmp(&rank(b.severity))
            .then(b.hours.total_cmp(&a.hours))
    });
    found.peak = extremes::highest_power(year).map(|index| hour(year, index));
    found.worst_hours = extremes::worst(year)
        .into_iter()
        .take(WORST)
        .map(|index| hour(year, index))
        .collect();
    found.plant_modes = modes::plant(year);
    found.modes = modes::equipment(year);
    found.months = months
        .into_iter()
        .map(|(mut month, ends)| {
            month.pue = over(month.energy.facility_kwh, month.energy.it_kwh);
            month.end_uses_kwh = ends.to_vec();
            month
        })
        .collect();
    found.money = money(rates, &energy, &found.water);
    if !found.complete {
        warnings.push(format!(
            "{} of {} hours have no solution: all sums and ratios cover the other {} hours, not a year",
            found.hours - found.hours_solved, found.hours, found.hours_solved
        ));
    }
    if found.balance.hours_off > 0.0 {
        warnings.push(format!(
            "{} hours do not close their balance of energy or water to {BALANCE:e}; the worst is off by {:.1e} ({})",
            found.balance.hours_off, found.balance.energy_relative_max, found.balance.energy_worst
        ));
    }
    found.warnings = warnings;
    found
}

fn empty_month(name: &'static str) -> Month {
    Month {
        name,
        hours: 0.0,
        energy: Energy::default(),
        end_uses_kwh: Vec::new(),
        water: Water::default(),
        pue: None,
    }
}

fn note_limits(
    limits: &mut BTreeMap<(String, String), BrokenLimit>,
    kept: &point::Kept,
    hours: f64,
) {
    let mut seen: Vec<(String, String)> = Vec::new();
    for broken in &kept.broken {
        let key = (group(&broken.path), broken.what.clone());
        let margin = optional(broken.margin);
        // Two groups of one form count one hour, not two.
        let lasts = if seen.contains(&key) { 0.0 } else { hours };
        match limits.get_mut(&key) {
            Some(known) => {
                known.hours += lasts;
                if margin.is_some_and(|m| known.worst_margin.is_none_or(|worst| m < worst)) {
                    known.worst_margin = margin;
                }
            }
            None => drop(limits.insert(
                key.clone(),
                BrokenLimit {
                    path: key.0.clone(),
                    what: broken.what.clone(),
                    severity: broken.severity,
                    hours: lasts,
                    worst_margin: margin,
                    unit: if broken.unit == "degC" {
                        "K"
                    } else {
                        broken.unit
                    },
                },
            )),
        }
        seen.push(key);
    }
}

fn note_warnings(warnings: &mut BTreeMap<(String, String), ModelWarning>, kept: &Kept, hours: f64) {
    let mut seen: Vec<(String, String)> = Vec::new();
    for (path, text) in &kept.warnings {
        // The same warning with other numbers is the same.
        let words = text.chars().filter(|c| c.is_alphabetic()).collect();
        let key = (group(path), words);
        let lasts = if seen.contains(&key) { 0.0 } else { hours };
        warnings
            .entry(key.clone())
            .or_insert_with(|| ModelWarning {
                path: key.0.clone(),
                text: text.clone(),
                hours: 0.0,
            })
            .hours += lasts;
        seen.push(key);
    }
}

fn note_balances(balance: &mut Balances, kept: &Kept, hours: f64, label: impl FnOnce() -> String) {
    if kept.energy_balance > BALANCE || kept.water_balance > BALANCE {
        balance.hours_off += hours;
    }
    if kept.energy_balance > balance.energy_relative_max {
        balance.energy_relative_max = kept.energy_balance;
        balance.energy_worst = label();
    }
    balance.mass_relative_max = balance.mass_relative_max.max(kept.mass_balance);
    balance.water_relative_max = balance.water_relative_max.max(kept.water_balance);
}

fn rank(severity: SeverityName) -> u8 {
    match severity {
        SeverityName::Trip => 0,
        SeverityName::Rating => 1,
        SeverityName::Advisory => 2,
    }
}

fn money(rates: &Rates, energy: &Energy, water: &Water) -> Money {
    let joules = energy.facility_kwh * KWH;
    Money {
        electricity_usd_per_kwh: rates.electricity.map(|price| price * KWH),
        water_usd_per_m3: rates.water,
        co2_kg_per_kwh: rates.co2.map(|factor| factor * KWH),
        electricity_usd: rates.electricity.map(|price| price * joules),
        water_usd: rates.water.map(|price| price * water.make_up_m3),
        co2_t: rates.co2.map(|factor| factor * joules / 1000.0),
    }
}
