//! The report of one hall: an index page with its figures and tables, made current by one rename.
//!
//! What is in it: headline figures; power and heat flows; temperatures from die to outdoor air, their distribution and
//! their place in the hall; pumps on their loops; every limit; the operating states side by side; published claims held
//! against every boundary that they could mean; and what each assumption moves, found by solving again.
//! `result.json` and `gpus.csv` lie beside the figures.

pub mod annual;
pub mod budget;
pub mod failures;
pub mod figures;
mod flows;
pub mod folder;
pub mod optimize;
mod page;
mod site;
pub mod size;
mod study;
pub mod sweep;
mod table;
mod tables;
mod text;
mod trials;
pub mod uncertainty;

use std::path::{Path, PathBuf};

use crate::hall::LoadOptions;
use crate::plot::Style;
use crate::result::{SolveResult, assets};
use crate::study::{Run, RunError};
use crate::table::csv_to;
use crate::units::UnitSystem;
use folder::{Asset, Disk, Files, FolderError};
use site::Site;
use text::Text;

/// What the report is made with.
#[derive(Debug, Clone, Default)]
pub struct ReportOptions {
    /// Units of figures and tables.
    pub units: UnitSystem,
    /// State and edits that the whole report holds to.
    pub load: LoadOptions,
}

/// A written report.
#[derive(Debug, Clone)]
pub struct Written {
    /// The page to open.
    pub index: PathBuf,
    /// The result that it shows.
    pub result: SolveResult,
    /// Folders of earlier reports that could not be removed.
    pub left_over: Vec<PathBuf>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The hall has no result.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The folder could not be written; an earlier report in it is whole.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A table could not be written as JSON or CSV.
    #[error("{name}: {reason}")]
    Table {
        /// File.
        name: &'static str,
        /// Cause.
        reason: String,
    },
    /// The page could not be made from its template.
    #[error("index.html: {0}")]
    Page(#[from] minijinja::Error),
}

/// How the hall is solved: with these options, from the same file each time.
pub type Solve<'a> = dyn Fn(&LoadOptions) -> Result<Run, RunError> + Sync + 'a;

/// Writes the report into a folder and makes it current.
///
/// # Errors
/// [`ReportError`]; a report that was there before is then whole.
pub fn write(
    solve: &Solve<'_>,
    out: &Path,
    options: &ReportOptions,
) -> Result<Written, ReportError> {
    write_with(&Disk, solve, out, options)
}

/// The same on a given file system.
///
/// # Errors
/// As [`write`].
pub fn write_with(
    files: &dyn Files,
    solve: &Solve<'_>,
    out: &Path,
    options: &ReportOptions,
) -> Result<Written, ReportError> {
    let run = solve(&options.load)?;
    let text = Text {
        system: options.units,
    };
    let site = Site::new(&run);
    let (trials, drawn) = rayon::join(
        || trials::run(&run, solve, options),
        || figures::draw(&figures::charts(&site, text), &Style::default()),
    );
    let mut assets = Vec::new();
    for one in &drawn {
        if let Ok((svg, png)) = &one.drawing {
            assets.push(Asset {
                name: format!("{}.svg", one.chart.id),
                bytes: svg.clone().into_bytes(),
            });
            assets.push(Asset {
                name: format!("{}.png", one.chart.id),
                bytes: png.clone(),
            });
        }
    }
    assets.push(Asset {
        name: "result.json".to_owned(),
        bytes: result_json(&run)?,
    });
    let gpus = if run.result.gpus.count > 0 {
        Some(gpus_csv(&run)?)
    } else {
        None
    };
    let with_gpus = gpus.is_some();
    assets.extend(gpus.map(|bytes| Asset {
        name: "gpus.csv".to_owned(),
        bytes,
    }));

    let page = page::Page::new(&site, &trials, &drawn, with_gpus, text);
    // The page names the run's folder, which is known only once its files are hashed: a mark stands in its place.
    let template = page.render(RUN_MARK)?;
    let published = folder::publish(files, out, &assets, &|run| template.replace(RUN_MARK, run))?;
    Ok(Written {
        index: published.index,
        result: run.result,
        left_over: published.left_over,
    })
}

/// Stands for the run's folder until its name is known.
const RUN_MARK: &str = "run-@@";

fn result_json(run: &Run) -> Result<Vec<u8>, ReportError> {
    let mut bytes = serde_json::to_vec_pretty(&run.result).map_err(|error| ReportError::Table {
        name: "result.json",
        reason: error.to_string(),
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A row for each distinct GPU.
fn gpus_csv(run: &Run) -> Result<Vec<u8>, ReportError> {
    csv_to(&assets::gpu_table(&run.network, &run.solution), Vec::new()).map_err(|error| {
        ReportError::Table {
            name: "gpus.csv",
            reason: error.to_string(),
        }
    })
}

#[cfg(test)]
mod tests;
