//! Sizing: from loads, set-points, limits and redundancy to how many units, and how large, every set of equipment needs.
//!
//! The hall is solved with every candidate; what a set must do is read off the solution (`judge`). Margins are taken off
//! the set that is being sized: a margin of 10 % on duty means that the set still does all it must with 1/1.1 of its
//! capacity. The sized hall is written as a hall file, read again and solved in every case and with every claimed loss
//! before it is handed out.

pub mod capacity;
pub mod file;
pub mod judge;
pub mod schedule;
pub mod search;
pub mod sets;

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::annual;
use super::losses::{Loss, Severity, losses};
use super::scenario::{Base, Change, Scenario, run_all};
use super::{Run, RunError, run_hall};
use crate::component::Outdoor;
use crate::hall::model::Hall;
use crate::hall::{LoadError, LoadOptions, edits_the_tree};
use crate::library::Library;
use crate::result::{LimitStatus, SeverityName};
use crate::units::Dimension;
use crate::weather::{self, WeatherError};
use crate::world::World;
use capacity::Margins;
use file::{File, Overlay};
use judge::{Duty, duties};
use schedule::Row;
use search::{Case, Failure, Problem, Vary};
use sets::{Kept, Plan, Reserve, STEP, Set, Sort, Unit};

/// Where units come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The units that the file names: how many of them.
    #[default]
    Named,
    /// Any part of the library of the same kind.
    Library,
    /// As many as the file has: of which rating.
    Required,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct SizeOptions {
    /// Where units come from.
    pub choice: Choice,
    /// Margins.
    pub margins: Margins,
    /// Authority asked of control valves.
    pub authority: f64,
    /// Redundancy in place of the file's: of all sets, or of those of a name, path or kind. The last that fits counts.
    pub redundancy: Vec<(Option<String>, Reserve)>,
    /// Weather whose design conditions are cases too.
    pub weather: Option<String>,
    /// Table of design conditions.
    pub design: Option<PathBuf>,
}

impl Default for SizeOptions {
    fn default() -> Self {
        Self {
            choice: Choice::default(),
            margins: Margins::default(),
            authority: 0.3,
            redundancy: Vec::new(),
            weather: None,
            design: None,
        }
    }
}

/// Why nothing could be sized.
#[derive(Debug, thiserror::Error)]
pub enum SizeError {
    /// The hall.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The weather.
    #[error(transparent)]
    Weather(#[from] WeatherError),
    /// Nothing of that name.
    #[error("no equipment that can be sized is called `{name}`{}; there are {}", hint.as_deref().map_or_else(String::new, |hint| format!(" (did you mean `{hint}`?)")), known.join(", "))]
    NoSet {
        /// As asked for.
        name: String,
        /// Names and kinds.
        known: Vec<String>,
        /// The nearest of them.
        hint: Option<String>,
    },
    /// A UPS with more than one spare module.
    #[error("{path}: a UPS is n, n+1 or 2n, not {words}")]
    Ups {
        /// Path.
        path: String,
        /// As asked for.
        words: String,
    },
    /// A count that a rule of higher rank sets.
    #[error(
        "{path}: `{key}` is set by a spread, table or override, which a size in the file would not change; take it out there"
    )]
    Ruled {
        /// Path.
        path: String,
        /// Key.
        key: String,
    },
    /// Nothing to size.
    #[error(
        "the hall has nothing that could be sized: no pumps, exchangers, coolers, CDUs or electrical equipment"
    )]
    Nothing,
    /// The file cannot be edited.
    #[error("{}: the file could not be edited", path.display())]
    File {
        /// File.
        path: PathBuf,
    },
    /// The first guess has no solution, nor have others.
    #[error("no first guess of the sizes gives a hall with a solution: {reason}")]
    Start {
        /// Reason of the last.
        reason: String,
    },
}

impl From<LoadError> for SizeError {
    fn from(error: LoadError) -> Self {
        Self::Run(error.into())
    }
}

/// A case of the schedule.
#[derive(Debug, Clone, Serialize)]
pub struct CaseRow {
    /// Name.
    pub name: String,
    /// What it is.
    pub text: String,
    /// Limits that the sized hall breaks there.
    pub broken: Vec<BrokenLimit>,
    /// Why the sized hall has no solution there.
    pub reason: Option<String>,
}

/// A limit that the sized hall breaks.
#[derive(Debug, Clone, Serialize)]
pub struct BrokenLimit {
    /// Path.
    pub path: String,
    /// What is limited.
    pub what: String,
    /// Value, in the units of the results.
    pub value: Option<f64>,
    /// Limit.
    pub limit: f64,
    /// Unit.
    pub unit: &'static str,
    /// Dimension.
    #[serde(skip)]
    pub dimension: Dimension,
}

/// A claimed redundancy, tried.
#[derive(Debug, Clone, Serialize)]
pub struct Trial {
    /// Path.
    pub path: String,
    /// Claim.
    pub claimed: String,
    /// What was lost.
    pub lost: String,
    /// Whether every limit that counts holds.
    pub holds: bool,
    /// What breaks.
    pub breaks: Option<String>,
}

/// A set that nothing helps.
#[derive(Debug, Clone, Serialize)]
pub struct Unmet {
    /// Path.
    pub path: String,
    /// Kind.
    pub kind: &'static str,
    /// What is missed, and what would be needed, in words.
    pub text: String,
}

/// The schedule of a hall.
#[derive(Debug, Clone, Serialize)]
pub struct Schedule {
    /// Version of this structure.
    pub schema_version: u32,
    /// Name of the hall.
    pub name: String,
    /// Where units come from.
    pub choice: Choice,
    /// Margins asked for.
    pub margins: Margins,
    /// Authority asked of control valves.
    pub authority: f64,
    /// Cases.
    pub cases: Vec<CaseRow>,
    /// Sets.
    pub sets: Vec<Row>,
    /// What is not sized, and why.
    pub kept: Vec<Kept>,
    /// What cannot be sized.
    pub unmet: Vec<Unmet>,
    /// Claimed redundancy, tried.
    pub trials: Vec<Trial>,
    /// Solves that were made.
    pub solves: usize,
    /// What is to be known.
    pub warnings: Vec<String>,
}

impl Schedule {
    /// Whether everything could be sized, and the sized hall holds with every claimed loss.
    pub fn holds(&self) -> bool {
        self.unmet.is_empty()
            && self.trials.iter().all(|trial| trial.holds)
            && self
                .cases
                .iter()
                .all(|case| case.reason.is_none() && case.broken.is_empty())
    }
}

/// Sizes a hall: the schedule, and the sized file.
///
/// # Errors
/// [`SizeError`]; a set that cannot be sized is none.
pub fn run(
    world: &dyn World,
    path: &Path,
    load: &LoadOptions,
    options: &SizeOptions,
    progress: &(dyn Fn() + Sync),
) -> Result<(Schedule, File), SizeError> {
    let (hall, warnings) = crate::hall::load(world, path, load)?;
    let text = world
        .read_to_string(path)
        .map_err(|error| SizeError::from(LoadError::from(error)))?;
    let (tree, assets): (Vec<String>, Vec<String>) = load
        .set
        .iter()
        .cloned()
        .partition(|set| edits_the_tree(set));
    let at_fault = || SizeError::File {
        path: path.to_owned(),
    };
    let mut file = File::new(&text, path, &tree).ok_or_else(at_fault)?;
    let load = LoadOptions {
        set: assets,
        state: load.state.clone(),
    };
    let (mut all, mut kept) = sets::find(&hall);
    redundancy(&mut all, &options.redundancy)?;
    unruled(&hall, &all)?;
    let judged = duties(&hall, &all, &|circuit, key| file.gives(circuit, key));
    let mut sized: Vec<Set> = Vec::new();
    let mut judged_by: Vec<Option<Duty>> = Vec::new();
    for (set, duty) in all.into_iter().zip(judged) {
        match duty {
            Ok(duty) => {
                sized.push(set);
                judged_by.push(duty);
            }
            Err(reason) => kept.push(Kept {
                path: set.path,
                kind: set.kind.spec().kind,
                reason,
            }),
        }
    }
    if sized.is_empty() {
        return Err(SizeError::Nothing);
    }
    if options.choice == Choice::Library {
        for set in &mut sized {
            candidates(world, path, &load, &file, set);
        }
    }
    let conditions = conditions(world, &hall, options)?;
    let cases = cases(&hall, &conditions);
    let solves = std::sync::atomic::AtomicUsize::new(0);
    let done = || {
        solves.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        progress();
    };
    let problem = Problem::new(
        &sized,
        &judged_by,
        &cases,
        (options.margins, options.authority),
        &done,
    );
    let start = start(&problem, options.choice)?;
    let (plans, failures) = problem.settle(start, &|plans, set, round| {
        settle(&problem, options.choice, plans, set, round)
    });
    for (set, plan) in sized.iter().zip(&plans) {
        file.size(set, *plan).ok_or_else(at_fault)?;
    }
    let rows = schedule::rows(&problem, &plans, options.choice);
    let unmet = failures
        .iter()
        .map(|failure| unmet(&problem, failure))
        .collect();
    // The file as it will be read.
    let overlay = Overlay::new(world, path, file.text());
    let (read, _) = crate::hall::load(&overlay, path, &load)?;
    let (case_rows, first) = confirm(&read, &conditions, &done);
    let trials = match first {
        Some(run) => trials(&overlay, path, &load, &run, &done)?,
        None => Vec::new(),
    };
    let schedule = Schedule {
        schema_version: 1,
        name: hall.name.clone(),
        choice: options.choice,
        margins: options.margins,
        authority: options.authority,
        cases: case_rows,
        sets: rows,
        kept,
        unmet,
        trials,
        solves: solves.load(std::sync::atomic::Ordering::Relaxed),
        warnings: warnings
            .iter()
            .map(|w| format!("{}: {}: {}", w.place, w.path, w.text))
            .collect(),
    };
    Ok((schedule, file))
}

/// Applies the redundancy asked for.
fn redundancy(sets: &mut [Set], asked: &[(Option<String>, Reserve)]) -> Result<(), SizeError> {
    for (name, reserve) in asked {
        let mut known: Vec<String> = Vec::new();
        let mut found = false;
        for set in sets.iter_mut() {
            let kind = set.kind.spec().kind;
            let own = set.path.rsplit('.').next().unwrap_or(&set.path).to_owned();
            let fits = name
                .as_ref()
                .is_none_or(|name| *name == kind || *name == own || *name == set.path);
            for word in [own, kind.to_owned()] {
                if !known.contains(&word) {
                    known.push(word);
                }
            }
            if !fits || matches!(set.sort, Sort::Rating | Sort::Valve) {
                continue;
            }
            found = true;
            if set.sort == Sort::Modules && matches!(reserve, Reserve::Units(2..)) {
                // Of all sets this one takes what it can.
                if name.is_some() {
                    return Err(SizeError::Ups {
                        path: set.path.clone(),
                        words: reserve.words(),
                    });
                }
                set.reserve = Reserve::Units(1);
                continue;
            }
            set.reserve = *reserve;
        }
        if let Some(name) = name.as_ref().filter(|_| !found) {
            return Err(SizeError::NoSet {
                name: name.clone(),
                hint: crate::diag::nearest(name, known.iter().map(String::as_str))
                    .map(str::to_owned),
                known,
            });
        }
    }
    Ok(())
}

/// Refuses sets whose counts are set by a rule that a file's own value does not change.
fn unruled(hall: &Hall, sets: &[Set]) -> Result<(), SizeError> {
    for rule in &hall.variations.rules {
        let names: Vec<&str> = rule.path.iter().map(|step| step.name.as_str()).collect();
        for set in sets {
            let own = set.path.rsplit('.').next().unwrap_or(&set.path);
            let words = set.names.iter().map(String::as_str).chain([own]);
            let plan = Plan {
                duty: 1,
                size: 0,
                head: 0,
                unit: 0,
            };
            let counted = set.counts(plan).iter().any(|(key, _)| *key == rule.key);
            if counted && words.eq(names.iter().copied()) {
                return Err(SizeError::Ruled {
                    path: set.path.clone(),
                    key: rule.key.clone(),
                });
            }
        }
    }
    Ok(())
}

/// Parts of the library that may stand in for a set's own, which comes first.
fn candidates(world: &dyn World, path: &Path, load: &LoadOptions, file: &File, set: &mut Set) {
    if matches!(set.sort, Sort::Rating | Sort::Valve) || set.units[0].part.is_none() {
        return;
    }
    let kind = set.kind.spec().kind;
    for part in Library::embedded().parts() {
        if part.kind_name() != Some(kind) || set.units[0].part.as_ref() == Some(&part.name) {
            continue;
        }
        let mut other = file.clone();
        if other.choose(set, &part.name).is_none() {
            continue;
        }
        let overlay = Overlay::new(world, path, other.text());
        // A part that contradicts what the entry says is none to choose from.
        let Ok((hall, _)) = crate::hall::load(&overlay, path, load) else {
            continue;
        };
        let mut group = &hall.root;
        for &index in &set.groups {
            group = &group.groups[index];
        }
        let unit = Unit {
            part: Some(part.name.clone()),
            equipment: group.equipment[set.index].clone(),
        };
        if alike(&set.units[0], &unit) {
            set.units.push(unit);
        }
    }
}

/// Whether a unit is of the sort that the file has: wetted pads, a closed circuit or a coil for free cooling are not a
/// matter of size.
fn alike(own: &Unit, other: &Unit) -> bool {
    [
        "adiabatic",
        "circuit",
        "free_cooling",
        "arrangement",
        "system",
    ]
    .iter()
    .all(|key| sets::value(&own.equipment, key) == sets::value(&other.equipment, key))
}

/// An outdoor condition beside that of the file: name, words, air.
type Condition = (String, String, Outdoor);

/// The design conditions asked for.
fn conditions(
    world: &dyn World,
    hall: &Hall,
    options: &SizeOptions,
) -> Result<Vec<Condition>, SizeError> {
    if options.weather.is_none() && options.design.is_none() {
        return Ok(Vec::new());
    }
    let source = annual::source(
        &hall.annual,
        options.weather.as_deref(),
        options.design.as_deref(),
    );
    let (weather, _) = weather::open(world, &source)?;
    Ok(weather
        .design
        .iter()
        .map(|point| {
            let outdoor = Outdoor {
                dry_bulb: point.air.dry_bulb(),
                wet_bulb: point.wet_bulb,
                humidity_ratio: point.air.humidity_ratio(),
                pressure: point.air.pressure(),
            };
            (point.name.clone(), point.text.clone(), outdoor)
        })
        .collect())
}

/// Cases: the nameplate state and the present one at the file's outdoor air, nameplate at each condition asked for.
fn cases(hall: &Hall, conditions: &[Condition]) -> Vec<Case> {
    let mut out: Vec<Case> = Vec::new();
    let nameplate = hall.states.iter().find(|state| state.name == "nameplate");
    for state in nameplate.into_iter().chain([&hall.state]) {
        if out.iter().any(|case| case.hall.state == *state) {
            continue;
        }
        let mut hall = hall.clone();
        hall.state = state.clone();
        out.push(Case {
            name: state.name.clone(),
            text: format!("state {} at {}", state.name, hall.scenario),
            hall,
        });
    }
    for (name, text, outdoor) in conditions {
        let mut hall = out
            .first()
            .map_or_else(|| hall.clone(), |case| case.hall.clone());
        hall.outdoor = *outdoor;
        out.push(Case {
            name: name.clone(),
            text: format!("state {} at {text}", hall.state.name),
            hall,
        });
    }
    out
}

/// First plans: the rule of thumb, larger or smaller where that has no solution.
fn start(problem: &Problem<'_>, choice: Choice) -> Result<Vec<Plan>, SizeError> {
    let plans = |factor: f64, own: bool| -> Vec<Plan> {
        problem
            .sets
            .iter()
            .map(|set| {
                let counted = matches!(set.sort, Sort::Units | Sort::Spare(_) | Sort::Modules);
                let guessed = (f64::from(set.guess) * factor).ceil().max(1.0);
                let (_, most) = set.count_key();
                let duty = match (counted, own || choice == Choice::Required) {
                    (false, _) => 1.0,
                    (true, true) => set.before.0.round().max(1.0),
                    (true, false) => guessed.min((most / 3.0).floor()).max(1.0),
                };
                // Where the number is given, its units are as large as the rule of thumb has all of them.
                let size = if choice == Choice::Required && counted && !own {
                    (guessed / duty).ln() / STEP.ln()
                } else {
                    0.0
                };
                Plan {
                    duty: duty as u32,
                    // A valve starts large: at a Kv of 10,000.
                    size: if set.sort == Sort::Valve {
                        20
                    } else {
                        size.round() as i32
                    },
                    head: 0,
                    unit: 0,
                }
            })
            .collect()
    };
    let mut last = String::new();
    for (factor, own) in [(1.0, false), (0.6, false), (2.0, false), (1.0, true)] {
        let plans = plans(factor, own);
        match problem
            .cases
            .first()
            .map(|case| problem.solve(case, &plans, None))
        {
            Some(Err(reason)) => last = reason,
            _ => return Ok(plans),
        }
    }
    Err(SizeError::Start { reason: last })
}

/// The plan of one set beside those of the others.
fn settle(
    problem: &Problem<'_>,
    choice: Choice,
    plans: &[Plan],
    set: usize,
    round: usize,
) -> Result<Plan, Plan> {
    let one = &problem.sets[set];
    match (one.sort, choice) {
        (Sort::Valve, _) | (Sort::Rating, Choice::Required) => {
            problem.smallest(plans, set, Vary::Size)
        }
        (Sort::Rating, _) => Ok(plans[set]),
        (_, Choice::Named) => problem.smallest(plans, set, Vary::Duty),
        (_, Choice::Required) => {
            let sized = schedule::pump_point(problem, plans, set)?;
            match sized {
                Some(plan) => Ok(plan),
                None => problem.smallest(plans, set, Vary::Size),
            }
        }
        (_, Choice::Library) if round >= 2 => problem.smallest(plans, set, Vary::Duty),
        (_, Choice::Library) => {
            let mut best: Option<(f64, Plan)> = None;
            let mut failed = plans[set];
            for unit in 0..one.units.len() {
                let mut trial = plans.to_vec();
                trial[set].unit = unit;
                match problem.smallest(&trial, set, Vary::Duty) {
                    Ok(plan) => {
                        let installed = plan.duty + one.reserve.of(plan.duty);
                        let cost = f64::from(installed) * schedule::rating(one, unit).powf(0.6);
                        if best.is_none_or(|(least, _)| cost < least * (1.0 - 1e-9)) {
                            best = Some((cost, plan));
                        }
                    }
                    Err(plan) => failed = plan,
                }
            }
            best.map(|(_, plan)| plan).ok_or(failed)
        }
    }
}

/// What is missed, and what it would take, in words.
fn unmet(problem: &Problem<'_>, failure: &Failure) -> Unmet {
    let set = &problem.sets[failure.set];
    let size = schedule::size_words(set, failure.plan);
    let show = |dimension: Dimension, value: f64| {
        let shown = dimension.display(value, crate::units::UnitSystem::Si);
        shown.to_string()
    };
    let text = match (&failure.need, &failure.reason) {
        (Some(need), _) => {
            let verb = if need.at_most { "at most" } else { "at least" };
            format!(
                "in case {}, {} comes to {} even with {size}; {verb} {} is asked for. {}",
                failure.case,
                need.what,
                show(need.dimension, need.value),
                show(need.dimension, need.limit),
                advice(problem, failure, &show(need.dimension, need.value)),
            )
        }
        (None, Some(reason)) => {
            format!(
                "in case {} there is no solution with {size}: {reason}",
                failure.case
            )
        }
        (None, None) => format!(
            "what it must do holds with {size} only while the others have their first sizes"
        ),
    };
    Unmet {
        path: set.path.clone(),
        kind: set.kind.spec().kind,
        text,
    }
}

/// What would help a set that more units do not.
fn advice(problem: &Problem<'_>, failure: &Failure, reached: &str) -> String {
    let set = &problem.sets[failure.set];
    let temperature = failure
        .need
        .as_ref()
        .is_some_and(|need| need.dimension == Dimension::Temperature);
    let case = problem.cases.iter().find(|case| case.name == failure.case);
    let celsius = |kelvin: f64| format!("{:.1} degC", kelvin - 273.15);
    match (set.kind.spec().kind, case) {
        ("tower", Some(case)) if temperature => format!(
            "The wet bulb is {}, and warm air drawn in again comes on top: it takes a set-point of {reached} or more, or \
             drier air",
            celsius(case.hall.outdoor.wet_bulb)
        ),
        ("dry_cooler", Some(case)) if temperature => format!(
            "The dry bulb is {}, and warm air drawn in again comes on top: it takes a set-point of {reached} or more, or \
             wetted pads",
            celsius(case.hall.outdoor.dry_bulb)
        ),
        ("exchanger" | "cdu", _) if temperature => {
            format!("It takes {reached} or more on this side, or colder water on the other")
        }
        _ => "More units do not help".to_owned(),
    }
}

/// Solves the sized hall in every case; the run of the first.
fn confirm(
    hall: &Hall,
    conditions: &[Condition],
    done: &(dyn Fn() + Sync),
) -> (Vec<CaseRow>, Option<Run>) {
    let mut rows = Vec::new();
    let mut first = None;
    for (index, case) in cases(hall, conditions).into_iter().enumerate() {
        let run = run_hall(case.hall);
        done();
        let mut row = CaseRow {
            name: case.name,
            text: case.text,
            broken: Vec::new(),
            reason: None,
        };
        match run {
            Ok(run) => {
                row.broken = broken(&run);
                if index == 0 {
                    first = Some(run);
                }
            }
            Err(error) => row.reason = Some(super::scenario::reason(&error)),
        }
        rows.push(row);
    }
    (rows, first)
}

fn broken(run: &Run) -> Vec<BrokenLimit> {
    let limits = run.result.limits.iter();
    limits
        .filter(|limit| {
            limit.status == LimitStatus::Broken && limit.severity != SeverityName::Advisory
        })
        .map(|limit| BrokenLimit {
            path: limit.path.clone(),
            what: limit.what.clone(),
            value: limit.value,
            limit: limit.limit,
            unit: limit.unit,
            dimension: limit.dimension,
        })
        .collect()
}

/// Every claimed loss of the sized hall, in the first case.
fn trials(
    world: &dyn World,
    path: &Path,
    load: &LoadOptions,
    run: &Run,
    done: &(dyn Fn() + Sync),
) -> Result<Vec<Trial>, SizeError> {
    let base = Base::load(world, path, load)?;
    let found: Vec<Loss> = losses(run, Severity::default(), false)
        .into_iter()
        .filter(|loss| loss.claimed.is_some())
        .collect();
    let mut list: Vec<(Trial, Scenario)> = Vec::new();
    for loss in &found {
        let Some(claimed) = &loss.claimed else {
            continue;
        };
        for number in 1..=claimed.losses {
            let scenario = loss.times(number).unwrap_or_else(|| loss.scenario());
            let trial = Trial {
                path: loss.group.clone(),
                claimed: claimed.words.clone(),
                lost: if number == 1 {
                    loss.text.clone()
                } else {
                    format!("{number} units lost")
                },
                holds: false,
                breaks: None,
            };
            list.push((trial, scenario));
        }
    }
    let scenarios: Vec<Scenario> = list
        .iter()
        .map(|(_, scenario)| {
            let mut scenario = scenario.clone();
            let state = Change::Loads(run.hall.state.clone());
            scenario.changes.insert(0, state);
            scenario
        })
        .collect();
    let outcomes = run_all(&base, &scenarios, done, broken);
    Ok(list
        .into_iter()
        .zip(outcomes)
        .map(|((mut trial, _), outcome)| {
            match outcome {
                Ok(broken) => {
                    trial.holds = broken.is_empty();
                    trial.breaks = broken
                        .first()
                        .map(|limit| format!("{}: {}", limit.path, limit.what));
                }
                Err(reason) => trial.breaks = Some(reason),
            }
            trial
        })
        .collect())
}

#[cfg(test)]
mod tests;
