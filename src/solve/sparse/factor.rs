//! Factors along a kept order: row by row, each row scattered into a dense work row, the pivot rows
//! before it subtracted, and what is left gathered (up-looking elimination).
//!
//! Rows of outputs follow the pivots; all their inputs are kept, so that D − C·A⁻¹B stands dense.

use super::{Pattern, SmallPivot};

/// Order of elimination and positions of the factors' entries.
#[derive(Debug, Clone)]
pub struct Symbolic {
    order: usize,
    inputs: usize,
    outputs: usize,
    /// Original column of pivot k.
    column_of: Vec<u32>,
    rows: Vec<Row>,
    /// Entries of the matrix by row of elimination: (column of elimination, entry).
    source: Vec<(u32, u32)>,
    /// Pivot rows to subtract, rising.
    lower: Vec<u32>,
    /// Columns of elimination that are left, rising; inputs last.
    upper: Vec<u32>,
}

/// Where a row's parts end in the lists of [`Symbolic`]; they begin where those before end.
#[derive(Debug, Clone, Copy)]
struct Row {
    original: u32,
    source: u32,
    lower: u32,
    upper: u32,
}

/// Numerical factors along a [`Symbolic`] order, and their work space.
#[derive(Debug, Clone, Default)]
pub struct Factors {
    upper: Vec<f64>,
    inverse_pivot: Vec<f64>,
    /// L⁻¹r in the order of elimination, then y at u = 0.
    right: Vec<f64>,
    work: Vec<f64>,
    outputs: usize,
    inputs: usize,
}

/// A pivot below this part of its row's largest entry is refused. The order was chosen with
/// [`super::analyse`]'s much stricter threshold; down to here seven digits of a step are left, which
/// only slows a Newton iteration down.
const REFUSED: f64 = 1e-9;

impl Factors {
    /// Outputs at no change of the inputs.
    pub fn outputs(&self) -> &[f64] {
        &self.right[self.right.len() - self.outputs..]
    }

    /// Derivatives of the outputs to the inputs, row-major, outputs × inputs.
    pub fn by_input(&self) -> &[f64] {
        &self.upper[self.upper.len() - self.outputs * self.inputs..]
    }
}

impl Symbolic {
    /// Positions of the factors from an order: of each pivot its row, its column, the columns left
    /// in its row; and for every row (outputs included) the pivots that are subtracted from it.
    pub(super) fn assemble(
        pattern: &Pattern,
        pivots: &[(u32, u32)],
        upper_rows: &[Vec<u32>],
        lower_of: &[Vec<u32>],
    ) -> Self {
        let (n, inputs, outputs) = (pattern.order, pattern.inputs, pattern.outputs);
        let mut position: Vec<u32> = (0..(n + inputs) as u32).collect();
        let mut step_of: Vec<u32> = (0..(n + outputs) as u32).collect();
        for (k, &(r, c)) in pivots.iter().enumerate() {
            position[c as usize] = k as u32;
            step_of[r as usize] = k as u32;
        }
        let mut by_row: Vec<Vec<(u32, u32)>> = vec![Vec::new(); n + outputs];
        for (e, (&r, &c)) in pattern.rows.iter().zip(&pattern.columns).enumerate() {
            by_row[step_of[r as usize] as usize].push((position[c as usize], e as u32));
        }
        let mut out = Self {
            order: n,
            inputs,
            outputs,
            column_of: pivots.iter().map(|p| p.1).collect(),
            rows: Vec::with_capacity(n + outputs),
            source: Vec::with_capacity(pattern.rows.len()),
            lower: Vec::new(),
            upper: Vec::new(),
        };
        for (k, sources) in by_row.iter().enumerate() {
            let original = pivots.get(k).map_or(k as u32, |p| p.0);
            out.source.extend(sources);
            out.lower.extend(&lower_of[original as usize]);
            let first = out.upper.len();
            match upper_rows.get(k) {
                Some(columns) => out
                    .upper
                    .extend(columns.iter().map(|&c| position[c as usize])),
                None => out.upper.extend(n as u32..(n + inputs) as u32),
            }
            out.upper[first..].sort_unstable();
            out.rows.push(Row {
                original,
                source: out.source.len() as u32,
                lower: out.lower.len() as u32,
                upper: out.upper.len() as u32,
            });
        }
        let mut ops = 0;
        let mut outops = 0;
        for k in 0..out.rows.len() {
            let l0 = if k == 0 {
                0
            } else {
                out.rows[k - 1].lower as usize
            };
            for &j in &out.lower[l0..out.rows[k].lower as usize] {
                let j = j as usize;
                let u0 = if j == 0 { 0 } else { out.rows[j - 1].upper };
                let w = out.rows[j].upper - u0;
                if k < n { ops += w } else { outops += w }
            }
        }
        eprintln!(
            "DBG n {n} in {inputs} out {outputs} nnz {} lower {} upper {} ops {ops} outops {outops}",
            out.source.len(),
            out.lower.len(),
            out.upper.len()
        );
        out
    }

    /// Empty factors with the right lengths.
    pub fn factors(&self) -> Factors {
        Factors {
            upper: vec![0.0; self.upper.len()],
            inverse_pivot: vec![0.0; self.order],
            right: vec![0.0; self.rows.len()],
            work: vec![0.0; self.order.max(1) + self.inputs],
            outputs: self.outputs,
            inputs: self.inputs,
        }
    }

    /// Whether these factors have this order's lengths.
    pub fn fits(&self, factors: &Factors) -> bool {
        factors.upper.len() == self.upper.len()
            && factors.right.len() == self.rows.len()
            && factors.inverse_pivot.len() == self.order
            && factors.inputs == self.inputs
    }

    /// Factors a matrix of the analysed pattern together with its residual (equations, then outputs).
    ///
    /// # Errors
    /// [`SmallPivot`] where the kept order does not suit these values.
    pub fn factor(
        &self,
        values: &[f64],
        residual: &[f64],
        factors: &mut Factors,
    ) -> Result<(), SmallPivot> {
        let Factors {
            upper,
            inverse_pivot,
            right,
            work,
            ..
        } = factors;
        let (mut s0, mut l0, mut u0) = (0, 0, 0);
        for (k, row) in self.rows.iter().enumerate() {
            let (s1, l1, u1) = (row.source as usize, row.lower as usize, row.upper as usize);
            let lower = &self.lower[l0..l1];
            let columns = &self.upper[u0..u1];
            for &j in lower.iter().chain(columns) {
                work[j as usize] = 0.0;
            }
            if k < self.order {
                work[k] = 0.0;
            }
            for &(c, e) in &self.source[s0..s1] {
                work[c as usize] += values[e as usize];
            }
            let mut rest = residual[row.original as usize];
            let (before, own) = upper.split_at_mut(u0);
            for &j in lower {
                let j = j as usize;
                let factor = work[j] * inverse_pivot[j];
                if factor != 0.0 {
                    rest -= factor * right[j];
                    let (from, to) = (
                        if j == 0 {
                            0
                        } else {
                            self.rows[j - 1].upper as usize
                        },
                        self.rows[j].upper as usize,
                    );
                    for (&c, v) in self.upper[from..to].iter().zip(&before[from..to]) {
                        work[c as usize] -= factor * v;
                    }
                }
            }
            right[k] = rest;
            let mut largest = 0.0f64;
            for (&j, slot) in columns.iter().zip(own) {
                let value = work[j as usize];
                *slot = value;
                if (j as usize) < self.order {
                    largest = largest.max(value.abs());
                }
            }
            if k < self.order {
                let pivot = work[k];
                // `!(a > b)` so that NaN counts as too small.
                #[allow(clippy::neg_cmp_op_on_partial_ord)]
                if !(pivot.abs() > REFUSED * largest) || !largest.is_finite() || !pivot.is_finite()
                {
                    return Err(SmallPivot {
                        column: self.column_of[k] as usize,
                    });
                }
                inverse_pivot[k] = 1.0 / pivot;
            }
            (s0, l0, u0) = (s1, l1, u1);
        }
        Ok(())
    }

    /// x for these inputs, by one sweep over U.
    pub fn substitute(&self, factors: &mut Factors, inputs: &[f64], x: &mut [f64]) {
        let Factors {
            upper,
            inverse_pivot,
            right,
            work,
            ..
        } = factors;
        work[self.order..self.order + self.inputs].copy_from_slice(inputs);
        let mut to = self
            .order
            .checked_sub(1)
            .map_or(0, |k| self.rows[k].upper as usize);
        for k in (0..self.order).rev() {
            let from = k
                .checked_sub(1)
                .map_or(0, |before| self.rows[before].upper as usize);
            let mut value = -right[k];
            for (&c, v) in self.upper[from..to].iter().zip(&upper[from..to]) {
                value -= v * work[c as usize];
            }
            let value = value * inverse_pivot[k];
            work[k] = value;
            x[self.column_of[k] as usize] = value;
            to = from;
        }
    }
}
