//! A coolant distribution unit: control valve, heat exchanger, pumps and filter in one case.
//!
//! # Equations
//! All of one unit, N units running in parallel on both sides, flows ṁ_p, ṁ_s:
//! - exchanger: counterflow ε-NTU between the streams' inlets; UA = UA₀/[f·(ṁ_s/ṁ_s0)^(−n) +
//!   (1 − f)·(ṁ_p/ṁ_p0)^(−n) + UA₀·R_f], see [`exchanger`](super::exchanger). UA₀ is given, or found
//!   from the rating: duty Q₀ at approach ΔT_a = T_s,out − T_p,in with rated flows and T_p,in, fluids
//!   as in the loops: ε = Q₀/[C_min·(ΔT_a + Q₀/C_s)], UA₀ = C_min·ln[(1 − ε·C_r)/(1 − ε)]/(1 − C_r);
//! - primary: p_a − p_b = Δp_x·(ṁ_p/ṁ_p0)² + Δp_v·(ṁ_p/(φ·ṁ_p0))², φ(x) equal percentage or linear
//!   ([`flow_law`](super::flow_law));
//! - secondary: p_b − p_a = Δp(ṁ_s/N_p, s) − Δp_x·(ṁ_s/ṁ_s0)² − Δp_f·(ṁ_s/ṁ_s0)^n_f, N_p pumps in a
//!   unit ([`pump_law`](super::pump_law));
//! - valve position x: holds the temperature of the coolant that leaves, T_a,s + heat/(ṁ_s·cp), or
//!   that of the secondary side's node b, at a set-point that the weather may reset (`reset`); or is fixed;
//! - pump speed s: holds the flow of all units, the pressure difference at the sensors (across the
//!   unit where none is named), or is fixed;
//! - the shaft power heats the coolant, motor, drive and the unit's electronics heat the room; where the
//!   unit's power is measured, it stands in place of shaft power over efficiencies plus electronics.
//!
//! At a stop a set-point floats, and the control is reported as saturated. Units that do not run
//! are shut off on both sides and draw nothing.
//!
//! # Symbols and units
//! ṁ mass flow [kg/s], index 0 rated; T temperature [K]; C capacity flow [W/K]; UA conductance
//! [W/K]; f share of the secondary film in the clean resistance [-]; R_f fouling resistance [K/W];
//! p pressure [Pa]; Δp_x, Δp_v, Δp_f rated drop of exchanger, open valve and filter [Pa]; x valve
//! position [-]; φ its opening [-]; s relative pump speed [-].
//!
//! # Range of validity
//! Between about a fifth of the rated flows and 1.3 of them. Rated pump head that a data sheet calls
//! *external* contains exchanger and filter already: set their secondary drops to zero then.
//!
//! # Neglected
//! Heat lost by the case; part-load efficiency of motor and drive; time of valve and pump to act.
//!
//! # Source
//! Exchanger: Kays and London, Compact Heat Exchangers, ch. 2. Defaults: film and filter exponents
//! 0.8 and 1.76, clean filter 65 kPa, from LBNL's Modelica Buildings library (generic CDU).

use super::exchanger::{Arrangement, capacity, heat_per_difference, two_films};
use super::flow_law::{Characteristic, closed};
use super::pump_law::{Efficiency, Head, PumpLaw, PumpPoint, curve_faults};
use super::reset::Reset;
use super::resistance::power_law;
use super::{
    AT_MAXIMUM, At, CONTROLLED, Component, Guess, Outdoor, Out, Report, Spec, control_residual,
    pass_through, propose_control,
};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;

mod account;

crate::fields! {
    /// Parameters of a coolant distribution unit.
    pub struct Parameters {
        /// Units installed in parallel.
        count: number(Dimensionless, 1.0, 1000.0) = 1.0,
        /// Units running; all if left out.
        running: optional(Dimensionless, 0.0, 1000.0),
        /// Rated duty Q₀ of one unit.
        rated_heat: number(Power, 1.0, 1e9),
        /// Approach at the rating: coolant out less facility water in.
        approach: number(TemperatureDifference, 0.1, 50.0) = 4.0,
        /// Rated volume flow of the primary side.
        primary_flow: number(VolumeFlow, 1e-7, 100.0),
        /// Rated volume flow of the secondary side.
        secondary_flow: number(VolumeFlow, 1e-7, 100.0),
        /// Facility water entering at the rating.
        rated_primary_temperature: number(Temperature, 250.0, 400.0) = 303.15,
        /// Conductance UA₀ of one clean unit at rated flows; from duty and approach if left out.
        conductance: optional(ThermalConductance, 1e-3, 1e9),
        /// Share f of the secondary film in the clean resistance.
        secondary_share: number(Fraction, 0.0, 1.0) = 0.5,
        /// Exponent n of the films against flow.
        film_exponent: number(Dimensionless, 0.0, 1.0) = 0.8,
        /// Fouling resistance R_f.
        fouling: number(ThermalResistance, 0.0, 10.0) = 0.0,
        /// Pressure drop of the exchanger's primary side at rated flow.
        primary_pressure_drop: number(Pressure, 0.0, 1e7) = 50e3,
        /// Pressure drop of the open control valve at rated primary flow.
        valve_pressure_drop: number(Pressure, 1.0, 1e7) = 30e3,
        /// How the valve's opening follows its position.
        characteristic: choice("equal_percentage", "linear") = 0.0,
        /// Ratio of the greatest to the least controlled opening.
        rangeability: number(Dimensionless, 5.0, 1000.0) = 50.0,
        /// Share of its opening that a shut valve leaks.
        leakage: number(Fraction, 1e-6, 0.1) = 1e-4,
        /// What the valve holds.
        valve_control: choice("outlet_temperature", "node_temperature", "fixed") = 0.0,
        /// Coolant temperature to hold.
        supply_temperature: number(Temperature, 250.0, 400.0) = 305.15,
        /// What resets the set-point, from `supply_temperature` to `reset_temperature`.
        reset: choice("none", "wet-bulb", "dry-bulb") = 0.0,
        /// Set-point in cold weather, with a reset.
        reset_temperature: optional(Temperature, 240.0, 400.0),
        /// Outdoor temperature from which on `supply_temperature` holds.
        reset_from: number(Temperature, 230.0, 330.0) = 293.15,
        /// Outdoor temperature down from which `reset_temperature` holds.
        reset_to: number(Temperature, 230.0, 330.0) = 283.15,
        /// Valve position, where it is fixed.
        valve_position: number(Fraction, 0.0, 1.0) = 1.0,
        /// Pressure drop of the exchanger's secondary side at rated flow.
        secondary_pressure_drop: number(Pressure, 0.0, 1e7) = 80e3,
        /// Pressure drop of the clean filter at rated flow.
        filter_pressure_drop: number(Pressure, 0.0, 1e7) = 65e3,
        /// Exponent n_f of the filter's pressure drop.
        filter_exponent: number(Dimensionless, 1.0, 2.0) = 1.76,
        /// Multiplier on the filter's pressure drop: 1 clean, above 1 loaded.
        filter_factor: number(Dimensionless, 0.0, 100.0) = 1.0,
        /// Pumps running in one unit.
        pumps_running: number(Dimensionless, 1.0, 20.0) = 1.0,
        /// Pressure rise of one pump at full speed against its volume flow.
        pump_curve: optional_points(VolumeFlow, Pressure),
        /// Density of the fluid that the curve was measured with.
        pump_density: number(Density, 100.0, 5000.0) = 998.2,
        /// Shut-off pressure of the textbook pump law; used when no curve is given.
        pump_shutoff_pressure: optional(Pressure, 1.0, 1e8),
        /// Coefficient a of the textbook pump law h₀ − a·ṁ².
        pump_quadratic: number(QuadraticFlowResistance, 0.0, 1e15) = 0.0,
        /// Hydraulic efficiency of one pump at full speed against its volume flow.
        pump_efficiency: optional_points(VolumeFlow, Fraction),
        /// Hydraulic efficiency of a pump, the same at any flow; used when no points are given.
        hydraulic_efficiency: number(Fraction, 0.05, 1.0) = 0.78,
        /// Efficiency of the motors.
        motor_efficiency: number(Fraction, 0.05, 1.0) = 0.9,
        /// Efficiency of the variable-speed drives.
        drive_efficiency: number(Fraction, 0.05, 1.0) = 0.97,
        /// What the pump speed holds.
        pump_control: choice("flow", "pressure_difference", "fixed_speed") = 0.0,
        /// Flow of all running units to hold; their rated flow if left out.
        flow: optional(VolumeFlow, 1e-7, 1000.0),
        /// Pressure difference to hold.
        pressure_difference: optional(Pressure, 1.0, 1e8),
        /// Relative speed, where it is fixed.
        speed: number(Fraction, 0.05, 1.5) = 1.0,
        /// Lowest relative speed.
        minimum_speed: number(Fraction, 0.05, 1.0) = 0.2,
        /// Highest relative speed.
        maximum_speed: number(Fraction, 0.1, 1.5) = 1.0,
        /// Power of controls and display of one unit.
        electronics_power: number(Power, 0.0, 1e6) = 0.0,
        /// Electrical power of one unit where it is measured, in place of what its pumps draw by their
        /// law: what the shafts do not take heats the room.
        measured_power: optional(Power, 0.0, 1e8),
        /// Electrical rating of one unit.
        rated_power: optional(Power, 0.0, 1e8),
        /// Net positive suction head that a pump requires.
        required_suction_head: optional(Length, 0.0, 100.0),
        /// Highest gauge pressure that the secondary side is rated for.
        pressure_rating: optional(Pressure, 0.0, 1e8),
    }
}

/// Internal unknowns.
const VALVE: usize = 0;
const SPEED: usize = 1;

/// Temperature error that counts as an error of one, K.
const TEMPERATURE_SCALE: f64 = 10.0;

/// What the pump speed holds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum PumpAim {
    Speed(f64),
    Flow(f64),
    Difference(f64),
}

impl Parameters<f64> {
    fn units(&self) -> f64 {
        self.running.unwrap_or(self.count).min(self.count)
    }

    fn pump<'a>(&self, tables: &'a [Pchip]) -> PumpLaw<'a> {
        let table = |index: Option<usize>| index.and_then(|i| tables.get(i));
        PumpLaw {
            head: table(self.pump_curve).map_or(
                Head::Quadratic(
                    self.pump_shutoff_pressure.unwrap_or(1.0),
                    self.pump_quadratic,
                ),
                |curve| Head::Points(curve, self.pump_density),
            ),
            efficiency: table(self.pump_efficiency).map_or(
                Efficiency::Constant(self.hydraulic_efficiency),
                Efficiency::Points,
            ),
        }
    }

    fn pump_aim(&self) -> PumpAim {
        match (self.pump_control, self.pressure_difference) {
            (0, _) => PumpAim::Flow(self.flow.unwrap_or(self.units() * self.secondary_flow)),
            (1, Some(difference)) => PumpAim::Difference(difference),
            _ => PumpAim::Speed(self.speed),
        }
    }

    /// Rated mass flows of one unit, secondary and primary, kg/s.
    fn rated_flows(&self, fluids: [&Fluid; 2]) -> [f64; 2] {
        let primary = self.rated_primary_temperature;
        [
            self.secondary_flow * fluids[1].density(primary + self.approach),
            self.primary_flow * fluids[0].density(primary),
        ]
    }

    /// Clean conductance of one unit at rated flows, W/K, and whether the rating can be met at all.
    fn clean_conductance(&self, fluids: [&Fluid; 2]) -> (f64, bool) {
        if let Some(conductance) = self.conductance {
            return (conductance, true);
        }
        let [secondary, primary] = self.rated_flows(fluids);
        let inlet = self.rated_primary_temperature;
        // Specific heats at the streams' means, found from duty and flow to first order.
        let mean = |fluid: &Fluid, start: f64, flow: f64| {
            let first = fluid.specific_heat(start);
            fluid.specific_heat(start + (0.5 * self.rated_heat / (flow * first)).min(20.0))
        };
        let c_s = secondary * mean(fluids[1], inlet + self.approach, secondary);
        let c_p = primary * mean(fluids[0], inlet, primary);
        let (least, most) = (c_s.min(c_p), c_s.max(c_p));
        let asked = self.rated_heat / (least * (self.approach + self.rated_heat / c_s));
        // An effectiveness of one would need an endless exchanger.
        let (epsilon, ratio) = (asked.min(0.995), least / most);
        let ntu = if ratio > 1.0 - 1e-6 {
            epsilon / (1.0 - epsilon)
        } else {
            ((1.0 - epsilon * ratio) / (1.0 - epsilon)).ln() / (1.0 - ratio)
        };
        (ntu * least, asked < 0.995)
    }
}

/// Reset of the coolant temperature.
fn reset(p: &Parameters<f64>) -> Reset {
    Reset {
        by: p.reset,
        supply: p.supply_temperature,
        other: p.reset_temperature,
        from: p.reset_from,
        to: p.reset_to,
    }
}

/// What happens in the running units.
struct Inside<S> {
    /// Clean conductance of a unit meets its rating.
    rating_possible: bool,
    conductance: S,
    capacities: [S; 2],
    inlets: [S; 2],
    /// Heat from coolant to facility water, all units, W.
    duty: S,
    /// Heat that the coolant gains in all, W (negative: it is cooled).
    coolant_heat: S,
    pump: PumpPoint<S>,
    pumps: f64,
    electrical: S,
    density: S,
    /// Primary pressure drop, Pa.
    primary_drop: S,
    /// Secondary pressure drop besides the pump, Pa.
    secondary_drop: S,
}

fn inside<S: Scalar>(p: &Parameters<f64>, at: &At<'_, S>, n: f64) -> Inside<S> {
    let [primary, secondary] = &at.sides;
    let (m_p, m_s) = (primary.mass_flow / n, secondary.mass_flow / n);
    let [rated_s, rated_p] = p.rated_flows(at.fluids);
    let inlets = [primary.inlet_temperature(), secondary.inlet_temperature()];
    let mean = (inlets[0] + inlets[1]) * 0.5;
    let capacities = [
        capacity(primary, at.fluids[0], mean),
        capacity(secondary, at.fluids[1], mean),
    ];
    let (clean, rating_possible) = p.clean_conductance(at.fluids);
    let conductance = two_films(
        S::from(clean),
        p.secondary_share,
        p.film_exponent,
        [m_s, m_p],
        [rated_s, rated_p],
        [S::from(1.0); 2],
        p.fouling,
    ) * n;
    let g = heat_per_difference(
        Arrangement::Counterflow,
        conductance,
        capacities[0].recip(),
        capacities[1].recip(),
    );
    let duty = g * (inlets[1] - inlets[0]);

    let two = S::from(2.0);
    let opening = Characteristic::from_index(p.characteristic).opening(
        at.internal[VALVE],
        p.rangeability,
        p.leakage,
    );
    let primary_drop = power_law(m_p, S::from(p.primary_pressure_drop), S::from(rated_p), two)
        + power_law(m_p / opening, S::from(p.valve_pressure_drop), S::from(rated_p), two);
    let filter = p.filter_pressure_drop * p.filter_factor;
    let mut secondary_drop =
        power_law(m_s, S::from(p.secondary_pressure_drop), S::from(rated_s), two);
    if filter > 0.0 {
        secondary_drop +=
            power_law(m_s, S::from(filter), S::from(rated_s), S::from(p.filter_exponent));
    }

    let density = at.fluids[1].density(inlets[1]);
    let pumps = n * p.pumps_running;
    let pump = p.pump(at.tables).at(secondary.mass_flow / pumps, density, at.internal[SPEED]);
    let electrical = match p.measured_power {
        Some(power) => S::from(power * n),
        None => {
            pump.shaft * (pumps / (p.motor_efficiency * p.drive_efficiency))
                + p.electronics_power * n
        }
    };
    Inside {
        rating_possible,
        conductance,
        capacities,
        inlets,
        duty,
        coolant_heat: pump.heat * pumps - duty,
        pump,
        pumps,
        electrical,
        density,
        primary_drop,
        secondary_drop,
    }
}

/// Temperature that the valve controls, K.
fn controlled_temperature<S: Scalar>(p: &Parameters<f64>, at: &At<'_, S>, x: &Inside<S>) -> S {
    let secondary = &at.sides[1];
    if p.valve_control == 1 {
        return secondary.temperature_b;
    }
    // Below a thousandth of the rated flow the quotient is held back from its pole.
    let [rated, _] = p.rated_flows(at.fluids);
    let cp = at.fluids[1].specific_heat(x.inlets[1] + x.coolant_heat / x.capacities[1] * 0.5);
    let m = secondary.mass_flow;
    let floor = 1e-3 * rated * p.units();
    x.inlets[1] + x.coolant_heat / ((m * m + floor * floor).sqrt() * cp)
}

/// Errors of both controls, each rising with its unknown.
fn errors<S: Scalar>(p: &Parameters<f64>, at: &At<'_, S>, x: &Inside<S>) -> [S; 2] {
    let valve = if p.valve_control == 2 {
        at.internal[VALVE] - p.valve_position
    } else {
        (-controlled_temperature(p, at, x) + reset(p).setpoint(at.outdoor, 1.0)) / TEMPERATURE_SCALE
    };
    let pump = match p.pump_aim() {
        PumpAim::Speed(speed) => at.internal[SPEED] - speed,
        PumpAim::Flow(flow) => at.sides[1].mass_flow / x.density / flow - 1.0,
        PumpAim::Difference(dp) => (at.sensor_pressure[0] - at.sensor_pressure[1]) / dp - 1.0,
    };
    [valve, pump]
}

/// Coolant distribution unit; see the module.
pub struct Cdu;

impl Component for Cdu {
    const SPEC: Spec = Spec {
        kind: "cdu",
        doc: "Coolant distribution unit: control valve, heat exchanger, pumps and filter.",
        sides: &["primary", "secondary"],
        source: &[false, true],
        air: &["room"],
        carries_bus: false,
        internal: &["valve position [-]", "relative pump speed [-]"],
        internal_scale: &[1.0, 1.0],
        status: 2,
        fields: Parameters::<f64>::FIELDS,
    };
    const STOPS: bool = true;

    fn check(theta: &[f64], tables: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        let mut faults = curve_faults(&p.pump(tables), "pump_curve", "pump_efficiency");
        faults.extend(reset(&p).fault());
        if p.pump_curve.is_none() && p.pump_shutoff_pressure.is_none() {
            faults.push((
                "pump_curve",
                "a CDU needs its pump curve, or pump_shutoff_pressure and pump_quadratic".to_owned(),
            ));
        }
        if p.running.is_some_and(|running| running > p.count) {
            faults.push(("running", "more units run than are installed".to_owned()));
        }
        if p.minimum_speed >= p.maximum_speed {
            faults.push((
                "minimum_speed",
                "the lowest speed must lie below the highest".to_owned(),
            ));
        }
        if p.pump_control == 1 && p.pressure_difference.is_none() {
            faults.push((
                "pressure_difference",
                "the control needs the pressure difference to hold".to_owned(),
            ));
        }
        faults
    }

    fn guess(theta: &[f64], _: &[Pchip], fluids: [&Fluid; 2], _: &Outdoor) -> Guess {
        let p = Parameters::<f64>::load(theta);
        let n = p.units();
        if n < 1e-9 {
            return Guess { mass_flow: [0.0; 2], ..Guess::default() };
        }
        let [secondary, primary] = p.rated_flows(fluids);
        let rise = |fluid: &Fluid, flow: f64| p.rated_heat / (flow * fluid.specific_heat(303.15));
        let coolant = match p.pump_aim() {
            PumpAim::Flow(flow) => flow * fluids[1].density(303.15),
            _ => secondary * n,
        };
        let valve = if p.valve_control == 2 { p.valve_position } else { 0.8 };
        let speed = match p.pump_aim() {
            PumpAim::Speed(speed) => speed,
            _ => 0.85 * p.maximum_speed,
        };
        Guess {
            mass_flow: [0.8 * primary * n, coolant],
            pressure_rise: [
                -(p.primary_pressure_drop + p.valve_pressure_drop),
                p.pressure_difference.unwrap_or(150e3),
            ],
            temperature_rise: [rise(fluids[0], primary), -rise(fluids[1], secondary)],
            temperature: [None, (p.valve_control != 2).then_some(p.supply_temperature)],
            internal: [valve, speed, 0.0, 0.0, 0.0, 0.0],
        }
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<f64>::load(at.theta);
        let [primary, secondary] = &at.sides;
        let n = p.units();
        let mut out = Out::zero();
        if n < 1e-9 {
            out.pressure = [closed(primary), closed(secondary)];
            out.internal[VALVE] = at.internal[VALVE];
            out.internal[SPEED] = at.internal[SPEED];
            pass_through(&mut out, 0, primary, at.fluids[0], S::from(0.0));
            pass_through(&mut out, 1, secondary, at.fluids[1], S::from(0.0));
            return out;
        }
        let x = inside(&p, at, n);
        out.pressure = [
            primary.pressure_a - primary.pressure_b - x.primary_drop,
            secondary.pressure_a - secondary.pressure_b + x.pump.rise - x.secondary_drop,
        ];
        let [valve, pump] = errors(&p, at, &x);
        let status = |fixed: bool, byte: u8| if fixed { CONTROLLED } else { byte };
        let fixed_speed = matches!(p.pump_aim(), PumpAim::Speed(_));
        out.internal[VALVE] = control_residual(
            status(p.valve_control == 2, at.status[VALVE]),
            at.internal[VALVE],
            0.0,
            1.0,
            valve,
        );
        out.internal[SPEED] = control_residual(
            status(fixed_speed, at.status[SPEED]),
            at.internal[SPEED],
            p.minimum_speed,
            p.maximum_speed,
            pump,
        );
        pass_through(&mut out, 0, primary, at.fluids[0], x.duty);
        pass_through(&mut out, 1, secondary, at.fluids[1], x.coolant_heat);
        out.air_heat[0] = x.electrical - x.pump.heat * x.pumps;
        out.power[0] = x.electrical;
        out
    }

    fn propose(at: &At<'_, f64>, next: &mut [u8]) {
        let p = Parameters::<f64>::load(at.theta);
        let n = p.units();
        if n < 1e-9 {
            return;
        }
        let [valve, pump] = errors(&p, at, &inside(&p, at, n));
        if p.valve_control != 2 {
            next[VALVE] = propose_control(next[VALVE], at.internal[VALVE], 0.0, 1.0, valve);
        }
        if !matches!(p.pump_aim(), PumpAim::Speed(_)) {
            let (low, high) = (p.minimum_speed, p.maximum_speed);
            next[SPEED] = propose_control(next[SPEED], at.internal[SPEED], low, high, pump);
        }
    }

    fn report(at: &At<'_, f64>) -> Report {
        account::report(at)
    }
}

#[cfg(test)]
mod tests;
