//! Uninterruptible power supply: modules in parallel, by mode and redundancy.
//!
//! # Equations
//! - load of a module x = P/(m·P_r), m the modules that share: all of them, and those of both systems
//!   where it is 2N, less those out of service
//! - double conversion: loss = m·P_r·l(x), l(x) = x·(1/η(x) − 1) between the first and the last
//!   efficiency point; beyond them l goes on straight, so that an unloaded module still loses power
//! - eco (line-interactive) and bypass: loss = P·(1/η − 1) with one efficiency each
//! - P_in = P + loss. Double conversion presents its own power factor: Q_in = P_in·tan(arccos φ);
//!   the other modes pass the load's Q on
//! - survivor's load, judged while nothing is out of service: N+1 P/((m − 1)·P_r); 2N P/(m/2·P_r). Loads are held to
//!   the ratings times the continuous factor
//!
//! # Symbols and units
//! P active power below [W]; P_r rated active power of a module [W]; η efficiency [-]; φ input power
//! factor [-].
//!
//! # Range of validity
//! Load fractions 0 to about 1.2; the efficiency points should reach from 0.25 or lower to 1.
//!
//! # Neglected
//! Battery charging, sleep modes that shut modules down at low load, harmonics.
//!
//! # Source
//! IEC 62040-3 (efficiency against load, modes). Default points 25/50/75/100 %: 95.8, 97.2, 97.3,
//! 96.9 %, an assumption in the range of present 1 MW class units (vendors publish up to 97.5 %).

use super::feed::apparent_power;
use super::{
    At, Bound, Component, EndUse, Guess, Limit, Out, Outdoor, Quantity, Report, Severity, Spec,
};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of an uninterruptible power supply.
    pub struct Parameters {
        /// Rated active power of one module.
        module_rating: number(Power, 1.0, 1e9),
        /// Modules of one system, the redundant one included.
        modules: number(Dimensionless, 1.0, 1e5) = 1.0,
        /// Redundancy claimed: none, one module more than needed, or two whole systems.
        redundancy: choice("none", "n+1", "2n") = 0.0,
        /// Mode of operation.
        mode: choice("double-conversion", "eco", "bypass") = 0.0,
        /// Efficiency in double conversion against load fraction of a module.
        efficiency: optional_points(Fraction, Fraction),
        /// Efficiency in eco mode.
        eco_efficiency: number(Fraction, 0.5, 1.0) = 0.99,
        /// Efficiency in bypass.
        bypass_efficiency: number(Fraction, 0.5, 1.0) = 0.995,
        /// Power factor at the input in double conversion.
        input_power_factor: number(Fraction, 0.1, 1.0) = 0.99,
        /// Rated apparent power of one module, where it exceeds the active rating.
        module_apparent_rating: optional(ApparentPower, 1.0, 1e9),
        /// Share of the ratings allowed in continuous operation.
        continuous_factor: number(Fraction, 0.1, 1.0) = 1.0,
        /// Modules out of service, of all systems together; a whole system of 2N is its modules.
        out_of_service: number(Dimensionless, 0.0, 1e5) = 0.0,
    }
}

/// Uninterruptible power supply; see the module.
pub struct Ups;

/// Default efficiency points in double conversion.
const DEFAULT: [(f64, f64); 4] = [(0.25, 0.958), (0.5, 0.972), (0.75, 0.973), (1.0, 0.969)];

/// Loss of a module over its rating, x·(1/η − 1), at the ends of an efficiency curve: value, slope.
fn end_loss(x: f64, efficiency: f64, slope: f64) -> (f64, f64) {
    let loss = x * (1.0 / efficiency - 1.0);
    (loss, 1.0 / efficiency - 1.0 - x * slope / (efficiency * efficiency))
}

/// Loss of a module over its rating at a load fraction, from a curve of efficiency.
pub fn module_loss<S: Scalar>(curve: &Pchip, load: S) -> S {
    let range = curve.range();
    let end = if load.re() < range.min {
        range.min
    } else if load.re() > range.max {
        range.max
    } else {
        return load * (curve.eval(load).recip() - 1.0);
    };
    let (efficiency, slope) = curve.eval_with_slope(end);
    let (value, slope) = end_loss(end, efficiency, slope);
    (load - end) * slope + value
}

/// Loss of a module over its rating, x·(1/η − 1), by the default points: the cubic through all four
/// (Newton's form), so that no curve has to be built. Without load it leaves 0.87 % of the rating.
fn default_loss<S: Scalar>(load: S) -> S {
    const fn at(index: usize) -> f64 {
        DEFAULT[index].0 * (1.0 / DEFAULT[index].1 - 1.0)
    }
    const FIRST: f64 = at(1) - at(0);
    const SECOND: f64 = at(2) - 2.0 * at(1) + at(0);
    const THIRD: f64 = at(3) - 3.0 * at(2) + 3.0 * at(1) - at(0);
    // The points are a quarter apart, and the first is at a quarter.
    let s = load * 4.0 - 1.0;
    s * ((s - 1.0) / 2.0 * ((s - 2.0) / 3.0 * THIRD + SECOND) + FIRST) + at(0)
}

impl<S: Scalar> Parameters<S> {
    fn sharing(&self) -> S {
        let all = if self.redundancy == 2 { self.modules * 2.0 } else { self.modules };
        all - self.out_of_service
    }

    fn loss(&self, tables: &[Pchip], active: S) -> S {
        let rating = self.sharing() * self.module_rating;
        match self.mode {
            1 => active * (self.eco_efficiency.recip() - 1.0),
            2 => active * (self.bypass_efficiency.recip() - 1.0),
            _ => {
                let load = active / rating;
                rating
                    * match self.efficiency.and_then(|index| tables.get(index)) {
                        Some(curve) => module_loss(curve, load),
                        None => default_loss(load),
                    }
            }
        }
    }
}

impl Component for Ups {
    const SPEC: Spec = Spec {
        kind: "ups",
        doc: "Uninterruptible power supply: modules in parallel, by mode and redundancy.",
        sides: &[],
        source: &[],
        air: &["room"],
        carries_bus: true,
        internal: &[],
        internal_scale: &[],
        status: 0,
        fields: Parameters::<f64>::FIELDS,
    };
    const END_USE: EndUse = EndUse::Electrical;

    fn check(theta: &[f64], tables: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        let mut faults = Vec::new();
        if p.redundancy == 1 && p.modules < 2.0 {
            faults.push(("redundancy", "n+1 needs two modules or more".to_owned()));
        }
        if p.sharing() < 0.0 {
            let all = p.sharing() + p.out_of_service;
            let text = format!("more than the {all} modules that there are");
            faults.push(("out_of_service", text));
        }
        if let Some(curve) = p.efficiency.and_then(|index| tables.get(index)) {
            if curve.points().any(|(x, y)| x <= 0.0 || y <= 0.0 || y > 1.0) {
                faults.push((
                    "efficiency",
                    "points need a load above 0 and an efficiency above 0 and up to 1".to_owned(),
                ));
            } else if module_loss(curve, 0.0) < 0.0 {
                faults.push((
                    "efficiency",
                    "points imply a negative loss at low load; give one nearer to zero load"
                        .to_owned(),
                ));
            }
        }
        faults
    }

    fn installed(theta: &[f64]) -> Option<f64> {
        let p = Parameters::<f64>::load(theta);
        Some(p.sharing() + p.out_of_service)
    }

    fn is_dead(theta: &[f64]) -> bool {
        let p = Parameters::<f64>::load(theta);
        p.sharing() <= 0.0
    }

    fn guess(_: &[f64], _: &[Pchip], _: [&Fluid; 2], _: &Outdoor) -> Guess {
        Guess::default()
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<S>::load(at.theta);
        let loss = p.loss(at.tables, at.bus[0]);
        let input = at.bus[0] + loss;
        let mut out = Out::zero();
        let reactive = if p.mode == 0 {
            let factor = p.input_power_factor;
            input * (factor.powi(-2) - (1.0 - 1e-15)).sqrt()
        } else {
            at.bus[1]
        };
        out.power = [input, reactive];
        out.air_heat[0] = loss;
        out
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let [active, reactive] = at.bus;
        let survivor = match p.redundancy {
            _ if p.out_of_service > 0.0 => None,
            1 => Some(("load of a module with one out", p.modules - 1.0)),
            2 => Some(("load of a module with one system out", p.modules)),
            _ => None,
        };
        let sharing = p.sharing();
        let limit = |what, units: f64| Limit {
            what,
            value: Some(active / units),
            limit: p.module_rating * p.continuous_factor,
            dimension: Dimension::Power,
            bound: Bound::AtMost,
            severity: Severity::Rating,
        };
        let mut limits = vec![limit("load of a module", sharing)];
        limits.extend(survivor.map(|(what, units)| limit(what, units)));
        if let Some(rating) = p.module_apparent_rating {
            limits.push(Limit {
                what: "apparent power of a module",
                value: Some(apparent_power(active, reactive) / sharing),
                limit: rating * p.continuous_factor,
                dimension: Dimension::ApparentPower,
                bound: Bound::AtMost,
                severity: Severity::Rating,
            });
        }
        let load = active / (sharing * p.module_rating);
        let loss = p.loss(at.tables, active);
        let first = p
            .efficiency
            .and_then(|index| at.tables.get(index))
            .map_or(DEFAULT[0].0, |curve| curve.range().min);
        let mut warnings = Vec::new();
        if p.mode == 0 && load < first {
            let text = format!(
                "load fraction {load:.2} is below the first efficiency point {first:.2}: loss continued straight"
            );
            warnings.push(text.into());
        }
        Report {
            mode: ["double conversion", "eco", "bypass"].get(p.mode).copied().unwrap_or("on"),
            on: sharing,
            of: sharing + p.out_of_service,
            load_fraction: Some(load),
            limits,
            warnings,
            quantities: vec![
                Quantity { name: "loss", value: loss, dimension: Dimension::Power },
                Quantity {
                    name: "efficiency",
                    value: active / (active + loss).max(1e-9),
                    dimension: Dimension::Fraction,
                },
            ],
            ..Report::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::Bench;
    use super::{DEFAULT, Parameters, Ups, default_loss};
    use crate::component::Component;

    fn bench() -> Bench {
        let mut bench = Bench::new(Parameters::<f64>::FIELDS);
        bench.set("module_rating", 1e6);
        bench
    }

    fn efficiency(bench: &mut Bench, load: f64) -> f64 {
        bench.bus = [load, 0.0];
        load / bench.out::<Ups>().power[0]
    }

    /// The points come back, given or by default.
    #[test]
    fn efficiency_follows_the_points() {
        let (mut fitted, mut given) = (bench(), bench());
        given.points("efficiency", &DEFAULT);
        for (load, expected) in DEFAULT {
            assert!((efficiency(&mut given, 1e6 * load) - expected).abs() < 1e-12);
            assert!((efficiency(&mut fitted, 1e6 * load) - expected).abs() < 1e-12);
        }
        assert!(Ups::check(&given.theta, &given.tables).is_empty());
    }

    /// A double-conversion unit without load still loses 0.5 to 1.5 % of its rating.
    #[test]
    fn loses_power_without_load() {
        let mut given = bench();
        given.points("efficiency", &DEFAULT);
        given.bus = [0.0, 0.0];
        let loss = given.out::<Ups>().power[0];
        assert!((5e3..15e3).contains(&loss), "{loss}");
        assert!((1e6 * default_loss(0.0f64) - 8678.0).abs() < 1.0);
    }

    #[test]
    fn two_systems_share_and_one_survives() {
        let mut bench = bench();
        bench.set("modules", 2.0).set("redundancy", 2.0);
        bench.bus = [2.2e6, 0.0];
        let report = bench.report::<Ups>();
        assert!((report.load_fraction.unwrap_or(0.0) - 0.55).abs() < 1e-12);
        // 1.1 MW on each survivor of 1 MW.
        assert!((report.limits[1].value.unwrap_or(0.0) - 1.1e6).abs() < 1e-6);
        bench.set("modules", 4.0).set("redundancy", 1.0);
        let report = bench.report::<Ups>();
        assert!((report.limits[1].value.unwrap_or(0.0) - 2.2e6 / 3.0).abs() < 1e-6);
    }

    /// Two systems of two 1 MW modules under 2.2 MW: with one system lost the others carry 1.1 MW each,
    /// and the loss is that of 110 % load, not of 55 %.
    #[test]
    fn one_side_of_two_lost() {
        let mut bench = bench();
        bench.set("modules", 2.0).set("redundancy", 2.0).set("out_of_service", 2.0);
        bench.bus = [2.2e6, 0.0];
        let report = bench.report::<Ups>();
        assert_eq!((report.on, report.of, report.limits.len()), (2.0, 4.0, 1));
        assert!((report.limits[0].value.unwrap_or(0.0) - 1.1e6).abs() < 1e-6);
        let loss = bench.out::<Ups>().air_heat[0];
        assert!((loss - 2e6 * default_loss(1.1f64)).abs() < 1e-6);
        bench.set("out_of_service", 4.0);
        assert!(Ups::is_dead(&bench.theta) && Ups::check(&bench.theta, &[]).is_empty());
        bench.set("out_of_service", 5.0);
        assert_eq!(Ups::check(&bench.theta, &[])[0].0, "out_of_service");
    }

    /// A share of the rating for continuous operation holds every limit, the survivor's too; load and loss keep to the rating.
    #[test]
    fn continuous_rating() {
        let mut bench = bench();
        bench.set("modules", 3.0).set("redundancy", 1.0).set("module_apparent_rating", 1.1e6);
        bench.bus = [1.8e6, 0.0];
        let full = bench.report::<Ups>();
        bench.set("continuous_factor", 0.8);
        let held = bench.report::<Ups>();
        assert_eq!((full.limits.len(), held.limits.len()), (3, 3));
        for (full, held) in full.limits.iter().zip(&held.limits) {
            assert!((held.limit - 0.8 * full.limit).abs() < 1e-6, "{}", held.what);
        }
        assert_eq!(full.load_fraction, held.load_fraction);
    }

    #[test]
    fn modes_differ_in_loss_and_reactive_power() {
        let mut bench = bench();
        bench.bus = [5e5, 2e5];
        assert!(bench.imbalance::<Ups>() < 1e-14);
        let double = bench.out::<Ups>().power;
        assert!((double[0] / double[0].hypot(double[1]) - 0.99).abs() < 1e-12);
        bench.set("mode", 1.0);
        let eco = bench.out::<Ups>().power;
        assert!((eco[0] - 5e5 / 0.99).abs() < 1e-6 && eco[1] == 2e5);
    }
}
