//! `loopwatt uncertainty MODEL`

use std::fmt::Write;
use std::path::PathBuf;

use super::text::{Shown, grouped, table};
use super::{
    Exit, Failed, ModelArguments, Units, announce, complain, load_failed, print, print_json,
    report_failed, run_failed, spinner, warn,
};
use crate::report::uncertainty as page;
use crate::study::scenario::Base;
use crate::study::uncertainty::{
    self, MOST_SAMPLES, Output, Uncertainty, UncertaintyError, UncertaintyOptions,
};
use crate::units::UnitSystem;
use crate::world::Disk;

/// Inputs listed.
const LISTED: usize = 20;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    /// Points of the sample; a power of 2 spreads best
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(2..=i64::from(MOST_SAMPLES)))]
    samples: u32,
    /// Inputs that are sampled together: those that move any result most
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..=128))]
    inputs: u16,
    /// Seed of the sequence's scrambling
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u32,
    /// Range of a value, in place of that of its grade: `PATH=LOW..HIGH UNIT`, `PATH=+-20 %`; may be given more than once
    #[arg(long, value_name = "PATH=RANGE")]
    range: Vec<String>,
    /// Leave library numbers at their values: only assumptions and given ranges are uncertain
    #[arg(long)]
    given_only: bool,
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
    let load = arguments.model.options();
    let base =
        Base::load(&Disk, &arguments.model.model, &load).map_err(|error| load_failed(&error))?;
    for warning in &base.warnings {
        warn(&format!(
            "{}: {}: {}",
            warning.place, warning.path, warning.text
        ));
    }
    let options = UncertaintyOptions {
        samples: arguments.samples,
        most: usize::from(arguments.inputs),
        seed: arguments.seed,
        ranges: arguments.range.clone(),
        given_only: arguments.given_only,
    };
    let bar = spinner("solving");
    let progress = |done: usize, total: usize| {
        if let Some(bar) = &bar {
            bar.set_length(total as u64);
            // Solves end out of order: the bar never goes back.
            bar.set_position(bar.position().max(done as u64));
        }
    };
    let found = uncertainty::run(&base, &options, &progress);
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    let found = found.map_err(|error| match &error {
        UncertaintyError::Run(error) => run_failed(error),
        other => {
            complain(&other.to_string());
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
        print(&tables(&found, arguments.units.into()))?;
    }
    Ok(if found.solved == 0 {
        Exit::NoSolution
    } else {
        Exit::Holds
    })
}

fn value(output: Output, number: Option<f64>, shown: &Shown) -> String {
    let Some(number) = number else {
        return "-".to_owned();
    };
    match output {
        Output::Power | Output::ItPower => shown.power(number),
        Output::Pue => format!("{number:.4}"),
        Output::HottestGpu => shown.celsius(number),
        Output::Slowed => grouped(number),
    }
}

fn tables(found: &Uncertainty, units: UnitSystem) -> String {
    let shown = Shown(units);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} · state '{}' · {}\n",
        found.name, found.state, found.scenario
    );
    let mut t = table(
        &["", "as it stands", "P5", "P50", "P95", "R2"],
        &[1, 2, 3, 4, 5],
    );
    for spread in &found.spreads {
        let of = |number| value(spread.output, number, &shown);
        t.add_row(vec![
            spread.output.words().to_owned(),
            of(spread.base),
            of(spread.p5),
            of(spread.p50),
            of(spread.p95),
            spread
                .r_squared
                .map_or_else(|| "-".to_owned(), |r| format!("{r:.3}")),
        ]);
    }
    let sampled = found.swings.iter().filter(|swing| swing.sampled).count();
    let _ = writeln!(
        out,
        "{t}\n {} of {} points have a solution, in {} of them every limit holds; {sampled} of {} uncertain inputs are sampled",
        grouped(found.solved as f64),
        grouped(f64::from(found.samples)),
        grouped(found.holding as f64),
        found.swings.len()
    );
    for (reason, number) in found.unsolved.iter().take(5) {
        let _ = writeln!(out, " {number} without a solution: {reason}");
    }
    let mut t = table(
        &[
            "Input",
            "from",
            "to",
            "facility power",
            "",
            "share",
            "hottest GPU",
            "share",
        ],
        &[1, 2, 3, 4, 5, 7],
    );
    let gpu = 3;
    for swing in found.swings.iter().take(LISTED) {
        let share = |at: usize| {
            swing.shares[at].map_or_else(|| "-".to_owned(), |s| format!("{:.1} %", 100.0 * s))
        };
        t.add_row(vec![
            swing.input.name.clone(),
            short(swing.input.low, &swing.input.unit),
            short(swing.input.high, &swing.input.unit),
            value(Output::Power, swing.low[0], &shown),
            value(Output::Power, swing.high[0], &shown),
            share(0),
            format!(
                "{} to {}",
                value(Output::HottestGpu, swing.low[gpu], &shown),
                value(Output::HottestGpu, swing.high[gpu], &shown)
            ),
            share(gpu),
        ]);
    }
    let _ = writeln!(out, "\n{t}");
    if found.swings.len() > LISTED {
        let _ = writeln!(
            out,
            " {} more move facility power less; --json lists all",
            found.swings.len() - LISTED
        );
    }
    if !found.refused.is_empty() {
        let _ = writeln!(
            out,
            " the hall file takes no range of: {}",
            found.refused.join(", ")
        );
    }
    out
}

/// A number of the file to four digits.
fn short(number: f64, unit: &str) -> String {
    let digits = 3 - (number.abs().max(1e-12).log10().floor() as i32);
    let text = if (-2..7).contains(&digits) {
        let text = format!("{number:.*}", digits.max(0) as usize);
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    } else {
        format!("{number:.3e}")
    };
    if unit.is_empty() {
        text
    } else {
        format!("{text} {unit}")
    }
}
