//! `loopwatt explain MODEL PATH`

use super::{Exit, Failed, ModelArguments, complain, print, print_json, run_failed};
use crate::study;
use crate::world::Disk;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    /// What to explain: a result (`facility.pue`), an asset (`rack.0.server.1.gpu.3`), a component
    /// (`cdu`, `pod.3.cdu`), a loop (`loops.tcs`)
    path: String,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failed> {
    let run = study::run(&Disk, &arguments.model.model, &arguments.model.options())
        .map_err(|e| run_failed(&e))?;
    match study::explain::explain(&run, &arguments.path) {
        Ok(explanation) if arguments.json => print_json(&explanation)?,
        Ok(explanation) => print(&explanation.to_string())?,
        Err(error) => {
            complain(&error.to_string());
            return Err(Failed(Exit::BadInput));
        }
    }
    Ok(if run.result.holds() {
        Exit::Holds
    } else {
        Exit::Broken
    })
}
