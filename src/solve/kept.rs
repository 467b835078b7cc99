//! Racks that are not linearised again at every step.
//!
//! What a rack gives is close to an affine function of its port values. Once the correction that a
//! linearisation left has been taken, a batch whose ports have moved by δu since then still gives
//!
//! ```text
//! y(u + δu) = y(u) + J·δu,        error of the order of |δu|²
//! ```
//!
//! So a batch is linearised again only when its ports have moved further than the blocks' own step,
//! whose error is of the order of its square as well; and at the end only when they have moved by more
//! than [`SETTLED`]. Its state follows when it is next linearised, or at the end.

use super::rack::{BatchState, BatchWork, RackLinear, RackPorts};
use crate::solve::lane::WIDTH;

/// Size of a movement, relative to each quantity's scale, up to which a linearisation holds for all that
/// results can ask for, server by server.
pub(super) const SETTLED: f64 = 1e-8;
/// The same for a solve from a start, whose racks hardly move: ports are exact to some 1e-12 of themselves
/// (a rack's error is a few hundredths of the square), and so is what follows from junctions and flows.
pub(super) const NEAR_START: f64 = 1e-5;
/// Step of a block up to which what it gives is moved rather than found anew.
pub(super) const LAST_STEP: f64 = 1e-7;
/// Most movement that a linearisation is used for.
const FAR: f64 = 0.1;

/// No change of the port values.
const STILL: RackPorts = RackPorts {
    difference: 0.0,
    inlet: 0.0,
    air: 0.0,
};

/// The same for all racks of a batch.
pub(super) const NO_CHANGE: [RackPorts; WIDTH] = [STILL; WIDTH];

/// How far a batch has moved since it was linearised.
#[derive(Debug, Clone, Copy)]
pub(super) struct Since {
    /// Change of its port values.
    moved: [RackPorts; WIDTH],
    /// Of it, what its state has not followed yet.
    open: [RackPorts; WIDTH],
    /// The correction that the linearisation left has been taken.
    pub(super) corrected: bool,
    /// The linearisation is that of the start, not in this solve's own memory.
    pub(super) of_start: bool,
}

impl Default for Since {
    fn default() -> Self {
        Self {
            moved: NO_CHANGE,
            open: NO_CHANGE,
            corrected: false,
            of_start: false,
        }
    }
}

/// Movement up to which batches are kept in a step of the blocks of this size.
pub(super) fn allowance(step: f64, tolerance: f64, at_the_end: f64) -> f64 {
    if step > tolerance {
        step.clamp(at_the_end, FAR)
    } else {
        at_the_end
    }
}

impl Since {
    /// The same, seen from a solve that starts there.
    pub(super) fn in_start(self) -> Self {
        Self {
            of_start: true,
            ..self
        }
    }

    /// Takes note of a step.
    pub(super) fn add(&mut self, change: &[RackPorts; WIDTH], part: f64) {
        for ((moved, open), change) in self.moved.iter_mut().zip(&mut self.open).zip(change) {
            for sum in [moved, open] {
                sum.difference += part * change.difference;
                sum.inlet += part * change.inlet;
                sum.air += part * change.air;
            }
        }
    }

    /// What the state has still to follow; from now on it does.
    pub(super) fn take_open(&mut self) -> [RackPorts; WIDTH] {
        std::mem::replace(&mut self.open, NO_CHANGE)
    }

    /// Whether the state is behind.
    pub(super) fn behind(&self) -> bool {
        self.open.iter().any(|open| *open != STILL)
    }

    /// Part of the linearisation's correction that is still to be taken.
    pub(super) fn correction(&self) -> f64 {
        if self.corrected { 0.0 } else { 1.0 }
    }

    /// The linearisation: the start's, or this solve's own.
    pub(super) fn work<'a>(
        &self,
        of_start: Option<&'a [BatchWork]>,
        index: usize,
        own: &'a BatchWork,
    ) -> &'a BatchWork {
        match of_start {
            Some(works) if self.of_start => &works[index],
            _ => own,
        }
    }

    /// Relative size of all movement since the linearisation.
    pub(super) fn size(&self, state: &BatchState) -> f64 {
        size(&self.moved, state)
    }

    /// Change of a rack's inlet temperature, K.
    pub(super) fn inlet(&self, lane: usize) -> f64 {
        self.moved[lane].inlet
    }

    /// What a rack gives, at its present port values.
    pub(super) fn linear(&self, at: RackLinear, lane: usize) -> RackLinear {
        moved(at, self.moved[lane])
    }
}

/// Size of a change of port values, relative to what matters to the racks' insides: temperatures to
/// 10 K; and flows, which follow half the change of the pressure difference and warm devices by some
/// ten times that, to themselves.
pub(super) fn size(change: &[RackPorts; WIDTH], state: &BatchState) -> f64 {
    let mut largest = 0.0f64;
    for (lane, change) in change.iter().enumerate() {
        let whole = state.difference.first().map_or(1.0, |d| d[lane].abs());
        let flow = 5.0 * change.difference.abs() / whole.max(1.0);
        let warmth = 0.2 * change.inlet.abs().max(change.air.abs());
        let size = flow.max(warmth);
        if size > largest || size.is_nan() {
            largest = size;
        }
    }
    largest
}

/// What a rack gives when its ports move.
pub(super) fn moved(linear: RackLinear, by: RackPorts) -> RackLinear {
    let at = |affine: [f64; 4]| {
        let [value, by_difference, by_inlet, by_air] = affine;
        let shift = by_difference * by.difference + by_inlet * by.inlet + by_air * by.air;
        [value + shift, by_difference, by_inlet, by_air]
    };
    RackLinear {
        flow: at(linear.flow),
        liquid: at(linear.liquid),
        air: at(linear.air),
        power: at(linear.power),
    }
}
