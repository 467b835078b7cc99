//! A fixed heat load on a loop: equipment that is known by its heat alone.
//!
//! # Equations
//! - heat Q given, whatever the temperatures;
//! - Δp = a·ṁ + b·ṁ|ṁ| + Δp₀·(ṁ/ṁ₀)^n, regularised at rest as in [`resistance`](super::resistance);
//! - `metered`: the heat is electrical power drawn from the feeder, counted as other use; else it
//!   comes in from outside the meter and stands in the balance as an input.
//!
//! # Symbols and units
//! Q heat [W]; Δp pressure drop from a to b [Pa]; ṁ mass flow [kg/s]; a [Pa s/kg]; b [Pa s²/kg²];
//! n exponent [-].
//!
//! # Range of validity
//! A loop that flows: a fixed heat has no temperature to settle at without flow.
//!
//! # Neglected
//! How the load's temperature follows the coolant.
//!
//! # Source
//! Energy balance; lumped Darcy–Weisbach.

use super::resistance::power_law;
use super::{
    At, Component, EndUse, Guess, Ledger, Outdoor, Out, Quantity, Report, Spec, pass_through,
};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of a fixed heat load.
    pub struct Parameters {
        /// Heat put into the fluid.
        heat: number(Power, -1e10, 1e10),
        /// Whether the heat is electrical power from the feeder.
        metered: flag = 0.0,
        /// Coefficient a of the linear pressure drop.
        linear: number(LinearFlowResistance, 0.0, 1e12) = 0.0,
        /// Coefficient b of the quadratic pressure drop.
        quadratic: number(QuadraticFlowResistance, 0.0, 1e15) = 0.0,
        /// Pressure drop at nominal flow.
        nominal_pressure_drop: number(Pressure, 0.0, 1e8) = 0.0,
        /// Nominal flow.
        nominal_flow: number(MassFlow, 1e-9, 1e6) = 1.0,
        /// Exponent n of the nominal pressure drop.
        exponent: number(Dimensionless, 1.0, 2.0) = 2.0,
    }
}

/// Fixed heat load; see the module.
pub struct HeatLoad;

impl Component for HeatLoad {
    const SPEC: Spec = Spec {
        kind: "heat_load",
        doc: "Fixed heat load with a pressure-drop law.",
        sides: &["fluid"],
        source: &[false],
        air: &[],
        carries_bus: false,
        internal: &[],
        internal_scale: &[],
        status: 0,
        fields: Parameters::<f64>::FIELDS,
    };
    const END_USE: EndUse = EndUse::Other;

    fn check(theta: &[f64], _: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        if p.metered && p.heat < 0.0 {
            return vec![("heat", "a metered load cannot draw negative power".to_owned())];
        }
        Vec::new()
    }

    fn guess(theta: &[f64], _: &[Pchip], fluids: [&Fluid; 2], _: &Outdoor) -> Guess {
        let p = Parameters::<f64>::load(theta);
        let rise = p.heat / (p.nominal_flow * fluids[0].specific_heat(303.15));
        Guess {
            mass_flow: [p.nominal_flow, 0.0],
            pressure_rise: [-p.nominal_pressure_drop, 0.0],
            temperature_rise: [rise.clamp(-20.0, 20.0), 0.0],
            ..Guess::default()
        }
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<S>::load(at.theta);
        let side = &at.sides[0];
        let m = side.mass_flow;
        let drop = p.linear * m
            + p.quadratic * m * (m * m + 1e-12).sqrt()
            + power_law(m, p.nominal_pressure_drop, p.nominal_flow, p.exponent);
        let mut out = Out::zero();
        out.pressure[0] = side.pressure_a - side.pressure_b - drop;
        pass_through(&mut out, 0, side, at.fluids[0], p.heat);
        if p.metered {
            out.power[0] = p.heat;
        }
        out
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let quantities = vec![Quantity { name: "heat", value: p.heat, dimension: Dimension::Power }];
        Report { mode: "on", on: 1.0, of: 1.0, quantities, ..Report::default() }
    }

    fn ledger(at: &At<'_, f64>) -> Ledger {
        let p = Parameters::<f64>::load(at.theta);
        Ledger { energy_in: if p.metered { 0.0 } else { p.heat }, ..Ledger::default() }
    }
}
