//! The workload of each hour: how much of the way from the state `idle` to the state solved the devices work.
//!
//! A trace is a CSV file with a column `workload` (a plain number from 0 to 1) or `workload [%]`, and as many rows as
//! the weather has hours; or 24 or 168 rows, which repeat from 1 January, 0 h, on. A column `hour` is let pass: rows
//! stand in their order.

use std::path::PathBuf;

use super::AnnualError;
use crate::diag::{Diagnostic, Diagnostics, FileId, Sources};
use crate::hall::model::Workload;
use crate::units::Dimension;
use crate::weather::rows::Rows;
use crate::weather::{Calendar, Weather};
use crate::world::World;

/// Reads a workload as a command line gives it: a number, 24 numbers with commas between, or a CSV file.
///
/// # Errors
/// Words for what is wrong.
pub fn parse(text: &str) -> Result<Workload, String> {
    const ALLOWED: &str =
        "a workload is a number from 0 to 1, 24 of them with commas between, or a .csv file";
    if text.to_ascii_lowercase().ends_with(".csv") {
        return Ok(Workload::Trace(PathBuf::from(text)));
    }
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let mut values = Vec::with_capacity(parts.len());
    for part in &parts {
        let value = Dimension::Fraction
            .parse(part)
            .map_err(|error| format!("{error}; {ALLOWED}"))?;
        if !(0.0..=1.0).contains(&value) {
            return Err(format!("`{part}` is out of range; {ALLOWED}"));
        }
        values.push(value);
    }
    match (values.as_slice(), <[f64; 24]>::try_from(values.as_slice())) {
        ([one], _) => Ok(Workload::Constant(*one)),
        (_, Ok(day)) => Ok(Workload::Daily(Box::new(day))),
        (all, _) => Err(format!("{} hours are given; {ALLOWED}", all.len())),
    }
}

/// The workload of every sample of the weather.
pub(super) fn loads(
    world: &dyn World,
    workload: &Workload,
    folder: &std::path::Path,
    weather: &Weather,
) -> Result<Vec<f64>, AnnualError> {
    let count = weather.samples.len();
    if weather.calendar == Calendar::Bins && !matches!(workload, Workload::Constant(_)) {
        return Err(AnnualError::NoHours);
    }
    match workload {
        Workload::Constant(value) => Ok(vec![*value; count]),
        Workload::Daily(day) => Ok(day.iter().copied().cycle().take(count).collect()),
        Workload::Trace(path) => {
            let path = folder.join(path);
            let text = world.read_to_string(&path)?;
            let mut sources = Sources::default();
            let file = sources.add(path.display().to_string(), text.clone());
            let values = trace(&text, file, count).map_err(|fault| {
                let mut faults = Diagnostics::new(sources);
                faults.push(fault);
                AnnualError::Trace(faults)
            })?;
            Ok(values.iter().copied().cycle().take(count).collect())
        }
    }
}

fn trace(text: &str, file: FileId, hours: usize) -> Result<Vec<f64>, Diagnostic> {
    const COLUMNS: &str = "workload, or workload [%]; beside it hour";
    let mut rows = Rows::table(text, file);
    let Some(head) = rows.next()? else {
        return Err(Diagnostic::error(rows.end(), "the table is empty").allowed(COLUMNS));
    };
    let mut column = None;
    for (index, cell) in head.cells().enumerate() {
        let (key, unit) = match cell.split_once('[') {
            Some((key, rest)) => (key.trim(), rest.trim_end_matches(']').trim()),
            None => (cell, ""),
        };
        let scale = match (key, unit) {
            ("hour", _) => continue,
            ("workload", "" | "-") => 1.0,
            ("workload", "%") => 0.01,
            ("workload", _) => {
                let message = format!("`workload` is a share: it has no unit `{unit}`");
                return Err(Diagnostic::error(rows.cell(&head, index), message).allowed(COLUMNS));
            }
            _ => {
                let message = format!("unknown column `{key}`");
                return Err(Diagnostic::error(rows.cell(&head, index), message)
                    .words(key, ["workload", "hour"]));
            }
        };
        if column.replace((index, scale)).is_some() {
            let message = "a second column `workload`";
            return Err(Diagnostic::error(rows.cell(&head, index), message));
        }
    }
    let Some((column, scale)) = column else {
        let message = "the table lacks the column `workload`";
        return Err(Diagnostic::error(rows.place(&head), message).allowed(COLUMNS));
    };
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        let cell = row.get(column);
        let value = cell
            .parse::<f64>()
            .ok()
            .map(|value| value * scale)
            .filter(|value| (0.0..=1.0).contains(value));
        match value {
            Some(value) => values.push(value),
            None => {
                let message = format!("`{cell}` is no workload");
                return Err(Diagnostic::error(rows.cell(&row, column), message)
                    .allowed(if scale == 1.0 { "0 to 1" } else { "0 to 100 %" }));
            }
        }
    }
    if [24, 168, hours].contains(&values.len()) {
        return Ok(values);
    }
    Err(Diagnostic::error(
        rows.end(),
        format!("the trace has {} hours, the weather {hours}", values.len()),
    )
    .allowed(format!("{hours} rows, or 24 or 168 that repeat")))
}
