#![allow(clippy::unwrap_used)]
// Where values are compared exactly, the arithmetic is exact.
#![allow(clippy::float_cmp)]

use super::{Fluid, FluidError, FluidKind};
use approx::{assert_abs_diff_eq, assert_relative_eq};
use num_dual::first_derivative;
use proptest::prelude::{any, prop_assert, proptest};

fn kelvin(celsius: f64) -> f64 {
    celsius + 273.15
}

fn fluids() -> Vec<Fluid> {
    let mut fluids = vec![
        Fluid::water(),
        Fluid::constant(1000.0, 4180.0, 1e-3, 0.6).unwrap(),
    ];
    for kind in [FluidKind::PropyleneGlycol, FluidKind::EthyleneGlycol] {
        fluids.extend([0.0, 0.1, 0.25, 0.4, 0.6].map(|x| Fluid::new(kind, x).unwrap()));
    }
    fluids
}

/// IAPWS-95 with R12-08 (viscosity) and R15-11 (conductivity) at 101 325 Pa, by `CoolProp` 8.0.0. Tolerances are the
/// reductions in `water.rs`; for density Kell's own distance from IAPWS-95 (0.002 %) is added.
#[test]
fn water_against_iapws() {
    let rows = [
        (0.01, 999.843_8, 4_219.410, 1.791_132e-3, 0.555_675, 0.0),
        (
            5.0,
            999.966_6,
            4_205.038,
            1.518_173e-3,
            0.567_794,
            21_016.76,
        ),
        (
            10.0,
            999.702_5,
            4_195.159,
            1.305_900e-3,
            0.578_777,
            42_015.69,
        ),
        (
            20.0,
            998.207_2,
            4_184.051,
            1.001_596e-3,
            0.598_012,
            83_904.09,
        ),
        (
            30.0,
            995.649_5,
            4_179.820,
            7.972_218e-4,
            0.614_392,
            125_719.30,
        ),
        (
            40.0,
            992.216_4,
            4_179.415,
            6.527_287e-4,
            0.628_486,
            167_513.08,
        ),
        (
            60.0,
            983.195_8,
            4_184.953,
            4.660_351e-4,
            0.651_000,
            251_145.49,
        ),
        (
            80.0,
            971.790_4,
            4_196.753,
            3.540_507e-4,
            0.666_994,
            334_952.06,
        ),
        (
            99.0,
            959.066_1,
            4_214.529,
            2.845_653e-4,
            0.676_828,
            414_847.79,
        ),
    ];
    let water = Fluid::water();
    let zero = water.enthalpy(kelvin(0.01));
    for (t, density, specific_heat, viscosity, conductivity, enthalpy) in rows {
        let t = kelvin(t);
        assert_relative_eq!(water.density(t), density, max_relative = 5e-5);
        assert_relative_eq!(water.specific_heat(t), specific_heat, max_relative = 2e-4);
        assert_relative_eq!(water.viscosity(t), viscosity, max_relative = 1.2e-3);
        assert_relative_eq!(water.conductivity(t), conductivity, max_relative = 3e-4);
        assert_abs_diff_eq!(
            water.enthalpy(t) - zero,
            enthalpy,
            epsilon = 2e-4 * enthalpy + 1e-6
        );
    }
}

/// The source correlations themselves, over the whole range of water.
#[test]
fn water_against_its_sources() {
    let water = Fluid::water();
    let sum =
        |c: [f64; 4], d: [f64; 4], x: f64| c.iter().zip(d).map(|(c, d)| c * x.powf(d)).sum::<f64>();
    for tenth in 0..=1000 {
        let t = f64::from(tenth) / 10.0;
        let reduced = kelvin(t) / 300.0;
        // Kell 1975, equation 16.
        let numerator = 999.839_52
            + t * (16.945_176
                + t * (-7.987_040_1e-3
                    + t * (-46.170_461e-6 + t * (105.563_02e-9 - t * 280.542_53e-12))));
        assert_relative_eq!(
            water.density(kelvin(t)),
            numerator / (1.0 + 16.879_850e-3 * t),
            max_relative = 3e-5
        );
        // IAPWS SR6-08 (2011), equations for viscosity and conductivity.
        let viscosity = 1e-6
            * sum(
                [280.68, 511.45, 61.131, 0.459_03],
                [-1.9, -7.7, -19.6, -40.0],
                reduced,
            );
        assert_relative_eq!(water.viscosity(kelvin(t)), viscosity, max_relative = 1.2e-3);
        let conductivity = sum(
            [1.6630, -1.7781, 1.1567, -0.432_115],
            [-1.15, -3.4, -6.0, -7.6],
            reduced,
        );
        assert_relative_eq!(
            water.conductivity(kelvin(t)),
            conductivity,
            max_relative = 2.5e-4
        );
    }
}

/// `CoolProp` 8.0.0, `INCOMP::MPG` and `INCOMP::MEG` at 0.3 `MPa`: x, t, density, specific heat, viscosity, conductivity.
/// The same coefficients, so the digits written agree.
#[test]
fn glycols_against_coolprop() {
    let propylene = [
        (0.1, 0.0, 1009.309, 4059.037, 2.744_553e-3, 0.515_486),
        (0.1, 60.0, 989.809, 4130.344, 6.136_577e-4, 0.590_179),
        (0.25, 0.0, 1025.813, 3872.150, 5.515_058e-3, 0.449_553),
        (0.25, 20.0, 1019.278, 3920.468, 2.445_233e-3, 0.467_852),
        (0.25, 40.0, 1009.909, 3968.650, 1.353_012e-3, 0.485_840),
        (0.25, 90.0, 978.615, 4082.029, 5.402_647e-4, 0.527_398),
        (0.4, -20.0, 1049.693, 3575.372, 4.594_761e-2, 0.376_131),
        (0.4, 40.0, 1020.060, 3770.829, 2.140_783e-3, 0.413_211),
        (0.5, 20.0, 1039.061, 3530.195, 6.393_611e-3, 0.359_464),
        (0.6, -20.0, 1066.709, 3159.415, 1.390_739e-1, 0.307_949),
        (0.6, 90.0, 988.732, 3653.931, 1.130_327e-3, 0.348_728),
    ];
    let ethylene = [
        (0.1, 0.0, 1013.618, 4037.363, 2.344_892e-3, 0.523_282),
        (0.25, 20.0, 1031.048, 3810.704, 1.898_944e-3, 0.485_916),
        (0.25, 40.0, 1022.554, 3857.412, 1.141_452e-3, 0.505_622),
        (0.4, -20.0, 1066.673, 3344.250, 1.500_069e-2, 0.394_497),
        (0.5, 60.0, 1040.490, 3503.148, 1.374_919e-3, 0.413_786),
        (0.6, -20.0, 1096.318, 2827.962, 3.354_471e-2, 0.337_992),
        (0.6, 90.0, 1028.439, 3446.254, 1.018_069e-3, 0.389_098),
    ];
    let rows = propylene
        .map(|row| (FluidKind::PropyleneGlycol, row))
        .into_iter()
        .chain(ethylene.map(|row| (FluidKind::EthyleneGlycol, row)));
    for (kind, (x, t, density, specific_heat, viscosity, conductivity)) in rows {
        let (fluid, t) = (Fluid::new(kind, x).unwrap(), kelvin(t));
        assert_relative_eq!(fluid.density(t), density, max_relative = 1e-6);
        assert_relative_eq!(fluid.specific_heat(t), specific_heat, max_relative = 1e-6);
        assert_relative_eq!(fluid.viscosity(t), viscosity, max_relative = 1e-6);
        assert_relative_eq!(fluid.conductivity(t), conductivity, max_relative = 2e-6);
    }
    let freezing = |kind, x| Fluid::new(kind, x).unwrap().freezing_temperature().unwrap();
    assert_abs_diff_eq!(
        freezing(FluidKind::PropyleneGlycol, 0.25),
        kelvin(-9.785_448),
        epsilon = 1e-5
    );
    assert_abs_diff_eq!(
        freezing(FluidKind::EthyleneGlycol, 0.5),
        kelvin(-35.994_425),
        epsilon = 1e-5
    );
}

/// Dowfrost LC 25 (25 % by volume, inhibited), as sold: 25 and 40 degC. Its inhibitors make it about 1 % denser and
/// thicker than the pure solution, and two editions of the maker's sheet differ by 14 % in viscosity at 40 degC.
#[test]
fn pg25_is_near_a_commercial_coolant() {
    let pg25 = Fluid::from_volume_fraction(FluidKind::PropyleneGlycol, 0.25).unwrap();
    for (t, density, specific_heat, conductivity, viscosity) in [
        (25.0, 1030.3, 3880.0, 0.462, 2.39e-3),
        (40.0, 1022.5, 3920.0, 0.476, 1.485e-3),
    ] {
        let t = kelvin(t);
        assert_relative_eq!(pg25.density(t), density, max_relative = 0.015);
        assert_relative_eq!(pg25.specific_heat(t), specific_heat, max_relative = 0.015);
        assert_relative_eq!(pg25.conductivity(t), conductivity, max_relative = 0.03);
        assert_relative_eq!(pg25.viscosity(t), viscosity, max_relative = 0.12);
    }
    assert_abs_diff_eq!(
        pg25.freezing_temperature().unwrap(),
        kelvin(-10.0),
        epsilon = 1.0
    );
}

/// A glycol of zero strength is water, within the errors of Melinder's fit at this edge of its range.
#[test]
fn glycol_of_zero_strength_is_water() {
    let water = Fluid::water();
    for kind in [FluidKind::PropyleneGlycol, FluidKind::EthyleneGlycol] {
        let thin = Fluid::new(kind, 0.0).unwrap();
        for t in [10.0, 30.0, 60.0, 90.0].map(kelvin) {
            assert_relative_eq!(thin.density(t), water.density(t), max_relative = 2e-3);
            assert_relative_eq!(
                thin.specific_heat(t),
                water.specific_heat(t),
                max_relative = 5e-3
            );
            assert_relative_eq!(thin.viscosity(t), water.viscosity(t), max_relative = 0.03);
            assert_relative_eq!(
                thin.conductivity(t),
                water.conductivity(t),
                max_relative = 0.02
            );
        }
    }
}

#[test]
fn volume_fractions() {
    for kind in [FluidKind::PropyleneGlycol, FluidKind::EthyleneGlycol] {
        assert_abs_diff_eq!(kind.mass_fraction(0.0), 0.0);
        assert_relative_eq!(kind.mass_fraction(1.0), 1.0, max_relative = 1e-15);
        for volume in [0.1, 0.25, 0.5] {
            assert_relative_eq!(
                kind.volume_fraction(kind.mass_fraction(volume)),
                volume,
                max_relative = 1e-14
            );
        }
    }
    // 1 L of ethylene glycol (1.1135 kg) and 3 L of water (2.9946 kg).
    assert_relative_eq!(
        FluidKind::EthyleneGlycol.mass_fraction(0.25),
        1.1135 / (1.1135 + 2.9946),
        max_relative = 1e-12
    );
}

#[test]
fn faults() {
    for strength in [-0.1, 0.61, f64::NAN] {
        assert!(matches!(
            Fluid::new(FluidKind::PropyleneGlycol, strength),
            Err(FluidError::MassFraction { .. })
        ));
    }
    assert!(Fluid::new(FluidKind::Water, 0.1).is_err());
    assert!(Fluid::from_volume_fraction(FluidKind::Water, 0.1).is_err());
    assert_eq!(Fluid::new(FluidKind::Water, 0.0).unwrap(), Fluid::water());
    assert!(matches!(
        Fluid::new(FluidKind::Constant, 0.0),
        Err(FluidError::NeedsProperties)
    ));
    assert!(matches!(
        Fluid::constant(1000.0, 4000.0, 0.0, 0.6),
        Err(FluidError::NotPositive {
            property: "viscosity",
            ..
        })
    ));
}

#[test]
fn constant_fluid() {
    let fluid = Fluid::constant(1000.0, 4180.0, 1e-3, 0.6).unwrap();
    for t in [1.0, 300.0, 1e4] {
        assert_eq!(fluid.density(t), 1000.0);
        assert_relative_eq!(fluid.viscosity(t), 1e-3, max_relative = 1e-14);
        assert!(fluid.contains(t));
    }
    // Doubling the temperature difference doubles the enthalpy difference.
    let rise = |k: f64| fluid.enthalpy(300.0 + k) - fluid.enthalpy(300.0);
    assert_relative_eq!(rise(20.0), 2.0 * rise(10.0), max_relative = 1e-12);
    assert_relative_eq!(rise(10.0), 41_800.0, max_relative = 1e-12);
}

proptest! {
    /// h' = cp to rounding, inside the range and outside.
    #[test]
    fn enthalpy_is_the_integral_of_specific_heat(t in 100.0_f64..600.0) {
        for fluid in fluids() {
            let (_, slope) = first_derivative(|t| fluid.enthalpy(t), t);
            prop_assert!((slope - fluid.specific_heat(t)).abs() < 1e-9 * slope);
        }
    }

    /// The path without dual numbers gives the same values and slopes.
    #[test]
    fn slopes_agree_with_dual_numbers(t in 100.0_f64..600.0) {
        for fluid in fluids() {
            let all = fluid.props_with_slopes(t);
            for (with_slope, exact) in [
                (all.density, first_derivative(|t| fluid.density(t), t)),
                (all.specific_heat, first_derivative(|t| fluid.specific_heat(t), t)),
                (all.enthalpy, first_derivative(|t| fluid.enthalpy(t), t)),
                (all.viscosity, first_derivative(|t| fluid.viscosity(t), t)),
                (all.conductivity, first_derivative(|t| fluid.conductivity(t), t)),
            ] {
                prop_assert!((with_slope.value - exact.0).abs() <= 1e-13 * exact.0.abs());
                prop_assert!((with_slope.slope - exact.1).abs() <= 1e-11 * (exact.1.abs() + exact.0.abs()));
            }
        }
    }

    /// Any temperature gives positive finite properties, and an enthalpy that rises.
    #[test]
    fn any_temperature(t in any::<f64>()) {
        if t.abs() < 1e300 {
            for fluid in fluids() {
                for value in
                    [fluid.density(t), fluid.specific_heat(t), fluid.viscosity(t), fluid.conductivity(t)]
                {
                    prop_assert!(value > 0.0 && value.is_finite(), "{value} at {t} of {fluid:?}");
                }
                prop_assert!(fluid.enthalpy(t).is_finite());
            }
        }
    }
}

/// Value and slope are continuous at the ends of the range and of the fading.
#[test]
fn continuation_is_smooth() {
    for fluid in fluids()
        .into_iter()
        .filter(|fluid| fluid.kind() != FluidKind::Constant)
    {
        let range = fluid.valid_range();
        for joint in [range.min - 50.0, range.min, range.max, range.max + 50.0] {
            let (below, above) = (
                fluid.props_with_slopes(joint - 1e-7),
                fluid.props_with_slopes(joint + 1e-7),
            );
            for (a, b) in [
                (below.density, above.density),
                (below.specific_heat, above.specific_heat),
                (below.enthalpy, above.enthalpy),
                (below.viscosity, above.viscosity),
                (below.conductivity, above.conductivity),
            ] {
                assert_relative_eq!(a.value, b.value, max_relative = 1e-6, epsilon = 1e-2);
                assert_abs_diff_eq!(
                    a.slope,
                    b.slope,
                    epsilon = 1e-6 * (a.slope.abs() + a.value.abs())
                );
            }
        }
    }
}
