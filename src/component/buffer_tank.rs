//! A buffer tank: volume that carries a loop over a stop of its cooling.
//!
//! # Equations
//! - Δp = Δp₀·(ṁ/ṁ₀)², small, so that the tank's flow is determined; regularised at rest;
//! - heat to the air: Q = C·(1 − exp(−UA/C))·(T_in − T_air), C = |ṁ|·cp;
//! - fully mixed, the outlet follows the inlet with the time constant ρ·V/ṁ; at a steady state the
//!   volume has no effect.
//!
//! # Symbols and units
//! Δp pressure drop [Pa]; ṁ mass flow [kg/s]; V volume [m³]; ρ density [kg/m³]; UA conductance to
//! the air [W/K]; C capacity flow [W/K]; T temperature [K].
//!
//! # Range of validity
//! Flow either way.
//!
//! # Neglected
//! Stratification.
//!
//! # Source
//! Energy balance of a stirred vessel.

use super::pipe::loss_to_air;
use super::resistance::power_law;
use super::{At, Component, Guess, Outdoor, Out, Quantity, Report, Spec, pass_through};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of a buffer tank.
    pub struct Parameters {
        /// Water content.
        volume: number(Volume, 0.0, 1e6),
        /// Pressure drop at nominal flow.
        nominal_pressure_drop: number(Pressure, 0.01, 1e7) = 1000.0,
        /// Nominal flow.
        nominal_flow: number(MassFlow, 1e-9, 1e6) = 1.0,
        /// Conductance to the surrounding air.
        air_conductance: number(ThermalConductance, 0.0, 1e7) = 0.0,
    }
}

/// Buffer tank; see the module.
pub struct BufferTank;

impl Component for BufferTank {
    const SPEC: Spec = Spec {
        kind: "buffer_tank",
        doc: "Buffer tank with hardly any pressure drop.",
        sides: &["fluid"],
        source: &[false],
        air: &["room"],
        carries_bus: false,
        internal: &[],
        internal_scale: &[],
        status: 0,
        fields: Parameters::<f64>::FIELDS,
    };

    fn guess(theta: &[f64], _: &[Pchip], _: [&Fluid; 2], _: &Outdoor) -> Guess {
        let p = Parameters::<f64>::load(theta);
        Guess {
            mass_flow: [p.nominal_flow, 0.0],
            pressure_rise: [-p.nominal_pressure_drop, 0.0],
            ..Guess::default()
        }
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<S>::load(at.theta);
        let (side, fluid) = (&at.sides[0], at.fluids[0]);
        let drop = power_law(side.mass_flow, p.nominal_pressure_drop, p.nominal_flow, S::from(2.0));
        let mut out = Out::zero();
        out.pressure[0] = side.pressure_a - side.pressure_b - drop;
        let inlet = side.inlet_temperature();
        let loss = loss_to_air(side.mass_flow, fluid.specific_heat(inlet), p.air_conductance, inlet, at.air[0]);
        pass_through(&mut out, 0, side, fluid, -loss);
        out.air_heat[0] = loss;
        out
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let side = &at.sides[0];
        let density = at.fluids[0].density(side.inlet_temperature());
        let mut report = Report { mode: "on", on: 1.0, of: 1.0, ..Report::default() };
        report.quantities.push(Quantity {
            name: "water content",
            value: p.volume,
            dimension: Dimension::Volume,
        });
        if side.mass_flow.abs() > 1e-6 {
            report.quantities.push(Quantity {
                name: "time constant",
                value: density * p.volume / side.mass_flow.abs(),
                dimension: Dimension::Time,
            });
        }
        report
    }
}
