//! A passive resistance: strainer, fitting, coil or any part whose pressure drop was measured.
//!
//! # Equations
//! - textbook law: Δp = a·ṁ + b·ṁ·|ṁ|
//! - measured law: Δp = Δp₀·(ṁ/ṁ₀)·(|ṁ|/ṁ₀)^(n−1), regularised to be smooth at zero flow:
//!   |ṁ| → √(ṁ² + (10⁻³ ṁ₀)²)
//!
//! The two add up, so either may be left out.
//!
//! # Symbols and units
//! Δp pressure drop from a to b [Pa]; ṁ mass flow [kg/s]; Δp₀ [Pa] at ṁ₀ [kg/s]; n exponent [-];
//! a [Pa s/kg]; b [Pa s²/kg²].
//!
//! # Range of validity
//! n from 1 (laminar) to 2 (turbulent, rough); the fluid's viscosity is taken as that of the
//! measurement. Flow either way.
//!
//! # Neglected
//! Heat exchange with the surroundings; the part's volume.
//!
//! # Source
//! Darcy–Weisbach in lumped form; power-law regularisation as customary in flow networks.

use super::{At, Branch, Component, Guess, Outdoor, Out, Report, Spec, pass_through};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;

crate::fields! {
    /// Parameters of a passive resistance.
    pub struct Parameters {
        /// Coefficient a of the linear term.
        linear: number(LinearFlowResistance, 0.0, 1e12) = 0.0,
        /// Coefficient b of the quadratic term.
        quadratic: number(QuadraticFlowResistance, 0.0, 1e15) = 0.0,
        /// Pressure drop at the nominal flow of the measured law.
        nominal_pressure_drop: number(Pressure, 0.0, 1e8) = 0.0,
        /// Mass flow at which the nominal pressure drop was measured.
        nominal_flow: number(MassFlow, 1e-9, 1e6) = 1.0,
        /// Exponent n of the measured law.
        exponent: number(Dimensionless, 1.0, 2.0) = 2.0,
    }
}

/// Passive resistance; see the module.
pub struct Resistance;

/// Pressure drop Δp₀·(ṁ/ṁ₀)·(|ṁ|/ṁ₀)^(n−1), smooth at zero flow, Pa.
pub fn power_law<S: Scalar>(mass_flow: S, nominal_pressure_drop: S, nominal_flow: S, exponent: S) -> S {
    let ratio = mass_flow / nominal_flow;
    let smooth = (ratio * ratio + 1e-6).sqrt();
    nominal_pressure_drop * ratio * ((exponent - 1.0) * smooth.ln()).exp()
}

impl Component for Resistance {
    const SPEC: Spec = Spec {
        kind: "resistance",
        doc: "Passive flow resistance with a textbook or a measured pressure-drop law.",
        sides: &["fluid"],
        source: &[false],
        air: &[],
        carries_bus: false,
        internal: &[],
        internal_scale: &[],
        status: 0,
        fields: Parameters::<f64>::FIELDS,
    };

    fn guess(theta: &[f64], _: &[Pchip], _: [&Fluid; 2], _: &Outdoor) -> Guess {
        let p = Parameters::<f64>::load(theta);
        Guess { mass_flow: [p.nominal_flow, 0.0], ..Guess::default() }
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
        pass_through(&mut out, 0, side, at.fluids[0], S::from(0.0));
        out
    }

    fn branch(theta: &[f64], _: &Fluid, flow: f64, _: f64, _: f64) -> Option<Branch> {
        let p = Parameters::<f64>::load(theta);
        let size = (flow * flow + 1e-12).sqrt();
        let mut branch = Branch {
            drop: p.linear * flow + p.quadratic * flow * size,
            drop_by_flow: p.linear + p.quadratic * (size + flow * flow / size),
            ..Branch::default()
        };
        let ratio = flow / p.nominal_flow;
        let square = ratio * ratio + 1e-6;
        let factor =
            p.nominal_pressure_drop * (0.5 * (p.exponent - 1.0) * square.ln()).exp();
        branch.drop += factor * ratio;
        branch.drop_by_flow +=
            factor / p.nominal_flow * (1.0 + (p.exponent - 1.0) * ratio * ratio / square);
        Some(branch)
    }

    fn report(_: &At<'_, f64>) -> Report {
        Report { mode: "on", on: 1.0, of: 1.0, ..Report::default() }
    }
}
