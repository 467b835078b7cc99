//! `loopwatt optimize MODEL`

use std::path::{Path, PathBuf};

use super::annual::rate;
use super::optimize_text::tables;
use super::{
    Exit, Failed, ModelArguments, Units, announce, complain, load_failed, print, print_json,
    report_failed, spinner, warn, weather_failed, writable,
};
use crate::hall::{self, LoadOptions};
use crate::report::optimize as page;
use crate::study::optimize::{self, OptimizeError, OptimizeOptions, Prices, Purpose};
use crate::units::Dimension;
use crate::world::Disk;

// Flags are what they are.
#[allow(clippy::struct_excessive_bools)]
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    /// What may be chosen: `PATH=FROM..TO UNIT`, `PATH=a,b,c`, or `PATH` of a set-point for its usual range; `*` stands for
    /// any step of a path; may be given more than once. Without it all set-points and stage counts of the hall
    #[arg(long, value_name = "PATH[=VALUES]")]
    vary: Vec<String>,
    /// What is minimised: power, water, cost, or weights such as `power=1,water=0.002` (per kW and per L/h)
    #[arg(long, value_name = "WHAT", default_value = "power")]
    minimise: String,
    /// Choose for the weather's design conditions, by the worst of them; with --year their limits count beside the year's
    #[arg(long)]
    design: bool,
    /// With --design: choose by the mean of the design conditions
    #[arg(long, requires = "design", conflicts_with = "year")]
    mean: bool,
    /// Choose for a year of weather, in bins
    #[arg(long)]
    year: bool,
    /// Weather: an EPW file, a CSV bin table, or built-in (memphis)
    #[arg(long, value_name = "FILE|NAME")]
    weather: Option<String>,
    /// CSV table of design conditions, in place of those that come with the weather
    #[arg(long, value_name = "FILE")]
    design_table: Option<PathBuf>,
    /// Price of electricity: `0.07 USD/kWh`
    #[arg(long, value_name = "PRICE", value_parser = |t: &str| rate(Dimension::MoneyPerEnergy, t))]
    electricity_price: Option<f64>,
    /// Price of water: `1.5 USD/m3`
    #[arg(long, value_name = "PRICE", value_parser = |t: &str| rate(Dimension::MoneyPerVolume, t))]
    water_price: Option<f64>,
    /// Hold advisory limits too
    #[arg(long)]
    hold_advisory: bool,
    /// Go beyond the ranges of pump curves, chiller curves and correlations too; without it only where the hall is today
    #[arg(long)]
    beyond_range: bool,
    /// Points of the sample that finds starts; by the number of variables if left out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    samples: Option<u32>,
    /// Local searches from the best of the sample
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    starts: u16,
    /// Write the hall file with the values chosen: the file as it is, edited in place
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Folder for a page with charts and tables
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print the result as JSON (`schema_version` 1)
    #[arg(long)]
    json: bool,
    /// Units of the tables; JSON is always SI
    #[arg(long, value_enum, default_value_t)]
    units: Units,
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failed> {
    if let Some(target) = &arguments.write {
        writable(target)?;
    }
    let options = OptimizeOptions {
        vary: arguments.vary.clone(),
        minimise: arguments.minimise.clone(),
        load: arguments.model.options(),
        purpose: match (arguments.year, arguments.design, arguments.mean) {
            (true, true, _) => Purpose::YearAndDesign,
            (true, false, _) => Purpose::Year,
            (false, true, true) => Purpose::DesignMean,
            (false, true, false) => Purpose::Design,
            (false, false, _) => Purpose::Point,
        },
        weather: arguments.weather.clone(),
        design_table: arguments.design_table.clone(),
        prices: Prices {
            electricity: arguments.electricity_price,
            water: arguments.water_price,
        },
        advisory: arguments.hold_advisory,
        beyond_range: arguments.beyond_range,
        samples: arguments.samples,
        starts: usize::from(arguments.starts),
        charts: arguments.out.is_some(),
        write: arguments.write.is_some(),
    };
    let plan =
        optimize::plan(&Disk, &arguments.model.model, &options).map_err(|error| failed(&error))?;
    for warning in &plan.warnings {
        warn(&format!(
            "{}: {}: {}",
            warning.place, warning.path, warning.text
        ));
    }
    let bar = spinner("solving");
    let progress = |done: u64| {
        if let Some(bar) = &bar {
            // Solves end out of order: the count never goes back.
            bar.set_position(bar.position().max(done));
        }
    };
    let answer = plan.run(&progress);
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    let answer = answer.map_err(|error| failed(&error))?;
    let found = &answer.optimum;
    for warning in &found.warnings {
        warn(warning);
    }
    if let Some(out) = &arguments.out {
        let written = page::write(found, out, arguments.units.into())
            .map_err(|error| report_failed(&error))?;
        announce(&written.index, &written.left_over, arguments.json)?;
    }
    if let (Some(path), Some(text)) = (&arguments.write, &answer.file) {
        if found.feasible {
            write(path, text, arguments)?;
        } else {
            warn(&format!(
                "{}: not written, since no set-points hold all limits",
                path.display()
            ));
        }
    }
    if arguments.json {
        print_json(found)?;
    } else {
        print(&tables(found, arguments.units.into()))?;
    }
    Ok(if !found.solved() {
        Exit::NoSolution
    } else if found.feasible {
        Exit::Holds
    } else {
        Exit::Broken
    })
}

/// Writes the hall file, and reads it again.
fn write(path: &Path, text: &str, arguments: &Arguments) -> Result<(), Failed> {
    optimize::write(path, text).map_err(|error| {
        complain(&error.to_string());
        Failed(Exit::Files)
    })?;
    if hall::load(&Disk, path, &LoadOptions::default()).is_err() {
        warn(&format!(
            "{}: is not accepted where it stands: paths in a hall file start at its folder, so write it beside {}",
            path.display(),
            arguments.model.model.display()
        ));
    }
    if arguments.json {
        return Ok(());
    }
    print(&format!("{}\n\n", path.display()))
}

fn failed(error: &OptimizeError) -> Failed {
    match error {
        OptimizeError::Load(error) => load_failed(error),
        OptimizeError::Weather(error) => weather_failed(error),
        OptimizeError::Value { set, error } => {
            complain(&format!("--vary: the hall file does not take {set}"));
            load_failed(error)
        }
        OptimizeError::NoSolution { .. } => {
            complain(&error.to_string());
            Failed(Exit::NoSolution)
        }
        OptimizeError::Vary { .. } | OptimizeError::Plan(_) | OptimizeError::Edit(_) => {
            complain(&error.to_string());
            Failed(Exit::BadInput)
        }
    }
}
