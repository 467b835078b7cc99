//! Library parts: GPUs, plates, servers, racks and plant, each number with its source.
//!
//! The parts are data files under `models/equipment`, built into the program, so that it works in
//! an empty directory. A hall file may hold parts of its own in the same form (`[parts.NAME]`).
//!
//! ```
//! use loopwatt::library::Library;
//! let library = Library::embedded();
//! let gpu = library.get("h100-sxm5").unwrap();
//! assert_eq!(gpu.kind_name(), Some("gpu"));
//! ```

mod embedded;
mod kind;
mod number;
mod provenance;
mod reader;
mod sections;
mod stack;

pub use kind::PartKind;
pub use number::Number;
pub use provenance::{DEFAULT_SOURCE, Grade, HALL_SOURCE, Provenance, SET_SOURCE};
pub use reader::{Reader, Values, unit_fault};
pub(crate) use reader::{join, range_words};
pub use stack::{Layer, Parts, Stack};

use crate::diag::{Diagnostic, Diagnostics, Sources, Span};
use crate::document::{Entry, Table};
use sections::{Section, sections};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Keys that describe a part, beside its fields.
pub const DESCRIPTION_KEYS: &[&str] = &[
    "kind",
    "base",
    "title",
    "description",
    "source",
    "confidence",
];

/// One part, as written: fields are read when it is used.
#[derive(Debug, Clone)]
pub struct Part {
    /// Name.
    pub name: String,
    /// Place of the name.
    pub span: Span,
    /// Title, for people.
    pub title: String,
    /// Source of all numbers that do not name their own.
    pub source: String,
    /// Confidence in all numbers that do not state their own.
    pub confidence: Grade,
    /// Whether it comes from a hall file rather than the library.
    pub local: bool,
    pub(crate) heading: Span,
    pub(crate) table: Table,
}

impl Part {
    /// Reads what describes a part; `entry` is its table under its name.
    ///
    /// A library part must state source and confidence; a hall file's own need not.
    pub(crate) fn from_entry(
        entry: &Entry,
        local: bool,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let Some(table) = entry.node.as_table() else {
            diagnostics.push(Diagnostic::error(
                entry.node.span,
                format!(
                    "part `{}` must be a table, not {}",
                    entry.key,
                    entry.node.value.sort()
                ),
            ));
            return None;
        };
        let mut text = |key: &str, required: bool| match table.get(key) {
            Some(found) => {
                let text = found
                    .node
                    .as_str()
                    .map(str::trim)
                    .filter(|text| !text.is_empty());
                if text.is_none() {
                    diagnostics.push(Diagnostic::error(
                        found.node.span,
                        format!("`{key}` must be a text"),
                    ));
                }
                text.map(str::to_owned)
            }
            None if required => {
                diagnostics.push(Diagnostic::error(
                    entry.key_span,
                    format!(
                        "part `{}` has no `{key}`: every number of the library carries one",
                        entry.key
                    ),
                ));
                None
            }
            None => None,
        };
        let title = text("title", !local).unwrap_or_else(|| entry.key.clone());
        let source = text("source", !local).unwrap_or_else(|| HALL_SOURCE.to_owned());
        let _ = text("description", false);
        let grade = text("confidence", !local);
        let confidence = grade.map_or(Grade::D, |letter| {
            Grade::from_letter(&letter).unwrap_or_else(|| {
                let span = table
                    .get("confidence")
                    .map_or(entry.key_span, |found| found.node.span);
                diagnostics.push(Grade::fault(span, &letter));
                Grade::D
            })
        });
        Some(Self {
            name: entry.key.clone(),
            span: entry.key_span,
            title,
            source,
            confidence,
            local,
            heading: entry.node.span,
            table: table.clone(),
        })
    }

    /// The word after `kind`; `None` where it comes from the base.
    pub fn kind_name(&self) -> Option<&str> {
        self.table.get("kind").and_then(|entry| entry.node.as_str())
    }

    /// The part that this one starts from, and where it is named.
    pub fn base(&self) -> Option<(&str, Span)> {
        let entry = self.table.get("base")?;
        Some((entry.node.as_str()?, entry.node.span))
    }
}

/// All parts, by name.
#[derive(Debug, Clone, Default)]
pub struct Library {
    parts: BTreeMap<String, Section>,
    faults: Diagnostics,
}

impl Library {
    /// The parts built into the program.
    pub fn embedded() -> &'static Self {
        static LIBRARY: OnceLock<Library> = OnceLock::new();
        LIBRARY.get_or_init(|| {
            let mut parts = BTreeMap::new();
            let mut faults = Diagnostics::new(Sources::default());
            for (name, text) in embedded::FILES {
                let file = faults.sources_mut().add(*name, *text);
                let own = sections(file, text).into_iter();
                parts.extend(own.map(|(name, section)| (name.to_owned(), section)));
            }
            Self { parts, faults }
        })
    }

    /// Parts of some files, given as (name, text).
    pub fn from_texts(files: &[(&str, &'static str)]) -> Self {
        let mut parts: BTreeMap<String, Section> = BTreeMap::new();
        let mut faults = Diagnostics::new(Sources::default());
        for (name, text) in files {
            let file = faults.sources_mut().add(*name, *text);
            let table = match crate::document::parse(file, text) {
                Ok(table) => table,
                Err(errors) => {
                    errors.into_iter().for_each(|error| faults.push(error));
                    continue;
                }
            };
            for entry in table.entries() {
                let Some(part) = Part::from_entry(entry, false, &mut faults) else {
                    continue;
                };
                if let Some(first) = parts.get(&part.name).and_then(Section::part) {
                    faults.push(
                        Diagnostic::error(
                            part.span,
                            format!("part `{}` is there twice", part.name),
                        )
                        .related(first.span, "first here"),
                    );
                } else {
                    parts.insert(part.name.clone(), Section::read(part));
                }
            }
        }
        Self { parts, faults }
    }

    /// The part of this name.
    pub fn get(&self, name: &str) -> Option<&Part> {
        self.parts.get(name)?.part()
    }

    /// All parts, in the order of their names.
    pub fn parts(&self) -> impl Iterator<Item = &Part> + Clone {
        self.parts.values().filter_map(Section::part)
    }

    /// The kind of a part, its base's where it names none.
    pub fn kind(&self, part: &Part) -> Option<PartKind> {
        Parts::library_only(self).kind(part)
    }

    /// Every number of a part, inherited ones included, with source and confidence.
    pub fn numbers(&self, part: &Part) -> Vec<Number> {
        number::numbers(self, part)
    }

    /// Faults in the files themselves, and the files.
    pub fn faults(&self) -> &Diagnostics {
        &self.faults
    }
}

#[cfg(test)]
mod tests;
