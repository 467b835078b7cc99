//! Exact derivatives of results to all numbers of a network, by the adjoint of the converged equations.
//!
//! # Equations
//! With x the unknowns, θ the numbers and R(x, θ) = 0 the equations, a functional J(x, θ) changes with θ by
//!
//! ```text
//! dJ/dθ = ∂J/∂θ + λᵀ·∂R/∂θ        (∂R/∂x)ᵀ·λ = −(∂J/∂x)ᵀ
//! ```
//!
//! so one linear solve gives its derivatives to all of θ. It follows the nesting of the solve, transposed:
//!
//! 1. *Up*, from the innermost block outward: a functional's slopes to a block's unknowns are condensed to
//!    slopes to its port values ([`transpose`]), which the block around it adds to its own.
//! 2. *Down*: the outermost block's multipliers follow; those of the rows into which a block inside puts its
//!    port outputs weigh these outputs, and with them its own multipliers follow; and so on inward.
//! 3. *Racks*: the weights of a rack's flow, heat and power give the multipliers of all equations in it ([`rack`]).
//!    A rack's own Jacobian is found once for all functionals.
//!
//! A functional is a sum of powers of components and racks, or a junction temperature; what it depends on
//! directly is in ∂J/∂θ, since the powers are outputs of the same equations.
//!
//! Where a component stands for several instances, multipliers are those of one instance, and what it adds to
//! dJ/dθ counts as often as it stands in the hall.
//!
//! # Derivatives to numbers
//! Slopes of a rack to its numbers are exact (closed forms). Components read their numbers
//! as constants: [`Adjoint::change`] evaluates their equations *at the solved state* with other numbers and
//! weighs the differences with λ, which the caller turns into slopes. No equation is solved again.
//!
//! # Range of validity
//! Status (a valve at its stop, a throttled GPU) is what it is at the solution. Where a change of θ switches
//! one, the derivative is that of the side on which nothing has switched.
//!
//! # Source
//! M. B. Giles, N. A. Pierce, An introduction to the adjoint approach to design, Flow, Turbulence and
//! Combustion 65 (2000) 393–415.

mod change;
mod edges;
mod plate;
mod rack;

pub use edges::edges;

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::block::Surroundings;
use super::block::transpose::{self, Linear, Transposed};
use super::sparse::{Factors, SmallPivot};
use super::{Solution, racks};
use crate::network::{Block, ComponentNumbers, Element, NONE, Network, Stamp};
use rack::multipliers::{Ladder, Multipliers, Weights};
use rack::{RackAt, RackSlopes};

/// A result as a function of state and numbers.
pub struct Functional<'a> {
    /// Weight of a component's own electrical power: drawn less what hangs below it.
    pub component: &'a (dyn Fn(&ComponentNumbers) -> f64 + Sync),
    /// Weight of the racks' input power.
    pub racks: f64,
    /// Junction temperature of this plate of this rack, in the network's list.
    pub junction: Option<(usize, usize)>,
}

/// What an adjoint solve found.
pub struct Adjoint<'a> {
    network: &'a Network,
    solution: &'a Solution,
    /// Weight of each component's own power, by functional, block and stamp.
    direct: Vec<Vec<Vec<f64>>>,
    /// Multipliers of equations, then weights of port outputs, by functional and block.
    rows: Vec<Vec<Vec<f64>>>,
    racks: Vec<RackPart>,
}

/// The functionals in one rack.
struct RackPart {
    multipliers: Multipliers,
    /// Slope to its ratio of reactive power, by functional.
    reactive: Vec<f64>,
}

/// What works on one rack after the other, in memory that is kept.
#[derive(Default)]
struct Bench {
    slopes: RackSlopes,
    ladder: Ladder,
}

/// A rack as it stands at a solution.
fn rack_at<'a>(network: &'a Network, solution: &'a Solution, index: usize) -> RackAt<'a> {
    let (owner, stamp) = solution.work.place[index];
    let ports = racks::ports(
        &network.blocks[owner],
        &solution.state.blocks[owner],
        stamp,
        solution.work.reversed[index],
    );
    RackAt::new(&network.racks[index], solution.rack(index), ports)
}

/// Local output of a stamp that is its active power.
fn power_row(stamp: &Stamp) -> usize {
    stamp.rows.len() - 2
}

/// Weights of a stamp's outputs.
fn weights_of(stamp: &Stamp, rows: &[f64]) -> Vec<f64> {
    let weight = |row: &u32| {
        if *row == NONE {
            0.0
        } else {
            rows[*row as usize]
        }
    };
    stamp.rows.iter().map(weight).collect()
}

/// Solves the adjoint of functionals at a solution.
///
/// # Errors
/// [`SmallPivot`] where the equations do not determine an unknown there.
pub fn adjoint<'a>(
    network: &'a Network,
    solution: &'a Solution,
    functionals: &[Functional<'_>],
) -> Result<Adjoint<'a>, SmallPivot> {
    let direct: Vec<Vec<Vec<f64>>> = functionals
        .iter()
        .map(|functional| {
            let of_block = |block: &Block| {
                let stamps = block.structure.stamps.iter();
                stamps
                    .map(|stamp| block.component(stamp).map_or(0.0, functional.component))
                    .collect()
            };
            network.blocks.iter().map(of_block).collect()
        })
        .collect();
    let pass = Pass {
        network,
        solution,
        functionals,
        direct: &direct,
    };
    let mut rows: Vec<Vec<Vec<f64>>> =
        vec![vec![Vec::new(); network.blocks.len()]; functionals.len()];
    let mut condensed = pass.up()?;
    pass.down(&mut condensed, &mut rows);
    let racks = pass.racks(&rows);
    Ok(Adjoint {
        network,
        solution,
        direct,
        rows,
        racks,
    })
}

struct Pass<'a, 'f> {
    network: &'a Network,
    solution: &'a Solution,
    functionals: &'f [Functional<'f>],
    direct: &'f [Vec<Vec<f64>>],
}

/// A block eliminated, for each functional.
struct Condensed {
    order: Option<std::sync::Arc<Transposed>>,
    factors: Vec<Factors>,
    /// Slopes to the port values, by functional.
    ports: Vec<Vec<f64>>,
}

impl Pass<'_, '_> {
    fn around(&self) -> Surroundings<'_> {
        let work = &self.solution.work;
        Surroundings {
            network: self.network,
            racks: &work.linear,
            reversed: &work.reversed,
            blocks: &work.blocks,
            hold: false,
            inertia: 0.0,
            control_inertia: 0.0,
        }
    }

    /// Weight of a junction temperature within one of the racks that its rack stands for: the mean of all of
    /// them, which are alike.
    fn seed(&self, functional: &Functional<'_>, rack: usize) -> Option<(usize, f64)> {
        let (seeded, plate) = functional.junction?;
        let weight = 1.0 / f64::from(self.network.racks[rack].multiplicity);
        (seeded == rack).then_some((plate, weight))
    }

    fn up(&self) -> Result<Vec<Condensed>, SmallPivot> {
        let network = self.network;
        let work = &self.solution.work;
        let mut orders: Vec<Option<std::sync::Arc<Transposed>>> = vec![None; network.structures];
        let mut done: Vec<Option<Condensed>> = network.blocks.iter().map(|_| None).collect();
        for level in &work.levels {
            for &index in level {
                let structure = network.blocks[index].structure_index;
                if let (None, Some(program)) = (&orders[structure], &work.programs[structure]) {
                    let order = Transposed::new(program, &work.blocks[index])?;
                    orders[structure] = Some(std::sync::Arc::new(order));
                }
            }
            let found: Vec<Result<Condensed, SmallPivot>> = level
                .par_iter()
                .map(|&index| self.condense(index, &done, &orders))
                .collect();
            for (&index, condensed) in level.iter().zip(found) {
                done[index] = Some(condensed?);
            }
        }
        Ok(done.into_iter().flatten().collect())
    }

    fn condense(
        &self,
        index: usize,
        done: &[Option<Condensed>],
        orders: &[Option<std::sync::Arc<Transposed>>],
    ) -> Result<Condensed, SmallPivot> {
        let block = &self.network.blocks[index];
        let slopes = self.slopes(index, done);
        let (shared, program) = (
            &orders[block.structure_index],
            &self.solution.work.programs[block.structure_index],
        );
        let mut out = Condensed {
            order: shared.clone(),
            factors: vec![Factors::default(); slopes.len()],
            ports: Vec::with_capacity(slopes.len()),
        };
        let Some(program) = program else {
            return Ok(out);
        };
        let work = &self.solution.work.blocks[index];
        for (slopes, factors) in slopes.iter().zip(&mut out.factors) {
            if let Some(order) = &out.order
                && let Ok(ports) = order.condense(program, work, slopes, factors)
            {
                out.ports.push(ports.to_vec());
                continue;
            }
            // The order of its like does not serve.
            let own = Transposed::new(program, work)?;
            out.ports
                .push(own.condense(program, work, slopes, factors)?.to_vec());
            out.order = Some(std::sync::Arc::new(own));
        }
        Ok(out)
    }

    /// Slopes of each functional to the unknowns and port values of a block, those of the blocks inside
    /// included.
    fn slopes(&self, index: usize, done: &[Option<Condensed>]) -> Vec<Vec<f64>> {
        let block = &self.network.blocks[index];
        let structure = &*block.structure;
        let state = &self.solution.state.blocks[index];
        let mut all =
            vec![vec![0.0; structure.unknowns + structure.inputs]; self.functionals.len()];
        for (s, stamp) in structure.stamps.iter().enumerate() {
            let variables = || {
                let all = stamp.variables.iter().enumerate();
                all.filter(|(_, v)| **v != NONE)
                    .map(|(k, v)| (k, *v as usize))
            };
            match stamp.element {
                Element::Component(_) => {
                    if self.direct.iter().all(|direct| direct[index][s] == 0.0) {
                        continue;
                    }
                    let linear = Linear::at(&self.around(), block, state, stamp);
                    let bus = stamp.variables[stamp.variables.len() - 2];
                    for (slopes, direct) in all.iter_mut().zip(self.direct) {
                        let weight = direct[index][s];
                        for (k, v) in variables() {
                            slopes[v] += weight * linear.slope(power_row(stamp), k);
                        }
                        if bus != NONE {
                            slopes[bus as usize] -= weight;
                        }
                    }
                }
                Element::Rack(k) => {
                    let rack = block.racks[k];
                    if self.functionals.iter().any(|f| f.racks != 0.0) {
                        let linear = Linear::at(&self.around(), block, state, stamp);
                        for (slopes, functional) in all.iter_mut().zip(self.functionals) {
                            for (k, v) in variables() {
                                slopes[v] += functional.racks * linear.slope(power_row(stamp), k);
                            }
                        }
                    }
                    for (slopes, functional) in all.iter_mut().zip(self.functionals) {
                        let Some(seed) = self.seed(functional, rack) else {
                            continue;
                        };
                        let weights = Weights {
                            junction: Some(seed),
                            ..Weights::default()
                        };
                        let [by_difference, by_inlet, by_air] = self.ports(rack, &weights);
                        let reversed = self.solution.work.reversed[rack];
                        let (enter, leave) = if reversed { (2, 0) } else { (0, 2) };
                        let count = f64::from(stamp.count);
                        for (k, slope) in [
                            (enter, by_difference),
                            (leave, -by_difference),
                            (enter + 1, by_inlet),
                            (4, by_air),
                        ] {
                            slopes[stamp.variables[k] as usize] += count * slope;
                        }
                    }
                }
                Element::Child(k) => {
                    let Some(child) = &done[block.children[k]] else {
                        continue;
                    };
                    for (slopes, ports) in all.iter_mut().zip(&child.ports) {
                        for (&v, slope) in stamp.variables.iter().zip(ports) {
                            slopes[v as usize] += f64::from(stamp.count) * slope;
                        }
                    }
                }
            }
        }
        all
    }

    /// What weights in a rack make of its pressure difference, inlet and air temperature.
    fn ports(&self, rack: usize, weights: &Weights) -> [f64; 3] {
        let at = rack_at(self.network, self.solution, rack);
        let Bench { slopes, ladder } = &mut Bench::default();
        slopes.fill(&at);
        Multipliers::new(&at.rack.design, 1).weigh(0, at.rack, slopes, weights, ladder)
    }

    fn down(&self, condensed: &mut [Condensed], rows: &mut [Vec<Vec<f64>>]) {
        let network = self.network;
        for (functional, rows) in rows.iter_mut().enumerate() {
            // Weights of port outputs, before a block's turn has come.
            let mut weights: Vec<Vec<f64>> = network
                .blocks
                .iter()
                .map(|block| vec![0.0; block.structure.outputs])
                .collect();
            for index in (0..network.blocks.len()).rev() {
                let block = &network.blocks[index];
                let own = &mut condensed[index];
                if let (Some(order), Some(factors)) = (&own.order, own.factors.get_mut(functional))
                {
                    rows[index] = order.substitute(&block.structure, factors, &weights[index]);
                }
                for stamp in &block.structure.stamps {
                    if let Element::Child(k) = stamp.element {
                        weights[block.children[k]] = weights_of(stamp, &rows[index]);
                    }
                }
            }
        }
    }

    fn racks(&self, rows: &[Vec<Vec<f64>>]) -> Vec<RackPart> {
        (0..self.network.racks.len())
            .into_par_iter()
            .map_init(Bench::default, |bench, index| self.rack(index, rows, bench))
            .collect()
    }

    fn rack(&self, index: usize, rows: &[Vec<Vec<f64>>], bench: &mut Bench) -> RackPart {
        let network = self.network;
        let at = rack_at(network, self.solution, index);
        let (owner, s) = self.solution.work.place[index];
        let block = &network.blocks[owner];
        let stamp = &block.structure.stamps[s];
        let linear = &self.solution.work.linear[index];
        let Bench { slopes, ladder } = bench;
        slopes.fill(&at);
        let mut multipliers = Multipliers::new(&at.rack.design, self.functionals.len());
        let mut reactive = Vec::with_capacity(self.functionals.len());
        for (k, (functional, rows)) in self.functionals.iter().zip(rows).enumerate() {
            let [flow, liquid, air, power, by_reactive] = transpose::rack_weights(
                network,
                index,
                linear.flow[0],
                self.solution.work.reversed[index],
                &block.structure,
                &self.solution.state.blocks[owner],
                stamp,
                &weights_of(stamp, &rows[owner]),
            );
            let weights = Weights {
                flow,
                liquid,
                air,
                power: power + functional.racks,
                junction: self.seed(functional, index),
            };
            multipliers.weigh(k, at.rack, slopes, &weights, ladder);
            reactive.push(by_reactive * linear.power[0]);
        }
        RackPart {
            multipliers,
            reactive,
        }
    }
}
