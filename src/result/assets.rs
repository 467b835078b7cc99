//! Per-asset tables: a row for every GPU, rack or loop of a group, collapsed instances written out.

use super::gpus::{GpuPoint, path, points};
use crate::network::Network;
use crate::solve::Solution;

/// Columns of the GPU table, with units.
pub const GPU_COLUMNS: [&str; 9] = [
    "junction_temperature [degC]",
    "memory_temperature [degC]",
    "case_temperature [degC]",
    "coolant_inlet_temperature [degC]",
    "coolant_outlet_temperature [degC]",
    "power [W]",
    "flow [kg/s]",
    "margin [K]",
    "work [-]",
];

/// Names of the device status codes.
pub const STATUS: [&str; 5] = [
    "normal",
    "capped",
    "throttled_core",
    "throttled_memory",
    "shut_down",
];

/// One row of the GPU table.
#[derive(Debug, Clone, PartialEq)]
pub struct GpuRow {
    /// Asset path; a collapsed instance's path stands for `count` assets.
    pub asset: String,
    /// Assets that this row stands for.
    pub count: u32,
    /// Values in the order of [`GPU_COLUMNS`].
    pub values: [f64; 9],
    /// Status.
    pub status: &'static str,
}

/// A row for each distinct GPU.
pub fn gpu_rows(network: &Network, solution: &Solution) -> Vec<GpuRow> {
    points(network, solution)
        .iter()
        .map(|point| row(network, point))
        .collect()
}

fn row(network: &Network, point: &GpuPoint) -> GpuRow {
    let celsius = |t: f64| t - 273.15;
    GpuRow {
        asset: path(network, point),
        count: point.count,
        values: [
            celsius(point.junction),
            celsius(point.memory),
            celsius(point.case),
            celsius(point.coolant_inlet),
            celsius(point.coolant_outlet),
            point.power,
            point.flow,
            point.margin,
            point.work,
        ],
        status: STATUS
            .get(point.status as usize)
            .copied()
            .unwrap_or("unknown"),
    }
}
