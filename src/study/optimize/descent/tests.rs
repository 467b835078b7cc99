#![allow(clippy::unwrap_used)]
use std::collections::BTreeMap;

use super::{End, REGION, Sample, descend};
use approx::assert_abs_diff_eq;

/// Searches with objectives and margins given; a margin of `None` does not show.
fn search(
    start: &[f64],
    objectives: impl Fn(&[f64]) -> Vec<f64> + Sync,
    margins: impl Fn(&[f64]) -> Vec<Option<f64>> + Sync,
) -> Option<End> {
    let function = |_: Option<&[f64]>, points: &[Vec<f64>]| -> Vec<Option<Sample>> {
        points
            .iter()
            .map(|u| {
                let objectives = objectives(u);
                let margins: Vec<(u64, f64)> = margins(u)
                    .into_iter()
                    .enumerate()
                    .filter_map(|(key, margin)| Some((key as u64, margin?)))
                    .collect();
                let holds = margins.iter().all(|(_, margin)| *margin >= 0.0);
                objectives.iter().all(|f| f.is_finite()).then_some(Sample {
                    objectives,
                    margins,
                    holds,
                })
            })
            .collect()
    };
    descend(&function, start, 1.0, REGION, BTreeMap::new())
}

fn near(end: &End, expected: &[f64], tolerance: f64) {
    for (u, expected) in end.u.iter().zip(expected) {
        assert_abs_diff_eq!(u, expected, epsilon = tolerance);
    }
    assert!(end.sample.holds, "{end:?}");
}

#[test]
fn a_smooth_minimum_inside() {
    let end = search(
        &[0.9, 0.1],
        |u| vec![(u[0] - 0.3).powi(2) + 4.0 * (u[1] - 0.6).powi(2) + (u[0] - 0.3) * (u[1] - 0.6)],
        |_| Vec::new(),
    );
    near(&end.unwrap(), &[0.3, 0.6], 1e-3);
}

#[test]
fn a_limit_that_bends() {
    // Down to the circle about the corner: where the line of equal slopes meets it.
    let end = search(
        &[0.9, 0.2],
        |u| vec![u[0] + u[1]],
        |u| {
            vec![
                Some(u[0] * u[0] + u[1] * u[1] - 0.5 + 1e-4),
                Some(u[0] - u[1] + 1e-4),
            ]
        },
    );
    near(&end.unwrap(), &[0.5_f64.sqrt(), 0.0], 2e-3);
}

#[test]
fn a_start_that_breaks_limits() {
    let end = search(
        &[0.05, 0.05],
        |u| vec![u[0] + 2.0 * u[1]],
        |u| vec![Some(u[0] + u[1] - 0.8), Some(0.7 - u[0])],
    );
    near(&end.unwrap(), &[0.7, 0.1], 1e-3);
}

#[test]
fn the_larger_of_two_objectives() {
    let end = search(
        &[0.1],
        |u| vec![(u[0] - 0.2).powi(2), (u[0] - 0.8).powi(2)],
        |_| Vec::new(),
    );
    near(&end.unwrap(), &[0.5], 1e-4);
}

/// A set-point that is missed beyond u₀ + 0.5·u₁ = 0.6, and is no limit before.
#[test]
fn a_limit_that_shows_only_when_it_is_broken() {
    let end = search(
        &[0.1, 0.1],
        |u| vec![-u[0] - 0.2 * u[1]],
        |u| {
            let miss = 0.6 - u[0] - 0.5 * u[1];
            vec![(miss < 0.0).then_some(miss)]
        },
    );
    let end = end.unwrap();
    near(&end, &[0.6, 0.0], 1e-3);
    assert!(end.hidden.contains_key(&0));
}

#[test]
fn an_edge_beyond_which_nothing_solves() {
    let end = search(
        &[0.2],
        |u| vec![if u[0] > 0.55 { f64::NAN } else { -u[0] }],
        |_| Vec::new(),
    );
    near(&end.unwrap(), &[0.55], 1e-3);
    assert!(search(&[0.2], |_| vec![f64::NAN], |_| Vec::new()).is_none());
}

/// Along the edge of what has a solution the search goes on.
#[test]
fn an_edge_is_followed() {
    let end = search(
        &[0.2, 0.9],
        |u| {
            vec![if u[0] > 0.55 {
                f64::NAN
            } else {
                (u[1] - 0.3).powi(2) - u[0]
            }]
        },
        |_| Vec::new(),
    );
    near(&end.unwrap(), &[0.55, 0.3], 3e-3);
}

/// Rosenbrock's valley on the unit square, its minimum at (0.75, 0.75).
#[test]
fn a_bent_valley() {
    let scaled = |u: &[f64]| {
        let (x, y) = (4.0 * u[0] - 2.0, 4.0 * u[1] - 2.0);
        vec![((1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)) / 400.0]
    };
    let end = search(&[0.3, 0.5], scaled, |_| Vec::new()).unwrap();
    // The valley's floor is flat: what counts is how deep the search got.
    assert!(end.sample.objective() < 1e-4, "{end:?}");
}
