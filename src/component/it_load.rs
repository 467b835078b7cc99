//! IT equipment that is not in a modelled rack: network, storage, management, processor nodes.
//!
//! # Equations
//! P = n·(P_i + (P_f − P_i)·u), Q = P·tan(arccos φ); all of P heats the room.
//!
//! # Symbols and units
//! P_f power at full load, P_i idle, of one unit [W]; n units; u load, 0 to 1; φ power factor [-].
//!
//! The operating state sets u: the key `load` takes the state's `other_load`, unless the file gives it.
//!
//! # Range of validity
//! Air-cooled equipment whose power is linear in its load.
//!
//! # Neglected
//! Dependence on inlet temperature (fans speed up above about 27 degC), loss of its power supplies
//! apart from what P includes.
//!
//! # Source
//! Linear power model, as customary (X. Fan, W.-D. Weber, L. A. Barroso, ISCA 2007).

use super::{At, Component, EndUse, Guess, Ledger, Out, Outdoor, Quantity, Report, Spec};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;
use crate::units::Dimension;

crate::fields! {
    /// Parameters of a load.
    pub struct Parameters {
        /// Power of one unit at full load.
        power: number(Power, 0.0, 1e10),
        /// Power of one unit when idle; as at full load where it is left out.
        idle_power: optional(Power, 0.0, 1e10),
        /// Load, 0 idle to 1 full; the operating state's `other_load` if left out.
        load: optional(Fraction, 0.0, 1.0),
        /// Units.
        count: number(Dimensionless, 0.0, 1e7) = 1.0,
        /// Power factor.
        power_factor: number(Fraction, 0.1, 1.0) = 0.95,
        /// Where the heat goes: the room, or the air outside.
        location: choice("indoor", "outdoor") = 0.0,
    }
}

impl<S: Scalar> Parameters<S> {
    fn active(&self) -> S {
        let idle = self.idle_power.unwrap_or(self.power);
        self.count * (idle + (self.power - idle) * self.load.unwrap_or(S::from(1.0)))
    }
}

/// Fault of an idle power above the full one.
pub(super) fn check(theta: &[f64]) -> Vec<(&'static str, String)> {
    let p = Parameters::<f64>::load(theta);
    match p.idle_power {
        Some(idle) if idle > p.power => {
            vec![("idle_power", format!("{idle} W idle exceed {} W at full load", p.power))]
        }
        _ => Vec::new(),
    }
}

/// What any load draws and gives to the room.
pub(super) fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
    let p = Parameters::<S>::load(at.theta);
    let active = p.active();
    let mut out = Out::zero();
    out.power = [active, active * (p.power_factor.powi(-2) - (1.0 - 1e-15)).sqrt()];
    if p.location == 0 {
        out.air_heat[0] = active;
    }
    out
}

/// Its report.
pub(super) fn report(at: &At<'_, f64>) -> Report {
    let p = Parameters::<f64>::load(at.theta);
    Report {
        mode: "on",
        on: p.count,
        of: p.count,
        load_fraction: Some(p.load.unwrap_or(1.0)),
        quantities: vec![Quantity {
            name: "power",
            value: p.active(),
            dimension: Dimension::Power,
        }],
        ..Report::default()
    }
}

/// Heat that it gives to the air outside.
pub(super) fn ledger(at: &At<'_, f64>) -> Ledger {
    let p = Parameters::<f64>::load(at.theta);
    Ledger { heat_out: if p.location == 0 { 0.0 } else { p.active() }, ..Ledger::default() }
}

/// IT equipment outside modelled racks; see the module.
pub struct ItLoad;

impl Component for ItLoad {
    const SPEC: Spec = Spec {
        kind: "it_load",
        doc: "Air-cooled IT equipment outside the modelled racks: network, storage, processor nodes.",
        sides: &[],
        source: &[],
        air: &["room"],
        carries_bus: false,
        internal: &[],
        internal_scale: &[],
        status: 0,
        fields: Parameters::<f64>::FIELDS,
    };
    const END_USE: EndUse = EndUse::It;

    fn check(theta: &[f64], _: &[Pchip]) -> Vec<(&'static str, String)> {
        check(theta)
    }

    fn guess(_: &[f64], _: &[Pchip], _: [&Fluid; 2], _: &Outdoor) -> Guess {
        Guess::default()
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        equations(at)
    }

    fn report(at: &At<'_, f64>) -> Report {
        report(at)
    }

    fn ledger(at: &At<'_, f64>) -> Ledger {
        ledger(at)
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::Bench;
    use super::{ItLoad, Parameters};

    #[test]
    fn power_is_linear_in_load() {
        let mut bench = Bench::new(Parameters::<f64>::FIELDS);
        bench.set("power", 2e3).set("idle_power", 1e3).set("count", 10.0).set("load", 0.5);
        let out = bench.out::<ItLoad>();
        assert_eq!(out.power[0], 15e3);
        assert_eq!(out.air_heat[0], 15e3);
        assert!((out.power[0] / out.power[0].hypot(out.power[1]) - 0.95).abs() < 1e-12);
        assert!(bench.imbalance::<ItLoad>() < 1e-15);
        bench.set("location", 1.0);
        assert_eq!(bench.out::<ItLoad>().air_heat[0], 0.0);
        assert!(bench.imbalance::<ItLoad>() < 1e-15);
    }
}
