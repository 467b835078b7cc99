//! Curves through data: interpolation with a continuous slope, and fitted polynomials.
//!
//! - [`Pchip`]: monotone piecewise cubic through points (Fritsch and Carlson 1980).
//! - [`Polynomial`], [`Biquadratic`], [`Bicubic`]: fitted forms, as pump and chiller catalogues give them.
//! - [`fit_polynomial`]: least squares through points.
//!
//! No curve clamps its argument. A curve knows its range and says whether a point lies in it; what happens beyond
//! is stated by each curve, and the caller warns.

mod continuation;
mod fit;
mod pchip;
mod polynomial;
mod surface;

pub(crate) use continuation::{fading, fading_integral, fading_slope};
pub use fit::{PolynomialFit, fit_polynomial};
pub use pchip::{Extrapolation, Pchip};
pub use polynomial::{Polynomial, horner, horner_with_slope};
pub use surface::{Bicubic, Biquadratic};

use thiserror::Error;

/// Why a curve could not be made.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum CurveError {
    /// The lists of abscissas and ordinates differ in length.
    #[error("{x} abscissas but {y} ordinates")]
    LengthsDiffer {
        /// Number of abscissas.
        x: usize,
        /// Number of ordinates.
        y: usize,
    },
    /// Too little data.
    #[error("{given} points or coefficients given, at least {needed} needed")]
    TooFewPoints {
        /// How many were given.
        given: usize,
        /// How many are needed.
        needed: usize,
    },
    /// A number is infinite or not a number.
    #[error("{what} {index} is not finite")]
    NotFinite {
        /// Which list it is in.
        what: &'static str,
        /// Zero-based place in the list.
        index: usize,
    },
    /// Abscissas must rise strictly.
    #[error("abscissa {index} ({value}) does not exceed the one before it")]
    NotIncreasing {
        /// Zero-based place of the offending abscissa.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// The points do not determine the coefficients, such as two distinct abscissas for a parabola.
    #[error("the points do not determine a polynomial of degree {degree}")]
    Undetermined {
        /// The degree that was asked for.
        degree: usize,
    },
}

/// A closed interval in which a fitted curve holds, in the unit of its argument.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Validity {
    /// Least argument.
    pub min: f64,
    /// Greatest argument.
    pub max: f64,
}

impl Validity {
    /// No limits.
    pub const UNLIMITED: Self = Self {
        min: f64::NEG_INFINITY,
        max: f64::INFINITY,
    };

    /// Whether `x` lies in the interval.
    pub fn contains(self, x: f64) -> bool {
        self.min <= x && x <= self.max
    }

    /// How far `x` lies outside, as a share of the interval's width; 0 inside.
    pub fn beyond(self, x: f64) -> f64 {
        let out = (self.min - x).max(x - self.max).max(0.0);
        if out > 0.0 {
            out / (self.max - self.min).max(f64::MIN_POSITIVE)
        } else {
            0.0
        }
    }
}

fn all_finite(values: &[f64], what: &'static str) -> Result<(), CurveError> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(CurveError::NotFinite { what, index }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
