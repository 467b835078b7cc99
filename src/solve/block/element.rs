//! What one element puts into its block's equations, with slopes to its local variables.
//!
//! Slopes are kept by *lane*: the local variables that exist, numbered without gaps, so that dual
//! numbers carry no derivative of a sensor or a bus that is not there. There are three ways:
//!
//! - a **component** is evaluated with dual numbers of the smallest size that holds its lanes;
//! - a **branch** (a pipe, a resistance: most of a hall's components) in closed form, see
//!   [`super::branch`];
//! - a **rack** by the affine functions that its kernel left, see [`super::rack`].

use num_dual::DualSVec64;

use super::{BlockState, Surroundings, branch, rack, status_of, value};
use crate::component::{At, MAX_INTERNAL, Out, Outdoor, Side};
use crate::fluid::Fluid;
use crate::network::{Block, ComponentNumbers, Element, NONE, Stamp};
use crate::spec::Scalar;

/// Most local variables of a component: two sides of five, two sensors, two air nodes, internal
/// unknowns and a bus.
pub const MAX_LOCAL: usize = 10 + 2 + 2 + MAX_INTERNAL + 2;
/// Most local outputs of a component.
pub const MAX_OUT: usize = 10 + 2 + MAX_INTERNAL + 2;
/// No lane: the variable does not exist.
pub const NO_LANE: u8 = u8::MAX;

/// Lane of each local variable of a stamp.
#[derive(Debug, Clone)]
pub struct Lanes {
    of: [u8; MAX_LOCAL],
    count: u8,
}

impl Lanes {
    /// Numbers the variables that exist.
    pub fn new(stamp: &Stamp) -> Self {
        let mut lanes = Self {
            of: [NO_LANE; MAX_LOCAL],
            count: 0,
        };
        for (lane, &variable) in lanes.of.iter_mut().zip(&stamp.variables) {
            if variable != NONE {
                *lane = lanes.count;
                lanes.count += 1;
            }
        }
        lanes
    }

    /// Lane of a local variable.
    pub fn of(&self, variable: usize) -> Option<usize> {
        Some(usize::from(self.of[variable])).filter(|&lane| lane != usize::from(NO_LANE))
    }

    /// Number of lanes.
    pub fn count(&self) -> usize {
        usize::from(self.count)
    }
}

/// What an element contributes: outputs and their slopes, a row of [`MAX_LOCAL`] lanes an output.
/// Only rows and lanes of the element last evaluated mean something.
pub struct Local {
    /// Outputs.
    pub value: [f64; MAX_OUT],
    /// Slopes.
    pub slope: [[f64; MAX_LOCAL]; MAX_OUT],
}

/// Part of an output's largest slope below which another is rounding: where a flow runs one way, the slope to
/// what lies behind it is nought or a few parts in 1e17.
const ROUNDING: f64 = 1e-14;

impl Local {
    /// Whether a slope, by its place among all, is more than rounding; of an element with this many lanes.
    pub fn matters(&self, place: usize, lanes: usize) -> bool {
        let row = &self.slope[place / MAX_LOCAL][..lanes];
        let slope = row[place % MAX_LOCAL].abs();
        slope != 0.0 && slope > ROUNDING * row.iter().fold(0.0f64, |most, s| most.max(s.abs()))
    }

    /// All zero.
    pub fn zero() -> Self {
        Self {
            value: [0.0; MAX_OUT],
            slope: [[0.0; MAX_LOCAL]; MAX_OUT],
        }
    }
}

/// Operating point of a component whose local variables are given by `variable`.
pub fn build_at<'a, S: Scalar>(
    numbers: &'a ComponentNumbers,
    fluids: &'a [Fluid],
    outdoor: &'a Outdoor,
    status: &'a [u8],
    variable: &mut dyn FnMut(usize) -> Option<S>,
) -> At<'a, S> {
    let spec = numbers.kind.spec();
    let zero = S::from(0.0);
    let mut get = |k: usize| variable(k).unwrap_or(zero);
    let empty = Side {
        pressure_a: zero,
        pressure_b: zero,
        temperature_a: zero,
        temperature_b: zero,
        mass_flow: zero,
    };
    let mut sides = [empty; 2];
    let n = spec.sides.len();
    for (s, side) in sides.iter_mut().enumerate().take(n) {
        *side = Side {
            pressure_a: get(5 * s),
            pressure_b: get(5 * s + 1),
            temperature_a: get(5 * s + 2),
            temperature_b: get(5 * s + 3),
            mass_flow: get(5 * s + 4),
        };
    }
    let base = 5 * n;
    let own = sides[n.saturating_sub(1).min(1)];
    let sensor_pressure = [
        variable(base).unwrap_or(own.pressure_b),
        variable(base + 1).unwrap_or(own.pressure_a),
    ];
    let mut get = |k: usize| variable(k).unwrap_or(zero);
    let mut air = [zero; 2];
    for (k, air) in air.iter_mut().enumerate().take(spec.air.len()) {
        *air = get(base + 2 + k);
    }
    let base = base + 2 + spec.air.len();
    let mut internal = [zero; MAX_INTERNAL];
    for (k, internal) in internal.iter_mut().enumerate().take(spec.internal.len()) {
        *internal = get(base + k);
    }
    let base = base + spec.internal.len();
    At {
        theta: &numbers.theta,
        tables: &numbers.tables,
        fluids: [
            &fluids[numbers.fluids[0] as usize],
            &fluids[numbers.fluids[1] as usize],
        ],
        sides,
        sensor_pressure,
        air,
        internal,
        bus: [get(base), get(base + 1)],
        outdoor,
        status,
    }
}

/// A component's outputs in the order of its stamp's rows.
pub fn collect<S: Scalar>(
    numbers: &ComponentNumbers,
    at: &At<'_, S>,
    out: &Out<S>,
    emit: &mut dyn FnMut(usize, S),
) {
    let spec = numbers.kind.spec();
    let mut k = 0;
    let mut push = |v: S| {
        emit(k, v);
        k += 1;
    };
    for s in 0..spec.sides.len() {
        push(out.pressure[s]);
        push(-at.sides[s].mass_flow);
        push(at.sides[s].mass_flow);
        push(-out.energy_in[s]);
        push(out.energy_out[s]);
    }
    for a in 0..spec.air.len() {
        push(out.air_heat[a]);
    }
    for i in 0..spec.internal.len() {
        push(out.internal[i]);
    }
    push(out.power[0]);
    push(out.power[1]);
}

fn differentiate<const N: usize>(
    around: &Surroundings<'_>,
    block: &Block,
    state: &BlockState,
    stamp: &Stamp,
    component: usize,
    status: &[u8],
    lanes: &Lanes,
    local: &mut Local,
) {
    let numbers = &block.components[component];
    let network = around.network;
    let at: At<'_, DualSVec64<N>> = build_at(
        numbers,
        &network.fluids,
        &network.outdoor,
        status,
        &mut |k| {
            let lane = lanes.of(k)?;
            let x = value(&block.structure, state, stamp.variables[k]);
            Some(DualSVec64::<N>::from_re(x).derivative(lane))
        },
    );
    let out = numbers.kind.equations(&at);
    collect(numbers, &at, &out, &mut |k, v| {
        local.value[k] = v.re;
        match v.eps.0 {
            Some(d) => local.slope[k][..N].copy_from_slice(d.as_slice()),
            None => local.slope[k][..N].fill(0.0),
        }
    });
}

/// Evaluates a component at this status.
pub fn component(
    around: &Surroundings<'_>,
    block: &Block,
    state: &BlockState,
    stamp: &Stamp,
    index: usize,
    status: &[u8],
    lanes: &Lanes,
    local: &mut Local,
) {
    if branch::evaluate(around.network, block, state, stamp, index, lanes, local) {
        return;
    }
    by_duals(around, block, state, stamp, index, status, lanes, local);
}

/// Evaluates a component with dual numbers.
pub fn by_duals(
    around: &Surroundings<'_>,
    block: &Block,
    state: &BlockState,
    stamp: &Stamp,
    index: usize,
    status: &[u8],
    lanes: &Lanes,
    local: &mut Local,
) {
    // Sizes for electrical devices and one-sided components, for two sides with controls, and for
    // the rest.
    match lanes.count() {
        0..=6 => differentiate::<6>(around, block, state, stamp, index, status, lanes, local),
        7..=14 => differentiate::<14>(around, block, state, stamp, index, status, lanes, local),
        _ => {
            differentiate::<MAX_LOCAL>(around, block, state, stamp, index, status, lanes, local);
        }
    }
}

/// Local output and variable of each control position of a component (see [`Role::Position`]).
pub fn positions(block: &Block, index: usize) -> impl Iterator<Item = (usize, usize)> {
    let spec = block.components[index].kind.spec();
    let on_loop = !spec.sides.is_empty();
    let (out, variable) = (
        5 * spec.sides.len() + spec.air.len(),
        5 * spec.sides.len() + 2 + spec.air.len(),
    );
    spec.internal_scale
        .iter()
        .enumerate()
        .filter(move |(_, scale)| on_loop && **scale <= 1.0)
        .map(move |(k, _)| (out + k, variable + k))
}

/// Replaces the equations of control positions by "stays where it is".
fn hold_positions(block: &Block, index: usize, lanes: &Lanes, local: &mut Local) {
    for (out, variable) in positions(block, index) {
        local.value[out] = 0.0;
        local.slope[out][..lanes.count()].fill(0.0);
        if let Some(lane) = lanes.of(variable) {
            local.slope[out][lane] = 1.0;
        }
    }
}

/// Adds inertia to the equations of control positions, whose errors rise with the position.
fn slow_positions(block: &Block, index: usize, inertia: f64, lanes: &Lanes, local: &mut Local) {
    for (out, variable) in positions(block, index) {
        if let Some(lane) = lanes.of(variable) {
            local.slope[out][lane] += inertia;
        }
    }
}

/// Evaluates one element into `local`; blocks inside are handled by their own outputs.
pub fn element(
    around: &Surroundings<'_>,
    block: &Block,
    state: &BlockState,
    stamp: &Stamp,
    lanes: &Lanes,
    local: &mut Local,
) {
    match stamp.element {
        Element::Component(index) => {
            let status = status_of(state, index);
            component(around, block, state, stamp, index, status, lanes, local);
            if around.hold {
                hold_positions(block, index, lanes, local);
            } else if around.control_inertia > 0.0 {
                slow_positions(block, index, around.control_inertia, lanes, local);
            }
        }
        Element::Rack(index) => {
            let number = block.racks[index];
            let unit = &around.network.racks[number];
            rack::rack(
                &unit.design.fluid,
                unit.reactive_ratio,
                &around.racks[number],
                around.reversed[number],
                &block.structure,
                state,
                stamp,
                local,
            );
        }
        Element::Child(_) => {}
    }
}
