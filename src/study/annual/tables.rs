//! The hourly table: a row for each hour or bin, units in the names of its columns.

use super::Year;
use super::point::{End, Kept};
use crate::table::{Column, Table};
use crate::weather::{Calendar, date};

pub(super) fn hourly(year: &Year) -> Table {
    let count = year.weather.samples.len();
    let mut columns: Vec<(String, Column)> = Vec::new();
    let mut add = |name: &str, column: Column| columns.push((name.to_owned(), column));
    let samples = &year.weather.samples;
    let whole = |value: &dyn Fn(usize) -> usize| {
        Column::Integer(
            (0..count)
                .map(|at| i64::try_from(value(at)).unwrap_or(i64::MAX))
                .collect(),
        )
    };
    if year.weather.calendar == Calendar::Year {
        let leap = year.weather.is_leap();
        add("month", whole(&|at| date(at, leap).0));
        add("day", whole(&|at| date(at, leap).1));
        add("hour", whole(&|at| date(at, leap).2));
    } else {
        add("bin", whole(&|at| at + 1));
    }
    let number = |value: &dyn Fn(usize) -> f64| Column::Number((0..count).map(value).collect());
    add("duration [h]", number(&|at| samples[at].hours));
    let celsius = |kelvin: f64| kelvin - 273.15;
    add(
        "dry_bulb [degC]",
        number(&|at| celsius(samples[at].air.dry_bulb())),
    );
    add(
        "wet_bulb [degC]",
        number(&|at| celsius(samples[at].wet_bulb)),
    );
    add("pressure [Pa]", number(&|at| samples[at].air.pressure()));
    add("workload", number(&|at| year.workload[at]));
    add("solved", whole(&|at| usize::from(year.outcome(at).is_ok())));
    let mut kept = |name: &str, value: &dyn Fn(&Kept) -> f64| {
        let column = (0..count).map(|at| year.outcome(at).as_ref().map_or(f64::NAN, value));
        columns.push((name.to_owned(), Column::Number(column.collect())));
    };
    kept("power [W]", &|k| k.power);
    kept("it_power [W]", &|k| k.it);
    kept("cooling_power [W]", &|k| k.cooling);
    kept("electrical_loss [W]", &|k| k.electrical);
    kept("other_power [W]", &|k| k.other);
    for end in End::ALL {
        if ![End::Electrical, End::Other].contains(&end) {
            kept(&format!("{}_power [W]", end.key()), &|k| {
                k.ends[end as usize]
            });
        }
    }
    kept("pue", &|k| k.power / k.it);
    kept("water [L/h]", &|k| k.water);
    kept("evaporation [L/h]", &|k| k.water_out[0]);
    kept("drift [L/h]", &|k| k.water_out[1]);
    kept("blowdown [L/h]", &|k| k.water_out[2]);
    kept("reused_heat [W]", &|k| k.reused);
    kept("gpu_temperature_max [degC]", &|k| k.gpu_max);
    kept("memory_temperature_max [degC]", &|k| k.memory_max);
    kept("gpu_margin_min [K]", &|k| k.margin);
    kept("gpus_throttled", &|k| k.throttled as f64);
    kept("gpus_shut_down", &|k| k.shut_down as f64);
    kept("limits_broken", &|k| {
        k.broken
            .iter()
            .filter(|limit| limit.severity != crate::result::SeverityName::Advisory)
            .count() as f64
    });
    kept("energy_balance", &|k| k.energy_balance);
    kept("water_balance", &|k| k.water_balance);
    let modes = year.plant_modes();
    let words = (0..count).map(|at| {
        modes[at]
            .and_then(|mode| year.result.plant_modes.get(mode))
            .map_or_else(String::new, |mode| mode.mode.clone())
    });
    columns.push(("plant_mode".to_owned(), Column::Text(words.collect())));
    Table { columns }
}
