//! Monotone piecewise cubic interpolation.
//!
//! Between two points the curve is the cubic Hermite polynomial with slopes d at the points. Inner slopes are the
//! weighted harmonic mean of the secants on both sides, zero where these differ in sign, so that the curve has a
//! continuous slope, rises and falls only where the points do, and never exceeds them. End slopes follow the
//! three-point formula, limited to keep the shape. With two points the curve is a straight line, with one it is
//! constant.
//!
//! Sources: F. N. Fritsch and R. E. Carlson, SIAM J. Numer. Anal. 17 (1980) 238-246; slopes after F. N. Fritsch
//! and J. Butland, SIAM J. Sci. Stat. Comput. 5 (1984) 300-304, as in SLATEC's PCHIM.

use super::{CurveError, Validity, all_finite};
use num_dual::DualNum;

/// What the curve does beyond its first and last point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extrapolation {
    /// The end value with zero slope. The slope jumps at the end point unless it is zero there.
    Hold,
    /// Straight on with the end slope: value and slope are continuous.
    #[default]
    Linear,
}

/// A monotone piecewise cubic through points, with a continuous slope.
#[derive(Debug, Clone, PartialEq)]
pub struct Pchip {
    x: Vec<f64>,
    y: Vec<f64>,
    slope: Vec<f64>,
    extrapolation: Extrapolation,
}

impl Pchip {
    /// The curve through the points (`x`, `y`), continued straight beyond its ends; see
    /// [`Pchip::with_extrapolation`].
    ///
    /// # Errors
    /// [`CurveError`] where the lists differ in length or are empty, a number is not finite, or `x` does not rise
    /// strictly.
    pub fn new(x: Vec<f64>, y: Vec<f64>) -> Result<Self, CurveError> {
        if x.len() != y.len() {
            return Err(CurveError::LengthsDiffer {
                x: x.len(),
                y: y.len(),
            });
        }
        if x.is_empty() {
            return Err(CurveError::TooFewPoints {
                given: 0,
                needed: 1,
            });
        }
        all_finite(&x, "abscissa")?;
        all_finite(&y, "ordinate")?;
        if let Some(index) = (1..x.len()).find(|&index| x[index] <= x[index - 1]) {
            return Err(CurveError::NotIncreasing {
                index,
                value: x[index],
            });
        }
        let slope = slopes(&x, &y);
        let curve = Self {
            x,
            y,
            slope,
            extrapolation: Extrapolation::Linear,
        };
        // Points too close, or ordinates too far apart, for the range of doubles.
        let finite = |piece: &Piece| {
            piece.slope.is_finite() && piece.quadratic.is_finite() && piece.cubic.is_finite()
        };
        match (1..curve.x.len()).find(|&index| !finite(&curve.inner(index - 1))) {
            Some(index) => Err(CurveError::NotFinite {
                what: "slope before point",
                index,
            }),
            None => Ok(curve),
        }
    }

    /// The same curve with another behaviour beyond its ends.
    #[must_use]
    pub const fn with_extrapolation(mut self, extrapolation: Extrapolation) -> Self {
        self.extrapolation = extrapolation;
        self
    }

    /// What the curve does beyond its ends.
    pub const fn extrapolation(&self) -> Extrapolation {
        self.extrapolation
    }

    /// The points.
    pub fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        self.x.iter().copied().zip(self.y.iter().copied())
    }

    /// First and last abscissa.
    pub fn range(&self) -> Validity {
        Validity {
            min: self.x[0],
            max: self.x[self.x.len() - 1],
        }
    }

    /// Whether `x` lies between the first and the last point, both included.
    pub fn contains(&self, x: f64) -> bool {
        self.range().contains(x)
    }

    /// The curve at `x`, with the exact derivatives of the piece that holds `x`.
    pub fn eval<S: DualNum<Primitive = f64> + Copy>(&self, x: S) -> S {
        let piece = self.piece(x.re());
        let t = x - piece.start;
        ((t * piece.cubic + piece.quadratic) * t + piece.slope) * t + piece.value
    }

    /// Value and slope at `x`, without allocation.
    pub fn eval_with_slope(&self, x: f64) -> (f64, f64) {
        let piece = self.piece(x);
        let t = x - piece.start;
        let value = ((piece.cubic * t + piece.quadratic) * t + piece.slope) * t + piece.value;
        let slope = (3.0 * piece.cubic * t + 2.0 * piece.quadratic) * t + piece.slope;
        (value, slope)
    }

    /// Every piece as `[start, value, slope, quadratic, cubic]` in powers of the distance from its start: one before
    /// the first point, one after each point.
    pub fn pieces(&self) -> Vec<[f64; 5]> {
        let last = self.x.len() - 1;
        let flat = |piece: Piece| {
            [
                piece.start,
                piece.value,
                piece.slope,
                piece.quadratic,
                piece.cubic,
            ]
        };
        let mut pieces = vec![flat(self.beyond(0))];
        pieces.extend((0..last).map(|left| flat(self.inner(left))));
        pieces.push(flat(self.beyond(last)));
        pieces
    }

    /// The polynomial that holds at `x`, in powers of the distance from its start.
    fn piece(&self, x: f64) -> Piece {
        let last = self.x.len() - 1;
        // An abscissa that equals a point belongs to the piece after it. A NaN lands before the first point.
        let after = self.x.partition_point(|point| *point <= x);
        if after == 0 {
            return self.beyond(0);
        }
        let left = after - 1;
        // At the last point itself the curve's own slope holds.
        if left == last {
            return if x > self.x[last] || last == 0 {
                self.beyond(last)
            } else {
                self.inner(last - 1)
            };
        }
        self.inner(left)
    }

    fn beyond(&self, end: usize) -> Piece {
        Piece {
            start: self.x[end],
            value: self.y[end],
            slope: if self.extrapolation == Extrapolation::Hold {
                0.0
            } else {
                self.slope[end]
            },
            quadratic: 0.0,
            cubic: 0.0,
        }
    }

    fn inner(&self, left: usize) -> Piece {
        let width = self.x[left + 1] - self.x[left];
        let secant = (self.y[left + 1] - self.y[left]) / width;
        let (d0, d1) = (self.slope[left], self.slope[left + 1]);
        Piece {
            start: self.x[left],
            value: self.y[left],
            slope: d0,
            quadratic: (3.0 * secant - 2.0 * d0 - d1) / width,
            cubic: (d0 + d1 - 2.0 * secant) / (width * width),
        }
    }
}

struct Piece {
    start: f64,
    value: f64,
    slope: f64,
    quadratic: f64,
    cubic: f64,
}

fn slopes(x: &[f64], y: &[f64]) -> Vec<f64> {
    let width: Vec<f64> = x.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let secant: Vec<f64> = y
        .windows(2)
        .zip(&width)
        .map(|(pair, h)| (pair[1] - pair[0]) / h)
        .collect();
    let pieces = secant.len();
    match pieces {
        0 => return vec![0.0],
        1 => return vec![secant[0]; 2],
        _ => {}
    }
    let mut slope = vec![0.0; pieces + 1];
    slope[0] = end_slope([width[0], width[1]], [secant[0], secant[1]]);
    for i in 1..pieces {
        let (before, after) = (secant[i - 1], secant[i]);
        // Signs are compared instead of a product, which could underflow to zero.
        if before != 0.0 && after != 0.0 && (before > 0.0) == (after > 0.0) {
            let weight_before = 2.0 * width[i] + width[i - 1];
            let weight_after = width[i] + 2.0 * width[i - 1];
            slope[i] =
                (weight_before + weight_after) / (weight_before / before + weight_after / after);
        }
    }
    slope[pieces] = end_slope(
        [width[pieces - 1], width[pieces - 2]],
        [secant[pieces - 1], secant[pieces - 2]],
    );
    slope
}

/// Three-point slope at an end, from the widths and secants counted from that end.
fn end_slope(width: [f64; 2], secant: [f64; 2]) -> f64 {
    let slope =
        ((2.0 * width[0] + width[1]) * secant[0] - width[0] * secant[1]) / (width[0] + width[1]);
    if secant[0] == 0.0 || (slope > 0.0) != (secant[0] > 0.0) {
        0.0
    } else if (secant[0] > 0.0) != (secant[1] > 0.0) && slope.abs() > 3.0 * secant[0].abs() {
        3.0 * secant[0]
    } else {
        slope
    }
}
