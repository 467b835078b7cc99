//! How lines and texts look.

use plotters::style::{Color as _, FontStyle, IntoFont, RGBColor, ShapeStyle, TextStyle};

use super::super::font::{self, Weight};
use super::super::style::Color;
use super::FINE;

/// Dashes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plot) enum Dash {
    /// None.
    Solid,
    /// The dashes of limits.
    Dashed,
    /// The dots of what is only for comparison.
    Dotted,
}

impl Dash {
    /// As an attribute of SVG, in pixels of the drawing area.
    pub(super) fn attribute(self) -> &'static str {
        match self {
            Self::Solid => "",
            Self::Dashed => " stroke-dasharray=\"60 40\"",
            Self::Dotted => " stroke-dasharray=\"20 30\"",
        }
    }
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
pub(in crate::plot) struct Pen {
    pub(super) color: Color,
    pub(super) width: f64,
    pub(super) dash: Dash,
}

impl Pen {
    /// A solid line.
    pub(in crate::plot) fn new(color: Color, width: f64) -> Self {
        Self {
            color,
            width,
            dash: Dash::Solid,
        }
    }

    /// With the dashes of limits.
    pub(in crate::plot) fn dashed(self) -> Self {
        Self {
            dash: Dash::Dashed,
            ..self
        }
    }

    /// With the dots of what is only for comparison.
    pub(in crate::plot) fn dotted(self) -> Self {
        Self {
            dash: Dash::Dotted,
            ..self
        }
    }

    /// As plotters' style, solid.
    pub(in crate::plot) fn style(self) -> ShapeStyle {
        let Color(r, g, b) = self.color;
        RGBColor(r, g, b).stroke_width((self.width * FINE).round() as u32)
    }
}

/// What the inside of a shape is filled with.
#[derive(Debug, Clone, Copy)]
pub(in crate::plot) enum Paint {
    /// A colour with an opacity from 0 to 1.
    Flat(Color, f64),
    /// Diagonal lines of a colour.
    Hatch(Color),
}

/// Where a text stands relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plot) enum Anchor {
    /// Begins there.
    Start,
    /// Is centred there.
    Middle,
    /// Ends there.
    End,
}

/// How a text is drawn.
#[derive(Debug, Clone, Copy)]
pub(in crate::plot) struct Type {
    /// Size in px.
    pub(in crate::plot) size: f64,
    /// Thickness.
    pub(in crate::plot) weight: Weight,
    /// Colour.
    pub(in crate::plot) color: Color,
    /// Side of the point.
    pub(in crate::plot) anchor: Anchor,
    /// A rim in this colour keeps the text legible over a drawing.
    pub(in crate::plot) halo: Option<Color>,
}

impl Type {
    /// Regular text that begins at its point.
    pub(in crate::plot) fn new(size: f64, color: Color) -> Self {
        Self {
            size,
            weight: Weight::Regular,
            color,
            anchor: Anchor::Start,
            halo: None,
        }
    }

    /// In semibold.
    pub(in crate::plot) fn bold(self) -> Self {
        Self {
            weight: Weight::Semibold,
            ..self
        }
    }

    /// Centred at its point.
    pub(in crate::plot) fn middle(self) -> Self {
        Self {
            anchor: Anchor::Middle,
            ..self
        }
    }

    /// Ending at its point.
    pub(in crate::plot) fn end(self) -> Self {
        Self {
            anchor: Anchor::End,
            ..self
        }
    }

    /// With a rim in `color`.
    pub(in crate::plot) fn halo(self, color: Color) -> Self {
        Self {
            halo: Some(color),
            ..self
        }
    }

    /// Width of `text` so drawn.
    pub(in crate::plot) fn width(&self, text: &str) -> f64 {
        font::width(text, self.size, self.weight)
    }

    /// As plotters' style, without a rim.
    pub(in crate::plot) fn style(&self) -> TextStyle<'static> {
        let Color(r, g, b) = self.color;
        let style = match self.weight {
            Weight::Regular => FontStyle::Normal,
            Weight::Semibold => FontStyle::Bold,
        };
        (font::EMBEDDED, self.size * FINE, style)
            .into_font()
            .color(&RGBColor(r, g, b))
    }
}
