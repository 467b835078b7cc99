//! The scale of colours beside a map, and the colours themselves.
//!
//! Viridis (van der Walt and Smith, 2015) grows evenly in lightness and stays readable without colour vision.

use super::canvas::{Pen, Type};
use super::font::{self, LEADING};
use super::panel::limit_text;
use super::scale::Scale;
use super::sheet::Sheet;
use super::spread::spread;
use super::style::Color;
use super::{Limit, Quantity};

/// Width of the bar in px.
const BAR: f64 = 14.0;
/// Shortest and longest bar in px.
const HEIGHT: (f64, f64) = (100.0, 320.0);

/// Headings of the limits that are not on the bar.
const ABOVE: &str = "Above the scale";
const BELOW: &str = "Below the scale";

/// Steps of a continuous bar.
const STEPS: u32 = 64;

/// The colour at `share` (0 to 1) of the scale.
pub(super) fn color(share: f64) -> Color {
    colorous::VIRIDIS
        .eval_continuous(share.clamp(0.0, 1.0))
        .into()
}

/// A colour bar at the right edge of the page.
#[derive(Debug, Clone, Copy)]
pub(super) struct ColourBar<'a> {
    /// What the colours mean.
    pub(super) quantity: &'a Quantity,
    /// Limits to mark; those beyond the ends are named below the bar.
    pub(super) limits: &'a [Limit],
    /// Range of values.
    pub(super) scale: Scale,
    /// Boundaries of bands of one colour each, ascending; empty for a continuous bar.
    pub(super) bands: &'a [f64],
}

impl ColourBar<'_> {
    /// Room that the bar takes, with the space to its left.
    pub(super) fn room(&self, sheet: &Sheet) -> f64 {
        let how = sheet.small();
        let ticks = self.scale.ticks(6.0);
        let numbers = ticks.iter().map(|tick| how.width(&tick.label));
        let limits = self
            .limits
            .iter()
            .flat_map(|limit| self.limit_lines(sheet, limit))
            .map(|line| how.width(&line));
        let titles = [ABOVE, BELOW].map(|title| how.width(title) - BAR - 10.0);
        let titles = titles.into_iter().filter(|_| !self.limits.is_empty());
        let widest = numbers.chain(limits).chain(titles).fold(0.0, f64::max);
        let title = self
            .title(sheet)
            .iter()
            .map(|line| how.width(line))
            .fold(0.0, f64::max);
        (BAR + 10.0 + widest).max(title) + sheet.style.text * 1.6
    }

    fn title(&self, sheet: &Sheet) -> Vec<String> {
        let how = sheet.small();
        font::wrap(
            &self.quantity.titled(),
            how.size,
            how.weight,
            sheet.style.text * 9.0,
            3,
        )
    }

    fn limit_lines(&self, sheet: &Sheet, limit: &Limit) -> Vec<String> {
        let how = sheet.small();
        let text = limit_text(limit, &self.quantity.unit);
        font::wrap(&text, how.size, how.weight, sheet.style.text * 9.0, 3)
    }

    /// Draws the bar from the present height of the page towards `lower`. Returns its lower edge.
    pub(super) fn draw(&self, sheet: &mut Sheet, lower: f64) -> f64 {
        let (small, note) = (sheet.small(), sheet.note());
        let palette = &sheet.style.palette;
        let left = sheet.right - self.room(sheet) + sheet.style.text * 1.6;
        let mut y = sheet.top;
        for line in self.title(sheet) {
            sheet.canvas.text(left, y + note.size, &line, note);
            y += note.size * LEADING;
        }
        y += 6.0;
        let height = (lower - y).clamp(HEIGHT.0, HEIGHT.1);
        let scale = self.scale.over(y + height, y);
        self.ground(sheet, &scale, left, (y, height));

        let pitch = small.size * 1.2;
        let (inside, mut outside): (Vec<&Limit>, Vec<&Limit>) = self
            .limits
            .iter()
            .partition(|limit| limit.value >= scale.low && limit.value <= scale.high);
        let words: Vec<Vec<String>> = inside
            .iter()
            .map(|limit| self.limit_lines(sheet, limit))
            .collect();
        let wanted: Vec<(f64, f64)> = inside
            .iter()
            .zip(&words)
            .map(|(limit, lines)| (scale.at(limit.value), lines.len() as f64 * pitch))
            .collect();
        let centres = spread(&wanted, y, y + height);
        for tick in scale.ticks(6.0) {
            let at = scale.at(tick.value);
            sheet.canvas.line(
                left + BAR,
                at,
                left + BAR + 3.0,
                at,
                Pen::new(palette.ink, 1.0),
            );
            let hidden = centres
                .iter()
                .zip(&wanted)
                .any(|(centre, (_, size))| (centre - at).abs() < (size + pitch) / 2.0);
            if !hidden {
                sheet
                    .canvas
                    .text_at(left + BAR + 7.0, at, &tick.label, small);
            }
        }
        let how = Type {
            color: palette.limit.toward(palette.ink, 0.25),
            ..small
        };
        for ((lines, (at, _)), centre) in words.iter().zip(&wanted).zip(&centres) {
            sheet.canvas.line(
                left - 2.0,
                *at,
                left + BAR + 4.0,
                *at,
                Pen::new(palette.limit, 2.0),
            );
            let mut line_y = centre - (lines.len() as f64 - 1.0) * pitch / 2.0;
            for line in lines {
                sheet.canvas.text_at(left + BAR + 7.0, line_y, line, how);
                line_y += pitch;
            }
        }
        let mut bottom = y + height + small.size * 0.6;
        for (title, above) in [(ABOVE, true), (BELOW, false)] {
            let (mut beyond, more): (Vec<&Limit>, Vec<&Limit>) = outside
                .drain(..)
                .partition(|limit| (limit.value > scale.high) == above);
            outside = more;
            beyond.sort_by(|a, b| b.value.total_cmp(&a.value));
            if !beyond.is_empty() {
                bottom += pitch;
                sheet.canvas.text(left, bottom, title, note);
            }
            for limit in beyond {
                for line in self.limit_lines(sheet, limit) {
                    bottom += pitch;
                    sheet.canvas.text(left, bottom, &line, how);
                }
            }
        }
        bottom
    }

    fn ground(&self, sheet: &mut Sheet, scale: &Scale, left: f64, (top, height): (f64, f64)) {
        if self.bands.len() < 2 {
            // Each step reaches down to the floor, so that no seam shows between two.
            for step in (0..STEPS).rev() {
                let part = height * f64::from(step + 1) / f64::from(STEPS);
                let tone = color((f64::from(step) + 0.5) / f64::from(STEPS));
                sheet
                    .canvas
                    .rect(left, top + height - part, BAR, part, tone);
            }
            return;
        }
        for (index, pair) in self.bands.windows(2).enumerate() {
            let (high, low) = (scale.clamped(pair[1]), scale.clamped(pair[0]));
            sheet.canvas.rect(
                left,
                high,
                BAR,
                low - high,
                band_color(index, self.bands.len() - 1),
            );
        }
    }
}

/// The colour of band number `index` of `count`.
pub(super) fn band_color(index: usize, count: usize) -> Color {
    color((index as f64 + 0.5) / count.max(1) as f64)
}
