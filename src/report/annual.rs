//! The page of a year, or of several halls' years side by side: one folder, made current by one rename.
//!
//! ```text
//! DIR/index.html
//! DIR/run-<hash>/   months.svg, overhead.svg, duration.svg, pue.svg, modes.svg, water.svg and their PNG; hours.csv, hours.parquet;
//!                   annual.json. Of several halls each name is led by the hall's number: 2-months.svg.
//! ```

mod charts;
mod page;

use std::path::Path;

use super::folder::{self, Asset, Disk};
use super::study::WrittenStudy;
use super::text::{NONE, fixed, ratio};
use super::{RUN_MARK, ReportError};
use crate::plot::Style;
use crate::study::annual::{AnnualResult, End, Year};
use crate::table::{csv_to, parquet_bytes};

/// Writes the page of years into a folder and makes it current.
///
/// # Errors
/// [`ReportError`]; a page that was there before is then whole.
pub fn write(years: &[Year], out: &Path) -> Result<WrittenStudy, ReportError> {
    let mut assets = Vec::new();
    let drawn = charts::draw(years, &Style::default());
    for one in &drawn {
        if let Ok((svg, png)) = &one.drawing {
            assets.push(Asset {
                name: format!("{}.svg", one.id),
                bytes: svg.clone().into_bytes(),
            });
            assets.push(Asset {
                name: format!("{}.png", one.id),
                bytes: png.clone(),
            });
        }
    }
    for (index, year) in years.iter().enumerate() {
        let lead = lead(years.len(), index);
        let hours = year.hourly();
        let failed = |name: &'static str| move |reason: String| ReportError::Table { name, reason };
        assets.push(Asset {
            name: format!("{lead}hours.csv"),
            bytes: csv_to(&hours, Vec::new())
                .map_err(|error| error.to_string())
                .map_err(failed("hours.csv"))?,
        });
        let parquet = parquet_bytes(&hours, Path::new("hours.parquet"))
            .map_err(|error| error.to_string())
            .map_err(failed("hours.parquet"))?;
        assets.extend(parquet.map(|bytes| Asset {
            name: format!("{lead}hours.parquet"),
            bytes,
        }));
        // The time that it took is no result: without it the same year gives the same files.
        let result = AnnualResult {
            seconds: 0.0,
            ..year.result.clone()
        };
        let mut json = serde_json::to_vec_pretty(&result)
            .map_err(|error| error.to_string())
            .map_err(failed("annual.json"))?;
        json.push(b'\n');
        assets.push(Asset {
            name: format!("{lead}annual.json"),
            bytes: json,
        });
    }
    let template = page::render(years, &drawn, RUN_MARK)?;
    let published = folder::publish(&Disk, out, &assets, &|run| template.replace(RUN_MARK, run))?;
    Ok(WrittenStudy {
        index: published.index,
        left_over: published.left_over,
    })
}

/// What the names of a hall's files begin with.
fn lead(halls: usize, index: usize) -> String {
    if halls > 1 {
        format!("{}-", index + 1)
    } else {
        String::new()
    }
}

/// Rows of the table that compares years: name, and a value for each.
pub fn compared(results: &[&AnnualResult]) -> Vec<(String, Vec<String>)> {
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    let mut row = |name: &str, value: &dyn Fn(&AnnualResult) -> String| {
        let values: Vec<String> = results.iter().map(|&result| value(result)).collect();
        if values.iter().any(|value| value != NONE) {
            rows.push((name.to_owned(), values));
        }
    };
    let number = |value: Option<f64>, decimals: usize| ratio(value, decimals);
    row("State", &|r| r.state.clone());
    row("Weather", &|r| r.weather.name.clone());
    row("Hours solved", &|r| {
        if r.complete {
            fixed(r.hours_solved, 0)
        } else {
            format!(
                "{} of {}: no year",
                fixed(r.hours_solved, 0),
                fixed(r.hours, 0)
            )
        }
    });
    row("Facility energy (GWh)", &|r| {
        fixed(r.energy.facility_kwh / 1e6, 2)
    });
    row("IT energy (GWh)", &|r| fixed(r.energy.it_kwh / 1e6, 2));
    for (at, end) in End::ALL.iter().enumerate() {
        if [End::Gpus, End::OtherIt].contains(end) {
            continue;
        }
        row(&format!("{} (GWh)", end.label()), &|r| {
            r.end_uses
                .get(at)
                .filter(|one| one.kwh != 0.0)
                .map_or(NONE.to_owned(), |one| fixed(one.kwh / 1e6, 3))
        });
    }
    row("PUE", &|r| number(r.pue, 3));
    row("PUE at the rack PDU", &|r| number(r.pue_rack_pdu, 3));
    row("ERE", &|r| number(r.ere, 3));
    row("WUE (L/kWh)", &|r| number(r.wue_l_per_kwh, 3));
    row("Water (m³)", &|r| fixed(r.water.make_up_m3, 0));
    row("Mean power (MW)", &|r| fixed(r.power_mean_w / 1e6, 3));
    row("Peak power (MW)", &|r| {
        number(r.peak.as_ref().map(|peak| peak.power_w / 1e6), 3)
    });
    row("Cooling per IT energy (%)", &|r| {
        fixed(100.0 * r.energy.cooling_kwh / r.energy.it_kwh, 2)
    });
    row("Hottest GPU of the year (°C)", &|r| {
        number(r.gpu_temperature_max_c, 1)
    });
    row("Hours with a broken limit", &|r| {
        fixed(r.hours_limit_broken, 0)
    });
    row("Electricity (million USD)", &|r| {
        number(r.money.electricity_usd.map(|usd| usd / 1e6), 3)
    });
    row("Water (million USD)", &|r| {
        number(r.money.water_usd.map(|usd| usd / 1e6), 3)
    });
    row("CO2 (kt)", &|r| number(r.money.co2_t.map(|t| t / 1e3), 2));
    let mut names: Vec<&str> = Vec::new();
    for point in results.iter().flat_map(|result| &result.design) {
        if !names.contains(&point.name.as_str()) {
            names.push(&point.name);
        }
    }
    for name in names {
        row(&format!("Limits at {name}"), &|r| {
            r.design
                .iter()
                .find(|point| point.name == name)
                .map_or(NONE.to_owned(), |point| match point.holds {
                    Some(true) => "hold".to_owned(),
                    Some(false) => "broken".to_owned(),
                    None => "no solution".to_owned(),
                })
        });
    }
    rows
}
