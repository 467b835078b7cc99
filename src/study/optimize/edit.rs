//! The hall file with values set in place: comments, order and everything else stay as they are.

use std::io::Write;
use std::path::Path;

use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

/// Why a hall file was not written.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// A path is of an asset, not of the file.
    #[error(
        "`{0}` is a value of single assets, which has no place in the file; leave out --write, or vary a key of the file"
    )]
    Asset(String),
    /// The file's text cannot be edited.
    #[error("the hall file cannot be edited: {0}")]
    Text(String),
    /// A table stands where a value should, or the other way round.
    #[error("`{0}` cannot be set in the file: there is no table for it")]
    Place(String),
    /// A file could not be written.
    #[error("{path}: could not be written: {source}")]
    Io {
        /// The file.
        path: String,
        /// Cause.
        source: std::io::Error,
    },
}

/// The value at a path of the file, as written; `None` where there is none, or a table.
pub(super) fn written_at(document: &DocumentMut, path: &str) -> Option<String> {
    let mut item: &Item = document.as_item();
    for key in path.split('.') {
        item = item.as_table_like()?.get(key)?;
    }
    match item.as_value()? {
        Value::String(text) => Some(text.value().clone()),
        Value::InlineTable(table) => Some(table.get("value")?.as_str()?.to_owned()),
        other => Some(other.to_string().trim().to_owned()),
    }
}

/// Sets values, `PATH` and text with its unit, in a hall file's text.
///
/// # Errors
/// [`EditError`].
pub fn edited(text: &str, values: &[(String, String)]) -> Result<String, EditError> {
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| EditError::Text(error.message().to_owned()))?;
    for (path, value) in values {
        set(document.as_table_mut(), path, value)?;
    }
    Ok(document.to_string())
}

/// Whether a path is one of the file: its first step is a table of the file, or one that it may have.
pub(super) fn is_of_file(document: &DocumentMut, path: &str) -> bool {
    const TABLES: [&str; 8] = [
        "site",
        "states",
        "loops",
        "rooms",
        "racks",
        "equipment",
        "parts",
        "groups",
    ];
    let first = path.split('.').next().unwrap_or(path);
    document.contains_key(first) || TABLES.contains(&first)
}

fn set(root: &mut Table, path: &str, value: &str) -> Result<(), EditError> {
    let fault = || EditError::Place(path.to_owned());
    let keys: Vec<&str> = path.split('.').collect();
    let (last, ways) = keys.split_last().ok_or_else(fault)?;
    let mut table: &mut dyn TableLike = root;
    for key in ways {
        if table.get(key).is_none() {
            table.insert(key, toml_edit::table());
        }
        let item = table.get_mut(key).ok_or_else(fault)?;
        // A part's name becomes a table that names it.
        if let Some(part) = item.as_str().map(str::to_owned) {
            let mut inner = toml_edit::InlineTable::new();
            inner.insert("part", part.into());
            *item = Item::Value(Value::InlineTable(inner));
        }
        table = item.as_table_like_mut().ok_or_else(fault)?;
    }
    let mut new = bare(value);
    match table.get_mut(last) {
        Some(Item::Value(Value::InlineTable(sourced))) if sourced.contains_key("value") => {
            sourced.insert("value", new);
        }
        Some(Item::Value(old)) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        Some(Item::None) | None => {
            table.insert(last, Item::Value(new));
        }
        Some(_) => return Err(fault()),
    }
    Ok(())
}

/// A value of TOML, or text: a quantity with its unit, a word.
fn bare(text: &str) -> Value {
    match text.parse::<Value>() {
        // A date is no value of any key.
        Ok(value) if !matches!(value, Value::Datetime(_)) => value,
        _ => text.into(),
    }
}

/// Writes a file beside its place, and renames it there.
///
/// # Errors
/// [`EditError::Io`]; what stood there before is then whole.
pub fn write(path: &Path, text: &str) -> Result<(), EditError> {
    let fault = |source| EditError::Io {
        path: path.display().to_string(),
        source,
    };
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let done = std::fs::File::create(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    });
    if done.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    done.map_err(fault)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{edited, written_at};

    const TEXT: &str = "# first\nschema = 1\n\n[parts.p] # a part\nflow = \"80 L/min\" # as measured\n\n[equipment]\n# in one line\ncdu = { part = \"p\", supply_temperature = \"36 degC\", running = 2 }\n[groups.g.equipment.pump]\nkind = \"pump_set\"\n[states]\nidle = { gpu_load = 0.0 }\n";

    #[test]
    fn values_change_in_place_and_nothing_else_does() {
        let values = |all: &[(&str, &str)]| -> Vec<(String, String)> {
            let all = all.iter();
            all.map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
                .collect()
        };
        let out = edited(
            TEXT,
            &values(&[
                ("parts.p.flow", "75.5 L/min"),
                ("equipment.cdu.supply_temperature", "38.25 degC"),
                ("equipment.cdu.running", "3"),
                ("groups.g.equipment.pump.flow", "1 m3/s"),
                ("states.idle.gpu_load", "0.5"),
            ]),
        )
        .unwrap();
        let expected = TEXT
            .replace("80 L/min", "75.5 L/min")
            .replace("36 degC", "38.25 degC")
            .replace("running = 2", "running = 3")
            .replace("gpu_load = 0.0", "gpu_load = 0.5")
            .replace(
                "kind = \"pump_set\"\n",
                "kind = \"pump_set\"\nflow = \"1 m3/s\"\n",
            );
        assert_eq!(out, expected);
        let document = out.parse().unwrap();
        assert_eq!(written_at(&document, "parts.p.flow").unwrap(), "75.5 L/min");
        assert_eq!(written_at(&document, "equipment.cdu.running").unwrap(), "3");
        assert_eq!(written_at(&document, "equipment.cdu"), None);
        assert!(edited(TEXT, &values(&[("schema.x.y", "1")])).is_err());
    }
}
