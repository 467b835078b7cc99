//! The adjoint of a rack: what a functional's weights on its ports and devices mean for every number in it.
//!
//! # Equations
//! With the equations of [`crate::solve::rack`], multipliers λ_p of the paths' pressure balances, μ_j of the
//! ladder's segments, τ₁ τ₂ τ₃ of the rack's three, and weights w on flow, heat to liquid, heat to air and
//! power, the Lagrangian must not change with any unknown:
//!
//! - D_j: μ_j = Σ_{i ≥ j} Λ_i, τ₁ = Σ_{i ≥ 0} Λ_i with Λ_s = Σ_{p in s} λ_p;
//! - ṁ_p: λ_p·Δp'_p = c_p + W_s − Λ_s·Δp'_common, c_p what the path's heat and power weigh, and
//!   W_s = w_flow + τ₂ − Σ_{1 ≤ j ≤ s} (S'_j + B'_j)·μ_j (+ B'_j·τ₁ where the return leaves at the far end);
//! - M and T_r: two equations more, for τ₂ and τ₃.
//!
//! So the servers are passed once from the far end (μ_j as a function of W_{j−1}, affine in τ), three
//! equations give τ, and one pass forward gives the rest. Plates follow each path backward: of each the
//! multipliers of its coolant's and its device's balance, and with them the slopes to its own numbers.
//!
//! # Symbols and units
//! S, B pressure drop of a segment of supply and return manifold [Pa]; D pressure difference at a position
//! [Pa]; M flow of the rack [kg/s]; T_r its return temperature [K]; a multiplier's unit is that of the
//! functional by that of its equation.

use nalgebra::{Matrix3, Vector3};
use num_dual::DualSVec64;

use super::plate::{NUMBERS, PlateAt, numbers, smooth};
use crate::component::pipe::darcy_pressure_drop;
use crate::fluid::Fluid;
use crate::network::Rack;
use crate::solve::rack::{DRAWN_TUBE_ROUGHNESS, RackPorts, RackView, SMALL_FLOW, supply_loss};

/// What a plate depends on beside its numbers: ṁ, T_ci, T_i, T_a, T_j, T_o.
const STATES: usize = 6;
const INLET: usize = 1;
const JUNCTION: usize = 4;
const OUTLET: usize = 5;
/// Rows of a plate: g₁, g₂, pressure drop, heat to liquid, heat to air, power.
const ROWS: usize = 6;

type Dual = DualSVec64<{ STATES + NUMBERS }>;

/// Slopes of a plate's rows to its states and numbers.
type PlateSlopes = [[f64; STATES + NUMBERS]; ROWS];

/// Affine function of τ: constant and three slopes.
type Affine = [f64; 4];

/// What a functional weighs of a rack.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Weights {
    pub(super) flow: f64,
    pub(super) liquid: f64,
    pub(super) air: f64,
    pub(super) power: f64,
    /// A plate's junction temperature, and its weight.
    pub(super) junction: Option<(usize, f64)>,
}

impl Weights {
    fn is_zero(&self) -> bool {
        [self.flow, self.liquid, self.air, self.power] == [0.0; 4] && self.junction.is_none()
    }
}

/// Numbers of a server: see [`ServerSlopes`].
pub(super) const SERVER_NUMBERS: usize = 6;
/// Numbers of a manifold: see [`manifold_numbers`].
pub(super) const MANIFOLD_NUMBERS: usize = 8;

/// Slopes of a functional to the numbers of one rack.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct RackSlopes {
    /// Of each plate, in the order of [`numbers`].
    pub(super) plates: Vec<[f64; NUMBERS]>,
    /// Of each server: linear, quadratic, 1/Kv², what is cooled by air, rating and constant loss of supplies.
    pub(super) servers: Vec<[f64; SERVER_NUMBERS]>,
    /// Of the manifold, in the order of [`manifold_numbers`].
    pub(super) manifold: [f64; MANIFOLD_NUMBERS],
    /// Weight of each path's pressure drop.
    pub(super) drops: Vec<f64>,
    /// Weight of the loss of each server's supplies.
    pub(super) losses: Vec<f64>,
    /// Slopes to pressure difference, inlet and air temperature.
    pub(super) ports: [f64; 3],
}

/// Numbers of a server that its equations read.
pub(super) fn server_numbers(rack: &Rack, server: usize) -> [f64; SERVER_NUMBERS] {
    let s = &rack.parameters.servers[server];
    [
        s.linear,
        s.quadratic,
        s.inverse_kv_squared,
        s.air_cooled_power + s.fan_power,
        s.supply_rating,
        s.supply_constant_loss,
    ]
}

/// Numbers of a manifold that its equations read.
pub(super) fn manifold_numbers(rack: &Rack) -> [f64; MANIFOLD_NUMBERS] {
    let m = &rack.parameters.manifold;
    [
        m.segment_linear,
        m.segment_quadratic,
        m.bore.unwrap_or(0.0),
        m.pitch,
        m.linear,
        m.quadratic,
        m.flow_coefficient.map_or(0.0, |kv| 1.0 / (kv * kv)),
        m.switch_power,
    ]
}

/// A path without its plates: slopes of pressure drop, heat to liquid, heat to air and power to
/// (ṁ, T_i, T_a).
#[derive(Clone, Copy, Default)]
struct PathSlopes {
    drop: [f64; 3],
    heat: [[f64; 3]; 3],
}

/// A segment of manifold or a common part: slopes to flow, temperature and its own numbers.
#[derive(Clone, Copy)]
struct Passage<const N: usize> {
    by_flow: f64,
    by_temperature: f64,
    by_number: [f64; N],
}

struct ServerAt {
    common: Passage<3>,
    /// Slope of the supply's loss to its output, and to its rating.
    loss_slope: f64,
    loss_by_rating: f64,
}

/// A rack at the solution, linearised with all its numbers.
pub(super) struct RackAt<'a> {
    rack: &'a Rack,
    view: RackView<'a>,
    plates: Vec<PlateSlopes>,
    /// Junction of each plate against (ṁ, T_i, T_a).
    junction: Vec<[f64; 3]>,
    paths: Vec<PathSlopes>,
    servers: Vec<ServerAt>,
    /// Supply and return segment before each position from 1 on.
    segments: Vec<[Passage<4>; 2]>,
    connection: Passage<3>,
    /// Slope of the heat that the rack's flow carries off to M, T_r and T_i.
    carried: [f64; 3],
}

impl<'a> RackAt<'a> {
    pub(super) fn new(rack: &'a Rack, view: RackView<'a>, ports: &RackPorts) -> Self {
        let design = &rack.design;
        let fluid = &design.fluid;
        let mut at = Self {
            rack,
            view,
            plates: Vec::with_capacity(design.plates()),
            junction: Vec::with_capacity(design.plates()),
            paths: vec![PathSlopes::default(); design.paths()],
            servers: Vec::with_capacity(design.servers),
            segments: Vec::with_capacity(design.servers),
            connection: common([0.0; 3], 0.0, fluid, ports.inlet),
            carried: [0.0; 3],
        };
        let flows: Vec<f64> = (0..design.servers)
            .map(|s| {
                let first = s * design.paths_per_server;
                (first..first + design.paths_per_server)
                    .map(|p| view.path_flow(p))
                    .sum()
            })
            .collect();
        let whole: f64 = flows.iter().sum();
        for (s, &flow) in flows.iter().enumerate() {
            at.server(s, flow, ports);
        }
        let m = &rack.parameters.manifold;
        let numbers = [
            m.segment_linear,
            m.segment_quadratic,
            m.bore.unwrap_or(0.0),
            m.pitch,
        ];
        let back = view.return_temperature();
        let mut beyond = whole;
        for (s, flow) in flows.iter().enumerate() {
            if s > 0 {
                let returning = if rack.parameters.reverse() {
                    whole - beyond
                } else {
                    beyond
                };
                at.segments.push([
                    segment(fluid, numbers, beyond, ports.inlet),
                    segment(fluid, numbers, returning, back),
                ]);
            }
            beyond -= flow;
        }
        let inverse = m.flow_coefficient.map_or(0.0, |kv| 1.0 / (kv * kv));
        at.connection = common([m.linear, m.quadratic, inverse], whole, fluid, ports.inlet);
        let (entering, leaving) = (
            fluid.thermal_with_slopes(ports.inlet),
            fluid.thermal_with_slopes(back),
        );
        let size = smooth(whole);
        at.carried = [
            (leaving.enthalpy - entering.enthalpy) * whole / size,
            size * leaving.specific_heat,
            -size * entering.specific_heat,
        ];
        at
    }

    fn server(&mut self, s: usize, flow: f64, ports: &RackPorts) {
        let design = &self.rack.design;
        let own = &self.rack.parameters.servers[s];
        let mut direct = own.air_cooled_power + own.fan_power;
        for set in &design.sets {
            for path in 0..set.count / set.in_series {
                let index = s * design.paths_per_server + set.first_path + path;
                let mut before = [0.0, 1.0, 0.0];
                let mut inlet = ports.inlet;
                for k in 0..set.in_series {
                    let plate =
                        s * design.plates_per_server + set.first_plate + path * set.in_series + k;
                    let outlet = self.view.coolant_outlet(plate);
                    let states = [
                        self.view.path_flow(index),
                        inlet,
                        ports.inlet,
                        ports.air,
                        self.view.junction(plate),
                        outlet,
                    ];
                    let own = numbers(&self.rack.parameters.plates.get(plate));
                    let lane = |k: usize, value: f64| Dual::from_re(value).derivative(k);
                    let dual: [Dual; STATES] = std::array::from_fn(|k| lane(k, states[k]));
                    let out = PlateAt {
                        fluid: &design.fluid,
                        set,
                        status: self.view.status(plate),
                        flow: dual[0],
                        inlet: dual[INLET],
                        rack_inlet: dual[2],
                        air: dual[3],
                        junction: dual[JUNCTION],
                        outlet: dual[OUTLET],
                        numbers: std::array::from_fn(|k| lane(STATES + k, own[k])),
                    }
                    .equations();
                    direct += out.power.re;
                    let slopes: PlateSlopes = [
                        out.device,
                        out.coolant,
                        out.drop,
                        out.liquid,
                        out.air,
                        out.power,
                    ]
                    .map(|row| row.eps.0.map_or([0.0; STATES + NUMBERS], Into::into));
                    let [device, coolant, ..] = &slopes;
                    // As a function of (ṁ, T_i, T_a), at the inlet that comes from the plate before.
                    let of = |row: &[f64; STATES + NUMBERS]| -> [f64; 3] {
                        let direct = [row[0], row[2], row[3]];
                        std::array::from_fn(|c| direct[c] + row[INLET] * before[c])
                    };
                    let junction = of(device).map(|slope| -slope / device[JUNCTION]);
                    let coolant_change = of(coolant);
                    let after: [f64; 3] = std::array::from_fn(|c| {
                        -(coolant_change[c] + coolant[JUNCTION] * junction[c]) / coolant[OUTLET]
                    });
                    let whole = |row: &[f64; STATES + NUMBERS]| -> [f64; 3] {
                        let direct = of(row);
                        std::array::from_fn(|c| {
                            direct[c] + row[JUNCTION] * junction[c] + row[OUTLET] * after[c]
                        })
                    };
                    let sums = &mut self.paths[index];
                    let [_, _, drop, heat @ ..] = &slopes;
                    add(&mut sums.drop, &whole(drop));
                    for (sum, row) in sums.heat.iter_mut().zip(heat) {
                        add(sum, &whole(row));
                    }
                    self.plates.push(slopes);
                    self.junction.push(junction);
                    before = after;
                    inlet = outlet;
                }
            }
        }
        let loss_slope = supply_loss(design, own, direct).1;
        let output = direct + own.supply_constant_loss;
        let loss_by_rating = match &design.supply_loss {
            Some(curve) if own.supply_rating.is_finite() => {
                let load = output / own.supply_rating;
                -load * load * curve.eval_with_slope(load).1
            }
            _ => 0.0,
        };
        self.servers.push(ServerAt {
            common: common(
                [own.linear, own.quadratic, own.inverse_kv_squared],
                flow,
                &design.fluid,
                ports.inlet,
            ),
            loss_slope,
            loss_by_rating,
        });
    }

    fn paths_of(&self, server: usize) -> std::ops::Range<usize> {
        let count = self.rack.design.paths_per_server;
        server * count..(server + 1) * count
    }

    /// Slopes of what the weights make of the rack; nought where they weigh nothing.
    pub(super) fn slopes(&self, w: &Weights) -> RackSlopes {
        let design = &self.rack.design;
        let n = design.servers;
        let mut found = RackSlopes {
            plates: vec![[0.0; NUMBERS]; design.plates()],
            servers: vec![[0.0; SERVER_NUMBERS]; n],
            drops: vec![0.0; design.paths()],
            losses: vec![w.power + w.air; n],
            ..RackSlopes::default()
        };
        if w.is_zero() {
            return found;
        }
        let (sign, far) = if self.rack.parameters.reverse() {
            (-1.0, 1.0)
        } else {
            (1.0, 0.0)
        };
        // From the far end: μ_j = shift + by·W_{j−1}.
        let mut chain: Vec<(Affine, f64)> = vec![([0.0; 4], 0.0); n + 1];
        for s in (0..n).rev() {
            let (mut shift, mut by) = chain[s + 1];
            let common = self.servers[s].common.by_flow;
            let (mut own, mut weight) = ([0.0; 4], 0.0);
            for p in self.paths_of(s) {
                let inverse = 1.0 / self.paths[p].drop[0].max(1e-9);
                own[0] += self.path_weight(s, p, w)[0] * inverse;
                own[3] += self.paths[p].heat[0][0] * inverse;
                weight += inverse;
            }
            let scale = 1.0 / (1.0 + common * weight);
            for c in 0..4 {
                shift[c] += own[c] * scale;
            }
            by += weight * scale;
            if s > 0 {
                let [supply, back] = &self.segments[s - 1];
                shift[1] += by * far * back.by_flow;
                let scale = 1.0 / (1.0 + by * (supply.by_flow + back.by_flow));
                shift = shift.map(|x| x * scale);
                by *= scale;
            }
            chain[s] = (shift, by);
        }
        // μ_j and W_j as affine functions of τ.
        let mut pushes: Vec<Affine> = vec![[w.flow, 0.0, 1.0, 0.0]];
        let mut along: Vec<Affine> = vec![[0.0; 4]];
        let (mut by_whole, mut by_back) = ([0.0; 4], [0.0; 4]);
        for j in 1..n {
            let [supply, back] = &self.segments[j - 1];
            let (shift, by) = &chain[j];
            let push = pushes[j - 1];
            let mu: Affine = std::array::from_fn(|c| shift[c] + by * push[c]);
            let mut next: Affine =
                std::array::from_fn(|c| push[c] - (supply.by_flow + back.by_flow) * mu[c]);
            next[1] += far * back.by_flow;
            for c in 0..4 {
                by_whole[c] += far * back.by_flow * mu[c];
                by_back[c] -= sign * back.by_temperature * mu[c];
            }
            by_whole[1] -= far * back.by_flow;
            by_back[1] -= far * back.by_temperature;
            pushes.push(next);
            along.push(mu);
        }
        let (shift, by) = &chain[0];
        let first: Affine = std::array::from_fn(|c| shift[c] + by * pushes[0][c]);
        let [carried_m, carried_r, carried_i] = self.carried;
        let rows: [Affine; 3] = [
            [first[0], first[1] - 1.0, first[2], first[3]],
            [
                by_whole[0],
                by_whole[1] - self.connection.by_flow,
                by_whole[2] - 1.0,
                by_whole[3] - carried_m,
            ],
            [by_back[0], by_back[1], by_back[2], by_back[3] - carried_r],
        ];
        let matrix = Matrix3::from_fn(|r, c| rows[r][c + 1]);
        let right = Vector3::from_fn(|r, _| -rows[r][0]);
        let tau = matrix.lu().solve(&right).unwrap_or_else(Vector3::zeros);
        let at = |affine: &Affine| {
            affine[0] + affine[1] * tau[0] + affine[2] * tau[1] + affine[3] * tau[2]
        };
        let whole = Weights {
            liquid: w.liquid + tau[2],
            ..*w
        };
        found.ports = [
            tau[0],
            -tau[0] * self.connection.by_temperature - tau[2] * carried_i,
            0.0,
        ];
        for s in 0..n {
            let push = at(&pushes[s]);
            self.server_slopes(s, push, &whole, &mut found);
        }
        for j in 1..n {
            let mu = at(&along[j]);
            let [supply, back] = &self.segments[j - 1];
            found.ports[1] -= mu * supply.by_temperature;
            for k in 0..4 {
                found.manifold[k] -=
                    mu * supply.by_number[k] + (sign * mu + far * tau[0]) * back.by_number[k];
            }
        }
        for k in 0..3 {
            found.manifold[4 + k] = -tau[0] * self.connection.by_number[k];
        }
        found.manifold[7] = w.air + w.power;
        found
    }

    /// What a path's heat, power and junctions weigh against (ṁ, T_i, T_a).
    fn path_weight(&self, server: usize, path: usize, w: &Weights) -> [f64; 3] {
        let slopes = &self.paths[path];
        let devices = self.device_weight(server, w);
        let mut out: [f64; 3] = std::array::from_fn(|c| {
            w.liquid * slopes.heat[0][c] + w.air * slopes.heat[1][c] + devices * slopes.heat[2][c]
        });
        if let Some((plate, weight)) = w.junction
            && self.path_of(plate) == path
        {
            for (out, slope) in out.iter_mut().zip(self.junction[plate]) {
                *out += weight * slope;
            }
        }
        out
    }

    /// What a watt of a device weighs, the loss of its supply included.
    fn device_weight(&self, server: usize, w: &Weights) -> f64 {
        w.power + (w.power + w.air) * self.servers[server].loss_slope
    }

    fn path_of(&self, plate: usize) -> usize {
        let design = &self.rack.design;
        let (server, k) = (
            plate / design.plates_per_server,
            plate % design.plates_per_server,
        );
        let set = design
            .sets
            .iter()
            .find(|set| (set.first_plate..set.first_plate + set.count).contains(&k));
        set.map_or(0, |set| {
            server * design.paths_per_server
                + set.first_path
                + (k - set.first_plate) / set.in_series
        })
    }

    /// Slopes to a server's numbers and those of its plates, at W_s.
    fn server_slopes(&self, s: usize, push: f64, w: &Weights, found: &mut RackSlopes) {
        let design = &self.rack.design;
        let at = &self.servers[s];
        let weights: Vec<[f64; 3]> = self
            .paths_of(s)
            .map(|p| self.path_weight(s, p, w))
            .collect();
        let (mut sum, mut weight) = (0.0, 0.0);
        for (p, own) in self.paths_of(s).zip(&weights) {
            let inverse = 1.0 / self.paths[p].drop[0].max(1e-9);
            sum += own[0] * inverse;
            weight += inverse;
        }
        let all = (sum + weight * push) / (1.0 + at.common.by_flow * weight);
        found.ports[1] -= all * at.common.by_temperature;
        let devices = self.device_weight(s, w);
        let supplies = w.power + w.air;
        let both = 1.0 + at.loss_slope;
        found.servers[s] = [
            -all * at.common.by_number[0],
            -all * at.common.by_number[1],
            -all * at.common.by_number[2],
            supplies * both,
            supplies * at.loss_by_rating,
            supplies * both,
        ];
        for set in &design.sets {
            for path in 0..set.count / set.in_series {
                let within = set.first_path + path;
                let p = s * design.paths_per_server + within;
                let own = &weights[within];
                let slopes = &self.paths[p];
                let lambda = (own[0] + push - all * at.common.by_flow) / slopes.drop[0].max(1e-9);
                found.drops[p] = -lambda;
                found.ports[1] += own[1] - lambda * slopes.drop[1];
                found.ports[2] += own[2] - lambda * slopes.drop[2];
                let rows = [-lambda, w.liquid, w.air, devices];
                let first = s * design.plates_per_server + set.first_plate + path * set.in_series;
                self.plate_slopes(first, set.in_series, &rows, w, found);
            }
        }
    }

    /// Slopes to the numbers of a path's plates, from the last back to the first.
    fn plate_slopes(
        &self,
        first: usize,
        count: usize,
        weights: &[f64; 4],
        w: &Weights,
        found: &mut RackSlopes,
    ) {
        let mut later = 0.0;
        for plate in (first..first + count).rev() {
            let [device, coolant, rest @ ..] = &self.plates[plate];
            let weighed =
                |k: usize| -> f64 { rest.iter().zip(weights).map(|(row, w)| w * row[k]).sum() };
            let seed = match w.junction {
                Some((seeded, weight)) if seeded == plate => weight,
                _ => 0.0,
            };
            let by_coolant = -(later + weighed(OUTLET)) / coolant[OUTLET];
            let by_device =
                -(seed + by_coolant * coolant[JUNCTION] + weighed(JUNCTION)) / device[JUNCTION];
            let total = |k: usize| by_device * device[k] + by_coolant * coolant[k] + weighed(k);
            later = total(INLET);
            found.plates[plate] = std::array::from_fn(|k| total(STATES + k));
        }
    }
}

fn add(sum: &mut [f64; 3], other: &[f64; 3]) {
    for (sum, other) in sum.iter_mut().zip(other) {
        *sum += other;
    }
}

/// a·m + b·m|m| + m|m|/(Kv²ρ·1000), as in the kernel.
fn common(numbers: [f64; 3], m: f64, fluid: &Fluid, inlet: f64) -> Passage<3> {
    let [linear, quadratic, inverse_kv2] = numbers;
    let density = fluid.props_with_slopes(inlet).density;
    let size = smooth(m);
    let thinned = 1.0 / (1000.0 * density.value);
    Passage {
        by_flow: linear + (quadratic + inverse_kv2 * thinned) * (size + m * m / size),
        by_temperature: -(inverse_kv2 * thinned * m * size * density.slope / density.value),
        by_number: [m, m * size, m * size * thinned],
    }
}

/// Segment of manifold: numbers a, b, bore, length.
fn segment(fluid: &Fluid, numbers: [f64; 4], m: f64, temperature: f64) -> Passage<4> {
    let [linear, quadratic, bore, length] = numbers;
    let size = (m * m + SMALL_FLOW * SMALL_FLOW).sqrt();
    let mut out = Passage {
        by_flow: linear + quadratic * (size + m * m / size),
        by_temperature: 0.0,
        by_number: [m, m * size, 0.0, 0.0],
    };
    if bore > 0.0 && length > 0.0 {
        type Four = DualSVec64<4>;
        let lane = |k: usize, value: f64| Four::from_re(value).derivative(k);
        let t = lane(1, temperature);
        let drop = darcy_pressure_drop(
            lane(0, m),
            fluid.density(t),
            fluid.viscosity(t),
            lane(3, length),
            lane(2, bore),
            Four::from_re(DRAWN_TUBE_ROUGHNESS),
        );
        let slopes: [f64; 4] = drop.eps.0.map_or([0.0; 4], Into::into);
        out.by_flow += slopes[0];
        out.by_temperature = slopes[1];
        out.by_number[2] = slopes[2];
        out.by_number[3] = slopes[3];
    }
    out
}
