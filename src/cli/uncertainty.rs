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
    self, IndexSample, MOST_INDEX_ROWS, MOST_SAMPLES, Output, Swing, Uncertainty, UncertaintyError,
    UncertaintyOptions,
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
    /// Sobol' indices of the sampled inputs from this many rows; N x (inputs + 2) more solves
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=i64::from(MOST_INDEX_ROWS)))]
    indices: Option<u32>,
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
        indices: arguments.indices.unwrap_or(0),
    };
    let bar = spinner("solving");
    let progress = |done: usize, total: usize| {
        if let Some(bar) = &bar {
            bar.set_length(total as u64);
            // Solves end out of order: the bar never goes back.
            bar.set_position(bar.position().max(done as u64));
        }
    };
    let announce_indices = |sample: &IndexSample, seconds: f64| {
        let say = || {
            let _ = std::io::Write::write_fmt(
                &mut anstream::stderr(),
                format_args!(
                    "Sobol' indices of {} inputs: {} rows, {} solves, about {}\n",
                    sample.inputs,
                    grouped(f64::from(sample.rows)),
                    grouped(sample.points as f64),
                    duration(seconds)
                ),
            );
        };
        match &bar {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    };
    let found = uncertainty::run(&base, &options, &progress, &announce_indices);
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

fn duration(seconds: f64) -> String {
    if seconds < 90.0 {
        format!("{} s", seconds.ceil())
    } else {
        format!("{} min", (seconds / 60.0).ceil())
    }
}

/// A change of power, with its sign.
fn power_change(change: Option<f64>) -> String {
    let Some(watts) = change else {
        return "-".to_owned();
    };
    let (size, unit) = match watts.abs() {
        w if w >= 1e6 => (1e6, "MW"),
        w if w >= 1e3 => (1e3, "kW"),
        _ => (1.0, "W"),
    };
    format!("{:+.3} {unit}", watts / size)
}

/// What each number moves.
fn effects(found: &Uncertainty, units: UnitSystem, out: &mut String) {
    if found.effects.is_empty() {
        return;
    }
    let mut t = table(
        &[
            "Number (exact derivatives)",
            "value",
            "moved by",
            "facility power",
            "IT power",
            "PUE",
            "hottest GPU",
        ],
        &[1, 2, 3, 4, 5, 6],
    );
    let mut kinks = false;
    for effect in found.effects.iter().take(LISTED) {
        let change = &effect.change;
        let mark = if effect.kink { " *" } else { "" };
        kinks |= effect.kink;
        t.add_row(vec![
            format!("{}{mark}", effect.name),
            effect.dimension.display(effect.value, units).to_string(),
            format!("+{}", effect.step),
            power_change(change.power),
            power_change(change.it_power),
            change
                .pue
                .map_or_else(|| "-".to_owned(), |pue| format!("{pue:+.2e}")),
            change
                .hottest_gpu
                .map_or_else(|| "-".to_owned(), |kelvin| format!("{kelvin:+.4} K")),
        ]);
    }
    let _ = writeln!(out, "\n{t}");
    let rest = found.effects.len().saturating_sub(LISTED);
    if rest > 0 {
        let _ = writeln!(
            out,
            " {rest} more numbers move facility power less; --json lists all"
        );
    }
    if kinks {
        let _ = writeln!(
            out,
            " * a smaller value does not move it alike: the change is that of a greater one"
        );
    }
    if !found.edges.is_empty() {
        let _ = writeln!(
            out,
            " at the point at which they switch, so that derivatives hold on one side only: {}",
            found.edges.join(", ")
        );
    }
}

/// Sobol' indices of the sampled inputs.
fn indices(found: &Uncertainty, out: &mut String) {
    let Some(sample) = found.index_sample else {
        return;
    };
    let (power, gpu) = (0, 3);
    let mut sampled: Vec<&Swing> = found.swings.iter().filter(|swing| swing.sampled).collect();
    let total = |swing: &Swing| swing.indices[power].map_or(0.0, |pair| pair.total.value);
    sampled.sort_by(|a, b| total(b).total_cmp(&total(a)));
    let mut t = table(
        &[
            "Sobol' indices",
            "power: first order",
            "total",
            "hottest GPU: first order",
            "total",
        ],
        &[1, 2, 3, 4],
    );
    for swing in sampled.into_iter().take(LISTED) {
        let of =
            |output: usize, which: fn(&uncertainty::sobol::Pair) -> uncertainty::sobol::Index| {
                swing.indices[output].as_ref().map(which).map_or_else(
                    || "-".to_owned(),
                    |index| format!("{:.3} ({:.3} to {:.3})", index.value, index.low, index.high),
                )
            };
        t.add_row(vec![
            swing.input.name.clone(),
            of(power, |pair| pair.first),
            of(power, |pair| pair.total),
            of(gpu, |pair| pair.first),
            of(gpu, |pair| pair.total),
        ]);
    }
    let _ = writeln!(
        out,
        "\n{t}\n {} points, {} without a solution; in brackets the interval of 95 % of resamples",
        grouped(sample.points as f64),
        grouped(sample.unsolved as f64)
    );
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
        let mark = if swing.switches == [false; 2] {
            ""
        } else {
            " +"
        };
        t.add_row(vec![
            format!("{}{mark}", swing.input.name),
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
    if found
        .swings
        .iter()
        .take(LISTED)
        .any(|swing| swing.switches != [false; 2])
    {
        let _ = writeln!(
            out,
            " + devices switch within the range (a control at its stop, a GPU at its limit)"
        );
    }
    if !found.refused.is_empty() {
        let _ = writeln!(
            out,
            " the hall file takes no range of: {}",
            found.refused.join(", ")
        );
    }
    effects(found, units, &mut out);
    indices(found, &mut out);
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
