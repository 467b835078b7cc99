//! Outdoor conditions that the set-points are chosen for: all share one choice.
//!
//! A year of hours is reduced to bins of 2 K of dry bulb by 2 K of wet bulb, each at the mean of its hours. The hours with
//! the highest dry bulb and wet bulb, and with the lowest dry bulb, stand beside them as they are: their limits count, their
//! hours are in the bins.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::component::Outdoor;
use crate::weather::{Calendar, DesignPoint, MoistAir, Sample, Weather};

/// Width of a bin, K.
const BIN: f64 = 2.0;
/// The same of a first search, K, and conditions that are few enough to do without.
const COARSE: f64 = 8.0;
const FEW: usize = 24;

/// What set-points are chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Purpose {
    /// The hall file's own outdoor condition.
    #[default]
    Point,
    /// The design conditions, by the worst of them.
    Design,
    /// The design conditions, by their mean.
    DesignMean,
    /// The year.
    Year,
    /// The year, under the limits of the design conditions too.
    YearAndDesign,
}

/// What the objective is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// The hall file's own outdoor condition.
    #[default]
    Point,
    /// The design conditions: the worst of them.
    DesignWorst,
    /// The design conditions: their mean.
    DesignMean,
    /// The year.
    Year,
}

/// An outdoor condition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Condition {
    /// Name.
    pub name: String,
    /// Its air; the hall file's own where there is none.
    #[serde(skip)]
    pub outdoor: Option<Outdoor>,
    /// Hours that it counts for in the objective; 0 where its limits count alone.
    pub hours: f64,
}

fn air(of: &MoistAir, wet_bulb: f64) -> Outdoor {
    Outdoor {
        dry_bulb: of.dry_bulb(),
        wet_bulb,
        humidity_ratio: of.humidity_ratio(),
        pressure: of.pressure(),
    }
}

fn words(air: &Outdoor) -> String {
    format!(
        "{:.1} °C dry, {:.1} °C wet bulb",
        air.dry_bulb - 273.15,
        air.wet_bulb - 273.15
    )
}

/// The hall file's own condition.
pub(super) fn point(words: &str) -> Vec<Condition> {
    vec![Condition {
        name: words.to_owned(),
        outdoor: None,
        hours: 1.0,
    }]
}

/// The design conditions, each for `hours`.
pub(super) fn design(points: &[DesignPoint], hours: f64) -> Vec<Condition> {
    points
        .iter()
        .map(|one| Condition {
            name: one.name.clone(),
            outdoor: Some(air(&one.air, one.wet_bulb)),
            hours,
        })
        .collect()
}

/// The year's weather as bins.
pub(super) fn year(weather: &Weather) -> Vec<Condition> {
    let condition = |sample: &Sample, hours: f64, lead: &str| {
        let outdoor = air(&sample.air, sample.wet_bulb);
        Condition {
            name: format!("{lead}{}", words(&outdoor)),
            outdoor: Some(outdoor),
            hours,
        }
    };
    if weather.calendar == Calendar::Bins {
        let samples = weather.samples.iter();
        return samples
            .map(|sample| condition(sample, sample.hours, ""))
            .collect();
    }
    let hours = weather.samples.iter().map(|sample| {
        let pressure = sample.air.pressure();
        (
            [sample.air.dry_bulb(), sample.wet_bulb, pressure],
            sample.hours,
        )
    });
    let mut all = binned(hours, BIN);
    let extremes: [(&str, fn(&Sample) -> f64); 3] = [
        ("hour of highest dry bulb: ", |s| s.air.dry_bulb()),
        ("hour of highest wet bulb: ", |s| s.wet_bulb),
        ("hour of lowest dry bulb: ", |s| -s.air.dry_bulb()),
    ];
    for (lead, value) in extremes {
        let worst = weather
            .samples
            .iter()
            .reduce(|a, b| if value(b) > value(a) { b } else { a });
        all.extend(worst.map(|sample| condition(sample, 0.0, lead)));
    }
    all
}

/// Air as dry bulb, wet bulb and pressure with its hours, in bins of a width in K, each at the mean of its hours.
fn binned(hours: impl Iterator<Item = ([f64; 3], f64)>, width: f64) -> Vec<Condition> {
    let mut bins: BTreeMap<(i64, i64), [f64; 4]> = BTreeMap::new();
    for ([dry, wet, pressure], hours) in hours {
        let cell = |kelvin: f64| (kelvin / width).floor() as i64;
        let sums = bins.entry((cell(dry), cell(wet))).or_default();
        for (sum, value) in sums.iter_mut().zip([1.0, dry, wet, pressure]) {
            *sum += hours * value;
        }
    }
    let mean = |[hours, dry, wet, pressure]: &[f64; 4]| {
        let [dry, wet, pressure] = [dry / hours, wet / hours, pressure / hours];
        let moist = MoistAir::from_wet_bulb(dry, wet.min(dry), pressure).ok()?;
        let outdoor = air(&moist, wet.min(dry));
        Some(Condition {
            name: words(&outdoor),
            outdoor: Some(outdoor),
            hours: *hours,
        })
    };
    bins.values().filter_map(mean).collect()
}

/// A year in fewer conditions, for a first search; `None` where they are few already. Those that count for no hours, for
/// their limits alone, all stay.
pub(super) fn coarse(all: &[Condition]) -> Option<Vec<Condition>> {
    if all.len() <= FEW {
        return None;
    }
    let hours = all.iter().filter(|one| one.hours > 0.0);
    let hours = hours.filter_map(|one| {
        let air = one.outdoor?;
        Some(([air.dry_bulb, air.wet_bulb, air.pressure], one.hours))
    });
    let mut out = binned(hours, COARSE);
    out.extend(all.iter().filter(|one| one.hours <= 0.0).cloned());
    Some(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::year;
    use crate::weather::{Calendar, MoistAir, Sample, Weather};

    #[test]
    fn bins_keep_hours_and_mean_temperature() {
        let sample = |dry: f64| Sample {
            air: MoistAir::from_wet_bulb(dry, dry - 3.0, 1e5).unwrap(),
            wet_bulb: dry - 3.0,
            hours: 1.0,
        };
        let samples: Vec<Sample> = (0..48)
            .map(|k| sample(280.0 + 0.37 * f64::from(k)))
            .collect();
        let mean = samples.iter().map(|one| one.air.dry_bulb()).sum::<f64>() / 48.0;
        let weather = Weather {
            name: String::new(),
            source: String::new(),
            calendar: Calendar::Year,
            samples,
            design: Vec::new(),
        };
        let found = year(&weather);
        let hours: f64 = found.iter().map(|one| one.hours).sum();
        let binned = found
            .iter()
            .map(|one| one.hours * one.outdoor.unwrap().dry_bulb)
            .sum::<f64>();
        assert!((hours - 48.0).abs() < 1e-9 && (binned / hours - mean).abs() < 1e-9);
        assert!(found.len() < 25 && found.iter().filter(|one| one.hours == 0.0).count() == 3);
        let hottest = found
            .iter()
            .find(|one| one.name.contains("highest dry"))
            .unwrap();
        assert!((hottest.outdoor.unwrap().dry_bulb - (280.0 + 0.37 * 47.0)).abs() < 1e-9);
    }
}
