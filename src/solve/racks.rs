//! All racks of a hall: linearise, move, switch; in parallel over batches.

use pulp::Arch;
use rayon::iter::{
    IndexedParallelIterator, IntoParallelRefIterator, IntoParallelRefMutIterator, ParallelIterator,
};

use super::block::{BlockState, BlockWork, change_of};
use super::kept::{self, Since};
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

/// Linearises all racks that are not so yet at the state; on the coarse hall the first of those that
/// are alike.
pub(super) fn condense_all(network: &Network, state: &State, work: &mut Work, coarse: bool) {
    let (place, alike) = (&work.place, &work.alike);
    work.batch_work
        .par_iter_mut()
        .zip(&mut work.since)
        .zip(&work.batches)
        .zip(&state.batches)
        .enumerate()
        .filter(|(index, (((_, since), _), _))| {
            !since.of_start && (!coarse || alike.batch[*index] == *index)
        })
        .for_each(|(_, (((batch_work, since), batch), batch_state))| {
            condense(
                network,
                &state.blocks,
                place,
                batch,
                batch_state,
                batch_work,
            );
            *since = Since::default();
        });
    publish(network, state, work, coarse);
}

/// Lets the insides of all racks settle at their ports as they are, which takes the racks one step ahead
/// of the blocks while they are in the cache; and linearises them there.
pub(super) fn settle(network: &Network, state: &mut State, work: &mut Work) {
    let (place, blocks) = (&work.place, &state.blocks);
    (state.batches.par_iter_mut())
        .zip(work.batch_work.par_iter_mut())
        .zip(&work.batches)
        .for_each(|((batch_state, batch_work), batch)| {
            condense(network, blocks, place, batch, batch_state, batch_work);
            Arch::new().dispatch(Recover {
                batch,
                work: batch_work,
                change: &kept::NO_CHANGE,
                damping: 1.0,
                correction: 1.0,
                state: batch_state,
            });
            condense(network, blocks, place, batch, batch_state, batch_work);
        });
    work.since.fill(Since::default());
    publish(network, state, work, false);
}

/// Brings the condensed racks into the network's order.
fn publish(network: &Network, state: &State, work: &mut Work, coarse: bool) {
    if coarse {
        super::coarse::publish_racks(network, state, work);
        return;
    }
    for (index, &(batch, lane)) in work.rack_place.iter().enumerate() {
        let (batch, lane) = (batch as usize, lane as usize);
        let at_linearisation = work.batch_work(batch).linear(lane);
        work.linear[index] = work.since[batch].linear(at_linearisation, lane);
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
        .zip(&work.since)
        .zip(&work.batches)
        .enumerate()
        .filter(|(index, _)| !coarse || alike.batch[*index] == *index)
        .map(|(index, ((batch_state, since), batch))| {
            Arch::new().dispatch(Fall {
                batch,
                work: work.batch_work(index),
                change: &batch_change(network, blocks, place, batch, batch_state),
                correction: since.correction(),
                state: batch_state,
            })
        })
        .reduce(|| 1.0, f64::min)
}

/// How a step is taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    /// Part of it that is taken.
    pub(super) damping: f64,
    /// Only the first of alike racks.
    pub(super) coarse: bool,
    /// Movement up to which linearisations are kept.
    pub(super) allowance: f64,
}

/// Moves the racks by a step of the blocks, and linearises those anew that have moved too far for the
/// linearisation that they have ([`kept`]); gives the relative size of the largest step, NaN where
/// there is one.
pub(super) fn step(network: &Network, state: &mut State, work: &mut Work, how: Move) -> f64 {
    let (place, alike, blocks) = (&work.place, &work.alike, &work.blocks);
    let of_start = work.of_start.as_deref();
    let State {
        batches,
        blocks: block_states,
        ..
    } = state;
    let largest = batches
        .par_iter_mut()
        .zip(work.batch_work.par_iter_mut())
        .zip(&mut work.since)
        .zip(&work.batches)
        .enumerate()
        .filter(|(index, _)| !how.coarse || alike.batch[*index] == *index)
        .map(|(index, (((batch_state, own), since), batch))| {
            let change = batch_change(network, blocks, place, batch, batch_state);
            let at = since.work(of_start, index, own);
            let calm = !how.coarse && !at.restless();
            let corrected = since.corrected;
            if corrected {
                since.add(&change, how.damping);
                if calm && since.size(batch_state) <= how.allowance {
                    return kept::size(&change, batch_state) * how.damping;
                }
            }
            let largest = Arch::new().dispatch(Recover {
                batch,
                work: at,
                change: &if corrected { since.take_open() } else { change },
                damping: if corrected { 1.0 } else { how.damping },
                correction: since.correction(),
                state: batch_state,
            });
            if !corrected && calm && how.damping >= 1.0 && largest <= how.allowance {
                since.add(&change, 1.0);
                since.take_open();
                since.corrected = true;
                return largest;
            }
            // The next linearisation at once, while the racks are in the cache.
            condense(network, block_states, place, batch, batch_state, own);
            *since = Since::default();
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
    publish(network, state, work, how.coarse);
    largest
}

/// Lets the state of every rack follow what its ports have done.
pub(super) fn catch_up(state: &mut State, work: &mut Work) {
    let of_start = work.of_start.as_deref();
    (state.batches.par_iter_mut())
        .zip(&work.batch_work)
        .zip(&mut work.since)
        .zip(&work.batches)
        .enumerate()
        .filter(|(_, (((_, _), since), _))| since.behind())
        .for_each(|(index, (((batch_state, own), since), batch))| {
            let change = since.take_open();
            Arch::new().dispatch(Recover {
                batch,
                work: since.work(of_start, index, own),
                change: &change,
                damping: 1.0,
                correction: since.correction(),
                state: batch_state,
            });
        });
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
    let of_start = work.of_start.as_deref();
    let counts: Vec<Vec<Changes>> = batches
        .par_iter_mut()
        .zip(work.batch_work.par_iter_mut())
        .zip(&mut work.since)
        .zip(&work.batches)
        .enumerate()
        .map(|(index, (((batch_state, own), since), batch))| {
            let at = since.work(of_start, index, own);
            if !at.restless() || coarse && alike.batch[index] != index {
                return Vec::new();
            }
            let changed = rack::propose(batch, &network.racks, at, batch_state, when);
            if !changed.is_empty() {
                condense(network, blocks, place, batch, batch_state, own);
                *since = Since::default();
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
