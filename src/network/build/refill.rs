//! Racks of one set numbered again, and nothing else: for what is asked of single numbers.

use std::sync::Arc;

use super::vary;
use crate::hall::model::{Group, Hall};
use crate::network::rack::RackDesign;
use crate::network::{Network, Rack};

/// Racks of the set of these names (groups from the hall inward, then the set) as another hall numbers them, with their
/// index in the network; `None` where there is no such set, or the hall gives it no design. Nothing else may differ in the
/// form of the hall.
pub fn refill(hall: &Hall, network: &Network, names: &[&str]) -> Option<Vec<(usize, Rack)>> {
    let (name, groups) = names.split_last()?;
    let mut scopes: Vec<&Group> = vec![&hall.root];
    for group in groups {
        let inner = &scopes.last()?.groups;
        scopes.push(inner.iter().find(|one| one.name == *group)?);
    }
    let set = (scopes.last()?.racks.iter()).find(|set| set.name == *name)?;
    let owner = scopes.len().checked_sub(1 + set.supply.circuit.up)?;
    let circuit = scopes[owner].loops.get(set.supply.circuit.index)?;
    let design = RackDesign::new(set, &circuit.fluid, circuit.design_supply_temperature).ok()?;
    let base = Arc::new(vary::base_parameters(set, &design, hall));
    let design = Arc::new(design);
    let of_set = |rack: &Rack| {
        rack.path.len() == names.len()
            && (rack.path.iter().zip(names)).all(|((own, _), name)| own == name)
    };
    let racks = network.racks.iter().enumerate();
    racks
        .filter(|(_, rack)| of_set(rack))
        .map(|(index, rack)| {
            let mut rack = Rack {
                design: Arc::clone(&design),
                parameters: Arc::clone(&base),
                ..rack.clone()
            };
            vary::vary(set, hall, &mut rack).ok()?;
            Some((index, rack))
        })
        .collect()
}
