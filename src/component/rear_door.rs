//! Rear-door heat exchangers: coils in the exhaust air of racks, with or without fans.
//!
//! # Equations
//! n doors, each with dry air flow ṁ_a = s·V̇·ρ(T_room):
//! - out of the exhaust: n·ṁ_a·c_a·(T_exhaust − T_room)
//! - Q = n·ε·C_min·(T_exhaust − T_w,in), crossflow with both streams unmixed (`coil`)
//! - into the room: n·ṁ_a·c_a·(T_exhaust − T_room) − Q + P; fans P = n·P₀·s³·ρ(T_room)/ρ₀, ρ₀ at
//!   25 degC and sea level
//! - water side: Δp = Δp₀·(ṁ/ṁ₀)^x
//!
//! # Symbols and units
//! T [K]; V̇ air flow of a door at room temperature [m³/s]; s fan speed [-]; ρ density of dry air at
//! station pressure [kg/m³]; c_a = 1006 J/(kg K); Q, P [W].
//!
//! # Range of validity
//! Dry coil: water above the room's dew point (a limit where the dew point is given).
//!
//! # Neglected
//! Condensation, leakage past the coil, air pressure drop on the servers' fans of a passive door.
//!
//! # Source
//! ε-NTU as `coil`. Active doors use about 4 % of their heat for fans at an air rise of 10 K: LBNL
//! Modelica Buildings, rear-door data.

use super::coil::{AIR_SPECIFIC_HEAT, Coil, CoilRating, air_density};
use super::resistance::power_law;
use super::{
    At, Bound, Component, EndUse, Guess, Limit, Out, Outdoor, Quantity, Report, Severity, Spec,
    pass_through,
};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of rear doors.
    pub struct Parameters {
        /// Doors.
        count: number(Dimensionless, 1.0, 1e6) = 1.0,
        /// Heat of one door at the rating.
        nominal_heat: number(Power, 1.0, 1e7),
        /// Air temperature entering at the rating.
        nominal_air_temperature: number(Temperature, 280.0, 350.0) = 313.15,
        /// Water temperature entering at the rating.
        nominal_water_temperature: number(Temperature, 274.0, 340.0) = 291.15,
        /// Water flow of one door at the rating.
        nominal_water_flow: number(MassFlow, 1e-4, 1e3),
        /// Air flow of one door at full speed, at room temperature: that of its rack.
        air_flow: number(VolumeFlow, 1e-4, 1e3),
        /// Fan speed over full speed.
        speed: number(Fraction, 0.01, 1.0) = 1.0,
        /// Fan power of one door at full speed; 0 for a passive door.
        fan_power: number(Power, 0.0, 1e6) = 0.0,
        /// Air film over water film at the rating.
        film_ratio: number(Dimensionless, 0.01, 100.0) = 0.5,
        /// Pressure drop at the rated water flow.
        nominal_pressure_drop: number(Pressure, 0.0, 1e7) = 1e4,
        /// Exponent of the pressure drop.
        exponent: number(Dimensionless, 1.0, 2.0) = 1.85,
        /// Dew point of the room's air, below which the coil would be wet.
        dew_point: optional(Temperature, 250.0, 310.0),
    }
}

/// Rear doors; see the module.
pub struct RearDoor;

/// Pressure at which doors are rated, Pa.
const RATED_PRESSURE: f64 = 101_325.0;
/// Reactive over active power of fan drives at a power factor of 0.95.
const REACTIVE: f64 = 0.328_684_1;

/// Doors are rated with the room at 25 degC.
fn rated_density() -> f64 {
    air_density(298.15, RATED_PRESSURE)
}

fn coil(p: &Parameters<f64>, fluid: &Fluid) -> Option<Coil> {
    let air = p.air_flow * rated_density();
    Coil::rated(&CoilRating {
        heat: p.nominal_heat,
        difference: p.nominal_air_temperature - p.nominal_water_temperature,
        water: p.nominal_water_flow,
        water_specific_heat: fluid.specific_heat(p.nominal_water_temperature),
        air,
        air_specific_heat: AIR_SPECIFIC_HEAT,
        film_ratio: p.film_ratio,
    })
}

/// Capacity flow of a door's air, W/K, and heat of its coil, W.
fn duty<S: Scalar>(at: &At<'_, S>, p: &Parameters<f64>) -> (S, S) {
    let [exhaust, room] = at.air;
    let (side, fluid) = (&at.sides[0], at.fluids[0]);
    let inlet = side.inlet_temperature();
    let air = air_density(room, at.outdoor.pressure) * (p.air_flow * p.speed);
    let heat = coil(p, fluid).map_or_else(
        || S::from(0.0),
        |coil| {
            coil.heat_per_kelvin(
                side.mass_flow / p.count,
                fluid.specific_heat(inlet),
                air,
                AIR_SPECIFIC_HEAT,
            ) * (exhaust - inlet)
        },
    );
    (air * AIR_SPECIFIC_HEAT, heat)
}

impl Component for RearDoor {
    const SPEC: Spec = Spec {
        kind: "rear_door",
        doc: "Rear-door heat exchangers: coils in the exhaust air of racks, with or without fans.",
        sides: &["water"],
        source: &[false],
        air: &["exhaust", "room"],
        carries_bus: false,
        internal: &[],
        internal_scale: &[],
        status: 0,
        fields: Parameters::<f64>::FIELDS,
    };
    const END_USE: EndUse = EndUse::Cooling;

    fn check(theta: &[f64], _: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        if coil(&p, &Fluid::water()).is_some() {
            return Vec::new();
        }
        let text = "exceeds what these flows and temperatures can carry".to_owned();
        vec![("nominal_heat", text)]
    }

    fn guess(theta: &[f64], _: &[Pchip], fluids: [&Fluid; 2], _: &Outdoor) -> Guess {
        let p = Parameters::<f64>::load(theta);
        let capacity = p.nominal_water_flow * fluids[0].specific_heat(p.nominal_water_temperature);
        Guess {
            mass_flow: [p.count * p.nominal_water_flow, 0.0],
            pressure_rise: [-p.nominal_pressure_drop, 0.0],
            temperature_rise: [p.nominal_heat / capacity, 0.0],
            ..Guess::default()
        }
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<f64>::load(at.theta);
        let side = &at.sides[0];
        let (capacity, heat) = duty(at, &p);
        let heat = heat * p.count;
        let mut out = Out::zero();
        let drop = power_law(
            side.mass_flow / p.count,
            S::from(p.nominal_pressure_drop),
            S::from(p.nominal_water_flow),
            S::from(p.exponent),
        );
        out.pressure[0] = side.pressure_a - side.pressure_b - drop;
        pass_through(&mut out, 0, side, at.fluids[0], heat);
        let carried = capacity * (at.air[0] - at.air[1]) * p.count;
        let thinness = air_density(at.air[1], at.outdoor.pressure) / rated_density();
        let fans = thinness * (p.count * p.fan_power * p.speed.powi(3));
        out.air_heat = [-carried, carried - heat + fans];
        out.power = [fans, fans * REACTIVE];
        out
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let (capacity, heat) = duty(at, &p);
        let mut limits = vec![Limit {
            what: "water flow of a door",
            value: Some(at.sides[0].mass_flow.abs() / p.count),
            limit: 2.0 * p.nominal_water_flow,
            dimension: Dimension::MassFlow,
            bound: Bound::AtMost,
            severity: Severity::Advisory,
        }];
        if let Some(dew_point) = p.dew_point {
            limits.push(Limit {
                what: "water temperature above the dew point",
                value: Some(at.sides[0].inlet_temperature()),
                limit: dew_point,
                dimension: Dimension::Temperature,
                bound: Bound::AtLeast,
                severity: Severity::Rating,
            });
        }
        let quantity = |name, value, dimension| Quantity { name, value, dimension };
        Report {
            mode: if p.fan_power > 0.0 { "active" } else { "passive" },
            on: p.count,
            of: p.count,
            load_fraction: Some(heat / p.nominal_heat),
            limits,
            quantities: vec![
                quantity("heat", heat * p.count, Dimension::Power),
                quantity(
                    "air temperature leaving the door",
                    at.air[0] - heat / capacity,
                    Dimension::Temperature,
                ),
            ],
            ..Report::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::Bench;
    use super::{Parameters, RearDoor};
    use crate::component::Component;

    /// 30 kW from air at 40 degC with water at 18 degC, the racks' air flow 2 m³/s.
    fn bench() -> Bench {
        let mut bench = Bench::new(Parameters::<f64>::FIELDS);
        bench.set("nominal_heat", 30e3).set("nominal_water_flow", 0.8).set("air_flow", 2.0);
        bench.set("fan_power", 1200.0);
        bench.air = [313.15, 298.15];
        bench.outdoor.pressure = 101_325.0;
        bench.flow(0, 0.8, 291.15);
        bench
    }

    #[test]
    fn meets_its_rating_and_balances() {
        let mut bench = bench();
        assert!((bench.heat::<RearDoor>(0) - 30e3).abs() < 1e-6);
        assert!(bench.imbalance::<RearDoor>() < 1e-14);
        let out = bench.out::<RearDoor>();
        // 2 m³/s of air at 1.184 kg/m³ and 15 K carry 35.7 kW; fans 1.2 kW to the room.
        assert!((out.air_heat[0] + 35_740.0).abs() < 50.0, "{:?}", out.air_heat);
        assert!((out.air_heat[1] - (-out.air_heat[0] - 30e3 + 1200.0)).abs() < 1e-6);
        bench.set("count", 8.0).flow(0, 6.4, 291.15);
        assert!((bench.heat::<RearDoor>(0) - 240e3).abs() < 1e-5);
        assert!(bench.imbalance::<RearDoor>() < 1e-14);
    }

    #[test]
    fn limits() {
        let mut bench = bench();
        // No water: the exhaust passes into the room uncooled.
        bench.flow(0, 0.0, 291.15);
        let out = bench.out::<RearDoor>();
        assert!((out.air_heat[0] + out.air_heat[1] - 1200.0).abs() < 1e-9);
        // Slower fans: cube of the power.
        bench.set("speed", 0.5);
        assert!((bench.out::<RearDoor>().power[0] - 150.0).abs() < 1e-9);
        assert!(RearDoor::check(&bench.theta, &[]).is_empty());
        bench.set("nominal_heat", 60e3);
        assert_eq!(RearDoor::check(&bench.theta, &[])[0].0, "nominal_heat");
    }
}
