//! Tables of weather: bins of a year, and design conditions. CSV with units in the headings.
//!
//! ```text
//! # Memphis International Airport
//! # source: where the numbers come from
//! hours [h],dry_bulb [degC],wet_bulb [degC],pressure [Pa]
//! 119,-1.140,-3.040,101195
//! ```
//!
//! In place of `hours [h]` a column `weight` may stand: shares of a year of 8,760 hours, in any measure.
//! A table of design conditions has the columns `name`, `text`, `dry_bulb`, `wet_bulb` and `pressure`.

use super::rows::{Row, Rows};
use super::series::{Calendar, DesignPoint, Sample, Weather};
use super::{MoistAir, PsychrometricError};
use crate::diag::{Diagnostic, FileId, Span};
use crate::units::{Dimension, UnitSystem};

/// Hours of a common year.
const YEAR: f64 = 8760.0;

/// A column that the reader wants.
struct Wanted {
    key: &'static str,
    dimension: Option<Dimension>,
    required: bool,
}

const fn number(key: &'static str, dimension: Dimension, required: bool) -> Wanted {
    Wanted {
        key,
        dimension: Some(dimension),
        required,
    }
}

const fn words(key: &'static str) -> Wanted {
    Wanted {
        key,
        dimension: None,
        required: true,
    }
}

const BINS: [Wanted; 5] = [
    number("hours", Dimension::Time, false),
    number("weight", Dimension::Dimensionless, false),
    number("dry_bulb", Dimension::Temperature, true),
    number("wet_bulb", Dimension::Temperature, true),
    number("pressure", Dimension::Pressure, true),
];

const DESIGN: [Wanted; 5] = [
    words("name"),
    words("text"),
    number("dry_bulb", Dimension::Temperature, true),
    number("wet_bulb", Dimension::Temperature, true),
    number("pressure", Dimension::Pressure, true),
];

/// Heading as the file may write it.
fn example(wanted: &Wanted) -> String {
    match wanted.dimension {
        None | Some(Dimension::Dimensionless) => wanted.key.to_owned(),
        Some(Dimension::Time) => "hours [h]".to_owned(),
        Some(Dimension::Temperature) => format!("{} [degC]", wanted.key),
        Some(_) => format!("{} [Pa]", wanted.key),
    }
}

/// Where each wanted column stands, and its unit.
struct Headings {
    row: Row,
    at: Vec<Option<(usize, String)>>,
}

fn headings(rows: &mut Rows<'_>, wanted: &[Wanted]) -> Result<Headings, Diagnostic> {
    let list = || wanted.iter().map(example).collect::<Vec<_>>().join(", ");
    let Some(row) = rows.next()? else {
        return Err(Diagnostic::error(rows.end(), "the table is empty")
            .allowed(format!("columns {}", list())));
    };
    let mut at: Vec<Option<(usize, String)>> = vec![None; wanted.len()];
    for (index, cell) in row.cells().enumerate() {
        let (key, unit) = match cell.split_once('[') {
            Some((key, rest)) => (key.trim(), rest.trim().trim_end_matches(']').trim()),
            None => (cell, ""),
        };
        let span = rows.cell(&row, index);
        let Some(place) = wanted.iter().position(|w| w.key == key) else {
            return Err(Diagnostic::error(span, format!("unknown column `{key}`"))
                .words(key, wanted.iter().map(|w| w.key)));
        };
        if at[place].is_some() {
            return Err(Diagnostic::error(span, format!("a second column `{key}`")));
        }
        if let Some(dimension) = wanted[place].dimension {
            if unit.is_empty() && !dimension.allows_bare_number() {
                return Err(
                    Diagnostic::error(span, format!("the heading `{key}` has no unit")).allowed(
                        format!(
                            "{key} [UNIT] with {dimension} in {}",
                            dimension.symbols().collect::<Vec<_>>().join(", ")
                        ),
                    ),
                );
            }
            if !unit.is_empty()
                && let Err(error) = dimension.find_unit(unit)
            {
                return Err(Diagnostic::error(span, format!("`{key}`: {error}")));
            }
        }
        at[place] = Some((index, unit.to_owned()));
    }
    for (wanted, found) in wanted.iter().zip(&at) {
        if wanted.required && found.is_none() {
            return Err(Diagnostic::error(
                rows.place(&row),
                format!("the table lacks the column `{}`", wanted.key),
            )
            .allowed(format!("columns {}", list())));
        }
    }
    Ok(Headings { row, at })
}

/// The value of a cell, SI.
fn value(
    rows: &Rows<'_>,
    row: &Row,
    wanted: &Wanted,
    place: &(usize, String),
) -> Result<f64, Diagnostic> {
    let (index, unit) = place;
    let span = rows.cell(row, *index);
    let cell = row.get(*index);
    if cell.is_empty() {
        return Err(Diagnostic::error(
            span,
            format!("`{}` has no value in this row", wanted.key),
        ));
    }
    let number: f64 = cell.parse().map_err(|_| {
        Diagnostic::error(span, format!("`{}`: `{cell}` is not a number", wanted.key))
            .hint("units stand in the heading")
    })?;
    if !number.is_finite() {
        return Err(Diagnostic::error(
            span,
            format!("`{}`: `{cell}` is not a finite number", wanted.key),
        ));
    }
    let dimension = wanted.dimension.unwrap_or(Dimension::Dimensionless);
    if unit.is_empty() {
        return Ok(number);
    }
    dimension
        .convert(number, unit)
        .map_err(|error| Diagnostic::error(span, format!("`{}`: {error}", wanted.key)))
}

/// What is wrong with air that cannot be, at the cell that says so.
pub(super) fn impossible(span: Span, error: &PsychrometricError) -> Diagnostic {
    let show = |kelvin| Dimension::Temperature.display(kelvin, UnitSystem::Si);
    match *error {
        PsychrometricError::WetBulbAboveDryBulb { wet_bulb, dry_bulb } => Diagnostic::error(
            span,
            format!(
                "the wet bulb, {}, is above the dry bulb, {}",
                show(wet_bulb),
                show(dry_bulb)
            ),
        )
        .hint("the wet bulb is the lower of the two; they are equal in saturated air. Are the columns swapped?"),
        PsychrometricError::WetBulbTooLow { wet_bulb, dry_bulb } => Diagnostic::error(
            span,
            format!(
                "the wet bulb, {}, is below that of dry air at {}",
                show(wet_bulb),
                show(dry_bulb)
            ),
        ),
        ref other => Diagnostic::error(span, format!("no air is so: {other}")),
    }
}

/// Air of a row: dry bulb, wet bulb and pressure in columns `first` to `first + 2` of the wanted ones.
fn air(
    rows: &Rows<'_>,
    row: &Row,
    wanted: &[Wanted],
    headings: &Headings,
    first: usize,
) -> Result<(MoistAir, f64), Diagnostic> {
    let mut values = [0.0; 3];
    let mut spans = [rows.place(row); 3];
    for offset in 0..3 {
        let Some(place) = &headings.at[first + offset] else {
            continue;
        };
        values[offset] = value(rows, row, &wanted[first + offset], place)?;
        spans[offset] = rows.cell(row, place.0);
    }
    let [dry, wet, pressure] = values;
    if !(31e3..=120e3).contains(&pressure) {
        return Err(Diagnostic::error(
            spans[2],
            format!("a station pressure of {pressure} Pa is no weather"),
        )
        .allowed("31 kPa to 120 kPa, absolute"));
    }
    if !(203.15..=343.15).contains(&dry) {
        let shown = Dimension::Temperature.display(dry, UnitSystem::Si);
        return Err(
            Diagnostic::error(spans[0], format!("a dry bulb of {shown} is no weather"))
                .allowed("-70 to 70 degC"),
        );
    }
    let air = MoistAir::from_wet_bulb(dry, wet, pressure)
        .map_err(|error| impossible(spans[1], &error))?;
    Ok((air, wet))
}

/// Remarks at the top: the first is the name, `source:` leads the source.
fn remarks(text: &str) -> (String, String) {
    let (mut name, mut source) = (String::new(), String::new());
    for line in text.lines().map_while(|line| line.strip_prefix('#')) {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("source:") {
            rest.trim().clone_into(&mut source);
        } else if name.is_empty() {
            line.clone_into(&mut name);
        }
    }
    (name, source)
}

/// Reads a bin table.
pub(super) fn bins(
    text: &str,
    file: FileId,
    stem: &str,
) -> Result<(Weather, Vec<Diagnostic>), Diagnostic> {
    let mut rows = Rows::table(text, file);
    let found = headings(&mut rows, &BINS)?;
    let whole = rows.place(&found.row);
    let (measure, weighted) = match (&found.at[0], &found.at[1]) {
        (Some(_), None) => (0, false),
        (None, Some(_)) => (1, true),
        (Some(_), Some((second, _))) => {
            return Err(Diagnostic::error(
                rows.cell(&found.row, *second),
                "`hours` and `weight` say the same thing",
            )
            .allowed("one of hours [h], weight"));
        }
        (None, None) => {
            return Err(
                Diagnostic::error(whole, "the table does not say how long each bin lasts")
                    .allowed("one of hours [h], weight"),
            );
        }
    };
    let mut samples = Vec::new();
    while let Some(row) = rows.next()? {
        complete(&rows, &row, &found)?;
        let Some(place) = &found.at[measure] else {
            break;
        };
        let lasts = value(&rows, &row, &BINS[measure], place)?;
        if lasts < 0.0 {
            return Err(Diagnostic::error(
                rows.cell(&row, place.0),
                format!("`{}` is negative", BINS[measure].key),
            ));
        }
        let (air, wet_bulb) = air(&rows, &row, &BINS, &found, 2)?;
        let hours = if weighted { lasts } else { lasts / 3600.0 };
        samples.push(Sample {
            air,
            wet_bulb,
            hours,
        });
    }
    let total: f64 = samples.iter().map(|sample| sample.hours).sum();
    if total <= 0.0 {
        return Err(Diagnostic::error(
            rows.end(),
            "the table has no row that lasts any time",
        ));
    }
    let mut warnings = Vec::new();
    if weighted {
        for sample in &mut samples {
            sample.hours *= YEAR / total;
        }
    } else if (total - YEAR).abs() > 0.5 && (total - YEAR - 24.0).abs() > 0.5 {
        warnings.push(Diagnostic::warning(
            whole,
            format!("the bins make {total} hours, not a year of 8,760 or 8,784: sums are those of the hours given"),
        ));
    }
    let (name, source) = remarks(text);
    let weather = Weather {
        name: if name.is_empty() {
            stem.to_owned()
        } else {
            name
        },
        source,
        calendar: Calendar::Bins,
        samples,
        design: Vec::new(),
    };
    Ok((weather, warnings))
}

/// Reads a table of design conditions.
pub(super) fn design(text: &str, file: FileId) -> Result<Vec<DesignPoint>, Diagnostic> {
    let mut rows = Rows::table(text, file);
    let found = headings(&mut rows, &DESIGN)?;
    let mut points: Vec<DesignPoint> = Vec::new();
    while let Some(row) = rows.next()? {
        complete(&rows, &row, &found)?;
        let index = |at: usize| found.at[at].as_ref().map_or(0, |(index, _)| *index);
        let (name, text) = (row.get(index(0)), row.get(index(1)));
        if name.is_empty() || points.iter().any(|point| point.name == name) {
            let message = if name.is_empty() {
                "a design condition without a name".to_owned()
            } else {
                format!("a second design condition `{name}`")
            };
            return Err(Diagnostic::error(rows.cell(&row, index(0)), message));
        }
        let (air, wet_bulb) = air(&rows, &row, &DESIGN, &found, 2)?;
        points.push(DesignPoint {
            name: name.to_owned(),
            text: text.to_owned(),
            air,
            wet_bulb,
        });
    }
    Ok(points)
}

/// A row must have as many cells as the headings.
fn complete(rows: &Rows<'_>, row: &Row, headings: &Headings) -> Result<(), Diagnostic> {
    if row.len() == headings.row.len() {
        return Ok(());
    }
    Err(Diagnostic::error(
        rows.place(row),
        format!(
            "the row has {} cells, the headings are {}",
            row.len(),
            headings.row.len()
        ),
    ))
}
