//! Shadow prices: what one unit of a binding limit is worth.
//!
//! # Equations
//! At an optimum (Karush, Kuhn and Tucker) the objective's slope is held by those of what binds:
//!
//! Σ w_i ∇f_i + Σ θ_d j_d = Σ λ_j ∇g_j + Σ μ_k ± e_k,   w, λ, μ ≥ 0,   0 ≤ θ ≤ 1,   Σ w_i = 1
//!
//! f_i the objectives that tie for the largest, g_j the margins without any left, ±e_k the ends of ranges and steps of the
//! objective, j_d the change of slope where devices d switch at this very point (a valve wide open, a stage that comes on: a
//! *kink*; the slope may be any between those of both sides). They are found by non-negative least squares; what is left, over
//! the length of ∇f, is told as `residual`. λ_j is then the gain of the objective for one unit more of limit j, and μ_k for one
//! unit more of range.
//!
//! At a kink, and where limits bind together, the multipliers are not unique. The least of them that explains the slope as
//! well is what one unit more of a limit gains (something else holds the optimum at once), the greatest is what one unit less
//! costs: both are found by linear programmes and are the one-sided derivatives of the optimum's value.
//!
//! Slopes are those of the side on which devices stay as they are and limits hold. A limit that shows only beyond its edge
//! has its slope from there. The number of GPUs that are throttled follows from other limits as a rule: it has a price only
//! where those leave more than a hundredth of the slope unexplained.

mod around;

use std::collections::BTreeMap;

use nalgebra::DMatrix;

use super::descent::{End, Line, SPARE, Sample};
use super::problem::{Probe, is_count};
use super::quadratic::Programme;
use around::Around;
pub(super) use around::Side;

/// A margin of less than this binds, in the scale of margins.
const BINDING: f64 = 1.5e-3;
/// So near the end of its range a variable is at it.
pub(super) const EDGE: f64 = 1e-4;
/// What prices need not explain of the objective's slope.
pub(super) const EXPLAINED: f64 = 0.01;
/// What multipliers that explain the slope as well may leave more.
const EXACT: f64 = 1e-3;
/// A slope of the scaled objective over a whole range that is as good as none.
const FLAT: f64 = 0.02;
/// A price below this share of the largest is none.
const NOTHING: f64 = 1e-6;
/// Prices that differ by less than this share of them are one.
const ALIKE: f64 = 0.05;

/// Shares of the ranges.
type Point = Vec<f64>;

/// Solves of many points at once, near a point where one is given, with what devices do.
pub(super) type PlaceFunction<'a> =
    dyn Fn(Option<&[f64]>, &[Point]) -> Vec<Option<Probe>> + Sync + 'a;

/// Price of a limit, scaled objective over scaled margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Price {
    pub(super) key: u64,
    /// Gain for one unit more.
    pub(super) gain: f64,
    /// Cost of one unit less; none where the optimum cannot go there.
    pub(super) cost: Option<f64>,
}

/// What binds at an optimum.
#[derive(Debug, Clone, Default)]
pub(super) struct Binding {
    /// Price of each limit that binds.
    pub(super) limits: Vec<Price>,
    /// Price of the end, edge or step at which each variable stands, over its range; none inside.
    pub(super) ends: Vec<Option<f64>>,
    /// Variables at a kink or step of the objective.
    pub(super) kinks: Vec<bool>,
    /// Both sides of each variable.
    pub(super) sides: Vec<[Side; 2]>,
    /// What the slopes do not explain, over the length of the objective's.
    pub(super) residual: f64,
    /// The same as a direction, in which the objective rises.
    pub(super) left: Vec<f64>,
    /// Limits as seen from the point, those that show only beyond their edge from there.
    pub(super) lines: BTreeMap<u64, Line>,
}

/// Finds what binds, and the prices; `None` where the point has no solution.
pub(super) fn binding(function: &PlaceFunction<'_>, end: &End) -> Option<Binding> {
    let (around, here) = Around::look(function, end)?;
    weighed(around, &here.sample, end)
}

/// What binds, by the slopes at a point.
fn weighed(at: Around, sample: &Sample, end: &End) -> Option<Binding> {
    let top = sample.objective();
    let active: Vec<usize> = (0..sample.objectives.len())
        .filter(|&i| top - sample.objectives[i] < 1e-3)
        .collect();
    let limits: BTreeMap<u64, &Line> = at
        .limits
        .iter()
        .filter(|(key, line)| {
            let margin = sample.margin(**key);
            margin.unwrap_or_else(|| line.value(&end.u).abs()) < SPARE + BINDING
        })
        .map(|(key, line)| (*key, line))
        .collect();
    let own = Slopes {
        at: &at,
        active: &active,
    };
    let causes = limits.iter().filter(|(key, _)| !is_count(**key));
    let causes: BTreeMap<u64, &Line> = causes.map(|(key, line)| (*key, *line)).collect();
    let mut found = own.weigh(&causes)?;
    if found.residual >= EXPLAINED {
        found = own.weigh(&limits)?;
    }
    found.kinks = at.kinks;
    found.sides = at.sides;
    found.lines = at.limits;
    Some(found)
}

/// What stands still while limits are weighed.
struct Slopes<'s> {
    at: &'s Around,
    /// Objectives that tie for the largest.
    active: &'s [usize],
}

/// The columns of the residual Σ w ∇f + Σ θ j − Σ λ ∇g − Σ μ ± e: how many there are of each, in this order.
struct Columns {
    matrix: DMatrix<f64>,
    objectives: usize,
    limits: usize,
    ends: Vec<usize>,
    bends: usize,
    length: f64,
}

impl Slopes<'_> {
    /// Columns of these limits, of ends, and of bends: those beyond which limits hold, or all.
    fn columns(&self, limits: &BTreeMap<u64, &Line>, all_bends: bool) -> Columns {
        let at = self.at;
        let n = at.walls.len();
        let mut columns: Vec<Vec<f64>> = Vec::new();
        for &i in self.active {
            columns.push(at.objectives[i].slope.clone());
        }
        let slopes = columns.iter().flatten();
        // Scaled so that the least squares do not depend on how steep the objective is.
        let length = slopes.map(|slope| slope * slope).sum::<f64>().sqrt();
        for line in limits.values() {
            columns.push(line.slope.iter().map(|slope| -slope).collect());
        }
        let ends: Vec<usize> = (0..n).filter(|&k| at.walls[k].is_some()).collect();
        for &k in &ends {
            let mut column = vec![0.0; n];
            column[k] = -at.walls[k].unwrap_or(0.0);
            columns.push(column);
        }
        let bends = at.bends.iter().filter(|bend| bend.holds || all_bends);
        let bends: Vec<Vec<f64>> = bends.map(|bend| bend.jump.clone()).collect();
        let number = bends.len();
        columns.extend(bends);
        Columns {
            matrix: DMatrix::from_fn(n, columns.len(), |row, column| columns[column][row]),
            objectives: self.active.len(),
            limits: limits.len(),
            ends,
            bends: number,
            length: length.max(FLAT),
        }
    }

    /// Multipliers of these limits, of ends and of bends, by non-negative least squares, with what limits gain and cost.
    fn weigh(&self, limits: &BTreeMap<u64, &Line>) -> Option<Binding> {
        let columns = self.columns(limits, false);
        let mut own = columns.programme();
        own.curvature =
            (columns.matrix.transpose() * &columns.matrix) / (columns.length * columns.length);
        for k in 0..columns.matrix.ncols() {
            own.curvature[(k, k)] += 1e-9;
        }
        let x = own.solve()?.x;
        let left = &columns.matrix * nalgebra::DVector::from_column_slice(&x);
        let residual = left.norm() / columns.length;
        let first_end = columns.objectives + columns.limits;
        let prices = &x[columns.objectives..first_end];
        let largest = prices.iter().fold(0.0_f64, |most, price| most.max(*price));
        let slack = EXACT.max(1.5 * residual) * columns.length;
        let all = self.columns(limits, true);
        let keys = limits.keys().zip(prices).enumerate();
        let limits = keys
            .map(|(place, (&key, &price))| {
                let price = if price > NOTHING * largest {
                    price
                } else {
                    0.0
                };
                all.price(columns.objectives + place, slack, largest)
                    .map_or(
                        Price {
                            key,
                            gain: price,
                            cost: Some(price),
                        },
                        |(gain, cost)| Price::between(key, price, gain, cost),
                    )
            })
            .collect();
        let n = self.at.walls.len();
        let end = |k: usize| {
            let place = columns.ends.iter().position(|&end| end == k)?;
            Some(x[first_end + place].max(0.0))
        };
        Some(Binding {
            limits,
            ends: (0..n).map(end).collect(),
            residual,
            left: left.iter().copied().collect(),
            ..Binding::default()
        })
    }
}

impl Price {
    /// A price between its least and its greatest.
    fn between(key: u64, price: f64, gain: f64, cost: Option<f64>) -> Self {
        let one = cost.is_some_and(|cost| cost - gain <= ALIKE * cost);
        Self {
            key,
            gain: if one { price } else { gain },
            cost: if one { Some(price) } else { cost },
        }
    }
}

impl Columns {
    /// All multipliers as they may be.
    fn programme(&self) -> Programme {
        let m = self.matrix.ncols();
        let mut own = Programme::new(m);
        for k in 0..m {
            own.at_most(vec![(k, -1.0)], 0.0);
        }
        let sum: Vec<(usize, f64)> = (0..self.objectives).map(|k| (k, 1.0)).collect();
        own.at_most(sum.iter().map(|(k, one)| (*k, -one)).collect(), -1.0);
        own.at_most(sum, 1.0);
        for k in m - self.bends..m {
            own.at_most(vec![(k, 1.0)], 1.0);
        }
        own
    }

    /// Least and greatest multiplier of a column with which no slope is left unexplained by more than this; the greatest is
    /// none where nothing holds it.
    fn price(&self, column: usize, slack: f64, largest: f64) -> Option<(f64, Option<f64>)> {
        // Beyond this no multiplier means anything.
        let bends = self.matrix.ncols() - self.bends..self.matrix.ncols();
        let steepest = bends.fold(self.length, |most, k| {
            most.max(self.matrix.column(k).amax())
        });
        let most = 1e3 * largest.max(steepest);
        let solve = |sign: f64| {
            let mut own = self.programme();
            own.slope[column] = sign / self.length;
            for row in 0..self.matrix.nrows() {
                let entries = |sign: f64| {
                    let all = 0..self.matrix.ncols();
                    let all = all.map(|k| (k, sign * self.matrix[(row, k)] / self.length));
                    all.filter(|(_, value)| *value != 0.0).collect()
                };
                own.at_most(entries(1.0), slack / self.length);
                own.at_most(entries(-1.0), slack / self.length);
            }
            own.at_most(vec![(column, 1.0)], most);
            Some(own.solve()?.x[column].max(0.0))
        };
        let (least, greatest) = (solve(1.0)?, solve(-1.0)?);
        let nothing = |price: f64| {
            if price > 1e-4 * self.length {
                price
            } else {
                0.0
            }
        };
        Some((
            nothing(least),
            Some(greatest).filter(|greatest| *greatest < 0.5 * most),
        ))
    }
}
