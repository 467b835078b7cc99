//! plotters elements of our own: compound shapes with dashes and hatching, and text with a rim.

use plotters::element::{Drawable, PointCollection};
use plotters_backend::{BackendCoord, DrawingErrorKind};

use super::ink::{Paint, Pen, Type};
use super::svg::{Look, Svg};

/// Lines through points in the coordinates `C` of the area that they are drawn on, in one or more runs.
#[derive(Debug, Clone)]
pub(in crate::plot) struct Shape<C> {
    points: Vec<C>,
    /// Position of the first point of each run.
    starts: Vec<usize>,
    look: Look,
}

impl<C> Shape<C> {
    /// Runs of points, closed or open.
    pub(super) fn new(points: Vec<C>, starts: Vec<usize>, closed: bool) -> Self {
        Self {
            points,
            starts,
            look: Look {
                closed,
                ..Look::default()
            },
        }
    }

    /// A line through `points`, broken where one is missing.
    pub(in crate::plot) fn line(points: impl IntoIterator<Item = Option<C>>, pen: Pen) -> Self {
        let (mut kept, mut starts, mut down) = (Vec::new(), Vec::new(), false);
        for point in points {
            if point.is_some() && !down {
                starts.push(kept.len());
            }
            down = point.is_some();
            kept.extend(point);
        }
        Self::new(kept, starts, false).stroke(pen)
    }

    /// An area within `points`.
    pub(in crate::plot) fn area(points: Vec<C>, paint: Paint) -> Self {
        Self::new(points, vec![0], true).fill(paint)
    }

    /// Filled, even-odd.
    pub(in crate::plot) fn fill(mut self, paint: Paint) -> Self {
        self.look.fill = Some(paint);
        self
    }

    /// With a line along the outline.
    pub(in crate::plot) fn stroke(mut self, pen: Pen) -> Self {
        self.look.pen = Some(pen);
        self
    }

    /// With edges on whole pixels.
    pub(in crate::plot) fn crisp(mut self) -> Self {
        self.look.crisp = true;
        self
    }
}

impl<'a, C: 'a> PointCollection<'a, C> for &'a Shape<C> {
    type Point = &'a C;
    type IntoIter = std::slice::Iter<'a, C>;

    fn point_iter(self) -> Self::IntoIter {
        self.points.iter()
    }
}

impl<C> Drawable<Svg> for Shape<C> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        points: I,
        svg: &mut Svg,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<std::convert::Infallible>> {
        if !self.points.is_empty() {
            svg.path(points, &self.starts, self.look);
        }
        Ok(())
    }
}

/// One line of text on the baseline through a point.
#[derive(Debug, Clone)]
pub(in crate::plot) struct Label<C> {
    at: [C; 1],
    text: String,
    how: Type,
}

impl<C> Label<C> {
    /// The text at a point.
    pub(in crate::plot) fn new(at: C, text: impl Into<String>, how: Type) -> Self {
        Self {
            at: [at],
            text: text.into(),
            how,
        }
    }
}

impl<'a, C: 'a> PointCollection<'a, C> for &'a Label<C> {
    type Point = &'a C;
    type IntoIter = std::slice::Iter<'a, C>;

    fn point_iter(self) -> Self::IntoIter {
        self.at.iter()
    }
}

impl<C> Drawable<Svg> for Label<C> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        mut points: I,
        svg: &mut Svg,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<std::convert::Infallible>> {
        if let Some(at) = points.next() {
            svg.text(at, &self.text, self.how);
        }
        Ok(())
    }
}
