//! The page around a chart: title, subtitle, legend, footnote, and the height that they add up to.

use super::canvas::{Canvas, Paint, Pen, Type};
use super::font::{self, LEADING};
use super::style::{Color, Style};
use super::{Caption, Figure, PlotError};

/// Most lines that a heading or footnote may take.
const MOST_LINES: usize = 6;

/// What stands before the words of a legend entry.
#[derive(Debug, Clone, Copy)]
pub(super) enum Swatch {
    /// A filled square.
    Area(Color),
    /// A hatched square.
    Hatch(Color),
    /// A line.
    Line(Pen),
    /// A disc.
    Disc(Color, Pen),
}

/// A page being drawn from top to bottom.
#[derive(Debug)]
pub(super) struct Sheet<'a> {
    /// What it is drawn on.
    pub(super) canvas: Canvas,
    /// Its look.
    pub(super) style: &'a Style,
    /// Left edge of the content.
    pub(super) left: f64,
    /// Right edge of the content.
    pub(super) right: f64,
    /// Where the next thing goes.
    pub(super) top: f64,
    caption: &'a Caption,
}

impl<'a> Sheet<'a> {
    /// A page with its headings.
    pub(super) fn new(caption: &'a Caption, style: &'a Style) -> Result<Self, PlotError> {
        style.check()?;
        let pad = style.pad();
        let mut sheet = Self {
            canvas: Canvas::new(style.width),
            style,
            left: pad,
            right: style.width - pad,
            top: pad,
            caption,
        };
        let ink = style.palette.ink;
        sheet.paragraph(&caption.title, Type::new(style.title(), ink).bold());
        sheet.paragraph(
            &caption.subtitle,
            Type::new(style.text, style.palette.muted),
        );
        sheet.top += style.text * 0.8;
        Ok(sheet)
    }

    /// Width of the content.
    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }

    /// Ordinary small text.
    pub(super) fn small(&self) -> Type {
        Type::new(self.style.small(), self.style.palette.ink)
    }

    /// Small text of lesser weight.
    pub(super) fn note(&self) -> Type {
        Type::new(self.style.small(), self.style.palette.muted)
    }

    /// Text broken to the width of the page.
    pub(super) fn paragraph(&mut self, text: &str, how: Type) {
        for line in font::wrap(text, how.size, how.weight, self.width(), MOST_LINES) {
            self.canvas
                .text(self.left, self.top + how.size * 0.95, &line, how);
            self.top += how.size * LEADING;
        }
    }

    /// A legend entry on a line of its own.
    pub(super) fn legend_line(&mut self, swatch: Swatch, name: &str) {
        self.legend(&[(swatch, name.to_owned())]);
        self.top -= self.style.text * 0.5;
    }

    /// A row of legend entries, continued on further rows where they do not fit.
    pub(super) fn legend(&mut self, entries: &[(Swatch, String)]) {
        if entries.is_empty() {
            return;
        }
        let how = self.small();
        let (size, gap) = (how.size, how.size * 1.6);
        let row = size * 1.6;
        let mut x = self.left;
        for (swatch, name) in entries {
            let mark = if matches!(swatch, Swatch::Line(_)) {
                size * 2.0
            } else {
                size
            };
            let name = font::shorten(name, size, how.weight, self.width() - mark - size);
            let room = mark + size * 0.5 + how.width(&name);
            if x > self.left && x + room > self.right {
                x = self.left;
                self.top += row;
            }
            let middle = self.top + row / 2.0;
            match *swatch {
                Swatch::Area(color) => self.canvas.rect(x, middle - size / 2.0, size, size, color),
                Swatch::Hatch(color) => {
                    let place = (x, middle - size / 2.0, size, size);
                    self.canvas
                        .rect_with(place, Paint::Hatch(color), Pen::new(color, 0.8));
                }
                Swatch::Line(pen) => self.canvas.line(x, middle, x + mark, middle, pen),
                Swatch::Disc(fill, rim) => {
                    self.canvas
                        .disc(x + size / 2.0, middle, size * 0.4, fill, rim);
                }
            }
            self.canvas
                .text_at(x + mark + size * 0.5, middle, &name, how);
            x += room + gap;
        }
        self.top += row + self.style.text * 0.5;
    }

    /// Adds the footnote below `bottom` and closes the page.
    pub(super) fn finish(mut self, bottom: f64) -> Result<Figure, PlotError> {
        self.top = bottom;
        if !self.caption.footnote.is_empty() {
            self.top += self.style.text * 0.9;
            let how = self.note();
            self.paragraph(&self.caption.footnote, how);
        }
        let height = (self.top + self.style.pad()).ceil();
        self.canvas
            .finish(height, self.style.palette.paper, &self.caption.title)
    }
}
