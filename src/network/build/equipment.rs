//! Equipment of a group: its numbers, its flows and internal unknowns, and what it touches.

use std::sync::Arc;

use super::draft::{Draft, side_rows, side_variables};
use super::{BuildFault, Builder};
use crate::component::Kind;
use crate::fluid::Fluid;
use crate::hall::model::{Equipment, RETURN, SUPPLY};
use crate::network::{ComponentNumbers, Element, NONE, Role, Stamp};
use crate::spec::position;

impl<'a> Builder<'a> {
    pub(super) fn equipment(
        &mut self,
        equipment: &'a Equipment,
        index: usize,
        depth: usize,
        path: &[(String, u32)],
        draft: &mut Draft,
    ) -> Result<(), BuildFault> {
        let spec = equipment.kind.spec();
        let key = std::ptr::from_ref(equipment);
        let tables = Arc::clone(
            self.tables
                .entry(key)
                .or_insert_with(|| Arc::new(equipment.tables.clone())),
        );
        let mut theta = self.theta(equipment, path);
        if self.dead.is_out(0, index)
            && let Some(slot) = position(spec.fields, "out_of_service")
            && let Some(all) = equipment.kind.installed(&theta)
        {
            theta[slot] = all;
        }
        let mut fluids = [0u32; 2];
        for (side, (a, _)) in equipment.sides.iter().enumerate().take(2) {
            let (_, _, circuit) = self.circuit(depth, a.circuit);
            fluids[side] = self.fluid(circuit);
        }
        let guess = {
            let fallback = Fluid::water();
            let fluid = |side: usize| {
                self.network
                    .fluids
                    .get(fluids[side] as usize)
                    .unwrap_or(&fallback)
            };
            equipment
                .kind
                .guess(&theta, &tables, [fluid(0), fluid(1)], &self.network.outdoor)
        };
        let (mut variables, mut rows) = (Vec::new(), Vec::new());
        for (side, &(a, b)) in equipment.sides.iter().enumerate() {
            let (owner, circuit, owner_loop) = self.circuit(depth, a.circuit);
            let consumer = a.node == SUPPLY && b.node == RETURN;
            let tap = if owner == depth && consumer && owner_loop.header.is_some() {
                self.tap(depth, circuit, draft)
            } else {
                None
            };
            let flow = guess.mass_flow[side];
            if flow > 0.0 && guess.pressure_rise[side] > 0.0 {
                self.driven.insert(std::ptr::from_ref(owner_loop));
            }
            let variable = draft.unknown(
                Role::Flow,
                flow.abs().max(1e-3),
                1e5,
                flow,
                format!("{} {} flow", equipment.name, spec.sides[side]),
            );
            let (from, to) = (
                self.node(depth, a, tap, draft),
                self.node(depth, b, tap, draft),
            );
            if owner == depth {
                let place =
                    |node: usize| tap.filter(|_| node <= RETURN).map_or(node, |tap| tap[node]);
                draft.edges.push((circuit, place(a.node), place(b.node)));
            }
            draft.widen(from, flow.abs());
            draft.widen(to, flow.abs());
            variables.extend(side_variables(from, to, variable));
            rows.extend(side_rows(from, to, variable));
        }
        match equipment.sensor {
            Some((high, low)) => {
                let (high, low) = (
                    self.node(depth, high, None, draft),
                    self.node(depth, low, None, draft),
                );
                variables.extend([high.pressure, low.pressure]);
            }
            None => variables.extend([NONE, NONE]),
        }
        let mut air_rows = Vec::new();
        for k in 0..spec.air.len() {
            match equipment.air.get(k) {
                Some(&reference) => {
                    let (variable, row) = self.air(depth, reference, draft);
                    variables.push(variable);
                    air_rows.push(row);
                }
                None => {
                    variables.push(NONE);
                    air_rows.push(NONE);
                }
            }
        }
        rows.extend(air_rows);
        for (k, name) in spec.internal.iter().enumerate() {
            let scale = spec.internal_scale[k];
            let variable = draft.unknown(
                match scale <= 1.0 && !spec.sides.is_empty() {
                    true if equipment.kind.stops() => Role::Position,
                    true => Role::Modulation,
                    false => Role::Internal,
                },
                scale,
                scale,
                guess.internal[k],
                format!("{} {name}", equipment.name),
            );
            variables.push(variable);
            rows.push(variable);
        }
        match draft.buses[index] {
            Some(bus) => variables.extend([bus, bus + 1]),
            None => variables.extend([NONE, NONE]),
        }
        // A bus that is out of service hangs where it always does, and takes nothing.
        let feeder = if self.dead.is_out(0, index) {
            self.feeder(depth, equipment.feeders.buses().next(), draft)
        } else {
            self.supply(&equipment.name, &equipment.feeders, (depth, path), draft)?
        };
        rows.extend([feeder, if feeder == NONE { NONE } else { feeder + 1 }]);
        let element = Element::Component(draft.components.len());
        draft.components.push(ComponentNumbers {
            kind: equipment.kind,
            name: equipment.name.clone(),
            part: equipment.part.clone(),
            theta: self.shared(&equipment.theta, &theta),
            tables,
            fluids,
            rack_fed: equipment.rack_fed,
        });
        draft.stamps.push(Stamp {
            element,
            variables,
            rows,
            count: 1,
        });
        Ok(())
    }

    pub(super) fn theta(&self, equipment: &Equipment, path: &[(String, u32)]) -> Vec<f64> {
        let mut theta = equipment.theta.clone();
        if matches!(equipment.kind, Kind::ItLoad | Kind::OtherLoad)
            && let Some(slot) = position(equipment.kind.spec().fields, "load")
            && theta[slot].is_nan()
        {
            theta[slot] = self.hall.state.other_load;
        }
        if self.hall.variations.rules.is_empty() {
            return theta;
        }
        let mut steps: Vec<(&str, u32)> = path.iter().map(|(n, i)| (n.as_str(), *i)).collect();
        steps.push((equipment.name.as_str(), 0));
        let indices: Vec<u32> = steps.iter().map(|&(_, i)| i).collect();
        for matched in self.hall.variations.rules_for(&steps) {
            if matched.rest.is_empty()
                && let Some(slot) = position(equipment.kind.spec().fields, &matched.rule.key)
            {
                theta[slot] = matched.rule.apply(&indices, theta[slot]);
            }
        }
        theta
    }
}
