//! Water-cooled chillers in parallel, by the EIR curves of `EnergyPlus` and a second-law law beyond them.
//!
//! # Equations
//! n machines run, each with the same share of both flows (the others are shut off by their valves):
//! - load Q = r·Q_ref·CAPFT(x, y); power P = Q_ref·CAPFT/COP_ref·EIRFT(x, y)·EIRFPLR
//! - x leaving chilled water; y entering condenser water (`form = "eir"`, EIRFPLR quadratic in r) or
//!   leaving condenser water (`form = "reformulated"`, EIRFPLR bicubic in it and r); outside the fitted
//!   range see `chiller/performance.rs`. Below the least part load the machine cycles
//! - x = T_in − n·Q/(ṁ_e·c_p), leaving condenser T_in + n·Q_c/(ṁ_c·c_p), flows no less than
//!   2 % of the rated (joined smoothly up to 4 %) so that the curves have temperatures at standstill
//! - heat to the condenser Q_c = Q + f·P; the rest of P heats the room
//! - minimum condenser temperature: below it a mixing valve warms the entering water with leaving water, so that
//!   the curves see max(T_in, T_min), and the leaving water as much more (rounded over 0.5 K)
//! - control: r holds the leaving set-point, which may be reset (`reset`), n·Q = ṁ_e·(h_in − h(T_set)); water that comes colder passes
//!   through with the compressors off; at r = r_max the set-point floats (`modulation`)
//! - staging: a machine more above 0.98 of a machine's capacity, fewer below 0.8 of what would remain, and
//!   as many at least as keep the flow of an evaporator within 1.3 of the rated
//! - both sides: Δp = Δp₀·(ṁ/ṁ₀)^e
//!
//! # Symbols and units
//! Q, P [W]; x, y, T [degC in curves, K elsewhere]; r part-load ratio [-]; h [J/kg]; ṁ [kg/s].
//!
//! # Range of validity
//! The fitted range of the curves (no public chiller is fitted above 12.8 degC leaving water); beyond it the
//! second-law continuation, with a warning. `compatibility = "energyplus"` clamps the curves instead, as that program
//! does, for comparison with it alone.
//!
//! # Neglected
//! Dependence of capacity on flow, start-up, purge and oil heaters, frost protection.
//!
//! # Source
//! `EnergyPlus` Engineering Reference, `Chiller:Electric:EIR` and `Chiller:Electric:ReformulatedEIR`.
//! Default curves: `EnergyPlus` data set `Chillers.idf`, DOE-2 Centrifugal/5.50COP.

pub mod performance;

use super::fan_stage::larger;
use super::heat_exchange::{flow_size, temperature_at};
use super::modulation::Modulation;
use super::reset::Reset;
use super::resistance::power_law;
use super::{
    At, Bound, Component, Control, EndUse, Guess, Limit, Out, Outdoor, Quantity, Report, Severity,
    Spec, pass_through,
};
use crate::curve::{Pchip, Validity};
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;
use performance::Curves;

crate::fields! {
    /// Parameters of water-cooled chillers.
    pub struct Parameters {
        /// Machines installed.
        count: number(Dimensionless, 1.0, 250.0) = 1.0,
        /// Machines that may run; all where it is left out. With none both sides are shut off.
        running: optional(Dimensionless, 0.0, 250.0),
        /// Whether only as many run as the load needs, or all.
        staging: choice("by-load", "all") = 0.0,
        /// Another program whose operation is copied, for comparison with it: EnergyPlus clamps its curves.
        compatibility: choice("none", "energyplus") = 0.0,
        /// Capacity of one machine at reference.
        reference_capacity: number(Power, 1.0, 1e9),
        /// Coefficient of performance at reference.
        reference_cop: number(Dimensionless, 0.5, 50.0) = 5.5,
        /// Set-point of the leaving chilled water.
        supply_temperature: number(Temperature, 265.0, 330.0) = 280.15,
        /// What resets the set-point, from `supply_temperature` to `reset_temperature`.
        reset: choice("none", "wet-bulb", "dry-bulb", "load") = 0.0,
        /// Set-point in cold weather or without load, with a reset.
        reset_temperature: optional(Temperature, 240.0, 400.0),
        /// Outdoor temperature from which on `supply_temperature` holds.
        reset_from: number(Temperature, 230.0, 330.0) = 293.15,
        /// Outdoor temperature down from which `reset_temperature` holds.
        reset_to: number(Temperature, 230.0, 330.0) = 283.15,
        /// Flow of one evaporator at which its pressure drop holds.
        evaporator_flow: number(MassFlow, 1e-3, 1e4),
        /// Flow of one condenser at which its pressure drop holds.
        condenser_flow: number(MassFlow, 1e-3, 1e4),
        /// Pressure drop of the evaporator.
        evaporator_pressure_drop: number(Pressure, 0.0, 1e7) = 5e4,
        /// Pressure drop of the condenser.
        condenser_pressure_drop: number(Pressure, 0.0, 1e7) = 5e4,
        /// Exponent of both pressure drops.
        exponent: number(Dimensionless, 1.0, 2.0) = 1.85,
        /// Form of the curves: by entering or by leaving condenser water.
        form: choice("eir", "reformulated") = 0.0,
        /// Capacity by leaving chilled water x and condenser temperature y: coefficient of 1, temperatures in degC.
        capft_1: number(Dimensionless, -1e3, 1e3) = 0.257_896,
        /// Capacity by leaving chilled water x and condenser temperature y: coefficient of x, temperatures in degC.
        capft_2: number(Dimensionless, -1e3, 1e3) = 0.038_901_6,
        /// Capacity by leaving chilled water x and condenser temperature y: coefficient of x², temperatures in degC.
        capft_3: number(Dimensionless, -1e3, 1e3) = -0.000_217_08,
        /// Capacity by leaving chilled water x and condenser temperature y: coefficient of y, temperatures in degC.
        capft_4: number(Dimensionless, -1e3, 1e3) = 0.046_868_4,
        /// Capacity by leaving chilled water x and condenser temperature y: coefficient of y², temperatures in degC.
        capft_5: number(Dimensionless, -1e3, 1e3) = -0.000_942_84,
        /// Capacity by leaving chilled water x and condenser temperature y: coefficient of x·y, temperatures in degC.
        capft_6: number(Dimensionless, -1e3, 1e3) = -0.000_343_44,
        /// Power over capacity by x and y: coefficient of 1, temperatures in degC.
        eirft_1: number(Dimensionless, -1e3, 1e3) = 0.933_884,
        /// Power over capacity by x and y: coefficient of x, temperatures in degC.
        eirft_2: number(Dimensionless, -1e3, 1e3) = -0.058_212,
        /// Power over capacity by x and y: coefficient of x², temperatures in degC.
        eirft_3: number(Dimensionless, -1e3, 1e3) = 0.004_500_36,
        /// Power over capacity by x and y: coefficient of y, temperatures in degC.
        eirft_4: number(Dimensionless, -1e3, 1e3) = 0.002_43,
        /// Power over capacity by x and y: coefficient of y², temperatures in degC.
        eirft_5: number(Dimensionless, -1e3, 1e3) = 0.000_486,
        /// Power over capacity by x and y: coefficient of x·y, temperatures in degC.
        eirft_6: number(Dimensionless, -1e3, 1e3) = -0.001_215,
        /// Power by part load p and leaving condenser water t (degC): coefficient of 1.
        eirfplr_1: number(Dimensionless, -1e3, 1e3) = 0.222_903,
        /// Power by part load p and leaving condenser water t (degC): coefficient of t.
        eirfplr_2: number(Dimensionless, -1e3, 1e3) = 0.0,
        /// Power by part load p and leaving condenser water t (degC): coefficient of t².
        eirfplr_3: number(Dimensionless, -1e3, 1e3) = 0.0,
        /// Power by part load p and leaving condenser water t (degC): coefficient of p.
        eirfplr_4: number(Dimensionless, -1e3, 1e3) = 0.313_387,
        /// Power by part load p and leaving condenser water t (degC): coefficient of p².
        eirfplr_5: number(Dimensionless, -1e3, 1e3) = 0.463_71,
        /// Power by part load p and leaving condenser water t (degC): coefficient of t·p.
        eirfplr_6: number(Dimensionless, -1e3, 1e3) = 0.0,
        /// Power by part load p and leaving condenser water t (degC): coefficient of t³.
        eirfplr_7: number(Dimensionless, -1e3, 1e3) = 0.0,
        /// Power by part load p and leaving condenser water t (degC): coefficient of p³.
        eirfplr_8: number(Dimensionless, -1e3, 1e3) = 0.0,
        /// Power by part load p and leaving condenser water t (degC): coefficient of t²·p.
        eirfplr_9: number(Dimensionless, -1e3, 1e3) = 0.0,
        /// Power by part load p and leaving condenser water t (degC): coefficient of t·p².
        eirfplr_10: number(Dimensionless, -1e3, 1e3) = 0.0,
        /// Least leaving chilled water that the curves are fitted for.
        evaporator_min: number(Temperature, 250.0, 340.0) = 278.15,
        /// Greatest leaving chilled water that the curves are fitted for.
        evaporator_max: number(Temperature, 250.0, 340.0) = 283.15,
        /// Least condenser temperature that the curves are fitted for.
        condenser_min: number(Temperature, 250.0, 350.0) = 297.15,
        /// Greatest condenser temperature that the curves are fitted for.
        condenser_max: number(Temperature, 250.0, 350.0) = 308.15,
        /// Least leaving condenser water of the part-load curve; as `condenser_min` where left out.
        part_load_condenser_min: optional(Temperature, 250.0, 350.0),
        /// Greatest leaving condenser water of the part-load curve; as `condenser_max` where left out.
        part_load_condenser_max: optional(Temperature, 250.0, 350.0),
        /// Part-load ratio below which the machine cycles.
        minimum_part_load: number(Fraction, 1e-3, 1.0) = 0.1,
        /// Part-load ratio below which it unloads no further.
        minimum_unloading: number(Fraction, 1e-3, 1.0) = 0.2,
        /// Least temperature of the water entering a condenser: a mixing valve adds its own leaving water below.
        minimum_condenser_temperature: optional(Temperature, 250.0, 350.0),
        /// Greatest part-load ratio.
        maximum_part_load: number(Fraction, 0.1, 2.0) = 1.0,
        /// Share of the power that reaches the condenser; the rest heats the room.
        heat_to_condenser: number(Fraction, 0.0, 1.0) = 1.0,
        /// Power factor.
        power_factor: number(Fraction, 0.1, 1.0) = 0.9,
    }
}

/// Water-cooled chillers; see the module.
pub struct Chiller;

const LOAD: usize = 0;
const EVAPORATOR: usize = 1;
const CONDENSER: usize = 2;
const ZERO_CELSIUS: f64 = 273.15;
/// Rated flows that one evaporator takes before another machine is put on.
const MOST_FLOW: f64 = 1.3;
/// Share of the rated flow below which the curves' temperatures stop following the flow; they follow it exactly
/// from twice that on.
const STANDSTILL: f64 = 0.02;

/// Machines for a load in machine capacities, with hysteresis around those that run.
pub(super) fn stage(on: f64, available: f64, load: f64) -> f64 {
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
pub(super) fn stage_by_flow(on: f64, flow: f64) -> f64 {
    let machines = flow / MOST_FLOW;
    // A machine is kept until 10 % below what would put it on.
    if machines > on { machines.ceil() } else { (1.1 * machines).ceil().min(on) }
}

/// Machines on, from the status byte: zero stands for all.
pub(super) fn machines_on(status: u8, available: f64, staged: bool) -> f64 {
    if staged && status > 0 { f64::from(status).min(available) } else { available }
}

fn curves(p: &Parameters<f64>) -> Curves {
    let celsius =
        |min: f64, max: f64| Validity { min: min - ZERO_CELSIUS, max: max - ZERO_CELSIUS };
    Curves {
        capacity: [p.capft_1, p.capft_2, p.capft_3, p.capft_4, p.capft_5, p.capft_6],
        power: [p.eirft_1, p.eirft_2, p.eirft_3, p.eirft_4, p.eirft_5, p.eirft_6],
        part_load: [
            p.eirfplr_1,
            p.eirfplr_2,
            p.eirfplr_3,
            p.eirfplr_4,
            p.eirfplr_5,
            p.eirfplr_6,
            p.eirfplr_7,
            p.eirfplr_8,
            p.eirfplr_9,
            p.eirfplr_10,
        ],
        evaporator: celsius(p.evaporator_min, p.evaporator_max),
        condenser: celsius(p.condenser_min, p.condenser_max),
        condenser_leaving: (p.form == 1).then(|| {
            celsius(
                p.part_load_condenser_min.unwrap_or(p.condenser_min),
                p.part_load_condenser_max.unwrap_or(p.condenser_max),
            )
        }),
        minimum_part_load: p.minimum_part_load,
        minimum_unloading: p.minimum_unloading,
        clamped: p.compatibility == 1,
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
    condenser_temperature: S,
    /// Set-point of the leaving chilled water, K.
    setpoint: S,
}

fn reset(p: &Parameters<f64>) -> Reset {
    Reset {
        by: p.reset,
        supply: p.supply_temperature,
        other: p.reset_temperature,
        from: p.reset_from,
        to: p.reset_to,
    }
}

/// How much warmer the mixing valve makes the water that enters the condenser, K.
fn mixed<S: Scalar>(p: &Parameters<f64>, inlet: S) -> S {
    p.minimum_condenser_temperature.map_or_else(
        || S::from(0.0),
        |least| larger(S::from(least), inlet, S::from(0.5)) - inlet,
    )
}

fn available(p: &Parameters<f64>) -> f64 {
    p.running.unwrap_or(p.count).min(p.count).floor()
}

fn duty<S: Scalar>(at: &At<'_, S>, p: &Parameters<f64>) -> Duty<S> {
    let on = machines_on(at.status[0], available(p), p.staging == 0);
    let load = Modulation::new(at.internal[LOAD], 0.0, p.maximum_part_load);
    let mixed = mixed(p, at.sides[1].inlet_temperature());
    let condenser_leaving = at.internal[CONDENSER] + mixed - ZERO_CELSIUS;
    let condenser_temperature = if p.form == 1 {
        condenser_leaving
    } else {
        at.sides[1].inlet_temperature() + mixed - ZERO_CELSIUS
    };
    let curves = curves(p);
    let full = curves.full_load(at.internal[EVAPORATOR] - ZERO_CELSIUS, condenser_temperature);
    let capacity = full.capacity * p.reference_capacity;
    let part = curves.part_load(load.position, condenser_leaving);
    let side = &at.sides[0];
    let heat = load.position * capacity * on;
    let setpoint =
        reset(p).setpoint(at.outdoor, heat / (available(p).max(1.0) * p.reference_capacity));
    let target = at.fluids[0].enthalpy(setpoint);
    Duty {
        setpoint,
        load,
        on,
        heat,
        power: capacity * full.ratio * part * (on / p.reference_cop),
        demand: side.mass_flow * (at.fluids[0].enthalpy(side.inlet_temperature()) - target),
        condenser_temperature,
    }
}

impl Component for Chiller {
    const SPEC: Spec = Spec {
        kind: "chiller",
        doc: "Water-cooled chillers by EnergyPlus EIR curves, with a second-law law beyond their range.",
        sides: &["evaporator", "condenser"],
        source: &[true, false],
        air: &["room"],
        carries_bus: false,
        internal: &[
            "load control [-]",
            "leaving chilled water temperature [K]",
            "leaving condenser water temperature [K]",
        ],
        internal_scale: &[1.0, 10.0, 10.0],
        status: 1,
        fields: Parameters::<f64>::FIELDS,
    };
    const END_USE: EndUse = EndUse::Cooling;

    fn check(theta: &[f64], _: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        let mut faults: Vec<_> =
            curves(&p).fault().into_iter().chain(reset(&p).fault()).collect();
        if p.running.is_some_and(|running| running > p.count) {
            faults.push(("running", format!("exceeds the {} machines installed", p.count)));
        }
        faults
    }

    fn guess(theta: &[f64], _: &[Pchip], fluids: [&Fluid; 2], _: &Outdoor) -> Guess {
        let p = Parameters::<f64>::load(theta);
        let n = available(&p);
        let rise =
            |flow: f64, fluid: &Fluid| p.reference_capacity / (flow * fluid.specific_heat(293.15));
        let mut guess = Guess {
            mass_flow: [n * p.evaporator_flow, n * p.condenser_flow],
            pressure_rise: [-p.evaporator_pressure_drop, -p.condenser_pressure_drop],
            temperature_rise: [
                -rise(p.evaporator_flow, fluids[0]),
                rise(p.condenser_flow, fluids[1]),
            ],
            temperature: [Some(p.supply_temperature), None],
            ..Guess::default()
        };
        guess.internal[..3].copy_from_slice(&[0.7, p.supply_temperature, p.condenser_max]);
        guess
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<f64>::load(at.theta);
        let mut out = Out::zero();
        let rated = [p.evaporator_flow, p.condenser_flow];
        if available(&p) <= 0.0 {
            for (index, rated) in rated.into_iter().enumerate() {
                let side = &at.sides[index];
                out.pressure[index] = side.mass_flow * (1e5 / rated);
                pass_through(&mut out, index, side, at.fluids[index], S::from(0.0));
            }
            out.internal[LOAD] = at.internal[LOAD];
            out.internal[EVAPORATOR] = at.internal[EVAPORATOR] - p.supply_temperature;
            out.internal[CONDENSER] = at.internal[CONDENSER] - p.condenser_min;
            return out;
        }
        let duty = duty(at, &p);
        let rejected = duty.heat + duty.power * p.heat_to_condenser;
        let drops = [p.evaporator_pressure_drop, p.condenser_pressure_drop];
        for (index, heat) in [-duty.heat, rejected].into_iter().enumerate() {
            let (side, fluid) = (&at.sides[index], at.fluids[index]);
            let drop = power_law(
                side.mass_flow / duty.on,
                S::from(drops[index]),
                S::from(rated[index]),
                S::from(p.exponent),
            );
            out.pressure[index] = side.pressure_a - side.pressure_b - drop;
            pass_through(&mut out, index, side, fluid, heat);
            let inlet = side.inlet_temperature();
            let still = S::from(STANDSTILL * rated[index] * duty.on);
            let flow = larger(side.mass_flow.abs(), still, still);
            out.internal[EVAPORATOR + index] = at.internal[EVAPORATOR + index]
                - inlet
                - heat / (flow * fluid.specific_heat(inlet));
        }
        let error = (duty.heat - duty.demand) / (duty.on * p.reference_capacity);
        out.internal[LOAD] = duty.load.residual(error, S::from(1.0));
        out.air_heat[0] = duty.power * (1.0 - p.heat_to_condenser);
        out.power = [duty.power, duty.power * (p.power_factor.powi(-2) - (1.0 - 1e-15)).sqrt()];
        out
    }

    fn propose(at: &At<'_, f64>, next: &mut [u8]) {
        let p = Parameters::<f64>::load(at.theta);
        let available = available(&p);
        if p.staging == 0 && available > 0.0 {
            let duty = duty(at, &p);
            let load = duty.on * duty.load.position / p.maximum_part_load;
            let flow = at.sides[0].mass_flow.abs() / p.evaporator_flow;
            let wanted = stage(duty.on, available, load).max(stage_by_flow(duty.on, flow));
            next[0] = wanted.min(available) as u8;
        }
    }

    fn report(at: &At<'_, f64>) -> Report {
        report(at, &Parameters::<f64>::load(at.theta))
    }
}

/// Words for a chiller's load.
pub(super) fn mode(load: &Modulation<f64>) -> &'static str {
    if load.position <= 0.0 {
        "off: water at or below the set-point passes through"
    } else if load.saturated() {
        "at full load"
    } else {
        "on"
    }
}

/// Advisory limits of flow through one shell.
fn flow_limits(what: &'static str, flow: f64, rated: f64) -> [Limit; 2] {
    let limit = |limit, bound| Limit {
        what,
        value: Some(flow),
        limit,
        dimension: Dimension::MassFlow,
        bound,
        severity: Severity::Advisory,
    };
    [limit(1.5 * rated, Bound::AtMost), limit(0.4 * rated, Bound::AtLeast)]
}

fn report(at: &At<'_, f64>, p: &Parameters<f64>) -> Report {
    if available(p) <= 0.0 {
        return Report { mode: "shut off", on: 0.0, of: p.count, ..Report::default() };
    }
    let duty = duty(at, p);
    let side = &at.sides[0];
    let inlet = side.inlet_temperature();
    let enthalpy =
        at.fluids[0].enthalpy(inlet) - duty.heat / flow_size(side.mass_flow, p.evaporator_flow);
    let leaving = temperature_at(at.fluids[0], enthalpy, inlet);
    let per = |index: usize| at.sides[index].mass_flow.abs() / duty.on;
    let mut limits =
        Vec::from(flow_limits("evaporator flow of a machine", per(0), p.evaporator_flow));
    limits.extend(flow_limits("condenser flow of a machine", per(1), p.condenser_flow));
    let running = duty.load.position > 0.0;
    let chilled = at.internal[EVAPORATOR] - ZERO_CELSIUS;
    let curves = curves(p);
    let leaving_condenser = at.internal[CONDENSER] - ZERO_CELSIUS
        + mixed(p, at.sides[1].inlet_temperature());
    let warnings = [
        curves.warning(chilled, duty.condenser_temperature),
        curves.part_load_warning(leaving_condenser),
    ];
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
        of: p.count,
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
        warnings: warnings.into_iter().flatten().filter(|_| running).collect(),
        quantities,
    }
}

#[cfg(test)]
mod tests;
