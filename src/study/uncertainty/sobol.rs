//! Sobol' indices by sampling: what share of a result's variance each input explains alone, and with all others.
//!
//! # Equations
//! Two independent samples A and B of N points of the k inputs, and k mixtures A_i that are A with input i from B. With f
//! about its mean and V its variance over A and B:
//!
//! - first order (Saltelli 2010): S_i = (1/N)·Σ f(B)·(f(A_i) − f(A))/V;
//! - total (Jansen 1999): T_i = (1/2N)·Σ (f(A) − f(A_i))²/V.
//!
//! N·(k + 2) points are solved. A point without a solution takes its row out of the sums of the input concerned (out of all
//! of them where it is one of A or B). Intervals hold 95 % of the indices of [`RESAMPLES`] resamples of the rows
//! (bootstrap), drawn by a generator of fixed seed.
//!
//! # Symbols and units
//! Indices are shares of the variance [-]. Σ S_i = 1 for a result that is a sum of functions of one input each; T_i − S_i
//! is what input i does together with others.
//!
//! # Source
//! A. Saltelli et al., Variance based sensitivity analysis of model output, Computer Physics Communications 181 (2010)
//! 259–270; M. J. W. Jansen, Analysis of variance designs for model output, Computer Physics Communications 117 (1999)
//! 35–43.

use serde::Serialize;

/// Resamples for the intervals.
pub const RESAMPLES: usize = 500;

/// An index and the interval that holds it in 95 of 100 resamples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Index {
    /// Best estimate.
    pub value: f64,
    /// Its low end.
    pub low: f64,
    /// Its high end.
    pub high: f64,
}

/// Indices of one input for one result.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pair {
    /// Alone.
    pub first: Index,
    /// With all others.
    pub total: Index,
}

/// Result at the points of one row: A, B and the k mixtures.
pub struct Row {
    /// At A.
    pub a: f64,
    /// At B.
    pub b: f64,
    /// At A with one input from B.
    pub mixed: Vec<Option<f64>>,
}

/// Indices of each input; `None` where the result does not vary or too few rows are left.
pub fn indices(rows: &[Row], inputs: usize, seed: u32) -> Option<Vec<Pair>> {
    if rows.len() < 4 {
        return None;
    }
    let every: Vec<usize> = (0..rows.len()).collect();
    let best = estimate(rows, &every, inputs)?;
    let mut state = u64::from(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x2545_F491_4F6C_DD1D;
    let mut next = move || {
        // SplitMix64.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    };
    let mut resampled: Vec<Vec<[f64; 2]>> = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        let drawn: Vec<usize> = (0..rows.len())
            .map(|_| (next() % rows.len() as u64) as usize)
            .collect();
        resampled.extend(estimate(rows, &drawn, inputs));
    }
    let interval = |input: usize, which: usize| {
        let mut all: Vec<f64> = resampled.iter().map(|one| one[input][which]).collect();
        all.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let last = all.len().saturating_sub(1);
            all.get((share * last as f64).round() as usize)
                .copied()
                .unwrap_or(best[input][which])
        };
        Index {
            value: best[input][which],
            low: at(0.025),
            high: at(0.975),
        }
    };
    Some(
        (0..inputs)
            .map(|input| Pair {
                first: interval(input, 0),
                total: interval(input, 1),
            })
            .collect(),
    )
}

/// First-order and total index of each input from some of the rows.
fn estimate(rows: &[Row], chosen: &[usize], inputs: usize) -> Option<Vec<[f64; 2]>> {
    let n = chosen.len() as f64;
    let both = || chosen.iter().flat_map(|&k| [rows[k].a, rows[k].b]);
    let mean = both().sum::<f64>() / (2.0 * n);
    let variance = both().map(|f| (f - mean).powi(2)).sum::<f64>() / (2.0 * n);
    let rounding = 1e-12 * mean.abs().max(1e-300);
    if variance.is_nan() || variance.sqrt() <= rounding {
        return None;
    }
    let of = |input: usize| {
        let (mut first, mut total, mut number) = (0.0, 0.0, 0.0);
        for row in chosen.iter().map(|&k| &rows[k]) {
            let Some(mixed) = row.mixed[input] else {
                continue;
            };
            first += (row.b - mean) * (mixed - row.a);
            total += 0.5 * (row.a - mixed).powi(2);
            number += 1.0;
        }
        let by = variance * f64::max(number, 1.0);
        [first / by, total / by]
    };
    Some((0..inputs).map(of).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Row, indices};

    /// Rows of a function of three inputs, uniform from −π to π.
    fn rows(number: u32, f: impl Fn([f64; 3]) -> f64) -> Vec<Row> {
        let draw = |point: u32, dimension: u32| {
            let share = f64::from(sobol_burley::sample(point, dimension, 7));
            std::f64::consts::PI * (2.0 * share - 1.0)
        };
        (0..number)
            .map(|point| {
                let a: [f64; 3] = std::array::from_fn(|k| draw(point, k as u32));
                let b: [f64; 3] = std::array::from_fn(|k| draw(point, 3 + k as u32));
                let mixed = |i: usize| {
                    let mut x = a;
                    x[i] = b[i];
                    Some(f(x))
                };
                Row {
                    a: f(a),
                    b: f(b),
                    mixed: (0..3).map(mixed).collect(),
                }
            })
            .collect()
    }

    /// Ishigami and Homma's function, sin x₁ + 7·sin² x₂ + 0.1·x₃⁴·sin x₁, of which the indices are known in closed form
    /// (Saltelli et al., Global Sensitivity Analysis: The Primer, §4.6).
    #[test]
    fn indices_of_a_known_function() {
        let f = |[x, y, z]: [f64; 3]| x.sin() + 7.0 * y.sin().powi(2) + 0.1 * z.powi(4) * x.sin();
        let pi4 = std::f64::consts::PI.powi(4);
        let (a, b) = (7.0f64, 0.1f64);
        let first = [0.5 * (1.0 + b * pi4 / 5.0).powi(2), a * a / 8.0, 0.0];
        let joint = b * b * pi4 * pi4 * (1.0 / 18.0 - 1.0 / 50.0);
        let variance = first[0] + first[1] + joint;
        let total = [first[0] + joint, first[1], joint];
        let found = indices(&rows(4096, f), 3, 0).unwrap();
        for (k, pair) in found.iter().enumerate() {
            let (s, t) = (first[k] / variance, total[k] / variance);
            assert!((pair.first.value - s).abs() < 0.01, "{k}: {pair:?} {s}");
            assert!((pair.total.value - t).abs() < 0.01, "{k}: {pair:?} {t}");
            // Intervals of random rows are wider than the error of a Sobol sequence.
            assert!(
                pair.first.low <= s && s <= pair.first.high,
                "{k}: {pair:?} {s}"
            );
            assert!(
                pair.total.low <= t && t <= pair.total.high,
                "{k}: {pair:?} {t}"
            );
            assert!(pair.first.high - pair.first.low < 0.15);
        }
    }

    #[test]
    fn what_does_not_vary_has_no_indices() {
        assert_eq!(indices(&rows(64, |_| 5.0), 3, 0), None);
        assert_eq!(indices(&[], 3, 0), None);
        // Points without a solution leave the rest.
        let mut some = rows(512, |[x, y, _]| 3.0 * x + 4.0 * y);
        for row in some.iter_mut().step_by(9) {
            row.mixed[0] = None;
        }
        let found = indices(&some, 3, 0).unwrap();
        assert!((found[0].total.value - 0.36).abs() < 0.03, "{found:?}");
        assert!((found[1].first.value - 0.64).abs() < 0.03, "{found:?}");
    }
}
