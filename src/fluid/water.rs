//! Liquid water at atmospheric pressure (101 325 Pa), 0 to 100 degC.
//!
//! Polynomials of fourth degree in T − 323.15 K, with the least greatest relative error against
//!
//! - density: G. S. Kell, J. Chem. Eng. Data 20 (1975) 97-105 (reduction 0.002 %; Kell meets IAPWS-95 to 0.002 %);
//! - specific heat: IAPWS-95 (W. Wagner and A. Pruss, J. Phys. Chem. Ref. Data 31 (2002) 387-535), reduction 0.02 %;
//! - viscosity and conductivity: IAPWS SR6-08 (2011), "Revised supplementary release on properties of liquid water
//!   at 0.1 `MPa`", which stand for the releases R12-08 and R15-11 (reductions 0.11 % and 0.02 %).

use super::{COEFFICIENTS, Coefficients};
use crate::curve::Validity;

/// Freezing to boiling at normal pressure, K.
pub(super) const RANGE: Validity = Validity {
    min: 273.15,
    max: 373.15,
};

const REFERENCE: f64 = 323.15;
const DENSITY: [f64; COEFFICIENTS] = [
    988.026_37,
    -0.454_099_06,
    -3.230_178_7e-3,
    1.555_649_6e-5,
    -1.358_166_6e-7,
];
const SPECIFIC_HEAT: [f64; COEFFICIENTS] = [
    4_181.687_1,
    0.344_141_57,
    6.558_140_5e-3,
    -1.471_393_7e-4,
    3.110_845_5e-6,
];
const LN_VISCOSITY: [f64; COEFFICIENTS] = [
    -7.511_475_0,
    -1.668_600_1e-2,
    8.863_152_8e-5,
    -7.187_273_2e-7,
    6.412_511_4e-9,
];
const CONDUCTIVITY: [f64; COEFFICIENTS] = [
    0.640_559_6,
    1.114_171e-3,
    -8.468_544_9e-6,
    3.970_246e-8,
    -4.738_477e-10,
];

pub(super) fn coefficients() -> Coefficients {
    Coefficients::new(
        REFERENCE,
        DENSITY,
        SPECIFIC_HEAT,
        LN_VISCOSITY,
        CONDUCTIVITY,
    )
}
