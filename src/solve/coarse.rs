//! The coarse hall: of racks and blocks that are alike, the first stands for all.
//!
//! Racks of one design and blocks of one structure differ little: by header position, by the spread
//! of their parts. Until controls have found their place nothing is gained by solving each of them.
//! On the coarse hall only the first of each kind is linearised; another one at port values u gives
//!
//! ```text
//! y(u) = y₁ + J₁·(u − u₁)
//! ```
//!
//! so headers still see each place of theirs. [`expand`] then starts every other one from the first
//! one's state, corrected by the same linearisation. The iteration over all follows, so the solution
//! does not depend on any of this.

use std::sync::Arc;

use pulp::Arch;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};

use super::kept::moved;
use super::lane::WIDTH;
use super::rack::{BatchState, RackPorts, Recover};
use super::racks::{batch_ports_at, ports};
use super::{State, Work, blocks};
use crate::network::Network;

/// Which batch of racks and which block stand for each.
#[derive(Debug, Clone, Default)]
pub(super) struct Alike {
    /// First batch of the same design in blocks that are alike.
    pub(super) batch: Vec<usize>,
    /// First block like it: see [`first_blocks`].
    pub(super) block: Vec<usize>,
    /// Whether anything is saved.
    pub(super) worthwhile: bool,
}

impl Alike {
    /// Finds the first of each kind; `groups` are the racks of each batch, `block` the first block
    /// like each, and `place` the block of each rack.
    pub(super) fn new(
        network: &Network,
        groups: &[Vec<u32>],
        block: Vec<usize>,
        place: &[(usize, usize)],
    ) -> Self {
        let mut firsts: Vec<(usize, (*const _, bool, usize))> = Vec::new();
        let batch: Vec<usize> = groups
            .iter()
            .enumerate()
            .map(|(index, racks)| {
                let rack = &network.racks[racks[0] as usize];
                let design = Arc::as_ptr(&rack.design);
                let owner = block[place[racks[0] as usize].0];
                let key = (design, rack.parameters.reverse(), owner);
                let known = firsts.iter().find(|(_, k)| *k == key);
                if let Some(&(first, _)) = known {
                    return first;
                }
                firsts.push((index, key));
                index
            })
            .collect();
        let copies = batch
            .iter()
            .enumerate()
            .filter(|&(i, &first)| i != first)
            .count();
        Self {
            worthwhile: copies > 1,
            batch,
            block,
        }
    }
}

/// Kinds of blocks of one structure that are told apart at most.
const KINDS: usize = 8;
/// Numbers of components that differ by less than this part are alike.
const LIKENESS: f64 = 0.2;

/// For each block the first one like it: of its structure, with components whose numbers are near, so
/// that a group whose pump stands still does not pass for one that runs.
pub(super) fn first_blocks(network: &Network) -> Vec<usize> {
    let mut firsts: Vec<Vec<usize>> = vec![Vec::new(); network.structures];
    let mut first_of: Vec<usize> = Vec::with_capacity(network.blocks.len());
    for (index, block) in network.blocks.iter().enumerate() {
        let known = &mut firsts[block.structure_index];
        let like = |&&first: &&usize| {
            let other = &network.blocks[first];
            let near = |a: &f64, b: &f64| {
                a.to_bits() == b.to_bits() || (a - b).abs() <= LIKENESS * a.abs().max(b.abs())
            };
            let mut pairs = block.components.iter().zip(&other.components);
            let mut children = block.children.iter().zip(&other.children);
            pairs.all(|(a, b)| {
                Arc::ptr_eq(&a.theta, &b.theta)
                    || a.theta.iter().zip(&*b.theta).all(|(a, b)| near(a, b))
            }) && children.all(|(&a, &b)| first_of[a] == first_of[b])
        };
        let found = known.iter().find(like).copied();
        let first = found.unwrap_or_else(|| {
            if known.len() < KINDS {
                known.push(index);
                index
            } else {
                known[0]
            }
        });
        first_of.push(first);
    }
    first_of
}

/// Port values less those of another rack.
fn difference(a: RackPorts, b: RackPorts) -> RackPorts {
    RackPorts {
        difference: a.difference - b.difference,
        inlet: a.inlet - b.inlet,
        air: a.air - b.air,
    }
}

/// Gives every rack that a first block or the hall sees the linearisation of the first one of its
/// kind, moved to its own port values.
pub(super) fn publish_racks(network: &Network, state: &State, work: &mut Work) {
    for index in 0..network.racks.len() {
        let (owner, stamp) = work.place[index];
        if work.alike.block[owner] != owner {
            continue;
        }
        let (batch, lane) = work.rack_place[index];
        let first = work.alike.batch[batch as usize];
        let racks = &work.batches[first].racks;
        let lane = (lane as usize).min(racks.len() - 1);
        let reversed = state.batches[first].reversed[lane];
        let linear = work.batch_work(first).linear(lane);
        let at = |rack: usize| {
            let (owner, stamp) = work.place[rack];
            ports(
                &network.blocks[owner],
                &state.blocks[owner],
                stamp,
                reversed,
            )
        };
        let own = ports(
            &network.blocks[owner],
            &state.blocks[owner],
            stamp,
            reversed,
        );
        let du = difference(own, at(racks[lane] as usize));
        work.linear[index] = moved(linear, du);
        work.reversed[index] = reversed;
    }
}

/// Gives every block of a level the condensed equations of the first one of its structure, moved to
/// its own port values.
pub(super) fn publish_blocks(network: &Network, state: &State, work: &mut Work, level: usize) {
    for k in 0..work.levels[level].len() {
        let index = work.levels[level][k];
        let first = work.alike.block[index];
        if first == index {
            continue;
        }
        let (outputs, by_input) = {
            let done = &work.blocks[first];
            (done.outputs.clone(), done.by_input.clone())
        };
        let (own, at) = (&state.blocks[index].u, &state.blocks[first].u);
        let inputs = own.len();
        let block = &mut work.blocks[index];
        block.outputs = outputs;
        for (o, output) in block.outputs.iter_mut().enumerate() {
            for c in 0..inputs {
                *output += by_input[o * inputs + c] * (own[c] - at[c]);
            }
        }
        block.by_input = by_input;
        block.port_change.resize(inputs, 0.0);
        debug_assert_eq!(network.blocks[index].structure.inputs, inputs);
    }
}

/// Starts every block and rack from the first one of its kind.
pub(super) fn expand(network: &Network, state: &mut State, work: &mut Work) {
    for index in (0..network.blocks.len()).rev() {
        let first = work.alike.block[index];
        if first != index {
            let block = &network.blocks[index];
            for port in 0..block.structure.inputs {
                work.blocks[first].port_change[port] =
                    state.blocks[index].u[port] - state.blocks[first].u[port];
            }
            if let Some(program) = &work.programs[block.structure_index] {
                program.substitute(&mut work.blocks[first]);
            }
            let x: Vec<f64> = state.blocks[first]
                .x
                .iter()
                .zip(&work.blocks[first].change)
                .map(|(x, change)| x + change)
                .collect();
            let status = state.blocks[first].status.clone();
            state.blocks[index].x = x;
            state.blocks[index].status = status;
        }
        blocks::push_to_children(network, &mut state.blocks, index);
    }
    let (alike, place) = (&work.alike, &work.place);
    let firsts: Vec<Option<(BatchState, [RackPorts; WIDTH])>> = state
        .batches
        .iter()
        .enumerate()
        .map(|(index, batch_state)| {
            (alike.batch[index] == index).then(|| {
                let batch = &work.batches[index];
                (
                    batch_state.clone(),
                    batch_ports_at(network, &state.blocks, place, batch, batch_state),
                )
            })
        })
        .collect();
    let State {
        batches,
        blocks: block_states,
        ..
    } = state;
    let batch_work = &work.batch_work;
    batches
        .par_iter_mut()
        .zip(&work.batches)
        .enumerate()
        .filter(|(index, _)| alike.batch[*index] != *index)
        .for_each(|(index, (batch_state, batch))| {
            let first = alike.batch[index];
            let Some((start, at)) = &firsts[first] else {
                return;
            };
            batch_state.clone_from(start);
            let own = batch_ports_at(network, block_states, place, batch, batch_state);
            let change: [RackPorts; WIDTH] =
                std::array::from_fn(|lane| difference(own[lane], at[lane]));
            Arch::new().dispatch(Recover {
                batch,
                work: &batch_work[first],
                change: &change,
                damping: 1.0,
                correction: 1.0,
                state: batch_state,
            });
        });
}
