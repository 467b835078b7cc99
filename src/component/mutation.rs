//! Heat paths that a test can take away, to see that the balance of the hall notices.
//!
//! In test builds every answer of a component, and every heat path of the rack kernel, passes
//! through here. A [`Mutation`] holds on the thread that runs it, so a solve has to stay on that
//! thread: run it in a pool of one.

use std::cell::Cell;

use super::{Kind, Ledger, Out};
use crate::spec::Scalar;

/// One way for heat or power to get from one place to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// Heat given to the fluid of a side.
    Fluid(usize),
    /// Enthalpy that the fluid of a side carries through.
    Carried(usize),
    /// Heat put into an air node.
    Air(usize),
    /// Power of the component's own, or its loss.
    Power,
    /// What hangs below an electrical device, passed on to its feeder.
    Below,
    /// What leaves the site, as the ledger counts it.
    HeatOut,
    /// What comes in beside the meter, as the ledger counts it.
    EnergyIn,
    /// In a rack: from plates to coolant.
    Plates,
    /// In a rack: from coolant to air.
    CoolantToAir,
    /// In a rack: the share of the plated devices that goes to air.
    DevicesToAir,
    /// In a rack: what is cooled by air and the fans, to air.
    AirCooled,
    /// In a rack: loss of the power supplies, to air.
    SupplyLoss,
    /// In a rack: switches, to air.
    Switches,
    /// In a rack: power of the devices on plates.
    DevicePower,
    /// In a rack: power of what is cooled by air, fans, supplies and switches.
    OtherPower,
}

/// A path of one kind (`None`: of the racks) of which only a part is kept.
#[derive(Debug, Clone, Copy)]
pub struct Mutation {
    /// Kind of component.
    pub kind: Option<Kind>,
    /// Path.
    pub path: Path,
    /// Part that is kept.
    pub kept: f64,
}

thread_local! {
    static ACTIVE: Cell<Option<Mutation>> = const { Cell::new(None) };
}

/// Runs something with a mutation in force on this thread.
pub fn with<R>(mutation: Mutation, run: impl FnOnce() -> R) -> R {
    ACTIVE.set(Some(mutation));
    let result = run();
    ACTIVE.set(None);
    result
}

/// Whether a kind is mutated: its closed forms do not hold then.
pub fn touches(kind: Kind) -> bool {
    ACTIVE.get().is_some_and(|m| m.kind == Some(kind))
}

/// Part that is kept of a path of the racks.
pub fn kept(path: Path) -> f64 {
    match ACTIVE.get() {
        Some(m) if m.kind.is_none() && m.path == path => m.kept,
        _ => 1.0,
    }
}

/// Takes the path out of a component's answer; `below` is what hangs on its bus, W.
pub fn thin<S: Scalar>(kind: Kind, below: S, out: &mut Out<S>) {
    let Some(Mutation {
        kind: Some(mutated),
        path,
        kept,
    }) = ACTIVE.get()
    else {
        return;
    };
    if mutated != kind {
        return;
    }
    match path {
        Path::Fluid(s) => {
            out.energy_out[s] = out.energy_in[s] + (out.energy_out[s] - out.energy_in[s]) * kept;
        }
        Path::Carried(s) => {
            out.energy_out[s] -= out.energy_in[s] * (1.0 - kept);
        }
        Path::Air(k) => out.air_heat[k] *= kept,
        Path::Power => out.power[0] = below + (out.power[0] - below) * kept,
        Path::Below => out.power[0] -= below * (1.0 - kept),
        _ => {}
    }
}

/// Takes the path out of a component's account at the site's boundary.
pub fn thin_ledger(kind: Kind, ledger: &mut Ledger) {
    match ACTIVE.get() {
        Some(m) if m.kind == Some(kind) => match m.path {
            Path::HeatOut => ledger.heat_out *= m.kept,
            Path::EnergyIn => ledger.energy_in *= m.kept,
            _ => {}
        },
        _ => {}
    }
}
