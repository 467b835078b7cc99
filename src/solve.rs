//! The steady solve: one Newton iteration over racks, groups and hall, exact derivatives, no inner
//! iteration; discrete status in bulk between steps.
//!
//! Each pass linearises every rack and condenses it to its ports ([`rack`]), then every block from
//! the innermost outward ([`block`]), solves the outermost and substitutes back. Racks and blocks
//! of one depth are independent of each other, so they run in parallel and the result does not
//! depend on the number of threads.

pub mod block;
pub mod lane;
pub mod rack;
pub mod sparse;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use pulp::Arch;
use rayon::iter::{
    IndexedParallelIterator, IntoParallelRefIterator, IntoParallelRefMutIterator, ParallelIterator,
};

use crate::component::MAX_STATUS;
use crate::network::{Block, Element, Network, Role, path_text};
use block::{BlockState, BlockWork, Program, Surroundings, Trouble, change_of, component_at};
use lane::WIDTH;
use rack::{Batch, BatchState, BatchWork, Condense, RackLinear, RackPorts, RackView, Recover};

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
    /// Racks, side by side in batches: see [`rack::batches`].
    pub batches: Vec<BatchState>,
    /// Blocks, in the network's order.
    pub blocks: Vec<BlockState>,
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
    /// A rack at the solution, by its index in the network's list.
    pub fn rack(&self, index: usize) -> RackView<'_> {
        let (batch, lane) = self.work.rack_place[index];
        RackView {
            state: &self.state.batches[batch as usize],
            work: &self.work.batch_work[batch as usize],
            lane: lane as usize,
        }
    }
}

/// Work space of a solve; made once for a network and reused.
#[derive(Debug, Default)]
pub struct Work {
    batches: Vec<Batch>,
    batch_work: Vec<BatchWork>,
    /// Batch of each rack, and its place there.
    rack_place: Vec<(u32, u32)>,
    /// Condensed racks, in the network's order.
    linear: Vec<RackLinear>,
    reversed: Vec<bool>,
    /// Blocks.
    pub blocks: Vec<BlockWork>,
    programs: Vec<Option<Program>>,
    /// Block and stamp of each rack.
    place: Vec<(usize, usize)>,
    /// Blocks by depth, innermost first.
    levels: Vec<Vec<usize>>,
}

impl Work {
    /// Work space for a network.
    pub fn new(network: &Network) -> Self {
        let mut place = vec![(0, 0); network.racks.len()];
        let deepest = network.blocks.iter().map(|b| b.depth).max().unwrap_or(0);
        let mut levels = vec![Vec::new(); deepest + 1];
        for (index, block) in network.blocks.iter().enumerate() {
            levels[deepest - block.depth].push(index);
            for (s, stamp) in block.structure.stamps.iter().enumerate() {
                if let Element::Rack(k) = stamp.element {
                    place[block.racks[k]] = (index, s);
                }
            }
        }
        let (batches, rack_place) = rack::batches(&network.racks);
        Self {
            batch_work: batches.par_iter().map(BatchWork::new).collect(),
            batches,
            rack_place,
            linear: vec![RackLinear::default(); network.racks.len()],
            reversed: vec![false; network.racks.len()],
            blocks: vec![BlockWork::default(); network.blocks.len()],
            programs: vec![None; network.structures],
            place,
            levels,
        }
    }
}

/// Ports of a rack at the present state.
pub fn rack_ports(block: &Block, state: &BlockState, stamp: usize, reversed: bool) -> RackPorts {
    let variables = &block.structure.stamps[stamp].variables;
    let at = |k: usize| {
        let index = variables[k] as usize;
        let n = block.structure.unknowns;
        if index < n {
            state.x[index]
        } else {
            state.u[index - n]
        }
    };
    let (enter, leave) = if reversed { (2, 0) } else { (0, 2) };
    RackPorts {
        difference: at(enter) - at(leave),
        inlet: at(enter + 1),
        air: at(4),
    }
}

/// First guess of the state.
pub fn guess(network: &Network) -> State {
    let mut blocks: Vec<BlockState> = network
        .blocks
        .iter()
        .map(|block| BlockState {
            x: block.guess.clone(),
            u: vec![0.0; block.structure.inputs],
            status: vec![0; block.components.len() * MAX_STATUS],
        })
        .collect();
    push_ports(network, &mut blocks);
    let work = Work::new(network);
    let batches = work
        .batches
        .par_iter()
        .map(|batch| {
            let ports = batch_ports(batch, [false; WIDTH], |rack, reversed| {
                let (owner, stamp) = work.place[rack];
                rack_ports(&network.blocks[owner], &blocks[owner], stamp, reversed)
            });
            BatchState::guess(batch, &network.racks, &ports)
        })
        .collect();
    State { batches, blocks }
}

/// Port values of a batch's racks; places without a rack repeat the last one.
fn batch_ports(
    batch: &Batch,
    reversed: [bool; WIDTH],
    ports: impl Fn(usize, bool) -> RackPorts,
) -> [RackPorts; WIDTH] {
    let last = batch.racks.len() - 1;
    std::array::from_fn(|lane| {
        let lane = lane.min(last);
        ports(batch.racks[lane] as usize, reversed[lane])
    })
}

/// Gives every block the values of its ports, from the outermost inward.
fn push_ports(network: &Network, blocks: &mut [BlockState]) {
    for index in (0..network.blocks.len()).rev() {
        let block = &network.blocks[index];
        for stamp in &block.structure.stamps {
            let Element::Child(k) = stamp.element else {
                continue;
            };
            let child = block.children[k];
            for (port, &variable) in stamp.variables.iter().enumerate() {
                let n = block.structure.unknowns;
                let variable = variable as usize;
                let value = if variable < n {
                    blocks[index].x[variable]
                } else {
                    blocks[index].u[variable - n]
                };
                blocks[child].u[port] = value;
            }
        }
    }
}

/// Solves from a state.
///
/// # Errors
/// [`SolveError`] where there is no steady state, or none was found.
pub fn solve(
    network: &Network,
    mut state: State,
    options: &Options,
) -> Result<Solution, SolveError> {
    let mut work = Work::new(network);
    let mut rounds = 0;
    let mut seen: HashSet<u64> = HashSet::new();
    let mut switched: Vec<String> = Vec::new();
    let mut residual = f64::INFINITY;
    let unknowns = network
        .blocks
        .iter()
        .map(|b| b.structure.unknowns)
        .sum::<usize>()
        + network
            .racks
            .iter()
            .map(|r| 2 * r.design.plates() + r.design.paths() + r.design.servers + 1)
            .sum::<usize>();
    // Control positions are held until flows and temperatures suit each other: from far away the
    // equations of a set-point say little about the position that meets it.
    let mut hold = true;
    condense_racks(network, &state, &mut work);
    for iteration in 0..options.iterations {
        linearise(network, &state, &mut work, hold)?;
        let measure = step(network, &mut state, &mut work);
        if !measure.is_finite() {
            return Err(worst(
                network,
                &work,
                iteration + 1,
                "A quantity left all bounds.",
            ));
        }
        residual = measure;
        if hold {
            hold = measure > RELEASE && iteration < HOLD_STEPS;
            continue;
        }
        let settled = measure < options.tolerance;
        // Controls go to a stop as soon as they pass it; devices follow once the point is near
        // enough to tell, or when the iteration drags on.
        {
            let mut names = Vec::new();
            let near = settled || measure < 0.05 || iteration % 6 == 5;
            let mut changed = propose_controls(network, &mut state, near, &mut names);
            if near {
                changed += propose_devices(network, &mut state, &mut work, &mut names);
            }
            if changed > 0 {
                if settled {
                    rounds += 1;
                    let mut hasher = DefaultHasher::new();
                    for block in &state.blocks {
                        block.status.hash(&mut hasher);
                    }
                    for batch in &state.batches {
                        batch.status.hash(&mut hasher);
                    }
                    switched.extend(names);
                    switched.sort();
                    switched.dedup();
                    if !seen.insert(hasher.finish()) || rounds > options.rounds {
                        switched.truncate(12);
                        return Err(SolveError::Cycling { devices: switched });
                    }
                }
                continue;
            }
        }
        if settled {
            linearise(network, &state, &mut work, false)?;
            return Ok(Solution {
                state,
                work,
                iterations: iteration + 1,
                rounds,
                residual,
                unknowns,
            });
        }
    }
    let _ = residual;
    Err(worst(
        network,
        &work,
        options.iterations,
        "Look there for a loop without flow or a set-point that nothing can reach.",
    ))
}

fn worst(network: &Network, work: &Work, iterations: usize, hint: &str) -> SolveError {
    let mut worst = (0.0, 0, 0);
    for (index, block) in network.blocks.iter().enumerate() {
        let (size, row) = work.blocks[index].scaled_residual(&block.structure);
        if size > worst.0 || size.is_nan() {
            worst = (size, index, row);
        }
    }
    SolveError::NotConverged {
        iterations,
        equation: name(&network.blocks[worst.1], worst.2),
        mismatch: worst.0,
        hint: hint.to_owned(),
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

/// Most attempts at a usable order of elimination for a block.
const ATTEMPTS: usize = 6;

/// Linearises the racks of a batch at the state.
fn condense_batch(
    network: &Network,
    blocks: &[BlockState],
    place: &[(usize, usize)],
    batch: &Batch,
    state: &BatchState,
    work: &mut BatchWork,
) {
    let ports = batch_ports(batch, state.reversed, |rack, reversed| {
        let (owner, stamp) = place[rack];
        rack_ports(&network.blocks[owner], &blocks[owner], stamp, reversed)
    });
    Arch::new().dispatch(Condense {
        batch,
        state,
        ports: &ports,
        work,
    });
}

/// Linearises all racks at the state.
fn condense_racks(network: &Network, state: &State, work: &mut Work) {
    let place = &work.place;
    work.batch_work
        .par_iter_mut()
        .zip(&work.batches)
        .zip(&state.batches)
        .for_each(|((batch_work, batch), batch_state)| {
            condense_batch(
                network,
                &state.blocks,
                place,
                batch,
                batch_state,
                batch_work,
            );
        });
    publish_racks(state, work);
}

/// Brings the condensed racks into the network's order.
fn publish_racks(state: &State, work: &mut Work) {
    for (index, &(batch, lane)) in work.rack_place.iter().enumerate() {
        let (batch, lane) = (batch as usize, lane as usize);
        work.linear[index] = work.batch_work[batch].linear(lane);
        work.reversed[index] = state.batches[batch].reversed[lane];
    }
}

/// Linearises the blocks at the state and condenses them outward.
fn linearise(
    network: &Network,
    state: &State,
    work: &mut Work,
    hold: bool,
) -> Result<(), SolveError> {
    for level in 0..work.levels.len() {
        let members = work.levels[level].clone();
        let mut own: Vec<BlockWork> = members
            .iter()
            .map(|&b| std::mem::take(&mut work.blocks[b]))
            .collect();
        for attempt in 0..ATTEMPTS {
            let around = Surroundings {
                network,
                racks: &work.linear,
                reversed: &work.reversed,
                blocks: &work.blocks,
                hold,
            };
            let programs = &work.programs;
            let troubles: Vec<Option<Trouble>> = members
                .par_iter()
                .zip(own.par_iter_mut())
                .map(|(&index, block_work)| {
                    let block = &network.blocks[index];
                    match &programs[block.structure_index] {
                        None => Some(Trouble::Pattern),
                        Some(program) => program
                            .condense(&around, block, &state.blocks[index], block_work)
                            .err(),
                    }
                })
                .collect();
            let mut remade: HashSet<usize> = HashSet::new();
            let mut any = false;
            let mut made: Vec<(usize, Program)> = Vec::new();
            for (k, trouble) in troubles.iter().enumerate() {
                let Some(trouble) = trouble else { continue };
                any = true;
                let index = members[k];
                let block = &network.blocks[index];
                let singular = |pivot: sparse::SmallPivot| SolveError::Singular {
                    unknown: name(block, pivot.column),
                    hint: "a loop without flow or pressure reference, or a room that nothing cools"
                        .to_owned(),
                };
                match *trouble {
                    Trouble::Pattern => {
                        own[k].private = None;
                        if remade.insert(block.structure_index) {
                            let before = programs[block.structure_index].as_ref();
                            let at = &state.blocks[index];
                            let program =
                                match Program::make(&around, block, at, before, own[k].stagnant) {
                                    Ok(program) => program,
                                    Err(_) => {
                                        own[k].stagnant = true;
                                        Program::make(&around, block, at, before, true)
                                            .map_err(singular)?
                                    }
                                };
                            made.push((block.structure_index, program));
                        }
                    }
                    Trouble::Pivot(pivot) => {
                        if attempt == ATTEMPTS - 1 {
                            return Err(singular(pivot));
                        }
                        if let Some(program) = &programs[block.structure_index]
                            && program.analyse_privately(&mut own[k]).is_err()
                        {
                            // No order will do: a loop stands still and leaves its temperature open.
                            if own[k].stagnant {
                                return Err(singular(pivot));
                            }
                            own[k].stagnant = true;
                            own[k].private = None;
                        }
                    }
                    Trouble::NotFinite(row) => {
                        return Err(SolveError::NotFinite {
                            equation: name(block, row),
                        });
                    }
                }
            }
            for (index, program) in made {
                work.programs[index] = Some(program);
            }
            if !any {
                break;
            }
        }
        for (&index, block_work) in members.iter().zip(own) {
            work.blocks[index] = block_work;
        }
    }
    Ok(())
}

/// Size of a step at which control positions are set free.
const RELEASE: f64 = 0.1;
/// Most steps with control positions held.
const HOLD_STEPS: usize = 8;
/// Largest step of a control position.
const POSITION_STEP: f64 = 0.3;
/// Least part of a step that is taken.
const LEAST_DAMPING: f64 = 0.05;
/// Largest step of a node's temperature, K.
const TEMPERATURE_STEP: f64 = 30.0;
/// Coldest and hottest temperature that the iteration visits, K. A solution there is refused: its
/// step never becomes small.
const COLDEST: f64 = 200.0;
/// See [`COLDEST`].
const HOTTEST: f64 = 480.0;

/// Substitutes the step back and takes it; returns its relative size.
fn step(network: &Network, state: &mut State, work: &mut Work) -> f64 {
    let mut changes: Vec<Vec<f64>> = network
        .blocks
        .iter()
        .map(|b| vec![0.0; b.structure.inputs])
        .collect();
    let (mut measure, mut damping) = (0.0f64, 1.0f64);
    for index in (0..network.blocks.len()).rev() {
        let block = &network.blocks[index];
        let structure = &block.structure;
        work.blocks[index].substitute(&changes[index]);
        for stamp in &structure.stamps {
            if let Element::Child(k) = stamp.element {
                let child = block.children[k];
                for (port, &variable) in stamp.variables.iter().enumerate() {
                    changes[child][port] =
                        change_of(structure, &work.blocks[index], &changes[index], variable);
                }
            }
        }
        for (i, variable) in structure.variables.iter().enumerate() {
            let (dx, x) = (work.blocks[index].change[i], state.blocks[index].x[i]);
            let size = match variable.role {
                Role::Flow => dx.abs() / (x.abs() + 1e-3 * variable.scale),
                Role::Power | Role::Reactive => dx.abs() / (x.abs() + 1e3),
                Role::Pressure
                | Role::Temperature
                | Role::Air
                | Role::Internal
                | Role::Position => dx.abs() / variable.scale,
            };
            // All moves together, or flows would follow a position that was not taken.
            let most = match variable.role {
                Role::Position => POSITION_STEP,
                Role::Flow if x > 1e-2 * variable.scale && x + dx < 0.1 * x => 0.9 * x,
                _ => f64::INFINITY,
            };
            damping = damping.min(most / dx.abs().max(most));
            if size > measure || size.is_nan() {
                measure = size;
            }
        }
    }
    let damping = if damping.is_nan() {
        LEAST_DAMPING
    } else {
        damping.max(LEAST_DAMPING)
    };
    for (index, block_state) in state.blocks.iter_mut().enumerate() {
        let variables = &network.blocks[index].structure.variables;
        for ((x, dx), variable) in block_state
            .x
            .iter_mut()
            .zip(&work.blocks[index].change)
            .zip(variables)
        {
            let step = damping * dx;
            *x += match variable.role {
                // A control position goes no further than just past its travel (where its stop
                // takes it): beyond, its laws need not hold.
                Role::Position => (*x + step).clamp(-1e-3, 1.501) - *x,
                // Far from the solution a closed loop's temperature is held by next to nothing: the
                // linear step may be thousands of kelvin.
                Role::Temperature | Role::Air => {
                    (*x + step.clamp(-TEMPERATURE_STEP, TEMPERATURE_STEP)).clamp(COLDEST, HOTTEST)
                        - *x
                }
                _ => step,
            };
        }
    }
    push_ports(network, &mut state.blocks);
    let place = &work.place;
    let blocks = &work.blocks;
    let State {
        batches,
        blocks: block_states,
    } = state;
    let largest = batches
        .par_iter_mut()
        .zip(work.batch_work.par_iter_mut())
        .zip(&work.batches)
        .map(|((batch_state, batch_work), batch)| {
            let change = batch_ports(batch, batch_state.reversed, |rack, reversed| {
                let (owner, stamp) = place[rack];
                let block = &network.blocks[owner];
                let variables = &block.structure.stamps[stamp].variables;
                let at = |k: usize| {
                    change_of(
                        &block.structure,
                        &blocks[owner],
                        &changes[owner],
                        variables[k],
                    )
                };
                let (enter, leave) = if reversed { (2, 0) } else { (0, 2) };
                RackPorts {
                    difference: at(enter) - at(leave),
                    inlet: at(enter + 1),
                    air: at(4),
                }
            });
            let largest = Arch::new().dispatch(Recover {
                batch,
                work: batch_work,
                change: &change,
                damping,
                state: batch_state,
            });
            // The next linearisation at once, while the racks are in the cache.
            condense_batch(network, block_states, place, batch, batch_state, batch_work);
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
    publish_racks(state, work);
    if largest.is_nan() {
        return f64::NAN;
    }
    measure.max(largest)
}

/// Lets every component say what should switch; returns how many did.
fn propose_controls(
    network: &Network,
    state: &mut State,
    near: bool,
    names: &mut Vec<String>,
) -> usize {
    let mut changes = 0;
    for (index, block) in network.blocks.iter().enumerate() {
        for stamp in &block.structure.stamps {
            let Element::Component(k) = stamp.element else {
                continue;
            };
            let numbers = &block.components[k];
            let bytes = numbers.kind.spec().status;
            // What has no position on a loop cannot leave its travel; it waits for the rest.
            if bytes == 0 || (!near && numbers.kind.spec().sides.is_empty()) {
                continue;
            }
            let mut next = [0u8; MAX_STATUS];
            next.copy_from_slice(&state.blocks[index].status[k * MAX_STATUS..(k + 1) * MAX_STATUS]);
            let now = next;
            {
                let at = component_at(network, block, &state.blocks[index], stamp, k);
                numbers.kind.propose(&at, &mut next);
            }
            if next != now {
                changes += 1;
                let prefix = path_text(&block.path);
                names.push(if prefix.is_empty() {
                    numbers.name.clone()
                } else {
                    format!("{prefix}.{}", numbers.name)
                });
                state.blocks[index].status[k * MAX_STATUS..(k + 1) * MAX_STATUS]
                    .copy_from_slice(&next);
            }
        }
    }
    changes
}

/// Lets every device on a plate say what should switch; returns how many did.
fn propose_devices(
    network: &Network,
    state: &mut State,
    work: &mut Work,
    names: &mut Vec<String>,
) -> usize {
    let place = &work.place;
    let State { batches, blocks } = state;
    let counts: Vec<Vec<(u32, usize)>> = batches
        .par_iter_mut()
        .zip(work.batch_work.par_iter_mut())
        .zip(&work.batches)
        .map(|((batch_state, batch_work), batch)| {
            if !batch_work.restless() {
                return Vec::new();
            }
            let changed = rack::propose(batch, &network.racks, batch_work, batch_state);
            if !changed.is_empty() {
                condense_batch(network, blocks, place, batch, batch_state, batch_work);
            }
            changed
        })
        .collect();
    let mut changes = 0;
    for &(rack, count) in counts.iter().flatten() {
        changes += count;
        if names.len() < 50 {
            names.push(format!(
                "{} ({count} devices)",
                path_text(&network.racks[rack as usize].path)
            ));
        }
    }
    if changes > 0 {
        publish_racks(state, work);
    }
    changes
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
