#![allow(clippy::unwrap_used)]
// Where values are compared exactly, the arithmetic is exact.
#![allow(clippy::float_cmp)]

use super::{
    Bicubic, Biquadratic, CurveError, Extrapolation, Pchip, Polynomial, Validity, fit_polynomial,
};
use approx::{assert_abs_diff_eq, assert_relative_eq};
use num_dual::{Dual64, first_derivative, second_partial_derivative};
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

const SCIPY: [(f64, f64, f64); 8] = [
    (0.0, 0.000_000_000_000, 2.666_666_666_667),
    (0.3, 0.786_200_000_000, 2.508_666_666_667),
    (1.0, 2.000_000_000_000, 0.600_000_000_000),
    (2.0, 2.437_037_037_037, 0.244_444_444_444),
    (3.0, 2.500_000_000_000, 0.000_000_000_000),
    (4.5, 2.730_709_876_543, 0.902_777_777_778),
    (6.9, 8.641_376_543_210, 3.560_555_555_556),
    (7.0, 9.000_000_000_000, 3.611_111_111_111),
];

/// `SciPy` 1.17.1, `PchipInterpolator([0, 1, 2.5, 4, 7], [0, 2, 2.5, 2.5, 9])`, which sets end slopes alike.
#[test]
fn pchip_against_scipy() {
    let curve = Pchip::new(vec![0.0, 1.0, 2.5, 4.0, 7.0], vec![0.0, 2.0, 2.5, 2.5, 9.0]).unwrap();
    for (x, value, slope) in SCIPY {
        let (v, s) = curve.eval_with_slope(x);
        assert_abs_diff_eq!(v, value, epsilon = 1e-9);
        assert_abs_diff_eq!(s, slope, epsilon = 1e-9);
    }
}

#[test]
fn pchip_beyond_its_ends() {
    let curve = Pchip::new(vec![1.0, 2.0, 3.0], vec![1.0, 4.0, 9.0]).unwrap();
    let (end, slope) = curve.eval_with_slope(3.0);
    assert_eq!(end, 9.0);
    assert!(slope > 0.0);
    let (value, beyond) = curve.eval_with_slope(5.0);
    assert_relative_eq!(value, 9.0 + 2.0 * slope, max_relative = 1e-14);
    assert_relative_eq!(beyond, slope, max_relative = 1e-14);
    let held = curve.clone().with_extrapolation(Extrapolation::Hold);
    assert_eq!(held.eval_with_slope(5.0), (9.0, 0.0));
    assert_eq!(held.eval_with_slope(0.0), (1.0, 0.0));
    assert_eq!(held.eval(Dual64::new(0.0, 1.0)), Dual64::new(1.0, 0.0));
    assert_eq!(curve.range(), Validity { min: 1.0, max: 3.0 });
    assert!(curve.contains(1.0) && curve.contains(3.0) && !curve.contains(3.1));
}

#[test]
fn pchip_of_few_points() {
    let constant = Pchip::new(vec![2.0], vec![5.0]).unwrap();
    for x in [-1.0, 2.0, 9.0] {
        assert_eq!(constant.eval_with_slope(x), (5.0, 0.0));
    }
    let straight = Pchip::new(vec![0.0, 2.0], vec![1.0, 5.0]).unwrap();
    for x in [-1.0, 0.0, 0.7, 2.0, 3.0] {
        assert_abs_diff_eq!(straight.eval(x), 1.0 + 2.0 * x, epsilon = 1e-14);
    }
}

#[test]
fn faults() {
    let error = |x: &[f64], y: &[f64]| Pchip::new(x.to_vec(), y.to_vec()).unwrap_err();
    assert!(matches!(error(&[], &[]), CurveError::TooFewPoints { .. }));
    assert!(matches!(
        error(&[1.0], &[]),
        CurveError::LengthsDiffer { .. }
    ));
    assert!(matches!(
        error(&[1.0, 1.0], &[1.0, 2.0]),
        CurveError::NotIncreasing { index: 1, .. }
    ));
    assert!(matches!(
        error(&[1.0, f64::NAN], &[1.0, 2.0]),
        CurveError::NotFinite { index: 1, .. }
    ));
    assert!(matches!(
        error(&[0.0, 1e-300], &[0.0, 1e300]),
        CurveError::NotFinite { .. }
    ));
    assert!(matches!(
        fit_polynomial(&[1.0, 1.0, 2.0], &[1.0, 2.0, 3.0], 2),
        Err(CurveError::Undetermined { degree: 2 })
    ));
    assert!(matches!(
        fit_polynomial(&[1.0], &[1.0], 1),
        Err(CurveError::TooFewPoints { .. })
    ));
    assert!(Polynomial::new(vec![], Validity::UNLIMITED).is_err());
}

/// Every term by itself.
#[test]
fn surfaces_term_by_term() {
    let (x, y) = (3.0_f64, 5.0_f64);
    let terms = [
        1.0,
        x,
        x * x,
        y,
        y * y,
        x * y,
        x.powi(3),
        y.powi(3),
        x * x * y,
        x * y * y,
    ];
    for (index, term) in terms.into_iter().enumerate() {
        let mut ten = [0.0; 10];
        ten[index] = 2.0;
        let cubic = Bicubic::new(ten, Validity::UNLIMITED, Validity::UNLIMITED).unwrap();
        assert_eq!(cubic.eval(x, y), 2.0 * term);
        if index < 6 {
            let mut six = [0.0; 6];
            six[index] = 2.0;
            let quadratic =
                Biquadratic::new(six, Validity::UNLIMITED, Validity::UNLIMITED).unwrap();
            assert_eq!(quadratic.eval(x, y), 2.0 * term);
        }
    }
    let range = Validity { min: 0.0, max: 4.0 };
    let surface = Biquadratic::new([1.0, 0.0, 0.0, 0.0, 0.0, 1.0], range, range).unwrap();
    assert!(surface.contains(3.0, 4.0) && !surface.contains(3.0, 5.0));
    // Not clamped outside.
    assert_eq!(surface.eval(3.0, 5.0), 16.0);
    let (.., mixed) = second_partial_derivative(|(x, y)| surface.eval(x, y), (3.0, 5.0));
    assert_eq!(mixed, 1.0);
}

/// A pump curve 50 + 8 q − 10 q² rises up to q = 0.4.
#[test]
fn rise_of_a_pump_curve() {
    let curve = Polynomial::new(vec![50.0, 8.0, -10.0], Validity { min: 0.0, max: 2.0 }).unwrap();
    let (from, to) = curve.first_rise(0.0, 2.0).unwrap();
    assert_eq!(from, 0.0);
    assert_abs_diff_eq!(to, 0.4, epsilon = 1e-12);
    assert!(curve.first_rise(0.5, 2.0).is_none());
    assert!(
        Polynomial::new(vec![50.0, 0.0, -10.0], Validity::UNLIMITED)
            .unwrap()
            .first_rise(0.0, 2.0)
            .is_none()
    );
    assert!(
        Polynomial::new(vec![50.0], Validity::UNLIMITED)
            .unwrap()
            .first_rise(0.0, 2.0)
            .is_none()
    );
    assert!(curve.first_rise(0.0, f64::NAN).is_none());
    // Slope −(x − 1)(x − 2): falls, rises from 1 to 2, falls.
    let wavy = Polynomial::new(vec![0.0, -2.0, 1.5, -1.0 / 3.0], Validity::UNLIMITED).unwrap();
    let (from, to) = wavy.first_rise(-5.0, 5.0).unwrap();
    assert_abs_diff_eq!(from, 1.0, epsilon = 1e-9);
    assert_abs_diff_eq!(to, 2.0, epsilon = 1e-9);
}

#[test]
fn fit_gives_the_polynomial_back() {
    let truth = Polynomial::new(vec![300e3, -5.0e4, 1.2e5, -4.0e5], Validity::UNLIMITED).unwrap();
    let x: Vec<f64> = (0..12).map(|i| 0.05 * f64::from(i) + 0.1).collect();
    let y: Vec<f64> = x.iter().map(|&x| truth.eval(x)).collect();
    let fit = fit_polynomial(&x, &y, 3).unwrap();
    for (found, wanted) in fit
        .polynomial
        .coefficients()
        .iter()
        .zip(truth.coefficients())
    {
        assert_relative_eq!(found, wanted, max_relative = 1e-9);
    }
    assert!(fit.largest_residual < 1e-6 && fit.rms_residual <= fit.largest_residual);
    assert_eq!(
        fit.polynomial.validity(),
        Validity {
            min: 0.1,
            max: 0.65
        }
    );
    // A mean is the fit of degree zero; the line through (0,0), (1,1), (2,3) is −1/6 + 3/2 x (normal equations).
    let mean = fit_polynomial(&[0.0, 0.0, 4.0], &[1.0, 2.0, 6.0], 0).unwrap();
    assert_abs_diff_eq!(mean.polynomial.eval(7.0), 3.0, epsilon = 1e-12);
    let line = fit_polynomial(&[0.0, 1.0, 2.0], &[0.0, 1.0, 3.0], 1).unwrap();
    assert_abs_diff_eq!(
        line.polynomial.coefficients()[0],
        -1.0 / 6.0,
        epsilon = 1e-12
    );
    assert_abs_diff_eq!(line.polynomial.coefficients()[1], 1.5, epsilon = 1e-12);
}

proptest! {
    /// The curve meets its points, stays between neighbours, and its two ways of evaluation agree.
    #[test]
    fn pchip_is_monotone(steps in vec((0.01_f64..10.0, -5.0_f64..5.0), 2..12), at in 0.0_f64..1.0) {
        let (mut x, mut y) = (vec![0.0], vec![0.0]);
        for (dx, dy) in steps {
            x.push(x[x.len() - 1] + dx);
            y.push(y[y.len() - 1] + dy);
        }
        let curve = Pchip::new(x.clone(), y.clone()).unwrap();
        for i in 1..x.len() {
            prop_assert!((curve.eval(x[i]) - y[i]).abs() < 1e-9);
            let inside = x[i - 1] + at * (x[i] - x[i - 1]);
            let (value, slope) = curve.eval_with_slope(inside);
            prop_assert!(value >= y[i].min(y[i - 1]) - 1e-9 && value <= y[i].max(y[i - 1]) + 1e-9);
            prop_assert!(slope * (y[i] - y[i - 1]) >= -1e-9);
            let dual = first_derivative(|x| curve.eval(x), inside);
            prop_assert!((dual.0 - value).abs() < 1e-12 && (dual.1 - slope).abs() < 1e-9);
            // The slope is continuous across the point.
            let (before, after) = (x[i] - 1e-9, x[i] + 1e-9);
            let (before, after) = (curve.eval_with_slope(before).1, curve.eval_with_slope(after).1);
            // Over the 2e-9 between, the slope itself turns by the second derivative, at most
            // 6·(secant + slopes)/width with slopes of at most three secants.
            let bend = |left: usize| {
                let width = x[left + 1] - x[left];
                42.0 * ((y[left + 1] - y[left]) / width).abs() / width
            };
            let turn = 2e-9 * bend(i - 1).max(if i + 1 < x.len() { bend(i) } else { 0.0 });
            prop_assert!((before - after).abs() < 1e-9 + 1e-6 * before.abs() + turn);
        }
    }

    /// No numbers make construction or evaluation panic.
    #[test]
    fn any_points(x in vec(any::<f64>(), 0..6), y in vec(any::<f64>(), 0..6), at in any::<f64>()) {
        let n = x.len();
        if let Ok(curve) = Pchip::new(x, y) {
            prop_assert_eq!(curve.points().count(), n);
            let _ = (curve.eval(at), curve.eval_with_slope(at));
        }
    }
}
