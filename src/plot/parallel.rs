//! Parallel coordinates: many varied quantities and results side by side, a line for each point through all of them.

use super::canvas::{Pen, Trail, Type};
use super::colour_bar::{ColourBar, color};
use super::font::{self, LEADING};
use super::scale::{Scale, Spacing};
use super::sheet::{Sheet, Swatch};
use super::style::Style;
use super::{Caption, Figure, PlotError, Quantity, check};

/// Most lines that are drawn: of more every second, third … is.
const MOST_LINES: usize = 1500;

/// One upright axis.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Axis {
    /// What it measures.
    pub quantity: Quantity,
    /// How its values are spaced.
    pub spacing: Spacing,
    /// Words for the values 0, 1, 2 …; empty for numbers.
    pub words: Vec<String>,
}

/// One point.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line {
    /// Its value on each axis; `None` breaks the line.
    pub values: Vec<Option<f64>>,
    /// Whether a limit is broken there: the line is then grey and below all others.
    pub broken: bool,
}

/// Input of [`draw`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data {
    /// Headings.
    pub caption: Caption,
    /// Axes from left to right.
    pub axes: Vec<Axis>,
    /// Points.
    pub lines: Vec<Line>,
    /// The axis whose values give the lines their colours.
    pub colour: usize,
}

/// Draws the points.
///
/// # Errors
/// [`PlotError::Empty`] with fewer than two axes or without points, [`PlotError::Length`] where a point or the colour
/// does not match the axes, [`PlotError::NotFinite`], and [`PlotError::Range`] where a logarithmic axis meets a value
/// that is not above zero.
pub fn draw(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    let scales = checked(data)?;
    let mut sheet = Sheet::new(&data.caption, style)?;
    let palette = &style.palette;
    let grey = palette.loss.toward(palette.paper, 0.55);
    if data.lines.iter().any(|line| line.broken) {
        let line = Swatch::Line(Pen::new(grey, 2.0));
        sheet.legend(&[(line, "A limit is broken".to_owned())]);
    }
    let bar = ColourBar {
        quantity: &data.axes[data.colour].quantity,
        limits: &[],
        scale: scales[data.colour],
        bands: &[],
    };
    let room = bar.room(&sheet);
    let small = sheet.small();
    let labels: Vec<Vec<(f64, String)>> = data
        .axes
        .iter()
        .zip(&scales)
        .map(|(axis, scale)| tick_labels(axis, scale))
        .collect();
    let widest = |labels: &[(f64, String)]| {
        let words = labels.iter().map(|(_, label)| label.as_str());
        font::widest(words, small.size, small.weight)
    };
    let left = sheet.left + widest(&labels[0]).min(sheet.width() * 0.2) + 8.0;
    let right = sheet.right - room - 8.0;
    let pitch = (right - left) / (data.axes.len() - 1) as f64;
    // Titles stand over their axes; the outermost may lean outwards.
    let titles: Vec<Vec<String>> = data
        .axes
        .iter()
        .enumerate()
        .map(|(index, axis)| {
            let words = axis.quantity.titled();
            // The last one's ends at its axis, so it has but the half of its neighbour's gap.
            let last = index + 1 == data.axes.len();
            let room = pitch * if last { 0.46 } else { 0.9 };
            font::wrap(&words, small.size, small.weight, room, 4)
        })
        .collect();
    let rows = titles.iter().map(Vec::len).max().unwrap_or(1) as f64;
    let title_top = sheet.top;
    let top = title_top + rows * small.size * LEADING + 8.0;
    let height = style.height_or(360.0);
    let scales: Vec<Scale> = scales
        .iter()
        .map(|scale| scale.over(top + height, top))
        .collect();
    let x = |index: usize| left + pitch * index as f64;

    let tone = |line: &Line| match line.values[data.colour] {
        _ if line.broken => grey,
        Some(value) => {
            let scale = &scales[data.colour];
            // The palest end of the scale would not be seen on white.
            color(0.92 * (scale.at(value) - (top + height)) / -height)
        }
        None => grey,
    };
    let every = data.lines.len().div_ceil(MOST_LINES).max(1);
    let width = if data.lines.len() > 200 { 0.6 } else { 1.0 };
    for broken in [true, false] {
        let shown = data.lines.iter().step_by(every);
        for line in shown.filter(|line| line.broken == broken) {
            let mut trail = Trail::default();
            let mut down = false;
            for (index, value) in line.values.iter().enumerate() {
                match value {
                    Some(value) if down => drop(trail.line(x(index), scales[index].at(*value))),
                    Some(value) => drop(trail.start(x(index), scales[index].at(*value))),
                    None => {}
                }
                down = value.is_some();
            }
            sheet.canvas.stroke(&trail, Pen::new(tone(line), width));
        }
    }
    for (index, axis) in titles.iter().enumerate() {
        let (at, first) = (x(index), rows - axis.len() as f64);
        let ink = Pen::new(palette.ink, 1.2);
        sheet.canvas.line(at, top, at, top + height, ink);
        for (line, words) in axis.iter().enumerate() {
            let y = title_top + (first + line as f64) * small.size * LEADING + small.size;
            let how = Type::new(small.size, palette.ink).bold();
            match index {
                0 => sheet.canvas.text(sheet.left, y, words, how),
                // Right of the last axis is the bar of colours.
                _ if index + 1 == titles.len() => sheet.canvas.text(at + 6.0, y, words, how.end()),
                _ => sheet.canvas.text(at, y, words, how.middle()),
            }
        }
        for (value, label) in &labels[index] {
            let y = scales[index].at(*value);
            sheet.canvas.line(at - 3.0, y, at, y, ink);
            let label = font::shorten(label, small.size, small.weight, pitch * 0.7);
            sheet
                .canvas
                .text_at(at - 6.0, y, &label, small.end().halo(palette.paper));
        }
    }
    sheet.top = title_top;
    let bar_bottom = bar.draw(&mut sheet, top + height);
    sheet.finish((top + height + small.size).max(bar_bottom))
}

fn tick_labels(axis: &Axis, scale: &Scale) -> Vec<(f64, String)> {
    if axis.words.is_empty() {
        let ticks = scale.ticks(6.0).into_iter();
        return ticks.map(|tick| (tick.value, tick.label)).collect();
    }
    let words = axis.words.iter().enumerate();
    words.map(|(at, word)| (at as f64, word.clone())).collect()
}

/// The scale of each axis.
fn checked(data: &Data) -> Result<Vec<Scale>, PlotError> {
    if data.axes.len() < 2 {
        return Err(PlotError::Empty {
            what: "second axis",
        });
    }
    check::some("point", &data.lines)?;
    for line in &data.lines {
        check::length("point", line.values.len(), data.axes.len())?;
        check::finite("value", line.values.iter().flatten().copied())?;
    }
    if data.colour >= data.axes.len() {
        return Err(PlotError::Length {
            what: "axis of the colours",
            expected: data.axes.len(),
            found: data.colour,
        });
    }
    let scale = |index: usize, axis: &Axis| {
        let values = data.lines.iter().filter_map(|line| line.values[index]);
        let (low, high) = check::extent(values).unwrap_or((0.0, 1.0));
        let words = axis.words.len().saturating_sub(1) as f64;
        let (low, high) = (
            low.min(if axis.words.is_empty() { low } else { 0.0 }),
            high.max(words),
        );
        if axis.spacing == Spacing::Logarithmic {
            check::positive("value on a logarithmic axis", low)?;
        }
        Ok(Scale::new(axis.spacing, low, high))
    };
    let axes = data.axes.iter().enumerate();
    axes.map(|(index, axis)| scale(index, axis)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Axis, Data, Line, Style, draw};
    use crate::plot::{PlotError, Quantity, Spacing};

    fn data(count: usize) -> Data {
        let axis = |label: &str| Axis {
            quantity: Quantity::new(label, "W"),
            ..Axis::default()
        };
        Data {
            axes: vec![axis("Flow"), axis("Heat"), axis("Power")],
            lines: (0..count)
                .map(|k| Line {
                    values: vec![
                        Some(k as f64),
                        (k % 7 != 3).then_some(2.0),
                        Some(1.0 + k as f64),
                    ],
                    broken: k % 5 == 0,
                })
                .collect(),
            colour: 2,
            ..Data::default()
        }
    }

    #[test]
    fn very_many_points_are_thinned() {
        let size = |count| draw(&data(count), &Style::default()).unwrap().svg().len();
        assert!(size(100_000) < 2 * size(1500));
    }

    #[test]
    fn wrong_data_are_told_apart() {
        let fault = |change: fn(&mut Data)| {
            let mut data = data(10);
            change(&mut data);
            draw(&data, &Style::default()).unwrap_err()
        };
        assert!(matches!(
            fault(|d| d.axes.truncate(1)),
            PlotError::Empty { .. }
        ));
        assert!(matches!(
            fault(|d| d.lines.clear()),
            PlotError::Empty { .. }
        ));
        assert!(matches!(fault(|d| d.colour = 3), PlotError::Length { .. }));
        assert!(matches!(
            fault(|d| d.lines[3].values.truncate(2)),
            PlotError::Length { .. }
        ));
        assert!(matches!(
            fault(|d| d.lines[3].values[0] = Some(f64::NAN)),
            PlotError::NotFinite { .. }
        ));
        assert!(matches!(
            fault(|d| d.axes[0].spacing = Spacing::Logarithmic),
            PlotError::Range { .. }
        ));
    }
}
