//! Failures: every single loss, or every pair, solved; what still holds, which GPUs suffer, and whether the redundancy that
//! the file claims is there.
//!
//! Each loss is a steady state after it: what happens on the way (a reserve that starts, coolant that warms up) is not
//! seen. Limits that the undisturbed hall breaks already are told apart from those that a loss breaks.

mod outcome;
mod redundancy;

use serde::Serialize;

use super::losses::{Loss, Severity, Sort, left_out, losses};
use super::scenario::{Base, Change, Scenario, run_all};
use super::{Run, RunError};
use crate::hall::LoadError;
use crate::hall::model::Hall;

pub use outcome::{BrokenLimit, Consequence, Outcome, RackLoss};
pub use redundancy::Redundancy;

/// Most solves of pairs that are made without being asked again.
pub const MOST_PAIRS: usize = 20_000;

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FailureOptions {
    /// How hard fouling and blockage strike.
    pub severity: Severity,
    /// All pairs too.
    pub pairs: bool,
    /// Every instance that is told apart, not only the one with the hottest GPU.
    pub every: bool,
    /// Whether any number of pairs may be solved.
    pub any_number: bool,
}

/// Why there are no results.
#[derive(Debug, thiserror::Error)]
pub enum FailureError {
    /// The undisturbed hall.
    #[error(transparent)]
    Run(#[from] RunError),
    /// More pairs than are solved unasked.
    #[error("{losses} losses make {pairs} pairs; --yes solves them all")]
    TooMany {
        /// Single losses.
        losses: usize,
        /// Pairs.
        pairs: usize,
    },
}

impl From<LoadError> for FailureError {
    fn from(error: LoadError) -> Self {
        Self::Run(error.into())
    }
}

/// One loss and what came of it.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Place in the order, 1 the worst.
    pub rank: usize,
    /// Path of the instance struck, and what is lost.
    pub name: String,
    /// Path of the instance struck.
    pub path: String,
    /// Path with `*` for indices.
    pub group: String,
    /// Kind of the component.
    pub kind: &'static str,
    /// Sort of loss.
    pub sort: Sort,
    /// What happens, in words.
    pub text: String,
    /// Instances that are like the one struck, itself included.
    pub alike: u64,
    /// What came of it.
    pub outcome: Outcome,
}

/// Two losses at once.
#[derive(Debug, Clone, Serialize)]
pub struct Pair {
    /// Places of the losses in [`Failures::losses`]; the same twice for one loss that happens twice.
    pub losses: [usize; 2],
    /// The instance that the second strikes, where that is not the one that stands with the loss: the next of its group.
    pub second: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
}

/// All that was tried.
#[derive(Debug, Clone, Serialize)]
pub struct Failures {
    /// Version of this structure.
    pub schema_version: u32,
    /// Name of the hall.
    pub name: String,
    /// Operating state.
    pub state: String,
    /// Outdoor condition, in words.
    pub scenario: String,
    /// The undisturbed hall.
    pub undisturbed: Outcome,
    /// Losses, the worst first.
    pub losses: Vec<Row>,
    /// Pairs, the worst first.
    pub pairs: Vec<Pair>,
    /// Redundancy claimed, and shown.
    pub redundancy: Vec<Redundancy>,
    /// Instances that differ and were not struck, by group.
    pub left_out: Vec<(String, usize)>,
    /// How hard fouling struck, as a share of resistance.
    pub fouling: f64,
    /// How hard blockage struck, as a factor on pressure drop.
    pub blockage: f64,
    /// Solves that were made.
    pub solves: usize,
}

impl Failures {
    /// Whether every claimed redundancy is there.
    pub fn holds(&self) -> bool {
        self.redundancy.iter().all(|claim| claim.holds)
    }

    /// Pairs that are worse than their two losses make them by themselves: a worse consequence, a broken limit that neither
    /// breaks, or more GPUs off, or more work lost, than both together.
    pub fn worse_pairs(&self) -> Vec<&Pair> {
        let pairs = self.pairs.iter();
        pairs
            .filter(|pair| {
                let [a, b] = pair.losses.map(|at| &self.losses[at].outcome);
                pair.outcome.worse_than_both(a, b)
            })
            .collect()
    }

    /// A pair in words.
    pub fn pair_words(&self, pair: &Pair) -> String {
        let [a, b] = pair.losses.map(|at| &self.losses[at]);
        match &pair.second {
            None if a.rank == b.rank => format!("{}, two of them", a.name),
            None => format!("{} + {}", a.name, b.name),
            Some(there) => {
                let what = b
                    .name
                    .rsplit_once(": ")
                    .map_or(b.name.as_str(), |(_, what)| what);
                format!("{} + {there}: {what}", a.name)
            }
        }
    }
}

/// Told how many solves of how many are done.
pub type Progress<'a> = dyn Fn(usize, usize) + Sync + 'a;

/// Solves all losses of a hall.
///
/// # Errors
/// [`FailureError`]; a loss without a solution is none.
pub fn run(
    base: &Base<'_>,
    options: &FailureOptions,
    progress: &Progress<'_>,
) -> Result<Failures, FailureError> {
    let whole = Scenario::default().run(base)?;
    let undisturbed = Outcome::of(&whole, &[]);
    let before = undisturbed.broken.clone();
    let found = losses(&whole, options.severity, options.every);
    let pairs = if options.pairs {
        pairs_of(&base.hall, &found)
    } else {
        Vec::new()
    };
    if pairs.len() > MOST_PAIRS && !options.any_number {
        return Err(FailureError::TooMany {
            losses: found.len(),
            pairs: pairs.len(),
        });
    }
    let claims = redundancy::plan(&found);
    let total = found.len() + pairs.len() + claims.len();
    let done = std::sync::atomic::AtomicUsize::new(0);
    let tick = || {
        let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        progress(done, total);
    };
    let solve = |scenarios: &[Scenario]| -> Vec<Outcome> {
        run_all(base, scenarios, &tick, |run: &Run| {
            Outcome::of(run, &before)
        })
        .into_iter()
        .map(|outcome| outcome.unwrap_or_else(Outcome::unsolved))
        .collect()
    };
    let singles: Vec<Scenario> = found.iter().map(Loss::scenario).collect();
    let mut outcomes = solve(&singles);
    for (loss, outcome) in found.iter().zip(&mut outcomes) {
        if let Some(reason) = loss.hopeless {
            *outcome = Outcome::unsolved(reason.to_owned());
        }
    }
    let shown = redundancy::judge(&found, &claims, &solve(&redundancy::scenarios(&claims)));
    let twos: Vec<Scenario> = pairs.iter().map(|two| two.scenario.clone()).collect();
    let paired: Vec<Outcome> = solve(&twos);

    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by(|&a, &b| {
        outcomes[a]
            .compare(&outcomes[b])
            .then_with(|| found[a].name.cmp(&found[b].name))
    });
    let mut place = vec![0; found.len()];
    for (rank, &index) in order.iter().enumerate() {
        place[index] = rank;
    }
    let rows = order
        .iter()
        .enumerate()
        .map(|(rank, &index)| {
            let loss = &found[index];
            Row {
                rank: rank + 1,
                name: loss.name.clone(),
                path: loss.path.clone(),
                group: loss.group.clone(),
                kind: loss.kind,
                sort: loss.sort,
                text: loss.text.clone(),
                alike: loss.alike,
                outcome: outcomes[index].clone(),
            }
        })
        .collect();
    let mut pairs: Vec<Pair> = pairs
        .into_iter()
        .zip(paired)
        .map(|(two, outcome)| {
            let mut losses = two.losses.map(|end| place[end]);
            // Of two instances the second stays the second.
            if two.second.is_none() {
                losses.sort_unstable();
            }
            Pair {
                losses,
                second: two.second,
                outcome,
            }
        })
        .collect();
    pairs.sort_by(|a, b| {
        a.outcome
            .compare(&b.outcome)
            .then_with(|| (a.losses, &a.second).cmp(&(b.losses, &b.second)))
    });
    Ok(Failures {
        schema_version: 1,
        name: base.hall.name.clone(),
        state: base.hall.state.name.clone(),
        scenario: base.hall.scenario.clone(),
        undisturbed,
        losses: rows,
        pairs,
        redundancy: shown,
        left_out: if options.every {
            Vec::new()
        } else {
            left_out(&whole)
        },
        fouling: options.severity.fouling,
        blockage: options.severity.blockage,
        solves: total + 1,
    })
}

/// Two losses to be solved together.
struct Two {
    losses: [usize; 2],
    second: Option<String>,
    scenario: Scenario,
}

/// All pairs that can happen together:
///
/// - two different losses that do not set one value twice, in the same instance of a group where they lie in one;
/// - two units of one set;
/// - two losses of one group, or the same one twice, in two instances of it: the one that is struck and the next.
///
/// A loss after which nothing can be solved is in none of them: whatever comes on top, nothing is left.
fn pairs_of(hall: &Hall, found: &[Loss]) -> Vec<Two> {
    let mut out = Vec::new();
    let with = |one: &Loss, changes: &[Change]| Scenario {
        name: one.name.clone(),
        text: String::new(),
        changes: [&one.changes[..], changes].concat(),
    };
    let solvable = || {
        found
            .iter()
            .enumerate()
            .filter(|(_, loss)| loss.hopeless.is_none())
    };
    for (a, one) in solvable() {
        if let Some(scenario) = one.times(2) {
            out.push(Two {
                losses: [a, a],
                second: None,
                scenario,
            });
        }
        for (b, other) in solvable().skip_while(|(b, _)| *b < a) {
            if a != b && !clash(&one.changes, &other.changes) {
                out.push(Two {
                    losses: [a, b],
                    second: None,
                    scenario: with(one, &other.changes),
                });
            }
            if one.beside(other)
                && let Some((second, changes)) = other.elsewhere(hall)
            {
                out.push(Two {
                    losses: [a, b],
                    second: Some(second),
                    scenario: with(one, &changes),
                });
            }
        }
    }
    out
}

/// Whether two sets of changes set one value.
fn clash(a: &[Change], b: &[Change]) -> bool {
    let key = |change: &Change| match change {
        Change::Value(rule) => Some((rule.path.clone(), rule.key.clone())),
        _ => None,
    };
    a.iter()
        .filter_map(key)
        .any(|one| b.iter().filter_map(key).any(|other| one == other))
}

#[cfg(test)]
mod tests;
