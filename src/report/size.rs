//! The page of a sizing: the schedule, a chart of margins, the sized hall and the schedule as CSV beside them.

use std::path::Path;

use super::ReportError;
use super::folder::{Asset, Disk, Files, FolderError};
use super::study::{Drawn, Page, Section, WrittenStudy, write_with};
use super::table::{Align, Cell, Table, Tone};
use super::text::{Text, count, fixed};
use crate::plot::bars::{self, Bar};
use crate::plot::{Caption, Limit, Quantity, Style};
use crate::study::size::file::File;
use crate::study::size::schedule::Row;
use crate::study::size::{Choice, Schedule};
use crate::units::{Dimension, UnitSystem};

/// Writes the page into a folder and makes it current.
///
/// # Errors
/// [`ReportError`]; a page that was there before is then whole.
pub fn write(
    found: &Schedule,
    file: &File,
    out: &Path,
    units: UnitSystem,
) -> Result<WrittenStudy, ReportError> {
    let text = Text { system: units };
    let mut extra = vec![Asset {
        name: "schedule.csv".to_owned(),
        bytes: csv(found)?,
    }];
    if found.holds() {
        extra.push(Asset {
            name: "sized.toml".to_owned(),
            // It lies one folder deeper.
            bytes: file
                .text_at(&out.join("run").join("sized.toml"))
                .into_bytes(),
        });
    }
    let verdict = if found.holds() {
        format!(
            "The sized hall holds in every case and with each of {} claimed losses.",
            found.trials.len()
        )
    } else if found.unmet.is_empty() {
        "The sized hall breaks a limit.".to_owned()
    } else {
        format!("{} sets cannot be sized as asked.", found.unmet.len())
    };
    let mut words: Vec<String> = found
        .unmet
        .iter()
        .map(|unmet| format!("{} ({}): {}.", unmet.path, unmet.kind, unmet.text))
        .collect();
    for case in &found.cases {
        for limit in &case.broken {
            words.push(format!(
                "Case {}: {}: {} is broken.",
                case.name, limit.path, limit.what
            ));
        }
    }
    let sections = vec![
        Section {
            title: "Schedule",
            figures: vec![Drawn {
                id: "margins",
                title: "Margins of the sized equipment",
                caption: "How far flow, head, heat or power may grow before the set no longer does what it must, each alone; \
                          dots show the margin that was asked for. A set of few units has more than it needs, since units are whole.",
                figure: bars::draw(&margins(found), &Style::default()),
            }],
            text: words,
            table: Some(schedule(found)),
        },
        Section {
            title: "Design points",
            figures: Vec::new(),
            text: Vec::new(),
            table: Some(points(found, text)),
        },
        Section {
            title: "Redundancy",
            figures: Vec::new(),
            text: vec![
                "Every claimed loss of the sized hall, solved in the first case.".to_owned(),
            ],
            table: Some(trials(found)),
        },
        Section {
            title: "Not sized",
            figures: Vec::new(),
            text: Vec::new(),
            table: Some(kept(found)),
        },
    ];
    let page = Page {
        title: format!("{}: equipment schedule", found.name),
        case: found
            .cases
            .iter()
            .map(|case| case.text.clone())
            .collect::<Vec<_>>()
            .join(" · "),
        tone: if found.holds() {
            Tone::Good
        } else {
            Tone::Broken
        },
        verdict,
        sections,
        foot: "Sizes are the smallest with which the solved hall does all that is asked, margins taken off; \
               sized.toml is the hall file, schedule.csv the table.",
        json: "size.json",
    };
    write_with(&page, found, extra, out)
}

/// Writes the sized hall: beside the file, then over it by one rename.
///
/// # Errors
/// [`ReportError::Folder`]; a file that was there before is then whole.
pub fn write_hall(path: &Path, text: &str) -> Result<(), ReportError> {
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let beside = path.with_file_name(format!(".{name}.partial"));
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| ReportError::Folder(FolderError::Io { path, source })
    };
    let written = Disk
        .write(&beside, text.as_bytes())
        .map_err(at(&beside))
        .and_then(|()| Disk.rename(&beside, path).map_err(at(path)));
    if written.is_err() {
        // What was begun is of no use; that it cannot be removed either is no news.
        let _ = std::fs::remove_file(&beside);
    }
    written
}

fn units(duty: f64, installed: f64) -> String {
    if installed - duty > 0.5 {
        format!("{} + {}", count(duty), count(installed - duty))
    } else {
        count(duty)
    }
}

fn part(row: &Row) -> String {
    if (row.size - 1.0).abs() > 1e-9 {
        format!("as required, {} of the part's size", fixed(row.size, 2))
    } else {
        row.part
            .clone()
            .unwrap_or_else(|| "as in the file".to_owned())
    }
}

/// What governs, in words.
fn governs(row: &Row) -> String {
    match (&row.governs, &row.unsolved) {
        (Some(need), _) => need.what.clone(),
        (None, Some(_)) => "no solution with less".to_owned(),
        (None, None) => String::new(),
    }
}

fn margins(found: &Schedule) -> bars::Data {
    /// Longest bar.
    const MOST: f64 = 100.0;
    let bars = found
        .sets
        .iter()
        .flat_map(|row| row.margins.iter().map(move |margin| (row, margin)))
        .map(|(row, margin)| {
            let percent = 100.0 * margin.found;
            let over = if margin.found > 9.0 { "over " } else { "" };
            Bar {
                label: format!("{}: {}", row.path, margin.class.word()),
                text: format!("{over}{} %", fixed(percent, 0)),
                value: percent.clamp(0.0, MOST),
                broken: margin.found < margin.asked - 1e-9,
                marks: vec![100.0 * margin.asked],
            }
        })
        .collect();
    bars::Data {
        caption: Caption {
            title: "Margins of the sized equipment".to_owned(),
            subtitle: format!(
                "{} · {}",
                found.name,
                found
                    .cases
                    .iter()
                    .map(|case| case.name.clone())
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
            footnote: "Bars end at 100 %.".to_owned(),
        },
        quantity: Quantity::new("Margin", "%"),
        limit: None::<Limit>,
        bars,
        legend: ["Margin found", "Margin asked for", "Less than asked for"].map(str::to_owned),
    }
}

fn schedule(found: &Schedule) -> Table {
    let mut table = Table::new(&[
        ("Equipment", Align::Path),
        ("Unit", Align::Path),
        ("Sets", Align::Right),
        ("Units", Align::Right),
        ("Redundancy", Align::Left),
        ("In the file", Align::Right),
        ("Units needed", Align::Right),
        ("Margin", Align::Left),
        ("Governs", Align::Left),
        ("Case", Align::Left),
    ]);
    for row in &found.sets {
        let short = row.margins.iter().any(|m| m.found < m.asked - 1e-9);
        let margins: Vec<String> = row
            .margins
            .iter()
            .map(|m| format!("{} {} %", m.class.word(), fixed(100.0 * m.found, 0)))
            .collect();
        let governs = governs(row);
        table.row(
            if short { Tone::Broken } else { Tone::Plain },
            [
                row.path.clone().into(),
                part(row).into(),
                count(row.instances).into(),
                units(row.duty.into(), row.installed.into()).into(),
                row.redundancy.clone().into(),
                units(row.before[0], row.before[1]).into(),
                row.required_units
                    .map_or_else(String::new, |units| fixed(units, 2))
                    .into(),
                margins.join(", ").into(),
                governs.clone().into(),
                if governs.is_empty() {
                    String::new()
                } else {
                    row.case.clone()
                }
                .into(),
            ],
        );
    }
    table.note(format!(
        "Units that carry the load + units in reserve. Margins asked for: duty {} %, flow {} %, head {} %, power {} %. {}",
        fixed(100.0 * found.margins.duty, 0),
        fixed(100.0 * found.margins.flow, 0),
        fixed(100.0 * found.margins.head, 0),
        fixed(100.0 * found.margins.power, 0),
        match found.choice {
            Choice::Named => "Units are those that the file names.",
            Choice::Library => "Units are chosen from the library: least count times rating to the power of 0.6.",
            Choice::Required => "Units are as many as the file has; ratings are what they must have.",
        }
    ))
}

fn points(found: &Schedule, text: Text) -> Table {
    let mut table = Table::new(&[
        ("Equipment", Align::Path),
        ("Quantity", Align::Left),
        ("Value", Align::Right),
    ]);
    for row in &found.sets {
        for (index, figure) in row.figures.iter().enumerate() {
            let path = if index == 0 {
                row.path.clone()
            } else {
                String::new()
            };
            table.row(
                Tone::Plain,
                [
                    path.into(),
                    figure.name.into(),
                    text.quantity(figure.dimension, figure.value).into(),
                ],
            );
        }
    }
    table
}

fn trials(found: &Schedule) -> Table {
    let mut table = Table::new(&[
        ("Equipment", Align::Path),
        ("Claimed", Align::Left),
        ("Lost", Align::Left),
        ("", Align::Left),
    ]);
    for trial in &found.trials {
        let (word, tone) = if trial.holds {
            ("holds".to_owned(), Tone::Good)
        } else {
            (
                trial.breaks.clone().unwrap_or_else(|| "fails".to_owned()),
                Tone::Broken,
            )
        };
        table.row(
            Tone::Plain,
            [
                trial.path.clone().into(),
                trial.claimed.clone().into(),
                trial.lost.clone().into(),
                Cell::from(word).tone(tone),
            ],
        );
    }
    table
}

fn kept(found: &Schedule) -> Table {
    let mut table = Table::new(&[
        ("Equipment", Align::Path),
        ("Kind", Align::Left),
        ("Why", Align::Left),
    ]);
    for one in &found.kept {
        table.row(
            Tone::Plain,
            [
                one.path.clone().into(),
                one.kind.into(),
                one.reason.clone().into(),
            ],
        );
    }
    table
}

/// The schedule as CSV: a row for each set and number, with its unit.
fn csv(found: &Schedule) -> Result<Vec<u8>, ReportError> {
    let fail = |error: &dyn std::fmt::Display| ReportError::Table {
        name: "schedule.csv",
        reason: error.to_string(),
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut put = |record: [String; 5]| writer.write_record(record).map_err(|error| fail(&error));
    put(["equipment", "kind", "quantity", "value", "unit"].map(str::to_owned))?;
    for row in &found.sets {
        let mut line = |quantity: &str, value: String, unit: &str| {
            put([
                row.path.clone(),
                row.kind.to_owned(),
                quantity.to_owned(),
                value,
                unit.to_owned(),
            ])
        };
        line("unit", part(row), "")?;
        line("sets", row.instances.to_string(), "")?;
        line("redundancy", row.redundancy.clone(), "")?;
        line("units on duty", row.duty.to_string(), "")?;
        line("units installed", row.installed.to_string(), "")?;
        if let Some(units) = row.required_units {
            line("units needed", format!("{units:.4}"), "")?;
        }
        for margin in &row.margins {
            let name = format!("margin on {}", margin.class.word());
            line(&name, format!("{:.4}", margin.found), "")?;
            let name = format!("margin on {} asked for", margin.class.word());
            line(&name, format!("{:.4}", margin.asked), "")?;
        }
        line("governs", governs(row), "")?;
        line("case", row.case.clone(), "")?;
        for figure in &row.figures {
            let (value, unit) = match figure.dimension {
                Dimension::Temperature => (figure.value - 273.15, "degC"),
                _ => (figure.value, figure.unit),
            };
            line(figure.name, format!("{value:.6e}"), unit)?;
        }
    }
    writer.into_inner().map_err(|error| fail(&error))
}
