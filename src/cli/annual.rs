//! `loopwatt annual MODEL...`

use std::io::IsTerminal;
use std::path::PathBuf;

use serde_json::json;

use super::annual_text::{comparison, summary};
use super::{
    Exit, Failed, announce, chain, complain, load_failed, print, print_json, read_failed,
    report_failed, run_failed, show, warn, weather_failed,
};
use crate::hall::model::Workload;
use crate::hall::{self, LoadOptions};
use crate::report::annual as page;
use crate::study::RunError;
use crate::study::annual::{self, AnnualError, AnnualOptions, AnnualResult, Year};
use crate::units::Dimension;
use crate::world::Disk;

#[derive(clap::Args)]
pub struct Arguments {
    /// Hall files (TOML); of several a table compares the years
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<PathBuf>,
    /// Set a value of every hall file: `--set loops.tcs.fluid=pg30`; may be given more than once
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Operating state at full workload, in place of the file's own choice
    #[arg(long, value_name = "NAME")]
    state: Option<String>,
    /// Weather: an EPW file, a CSV bin table, or built-in (memphis)
    #[arg(long, value_name = "FILE|NAME")]
    weather: Option<String>,
    /// CSV table of design conditions, in place of those that come with the weather
    #[arg(long, value_name = "FILE")]
    design: Option<PathBuf>,
    /// Workload, 0 (state idle) to 1: a number, 24 of them with commas between, or a CSV trace
    #[arg(long, value_name = "SHARE|FILE", value_parser = annual::parse_workload)]
    workload: Option<Workload>,
    /// Price of electricity: `0.07 USD/kWh`
    #[arg(long, value_name = "PRICE", value_parser = |t: &str| rate(Dimension::MoneyPerEnergy, t))]
    electricity_price: Option<f64>,
    /// Price of water: `1.5 USD/m3`
    #[arg(long, value_name = "PRICE", value_parser = |t: &str| rate(Dimension::MoneyPerVolume, t))]
    water_price: Option<f64>,
    /// CO2 emitted for the electricity: `0.4 kg/kWh`
    #[arg(long, value_name = "FACTOR", value_parser = |t: &str| rate(Dimension::MassPerEnergy, t))]
    co2_factor: Option<f64>,
    /// Heat sink whose heat is used by somebody; may be given more than once
    #[arg(long, value_name = "NAME")]
    reused_heat: Vec<String>,
    /// Folder for a page with charts, and the hours as CSV and Parquet
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print the result as JSON (`schema_version` 1)
    #[arg(long)]
    json: bool,
}

pub(super) fn rate(dimension: Dimension, text: &str) -> Result<f64, String> {
    let value = dimension.parse(text).map_err(|error| error.to_string())?;
    if value >= 0.0 {
        Ok(value)
    } else {
        Err(format!("`{text}` is negative"))
    }
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failed> {
    let load = LoadOptions {
        set: arguments.set.clone(),
        state: arguments.state.clone(),
    };
    let options = AnnualOptions {
        weather: arguments.weather.clone(),
        design: arguments.design.clone(),
        workload: arguments.workload.clone(),
        electricity_price: arguments.electricity_price,
        water_price: arguments.water_price,
        co2_factor: arguments.co2_factor,
        reused_heat: arguments.reused_heat.clone(),
    };
    // All hall files are read before the first is solved: a fault in the last costs no wait.
    let mut halls = Vec::new();
    for model in &arguments.models {
        let (hall, warnings) =
            hall::load(&Disk, model, &load).map_err(|error| load_failed(&error))?;
        for warning in &warnings {
            warn(&format!(
                "{}: {}: {}",
                warning.place, warning.path, warning.text
            ));
        }
        halls.push(hall);
    }
    let mut years: Vec<Year> = Vec::new();
    for hall in &halls {
        let bar = bar(&hall.name);
        let progress = |done: usize, total: usize| {
            if let Some(bar) = &bar {
                bar.set_length(total as u64);
                // Points end out of order: the bar never goes back.
                bar.set_position(bar.position().max(done as u64));
            }
        };
        let year = annual::run(&Disk, hall, &options, &progress);
        if let Some(bar) = &bar {
            bar.finish_and_clear();
        }
        years.push(year.map_err(|error| failed(&error))?);
    }
    let results: Vec<&AnnualResult> = years.iter().map(|year| &year.result).collect();
    for result in &results {
        for warning in &result.warnings {
            warn(&format!("{}: {warning}", result.name));
        }
    }
    if let Some(out) = &arguments.out {
        let written = page::write(&years, out).map_err(|error| report_failed(&error))?;
        announce(&written.index, &written.left_over, arguments.json)?;
    }
    match (arguments.json, results.as_slice()) {
        (true, [one]) => print_json(one)?,
        (true, all) => print_json(&json!({ "schema_version": 1, "halls": all }))?,
        (false, [one]) => print(&summary(one))?,
        (false, all) => print(&comparison(all))?,
    }
    let unsolved = |result: &&AnnualResult| {
        !result.complete || result.design.iter().any(|point| point.unsolved.is_some())
    };
    let broken = |result: &&AnnualResult| {
        result.hours_limit_broken > 0.0
            || result.design.iter().any(|point| point.holds == Some(false))
    };
    Ok(if results.iter().any(unsolved) {
        Exit::NoSolution
    } else if results.iter().any(broken) {
        Exit::Broken
    } else {
        Exit::Holds
    })
}

/// Progress, on a terminal only.
fn bar(name: &str) -> Option<indicatif::ProgressBar> {
    if !std::io::stderr().is_terminal() {
        return None;
    }
    let bar = indicatif::ProgressBar::new(0);
    if let Ok(style) =
        indicatif::ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} points, {eta} to go")
    {
        bar.set_style(style);
    }
    bar.set_message(name.to_owned());
    Some(bar)
}

/// Prints why there is no year.
pub(super) fn failed(error: &AnnualError) -> Failed {
    match error {
        AnnualError::Weather(error) => weather_failed(error),
        AnnualError::Trace(faults) => {
            show(faults);
            Failed(Exit::BadInput)
        }
        AnnualError::Read(error) => read_failed(error),
        AnnualError::Build(error) => run_failed(&RunError::Build(error.clone())),
        AnnualError::NoSolution { .. } => {
            complain(&chain(error));
            Failed(Exit::NoSolution)
        }
        AnnualError::NoHours | AnnualError::NoSink { .. } => {
            complain(&chain(error));
            Failed(Exit::BadInput)
        }
    }
}
