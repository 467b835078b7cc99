//! Many solves of one hall file: the single run that every study is made of, and what is made of it.

pub mod annual;
pub mod budget;
pub mod claims;
pub mod derivatives;
pub mod diagnose;
pub mod explain;
pub mod failures;
pub mod levels;
pub mod losses;
pub mod optimize;
pub mod scenario;
pub mod size;
pub mod sweep;
pub mod uncertainty;

use std::path::Path;
use std::time::Instant;

use crate::hall::model::Hall;
use crate::hall::{self, LoadError, LoadOptions};
use crate::network::Network;
use crate::network::build::{self, BuildError};
use crate::result::{self, SolveResult, Warning};
use crate::solve::{self, Options, Solution, SolveError};
use crate::world::World;

/// A hall, read, numbered and solved.
#[derive(Debug)]
pub struct Run {
    /// The hall.
    pub hall: Hall,
    /// Its numbers.
    pub network: Network,
    /// Its solution.
    pub solution: Solution,
    /// Its results.
    pub result: SolveResult,
}

/// Why a run gave no result.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The hall file is at fault, or could not be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The hall has no well-posed equations.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// There is no solution.
    #[error(transparent)]
    Solve(#[from] SolveError),
    /// There is no solution, and why is known.
    #[error("there is no steady state: {}", .causes.join("; "))]
    Infeasible {
        /// What the iteration says.
        #[source]
        source: SolveError,
        /// A sentence for each cause.
        causes: Vec<String>,
    },
}

/// Reads, numbers and solves a hall file.
///
/// # Errors
/// [`RunError`] with the stage that failed.
pub fn run(world: &dyn World, path: &Path, options: &LoadOptions) -> Result<Run, RunError> {
    let (hall, warnings) = hall::load(world, path, options)?;
    let solved = solved(&hall).map_err(|error| explained(error, &hall))?;
    let mut run = evaluated(hall, solved);
    run.result.warnings.splice(
        0..0,
        warnings.iter().map(|w| Warning {
            path: w.path.clone(),
            text: w.text.clone(),
            beyond: None,
        }),
    );
    Ok(run)
}

/// The error with its causes, where they can be found.
fn explained(error: RunError, hall: &Hall) -> RunError {
    let RunError::Solve(source) = error else {
        return error;
    };
    let causes = diagnose::causes(hall);
    if causes.is_empty() {
        return source.into();
    }
    RunError::Infeasible { source, causes }
}

/// Numbers and solves a hall.
///
/// # Errors
/// [`RunError`] with the stage that failed.
pub fn run_hall(hall: Hall) -> Result<Run, RunError> {
    let solved = solved(&hall)?;
    Ok(evaluated(hall, solved))
}

/// A hall's numbers, its solution, and the seconds that the solution took.
fn solved(hall: &Hall) -> Result<(Network, Solution, f64), RunError> {
    let network = build::build(hall)?;
    let started = Instant::now();
    let state = solve::guess(&network);
    let solution = solve::solve(&network, state, &Options::default())?;
    Ok((network, solution, started.elapsed().as_secs_f64()))
}

fn evaluated(hall: Hall, (network, solution, seconds): (Network, Solution, f64)) -> Run {
    let result = result::evaluate(&hall, &network, &solution, seconds);
    Run {
        hall,
        network,
        solution,
        result,
    }
}
