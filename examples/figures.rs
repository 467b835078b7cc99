//! Draws every chart of `loopwatt::plot` with numbers of the size that a 100,000-GPU hall has, as SVG and PNG.
//!
//! `cargo run --example figures -- DIR`. The numbers are made up for looking at the drawings; none is a result.

use std::error::Error;
use std::path::{Path, PathBuf};

use loopwatt::plot::style::Carrier::{self, Air, Electric, Liquid, Loss};
use loopwatt::plot::{Caption, Figure, Limit, PlotError, Quantity, Style};
use loopwatt::plot::{breakdown, hall_map, histogram, ladder, pump_curve, sankey};

#[path = "figures/more.rs"]
mod more;

/// A chart by name.
type Chart = (&'static str, fn(&Style) -> Result<Figure, PlotError>);

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args_os()
        .nth(1)
        .map_or_else(std::env::temp_dir, PathBuf::from);
    std::fs::create_dir_all(&directory)?;
    let charts: [Chart; 8] = [
        ("power", power),
        ("heat", heat),
        ("ladder", temperatures),
        ("histogram", distribution),
        ("histogram-one", one_value),
        ("hall-map", map),
        ("pump-curves", pumps),
        ("breakdown", pue),
    ];
    for (name, chart) in charts.into_iter().chain(more::CHARTS) {
        write(&directory, name, &chart(&Style::default())?)?;
    }
    Ok(())
}

fn write(directory: &Path, name: &str, figure: &Figure) -> Result<(), Box<dyn Error>> {
    std::fs::write(directory.join(name).with_extension("svg"), figure.svg())?;
    std::fs::write(
        directory.join(name).with_extension("png"),
        figure.png(Figure::PNG_SCALE)?,
    )?;
    Ok(())
}

fn caption(title: &str) -> Caption {
    Caption {
        title: title.into(),
        subtitle: "Sample hall, 100,352 H100 in 1,568 racks, training, design day 35.0 °C dry bulb, 26.0 °C wet bulb".into(),
        footnote: "Made-up numbers for looking at the drawing.".into(),
    }
}

fn limit(label: &str, value: f64) -> Limit {
    Limit {
        label: label.into(),
        value,
    }
}

/// A flow diagram from rows of source, target, value and carrier; nodes in the order of their first mention.
fn flows(title: &str, rows: &[(&str, &str, f64, Carrier)]) -> sankey::Data {
    let mut names: Vec<&str> = Vec::new();
    let mut place = |name| {
        names
            .iter()
            .position(|known| *known == name)
            .unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            })
    };
    let links = rows
        .iter()
        .map(|&(from, to, value, carrier)| sankey::Link {
            from: place(from),
            to: place(to),
            value,
            carrier,
        })
        .collect();
    let nodes = names
        .iter()
        .map(|name| sankey::Node {
            label: (*name).into(),
            column: None,
        })
        .collect();
    sankey::Data {
        caption: caption(title),
        unit: "MW".into(),
        nodes,
        links,
    }
}

fn power(style: &Style) -> Result<Figure, PlotError> {
    let rows = [
        ("Utility feed", "Transformers", 131.9, Electric),
        ("Transformers", "Transformer loss", 0.92, Loss),
        ("Transformers", "UPS", 124.1, Electric),
        ("Transformers", "Cooling plant", 6.4, Electric),
        ("Transformers", "Lighting and other", 0.48, Electric),
        ("UPS", "UPS loss", 2.5, Loss),
        ("UPS", "Busway", 121.6, Electric),
        ("Busway", "Busway loss", 0.6, Loss),
        ("Busway", "Server power supplies", 120.4, Electric),
        ("Busway", "In-rack CDU pumps", 0.6, Electric),
        ("Server power supplies", "Power supply loss", 5.4, Loss),
        ("Server power supplies", "GPU dies", 58.0, Electric),
        ("Server power supplies", "GPU memory", 12.0, Electric),
        ("Server power supplies", "CPUs", 14.0, Electric),
        ("Server power supplies", "Network and NICs", 9.0, Electric),
        ("Server power supplies", "Voltage regulators", 12.4, Loss),
        ("Server power supplies", "Server fans", 4.1, Electric),
        ("Server power supplies", "Drives and rest", 5.5, Electric),
        ("Cooling plant", "Facility pumps", 2.3, Electric),
        ("Cooling plant", "Tower fans", 2.1, Electric),
        ("Cooling plant", "Air handlers", 1.98, Electric),
        ("Cooling plant", "Make-up water treatment", 0.02, Electric),
    ];
    sankey::draw(&flows("Power from the feed to the GPU dies", &rows), style)
}

fn heat(style: &Style) -> Result<Figure, PlotError> {
    let rows = [
        ("GPU dies", "Cold plates", 56.3, Liquid),
        ("GPU memory", "Cold plates", 11.6, Liquid),
        ("CPUs", "Cold plates", 12.6, Liquid),
        ("GPU dies", "Server air", 1.7, Air),
        ("GPU memory", "Server air", 0.4, Air),
        ("CPUs", "Server air", 1.4, Air),
        ("Network and drives", "Server air", 14.5, Air),
        ("Regulators and supplies", "Cold plates", 4.0, Liquid),
        ("Regulators and supplies", "Server air", 13.8, Air),
        ("Server fans", "Server air", 4.1, Air),
        ("Server air", "Rear-door coils", 31.0, Air),
        ("Server air", "Room air", 4.9, Air),
        ("Cold plates", "Rack manifolds", 84.5, Liquid),
        ("Rack manifolds", "CDUs", 84.3, Liquid),
        ("Rack manifolds", "Room air", 0.2, Air),
        ("Rear-door coils", "Facility water", 31.0, Liquid),
        ("Room air", "Air handlers", 5.1, Air),
        ("Air handlers", "Facility water", 5.1, Liquid),
        ("CDUs", "Facility water", 84.9, Liquid),
        ("CDU pumps", "CDUs", 0.6, Loss),
        ("Facility pumps", "Facility water", 1.9, Loss),
        ("Facility water", "Economiser", 121.0, Liquid),
        ("Facility water", "Chiller", 1.9, Liquid),
        ("Chiller compressor", "Condenser water", 0.4, Loss),
        ("Chiller", "Condenser water", 1.9, Liquid),
        ("Economiser", "Condenser water", 121.0, Liquid),
        ("Condenser water", "Evaporation", 105.3, Air),
        ("Condenser water", "Warmed outdoor air", 17.98, Air),
        ("Condenser water", "Blowdown", 0.02, Liquid),
    ];
    sankey::draw(
        &flows("Heat from the GPU dies to the outdoor air", &rows),
        style,
    )
}

fn temperatures(style: &Style) -> Result<Figure, PlotError> {
    let stations = [
        "GPU die",
        "Case",
        "Cold plate",
        "Coolant out",
        "Coolant in",
        "CDU facility side out",
        "CDU facility side in",
        "Condenser water",
        "Outdoor wet bulb",
    ];
    let series = |name: &str, values: [f64; 9]| ladder::Series {
        name: name.into(),
        values: values.map(Some).to_vec(),
    };
    let data = ladder::Data {
        caption: caption("Temperatures from the GPU die to the outdoor air"),
        quantity: Quantity::new("Temperature", "°C"),
        stations: stations.map(String::from).to_vec(),
        series: vec![
            series(
                "Mean GPU",
                [55.3, 51.2, 45.6, 40.0, 30.0, 36.1, 27.0, 24.2, 21.0],
            ),
            series(
                "Hottest GPU",
                [68.9, 62.4, 53.8, 44.6, 30.0, 36.1, 27.0, 24.2, 21.0],
            ),
        ],
        limits: vec![
            ladder::StationLimit {
                limit: limit("Slowdown", 87.0),
                from: 0,
                to: 0,
            },
            ladder::StationLimit {
                limit: limit("Design", 80.0),
                from: 0,
                to: 0,
            },
            ladder::StationLimit {
                limit: limit("Supply, class W32", 32.0),
                from: 4,
                to: 4,
            },
        ],
    };
    ladder::draw(&data, style)
}

/// Evenly mixed numbers from 0 to 1, the same on every run.
fn noise(index: usize) -> f64 {
    (index as f64 * 0.618_033_988_75).fract()
}

fn spread(index: usize) -> f64 {
    (0..6)
        .map(|term| noise(index * 6 + term * 7919 + index / 13))
        .sum::<f64>()
        - 3.0
}

fn distribution(style: &Style) -> Result<Figure, PlotError> {
    let values = |mean: f64, width: f64| {
        (0..100_352)
            .map(|index| mean + width * spread(index) + if index % 2003 == 0 { 9.0 } else { 0.0 })
            .collect()
    };
    let one = |name: &str, values, limits| histogram::Distribution {
        name: name.into(),
        values,
        counts: Vec::new(),
        limits,
    };
    let data = histogram::Data {
        caption: caption("GPU temperatures against their limits"),
        quantity: Quantity::new("Temperature", "°C"),
        counted: "GPUs".into(),
        spacing: loopwatt::plot::Spacing::Logarithmic,
        distributions: vec![
            one(
                "GPU core",
                values(55.3, 2.4),
                vec![
                    limit("Design", 80.0),
                    limit("Slowdown", 87.0),
                    limit("Hardware slowdown", 90.0),
                    limit("Shutdown", 92.0),
                ],
            ),
            one(
                "GPU memory",
                values(66.1, 3.1),
                vec![limit("Slowdown", 95.0)],
            ),
        ],
    };
    histogram::draw(&data, style)
}

fn one_value(style: &Style) -> Result<Figure, PlotError> {
    let data = histogram::Data {
        caption: caption("GPU temperatures, all GPUs identical"),
        quantity: Quantity::new("Temperature", "°C"),
        counted: "GPUs".into(),
        spacing: loopwatt::plot::Spacing::Linear,
        distributions: vec![histogram::Distribution {
            name: "GPU core".into(),
            values: vec![55.3],
            counts: vec![100_352.0],
            limits: vec![limit("Design", 80.0), limit("Slowdown", 87.0)],
        }],
    };
    histogram::draw(&data, style)
}

fn map(style: &Style) -> Result<Figure, PlotError> {
    let racks = (0..1568)
        .map(|index| {
            let value = 58.0 + 1.6 * spread(index) + 3.0 * noise(index / 8);
            hall_map::Rack {
                group: format!("cdu.{}", index / 8),
                row: index % 8 / 4,
                column: index % 4,
                value: (index % 401 != 7).then_some(value),
                broken: value > 61.5,
            }
        })
        .collect();
    let data = hall_map::Data {
        caption: caption("Hottest GPU of each rack"),
        quantity: Quantity::new("Hottest GPU", "°C"),
        racks,
        limits: vec![limit("Design", 61.5)],
        range: None,
    };
    hall_map::draw(&data, style)
}

fn pumps(style: &Style) -> Result<Figure, PlotError> {
    let curve = |rise: f64, flow: f64, speed: f64| -> Vec<(f64, f64)> {
        (0..=40)
            .map(|step| {
                let share = f64::from(step) / 40.0;
                (
                    share * flow * speed,
                    rise * speed * speed * (1.0 - 0.62 * share * share),
                )
            })
            .collect()
    };
    let system = |at: (f64, f64), fixed: f64, flow: f64| -> Vec<(f64, f64)> {
        (0..=40)
            .map(|step| {
                let q = f64::from(step) / 40.0 * flow;
                (q, fixed + (at.1 - fixed) * (q / at.0).powf(1.85))
            })
            .collect()
    };
    let one = |name: &str, note: &str, rise: f64, flow: f64, speed: f64, fixed: f64| {
        let pump = curve(rise, flow, speed);
        let at = pump[27];
        pump_curve::Loop {
            name: name.into(),
            note: note.into(),
            rated: if speed < 1.0 {
                curve(rise, flow, 1.0)
            } else {
                Vec::new()
            },
            system: system(at, fixed, at.0 * 1.35),
            operating: at,
            set_points: vec![limit("Header Δp", at.1 * 0.55)],
            minimum_flow: Some(flow * 0.2),
            pump,
        }
    };
    let data = pump_curve::Data {
        caption: caption("Pumps and systems at the operating point"),
        flow: Quantity::new("Flow", "L/min"),
        rise: Quantity::new("Pressure rise", "kPa"),
        loops: vec![
            one(
                "Technology cooling loop",
                "CDU pumps, 2 of 2 at 84% speed, efficiency 0.71, 3.06 kW each",
                320.0,
                1600.0,
                0.84,
                0.0,
            ),
            one(
                "Facility water",
                "4 of 5 at 91% speed, efficiency 0.80, 575 kW each",
                420.0,
                190_000.0,
                0.91,
                60.0,
            ),
            one(
                "Condenser water",
                "4 of 4 at full speed, efficiency 0.82, 480 kW each",
                280.0,
                240_000.0,
                1.0,
                90.0,
            ),
        ],
    };
    pump_curve::draw(&data, style)
}

fn pue(style: &Style) -> Result<Figure, PlotError> {
    let rows = [
        ("Transformers", 0.92, Loss),
        ("UPS", 2.5, Loss),
        ("Busway and cabling", 0.6, Loss),
        ("CDU pumps", 0.6, Liquid),
        ("Facility pumps", 2.3, Liquid),
        ("Condenser pumps", 1.0, Liquid),
        ("Tower fans", 2.1, Air),
        ("Air handlers", 1.98, Air),
        ("Chillers", 0.4, Electric),
        ("Lighting and other", 0.48, Loss),
    ];
    let data = breakdown::Data {
        caption: caption("Where the design PUE comes from"),
        ratio: "PUE".into(),
        unit: "MW".into(),
        base_label: "IT equipment".into(),
        base: 120.0,
        uses: rows
            .iter()
            .map(|&(label, power, carrier)| breakdown::Use {
                label: label.into(),
                power,
                carrier,
            })
            .collect(),
        legend: [
            "Refrigeration",
            "Liquid cooling",
            "Air cooling",
            "Losses and other",
        ]
        .map(String::from),
    };
    breakdown::draw(&data, style)
}
