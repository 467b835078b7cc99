//! The sample of Sobol' indices, and the indices of the sampled inputs.

use super::outcome::{Output, Swing, Values, values};
use super::points::{Moves, Points};
use super::{UncertaintyOptions, sobol};

/// Rows that are solved before their results are taken in.
const ROWS_AT_A_TIME: u32 = 64;

/// Finds Sobol' indices of the sampled inputs; gives the number of points without a solution.
pub(super) fn with_indices(
    points: &Points<'_>,
    swings: &mut [Swing],
    sampled: &[usize],
    options: &UncertaintyOptions,
    tick: &(dyn Fn() + Sync),
) -> usize {
    let k = sampled.len();
    // Another part of the sequence's randomisation than that of the quantiles' sample.
    let seed = options.seed ^ 0x5bd1_e995;
    let draw = |point: u32, dimension: usize| {
        f64::from(sobol_burley::sample(point, dimension as u32, seed))
    };
    let mut solved: Vec<Option<Values>> = Vec::new();
    let mut first = 0;
    while first < options.indices {
        let last = (first + ROWS_AT_A_TIME).min(options.indices);
        let sample: Vec<Moves> = (first..last)
            .flat_map(|row| {
                let a: Vec<f64> = (0..k).map(|i| draw(row, i)).collect();
                let b: Vec<f64> = (0..k).map(|i| draw(row, k + i)).collect();
                let mixed = (0..k).map(|i| {
                    let mut x = a.clone();
                    x[i] = b[i];
                    x
                });
                let mut all = vec![a.clone(), b.clone()];
                all.extend(mixed);
                all
            })
            .map(|shares| {
                let moves = sampled.iter().zip(&shares);
                moves
                    .map(|(&at, &share)| (at, swings[at].input.at(share)))
                    .collect()
            })
            .collect();
        let outcomes = points.run_all(&sample, tick, |result, _| values(result));
        solved.extend(outcomes.into_iter().map(Result::ok));
        first = last;
    }
    for output in 0..Output::ALL.len() {
        let rows: Vec<sobol::Row> = solved
            .chunks(k + 2)
            .filter_map(|row| {
                let of = |point: usize| row[point].as_ref().and_then(|values| values[output]);
                Some(sobol::Row {
                    a: of(0)?,
                    b: of(1)?,
                    mixed: (2..k + 2).map(of).collect(),
                })
            })
            .collect();
        let found = sobol::indices(&rows, k, options.seed);
        for (place, &at) in sampled.iter().enumerate() {
            swings[at].indices[output] = found.as_ref().map(|found| found[place]);
        }
    }
    solved.iter().filter(|one| one.is_none()).count()
}
