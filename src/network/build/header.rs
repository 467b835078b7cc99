//! Headers: a loop's supply and return with a tap for each consumer, and a pipe from tap to tap.

use std::sync::Arc;

use super::Builder;
use super::draft::{Draft, side_rows, side_variables};
use crate::component::Kind;
use crate::hall::model::{Group, NodeRef, RETURN, SUPPLY};
use crate::network::{ComponentNumbers, Element, NONE, Role, Stamp};

impl Builder<'_> {
    /// Taps the header of an own loop once more.
    pub(super) fn tap(
        &mut self,
        depth: usize,
        circuit: usize,
        draft: &mut Draft,
    ) -> Option<[usize; 2]> {
        let owner = &self.scopes[depth].loops[circuit];
        let header = owner.header.as_ref()?;
        let segment = self.shared(&header.segment, &header.segment);
        let number = draft.taps[circuit].len();
        let supply = draft.node(
            circuit,
            format!("supply tap {number}"),
            owner.reference_pressure + owner.design_pressure_difference,
            owner.design_supply_temperature,
        );
        let back = draft.node(
            circuit,
            format!("return tap {number}"),
            owner.reference_pressure,
            owner.design_supply_temperature + owner.design_temperature_rise,
        );
        let last = draft.taps[circuit]
            .last()
            .copied()
            .unwrap_or([SUPPLY, RETURN]);
        let flow = draft.segment(
            circuit,
            &segment,
            (last[SUPPLY], supply),
            format!("{} header supply {number}", owner.name),
        );
        draft.header_flows[circuit][SUPPLY].push(flow);
        if header.reverse_return {
            if number > 0 {
                let flow = draft.segment(
                    circuit,
                    &segment,
                    (last[RETURN], back),
                    format!("{} header return {number}", owner.name),
                );
                draft.header_flows[circuit][RETURN].push(flow);
            }
        } else {
            let flow = draft.segment(
                circuit,
                &segment,
                (back, last[RETURN]),
                format!("{} header return {number}", owner.name),
            );
            draft.header_flows[circuit][RETURN].push(flow);
        }
        draft.taps[circuit].push([supply, back]);
        Some([supply, back])
    }

    /// Ends a loop's header: a reverse return leaves from the last tap. The typical size of its flows is what
    /// leaves the supply node, shared evenly among the taps.
    pub(super) fn close_header(&mut self, group: &Group, circuit: usize, draft: &mut Draft) {
        let owner = &group.loops[circuit];
        let (Some(header), Some(last)) = (&owner.header, draft.taps[circuit].last().copied())
        else {
            return;
        };
        if header.reverse_return {
            let segment = self.shared(&header.segment, &header.segment);
            let flow = draft.segment(
                circuit,
                &segment,
                (last[RETURN], RETURN),
                format!("{} header return end", owner.name),
            );
            draft.header_flows[circuit][RETURN].push(flow);
            draft.header_flows[circuit][RETURN].reverse();
        }
        let whole = draft.flow_at(draft.nodes[circuit][SUPPLY]);
        for side in [SUPPLY, RETURN] {
            let flows = std::mem::take(&mut draft.header_flows[circuit][side]);
            for (number, &flow) in flows.iter().enumerate() {
                let share = whole * (flows.len() - number) as f64 / flows.len() as f64;
                draft.variables[flow as usize].scale = share;
                let turned = header.reverse_return && side == RETURN;
                let tap = if turned {
                    flows.len() - 1 - number
                } else {
                    number
                };
                draft.widen(draft.nodes[circuit][draft.taps[circuit][tap][side]], share);
            }
        }
    }

    /// Headers of the loops at `depth` that something inside `group` is tapped off.
    pub(super) fn headers_used(
        &self,
        group: &Group,
        below: usize,
        depth: usize,
        found: &mut Vec<usize>,
    ) {
        let mut see = |supply: NodeRef, back: NodeRef| {
            if supply.circuit.up == below && supply.node == SUPPLY && back.node == RETURN {
                let index = supply.circuit.index;
                if self.scopes[depth].loops[index].header.is_some() && !found.contains(&index) {
                    found.push(index);
                }
            }
        };
        for set in &group.racks {
            see(set.supply, set.back);
        }
        for equipment in &group.equipment {
            for &(a, b) in &equipment.sides {
                see(a, b);
            }
        }
        for inner in &group.groups {
            self.headers_used(inner, below + 1, depth, found);
        }
    }
}

impl Draft {
    /// A pipe of the header, between two nodes of the loop; its flow.
    fn segment(
        &mut self,
        circuit: usize,
        theta: &Arc<[f64]>,
        (from, to): (usize, usize),
        name: String,
    ) -> u32 {
        let nodes = [self.nodes[circuit][from], self.nodes[circuit][to]];
        self.edges.push((circuit, from, to));
        let flow = self.unknown(Role::Flow, 1.0, 1e5, 1.0, format!("{name} flow"));
        let fluid = self.loops[circuit].fluid;
        let index = self.components.len();
        self.components.push(ComponentNumbers {
            kind: Kind::Pipe,
            name,
            part: None,
            theta: Arc::clone(theta),
            tables: Arc::default(),
            fluids: [fluid, fluid],
            rack_fed: false,
        });
        let spec = Kind::Pipe.spec();
        let mut variables = side_variables(nodes[0], nodes[1], flow);
        variables.extend([NONE, NONE]);
        variables.extend(std::iter::repeat_n(NONE, spec.air.len()));
        variables.extend([NONE, NONE]);
        let mut rows = side_rows(nodes[0], nodes[1], flow);
        rows.extend(std::iter::repeat_n(NONE, spec.air.len()));
        rows.extend([NONE, NONE]);
        self.stamps.push(Stamp {
            element: Element::Component(index),
            variables,
            rows,
            count: 1,
        });
        flow
    }
}
