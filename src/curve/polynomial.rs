//! Polynomials in one variable, by Horner's rule.

use super::{CurveError, Validity};
use num_dual::DualNum;

/// The polynomial with `coefficients` in rising powers at `x`; zero where there are none.
pub fn horner<S: DualNum<Primitive = f64> + Copy>(coefficients: &[f64], x: S) -> S {
    let mut powers = coefficients.iter().rev();
    let Some(&highest) = powers.next() else {
        return S::from(0.0);
    };
    powers.fold(S::from(highest), |sum, &coefficient| sum * x + coefficient)
}

/// Value and slope of the polynomial with `coefficients` in rising powers at `x`.
pub fn horner_with_slope(coefficients: &[f64], x: f64) -> (f64, f64) {
    let (mut value, mut slope) = (0.0_f64, 0.0_f64);
    for &coefficient in coefficients.iter().rev() {
        slope = slope * x + value;
        value = value * x + coefficient;
    }
    (value, slope)
}

/// A polynomial in one variable with the range in which it was fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Polynomial {
    coefficients: Vec<f64>,
    validity: Validity,
}

impl Polynomial {
    /// The polynomial with `coefficients` in rising powers, fitted within `validity`.
    ///
    /// # Errors
    /// [`CurveError::TooFewPoints`] without coefficients, [`CurveError::NotFinite`].
    pub fn new(coefficients: Vec<f64>, validity: Validity) -> Result<Self, CurveError> {
        if coefficients.is_empty() {
            return Err(CurveError::TooFewPoints {
                given: 0,
                needed: 1,
            });
        }
        super::all_finite(&coefficients, "coefficient")?;
        Ok(Self {
            coefficients,
            validity,
        })
    }

    /// The coefficients in rising powers.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// The range of the fit; evaluation never clamps to it.
    pub const fn validity(&self) -> Validity {
        self.validity
    }

    /// The value at `x`, inside the range of the fit or outside.
    pub fn eval<S: DualNum<Primitive = f64> + Copy>(&self, x: S) -> S {
        horner(&self.coefficients, x)
    }

    /// Value and slope at `x`.
    pub fn eval_with_slope(&self, x: f64) -> (f64, f64) {
        horner_with_slope(&self.coefficients, x)
    }

    /// Whether `x` lies in the range of the fit.
    pub fn contains(&self, x: f64) -> bool {
        self.validity.contains(x)
    }

    /// The first part of `from..=to` in which the polynomial rises with `x`, if any.
    ///
    /// The extremes of the slope are found by bisection between the roots of its own derivatives, so that no
    /// narrow rise is missed. `None` also where the ends are not finite or not in order.
    pub fn first_rise(&self, from: f64, to: f64) -> Option<(f64, f64)> {
        if !(from.is_finite() && to.is_finite() && from < to) {
            return None;
        }
        let slope = derivative(&self.coefficients);
        let mut ends = vec![from];
        ends.extend(roots_between(&slope, from, to));
        ends.push(to);
        ends.windows(2)
            .filter_map(|pair| <[f64; 2]>::try_from(pair).ok())
            .find(|[low, high]| low < high && horner(&slope, 0.5 * (low + high)) > 0.0)
            .map(|[low, high]| (low, high))
    }
}

fn derivative(coefficients: &[f64]) -> Vec<f64> {
    (1_u32..)
        .zip(coefficients.iter().skip(1))
        .map(|(power, c)| f64::from(power) * c)
        .collect()
}

/// The places where the polynomial changes sign strictly between `from` and `to`, in rising order.
fn roots_between(coefficients: &[f64], from: f64, to: f64) -> Vec<f64> {
    if coefficients.len() < 2 {
        return Vec::new();
    }
    // Between two neighbouring extremes the polynomial is monotone, so one bisection finds the only root.
    let mut ends = vec![from];
    ends.extend(roots_between(&derivative(coefficients), from, to));
    ends.push(to);
    let mut roots = Vec::new();
    for pair in ends.windows(2) {
        let &[mut low, mut high] = pair else { continue };
        let rising = horner(coefficients, high) > 0.0;
        if rising == (horner(coefficients, low) > 0.0) {
            continue;
        }
        // Ends when no double lies between; the cap only bounds a root next to zero.
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            if (horner(coefficients, middle) > 0.0) == rising {
                high = middle;
            } else {
                low = middle;
            }
        }
        roots.push(0.5 * (low + high));
    }
    roots
}
