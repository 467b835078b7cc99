//! EPW files: eight header lines, then a row for every hour of a year.
//!
//! After the *Auxiliary Programs* manual of EnergyPlus, "EnergyPlus Weather File (EPW) Data Dictionary". Read are the
//! place, the design conditions, the data period, and of each hour dry bulb, dew point, relative humidity and station
//! pressure; wet bulb and humidity ratio follow from dry bulb, relative humidity and pressure.
//!
//! **Missing values** are those at or above 99.9 degC, 999 % and 999,999 Pa, and empty cells. As the format has it, an
//! hour without a value takes that of the hour before; the first starts from 6 degC, 3 degC dew point, 50 % and the
//! standard pressure of the elevation. An hour without humidity but with a dew point uses that. Each is reported. A dew
//! point above the dry bulb is refused; up to half a kelvin of it counts as rounding in saturated air.
//!
//! **29 February** counts where the header observes leap years (then the year has 8,784 hours); else its hours are left
//! out, as the format has it. Every other day must be there, in order.

mod conditions;
mod header;

use self::header::{HEADER_LINES, Header};
use super::rows::{Row, Rows};
use super::series::{Calendar, MONTHS, Sample, Weather, days_of_month};
use super::{MoistAir, standard_pressure};
use crate::diag::{Diagnostic, FileId, Span};

/// Fewest cells of a row that hold what is read.
const CELLS: usize = 10;

/// Kelvins by which a dew point may exceed its dry bulb: both are rounded, and stations read them apart.
const ROUNDING: f64 = 0.5;

/// A quantity of the hourly rows.
struct Quantity {
    name: &'static str,
    unit: &'static str,
    column: usize,
    /// At or above this a value counts as missing.
    missing: f64,
    range: (f64, f64),
}

const DRY_BULB: Quantity = Quantity {
    name: "dry bulb",
    unit: "degC",
    column: 6,
    missing: 99.9,
    range: (-70.0, 70.0),
};
const DEW_POINT: Quantity = Quantity {
    name: "dew point",
    unit: "degC",
    column: 7,
    missing: 99.9,
    range: (-70.0, 70.0),
};
const HUMIDITY: Quantity = Quantity {
    name: "relative humidity",
    unit: "%",
    column: 8,
    missing: 999.0,
    range: (0.0, 110.0),
};
const PRESSURE: Quantity = Quantity {
    name: "station pressure",
    unit: "Pa",
    column: 9,
    missing: 999_999.0,
    range: (31_000.0, 120_000.0),
};

/// How often something was found, and where first.
#[derive(Default)]
struct Found {
    count: usize,
    first: Option<Span>,
    run: usize,
    longest: usize,
}

impl Found {
    fn note(&mut self, present: bool, span: Span) {
        if present {
            self.run = 0;
        } else {
            self.count += 1;
            self.run += 1;
            self.longest = self.longest.max(self.run);
            self.first.get_or_insert(span);
        }
    }

    fn warn(&self, out: &mut Vec<Diagnostic>, text: impl FnOnce(usize, usize) -> String) {
        if let Some(span) = self.first {
            out.push(Diagnostic::warning(span, text(self.count, self.longest)));
        }
    }
}

/// Reads an EPW file; warnings beside.
pub(super) fn read(text: &str, file: FileId) -> Result<(Weather, Vec<Diagnostic>), Diagnostic> {
    let mut rows = Rows::epw(text, file);
    let mut warnings = Vec::new();
    let header = header::read(&mut rows, &mut warnings)?;
    let mut hours = Hours::new(&header);
    while let Some(row) = rows.next()? {
        hours.row(&rows, &row)?;
    }
    hours.finish(&rows, &mut warnings)?;
    let samples = hours.samples;
    let weather = Weather {
        name: header.place(),
        source: format!("EPW file, data from {}", header.source),
        calendar: Calendar::Year,
        samples,
        design: header.design,
    };
    Ok((weather, warnings))
}

/// The hours as they are read, with the date that must come next.
struct Hours {
    leap: bool,
    month: usize,
    day: usize,
    hour: usize,
    samples: Vec<Sample>,
    left_out: Found,
    last: [f64; 3],
    missing: [Found; 3],
    from_dew_point: Found,
    supersaturated: Found,
    above_dry_bulb: Found,
    seen_leap_day: bool,
}

impl Hours {
    fn new(header: &Header) -> Self {
        Self {
            leap: header.leap,
            month: 1,
            day: 1,
            hour: 1,
            samples: Vec::with_capacity(8784),
            left_out: Found::default(),
            last: [6.0, 50.0, standard_pressure(header.elevation)],
            missing: Default::default(),
            from_dew_point: Found::default(),
            supersaturated: Found::default(),
            above_dry_bulb: Found::default(),
            seen_leap_day: false,
        }
    }

    fn row(&mut self, rows: &Rows<'_>, row: &Row) -> Result<(), Diagnostic> {
        if row.len() < CELLS {
            return Err(Diagnostic::error(
                rows.place(row),
                format!("the row has {} cells: it is cut off", row.len()),
            )
            .allowed("35 cells; the first 10 are needed"));
        }
        if self.month > 12 {
            return Err(Diagnostic::error(
                rows.place(row),
                "a row after the last hour of the year",
            )
            .hint("a file of several years must be cut into years of 8,760 or 8,784 hours"));
        }
        let date = self.date(rows, row)?;
        let air = self.air(rows, row)?;
        if date == (2, 29) && !self.leap {
            self.left_out.note(false, rows.place(row));
        } else {
            let wet_bulb = air.wet_bulb();
            self.samples.push(Sample {
                air,
                wet_bulb,
                hours: 1.0,
            });
        }
        Ok(())
    }

    /// Holds the row's date against the one that must come next, and moves on.
    fn date(&mut self, rows: &Rows<'_>, row: &Row) -> Result<(usize, usize), Diagnostic> {
        let mut found = [0usize; 3];
        for (at, what) in ["month", "day", "hour"].into_iter().enumerate() {
            let cell = row.get(at + 1);
            found[at] = cell.parse().map_err(|_| {
                Diagnostic::error(
                    rows.cell(row, at + 1),
                    format!("`{cell}` is no {what}: it must be a whole number"),
                )
            })?;
        }
        let [month, day, hour] = found;
        if hour == 0 || hour > 24 {
            return Err(
                Diagnostic::error(rows.cell(row, 3), format!("there is no hour {hour}"))
                    .allowed("1 to 24; each row is the hour that ends then"),
            );
        }
        // A year without 29 February goes straight on to March.
        if (self.month, self.day, self.hour) == (2, 29, 1) && (month, day) != (2, 29) {
            (self.month, self.day) = (3, 1);
        }
        if (month, day, hour) != (self.month, self.day, self.hour) {
            let name = |m: usize| MONTHS.get(m.wrapping_sub(1)).copied().unwrap_or("?");
            let wanted = format!("{} {}, hour {}", self.day, name(self.month), self.hour);
            let place = Span {
                end: rows.cell(row, 3).end,
                ..rows.cell(row, 1)
            };
            return Err(Diagnostic::error(
                place,
                format!(
                    "hours out of order: this row is month {month}, day {day}, hour {hour}, where {wanted} must come"
                ),
            )
            .hint("an hour is missing, doubled or misplaced; a year begins with 1 Jan, hour 1 and leaves none out"));
        }
        self.seen_leap_day |= (month, day) == (2, 29);
        self.hour += 1;
        if self.hour > 24 {
            (self.hour, self.day) = (1, self.day + 1);
            if self.day > days_of_month(self.month, true) {
                (self.day, self.month) = (1, self.month + 1);
            }
        }
        Ok((month, day))
    }

    fn air(&mut self, rows: &Rows<'_>, row: &Row) -> Result<MoistAir, Diagnostic> {
        let dry = cell(rows, row, &DRY_BULB)?;
        let dew = cell(rows, row, &DEW_POINT)?;
        let humidity = cell(rows, row, &HUMIDITY)?;
        let pressure = cell(rows, row, &PRESSURE)?;
        if let (Some(dry), Some(dew)) = (dry, dew)
            && dew > dry + ROUNDING
        {
            let text = format!("the dew point, {dew} degC, is above the dry bulb, {dry} degC");
            return Err(Diagnostic::error(rows.cell(row, DEW_POINT.column), text)
                .hint("dew point and wet bulb never exceed the dry bulb; a missing dew point is written 99.9"));
        }
        let mut take = |at: usize, value: Option<f64>, column: usize| {
            self.missing[at].note(value.is_some(), rows.cell(row, column));
            if let Some(value) = value {
                self.last[at] = value;
            }
            self.last[at]
        };
        let celsius = take(0, dry, DRY_BULB.column);
        let dry_bulb = celsius + 273.15;
        let pressure = take(2, pressure, PRESSURE.column);
        let air = match (humidity, dew) {
            (None, Some(dew)) => {
                self.from_dew_point
                    .note(false, rows.cell(row, HUMIDITY.column));
                if dew > celsius {
                    self.above_dry_bulb
                        .note(false, rows.cell(row, DEW_POINT.column));
                }
                MoistAir::from_dew_point(dry_bulb, dew.min(celsius) + 273.15, pressure)
                    .inspect(|air| self.last[1] = 100.0 * air.relative_humidity())
            }
            _ => {
                let percent = take(1, humidity, HUMIDITY.column);
                if percent > 100.0 {
                    self.supersaturated
                        .note(false, rows.cell(row, HUMIDITY.column));
                }
                MoistAir::from_relative_humidity(dry_bulb, (percent / 100.0).min(1.0), pressure)
            }
        };
        air.map_err(|error| super::table::impossible(rows.place(row), &error))
    }

    fn finish(&self, rows: &Rows<'_>, warnings: &mut Vec<Diagnostic>) -> Result<(), Diagnostic> {
        if self.month <= 12 {
            let count = self.samples.len();
            return Err(Diagnostic::error(
                rows.end(),
                format!(
                    "the file ends after {count} hours, before {} {}, hour {}",
                    self.day,
                    MONTHS[self.month - 1],
                    self.hour
                ),
            )
            .allowed("a whole year: 8,760 hours, or 8,784 with 29 February"));
        }
        for (found, quantity) in self.missing.iter().zip([&DRY_BULB, &HUMIDITY, &PRESSURE]) {
            found.warn(warnings, |count, longest| {
                format!(
                    "no {} in {}, up to {longest} in a row: each takes the value of the hour before, as the EPW format has it",
                    quantity.name, hours(count)
                )
            });
        }
        self.from_dew_point.warn(warnings, |count, _| {
            format!(
                "no relative humidity in {}: it is taken from the dew point",
                hours(count)
            )
        });
        self.supersaturated.warn(warnings, |count, _| {
            format!(
                "a relative humidity above 100 % in {}: the air is taken as saturated",
                hours(count)
            )
        });
        self.above_dry_bulb.warn(warnings, |count, _| {
            format!(
                "a dew point above the dry bulb in {}: the air is taken as saturated",
                hours(count)
            )
        });
        self.left_out.warn(warnings, |count, _| {
            format!(
                "29 February, {}, is left out: the header does not observe leap years",
                hours(count)
            )
        });
        if self.leap && !self.seen_leap_day {
            warnings.push(Diagnostic::warning(
                rows.end(),
                "the header observes leap years, but there is no 29 February: the year has 8,760 hours",
            ));
        }
        Ok(())
    }
}

fn hours(count: usize) -> String {
    if count == 1 {
        "1 hour".to_owned()
    } else {
        format!("{count} hours")
    }
}

/// The value of a cell in the file's unit; `None` where it is missing.
fn cell(rows: &Rows<'_>, row: &Row, quantity: &Quantity) -> Result<Option<f64>, Diagnostic> {
    let text = row.get(quantity.column);
    if text.is_empty() {
        return Ok(None);
    }
    let span = || rows.cell(row, quantity.column);
    let Quantity {
        name, unit, range, ..
    } = quantity;
    let value: f64 = text
        .parse()
        .map_err(|_| Diagnostic::error(span(), format!("{name}: `{text}` is not a number")))?;
    if !value.is_finite() {
        return Err(
            Diagnostic::error(span(), format!("{name}: `{text}` is not a finite number"))
                .hint(format!("a missing value is written {}", quantity.missing)),
        );
    }
    if value >= quantity.missing {
        return Ok(None);
    }
    if value < range.0 || value > range.1 {
        return Err(
            Diagnostic::error(span(), format!("{name} of {text} {unit} is no weather")).allowed(
                format!(
                    "{} to {} {unit}; {} where it is missing",
                    range.0, range.1, quantity.missing
                ),
            ),
        );
    }
    Ok(Some(value))
}

/// What a fault says of a file that is no EPW at all.
fn not_epw(span: Span, line: usize, found: &str) -> Diagnostic {
    Diagnostic::error(
        span,
        format!(
            "line {} must begin with `{}`, but begins with `{found}`",
            line + 1,
            HEADER_LINES[line]
        ),
    )
    .hint(format!(
        "an EPW file begins with eight lines: {}",
        HEADER_LINES.join(", ")
    ))
}
