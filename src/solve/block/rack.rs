//! A condensed rack as it meets the nodes of its block: mass, enthalpy, heat to air and power as the
//! affine functions of pressure difference, inlet and air temperature that its kernel left.

use super::element::Local;
use super::{BlockState, value};
use crate::component::STAGNANT_FLOW;
use crate::fluid::Fluid;
use crate::network::{Stamp, Structure};
use crate::solve::rack::RackLinear;

/// Local variables of a rack, all of which exist: p, T of supply and return; T of air.
const LANES: usize = 5;

/// A condensed rack as it meets its nodes: variables p, T of supply and return, T of air.
#[allow(clippy::too_many_arguments)] // one caller
pub fn rack(
    fluid: &Fluid,
    reactive: f64,
    linear: &RackLinear,
    reversed: bool,
    structure: &Structure,
    state: &BlockState,
    stamp: &Stamp,
    local: &mut Local,
) {
    // Local numbers of the side where flow enters and where it leaves.
    let (enter, leave) = if reversed { (2, 0) } else { (0, 2) };
    let at = |k: usize| value(structure, state, stamp.variables[k]);
    let place = |affine: &[f64; 4]| {
        let mut slope = [0.0; LANES];
        slope[enter] += affine[1];
        slope[leave] -= affine[1];
        slope[enter + 1] += affine[2];
        slope[4] += affine[3];
        slope
    };
    let (t_in, t_out) = (at(enter + 1), at(leave + 1));
    let (inner, outer) = (
        fluid.thermal_with_slopes(t_in),
        fluid.thermal_with_slopes(t_out),
    );
    let m = linear.flow[0];
    let blur = (m * m + STAGNANT_FLOW * STAGNANT_FLOW).sqrt();
    let (forward, backward) = (0.5 * (m + blur), 0.5 * (m - blur));
    let carried = forward * inner.enthalpy + backward * outer.enthalpy;
    let by_flow = 0.5 * (1.0 + m / blur) * inner.enthalpy + 0.5 * (1.0 - m / blur) * outer.enthalpy;
    let flow_slope = place(&linear.flow);
    let heat_slope = place(&linear.liquid);
    let mut carried_slope = flow_slope.map(|s| s * by_flow);
    carried_slope[enter + 1] += forward * inner.specific_heat;
    carried_slope[leave + 1] += backward * outer.specific_heat;
    let count = f64::from(stamp.count);
    let mut set = |row: usize, value: f64, slope: [f64; LANES]| {
        local.value[row] = count * value;
        local.slope[row][..LANES].copy_from_slice(&slope.map(|s| count * s));
    };
    set(enter, -m, flow_slope.map(|s| -s));
    set(leave, m, flow_slope);
    set(enter + 1, -carried, carried_slope.map(|s| -s));
    set(
        leave + 1,
        carried + linear.liquid[0],
        std::array::from_fn(|k| carried_slope[k] + heat_slope[k]),
    );
    set(4, linear.air[0], place(&linear.air));
    set(5, linear.power[0], place(&linear.power));
    set(
        6,
        reactive * linear.power[0],
        place(&linear.power).map(|s| reactive * s),
    );
}

/// Slope of the enthalpy that a rack's flow carries to the flow, between nodes of these temperatures, J/kg.
pub fn carried_by_flow(fluid: &Fluid, flow: f64, entering: f64, leaving: f64) -> f64 {
    let forward = 0.5 * (1.0 + flow / (flow * flow + STAGNANT_FLOW * STAGNANT_FLOW).sqrt());
    forward * fluid.enthalpy(entering) + (1.0 - forward) * fluid.enthalpy(leaving)
}
