//! `loopwatt size MODEL`

use std::path::PathBuf;

use super::{
    Exit, Failed, ModelArguments, Units, announce, complain, load_failed, print, print_json,
    report_failed, run_failed, size_text, spinner, warn, weather_failed, writable,
};
use crate::report::size as page;
use crate::study::size::capacity::{Class, Margins};
use crate::study::size::sets::Reserve;
use crate::study::size::{self, Choice, SizeError, SizeOptions};
use crate::units::Dimension;
use crate::world::Disk;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    /// Choose units among all parts of the library of the same kind, instead of counting those that the file names
    #[arg(long, conflicts_with = "required")]
    from_library: bool,
    /// Keep the number of units that the file has, and find the rating that each must have
    #[arg(long)]
    required: bool,
    /// Margins: on duty (heat), flow and head (pumps, valves), power (electrical tree); 10 % each if left out
    #[arg(long, value_name = "CLASS=SHARE", value_delimiter = ',', value_parser = margin)]
    margin: Vec<(Class, f64)>,
    /// Authority asked of control valves: the share of the pressure across the branch that the open valve takes
    #[arg(long, value_name = "SHARE", default_value = "30%", value_parser = authority)]
    authority: f64,
    /// Friction of pipes at most, in Pa per metre; ASHRAE's upper limit if left out
    #[arg(long, value_name = "PA_PER_M", default_value_t = size::GRADIENT, value_parser = friction)]
    friction: f64,
    /// Overall heat transfer coefficient that areas of exchangers are told with
    #[arg(long, value_name = "QUANTITY", default_value = "4000 W/(m2 K)", value_parser = coefficient)]
    heat_transfer: f64,
    /// Redundancy in place of the file's: `n+1` for all, or `towers=n+1,ups=2n` by name, path or kind
    #[arg(long, value_name = "[NAME=]N|N+K|2N", value_delimiter = ',', value_parser = redundancy)]
    redundancy: Vec<(Option<String>, Reserve)>,
    /// Weather whose design conditions are to hold too: an EPW file, a CSV bin table, or built-in (memphis)
    #[arg(long, value_name = "FILE|NAME")]
    weather: Option<String>,
    /// CSV table of design conditions that are to hold too
    #[arg(long, value_name = "FILE")]
    design: Option<PathBuf>,
    /// Hall file to write the sized hall to
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Folder for a page with chart and tables, the sized hall and the schedule as CSV
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print the schedule as JSON (`schema_version` 1)
    #[arg(long)]
    json: bool,
    /// Units of the tables; JSON is always SI
    #[arg(long, value_enum, default_value_t)]
    units: Units,
}

fn margin(text: &str) -> Result<(Class, f64), String> {
    let (class, share) = text
        .split_once('=')
        .ok_or("a margin is written CLASS=SHARE, such as duty=10%")?;
    let class = Class::ALL
        .into_iter()
        .find(|one| one.word() == class.trim())
        .ok_or_else(|| format!("`{}` is none of duty, flow, head, power", class.trim()))?;
    let share = Dimension::Fraction
        .parse(share.trim())
        .map_err(|error| error.to_string())?;
    if (0.0..=3.0).contains(&share) {
        Ok((class, share))
    } else {
        Err(format!("{} % is not between 0 % and 300 %", 100.0 * share))
    }
}

fn authority(text: &str) -> Result<f64, String> {
    let share = Dimension::Fraction
        .parse(text)
        .map_err(|error| error.to_string())?;
    if (0.01..=0.99).contains(&share) {
        Ok(share)
    } else {
        Err(format!("{} % is not between 1 % and 99 %", 100.0 * share))
    }
}

fn friction(text: &str) -> Result<f64, String> {
    let number: f64 = text
        .parse()
        .map_err(|_| format!("`{text}` is no number of pascals per metre"))?;
    if (10.0..=5000.0).contains(&number) {
        Ok(number)
    } else {
        Err(format!("{number} Pa/m is not between 10 and 5000"))
    }
}

fn coefficient(text: &str) -> Result<f64, String> {
    let number = Dimension::HeatTransferCoefficient
        .parse(text)
        .map_err(|error| error.to_string())?;
    if (10.0..=50_000.0).contains(&number) {
        Ok(number)
    } else {
        Err(format!("{number} W/(m2 K) is not between 10 and 50000"))
    }
}

fn redundancy(text: &str) -> Result<(Option<String>, Reserve), String> {
    let (name, words) = match text.split_once('=') {
        Some((name, words)) => (Some(name.trim().to_owned()), words),
        None => (None, text),
    };
    let reserve = Reserve::parse(words)
        .ok_or_else(|| format!("`{}` is none of n, n+1 to n+20, 2n", words.trim()))?;
    Ok((name, reserve))
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failed> {
    if let Some(target) = &arguments.write {
        writable(target)?;
    }
    let mut margins = Margins::default();
    for &(class, share) in &arguments.margin {
        margins = margins.with(class, share);
    }
    let options = SizeOptions {
        choice: match (arguments.from_library, arguments.required) {
            (true, _) => Choice::Library,
            (_, true) => Choice::Required,
            _ => Choice::Named,
        },
        margins,
        authority: arguments.authority,
        gradient: arguments.friction,
        coefficient: arguments.heat_transfer,
        redundancy: arguments.redundancy.clone(),
        weather: arguments.weather.clone(),
        design: arguments.design.clone(),
    };
    let bar = spinner("solving");
    let progress = || {
        if let Some(bar) = &bar {
            bar.inc(1);
        }
    };
    let load = arguments.model.options();
    let found = size::run(&Disk, &arguments.model.model, &load, &options, &progress);
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    let (schedule, file) = found.map_err(|error| failed(&error))?;
    for warning in &schedule.warnings {
        warn(warning);
    }
    let units = arguments.units.into();
    if let Some(out) = &arguments.out {
        let written =
            page::write(&schedule, &file, out, units).map_err(|error| report_failed(&error))?;
        announce(&written.index, &written.left_over, arguments.json)?;
    }
    if let Some(target) = &arguments.write {
        if schedule.holds() {
            page::write_hall(target, &file.text_at(target))
                .map_err(|error| report_failed(&error))?;
        } else {
            warn(&format!(
                "{}: not written, since the hall could not be sized",
                target.display()
            ));
        }
    }
    if arguments.json {
        print_json(&schedule)?;
    } else {
        print(&size_text::tables(&schedule, units))?;
    }
    Ok(if schedule.holds() {
        Exit::Holds
    } else {
        Exit::Broken
    })
}

fn failed(error: &SizeError) -> Failed {
    match error {
        SizeError::Run(crate::study::RunError::Load(error)) => load_failed(error),
        SizeError::Run(error) => run_failed(error),
        SizeError::Weather(error) => weather_failed(error),
        SizeError::Start { .. } => {
            complain(&error.to_string());
            Failed(Exit::NoSolution)
        }
        other => {
            complain(&other.to_string());
            Failed(Exit::BadInput)
        }
    }
}
