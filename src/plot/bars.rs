//! Bars against a limit: one bar a row from zero, marks for other cases on it, the limit as a line through all.

use plotters::element::Rectangle;

use super::canvas::{Pen, Shape, Type};
use super::panel::{Lines, Panel, Place, limit_text};
use super::scale::{Scale, Spacing};
use super::sheet::{Sheet, Swatch};
use super::style::Style;
use super::{Caption, Figure, Limit, PlotError, Quantity, check, font};

/// One bar.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bar {
    /// Name.
    pub label: String,
    /// What stands behind the bar, for example the value in its own unit.
    pub text: String,
    /// Length.
    pub value: f64,
    /// Whether it breaks the limit.
    pub broken: bool,
    /// The same of other cases.
    pub marks: Vec<f64>,
}

/// Input of [`draw`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data {
    /// Headings.
    pub caption: Caption,
    /// What is measured.
    pub quantity: Quantity,
    /// The limit; its label may be empty.
    pub limit: Option<Limit>,
    /// Bars from the top down.
    pub bars: Vec<Bar>,
    /// Words of the legend for a bar, for a mark, and for a bar that breaks the limit.
    pub legend: [String; 3],
}

/// Draws the bars.
///
/// # Errors
/// [`PlotError::Empty`] without bars, [`PlotError::NotFinite`], and [`PlotError::Range`] for a negative value.
pub fn draw(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    check::some("bar", &data.bars)?;
    for bar in &data.bars {
        check::not_negative("bar", &[bar.value])?;
        check::not_negative("mark", &bar.marks)?;
    }
    check::finite("limit", data.limit.iter().map(|limit| limit.value))?;
    let ends = data
        .bars
        .iter()
        .flat_map(|bar| bar.marks.iter().copied().chain([bar.value]))
        .chain(data.limit.iter().map(|limit| limit.value));
    let high = ends.fold(0.0, f64::max);
    if high <= 0.0 {
        return Err(PlotError::Empty { what: "bar" });
    }
    let mut sheet = Sheet::new(&data.caption, style)?;
    let palette = &style.palette;
    let rim = Pen::new(palette.ink, 1.0);
    let mut legend = vec![(Swatch::Area(palette.liquid), data.legend[0].clone())];
    if data.bars.iter().any(|bar| bar.broken) {
        legend.push((Swatch::Area(palette.limit), data.legend[2].clone()));
    }
    if data.bars.iter().any(|bar| !bar.marks.is_empty()) {
        legend.push((Swatch::Disc(palette.paper, rim), data.legend[1].clone()));
    }
    if let Some(limit) = &data.limit {
        let pen = Pen::new(palette.limit, 1.6).dashed();
        legend.push((Swatch::Line(pen), limit_text(limit, &data.quantity.unit)));
    }
    sheet.legend(&legend);
    let how = Type::new(style.small(), palette.ink);
    let room = |texts: &mut dyn Iterator<Item = &str>, most: f64| {
        font::widest(texts, how.size, how.weight).min(sheet.width() * most)
    };
    let label_room = room(&mut data.bars.iter().map(|bar| bar.label.as_str()), 0.42);
    let text_room = room(&mut data.bars.iter().map(|bar| bar.text.as_str()), 0.3);
    let row = style.text * 1.75;
    let rows = data.bars.len() as f64;
    let place = Place {
        left: sheet.left + label_room + how.size,
        right: sheet.right - text_room - how.size,
        top: sheet.top,
        height: row * rows,
    };
    let xs = Scale::new(Spacing::Linear, 0.0, high);
    let ys = Scale::new(Spacing::Linear, 0.0, rows);
    let mut panel = Panel::fit(&sheet, place, (xs, ys), 0.0);
    panel.y_ticks.clear();
    let mut chart = panel.chart(&sheet)?;
    let bottom = panel.axes(&sheet, &mut chart, Lines::Upright, &data.quantity.titled())?;
    for (index, bar) in data.bars.iter().enumerate() {
        let level = rows - index as f64 - 0.5;
        let color = if bar.broken {
            palette.limit
        } else {
            palette.liquid
        };
        let corners = [(0.0, level - 0.3), (bar.value, level + 0.3)];
        chart.draw_series([Rectangle::new(corners, color.solid())])?;
    }
    if let Some(limit) = &data.limit {
        let ends = [0.0, rows].map(|level| Some((limit.value, level)));
        chart.draw_series([Shape::line(ends, Pen::new(palette.limit, 1.6).dashed())])?;
    }
    for (index, bar) in data.bars.iter().enumerate() {
        let middle = panel.y + row * (index as f64 + 0.5);
        for mark in &bar.marks {
            sheet
                .canvas
                .disc(panel.xs.at(*mark), middle, 2.6, palette.paper, rim);
        }
        let label = font::shorten(&bar.label, how.size, how.weight, label_room);
        sheet.canvas.text_at(sheet.left, middle, &label, how);
        let text = font::shorten(&bar.text, how.size, how.weight, text_room);
        let color = if bar.broken {
            palette.limit
        } else {
            palette.ink
        };
        let how = Type { color, ..how };
        sheet.canvas.text_at(sheet.right, middle, &text, how.end());
    }
    sheet.finish(bottom)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Bar, Data, draw};
    use crate::plot::{Limit, PlotError, Style};

    #[test]
    fn a_broken_bar_is_told_in_the_legend_and_faults_are_typed() {
        let bar = |label: &str, value: f64| Bar {
            label: label.into(),
            value,
            broken: value > 100.0,
            marks: vec![value / 2.0],
            ..Bar::default()
        };
        let mut data = Data {
            limit: Some(Limit {
                label: "Limit".into(),
                value: 100.0,
            }),
            bars: vec![bar("feed", 80.0)],
            legend: ["Worst scenario", "Others", "Broken"].map(str::to_owned),
            ..Data::default()
        };
        let style = Style::default();
        let whole = draw(&data, &style).unwrap().svg().to_owned();
        assert!(whole.contains(">feed<") && !whole.contains(">Broken<"));
        data.bars.push(bar("rack", 120.0));
        assert!(draw(&data, &style).unwrap().svg().contains(">Broken<"));
        data.bars[0].value = f64::NAN;
        assert!(draw(&data, &style).is_err());
        data.bars.clear();
        assert!(matches!(draw(&data, &style), Err(PlotError::Empty { .. })));
    }
}
