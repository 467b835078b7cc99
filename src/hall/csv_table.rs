//! Per-asset tables: CSV with a column `asset` and a column a key, units in the header.
//!
//! ```csv
//! asset,idle_power [W],plate.pressure_drop_factor [-]
//! rack.0.server.0.gpu.0,95.5,1.02
//! ```
//! An empty cell leaves the asset's value as it is.

use super::assets::{Asset, Slot, asset};
use super::model::Group;
use super::names::{as_table, named, text};
use super::resolve::Resolver;
use super::rules::Sources;
use super::variation::{Action, Indices, Lookup, Rule, Step};
use crate::diag::{Diagnostic, FileId, Span};
use crate::document::{Entry, Table};
use crate::library::{range_words, unit_fault};
use crate::spec::FieldKind;
use crate::world::ReadError;
use std::collections::{BTreeMap, HashMap};

/// Faults of one file after which reading it stops.
const MOST_FAULTS: usize = 20;

/// Values of one column for assets of one kind of path, with the place of each.
#[derive(Default)]
struct Column {
    rows: Vec<(Vec<u32>, f64)>,
    places: Vec<Span>,
}

/// Names of a path and a key, with the instances of each name.
type Key = (Vec<String>, Vec<u32>, String);

/// The rules of all tables, and the number of files that could not be read.
pub(super) fn tables<'t>(
    resolver: &mut Resolver<'t>,
    root: &'t Table,
    hall: &Group,
    sources: &Sources<'_>,
) -> (Vec<Rule>, usize) {
    let mut columns: BTreeMap<Key, Column> = BTreeMap::new();
    let mut unreadable = 0;
    for entry in named(root, "tables", &mut resolver.reader) {
        if let Some((file, text)) = open(resolver, entry, sources, &mut unreadable) {
            File {
                resolver,
                hall,
                file,
                text: &text,
                faults: 0,
            }
            .read(&mut columns);
        }
    }
    let mut rules = Vec::new();
    for ((names, counts, key), column) in columns {
        let steps = names
            .into_iter()
            .map(|name| Step {
                name,
                indices: Indices::All,
            })
            .collect();
        match Lookup::new(counts, &column.rows) {
            Ok(lookup) => rules.push(Rule::new(steps, key, Action::Table(lookup))),
            Err((first, second)) => resolver.reader.push(
                Diagnostic::error(
                    column.places[second],
                    format!("`{key}` of this asset is there twice"),
                )
                .related(column.places[first], "first here"),
            ),
        }
    }
    (rules, unreadable)
}

fn open<'t>(
    resolver: &mut Resolver<'t>,
    entry: &'t Entry,
    sources: &Sources<'_>,
    unreadable: &mut usize,
) -> Option<(FileId, String)> {
    let table = as_table(entry, &mut resolver.reader)?;
    resolver
        .reader
        .known_keys(table, &format!("table `{}`", entry.key), ["file"]);
    let Some(found) = table.get("file") else {
        let fault = Diagnostic::error(
            entry.node.span,
            format!("table `{}` lacks `file`", entry.key),
        );
        resolver
            .reader
            .push(fault.hint("the path of a CSV file, relative to the hall file"));
        return None;
    };
    let name = text(table, "file", &mut resolver.reader)?;
    let path = sources.directory.join(name);
    match sources.world.read_to_string(&path) {
        Ok(text) => {
            let shown = path.display().to_string();
            let file = resolver
                .reader
                .diagnostics
                .sources_mut()
                .add(shown, text.clone());
            Some((file, text))
        }
        Err(error) => {
            if !matches!(error, ReadError::NotText { .. }) {
                *unreadable += 1;
            }
            let fault = Diagnostic::error(found.node.span, format!("cannot read {error}"));
            resolver
                .reader
                .push(fault.hint("paths are relative to the hall file"));
            None
        }
    }
}

/// One file while it is read.
struct File<'r, 't, 'h, 's> {
    resolver: &'r mut Resolver<'t>,
    hall: &'h Group,
    file: FileId,
    text: &'s str,
    faults: usize,
}

/// A heading: key, unit, place.
struct Heading {
    key: String,
    unit: String,
    span: Span,
}

/// Assets of one kind of path, and where the value of each column goes; `None` for a column that
/// does not fit them.
struct Kind {
    names: Vec<String>,
    counts: Vec<u32>,
    slots: Vec<Option<Slot>>,
}

impl File<'_, '_, '_, '_> {
    fn push(&mut self, fault: Diagnostic) {
        self.faults += 1;
        self.resolver.reader.push(fault);
    }

    /// Place of a cell. The CSV reader knows where a record starts; cells are found by counting
    /// commas outside quotes.
    fn place(&self, start: usize, cell: usize) -> Span {
        let record = &self.text[start.min(self.text.len())..];
        let (mut at, mut seen, mut quoted) = (0, 0, false);
        let mut from = None;
        for (offset, byte) in record.bytes().enumerate() {
            if seen == cell && from.is_none() {
                from = Some(offset);
            }
            match byte {
                b'"' => quoted = !quoted,
                b',' if !quoted => {
                    if seen == cell {
                        break;
                    }
                    seen += 1;
                }
                b'\n' | b'\r' if !quoted && offset > 0 => break,
                _ => {}
            }
            at = offset + 1;
        }
        let from = from.unwrap_or(at).min(at);
        let cell_text = record.get(from..at).unwrap_or("");
        let lead = cell_text.len() - cell_text.trim_start().len();
        let length = cell_text.trim().len();
        Span {
            file: self.file,
            start: start + from + lead,
            end: start + from + lead + length,
        }
    }

    fn read(&mut self, columns: &mut BTreeMap<Key, Column>) {
        let text = self.text;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut kinds: HashMap<String, Kind> = HashMap::new();
        let mut headings: Option<(usize, Vec<Heading>)> = None;
        let mut record = csv::StringRecord::new();
        let mut rows = 0;
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let start = error
                        .position()
                        .map_or(0, |position| position.byte() as usize);
                    let span = self.place(start, 0);
                    return self.push(Diagnostic::error(span, format!("not valid CSV: {error}")));
                }
            }
            let start = record
                .position()
                .map_or(0, |position| position.byte() as usize);
            // The position may stand before the line break of the record above.
            let start =
                start + text[start..].len() - text[start..].trim_start_matches(['\r', '\n']).len();
            match &headings {
                None => match self.headings(&record, start) {
                    Some(found) => headings = Some(found),
                    None => return,
                },
                Some((asset_column, list)) => {
                    rows += 1;
                    self.row(&record, start, *asset_column, list, &mut kinds, columns);
                }
            }
            if self.faults >= MOST_FAULTS {
                let span = self.place(start, 0);
                let name = self
                    .resolver
                    .reader
                    .diagnostics
                    .sources()
                    .get(self.file)
                    .name
                    .clone();
                return self.push(Diagnostic::error(
                    span,
                    format!("more faults in {name} are not shown"),
                ));
            }
        }
        if headings.is_some() && rows == 0 {
            let span = self.place(0, 0);
            self.push(
                Diagnostic::error(span, "the table has a heading and no rows")
                    .hint("give a row for each asset that differs, or leave the table out"),
            );
        }
        if headings.is_none() {
            let span = Span {
                file: self.file,
                start: 0,
                end: 0,
            };
            self.push(
                Diagnostic::error(span, "the table is empty")
                    .hint("its first line names the columns: asset,KEY [UNIT],..."),
            );
        }
    }

    fn headings(
        &mut self,
        record: &csv::StringRecord,
        start: usize,
    ) -> Option<(usize, Vec<Heading>)> {
        let mut list = Vec::new();
        let mut asset_column = None;
        let mut faulty = false;
        for (cell, words) in record.iter().enumerate() {
            let span = self.place(start, cell);
            let (key, unit) = match words.split_once('[') {
                Some((key, rest)) if rest.ends_with(']') => {
                    (key.trim(), rest[..rest.len() - 1].trim())
                }
                Some(_) => {
                    self.push(
                        Diagnostic::error(
                            span,
                            format!("the heading `{words}` does not close its unit"),
                        )
                        .allowed("KEY [UNIT]"),
                    );
                    faulty = true;
                    (words, "")
                }
                None => (words, ""),
            };
            if key == "asset" {
                if asset_column.replace(cell).is_some() {
                    self.push(Diagnostic::error(span, "a second column `asset`"));
                    faulty = true;
                }
            } else if list.iter().any(|heading: &Heading| heading.key == key) {
                self.push(Diagnostic::error(span, format!("a second column `{key}`")));
                faulty = true;
            }
            let unit = if unit == "-" { "" } else { unit };
            list.push(Heading {
                key: key.to_owned(),
                unit: unit.to_owned(),
                span,
            });
        }
        let Some(asset_column) = asset_column else {
            let words: Vec<&str> = list.iter().map(|heading| heading.key.as_str()).collect();
            let near = crate::diag::nearest("asset", words).map(str::to_owned);
            let fault = Diagnostic::error(self.place(start, 0), "the table has no column `asset`");
            let other = |mark: &str| {
                let first = record.get(0).unwrap_or("");
                record.len() == 1 && first.starts_with("asset") && first.contains(mark)
            };
            self.push(match near {
                _ if other(";") => fault.hint("columns are separated by commas, not by `;`"),
                _ if other("\t") => fault.hint("columns are separated by commas, not by tabs"),
                Some(word) => fault.hint(format!("is it `{word}`?")),
                None => fault.hint("its first line names the columns: asset,KEY [UNIT],..."),
            });
            return None;
        };
        if list.len() < 2 {
            self.push(Diagnostic::error(
                self.place(start, 0),
                "the table has no column of values beside `asset`",
            ));
            return None;
        }
        (!faulty).then_some((asset_column, list))
    }

    fn row(
        &mut self,
        record: &csv::StringRecord,
        start: usize,
        asset_column: usize,
        headings: &[Heading],
        kinds: &mut HashMap<String, Kind>,
        columns: &mut BTreeMap<Key, Column>,
    ) {
        if record.len() != headings.len() {
            let cells = record.len();
            let plural = if cells == 1 { "cell" } else { "cells" };
            let message = format!(
                "the row has {cells} {plural}, the heading {}",
                headings.len()
            );
            let fault = Diagnostic::error(self.place(start, 0), message);
            return self.push(if record.iter().any(|cell| cell.contains('\n')) {
                fault.hint("a quote is not closed: the cell runs over several lines")
            } else {
                fault
            });
        }
        let path = &record[asset_column];
        let Some((names, indices)) = split(path) else {
            let span = self.place(start, asset_column);
            return match asset(self.hall, path, &self.resolver.faulty) {
                Ok(_) => self.push(
                    Diagnostic::error(span, format!("a row is for one asset, not `{path}`"))
                        .hint("give values of many assets at once under [overrides]"),
                ),
                Err(fault) => {
                    self.faults += 1;
                    self.resolver.path_fault(span, fault);
                }
            };
        };
        // Paths of known names are judged by their indices alone: there may be many.
        let known = kinds.get(&names).is_some_and(|kind| {
            indices.len() == kind.counts.len()
                && indices
                    .iter()
                    .zip(&kind.counts)
                    .all(|(index, count)| index < count)
        });
        if !known {
            match asset(self.hall, path, &self.resolver.faulty) {
                Ok(found) => {
                    let kind = self.kind(&found, headings, asset_column);
                    kinds.insert(names.clone(), kind);
                }
                Err(fault) => {
                    self.faults += 1;
                    let span = self.place(start, asset_column);
                    return self.resolver.path_fault(span, fault);
                }
            }
        }
        let Some(kind) = kinds.get(&names) else {
            return;
        };
        for (cell, heading) in headings.iter().enumerate() {
            let (Some(Some(slot)), false) = (kind.slots.get(cell), record[cell].is_empty()) else {
                continue;
            };
            match value(&record[cell], heading, *slot) {
                Ok(value) => {
                    let key = (kind.names.clone(), kind.counts.clone(), heading.key.clone());
                    let column = columns.entry(key).or_default();
                    column.rows.push((indices.clone(), value));
                    column.places.push(self.place(start, asset_column));
                }
                Err(fault) => {
                    let span = self.place(start, cell);
                    self.push(Diagnostic { span, ..fault });
                }
            }
        }
    }

    /// What the columns mean for assets of this kind of path.
    fn kind(&mut self, found: &Asset<'_>, headings: &[Heading], asset_column: usize) -> Kind {
        let mut slots = Vec::with_capacity(headings.len());
        for (cell, heading) in headings.iter().enumerate() {
            if cell == asset_column {
                slots.push(None);
                continue;
            }
            slots.push(match found.target.slot(&heading.key) {
                Ok(slot) => match unit_of(heading, slot) {
                    None => Some(slot),
                    Some(fault) => {
                        self.push(fault);
                        None
                    }
                },
                Err(fault) => {
                    self.faults += 1;
                    self.resolver.path_fault(heading.span, fault);
                    None
                }
            });
        }
        Kind {
            names: found.steps.iter().map(|step| step.name.clone()).collect(),
            counts: found.counts.clone(),
            slots,
        }
    }
}

/// Names joined and indices of a path; an equipment name at the end counts as index 0. `None` where
/// an index is no single number.
fn split(path: &str) -> Option<(String, Vec<u32>)> {
    let mut names = String::with_capacity(path.len());
    let mut indices = Vec::new();
    let mut words = path.split('.');
    while let Some(name) = words.next() {
        names.push_str(name);
        names.push('.');
        match words.next() {
            Some(index) => indices.push(index.parse().ok()?),
            None => indices.push(0),
        }
    }
    Some((names, indices))
}

/// A fault in the unit of a heading, if any.
fn unit_of(heading: &Heading, slot: Slot) -> Option<Diagnostic> {
    let FieldKind::Number { dimension, .. } = slot.field.kind else {
        return None;
    };
    if heading.unit.is_empty() {
        dimension.parse_bare(0.0).err().map(|_| {
            Diagnostic::error(
                heading.span,
                format!("the heading `{}` has no unit", heading.key),
            )
            .allowed(format!(
                "{} [UNIT] with {dimension} in {}",
                heading.key,
                dimension.symbols().collect::<Vec<_>>().join(", ")
            ))
        })
    } else {
        let error = dimension.find_unit(&heading.unit).err();
        error.map(|error| unit_fault(heading.span, &heading.key, dimension, &error))
    }
}

/// The value of a cell, SI. The place of the fault is set by the caller.
fn value(words: &str, heading: &Heading, slot: Slot) -> Result<f64, Diagnostic> {
    let fault = |message: String| Diagnostic::error(heading.span, message);
    match slot.field.kind {
        FieldKind::Number {
            dimension,
            min,
            max,
        } => {
            let number: f64 = words.parse().map_err(|_| {
                fault(format!("`{words}` is not a number")).hint("units stand in the heading")
            })?;
            if !number.is_finite() {
                return Err(fault(format!("`{words}` is not a finite number")));
            }
            let value = dimension
                .convert(number, &heading.unit)
                .map_err(|error| unit_fault(heading.span, &heading.key, dimension, &error))?;
            if value >= min && value <= max {
                return Ok(value);
            }
            Err(fault(
                format!(
                    "`{}` is out of range: {words} {}",
                    heading.key, heading.unit
                )
                .trim_end()
                .to_owned(),
            )
            .allowed(range_words(dimension, min, max)))
        }
        FieldKind::Choice(options) => options
            .iter()
            .position(|option| *option == words)
            .map(|index| index as f64)
            .ok_or_else(|| {
                fault(format!("`{}` cannot be `{words}`", heading.key))
                    .words(words, options.iter().copied())
            }),
        FieldKind::Flag => match words {
            "true" => Ok(1.0),
            "false" => Ok(0.0),
            _ => Err(fault(format!("`{words}` is neither true nor false"))),
        },
        FieldKind::Points { .. } => Err(fault(format!("`{}` is a curve", heading.key))),
    }
}
