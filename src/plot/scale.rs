//! Maps values to places on the page, and chooses and writes round tick values; as a coordinate of plotters too.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// How values are spaced along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spacing {
    /// Equal steps.
    #[default]
    Linear,
    /// Equal factors; every value must be above zero.
    Logarithmic,
}

/// A range of values laid along a range of pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    /// How values are spaced.
    pub(super) spacing: Spacing,
    /// Least value on the axis.
    pub(super) low: f64,
    /// Greatest value on the axis.
    pub(super) high: f64,
    start: f64,
    end: f64,
}

/// A value on an axis with its text.
#[derive(Debug, Clone)]
pub(super) struct Tick {
    /// Value.
    pub(super) value: f64,
    /// Text.
    pub(super) label: String,
}

/// A scale with its ticks, as a coordinate of plotters.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    /// Range and spacing; plotters gives the pixels.
    pub(super) scale: Scale,
    /// Values with a grid line and a label.
    pub(super) ticks: Vec<Tick>,
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        let place = self.scale.over(f64::from(start), f64::from(end)).at(*value);
        // plotters adds to this number, so it stays well inside the range of its type.
        place.round().clamp(-1e8, 1e8) as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.ticks.iter().map(|tick| tick.value).collect()
    }

    fn range(&self) -> Range<f64> {
        self.scale.low..self.scale.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let known = self.ticks.iter().find(|tick| tick.value == *value);
        known.map(|tick| tick.label.clone()).unwrap_or_default()
    }
}

/// Largest number of ticks ever made, whatever the range.
const MOST_TICKS: f64 = 60.0;

/// The round step (1, 2 or 5 times a power of ten) that divides `span` into about `count` parts.
pub(super) fn nice_step(span: f64, count: f64) -> f64 {
    let raw = span.abs() / count.max(1.0);
    if !(raw.is_normal()) {
        return 1.0;
    }
    let power = 10f64.powf(raw.log10().floor());
    let part = raw / power;
    power
        * if part < 1.5 {
            1.0
        } else if part < 3.5 {
            2.0
        } else if part < 7.5 {
            5.0
        } else {
            10.0
        }
}

impl Scale {
    /// A scale over `low..high` with no pixels yet. A range without width is widened around its value.
    pub(super) fn new(spacing: Spacing, low: f64, high: f64) -> Self {
        let (mut low, mut high) = (low.min(high), low.max(high));
        if spacing == Spacing::Logarithmic {
            if high <= low * (1.0 + 1e-9) {
                (low, high) = (low / 2.0, high * 2.0);
            }
        } else if high - low <= 1e-9 * low.abs().max(high.abs()) {
            let half = if low == 0.0 { 1.0 } else { 0.05 * low.abs() };
            (low, high) = (low - half, high + half);
        }
        Self {
            spacing,
            low,
            high,
            start: 0.0,
            end: 1.0,
        }
    }

    /// The range widened to round values, about `count` steps over it.
    pub(super) fn rounded(self, count: f64) -> Self {
        if self.spacing == Spacing::Logarithmic {
            let (low, high) = (self.low.log10(), self.high.log10());
            // Whole decades where there are some, else the next 1, 2 or 5.
            if high - low > 1.0 {
                return Self {
                    low: 10f64.powf((low + 1e-9).floor()),
                    high: 10f64.powf((high - 1e-9).ceil()),
                    ..self
                };
            }
            return self;
        }
        let step = nice_step(self.high - self.low, count);
        let low = (self.low / step + 1e-9).floor() * step;
        let high = (self.high / step - 1e-9).ceil() * step;
        Self { low, high, ..self }
    }

    /// Laid from pixel `start` (the low value) to `end`.
    pub(super) fn over(self, start: f64, end: f64) -> Self {
        Self { start, end, ..self }
    }

    /// Place of `value` in pixels.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = match self.spacing {
            Spacing::Linear => (value - self.low) / (self.high - self.low),
            Spacing::Logarithmic => (value / self.low).ln() / (self.high / self.low).ln(),
        };
        self.start + share * (self.end - self.start)
    }

    /// The scale as it is, with `value` kept inside its range.
    pub(super) fn clamped(&self, value: f64) -> f64 {
        self.at(value.clamp(self.low, self.high))
    }

    /// `value` with one decimal more than the ticks have, which is about what can be read off the axis.
    pub(super) fn reading(&self, value: f64) -> String {
        match self.spacing {
            Spacing::Linear => fixed(value, decimals(nice_step(self.high - self.low, 6.0)) + 1),
            Spacing::Logarithmic => figures(value, 3),
        }
    }

    /// About `count` round values with their texts.
    pub(super) fn ticks(&self, count: f64) -> Vec<Tick> {
        match self.spacing {
            Spacing::Linear => linear_ticks(self.low, self.high, count),
            Spacing::Logarithmic => logarithmic_ticks(self.low, self.high, count),
        }
    }
}

/// Decimals that multiples of a round `step` need.
fn decimals(step: f64) -> usize {
    (-(step.log10() + 1e-9).floor()).max(0.0) as usize
}

fn linear_ticks(low: f64, high: f64, count: f64) -> Vec<Tick> {
    let step = nice_step(high - low, count);
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    if !(last - first).is_finite() || last - first > MOST_TICKS {
        return Vec::new();
    }
    let decimals = decimals(step);
    (0..=(last - first).max(0.0) as usize)
        .map(|index| {
            let value = (first + index as f64) * step;
            Tick {
                value,
                label: fixed(value, decimals),
            }
        })
        .collect()
}

fn logarithmic_ticks(low: f64, high: f64, count: f64) -> Vec<Tick> {
    if !low.is_normal() || low < 0.0 || !high.is_finite() {
        return Vec::new();
    }
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let decades = f64::from(last - first).max(1.0);
    // Decades are told apart at half the distance that linear ticks need.
    let every = (decades / (2.0 * count).max(1.0)).ceil().max(1.0) as i32;
    let factors: &[f64] = if decades <= 2.0 {
        &[1.0, 2.0, 5.0]
    } else {
        &[1.0]
    };
    let mut out = Vec::new();
    for power in (first..=last).filter(|power| power.rem_euclid(every) == 0) {
        for factor in factors {
            let value = factor * 10f64.powi(power);
            if value >= low * (1.0 - 1e-9) && value <= high * (1.0 + 1e-9) {
                out.push(Tick {
                    value,
                    label: fixed(value, (-power).max(0) as usize),
                });
            }
        }
    }
    out
}

/// `value` with a fixed number of decimals, thousands separated by commas, and a true minus sign.
pub(super) fn fixed(value: f64, decimals: usize) -> String {
    if value.abs() >= 1e9 {
        return format!("{value:.2e}").replace('-', "−");
    }
    let text = format!("{:.*}", decimals.min(12), value.abs());
    let (whole, rest) = text
        .split_once('.')
        .map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut out = String::new();
    if value < 0.0 && text.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) {
        out.push('−');
    }
    for (index, digit) in whole.chars().enumerate() {
        // Four digits are read at a glance; longer numbers are grouped.
        if index > 0 && whole.len() > 4 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(rest) = rest {
        out.push('.');
        out.push_str(rest);
    }
    out
}

/// `value` with at least `digits` significant digits, all of its whole part shown.
pub(super) fn figures(value: f64, digits: i32) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    // Rounding may carry into the next decade (9.996 is 10.0, not 10.00), so the exponent is taken after rounding.
    let exponent = format!("{:.*e}", (digits - 1).max(0) as usize, value.abs())
        .rsplit_once('e')
        .and_then(|(_, power)| power.parse::<i32>().ok())
        .unwrap_or(0);
    fixed(value, (digits - 1 - exponent).max(0) as usize)
}

/// `value` and `unit` with the space that the unit takes: three significant digits, two below one (where the third
/// says nothing beside values above one), four from ten thousand on.
pub(super) fn with_unit(value: f64, unit: &str) -> String {
    let number = if value.abs() >= 1e4 {
        let step = 10f64.powf(value.abs().log10().floor() - 3.0);
        fixed((value / step).round() * step, 0)
    } else {
        figures(value, if value.abs() < 1.0 { 2 } else { 3 })
    };
    join(&number, unit)
}

/// A space at which no line is broken; it is written as an ordinary one.
pub(super) const NO_BREAK: char = '\u{a0}';

/// A written number and its unit.
pub(super) fn join(number: &str, unit: &str) -> String {
    match unit {
        "" => number.to_owned(),
        "%" => format!("{number}%"),
        // A number and its unit stay on one line.
        _ => format!("{number}{NO_BREAK}{unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Scale, Spacing, figures, fixed};

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(fixed(100_000.0, 0), "100,000");
        assert_eq!(fixed(8760.0, 0), "8760");
        assert_eq!(fixed(-3.25, 1), "−3.2");
        assert_eq!(fixed(-0.001, 1), "0.0");
        assert_eq!(figures(70.0, 3), "70.0");
        assert_eq!(figures(9.996, 3), "10.0");
        assert_eq!(figures(0.012_34, 3), "0.0123");
        assert_eq!(figures(123_456.0, 3), "123,456");
    }

    #[test]
    fn ticks_are_round_and_inside() {
        let scale = Scale::new(Spacing::Linear, 0.0, 1.0);
        let labels: Vec<String> = scale
            .ticks(5.0)
            .into_iter()
            .map(|tick| tick.label)
            .collect();
        assert_eq!(labels, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        let decades = Scale::new(Spacing::Logarithmic, 1.0, 1e5).ticks(6.0);
        assert_eq!(decades.len(), 6);
    }

    #[test]
    fn degenerate_and_extreme_ranges_neither_hang_nor_divide_by_zero() {
        for (low, high) in [
            (0.0, 0.0),
            (5.0, 5.0),
            (-1e300, 1e300),
            (1e-320, 2e-320),
            (1e15, 1e15 + 1.0),
        ] {
            for spacing in [Spacing::Linear, Spacing::Logarithmic] {
                let scale = Scale::new(spacing, low, high).over(0.0, 100.0);
                assert!(scale.ticks(6.0).len() <= 80);
            }
        }
        assert!(
            (Scale::new(Spacing::Linear, 5.0, 5.0)
                .over(0.0, 100.0)
                .at(5.0)
                - 50.0)
                .abs()
                < 1e-9
        );
    }
}
