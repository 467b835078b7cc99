//! Transformers in parallel: no-load and load loss, winding temperature, own reactive power.
//!
//! # Equations
//! - S = √(P² + Q²) below, shared by the n units in service: u = S/(n·S_r)
//! - loss = n·(P₀ + P_k·u²·f)
//! - f = (1 − e)·θ + e/θ with θ = (ΔT·u^1.6 + T_a + T_c)/(ΔT + T_a + T_c): ohmic loss falls and eddy
//!   loss rises as the winding cools at part load
//! - own reactive power = n·S_r·(i₀ + u_k·u²)
//! - P_in = P + loss; Q_in = Q + own reactive power
//!
//! # Symbols and units
//! S_r rating [VA]; P₀ no-load loss, P_k load loss at rating [W]; e eddy share of the load loss [-];
//! ΔT winding rise at rating, 150 K dry and 65 K in oil [K]; T_a = 20 ambient [degC]; T_c = 225
//! (aluminium) or 234.5 (copper) [K]; i₀ magnetising current, u_k short-circuit voltage [-].
//!
//! # Range of validity
//! Balanced load at rated voltage; u up to about 1.5.
//!
//! # Neglected
//! Harmonic loss factor (k factor), voltage drop, tap position, cooling fans of the transformer.
//!
//! # Source
//! EnergyPlus Engineering Reference, `ElectricLoadCenter:Transformer` (after IEEE Std C57.110 for the
//! split into ohmic and eddy loss). Default u_k: 5.75 %, IEEE Std C57.12.10 for units above 500 kVA.

use super::feed::apparent_power;
use super::{
    At, Bound, Component, EndUse, Guess, Ledger, Limit, Out, Outdoor, Quantity, Report, Severity,
    Spec,
};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of transformers in parallel.
    pub struct Parameters {
        /// Rated apparent power of one unit.
        rating: number(ApparentPower, 1.0, 1e10),
        /// Units in parallel.
        count: number(Dimensionless, 1.0, 1e5) = 1.0,
        /// Units that may fail: the others then carry the load.
        redundant_units: number(Dimensionless, 0.0, 1e5) = 0.0,
        /// Loss of one unit without load, at rated voltage.
        no_load_loss: number(Power, 0.0, 1e8),
        /// Load loss of one unit at rating and full-load winding temperature.
        load_loss: number(Power, 0.0, 1e8),
        /// Winding metal.
        winding: choice("aluminium", "copper") = 0.0,
        /// Rise of the winding above ambient at rating.
        winding_rise: number(TemperatureDifference, 0.0, 300.0) = 150.0,
        /// Eddy share of the load loss.
        eddy_fraction: number(Fraction, 0.0, 1.0) = 0.1,
        /// Short-circuit voltage, taken as all reactive.
        impedance: number(Fraction, 0.0, 0.5) = 0.0575,
        /// Magnetising current as a share of rated current.
        magnetising_current: number(Fraction, 0.0, 0.2) = 0.0,
        /// Share of the rating allowed in continuous operation.
        continuous_factor: number(Fraction, 0.1, 1.5) = 1.0,
        /// Where its loss goes: the room, or the air outside.
        location: choice("indoor", "outdoor") = 0.0,
        /// Units out of service: switched off on both sides, they lose nothing.
        out_of_service: number(Dimensionless, 0.0, 1e5) = 0.0,
    }
}

/// Transformers in parallel; see the module.
pub struct Transformer;

/// Ambient of the winding, degC, as in the reference.
const AMBIENT: f64 = 20.0;

impl<S: Scalar> Parameters<S> {
    /// Units in service.
    fn on(&self) -> S {
        self.count - self.out_of_service
    }

    /// Loss of all units and their own reactive power, W and var.
    fn draw(&self, apparent: S) -> (S, S) {
        let load = apparent / (self.rating * self.on());
        let offset = AMBIENT + if self.winding == 1 { 234.5 } else { 225.0 };
        let full = self.winding_rise + offset;
        let warmth = (self.winding_rise * load.powf(1.6) + offset) / full;
        let factor = (-self.eddy_fraction + 1.0) * warmth + self.eddy_fraction / warmth;
        let square = load * load;
        let loss = self.on() * (self.no_load_loss + self.load_loss * square * factor);
        let reactive =
            self.on() * self.rating * (self.magnetising_current + self.impedance * square);
        (loss, reactive)
    }
}

impl Component for Transformer {
    const SPEC: Spec = Spec {
        kind: "transformer",
        doc: "Transformers in parallel with no-load and temperature-corrected load loss.",
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
        if p.on() < 0.0 {
            let text = format!("more than the {} units that there are", p.count);
            return vec![("out_of_service", text)];
        }
        if p.redundant_units < p.count {
            return Vec::new();
        }
        let text = format!("{} of {} units may not all fail", p.redundant_units, p.count);
        vec![("redundant_units", text)]
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
        let (loss, reactive) = p.draw(apparent_power(at.bus[0], at.bus[1]));
        let mut out = Out::zero();
        out.power = [at.bus[0] + loss, at.bus[1] + reactive];
        if p.location == 0 {
            out.air_heat[0] = loss;
        }
        out
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let apparent = apparent_power(at.bus[0], at.bus[1]);
        let (loss, _) = p.draw(apparent);
        let limit = |what, units: f64| Limit {
            what,
            value: Some(apparent / units),
            limit: p.rating * p.continuous_factor,
            dimension: Dimension::ApparentPower,
            bound: Bound::AtMost,
            severity: Severity::Rating,
        };
        let mut limits = vec![limit("apparent power of a unit", p.on())];
        if p.redundant_units > 0.0 && p.out_of_service <= 0.0 {
            limits.push(limit(
                "apparent power of a unit with the redundant ones out",
                p.count - p.redundant_units,
            ));
        }
        Report {
            mode: "on",
            on: p.on(),
            of: p.count,
            load_fraction: Some(apparent / (p.rating * p.on())),
            limits,
            quantities: vec![
                Quantity {
                    name: "apparent power",
                    value: apparent,
                    dimension: Dimension::ApparentPower,
                },
                Quantity { name: "loss", value: loss, dimension: Dimension::Power },
                Quantity {
                    name: "efficiency",
                    value: at.bus[0] / (at.bus[0] + loss).max(1e-9),
                    dimension: Dimension::Fraction,
                },
            ],
            ..Report::default()
        }
    }

    fn ledger(at: &At<'_, f64>) -> Ledger {
        let p = Parameters::<f64>::load(at.theta);
        if p.location == 0 {
            return Ledger::default();
        }
        let (loss, _) = p.draw(apparent_power(at.bus[0], at.bus[1]));
        Ledger { heat_out: loss, ..Ledger::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::Bench;
    use super::{Parameters, Transformer};

    fn bench(no_load: f64, load: f64) -> Bench {
        let mut bench = Bench::new(Parameters::<f64>::FIELDS);
        bench.set("rating", 2.5e6).set("no_load_loss", no_load).set("load_loss", load);
        bench
    }

    fn efficiency(bench: &mut Bench, fraction: f64) -> f64 {
        bench.bus = [2.5e6 * fraction, 0.0];
        bench.bus[0] / bench.out::<Transformer>().power[0]
    }

    /// EnergyPlus 25.2 gives 0.9947 and 0.9917 for 3000 and 18000 W, and 0.9809 for a unit of
    /// 4419 and 44252 W, at 2.5 MVA; its figures have four digits.
    #[test]
    fn efficiency_follows_energyplus() {
        let mut usual = bench(3000.0, 18_000.0);
        assert!((efficiency(&mut usual, 0.35) - 0.9947).abs() < 5e-5);
        assert!((efficiency(&mut usual, 1.0) - 0.9917).abs() < 5e-5);
        let mut poor = bench(4419.0, 44_252.0);
        assert!((efficiency(&mut poor, 1.0) - 0.9809).abs() < 5e-5);
    }

    /// Two units share; with one out the other carries all, and one no-load loss is gone.
    #[test]
    fn a_unit_out_of_service_loses_nothing() {
        let mut bench = bench(3000.0, 18_000.0);
        bench.set("count", 2.0).set("redundant_units", 1.0).set("out_of_service", 1.0);
        bench.bus = [2e6, 0.0];
        let one = bench.out::<Transformer>().air_heat[0];
        let report = bench.report::<Transformer>();
        assert_eq!((report.on, report.of, report.limits.len()), (1.0, 2.0, 1));
        assert!((report.limits[0].value.unwrap_or(0.0) - 2e6).abs() < 1.0);
        bench.set("count", 1.0).set("redundant_units", 0.0).set("out_of_service", 0.0);
        assert!((bench.out::<Transformer>().air_heat[0] - one).abs() < 1e-9);
    }

    #[test]
    fn loss_goes_to_the_room_or_outside() {
        let mut bench = bench(3000.0, 18_000.0);
        bench.bus = [1e6, 3e5];
        assert!(bench.imbalance::<Transformer>() < 1e-14);
        assert!(bench.out::<Transformer>().air_heat[0] > 3000.0);
        bench.set("location", 1.0);
        assert!(bench.imbalance::<Transformer>() < 1e-14);
        assert_eq!(bench.out::<Transformer>().air_heat, [0.0; 2]);
        assert!(bench.ledger::<Transformer>().heat_out > 3000.0);
    }

    /// Without load only the core's loss remains; two units at twice the load lose twice as much.
    #[test]
    fn limits_of_load() {
        let mut one = bench(3000.0, 18_000.0);
        one.bus = [0.0, 0.0];
        assert!((one.out::<Transformer>().power[0] - 3000.0).abs() < 1e-6);
        one.bus = [2e6, 1e6];
        let mut two = one.clone();
        two.set("count", 2.0);
        two.bus = [4e6, 2e6];
        let (a, b) = (one.out::<Transformer>().power, two.out::<Transformer>().power);
        assert!((2.0 * a[0] - b[0]).abs() < 1e-6 && (2.0 * a[1] - b[1]).abs() < 1e-6);
    }

    #[test]
    fn survivors_are_judged() {
        let mut bench = bench(3000.0, 18_000.0);
        bench.set("count", 2.0).set("redundant_units", 1.0);
        bench.bus = [3e6, 0.0];
        let limits = bench.report::<Transformer>().limits;
        assert!((limits[0].value.unwrap_or(0.0) - 1.5e6).abs() < 1.0);
        assert!(limits[1].value.unwrap_or(0.0) > limits[1].limit);
    }
}
