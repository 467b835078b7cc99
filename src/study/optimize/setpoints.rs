//! Set-points and stage counts of a hall: what its controls hold, and how many units run.
//!
//! Which keys of a kind are set-points follows from how the component is controlled: a pump that holds a flow has the set-
//! point `flow`. Equal values under one name in different groups are one choice; a value that a part of the hall file gives
//! to all that name it is chosen there.

use toml_edit::DocumentMut;

use super::edit::written_at;
use super::variables::{Variable, whole};
use crate::component::Kind;
use crate::hall::model::{Equipment, Group, Hall};
use crate::spec::{FieldKind, position};
use crate::study::sweep::{Axis, Values};
use crate::units::{Dimension, UnitSystem};

/// When a key is a set-point.
enum When {
    /// Always.
    Always,
    /// Where a choice is one of these words.
    Is(&'static str, &'static [&'static str]),
    /// Where this number is given.
    Given(&'static str),
}

/// Keys by kind. Absent are temperatures of water that comes from outside, ratings, and what a bench alone has.
const KEYS: &[(&str, &str, When)] = &[
    (
        "cdu",
        "supply_temperature",
        When::Is("valve_control", &["outlet_temperature", "node_temperature"]),
    ),
    (
        "cdu",
        "reset_temperature",
        When::Is("reset", &["wet-bulb", "dry-bulb"]),
    ),
    (
        "cdu",
        "valve_position",
        When::Is("valve_control", &["fixed"]),
    ),
    ("cdu", "flow", When::Is("pump_control", &["flow"])),
    (
        "cdu",
        "pressure_difference",
        When::Is("pump_control", &["pressure_difference"]),
    ),
    ("cdu", "speed", When::Is("pump_control", &["fixed_speed"])),
    ("cdu", "running", When::Always),
    ("pump_set", "flow", When::Is("control", &["flow"])),
    (
        "pump_set",
        "pressure_difference",
        When::Is("control", &["pressure_difference"]),
    ),
    (
        "pump_set",
        "minimum_pressure_difference",
        When::Given("reset_flow"),
    ),
    ("pump_set", "speed", When::Is("control", &["fixed_speed"])),
    ("pump_set", "running", When::Is("staging", &["fixed"])),
    ("valve", "flow", When::Is("control", &["flow"])),
    (
        "valve",
        "pressure_difference",
        When::Is("control", &["pressure_difference", "relief"]),
    ),
    ("valve", "position", When::Is("control", &["fixed"])),
    (
        "tower",
        "supply_temperature",
        When::Is("control", &["fixed", "approach"]),
    ),
    ("tower", "approach", When::Is("control", &["approach"])),
    ("tower", "speed", When::Is("control", &["speed"])),
    ("tower", "running", When::Is("staging", &["fixed"])),
    (
        "dry_cooler",
        "supply_temperature",
        When::Is("control", &["fixed"]),
    ),
    ("dry_cooler", "approach", When::Is("control", &["approach"])),
    ("dry_cooler", "running", When::Always),
    ("chiller", "supply_temperature", When::Always),
    (
        "chiller",
        "reset_temperature",
        When::Given("reset_temperature"),
    ),
    ("chiller", "running", When::Always),
    ("air_cooled_chiller", "supply_temperature", When::Always),
    (
        "air_cooled_chiller",
        "reset_temperature",
        When::Given("reset_temperature"),
    ),
    ("air_cooled_chiller", "running", When::Always),
    ("economiser", "supply_temperature", When::Always),
    (
        "economiser",
        "reset_temperature",
        When::Given("reset_temperature"),
    ),
    (
        "crah",
        "room_temperature",
        When::Is("control", &["fan", "valve", "matched"]),
    ),
    ("crah", "running", When::Always),
    ("rear_door", "speed", When::Always),
    ("room_cooler", "room_temperature", When::Always),
];

/// Whether a key counts units.
pub(super) fn is_count(key: &str) -> bool {
    [
        "running",
        "count",
        "pumps_running",
        "modules",
        "redundant_units",
        "servers",
    ]
    .contains(&key)
}

/// A set-point or stage count.
#[derive(Debug, Clone)]
pub(super) struct Setpoint {
    /// Path in the hall file.
    pub(super) path: String,
    /// Name of the component and key: what makes several alike.
    name: String,
    part: Option<String>,
    pub(super) dimension: Dimension,
    /// Present value, SI.
    pub(super) today: Option<f64>,
    /// Allowed values, SI.
    allowed: (f64, f64),
    /// Unit that the value is written in.
    unit: &'static str,
    is_count: bool,
}

/// All of a hall, in the order of the file.
pub(super) fn all(hall: &Hall) -> Vec<Setpoint> {
    let mut found = Vec::new();
    walk(&hall.root, "", &mut found);
    found
}

fn walk(group: &Group, prefix: &str, found: &mut Vec<Setpoint>) {
    for one in &group.equipment {
        let keys = KEYS
            .iter()
            .filter(|(kind, ..)| *kind == one.kind.spec().kind);
        for (_, key, when) in keys {
            if holds(one, when) {
                found.extend(setpoint(one, key, prefix));
            }
        }
    }
    for inner in &group.groups {
        walk(inner, &format!("{prefix}groups.{}.", inner.name), found);
    }
}

/// A slot of a component, and what it holds where it is given.
fn slot(one: &Equipment, key: &str) -> Option<(usize, Option<f64>)> {
    let place = position(one.kind.spec().fields, key)?;
    let value = one.theta.get(place).copied()?;
    Some((place, Some(value).filter(|value| !value.is_nan())))
}

fn holds(one: &Equipment, when: &When) -> bool {
    match when {
        When::Always => true,
        When::Given(key) => slot(one, key).is_some_and(|(_, value)| value.is_some()),
        When::Is(key, words) => slot(one, key).is_some_and(|(place, value)| {
            let FieldKind::Choice(all) = one.kind.spec().fields[place].kind else {
                return false;
            };
            let word = value.and_then(|index| all.get(index as usize));
            word.is_some_and(|word| words.contains(word))
        }),
    }
}

fn setpoint(one: &Equipment, key: &str, prefix: &str) -> Option<Setpoint> {
    let (place, given) = slot(one, key)?;
    let FieldKind::Number {
        dimension,
        min,
        max,
    } = one.kind.spec().fields[place].kind
    else {
        return None;
    };
    let is_count = is_count(key);
    let count = slot(one, "count").and_then(|(_, count)| count);
    let today = given.or_else(|| implied(one, key, count));
    let allowed = if is_count {
        let count = count.filter(|count| *count > 1.0)?;
        (min.max(1.0), max.min(count))
    } else {
        (min, max)
    };
    let unit = if dimension.allows_bare_number() {
        ""
    } else {
        dimension.display(today?, UnitSystem::Si).symbol
    };
    Some(Setpoint {
        path: format!("{prefix}equipment.{}.{key}", one.name),
        name: format!("{}.{key}", one.name),
        part: one.part.clone(),
        dimension,
        today,
        allowed,
        unit,
        is_count,
    })
}

/// The value of a key that was left out.
fn implied(one: &Equipment, key: &str, count: Option<f64>) -> Option<f64> {
    let of = |key: &str| slot(one, key).and_then(|(_, value)| value);
    match key {
        "running" => count,
        "flow" if one.kind == Kind::Cdu => {
            let units = of("running").or(count)?;
            Some(units * of("secondary_flow")?)
        }
        _ => None,
    }
}

impl Setpoint {
    /// As a variable at these paths, with its usual range: temperatures 8 K to either side, differences from half to
    /// double, flows and pressures from half to half as much again, shares from 0.3 times to 1, counts from 1 to all; all
    /// inside what the field list allows. `None` where that leaves one value.
    pub(super) fn variable(&self, paths: Vec<String>, name: &str) -> Option<Variable> {
        let today = self.today?;
        let (least, most) = self.allowed;
        let values = if self.is_count {
            let counts = whole(least, most).ok()?;
            (counts.len() > 1).then_some(Values::List(counts))?
        } else {
            let (low, high) = match self.dimension {
                Dimension::Temperature => (today - 8.0, today + 8.0),
                Dimension::TemperatureDifference => (0.5 * today, 2.0 * today),
                Dimension::Fraction => (0.3 * today, f64::max(1.0, today)),
                _ => (0.5 * today, 1.5 * today),
            };
            let of = |si: f64| self.written(si.clamp(least, most));
            let (from, to) = (of(low), of(high));
            (to > from).then_some(Values::Range {
                from,
                to,
                count: 0,
                logarithmic: false,
            })?
        };
        Some(Variable {
            name: name.to_owned(),
            axes: paths
                .into_iter()
                .map(|path| Axis {
                    path,
                    values: values.clone(),
                    unit: self.unit.to_owned(),
                    base: None,
                })
                .collect(),
            today: Some(self.written(today)),
            today_word: None,
        })
    }

    /// A value in the unit that it is written in, without the digits that are rounding.
    fn written(&self, si: f64) -> f64 {
        let number = match self.dimension.find_unit(self.unit) {
            Ok(unit) if !self.unit.is_empty() => unit.from_si(si),
            _ => si,
        };
        format!("{number:.9e}").parse().unwrap_or(number)
    }

    fn alike(&self, other: &Self) -> bool {
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
        self.name == other.name
            && self.allowed == other.allowed
            && self
                .today
                .zip(other.today)
                .is_some_and(|(a, b)| close(a, b))
    }

    fn key(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or(&self.path)
    }
}

/// The variables that a hall has of itself: every set-point and stage count, alike ones joined.
pub(super) fn usual(hall: &Hall, document: &DocumentMut) -> Vec<Variable> {
    let all = all(hall);
    let mut taken = vec![false; all.len()];
    let mut out = Vec::new();
    for first in 0..all.len() {
        if taken[first] {
            continue;
        }
        let own = &all[first];
        let of_part = own.part.as_ref().map(|part| {
            let path = format!("parts.{part}.{}", own.key());
            let members: Vec<usize> = (0..all.len())
                .filter(|&k| all[k].part.as_ref() == Some(part) && all[k].key() == own.key())
                .collect();
            (path, members)
        });
        // A part that gives the value to all that name it, none of which has a value of its own or was chosen before.
        let chosen = of_part.filter(|(path, members)| {
            let value = own.today;
            written_at(document, path).is_some()
                && members.iter().all(|&k| {
                    !taken[k]
                        && all[k].today == value
                        && all[k].allowed == own.allowed
                        && written_at(document, &all[k].path).is_none()
                })
        });
        let (paths, members) = if let Some((path, members)) = chosen {
            (vec![path], members)
        } else {
            let members: Vec<usize> = (first..all.len())
                .filter(|&k| !taken[k] && own.alike(&all[k]))
                .collect();
            (
                members.iter().map(|&k| all[k].path.clone()).collect(),
                members,
            )
        };
        for member in members {
            taken[member] = true;
        }
        let name = pattern(&paths);
        out.extend(own.variable(paths, &name));
    }
    out
}

/// One path that stands for all: `*` where they differ, or the first with the number of others.
fn pattern(paths: &[String]) -> String {
    let Some(first) = paths.first() else {
        return String::new();
    };
    if paths.len() == 1 {
        return first.clone();
    }
    let split = |path: &str| path.split('.').map(str::to_owned).collect::<Vec<_>>();
    let mut steps = split(first);
    for path in &paths[1..] {
        let other = split(path);
        if other.len() != steps.len() {
            return format!("{first} and {} more", paths.len() - 1);
        }
        for (step, other) in steps.iter_mut().zip(other) {
            if *step != other {
                "*".clone_into(step);
            }
        }
    }
    steps.join(".")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{KEYS, When, usual};
    use crate::component::Kind;
    use crate::hall::{LoadOptions, load};
    use crate::spec::position;
    use crate::world::{Disk, World};
    use std::path::Path;

    #[test]
    fn every_key_is_one_of_its_kind() {
        for (kind, key, when) in KEYS {
            let fields = Kind::from_name(kind).unwrap().spec().fields;
            assert!(position(fields, key).is_some(), "{kind}.{key}");
            match when {
                When::Always => {}
                When::Given(other) => assert!(position(fields, other).is_some(), "{kind}.{other}"),
                When::Is(choice, words) => {
                    let place = position(fields, choice).unwrap();
                    let crate::spec::FieldKind::Choice(all) = fields[place].kind else {
                        panic!("{kind}.{choice} is no choice")
                    };
                    assert!(
                        words.iter().all(|word| all.contains(word)),
                        "{kind}.{choice}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_hall_with_alike_groups_has_one_variable_for_all() {
        let path = Path::new("models/halls/colossus.toml");
        let (hall, _) = load(&Disk, path, &LoadOptions::default()).unwrap();
        let document = Disk.read_to_string(path).unwrap().parse().unwrap();
        let names: Vec<(String, usize)> = usual(&hall, &document)
            .iter()
            .map(|one| (one.name.clone(), one.axes.len()))
            .collect();
        for expected in [
            ("parts.site-cdu.supply_temperature", 1),
            ("parts.site-towers.approach", 1),
            ("parts.site-towers.running", 1),
            ("groups.*.equipment.facility-pumps.pressure_difference", 2),
            ("groups.*.equipment.facility-pumps.running", 2),
        ] {
            let (name, paths) = expected;
            assert!(
                names.contains(&(name.to_owned(), paths)),
                "{name} in {names:?}"
            );
        }
    }
}
