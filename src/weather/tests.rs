#![allow(clippy::unwrap_used)]

use super::{
    MoistAir, PsychrometricError, TEMPERATURE_RANGE, humidity_ratio, humidity_ratio_at_wet_bulb,
    saturated_enthalpy, saturated_humidity_ratio, saturation_pressure, standard_pressure,
};
use approx::{assert_abs_diff_eq, assert_relative_eq};
use num_dual::first_derivative;
use proptest::prelude::{any, prop_assert, proptest};

const SEA_LEVEL: f64 = 101_325.0;

fn kelvin(celsius: f64) -> f64 {
    celsius + 273.15
}

/// psychrolib 2.5.0, which uses the same equations: agreement to the digits written.
#[test]
fn saturation_pressure_against_psychrolib() {
    for (t, expected) in [
        (-60.0, 1.081_673),
        (-20.0, 1.032_604e2),
        (0.0, 6.111_536e2),
        (20.0, 2.338_804e3),
        (50.0, 1.234_986e4),
        (90.0, 7.018_001e4),
    ] {
        assert_relative_eq!(
            saturation_pressure(kelvin(t)),
            expected,
            max_relative = 1e-6
        );
    }
}

/// ASHRAE Fundamentals chapter 1, table 2 (real-gas moist air at 101.325 kPa). The ideal-gas equations leave out the
/// enhancement factor of about 1.004 to 1.005.
#[test]
fn saturated_air_against_ashrae_table() {
    for (t, humidity_ratio, enthalpy) in [(20.0, 0.014_758, 57_555.0), (30.0, 0.027_329, 100_006.0)]
    {
        assert_relative_eq!(
            saturated_humidity_ratio(kelvin(t), SEA_LEVEL),
            humidity_ratio,
            max_relative = 0.006
        );
        assert_relative_eq!(
            saturated_enthalpy(kelvin(t), SEA_LEVEL),
            enthalpy,
            max_relative = 0.005
        );
    }
}

/// psychrolib 2.5.0: t, relative humidity, p, then W, wet bulb, dew point, h, v and density. psychrolib iterates
/// temperatures to 0.001 K.
#[test]
fn states_against_psychrolib() {
    let rows = [
        (
            35.0,
            0.4,
            101_325.0,
            0.014_131_65,
            23.934,
            19.385,
            71_473.24,
            0.892_788,
            1.135_915,
        ),
        (
            25.0,
            0.5,
            101_325.0,
            0.009_881_04,
            17.889,
            13.864,
            50_321.96,
            0.858_043,
            1.176_958,
        ),
        (
            45.0,
            0.05,
            101_325.0,
            0.002_958_22,
            18.901,
            -2.910,
            52_916.11,
            0.905_569,
            1.107_545,
        ),
        (
            10.0,
            0.95,
            84_500.0,
            0.008_706_69,
            9.547,
            9.237,
            31_997.38,
            0.975_310,
            1.034_242,
        ),
        (
            -10.0,
            0.6,
            101_325.0,
            0.000_958_66,
            -11.305,
            -15.630,
            -7_680.21,
            0.746_623,
            1.340_649,
        ),
        (
            1.0,
            0.3,
            101_325.0,
            0.001_212_31,
            -3.499,
            -13.078,
            4_040.25,
            0.778_149,
            1.286_659,
        ),
        (
            33.9,
            0.62,
            100_000.0,
            0.021_108_09,
            27.572,
            25.590,
            88_225.67,
            0.911_275,
            1.120_527,
        ),
    ];
    for (t, rh, p, w, wet_bulb, dew_point, h, v, density) in rows {
        let air = MoistAir::from_relative_humidity(kelvin(t), rh, p).unwrap();
        assert_abs_diff_eq!(air.humidity_ratio(), w, epsilon = 1e-8);
        assert_abs_diff_eq!(air.wet_bulb(), kelvin(wet_bulb), epsilon = 0.002);
        assert_abs_diff_eq!(air.dew_point().unwrap(), kelvin(dew_point), epsilon = 0.002);
        assert_abs_diff_eq!(air.enthalpy(), h, epsilon = 0.02);
        assert_relative_eq!(air.specific_volume(), v, max_relative = 2e-6);
        assert_relative_eq!(air.density(), density, max_relative = 2e-6);
        assert_relative_eq!(air.relative_humidity(), rh, max_relative = 1e-12);
    }
}

/// psychrolib 2.5.0.
#[test]
fn wet_bulb_to_humidity_ratio_against_psychrolib() {
    for (t, wet_bulb, p, expected) in [
        (35.0, 25.0, 101_325.0, 0.015_842_36),
        (40.0, 20.0, 90_000.0, 0.008_270_90),
        (5.0, -2.0, 101_325.0, 0.000_702_98),
        (-5.0, -6.0, 101_325.0, 0.001_915_03),
    ] {
        let air = MoistAir::from_wet_bulb(kelvin(t), kelvin(wet_bulb), p).unwrap();
        assert_abs_diff_eq!(air.humidity_ratio(), expected, epsilon = 1e-8);
        assert_abs_diff_eq!(air.wet_bulb(), kelvin(wet_bulb), epsilon = 1e-8);
    }
    for (altitude, expected) in [(0.0, 101_325.0), (1000.0, 89_874.519), (1609.0, 83_431.042)] {
        assert_relative_eq!(standard_pressure(altitude), expected, max_relative = 1e-7);
    }
}

#[test]
fn impossible_air_is_refused() {
    let (t, p) = (300.0, SEA_LEVEL);
    assert!(matches!(
        MoistAir::from_wet_bulb(t, 301.0, p),
        Err(PsychrometricError::WetBulbAboveDryBulb { .. })
    ));
    assert!(matches!(
        MoistAir::from_wet_bulb(t, 275.0, p),
        Err(PsychrometricError::WetBulbTooLow { .. })
    ));
    assert!(matches!(
        MoistAir::from_dew_point(t, 301.0, p),
        Err(PsychrometricError::DewPointAboveDryBulb { .. })
    ));
    assert!(matches!(
        MoistAir::from_humidity_ratio(t, 0.05, p),
        Err(PsychrometricError::Supersaturated { .. })
    ));
    assert!(matches!(
        MoistAir::from_humidity_ratio(t, -0.01, p),
        Err(PsychrometricError::HumidityRatio(_))
    ));
    assert!(matches!(
        MoistAir::from_relative_humidity(t, 1.1, p),
        Err(PsychrometricError::RelativeHumidity(_))
    ));
    assert!(matches!(
        MoistAir::from_relative_humidity(f64::NAN, 0.5, p),
        Err(PsychrometricError::Temperature { .. })
    ));
    assert!(matches!(
        MoistAir::from_relative_humidity(t, 0.5, 0.0),
        Err(PsychrometricError::Pressure(_))
    ));
    assert!(matches!(
        MoistAir::from_relative_humidity(380.0, 1.0, p),
        Err(PsychrometricError::Boiling { .. })
    ));
}

#[test]
fn limits() {
    let dry = MoistAir::from_humidity_ratio(300.0, 0.0, SEA_LEVEL).unwrap();
    assert!(dry.dew_point().is_none());
    assert!(dry.wet_bulb() < 300.0);
    let saturated = MoistAir::from_relative_humidity(300.0, 1.0, SEA_LEVEL).unwrap();
    assert_abs_diff_eq!(saturated.wet_bulb(), 300.0, epsilon = 1e-7);
    assert_abs_diff_eq!(saturated.dew_point().unwrap(), 300.0, epsilon = 1e-7);
    // Doubling the density of dry air by doubling the pressure.
    let denser = MoistAir::from_humidity_ratio(300.0, 0.0, 2.0 * SEA_LEVEL).unwrap();
    assert_relative_eq!(denser.density(), 2.0 * dry.density(), max_relative = 1e-14);
}

/// The curves over ice and water meet at the triple point (611.657 Pa, IAPWS), within 1e-6 of each other.
#[test]
fn triple_point() {
    let (below, above) = (
        saturation_pressure(273.16 - 1e-9),
        saturation_pressure(273.16 + 1e-9),
    );
    assert_relative_eq!(below, above, max_relative = 5e-6);
    assert_relative_eq!(above, 611.657, max_relative = 1e-4);
}

/// Value and slope are continuous where the correlation ends, and where the humidity ratio goes on straight.
#[test]
fn continuations_are_smooth() {
    for end in [TEMPERATURE_RANGE.min, TEMPERATURE_RANGE.max] {
        let (value_in, slope_in) = first_derivative(saturation_pressure, end + 1e-7);
        let (value_out, slope_out) = first_derivative(saturation_pressure, end - 1e-7);
        assert_relative_eq!(value_in, value_out, max_relative = 1e-6);
        assert_relative_eq!(slope_in, slope_out, max_relative = 1e-6);
    }
    let straight = |share: f64| first_derivative(|x| humidity_ratio(x, 1.0.into()), share);
    let (before, after) = (straight(0.8 - 1e-9), straight(0.8 + 1e-9));
    assert_relative_eq!(before.0, after.0, max_relative = 1e-6);
    assert_relative_eq!(before.1, after.1, max_relative = 1e-6);
}

proptest! {
    /// Any state gives a wet bulb between dew point and dry bulb, which gives the state back.
    #[test]
    fn wet_bulb_round_trip(t in 200.0_f64..360.0, rh in 0.0_f64..=1.0, p in 6e4_f64..1.1e5) {
        let Ok(air) = MoistAir::from_relative_humidity(t, rh, p) else { return Ok(()) };
        let wet_bulb = air.wet_bulb();
        prop_assert!(wet_bulb <= t + 1e-9);
        prop_assert!(air.dew_point().is_none_or(|dew_point| dew_point <= wet_bulb + 1e-6));
        let back = humidity_ratio_at_wet_bulb(t, wet_bulb, p);
        prop_assert!((back - air.humidity_ratio()).abs() < 1e-9, "{back} {air:?}");
    }

    /// Dual-number slopes agree with central differences (truncation of order 1e-8 relative).
    #[test]
    fn slopes(t in 180.0_f64..350.0) {
        let (_, slope) = first_derivative(|x| saturated_enthalpy(x, SEA_LEVEL.into()), t);
        let step = 1e-3;
        let difference = (saturated_enthalpy(t + step, SEA_LEVEL) - saturated_enthalpy(t - step, SEA_LEVEL))
            / (2.0 * step);
        let at_triple_point = (t - 273.16).abs() < 2.0 * step;
        prop_assert!(at_triple_point || (slope - difference).abs() < 1e-5 * slope.abs());
    }

    /// Nothing overflows or turns into NaN on any finite temperature.
    #[test]
    fn any_temperature(t in any::<f64>(), p in 1e4_f64..1e6) {
        if t.is_finite() {
            let pressure = saturation_pressure(t);
            prop_assert!(pressure.is_finite() && pressure > 0.0);
            prop_assert!(saturated_humidity_ratio(t, p).is_finite());
            let _ = MoistAir::from_dew_point(t, t, p);
        }
    }
}
