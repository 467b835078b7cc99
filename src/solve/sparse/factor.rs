//! Factors along a kept order: row by row, the pivot rows before it subtracted (up-looking
//! elimination), each row in its own stretch of one array.
//!
//! A row's stretch holds what is to be eliminated from it, its pivot, and what is left (inputs last).
//! Where each entry of a pivot row goes in the row that it is subtracted from is worked out once, so
//! that the elimination is a walk along one list of places.
//!
//! Rows of outputs follow the pivots; they keep all inputs, so that D − C·A⁻¹B stands dense.

use super::{Pattern, SmallPivot};

/// Order of elimination and places of the factors' entries.
#[derive(Debug, Clone, Default)]
pub struct Symbolic {
    order: usize,
    inputs: usize,
    outputs: usize,
    /// Original column of pivot k.
    column_of: Vec<u32>,
    /// Scale of each column when the order was chosen: a pivot is small beside the others only once
    /// units are taken out.
    weight: Vec<f64>,
    rows: Vec<Row>,
    /// Place in the factors of each entry of the matrix.
    place: Vec<u32>,
    /// Pivot rows to subtract, rising, row after row.
    lower: Vec<u32>,
    /// Columns of elimination that are left, rising, row after row; inputs last.
    upper: Vec<u32>,
    /// For each pivot row that is subtracted, the places of its entries in the row.
    targets: Vec<u32>,
}

/// A row of elimination.
#[derive(Debug, Clone, Copy)]
struct Row {
    /// Number in the caller's count.
    original: u32,
    /// First place among the factors; the pivot and what is left follow at `pivot`.
    start: u32,
    pivot: u32,
    /// End of its list of columns left.
    upper_end: u32,
    /// Number of columns left that are no inputs.
    unknowns: u32,
}

/// Numerical factors along a [`Symbolic`] order.
#[derive(Debug, Clone, Default)]
pub struct Factors {
    entries: Vec<f64>,
    inverse_pivot: Vec<f64>,
    /// L⁻¹r in the order of elimination, then y at u = 0.
    right: Vec<f64>,
    /// x in the order of elimination, then u.
    work: Vec<f64>,
    outputs: usize,
    inputs: usize,
}

/// A pivot below this part of its row's largest entry is refused. The order was chosen with a much
/// stricter threshold; down to here seven digits of a step are left, which only slows a Newton
/// iteration down.
const REFUSED: f64 = 1e-9;

impl Factors {
    /// Outputs at no change of the inputs.
    pub fn outputs(&self) -> &[f64] {
        &self.right[self.right.len() - self.outputs..]
    }

    /// Derivatives of output `o` to the inputs.
    pub fn by_input(&self, symbolic: &Symbolic, o: usize) -> &[f64] {
        let from = symbolic.rows[symbolic.order + o].pivot as usize;
        &self.entries[from..from + self.inputs]
    }
}

impl Symbolic {
    /// Places of the factors from an order: of each pivot its row, its column, the columns left in
    /// its row; and for every row (outputs included) the pivots that are subtracted from it.
    pub(super) fn assemble(
        pattern: &Pattern,
        pivots: &[(u32, u32)],
        weights: &[f64],
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
            weight: pivots.iter().map(|p| weights[p.1 as usize]).collect(),
            rows: Vec::with_capacity(n + outputs),
            place: vec![0; pattern.rows.len()],
            lower: Vec::new(),
            upper: Vec::new(),
            targets: Vec::new(),
        };
        // Place of each column in the row at hand; stale elsewhere.
        let mut place = vec![0u32; n + inputs];
        let mut start = 0;
        for (k, sources) in by_row.iter().enumerate() {
            let original = pivots.get(k).map_or(k as u32, |p| p.0);
            let lower = &lower_of[original as usize];
            let first = out.upper.len();
            match upper_rows.get(k) {
                Some(columns) => out
                    .upper
                    .extend(columns.iter().map(|&c| position[c as usize])),
                None => out.upper.extend(n as u32..(n + inputs) as u32),
            }
            out.upper[first..].sort_unstable();
            let pivot = (k < n).then_some(k as u32);
            let columns = lower.iter().chain(&pivot).chain(&out.upper[first..]);
            for (slot, &c) in columns.enumerate() {
                place[c as usize] = slot as u32;
            }
            for &(c, e) in sources {
                out.place[e as usize] = start + place[c as usize];
            }
            for &j in lower {
                let range = out.upper_range(j as usize);
                out.targets
                    .extend(out.upper[range].iter().map(|&c| place[c as usize]));
            }
            out.lower.extend(lower);
            let upper = &out.upper[first..];
            out.rows.push(Row {
                original,
                start,
                pivot: start + lower.len() as u32,
                upper_end: out.upper.len() as u32,
                unknowns: upper.iter().filter(|&&c| (c as usize) < n).count() as u32,
            });
            start += (lower.len() + usize::from(k < n) + upper.len()) as u32;
        }
        out
    }

    fn upper_range(&self, row: usize) -> std::ops::Range<usize> {
        let from = row
            .checked_sub(1)
            .map_or(0, |before| self.rows[before].upper_end);
        from as usize..self.rows[row].upper_end as usize
    }

    /// Number of entries of the factors.
    fn entries(&self) -> usize {
        self.lower.len() + self.order + self.upper.len()
    }

    /// Empty factors with the right lengths.
    pub fn factors(&self) -> Factors {
        Factors {
            entries: vec![0.0; self.entries()],
            inverse_pivot: vec![0.0; self.order],
            right: vec![0.0; self.rows.len()],
            work: vec![0.0; self.order + self.inputs],
            outputs: self.outputs,
            inputs: self.inputs,
        }
    }

    /// Whether these factors have this order's lengths.
    pub fn fits(&self, factors: &Factors) -> bool {
        factors.entries.len() == self.entries()
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
            entries,
            inverse_pivot,
            right,
            ..
        } = factors;
        entries.fill(0.0);
        for (&place, value) in self.place.iter().zip(values) {
            entries[place as usize] += value;
        }
        let (mut lower, mut targets) = (self.lower.as_slice(), self.targets.as_slice());
        for (k, row) in self.rows.iter().enumerate() {
            let (before, own) = entries.split_at_mut(row.start as usize);
            let count = (row.pivot - row.start) as usize;
            let (subtracted, later) = lower.split_at(count);
            lower = later;
            let mut rest = residual[row.original as usize];
            for (slot, &j) in subtracted.iter().enumerate() {
                let j = j as usize;
                let pivot = &self.rows[j];
                let left = &before[pivot.pivot as usize + 1..self.rows[j + 1].start as usize];
                let (into, later) = targets.split_at(left.len());
                targets = later;
                let factor = own[slot] * inverse_pivot[j];
                if factor != 0.0 {
                    rest -= factor * right[j];
                    for (&place, value) in into.iter().zip(left) {
                        own[place as usize] -= factor * value;
                    }
                }
            }
            right[k] = rest;
            if k < self.order {
                let from = count + 1;
                let unknowns = &own[from..from + row.unknowns as usize];
                let columns = &self.upper[self.upper_range(k)];
                let largest = unknowns.iter().zip(columns).fold(0.0f64, |most, (v, &c)| {
                    most.max(v.abs() * self.weight[c as usize])
                });
                let pivot = own[count];
                let size = pivot.abs() * self.weight[k];
                // `!(a > b)` so that NaN counts as too small.
                #[allow(clippy::neg_cmp_op_on_partial_ord)]
                if !(size > REFUSED * largest) || !largest.is_finite() || !size.is_finite() {
                    return Err(SmallPivot {
                        column: self.column_of[k] as usize,
                    });
                }
                inverse_pivot[k] = 1.0 / pivot;
            }
        }
        Ok(())
    }

    /// x for these inputs, by one sweep over U.
    pub fn substitute(&self, factors: &mut Factors, inputs: &[f64], x: &mut [f64]) {
        let Factors {
            entries,
            inverse_pivot,
            right,
            work,
            ..
        } = factors;
        work[self.order..].copy_from_slice(inputs);
        for k in (0..self.order).rev() {
            let columns = &self.upper[self.upper_range(k)];
            let left = &entries[self.rows[k].pivot as usize + 1..][..columns.len()];
            let sum = columns
                .iter()
                .zip(left)
                .fold(-right[k], |sum, (&c, v)| sum - v * work[c as usize]);
            let value = sum * inverse_pivot[k];
            work[k] = value;
            x[self.column_of[k] as usize] = value;
        }
    }
}
