//! Evaluation of a property polynomial inside its range, and its continuation beyond.
//!
//! Beyond an end e of the range, at a distance d = T − e, a property P goes on as P(e) + P'(e) u(d) with
//! u = d (1 − |d| / 2w) up to |d| = w and ±w/2 beyond (w = 50 K). Value and slope are continuous at both joints, and
//! the result is bounded. The integral of u is written out, so that h' = cp holds there too.

use crate::curve::{Validity, fading, fading_integral, fading_slope, horner, horner_with_slope};
use num_dual::DualNum;

/// Distance beyond the range over which slopes fade to zero, K.
const FADE: f64 = 50.0;

/// A temperature made ready for the polynomials.
pub(super) enum Continued<S> {
    /// Inside the range: `T − T_ref`.
    Inside(S),
    /// Outside: the end of the range less `T_ref`, and the distance beyond it.
    Outside { end: f64, distance: S },
}

impl<S: DualNum<Primitive = f64> + Copy> Continued<S> {
    pub(super) fn new(temperature: S, reference: f64, range: Validity) -> Self {
        let end = if temperature.re() < range.min {
            range.min
        } else if temperature.re() > range.max {
            range.max
        } else {
            return Self::Inside(temperature - reference);
        };
        Self::Outside {
            end: end - reference,
            distance: temperature - end,
        }
    }

    /// The property at the temperature.
    pub(super) fn value(&self, coefficients: &[f64]) -> S {
        match *self {
            Self::Inside(x) => horner(coefficients, x),
            Self::Outside { end, distance } => {
                let (value, slope) = horner_with_slope(coefficients, end);
                fading(distance, FADE) * slope + value
            }
        }
    }

    /// The integral of a property, given the coefficients of both.
    pub(super) fn integral(&self, integral: &[f64], property: &[f64]) -> S {
        match *self {
            Self::Inside(x) => horner(integral, x),
            Self::Outside { end, distance } => {
                let (value, slope) = horner_with_slope(property, end);
                distance * value + fading_integral(distance, FADE) * slope + horner(integral, end)
            }
        }
    }
}

impl Continued<f64> {
    /// The property and its slope.
    pub(super) fn value_and_slope(&self, coefficients: &[f64]) -> (f64, f64) {
        match *self {
            Self::Inside(x) => horner_with_slope(coefficients, x),
            Self::Outside { end, distance } => {
                let (value, slope) = horner_with_slope(coefficients, end);
                (
                    value + slope * fading(distance, FADE),
                    slope * fading_slope(distance, FADE),
                )
            }
        }
    }
}
