//! A valve: control valve, pressure-independent control valve, balancing valve or check valve.
//!
//! # Equations
//! - Δp = (ρ/1000)·(q/(Kv·φ))², written ṁ|ṁ|/(1000·ρ·Kv²·φ²) and linear below the flow of 0.01 Pa;
//!   φ(x) linear or equal percentage, see [`flow_law`](super::flow_law);
//! - `two_way`: position x fixed, or such that it holds the flow q = q_set, the pressure difference
//!   between its sensors (a throttling valve: opening raises it) or the pressure difference across
//!   itself (`relief`: a bypass, opening lowers it);
//! - `pressure_independent`: holds q = q_set; when wide open at the minimum pressure difference
//!   Δp_min it passes just that, Kv = q_set·√(ρ/(1000·Δp_min)) unless given; below, it acts as that Kv;
//! - `balancing`: x fixed;
//! - `check`: forward as wide open; backward Δp = −R·ṁ²/(w − ṁ), see `flow_law`, with R 10⁶ times
//!   Δp/ṁ at 10 kPa forward, w 10⁻⁶ of that flow.
//!
//! At a stop the set-point floats and the valve is reported as saturated.
//!
//! # Symbols and units
//! Δp pressure drop [Pa]; ρ density [kg/m³]; q volume flow [m³/s]; ṁ mass flow [kg/s];
//! Kv flow coefficient wide open [m³/s/√Pa with 1000 kg/m³]; φ opening [-]; x position [-].
//!
//! # Range of validity
//! Turbulent flow without cavitation. A valve sized well has an authority (Δp of the valve over Δp
//! of the controlled part) above 0.3.
//!
//! # Neglected
//! Viscosity correction; hysteresis and dead band; heat exchange with the surroundings.
//!
//! # Source
//! IEC 60534-2-1 (flow), 60534-2-4 (characteristics, rangeability), 60534-4 (leakage class IV,
//! 10⁻⁴ of the rated capacity).

use super::flow_law::{Characteristic, check_valve};
use super::{
    AT_MAXIMUM, AT_MINIMUM, At, Bound, CONTROLLED, Component, Control, Guess, Limit, Outdoor, Out,
    Quantity, Report, Severity, Spec, control_residual, pass_through, propose_control,
};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of a valve.
    pub struct Parameters {
        /// Type of valve.
        valve_type: choice("two_way", "pressure_independent", "balancing", "check") = 0.0,
        /// Flow coefficient wide open; needed by all but a pressure-independent valve.
        flow_coefficient: optional(FlowCoefficient, 1e-9, 100.0),
        /// How Kv follows the position.
        characteristic: choice("equal_percentage", "linear") = 0.0,
        /// Ratio of the greatest to the least controlled Kv, equal percentage.
        rangeability: number(Dimensionless, 5.0, 1000.0) = 50.0,
        /// Share of Kv that a shut valve leaks.
        leakage: number(Fraction, 1e-6, 0.1) = 1e-4,
        /// What the position holds, two-way.
        control: choice("fixed", "flow", "pressure_difference", "relief") = 0.0,
        /// Position, 0 shut to 1 open, where it is fixed.
        position: number(Fraction, 0.0, 1.0) = 1.0,
        /// Lowest position that the control may take.
        minimum_position: number(Fraction, 0.0, 1.0) = 0.0,
        /// Flow to hold.
        flow: optional(VolumeFlow, 1e-9, 1000.0),
        /// Pressure difference to hold.
        pressure_difference: optional(Pressure, 1.0, 1e8),
        /// Pressure difference that a pressure-independent valve needs.
        minimum_pressure_difference: number(Pressure, 100.0, 1e7) = 20e3,
    }
}

/// Pressure difference below which the law is linear, Pa.
const LINEAR_BELOW: f64 = 0.01;

/// Pressure drop of an opening of flow coefficient `kv` (m³/s/√Pa with 1000 kg/m³), Pa; linear below
/// the flow of 0.01 Pa.
pub fn valve_pressure_drop<S: Scalar>(mass_flow: S, density: S, kv: S) -> S {
    let scale = kv * kv * density * 1000.0;
    mass_flow * (mass_flow * mass_flow + scale * LINEAR_BELOW).sqrt() / scale
}

const PRESSURE_INDEPENDENT: usize = 1;
const CHECK: usize = 3;

/// What the position holds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Aim {
    Fixed(f64),
    Flow(f64),
    Difference(f64),
    Relief(f64),
}

fn aim(p: &Parameters<f64>) -> Aim {
    match (p.valve_type, p.control) {
        (PRESSURE_INDEPENDENT, _) | (0, 1) => p.flow.map_or(Aim::Fixed(p.position), Aim::Flow),
        (0, 2) => p.pressure_difference.map_or(Aim::Fixed(p.position), Aim::Difference),
        (0, 3) => p.pressure_difference.map_or(Aim::Fixed(p.position), Aim::Relief),
        (CHECK, _) => Aim::Fixed(1.0),
        _ => Aim::Fixed(p.position),
    }
}

fn full_opening(p: &Parameters<f64>, density: f64) -> f64 {
    p.flow_coefficient.unwrap_or_else(|| {
        // 1000 kg/m³ is the density that Kv is defined with.
        p.flow.unwrap_or(1e-3) * (density / (1000.0 * p.minimum_pressure_difference)).sqrt()
    })
}

/// Density that a pressure-independent valve's Kv is sized with, kg/m³.
const SIZING_DENSITY: f64 = 1000.0;

/// Error of the set-point, rising with the position, in shares of the set-point.
fn error<S: Scalar>(aim: Aim, at: &At<'_, S>) -> S {
    let side = &at.sides[0];
    match aim {
        Aim::Fixed(position) => at.internal[0] - position,
        Aim::Flow(flow) => {
            side.mass_flow / at.fluids[0].density(side.inlet_temperature()) / flow - 1.0
        }
        Aim::Difference(dp) => (at.sensor_pressure[0] - at.sensor_pressure[1]) / dp - 1.0,
        Aim::Relief(dp) => (side.pressure_b - side.pressure_a) / dp + 1.0,
    }
}

/// Valve; see the module.
pub struct Valve;

impl Component for Valve {
    const SPEC: Spec = Spec {
        kind: "valve",
        doc: "Control, pressure-independent, balancing or check valve.",
        sides: &["fluid"],
        source: &[false],
        air: &[],
        carries_bus: false,
        internal: &["valve position [-]"],
        internal_scale: &[1.0],
        status: 1,
        fields: Parameters::<f64>::FIELDS,
    };
    const STOPS: bool = true;

    fn check(theta: &[f64], _: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        let mut faults = Vec::new();
        if p.flow_coefficient.is_none() && p.valve_type != PRESSURE_INDEPENDENT {
            faults.push(("flow_coefficient", "this type of valve needs its flow coefficient".to_owned()));
        }
        let holds_flow = p.valve_type == PRESSURE_INDEPENDENT || (p.valve_type == 0 && p.control == 1);
        if holds_flow && p.flow.is_none() {
            faults.push(("flow", "a valve that holds the flow needs the flow".to_owned()));
        }
        if p.valve_type == 0 && p.control >= 2 && p.pressure_difference.is_none() {
            faults.push(("pressure_difference", "the control needs the pressure difference to hold".to_owned()));
        }
        if p.minimum_position >= 1.0 {
            faults.push(("minimum_position", "nothing is left to control".to_owned()));
        }
        faults
    }

    fn guess(theta: &[f64], _: &[Pchip], fluids: [&Fluid; 2], _: &Outdoor) -> Guess {
        let p = Parameters::<f64>::load(theta);
        let density = fluids[0].density(303.15);
        let kv = full_opening(&p, SIZING_DENSITY);
        let position = if let Aim::Fixed(position) = aim(&p) { position } else { 0.7 };
        let drop = p.pressure_difference.unwrap_or(30e3);
        let flow = p.flow.map_or(kv * (1000.0 * density * drop).sqrt(), |flow| flow * density);
        Guess {
            mass_flow: [flow, 0.0],
            pressure_rise: [-drop, 0.0],
            internal: [position, 0.0, 0.0, 0.0, 0.0, 0.0],
            ..Guess::default()
        }
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<f64>::load(at.theta);
        let (side, fluid) = (&at.sides[0], at.fluids[0]);
        let density = fluid.density(side.inlet_temperature());
        let kv = full_opening(&p, SIZING_DENSITY);
        let opening = Characteristic::from_index(p.characteristic).opening(
            at.internal[0],
            p.rangeability,
            p.leakage,
        );
        // Through an opening φ the flow ṁ costs what ṁ/φ costs through the open valve.
        let mut drop = valve_pressure_drop(side.mass_flow / opening, density, S::from(kv));
        if p.valve_type == CHECK {
            let reference = kv * (1000.0 * SIZING_DENSITY * 1e4).sqrt();
            drop += check_valve(side.mass_flow, S::from(1e6 * 1e4 / reference), S::from(1e-6 * reference));
        }
        let mut out = Out::zero();
        out.pressure[0] = side.pressure_a - side.pressure_b - drop;
        let aim = aim(&p);
        let status = if let Aim::Fixed(_) = aim { CONTROLLED } else { at.status[0] };
        out.internal[0] =
            control_residual(status, at.internal[0], p.minimum_position, 1.0, error(aim, at));
        pass_through(&mut out, 0, side, fluid, S::from(0.0));
        out
    }

    fn propose(at: &At<'_, f64>, next: &mut [u8]) {
        let p = Parameters::<f64>::load(at.theta);
        let aim = aim(&p);
        if let Aim::Fixed(_) = aim {
            return;
        }
        next[0] = propose_control(next[0], at.internal[0], p.minimum_position, 1.0, error(aim, at));
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let side = &at.sides[0];
        let drop = side.pressure_a - side.pressure_b;
        let flow = side.mass_flow / at.fluids[0].density(side.inlet_temperature());
        let aim = aim(&p);
        let saturated = !matches!(aim, Aim::Fixed(_)) && at.status[0] != CONTROLLED;
        let mode = match (p.valve_type, aim) {
            (CHECK, _) if side.mass_flow > 0.0 => "open",
            (CHECK, _) => "closed",
            (_, Aim::Fixed(_)) => "fixed",
            _ => match at.status[0] {
                AT_MINIMUM => "at lower stop",
                AT_MAXIMUM => "wide open",
                _ => "controlling",
            },
        };
        let mut report = Report { mode, on: 1.0, of: 1.0, ..Report::default() };
        let control = match aim {
            Aim::Fixed(_) => None,
            Aim::Flow(set) => Some(("flow", set, flow, Dimension::VolumeFlow, flow < set)),
            Aim::Difference(set) => {
                let actual = at.sensor_pressure[0] - at.sensor_pressure[1];
                Some(("pressure difference", set, actual, Dimension::Pressure, actual < set))
            }
            Aim::Relief(set) => Some(("relieved pressure difference", set, drop, Dimension::Pressure, drop > set)),
        };
        if let Some((what, setpoint, actual, dimension, required)) = control {
            report.controls.push(Control { what, setpoint, actual, dimension, saturated, required });
        }
        if p.valve_type == PRESSURE_INDEPENDENT {
            report.limits.push(Limit {
                what: "pressure difference across the valve",
                value: Some(drop),
                limit: p.minimum_pressure_difference,
                dimension: Dimension::Pressure,
                bound: Bound::AtLeast,
                severity: Severity::Advisory,
            });
        }
        report.quantities.extend([
            Quantity { name: "position", value: at.internal[0], dimension: Dimension::Fraction },
            Quantity { name: "pressure drop", value: drop, dimension: Dimension::Pressure },
            Quantity { name: "flow", value: flow, dimension: Dimension::VolumeFlow },
        ]);
        report
    }
}

#[cfg(test)]
mod tests {
    use super::{Parameters, full_opening, valve_pressure_drop};
    use crate::spec::DefaultValue;

    #[test]
    fn kv_is_the_flow_of_cold_water_at_one_bar() {
        // Kv 10 m³/h passes 10 m³/h of water at 1 bar.
        let kv = 10.0 / 3600.0 / 1e5f64.sqrt();
        let flow = 10.0 / 3600.0 * 1000.0;
        // The rounding at rest moves it by 5e-8 (half of 0.01 Pa over 1 bar).
        assert!((valve_pressure_drop(flow, 1000.0, kv) / 1e5 - 1.0).abs() < 1e-7);
        // The same volume of a fluid 3 % denser costs 3 % more; backward the same.
        assert!((valve_pressure_drop(1.03 * flow, 1030.0, kv) / 1.03e5 - 1.0).abs() < 1e-7);
        assert!((valve_pressure_drop(-flow, 1000.0, kv) / 1e5 + 1.0).abs() < 1e-7);
        // Doubled flow, four times the pressure; at rest none.
        let ratio = valve_pressure_drop(2.0 * flow, 1000.0, kv) / valve_pressure_drop(flow, 1000.0, kv);
        assert!((ratio - 4.0).abs() < 1e-6);
        assert!(valve_pressure_drop(0.0, 1000.0, kv).abs() < 1e-300);
    }

    #[test]
    fn pressure_independent_valve_is_sized_by_its_minimum() {
        let mut theta: Vec<f64> = Parameters::<f64>::FIELDS
            .iter()
            .map(|f| if let DefaultValue::Value(v) = f.default { v } else { f64::NAN })
            .collect();
        theta[0] = 1.0;
        theta[8] = 2e-3;
        let p = Parameters::<f64>::load(&theta);
        let kv = full_opening(&p, 1000.0);
        assert!((valve_pressure_drop(2.0, 1000.0, kv) / 20e3 - 1.0).abs() < 1e-6);
    }
}
