//! The charts of studies.

use loopwatt::plot::{
    Figure, PlotError, Quantity, Spacing, Style, calendar, contour, duration, family, lines,
    stacked, tornado,
};

use super::{Chart, caption, limit, spread};

/// These charts by name.
pub(super) const CHARTS: [Chart; 7] = [
    ("lines", sweep),
    ("family", grid_lines),
    ("contour", plane),
    ("stacked", months),
    ("duration", hours),
    ("calendar", year),
    ("tornado", sensitivity),
];

fn hottest(flow: f64, supply: f64) -> f64 {
    supply + 14.0 + 24.0 / flow
}

fn pue(flow: f64, supply: f64) -> f64 {
    1.068 + 0.012 * flow.powi(3) + 0.0011 * (supply - 34.0).powi(2) / 3.0
}

fn flow(step: u32) -> f64 {
    0.6 + f64::from(step) * 0.05
}

fn sweep(style: &Style) -> Result<Figure, PlotError> {
    let line = |name: &str, extra: f64| lines::Series {
        name: name.into(),
        points: (0..21)
            .map(|step| {
                (
                    flow(step),
                    (step != 3).then(|| hottest(flow(step), 30.0 + extra)),
                )
            })
            .collect(),
    };
    let data = lines::Data {
        caption: caption("Hottest GPU against the flow through each plate"),
        x: Quantity::new("Flow through each plate", "L/min"),
        y: Quantity::new("Temperature", "°C"),
        spacing: Spacing::Linear,
        series: vec![
            line("Mean GPU", 0.0),
            line("Hottest GPU", 9.0),
            line("Hottest memory", 11.0),
        ],
        limits: vec![limit("Design", 80.0), limit("Slowdown", 87.0)],
        marks: vec![lines::Mark {
            label: "Base case".into(),
            x: 1.0,
            y: hottest(1.0, 39.0),
        }],
        infeasible: vec![(0.6, 0.68)],
    };
    lines::draw(&data, style)
}

fn grid_lines(style: &Style) -> Result<Figure, PlotError> {
    let data = family::Data {
        caption: caption("Design PUE against flow, for several supply temperatures"),
        x: Quantity::new("Flow through each plate", "L/min"),
        y: Quantity::new("PUE", ""),
        by: Quantity::new("Supply", "°C"),
        members: (0..9)
            .map(|line| {
                let supply = 20.0 + 3.0 * f64::from(line);
                family::Member {
                    value: format!("{supply}"),
                    points: (0..21)
                        .map(|step| (flow(step), Some(pue(flow(step), supply))))
                        .collect(),
                }
            })
            .collect(),
        limits: vec![limit("Target", 1.12)],
        marks: Vec::new(),
    };
    family::draw(&data, style)
}

fn plane(style: &Style) -> Result<Figure, PlotError> {
    let xs: Vec<f64> = (0..21).map(flow).collect();
    let ys: Vec<f64> = (0..19).map(|step| 20.0 + 1.5 * f64::from(step)).collect();
    let points: Vec<(f64, f64)> = ys
        .iter()
        .flat_map(|&y| xs.iter().map(move |&x| (x, y)))
        .collect();
    let data = contour::Data {
        caption: caption("Design PUE over flow and supply temperature"),
        x: Quantity::new("Flow through each plate", "L/min"),
        y: Quantity::new("Supply temperature", "°C"),
        z: Quantity::new("PUE", ""),
        values: points
            .iter()
            .map(|&(x, y)| (y < 46.0 || x > 0.65).then(|| pue(x, y)))
            .collect(),
        margins: points.iter().map(|&(x, y)| 76.0 - hottest(x, y)).collect(),
        optimum: Some(lines::Mark {
            label: "Optimum, PUE 1.073".into(),
            x: 0.85,
            y: 33.5,
        }),
        xs,
        ys,
    };
    contour::draw(&data, style)
}

fn months(style: &Style) -> Result<Figure, PlotError> {
    let season = |month: u32| (f64::from(month) - 6.0).abs() / 6.0;
    let layer = |name: &str, base: f64, warm: f64| stacked::Layer {
        name: name.into(),
        values: (0..12)
            .map(|month| base + warm * (1.0 - season(month)))
            .collect(),
        color: None,
    };
    let names = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let data = stacked::Data {
        caption: caption("Energy beyond the IT equipment, by month"),
        quantity: Quantity::new("Energy", "GWh"),
        columns: names.map(String::from).to_vec(),
        layers: vec![
            layer("Electrical losses", 2.9, 0.1),
            layer("Pumps", 2.3, 0.4),
            layer("Air handlers", 1.4, 0.1),
            layer("Tower fans", 0.5, 1.1),
            layer("Chillers", 0.0, 0.9),
        ],
    };
    stacked::draw(&data, style)
}

fn hourly() -> Vec<f64> {
    (0..8760)
        .map(|hour| {
            let day = f64::from(hour) / 24.0;
            let seasonal = -(std::f64::consts::TAU * (day - 15.0) / 365.0).cos();
            let daily = -(std::f64::consts::TAU * (day - 4.0 / 24.0)).cos();
            14.0 + 9.0 * seasonal + 3.5 * daily + 1.6 * spread(hour as usize / 30)
        })
        .collect()
}

fn hours(style: &Style) -> Result<Figure, PlotError> {
    let at = |base: f64, slope: f64| {
        hourly()
            .iter()
            .map(|t| base + slope * (t - 8.0).max(0.0).powi(2))
            .collect()
    };
    let data = duration::Data {
        caption: caption("Site power by hours of the year"),
        quantity: Quantity::new("Site power", "MW"),
        series: vec![
            duration::Series {
                name: "Supply 30 °C".into(),
                values: at(128.4, 0.009),
                hours: Vec::new(),
            },
            duration::Series {
                name: "Supply 35 °C".into(),
                values: at(128.1, 0.004),
                hours: Vec::new(),
            },
        ],
        limits: vec![limit("Feed rating", 132.0)],
    };
    duration::draw(&data, style)
}

fn year(style: &Style) -> Result<Figure, PlotError> {
    let mut values: Vec<Option<f64>> = hourly().into_iter().map(Some).collect();
    values[4000..4005].fill(None);
    let data = calendar::Data {
        caption: caption("Outdoor wet-bulb temperature"),
        quantity: Quantity::new("Wet bulb", "°C"),
        values,
        limits: vec![limit("Design", 26.0), limit("Record", 40.0)],
    };
    calendar::draw(&data, style)
}

fn sensitivity(style: &Style) -> Result<Figure, PlotError> {
    let row = |label: &str, low_label: &str, high_label: &str, low, high| tornado::Input {
        label: label.into(),
        low_label: low_label.into(),
        high_label: high_label.into(),
        low,
        high,
    };
    let data = tornado::Data {
        caption: caption("What moves the design PUE"),
        quantity: Quantity::new("PUE", ""),
        base: 1.092,
        inputs: vec![
            row("Fan power of the towers", "−20%", "+20%", 1.0885, 1.0955),
            row("UPS efficiency", "94.5%", "98.5%", 1.116, 1.078),
            row(
                "Facility supply temperature",
                "20 °C",
                "32 °C",
                1.131,
                1.081,
            ),
            row("Heat caught by plates", "65%", "85%", 1.101, 1.085),
            row(
                "Flow through each plate",
                "0.8 L/min",
                "1.4 L/min",
                1.0895,
                1.0993,
            ),
        ],
    };
    tornado::draw(&data, style)
}
