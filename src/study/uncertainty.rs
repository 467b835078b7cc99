//! Uncertainty: how sure the megawatts are, and which inputs make them unsure.
//!
//! 1. Inputs are numbers of library parts (ranges by grade), assumptions (ranges by alternatives) and given ranges: see
//!    [`inputs`]. All are taken as independent and uniform.
//! 2. Each is moved alone to both ends of its range: the *tornado*. A range that the hall file refuses at an end is halved
//!    until it does not.
//! 3. Those that move any result most are sampled together, on a Sobol sequence with Owen scrambling; the others stay.
//!    P5, P50 and P95 are those of the sample.
//! 4. Of the sample's variance each input explains the square of its standardised coefficient in a linear regression. For a
//!    linear response that is its first-order Sobol index; R² says how much of the variance the regression explains, and
//!    so how far the shares are to be trusted.
//!
//! 5. Which inputs matter: the exact derivatives of the results to *all* numbers of the hall, with a range or without, by
//!    the adjoint of the solved equations ([`effects`]): about one more solve, whatever their number.
//! 6. On request Sobol' indices, first-order and total, with their intervals ([`sobol`]).
//!
//! A point without a solution, or that the hall file refuses, is counted and named, and left out of the quantiles.

pub mod effects;
mod indices;
pub mod inputs;
mod outcome;
mod points;
mod ranges;
mod regression;
pub mod sobol;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::RunError;
use super::derivatives::Derivatives;
use super::scenario::{Base, Change, Scenario};
use crate::solve::State;
use effects::Found;
use indices::with_indices;
use inputs::{Input, inputs};
pub use outcome::{IndexSample, Output, Spread, Swing, Uncertainty};
use outcome::{Values, by_output, spread, values};
use points::{Moves, Points};
use ranges::{alone, choose, taken};

/// Dimensions that the sequence is good for.
pub const MOST_SAMPLED: usize = 128;
/// Most samples.
pub const MOST_SAMPLES: u32 = 65_536;
/// Most rows of the sample of Sobol' indices.
pub const MOST_INDEX_ROWS: u32 = 16_384;

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct UncertaintyOptions {
    /// Samples.
    pub samples: u32,
    /// Inputs that are sampled together.
    pub most: usize,
    /// Seed of the scrambling.
    pub seed: u32,
    /// Ranges in place of those by grade: `PATH=LOW..HIGH UNIT`.
    pub ranges: Vec<String>,
    /// Whether only assumptions and given ranges are uncertain.
    pub given_only: bool,
    /// Rows of the sample of Sobol' indices; 0 for none.
    pub indices: u32,
}

impl Default for UncertaintyOptions {
    fn default() -> Self {
        Self {
            samples: 256,
            most: 40,
            seed: 0,
            ranges: Vec::new(),
            given_only: false,
            indices: 0,
        }
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum UncertaintyError {
    /// The hall as it stands.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A given range.
    #[error("--range {text}: {fault}")]
    Range {
        /// As given.
        text: String,
        /// What is wrong.
        fault: String,
    },
    /// A given range that the hall file refuses.
    #[error("--range {name}: the hall file does not take {value}: {reason}")]
    Refused {
        /// Path.
        name: String,
        /// Value tried.
        value: String,
        /// What the hall file says.
        reason: String,
    },
    /// Nothing is uncertain.
    #[error(
        "no number of this hall is uncertain: its library parts hold none that could move, and no assumption has alternatives; --range PATH=LOW..HIGH gives one"
    )]
    Nothing,
}

/// Told how many solves of how many are done.
pub type Progress<'a> = dyn Fn(usize, usize) + Sync + 'a;

/// Told what Sobol' indices will cost, before they are solved: rows, inputs, points and an estimate in seconds from the
/// solves so far.
pub type Announce<'a> = dyn Fn(&IndexSample, f64) + 'a;

/// Status of every device.
fn statuses(state: &State) -> (Vec<&[u8]>, Vec<&[[u8; crate::solve::lane::WIDTH]]>) {
    (
        state.blocks.iter().map(|b| b.status.as_slice()).collect(),
        state.batches.iter().map(|b| b.status.as_slice()).collect(),
    )
}

/// The hall with some inputs moved.
fn moved(changes: impl IntoIterator<Item = String>) -> Scenario {
    Scenario {
        changes: changes.into_iter().map(Change::File).collect(),
        ..Scenario::default()
    }
}

/// Finds how sure the results of a hall are.
///
/// # Errors
/// [`UncertaintyError`]; a point without a solution is none.
pub fn run(
    base: &Base<'_>,
    options: &UncertaintyOptions,
    progress: &Progress<'_>,
    announce: &Announce<'_>,
) -> Result<Uncertainty, UncertaintyError> {
    let hall = &base.hall;
    let mut all = inputs(&hall.provenance, &hall.assumptions, &options.ranges)?;
    if options.given_only {
        all.retain(Input::goes_first);
    }
    let (taken, refused) = taken(base, alone(base, all))?;
    if taken.is_empty() {
        return Err(UncertaintyError::Nothing);
    }
    let (all, ways): (Vec<Input>, Vec<_>) = taken.into_iter().unzip();
    let whole = Scenario::default().run(base)?;
    let present = values(&whole.result);
    let derivatives = Derivatives::new(&whole);
    let found = derivatives.as_ref().map(Found::new);
    let slopes: Vec<_> = all
        .iter()
        .map(|input| {
            let both = derivatives.as_ref().zip(found.as_ref());
            both.and_then(|(derivatives, found)| found.of_input(input, base, derivatives))
        })
        .collect();
    let effects = found.map_or_else(Vec::new, |found| found.effects(&hall.provenance));
    let edges = derivatives.map_or_else(Vec::new, |derivatives| derivatives.edges());

    let state = whole.solution.state.clone();
    let points = Points::new(base, whole, all.clone(), ways);
    // Inputs that are sampled are not known before; all of them at most.
    let index_points = options.indices as usize * (all.len().min(options.most) + 2);
    let total = 2 * all.len() + options.samples as usize + index_points;
    let done = AtomicUsize::new(0);
    let started = Instant::now();
    let tick = || progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);

    let ends: Vec<Moves> = all
        .iter()
        .enumerate()
        .flat_map(|(at, input)| [vec![(at, input.low)], vec![(at, input.high)]])
        .collect();
    let solved = points.run_all(&ends, &tick, |result, other| {
        (values(result), statuses(other) != statuses(&state))
    });
    let mut swings: Vec<Swing> = all
        .into_iter()
        .zip(slopes)
        .zip(solved.chunks(2))
        .map(|((input, slopes), ends)| {
            let end = |k: usize| ends[k].clone().unwrap_or_default();
            Swing {
                low: end(0).0,
                high: end(1).0,
                switches: [end(0).1, end(1).1],
                kink: slopes
                    .as_ref()
                    .is_some_and(super::derivatives::Derivative::one_sided),
                slopes: slopes.map_or(Values::default(), |one| by_output(&one.slopes)),
                shares: Values::default(),
                sampled: false,
                indices: Default::default(),
                input,
            }
        })
        .collect();
    choose(&mut swings, &present, options.most.min(MOST_SAMPLED));

    let sampled: Vec<usize> = (0..swings.len()).filter(|&k| swings[k].sampled).collect();
    let shares: Vec<Vec<f64>> = (0..options.samples)
        .map(|point| {
            let draw = |k: usize| sobol_burley::sample(point, k as u32, options.seed);
            (0..sampled.len()).map(|k| f64::from(draw(k))).collect()
        })
        .collect();
    let sample: Vec<Moves> = shares
        .iter()
        .map(|shares| {
            let moves = sampled.iter().zip(shares);
            moves
                .map(|(&k, &share)| (k, swings[k].input.at(share)))
                .collect()
        })
        .collect();
    let outcomes = points.run_all(&sample, &tick, |result, _| (values(result), result.holds()));

    let mut unsolved: Vec<(String, usize)> = Vec::new();
    for reason in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        match unsolved.iter_mut().find(|(known, _)| known == reason) {
            Some((_, number)) => *number += 1,
            None => unsolved.push((reason.clone(), 1)),
        }
    }
    let kept: Vec<(&Vec<f64>, &Values)> = shares
        .iter()
        .zip(&outcomes)
        .filter_map(|(shares, outcome)| Some((shares, &outcome.as_ref().ok()?.0)))
        .collect();
    let mut spreads = Vec::new();
    for (at, output) in Output::ALL.into_iter().enumerate() {
        let rows: Vec<(&Vec<f64>, f64)> = kept
            .iter()
            .filter_map(|(shares, values)| Some((*shares, values[at]?)))
            .collect();
        let found = regression::fit(&rows);
        for (place, &k) in sampled.iter().enumerate() {
            swings[k].shares[at] = found.as_ref().map(|fit| fit.shares[place]);
        }
        spreads.push(spread(
            output,
            present[at],
            rows.iter().map(|(_, value)| *value).collect(),
            found.map(|fit| fit.r_squared),
        ));
    }
    let index_sample = (options.indices > 0 && !sampled.is_empty()).then(|| {
        let so_far = started.elapsed().as_secs_f64() / done.load(Ordering::Relaxed).max(1) as f64;
        let sample = IndexSample {
            rows: options.indices,
            inputs: sampled.len(),
            points: options.indices as usize * (sampled.len() + 2),
            unsolved: 0,
        };
        announce(&sample, so_far * sample.points as f64);
        let unsolved = with_indices(&points, &mut swings, &sampled, options, &tick);
        IndexSample { unsolved, ..sample }
    });
    swings.sort_by(|a, b| {
        b.reach(0, &present)
            .total_cmp(&a.reach(0, &present))
            .then_with(|| a.input.name.cmp(&b.input.name))
    });
    Ok(Uncertainty {
        schema_version: 1,
        name: hall.name.clone(),
        state: hall.state.name.clone(),
        scenario: hall.scenario.clone(),
        samples: options.samples,
        solved: kept.len(),
        holding: outcomes
            .iter()
            .filter(|outcome| outcome.as_ref().is_ok_and(|(_, holds)| *holds))
            .count(),
        unsolved,
        spreads,
        swings,
        refused,
        effects,
        edges,
        index_sample,
    })
}

#[cfg(test)]
mod tests;
