//! Sparse LU with a kept pattern, for the small and middling systems of groups and of the hall.
//!
//! The order of elimination is chosen once from values (Markowitz count with threshold pivoting,
//! ties by index) and kept; every later matrix of the same pattern is factored along it with no
//! search and no allocation. A pivot that has become too small for the kept order is reported, and
//! the caller chooses a new one.
//!
//! # Source
//! Markowitz (1957); threshold pivoting and kept patterns as in Duff, Erisman, Reid, *Direct
//! Methods for Sparse Matrices*, chapters 5 and 7.

use std::collections::BTreeSet;

/// A pivot was too small: the matrix is singular, or the kept order no longer suits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no usable pivot for unknown {column}")]
pub struct SmallPivot {
    /// Column, in the caller's numbering, that could not be eliminated.
    pub column: usize,
}

/// Positions of the entries of a square matrix: entry `e` stands at (`rows[e]`, `columns[e]`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// Order of the matrix.
    pub order: usize,
    /// Row of each entry.
    pub rows: Vec<u32>,
    /// Column of each entry.
    pub columns: Vec<u32>,
}

/// Order of elimination and positions of the factors' entries.
#[derive(Debug, Clone)]
pub struct Symbolic {
    order: usize,
    /// Original row of pivot k.
    row_of: Vec<u32>,
    /// Original column of pivot k.
    column_of: Vec<u32>,
    /// Entries of the matrix by pivot row: (column in pivot order, entry).
    start: Vec<u32>,
    source: Vec<(u32, u32)>,
    lower_start: Vec<u32>,
    lower: Vec<u32>,
    upper_start: Vec<u32>,
    upper: Vec<u32>,
}

/// Numerical factors along a [`Symbolic`] order, and their work space.
#[derive(Debug, Clone, Default)]
pub struct Factors {
    lower: Vec<f64>,
    upper: Vec<f64>,
    inverse_pivot: Vec<f64>,
    work: Vec<f64>,
}

/// A pivot must be at least this part of the largest entry of its row.
const THRESHOLD: f64 = 1e-3;
/// Candidate rows looked at for each pivot.
const CANDIDATES: usize = 8;

impl Symbolic {
    /// Chooses an order of elimination for a matrix with these values.
    ///
    /// # Errors
    /// [`SmallPivot`] where the matrix is singular.
    pub fn analyse(pattern: &Pattern, values: &[f64]) -> Result<Self, SmallPivot> {
        let n = pattern.order;
        let mut rows: Vec<Vec<(u32, f64)>> = vec![Vec::new(); n];
        let mut column_rows: Vec<BTreeSet<u32>> = vec![BTreeSet::new(); n];
        for (e, &value) in values.iter().enumerate() {
            let (r, c) = (pattern.rows[e], pattern.columns[e]);
            match rows[r as usize].iter_mut().find(|(column, _)| *column == c) {
                Some((_, sum)) => *sum += value,
                None => rows[r as usize].push((c, value)),
            }
            column_rows[c as usize].insert(r);
        }
        for row in &mut rows {
            row.sort_by_key(|&(c, _)| c);
        }
        let original = pattern;
        let mut active: BTreeSet<(usize, u32)> =
            (0..n).map(|r| (rows[r].len(), r as u32)).collect();
        let mut row_of = Vec::with_capacity(n);
        let mut column_of = Vec::with_capacity(n);
        // Rows of U in original columns, and for each row the pivots that were subtracted from it.
        let mut upper_rows: Vec<Vec<u32>> = Vec::with_capacity(n);
        let mut lower_of: Vec<Vec<u32>> = vec![Vec::new(); n];
        let mut merged: Vec<(u32, f64)> = Vec::new();
        for step in 0..n {
            let mut best: Option<(usize, f64, u32, usize)> = None;
            let mut looked = 0;
            for &(count, r) in &active {
                let row = &rows[r as usize];
                let largest = row.iter().fold(0.0f64, |m, &(_, v)| m.max(v.abs()));
                if largest > 0.0 && largest.is_finite() {
                    for (k, &(c, v)) in row.iter().enumerate() {
                        if v.abs() < THRESHOLD * largest {
                            continue;
                        }
                        let cost = (count - 1) * (column_rows[c as usize].len() - 1);
                        let size = v.abs() / largest;
                        let better = match best {
                            None => true,
                            Some((least, most, _, _)) => {
                                cost < least || (cost == least && size > 2.0 * most)
                            }
                        };
                        if better {
                            best = Some((cost, size, r, k));
                        }
                    }
                    looked += 1;
                }
                if looked >= CANDIDATES || best.is_some_and(|(cost, ..)| cost == 0) {
                    break;
                }
            }
            let Some((_, _, pivot_row, k)) = best else {
                let column = (0..n)
                    .find(|c| !column_of.contains(&(*c as u32)))
                    .unwrap_or(0);
                return Err(SmallPivot { column });
            };
            let (pivot_column, pivot) = rows[pivot_row as usize][k];
            let pivot_entries = std::mem::take(&mut rows[pivot_row as usize]);
            active.remove(&(pivot_entries.len(), pivot_row));
            for &(c, _) in &pivot_entries {
                column_rows[c as usize].remove(&pivot_row);
            }
            let below: Vec<u32> = std::mem::take(&mut column_rows[pivot_column as usize])
                .into_iter()
                .collect();
            for &r in &below {
                let row = std::mem::take(&mut rows[r as usize]);
                active.remove(&(row.len(), r));
                let at = row
                    .iter()
                    .position(|&(c, _)| c == pivot_column)
                    .map_or(0.0, |i| row[i].1);
                let factor = at / pivot;
                merge_row(&row, &pivot_entries, pivot_column, factor, &mut merged);
                for &(c, _) in &merged {
                    column_rows[c as usize].insert(r);
                }
                active.insert((merged.len(), r));
                rows[r as usize].clone_from(&merged);
                lower_of[r as usize].push(step as u32);
            }
            upper_rows.push(
                pivot_entries
                    .iter()
                    .map(|&(c, _)| c)
                    .filter(|&c| c != pivot_column)
                    .collect(),
            );
            row_of.push(pivot_row);
            column_of.push(pivot_column);
        }
        Ok(Self::assemble(
            original,
            row_of,
            column_of,
            &upper_rows,
            &lower_of,
        ))
    }

    fn assemble(
        pattern: &Pattern,
        row_of: Vec<u32>,
        column_of: Vec<u32>,
        upper_rows: &[Vec<u32>],
        lower_of: &[Vec<u32>],
    ) -> Self {
        let n = pattern.order;
        let mut position = vec![0u32; n];
        for (k, &c) in column_of.iter().enumerate() {
            position[c as usize] = k as u32;
        }
        let mut step_of = vec![0usize; n];
        for (k, &r) in row_of.iter().enumerate() {
            step_of[r as usize] = k;
        }
        let mut by_row: Vec<Vec<(u32, u32)>> = vec![Vec::new(); n];
        for e in 0..pattern.rows.len() {
            by_row[step_of[pattern.rows[e] as usize]]
                .push((position[pattern.columns[e] as usize], e as u32));
        }
        let mut out = Self {
            order: n,
            row_of,
            column_of,
            start: vec![0],
            source: Vec::new(),
            lower_start: vec![0],
            lower: Vec::new(),
            upper_start: vec![0],
            upper: Vec::new(),
        };
        for k in 0..n {
            out.source.extend(&by_row[k]);
            out.start.push(out.source.len() as u32);
            out.lower.extend(&lower_of[out.row_of[k] as usize]);
            out.lower_start.push(out.lower.len() as u32);
            let mut columns: Vec<u32> = upper_rows[k]
                .iter()
                .map(|&c| position[c as usize])
                .collect();
            columns.sort_unstable();
            out.upper.extend(columns);
            out.upper_start.push(out.upper.len() as u32);
        }
        out
    }

    /// Empty factors with the right lengths.
    pub fn factors(&self) -> Factors {
        Factors {
            lower: vec![0.0; self.lower.len()],
            upper: vec![0.0; self.upper.len()],
            inverse_pivot: vec![0.0; self.order],
            work: vec![0.0; self.order],
        }
    }

    /// Whether these factors were made for this order.
    pub fn fits(&self, factors: &Factors) -> bool {
        factors.lower.len() == self.lower.len()
            && factors.upper.len() == self.upper.len()
            && factors.work.len() == self.order
    }

    /// Factors a matrix of the analysed pattern.
    ///
    /// # Errors
    /// [`SmallPivot`] where the kept order does not suit these values.
    pub fn factor(&self, values: &[f64], factors: &mut Factors) -> Result<(), SmallPivot> {
        let Factors {
            lower,
            upper,
            inverse_pivot,
            work,
        } = factors;
        for k in 0..self.order {
            let (l0, l1) = (
                self.lower_start[k] as usize,
                self.lower_start[k + 1] as usize,
            );
            let (u0, u1) = (
                self.upper_start[k] as usize,
                self.upper_start[k + 1] as usize,
            );
            for &j in &self.lower[l0..l1] {
                work[j as usize] = 0.0;
            }
            for &j in &self.upper[u0..u1] {
                work[j as usize] = 0.0;
            }
            work[k] = 0.0;
            for &(c, e) in &self.source[self.start[k] as usize..self.start[k + 1] as usize] {
                work[c as usize] += values[e as usize];
            }
            for (slot, &j) in self.lower[l0..l1].iter().enumerate() {
                let j = j as usize;
                let factor = work[j] * inverse_pivot[j];
                lower[l0 + slot] = factor;
                if factor != 0.0 {
                    let (s, t) = (
                        self.upper_start[j] as usize,
                        self.upper_start[j + 1] as usize,
                    );
                    for (c, v) in self.upper[s..t].iter().zip(&upper[s..t]) {
                        work[*c as usize] -= factor * v;
                    }
                }
            }
            let pivot = work[k];
            let mut largest = pivot.abs();
            for (slot, &j) in self.upper[u0..u1].iter().enumerate() {
                let value = work[j as usize];
                upper[u0 + slot] = value;
                largest = largest.max(value.abs());
            }
            // `!(a > b)` so that NaN counts as too small.
            #[allow(clippy::neg_cmp_op_on_partial_ord)]
            if !(pivot.abs() > 1e-9 * largest) || !largest.is_finite() || pivot == 0.0 {
                return Err(SmallPivot {
                    column: self.column_of[k] as usize,
                });
            }
            inverse_pivot[k] = 1.0 / pivot;
        }
        Ok(())
    }

    /// Solves for one right-hand side, in place: `b` becomes the solution.
    pub fn solve(&self, factors: &mut Factors, b: &mut [f64]) {
        let Factors {
            lower,
            upper,
            inverse_pivot,
            work,
        } = factors;
        for k in 0..self.order {
            let mut value = b[self.row_of[k] as usize];
            for e in self.lower_start[k] as usize..self.lower_start[k + 1] as usize {
                value -= lower[e] * work[self.lower[e] as usize];
            }
            work[k] = value;
        }
        for k in (0..self.order).rev() {
            let mut value = work[k];
            for e in self.upper_start[k] as usize..self.upper_start[k + 1] as usize {
                value -= upper[e] * work[self.upper[e] as usize];
            }
            work[k] = value * inverse_pivot[k];
        }
        for (k, &c) in self.column_of.iter().enumerate() {
            b[c as usize] = work[k];
        }
    }
}

/// `row − factor·pivot_row` without the pivot's column, both sorted by column.
fn merge_row(
    row: &[(u32, f64)],
    pivot_row: &[(u32, f64)],
    pivot_column: u32,
    factor: f64,
    merged: &mut Vec<(u32, f64)>,
) {
    merged.clear();
    let (mut i, mut j) = (0, 0);
    while i < row.len() || j < pivot_row.len() {
        let left = row.get(i).map_or(u32::MAX, |e| e.0);
        let right = pivot_row.get(j).map_or(u32::MAX, |e| e.0);
        let column = left.min(right);
        let mut value = 0.0;
        if left == column {
            value += row[i].1;
            i += 1;
        }
        if right == column {
            value -= factor * pivot_row[j].1;
            j += 1;
        }
        if column != pivot_column {
            merged.push((column, value));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Pattern, Symbolic};
    use nalgebra::{DMatrix, DVector};
    use proptest::prelude::{ProptestConfig, prop_assert, proptest};

    fn solve(pattern: &Pattern, values: &[f64], rhs: &[f64]) -> Vec<f64> {
        let symbolic = Symbolic::analyse(pattern, values).unwrap();
        let mut factors = symbolic.factors();
        symbolic.factor(values, &mut factors).unwrap();
        let mut x = rhs.to_vec();
        symbolic.solve(&mut factors, &mut x);
        x
    }

    #[test]
    fn permuted_diagonal_needs_pivoting() {
        let pattern = Pattern {
            order: 2,
            rows: vec![0, 1],
            columns: vec![1, 0],
        };
        let x = solve(&pattern, &[2.0, 4.0], &[6.0, 8.0]);
        assert_eq!(x, vec![2.0, 3.0]);
    }

    #[test]
    fn singular_is_reported() {
        let pattern = Pattern {
            order: 2,
            rows: vec![0, 0, 1, 1],
            columns: vec![0, 1, 0, 1],
        };
        let symbolic = Symbolic::analyse(&pattern, &[1.0, 1.0, 1.0, 1.0]);
        assert!(symbolic.is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn agrees_with_a_dense_solver(seed in 0u64..1_000_000, n in 2usize..40) {
            // Random sparse matrix with a strong diagonal in a permuted place.
            let mut s = seed.wrapping_mul(2).wrapping_add(1);
            let mut next = || { s ^= s << 13; s ^= s >> 7; s ^= s << 17; (s % 10_000) as f64 / 10_000.0 };
            let mut pattern = Pattern { order: n, ..Pattern::default() };
            let mut values = Vec::new();
            for r in 0..n {
                pattern.rows.push(r as u32);
                pattern.columns.push(((r + 3) % n) as u32);
                values.push(2.0 + next());
                for _ in 0..3 {
                    pattern.rows.push(r as u32);
                    pattern.columns.push((next() * n as f64) as u32);
                    values.push(next() - 0.5);
                }
            }
            let rhs: Vec<f64> = (0..n).map(|_| next()).collect();
            let x = solve(&pattern, &values, &rhs);
            let mut dense = DMatrix::<f64>::zeros(n, n);
            for e in 0..values.len() {
                dense[(pattern.rows[e] as usize, pattern.columns[e] as usize)] += values[e];
            }
            let expected = dense.full_piv_lu().solve(&DVector::from_column_slice(&rhs)).unwrap();
            for i in 0..n {
                // Matrices are well conditioned; elimination order moves only the last digits.
                prop_assert!((x[i] - expected[i]).abs() < 1e-9 * (1.0 + expected[i].abs()));
            }
        }
    }
}
