//! `loopwatt budget MODEL`

use std::path::PathBuf;

use super::{
    Exit, Failed, ModelArguments, Units, announce, budget_text, complain, load_failed, print,
    print_json, report_failed, run_failed, spinner, warn, weather_failed,
};
use crate::report::budget as page;
use crate::study::budget::inverse::Ask;
use crate::study::budget::{self, BudgetError, BudgetOptions};
use crate::study::scenario::Base;
use crate::world::Disk;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    /// Weather whose year is searched for its worst hours: an EPW file, a CSV bin table, or built-in (memphis)
    #[arg(long, value_name = "FILE|NAME")]
    weather: Option<String>,
    /// CSV table of design conditions, in place of those that come with the weather
    #[arg(long, value_name = "FILE")]
    design: Option<PathBuf>,
    /// How far until the first limit breaks: racks, power cap of the GPUs, outdoor wet bulb, outdoor dry bulb
    #[arg(
        long,
        value_name = "QUESTION",
        value_enum,
        value_delimiter = ',',
        default_value = "count,power-cap,wet-bulb,dry-bulb"
    )]
    ask: Vec<Question>,
    /// Scenario at which these are asked: a state, synchronous-peak, worst-hour, hottest-hour or worst-design, these three also with -peak
    #[arg(long, value_name = "SCENARIO", default_value = budget::PEAK)]
    at: String,
    /// Count of the hall file that is to grow (`groups.pod.count`); given more than once they grow together, the first leads
    #[arg(long, value_name = "PATH")]
    count: Vec<String>,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Question {
    Count,
    PowerCap,
    WetBulb,
    DryBulb,
    /// None of them
    None,
}

impl Question {
    fn ask(self) -> Option<Ask> {
        match self {
            Self::Count => Some(Ask::Count),
            Self::PowerCap => Some(Ask::PowerCap),
            Self::WetBulb => Some(Ask::WetBulb),
            Self::DryBulb => Some(Ask::DryBulb),
            Self::None => None,
        }
    }
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failed> {
    let load = arguments.model.options();
    let base =
        Base::load(&Disk, &arguments.model.model, &load).map_err(|error| load_failed(&error))?;
    let options = BudgetOptions {
        weather: arguments.weather.clone(),
        design: arguments.design.clone(),
        ask: arguments.ask.iter().filter_map(|one| one.ask()).collect(),
        at: Some(arguments.at.clone()),
        counts: arguments.count.clone(),
    };
    let bar = spinner("solving");
    let progress = || {
        if let Some(bar) = &bar {
            bar.inc(1);
        }
    };
    let found = budget::run(&Disk, &base, &options, &progress);
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    let found = found.map_err(|error| failed(&error))?;
    for warning in &found.warnings {
        warn(warning);
    }
    if let Some(out) = &arguments.out {
        let written = page::write(
            &found,
            &budget_text::sentences(&found, arguments.units.into()),
            out,
            arguments.units.into(),
        )
        .map_err(|error| report_failed(&error))?;
        announce(&written.index, &written.left_over, arguments.json)?;
    }
    if arguments.json {
        print_json(&found)?;
    } else {
        print(&budget_text::tables(&found, arguments.units.into()))?;
    }
    Ok(if !found.complete() {
        Exit::NoSolution
    } else if found.holds() {
        Exit::Holds
    } else {
        Exit::Broken
    })
}

fn failed(error: &BudgetError) -> Failed {
    match error {
        BudgetError::Run(error) => run_failed(error),
        BudgetError::Annual(error) => super::annual::failed(error),
        BudgetError::Weather(error) => weather_failed(error),
        other => {
            complain(&other.to_string());
            Failed(Exit::BadInput)
        }
    }
}
