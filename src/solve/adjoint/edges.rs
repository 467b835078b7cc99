//! Devices that stand at the very point at which they switch: there the solution has a kink, and derivatives are
//! those of the side on which nothing switches.

use crate::component::{At, MAX_STATUS};
use crate::network::rack::{Plate, SetDesign};
use crate::network::{Element, Network, path_text};
use crate::solve::Solution;
use crate::solve::block::component_at;
use crate::solve::rack::{RackView, core_limit, status};

/// Shift of a control position, and relative shift of flows and pressures, within which a device would switch.
const SHIFT: f64 = 1e-6;
/// Shift of a temperature, K.
const TEMPERATURE_SHIFT: f64 = 1e-4;

/// Names of the devices, in the order of the network.
pub fn edges(network: &Network, solution: &Solution) -> Vec<String> {
    let mut found = Vec::new();
    for (block, state) in network.blocks.iter().zip(&solution.state.blocks) {
        for stamp in &block.structure.stamps {
            let Element::Component(k) = stamp.element else {
                continue;
            };
            let numbers = &block.components[k];
            let spec = numbers.kind.spec();
            if spec.status == 0 {
                continue;
            }
            let own = &state.status[k * MAX_STATUS..(k + 1) * MAX_STATUS];
            let switches = |shift: &dyn Fn(&mut At<'_, f64>)| {
                let mut at = component_at(network, block, state, stamp, k);
                shift(&mut at);
                let mut next = [0; MAX_STATUS];
                next.copy_from_slice(own);
                numbers.kind.propose(&at, &mut next);
                next != own
            };
            let stands = [-1.0, 1.0].into_iter().any(|sign| {
                let positions = (0..spec.internal.len()).any(|i| {
                    switches(&|at| at.internal[i] += sign * SHIFT * spec.internal_scale[i])
                });
                let sides = (0..spec.sides.len()).any(|s| {
                    switches(&|at| at.sides[s].mass_flow *= 1.0 + sign * SHIFT)
                        || switches(&|at| at.sides[s].temperature_a += sign * TEMPERATURE_SHIFT)
                        || switches(&|at| at.sides[s].temperature_b += sign * TEMPERATURE_SHIFT)
                        || switches(&|at| at.sides[s].pressure_a *= 1.0 + sign * SHIFT)
                        || switches(&|at| at.sides[s].pressure_b *= 1.0 + sign * SHIFT)
                });
                let air = (0..spec.air.len())
                    .any(|a| switches(&|at| at.air[a] += sign * TEMPERATURE_SHIFT));
                positions
                    || sides
                    || air
                    || switches(&|at| at.sensor_pressure[0] *= 1.0 + sign * SHIFT)
                    || switches(&|at| at.sensor_pressure[1] *= 1.0 + sign * SHIFT)
            });
            if stands {
                let path = path_text(&block.path);
                found.push(if path.is_empty() {
                    numbers.name.clone()
                } else {
                    format!("{path}.{}", numbers.name)
                });
            }
        }
    }
    for (index, rack) in network.racks.iter().enumerate() {
        let view = solution.rack(index);
        let design = &rack.design;
        let devices = (0..design.servers).flat_map(|s| design.sets.iter().map(move |set| (s, set)));
        let number = devices
            .flat_map(|(s, set)| {
                let first = s * design.plates_per_server + set.first_plate;
                (first..first + set.count).map(move |plate| (set, plate))
            })
            .filter(|&(set, plate)| stands(set, &rack.parameters.plates.get(plate), &view, plate))
            .count();
        if number > 0 {
            found.push(format!("{} ({number} devices)", path_text(&rack.path)));
        }
    }
    found
}

/// Whether a device on a plate stands at its cap or at a limit that it has not passed, or throttles at the power
/// that it asks for.
fn stands(set: &SetDesign, plate: &Plate, view: &RackView<'_>, k: usize) -> bool {
    let (junction, power) = (view.junction(k), view.device_power(k));
    let leakage = set.leakage.at(
        plate.leakage,
        plate.e_fold,
        junction - plate.reference_temperature,
    );
    let asked = plate.base_power + leakage.0;
    let near = |a: f64, b: f64, tolerance: f64| (a - b).abs() < tolerance;
    match view.status(k) {
        status::NORMAL | status::CAPPED => {
            let memory = junction + (plate.memory_resistance - plate.core_resistance) * power;
            near(asked, plate.cap, SHIFT * asked)
                || near(junction, core_limit(plate.core_limit), TEMPERATURE_SHIFT)
                || near(memory, plate.memory_limit, TEMPERATURE_SHIFT)
        }
        status::SHUT_DOWN => false,
        _ => near(power, asked.min(plate.cap), SHIFT * power),
    }
}
