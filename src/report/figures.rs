//! The figures of the report: what each shows, drawn all at once.

mod heat;
mod ladder;
mod map;
mod power;
mod pue;
mod pumps;
mod temperatures;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::site::Site;
use super::text::Text;
use crate::plot::{Caption, Figure, PlotError, Style};
use crate::plot::{breakdown, hall_map, histogram, ladder as ladder_chart, pump_curve, sankey};

/// Data of one figure.
#[derive(Debug, Clone)]
pub enum Data {
    /// Flows.
    Sankey(sankey::Data),
    /// Temperatures from die to outdoor air.
    Ladder(ladder_chart::Data),
    /// Distributions.
    Histogram(histogram::Data),
    /// Racks from above.
    Map(hall_map::Data),
    /// Pump and system curves.
    Pumps(pump_curve::Data),
    /// Parts of the PUE.
    Breakdown(breakdown::Data),
}

/// One figure of the report.
#[derive(Debug, Clone)]
pub struct Chart {
    /// File name without ending, and anchor in the page.
    pub id: &'static str,
    /// Title in the page.
    pub title: &'static str,
    /// What to see and what to know, below the figure in the page.
    pub caption: String,
    /// Data.
    pub data: Data,
}

/// A drawn figure: SVG text and PNG bytes.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// The figure.
    pub chart: Chart,
    /// Drawing, or why there is none.
    pub drawing: Result<(String, Vec<u8>), PlotError>,
}

/// All figures that the run gives data for, in the order of the page.
pub fn charts(site: &Site<'_>, text: Text) -> Vec<Chart> {
    [
        power::chart(site, text),
        heat::chart(site, text),
        pue::chart(site),
        ladder::chart(site, text),
        temperatures::chart(site, text),
        map::chart(site, text),
        pumps::chart(site, text),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Draws them, in parallel.
pub fn draw(charts: &[Chart], style: &Style) -> Vec<Drawn> {
    charts
        .par_iter()
        .with_max_len(1)
        .map(|chart| {
            let drawing = one(&chart.data, style).and_then(|figure| {
                figure
                    .png(Figure::PNG_SCALE)
                    .map(|png| (figure.svg().to_owned(), png))
            });
            Drawn {
                chart: chart.clone(),
                drawing,
            }
        })
        .collect()
}

fn one(data: &Data, style: &Style) -> Result<Figure, PlotError> {
    match data {
        Data::Sankey(data) => sankey::draw(data, style),
        Data::Ladder(data) => ladder_chart::draw(data, style),
        Data::Histogram(data) => histogram::draw(data, style),
        Data::Map(data) => hall_map::draw(data, style),
        Data::Pumps(data) => pump_curve::draw(data, style),
        Data::Breakdown(data) => breakdown::draw(data, style),
    }
}

/// Title of a drawing with the case that it shows.
fn caption(site: &Site<'_>, title: &str, footnote: &str) -> Caption {
    let result = &site.run.result;
    let mut words = vec![result.name.clone(), result.state.clone()];
    if !result.scenario.is_empty() {
        words.push(result.scenario.clone());
    }
    Caption {
        title: title.to_owned(),
        subtitle: words.join(" · "),
        footnote: footnote.to_owned(),
    }
}

/// Unit for powers of which this is the largest, and its size in W.
pub fn power_unit(largest: f64) -> (&'static str, f64) {
    match largest {
        x if x >= 1e9 => ("GW", 1e9),
        x if x >= 1e6 => ("MW", 1e6),
        x if x >= 1e3 => ("kW", 1e3),
        _ => ("W", 1.0),
    }
}
