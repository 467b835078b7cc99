//! All blocks of a hall: linearise from the innermost outward, step back inward, switch controls.

use std::collections::HashSet;
use std::sync::Arc;

use rayon::iter::{
    IndexedParallelIterator, IntoParallelRefIterator, IntoParallelRefMutIterator, ParallelIterator,
};

use super::block::{
    BlockState, BlockWork, Program, Surroundings, Trouble, change_of, component_at,
};
use super::{Pass, SolveError, State, Work, name, sparse};
use crate::component::MAX_STATUS;
use crate::network::{Element, Network, Role, path_text};

/// Gives every block the values of its ports, from the outermost inward.
pub(super) fn push_ports(network: &Network, blocks: &mut [BlockState]) {
    for index in (0..network.blocks.len()).rev() {
        push_to_children(network, blocks, index);
    }
}

/// Gives the blocks inside a block the values of their ports.
pub(super) fn push_to_children(network: &Network, blocks: &mut [BlockState], index: usize) {
    let block = &network.blocks[index];
    let n = block.structure.unknowns;
    for stamp in &block.structure.stamps {
        let Element::Child(k) = stamp.element else {
            continue;
        };
        let child = block.children[k];
        for (port, &variable) in stamp.variables.iter().enumerate() {
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

/// Most attempts at a usable order of elimination for a block.
const ATTEMPTS: usize = 6;

/// Linearises the blocks at the state and condenses them outward.
pub(super) fn linearise(
    network: &Network,
    state: &State,
    work: &mut Work,
    pass: Pass,
) -> Result<(), SolveError> {
    let coarse = pass.coarse;
    for level in 0..work.levels.len() {
        let members: Vec<usize> = work.levels[level]
            .iter()
            .copied()
            .filter(|&b| !coarse || work.alike.block[b] == b)
            .collect();
        let mut own: Vec<BlockWork> = members
            .iter()
            .map(|&b| std::mem::take(&mut work.blocks[b]))
            .collect();
        let done = condense_level(network, state, work, pass, &members, &mut own);
        for (&index, block_work) in members.iter().zip(own) {
            work.blocks[index] = block_work;
        }
        done?;
        if coarse {
            super::coarse::publish_blocks(network, state, work, level);
        }
    }
    Ok(())
}

/// Condenses blocks of one depth, with new programs and orders of elimination where they are needed.
fn condense_level(
    network: &Network,
    state: &State,
    work: &mut Work,
    pass: Pass,
    members: &[usize],
    own: &mut [BlockWork],
) -> Result<(), SolveError> {
    for attempt in 0..ATTEMPTS {
        let around = Surroundings {
            network,
            racks: &work.linear,
            reversed: &work.reversed,
            blocks: &work.blocks,
            hold: pass.hold,
            inertia: pass.inertia,
            control_inertia: pass.control_inertia,
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
                        let before = programs[block.structure_index].as_deref();
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
                        && (program.analyse_privately(
                            &around,
                            block,
                            &state.blocks[index],
                            &mut own[k],
                        ))
                        .is_err()
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
            work.programs[index] = Some(Arc::new(program));
        }
        if !any {
            return Ok(());
        }
    }
    Ok(())
}

/// Chooses new orders of elimination from the last values: one that serves many points may lose the digits
/// that a loop which all but stands still needs; and a block in which one stood still is tried without the
/// diagonal that held its temperature, along which it would only creep.
pub(super) fn reorder(network: &Network, work: &mut Work, coarse: bool) {
    let (programs, alike) = (&work.programs, &work.alike);
    (work.blocks.par_iter_mut().enumerate())
        .filter(|(index, _)| !coarse || alike.block[*index] == *index)
        .for_each(|(index, block_work)| {
            // What stood still may have found its temperature meanwhile.
            if std::mem::take(&mut block_work.stagnant) {
                block_work.private = None;
            } else if let Some(program) = &programs[network.blocks[index].structure_index] {
                program.analyse_closely(block_work);
            }
        });
}

/// Largest step of a control position.
const POSITION_STEP: f64 = 0.3;
/// Largest step of a node's temperature, K.
pub(super) const TEMPERATURE_STEP: f64 = 30.0;
/// Coldest and hottest temperature that the iteration visits, K. A solution there is refused: its
/// step never becomes small.
const COLDEST: f64 = 200.0;
/// See [`COLDEST`].
const HOTTEST: f64 = 480.0;

/// Largest step of a flow (kg/s): pressure drops are far from linear where a flow would fall to next
/// to nothing at once, or turn round, and a flow that stops is found in steps of a decade; and where
/// it would grow many times over, the curves of pumps and coils have been left far behind.
fn largest_flow_step(x: f64, dx: f64, scale: f64) -> f64 {
    let falls = x.abs() > 1e-2 * scale && (x + dx) * x.signum() < 0.1 * x.abs();
    if falls {
        0.9 * x.abs()
    } else {
        2.0 * (x.abs() + scale)
    }
}

/// A step of the blocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// Its relative size.
    pub(super) size: f64,
    /// Part of it that may be taken.
    pub(super) damping: f64,
    /// Its largest change of a node's temperature, K.
    pub(super) warming: f64,
    /// Its largest change of a control position.
    pub(super) swing: f64,
}

/// Substitutes the step back, without taking it; on the coarse hall for the first of alike blocks.
pub(super) fn find_step(network: &Network, state: &State, work: &mut Work, coarse: bool) -> Step {
    let (mut measure, mut damping) = (0.0f64, 1.0f64);
    let (mut warming, mut swing) = (0.0f64, 0.0f64);
    for index in (0..network.blocks.len()).rev() {
        if coarse && work.alike.block[index] != index {
            continue;
        }
        let block = &network.blocks[index];
        let structure = &block.structure;
        if let Some(program) = &work.programs[block.structure_index] {
            program.substitute(&mut work.blocks[index]);
        }
        for stamp in &structure.stamps {
            if let Element::Child(k) = stamp.element {
                let child = block.children[k];
                for (port, &variable) in stamp.variables.iter().enumerate() {
                    let change = change_of(structure, &work.blocks[index], variable);
                    work.blocks[child].port_change[port] = change;
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
                | Role::Position
                | Role::Modulation => dx.abs() / variable.scale,
            };
            // All moves together, or flows would follow a position that was not taken.
            let most = match variable.role {
                Role::Position | Role::Modulation => POSITION_STEP,
                Role::Flow => largest_flow_step(x, dx, variable.scale),
                _ => f64::INFINITY,
            };
            damping = damping.min(most / dx.abs().max(most));
            match variable.role {
                Role::Temperature | Role::Air => warming = warming.max(dx.abs()),
                Role::Position | Role::Modulation => swing = swing.max(dx.abs()),
                _ => {}
            }
            if size > measure || size.is_nan() {
                measure = size;
            }
        }
    }
    Step {
        size: measure,
        damping: if damping.is_nan() { 0.0 } else { damping },
        warming,
        swing,
    }
}

/// Takes part of the step that was found.
pub(super) fn take_step(
    network: &Network,
    state: &mut State,
    work: &Work,
    damping: f64,
    coarse: bool,
) {
    for (index, block_state) in state.blocks.iter_mut().enumerate() {
        if coarse && work.alike.block[index] != index {
            continue;
        }
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
}

/// Moves what blocks give outward by the last step, instead of linearising them again.
pub(super) fn move_outputs(work: &mut Work) {
    for block in &mut work.blocks {
        let slopes = block.by_input.chunks_exact(block.port_change.len().max(1));
        for (output, slopes) in block.outputs.iter_mut().zip(slopes) {
            let pairs = slopes.iter().zip(&block.port_change);
            *output += pairs.map(|(slope, change)| slope * change).sum::<f64>();
        }
    }
}

/// Lets every component say what should switch; returns how many did.
pub(super) fn propose(
    network: &Network,
    state: &mut State,
    near: bool,
    first_only: Option<&[usize]>,
    names: &mut Vec<String>,
) -> usize {
    let mut changes = 0;
    for (index, block) in network.blocks.iter().enumerate() {
        if first_only.is_some_and(|first| first[index] != index) {
            continue;
        }
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
