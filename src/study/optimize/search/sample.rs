//! The sample of the whole space, and where local searches start.

use std::collections::BTreeSet;

use super::{Choices, Split};
use crate::study::optimize::descent::Sample;
use crate::study::optimize::problem::Problem;

/// Starts that are this near each other lead to the same place.
const APART: f64 = 0.2;

/// A point of the sample.
pub(super) struct Sampled {
    pub(super) choices: Choices,
    pub(super) u: Vec<f64>,
    pub(super) sample: Sample,
}

/// The sample: today's point first.
pub(super) fn sample_plan(
    problem: &Problem<'_>,
    split: &Split,
    sizes: &[usize],
    enumerated: bool,
    samples: Option<u32>,
) -> Vec<(Choices, Vec<f64>)> {
    let n = split.ranges.len();
    let few = (16 * (n + 1)).clamp(32, 256);
    let many = problem.conditions.len() > 4;
    let usual = match (enumerated, many) {
        (true, true) => few / 2,
        // Many combinations of choices, of which few may hold all limits.
        (false, false) => 2048,
        _ => few,
    };
    let wanted = samples.map_or(usual, |samples| samples as usize);
    let mut plan = vec![split.today(problem)];
    let draw = |point: usize, dimension: usize| {
        f64::from(sobol_burley::sample(point as u32, dimension as u32, 0))
    };
    if enumerated {
        let total: usize = sizes.iter().product();
        let each = if n == 0 {
            1
        } else {
            wanted.div_ceil(total).max(wanted.min(4))
        };
        for combination in 0..total {
            let mut rest = combination;
            let mut choices = vec![0; sizes.len()];
            for (choice, size) in choices.iter_mut().zip(sizes).rev() {
                *choice = rest % size;
                rest /= size;
            }
            for point in 0..each {
                let point = combination * each + point;
                plan.push((choices.clone(), (0..n).map(|k| draw(point, k)).collect()));
            }
        }
    } else {
        for point in 0..wanted.max(8 * sizes.len()) {
            let choices = sizes
                .iter()
                .enumerate()
                .map(|(k, size)| ((draw(point, n + k) * *size as f64) as usize).min(size - 1))
                .collect();
            plan.push((choices, (0..n).map(|k| draw(point, k)).collect()));
        }
    }
    plan
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    let pairs = a.iter().zip(b);
    pairs.fold(0.0, |most, (a, b)| f64::max(most, (a - b).abs()))
}

/// Where local searches start: at today's point, at the best of the sample that lie apart, and at the best of each
/// combination where all are searched.
pub(super) fn starts(
    problem: &Problem<'_>,
    split: &Split,
    all: &[Sampled],
    enumerated: bool,
    wanted: usize,
) -> Vec<(Choices, Vec<f64>)> {
    let mut out: Vec<(Choices, Vec<f64>)> = Vec::new();
    let mut met: BTreeSet<&Choices> = BTreeSet::new();
    let mut general = 0;
    for one in all {
        let first = met.insert(&one.choices);
        let lonely = out
            .iter()
            .all(|(choices, u)| *choices != one.choices || distance(u, &one.u) >= APART);
        if general < wanted && lonely {
            general += 1;
        } else if !(enumerated && first) {
            continue;
        }
        out.push((one.choices.clone(), one.u.clone()));
    }
    let today = split.today(problem);
    if !out.contains(&today) {
        out.push(today);
    }
    out
}
