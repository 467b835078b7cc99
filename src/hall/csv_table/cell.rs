//! One cell of a table: where it stands, and its value.

use super::heading::Heading;
use crate::diag::{Diagnostic, FileId, Span};
use crate::hall::assets::Slot;
use crate::library::{range_words, unit_fault};
use crate::spec::FieldKind;
use crate::units::Unit;

/// Place of a cell of the record that starts at `start`: cells are found by counting commas outside quotes.
pub(super) fn place(file: FileId, text: &str, start: usize, cell: usize) -> Span {
    let record = &text[start.min(text.len())..];
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
        file,
        start: start + from + lead,
        end: start + from + lead + length,
    }
}

/// What the cells of a column say about assets of one kind.
#[derive(Clone, Copy)]
pub(super) struct Meaning {
    slot: Slot,
    /// Unit of the heading; `None` for a bare number, a word or a flag.
    unit: Option<&'static Unit>,
}

/// What a heading says about a slot, or what is wrong with its unit.
pub(super) fn meaning(heading: &Heading, slot: Slot) -> Result<Meaning, Diagnostic> {
    let FieldKind::Number { dimension, .. } = slot.field.kind else {
        return Ok(Meaning { slot, unit: None });
    };
    if !heading.unit.is_empty() {
        return match dimension.find_unit(&heading.unit) {
            Ok(unit) => Ok(Meaning {
                slot,
                unit: Some(unit),
            }),
            Err(error) => Err(unit_fault(heading.span, &heading.key, dimension, &error)),
        };
    }
    if dimension.allows_bare_number() {
        return Ok(Meaning { slot, unit: None });
    }
    Err(Diagnostic::error(
        heading.span,
        format!("the heading `{}` has no unit", heading.key),
    )
    .allowed(format!(
        "{} [UNIT] with {dimension} in {}",
        heading.key,
        dimension.symbols().collect::<Vec<_>>().join(", ")
    )))
}

/// The value of a cell, SI. The place of the fault is set by the caller.
pub(super) fn value(words: &str, heading: &Heading, meaning: Meaning) -> Result<f64, Diagnostic> {
    let fault = |message: String| Diagnostic::error(heading.span, message);
    match meaning.slot.field.kind {
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
            let value = match meaning.unit {
                Some(unit) => dimension.in_unit(number, unit),
                None => dimension.parse_bare(number),
            }
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
