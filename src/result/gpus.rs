//! Every GPU at the solution, and what the hall's GPUs are together.

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::Gpus;
use super::ties::EQUAL;
use crate::component::device;
use crate::hall::model::DeviceRole;
use crate::network::rack::{Plate, SetDesign};
use crate::network::{Network, Rack, path_text};
use crate::solve::Solution;
use crate::solve::rack::status;

/// A GPU (or all that it stands for) at the solution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GpuPoint {
    /// Rack in the network's list.
    pub rack: u32,
    /// Server in the rack.
    pub server: u32,
    /// GPU in the server.
    pub gpu: u32,
    /// GPUs it stands for.
    pub count: u32,
    /// Junction, K.
    pub junction: f64,
    /// Memory, K.
    pub memory: f64,
    /// Case (base of the plate), K.
    pub case: f64,
    /// Coolant at the plate's inlet, K.
    pub coolant_inlet: f64,
    /// Coolant at the plate's outlet, K.
    pub coolant_outlet: f64,
    /// Power, W.
    pub power: f64,
    /// Flow through its path, kg/s.
    pub flow: f64,
    /// Status.
    pub status: u8,
    /// Work done relative to the load asked for.
    pub work: f64,
    /// Margin to the nearest protective limit, K.
    pub margin: f64,
}

/// All GPUs, collapsed ones once.
pub fn points(network: &Network, solution: &Solution) -> Vec<GpuPoint> {
    network
        .racks
        .par_iter()
        .enumerate()
        .flat_map_iter(|(index, rack)| rack_points(index, rack, solution))
        .collect()
}

fn rack_points(index: usize, rack: &Rack, solution: &Solution) -> Vec<GpuPoint> {
    let mut out = Vec::with_capacity(rack.design.plates());
    let design = &rack.design;
    let found = solution.rack(index);
    for server in 0..design.servers {
        for set in design.sets.iter().filter(|set| set.role == DeviceRole::Gpu) {
            let d = device::Parameters::<f64>::load(&set.device_theta);
            for k in 0..set.count {
                let plate = server * design.plates_per_server + set.first_plate + k;
                let numbers = &rack.parameters.plates[plate];
                let junction = found.junction(plate);
                let power = found.device_power(plate);
                let case = junction - numbers.core_resistance * power;
                let memory = case + numbers.memory_resistance * power;
                let path = server * design.paths_per_server + set.first_path + k / set.in_series;
                let status = found.status(plate);
                out.push(GpuPoint {
                    rack: index as u32,
                    server: server as u32,
                    gpu: k as u32,
                    count: rack.multiplicity,
                    junction,
                    memory,
                    case,
                    coolant_inlet: found.coolant_inlet(plate),
                    coolant_outlet: found.coolant_outlet(plate),
                    power,
                    flow: found.path_flow(path),
                    status,
                    work: work_done(set, numbers, junction, power, status, d.clock_exponent),
                    margin: (numbers.core_limit - junction).min(numbers.memory_limit - memory),
                });
            }
        }
    }
    out
}

/// (P_dyn/P_dyn,asked)^(1/α), see `component::device`.
fn work_done(
    set: &SetDesign,
    plate: &Plate,
    junction: f64,
    power: f64,
    status: u8,
    exponent: f64,
) -> f64 {
    let asked = plate.base_power - plate.idle_power;
    match status {
        status::NORMAL => 1.0,
        status::SHUT_DOWN => 0.0,
        _ if asked <= 0.0 => 1.0,
        _ => {
            let (leakage, _) = set.leakage.at(
                plate.leakage,
                plate.e_fold,
                junction - plate.reference_temperature,
            );
            let share = (power - plate.idle_power - leakage) / asked;
            if share <= 0.0 {
                0.0
            } else {
                share.min(1.0).powf(1.0 / exponent)
            }
        }
    }
}

/// Path of a GPU.
pub fn path(network: &Network, point: &GpuPoint) -> String {
    let rack = path_text(&network.racks[point.rack as usize].path);
    format!("{rack}.server.{}.gpu.{}", point.server, point.gpu)
}

/// The hottest of many GPUs, the same whatever their order: first [`find`](Self::find) over all,
/// then [`choose`](Self::choose) over all; of those that tie it is the one whose path comes first.
pub struct Hottest<'a> {
    network: &'a Network,
    value: fn(&GpuPoint) -> f64,
    highest: f64,
    point: Option<&'a GpuPoint>,
}

impl<'a> Hottest<'a> {
    /// By this temperature, K.
    pub fn new(network: &'a Network, value: fn(&GpuPoint) -> f64) -> Self {
        Self {
            network,
            value,
            highest: f64::NEG_INFINITY,
            point: None,
        }
    }

    /// First pass: the highest temperature.
    pub fn find(&mut self, point: &'a GpuPoint) {
        self.highest = self.highest.max((self.value)(point));
    }

    /// Second pass: the first by path that has it.
    pub fn choose(&mut self, point: &'a GpuPoint) {
        let ties = (self.value)(point) >= self.highest * (1.0 - EQUAL);
        let place = |p: &GpuPoint| (&self.network.racks[p.rack as usize].path, p.server, p.gpu);
        if ties && self.point.is_none_or(|known| place(point) < place(known)) {
            self.point = Some(point);
        }
    }

    /// The GPU.
    pub fn point(&self) -> Option<&'a GpuPoint> {
        self.point
    }
}

/// The GPU with the hottest junction; of those that tie, the first by path.
pub fn hottest<'a>(network: &'a Network, points: &'a [GpuPoint]) -> Option<&'a GpuPoint> {
    let mut hottest = Hottest::new(network, |p| p.junction);
    points.iter().for_each(|point| hottest.find(point));
    points.iter().for_each(|point| hottest.choose(point));
    hottest.point()
}

/// The hall's GPUs together.
pub fn summary(network: &Network, points: &[GpuPoint]) -> Gpus {
    let (mut count, mut power, mut heat, mut work) = (0u64, 0.0, 0.0, 0.0);
    let (mut throttled, mut shut_down) = (0, 0);
    let mut least_work = 1.0f64;
    let mut margin = f64::INFINITY;
    let mut memory_max: Option<f64> = None;
    for point in points {
        let n = f64::from(point.count);
        count += u64::from(point.count);
        power += n * point.power;
        heat += n * point.junction;
        work += n * point.work;
        least_work = least_work.min(point.work);
        margin = margin.min(point.margin);
        memory_max = Some(memory_max.map_or(point.memory, |m| m.max(point.memory)));
        match point.status {
            status::THROTTLED_CORE | status::THROTTLED_MEMORY => {
                throttled += u64::from(point.count)
            }
            status::SHUT_DOWN => shut_down += u64::from(point.count),
            _ => {}
        }
    }
    let hottest = hottest(network, points);
    let n = count as f64;
    let celsius = |t: f64| t - 273.15;
    Gpus {
        count,
        power_w: power,
        temperature_max_c: hottest.map(|p| celsius(p.junction)),
        temperature_mean_c: (count > 0).then(|| celsius(heat / n)),
        memory_temperature_max_c: memory_max.map(celsius),
        margin_min_k: margin.is_finite().then_some(margin),
        hottest: hottest.map(|p| path(network, p)),
        throttled,
        shut_down,
        lost_work_mean: if count > 0 { 1.0 - work / n } else { 0.0 },
        lost_work_job: 1.0 - least_work,
    }
}
