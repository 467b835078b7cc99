//! Tornado: how far a result moves when each input goes from its low to its high value, the widest on top.

use super::font;
use plotters::element::Rectangle;

use super::canvas::{Pen, Shape, Type};
use super::panel::{Lines, Panel, Place};
use super::scale::{Scale, Spacing, join};
use super::sheet::{Sheet, Swatch};
use super::style::Style;
use super::{Caption, Figure, PlotError, Quantity, check};

/// One input.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Input {
    /// Name.
    pub label: String,
    /// Its low value as it is to be written, for example `25 °C`.
    pub low_label: String,
    /// Its high value as it is to be written.
    pub high_label: String,
    /// The result at its low value.
    pub low: f64,
    /// The result at its high value.
    pub high: f64,
    /// What the slope at the base value makes of both ends, where it is known.
    pub straight: Option<[f64; 2]>,
}

/// Width of the marks of straight ends.
const MARK: f64 = 2.0;

/// Input of [`draw`].
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    /// Headings.
    pub caption: Caption,
    /// The result.
    pub quantity: Quantity,
    /// The result with every input at its base value.
    pub base: f64,
    /// Inputs in any order.
    pub inputs: Vec<Input>,
    /// What the two bars are.
    pub ends: [String; 2],
}

impl Default for Data {
    fn default() -> Self {
        Self {
            caption: Caption::default(),
            quantity: Quantity::default(),
            base: 0.0,
            inputs: Vec::new(),
            ends: [
                "Input at its low value".to_owned(),
                "Input at its high value".to_owned(),
            ],
        }
    }
}

/// Draws the tornado.
///
/// # Errors
/// [`PlotError::Empty`] without inputs and [`PlotError::NotFinite`].
pub fn draw(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    check::some("input", &data.inputs)?;
    check::finite("base result", [data.base])?;
    check::finite(
        "result",
        data.inputs.iter().flat_map(|input| {
            [input.low, input.high]
                .into_iter()
                .chain(input.straight.into_iter().flatten())
        }),
    )?;
    let mut inputs: Vec<&Input> = data.inputs.iter().collect();
    let reach = |input: &Input| {
        let ends = [input.low, input.high, data.base];
        ends.iter().copied().fold(f64::NEG_INFINITY, f64::max)
            - ends.iter().copied().fold(f64::INFINITY, f64::min)
    };
    inputs.sort_by(|a, b| reach(b).total_cmp(&reach(a)));
    let ends = inputs
        .iter()
        .flat_map(|input| {
            [input.low, input.high]
                .into_iter()
                .chain(input.straight.into_iter().flatten())
        })
        .chain(std::iter::once(data.base));
    let (low, high) = check::extent(ends).ok_or(PlotError::Empty { what: "input" })?;

    let mut sheet = Sheet::new(&data.caption, style)?;
    let palette = &style.palette;
    let colors = (palette.air, palette.electric);
    let mut legend = vec![
        (Swatch::Area(colors.0), data.ends[0].clone()),
        (Swatch::Area(colors.1), data.ends[1].clone()),
    ];
    if inputs.iter().any(|input| input.straight.is_some()) {
        legend.push((
            Swatch::Line(Pen::new(palette.ink, MARK)),
            "By the slope at the base value".to_owned(),
        ));
    }
    sheet.legend(&legend);
    let how = Type::new(style.text, palette.ink);
    let small = sheet.small();
    let label_room = font::widest(
        inputs.iter().map(|input| input.label.as_str()),
        how.size,
        how.weight,
    )
    .min(sheet.width() * 0.35);
    let words = inputs
        .iter()
        .flat_map(|input| [input.low_label.as_str(), input.high_label.as_str()]);
    let end_room = font::widest(words, small.size, small.weight).min(sheet.width() * 0.2) + 8.0;
    let row = style
        .height
        .map_or(style.text * 2.4, |height| height / inputs.len() as f64);
    let left = sheet.left + label_room + style.text + end_room;
    let place = Place {
        left,
        right: sheet.right - end_room,
        top: sheet.top,
        height: row * inputs.len() as f64,
    };
    let xs = Scale::new(Spacing::Linear, low, high);
    let rows = inputs.len() as f64;
    let ys = Scale::new(Spacing::Linear, 0.0, rows);
    let mut panel = Panel::fit(&sheet, place, (xs, ys), 0.0);
    panel.y_ticks.clear();
    let title = format!(
        "{}, base case {}",
        data.quantity.titled(),
        join(&xs.reading(data.base), &data.quantity.unit)
    );
    let mut chart = panel.chart(&sheet)?;
    let bottom = panel.axes(&sheet, &mut chart, Lines::Upright, &title)?;
    for (index, input) in inputs.iter().enumerate() {
        let middle = panel.y + row * (index as f64 + 0.5);
        let label = font::shorten(&input.label, how.size, how.weight, label_room);
        sheet.canvas.text_at(sheet.left, middle, &label, how);
        let (a, b) = (input.low, input.high);
        // The longer bar first, for an input that moves the result to the same side at both ends.
        let mut bars = [(a, colors.0), (b, colors.1)];
        if (b - data.base).abs() > (a - data.base).abs() {
            bars.swap(0, 1);
        }
        let level = rows - index as f64 - 0.5;
        chart.draw_series(bars.map(|(end, color)| {
            let corners = [(data.base, level - 0.31), (end, level + 0.31)];
            Rectangle::new(corners, color.solid())
        }))?;
        for end in input.straight.into_iter().flatten() {
            let mark = [level - 0.42, level + 0.42].map(|level| Some((end, level)));
            chart.draw_series([Shape::line(mark, Pen::new(palette.ink, MARK))])?;
        }
        let (left_text, right_text) = if a <= b {
            (&input.low_label, &input.high_label)
        } else {
            (&input.high_label, &input.low_label)
        };
        let (mut from, mut to) = (a.min(b).min(data.base), a.max(b).max(data.base));
        for end in input.straight.into_iter().flatten() {
            (from, to) = (from.min(end), to.max(end));
        }
        let short = |text: &str| font::shorten(text, small.size, small.weight, end_room - 6.0);
        sheet.canvas.text_at(
            panel.xs.at(from) - 6.0,
            middle,
            &short(left_text),
            small.end().halo(palette.paper),
        );
        sheet.canvas.text_at(
            panel.xs.at(to) + 6.0,
            middle,
            &short(right_text),
            small.halo(palette.paper),
        );
    }
    let ends = [0.0, rows].map(|level| Some((data.base, level)));
    chart.draw_series([Shape::line(ends, Pen::new(palette.ink, 1.4))])?;
    sheet.finish(bottom)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Data, Input, Style, draw};
    use crate::plot::PlotError;

    fn input(label: &str, low: f64, high: f64) -> Input {
        Input {
            label: label.into(),
            low_label: "low".into(),
            high_label: "high".into(),
            low,
            high,
            straight: None,
        }
    }

    #[test]
    fn the_widest_is_on_top() {
        let inputs = vec![
            input("narrow", 0.9, 1.1),
            input("wide", 0.5, 2.0),
            input("one-sided", 1.2, 1.4),
        ];
        let svg = draw(
            &Data {
                base: 1.0,
                inputs,
                ..Data::default()
            },
            &Style::default(),
        )
        .unwrap()
        .svg()
        .to_owned();
        let place = |word: &str| svg.find(word).unwrap();
        assert!(place(">wide<") < place(">one-sided<") && place(">one-sided<") < place(">narrow<"));
    }

    #[test]
    fn no_effect_is_drawn_and_faults_are_typed() {
        let style = Style::default();
        let of = |inputs| Data {
            base: 1.0,
            inputs,
            ..Data::default()
        };
        assert!(draw(&of(vec![input("none", 1.0, 1.0)]), &style).is_ok());
        assert!(matches!(
            draw(&of(vec![]), &style),
            Err(PlotError::Empty { .. })
        ));
        assert!(matches!(
            draw(&of(vec![input("bad", f64::NAN, 1.0)]), &style),
            Err(PlotError::NotFinite { .. })
        ));
    }
}
