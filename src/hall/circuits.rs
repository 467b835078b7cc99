//! Fluids, loops and rooms.

use super::model::{Header, Loop, Room};
use super::names::{as_table, named, text};
use super::resolve::join;
use crate::component::Kind;
use crate::diag::{Diagnostic, Span};
use crate::document::{Entry, Table, Value};
use crate::fluid::{Fluid, FluidKind};
use crate::library::{DEFAULT_SOURCE, Grade, Provenance, Reader, Stack};
use crate::spec::FieldKind;
use crate::units::{Dimension, UnitSystem};
use std::collections::BTreeMap;

/// Fluids of the file, by name; `None` for a faulty one.
pub(super) type Fluids<'t> = BTreeMap<&'t str, Option<Fluid>>;

pub(super) const FLUID_KINDS: [(&str, FluidKind); 4] = [
    ("water", FluidKind::Water),
    ("propylene_glycol", FluidKind::PropyleneGlycol),
    ("ethylene_glycol", FluidKind::EthyleneGlycol),
    ("constant", FluidKind::Constant),
];

pub(super) const CONSTANT_KEYS: [(&str, Dimension, f64, f64); 4] = [
    ("density", Dimension::Density, 1.0, 2e4),
    ("specific_heat", Dimension::SpecificHeat, 1.0, 1e5),
    ("viscosity", Dimension::DynamicViscosity, 1e-6, 10.0),
    ("conductivity", Dimension::ThermalConductivity, 1e-3, 1e3),
];

/// The file's own fluids.
pub(super) fn fluids<'t>(root: &'t Table, reader: &mut Reader<'t>) -> Fluids<'t> {
    let mut all = Fluids::new();
    for entry in named(root, "fluids", reader) {
        let fluid = fluid(entry, reader);
        all.insert(entry.key.as_str(), fluid);
    }
    all
}

fn fluid<'t>(entry: &'t Entry, reader: &mut Reader<'t>) -> Option<Fluid> {
    let table = as_table(entry, reader)?;
    let what = format!("fluid `{}`", entry.key);
    let path = format!("fluids.{}", entry.key);
    let words = FLUID_KINDS.iter().map(|(word, _)| *word);
    let Some(word) = text(table, "kind", reader) else {
        if table.get("kind").is_none() {
            reader.push(
                Diagnostic::error(entry.node.span, format!("{what} lacks `kind`")).words("", words),
            );
        }
        return None;
    };
    let Some(kind) = FLUID_KINDS
        .iter()
        .find(|(known, _)| *known == word)
        .map(|(_, kind)| *kind)
    else {
        let span = table
            .get("kind")
            .map_or(entry.key_span, |entry| entry.node.span);
        reader.push(
            Diagnostic::error(span, format!("unknown kind `{word}` of fluid")).words(word, words),
        );
        return None;
    };
    match kind {
        FluidKind::Water => {
            reader.known_keys(table, &what, ["kind"]);
            Some(Fluid::water())
        }
        FluidKind::Constant => {
            let known = CONSTANT_KEYS
                .iter()
                .map(|(key, ..)| *key)
                .chain(["kind"])
                .collect::<Vec<_>>();
            reader.known_keys(table, &what, known);
            let mut values = [None; 4];
            for (value, (key, dimension, min, max)) in values.iter_mut().zip(CONSTANT_KEYS) {
                if table.get(key).is_none() {
                    reader.push(Diagnostic::error(
                        entry.node.span,
                        format!("{what} lacks `{key}`"),
                    ));
                }
                *value = reader.optional_quantity(table, key, &path, dimension, min, max);
            }
            let [density, specific_heat, viscosity, conductivity] = values;
            made(
                entry,
                Fluid::constant(density?, specific_heat?, viscosity?, conductivity?),
                reader,
            )
        }
        FluidKind::PropyleneGlycol | FluidKind::EthyleneGlycol => {
            reader.known_keys(table, &what, ["kind", "mass_fraction", "volume_fraction"]);
            let mut strength =
                |key| reader.optional_quantity(table, key, &path, Dimension::Fraction, 0.0, 1.0);
            let (mass, volume) = (strength("mass_fraction"), strength("volume_fraction"));
            match (table.get("mass_fraction"), table.get("volume_fraction")) {
                (Some(_), None) => made(entry, Fluid::new(kind, mass?), reader),
                (None, Some(_)) => made(entry, Fluid::from_volume_fraction(kind, volume?), reader),
                (given, _) => {
                    let message = if given.is_some() {
                        "states its strength twice"
                    } else {
                        "does not state its strength"
                    };
                    reader.push(
                        Diagnostic::error(entry.node.span, format!("{what} {message}"))
                            .allowed("one of mass_fraction, volume_fraction"),
                    );
                    None
                }
            }
        }
    }
}

fn made<E: std::fmt::Display>(
    entry: &Entry,
    fluid: Result<Fluid, E>,
    reader: &mut Reader<'_>,
) -> Option<Fluid> {
    fluid
        .map_err(|error| {
            reader.push(Diagnostic::error(
                entry.node.span,
                format!("fluid `{}`: {error}", entry.key),
            ))
        })
        .ok()
}

/// The fluid of a name: the file's own, `water`, or `pgNN` and `egNN` with NN volume percent.
fn named_fluid(
    name: &str,
    span: Span,
    own: &Fluids<'_>,
    reader: &mut Reader<'_>,
) -> Option<(Fluid, String)> {
    if let Some(fluid) = own.get(name) {
        // A faulty one is reported where it stands.
        return fluid.map(|fluid| (fluid, name.to_owned()));
    }
    if name == "water" {
        return Some((Fluid::water(), name.to_owned()));
    }
    let glycol = [
        ("pg", FluidKind::PropyleneGlycol),
        ("eg", FluidKind::EthyleneGlycol),
    ]
    .into_iter()
    .find_map(|(word, kind)| Some((kind, name.strip_prefix(word)?.parse::<u8>().ok()?)));
    if let Some((kind, percent)) = glycol {
        if let Ok(fluid) = Fluid::from_volume_fraction(kind, f64::from(percent) / 100.0) {
            return Some((fluid, name.to_uppercase()));
        }
        let weakest_fault = (0..=100).find(|percent| {
            Fluid::from_volume_fraction(kind, f64::from(*percent) / 100.0).is_err()
        });
        let word = &name[..2];
        let strongest = weakest_fault.unwrap_or(0).max(1) - 1;
        reader.push(
            Diagnostic::error(
                span,
                format!(
                    "`{name}` is stronger than the properties of {} reach",
                    kind.name()
                ),
            )
            .allowed(format!("{word}0 to {word}{strongest}, percent by volume")),
        );
        return None;
    }
    let words: Vec<&str> = own
        .keys()
        .copied()
        .chain(["water", "pg25", "eg30"])
        .collect();
    let mut fault = Diagnostic::error(span, format!("no fluid `{name}`")).words(name, words);
    let mut allowed =
        "water, pgNN or egNN (NN percent by volume of propylene or ethylene glycol)".to_owned();
    if !own.is_empty() {
        allowed = format!(
            "{}, {allowed}",
            own.keys().copied().collect::<Vec<_>>().join(", ")
        );
    }
    fault.allowed = Some(allowed);
    reader.push(fault);
    None
}

/// Keys of a loop.
pub(super) const LOOP_KEYS: [&str; 9] = [
    "fluid",
    "reference_pressure",
    "design_supply_temperature",
    "design_temperature_rise",
    "design_pressure_difference",
    "class",
    "supply_limit",
    "nodes",
    "header",
];

/// Classes by their highest supply temperature, K (W+ has none), with how well each is confirmed: see [`class_source`].
pub(super) const CLASSES: [(&str, Option<f64>, Grade); 10] = [
    ("W17", Some(290.15), Grade::B),
    ("W27", Some(300.15), Grade::B),
    ("W32", Some(305.15), Grade::B),
    ("W40", Some(313.15), Grade::B),
    ("W45", Some(318.15), Grade::B),
    ("W+", None, Grade::B),
    ("S30", Some(303.15), Grade::D),
    ("S40", Some(313.15), Grade::D),
    ("S45", Some(318.15), Grade::B),
    ("S50", Some(323.15), Grade::D),
];

/// Where the limit of a class comes from.
const fn class_source(grade: Grade) -> &'static str {
    match grade {
        Grade::D => {
            "assumption: a class of ASHRAE TC 9.9's technology coolant by its number; the list was not confirmed in print"
        }
        _ => {
            "ASHRAE TC 9.9, classes of facility water (5th edition, 2021) and S45 as vendors document it; third-party transcription"
        }
    }
}

/// Names of a loop's nodes: `supply` and `return`, the file's own, and the far ends of a header.
pub(super) fn node_names<'t>(table: &'t Table, reader: &mut Reader<'t>) -> Vec<String> {
    let mut nodes = vec!["supply".to_owned(), "return".to_owned()];
    if let Some(entry) = table.get("nodes") {
        match entry.node.as_array() {
            Some(items) => {
                for item in items {
                    match item.as_str() {
                        Some(name) if !super::names::is_name(name) => {
                            reader.push(super::names::bad_name(item.span, name));
                        }
                        Some(name) if nodes.iter().any(|known| known == name) => {
                            let fault = Diagnostic::error(
                                item.span,
                                format!("node `{name}` is there twice"),
                            );
                            reader.push(fault.hint("`supply` and `return` always exist"));
                        }
                        Some(name) => nodes.push(name.to_owned()),
                        None => {
                            let sort = item.value.sort();
                            reader.push(Diagnostic::error(
                                item.span,
                                format!("a node is a name, not {sort}"),
                            ));
                        }
                    }
                }
            }
            None => reader.push(Diagnostic::error(
                entry.node.span,
                format!(
                    "`nodes` must be a list of names, not {}",
                    entry.node.value.sort()
                ),
            )),
        }
    }
    if table.get("header").is_some() {
        for name in ["supply_end", "return_end"] {
            if !nodes.iter().any(|known| known == name) {
                nodes.push(name.to_owned());
            }
        }
    }
    nodes
}

/// A loop.
pub(super) fn circuit<'t>(
    entry: &'t Entry,
    scope: &str,
    nodes: Vec<String>,
    own: &Fluids<'t>,
    reader: &mut Reader<'t>,
) -> Option<Loop> {
    let table = as_table(entry, reader)?;
    let path = join(scope, &format!("loops.{}", entry.key));
    reader.known_keys(table, &format!("loop `{}`", entry.key), LOOP_KEYS);
    let mut number = |key: &str, dimension: Dimension, min, max, default: f64| {
        if table.get(key).is_none() {
            let shown = dimension.display(default, UnitSystem::Si).to_string();
            reader.note_default(&join(&path, key), shown, DEFAULT_SOURCE);
            return Some(default);
        }
        reader.optional_quantity(table, key, &path, dimension, min, max)
    };
    let reference_pressure = number("reference_pressure", Dimension::Pressure, -9e4, 1e7, 1.5e5);
    let supply = number(
        "design_supply_temperature",
        Dimension::Temperature,
        250.0,
        400.0,
        303.15,
    );
    let rise = number(
        "design_temperature_rise",
        Dimension::TemperatureDifference,
        0.1,
        100.0,
        10.0,
    );
    let difference = number(
        "design_pressure_difference",
        Dimension::Pressure,
        1.0,
        1e7,
        1.5e5,
    );
    let (class, supply_limit) = class(table, &path, reader);
    let header = table
        .get("header")
        .map(|header| self::header(header, &path, reader));
    let Some(found) = table.get("fluid") else {
        reader.push(
            Diagnostic::error(entry.node.span, format!("`{path}` lacks `fluid`")).allowed(
                "water, pgNN or egNN (NN percent by volume of propylene or ethylene glycol)",
            ),
        );
        return None;
    };
    let name = text(table, "fluid", reader)?;
    let (fluid, fluid_name) = named_fluid(name, found.node.span, own, reader)?;
    let supply = supply?;
    if !fluid.contains(supply) {
        let place = table
            .get("design_supply_temperature")
            .map_or(found.node.span, |entry| entry.node.span);
        let range = fluid.valid_range();
        let show = |kelvin| Dimension::Temperature.display(kelvin, UnitSystem::Si);
        reader.push(
            Diagnostic::warning(
                place,
                format!(
                    "{fluid_name} at {} is outside the {} to {} of its correlations",
                    show(supply),
                    show(range.min),
                    show(range.max)
                ),
            )
            .about(path),
        );
    }
    Some(Loop {
        name: entry.key.clone(),
        fluid,
        fluid_name,
        nodes,
        reference_pressure: reference_pressure?,
        design_supply_temperature: supply,
        design_temperature_rise: rise?,
        design_pressure_difference: difference?,
        supply_limit,
        class,
        header: header.flatten(),
    })
}

fn class<'t>(
    table: &'t Table,
    path: &str,
    reader: &mut Reader<'t>,
) -> (Option<String>, Option<f64>) {
    let own = reader.optional_quantity(
        table,
        "supply_limit",
        path,
        Dimension::Temperature,
        250.0,
        400.0,
    );
    let Some(entry) = table.get("class") else {
        return (None, own);
    };
    let Some(word) = text(table, "class", reader) else {
        return (None, own);
    };
    let Some((_, limit, grade)) = CLASSES.iter().find(|(name, ..)| *name == word) else {
        reader.push(
            Diagnostic::error(entry.node.span, format!("unknown class `{word}`"))
                .words(word, CLASSES.iter().map(|(name, ..)| *name)),
        );
        return (None, own);
    };
    if let (None, Some(limit)) = (own, limit) {
        reader.provenance.push(Provenance {
            path: join(path, "supply_limit"),
            value: Dimension::Temperature
                .display(*limit, UnitSystem::Si)
                .to_string(),
            part: None,
            source: class_source(*grade).to_owned(),
            confidence: *grade,
        });
    }
    // A limit of the file's own is stricter or laxer on purpose; the class remains its name.
    (Some(word.to_owned()), own.or(*limit))
}

/// The parameters of one segment: fields of the kind `pipe`, which may be written with `segment_`
/// before them.
fn header<'t>(entry: &'t Entry, path: &str, reader: &mut Reader<'t>) -> Option<Header> {
    let table = as_table(entry, reader)?;
    let path = join(path, "header");
    let kind = Kind::from_name("pipe")?;
    let fields = kind.spec().fields;
    let spellings: Vec<String> = fields
        .iter()
        .flat_map(|field| [field.key.to_owned(), format!("segment_{}", field.key)])
        .collect();
    reader.known_keys(
        table,
        "a header",
        spellings
            .iter()
            .map(String::as_str)
            .chain(["return"])
            .collect::<Vec<_>>(),
    );
    let reverse_return = match table.get("return") {
        None => false,
        Some(found) => match &found.node.value {
            Value::String(word) if word == "direct" => false,
            Value::String(word) if word == "reverse" => true,
            other => {
                let word = other.written();
                let fault = Diagnostic::error(
                    found.node.span,
                    format!("a header's return cannot be `{word}`"),
                );
                reader.push(fault.words(&word, ["direct", "reverse"]));
                return None;
            }
        },
    };
    let mut theta = Vec::with_capacity(fields.len());
    let mut complete = true;
    for field in fields {
        let long = format!("segment_{}", field.key);
        let slot = match table.get(field.key).or_else(|| table.get(&long)) {
            Some(found) if matches!(field.kind, FieldKind::Number { .. }) => {
                let FieldKind::Number {
                    dimension,
                    min,
                    max,
                } = field.kind
                else {
                    continue;
                };
                reader.optional_quantity(table, &found.key, &path, dimension, min, max)
            }
            Some(found) => reader.scalar(field, &found.node),
            // One field at a time: `fields` reports what is missing and notes defaults.
            None => {
                let stack = Stack::single(table, entry.node.span);
                reader
                    .fields(std::slice::from_ref(field), &stack, &path)
                    .single()
            }
        };
        complete &= slot.is_some();
        theta.push(slot.unwrap_or(f64::NAN));
    }
    if complete {
        for (key, message) in kind.check(&theta, &[]) {
            complete = false;
            let long = format!("segment_{key}");
            let span = table
                .get(key)
                .or_else(|| table.get(&long))
                .map_or(entry.node.span, |found| found.node.span);
            reader.push(Diagnostic::error(span, format!("`{path}`: {message}")));
        }
    }
    complete.then_some(Header {
        segment: theta,
        reverse_return,
    })
}

/// Keys of a room.
pub(super) const ROOM_KEYS: [&str; 4] = ["design_temperature", "limit", "dew_point", "exhaust"];

/// A room.
pub(super) fn room<'t>(entry: &'t Entry, scope: &str, reader: &mut Reader<'t>) -> Option<Room> {
    let table = as_table(entry, reader)?;
    let path = join(scope, &format!("rooms.{}", entry.key));
    reader.known_keys(table, &format!("room `{}`", entry.key), ROOM_KEYS);
    let mut temperature = |key: &str| {
        reader.optional_quantity(table, key, &path, Dimension::Temperature, 250.0, 400.0)
    };
    let (design, limit, dew_point) = (
        temperature("design_temperature"),
        temperature("limit"),
        temperature("dew_point"),
    );
    let exhaust = match table.get("exhaust").map(|entry| &entry.node) {
        None => false,
        Some(node) => match node.value {
            Value::Boolean(flag) => flag,
            ref other => {
                let message = format!("`exhaust` must be true or false, not {}", other.sort());
                reader.push(Diagnostic::error(node.span, message));
                return None;
            }
        },
    };
    let design_temperature = if table.get("design_temperature").is_some() {
        design?
    } else {
        // A first guess only: rooms near 27 degC (top of the ASHRAE recommended range), exhausts above.
        let guess = if exhaust { 310.15 } else { 300.15 };
        let shown = Dimension::Temperature
            .display(guess, UnitSystem::Si)
            .to_string();
        reader.note_default(&join(&path, "design_temperature"), shown, DEFAULT_SOURCE);
        guess
    };
    if let (Some(dew), Some(found)) = (dew_point, table.get("dew_point"))
        && dew > design_temperature
    {
        reader.push(Diagnostic::error(
            found.node.span,
            format!(
                "the dew point of room `{}` is above its design temperature",
                entry.key
            ),
        ));
    }
    Some(Room {
        name: entry.key.clone(),
        design_temperature,
        limit,
        dew_point,
        exhaust,
    })
}
