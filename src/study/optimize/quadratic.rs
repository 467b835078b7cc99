//! Small convex quadratic programmes, solved by Clarabel's interior-point method.
//!
//! min ½ xᵀPx + qᵀx so that a_i·x ≤ b_i for all rows i. Multipliers of the rows are returned, none below zero.

use clarabel::algebra::CscMatrix;
use clarabel::solver::SupportedConeT::NonnegativeConeT;
use clarabel::solver::{DefaultSettingsBuilder, DefaultSolver, IPSolver, SolverStatus};
use nalgebra::DMatrix;

/// A row a·x ≤ b: where its entries stand and what they are.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub(super) entries: Vec<(usize, f64)>,
    pub(super) bound: f64,
}

/// A programme under way.
#[derive(Debug, Clone)]
pub(super) struct Programme {
    /// P, its upper triangle read alone.
    pub(super) curvature: DMatrix<f64>,
    /// q.
    pub(super) slope: Vec<f64>,
    pub(super) rows: Vec<Row>,
}

/// Its solution.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) x: Vec<f64>,
    /// Multiplier of each row.
    pub(super) prices: Vec<f64>,
}

impl Programme {
    /// A programme without rows.
    pub(super) fn new(unknowns: usize) -> Self {
        Self {
            curvature: DMatrix::zeros(unknowns, unknowns),
            slope: vec![0.0; unknowns],
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub(super) fn at_most(&mut self, entries: Vec<(usize, f64)>, bound: f64) {
        self.rows.push(Row { entries, bound });
    }

    /// Solves it; `None` where it has no solution, or none was found.
    pub(super) fn solve(&self) -> Option<Answer> {
        let n = self.slope.len();
        let mut curvature = Columns::default();
        for column in 0..n {
            for row in 0..=column {
                let value = self.curvature[(row, column)];
                if value != 0.0 {
                    curvature.push(row, value);
                }
            }
            curvature.end();
        }
        let mut by_column: Vec<Vec<(usize, f64)>> = vec![Vec::new(); n];
        for (index, row) in self.rows.iter().enumerate() {
            for &(column, value) in &row.entries {
                by_column[column].push((index, value));
            }
        }
        let mut matrix = Columns::default();
        for column in by_column {
            for (row, value) in column {
                matrix.push(row, value);
            }
            matrix.end();
        }
        let bounds: Vec<f64> = self.rows.iter().map(|row| row.bound).collect();
        let rows = bounds.len();
        let settings = DefaultSettingsBuilder::default()
            .verbose(false)
            .max_threads(1)
            .build()
            .ok()?;
        let mut solver = DefaultSolver::new(
            &curvature.matrix(n, n),
            &self.slope,
            &matrix.matrix(rows, n),
            &bounds,
            &[NonnegativeConeT(rows)],
            settings,
        )
        .ok()?;
        solver.solve();
        let solution = &solver.solution;
        let found = matches!(
            solution.status,
            SolverStatus::Solved | SolverStatus::AlmostSolved
        );
        let finite = solution.x.iter().chain(&solution.z).all(|v| v.is_finite());
        (found && finite).then(|| Answer {
            x: solution.x.clone(),
            prices: solution.z.iter().map(|price| price.max(0.0)).collect(),
        })
    }
}

/// A sparse matrix as it is filled, column by column.
struct Columns {
    starts: Vec<usize>,
    rows: Vec<usize>,
    values: Vec<f64>,
}

impl Default for Columns {
    fn default() -> Self {
        Self {
            starts: vec![0],
            rows: Vec::new(),
            values: Vec::new(),
        }
    }
}

impl Columns {
    fn push(&mut self, row: usize, value: f64) {
        self.rows.push(row);
        self.values.push(value);
    }

    fn end(&mut self) {
        self.starts.push(self.rows.len());
    }

    fn matrix(self, rows: usize, columns: usize) -> CscMatrix<f64> {
        CscMatrix::new(rows, columns, self.starts, self.rows, self.values)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Programme;
    use approx::assert_abs_diff_eq;

    /// min (x − 2)² + (y − 1)² so that x + y ≤ 2 and x ≤ 1.2: at (1.2, 0.8), multipliers from the gradients by hand.
    #[test]
    fn a_programme_solved_by_hand() {
        let mut own = Programme::new(2);
        own.curvature.fill_diagonal(2.0);
        own.slope = vec![-4.0, -2.0];
        own.at_most(vec![(0, 1.0), (1, 1.0)], 2.0);
        own.at_most(vec![(0, 1.0)], 1.2);
        let answer = own.solve().unwrap();
        assert_abs_diff_eq!(answer.x[0], 1.2, epsilon = 1e-6);
        assert_abs_diff_eq!(answer.x[1], 0.8, epsilon = 1e-6);
        assert_abs_diff_eq!(answer.prices[0], 0.4, epsilon = 1e-5);
        assert_abs_diff_eq!(answer.prices[1], 1.2, epsilon = 1e-5);
    }

    #[test]
    fn contradicting_rows_have_no_solution() {
        let mut own = Programme::new(1);
        own.at_most(vec![(0, 1.0)], 0.0);
        own.at_most(vec![(0, -1.0)], -1.0);
        assert!(own.solve().is_none());
    }
}
