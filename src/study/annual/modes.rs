//! Hours in each mode: of each entry of equipment, and of the plant as a whole.
//!
//! A *plant mode* is what all kinds of plant that change their mode during the year do at one time. Kinds that only
//! follow the load (CDUs, doors, air handlers, pumps) are left out of it. Where no kind changes, the one mode of the year is
//! what the chillers, economisers and coolers do.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Year;
use super::point::Kept;

/// Kinds whose mode says nothing of how heat is rejected.
const FOLLOWERS: [&str; 8] = [
    "cdu",
    "crah",
    "exchanger",
    "pipe",
    "pump_set",
    "rear_door",
    "room_cooler",
    "valve",
];

/// Kinds that make cold water or reject heat.
const REJECTING: [&str; 7] = [
    "air_cooled_chiller",
    "chiller",
    "dry_cooler",
    "economiser",
    "heat_reuse",
    "thermodynamic_chiller",
    "tower",
];

/// Most plant modes that are told apart; the rest are counted together.
const MOST: usize = 8;

/// A mode and its hours.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModeHours {
    /// Mode.
    pub mode: String,
    /// Hours.
    pub hours: f64,
}

/// Hours of an entry of equipment in each of its modes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EquipmentModes {
    /// Path, `*` for replicas.
    pub path: String,
    /// Kind.
    pub kind: String,
    /// Modes, the most frequent first.
    pub modes: Vec<ModeHours>,
}

/// A mode of the whole plant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlantMode {
    /// What each kind does.
    pub mode: String,
    /// Hours.
    pub hours: f64,
}

fn ranked(hours: BTreeMap<String, f64>) -> Vec<(String, f64)> {
    let mut all: Vec<(String, f64)> = hours.into_iter().collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all
}

/// Hours of each entry in its modes.
pub(super) fn equipment(year: &Year) -> Vec<EquipmentModes> {
    let mut hours: Vec<BTreeMap<String, f64>> = vec![BTreeMap::new(); year.equipment.len()];
    for (sample, weather) in year.weather.samples.iter().enumerate() {
        let Ok(kept) = year.outcome(sample) else {
            continue;
        };
        for (modes, (mode, _)) in hours.iter_mut().zip(&kept.equipment) {
            match modes.get_mut(*mode) {
                Some(sum) => *sum += weather.hours,
                None => drop(modes.insert((*mode).to_owned(), weather.hours)),
            }
        }
    }
    year.equipment
        .iter()
        .zip(hours)
        .map(|((path, kind), modes)| EquipmentModes {
            path: path.clone(),
            kind: (*kind).to_owned(),
            modes: ranked(modes)
                .into_iter()
                .map(|(mode, hours)| ModeHours { mode, hours })
                .collect(),
        })
        .collect()
}

/// Words for the plant's mode at a point.
fn words(year: &Year, kept: &Kept, changing: &[bool]) -> String {
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (index, (mode, _)) in kept.equipment.iter().enumerate() {
        if changing.get(index) == Some(&true) {
            let modes = kinds.entry(year.equipment[index].1).or_default();
            if !modes.contains(mode) {
                modes.push(mode);
            }
        }
    }
    kinds
        .into_iter()
        .map(|(kind, mut modes)| {
            modes.sort_unstable();
            format!("{}: {}", kind.replace('_', " "), modes.join(" / "))
        })
        .collect::<Vec<_>>()
        .join("; ")
}

/// Which entries count for the plant's mode: those of kinds that change it, else all that reject heat.
fn changing(year: &Year) -> Vec<bool> {
    let mut first: Option<&Kept> = None;
    let mut changes = vec![false; year.equipment.len()];
    for outcome in &year.outcomes {
        let Ok(kept) = outcome else { continue };
        let first = *first.get_or_insert(kept);
        for (change, (a, b)) in changes
            .iter_mut()
            .zip(kept.equipment.iter().zip(&first.equipment))
        {
            *change |= a.0 != b.0;
        }
    }
    // All of a kind, so that equal halls do not make different words.
    let kinds: Vec<&str> = year
        .equipment
        .iter()
        .zip(&changes)
        .filter(|(_, changes)| **changes)
        .map(|((_, kind), _)| *kind)
        .collect();
    let counts =
        |(_, kind): &(String, &'static str)| kinds.contains(kind) && !FOLLOWERS.contains(kind);
    if year.equipment.iter().any(counts) {
        return year.equipment.iter().map(counts).collect();
    }
    let rejects = |(_, kind): &(String, &'static str)| REJECTING.contains(kind);
    year.equipment.iter().map(rejects).collect()
}

/// Plant modes with their hours, the most frequent first; empty where nothing in the hall rejects heat.
pub(super) fn plant(year: &Year) -> Vec<PlantMode> {
    let changing = changing(year);
    if !changing.contains(&true) {
        return Vec::new();
    }
    let mut hours: BTreeMap<String, f64> = BTreeMap::new();
    let of_point: Vec<Option<String>> = year
        .outcomes
        .iter()
        .map(|outcome| {
            outcome
                .as_ref()
                .ok()
                .map(|kept| words(year, kept, &changing))
        })
        .collect();
    for (sample, weather) in year.weather.samples.iter().enumerate() {
        if let Some(words) = &of_point[year.plan.of_sample[sample]] {
            *hours.entry(words.clone()).or_default() += weather.hours;
        }
    }
    let mut all = ranked(hours);
    if all.len() > MOST {
        let rest: f64 = all[MOST - 1..].iter().map(|(_, hours)| hours).sum();
        all.truncate(MOST - 1);
        all.push(("other combinations".to_owned(), rest));
    }
    all.into_iter()
        .map(|(mode, hours)| PlantMode { mode, hours })
        .collect()
}

/// Index of each sample's plant mode.
pub(super) fn of_samples(year: &Year) -> Vec<Option<usize>> {
    let changing = changing(year);
    let modes = &year.result.plant_modes;
    let of_point: Vec<Option<usize>> = year
        .outcomes
        .iter()
        .map(|outcome| {
            let kept = outcome.as_ref().ok()?;
            let words = words(year, kept, &changing);
            let place = modes.iter().position(|mode| mode.mode == words);
            place.or_else(|| modes.len().checked_sub(1))
        })
        .collect();
    year.plan
        .of_sample
        .iter()
        .map(|&point| of_point[point])
        .collect()
}
