//! The search over all variables: a sample of the whole space, local searches from its best points, whole numbers and words
//! by enumeration or from neighbour to neighbour, and a last look around.
//!
//! 1. A Sobol sequence samples ranges and choices. It scales the objective, and finds starts that lie apart.
//! 2. Few combinations of choices are all searched. Of many, the best of the sample and today's are searched, and from the
//!    best of them neighbours (one choice some steps on), until none is better.
//! 3. About the best point each variable alone is moved by a tenth to a thousandth of its range; what is better starts
//!    another local search.
//! 4. Where what binds at the best point does not explain why it is the best, the search goes on along what is left.
//! 5. Where no point holds all limits, the least sum of what they are broken by is looked for.

mod hunt;
mod sample;
mod split;

use std::collections::BTreeMap;

use super::descent::{End, PENALTY, REGION, Sample};
use super::problem::{Point, Problem, Raw, Scale};
use hunt::Hunt;
use sample::{Sampled, sample_plan, starts};
pub(super) use split::Split;

/// Combinations of choices that are all searched: of one to four conditions, and of more.
const FEW: (usize, usize) = (64, 12);
/// The same where nothing else varies.
const MOST_PLAIN: usize = 4096;
/// Trust region where the optimum of fewer conditions is at hand.
const REFINED: f64 = 0.05;
/// Combinations from which neighbours are searched, of many.
const WANDERS: usize = 3;

/// A combination of choices: an index for each variable that is a choice.
pub(super) type Choices = Vec<usize>;

/// How widely is searched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    pub(super) samples: Option<u32>,
    pub(super) starts: usize,
}

/// What was found.
pub(super) struct Found {
    pub(super) choices: Choices,
    pub(super) end: End,
    pub(super) scale: Scale,
    /// Combinations of choices that were searched, and that there are.
    pub(super) combinations: (usize, f64),
    /// Points of the sample, and of them with a solution, and with all limits held.
    pub(super) sampled: (usize, usize, usize),
    /// Local searches.
    pub(super) searches: usize,
    /// The next best of other choices.
    pub(super) others: Vec<(Choices, End)>,
}

/// Searches; `None` where no point has a solution.
pub(super) fn search(problem: &Problem<'_>, effort: Effort) -> Option<Found> {
    let split = Split::of(problem);
    let sizes = split.sizes(problem);
    let total: f64 = sizes.iter().map(|&size| size as f64).product();
    let many = problem.conditions.len() > 4;
    let few = if split.ranges.is_empty() {
        MOST_PLAIN
    } else if many {
        FEW.1
    } else {
        FEW.0
    };
    let enumerated = total <= few as f64;
    let plan = sample_plan(problem, &split, &sizes, enumerated, effort.samples);
    let points: Vec<Point> = plan
        .iter()
        .map(|(choices, u)| split.point(problem, choices, u))
        .collect();
    let solved = problem.solve(None, &points);
    // Where enough points hold all limits they alone set the scale: GPUs that are off would stretch it.
    let holding = solved.iter().flatten().filter(|raw| raw.holds).count();
    let objectives: Vec<f64> = solved
        .iter()
        .flatten()
        .filter(|raw| raw.holds || holding < 4)
        .map(Raw::objective)
        .collect();
    let low = objectives.iter().copied().fold(f64::INFINITY, f64::min);
    let high = objectives.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if objectives.is_empty() {
        return None;
    }
    let scale = Scale {
        zero: low,
        one: (high - low).max(1e-6 * low.abs()).max(1e-12),
    };
    let mut all: Vec<Sampled> = plan
        .into_iter()
        .zip(&solved)
        .filter_map(|((choices, u), raw)| {
            let sample = scale.sample(raw.as_ref()?);
            Some(Sampled { choices, u, sample })
        })
        .collect();
    let sampled = (
        solved.len(),
        all.len(),
        all.iter().filter(|one| one.sample.holds).count(),
    );
    let rank = |one: &Sample| one.merit(1.0, PENALTY.0);
    // The sort is stable: ties stay in the order of the plan, today's first.
    all.sort_by(|a, b| rank(&a.sample).total_cmp(&rank(&b.sample)));

    let mut hunt = Hunt {
        problem,
        split: &split,
        scale,
        known: BTreeMap::new(),
        searches: 0,
        region: REGION,
    };
    let starts = starts(problem, &split, &all, enumerated, effort.starts);
    hunt.run(&starts);
    if !enumerated {
        for from in hunt.ranked(WANDERS) {
            hunt.wander(&sizes, &from);
        }
    }
    if !hunt.best()?.1.sample.holds {
        hunt.repair(&all, effort.starts);
    }
    hunt.look_around();
    hunt.hop();
    hunt.polish();
    hunt.found((hunt.known.len(), total), sampled)
}

/// Searches again from where a search over fewer conditions ended; `None` where no point there has a solution.
pub(super) fn refine(problem: &Problem<'_>, rough: &Found) -> Option<Found> {
    let split = Split::of(problem);
    let starts: Vec<(Choices, Vec<f64>)> = std::iter::once((&rough.choices, &rough.end))
        .chain(rough.others.iter().map(|(choices, end)| (choices, end)))
        .map(|(choices, end)| (choices.clone(), end.u.clone()))
        .collect();
    let mut hunt = Hunt {
        problem,
        split: &split,
        scale: rough.scale,
        known: BTreeMap::new(),
        searches: rough.searches,
        region: REFINED,
    };
    hunt.run(&starts);
    if !hunt.best()?.1.sample.holds {
        let all: Vec<Sampled> = hunt
            .known
            .iter()
            .filter_map(|(choices, end)| {
                let end = end.as_ref()?;
                Some(Sampled {
                    choices: choices.clone(),
                    u: end.u.clone(),
                    sample: end.sample.clone(),
                })
            })
            .collect();
        hunt.repair(&all, all.len());
    }
    hunt.look_around();
    hunt.hop();
    hunt.polish();
    hunt.found(rough.combinations, rough.sampled)
}
