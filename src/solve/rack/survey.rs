//! What results need of all plates of a rack, summed and compared while the racks stand side by side.

use pulp::{Simd, WithSimd};

use super::numbers::{Batch, Field};
use super::plate::leakage;
use super::state::{BatchState, BatchWork};
use super::status;
use crate::hall::model::DeviceRole;
use crate::solve::lane::{Lane, Plane, WIDTH};

/// What the plates of each rack of a batch come to.
#[derive(Debug, Clone, Default)]
pub struct Surveyed {
    /// Power of all devices of each set, W.
    pub set_power: Vec<Plane>,
    /// Power of all devices of each server, W.
    pub server_power: Vec<Plane>,
    /// Junctions of all GPUs added up, K.
    pub junction_sum: Plane,
    /// Hottest junction of a GPU, K.
    pub junction_max: Plane,
    /// Hottest memory of a GPU, K.
    pub memory_max: Plane,
    /// Least margin of a GPU to a protective limit, K.
    pub margin_min: Plane,
    /// Some device of some of the racks does not run as it was asked to.
    pub disturbed: bool,
}

/// Looks at all plates of a batch.
pub struct Survey<'a> {
    /// The racks.
    pub batch: &'a Batch,
    /// Their state.
    pub state: &'a BatchState,
    /// Their last linearisation.
    pub work: &'a BatchWork,
}

impl WithSimd for Survey<'_> {
    type Output = Surveyed;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Surveyed {
        let Self { batch, state, work } = self;
        let design = &*batch.design;
        let mut out = Surveyed {
            set_power: vec![[0.0; WIDTH]; design.sets.len()],
            server_power: vec![[0.0; WIDTH]; design.servers],
            disturbed: (state.status.iter()).any(|codes| *codes != [status::NORMAL; WIDTH]),
            ..Surveyed::default()
        };
        for chunk in 0..batch.racks.len().div_ceil(S::F64_LANES) {
            let number = |value: f64| Lane::splat(simd, value);
            let load = |plane: &Plane| Lane::load(simd, plane, chunk);
            let mut junction_sum = number(0.0);
            let mut junction_max = number(f64::NEG_INFINITY);
            let mut memory_max = number(f64::NEG_INFINITY);
            let mut margin_min = number(f64::INFINITY);
            for (k, (set, numbers)) in design.sets.iter().zip(&batch.sets).enumerate() {
                let mut of_set = number(0.0);
                for server in 0..design.servers {
                    let first = server * design.plates_per_server + set.first_plate;
                    let mut of_server = number(0.0);
                    for within in 0..set.count {
                        let (plate, item) = (first + within, server * set.count + within);
                        let field = |field| batch.plate(simd, numbers, field, item, chunk);
                        let junction = load(&state.junction[plate]);
                        // At the junction as it is now: the noted power is that of the linearisation.
                        let power = if state.status[plate] == [status::NORMAL; WIDTH] {
                            field(Field::BasePower) + leakage(set.leakage, field, junction).0
                        } else {
                            load(&work.plates[plate].power)
                        };
                        of_server = of_server + power;
                        if set.role != DeviceRole::Gpu {
                            continue;
                        }
                        let case = junction - field(Field::CoreResistance) * power;
                        let memory = case + field(Field::MemoryResistance) * power;
                        let margin = (field(Field::StatedLimit) - junction)
                            .min(field(Field::MemoryLimit) - memory);
                        junction_sum = junction_sum + junction;
                        junction_max = junction_max.max(junction);
                        memory_max = memory_max.max(memory);
                        margin_min = margin_min.min(margin);
                    }
                    of_set = of_set + of_server;
                    (load(&out.server_power[server]) + of_server)
                        .store(&mut out.server_power[server], chunk);
                }
                of_set.store(&mut out.set_power[k], chunk);
            }
            junction_sum.store(&mut out.junction_sum, chunk);
            junction_max.store(&mut out.junction_max, chunk);
            memory_max.store(&mut out.memory_max, chunk);
            margin_min.store(&mut out.margin_min, chunk);
        }
        out
    }
}
