//! Where a number came from, and how far it can be trusted.

use crate::diag::{Diagnostic, Span};

/// Source of a value that stands in the hall file without one.
pub const HALL_SOURCE: &str = "hall file";
/// Source of a value given by `--set`.
pub const SET_SOURCE: &str = "--set";
/// Source of a value that was left out and took its field's default.
pub const DEFAULT_SOURCE: &str = "default";

/// Confidence in a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub enum Grade {
    /// Official document, model record, measured dump or peer-reviewed abstract.
    A,
    /// Careful third-party transcription, or reputable press.
    B,
    /// Derived by arithmetic from A and B.
    C,
    /// Engineering judgement without a source: an assumption.
    D,
}

impl Grade {
    /// The grade of this letter.
    pub fn from_letter(letter: &str) -> Option<Self> {
        match letter {
            "A" => Some(Self::A),
            "B" => Some(Self::B),
            "C" => Some(Self::C),
            "D" => Some(Self::D),
            _ => None,
        }
    }

    /// What is said of a letter that is no grade.
    pub fn fault(span: Span, letter: &str) -> Diagnostic {
        Diagnostic::error(span, format!("unknown confidence `{letter}`")).allowed(
            "A (official or measured), B (careful transcription), C (derived), D (assumption)",
        )
    }
}

/// Where a number came from.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Provenance {
    /// Path of the value (`racks.rack.server.gpu.idle_power`).
    pub path: String,
    /// Value as written, with its unit.
    pub value: String,
    /// Library part it came from; `None` for the hall file, a default or `--set`.
    pub part: Option<String>,
    /// Source; [`HALL_SOURCE`], [`SET_SOURCE`] or [`DEFAULT_SOURCE`] where none is stated.
    pub source: String,
    /// Confidence; D where none is stated.
    pub confidence: Grade,
}
