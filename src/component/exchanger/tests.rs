#![allow(clippy::unwrap_used)]

use super::{Arrangement, effectiveness, heat_per_difference, two_films};
use num_dual::Dual64;

const ALL: [Arrangement; 5] = [
    Arrangement::Counterflow,
    Arrangement::Parallel,
    Arrangement::ShellAndTube,
    Arrangement::Crossflow,
    Arrangement::Isothermal,
];

/// Textbook forms in NTU and C_r, for C_r < 1.
fn textbook(arrangement: Arrangement, n: f64, c: f64) -> f64 {
    match arrangement {
        Arrangement::Counterflow => {
            let e = (-n * (1.0 - c)).exp();
            (1.0 - e) / (1.0 - c * e)
        }
        Arrangement::Parallel => (1.0 - (-n * (1.0 + c)).exp()) / (1.0 + c),
        Arrangement::ShellAndTube => {
            let r = (1.0 + c * c).sqrt();
            let e = (-n * r).exp();
            2.0 / (1.0 + c + r * (1.0 + e) / (1.0 - e))
        }
        Arrangement::Isothermal => 1.0 - (-n).exp(),
        Arrangement::Crossflow => unreachable!(),
    }
}

#[test]
fn closed_forms_agree_with_the_textbook() {
    for arrangement in [ALL[0], ALL[1], ALL[2], ALL[4]] {
        for n in [0.01, 0.5, 1.0, 3.0, 10.0] {
            for c in [0.01, 0.25, 0.5, 0.75, 0.99] {
                let (own, book) = (effectiveness(arrangement, n, c), textbook(arrangement, n, c));
                assert!((own / book - 1.0).abs() < 1e-12, "{arrangement:?} {n} {c}: {own} {book}");
            }
        }
    }
}

#[test]
fn tables_of_kays_and_london_are_met() {
    // Compact Heat Exchangers, tables of ε against NTU and C_r, printed to three digits.
    for (arrangement, n, c, printed) in [
        (Arrangement::Counterflow, 1.0, 1.0, 0.500),
        (Arrangement::Counterflow, 3.0, 1.0, 0.750),
        (Arrangement::Counterflow, 2.0, 0.5, 0.775),
        (Arrangement::Parallel, 1.0, 1.0, 0.432),
        (Arrangement::Parallel, 5.0, 1.0, 0.500),
        (Arrangement::ShellAndTube, 1.0, 1.0, 0.463),
        (Arrangement::ShellAndTube, 5.0, 1.0, 0.585),
        (Arrangement::Crossflow, 0.5, 0.5, 0.358),
        (Arrangement::Crossflow, 1.0, 1.0, 0.476),
        (Arrangement::Crossflow, 2.0, 0.75, 0.671),
        (Arrangement::Crossflow, 3.0, 1.0, 0.681),
        (Arrangement::Crossflow, 5.0, 0.25, 0.959),
    ] {
        let own: f64 = effectiveness(arrangement, n, c);
        assert!((own - printed).abs() < 6e-4, "{arrangement:?} {n} {c}: {own}");
    }
}

#[test]
fn every_arrangement_has_its_limits() {
    for arrangement in ALL {
        // No conductance, no duty; C_r = 0 is the isothermal surface.
        assert!(effectiveness(arrangement, 0.0f64, 0.5).abs() < 1e-300);
        for n in [0.1f64, 1.0, 5.0, 40.0] {
            let isothermal: f64 = effectiveness(arrangement, n, 0.0);
            assert!((isothermal + (-n).exp_m1()).abs() < 1e-12, "{arrangement:?} {n}: {isothermal}");
        }
        // Between zero and one, rising with NTU, for any size and balance of the streams.
        for c in [0.0, 0.3, 1.0 - 1e-12, 1.0] {
            let mut last = 0.0;
            for k in 0..60 {
                let n = 1e-3 * 10f64.powf(f64::from(k) * 0.15);
                let dual = effectiveness(arrangement, Dual64::new(n, 1.0), Dual64::from(c));
                assert!(dual.re <= 1.0 + 1e-12 && dual.re >= last - 1e-12, "{arrangement:?} {n} {c}");
                assert!(dual.eps.is_finite());
                last = dual.re;
            }
        }
    }
}

#[test]
fn duty_is_smooth_across_balanced_flow() {
    for arrangement in [ALL[0], ALL[1], ALL[2], ALL[3]] {
        let at = |r: f64| heat_per_difference(arrangement, Dual64::from(2.0), Dual64::new(r, 1.0), Dual64::from(1.0));
        let (below, above) = (at(1.0 - 1e-9), at(1.0 + 1e-9));
        assert!((below.re / above.re - 1.0).abs() < 1e-8, "{arrangement:?}");
        assert!((below.eps / above.eps - 1.0).abs() < 1e-6, "{arrangement:?}: {} {}", below.eps, above.eps);
        let swapped: f64 = heat_per_difference(arrangement, 2.0, 0.7, 1.3);
        let straight: f64 = heat_per_difference(arrangement, 2.0, 1.3, 0.7);
        assert!((swapped / straight - 1.0).abs() < 1e-14);
    }
    // Over the start of the saturation of NTU nothing jumps.
    let at = |ua: f64| effectiveness(Arrangement::Crossflow, Dual64::new(ua, 1.0), Dual64::from(1.0));
    assert!((at(50.0 - 1e-6).eps / at(50.0 + 1e-6).eps - 1.0).abs() < 1e-4);
}

#[test]
fn films_follow_flow_and_fouling() {
    let ua = |hot: f64, cold: f64, fouling: f64| {
        two_films(1e5, 0.5, 0.8, [hot, cold], [10.0, 20.0], [1.0; 2], fouling)
    };
    assert!((ua(10.0, 20.0, 0.0) / 1e5 - 1.0).abs() < 1e-11);
    // Both flows doubled: 2^0.8; fouling adds its resistance; backward flow the same.
    assert!((ua(20.0, 40.0, 0.0) / 1e5 - 2f64.powf(0.8)).abs() < 1e-9);
    assert!((ua(10.0, 20.0, 1e-5) / 0.5e5 - 1.0).abs() < 1e-11);
    assert!((ua(-10.0, 20.0, 0.0) / 1e5 - 1.0).abs() < 1e-11);
    assert!(ua(0.0, 20.0, 0.0) > 0.0 && ua(0.0, 0.0, 0.0).is_finite());
    let rest = two_films(
        Dual64::from(1e5),
        0.5,
        0.8,
        [Dual64::new(0.0, 1.0), Dual64::from(1.0)],
        [1.0; 2],
        [Dual64::from(1.0); 2],
        0.0,
    );
    assert!(rest.eps.is_finite());
}

/// The reference run of a public Modelica CDU: water 36 → 41 °C against PG25 47 → 42 °C at design,
/// films ∝ ṁ^0.8 in equal parts; at 0.906 of the secondary flow and 6.4115 MW its terminals are
/// 41.06 °C (water out), 42.20 and 47.72 °C (coolant out and in).
#[test]
fn reference_run_of_a_modelica_cdu_is_met() {
    // Capacity flows at design, in units of Q/5 K; ε = 5/11 balanced gives NTU = ε/(1 − ε) = 5/6.
    let design: f64 = 6.4e6 / 5.0;
    let secondary: f64 = 6.4115e6 / (47.72 - 42.20);
    let primary = 6.4115e6 / (41.06 - 36.0);
    assert!((secondary / design - 0.906).abs() < 0.003);
    let ua: f64 = two_films(
        design * 5.0 / 6.0,
        0.5,
        0.8,
        [secondary, primary],
        [design; 2],
        [1.0; 2],
        0.0,
    );
    let g = heat_per_difference(Arrangement::Counterflow, ua, 1.0 / secondary, 1.0 / primary);
    // The difference of the inlets needed for that duty is 11.72 K there. The published values are
    // rounded to 0.01 K, and its films follow the fluids' properties besides: 0.2 K.
    let difference = 6.4115e6 / g;
    assert!((difference - 11.72).abs() < 0.2, "{difference}");
}
