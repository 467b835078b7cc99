//! Power supplies and rectifiers: modules in parallel between a bus and the direct-current load.
//!
//! # Equations
//! - load of a module x = P/(m·P_r), m the modules in service, which share
//! - P_in = P + m·P_r·l(x), l(x) = x·(1/η(x) − 1) between the first and the last efficiency point;
//!   beyond them l goes on straight ([`ups`](super::ups)); with one efficiency, P_in = (P + m·P₀)/η
//! - Q_in = P_in·tan(arccos φ): what hangs below is direct current
//! - survivors' load, judged while nothing is out of service: P/((m − r)·P_r), r the redundant modules
//!
//! The loss counts as IT: IT power is metered at the inlet of power supplies and rack rectifiers.
//! Servers of a rack have power supplies of their own (`supply_efficiency`); a rack behind this kind
//! takes direct current and leaves them out.
//!
//! # Symbols and units
//! P power below [W]; P_r rated output of a module [W]; P₀ constant loss of a module [W];
//! η efficiency [-]; φ input power factor [-].
//!
//! # Range of validity
//! Load fractions 0 to about 1.2; the efficiency points should reach from 0.1 to 1.
//!
//! # Neglected
//! Modules that sleep at low load; cables between shelf and load; dependence on input voltage.
//!
//! # Source
//! 80 PLUS test points (10, 20, 50, 100 %); constant loss and one efficiency: ExaDigiT RAPS,
//! `raps/power.py` (Frontier: (P + 17 W)/0.96).

use super::feed::apparent_power;
use super::ups::module_loss;
use super::{
    At, Bound, Component, EndUse, Guess, Limit, Out, Outdoor, Quantity, Report, Severity, Spec,
};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of power supplies in parallel.
    pub struct Parameters {
        /// Rated output of one module.
        module_rating: number(Power, 1.0, 1e8),
        /// Modules installed, the redundant ones included.
        modules: number(Dimensionless, 1.0, 1e7) = 1.0,
        /// Modules that may fail: the others then carry the load.
        redundant_modules: number(Dimensionless, 0.0, 1e7) = 0.0,
        /// Modules out of service.
        out_of_service: number(Dimensionless, 0.0, 1e7) = 0.0,
        /// Efficiency against load fraction of a module.
        efficiency: optional_points(Fraction, Fraction),
        /// Efficiency at any load, beside the constant loss; used when no points are given.
        constant_efficiency: number(Fraction, 0.3, 1.0) = 0.96,
        /// Constant loss of one module, added before that efficiency.
        constant_loss: number(Power, 0.0, 1e6) = 0.0,
        /// Power factor at the input.
        power_factor: number(Fraction, 0.1, 1.0) = 0.99,
    }
}

/// Power supplies in parallel; see the module.
pub struct PowerSupply;

impl<S: Scalar> Parameters<S> {
    fn on(&self) -> S {
        self.modules - self.out_of_service
    }

    fn loss(&self, tables: &[Pchip], output: S) -> S {
        let rating = self.on() * self.module_rating;
        match self.efficiency.and_then(|index| tables.get(index)) {
            Some(curve) => rating * module_loss(curve, output / rating),
            None => {
                (output + self.on() * self.constant_loss) / self.constant_efficiency - output
            }
        }
    }
}

impl Component for PowerSupply {
    const SPEC: Spec = Spec {
        kind: "power_supply",
        doc: "Power supplies or rectifiers in parallel, with efficiency by load and redundancy.",
        sides: &[],
        source: &[],
        air: &["room"],
        carries_bus: true,
        internal: &[],
        internal_scale: &[],
        status: 0,
        fields: Parameters::<f64>::FIELDS,
    };
    const END_USE: EndUse = EndUse::It;

    fn check(theta: &[f64], tables: &[Pchip]) -> Vec<(&'static str, String)> {
        let p = Parameters::<f64>::load(theta);
        let mut faults = Vec::new();
        if p.redundant_modules >= p.modules {
            let text = "no module is left to carry the load".to_owned();
            faults.push(("redundant_modules", text));
        }
        if p.out_of_service > p.modules {
            let text = format!("more than the {} modules that there are", p.modules);
            faults.push(("out_of_service", text));
        }
        if let Some(curve) = p.efficiency.and_then(|index| tables.get(index)) {
            if curve.points().any(|(x, y)| x < 0.0 || y <= 0.0 || y > 1.0) {
                let text = "points need a load of at least 0 and an efficiency above 0 and up to 1";
                faults.push(("efficiency", text.to_owned()));
            } else if module_loss(curve, 0.0) < 0.0 {
                let text = "points imply a negative loss at low load; give one nearer to zero load";
                faults.push(("efficiency", text.to_owned()));
            }
        }
        faults
    }

    fn installed(theta: &[f64]) -> Option<f64> {
        Some(Parameters::<f64>::load(theta).modules)
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
        let loss = p.loss(at.tables, at.bus[0]);
        let input = at.bus[0] + loss;
        let mut out = Out::zero();
        out.power = [input, input * (p.power_factor.powi(-2) - (1.0 - 1e-15)).sqrt()];
        out.air_heat[0] = loss;
        out
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let (output, on) = (at.bus[0], p.on());
        let limit = |what, units: f64| Limit {
            what,
            value: Some(output / units),
            limit: p.module_rating,
            dimension: Dimension::Power,
            bound: Bound::AtMost,
            severity: Severity::Rating,
        };
        let mut limits = vec![limit("load of a module", on)];
        if p.redundant_modules > 0.0 && p.out_of_service <= 0.0 {
            limits.push(limit(
                "load of a module with the redundant ones out",
                p.modules - p.redundant_modules,
            ));
        }
        let loss = p.loss(at.tables, output);
        let input = apparent_power(output + loss, 0.0);
        Report {
            mode: "on",
            on,
            of: p.modules,
            load_fraction: Some(output / (on * p.module_rating)),
            limits,
            quantities: vec![
                Quantity { name: "loss", value: loss, dimension: Dimension::Power },
                Quantity {
                    name: "efficiency",
                    value: output / input,
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
    use super::{Parameters, PowerSupply};
    use crate::component::Component;

    /// 80 PLUS Titanium at 230 V, redundant: 90, 94, 96, 91 % at 10, 20, 50, 100 %.
    const TITANIUM: [(f64, f64); 4] = [(0.1, 0.90), (0.2, 0.94), (0.5, 0.96), (1.0, 0.91)];

    #[test]
    fn efficiency_meets_the_test_points() {
        let mut bench = Bench::new(Parameters::<f64>::FIELDS);
        bench.set("module_rating", 3.3e3).set("modules", 6.0).points("efficiency", &TITANIUM);
        for (load, efficiency) in TITANIUM {
            bench.bus = [load * 6.0 * 3.3e3, 0.0];
            let out = bench.out::<PowerSupply>();
            assert!((bench.bus[0] / out.power[0] - efficiency).abs() < 1e-12);
            assert!((out.power[0] / out.power[0].hypot(out.power[1]) - 0.99).abs() < 1e-12);
            assert!(bench.imbalance::<PowerSupply>() < 1e-14);
        }
        assert!(PowerSupply::check(&bench.theta, &bench.tables).is_empty());
    }

    /// Frontier's rectifier: (P + 17 W)/0.96.
    #[test]
    fn constant_loss_and_efficiency() {
        let mut bench = Bench::new(Parameters::<f64>::FIELDS);
        bench.set("module_rating", 12.5e3).set("constant_loss", 17.0);
        bench.bus = [5e3, 0.0];
        assert!((bench.out::<PowerSupply>().power[0] - 5017.0 / 0.96).abs() < 1e-9);
        // Without load the constant loss remains.
        bench.bus = [0.0, 0.0];
        assert!((bench.out::<PowerSupply>().power[0] - 17.0 / 0.96).abs() < 1e-9);
    }

    /// Eight shelves of 33 kW, N+N: 132 kW are half of their rating, and all of four.
    #[test]
    fn survivors_carry_the_load() {
        let mut bench = Bench::new(Parameters::<f64>::FIELDS);
        bench.set("module_rating", 33e3).set("modules", 8.0).set("redundant_modules", 4.0);
        bench.bus = [132e3, 0.0];
        let report = bench.report::<PowerSupply>();
        assert_eq!(report.load_fraction, Some(0.5));
        assert!((report.limits[1].value.unwrap_or(0.0) - 33e3).abs() < 1e-9);
        bench.set("out_of_service", 4.0);
        let report = bench.report::<PowerSupply>();
        assert_eq!((report.on, report.of, report.limits.len()), (4.0, 8.0, 1));
        bench.set("out_of_service", 8.0);
        assert!(PowerSupply::is_dead(&bench.theta));
        assert!(PowerSupply::check(&bench.theta, &[]).is_empty());
        bench.set("out_of_service", 9.0);
        assert_eq!(PowerSupply::check(&bench.theta, &[])[0].0, "out_of_service");
    }
}
