#![allow(clippy::unwrap_used)]

use super::{Cdu, Parameters, SPEED, VALVE, inside};
use crate::component::{AT_MAXIMUM, At, CONTROLLED, Component, MAX_INTERNAL, Outdoor, Side};
use crate::fluid::{Fluid, FluidKind};
use crate::spec::{DefaultValue, position};

const OUTDOOR: Outdoor =
    Outdoor { dry_bulb: 303.0, wet_bulb: 295.0, humidity_ratio: 0.01, pressure: 101_325.0 };

fn theta(values: &[(&str, f64)]) -> Vec<f64> {
    let fields = Parameters::<f64>::FIELDS;
    let mut theta: Vec<f64> = fields
        .iter()
        .map(|f| if let DefaultValue::Value(v) = f.default { v } else { f64::NAN })
        .collect();
    for (key, value) in values {
        theta[position(fields, key).unwrap()] = *value;
    }
    theta
}

/// Terminals: mass flow, temperatures of nodes a, pressures rise of both sides.
struct Terminals {
    flow: [f64; 2],
    inlet: [f64; 2],
    rise: [f64; 2],
}

fn with<R>(
    theta: &[f64],
    fluids: [&Fluid; 2],
    terminals: &Terminals,
    internal: [f64; 2],
    status: &[u8],
    run: impl FnOnce(&At<'_, f64>) -> R,
) -> R {
    let side = |i: usize| Side {
        pressure_a: 2e5,
        pressure_b: 2e5 + terminals.rise[i],
        temperature_a: terminals.inlet[i],
        temperature_b: 310.0,
        mass_flow: terminals.flow[i],
    };
    let mut all = [0.0; MAX_INTERNAL];
    all[..2].copy_from_slice(&internal);
    run(&At {
        theta,
        tables: &[],
        fluids,
        sides: [side(0), side(1)],
        sensor_pressure: [2e5 + terminals.rise[1], 2e5],
        air: [300.0; 2],
        internal: all,
        bus: [0.0; 2],
        outdoor: &OUTDOOR,
        status,
    })
}

/// Google's Project Deschutes as published: 2 MW at 3 K approach, 31.48 kg/s of PG25, 32.30 kg/s
/// of water at 26.8 °C.
fn deschutes() -> Vec<f64> {
    theta(&[
        ("rated_heat", 2.0e6),
        ("approach", 3.0),
        ("primary_flow", 32.30 / 996.6),
        ("secondary_flow", 31.48 / 1023.0),
        ("rated_primary_temperature", 299.95),
        ("pump_shutoff_pressure", 9e5),
        ("pump_quadratic", 100.0),
    ])
}

#[test]
fn a_rated_unit_meets_its_approach() {
    let (water, coolant) =
        (Fluid::water(), Fluid::from_volume_fraction(FluidKind::PropyleneGlycol, 0.25).unwrap());
    let theta = deschutes();
    let p = Parameters::<f64>::load(&theta);
    // Coolant out 3 K above 26.8 °C, in 2 MW/C above that.
    let specific_heat: f64 = coolant.specific_heat(310.0);
    let coolant_in = 302.95 + 2.0e6 / (31.48 * specific_heat);
    let terminals = Terminals { flow: [32.30, 31.48], inlet: [299.95, coolant_in], rise: [0.0; 2] };
    let duty = with(&theta, [&water, &coolant], &terminals, [1.0, 0.5], &[0, 0], |at| {
        inside(&p, at, 1.0).duty
    });
    // cp at two slightly different means, and the densities rounded above: 0.5 %.
    assert!((duty / 2.0e6 - 1.0).abs() < 5e-3, "{duty}");
    // The conductance implied by the rating, 548 kW/K by logarithmic mean (published flows and
    // temperatures, cp of 3.9 and 4.18 kJ/(kg K) there): 4 %, the spread of cp of PG25.
    let (ua, possible) = p.clean_conductance([&water, &coolant]);
    assert!(possible && (ua / 548e3 - 1.0).abs() < 0.04, "{ua}");
}

#[test]
fn the_control_residual_asks_for_more_water_when_too_warm() {
    let (water, coolant) = (Fluid::water(), Fluid::water());
    let mut theta = deschutes();
    let key = position(Parameters::<f64>::FIELDS, "supply_temperature").unwrap();
    let terminals = Terminals { flow: [32.3, 31.5], inlet: [300.0, 318.0], rise: [-8e4, 1e5] };
    let outlet = with(&theta, [&water, &coolant], &terminals, [0.9, 0.9], &[0, 0], |at| {
        let out = Cdu::equations(at);
        // Temperature of the stream that leaves, from its enthalpy.
        let h = out.energy_out[1] / 31.5;
        let mut t = 305.0;
        for _ in 0..20 {
            t -= (water.enthalpy(t) - h) / water.specific_heat(t);
        }
        t
    });
    let residual = |set: f64, theta: &mut Vec<f64>| {
        theta[key] = set;
        with(theta, [&water, &coolant], &terminals, [0.9, 0.9], &[CONTROLLED; 2], |at| {
            let out = Cdu::equations(at);
            let mut next = [CONTROLLED; 2];
            Cdu::propose(at, &mut next);
            (out.internal[VALVE], next[VALVE])
        })
    };
    // cp at the mean of the stream instead of enthalpies: a millikelvin in some kelvins.
    assert!(residual(outlet, &mut theta).0.abs() < 1e-3);
    assert!(residual(outlet - 1.0, &mut theta).0 < 0.0, "too warm: the position is too small");
    assert!(residual(outlet + 1.0, &mut theta).0 > 0.0);
    // Wide open and too warm: saturated, required, and reported as such.
    theta[key] = outlet - 1.0;
    with(&theta, [&water, &coolant], &terminals, [1.0, 0.9], &[AT_MAXIMUM, CONTROLLED], |at| {
        assert!(Cdu::equations(at).internal[VALVE].abs() < 1e-15);
        let mut next = [AT_MAXIMUM, CONTROLLED];
        Cdu::propose(at, &mut next);
        assert_eq!(next[VALVE], AT_MAXIMUM);
        let control = &Cdu::report(at).controls[0];
        assert!(control.saturated && control.required);
    });
}

#[test]
fn a_stopped_unit_is_isolated() {
    let water = Fluid::water();
    let mut theta = deschutes();
    theta[position(Parameters::<f64>::FIELDS, "running").unwrap()] = 0.0;
    let terminals = Terminals { flow: [0.0; 2], inlet: [300.0, 318.0], rise: [0.0; 2] };
    with(&theta, [&water, &water], &terminals, [0.0; 2], &[0, 0], |at| {
        let out = Cdu::equations(at);
        assert!(out.power[0].abs() < 1e-300 && out.air_heat[0].abs() < 1e-300);
        assert!(out.pressure.iter().chain(&out.internal).all(|r| r.abs() < 1e-300));
        assert_eq!(Cdu::report(at).mode, "off");
    });
}

#[test]
fn twice_the_units_carry_twice_the_flows_and_heat() {
    let water = Fluid::water();
    let single = deschutes();
    let mut double = single.clone();
    double[position(Parameters::<f64>::FIELDS, "count").unwrap()] = 2.0;
    let at_flow = |theta: &[f64], scale: f64| {
        let terminals = Terminals {
            flow: [30.0 * scale, 28.0 * scale],
            inlet: [300.0, 318.0],
            rise: [-8e4, 1e5],
        };
        with(theta, [&water, &water], &terminals, [0.7, 0.8], &[0, 0], Cdu::equations::<f64>)
    };
    let (one, two) = (at_flow(&single, 1.0), at_flow(&double, 2.0));
    assert!((two.power[0] / one.power[0] - 2.0).abs() < 1e-12);
    assert!((two.pressure[0] - one.pressure[0]).abs() < 1e-6);
    assert!((two.pressure[1] - one.pressure[1]).abs() < 1e-6);
    let duty = |out: &super::Out<f64>| out.energy_out[0] - out.energy_in[0];
    // Only the blur of the capacity flow at rest does not scale.
    assert!((duty(&two) / duty(&one) - 2.0).abs() < 1e-9);
    assert!((two.internal[SPEED] - one.internal[SPEED]).abs() < 1e-12);
}
