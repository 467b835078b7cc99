//! State and work space of racks side by side.

use super::numbers::Batch;
use super::{Affine, RackLinear, RackPorts};
use crate::network::Rack;
use crate::network::rack::guess;
use crate::solve::kept::Since;
use crate::solve::lane::{Plane, WIDTH};

/// State of up to [`WIDTH`] racks of one design: a plane holds one quantity of all of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BatchState {
    /// Junction of each plate, K.
    pub junction: Vec<Plane>,
    /// Coolant outlet of each plate, K.
    pub outlet: Vec<Plane>,
    /// Device status of each plate.
    pub status: Vec<[u8; WIDTH]>,
    /// Flow of each path, kg/s.
    pub path_flow: Vec<Plane>,
    /// Pressure difference at each position, Pa.
    pub difference: Vec<Plane>,
    /// Return temperature, K.
    pub return_temperature: Plane,
    /// Flow enters at the return connection.
    pub reversed: [bool; WIDTH],
}

/// An affine function in each of the racks: constant and three derivatives.
pub(super) type Affine4 = [Plane; 4];
/// Affine function of (D, T_i, T_a, T_r, M).
pub(super) type Affine6 = [Plane; 6];

/// What is kept of a plate between elimination and substitution.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PlateWork {
    pub(super) junction: Affine4,
    pub(super) outlet: Affine4,
    /// Conductance from case to the coolant's inlet, W/K.
    pub(super) conductance: Plane,
    /// Coolant inlet, K.
    pub(super) inlet: Plane,
    /// Electrical power, W.
    pub(super) power: Plane,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LadderWork {
    /// δD_j from δD_{j−1} and the rest.
    pub(super) difference: Affine6,
    /// Flow into this position and beyond.
    pub(super) tail: Affine6,
}

/// Work space of racks side by side.
#[derive(Debug, Clone, Default)]
pub struct BatchWork {
    /// What each set's plates have in common at the inlet.
    pub(super) sets: Vec<[Plane; 3]>,
    pub(super) plates: Vec<PlateWork>,
    pub(super) paths: Vec<Affine4>,
    /// Flow, heat to liquid, heat to air, input power of each server: values and derivatives to
    /// (D, T_i, T_a).
    pub(super) servers: Vec<[Affine4; 4]>,
    pub(super) ladder: Vec<LadderWork>,
    /// (D_0, M, T_r) as functions of (Δp, T_i, T_a).
    pub(super) top: [Affine4; 3],
    /// Flow, heat to liquid, heat to air, input power as functions of (Δp, T_i, T_a).
    pub(super) linear: [Affine4; 4],
    /// Some device may want another status.
    pub(super) restless: bool,
}

impl BatchWork {
    /// Work space for racks of a batch.
    pub fn new(batch: &Batch) -> Self {
        let design = &batch.design;
        Self {
            sets: vec![Default::default(); design.sets.len()],
            plates: vec![PlateWork::default(); design.plates()],
            paths: vec![Affine4::default(); design.paths()],
            servers: vec![Default::default(); design.servers],
            ladder: vec![LadderWork::default(); design.servers],
            ..Self::default()
        }
    }

    /// Whether some device may want another status, or some rack runs backward.
    pub fn restless(&self) -> bool {
        self.restless
    }

    /// The condensed rack at a place.
    pub fn linear(&self, lane: usize) -> RackLinear {
        let affine = |a: &Affine4| -> Affine { std::array::from_fn(|c| a[c][lane]) };
        let [flow, liquid, air, power] = &self.linear;
        RackLinear {
            flow: affine(flow),
            liquid: affine(liquid),
            air: affine(air),
            power: affine(power),
        }
    }
}

impl BatchState {
    /// First guess for each rack's pressure difference and inlet temperature.
    pub fn guess(racks: &[u32], network: &[Rack], ports: &[RackPorts; WIDTH]) -> Self {
        let design = &network[racks[0] as usize].design;
        let mut out = Self {
            junction: vec![[0.0; WIDTH]; design.plates()],
            outlet: vec![[0.0; WIDTH]; design.plates()],
            status: vec![[super::status::NORMAL; WIDTH]; design.plates()],
            path_flow: vec![[0.0; WIDTH]; design.paths()],
            difference: vec![[0.0; WIDTH]; design.servers],
            return_temperature: [0.0; WIDTH],
            reversed: [false; WIDTH],
        };
        for (lane, ports) in ports.iter().enumerate() {
            let index = racks[lane.min(racks.len() - 1)] as usize;
            let first = guess::rack(
                design,
                &network[index].parameters,
                ports.difference,
                ports.inlet,
            );
            for (k, plate) in first.plates.iter().enumerate() {
                for s in 0..design.servers {
                    let at = s * design.plates_per_server + k;
                    out.junction[at][lane] = plate.junction;
                    out.outlet[at][lane] = plate.outlet;
                }
            }
            for (k, flow) in first.path_flow.iter().enumerate() {
                for s in 0..design.servers {
                    out.path_flow[s * design.paths_per_server + k][lane] = *flow;
                }
            }
            for difference in &mut out.difference {
                difference[lane] = ports.difference;
            }
            out.return_temperature[lane] = first.return_temperature;
        }
        out
    }
}

impl BatchState {
    /// Becomes a copy of another state, in the memory that it has.
    pub(in crate::solve) fn copy_from(&mut self, other: &Self) {
        self.junction.clone_from(&other.junction);
        self.outlet.clone_from(&other.outlet);
        self.status.clone_from(&other.status);
        self.path_flow.clone_from(&other.path_flow);
        self.difference.clone_from(&other.difference);
        self.return_temperature = other.return_temperature;
        self.reversed = other.reversed;
    }

    /// Makes places without a rack (from `racks` on) follow the last rack.
    pub(super) fn repeat_last(&mut self, racks: usize) {
        let planes = self
            .junction
            .iter_mut()
            .chain(&mut self.outlet)
            .chain(&mut self.path_flow)
            .chain(&mut self.difference)
            .chain([&mut self.return_temperature]);
        for plane in planes {
            let last = plane[racks - 1];
            plane[racks..].fill(last);
        }
        for codes in &mut self.status {
            let last = codes[racks - 1];
            codes[racks..].fill(last);
        }
        let last = self.reversed[racks - 1];
        self.reversed[racks..].fill(last);
    }
}

/// One rack of a solution.
#[derive(Debug, Clone, Copy)]
pub struct RackView<'a> {
    pub(in crate::solve) batch: &'a Batch,
    pub(crate) state: &'a BatchState,
    pub(crate) work: &'a BatchWork,
    pub(in crate::solve) since: &'a Since,
    pub(crate) lane: usize,
}

impl RackView<'_> {
    /// Junction temperature of a plate's device, K.
    pub fn junction(&self, plate: usize) -> f64 {
        self.state.junction[plate][self.lane]
    }

    /// Coolant temperature at the outlet of a plate, K.
    pub fn coolant_outlet(&self, plate: usize) -> f64 {
        self.state.outlet[plate][self.lane]
    }

    /// Coolant temperature at the inlet of a plate, K.
    pub fn coolant_inlet(&self, plate: usize) -> f64 {
        let at_linearisation = self.work.plates[plate].inlet[self.lane];
        let (set, within) = self.batch.design.set_of(plate);
        if within.is_multiple_of(self.batch.design.sets[set].in_series) {
            at_linearisation + self.since.inlet(self.lane)
        } else {
            self.coolant_outlet(plate - 1)
        }
    }

    /// Status of a plate's device.
    pub fn status(&self, plate: usize) -> u8 {
        self.state.status[plate][self.lane]
    }

    /// Electrical power of a plate's device, W.
    pub fn device_power(&self, plate: usize) -> f64 {
        if self.status(plate) != super::status::NORMAL {
            return self.work.plates[plate].power[self.lane];
        }
        self.batch
            .power_asked(plate, self.lane, self.junction(plate))
    }

    /// Conductance from case to coolant inlet, W/K.
    pub fn conductance(&self, plate: usize) -> f64 {
        self.work.plates[plate].conductance[self.lane]
    }

    /// Flow of a path in the direction of the rack's flow, kg/s.
    pub fn path_flow(&self, path: usize) -> f64 {
        self.state.path_flow[path][self.lane]
    }

    /// Pressure difference between the manifolds at a position, in the direction of the rack's flow, Pa.
    pub fn difference(&self, position: usize) -> f64 {
        self.state.difference[position][self.lane]
    }

    /// Temperature at the connection where the flow leaves, K.
    pub fn return_temperature(&self) -> f64 {
        self.state.return_temperature[self.lane]
    }

    /// Whether flow enters at the return connection.
    pub fn reversed(&self) -> bool {
        self.state.reversed[self.lane]
    }

    /// Flow [kg/s], heat to liquid, heat to air and input power [W] of a server.
    pub fn server_totals(&self, server: usize) -> [f64; 4] {
        self.work.servers[server].map(|affine| affine[0][self.lane])
    }

    /// The rack condensed to its ports.
    pub fn linear(&self) -> RackLinear {
        self.since.linear(self.work.linear(self.lane), self.lane)
    }
}
