//! The site's outdoor air, and the operating states.

use super::model::State;
use super::names::{as_table, named, text};
use crate::component::Outdoor;
use crate::diag::{Diagnostic, Span};
use crate::document::{Entry, Table};
use crate::library::{DEFAULT_SOURCE, Reader};
use crate::units::{Dimension, UnitSystem};
use crate::weather::{MoistAir, PsychrometricError, standard_pressure};

const SITE_KEYS: [&str; 7] = [
    "scenario",
    "dry_bulb",
    "wet_bulb",
    "relative_humidity",
    "dew_point",
    "pressure",
    "elevation",
];

/// Outdoor air where the file has no site, K and K: a mild day. An assumption.
const MILD_DRY_BULB: f64 = 293.15;
const MILD_WET_BULB: f64 = 287.15;

/// Words for the outdoor condition, and the outdoor air.
pub(super) fn site<'t>(root: &'t Table, reader: &mut Reader<'t>) -> Option<(String, Outdoor)> {
    let Some(entry) = root.get("site") else {
        for (key, value) in [("dry_bulb", MILD_DRY_BULB), ("wet_bulb", MILD_WET_BULB)] {
            let shown = Dimension::Temperature
                .display(value, UnitSystem::Si)
                .to_string();
            reader.note_default(&format!("site.{key}"), shown, DEFAULT_SOURCE);
        }
        let air =
            MoistAir::from_wet_bulb(MILD_DRY_BULB, MILD_WET_BULB, standard_pressure(0.0)).ok()?;
        return Some(("mild day (no site given)".to_owned(), outdoor(&air)));
    };
    let table = as_table(entry, reader)?;
    reader.known_keys(table, "[site]", SITE_KEYS);
    let scenario = text(table, "scenario", reader)
        .unwrap_or_default()
        .to_owned();
    let pressure = pressure(table, reader);
    let mut temperature = |key: &str| {
        reader.optional_quantity(table, key, "site", Dimension::Temperature, 213.15, 343.15)
    };
    let (dry, wet, dew) = (
        temperature("dry_bulb"),
        temperature("wet_bulb"),
        temperature("dew_point"),
    );
    let humidity = reader.optional_quantity(
        table,
        "relative_humidity",
        "site",
        Dimension::Fraction,
        0.0,
        1.0,
    );
    if table.get("dry_bulb").is_none() {
        reader.push(Diagnostic::error(
            entry.node.span,
            "`site` lacks `dry_bulb`",
        ));
    }
    let given: Vec<&Entry> = ["wet_bulb", "relative_humidity", "dew_point"]
        .iter()
        .filter_map(|key| table.get(key))
        .collect();
    match given.as_slice() {
        [] => {
            let fault =
                Diagnostic::error(entry.node.span, "`site` does not say how humid the air is");
            reader.push(fault.allowed("one of wet_bulb, relative_humidity, dew_point"));
            return None;
        }
        [_] => {}
        [first, second, ..] => {
            reader.push(
                Diagnostic::error(
                    second.key_span,
                    format!(
                        "`{}` and `{}` both say how humid the air is",
                        first.key, second.key
                    ),
                )
                .related(first.key_span, "first here")
                .allowed("one of wet_bulb, relative_humidity, dew_point"),
            );
            return None;
        }
    }
    let (dry, pressure) = (dry?, pressure?);
    let air = match (wet, humidity, dew) {
        (Some(wet), ..) => MoistAir::from_wet_bulb(dry, wet, pressure),
        (_, Some(humidity), _) => MoistAir::from_relative_humidity(dry, humidity, pressure),
        (_, _, Some(dew)) => MoistAir::from_dew_point(dry, dew, pressure),
        _ => return None,
    };
    match air {
        Ok(air) => Some((scenario, outdoor(&air))),
        Err(error) => {
            let span = given
                .first()
                .map_or(entry.node.span, |entry| entry.node.span);
            reader.push(impossible(span, &error));
            None
        }
    }
}

fn pressure<'t>(table: &'t Table, reader: &mut Reader<'t>) -> Option<f64> {
    if let (Some(first), Some(second)) = (table.get("pressure"), table.get("elevation")) {
        reader.push(
            Diagnostic::error(
                second.key_span,
                "`elevation` and `pressure` say the same thing",
            )
            .related(first.key_span, "pressure here")
            .allowed("one of pressure, elevation"),
        );
        return None;
    }
    if table.get("elevation").is_some() {
        let height = reader.optional_quantity(
            table,
            "elevation",
            "site",
            Dimension::Length,
            -500.0,
            6000.0,
        )?;
        return Some(standard_pressure(height));
    }
    if table.get("pressure").is_some() {
        return reader.optional_quantity(
            table,
            "pressure",
            "site",
            Dimension::Pressure,
            45e3,
            110e3,
        );
    }
    let sea_level = standard_pressure(0.0);
    let shown = Dimension::Pressure
        .display(sea_level, UnitSystem::Si)
        .to_string();
    reader.note_default("site.pressure", shown, DEFAULT_SOURCE);
    Some(sea_level)
}

fn outdoor(air: &MoistAir) -> Outdoor {
    Outdoor {
        dry_bulb: air.dry_bulb(),
        wet_bulb: air.wet_bulb(),
        humidity_ratio: air.humidity_ratio(),
        pressure: air.pressure(),
    }
}

fn impossible(span: Span, error: &PsychrometricError) -> Diagnostic {
    let show = |kelvin| Dimension::Temperature.display(kelvin, UnitSystem::Si);
    let (message, hint) = match *error {
        PsychrometricError::WetBulbAboveDryBulb { wet_bulb, dry_bulb } => (
            format!(
                "the wet bulb, {}, is above the dry bulb, {}",
                show(wet_bulb),
                show(dry_bulb)
            ),
            "the wet bulb is the lower of the two; they are equal in saturated air",
        ),
        PsychrometricError::WetBulbTooLow { wet_bulb, dry_bulb } => (
            format!(
                "the wet bulb, {}, is below that of dry air at {}",
                show(wet_bulb),
                show(dry_bulb)
            ),
            "no air is that dry",
        ),
        PsychrometricError::DewPointAboveDryBulb {
            dew_point,
            dry_bulb,
        } => (
            format!(
                "the dew point, {}, is above the dry bulb, {}",
                show(dew_point),
                show(dry_bulb)
            ),
            "the dew point is the lower of the two; they are equal in saturated air",
        ),
        ref other => (format!("no air is so: {other}"), ""),
    };
    let fault = Diagnostic::error(span, message);
    if hint.is_empty() {
        fault
    } else {
        fault.hint(hint)
    }
}

/// States that every hall has, unless its file says otherwise: name, loads of GPUs, other plated
/// devices, and the rest. Nameplate and idle are definitions; training is an assumption (grade D),
/// chosen so that an 8-GPU H100 node draws the 7.2 to 7.8 kW measured under heavy training
/// (arXiv 2506.14551: 76 % of 10.2 kW).
const STATES: [(&str, [f64; 3]); 3] = [
    ("nameplate", [1.0, 1.0, 1.0]),
    ("training", [0.85, 0.4, 0.8]),
    ("idle", [0.0, 0.0, 0.0]),
];

const LOADS: [&str; 3] = ["gpu_load", "processor_load", "other_load"];

/// All states: the file's own in their order, then those that every hall has.
pub(super) fn states<'t>(root: &'t Table, reader: &mut Reader<'t>) -> Vec<State> {
    let mut all = Vec::new();
    for entry in named(root, "states", reader) {
        let Some(table) = as_table(entry, reader) else {
            continue;
        };
        reader.known_keys(table, &format!("state `{}`", entry.key), LOADS);
        let usual = STATES
            .iter()
            .find(|(name, _)| *name == entry.key)
            .map(|(_, loads)| loads);
        let path = format!("states.{}", entry.key);
        let mut loads = [f64::NAN; 3];
        for (index, key) in LOADS.into_iter().enumerate() {
            if table.get(key).is_some() {
                loads[index] = reader
                    .optional_quantity(table, key, &path, Dimension::Fraction, 0.0, 1.0)
                    .unwrap_or(f64::NAN);
            } else if let Some(usual) = usual {
                loads[index] = usual[index];
                reader.note_default(
                    &format!("{path}.{key}"),
                    usual[index].to_string(),
                    DEFAULT_SOURCE,
                );
            } else {
                reader.push(
                    Diagnostic::error(entry.node.span, format!("`{path}` lacks `{key}`"))
                        .allowed("0 to 1"),
                );
            }
        }
        all.push(state(&entry.key, loads));
    }
    for (name, loads) in STATES {
        if !all.iter().any(|state| state.name == name) {
            for (key, load) in LOADS.iter().zip(loads) {
                reader.note_default(
                    &format!("states.{name}.{key}"),
                    load.to_string(),
                    DEFAULT_SOURCE,
                );
            }
            all.push(state(name, loads));
        }
    }
    all
}

fn state(name: &str, [gpu_load, processor_load, other_load]: [f64; 3]) -> State {
    State {
        name: name.to_owned(),
        gpu_load,
        processor_load,
        other_load,
    }
}

/// The state to solve: `--state`, else the file's, else nameplate.
pub(super) fn chosen<'t>(
    root: &'t Table,
    option: Option<&str>,
    states: &[State],
    reader: &mut Reader<'t>,
) -> Option<State> {
    let words = || states.iter().map(|state| state.name.as_str());
    let find = |name: &str| states.iter().find(|state| state.name == name).cloned();
    // The file's own choice is judged even where the command line overrides it.
    let own = match root.get("state") {
        None => find("nameplate"),
        Some(entry) => {
            let name = text(root, "state", reader)?;
            let found = find(name);
            if found.is_none() {
                reader.push(
                    Diagnostic::error(entry.node.span, format!("no state `{name}`"))
                        .words(name, words()),
                );
            }
            found
        }
    };
    let Some(name) = option else { return own };
    let found = find(name);
    if found.is_none() {
        let file = reader
            .diagnostics
            .sources_mut()
            .add("--state", name.to_owned());
        let span = Span {
            file,
            start: 0,
            end: name.len(),
        };
        reader.push(Diagnostic::error(span, format!("no state `{name}`")).words(name, words()));
    }
    found
}
