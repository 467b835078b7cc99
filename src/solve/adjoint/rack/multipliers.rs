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
//! multipliers ν₁ of its device's and ν₂ of its coolant's balance,
//!
//! ```text
//! ν₂·∂g₂/∂T_o = −(what the next plate makes of T_o + λ_p-weighed ∂Δp/∂T_o)
//! ν₁·∂g₁/∂T_j = −(w_junction + ν₂·∂g₂/∂T_j + weighed ∂(heat, power)/∂T_j)
//! ```
//!
//! A change of a plate's numbers then counts with [`Multipliers::rows`], whichever of them change.
//!
//! # Symbols and units
//! S, B pressure drop of a segment of supply and return manifold [Pa]; D pressure difference at a position
//! [Pa]; M flow of the rack [kg/s]; T_r its return temperature [K]; a multiplier's unit is that of the
//! functional by that of its equation.

use std::ops::Range;

use nalgebra::{Matrix3, Vector3};

use super::super::plate::{COOLANT, DEVICE, DROP, ROWS};
use super::passage::{MANIFOLD_NUMBERS, SERVER_NUMBERS};
use super::{Chain, PathSlopes, RackSlopes, chains};
use crate::network::Rack;
use crate::network::rack::RackDesign;

/// Affine function of τ: constant and three slopes.
type Affine = [f64; 4];

/// What a functional weighs of a rack.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::solve::adjoint) struct Weights {
    pub(in crate::solve::adjoint) flow: f64,
    pub(in crate::solve::adjoint) liquid: f64,
    pub(in crate::solve::adjoint) air: f64,
    pub(in crate::solve::adjoint) power: f64,
    /// A plate's junction temperature, and its weight.
    pub(in crate::solve::adjoint) junction: Option<(usize, f64)>,
}

impl Weights {
    fn is_zero(&self) -> bool {
        [self.flow, self.liquid, self.air, self.power] == [0.0; 4] && self.junction.is_none()
    }
}

/// A functional in a server: slopes to its numbers ([`super::passage::server_numbers`]), and the weight of a device's watt.
#[derive(Debug, Clone, Copy, Default)]
struct ServerPart {
    numbers: [f64; SERVER_NUMBERS],
    devices: f64,
}

/// A functional in a rack: slopes to the manifold's numbers ([`super::passage::manifold_numbers`]), weights of heat to
/// liquid and to air.
#[derive(Debug, Clone, Copy, Default)]
struct RackPart {
    manifold: [f64; MANIFOLD_NUMBERS],
    liquid: f64,
    air: f64,
}

/// Multipliers of a rack, functional by functional, and slopes to what its servers and manifold have as numbers.
#[derive(Debug, Default)]
pub(in crate::solve::adjoint) struct Multipliers {
    /// ν₁ and ν₂ of each plate.
    plates: Vec<[f64; 2]>,
    /// λ of each path.
    paths: Vec<f64>,
    servers: Vec<ServerPart>,
    racks: Vec<RackPart>,
}

/// Work space of [`Multipliers::weigh`].
#[derive(Debug, Default)]
pub(in crate::solve::adjoint) struct Ladder {
    /// From the far end: μ_j = shift + by·W_{j−1}.
    chain: Vec<(Affine, f64)>,
    /// W_j and μ_j as affine functions of τ.
    pushes: Vec<Affine>,
    along: Vec<Affine>,
}

impl Multipliers {
    /// Nought, for a number of functionals.
    pub(in crate::solve::adjoint) fn new(design: &RackDesign, functionals: usize) -> Self {
        Self {
            plates: vec![[0.0; 2]; functionals * design.plates()],
            paths: vec![0.0; functionals * design.paths()],
            servers: vec![ServerPart::default(); functionals * design.servers],
            racks: vec![RackPart::default(); functionals],
        }
    }

    /// Number of functionals.
    pub(in crate::solve::adjoint) fn functionals(&self) -> usize {
        self.racks.len()
    }

    /// Weights of the rows of a plate: its numbers change a functional by their changes' weighed sum.
    pub(in crate::solve::adjoint) fn rows(
        &self,
        functional: usize,
        design: &RackDesign,
        chain: &Chain,
        plate: usize,
    ) -> [f64; ROWS] {
        let [device, coolant] = self.plates[functional * design.plates() + plate];
        let rack = &self.racks[functional];
        [
            device,
            coolant,
            -self.paths[functional * design.paths() + chain.path],
            rack.liquid,
            rack.air,
            self.servers[functional * design.servers + chain.server].devices,
        ]
    }

    /// Slopes to the numbers of a server.
    pub(in crate::solve::adjoint) fn server(
        &self,
        functional: usize,
        design: &RackDesign,
        server: usize,
    ) -> &[f64; SERVER_NUMBERS] {
        &self.servers[functional * design.servers + server].numbers
    }

    /// Slopes to the numbers of the manifold.
    pub(in crate::solve::adjoint) fn manifold(
        &self,
        functional: usize,
    ) -> &[f64; MANIFOLD_NUMBERS] {
        &self.racks[functional].manifold
    }

    /// Finds what the weights of a functional make of the rack; gives its slopes to pressure difference, inlet and air
    /// temperature.
    pub(in crate::solve::adjoint) fn weigh(
        &mut self,
        functional: usize,
        rack: &Rack,
        slopes: &RackSlopes,
        w: &Weights,
        ladder: &mut Ladder,
    ) -> [f64; 3] {
        let design = &*rack.design;
        if w.is_zero() {
            return [0.0; 3];
        }
        let mut part = Part {
            design,
            slopes,
            w: *w,
            plates: &mut self.plates[functional * design.plates()..][..design.plates()],
            paths: &mut self.paths[functional * design.paths()..][..design.paths()],
            servers: &mut self.servers[functional * design.servers..][..design.servers],
            rack: &mut self.racks[functional],
        };
        part.weigh(rack.parameters.reverse(), ladder)
    }
}

/// One functional in one rack.
struct Part<'a> {
    design: &'a RackDesign,
    slopes: &'a RackSlopes,
    w: Weights,
    plates: &'a mut [[f64; 2]],
    paths: &'a mut [f64],
    servers: &'a mut [ServerPart],
    rack: &'a mut RackPart,
}

impl Part<'_> {
    fn weigh(&mut self, reverse: bool, ladder: &mut Ladder) -> [f64; 3] {
        let slopes = self.slopes;
        let n = self.design.servers;
        let (sign, far) = if reverse { (-1.0, 1.0) } else { (1.0, 0.0) };
        self.inward_from_far_end(far, ladder);
        let Ladder {
            chain,
            pushes,
            along,
        } = ladder;
        pushes.clear();
        along.clear();
        pushes.push([self.w.flow, 0.0, 1.0, 0.0]);
        along.push([0.0; 4]);
        let (mut by_whole, mut by_back) = ([0.0; 4], [0.0; 4]);
        for j in 1..n {
            let [supply, back] = &slopes.segments[j - 1];
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
        let [carried_m, carried_r, carried_i] = slopes.carried;
        let rows: [Affine; 3] = [
            [first[0], first[1] - 1.0, first[2], first[3]],
            [
                by_whole[0],
                by_whole[1] - slopes.connection.by_flow,
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
        self.w.liquid += tau[2];
        self.rack.liquid = self.w.liquid;
        self.rack.air = self.w.air;
        let mut ports = [
            tau[0],
            -tau[0] * slopes.connection.by_temperature - tau[2] * carried_i,
            0.0,
        ];
        for (s, push) in pushes.iter().enumerate() {
            self.server(s, at(push), &mut ports);
        }
        let manifold = &mut self.rack.manifold;
        for (mu, [supply, back]) in along[1..].iter().zip(&slopes.segments) {
            let mu = at(mu);
            ports[1] -= mu * supply.by_temperature;
            for (k, slope) in manifold[..4].iter_mut().enumerate() {
                *slope -= mu * supply.by_number[k] + (sign * mu + far * tau[0]) * back.by_number[k];
            }
        }
        for (slope, by_number) in manifold[4..7].iter_mut().zip(slopes.connection.by_number) {
            *slope = -tau[0] * by_number;
        }
        manifold[7] = self.w.air + self.w.power;
        ports
    }

    /// μ_j as functions of W_{j−1}, from the last server to the first.
    fn inward_from_far_end(&self, far: f64, ladder: &mut Ladder) {
        let slopes = self.slopes;
        let n = self.design.servers;
        ladder.chain.clear();
        ladder.chain.resize(n + 1, ([0.0; 4], 0.0));
        for s in (0..n).rev() {
            let server = &slopes.servers[s];
            let (mut shift, mut by) = ladder.chain[s + 1];
            let devices = self.device_weight(s);
            let mut own = 0.0;
            for p in self.paths_of(s) {
                own += self.path_weight(p, devices)[0] * slopes.paths[p].inverse;
            }
            let scale = 1.0 / (1.0 + server.common.by_flow * server.inverse);
            shift[0] += own * scale;
            shift[3] += server.liquid * scale;
            by += server.inverse * scale;
            if s > 0 {
                let [supply, back] = &slopes.segments[s - 1];
                shift[1] += by * far * back.by_flow;
                let scale = 1.0 / (1.0 + by * (supply.by_flow + back.by_flow));
                shift = shift.map(|x| x * scale);
                by *= scale;
            }
            ladder.chain[s] = (shift, by);
        }
    }

    fn paths_of(&self, server: usize) -> Range<usize> {
        let count = self.design.paths_per_server;
        server * count..(server + 1) * count
    }

    /// What a watt of a device weighs, the loss of its supply included.
    fn device_weight(&self, server: usize) -> f64 {
        self.w.power + (self.w.power + self.w.air) * self.slopes.servers[server].loss
    }

    /// What a path's heat, power and junctions weigh against (ṁ, T_i, T_a).
    fn path_weight(&self, path: usize, devices: f64) -> [f64; 3] {
        let PathSlopes { heat, .. } = &self.slopes.paths[path];
        let mut out: [f64; 3] = std::array::from_fn(|c| {
            self.w.liquid * heat[0][c] + self.w.air * heat[1][c] + devices * heat[2][c]
        });
        if let Some((plate, weight)) = self.w.junction
            && self.path_of(plate) == path
        {
            for (out, slope) in out.iter_mut().zip(self.slopes.plates[plate].junction) {
                *out += weight * slope;
            }
        }
        out
    }

    fn path_of(&self, plate: usize) -> usize {
        let design = self.design;
        let (set, within) = design.set_of(plate);
        let set = &design.sets[set];
        plate / design.plates_per_server * design.paths_per_server
            + set.first_path
            + within / set.in_series
    }

    /// Multipliers of a server's paths and plates, and slopes to its numbers, at W_s; adds to slopes to the ports.
    fn server(&mut self, s: usize, push: f64, ports: &mut [f64; 3]) {
        let design = self.design;
        let at = &self.slopes.servers[s];
        let devices = self.device_weight(s);
        let mut sum = 0.0;
        for p in self.paths_of(s) {
            sum += self.path_weight(p, devices)[0] * self.slopes.paths[p].inverse;
        }
        let all = (sum + at.inverse * push) / (1.0 + at.common.by_flow * at.inverse);
        ports[1] -= all * at.common.by_temperature;
        let supplies = self.w.power + self.w.air;
        let both = 1.0 + at.loss;
        self.servers[s] = ServerPart {
            numbers: [
                -all * at.common.by_number[0],
                -all * at.common.by_number[1],
                -all * at.common.by_number[2],
                supplies * both,
                supplies * at.loss_by_rating,
                supplies * both,
            ],
            devices,
        };
        for set in &design.sets {
            for chain in chains(design, set, s) {
                let p = chain.path;
                let own = self.path_weight(p, devices);
                let slopes = &self.slopes.paths[p];
                let lambda = (own[0] + push - all * at.common.by_flow) * slopes.inverse;
                self.paths[p] = lambda;
                ports[1] += own[1] - lambda * slopes.drop[1];
                ports[2] += own[2] - lambda * slopes.drop[2];
                let rows = [-lambda, self.w.liquid, self.w.air, devices];
                self.path(chain.plates, &rows);
            }
        }
    }

    /// Multipliers of a path's plates, from the last back to the first; `rows` weigh pressure drop, heat and power.
    fn path(&mut self, plates: Range<usize>, rows: &[f64; ROWS - DROP]) {
        let mut later = 0.0;
        for plate in plates.rev() {
            let slopes = &self.slopes.plates[plate];
            let weighed = |by: &[f64; ROWS]| -> f64 {
                by[DROP..].iter().zip(rows).map(|(row, w)| w * row).sum()
            };
            let seed = match self.w.junction {
                Some((seeded, weight)) if seeded == plate => weight,
                _ => 0.0,
            };
            let coolant = -(later + rows[0] * slopes.drop_by_outlet) / slopes.outlet_heat;
            let by_junction = &slopes.by_junction;
            let rest = seed + coolant * by_junction[COOLANT] + weighed(by_junction);
            let device = -rest / by_junction[DEVICE];
            let by_inlet = &slopes.by_inlet;
            later = device * by_inlet[DEVICE] + coolant * by_inlet[COOLANT] + weighed(by_inlet);
            self.plates[plate] = [device, coolant];
        }
    }
}
