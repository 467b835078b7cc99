//! One Newton step of a block: evaluate its elements ([`element`]), add them up along the
//! structure's [`program`], eliminate the unknowns, leave the ports; and substitute back.
//!
//! With x the unknowns, u the port values, r the equations and y the port outputs,
//!
//! ```text
//! A·δx + B·δu = −r        y = y₀ + C·δx + D·δu
//! ```
//!
//! gives y = (y₀ − C·A⁻¹r) + (D − C·A⁻¹B)·δu in one elimination (see [`super::sparse`]), and
//! δx = −A⁻¹(r + B·δu) once δu is known. The outermost block has no inputs: its step is −A⁻¹r.

mod branch;
mod element;
mod program;
mod rack;
pub mod transpose;

pub use program::Program;

use super::rack::RackLinear;
use super::sparse::{Factors, SmallPivot, Symbolic};
use crate::component::{At, MAX_STATUS};
use crate::network::{Block, Element, NONE, Network, Stamp, Structure};
use element::Local;

/// Part of a temperature row's scale that is put on its diagonal where a stagnant loop leaves its
/// temperature open: the step then leaves it where it is. The equations themselves are untouched.
const STAGNANT_DIAGONAL: f64 = 1e-6;

/// State of a block.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BlockState {
    /// Unknowns.
    pub x: Vec<f64>,
    /// Port values.
    pub u: Vec<f64>,
    /// Status bytes, [`MAX_STATUS`] a component.
    pub status: Vec<u8>,
}

/// Work space of a block.
#[derive(Debug, Clone, Default)]
pub struct BlockWork {
    values: Vec<f64>,
    /// r by row scales, then y₀.
    residual: Vec<f64>,
    factors: Factors,
    pub(super) private: Option<Symbolic>,
    /// Some temperatures are open (no flow): see [`STAGNANT_DIAGONAL`].
    pub(super) stagnant: bool,
    /// y.
    pub outputs: Vec<f64>,
    /// Its derivatives to u, row-major, outputs × inputs.
    pub by_input: Vec<f64>,
    /// Change of the port values, for [`Program::substitute`].
    pub port_change: Vec<f64>,
    /// δx after substitution.
    pub change: Vec<f64>,
}

/// Why a block could not be condensed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// An entry outside the pattern became non-zero: the program must be made anew.
    Pattern,
    /// The kept order failed for this block.
    Pivot(SmallPivot),
    /// A residual or derivative is not finite; the row.
    NotFinite(usize),
}

/// Everything that evaluating a block's elements needs.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The network.
    pub network: &'a Network,
    /// Condensed racks.
    pub racks: &'a [RackLinear],
    /// Whether each rack's flow is reversed.
    pub reversed: &'a [bool],
    /// Work spaces of the blocks before this one.
    pub blocks: &'a [BlockWork],
    /// Whether control positions are held where they are: the start of an iteration, until flows
    /// and temperatures suit each other.
    pub hold: bool,
    /// Thermal inertia of all nodes, as a part of the heat that a kelvin carries through each of
    /// them: bounds what a step does to temperatures that nothing else holds.
    pub inertia: f64,
    /// Inertia of control positions: the control error that moves one by its whole travel. Bounds
    /// what a step does to positions that have next to no effect where they are.
    pub control_inertia: f64,
}

/// Value of a block variable.
#[inline]
fn value(structure: &Structure, state: &BlockState, index: u32) -> f64 {
    let index = index as usize;
    if index < structure.unknowns {
        state.x[index]
    } else {
        state.u[index - structure.unknowns]
    }
}

/// Operating point of a component, in plain numbers.
pub fn component_at<'a>(
    network: &'a Network,
    block: &'a Block,
    state: &'a BlockState,
    stamp: &Stamp,
    component: usize,
) -> At<'a, f64> {
    let numbers = &block.components[component];
    element::build_at(
        numbers,
        &network.fluids,
        &network.outdoor,
        status_of(state, component),
        &mut |k| {
            let index = stamp.variables[k];
            (index != NONE).then(|| value(&block.structure, state, index))
        },
    )
}

fn status_of(state: &BlockState, component: usize) -> &[u8] {
    &state.status[component * MAX_STATUS..(component + 1) * MAX_STATUS]
}

impl Program {
    /// Evaluates all elements and adds up residuals and derivatives, scaled.
    fn assemble(
        &self,
        around: &Surroundings<'_>,
        block: &Block,
        state: &BlockState,
        work: &mut BlockWork,
    ) -> Result<(), Trouble> {
        let structure = &*block.structure;
        let BlockWork {
            values, residual, ..
        } = work;
        values.clear();
        values.resize(self.pattern.rows.len(), 0.0);
        residual.clear();
        residual.resize(structure.unknowns + structure.outputs, 0.0);
        let mut local = Local::zero();
        let mut complete = true;
        for (stamp, program) in structure.stamps.iter().zip(&self.stamps) {
            let (outputs, slopes) = if let Element::Child(index) = stamp.element {
                let inner = &around.blocks[block.children[index]];
                (inner.outputs.as_slice(), inner.by_input.as_slice())
            } else {
                element::element(around, block, state, stamp, &program.lanes, &mut local);
                (local.value.as_slice(), local.slope.as_flattened())
            };
            for sum in &program.sums {
                residual[sum.row as usize] += sum.factor * outputs[sum.output as usize];
            }
            for entry in &program.entries {
                values[entry.target as usize] += entry.factor * slopes[entry.from as usize];
            }
            let lanes = program.lanes.count();
            complete &= (program.absent.iter()).all(|&from| !local.matters(from as usize, lanes));
        }
        for fixed in &self.fixed {
            residual[fixed.row as usize] +=
                fixed.factor * (state.x[fixed.row as usize] - fixed.held);
            values[fixed.target as usize] += fixed.slope;
        }
        let stagnant = if work.stagnant {
            STAGNANT_DIAGONAL
        } else {
            0.0
        };
        if around.inertia.max(stagnant) > 0.0 {
            self.hold_temperatures(values, around.inertia.max(stagnant));
        }
        if !complete {
            return Err(Trouble::Pattern);
        }
        match residual.iter().position(|r| !r.is_finite()) {
            Some(row) => Err(Trouble::NotFinite(row)),
            None => Ok(()),
        }
    }

    /// Linearises the block and condenses it to its ports.
    ///
    /// # Errors
    /// [`Trouble`]: the caller makes a new program or gives up.
    pub fn condense(
        &self,
        around: &Surroundings<'_>,
        block: &Block,
        state: &BlockState,
        work: &mut BlockWork,
    ) -> Result<(), Trouble> {
        self.assemble(around, block, state, work)?;
        let symbolic = work.private.as_ref().unwrap_or(&self.symbolic);
        if !symbolic.fits(&work.factors) {
            work.factors = symbolic.factors();
        }
        symbolic
            .factor(&work.values, &work.residual, &mut work.factors)
            .map_err(Trouble::Pivot)?;
        work.outputs.clear();
        work.outputs.extend_from_slice(work.factors.outputs());
        work.by_input.clear();
        for o in 0..block.structure.outputs {
            work.by_input
                .extend_from_slice(work.factors.by_input(symbolic, o));
        }
        work.port_change.resize(block.structure.inputs, 0.0);
        Ok(())
    }

    /// δx for the change of the port values that stands in the work space.
    pub fn substitute(&self, work: &mut BlockWork) {
        let symbolic = work.private.as_ref().unwrap_or(&self.symbolic);
        work.change.resize(self.scales.len(), 0.0);
        symbolic.substitute(&mut work.factors, &work.port_change, &mut work.change);
        for (change, scale) in work.change.iter_mut().zip(&self.scales) {
            *change *= scale;
        }
    }
}

impl BlockWork {
    /// Largest residual of an equation at the last linearisation, by its row's scale, and the row;
    /// racks' and inner blocks' own corrections included.
    pub fn scaled_residual(&self, structure: &Structure) -> (f64, usize) {
        let mut worst = (0.0, 0);
        for (i, r) in self.residual.iter().take(structure.unknowns).enumerate() {
            if r.abs() > worst.0 {
                worst = (r.abs(), i);
            }
        }
        worst
    }
}

/// Change of a block variable (unknown or port value).
pub fn change_of(structure: &Structure, work: &BlockWork, index: u32) -> f64 {
    let index = index as usize;
    if index < structure.unknowns {
        work.change[index]
    } else {
        work.port_change[index - structure.unknowns]
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::element::{self, Lanes, Local};
    use super::{BlockState, Surroundings, branch, status_of};
    use crate::hall::{LoadOptions, load};
    use crate::network::{Element, NONE, build};
    use crate::solve::guess;
    use crate::world::Disk;

    /// A branch in closed form against the same component by dual numbers, forward, backward and at
    /// rest, for every branch of a hall.
    #[test]
    fn branches_agree_with_dual_numbers() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models/halls/nvl72.toml");
        let (hall, _) = load(&Disk, &path, &LoadOptions::default()).unwrap();
        let network = build::build(&hall).unwrap();
        let state = guess(&network);
        let around = Surroundings {
            network: &network,
            racks: &[],
            reversed: &[],
            blocks: &[],
            hold: false,
            inertia: 0.0,
            control_inertia: 0.0,
        };
        let mut tried = 0;
        for (block, own) in network.blocks.iter().zip(&state.blocks) {
            for (turn, factor) in [0.7, -0.3, 0.0, 1e-7].into_iter().enumerate() {
                let mut at = BlockState::clone(own);
                for (i, x) in at.x.iter_mut().enumerate() {
                    // Flows by the factor; temperatures and pressures apart from each other.
                    *x = match block.structure.variables[i].role {
                        crate::network::Role::Flow => *x * factor,
                        _ => *x + (i % 5) as f64 + turn as f64,
                    };
                }
                for stamp in &block.structure.stamps {
                    let Element::Component(index) = stamp.element else {
                        continue;
                    };
                    let lanes = Lanes::new(stamp);
                    let (mut closed, mut dual) = (Local::zero(), Local::zero());
                    if !branch::evaluate(&network, block, &at, stamp, index, &lanes, &mut closed) {
                        continue;
                    }
                    tried += 1;
                    let status = status_of(&at, index);
                    element::by_duals(&around, block, &at, stamp, index, status, &lanes, &mut dual);
                    for row in (0..stamp.rows.len()).filter(|&row| stamp.rows[row] != NONE) {
                        let name = &block.components[index].name;
                        let close = |a: f64, b: f64, size: f64| (a - b).abs() <= 1e-11 * size;
                        // Differences of pressures and enthalpies: to their rounding.
                        let (a, b) = (closed.value[row], dual.value[row]);
                        assert!(
                            close(a, b, b.abs().max(1e5)),
                            "{name} output {row}: {a} {b}"
                        );
                        for lane in 0..lanes.count() {
                            let (a, b) = (closed.slope[row][lane], dual.slope[row][lane]);
                            assert!(
                                close(a, b, b.abs().max(1e-3)),
                                "{name} {row} {lane}: {a} {b}"
                            );
                        }
                    }
                }
            }
        }
        assert!(tried > 40, "{tried} branches");
    }
}
