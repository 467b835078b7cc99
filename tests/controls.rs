//! The controls of docs/plants.md in a whole hall: 8,192 GPUs on chilled water with economiser, chillers and towers.
//!
//! Each test sets what the book names and reads the set-point, what came of it, what runs and the mode from the result.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use loopwatt::hall::LoadOptions;
use loopwatt::result::SolveResult;
use loopwatt::study;
use loopwatt::world::Disk;

/// The hall at a wet bulb in degC, 5 K below the dry bulb.
fn at(state: &str, wet_bulb: f64, set: &[&str]) -> SolveResult {
    let mut edits: Vec<String> = set.iter().map(|edit| (*edit).to_owned()).collect();
    edits.push(format!("site.wet_bulb={wet_bulb} degC"));
    edits.push(format!("site.dry_bulb={} degC", wet_bulb + 5.0));
    let options = LoadOptions {
        set: edits,
        state: Some(state.to_owned()),
    };
    let hall = concat!(env!("CARGO_MANIFEST_DIR"), "/models/halls/chilled-12.toml");
    let found = study::run(&Disk, Path::new(hall), &options)
        .unwrap_or_else(|error| panic!("{state} {wet_bulb} {set:?}: {error}"));
    assert!(found.result.balance.energy_relative < 1e-9);
    found.result
}

/// Set-point and what came of it.
fn control(result: &SolveResult, path: &str) -> (f64, f64) {
    let found = result.controls.iter().find(|control| control.path == path);
    let found = found.unwrap_or_else(|| panic!("no control of {path}"));
    (found.setpoint, found.actual)
}

/// Mode, units on, power.
fn device<'r>(result: &'r SolveResult, path: &str) -> (&'r str, f64, f64) {
    let found = result
        .equipment
        .iter()
        .find(|one| one.path == path)
        .unwrap();
    (found.mode, found.on, found.power_w)
}

fn near(value: f64, wanted: f64, within: f64) {
    assert!((value - wanted).abs() <= within, "{value} for {wanted}");
}

/// Free, partial and mechanical cooling fall out of the solve and are told as modes.
#[test]
fn modes_follow_the_weather() {
    let chillers = |result: &SolveResult| device(result, "chillers").2;
    let [cold, mild, warm] = [2.0, 12.0, 24.0].map(|bulb| at("training", bulb, &[]));
    assert_eq!(device(&cold, "economiser").0, "bypass controlled");
    assert_eq!(
        device(&cold, "chillers").0,
        "off: water at or below the set-point passes through"
    );
    assert_eq!(chillers(&cold), 0.0);
    assert_eq!(device(&mild, "economiser").0, "all through the plates");
    assert_eq!(device(&mild, "chillers").0, "on");
    assert_eq!(
        device(&warm, "economiser").0,
        "shut: the cold loop is not colder"
    );
    assert!(chillers(&mild) > 0.0 && chillers(&warm) > 3.0 * chillers(&mild));
    for result in [&cold, &mild, &warm] {
        // The set-point holds in every mode.
        near(result.loops["facility"].supply_c, 12.0, 1e-6);
    }
}

#[test]
fn supply_is_reset_by_wet_bulb() {
    let reset = [
        "equipment.chillers.reset=wet-bulb",
        "equipment.chillers.reset_temperature=18 degC",
        "equipment.economiser.reset=wet-bulb",
        "equipment.economiser.reset_temperature=18 degC",
    ];
    // 12 degC from 20 degC on, 18 degC from 10 degC down, straight between.
    for (bulb, supply) in [(24.0, 12.0), (15.0, 15.0), (5.0, 18.0)] {
        let found = at("training", bulb, &reset);
        let (setpoint, actual) = control(&found, "chillers");
        near(setpoint, supply, 1e-9);
        near(actual, supply, 1e-6);
        near(found.loops["facility"].supply_c, supply, 1e-6);
    }
}

#[test]
fn supply_is_reset_by_load() {
    let reset = [
        "equipment.chillers.reset=load",
        "equipment.chillers.reset_temperature=16 degC",
    ];
    let [full, idle] = ["nameplate", "idle"].map(|state| at(state, 24.0, &reset));
    for result in [&full, &idle] {
        let (setpoint, actual) = control(result, "chillers");
        near(actual, setpoint, 1e-6);
        // Straight from 12 degC at the capacity of the six machines that may run to 16 degC without load.
        let heat = result.loops["facility"].heat_w + result.loops["facility"].pump_power_w;
        near(setpoint, 16.0 - 4.0 * heat / (6.0 * 2391.3e3), 0.05);
    }
    assert!(control(&idle, "chillers").0 > control(&full, "chillers").0 + 1.0);
    // Warmer water is cheaper by itself.
    let held = at("idle", 24.0, &[]);
    assert!(device(&idle, "chillers").2 < 0.97 * device(&held, "chillers").2);
}

#[test]
fn towers_hold_an_approach_down_to_a_lowest_set_point() {
    for (bulb, setpoint) in [(24.0, 29.0), (12.0, 17.0), (2.0, 8.0)] {
        let found = at("training", bulb, &[]);
        near(control(&found, "towers").0, setpoint, 1e-9);
        near(
            found.loops["tower"].supply_c,
            control(&found, "towers").1,
            1e-6,
        );
        if bulb > 10.0 {
            near(control(&found, "towers").1, setpoint, 1e-6);
        }
    }
}

#[test]
fn pumps_cells_and_chillers_are_staged_by_load() {
    let automatic = [
        "equipment.facility-pumps.staging=automatic",
        "equipment.tower-pumps.staging=automatic",
    ];
    let [full, idle] = ["nameplate", "idle"].map(|state| at(state, 24.0, &automatic));
    for path in ["chillers", "towers", "tower-pumps"] {
        let (more, fewer) = (device(&full, path).1, device(&idle, path).1);
        assert!(fewer >= 1.0 && more > fewer, "{path}: {more} {fewer}");
    }
    // As few chillers as carry the load, none above its greatest.
    for result in [&full, &idle] {
        let (_, on, _) = device(result, "chillers");
        let load = result
            .equipment
            .iter()
            .find(|one| one.path == "chillers")
            .unwrap();
        let share = load.load_fraction.unwrap();
        assert!(
            share <= 1.0 && share * on / (on - 1.0) > 0.8,
            "{on} at {share}"
        );
    }
    // The same answer from the same question, whatever was staged on the way.
    let again = at("idle", 24.0, &automatic);
    assert_eq!(again.facility.power_w, idle.facility.power_w);
}

/// The bypass opens when valves throttle, as far as the evaporators' least flow asks for, and is shut otherwise.
#[test]
fn bypass_holds_the_evaporators_least_flow() {
    let least = |result: &SolveResult| {
        let what = "evaporator flow of a machine";
        let found = result
            .limits
            .iter()
            .find(|limit| limit.what == what)
            .unwrap();
        (found.value.unwrap(), found.limit)
    };
    let bypass = |result: &SolveResult| device(result, "evaporator-bypass").0.to_owned();
    for state in ["nameplate", "training"] {
        let found = at(state, 24.0, &[]);
        assert_eq!(bypass(&found), "controlling", "{state}");
        near(control(&found, "evaporator-bypass").1, 9.3e3, 1e-3);
        // 9.3 kPa of 50 kPa at an exponent of 1.85.
        near(
            least(&found).0,
            68.573 * (9.3f64 / 50.0).powf(1.0 / 1.85),
            1e-3,
        );
        assert!(least(&found).0 > least(&found).1);
        let without = ["equipment.evaporator-bypass.flow_coefficient=0.01 Kv"];
        let (value, limit) = least(&at(state, 24.0, &without));
        assert!(value < limit, "{state}: {value} without a bypass");
    }
    assert_eq!(bypass(&at("training", 12.0, &[])), "at lower stop");
}

#[test]
fn pressure_difference_falls_with_flow() {
    let [full, idle] = ["nameplate", "idle"].map(|state| at(state, 24.0, &[]));
    for result in [&full, &idle] {
        let (setpoint, actual) = control(result, "facility-pumps");
        near(actual, setpoint, 1e-3);
        // 60 kPa and 40 kPa more by the square of the flow over 230 L/s, rounded by 0.05 of that flow at its end.
        let share = result.loops["facility"].flow_kg_s / 1000.0 / 0.230;
        near(setpoint, 60e3 + 40e3 * share * share, 0.6e3);
    }
    assert!(control(&idle, "facility-pumps").0 < control(&full, "facility-pumps").0 - 10e3);
}

/// Tower water colder than condensers bear is for the economiser alone: the mixing valve keeps them warmer, for more power.
#[test]
fn condensers_have_a_least_temperature() {
    let cold = |least: &str| {
        let least = format!("equipment.chillers.minimum_condenser_temperature={least}");
        at(
            "training",
            2.0,
            &["equipment.chillers.supply_temperature=7 degC", &least],
        )
    };
    let (warmer, colder) = (cold("20 degC"), cold("13 degC"));
    for result in [&warmer, &colder] {
        assert!(result.loops["tower"].supply_c < 9.0);
        assert_eq!(device(result, "chillers").0, "on");
    }
    assert!(device(&warmer, "chillers").2 > 1.1 * device(&colder, "chillers").2);
}
