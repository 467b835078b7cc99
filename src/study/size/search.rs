//! The search: for each set the fewest units, or the smallest, with which it does all that it must, the hall being solved
//! with every candidate; repeated until no set changes.
//!
//! Sizes depend on one another through flows and temperatures alone, since each loop's supply is held by one set. The
//! start is a rule of thumb, so that the answer does not depend on the sizes that the file has.

use std::collections::HashMap;
use std::sync::Mutex;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::SizeOptions;
use super::capacity::{Class, Margins};
use super::judge::{Duty, Need, needs};
use super::pipes::LARGEST;
use super::sets::{Plan, Set, Sort};
use crate::hall::model::Hall;
use crate::study::scenario::{Change, reason};
use crate::study::{Run, run_hall};

/// Rounds over all sets before the search gives up.
const ROUNDS: usize = 8;
/// Units beyond the first guess, as a factor, at which more are held to be of no use.
const FAR: u32 = 8;
/// Largest size of a unit over that of the part, in steps: 1.01^700 is 1,060.
const FAR_SIZE: i32 = 700;

/// A case in which all must hold.
#[derive(Debug, Clone)]
pub struct Case {
    /// Name.
    pub name: String,
    /// What it is.
    pub text: String,
    /// The hall in it, with the file's sizes.
    pub hall: Hall,
    /// Equipment that is out of service in it: names of the groups around it, of each the first instance, and its own.
    pub lost: Option<(Vec<String>, String)>,
}

impl Case {
    /// Takes what is lost out of a hall in which all sets have their place.
    fn lose(&self, hall: &mut Hall) -> Option<()> {
        let (names, name) = self.lost.as_ref()?;
        let mut group = &hall.root;
        for inner in names {
            group = group.groups.iter().find(|group| group.name == *inner)?;
        }
        let equipment = group.equipment.iter().find(|one| one.name == *name)?;
        let all = equipment.kind.installed(&equipment.theta)?;
        let block: Vec<(String, u32)> = names.iter().map(|name| (name.clone(), 0)).collect();
        if let Change::Value(rule) = Change::equipment(&block, name, "out_of_service", all) {
            hall.variations.rules.push(rule);
        }
        Some(())
    }
}

/// Everything that is fixed during the search.
pub struct Problem<'a> {
    /// Sets.
    pub sets: &'a [Set],
    /// What they are judged by beside their own limits.
    pub duties: &'a [Option<Duty>],
    /// Cases.
    pub cases: &'a [Case],
    /// Margins asked for.
    pub margins: Margins,
    /// Authority asked of control valves.
    pub authority: f64,
    /// Overall heat transfer coefficient that exchangers' areas are told with, W/(m² K).
    pub coefficient: f64,
    /// Told of each solve.
    pub done: &'a (dyn Fn() + Sync),
    seen: Mutex<HashMap<(Vec<Plan>, usize), bool>>,
}

/// What is varied of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vary {
    /// Its number.
    Duty,
    /// The size of its units.
    Size,
}

/// A set that nothing helps.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Set.
    pub set: usize,
    /// Case.
    pub case: String,
    /// What is missed, at the largest plan that was tried.
    pub need: Option<Need>,
    /// Why that has no solution.
    pub reason: Option<String>,
    /// The largest plan that was tried.
    pub plan: Plan,
}

/// What a set does in one case: its needs, or why there is no solution.
pub type Found = Result<Vec<Need>, String>;

impl<'a> Problem<'a> {
    /// A problem.
    pub fn new(
        sets: &'a [Set],
        duties: &'a [Option<Duty>],
        cases: &'a [Case],
        options: &SizeOptions,
        done: &'a (dyn Fn() + Sync),
    ) -> Self {
        Self {
            sets,
            duties,
            cases,
            margins: options.margins,
            authority: options.authority,
            coefficient: options.coefficient,
            done,
            seen: Mutex::default(),
        }
    }

    /// A case solved with these plans; margins are taken off one set.
    pub fn solve(
        &self,
        case: &Case,
        plans: &[Plan],
        derated: Option<(usize, &Margins)>,
    ) -> Result<Run, String> {
        let mut hall = case.hall.clone();
        for (index, (set, plan)) in self.sets.iter().zip(plans).enumerate() {
            let margins = derated.filter(|(at, _)| *at == index).map(|(_, m)| m);
            set.place(&mut hall, *plan, margins);
        }
        case.lose(&mut hall);
        let run = run_hall(hall).map_err(|error| reason(&error));
        (self.done)();
        run
    }

    /// What a set does in every case.
    pub fn found(&self, plans: &[Plan], set: usize, margins: &Margins) -> Vec<Found> {
        self.cases
            .par_iter()
            .map(|case| {
                self.solve(case, plans, Some((set, margins)))
                    .map(|run| needs(&run, &self.sets[set], self.duties[set].as_ref()))
            })
            .collect()
    }

    /// Whether a set does all that it must in every case, the margins taken off it.
    fn does(&self, plans: &[Plan], set: usize) -> bool {
        let key = (plans.to_vec(), set);
        if let Ok(seen) = self.seen.lock()
            && let Some(known) = seen.get(&key)
        {
            return *known;
        }
        let does = all_hold(&self.found(plans, set, &self.margins));
        if let Ok(mut seen) = self.seen.lock() {
            seen.insert(key, does);
        }
        does
    }

    /// The smallest plan of a set that does, beside those of the others; the largest that was tried where none does.
    pub fn smallest(&self, plans: &[Plan], set: usize, vary: Vary) -> Result<Plan, Plan> {
        let mut trial = plans.to_vec();
        let start = plans[set];
        let with = |at: i64| match vary {
            Vary::Duty => Plan {
                duty: at as u32,
                ..start
            },
            Vary::Size => Plan {
                size: at as i32,
                ..start
            },
        };
        let (low, present, high) = match vary {
            Vary::Duty => {
                let one = &self.sets[set];
                let (_, most) = one.count_key();
                let reserve = if start.duty == 0 {
                    0
                } else {
                    2 * one.reserve.of(1)
                };
                let most = (most as i64 - i64::from(reserve)).max(1);
                let far = i64::from(FAR) * i64::from(one.guess.max(4));
                (0, i64::from(start.duty), far.min(most))
            }
            Vary::Size if self.sets[set].sort == Sort::Valve => (-16, i64::from(start.size), 25),
            Vary::Size if self.sets[set].sort == Sort::Pipe => {
                (-1, i64::from(start.size), i64::from(LARGEST))
            }
            Vary::Size => {
                let far = i64::from(FAR_SIZE);
                (-far - 1, i64::from(start.size), far)
            }
        };
        let mut does = |at: i64| {
            trial[set] = with(at);
            self.does(&trial, set)
        };
        // A bracket from where it stands, in steps that double.
        let present = present.clamp(low + 1, high);
        let mut fails = low;
        let mut holds = present;
        let mut step = 1;
        if does(present) {
            while holds - step > low {
                if does(holds - step) {
                    holds -= step;
                    step *= 2;
                } else {
                    fails = holds - step;
                    break;
                }
            }
        } else {
            fails = present;
            loop {
                let next = (fails + step).min(high);
                if next <= fails {
                    return Err(with(high));
                }
                if does(next) {
                    holds = next;
                    break;
                }
                fails = next;
                step *= 2;
            }
        }
        while holds - fails > 1 {
            let middle = fails + (holds - fails) / 2;
            if does(middle) {
                holds = middle;
            } else {
                fails = middle;
            }
        }
        Ok(with(holds))
    }

    /// Plans in which no set can be made smaller, and the sets that nothing helps. `settle` finds the plan of one set.
    pub fn settle(
        &self,
        mut plans: Vec<Plan>,
        settle: &dyn Fn(&[Plan], usize, usize) -> Result<Plan, Plan>,
    ) -> (Vec<Plan>, Vec<Failure>) {
        let mut failing: Vec<(usize, Plan)> = Vec::new();
        for round in 0..ROUNDS {
            let before = plans.clone();
            failing.clear();
            for set in 0..self.sets.len() {
                match settle(&plans, set, round) {
                    Ok(plan) => plans[set] = plan,
                    Err(most) => {
                        failing.push((set, most));
                        // The others are then sized for it as it is guessed.
                        plans[set].duty = self.sets[set].guess.max(1);
                    }
                }
            }
            if plans == before {
                break;
            }
        }
        let failures = failing
            .iter()
            .map(|&(set, plan)| self.failure(&plans, set, plan))
            .collect();
        (plans, failures)
    }

    /// What is missed by the largest plan of a set.
    fn failure(&self, plans: &[Plan], set: usize, plan: Plan) -> Failure {
        let mut trial = plans.to_vec();
        trial[set] = plan;
        let found = self.found(&trial, set, &self.margins);
        let worst = worst(&found);
        Failure {
            set,
            plan,
            case: worst.map_or_else(String::new, |(case, _)| self.cases[case].name.clone()),
            need: worst.and_then(|(_, need)| need.cloned()),
            reason: worst.and_then(|(case, need)| match (need, &found[case]) {
                (None, Err(reason)) => Some(reason.clone()),
                _ => None,
            }),
        }
    }

    /// The margin of a class that a set has, each class alone, sought in steps of a fifth of a percent from a fifth too
    /// little to ten times too much.
    pub fn margin(&self, plans: &[Plan], set: usize, class: Class) -> f64 {
        let share = |steps: i32| 1.002f64.powi(steps) - 1.0;
        let holds =
            |share: f64| all_hold(&self.found(plans, set, &Margins::NONE.with(class, share)));
        let (mut low, mut high) = (-112, MOST_STEPS);
        if !holds(share(low)) {
            return share(low);
        }
        if holds(share(high)) {
            return share(high);
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if holds(share(middle)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        // What was asked for lies between two steps.
        let asked = self.margins.of(class);
        if share(low) < asked && asked < share(high) && holds(asked) {
            return asked;
        }
        share(low)
    }

    /// What governs a set: what it misses with one unit fewer, or units a step smaller, or else as its margins are used
    /// up. The case, and the need as the sized hall fulfils it, or why there is no solution.
    pub fn governing(
        &self,
        plans: &[Plan],
        set: usize,
        margins: &[(Class, f64)],
    ) -> Option<(usize, Result<Need, String>)> {
        let plan = plans[set];
        let counted = !self.sets[set].sort.is_one();
        let mut trial = plans.to_vec();
        let mut found = Vec::new();
        if counted && plan.size == 0 && plan.head == 0 && plan.duty > 1 {
            trial[set].duty -= 1;
            found = self.found(&trial, set, &self.margins);
        } else if plan.size != 0 {
            trial[set].size -= 1;
            trial[set].head -= 1;
            found = self.found(&trial, set, &self.margins);
        }
        if all_hold(&found) {
            // The class with the least beyond what was asked.
            let beyond =
                |&(class, found): &(Class, f64)| (1.0 + found) / (1.0 + self.margins.of(class));
            let &(class, share) = margins
                .iter()
                .min_by(|a, b| beyond(a).total_cmp(&beyond(b)))?;
            found = self.found(
                plans,
                set,
                &Margins::NONE.with(class, 1.004 * (1.0 + share) - 1.0),
            );
        }
        let (case, need) = worst(&found)?;
        let Some(need) = need else {
            let reason = found[case].as_ref().err().cloned().unwrap_or_default();
            return Some((case, Err(reason)));
        };
        // The limit without margins taken off.
        let whole = self.found(plans, set, &Margins::NONE);
        let own = whole.get(case)?.as_ref().ok()?;
        let own = own.iter().filter(|own| own.what == need.what);
        let own = own.max_by(|a, b| a.excess().total_cmp(&b.excess()))?;
        Some((case, Ok(own.clone())))
    }
}

/// Steps of the largest margin that is told apart: ten times too much.
const MOST_STEPS: i32 = 1153;

/// Whether every need holds in every case.
pub fn all_hold(found: &[Found]) -> bool {
    found
        .iter()
        .all(|case| matches!(case, Ok(needs) if needs.iter().all(|need| need.holds)))
}

/// The need that is missed most, with its case; the case without a solution first.
pub fn worst(found: &[Found]) -> Option<(usize, Option<&Need>)> {
    if let Some(case) = found.iter().position(Result::is_err) {
        return Some((case, None));
    }
    let all = found.iter().enumerate().flat_map(|(case, found)| {
        found
            .iter()
            .flat_map(move |needs| needs.iter().map(move |need| (case, need)))
    });
    all.filter(|(_, need)| !need.holds)
        .max_by(|a, b| a.1.excess().total_cmp(&b.1.excess()))
        .map(|(case, need)| (case, Some(need)))
}
