//! The command line: one file a subcommand, no physics.
//!
//! Exit codes: 0 done and every limit holds; 1 done, but a limit is broken; 2 the input is at fault;
//! 3 no solution; 4 files could not be read or written.

mod annual;
mod annual_text;
mod budget;
mod budget_text;
mod check;
mod explain;
mod export;
mod failures;
mod failures_text;
mod library;
mod optimize;
mod optimize_text;
mod report;
mod schema;
mod size;
mod size_text;
mod solve;
mod sweep;
mod text;
mod uncertainty;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

use crate::diag::Diagnostics;
use crate::hall::{LoadError, LoadOptions};
use crate::report::ReportError;
use crate::study::RunError;
use crate::units::UnitSystem;
use crate::weather::WeatherError;
use crate::world::ReadError;

/// What a command ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    Holds = 0,
    Broken = 1,
    BadInput = 2,
    NoSolution = 3,
    Files = 4,
}

/// A command that could not be done: its exit code; the message has been printed.
#[derive(Debug)]
struct Failed(Exit);

#[derive(Parser)]
#[command(
    name = "loopwatt",
    version,
    about = "Liquid-cooled AI data-centre halls: every GPU's temperature, every loop's flow, the megawatts at the meter",
    after_help = "Exit codes: 0 every limit holds, 1 a limit is broken, 2 the input is at fault, 3 no solution, 4 file trouble"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Threads to use; the result does not depend on it
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

#[derive(Subcommand)]
enum Command {
    /// Check a hall file: all faults at once, each at its place
    Check(check::Arguments),
    /// Solve a hall at one operating point
    Solve(solve::Arguments),
    /// Solve a hall and write a report with charts
    Report(report::Arguments),
    /// Solve a year of weather: energy, PUE, water, modes, limits, cost; of several halls a comparison
    Annual(annual::Arguments),
    /// Hold states, peaks, the worst hour and one unit out against the limits at every level; audit claims; say what fits
    Budget(budget::Arguments),
    /// Lose every component once: what still holds, which GPUs suffer, whether claimed redundancy is there
    Failures(failures::Arguments),
    /// Choose set-points and stages that spend least under all limits, for one hour, design conditions or a year
    Optimize(optimize::Arguments),
    /// Size the equipment: counts, ratings, pumps, valves, with margins and redundancy; write the sized hall
    Size(size::Arguments),
    /// Quantiles of power, PUE and temperature from ranges of the inputs, and which inputs matter
    Uncertainty(uncertainty::Arguments),
    /// Solve many points of a hall: any values of its file varied, any results kept
    Sweep(sweep::Arguments),
    /// Put the parts of a sweep together that were solved with --shard
    Merge(sweep::MergeArguments),
    /// Show the equations behind a result, with its numbers and their sources
    Explain(explain::Arguments),
    /// Write a hall's hydraulics for EPANET or pandapipes
    Export(export::Arguments),
    /// List the library's parts, or show one with its sources
    Library(library::Arguments),
    /// Print the JSON Schema of the hall file
    Schema,
    /// Print a completion script for a shell
    Completions {
        /// Shell
        shell: clap_complete::Shell,
    },
}

/// What every command on a hall takes.
#[derive(clap::Args)]
struct ModelArguments {
    /// Hall file (TOML)
    model: PathBuf,
    /// Set a value of the hall file: `--set loops.tcs.fluid=pg30`; may be given more than once
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Operating state, in place of the file's own choice
    #[arg(long, value_name = "NAME")]
    state: Option<String>,
}

impl ModelArguments {
    fn options(&self) -> LoadOptions {
        LoadOptions {
            set: self.set.clone(),
            state: self.state.clone(),
        }
    }
}

/// Units of tables and charts.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Units {
    /// SI with degrees Celsius, kPa, L/min
    #[default]
    Si,
    /// US customary: °F, psi, gpm, tons
    Us,
}

impl From<Units> for UnitSystem {
    fn from(units: Units) -> Self {
        match units {
            Units::Si => Self::Si,
            Units::Us => Self::Us,
        }
    }
}

/// Runs the program.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            // Help and version are answers; everything else is bad input.
            return ExitCode::from(if error.use_stderr() {
                Exit::BadInput as u8
            } else {
                0
            });
        }
    };
    let threads = arguments.threads.map(usize::from);
    let done = crate::solve::on_threads(threads, move || run(&arguments.command));
    let exit = match done {
        Ok(Ok(exit) | Err(Failed(exit))) => exit,
        Err(error) => {
            complain(&format!("the threads could not be started: {error}"));
            Exit::Files
        }
    };
    ExitCode::from(exit as u8)
}

fn run(command: &Command) -> Result<Exit, Failed> {
    match command {
        Command::Check(arguments) => check::run(arguments),
        Command::Solve(arguments) => solve::run(arguments),
        Command::Report(arguments) => report::run(arguments),
        Command::Annual(arguments) => annual::run(arguments),
        Command::Budget(arguments) => budget::run(arguments),
        Command::Failures(arguments) => failures::run(arguments),
        Command::Optimize(arguments) => optimize::run(arguments),
        Command::Size(arguments) => size::run(arguments),
        Command::Uncertainty(arguments) => uncertainty::run(arguments),
        Command::Sweep(arguments) => sweep::run(arguments),
        Command::Merge(arguments) => sweep::merge(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Export(arguments) => export::run(arguments),
        Command::Library(arguments) => library::run(arguments),
        Command::Schema => schema::run(),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), "loopwatt", &mut script);
            print(&String::from_utf8_lossy(&script))?;
            Ok(Exit::Holds)
        }
    }
}

/// Writes to standard output; a reader that went away (`| head`) is no fault of ours.
fn print(text: &str) -> Result<(), Failed> {
    let mut out = anstream::AutoStream::auto(std::io::stdout());
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => {
            complain(&format!("standard output could not be written: {error}"));
            Err(Failed(Exit::Files))
        }
    }
}

/// Prints a value as JSON.
fn print_json<T: serde::Serialize>(value: &T) -> Result<(), Failed> {
    match serde_json::to_string_pretty(value) {
        Ok(text) => print(&(text + "\n")),
        Err(error) => {
            complain(&format!("the result could not be written as JSON: {error}"));
            Err(Failed(Exit::Files))
        }
    }
}

/// A line on a terminal that counts solves; none elsewhere.
fn spinner(what: &'static str) -> Option<indicatif::ProgressBar> {
    std::io::stderr().is_terminal().then(|| {
        let bar = indicatif::ProgressBar::no_length();
        bar.set_message(what);
        if let Ok(style) = indicatif::ProgressStyle::with_template("{msg} {pos} {bar:30} {elapsed}")
        {
            bar.set_style(style);
        }
        bar
    })
}

/// Writes a message to standard error.
fn complain(text: &str) {
    let _ = writeln!(anstream::stderr(), "error: {text}");
}

/// Writes a warning to standard error.
fn warn(text: &str) {
    let _ = writeln!(anstream::stderr(), "warning: {text}");
}

/// Writes diagnostics to standard error.
fn show(diagnostics: &Diagnostics) {
    let text = diagnostics.render(std::io::stderr().is_terminal());
    let _ = write!(anstream::stderr(), "{text}");
}

/// Says where a study's page stands, and what of a former one could not be removed.
fn announce(index: &Path, left_over: &[PathBuf], json: bool) -> Result<(), Failed> {
    for left in left_over {
        warn(&format!("{}: could not be removed", left.display()));
    }
    if json {
        return Ok(());
    }
    print(&format!("{}\n\n", index.display()))
}

/// Prints why a hall could not be loaded.
fn load_failed(error: &LoadError) -> Failed {
    match error.diagnostics() {
        Some(diagnostics) => show(diagnostics),
        None => complain(&chain(error)),
    }
    Failed(if error.is_unreadable() {
        Exit::Files
    } else {
        Exit::BadInput
    })
}

/// Prints why a run gave no result.
fn run_failed(error: &RunError) -> Failed {
    match error {
        RunError::Load(error) => load_failed(error),
        RunError::Build(error) => {
            match &error.diagnostics {
                Some(diagnostics) => show(diagnostics),
                None => complain(&chain(error)),
            }
            Failed(Exit::BadInput)
        }
        RunError::Solve(_) | RunError::Infeasible { .. } => {
            complain(&chain(error));
            Failed(Exit::NoSolution)
        }
    }
}

/// Says why there is no weather.
fn weather_failed(error: &WeatherError) -> Failed {
    match error {
        WeatherError::Faults(faults) => {
            show(faults);
            Failed(Exit::BadInput)
        }
        WeatherError::Read(error) => read_failed(error),
        WeatherError::Unknown { .. } => {
            complain(&error.to_string());
            Failed(Exit::BadInput)
        }
    }
}

/// Says why a file could not be read.
fn read_failed(error: &ReadError) -> Failed {
    complain(&chain(error));
    let wrong = matches!(error, ReadError::NotText { .. });
    Failed(if wrong { Exit::BadInput } else { Exit::Files })
}

/// Whether a file could be written there, before anything is computed.
fn writable(target: &Path) -> Result<(), Failed> {
    let folder = match target.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => target,
    };
    if target.is_dir() {
        complain(&format!("{}: is a directory, not a file", target.display()));
        return Err(Failed(Exit::Files));
    }
    if !folder.is_dir() {
        complain(&format!("{}: no such folder", folder.display()));
        return Err(Failed(Exit::Files));
    }
    Ok(())
}

/// Prints why a report could not be written.
fn report_failed(error: &ReportError) -> Failed {
    match error {
        ReportError::Run(error) => run_failed(error),
        other => {
            complain(&chain(other));
            Failed(Exit::Files)
        }
    }
}

/// An error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}
