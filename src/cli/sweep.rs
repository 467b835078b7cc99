//! `loopwatt sweep MODEL` and `loopwatt merge DIR...`

use std::io::IsTerminal;
use std::path::PathBuf;

use serde_json::json;

use super::{Exit, Failed, ModelArguments, chain, complain, load_failed, print, print_json, warn};
use crate::report::sweep as figures;
use crate::study::sweep::{
    self, Folder, FolderError, JournalError, Plan, Shard, SweepError, SweepOptions, Tally,
};
use crate::table::TableError;
use crate::world::Disk;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    model: ModelArguments,
    /// Values of one path of the hall file: `PATH=0.6..1.6 L/min:21` (21 in equal steps), `PATH=1..100 kW:7log` (equal
    /// ratios), `PATH=x0.8..x1.2:9` (factors), `PATH=30,32,36 degC`, `PATH=water,pg25`; several make a grid
    #[arg(
        long,
        value_name = "PATH=VALUES",
        required = true,
        allow_hyphen_values = true
    )]
    vary: Vec<String>,
    /// Points of a Sobol sequence in place of a grid: `sobol:4096`; ranges then have no `:N`
    #[arg(long, value_name = "sobol:N")]
    sample: Option<String>,
    /// Result to keep, by its name in `solve --json`: `gpus.temperature_max_c`; may be given more than once
    #[arg(long, value_name = "PATH")]
    output: Vec<String>,
    /// Folder for the points, the table and the charts; a run that was stopped goes on there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Solve part K of N only; `loopwatt merge` puts the parts together
    #[arg(long, value_name = "K/N", value_parser = Shard::parse)]
    shard: Option<Shard>,
    /// Go ahead with more than ten million points
    #[arg(long)]
    yes: bool,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub struct MergeArguments {
    /// Folders with the parts of one plan
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Folder for the table and the charts, in place of the first of the folders
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failed> {
    let options = SweepOptions {
        vary: arguments.vary.clone(),
        sample: arguments.sample.clone(),
        outputs: arguments.output.clone(),
        load: arguments.model.options(),
        yes: arguments.yes,
    };
    let planned = sweep::plan(&Disk, &arguments.model.model, &options).map_err(|e| failed(&e))?;
    for warning in &planned.warnings {
        warn(&format!(
            "{}: {}: {}",
            warning.place, warning.path, warning.text
        ));
    }
    for note in &planned.notes {
        warn(note);
    }
    let folder = Folder::open(&arguments.out, &planned.plan).map_err(|e| failed(&e.into()))?;
    let shard = arguments.shard.unwrap_or(Shard::WHOLE);
    let bar = bar();
    let progress = |done: u64, total: u64| {
        if let Some(bar) = &bar {
            bar.set_length(total);
            bar.set_position(bar.position().max(done));
        }
    };
    let ran = planned.run(&folder, shard, &progress);
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    let ran = ran.map_err(|e| failed(&e))?;
    if ran.cut > 0 {
        warn(&format!(
            "{}: {} bytes behind the last whole point were cut off",
            folder.journal(shard).display(),
            ran.cut
        ));
    }
    let counted = json!({ "points_before": ran.before, "points_now": ran.now });
    if shard != Shard::WHOLE {
        let text = format!(
            "part {shard} is done: {} points solved now, {} there before\n{}\n",
            ran.now,
            ran.before,
            folder.journal(shard).display()
        );
        return told(arguments.json, &counted, &text).map(|()| Exit::Holds);
    }
    let journals = [(folder.journal(shard), shard)];
    finish(&planned.plan, &journals, &folder, arguments.json, counted)
}

pub fn merge(arguments: &MergeArguments) -> Result<Exit, Failed> {
    let parts = sweep::parts(&arguments.folders).map_err(|e| failed(&e))?;
    let out = arguments.out.as_ref().unwrap_or(&arguments.folders[0]);
    let folder = Folder::open(out, &parts.plan).map_err(|e| failed(&e.into()))?;
    let counted = json!({ "parts": parts.journals.len() });
    finish(
        &parts.plan,
        &parts.journals,
        &folder,
        arguments.json,
        counted,
    )
}

/// Writes table and charts, and says what there is.
fn finish(
    plan: &Plan,
    journals: &[(PathBuf, Shard)],
    folder: &Folder,
    as_json: bool,
    mut counted: serde_json::Value,
) -> Result<Exit, Failed> {
    let mut collected = figures::Collector::new(plan);
    let (tally, mut written) =
        sweep::write_tables(plan, journals, folder, |rows| collected.take(rows))
            .map_err(|e| failed(&e))?;
    let drawn = figures::write(&collected, folder.path());
    for (name, why) in &drawn.failed {
        warn(&format!("the chart {name} is missing: {why}"));
    }
    if let Some(why) = drawn.none {
        warn(&format!("there are no charts: {why}"));
    }
    written.extend(drawn.files);
    counted["points"] = json!(tally.points);
    counted["solved"] = json!(tally.solved);
    counted["reasons"] = json!(tally.reasons);
    counted["files"] = json!(written);
    let mut text = summary(&tally);
    for path in &written {
        text.push_str(&format!("{}\n", path.display()));
    }
    told(as_json, &counted, &text)?;
    Ok(if tally.solved == 0 {
        Exit::NoSolution
    } else {
        Exit::Holds
    })
}

fn told(as_json: bool, json: &serde_json::Value, text: &str) -> Result<(), Failed> {
    if as_json {
        print_json(json)
    } else {
        print(text)
    }
}

fn summary(tally: &Tally) -> String {
    let mut text = format!(
        "{} points, {} with a solution\n",
        tally.points, tally.solved
    );
    for (reason, count) in &tally.reasons {
        text.push_str(&format!("{count} without: {reason}\n"));
    }
    text
}

/// Progress, on a terminal only.
fn bar() -> Option<indicatif::ProgressBar> {
    if !std::io::stderr().is_terminal() {
        return None;
    }
    let bar = indicatif::ProgressBar::new(0);
    if let Ok(style) =
        indicatif::ProgressStyle::with_template("{bar:40} {pos}/{len} points, {eta} to go")
    {
        bar.set_style(style);
    }
    Some(bar)
}

/// Prints why there is no sweep.
fn failed(error: &SweepError) -> Failed {
    match error {
        SweepError::Load(error) => return load_failed(error),
        SweepError::Value { set, error } => {
            complain(&format!("--vary: the hall does not take `{set}`"));
            return load_failed(error);
        }
        _ => complain(&chain(error)),
    }
    Failed(match error {
        SweepError::Folder(FolderError::Io { .. })
        | SweepError::Journal(JournalError::Io { .. } | JournalError::Busy(_)) => Exit::Files,
        SweepError::Table(error) if !matches!(error, TableError::Extension(_)) => Exit::Files,
        SweepError::NoSolution(_) => Exit::NoSolution,
        _ => Exit::BadInput,
    })
}
