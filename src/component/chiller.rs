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

pub mod machine;
pub mod performance;

use super::reset::Reset;
use super::{At, Caution, Component, EndUse, Guess, Out, Outdoor, Report, Spec};
use crate::curve::{Pchip, Validity};
use crate::fluid::Fluid;
use crate::spec::Scalar;
use machine::{Law, Machines, Temperatures};
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

const ZERO_CELSIUS: f64 = 273.15;

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

/// Fitted curves of one machine, in watts.
struct Fitted {
    curves: Curves,
    reference_capacity: f64,
    reference_cop: f64,
}

impl Fitted {
    fn new(p: &Parameters<f64>) -> Self {
        Self {
            curves: curves(p),
            reference_capacity: p.reference_capacity,
            reference_cop: p.reference_cop,
        }
    }

    /// The condenser temperature of this form of the curves.
    fn condenser<S>(&self, at: Temperatures<S>) -> S {
        if self.curves.condenser_leaving.is_some() { at.leaving } else { at.entering }
    }
}

impl Law for Fitted {
    fn machine<S: Scalar>(&self, at: Temperatures<S>, load: S) -> (S, S) {
        let full = self.curves.full_load(at.chilled, self.condenser(at));
        let capacity = full.capacity * self.reference_capacity;
        let part = self.curves.part_load(load, at.leaving);
        (capacity, capacity * full.ratio * part / self.reference_cop)
    }

    fn warnings(&self, at: Temperatures<f64>) -> Vec<Caution> {
        let warnings = [
            self.curves.warning(at.chilled, self.condenser(at)),
            self.curves.part_load_warning(at.leaving),
        ];
        warnings.into_iter().flatten().collect()
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
        internal: machine::INTERNAL,
        internal_scale: machine::INTERNAL_SCALE,
        status: 1,
        fields: Parameters::<f64>::FIELDS,
    };
    const END_USE: EndUse = EndUse::Cooling;

    fn check(theta: &[f64], _: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        curves(&p).fault().into_iter().chain(machines(&p).faults()).collect()
    }

    fn guess(theta: &[f64], _: &[Pchip], fluids: [&Fluid; 2], _: &Outdoor) -> Guess {
        let p = Parameters::<f64>::load(theta);
        machines(&p).guess(fluids, p.condenser_max)
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<f64>::load(at.theta);
        machines(&p).equations(at, &Fitted::new(&p))
    }

    fn propose(at: &At<'_, f64>, next: &mut [u8]) {
        let p = Parameters::<f64>::load(at.theta);
        machines(&p).propose(at, &Fitted::new(&p), next);
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        machines(&p).report(at, &Fitted::new(&p))
    }
}

#[cfg(test)]
mod tests;
