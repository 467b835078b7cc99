//! The schedule: of each set how many units, what they must do, which margin they have and what governs.

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::Serialize;

use super::capacity::{Class, classes};
use super::figures::{authority, figure, of_part};
use super::judge::Need;
use super::search::Problem;
use super::sets::{Plan, STEP, Sort};
use super::{Choice, pipes};
use crate::result::gather::{Part, gather};
use crate::study::Run;
use crate::units::Dimension;

/// A margin asked for and found.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct MarginRow {
    /// On what.
    pub class: Class,
    /// Asked for, as a share.
    pub asked: f64,
    /// Found, as a share.
    pub found: f64,
}

/// A number of the schedule.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// Name.
    pub name: &'static str,
    /// Value; SI, temperatures in K.
    pub value: f64,
    /// Unit.
    pub unit: &'static str,
    /// Dimension.
    #[serde(skip)]
    pub dimension: Dimension,
}

/// A line of the schedule.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Path, with `*` for the indices of groups.
    pub path: String,
    /// Path in the hall file.
    pub file_path: String,
    /// Kind.
    pub kind: &'static str,
    /// Part of the library, or of the file.
    pub part: Option<String>,
    /// Instances of the set in the hall.
    pub instances: f64,
    /// Redundancy: `N`, `N+1`, `2N`.
    pub redundancy: String,
    /// Units that carry the load.
    pub duty: u32,
    /// Units installed.
    pub installed: u32,
    /// Both in the file as it was.
    pub before: [f64; 2],
    /// Size of a unit over that of the part.
    pub size: f64,
    /// Units, of the chosen size, that just carry the load without a margin.
    pub required_units: Option<f64>,
    /// Margins.
    pub margins: Vec<MarginRow>,
    /// What the set would miss with one unit fewer, a step smaller or its margins used up, as it stands in the sized hall.
    pub governs: Option<Need>,
    /// Why there would be no solution then.
    pub unsolved: Option<String>,
    /// The case in which it does.
    pub case: String,
    /// What the units do in that case.
    pub figures: Vec<Figure>,
}

/// All lines.
pub fn rows(problem: &Problem<'_>, plans: &[Plan], choice: Choice) -> Vec<Row> {
    // Runs of all cases with the sizes found: figures of every line come from them.
    let runs: Vec<Option<Run>> = (0..problem.cases.len())
        .into_par_iter()
        .map(|case| problem.solve(&problem.cases[case], plans, None).ok())
        .collect();
    (0..problem.sets.len())
        .map(|set| row(problem, plans, set, &runs, choice))
        .collect()
}

fn row(
    problem: &Problem<'_>,
    plans: &[Plan],
    index: usize,
    runs: &[Option<Run>],
    choice: Choice,
) -> Row {
    let (set, plan) = (&problem.sets[index], plans[index]);
    let found: Vec<(Class, f64)> = classes(set.kind)
        .into_iter()
        .map(|class| (class, problem.margin(plans, index, class)))
        .collect();
    let margins = found
        .iter()
        .map(|&(class, found)| MarginRow {
            class,
            asked: problem.margins.of(class),
            found,
        })
        .collect();
    // Where something else asks for as many, that fewer would carry the load is no help.
    let required_units = found
        .iter()
        .filter(|(class, _)| matches!(class, Class::Duty | Class::Power))
        .filter(|_| !set.sort.is_one())
        .map(|(class, found)| {
            (
                problem.margins.of(*class),
                f64::from(plan.duty) / (1.0 + found),
            )
        })
        .find(|(asked, units)| units * (1.0 + asked) > f64::from(plan.duty - 1) - 1e-6)
        .map(|(_, units)| units);
    let governing = problem.governing(plans, index, &found);
    let case = governing.as_ref().map_or(0, |(case, _)| *case);
    let (need, unsolved) = match governing {
        Some((_, Ok(need))) => (Some(need), None),
        Some((_, Err(reason))) => (None, Some(reason)),
        None => (None, None),
    };
    let mut figures = Vec::new();
    if let Some(Some(run)) = runs.get(case) {
        let parts = gather(&run.network, &run.solution);
        // Of instances that differ the one with the greatest flow or heat through it.
        let size = |part: &Part<'_>| part.flow[0].abs() + part.below.abs();
        let part = parts
            .iter()
            .filter(|part| part.group == set.path)
            .reduce(|a, b| if size(b) > size(a) { b } else { a });
        if let Some(part) = part {
            of_part(problem, set, plan, run, part, &mut figures);
        }
    }
    if set.sort == Sort::Valve
        && let Some(authority) = authority(problem, plans, index, case, &figures)
    {
        figure(&mut figures, "authority", authority, Dimension::Fraction);
    }
    let part = match set.sort {
        Sort::Pipe => Some(format!("pipe DN {}", pipes::size(plan.size).0)),
        _ => set.units[plan.unit].part.clone(),
    };
    let series = matches!(set.sort, Sort::Valve | Sort::Pipe);
    let installed = plan.duty + set.reserve.of(plan.duty);
    Row {
        path: set.path.clone(),
        file_path: set.file_path.clone(),
        kind: set.kind.spec().kind,
        part: part.filter(|_| choice != Choice::Required || series || plan.size == 0),
        instances: set.instances,
        redundancy: set.reserve.words(),
        duty: plan.duty,
        installed,
        before: [set.before.0, set.before.1],
        size: if series { 1.0 } else { STEP.powi(plan.size) },
        required_units,
        margins,
        governs: need,
        unsolved,
        case: problem
            .cases
            .get(case)
            .map_or_else(String::new, |case| case.name.clone()),
        figures,
    }
}
