//! The export of whole halls: balanced, closed, and written as the tools read it.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use super::law::Law;
use super::{Model, epanet, gather, pandapipes};
use crate::hall::LoadOptions;
use crate::study;
use crate::world::Disk;

fn run(hall: &str) -> study::Run {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("models/halls")
        .join(hall);
    study::run(
        &Disk,
        &path,
        &LoadOptions {
            set: Vec::new(),
            state: None,
        },
    )
    .unwrap()
}

fn model(hall: &str, only: Option<&str>) -> Model {
    let run = run(hall);
    gather::gather(&run.hall.name, &run.network, &run.solution, only).unwrap()
}

/// Pressure that a link's law takes at its flow, Pa.
fn drop(law: Law, flow: f64) -> f64 {
    match law {
        Law::Passive { linear, quadratic } => linear * flow + quadratic * flow * flow,
        Law::Lift { rise, .. } => -rise,
        Law::Closed => f64::NAN,
    }
}

#[test]
fn laws_meet_the_solution_and_mass_balances() {
    for hall in ["rack.toml", "colossus.toml", "dry-45.toml"] {
        let model = model(hall, None);
        let summary = model.summary();
        // The solver's own tolerance on flows.
        assert!(summary.imbalance < 1e-8, "{hall}: {}", summary.imbalance);
        assert!(
            summary.pumps > 0 && summary.pipes > 50,
            "{hall}: {summary:?}"
        );
        for link in model.links.iter().filter(|link| link.law != Law::Closed) {
            let [a, b] = [link.from, link.to].map(|k| model.junctions[k].pressure);
            let found = drop(link.law, link.flow);
            // Pressures of about 100 kPa, solved to about 1e-9 of that; at rest laws are rounded.
            assert!(
                (a - b - found).abs() < 1e-2 + 1e-6 * found.abs(),
                "{hall} {}: {a} {b} {found}",
                link.name
            );
            assert!(link.flow > 0.0);
        }
    }
}

#[test]
fn a_rack_has_a_link_for_each_path() {
    let run = run("rack.toml");
    let model = gather::gather("", &run.network, &run.solution, Some("coolant")).unwrap();
    let rack = &run.network.racks[0];
    let paths = rack.design.paths();
    // Per server its common part and, but for the last, two manifold segments; connection and CDU.
    let servers = rack.design.servers;
    assert_eq!(model.links.len(), paths + servers + 2 * (servers - 1) + 2);
    // Supply and return at each position (the first return is the loop's own), one in each server.
    assert_eq!(model.junctions.len(), 2 + 3 * servers - 1);
    // Heat of all paths is what the rack gives its coolant.
    let heat: f64 = model
        .links
        .iter()
        .filter(|l| l.heat > 0.0)
        .map(|l| l.heat)
        .sum();
    let liquid = run.solution.rack(0).linear().liquid[0];
    assert!((heat / liquid - 1.0).abs() < 1e-6, "{heat} {liquid}");
}

#[test]
fn epanet_gets_every_link_once() {
    let model = model("rack.toml", None);
    let mut out = Vec::new();
    epanet::write(&model, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let section = |name: &str| {
        let start = text.find(&format!("[{name}]")).unwrap() + name.len() + 2;
        let body = &text[start..];
        let body = &body[..body.find("\n[").unwrap_or(body.len())];
        body.lines()
            .filter(|l| !l.is_empty() && !l.starts_with(';'))
            .count()
    };
    let summary = model.summary();
    assert_eq!(section("PIPES"), summary.pipes + summary.closed);
    assert_eq!(section("PUMPS"), summary.pumps);
    assert_eq!(section("CURVES"), 3 * summary.pumps);
    assert_eq!(section("RESERVOIRS"), 2);
    assert_eq!(section("JUNCTIONS") + 2, summary.junctions);
    assert_eq!(section("COORDINATES"), summary.junctions);
    // EPANET reads no longer lines and no longer titles.
    assert!(text.lines().all(|line| line.len() < 255));
    assert!(!text.contains("NaN") && !text.contains("inf "));
}

#[test]
fn pandapipes_gets_tables_that_fit_each_other() {
    let model = model("rack.toml", Some("coolant"));
    for heat in [false, true] {
        let mut out = Vec::new();
        pandapipes::write(&model, heat, &mut out).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let rows = |name: &str| -> Vec<Vec<serde_json::Value>> {
            let table = value["_object"][name]["_object"].as_str().unwrap();
            let table: serde_json::Value = serde_json::from_str(table).unwrap();
            let columns = table["columns"].as_array().unwrap().len();
            let rows: Vec<Vec<serde_json::Value>> =
                serde_json::from_value(table["data"].clone()).unwrap();
            assert!(rows.iter().all(|row| row.len() == columns), "{name}");
            rows
        };
        let junctions = rows("junction").len();
        assert_eq!(rows("pipe").len(), model.summary().pipes);
        let pumps = if heat { "circ_pump_pressure" } else { "pump" };
        assert_eq!(rows(pumps).len(), 1);
        assert_eq!(rows("ext_grid").len(), usize::from(!heat));
        assert_eq!(
            junctions,
            model.junctions.len() + rows("heat_exchanger").len()
        );
        assert_eq!(rows("heat_exchanger").is_empty(), !heat);
        for row in rows("pipe").iter().chain(&rows("heat_exchanger")) {
            let end = |k: usize| row[k].as_u64().unwrap() as usize;
            assert!(end(1) < junctions && end(2) < junctions && end(1) != end(2));
        }
    }
}

#[test]
fn a_wrong_loop_is_answered() {
    let run = run("rack.toml");
    let error = gather::gather("", &run.network, &run.solution, Some("coolent")).unwrap_err();
    let text = error.to_string();
    assert!(
        error.is_input() && text.contains("'coolant' was probably meant"),
        "{text}"
    );
    let both = gather::gather("", &run.network, &run.solution, None).unwrap();
    let text = pandapipes::check_heat(&both).unwrap_err().to_string();
    assert!(text.contains("PG25, water"), "{text}");
}
