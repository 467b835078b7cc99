//! Thermal runaway: devices whose leakage would grow faster with temperature than coolant takes heat
//! away, so that no steady temperature exists at the load asked for.
//!
//! With total resistance R from coolant inlet to junction per watt of device power, a steady
//! temperature solves T = T_in + R·P(T). P rises as the leakage does; where R·dL/dT has reached one
//! and R·P(T) is still above T − T_in, there is none. A power cap bounds P: then there always is.
//! Solved halls show such devices throttled or shut down; here the reason is named.

use super::survey::Survey;
use super::{Warning, gpus};
use crate::hall::model::DeviceRole;
use crate::network::Network;
use crate::network::rack::{Leakage, Plate};
use crate::solve::Solution;
use crate::solve::rack::status;

/// Warning about the GPUs in runaway, if there are any.
pub fn warnings(network: &Network, solution: &Solution, survey: &Survey) -> Option<Warning> {
    let (mut count, mut first) = (0u64, None);
    let disturbed = gpus::picked(network, solution, survey, |_, rack| rack.disturbed());
    for point in disturbed.filter(|p| {
        matches!(
            p.status,
            status::THROTTLED_CORE | status::THROTTLED_MEMORY | status::SHUT_DOWN
        )
    }) {
        let rack = &network.racks[point.rack as usize];
        let Some(set) = rack.design.sets.iter().find(|s| s.role == DeviceRole::Gpu) else {
            continue;
        };
        let plate = point.server as usize * rack.design.plates_per_server
            + set.first_plate
            + point.gpu as usize;
        let numbers = &rack.parameters.plates.get(plate);
        let conductance = solution.rack(point.rack as usize).conductance(plate);
        if conductance > 0.0
            && !has_steady_state(numbers, set.leakage, conductance, point.coolant_inlet)
        {
            count += u64::from(point.count);
            first = first.or(Some(point));
        }
    }
    let first = first?;
    Some(Warning {
        path: gpus::path(network, &first),
        beyond: None,
        text: format!(
            "thermal runaway: {count} GPUs have no steady temperature at the load asked for; their leakage \
             grows faster than the coolant takes heat away"
        ),
    })
}

/// Whether a device has a steady temperature at its load, whatever its limits.
fn has_steady_state(plate: &Plate, law: Leakage, conductance: f64, inlet: f64) -> bool {
    let resistance = (1.0 - plate.air_fraction) / conductance + plate.core_resistance;
    if plate.cap.is_finite() || plate.leakage <= 0.0 {
        return true;
    }
    let excess = |t: f64| {
        let leakage = law
            .at(plate.leakage, plate.e_fold, t - plate.reference_temperature)
            .0;
        resistance * (plate.base_power + leakage) - (t - inlet)
    };
    match law {
        Leakage::Linear => resistance * plate.leakage / plate.e_fold < 1.0,
        // The excess is least where its slope R·dL/dT − 1 passes zero.
        Leakage::Exponential => {
            let turn = plate.reference_temperature
                + plate.e_fold * (plate.e_fold / (resistance * plate.leakage)).ln();
            excess(turn.max(inlet)) <= 0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::has_steady_state;
    use crate::network::rack::{Leakage, Plate};

    /// 700 W at 60 °C, of which 45 W leak, e-fold 45 K, no cap.
    fn plate() -> Plate {
        Plate {
            base_power: 655.0,
            idle_power: 60.0,
            leakage: 45.0,
            e_fold: 45.0,
            reference_temperature: 333.15,
            cap: f64::INFINITY,
            core_resistance: 0.0,
            memory_resistance: 0.0,
            core_limit: 360.15,
            memory_limit: f64::INFINITY,
            air_fraction: 0.0,
            conductance_factor: 1.0,
            drop_factor: 1.0,
            measured_factor: 1.0,
            linear: 0.0,
            quadratic: 0.0,
            air_conductance: 0.0,
        }
    }

    /// The exponential balance T = T_in + R(P + L) has a root while the least excess, at
    /// T* = T_ref + T_e·ln(T_e/(R·L)), is not above zero: T* = T_in + R·P + T_e there.
    #[test]
    fn runs_away_beyond_the_turning_point() {
        let plate = plate();
        let inlet = 313.15;
        // R where it just holds, by bisection on the closed form.
        let margin = |r: f64| 333.15 + 45.0 * (45.0 / (r * 45.0)).ln() - (inlet + r * 655.0 + 45.0);
        let (mut low, mut high) = (0.01, 1.0);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if margin(middle) > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        assert!(has_steady_state(
            &plate,
            Leakage::Exponential,
            1.001 / low,
            inlet
        ));
        assert!(!has_steady_state(
            &plate,
            Leakage::Exponential,
            0.999 / low,
            inlet
        ));
    }

    #[test]
    fn a_cap_or_a_gentle_slope_holds() {
        let mut plate = plate();
        // 1 W/K through 0.5 K/W has a loop gain of a half; through 1.5 K/W of one and a half.
        assert!(has_steady_state(&plate, Leakage::Linear, 2.0, 313.15));
        assert!(!has_steady_state(
            &plate,
            Leakage::Linear,
            1.0 / 1.5,
            313.15
        ));
        plate.cap = 700.0;
        assert!(has_steady_state(&plate, Leakage::Linear, 1.0 / 1.5, 313.15));
        assert!(has_steady_state(&plate, Leakage::Exponential, 1.0, 313.15));
    }
}
