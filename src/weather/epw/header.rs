//! The eight header lines of an EPW file.

use super::conditions;
use super::not_epw;
use crate::diag::Diagnostic;
use crate::weather::rows::{Row, Rows};
use crate::weather::series::DesignPoint;

/// Words that the header lines begin with.
pub(super) const HEADER_LINES: [&str; 8] = [
    "LOCATION",
    "DESIGN CONDITIONS",
    "TYPICAL/EXTREME PERIODS",
    "GROUND TEMPERATURES",
    "HOLIDAYS/DAYLIGHT SAVING",
    "COMMENTS 1",
    "COMMENTS 2",
    "DATA PERIODS",
];

/// What is read of the header.
#[derive(Debug, Default)]
pub(super) struct Header {
    city: String,
    state: String,
    country: String,
    /// Kind of data (`TMY3`).
    pub(super) source: String,
    /// Elevation, m.
    pub(super) elevation: f64,
    /// Whether 29 February counts.
    pub(super) leap: bool,
    /// Design conditions.
    pub(super) design: Vec<DesignPoint>,
}

impl Header {
    /// City, state and country.
    pub(super) fn place(&self) -> String {
        let known = |word: &&str| !word.is_empty() && *word != "-";
        [&self.city, &self.state, &self.country]
            .into_iter()
            .map(String::as_str)
            .filter(known)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// Reads the header.
pub(super) fn read(
    rows: &mut Rows<'_>,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Header, Diagnostic> {
    let mut header = Header::default();
    for (line, word) in HEADER_LINES.iter().enumerate() {
        let Some(row) = rows.next()? else {
            return Err(Diagnostic::error(
                rows.end(),
                format!(
                    "the file ends within its header: line {} is missing",
                    line + 1
                ),
            )
            .hint(format!("line {} begins with `{word}`", line + 1)));
        };
        let first = row.get(0);
        if !first.to_ascii_uppercase().starts_with(word) {
            let shown: String = first.chars().take(40).collect();
            return Err(not_epw(rows.cell(&row, 0), line, &shown));
        }
        match line {
            0 => location(rows, &row, &mut header)?,
            1 => conditions::read(rows, &row, &mut header, warnings)?,
            4 => header.leap = row.get(1).eq_ignore_ascii_case("yes"),
            7 => periods(rows, &row)?,
            _ => {}
        }
    }
    Ok(header)
}

fn location(rows: &Rows<'_>, row: &Row, header: &mut Header) -> Result<(), Diagnostic> {
    if row.len() < 10 {
        return Err(Diagnostic::error(
            rows.place(row),
            format!("LOCATION has {} cells", row.len()),
        )
        .allowed(
            "LOCATION, city, state, country, source, station, latitude, longitude, time zone, elevation",
        ));
    }
    row.get(1).clone_into(&mut header.city);
    row.get(2).clone_into(&mut header.state);
    row.get(3).clone_into(&mut header.country);
    row.get(4).clone_into(&mut header.source);
    let elevation = row.get(9);
    header.elevation = elevation
        .parse()
        .ok()
        .filter(|metres| (-1000.0..9999.9).contains(metres))
        .ok_or_else(|| {
            Diagnostic::error(
                rows.cell(row, 9),
                format!("LOCATION: `{elevation}` is no elevation"),
            )
            .allowed("-1000 to 9999.9, in m")
        })?;
    Ok(())
}

fn periods(rows: &Rows<'_>, row: &Row) -> Result<(), Diagnostic> {
    if row.len() < 7 {
        return Err(Diagnostic::error(
            rows.place(row),
            format!("DATA PERIODS has {} cells", row.len()),
        )
        .allowed(
            "DATA PERIODS, number of periods, records per hour, name, first weekday, first day, last day",
        ));
    }
    let one = |at: usize, what: &str| {
        let cell = row.get(at);
        if cell.parse() == Ok(1u32) {
            return Ok(());
        }
        Err(
            Diagnostic::error(rows.cell(row, at), format!("DATA PERIODS: `{cell}` {what}"))
                .allowed("1"),
        )
    };
    one(1, "periods; a year is one")?;
    one(2, "records per hour; hourly files are read")?;
    for (at, wanted, day) in [(5, [1, 1], "1/1"), (6, [12, 31], "12/31")] {
        let cell = row.get(at);
        let parts: Vec<u32> = cell
            .split('/')
            .filter_map(|part| part.trim().parse().ok())
            .collect();
        if parts.len() < 2 || parts[..2] != wanted {
            return Err(Diagnostic::error(
                rows.cell(row, at),
                format!("DATA PERIODS: `{cell}`, where a whole year has {day}"),
            )
            .allowed("one period from 1/1 to 12/31"));
        }
    }
    Ok(())
}
