//! A year at a glance: days to the right, hours upwards, coloured by a value or by what is the case.
//!
//! The cells of one colour are one path, so that the drawing has as many elements as tones, not as hours, and stays
//! sharp at any size.

use super::canvas::{Pen, Shape};
use super::colour_bar::{ColourBar, band_color};
use super::panel::{Lines, Panel, Place};
use super::scale::{Scale, Spacing, Tick};
use super::sheet::{Sheet, Swatch};
use super::style::{Color, Style};
use super::{Caption, Figure, Limit, PlotError, Quantity, check};

/// Tones of the colour scale.
const TONES: usize = 40;
/// Colours of what is told apart by name, after Okabe and Ito; grey is kept for hours without a result.
const NAMED: [Color; 8] = [
    Color(0, 114, 178),
    Color(230, 159, 0),
    Color(86, 180, 233),
    Color(213, 94, 0),
    Color(0, 158, 115),
    Color(240, 228, 66),
    Color(204, 121, 167),
    Color(60, 65, 72),
];
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
    /// Names of what the values 1, 2, … stand for, at most eight: each has a colour and a line of the legend, in place of the
    /// colour bar.
    pub names: Vec<String>,
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
    let tone_count = if data.names.is_empty() {
        TONES
    } else {
        NAMED.len()
    };
    for (color, name) in NAMED.into_iter().zip(&data.names) {
        sheet.legend_line(Swatch::Area(color), name);
    }
    if data.values.iter().any(Option::is_none) {
        sheet.legend(&[(Swatch::Area(palette.loss), "No solution".to_owned())]);
    } else if !data.names.is_empty() {
        sheet.top += style.text * 0.5;
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
    let room = if data.names.is_empty() {
        bar.room(&sheet)
    } else {
        0.0
    };
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

    let mut tones: Vec<Vec<Option<(f64, f64)>>> = vec![Vec::new(); tone_count + 1];
    let tone = |value: Option<f64>| match value {
        Some(value) if data.names.is_empty() => {
            (scale.over(0.0, TONES as f64).clamped(value) as usize).min(TONES - 1)
        }
        Some(value) => (value.max(1.0) as usize - 1).min(tone_count - 1),
        None => tone_count,
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
        let color = if index == tone_count {
            palette.loss
        } else if data.names.is_empty() {
            band_color(index, TONES)
        } else {
            NAMED[index]
        };
        Shape::line(runs, Pen::new(color, width)).crisp()
    }))?;
    chart.draw_series(months.iter().skip(1).map(|(_, first)| {
        let ends = [Some((*first, 0.0)), Some((*first, 24.0))];
        Shape::line(ends, Pen::new(palette.paper, 0.8))
    }))?;
    let bottom = panel.axes(&sheet, &mut chart, Lines::None, "")?;
    if !data.names.is_empty() {
        return sheet.finish(bottom);
    }
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
    use super::{Data, NAMED, Style, draw};
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
    fn what_has_a_name_has_its_own_colour_and_line() {
        let names = ["free", "partial", "mechanical"]
            .map(str::to_owned)
            .to_vec();
        let values = (0..8760)
            .map(|hour| Some(f64::from(hour % 3) + 1.0))
            .collect();
        let data = Data {
            values,
            names,
            ..Data::default()
        };
        let figure = draw(&data, &Style::default()).unwrap();
        for (color, name) in NAMED.iter().zip(&data.names) {
            assert!(
                figure.svg().contains(name) && figure.svg().contains(&color.hex()),
                "{name}"
            );
        }
        assert!(!figure.svg().contains(&NAMED[3].hex()));
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
