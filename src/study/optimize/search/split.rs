//! Variables split into ranges, which a local search moves, and choices, which are tried.

use super::Choices;
use crate::study::optimize::problem::{Point, Problem};
use crate::study::sweep::Value;

/// Variables split into ranges and choices.
pub(in crate::study::optimize) struct Split {
    pub(in crate::study::optimize) ranges: Vec<usize>,
    pub(in crate::study::optimize) choices: Vec<usize>,
}

impl Split {
    pub(in crate::study::optimize) fn of(problem: &Problem<'_>) -> Self {
        let all = 0..problem.variables.len();
        let (choices, ranges) = all.partition(|&k| problem.variables[k].is_choice());
        Self { ranges, choices }
    }

    /// The point of a combination and of shares of the ranges.
    pub(in crate::study::optimize) fn point(
        &self,
        problem: &Problem<'_>,
        choices: &[usize],
        u: &[f64],
    ) -> Point {
        let mut point = vec![Value::Number(f64::NAN); problem.variables.len()];
        for (&k, &choice) in self.choices.iter().zip(choices) {
            point[k] = problem.variables[k].axis().at(choice as u64);
        }
        for (&k, &share) in self.ranges.iter().zip(u) {
            point[k] = problem.variables[k].axis().between(share);
        }
        point
    }

    pub(super) fn sizes(&self, problem: &Problem<'_>) -> Vec<usize> {
        self.choices
            .iter()
            .map(|&k| problem.variables[k].choices())
            .collect()
    }

    /// Today's combination and shares; a value that is not known, or lies outside, is brought to the nearest.
    pub(in crate::study::optimize) fn today(&self, problem: &Problem<'_>) -> (Choices, Vec<f64>) {
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
