//! The hall as numbered equations: distinct racks, and nested blocks of components around them.
//!
//! A *block* is one distinct instance of a group (the hall is the outermost). It has unknowns of
//! its own and sees the world around it through *ports*: pressures and temperatures of outer nodes
//! come in, mass, enthalpy, heat and power go out. Blocks of equal structure share one
//! [`Structure`]: the numbering, the pattern of the equations and their order of elimination.
//!
//! Instances that nothing tells apart are one block or rack with a count.

pub mod build;
pub mod rack;

use std::sync::Arc;

use crate::component::{Kind, Outdoor};
use crate::curve::Pchip;
use crate::fluid::Fluid;
use rack::{RackDesign, RackParameters};

/// What an unknown or a port value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Gauge pressure of a fluid node, Pa; its row is the node's mass balance.
    Pressure,
    /// Temperature of a fluid node, K; its row is the node's enthalpy balance.
    Temperature,
    /// Temperature of an air node, K; its row is the heat balance.
    Air,
    /// Active power on a bus, W.
    Power,
    /// Reactive power on a bus, var.
    Reactive,
    /// Mass flow of a side, kg/s; its row is the momentum balance.
    Flow,
    /// Internal unknown of a component.
    Internal,
    /// Control position that stops at the ends of its travel: a valve's opening, a pump's speed.
    Position,
    /// Control that may push beyond its travel: see `component::modulation`.
    Modulation,
}

/// An unknown (and the equation that goes with it), or a port value.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// What it is.
    pub role: Role,
    /// Typical size of a change, in its own unit.
    pub scale: f64,
    /// Typical size of the row's terms, in the row's unit.
    pub row_scale: f64,
    /// Name within the block (`tcs.supply pressure`).
    pub name: String,
}

/// What a stamp stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Element {
    /// Component with this index among the block's.
    Component(usize),
    /// Rack with this index among the block's.
    Rack(usize),
    /// Block inside, with this index among the block's children.
    Child(usize),
}

/// A no-index: the variable or row does not exist (no sensor, no bus).
pub const NONE: u32 = u32::MAX;

/// How an element's local variables and outputs map to the block's.
///
/// Variables are numbered unknowns first, port values after; rows likewise, equations first,
/// port outputs after.
///
/// | element | variables | outputs |
/// |---|---|---|
/// | component | per side p_a, p_b, T_a, T_b, ṁ; sensor p high, low; air T; internal; bus P, Q | per side momentum, mass a, mass b, enthalpy a, enthalpy b; air heat; internal; feeder P, Q |
/// | rack | p, T of supply and return; T of inlet air | mass, enthalpy of supply and return; heat to exhaust; feeder P, Q |
/// | child | its ports in order | its port outputs in order |
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// The element.
    pub element: Element,
    /// Block variable of each local variable, or [`NONE`].
    pub variables: Vec<u32>,
    /// Block row of each local output, or [`NONE`].
    pub rows: Vec<u32>,
    /// Instances that this element stands for.
    pub count: u32,
}

/// A port of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Port {
    /// A node of a loop `depth` groups from the hall (0 the hall itself).
    Fluid {
        /// Depth of the group that owns the loop.
        depth: usize,
        /// Index of the loop there.
        circuit: usize,
        /// Node of the loop.
        node: usize,
    },
    /// An air node.
    Air {
        /// Depth.
        depth: usize,
        /// Index of the room.
        room: usize,
    },
    /// A bus.
    Bus {
        /// Depth.
        depth: usize,
        /// Index of the equipment that carries it.
        equipment: usize,
    },
    /// The utility meter.
    Meter,
}

impl Port {
    /// Number of values that come in.
    pub fn inputs(self) -> usize {
        match self {
            Self::Fluid { .. } => 2,
            Self::Air { .. } => 1,
            Self::Bus { .. } | Self::Meter => 0,
        }
    }

    /// Number of outputs.
    pub fn outputs(self) -> usize {
        match self {
            Self::Fluid { .. } | Self::Bus { .. } | Self::Meter => 2,
            Self::Air { .. } => 1,
        }
    }
}

/// A loop as the block numbers it.
#[derive(Debug, Clone, PartialEq)]
pub struct LoopNumbers {
    /// Name.
    pub name: String,
    /// Words for the fluid.
    pub fluid_name: String,
    /// Index of the fluid.
    pub fluid: u32,
    /// First unknown (pressure) of each node; the temperature follows.
    pub nodes: Vec<u32>,
    /// Names of the nodes.
    pub node_names: Vec<String>,
    /// Pressure of the return node, Pa.
    pub reference_pressure: f64,
    /// Highest supply temperature promised, K.
    pub supply_limit: Option<f64>,
    /// Name of the class that promises it.
    pub class: Option<String>,
}

/// An air node as the block numbers it.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomNumbers {
    /// Name.
    pub name: String,
    /// Its unknown.
    pub variable: u32,
    /// Highest temperature allowed, K.
    pub limit: Option<f64>,
    /// Dew point, K.
    pub dew_point: Option<f64>,
    /// Whether it is an exhaust.
    pub exhaust: bool,
}

/// Numbering and pattern that blocks of one form share.
#[derive(Debug, Clone, PartialEq)]
pub struct Structure {
    /// Unknowns, then port values.
    pub variables: Vec<Variable>,
    /// Number of unknowns (and equations).
    pub unknowns: usize,
    /// Number of port values.
    pub inputs: usize,
    /// Number of port outputs.
    pub outputs: usize,
    /// Ports in order.
    pub ports: Vec<Port>,
    /// Elements.
    pub stamps: Vec<Stamp>,
    /// Loops of the group.
    pub loops: Vec<LoopNumbers>,
    /// Air nodes of the group.
    pub rooms: Vec<RoomNumbers>,
}

impl Structure {
    /// Whether the same unknowns stand in the same places. Scales may differ: they follow design flows, and
    /// only weigh equations and steps against each other.
    pub fn same_form(&self, other: &Self) -> bool {
        let same = |(a, b): (&Variable, &Variable)| a.role == b.role && a.name == b.name;
        self.variables.len() == other.variables.len()
            && [self.unknowns, self.inputs, self.outputs]
                == [other.unknowns, other.inputs, other.outputs]
            && self.ports == other.ports
            && self.stamps == other.stamps
            && self.loops == other.loops
            && self.rooms == other.rooms
            && self.variables.iter().zip(&other.variables).all(same)
    }
}

/// A component of a block.
#[derive(Debug, Clone)]
pub struct ComponentNumbers {
    /// Kind.
    pub kind: Kind,
    /// Name.
    pub name: String,
    /// Library part.
    pub part: Option<String>,
    /// Parameters; one list for all components that have the same.
    pub theta: Arc<[f64]>,
    /// Curves.
    pub tables: Arc<Vec<Pchip>>,
    /// Fluids of the sides.
    pub fluids: [u32; 2],
    /// Whether it is fed inside the rack.
    pub rack_fed: bool,
}

/// One distinct instance of a group.
#[derive(Debug, Clone)]
pub struct Block {
    /// Names and indices from the hall to this instance.
    pub path: Vec<(String, u32)>,
    /// Depth: number of groups around it.
    pub depth: usize,
    /// Instances of the hall that this block stands for, those of its parents included.
    pub multiplicity: u32,
    /// Shared numbering.
    pub structure: Arc<Structure>,
    /// Which of the network's distinct structures it is.
    pub structure_index: usize,
    /// Components.
    pub components: Vec<ComponentNumbers>,
    /// Its racks: index in the network's list, name of the set, index of the instance.
    pub racks: Vec<usize>,
    /// Blocks inside: index in the network's list.
    pub children: Vec<usize>,
    /// First guess of the unknowns.
    pub guess: Vec<f64>,
}

impl Block {
    /// The component that a stamp stands for.
    pub fn component(&self, stamp: &Stamp) -> Option<&ComponentNumbers> {
        match stamp.element {
            Element::Component(index) => self.components.get(index),
            Element::Rack(_) | Element::Child(_) => None,
        }
    }
}

/// One distinct rack.
#[derive(Debug, Clone)]
pub struct Rack {
    /// Names and indices from the hall to this rack.
    pub path: Vec<(String, u32)>,
    /// Racks of the hall that it stands for.
    pub multiplicity: u32,
    /// What its set shares.
    pub design: Arc<RackDesign>,
    /// Its own numbers.
    pub parameters: Arc<RackParameters>,
    /// Reactive power of its servers per watt; beside the numbers, since every pass needs it.
    pub reactive_ratio: f64,
}

/// The hall as numbers.
#[derive(Debug, Clone)]
pub struct Network {
    /// Blocks, children before parents; the hall is the last.
    pub blocks: Vec<Block>,
    /// Number of distinct structures.
    pub structures: usize,
    /// Distinct racks.
    pub racks: Vec<Rack>,
    /// Fluids.
    pub fluids: Vec<Fluid>,
    /// Outdoor air.
    pub outdoor: Outdoor,
}

impl Network {
    /// The outermost block; `None` only for an empty network, which the builder never returns.
    pub fn hall(&self) -> Option<&Block> {
        self.blocks.last()
    }

    /// GPUs in the hall.
    pub fn gpus(&self) -> u64 {
        self.racks
            .iter()
            .map(|rack| {
                let each: usize = rack
                    .design
                    .sets
                    .iter()
                    .filter(|set| set.role == crate::hall::model::DeviceRole::Gpu)
                    .map(|set| set.count)
                    .sum();
                (each * rack.design.servers) as u64 * u64::from(rack.multiplicity)
            })
            .sum()
    }
}

/// Whether two paths go through the same groups, whatever their instances.
pub fn same_groups(a: &[(String, u32)], b: &[(String, u32)]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0)
}

/// Writes an asset path: `pod.3.rack.5`.
pub fn path_text(path: &[(String, u32)]) -> String {
    path.iter()
        .map(|(name, index)| format!("{name}.{index}"))
        .collect::<Vec<_>>()
        .join(".")
}
