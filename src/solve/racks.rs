//! All racks of a hall: linearise, move, switch; in parallel over batches.

use pulp::Arch;
use rayon::iter::{
    IndexedParallelIterator, IntoParallelRefIterator, IntoParallelRefMutIterator, ParallelIterator,
};

use super::block::{BlockState, BlockWork, change_of};
use super::lane::WIDTH;
use super::rack::{
    self, Batch, BatchState, BatchWork, Changes, Condense, Fall, RackPorts, Recover, When,
};
use super::{State, Work};
use crate::network::{Block, Element, Network, path_text};

/// Block and stamp of each rack.
pub(super) fn places(network: &Network) -> Vec<(usize, usize)> {
    let mut place = vec![(0, 0); network.racks.len()];
    for (index, block) in network.blocks.iter().enumerate() {
        for (s, stamp) in block.structure.stamps.iter().enumerate() {
            if let Element::Rack(k) = stamp.element {
                place[block.racks[k]] = (index, s);
            }
        }
    }
    place
}

/// Port values of a rack, of which variable `k` of its stamp has the value `at(k)`.
fn ports_from(at: impl Fn(usize) -> f64, reversed: bool) -> RackPorts {
    let (enter, leave) = if reversed { (2, 0) } else { (0, 2) };
    RackPorts {
        difference: at(enter) - at(leave),
        inlet: at(enter + 1),
        air: at(4),
    }
}

/// Port values of a rack at a state.
pub(super) fn ports(block: &Block, state: &BlockState, stamp: usize, reversed: bool) -> RackPorts {
    let variables = &block.structure.stamps[stamp].variables;
    let n = block.structure.unknowns;
    ports_from(
        |k| {
            let index = variables[k] as usize;
            if index < n {
                state.x[index]
            } else {
                state.u[index - n]
            }
        },
        reversed,
    )
}

/// Something for each place of a batch, from the place and the rack; places without a rack repeat
/// the last one.
pub(super) fn batch_ports(
    racks: &[u32],
    ports: impl Fn(usize, usize) -> RackPorts,
) -> [RackPorts; WIDTH] {
    std::array::from_fn(|lane| {
        let lane = lane.min(racks.len() - 1);
        ports(lane, racks[lane] as usize)
    })
}

/// Port values of a batch at a state.
pub(super) fn batch_ports_at(
    network: &Network,
    blocks: &[BlockState],
    place: &[(usize, usize)],
    batch: &Batch,
    state: &BatchState,
) -> [RackPorts; WIDTH] {
    batch_ports(&batch.racks, |lane, rack| {
        let (owner, stamp) = place[rack];
        ports(
            &network.blocks[owner],
            &blocks[owner],
            stamp,
            state.reversed[lane],
        )
    })
}

/// Linearises the racks of a batch at the state.
fn condense(
    network: &Network,
    blocks: &[BlockState],
    place: &[(usize, usize)],
    batch: &Batch,
    state: &BatchState,
    work: &mut BatchWork,
) {
    let ports = batch_ports_at(network, blocks, place, batch, state);
    Arch::new().dispatch(Condense {
        batch,
        state,
        ports: &ports,
        work,
    });
}

/// Linearises all racks at the state; on the coarse hall the first of those that are alike.
pub(super) fn condense_all(network: &Network, state: &State, work: &mut Work, coarse: bool) {
    let (place, alike) = (&work.place, &work.alike);
    work.batch_work
        .par_iter_mut()
        .zip(&work.batches)
        .zip(&state.batches)
        .enumerate()
        .filter(|(index, _)| !coarse || alike.batch[*index] == *index)
        .for_each(|(_, ((batch_work, batch), batch_state))| {
            condense(
                network,
                &state.blocks,
                place,
                batch,
                batch_state,
                batch_work,
            );
        });
    publish(network, state, work, coarse);
}

/// Brings the condensed racks into the network's order.
fn publish(network: &Network, state: &State, work: &mut Work, coarse: bool) {
    if coarse {
        super::coarse::publish_racks(network, state, work);
        return;
    }
    for (index, &(batch, lane)) in work.rack_place.iter().enumerate() {
        let (batch, lane) = (batch as usize, lane as usize);
        work.linear[index] = work.batch_work[batch].linear(lane);
        work.reversed[index] = state.batches[batch].reversed[lane];
    }
}

/// Changes of a batch's port values in the step that the blocks have found.
fn batch_change(
    network: &Network,
    blocks: &[BlockWork],
    place: &[(usize, usize)],
    batch: &Batch,
    state: &BatchState,
) -> [RackPorts; WIDTH] {
    batch_ports(&batch.racks, |lane, rack| {
        let (owner, stamp) = place[rack];
        let block = &network.blocks[owner];
        let variables = &block.structure.stamps[stamp].variables;
        ports_from(
            |k| change_of(&block.structure, &blocks[owner], variables[k]),
            state.reversed[lane],
        )
    })
}

/// Part of the step that the blocks have found that the racks' flows allow.
pub(super) fn fall(network: &Network, state: &State, work: &Work, coarse: bool) -> f64 {
    let (place, alike, blocks) = (&work.place, &work.alike, &work.blocks);
    state
        .batches
        .par_iter()
        .zip(&work.batch_work)
        .zip(&work.batches)
        .enumerate()
        .filter(|(index, _)| !coarse || alike.batch[*index] == *index)
        .map(|(_, ((batch_state, batch_work), batch))| {
            Arch::new().dispatch(Fall {
                batch,
                work: batch_work,
                change: &batch_change(network, blocks, place, batch, batch_state),
                state: batch_state,
            })
        })
        .reduce(|| 1.0, f64::min)
}

/// Moves the racks by a step of the blocks, and linearises them anew; gives the relative size of
/// the largest step, NaN where there is one.
pub(super) fn step(
    network: &Network,
    state: &mut State,
    work: &mut Work,
    damping: f64,
    coarse: bool,
) -> f64 {
    let (place, alike, blocks) = (&work.place, &work.alike, &work.blocks);
    let State {
        batches,
        blocks: block_states,
        ..
    } = state;
    let largest = batches
        .par_iter_mut()
        .zip(work.batch_work.par_iter_mut())
        .zip(&work.batches)
        .enumerate()
        .filter(|(index, _)| !coarse || alike.batch[*index] == *index)
        .map(|(_, ((batch_state, batch_work), batch))| {
            let change = batch_change(network, blocks, place, batch, batch_state);
            let largest = Arch::new().dispatch(Recover {
                batch,
                work: batch_work,
                change: &change,
                damping,
                state: batch_state,
            });
            // The next linearisation at once, while the racks are in the cache.
            condense(network, block_states, place, batch, batch_state, batch_work);
            largest
        })
        // A maximum does not depend on the order in which it is taken.
        .reduce(
            || 0.0,
            |a: f64, b: f64| {
                if a.is_nan() || b.is_nan() {
                    f64::NAN
                } else {
                    a.max(b)
                }
            },
        );
    publish(network, state, work, coarse);
    largest
}

/// Lets every device on a plate say what should switch; gives how many did, and how many of them
/// came back.
pub(super) fn propose(
    network: &Network,
    state: &mut State,
    work: &mut Work,
    when: When,
    coarse: bool,
    names: &mut Vec<String>,
) -> (usize, usize) {
    let (place, alike) = (&work.place, &work.alike);
    let State {
        batches, blocks, ..
    } = state;
    let counts: Vec<Vec<Changes>> = batches
        .par_iter_mut()
        .zip(work.batch_work.par_iter_mut())
        .zip(&work.batches)
        .enumerate()
        .map(|(index, ((batch_state, batch_work), batch))| {
            if !batch_work.restless() || coarse && alike.batch[index] != index {
                return Vec::new();
            }
            let changed = rack::propose(batch, &network.racks, batch_work, batch_state, when);
            if !changed.is_empty() {
                condense(network, blocks, place, batch, batch_state, batch_work);
            }
            changed
        })
        .collect();
    let (mut changes, mut restarts) = (0, 0);
    for found in counts.iter().flatten() {
        changes += found.changes;
        restarts += found.restarts;
        if names.len() < 50 {
            names.push(format!(
                "{} ({} devices)",
                path_text(&network.racks[found.rack as usize].path),
                found.changes
            ));
        }
    }
    if changes > 0 {
        publish(network, state, work, coarse);
    }
    (changes, restarts)
}
