//! Which buses are out of service, what share of a load each of its cords then carries, and what a loss would leave
//! without power.

use crate::hall::model::{Equipment, Feeders, Group, Hall, Ref};

/// Buses out of service, a flag for each equipment entry of the groups from the hall to the one at hand.
#[derive(Debug, Default)]
pub(super) struct Dead(Vec<Vec<bool>>);

impl Dead {
    /// Enters a group: a bus is out where its own units are (`own`), or all that feeds it is.
    pub(super) fn enter(&mut self, group: &Group, own: impl Fn(&Equipment) -> bool) {
        let all = &group.equipment;
        self.0.push(
            all.iter()
                .map(|e| e.kind.spec().carries_bus && own(e))
                .collect(),
        );
        // Feeders may stand anywhere in the file: as many rounds as there may be links of a chain.
        for _ in 0..all.len() {
            let mut changed = false;
            for (index, equipment) in all.iter().enumerate() {
                let bus = equipment.kind.spec().carries_bus;
                if bus && !self.is_out(0, index) && self.cuts_off(&equipment.feeders) {
                    changed = true;
                    if let Some(flag) = self.0.last_mut().and_then(|own| own.get_mut(index)) {
                        *flag = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }
    }

    /// Leaves it.
    pub(super) fn leave(&mut self) {
        self.0.pop();
    }

    /// Whether the bus of an entry `up` groups outside is out.
    pub(super) fn is_out(&self, up: usize, index: usize) -> bool {
        let depth = self.0.len().checked_sub(up + 1);
        depth
            .and_then(|depth| self.0.get(depth)?.get(index))
            .copied()
            .unwrap_or(false)
    }

    /// Whether none of these feeders is in service.
    pub(super) fn cuts_off(&self, feeders: &Feeders) -> bool {
        !feeders.0.is_empty() && feeders.buses().all(|bus| self.is_out(bus.up, bus.index))
    }

    /// Share of the load on each cord: nominal shares of those left, scaled up to 1. Where those left had none (the
    /// idle side of a transfer switch) they share alike.
    pub(super) fn shares(&self, feeders: &Feeders) -> Vec<f64> {
        let left = |cord: &crate::hall::model::Cord| !self.is_out(cord.bus.up, cord.bus.index);
        let sum: f64 = feeders.0.iter().filter(|c| left(c)).map(|c| c.share).sum();
        let count = feeders.0.iter().filter(|c| left(c)).count();
        let share = |cord| match left(cord) {
            false => 0.0,
            true if sum > 0.0 => cord.share / sum,
            true => 1.0 / count as f64,
        };
        feeders.0.iter().map(share).collect()
    }
}

/// What the loss of a bus would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cut {
    /// Loads that nothing else feeds, by name.
    pub unfed: Vec<String>,
    /// Most supply paths of a load that would go on on its other ones; 0 where there is none.
    pub paths: usize,
}

/// What the loss of the bus `name` in the group of this path (names from the hall inwards) would do.
pub fn cut(hall: &Hall, path: &[&str], name: &str) -> Cut {
    let mut found = Cut::default();
    let (mut before, mut after) = (Dead::default(), Dead::default());
    walk(
        &hall.root,
        &mut Vec::new(),
        (path, name),
        &mut before,
        &mut after,
        &mut found,
    );
    found
}

fn walk<'a>(
    group: &'a Group,
    at: &mut Vec<&'a str>,
    lost: (&[&str], &str),
    before: &mut Dead,
    after: &mut Dead,
    found: &mut Cut,
) {
    let out = |equipment: &Equipment| equipment.kind.is_dead(&equipment.theta);
    let here = at.as_slice() == lost.0;
    before.enter(group, out);
    after.enter(group, |equipment| {
        out(equipment) || here && equipment.name == lost.1
    });
    let racks = group.racks.iter().map(|set| (&set.name, &set.feeders));
    let consumers = group
        .equipment
        .iter()
        .filter(|equipment| !equipment.kind.spec().carries_bus);
    for (name, feeders) in racks.chain(consumers.map(|e| (&e.name, &e.feeders))) {
        if after.cuts_off(feeders) && !before.cuts_off(feeders) {
            found.unfed.push(name.clone());
        }
    }
    // A bus may have several paths too: what hangs below it then goes on.
    let all = group.racks.iter().map(|set| &set.feeders);
    for feeders in all.chain(group.equipment.iter().map(|e| &e.feeders)) {
        let gone = |bus: Ref| after.is_out(bus.up, bus.index) && !before.is_out(bus.up, bus.index);
        if feeders.buses().any(gone) && !after.cuts_off(feeders) {
            found.paths = found.paths.max(feeders.0.len());
        }
    }
    for inner in &group.groups {
        at.push(&inner.name);
        walk(inner, at, lost, before, after, found);
        at.pop();
    }
    before.leave();
    after.leave();
}
