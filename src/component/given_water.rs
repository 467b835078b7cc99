//! Facility water given from outside: a source of known temperature and pressure difference.
//!
//! # Equations
//! - leaving temperature T_b side = T_set whatever enters: heat added |ṁ|·(h(T_set) − h(T_in));
//! - p_b − p_a = Δp_set, or ṁ = ρ(T_set)·q_set;
//! - heat that leaves the site ṁ·(h(T_a) − h(T_set)), from the two streams.
//!
//! # Symbols and units
//! T temperature [K]; h specific enthalpy [J/kg]; p pressure [Pa]; ṁ mass flow [kg/s];
//! ρ density [kg/m³]; q volume flow [m³/s].
//!
//! # Range of validity
//! Any load: an ideal source. It stands for a plant that somebody else runs; its pumps and towers
//! draw no power here, so a PUE of the hall leaves them out.
//!
//! # Neglected
//! The plant's limits, except those given as limits.
//!
//! # Source
//! Energy balance.

use super::{
    At, Bound, Component, Guess, Ledger, Limit, Outdoor, Out, Quantity, Report, STAGNANT_FLOW,
    Severity, Sink, Spec, pass_through,
};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of given facility water.
    pub struct Parameters {
        /// Temperature of the water supplied.
        supply_temperature: number(Temperature, 200.0, 500.0),
        /// What the source holds.
        control: choice("pressure_difference", "flow") = 0.0,
        /// Pressure difference from return to supply.
        pressure_difference: number(Pressure, 0.0, 1e8) = 150e3,
        /// Volume flow, where that is held.
        flow: optional(VolumeFlow, 1e-9, 1000.0),
        /// Heat that the supplier takes at most.
        rated_heat: optional(Power, 0.0, 1e10),
        /// Flow that the supplier gives at most.
        rated_flow: optional(VolumeFlow, 0.0, 1000.0),
    }
}

/// |ṁ|, rounded at rest.
fn size<S: Scalar>(mass_flow: S) -> S {
    (mass_flow * mass_flow + STAGNANT_FLOW * STAGNANT_FLOW).sqrt()
}

/// Given facility water; see the module.
pub struct GivenWater;

impl Component for GivenWater {
    const SPEC: Spec = Spec {
        kind: "given_water",
        doc: "Facility water of given temperature and pressure difference or flow.",
        sides: &["water"],
        source: &[true],
        air: &[],
        carries_bus: false,
        internal: &[],
        internal_scale: &[],
        status: 0,
        fields: Parameters::<f64>::FIELDS,
    };

    fn check(theta: &[f64], _: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        if p.control == 1 && p.flow.is_none() {
            return vec![("flow", "a source that holds its flow needs the flow".to_owned())];
        }
        Vec::new()
    }

    fn guess(theta: &[f64], _: &[Pchip], fluids: [&Fluid; 2], _: &Outdoor) -> Guess {
        let p = Parameters::<f64>::load(theta);
        let density = fluids[0].density(p.supply_temperature);
        Guess {
            mass_flow: [p.flow.or(p.rated_flow).unwrap_or(0.01) * density, 0.0],
            pressure_rise: [p.pressure_difference, 0.0],
            temperature_rise: [-10.0, 0.0],
            temperature: [Some(p.supply_temperature), None],
            ..Guess::default()
        }
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<f64>::load(at.theta);
        let (side, fluid) = (&at.sides[0], at.fluids[0]);
        let mut out = Out::zero();
        out.pressure[0] = match (p.control, p.flow) {
            (1, Some(flow)) => {
                // In shares of the flow, brought to the size of a pressure.
                (side.mass_flow / (flow * fluid.density(p.supply_temperature)) - 1.0) * 1e5
            }
            _ => side.pressure_a - side.pressure_b + p.pressure_difference,
        };
        let rise = -fluid.enthalpy(side.inlet_temperature()) + fluid.enthalpy(p.supply_temperature);
        pass_through(&mut out, 0, side, fluid, size(side.mass_flow) * rise);
        out
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let (side, fluid) = (&at.sides[0], at.fluids[0]);
        let heat = Self::ledger(at).heat_out;
        let flow = side.mass_flow / fluid.density(p.supply_temperature);
        let mut report = Report {
            mode: "on",
            on: 1.0,
            of: 1.0,
            load_fraction: p.rated_heat.map(|rated| heat / rated),
            sink: Some(Sink { heat, water: 0.0 }),
            ..Report::default()
        };
        for (what, value, limit, dimension) in [
            ("heat to facility water", heat, p.rated_heat, Dimension::Power),
            ("flow of facility water", flow, p.rated_flow, Dimension::VolumeFlow),
        ] {
            if let Some(limit) = limit {
                report.limits.push(Limit {
                    what,
                    value: Some(value),
                    limit,
                    dimension,
                    bound: Bound::AtMost,
                    severity: Severity::Rating,
                });
            }
        }
        let quantity = |name, value, dimension| Quantity { name, value, dimension };
        report.quantities = vec![
            quantity("heat", heat, Dimension::Power),
            quantity("flow", flow, Dimension::VolumeFlow),
            quantity("supply temperature", p.supply_temperature, Dimension::Temperature),
            quantity("return temperature", side.temperature_a, Dimension::Temperature),
        ];
        report
    }

    fn ledger(at: &At<'_, f64>) -> Ledger {
        let p = Parameters::<f64>::load(at.theta);
        let (side, fluid) = (&at.sides[0], at.fluids[0]);
        // The stream in, at its node's temperature, less the stream out, at the supplier's.
        let heat = size(side.mass_flow)
            * (fluid.enthalpy(side.inlet_temperature()) - fluid.enthalpy(p.supply_temperature));
        Ledger { heat_out: heat, ..Ledger::default() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::GivenWater;
    use crate::component::{At, Component, MAX_INTERNAL, Outdoor, Side};
    use crate::fluid::Fluid;

    #[test]
    fn the_stream_leaves_at_the_given_temperature() {
        let fluid = Fluid::constant(1000.0, 4180.0, 1e-3, 0.6).unwrap();
        let outdoor = Outdoor { dry_bulb: 300.0, wet_bulb: 295.0, humidity_ratio: 0.01, pressure: 1e5 };
        let side = Side {
            pressure_a: 1e5,
            pressure_b: 2.5e5,
            temperature_a: 310.0,
            temperature_b: 300.0,
            mass_flow: 2.0,
        };
        let at = At {
            theta: &[300.0, 0.0, 150e3, f64::NAN, f64::NAN, f64::NAN],
            tables: &[],
            fluids: [&fluid; 2],
            sides: [side; 2],
            sensor_pressure: [0.0; 2],
            air: [300.0; 2],
            internal: [0.0; MAX_INTERNAL],
            bus: [0.0; 2],
            outdoor: &outdoor,
            status: &[],
        };
        let out = GivenWater::equations::<f64>(&at);
        assert!(out.pressure[0].abs() < 1e-9);
        // Enthalpy of the stream out is that of 300 K; 2 kg/s cooled by 10 K leave 83.6 kW.
        assert!((out.energy_out[0] - 2.0 * 4180.0 * (300.0 - 273.15)).abs() < 1e-3);
        assert!((GivenWater::ledger(&at).heat_out - 83_600.0).abs() < 1e-3);
    }
}
