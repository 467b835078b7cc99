//! The figures of a sweep: lines for one varied number, families and contours for two, parallel coordinates for more.
//!
//! Points are collected while the table is written, so that a plan of millions costs no more memory than the figures
//! need: of an axis of very many values some are drawn.

pub(super) mod charts;
mod collect;

pub use collect::Collector;

use std::path::{Path, PathBuf};

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::plot::{Figure, PlotError, Style};
use charts::Chart;

/// Figures written, and what could not be drawn.
#[derive(Debug, Default)]
pub struct Written {
    /// Files.
    pub files: Vec<PathBuf>,
    /// Name and cause of figures that could not be drawn or written.
    pub failed: Vec<(String, String)>,
    /// Why there are no figures, where there are none.
    pub none: Option<&'static str>,
}

/// Draws the figures that suit the plan into `charts/` in a folder, as SVG and PNG.
pub fn write(collected: &Collector<'_>, folder: &Path) -> Written {
    let charts = match charts::charts(collected) {
        Ok(charts) => charts,
        Err(why) => {
            return Written {
                none: Some(why),
                ..Written::default()
            };
        }
    };
    let folder = folder.join("charts");
    if let Err(error) = std::fs::create_dir_all(&folder) {
        return Written {
            failed: vec![(folder.display().to_string(), error.to_string())],
            ..Written::default()
        };
    }
    let style = Style::default();
    let drawn: Vec<Result<Vec<PathBuf>, (String, String)>> = charts
        .par_iter()
        .with_max_len(1)
        .map(|chart| one(chart, &folder, &style).map_err(|error| (chart.name.clone(), error)))
        .collect();
    let mut written = Written::default();
    for one in drawn {
        match one {
            Ok(files) => written.files.extend(files),
            Err(failed) => written.failed.push(failed),
        }
    }
    written
}

fn one(chart: &Chart, folder: &Path, style: &Style) -> Result<Vec<PathBuf>, String> {
    let words = |error: PlotError| error.to_string();
    let figure = chart.draw(style).map_err(words)?;
    let png = figure.png(Figure::PNG_SCALE).map_err(words)?;
    let mut files = Vec::new();
    for (extension, bytes) in [("svg", figure.svg().as_bytes()), ("png", png.as_slice())] {
        let path = folder.join(format!("{}.{extension}", chart.name));
        let beside = folder.join(format!(
            ".{}.{extension}.{}.part",
            chart.name,
            std::process::id()
        ));
        std::fs::write(&beside, bytes)
            .and_then(|()| std::fs::rename(&beside, &path))
            .map_err(|error| {
                let _ = std::fs::remove_file(&beside);
                error.to_string()
            })?;
        files.push(path);
    }
    Ok(files)
}
