//! How a quantity is distributed over many items, against its limits: GPU core and memory temperatures.
//!
//! One panel per quantity, all on the same horizontal axis, so that their margins can be compared. The bins have a
//! round width after Freedman and Diaconis (1981), *On the histogram as a density estimator*, Z. Wahrscheinlichkeits-
//! theorie 57:453: twice the interquartile range over the cube root of the count.

mod bins;

use plotters::element::Rectangle;

use self::bins::Bins;
use super::canvas::{Paint, Pen, Shape, Type};
use super::font::{self, LEADING};
use super::panel::{Chart, Lines, Panel, Place, limit_text};
use super::scale::{Scale, Spacing, fixed, join};
use super::sheet::Sheet;
use super::style::Style;
use super::{Caption, Figure, Limit, PlotError, Quantity, check};

/// Most bins that the whole axis has room for.
const FINEST: f64 = 200.0;

/// One distribution.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Distribution {
    /// Heading of its panel, for example `GPU core`.
    pub name: String,
    /// Values.
    pub values: Vec<f64>,
    /// How many items each value stands for, zero or more; empty counts each once.
    pub counts: Vec<f64>,
    /// Limits.
    pub limits: Vec<Limit>,
}

/// Input of [`draw`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data {
    /// Headings.
    pub caption: Caption,
    /// What is distributed, for example `Temperature` in `°C`.
    pub quantity: Quantity,
    /// What is counted, for example `GPUs`.
    pub counted: String,
    /// Spacing of the counts; logarithmic shows a few outliers among many.
    pub spacing: Spacing,
    /// Panels from top to bottom.
    pub distributions: Vec<Distribution>,
}

/// Draws the histograms.
///
/// # Errors
/// [`PlotError::Empty`] without values or with all counts zero, [`PlotError::Length`] where counts do not match values,
/// [`PlotError::NotFinite`], and [`PlotError::Range`] for a negative count.
pub fn draw(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    check::some("distribution", &data.distributions)?;
    for distribution in &data.distributions {
        check::some("value", &distribution.values)?;
        check::finite("value", distribution.values.iter().copied())?;
        check::not_negative("count", &distribution.counts)?;
        check::finite("limit", distribution.limits.iter().map(|limit| limit.value))?;
        if !distribution.counts.is_empty() {
            check::length(
                "counts",
                distribution.counts.len(),
                distribution.values.len(),
            )?;
        }
    }
    let limits = || {
        data.distributions
            .iter()
            .flat_map(|d| d.limits.iter().map(|limit| limit.value))
    };
    let values = data.distributions.iter().flat_map(|d| &d.values).copied();
    let (low, high) =
        check::extent(values.chain(limits())).ok_or(PlotError::Empty { what: "value" })?;
    // A bin narrower than this would be a hairline beside limits that lie far off.
    let finest = (high - low) / FINEST;
    let bins: Vec<Bins> = data
        .distributions
        .iter()
        .map(|one| Bins::new(one, finest))
        .collect::<Result<_, _>>()?;
    let edges = bins.iter().flat_map(|bins| [bins.low, bins.high()]);
    let (low, high) =
        check::extent(edges.chain(limits())).ok_or(PlotError::Empty { what: "value" })?;
    let margin = 0.03 * (high - low);
    let xs = Scale::new(Spacing::Linear, low - margin, high + margin);

    let mut sheet = Sheet::new(&data.caption, style)?;
    let height = style.height_or(if bins.len() == 1 { 340.0 } else { 190.0 });
    let place = Place::whole(&sheet, height);
    let edges: Vec<f64> = bins
        .iter()
        .map(|bins| Panel::fit(&sheet, place, (xs, counts(data, bins)), 0.0).x)
        .collect();
    // The panels' axes stand below one another.
    let edge = edges.iter().copied().fold(0.0, f64::max);
    let mut bottom = sheet.top;
    for ((distribution, bins), own) in data.distributions.iter().zip(&bins).zip(edges) {
        let place = Place {
            left: sheet.left + edge - own,
            ..place
        };
        bottom = panel(&mut sheet, data, distribution, bins, xs, place)?;
        sheet.top = bottom + style.text;
    }
    sheet.finish(bottom)
}

/// The scale of the counts of one panel.
fn counts(data: &Data, bins: &Bins) -> Scale {
    let tallest = bins.counts.iter().copied().fold(0.0, f64::max);
    match data.spacing {
        Spacing::Linear => Scale::new(Spacing::Linear, 0.0, tallest).rounded(4.0),
        // The axis begins below one so that a single item has a bar; weights below one lower it further.
        Spacing::Logarithmic => {
            let counted = bins.counts.iter().copied().filter(|&count| count > 0.0);
            let least = counted.fold(1.0, f64::min);
            let high = 10f64.powf((tallest.log10() - 1e-9).ceil());
            Scale::new(Spacing::Logarithmic, least * 0.6, high.max(least * 10.0))
        }
    }
}

/// One panel; returns its lower edge.
fn panel(
    sheet: &mut Sheet,
    data: &Data,
    one: &Distribution,
    bins: &Bins,
    xs: Scale,
    place: Place,
) -> Result<f64, PlotError> {
    let palette = &sheet.style.palette;
    let ys = counts(data, bins);
    heading(sheet, data, one, bins);

    // The names of the limits stand above the plot, on as many rows as keep them apart.
    let how = sheet.small();
    let unit = &data.quantity.unit;
    let place = Place {
        top: sheet.top,
        ..place
    };
    let rows = Rows::new(one, &Panel::fit(sheet, place, (xs, ys), 0.0), how, unit);
    let row = how.size * LEADING;
    let room = if rows.count > 0 {
        rows.count as f64 * row + 4.0
    } else {
        0.0
    };
    let panel = Panel::fit(
        sheet,
        Place {
            top: place.top + room,
            ..place
        },
        (xs, ys),
        0.0,
    );
    let mut chart = panel.chart(sheet)?;
    let title = data.quantity.titled();
    let bottom = panel.axes(sheet, &mut chart, Lines::Across, &title)?;
    bars(sheet, &panel, &mut chart, bins)?;
    if bins.counts.len() == 1 && fixed(bins.least, 1) == fixed(bins.greatest, 1) {
        only(sheet, &panel, bins, unit);
    }
    let edge = Pen::new(palette.limit, 1.5).dashed();
    let color = palette.limit.toward(palette.ink, 0.25);
    for (limit, &(at, line)) in one.limits.iter().zip(&rows.places) {
        let x = panel.xs.at(limit.value);
        let top = panel.y - 4.0 - (line as f64 + 1.0) * row;
        sheet
            .canvas
            .line(x, top + row * 0.1, x, panel.y + panel.h, edge);
        let how = Type { color, ..how }.end().halo(palette.paper);
        sheet
            .canvas
            .text(at, top + row * 0.75, &limit_text(limit, unit), how);
    }
    Ok(bottom)
}

/// The panel's name with its mean and greatest value, and the name of the vertical axis.
fn heading(sheet: &mut Sheet, data: &Data, one: &Distribution, bins: &Bins) {
    let style = sheet.style;
    let bold = Type::new(style.text, style.palette.ink).bold();
    let note = sheet.note();
    let unit = &data.quantity.unit;
    if !one.name.is_empty() {
        sheet
            .canvas
            .text(sheet.left, sheet.top + style.text, &one.name, bold);
    }
    let at = if one.name.is_empty() {
        sheet.left
    } else {
        sheet.left + bold.width(&one.name) + style.text
    };
    let total = fixed(bins.total, 0);
    let text = format!(
        "{total} {}, mean {}, least {}, greatest {}",
        data.counted,
        join(&fixed(bins.mean, 1), unit),
        join(&fixed(bins.least, 1), unit),
        join(&fixed(bins.greatest, 1), unit)
    );
    let text = font::shorten(&text, note.size, note.weight, sheet.right - at);
    sheet.canvas.text(at, sheet.top + style.text, &text, note);
    sheet.top += style.text * 1.7;
    let vertical = format!(
        "{} in each {}",
        data.counted,
        join(&bins.width_text(), unit)
    );
    sheet.paragraph(vertical.trim(), note);
    sheet.top += style.text * 0.4;
}

/// The bars.
fn bars(sheet: &Sheet, panel: &Panel, chart: &mut Chart, bins: &Bins) -> Result<(), PlotError> {
    let palette = &sheet.style.palette;
    let color = palette.mean.toward(palette.paper, 0.15);
    let floor = panel.ys.low;
    // A count that is not zero is never drawn as nothing.
    let least = floor + (panel.ys.high - floor) * 0.8 / panel.h;
    let top = |count: f64| match panel.ys.spacing {
        Spacing::Linear => count.max(least),
        Spacing::Logarithmic => count,
    };
    let pitch = panel.xs.at(bins.low + bins.width) - panel.xs.at(bins.low);
    let edge = |index: usize| bins.low + bins.width * index as f64;
    let counts = bins.counts.iter().copied().enumerate();
    if pitch > 5.0 || bins.counts.len() == 1 {
        // Narrow bars keep a visible width, wide ones a gap.
        let reach = bins.width * (pitch - 1.0).max(1.5) / pitch / 2.0;
        chart.draw_series(
            counts
                .filter(|(_, count)| *count > 0.0)
                .map(|(index, count)| {
                    let middle = edge(index) + bins.width / 2.0;
                    let corners = [(middle - reach, floor), (middle + reach, top(count))];
                    Rectangle::new(corners, color.solid())
                }),
        )?;
        return Ok(());
    }
    // Narrow bars as one outline, since the seams between them would show.
    let mut outline = vec![(bins.low, floor)];
    for (index, count) in counts {
        let y = if count > 0.0 { top(count) } else { floor };
        outline.extend([(edge(index), y), (edge(index + 1), y)]);
    }
    outline.push((bins.high(), floor));
    chart.draw_series([Shape::area(outline, Paint::Flat(color, 1.0))])?;
    Ok(())
}

/// Says that all items have one value, beside their bar.
fn only(sheet: &mut Sheet, panel: &Panel, bins: &Bins, unit: &str) {
    let palette = &sheet.style.palette;
    let words = format!("all at {}", join(&fixed(bins.greatest, 1), unit));
    let how = Type::new(sheet.style.small(), palette.ink)
        .bold()
        .halo(palette.paper);
    let (x, y) = (panel.xs.at(bins.greatest), panel.ys.at(bins.total));
    let half = panel.xs.at(bins.low + bins.width) - panel.xs.at(bins.low);
    let (x, how) = if panel.x + panel.w - x - half > how.width(&words) + 8.0 {
        (x + half, how)
    } else {
        (x - half, how.end())
    };
    let canvas = &mut sheet.canvas;
    canvas.text_at(x, y.max(panel.y) + how.size, &words, how);
}

/// Where the limits' names stand: to the left of their lines, which rise to them, so that a row is taken only where
/// the name would cross the line of a lower limit.
struct Rows {
    /// Right edge of the name and its row, the lowest first.
    places: Vec<(f64, usize)>,
    count: usize,
}

impl Rows {
    fn new(one: &Distribution, panel: &Panel, how: Type, unit: &str) -> Self {
        let mut order: Vec<usize> = (0..one.limits.len()).collect();
        order.sort_by(|&a, &b| {
            one.limits[a]
                .value
                .total_cmp(&one.limits[b].value)
                .then(a.cmp(&b))
        });
        let mut places = vec![(0.0, 0); one.limits.len()];
        let mut done: Vec<(f64, usize)> = Vec::new();
        for index in order {
            let width = how.width(&limit_text(&one.limits[index], unit));
            let line = panel.xs.at(one.limits[index].value);
            let right = (line - how.size * 0.35).max(panel.x + width);
            let crossed = done
                .iter()
                .filter(|(end, _)| *end > right - width - how.size * 0.5);
            let row = crossed.map(|(_, row)| row + 1).max().unwrap_or(0);
            places[index] = (right, row);
            done.push((line.max(right), row));
        }
        let count = places.iter().map(|(_, row)| row + 1).max().unwrap_or(0);
        Self { places, count }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Data, Distribution, Limit, Spacing, Style, draw};
    use crate::plot::{PlotError, Quantity};

    fn data(values: Vec<f64>, counts: Vec<f64>) -> Data {
        let limits = vec![
            Limit {
                label: "Design".into(),
                value: 80.0,
            },
            Limit {
                label: "Slowdown".into(),
                value: 81.0,
            },
        ];
        let one = Distribution {
            name: "GPU core".into(),
            values,
            counts,
            limits,
        };
        Data {
            quantity: Quantity::new("Temperature", "°C"),
            counted: "GPUs".into(),
            distributions: vec![one],
            ..Data::default()
        }
    }

    #[test]
    fn identical_values_are_one_bar() {
        for spacing in [Spacing::Linear, Spacing::Logarithmic] {
            let one = Data {
                spacing,
                ..data(vec![55.25], vec![100_000.0])
            };
            let figure = draw(&one, &Style::default()).unwrap();
            assert!(
                figure.svg().contains("100,000 GPUs") && figure.svg().contains("all at 55.2"),
                "{}",
                figure.svg()
            );
            assert!(figure.png(1.0).is_ok());
        }
    }

    #[test]
    fn a_hundred_thousand_values_make_a_small_drawing() {
        let values: Vec<f64> = (0..100_000)
            .map(|i| 50.0 + 8.0 * (f64::from(i) * 0.618).fract().powi(2))
            .collect();
        let figure = draw(&data(values, vec![]), &Style::default()).unwrap();
        assert!(figure.svg().len() < 20_000);
    }

    #[test]
    fn faults_are_typed() {
        let style = Style::default();
        assert!(matches!(
            draw(&data(vec![], vec![]), &style),
            Err(PlotError::Empty { .. })
        ));
        assert!(matches!(
            draw(&data(vec![1.0], vec![0.0]), &style),
            Err(PlotError::Empty { .. })
        ));
        assert!(matches!(
            draw(&data(vec![1.0], vec![-1.0]), &style),
            Err(PlotError::Range { .. })
        ));
        assert!(matches!(
            draw(&data(vec![1.0], vec![1.0, 1.0]), &style),
            Err(PlotError::Length { .. })
        ));
        assert!(matches!(
            draw(&data(vec![f64::INFINITY], vec![]), &style),
            Err(PlotError::NotFinite { .. })
        ));
    }
}
