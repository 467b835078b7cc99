//! The chart of times against the number of GPUs.

use std::path::Path;

use loopwatt::plot::lines::{self, Data, Series};
use loopwatt::plot::{Caption, Figure, Quantity, Spacing, Style};
use serde::Deserialize;

use super::Failure;

/// What the runner collected.
#[derive(Deserialize)]
struct Results {
    /// Machine in words.
    machine: String,
    /// Bytes a second that one thread reads from memory.
    bandwidth: f64,
    /// Rows of the chart, in the order of the legend.
    chart: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    /// GPUs and median seconds.
    points: Vec<(f64, f64)>,
}

/// State of a GPU, bytes, and how often a solve of four steps touches it.
const STATE: f64 = 85.0;
const TOUCHES: f64 = 6.0;

pub fn draw(results: &Path, stem: &Path) -> Result<(), Failure> {
    let results: Results = serde_json::from_slice(&std::fs::read(results)?)?;
    let mut series: Vec<Series> = results
        .chart
        .iter()
        .map(|row| Series {
            name: row.name.clone(),
            points: row
                .points
                .iter()
                .map(|&(n, s)| (n, Some(1e3 * s)))
                .collect(),
        })
        .collect();
    let sizes = results
        .chart
        .iter()
        .flat_map(|row| row.points.iter().map(|p| p.0));
    let (least, most) = sizes.fold((f64::INFINITY, 0.0f64), |(a, b), n| (a.min(n), b.max(n)));
    series.push(Series {
        name: "memory floor".to_owned(),
        points: [least, most]
            .map(|n| (n, Some(1e3 * n * STATE * TOUCHES / results.bandwidth)))
            .to_vec(),
    });
    let data = Data {
        caption: Caption {
            title: "Time to solve one hall".to_owned(),
            subtitle: format!("Every GPU different; medians; {}", results.machine),
            footnote: format!(
                "loopwatt: with plant, controls and electrical tree. EPANET: flows and pressures alone, at loopwatt's \
                 temperatures. pandapipes + heat: flows, pressures and coolant. scipy: flows, pressures, coolant and \
                 junctions. Memory floor: {STATE:.0} bytes a GPU touched {TOUCHES:.0} times at {:.1} GB/s, one thread.",
                results.bandwidth / 1e9
            ),
        },
        x: Quantity::new("GPUs", ""),
        y: Quantity::new("Time", "ms"),
        spacing: Spacing::Logarithmic,
        result_spacing: Spacing::Logarithmic,
        series,
        ..Data::default()
    };
    let style = Style {
        height: Some(520.0),
        ..Style::default()
    };
    let figure = lines::draw(&data, &style)?;
    std::fs::write(stem.with_extension("svg"), figure.svg())?;
    std::fs::write(stem.with_extension("png"), figure.png(Figure::PNG_SCALE)?)?;
    Ok(())
}
