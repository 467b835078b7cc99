//! A plotting area with its two axes, limit lines and the labels at its right edge.

use super::font::{self, LEADING};
use super::scale::{Scale, Tick, join, with_unit};
use super::sheet::Sheet;
use super::spread::spread;
use super::style::Color;
use super::svg::{Pen, Type};
use super::{Limit, Quantity};

/// Widest that labels at the right edge may be, in text sizes.
const SIDE_WIDTH: f64 = 13.0;

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

/// A plotting area.
#[derive(Debug, Clone, Copy)]
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
        let ticks = ys.ticks(vertical_ticks(place.height, sheet.style.text));
        let labels = ticks.iter().map(|tick| tick.label.as_str());
        let left = place.left + font::widest(labels, small.size, small.weight) + 8.0;
        let last = xs
            .ticks(6.0)
            .last()
            .map_or(0.0, |tick| small.width(&tick.label) / 2.0);
        let right = (place.right - side.max(last)).max(left + 40.0);
        let (y, h) = (place.top, place.height);
        Self {
            x: left,
            y,
            w: right - left,
            h,
            xs: xs.over(left, right),
            ys: ys.over(y + h, y),
        }
    }

    /// Grid, ticks and the name of the horizontal axis. Returns the height below which nothing is drawn.
    pub(super) fn axes(&self, sheet: &mut Sheet, horizontal: &Quantity) -> f64 {
        self.grid(sheet);
        self.horizontal(sheet, horizontal)
    }

    /// The horizontal axis alone. Returns the height below which nothing is drawn.
    pub(super) fn horizontal(&self, sheet: &mut Sheet, quantity: &Quantity) -> f64 {
        let ticks = self.xs.ticks((self.w / (sheet.style.text * 6.0)).max(2.0));
        self.bottom_axis(sheet, &ticks, &quantity.titled())
    }

    /// Horizontal grid lines and their labels.
    pub(super) fn grid(&self, sheet: &mut Sheet) {
        for tick in self.ys.ticks(vertical_ticks(self.h, sheet.style.text)) {
            let y = self.ys.at(tick.value);
            let pen = Pen::new(sheet.style.palette.grid, 1.0);
            sheet.canvas.line(self.x, y, self.x + self.w, y, pen);
        }
        self.numbers(sheet);
    }

    /// The labels of the vertical axis alone, for a drawing that fills the area.
    pub(super) fn numbers(&self, sheet: &mut Sheet) {
        let how = sheet.small().end();
        for tick in self.ys.ticks(vertical_ticks(self.h, sheet.style.text)) {
            let y = self.ys.at(tick.value);
            sheet.canvas.text_at(self.x - 7.0, y, &tick.label, how);
        }
    }

    /// The lower edge with the given ticks and the axis' name. Labels that would touch the one before are left out.
    pub(super) fn bottom_axis(&self, sheet: &mut Sheet, ticks: &[Tick], title: &str) -> f64 {
        let (small, note) = (sheet.small(), sheet.note());
        let ink = Pen::new(sheet.style.palette.ink, 1.0);
        let floor = self.y + self.h;
        sheet
            .canvas
            .line(self.x, floor, self.x + self.w, floor, ink);
        let mut free = f64::NEG_INFINITY;
        for tick in ticks {
            let x = self.xs.at(tick.value);
            let half = small.width(&tick.label) / 2.0;
            sheet.canvas.line(x, floor, x, floor + 4.0, ink);
            if x - half >= free {
                sheet
                    .canvas
                    .text(x, floor + 5.0 + small.size, &tick.label, small.middle());
                free = x + half + small.size * 0.4;
            }
        }
        let mut bottom = floor + 5.0 + small.size * LEADING;
        if !title.is_empty() {
            let title = font::shorten(title, note.size, note.weight, self.w);
            bottom += note.size * LEADING;
            sheet.canvas.text(
                self.x + self.w / 2.0,
                bottom - note.size * 0.3,
                &title,
                note.middle(),
            );
        }
        bottom + 2.0
    }

    /// A dashed line across the area at `value` on the vertical axis.
    pub(super) fn level(&self, sheet: &mut Sheet, value: f64, color: Color) {
        let y = self.ys.at(value);
        sheet
            .canvas
            .line(self.x, y, self.x + self.w, y, Pen::new(color, 1.5).dashed());
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

    /// What follows is cut to the area, until the canvas' `pop`.
    pub(super) fn clip(&self, sheet: &mut Sheet) {
        sheet.canvas.clip(self.x, self.y, self.w, self.h);
    }

    /// Pixels of data points.
    pub(super) fn pixels(&self, points: &[(f64, f64)]) -> Vec<(f64, f64)> {
        points
            .iter()
            .map(|&(x, y)| (self.xs.at(x), self.ys.at(y)))
            .collect()
    }
}

/// How many ticks suit a vertical axis of the given height.
fn vertical_ticks(height: f64, text: f64) -> f64 {
    (height / (text * 3.6)).clamp(2.0, 9.0)
}
