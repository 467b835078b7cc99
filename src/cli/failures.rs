//! `loopwatt failures MODEL`

use std::path::PathBuf;

use super::{
    Exit, Failed, ModelArguments, Units, announce, complain, failures_text, load_failed, print,
    print_json, report_failed, run_failed, spinner, warn,
};
use crate::report::failures as page;
use crate::study::failures::{self, FailureError, FailureOptions};
use crate::study::losses::Severity;
use crate::study::scenario::Base;
use crate::units::Dimension;
use crate::world::Disk;

// Flags of a command line are what they are.
#[allow(clippy::struct_excessive_bools)]
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    /// Try all pairs of losses too
    #[arg(long)]
    pairs: bool,
    /// Strike every instance that is told apart, not only that with the hottest GPU
    #[arg(long)]
    every: bool,
    /// Resistance that fouling adds to an exchanger, as a share of its present one
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true, default_value = "0.5", value_parser = |t: &str| within(t, 0.01, 20.0))]
    fouling: f64,
    /// Factor that blockage puts on a filter's pressure drop
    #[arg(long, value_name = "FACTOR", default_value = "5", value_parser = |t: &str| within(t, 1.0, 1000.0))]
    blockage: f64,
    /// Solve any number of pairs
    #[arg(long)]
    yes: bool,
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

/// A plain number, or one with `%`, within bounds.
fn within(text: &str, low: f64, high: f64) -> Result<f64, String> {
    let value = Dimension::Fraction
        .parse(text)
        .map_err(|error| error.to_string())?;
    if (low..=high).contains(&value) {
        Ok(value)
    } else {
        Err(format!("{value} is not between {low} and {high}"))
    }
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failed> {
    let load = arguments.model.options();
    let base =
        Base::load(&Disk, &arguments.model.model, &load).map_err(|error| load_failed(&error))?;
    for warning in &base.warnings {
        warn(&format!(
            "{}: {}: {}",
            warning.place, warning.path, warning.text
        ));
    }
    let options = FailureOptions {
        severity: Severity {
            fouling: arguments.fouling,
            blockage: arguments.blockage,
        },
        pairs: arguments.pairs,
        every: arguments.every,
        any_number: arguments.yes,
    };
    let bar = spinner("solving");
    let progress = |done: usize, total: usize| {
        if let Some(bar) = &bar {
            bar.set_length(total as u64);
            // Solves end out of order: the bar never goes back.
            bar.set_position(bar.position().max(done as u64));
        }
    };
    let found = failures::run(&base, &options, &progress);
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    let found = found.map_err(|error| match &error {
        FailureError::Run(error) => run_failed(error),
        FailureError::TooMany { .. } => {
            complain(&error.to_string());
            Failed(Exit::BadInput)
        }
    })?;
    if let Some(out) = &arguments.out {
        let written = page::write(&found, out, arguments.units.into())
            .map_err(|error| report_failed(&error))?;
        announce(&written.index, &written.left_over, arguments.json)?;
    }
    if arguments.json {
        print_json(&found)?;
    } else {
        print(&failures_text::tables(&found, arguments.units.into()))?;
    }
    Ok(if found.holds() {
        Exit::Holds
    } else {
        Exit::Broken
    })
}
