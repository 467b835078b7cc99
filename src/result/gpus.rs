//! Every GPU at the solution, and what the hall's GPUs are together.

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::Gpus;
use super::survey::{self, RackSurvey, Survey};
use super::ties::EQUAL;
use crate::component::device;
use crate::hall::model::DeviceRole;
use crate::network::rack::{Plate, RackDesign, SetDesign};
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

/// All GPUs of a rack.
pub fn rack_points(index: usize, rack: &Rack, solution: &Solution) -> Vec<GpuPoint> {
    let mut out = Vec::with_capacity(rack.design.plates());
    let design = &rack.design;
    let found = solution.rack(index);
    for server in 0..design.servers {
        for set in design.sets.iter().filter(|set| set.role == DeviceRole::Gpu) {
            let d = device::Parameters::<f64>::load(&set.device_theta);
            for k in 0..set.count {
                let plate = server * design.plates_per_server + set.first_plate + k;
                let numbers = rack.parameters.plates.get(plate);
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
                    work: work_done(set, &numbers, junction, power, status, d.clock_exponent),
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

/// The GPUs of racks that the survey picks.
pub fn picked<'a>(
    network: &'a Network,
    solution: &'a Solution,
    survey: &'a Survey,
    pick: impl Fn(&Rack, RackSurvey<'a>) -> bool + 'a,
) -> impl Iterator<Item = GpuPoint> + 'a {
    (network.racks.iter().enumerate())
        .filter(move |(index, rack)| pick(rack, survey.rack(*index)))
        .flat_map(|(index, rack)| rack_points(index, rack, solution))
}

/// A temperature that a GPU can be the hottest by, and the highest of it in a rack, K.
pub type By = (fn(&GpuPoint) -> f64, fn(&RackSurvey<'_>) -> f64);
/// By junction.
pub const JUNCTION: By = (|p| p.junction, |s| s.junction_max());
/// By memory.
pub const MEMORY: By = (|p| p.memory, |s| s.memory_max());

/// The hottest GPU of the racks of a design, or of all racks; of those that tie, the first by path.
pub fn hottest_of(
    network: &Network,
    solution: &Solution,
    survey: &Survey,
    design: Option<&RackDesign>,
    (value, highest): By,
) -> Option<GpuPoint> {
    let of_design = |rack: &Rack| design.is_none_or(|d| std::ptr::eq(d, &raw const *rack.design));
    let racks = network.racks.iter().enumerate();
    let ties = EQUAL_OF
        * racks
            .filter(|(_, rack)| of_design(rack))
            .fold(f64::NEG_INFINITY, |most, (index, _)| {
                most.max(highest(&survey.rack(index)))
            });
    let near = move |rack: &Rack, found: RackSurvey<'_>| of_design(rack) && highest(&found) >= ties;
    picked(network, solution, survey, near)
        .filter(|point| value(point) >= ties)
        .min_by(|a, b| place(network, a).cmp(&place(network, b)))
}

/// Part of the highest value from which on another ties with it.
const EQUAL_OF: f64 = 1.0 - EQUAL;

/// Order of GPUs by path.
fn place<'a>(network: &'a Network, p: &GpuPoint) -> (&'a [(String, u32)], u32, u32) {
    (&network.racks[p.rack as usize].path, p.server, p.gpu)
}

/// The GPU with the hottest junction; of those that tie, the first by path.
pub fn hottest<'a>(network: &'a Network, points: &'a [GpuPoint]) -> Option<&'a GpuPoint> {
    let highest = (points.iter()).fold(f64::NEG_INFINITY, |most, p| most.max(p.junction));
    let ties = points.iter().filter(|p| p.junction >= highest * EQUAL_OF);
    ties.min_by(|a, b| place(network, a).cmp(&place(network, b)))
}

/// The hall's GPUs together.
pub fn summary(network: &Network, solution: &Solution, survey: &Survey) -> Gpus {
    let (mut count, mut power, mut heat, mut work) = (0u64, 0.0, 0.0, 0.0);
    let (mut throttled, mut shut_down) = (0, 0);
    let mut least_work = 1.0f64;
    let mut margin = f64::INFINITY;
    let mut memory_max = f64::NEG_INFINITY;
    for (index, rack) in network.racks.iter().enumerate() {
        let found = survey.rack(index);
        let n = f64::from(rack.multiplicity);
        let gpus = survey::gpus(network, index) as u64;
        count += u64::from(rack.multiplicity) * gpus;
        for (k, set) in rack.design.sets.iter().enumerate() {
            if set.role == DeviceRole::Gpu {
                power += n * found.set_power(k);
            }
        }
        heat += n * found.junction_sum();
        margin = margin.min(found.margin_min());
        memory_max = memory_max.max(found.memory_max());
        if !found.disturbed() {
            work += n * gpus as f64;
            continue;
        }
        for point in rack_points(index, rack, solution) {
            work += n * point.work;
            least_work = least_work.min(point.work);
            match point.status {
                status::THROTTLED_CORE | status::THROTTLED_MEMORY => {
                    throttled += u64::from(point.count);
                }
                status::SHUT_DOWN => shut_down += u64::from(point.count),
                _ => {}
            }
        }
    }
    let memory_max = memory_max.is_finite().then_some(memory_max);
    let hottest = hottest_of(network, solution, survey, None, JUNCTION);
    let n = count as f64;
    let celsius = |t: f64| t - 273.15;
    Gpus {
        count,
        power_w: power,
        temperature_max_c: hottest.map(|p| celsius(p.junction)),
        temperature_mean_c: (count > 0).then(|| celsius(heat / n)),
        memory_temperature_max_c: memory_max.map(celsius),
        margin_min_k: margin.is_finite().then_some(margin),
        hottest: hottest.map(|p| path(network, &p)),
        throttled,
        shut_down,
        lost_work_mean: if count > 0 { 1.0 - work / n } else { 0.0 },
        lost_work_job: 1.0 - least_work,
    }
}
