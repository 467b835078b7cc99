//! Walls, roof and leaks: heat between a room and the air outside.
//!
//! # Equations
//! Q = UA·(T_out − T_room) + G into the room; G is a constant gain (sun, people).
//!
//! # Symbols and units
//! UA conductance of the shell and of the air that leaks through it [W/K]; T [K]; G [W].
//!
//! # Range of validity
//! Steady weather.
//!
//! # Neglected
//! Heat stored in walls, sky radiation apart from what G holds, moisture.
//!
//! # Source
//! Steady transmission and ventilation losses as EN 12831-1.

use super::{At, Component, EndUse, Guess, Ledger, Out, Outdoor, Quantity, Report, Spec};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of a room's shell.
    pub struct Parameters {
        /// Conductance from the room to the air outside.
        conductance: number(ThermalConductance, 0.0, 1e9),
        /// Constant gain of the room (sun, people).
        gain: number(Power, -1e9, 1e9) = 0.0,
    }
}

/// A room's shell; see the module.
pub struct Envelope;

impl Component for Envelope {
    const SPEC: Spec = Spec {
        kind: "envelope",
        doc: "Heat between a room and the air outside through walls, roof and leaks.",
        sides: &[],
        source: &[],
        air: &["room"],
        carries_bus: false,
        internal: &[],
        internal_scale: &[],
        status: 0,
        fields: Parameters::<f64>::FIELDS,
    };
    const END_USE: EndUse = EndUse::Other;

    fn guess(_: &[f64], _: &[Pchip], _: [&Fluid; 2], _: &Outdoor) -> Guess {
        Guess::default()
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<S>::load(at.theta);
        let mut out = Out::zero();
        out.air_heat[0] = p.gain - p.conductance * (at.air[0] - at.outdoor.dry_bulb);
        out
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let heat = p.conductance * (at.air[0] - at.outdoor.dry_bulb);
        Report {
            mode: "on",
            on: 1.0,
            of: 1.0,
            quantities: vec![Quantity {
                name: "heat to the air outside",
                value: heat,
                dimension: Dimension::Power,
            }],
            ..Report::default()
        }
    }

    fn ledger(at: &At<'_, f64>) -> Ledger {
        let p = Parameters::<f64>::load(at.theta);
        let heat = p.conductance * (at.air[0] - at.outdoor.dry_bulb);
        Ledger {
            heat_out: heat.max(0.0) + (-p.gain).max(0.0),
            energy_in: (-heat).max(0.0) + p.gain.max(0.0),
            ..Ledger::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::{Bench, weather};
    use super::{Envelope, Parameters};

    #[test]
    fn heat_follows_the_difference() {
        let mut bench = Bench::new(Parameters::<f64>::FIELDS);
        bench.set("conductance", 1e3).set("gain", 500.0);
        bench.outdoor = weather(288.15, 283.15);
        bench.air[0] = 298.15;
        assert!((bench.out::<Envelope>().air_heat[0] + 9500.0).abs() < 1e-9);
        assert!(bench.imbalance::<Envelope>() < 1e-14);
        bench.air[0] = 288.15;
        assert_eq!(bench.out::<Envelope>().air_heat[0], 500.0);
        bench.air[0] = 278.15;
        assert!(bench.imbalance::<Envelope>() < 1e-14);
    }
}
