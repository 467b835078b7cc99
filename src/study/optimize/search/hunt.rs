//! Local searches, the best of each combination of choices, and the ways on from there.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::sample::Sampled;
use super::{Choices, Found, Split};
use crate::study::optimize::descent::{End, Line, PENALTY, Sample, descend};
use crate::study::optimize::prices::{EXPLAINED, binding};
use crate::study::optimize::problem::{Point, Problem, Scale};

/// Sizes of the last look around, and finer ones along a direction.
const LOOKS: [f64; 5] = [0.1, 0.03, 0.01, 0.003, 0.001];
const FINE: [f64; 3] = [3e-4, 1e-4, 3e-5];
/// A gain of the scaled objective that counts.
const GAIN: f64 = 1e-6;
/// Choices beside the best that are searched again.
const OTHERS: usize = 1;
/// Most moves from neighbour to neighbour, and neighbours that are searched, for each choice.
const MOVES: usize = 100;
const PROMISING: usize = 4;
/// Local searches that start at once beside the best point, how far from it, and most rounds of them: of one to four
/// conditions, and of more.
const HOPS: usize = 8;
const HOP_SIZES: [f64; 4] = [0.1, 0.03, 0.01, 0.003];
const ROUNDS: (usize, usize) = (8, 1);
/// Most times that the search goes on from a point that what binds does not explain.
const POLISHES: (usize, usize) = (8, 1);

/// Local searches, and the best of each combination.
pub(super) struct Hunt<'p> {
    pub(super) problem: &'p Problem<'p>,
    pub(super) split: &'p Split,
    pub(super) scale: Scale,
    pub(super) known: BTreeMap<Choices, Option<End>>,
    pub(super) searches: usize,
    /// Trust region at the start of a search.
    pub(super) region: f64,
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

/// Combinations beside one: of each choice one step up and down, and two, four and more where there is room.
fn neighbours(choices: &[usize], sizes: &[usize]) -> Vec<Choices> {
    let mut out = Vec::new();
    for (k, &size) in sizes.iter().enumerate() {
        let steps = (0..usize::BITS).map(|power| 1_usize << power);
        for step in steps.take_while(|step| *step < size) {
            for next in [choices[k].checked_sub(step), Some(choices[k] + step)] {
                if let Some(next) = next.filter(|next| *next < size) {
                    let mut other = choices.to_vec();
                    other[k] = next;
                    out.push(other);
                }
            }
        }
    }
    out
}

impl Hunt<'_> {
    pub(super) fn best(&self) -> Option<(&Choices, &End)> {
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
        self.descend_with(choices, u, (weight, region), BTreeMap::new())
    }

    /// The same with lines of limits that show only when they are broken.
    fn descend_with(
        &self,
        choices: &Choices,
        u: &[f64],
        (weight, region): (f64, f64),
        hidden: BTreeMap<u64, Line>,
    ) -> Option<End> {
        let function =
            |near: Option<&[f64]>, points: &[Vec<f64>]| self.function(choices, near, points);
        let mut end = descend(&function, u, weight, region, hidden)?;
        if end.sample.holds {
            // A hall may come to rest in more than one state: what counts is that which `solve` finds.
            let point = self.split.point(self.problem, choices, &end.u);
            let afresh = self.problem.afresh_sample(&point, self.scale)?;
            if !afresh.holds || (afresh.objective() - end.sample.objective()).abs() > GAIN {
                end.sample = afresh;
            }
        }
        Some(end)
    }

    /// A number for few conditions, or for many.
    fn of_few(&self, (few, many): (usize, usize)) -> usize {
        if self.problem.conditions.len() > 4 {
            many
        } else {
            few
        }
    }

    /// Searches again from points beside the best, as long as that gains.
    pub(super) fn hop(&mut self) {
        for round in 0..self.of_few(ROUNDS) {
            let Some((choices, end)) = self.best().map(|(a, b)| (a.clone(), b.clone())) else {
                return;
            };
            if end.u.is_empty() || !end.sample.holds {
                return;
            }
            let beside = |hop: usize| -> Vec<f64> {
                let size = HOP_SIZES[hop % HOP_SIZES.len()];
                let draw = |k: usize| {
                    f64::from(sobol_burley::sample(
                        (round * HOPS + hop) as u32,
                        k as u32,
                        1,
                    ))
                };
                let moved = end.u.iter().enumerate();
                moved
                    .map(|(k, u)| (u + size * (2.0 * draw(k) - 1.0)).clamp(0.0, 1.0))
                    .collect()
            };
            let starts: Vec<(Choices, Vec<f64>)> = (0..HOPS)
                .map(|hop| (choices.clone(), beside(hop)))
                .collect();
            self.run(&starts);
            let gained = self.best().is_some_and(|(_, now)| {
                better(now, &end) && end.sample.objective() - now.sample.objective() > GAIN
            });
            if !gained {
                return;
            }
        }
    }

    /// What binds at the best point; where it does not explain why it is the best, the search goes on from there with the
    /// limits as seen from the point itself, and along what is left unexplained.
    pub(super) fn polish(&mut self) {
        let rounds = self.of_few(POLISHES);
        for _ in 0..rounds {
            let Some((choices, end)) = self.best().map(|(a, b)| (a.clone(), b.clone())) else {
                return;
            };
            if !end.sample.holds {
                return;
            }
            let probe = |near: Option<&[f64]>, points: &[Vec<f64>]| {
                let at = |u: &[f64]| self.split.point(self.problem, &choices, u);
                let points: Vec<Point> = points.iter().map(|u| at(u)).collect();
                let near = near.map(at);
                self.problem.probes(near.as_ref(), &points, self.scale)
            };
            let Some(found) = binding(&probe, &end) else {
                return;
            };
            if found.residual < EXPLAINED {
                return;
            }
            let longest = found
                .left
                .iter()
                .fold(0.0_f64, |most, left| most.max(left.abs()));
            let down = |size: f64| -> Vec<f64> {
                let pairs = end.u.iter().zip(&found.left);
                pairs
                    .map(|(u, left)| (u - size * left / longest).clamp(0.0, 1.0))
                    .collect()
            };
            let steps: Vec<Vec<f64>> = LOOKS.iter().chain(&FINE).map(|&size| down(size)).collect();
            let samples = self.function(&choices, Some(&end.u), &steps);
            let moved = steps.into_iter().zip(samples).filter_map(|(u, sample)| {
                let (sample, hidden) = (sample?, found.lines.clone());
                Some(End { u, sample, hidden })
            });
            let start = moved
                .chain([end.clone()])
                .reduce(|a, b| if better(&b, &a) { b } else { a })
                .map_or_else(|| end.u.clone(), |one| one.u);
            for region in [0.02, 0.002] {
                let lines = found.lines.clone();
                let again = self.descend_with(&choices, &start, (1.0, region), lines);
                self.searches += 1;
                self.note(&choices, again);
            }
            let gained = self.best().is_some_and(|(_, now)| {
                better(now, &end) && end.sample.objective() - now.sample.objective() > 0.1 * GAIN
            });
            if !gained {
                return;
            }
        }
    }

    /// The best combinations.
    pub(super) fn ranked(&self, most: usize) -> Vec<Choices> {
        let all = self.order().into_iter().take(most);
        all.map(|(choices, _)| choices.clone()).collect()
    }

    /// All that have an end, the best first; ties stay in the order of choices.
    fn order(&self) -> Vec<(&Choices, &End)> {
        let known = self.known.iter();
        let mut all: Vec<(&Choices, &End)> = known
            .filter_map(|(choices, end)| Some((choices, end.as_ref()?)))
            .collect();
        all.sort_by(|a, b| match (better(a.1, b.1), better(b.1, a.1)) {
            (true, _) => Ordering::Less,
            (_, true) => Ordering::Greater,
            _ => Ordering::Equal,
        });
        all
    }

    /// The best, and the next best of other choices.
    pub(super) fn found(
        &self,
        combinations: (usize, f64),
        sampled: (usize, usize, usize),
    ) -> Option<Found> {
        let all = self.order().into_iter();
        let mut all = all.map(|(a, b)| (a.clone(), b.clone()));
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
    pub(super) fn run(&mut self, starts: &[(Choices, Vec<f64>)]) {
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

    /// From a combination to its neighbours, as long as one is better: one step on of each choice, and of long ones two, four
    /// and more.
    pub(super) fn wander(&mut self, sizes: &[usize], from: &Choices) {
        let mut at = from.clone();
        for _ in 0..MOVES {
            let Some(end) = self.known.get(&at).and_then(Clone::clone) else {
                return;
            };
            let around = neighbours(&at, sizes);
            let better_than_here = |own: &Self, one: &Choices| {
                let other = own.known.get(one)?.as_ref()?;
                better(other, &end).then(|| one.clone())
            };
            let next = |own: &Self| {
                let all = around.iter().filter_map(|one| better_than_here(own, one));
                all.reduce(|a, b| {
                    let end = |one: &Choices| own.known.get(one).and_then(Option::as_ref);
                    match (end(&a), end(&b)) {
                        (Some(x), Some(y)) if better(y, x) => b,
                        _ => a,
                    }
                })
            };
            if let Some(next) = next(self) {
                at = next;
                continue;
            }
            let mut near = around.clone();
            near.retain(|other| !self.known.contains_key(other));
            let points: Vec<Point> = near
                .iter()
                .map(|other| self.split.point(self.problem, other, &end.u))
                .collect();
            // The most promising first, as they stand without a search of their own.
            let rank = |sample: &Option<Sample>| {
                let merit = sample.as_ref().map(|one| one.merit(1.0, PENALTY.0));
                merit.unwrap_or(f64::INFINITY)
            };
            let samples = self.problem.samples(None, &points, self.scale);
            let mut order: Vec<(f64, Choices)> = samples.iter().map(rank).zip(near).collect();
            order.sort_by(|a, b| a.0.total_cmp(&b.0));
            order.truncate(PROMISING * sizes.len());
            let mut moved = false;
            for some in order.chunks(4) {
                let starts: Vec<(Choices, Vec<f64>)> = some
                    .iter()
                    .map(|(_, other)| (other.clone(), end.u.clone()))
                    .collect();
                self.run(&starts);
                if let Some(next) = next(self) {
                    at = next;
                    moved = true;
                    break;
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// Looks for limits that hold, the objective set aside; then for the best from there.
    pub(super) fn repair(&mut self, all: &[Sampled], wanted: usize) {
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
    pub(super) fn look_around(&mut self) {
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
