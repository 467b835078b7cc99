//! What a search found, put together for readers: the hall today and at the optimum, what was chosen, what binds.

mod charts;
mod limits;

use super::conditions::Over;
use super::descent::End;
use super::outcome::{Chosen, Figures, OneSide, Optimum, Searched, Switched};
use super::plan::Plan;
use super::prices::{Binding, EDGE, Side, binding};
use super::problem::{Point, Probe, Problem, alike};
use super::search::{Found, Split};
use crate::result::SolveResult;
use crate::study::levels::starred;
use crate::study::sweep::Value;

/// Puts an answer together.
pub(super) struct Teller<'t> {
    pub(super) plan: &'t Plan,
    pub(super) problem: &'t Problem<'t>,
    pub(super) split: &'t Split,
    pub(super) found: &'t Found,
    pub(super) point: &'t Point,
    pub(super) results: &'t [Result<SolveResult, String>],
}

impl Teller<'_> {
    fn function(&self, near: Option<&[f64]>, points: &[Vec<f64>]) -> Vec<Option<Probe>> {
        let at = |u: &[f64]| self.split.point(self.problem, &self.found.choices, u);
        let points: Vec<Point> = points.iter().map(|u| at(u)).collect();
        let near = near.map(at);
        self.problem
            .probes(near.as_ref(), &points, self.found.scale)
    }

    pub(super) fn tell(
        &self,
        today: &[Result<SolveResult, String>],
        mut notes: Vec<String>,
    ) -> Optimum {
        let plan = self.plan;
        let hours = if plan.over == Over::Year {
            plan.conditions.iter().map(|one| one.hours).sum()
        } else {
            1.0
        };
        let figures = |results: &[Result<SolveResult, String>]| self.figures(results, hours);
        let optimum = figures(self.results);
        let before = figures(today);
        let feasible = self.found.end.sample.holds;
        if let Some(reason) = self.results.iter().find_map(|one| one.as_ref().err()) {
            notes.push(format!(
                "solved afresh, as `solve` does, the optimum has no solution: {reason}"
            ));
        } else if feasible && optimum.limits_broken > 0 {
            notes.push(
                "solved afresh, as `solve` does, the optimum breaks limits that it held in the search".to_owned(),
            );
        }
        let binding = binding(
            &|near: Option<&[f64]>, points: &[Vec<f64>]| self.function(near, points),
            &End {
                u: self.found.end.u.clone(),
                sample: self.found.end.sample.clone(),
                hidden: self.found.end.hidden.clone(),
            },
        );
        let worth = self.found.scale.one * hours;
        let residual = binding
            .as_ref()
            .filter(|_| feasible)
            .map(|one| one.residual);
        if residual.is_some_and(|residual| residual > 0.05) {
            notes.push(format!(
                "what binds does not explain {:.0} % of the objective's slope at this point: it may not be the best, and prices are rough; --samples and --starts search more widely",
                100.0 * residual.unwrap_or(0.0)
            ));
        }
        let beyond = binding.as_ref().map(|found| self.beyond(found));
        let beyond = beyond.unwrap_or_default();
        let solved_today = before.unsolved == 0;
        Optimum {
            schema_version: 1,
            name: plan.hall.name.clone(),
            state: plan.hall.state.name.clone(),
            scenario: plan.scenario.clone(),
            minimise: plan.objective.clone(),
            over: plan.over,
            hours,
            unit: plan.objective.unit(plan.over == Over::Year),
            feasible: feasible && optimum.limits_broken == 0 && optimum.unsolved == 0,
            variables: self.chosen(binding.as_ref(), worth),
            gain: solved_today.then_some(before.objective - optimum.objective),
            model_warnings: self.new_warnings(today),
            today: solved_today.then_some(before),
            binding: self.binding(binding.as_ref(), &beyond, worth),
            ranges: self.ranges(binding.as_ref(), &beyond),
            broken: self.broken(),
            residual,
            search: Searched {
                conditions: plan.conditions.len(),
                sampled: self.found.sampled.0,
                sampled_solved: self.found.sampled.1,
                sampled_holding: self.found.sampled.2,
                searches: self.found.searches,
                combinations: self.found.combinations.0,
                combinations_of: self.found.combinations.1,
                ..Searched::default()
            },
            optimum,
            warnings: notes,
            lines: Vec::new(),
            grid: None,
        }
    }

    fn figures(&self, results: &[Result<SolveResult, String>], hours: f64) -> Figures {
        let solved: Vec<(&SolveResult, f64)> = results
            .iter()
            .zip(&self.plan.conditions)
            .filter_map(|(result, condition)| Some((result.as_ref().ok()?, condition.hours)))
            .collect();
        let objective = &self.plan.objective;
        let counted: Vec<(&SolveResult, f64)> = solved
            .iter()
            .copied()
            .filter(|(_, hours)| *hours > 0.0)
            .collect();
        // Of the worst condition, or the mean by hours.
        let worst = counted
            .iter()
            .copied()
            .reduce(|a, b| {
                if objective.of(&b.0.facility) > objective.of(&a.0.facility) {
                    b
                } else {
                    a
                }
            })
            .filter(|_| self.plan.over == Over::DesignWorst);
        let taken = worst.map_or(counted.clone(), |one| vec![one]);
        let weight: f64 = taken.iter().map(|(_, hours)| hours).sum();
        let mean = |value: &dyn Fn(&SolveResult) -> f64| {
            taken
                .iter()
                .map(|(result, hours)| hours * value(result))
                .sum::<f64>()
                / weight
        };
        let power_w = mean(&|result| result.facility.power_w);
        let it_power_w = mean(&|result| result.facility.it_power_w);
        let water_l_per_h = mean(&|result| result.facility.water_l_per_h);
        Figures {
            objective: objective.value(power_w, water_l_per_h) * hours,
            power_w,
            it_power_w,
            cooling_power_w: mean(&|result| result.facility.cooling_power_w),
            water_l_per_h,
            pue: (it_power_w > 0.0).then(|| power_w / it_power_w),
            cost_per_h: self.plan.prices.cost_per_h(power_w, water_l_per_h),
            gpu_temperature_max_c: solved
                .iter()
                .filter_map(|(result, _)| result.gpus.temperature_max_c)
                .reduce(f64::max),
            limits_broken: solved
                .iter()
                .map(|(result, _)| self.broken_in(result).count())
                .sum(),
            unsolved: results.len() - solved.len(),
        }
    }

    fn chosen(&self, binding: Option<&Binding>, worth: f64) -> Vec<Chosen> {
        let all = self.problem.variables.iter().enumerate();
        all.map(|(k, variable)| {
            let axis = variable.axis();
            let (from, to) = (variable.number(0.0), variable.number(1.0));
            let place = self.split.ranges.iter().position(|&range| range == k);
            let span = from
                .zip(to)
                .map_or(f64::NAN, |(from, to)| (to - from).abs());
            let share = place.map(|place| self.found.end.u[place]);
            Chosen {
                name: variable.name.clone(),
                paths: variable.axes.iter().map(|axis| axis.path.clone()).collect(),
                unit: axis.unit.clone(),
                from,
                to,
                choices: (0..variable.choices())
                    .map(|index| axis.written(&axis.at(index as u64)))
                    .collect(),
                today: variable.today_written(),
                optimum: axis.written(&self.point[k]),
                optimum_number: match &self.point[k] {
                    Value::Number(number) => Some(*number),
                    Value::Word(_) => None,
                },
                at: share.and_then(|share| match share {
                    share if share < EDGE => Some("low"),
                    share if share > 1.0 - EDGE => Some("high"),
                    _ => Some("edge").filter(|_| {
                        let found = place.zip(binding);
                        found.is_some_and(|(place, binding)| binding.ends[place].is_some())
                    }),
                }),
                price: place
                    .filter(|_| self.found.end.sample.holds)
                    .and_then(|place| binding?.ends[place])
                    .map(|price| price * worth / span),
                kink: place
                    .zip(binding)
                    .is_some_and(|(place, binding)| binding.kinks[place]),
                sides: place
                    .zip(binding)
                    .filter(|(place, binding)| binding.kinks[*place])
                    .map(|(place, binding)| {
                        let sides = binding.sides[place].each_ref();
                        sides.map(|side| one_side(side, worth, span))
                    }),
            }
        })
        .collect()
    }

    /// Warnings of the model at the optimum that today does not have.
    fn new_warnings(&self, today: &[Result<SolveResult, String>]) -> Vec<String> {
        let of = |results: &[Result<SolveResult, String>]| -> Vec<(String, String)> {
            let mut all: Vec<(String, String)> = Vec::new();
            for warning in results.iter().flatten().flat_map(|result| &result.warnings) {
                let one = (starred(&warning.path), warning.text.clone());
                if !all
                    .iter()
                    .any(|(path, text)| *path == one.0 && alike(text, &one.1))
                {
                    all.push(one);
                }
            }
            all
        };
        let before = of(today);
        of(self.results)
            .into_iter()
            .filter(|(path, text)| {
                !before
                    .iter()
                    .any(|(known, other)| known == path && alike(text, other))
            })
            .map(|(path, text)| format!("{path}: {text}"))
            .collect()
    }
}

/// A side of a variable in the objective's unit.
fn one_side(side: &Side, worth: f64, span: f64) -> OneSide {
    OneSide {
        slope: side.slope.map(|slope| slope * worth / span),
        step: side.step.map(|step| step * worth),
        holds: side.holds,
        switches: side
            .switches
            .iter()
            .map(|one| Switched {
                path: one.path.clone(),
                from: one.from.clone(),
                to: one.to.clone(),
            })
            .collect(),
    }
}
