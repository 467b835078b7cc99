//! The transposed system of a block, for adjoints, and what its elements put into it.
//!
//! The condensed block (see [`super`]) with g the slopes of a functional to unknowns and port values, λ the
//! multipliers of its equations and w the weights of its port outputs:
//!
//! ```text
//! Aᵀ·λ + Cᵀ·w = −g_x        g_u + Bᵀ·λ + Dᵀ·w = slopes to the port values
//! ```
//!
//! This is a bordered system of the same kind, with rows and columns exchanged, so it is eliminated by the
//! same means ([`crate::solve::sparse`]): its outputs are what the functional makes of the port values, and
//! substitution gives λ once w is known.

use super::element::{self, Lanes, Local};
use super::{BlockState, BlockWork, Program, Surroundings, rack, status_of, value};
use crate::network::{Block, ComponentNumbers, Element, NONE, Network, Stamp, Structure};
use crate::solve::sparse::{Factors, Pattern, SmallPivot, Symbolic};

/// Order of elimination of a transposed block, and the scales of its rows.
#[derive(Debug, Clone)]
pub struct Transposed(Symbolic, Vec<f64>);

impl Transposed {
    /// Chooses an order from a block's last linearisation.
    ///
    /// # Errors
    /// [`SmallPivot`] where the block's equations are singular there.
    pub fn new(program: &Program, work: &BlockWork) -> Result<Self, SmallPivot> {
        let Pattern {
            order,
            inputs,
            outputs,
            rows,
            columns,
        } = program.pattern.clone();
        let pattern = Pattern {
            order,
            inputs: outputs,
            outputs: inputs,
            rows: columns,
            columns: rows,
        };
        let symbolic = Symbolic::analyse(&pattern, &[&work.values])?;
        Ok(Self(symbolic, program.row_scales.clone()))
    }

    /// Condenses a functional's slopes to unknowns and port values: gives its slopes to the port values
    /// alone.
    ///
    /// # Errors
    /// [`SmallPivot`] where the order does not suit this block.
    pub fn condense<'f>(
        &self,
        program: &Program,
        work: &BlockWork,
        slopes: &[f64],
        factors: &'f mut Factors,
    ) -> Result<&'f [f64], SmallPivot> {
        if !self.0.fits(factors) {
            *factors = self.0.factors();
        }
        let mut scaled = slopes.to_vec();
        for (slope, scale) in scaled.iter_mut().zip(&program.scales) {
            *slope *= scale;
        }
        self.0.factor(&work.values, &scaled, factors)?;
        Ok(factors.outputs())
    }

    /// Multipliers of the block's equations, followed by the weights of its port outputs.
    pub fn substitute(
        &self,
        structure: &Structure,
        factors: &mut Factors,
        weights: &[f64],
    ) -> Vec<f64> {
        let mut out = vec![0.0; structure.unknowns];
        self.0.substitute(factors, weights, &mut out);
        for (multiplier, row_scale) in out.iter_mut().zip(&self.1) {
            *multiplier /= row_scale;
        }
        out.extend_from_slice(weights);
        out
    }
}

/// An element's lanes, and its outputs with their slopes.
pub struct Linear {
    lanes: Lanes,
    local: Local,
    whole: bool,
}

impl Linear {
    /// Work space.
    pub fn new(stamp: &Stamp) -> Self {
        Self {
            lanes: Lanes::new(stamp),
            local: Local::zero(),
            whole: matches!(stamp.element, Element::Rack(_)),
        }
    }

    /// Linearises a component or a rack.
    pub fn at(around: &Surroundings<'_>, block: &Block, state: &BlockState, stamp: &Stamp) -> Self {
        let mut out = Self::new(stamp);
        element::element(around, block, state, stamp, &out.lanes, &mut out.local);
        out
    }

    /// Slope of an output to local variable `k`.
    pub fn slope(&self, output: usize, k: usize) -> f64 {
        let lane = if self.whole {
            Some(k)
        } else {
            self.lanes.of(k)
        };
        lane.map_or(0.0, |lane| self.local.slope[output][lane])
    }
}

/// Outputs of a component at a block's state with numbers that may be others, in the order of its stamp's
/// rows.
pub fn outputs(
    network: &Network,
    numbers: &ComponentNumbers,
    structure: &Structure,
    state: &BlockState,
    stamp: &Stamp,
    index: usize,
    emit: &mut dyn FnMut(usize, f64),
) {
    let at = element::build_at(
        numbers,
        &network.fluids,
        &network.outdoor,
        status_of(state, index),
        &mut |k| {
            let variable = stamp.variables[k];
            (variable != NONE).then(|| value(structure, state, variable))
        },
    );
    let out = numbers.kind.equations(&at);
    element::collect(numbers, &at, &out, emit);
}

/// Weights of a rack's flow, heat to liquid, heat to air and power, and the weight of its reactive power,
/// from those of its stamp's outputs; for one of the racks that the stamp stands for.
pub fn rack_weights(
    network: &Network,
    rack: usize,
    flow: f64,
    reversed: bool,
    structure: &Structure,
    state: &BlockState,
    stamp: &Stamp,
    weights: &[f64],
) -> [f64; 5] {
    let unit = &network.racks[rack];
    let (enter, leave) = if reversed { (2, 0) } else { (0, 2) };
    let at = |k: usize| value(structure, state, stamp.variables[k]);
    let by_flow = rack::carried_by_flow(&unit.design.fluid, flow, at(enter + 1), at(leave + 1));
    let reactive = unit
        .parameters
        .servers
        .first()
        .map_or(0.0, |s| s.reactive_ratio);
    [
        weights[leave] - weights[enter] + (weights[leave + 1] - weights[enter + 1]) * by_flow,
        weights[leave + 1],
        weights[4],
        weights[5] + reactive * weights[6],
        weights[6],
    ]
}
