//! Water-cooled chillers by the universal thermodynamic model of Gordon and Ng, for water warmer than any curve is
//! fitted for.
//!
//! # Equations
//! First and second law over one machine in a steady state, with T_e leaving chilled water and T_c entering condenser
//! water, heat Q and power P:
//! - T_e/T_c·(1 + P/Q) − 1 = T_e·ΔS/Q + Q_l·(T_c − T_e)/(T_c·Q) + R·(Q + P)/T_c, the universal model; solved for P:
//! - P = (T_c·(Q + T_e·ΔS) + Q_l·(T_c − T_e))/(T_e − R·Q) − Q
//! - ΔS = Q_ref·φ/T_0 + σ·Q/T_e entropy made inside (T_0 = 298.15 K): a constant part and, beyond the published model, a
//!   part that goes with the heat (σ = 0 gives the published three coefficients); Q_l = λ·Q_ref heat leak;
//!   R = θ/Q_ref resistance of both exchangers, as the lift θ that they cost at the reference capacity
//! - without losses P = Q·(T_c − T_e)/T_e, Carnot's; every loss adds to it, so that no temperature gives more than that
//! - T_c is taken no lower than T_e + ΔT_min (rounded over 0.5 K): a compressor needs a least pressure ratio
//! - capacity Q_ref·(1 + a·(T_e − T_e,ref) − b·(T_c − T_c,ref)), at most K·Q_ref (rounded over 0.02), the most that the
//!   source shows: evaporator and motor do not grow in warm water; at least a twentieth of Q_ref
//! - load Q = r·capacity. `part_load = "model"`: the equation at Q, so that the exchangers' lift falls with the load;
//!   `"curve"`: the equation at capacity times c_1 + c_2·r + c_3·r² + c_4·r³, the machine's own part load. Below
//!   `minimum_unloading` it unloads no further, below `minimum_part_load` it cycles
//! - flows, temperatures, mixing valve, control, staging and pressure drops as [`chiller`](super::chiller)
//!
//! # Symbols and units
//! Q, P, Q_l [W]; T [K]; ΔS [W/K]; R [K/W]; φ, σ, λ, r, K [-]; θ [K]; a, b [1/K].
//!
//! # Range of validity
//! Temperatures that the coefficients were fitted to; beyond them the form is that of the laws of thermodynamics and the
//! losses are those fitted, with a warning. The library's parts are fitted to the same curves as the parts of `chiller`
//! (`tests/thermodynamic_chiller.rs`, errors in `docs/plants.md`) at full load and take their part-load curves.
//!
//! # Neglected
//! Change of the losses with temperature, limits of the compressor beside ΔT_min and K, dependence on flow, start-up.
//!
//! # Source
//! J. M. Gordon, K. C. Ng, *Cool Thermodynamics* (2000), universal chiller model; W. Jiang, T. A. Reddy, *Reevaluation of the
//! Gordon-Ng performance models for water-cooled chillers*, ASHRAE Trans. 109 (2003). ΔT_min by default: the least difference
//! of the two waters in any set of curves of the library is 3.9 K.

use super::chiller::machine::{self, Law, Machines, Temperatures};
use super::fan_stage::larger;
use super::reset::Reset;
use super::{At, Caution, Component, EndUse, Guess, Out, Outdoor, Report, Spec};
use crate::curve::{Pchip, Validity};
use crate::fluid::Fluid;
use crate::spec::Scalar;

crate::fields! {
    /// Parameters of chillers by the thermodynamic model.
    pub struct Parameters {
        /// Machines installed.
        count: number(Dimensionless, 1.0, 250.0) = 1.0,
        /// Machines that may run; all where it is left out. With none both sides are shut off.
        running: optional(Dimensionless, 0.0, 250.0),
        /// Whether only as many run as the load needs, or all.
        staging: choice("by-load", "all") = 0.0,
        /// Capacity of one machine at its reference temperatures.
        reference_capacity: number(Power, 1.0, 1e9),
        /// Leaving chilled water of the reference.
        reference_chilled: number(Temperature, 250.0, 340.0) = 279.82,
        /// Entering condenser water of the reference.
        reference_condenser: number(Temperature, 250.0, 350.0) = 302.59,
        /// Capacity gained per kelvin of warmer chilled water, over the reference's.
        capacity_by_chilled: number(Dimensionless, 0.0, 0.2) = 0.02,
        /// Capacity lost per kelvin of warmer condenser water, over the reference's.
        capacity_by_condenser: number(Dimensionless, 0.0, 0.2) = 0.01,
        /// Greatest capacity over the reference's.
        greatest_capacity: number(Dimensionless, 0.5, 3.0) = 1.1,
        /// Constant internal entropy production, as power at 298.15 K over the reference capacity.
        constant_loss: number(Fraction, 0.0, 1.0) = 0.03,
        /// Internal entropy production that goes with the heat, over the heat's entropy at the evaporator.
        proportional_loss: number(Fraction, 0.0, 1.0) = 0.0,
        /// Heat leak of the refrigerant's circuit over the reference capacity.
        heat_leak: number(Fraction, 0.0, 10.0) = 0.0,
        /// Lift that both exchangers cost at the reference capacity.
        exchanger_lift: number(TemperatureDifference, 0.0, 60.0) = 12.0,
        /// Least difference of entering condenser and leaving chilled water that the compressor can run with.
        least_lift: number(TemperatureDifference, 0.5, 60.0) = 3.0,
        /// Least leaving chilled water that the coefficients are fitted for.
        evaporator_min: number(Temperature, 250.0, 340.0) = 278.15,
        /// Greatest leaving chilled water that the coefficients are fitted for.
        evaporator_max: number(Temperature, 250.0, 340.0) = 283.15,
        /// Least entering condenser water that the coefficients are fitted for.
        condenser_min: number(Temperature, 250.0, 350.0) = 297.15,
        /// Greatest entering condenser water that the coefficients are fitted for.
        condenser_max: number(Temperature, 250.0, 350.0) = 308.15,
        /// Whether part load follows from the model or from a curve.
        part_load: choice("model", "curve") = 0.0,
        /// Power by part load p over that at full load: constant, for `part_load = "curve"`.
        part_load_1: number(Dimensionless, -1e3, 1e3) = 0.0,
        /// Power by part load p over that at full load: coefficient of p.
        part_load_2: number(Dimensionless, -1e3, 1e3) = 1.0,
        /// Power by part load p over that at full load: coefficient of p².
        part_load_3: number(Dimensionless, -1e3, 1e3) = 0.0,
        /// Power by part load p over that at full load: coefficient of p³.
        part_load_4: number(Dimensionless, -1e3, 1e3) = 0.0,
        /// Part-load ratio below which the machine cycles.
        minimum_part_load: number(Fraction, 1e-3, 1.0) = 0.1,
        /// Part-load ratio below which it unloads no further.
        minimum_unloading: number(Fraction, 1e-3, 1.0) = 0.2,
        /// Greatest part-load ratio.
        maximum_part_load: number(Fraction, 0.1, 2.0) = 1.0,
        /// Set-point of the leaving chilled water.
        supply_temperature: number(Temperature, 265.0, 330.0) = 293.15,
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
        /// Least temperature of the water entering a condenser: a mixing valve adds its own leaving water below.
        minimum_condenser_temperature: optional(Temperature, 250.0, 350.0),
        /// Share of the power that reaches the condenser; the rest heats the room.
        heat_to_condenser: number(Fraction, 0.0, 1.0) = 1.0,
        /// Power factor.
        power_factor: number(Fraction, 0.1, 1.0) = 0.9,
    }
}

/// Chillers by the thermodynamic model; see the module.
pub struct ThermodynamicChiller;

/// Index of `part_load = "curve"`.
const CURVE: usize = 1;
/// Temperature T_0 at which the constant entropy production is told as a power, K.
const ENTROPY_TEMPERATURE: f64 = 298.15;
const ZERO_CELSIUS: f64 = 273.15;
/// Kelvins over which the least lift is rounded.
const LIFT_EDGE: f64 = 0.5;
/// Share of the reference capacity that a machine keeps at any temperature.
const LEAST_CAPACITY: f64 = 0.05;
/// Lift of the exchangers at full load that the evaporating temperature cannot bear, K.
const MOST_EXCHANGER_LIFT: f64 = 150.0;
/// Distance from the edge of a range that counts as rounding, K.
const ROUNDING: f64 = 1e-6;

/// The model's coefficients, for heats over the reference capacity.
#[derive(Debug, Clone, Copy)]
pub struct GordonNg {
    /// Constant entropy production as power at 298.15 K, φ.
    pub constant_loss: f64,
    /// Entropy production that goes with the heat, σ.
    pub proportional_loss: f64,
    /// Heat leak, λ.
    pub heat_leak: f64,
    /// Lift of the exchangers at the reference capacity θ, K.
    pub exchanger_lift: f64,
}

impl GordonNg {
    /// Power for the heat `q`, both over the reference capacity, between leaving chilled and entering condenser
    /// water, K.
    pub fn power<S: Scalar>(&self, q: S, chilled: S, condenser: S) -> S {
        let made = q * (1.0 + self.proportional_loss)
            + chilled * (self.constant_loss / ENTROPY_TEMPERATURE);
        let rejected = condenser * made + (condenser - chilled) * self.heat_leak;
        rejected / (chilled - q * self.exchanger_lift) - q
    }
}

/// Coefficients and capacity of one machine, in watts.
struct Model<'a> {
    p: &'a Parameters<f64>,
    law: GordonNg,
}

impl<'a> Model<'a> {
    fn new(p: &'a Parameters<f64>) -> Self {
        let law = GordonNg {
            constant_loss: p.constant_loss,
            proportional_loss: p.proportional_loss,
            heat_leak: p.heat_leak,
            exchanger_lift: p.exchanger_lift,
        };
        Self { p, law }
    }

    /// Capacity over the reference's.
    fn capacity<S: Scalar>(&self, chilled: S, condenser: S) -> S {
        let p = self.p;
        let straight = (chilled - p.reference_chilled) * p.capacity_by_chilled
            - (condenser - p.reference_condenser) * p.capacity_by_condenser
            + 1.0;
        let most = -larger(-straight, S::from(-p.greatest_capacity), S::from(0.02));
        larger(most, S::from(LEAST_CAPACITY), S::from(0.02))
    }
}

impl Law for Model<'_> {
    fn machine<S: Scalar>(&self, at: Temperatures<S>, load: S) -> (S, S) {
        let p = self.p;
        let (chilled, entering) = (at.chilled + ZERO_CELSIUS, at.entering + ZERO_CELSIUS);
        let capacity = self.capacity(chilled, entering);
        let condenser = larger(entering, chilled + p.least_lift, S::from(LIFT_EDGE));
        let part = larger(load, S::from(p.minimum_unloading), S::from(0.01));
        let power = if p.part_load == CURVE {
            let c = [p.part_load_1, p.part_load_2, p.part_load_3, p.part_load_4];
            let share = part * (part * (part * c[3] + c[2]) + c[1]) + c[0];
            self.law.power(capacity, chilled, condenser) * share
        } else {
            self.law.power(part * capacity, chilled, condenser)
        };
        // The share of the time that it runs.
        let running = -larger(-load / p.minimum_part_load, S::from(-1.0), S::from(0.02));
        let power = power * running;
        (capacity * p.reference_capacity, power * p.reference_capacity)
    }

    fn warnings(&self, at: Temperatures<f64>) -> Vec<Caution> {
        let p = self.p;
        let range = |min: f64, max: f64| Validity {
            min: min - ZERO_CELSIUS - ROUNDING,
            max: max - ZERO_CELSIUS + ROUNDING,
        };
        let (e, c) =
            (range(p.evaporator_min, p.evaporator_max), range(p.condenser_min, p.condenser_max));
        let mut warnings = Vec::new();
        if !e.contains(at.chilled) || !c.contains(at.entering) {
            let text = format!(
                "chiller coefficients left their fitted range: chilled water {:.1} degC ({:.1} to {:.1}), condenser {:.1} degC ({:.1} to {:.1}); continued by the thermodynamic model with the losses as fitted",
                at.chilled, e.min, e.max, at.entering, c.min, c.max
            );
            let beyond = e.beyond(at.chilled) + c.beyond(at.entering);
            warnings.push(Caution::beyond(beyond, text));
        }
        if at.entering - at.chilled < p.least_lift {
            let text = format!(
                "condenser water of {:.1} degC is less than {:.1} K above the chilled water of {:.1} degC: power is that at {:.1} K",
                at.entering, p.least_lift, at.chilled, p.least_lift
            );
            warnings.push(text.into());
        }
        warnings
    }
}

fn machines(p: &Parameters<f64>) -> Machines {
    Machines {
        count: p.count,
        running: p.running,
        staged: p.staging == 0,
        reference_capacity: p.reference_capacity,
        flow: [p.evaporator_flow, p.condenser_flow],
        pressure_drop: [p.evaporator_pressure_drop, p.condenser_pressure_drop],
        exponent: p.exponent,
        reset: Reset {
            by: p.reset,
            supply: p.supply_temperature,
            other: p.reset_temperature,
            from: p.reset_from,
            to: p.reset_to,
        },
        least_condenser: p.minimum_condenser_temperature,
        maximum_part_load: p.maximum_part_load,
        heat_to_condenser: p.heat_to_condenser,
        power_factor: p.power_factor,
    }
}

impl Component for ThermodynamicChiller {
    const SPEC: Spec = Spec {
        kind: "thermodynamic_chiller",
        doc: "Water-cooled chillers by the universal thermodynamic model of Gordon and Ng, for warm water.",
        sides: &["evaporator", "condenser"],
        source: &[true, false],
        air: &["room"],
        carries_bus: false,
        internal: machine::INTERNAL,
        internal_scale: machine::INTERNAL_SCALE,
        status: 1,
        fields: Parameters::<f64>::FIELDS,
    };
    const END_USE: EndUse = EndUse::Cooling;

    fn check(theta: &[f64], _: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        let mut faults = machines(&p).faults();
        for (key, min, max, other) in [
            ("evaporator_max", p.evaporator_min, p.evaporator_max, "evaporator_min"),
            ("condenser_max", p.condenser_min, p.condenser_max, "condenser_min"),
        ] {
            if min >= max {
                faults.push((key, format!("must exceed {other}")));
            }
        }
        let share = |r: f64| {
            r * (r * (r * p.part_load_4 + p.part_load_3) + p.part_load_2) + p.part_load_1
        };
        let loads = (0..=10).map(|step| {
            let span = p.maximum_part_load - p.minimum_unloading;
            p.minimum_unloading + span * 0.1 * f64::from(step)
        });
        if let Some(load) = loads.into_iter().find(|&load| p.part_load == CURVE && share(load) <= 0.0) {
            faults.push(("part_load_1", format!("curve is not positive at a part load of {load:.2}")));
        }
        let lift = p.exchanger_lift * p.greatest_capacity * p.maximum_part_load;
        if lift > MOST_EXCHANGER_LIFT {
            let text = format!(
                "gives {lift:.0} K at the greatest capacity and part load; at most {MOST_EXCHANGER_LIFT:.0} K"
            );
            faults.push(("exchanger_lift", text));
        }
        faults
    }

    fn guess(theta: &[f64], _: &[Pchip], fluids: [&Fluid; 2], _: &Outdoor) -> Guess {
        let p = Parameters::<f64>::load(theta);
        machines(&p).guess(fluids, p.condenser_max)
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<f64>::load(at.theta);
        machines(&p).equations(at, &Model::new(&p))
    }

    fn propose(at: &At<'_, f64>, next: &mut [u8]) {
        let p = Parameters::<f64>::load(at.theta);
        machines(&p).propose(at, &Model::new(&p), next);
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        machines(&p).report(at, &Model::new(&p))
    }
}

#[cfg(test)]
mod tests;
