//! The figures of a year.

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::lead;
use crate::plot::{
    Caption, Color, Figure, Palette, PlotError, Quantity, Style, calendar, duration, lines, stacked,
};
use crate::report::text::fixed;
use crate::study::annual::{End, PlantMode, Year};
use crate::weather::Calendar;

/// A figure, drawn or not.
#[derive(Debug)]
pub(super) struct Drawn {
    /// Name of its files.
    pub(super) id: String,
    /// Index of its hall; none for the comparison.
    pub(super) hall: Option<usize>,
    /// What it shows.
    pub(super) title: String,
    /// How to read it.
    pub(super) caption: String,
    /// SVG and PNG.
    pub(super) drawing: Result<(String, Vec<u8>), PlotError>,
}

enum Data {
    Stacked(stacked::Data),
    Duration(duration::Data),
    Lines(lines::Data),
    Calendar(calendar::Data),
}

struct Chart {
    id: String,
    hall: Option<usize>,
    caption: String,
    data: Data,
}

impl Chart {
    fn title(&self) -> String {
        let caption = match &self.data {
            Data::Stacked(data) => &data.caption,
            Data::Duration(data) => &data.caption,
            Data::Lines(data) => &data.caption,
            Data::Calendar(data) => &data.caption,
        };
        caption.title.clone()
    }
}

/// Draws all figures of all halls, in parallel.
pub(super) fn draw(years: &[Year], style: &Style) -> Vec<Drawn> {
    let mut charts = Vec::new();
    if years.len() > 1 {
        charts.push(compare(years));
    }
    for (index, year) in years.iter().enumerate() {
        let lead = lead(years.len(), index);
        let chart = |id: &str, caption: &str, data: Data| Chart {
            id: format!("{lead}{id}"),
            hall: Some(index),
            caption: caption.to_owned(),
            data,
        };
        if let Some(data) = months(year, "Energy by month and end use", &End::ALL) {
            let caption = "Energy of each month by end use; totals on top.";
            charts.push(chart("months", caption, Data::Stacked(data)));
        }
        // IT energy dwarfs the rest: what a plant can change is drawn by itself.
        if let Some(data) = months(
            year,
            "Energy beside IT by month and end use",
            &End::ALL[2..],
        ) {
            let caption = "The same without IT: cooling, electrical losses and other.";
            charts.push(chart("overhead", caption, Data::Stacked(data)));
        }
        charts.push(chart(
            "duration",
            "For how many hours of the year the facility draws this power or more.",
            Data::Duration(power(std::slice::from_ref(year), &case(year))),
        ));
        charts.push(chart(
            "pue",
            "PUE of single hours against the outdoor wet bulb, in steps of 1 K: mean, least and highest.",
            Data::Lines(pue(year)),
        ));
        if let Some(data) = modes(year) {
            let caption = "Mode of the plant at each hour; the numbers are those of the table of plant modes.";
            charts.push(chart("modes", caption, Data::Calendar(data)));
        }
        if let Some(data) = water(year) {
            let caption = "Make-up water of each month by where it goes.";
            charts.push(chart("water", caption, Data::Stacked(data)));
        }
    }
    charts
        .par_iter()
        .with_max_len(1)
        .map(|chart| Drawn {
            id: chart.id.clone(),
            hall: chart.hall,
            title: chart.title(),
            caption: chart.caption.clone(),
            drawing: one(&chart.data, style).and_then(|figure| {
                let png = figure.png(Figure::PNG_SCALE)?;
                Ok((figure.svg().to_owned(), png))
            }),
        })
        .collect()
}

fn one(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    match data {
        Data::Stacked(data) => stacked::draw(data, style),
        Data::Duration(data) => duration::draw(data, style),
        Data::Lines(data) => lines::draw(data, style),
        Data::Calendar(data) => calendar::draw(data, style),
    }
}

/// Hall, state and weather.
fn case(year: &Year) -> String {
    let result = &year.result;
    format!(
        "{} · {} · {}",
        result.name, result.state, result.weather.name
    )
}

fn caption(year: &Year, title: &str) -> Caption {
    Caption {
        title: title.to_owned(),
        subtitle: case(year),
        footnote: if year.result.complete {
            String::new()
        } else {
            format!(
                "{:.0} of {:.0} hours have no solution and are left out.",
                year.result.hours - year.result.hours_solved,
                year.result.hours
            )
        },
    }
}

/// A unit in which the largest value has at most four digits before the point.
fn scaled(largest: f64, units: [(&'static str, f64); 3]) -> (&'static str, f64) {
    let fits = units.into_iter().find(|(_, size)| largest >= *size);
    fits.unwrap_or(units[2])
}

/// Colour of an end use: the same in every figure, each apart from the next.
fn color(end: End) -> Color {
    let palette = Palette::default();
    let [blue, _, green, purple, sky, ..] = palette.series;
    match end {
        End::Gpus => palette.electric,
        End::OtherIt => Color(250, 215, 140),
        End::Chillers => blue,
        End::HeatRejection => green,
        End::Pumps => sky,
        End::Air => purple,
        End::OtherCooling => Color(0, 70, 60),
        End::Electrical => palette.loss,
        End::Other => Color(60, 65, 72),
    }
}

fn months(year: &Year, title: &str, ends: &[End]) -> Option<stacked::Data> {
    let months = &year.result.months;
    let of = |month: &crate::study::annual::Month, end: End| month.end_uses_kwh[end as usize];
    let largest = months
        .iter()
        .map(|month| ends.iter().map(|&end| of(month, end)).sum())
        .fold(0.0, f64::max);
    if largest <= 0.0 {
        return None;
    }
    let (unit, size) = scaled(largest, [("GWh", 1e6), ("MWh", 1e3), ("kWh", 1.0)]);
    let layers = ends
        .iter()
        .map(|&end| stacked::Layer {
            name: end.label().to_owned(),
            values: months.iter().map(|month| of(month, end) / size).collect(),
            color: Some(color(end)),
        })
        .filter(|layer| layer.values.iter().any(|value| *value != 0.0))
        .collect();
    Some(stacked::Data {
        caption: caption(year, title),
        quantity: Quantity::new("Energy", unit),
        columns: months.iter().map(|month| month.name.to_owned()).collect(),
        layers,
    })
}

fn power(years: &[Year], subtitle: &str) -> duration::Data {
    let highest = years
        .iter()
        .flat_map(Year::power)
        .filter_map(|(power, _)| power)
        .fold(0.0, f64::max);
    let (unit, size) = scaled(highest, [("MW", 1e6), ("kW", 1e3), ("W", 1.0)]);
    let series = years
        .iter()
        .map(|year| {
            let (values, hours) = year
                .power()
                .into_iter()
                .filter_map(|(power, hours)| Some((power? / size, hours)))
                .unzip();
            duration::Series {
                name: year.result.name.clone(),
                values,
                hours,
            }
        })
        .collect();
    duration::Data {
        caption: Caption {
            title: "Duration curve of facility power".to_owned(),
            subtitle: subtitle.to_owned(),
            footnote: String::new(),
        },
        quantity: Quantity::new("Facility power", unit),
        series,
        limits: Vec::new(),
    }
}

fn compare(years: &[Year]) -> Chart {
    let mut places: Vec<&str> = Vec::new();
    for year in years {
        let name = year.result.weather.name.as_str();
        if !places.contains(&name) {
            places.push(name);
        }
    }
    let mut data = power(years, &places.join(" · "));
    for (series, year) in data.series.iter_mut().zip(years) {
        // Halls of different size are compared by their PUE.
        let (values, hours) = year
            .pue()
            .into_iter()
            .filter_map(|(pue, hours)| Some((pue?, hours)))
            .unzip();
        series.values = values;
        series.hours = hours;
    }
    data.quantity = Quantity::new("PUE of the hour", "");
    "Duration curve of the hourly PUE".clone_into(&mut data.caption.title);
    Chart {
        id: "compare".to_owned(),
        hall: None,
        caption: "For how many hours of the year each hall's PUE reaches this value or more."
            .to_owned(),
        data: Data::Duration(data),
    }
}

fn pue(year: &Year) -> lines::Data {
    let mut steps: std::collections::BTreeMap<i64, [f64; 4]> = std::collections::BTreeMap::new();
    for (sample, (pue, hours)) in year.weather.samples.iter().zip(year.pue()) {
        let (Some(pue), true) = (pue, hours > 0.0) else {
            continue;
        };
        let step = (sample.wet_bulb - 273.15).round() as i64;
        let [sum, all, least, highest] =
            steps
                .entry(step)
                .or_insert([0.0, 0.0, f64::INFINITY, f64::NEG_INFINITY]);
        *sum += pue * hours;
        *all += hours;
        *least = least.min(pue);
        *highest = highest.max(pue);
    }
    let series = |name: &str, value: &dyn Fn(&[f64; 4]) -> f64| lines::Series {
        name: name.to_owned(),
        points: steps
            .iter()
            .map(|(&step, all)| (step as f64, Some(value(all))))
            .collect(),
    };
    lines::Data {
        caption: caption(year, "PUE against wet bulb"),
        x: Quantity::new("Outdoor wet bulb", "°C"),
        y: Quantity::new("PUE of the hour", ""),
        series: vec![
            series("highest", &|[_, _, _, highest]| *highest),
            series("mean", &|[sum, all, ..]| sum / all),
            series("least", &|[_, _, least, _]| *least),
        ],
        ..lines::Data::default()
    }
}

fn modes(year: &Year) -> Option<calendar::Data> {
    if year.weather.calendar != Calendar::Year || year.result.plant_modes.is_empty() {
        return None;
    }
    let name = |(index, mode): (usize, &PlantMode)| {
        format!("{}: {} ({} h)", index + 1, mode.mode, fixed(mode.hours, 0))
    };
    Some(calendar::Data {
        caption: caption(year, "Plant modes over the year"),
        quantity: Quantity::new("Mode", ""),
        values: year
            .plant_modes()
            .into_iter()
            .map(|mode| mode.map(|index| index as f64 + 1.0))
            .collect(),
        names: year
            .result
            .plant_modes
            .iter()
            .enumerate()
            .map(name)
            .collect(),
        limits: Vec::new(),
    })
}

fn water(year: &Year) -> Option<stacked::Data> {
    let months = &year.result.months;
    let largest = months
        .iter()
        .map(|month| month.water.make_up_m3)
        .fold(0.0, f64::max);
    if largest <= 0.0 {
        return None;
    }
    let layer = |name: &str, value: &dyn Fn(&crate::study::annual::Water) -> f64| stacked::Layer {
        name: name.to_owned(),
        values: months.iter().map(|month| value(&month.water)).collect(),
        color: None,
    };
    Some(stacked::Data {
        caption: caption(year, "Make-up water by month"),
        quantity: Quantity::new("Water", "m³"),
        columns: months.iter().map(|month| month.name.to_owned()).collect(),
        layers: vec![
            layer("Evaporation", &|water| water.evaporation_m3),
            layer("Blowdown", &|water| water.blowdown_m3),
            layer("Drift", &|water| water.drift_m3),
        ],
    })
}
