//! The `YorkCalc` correlation of a cooling tower's approach, for comparison with the Merkel method.
//!
//! Approach = Σ c_ijk·(L/G)^i·R^j·t^k, i, j, k = 0 … 2 (K; t wet bulb in degC, R range in K), L/G the
//! ratio of water flow to air flow, each over its value at calibration. Fitted for wet bulbs of
//! −34.4 to 26.7 degC, ranges of 1.1 to 22.2 K, approaches of 1.1 to 40 K, water flows of 75 to 125 %
//! and L/G up to 8. Coefficients: EnergyPlus 25.2, `PerfCurves.idf`, `YorkCalc Default Tower Model`.

use crate::curve::Validity;
use crate::spec::Scalar;

/// Coefficients c[i][j][k].
const COEFFICIENTS: [[[f64; 3]; 3]; 3] = [
    [
        [-0.359_741_205, -0.055_053_608, 0.002_385_043_2],
        [0.173_926_877, -0.024_847_376_4, 0.000_484_302_24],
        [-0.005_589_849_456, 0.000_577_007_971_2, -0.000_013_424_272_56],
    ],
    [
        [2.847_658_011_111_11, -0.121_765_149, 0.001_459_924_2],
        [1.680_428_651, -0.016_692_078_6, -0.000_719_053_2],
        [-0.025_485_194_448, 0.000_048_749_169_6, 0.000_027_192_341_52],
    ],
    [
        [-0.065_376_625_555_555_6, -0.002_278_167, 0.000_250_025_4],
        [-0.091_056_545_8, 0.003_181_763_16, 0.000_038_621_772],
        [-0.003_428_538_235_2, 0.000_008_565_899_04, -0.000_001_516_821_552],
    ],
];

/// Fitted wet bulbs, K.
pub const WET_BULB: Validity = Validity { min: 238.75, max: 299.816_7 };
/// Fitted ranges, K.
pub const RANGE: Validity = Validity { min: 1.1111, max: 22.2222 };
/// Fitted ratios of water flow to its value at calibration.
pub const WATER_FLOW: Validity = Validity { min: 0.75, max: 1.25 };
/// Largest fitted L/G.
pub const LARGEST_RATIO: f64 = 8.0;

/// The three coefficients of (L/G)^i at a wet bulb in degC and a range in K.
fn by_ratio<S: Scalar>(wet_bulb: f64, range: S) -> [S; 3] {
    COEFFICIENTS.map(|rows| {
        let [r0, r1, r2] = rows.map(|[t0, t1, t2]| (t2 * wet_bulb + t1) * wet_bulb + t0);
        (range * r2 + r1) * range + r0
    })
}

/// Approach, K, at a wet bulb in K, a range in K and a ratio L/G.
pub fn approach<S: Scalar>(wet_bulb: f64, range: S, ratio: S) -> S {
    let [a0, a1, a2] = by_ratio(wet_bulb - 273.15, range);
    (ratio * a2 + a1) * ratio + a0
}

/// The ratio L/G at which the correlation gives the rated approach; `None` where none does.
pub fn calibrate(wet_bulb: f64, range: f64, rated_approach: f64) -> Option<f64> {
    let [a0, a1, a2] = by_ratio(wet_bulb - 273.15, range);
    let c = a0 - rated_approach;
    let root = (a1 * a1 - 4.0 * a2 * c).sqrt();
    // The branch through which the approach rises with water flow.
    let ratio = if a2.abs() < 1e-12 { -c / a1 } else { (root - a1) / (2.0 * a2) };
    (ratio.is_finite() && ratio > 0.0).then_some(ratio)
}

#[cfg(test)]
mod tests {
    use super::{approach, calibrate};

    /// At York's own design point (wet bulb 25.55 degC, range 5.56 K) an L/G of 1 gives the approach
    /// of 3.89 K; the fit is within 0.1 K of it.
    #[test]
    fn design_point() {
        let at_design = approach(298.70f64, 5.56f64, 1.0f64);
        assert!((at_design - 3.89).abs() < 0.1, "{at_design}");
        let ratio = calibrate(298.70, 5.56, 3.89).unwrap_or(f64::NAN);
        assert!((approach(298.70, 5.56, ratio) - 3.89).abs() < 1e-12);
        assert!((ratio - 1.0).abs() < 0.03, "{ratio}");
    }

    /// The approach rises with the range and with L/G, and falls as the wet bulb rises.
    #[test]
    fn trends() {
        assert!(approach(298.70, 6.0, 1.0) > approach(298.70, 5.0, 1.0));
        assert!(approach(298.70, 5.56, 1.2) > approach(298.70, 5.56, 1.0));
        assert!(approach(288.15, 5.56, 1.0) > approach(298.70, 5.56, 1.0));
    }
}
