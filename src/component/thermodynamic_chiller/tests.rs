#![allow(clippy::unwrap_used)]

use super::super::bench::{Bench, weather};
use super::{GordonNg, Parameters, ThermodynamicChiller};
use crate::component::Component;

/// 1 MW, warm water of 20 degC asked for, condenser water of 30 degC.
fn bench() -> Bench {
    let mut bench = Bench::new(Parameters::<f64>::FIELDS);
    bench.set("reference_capacity", 1e6).set("supply_temperature", 293.15);
    bench.set("evaporator_flow", 43.0).set("condenser_flow", 54.0);
    bench.flow(0, 43.0, 298.15).flow(1, 54.0, 303.15);
    bench
}

fn quantity(bench: &Bench, name: &str) -> f64 {
    bench
        .report::<ThermodynamicChiller>()
        .quantities
        .iter()
        .find(|q| q.name == name)
        .unwrap()
        .value
}

const LAW: GordonNg = GordonNg {
    constant_loss: 0.02,
    proportional_loss: 0.03,
    heat_leak: 0.05,
    exchanger_lift: 9.0,
};

/// Without losses Carnot's machine; each loss alone takes more power at every temperature.
#[test]
fn carnot_is_the_limit() {
    let ideal = GordonNg {
        constant_loss: 0.0,
        proportional_loss: 0.0,
        heat_leak: 0.0,
        exchanger_lift: 0.0,
    };
    for (chilled, condenser) in [(278.15, 303.15), (293.15, 298.15), (303.15, 318.15)] {
        let carnot = 0.7 * (condenser - chilled) / chilled;
        let found: f64 = ideal.power(0.7, chilled, condenser);
        assert!((found - carnot).abs() < 1e-12);
        for lossy in [
            GordonNg { constant_loss: 0.02, ..ideal },
            GordonNg { proportional_loss: 0.02, ..ideal },
            GordonNg { heat_leak: 0.02, ..ideal },
            GordonNg { exchanger_lift: 5.0, ..ideal },
        ] {
            assert!(lossy.power(0.7, chilled, condenser) > carnot, "{lossy:?}");
        }
    }
}

/// The power satisfies the model as it is published, T_e/T_c (1 + 1/COP) − 1 = T_e ΔS/Q + Q_l (T_c − T_e)/(T_c Q)
/// + R (1 + 1/COP) Q/T_c, and grows with the lift from either side.
#[test]
fn is_the_published_equation() {
    let (te, tc): (f64, f64) = (285.15, 305.15);
    let capacity = 2.3e6;
    let q = 0.8 * capacity;
    let power = capacity * LAW.power(0.8, te, tc);
    let entropy = capacity * 0.02 / 298.15 + 0.03 * q / te;
    let (leak, resistance) = (0.05 * capacity, 9.0 / capacity);
    let left = te / tc * (1.0 + power / q) - 1.0;
    let right = te * entropy / q
        + leak * (tc - te) / (tc * q)
        + resistance * (1.0 + power / q) * q / tc;
    assert!((left - right).abs() < 1e-12, "{left} {right}");
    for step in 0..30 {
        let shift = f64::from(step);
        let at = |chilled: f64, condenser: f64| LAW.power(0.8, chilled + 0.3 * shift, condenser);
        assert!(at(te, tc + shift + 1.0) > at(te, tc + shift));
        assert!(at(te + 1.0, tc + 5.0) < at(te, tc + 5.0));
    }
}

/// Warm water: holds the set-point, closes its balance, says that it left the fitted range.
#[test]
fn holds_warm_water() {
    let mut bench = bench();
    bench.set("count", 2.0).flow(0, 43.0, 297.15).solve::<ThermodynamicChiller>();
    assert!((bench.leaving::<ThermodynamicChiller>(0) - 293.15).abs() < 1e-6);
    assert!(bench.imbalance::<ThermodynamicChiller>() < 1e-12);
    let report = bench.report::<ThermodynamicChiller>();
    assert_eq!(report.on, 1.0);
    assert_eq!(report.warnings.len(), 1);
    assert!(report.warnings[0].text.contains("left their fitted range"), "{:?}", report.warnings);
    // Carnot between the waters: 293 over 10 K.
    let cop = quantity(&bench, "COP");
    assert!((5.0..29.3).contains(&cop), "{cop}");
    bench.set("evaporator_max", 300.0).solve::<ThermodynamicChiller>();
    assert!(bench.report::<ThermodynamicChiller>().warnings.is_empty());
    // Colder than asked for: off.
    bench.flow(0, 43.0, 290.0).solve::<ThermodynamicChiller>();
    assert_eq!(bench.out::<ThermodynamicChiller>().power[0], 0.0);
    // None may run: both sides shut off.
    bench.set("running", 0.0).solve::<ThermodynamicChiller>();
    assert_eq!(bench.report::<ThermodynamicChiller>().mode, "shut off");
    assert_eq!(bench.heat::<ThermodynamicChiller>(0), 0.0);
}

/// Condenser water colder than the chilled water gives no power for nothing: the least lift holds, with a warning.
#[test]
fn least_lift_holds() {
    let power = |entering: f64| {
        let mut bench = bench();
        bench.flow(1, 54.0, entering).solve::<ThermodynamicChiller>();
        assert!(bench.imbalance::<ThermodynamicChiller>() < 1e-12);
        let warned = bench
            .report::<ThermodynamicChiller>()
            .warnings
            .iter()
            .any(|one| one.text.contains("less than 3.0 K above"));
        (bench.out::<ThermodynamicChiller>().power[0], warned)
    };
    let (cold, warned) = power(285.15);
    let (least, at_least) = power(296.15);
    assert!(cold > 0.0 && warned && !at_least, "{cold}");
    assert!((cold / least - 1.0).abs() < 0.02, "{cold} {least}");
    assert!(power(306.15).0 > power(298.15).0);
}

/// Warm chilled water lifts the capacity up to the most that is given and no further.
#[test]
fn capacity_ends() {
    let full = |chilled: f64| {
        let mut bench = bench();
        bench.set("supply_temperature", 270.0).flow(0, 43.0, chilled + 6.0);
        bench.solve::<ThermodynamicChiller>();
        assert_eq!(bench.report::<ThermodynamicChiller>().mode, "at full load");
        -bench.heat::<ThermodynamicChiller>(0) / 1e6
    };
    assert!(full(276.15) < 1.0);
    assert!(full(303.15) <= 1.1 && full(303.15) > 1.09, "{}", full(303.15));
    assert!((full(303.15) - full(313.15)).abs() < 1e-9);
}

/// Part load by the model: the exchangers' lift falls with the load, so that half a load takes less than half the
/// power at full load without constant losses; by the curve: what the curve says.
#[test]
fn part_load_by_model_and_curve() {
    let power = |inlet: f64, curve: bool| {
        let mut bench = bench();
        bench.outdoor = weather(303.15, 298.15);
        bench.set("constant_loss", 0.0).set("greatest_capacity", 1.0);
        bench.set("capacity_by_chilled", 0.0).set("capacity_by_condenser", 0.0);
        bench.set("part_load", f64::from(u8::from(curve)));
        bench.set("part_load_1", 0.1).set("part_load_2", 0.4).set("part_load_3", 0.5);
        bench.flow(0, 43.0, inlet).solve::<ThermodynamicChiller>();
        (quantity(&bench, "part-load ratio"), bench.out::<ThermodynamicChiller>().power[0])
    };
    let (load, full) = power(298.6, false);
    let (half_load, half) = power(293.15 + 0.5 * 5.45, false);
    assert!((0.9..1.0).contains(&load) && (half_load / load - 0.5).abs() < 0.01);
    assert!(half < 0.45 * full, "{half} {full}");
    let (load, full) = power(298.6, true);
    let (half_load, half) = power(293.15 + 0.5 * 5.45, true);
    let share = |r: f64| 0.1 + 0.4 * r + 0.5 * r * r;
    assert!((half / full - share(half_load) / share(load)).abs() < 1e-4);
}

#[test]
fn faults() {
    let fault = |key: &str, value: f64| {
        let mut bench = bench();
        bench.set(key, value);
        ThermodynamicChiller::check(&bench.theta, &[])
    };
    assert!(fault("count", 2.0).is_empty());
    assert_eq!(fault("running", 3.0)[0].0, "running");
    assert_eq!(fault("evaporator_max", 270.0)[0].0, "evaporator_max");
    assert_eq!(fault("condenser_max", 280.0)[0].0, "condenser_max");
    let mut bench = bench();
    bench.set("exchanger_lift", 60.0).set("greatest_capacity", 3.0);
    assert_eq!(ThermodynamicChiller::check(&bench.theta, &[])[0].0, "exchanger_lift");
    bench.set("exchanger_lift", 9.0).set("part_load", 1.0).set("part_load_1", -2.0);
    assert_eq!(ThermodynamicChiller::check(&bench.theta, &[])[0].0, "part_load_1");
}
