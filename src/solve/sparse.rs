//! Bordered sparse systems with a kept order of elimination, for groups and for the hall.
//!
//! With x the unknowns, u the values that come in from outside, r the equations and y the outputs,
//!
//! ```text
//! [A B] [x]   [r ]   [0]
//! [C D]·[u] + [y₀] = [y]
//! ```
//!
//! is eliminated once: after L⁻¹ has been applied to the rows of A and their multiples have been
//! subtracted from the rows of C,
//!
//! ```text
//! U·x = −(L⁻¹r + L⁻¹B·u)          y = (y₀ − C·A⁻¹r) + (D − C·A⁻¹B)·u
//! ```
//!
//! so the outputs follow without any solve for single inputs, and x costs one sweep over U once u is
//! known. B and C take part as sparse columns and rows that never give a pivot.
//!
//! The order is chosen once from values ([`analyse`]) and kept; every later matrix of the same
//! pattern is factored along it ([`factor`]) with no search and no allocation. A pivot that has
//! become too small for the kept order is reported, and the caller chooses a new one.

mod analyse;
mod factor;

pub use factor::{Factors, Symbolic};

/// A pivot was too small: the matrix is singular, or the kept order no longer suits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no usable pivot for unknown {column}")]
pub struct SmallPivot {
    /// Column, in the caller's numbering, that could not be eliminated.
    pub column: usize,
}

/// Positions of the entries of a bordered matrix: entry `e` stands at (`rows[e]`, `columns[e]`).
///
/// Rows from `order` on are outputs, columns from `order` on are inputs. Entries that stand at the
/// same place are added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// Order of A.
    pub order: usize,
    /// Columns of B.
    pub inputs: usize,
    /// Rows of C.
    pub outputs: usize,
    /// Row of each entry.
    pub rows: Vec<u32>,
    /// Column of each entry.
    pub columns: Vec<u32>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Pattern, SmallPivot, Symbolic};
    use nalgebra::{DMatrix, DVector};
    use proptest::prelude::{ProptestConfig, TestCaseError, prop_assert, proptest};

    fn square(order: usize, rows: &[u32], columns: &[u32]) -> Pattern {
        Pattern {
            order,
            rows: rows.to_vec(),
            columns: columns.to_vec(),
            ..Pattern::default()
        }
    }

    /// x of A·x = b.
    fn solve(pattern: &Pattern, values: &[f64], rhs: &[f64]) -> Vec<f64> {
        let symbolic = Symbolic::analyse(pattern, &[values]).unwrap();
        let mut factors = symbolic.factors();
        let residual: Vec<f64> = rhs.iter().map(|b| -b).collect();
        symbolic.factor(values, &residual, &mut factors).unwrap();
        let mut x = vec![0.0; pattern.order];
        symbolic.substitute(&mut factors, &[], &mut x);
        x
    }

    #[test]
    fn permuted_diagonal_needs_pivoting() {
        let pattern = square(2, &[0, 1], &[1, 0]);
        let x = solve(&pattern, &[2.0, 4.0], &[6.0, 8.0]);
        assert_eq!(x, vec![2.0, 3.0]);
    }

    #[test]
    fn singular_is_reported() {
        let pattern = square(2, &[0, 0, 1, 1], &[0, 1, 0, 1]);
        assert!(Symbolic::analyse(&pattern, &[&[1.0, 1.0, 1.0, 1.0]]).is_err());
        // Rounding leaves 5e-17 of the last pivot: still singular.
        assert!(Symbolic::analyse(&pattern, &[&[0.1, 0.3, 0.7, 0.7 * 0.3 / 0.1]]).is_err());
        // No entry in a column at all.
        let pattern = square(2, &[0, 1], &[0, 0]);
        assert_eq!(
            Symbolic::analyse(&pattern, &[&[1.0, 1.0]])
                .unwrap_err()
                .column,
            1
        );
    }

    /// A row that is the identity in one sample and something else in the other: one order serves
    /// both, though either alone would allow a pivot that is zero in the other.
    #[test]
    fn one_order_serves_all_samples() {
        let pattern = square(3, &[0, 0, 1, 1, 2, 2, 2], &[0, 2, 0, 1, 0, 1, 2]);
        let held = [2.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0];
        let free = [2.0, 1.0, 1.0, 1.0, 3.0, -1.0, 0.0];
        let symbolic = Symbolic::analyse(&pattern, &[&held, &free]).unwrap();
        for values in [held, free] {
            let mut factors = symbolic.factors();
            symbolic
                .factor(&values, &[-1.0, -2.0, -3.0], &mut factors)
                .unwrap();
            let mut x = [0.0; 3];
            symbolic.substitute(&mut factors, &[], &mut x);
            for r in 0..3u32 {
                let sum: f64 = (0..7)
                    .filter(|&e| pattern.rows[e] == r)
                    .map(|e| values[e] * x[pattern.columns[e] as usize])
                    .sum();
                assert!((sum - f64::from(r + 1)).abs() < 1e-14);
            }
        }
    }

    /// Random numbers from 0 to 1.
    fn random(seed: u64) -> impl FnMut() -> f64 {
        let mut s = seed.wrapping_mul(2).wrapping_add(1);
        move || {
            s ^= s << 13;
            s ^= s >> 7;
            s ^= s << 17;
            (s % 10_000) as f64 / 10_000.0
        }
    }

    /// A bordered matrix: a strong diagonal in a permuted place, dense rows and columns, rows and
    /// columns of very different size; and values that change after the order was chosen.
    struct Case {
        pattern: Pattern,
        row_size: Vec<f64>,
        column_size: Vec<f64>,
        /// Values on which the order is chosen, and those which are factored.
        chosen: Vec<f64>,
        values: Vec<f64>,
        residual: Vec<f64>,
        u: Vec<f64>,
    }

    impl Case {
        fn new(
            seed: u64,
            n: usize,
            inputs: usize,
            outputs: usize,
            spread: f64,
            dense: usize,
        ) -> Self {
            let mut next = random(seed);
            let mut pattern = Pattern {
                order: n,
                inputs,
                outputs,
                ..Pattern::default()
            };
            let put = |pattern: &mut Pattern, r: usize, c: usize| {
                pattern.rows.push(r as u32);
                pattern.columns.push(c as u32);
            };
            let mut strong = Vec::new();
            for r in 0..n {
                put(&mut pattern, r, (r + 3) % n);
                strong.push(pattern.rows.len() - 1);
                for _ in 0..3 {
                    let c = (next() * (n + inputs) as f64) as usize;
                    put(&mut pattern, r, c);
                }
            }
            for k in 0..dense.min(n) {
                for other in 0..n {
                    put(&mut pattern, k, other);
                    put(&mut pattern, other, k);
                }
            }
            for o in 0..outputs {
                for _ in 0..4 {
                    let c = (next() * (n + inputs) as f64) as usize;
                    put(&mut pattern, n + o, c);
                }
            }
            let mut sizes = |count: usize| -> Vec<f64> {
                (0..count)
                    .map(|_| 10f64.powf(spread * (next() - 0.5)))
                    .collect()
            };
            let (row_size, column_size) = (sizes(n + outputs), sizes(n + inputs));
            let mut sample = || -> Vec<f64> {
                (0..pattern.rows.len())
                    .map(|e| {
                        let base = if strong.contains(&e) {
                            4.0 + next()
                        } else {
                            0.3 * (next() - 0.5)
                        };
                        base * row_size[pattern.rows[e] as usize]
                            * column_size[pattern.columns[e] as usize]
                    })
                    .collect()
            };
            let (chosen, values) = (sample(), sample());
            Self {
                residual: (0..n + outputs).map(|i| next() * row_size[i]).collect(),
                u: (0..inputs).map(|c| next() / column_size[n + c]).collect(),
                pattern,
                row_size,
                column_size,
                chosen,
                values,
            }
        }

        /// Largest difference of step, outputs and derivatives from those of a dense solver, with
        /// rows and columns brought to one size, and the condition number of the matrix so scaled.
        fn compare(&self, symbolic: &Symbolic) -> Result<(f64, f64), SmallPivot> {
            let Pattern {
                order: n,
                inputs,
                outputs,
                ..
            } = self.pattern;
            let mut factors = symbolic.factors();
            symbolic.factor(&self.values, &self.residual, &mut factors)?;
            let mut x = vec![0.0; n];
            symbolic.substitute(&mut factors, &self.u, &mut x);

            let mut all = DMatrix::<f64>::zeros(n + outputs, n + inputs);
            for (e, value) in self.values.iter().enumerate() {
                let (r, c) = (
                    self.pattern.rows[e] as usize,
                    self.pattern.columns[e] as usize,
                );
                all[(r, c)] += value / self.row_size[r] / self.column_size[c];
            }
            let a = all.view((0, 0), (n, n)).into_owned();
            let singular = a.singular_values();
            let condition = singular.max() / singular.min();
            let a = a.full_piv_lu();
            let b = all.view((0, n), (n, inputs)).into_owned();
            let c = all.view((n, 0), (outputs, n)).into_owned();
            let d = all.view((n, n), (outputs, inputs)).into_owned();
            let scaled = DVector::from_fn(n + outputs, |i, _| self.residual[i] / self.row_size[i]);
            let r = scaled.rows(0, n).into_owned();
            let u = DVector::from_fn(inputs, |i, _| self.u[i] * self.column_size[n + i]);
            let expected = -a.solve(&(&r + &b * u)).unwrap();
            let mut worst = 0.0f64;
            for i in 0..n {
                worst = worst.max((x[i] * self.column_size[i] - expected[i]).abs());
            }
            let y0 = scaled.rows(n, outputs) - &c * a.solve(&r).unwrap();
            let s = d - &c * a.solve(&b).unwrap();
            for o in 0..outputs {
                let size = self.row_size[n + o];
                worst = worst.max((factors.outputs()[o] / size - y0[o]).abs());
                for i in 0..inputs {
                    let found = factors.by_input(symbolic, o)[i] / size / self.column_size[n + i];
                    worst = worst.max((found - s[(o, i)]).abs());
                }
            }
            Ok((worst, condition))
        }

        fn check(&self) -> Result<(), TestCaseError> {
            // The error of a step is of the order of rounding x condition number x growth. Pivots may
            // be a hundredth of their row, so each weak one may cost two digits, and several may
            // follow each other: of 30,000 such matrices the worst grew by 4e9. A wrong place or
            // sign is an error of the order of one.
            let own = Symbolic::analyse(&self.pattern, &[&self.values]).unwrap();
            let (error, condition) = self.compare(&own).unwrap();
            prop_assert!(condition < 1e3, "condition {condition}");
            let bound = 1e11 * f64::EPSILON * condition;
            prop_assert!(error < bound, "own order: {error:e} above {bound:e}");
            // Along a kept order a pivot may have shrunk further (worst growth 1e11), and one that
            // all but vanished must be refused rather than used.
            let kept = Symbolic::analyse(&self.pattern, &[&self.chosen]).unwrap();
            match self.compare(&kept) {
                Ok((error, _)) => {
                    let bound = 1e13 * f64::EPSILON * condition;
                    prop_assert!(error < bound, "kept order: {error:e} above {bound:e}");
                }
                Err(SmallPivot { column }) => prop_assert!(column < self.pattern.order),
            }
            Ok(())
        }
    }

    /// The weak entry that the order of the first values takes as a pivot is nought in the second.
    #[test]
    fn a_pivot_that_vanishes_is_refused() {
        let case = Case::new(610_768, 40, 2, 2, 3.107_471_007_451_736_4, 2);
        let kept = Symbolic::analyse(&case.pattern, &[&case.chosen]).unwrap();
        assert!(case.compare(&kept).is_err());
        case.check().unwrap();
    }

    /// Orders that were kept almost always serve: an order is lost to chance, not by rule.
    #[test]
    fn kept_orders_serve() {
        let lost = (0..200)
            .filter(|&seed| {
                let case = Case::new(seed, 30, 3, 2, 3.0, 1);
                let kept = Symbolic::analyse(&case.pattern, &[&case.chosen]).unwrap();
                !case.compare(&kept).is_ok_and(|(error, _)| error < 1e-9)
            })
            .count();
        assert!(lost <= 2, "{lost} of 200");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        /// Step, outputs and their derivatives against a dense solver.
        #[test]
        fn agrees_with_a_dense_solver(
            seed in 0u64..1_000_000, n in 2usize..60, inputs in 0usize..9, outputs in 0usize..5,
            spread in 0.0f64..6.0, dense in 0usize..3,
        ) {
            Case::new(seed, n, inputs, outputs, spread, dense).check()?;
        }
    }
}
