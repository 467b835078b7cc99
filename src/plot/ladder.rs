//! Temperatures from the die down to the outdoor air, for one or more series such as the mean and the hottest GPU.
//!
//! Every station has a tread at each series' temperature, with the number written; between two stations stands the
//! difference in kelvin. Limits are dashed lines over the stations that they bind.

use super::font::{self, LEADING};
use super::panel::{Panel, Place, limit_text};
use super::scale::{Scale, Spacing, fixed};
use super::sheet::{Sheet, Swatch};
use super::spread::spread;
use super::style::{Color, Style};
use super::svg::{Pen, Type};
use super::{Caption, Figure, Limit, PlotError, Quantity, check};

/// One series of temperatures.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Name, for example `Hottest GPU`.
    pub name: String,
    /// Temperature at each of [`Data::stations`]; `None` where the series has none.
    pub values: Vec<Option<f64>>,
}

/// A limit on the temperature of some stations.
#[derive(Debug, Clone, PartialEq)]
pub struct StationLimit {
    /// Name and temperature.
    pub limit: Limit,
    /// First station it binds, zero-based.
    pub from: usize,
    /// Last station it binds, `from` or later.
    pub to: usize,
}

/// Input of [`draw`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data {
    /// Headings.
    pub caption: Caption,
    /// What is measured, for example `Temperature` in `°C`. Differences are written in K.
    pub quantity: Quantity,
    /// Names of the stations, in the direction of the heat, for example `Die`, `Case`, `Coolant out`, `Outdoor air`.
    pub stations: Vec<String>,
    /// Series: the first is drawn in the colour of means, the second in that of the hottest.
    pub series: Vec<Series>,
    /// Limits.
    pub limits: Vec<StationLimit>,
}

/// Text waiting for its place in a column.
struct Tag {
    wanted: f64,
    text: String,
    how: Type,
}

/// Draws the ladder.
///
/// # Errors
/// [`PlotError::Empty`] without stations or numbers, [`PlotError::Length`] for a series of another length,
/// [`PlotError::NotFinite`], and [`PlotError::Range`] for a limit on stations that do not exist.
pub fn draw(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    let range = checked(data)?;
    let mut sheet = Sheet::new(&data.caption, style)?;
    let colors: Vec<Color> = (0..data.series.len()).map(|index| color(style, index)).collect();
    let mut legend: Vec<(Swatch, String)> = data
        .series
        .iter()
        .zip(&colors)
        .map(|(series, &color)| (Swatch::Line(Pen::new(color, 3.0)), series.name.clone()))
        .collect();
    if !data.limits.is_empty() {
        legend.push((Swatch::Line(Pen::new(style.palette.limit, 1.5).dashed()), "Limit".to_owned()));
    }
    sheet.legend(&legend);

    let count = data.stations.len();
    let xs = Scale::new(Spacing::Linear, 0.0, count as f64);
    let margin = 0.06 * (range.1 - range.0).max(1.0);
    let ys = Scale::new(Spacing::Linear, range.0 - margin, range.1 + margin).rounded(6.0);
    let place = Place::whole(&sheet, style.height_or(420.0));
    let panel = Panel::new(&mut sheet, place, "", &data.quantity, (xs, ys), 0.0);
    panel.grid(&mut sheet);

    let width = panel.w / count as f64;
    let tread = width * 0.46;
    let pen = |color| Pen::new(color, 3.0);
    for (series, &color) in data.series.iter().zip(&colors) {
        for (index, pair) in series.values.windows(2).enumerate() {
            if let (Some(a), Some(b)) = (pair[0], pair[1]) {
                let x = panel.x + width * (index as f64 + 0.5);
                let thin = Pen::new(color.toward(style.palette.paper, 0.35), 1.3);
                sheet.canvas.line(x + tread / 2.0, ys_at(&panel, a), x + width - tread / 2.0, ys_at(&panel, b), thin);
            }
        }
        for (index, value) in series.values.iter().enumerate() {
            if let Some(value) = value {
                let x = panel.x + width * (index as f64 + 0.5);
                let y = ys_at(&panel, *value);
                sheet.canvas.line(x - tread / 2.0, y, x + tread / 2.0, y, pen(color));
            }
        }
    }
    for bound in &data.limits {
        let y = ys_at(&panel, bound.limit.value);
        let (from, to) = (panel.x + width * bound.from as f64, panel.x + width * (bound.to as f64 + 1.0));
        sheet.canvas.line(from + 3.0, y, to - 3.0, y, Pen::new(style.palette.limit, 1.5).dashed());
    }
    for station in 0..count {
        tags(&mut sheet, data, &panel, &colors, station);
    }
    for gap in 0..count.saturating_sub(1) {
        differences(&mut sheet, data, &panel, &colors, gap);
    }
    let bottom = names(&mut sheet, data, &panel);
    sheet.finish(bottom)
}

fn ys_at(panel: &Panel, value: f64) -> f64 {
    panel.ys.at(value)
}

fn color(style: &Style, index: usize) -> Color {
    let palette = &style.palette;
    match index {
        0 => palette.mean,
        1 => palette.hottest,
        _ => palette.series[index % palette.series.len()],
    }
}

/// The range of all temperatures, once all are found sound.
fn checked(data: &Data) -> Result<(f64, f64), PlotError> {
    check::some("station", &data.stations)?;
    check::some("series", &data.series)?;
    for series in &data.series {
        check::length("temperature series", series.values.len(), data.stations.len())?;
    }
    for bound in &data.limits {
        if bound.from > bound.to || bound.to >= data.stations.len() {
            let requirement = "a range of the list of stations";
            return Err(PlotError::Range { what: "end of a limit", requirement, value: bound.to as f64 });
        }
    }
    let values = || data.series.iter().flat_map(|series| series.values.iter().flatten().copied());
    let limits = || data.limits.iter().map(|bound| bound.limit.value);
    check::finite("temperature", values())?;
    check::finite("limit", limits())?;
    if values().next().is_none() {
        return Err(PlotError::Empty { what: "temperature" });
    }
    check::extent(values().chain(limits())).ok_or(PlotError::Empty { what: "temperature" })
}

/// The numbers at one station and the names of the limits that begin there.
fn tags(sheet: &mut Sheet, data: &Data, panel: &Panel, colors: &[Color], station: usize) {
    let style = sheet.style;
    let how = Type::new(style.small(), style.palette.ink).bold().middle().halo(style.palette.paper);
    let rise = style.small() * 0.85;
    let width = panel.w / data.stations.len() as f64;
    let mut out: Vec<Tag> = Vec::new();
    let present: Vec<(f64, Color)> = data
        .series
        .iter()
        .zip(colors)
        .filter_map(|(series, &color)| series.values[station].map(|value| (value, color)))
        .collect();
    let highest = present.iter().map(|(value, _)| *value).fold(f64::NEG_INFINITY, f64::max);
    let mut written: Vec<String> = Vec::new();
    for (value, color) in &present {
        let text = fixed(*value, 1);
        // Two series that agree to the last digit written share one number.
        if written.contains(&text) {
            continue;
        }
        let above = *value >= highest || present.len() > 2;
        let wanted = panel.ys.at(*value) + if above { -rise } else { rise };
        let shared = present.iter().filter(|(other, _)| fixed(*other, 1) == text).count() > 1;
        let ink = if shared { style.palette.ink } else { color.toward(style.palette.ink, 0.25) };
        out.push(Tag { wanted, text: text.clone(), how: Type { color: ink, ..how } });
        written.push(text);
    }
    for bound in data.limits.iter().filter(|bound| bound.from == station) {
        let color = style.palette.limit.toward(style.palette.ink, 0.25);
        let text = limit_text(&bound.limit, &data.quantity.unit);
        let span = width * (bound.to - bound.from + 1) as f64 - 6.0;
        let plain = Type { color, weight: font::Weight::Regular, ..how };
        let lines = font::wrap(&text, plain.size, plain.weight, span.max(width), 2);
        let text = lines.join(" ");
        out.push(Tag { wanted: panel.ys.at(bound.limit.value) - rise, text, how: plain });
    }
    let x = panel.x + width * (station as f64 + 0.5);
    set(sheet, panel, x, &out);
}

/// The differences between one station and the next.
fn differences(sheet: &mut Sheet, data: &Data, panel: &Panel, colors: &[Color], gap: usize) {
    let style = sheet.style;
    let how = Type::new(style.small() * 0.94, style.palette.muted).middle().halo(style.palette.paper);
    let mut out: Vec<Tag> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for (series, color) in data.series.iter().zip(colors) {
        if let (Some(a), Some(b)) = (series.values[gap], series.values[gap + 1]) {
            let change = b - a;
            let sign = if change > 0.0 { "+" } else { "" };
            let text = format!("{sign}{} K", fixed(change, 1));
            // Series that run together are described once.
            let together = (panel.ys.at(a) - panel.ys.at(b)).is_finite() && seen.contains(&text);
            if !together {
                let wanted = panel.ys.at(f64::midpoint(a, b));
                let ink = color.toward(style.palette.ink, 0.4);
                out.push(Tag { wanted, text: text.clone(), how: Type { color: ink, ..how } });
            }
            seen.push(text);
        }
    }
    if out.len() == 1 {
        out[0].how.color = style.palette.muted;
    }
    let x = panel.x + panel.w / data.stations.len() as f64 * (gap as f64 + 1.0);
    set(sheet, panel, x, &out);
}

/// Writes `tags` in a column at `x`, moved apart where they would overlap.
fn set(sheet: &mut Sheet, panel: &Panel, x: f64, tags: &[Tag]) {
    let wanted: Vec<(f64, f64)> = tags.iter().map(|tag| (tag.wanted, tag.how.size * 1.15)).collect();
    for (tag, y) in tags.iter().zip(spread(&wanted, panel.y - 6.0, panel.y + panel.h)) {
        sheet.canvas.text_at(x, y, &tag.text, tag.how);
    }
}

/// The names of the stations below the drawing.
fn names(sheet: &mut Sheet, data: &Data, panel: &Panel) -> f64 {
    let how = sheet.small();
    let width = panel.w / data.stations.len() as f64;
    let floor = panel.y + panel.h;
    sheet.canvas.line(panel.x, floor, panel.x + panel.w, floor, Pen::new(sheet.style.palette.ink, 1.0));
    let mut bottom = floor;
    for (index, station) in data.stations.iter().enumerate() {
        let mut y = floor + how.size * 1.5;
        for line in font::wrap(station, how.size, how.weight, width - 8.0, 3) {
            sheet.canvas.text(panel.x + width * (index as f64 + 0.5), y, &line, how.middle());
            y += how.size * LEADING;
        }
        bottom = bottom.max(y - how.size * 0.6);
    }
    bottom
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Data, Limit, Series, StationLimit, Style, draw};
    use crate::plot::{PlotError, Quantity};

    fn ladder(values: Vec<Option<f64>>) -> Data {
        Data {
            quantity: Quantity::new("Temperature", "°C"),
            stations: vec!["Die".into(), "Coolant".into()],
            series: vec![Series { name: "Mean GPU".into(), values }],
            ..Data::default()
        }
    }

    #[test]
    fn numbers_and_differences_are_written() {
        let svg = draw(&ladder(vec![Some(60.0), Some(35.5)]), &Style::default()).unwrap().svg().to_owned();
        assert!(svg.contains(">60.0<") && svg.contains(">35.5<") && svg.contains(">−24.5 K<"), "{svg}");
    }

    #[test]
    fn equal_temperatures_and_gaps_are_drawn() {
        assert!(draw(&ladder(vec![Some(30.0), Some(30.0)]), &Style::default()).is_ok());
        assert!(draw(&ladder(vec![None, Some(30.0)]), &Style::default()).is_ok());
    }

    #[test]
    fn faults_are_typed() {
        let nan = draw(&ladder(vec![Some(f64::NAN), None]), &Style::default());
        assert_eq!(nan, Err(PlotError::NotFinite { what: "temperature", index: 0 }));
        assert!(matches!(draw(&ladder(vec![None]), &Style::default()), Err(PlotError::Length { .. })));
        assert!(matches!(draw(&ladder(vec![None, None]), &Style::default()), Err(PlotError::Empty { .. })));
        let mut data = ladder(vec![Some(1.0), Some(2.0)]);
        data.limits.push(StationLimit { limit: Limit { label: String::new(), value: 1.0 }, from: 0, to: 2 });
        assert!(matches!(draw(&data, &Style::default()), Err(PlotError::Range { .. })));
    }
}
