//! The room as the end of an air loop: fans inside servers draw its air through heat sinks.
//!
//! A rack whose plates are heat sinks stands on a loop of air (a fluid with constant properties); this
//! component supplies that loop with the room's air and lets what comes back out into the hot aisle.
//!
//! # Equations
//! - the loop is supplied with air at the room's temperature, whatever comes back:
//!   heat added −|ṁ|·(h(T_back) − h(T_room)), all of it given to the exhaust (the room itself where no
//!   exhaust is named);
//! - flow: ṁ = n·ρ(T_room)·q, held by the servers' own fans.
//!
//! # Symbols and units
//! T temperature [K]; h specific enthalpy [J/kg]; ṁ mass flow [kg/s]; n servers; q volume flow of one
//! [m³/s]; ρ density of the loop's air [kg/m³].
//!
//! # Range of validity
//! Fans that hold their flow. Their power is not here: it is a part of the server (`fan_power`), counts as
//! IT and heats the air there.
//!
//! # Neglected
//! Fan speed that follows temperature; hot air that finds its way back to the inlets; humidity.
//!
//! # Source
//! Energy balance of the room's air.

use super::heat_exchange::flow_size;
use super::{At, Component, EndUse, Guess, Outdoor, Out, Quantity, Report, Spec, pass_through};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of a room's air for servers.
    pub struct Parameters {
        /// Servers that draw air.
        count: number(Dimensionless, 1.0, 1e7) = 1.0,
        /// Volume flow of one server, at the room's temperature.
        flow: number(VolumeFlow, 1e-6, 1000.0),
        /// Pressure difference that the fans overcome at that flow, a first guess alone.
        pressure_difference: number(Pressure, 0.0, 1e5) = 200.0,
    }
}

/// The room as the end of an air loop; see the module.
pub struct RoomAir;

const ROOM: usize = 0;
const EXHAUST: usize = 1;

/// Heat that the loop's air brings to the exhaust, W.
fn brought<S: Scalar>(at: &At<'_, S>) -> S {
    let p = Parameters::<f64>::load(at.theta);
    let (side, fluid) = (&at.sides[0], at.fluids[0]);
    let size = flow_size(side.mass_flow, p.count * p.flow);
    size * (fluid.enthalpy(side.inlet_temperature()) - fluid.enthalpy(at.air[ROOM]))
}

impl Component for RoomAir {
    const SPEC: Spec = Spec {
        kind: "room_air",
        doc: "Room as the end of an air loop: air drawn through heat sinks by the servers' own fans.",
        sides: &["air"],
        source: &[true],
        air: &["room", "exhaust"],
        carries_bus: false,
        internal: &[],
        internal_scale: &[],
        status: 0,
        fields: Parameters::<f64>::FIELDS,
    };
    const END_USE: EndUse = EndUse::Other;

    fn guess(theta: &[f64], _: &[Pchip], fluids: [&Fluid; 2], _: &Outdoor) -> Guess {
        let p = Parameters::<f64>::load(theta);
        Guess {
            mass_flow: [p.count * p.flow * fluids[0].density(298.15), 0.0],
            pressure_rise: [p.pressure_difference, 0.0],
            temperature_rise: [-10.0, 0.0],
            temperature: [Some(298.15), None],
            ..Guess::default()
        }
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<f64>::load(at.theta);
        let (side, fluid) = (&at.sides[0], at.fluids[0]);
        let mut out = Out::zero();
        // In shares of the flow, brought to the size of a pressure.
        let asked = fluid.density(at.air[ROOM]) * (p.count * p.flow);
        out.pressure[0] = (side.mass_flow / asked - 1.0) * p.pressure_difference.max(1.0);
        let heat = brought(at);
        pass_through(&mut out, 0, side, fluid, -heat);
        out.air_heat[EXHAUST] = heat;
        out
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let (side, fluid) = (&at.sides[0], at.fluids[0]);
        let quantity = |name, value, dimension| Quantity { name, value, dimension };
        Report {
            mode: "on",
            on: p.count,
            of: p.count,
            quantities: vec![
                quantity("heat to the exhaust", brought(at), Dimension::Power),
                quantity(
                    "air flow",
                    side.mass_flow / fluid.density(at.air[ROOM]),
                    Dimension::VolumeFlow,
                ),
                quantity(
                    "air temperature out of the heat sinks",
                    side.inlet_temperature(),
                    Dimension::Temperature,
                ),
                quantity(
                    "pressure that the fans overcome",
                    side.pressure_b - side.pressure_a,
                    Dimension::Pressure,
                ),
            ],
            ..Report::default()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::bench::Bench;
    use super::{Parameters, RoomAir};
    use crate::fluid::Fluid;

    #[test]
    fn supplies_room_air_and_heats_the_exhaust() {
        let mut bench = Bench::new(Parameters::<f64>::FIELDS);
        bench.fluids[0] = Fluid::constant(1.15, 1006.0, 1.85e-5, 0.026).unwrap();
        bench.set("count", 10.0).set("flow", 0.3).flow(0, 3.45, 313.15);
        bench.air = [297.15, 310.15];
        let out = bench.out::<RoomAir>();
        assert!(out.pressure[0].abs() < 1e-9);
        assert!((bench.leaving::<RoomAir>(0) - 297.15).abs() < 1e-9);
        assert!((out.air_heat[1] - 3.45 * 1006.0 * 16.0).abs() < 1e-3);
        assert!(out.air_heat[0].abs() < 1e-12 && bench.imbalance::<RoomAir>() < 1e-12);
        // No flow carries no heat.
        bench.flow(0, 0.0, 313.15);
        assert!(bench.out::<RoomAir>().air_heat[1].abs() < 1.0);
    }
}
