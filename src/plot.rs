//! Drawings of results: plain numbers with unit labels in, one SVG out, and a PNG of that same SVG.
//!
//! Every chart is one function `draw(&Data, &Style) -> Result<Figure, PlotError>` in a file of its own. Its `Data` is a
//! plain struct of numbers that are already in the unit their label names; nothing here knows a solver type.
//!
//! plotters draws: its charts carry the axes, grids and series, its elements everything else, on a backend (`canvas`) that
//! writes SVG at a tenth of a pixel. Text is laid out with the metrics of the embedded font, which is also the only font
//! that the rasteriser knows. So the two files of a figure agree, nothing depends on the fonts of a machine, and the same
//! data give the same bytes.

pub mod bars;
pub mod breakdown;
pub mod calendar;
pub mod contour;
pub mod duration;
pub mod family;
pub mod hall_map;
pub mod histogram;
pub mod ladder;
pub mod lines;
pub mod matrix;
pub mod parallel;
pub mod pump_curve;
pub mod sankey;
pub mod stacked;
pub mod style;
pub mod tornado;

mod canvas;
mod check;
mod colour_bar;
mod font;
mod isoband;
mod panel;
mod raster;
mod scale;
mod sheet;
mod spread;
mod taken;

pub use self::scale::Spacing;
pub use self::style::{Color, Palette, Style};

use plotters::drawing::DrawingAreaErrorKind;
use thiserror::Error;

/// Heading and footnote of a figure. Empty strings take no room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caption {
    /// What the figure shows, in a few words.
    pub title: String,
    /// The case: hall, operating state, weather.
    pub subtitle: String,
    /// Sources and assumptions, below the drawing.
    pub footnote: String,
}

/// A bound drawn as a dashed line in the colour of limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// What the bound is called, for example `Slowdown`; its value and unit are appended.
    pub label: String,
    /// Value in the unit of the axis it is drawn on.
    pub value: f64,
}

/// What an axis or a colour measures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quantity {
    /// Name, for example `Flow`.
    pub label: String,
    /// Unit of the numbers, for example `L/min`; empty for a pure number.
    pub unit: String,
}

impl Quantity {
    /// A quantity of the given name and unit.
    pub fn new(label: impl Into<String>, unit: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            unit: unit.into(),
        }
    }

    /// `Flow (L/min)`, or the bare name where there is no unit.
    pub(crate) fn titled(&self) -> String {
        if self.unit.is_empty() {
            self.label.clone()
        } else {
            format!("{} ({})", self.label, self.unit)
        }
    }
}

/// Why a figure could not be drawn.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum PlotError {
    /// There is nothing to draw.
    #[error("nothing to draw: no {what}")]
    Empty {
        /// Which input is empty.
        what: &'static str,
    },
    /// An input value is NaN or infinite.
    #[error("{what} number {index} is not a finite number")]
    NotFinite {
        /// Which input.
        what: &'static str,
        /// Zero-based position in that input.
        index: usize,
    },
    /// An input value is finite but impossible.
    #[error("{what} is {value}, but must be {requirement}")]
    Range {
        /// Which input.
        what: &'static str,
        /// What it must be.
        requirement: &'static str,
        /// What it is.
        value: f64,
    },
    /// Two inputs that belong together differ in length.
    #[error("{what} has {found} entries, expected {expected}")]
    Length {
        /// Which input.
        what: &'static str,
        /// Entries it must have.
        expected: usize,
        /// Entries it has.
        found: usize,
    },
    /// The links of a flow diagram form a loop, so it has no layers.
    #[error("the links form a loop through \"{node}\"")]
    Loop {
        /// Label of one node of the loop.
        node: String,
    },
    /// The numbers span a range that cannot be put on a page.
    #[error("the numbers span too wide a range to be drawn")]
    Span,
    /// The drawing library refused a mark.
    #[error("the drawing failed: {reason}")]
    Drawing {
        /// The library's words.
        reason: String,
    },
    /// The SVG could not be read back for rasterising.
    #[error("the drawing could not be rasterised: {reason}")]
    Raster {
        /// The rasteriser's words.
        reason: String,
    },
}

impl<E: std::error::Error + Send + Sync> From<DrawingAreaErrorKind<E>> for PlotError {
    fn from(error: DrawingAreaErrorKind<E>) -> Self {
        Self::Drawing {
            reason: error.to_string(),
        }
    }
}

/// A finished drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    svg: String,
}

impl Figure {
    /// The scale at which [`Figure::png`] is legible on a dense screen and in print at column width.
    pub const PNG_SCALE: f32 = 2.0;

    /// The drawing as a self-contained SVG document. It may be inlined in HTML: its identifiers are derived from its
    /// content, so figures on one page do not clash.
    pub fn svg(&self) -> &str {
        &self.svg
    }

    /// The same drawing as PNG bytes, at `scale` pixels for each unit of the SVG (see [`Figure::PNG_SCALE`]).
    ///
    /// # Errors
    /// [`PlotError::Range`] for a scale that is not positive or gives a side above 16,384 pixels.
    pub fn png(&self, scale: f32) -> Result<Vec<u8>, PlotError> {
        raster::png(&self.svg, scale)
    }
}

#[cfg(test)]
mod tests;
