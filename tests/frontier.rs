//! Frontier: what the model predicts against what was published, kept as a table in
//! `docs/frontier.md`. `UPDATE_DOCS=1 cargo test --test frontier` writes the table anew.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::PathBuf;

use loopwatt::hall::LoadOptions;
use loopwatt::result::gather;
use loopwatt::study::{self, Run};
use loopwatt::world::Disk;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn run(state: &str, set: Vec<String>) -> Run {
    let options = LoadOptions {
        set,
        state: Some(state.to_owned()),
    };
    let path = root().join("models/halls/frontier.toml");
    let run = study::run(&Disk, &path, &options).unwrap_or_else(|error| panic!("{error}"));
    assert!(run.result.balance.energy_relative < 1e-9);
    run
}

/// A quasi-steady hour of 7 April 2024.
struct Point {
    name: &'static str,
    it_mw: f64,
    wet_bulb: f64,
    hot_flow: f64,
    tower_flow: f64,
    fans: f64,
    cells: f64,
    hot_pumps: (f64, f64),
    tower_pumps: (f64, f64),
    exchangers: f64,
    hot_supply: f64,
    hot_return: f64,
    tower_supply: f64,
    tower_return: f64,
    heat_hot: f64,
    heat_tower: f64,
}

/// Load and wet bulb: HewlettPackard/sustain-lc, `input_04-07-24.csv` (MIT). Plant readings: facility
/// telemetry of that day as quoted in yifrankliu/NVAITC.
const POINTS: [Point; 4] = [
    Point {
        name: "A",
        it_mw: 24.423,
        wet_bulb: 4.33,
        hot_flow: 970.0,
        tower_flow: 2517.0,
        fans: 0.992,
        cells: 11.0,
        hot_pumps: (1.0, 69.2),
        tower_pumps: (4.0, 54.2),
        exchangers: 4.0,
        hot_supply: 13.18,
        hot_return: 36.35,
        tower_supply: 12.78,
        tower_return: 22.39,
        heat_hot: 26.09,
        heat_tower: 28.10,
    },
    Point {
        name: "B",
        it_mw: 6.683,
        wet_bulb: 4.00,
        hot_flow: 679.0,
        tower_flow: 1301.0,
        fans: 0.581,
        cells: 11.0,
        hot_pumps: (1.0, 58.9),
        tower_pumps: (3.0, 26.2),
        exchangers: 3.0,
        hot_supply: 11.23,
        hot_return: 21.82,
        tower_supply: 11.22,
        tower_return: 17.11,
        heat_hot: 8.36,
        heat_tower: 8.90,
    },
    Point {
        name: "E",
        it_mw: 24.913,
        wet_bulb: 8.00,
        hot_flow: 1139.0,
        tower_flow: 2960.0,
        fans: 0.998,
        cells: 13.0,
        hot_pumps: (1.0, 74.6),
        tower_pumps: (4.0, 56.6),
        exchangers: 4.0,
        hot_supply: 15.62,
        hot_return: 36.02,
        tower_supply: 15.28,
        tower_return: 23.33,
        heat_hot: 27.00,
        heat_tower: 27.69,
    },
    Point {
        name: "F",
        it_mw: 11.680,
        wet_bulb: 11.17,
        hot_flow: 921.0,
        tower_flow: 1530.0,
        fans: 0.989,
        cells: 7.0,
        hot_pumps: (1.0, 66.8),
        tower_pumps: (2.0, 53.2),
        exchangers: 2.0,
        hot_supply: 17.71,
        hot_return: 30.02,
        tower_supply: 16.61,
        tower_return: 24.56,
        heat_hot: 13.16,
        heat_tower: 14.12,
    },
];

const NODES: f64 = 9472.0;

impl Point {
    /// What was measured and goes in.
    fn inputs(&self) -> Vec<String> {
        let gpu = self.it_mw * 1e6 / NODES / 4.0;
        [
            format!("site.wet_bulb={} degC", self.wet_bulb),
            // The dry bulb is not in the data: it moves only the air's density.
            format!("site.dry_bulb={} degC", self.wet_bulb + 5.0),
            "parts.site-cabinet.base=measured-cabinet".to_owned(),
            format!("parts.measured-node.gpu.rated_power={gpu} W"),
            "parts.site-cdu.valve_control=fixed".to_owned(),
            "equipment.hot-water-pumps.control=flow".to_owned(),
            format!("equipment.hot-water-pumps.flow={} m3/h", self.hot_flow),
            format!("equipment.hot-water-pumps.running={}", self.hot_pumps.0),
            "equipment.hot-water-pumps.staging=fixed".to_owned(),
            "equipment.tower-pumps.control=flow".to_owned(),
            format!("equipment.tower-pumps.flow={} m3/h", self.tower_flow),
            format!("equipment.tower-pumps.running={}", self.tower_pumps.0),
            "equipment.exchangers.staging=fixed".to_owned(),
            format!("equipment.exchangers.running={}", self.exchangers),
        ]
        .to_vec()
    }

    /// The plant from the weather on, by one of the tower's methods.
    fn by_weather(&self, method: &str) -> Run {
        self.with_cells(method, self.cells)
    }

    /// The same with another number of cells than ran.
    fn with_cells(&self, method: &str, cells: f64) -> Run {
        let mut set = self.inputs();
        set.extend([
            "parts.site-towers.staging=fixed".to_owned(),
            "parts.site-towers.control=speed".to_owned(),
            format!("parts.site-towers.speed={}", self.fans),
            "parts.site-towers.count=128".to_owned(),
            format!("parts.site-towers.running={cells}"),
            format!("parts.site-towers.method={method}"),
        ]);
        run("peak", set)
    }

    /// Cells of the published rating that would give the measured tower water, at the measured fan speed.
    fn cells_needed(&self, method: &str) -> Option<f64> {
        let excess = |cells: f64| {
            self.with_cells(method, cells).result.loops["tower"].supply_c - self.tower_supply
        };
        let (mut few, mut many) = (self.cells, 128.0);
        let (mut above, mut below) = (excess(few), excess(many));
        if below > 0.0 {
            return None;
        }
        while many - few > 1.0 {
            let middle = f64::midpoint(few, many).floor();
            let found = excess(middle);
            if found > 0.0 {
                (few, above) = (middle, found);
            } else {
                (many, below) = (middle, found);
            }
        }
        Some(few + above / (above - below))
    }

    /// The plant from the measured tower water on.
    fn by_tower_water(&self, conductance: f64) -> Run {
        let mut set = self.inputs();
        set.extend([
            "equipment.towers.part=measured-tower-water".to_owned(),
            format!(
                "parts.measured-tower-water.supply_temperature={} degC",
                self.tower_supply
            ),
            format!("equipment.exchangers.conductance={conductance} MW/K"),
        ]);
        run("peak", set)
    }
}

fn quantity(run: &Run, path: &str, name: &str) -> f64 {
    let parts = gather::gather(&run.network, &run.solution);
    let part = parts.iter().find(|part| part.path == path).unwrap();
    let found = part.report.quantities.iter().find(|q| q.name == name);
    found.unwrap().value
}

/// Rows of a Markdown table.
fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = String::new();
    let rule = vec!["---"; head.len()];
    for cells in [head, &rule] {
        writeln!(text, "| {} |", cells.join(" | ")).unwrap();
    }
    for row in rows {
        writeln!(text, "| {} |", row.join(" | ")).unwrap();
    }
    text
}

/// Value and error against a reading.
fn against(model: f64, measured: f64, digits: usize) -> String {
    // No negative zero.
    let error = model - measured + 0.0;
    format!("{model:.digits$} ({error:+.digits$})")
}

/// Machine power, MW: cabinets and CDUs.
fn machine(run: &Run) -> f64 {
    let equipment = run.result.equipment.iter();
    let cdus: f64 = equipment
        .filter(|e| e.kind == "cdu")
        .map(|e| e.power_w)
        .sum();
    (run.result.facility.it_power_w + cdus) / 1e6
}

fn power_table() -> String {
    let published = [
        ("idle", "ExaDigiT RAPS", 7.3065, 1e-3),
        ("peak", "ExaDigiT RAPS", 28.228, 1e-3),
        ("idle", "telemetry, SC24 paper", 7.4, 0.05),
        ("peak", "telemetry, SC24 paper", 27.4, 0.05),
    ];
    let rows = published.map(|(state, source, value, tolerance)| {
        let model = machine(&run(state, Vec::new()));
        let error = model / value - 1.0;
        assert!(error.abs() < tolerance, "{state} {source}: {model}");
        let [value, model] = [format!("{value}"), format!("{model:.4}")];
        vec![
            state.to_owned(),
            source.to_owned(),
            value,
            model,
            format!("{:+.2} %", error * 100.0),
        ]
    });
    table(
        &[
            "State",
            "Published by",
            "Published, MW",
            "Model, MW",
            "Error",
        ],
        &rows,
    )
}

/// From tower water, flows and load.
fn water_table() -> String {
    let mut rows = Vec::new();
    for p in &POINTS {
        let runs = [4.04, 2.5, 1.7].map(|conductance| p.by_tower_water(conductance));
        let [supply, ..] = runs
            .each_ref()
            .map(|run| run.result.loops["hot-water"].supply_c);
        assert!((supply - p.hot_supply).abs() < 1.0, "{}: {supply}", p.name);
        let loops = &runs[0].result.loops;
        let mut row = |what: &str, measured: f64, digits: usize, models: &[f64]| {
            let mut cells = vec![
                p.name.to_owned(),
                what.to_owned(),
                format!("{measured:.digits$}"),
            ];
            cells.extend(models.iter().map(|model| against(*model, measured, digits)));
            cells.resize(6, String::new());
            rows.push(cells);
        };
        let of = |get: fn(&loopwatt::result::LoopResult) -> f64| {
            runs.each_ref()
                .map(|run| get(&run.result.loops["hot-water"]))
        };
        row(
            "hot-water supply, degC",
            p.hot_supply,
            2,
            &of(|l| l.supply_c),
        );
        row(
            "hot-water return, degC",
            p.hot_return,
            2,
            &of(|l| l.return_c),
        );
        row(
            "tower return, degC",
            p.tower_return,
            2,
            &[loops["tower"].return_c],
        );
        row(
            "heat to hot water, MW",
            p.heat_hot,
            2,
            &[loops["hot-water"].heat_w / 1e6],
        );
        row(
            "heat to tower water, MW",
            p.heat_tower,
            2,
            &[loops["tower"].heat_w / 1e6],
        );
        for (pumps, (_, speed), what) in [
            (
                "hot-water-pumps",
                p.hot_pumps,
                "speed of hot-water pumps, %",
            ),
            ("tower-pumps", p.tower_pumps, "speed of tower pumps, %"),
        ] {
            row(
                what,
                speed,
                1,
                &[100.0 * quantity(&runs[0], pumps, "relative speed")],
            );
        }
    }
    let head = [
        "Point",
        "Reading",
        "Measured",
        "4.04 MW/K",
        "2.5 MW/K",
        "1.7 MW/K",
    ];
    table(&head, &rows)
}

/// From the weather.
fn weather_table() -> String {
    let mut rows = Vec::new();
    for p in &POINTS {
        let loops = ["york", "cooltools", "merkel"].map(|method| p.by_weather(method).result.loops);
        for (what, path, measured, get) in [
            ("tower supply, degC", "tower", p.tower_supply, true),
            ("tower return, degC", "tower", p.tower_return, false),
            ("hot-water supply, degC", "hot-water", p.hot_supply, true),
            ("hot-water return, degC", "hot-water", p.hot_return, false),
        ] {
            let mut cells = vec![p.name.to_owned(), what.to_owned(), format!("{measured:.2}")];
            cells.extend(loops.each_ref().map(|l| {
                against(
                    if get {
                        l[path].supply_c
                    } else {
                        l[path].return_c
                    },
                    measured,
                    2,
                )
            }));
            rows.push(cells);
        }
    }
    table(
        &[
            "Point",
            "Reading",
            "Measured",
            "York",
            "CoolTools",
            "Merkel",
        ],
        &rows,
    )
}

/// What would have to be different for the measured tower water.
fn cells_table() -> String {
    /// Heat of a cell at its published rating, MW: 62.9 kg/s over 5.56 K.
    const RATED: f64 = 62.9 * 4.181e-3 * 5.56;
    let rows = POINTS.each_ref().map(|p| {
        let mut cells = vec![
            p.name.to_owned(),
            format!("{} at {:.1} %", p.cells, 100.0 * p.fans),
            format!("{:.2}", p.heat_tower / p.cells / RATED),
            format!("{:.2}", p.tower_supply - p.wet_bulb),
        ];
        for method in ["york", "merkel"] {
            let all = p.with_cells(method, 16.0).result.loops["tower"].supply_c;
            cells.push(against(all, p.tower_supply, 2));
            let needed = p.cells_needed(method);
            cells.push(needed.map_or("none is enough".to_owned(), |cells| format!("{cells:.1}")));
        }
        cells
    });
    let head = [
        "Point",
        "Cells, fan speed",
        "Heat of a cell, of rated",
        "Approach, K",
        "York, 16 cells",
        "York, cells needed",
        "Merkel, 16 cells",
        "Merkel, cells needed",
    ];
    table(&head, &rows)
}

/// Published bands of PUE in 2023: IT power from and to, MW, least and greatest PUE.
const BANDS: [(f64, f64, f64, f64); 2] = [(25.0, 28.0, 1.03, 1.05), (9.0, 12.0, 1.06, 1.08)];

/// The band at an IT power, which may lie a megawatt beyond its ends.
fn band(it: f64) -> Option<(f64, f64)> {
    let found = BANDS
        .iter()
        .find(|(least, most, ..)| (least - 1.0..most + 1.0).contains(&it));
    found.map(|(.., low, high)| (*low, *high))
}

/// PUE and how far it lies off its band.
fn off_band(pue: f64, band: Option<(f64, f64)>) -> String {
    match band {
        None => format!("{pue:.4}"),
        Some((low, _)) if pue < low => format!("{pue:.4} ({:+.4})", pue - low),
        Some((_, high)) if pue > high => format!("{pue:.4} ({:+.4})", pue - high),
        Some(_) => format!("{pue:.4} (within)"),
    }
}

/// The points, and the plant's own controls on a mild day, by York's and by Merkel's method.
fn pue_runs() -> Vec<(&'static str, [Run; 2])> {
    let methods = ["york", "merkel"];
    let mut all: Vec<_> = POINTS
        .iter()
        .map(|p| (p.name, methods.map(|method| p.by_weather(method))))
        .collect();
    for state in ["peak", "idle"] {
        let own = |method| run(state, vec![format!("parts.site-towers.method={method}")]);
        all.push((state, methods.map(own)));
    }
    all
}

fn pue_table() -> String {
    let mut rows = Vec::new();
    for (name, runs) in pue_runs() {
        let [york, merkel] = runs.each_ref().map(|run| &run.result.facility);
        let it = york.it_power_w / 1e6;
        let band = band(it);
        for facility in [york, merkel] {
            let pue = facility.pue.unwrap();
            if let Some((low, high)) = band {
                assert!((low - 0.01..high + 0.01).contains(&pue), "{name}: {pue}");
            }
        }
        let line = 1.02 + 0.5 / it;
        let (by_york, by_merkel) = (york.pue.unwrap(), merkel.pue.unwrap());
        rows.push(vec![
            name.to_owned(),
            format!("{it:.2}"),
            band.map_or("none".to_owned(), |(low, high)| format!("{low} to {high}")),
            off_band(by_york, band),
            off_band(by_merkel, band),
            format!("{line:.4}"),
            format!("{:+.4}", by_york - line),
            format!("{:.4}", york.pue_rack_pdu.unwrap()),
        ]);
    }
    let head = [
        "Point",
        "IT, MW",
        "Band of 2023",
        "York (off the band)",
        "Merkel",
        "1.02 + 0.5 MW/IT",
        "York off that line",
        "CDUs as IT",
    ];
    table(&head, &rows)
}

/// What `docs/validation.md` says of Frontier.
fn summary() -> String {
    let mut rows = Vec::new();
    let mut row = |what: String, published: String, model: String, basis: &str| {
        rows.push(vec![what, published, model, basis.to_owned()]);
    };
    for (state, source, value) in [
        ("idle", "simulator RAPS", 7.3065),
        ("peak", "simulator RAPS", 28.228),
        ("idle", "telemetry", 7.4),
        ("peak", "telemetry", 27.4),
    ] {
        let model = machine(&run(state, Vec::new()));
        row(
            format!("Power, {state}, MW"),
            format!("{value} ({source})"),
            format!("{model:.4} ({:+.2} %)", 100.0 * (model / value - 1.0)),
            "configuration and component parameters",
        );
    }
    for p in &POINTS {
        let loops = p.by_tower_water(4.04).result.loops;
        for (what, measured, model) in [
            (
                "Hot-water supply",
                p.hot_supply,
                loops["hot-water"].supply_c,
            ),
            (
                "Hot-water return",
                p.hot_return,
                loops["hot-water"].return_c,
            ),
            ("Tower return", p.tower_return, loops["tower"].return_c),
        ] {
            let basis = "load, flows, tower water";
            row(
                format!("{what}, {}, degC", p.name),
                format!("{measured:.2}"),
                against(model, measured, 2),
                basis,
            );
        }
    }
    for p in &POINTS {
        let [york, merkel] =
            ["york", "merkel"].map(|method| p.by_weather(method).result.loops["tower"].supply_c);
        row(
            format!("Tower water, {}, degC", p.name),
            format!("{:.2}", p.tower_supply),
            format!(
                "York {}, Merkel {}",
                against(york, p.tower_supply, 2),
                against(merkel, p.tower_supply, 2)
            ),
            "load, flows, cells, fan speed, wet bulb: a miss",
        );
    }
    for (name, runs) in pue_runs() {
        let [york, merkel] = runs.each_ref().map(|run| &run.result.facility);
        let Some(band) = band(york.it_power_w / 1e6) else {
            continue;
        };
        let of = |pue: Option<f64>| off_band(pue.unwrap(), Some(band));
        row(
            format!("PUE, {name}"),
            format!("{} to {}", band.0, band.1),
            format!("York {}, Merkel {}", of(york.pue), of(merkel.pue)),
            "as above; peak: the plant's own controls",
        );
    }
    table(
        &[
            "Quantity",
            "Published or measured",
            "Predicted (off by)",
            "From",
        ],
        &rows,
    )
}

/// The tables in the book are those that the model gives now.
#[test]
fn tables_in_the_book_are_current() {
    let chapter = [
        ("power", power_table()),
        ("water", water_table()),
        ("weather", weather_table()),
        ("cells", cells_table()),
        ("pue", pue_table()),
    ];
    current("docs/frontier.md", &chapter);
    current("docs/validation.md", &[("frontier", summary())]);
}

/// Holds the tables of a page, between `<!-- NAME -->` and `<!-- end NAME -->`, to these; or writes them.
fn current(page: &str, tables: &[(&str, String)]) {
    let path = root().join(page);
    let old = std::fs::read_to_string(&path).unwrap();
    let mut new = old.clone();
    for (name, text) in tables {
        let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- end {name} -->"));
        let start = new.find(&open).unwrap_or_else(|| panic!("no {open}")) + open.len();
        let end = new.find(&close).unwrap_or_else(|| panic!("no {close}"));
        new.replace_range(start..end, text);
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, new).unwrap();
    } else {
        assert_eq!(
            old, new,
            "UPDATE_DOCS=1 cargo test --test frontier writes the tables anew"
        );
    }
}

/// The given load arrives: a replay's IT power is the measured one.
#[test]
fn a_replay_takes_the_measured_load() {
    for p in &POINTS {
        let result = p.by_weather("merkel").result;
        assert!(
            (result.facility.it_power_w / 1e6 / p.it_mw - 1.0).abs() < 1e-9,
            "{}",
            p.name
        );
        let heat = result.loops["hot-water"].heat_w / 1e6;
        // Beside load and the fixed 1.6 MW only the shafts of the CDUs' pumps.
        assert!(
            (heat - p.it_mw - 1.6 - 0.07).abs() < 0.02,
            "{}: {heat}",
            p.name
        );
    }
}
