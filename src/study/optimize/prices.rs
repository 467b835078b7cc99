//! Shadow prices: what one unit of a binding limit is worth.
//!
//! # Equations
//! At an optimum (Karush, Kuhn and Tucker) the objective's slope is held by those of what binds:
//!
//! Σ w_i ∇f_i = Σ λ_j ∇g_j + Σ μ_k ± e_k,   w, λ, μ ≥ 0,   Σ w_i = 1
//!
//! f_i the objectives that tie for the largest, g_j the margins without any left, ±e_k the ends of ranges. λ and μ are
//! found by non-negative least squares; what is left, over the length of ∇f, is told as `residual`. λ_j is then the gain of
//! the objective for one unit more of limit j, and μ_k for one unit more of range.
//!
//! Where the objective's slope jumps at the optimum (a control at its stop, a stage that comes on) the slope may be any
//! between those of both sides: such a variable is told to stand at a kink. Where limits hold on one side alone its slope
//! is that of this side. A limit that shows only beyond its edge has its
//! slope from there. The number of GPUs that are throttled follows from other limits as a rule: it has a price only where
//! those leave more than a hundredth of the slope unexplained.

use std::collections::BTreeMap;

use nalgebra::DMatrix;

use super::descent::{End, Function, Line, Lines, SPARE, Sample, lines};
use super::problem::is_count;
use super::quadratic::Programme;

/// A margin of less than this binds, in the scale of margins.
const BINDING: f64 = 1.5e-3;
/// So near the end of its range a variable is at it.
pub(super) const EDGE: f64 = 1e-4;
/// Steps of the differences: within what limits are held with to spare, so that nothing switches, and beyond.
const STEPS: (f64, f64) = (2e-5, 3e-4);
/// A jump of the slope, over the objective's steepest, that is a kink.
const KINK: f64 = 0.05;
/// What prices need not explain of the objective's slope.
const EXPLAINED: f64 = 0.01;
/// A price below this share of the largest is none.
const NOTHING: f64 = 1e-6;

/// What binds at an optimum.
#[derive(Debug, Clone, Default)]
pub(super) struct Binding {
    /// Price of each limit that binds, scaled objective over scaled margin.
    pub(super) limits: Vec<(u64, f64)>,
    /// Price of the end, or edge of what can be solved, at which each variable stands, over its range; none inside.
    pub(super) ends: Vec<Option<f64>>,
    /// Variables at a kink of the objective.
    pub(super) kinks: Vec<bool>,
    /// What the slopes do not explain, over the length of the objective's.
    pub(super) residual: f64,
}

/// Finds what binds, and the prices; `None` where the point has no solution. What the smaller step does not explain may be a
/// kink that it does not reach.
pub(super) fn binding(function: &Function<'_>, end: &End) -> Option<Binding> {
    let sample = function(None, std::slice::from_ref(&end.u))
        .pop()
        .flatten()?;
    let near = weighed(&lines(function, &end.u, &sample, STEPS.0), &sample, end);
    if near.as_ref().is_some_and(|one| one.residual < EXPLAINED) {
        return near;
    }
    let far = weighed(&lines(function, &end.u, &sample, STEPS.1), &sample, end);
    match (near, far) {
        (Some(near), Some(far)) if far.residual < near.residual => Some(far),
        (near, far) => near.or(far),
    }
}

/// What binds, by the slopes at a point.
fn weighed(at: &Lines, sample: &Sample, end: &End) -> Option<Binding> {
    let n = end.u.len();
    let top = sample.objective();
    let active: Vec<usize> = (0..sample.objectives.len())
        .filter(|&i| top - sample.objectives[i] < 1e-3)
        .collect();
    let mut limits: BTreeMap<u64, &Line> = at
        .limits
        .iter()
        .filter(|(key, _)| {
            sample
                .margin(**key)
                .is_some_and(|margin| margin < SPARE + BINDING)
        })
        .map(|(key, line)| (*key, line))
        .collect();
    for (key, line) in &end.hidden {
        let margin = sample.margin(*key).unwrap_or_else(|| line.value(&end.u));
        if margin.abs() < SPARE + BINDING {
            // Seen from the side where it holds it may have no slope: that of the other side counts.
            limits.insert(*key, line);
        }
    }
    // An end of the range, or the edge beyond which there is no solution.
    let at_end: Vec<Option<f64>> = end
        .u
        .iter()
        .zip(&at.sides)
        .map(|(&u, sides)| match u {
            u if u < EDGE => Some(1.0),
            u if u > 1.0 - EDGE => Some(-1.0),
            _ if sides[0].is_none() && sides[1].is_some() => Some(1.0),
            _ if sides[1].is_none() && sides[0].is_some() => Some(-1.0),
            _ => None,
        })
        .collect();
    let steepest = active
        .iter()
        .flat_map(|&i| at.objectives[i].slope.iter())
        .fold(0.0_f64, |most, slope| most.max(slope.abs()));
    // What the objective does where a limit is broken is no kink of its own.
    let one_side = |k: usize| match at.holding[k] {
        [true, false] => at.sides[k][0].as_ref(),
        [false, true] => at.sides[k][1].as_ref(),
        _ => None,
    };
    let held: Vec<Option<&Vec<f64>>> = (0..n).map(one_side).collect();
    let jump = |k: usize| -> Option<(f64, f64)> {
        if held[k].is_some() {
            return None;
        }
        let [Some(left), Some(right)] = &at.sides[k] else {
            return None;
        };
        let i = *active.first()?;
        (at_end[k].is_none() && (right[i] - left[i]).abs() > KINK * steepest)
            .then(|| (left[i], right[i]))
    };
    let jumps: Vec<Option<(f64, f64)>> = (0..n).map(jump).collect();

    let own = Slopes {
        at,
        active: &active,
        at_end: &at_end,
        jumps: &jumps,
        held: &held,
    };
    let causes = limits.iter().filter(|(key, _)| !is_count(**key));
    let found = own.weigh(&causes.map(|(key, line)| (*key, *line)).collect())?;
    if found.residual < EXPLAINED {
        return Some(found);
    }
    own.weigh(&limits)
}

/// What stands still while limits are weighed.
struct Slopes<'s> {
    at: &'s Lines,
    /// Objectives that tie for the largest.
    active: &'s [usize],
    /// Direction away from the end of its range at which a variable stands.
    at_end: &'s [Option<f64>],
    /// Slopes on both sides where they differ.
    jumps: &'s [Option<(f64, f64)>],
    /// Slopes on the side where limits hold, where they hold on one alone.
    held: &'s [Option<&'s Vec<f64>>],
}

impl Slopes<'_> {
    /// Multipliers of these limits, of ends and of kinks, by non-negative least squares.
    fn weigh(&self, limits: &BTreeMap<u64, &Line>) -> Option<Binding> {
        let Self {
            at,
            active,
            at_end,
            jumps,
            held,
        } = *self;
        let n = at_end.len();
        // Columns of the residual Σ w ∇f − Σ λ ∇g − Σ μ ± e + Σ θ (jump) e.
        let mut columns: Vec<Vec<f64>> = Vec::new();
        for &i in active {
            let mut slope = at.objectives[i].slope.clone();
            for (k, slope) in slope.iter_mut().enumerate() {
                if let Some(side) = held[k] {
                    *slope = side[i];
                } else if let Some((left, _)) = jumps[k] {
                    *slope = left;
                }
            }
            columns.push(slope);
        }
        for line in limits.values() {
            columns.push(line.slope.iter().map(|slope| -slope).collect());
        }
        let unit = |k: usize, value: f64| -> Vec<f64> {
            let mut column = vec![0.0; n];
            column[k] = value;
            column
        };
        let ends: Vec<usize> = (0..n).filter(|&k| at_end[k].is_some()).collect();
        for &k in &ends {
            columns.push(unit(k, -at_end[k].unwrap_or(0.0)));
        }
        let kinks: Vec<usize> = (0..n).filter(|&k| jumps[k].is_some()).collect();
        for &k in &kinks {
            columns.push(unit(k, jumps[k].map_or(0.0, |(left, right)| right - left)));
        }
        let matrix = DMatrix::from_fn(n, columns.len(), |row, column| columns[column][row]);
        // Scaled so that the least squares do not depend on how steep the objective is.
        let length = columns[..active.len()]
            .iter()
            .flatten()
            .map(|slope| slope * slope)
            .sum::<f64>()
            .sqrt()
            .max(1e-12);
        let m = columns.len();
        let mut own = Programme::new(m);
        own.curvature = (matrix.transpose() * &matrix) / (length * length);
        for k in 0..m {
            own.curvature[(k, k)] += 1e-9;
            own.at_most(vec![(k, -1.0)], 0.0);
        }
        let sum: Vec<(usize, f64)> = (0..active.len()).map(|k| (k, 1.0)).collect();
        own.at_most(sum.iter().map(|(k, one)| (*k, -one)).collect(), -1.0);
        own.at_most(sum, 1.0);
        for k in m - kinks.len()..m {
            own.at_most(vec![(k, 1.0)], 1.0);
        }
        let x = own.solve()?.x;
        let left = &matrix * nalgebra::DVector::from_column_slice(&x);
        let first_limit = active.len();
        let first_end = first_limit + limits.len();
        let largest = x[first_limit..first_end]
            .iter()
            .fold(0.0_f64, |most, price| most.max(*price));
        Some(Binding {
            limits: limits
                .keys()
                .zip(&x[first_limit..first_end])
                .map(|(key, price)| {
                    (
                        *key,
                        if *price > NOTHING * largest {
                            *price
                        } else {
                            0.0
                        },
                    )
                })
                .collect(),
            ends: (0..n)
                .map(|k| {
                    let place = ends.iter().position(|&end| end == k)?;
                    Some(x[first_end + place].max(0.0))
                })
                .collect(),
            kinks: (0..n).map(|k| jumps[k].is_some()).collect(),
            residual: left.norm() / length,
        })
    }
}
