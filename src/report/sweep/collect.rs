//! The points that figures show, picked while rows pass by.

use crate::study::sweep::{Axis, Plan, Rows, Value};

/// Most values of the axis of a chart of lines.
const MOST_ALONG: u64 = 2000;
/// Most values of each axis of a contour.
const MOST_ACROSS: u64 = 160;
/// Most points of parallel coordinates.
const MOST_POINTS: u64 = 1500;

/// A point that is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Place along each wide axis: its number, or the index of its word.
    pub at: Vec<f64>,
    /// Numbers of the outputs that are numbers, not a number where there is none; `None` without a solution.
    pub results: Option<Vec<f64>>,
}

/// Picks the points that figures show.
#[derive(Debug)]
pub struct Collector<'p> {
    pub(super) plan: &'p Plan,
    /// Axes with more than one value.
    pub(super) wide: Vec<usize>,
    strides: Vec<u64>,
    pub(super) points: Vec<Point>,
}

impl<'p> Collector<'p> {
    /// Nothing picked yet.
    pub fn new(plan: &'p Plan) -> Self {
        let wide: Vec<usize> = (0..plan.axes.len())
            .filter(|at| plan.axes[*at].len() != 1)
            .collect();
        let most = match wide.len() {
            1 => MOST_ALONG,
            _ => MOST_ACROSS,
        };
        let strides = wide
            .iter()
            .map(|at| plan.axes[*at].len().div_ceil(most).max(1))
            .collect();
        Self {
            plan,
            wide,
            strides,
            points: Vec::new(),
        }
    }

    /// Whether points are shown on a grid of at most two axes.
    pub(super) fn is_grid(&self) -> bool {
        self.plan.sample.is_none() && self.wide.len() <= 2
    }

    /// Picks from rows.
    pub fn take(&mut self, rows: &Rows) {
        for record in &rows.records {
            if self.shows(record.point) {
                let values = self.plan.values(record.point);
                let at = self
                    .wide
                    .iter()
                    .map(|at| place(&self.plan.axes[*at], &values[*at]))
                    .collect();
                let results = record.outcome.as_ref().ok().map(|row| row.numbers.clone());
                self.points.push(Point { at, results });
            }
        }
    }

    fn shows(&self, point: u64) -> bool {
        if !self.is_grid() {
            let stride = self.plan.points.div_ceil(MOST_POINTS).max(1);
            return point.is_multiple_of(stride);
        }
        let mut rest = point;
        let mut place = vec![0; self.plan.axes.len()];
        for (at, axis) in self.plan.axes.iter().enumerate().rev() {
            place[at] = rest % axis.len();
            rest /= axis.len();
        }
        self.wide.iter().zip(&self.strides).all(|(at, stride)| {
            place[*at].is_multiple_of(*stride) || place[*at] + 1 == self.plan.axes[*at].len()
        })
    }
}

fn place(axis: &Axis, value: &Value) -> f64 {
    match value {
        Value::Number(number) => *number,
        Value::Word(word) => axis
            .words()
            .iter()
            .position(|known| known == word)
            .unwrap_or(0) as f64,
    }
}
