//! Sizing: from loads, set-points, limits and redundancy to how many units, and how large, every set of equipment needs.
//!
//! The hall is solved with every candidate; what a set must do is read off the solution (`judge`). Margins are taken off
//! the set that is being sized: a margin of 10 % on duty means that the set still does all it must with 1/1.1 of its
//! capacity. The sized hall is written as a hall file, read again and solved in every case and with every claimed loss
//! before it is handed out.

pub mod capacity;
mod cases;
mod choose;
mod confirm;
mod figures;
pub mod file;
pub mod judge;
mod pipes;
mod rating;
pub mod schedule;
pub mod search;
pub mod sets;
mod words;

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::RunError;
use crate::hall::model::Hall;
use crate::hall::{LoadError, LoadOptions, edits_the_tree};
use crate::library::Library;
use crate::weather::WeatherError;
use crate::world::World;
use capacity::Margins;
use cases::{cases, conditions, paths};
use choose::{settle, start};
use confirm::{confirm, trials};
use file::{File, Overlay};
use judge::{Duty, duties};
use schedule::Row;
use search::Problem;
use sets::{Kept, Plan, Reserve, Set, Sort, Unit};
use words::unmet;

pub use confirm::{BrokenLimit, CaseRow, Trial};
pub use pipes::GRADIENT;

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
    /// Friction asked of pipes at most, Pa/m.
    pub gradient: f64,
    /// Overall heat transfer coefficient that exchangers' areas are told with, W/(m² K).
    pub coefficient: f64,
    /// Redundancy in place of the file's: of all sets, or of those of a name, path or kind. The last that fits counts.
    pub redundancy: Vec<(Option<String>, Reserve)>,
    /// Weather whose design conditions are cases too.
    pub weather: Option<String>,
    /// Table of design conditions.
    pub design: Option<PathBuf>,
}

/// Overall heat transfer coefficient of plate exchangers with water on both sides, W/(m² K), from which an area follows:
/// an assumption of grade D, since no part of the library gives its area. A maker's selection replaces it.
pub const COEFFICIENT: f64 = 4000.0;

impl Default for SizeOptions {
    fn default() -> Self {
        Self {
            choice: Choice::default(),
            margins: Margins::default(),
            authority: 0.3,
            gradient: GRADIENT,
            coefficient: COEFFICIENT,
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
    /// Friction asked of pipes at most, Pa/m.
    pub friction_pa_per_m: f64,
    /// Overall heat transfer coefficient that areas of exchangers are told with, W/(m² K).
    pub heat_transfer_coefficient: f64,
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
    let gives = |circuit: &str, key: &str| file.gives(circuit, key);
    let judged = duties(&hall, &all, options.gradient, &gives);
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
    let mut cases = cases(&hall, &conditions);
    let lost = cases.first().map(|first| paths(&hall, first));
    cases.extend(lost.unwrap_or_default());
    let solves = std::sync::atomic::AtomicUsize::new(0);
    let done = || {
        solves.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        progress();
    };
    let problem = Problem::new(&sized, &judged_by, &cases, options, &done);
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
        friction_pa_per_m: options.gradient,
        heat_transfer_coefficient: options.coefficient,
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
            if !fits || set.sort.is_one() {
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
    if set.sort.is_one() || set.units[0].part.is_none() {
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

#[cfg(test)]
mod tests;
