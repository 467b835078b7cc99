//! Many points of one hall: any values of its file varied, any results kept.
//!
//! ```text
//! axes, sample, outputs, hall file ── plan (what, in what order, from where) ── blocks solved in parallel
//!                                                                                  │ each point as it is done
//!                     table (CSV, Parquet) ── in the order of the plan ──  journal (one for each shard)
//! ```
//!
//! The plan alone fixes every number: a run that was killed goes on where its journal ends, shards are solved by
//! processes that know nothing of each other, and the table has the same bytes however it came about.

pub mod axis;
mod folder;
pub mod journal;
mod judge;
mod merge;
pub(super) mod model;
mod output;
pub(super) mod place;
pub mod plan;
mod point;
mod table;
pub(super) mod ways;

pub use axis::{Axis, AxisError, Value, Values};
pub use folder::{Folder, FolderError};
pub use journal::JournalError;
pub use merge::{Parts, parts};
pub use output::{Output, OutputError};
pub use plan::{Plan, Shard};
pub use table::{Rows, Tally, write_tables};

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::hall::model::Hall;
use crate::hall::{LoadError, LoadOptions, Warnings};
use crate::network::build;
use crate::result::{self, SolveResult};
use crate::solve::{self, Options};
use crate::table::TableError;
use crate::world::World;
use model::Model;
use plan::{Digest, MANY_POINTS, MOST_AXES, MOST_SAMPLES};

/// What a sweep is to do.
#[derive(Debug, Clone, Default)]
pub struct SweepOptions {
    /// `PATH=VALUES`, see [`axis`].
    pub vary: Vec<String>,
    /// `sobol:N`, in place of a grid.
    pub sample: Option<String>,
    /// Paths of results to keep; the usual ones where there are none.
    pub outputs: Vec<String>,
    /// Edits and state.
    pub load: LoadOptions,
    /// Whether very many points are wanted.
    pub yes: bool,
}

/// Why there is no sweep.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// An axis cannot be read.
    #[error(transparent)]
    Axis(#[from] AxisError),
    /// The plan makes no sense; words for why.
    #[error("{0}")]
    Plan(String),
    /// The hall file is at fault, or could not be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The hall file does not take an axis's value.
    #[error("--vary {set}: {error}")]
    Value {
        /// `PATH=VALUE`.
        set: String,
        /// Cause.
        error: LoadError,
    },
    /// A result is not there.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// Nothing of the plan can be solved as far as was tried.
    #[error(
        "neither the hall file as it is nor the middle, first or last point of the plan has a solution: {0}"
    )]
    NoSolution(String),
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A table could not be written.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Parts that do not make up a plan; words for why.
    #[error("{0}")]
    Parts(String),
}

/// A planned sweep, ready to run.
#[derive(Debug)]
pub struct Sweep {
    /// The plan.
    pub plan: Plan,
    /// What is to be known of the hall file.
    pub warnings: Warnings,
    /// What is to be known of the plan.
    pub notes: Vec<String>,
    /// A result by which outputs were found.
    pub sample_result: SolveResult,
    model: Model,
    ways: ways::Ways,
}

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ran {
    /// Points that were in the journal before.
    pub before: u64,
    /// Points solved now.
    pub now: u64,
    /// Bytes of the journal that were torn and cut off.
    pub cut: u64,
}

/// Told how many points of how many are done.
pub type Progress<'a> = dyn Fn(u64, u64) + Sync + 'a;

/// Lays a sweep out, and checks all that can be checked before anything is computed.
///
/// # Errors
/// [`SweepError`].
pub fn plan(world: &dyn World, path: &Path, options: &SweepOptions) -> Result<Sweep, SweepError> {
    let sample = options.sample.as_deref().map(sample).transpose()?;
    if options.vary.is_empty() {
        return Err(SweepError::Plan(
            "nothing is varied; give --vary PATH=FROM..TO UNIT:N at least once".to_owned(),
        ));
    }
    let mut axes = options
        .vary
        .iter()
        .map(|text| Axis::parse(text, sample.is_some()))
        .collect::<Result<Vec<_>, _>>()?;
    for (at, axis) in axes.iter().enumerate() {
        if axes[..at].iter().any(|other| other.path == axis.path) {
            return Err(SweepError::Plan(format!("`{}` is varied twice", axis.path)));
        }
    }
    let points = points(&axes, sample)?;
    let (mut model, hall, warnings) = Model::read(world, path, &options.load)?;
    if let Some(path) = model
        .edits()
        .find(|path| axes.iter().any(|axis| axis.path == *path))
    {
        return Err(SweepError::Plan(format!(
            "`{path}` is both set and varied; leave out one of --set and --vary"
        )));
    }
    let mut digest = Digest::default();
    let mut own = hall.clone();
    // The same hall file in another folder is the same plan.
    own.annual.folder = std::path::PathBuf::new();
    let _ = write!(digest, "{} {own:?}", env!("CARGO_PKG_VERSION"));
    for axis in &mut axes {
        base(axis, &hall.provenance)?;
        let _ = write!(digest, "\n{axis}");
    }
    for axis in 0..axes.len() {
        for value in axes[axis].judged() {
            let other = judge_value(&mut model, world, &axes, axis, &value)?;
            if axes[axis].is_words() {
                let _ = write!(digest, "{other:?}");
            }
        }
    }
    if points > MANY_POINTS && !options.yes {
        return Err(SweepError::Plan(format!(
            "the plan has {points} points; more than {MANY_POINTS} need --yes (and --shard K/N cuts a plan into parts)"
        )));
    }
    let mut plan = Plan {
        hall: hall.name.clone(),
        state: hall.state.name.clone(),
        scenario: hall.scenario.clone(),
        axes,
        sample,
        outputs: Vec::new(),
        limits: Vec::new(),
        points,
        digest,
    };
    let (ways, idle) = ways::Ways::find(&plan.axes, &model);
    let notes = idle
        .iter()
        .map(|path| format!("`{path}` changes nothing in this hall"))
        .collect();
    let sample_result = sample_result(&plan, &model, &hall)?;
    plan.outputs = if options.outputs.is_empty() {
        Output::usual(&sample_result)
    } else {
        outputs(&options.outputs, &sample_result)?
    };
    for output in &plan.outputs {
        let _ = write!(plan.digest, "\n{} {}", output.path, output.is_word);
    }
    plan.limits = judge::limits(&sample_result, &plan.outputs);
    let _ = write!(plan.digest, "\n{points} {sample:?}");
    Ok(Sweep {
        plan,
        warnings,
        notes,
        sample_result,
        model,
        ways,
    })
}

fn outputs(paths: &[String], result: &SolveResult) -> Result<Vec<Output>, SweepError> {
    let mut all: Vec<Output> = Vec::new();
    for path in paths {
        let output = Output::find(path, result)?;
        if all.iter().any(|other| other.path == output.path) {
            return Err(SweepError::Plan(format!(
                "--output {} is given twice",
                output.path
            )));
        }
        all.push(output);
    }
    Ok(all)
}

fn sample(text: &str) -> Result<u32, SweepError> {
    let wrong = |fault: &str| {
        SweepError::Plan(format!(
            "--sample {text}: {fault}; write sobol:N with N from 1 to {MOST_SAMPLES}, a power of 2 for the best spread"
        ))
    };
    let Some(count) = text.strip_prefix("sobol:") else {
        return Err(wrong("the only sequence is sobol"));
    };
    match count.trim().parse::<u32>() {
        Ok(0) => Err(wrong("0 points leave nothing to solve")),
        Ok(count) if count <= MOST_SAMPLES => Ok(count),
        Ok(_) => Err(wrong("the sequence is not that long")),
        Err(_) => Err(wrong("that is no number of points")),
    }
}

fn points(axes: &[Axis], sample: Option<u32>) -> Result<u64, SweepError> {
    match sample {
        Some(_) if axes.len() > MOST_AXES => Err(SweepError::Plan(format!(
            "a sample has at most {MOST_AXES} axes, not {}",
            axes.len()
        ))),
        Some(count) => Ok(u64::from(count)),
        None => plan::grid(axes).ok_or_else(|| {
            SweepError::Plan(
                "the grid has more points than can be counted; take fewer values, or --sample sobol:N"
                    .to_owned(),
            )
        }),
    }
}

/// Finds the hall file's own value of an axis of factors.
pub(super) fn base(
    axis: &mut Axis,
    provenance: &[crate::hall::model::Provenance],
) -> Result<(), SweepError> {
    if axis.base.is_none() {
        return Ok(());
    }
    let wrong = |fault: String| SweepError::Plan(format!("--vary {}=x...: {fault}", axis.path));
    let Some(own) = provenance.iter().find(|one| one.path == axis.path) else {
        let near = crate::diag::nearest(&axis.path, provenance.iter().map(|one| one.path.as_str()));
        return Err(wrong(format!(
            "the hall has no number of this path that factors could multiply{}; give the values themselves",
            near.map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"))
        )));
    };
    let (number, unit) = axis::number(&own.value)
        .map_err(|_| wrong(format!("its value, {}, is no number", own.value)))?;
    if ["degC", "degF", "°C", "°F"].contains(&unit) {
        return Err(wrong(format!(
            "its value, {}, is a temperature, of which there are no multiples; give the values themselves",
            own.value
        )));
    }
    if number == 0.0 {
        return Err(wrong(
            "its value is 0, so that all multiples are 0".to_owned(),
        ));
    }
    axis.unit = unit.to_owned();
    axis.base = Some(number);
    Ok(())
}

/// The hall with one axis at a value; a value that the hall takes neither with the others as they are in the file nor
/// with them at their middle, first or last is at fault.
pub(super) fn judge_value(
    model: &mut Model,
    world: &dyn World,
    axes: &[Axis],
    axis: usize,
    value: &Value,
) -> Result<Hall, SweepError> {
    let set = axes[axis].set(value);
    let error = match model.see(world, std::slice::from_ref(&set)) {
        Ok((hall, _)) => return Ok(hall),
        Err(error) => error,
    };
    let places: [fn(&Axis) -> Value; 3] = [
        Axis::middle,
        |axis| axis.between(0.0),
        |axis| axis.between(1.0),
    ];
    for place in places {
        let sets: Vec<String> = axes
            .iter()
            .enumerate()
            .map(|(at, other)| {
                if at == axis {
                    set.clone()
                } else {
                    other.set(&place(other))
                }
            })
            .collect();
        if axes.len() > 1
            && let Ok((hall, _)) = model.see(world, &sets)
        {
            return Ok(hall);
        }
    }
    Err(SweepError::Value { set, error })
}

/// A result that shows which outputs there are: of the hall as it is, else of a point of the plan.
fn sample_result(plan: &Plan, model: &Model, hall: &Hall) -> Result<SolveResult, SweepError> {
    let solved = |hall: &Hall| -> Result<SolveResult, String> {
        let network = build::build(hall).map_err(|error| error.to_string())?;
        let started = Instant::now();
        let solution = solve::solve(&network, solve::guess(&network), &Options::default())
            .map_err(|error| error.to_string())?;
        let seconds = started.elapsed().as_secs_f64();
        Ok(result::evaluate(hall, &network, &solution, seconds))
    };
    let first = match solved(hall) {
        Ok(result) => return Ok(result),
        Err(error) => error,
    };
    for point in [plan.points / 2, 0, plan.points - 1] {
        let sets = ways::sets_of(&plan.axes, &plan.values(point));
        if let Ok(hall) = model.load(&sets)
            && let Ok(result) = solved(&hall)
        {
            return Ok(result);
        }
    }
    Err(SweepError::NoSolution(place::one_line(&first)))
}

impl Sweep {
    /// Reads the hall file again for every point, as a check of the ways that do without.
    pub fn read_every_point(&mut self) {
        self.ways.always_read = true;
    }

    /// Solves the points of a part that its journal does not hold.
    ///
    /// # Errors
    /// [`SweepError`]; points solved before stay in the journal.
    pub fn run(
        &self,
        folder: &Folder,
        shard: Shard,
        progress: &Progress<'_>,
    ) -> Result<Ran, SweepError> {
        let mut known = Known::new(&self.plan, shard);
        let journal =
            journal::Journal::open(&folder.journal(shard), self.plan.digest, shard, |record| {
                known.take(record.point)
            })?;
        let cut = journal.cut;
        let journal = Mutex::new(journal);
        let points = self.plan.points_in(shard);
        let total = points.end - points.start;
        let before = known.done;
        let count = AtomicU64::new(before);
        progress(before, total);
        if before == total {
            return Ok(Ran {
                before,
                now: 0,
                cut,
            });
        }
        let task = point::Task::new(&self.plan, &self.model, &self.ways);
        for (index, segment) in self.plan.segments(shard).enumerate().skip(known.segment) {
            let there = (index == known.segment).then_some(known.there.as_slice());
            let first = self.plan.points_of(segment.start).start;
            segment
                .collect::<Vec<u64>>()
                .into_par_iter()
                .with_max_len(1)
                .try_for_each(|block| {
                    let wanted =
                        |point: u64| there.is_none_or(|there| !there[(point - first) as usize]);
                    task.solve_block(block, wanted, |record| {
                        journal
                            .lock()
                            .unwrap_or_else(std::sync::PoisonError::into_inner)
                            .append(&record)?;
                        progress(count.fetch_add(1, Ordering::Relaxed) + 1, total);
                        Ok::<(), JournalError>(())
                    })
                })?;
            journal
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .flush()?;
        }
        Ok(Ran {
            before,
            now: count.into_inner() - before,
            cut,
        })
    }
}

/// Which points a journal holds: whole segments, and some points of the next.
struct Known<'a> {
    plan: &'a Plan,
    segments: Vec<std::ops::Range<u64>>,
    /// Segments that are whole.
    segment: usize,
    /// Points of the segment at hand.
    there: Vec<bool>,
    left: usize,
    done: u64,
}

impl<'a> Known<'a> {
    fn new(plan: &'a Plan, shard: Shard) -> Self {
        let mut known = Self {
            plan,
            segments: plan.segments(shard).collect(),
            segment: 0,
            there: Vec::new(),
            left: 0,
            done: 0,
        };
        known.begin();
        known
    }

    fn range(&self) -> std::ops::Range<u64> {
        self.segments.get(self.segment).map_or(0..0, |blocks| {
            self.plan.points_of(blocks.start).start..self.plan.points_of(blocks.end - 1).end
        })
    }

    fn begin(&mut self) {
        let range = self.range();
        self.left = (range.end - range.start) as usize;
        self.there = vec![false; self.left];
    }

    /// Notes a point; false where it cannot be here, so that the journal is cut there.
    fn take(&mut self, point: u64) -> bool {
        let range = self.range();
        if !range.contains(&point) {
            return false;
        }
        let place = &mut self.there[(point - range.start) as usize];
        if std::mem::replace(place, true) {
            return false;
        }
        self.done += 1;
        self.left -= 1;
        if self.left == 0 {
            self.segment += 1;
            self.begin();
        }
        true
    }
}
