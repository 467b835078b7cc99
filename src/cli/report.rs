//! `loopwatt report MODEL --out DIR`

use std::path::PathBuf;

use super::{Exit, Failed, ModelArguments, Units, print, print_json, report_failed};
use crate::report::{self, ReportOptions};
use crate::study;
use crate::world::Disk;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    /// Folder to write the report to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Units of tables and charts
    #[arg(long, value_enum, default_value_t)]
    units: Units,
    /// Print the result of the default state as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failed> {
    let options = ReportOptions {
        units: arguments.units.into(),
        load: arguments.model.options(),
    };
    let solve = |load: &crate::hall::LoadOptions| study::run(&Disk, &arguments.model.model, load);
    let written =
        report::write(&solve, &arguments.out, &options).map_err(|error| report_failed(&error))?;
    if arguments.json {
        print_json(&written.result)?;
    } else {
        print(&format!("{}\n", written.index.display()))?;
    }
    Ok(if written.result.holds() {
        Exit::Holds
    } else {
        Exit::Broken
    })
}
