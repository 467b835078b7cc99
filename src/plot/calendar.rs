//! A year at a glance: days to the right, hours upwards, coloured by a value.
//!
//! The cells of one colour are one path, so that the drawing has as many elements as tones, not as hours, and stays
//! sharp at any size.

use super::canvas::{Pen, Shape};
use super::colour_bar::{ColourBar, band_color};
use super::panel::{Lines, Panel, Place};
use super::scale::{Scale, Spacing, Tick};
use super::sheet::{Sheet, Swatch};
use super::style::Style;
use super::{Caption, Figure, Limit, PlotError, Quantity, check};

/// Tones of the colour scale.
const TONES: usize = 40;
/// Names of the months and their lengths in a year of 365 days.
const MONTHS: [(&str, usize); 12] = [
    ("Jan", 31),
    ("Feb", 28),
    ("Mar", 31),
    ("Apr", 30),
    ("May", 31),
    ("Jun", 30),
    ("Jul", 31),
    ("Aug", 31),
    ("Sep", 30),
    ("Oct", 31),
    ("Nov", 30),
    ("Dec", 31),
];

/// Input of [`draw`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data {
    /// Headings.
    pub caption: Caption,
    /// What the colour means.
    pub quantity: Quantity,
    /// A value for each hour from 1 January on, 8,760 or in a leap year 8,784; `None` where there is no result.
    pub values: Vec<Option<f64>>,
    /// Limits to mark on the colour bar.
    pub limits: Vec<Limit>,
}

/// Draws the year.
///
/// # Errors
/// [`PlotError::Length`] for another number of hours, [`PlotError::Empty`] without a value, [`PlotError::NotFinite`].
pub fn draw(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    let hours = data.values.len();
    if hours != 8784 {
        check::length("hours of the year", hours, 8760)?;
    }
    check::finite(
        "hourly value",
        data.values.iter().map(|value| value.unwrap_or(0.0)),
    )?;
    check::finite("limit", data.limits.iter().map(|limit| limit.value))?;
    let known = data.values.iter().flatten().copied();
    let (low, high) = check::extent(known).ok_or(PlotError::Empty {
        what: "hourly value",
    })?;
    let scale = Scale::new(Spacing::Linear, low, high);

    let mut sheet = Sheet::new(&data.caption, style)?;
    let palette = &style.palette;
    if data.values.iter().any(Option::is_none) {
        sheet.legend(&[(Swatch::Area(palette.loss), "No solution".to_owned())]);
    }
    let bar = ColourBar {
        quantity: &data.quantity,
        limits: &data.limits,
        scale,
        bands: &[],
    };
    let days = hours / 24;
    let axes = (
        Scale::new(Spacing::Linear, 0.0, days as f64),
        Scale::new(Spacing::Linear, 0.0, 24.0),
    );
    let room = bar.room(&sheet);
    let top = sheet.top + sheet.note().size * 1.3 + style.text * 0.8;
    let place = Place {
        top,
        ..Place::whole(&sheet, style.height_or(260.0))
    };
    let note = sheet.note();
    sheet
        .canvas
        .text(sheet.left, sheet.top + note.size, "Hour of day", note);
    let mut panel = Panel::fit(&sheet, place, axes, room);
    panel.y_ticks = [0.0, 6.0, 12.0, 18.0, 24.0]
        .map(|value| Tick {
            value,
            label: format!("{value}"),
        })
        .into();
    let months = months(days);
    panel.x_ticks = months.iter().map(|(tick, _)| tick.clone()).collect();

    let mut tones: Vec<Vec<Option<(f64, f64)>>> = vec![Vec::new(); TONES + 1];
    let tone = |value: Option<f64>| match value {
        Some(value) => (scale.over(0.0, TONES as f64).clamped(value) as usize).min(TONES - 1),
        None => TONES,
    };
    for hour in 0..24 {
        let mut from = 0;
        while from < days {
            let own = tone(data.values[from * 24 + hour]);
            let run = (from..days)
                .take_while(|day| tone(data.values[day * 24 + hour]) == own)
                .count();
            // A run of days is one stroke, one cell wide, along the middle of its hour.
            let middle = hour as f64 + 0.5;
            let end = (from + run) as f64;
            tones[own].extend([Some((from as f64, middle)), Some((end, middle)), None]);
            from += run;
        }
    }
    let mut chart = panel.chart(&sheet)?;
    // A little more than an hour, since its place is rounded to a tenth of a pixel.
    let width = panel.h / 24.0 + 0.2;
    chart.draw_series(tones.into_iter().enumerate().map(|(index, runs)| {
        let color = if index == TONES {
            palette.loss
        } else {
            band_color(index, TONES)
        };
        Shape::line(runs, Pen::new(color, width)).crisp()
    }))?;
    chart.draw_series(months.iter().skip(1).map(|(_, first)| {
        let ends = [Some((*first, 0.0)), Some((*first, 24.0))];
        Shape::line(ends, Pen::new(palette.paper, 0.8))
    }))?;
    let bottom = panel.axes(&sheet, &mut chart, Lines::None, "")?;
    let bar_bottom = bar.draw(&mut sheet, panel.y + panel.h);
    sheet.finish(bottom.max(bar_bottom))
}

/// The names of the months at their middles, and their first days.
fn months(days: usize) -> Vec<(Tick, f64)> {
    let mut first = 0.0;
    let named = MONTHS.iter().enumerate().map(|(index, (name, length))| {
        let length = (length + usize::from(index == 1 && days == 366)) as f64;
        let tick = Tick {
            value: first + length / 2.0,
            label: (*name).to_owned(),
        };
        first += length;
        (tick, first - length)
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Data, Style, draw};
    use crate::plot::PlotError;

    #[test]
    fn a_year_has_few_elements_and_gaps_are_drawn() {
        let wave = |hour: u32| {
            15.0 + 10.0 * (f64::from(hour) / 24.0).sin() + f64::from(hour * 7919 % 100) / 20.0
        };
        let mut values: Vec<Option<f64>> = (0..8760).map(|hour| Some(wave(hour))).collect();
        values[5000] = None;
        let figure = draw(
            &Data {
                values,
                ..Data::default()
            },
            &Style::default(),
        )
        .unwrap();
        assert!(figure.svg().matches('<').count() < 200);
        assert!(figure.svg().len() < 200_000, "{}", figure.svg().len());
    }

    #[test]
    fn leap_years_and_constant_years_are_drawn_and_faults_are_typed() {
        let style = Style::default();
        let of = |values| Data {
            values,
            ..Data::default()
        };
        assert!(draw(&of(vec![Some(1.0); 8784]), &style).is_ok());
        assert!(matches!(
            draw(&of(vec![None; 8760]), &style),
            Err(PlotError::Empty { .. })
        ));
        assert!(matches!(
            draw(&of(vec![Some(1.0); 24]), &style),
            Err(PlotError::Length { .. })
        ));
        assert!(matches!(
            draw(&of(vec![Some(f64::NAN); 8760]), &style),
            Err(PlotError::NotFinite { .. })
        ));
    }
}
