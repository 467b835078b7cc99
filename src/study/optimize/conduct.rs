//! An optimisation from its plan to its answer.

use super::OptimizeError;
use super::conditions::{Condition, Over, coarse};
use super::edit::edited;
use super::outcome::Optimum;
use super::plan::Plan;
use super::problem::{Point, Problem, Progress};
use super::search::{Effort, Found, Split, refine, search};
use super::tell::Teller;
use super::variables::{Variable, both_ways};
use crate::study::sweep::Value;

/// Set-points that move the objective by less than this share of it are left alone, unless they are asked for.
const NEGLIGIBLE: f64 = 1e-5;

/// Most digits more than usual that a value is printed with.
const MORE_DIGITS: i32 = 5;

/// What is found, and the hall file with it.
#[derive(Debug)]
pub struct Answer {
    /// What was found.
    pub optimum: Optimum,
    /// The hall file's text with the values chosen; none where it was not asked for.
    pub file: Option<String>,
}

impl Plan {
    /// Finds the optimum.
    ///
    /// # Errors
    /// [`OptimizeError`]; limits that cannot be held are none.
    pub fn run(&self, progress: &Progress<'_>) -> Result<Answer, OptimizeError> {
        let mut notes = self.notes.clone();
        let variables = if self.usual {
            self.in_play(progress, &mut notes)?
        } else {
            self.variables.clone()
        };
        let effort = Effort {
            samples: self.options.samples,
            starts: self.options.starts,
        };
        // A year is searched in coarse bins first.
        let coarse = coarse(&self.conditions).filter(|_| self.over == Over::Year);
        let rough = coarse.and_then(|conditions| {
            let problem = self.problem(&variables, &conditions, progress);
            Some((search(&problem, effort)?, problem.solves()))
        });
        let before = rough.as_ref().map_or(0, |(_, solves)| *solves);
        let progress = |done: u64| progress(before + done);
        let problem = self.problem(&variables, &self.conditions, &progress);
        let found = match &rough {
            Some((rough, _)) => refine(&problem, rough),
            None => search(&problem, effort),
        };
        let Some(found) = found else {
            let unsolved = problem.unsolved();
            return Err(OptimizeError::NoSolution {
                tried: unsolved.iter().map(|(_, number)| number).sum(),
                unsolved,
            });
        };
        let split = Split::of(&problem);
        let point = rounded(&problem, &split, &found);
        let results = problem.results(Some(&point));
        let today = problem.results(None);
        let told = Teller {
            plan: self,
            problem: &problem,
            split: &split,
            found: &found,
            point: &point,
            results: &results,
        };
        let mut optimum = told.tell(&today, notes);
        if self.options.charts {
            told.charts(&mut optimum);
        }
        optimum.search.solves = before + problem.solves();
        optimum.search.unsolved = problem.unsolved();
        let file = if self.options.write {
            // What the command line set goes into the file too: without it the optimum would be that of another hall.
            let state = self
                .options
                .load
                .state
                .iter()
                .map(|name| format!("state={name}"));
            let edits = state.chain(self.options.load.set.iter().cloned());
            let values: Vec<(String, String)> = edits
                .chain(problem.sets(&point))
                .filter_map(|set| {
                    let (path, value) = set.split_once('=')?;
                    Some((path.trim().to_owned(), value.trim().to_owned()))
                })
                .collect();
            Some(edited(&self.text, &values)?)
        } else {
            None
        };
        Ok(Answer { optimum, file })
    }

    fn problem<'p>(
        &'p self,
        variables: &'p [Variable],
        conditions: &'p [Condition],
        progress: &'p Progress<'p>,
    ) -> Problem<'p> {
        Problem::new(
            &self.hall,
            &self.model,
            variables,
            conditions,
            (self.over, &self.objective, self.options.rules()),
            progress,
        )
    }

    /// Of the hall's own set-points those that move the objective, or a limit across its edge.
    fn in_play(
        &self,
        progress: &Progress<'_>,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Variable>, OptimizeError> {
        let all = &self.variables;
        let coarse = coarse(&self.conditions).filter(|_| self.over == Over::Year);
        let conditions = coarse.as_deref().unwrap_or(&self.conditions);
        let problem = self.problem(all, conditions, progress);
        let split = Split::of(&problem);
        let (choices, u) = split.today(&problem);
        let today = split.point(&problem, &choices, &u);
        let mut points = vec![today.clone()];
        for (k, variable) in all.iter().enumerate() {
            for share in [0.0, 1.0] {
                let mut point: Point = today.clone();
                point[k] = variable.axis().between(share);
                points.push(point);
            }
        }
        let solved = problem.solve(None, &points);
        let Some(base) = &solved[0] else {
            return Ok(all.clone());
        };
        let moves = |k: usize| {
            let ends = &solved[1 + 2 * k..3 + 2 * k];
            ends.iter().any(|end| match end {
                None => true,
                Some(end) => {
                    let change = (end.objective() - base.objective()).abs();
                    end.holds != base.holds || change > NEGLIGIBLE * base.objective().abs()
                }
            })
        };
        let (kept, left): (Vec<usize>, Vec<usize>) = (0..all.len()).partition(|&k| moves(k));
        if !left.is_empty() {
            let names: Vec<&str> = left.iter().map(|&k| all[k].name.as_str()).collect();
            notes.push(format!(
                "left as they are, since they move the objective by less than {NEGLIGIBLE:e} of it: {}",
                names.join(", ")
            ));
        }
        if kept.is_empty() {
            return Err(OptimizeError::Plan(
                "no set-point of this hall moves the objective; give --vary PATH=FROM..TO UNIT"
                    .to_owned(),
            ));
        }
        Ok(kept.into_iter().map(|k| all[k].clone()).collect())
    }
}

/// The point found, its numbers without digits that mean nothing: of each variable as few as hold what the point holds,
/// rounded to the nearest or to the other side. So a value may be typed in as it is printed.
fn rounded(problem: &Problem<'_>, split: &Split, found: &Found) -> Point {
    let mut point = split.point(problem, &found.choices, &found.end.u);
    for &k in &split.ranges {
        let variable = &problem.variables[k];
        let (Value::Number(number), Some(from), Some(to)) =
            (&point[k], variable.number(0.0), variable.number(1.0))
        else {
            continue;
        };
        let candidates: Vec<Point> = (0..MORE_DIGITS)
            .flat_map(|more| both_ways(*number, to - from, more))
            .map(|number| {
                let mut other = point.clone();
                other[k] = Value::Number(number.clamp(from.min(to), from.max(to)));
                other
            })
            .collect();
        let solved = problem.solve(None, &candidates).into_iter();
        let holds = solved.map(|raw| raw.is_some_and(|raw| raw.holds));
        let kept = holds
            .zip(candidates)
            .find(|(holds, _)| *holds == found.end.sample.holds);
        point = kept.map_or(point, |(_, candidate)| candidate);
    }
    point
}
