//! The sized hall as a file: the text of the original with its comments, and the values that were found.

use std::path::{Path, PathBuf};

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::capacity::{Follows, keys};
use super::pipes;
use super::sets::{KV, Plan, Set, Sort, kvs, value};
use crate::hall::model::Equipment;
use crate::spec::{FieldKind, position};
use crate::units::{Dimension, UnitSystem};
use crate::world::{ReadError, World};

/// A hall file that can be edited.
#[derive(Debug, Clone)]
pub struct File {
    document: DocumentMut,
    /// Folder of the original, from which its paths start.
    folder: PathBuf,
}

/// Another text in place of a file of a world.
pub struct Overlay<'a> {
    world: &'a dyn World,
    path: &'a Path,
    text: String,
}

impl<'a> Overlay<'a> {
    /// The world with `text` at `path`.
    pub fn new(world: &'a dyn World, path: &'a Path, text: String) -> Self {
        Self { world, path, text }
    }
}

impl World for Overlay<'_> {
    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        if path == self.path {
            return Ok(self.text.clone().into_bytes());
        }
        self.world.read(path)
    }

    fn exists(&self, path: &Path) -> bool {
        path == self.path || self.world.exists(path)
    }
}

impl File {
    /// Reads the text of a hall file that has been found good, with edits of its tree (`PATH=VALUE`).
    pub fn new(text: &str, path: &Path, edits: &[String]) -> Option<Self> {
        let mut document: DocumentMut = text.parse().ok()?;
        for edit in edits {
            let (path, text) = edit.split_once('=')?;
            let keys: Vec<&str> = path.trim().split('.').collect();
            let (key, tables) = keys.split_last()?;
            let text = text.trim();
            let given = match text.parse::<Value>() {
                Ok(given) if !given.is_datetime() => given,
                _ => Value::from(text),
            };
            put(table(document.as_table_mut(), tables)?, key, given);
        }
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Some(Self { document, folder })
    }

    /// The text.
    pub fn text(&self) -> String {
        self.document.to_string()
    }

    /// The text for a file at another place: relative paths in it lead where they led.
    pub fn text_at(&self, target: &Path) -> String {
        let here = std::path::absolute(&self.folder).unwrap_or_else(|_| self.folder.clone());
        let there = std::path::absolute(target).unwrap_or_else(|_| target.to_owned());
        if there.parent() == Some(here.as_path()) {
            return self.text();
        }
        let mut document = self.document.clone();
        let lead = |item: &mut Item| {
            let Some(old) = item.as_str().map(|text| here.join(text)) else {
                return;
            };
            if old.is_file()
                && let Some(value) = item.as_value_mut()
            {
                replace(value, Value::from(old.display().to_string()));
            }
        };
        if let Some(tables) = document.get_mut("tables").and_then(Item::as_table_like_mut) {
            for (_, one) in tables.iter_mut() {
                one.as_table_like_mut()
                    .and_then(|one| one.get_mut("file"))
                    .map(lead);
            }
        }
        if let Some(annual) = document.get_mut("annual").and_then(Item::as_table_like_mut) {
            for key in ["weather", "design", "workload"] {
                annual.get_mut(key).map(lead);
            }
        }
        document.to_string()
    }

    /// Whether the file gives a key of a loop, named with its groups: `hall.tower`.
    pub fn gives(&self, circuit: &str, key: &str) -> bool {
        let mut words: Vec<&str> = circuit.split('.').collect();
        let Some(name) = words.pop() else {
            return false;
        };
        let mut item = self.document.as_item();
        for group in words {
            match item.get("groups").and_then(|groups| groups.get(group)) {
                Some(inner) => item = inner,
                None => return false,
            }
        }
        item.get("loops")
            .and_then(|loops| loops.get(name))
            .and_then(|circuit| circuit.get(key))
            .is_some()
    }

    fn entry(&mut self, set: &Set) -> Option<&mut dyn TableLike> {
        let keys: Vec<&str> = set.file_path.split('.').collect();
        table(self.document.as_table_mut(), &keys)
    }

    /// Names another library part for a set. Where the file's own part stands between, what that part says is carried over.
    pub fn choose(&mut self, set: &Set, part: &str) -> Option<()> {
        let mut carried: Vec<(String, Item)> = Vec::new();
        let mut next = self.entry(set)?.get("part")?.as_str()?.to_owned();
        // Each part of the file says less than those that build on it.
        while let Some(own) = self
            .document
            .get("parts")
            .and_then(|parts| parts.get(&next))
            .and_then(Item::as_table_like)
        {
            const STRUCTURE: [&str; 8] = [
                "base",
                "kind",
                "title",
                "description",
                "source",
                "confidence",
                "count",
                "running",
            ];
            for (key, item) in own.iter() {
                if !STRUCTURE.contains(&key) && !carried.iter().any(|(known, _)| known == key) {
                    carried.push((key.to_owned(), item.clone()));
                }
            }
            next = own.get("base")?.as_str()?.to_owned();
        }
        let own = &set.units[0].equipment;
        let entry = self.entry(set)?;
        put(entry, "part", Value::from(part));
        // Warm air drawn in again is the site's, not the part's.
        if let Some(rise) = value(own, "recirculation") {
            let text = quantity(Dimension::TemperatureDifference, rise);
            put(entry, "recirculation", Value::from(text));
        }
        for (key, item) in carried {
            if !entry.contains_key(&key) {
                entry.insert(&key, item);
            }
        }
        Some(())
    }

    /// Writes what was found for a set.
    pub fn size(&mut self, set: &Set, plan: Plan) -> Option<()> {
        let own = &set.units[0].equipment;
        if plan.unit > 0
            && let Some(part) = &set.units[plan.unit].part
        {
            self.choose(set, part)?;
        }
        let entry = self.entry(set)?;
        for (key, number) in set.counts(plan) {
            if key == "redundancy" {
                let word = ["none", "n+1", "2n"][number as usize];
                if value(own, key).unwrap_or(0.0) != number || entry.contains_key(key) {
                    put(entry, key, Value::from(word));
                }
                continue;
            }
            // A key that says nothing new need not stand there.
            let needless = match key {
                "running" => value(own, key).is_none() && set.reserve.of(plan.duty) == 0,
                "redundant_units" | "redundant_runs" => {
                    number == 0.0 && value(own, key) == Some(0.0)
                }
                _ => value(own, key) == Some(number) && plan.unit == 0,
            };
            if !needless || entry.contains_key(key) {
                put(entry, key, Value::from(number as i64));
            }
        }
        if set.sort == Sort::Valve {
            let text = format!("{} Kv", trimmed(kvs(plan.size)));
            if value(own, "flow_coefficient")
                .is_none_or(|kv| (kv / (kvs(plan.size) * KV) - 1.0).abs() > 1e-9)
            {
                put(entry, "flow_coefficient", Value::from(text));
            }
        } else if set.sort == Sort::Pipe {
            let bore = pipes::size(plan.size).1;
            if value(own, "bore").is_none_or(|own| (own / bore - 1.0).abs() > 1e-9) {
                let text = format!("{} mm", trimmed(1e3 * bore));
                put(entry, "bore", Value::from(text));
            }
        } else if (plan.size, plan.head) != (0, 0) {
            ratings(entry, &set.planned(plan))?;
        }
        Some(())
    }
}

/// Writes all values of a unit that follow its size.
fn ratings(entry: &mut dyn TableLike, equipment: &Equipment) -> Option<()> {
    let fields = equipment.kind.spec().fields;
    for key in keys(equipment.kind) {
        let slot = position(fields, key.key)?;
        let number = equipment.theta[slot];
        if number.is_nan() {
            continue;
        }
        match fields[slot].kind {
            FieldKind::Number { dimension, .. } if number != 0.0 => {
                put(entry, key.key, Value::from(quantity(dimension, number)));
            }
            FieldKind::Points { x, y }
                if matches!(key.follows, Follows::Curve | Follows::CurveOfHead) =>
            {
                let curve = equipment.tables.get(number as usize)?;
                put(entry, key.key, points(x, y, curve.points()));
            }
            _ => {}
        }
    }
    Some(())
}

/// A quantity as a file writes it, six digits.
fn quantity(dimension: Dimension, si: f64) -> String {
    let shown = dimension.display(si, UnitSystem::Si);
    format!("{} {}", trimmed(shown.value), shown.symbol)
        .trim_end()
        .to_owned()
}

/// Six significant digits without needless zeros.
fn trimmed(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let decimals = (5.0 - value.abs().log10().floor()).clamp(0.0, 12.0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn points(x: Dimension, y: Dimension, all: impl Iterator<Item = (f64, f64)>) -> Value {
    let unit = |dimension: Dimension| match dimension {
        Dimension::VolumeFlow => "L/s",
        Dimension::Pressure => "kPa",
        other => other.si_symbol(),
    };
    let shown = |dimension: Dimension, si: f64| {
        let shown = dimension.display_in(si, unit(dimension));
        let text = trimmed(shown.map_or(si, |shown| shown.value));
        text.parse::<f64>().unwrap_or(si)
    };
    let mut list = Array::new();
    for (a, b) in all {
        list.push(Array::from_iter([shown(x, a), shown(y, b)]));
    }
    let mut table = InlineTable::new();
    table.insert("points", Value::Array(list));
    table.insert("units", Value::Array(Array::from_iter([unit(x), unit(y)])));
    Value::InlineTable(table)
}

/// The table at a path, made where there is none.
fn table<'t>(root: &'t mut Table, keys: &[&str]) -> Option<&'t mut dyn TableLike> {
    let mut at: &mut dyn TableLike = root;
    for key in keys {
        if !at.contains_key(key) {
            at.insert(key, Item::Table(Table::new()));
        }
        at = at.get_mut(key)?.as_table_like_mut()?;
    }
    Some(at)
}

/// Sets a value; comments beside the old one stay.
fn put(table: &mut dyn TableLike, key: &str, new: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => replace(old, new),
        None => {
            table.insert(key, Item::Value(new));
        }
    }
}

fn replace(old: &mut Value, mut new: Value) {
    *new.decor_mut() = old.decor().clone();
    *old = new;
}
