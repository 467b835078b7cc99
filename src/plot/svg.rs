//! Writes SVG: shapes and text at fractional coordinates, escaped, never a NaN.

mod ink;
mod trail;

use std::fmt::Write as _;

pub(super) use self::ink::{Anchor, Pen, Type};
pub(super) use self::trail::Trail;
use self::trail::number;

use super::font::{self, Weight};
use super::style::Color;
use super::{Figure, PlotError};

/// Stands for the figure's own prefix in identifiers until the content, and so its hash, is known. A control character
/// cannot come from the caller, since escaping removes them.
const PREFIX: char = '\u{1}';

/// An SVG being written. (Writing to a `String` cannot fail, so the results of `write!` are dropped.)
#[derive(Debug)]
pub(super) struct Canvas {
    width: f64,
    defs: String,
    body: String,
    ids: usize,
    open: usize,
    faulty: bool,
}

impl Canvas {
    /// An empty drawing of the given width.
    pub(super) fn new(width: f64) -> Self {
        Self {
            width,
            defs: String::new(),
            body: String::new(),
            ids: 0,
            open: 0,
            faulty: false,
        }
    }

    fn n(&mut self, name: &str, value: f64) {
        self.body.push(' ');
        self.body.push_str(name);
        self.body.push_str("=\"");
        self.faulty |= !number(&mut self.body, value);
        self.body.push('"');
    }

    fn s(&mut self, name: &str, value: &str) {
        self.body.push(' ');
        self.body.push_str(name);
        self.body.push_str("=\"");
        self.body.push_str(value);
        self.body.push('"');
    }

    fn pen(&mut self, pen: Pen) {
        self.s("stroke", &pen.color.hex());
        self.n("stroke-width", pen.width);
        if !pen.dash.is_empty() {
            self.s("stroke-dasharray", pen.dash);
        }
    }

    fn box_of(&mut self, x: f64, y: f64, w: f64, h: f64) {
        self.n("x", x);
        self.n("y", y);
        self.n("width", w.max(0.0));
        self.n("height", h.max(0.0));
    }

    /// A filled rectangle.
    pub(super) fn rect(&mut self, x: f64, y: f64, w: f64, h: f64, fill: Color) {
        self.body.push_str("<rect");
        self.box_of(x, y, w, h);
        self.s("fill", &fill.hex());
        self.body.push_str("/>\n");
    }

    /// The outline of a rectangle.
    pub(super) fn frame(&mut self, x: f64, y: f64, w: f64, h: f64, pen: Pen) {
        self.body.push_str("<rect");
        self.box_of(x, y, w, h);
        self.s("fill", "none");
        self.pen(pen);
        self.body.push_str("/>\n");
    }

    /// A rectangle filled with a pattern or gradient of this canvas.
    pub(super) fn rect_with(&mut self, x: f64, y: f64, w: f64, h: f64, paint: &str) {
        self.body.push_str("<rect");
        self.box_of(x, y, w, h);
        self.s("fill", paint);
        self.body.push_str("/>\n");
    }

    /// A straight line.
    pub(super) fn line(&mut self, x1: f64, y1: f64, x2: f64, y2: f64, pen: Pen) {
        self.stroke(&Trail::through([(x1, y1), (x2, y2)]), pen);
    }

    /// A line along `trail`.
    pub(super) fn stroke(&mut self, trail: &Trail, pen: Pen) {
        self.faulty |= trail.faulty;
        self.body.push_str("<path");
        self.s("d", &trail.d);
        self.s("fill", "none");
        self.pen(pen);
        self.s("stroke-linejoin", "round");
        self.body.push_str("/>\n");
    }

    /// The inside of `trail`, even-odd.
    pub(super) fn fill(&mut self, trail: &Trail, fill: Color, opacity: f64) {
        self.fill_with(trail, &fill.hex(), opacity);
    }

    /// The inside of `trail`, even-odd, with a colour, pattern or gradient.
    pub(super) fn fill_with(&mut self, trail: &Trail, paint: &str, opacity: f64) {
        self.faulty |= trail.faulty;
        self.body.push_str("<path");
        self.s("d", &trail.d);
        self.s("fill", paint);
        self.s("fill-rule", "evenodd");
        if opacity < 1.0 {
            self.n("fill-opacity", opacity);
        }
        self.body.push_str("/>\n");
    }

    /// A disc with a rim.
    pub(super) fn disc(&mut self, x: f64, y: f64, r: f64, fill: Color, rim: Pen) {
        self.body.push_str("<circle");
        self.n("cx", x);
        self.n("cy", y);
        self.n("r", r);
        self.s("fill", &fill.hex());
        self.pen(rim);
        self.body.push_str("/>\n");
    }

    /// One line of text on the baseline `y`.
    pub(super) fn text(&mut self, x: f64, y: f64, text: &str, how: Type) {
        if text.is_empty() {
            return;
        }
        self.body.push_str("<text");
        self.n("x", x);
        self.n("y", y);
        self.n("font-size", how.size);
        self.s("fill", &how.color.hex());
        match how.anchor {
            Anchor::Start => {}
            Anchor::Middle => self.s("text-anchor", "middle"),
            Anchor::End => self.s("text-anchor", "end"),
        }
        if how.weight == Weight::Semibold {
            self.s("font-weight", "600");
        }
        if let Some(halo) = how.halo {
            self.s("stroke", &halo.hex());
            self.n("stroke-width", how.size * 0.24);
            self.s("stroke-linejoin", "round");
            self.s("paint-order", "stroke");
        }
        self.body.push('>');
        escape(&mut self.body, text);
        self.body.push_str("</text>\n");
    }

    /// One line of text whose digits are centred on the height `y`.
    pub(super) fn text_at(&mut self, x: f64, y: f64, text: &str, how: Type) {
        self.text(x, y + how.size * font::MIDDLE, text, how);
    }

    fn id(&mut self) -> String {
        self.ids += 1;
        format!("{PREFIX}{}", self.ids)
    }

    /// What follows is cut to a rectangle, until [`Canvas::pop`].
    pub(super) fn clip(&mut self, x: f64, y: f64, w: f64, h: f64) {
        let id = self.id();
        let mut shape = Trail::default();
        shape.rect(x, y, w, h);
        self.faulty |= shape.faulty;
        let _ = writeln!(
            self.defs,
            "<clipPath id=\"{id}\"><path d=\"{}\"/></clipPath>",
            shape.d
        );
        self.push(&format!("clip-path=\"url(#{id})\""));
    }

    /// What follows is in the coordinates of a grid of cells, each `w` by `h`, whose corner is at (`x`, `y`), with
    /// sharp cell edges, until [`Canvas::pop`].
    pub(super) fn cells(&mut self, x: f64, y: f64, w: f64, h: f64) {
        self.body
            .push_str("<g shape-rendering=\"crispEdges\" fill=\"none\" transform=\"translate(");
        self.faulty |= !number(&mut self.body, x);
        self.body.push(' ');
        self.faulty |= !number(&mut self.body, y);
        // Scale factors multiply cell counts, so they keep more digits than coordinates do.
        self.faulty |= !(w.is_finite() && h.is_finite());
        let _ = writeln!(self.body, ") scale({w:.6} {h:.6})\">");
        self.open += 1;
    }

    /// Opens a group with the given attributes, until [`Canvas::pop`].
    pub(super) fn push(&mut self, attributes: &str) {
        self.body.push_str("<g ");
        self.body.push_str(attributes);
        self.body.push_str(">\n");
        self.open += 1;
    }

    /// Closes the group opened last.
    pub(super) fn pop(&mut self) {
        if self.open > 0 {
            self.open -= 1;
            self.body.push_str("</g>\n");
        }
    }

    /// Diagonal hatching in `color`, as a paint.
    pub(super) fn hatch(&mut self, color: Color) -> String {
        let id = self.id();
        let _ = writeln!(
            self.defs,
            "<pattern id=\"{id}\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\" \
             patternTransform=\"rotate(45)\"><path d=\"M0 0V4\" stroke=\"{}\" stroke-width=\"2\"/></pattern>",
            color.hex()
        );
        format!("url(#{id})")
    }

    /// An upward gradient through `colors` at equal distances, as a paint.
    pub(super) fn gradient(&mut self, colors: &[Color]) -> String {
        let id = self.id();
        let _ = write!(
            self.defs,
            "<linearGradient id=\"{id}\" x1=\"0\" y1=\"1\" x2=\"0\" y2=\"0\">"
        );
        let last = colors.len().saturating_sub(1).max(1) as f64;
        for (index, color) in colors.iter().enumerate() {
            let stop = index as f64 / last;
            let _ = write!(
                self.defs,
                "<stop offset=\"{stop:.4}\" stop-color=\"{}\"/>",
                color.hex()
            );
        }
        self.defs.push_str("</linearGradient>\n");
        format!("url(#{id})")
    }

    /// The document, `height` high, on a background, with `title` for readers that cannot see it.
    ///
    /// # Errors
    /// [`PlotError::Span`] where a coordinate was not finite.
    pub(super) fn finish(
        mut self,
        height: f64,
        paper: Color,
        title: &str,
    ) -> Result<Figure, PlotError> {
        while self.open > 0 {
            self.pop();
        }
        let (mut w, mut h) = (String::new(), String::new());
        if !number(&mut w, self.width) || !number(&mut h, height) || self.faulty {
            return Err(PlotError::Span);
        }
        let mut name = String::new();
        escape(&mut name, title);
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
             role=\"img\" font-family=\"{}\">\n<title>{name}</title>\n<defs>\n{}</defs>\n\
             <rect width=\"{w}\" height=\"{h}\" fill=\"{}\"/>\n{}</svg>\n",
            font::FAMILY,
            self.defs,
            paper.hex(),
            self.body
        );
        let prefix = format!("p{:016x}-", fnv(svg.as_bytes()));
        Ok(Figure {
            svg: svg.replace(PREFIX, &prefix),
        })
    }
}

/// Appends `text` with XML's special characters escaped and those that XML forbids left out.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
}

/// The 64-bit FNV-1a hash, which is the same on every machine and in every release.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Canvas, Color, Pen, Type, number};
    use crate::plot::PlotError;

    #[test]
    fn numbers_are_short() {
        let text = |value| {
            let mut out = String::new();
            number(&mut out, value);
            out
        };
        assert_eq!(text(1.0), "1");
        assert_eq!(text(-0.001), "0");
        assert_eq!(text(12.345), "12.35");
        assert_eq!(text(100.0), "100");
    }

    #[test]
    fn text_is_escaped() {
        let mut canvas = Canvas::new(400.0);
        canvas.text(
            1.0,
            2.0,
            "a<b> & \"c\"\u{1}\u{0}",
            Type::new(10.0, Color(0, 0, 0)),
        );
        let figure = canvas.finish(100.0, Color(255, 255, 255), "<t>").unwrap();
        assert!(figure.svg().contains("a&lt;b&gt; &amp; &quot;c&quot;<"));
        assert!(figure.svg().contains("<title>&lt;t&gt;</title>"));
    }

    #[test]
    fn a_coordinate_that_is_not_finite_is_an_error() {
        let mut canvas = Canvas::new(400.0);
        canvas.line(0.0, 0.0, f64::NAN, 1.0, Pen::new(Color(0, 0, 0), 1.0));
        assert_eq!(
            canvas.finish(100.0, Color(255, 255, 255), "t"),
            Err(PlotError::Span)
        );
    }
}
