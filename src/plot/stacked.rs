//! Stacked columns: the months of a year by end use.

use plotters::element::Rectangle;

use super::panel::{Lines, Panel, Place};
use super::scale::{Scale, Spacing, Tick, figures};
use super::sheet::{Sheet, Swatch};
use super::style::{Color, Style};
use super::{Caption, Figure, PlotError, Quantity, check};

/// One layer of all columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layer {
    /// Name in the legend.
    pub name: String,
    /// Its part of each column, zero or more.
    pub values: Vec<f64>,
    /// Colour; `None` takes the next of the palette's series.
    pub color: Option<Color>,
}

/// Input of [`draw`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data {
    /// Headings.
    pub caption: Caption,
    /// What is stacked, for example `Energy` in `GWh`.
    pub quantity: Quantity,
    /// Names of the columns, for example months.
    pub columns: Vec<String>,
    /// Layers from the bottom up.
    pub layers: Vec<Layer>,
}

/// Draws the columns with their totals on top.
///
/// # Errors
/// [`PlotError::Empty`] without columns or layers, [`PlotError::Length`] where a layer does not match the columns,
/// [`PlotError::NotFinite`], and [`PlotError::Range`] for a negative value.
pub fn draw(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    check::some("column", &data.columns)?;
    check::some("layer", &data.layers)?;
    for layer in &data.layers {
        check::length("layer", layer.values.len(), data.columns.len())?;
        check::not_negative("layer value", &layer.values)?;
    }
    let palette = &style.palette;
    let colors: Vec<Color> = data
        .layers
        .iter()
        .enumerate()
        .map(|(index, layer)| {
            layer
                .color
                .unwrap_or(palette.series[index % palette.series.len()])
        })
        .collect();
    let totals: Vec<f64> = (0..data.columns.len())
        .map(|column| data.layers.iter().map(|layer| layer.values[column]).sum())
        .collect();
    let tallest = totals.iter().copied().fold(0.0, f64::max);

    let mut sheet = Sheet::new(&data.caption, style)?;
    let legend: Vec<(Swatch, String)> = data
        .layers
        .iter()
        .zip(&colors)
        .rev()
        .map(|(layer, &color)| (Swatch::Area(color), layer.name.clone()))
        .collect();
    sheet.legend(&legend);
    let count = data.columns.len() as f64;
    let xs = Scale::new(Spacing::Linear, 0.0, count);
    let ys = Scale::new(
        Spacing::Linear,
        0.0,
        if tallest > 0.0 { tallest * 1.05 } else { 1.0 },
    )
    .rounded(6.0);
    let place = Place::whole(&sheet, style.height_or(340.0));
    let mut panel = Panel::new(&mut sheet, place, "", &data.quantity, (xs, ys), 0.0);
    let names = data.columns.iter().enumerate();
    panel.x_ticks = names
        .map(|(index, name)| Tick {
            value: index as f64 + 0.5,
            label: name.clone(),
        })
        .collect();
    let mut chart = panel.chart(&sheet)?;
    let bottom = panel.axes(&sheet, &mut chart, Lines::Across, "")?;
    let mut below = vec![0.0; data.columns.len()];
    for (layer, color) in data.layers.iter().zip(&colors) {
        chart.draw_series(below.iter_mut().zip(&layer.values).enumerate().map(
            |(column, (below, value))| {
                let middle = column as f64 + 0.5;
                let floor = *below;
                *below += value;
                let corners = [(middle - 0.36, floor), (middle + 0.36, *below)];
                Rectangle::new(corners, color.solid())
            },
        ))?;
    }
    let how = sheet.small().bold().middle();
    for (column, total) in totals.iter().enumerate() {
        let text = figures(*total, 3);
        // Totals are left out where the columns are too narrow for them.
        if how.width(&text) < panel.w / count {
            let (x, y) = (panel.xs.at(column as f64 + 0.5), panel.ys.at(*total) - 5.0);
            sheet.canvas.text(x, y, &text, how);
        }
    }
    sheet.finish(bottom)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Data, Layer, Style, draw};
    use crate::plot::PlotError;

    fn data(values: Vec<f64>) -> Data {
        let layer = Layer {
            name: "Fans".into(),
            values,
            color: None,
        };
        Data {
            columns: vec!["Jan".into(), "Feb".into()],
            layers: vec![layer.clone(), layer],
            ..Data::default()
        }
    }

    #[test]
    fn totals_are_written() {
        let svg = draw(&data(vec![1.5, 2.0]), &Style::default())
            .unwrap()
            .svg()
            .to_owned();
        assert!(svg.contains(">3.00<") && svg.contains(">4.00<") && svg.contains(">Feb<"));
        assert!(draw(&data(vec![0.0, 0.0]), &Style::default()).is_ok());
    }

    #[test]
    fn faults_are_typed() {
        let style = Style::default();
        assert!(matches!(
            draw(&Data::default(), &style),
            Err(PlotError::Empty { .. })
        ));
        assert!(matches!(
            draw(&data(vec![1.0]), &style),
            Err(PlotError::Length { .. })
        ));
        assert!(matches!(
            draw(&data(vec![1.0, -1.0]), &style),
            Err(PlotError::Range { .. })
        ));
        assert!(matches!(
            draw(&data(vec![1.0, f64::NAN]), &style),
            Err(PlotError::NotFinite { .. })
        ));
    }
}
