//! How a correlation goes on beyond its range where a solver must still get an answer.

use num_dual::DualNum;

/// The effective distance beyond the end of a range, for a true `distance` of either sign: equal to it in value and
/// slope at the end, fading to a constant ±`width`/2 at ±`width`. A property that follows P(e) + P'(e)·u keeps a
/// continuous slope and stays bounded.
pub(crate) fn fading<S: DualNum<Primitive = f64> + Copy>(distance: S, width: f64) -> S {
    let size = distance.abs();
    if size.re() < width {
        distance * (-size / (2.0 * width) + 1.0)
    } else {
        S::from(0.5 * width * distance.re().signum())
    }
}

/// Derivative of [`fading`] with the distance.
pub(crate) fn fading_slope(distance: f64, width: f64) -> f64 {
    (1.0 - distance.abs() / width).max(0.0)
}

/// Integral of [`fading`] from zero to the distance.
pub(crate) fn fading_integral<S: DualNum<Primitive = f64> + Copy>(distance: S, width: f64) -> S {
    let size = distance.abs();
    if size.re() < width {
        size * size * (-size / (6.0 * width) + 0.5)
    } else {
        (size - width) * (0.5 * width) + width * width / 3.0
    }
}
