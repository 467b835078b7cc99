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
pub mod inputs;
mod regression;
pub mod sobol;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde::Serialize;

use super::derivatives::{Derivatives, Derived};
use super::scenario::{Base, Change, Scenario, run_all};
use super::{Run, RunError};
use crate::result::SolveResult;
use effects::{Effect, Found};
use inputs::{Input, inputs};
use sobol::Pair;

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

/// A result that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// Facility power, W.
    Power,
    /// IT power, W.
    ItPower,
    /// PUE at this point.
    Pue,
    /// Hottest GPU, °C.
    HottestGpu,
    /// GPUs throttled or shut down.
    Slowed,
}

impl Output {
    /// All.
    pub const ALL: [Self; 5] = [
        Self::Power,
        Self::ItPower,
        Self::Pue,
        Self::HottestGpu,
        Self::Slowed,
    ];

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Power => "facility power",
            Self::ItPower => "IT power",
            Self::Pue => "PUE",
            Self::HottestGpu => "hottest GPU",
            Self::Slowed => "GPUs throttled or shut down",
        }
    }

    /// Its value; `None` where there is none (no IT, no GPUs).
    fn of(self, result: &SolveResult) -> Option<f64> {
        match self {
            Self::Power => Some(result.facility.power_w),
            Self::ItPower => Some(result.facility.it_power_w),
            Self::Pue => result.facility.pue,
            Self::HottestGpu => result.gpus.temperature_max_c,
            Self::Slowed => Some((result.gpus.throttled + result.gpus.shut_down) as f64),
        }
    }
}

type Values = [Option<f64>; Output::ALL.len()];

fn values(result: &SolveResult) -> Values {
    Output::ALL.map(|output| output.of(result))
}

/// Results at an input's two ends, others at their present values; null without a solution.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Swing {
    /// The input.
    pub input: Input,
    /// Each result at its low end.
    pub low: Values,
    /// Each result at its high end.
    pub high: Values,
    /// Share of the variance of each result that it explains; null where it is not sampled.
    pub shares: Values,
    /// Whether it is sampled.
    pub sampled: bool,
    /// Exact slopes of facility power, IT power, PUE and hottest GPU by the input's unit; null where there is none.
    pub slopes: Values,
    /// Whether a smaller and a greater value do not move a result alike; the slopes are then those of a greater one.
    pub kink: bool,
    /// Whether devices switch (a control at its stop, a GPU at its limit) between the present value and each end.
    pub switches: [bool; 2],
    /// Sobol' indices of each result, where they were asked for.
    pub indices: [Option<Pair>; Output::ALL.len()],
}

impl Swing {
    /// How far it moves a result: the widest of low, base and high.
    pub fn reach(&self, output: usize, base: &Values) -> f64 {
        let all = [self.low[output], self.high[output], base[output]];
        let known = all.iter().flatten();
        let high = known.clone().copied().fold(f64::NEG_INFINITY, f64::max);
        let low = known.copied().fold(f64::INFINITY, f64::min);
        if high >= low { high - low } else { 0.0 }
    }
}

/// A result's distribution.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spread {
    /// The result.
    pub output: Output,
    /// Value of the hall as it stands.
    pub base: Option<f64>,
    /// Quantile 5 %.
    pub p5: Option<f64>,
    /// Median.
    pub p50: Option<f64>,
    /// Quantile 95 %.
    pub p95: Option<f64>,
    /// Mean.
    pub mean: Option<f64>,
    /// Standard deviation.
    pub deviation: Option<f64>,
    /// Share of the variance that the regression explains; null where nothing varies.
    pub r_squared: Option<f64>,
    /// The sample itself, in the order of its points.
    #[serde(skip)]
    pub values: Vec<f64>,
}

/// How Sobol' indices were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct IndexSample {
    /// Rows.
    pub rows: u32,
    /// Inputs.
    pub inputs: usize,
    /// Points solved: rows × (inputs + 2).
    pub points: usize,
    /// Of them without a solution.
    pub unsolved: usize,
}

/// All that was found.
#[derive(Debug, Clone, Serialize)]
pub struct Uncertainty {
    /// Version of this structure.
    pub schema_version: u32,
    /// Name of the hall.
    pub name: String,
    /// Operating state.
    pub state: String,
    /// Outdoor condition, in words.
    pub scenario: String,
    /// Points sampled.
    pub samples: u32,
    /// Of them with a solution.
    pub solved: usize,
    /// Of them in which every limit holds.
    pub holding: usize,
    /// Reasons of those without a solution, with their number.
    pub unsolved: Vec<(String, usize)>,
    /// Distributions.
    pub spreads: Vec<Spread>,
    /// Inputs: those that move facility power most first.
    pub swings: Vec<Swing>,
    /// Inputs without a range that the hall file takes.
    pub refused: Vec<String>,
    /// What each number of the hall moves, by exact derivatives: those that move facility power most first.
    pub effects: Vec<Effect>,
    /// Devices at the point at which they switch: derivatives are those of the side on which they do not.
    pub edges: Vec<String>,
    /// How Sobol' indices were found, where they were asked for.
    pub index_sample: Option<IndexSample>,
}

/// Told how many solves of how many are done.
pub type Progress<'a> = dyn Fn(usize, usize) + Sync + 'a;

/// Told what Sobol' indices will cost, before they are solved: rows, inputs, points and an estimate in seconds from the
/// solves so far.
pub type Announce<'a> = dyn Fn(&IndexSample, f64) + 'a;

/// Status of every device of a run.
fn statuses(run: &Run) -> (Vec<&[u8]>, Vec<&[[u8; crate::solve::lane::WIDTH]]>) {
    let state = &run.solution.state;
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
    let (all, refused) = taken(base, alone(base, all))?;
    if all.is_empty() {
        return Err(UncertaintyError::Nothing);
    }
    let whole = Scenario::default().run(base)?;
    let present = values(&whole.result);
    // Inputs that are sampled are not known before; all of them at most.
    let index_points = options.indices as usize * (all.len().min(options.most) + 2);
    let total = 2 * all.len() + options.samples as usize + index_points;
    let done = AtomicUsize::new(0);
    let started = Instant::now();
    let tick = || progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);

    let ends: Vec<Scenario> = all
        .iter()
        .flat_map(|input| [input.low, input.high].map(|value| moved(input.edits(value))))
        .collect();
    let solved = run_all(base, &ends, &tick, |run| {
        (values(&run.result), statuses(run) != statuses(&whole))
    });
    let derivatives = Derivatives::new(&whole);
    let found = derivatives.as_ref().map(Found::new);
    let mut swings: Vec<Swing> = all
        .into_iter()
        .zip(solved.chunks(2))
        .map(|(input, ends)| {
            let end = |k: usize| ends[k].clone().unwrap_or_default();
            let slopes = derivatives
                .as_ref()
                .zip(found.as_ref())
                .and_then(|(derivatives, found)| found.of_input(&input, base, derivatives));
            Swing {
                low: end(0).0,
                high: end(1).0,
                switches: [end(0).1, end(1).1],
                kink: slopes.as_ref().is_some_and(|one| one.kink),
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
    let points: Vec<Scenario> = shares
        .iter()
        .map(|shares| {
            moved(sampled.iter().zip(shares).flat_map(|(&k, &share)| {
                let input = &swings[k].input;
                input.edits(input.at(share)).collect::<Vec<_>>()
            }))
        })
        .collect();
    let outcomes = run_all(base, &points, &tick, |run| {
        (values(&run.result), run.result.holds())
    });

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
        let unsolved = with_indices(base, &mut swings, &sampled, options, &tick);
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
        effects: found.map_or_else(Vec::new, |found| found.effects(&hall.provenance)),
        edges: derivatives.map_or_else(Vec::new, |derivatives| derivatives.edges()),
        index_sample,
    })
}

/// Slopes in the order of the results that are looked at.
fn by_output(slopes: &super::derivatives::Slopes) -> Values {
    Output::ALL.map(|output| {
        let derived = match output {
            Output::Power => Derived::Power,
            Output::ItPower => Derived::ItPower,
            Output::Pue => Derived::Pue,
            Output::HottestGpu => Derived::HottestGpu,
            Output::Slowed => return None,
        };
        let place = Derived::ALL.iter().position(|one| *one == derived)?;
        slopes[place]
    })
}

/// Rows that are solved before their results are taken in.
const ROWS_AT_A_TIME: u32 = 64;

/// Finds Sobol' indices of the sampled inputs; gives the number of points without a solution.
fn with_indices(
    base: &Base<'_>,
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
        let points: Vec<Scenario> = (first..last)
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
                moved(sampled.iter().zip(&shares).flat_map(|(&at, &share)| {
                    let input = &swings[at].input;
                    input.edits(input.at(share)).collect::<Vec<_>>()
                }))
            })
            .collect();
        let outcomes = run_all(base, &points, tick, |run| values(&run.result));
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

/// Library numbers that an assumption or a given range sets are not moved a second time by their grade: which those are
/// shows where the hall is read with it moved. Their present value is that of the assumption.
fn alone(base: &Base<'_>, mut all: Vec<Input>) -> Vec<Input> {
    let before = &base.hall.provenance;
    let mut set: Vec<String> = Vec::new();
    for input in all.iter_mut().filter(|input| input.goes_first()) {
        let value = if input.high == input.base {
            input.low
        } else {
            input.high
        };
        let Ok(hall) = moved(input.edits(value)).hall(base) else {
            // What the hall file refuses is told where its range is judged.
            continue;
        };
        let written = input.written(value);
        for (old, new) in before.iter().zip(&hall.provenance) {
            if old.path == new.path && old.value != new.value && new.value == written {
                set.push(old.path.clone());
                if let Some((present, unit)) = inputs::number(&old.value)
                    && unit == input.unit
                {
                    *input = input.about(present);
                }
            }
        }
    }
    all.retain(|input| input.goes_first() || !input.paths.iter().any(|path| set.contains(path)));
    all
}

/// Inputs with ranges that the hall file takes at both ends, and the names of those without.
fn taken(base: &Base<'_>, all: Vec<Input>) -> Result<(Vec<Input>, Vec<String>), UncertaintyError> {
    let mut kept = Vec::new();
    let mut refused = Vec::new();
    for mut input in all {
        let fault = |input: &Input| {
            [input.low, input.high].into_iter().find_map(|value| {
                let error = moved(input.edits(value)).hall(base).err()?;
                Some((value, error))
            })
        };
        let given = input.origin == inputs::Origin::Given;
        let mut found = fault(&input);
        if let (true, Some((value, error))) = (given, &found) {
            let reason = error.to_string();
            return Err(UncertaintyError::Refused {
                name: input.name.clone(),
                value: input.written(*value),
                reason: reason.lines().next().unwrap_or_default().to_owned(),
            });
        }
        // A fraction near 1, or a value near another that it may not pass.
        for _ in 0..4 {
            if found.is_none() {
                break;
            }
            input = input.narrower();
            found = fault(&input);
        }
        if found.is_none() {
            kept.push(input);
        } else {
            refused.push(input.name);
        }
    }
    Ok((kept, refused))
}

/// Marks the inputs that are sampled: those that move any result most, each result in turn.
fn choose(swings: &mut [Swing], base: &Values, most: usize) {
    let mut orders: Vec<std::vec::IntoIter<usize>> = (0..Output::ALL.len())
        .map(|output| {
            let mut order: Vec<usize> = (0..swings.len()).collect();
            order.sort_by(|&a, &b| {
                let reach = |k: usize| swings[k].reach(output, base);
                reach(b).total_cmp(&reach(a)).then(a.cmp(&b))
            });
            // What moves nothing, or next to nothing, is not worth a dimension.
            let size = base[output].map_or(0.0, f64::abs);
            order.retain(|&k| swings[k].reach(output, base) > 1e-6 * size);
            order.into_iter()
        })
        .collect();
    let mut chosen = vec![false; swings.len()];
    let mut number = 0;
    loop {
        let before = number;
        for order in &mut orders {
            if number < most
                && let Some(next) = order.find(|&k| !chosen[k])
            {
                chosen[next] = true;
                number += 1;
            }
        }
        if number == before || number >= most {
            break;
        }
    }
    for (swing, chosen) in swings.iter_mut().zip(chosen) {
        swing.sampled = chosen;
    }
}

fn spread(output: Output, base: Option<f64>, values: Vec<f64>, r_squared: Option<f64>) -> Spread {
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    let quantile = |share: f64| {
        let last = sorted.len().checked_sub(1)?;
        let place = share * last as f64;
        let (low, high) = (place.floor() as usize, place.ceil() as usize);
        Some(sorted[low] + (sorted[high] - sorted[low]) * (place - low as f64))
    };
    let n = values.len() as f64;
    let mean = (n > 0.0).then(|| values.iter().sum::<f64>() / n);
    let deviation = mean.filter(|_| n > 1.0).map(|mean| {
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (squares / (n - 1.0)).sqrt()
    });
    Spread {
        output,
        base,
        p5: quantile(0.05),
        p50: quantile(0.5),
        p95: quantile(0.95),
        mean,
        deviation,
        r_squared,
        values,
    }
}

#[cfg(test)]
mod tests;
