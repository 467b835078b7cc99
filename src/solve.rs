//! The steady solve: one Newton iteration over racks, groups and hall, exact derivatives, no inner
//! iteration; discrete status in bulk between steps.
//!
//! Each pass linearises every rack and condenses it to its ports ([`rack`]), then every block from
//! the innermost outward ([`block`]), solves the outermost and substitutes back. Racks and blocks
//! of one depth are independent of each other, so they run in parallel and the result does not
//! depend on the number of threads.
//!
//! A hall of many alike racks is first solved with one of each kind standing for all ([`coarse`]);
//! the iteration over all of them starts from there.

pub mod adjoint;
pub mod block;
mod blocks;
mod coarse;
mod kept;
pub mod lane;
pub mod rack;
mod racks;
pub mod sparse;
mod start;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use pulp::Arch;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::network::rack::RackParameters;
use crate::network::{Block, Network, Role, path_text};
use block::{BlockState, BlockWork, Program};
use coarse::Alike;
use kept::Since;
use rack::survey::{Survey, Surveyed};
use rack::{Batch, BatchState, BatchWork, RackLinear, RackView, When};
use racks::Move;
use start::Form;
pub use start::{Start, solve_again, solve_from, solve_from_any};

/// Limits of the iteration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Most Newton steps.
    pub iterations: usize,
    /// A step smaller than this, relative to each unknown's scale, ends the iteration; Newton's
    /// error after it is of the order of its square.
    pub tolerance: f64,
    /// Most rounds of status changes.
    pub rounds: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            iterations: 200,
            tolerance: 1e-6,
            rounds: 60,
        }
    }
}

/// State of the whole hall; owned by the caller, and can be cloned.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// Racks, side by side in batches: see [`rack::numbers::layout`].
    pub batches: Vec<BatchState>,
    /// Blocks, in the network's order.
    pub blocks: Vec<BlockState>,
    /// A first guess: of racks and blocks that are alike, only the first is filled in.
    pub first_guess: bool,
}

impl State {
    /// Becomes a copy of another state, in the memory that it has.
    pub fn copy_from(&mut self, other: &Self) {
        self.batches
            .resize_with(other.batches.len(), BatchState::default);
        for (own, other) in self.batches.iter_mut().zip(&other.batches) {
            own.copy_from(other);
        }
        self.blocks
            .resize_with(other.blocks.len(), BlockState::default);
        for (own, other) in self.blocks.iter_mut().zip(&other.blocks) {
            own.x.clone_from(&other.x);
            own.u.clone_from(&other.u);
            own.status.clone_from(&other.status);
        }
        self.first_guess = other.first_guess;
    }
}

/// Why there is no solution.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SolveError {
    /// Equations that do not determine an unknown.
    #[error("the equations do not determine '{unknown}': {hint}")]
    Singular {
        /// Path and name of the unknown.
        unknown: String,
        /// What usually causes it.
        hint: String,
    },
    /// The iteration did not settle.
    #[error(
        "no steady state found in {iterations} steps; furthest from balance is '{equation}' (off by {mismatch:.2e} of its size). {hint}"
    )]
    NotConverged {
        /// Steps taken.
        iterations: usize,
        /// Path and name of the worst equation's unknown.
        equation: String,
        /// Relative size of its mismatch.
        mismatch: f64,
        /// What usually causes it.
        hint: String,
    },
    /// Controls switch in a circle.
    #[error("controls switch in a circle and find no rest: {}", devices.join(", "))]
    Cycling {
        /// Devices that kept switching.
        devices: Vec<String>,
    },
    /// An equation gave no number.
    #[error(
        "the equation of '{equation}' has no value at the point reached; check its parameters for impossible values"
    )]
    NotFinite {
        /// Path and name.
        equation: String,
    },
}

/// A solved hall: state and the last linearisation at it.
#[derive(Debug)]
pub struct Solution {
    /// State.
    pub state: State,
    /// Work spaces, for results that need condensed racks.
    pub work: Work,
    /// Newton steps taken.
    pub iterations: usize,
    /// Rounds of status changes.
    pub rounds: usize,
    /// Largest remaining step relative to its scale.
    pub residual: f64,
    /// Unknowns, those of collapsed instances counted once.
    pub unknowns: usize,
}

impl Solution {
    /// What the plates of each rack come to, batch by batch.
    pub(crate) fn survey(&self) -> Vec<Surveyed> {
        (self.work.batches.par_iter())
            .zip(&self.state.batches)
            .enumerate()
            .map(|(index, (batch, state))| {
                Arch::new().dispatch(Survey {
                    batch,
                    state,
                    work: self.work.batch_work(index),
                })
            })
            .collect()
    }

    /// Batch of a rack, and its place there.
    pub(crate) fn place(&self, rack: usize) -> (usize, usize) {
        let (batch, lane) = self.work.rack_place[rack];
        (batch as usize, lane as usize)
    }

    /// A rack at the solution, by its index in the network's list.
    pub fn rack(&self, index: usize) -> RackView<'_> {
        let (batch, lane) = self.work.rack_place[index];
        RackView {
            batch: &self.work.batches[batch as usize],
            state: &self.state.batches[batch as usize],
            work: self.work.batch_work(batch as usize),
            since: &self.work.since[batch as usize],
            lane: lane as usize,
        }
    }
}

/// Batches with their places, and work space for them.
type Packed = Vec<(usize, Batch, BatchWork)>;

/// Work space of a solve; made once for a network and reused.
#[derive(Debug, Default)]
pub struct Work {
    batches: Vec<Batch>,
    batch_work: Vec<BatchWork>,
    /// How far each batch has moved since it was linearised.
    since: Vec<Since>,
    /// Linearisations at the state that this solve started from.
    of_start: Option<Arc<[BatchWork]>>,
    /// Batch of each rack, and its place there.
    rack_place: Vec<(u32, u32)>,
    /// Condensed racks, in the network's order.
    linear: Vec<RackLinear>,
    reversed: Vec<bool>,
    /// Blocks.
    pub blocks: Vec<BlockWork>,
    programs: Vec<Option<Arc<Program>>>,
    /// Block and stamp of each rack.
    place: Vec<(usize, usize)>,
    /// Blocks by depth, innermost first.
    levels: Vec<Vec<usize>>,
    alike: Alike,
    form: Form,
    /// Whether the batches that are not the first of their kind have still to be packed.
    unpacked: bool,
    /// Whose numbers stand in the batches.
    parameters: Vec<Arc<RackParameters>>,
}

impl Work {
    /// Work space for a network.
    pub fn new(network: &Network) -> Self {
        let mut work = Self::unpacked(network, coarse::first_blocks(network));
        let packed = work.pack(network, |_| true);
        work.install(packed);
        work
    }

    /// The numbers of batches, packed, and work space for them.
    fn pack(&self, network: &Network, wanted: impl Fn(usize) -> bool + Sync) -> Packed {
        (self.batches.par_iter().enumerate())
            .filter(|(index, _)| wanted(*index))
            .map(|(index, batch)| packed(index, &batch.racks, network))
            .collect()
    }

    fn install(&mut self, packed: Packed) {
        for (index, batch, work) in packed {
            self.batches[index] = batch;
            self.batch_work[index] = work;
        }
    }

    /// Work space whose batches know their racks and nothing else yet, side by side where their blocks
    /// have the same `first` block like them.
    fn unpacked(network: &Network, first: Vec<usize>) -> Self {
        let deepest = network.blocks.iter().map(|b| b.depth).max().unwrap_or(0);
        let mut levels = vec![Vec::new(); deepest + 1];
        for (index, block) in network.blocks.iter().enumerate() {
            levels[deepest - block.depth].push(index);
        }
        let place = racks::places(network);
        let (groups, rack_place) =
            rack::numbers::layout(&network.racks, |rack| first[place[rack].0]);
        let form = Form::of(network, first.clone());
        let alike = Alike::new(network, &groups, first, &place);
        let batches: Vec<Batch> = (groups.iter())
            .map(|racks| Batch::unpacked(racks, &network.racks))
            .collect();
        Self {
            batch_work: vec![BatchWork::default(); batches.len()],
            unpacked: false,
            since: vec![Since::default(); batches.len()],
            of_start: None,
            batches,
            rack_place,
            linear: vec![RackLinear::default(); network.racks.len()],
            reversed: vec![false; network.racks.len()],
            blocks: vec![BlockWork::default(); network.blocks.len()],
            programs: vec![None; network.structures],
            place,
            levels,
            alike,
            form,
            parameters: (network.racks.iter())
                .map(|rack| Arc::clone(&rack.parameters))
                .collect(),
        }
    }
}

impl Work {
    /// The last linearisation of a batch of racks.
    fn batch_work(&self, batch: usize) -> &BatchWork {
        self.since[batch].work(self.of_start.as_deref(), batch, &self.batch_work[batch])
    }
}

/// Racks side by side with their numbers, and work space for them.
fn packed(index: usize, racks: &[u32], network: &Network) -> (usize, Batch, BatchWork) {
    let batch = Batch::new(racks, &network.racks);
    let work = BatchWork::new(&batch);
    (index, batch, work)
}

/// First guess of the state.
pub fn guess(network: &Network) -> State {
    let mut blocks: Vec<BlockState> = network
        .blocks
        .iter()
        .map(|block| BlockState {
            x: block.guess.clone(),
            u: vec![0.0; block.structure.inputs],
            status: vec![0; block.components.len() * crate::component::MAX_STATUS],
        })
        .collect();
    blocks::push_ports(network, &mut blocks);
    let (first, place) = (coarse::first_blocks(network), racks::places(network));
    let (groups, _) = rack::numbers::layout(&network.racks, |rack| first[place[rack].0]);
    let alike = Alike::new(network, &groups, first, &place);
    State {
        batches: groups
            .par_iter()
            .enumerate()
            .map(|(index, racks)| {
                if alike.worthwhile && alike.batch[index] != index {
                    return BatchState::default();
                }
                let ports = racks::batch_ports(racks, |_, rack| {
                    let (owner, stamp) = place[rack];
                    racks::ports(&network.blocks[owner], &blocks[owner], stamp, false)
                });
                BatchState::guess(racks, &network.racks, &ports)
            })
            .collect(),
        blocks,
        first_guess: true,
    }
}

/// Solves from a state. Where the iteration finds no rest from there, it tries again from the solution in
/// weather a little off: at the edge between two modes of a plant one way in may end in a circle.
///
/// # Errors
/// [`SolveError`] where there is no steady state, or none was found.
pub fn solve(network: &Network, state: State, options: &Options) -> Result<Solution, SolveError> {
    or_from_beside(network, options, solve_once(network, state, options))
}

/// What was found; where that is no rest, what is found from the solution beside.
fn or_from_beside(
    network: &Network,
    options: &Options,
    found: Result<Solution, SolveError>,
) -> Result<Solution, SolveError> {
    match found {
        Err(error @ SolveError::NotConverged { .. }) => {
            let mut beside = OFF
                .iter()
                .filter_map(|off| from_beside(network, *off, options));
            beside.next().ok_or(error)
        }
        found => found,
    }
}

/// How far off, K.
const OFF: [f64; 2] = [0.5, -0.5];

/// Solves from the solution in weather that is this much warmer; `None` where either is not found.
fn from_beside(network: &Network, off: f64, options: &Options) -> Option<Solution> {
    let mut beside = network.clone();
    beside.outdoor.dry_bulb += off;
    beside.outdoor.wet_bulb += off;
    let solution = solve_once(&beside, guess(&beside), options).ok()?;
    start::step_from(network, &Start::new(solution), None, options).ok()
}

fn solve_once(network: &Network, state: State, options: &Options) -> Result<Solution, SolveError> {
    let mut work = Work::unpacked(network, coarse::first_blocks(network));
    // The coarse hall needs the first racks of each kind; the rest is packed beside it.
    work.unpacked = state.first_guess && work.alike.worthwhile;
    let packed = work.pack(network, |index| {
        !work.unpacked || work.alike.batch[index] == index
    });
    work.install(packed);
    Run::new(network, state, work, options).finish(true)
}

/// Size of a step at which no flow falls to next to nothing any more.
const SMALL_STEP: f64 = 0.3;
/// Least part of a step that is taken.
const LEAST_DAMPING: f64 = 0.01;
/// Size of a step at which control positions are set free.
const RELEASE: f64 = 0.1;
/// Most steps with control positions held.
const HOLD_STEPS: usize = 8;
/// Times at which devices may come back after a shutdown.
const RESTARTS: usize = 3;
/// Size of a step from which devices can tell what they should do.
const NEAR: f64 = 0.05;
/// Size of a step at which the coarse hall is good enough to start from.
const COARSE: f64 = 1e-3;
/// Most steps on the coarse hall.
const COARSE_STEPS: usize = 120;

/// Steps after which an iteration that has not ended gets new orders of elimination.
const REORDER: usize = 25;

/// Change of a temperature in one step from which on inertia is added, K.
const FAR: f64 = 100.0;
/// Change of a control position in one step from which on inertia is added, of its travel.
const WILD: f64 = 3.0;
/// Least thermal inertia, see [`Surroundings`](block::Surroundings).
const LEAST_INERTIA: f64 = 0.01;
/// Most thermal inertia.
const MOST_INERTIA: f64 = 1000.0;
/// Factor by which inertia grows and falls.
const INERTIA_FACTOR: f64 = 10.0;

/// The next higher inertia.
fn heavier(inertia: f64) -> f64 {
    (inertia * INERTIA_FACTOR).max(LEAST_INERTIA)
}

/// The next lower inertia; none below the least.
fn lighter(inertia: f64) -> f64 {
    if inertia > LEAST_INERTIA {
        inertia / INERTIA_FACTOR
    } else {
        0.0
    }
}

/// What a pass over the hall does.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Pass {
    /// Only the first of alike racks and blocks.
    coarse: bool,
    /// Control positions stay where they are.
    hold: bool,
    /// Thermal inertia of all nodes, see [`Surroundings`](block::Surroundings).
    inertia: f64,
    /// Inertia of control positions.
    control_inertia: f64,
}

/// A solve under way.
struct Run<'a> {
    network: &'a Network,
    options: &'a Options,
    state: State,
    work: Work,
    iterations: usize,
    rounds: usize,
    /// Movement up to which racks keep their linearisation at the end, see [`kept`].
    movement: f64,
    /// Times at which devices came back after a shutdown.
    restarts: usize,
    seen: HashSet<u64>,
    switched: Vec<String>,
}

impl<'a> Run<'a> {
    fn new(network: &'a Network, state: State, work: Work, options: &'a Options) -> Self {
        Self {
            network,
            options,
            state,
            work,
            iterations: 0,
            rounds: 0,
            movement: kept::SETTLED,
            restarts: 0,
            seen: HashSet::new(),
            switched: Vec::new(),
        }
    }

    /// Iterates to the solution, at first with control positions held or not.
    fn finish(self, hold: bool) -> Result<Solution, SolveError> {
        // All of it on the pool's threads: handing each pass over to them costs more than a small one.
        rayon::scope(|_| self.iterate_to_end(hold))
    }

    fn iterate_to_end(mut self, mut hold: bool) -> Result<Solution, SolveError> {
        let network = self.network;
        let mut settled = false;
        if self.state.first_guess {
            self.state.first_guess = false;
            if self.work.alike.worthwhile {
                self.iterate_coarse()?;
                coarse::expand(network, &mut self.state, &mut self.work);
                racks::settle(network, &mut self.state, &mut self.work);
                hold = false;
                settled = true;
            }
        }
        if !settled {
            racks::condense_all(network, &self.state, &mut self.work, false);
        }
        let residual = self.iterate(false, hold)?;
        let blocks = network.blocks.iter().map(|b| b.structure.unknowns);
        let racks = network.racks.iter().map(|r| &r.design);
        let racks = racks.map(|d| 2 * d.plates() + d.paths() + d.servers + 1);
        Ok(Solution {
            unknowns: blocks.sum::<usize>() + racks.sum::<usize>(),
            state: self.state,
            work: self.work,
            iterations: self.iterations,
            rounds: self.rounds,
            residual,
        })
    }

    /// Iterates on the coarse hall, which keeps one thread busy; the others pack the racks that it does
    /// without meanwhile.
    fn iterate_coarse(&mut self) -> Result<(), SolveError> {
        if !std::mem::take(&mut self.work.unpacked) {
            return self.coarse_alone();
        }
        let network = self.network;
        let rest: Vec<(usize, Vec<u32>)> = (self.work.batches.iter().enumerate())
            .filter(|(index, _)| self.work.alike.batch[*index] != *index)
            .map(|(index, batch)| (index, batch.racks.clone()))
            .collect();
        let (done, packed) = rayon::join(
            || self.coarse_alone(),
            || -> Packed {
                rest.par_iter()
                    .map(|(index, racks)| packed(*index, racks, network))
                    .collect()
            },
        );
        self.work.install(packed);
        done
    }

    fn coarse_alone(&mut self) -> Result<(), SolveError> {
        racks::condense_all(self.network, &self.state, &mut self.work, true);
        self.iterate(true, true).map(|_| ())
    }

    /// Iterates to the solution, or on the coarse hall to somewhere near it; gives the last step's
    /// relative size.
    fn iterate(&mut self, coarse: bool, hold: bool) -> Result<f64, SolveError> {
        let (network, options) = (self.network, self.options);
        let mut pass = Pass {
            coarse,
            hold,
            ..Pass::default()
        };
        for iteration in 0..options.iterations {
            if iteration % REORDER == REORDER - 1 {
                blocks::reorder(network, &mut self.work, coarse);
            }
            let step = self.find_step(&mut pass)?;
            let inert = pass.inertia.max(pass.control_inertia) > 0.0;
            let mut damping = step.damping;
            if step.size > SMALL_STEP {
                damping = damping.min(racks::fall(network, &self.state, &self.work, coarse));
            }
            let damping = damping.max(LEAST_DAMPING);
            blocks::take_step(network, &mut self.state, &self.work, damping, coarse);
            let how = Move {
                damping,
                coarse,
                allowance: if pass.hold || inert {
                    0.0
                } else {
                    kept::allowance(step.size, options.tolerance, self.movement)
                },
            };
            let moved = racks::step(network, &mut self.state, &mut self.work, how);
            self.iterations += 1;
            let measure = if moved.is_nan() {
                moved
            } else {
                step.size.max(moved)
            };
            if !measure.is_finite() {
                return Err(self.worst());
            }
            if step.warming < blocks::TEMPERATURE_STEP {
                pass.inertia = lighter(pass.inertia);
            }
            if step.swing < 1.0 {
                pass.control_inertia = lighter(pass.control_inertia);
            }
            if pass.hold {
                pass.hold = measure > RELEASE && iteration < HOLD_STEPS;
                // What gets no coolant at all must go before it boils the hall.
                self.propose_devices(false, coarse, &mut Vec::new());
                continue;
            }
            let settled = measure < options.tolerance && !inert;
            // Controls go to a stop as soon as they pass it; devices follow once the point is near
            // enough to tell, or when the iteration drags on.
            let near = settled || measure < NEAR || iteration % 6 == 5;
            let mut names = Vec::new();
            let first = coarse.then_some(self.work.alike.block.as_slice());
            let mut changed = blocks::propose(network, &mut self.state, near, first, &mut names);
            changed += self.propose_devices(near, coarse, &mut names);
            if changed > 0 {
                if settled {
                    self.rest_or_circle(names)?;
                }
                continue;
            }
            if coarse && (measure < COARSE && !inert || iteration + 1 == COARSE_STEPS) {
                let plain = Pass {
                    coarse,
                    ..Pass::default()
                };
                // Where the coarse hall has not settled, nothing need hold all of its temperatures yet.
                let slowed = Pass {
                    inertia: pass.inertia.max(LEAST_INERTIA),
                    control_inertia: pass.control_inertia.max(1.0),
                    ..plain
                };
                match blocks::linearise(network, &self.state, &mut self.work, plain) {
                    Err(SolveError::Singular { .. }) => {
                        blocks::linearise(network, &self.state, &mut self.work, slowed)?;
                    }
                    done => done?,
                }
                return Ok(measure);
            }
            if settled {
                if step.size < kept::LAST_STEP {
                    blocks::move_outputs(&mut self.work);
                } else {
                    blocks::linearise(network, &self.state, &mut self.work, Pass::default())?;
                }
                racks::catch_up(&mut self.state, &mut self.work);
                return Ok(measure);
            }
        }
        Err(self.worst())
    }

    /// Finds the next step. Where it would carry temperatures far away, since nothing but the heat
    /// itself holds them, thermal inertia is added until it does not: flows and temperatures then
    /// move together, as they would in time.
    fn find_step(&mut self, pass: &mut Pass) -> Result<blocks::Step, SolveError> {
        loop {
            match blocks::linearise(self.network, &self.state, &mut self.work, *pass) {
                // A control without any effect, or heat without any way out: inertia leaves them
                // where they are, or moves them to a stop.
                Err(SolveError::Singular { .. }) if pass.control_inertia < 1.0 => {
                    pass.control_inertia = 1.0;
                    pass.inertia = pass.inertia.max(LEAST_INERTIA);
                    continue;
                }
                done => done?,
            }
            let step = blocks::find_step(self.network, &self.state, &mut self.work, pass.coarse);
            let hot = step.warming > FAR && pass.inertia < MOST_INERTIA;
            let wild = step.swing > WILD && pass.control_inertia < MOST_INERTIA;
            if hot {
                pass.inertia = heavier(pass.inertia);
            }
            if wild {
                pass.control_inertia = heavier(pass.control_inertia);
            }
            if !hot && !wild {
                return Ok(step);
            }
        }
    }

    fn propose_devices(&mut self, near: bool, coarse: bool, names: &mut Vec<String>) -> usize {
        let when = When {
            near,
            restart: self.restarts < RESTARTS,
        };
        let (changes, restarts) = racks::propose(
            self.network,
            &mut self.state,
            &mut self.work,
            when,
            coarse,
            names,
        );
        self.restarts += usize::from(restarts > 0);
        changes
    }

    /// Notes a set of switches at which everything else had settled; a set seen twice is an error.
    fn rest_or_circle(&mut self, names: Vec<String>) -> Result<(), SolveError> {
        self.rounds += 1;
        let mut hasher = DefaultHasher::new();
        for block in &self.state.blocks {
            block.status.hash(&mut hasher);
        }
        for batch in &self.state.batches {
            batch.status.hash(&mut hasher);
        }
        self.switched.extend(names);
        self.switched.sort();
        self.switched.dedup();
        if self.seen.insert(hasher.finish()) && self.rounds <= self.options.rounds {
            return Ok(());
        }
        self.switched.truncate(12);
        Err(SolveError::Cycling {
            devices: std::mem::take(&mut self.switched),
        })
    }

    /// No steady state: the equation that is furthest from balance, and what usually lies behind it.
    fn worst(&self) -> SolveError {
        let mut worst = (0.0, 0, 0);
        for (index, block) in self.network.blocks.iter().enumerate() {
            let (size, row) = self.work.blocks[index].scaled_residual(&block.structure);
            if size > worst.0 || size.is_nan() {
                worst = (size, index, row);
            }
        }
        let block = &self.network.blocks[worst.1];
        let role = block.structure.variables.get(worst.2).map(|v| v.role);
        SolveError::NotConverged {
            iterations: self.iterations,
            equation: name(block, worst.2),
            mismatch: worst.0,
            hint: usual_cause(role).to_owned(),
        }
    }
}

/// What usually keeps an equation of this role from its balance.
fn usual_cause(role: Option<Role>) -> &'static str {
    match role {
        Some(Role::Pressure | Role::Flow) => {
            "Look there for a pump that cannot reach the pressure that its loop needs, or a loop that nothing drives."
        }
        Some(Role::Temperature | Role::Air) => {
            "More heat comes there than can go: look for an exchanger, a cooler or a flow that is too small for it."
        }
        Some(Role::Power | Role::Reactive) => {
            "Look there for a feeder whose loss grows beyond what it can carry."
        }
        Some(Role::Internal | Role::Position | Role::Modulation) | None => {
            "Look there for a device that is too small for its duty, or a set-point that nothing can reach."
        }
    }
}

/// Path and name of an unknown.
fn name(block: &Block, index: usize) -> String {
    let own = block
        .structure
        .variables
        .get(index)
        .map_or("port output", |v| v.name.as_str());
    if block.path.is_empty() {
        own.to_owned()
    } else {
        format!("{}.{own}", path_text(&block.path))
    }
}

/// Runs `work` on a pool of this many threads (`None`: one a core).
///
/// # Errors
/// The pool's own error where it could not be started.
pub fn on_threads<R: Send>(
    threads: Option<usize>,
    work: impl FnOnce() -> R + Send,
) -> Result<R, rayon::ThreadPoolBuildError> {
    match threads {
        None => Ok(work()),
        Some(n) => Ok(rayon::ThreadPoolBuilder::new()
            .num_threads(n)
            .build()?
            .install(work)),
    }
}
