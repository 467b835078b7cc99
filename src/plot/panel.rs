//! A plotting area as a chart of plotters with its two axes, limit lines and the labels at its right edge.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::style::RGBAColor;

use super::canvas::{FINE, Pen, Shape, Svg, Type};
use super::font::{self, LEADING};
use super::scale::{Axis, Scale, Tick, join, with_unit};
use super::sheet::Sheet;
use super::spread::spread;
use super::style::Color;
use super::{Limit, PlotError, Quantity};

/// Widest that labels at the right edge may be, in text sizes.
const SIDE_WIDTH: f64 = 13.0;
/// Length of tick marks in px; plotters puts the labels at twice the distance.
const TICK: f64 = 4.0;

/// A label at the right edge, beside the height that it names.
#[derive(Debug, Clone)]
pub(super) struct SideLabel {
    /// Value on the vertical axis.
    pub(super) value: f64,
    /// Words.
    pub(super) text: String,
    /// Colour of the words and of the leader to them.
    pub(super) color: Color,
}

impl SideLabel {
    /// The label of a limit: its name, value and unit.
    pub(super) fn limit(limit: &Limit, unit: &str, color: Color) -> Self {
        Self {
            value: limit.value,
            text: limit_text(limit, unit),
            color,
        }
    }

    fn lines(&self, sheet: &Sheet) -> Vec<String> {
        let how = sheet.small();
        font::wrap(
            &self.text,
            how.size,
            how.weight,
            sheet.style.text * SIDE_WIDTH,
            3,
        )
    }
}

/// `Slowdown 87 °C`.
pub(super) fn limit_text(limit: &Limit, unit: &str) -> String {
    // A limit is a given number: it is written as given, not rounded to three digits.
    let exact = (limit.value * 1000.0).round() / 1000.0;
    let number = if exact.abs() < 1e6 && (exact - limit.value).abs() <= 1e-9 * limit.value.abs() {
        let text = format!("{}", exact.abs());
        let decimals = text.split_once('.').map_or(0, |(_, rest)| rest.len());
        join(&super::scale::fixed(exact, decimals), unit)
    } else {
        with_unit(limit.value, unit)
    };
    if limit.label.is_empty() {
        number
    } else {
        format!("{} {number}", limit.label)
    }
}

/// Room that `labels` take to the right of a plotting area.
pub(super) fn side_room(sheet: &Sheet, labels: &[SideLabel]) -> f64 {
    if labels.is_empty() {
        return 0.0;
    }
    let how = sheet.small();
    let widest = labels
        .iter()
        .flat_map(|label| label.lines(sheet))
        .map(|line| how.width(&line))
        .fold(0.0, f64::max);
    widest + sheet.style.text * 1.2
}

/// A chart of plotters in the coordinates of the data.
pub(super) type Chart = ChartContext<'static, Svg, Cartesian2d<Axis, Axis>>;

/// Which grid lines are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// At the ticks of the vertical axis.
    Across,
    /// At the ticks of the horizontal axis.
    Upright,
    /// None, for a drawing that fills the area.
    None,
}

/// A plotting area.
#[derive(Debug, Clone)]
pub(super) struct Panel {
    /// Left edge.
    pub(super) x: f64,
    /// Top edge.
    pub(super) y: f64,
    /// Width.
    pub(super) w: f64,
    /// Height.
    pub(super) h: f64,
    /// Horizontal axis, laid over the area.
    pub(super) xs: Scale,
    /// Vertical axis, laid over the area.
    pub(super) ys: Scale,
    /// Ticks of the horizontal axis.
    pub(super) x_ticks: Vec<Tick>,
    /// Ticks of the vertical axis; without any it is not drawn.
    pub(super) y_ticks: Vec<Tick>,
    /// Room for the labels of the vertical axis.
    margin: f64,
}

/// The room that a panel may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Left edge, axis labels included.
    pub(super) left: f64,
    /// Right edge, side labels included.
    pub(super) right: f64,
    /// Top edge, heading included.
    pub(super) top: f64,
    /// Height of the plotting area alone.
    pub(super) height: f64,
}

impl Place {
    /// The whole width of `sheet` from its present height on.
    pub(super) fn whole(sheet: &Sheet, height: f64) -> Self {
        Self {
            left: sheet.left,
            right: sheet.right,
            top: sheet.top,
            height,
        }
    }
}

impl Panel {
    /// Draws the heading and the name of the vertical axis, and lays the scales over what remains of `place` once the
    /// tick labels and `side` pixels at the right are taken off.
    pub(super) fn new(
        sheet: &mut Sheet,
        place: Place,
        heading: &str,
        vertical: &Quantity,
        (xs, ys): (Scale, Scale),
        side: f64,
    ) -> Self {
        let note = sheet.note();
        let text = sheet.style.text;
        let room = place.right - place.left;
        let mut top = place.top;
        if !heading.is_empty() {
            let how = Type::new(text, sheet.style.palette.ink).bold();
            let heading = font::shorten(heading, how.size, how.weight, room);
            sheet.canvas.text(place.left, top + text, &heading, how);
            top += text * 1.6;
        }
        let title = vertical.titled();
        if !title.is_empty() {
            let title = font::shorten(&title, note.size, note.weight, room);
            sheet.canvas.text(place.left, top + note.size, &title, note);
            top += note.size * LEADING + text * 0.8;
        }
        Self::fit(sheet, Place { top, ..place }, (xs, ys), side)
    }

    /// The area that remains of `place`, from its top edge on, once tick labels and `side` pixels at the right are
    /// taken off. Draws nothing.
    pub(super) fn fit(sheet: &Sheet, place: Place, (xs, ys): (Scale, Scale), side: f64) -> Self {
        let small = sheet.small();
        let y_ticks = ys.ticks(vertical_ticks(place.height, sheet.style.text));
        let labels = y_ticks.iter().map(|tick| tick.label.as_str());
        let margin = font::widest(labels, small.size, small.weight) + 2.0 * TICK;
        let left = place.left + margin;
        let last = xs
            .ticks(6.0)
            .last()
            .map_or(0.0, |tick| small.width(&tick.label) / 2.0);
        let right = (place.right - side.max(last)).max(left + 40.0);
        let (y, h, w) = (place.top, place.height, right - left);
        Self {
            x: left,
            y,
            w,
            h,
            xs: xs.over(left, right),
            ys: ys.over(y + h, y),
            x_ticks: xs.ticks((w / (sheet.style.text * 6.0)).max(2.0)),
            y_ticks,
            margin,
        }
    }

    /// The chart of this area, with nothing drawn yet.
    ///
    /// # Errors
    /// [`PlotError::Span`] where an axis has an end that is not finite, [`PlotError::Drawing`].
    pub(super) fn chart(&self, sheet: &Sheet) -> Result<Chart, PlotError> {
        let ends = [self.xs.low, self.xs.high, self.ys.low, self.ys.high];
        if !ends.iter().all(|end| end.is_finite()) {
            return Err(PlotError::Span);
        }
        let floor = axis_room(sheet, true);
        let area = sheet.canvas.part(
            self.x - self.margin,
            self.y,
            self.margin + self.w,
            self.h + floor,
        );
        let whole = area.dim_in_pixel();
        // The plotting area is what plotters leaves of the whole, and both its edges belong to it.
        let inner = sheet
            .canvas
            .part(self.x, self.y, self.w, self.h)
            .dim_in_pixel();
        let axis = |scale, ticks: &[Tick]| Axis {
            scale,
            ticks: ticks.to_vec(),
        };
        Ok(ChartBuilder::on(&area)
            .y_label_area_size(whole.0 - inner.0)
            .x_label_area_size(whole.1 - inner.1)
            .build_cartesian_2d(
                axis(self.xs, &self.thinned(sheet)),
                axis(self.ys, &self.y_ticks),
            )?)
    }

    /// The horizontal ticks, without the labels that would touch the one before.
    fn thinned(&self, sheet: &Sheet) -> Vec<Tick> {
        let small = sheet.small();
        let mut free = f64::NEG_INFINITY;
        let mut ticks = self.x_ticks.clone();
        for tick in &mut ticks {
            let (x, half) = (self.xs.at(tick.value), small.width(&tick.label) / 2.0);
            if x - half >= free {
                free = x + half + small.size * 0.4;
            } else {
                tick.label.clear();
            }
        }
        ticks
    }

    /// The grid and the two axes with their ticks; `title` names the horizontal one. Returns the height below which
    /// nothing is drawn.
    ///
    /// # Errors
    /// [`PlotError::Drawing`].
    pub(super) fn axes(
        &self,
        sheet: &Sheet,
        chart: &mut Chart,
        lines: Lines,
        title: &str,
    ) -> Result<f64, PlotError> {
        let (small, note, palette) = (sheet.small(), sheet.note(), &sheet.style.palette);
        let mut mesh = chart.configure_mesh();
        match lines {
            Lines::Across => mesh.disable_x_mesh(),
            Lines::Upright => mesh.disable_y_mesh(),
            Lines::None => mesh.disable_mesh(),
        };
        mesh.light_line_style(RGBAColor(0, 0, 0, 0.0))
            .bold_line_style(Pen::new(palette.grid, 1.0).style())
            .axis_style(Pen::new(palette.ink, 1.0).style())
            .set_all_tick_mark_size((TICK * FINE) as i32)
            .label_style(small.style())
            .axis_desc_style(note.style());
        if self.y_ticks.is_empty() {
            mesh.disable_y_axis();
        }
        if !title.is_empty() {
            mesh.x_desc(font::shorten(title, note.size, note.weight, self.w));
        }
        mesh.draw()?;
        Ok(self.y + self.h + axis_room(sheet, !title.is_empty()))
    }

    /// A dashed line across the area at `value` on the vertical axis.
    pub(super) fn level(&self, value: f64, color: Color) -> Shape<(f64, f64)> {
        let ends = [self.xs.low, self.xs.high].map(|x| Some((x, value)));
        Shape::line(ends, Pen::new(color, 1.5).dashed())
    }

    /// Writes `labels` beside the right edge, moved apart where they would overlap.
    pub(super) fn side_labels(&self, sheet: &mut Sheet, labels: &[SideLabel]) {
        let how = sheet.small();
        let pitch = how.size * 1.2;
        let texts: Vec<Vec<String>> = labels.iter().map(|label| label.lines(sheet)).collect();
        let wanted: Vec<(f64, f64)> = labels
            .iter()
            .zip(&texts)
            .map(|(label, lines)| {
                (
                    self.ys.clamped(label.value),
                    lines.len() as f64 * pitch + 2.0,
                )
            })
            .collect();
        let centres = spread(&wanted, self.y - pitch, self.y + self.h + pitch);
        let edge = self.x + self.w;
        for (((label, lines), (from, _)), centre) in
            labels.iter().zip(&texts).zip(&wanted).zip(centres)
        {
            let pen = Pen::new(label.color, 1.0);
            sheet.canvas.line(
                edge + 1.0,
                *from,
                edge + sheet.style.text * 0.8,
                centre,
                pen,
            );
            let mut y = centre - (lines.len() as f64 - 1.0) * pitch / 2.0;
            let ink = label.color.toward(sheet.style.palette.ink, 0.35);
            for line in lines {
                sheet
                    .canvas
                    .text_at(edge + sheet.style.text, y, line, Type { color: ink, ..how });
                y += pitch;
            }
        }
    }
}

/// Room for the horizontal axis below the plotting area, with or without its name.
fn axis_room(sheet: &Sheet, named: bool) -> f64 {
    let (small, note) = (sheet.small(), sheet.note());
    let labels = 2.0 * TICK + small.size * 1.1;
    labels + if named { note.size * LEADING } else { 0.0 }
}

/// How many ticks suit a vertical axis of the given height.
fn vertical_ticks(height: f64, text: f64) -> f64 {
    (height / (text * 3.6)).clamp(2.0, 9.0)
}
