//! From the typed hall to the network: which instances are distinct, and how all is numbered.

mod cooled;
mod cords;
mod draft;
mod equipment;
mod fault;
mod groups;
mod header;
mod nodes;
mod racks;
mod refill;
pub mod supply;
mod vary;
mod ways;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::iter::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefMutIterator, ParallelIterator,
};

use super::rack::{RackDesign, RackParameters};
use super::{Block, NONE, Network, Structure};
use crate::fluid::Fluid;
use crate::hall::model::{Equipment, Group, Hall, Loop, RackSet, Ref};
use draft::{Draft, check_connected};

pub use fault::{BuildError, BuildFault};
pub use refill::refill;

/// Marks port values and port rows until the number of unknowns is known.
const PORT: u32 = 1 << 30;

/// Numbers the hall.
///
/// # Errors
/// [`BuildError`] where the hall has no well-posed equations.
pub fn build(hall: &Hall) -> Result<Network, BuildError> {
    number(hall, None)
}

/// Numbers a hall of which only numbers outside its racks have changed since `old` was numbered: gives what [`build`]
/// gives, and does not fill in the racks again.
///
/// # Errors
/// As [`build`].
pub fn renew(hall: &Hall, old: Network) -> Result<Network, BuildError> {
    number(hall, Some(old))
}

fn number(hall: &Hall, old: Option<Network>) -> Result<Network, BuildError> {
    cooled::check(hall).map_err(|fault| fault.at(hall, &[]))?;
    ways::check(hall).map_err(|fault| fault.at(hall, &[]))?;
    let mut builder = Builder {
        hall,
        network: Network {
            blocks: Vec::new(),
            structures: 0,
            racks: Vec::new(),
            fluids: Vec::new(),
            outdoor: hall.outdoor,
        },
        structures: HashMap::new(),
        designs: HashMap::new(),
        tables: HashMap::new(),
        fluids: HashMap::new(),
        thetas: HashMap::new(),
        scopes: Vec::new(),
        rack_sets: Vec::new(),
        driven: HashSet::new(),
        dead: supply::Dead::default(),
    };
    builder.block(&hall.root, Vec::new(), 1).map_err(|fault| {
        // Scopes are left behind where it failed; the hall itself has no name.
        let groups = builder.scopes.iter().skip(1);
        let groups: Vec<&str> = groups.map(|group| group.name.as_str()).collect();
        fault.at(hall, &groups)
    })?;
    // Where no loop is, components still point at a fluid.
    if builder.network.fluids.is_empty() {
        builder.network.fluids.push(Fluid::water());
    }
    builder.network.structures = builder.structures.values().map(Vec::len).sum();
    let Builder {
        mut network,
        rack_sets,
        ..
    } = builder;
    if let Some(old) = old
        && old.racks.len() == network.racks.len()
    {
        for (rack, old) in network.racks.iter_mut().zip(old.racks) {
            rack.design = old.design;
            rack.parameters = old.parameters;
            rack.reactive_ratio = old.reactive_ratio;
        }
        return Ok(network);
    }
    // Racks do not know of each other: of several faults the first one's is given.
    let outcomes: Vec<Result<(), BuildError>> = network
        .racks
        .par_iter_mut()
        .zip(rack_sets.into_par_iter())
        .map(|(rack, set)| {
            vary::vary(set, hall, rack).map_err(|fault| {
                let groups = rack.path.iter().map(|(name, _)| name.as_str());
                let groups: Vec<&str> = groups.take(rack.path.len() - 1).collect();
                fault.at(hall, &groups)
            })
        })
        .collect();
    outcomes.into_iter().collect::<Result<(), BuildError>>()?;
    Ok(network)
}

struct Builder<'a> {
    hall: &'a Hall,
    network: Network,
    structures: HashMap<(usize, usize, usize), Vec<(Arc<Structure>, usize)>>,
    /// Design of each set, and its numbers before anything varies.
    designs: HashMap<*const RackSet, (Arc<RackDesign>, Arc<RackParameters>)>,
    tables: HashMap<*const Equipment, Arc<Vec<crate::curve::Pchip>>>,
    fluids: HashMap<*const Loop, u32>,
    /// Last parameters made of those of the hall at this address.
    thetas: HashMap<*const f64, Arc<[f64]>>,
    scopes: Vec<&'a Group>,
    /// Set of each rack.
    rack_sets: Vec<&'a RackSet>,
    /// Loops that something drives.
    driven: HashSet<*const Loop>,
    /// Buses out of service.
    dead: supply::Dead,
}

impl<'a> Builder<'a> {
    /// Parameters made of those of the hall, in the memory of the last component's whose are the same bits:
    /// what alike groups share stays in the cache.
    fn shared(&mut self, hall: &[f64], own: &[f64]) -> Arc<[f64]> {
        let bits = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits();
        match self.thetas.get(&hall.as_ptr()) {
            Some(last) if last.len() == own.len() && last.iter().zip(own).all(bits) => {
                Arc::clone(last)
            }
            _ => {
                let new: Arc<[f64]> = own.into();
                self.thetas.insert(hall.as_ptr(), Arc::clone(&new));
                new
            }
        }
    }

    fn fluid(&mut self, circuit: &'a Loop) -> u32 {
        if let Some(&index) = self.fluids.get(&std::ptr::from_ref(circuit)) {
            return index;
        }
        let index = self.network.fluids.len() as u32;
        self.network.fluids.push(circuit.fluid);
        self.fluids.insert(circuit, index);
        index
    }

    fn circuit(&self, depth: usize, reference: Ref) -> (usize, usize, &'a Loop) {
        let owner = depth - reference.up;
        (
            owner,
            reference.index,
            &self.scopes[owner].loops[reference.index],
        )
    }

    fn block(
        &mut self,
        group: &'a Group,
        path: Vec<(String, u32)>,
        multiplicity: u32,
    ) -> Result<usize, BuildFault> {
        let depth = self.scopes.len();
        self.scopes.push(group);
        let mut dead = std::mem::take(&mut self.dead);
        dead.enter(group, |equipment| {
            equipment.kind.is_dead(&self.theta(equipment, &path))
        });
        self.dead = dead;
        let mut draft = Draft::default();
        self.own_nodes(group, &mut draft);
        for set in &group.racks {
            self.rack_set(set, depth, &path, multiplicity, &mut draft)?;
        }
        for child in &group.groups {
            self.child_group(child, depth, &path, multiplicity, &mut draft)?;
        }
        // Those with sensors come last: a sensor may sit at the end of a header.
        for sensors in [false, true] {
            for (index, equipment) in group.equipment.iter().enumerate() {
                if equipment.sensor.is_some() == sensors {
                    self.equipment(equipment, index, depth, &path, &mut draft)?;
                }
            }
        }
        for circuit in 0..group.loops.len() {
            self.close_header(group, circuit, &mut draft);
        }
        check_connected(&draft)?;
        self.still_loops(group, &mut draft);
        self.scopes.pop();
        self.dead.leave();
        Ok(self.finish(draft, path, depth, multiplicity))
    }

    fn finish(
        &mut self,
        mut draft: Draft,
        path: Vec<(String, u32)>,
        depth: usize,
        multiplicity: u32,
    ) -> usize {
        let unknowns = draft.variables.len();
        let shift = |index: &mut u32| {
            if *index != NONE && *index >= PORT {
                *index = *index - PORT + unknowns as u32;
            }
        };
        for stamp in &mut draft.stamps {
            stamp.variables.iter_mut().for_each(shift);
            stamp.rows.iter_mut().for_each(shift);
        }
        let structure = Structure {
            unknowns,
            inputs: draft.inputs as usize,
            outputs: draft.outputs as usize,
            ports: draft.ports.iter().map(|&(port, ..)| port).collect(),
            variables: draft.variables,
            stamps: draft.stamps,
            loops: draft.loops,
            rooms: draft.rooms,
        };
        let key = (structure.unknowns, structure.stamps.len(), structure.inputs);
        let known = self.structures.values().map(Vec::len).sum();
        let entry = self.structures.entry(key).or_default();
        let (structure, structure_index) =
            match entry.iter().find(|(other, _)| **other == structure) {
                Some((other, index)) => (Arc::clone(other), *index),
                None => {
                    let structure = Arc::new(structure);
                    entry.push((Arc::clone(&structure), known));
                    (structure, known)
                }
            };
        self.network.blocks.push(Block {
            path,
            depth,
            multiplicity,
            structure,
            structure_index,
            components: draft.components,
            racks: draft.racks,
            children: draft.children,
            guess: draft.guess,
        });
        self.network.blocks.len() - 1
    }
}
