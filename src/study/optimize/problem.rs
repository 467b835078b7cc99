//! The hall as a function of its set-points: objective and limits at any values, over all conditions.
//!
//! A value of the function follows from the point, and the point near which it is asked for, alone: every solve of a
//! condition starts from the state there, from that of the hall as it stands, or from the network's own first guess. So
//! nothing depends on threads, or on what was solved before.
//!
//! Slopes of all limits at once are wanted, of few variables. Differences of solves that start beside the point cost about
//! one Newton step each, as much as the linear solve of an exact derivative, and there are fewer variables than limits: so
//! nothing would be gained by the adjoint.

mod devices;
mod limits;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::conditions::{Condition, Over};
use super::descent::Sample;
use super::objective::Objective;
use super::variables::Variable;
use crate::hall::model::Hall;
use crate::network::build;
use crate::result::{self, SolveResult};
use crate::solve::{self, Options, Solution, Start};
use crate::study::sweep::model::Model;
use crate::study::sweep::place::{self, Place, one_line};
use crate::study::sweep::ways::{Ways, sets_of};
use crate::study::sweep::{Axis, Value};
use crate::study::{RunError, run_hall};
pub(super) use devices::{Device, Switch, switches};
use limits::beyond;
pub(super) use limits::{alike, condition_of, is_count, limit_key, range_key, size};

/// Share of the objective that a solve leaves open.
const LEFT: f64 = 3e-8;
/// Conditions that are solved in one go.
const CHUNK: usize = 16;

/// Told how many solves are done.
pub type Progress<'a> = dyn Fn(u64) + Sync + 'a;

/// A choice of set-points: a value for each variable.
pub(super) type Point = Vec<Value>;

/// What a point gave.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    /// Objectives, of an hour: one, or one for each condition where the worst counts.
    pub(super) objectives: Vec<f64>,
    margins: Vec<(u64, f64)>,
    pub(super) holds: bool,
    /// What devices do, where that was asked for.
    devices: Vec<Device>,
}

/// A point with what its devices do.
#[derive(Debug, Clone)]
pub(super) struct Probe {
    pub(super) sample: Sample,
    pub(super) devices: Vec<Device>,
    /// What solves leave of the scaled objective.
    pub(super) noise: f64,
}

impl Raw {
    /// The objective, of an hour.
    pub(super) fn objective(&self) -> f64 {
        let all = self.objectives.iter().copied();
        all.fold(f64::NEG_INFINITY, f64::max)
    }

    /// The least margin, below zero where a limit is broken.
    pub(super) fn margin(&self) -> f64 {
        let all = self.margins.iter().map(|(_, margin)| *margin);
        let least = all.fold(1.0, f64::min);
        if self.holds {
            least.max(0.0)
        } else {
            least.min(-1e-9)
        }
    }
}

/// How objectives are brought to about 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    pub(super) zero: f64,
    pub(super) one: f64,
}

/// What is allowed of a point.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rules {
    /// Whether advisory limits count as well.
    pub(super) advisory: bool,
    /// Whether ranges of curves and correlations may be left further than today's hall leaves them.
    pub(super) beyond_range: bool,
}

/// The hall as a function.
pub(super) struct Problem<'a> {
    pub(super) variables: &'a [Variable],
    pub(super) conditions: &'a [Condition],
    pub(super) over: Over,
    pub(super) objective: &'a Objective,
    rules: Rules,
    /// How far today's hall leaves ranges of the model, by condition and the ranges' keys.
    left: Vec<Vec<(u64, f64)>>,
    hall: &'a Hall,
    model: &'a Model,
    axes: Vec<Axis>,
    ways: Ways,
    starts: Vec<Option<Start>>,
    places: Mutex<Vec<Place>>,
    progress: &'a Progress<'a>,
    solves: AtomicU64,
    unsolved: Mutex<BTreeMap<String, usize>>,
}

/// What the solves of a point start from, and what is wanted of them.
#[derive(Clone, Copy, Default)]
struct How<'h> {
    /// States of this point.
    near: Option<&'h Point>,
    /// The network's own first guess alone, as `solve` does.
    afresh: bool,
    /// Whether devices are looked at.
    devices: bool,
}

/// One condition solved.
struct Solved {
    devices: Vec<Device>,
    objective: f64,
    margins: Vec<(u64, f64)>,
    holds: bool,
}

impl<'a> Problem<'a> {
    /// Finds how the variables reach the hall, and solves what all points start from.
    pub(super) fn new(
        hall: &'a Hall,
        model: &'a Model,
        variables: &'a [Variable],
        conditions: &'a [Condition],
        (over, objective, rules): (Over, &'a Objective, Rules),
        progress: &'a Progress<'a>,
    ) -> Self {
        let axes: Vec<Axis> = variables
            .iter()
            .flat_map(|variable| variable.axes.iter().cloned())
            .collect();
        let (ways, _) = Ways::find(&axes, model);
        let mut own = Self {
            variables,
            conditions,
            over,
            objective,
            rules,
            left: Vec::new(),
            hall,
            model,
            axes,
            ways,
            starts: Vec::new(),
            places: Mutex::default(),
            progress,
            solves: AtomicU64::new(0),
            unsolved: Mutex::default(),
        };
        if let Ok(network) = build::build(hall) {
            let solved: Vec<Option<(Start, Vec<(u64, f64)>)>> = conditions
                .par_iter()
                .enumerate()
                .with_max_len(1)
                .map(|(index, condition)| {
                    let mut at = network.clone();
                    at.outdoor = condition.outdoor.unwrap_or(at.outdoor);
                    own.tick();
                    let guess = solve::guess(&at);
                    let solved = solve::solve(&at, guess, &Options::default()).ok()?;
                    let left = beyond(index, &result::evaluate(hall, &at, &solved, 0.0));
                    Some((Start::new(solved), left))
                })
                .collect();
            for one in solved {
                let (start, left) = one.unzip();
                own.starts.push(start);
                own.left.push(left.unwrap_or_default());
            }
        }
        own.starts.resize_with(conditions.len(), || None);
        own.left.resize_with(conditions.len(), Vec::new);
        own
    }

    fn tick(&self) {
        (self.progress)(self.solves.fetch_add(1, Ordering::Relaxed) + 1);
    }

    /// Solves so far.
    pub(super) fn solves(&self) -> u64 {
        self.solves.load(Ordering::Relaxed)
    }

    /// Reasons of points without a solution, with their number.
    pub(super) fn unsolved(&self) -> Vec<(String, usize)> {
        let known = self.unsolved.lock().unwrap_or_else(PoisonError::into_inner);
        // Reasons that differ in their numbers alone are one; the first in order stands for all.
        let mut all: Vec<(String, usize)> = Vec::new();
        for (reason, number) in known.iter() {
            match all.iter_mut().find(|(other, _)| alike(other, reason)) {
                Some((_, sum)) => *sum += number,
                None => all.push((reason.clone(), *number)),
            }
        }
        all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all
    }

    fn places(&self) -> MutexGuard<'_, Vec<Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Values of all paths at a point.
    fn values(&self, point: &Point) -> Vec<Value> {
        self.variables
            .iter()
            .zip(point)
            .flat_map(|(variable, value)| std::iter::repeat_n(value.clone(), variable.axes.len()))
            .collect()
    }

    /// The edits of the hall file that make a point.
    pub(super) fn sets(&self, point: &Point) -> Vec<String> {
        sets_of(&self.axes, &self.values(point))
    }

    /// Solves all points, from today's states or from those of a point nearby; `None` where a condition has no solution.
    pub(super) fn solve(&self, near: Option<&Point>, points: &[Point]) -> Vec<Option<Raw>> {
        let how = How {
            near,
            ..How::default()
        };
        self.solve_as(how, points)
    }

    fn solve_as(&self, how: How<'_>, points: &[Point]) -> Vec<Option<Raw>> {
        let all: Vec<usize> = (0..self.conditions.len()).collect();
        let chunks: Vec<&[usize]> = all.chunks(CHUNK).collect();
        // Points in every chunk.
        let solved: Vec<Vec<Result<Vec<Solved>, String>>> = chunks
            .par_iter()
            .with_max_len(1)
            .map(|chunk| {
                let own = how.near.and_then(|near| self.anchors(near, chunk).ok());
                points
                    .par_iter()
                    .with_max_len(1)
                    .map(|point| self.some(point, chunk, own.as_deref(), how))
                    .collect()
            })
            .collect();
        let mut all = Vec::with_capacity(points.len());
        let mut failed: Vec<String> = Vec::new();
        for point in 0..points.len() {
            let parts = || solved.iter().map(|chunk| &chunk[point]);
            match parts().find_map(|part| part.as_ref().err()) {
                Some(reason) => {
                    failed.push(reason.clone());
                    all.push(None);
                }
                None => all.push(Some(self.raw(parts().flatten().flatten()))),
            }
        }
        let mut known = self.unsolved.lock().unwrap_or_else(PoisonError::into_inner);
        for reason in failed {
            *known.entry(reason).or_default() += 1;
        }
        all
    }

    /// The same, scaled for a search.
    pub(super) fn samples(
        &self,
        near: Option<&Point>,
        points: &[Point],
        scale: Scale,
    ) -> Vec<Option<Sample>> {
        let solved = self.solve(near, points).into_iter();
        solved
            .map(|raw| raw.map(|raw| scale.sample(&raw)))
            .collect()
    }

    /// The same with what devices do.
    pub(super) fn probes(
        &self,
        near: Option<&Point>,
        points: &[Point],
        scale: Scale,
    ) -> Vec<Option<Probe>> {
        let how = How {
            near,
            devices: true,
            ..How::default()
        };
        let probe = |raw: Raw| Probe {
            sample: scale.sample(&raw),
            noise: LEFT * raw.objective().abs() / scale.one,
            devices: raw.devices,
        };
        let solved = self.solve_as(how, points).into_iter();
        solved.map(|raw| raw.map(probe)).collect()
    }

    /// A point as `solve` finds it, from the network's own first guess.
    pub(super) fn afresh_sample(&self, point: &Point, scale: Scale) -> Option<Sample> {
        let how = How {
            afresh: true,
            ..How::default()
        };
        let solved = self.solve_as(how, std::slice::from_ref(point)).pop()??;
        Some(scale.sample(&solved))
    }

    /// The hall at a point, for as long as some of its conditions are solved.
    fn visit<T>(
        &self,
        point: &Point,
        visit: impl FnOnce(&mut Place) -> Result<T, String>,
    ) -> Result<T, String> {
        let mut at = self.places().pop();
        let values = self.values(point);
        let done = place::go(&self.axes, self.model, &self.ways, &mut at, &values).and_then(visit);
        self.places().extend(at);
        done
    }

    fn some(
        &self,
        point: &Point,
        conditions: &[usize],
        near: Option<&[Start]>,
        how: How<'_>,
    ) -> Result<Vec<Solved>, String> {
        self.visit(point, |place| {
            let starts = (0..conditions.len()).map(|k| near.map(|near| &near[k]));
            conditions
                .iter()
                .zip(starts)
                .map(|(&index, near)| {
                    let solution = self.at(place, index, near, how.afresh)?;
                    let result = result::evaluate(&place.hall, &place.network, &solution, 0.0);
                    place.spare = Some(solution);
                    let facility = &result.facility;
                    if facility.power_w.is_finite() && facility.water_l_per_h.is_finite() {
                        let mut solved = self.judge(index, &result);
                        if how.devices {
                            solved.devices = devices::devices(index, &result);
                        }
                        Ok(solved)
                    } else {
                        Err("the solution is no number".to_owned())
                    }
                })
                .collect()
        })
    }

    /// States of a point, for others near it.
    fn anchors(&self, point: &Point, conditions: &[usize]) -> Result<Vec<Start>, String> {
        self.visit(point, |place| {
            conditions
                .iter()
                .map(|&index| Ok(Start::new(self.at(place, index, None, false)?)))
                .collect()
        })
    }

    /// Solves one condition, from a state nearby, else from today's, else from the network's own first guess.
    fn at(
        &self,
        place: &mut Place,
        index: usize,
        near: Option<&Start>,
        afresh: bool,
    ) -> Result<Solution, String> {
        let options = Options::default();
        let own = place.hall.outdoor;
        place.network.outdoor = self.conditions[index].outdoor.unwrap_or(own);
        self.tick();
        let known = near.into_iter().chain(&self.starts[index]);
        let starts = known.filter(|_| !afresh);
        let solution = solve::solve_from_any(&place.network, starts, place.spare.take(), &options)
            .map_err(|error| one_line(&error.to_string()));
        place.network.outdoor = own;
        solution
    }

    fn raw<'s>(&self, solved: impl Iterator<Item = &'s Solved>) -> Raw {
        let mut objectives = Vec::new();
        let mut margins = Vec::new();
        let mut devices = Vec::new();
        let mut holds = true;
        for (one, condition) in solved.zip(self.conditions) {
            holds &= one.holds;
            margins.extend_from_slice(&one.margins);
            devices.extend_from_slice(&one.devices);
            objectives.push((one.objective, condition.hours));
        }
        margins.sort_by_key(|(key, _)| *key);
        Raw {
            objectives: self.over.of(&objectives),
            margins,
            holds,
            devices,
        }
    }

    /// Full results of a point in every condition, each solved from the network's own first guess as `solve` does.
    pub(super) fn results(&self, point: Option<&Point>) -> Vec<Result<SolveResult, String>> {
        let hall = match self.hall_at(point) {
            Ok(hall) => hall,
            Err(error) => return vec![Err(error); self.conditions.len()],
        };
        self.conditions
            .par_iter()
            .with_max_len(1)
            .map(|condition| self.afresh(&hall, condition))
            .collect()
    }

    /// The full result of a point in one condition.
    pub(super) fn result(&self, point: &Point, condition: usize) -> Option<SolveResult> {
        let hall = self.hall_at(Some(point)).ok()?;
        self.afresh(&hall, self.conditions.get(condition)?).ok()
    }

    fn hall_at(&self, point: Option<&Point>) -> Result<Hall, String> {
        match point {
            None => Ok(self.hall.clone()),
            Some(point) => {
                let read = self.model.load(&self.sets(point));
                read.map_err(|error| one_line(&error.to_string()))
            }
        }
    }

    fn afresh(&self, hall: &Hall, condition: &Condition) -> Result<SolveResult, String> {
        let mut at = hall.clone();
        at.outdoor = condition.outdoor.unwrap_or(at.outdoor);
        self.tick();
        let run = run_hall(at).map_err(|error: RunError| one_line(&error.to_string()))?;
        Ok(run.result)
    }
}

impl Over {
    /// Objectives of conditions with their hours as one, or as one for each where the worst counts.
    pub(super) fn of(self, all: &[(f64, f64)]) -> Vec<f64> {
        let counted = all.iter().filter(|(_, hours)| *hours > 0.0);
        if self == Self::DesignWorst {
            return counted.map(|(value, _)| *value).collect();
        }
        let hours: f64 = counted.clone().map(|(_, hours)| hours).sum();
        vec![counted.map(|(value, h)| value * h).sum::<f64>() / hours]
    }
}

impl Scale {
    pub(super) fn sample(self, raw: &Raw) -> Sample {
        Sample {
            objectives: raw
                .objectives
                .iter()
                .map(|value| (value - self.zero) / self.one)
                .collect(),
            margins: raw.margins.clone(),
            holds: raw.holds,
        }
    }
}
