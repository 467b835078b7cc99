//! Halls that cannot be: each says in words which heat cannot go where, and by how much.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use loopwatt::hall::LoadOptions;
use loopwatt::study::{self, Run, RunError};
use loopwatt::world::{Disk, Memory};

fn options(set: &[&str]) -> LoadOptions {
    LoadOptions {
        set: set.iter().map(|s| (*s).to_owned()).collect(),
        state: None,
    }
}

fn run(name: &str, set: &[&str]) -> Result<Run, RunError> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    study::run(&Disk, &path, &options(set))
}

/// The causes of a hall without a steady state.
fn causes(outcome: Result<Run, RunError>) -> Vec<String> {
    match outcome {
        Err(RunError::Infeasible { causes, .. }) => causes,
        Err(error) => panic!("no cause: {error}"),
        Ok(_) => panic!("it has a steady state"),
    }
}

/// What a solved hall says of the set-point that `path` misses.
fn missed(name: &str, set: &[&str], path: &str) -> String {
    let run = run(name, set).unwrap_or_else(|error| panic!("{name} {set:?}: {error}"));
    assert!(!run.result.holds(), "{name} {set:?} holds every limit");
    let own = run.result.warnings.iter().filter(|w| w.path == path);
    own.map(|warning| warning.text.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The number before a unit, of the first place where it stands after `words`.
fn number(text: &str, words: &str) -> f64 {
    let at = text
        .find(words)
        .unwrap_or_else(|| panic!("`{words}` missing in: {text}"));
    let rest = text[at + words.len()..].trim_start();
    rest.split(' ').next().unwrap().parse().unwrap()
}

const RACK: &str = "models/halls/rack.toml";
const EVERYTHING: &str = "tests/halls/everything.toml";

#[test]
fn a_room_cooler_that_is_too_small() {
    let found = causes(run(RACK, &["equipment.air.capacity=5 kW"]));
    let text = found.join("\n");
    assert!(
        text.contains("the air of room `hall` cannot lose"),
        "{text}"
    );
    assert!(text.contains("`air` 5.00 kW, all that it can"), "{text}");
    // What is lacking and the cooler's capacity are what comes in; three digits are said.
    let (lacking, all) = (number(&text, "cannot lose"), number(&text, "of the"));
    assert!((lacking + 5.0 - all).abs() < 0.15, "{text}");
    // With that much more it has a steady state: cool water takes up some of it below 65 °C.
    let enough = format!("equipment.air.capacity={} kW", all + 10.0);
    assert!(run(RACK, &[&enough]).is_ok());
}

#[test]
fn a_coil_without_water() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(RACK)).unwrap();
    let (before, line) = text.split_once("air = { part").unwrap();
    let (_, after) = line.split_once('\n').unwrap();
    let hall = format!(
        "{before}air = {{ part = \"vertiv-pw170\", water = \"chilled\", room = \"hall\" }}\n\
         cold = {{ kind = \"given_water\", water = \"chilled\", supply_temperature = \"12 degC\", pressure_difference = \"0 Pa\" }}\n\
         {after}\n[loops.chilled]\nfluid = \"water\"\n"
    );
    let world = Memory::new().with("hall.toml", hall.into_bytes());
    let found = causes(study::run(&world, Path::new("hall.toml"), &options(&[])));
    let text = found.join("\n");
    assert!(
        text.contains("the air of room `hall` cannot lose"),
        "{text}"
    );
    assert!(
        text.contains("`air`") && text.contains("no water flows through it"),
        "{text}"
    );
}

#[test]
fn a_fixed_heat_on_a_loop_whose_pump_stands_still() {
    let found = causes(run(EVERYTHING, &["equipment.dry-pump.running=0"]));
    let text = found.join("\n");
    assert!(
        text.contains("loop `dry` cannot carry the 50.0 kW of `dry-load`"),
        "{text}"
    );
    assert!(
        text.contains("`dry-pump` of that loop does not run"),
        "{text}"
    );
}

#[test]
fn a_fixed_heat_that_the_chiller_cannot_take() {
    let found = causes(run(EVERYTHING, &["equipment.cold-load.heat=200 kW"]));
    let text = found.join("\n");
    assert!(
        text.contains("of the 200 kW that `cold-load` puts into loop `cold`"),
        "{text}"
    );
    // The machine is rated for 60 kW; cool air and warm water give it more, the search ends within 1/64 of 200 kW.
    let (least, most) = (number(&text, "between"), number(&text, "kW and"));
    assert!(
        least > 40.0 && most < 120.0 && (most - least) < 3.3,
        "{text}"
    );
    let set = |heat: f64| format!("equipment.cold-load.heat={heat} kW");
    assert!(run(EVERYTHING, &[&set(0.95 * least)]).is_ok());
    assert!(run(EVERYTHING, &[&set(1.05 * most)]).is_err());
}

#[test]
fn facility_water_warmer_than_the_set_point() {
    let text = missed(RACK, &["equipment.water.supply_temperature=40 degC"], "cdu");
    assert!(
        text.contains("comes at 40.0 degC, which is not below that set-point"),
        "{text}"
    );
}

#[test]
fn too_little_facility_water() {
    let text = missed(
        RACK,
        &["equipment.water.pressure_difference=0.5 kPa"],
        "cdu",
    );
    assert!(text.contains("more water is needed"), "{text}");
    let (needed, most) = (number(&text, "36.0 degC: "), number(&text, "no more than"));
    assert!(needed > most && most > 0.0, "{text}");
}

#[test]
fn a_pump_that_cannot_carry_the_flow() {
    let text = missed(RACK, &["equipment.cdu.flow=900 L/min"], "cdu");
    assert!(text.contains("at full speed it carries"), "{text}");
    assert!(text.contains("of the 900 L/min asked"), "{text}");
}

#[test]
fn a_head_beyond_the_pumps() {
    let set = ["equipment.chilled-pumps.pressure_difference=500 kPa"];
    let text = missed(EVERYTHING, &set, "chilled-pumps");
    // The pumps' own 300 kPa at no flow.
    assert!(text.contains("of the 500 kPa asked"), "{text}");
    assert!(
        text.contains("even at no flow it gives no more than 300 kPa"),
        "{text}"
    );
}

#[test]
fn a_tower_below_the_wet_bulb() {
    let set = ["equipment.towers.control=\"fixed\""];
    let text = missed("tests/halls/tower.toml", &set, "towers");
    assert!(
        text.contains("is not above the outdoor wet bulb of 26.8 degC"),
        "{text}"
    );
}

#[test]
fn a_chiller_that_is_too_small() {
    let set = ["equipment.chiller.reference_capacity=5 kW"];
    let text = missed(EVERYTHING, &set, "chiller");
    let (taken, needed) = (number(&text, "it takes"), number(&text, "have to take"));
    assert!(taken < needed, "{text}");
}
