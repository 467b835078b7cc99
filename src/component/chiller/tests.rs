#![allow(clippy::unwrap_used)]

use super::super::bench::{Bench, weather};
use super::machine::{stage, stage_by_flow};
use super::{Chiller, Parameters};
use crate::component::Component;

/// DOE-2 centrifugal of 1 MW: 6.67 degC leaving, 29.4 degC entering the condenser.
fn bench() -> Bench {
    let mut bench = Bench::new(Parameters::<f64>::FIELDS);
    bench.set("reference_capacity", 1e6).set("supply_temperature", 279.82);
    bench.set("evaporator_flow", 43.0).set("condenser_flow", 54.0);
    bench.flow(0, 43.0, 284.8).flow(1, 54.0, 302.55);
    bench
}

fn quantity(bench: &Bench, name: &str) -> f64 {
    bench.report::<Chiller>().quantities.iter().find(|q| q.name == name).unwrap().value
}

/// At reference temperatures the curves give 1 (they were normalised there), so full load takes
/// Q/5.5; the published curve is off by 0.6 % at its own reference point.
#[test]
fn meets_its_reference_point() {
    let mut bench = bench();
    bench.flow(0, 43.0, 279.82 + 1e6 / (43.0 * 4196.0)).solve::<Chiller>();
    assert!((bench.leaving::<Chiller>(0) - 279.82).abs() < 1e-6);
    assert!((quantity(&bench, "COP") - 5.5).abs() < 0.05, "{}", quantity(&bench, "COP"));
    let out = bench.out::<Chiller>();
    let rejected = bench.heat::<Chiller>(1);
    assert!((rejected + bench.heat::<Chiller>(0) - out.power[0]).abs() < 1e-4);
    assert!(bench.imbalance::<Chiller>() < 1e-12);
    assert!(bench.report::<Chiller>().warnings.is_empty());
}

#[test]
fn holds_floats_and_lets_cold_water_pass() {
    let mut bench = bench();
    bench.solve::<Chiller>();
    assert!((bench.leaving::<Chiller>(0) - 279.82).abs() < 1e-6);
    // Too much heat: full load, the water leaves too warm, and that is said.
    bench.flow(0, 43.0, 292.0).solve::<Chiller>();
    let report = bench.report::<Chiller>();
    assert_eq!(report.mode, "at full load");
    assert!(report.controls[0].saturated && report.controls[0].actual > 281.0);
    assert!(bench.imbalance::<Chiller>() < 1e-12);
    // Colder than the set-point: off, nothing drawn.
    bench.flow(0, 43.0, 278.0).solve::<Chiller>();
    assert_eq!(bench.out::<Chiller>().power[0], 0.0);
    assert_eq!(bench.heat::<Chiller>(0), 0.0);
    assert_eq!(bench.report::<Chiller>().on, 0.0);
    // No flow.
    bench.flow(0, 0.0, 290.0).flow(1, 0.0, 300.0).solve::<Chiller>();
    assert!(bench.heat::<Chiller>(0).abs() < 1e-3);
}

/// A leaving temperature of 20 degC is beyond every public curve: a warning says so, and the COP is
/// above that at the edge.
#[test]
fn warns_beyond_its_range() {
    let mut bench = bench();
    bench.set("supply_temperature", 283.15).flow(0, 43.0, 287.0).solve::<Chiller>();
    let edge = quantity(&bench, "COP");
    bench.set("supply_temperature", 293.15).flow(0, 43.0, 297.0).solve::<Chiller>();
    assert!(quantity(&bench, "COP") > 1.1 * edge);
    assert!(bench.report::<Chiller>().warnings[0].text.contains("left their fitted range"));
}

#[test]
fn reformulated_curves_by_leaving_condenser_water() {
    let mut bench = bench();
    // York YK 2771 kW, COP 6.84 at 5.56 degC leaving and 28.91 degC leaving the condenser.
    bench.set("form", 1.0).set("reference_capacity", 2_771_100.0).set("reference_cop", 6.84);
    bench.set("evaporator_flow", 100.9).set("condenser_flow", 151.1);
    let sets: [(&str, &[f64]); 3] = [
        (
            "capft",
            &[0.474_417_1, 0.031_780_84, -0.001_802_78, 0.053_809_1, -0.001_642_699, 0.001_330_445],
        ),
        (
            "eirft",
            &[
                0.828_681_1,
                0.023_044_03,
                -0.000_684_112_6,
                -0.018_864_83,
                0.001_088_152,
                -0.001_846_484,
            ],
        ),
        (
            "eirfplr",
            &[
                -0.620_547_7,
                0.059_132_83,
                -1.627_433e-5,
                0.105_182_1,
                1.413_365,
                -0.058_395_29,
                0.0,
                0.094_248_34,
                0.0,
                0.0,
            ],
        ),
    ];
    for (key, values) in sets {
        for (index, value) in values.iter().enumerate() {
            bench.set(&format!("{key}_{}", index + 1), *value);
        }
    }
    for (key, celsius) in [
        ("evaporator_min", 4.44),
        ("evaporator_max", 8.89),
        ("condenser_min", 18.24),
        ("condenser_max", 34.26),
        ("part_load_condenser_min", 14.86),
        ("part_load_condenser_max", 28.42),
        ("supply_temperature", 5.56),
    ] {
        bench.set(key, celsius + 273.15);
    }
    assert!(Chiller::check(&bench.theta, &[]).is_empty());
    let rise = 2_771_100.0 / (100.9 * 4200.0);
    bench.flow(0, 100.9, 278.71 + rise).flow(1, 151.1, 296.9).solve::<Chiller>();
    let leaving = quantity(&bench, "leaving condenser water temperature");
    assert!((leaving - 302.06).abs() < 0.3, "{leaving}");
    assert!((quantity(&bench, "COP") / 6.84 - 1.0).abs() < 0.03, "{}", quantity(&bench, "COP"));
    assert!(bench.imbalance::<Chiller>() < 1e-12);
}

#[test]
fn stages_by_load() {
    assert_eq!(stage(1.0, 4.0, 1.0), 2.0);
    assert_eq!(stage(4.0, 4.0, 1.2), 2.0);
    // Half-loaded machines stay: no hunting.
    assert_eq!(stage(2.0, 4.0, 1.1), 2.0);
    assert_eq!(stage(2.0, 4.0, 0.82), 2.0);
    assert_eq!(stage(4.0, 4.0, 0.0), 1.0);
    let mut bench = bench();
    bench.set("count", 4.0).flow(0, 43.0, 286.0).solve::<Chiller>();
    let report = bench.report::<Chiller>();
    assert_eq!((report.on, report.of), (2.0, 4.0));
    assert!((bench.leaving::<Chiller>(0) - 279.82).abs() < 1e-6);
}

/// The set-point follows the wet bulb, or the load: reached, and less power for it.
#[test]
fn set_point_is_reset() {
    let mut bench = bench();
    bench.outdoor = weather(303.15, 298.15);
    bench.solve::<Chiller>();
    let plain = bench.out::<Chiller>().power[0];
    bench.set("reset", 1.0).set("reset_temperature", 283.15);
    bench.set("reset_from", 293.15).set("reset_to", 283.15);
    bench.solve::<Chiller>();
    assert!((bench.leaving::<Chiller>(0) - 279.82).abs() < 1e-6, "warm: no reset");
    bench.outdoor = weather(293.15, 288.15);
    bench.solve::<Chiller>();
    let half = 0.5 * (279.82 + 283.15);
    assert!((bench.leaving::<Chiller>(0) - half).abs() < 1e-6);
    assert!(bench.out::<Chiller>().power[0] < plain);
    assert!((bench.report::<Chiller>().controls[0].setpoint - half).abs() < 1e-9);
    // By load: T = 279.82 + 3.33·(1 − q), q·1 MW = 43·cp·(284.8 − T).
    bench.set("reset", 3.0).solve::<Chiller>();
    let leaving = bench.leaving::<Chiller>(0);
    let share = -bench.heat::<Chiller>(0) / 1e6;
    assert!((leaving - 279.82 - 3.33 * (1.0 - share)).abs() < 1e-6, "{leaving} {share}");
    assert!(bench.imbalance::<Chiller>() < 1e-12);
    let faults = Chiller::check(bench.set("reset_temperature", f64::NAN).theta.as_slice(), &[]);
    assert_eq!(faults[0].0, "reset_temperature");
}

/// Cold tower water: the mixing valve keeps what the condenser sees, so that power does not fall below that at
/// the least temperature, and no warning is due.
#[test]
fn least_condenser_temperature() {
    let power = |entering: f64, least: f64| {
        let mut bench = bench();
        bench.set("minimum_condenser_temperature", least).flow(1, 54.0, entering);
        bench.solve::<Chiller>();
        assert!(bench.imbalance::<Chiller>() < 1e-12);
        (bench.out::<Chiller>().power[0], bench.report::<Chiller>().warnings.len())
    };
    let (cold, warned) = power(281.15, f64::NAN);
    let (held, unwarned) = power(281.15, 298.15);
    let (same, _) = power(298.15, f64::NAN);
    assert!(cold < held && warned == 1 && unwarned == 0, "{cold} {held}");
    assert!((held / same - 1.0).abs() < 1e-9, "{held} {same}");
}

/// Free cooling: no load, but all the flow; it does not go through one machine alone.
#[test]
fn stages_by_flow() {
    assert_eq!(stage_by_flow(1.0, 4.0), 4.0);
    assert_eq!(stage_by_flow(4.0, 4.0), 4.0);
    assert_eq!(stage_by_flow(4.0, 3.0), 3.0);
    let mut bench = bench();
    bench.set("count", 6.0).flow(0, 4.0 * 43.0, 279.0).solve::<Chiller>();
    // 4 rated flows at no more than 1.3 each, kept from six down by 10 %: four.
    let flow = bench.report::<Chiller>().limits.iter().find(|l| l.what.starts_with("evap")).unwrap().value;
    assert!((flow.unwrap() - 43.0).abs() < 1e-9, "{flow:?}");
}
