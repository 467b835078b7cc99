//! A local search: sequential quadratic programming in a trust region, with an exact penalty on broken limits.
//!
//! # Problem
//! min max_i f_i(u) so that g_j(u) ≥ δ, 0 ≤ u ≤ 1; f and g from solves of the hall, slopes by central differences.
//!
//! # Method
//! S-ℓ1-QP (Fletcher, Practical Methods of Optimization, 2nd ed., ch. 12.4; Nocedal and Wright, Numerical Optimization,
//! 2nd ed., ch. 18.5). A step d solves
//!
//! min t + ½ dᵀBd + ν Σ s_j,   f_i + ∇f_i·d ≤ t,   g_j + ∇g_j·d + s_j ≥ δ,   s ≥ 0,   |d_k| ≤ Δ,   0 ≤ u + d ≤ 1
//!
//! which always has a solution, so that a start that breaks limits is as good as another. It is taken where the merit
//! φ = max f + ν Σ max(0, δ − g) falls by at least a tenth of what the model promises; the trust region Δ grows or shrinks
//! with that ratio. B is a damped BFGS estimate of the Lagrangian's curvature. ν grows where the step could hold more
//! limits and does not.
//!
//! # Limits that show when they are broken, and not before
//! A set-point that must be met is no limit as long as it is met: it has a margin, and a slope, only beyond. Where a trial
//! breaks such a limit, its slope is taken there and kept: extended backwards, the line says where the limit lies. So the
//! next step ends at it.
//!
//! # Points without a solution
//! count as worse than any other: the trust region shrinks, and a variable that has none on one side does not go there.

use std::collections::BTreeMap;

use nalgebra::{DMatrix, DVector};

use super::quadratic::Programme;

/// Margin that is asked for, in the scale of margins: 1 mK of temperatures, a ten-thousandth of other limits.
pub(super) const SPARE: f64 = 1e-4;
/// Steps of the differences, as a share of the ranges: at most, and at least.
const DIFFERENCE: (f64, f64) = (1e-3, 1e-5);
/// First size of the trust region, and the least at which a search ends.
pub(super) const REGION: f64 = 0.2;
const LEAST_REGION: f64 = 1e-6;
/// Most steps.
const STEPS: usize = 80;
/// Penalty at the start, and at most.
pub(super) const PENALTY: (f64, f64) = (10.0, 1e7);
/// A promise of the model that is not worth a step: what is left is rounding of the solves.
const PROMISE: f64 = 1e-7;

/// A point of the search. Objectives are scaled to about 1 over the ranges.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sample {
    /// f.
    pub(super) objectives: Vec<f64>,
    /// g by the limits' keys, ascending.
    pub(super) margins: Vec<(u64, f64)>,
    /// Whether every limit that counts holds.
    pub(super) holds: bool,
}

impl Sample {
    /// The objective.
    pub(super) fn objective(&self) -> f64 {
        self.objectives
            .iter()
            .copied()
            .fold(f64::NEG_INFINITY, f64::max)
    }

    /// What limits are broken by, in all.
    pub(super) fn violation(&self) -> f64 {
        self.margins
            .iter()
            .map(|(_, margin)| (SPARE - margin).max(0.0))
            .sum()
    }

    /// The objective, penalised.
    pub(super) fn merit(&self, weight: f64, penalty: f64) -> f64 {
        weight * self.objective() + penalty * self.violation()
    }

    pub(super) fn margin(&self, key: u64) -> Option<f64> {
        let place = self.margins.binary_search_by_key(&key, |(key, _)| *key);
        place.ok().map(|place| self.margins[place].1)
    }
}

/// Solves of many points at once, near a point where one is given; `None` where there is no solution.
pub(super) type Function<'a> =
    dyn Fn(Option<&[f64]>, &[Vec<f64>]) -> Vec<Option<Sample>> + Sync + 'a;

/// A function as a straight line through a point.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) at: Vec<f64>,
    pub(super) value: f64,
    pub(super) slope: Vec<f64>,
}

impl Line {
    pub(super) fn value(&self, u: &[f64]) -> f64 {
        let steps = self.slope.iter().zip(u.iter().zip(&self.at));
        self.value + steps.map(|(slope, (u, at))| slope * (u - at)).sum::<f64>()
    }
}

/// All functions as straight lines through a point.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    pub(super) objectives: Vec<Line>,
    /// Of the limits that show at the point.
    pub(super) limits: BTreeMap<u64, Line>,
    /// Slopes of the objectives to the left and to the right of the point, by variable; none where that side has no solution.
    pub(super) sides: Vec<[Option<Vec<f64>>; 2]>,
}

/// Where a search ended.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub(super) u: Vec<f64>,
    pub(super) sample: Sample,
    /// Lines of limits that show only when they are broken, as last seen.
    pub(super) hidden: BTreeMap<u64, Line>,
}

/// Takes the slopes at a point.
pub(super) fn lines(function: &Function<'_>, u: &[f64], sample: &Sample, step: f64) -> Lines {
    let h = step.clamp(DIFFERENCE.1, DIFFERENCE.0);
    let n = u.len();
    let mut points = Vec::with_capacity(2 * n);
    for k in 0..n {
        for sign in [-1.0, 1.0] {
            let mut point = u.to_vec();
            point[k] = (point[k] + sign * h).clamp(0.0, 1.0);
            points.push(point);
        }
    }
    let samples = function(Some(u), &points);
    let side = |k: usize, right: usize| {
        let place = 2 * k + right;
        let distance = points[place][k] - u[k];
        samples[place]
            .as_ref()
            .filter(|_| distance.abs() > 0.5 * h)
            .map(|sample| (sample, distance))
    };
    // The mean of both sides' slopes weighted as in a parabola, or the side that there is; where limits hold on one side alone,
    // that: beyond, a device may have switched.
    let slope = |k: usize, here: f64, value: &dyn Fn(&Sample) -> Option<f64>| -> f64 {
        let of = |right: usize| {
            let (one, distance) = side(k, right)?;
            let other = side(k, 1 - right);
            let beyond = sample.holds && !one.holds && other.is_some_and(|(other, _)| other.holds);
            let slope = (value(one)? - here) / distance;
            (!beyond).then_some((slope, distance.abs()))
        };
        match (of(0), of(1)) {
            (Some((left, a)), Some((right, b))) => (left * b + right * a) / (a + b),
            (Some((one, _)), None) | (None, Some((one, _))) => one,
            (None, None) => 0.0,
        }
    };
    let line = |here: f64, value: &dyn Fn(&Sample) -> Option<f64>| Line {
        at: u.to_vec(),
        value: here,
        slope: (0..n).map(|k| slope(k, here, value)).collect(),
    };
    Lines {
        objectives: (0..sample.objectives.len())
            .map(|i| {
                line(sample.objectives[i], &|one: &Sample| {
                    one.objectives.get(i).copied()
                })
            })
            .collect(),
        limits: sample
            .margins
            .iter()
            .map(|&(key, here)| (key, line(here, &|one: &Sample| one.margin(key))))
            .collect(),
        sides: (0..n)
            .map(|k| {
                [0, 1].map(|right| {
                    let (one, distance) = side(k, right)?;
                    let pairs = one.objectives.iter().zip(&sample.objectives);
                    Some(pairs.map(|(a, b)| (a - b) / distance).collect())
                })
            })
            .collect(),
    }
}

/// Curvature of the Lagrangian, as the steps have shown it.
struct Curvature(DMatrix<f64>);

impl Curvature {
    /// Powell's damped update by a step and the change of the Lagrangian's slope along it.
    fn update(&mut self, step: &DVector<f64>, change: &DVector<f64>) {
        let bent = &self.0 * step;
        let sbs = step.dot(&bent);
        let sy = step.dot(change);
        if sbs <= 1e-14 {
            return;
        }
        let share = if sy >= 0.2 * sbs {
            1.0
        } else {
            0.8 * sbs / (sbs - sy)
        };
        let damped = change * share + &bent * (1.0 - share);
        let along = step.dot(&damped);
        if along > 1e-14 {
            self.0 += &damped * damped.transpose() / along - &bent * bent.transpose() / sbs;
        }
    }
}

/// A step of the model: where to, the limits' multipliers, the objectives' weights, and slack left.
struct Step {
    d: Vec<f64>,
    weights: Vec<f64>,
    prices: Vec<(u64, f64)>,
    /// Objective that the model promises.
    objective: f64,
    slack: f64,
}

struct Search<'f> {
    function: &'f Function<'f>,
    /// 1, or 0 where only limits are to be held.
    weight: f64,
    penalty: f64,
    curvature: Curvature,
    hidden: BTreeMap<u64, Line>,
}

/// Searches from a point with a trust region of this size at first, and lines of limits that show only when they are broken;
/// `None` where it has no solution. `weight` 0 looks for limits that hold alone.
pub(super) fn descend(
    function: &Function<'_>,
    start: &[f64],
    weight: f64,
    mut region: f64,
    hidden: BTreeMap<u64, Line>,
) -> Option<End> {
    let mut u = start.to_vec();
    let mut here = function(None, std::slice::from_ref(&u)).pop().flatten()?;
    let n = u.len();
    let mut search = Search {
        function,
        weight,
        penalty: PENALTY.0,
        curvature: Curvature(DMatrix::identity(n, n) * 0.1),
        hidden,
    };
    let mut at = lines(function, &u, &here, 0.1 * region);
    for _ in 0..STEPS {
        let Some(step) = search.step(&u, &at, region) else {
            break;
        };
        let promised = search.promise(&here, &step);
        if promised < PROMISE {
            break;
        }
        let to: Vec<f64> = u
            .iter()
            .zip(&step.d)
            .map(|(u, d)| (u + d).clamp(0.0, 1.0))
            .collect();
        let size = step.d.iter().fold(0.0_f64, |a, d| a.max(d.abs()));
        let trial = function(None, std::slice::from_ref(&to)).pop().flatten();
        let ratio = trial.as_ref().map_or(f64::NEG_INFINITY, |trial| {
            let merit = |one: &Sample| one.merit(weight, search.penalty);
            (merit(&here) - merit(trial)) / promised
        });
        if ratio >= 0.1
            && let Some(trial) = trial
        {
            let next = lines(function, &to, &trial, 0.1 * region);
            search.learn(&u, &to, &at, &next, &step);
            search.keep(&at, &trial);
            (u, here, at) = (to, trial, next);
            if ratio > 0.7 && size > 0.8 * region {
                region = (2.0 * region).min(0.5);
            }
        } else {
            if let Some(trial) = &trial {
                search.look(&to, trial, &at, region);
            }
            region = 0.35 * size.min(region);
        }
        if region < LEAST_REGION {
            break;
        }
    }
    search.hidden.extend(
        at.limits
            .into_iter()
            .filter(|(key, _)| here.margin(*key).is_some_and(|margin| margin < 0.0)),
    );
    Some(End {
        u,
        sample: here,
        hidden: search.hidden,
    })
}

impl Search<'_> {
    /// What the merit is to fall by.
    fn promise(&self, here: &Sample, step: &Step) -> f64 {
        // Limits that do not show here and would be broken by the line that is kept count as they are: not broken.
        here.merit(self.weight, self.penalty)
            - (self.weight * step.objective + self.penalty * step.slack)
    }

    /// Solves the model, with a penalty that is large enough to hold the limits that can be held.
    fn step(&mut self, u: &[f64], at: &Lines, region: f64) -> Option<Step> {
        let mut best = self.model(u, at, region)?;
        while best.slack > 1e-9 && self.penalty < PENALTY.1 {
            let before = self.penalty;
            self.penalty *= 10.0;
            match self.model(u, at, region) {
                Some(next) if next.slack < 0.99 * best.slack => best = next,
                _ => {
                    self.penalty = before;
                    break;
                }
            }
        }
        Some(best)
    }

    fn model(&self, u: &[f64], at: &Lines, region: f64) -> Option<Step> {
        let n = u.len();
        let near: Vec<(u64, f64, &[f64])> = at
            .limits
            .iter()
            .chain(
                self.hidden
                    .iter()
                    .filter(|(key, _)| !at.limits.contains_key(key)),
            )
            .filter_map(|(&key, line)| {
                let value = line.value(u);
                // A limit with a kept line that would be broken here is not, so the line is too strict: it goes
                // through the point instead.
                let value = if at.limits.contains_key(&key) {
                    value
                } else {
                    value.max(SPARE)
                };
                let reach: f64 = line.slope.iter().map(|slope| slope.abs() * region).sum();
                (value < SPARE + reach).then_some((key, value, line.slope.as_slice()))
            })
            .collect();
        // Unknowns: d, t, s.
        let mut own = Programme::new(n + 1 + near.len());
        for row in 0..n {
            for column in row..n {
                own.curvature[(row, column)] = self.weight * self.curvature.0[(row, column)];
            }
        }
        own.slope[n] = self.weight;
        for s in &mut own.slope[n + 1..] {
            *s = self.penalty;
        }
        for line in &at.objectives {
            let mut entries: Vec<(usize, f64)> = line.slope.iter().copied().enumerate().collect();
            entries.push((n, -1.0));
            own.at_most(entries, -line.value);
        }
        for (place, (_, value, slope)) in near.iter().enumerate() {
            let mut entries: Vec<(usize, f64)> =
                slope.iter().map(|slope| -slope).enumerate().collect();
            entries.push((n + 1 + place, -1.0));
            own.at_most(entries, value - SPARE);
        }
        for place in 0..near.len() {
            own.at_most(vec![(n + 1 + place, -1.0)], 0.0);
        }
        for (k, u) in u.iter().enumerate() {
            // Where a side has no solution there is no way on.
            let room = |right: usize, room: f64| match &at.sides[k][right] {
                Some(_) => region.min(room),
                None => 0.0,
            };
            own.at_most(vec![(k, 1.0)], room(1, 1.0 - u));
            own.at_most(vec![(k, -1.0)], room(0, *u));
        }
        if self.weight == 0.0 {
            // Nothing else holds t, or tells steps apart that hold the same limits.
            own.at_most(vec![(n, 1.0)], 1e6);
            for k in 0..n {
                own.curvature[(k, k)] = 1e-3;
            }
        }
        let answer = own.solve()?;
        let objectives = at.objectives.len();
        let d = answer.x[..n].to_vec();
        let to: Vec<f64> = u.iter().zip(&d).map(|(u, d)| u + d).collect();
        let objective = at
            .objectives
            .iter()
            .map(|line| line.value(&to))
            .fold(f64::NEG_INFINITY, f64::max);
        let bend = DVector::from_column_slice(&d);
        let slack = near
            .iter()
            .map(|(_, value, slope)| {
                let moved: f64 = slope.iter().zip(&d).map(|(slope, d)| slope * d).sum();
                (SPARE - value - moved).max(0.0)
            })
            .sum();
        Some(Step {
            objective: objective + 0.5 * bend.dot(&(&self.curvature.0 * &bend)),
            weights: answer.prices[..objectives].to_vec(),
            prices: near
                .iter()
                .zip(&answer.prices[objectives..])
                .map(|((key, ..), price)| (*key, *price))
                .collect(),
            slack,
            d,
        })
    }

    /// Learns curvature from a step that was taken.
    fn learn(&mut self, from: &[f64], to: &[f64], old: &Lines, new: &Lines, step: &Step) {
        let n = from.len();
        let mut change = DVector::zeros(n);
        let mut add = |factor: f64, old: &Line, new: &Line| {
            for k in 0..n {
                change[k] += factor * (new.slope[k] - old.slope[k]);
            }
        };
        for (weight, (old, new)) in step
            .weights
            .iter()
            .zip(old.objectives.iter().zip(&new.objectives))
        {
            add(*weight, old, new);
        }
        for (key, price) in &step.prices {
            if let (Some(old), Some(new)) = (old.limits.get(key), new.limits.get(key)) {
                add(-price, old, new);
            }
        }
        let step = DVector::from_iterator(n, to.iter().zip(from).map(|(to, from)| to - from));
        self.curvature.update(&step, &change);
    }

    /// Keeps the lines of limits that showed before and do not show now.
    fn keep(&mut self, before: &Lines, now: &Sample) {
        for (key, line) in &before.limits {
            if now.margin(*key).is_none() {
                self.hidden.insert(*key, line.clone());
            }
        }
    }

    /// Takes the lines of limits that a refused trial broke and that do not show where the search stands.
    fn look(&mut self, to: &[f64], trial: &Sample, at: &Lines, region: f64) {
        let hidden = |key: u64| !at.limits.contains_key(&key);
        let broken = |(key, margin): &(u64, f64)| hidden(*key) && *margin < 0.0;
        if trial.margins.iter().any(broken) {
            let seen = lines(self.function, to, trial, 0.1 * region);
            for (key, line) in seen.limits {
                if hidden(key) {
                    self.hidden.insert(key, line);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
