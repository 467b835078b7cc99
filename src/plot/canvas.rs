//! The page as a plotters drawing area: every mark is a plotters element, put on it in page coordinates here or in data
//! coordinates by a chart (`panel`).
//!
//! plotters counts whole pixels; the area has ten of them for each unit of the page, so that curves stay smooth.

mod element;
mod ink;
mod svg;
mod trail;

use std::cell::RefCell;
use std::rc::Rc;

use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::element::{Circle, Drawable, PointCollection, Rectangle};
use plotters::style::Color as _;

pub(super) use self::element::{Label, Shape};
pub(super) use self::ink::{Paint, Pen, Type};
pub(super) use self::svg::Svg;
pub(super) use self::trail::Trail;

use super::font;
use super::style::Color;
use super::{Figure, PlotError};

/// Pixels of the drawing area for each unit of the page.
pub(super) const FINE: f64 = 10.0;
/// Height of the roll that a page is cut from, in units of the page.
const ROLL: f64 = 100_000.0;

/// A drawing area of plotters in page coordinates.
pub(super) type Area = DrawingArea<Svg, Shift>;

/// A page being drawn.
pub(super) struct Canvas {
    width: f64,
    area: Area,
    svg: Rc<RefCell<Svg>>,
    fault: Option<PlotError>,
}

impl std::fmt::Debug for Canvas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Canvas").finish_non_exhaustive()
    }
}

impl Canvas {
    /// An empty page of the given width.
    pub(super) fn new(width: f64) -> Self {
        font::register();
        let size = ((width * FINE).round() as u32, (ROLL * FINE) as u32);
        let svg = Rc::new(RefCell::new(Svg::new(size)));
        Self {
            width,
            area: Area::from(&svg),
            svg,
            fault: None,
        }
    }

    /// The area of a rectangle of the page, both edges included.
    pub(super) fn part(&self, x: f64, y: f64, w: f64, h: f64) -> Area {
        let edge = fine(x, y);
        let far = fine(x + w, y + h);
        self.area
            .clone()
            .shrink(edge, (far.0 - edge.0 + 1, far.1 - edge.1 + 1))
    }

    /// Puts an element on the page.
    fn put<E>(&mut self, at: &[f64], element: &E)
    where
        for<'b> &'b E: PointCollection<'b, (i32, i32)>,
        E: Drawable<Svg>,
    {
        if !at.iter().all(|value| value.is_finite()) {
            self.fault.get_or_insert(PlotError::Span);
        }
        if let Err(error) = self.area.draw(element) {
            self.fault.get_or_insert(error.into());
        }
    }

    /// A filled rectangle.
    pub(super) fn rect(&mut self, x: f64, y: f64, w: f64, h: f64, fill: Color) {
        let corners = [fine(x, y), fine(x + w.max(0.0), y + h.max(0.0))];
        self.put(&[x, y, w, h], &Rectangle::new(corners, fill.solid()));
    }

    /// A rectangle with a filling and a rim.
    pub(super) fn rect_with(&mut self, (x, y, w, h): (f64, f64, f64, f64), paint: Paint, rim: Pen) {
        let mut trail = Trail::default();
        trail.rect(x, y, w.max(0.0), h.max(0.0));
        self.put(&[x, y, w, h], &trail.shape().fill(paint).stroke(rim));
    }

    /// A straight line.
    pub(super) fn line(&mut self, x1: f64, y1: f64, x2: f64, y2: f64, pen: Pen) {
        self.stroke(&Trail::through([(x1, y1), (x2, y2)]), pen);
    }

    /// A line along `trail`.
    pub(super) fn stroke(&mut self, trail: &Trail, pen: Pen) {
        self.put(trail.flat(), &trail.shape().stroke(pen));
    }

    /// The inside of `trail`, even-odd.
    pub(super) fn fill(&mut self, trail: &Trail, paint: Paint) {
        self.put(trail.flat(), &trail.shape().fill(paint));
    }

    /// A disc with a rim.
    pub(super) fn disc(&mut self, x: f64, y: f64, r: f64, fill: Color, rim: Pen) {
        for circle in discs(fine(x, y), r, fill, rim) {
            self.put(&[x, y, r], &circle);
        }
    }

    /// One line of text on the baseline `y`.
    pub(super) fn text(&mut self, x: f64, y: f64, text: &str, how: Type) {
        self.put(&[x, y], &Label::new(fine(x, y), text, how));
    }

    /// One line of text whose digits are centred on the height `y`.
    pub(super) fn text_at(&mut self, x: f64, y: f64, text: &str, how: Type) {
        self.text(x, y + how.size * font::MIDDLE, text, how);
    }

    /// The document, cut to `height`, on a background, with `title` for readers that cannot see it.
    ///
    /// # Errors
    /// The first that any mark on the page gave: [`PlotError::Span`] where a coordinate was not finite.
    pub(super) fn finish(
        self,
        height: f64,
        paper: Color,
        title: &str,
    ) -> Result<Figure, PlotError> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if !(height.is_finite() && height < ROLL) {
            return Err(PlotError::Span);
        }
        Ok(Figure {
            svg: self.svg.borrow().document(self.width, height, paper, title),
        })
    }
}

/// Page coordinates in pixels of the drawing area; what is not finite or far off the page lands on its edge.
fn fine(x: f64, y: f64) -> (i32, i32) {
    let of = |value: f64| (value * FINE).round().clamp(-1e8, 1e8) as i32;
    (of(x), of(y))
}

/// A disc of radius `r` page units with a rim, as plotters' circles in any coordinates.
pub(super) fn discs<C: Copy>(at: C, r: f64, fill: Color, rim: Pen) -> [Circle<C, i32>; 2] {
    let r = (r * FINE).round() as i32;
    [
        Circle::new(at, r, fill.solid()),
        Circle::new(at, r, rim.style()),
    ]
}

impl Color {
    /// As plotters' filled style.
    pub(super) fn solid(self) -> plotters::style::ShapeStyle {
        plotters::style::RGBColor(self.0, self.1, self.2).filled()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Canvas, Color, Pen, Type};
    use crate::plot::PlotError;

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
