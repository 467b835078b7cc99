//! How functionals change when numbers of the network do, to first order in the state.

use std::sync::Arc;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::plate::{CONDUCTANCE_FACTOR, DROP, Direction, numbers};
use super::rack::chains;
use super::rack::passage::{manifold_numbers, server_numbers};
use super::{Adjoint, power_row, rack_at};
use crate::hall::model::RETURN;
use crate::network::rack::{Conductance, RackDesign, SetDesign};
use crate::network::{Block, ComponentNumbers, Element, NONE, Network, Rack};
use crate::solve::block::transpose::outputs;

impl Adjoint<'_> {
    /// Number of functionals.
    pub fn functionals(&self) -> usize {
        self.rows.len()
    }

    /// Change of each functional from the solved network to one with other numbers: λᵀ·(R(x, θ) − R(x, θ₀))
    /// and what the functional depends on directly, x staying where it is. Differences of it around θ₀ are
    /// derivatives of the solved functional.
    ///
    /// `None` where the other network is of another form, or differs in what has no slope here (fluids of
    /// racks, curves of power supplies).
    pub fn change(&self, other: &Network) -> Option<Vec<f64>> {
        let network = self.network;
        let alike = other.blocks.len() == network.blocks.len()
            && other.racks.len() == network.racks.len()
            && (other.blocks.iter().zip(&network.blocks)).all(|(a, b)| {
                a.multiplicity == b.multiplicity
                    && a.components.len() == b.components.len()
                    && a.structure.stamps.len() == b.structure.stamps.len()
                    && a.structure.unknowns == b.structure.unknowns
            })
            && (other.racks.iter().zip(&network.racks))
                .all(|(a, b)| a.multiplicity == b.multiplicity && same_form(&a.design, &b.design));
        if !alike {
            return None;
        }
        let mut total = self.components(other);
        let racks: Vec<Vec<f64>> = network
            .racks
            .par_iter()
            .zip(&other.racks)
            .enumerate()
            .map(|(index, (from, to))| self.rack(index, from, to))
            .collect();
        for part in racks {
            for (total, part) in total.iter_mut().zip(part) {
                *total += part;
            }
        }
        Some(total)
    }

    fn components(&self, other: &Network) -> Vec<f64> {
        let network = self.network;
        let elsewhere = other.outdoor != network.outdoor || other.fluids != network.fluids;
        let parts: Vec<Vec<f64>> = network
            .blocks
            .par_iter()
            .zip(&other.blocks)
            .enumerate()
            .map(|(index, (from, to))| self.block(index, from, to, other, elsewhere))
            .collect();
        let mut total = vec![0.0; self.functionals()];
        for part in parts {
            for (total, part) in total.iter_mut().zip(part) {
                *total += part;
            }
        }
        total
    }

    fn block(
        &self,
        index: usize,
        from: &Block,
        to: &Block,
        other: &Network,
        elsewhere: bool,
    ) -> Vec<f64> {
        let mut total = vec![0.0; self.functionals()];
        let network = self.network;
        let n = f64::from(from.multiplicity);
        for (s, stamp) in from.structure.stamps.iter().enumerate() {
            let Element::Component(k) = stamp.element else {
                continue;
            };
            let (own, new) = (&from.components[k], &to.components[k]);
            let same = (own.theta.iter().zip(&*new.theta)).all(|(a, b)| a.to_bits() == b.to_bits())
                && own.tables == new.tables;
            if same && !elsewhere {
                continue;
            }
            self.component(
                index,
                s,
                [(1.0, other, new), (-1.0, network, own)],
                &mut total,
            );
        }
        // The vessel of a loop holds its pressure.
        for (own, new) in from.structure.loops.iter().zip(&to.structure.loops) {
            let change = new.reference_pressure - own.reference_pressure;
            for (functional, total) in total.iter_mut().enumerate() {
                let multiplier = self.rows[functional][index][own.nodes[RETURN] as usize];
                *total -= n * multiplier * change;
            }
        }
        total
    }

    /// Adds what a stamp's component changes with the numbers of each version, counted by their signs.
    fn component(
        &self,
        block: usize,
        stamp: usize,
        versions: [(f64, &Network, &ComponentNumbers); 2],
        total: &mut [f64],
    ) {
        let place = &self.network.blocks[block];
        let (structure, state) = (&place.structure, &self.solution.state.blocks[block]);
        let own = &structure.stamps[stamp];
        let Element::Component(k) = own.element else {
            return;
        };
        let mut change = vec![0.0; own.rows.len()];
        for (sign, network, numbers) in versions {
            outputs(network, numbers, structure, state, own, k, &mut |o, v| {
                change[o] += sign * v;
            });
        }
        let n = f64::from(place.multiplicity);
        for (functional, total) in total.iter_mut().enumerate() {
            let rows = &self.rows[functional][block];
            let weighed = own
                .rows
                .iter()
                .zip(&change)
                .filter(|(row, _)| **row != NONE);
            let sum: f64 = weighed.map(|(row, c)| rows[*row as usize] * c).sum();
            let direct = self.direct[functional][block][stamp];
            *total += n * (sum + direct * change[power_row(own)]);
        }
    }

    /// Change of each functional where components take another value in one slot of their numbers, by block and stamp; as
    /// [`Adjoint::change`] to a network that differs in nothing else.
    pub fn change_of_components(
        &self,
        places: &[(usize, usize)],
        slot: usize,
        value: f64,
    ) -> Vec<f64> {
        let network = self.network;
        let mut total = vec![0.0; self.functionals()];
        for &(block, stamp) in places {
            let own = &network.blocks[block];
            let Some(numbers) = own.component(&own.structure.stamps[stamp]) else {
                continue;
            };
            let mut other = numbers.clone();
            Arc::make_mut(&mut other.theta)[slot] = value;
            let versions = [(1.0, network, &other), (-1.0, network, numbers)];
            self.component(block, stamp, versions, &mut total);
        }
        total
    }

    /// Change of each functional where these racks of the network become others; as [`Adjoint::change`] to a network that
    /// differs in nothing else.
    pub fn change_of_racks(&self, racks: &[(usize, Rack)]) -> Option<Vec<f64>> {
        let own = &self.network.racks;
        let alike = racks
            .iter()
            .all(|(index, rack)| same_form(&rack.design, &own[*index].design));
        if !alike {
            return None;
        }
        let parts: Vec<Vec<f64>> = racks
            .par_iter()
            .map(|(index, rack)| self.rack(*index, &own[*index], rack))
            .collect();
        let mut total = vec![0.0; self.functionals()];
        for part in parts {
            for (total, part) in total.iter_mut().zip(part) {
                *total += part;
            }
        }
        Some(total)
    }

    fn rack(&self, index: usize, from: &Rack, to: &Rack) -> Vec<f64> {
        let part = &self.racks[index];
        let (design, multipliers) = (&*from.design, &part.multipliers);
        let mut total = vec![0.0; multipliers.functionals()];
        let mut add = |slope: &dyn Fn(usize) -> f64, change: f64| {
            if change != 0.0 {
                for (functional, total) in total.iter_mut().enumerate() {
                    *total += slope(functional) * change;
                }
            }
        };
        if !Arc::ptr_eq(&from.parameters, &to.parameters) {
            for s in 0..design.servers {
                let changes = changes(server_numbers(from, s), server_numbers(to, s));
                for (k, change) in changes.into_iter().enumerate() {
                    add(&|f| multipliers.server(f, design, s)[k], change);
                }
            }
            let changes = changes(manifold_numbers(from), manifold_numbers(to));
            for (k, change) in changes.into_iter().enumerate() {
                add(&|f| multipliers.manifold(f)[k], change);
            }
            let ratio = |rack: &Rack| {
                let first = rack.parameters.servers.first();
                [first.map_or(0.0, |s| s.reactive_ratio)]
            };
            let [change] = self::changes(ratio(from), ratio(to));
            add(&|f| part.reactive[f], change);
        }
        self.plates(index, [from, to], &mut total);
        let n = f64::from(from.multiplicity);
        total.iter_mut().for_each(|total| *total *= n);
        total
    }

    /// Adds what other numbers of plates, and other laws of a set, change.
    fn plates(&self, index: usize, [from, to]: [&Rack; 2], total: &mut [f64]) {
        let design = &*from.design;
        let other_design = !Arc::ptr_eq(&from.design, &to.design);
        if !other_design && Arc::ptr_eq(&from.parameters, &to.parameters) {
            return;
        }
        let at = rack_at(self.network, self.solution, index);
        let multipliers = &self.racks[index].multipliers;
        for (own_law, other_law) in design.sets.iter().zip(&to.design.sets) {
            let set = at.set(own_law);
            let other_set =
                (other_design && !same_law(own_law, other_law)).then(|| at.set(other_law));
            let servers = 0..design.servers;
            for chain in servers.flat_map(|s| chains(design, own_law, s)) {
                let pair = |plate| [from, to].map(|rack| rack.parameters.plates.get(plate));
                let mut pairs = chain.plates.clone().map(pair);
                if other_set.is_none() && pairs.all(|[own, other]| own == other) {
                    continue;
                }
                let path = at.path(set, chain.path);
                let other_path = other_set.map(|set| at.path(set, chain.path));
                for (position, plate) in chain.plates.clone().enumerate() {
                    let [own, other] = pair(plate);
                    let here = at.plate(&path, &own, plate, position);
                    let mut change = changes(numbers(&own), numbers(&other));
                    let mut drop = 0.0;
                    if let Some(other_path) = &other_path {
                        let there = at.plate(other_path, &own, plate, position);
                        drop = there.drop() - here.drop();
                        // As the multiplier on conductance does.
                        let ratio = other_path.conductance_by(&path);
                        change[CONDUCTANCE_FACTOR] += own.conductance_factor * (ratio - 1.0);
                    }
                    let mut rows = here.along(&Direction::default(), &change);
                    rows[DROP] += drop;
                    for (functional, total) in total.iter_mut().enumerate() {
                        let weights = multipliers.rows(functional, design, &chain, plate);
                        let weighed = weights.iter().zip(&rows).map(|(w, row)| w * row);
                        *total += weighed.sum::<f64>();
                    }
                }
            }
        }
    }
}

/// Changes of numbers; nought where they are the same, infinite ones too.
fn changes<const N: usize>(from: [f64; N], to: [f64; N]) -> [f64; N] {
    std::array::from_fn(|k| {
        if from[k].to_bits() == to[k].to_bits() {
            0.0
        } else {
            to[k] - from[k]
        }
    })
}

/// Whether two designs differ in numbers at most that have slopes.
fn same_form(a: &RackDesign, b: &RackDesign) -> bool {
    a.servers == b.servers
        && a.plates_per_server == b.plates_per_server
        && a.paths_per_server == b.paths_per_server
        && a.fluid == b.fluid
        && a.supply_loss == b.supply_loss
        && a.sets.len() == b.sets.len()
        && a.sets.iter().zip(&b.sets).all(|(a, b)| {
            a.count == b.count && a.in_series == b.in_series && a.leakage == b.leakage
        })
}

/// Whether two sets follow the same laws of conductance and pressure drop.
fn same_law(a: &SetDesign, b: &SetDesign) -> bool {
    let numbers = |set: &SetDesign| {
        [
            set.pressure_drop,
            set.pressure_drop_flow,
            set.exponent,
            set.ln_reference_viscosity,
            set.reference_density,
        ]
        .map(f64::to_bits)
    };
    let conductance = match (&a.conductance, &b.conductance) {
        (Conductance::Measured(a), Conductance::Measured(b)) => a == b,
        (
            Conductance::Power {
                nominal,
                flow,
                exponent,
            },
            Conductance::Power {
                nominal: n,
                flow: f,
                exponent: e,
            },
        ) => [nominal, flow, exponent].map(|x| x.to_bits()) == [n, f, e].map(|x| x.to_bits()),
        _ => false,
    };
    numbers(a) == numbers(b) && conductance && a.similarity == b.similarity
}
