//! Racks of a set: a place on the loop, in the air and on the bus for each that is distinct.

use std::sync::Arc;

use super::draft::Draft;
use super::{BuildFault, Builder, vary};
use crate::hall::model::{RETURN, RackSet, SUPPLY};
use crate::network::rack::{RackDesign, guess};
use crate::network::{Element, NONE, Rack, Stamp};

impl<'a> Builder<'a> {
    pub(super) fn rack_set(
        &mut self,
        set: &'a RackSet,
        depth: usize,
        path: &[(String, u32)],
        multiplicity: u32,
        draft: &mut Draft,
    ) -> Result<(), BuildFault> {
        let (owner, circuit, owner_loop) = self.circuit(depth, set.supply.circuit);
        self.fluid(owner_loop);
        let key = std::ptr::from_ref(set);
        let known = self.designs.get(&key).cloned();
        let (design, base) = match known {
            Some(known) => known,
            None => {
                let design =
                    RackDesign::new(set, &owner_loop.fluid, owner_loop.design_supply_temperature)
                        .map_err(|source| BuildFault::Design {
                        set: set.name.clone(),
                        source,
                    })?;
                let base = vary::base_parameters(set, &design, self.hall);
                let shared = (Arc::new(design), Arc::new(base));
                self.designs.insert(key, shared.clone());
                shared
            }
        };
        let on_header = owner == depth
            && owner_loop.header.is_some()
            && set.supply.node == SUPPLY
            && set.back.node == RETURN
            && set.back.circuit == set.supply.circuit;
        // Of the set, not of each rack: it only sets scales, and blocks whose scales agree share
        // their structure and its order of elimination.
        let flow = guess::flow(
            &design,
            &base,
            owner_loop.design_pressure_difference,
            owner_loop.design_supply_temperature,
        );
        // All racks of a set hang on the same cords.
        let corded = set.feeders.0.len() > 1;
        let own_bus = if corded {
            Some(self.supply(&set.name, &set.feeders, (depth, path), draft)?)
        } else {
            None
        };
        for (index, count) in self.instances(path, &set.name, set.count, on_header) {
            let mut rack_path = path.to_vec();
            rack_path.push((set.name.clone(), index));
            let tap = if on_header {
                self.tap(depth, circuit, draft)
            } else {
                None
            };
            let supply = self.node(depth, set.supply, tap, draft);
            let back = self.node(depth, set.back, tap, draft);
            let inlet = self.air(depth, set.inlet_air, draft);
            let exhaust = self.air(depth, set.exhaust_air, draft);
            let feeder = match own_bus {
                Some(bus) => bus,
                None => self.supply(&set.name, &set.feeders, (depth, path), draft)?,
            };
            if owner == depth {
                let ends = tap.unwrap_or([set.supply.node, set.back.node]);
                draft.edges.push((circuit, ends[0], ends[1]));
            }
            draft.widen(supply, flow * f64::from(count));
            draft.widen(back, flow * f64::from(count));
            let element = Element::Rack(draft.racks.len());
            draft.racks.push(self.network.racks.len());
            self.network.racks.push(Rack {
                path: rack_path,
                multiplicity: multiplicity * count,
                design: Arc::clone(&design),
                // Its own changes come last: see `vary`.
                parameters: Arc::clone(&base),
                reactive_ratio: 0.0,
            });
            self.rack_sets.push(set);
            draft.stamps.push(Stamp {
                element,
                variables: vec![
                    supply.pressure,
                    supply.temperature,
                    back.pressure,
                    back.temperature,
                    inlet.0,
                ],
                rows: vec![
                    supply.mass_row,
                    supply.enthalpy_row,
                    back.mass_row,
                    back.enthalpy_row,
                    exhaust.1,
                    feeder,
                    if feeder == NONE { NONE } else { feeder + 1 },
                ],
                count,
            });
        }
        Ok(())
    }
}
