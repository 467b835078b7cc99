//! Where the search starts, and how the plan of one set is chosen beside those of the others.

use super::pipes::LARGEST;
use super::search::{Problem, Vary};
use super::sets::{Plan, STEP, Sort};
use super::{Choice, SizeError, rating};

/// First plans: the rule of thumb, larger or smaller where that has no solution.
pub(super) fn start(problem: &Problem<'_>, choice: Choice) -> Result<Vec<Plan>, SizeError> {
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
                    // What comes in a series starts large: a valve at a Kv of 10,000.
                    size: match set.sort {
                        Sort::Valve => 20,
                        Sort::Pipe => LARGEST,
                        _ => size.round() as i32,
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
pub(super) fn settle(
    problem: &Problem<'_>,
    choice: Choice,
    plans: &[Plan],
    set: usize,
    round: usize,
) -> Result<Plan, Plan> {
    let one = &problem.sets[set];
    match (one.sort, choice) {
        (Sort::Valve | Sort::Pipe, _) | (Sort::Rating, Choice::Required) => {
            problem.smallest(plans, set, Vary::Size)
        }
        (Sort::Rating, _) => Ok(plans[set]),
        (_, Choice::Named) => problem.smallest(plans, set, Vary::Duty),
        (_, Choice::Required) => {
            let sized = rating::pump_point(problem, plans, set)?;
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
                        let cost = f64::from(installed) * rating::rating(one, unit).powf(0.6);
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
