//! `loopwatt export MODEL --to epanet|pandapipes --out FILE`

use std::path::PathBuf;

use clap::ValueEnum;
use serde::Serialize;

use super::{Exit, Failed, ModelArguments, complain, print, print_json, run_failed, warn};
use crate::export::{self, ExportError, Summary, epanet, gather, pandapipes};
use crate::study;
use crate::world::Disk;

/// Tools that a hall can be written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Tool {
    /// Input file of EPANET (.inp)
    Epanet,
    /// JSON that pandapipes.from_json reads
    Pandapipes,
}

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    /// Tool to write for
    #[arg(long, value_enum)]
    to: Tool,
    /// File to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Only loops of this path: `facility`, `pod.3.coolant`, `pod.*.coolant`
    #[arg(long = "loop", value_name = "PATH")]
    only: Option<String>,
    /// Write the heat that each link takes up too (pandapipes; loops of one fluid)
    #[arg(long)]
    heat: bool,
    /// Print what was written as JSON
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Answer<'a> {
    schema_version: u32,
    to: &'a str,
    out: &'a str,
    heat: bool,
    #[serde(flatten)]
    summary: &'a Summary,
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failed> {
    if arguments.heat && arguments.to == Tool::Epanet {
        complain("EPANET knows no temperatures: leave --heat out, or export --to pandapipes");
        return Err(Failed(Exit::BadInput));
    }
    let run = study::run(&Disk, &arguments.model.model, &arguments.model.options())
        .map_err(|e| run_failed(&e))?;
    let summary = write(arguments, &run).map_err(|error| {
        complain(&super::chain(&error));
        Failed(if error.is_input() {
            Exit::BadInput
        } else {
            Exit::Files
        })
    })?;
    if summary.laws_point > 0 {
        warn(&format!(
            "{} links follow a law that this tool has not: they agree at the solved flow alone",
            summary.laws_point
        ));
    }
    let out = arguments.out.display().to_string();
    if arguments.json {
        let to = match arguments.to {
            Tool::Epanet => "epanet",
            Tool::Pandapipes => "pandapipes",
        };
        print_json(&Answer {
            schema_version: 1,
            to,
            out: &out,
            heat: arguments.heat,
            summary: &summary,
        })?;
    } else {
        print(&text(&out, &summary))?;
    }
    Ok(Exit::Holds)
}

fn write(arguments: &Arguments, run: &study::Run) -> Result<Summary, ExportError> {
    let name = run.hall.name.as_str();
    let model = gather::gather(name, &run.network, &run.solution, arguments.only.as_deref())?;
    if arguments.heat {
        pandapipes::check_heat(&model)?;
    }
    export::save(&arguments.out, |out| match arguments.to {
        Tool::Epanet => epanet::write(&model, out),
        Tool::Pandapipes => pandapipes::write(&model, arguments.heat, out),
    })?;
    Ok(model.summary())
}

/// Loops that the text names one by one.
const NAMED: usize = 12;

fn text(out: &str, s: &Summary) -> String {
    let mut text = format!(
        "{out}\n{} junctions; {} pipes, {} pumps, {} closed links\n\
         laws: {} the same at any flow, {} in value and slope at the solved flow, {} in value\n",
        s.junctions, s.pipes, s.pumps, s.closed, s.laws_exact, s.laws_tangent, s.laws_point
    );
    for l in s.loops.iter().rev().take(NAMED) {
        let count = if l.count > 1 {
            format!(" (stands for {})", l.count)
        } else {
            String::new()
        };
        text.push_str(&format!(
            "{}{count}: {}, {} junctions, {} links, {:.4} kg/s at most\n",
            l.path, l.fluid, l.junctions, l.links, l.flow_kg_s
        ));
    }
    if s.loops.len() > NAMED {
        text.push_str(&format!("and {} more loops\n", s.loops.len() - NAMED));
    }
    text
}
