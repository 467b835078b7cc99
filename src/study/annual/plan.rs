//! What is solved, and where each solve starts, fixed before anything is solved.
//!
//! - Hours with the same outdoor air and workload are one *point*: it is solved once, so they have identical results.
//! - A point starts from the *anchor* of its cell: the state solved, from the network's own first guess, at the middle
//!   of the cell that the point's air and workload fall into. A cell is 4 K of dry bulb by 4 K of wet bulb by 2 kPa by
//!   a tenth of workload. A point's start hangs on nothing but the point, so neither on the order of hours, nor on
//!   what other hours there are, nor on threads.
//! - Points of one cell are cut into tasks of at most [`TASK`]; tasks run in parallel, each solves its own anchor.

use std::collections::HashMap;

use crate::component::Outdoor;
use crate::weather::{MoistAir, Sample};

/// Most points that share one solve of their anchor.
const TASK: usize = 64;
/// Size of a cell: dry bulb and wet bulb, K; pressure, Pa; workload.
const CELL: [f64; 4] = [4.0, 4.0, 2000.0, 0.1];

/// Outdoor air and workload.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) outdoor: Outdoor,
    pub(super) workload: f64,
}

impl Point {
    /// A point from the air of a sample or of a design condition.
    pub(super) fn new(air: &MoistAir, wet_bulb: f64, workload: f64) -> Self {
        Self {
            outdoor: Outdoor {
                dry_bulb: air.dry_bulb(),
                wet_bulb,
                humidity_ratio: air.humidity_ratio(),
                pressure: air.pressure(),
            },
            workload,
        }
    }

    fn bits(&self) -> [u64; 5] {
        [
            self.outdoor.dry_bulb,
            self.outdoor.wet_bulb,
            self.outdoor.humidity_ratio,
            self.outdoor.pressure,
            self.workload,
        ]
        .map(f64::to_bits)
    }

    fn cell(&self) -> [i64; 4] {
        let values = [
            self.outdoor.dry_bulb,
            self.outdoor.wet_bulb,
            self.outdoor.pressure,
            self.workload,
        ];
        std::array::from_fn(|k| (values[k] / CELL[k]).round() as i64)
    }

    /// The middle of the point's cell, or dry air of its dry bulb where no air has so low a wet bulb: the same for all
    /// points of the cell.
    pub(super) fn anchor(&self) -> Self {
        let cell = self.cell();
        let [dry, wet, pressure, workload] = std::array::from_fn(|k| cell[k] as f64 * CELL[k]);
        let workload = workload.clamp(0.0, 1.0);
        let wet = wet.min(dry);
        let made = MoistAir::from_wet_bulb(dry, wet, pressure)
            .map(|air| Self::new(&air, wet, workload))
            .or_else(|_| {
                MoistAir::from_relative_humidity(dry, 0.0, pressure)
                    .map(|air| Self::new(&air, air.wet_bulb(), workload))
            });
        // No weather that is read is as far from any air as this.
        made.unwrap_or(*self)
    }
}

/// All points of a year, without repetition, and the tasks that solve them.
#[derive(Debug)]
pub(super) struct Plan {
    /// Distinct points.
    pub(super) points: Vec<Point>,
    /// Point of each sample.
    pub(super) of_sample: Vec<usize>,
    /// Points of each task, all of one cell.
    pub(super) tasks: Vec<Vec<usize>>,
}

/// Plans the solves of samples at their workloads.
pub(super) fn plan(samples: &[Sample], loads: &[f64]) -> Plan {
    let mut points: Vec<Point> = Vec::new();
    let mut known: HashMap<[u64; 5], usize> = HashMap::new();
    let of_sample = samples
        .iter()
        .zip(loads)
        .map(|(sample, &load)| {
            let point = Point::new(&sample.air, sample.wet_bulb, load);
            *known.entry(point.bits()).or_insert_with(|| {
                points.push(point);
                points.len() - 1
            })
        })
        .collect();
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by_key(|&index| (points[index].cell(), index));
    let tasks = order
        .chunk_by(|&a, &b| points[a].cell() == points[b].cell())
        .flat_map(|cell| cell.chunks(TASK))
        .map(<[usize]>::to_vec)
        .collect();
    Plan {
        points,
        of_sample,
        tasks,
    }
}
