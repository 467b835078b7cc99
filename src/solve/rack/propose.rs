//! Device status: capped, throttled at a limit, shut down, and back.

use super::numbers::Batch;
use super::plate::TOLERANCE;
use super::state::{BatchState, BatchWork};
use super::{core_limit, status};
use crate::network::Rack;
use crate::network::rack::{Leakage, Plate};

/// Flow against the assumed direction that turns a rack round, kg/s.
const BACKWARD: f64 = 1e-6;

/// What devices may do at this stage of an iteration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    /// Near a solution; far from one only starved devices act.
    pub near: bool,
    /// A device that has switched off may come back, since it did so on a passing state. A real one
    /// that has tripped stays off, and where all switch off together and cool down nothing else
    /// would end the circle.
    pub restart: bool,
}

/// Changes in one rack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changes {
    /// The rack, in the network's list.
    pub rack: u32,
    /// Devices that changed their status.
    pub changes: usize,
    /// Those of them that came back.
    pub restarts: usize,
}

/// Lets every device say what it should do at the present state; gives how many change in each of
/// the batch's racks.
pub fn propose(
    batch: &Batch,
    network: &[Rack],
    work: &BatchWork,
    state: &mut BatchState,
    when: When,
) -> Vec<Changes> {
    let design = &batch.design;
    let mut out = Vec::new();
    for (lane, &rack) in batch.racks.iter().enumerate() {
        let parameters = &network[rack as usize].parameters;
        let (mut changes, mut restarts) = (0, 0);
        for s in 0..design.servers {
            for set in &design.sets {
                let first = s * design.plates_per_server + set.first_plate;
                for k in first..first + set.count {
                    let plate = &work.plates[k];
                    let found = Found {
                        junction: state.junction[k][lane],
                        conductance: plate.conductance[lane],
                        inlet: plate.inlet[lane],
                        power: plate.power[lane],
                    };
                    let now = state.status[k][lane];
                    if !when.near && !starved(&parameters.plates.get(k), now, &found) {
                        continue;
                    }
                    let next = next_status(set.leakage, &parameters.plates.get(k), now, &found);
                    let restart = now == status::SHUT_DOWN && next != now;
                    if restart && !when.restart {
                        continue;
                    }
                    restarts += usize::from(restart);
                    if next != now {
                        state.status[k][lane] = next;
                        changes += 1;
                    }
                }
            }
        }
        let whole: f64 = state.path_flow.iter().map(|flow| flow[lane]).sum();
        if when.near && whole < -BACKWARD {
            state.reversed[lane] = !state.reversed[lane];
            for flow in &mut state.path_flow {
                flow[lane] = flow[lane].abs();
            }
            for difference in &mut state.difference {
                difference[lane] = difference[lane].abs();
            }
            changes += 1;
        }
        if changes > 0 {
            out.push(Changes {
                rack,
                changes,
                restarts,
            });
        }
    }
    if !out.is_empty() {
        state.repeat_last(batch.racks.len());
    }
    out
}

/// Whether a running device gets so little coolant that a fraction of its idle power would take it
/// past its limits: flows need not have settled to see that it must switch off.
fn starved(plate: &Plate, now: u8, found: &Found) -> bool {
    let limit = core_limit(plate.core_limit).min(plate.memory_limit);
    let removed = found.conductance * (limit - found.inlet);
    now <= status::CAPPED
        && found.junction > limit
        && removed < STARVED * plate.idle_power * (1.0 - plate.air_fraction)
}

/// Part of its idle power that a starved device can get rid of.
const STARVED: f64 = 0.3;

/// What a device finds.
struct Found {
    junction: f64,
    conductance: f64,
    inlet: f64,
    power: f64,
}

fn next_status(law: Leakage, plate: &Plate, now: u8, found: &Found) -> u8 {
    let to_plate = 1.0 - plate.air_fraction;
    let limit = core_limit(plate.core_limit);
    let leakage = |t: f64| {
        law.at(plate.leakage, plate.e_fold, t - plate.reference_temperature)
            .0
    };
    // Power at which a limit just holds, with the flow and inlet temperature that it has.
    let allowed = |limit: f64, r: f64| {
        found.conductance * (limit - found.inlet) / (to_plate + found.conductance * r)
    };
    let core = allowed(limit, plate.core_resistance);
    let memory = if plate.memory_limit.is_finite() {
        allowed(plate.memory_limit, plate.memory_resistance)
    } else {
        f64::INFINITY
    };
    let allowed = core.min(memory);
    let idle = plate.idle_power + leakage(limit.min(found.junction.max(found.inlet)));
    let asked = |t: f64| plate.base_power + leakage(t);
    let throttle = || {
        if allowed <= idle.max(0.0) && idle > 0.0 || allowed <= 0.0 {
            status::SHUT_DOWN
        } else if core <= memory {
            status::THROTTLED_CORE
        } else {
            status::THROTTLED_MEMORY
        }
    };
    match now {
        status::NORMAL | status::CAPPED => {
            let power = found.power;
            let case = found.junction - plate.core_resistance * power;
            let memory_temperature = case + plate.memory_resistance * power;
            if found.junction > limit + TOLERANCE
                || memory_temperature > plate.memory_limit + TOLERANCE
            {
                throttle()
            } else if now == status::NORMAL && asked(found.junction) > plate.cap * (1.0 + 1e-12) {
                status::CAPPED
            } else if now == status::CAPPED && asked(found.junction) < plate.cap * (1.0 - 1e-9) {
                status::NORMAL
            } else {
                now
            }
        }
        status::THROTTLED_CORE | status::THROTTLED_MEMORY => {
            if allowed > asked(found.junction).min(plate.cap) * (1.0 + 1e-9) {
                if asked(found.junction) > plate.cap {
                    status::CAPPED
                } else {
                    status::NORMAL
                }
            } else {
                throttle()
            }
        }
        _ => {
            let idle = plate.idle_power + leakage(limit);
            if allowed > idle * (1.0 + 1e-6) && allowed > 0.0 {
                throttle()
            } else {
                now
            }
        }
    }
}
