//! Numbers of a resolved hall that a path of the hall file sets, so that a study may change them without reading the file
//! again.
//!
//! Which numbers a path sets is not derived but observed: the hall is read with the path at two values, and the numbers
//! that differ must be those values and nothing else may differ. A path that reaches anything else (a count, a word, a
//! value that others are derived from) has no slots.
//!
//! A changed hall is judged as the reader judges it, where values contradict each other. Bounds of single values are not
//! judged again: a value between two that were read is within them.

mod paths;

use super::Hall;
use super::model::{Group, Loop, Room};
use super::racks::device_faults;
use super::resolve::outdoor_of;
use super::variation::{Action, Distribution};
use crate::component::{Kind, Outdoor};

pub use paths::{Number, numbers};

/// Whose number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Outdoor air.
    Outdoor,
    /// The state solved, or one that may be.
    State,
    /// A loop or a room.
    Circuit,
    /// A header.
    Header,
    /// A rack set, its server, a device on a plate or the plate.
    Rack,
    /// A device.
    Device,
    /// Equipment.
    Equipment,
    /// A rule of what differs from asset to asset.
    Rule,
}

/// Numbers that a path sets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Slots {
    /// Run of numbers, and place in it, in the order of the hall.
    places: Vec<(usize, usize)>,
    owners: Vec<Owner>,
}

impl Slots {
    /// The slots of a path at which two readings of the hall differ, where they hold `first` and `second` and the
    /// readings are alike otherwise.
    pub fn between(a: &Hall, b: &Hall, (first, second): (f64, f64)) -> Option<Self> {
        let (mut blank_a, mut blank_b) = (a.clone(), b.clone());
        let (numbers_a, numbers_b) = (taken(&mut blank_a), taken(&mut blank_b));
        let same_form = numbers_a.len() == numbers_b.len()
            && numbers_a
                .iter()
                .zip(&numbers_b)
                .all(|(a, b)| a.1.len() == b.1.len());
        if !same_form || form(blank_a) != form(blank_b) {
            return None;
        }
        let mut slots = Self::default();
        for (run, ((owner, a), (_, b))) in numbers_a.iter().zip(&numbers_b).enumerate() {
            for (place, (a, b)) in a.iter().zip(b).enumerate() {
                if a.to_bits() == b.to_bits() {
                    continue;
                }
                if a.to_bits() != first.to_bits() || b.to_bits() != second.to_bits() {
                    return None;
                }
                slots.places.push((run, place));
                slots.owners.push(*owner);
            }
        }
        Some(slots)
    }

    /// Whether the path sets nothing.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether racks have to be filled in again when the path's value changes.
    pub fn reach_racks(&self) -> bool {
        self.owners.iter().any(|owner| {
            matches!(
                owner,
                // A loop's design temperature is that at which a plate's measured points are taken.
                Owner::State | Owner::Rack | Owner::Device | Owner::Rule | Owner::Circuit
            )
        })
    }

    /// Sets the path's value.
    pub fn set(&self, hall: &mut Hall, value: f64) {
        let mut run = 0;
        let mut next = self.places.iter().peekable();
        each(hall, &mut |_, numbers| {
            while let Some((_, place)) = next.next_if(|(at, _)| *at == run) {
                numbers[*place] = value;
            }
            run += 1;
        });
    }
}

/// Whether the numbers of two halls are the same, bit for bit.
pub fn same_numbers(a: &Hall, b: &Hall) -> bool {
    let bits = |hall: &Hall| -> Vec<u64> {
        let runs = taken(&mut hall.clone());
        let all = runs.iter().flat_map(|(_, numbers)| numbers);
        all.map(|number| number.to_bits()).collect()
    };
    bits(a) == bits(b)
}

/// Whether values of a changed hall contradict each other.
pub fn is_at_fault(hall: &Hall) -> bool {
    group_at_fault(&hall.root)
}

fn group_at_fault(group: &Group) -> bool {
    let header = |circuit: &Loop| {
        circuit
            .header
            .as_ref()
            .is_some_and(|header| !Kind::Pipe.check(&header.segment, &[]).is_empty())
    };
    let room = |room: &Room| {
        room.dew_point
            .is_some_and(|dew| dew > room.design_temperature)
    };
    let devices = group.racks.iter().flat_map(|set| &set.server.devices);
    let mut fault = false;
    for device in devices {
        device_faults(&device.device, &mut |_, _| fault = true);
    }
    fault
        || group.loops.iter().any(header)
        || group.rooms.iter().any(room)
        || group
            .equipment
            .iter()
            .any(|one| !one.kind.check(&one.theta, &one.tables).is_empty())
        || group.groups.iter().any(group_at_fault)
}

/// The outdoor air of a hall file's text with edits; `None` where it is at fault.
pub fn outdoor(text: &str, sets: &[String]) -> Option<Outdoor> {
    outdoor_of(text, sets)
}

/// The hall in words, without where its numbers come from.
fn form(mut hall: Hall) -> String {
    hall.provenance.clear();
    format!("{hall:?}")
}

/// Takes all numbers out, leaving zeros.
fn taken(hall: &mut Hall) -> Vec<(Owner, Vec<f64>)> {
    let mut all = Vec::new();
    each(hall, &mut |owner, numbers| {
        all.push((owner, numbers.to_vec()));
        numbers.fill(0.0);
    });
    all
}

type Visit<'v> = dyn FnMut(Owner, &mut [f64]) + 'v;

/// Visits all runs of numbers, in the order of the hall.
fn each(hall: &mut Hall, visit: &mut Visit<'_>) {
    let air = &mut hall.outdoor;
    for number in [
        &mut air.dry_bulb,
        &mut air.wet_bulb,
        &mut air.humidity_ratio,
        &mut air.pressure,
    ] {
        visit(Owner::Outdoor, std::slice::from_mut(number));
    }
    for state in std::iter::once(&mut hall.state).chain(&mut hall.states) {
        for load in [
            &mut state.gpu_load,
            &mut state.processor_load,
            &mut state.other_load,
        ] {
            visit(Owner::State, std::slice::from_mut(load));
        }
    }
    group(&mut hall.root, visit);
    for rule in &mut hall.variations.rules {
        let numbers: Vec<&mut f64> = match &mut rule.action {
            Action::Set(value) => vec![value],
            Action::Spread { distribution, .. } => match distribution {
                Distribution::Normal { sigma } | Distribution::LogNormal { sigma } => vec![sigma],
                Distribution::Uniform { half_width } => vec![half_width],
                Distribution::Chance {
                    probability,
                    factor,
                } => vec![probability, factor],
            },
            Action::Table(_) => Vec::new(),
        };
        for number in numbers {
            visit(Owner::Rule, std::slice::from_mut(number));
        }
    }
}

fn group(group_: &mut Group, visit: &mut Visit<'_>) {
    for circuit in &mut group_.loops {
        for number in [
            &mut circuit.reference_pressure,
            &mut circuit.design_supply_temperature,
            &mut circuit.design_temperature_rise,
            &mut circuit.design_pressure_difference,
        ] {
            visit(Owner::Circuit, std::slice::from_mut(number));
        }
        if let Some(limit) = &mut circuit.supply_limit {
            visit(Owner::Circuit, std::slice::from_mut(limit));
        }
        if let Some(header) = &mut circuit.header {
            visit(Owner::Header, &mut header.segment);
        }
    }
    for room in &mut group_.rooms {
        visit(
            Owner::Circuit,
            std::slice::from_mut(&mut room.design_temperature),
        );
        for number in [&mut room.limit, &mut room.dew_point].into_iter().flatten() {
            visit(Owner::Circuit, std::slice::from_mut(number));
        }
    }
    for set in &mut group_.racks {
        visit(Owner::Rack, &mut set.theta);
        visit(Owner::Rack, &mut set.server.theta);
        for devices in &mut set.server.devices {
            visit(Owner::Device, &mut devices.device);
            visit(Owner::Rack, &mut devices.plate);
        }
    }
    for equipment in &mut group_.equipment {
        visit(Owner::Equipment, &mut equipment.theta);
    }
    for inner in &mut group_.groups {
        group(inner, visit);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Owner, Slots, is_at_fault, same_numbers};
    use crate::hall::model::Hall;
    use crate::hall::{LoadOptions, load};
    use crate::world::Memory;
    use std::path::Path;

    fn hall(set: &str) -> Hall {
        let rack = include_str!("../../models/halls/rack.toml");
        let world = Memory::new().with("rack.toml", rack);
        let options = LoadOptions {
            set: vec![set.to_owned()],
            state: None,
        };
        load(&world, Path::new("rack.toml"), &options).unwrap().0
    }

    #[test]
    fn a_path_that_sets_numbers_gives_the_hall_that_is_read() {
        for (path, unit, scale, offset, values, owner) in [
            (
                "equipment.cdu.flow",
                "L/min",
                1e-3 / 60.0,
                0.0,
                [60.0, 90.0, 70.0],
                Owner::Equipment,
            ),
            (
                "equipment.cdu.supply_temperature",
                "degC",
                1.0,
                273.15,
                [36.0, 40.0, 38.0],
                Owner::Equipment,
            ),
            (
                "racks.rack.server.gpu.idle_power",
                "W",
                1.0,
                0.0,
                [80.0, 95.0, 90.0],
                Owner::Device,
            ),
            (
                "rack.0.server.3.gpu.5.idle_power",
                "W",
                1.0,
                0.0,
                [80.0, 95.0, 90.0],
                Owner::Rule,
            ),
            (
                "states.training.gpu_load",
                "",
                1.0,
                0.0,
                [0.5, 0.9, 0.7],
                Owner::State,
            ),
            (
                "rooms.hall.limit",
                "degC",
                1.0,
                273.15,
                [30.0, 35.0, 31.0],
                Owner::Circuit,
            ),
        ] {
            let at = |value: f64| hall(format!("{path}={value} {unit}").trim());
            let si = |value: f64| value * scale + offset;
            let [a, b, c] = values;
            let slots = Slots::between(&at(a), &at(b), (si(a), si(b))).expect(path);
            assert!(
                !slots.is_empty() && slots.owners.iter().all(|one| *one == owner),
                "{path}"
            );
            let mut changed = at(a);
            slots.set(&mut changed, si(c));
            assert!(same_numbers(&changed, &at(c)), "{path}");
        }
    }

    #[test]
    fn other_paths_have_no_slots() {
        let between = |a: &str, b: &str, values| Slots::between(&hall(a), &hall(b), values);
        assert_eq!(
            between("racks.rack.count=1", "racks.rack.count=2", (1.0, 2.0)),
            None
        );
        // The wet bulb sets the humidity ratio too.
        assert_eq!(
            between(
                "site.wet_bulb=20 degC",
                "site.wet_bulb=22 degC",
                (293.15, 295.15)
            ),
            None
        );
        assert_eq!(
            between(
                "loops.coolant.fluid=water",
                "loops.coolant.fluid=pg25",
                (0.0, 1.0)
            ),
            None
        );
    }

    #[test]
    fn contradictions_are_seen() {
        let mut own = hall("equipment.cdu.flow=60 L/min");
        assert!(!is_at_fault(&own));
        // Idle power above the rated.
        own.root.racks[0].server.devices[0].device[0] *= 1e-3;
        own.root.racks[0].server.devices[0].device[1] *= 1e3;
        assert!(is_at_fault(&own));
    }
}
