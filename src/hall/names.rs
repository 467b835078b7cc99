//! Names of things: what they may be made of, and lists of them in a table.

use crate::diag::{Diagnostic, Span};
use crate::document::{Entry, Table};
use crate::library::Reader;

/// Tables of named things that every scope (the hall, and each group) may have.
pub(super) const SCOPE_TABLES: &[&str] = &["loops", "rooms", "racks", "equipment", "groups"];

/// Tables of named things that only the hall itself has.
pub(super) const HALL_TABLES: &[&str] = &[
    "states",
    "fluids",
    "parts",
    "spreads",
    "tables",
    "assumptions",
    "claims",
];

/// Other keys of the hall itself.
pub(super) const HALL_KEYS: &[&str] = &[
    "schema",
    "name",
    "description",
    "state",
    "seed",
    "site",
    "annual",
    "overrides",
];

/// All keys of the hall itself.
pub(super) fn hall_keys() -> impl Iterator<Item = &'static str> + Clone {
    HALL_KEYS
        .iter()
        .chain(SCOPE_TABLES)
        .chain(HALL_TABLES)
        .copied()
}

/// Whether a name is made of small letters, digits, `_` and `-`.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

/// The entries of a table of named things; faulty names are reported.
pub(super) fn named<'t>(table: &'t Table, key: &str, reader: &mut Reader<'t>) -> &'t [Entry] {
    let Some(entry) = table.get(key) else {
        return &[];
    };
    let Some(inner) = entry.node.as_table() else {
        reader.push(
            Diagnostic::error(
                entry.node.span,
                format!(
                    "`{key}` must be a table of named things, not {}",
                    entry.node.value.sort()
                ),
            )
            .hint(format!("write [{key}.NAME] and its values below")),
        );
        return &[];
    };
    for entry in inner.entries() {
        if !is_name(&entry.key) {
            reader.push(bad_name(entry.key_span, &entry.key));
        }
    }
    inner.entries()
}

pub(super) fn bad_name(span: Span, name: &str) -> Diagnostic {
    let better: String = name
        .trim()
        .chars()
        .map(|c| match c.to_ascii_lowercase() {
            c if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-' => c,
            _ => '-',
        })
        .collect();
    let fault = Diagnostic::error(span, format!("`{name}` cannot be a name"))
        .allowed("small letters, digits, `_` and `-`");
    if is_name(&better) {
        fault.hint(format!("for example `{better}`"))
    } else {
        fault
    }
}

/// The text under a key, where there is one.
pub(super) fn text<'t>(table: &'t Table, key: &str, reader: &mut Reader<'t>) -> Option<&'t str> {
    let entry = table.get(key)?;
    let text = entry.node.as_str();
    if text.is_none() {
        reader.push(Diagnostic::error(
            entry.node.span,
            format!("`{key}` must be a text, not {}", entry.node.value.sort()),
        ));
    }
    text
}

/// The table of an entry; a fault where it is something else.
pub(super) fn as_table<'t>(entry: &'t Entry, reader: &mut Reader<'t>) -> Option<&'t Table> {
    let table = entry.node.as_table();
    if table.is_none() {
        reader.push(Diagnostic::error(
            entry.node.span,
            format!(
                "`{}` must be a table, not {}",
                entry.key,
                entry.node.value.sort()
            ),
        ));
    }
    table
}
