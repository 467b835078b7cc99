//! `loopwatt check MODEL`

use serde_json::json;

use super::{Exit, Failed, ModelArguments, load_failed, print, print_json};
use crate::hall;
use crate::network::build;
use crate::world::Disk;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failed> {
    let loaded = hall::load(&Disk, &arguments.model.model, &arguments.model.options());
    let (hall, warnings) = match loaded {
        Ok(loaded) => loaded,
        Err(error) => {
            if arguments.json
                && let Some(diagnostics) = error.diagnostics()
            {
                print_json(&json!({ "ok": false, "faults": diagnostics.lines() }))?;
            }
            return Err(load_failed(&error));
        }
    };
    let network = build::build(&hall).map_err(|error| super::run_failed(&error.into()))?;
    for warning in &warnings {
        super::warn(&format!(
            "{}: {}: {}",
            warning.place, warning.path, warning.text
        ));
    }
    let racks: u64 = network
        .racks
        .iter()
        .map(|rack| u64::from(rack.multiplicity))
        .sum();
    if arguments.json {
        print_json(&json!({
            "ok": true,
            "name": hall.name,
            "state": hall.state.name,
            "gpus": network.gpus(),
            "racks": racks,
            "distinct_racks": network.racks.len(),
            "warnings": warnings.iter().map(|w| json!({ "path": w.path, "text": w.text })).collect::<Vec<_>>(),
        }))?;
    } else {
        print(&format!(
            "{}: ok. {} GPUs in {racks} racks ({} distinct), state '{}', {} numbers with a source\n",
            hall.name,
            network.gpus(),
            network.racks.len(),
            hall.state.name,
            hall.provenance.len(),
        ))?;
    }
    Ok(Exit::Holds)
}
