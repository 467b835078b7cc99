//! A passive branch in closed form: the equations of [`crate::component::pass_through`] and of a
//! pressure drop, with their slopes written out.
//!
//! # Equations
//! With φ = (ṁ/β + 1)/2 the forward share, β = √(ṁ² + s²), s the stagnant flow:
//!
//! - inlet temperature T_i = T_b + (T_a − T_b)·φ, dφ/dṁ = s²/(2β³);
//! - momentum r = p_a − p_b − Δp(ṁ, T_i);
//! - enthalpy carried F = β⁺·h_a + β⁻·h_b, β± = (ṁ ± β)/2, dF/dṁ = φ·h_a + (1 − φ)·h_b;
//! - heat lost Q(ṁ, T_i, T_air): out of node a F + Q·(1 − φ), into node b F − Q·φ.
//!
//! # Symbols and units
//! ṁ mass flow [kg/s]; p pressure [Pa]; T temperature [K]; h specific enthalpy [J/kg]; Q heat [W].

use super::element::{Lanes, Local};
use super::{BlockState, value};
use crate::component::STAGNANT_FLOW;
use crate::network::{Block, Network, Stamp};

/// Local variables, and their lanes: all of one side, then the air (sensors do not exist).
const PRESSURE_A: usize = 0;
const PRESSURE_B: usize = 1;
const TEMPERATURE_A: usize = 2;
const TEMPERATURE_B: usize = 3;
const FLOW: usize = 4;
/// Local variable of the air, after the two sensors.
const AIR: usize = 7;
/// Its lane.
const AIR_LANE: usize = 5;
const LANES: usize = 6;

/// Evaluates component `index` if it is a branch; tells whether it was.
pub fn evaluate(
    network: &Network,
    block: &Block,
    state: &BlockState,
    stamp: &Stamp,
    index: usize,
    lanes: &Lanes,
    local: &mut Local,
) -> bool {
    let numbers = &block.components[index];
    let spec = numbers.kind.spec();
    if spec.sides.len() != 1 || !spec.internal.is_empty() || spec.status > 0 {
        return false;
    }
    let has_air = !spec.air.is_empty();
    let air_lane = if has_air { lanes.of(AIR) } else { None };
    if lanes.of(FLOW) != Some(FLOW) || lanes.count() != LANES - usize::from(air_lane.is_none()) {
        return false;
    }
    let at = |k: usize| value(&block.structure, state, stamp.variables[k]);
    let flow = at(FLOW);
    let (t_a, t_b) = (at(TEMPERATURE_A), at(TEMPERATURE_B));
    let air = air_lane.map_or(0.0, |_| at(AIR));
    let blur = (flow * flow + STAGNANT_FLOW * STAGNANT_FLOW).sqrt();
    let forward = 0.5 * (flow / blur + 1.0);
    let turn = 0.5 * STAGNANT_FLOW * STAGNANT_FLOW / (blur * blur * blur);
    let inlet = t_b + (t_a - t_b) * forward;
    let fluid = &network.fluids[numbers.fluids[0] as usize];
    let Some(law) = numbers.kind.branch(&numbers.theta, fluid, flow, inlet, air) else {
        return false;
    };
    let (a, b) = (
        fluid.thermal_with_slopes(t_a),
        fluid.thermal_with_slopes(t_b),
    );
    let (plus, minus) = (0.5 * (flow + blur), 0.5 * (flow - blur));
    let carried = plus * a.enthalpy + minus * b.enthalpy;
    let carried_by_flow = forward * a.enthalpy + (1.0 - forward) * b.enthalpy;
    let inlet_by_flow = (t_a - t_b) * turn;
    let by_inlet = |slope: f64| {
        let mut slopes = [0.0; LANES];
        slopes[TEMPERATURE_A] = slope * forward;
        slopes[TEMPERATURE_B] = slope * (1.0 - forward);
        slopes[FLOW] = slope * inlet_by_flow;
        slopes
    };
    let mut momentum = by_inlet(-law.drop_by_inlet);
    momentum[PRESSURE_A] = 1.0;
    momentum[PRESSURE_B] = -1.0;
    momentum[FLOW] -= law.drop_by_flow;
    let mut loss = by_inlet(law.loss_by_inlet);
    loss[FLOW] += law.loss_by_flow;
    loss[AIR_LANE] = law.loss_by_air;
    let mut through = [0.0; LANES];
    through[TEMPERATURE_A] = plus * a.specific_heat;
    through[TEMPERATURE_B] = minus * b.specific_heat;
    through[FLOW] = carried_by_flow;
    let mut entering: [f64; LANES] =
        std::array::from_fn(|k| -through[k] - loss[k] * (1.0 - forward));
    let mut leaving: [f64; LANES] = std::array::from_fn(|k| through[k] - loss[k] * forward);
    entering[FLOW] += law.loss * turn;
    leaving[FLOW] -= law.loss * turn;
    let mut mass = [0.0; LANES];
    mass[FLOW] = 1.0;

    let mut set = |row: usize, value: f64, slopes: [f64; LANES]| {
        local.value[row] = value;
        local.slope[row][..LANES].copy_from_slice(&slopes);
    };
    set(0, at(PRESSURE_A) - at(PRESSURE_B) - law.drop, momentum);
    set(1, -flow, mass.map(|m| -m));
    set(2, flow, mass);
    set(3, -carried - law.loss * (1.0 - forward), entering);
    set(4, carried - law.loss * forward, leaving);
    let power = 5 + usize::from(has_air);
    if has_air {
        set(5, law.loss, loss);
    }
    set(power, 0.0, [0.0; LANES]);
    set(power + 1, 0.0, [0.0; LANES]);
    true
}
