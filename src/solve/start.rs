//! What a solve leaves for others near it: a state, and the orders of elimination found on the way.
//!
//! A solve from a start gives the same bits whatever was solved before in the same work space: the
//! work space brings memory, and the packed numbers of racks that are the same, and nothing else.

use std::sync::Arc;

use super::block::{BlockWork, Program};
use super::coarse::first_blocks;
use super::kept::{self, Since};
use super::rack::BatchWork;
use super::{Options, Run, Solution, SolveError, State, Work, guess, or_from_beside, solve};
use crate::network::rack::{RackDesign, RackParameters};
use crate::network::{Network, Structure};

/// Whether both say the same, be it in one place or in two: which of them must not show in the bits.
fn same<T: PartialEq>(a: &Arc<T>, b: &Arc<T>) -> bool {
    Arc::ptr_eq(a, b) || a == b
}

/// Order of elimination of each structure, where it is known.
type Programs = Vec<Option<Arc<Program>>>;

/// Where solves that are near each other start from.
#[derive(Debug, Clone)]
pub struct Start {
    state: State,
    programs: Programs,
    form: Form,
    /// Linearisation of each batch of racks, and how far it has moved since.
    works: Arc<[BatchWork]>,
    since: Vec<Since>,
    /// Racks of each batch, and their numbers, for which the linearisations hold.
    batches: Vec<Vec<u32>>,
    parameters: Vec<Arc<RackParameters>>,
}

/// Form of a network, which its states and work spaces follow.
#[derive(Debug, Clone, Default)]
pub(super) struct Form {
    /// Of each block, and its number among those of the network.
    structures: Vec<(usize, Arc<Structure>)>,
    /// Of each rack.
    designs: Vec<Arc<RackDesign>>,
    /// First block like each when the work space was made, which decides what racks stand side by side.
    first_blocks: Vec<usize>,
}

impl Form {
    pub(super) fn of(network: &Network, first_blocks: Vec<usize>) -> Self {
        let blocks = network.blocks.iter();
        let racks = network.racks.iter();
        Self {
            structures: blocks
                .map(|block| (block.structure_index, Arc::clone(&block.structure)))
                .collect(),
            designs: racks.map(|rack| Arc::clone(&rack.design)).collect(),
            first_blocks,
        }
    }

    /// Whether blocks and racks of the network have the same unknowns in the same places.
    fn fits(&self, network: &Network) -> bool {
        // Most blocks share a structure with one before: that pair need not be compared again.
        let mut equal: Option<[*const Structure; 2]> = None;
        let mut same_structure = |own: &Arc<Structure>, other: &Arc<Structure>| {
            let pair = [Arc::as_ptr(own), Arc::as_ptr(other)];
            let same = Arc::ptr_eq(own, other) || equal == Some(pair) || own.same_form(other);
            if same {
                equal = Some(pair);
            }
            same
        };
        let size = |d: &RackDesign| [d.plates(), d.paths(), d.servers];
        self.structures.len() == network.blocks.len()
            && self.designs.len() == network.racks.len()
            && (self.structures.iter().zip(&network.blocks)).all(|((number, own), block)| {
                *number == block.structure_index && same_structure(own, &block.structure)
            })
            && (self.designs.iter().zip(&network.racks)).all(|(own, rack)| {
                Arc::ptr_eq(own, &rack.design) || size(own) == size(&rack.design)
            })
    }
}

impl Work {
    /// Whether it holds the numbers of the network's racks, side by side as these blocks ask for.
    fn fits(&self, network: &Network, first_blocks: &[usize]) -> bool {
        let same = |(own, rack): (&Arc<RackParameters>, &crate::network::Rack)| {
            Arc::ptr_eq(own, &rack.parameters)
        };
        self.parameters.len() == network.racks.len()
            && self.form.first_blocks == first_blocks
            && self.parameters.iter().zip(&network.racks).all(same)
            && self.form.fits(network)
    }

    /// Takes orders of elimination, and forgets those that other solves needed.
    fn restart(&mut self, programs: &Programs) {
        self.programs.clone_from(programs);
        self.of_start = None;
        self.since.fill(Since::default());
        for block in &mut self.blocks {
            let BlockWork {
                private, stagnant, ..
            } = block;
            *private = None;
            *stagnant = false;
        }
    }
}

impl Start {
    /// The start that a solution is.
    pub fn new(solution: Solution) -> Self {
        let Work {
            programs,
            form,
            batch_work,
            since,
            of_start,
            batches,
            parameters,
            ..
        } = solution.work;
        let works = batch_work.into_iter().enumerate().zip(&since);
        let works = works.map(|((index, own), since)| match &of_start {
            Some(works) if since.of_start => works[index].clone(),
            _ => own,
        });
        Self {
            state: solution.state,
            programs,
            form,
            works: works.collect(),
            since: (since.into_iter()).map(Since::in_start).collect(),
            batches: batches.into_iter().map(|batch| batch.racks).collect(),
            parameters,
        }
    }

    /// How far each batch is from the linearisation that it can go on from; a batch of other racks
    /// must be linearised first.
    fn since<'a>(&'a self, network: &'a Network) -> impl Iterator<Item = Since> + 'a {
        self.batches.iter().zip(&self.since).map(|(racks, since)| {
            let known = racks.iter().all(|&rack| {
                let (rack, now) = (rack as usize, &network.racks[rack as usize]);
                same(&self.parameters[rack], &now.parameters)
                    && same(&self.form.designs[rack], &now.design)
            });
            if known { *since } else { Since::default() }
        })
    }
}

/// Solves from a start, or from the network's own first guess where the start is of another form;
/// `spare` is a solution that is needed no more, whose memory is used again.
///
/// # Errors
/// [`SolveError`] where there is no steady state, or none was found.
pub fn solve_from(
    network: &Network,
    start: &Start,
    spare: Option<Solution>,
    options: &Options,
) -> Result<Solution, SolveError> {
    if !start.form.fits(network) {
        return solve(network, guess(network), options);
    }
    step_from(network, start, spare, options)
}

/// Solves from the first of these starts from which the iteration finds a rest, else from the network's own
/// first guess; `spare` as for [`solve_from`].
///
/// # Errors
/// [`SolveError`] of the solve from the first guess.
pub fn solve_from_any<'a>(
    network: &Network,
    starts: impl IntoIterator<Item = &'a Start>,
    mut spare: Option<Solution>,
    options: &Options,
) -> Result<Solution, SolveError> {
    let found = (starts.into_iter())
        .find_map(|start| solve_from(network, start, spare.take(), options).ok());
    match found {
        Some(solution) => Ok(solution),
        None => solve(network, guess(network), options),
    }
}

/// Solves from a start of the network's own form.
pub(super) fn step_from(
    network: &Network,
    start: &Start,
    spare: Option<Solution>,
    options: &Options,
) -> Result<Solution, SolveError> {
    // Racks stand side by side as in the start's state, whichever blocks are alike now.
    let first_blocks = &start.form.first_blocks;
    let (state, mut work) = match spare {
        Some(mut spare) if spare.work.fits(network, first_blocks) => {
            spare.state.copy_from(&start.state);
            (spare.state, spare.work)
        }
        _ => {
            let mut work = Work::unpacked(network, first_blocks.clone());
            let batches = work.batches.iter().map(|batch| &batch.racks);
            if !batches.eq(&start.batches) {
                return solve(network, guess(network), options);
            }
            let packed = work.pack(network, |_| true);
            work.install(packed);
            (start.state.clone(), work)
        }
    };
    work.restart(&start.programs);
    work.since.clear();
    work.since.extend(start.since(network));
    work.of_start = Some(Arc::clone(&start.works));
    // Flows and temperatures suit each other from the start.
    let mut run = Run::new(network, state, work, options);
    run.movement = kept::NEAR_START;
    run.finish(false)
}

/// Solves from the network's own first guess, as if nothing had been solved before, in the memory of a
/// solution that is needed no more.
///
/// # Errors
/// [`SolveError`] where there is no steady state, or none was found.
pub fn solve_again(
    network: &Network,
    spare: Option<Solution>,
    options: &Options,
) -> Result<Solution, SolveError> {
    let state = guess(network);
    let first = first_blocks(network);
    let spare = spare.map(|spare| spare.work);
    let Some(mut work) = spare.filter(|work| work.fits(network, &first)) else {
        return solve(network, state, options);
    };
    work.restart(&vec![None; network.structures]);
    or_from_beside(
        network,
        options,
        Run::new(network, state, work, options).finish(true),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Start, solve_again, solve_from};
    use crate::hall::{LoadOptions, load};
    use crate::network::Network;
    use crate::network::build::build;
    use crate::solve::{Options, Solution, guess, solve};
    use crate::world::Disk;

    fn network(supply: &str) -> Network {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models/halls/bench-100k.toml");
        let set = vec![
            "groups.pod.count=2".to_owned(),
            format!("groups.pod.equipment.cdu.supply_temperature={supply}"),
        ];
        let (hall, _) = load(&Disk, &path, &LoadOptions { set, state: None }).unwrap();
        build(&hall).unwrap()
    }

    fn cold(network: &Network) -> Solution {
        solve(network, guess(network), &Options::default()).unwrap()
    }

    /// From one start the bits are the same, with new memory or with that of any other solve.
    #[test]
    fn memory_does_not_show() {
        let (first, mut second) = (network("40 degC"), network("41 degC"));
        let options = Options::default();
        let start = Start::new(cold(&first));
        let fresh = solve_from(&second, &start, None, &options).unwrap();
        let other = cold(&second);
        let reused = solve_from(&second, &start, Some(other), &options).unwrap();
        assert_eq!(fresh.state, reused.state);
        assert_eq!(fresh.iterations, reused.iterations);
        let again = solve_again(&second, Some(reused), &options).unwrap();
        assert_eq!(again.state, cold(&second).state);
        // With the racks of another network it must pack them anew.
        let foreign = solve_from(&second, &start, Some(cold(&first)), &options).unwrap();
        assert_eq!(fresh.state, foreign.state);
        // The same point as from nothing, to the tolerance of both.
        let apart = |a: &Solution, b: &Solution| {
            let pairs = a.state.batches.iter().zip(&b.state.batches);
            pairs
                .flat_map(|(a, b)| a.junction.iter().flatten().zip(b.junction.iter().flatten()))
                .fold(0.0f64, |most, (a, b)| most.max((a - b).abs()))
        };
        assert!(apart(&fresh, &cold(&second)) < 1e-7);
        // Where other blocks are alike than in the start, racks stand side by side as they did there, and the
        // answer is the same.
        let mut other = second.clone();
        let parts = &mut other.blocks[0].components;
        (parts.iter_mut()).for_each(|c| c.theta = c.theta.iter().map(|x| x * 1.5).collect());
        assert_ne!(super::first_blocks(&other), super::first_blocks(&second));
        let (warm, from_nothing) = (
            solve_from(&other, &start, None, &options).unwrap(),
            cold(&other),
        );
        for rack in 0..other.racks.len() {
            let junction = |solution: &Solution| solution.rack(rack).junction(0);
            assert!((junction(&warm) - junction(&from_nothing)).abs() < 1e-6);
        }
        // A hall of another form starts from nothing.
        second = network("42 degC");
        second.racks.pop();
        assert!(!start.form.fits(&second));
    }

    /// At this edge between two modes of the plant's economisers the iteration from the first guess goes in a
    /// circle; from the solution beside it there is an answer, between those on both sides.
    #[test]
    fn an_edge_between_modes_has_an_answer() {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models/halls/air-a100.toml");
        let meter = |wet_bulb: f64| {
            let set = vec![
                "site.dry_bulb=13.9 degC".to_owned(),
                format!("site.wet_bulb={wet_bulb} degC"),
                "site.pressure=99.1 kPa".to_owned(),
            ];
            let (hall, _) = load(&Disk, &path, &LoadOptions { set, state: None }).unwrap();
            let network = build(&hall).unwrap();
            let solution = cold(&network);
            let hall = network.blocks.len() - 1;
            solution.work.blocks[hall].outputs[0]
        };
        let powers = [11.70, 11.71, 11.72, 11.73, 11.74].map(meter);
        assert!(
            powers.windows(2).all(|pair| pair[0] < pair[1]),
            "{powers:?}"
        );
    }
}
