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
use crate::network::{Block, NONE, Network, Stamp};

/// Local variables.
const PRESSURE_A: usize = 0;
const PRESSURE_B: usize = 1;
const TEMPERATURE_A: usize = 2;
const TEMPERATURE_B: usize = 3;
const FLOW: usize = 4;
/// After the two sensors.
const AIR: usize = 7;

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
    let at = |k: usize| match stamp.variables[k] {
        NONE => 0.0,
        variable => value(&block.structure, state, variable),
    };
    let flow = at(FLOW);
    let (t_a, t_b) = (at(TEMPERATURE_A), at(TEMPERATURE_B));
    let air = if has_air { at(AIR) } else { 0.0 };
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
    // Slopes in the order p_a, p_b, T_a, T_b, ṁ, T_air.
    let by_inlet = |slope: f64| {
        [
            0.0,
            0.0,
            slope * forward,
            slope * (1.0 - forward),
            slope * inlet_by_flow,
            0.0,
        ]
    };
    let mut momentum = by_inlet(-law.drop_by_inlet);
    momentum[0] = 1.0;
    momentum[1] = -1.0;
    momentum[4] -= law.drop_by_flow;
    let mut loss = by_inlet(law.loss_by_inlet);
    loss[4] += law.loss_by_flow;
    loss[5] = law.loss_by_air;
    let through = [
        0.0,
        0.0,
        plus * a.specific_heat,
        minus * b.specific_heat,
        carried_by_flow,
        0.0,
    ];
    let mut entering: [f64; 6] = std::array::from_fn(|k| -through[k] - loss[k] * (1.0 - forward));
    let mut leaving: [f64; 6] = std::array::from_fn(|k| through[k] - loss[k] * forward);
    entering[4] += law.loss * turn;
    leaving[4] -= law.loss * turn;
    let flow_slope = |sign: f64| [0.0, 0.0, 0.0, 0.0, sign, 0.0];

    let mut row = 0;
    let mut set = |value: f64, slopes: [f64; 6]| {
        local.value[row] = value;
        let line = &mut local.slope[row];
        line[..lanes.count()].fill(0.0);
        for (slope, variable) in slopes.into_iter().zip([
            PRESSURE_A,
            PRESSURE_B,
            TEMPERATURE_A,
            TEMPERATURE_B,
            FLOW,
            AIR,
        ]) {
            if (variable < AIR || has_air)
                && let Some(lane) = lanes.of(variable)
            {
                line[lane] = slope;
            }
        }
        row += 1;
    };
    set(at(PRESSURE_A) - at(PRESSURE_B) - law.drop, momentum);
    set(-flow, flow_slope(-1.0));
    set(flow, flow_slope(1.0));
    set(-carried - law.loss * (1.0 - forward), entering);
    set(carried - law.loss * forward, leaving);
    if has_air {
        set(law.loss, loss);
    }
    // No power.
    set(0.0, [0.0; 6]);
    set(0.0, [0.0; 6]);
    true
}
