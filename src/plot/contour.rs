//! A result over two varied quantities as filled contours, with the infeasible region hatched and an optimum marked.

use super::canvas::{Paint, Pen, Trail, Type};
use super::colour_bar::{ColourBar, band_color};
use super::isoband::Grid;
use super::lines::{Mark, hatched_words, mark_label};
use super::panel::{Lines, Panel, Place};
use super::scale::{Scale, Spacing, join, nice_step};
use super::sheet::{Sheet, Swatch};
use super::style::Style;
use super::{Caption, Figure, PlotError, Quantity, check};

/// About how many bands of colour there are.
const BANDS: f64 = 10.0;

/// Input of [`draw`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data {
    /// Headings.
    pub caption: Caption,
    /// The quantity varied to the right.
    pub x: Quantity,
    /// The quantity varied upwards.
    pub y: Quantity,
    /// The result.
    pub z: Quantity,
    /// Values of the first quantity, ascending, two or more.
    pub xs: Vec<f64>,
    /// Values of the second quantity, ascending, two or more.
    pub ys: Vec<f64>,
    /// Results, all of the first `ys`, then all of the second; `None` where there is no solution.
    pub values: Vec<Option<f64>>,
    /// Least margin to any limit at each point, in the order of `values`: below zero is infeasible. Empty where all
    /// points are feasible; a point without solution may have any finite margin.
    pub margins: Vec<f64>,
    /// The best feasible point.
    pub optimum: Option<Mark>,
    /// What hatching means; a broken limit where empty.
    pub hatched: String,
}

/// Draws the contours.
///
/// # Errors
/// [`PlotError::Empty`] without a result, [`PlotError::Length`] where values or margins do not match the axes,
/// [`PlotError::NotFinite`], and [`PlotError::Range`] for fewer than two values on an axis or values that do not ascend.
pub fn draw(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    checked(data)?;
    let known = data.values.iter().flatten().copied();
    let (low, high) = check::extent(known).ok_or(PlotError::Empty { what: "result" })?;
    let whole = Scale::new(Spacing::Linear, low, high);
    let step = nice_step(whole.high - whole.low, BANDS);
    let scale = whole.rounded(BANDS);
    let count = ((scale.high - scale.low) / step).round().clamp(1.0, 40.0) as usize;
    let levels: Vec<f64> = (0..=count)
        .map(|index| scale.low + step * index as f64)
        .collect();

    let mut sheet = Sheet::new(&data.caption, style)?;
    let palette = &style.palette;
    let missing = data.values.iter().any(Option::is_none);
    let mut legend = Vec::new();
    if data.margins.iter().any(|&margin| margin < 0.0) {
        legend.push((Swatch::Hatch(palette.loss), hatched_words(&data.hatched)));
    }
    if missing {
        legend.push((Swatch::Area(palette.grid), "No solution".to_owned()));
    }
    sheet.legend(&legend);
    let bar = ColourBar {
        quantity: &data.z,
        limits: &[],
        scale,
        bands: &levels,
    };
    let (first, last) = (
        (data.xs[0], data.ys[0]),
        (data.xs[data.xs.len() - 1], data.ys[data.ys.len() - 1]),
    );
    let axes = (
        Scale::new(Spacing::Linear, first.0, last.0),
        Scale::new(Spacing::Linear, first.1, last.1),
    );
    let place = Place::whole(&sheet, style.height_or(400.0));
    let room = bar.room(&sheet);
    let panel = Panel::new(&mut sheet, place, "", &data.y, axes, room);
    let xs: Vec<f64> = data.xs.iter().map(|&x| panel.xs.at(x)).collect();
    let ys: Vec<f64> = data.ys.iter().map(|&y| panel.ys.at(y)).collect();
    let values = filled(data);
    let grid = Grid {
        xs: &xs,
        ys: &ys,
        values: &values,
    };

    sheet
        .canvas
        .rect(panel.x, panel.y, panel.w, panel.h, band_color(0, count));
    for (index, &level) in levels.iter().enumerate().take(count).skip(1) {
        let region = grid.above(level);
        if !region.is_empty() {
            let color = band_color(index, count);
            sheet.canvas.fill(&region, Paint::Flat(color, 1.0));
            let border = grid.border(&region);
            sheet.canvas.stroke(&border, Pen::new(palette.paper, 0.5));
        }
    }
    infeasible(&mut sheet, data, &grid);
    if missing {
        let cover = Paint::Flat(palette.grid, 1.0);
        sheet.canvas.fill(&unknown(data, &xs, &ys), cover);
    }
    let mut chart = panel.chart(&sheet)?;
    let bottom = panel.axes(&sheet, &mut chart, Lines::None, &data.x.titled())?;
    if let Some(mark) = &data.optimum {
        let (x, y) = (panel.xs.at(mark.x), panel.ys.at(mark.y));
        sheet
            .canvas
            .disc(x, y, 6.0, palette.paper, Pen::new(palette.ink, 2.2));
        let numbers = format!(
            "{}, {}",
            join(&panel.xs.reading(mark.x), &data.x.unit),
            join(&panel.ys.reading(mark.y), &data.y.unit)
        );
        let how = Type::new(style.small(), palette.ink).bold();
        // Colours stand everywhere alike.
        mark_label(
            &mut sheet,
            &panel,
            (x, y),
            &[&mark.label, &numbers],
            how,
            &|_| 0,
        );
    }
    let bar_bottom = bar.draw(&mut sheet, panel.y + panel.h);
    sheet.finish(bottom.max(bar_bottom))
}

fn checked(data: &Data) -> Result<(), PlotError> {
    for (what, axis) in [
        ("values on the horizontal axis", &data.xs),
        ("values on the vertical axis", &data.ys),
    ] {
        check::finite(what, axis.iter().copied())?;
        if axis.len() < 2 {
            return Err(PlotError::Range {
                what,
                requirement: "two or more",
                value: axis.len() as f64,
            });
        }
        if let Some(pair) = axis.windows(2).find(|pair| pair[1] <= pair[0]) {
            return Err(PlotError::Range {
                what,
                requirement: "ascending",
                value: pair[1],
            });
        }
    }
    let points = data.xs.len() * data.ys.len();
    check::length("results", data.values.len(), points)?;
    check::finite(
        "result",
        data.values.iter().map(|value| value.unwrap_or(0.0)),
    )?;
    check::finite("margin", data.margins.iter().copied())?;
    check::finite(
        "optimum",
        data.optimum.iter().flat_map(|mark| [mark.x, mark.y]),
    )?;
    if data.margins.is_empty() {
        Ok(())
    } else {
        check::length("margins", data.margins.len(), points)
    }
}

/// The results with the missing ones taken from the nearest known one, so that the bands end cleanly under the cover
/// that is then laid over the missing part.
fn filled(data: &Data) -> Vec<f64> {
    let width = data.xs.len();
    let known: Vec<(usize, f64)> = data
        .values
        .iter()
        .enumerate()
        .filter_map(|(index, value)| value.map(|value| (index, value)))
        .collect();
    let distance =
        |a: usize, b: usize| (a % width).abs_diff(b % width) + (a / width).abs_diff(b / width);
    data.values
        .iter()
        .enumerate()
        .map(|(index, value)| {
            let nearest = || {
                known
                    .iter()
                    .min_by_key(|(other, _)| distance(index, *other))
                    .map_or(0.0, |pair| pair.1)
            };
            value.unwrap_or_else(nearest)
        })
        .collect()
}

/// The cells with a corner that has no solution.
fn unknown(data: &Data, xs: &[f64], ys: &[f64]) -> Trail {
    let mut trail = Trail::default();
    let width = xs.len();
    for row in 0..ys.len() - 1 {
        for column in 0..width - 1 {
            let corners = [(0, 0), (1, 0), (0, 1), (1, 1)];
            if corners
                .iter()
                .any(|(c, r)| data.values[(row + r) * width + column + c].is_none())
            {
                trail.rect(
                    xs[column],
                    ys[row + 1],
                    xs[column + 1] - xs[column],
                    ys[row] - ys[row + 1],
                );
            }
        }
    }
    trail
}

/// Hatches the part where a limit is broken.
fn infeasible(sheet: &mut Sheet, data: &Data, grid: &Grid) {
    if data.margins.is_empty() {
        return;
    }
    let palette = &sheet.style.palette;
    let broken: Vec<f64> = data.margins.iter().map(|margin| -margin).collect();
    let region = Grid {
        values: &broken,
        ..*grid
    }
    .above(f64::MIN_POSITIVE);
    if region.is_empty() {
        return;
    }
    let canvas = &mut sheet.canvas;
    canvas.fill(&region, Paint::Flat(palette.paper, 0.55));
    canvas.fill(&region, Paint::Hatch(palette.loss));
    canvas.stroke(&grid.border(&region), Pen::new(palette.limit, 1.8));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Data, Mark, Style, draw};
    use crate::plot::PlotError;

    fn data() -> Data {
        Data {
            xs: vec![0.0, 1.0, 2.0],
            ys: vec![0.0, 1.0],
            values: vec![Some(1.0), Some(2.0), Some(3.0), Some(2.0), None, Some(4.0)],
            margins: vec![1.0, 1.0, -1.0, 1.0, 1.0, -1.0],
            optimum: Some(Mark {
                label: "Best".into(),
                x: 0.0,
                y: 0.0,
            }),
            ..Data::default()
        }
    }

    #[test]
    fn missing_and_constant_results_are_drawn() {
        assert!(draw(&data(), &Style::default()).is_ok());
        let constant = Data {
            values: vec![Some(7.0); 6],
            ..data()
        };
        assert!(draw(&constant, &Style::default()).unwrap().png(1.0).is_ok());
    }

    #[test]
    fn faults_are_typed() {
        let style = Style::default();
        assert!(matches!(
            draw(
                &Data {
                    values: vec![None; 6],
                    ..data()
                },
                &style
            ),
            Err(PlotError::Empty { .. })
        ));
        assert!(matches!(
            draw(
                &Data {
                    xs: vec![1.0],
                    ..data()
                },
                &style
            ),
            Err(PlotError::Range { .. })
        ));
        assert!(matches!(
            draw(
                &Data {
                    xs: vec![0.0, 2.0, 1.0],
                    ..data()
                },
                &style
            ),
            Err(PlotError::Range { .. })
        ));
        assert!(matches!(
            draw(
                &Data {
                    margins: vec![0.0],
                    ..data()
                },
                &style
            ),
            Err(PlotError::Length { .. })
        ));
        assert!(matches!(
            draw(
                &Data {
                    margins: vec![f64::NAN; 6],
                    ..data()
                },
                &style
            ),
            Err(PlotError::NotFinite { .. })
        ));
    }
}
