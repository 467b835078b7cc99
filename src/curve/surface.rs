//! Fitted polynomials of two variables, as chiller and tower catalogues (and `EnergyPlus` objects) give them.

use super::{CurveError, Validity, all_finite};
use num_dual::DualNum;

/// a0 + a1 x + a2 x² + a3 y + a4 y² + a5 xy, with the ranges of its fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Biquadratic {
    coefficients: [f64; 6],
    x: Validity,
    y: Validity,
}

impl Biquadratic {
    /// The surface with the coefficients of [1, x, x², y, y², xy], fitted within `x` and `y`.
    ///
    /// # Errors
    /// [`CurveError::NotFinite`].
    pub fn new(coefficients: [f64; 6], x: Validity, y: Validity) -> Result<Self, CurveError> {
        all_finite(&coefficients, "coefficient")?;
        Ok(Self { coefficients, x, y })
    }

    /// The coefficients of [1, x, x², y, y², xy].
    pub const fn coefficients(&self) -> &[f64; 6] {
        &self.coefficients
    }

    /// The ranges of x and y in which the fit holds; evaluation never clamps to them.
    pub const fn validity(&self) -> [Validity; 2] {
        [self.x, self.y]
    }

    /// Whether the point lies in the range of the fit.
    pub fn contains(&self, x: f64, y: f64) -> bool {
        self.x.contains(x) && self.y.contains(y)
    }

    /// The value at (`x`, `y`), inside the range of the fit or outside.
    pub fn eval<S: DualNum<Primitive = f64> + Copy>(&self, x: S, y: S) -> S {
        let [one, x1, x2, y1, y2, xy] = self.coefficients;
        x * (x * x2 + y * xy + x1) + y * (y * y2 + y1) + one
    }
}

/// a0 + a1 x + a2 x² + a3 y + a4 y² + a5 xy + a6 x³ + a7 y³ + a8 x²y + a9 xy², with the ranges of its fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bicubic {
    coefficients: [f64; 10],
    x: Validity,
    y: Validity,
}

impl Bicubic {
    /// The surface with the coefficients of [1, x, x², y, y², xy, x³, y³, x²y, xy²], fitted within `x` and `y`.
    ///
    /// # Errors
    /// [`CurveError::NotFinite`].
    pub fn new(coefficients: [f64; 10], x: Validity, y: Validity) -> Result<Self, CurveError> {
        all_finite(&coefficients, "coefficient")?;
        Ok(Self { coefficients, x, y })
    }

    /// The coefficients of [1, x, x², y, y², xy, x³, y³, x²y, xy²].
    pub const fn coefficients(&self) -> &[f64; 10] {
        &self.coefficients
    }

    /// The ranges of x and y in which the fit holds; evaluation never clamps to them.
    pub const fn validity(&self) -> [Validity; 2] {
        [self.x, self.y]
    }

    /// Whether the point lies in the range of the fit.
    pub fn contains(&self, x: f64, y: f64) -> bool {
        self.x.contains(x) && self.y.contains(y)
    }

    /// The value at (`x`, `y`), inside the range of the fit or outside.
    pub fn eval<S: DualNum<Primitive = f64> + Copy>(&self, x: S, y: S) -> S {
        let [one, x1, x2, y1, y2, xy, x3, y3, x2y, xy2] = self.coefficients;
        x * (x * (x * x3 + y * x2y + x2) + y * (y * xy2 + xy) + x1)
            + y * (y * (y * y3 + y2) + y1)
            + one
    }
}
