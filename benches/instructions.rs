//! Instructions of a solve, against those on record: a gate that a noisy machine does not move.
//!
//! `cargo bench --bench instructions` runs itself under valgrind (callgrind), on one thread and a hall of 512
//! GPUs, once with the work done once and once with it done twice; the difference is the work alone.
//! valgrind stands in for a processor of its own, so that counts do not depend on the machine. More than
//! [`TOLERANCE`] above the record fails; less is for the record (`RECORD=1 cargo bench --bench
//! instructions`). Without valgrind, or with another compiler than that of the record, it says so and passes.

#[allow(dead_code)] // this file uses a part of it
mod common;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use common::{Gpus, hall};
use loopwatt::network::build::{build, renew};
use loopwatt::solve::{Options, Start, guess, on_threads, solve, solve_from};

/// Share by which a count may grow.
const TOLERANCE: f64 = 0.05;
/// What is counted.
const NAMES: [&str; 3] = ["build", "cold", "warm"];
/// Set in the process under valgrind: name and repetitions.
const TASK: &str = "LOOPWATT_COUNT";

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let done = match std::env::var(TASK) {
        Ok(task) => on_threads(Some(1), || work(&task))
            .map_err(Into::into)
            .and_then(|done| done),
        Err(_) => gate(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Does the task so many times.
fn work(task: &str) -> Result<(), Failure> {
    let (name, times) = task.split_once(' ').ok_or("no task")?;
    let times: usize = times.parse()?;
    let options = Options::default();
    let first = hall(1, "40 degC", Gpus::Different);
    let network = build(&first)?;
    let start = Start::new(solve(&network, guess(&network), &options)?);
    let after = renew(&hall(1, "41 degC", Gpus::Different), network.clone())?;
    for _ in 0..times {
        match name {
            "build" => drop(build(&first)?),
            "cold" => drop(solve(&network, guess(&network), &options)?),
            _ => drop(solve_from(&after, &start, None, &options)?),
        }
    }
    Ok(())
}

/// Instructions of this program with a task.
fn count(name: &str, times: usize) -> Result<u64, Failure> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .env(TASK, format!("{name} {times}"))
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let counted = text
        .lines()
        .find_map(|line| line.split("Collected :").nth(1));
    match counted.and_then(|number| number.trim().parse().ok()) {
        Some(number) if output.status.success() => Ok(number),
        _ => Err(format!("valgrind gave no count of '{name}':\n{text}").into()),
    }
}

fn compiler() -> Result<String, Failure> {
    let output = Command::new(std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into()))
        .arg("--version")
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn record() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.txt")
}

fn gate() -> Result<(), Failure> {
    let there = Command::new("valgrind").arg("--version").output();
    if !there.is_ok_and(|output| output.status.success()) {
        println!("instructions: skipped, valgrind is not installed here");
        return Ok(());
    }
    let compiler = compiler()?;
    let known = std::fs::read_to_string(record()).unwrap_or_default();
    let same = known.lines().next() == Some(compiler.as_str());
    let renewed = std::env::var_os("RECORD").is_some();
    if !same && !renewed {
        println!("instructions: skipped, the record is of another compiler than {compiler}");
        return Ok(());
    }
    let mut text = format!("{compiler}\n");
    let mut faults = Vec::new();
    for name in NAMES {
        let instructions = count(name, 2)? - count(name, 1)?;
        writeln!(text, "{name} {instructions}")?;
        let before: Option<f64> = (known.lines())
            .find_map(|line| line.strip_prefix(name))
            .and_then(|number| number.trim().parse().ok());
        let change = before.map(|before| instructions as f64 / before - 1.0);
        match change {
            Some(change) => println!(
                "{name}: {instructions} instructions, {:+.1} %",
                100.0 * change
            ),
            None => println!("{name}: {instructions} instructions, not on record"),
        }
        if !renewed && change.is_none_or(|change| change > TOLERANCE) {
            faults.push(name);
        }
    }
    if renewed {
        std::fs::write(record(), text)?;
        println!("recorded");
        return Ok(());
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} grew by more than {:.0} %: if that is meant, RECORD=1 cargo bench --bench instructions",
        faults.join(", "),
        100.0 * TOLERANCE
    )
    .into())
}
