//! Optimum: the set-points that spend least under all limits, and what each limit is worth.
//!
//! ```text
//! --vary, or every set-point of the hall ── variables ─┐
//! the hall's air, design conditions, year ─ conditions ─┤ problem: objective and margins at any point
//! power, water, cost, a sum ───────────────  objective ─┘      │
//!                     sample ── local searches ── neighbours ── last look (search, descent, quadratic)
//!                                                              │
//!                     prices of what binds ── figures of today and of the optimum, from the file as edited
//! ```
//!
//! Every limit of the results that is not advisory is a constraint, in every condition; a set-point that must be met and is
//! not is a broken limit, as in a solve.

mod conditions;
mod descent;
mod edit;
mod objective;
mod outcome;
mod prices;
mod problem;
mod quadratic;
mod search;
mod setpoints;
mod variables;

pub use conditions::{Condition, Over, Purpose};
pub use edit::{EditError, edited, write};
pub use objective::{Aim, Objective, Prices};
pub use outcome::{
    BindingLimit, BrokenLimit, Chosen, Figures, Grid, Optimum, Searched, Slice, amount, price_unit,
};
pub use problem::Progress;
pub use variables::Variable;

use std::path::{Path, PathBuf};

use toml_edit::DocumentMut;

use crate::hall::model::{Hall, Workload};
use crate::hall::{LoadError, LoadOptions, Warnings};
use crate::result::{Limit, LimitStatus, SolveResult};
use crate::study::annual;
use crate::study::levels::starred;
use crate::study::sweep::model::Model;
use crate::study::sweep::{SweepError, Value, judge_value};
use crate::weather::{self, WeatherError};
use crate::world::World;
use descent::{End, Sample};
use problem::{Point, Problem, Rules, alike};
use search::{Effort, Found, Split, search};
use variables::{Known, round};

/// Values tried along a range for a chart, of few conditions and of many.
const ALONG: (usize, usize) = (41, 13);
/// The same on each side of a grid.
const ACROSS: (usize, usize) = (21, 9);
/// Set-points that move the objective by less than this share of it are left alone, unless they are asked for.
const NEGLIGIBLE: f64 = 1e-5;

/// What is asked.
#[derive(Debug, Clone, Default)]
#[allow(clippy::struct_excessive_bools)] // each is a flag of the command line
pub struct OptimizeOptions {
    /// `PATH=FROM..TO UNIT`, `PATH=a,b,c`, or `PATH` for a set-point; every set-point where there are none.
    pub vary: Vec<String>,
    /// What is minimised.
    pub minimise: String,
    /// Edits and state.
    pub load: LoadOptions,
    /// What they are chosen for.
    pub purpose: Purpose,
    /// Weather in place of the hall file's.
    pub weather: Option<String>,
    /// Table of design conditions in place of the hall file's.
    pub design_table: Option<PathBuf>,
    /// Prices in place of the hall file's.
    pub prices: Prices,
    /// Whether advisory limits are to hold as well.
    pub advisory: bool,
    /// Whether curves and correlations may leave their ranges where they do not today.
    pub beyond_range: bool,
    /// Points of the sample; by the number of variables if left out.
    pub samples: Option<u32>,
    /// Local searches that start at the best of the sample.
    pub starts: usize,
    /// Whether lines and grids for charts are wanted.
    pub charts: bool,
    /// Whether the hall file is to be written, so that paths must stand in it.
    pub write: bool,
}

impl OptimizeOptions {
    fn rules(&self) -> Rules {
        Rules {
            advisory: self.advisory,
            beyond_range: self.beyond_range,
        }
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum OptimizeError {
    /// The hall file is at fault, or could not be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A variable cannot be varied.
    #[error("--vary '{text}': {fault}")]
    Vary {
        /// As given.
        text: String,
        /// What is wrong.
        fault: String,
    },
    /// The hall file does not take a value.
    #[error("--vary {set}: {error}")]
    Value {
        /// `PATH=VALUE`.
        set: String,
        /// Cause.
        error: LoadError,
    },
    /// The plan makes no sense; words for why.
    #[error("{0}")]
    Plan(String),
    /// The weather.
    #[error(transparent)]
    Weather(#[from] WeatherError),
    /// The hall file could not be edited.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// No point has a solution.
    #[error("no point has a solution: of {tried} tried, {}", reasons(.unsolved))]
    NoSolution {
        /// Points tried.
        tried: usize,
        /// Reasons with their number.
        unsolved: Vec<(String, usize)>,
    },
}

fn reasons(all: &[(String, usize)]) -> String {
    let some: Vec<String> = all
        .iter()
        .take(3)
        .map(|(reason, number)| format!("{number}: {reason}"))
        .collect();
    some.join("; ")
}

/// A planned optimisation.
#[derive(Debug)]
pub struct Plan {
    hall: Hall,
    /// What is to be known of the hall file.
    pub warnings: Warnings,
    model: Model,
    text: String,
    /// What may be chosen.
    pub variables: Vec<Variable>,
    /// Whether the variables are the hall's own set-points.
    usual: bool,
    conditions: Vec<Condition>,
    scenario: String,
    over: Over,
    objective: Objective,
    prices: Prices,
    notes: Vec<String>,
    options: OptimizeOptions,
}

/// What is found, and the hall file with it.
#[derive(Debug)]
pub struct Answer {
    /// What was found.
    pub optimum: Optimum,
    /// The hall file's text with the values chosen; none where it was not asked for.
    pub file: Option<String>,
}

/// Lays an optimisation out, and checks all that can be checked before anything is solved.
///
/// # Errors
/// [`OptimizeError`].
pub fn plan(
    world: &dyn World,
    path: &Path,
    options: &OptimizeOptions,
) -> Result<Plan, OptimizeError> {
    if options.starts == 0 {
        return Err(OptimizeError::Plan(
            "0 local searches find nothing; --starts must be 1 or more".to_owned(),
        ));
    }
    if options.samples == Some(0) {
        return Err(OptimizeError::Plan(
            "0 points leave nothing to start from; --samples must be 1 or more".to_owned(),
        ));
    }
    let (mut model, hall, warnings) = Model::read(world, path, &options.load)?;
    let text = model.text().0;
    let document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        OptimizeError::Edit(EditError::Text(error.message().to_owned()))
    })?;
    let prices = Prices {
        electricity: options.prices.electricity.or(hall.annual.electricity_price),
        water: options.prices.water.or(hall.annual.water_price),
    };
    let objective = Objective::parse(&options.minimise, &prices)
        .map_err(|fault| OptimizeError::Plan(format!("--minimise: {fault}")))?;
    let known = Known {
        hall: &hall,
        document: &document,
    };
    let usual = options.vary.is_empty();
    let mut variables = if usual {
        setpoints::usual(&hall, &document)
    } else {
        let vary = options.vary.iter();
        vary.map(|text| variables::parse(&known, text))
            .collect::<Result<_, _>>()?
    };
    let edits: Vec<String> = model.edits().map(str::to_owned).collect();
    if usual {
        variables.retain(|one| !one.axes.iter().any(|axis| edits.contains(&axis.path)));
    }
    check(&variables, &edits)?;
    if options.write {
        check_file(&document, &variables, &edits)?;
    }
    judge(world, &mut model, &variables, usual)?;
    let mut notes = Vec::new();
    let (conditions, over, scenario) = set_out(world, &hall, options, &mut notes)?;
    Ok(Plan {
        hall,
        warnings,
        model,
        text,
        variables,
        usual,
        conditions,
        scenario,
        over,
        objective,
        prices,
        notes,
        options: options.clone(),
    })
}

/// Contradictions between variables.
fn check(variables: &[Variable], edits: &[String]) -> Result<(), OptimizeError> {
    if variables.is_empty() {
        return Err(OptimizeError::Plan(
            "this hall has no set-point that could be chosen; give --vary PATH=FROM..TO UNIT"
                .to_owned(),
        ));
    }
    let paths: Vec<&str> = variables
        .iter()
        .flat_map(|one| one.axes.iter().map(|axis| axis.path.as_str()))
        .collect();
    for (at, path) in paths.iter().enumerate() {
        if paths[..at].contains(path) {
            return Err(OptimizeError::Plan(format!("`{path}` is varied twice")));
        }
        if edits.iter().any(|edit| edit == path) {
            return Err(OptimizeError::Plan(format!(
                "`{path}` is both set and varied; leave out one of --set and --vary"
            )));
        }
    }
    Ok(())
}

/// Whether all paths can be written into the file.
fn check_file(
    document: &DocumentMut,
    variables: &[Variable],
    edits: &[String],
) -> Result<(), OptimizeError> {
    let paths = variables.iter().flat_map(|one| &one.axes);
    let mut all = paths.map(|axis| &axis.path).chain(edits);
    match all.find(|path| !edit::is_of_file(document, path)) {
        Some(path) => Err(EditError::Asset(path.clone()).into()),
        None => Ok(()),
    }
}

/// Whether the hall file takes the values: all of a list, both ends of a range.
fn judge(
    world: &dyn World,
    model: &mut Model,
    variables: &[Variable],
    usual: bool,
) -> Result<(), OptimizeError> {
    if usual {
        // Their ranges come from the field lists.
        return Ok(());
    }
    let axes: Vec<_> = variables
        .iter()
        .flat_map(|variable| variable.axes.iter().cloned())
        .collect();
    for at in 0..axes.len() {
        for value in axes[at].judged() {
            judge_value(model, world, &axes, at, &value).map_err(|error| match error {
                SweepError::Value { set, error } => OptimizeError::Value { set, error },
                other => OptimizeError::Plan(other.to_string()),
            })?;
        }
    }
    Ok(())
}

/// The conditions, what the objective is over, and words for both.
fn set_out(
    world: &dyn World,
    hall: &Hall,
    options: &OptimizeOptions,
    notes: &mut Vec<String>,
) -> Result<(Vec<Condition>, Over, String), OptimizeError> {
    let purpose = options.purpose;
    if purpose == Purpose::Point {
        return Ok((
            conditions::point(&hall.scenario),
            Over::Point,
            hall.scenario.clone(),
        ));
    }
    let source = annual::source(
        &hall.annual,
        options.weather.as_deref(),
        options.design_table.as_deref(),
    );
    let (weather, mut said) = weather::open(world, &source)?;
    notes.append(&mut said);
    if options.weather.is_none() && hall.annual.weather.is_none() {
        notes.push(format!(
            "neither --weather nor [annual] names the weather: {} is taken",
            weather.name
        ));
    }
    if purpose != Purpose::Year && weather.design.is_empty() {
        return Err(OptimizeError::Plan(format!(
            "{} has no design conditions; --design-table FILE.csv gives some",
            weather.name
        )));
    }
    let by = match purpose {
        Purpose::Design => Some((Over::DesignWorst, "worst of")),
        Purpose::DesignMean => Some((Over::DesignMean, "mean of")),
        _ => None,
    };
    if let Some((over, how)) = by {
        let all = conditions::design(&weather.design, 1.0);
        let scenario = format!("{how} {} design conditions of {}", all.len(), weather.name);
        return Ok((all, over, scenario));
    }
    if hall.annual.workload != Workload::Constant(1.0) {
        notes.push(
            "the workload of [annual] is left out: every hour is solved in the state itself"
                .to_owned(),
        );
    }
    let mut all = conditions::year(&weather);
    let mut scenario = format!("year of {}, {} conditions", weather.name, all.len());
    if purpose == Purpose::YearAndDesign {
        all.extend(conditions::design(&weather.design, 0.0));
        scenario.push_str(", limits at its design conditions too");
    }
    Ok((all, Over::Year, scenario))
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
        let problem = self.problem(&variables, progress);
        let effort = Effort {
            samples: self.options.samples,
            starts: self.options.starts,
        };
        let Some(found) = search(&problem, effort) else {
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
        optimum.search.solves = problem.solves();
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

    fn problem<'p>(&'p self, variables: &'p [Variable], progress: &'p Progress<'p>) -> Problem<'p> {
        Problem::new(
            &self.hall,
            &self.model,
            variables,
            &self.conditions,
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
        let problem = self.problem(all, progress);
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
        let solved = problem.solve(&points);
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

/// The point found, its numbers without digits that mean nothing; as found where that breaks a limit.
fn rounded(problem: &Problem<'_>, split: &Split, found: &Found) -> Point {
    let exact = split.point(problem, &found.choices, &found.end.u);
    let mut point = exact.clone();
    for &k in &split.ranges {
        let variable = &problem.variables[k];
        if let (Value::Number(number), Some(from), Some(to)) =
            (&mut point[k], variable.number(0.0), variable.number(1.0))
        {
            let inside = round(*number, to - from);
            *number = inside.clamp(from.min(to), from.max(to));
        }
    }
    let solved = problem.solve(std::slice::from_ref(&point)).pop().flatten();
    match solved {
        Some(raw) if raw.holds == found.end.sample.holds => point,
        _ => exact,
    }
}

/// Puts an answer together.
struct Teller<'t> {
    plan: &'t Plan,
    problem: &'t Problem<'t>,
    split: &'t Split,
    found: &'t Found,
    point: &'t Point,
    results: &'t [Result<SolveResult, String>],
}

impl Teller<'_> {
    fn function(&self, points: &[Vec<f64>]) -> Vec<Option<Sample>> {
        let points: Vec<Point> = points
            .iter()
            .map(|u| self.split.point(self.problem, &self.found.choices, u))
            .collect();
        self.problem.samples(&points, self.found.scale)
    }

    fn tell(&self, today: &[Result<SolveResult, String>], mut notes: Vec<String>) -> Optimum {
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
        let binding = prices::binding(
            &|points: &[Vec<f64>]| self.function(points),
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
                "prices explain the objective's slope but for {:.0} %: near this optimum it bends or jumps, so take them as rough",
                100.0 * residual.unwrap_or(0.0)
            ));
        }
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
            binding: self.binding(binding.as_ref(), worth),
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

    fn broken_in<'r>(&'r self, result: &'r SolveResult) -> impl Iterator<Item = &'r Limit> {
        result
            .limits
            .iter()
            .filter(|limit| self.problem.counts(limit) && limit.status == LimitStatus::Broken)
    }

    fn chosen(&self, binding: Option<&prices::Binding>, worth: f64) -> Vec<Chosen> {
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
                    share if share < prices::EDGE => Some("low"),
                    share if share > 1.0 - prices::EDGE => Some("high"),
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
            }
        })
        .collect()
    }

    fn binding(&self, binding: Option<&prices::Binding>, worth: f64) -> Vec<BindingLimit> {
        let Some(binding) = binding else {
            return Vec::new();
        };
        // Where limits are broken nothing is gained, so nothing has a price.
        let worth = if self.found.end.sample.holds {
            worth
        } else {
            0.0
        };
        let mut out: Vec<BindingLimit> = Vec::new();
        let broken = self.broken();
        for (index, result) in self.results.iter().enumerate() {
            let Ok(result) = result else { continue };
            for limit in &result.limits {
                let key = self.problem.key(index, limit);
                let Some((_, price)) = binding.limits.iter().find(|(known, _)| *known == key)
                else {
                    continue;
                };
                let is_broken =
                    |one: &BrokenLimit| one.path == limit.path && one.what == limit.what;
                if !self.problem.counts(limit) || broken.iter().any(is_broken) {
                    continue;
                }
                out.push(BindingLimit {
                    path: limit.path.clone(),
                    what: limit.what.clone(),
                    condition: self.plan.conditions[index].name.clone(),
                    severity: limit.severity,
                    value: limit.value,
                    limit: limit.limit,
                    unit: limit.unit,
                    price: price * worth / problem::size(limit),
                    dimension: limit.dimension,
                });
            }
        }
        out.extend(self.hidden(binding, worth));
        out.sort_by(|a, b| b.price.total_cmp(&a.price));
        out
    }

    /// Set-points at the edge of what can be held: as limits they show only beyond. What they are is read off a solve there.
    fn hidden(&self, binding: &prices::Binding, worth: f64) -> Vec<BindingLimit> {
        let shown: Vec<u64> = self
            .results
            .iter()
            .enumerate()
            .filter_map(|(index, result)| Some((index, result.as_ref().ok()?)))
            .flat_map(|(index, result)| {
                let limits = result.limits.iter();
                limits.map(move |limit| self.problem.key(index, limit))
            })
            .collect();
        let mut wanted: Vec<(u64, f64)> = binding
            .limits
            .iter()
            .copied()
            .filter(|(key, _)| !shown.contains(key))
            .collect();
        let mut out = Vec::new();
        for (key, line) in &self.found.end.hidden {
            let Some(place) = wanted.iter().position(|(known, _)| known == key) else {
                continue;
            };
            let (_, price) = wanted.swap_remove(place);
            // A hundredth of the ranges beyond the edge, down the limit's own slope.
            let steepest = line.slope.iter().fold(0.0_f64, |most, s| most.max(s.abs()));
            let beyond: Vec<f64> = self
                .found
                .end
                .u
                .iter()
                .zip(&line.slope)
                .map(|(u, slope)| (u - 0.02 * slope / steepest.max(1e-12)).clamp(0.0, 1.0))
                .collect();
            let point = self.split.point(self.problem, &self.found.choices, &beyond);
            for (index, result) in self.problem.results(Some(&point)).into_iter().enumerate() {
                let Ok(result) = result else { continue };
                let found = result
                    .limits
                    .iter()
                    .find(|limit| self.problem.key(index, limit) == *key);
                if let Some(limit) = found {
                    out.push(BindingLimit {
                        path: limit.path.clone(),
                        what: limit.what.clone(),
                        condition: self.plan.conditions[index].name.clone(),
                        severity: limit.severity,
                        value: None,
                        limit: limit.limit,
                        unit: limit.unit,
                        price: price * worth / problem::size(limit),
                        dimension: limit.dimension,
                    });
                }
            }
        }
        out
    }

    /// Limits broken at the point, each in the condition where it is broken most.
    fn broken(&self) -> Vec<BrokenLimit> {
        let mut out: Vec<BrokenLimit> = Vec::new();
        for (result, condition) in self.results.iter().zip(&self.plan.conditions) {
            let Ok(result) = result else { continue };
            for limit in self.broken_in(result) {
                let path = starred(&limit.path);
                let known = out
                    .iter_mut()
                    .find(|one| starred(&one.path) == path && one.what == limit.what);
                let new = BrokenLimit {
                    path: limit.path.clone(),
                    what: limit.what.clone(),
                    condition: condition.name.clone(),
                    value: limit.value,
                    limit: limit.limit,
                    unit: limit.unit,
                    margin: limit.margin,
                    conditions: 1,
                    dimension: limit.dimension,
                };
                match known {
                    None => out.push(new),
                    Some(known) => {
                        let conditions = known.conditions + 1;
                        if new.margin.unwrap_or(0.0) < known.margin.unwrap_or(0.0) {
                            *known = new;
                        }
                        known.conditions = conditions;
                    }
                }
            }
        }
        out
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

    fn charts(&self, optimum: &mut Optimum) {
        let many = self.problem.conditions.len() > 4;
        let pick = |(few, more): (usize, usize)| if many { more } else { few };
        let shares = |count: usize| (0..count).map(move |i| i as f64 / (count - 1) as f64);
        let hours = optimum.hours;
        for &k in &self.split.ranges {
            let variable = &self.problem.variables[k];
            let mut points: Vec<(f64, Point)> = Vec::new();
            for share in shares(pick(ALONG)) {
                let mut point = self.point.clone();
                point[k] = variable.axis().between(share);
                points.push((variable.number(share).unwrap_or(share), point));
            }
            // The optimum itself is one of the points.
            if let Value::Number(number) = self.point[k] {
                points.push((number, self.point.clone()));
            }
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            points.dedup_by(|a, b| a.0 == b.0);
            let list: Vec<Point> = points.iter().map(|(_, point)| point.clone()).collect();
            let solved = self.problem.solve(&list);
            optimum.lines.push(Slice {
                variable: k,
                points: points
                    .iter()
                    .zip(solved)
                    .map(|((number, _), raw)| {
                        let holds = raw.as_ref().is_some_and(|raw| raw.holds);
                        (*number, raw.map(|raw| raw.objective() * hours), holds)
                    })
                    .collect(),
            });
        }
        if let [a, b] = self.split.ranges[..] {
            let count = pick(ACROSS);
            let values = |k: usize| -> Vec<f64> {
                let variable = &self.problem.variables[k];
                shares(count)
                    .filter_map(|share| variable.number(share))
                    .collect()
            };
            let (xs, ys) = (values(a), values(b));
            let mut list: Vec<Point> = Vec::new();
            for share_y in shares(count) {
                for share_x in shares(count) {
                    let mut point = self.point.clone();
                    point[a] = self.problem.variables[a].axis().between(share_x);
                    point[b] = self.problem.variables[b].axis().between(share_y);
                    list.push(point);
                }
            }
            let solved = self.problem.solve(&list);
            let margin = |raw: &problem::Raw| raw.margin();
            optimum.grid = Some(Grid {
                variables: [a, b],
                margins: solved
                    .iter()
                    .map(|raw| raw.as_ref().map_or(0.0, margin))
                    .collect(),
                values: solved
                    .iter()
                    .map(|raw| raw.as_ref().map(|raw| raw.objective() * hours))
                    .collect(),
                xs,
                ys,
            });
        }
    }
}
