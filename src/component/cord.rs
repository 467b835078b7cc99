//! A cord: one of several supply paths of a load, and the share of its power that comes by it.
//!
//! A load that names two feeders (`feeder = ["busway_a", "busway_b"]`) hangs on a bus of its own;
//! a cord joins that bus to each feeder. Cords are made from that list and are never written as
//! equipment.
//!
//! # Equations
//! - share in effect: s' = s/Σ s over the cords whose feeder is in service; 0 where it is not
//! - P_in = s'·P, Q_in = s'·Q: nothing is lost in it
//!
//! # Symbols and units
//! P, Q active and reactive power of the load [W, var]; s nominal share [-], 1 over all cords.
//!
//! # Range of validity
//! Loads whose power supplies share current between their inputs and go on on what is left (active
//! sharing, N + N supplies), and static transfer switches with shares 1 and 0.
//!
//! # Neglected
//! Imbalance between supplies, current that still flows into the supplies of a cord that is out,
//! efficiency of supplies at half load (give it with the supplies: see `server`).
//!
//! # Source
//! Conservation of power; sharing between supplies in parallel as EN 50600-2-2 (classes 3 and 4, two
//! paths of supply) asks for it.

use super::{At, Component, EndUse, Guess, Out, Outdoor, Quantity, Report, Spec};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of a cord.
    pub struct Parameters {
        /// Share of the load while all cords are in service.
        nominal_share: number(Fraction, 0.0, 1.0),
        /// Share in effect.
        share: number(Fraction, 0.0, 1.0),
        /// Whether its feeder is in service.
        in_service: flag = 1.0,
    }
}

/// Cord; see the module.
pub struct Cord;

impl Component for Cord {
    const SPEC: Spec = Spec {
        kind: "cord",
        doc: "One of several supply paths of a load; made from a list of feeders.",
        sides: &[],
        source: &[],
        air: &[],
        carries_bus: false,
        internal: &[],
        internal_scale: &[],
        status: 0,
        fields: Parameters::<f64>::FIELDS,
    };
    const END_USE: EndUse = EndUse::Electrical;

    fn guess(_: &[f64], _: &[Pchip], _: [&Fluid; 2], _: &Outdoor) -> Guess {
        Guess::default()
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        let mut out = Out::zero();
        out.power = Self::passed(at);
        out
    }

    fn passed<S: Scalar>(at: &At<'_, S>) -> [S; 2] {
        let share = Parameters::<S>::load(at.theta).share;
        [at.bus[0] * share, at.bus[1] * share]
    }

    fn report(at: &At<'_, f64>) -> Report {
        let p = Parameters::<f64>::load(at.theta);
        let [active, reactive] = Self::passed(at);
        Report {
            mode: if p.in_service { "on" } else { "out of service" },
            on: f64::from(u8::from(p.in_service)),
            of: 1.0,
            quantities: vec![
                Quantity { name: "power", value: active, dimension: Dimension::Power },
                Quantity {
                    name: "apparent power",
                    value: super::feed::apparent_power(active, reactive),
                    dimension: Dimension::ApparentPower,
                },
                Quantity { name: "share", value: p.share, dimension: Dimension::Fraction },
            ],
            ..Report::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::Bench;
    use super::{Cord, Parameters};
    use crate::component::Component;

    #[test]
    fn passes_its_share_and_loses_nothing() {
        let mut bench = Bench::new(Parameters::<f64>::FIELDS);
        bench.set("nominal_share", 0.5).set("share", 0.25);
        bench.bus = [1e6, 2e5];
        assert_eq!(bench.at(Cord::equations).power, [2.5e5, 5e4]);
        assert_eq!(bench.at(Cord::passed::<f64>), [2.5e5, 5e4]);
        assert_eq!(bench.at(Cord::report).mode, "on");
        bench.set("in_service", 0.0);
        assert_eq!(bench.at(Cord::report).on, 0.0);
    }
}
