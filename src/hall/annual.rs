//! The table `[annual]`: weather, workload, prices and emission of a year.

use super::model::{Annual, Workload};
use super::names::{as_table, text};
use crate::diag::Diagnostic;
use crate::document::{Node, Table, Value};
use crate::library::Reader;
use crate::units::Dimension;
use std::path::{Path, PathBuf};

pub(super) const ANNUAL_KEYS: [&str; 7] = [
    "weather",
    "design",
    "workload",
    "electricity_price",
    "water_price",
    "co2_factor",
    "reused_heat",
];

/// Reads the table; all of it may be left out.
pub(super) fn annual<'t>(root: &'t Table, folder: &Path, reader: &mut Reader<'t>) -> Annual {
    let mut annual = Annual {
        folder: folder.to_owned(),
        ..Annual::default()
    };
    let Some(entry) = root.get("annual") else {
        return annual;
    };
    let Some(table) = as_table(entry, reader) else {
        return annual;
    };
    reader.known_keys(table, "`annual`", ANNUAL_KEYS);
    annual.weather = text(table, "weather", reader).map(str::to_owned);
    annual.design = text(table, "design", reader).map(PathBuf::from);
    if let Some(entry) = table.get("workload")
        && let Some(workload) = workload(&entry.node, reader)
    {
        annual.workload = workload;
    }
    // Bounds that only a slip of units passes: 100 USD/kWh, 1,000 USD/m3, 10 kg/kWh.
    annual.electricity_price = reader.optional_quantity(
        table,
        "electricity_price",
        "annual",
        Dimension::MoneyPerEnergy,
        0.0,
        100.0 / 3.6e6,
    );
    annual.water_price = reader.optional_quantity(
        table,
        "water_price",
        "annual",
        Dimension::MoneyPerVolume,
        0.0,
        1000.0,
    );
    annual.co2_factor = reader.optional_quantity(
        table,
        "co2_factor",
        "annual",
        Dimension::MassPerEnergy,
        0.0,
        10.0 / 3.6e6,
    );
    if let Some(entry) = table.get("reused_heat") {
        let names: Option<Vec<String>> = entry.node.as_array().and_then(|all| {
            all.iter()
                .map(|one| one.as_str().map(str::to_owned))
                .collect()
        });
        match names {
            Some(names) => annual.reused_heat = names,
            None => reader.push(
                Diagnostic::error(
                    entry.node.span,
                    "`reused_heat` must be a list of equipment names",
                )
                .hint("for example [\"district-heat\"]"),
            ),
        }
    }
    annual
}

const ALLOWED: &str = "a number from 0 to 1, a list of 24 such numbers, or the name of a CSV file";

fn workload(node: &Node, reader: &mut Reader<'_>) -> Option<Workload> {
    let fault = |message: String| Diagnostic::error(node.span, message).allowed(ALLOWED);
    match &node.value {
        Value::String(name) if Path::new(name).extension().is_some() => {
            Some(Workload::Trace(PathBuf::from(name)))
        }
        Value::Array(hours) => {
            let mut values = [0.0; 24];
            if hours.len() != 24 {
                let message = format!("`workload` lists {} hours, a day has 24", hours.len());
                reader.push(fault(message));
                return None;
            }
            for (value, node) in values.iter_mut().zip(hours) {
                *value = reader.quantity("workload", node, Dimension::Fraction, 0.0, 1.0)?;
            }
            Some(Workload::Daily(Box::new(values)))
        }
        Value::String(_) | Value::Integer(_) | Value::Float(_) => reader
            .quantity("workload", node, Dimension::Fraction, 0.0, 1.0)
            .map(Workload::Constant),
        other => {
            reader.push(fault(format!("`workload` cannot be {}", other.sort())));
            None
        }
    }
}
