//! Busway or cable: loss by the square of the current.
//!
//! # Equations
//! - current of a run: three-phase I = S/(√3·U·n), single-phase I = S/(U·n), direct I = P/(U·n)
//! - loss = n·c·R·I² with c = 3 (three-phase) or 2 (the others), R the resistance of one conductor over
//!   the whole length; or, with a rated loss, n·P_r·(I/I_r)²; either or both
//! - reactive power = n·c·X·I² (none for direct current)
//! - voltage drop, three-phase: √3·I·(R·cos φ + X·sin φ)/U
//!
//! # Symbols and units
//! U line voltage, line to line for three phases [V]; I [A]; n runs in service; R, X [Ω]; P_r loss of
//! one run at rated current I_r [W]. The load is not spread along the run: all of it flows to the end.
//!
//! # Range of validity
//! Balanced load. The voltage at the load's end is taken as nominal: with a drop of 3 % this is off by
//! 3 % of the loss.
//!
//! # Neglected
//! Rise of resistance with temperature (give R at operating temperature), tap-off boxes, harmonics.
//!
//! # Source
//! Ohm's law; IEC 61439-6 gives the meaning of rated loss and of R and X a phase.

use super::feed::apparent_power;
use super::{
    At, Bound, Component, EndUse, Guess, Limit, Out, Outdoor, Quantity, Report, Severity, Spec,
};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of a busway.
    pub struct Parameters {
        /// Voltage, line to line for three phases.
        voltage: number(Voltage, 1.0, 1e6),
        /// Current system.
        system: choice("three-phase", "single-phase", "direct") = 0.0,
        /// Runs in parallel.
        count: number(Dimensionless, 1.0, 1e5) = 1.0,
        /// Length of a run; scales the resistance and the rated loss, which are those of 1 m where a
        /// length is given and of the whole run where it is left out.
        length: number(Length, 0.0, 1e5) = 1.0,
        /// Resistance of one conductor, of 1 m or of the whole run.
        resistance: number(ElectricResistance, 0.0, 1e3) = 0.0,
        /// Reactance of one conductor, of 1 m or of the whole run.
        reactance: number(ElectricResistance, 0.0, 1e3) = 0.0,
        /// Rated current of a run.
        rated_current: optional(Current, 1e-3, 1e6),
        /// Loss of a run at rated current, of 1 m or of the whole run.
        rated_loss: number(Power, 0.0, 1e7) = 0.0,
        /// Share of the rated current allowed in continuous operation.
        continuous_factor: number(Fraction, 0.1, 1.0) = 1.0,
        /// Largest voltage drop held to be good practice.
        voltage_drop_limit: number(Fraction, 0.0, 1.0) = 0.03,
        /// Runs that may fail: the others then carry the load.
        redundant_runs: number(Dimensionless, 0.0, 1e5) = 0.0,
        /// Runs out of service.
        out_of_service: number(Dimensionless, 0.0, 1e5) = 0.0,
    }
}

/// Busway; see the module.
pub struct Busway;

struct Line<S> {
    current: S,
    loss: S,
    reactive: S,
}

impl<S: Scalar> Parameters<S> {
    /// Runs in service.
    fn on(&self) -> S {
        self.count - self.out_of_service
    }

    fn line(&self, bus: [S; 2]) -> Line<S> {
        let reactive_part = if self.system == 2 { S::from(0.0) } else { bus[1] };
        let apparent = apparent_power(bus[0], reactive_part);
        let (phases, conductors) = match self.system {
            0 => (3.0f64.sqrt(), 3.0),
            _ => (1.0, 2.0),
        };
        let current = apparent / (self.voltage * self.on() * phases);
        let square = current * current;
        let mut loss = self.on() * self.length * self.resistance * square * conductors;
        if let Some(rated) = self.rated_current {
            loss += self.on() * self.length * self.rated_loss * square / (rated * rated);
        }
        let reactive = if self.system == 2 {
            S::from(0.0)
        } else {
            self.on() * self.length * self.reactance * square * conductors
        };
        Line { current, loss, reactive }
    }
}

impl Component for Busway {
    const SPEC: Spec = Spec {
        kind: "busway",
        doc: "Busway or cable with loss by the square of the current.",
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

    fn check(theta: &[f64], _: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        if p.rated_loss > 0.0 && p.rated_current.is_none() {
            let text = "needs the rated current that it belongs to".to_owned();
            return vec![("rated_loss", text)];
        }
        if p.redundant_runs >= p.count {
            let text = "no run is left to carry the load".to_owned();
            return vec![("redundant_runs", text)];
        }
        if p.out_of_service > p.count {
            let text = format!("more than the {} runs that there are", p.count);
            return vec![("out_of_service", text)];
        }
        Vec::new()
    }

    fn installed(theta: &[f64]) -> Option<f64> {
        Some(Parameters::<f64>::load(theta).count)
    }

    fn is_dead(theta: &[f64]) -> bool {
        let p = Parameters::<f64>::load(theta);
        p.on() <= 0.0
    }

    fn guess(_: &[f64], _: &[Pchip], _: [&Fluid; 2], _: &Outdoor) -> Guess {
        Guess::default()
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let p = Parameters::<S>::load(at.theta);
        let line = p.line(at.bus);
        let mut out = Out::zero();
        out.power = [at.bus[0] + line.loss, at.bus[1] + line.reactive];
        out.air_heat[0] = line.loss;
        out
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let line = p.line(at.bus);
        // Of the power, the drop takes the share that is lost or reactive, weighed by the angle.
        let apparent = apparent_power(at.bus[0], at.bus[1]);
        let drop =
            (line.loss * at.bus[0] + line.reactive * at.bus[1]) / (apparent * apparent).max(1e-9);
        let mut limits = vec![Limit {
            what: "voltage drop",
            value: Some(drop),
            limit: p.voltage_drop_limit,
            dimension: Dimension::Fraction,
            bound: Bound::AtMost,
            severity: Severity::Advisory,
        }];
        if let Some(rated) = p.rated_current {
            let mut limit = |what, current| {
                limits.push(Limit {
                    what,
                    value: Some(current),
                    limit: rated * p.continuous_factor,
                    dimension: Dimension::Current,
                    bound: Bound::AtMost,
                    severity: Severity::Rating,
                });
            };
            limit("current of a run", line.current);
            if p.redundant_runs > 0.0 && p.out_of_service <= 0.0 {
                let survivors = p.count - p.redundant_runs;
                limit(
                    "current of a run with the redundant ones out",
                    line.current * p.count / survivors,
                );
            }
        }
        Report {
            mode: "on",
            on: p.on(),
            of: p.count,
            load_fraction: p.rated_current.map(|rated| line.current / rated),
            limits,
            quantities: vec![
                Quantity {
                    name: "current of a run",
                    value: line.current,
                    dimension: Dimension::Current,
                },
                Quantity { name: "loss", value: line.loss, dimension: Dimension::Power },
            ],
            ..Report::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::Bench;
    use super::{Busway, Parameters};
    use crate::component::Component;

    /// 1 MW at 415 V and unit power factor is 1391 A; 20 µΩ/m over 50 m lose 3·1391²·1 mΩ = 5807 W.
    #[test]
    fn ohms_law_for_three_phases() {
        let mut bench = Bench::new(Parameters::<f64>::FIELDS);
        bench.set("voltage", 415.0).set("length", 50.0).set("resistance", 20e-6);
        bench.set("reactance", 10e-6).set("rated_current", 2000.0);
        bench.bus = [1e6, 0.0];
        let out = bench.out::<Busway>();
        let current: f64 = 1e6 / (3.0f64.sqrt() * 415.0);
        assert!((current - 1391.2).abs() < 0.05);
        assert!((out.power[0] - 1e6 - 3.0 * current * current * 1e-3).abs() < 1e-6);
        assert!((out.power[1] - 0.5 * out.air_heat[0]).abs() < 1e-9);
        assert!(bench.imbalance::<Busway>() < 1e-14);
        // √3·I·R/U = 5.8e-3.
        let report = bench.report::<Busway>();
        assert!((report.limits[0].value.unwrap_or(0.0) - 5.807e-3).abs() < 1e-6);
        assert!((report.load_fraction.unwrap_or(0.0) - 0.6956).abs() < 1e-4);
    }

    /// Two runs of 2000 A under 1 MW at 415 V: 696 A each, 1391 A with one out, and twice the loss.
    #[test]
    fn survivors_carry_all() {
        let mut bench = Bench::new(Parameters::<f64>::FIELDS);
        bench.set("voltage", 415.0).set("rated_current", 2000.0).set("rated_loss", 2e4);
        bench.set("count", 2.0).set("redundant_runs", 1.0);
        bench.bus = [1e6, 0.0];
        let both = bench.out::<Busway>().air_heat[0];
        let report = bench.report::<Busway>();
        assert!((report.limits[1].value.unwrap_or(0.0) - 695.6).abs() < 0.05);
        assert!((report.limits[2].value.unwrap_or(0.0) - 1391.2).abs() < 0.05);
        bench.set("out_of_service", 1.0);
        assert!((bench.out::<Busway>().air_heat[0] - 2.0 * both).abs() < 1e-6);
        let report = bench.report::<Busway>();
        assert_eq!((report.on, report.of, report.limits.len()), (1.0, 2.0, 2));
        bench.set("out_of_service", 2.0);
        assert!(Busway::is_dead(&bench.theta) && Busway::check(&bench.theta, &[]).is_empty());
        bench.set("out_of_service", 3.0);
        assert_eq!(Busway::check(&bench.theta, &[])[0].0, "out_of_service");
    }

    /// Twice the load loses four times as much, whichever law is given; direct current has two poles.
    #[test]
    fn loss_goes_with_the_square() {
        for system in [0.0, 1.0, 2.0] {
            let mut bench = Bench::new(Parameters::<f64>::FIELDS);
            bench.set("voltage", 800.0).set("system", system);
            bench.set("rated_current", 1000.0).set("rated_loss", 4e3);
            bench.bus = [4e5, 0.0];
            let single = bench.out::<Busway>().air_heat[0];
            bench.bus = [8e5, 0.0];
            assert!((bench.out::<Busway>().air_heat[0] - 4.0 * single).abs() < 1e-6);
            let phases = if system < 0.5 { 3.0 } else { 1.0 };
            // 500 A at 400 kW over two conductors: a quarter of the rated loss.
            assert!((single - 1e3 / phases).abs() < 1e-6);
        }
    }
}
