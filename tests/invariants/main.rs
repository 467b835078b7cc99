//! What must not matter does not (threads, order, units), what must grow grows, and the corners have
//! true answers.

#![allow(clippy::unwrap_used)]

mod corners;
mod order;
mod properties;
mod same;
mod threads;
mod units;

use std::path::{Path, PathBuf};

use loopwatt::hall::LoadOptions;
use loopwatt::result::SolveResult;
use loopwatt::study::{self, Run, RunError};
use loopwatt::world::{Disk, Memory};

fn options(state: Option<&str>, set: &[&str]) -> LoadOptions {
    LoadOptions {
        set: set.iter().map(|s| (*s).to_owned()).collect(),
        state: state.map(str::to_owned),
    }
}

fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Solves a hall of the repository.
fn try_run(path: &str, state: Option<&str>, set: &[&str]) -> Result<Run, RunError> {
    study::run(&Disk, &file(path), &options(state, set))
}

fn run(path: &str, state: Option<&str>, set: &[&str]) -> Run {
    try_run(path, state, set).unwrap_or_else(|error| panic!("{path} {set:?}: {error}"))
}

/// Solves a hall given as text, with a table beside it.
fn run_text(text: &str, table: &str) -> SolveResult {
    let world = Memory::new()
        .with("hall.toml", text)
        .with("table.csv", table);
    study::run(&world, Path::new("hall.toml"), &options(None, &[]))
        .unwrap_or_else(|error| panic!("{error}"))
        .result
}

fn text(path: &str) -> String {
    std::fs::read_to_string(file(path)).unwrap()
}

/// The balances of energy and mass, the sum of the power tree, and no number that is none.
fn closes(result: &SolveResult) {
    let balance = &result.balance;
    assert!(balance.energy_relative < 1e-9, "{balance:?}");
    assert!(balance.mass_relative < 1e-9, "{balance:?}");
    let json = serde_json::to_string(result).unwrap();
    for none in [
        "\"power_w\":null",
        "\"watts\":null",
        "\"actual\":null",
        "\"flow_kg_s\":null",
        "\"supply_c\":null",
        "\"return_c\":null",
    ] {
        assert!(!json.contains(none), "{none}");
    }
}

/// A loop's result by name.
fn circuit<'r>(result: &'r SolveResult, name: &str) -> &'r loopwatt::result::LoopResult {
    &result.loops[name]
}
