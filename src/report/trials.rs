//! The hall solved again: in its other states, with the alternatives of its assumptions, with its ungraded numbers moved.

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::tables::{Number, Outcome};
use super::{ReportOptions, Solve};
use crate::hall::LoadOptions;
use crate::hall::model::{Grade, Provenance};
use crate::result::SolveResult;
use crate::study::scenario::with_edits;
use crate::study::{Run, RunError};

/// What came of it.
#[derive(Debug)]
pub struct Trials {
    /// States by name, in the order of the file.
    pub states: Vec<(String, Result<SolveResult, String>)>,
    /// Outcomes by assumption and alternative.
    pub assumptions: Vec<Vec<Result<Outcome, String>>>,
    /// Grade-D numbers, those that move most first within each part, and the parts likewise.
    pub numbers: Vec<Number>,
}

/// Most unknowns solved for in the trials of single numbers, together: seconds on a small machine.
const MOST_WORK: usize = 3_000_000;

/// Powers inside racks first, then other powers and efficiencies, then the rest; the widest used first.
fn rank(number: &Number, paths: &[String]) -> (u8, usize) {
    let power = number.value.ends_with('W') || number.key.contains("efficiency");
    let inside = paths.iter().any(|path| path.contains("racks."));
    let class = match (power, inside) {
        (true, true) => 0,
        (true, false) => 1,
        (false, true) => 2,
        (false, false) => 3,
    };
    (class, usize::MAX - paths.len())
}

enum Job {
    State(String),
    Alternative(Vec<String>),
    Number(Vec<String>),
}

/// Runs all trials, in parallel.
pub fn run(run: &Run, solve: &Solve<'_>, options: &ReportOptions) -> Trials {
    let hall = &run.hall;
    let mut numbers = numbers(&hall.provenance);
    let mut jobs: Vec<Job> = hall
        .states
        .iter()
        .filter(|state| state.name != hall.state.name)
        .map(|state| Job::State(state.name.clone()))
        .collect();
    let states = jobs.len();
    for assumption in &hall.assumptions {
        if let Some(path) = &assumption.path {
            jobs.extend(
                assumption
                    .alternatives
                    .iter()
                    .map(|value| Job::Alternative(vec![format!("{path}={value}")])),
            );
        }
    }
    let alternatives = jobs.len() - states;
    // The numbers that can move most come first; a hall of many distinct racks has no time for all of them.
    let affordable = MOST_WORK / run.result.solver.unknowns.max(1);
    let mut order: Vec<usize> = (0..numbers.len())
        .filter(|&k| numbers[k].2.is_some())
        .collect();
    order.sort_by_key(|&k| rank(&numbers[k].0, &numbers[k].1));
    for &k in order.iter().skip(affordable) {
        numbers[k].2 = None;
    }
    for (_, paths, instead) in &numbers {
        if let Some(value) = instead {
            jobs.push(Job::Number(
                paths.iter().map(|path| format!("{path}={value}")).collect(),
            ));
        }
    }
    let results: Vec<Result<SolveResult, String>> = jobs
        .par_iter()
        .with_max_len(1)
        .map(|job| {
            solve(&edited(&options.load, &hall.state.name, job))
                .map(|run| run.result)
                .map_err(|e| reason(&e))
        })
        .collect();
    let mut results = results.into_iter();

    let mut solved = Vec::new();
    for state in &hall.states {
        let outcome = if state.name == hall.state.name {
            Ok(run.result.clone())
        } else {
            results
                .next()
                .unwrap_or_else(|| Err("not solved".to_owned()))
        };
        solved.push((state.name.clone(), outcome));
    }
    let mut outcomes = results.map(|result| result.map(|r| Outcome::of(&r)));
    let mut tried = Vec::new();
    let mut left = alternatives;
    for assumption in &hall.assumptions {
        let count = if assumption.path.is_some() {
            assumption.alternatives.len().min(left)
        } else {
            0
        };
        left -= count;
        tried.push(outcomes.by_ref().take(count).collect());
    }
    let numbers = numbers
        .into_iter()
        .map(|(mut number, _, instead)| {
            number.outcome = if instead.is_some() {
                outcomes.next()
            } else {
                None
            };
            number.instead = instead.filter(|_| number.outcome.is_some());
            number
        })
        .collect();
    Trials {
        states: solved,
        assumptions: tried,
        numbers: sorted(numbers, run.result.facility.power_w),
    }
}

/// The options of a trial: an edit of the same path on the command line gives way.
fn edited(base: &LoadOptions, state: &str, job: &Job) -> LoadOptions {
    let mut options = base.clone();
    let sets = match job {
        Job::State(name) => {
            options.state = Some(name.clone());
            return options;
        }
        Job::Alternative(sets) | Job::Number(sets) => sets,
    };
    options.state = Some(state.to_owned());
    with_edits(&options, sets)
}

/// Why a trial failed, on one line.
fn reason(error: &RunError) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(160) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line.to_owned(),
    }
}

/// Grade-D numbers, each once for a part, a key and a value, with all paths that use it and the value to try.
fn numbers(provenance: &[Provenance]) -> Vec<(Number, Vec<String>, Option<String>)> {
    let mut out: Vec<(Number, Vec<String>, Option<String>)> = Vec::new();
    for one in provenance.iter().filter(|one| one.confidence == Grade::D) {
        let part = one.part.clone().unwrap_or_else(|| "hall file".to_owned());
        let key = match one.part {
            Some(_) => one.path.rsplit('.').next().unwrap_or(&one.path).to_owned(),
            None => one.path.clone(),
        };
        let same = |n: &Number| n.part == part && n.key == key && n.value == one.value;
        if let Some((_, paths, _)) = out.iter_mut().find(|(n, ..)| same(n)) {
            if !paths.contains(&one.path) {
                paths.push(one.path.clone());
            }
            continue;
        }
        let number = Number {
            part,
            key,
            value: one.value.clone(),
            instead: None,
            source: one.source.clone(),
            outcome: None,
        };
        out.push((number, vec![one.path.clone()], raised(&one.value)));
    }
    out
}

/// A written value raised by a tenth, an absolute temperature in degrees by 1 K; `None` for what is not one number.
fn raised(value: &str) -> Option<String> {
    let value = value.trim();
    let end = value
        .char_indices()
        .find(|&(k, c)| !(c.is_ascii_digit() || c == '.' || (k == 0 && (c == '-' || c == '+'))))
        .map_or(value.len(), |(k, _)| k);
    let number: f64 = value[..end].parse().ok()?;
    let unit = value[end..].trim();
    // Anything but a unit behind the number (an exponent, a second number) is left alone.
    if unit.starts_with(['e', 'E', '_', ',']) || !number.is_finite() {
        return None;
    }
    let (new, decimals) = match unit {
        "degC" | "°C" => (number + 1.0, 4),
        "degF" | "°F" => (number + 1.8, 4),
        _ if number == 0.0 => return None,
        _ => (number * 1.1, 9),
    };
    let mut text = format!("{new:.decimals$}");
    if text.contains('.') {
        let kept = text.trim_end_matches('0').trim_end_matches('.').len();
        text.truncate(kept);
    }
    Some(if unit.is_empty() {
        text
    } else {
        format!("{text} {unit}")
    })
}

/// Parts by what their numbers move, numbers by what they move.
fn sorted(mut list: Vec<Number>, base: f64) -> Vec<Number> {
    let moved = |n: &Number| match &n.outcome {
        Some(Ok(outcome)) => (outcome.power_w - base).abs(),
        Some(Err(_)) => -0.5,
        None => -1.0,
    };
    let mut parts: Vec<(String, f64)> = Vec::new();
    for number in &list {
        match parts.iter_mut().find(|(part, _)| *part == number.part) {
            Some((_, most)) => *most = most.max(moved(number)),
            None => parts.push((number.part.clone(), moved(number))),
        }
    }
    parts.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let place = |n: &Number| parts.iter().position(|(part, _)| *part == n.part);
    list.sort_by(|a, b| {
        place(a)
            .cmp(&place(b))
            .then(moved(b).total_cmp(&moved(a)))
            .then_with(|| a.key.cmp(&b.key))
    });
    list
}

#[cfg(test)]
mod tests {
    use super::{Job, edited, raised};
    use crate::hall::LoadOptions;

    #[test]
    fn values_are_raised_in_their_own_unit() {
        assert_eq!(raised("92 W").as_deref(), Some("101.2 W"));
        assert_eq!(raised("35 degC").as_deref(), Some("36 degC"));
        assert_eq!(raised("0.05").as_deref(), Some("0.055"));
        assert_eq!(raised("4 K").as_deref(), Some("4.4 K"));
        assert_eq!(raised("100 L/min").as_deref(), Some("110 L/min"));
        assert_eq!(raised("-10 kPa").as_deref(), Some("-11 kPa"));
        assert_eq!(raised("0 W"), None);
        assert_eq!(raised("linear"), None);
        assert_eq!(raised("1e3 W"), None);
    }

    #[test]
    fn an_edit_of_the_same_path_gives_way() {
        let base = LoadOptions {
            set: vec!["a.b=1 W".into(), "c = 2".into()],
            state: Some("idle".into()),
        };
        let new = edited(&base, "training", &Job::Alternative(vec!["c=3".into()]));
        assert_eq!(new.set, ["a.b=1 W", "c=3"]);
        assert_eq!(new.state.as_deref(), Some("training"));
        let state = edited(&base, "training", &Job::State("nameplate".into()));
        assert_eq!(
            (state.set.len(), state.state.as_deref()),
            (2, Some("nameplate"))
        );
    }
}
