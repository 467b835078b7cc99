//! Least-squares polynomials.
//!
//! The fit is made in the variable z = (x − c) / s, which runs from −1 to 1 over the points, by QR decomposition of
//! the Vandermonde matrix; the coefficients are then expanded to powers of x.

use super::{CurveError, Polynomial, Validity, all_finite};
use nalgebra::{DMatrix, DVector};

/// A fitted polynomial and how well it meets its points.
#[derive(Debug, Clone, PartialEq)]
pub struct PolynomialFit {
    /// The polynomial, valid from the least to the greatest abscissa of the points.
    pub polynomial: Polynomial,
    /// Greatest distance of a point from the polynomial, in the unit of the ordinate.
    pub largest_residual: f64,
    /// Root mean square of these distances.
    pub rms_residual: f64,
}

/// The polynomial of `degree` with the least sum of squared distances from the points, in any order.
///
/// # Errors
/// [`CurveError`] where the lists differ in length, hold a number that is not finite, or have too few distinct
/// abscissas to determine `degree` + 1 coefficients.
pub fn fit_polynomial(x: &[f64], y: &[f64], degree: usize) -> Result<PolynomialFit, CurveError> {
    if x.len() != y.len() {
        return Err(CurveError::LengthsDiffer {
            x: x.len(),
            y: y.len(),
        });
    }
    if x.len() <= degree {
        return Err(CurveError::TooFewPoints {
            given: x.len(),
            needed: degree + 1,
        });
    }
    all_finite(x, "abscissa")?;
    all_finite(y, "ordinate")?;
    let min = x.iter().copied().fold(f64::INFINITY, f64::min);
    let max = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let centre = 0.5 * min + 0.5 * max;
    let half = if max > min {
        0.5 * max - 0.5 * min
    } else {
        1.0
    };

    let vandermonde = DMatrix::from_fn(x.len(), degree + 1, |row, column| {
        ((x[row] - centre) / half).powf(column as f64)
    });
    let (q, r) = vandermonde.qr().unpack();
    // On [-1, 1] a column that depends on the others leaves a diagonal of rounding size.
    let smallest = r
        .diagonal()
        .iter()
        .fold(f64::INFINITY, |least, entry| least.min(entry.abs()));
    let undetermined = CurveError::Undetermined { degree };
    if smallest <= 1e-12 * (x.len() as f64).sqrt() {
        return Err(undetermined);
    }
    let scaled = r
        .solve_upper_triangular(&(q.transpose() * DVector::from_column_slice(y)))
        .ok_or(undetermined)?;

    let coefficients = expand(scaled.as_slice(), centre, half);
    let polynomial = Polynomial::new(coefficients, Validity { min, max })?;
    let distances = || {
        x.iter()
            .zip(y)
            .map(|(&x, &y)| (polynomial.eval(x) - y).abs())
    };
    let largest_residual = distances().fold(0.0, f64::max);
    let rms_residual = (distances().map(|d| d * d).sum::<f64>() / x.len() as f64).sqrt();
    Ok(PolynomialFit {
        polynomial,
        largest_residual,
        rms_residual,
    })
}

/// The coefficients in powers of x of a polynomial in (x − centre) / half.
fn expand(scaled: &[f64], centre: f64, half: f64) -> Vec<f64> {
    // Horner's rule on whole polynomials: p <- p (x - centre) / half + c.
    let mut powers: Vec<f64> = Vec::new();
    for &coefficient in scaled.iter().rev() {
        let mut next = vec![0.0; powers.len() + 1];
        for (power, value) in powers.iter().enumerate() {
            next[power + 1] += value / half;
            next[power] -= value * centre / half;
        }
        next[0] += coefficient;
        powers = next;
    }
    powers
}
