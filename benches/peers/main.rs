//! Times of loopwatt in process as JSON, and the chart of all times: what `benches/peers/run` calls.
//!
//! `peers time HALL --warm PATH=VALUE` solves a hall from nothing, in the memory of a former solve, and
//! again after a change, and prints every time. `peers chart RESULTS.json STEM` draws STEM.svg and .png.

mod chart;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Parser, Subcommand};
use loopwatt::fluid::Fluid;
use loopwatt::hall::model::Hall;
use loopwatt::hall::{LoadOptions, load};
use loopwatt::network::build::{build, renew};
use loopwatt::solve::{Options, Start, guess, on_threads, solve, solve_again, solve_from};
use loopwatt::world::Disk;
use serde_json::{Value, json};

#[derive(Parser)]
struct Arguments {
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Time one hall
    Time {
        /// Hall file
        hall: PathBuf,
        /// Edits of the hall file
        #[arg(long = "set")]
        set: Vec<String>,
        /// Edit that makes the hall to solve again
        #[arg(long)]
        warm: String,
        /// Repetitions
        #[arg(long, default_value_t = 5)]
        runs: usize,
        /// Threads
        #[arg(long)]
        threads: Option<usize>,
    },
    /// Draw the chart
    Chart {
        /// What the runner collected
        results: PathBuf,
        /// Path of the figure without its ending
        stem: PathBuf,
    },
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    match arguments.command {
        None => {
            println!("peers: started by benches/peers/run");
            Ok(())
        }
        Some(Command::Chart { results, stem }) => chart::draw(&results, &stem),
        Some(Command::Time {
            hall,
            set,
            warm,
            runs,
            threads,
        }) => {
            let answer = on_threads(threads, move || time(&hall, &set, &warm, runs))??;
            println!("{answer}");
            Ok(())
        }
    }
}

fn read(path: &Path, set: &[String]) -> Result<Hall, Failure> {
    let options = LoadOptions {
        set: set.to_vec(),
        state: None,
    };
    Ok(load(&Disk, path, &options)
        .map_err(|e| format!("{}: {e}", path.display()))?
        .0)
}

/// Seconds that `work` takes, `runs` times, after one that is not counted.
fn times(runs: usize, mut work: impl FnMut() -> Result<(), Failure>) -> Result<Vec<f64>, Failure> {
    work()?;
    (0..runs)
        .map(|_| {
            let start = Instant::now();
            work()?;
            Ok(start.elapsed().as_secs_f64())
        })
        .collect()
}

fn time(path: &Path, set: &[String], warm: &str, runs: usize) -> Result<Value, Failure> {
    let hall = read(path, set)?;
    let after = read(path, &[set, &[warm.to_owned()]].concat())?;
    let options = Options::default();
    let numbering = times(runs, || {
        build(&hall)?;
        Ok(())
    })?;
    let network = build(&hall)?;
    let cold = times(runs, || {
        solve(&network, guess(&network), &options)?;
        Ok(())
    })?;
    let mut spare = None;
    let again = times(runs, || {
        spare = Some(solve_again(&network, spare.take(), &options)?);
        Ok(())
    })?;
    let solution = solve(&network, guess(&network), &options)?;
    let (iterations, unknowns) = (solution.iterations, solution.unknowns);
    let start = Start::new(solution);
    let changed = renew(&after, network.clone())?;
    let warm = times(runs, || {
        spare = Some(solve_from(&changed, &start, spare.take(), &options)?);
        Ok(())
    })?;
    let mut fluids = serde_json::Map::new();
    for block in &network.blocks {
        for circuit in &block.structure.loops {
            let fluid = &network.fluids[circuit.fluid as usize];
            fluids
                .entry(circuit.fluid_name.clone())
                .or_insert_with(|| polynomials(fluid));
        }
    }
    Ok(json!({
        "gpus": network.gpus(), "unknowns": unknowns, "iterations": iterations,
        "build": numbering, "cold": cold, "again": again, "warm": warm, "fluids": fluids,
    }))
}

/// A fluid's polynomials, in rising powers of T − T_ref.
fn polynomials(fluid: &Fluid) -> Value {
    let c = fluid.coefficients();
    json!({
        "reference_temperature": c.reference_temperature,
        "density": c.density,
        "specific_heat": c.specific_heat,
        "enthalpy": c.enthalpy,
        "ln_viscosity": c.ln_viscosity,
    })
}
