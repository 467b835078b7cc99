//! Aqueous propylene and ethylene glycol, 0 to 60 % by mass, freezing point to 100 degC.
//!
//! Each property is `Σ C_ij (T − T_m)^i (x − x_m)^j` with T in K and x the mass fraction of glycol; the viscosity is that
//! of the natural logarithm in mPa s. At a fixed strength it is a cubic in T, so reducing it loses nothing.
//!
//! Source: Å. Melinder, *Properties of Secondary Working Fluids for Indirect Systems*, 2nd edition, International
//! Institute of Refrigeration, Paris 2010; the coefficients are those that `CoolProp` publishes for its fluids MPG and
//! MEG (there with x as a fraction; Melinder's own are for x in percent).

use super::{COEFFICIENTS, Coefficients};
use crate::curve::{Validity, horner};

/// Greatest mass fraction of the correlations.
pub(super) const MAX_MASS_FRACTION: f64 = 0.6;

/// Greatest temperature of the correlations, K.
const MAX_TEMPERATURE: f64 = 373.15;

/// Coefficients of one property: a row for each power of temperature, a column for each power of strength.
type Table = [[f64; 6]; 4];

/// The correlations of one glycol.
pub(super) struct Solution {
    /// `T_m`, K.
    temperature: f64,
    /// `x_m`.
    strength: f64,
    /// Freezing temperature, K, in powers of strength.
    freezing: [f64; 6],
    /// kg/m3.
    density: Table,
    /// J/(kg K).
    specific_heat: Table,
    /// Logarithm of mPa s.
    ln_viscosity: Table,
    /// W/(m K).
    conductivity: Table,
}

impl Solution {
    /// Range and polynomials at a mass fraction.
    pub(super) fn at_strength(&self, mass_fraction: f64) -> (Validity, Coefficients) {
        let x = mass_fraction - self.strength;
        let reduce = |table: &Table| {
            let mut reduced = [0.0; COEFFICIENTS];
            for (coefficient, row) in reduced.iter_mut().zip(table) {
                *coefficient = horner(row, x);
            }
            reduced
        };
        let mut ln_viscosity = reduce(&self.ln_viscosity);
        ln_viscosity[0] += 1e-3_f64.ln();
        let coefficients = Coefficients::new(
            self.temperature,
            reduce(&self.density),
            reduce(&self.specific_heat),
            ln_viscosity,
            reduce(&self.conductivity),
        );
        (
            Validity {
                min: horner(&self.freezing, x),
                max: MAX_TEMPERATURE,
            },
            coefficients,
        )
    }
}

/// Propylene glycol in water.
pub(super) const PROPYLENE_GLYCOL: Solution = Solution {
    temperature: 305.858_3,
    strength: 0.307_031,
    freezing: [259.9, -66.31, -109.4, -228.3, -340.9, 146.5],
    density: [
        [1018.0, 76.04, -24.98, -155.0, -113.1, 234.2],
        [-0.540_6, -0.945, 0.27, 2.829, -2.221, 0.0],
        [-0.002_666, 0.005_541, -0.004_018, -0.007_175, 0.0, 0.0],
        [1.347e-05, -1.343e-05, 3.376e-05, 0.0, 0.0, 0.0],
    ],
    specific_heat: [
        [3882.0, -1304.0, -1598.0, 353.9, 5000.0, -4959.0],
        [2.699, 5.07, 0.953_4, 31.02, -71.35, 0.0],
        [-0.001_659, -0.004_752, 0.116_7, -0.295, 0.0, 0.0],
        [-1.032e-05, 0.000_152_2, -0.000_487, 0.0, 0.0, 0.0],
    ],
    ln_viscosity: [
        [0.683_7, 3.328, 0.545_3, -3.9, -1.587, 35.64],
        [-0.030_45, -0.039_84, -0.000_86, 0.105_4, 0.044_75, 0.0],
        [0.000_252_5, 0.000_433_2, -0.000_159_3, -0.001_589, 0.0, 0.0],
        [-1.399e-06, -1.86e-06, -4.465e-07, 0.0, 0.0, 0.0],
    ],
    conductivity: [
        [0.451_3, -0.479_5, 0.207_6, -0.090_83, -0.059_52, 0.210_4],
        [
            0.000_795_5,
            -0.001_678,
            0.001_563,
            -0.002_518,
            -0.003_605,
            0.0,
        ],
        [3.482e-08, 8.941e-06, -4.615e-05, 6.543e-05, 0.0, 0.0],
        [-5.966e-09, 1.493e-08, 9.897e-08, 0.0, 0.0, 0.0],
    ],
};

/// Ethylene glycol in water.
pub(super) const ETHYLENE_GLYCOL: Solution = Solution {
    temperature: 304.878,
    strength: 0.308_462,
    freezing: [257.9, -80.8, -133.4, -72.93, 100.6, 11.4],
    density: [
        [1034.0, 131.1, 0.749, -106.2, -96.23, 489.1],
        [-0.478_1, -0.687_6, 0.785_5, 1.229, -7.211, 0.0],
        [-0.002_692, 0.004_805, -0.003_995, -0.011_53, 0.0, 0.0],
        [4.725e-06, 1.69e-06, 4.982e-05, 0.0, 0.0, 0.0],
    ],
    specific_heat: [
        [3737.0, -1799.0, -993.3, 2610.0, 1537.0, -16_180.0],
        [2.93, 10.46, 3.516, -1.189, -42.72, 0.0],
        [-0.004_675, -0.041_47, 0.051_09, -0.164_3, 0.0, 0.0],
        [-1.389e-05, 1.847e-05, -0.000_713_8, 0.0, 0.0, 0.0],
    ],
    ln_viscosity: [
        [0.470_5, 2.471, 0.033_28, 1.659, 3.089, -18.65],
        [-0.025_5, -0.011_71, 0.010_86, 0.003_157, 0.018_31, 0.0],
        [0.000_178_2, 0.000_105_2, 0.000_105_1, 0.000_406_3, 0.0, 0.0],
        [-7.669e-07, -1.634e-06, -6.475e-06, 0.0, 0.0, 0.0],
    ],
    conductivity: [
        [0.472, -0.428_6, 0.174_7, 0.030_17, -0.132_2, 0.267_8],
        [
            0.000_890_3,
            -0.001_473,
            0.000_681_4,
            -0.002_412,
            0.002_555,
            0.0,
        ],
        [-1.058e-06, 1.059e-05, -3.612e-05, 4.004e-05, 0.0, 0.0],
        [-2.789e-09, -1.142e-08, 2.365e-08, 0.0, 0.0, 0.0],
    ],
};
