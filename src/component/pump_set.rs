//! Pumps in parallel between one pair of nodes, each with its check valve, on common speed.
//!
//! # Equations
//! - pressure rise of the set: Δp(ṁ/N, s), N running, curve and affinity laws in
//!   [`pump_law`](super::pump_law); nothing running: shut off;
//! - speed s: fixed, or such that the set holds its volume flow at the inlet, or the pressure
//!   difference between its sensors (across itself where none is named), between s_min and s_max;
//!   at a stop the set-point floats and the set is reported as saturated;
//! - pressure-difference reset: Δp_set = Δp_min + (Δp − Δp_min)·min(1, q/q_r)², rounded over a twentieth at
//!   q_r: valves that ask for less flow need less difference;
//! - minimum-flow bypass: a pump carries max(ṁ/N, ṁ_min) (rounded over a tenth of ṁ_min), the rest of
//!   which runs back to its suction side;
//! - electrical power P_el = N·P/(η_m·η_d);
//! - the whole shaft power heats the fluid at the pump: what it gives as pressure is friction heat
//!   all around the closed loop, and enthalpy here is that of temperature alone, so that the
//!   loop's balance is exact; what motor and drive lose heats the air;
//! - staging, where it is automatic: of the `running` pumps as few as carry the present flow and
//!   rise at no more than the staging speed.
//!
//! # Symbols and units
//! Δp [Pa]; ṁ mass flow of the set [kg/s]; s relative speed [-]; P shaft power of one pump [W];
//! η_m, η_d efficiency of motor and drive [-].
//!
//! # Range of validity
//! Pumps alike, speeds alike. Flow within the curve's points at the given speed: a warning names
//! the flow beyond. The hydraulic efficiency does not change with speed: fair above half speed.
//!
//! # Neglected
//! Efficiency of motor and drive at part load; the standby losses of stopped pumps; viscosity
//! correction (ISO/TR 17766), small below 10 mm²/s.
//!
//! # Source
//! Affinity laws: Gülich, Centrifugal Pumps, ch. 3.4. Default efficiencies: `EnergyPlus` (pump
//! 0.78, motor 0.9); drive 0.97 assumed.

use super::fan_stage::larger;
use super::flow_law::closed;
use super::pump_law::{Efficiency, Head, PumpLaw, curve_faults, suction_head};
use super::{
    AT_MAXIMUM, At, Bound, CONTROLLED, Component, Control, Guess, Limit, Outdoor, Out, Quantity,
    Report, Severity, Spec, control_residual, pass_through, propose_control,
};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of a set of pumps.
    pub struct Parameters {
        /// Pumps installed.
        count: number(Dimensionless, 1.0, 200.0) = 1.0,
        /// Pumps that run, or may run where staging is automatic; all if left out.
        running: optional(Dimensionless, 0.0, 200.0),
        /// Whether the number running is fixed or follows the load.
        staging: choice("fixed", "automatic") = 0.0,
        /// Relative speed up to which fewer pumps are preferred, automatic staging.
        staging_speed: number(Fraction, 0.2, 1.0) = 0.9,
        /// Pressure rise of one pump at full speed against its volume flow.
        curve: optional_points(VolumeFlow, Pressure),
        /// Density of the fluid that the curve was measured with.
        reference_density: number(Density, 100.0, 5000.0) = 998.2,
        /// Shut-off pressure h₀ of the textbook law; used when no curve is given.
        shutoff_pressure: optional(Pressure, 1.0, 1e8),
        /// Coefficient a of the textbook law h₀ − a·ṁ².
        quadratic: number(QuadraticFlowResistance, 0.0, 1e15) = 0.0,
        /// Hydraulic efficiency of one pump at full speed against its volume flow.
        efficiency: optional_points(VolumeFlow, Fraction),
        /// Hydraulic efficiency, the same at any flow; used when no points are given.
        hydraulic_efficiency: number(Fraction, 0.05, 1.0) = 0.78,
        /// Efficiency of the motor.
        motor_efficiency: number(Fraction, 0.05, 1.0) = 0.9,
        /// Efficiency of the variable-speed drive.
        drive_efficiency: number(Fraction, 0.05, 1.0) = 0.97,
        /// What the speed holds.
        control: choice("fixed_speed", "flow", "pressure_difference") = 0.0,
        /// Relative speed, where it is fixed.
        speed: number(Fraction, 0.05, 1.5) = 1.0,
        /// Lowest relative speed.
        minimum_speed: number(Fraction, 0.05, 1.0) = 0.2,
        /// Highest relative speed.
        maximum_speed: number(Fraction, 0.1, 1.5) = 1.0,
        /// Flow of the whole set to hold.
        flow: optional(VolumeFlow, 1e-9, 1000.0),
        /// Pressure difference to hold.
        pressure_difference: optional(Pressure, 1.0, 1e8),
        /// Flow of the set at which the whole pressure difference is held: below, the set-point falls with the
        /// square of flow to `minimum_pressure_difference`. No reset where it is left out.
        reset_flow: optional(VolumeFlow, 1e-9, 1000.0),
        /// Pressure difference to hold without flow, with a reset.
        minimum_pressure_difference: optional(Pressure, 1.0, 1e8),
        /// Least flow of one pump.
        minimum_flow: optional(VolumeFlow, 0.0, 1000.0),
        /// Whether a bypass around each pump keeps the least flow through it.
        minimum_flow_bypass: flag = 0.0,
        /// Electrical rating of one pump with its drive.
        rated_power: optional(Power, 0.0, 1e8),
        /// Gauge pressure needed at the suction side.
        minimum_suction_pressure: optional(Pressure, -1e5, 1e8),
        /// Net positive suction head that a pump requires.
        required_suction_head: optional(Length, 0.0, 100.0),
        /// Highest gauge pressure that the casings are rated for.
        pressure_rating: optional(Pressure, 0.0, 1e8),
    }
}

/// What the speed holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aim {
    /// This relative speed.
    Speed(f64),
    /// This volume flow of the set, m³/s.
    Flow(f64),
    /// This pressure difference, Pa.
    Difference(f64),
}

impl Parameters<f64> {
    fn law<'a>(&self, tables: &'a [Pchip]) -> PumpLaw<'a> {
        let table = |index: Option<usize>| index.and_then(|i| tables.get(i));
        PumpLaw {
            head: table(self.curve).map_or(
                Head::Quadratic(self.shutoff_pressure.unwrap_or(1.0), self.quadratic),
                |curve| Head::Points(curve, self.reference_density),
            ),
            efficiency: table(self.efficiency)
                .map_or(Efficiency::Constant(self.hydraulic_efficiency), Efficiency::Points),
        }
    }

    fn aim(&self) -> Aim {
        match (self.control, self.flow, self.pressure_difference) {
            (1, Some(flow), _) => Aim::Flow(flow),
            (2, _, Some(difference)) => Aim::Difference(difference),
            _ => Aim::Speed(self.speed),
        }
    }

    /// Pumps running: of those that may, as many as the second status byte leaves on.
    fn on(&self, status: &[u8]) -> f64 {
        let may = self.running.unwrap_or(self.count).min(self.count);
        if self.staging == 1 && self.aim() != Aim::Speed(self.speed) && may >= 1.0 {
            (may - f64::from(status[1])).max(1.0)
        } else {
            may
        }
    }
}

/// Flow through one pump, kg/s: with a bypass no less than its minimum.
fn pump_flow<S: Scalar>(p: &Parameters<f64>, flow: S, density: S) -> S {
    match p.minimum_flow {
        Some(least) if p.minimum_flow_bypass && least > 0.0 => {
            let least = density * least;
            larger(flow, least, least * 0.1)
        }
        _ => flow,
    }
}

/// Pressure difference to hold, Pa.
fn held<S: Scalar>(p: &Parameters<f64>, most: f64, volume_flow: S) -> S {
    let (Some(flow), Some(least)) = (p.reset_flow, p.minimum_pressure_difference) else {
        return S::from(most);
    };
    let share = larger(volume_flow / flow, S::from(0.0), S::from(0.05));
    let share = -larger(-share, S::from(-1.0), S::from(0.05));
    share * share * (most - least) + least
}

/// Error of the set-point in shares of it, rising with speed; zero for a fixed speed.
fn error<S: Scalar>(p: &Parameters<f64>, aim: Aim, at: &At<'_, S>) -> S {
    match aim {
        Aim::Speed(speed) => at.internal[0] - speed,
        Aim::Flow(flow) => {
            let side = &at.sides[0];
            side.mass_flow / at.fluids[0].density(side.inlet_temperature()) / flow - 1.0
        }
        Aim::Difference(dp) => {
            let side = &at.sides[0];
            let flow = side.mass_flow / at.fluids[0].density(side.inlet_temperature());
            (at.sensor_pressure[0] - at.sensor_pressure[1]) / held(p, dp, flow) - 1.0
        }
    }
}

/// Pumps in parallel; see the module.
pub struct PumpSet;

impl Component for PumpSet {
    const SPEC: Spec = Spec {
        kind: "pump_set",
        doc: "Pumps in parallel with curve, affinity laws, check valves, speed control and staging.",
        sides: &["fluid"],
        source: &[true],
        air: &["room"],
        carries_bus: false,
        internal: &["relative speed [-]"],
        internal_scale: &[1.0],
        status: 2,
        fields: Parameters::<f64>::FIELDS,
    };
    const STOPS: bool = true;

    fn check(theta: &[f64], tables: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        let mut faults = curve_faults(&p.law(tables), "curve", "efficiency");
        if p.curve.is_none() && p.shutoff_pressure.is_none() {
            faults.push(("curve", "a pump needs its curve, or shutoff_pressure and quadratic".to_owned()));
        }
        if p.running.is_some_and(|running| running > p.count) {
            faults.push(("running", "more pumps run than are installed".to_owned()));
        }
        if p.minimum_speed >= p.maximum_speed {
            faults.push(("minimum_speed", "the lowest speed must lie below the highest".to_owned()));
        }
        if p.control == 1 && p.flow.is_none() {
            faults.push(("flow", "a set that holds its flow needs the flow".to_owned()));
        }
        if p.control == 2 && p.pressure_difference.is_none() {
            faults.push(("pressure_difference", "the control needs the pressure difference to hold".to_owned()));
        }
        if p.reset_flow.is_some() != p.minimum_pressure_difference.is_some() {
            let key = if p.reset_flow.is_some() { "minimum_pressure_difference" } else { "reset_flow" };
            faults.push((key, "a reset needs both reset_flow and minimum_pressure_difference".to_owned()));
        }
        if let (Some(least), Some(most)) = (p.minimum_pressure_difference, p.pressure_difference)
            && !(0.1 * most..=most).contains(&least)
        {
            let text = "must lie between a tenth of pressure_difference and the whole".to_owned();
            faults.push(("minimum_pressure_difference", text));
        }
        if p.minimum_flow_bypass && p.minimum_flow.is_none() {
            faults.push(("minimum_flow", "a minimum-flow bypass needs the flow to keep".to_owned()));
        }
        faults
    }

    fn guess(theta: &[f64], tables: &[Pchip], fluids: [&Fluid; 2], _: &Outdoor) -> Guess {
        let p = Parameters::<f64>::load(theta);
        let (law, n, aim) = (p.law(tables), p.on(&[0, 0]), p.aim());
        let density = fluids[0].density(303.15);
        let speed = if let Aim::Speed(speed) = aim { speed } else { 0.8 * p.maximum_speed };
        let flow = match aim {
            Aim::Flow(flow) => flow * density,
            _ => 0.6 * speed * law.full_flow() * n,
        };
        let rise = match aim {
            Aim::Difference(difference) => difference,
            _ if n > 0.0 => law.at(flow / n, density, speed).rise.max(1e3),
            _ => 0.0,
        };
        Guess {
            mass_flow: [if n > 0.0 { flow } else { 0.0 }, 0.0],
            pressure_rise: [rise, 0.0],
            internal: [if n > 0.0 { speed } else { 0.0 }, 0.0, 0.0, 0.0, 0.0, 0.0],
            ..Guess::default()
        }
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<f64>::load(at.theta);
        let (side, fluid) = (&at.sides[0], at.fluids[0]);
        let n = p.on(at.status);
        let mut out = Out::zero();
        if n < 1e-9 {
            out.pressure[0] = closed(side);
            out.internal[0] = at.internal[0];
            pass_through(&mut out, 0, side, fluid, S::from(0.0));
            return out;
        }
        let density = fluid.density(side.inlet_temperature());
        let through = pump_flow(&p, side.mass_flow / n, density);
        let point = p.law(at.tables).at(through, density, at.internal[0]);
        out.pressure[0] = side.pressure_a - side.pressure_b + point.rise;
        let aim = p.aim();
        let status = if let Aim::Speed(_) = aim { CONTROLLED } else { at.status[0] };
        out.internal[0] = control_residual(
            status,
            at.internal[0],
            p.minimum_speed,
            p.maximum_speed,
            error(&p, aim, at),
        );
        let electrical = point.shaft * (n / (p.motor_efficiency * p.drive_efficiency));
        let heat = point.heat * n;
        pass_through(&mut out, 0, side, fluid, heat);
        out.air_heat[0] = electrical - heat;
        out.power[0] = electrical;
        out
    }

    fn propose(at: &At<'_, f64>, next: &mut [u8]) {
        let p = Parameters::<f64>::load(at.theta);
        let aim = p.aim();
        let n = p.on(at.status);
        if n < 1e-9 || matches!(aim, Aim::Speed(_)) {
            return;
        }
        let error = error(&p, aim, at);
        next[0] = propose_control(next[0], at.internal[0], p.minimum_speed, p.maximum_speed, error);
        if p.staging != 1 {
            return;
        }
        let may = p.running.unwrap_or(p.count).min(p.count);
        let side = &at.sides[0];
        let density = at.fluids[0].density(side.inlet_temperature());
        let (law, rise) = (p.law(at.tables), side.pressure_b - side.pressure_a);
        // At full speed and short of the set-point, one more; else the fewest that carry this
        // point. A pump already running is kept up to 2 % above the staging speed, so that rounding
        // does not make the number swing.
        let wanted = if next[0] == AT_MAXIMUM && error < -1e-9 {
            n + 1.0
        } else {
            let carries = |k: f64| {
                let margin = if (k - n).abs() < 0.5 { 1.02 } else { 1.0 };
                law.speed_for(pump_flow(&p, side.mass_flow.max(0.0) / k, density), density, rise)
                    .is_some_and(|s| s <= margin * p.staging_speed.min(p.maximum_speed))
            };
            let mut k = may - (may - 1.0).floor().max(0.0);
            while k < may - 0.5 && !carries(k) {
                k += 1.0;
            }
            k
        };
        next[1] = (may - wanted.clamp(1.0, may.max(1.0))).round().clamp(0.0, 255.0) as u8;
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let n = p.on(at.status);
        let mut report = Report { mode: "off", on: n, of: p.count, ..Report::default() };
        if n < 1e-9 {
            return report;
        }
        let side = &at.sides[0];
        let density = at.fluids[0].density(side.inlet_temperature());
        let (law, aim, speed) = (p.law(at.tables), p.aim(), at.internal[0]);
        let through = pump_flow(&p, side.mass_flow / n, density);
        let point = law.at(through, density, speed);
        let (flow, rise) = (side.mass_flow / density, side.pressure_b - side.pressure_a);
        let electrical = point.shaft * n / (p.motor_efficiency * p.drive_efficiency);
        report.mode = if matches!(aim, Aim::Speed(_)) { "fixed speed" } else { "controlling" };
        report.load_fraction = p.rated_power.map(|rated| electrical / (n * rated));
        let saturated = at.status[0] != CONTROLLED;
        let actual = at.sensor_pressure[0] - at.sensor_pressure[1];
        let control = match aim {
            Aim::Speed(_) => None,
            Aim::Flow(set) => Some(("flow", set, flow, Dimension::VolumeFlow)),
            Aim::Difference(set) => {
                Some(("pressure difference", held(&p, set, flow), actual, Dimension::Pressure))
            }
        };
        if let Some((what, setpoint, actual, dimension)) = control {
            let required = actual < setpoint;
            report.controls.push(Control { what, setpoint, actual, dimension, saturated, required });
            if saturated {
                report.mode = if at.status[0] == AT_MAXIMUM { "highest speed" } else { "lowest speed" };
            }
        }
        let mut limit = |what, value, limit: Option<f64>, dimension, bound, severity| {
            if let Some(limit) = limit {
                report.limits.push(Limit { what, value: Some(value), limit, dimension, bound, severity });
            }
        };
        limit("flow of one pump", through / density, p.minimum_flow, Dimension::VolumeFlow, Bound::AtLeast, Severity::Advisory);
        limit("power of one pump", electrical / n, p.rated_power, Dimension::Power, Bound::AtMost, Severity::Rating);
        limit(
            "suction pressure",
            side.pressure_a,
            p.minimum_suction_pressure,
            Dimension::Pressure,
            Bound::AtLeast,
            Severity::Rating,
        );
        let suction_head =
            suction_head(side.pressure_a, side.inlet_temperature(), density, at.outdoor.pressure);
        limit(
            "net positive suction head",
            suction_head,
            p.required_suction_head,
            Dimension::Length,
            Bound::AtLeast,
            Severity::Rating,
        );
        limit(
            "gauge pressure at the pumps",
            side.pressure_a.max(side.pressure_b),
            p.pressure_rating,
            Dimension::Pressure,
            Bound::AtMost,
            Severity::Rating,
        );
        report.warnings = law.warnings(through / density, speed, n);
        let hydraulic = flow * rise;
        let quantity = |name, value, dimension| Quantity { name, value, dimension };
        report.quantities = vec![
            quantity("relative speed", speed, Dimension::Fraction),
            quantity("flow of one pump", through / density, Dimension::VolumeFlow),
            quantity("pressure rise", rise, Dimension::Pressure),
            quantity(
                "pressure rise at no flow and full speed",
                law.shutoff() * p.maximum_speed * p.maximum_speed,
                Dimension::Pressure,
            ),
            quantity("shaft power", point.shaft * n, Dimension::Power),
            quantity("hydraulic efficiency", ratio(hydraulic, point.shaft * n), Dimension::Fraction),
            quantity("wire-to-water efficiency", ratio(hydraulic, electrical), Dimension::Fraction),
            quantity("net positive suction head", suction_head, Dimension::Length),
        ];
        report
    }
}

/// A quotient that is zero where there is nothing to divide by.
fn ratio(value: f64, by: f64) -> f64 {
    if by.abs() > f64::MIN_POSITIVE { value / by } else { 0.0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Parameters, PumpSet};
    use crate::component::{AT_MAXIMUM, At, Component, MAX_INTERNAL, Outdoor, Side};
    use crate::fluid::Fluid;
    use crate::spec::{DefaultValue, position};

    const OUTDOOR: Outdoor =
        Outdoor { dry_bulb: 303.0, wet_bulb: 295.0, humidity_ratio: 0.01, pressure: 101_325.0 };

    fn theta(values: &[(&str, f64)]) -> Vec<f64> {
        let fields = Parameters::<f64>::FIELDS;
        let mut theta: Vec<f64> = fields
            .iter()
            .map(|f| if let DefaultValue::Value(v) = f.default { v } else { f64::NAN })
            .collect();
        for (key, value) in values {
            theta[position(fields, key).unwrap()] = *value;
        }
        theta
    }

    fn at<'a>(theta: &'a [f64], fluid: &'a Fluid, flow: f64, rise: f64, speed: f64, status: &'a [u8]) -> At<'a, f64> {
        let side = Side {
            pressure_a: 1e5,
            pressure_b: 1e5 + rise,
            temperature_a: 300.0,
            temperature_b: 300.0,
            mass_flow: flow,
        };
        let mut internal = [0.0; MAX_INTERNAL];
        internal[0] = speed;
        At {
            theta,
            tables: &[],
            fluids: [fluid; 2],
            sides: [side; 2],
            sensor_pressure: [1e5 + rise, 1e5],
            air: [300.0; 2],
            internal,
            bus: [0.0; 2],
            outdoor: &OUTDOOR,
            status,
        }
    }

    #[test]
    fn textbook_pumps_in_parallel_share_the_flow() {
        let fluid = Fluid::constant(1000.0, 4180.0, 1e-3, 0.6).unwrap();
        let theta = theta(&[
            ("count", 3.0),
            ("running", 2.0),
            ("shutoff_pressure", 3e5),
            ("quadratic", 500.0),
            ("hydraulic_efficiency", 0.8),
        ]);
        // Two pumps at 10 kg/s each: 3 bar − 500·10² Pa = 2.5 bar.
        let out = PumpSet::equations(&at(&theta, &fluid, 20.0, 2.5e5, 1.0, &[0, 0]));
        assert!(out.pressure[0].abs() < 1e-6, "{}", out.pressure[0]);
        // 20 L/s at 2.5 bar are 5 kW of hydraulic power.
        let electrical = 5000.0 / (0.8 * 0.9 * 0.97);
        assert!((out.power[0] / electrical - 1.0).abs() < 1e-7);
        assert!(((out.energy_out[0] - out.energy_in[0]) / 6250.0 - 1.0).abs() < 1e-6);
        // All of it ends as heat, in fluid and air.
        let heat = out.energy_out[0] - out.energy_in[0] + out.air_heat[0];
        assert!((heat / out.power[0] - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_stopped_set_draws_and_passes_nothing() {
        let fluid = Fluid::water();
        let theta = theta(&[("running", 0.0), ("shutoff_pressure", 3e5), ("quadratic", 500.0)]);
        let out = PumpSet::equations(&at(&theta, &fluid, 0.0, 0.0, 0.0, &[0, 0]));
        assert!(out.power[0].abs() < 1e-300 && out.pressure[0].abs() < 1e-300);
        let through = PumpSet::equations(&at(&theta, &fluid, -1e-6, 1e5, 0.0, &[0, 0]));
        assert!(through.pressure[0].abs() < 1.0);
    }

    #[test]
    fn suction_and_casing_are_judged() {
        let fluid = Fluid::water();
        let theta = theta(&[
            ("shutoff_pressure", 3e5),
            ("quadratic", 500.0),
            ("required_suction_head", 25.0),
            ("pressure_rating", 3e5),
        ]);
        // 1 bar gauge at 27 °C: (1e5 + 101325 − 3536) Pa/(996.5·9.807) = 20.2 m.
        let report = PumpSet::report(&at(&theta, &fluid, 10.0, 2.5e5, 1.0, &[0, 0]));
        let value = |what: &str| {
            report.limits.iter().find(|l| l.what == what).and_then(|l| l.value).unwrap()
        };
        assert!((value("net positive suction head") - 20.24).abs() < 0.05);
        assert!((value("gauge pressure at the pumps") - 3.5e5).abs() < 1e-6);
    }

    #[test]
    fn staging_takes_the_fewest_pumps_that_carry_the_load() {
        let fluid = Fluid::water();
        let theta = theta(&[
            ("count", 4.0),
            ("running", 3.0),
            ("staging", 1.0),
            ("shutoff_pressure", 3e5),
            ("quadratic", 500.0),
            ("control", 2.0),
            ("pressure_difference", 2e5),
        ]);
        // s² = (2e5 + 500·(ṁ/k)²)/3e5 ≤ 0.81 lets one pump carry 9.27 kg/s, two 18.5.
        for (flow, off) in [(5.0, 2), (9.0, 2), (9.8, 1), (18.0, 1), (19.0, 0)] {
            let mut next = [0, 0];
            PumpSet::propose(&at(&theta, &fluid, flow, 2e5, 0.5, &[0, 0]), &mut next);
            assert_eq!(next[1], off, "{flow} kg/s");
        }
        // Full speed and short of the set-point: one more.
        let mut next = [AT_MAXIMUM, 2];
        PumpSet::propose(&at(&theta, &fluid, 9.0, 1.5e5, 1.0, &[AT_MAXIMUM, 2]), &mut next);
        assert_eq!(next, [AT_MAXIMUM, 1]);
    }

    /// The difference held falls with the square of flow, from all of it at `reset_flow` to the least.
    #[test]
    fn pressure_difference_is_reset() {
        let fluid = Fluid::constant(1000.0, 4180.0, 1e-3, 0.6).unwrap();
        let theta = theta(&[
            ("shutoff_pressure", 3e5),
            ("quadratic", 500.0),
            ("control", 2.0),
            ("pressure_difference", 2e5),
            ("reset_flow", 0.01),
            ("minimum_pressure_difference", 5e4),
        ]);
        assert!(PumpSet::check(&theta, &[]).is_empty());
        for (flow, held) in [(5.0, 5e4 + 1.5e5 * 0.25), (0.0, 5e4), (20.0, 2e5)] {
            let residual = |rise: f64| {
                PumpSet::equations(&at(&theta, &fluid, flow, rise, 0.7, &[0, 0])).internal[0]
            };
            // Rounding at rest lifts the set-point by a 40th of a twentieth of the flow at most.
            assert!(residual(held).abs() < 2e-3, "{flow}: {}", residual(held));
        }
    }

    /// With the bypass a pump never carries less than its least flow, and its power is that of that flow.
    #[test]
    fn bypass_keeps_the_least_flow() {
        let fluid = Fluid::constant(1000.0, 4180.0, 1e-3, 0.6).unwrap();
        let values = [
            ("shutoff_pressure", 3e5),
            ("quadratic", 500.0),
            ("minimum_flow", 0.004),
            ("minimum_flow_bypass", 1.0),
        ];
        let kept = theta(&values);
        let open = theta(&values[..3]);
        let power = |theta: &[f64], flow: f64| {
            PumpSet::equations(&at(theta, &fluid, flow, 2.9e5, 1.0, &[0, 0])).power[0]
        };
        assert!((power(&kept, 1.0) / power(&open, 4.0) - 1.0).abs() < 1e-9);
        assert!((power(&kept, 8.0) / power(&open, 8.0) - 1.0).abs() < 1e-12);
        let report = PumpSet::report(&at(&kept, &fluid, 1.0, 2.9e5, 1.0, &[0, 0]));
        assert!((report.limits[0].value.unwrap() - 0.004).abs() < 1e-9);
        let faulty = theta(&[("shutoff_pressure", 3e5), ("minimum_flow_bypass", 1.0), ("reset_flow", 0.1)]);
        let keys: Vec<_> = PumpSet::check(&faulty, &[]).into_iter().map(|(key, _)| key).collect();
        assert!(keys.contains(&"minimum_flow") && keys.contains(&"minimum_pressure_difference"));
    }
}
