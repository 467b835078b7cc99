//! All racks at the solution, each summed up; single GPUs are looked at only where these sums call for it.

use crate::hall::model::DeviceRole;
use crate::network::Network;
use crate::solve::Solution;
use crate::solve::lane::Plane;
use crate::solve::rack::survey::Surveyed;

/// Sums of every rack.
pub struct Survey {
    batches: Vec<Surveyed>,
    place: Vec<(usize, usize)>,
}

/// Sums of one rack.
#[derive(Clone, Copy)]
pub struct RackSurvey<'a> {
    batch: &'a Surveyed,
    lane: usize,
}

impl Survey {
    /// Looks at all racks.
    pub fn new(network: &Network, solution: &Solution) -> Self {
        Self {
            batches: solution.survey(),
            place: (0..network.racks.len())
                .map(|rack| solution.place(rack))
                .collect(),
        }
    }

    /// A rack, by its index in the network's list.
    pub fn rack(&self, rack: usize) -> RackSurvey<'_> {
        let (batch, lane) = self.place[rack];
        RackSurvey {
            batch: &self.batches[batch],
            lane,
        }
    }
}

impl RackSurvey<'_> {
    fn at(&self, plane: &Plane) -> f64 {
        plane[self.lane]
    }

    /// Power of all devices of a set, W.
    pub fn set_power(&self, set: usize) -> f64 {
        self.at(&self.batch.set_power[set])
    }

    /// Power of all devices of a server, W.
    pub fn server_power(&self, server: usize) -> f64 {
        self.at(&self.batch.server_power[server])
    }

    /// Junctions of all GPUs added up, K.
    pub fn junction_sum(&self) -> f64 {
        self.at(&self.batch.junction_sum)
    }

    /// Hottest junction of a GPU, K; minus infinity without GPUs.
    pub fn junction_max(&self) -> f64 {
        self.at(&self.batch.junction_max)
    }

    /// Hottest memory of a GPU, K; minus infinity without GPUs.
    pub fn memory_max(&self) -> f64 {
        self.at(&self.batch.memory_max)
    }

    /// Least margin of a GPU to a protective limit, K; infinite without one.
    pub fn margin_min(&self) -> f64 {
        self.at(&self.batch.margin_min)
    }

    /// Whether some device of this rack, or of those beside it, does not run as it was asked to.
    pub fn disturbed(&self) -> bool {
        self.batch.disturbed
    }
}

/// Number of GPUs of a rack.
pub fn gpus(network: &Network, rack: usize) -> usize {
    let design = &network.racks[rack].design;
    let sets = design.sets.iter().filter(|set| set.role == DeviceRole::Gpu);
    design.servers * sets.map(|set| set.count).sum::<usize>()
}
