//! Computer-room air handlers: coils with fans that hold a room's temperature.
//!
//! # Equations
//! n units, dry air flow of each ṁ_a = s·V̇·ρ(T_in), taken from the return (the room itself where no
//! return is named) and given to the room:
//! - Q = n·ε·C_min·(T_in − T_w,in), crossflow with both streams unmixed (`coil`)
//! - out of the return: M·c_a·(T_in − T_room); into the room the same, less Q, plus fan power. M is the
//!   larger of n·ṁ_a and, where it is given, the servers' own flow V̇_s·ρ(T_room), rounded over 1 %:
//!   servers that move more air than the units draw their own exhaust back over the racks, units that
//!   move more draw room air past them. So the exhaust is never warmer than the servers' flow makes it
//! - fans P = n·P₀·s³·ρ(T_in)/ρ₀, all of it heat to the room; ρ₀ at the rating's air and sea level
//! - control, a proportional band b: the actuator's position r = (T_room − T_set)/b between its stops
//!   (`modulation`). `fan`: s = r from the least speed to 1. `valve`: s = 1, and the valve's opening y = r
//!   (1 % leakage). `fixed`: s = 1, valve open. `matched`: s such that the units move the servers' flow,
//!   as pressure control of a contained aisle has it, between the least speed and 1; the valve as above
//! - water side: Δp = Δp₀·(ṁ/ṁ₀)^x + Δp_v·(ṁ/ṁ₀)²/y²
//!
//! Units with a band share a room's load evenly; without one, two in a room would have no unique answer.
//!
//! # Symbols and units
//! T [K]; V̇ air flow of a unit at T_in, V̇_s of all servers at T_room [m³/s]; ρ density of dry air at
//! station pressure [kg/m³]; s fan speed, y valve opening [-]; b [K]; Q, P [W].
//!
//! # Range of validity
//! Dry coil: water above the room's dew point (a limit where the dew point is given).
//!
//! # Neglected
//! Condensation and humidification, leakage of the containment, fan static pressure set-points.
//!
//! # Source
//! ε-NTU as `coil`; proportional control as ASHRAE *Handbook - HVAC Applications*, fundamentals of control.

use super::coil::{AIR_SPECIFIC_HEAT, Coil, CoilRating, air_density};
use super::fan_stage::larger;
use super::modulation::Modulation;
use super::resistance::power_law;
use super::{
    At, Bound, Component, Control, EndUse, Guess, Limit, Out, Outdoor, Quantity, Report, Severity,
    Spec, pass_through,
};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of air handlers.
    pub struct Parameters {
        /// Units installed.
        count: number(Dimensionless, 1.0, 1e5) = 1.0,
        /// Units that run; all where it is left out.
        running: optional(Dimensionless, 1e-3, 1e5),
        /// Heat of one unit at the rating.
        nominal_heat: number(Power, 1.0, 1e8),
        /// Air temperature entering at the rating.
        nominal_air_temperature: number(Temperature, 280.0, 350.0) = 308.15,
        /// Water temperature entering at the rating.
        nominal_water_temperature: number(Temperature, 274.0, 340.0) = 291.15,
        /// Water flow of one unit at the rating.
        nominal_water_flow: number(MassFlow, 1e-4, 1e4),
        /// Air flow of one unit at full speed.
        air_flow: number(VolumeFlow, 1e-3, 1e4),
        /// Fan power of one unit at full speed.
        fan_power: number(Power, 0.0, 1e7),
        /// What holds the room's temperature.
        control: choice("fan", "valve", "fixed", "matched") = 0.0,
        /// Room temperature at which the control begins to act.
        room_temperature: number(Temperature, 280.0, 330.0) = 299.15,
        /// Rise of the room temperature over which it acts fully.
        proportional_band: number(TemperatureDifference, 0.01, 20.0) = 1.0,
        /// Least fan speed.
        minimum_speed: number(Fraction, 0.01, 1.0) = 0.3,
        /// Air film over water film at the rating.
        film_ratio: number(Dimensionless, 0.01, 100.0) = 0.5,
        /// Pressure drop of the coil at the rated water flow.
        nominal_pressure_drop: number(Pressure, 0.0, 1e7) = 3e4,
        /// Exponent of the coil's pressure drop.
        exponent: number(Dimensionless, 1.0, 2.0) = 1.85,
        /// Pressure drop of the open valve at the rated water flow.
        valve_pressure_drop: number(Pressure, 0.0, 1e7) = 2e4,
        /// Dew point of the room's air, below which the coil would be wet.
        dew_point: optional(Temperature, 250.0, 310.0),
        /// Air that all servers together blow from the room into the named return.
        server_air_flow: optional(VolumeFlow, 0.0, 1e6),
    }
}

/// Air handlers; see the module.
pub struct Crah;

/// Pressure at which units are rated, Pa.
const RATED_PRESSURE: f64 = 101_325.0;
/// Reactive over active power of fan drives at a power factor of 0.95.
const REACTIVE: f64 = 0.328_684_1;
/// Share of the servers' air below which much of their exhaust returns to them.
const RECIRCULATION: f64 = 0.9;

/// Control in which the fans follow the servers' air flow.
const MATCHED: usize = 3;

/// Opening of the valve when shut.
const LEAKAGE: f64 = 0.01;

fn coil(p: &Parameters<f64>, fluid: &Fluid) -> Option<Coil> {
    Coil::rated(&CoilRating {
        heat: p.nominal_heat,
        difference: p.nominal_air_temperature - p.nominal_water_temperature,
        water: p.nominal_water_flow,
        water_specific_heat: fluid.specific_heat(p.nominal_water_temperature),
        air: p.air_flow * air_density(p.nominal_air_temperature, RATED_PRESSURE),
        air_specific_heat: AIR_SPECIFIC_HEAT,
        film_ratio: p.film_ratio,
    })
}

/// Speed at which the units move the servers' air, between their least speed and 1. Volume flows are
/// compared as they stand: the air is warmer, and so lighter, where the units draw it in.
fn matched_speed(p: &Parameters<f64>, running: f64) -> f64 {
    let asked = p.server_air_flow.unwrap_or(0.0) / (p.air_flow * running);
    asked.clamp(p.minimum_speed, 1.0)
}

/// What all running units do.
struct Duty<S> {
    actuator: Modulation<S>,
    speed: S,
    opening: S,
    running: f64,
    entering: S,
    /// Whether a return of its own is named.
    separate: bool,
    /// Air of the units, W/K.
    capacity: S,
    /// Air that passes from the return into the room, W/K.
    exchanged: S,
    /// Air that servers blow into the return, W/K; zero where it is not given.
    servers: S,
    heat: S,
    fans: S,
}

fn duty<S: Scalar>(at: &At<'_, S>, p: &Parameters<f64>) -> Duty<S> {
    let (side, fluid) = (&at.sides[0], at.fluids[0]);
    let inlet = side.inlet_temperature();
    let running = p.running.unwrap_or(p.count).min(p.count);
    let least = if p.control == 0 { p.minimum_speed } else { LEAKAGE };
    let actuator = Modulation::new(at.internal[0], least, 1.0);
    let (speed, opening) = match p.control {
        0 => (actuator.position, S::from(1.0)),
        1 => (S::from(1.0), actuator.position),
        MATCHED => (S::from(matched_speed(p, running)), actuator.position),
        _ => (S::from(1.0), S::from(1.0)),
    };
    // A return that the file does not name has no temperature (0 K).
    let separate = at.air[1].re() > 1.0;
    let entering = if separate { at.air[1] } else { at.air[0] };
    let servers = air_density(at.air[0], at.outdoor.pressure)
        * (p.server_air_flow.unwrap_or(0.0) * AIR_SPECIFIC_HEAT);
    let density = air_density(entering, at.outdoor.pressure);
    let thinness = density / air_density(p.nominal_air_temperature, RATED_PRESSURE);
    let air = density * speed * p.air_flow;
    let heat = coil(p, fluid).map_or_else(
        || S::from(0.0),
        |coil| {
            let specific_heat = fluid.specific_heat(inlet);
            let flow = side.mass_flow / running;
            coil.heat_per_kelvin(flow, specific_heat, air, AIR_SPECIFIC_HEAT)
                * (entering - inlet)
                * running
        },
    );
    let capacity = air * (AIR_SPECIFIC_HEAT * running);
    let exchanged = if p.server_air_flow.is_some() {
        larger(capacity, servers, (capacity + servers) * 0.01)
    } else {
        capacity
    };
    Duty {
        actuator,
        speed,
        opening,
        running,
        entering,
        separate,
        capacity,
        exchanged,
        servers,
        heat,
        fans: speed.powi(3) * thinness * (p.fan_power * running),
    }
}

impl Component for Crah {
    const SPEC: Spec = Spec {
        kind: "crah",
        doc: "Computer-room air handlers: coils with fans that hold a room's temperature.",
        sides: &["water"],
        source: &[false],
        air: &["room", "return"],
        carries_bus: false,
        internal: &["control [-]"],
        internal_scale: &[1.0],
        status: 0,
        fields: Parameters::<f64>::FIELDS,
    };
    const END_USE: EndUse = EndUse::Cooling;

    fn check(theta: &[f64], _: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        let mut faults = Vec::new();
        if coil(&p, &Fluid::water()).is_none() {
            let text = "exceeds what these flows and temperatures can carry".to_owned();
            faults.push(("nominal_heat", text));
        }
        if p.running.is_some_and(|running| running > p.count) {
            faults.push(("running", format!("exceeds the {} units installed", p.count)));
        }
        if p.control == MATCHED && p.server_air_flow.is_none() {
            let text = "fans that match the servers' air flow need that flow".to_owned();
            faults.push(("server_air_flow", text));
        }
        faults
    }

    fn guess(theta: &[f64], _: &[Pchip], fluids: [&Fluid; 2], _: &Outdoor) -> Guess {
        let p = Parameters::<f64>::load(theta);
        let capacity = p.nominal_water_flow * fluids[0].specific_heat(p.nominal_water_temperature);
        let mut guess = Guess {
            mass_flow: [p.running.unwrap_or(p.count) * p.nominal_water_flow, 0.0],
            pressure_rise: [-(p.nominal_pressure_drop + p.valve_pressure_drop), 0.0],
            temperature_rise: [p.nominal_heat / capacity, 0.0],
            ..Guess::default()
        };
        guess.internal[0] = 0.7;
        guess
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<f64>::load(at.theta);
        let side = &at.sides[0];
        let duty = duty(at, &p);
        let mut out = Out::zero();
        let flow = side.mass_flow / duty.running;
        let nominal = S::from(p.nominal_water_flow);
        let drop = power_law(flow, S::from(p.nominal_pressure_drop), nominal, S::from(p.exponent))
            + power_law(flow, S::from(p.valve_pressure_drop), nominal, S::from(2.0))
                / (duty.opening * duty.opening);
        out.pressure[0] = side.pressure_a - side.pressure_b - drop;
        pass_through(&mut out, 0, side, at.fluids[0], duty.heat);
        let error = -(at.air[0] - p.room_temperature) / p.proportional_band;
        out.internal[0] = if p.control == 2 {
            at.internal[0] - 1.0
        } else {
            duty.actuator.residual(error + duty.actuator.position, S::from(1.0))
        };
        let net = duty.fans - duty.heat;
        out.air_heat = if duty.separate {
            let carried = duty.exchanged * (duty.entering - at.air[0]);
            [carried + net, -carried]
        } else {
            [net, S::from(0.0)]
        };
        out.power = [duty.fans, duty.fans * REACTIVE];
        out
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let duty = duty(at, &p);
        let flow = at.sides[0].mass_flow.abs() / duty.running;
        let mut limits = vec![Limit {
            what: "water flow of a unit",
            value: Some(flow),
            limit: 1.5 * p.nominal_water_flow,
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
        // Matched fans move warmer, lighter air: a few per cent less than they should.
        if duty.servers > 0.0 {
            limits.push(Limit {
                what: "air of the units over that of the servers",
                value: Some(duty.capacity / duty.servers),
                limit: RECIRCULATION,
                dimension: Dimension::Fraction,
                bound: Bound::AtLeast,
                severity: Severity::Advisory,
            });
        }
        let mut controls = Vec::new();
        if p.control != 2 {
            // Within its band the control does what it should.
            let top = p.room_temperature + p.proportional_band;
            controls.push(Control {
                what: "room temperature",
                setpoint: at.air[0].clamp(p.room_temperature.min(at.air[0]), top),
                actual: at.air[0],
                dimension: Dimension::Temperature,
                saturated: duty.actuator.saturated(),
                required: true,
            });
        }
        let quantity = |name, value, dimension| Quantity { name, value, dimension };
        Report {
            mode: match (p.control, duty.actuator.saturated()) {
                (2, _) => "fixed",
                (_, false) => "controlled",
                (_, true) if duty.actuator.beyond > 0.0 => "at full capacity",
                _ => "at minimum",
            },
            on: duty.running,
            of: p.count,
            load_fraction: Some(duty.heat / (p.nominal_heat * duty.running)),
            limits,
            controls,
            quantities: vec![
                quantity("heat", duty.heat, Dimension::Power),
                quantity("fan speed", duty.speed, Dimension::Fraction),
                quantity("valve opening", duty.opening, Dimension::Fraction),
                quantity(
                    "air temperature leaving the coil",
                    duty.entering - duty.heat / duty.capacity,
                    Dimension::Temperature,
                ),
                quantity(
                    "air rise from room to return",
                    duty.entering - at.air[0],
                    Dimension::TemperatureDifference,
                ),
            ],
            ..Report::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::Bench;
    use super::{Crah, Parameters};
    use crate::component::Component;

    /// Vertiv PW170: 233 kW, water 18 degC at 175 L/min, 29,081 cfm (13.72 m³/s), 13.5 kW; its air is
    /// taken as 38 degC at the inlet.
    fn bench() -> Bench {
        let mut bench = Bench::new(Parameters::<f64>::FIELDS);
        bench.set("nominal_heat", 233e3).set("nominal_water_flow", 2.912).set("air_flow", 13.72);
        bench.set("fan_power", 13.5e3).set("nominal_air_temperature", 311.15 + 1.0);
        bench.outdoor.pressure = 101_325.0;
        bench.air = [300.15, 312.15];
        bench.flow(0, 2.912, 291.15);
        bench
    }

    #[test]
    fn meets_its_rating() {
        let mut bench = bench();
        bench.solve::<Crah>();
        // The room is a band above the set-point: full speed.
        assert!((bench.internal[0] - 1.0).abs() < 1e-9);
        assert!((bench.heat::<Crah>(0) - 233e3).abs() < 1e-3);
        // Water leaves at 18 + 233 kW/(2.912·4.18 kW/K) = 37.1 degC (38 published, rounded).
        assert!((bench.leaving::<Crah>(0) - 310.3).abs() < 0.2);
        assert!(bench.imbalance::<Crah>() < 1e-14);
    }

    #[test]
    fn acts_within_its_band() {
        let mut bench = bench();
        for control in [0.0, 1.0] {
            bench.set("control", control);
            bench.air[0] = 299.65;
            bench.solve::<Crah>();
            assert!((bench.internal[0] - 0.5).abs() < 1e-9);
            bench.air[0] = 290.0;
            bench.solve::<Crah>();
            assert_eq!(bench.report::<Crah>().mode, "at minimum");
            bench.air[0] = 305.0;
            bench.solve::<Crah>();
            let report = bench.report::<Crah>();
            assert_eq!(report.mode, "at full capacity");
            assert!(report.controls[0].actual > report.controls[0].setpoint);
        }
    }

    /// What the return passes on, over its temperature difference, W/K.
    fn passed(bench: &Bench) -> f64 {
        -bench.out::<Crah>().air_heat[1] / (bench.air[1] - bench.air[0])
    }

    /// 20 m³/s of servers' air at 27 degC, 1.176 kg/m³: 23.7 kW/K. Units at full speed move 13.72 m³/s,
    /// so the exhaust rises by Q over the servers' flow, not over the units'.
    #[test]
    fn servers_that_outrun_the_units_recirculate() {
        let mut bench = bench();
        bench.set("server_air_flow", 20.0);
        bench.solve::<Crah>();
        assert!((passed(&bench) / (20.0 * 1.176 * 1006.0) - 1.0).abs() < 1e-3);
        assert!(bench.imbalance::<Crah>() < 1e-14);
        let report = bench.report::<Crah>();
        let limit = report.limits.iter().find(|l| l.what.starts_with("air of the units"));
        // 13.72 m³/s of air at 39 degC against 20 at 27 degC.
        assert!((limit.and_then(|l| l.value).unwrap_or(0.0) - 0.686 * 300.15 / 312.15).abs() < 1e-3);
        // Servers slower than the units: the units' flow decides, as without the key.
        bench.set("server_air_flow", 5.0).solve::<Crah>();
        let slow = passed(&bench);
        bench.set("server_air_flow", f64::NAN).solve::<Crah>();
        assert!((passed(&bench) / slow - 1.0).abs() < 1e-9);
    }

    #[test]
    fn matched_fans_follow_the_servers() {
        let mut bench = bench();
        bench.set("control", 3.0);
        assert_eq!(Crah::check(&bench.theta, &[])[0].0, "server_air_flow");
        bench.set("server_air_flow", 6.86);
        bench.air[0] = 299.65;
        bench.solve::<Crah>();
        let report = bench.report::<Crah>();
        let speed = report.quantities.iter().find(|q| q.name == "fan speed").map(|q| q.value);
        assert!((speed.unwrap_or(0.0) - 0.5).abs() < 1e-12);
        assert!((bench.out::<Crah>().power[0] - 13.5e3 / 8.0).abs() < 1e-9);
        // The valve stands in the middle of its band.
        assert!((bench.internal[0] - 0.5).abs() < 1e-9);
        assert!(bench.imbalance::<Crah>() < 1e-14);
    }

    /// At 83 kPa (1,600 m) air is 18 % thinner: so much less mass moves, and so much less power.
    #[test]
    fn thin_air_carries_less_and_costs_less() {
        let mut bench = bench();
        bench.solve::<Crah>();
        let (sea, heat) = (bench.out::<Crah>().power[0], bench.heat::<Crah>(0));
        bench.outdoor.pressure = 83_000.0;
        bench.solve::<Crah>();
        let ratio = 83_000.0 / 101_325.0;
        assert!((bench.out::<Crah>().power[0] / sea - ratio).abs() < 1e-9);
        let share = bench.heat::<Crah>(0) / heat;
        assert!(share > ratio && share < 1.0, "{share}");
    }

    #[test]
    fn mixed_room_without_return() {
        let mut bench = bench();
        bench.air = [300.15, 0.0];
        bench.solve::<Crah>();
        let out = bench.out::<Crah>();
        assert_eq!(out.air_heat[1], 0.0);
        assert!(bench.imbalance::<Crah>() < 1e-14);
        assert!(Crah::check(&bench.theta, &[]).is_empty());
    }
}
