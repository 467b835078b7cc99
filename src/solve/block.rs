//! One Newton step of a block: evaluate its elements, assemble, eliminate the unknowns, leave the
//! ports; and substitute back.
//!
//! With x the unknowns, u the port values, r the equations and y the port outputs,
//!
//! ```text
//! A·δx + B·δu = −r        y = y₀ + C·δx + D·δu
//! ```
//!
//! gives δx = −A⁻¹r − A⁻¹B·δu and y = (y₀ − C·A⁻¹r) + (D − C·A⁻¹B)·δu. The outermost block has no
//! inputs: its step is −A⁻¹r.

use num_dual::DualSVec64;

use super::rack::RackLinear;
use super::sparse::{Factors, Pattern, SmallPivot, Symbolic};
use crate::component::{At, MAX_INTERNAL, MAX_STATUS, Out, Outdoor, STAGNANT_FLOW, Side};
use crate::fluid::Fluid;
use crate::network::rack::RackParameters;
use crate::network::{Block, ComponentNumbers, Element, NONE, Network, Role, Stamp, Structure};
use crate::spec::Scalar;

/// Most local variables of a component: two sides of five, two sensors, two air nodes, internal
/// unknowns and a bus.
const MAX_LOCAL: usize = 10 + 2 + 2 + MAX_INTERNAL + 2;
/// Most local outputs of a component.
const MAX_OUT: usize = 10 + 2 + MAX_INTERNAL + 2;

/// Where a structure's entries stand, and in what order its unknowns are eliminated.
#[derive(Debug, Clone)]
pub struct Program {
    pattern: Pattern,
    symbolic: Symbolic,
    /// For each stamp: (local output, local variable, target among the values).
    entries: Vec<Vec<(u8, u8, u32)>>,
    /// Targets of the diagonal entries of references and buses: (row, target).
    fixed: Vec<(u32, u32)>,
    /// Targets of the diagonal entries of temperatures: (row, target).
    temperatures: Vec<(u32, u32)>,
    /// Number of entries of A; B, C and D follow, dense.
    a_len: usize,
}

/// Part of a temperature row's scale that is put on its diagonal where a stagnant loop leaves its
/// temperature open: the step then leaves it where it is. The equations themselves are untouched.
const STAGNANT_DIAGONAL: f64 = 1e-6;

/// State of a block.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BlockState {
    /// Unknowns.
    pub x: Vec<f64>,
    /// Port values.
    pub u: Vec<f64>,
    /// Status bytes, [`MAX_STATUS`] a component.
    pub status: Vec<u8>,
}

/// Work space of a block.
#[derive(Debug, Clone, Default)]
pub struct BlockWork {
    values: Vec<f64>,
    /// r, then y₀.
    residual: Vec<f64>,
    factors: Factors,
    pub(super) private: Option<Symbolic>,
    /// Some temperatures are open (no flow): see [`STAGNANT_DIAGONAL`].
    pub(super) stagnant: bool,
    /// −A⁻¹r.
    step: Vec<f64>,
    /// −A⁻¹B, a column for each input.
    sensitivity: Vec<f64>,
    /// y and its derivatives to u.
    pub outputs: Vec<f64>,
    /// Row-major, outputs × inputs.
    pub by_input: Vec<f64>,
    /// δx after substitution.
    pub change: Vec<f64>,
}

/// What an element contributes: outputs and their derivatives to its local variables.
struct Local {
    value: [f64; MAX_OUT],
    slope: [[f64; MAX_LOCAL]; MAX_OUT],
}

impl Local {
    fn zero() -> Self {
        Self {
            value: [0.0; MAX_OUT],
            slope: [[0.0; MAX_LOCAL]; MAX_OUT],
        }
    }
}

/// Why a block could not be condensed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// An entry outside the pattern became non-zero: the program must be made anew.
    Pattern,
    /// The kept order failed for this block.
    Pivot(SmallPivot),
    /// A residual or derivative is not finite; the row.
    NotFinite(usize),
}

/// Everything that evaluating a block's elements needs.
pub struct Surroundings<'a> {
    /// The network.
    pub network: &'a Network,
    /// Condensed racks.
    pub racks: &'a [RackLinear],
    /// Whether each rack's flow is reversed.
    pub reversed: &'a [bool],
    /// Work spaces of the blocks before this one.
    pub blocks: &'a [BlockWork],
    /// Whether control positions are held where they are: the start of an iteration, until flows
    /// and temperatures suit each other.
    pub hold: bool,
}

/// Value of a block variable.
#[inline]
fn value(structure: &Structure, state: &BlockState, index: u32) -> f64 {
    let index = index as usize;
    if index < structure.unknowns {
        state.x[index]
    } else {
        state.u[index - structure.unknowns]
    }
}

/// Operating point of a component, in plain numbers.
pub fn component_at<'a>(
    network: &'a Network,
    block: &'a Block,
    state: &'a BlockState,
    stamp: &Stamp,
    component: usize,
) -> At<'a, f64> {
    let numbers = &block.components[component];
    build_at(
        numbers,
        &network.fluids,
        &network.outdoor,
        status_of(state, component),
        &mut |k| {
            let index = stamp.variables[k];
            (index != NONE).then(|| value(&block.structure, state, index))
        },
    )
}

fn status_of(state: &BlockState, component: usize) -> &[u8] {
    &state.status[component * MAX_STATUS..(component + 1) * MAX_STATUS]
}

fn build_at<'a, S: Scalar>(
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
    let _ = fluids;
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
fn collect<S: Scalar>(
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
    network: &Network,
    block: &Block,
    state: &BlockState,
    stamp: &Stamp,
    component: usize,
    status: &[u8],
    local: &mut Local,
) {
    let numbers = &block.components[component];
    let at: At<'_, DualSVec64<N>> = build_at(
        numbers,
        &network.fluids,
        &network.outdoor,
        status,
        &mut |k| {
            let index = stamp.variables[k];
            (index != NONE).then(|| {
                DualSVec64::<N>::from_re(value(&block.structure, state, index)).derivative(k)
            })
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

fn component(
    network: &Network,
    block: &Block,
    state: &BlockState,
    stamp: &Stamp,
    index: usize,
    status: &[u8],
    local: &mut Local,
) {
    match stamp.variables.len() {
        0..=9 => differentiate::<9>(network, block, state, stamp, index, status, local),
        _ => differentiate::<MAX_LOCAL>(network, block, state, stamp, index, status, local),
    }
}

/// A condensed rack as it meets its nodes: variables p, T of supply and return, T of air.
#[allow(clippy::too_many_arguments)] // one caller
fn rack(
    fluid: &Fluid,
    parameters: &RackParameters,
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
        let mut slope = [0.0; MAX_LOCAL];
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
    let reactive = parameters.servers.first().map_or(0.0, |s| s.reactive_ratio);
    let count = f64::from(stamp.count);
    let mut set = |row: usize, value: f64, slope: [f64; MAX_LOCAL]| {
        local.value[row] = count * value;
        local.slope[row] = slope.map(|s| count * s);
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

/// Local output and variable of each control position of a component (see [`Role::Position`]).
fn positions(block: &Block, index: usize) -> impl Iterator<Item = (usize, usize)> {
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
fn hold_positions(block: &Block, stamp: &Stamp, index: usize, local: &mut Local) {
    for (out, variable) in positions(block, index) {
        local.value[out] = 0.0;
        local.slope[out][..stamp.variables.len()].fill(0.0);
        local.slope[out][variable] = 1.0;
    }
}

/// Evaluates one element into `local`; children are handled by their own outputs.
fn element(
    around: &Surroundings<'_>,
    block: &Block,
    state: &BlockState,
    stamp: &Stamp,
    local: &mut Local,
) {
    match stamp.element {
        Element::Component(index) => {
            component(
                around.network,
                block,
                state,
                stamp,
                index,
                status_of(state, index),
                local,
            );
            if around.hold {
                hold_positions(block, stamp, index, local);
            }
        }
        Element::Rack(index) => {
            let number = block.racks[index];
            let unit = &around.network.racks[number];
            rack(
                &unit.design.fluid,
                &unit.parameters,
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

impl Program {
    /// Makes a program from the non-zero entries at the present state, together with those of the
    /// program before; probes every status so that a switched control finds its place.
    ///
    /// # Errors
    /// [`SmallPivot`] where the block's equations are singular here.
    pub fn make(
        around: &Surroundings<'_>,
        block: &Block,
        state: &BlockState,
        before: Option<&Self>,
        stagnant: bool,
    ) -> Result<Self, SmallPivot> {
        let structure = &*block.structure;
        let n = structure.unknowns;
        let mut pattern = Pattern {
            order: n,
            ..Pattern::default()
        };
        let mut wanted: Vec<Vec<(u8, u8)>> = Vec::with_capacity(structure.stamps.len());
        let mut probe = state.clone();
        for (k, stamp) in structure.stamps.iter().enumerate() {
            let (outs, vars) = (stamp.rows.len(), stamp.variables.len());
            let mut seen = vec![false; outs * vars];
            if let Some(before) = before {
                for &(o, v, _) in &before.entries[k] {
                    seen[o as usize * vars + v as usize] = true;
                }
            }
            match stamp.element {
                Element::Child(_) | Element::Rack(_) => seen.fill(true),
                Element::Component(index) => {
                    for shift in [0.0, 1.0] {
                        for status in [None, Some(0u8), Some(1), Some(2)] {
                            let mut local = Local::zero();
                            let bytes = match status {
                                None => status_of(state, index).to_vec(),
                                Some(byte) => vec![byte; MAX_STATUS],
                            };
                            for (i, x) in probe.x.iter_mut().enumerate() {
                                *x = state.x[i]
                                    + shift
                                        * 0.01
                                        * structure.variables[i].scale
                                        * (1.0 + (i % 7) as f64);
                            }
                            component(
                                around.network,
                                block,
                                &probe,
                                stamp,
                                index,
                                &bytes,
                                &mut local,
                            );
                            for o in 0..outs {
                                for v in 0..vars {
                                    seen[o * vars + v] |= local.slope[o][v] != 0.0;
                                }
                            }
                        }
                    }
                }
            }
            if let Element::Component(index) = stamp.element {
                for (out, variable) in positions(block, index) {
                    seen[out * vars + variable] = true;
                }
            }
            let mut list = Vec::new();
            for o in 0..outs {
                for v in 0..vars {
                    if seen[o * vars + v] && stamp.rows[o] != NONE && stamp.variables[v] != NONE {
                        list.push((o as u8, v as u8));
                    }
                }
            }
            wanted.push(list);
        }
        let mut slot: std::collections::HashMap<(u32, u32), u32> = std::collections::HashMap::new();
        let mut entry = |pattern: &mut Pattern, row: u32, column: u32| -> u32 {
            *slot.entry((row, column)).or_insert_with(|| {
                pattern.rows.push(row);
                pattern.columns.push(column);
                (pattern.rows.len() - 1) as u32
            })
        };
        let mut fixed = Vec::new();
        for row in fixed_rows(structure) {
            fixed.push((row, entry(&mut pattern, row, row)));
        }
        let mut temperatures = Vec::new();
        for (row, variable) in structure.variables.iter().enumerate() {
            if matches!(variable.role, Role::Temperature | Role::Air) {
                temperatures.push((row as u32, entry(&mut pattern, row as u32, row as u32)));
            }
        }
        for (stamp, list) in structure.stamps.iter().zip(&wanted) {
            for &(o, v) in list {
                let (row, column) = (stamp.rows[o as usize], stamp.variables[v as usize]);
                if (row as usize) < n && (column as usize) < n {
                    entry(&mut pattern, row, column);
                }
            }
        }
        let a_len = pattern.rows.len();
        let (inputs, outputs) = (structure.inputs, structure.outputs);
        let target = |row: u32, column: u32| -> u32 {
            let (row, column) = (row as usize, column as usize);
            (match (row < n, column < n) {
                (true, true) => slot[&(row as u32, column as u32)] as usize,
                (true, false) => a_len + row * inputs + (column - n),
                (false, true) => a_len + n * inputs + (row - n) * n + column,
                (false, false) => {
                    a_len + n * inputs + outputs * n + (row - n) * inputs + (column - n)
                }
            }) as u32
        };
        let entries: Vec<Vec<(u8, u8, u32)>> = structure
            .stamps
            .iter()
            .zip(&wanted)
            .map(|(stamp, list)| {
                list.iter()
                    .map(|&(o, v)| {
                        (
                            o,
                            v,
                            target(stamp.rows[o as usize], stamp.variables[v as usize]),
                        )
                    })
                    .collect()
            })
            .collect();
        let mut program = Self {
            pattern,
            symbolic: Symbolic::analyse(&Pattern::default(), &[])?,
            entries,
            fixed,
            temperatures,
            a_len,
        };
        let mut work = BlockWork {
            stagnant,
            ..BlockWork::default()
        };
        program.assemble(around, block, state, &mut work).ok();
        program.symbolic = Symbolic::analyse(&program.pattern, &work.values[..a_len])?;
        Ok(program)
    }

    /// Evaluates all elements and adds up residuals and derivatives, scaled.
    fn assemble(
        &self,
        around: &Surroundings<'_>,
        block: &Block,
        state: &BlockState,
        work: &mut BlockWork,
    ) -> Result<(), Trouble> {
        let structure = &*block.structure;
        let (n, inputs, outputs) = (structure.unknowns, structure.inputs, structure.outputs);
        work.values.clear();
        work.values.resize(
            self.a_len + n * inputs + outputs * n + outputs * inputs,
            0.0,
        );
        work.residual.clear();
        work.residual.resize(n + outputs, 0.0);
        let mut local = Local::zero();
        let mut complete = true;
        for (stamp, entries) in structure.stamps.iter().zip(&self.entries) {
            if let Element::Child(index) = stamp.element {
                let child = block.children[index];
                let count = f64::from(stamp.count);
                let inner = &around.blocks[child];
                let width = stamp.variables.len();
                for (o, &row) in stamp.rows.iter().enumerate() {
                    if row != NONE {
                        work.residual[row as usize] += count * inner.outputs[o];
                    }
                }
                for &(o, v, target) in entries {
                    work.values[target as usize] +=
                        count * inner.by_input[o as usize * width + v as usize];
                }
                continue;
            }
            element(around, block, state, stamp, &mut local);
            let (outs, vars) = (stamp.rows.len(), stamp.variables.len());
            for (o, &row) in stamp.rows.iter().enumerate() {
                if row != NONE {
                    work.residual[row as usize] += local.value[o];
                }
            }
            let mut taken = 0;
            for &(o, v, target) in entries {
                let slope = local.slope[o as usize][v as usize];
                taken += usize::from(slope != 0.0);
                work.values[target as usize] += slope;
            }
            if matches!(stamp.element, Element::Component(_)) {
                let mut there = 0;
                for o in 0..outs {
                    if stamp.rows[o] != NONE {
                        for v in 0..vars {
                            there +=
                                usize::from(stamp.variables[v] != NONE && local.slope[o][v] != 0.0);
                        }
                    }
                }
                complete &= there == taken;
            }
        }
        for &(row, target) in &self.fixed {
            let variable = &structure.variables[row as usize];
            let x = state.x[row as usize];
            if variable.role == Role::Pressure {
                let held = structure
                    .loops
                    .iter()
                    .find(|l| l.nodes[crate::hall::model::RETURN] == row);
                work.residual[row as usize] = x - held.map_or(0.0, |l| l.reference_pressure);
                work.values[target as usize] += 1.0;
            } else {
                work.residual[row as usize] -= x;
                work.values[target as usize] -= 1.0;
            }
        }
        if work.stagnant {
            for &(row, target) in &self.temperatures {
                let variable = &structure.variables[row as usize];
                // An enthalpy balance falls with its own temperature.
                work.values[target as usize] -=
                    STAGNANT_DIAGONAL * variable.row_scale / variable.scale;
            }
        }
        if !complete {
            return Err(Trouble::Pattern);
        }
        match work.residual.iter().position(|r| !r.is_finite()) {
            Some(row) => Err(Trouble::NotFinite(row)),
            None => Ok(()),
        }
    }

    /// Linearises the block and condenses it to its ports.
    ///
    /// # Errors
    /// [`Trouble`]: the caller makes a new program or gives up.
    pub fn condense(
        &self,
        around: &Surroundings<'_>,
        block: &Block,
        state: &BlockState,
        work: &mut BlockWork,
    ) -> Result<(), Trouble> {
        self.assemble(around, block, state, work)?;
        let structure = &*block.structure;
        let (n, inputs, outputs) = (structure.unknowns, structure.inputs, structure.outputs);
        self.scale(structure, work);
        let symbolic = match &work.private {
            Some(symbolic) => symbolic,
            None => &self.symbolic,
        };
        if work.step.len() != n {
            work.step = vec![0.0; n];
            work.sensitivity = vec![0.0; n * inputs];
            work.outputs = vec![0.0; outputs];
            work.by_input = vec![0.0; outputs * inputs];
            work.change = vec![0.0; n];
        }
        let fresh = if work.private.is_some() {
            symbolic.fits(&work.factors)
        } else {
            self.symbolic.fits(&work.factors)
        };
        if !fresh {
            work.factors = symbolic.factors();
        }
        symbolic
            .factor(&work.values[..self.a_len], &mut work.factors)
            .map_err(Trouble::Pivot)?;
        let variables = &structure.variables;
        for i in 0..n {
            work.step[i] = -work.residual[i] / variables[i].row_scale;
        }
        symbolic.solve(&mut work.factors, &mut work.step);
        for i in 0..n {
            work.step[i] *= variables[i].scale;
        }
        let b = &work.values[self.a_len..self.a_len + n * inputs];
        for c in 0..inputs {
            let column = &mut work.sensitivity[c * n..(c + 1) * n];
            for i in 0..n {
                column[i] = -b[i * inputs + c] / variables[i].row_scale;
            }
            symbolic.solve(&mut work.factors, column);
            for i in 0..n {
                column[i] *= variables[i].scale;
            }
        }
        let c0 = self.a_len + n * inputs;
        let d0 = c0 + outputs * n;
        for o in 0..outputs {
            let row = &work.values[c0 + o * n..c0 + (o + 1) * n];
            let dot = |x: &[f64]| -> f64 { row.iter().zip(x).map(|(a, b)| a * b).sum() };
            work.outputs[o] = work.residual[n + o] + dot(&work.step);
            for c in 0..inputs {
                work.by_input[o * inputs + c] =
                    work.values[d0 + o * inputs + c] + dot(&work.sensitivity[c * n..(c + 1) * n]);
            }
        }
        Ok(())
    }

    fn scale(&self, structure: &Structure, work: &mut BlockWork) {
        let variables = &structure.variables;
        for (e, value) in work.values[..self.a_len].iter_mut().enumerate() {
            let (row, column) = (
                self.pattern.rows[e] as usize,
                self.pattern.columns[e] as usize,
            );
            *value *= variables[column].scale / variables[row].row_scale;
        }
    }

    /// Chooses an order of elimination for this block alone.
    ///
    /// # Errors
    /// [`SmallPivot`] where the block's equations are singular here.
    pub fn analyse_privately(&self, work: &mut BlockWork) -> Result<(), SmallPivot> {
        let symbolic = Symbolic::analyse(&self.pattern, &work.values[..self.a_len])?;
        work.factors = symbolic.factors();
        work.private = Some(symbolic);
        Ok(())
    }
}

/// Rows that the block itself fills: pressure references and buses.
fn fixed_rows(structure: &Structure) -> Vec<u32> {
    let mut rows: Vec<u32> = structure
        .loops
        .iter()
        .map(|l| l.nodes[crate::hall::model::RETURN])
        .collect();
    for (index, variable) in structure.variables.iter().enumerate() {
        if matches!(variable.role, Role::Power | Role::Reactive) {
            rows.push(index as u32);
        }
    }
    rows
}

impl BlockWork {
    /// δx for a change of the port values.
    pub fn substitute(&mut self, change: &[f64]) {
        self.change.copy_from_slice(&self.step);
        let n = self.step.len();
        for (c, du) in change.iter().enumerate() {
            if *du != 0.0 {
                for (x, s) in self
                    .change
                    .iter_mut()
                    .zip(&self.sensitivity[c * n..(c + 1) * n])
                {
                    *x += du * s;
                }
            }
        }
    }

    /// Residual of an equation at the last linearisation, scaled; racks' and children's own
    /// corrections included.
    pub fn scaled_residual(&self, structure: &Structure) -> (f64, usize) {
        let mut worst = (0.0, 0);
        for (i, variable) in structure.variables.iter().enumerate() {
            let r = (self.residual[i] / variable.row_scale).abs();
            if r > worst.0 {
                worst = (r, i);
            }
        }
        worst
    }
}

/// Change of a block variable (unknown or port value).
pub fn change_of(structure: &Structure, work: &BlockWork, port_change: &[f64], index: u32) -> f64 {
    let index = index as usize;
    if index < structure.unknowns {
        work.change[index]
    } else {
        port_change[index - structure.unknowns]
    }
}
