//! From the typed hall to the network: which instances are distinct, and how all is numbered.

mod cooled;
mod fault;
pub mod supply;
mod vary;
mod ways;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::iter::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefMutIterator, ParallelIterator,
};

use super::rack::{RackDesign, RackParameters, guess};
use super::{
    Block, ComponentNumbers, Element, LoopNumbers, NONE, Network, Port, Rack, Role, RoomNumbers,
    Stamp, Structure, Variable,
};
use crate::component::{Kind, manifold};
use crate::fluid::Fluid;
use crate::hall::model::{
    Equipment, Feeders, Group, Hall, Loop, NodeRef, RETURN, RackSet, Ref, SUPPLY,
};
use crate::hall::variation::Distinct;
use crate::spec::position;

pub use fault::{BuildError, BuildFault};

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
    designs: HashMap<*const RackSet, Arc<RackDesign>>,
    tables: HashMap<*const Equipment, Arc<Vec<crate::curve::Pchip>>>,
    fluids: HashMap<*const Loop, u32>,
    scopes: Vec<&'a Group>,
    /// Set of each rack.
    rack_sets: Vec<&'a RackSet>,
    /// Loops that something drives.
    driven: HashSet<*const Loop>,
    /// Buses out of service.
    dead: supply::Dead,
}

/// Block variables and rows of a fluid node.
#[derive(Debug, Clone, Copy)]
struct Node {
    pressure: u32,
    temperature: u32,
    mass_row: u32,
    enthalpy_row: u32,
}

/// A block while it is being numbered.
#[derive(Default)]
struct Draft {
    variables: Vec<Variable>,
    guess: Vec<f64>,
    ports: Vec<(Port, u32, u32)>,
    inputs: u32,
    outputs: u32,
    stamps: Vec<Stamp>,
    components: Vec<ComponentNumbers>,
    loops: Vec<LoopNumbers>,
    rooms: Vec<RoomNumbers>,
    /// Bus unknown of each equipment entry that carries one.
    buses: Vec<Option<u32>>,
    /// Taps so far of each loop: supply and return node.
    taps: Vec<Vec<[usize; 2]>>,
    /// Nodes of each loop, taps included.
    nodes: Vec<Vec<Node>>,
    racks: Vec<usize>,
    children: Vec<usize>,
    /// Edges between nodes of own loops, to find what is not connected.
    edges: Vec<(usize, usize, usize)>,
}

impl Draft {
    fn unknown(&mut self, role: Role, scale: f64, row_scale: f64, guess: f64, name: String) -> u32 {
        self.variables.push(Variable {
            role,
            scale,
            row_scale,
            name,
        });
        self.guess.push(guess);
        (self.variables.len() - 1) as u32
    }

    fn port(&mut self, port: Port) -> (u32, u32) {
        if let Some(&(_, input, output)) = self.ports.iter().find(|(p, ..)| *p == port) {
            return (PORT + input, PORT + output);
        }
        let (input, output) = (self.inputs, self.outputs);
        self.ports.push((port, input, output));
        self.inputs += port.inputs() as u32;
        self.outputs += port.outputs() as u32;
        (PORT + input, PORT + output)
    }

    fn node(&mut self, circuit: usize, name: String, pressure: f64, temperature: f64) -> usize {
        let loop_name = self.loops[circuit].name.clone();
        let p = self.unknown(
            Role::Pressure,
            1e5,
            1.0,
            pressure,
            format!("{loop_name}.{name} pressure"),
        );
        let t = self.unknown(
            Role::Temperature,
            10.0,
            4e4,
            temperature,
            format!("{loop_name}.{name} temperature"),
        );
        self.loops[circuit].nodes.push(p);
        self.loops[circuit].node_names.push(name);
        self.nodes[circuit].push(Node {
            pressure: p,
            temperature: t,
            mass_row: p,
            enthalpy_row: t,
        });
        self.nodes[circuit].len() - 1
    }

    fn widen(&mut self, node: Node, flow: f64) {
        // Row scales follow the largest flow that meets there.
        for (row, size) in [(node.mass_row, flow), (node.enthalpy_row, flow * 4e4)] {
            if row < PORT {
                let scale = &mut self.variables[row as usize].row_scale;
                *scale = scale.max(size);
            }
        }
    }
}

impl<'a> Builder<'a> {
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

    /// Starts a loop that nothing drives from standstill: from a guess at its design flow the
    /// iteration would have to find its way to no flow at all.
    fn still_loops(&self, group: &Group, draft: &mut Draft) {
        for (index, circuit) in group.loops.iter().enumerate() {
            if self.driven.contains(&std::ptr::from_ref(circuit)) {
                continue;
            }
            for node in draft.nodes[index].iter().filter(|n| n.pressure != NONE) {
                draft.guess[node.pressure as usize] = circuit.reference_pressure;
            }
        }
    }

    fn own_nodes(&mut self, group: &'a Group, draft: &mut Draft) {
        for (index, circuit) in group.loops.iter().enumerate() {
            let fluid = self.fluid(circuit);
            draft.loops.push(LoopNumbers {
                name: circuit.name.clone(),
                fluid_name: circuit.fluid_name.clone(),
                fluid,
                nodes: Vec::new(),
                node_names: Vec::new(),
                reference_pressure: circuit.reference_pressure,
                supply_limit: circuit.supply_limit,
                class: circuit.class.clone(),
            });
            draft.nodes.push(Vec::new());
            draft.taps.push(Vec::new());
            for (node, name) in circuit.nodes.iter().enumerate() {
                if circuit.header.is_some() && (name == "supply_end" || name == "return_end") {
                    // An alias of the last tap; a placeholder keeps the numbering.
                    draft.nodes[index].push(Node {
                        pressure: NONE,
                        temperature: NONE,
                        mass_row: NONE,
                        enthalpy_row: NONE,
                    });
                    draft.loops[index].nodes.push(NONE);
                    draft.loops[index].node_names.push(name.clone());
                    continue;
                }
                let (dp, rise) = match node {
                    SUPPLY => (circuit.design_pressure_difference, 0.0),
                    RETURN => (0.0, circuit.design_temperature_rise),
                    _ => (
                        0.5 * circuit.design_pressure_difference,
                        0.5 * circuit.design_temperature_rise,
                    ),
                };
                draft.node(
                    index,
                    name.clone(),
                    circuit.reference_pressure + dp,
                    circuit.design_supply_temperature + rise,
                );
            }
            // The expansion vessel holds the return node's pressure in place of its mass balance,
            // which follows from all the others.
            draft.nodes[index][RETURN].mass_row = NONE;
        }
        for room in &group.rooms {
            let variable = draft.unknown(
                Role::Air,
                10.0,
                1e4,
                room.design_temperature,
                format!("{} temperature", room.name),
            );
            draft.rooms.push(RoomNumbers {
                name: room.name.clone(),
                variable,
                limit: room.limit,
                dew_point: room.dew_point,
                exhaust: room.exhaust,
            });
        }
        for equipment in &group.equipment {
            let bus = equipment.kind.spec().carries_bus.then(|| {
                let p = draft.unknown(
                    Role::Power,
                    1e6,
                    1e6,
                    1e6,
                    format!("{} power", equipment.name),
                );
                draft.unknown(
                    Role::Reactive,
                    1e6,
                    1e6,
                    0.0,
                    format!("{} reactive power", equipment.name),
                );
                p
            });
            draft.buses.push(bus);
        }
    }

    /// A node as this block sees it; consumers on a header get the `tap` they were given.
    fn node(
        &self,
        depth: usize,
        reference: NodeRef,
        tap: Option<[usize; 2]>,
        draft: &mut Draft,
    ) -> Node {
        let (owner, index, circuit) = self.circuit(depth, reference.circuit);
        if owner < depth {
            let (input, output) = draft.port(Port::Fluid {
                depth: owner,
                circuit: index,
                node: reference.node,
            });
            return Node {
                pressure: input,
                temperature: input + 1,
                mass_row: output,
                enthalpy_row: output + 1,
            };
        }
        let mut node = reference.node;
        if let Some(tap) = tap
            && node <= RETURN
        {
            node = tap[node];
        }
        let name = &circuit.nodes.get(node);
        if let Some(last) = draft.taps[index].last() {
            match name.map(String::as_str) {
                Some("supply_end") => node = last[SUPPLY],
                Some("return_end") => node = last[RETURN],
                _ => {}
            }
        }
        draft.nodes[index][node]
    }

    fn air(&self, depth: usize, reference: Ref, draft: &mut Draft) -> (u32, u32) {
        let owner = depth - reference.up;
        if owner < depth {
            draft.port(Port::Air {
                depth: owner,
                room: reference.index,
            })
        } else {
            let variable = draft.rooms[reference.index].variable;
            (variable, variable)
        }
    }

    fn feeder(&self, depth: usize, reference: Option<Ref>, draft: &mut Draft) -> u32 {
        match reference {
            None => draft.port(Port::Meter).1,
            Some(reference) => {
                let owner = depth - reference.up;
                if owner < depth {
                    draft
                        .port(Port::Bus {
                            depth: owner,
                            equipment: reference.index,
                        })
                        .1
                } else {
                    draft.buses[reference.index].unwrap_or(NONE)
                }
            }
        }
    }

    /// Row of the bus that a load hangs on: its feeder's, or one of its own that cords join to several feeders.
    fn supply(
        &self,
        load: &str,
        feeders: &Feeders,
        (depth, path): (usize, &[(String, u32)]),
        draft: &mut Draft,
    ) -> Result<u32, BuildFault> {
        let name = |bus: Ref| {
            let group = self.scopes.get(depth - bus.up);
            let entry = group.and_then(|group| group.equipment.get(bus.index));
            entry.map_or("", |entry| entry.name.as_str())
        };
        let words = || feeders.buses().map(name).collect::<Vec<_>>().join(", ");
        if self.dead.cuts_off(feeders) {
            let above = super::path_text(path);
            return Err(BuildFault::Unfed {
                load: if above.is_empty() {
                    load.to_owned()
                } else {
                    format!("{above}.{load}")
                },
                feeders: words(),
            });
        }
        if feeders.0.len() < 2 {
            return Ok(self.feeder(depth, feeders.buses().next(), draft));
        }
        let bus = draft.unknown(Role::Power, 1e6, 1e6, 1e6, format!("{load} supply power"));
        draft.unknown(
            Role::Reactive,
            1e6,
            1e6,
            0.0,
            format!("{load} supply reactive power"),
        );
        for (cord, share) in feeders.0.iter().zip(self.dead.shares(feeders)) {
            let in_service = !self.dead.is_out(cord.bus.up, cord.bus.index);
            let row = self.feeder(depth, Some(cord.bus), draft);
            let index = draft.components.len();
            draft.components.push(ComponentNumbers {
                kind: Kind::Cord,
                name: format!("{load}-on-{}", name(cord.bus)),
                part: None,
                theta: vec![cord.share, share, f64::from(u8::from(in_service))],
                tables: Arc::default(),
                fluids: [0; 2],
                rack_fed: false,
            });
            draft.stamps.push(Stamp {
                element: Element::Component(index),
                variables: vec![NONE, NONE, bus, bus + 1],
                rows: vec![row, if row == NONE { NONE } else { row + 1 }],
                count: 1,
            });
        }
        Ok(bus)
    }

    /// Taps the header of an own loop once more.
    fn tap(&self, depth: usize, circuit: usize, draft: &mut Draft) -> Option<[usize; 2]> {
        let owner = &self.scopes[depth].loops[circuit];
        let header = owner.header.as_ref()?;
        let number = draft.taps[circuit].len();
        let supply = draft.node(
            circuit,
            format!("supply tap {number}"),
            owner.reference_pressure + owner.design_pressure_difference,
            owner.design_supply_temperature,
        );
        let back = draft.node(
            circuit,
            format!("return tap {number}"),
            owner.reference_pressure,
            owner.design_supply_temperature + owner.design_temperature_rise,
        );
        let last = draft.taps[circuit]
            .last()
            .copied()
            .unwrap_or([SUPPLY, RETURN]);
        self.segment(
            circuit,
            owner,
            &header.segment,
            (last[SUPPLY], supply),
            format!("{} header supply {number}", owner.name),
            draft,
        );
        if header.reverse_return {
            if number > 0 {
                self.segment(
                    circuit,
                    owner,
                    &header.segment,
                    (last[RETURN], back),
                    format!("{} header return {number}", owner.name),
                    draft,
                );
            }
        } else {
            self.segment(
                circuit,
                owner,
                &header.segment,
                (back, last[RETURN]),
                format!("{} header return {number}", owner.name),
                draft,
            );
        }
        draft.taps[circuit].push([supply, back]);
        Some([supply, back])
    }

    /// A reverse return leaves from the last tap.
    fn close_header(&self, group: &Group, circuit: usize, draft: &mut Draft) {
        let owner = &group.loops[circuit];
        if let Some(header) = &owner.header
            && header.reverse_return
            && let Some(last) = draft.taps[circuit].last().copied()
        {
            self.segment(
                circuit,
                owner,
                &header.segment,
                (last[RETURN], RETURN),
                format!("{} header return end", owner.name),
                draft,
            );
        }
    }

    fn segment(
        &self,
        circuit: usize,
        owner: &Loop,
        theta: &[f64],
        (from, to): (usize, usize),
        name: String,
        draft: &mut Draft,
    ) {
        let _ = self;
        let nodes = [draft.nodes[circuit][from], draft.nodes[circuit][to]];
        draft.edges.push((circuit, from, to));
        let flow = draft.unknown(Role::Flow, 1.0, 1e5, 1.0, format!("{name} flow"));
        let fluid = draft.loops[circuit].fluid;
        let _ = owner;
        let index = draft.components.len();
        draft.components.push(ComponentNumbers {
            kind: Kind::Pipe,
            name,
            part: None,
            theta: theta.to_vec(),
            tables: Arc::default(),
            fluids: [fluid, fluid],
            rack_fed: false,
        });
        let spec = Kind::Pipe.spec();
        let mut variables = side_variables(nodes[0], nodes[1], flow);
        variables.extend([NONE, NONE]);
        variables.extend(std::iter::repeat_n(NONE, spec.air.len()));
        variables.extend([NONE, NONE]);
        let mut rows = side_rows(nodes[0], nodes[1], flow);
        rows.extend(std::iter::repeat_n(NONE, spec.air.len()));
        rows.extend([NONE, NONE]);
        draft.stamps.push(Stamp {
            element: Element::Component(index),
            variables,
            rows,
            count: 1,
        });
    }

    fn rack_set(
        &mut self,
        set: &'a RackSet,
        depth: usize,
        path: &[(String, u32)],
        multiplicity: u32,
        draft: &mut Draft,
    ) -> Result<(), BuildFault> {
        let (owner, circuit, owner_loop) = self.circuit(depth, set.supply.circuit);
        self.fluid(owner_loop);
        let key = std::ptr::from_ref(set);
        let known = self.designs.get(&key).map(Arc::clone);
        let design = match known {
            Some(design) => design,
            None => {
                let design =
                    RackDesign::new(set, &owner_loop.fluid, owner_loop.design_supply_temperature)
                        .map_err(|source| BuildFault::Design {
                        set: set.name.clone(),
                        source,
                    })?;
                let design = Arc::new(design);
                self.designs.insert(key, Arc::clone(&design));
                design
            }
        };
        let on_header = owner == depth
            && owner_loop.header.is_some()
            && set.supply.node == SUPPLY
            && set.back.node == RETURN
            && set.back.circuit == set.supply.circuit;
        let base = vary::base_parameters(set, &design, self.hall);
        // Of the set, not of each rack: it only sets scales, and blocks whose scales agree share
        // their structure and its order of elimination.
        let flow = guess::flow(
            &design,
            &base,
            owner_loop.design_pressure_difference,
            owner_loop.design_supply_temperature,
        );
        let unfilled = Arc::new(RackParameters {
            plates: Vec::new(),
            servers: Vec::new(),
            manifold: manifold::Parameters::load(&set.theta),
        });
        // All racks of a set hang on the same cords.
        let corded = set.feeders.0.len() > 1;
        let own_bus = if corded {
            Some(self.supply(&set.name, &set.feeders, (depth, path), draft)?)
        } else {
            None
        };
        for (index, count) in self.instances(path, &set.name, set.count, on_header) {
            let mut rack_path = path.to_vec();
            rack_path.push((set.name.clone(), index));
            let tap = if on_header {
                self.tap(depth, circuit, draft)
            } else {
                None
            };
            let supply = self.node(depth, set.supply, tap, draft);
            let back = self.node(depth, set.back, tap, draft);
            let inlet = self.air(depth, set.inlet_air, draft);
            let exhaust = self.air(depth, set.exhaust_air, draft);
            let feeder = match own_bus {
                Some(bus) => bus,
                None => self.supply(&set.name, &set.feeders, (depth, path), draft)?,
            };
            if owner == depth {
                let ends = tap.unwrap_or([set.supply.node, set.back.node]);
                draft.edges.push((circuit, ends[0], ends[1]));
            }
            draft.widen(supply, flow * f64::from(count));
            draft.widen(back, flow * f64::from(count));
            let element = Element::Rack(draft.racks.len());
            draft.racks.push(self.network.racks.len());
            self.network.racks.push(Rack {
                path: rack_path,
                multiplicity: multiplicity * count,
                design: Arc::clone(&design),
                // Filled in last: see `vary`.
                parameters: Arc::clone(&unfilled),
                reactive_ratio: 0.0,
            });
            self.rack_sets.push(set);
            draft.stamps.push(Stamp {
                element,
                variables: vec![
                    supply.pressure,
                    supply.temperature,
                    back.pressure,
                    back.temperature,
                    inlet.0,
                ],
                rows: vec![
                    supply.mass_row,
                    supply.enthalpy_row,
                    back.mass_row,
                    back.enthalpy_row,
                    exhaust.1,
                    feeder,
                    if feeder == NONE { NONE } else { feeder + 1 },
                ],
                count,
            });
        }
        Ok(())
    }

    fn child_group(
        &mut self,
        child: &'a Group,
        depth: usize,
        path: &[(String, u32)],
        multiplicity: u32,
        draft: &mut Draft,
    ) -> Result<(), BuildFault> {
        let mut headers = Vec::new();
        self.headers_used(child, 1, depth, &mut headers);
        for (index, count) in self.instances(path, &child.name, child.count, !headers.is_empty()) {
            let mut child_path = path.to_vec();
            child_path.push((child.name.clone(), index));
            let block = self.block(child, child_path, multiplicity * count)?;
            let taps: Vec<(usize, Option<[usize; 2]>)> = headers
                .iter()
                .map(|&circuit| (circuit, self.tap(depth, circuit, draft)))
                .collect();
            let structure = Arc::clone(&self.network.blocks[block].structure);
            let (mut variables, mut rows) = (Vec::new(), Vec::new());
            let mut ends: HashMap<usize, Vec<usize>> = HashMap::new();
            for &port in &structure.ports {
                match port {
                    Port::Fluid {
                        depth: owner,
                        circuit,
                        node,
                    } => {
                        let tap = taps
                            .iter()
                            .find(|(c, _)| owner == depth && *c == circuit)
                            .and_then(|(_, tap)| *tap);
                        let reference = NodeRef {
                            circuit: Ref {
                                up: depth - owner,
                                index: circuit,
                            },
                            node,
                        };
                        let own = self.node(depth, reference, tap, draft);
                        if owner == depth {
                            let place =
                                tap.filter(|_| node <= RETURN).map_or(node, |tap| tap[node]);
                            ends.entry(circuit).or_default().push(place);
                        }
                        variables.extend([own.pressure, own.temperature]);
                        rows.extend([own.mass_row, own.enthalpy_row]);
                    }
                    Port::Air { depth: owner, room } => {
                        let (variable, row) = self.air(
                            depth,
                            Ref {
                                up: depth - owner,
                                index: room,
                            },
                            draft,
                        );
                        variables.push(variable);
                        rows.push(row);
                    }
                    Port::Bus {
                        depth: owner,
                        equipment,
                    } => {
                        let row = self.feeder(
                            depth,
                            Some(Ref {
                                up: depth - owner,
                                index: equipment,
                            }),
                            draft,
                        );
                        rows.extend([row, row + 1]);
                    }
                    Port::Meter => {
                        let row = self.feeder(depth, None, draft);
                        rows.extend([row, row + 1]);
                    }
                }
            }
            for (circuit, nodes) in ends {
                for pair in nodes.windows(2) {
                    draft.edges.push((circuit, pair[0], pair[1]));
                }
            }
            let element = Element::Child(draft.children.len());
            draft.children.push(block);
            draft.stamps.push(Stamp {
                element,
                variables,
                rows,
                count,
            });
        }
        Ok(())
    }

    /// Headers of the loops at `depth` that something inside `group` is tapped off.
    fn headers_used(&self, group: &Group, below: usize, depth: usize, found: &mut Vec<usize>) {
        let mut see = |supply: NodeRef, back: NodeRef| {
            if supply.circuit.up == below && supply.node == SUPPLY && back.node == RETURN {
                let index = supply.circuit.index;
                if self.scopes[depth].loops[index].header.is_some() && !found.contains(&index) {
                    found.push(index);
                }
            }
        };
        for set in &group.racks {
            see(set.supply, set.back);
        }
        for equipment in &group.equipment {
            for &(a, b) in &equipment.sides {
                see(a, b);
            }
        }
        for inner in &group.groups {
            self.headers_used(inner, below + 1, depth, found);
        }
    }

    /// Distinct instances and how many each stands for.
    fn instances(
        &self,
        path: &[(String, u32)],
        name: &str,
        count: usize,
        separate: bool,
    ) -> Vec<(u32, u32)> {
        let count = count as u32;
        if separate {
            return (0..count).map(|index| (index, 1)).collect();
        }
        let names: Vec<&str> = path.iter().map(|(n, _)| n.as_str()).chain([name]).collect();
        let indices: Vec<u32> = path.iter().map(|&(_, i)| i).collect();
        match self.hall.variations.distinct(&names, &indices, count) {
            Distinct::None => vec![(0, count)],
            Distinct::All => (0..count).map(|index| (index, 1)).collect(),
            Distinct::Some(touched) => {
                let rest = count - touched.len() as u32;
                let mut out: Vec<(u32, u32)> = touched.iter().map(|&index| (index, 1)).collect();
                if rest > 0 {
                    let first = (0..count).find(|index| touched.binary_search(index).is_err());
                    out.extend(first.map(|index| (index, rest)));
                }
                out.sort_unstable();
                out
            }
        }
    }

    fn equipment(
        &mut self,
        equipment: &'a Equipment,
        index: usize,
        depth: usize,
        path: &[(String, u32)],
        draft: &mut Draft,
    ) -> Result<(), BuildFault> {
        let spec = equipment.kind.spec();
        let key = std::ptr::from_ref(equipment);
        let tables = Arc::clone(
            self.tables
                .entry(key)
                .or_insert_with(|| Arc::new(equipment.tables.clone())),
        );
        let mut theta = self.theta(equipment, path);
        if self.dead.is_out(0, index)
            && let Some(slot) = position(spec.fields, "out_of_service")
            && let Some(all) = equipment.kind.installed(&theta)
        {
            theta[slot] = all;
        }
        let mut fluids = [0u32; 2];
        for (side, (a, _)) in equipment.sides.iter().enumerate().take(2) {
            let (_, _, circuit) = self.circuit(depth, a.circuit);
            fluids[side] = self.fluid(circuit);
        }
        let guess = {
            let fallback = Fluid::water();
            let fluid = |side: usize| {
                self.network
                    .fluids
                    .get(fluids[side] as usize)
                    .unwrap_or(&fallback)
            };
            equipment
                .kind
                .guess(&theta, &tables, [fluid(0), fluid(1)], &self.network.outdoor)
        };
        let (mut variables, mut rows) = (Vec::new(), Vec::new());
        for (side, &(a, b)) in equipment.sides.iter().enumerate() {
            let (owner, circuit, owner_loop) = self.circuit(depth, a.circuit);
            let consumer = a.node == SUPPLY && b.node == RETURN;
            let tap = if owner == depth && consumer && owner_loop.header.is_some() {
                self.tap(depth, circuit, draft)
            } else {
                None
            };
            let flow = guess.mass_flow[side];
            if flow > 0.0 && guess.pressure_rise[side] > 0.0 {
                self.driven.insert(std::ptr::from_ref(owner_loop));
            }
            let variable = draft.unknown(
                Role::Flow,
                flow.abs().max(1e-3),
                1e5,
                flow,
                format!("{} {} flow", equipment.name, spec.sides[side]),
            );
            let (from, to) = (
                self.node(depth, a, tap, draft),
                self.node(depth, b, tap, draft),
            );
            if owner == depth {
                let place =
                    |node: usize| tap.filter(|_| node <= RETURN).map_or(node, |tap| tap[node]);
                draft.edges.push((circuit, place(a.node), place(b.node)));
            }
            draft.widen(from, flow.abs());
            draft.widen(to, flow.abs());
            variables.extend(side_variables(from, to, variable));
            rows.extend(side_rows(from, to, variable));
        }
        match equipment.sensor {
            Some((high, low)) => {
                let (high, low) = (
                    self.node(depth, high, None, draft),
                    self.node(depth, low, None, draft),
                );
                variables.extend([high.pressure, low.pressure]);
            }
            None => variables.extend([NONE, NONE]),
        }
        let mut air_rows = Vec::new();
        for k in 0..spec.air.len() {
            match equipment.air.get(k) {
                Some(&reference) => {
                    let (variable, row) = self.air(depth, reference, draft);
                    variables.push(variable);
                    air_rows.push(row);
                }
                None => {
                    variables.push(NONE);
                    air_rows.push(NONE);
                }
            }
        }
        rows.extend(air_rows);
        for (k, name) in spec.internal.iter().enumerate() {
            let scale = spec.internal_scale[k];
            let variable = draft.unknown(
                match scale <= 1.0 && !spec.sides.is_empty() {
                    true if equipment.kind.stops() => Role::Position,
                    true => Role::Modulation,
                    false => Role::Internal,
                },
                scale,
                scale,
                guess.internal[k],
                format!("{} {name}", equipment.name),
            );
            variables.push(variable);
            rows.push(variable);
        }
        match draft.buses[index] {
            Some(bus) => variables.extend([bus, bus + 1]),
            None => variables.extend([NONE, NONE]),
        }
        // A bus that is out of service hangs where it always does, and takes nothing.
        let feeder = if self.dead.is_out(0, index) {
            self.feeder(depth, equipment.feeders.buses().next(), draft)
        } else {
            self.supply(&equipment.name, &equipment.feeders, (depth, path), draft)?
        };
        rows.extend([feeder, if feeder == NONE { NONE } else { feeder + 1 }]);
        let element = Element::Component(draft.components.len());
        draft.components.push(ComponentNumbers {
            kind: equipment.kind,
            name: equipment.name.clone(),
            part: equipment.part.clone(),
            theta,
            tables,
            fluids,
            rack_fed: equipment.rack_fed,
        });
        draft.stamps.push(Stamp {
            element,
            variables,
            rows,
            count: 1,
        });
        Ok(())
    }

    fn theta(&self, equipment: &Equipment, path: &[(String, u32)]) -> Vec<f64> {
        let mut theta = equipment.theta.clone();
        if matches!(equipment.kind, Kind::ItLoad | Kind::OtherLoad)
            && let Some(slot) = position(equipment.kind.spec().fields, "load")
            && theta[slot].is_nan()
        {
            theta[slot] = self.hall.state.other_load;
        }
        if self.hall.variations.rules.is_empty() {
            return theta;
        }
        let mut steps: Vec<(&str, u32)> = path.iter().map(|(n, i)| (n.as_str(), *i)).collect();
        steps.push((equipment.name.as_str(), 0));
        let indices: Vec<u32> = steps.iter().map(|&(_, i)| i).collect();
        for matched in self.hall.variations.rules_for(&steps) {
            if matched.rest.is_empty()
                && let Some(slot) = position(equipment.kind.spec().fields, &matched.rule.key)
            {
                theta[slot] = matched.rule.apply(&indices, theta[slot]);
            }
        }
        theta
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

fn side_variables(a: Node, b: Node, flow: u32) -> Vec<u32> {
    vec![a.pressure, b.pressure, a.temperature, b.temperature, flow]
}

fn side_rows(a: Node, b: Node, flow: u32) -> Vec<u32> {
    vec![flow, a.mass_row, b.mass_row, a.enthalpy_row, b.enthalpy_row]
}

fn check_connected(draft: &Draft) -> Result<(), BuildFault> {
    for (circuit, numbers) in draft.loops.iter().enumerate() {
        let mut parent: Vec<usize> = (0..numbers.nodes.len()).collect();
        fn root(parent: &mut [usize], mut i: usize) -> usize {
            while parent[i] != i {
                parent[i] = parent[parent[i]];
                i = parent[i];
            }
            i
        }
        for &(c, a, b) in &draft.edges {
            if c == circuit {
                let (a, b) = (root(&mut parent, a), root(&mut parent, b));
                parent[a] = b;
            }
        }
        let reference = root(&mut parent, RETURN);
        for (node, &variable) in numbers.nodes.iter().enumerate() {
            if variable != NONE && root(&mut parent, node) != reference {
                return Err(BuildFault::Unconnected {
                    circuit: numbers.name.clone(),
                    node: numbers.node_names[node].clone(),
                });
            }
        }
    }
    for room in &draft.rooms {
        let touched = draft
            .stamps
            .iter()
            .any(|stamp| stamp.rows.contains(&room.variable));
        if !touched {
            return Err(BuildFault::EmptyRoom {
                room: room.name.clone(),
            });
        }
    }
    Ok(())
}
