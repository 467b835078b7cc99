//! The search over all variables: a sample of the whole space, local searches from its best points, whole numbers and words
//! by enumeration or from neighbour to neighbour, and a last look around.
//!
//! 1. A Sobol sequence samples ranges and choices. It scales the objective, and finds starts that lie apart.
//! 2. Few combinations of choices are all searched. Of many, the best of the sample and today's are searched, and from the
//!    best found its neighbours (one choice one step on), until none is better.
//! 3. About the best point each variable alone is moved by a tenth to a thousandth of its range; what is better starts
//!    another local search.
//! 4. Where no point holds all limits, the least sum of what they are broken by is looked for.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::descent::{End, PENALTY, REGION, Sample, descend};
use super::problem::{Point, Problem, Raw, Scale};
use crate::study::sweep::Value;

/// Combinations of choices that are all searched: of one to four conditions, and of more.
const FEW: (usize, usize) = (64, 12);
/// The same where nothing else varies.
const MOST_PLAIN: usize = 4096;
/// Starts that are this near each other lead to the same place.
const APART: f64 = 0.2;
/// Sizes of the last look around.
const LOOKS: [f64; 5] = [0.1, 0.03, 0.01, 0.003, 0.001];
/// A gain of the scaled objective that counts.
const GAIN: f64 = 1e-6;
/// Trust region where the optimum of fewer conditions is at hand, and choices beside the best that are searched again.
const REFINED: f64 = 0.05;
const OTHERS: usize = 1;
/// Most moves from neighbour to neighbour.
const MOVES: usize = 100;

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

/// Variables split into ranges and choices.
pub(super) struct Split {
    pub(super) ranges: Vec<usize>,
    pub(super) choices: Vec<usize>,
}

impl Split {
    pub(super) fn of(problem: &Problem<'_>) -> Self {
        let all = 0..problem.variables.len();
        let (choices, ranges) = all.partition(|&k| problem.variables[k].is_choice());
        Self { ranges, choices }
    }

    /// The point of a combination and of shares of the ranges.
    pub(super) fn point(&self, problem: &Problem<'_>, choices: &[usize], u: &[f64]) -> Point {
        let mut point = vec![Value::Number(f64::NAN); problem.variables.len()];
        for (&k, &choice) in self.choices.iter().zip(choices) {
            point[k] = problem.variables[k].axis().at(choice as u64);
        }
        for (&k, &share) in self.ranges.iter().zip(u) {
            point[k] = problem.variables[k].axis().between(share);
        }
        point
    }

    fn sizes(&self, problem: &Problem<'_>) -> Vec<usize> {
        self.choices
            .iter()
            .map(|&k| problem.variables[k].choices())
            .collect()
    }

    /// Today's combination and shares; a value that is not known, or lies outside, is brought to the nearest.
    pub(super) fn today(&self, problem: &Problem<'_>) -> (Choices, Vec<f64>) {
        let choices = self
            .choices
            .iter()
            .map(|&k| {
                let variable = &problem.variables[k];
                variable.choice_today().unwrap_or_else(|| {
                    let distance =
                        |index: usize| match (variable.axis().at(index as u64), variable.today) {
                            (Value::Number(number), Some(today)) => (number - today).abs(),
                            _ => index as f64,
                        };
                    (0..variable.choices())
                        .min_by(|&a, &b| distance(a).total_cmp(&distance(b)))
                        .unwrap_or(0)
                })
            })
            .collect();
        let u = self
            .ranges
            .iter()
            .map(|&k| {
                problem.variables[k]
                    .share_today()
                    .unwrap_or(0.5)
                    .clamp(0.0, 1.0)
            })
            .collect();
        (choices, u)
    }
}

/// A point of the sample.
struct Sampled {
    choices: Choices,
    u: Vec<f64>,
    sample: Sample,
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
        hunt.wander(&sizes);
    }
    if !hunt.best()?.1.sample.holds {
        hunt.repair(&all, effort.starts);
    }
    hunt.look_around();
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
    hunt.found(rough.combinations, rough.sampled)
}

/// The sample: today's point first.
fn sample_plan(
    problem: &Problem<'_>,
    split: &Split,
    sizes: &[usize],
    enumerated: bool,
    samples: Option<u32>,
) -> Vec<(Choices, Vec<f64>)> {
    let n = split.ranges.len();
    let usual = (16 * (n + 1)).clamp(32, 256);
    let usual = if problem.conditions.len() > 4 {
        usual / 2
    } else {
        usual
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
fn starts(
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

/// Local searches, and the best of each combination.
struct Hunt<'p> {
    problem: &'p Problem<'p>,
    split: &'p Split,
    scale: Scale,
    known: BTreeMap<Choices, Option<End>>,
    searches: usize,
    /// Trust region at the start of a search.
    region: f64,
}

/// Which of two ends is better: limits held, then the objective, or what limits are broken by.
fn better(a: &End, b: &End) -> bool {
    match (a.sample.holds, b.sample.holds) {
        (true, false) => true,
        (false, true) => false,
        (true, true) => a.sample.objective() < b.sample.objective(),
        (false, false) => a.sample.violation() < b.sample.violation(),
    }
}

impl Hunt<'_> {
    fn best(&self) -> Option<(&Choices, &End)> {
        let ends = self
            .known
            .iter()
            .filter_map(|(choices, end)| Some((choices, end.as_ref()?)));
        ends.reduce(|a, b| if better(b.1, a.1) { b } else { a })
    }

    fn function(
        &self,
        choices: &[usize],
        near: Option<&[f64]>,
        points: &[Vec<f64>],
    ) -> Vec<Option<Sample>> {
        let at = |u: &[f64]| self.split.point(self.problem, choices, u);
        let points: Vec<Point> = points.iter().map(|u| at(u)).collect();
        let near = near.map(at);
        self.problem.samples(near.as_ref(), &points, self.scale)
    }

    fn descend(&self, choices: &Choices, u: &[f64], weight: f64, region: f64) -> Option<End> {
        let function =
            |near: Option<&[f64]>, points: &[Vec<f64>]| self.function(choices, near, points);
        descend(&function, u, weight, region)
    }

    /// The best, and the next best of other choices.
    fn found(&self, combinations: (usize, f64), sampled: (usize, usize, usize)) -> Option<Found> {
        let mut all: Vec<(&Choices, &End)> = self
            .known
            .iter()
            .filter_map(|(choices, end)| Some((choices, end.as_ref()?)))
            .collect();
        // The sort is stable: ties stay in the order of choices.
        all.sort_by(|a, b| match (better(a.1, b.1), better(b.1, a.1)) {
            (true, _) => Ordering::Less,
            (_, true) => Ordering::Greater,
            _ => Ordering::Equal,
        });
        let mut all = all.into_iter().map(|(a, b)| (a.clone(), b.clone()));
        let (choices, end) = all.next()?;
        Some(Found {
            choices,
            end,
            scale: self.scale,
            combinations,
            sampled,
            searches: self.searches,
            others: all.take(OTHERS).collect(),
        })
    }

    /// Searches from all starts.
    fn run(&mut self, starts: &[(Choices, Vec<f64>)]) {
        let ends: Vec<Option<End>> = starts
            .par_iter()
            .with_max_len(1)
            .map(|(choices, u)| self.descend(choices, u, 1.0, self.region))
            .collect();
        self.searches += starts.len();
        for ((choices, _), end) in starts.iter().zip(ends) {
            self.note(choices, end);
        }
    }

    fn note(&mut self, choices: &Choices, end: Option<End>) {
        let known = self.known.entry(choices.clone()).or_default();
        if let Some(end) = end
            && known.as_ref().is_none_or(|known| better(&end, known))
        {
            *known = Some(end);
        }
    }

    /// From the best combination to its neighbours, as long as one is better.
    fn wander(&mut self, sizes: &[usize]) {
        for _ in 0..MOVES {
            let Some((choices, end)) = self.best().map(|(a, b)| (a.clone(), b.clone())) else {
                return;
            };
            let mut near: Vec<Choices> = Vec::new();
            for (k, &size) in sizes.iter().enumerate() {
                for next in [choices[k].checked_sub(1), Some(choices[k] + 1)] {
                    if let Some(next) = next.filter(|next| *next < size) {
                        let mut other = choices.clone();
                        other[k] = next;
                        near.push(other);
                    }
                }
            }
            near.retain(|other| !self.known.contains_key(other));
            let points: Vec<Point> = near
                .iter()
                .map(|other| self.split.point(self.problem, other, &end.u))
                .collect();
            // The most promising first, as they stand without a search of their own.
            let rank = |sample: &Option<Sample>| {
                sample
                    .as_ref()
                    .map_or(f64::INFINITY, |one| one.merit(1.0, PENALTY.0))
            };
            let mut order: Vec<(f64, Choices)> = self
                .problem
                .samples(None, &points, self.scale)
                .iter()
                .map(rank)
                .zip(near)
                .collect();
            order.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut moved = false;
            for some in order.chunks(4) {
                let starts: Vec<(Choices, Vec<f64>)> = some
                    .iter()
                    .map(|(_, other)| (other.clone(), end.u.clone()))
                    .collect();
                self.run(&starts);
                moved = self.best().is_some_and(|(_, now)| better(now, &end));
                if moved {
                    break;
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// Looks for limits that hold, the objective set aside; then for the best from there.
    fn repair(&mut self, all: &[Sampled], wanted: usize) {
        let mut order: Vec<&Sampled> = all.iter().collect();
        let broken = |one: &Sampled| one.sample.violation();
        order.sort_by(|a, b| broken(a).total_cmp(&broken(b)));
        let ends: Vec<(Choices, Option<End>)> = order
            .iter()
            .take(wanted)
            .map(|one| (one.choices.clone(), one.u.clone()))
            .chain(
                self.best()
                    .map(|(choices, end)| (choices.clone(), end.u.clone())),
            )
            .collect::<Vec<_>>()
            .par_iter()
            .with_max_len(1)
            .map(|(choices, u)| (choices.clone(), self.descend(choices, u, 0.0, self.region)))
            .collect();
        self.searches += ends.len();
        let mut starts = Vec::new();
        for (choices, end) in ends {
            if let Some(end) = end.as_ref().filter(|end| end.sample.holds) {
                starts.push((choices.clone(), end.u.clone()));
            }
            self.note(&choices, end);
        }
        self.run(&starts);
    }

    /// Moves each variable alone about the best point, and searches again from what is better.
    fn look_around(&mut self) {
        let mut moves = 0;
        for size in LOOKS {
            while moves < MOVES {
                let Some((choices, end)) = self.best().map(|(a, b)| (a.clone(), b.clone())) else {
                    return;
                };
                let mut points = Vec::new();
                for k in 0..end.u.len() {
                    for sign in [-1.0, 1.0] {
                        let mut u = end.u.clone();
                        u[k] = (u[k] + sign * size).clamp(0.0, 1.0);
                        points.push(u);
                    }
                }
                let samples = self.function(&choices, Some(&end.u), &points);
                let found = points
                    .into_iter()
                    .zip(samples)
                    .filter_map(|(u, sample)| {
                        Some(End {
                            u,
                            sample: sample?,
                            hidden: end.hidden.clone(),
                        })
                    })
                    .reduce(|a, b| if better(&b, &a) { b } else { a });
                let gains = |one: &End| {
                    better(one, &end)
                        && (one.sample.holds != end.sample.holds
                            || end.sample.merit(1.0, PENALTY.0) - one.sample.merit(1.0, PENALTY.0)
                                > GAIN)
                };
                let Some(found) = found.filter(gains) else {
                    break;
                };
                moves += 1;
                let weight = f64::from(u8::from(found.sample.holds));
                let again = self.descend(&choices, &found.u, weight, (4.0 * size).min(self.region));
                self.searches += 1;
                self.note(&choices, Some(found));
                self.note(&choices, again);
            }
        }
    }
}
