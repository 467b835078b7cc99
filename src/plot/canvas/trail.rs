//! Outlines of shapes in page coordinates.

use super::element::Shape;

/// Chords that a swing between two columns is drawn with.
const CHORDS: u32 = 24;

/// The outline of a shape, in one or more runs.
#[derive(Debug, Default, Clone)]
pub(in crate::plot) struct Trail {
    points: Vec<[f64; 2]>,
    starts: Vec<usize>,
    closed: bool,
}

impl Trail {
    /// Begins a run at a point.
    pub(in crate::plot) fn start(&mut self, x: f64, y: f64) -> &mut Self {
        self.starts.push(self.points.len());
        self.line(x, y)
    }

    /// A straight line to a point.
    pub(in crate::plot) fn line(&mut self, x: f64, y: f64) -> &mut Self {
        self.points.push([x, y]);
        self
    }

    /// A cubic to a point that leaves and arrives horizontally; (`x0`, `y0`) is where it leaves.
    pub(in crate::plot) fn swing(&mut self, x0: f64, y0: f64, x: f64, y: f64) -> &mut Self {
        if y0 == y {
            return self.line(x, y);
        }
        for chord in 1..=CHORDS {
            let t = f64::from(chord) / f64::from(CHORDS);
            // Control points halfway across, at the heights of the ends.
            let across = 1.5 * t * (1.0 - t) + t * t * t;
            let up = t * t * (3.0 - 2.0 * t);
            self.line(x0 + across * (x - x0), y0 + up * (y - y0));
        }
        self
    }

    /// A closed rectangle.
    pub(in crate::plot) fn rect(&mut self, x: f64, y: f64, w: f64, h: f64) -> &mut Self {
        self.start(x, y)
            .line(x + w, y)
            .line(x + w, y + h)
            .line(x, y + h)
            .close()
    }

    /// Joins the end of every run to its start.
    pub(in crate::plot) fn close(&mut self) -> &mut Self {
        self.closed = true;
        self
    }

    /// A line through `points`.
    pub(in crate::plot) fn through(points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self {
            points: points.into_iter().map(|(x, y)| [x, y]).collect(),
            starts: vec![0],
            closed: false,
        }
    }

    /// The closed outlines as lines, without their stretches along the edges of the rectangle from `low` to `high`.
    pub(in crate::plot) fn within(&self, low: [f64; 2], high: [f64; 2]) -> Self {
        let along = |a: [f64; 2], b: [f64; 2]| {
            (0..2).any(|k| a[k] == b[k] && (a[k] == low[k] || a[k] == high[k]))
        };
        let mut out = Self::default();
        for (index, &start) in self.starts.iter().enumerate() {
            let end = self
                .starts
                .get(index + 1)
                .copied()
                .unwrap_or(self.points.len());
            let run = &self.points[start..end];
            let mut down = false;
            for (&a, &b) in run.iter().zip(run.iter().cycle().skip(1)) {
                let drawn = !along(a, b);
                if drawn && !down {
                    out.start(a[0], a[1]);
                }
                if drawn {
                    out.line(b[0], b[1]);
                }
                down = drawn;
            }
        }
        out
    }

    /// Number of runs.
    #[cfg(test)]
    pub(in crate::plot) fn runs(&self) -> usize {
        self.starts.len()
    }

    /// The points of all runs.
    #[cfg(test)]
    pub(in crate::plot) fn points(&self) -> &[[f64; 2]] {
        &self.points
    }

    /// Nothing was drawn.
    pub(in crate::plot) fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// All coordinates.
    pub(super) fn flat(&self) -> &[f64] {
        self.points.as_flattened()
    }

    /// As an element of the page.
    pub(super) fn shape(&self) -> Shape<(i32, i32)> {
        let points = self.points.iter().map(|&[x, y]| super::fine(x, y));
        Shape::new(points.collect(), self.starts.clone(), self.closed)
    }
}
