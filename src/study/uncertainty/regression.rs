//! Linear regression of a result on the inputs of a sample.
//!
//! y = b₀ + Σ b_k·x_k by least squares (QR of the centred inputs). Share of the variance of input k:
//! b_k²·var(x_k)/var(y); R² = 1 − Σ(y − ŷ)²/Σ(y − ȳ)². For independent inputs and a linear response the shares are the
//! first-order Sobol indices (Saltelli et al., Global Sensitivity Analysis: The Primer, ch. 1).

use nalgebra::{DMatrix, DVector};

/// A fit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fit {
    /// Share of the variance of each input.
    pub(super) shares: Vec<f64>,
    /// Share that all explain.
    pub(super) r_squared: f64,
}

/// Fits; `None` where the result does not vary, or there are too few points.
pub(super) fn fit(rows: &[(&Vec<f64>, f64)]) -> Option<Fit> {
    let inputs = rows.first()?.0.len();
    let n = rows.len();
    if n < inputs + 2 || inputs == 0 {
        return None;
    }
    let mean = |value: &dyn Fn(usize) -> f64| (0..n).map(value).sum::<f64>() / n as f64;
    let means: Vec<f64> = (0..inputs).map(|k| mean(&|row| rows[row].0[k])).collect();
    let centre = mean(&|row| rows[row].1);
    let y = DVector::from_fn(n, |row, _| rows[row].1 - centre);
    let total = y.norm_squared();
    let scale = centre.abs().max(1e-300);
    if total.sqrt() <= 1e-12 * scale * (n as f64).sqrt() {
        return None;
    }
    let x = DMatrix::from_fn(n, inputs, |row, k| rows[row].0[k] - means[k]);
    let qr = x.clone().qr();
    let b = qr.r().solve_upper_triangular(&(qr.q().transpose() * &y))?;
    let rest = (&y - &x * &b).norm_squared();
    Some(Fit {
        shares: (0..inputs)
            .map(|k| b[k].powi(2) * x.column(k).norm_squared() / total)
            .collect(),
        r_squared: 1.0 - rest / total,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::fit;

    /// y = 3·a + 4·b with uniform inputs: 9/25 and 16/25 of the variance, up to what 512 points of a Sobol sequence leave.
    #[test]
    fn shares_of_a_linear_response_are_those_of_its_squares() {
        let points: Vec<Vec<f64>> = (0..512)
            .map(|i| {
                (0..3)
                    .map(|k| f64::from(sobol_burley::sample(i, k, 0)))
                    .collect()
            })
            .collect();
        let rows: Vec<(&Vec<f64>, f64)> = points
            .iter()
            .map(|x| (x, 7.0 + 3.0 * x[0] + 4.0 * x[1]))
            .collect();
        let found = fit(&rows).unwrap();
        assert!((found.r_squared - 1.0).abs() < 1e-12);
        for (share, wanted) in found.shares.iter().zip([0.36, 0.64, 0.0]) {
            assert!((share - wanted).abs() < 0.01, "{share} {wanted}");
        }
        let flat: Vec<(&Vec<f64>, f64)> = points.iter().map(|x| (x, 7.0)).collect();
        assert_eq!(fit(&flat), None);
    }
}
