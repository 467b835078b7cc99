//! The DESIGN CONDITIONS line of an EPW file: ASHRAE's climatic design conditions (editions of 2009 and later).
//!
//! Three sections, each led by its name: `Heating` (15 numbers), `Cooling` (32) and `Extremes` (16). Read are
//!
//! | point | cells | coincident value |
//! |---|---|---|
//! | cooling dry bulb 0.4 %, 1 % | Cooling 3 and 4, 5 and 6 | mean coincident wet bulb |
//! | evaporation wet bulb 0.4 %, 1 % | Cooling 9 and 10, 11 and 12 | mean coincident dry bulb |
//! | highest wet bulb | Extremes 4 | dry bulb: not given; that of the 0.4 % evaporation point, raised to the wet bulb where it is lower |
//! | dry bulb of 20 years | Extremes 14 | wet bulb: not given; that of the 0.4 % cooling point |
//!
//! at the standard pressure of the elevation.

use super::header::Header;
use crate::diag::Diagnostic;
use crate::weather::rows::{Row, Rows};
use crate::weather::series::DesignPoint;
use crate::weather::standard_pressure;

/// Least numbers in the sections that are read.
const COOLING: usize = 12;
const EXTREMES: usize = 14;

/// Adds the design conditions to the header, or a warning where the line holds none that is known.
pub(super) fn read(
    rows: &Rows<'_>,
    row: &Row,
    header: &mut Header,
    warnings: &mut Vec<Diagnostic>,
) -> Result<(), Diagnostic> {
    let count = row.get(1);
    if count.is_empty() || count == "0" {
        return Ok(());
    }
    let section = |name: &str| -> Result<Option<Vec<f64>>, Diagnostic> {
        let Some(start) = row.cells().position(|cell| cell.eq_ignore_ascii_case(name)) else {
            return Ok(None);
        };
        let mut numbers = Vec::new();
        for index in start + 1..row.len() {
            let cell = row.get(index);
            match cell.parse::<f64>() {
                Ok(value) if value.is_finite() => numbers.push(value),
                Ok(_) => {
                    return Err(Diagnostic::error(
                        rows.cell(row, index),
                        format!("DESIGN CONDITIONS: `{cell}` is not a finite number"),
                    ));
                }
                // The next section's name, or a value that the source does not know.
                Err(_) if cell.is_empty() => numbers.push(f64::NAN),
                Err(_) => break,
            }
        }
        Ok(Some(numbers))
    };
    let (Some(cooling), Some(extremes)) = (section("Cooling")?, section("Extremes")?) else {
        warnings.push(unknown(rows, row));
        return Ok(());
    };
    if cooling.len() < COOLING || extremes.len() < EXTREMES {
        warnings.push(unknown(rows, row));
        return Ok(());
    }
    // LOCATION came before, so the elevation is known.
    let pressure = standard_pressure(header.elevation);
    let (wettest, hottest) = (extremes[3], extremes[13]);
    for (name, text, dry, wet) in [
        (
            "cooling-0.4",
            "dry bulb exceeded 0.4 % of the year, mean coincident wet bulb",
            cooling[2],
            cooling[3],
        ),
        (
            "cooling-1",
            "dry bulb exceeded 1 % of the year, mean coincident wet bulb",
            cooling[4],
            cooling[5],
        ),
        (
            "evaporation-0.4",
            "wet bulb exceeded 0.4 % of the year, mean coincident dry bulb",
            cooling[9],
            cooling[8],
        ),
        (
            "evaporation-1",
            "wet bulb exceeded 1 % of the year, mean coincident dry bulb",
            cooling[11],
            cooling[10],
        ),
        (
            "dry-bulb-20-year",
            "highest dry bulb of 20 years, wet bulb of the 0.4 % cooling point (assumed)",
            hottest,
            cooling[3].min(hottest),
        ),
        (
            "wet-bulb-highest",
            "highest wet bulb known, dry bulb of the 0.4 % evaporation point (assumed)",
            cooling[9].max(wettest),
            wettest,
        ),
    ] {
        if !(dry.is_finite() && wet.is_finite()) {
            continue;
        }
        let point = DesignPoint::new(name, text, dry + 273.15, wet + 273.15, pressure).map_err(
            |error| {
                Diagnostic::error(
                    rows.cell(row, 0),
                    format!("DESIGN CONDITIONS, {name}: no air is so: {error}"),
                )
            },
        )?;
        header.design.push(point);
    }
    Ok(())
}

fn unknown(rows: &Rows<'_>, row: &Row) -> Diagnostic {
    Diagnostic::warning(
        rows.cell(row, 0),
        "the design conditions are not in the form of ASHRAE 2009 and later, and are left out",
    )
}
