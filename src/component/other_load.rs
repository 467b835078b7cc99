//! A load that is neither IT nor cooling: lighting, offices, security, switchgear auxiliaries.
//!
//! # Equations
//! Those of [`it_load`]: P = n·(P_i + (P_f − P_i)·u); all of P heats the room, or the
//! air outside.
//!
//! # Symbols and units
//! As [`it_load`].
//!
//! # Range of validity
//! Loads whose power does not depend on temperature.
//!
//! # Neglected
//! The heat of people.
//!
//! # Source
//! Definition of the end use by ISO/IEC 30134-2 (what counts in the total but not as IT).

use super::{At, Component, EndUse, Guess, Ledger, Out, Outdoor, Report, Spec, it_load};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use crate::spec::Scalar;

/// Load that is neither IT nor cooling; see the module.
pub struct OtherLoad;

impl Component for OtherLoad {
    const SPEC: Spec = Spec {
        kind: "other_load",
        doc: "Load that is neither IT nor cooling: lighting, offices, security.",
        fields: it_load::Parameters::<f64>::FIELDS,
        ..it_load::ItLoad::SPEC
    };
    const END_USE: EndUse = EndUse::Other;

    fn check(theta: &[f64], _: &[Pchip]) -> Vec<(&'static str, String)> {
        it_load::check(theta)
    }

    fn guess(_: &[f64], _: &[Pchip], _: [&Fluid; 2], _: &Outdoor) -> Guess {
        Guess::default()
    }

    fn equations<S: Scalar>(at: &At<'_, S>) -> Out<S> {
        it_load::equations(at)
    }

    fn report(at: &At<'_, f64>) -> Report {
        it_load::report(at)
    }

    fn ledger(at: &At<'_, f64>) -> Ledger {
        it_load::ledger(at)
    }
}
