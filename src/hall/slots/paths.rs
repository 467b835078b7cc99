//! The numbers of a typed hall by their paths in the hall file, so that a study may move each of them without reading
//! the file again: those of devices, servers, racks, equipment, headers, loops, rooms and the state that is solved.
//!
//! Left out is what has no number of its own there: choices, curves, what was left out, what only judges a hall (limits
//! of loops and rooms) or sets others too (the site's weather), and values of single assets.

use super::{Owner, Slots, each};
use crate::component::{Kind, cold_plate, device, manifold, server};
use crate::hall::model::{DeviceRole, Group, Hall};
use crate::spec::{Field, FieldKind};
use crate::units::Dimension;

/// A number of the hall.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// Its path.
    pub path: String,
    /// Dimension.
    pub dimension: Dimension,
    /// Its value, SI.
    pub value: f64,
    /// Where it stands.
    pub slots: Slots,
}

/// Name and dimension of each number of a run, where it has a path.
type Names = Vec<Option<(String, Dimension)>>;

/// All numbers of a hall that have a path, in the order of the hall.
pub fn numbers(hall: &Hall) -> Vec<Number> {
    let mut runs: Vec<Names> = vec![vec![None]; 4];
    for state in std::iter::once(&hall.state).chain(&hall.states) {
        for key in ["gpu_load", "processor_load", "other_load"] {
            let name = format!("states.{}.{key}", state.name);
            let solved = state.name == hall.state.name;
            runs.push(vec![solved.then_some((name, Dimension::Fraction))]);
        }
    }
    group(&hall.root, "", &mut runs);
    let mut all: Vec<Number> = Vec::new();
    let mut run = 0;
    each(
        &mut hall.clone(),
        &mut |owner: Owner, values: &mut [f64]| {
            let names = runs.get(run).map_or(&[][..], Vec::as_slice);
            for (place, (name, value)) in names.iter().zip(values.iter()).enumerate() {
                let Some((path, dimension)) = name else {
                    continue;
                };
                if value.is_nan() {
                    continue;
                }
                // The state that is solved stands among all states once more.
                let known = (owner == Owner::State)
                    .then(|| all.iter_mut().find(|number| number.path == *path))
                    .flatten();
                if let Some(known) = known {
                    known.slots.places.push((run, place));
                    known.slots.owners.push(owner);
                    continue;
                }
                all.push(Number {
                    path: path.clone(),
                    dimension: *dimension,
                    value: *value,
                    slots: Slots {
                        places: vec![(run, place)],
                        owners: vec![owner],
                    },
                });
            }
            run += 1;
        },
    );
    all
}

fn group(own: &Group, path: &str, runs: &mut Vec<Names>) {
    let under = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    for circuit in &own.loops {
        let path = under(&format!("loops.{}", circuit.name));
        for (key, dimension) in [
            ("reference_pressure", Dimension::Pressure),
            ("design_supply_temperature", Dimension::Temperature),
            ("design_temperature_rise", Dimension::TemperatureDifference),
            ("design_pressure_difference", Dimension::Pressure),
        ] {
            runs.push(vec![Some((format!("{path}.{key}"), dimension))]);
        }
        if circuit.supply_limit.is_some() {
            runs.push(vec![None]);
        }
        if circuit.header.is_some() {
            runs.push(of_fields(
                Kind::Pipe.spec().fields,
                &format!("{path}.header"),
            ));
        }
    }
    for room in &own.rooms {
        let path = under(&format!("rooms.{}.design_temperature", room.name));
        runs.push(vec![Some((path, Dimension::Temperature))]);
        let limits = [room.limit, room.dew_point].into_iter().flatten();
        runs.extend(limits.map(|_| vec![None]));
    }
    for set in &own.racks {
        let path = under(&format!("racks.{}", set.name));
        runs.push(of_fields(manifold::Parameters::<f64>::FIELDS, &path));
        let path = format!("{path}.server");
        runs.push(of_fields(server::Parameters::<f64>::FIELDS, &path));
        for devices in &set.server.devices {
            let role = match devices.role {
                DeviceRole::Gpu => "gpu",
                DeviceRole::Processor => "processor",
                DeviceRole::Auxiliary => "auxiliary",
            };
            let path = format!("{path}.{role}");
            runs.push(of_fields(device::Parameters::<f64>::FIELDS, &path));
            let fields = cold_plate::Parameters::<f64>::FIELDS;
            runs.push(of_fields(fields, &format!("{path}.plate")));
        }
    }
    for one in &own.equipment {
        let path = under(&format!("equipment.{}", one.name));
        runs.push(of_fields(one.kind.spec().fields, &path));
    }
    for inner in &own.groups {
        group(inner, &under(&format!("groups.{}", inner.name)), runs);
    }
}

fn of_fields(fields: &[Field], path: &str) -> Names {
    fields
        .iter()
        .map(|field| match field.kind {
            FieldKind::Number { dimension, .. } => {
                Some((format!("{path}.{}", field.key), dimension))
            }
            FieldKind::Choice(_) | FieldKind::Flag | FieldKind::Points { .. } => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::numbers;
    use crate::hall::slots::same_numbers;
    use crate::hall::{LoadOptions, load};
    use crate::world::Disk;
    use std::path::Path;

    /// Each path, given to the reader with a changed value, sets the numbers that are said to be its own.
    #[test]
    fn paths_are_those_of_the_hall_file() {
        let path = Path::new("models/halls/rack.toml");
        let read = |set: Vec<String>| load(&Disk, path, &LoadOptions { set, state: None });
        let hall = read(Vec::new()).unwrap().0;
        let (mut tried, mut refused) = (0, Vec::new());
        for number in numbers(&hall) {
            let value = number.value * 0.99;
            let set = format!("{}={value:e} {}", number.path, number.dimension.si_symbol());
            let Ok((other, _)) = read(vec![set.trim().to_owned()]) else {
                refused.push(number.path);
                continue;
            };
            let mut moved = hall.clone();
            number.slots.set(&mut moved, value);
            assert!(same_numbers(&moved, &other), "{}", number.path);
            tried += 1;
        }
        // Below its least: a count of one, an exponent of one.
        assert!(
            tried > 150 && refused.len() < 20,
            "{tried} tried, refused: {refused:?}"
        );
    }
}
