//! Fluid nodes, rooms and buses of a group: those of its own, and how a part inside finds those around it.

use super::Builder;
use super::draft::{Draft, Node};
use crate::hall::model::{Group, NodeRef, RETURN, Ref, SUPPLY};
use crate::network::{LoopNumbers, NONE, Port, Role, RoomNumbers};

impl<'a> Builder<'a> {
    pub(super) fn own_nodes(&mut self, group: &'a Group, draft: &mut Draft) {
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
            draft.header_flows.push(Default::default());
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
    pub(super) fn node(
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

    pub(super) fn air(&self, depth: usize, reference: Ref, draft: &mut Draft) -> (u32, u32) {
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

    /// Starts a loop that nothing drives from standstill: from a guess at its design flow the
    /// iteration would have to find its way to no flow at all.
    pub(super) fn still_loops(&self, group: &Group, draft: &mut Draft) {
        for (index, circuit) in group.loops.iter().enumerate() {
            if self.driven.contains(&std::ptr::from_ref(circuit)) {
                continue;
            }
            for node in draft.nodes[index].iter().filter(|n| n.pressure != NONE) {
                draft.guess[node.pressure as usize] = circuit.reference_pressure;
            }
        }
    }
}
