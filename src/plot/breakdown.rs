//! Where the PUE comes from: 1 for the IT equipment, and what each further use of power adds, as a waterfall.
//!
//! The axis begins just below 1 and the bar of the IT equipment is broken there, since on an axis from zero the
//! increments of a good hall would be hairlines.

use plotters::element::Rectangle;

use super::canvas::{Pen, Shape, Trail, Type};
use super::font;
use super::panel::{Lines, Panel, Place};
use super::scale::{Scale, Spacing, fixed, with_unit};
use super::sheet::{Sheet, Swatch};
use super::style::{Carrier, Color, Style};
use super::{Caption, Figure, PlotError, check};

/// One end use.
#[derive(Debug, Clone, PartialEq)]
pub struct Use {
    /// Name, for example `Facility pumps`.
    pub label: String,
    /// Power in [`Data::unit`]; below zero for a credit.
    pub power: f64,
    /// Kind: electric for equipment that cools by air or by refrigeration, liquid for pumps of liquid, air for fans,
    /// loss for electrical losses. It decides the colour.
    pub carrier: Carrier,
}

/// Input of [`draw`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data {
    /// Headings.
    pub caption: Caption,
    /// Name of the ratio, for example `PUE`.
    pub ratio: String,
    /// Unit of power, for example `MW`.
    pub unit: String,
    /// Name of what the ratio is relative to, for example `IT equipment`.
    pub base_label: String,
    /// Its power, above zero.
    pub base: f64,
    /// End uses from top to bottom.
    pub uses: Vec<Use>,
    /// Words of the legend for the four carriers in the order of [`Carrier::ALL`]; an empty text leaves one out.
    pub legend: [String; 4],
}

/// Draws the waterfall.
///
/// # Errors
/// [`PlotError::Empty`] without end uses, [`PlotError::NotFinite`], and [`PlotError::Range`] where the base is not above
/// zero.
pub fn draw(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    check::some("end use", &data.uses)?;
    check::positive("base power", data.base)?;
    check::finite("power of an end use", data.uses.iter().map(|one| one.power))?;
    let mut sheet = Sheet::new(&data.caption, style)?;
    let palette = &style.palette;
    let legend: Vec<(Swatch, String)> = Carrier::ALL
        .into_iter()
        .zip(&data.legend)
        .filter(|(carrier, text)| {
            !text.is_empty() && data.uses.iter().any(|one| one.carrier == *carrier)
        })
        .map(|(carrier, text)| (Swatch::Area(carrier.color(palette)), text.clone()))
        .collect();
    sheet.legend(&legend);

    let mut sum = 1.0;
    let mut steps = Vec::with_capacity(data.uses.len());
    for one in &data.uses {
        let next = sum + one.power / data.base;
        steps.push((sum, next));
        sum = next;
    }
    let total = sum;
    let (least, most) =
        check::extent(steps.iter().flat_map(|&(a, b)| [a, b])).unwrap_or((1.0, 1.0));
    let span = (most - least).max(1e-3);
    let xs = Scale::new(Spacing::Linear, least - 0.14 * span, most + 0.02 * span);

    let rows = data.uses.len() + 2;
    let row = style
        .height
        .map_or(style.text * 2.3, |height| height / rows as f64);
    let how = Type::new(style.text, palette.ink);
    let names = [data.base_label.as_str(), data.ratio.as_str()]
        .into_iter()
        .chain(data.uses.iter().map(|one| one.label.as_str()));
    let label_room =
        font::widest(names, how.size, font::Weight::Semibold).min(sheet.width() * 0.34);
    let texts: Vec<(String, String)> = data
        .uses
        .iter()
        .map(|one| {
            let share = one.power / data.base;
            let sign = if share < 0.0 { "" } else { "+" };
            (
                format!("{sign}{}", fixed(share, 3)),
                with_unit(one.power, &data.unit),
            )
        })
        .collect();
    let total_power = data.base + data.uses.iter().map(|one| one.power).sum::<f64>();
    let first = (fixed(1.0, 3), with_unit(data.base, &data.unit));
    let last = (fixed(total, 3), with_unit(total_power, &data.unit));
    let all = || {
        std::iter::once(&first)
            .chain(&texts)
            .chain(std::iter::once(&last))
    };
    let bold = font::Weight::Semibold;
    let ratio_room = font::widest(all().map(|text| text.0.as_str()), how.size, bold);
    let power_room = font::widest(all().map(|text| text.1.as_str()), how.size, bold);
    let side = ratio_room + power_room + style.text * 2.6;

    let left = sheet.left + label_room + style.text * 0.4;
    let height = row * rows as f64;
    let place = Place {
        left,
        right: sheet.right,
        top: sheet.top,
        height,
    };
    let ys = Scale::new(Spacing::Linear, 0.0, rows as f64);
    let mut panel = Panel::fit(&sheet, place, (xs, ys), side);
    panel.y_ticks.clear();
    panel.x_ticks = xs.ticks(6.0);
    panel.x_ticks.retain(|tick| tick.value >= least - 1e-9);
    let mut chart = panel.chart(&sheet)?;
    let bottom = panel.axes(&sheet, &mut chart, Lines::Upright, &data.ratio)?;

    // What is not zero keeps a visible width.
    let hairline = (xs.high - xs.low) / panel.w;
    let level = |index: usize| (rows - index) as f64 - 0.5;
    let bar = |index: usize, (from, to): (f64, f64), color: Color| {
        let span = (to - from).abs();
        let span = if span > 0.0 { span.max(hairline) } else { 0.0 };
        let (left, y) = (from.min(to), level(index));
        Rectangle::new([(left, y - 0.31), (left + span, y + 0.31)], color.solid())
    };
    let dark = palette.ink.toward(palette.paper, 0.35);
    let first_and_last = [(0, 1.0), (rows - 1, total)];
    chart.draw_series(first_and_last.map(|(row, end)| bar(row, (xs.low, end), dark)))?;
    let uses = steps.iter().zip(&data.uses).enumerate();
    chart.draw_series(
        uses.map(|(index, (step, one))| bar(index + 1, *step, one.carrier.color(palette))),
    )?;
    let ends = std::iter::once(1.0).chain(steps.iter().map(|step| step.1));
    chart.draw_series(ends.enumerate().map(|(index, x)| {
        let joint = [(x, level(index) - 0.31), (x, level(index + 1) + 0.31)];
        Shape::line(joint.map(Some), Pen::new(palette.muted, 1.0))
    }))?;

    let line = Line {
        panel,
        row,
        label_room,
        ratio_end: sheet.right - power_room - style.text * 1.2,
    };
    line.tear(&mut sheet, 0);
    line.tear(&mut sheet, rows - 1);
    line.words(&mut sheet, 0, &data.base_label, &first, how);
    for (index, one) in data.uses.iter().enumerate() {
        line.words(&mut sheet, index + 1, &one.label, &texts[index], how);
    }
    line.words(&mut sheet, rows - 1, &data.ratio, &last, how.bold());
    sheet.finish(bottom)
}

/// Geometry of the rows.
struct Line {
    panel: Panel,
    row: f64,
    label_room: f64,
    ratio_end: f64,
}

impl Line {
    fn middle(&self, index: usize) -> f64 {
        self.panel.y + self.row * (index as f64 + 0.5)
    }

    /// The break near the left end of a bar that in truth begins at zero.
    fn tear(&self, sheet: &mut Sheet, index: usize) {
        let half = self.row * 0.36;
        let (x, y) = (self.panel.x + 12.0, self.middle(index));
        let mut trail = Trail::default();
        trail
            .start(x + 3.0, y - half)
            .line(x - 3.0, y - half / 3.0)
            .line(x + 3.0, y + half / 3.0)
            .line(x - 3.0, y + half);
        sheet
            .canvas
            .stroke(&trail, Pen::new(sheet.style.palette.paper, 4.0));
    }

    fn words(
        &self,
        sheet: &mut Sheet,
        index: usize,
        label: &str,
        values: &(String, String),
        how: Type,
    ) {
        let y = self.middle(index);
        let label = font::shorten(label, how.size, how.weight, self.label_room);
        sheet.canvas.text_at(sheet.left, y, &label, how);
        let right = sheet.right;
        sheet
            .canvas
            .text_at(self.ratio_end, y, &values.0, how.end());
        let muted = Type {
            color: if how.weight == font::Weight::Semibold {
                how.color
            } else {
                sheet.style.palette.muted
            },
            ..how
        };
        sheet.canvas.text_at(right, y, &values.1, muted.end());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Carrier, Data, Style, Use, draw};
    use crate::plot::PlotError;

    fn data(powers: &[f64]) -> Data {
        Data {
            ratio: "PUE".into(),
            unit: "MW".into(),
            base_label: "IT equipment".into(),
            base: 120.0,
            uses: powers
                .iter()
                .map(|&power| Use {
                    label: "Pumps".into(),
                    power,
                    carrier: Carrier::Liquid,
                })
                .collect(),
            ..Data::default()
        }
    }

    #[test]
    fn increments_add_up_to_the_ratio() {
        let svg = draw(&data(&[6.0, 4.8]), &Style::default())
            .unwrap()
            .svg()
            .to_owned();
        assert!(
            svg.contains("+0.050")
                && svg.contains("+0.040")
                && svg.contains("1.090")
                && svg.contains("131 MW")
        );
    }

    #[test]
    fn zero_and_negative_uses_are_drawn() {
        assert!(draw(&data(&[0.0]), &Style::default()).is_ok());
        assert!(draw(&data(&[5.0, -8.0]), &Style::default()).is_ok());
    }

    #[test]
    fn faults_are_typed() {
        let style = Style::default();
        assert!(matches!(
            draw(&data(&[]), &style),
            Err(PlotError::Empty { .. })
        ));
        assert!(matches!(
            draw(&data(&[f64::NAN]), &style),
            Err(PlotError::NotFinite { .. })
        ));
        assert!(matches!(
            draw(
                &Data {
                    base: 0.0,
                    ..data(&[1.0])
                },
                &style
            ),
            Err(PlotError::Range { .. })
        ));
    }
}
