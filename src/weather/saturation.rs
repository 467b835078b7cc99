//! Closed-form relations, generic over the scalar so that components get exact derivatives.

use super::TEMPERATURE_RANGE;
use crate::curve::fading;
use num_dual::DualNum;

/// Ratio of the molar masses of water and dry air.
const MOLAR_MASS_RATIO: f64 = 0.621_945;

/// Triple point, K: here the curves over ice and water cross.
const TRIPLE_POINT: f64 = 273.16;

/// Kelvins at 0 degC.
const ZERO_CELSIUS: f64 = 273.15;

/// Beyond the temperature range slopes fade to zero over this many kelvins.
const FADE: f64 = 50.0;

/// Share of the vapour in the pressure above which the humidity ratio goes on straight, because it would grow
/// without bound where water boils.
const STRAIGHT_ABOVE: f64 = 0.8;

/// Saturation pressure of water vapour, Pa, at a temperature in K; over ice below the triple point.
///
/// Beyond −100 to 200 degC its logarithm goes on with continuous slope, which fades to zero within 50 K.
pub fn saturation_pressure<S: DualNum<Primitive = f64> + Copy>(temperature: S) -> S {
    ln_saturation_pressure(temperature).exp()
}

/// Natural logarithm of the saturation pressure in Pa.
pub(super) fn ln_saturation_pressure<S: DualNum<Primitive = f64> + Copy>(temperature: S) -> S {
    let t = temperature.re();
    let end = if t < TEMPERATURE_RANGE.min {
        TEMPERATURE_RANGE.min
    } else if t > TEMPERATURE_RANGE.max {
        TEMPERATURE_RANGE.max
    } else if t < TRIPLE_POINT {
        return over_ice(temperature).0;
    } else {
        return over_water(temperature).0;
    };
    let (value, slope) = if t < TRIPLE_POINT {
        over_ice(end)
    } else {
        over_water(end)
    };
    fading(temperature - end, FADE) * slope + value
}

/// Logarithm and its slope over ice.
fn over_ice<S: DualNum<Primitive = f64> + Copy>(t: S) -> (S, S) {
    const C: [f64; 7] = [
        -5.674_535_9e3,
        6.392_524_7,
        -9.677_843_0e-3,
        6.221_570_1e-7,
        2.074_782_5e-9,
        -9.484_024_0e-13,
        4.163_501_9,
    ];
    let inverse = t.recip();
    let value =
        inverse * C[0] + C[1] + t * (t * (t * (t * C[5] + C[4]) + C[3]) + C[2]) + t.ln() * C[6];
    let slope = -inverse * inverse * C[0]
        + C[2]
        + t * (t * (t * (4.0 * C[5]) + 3.0 * C[4]) + 2.0 * C[3])
        + inverse * C[6];
    (value, slope)
}

/// Logarithm and its slope over water.
fn over_water<S: DualNum<Primitive = f64> + Copy>(t: S) -> (S, S) {
    const C: [f64; 6] = [
        -5.800_220_6e3,
        1.391_499_3,
        -4.864_023_9e-2,
        4.176_476_8e-5,
        -1.445_209_3e-8,
        6.545_967_3,
    ];
    let inverse = t.recip();
    let value = inverse * C[0] + C[1] + t * (t * (t * C[4] + C[3]) + C[2]) + t.ln() * C[5];
    let slope =
        -inverse * inverse * C[0] + C[2] + t * (t * (3.0 * C[4]) + 2.0 * C[3]) + inverse * C[5];
    (value, slope)
}

/// Humidity ratio, kg/kg, at a vapour pressure and a total pressure in Pa.
///
/// Where vapour is more than 80 % of the pressure (94 degC saturated at sea level) it goes on straight in `p_w/p`
/// with the same slope, so that it neither diverges nor turns negative where water boils.
pub fn humidity_ratio<S: DualNum<Primitive = f64> + Copy>(vapour_pressure: S, pressure: S) -> S {
    let share = vapour_pressure / pressure;
    if share.re() <= STRAIGHT_ABOVE {
        share / (-share + 1.0) * MOLAR_MASS_RATIO
    } else {
        let dry = 1.0 - STRAIGHT_ABOVE;
        ((share - STRAIGHT_ABOVE) / (dry * dry) + STRAIGHT_ABOVE / dry) * MOLAR_MASS_RATIO
    }
}

/// Humidity ratio of saturated air, kg/kg, at a temperature in K and a pressure in Pa; see [`humidity_ratio`].
pub fn saturated_humidity_ratio<S: DualNum<Primitive = f64> + Copy>(
    temperature: S,
    pressure: S,
) -> S {
    humidity_ratio(saturation_pressure(temperature), pressure)
}

/// Enthalpy, J per kg of dry air above dry air at 0 degC and liquid water at 0 degC, at a temperature in K.
pub fn enthalpy<S: DualNum<Primitive = f64> + Copy>(temperature: S, humidity_ratio: S) -> S {
    let t = temperature - ZERO_CELSIUS;
    t * 1006.0 + humidity_ratio * (t * 1860.0 + 2.501e6)
}

/// Enthalpy of saturated air, J per kg of dry air, at a temperature in K and a pressure in Pa.
pub fn saturated_enthalpy<S: DualNum<Primitive = f64> + Copy>(temperature: S, pressure: S) -> S {
    enthalpy(temperature, saturated_humidity_ratio(temperature, pressure))
}

/// Volume, m3 per kg of dry air, at a temperature in K, a humidity ratio and a pressure in Pa.
pub fn specific_volume<S: DualNum<Primitive = f64> + Copy>(
    temperature: S,
    humidity_ratio: S,
    pressure: S,
) -> S {
    temperature * 287.042 * (humidity_ratio * 1.607_858 + 1.0) / pressure
}

/// Humidity ratio of air with this dry bulb and wet bulb (K) at a pressure in Pa; negative where no air has both.
/// The wick is taken as ice below 0 degC.
pub fn humidity_ratio_at_wet_bulb<S: DualNum<Primitive = f64> + Copy>(
    dry_bulb: S,
    wet_bulb: S,
    pressure: S,
) -> S {
    at_wet_bulb(dry_bulb, wet_bulb, pressure, wet_bulb.re() < ZERO_CELSIUS)
}

/// The same with the state of the wick given.
pub(super) fn at_wet_bulb<S: DualNum<Primitive = f64> + Copy>(
    dry_bulb: S,
    wet_bulb: S,
    pressure: S,
    ice: bool,
) -> S {
    let saturated = saturated_humidity_ratio(wet_bulb, pressure);
    let (dry, wet) = (dry_bulb - ZERO_CELSIUS, wet_bulb - ZERO_CELSIUS);
    let sensible = (dry - wet) * 1.006;
    if ice {
        ((-wet * 0.24 + 2830.0) * saturated - sensible) / (dry * 1.86 - wet * 2.1 + 2830.0)
    } else {
        ((-wet * 2.326 + 2501.0) * saturated - sensible) / (dry * 1.86 - wet * 4.186 + 2501.0)
    }
}
