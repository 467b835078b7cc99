//! Duration curve: for how many hours a value is reached or exceeded.

use super::canvas::{Pen, Shape};
use super::panel::{Lines, Panel, Place, SideLabel, side_room};
use super::scale::{Scale, Spacing};
use super::sheet::{Sheet, Swatch};
use super::style::Style;
use super::{Caption, Figure, Limit, PlotError, Quantity, check};

/// Least distance in px of two points of a curve; closer ones cannot be told apart.
const RESOLUTION: f64 = 0.4;

/// One curve.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// Name in the legend.
    pub name: String,
    /// Values in any order.
    pub values: Vec<f64>,
    /// Hours that each value lasts, zero or more; empty takes one hour each.
    pub hours: Vec<f64>,
}

/// Input of [`draw`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data {
    /// Headings.
    pub caption: Caption,
    /// What is drawn, for example `Site power` in `MW`.
    pub quantity: Quantity,
    /// Curves.
    pub series: Vec<Series>,
    /// Limits.
    pub limits: Vec<Limit>,
}

/// Draws the curves.
///
/// # Errors
/// [`PlotError::Empty`] without values or hours, [`PlotError::Length`] where hours do not match values,
/// [`PlotError::NotFinite`], and [`PlotError::Range`] for negative hours.
pub fn draw(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    check::some("series", &data.series)?;
    check::finite("limit", data.limits.iter().map(|limit| limit.value))?;
    let curves = data
        .series
        .iter()
        .map(sorted)
        .collect::<Result<Vec<_>, _>>()?;
    let longest = curves
        .iter()
        .flatten()
        .map(|step| step.until)
        .fold(0.0, f64::max);
    check::positive("sum of hours", longest)?;
    let values = curves.iter().flatten().map(|step| step.value);
    let range = check::extent(values.chain(data.limits.iter().map(|limit| limit.value)));
    let (low, high) = range.ok_or(PlotError::Empty { what: "value" })?;
    let margin = 0.04 * (high - low);

    let mut sheet = Sheet::new(&data.caption, style)?;
    let palette = &style.palette;
    let color = |index: usize| palette.series[index % palette.series.len()];
    if data.series.len() > 1 {
        let entry = |(index, series): (usize, &Series)| {
            (
                Swatch::Line(Pen::new(color(index), 2.2)),
                series.name.clone(),
            )
        };
        let legend: Vec<_> = data.series.iter().enumerate().map(entry).collect();
        sheet.legend(&legend);
    }
    let xs = Scale::new(Spacing::Linear, 0.0, longest);
    let ys = Scale::new(Spacing::Linear, low - margin, high + margin).rounded(6.0);
    let labels: Vec<SideLabel> = data
        .limits
        .iter()
        .map(|limit| SideLabel::limit(limit, &data.quantity.unit, palette.limit))
        .collect();
    let side = side_room(&sheet, &labels);
    let place = Place::whole(&sheet, style.height_or(340.0));
    let panel = Panel::new(&mut sheet, place, "", &data.quantity, (xs, ys), side);
    let mut chart = panel.chart(&sheet)?;
    let title = "Hours at or above the value (h)";
    let bottom = panel.axes(&sheet, &mut chart, Lines::Across, title)?;
    let limits = data.limits.iter();
    chart.draw_series(limits.map(|limit| panel.level(limit.value, palette.limit)))?;
    chart.draw_series(
        curves
            .iter()
            .enumerate()
            .map(|(index, curve)| outline(&panel, curve, Pen::new(color(index), 2.2))),
    )?;
    panel.side_labels(&mut sheet, &labels);
    sheet.finish(bottom)
}

/// A value and the hours at or above it.
struct Step {
    value: f64,
    until: f64,
}

fn sorted(series: &Series) -> Result<Vec<Step>, PlotError> {
    check::some("value", &series.values)?;
    check::finite("value", series.values.iter().copied())?;
    check::not_negative("hours", &series.hours)?;
    if !series.hours.is_empty() {
        check::length("hours", series.hours.len(), series.values.len())?;
    }
    let mut pairs: Vec<(f64, f64)> = series
        .values
        .iter()
        .enumerate()
        .map(|(index, &value)| (value, series.hours.get(index).copied().unwrap_or(1.0)))
        .collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut until = 0.0;
    Ok(pairs
        .into_iter()
        .map(|(value, hours)| {
            until += hours;
            Step { value, until }
        })
        .collect())
}

/// The stairs of a curve; steps too small to see are run together.
fn outline(panel: &Panel, curve: &[Step], pen: Pen) -> Shape<(f64, f64)> {
    let place = |step: &Step| (panel.xs.at(step.until), panel.ys.at(step.value));
    let mut points = Vec::new();
    let mut from = 0.0;
    let mut last: Option<(f64, f64)> = None;
    for (index, step) in curve.iter().enumerate() {
        let (x, y) = place(step);
        let near = last.is_some_and(|(at, level)| {
            (x - at).abs() < RESOLUTION && (y - level).abs() < RESOLUTION
        });
        if !near || index + 1 == curve.len() {
            points.extend([Some((from, step.value)), Some((step.until, step.value))]);
            last = Some((x, y));
            from = step.until;
        }
    }
    Shape::line(points, pen)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Data, Series, Style, draw, sorted};
    use crate::plot::PlotError;

    #[test]
    fn hours_add_up_from_the_greatest_value() {
        let series = Series {
            values: vec![1.0, 3.0, 2.0],
            hours: vec![10.0, 1.0, 5.0],
            ..Series::default()
        };
        let steps: Vec<(f64, f64)> = sorted(&series)
            .unwrap()
            .iter()
            .map(|step| (step.value, step.until))
            .collect();
        assert_eq!(steps, [(3.0, 1.0), (2.0, 6.0), (1.0, 16.0)]);
    }

    #[test]
    fn a_year_is_a_small_drawing_and_faults_are_typed() {
        let style = Style::default();
        let values = (0..8760)
            .map(|hour| 120.0 + f64::from(hour * 7919 % 1000) / 100.0)
            .collect();
        let year = Data {
            series: vec![Series {
                values,
                ..Series::default()
            }],
            ..Data::default()
        };
        assert!(draw(&year, &style).unwrap().svg().len() < 80_000);
        assert!(matches!(
            draw(&Data::default(), &style),
            Err(PlotError::Empty { .. })
        ));
        let with = |values, hours| Data {
            series: vec![Series {
                values,
                hours,
                ..Series::default()
            }],
            ..Data::default()
        };
        assert!(matches!(
            draw(&with(vec![1.0], vec![0.0]), &style),
            Err(PlotError::Range { .. })
        ));
        assert!(matches!(
            draw(&with(vec![f64::NAN], vec![]), &style),
            Err(PlotError::NotFinite { .. })
        ));
    }
}
