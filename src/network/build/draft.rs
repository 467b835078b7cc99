//! A block while it is being numbered: its unknowns, ports, nodes and stamps so far.

use super::{BuildFault, PORT};
use crate::hall::model::RETURN;
use crate::network::{
    ComponentNumbers, LoopNumbers, NONE, Port, Role, RoomNumbers, Stamp, Variable,
};

/// Block variables and rows of a fluid node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) pressure: u32,
    pub(super) temperature: u32,
    pub(super) mass_row: u32,
    pub(super) enthalpy_row: u32,
}

/// A block while it is being numbered.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) variables: Vec<Variable>,
    pub(super) guess: Vec<f64>,
    pub(super) ports: Vec<(Port, u32, u32)>,
    pub(super) inputs: u32,
    pub(super) outputs: u32,
    pub(super) stamps: Vec<Stamp>,
    pub(super) components: Vec<ComponentNumbers>,
    pub(super) loops: Vec<LoopNumbers>,
    pub(super) rooms: Vec<RoomNumbers>,
    /// Bus unknown of each equipment entry that carries one.
    pub(super) buses: Vec<Option<u32>>,
    /// Taps so far of each loop: supply and return node.
    pub(super) taps: Vec<Vec<[usize; 2]>>,
    /// Flows of each loop's header along its supply and along its return, from the loop's own nodes on.
    pub(super) header_flows: Vec<[Vec<u32>; 2]>,
    /// Nodes of each loop, taps included.
    pub(super) nodes: Vec<Vec<Node>>,
    pub(super) racks: Vec<usize>,
    pub(super) children: Vec<usize>,
    /// Edges between nodes of own loops, to find what is not connected.
    pub(super) edges: Vec<(usize, usize, usize)>,
}

impl Draft {
    pub(super) fn unknown(
        &mut self,
        role: Role,
        scale: f64,
        row_scale: f64,
        guess: f64,
        name: String,
    ) -> u32 {
        self.variables.push(Variable {
            role,
            scale,
            row_scale,
            name,
        });
        self.guess.push(guess);
        (self.variables.len() - 1) as u32
    }

    pub(super) fn port(&mut self, port: Port) -> (u32, u32) {
        if let Some(&(_, input, output)) = self.ports.iter().find(|(p, ..)| *p == port) {
            return (PORT + input, PORT + output);
        }
        let (input, output) = (self.inputs, self.outputs);
        self.ports.push((port, input, output));
        self.inputs += port.inputs() as u32;
        self.outputs += port.outputs() as u32;
        (PORT + input, PORT + output)
    }

    pub(super) fn node(
        &mut self,
        circuit: usize,
        name: String,
        pressure: f64,
        temperature: f64,
    ) -> usize {
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

    /// Largest flow that is known to meet at an own node, kg/s.
    pub(super) fn flow_at(&self, node: Node) -> f64 {
        self.variables[node.mass_row as usize].row_scale
    }

    pub(super) fn widen(&mut self, node: Node, flow: f64) {
        // Row scales follow the largest flow that meets there.
        for (row, size) in [(node.mass_row, flow), (node.enthalpy_row, flow * 4e4)] {
            if row < PORT {
                let scale = &mut self.variables[row as usize].row_scale;
                *scale = scale.max(size);
            }
        }
    }
}

pub(super) fn side_variables(a: Node, b: Node, flow: u32) -> Vec<u32> {
    vec![a.pressure, b.pressure, a.temperature, b.temperature, flow]
}

pub(super) fn side_rows(a: Node, b: Node, flow: u32) -> Vec<u32> {
    vec![flow, a.mass_row, b.mass_row, a.enthalpy_row, b.enthalpy_row]
}

/// Refuses loops of which a part hangs in the air, and rooms that nothing touches.
pub(super) fn check_connected(draft: &Draft) -> Result<(), BuildFault> {
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
