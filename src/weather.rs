//! Weather: EPW files, bin tables and design conditions ([`open`]), and moist air at station pressure.
//!
//! Equations of the *ASHRAE Handbook - Fundamentals* (2017, SI), chapter 1, here with T in K and t = T − 273.15:
//!
//! | Quantity | Equation | Number there |
//! |---|---|---|
//! | saturation pressure `p_ws`, Pa | Hyland and Wexler (1983), over ice below 273.16 K, over water above | (5), (6) |
//! | humidity ratio W, kg per kg of dry air | `0.621945 p_w / (p − p_w)` | (20) |
//! | relative humidity | `p_w / p_ws` | (22) |
//! | specific volume v, m3 per kg of dry air | `287.042 T (1 + 1.607858 W) / p` | (26) |
//! | enthalpy h, J per kg of dry air | `1006 t + W (2 501 000 + 1860 t)` | (30) |
//! | wet bulb `t*`, over water | `W = ((2501 − 2.326 t*) W_s* − 1.006 (t − t*)) / (2501 + 1.86 t − 4.186 t*)` | (33) |
//! | wet bulb `t*`, over ice | `W = ((2830 − 0.24 t*) W_s* − 1.006 (t − t*)) / (2830 + 1.86 t − 2.1 t*)` | (35) |
//!
//! **Range.** −100 to 200 degC. **Assumption.** Air and vapour are ideal gases: against the real-gas tables of the
//! handbook the humidity ratio at saturation is 0.5 % low at sea level and room temperature (the enhancement factor
//! is left out).

mod embedded;
mod epw;
mod moist_air;
mod open;
pub(crate) mod rows;
mod saturation;
mod series;
mod table;

pub use moist_air::{MoistAir, PsychrometricError};
pub use saturation::{
    enthalpy, humidity_ratio, humidity_ratio_at_wet_bulb, saturated_enthalpy,
    saturated_humidity_ratio, saturation_pressure, specific_volume,
};

pub use open::{Source, WeatherError, built_in, open};
pub use series::{Calendar, DesignPoint, MONTHS, Sample, Weather, date, days_of_month};

use crate::curve::Validity;

/// Temperatures, K, in which the equations hold.
pub const TEMPERATURE_RANGE: Validity = Validity {
    min: 173.15,
    max: 473.15,
};

/// Pressure of the standard atmosphere at an altitude in m, in Pa; between −5 and 11 km (chapter 1, equation 3).
/// Above 44 km, where the formula ends, it is zero.
pub fn standard_pressure(altitude: f64) -> f64 {
    101_325.0 * (1.0 - 2.255_77e-5 * altitude).max(0.0).powf(5.2559)
}

#[cfg(test)]
mod tests;
