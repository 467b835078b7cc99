//! What water-cooled chillers share whatever law gives their capacity and power: flows, staging, control, report.

use super::super::fan_stage::larger;
use super::super::heat_exchange::{flow_size, temperature_at};
use super::super::modulation::Modulation;
use super::super::reset::Reset;
use super::super::resistance::power_law;
use super::super::{
    At, Bound, Caution, Control, Guess, Limit, Out, Quantity, Report, Severity, pass_through,
};
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

/// Internal unknowns of every water-cooled chiller.
pub const INTERNAL: &[&str] = &[
    "load control [-]",
    "leaving chilled water temperature [K]",
    "leaving condenser water temperature [K]",
];
/// Typical sizes of [`INTERNAL`].
pub const INTERNAL_SCALE: &[f64] = &[1.0, 10.0, 10.0];

const LOAD: usize = 0;
const EVAPORATOR: usize = 1;
const CONDENSER: usize = 2;
const ZERO_CELSIUS: f64 = 273.15;
/// Rated flows that one evaporator takes before another machine is put on.
const MOST_FLOW: f64 = 1.3;
/// Share of the rated flow below which the curves' temperatures stop following the flow; they follow it exactly
/// from twice that on.
const STANDSTILL: f64 = 0.02;

/// Temperatures that a law sees, degC.
#[derive(Debug, Clone, Copy)]
pub struct Temperatures<S> {
    /// Leaving chilled water.
    pub chilled: S,
    /// Water entering the condenser, behind its mixing valve.
    pub entering: S,
    /// Water leaving the condenser.
    pub leaving: S,
}

/// How a machine's capacity and power follow from its temperatures and its part load.
pub trait Law {
    /// Capacity and power of one machine, W, at the part-load ratio `load`.
    fn machine<S: Scalar>(&self, at: Temperatures<S>, load: S) -> (S, S);
    /// Warnings at these temperatures.
    fn warnings(&self, at: Temperatures<f64>) -> Vec<Caution>;
}

/// Numbers of the machines beside their law.
#[derive(Debug, Clone, Copy)]
pub struct Machines {
    /// Installed.
    pub count: f64,
    /// That may run; all where unset.
    pub running: Option<f64>,
    /// Whether only as many run as the load needs.
    pub staged: bool,
    /// Capacity of one at reference, W.
    pub reference_capacity: f64,
    /// Rated flow of one evaporator and one condenser, kg/s.
    pub flow: [f64; 2],
    /// Pressure drop at these flows, Pa.
    pub pressure_drop: [f64; 2],
    /// Exponent of both pressure drops.
    pub exponent: f64,
    /// Set-point of the leaving chilled water.
    pub reset: Reset,
    /// Least temperature of the water entering a condenser, K.
    pub least_condenser: Option<f64>,
    /// Greatest part-load ratio.
    pub maximum_part_load: f64,
    /// Share of the power that reaches the condenser.
    pub heat_to_condenser: f64,
    /// Power factor.
    pub power_factor: f64,
}

/// Machines for a load in machine capacities, with hysteresis around those that run.
pub fn stage(on: f64, available: f64, load: f64) -> f64 {
    let wanted = if load > 0.98 * on {
        (load / 0.9).ceil()
    } else if load < 0.8 * (on - 1.0) {
        (load / 0.85).ceil()
    } else {
        on
    };
    wanted.clamp(available.min(1.0), available)
}

/// Machines that a flow in rated flows of one machine needs, each at no more than [`MOST_FLOW`].
pub fn stage_by_flow(on: f64, flow: f64) -> f64 {
    let machines = flow / MOST_FLOW;
    // A machine is kept until 10 % below what would put it on.
    if machines > on { machines.ceil() } else { (1.1 * machines).ceil().min(on) }
}

/// Machines on, from the status byte: zero stands for all.
pub fn machines_on(status: u8, available: f64, staged: bool) -> f64 {
    if staged && status > 0 { f64::from(status).min(available) } else { available }
}

/// Words for a chiller's load.
pub fn mode(load: &Modulation<f64>) -> &'static str {
    if load.position <= 0.0 {
        "off: water at or below the set-point passes through"
    } else if load.saturated() {
        "at full load"
    } else {
        "on"
    }
}

/// What all running machines do.
struct Duty<S> {
    load: Modulation<S>,
    on: f64,
    /// Chilled water's heat, W.
    heat: S,
    power: S,
    /// Heat asked for, W.
    demand: S,
    temperatures: Temperatures<S>,
    /// Set-point of the leaving chilled water, K.
    setpoint: S,
}

impl Machines {
    /// Faults of these numbers.
    pub fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults: Vec<_> = self.reset.fault().into_iter().collect();
        if self.running.is_some_and(|running| running > self.count) {
            faults.push(("running", format!("exceeds the {} machines installed", self.count)));
        }
        faults
    }

    fn available(&self) -> f64 {
        self.running.unwrap_or(self.count).min(self.count).floor()
    }

    /// How much warmer the mixing valve makes the water that enters the condenser, K.
    fn mixed<S: Scalar>(&self, inlet: S) -> S {
        self.least_condenser.map_or_else(
            || S::from(0.0),
            |least| larger(S::from(least), inlet, S::from(0.5)) - inlet,
        )
    }

    fn temperatures<S: Scalar>(&self, at: &At<'_, S>) -> Temperatures<S> {
        let inlet = at.sides[1].inlet_temperature();
        let mixed = self.mixed(inlet);
        Temperatures {
            chilled: at.internal[EVAPORATOR] - ZERO_CELSIUS,
            entering: inlet + mixed - ZERO_CELSIUS,
            leaving: at.internal[CONDENSER] + mixed - ZERO_CELSIUS,
        }
    }

    fn duty<S: Scalar>(&self, at: &At<'_, S>, law: &impl Law) -> Duty<S> {
        let on = machines_on(at.status[0], self.available(), self.staged);
        let load = Modulation::new(at.internal[LOAD], 0.0, self.maximum_part_load);
        let temperatures = self.temperatures(at);
        let (capacity, power) = law.machine(temperatures, load.position);
        let side = &at.sides[0];
        let heat = load.position * capacity * on;
        let share = heat / (self.available().max(1.0) * self.reference_capacity);
        let setpoint = self.reset.setpoint(at.outdoor, share);
        let fluid = at.fluids[0];
        let excess = fluid.enthalpy(side.inlet_temperature()) - fluid.enthalpy(setpoint);
        Duty {
            load,
            on,
            heat,
            power: power * on,
            demand: side.mass_flow * excess,
            temperatures,
            setpoint,
        }
    }

    /// See [`Component::guess`](crate::component::Component::guess); `condenser` leaving its water, K.
    pub fn guess(&self, fluids: [&Fluid; 2], condenser: f64) -> Guess {
        let n = self.available();
        let rise = |side: usize| {
            self.reference_capacity / (self.flow[side] * fluids[side].specific_heat(293.15))
        };
        let mut guess = Guess {
            mass_flow: self.flow.map(|flow| n * flow),
            pressure_rise: self.pressure_drop.map(|drop| -drop),
            temperature_rise: [-rise(0), rise(1)],
            temperature: [Some(self.reset.supply), None],
            ..Guess::default()
        };
        guess.internal[..3].copy_from_slice(&[0.7, self.reset.supply, condenser]);
        guess
    }

    /// Both sides of machines that may not run: shut by their valves.
    fn shut_off<S: Scalar>(&self, at: &At<'_, S>) -> Out<S> {
        let mut out = Out::zero();
        for index in 0..2 {
            let side = &at.sides[index];
            out.pressure[index] = side.mass_flow * (1e5 / self.flow[index]);
            pass_through(&mut out, index, side, at.fluids[index], S::from(0.0));
        }
        out.internal[LOAD] = at.internal[LOAD];
        out.internal[EVAPORATOR] = at.internal[EVAPORATOR] - self.reset.supply;
        out.internal[CONDENSER] = at.internal[CONDENSER] - (self.reset.supply + 15.0);
        out
    }

    /// See [`Component::equations`](crate::component::Component::equations).
    pub fn equations<S: Scalar>(&self, at: &At<'_, S>, law: &impl Law) -> Out<S> {
        if self.available() <= 0.0 {
            return self.shut_off(at);
        }
        let mut out = Out::zero();
        let duty = self.duty(at, law);
        let rejected = duty.heat + duty.power * self.heat_to_condenser;
        for (index, heat) in [-duty.heat, rejected].into_iter().enumerate() {
            let (side, fluid) = (&at.sides[index], at.fluids[index]);
            let drop = power_law(
                side.mass_flow / duty.on,
                S::from(self.pressure_drop[index]),
                S::from(self.flow[index]),
                S::from(self.exponent),
            );
            out.pressure[index] = side.pressure_a - side.pressure_b - drop;
            pass_through(&mut out, index, side, fluid, heat);
            let inlet = side.inlet_temperature();
            let still = S::from(STANDSTILL * self.flow[index] * duty.on);
            let flow = larger(side.mass_flow.abs(), still, still);
            out.internal[EVAPORATOR + index] = at.internal[EVAPORATOR + index]
                - inlet
                - heat / (flow * fluid.specific_heat(inlet));
        }
        let error = (duty.heat - duty.demand) / (duty.on * self.reference_capacity);
        out.internal[LOAD] = duty.load.residual(error, S::from(1.0));
        out.air_heat[0] = duty.power * (1.0 - self.heat_to_condenser);
        let reactive = (self.power_factor.powi(-2) - (1.0 - 1e-15)).sqrt();
        out.power = [duty.power, duty.power * reactive];
        out
    }

    /// Machines on that this point asks for, written into the status.
    pub fn propose(&self, at: &At<'_, f64>, law: &impl Law, next: &mut [u8]) {
        let available = self.available();
        if self.staged && available > 0.0 {
            let duty = self.duty(at, law);
            let load = duty.on * duty.load.position / self.maximum_part_load;
            let flow = at.sides[0].mass_flow.abs() / self.flow[0];
            let wanted = stage(duty.on, available, load).max(stage_by_flow(duty.on, flow));
            next[0] = wanted.min(available) as u8;
        }
    }

    /// Advisory limits of flow through one shell.
    fn flow_limits(&self, what: &'static str, side: usize, flow: f64) -> [Limit; 2] {
        let limit = |limit, bound| Limit {
            what,
            value: Some(flow),
            limit,
            dimension: Dimension::MassFlow,
            bound,
            severity: Severity::Advisory,
        };
        let rated = self.flow[side];
        [limit(1.5 * rated, Bound::AtMost), limit(0.4 * rated, Bound::AtLeast)]
    }

    /// See [`Component::report`](crate::component::Component::report).
    pub fn report(&self, at: &At<'_, f64>, law: &impl Law) -> Report {
        if self.available() <= 0.0 {
            return Report { mode: "shut off", on: 0.0, of: self.count, ..Report::default() };
        }
        let duty = self.duty(at, law);
        let side = &at.sides[0];
        let inlet = side.inlet_temperature();
        let enthalpy =
            at.fluids[0].enthalpy(inlet) - duty.heat / flow_size(side.mass_flow, self.flow[0]);
        let leaving = temperature_at(at.fluids[0], enthalpy, inlet);
        let per = |index: usize| at.sides[index].mass_flow.abs() / duty.on;
        let mut limits = Vec::from(self.flow_limits("evaporator flow of a machine", 0, per(0)));
        limits.extend(self.flow_limits("condenser flow of a machine", 1, per(1)));
        let running = duty.load.position > 0.0;
        let quantity = |name, value, dimension| Quantity { name, value, dimension };
        let mut quantities = vec![
            quantity("heat from the chilled water", duty.heat, Dimension::Power),
            quantity("compressor power", duty.power, Dimension::Power),
            quantity("part-load ratio", duty.load.position, Dimension::Fraction),
            quantity("leaving chilled water temperature", leaving, Dimension::Temperature),
            quantity(
                "leaving condenser water temperature",
                at.internal[CONDENSER],
                Dimension::Temperature,
            ),
        ];
        if duty.power > 0.0 {
            quantities.push(quantity("COP", duty.heat / duty.power, Dimension::Dimensionless));
        }
        Report {
            mode: mode(&duty.load),
            on: if running { duty.on } else { 0.0 },
            of: self.count,
            load_fraction: Some(duty.load.position),
            limits,
            controls: vec![Control {
                what: "leaving chilled water temperature",
                setpoint: duty.setpoint,
                actual: leaving,
                dimension: Dimension::Temperature,
                saturated: duty.load.saturated(),
                required: true,
            }],
            sink: None,
            warnings: if running { law.warnings(duty.temperatures) } else { Vec::new() },
            quantities,
        }
    }
}
