//! What racks and coils must hold against their surroundings: the dew point of the air around them,
//! and the pressure that they are rated for.
//!
//! A rack of a group sees its coolant, and the room that it stands in, through the ports of the
//! blocks around it; both are followed outward to their owner.

use super::{Collector, Finding};
use crate::component::{Bound, Severity};
use crate::network::{Block, Element, NONE, Network, Port, RoomNumbers, path_text};
use crate::result::gather::group_path;
use crate::solve::Solution;
use crate::units::Dimension;

/// Judges dew points and pressures of all blocks.
pub(super) fn judge(network: &Network, solution: &Solution, all: &mut Collector) {
    let parents = parents(network);
    for (index, block) in network.blocks.iter().enumerate() {
        let here = Here {
            network,
            solution,
            parents: &parents,
            index,
            block,
        };
        for stamp in &block.structure.stamps {
            match stamp.element {
                Element::Rack(k) => here.rack(block.racks[k], &stamp.variables, all),
                Element::Component(k) => here.coil(k, &stamp.variables, all),
                Element::Child(_) => {}
            }
        }
    }
}

/// The block around each block; its own index for the hall.
fn parents(network: &Network) -> Vec<usize> {
    let mut parents: Vec<usize> = (0..network.blocks.len()).collect();
    for (index, block) in network.blocks.iter().enumerate() {
        for &child in &block.children {
            parents[child] = index;
        }
    }
    parents
}

struct Here<'a> {
    network: &'a Network,
    solution: &'a Solution,
    parents: &'a [usize],
    index: usize,
    block: &'a Block,
}

impl Here<'_> {
    /// Value of an unknown or a port of this block.
    fn value(&self, variable: u32) -> f64 {
        let state = &self.solution.state.blocks[self.index];
        let (k, unknowns) = (variable as usize, self.block.structure.unknowns);
        if k < unknowns {
            state.x[k]
        } else {
            state.u[k - unknowns]
        }
    }

    /// The room behind an air variable, of this block or of one around it, and its path.
    fn room(&self, variable: u32) -> Option<(&RoomNumbers, String)> {
        if variable == NONE {
            return None;
        }
        let structure = &self.block.structure;
        let unknowns = structure.unknowns;
        if (variable as usize) < unknowns {
            let room = structure.rooms.iter().find(|r| r.variable == variable)?;
            return Some((room, group_path(&self.block.path, &room.name)));
        }
        let mut input = unknowns;
        let port = structure.ports.iter().find(|port| {
            // A bus brings nothing in, and stands at the place of what comes after it.
            let found = input == variable as usize && port.inputs() > 0;
            input += port.inputs();
            found
        })?;
        let Port::Air { depth, room } = *port else {
            return None;
        };
        let mut owner = self.index;
        while self.network.blocks[owner].depth > depth && self.parents[owner] != owner {
            owner = self.parents[owner];
        }
        let block = &self.network.blocks[owner];
        let room = block.structure.rooms.get(room)?;
        Some((room, group_path(&block.path, &room.name)))
    }

    fn rack(&self, index: usize, variables: &[u32], all: &mut Collector) {
        let rack = &self.network.racks[index];
        let count = u64::from(rack.multiplicity);
        if let Some((room, group)) = self.room(variables[4])
            && let Some(dew_point) = room.dew_point
        {
            all.add(&Finding {
                group: &format!("dew-point.{group}"),
                path: &|| path_text(&rack.path),
                what: "coolant supply above the room's dew point",
                value: Some(self.value(variables[1])),
                limit: dew_point,
                dimension: Dimension::Temperature,
                bound: Bound::AtLeast,
                severity: Severity::Rating,
                count,
            });
        }
        if let Some(limit) = rack.parameters.manifold.pressure_limit {
            let names: Vec<&str> = rack.path.iter().map(|(name, _)| name.as_str()).collect();
            all.add(&Finding {
                group: &format!("pressure.{}", names.join(".*.")),
                path: &|| path_text(&rack.path),
                what: "gauge pressure at the rack",
                value: Some(self.value(variables[0]).max(self.value(variables[2]))),
                limit,
                dimension: Dimension::Pressure,
                bound: Bound::AtMost,
                severity: Severity::Rating,
                count,
            });
        }
    }

    /// Coils stand bare in the room's air; what other parts carry is in insulated pipes.
    fn coil(&self, index: usize, variables: &[u32], all: &mut Collector) {
        let component = &self.block.components[index];
        let spec = component.kind.spec();
        if !matches!(spec.kind, "rear_door" | "crah") {
            return;
        }
        let Some(place) = spec.air.iter().position(|&name| name == "room") else {
            return;
        };
        let Some((room, group)) = self.room(variables[5 * spec.sides.len() + 2 + place]) else {
            return;
        };
        let Some(dew_point) = room.dew_point else {
            return;
        };
        let prefix = path_text(&self.block.path);
        all.add(&Finding {
            group: &format!("dew-point.{group}"),
            path: &|| {
                if prefix.is_empty() {
                    component.name.clone()
                } else {
                    format!("{prefix}.{}", component.name)
                }
            },
            what: "coil water above the room's dew point",
            value: Some(self.value(variables[2])),
            limit: dew_point,
            dimension: Dimension::Temperature,
            bound: Bound::AtLeast,
            severity: Severity::Rating,
            count: u64::from(self.block.multiplicity),
        });
    }
}
