//! A liquid-to-liquid heat exchanger, or several alike in parallel.
//!
//! # Equations
//! - duty Q = g·(T_hot,in − T_cold,in), g = ε·C_min, ε = ε(NTU, C_r) of the arrangement. g is written
//!   in the inverse capacity flows r = 1/C of both sides, in which each arrangement but the
//!   isothermal one is symmetric and smooth across C_r = 1, with NTU → UA·max(r):
//!   counterflow g = UA·φ/(1 + UA·φ·r₂), φ = (1 − e^(−x))/x, x = UA·(r₁ − r₂), r₁ ≥ r₂;
//!   parallel g = UA·φ(UA·(r₁ + r₂));
//!   shell and tube (one shell pass, 2, 4, … tube passes)
//!   g = 2/(r₁ + r₂ + R·coth(UA·R/2)), R = √(r₁² + r₂²);
//!   crossflow, both unmixed, exact: g = E[min(X₁, X₂)]/(UA·r₁·r₂), X independent Poisson variables
//!   of mean UA·r, E[min] = Σ_k P(X₁ > k)·P(X₂ > k);
//!   isothermal: g = (1 − e^(−UA·r_hot))/r_hot, the cold side at one temperature (C_r = 0);
//! - conductance 1/UA = 1/UA₀·[f·(ṁ_h/ṁ_h0)^(−n) + (1 − f)·(ṁ_c/ṁ_c0)^(−n)]·… + R_f, per unit; with
//!   films coupled to the fluid each film also follows (µ/µ₀)^(1/3−n)·(k/k₀)^(2/3)·(cp/cp₀)^(1/3);
//! - pressure drop of each side: Δp = a·ṁ + b·ṁ|ṁ| + Δp₀·(ṁ/ṁ₀)^n_p, regularised at rest as in
//!   [`resistance`](super::resistance);
//! - staging, where it is automatic: as few units as keep both flows of a unit at or below nominal.
//!
//! C = |ṁ|·cp with cp at the mean of the two inlet temperatures, between which both fluids stay;
//! outlet temperatures follow from enthalpy, so that the balance is exact.
//!
//! # Symbols and units
//! Q duty [W]; T temperature [K]; C capacity flow [W/K]; UA conductance [W/K]; NTU = UA/C_min [-];
//! C_r = C_min/C_max [-]; f share of the hot film in the clean resistance [-]; R_f fouling
//! resistance [K/W]; ṁ mass flow of a unit [kg/s]; index 0 nominal; µ, k, cp viscosity,
//! conductivity, specific heat.
//!
//! # Range of validity
//! Flow either way on both sides; the arrangement is that of the design direction. Films in
//! turbulent flow (n = 0.8 tubes, 0.6 to 0.8 plates). Crossflow: beyond an NTU of 50 on both sides
//! the NTU counts less and saturates at 80 (ε then moves by less than 0.02).
//!
//! # Neglected
//! Resistance of the wall beside the films; change of UA along the exchanger; loss to the air.
//!
//! # Source
//! W. M. Kays, A. L. London, Compact Heat Exchangers, 3rd ed., ch. 2; crossflow series: J. L. Mason,
//! Proc. 2nd US Nat. Congr. Appl. Mech. (1954) 801–803, in an equivalent form. Film law: Dittus and
//! Boelter's form with Pr^(1/3).

use super::flow_law::closed;
use super::resistance::power_law;
use super::{
    At, Bound, Component, Guess, Limit, Outdoor, Out, Quantity, Report, STAGNANT_FLOW, Severity,
    Side, Spec, pass_through,
};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

pub mod arrangement;

pub use arrangement::{Arrangement, effectiveness, heat_per_difference};

crate::fields! {
    /// Parameters of a heat exchanger.
    pub struct Parameters {
        /// Units installed in parallel.
        count: number(Dimensionless, 1.0, 1000.0) = 1.0,
        /// Units in use, or that may be used where staging is automatic; all if left out.
        running: optional(Dimensionless, 0.0, 1000.0),
        /// Whether the number in use is fixed or follows the flow.
        staging: choice("fixed", "automatic") = 0.0,
        /// Flow arrangement.
        arrangement: choice("counterflow", "parallel", "shell_and_tube", "crossflow", "isothermal") = 0.0,
        /// Conductance UA₀ of one clean unit at nominal flows.
        conductance: number(ThermalConductance, 0.0, 1e9),
        /// Nominal mass flow of the hot side of one unit.
        hot_flow: number(MassFlow, 1e-6, 1e6),
        /// Nominal mass flow of the cold side of one unit.
        cold_flow: number(MassFlow, 1e-6, 1e6),
        /// Share f of the hot film in the clean resistance.
        hot_share: number(Fraction, 0.0, 1.0) = 0.5,
        /// Exponent n of the films against flow.
        film_exponent: number(Dimensionless, 0.0, 1.0) = 0.8,
        /// Fouling resistance R_f of one unit.
        fouling: number(ThermalResistance, 0.0, 10.0) = 0.0,
        /// Whether the films follow the fluids' properties.
        fluid_coupled: flag = 0.0,
        /// Mean temperature of hot and cold side at the rating.
        film_temperature: number(Temperature, 200.0, 500.0) = 308.15,
        /// Viscosity of the hot fluid at the rating; the present fluid's if left out.
        hot_viscosity: optional(DynamicViscosity, 1e-6, 1.0),
        /// Conductivity of the hot fluid at the rating; the present fluid's if left out.
        hot_conductivity: optional(ThermalConductivity, 0.01, 10.0),
        /// Viscosity of the cold fluid at the rating; the present fluid's if left out.
        cold_viscosity: optional(DynamicViscosity, 1e-6, 1.0),
        /// Conductivity of the cold fluid at the rating; the present fluid's if left out.
        cold_conductivity: optional(ThermalConductivity, 0.01, 10.0),
        /// Pressure drop of the hot side at nominal flow.
        hot_pressure_drop: number(Pressure, 0.0, 1e8) = 0.0,
        /// Pressure drop of the cold side at nominal flow.
        cold_pressure_drop: number(Pressure, 0.0, 1e8) = 0.0,
        /// Exponent of both pressure drops.
        pressure_exponent: number(Dimensionless, 1.0, 2.0) = 2.0,
        /// Coefficient a of the hot side's textbook law, per unit.
        hot_linear: number(LinearFlowResistance, 0.0, 1e12) = 0.0,
        /// Coefficient b of the hot side's textbook law, per unit.
        hot_quadratic: number(QuadraticFlowResistance, 0.0, 1e15) = 0.0,
        /// Coefficient a of the cold side's textbook law, per unit.
        cold_linear: number(LinearFlowResistance, 0.0, 1e12) = 0.0,
        /// Coefficient b of the cold side's textbook law, per unit.
        cold_quadratic: number(QuadraticFlowResistance, 0.0, 1e15) = 0.0,
        /// Rated duty of one unit.
        rated_heat: optional(Power, 0.0, 1e10),
    }
}

/// (|ṁ|/ṁ₀)^(−n), finite at rest.
fn slowness<S: Scalar>(mass_flow: S, nominal: f64, exponent: f64) -> S {
    let ratio = mass_flow / nominal;
    ((ratio * ratio + 1e-12).ln() * (-0.5 * exponent)).exp()
}

/// Conductance of two films in series, W/K, per unit.
///
/// `clean` UA₀ [W/K] at the nominal flows; `hot_share` of the hot film in the clean resistance;
/// `flows` and `nominal` of hot and cold side [kg/s]; `films` multiply the film coefficients;
/// `fouling` [K/W].
pub fn two_films<S: Scalar>(
    clean: S,
    hot_share: f64,
    exponent: f64,
    flows: [S; 2],
    nominal: [f64; 2],
    films: [S; 2],
    fouling: f64,
) -> S {
    let hot = slowness(flows[0], nominal[0], exponent) / films[0] * hot_share;
    let cold = slowness(flows[1], nominal[1], exponent) / films[1] * (1.0 - hot_share);
    clean / (hot + cold + clean * fouling)
}

/// Capacity flow |ṁ|·cp, W/K, never quite zero; cp at `temperature`.
pub fn capacity<S: Scalar>(side: &Side<S>, fluid: &Fluid, temperature: S) -> S {
    let flow = side.mass_flow;
    (flow * flow + STAGNANT_FLOW * STAGNANT_FLOW).sqrt() * fluid.specific_heat(temperature)
}

/// Factor on a film coefficient from the fluid's properties against those at the rating.
fn film_factor<S: Scalar>(
    fluid: &Fluid,
    temperature: S,
    rating: f64,
    viscosity: Option<f64>,
    conductivity: Option<f64>,
    exponent: f64,
) -> S {
    let ln_viscosity = viscosity.map_or_else(|| fluid.ln_viscosity(rating), f64::ln);
    let conductivity = conductivity.unwrap_or_else(|| fluid.conductivity(rating));
    let specific_heat = fluid.specific_heat(rating);
    ((fluid.ln_viscosity(temperature) - ln_viscosity) * (1.0 / 3.0 - exponent)
        + (fluid.conductivity(temperature) / conductivity).ln() * (2.0 / 3.0)
        + (fluid.specific_heat(temperature) / specific_heat).ln() * (1.0 / 3.0))
        .exp()
}

/// The exchange at one point, all units together.
struct Exchange<S> {
    conductance: S,
    capacities: [S; 2],
    inlets: [S; 2],
    heat: S,
}

fn exchange<S: Scalar>(p: &Parameters<f64>, at: &At<'_, S>, units: f64) -> Exchange<S> {
    let [hot, cold] = &at.sides;
    let inlets = [hot.inlet_temperature(), cold.inlet_temperature()];
    let mean = (inlets[0] + inlets[1]) * 0.5;
    let capacities = [capacity(hot, at.fluids[0], mean), capacity(cold, at.fluids[1], mean)];
    let films = if p.fluid_coupled {
        let n = p.film_exponent;
        [
            film_factor(at.fluids[0], mean, p.film_temperature, p.hot_viscosity, p.hot_conductivity, n),
            film_factor(at.fluids[1], mean, p.film_temperature, p.cold_viscosity, p.cold_conductivity, n),
        ]
    } else {
        [S::from(1.0); 2]
    };
    let conductance = two_films(
        S::from(p.conductance),
        p.hot_share,
        p.film_exponent,
        [hot.mass_flow / units, cold.mass_flow / units],
        [p.hot_flow, p.cold_flow],
        films,
        p.fouling,
    ) * units;
    let arrangement = Arrangement::from_index(p.arrangement);
    let g = heat_per_difference(arrangement, conductance, capacities[0].recip(), capacities[1].recip());
    Exchange { conductance, capacities, inlets, heat: g * (inlets[0] - inlets[1]) }
}

fn pressure_drop<S: Scalar>(
    flow: S,
    nominal: f64,
    nominal_drop: f64,
    exponent: f64,
    linear: f64,
    quadratic: f64,
) -> S {
    let textbook = flow * linear + flow * (flow * flow + 1e-12).sqrt() * quadratic;
    if nominal_drop > 0.0 {
        textbook + power_law(flow, S::from(nominal_drop), S::from(nominal), S::from(exponent))
    } else {
        textbook
    }
}

impl Parameters<f64> {
    fn units(&self, status: &[u8]) -> f64 {
        let may = self.running.unwrap_or(self.count).min(self.count);
        if self.staging == 1 && may >= 1.0 { (may - f64::from(status[0])).max(1.0) } else { may }
    }
}

/// Heat exchanger; see the module.
pub struct Exchanger;

impl Component for Exchanger {
    const SPEC: Spec = Spec {
        kind: "exchanger",
        doc: "Liquid-to-liquid heat exchanger by effectiveness and NTU.",
        sides: &["hot", "cold"],
        source: &[true, false],
        air: &[],
        carries_bus: false,
        internal: &[],
        internal_scale: &[],
        status: 1,
        fields: Parameters::<f64>::FIELDS,
    };

    fn check(theta: &[f64], _: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        let mut faults = Vec::new();
        if p.running.is_some_and(|running| running > p.count) {
            faults.push(("running", "more units are in use than are installed".to_owned()));
        }
        faults
    }

    fn guess(theta: &[f64], _: &[Pchip], _: [&Fluid; 2], _: &Outdoor) -> Guess {
        let p = Parameters::<f64>::load(theta);
        let n = p.units(&[0]);
        Guess {
            mass_flow: [p.hot_flow * n, p.cold_flow * n],
            pressure_rise: [-p.hot_pressure_drop, -p.cold_pressure_drop],
            temperature_rise: [-5.0, 5.0],
            ..Guess::default()
        }
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<f64>::load(at.theta);
        let [hot, cold] = &at.sides;
        let n = p.units(at.status);
        let mut out = Out::zero();
        let heat = if n < 1e-9 {
            out.pressure = [closed(hot), closed(cold)];
            S::from(0.0)
        } else {
            let e = p.pressure_exponent;
            let drops = [
                pressure_drop(hot.mass_flow / n, p.hot_flow, p.hot_pressure_drop, e, p.hot_linear, p.hot_quadratic),
                pressure_drop(cold.mass_flow / n, p.cold_flow, p.cold_pressure_drop, e, p.cold_linear, p.cold_quadratic),
            ];
            for ((residual, side), drop) in out.pressure.iter_mut().zip(&at.sides).zip(drops) {
                *residual = side.pressure_a - side.pressure_b - drop;
            }
            exchange(&p, at, n).heat
        };
        pass_through(&mut out, 0, hot, at.fluids[0], -heat);
        pass_through(&mut out, 1, cold, at.fluids[1], heat);
        out
    }

    fn propose(at: &At<'_, f64>, next: &mut [u8]) {
        let p = Parameters::<f64>::load(at.theta);
        let n = p.units(at.status);
        if p.staging != 1 || n < 1e-9 {
            return;
        }
        let may = p.running.unwrap_or(p.count).min(p.count);
        let load = (at.sides[0].mass_flow.abs() / p.hot_flow).max(at.sides[1].mass_flow.abs() / p.cold_flow);
        // A unit in use is kept until 5 % below what would put the next one on.
        let wanted = if load > n { load.ceil() } else { (load * 1.05).ceil().min(n) };
        next[0] = (may - wanted.clamp(1.0, may.max(1.0))).round().clamp(0.0, 255.0) as u8;
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let n = p.units(at.status);
        let mut report = Report { mode: "off", on: n, of: p.count, ..Report::default() };
        if n < 1e-9 {
            return report;
        }
        report.mode = "on";
        let x = exchange(&p, at, n);
        let least = x.capacities[0].min(x.capacities[1]);
        let duty = x.heat / n;
        report.load_fraction = p.rated_heat.map(|rated| duty / rated);
        if let Some(limit) = p.rated_heat {
            report.limits.push(Limit {
                what: "heat duty of one unit",
                value: Some(duty),
                limit,
                dimension: Dimension::Power,
                bound: Bound::AtMost,
                severity: Severity::Rating,
            });
        }
        let g = heat_per_difference(
            Arrangement::from_index(p.arrangement),
            x.conductance,
            1.0 / x.capacities[0],
            1.0 / x.capacities[1],
        );
        let outlet = x.inlets[0] - x.heat / x.capacities[0];
        let quantity = |name, value, dimension| Quantity { name, value, dimension };
        report.quantities = vec![
            quantity("heat duty", x.heat, Dimension::Power),
            quantity("conductance", x.conductance, Dimension::ThermalConductance),
            quantity("number of transfer units", x.conductance / least, Dimension::Dimensionless),
            quantity("effectiveness", g / least, Dimension::Fraction),
            quantity("approach", outlet - x.inlets[1], Dimension::TemperatureDifference),
        ];
        report
    }
}

#[cfg(test)]
mod tests;
