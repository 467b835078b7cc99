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
mod conduct;
mod descent;
mod edit;
mod objective;
mod outcome;
mod plan;
mod prices;
mod problem;
mod quadratic;
mod search;
mod setpoints;
mod tell;
mod variables;

pub use conditions::{Condition, Over, Purpose};
pub use conduct::Answer;
pub use edit::{EditError, edited, write};
pub use objective::{Aim, Objective, Prices};
pub use outcome::{
    BindingLimit, BrokenLimit, Chosen, Figures, Grid, OneSide, Optimum, RangeEdge, Searched, Slice,
    Switched, amount,
};
pub use plan::{Plan, plan};
pub use problem::Progress;
pub use variables::Variable;

use std::path::PathBuf;

use crate::hall::{LoadError, LoadOptions};
use crate::weather::WeatherError;
use problem::Rules;

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
