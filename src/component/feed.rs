//! A utility feed: the point where the site meets the grid, with its contract and its rating.
//!
//! # Equations
//! P = P_below, Q = Q_below: nothing is lost in it.
//! S = √(P² + Q²); power factor = P/S.
//!
//! # Symbols and units
//! P active power [W]; Q reactive power [var]; S apparent power [VA].
//!
//! # Range of validity
//! Any load; balanced phases.
//!
//! # Neglected
//! Losses and voltage of the grid, harmonics.
//!
//! # Source
//! Definitions of IEEE Std 1459 for balanced sinusoidal conditions.

use super::{
    At, Bound, Component, EndUse, Guess, Limit, Out, Outdoor, Quantity, Report, Severity, Spec,
};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of a utility feed.
    pub struct Parameters {
        /// Apparent power that switchgear and cables carry.
        rating: optional(ApparentPower, 0.0, 1e11),
        /// Active power granted by the contract.
        power_limit: optional(Power, 0.0, 1e11),
        /// Share of the rating allowed in continuous operation.
        continuous_factor: number(Fraction, 0.1, 1.0) = 1.0,
        /// Least power factor that the utility accepts without charge.
        power_factor_limit: number(Fraction, 0.0, 1.0) = 0.9,
        /// 1 where it is out of service: only loads with another path are then fed.
        out_of_service: number(Dimensionless, 0.0, 1.0) = 0.0,
    }
}

/// Apparent power below which a feed counts as unloaded, VA.
const NO_LOAD: f64 = 10.0;

/// Utility feed; see the module.
pub struct Feed;

/// Apparent power of an active and a reactive power, VA; smooth at zero (one VA stands in).
pub fn apparent_power<S: Scalar>(active: S, reactive: S) -> S {
    (active * active + reactive * reactive + 1.0).sqrt()
}

impl Component for Feed {
    const SPEC: Spec = Spec {
        kind: "feed",
        doc: "Utility feed with its contract limit, rating and power-factor limit.",
        sides: &[],
        source: &[],
        air: &[],
        carries_bus: true,
        internal: &[],
        internal_scale: &[],
        status: 0,
        fields: Parameters::<f64>::FIELDS,
    };
    const END_USE: EndUse = EndUse::Electrical;

    fn installed(theta: &[f64]) -> Option<f64> {
        let _ = theta;
        Some(1.0)
    }

    fn is_dead(theta: &[f64]) -> bool {
        let p = Parameters::<f64>::load(theta);
        1.0 - p.out_of_service <= 0.0
    }

    fn guess(_: &[f64], _: &[Pchip], _: [&Fluid; 2], _: &Outdoor) -> Guess {
        Guess::default()
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let mut out = Out::zero();
        out.power = at.bus;
        out
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let [active, reactive] = at.bus;
        let apparent = apparent_power(active, reactive);
        let mut limits = Vec::new();
        // Without a load there is no factor to speak of.
        if apparent > NO_LOAD {
            limits.push(Limit {
                what: "power factor",
                value: Some(active / apparent),
                limit: p.power_factor_limit,
                dimension: Dimension::Fraction,
                bound: Bound::AtLeast,
                severity: Severity::Advisory,
            });
        }
        if let Some(rating) = p.rating {
            limits.push(Limit {
                what: "apparent power",
                value: Some(apparent),
                limit: rating * p.continuous_factor,
                dimension: Dimension::ApparentPower,
                bound: Bound::AtMost,
                severity: Severity::Rating,
            });
        }
        if let Some(limit) = p.power_limit {
            limits.push(Limit {
                what: "contracted power",
                value: Some(active),
                limit,
                dimension: Dimension::Power,
                bound: Bound::AtMost,
                severity: Severity::Rating,
            });
        }
        Report {
            mode: "on",
            on: 1.0,
            of: 1.0,
            load_fraction: p.rating.filter(|r| *r > 0.0).map(|rating| apparent / rating),
            limits,
            quantities: vec![
                Quantity {
                    name: "apparent power",
                    value: apparent,
                    dimension: Dimension::ApparentPower,
                },
                Quantity {
                    name: "power factor",
                    value: active / apparent,
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
    use super::{Feed, Parameters};
    use crate::component::Component;

    #[test]
    fn passes_everything_and_judges_the_contract() {
        let mut bench = Bench::new(Parameters::<f64>::FIELDS);
        bench.set("rating", 160e6).set("power_limit", 150e6);
        bench.bus = [151e6, 40e6];
        let out = bench.at(Feed::equations);
        assert_eq!(out.power, [151e6, 40e6]);
        let report = bench.at(Feed::report);
        // cos φ of 151 and 40 is 0.9667; S is 156.2 MVA: within the rating, above the contract.
        assert!((report.limits[0].value.unwrap_or(0.0) - 0.96666).abs() < 1e-4);
        assert!(report.limits[1].value.is_some_and(|s| s < 160e6));
        assert!(report.limits[2].value.is_some_and(|s| s > 150e6));
    }
}
