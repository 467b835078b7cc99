//! `loopwatt solve MODEL`

use std::path::PathBuf;

use super::{Exit, Failed, ModelArguments, Units, complain, print, print_json, run_failed, text};
use crate::result::assets;
use crate::study;
use crate::table::{self, Table};
use crate::world::Disk;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    /// Print the result as JSON (`schema_version` 1)
    #[arg(long)]
    json: bool,
    /// Units of the table; JSON is always SI
    #[arg(long, value_enum, default_value_t)]
    units: Units,
    /// Write a row for every GPU to this file (`.csv` or `.parquet`)
    #[arg(long, value_name = "FILE")]
    gpus: Option<PathBuf>,
    /// Write a row for every rack to this file (`.csv` or `.parquet`)
    #[arg(long, value_name = "FILE")]
    racks: Option<PathBuf>,
    /// Write a row for every server to this file (`.csv` or `.parquet`)
    #[arg(long, value_name = "FILE")]
    servers: Option<PathBuf>,
    /// Write a row for every CDU to this file (`.csv` or `.parquet`)
    #[arg(long, value_name = "FILE")]
    cdus: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failed> {
    let run = study::run(&Disk, &arguments.model.model, &arguments.model.options())
        .map_err(|e| run_failed(&e))?;
    type Build = fn(&crate::network::Network, &crate::solve::Solution) -> Table;
    let wanted: [(&Option<PathBuf>, Build); 4] = [
        (&arguments.gpus, assets::gpu_table),
        (&arguments.servers, assets::server_table),
        (&arguments.racks, assets::rack_table),
        (&arguments.cdus, assets::cdu_table),
    ];
    for (path, build) in wanted {
        if let Some(path) = path {
            table::write(&build(&run.network, &run.solution), path).map_err(|error| {
                complain(&error.to_string());
                Failed(if error.is_input() {
                    Exit::BadInput
                } else {
                    Exit::Files
                })
            })?;
        }
    }
    if arguments.json {
        print_json(&run.result)?;
    } else {
        print(&text::summary(&run.result, arguments.units.into()))?;
    }
    let exit = if run.result.holds() {
        Exit::Holds
    } else {
        Exit::Broken
    };
    // The process ends here: handing back the memory of a million GPUs piece by piece would only take time.
    std::mem::forget(run);
    Ok(exit)
}
