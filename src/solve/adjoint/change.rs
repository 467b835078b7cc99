//! How functionals change when numbers of the network do, to first order in the state.

use std::sync::Arc;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::plate::{CONDUCTANCE_FACTOR, PlateAt, conductance, numbers};
use super::rack::{manifold_numbers, server_numbers};
use super::{Adjoint, RackPart, power_row};
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
        let parts = &self.racks[index];
        let mut total = vec![0.0; parts.len()];
        let n = f64::from(from.multiplicity);
        let mut add = |slope: &dyn Fn(&RackPart) -> f64, from: f64, to: f64| {
            // Infinite where there is no limit.
            if from.to_bits() != to.to_bits() {
                for (total, part) in total.iter_mut().zip(parts) {
                    *total += n * slope(part) * (to - from);
                }
            }
        };
        if !std::sync::Arc::ptr_eq(&from.parameters, &to.parameters) {
            let plates = from
                .parameters
                .plates
                .iter()
                .zip(to.parameters.plates.iter());
            for (k, (a, b)) in plates.enumerate() {
                if a == b {
                    continue;
                }
                for (field, (a, b)) in numbers(&a).into_iter().zip(numbers(&b)).enumerate() {
                    add(&|part| part.slopes.plates[k][field], a, b);
                }
            }
            for s in 0..from.design.servers {
                let pair = server_numbers(from, s)
                    .into_iter()
                    .zip(server_numbers(to, s));
                for (field, (a, b)) in pair.enumerate() {
                    add(&|part| part.slopes.servers[s][field], a, b);
                }
            }
            let pair = manifold_numbers(from).into_iter().zip(manifold_numbers(to));
            for (field, (a, b)) in pair.enumerate() {
                add(&|part| part.slopes.manifold[field], a, b);
            }
            let ratio = |rack: &Rack| {
                rack.parameters
                    .servers
                    .first()
                    .map_or(0.0, |s| s.reactive_ratio)
            };
            add(&|part| part.reactive, ratio(from), ratio(to));
        }
        if std::sync::Arc::ptr_eq(&from.design, &to.design) {
            return total;
        }
        for (a, b) in from.design.sets.iter().zip(&to.design.sets) {
            if !same_law(a, b) {
                self.laws(index, [from, to], [a, b], &mut total);
            }
        }
        total
    }

    /// What other laws of conductance and pressure drop change on the plates of a set.
    fn laws(&self, index: usize, [from, _]: [&Rack; 2], sets: [&SetDesign; 2], total: &mut [f64]) {
        let design = &from.design;
        let view = self.solution.rack(index);
        let n = f64::from(from.multiplicity);
        let fluid = &design.fluid;
        let rack_inlet = view.coolant_inlet(0);
        for s in 0..design.servers {
            for k in 0..sets[0].count {
                let plate = s * design.plates_per_server + sets[0].first_plate + k;
                let path = s * design.paths_per_server + sets[0].first_path + k / sets[0].in_series;
                let flow = view.path_flow(path);
                let own = numbers(&from.parameters.plates.get(plate));
                let drops = sets.map(|set| {
                    PlateAt {
                        fluid,
                        set,
                        status: view.status(plate),
                        flow,
                        inlet: view.coolant_inlet(plate),
                        rack_inlet,
                        air: 0.0,
                        junction: view.junction(plate),
                        outlet: view.coolant_outlet(plate),
                        numbers: own,
                    }
                    .drop()
                });
                let laws = sets.map(|set| conductance(set, fluid, flow, rack_inlet));
                // As the multiplier on conductance does.
                let factor = own[CONDUCTANCE_FACTOR] * (laws[1] - laws[0]) / laws[0];
                for (total, part) in total.iter_mut().zip(&self.racks[index]) {
                    let slopes = &part.slopes;
                    *total += n
                        * (slopes.drops[path] * (drops[1] - drops[0])
                            + slopes.plates[plate][CONDUCTANCE_FACTOR] * factor);
                }
            }
        }
    }
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
