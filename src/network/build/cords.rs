//! What feeds a load: one bus, or one of its own that cords join to several.

use std::sync::Arc;

use super::draft::Draft;
use super::{BuildFault, Builder};
use crate::component::Kind;
use crate::hall::model::{Feeders, Ref};
use crate::network::{ComponentNumbers, Element, NONE, Port, Role, Stamp, path_text};

impl Builder<'_> {
    pub(super) fn feeder(&self, depth: usize, reference: Option<Ref>, draft: &mut Draft) -> u32 {
        match reference {
            None => draft.port(Port::Meter).1,
            Some(reference) => {
                let owner = depth - reference.up;
                if owner < depth {
                    draft
                        .port(Port::Bus {
                            depth: owner,
                            equipment: reference.index,
                        })
                        .1
                } else {
                    draft.buses[reference.index].unwrap_or(NONE)
                }
            }
        }
    }

    /// Row of the bus that a load hangs on: its feeder's, or one of its own that cords join to several feeders.
    pub(super) fn supply(
        &self,
        load: &str,
        feeders: &Feeders,
        (depth, path): (usize, &[(String, u32)]),
        draft: &mut Draft,
    ) -> Result<u32, BuildFault> {
        let name = |bus: Ref| {
            let group = self.scopes.get(depth - bus.up);
            let entry = group.and_then(|group| group.equipment.get(bus.index));
            entry.map_or("", |entry| entry.name.as_str())
        };
        let words = || feeders.buses().map(name).collect::<Vec<_>>().join(", ");
        if self.dead.cuts_off(feeders) {
            let above = path_text(path);
            return Err(BuildFault::Unfed {
                load: if above.is_empty() {
                    load.to_owned()
                } else {
                    format!("{above}.{load}")
                },
                feeders: words(),
            });
        }
        if feeders.0.len() < 2 {
            return Ok(self.feeder(depth, feeders.buses().next(), draft));
        }
        let bus = draft.unknown(Role::Power, 1e6, 1e6, 1e6, format!("{load} supply power"));
        draft.unknown(
            Role::Reactive,
            1e6,
            1e6,
            0.0,
            format!("{load} supply reactive power"),
        );
        for (cord, share) in feeders.0.iter().zip(self.dead.shares(feeders)) {
            let in_service = !self.dead.is_out(cord.bus.up, cord.bus.index);
            let row = self.feeder(depth, Some(cord.bus), draft);
            let index = draft.components.len();
            draft.components.push(ComponentNumbers {
                kind: Kind::Cord,
                name: format!("{load}-on-{}", name(cord.bus)),
                part: None,
                theta: [cord.share, share, f64::from(u8::from(in_service))].into(),
                tables: Arc::default(),
                fluids: [0; 2],
                rack_fed: false,
            });
            draft.stamps.push(Stamp {
                element: Element::Component(index),
                variables: vec![NONE, NONE, bus, bus + 1],
                rows: vec![row, if row == NONE { NONE } else { row + 1 }],
                count: 1,
            });
        }
        Ok(bus)
    }
}
