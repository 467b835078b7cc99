//! Where numbers of the hall file stand in a network, so that a derivative looks at them alone.

use std::collections::HashMap;

use crate::component::Kind;
use crate::hall::slots::Number;
use crate::network::{Element, Network};
use crate::spec::position;

/// Components by group path and name.
pub(super) struct Places {
    /// Block and stamp of each.
    of: HashMap<String, Vec<(usize, usize)>>,
}

impl Places {
    pub(super) fn of(network: &Network) -> Self {
        let mut of: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
        for (b, block) in network.blocks.iter().enumerate() {
            let above: String = block
                .path
                .iter()
                .map(|(name, _)| format!("groups.{name}."))
                .collect();
            for (s, stamp) in block.structure.stamps.iter().enumerate() {
                let Some(component) = block.component(stamp) else {
                    continue;
                };
                // Segments of a header share its numbers.
                let name = match component.name.split_once(" header ") {
                    Some((circuit, _)) => format!("{above}loops.{circuit}.header"),
                    None => format!("{above}equipment.{}", component.name),
                };
                of.entry(name).or_default().push((b, s));
            }
        }
        Self { of }
    }

    /// Blocks and stamps of the components that hold a number as it stands, and its slot there; `None` where there are none,
    /// or one holds another value (a rule sets it, or a state).
    pub(super) fn of_number(
        &self,
        number: &Number,
        network: &Network,
    ) -> Option<(&[(usize, usize)], usize)> {
        let (owner, key) = number.path.rsplit_once('.')?;
        let places = self.of.get(owner)?;
        let numbers = |&(block, stamp): &(usize, usize)| {
            let block = &network.blocks[block];
            match block.structure.stamps[stamp].element {
                Element::Component(index) => block.components.get(index),
                Element::Rack(_) | Element::Child(_) => None,
            }
        };
        let kind: Kind = numbers(places.first()?)?.kind;
        let slot = position(kind.spec().fields, key)?;
        // Whether a unit is in service decides on more than its own numbers.
        let own = key != "out_of_service"
            && places.iter().all(|place| {
                numbers(place).is_some_and(|one| {
                    one.kind == kind && one.theta[slot].to_bits() == number.value.to_bits()
                })
            });
        own.then_some((places, slot))
    }
}

/// Names of the groups, and of the rack set, to which a path of a rack, a server or a device belongs.
pub(super) fn rack_set(path: &str) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    let mut steps = path.split('.');
    loop {
        match steps.next()? {
            "groups" => names.push(steps.next()?),
            "racks" => {
                names.push(steps.next()?);
                return Some(names);
            }
            _ => return None,
        }
    }
}
