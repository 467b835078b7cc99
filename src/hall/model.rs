//! The typed hall: everything resolved, in SI, every reference bound.
//!
//! References are lexical: a table inside a group sees the tables of its own group and of every
//! group around it, up to the hall itself. A [`Ref`] says how many groups up and which entry there.

use crate::component::{Kind, Outdoor};
use crate::curve::Pchip;
use crate::fluid::Fluid;

pub use crate::library::{Grade, Provenance};

/// An assumption listed in the hall file (`[assumptions.NAME]`).
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Assumption {
    /// Name of its table.
    pub name: String,
    /// What is assumed, and why.
    pub text: String,
    /// Path of the value that it fixes, where there is one.
    pub path: Option<String>,
    /// Other plausible values, as written: the report solves with them and says what they move.
    pub alternatives: Vec<String>,
    /// Confidence.
    pub confidence: Grade,
}

/// A published claim to be audited (`[claims.NAME]`).
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Claim {
    /// Name of its table.
    pub name: String,
    /// Power claimed, W.
    pub power_w: f64,
    /// Words of the claim.
    pub text: String,
    /// Source.
    pub source: String,
}

/// How much of the way from the state `idle` to the state solved the devices work, hour by hour.
#[derive(Debug, Clone, PartialEq)]
pub enum Workload {
    /// The same all year, 0 to 1.
    Constant(f64),
    /// A day's hours, the first from midnight on, each 0 to 1.
    Daily(Box<[f64; 24]>),
    /// A CSV file with a value for each hour.
    Trace(std::path::PathBuf),
}

impl Default for Workload {
    fn default() -> Self {
        Self::Constant(1.0)
    }
}

/// What a hall file says of its year (`[annual]`).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Annual {
    /// Built-in weather, or a file.
    pub weather: Option<String>,
    /// Table of design conditions.
    pub design: Option<std::path::PathBuf>,
    /// Workload.
    pub workload: Workload,
    /// Price of electricity, USD/J.
    pub electricity_price: Option<f64>,
    /// Price of water, USD/m3.
    pub water_price: Option<f64>,
    /// Emission of the electricity, kg CO2 per J.
    pub co2_factor: Option<f64>,
    /// Heat sinks whose heat is used.
    pub reused_heat: Vec<String>,
    /// Folder of the hall file, from which paths start.
    pub folder: std::path::PathBuf,
}

/// An operating state: how hard everything works.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Name (`training`).
    pub name: String,
    /// Load u of GPUs, 0 idle to 1 rated.
    pub gpu_load: f64,
    /// Load of the other liquid-cooled devices.
    pub processor_load: f64,
    /// Load of what servers hold beside.
    pub other_load: f64,
}

/// Reference to an entry of this group or of one around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ref {
    /// Groups to go up; 0 is the group that holds the reference.
    pub up: usize,
    /// Index in that group's list.
    pub index: usize,
}

/// A node of a loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NodeRef {
    /// The loop.
    pub circuit: Ref,
    /// Index in [`Loop::nodes`].
    pub node: usize,
}

/// The node `supply` of every loop.
pub const SUPPLY: usize = 0;
/// The node `return` of every loop.
pub const RETURN: usize = 1;

/// A closed circuit of one fluid.
#[derive(Debug, Clone)]
pub struct Loop {
    /// Name.
    pub name: String,
    /// Fluid.
    pub fluid: Fluid,
    /// Words for the fluid ("PG25").
    pub fluid_name: String,
    /// Node names; `supply` and `return` come first.
    pub nodes: Vec<String>,
    /// Gauge pressure held at the return node by the expansion vessel, Pa.
    pub reference_pressure: f64,
    /// First guess of the supply temperature, K.
    pub design_supply_temperature: f64,
    /// First guess of the temperature rise from supply to return, K.
    pub design_temperature_rise: f64,
    /// First guess of the pressure difference from supply to return, Pa.
    pub design_pressure_difference: f64,
    /// Highest supply temperature that the loop promises (an ASHRAE class), K.
    pub supply_limit: Option<f64>,
    /// Name of that class.
    pub class: Option<String>,
    /// Header with resolved positions: branches that hang between `supply` and `return` are
    /// tapped off one after the other, in the order of the file.
    pub header: Option<Header>,
}

/// A header that branches are tapped off.
#[derive(Debug, Clone)]
pub struct Header {
    /// Parameters of one segment of pipe (kind `pipe`), supply and return each.
    pub segment: Vec<f64>,
    /// Whether the return runs on to the far end.
    pub reverse_return: bool,
}

/// A volume of air at one temperature.
#[derive(Debug, Clone)]
pub struct Room {
    /// Name.
    pub name: String,
    /// First guess of its temperature, K.
    pub design_temperature: f64,
    /// Highest temperature allowed at server inlets, K.
    pub limit: Option<f64>,
    /// Dew point of the room's air, K.
    pub dew_point: Option<f64>,
    /// Whether it is a rack row's exhaust, warmed by it and passed on by a door.
    pub exhaust: bool,
}

/// A supply path of a load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cord {
    /// Equipment entry that carries the bus.
    pub bus: Ref,
    /// Share of the load while all paths are in service; those of one load add up to 1.
    pub share: f64,
}

/// What feeds a load: nothing named is the meter; with two or more, each carries its share and those
/// left carry all.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Feeders(pub Vec<Cord>);

impl Feeders {
    /// A single feeder.
    pub fn one(bus: Ref) -> Self {
        Self(vec![Cord { bus, share: 1.0 }])
    }

    /// The buses.
    pub fn buses(&self) -> impl Iterator<Item = Ref> {
        self.0.iter().map(|cord| cord.bus)
    }
}

/// What sits on a plate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceRole {
    /// A GPU: counted, limited, reported one by one.
    Gpu,
    /// A host processor.
    Processor,
    /// A switch chip or another plated part.
    Auxiliary,
}

/// Devices of one role in a server, on their plates.
#[derive(Debug, Clone)]
pub struct DeviceSet {
    /// Role.
    pub role: DeviceRole,
    /// Library part, or name of the file's own.
    pub part: String,
    /// Devices in a server.
    pub count: usize,
    /// Devices on one path, each warming the next one's coolant; divides `count`.
    pub in_series: usize,
    /// Parameters (`component::device`).
    pub device: Vec<f64>,
    /// Plate part.
    pub plate_part: String,
    /// Parameters (`component::cold_plate`).
    pub plate: Vec<f64>,
    /// Curves of the plate.
    pub plate_tables: Vec<Pchip>,
}

/// A server.
#[derive(Debug, Clone, Default)]
pub struct Server {
    /// Library part.
    pub part: String,
    /// Devices on plates, GPUs first.
    pub devices: Vec<DeviceSet>,
    /// Parameters (`component::server`).
    pub theta: Vec<f64>,
    /// Curves (power-supply efficiency).
    pub tables: Vec<Pchip>,
}

/// Racks of one design on one pair of nodes.
#[derive(Debug, Clone)]
pub struct RackSet {
    /// Name; instances are `name.0` … `name.(count−1)`.
    pub name: String,
    /// Racks.
    pub count: usize,
    /// Library part.
    pub part: String,
    /// Servers in a rack.
    pub servers: usize,
    /// The server.
    pub server: Server,
    /// Parameters (`component::manifold`).
    pub theta: Vec<f64>,
    /// Node that feeds the rack.
    pub supply: NodeRef,
    /// Node that takes its return.
    pub back: NodeRef,
    /// Air at the servers' inlet.
    pub inlet_air: Ref,
    /// Air node that takes the rack's heat; the inlet's own where there is no door.
    pub exhaust_air: Ref,
    /// Buses that feed it.
    pub feeders: Feeders,
}

/// One component of the plant or of the electrical tree.
#[derive(Debug, Clone)]
pub struct Equipment {
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: Kind,
    /// Library part, where it has one.
    pub part: Option<String>,
    /// Parameters, a slot a field.
    pub theta: Vec<f64>,
    /// Curves.
    pub tables: Vec<Pchip>,
    /// Nodes a and b of each side.
    pub sides: Vec<(NodeRef, NodeRef)>,
    /// Air nodes.
    pub air: Vec<Ref>,
    /// Sensor nodes (high, low), where the file names them.
    pub sensor: Option<(NodeRef, NodeRef)>,
    /// Buses that feed it.
    pub feeders: Feeders,
    /// Whether it is fed inside the rack (an in-rack pump or door fan): counts as IT in
    /// `pue_rack_pdu`.
    pub rack_fed: bool,
}

/// A group of loops, rooms, racks and equipment, `count` times over; the hall is the outermost.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// Name; empty for the hall.
    pub name: String,
    /// Instances.
    pub count: usize,
    /// Loops.
    pub loops: Vec<Loop>,
    /// Rooms.
    pub rooms: Vec<Room>,
    /// Racks.
    pub racks: Vec<RackSet>,
    /// Plant and electrical tree.
    pub equipment: Vec<Equipment>,
    /// Groups inside.
    pub groups: Vec<Group>,
}

/// The hall at one operating state and one outdoor condition.
#[derive(Debug, Clone)]
pub struct Hall {
    /// Name.
    pub name: String,
    /// A sentence or two.
    pub description: String,
    /// Words for the outdoor condition ("design day").
    pub scenario: String,
    /// State solved.
    pub state: State,
    /// All states of the file.
    pub states: Vec<State>,
    /// Outdoor air.
    pub outdoor: Outdoor,
    /// The hall itself, count 1.
    pub root: Group,
    /// What differs from instance to instance.
    pub variations: super::variation::Variations,
    /// Assumptions of the file.
    pub assumptions: Vec<Assumption>,
    /// Claims to audit.
    pub claims: Vec<Claim>,
    /// What the file says of its year.
    pub annual: Annual,
    /// Where the numbers came from.
    pub provenance: Vec<Provenance>,
    /// Where things stand in the file.
    pub places: std::sync::Arc<super::places::Places>,
}
