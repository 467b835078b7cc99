//! A page of a study: a verdict, and sections of figures, sentences and a table.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::folder::{self, Asset, Disk, MARK};
use super::page::environment;
use super::table::{Table, Tone};
use super::{RUN_MARK, ReportError};
use crate::plot::{Figure, PlotError};

const TEMPLATE: &str = include_str!("study.html");

/// A written page.
#[derive(Debug, Clone)]
pub struct WrittenStudy {
    /// The page to open.
    pub index: PathBuf,
    /// Folders of earlier pages that could not be removed.
    pub left_over: Vec<PathBuf>,
}

/// A figure, drawn or not.
pub(super) struct Drawn {
    /// Name of its files.
    pub(super) id: &'static str,
    /// What it shows.
    pub(super) title: &'static str,
    /// How to read it.
    pub(super) caption: &'static str,
    /// The drawing.
    pub(super) figure: Result<Figure, PlotError>,
}

/// A part of a page.
pub(super) struct Section {
    /// Heading.
    pub(super) title: &'static str,
    /// Figures.
    pub(super) figures: Vec<Drawn>,
    /// Sentences below them.
    pub(super) text: Vec<String>,
    /// Table below those.
    pub(super) table: Option<Table>,
}

/// A page.
pub(super) struct Page<'a> {
    /// Heading.
    pub(super) title: String,
    /// State and outdoor condition.
    pub(super) case: String,
    /// How the verdict is set.
    pub(super) tone: Tone,
    /// Verdict.
    pub(super) verdict: String,
    /// Parts.
    pub(super) sections: Vec<Section>,
    /// What to know of all of it.
    pub(super) foot: &'a str,
    /// Name of the JSON file.
    pub(super) json: &'static str,
}

#[derive(Serialize)]
struct ShownFigure {
    id: &'static str,
    title: &'static str,
    caption: &'static str,
    missing: Option<String>,
}

#[derive(Serialize)]
struct ShownSection<'a> {
    title: &'static str,
    figures: Vec<ShownFigure>,
    text: &'a [String],
    table: &'a Option<Table>,
}

#[derive(Serialize)]
struct Shown<'a> {
    mark: &'static str,
    version: &'static str,
    title: &'a str,
    case: &'a str,
    tone: Tone,
    verdict: &'a str,
    run: &'a str,
    json: &'static str,
    foot: &'a str,
    sections: Vec<ShownSection<'a>>,
}

/// Writes a page with its figures and the result as JSON into a folder and makes it current.
pub(super) fn write<T: Serialize>(
    page: &Page<'_>,
    result: &T,
    out: &Path,
) -> Result<WrittenStudy, ReportError> {
    write_with(page, result, Vec::new(), out)
}

/// The same with further files in the folder.
pub(super) fn write_with<T: Serialize>(
    page: &Page<'_>,
    result: &T,
    mut assets: Vec<Asset>,
    out: &Path,
) -> Result<WrittenStudy, ReportError> {
    let mut sections = Vec::new();
    for section in &page.sections {
        let mut figures = Vec::new();
        for one in &section.figures {
            let drawing = one.figure.clone().and_then(|figure| {
                let png = figure.png(Figure::PNG_SCALE)?;
                Ok((figure.svg().to_owned(), png))
            });
            figures.push(ShownFigure {
                id: one.id,
                title: one.title,
                caption: one.caption,
                missing: drawing.as_ref().err().map(ToString::to_string),
            });
            if let Ok((svg, png)) = drawing {
                for (end, bytes) in [("svg", svg.into_bytes()), ("png", png)] {
                    assets.push(Asset {
                        name: format!("{}.{end}", one.id),
                        bytes,
                    });
                }
            }
        }
        sections.push(ShownSection {
            title: section.title,
            figures,
            text: &section.text,
            table: &section.table,
        });
    }
    let mut json = serde_json::to_vec_pretty(result).map_err(|error| ReportError::Table {
        name: page.json,
        reason: error.to_string(),
    })?;
    json.push(b'\n');
    assets.push(Asset {
        name: page.json.to_owned(),
        bytes: json,
    });
    let mut environment = environment()?;
    environment.add_template("study", TEMPLATE)?;
    let html = environment.get_template("study")?.render(Shown {
        mark: MARK,
        version: env!("CARGO_PKG_VERSION"),
        title: &page.title,
        case: &page.case,
        tone: page.tone,
        verdict: &page.verdict,
        run: RUN_MARK,
        json: page.json,
        foot: page.foot,
        sections,
    })?;
    let published = folder::publish(&Disk, out, &assets, &|run| html.replace(RUN_MARK, run))?;
    Ok(WrittenStudy {
        index: published.index,
        left_over: published.left_over,
    })
}
