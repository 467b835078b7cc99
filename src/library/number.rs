//! The numbers of a part, for `library show`.

use super::reader::join;
use super::{DEFAULT_SOURCE, Grade, Library, Part, Parts, Reader, Stack};
use crate::diag::Diagnostics;

/// One number of a part.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Number {
    /// Key, with the sub-table's name before it (`gpu.in_series`).
    pub key: String,
    /// Value as written, with its unit.
    pub value: String,
    /// Part that states it: this one, or a base.
    pub part: String,
    /// Source.
    pub source: String,
    /// Confidence.
    pub confidence: Grade,
}

pub(super) fn numbers(library: &Library, part: &Part) -> Vec<Number> {
    let parts = Parts::library_only(library);
    let mut diagnostics = Diagnostics::new(library.faults().sources().clone());
    let (Some(kind), Some(layers)) = (parts.kind(part), parts.chain(part, &mut diagnostics)) else {
        return Vec::new();
    };
    let stack = Stack {
        layers,
        part: Some(part.name.clone()),
        heading: part.heading,
    };
    let mut reader = Reader {
        parts,
        diagnostics,
        provenance: Vec::new(),
        set_file: None,
    };
    reader.fields(kind.fields(), &stack, "");
    let mut numbers: Vec<Number> = reader
        .provenance
        .into_iter()
        .filter(|number| number.source != DEFAULT_SOURCE)
        .map(|number| Number {
            key: number.path,
            value: number.value,
            part: number.part.unwrap_or_else(|| part.name.clone()),
            source: number.source,
            confidence: number.confidence,
        })
        .collect();
    for key in kind.structure_keys() {
        structure(&stack, key, part, &mut numbers);
    }
    numbers
}

/// What a server or rack is built of: the words and counts under its sub-tables.
fn structure(stack: &Stack<'_>, key: &str, part: &Part, numbers: &mut Vec<Number>) {
    let Some((entry, layer)) = stack.get(key) else {
        return;
    };
    let owner = layer.part.unwrap_or(part);
    let mut push = |key: String, value: String| {
        numbers.push(Number {
            key,
            value,
            part: owner.name.clone(),
            source: owner.source.clone(),
            confidence: owner.confidence,
        });
    };
    match entry.node.as_table() {
        None => push(key.to_owned(), entry.node.value.written()),
        Some(table) => {
            for inner in table.entries() {
                let own = inner.node.as_table().and_then(|table| table.get("value"));
                let value = own.map_or(&inner.node.value, |entry| &entry.node.value);
                push(join(key, &inner.key), value.written());
            }
        }
    }
}
