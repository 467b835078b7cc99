//! The `CoolTools` correlation of a cooling tower's approach, for comparison with the Merkel method.
//!
//! Approach = Σ c·a^i·w^j·t^k·R^l over all i + j + k + l ≤ 3 (35 terms; K; t wet bulb in degC, R range in
//! K), a fan power over its full value, taken as the cube of the air flow φ, w water flow over its value at
//! calibration. Fitted for wet bulbs of −1 to 26.7 degC, ranges and approaches of 1.1 to 11.1 K, water flows of 75 to 125 %. A cubic has no
//! meaning beyond: outside, the nearest fitted point is taken (rounded over a tenth of the range), below the
//! least range the approach goes to zero with it, below a fifth of the air it grows as φ^(−0.6); a warning
//! names the quantity. Near full air, above a wet bulb of about 20 degC and below a range of about 3 K, the cubic
//! rises a little with air flow: fans that hold a set-point may find none there. The wet bulb that the approach is
//! added to is always the true one. Coefficients: `EnergyPlus` 25.2, `PerfCurves.idf`, `CoolTools Default Tower Model`.

use crate::curve::{Validity, fading};
use crate::spec::Scalar;

/// Coefficients, in the order of [`approach`]'s terms.
const COEFFICIENTS: [f64; 35] = [
    0.520_497_098_362_41,
    -10.617_046_395_344,
    10.729_297_472_253_8,
    -2.749_883_771_582_27,
    4.736_299_439_137_43,
    -8.257_597_008_747_11,
    1.576_409_381_141_36,
    6.511_196_437_913_24,
    1.504_335_252_066_92,
    -3.288_852_928_780_1,
    0.025_778_614_535_377_3,
    0.182_464_289_315_254,
    -0.081_894_729_140_089_8,
    -0.215_010_003_996_285,
    0.018_674_130_963_528_4,
    0.053_682_417_759_001_2,
    -0.002_709_689_551_150_31,
    0.001_122_774_985_892_79,
    -0.001_277_584_974_977_18,
    0.000_076_042_079_660_160_7,
    1.436_000_883_360_17,
    -0.519_869_590_910_9,
    0.117_339_576_910_507,
    1.504_928_108_199_24,
    -0.135_898_905_926_974,
    -0.152_577_581_866_506,
    -0.053_384_382_811_456_2,
    0.004_932_948_695_655_11,
    -0.007_962_603_941_741_97,
    0.000_222_619_828_621_544,
    -0.054_395_200_156_805_5,
    0.004_742_668_791_616_93,
    -0.018_585_467_181_559_8,
    0.001_156_677_012_938_48,
    0.000_807_370_664_460_284,
];

/// Fitted wet bulbs, K.
pub const WET_BULB: Validity = Validity { min: 272.15, max: 299.816_7 };
/// Fitted ranges, K; the approaches are the same.
pub const RANGE: Validity = Validity { min: 1.1111, max: 11.1111 };
/// Fitted ratios of water flow to its value at calibration.
pub const WATER_FLOW: Validity = Validity { min: 0.75, max: 1.25 };

/// Fitted ratios of air flow; `EnergyPlus` runs its fans down to a fifth.
const AIR_FLOW: Validity = Validity { min: 0.2, max: 1.0 };

/// The nearest point of a range, rounded beyond its ends.
fn nearest<S: Scalar>(x: S, range: Validity) -> S {
    let width = 0.1 * (range.max - range.min);
    if x.re() > range.max {
        fading(x - range.max, width) + range.max
    } else if x.re() < range.min {
        fading(x - range.min, width) + range.min
    } else {
        x
    }
}

/// Approach, K: air flow ratio `air`, water flow ratio `w`, wet bulb in K, range in K.
pub fn approach<S: Scalar>(air: S, w: S, wet_bulb: f64, range: S) -> S {
    let (near_air, near_range) = (nearest(air, AIR_FLOW), nearest(range, RANGE));
    let bulb = nearest(wet_bulb, WET_BULB);
    let mut found = fitted(near_air, nearest(w, WATER_FLOW), bulb, near_range);
    // Slopes go on: at the edge both quotients are 1 and `nearest` still follows.
    if range.re() < RANGE.min {
        found = found * range / near_range;
    }
    if air.re() < AIR_FLOW.min {
        found *= ((near_air / air).ln() * 0.6).exp();
    }
    found
}

/// The correlation itself, wherever it is asked.
pub fn fitted<S: Scalar>(air: S, w: S, wet_bulb: f64, range: S) -> S {
    let c = &COEFFICIENTS;
    let a = air.powi(3);
    let (t, r) = (S::from(wet_bulb - 273.15), range);
    // By range, then wet bulb, then water, then air.
    let none = a * (a * (a * c[3] + c[2]) + c[1])
        + w * (a * (a * c[6] + c[5]) + c[4] + w * (a * c[8] + w * c[9] + c[7]))
        + c[0];
    let bulb = t
        * (a * (a * c[12] + c[11])
            + c[10]
            + w * (a * c[14] + w * c[15] + c[13])
            + t * (a * c[17] + w * c[18] + t * c[19] + c[16]));
    let by_range = r
        * (a * (a * c[22] + c[21])
            + c[20]
            + w * (a * c[24] + w * c[25] + c[23])
            + t * (a * c[27] + w * c[28] + t * c[29] + c[26])
            + r * (a * c[31] + w * c[32] + t * c[33] + r * c[34] + c[30]));
    none + bulb + by_range
}

/// The ratio of water flow at which the correlation gives the rated approach at full air flow; `None`
/// where none does.
pub fn calibrate(wet_bulb: f64, range: f64, rated_approach: f64) -> Option<f64> {
    let excess = |w: f64| approach(1.0, w, wet_bulb, range) - rated_approach;
    let (mut low, mut high) = (WATER_FLOW.min, WATER_FLOW.max);
    if excess(low) > 0.0 || excess(high) < 0.0 {
        return None;
    }
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if excess(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(0.5 * (low + high))
}

#[cfg(test)]
mod tests {
    use super::{COEFFICIENTS, approach, calibrate, fitted};

    /// The terms in the order in which the data set lists them.
    #[test]
    fn nested_form_is_the_sum_of_terms() {
        for (a, w, t, r) in [(1.0f64, 1.0f64, 25.55f64, 5.56f64), (0.6, 0.8, 10.0, 8.0), (0.3, 1.2, 2.0, 3.0)] {
            let terms = [
                1.0, a, a * a, a * a * a, w, a * w, a * a * w, w * w, a * w * w, w * w * w,
                t, a * t, a * a * t, w * t, a * w * t, w * w * t, t * t, a * t * t, w * t * t, t * t * t,
                r, a * r, a * a * r, w * r, a * w * r, w * w * r, t * r, a * t * r, w * t * r, t * t * r,
                r * r, a * r * r, w * r * r, t * r * r, r * r * r,
            ];
            let sum: f64 = terms.iter().zip(COEFFICIENTS).map(|(x, c)| x * c).sum();
            let found = fitted(a.cbrt(), w, t + 273.15, r);
            assert!((found - sum).abs() < 1e-11, "{found} {sum}");
        }
    }

    /// At the design point of the data set (wet bulb 25.55 degC, range 5.56 K) full flows give about
    /// the usual approach of 3.9 K, and calibration meets it.
    #[test]
    fn design_point_and_trends() {
        let at = |a: f64, w: f64, t: f64, r: f64| approach(a, w, t + 273.15, r);
        assert!((at(1.0, 1.0, 25.55, 5.56) - 3.89).abs() < 0.5, "{}", at(1.0, 1.0, 25.55, 5.56));
        let ratio = calibrate(298.70, 5.56, 3.89).unwrap_or(f64::NAN);
        assert!((approach(1.0, ratio, 298.70, 5.56) - 3.89).abs() < 1e-9);
        assert!(at(1.0, 1.1, 20.0, 5.0) > at(1.0, 1.0, 20.0, 5.0));
        assert!(at(0.8, 1.0, 20.0, 5.0) > at(1.0, 1.0, 20.0, 5.0));
        assert!(at(1.0, 1.0, 15.0, 5.0) > at(1.0, 1.0, 25.0, 5.0));
        assert!(calibrate(298.70, 5.56, 30.0).is_none());
    }
}
