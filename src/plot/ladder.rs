//! Temperatures from the die down to the outdoor air, for one or more series such as the mean and the hottest GPU.
//!
//! Every station has a tread at each series' temperature, with the number written; between two stations stands the
//! difference. Limits are dashed lines over the stations that they bind.

use super::canvas::{Pen, Shape, Type};
use super::font::{self, LEADING};
use super::panel::{Chart, Lines, Panel, Place, limit_text};
use super::scale::{Scale, Spacing, fixed, join};
use super::sheet::{Sheet, Swatch};
use super::style::{Color, Style};
use super::taken::Taken;
use super::{Caption, Figure, Limit, PlotError, Quantity, check};

/// Half the width of a tread, in stations.
const TREAD: f64 = 0.23;

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
    /// What is measured, for example `Temperature` in `°C`. Differences are written in °F beside °F, else in K.
    pub quantity: Quantity,
    /// Names of the stations, in the direction of the heat, for example `Die`, `Case`, `Coolant out`, `Outdoor air`.
    pub stations: Vec<String>,
    /// Series: the first is drawn in the colour of means, the second in that of the hottest.
    pub series: Vec<Series>,
    /// Limits.
    pub limits: Vec<StationLimit>,
}

/// Draws the ladder.
///
/// # Errors
/// [`PlotError::Empty`] without stations or numbers, [`PlotError::Length`] for a series of another length,
/// [`PlotError::NotFinite`], and [`PlotError::Range`] for a limit on stations that do not exist.
pub fn draw(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    let range = checked(data)?;
    let mut sheet = Sheet::new(&data.caption, style)?;
    let colors: Vec<Color> = (0..data.series.len())
        .map(|index| color(style, index))
        .collect();
    let alike = (1..data.series.len()).any(|series| {
        let rungs = 0..data.stations.len();
        rungs
            .into_iter()
            .any(|station| repeated(data, series, station))
    });
    let mut legend: Vec<(Swatch, String)> = data
        .series
        .iter()
        .zip(&colors)
        .map(|(series, &color)| (Swatch::Line(Pen::new(color, 3.0)), series.name.clone()))
        .collect();
    if alike {
        let pen = Pen::new(style.palette.muted, 3.0);
        legend.push((Swatch::Line(pen), "Alike".to_owned()));
    }
    if !data.limits.is_empty() {
        legend.push((
            Swatch::Line(Pen::new(style.palette.limit, 1.5).dashed()),
            "Limit".to_owned(),
        ));
    }
    sheet.legend(&legend);

    let count = data.stations.len();
    let xs = Scale::new(Spacing::Linear, 0.0, count as f64);
    let margin = 0.06 * (range.1 - range.0).max(1.0);
    let ys = Scale::new(Spacing::Linear, range.0 - margin, range.1 + margin).rounded(6.0);
    let place = Place::whole(&sheet, style.height_or(420.0));
    let mut panel = Panel::new(&mut sheet, place, "", &data.quantity, (xs, ys), 0.0);
    // The stations' names are too long for one line, so they are set below the axis.
    panel.x_ticks.clear();
    let mut chart = panel.chart(&sheet)?;
    panel.axes(&sheet, &mut chart, Lines::Across, "")?;

    let mut taken = Taken::new(panel.y - style.text, panel.y + panel.h);
    let rungs = Rungs {
        data,
        panel: &panel,
        colors: &colors,
        width: panel.w / count as f64,
    };
    for index in 0..data.series.len() {
        rungs.series(&sheet, &mut chart, &mut taken, index)?;
    }
    rungs.limit_lines(&sheet, &mut chart, &mut taken)?;
    (0..count).for_each(|station| rungs.numbers(&mut sheet, &mut taken, station));
    (1..count).for_each(|station| rungs.differences(&mut sheet, &mut taken, station));
    rungs.limit_names(&mut sheet, &mut taken);
    let bottom = names(&mut sheet, data, &panel);
    sheet.finish(bottom)
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
        check::length(
            "temperature series",
            series.values.len(),
            data.stations.len(),
        )?;
    }
    for bound in &data.limits {
        if bound.from > bound.to || bound.to >= data.stations.len() {
            let requirement = "a range of the list of stations";
            return Err(PlotError::Range {
                what: "end of a limit",
                requirement,
                value: bound.to as f64,
            });
        }
    }
    let values = || {
        data.series
            .iter()
            .flat_map(|series| series.values.iter().flatten().copied())
    };
    let limits = || data.limits.iter().map(|bound| bound.limit.value);
    check::finite("temperature", values())?;
    check::finite("limit", limits())?;
    if values().next().is_none() {
        return Err(PlotError::Empty {
            what: "temperature",
        });
    }
    check::extent(values().chain(limits())).ok_or(PlotError::Empty {
        what: "temperature",
    })
}

/// A temperature as it is written.
fn text(data: &Data, series: usize, station: usize) -> Option<String> {
    data.series[series].values[station].map(|value| fixed(value, 1))
}

/// Whether two series agree at a station to the last digit written.
fn same(data: &Data, a: usize, b: usize, station: usize) -> bool {
    let own = text(data, a, station);
    own.is_some() && own == text(data, b, station)
}

/// Whether an earlier series already stands there.
fn repeated(data: &Data, series: usize, station: usize) -> bool {
    (0..series).any(|other| same(data, series, other, station))
}

/// What is drawn between the axes.
struct Rungs<'a> {
    data: &'a Data,
    panel: &'a Panel,
    colors: &'a [Color],
    /// Width of a station.
    width: f64,
}

impl Rungs<'_> {
    fn middle(&self, station: usize) -> f64 {
        self.panel.x + self.width * (station as f64 + 0.5)
    }

    /// Whether any other series stands here, to the last digit written.
    fn shared(&self, series: usize, station: usize) -> bool {
        let others = series + 1..self.data.series.len();
        repeated(self.data, series, station)
            || others
                .into_iter()
                .any(|other| same(self.data, series, other, station))
    }

    /// The colour of a series at a station, neutral where several run together.
    fn color(&self, sheet: &Sheet, series: usize, station: usize) -> Color {
        if self.shared(series, station) {
            sheet.style.palette.muted
        } else {
            self.colors[series]
        }
    }

    /// The treads of one series and the lines between them.
    fn series(
        &self,
        sheet: &Sheet,
        chart: &mut Chart,
        taken: &mut Taken,
        series: usize,
    ) -> Result<(), PlotError> {
        let values = &self.data.series[series].values;
        let shapes = values.windows(2).enumerate().filter_map(|(station, pair)| {
            let both = self.shared(series, station) && self.shared(series, station + 1);
            let color = if both {
                sheet.style.palette.muted
            } else {
                self.colors[series]
            };
            let pen = Pen::new(color.toward(sheet.style.palette.paper, 0.35), 1.3);
            let ends = [
                (station as f64 + 0.5 + TREAD, pair[0]?),
                (station as f64 + 1.5 - TREAD, pair[1]?),
            ];
            Some(Shape::line(ends.map(Some), pen))
        });
        chart.draw_series(shapes)?;
        for (station, value) in values.iter().enumerate() {
            if let Some(value) = *value {
                let pen = Pen::new(self.color(sheet, series, station), 3.0);
                let ends = [-TREAD, TREAD].map(|side| Some((station as f64 + 0.5 + side, value)));
                chart.draw_series([Shape::line(ends, pen)])?;
                let (y, x, half) = (
                    self.panel.ys.at(value),
                    self.middle(station),
                    self.width * TREAD,
                );
                taken.take(x - half, y - 2.0, x + half, y + 2.0);
            }
        }
        Ok(())
    }

    fn limit_lines(
        &self,
        sheet: &Sheet,
        chart: &mut Chart,
        taken: &mut Taken,
    ) -> Result<(), PlotError> {
        let pen = Pen::new(sheet.style.palette.limit, 1.5).dashed();
        let gap = 3.0 / self.width;
        chart.draw_series(self.data.limits.iter().map(|bound| {
            let ends = [bound.from as f64 + gap, bound.to as f64 + 1.0 - gap];
            Shape::line(ends.map(|x| Some((x, bound.limit.value))), pen)
        }))?;
        for bound in &self.data.limits {
            let y = self.panel.ys.at(bound.limit.value);
            let (from, to) = self.span(bound);
            taken.take(from, y - 1.0, to, y + 1.0);
        }
        Ok(())
    }

    fn span(&self, bound: &StationLimit) -> (f64, f64) {
        let left = self.panel.x + self.width * bound.from as f64;
        (
            left + 3.0,
            left + self.width * (bound.to - bound.from + 1) as f64 - 3.0,
        )
    }

    /// The temperatures at one station: the highest above its tread, others below theirs, where there is room.
    fn numbers(&self, sheet: &mut Sheet, taken: &mut Taken, station: usize) {
        let style = sheet.style;
        let values = || {
            self.data
                .series
                .iter()
                .filter_map(|series| series.values[station])
        };
        let highest = values().fold(f64::NEG_INFINITY, f64::max);
        let how = Type::new(style.small(), style.palette.ink)
            .bold()
            .middle()
            .halo(style.palette.paper);
        for (series, one) in self.data.series.iter().enumerate() {
            let (Some(value), Some(text)) = (one.values[station], text(self.data, series, station))
            else {
                continue;
            };
            // Series that agree to the last digit written share one number.
            if repeated(self.data, series, station) {
                continue;
            }
            let color = self
                .color(sheet, series, station)
                .toward(style.palette.ink, 0.3);
            let up = if value >= highest { -1.0 } else { 1.0 };
            let size = (how.width(&text), how.size * 1.1);
            let near = size.1 / 2.0 + 3.0;
            let wanted = ladder_of(self.panel.ys.at(value), near, up);
            let y = taken.place(self.middle(station), size, &wanted);
            sheet
                .canvas
                .text_at(self.middle(station), y, &text, Type { color, ..how });
        }
    }

    /// The differences between a station and the one before.
    fn differences(&self, sheet: &mut Sheet, taken: &mut Taken, station: usize) {
        let style = sheet.style;
        let how = Type::new(style.small() * 0.94, style.palette.muted).middle();
        let x = self.panel.x + self.width * station as f64;
        let mut seen: Vec<String> = Vec::new();
        for (series, one) in self.data.series.iter().enumerate() {
            let (Some(a), Some(b)) = (one.values[station - 1], one.values[station]) else {
                continue;
            };
            let sign = if b > a { "+" } else { "" };
            let unit = if self.data.quantity.unit == "°F" {
                "°F"
            } else {
                "K"
            };
            let text = sign.to_owned() + &join(&fixed(b - a, 1), unit);
            let both = self.shared(series, station - 1) && self.shared(series, station);
            if both && seen.contains(&text) {
                continue;
            }
            let color = if both {
                style.palette.muted
            } else {
                self.colors[series].toward(style.palette.ink, 0.4)
            };
            let size = (how.width(&text) + 4.0, how.size * 1.15);
            let middle = self.panel.ys.at(f64::midpoint(a, b));
            let up = if series == 0 { 1.0 } else { -1.0 };
            let mut wanted = vec![middle];
            wanted.extend(ladder_of(middle, size.1 / 2.0, up));
            let y = taken.place(x, size, &wanted);
            // The line runs behind the label, which therefore brings its own ground.
            sheet.canvas.rect(
                x - size.0 / 2.0,
                y - size.1 / 2.0,
                size.0,
                size.1,
                style.palette.paper,
            );
            sheet.canvas.text_at(x, y, &text, Type { color, ..how });
            seen.push(text);
        }
    }

    /// The names of the limits, above their lines where there is room.
    fn limit_names(&self, sheet: &mut Sheet, taken: &mut Taken) {
        let palette = &sheet.style.palette;
        let color = palette.limit.toward(palette.ink, 0.25);
        let how = Type {
            color,
            ..sheet.small()
        }
        .middle()
        .halo(palette.paper);
        for bound in &self.data.limits {
            let (from, to) = self.span(bound);
            let text = limit_text(&bound.limit, &self.data.quantity.unit);
            let lines = font::wrap(&text, how.size, how.weight, (to - from).max(self.width), 3);
            let pitch = how.size * 1.15;
            let size = (
                font::widest(lines.iter().map(String::as_str), how.size, how.weight),
                pitch * lines.len() as f64,
            );
            // A label wider than its span must not leave the page.
            let x = f64::midpoint(from, to).min(sheet.right - size.0 / 2.0);
            let wanted = ladder_of(
                self.panel.ys.at(bound.limit.value),
                size.1 / 2.0 + 3.0,
                -1.0,
            );
            let mut y = taken.place(x, size, &wanted) - (lines.len() as f64 - 1.0) * pitch / 2.0;
            for line in &lines {
                sheet.canvas.text_at(x, y, line, how);
                y += pitch;
            }
        }
    }
}

/// Heights at growing distance from `y` on alternating sides, the one of `sign` first (−1 is up).
fn ladder_of(y: f64, near: f64, sign: f64) -> Vec<f64> {
    (0..12)
        .flat_map(|step| {
            let distance = near + f64::from(step) * 5.0;
            [y + sign * distance, y - sign * distance]
        })
        .collect()
}

/// The names of the stations below the drawing.
fn names(sheet: &mut Sheet, data: &Data, panel: &Panel) -> f64 {
    let how = sheet.small();
    let width = panel.w / data.stations.len() as f64;
    let floor = panel.y + panel.h;
    let mut bottom = floor;
    for (index, station) in data.stations.iter().enumerate() {
        let mut y = floor + how.size * 1.5;
        for line in font::wrap(station, how.size, how.weight, width - 8.0, 3) {
            sheet.canvas.text(
                panel.x + width * (index as f64 + 0.5),
                y,
                &line,
                how.middle(),
            );
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
            series: vec![Series {
                name: "Mean GPU".into(),
                values,
            }],
            ..Data::default()
        }
    }

    #[test]
    fn numbers_and_differences_are_written() {
        let svg = draw(&ladder(vec![Some(60.0), Some(35.5)]), &Style::default())
            .unwrap()
            .svg()
            .to_owned();
        assert!(
            svg.contains(">60.0<") && svg.contains(">35.5<") && svg.contains(">−24.5 K<"),
            "{svg}"
        );
    }

    #[test]
    fn differences_are_in_the_degrees_of_the_axis() {
        let mut data = ladder(vec![Some(140.0), Some(95.9)]);
        data.quantity.unit = "°F".into();
        let figure = draw(&data, &Style::default()).unwrap();
        assert!(figure.svg().contains(">−44.1 °F<"), "{}", figure.svg());
    }

    #[test]
    fn equal_temperatures_and_gaps_are_drawn() {
        assert!(draw(&ladder(vec![Some(30.0), Some(30.0)]), &Style::default()).is_ok());
        assert!(draw(&ladder(vec![None, Some(30.0)]), &Style::default()).is_ok());
    }

    #[test]
    fn faults_are_typed() {
        let nan = draw(&ladder(vec![Some(f64::NAN), None]), &Style::default());
        assert_eq!(
            nan,
            Err(PlotError::NotFinite {
                what: "temperature",
                index: 0
            })
        );
        assert!(matches!(
            draw(&ladder(vec![None]), &Style::default()),
            Err(PlotError::Length { .. })
        ));
        assert!(matches!(
            draw(&ladder(vec![None, None]), &Style::default()),
            Err(PlotError::Empty { .. })
        ));
        let mut data = ladder(vec![Some(1.0), Some(2.0)]);
        data.limits.push(StationLimit {
            limit: Limit {
                label: String::new(),
                value: 1.0,
            },
            from: 0,
            to: 2,
        });
        assert!(matches!(
            draw(&data, &Style::default()),
            Err(PlotError::Range { .. })
        ));
    }
}
