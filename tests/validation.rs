//! What the model predicts against what was published, kept as a table in `docs/validation.md`.
//! `UPDATE_DOCS=1 cargo test --test validation` writes the table anew.
//!
//! A row that was used to make the part that it asks for says so: it shows that the part meets its
//! source, no more.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::PathBuf;

use loopwatt::fluid::{Fluid, FluidKind};
use loopwatt::hall::LoadOptions;
use loopwatt::study::{self, Run};
use loopwatt::world::Disk;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn run(name: &str, state: &str, set: &[&str]) -> Run {
    let options = LoadOptions {
        set: set.iter().map(|s| (*s).to_owned()).collect(),
        state: Some(state.to_owned()),
    };
    study::run(&Disk, &root().join(name), &options)
        .unwrap_or_else(|error| panic!("{name} {set:?}: {error}"))
}

/// One rack at a coolant temperature (°C) and flow (L/min).
fn rack(part: &str, fluid: &str, temperature: f64, flow: f64, state: &str) -> Run {
    run(
        "tests/halls/one-rack.toml",
        state,
        &[
            &format!("racks.rack.part={part}"),
            &format!("loops.coolant.fluid={fluid}"),
            &format!("equipment.coolant.supply_temperature={temperature} degC"),
            &format!("equipment.coolant.flow={flow} L/min"),
        ],
    )
}

fn coolant(run: &Run) -> &loopwatt::result::LoopResult {
    &run.result.loops["coolant"]
}

/// How a prediction stands to what was published.
#[derive(Clone, Copy)]
enum Basis {
    /// Nothing of this row went into the part.
    Independent,
    /// The part was made from this number, or from another of the same table.
    Made,
}

struct Row {
    what: &'static str,
    /// Lowest and highest published value.
    published: (f64, f64),
    predicted: f64,
    unit: &'static str,
    basis: Basis,
    /// Deviation from the published band that the test allows, in the unit.
    allowed: f64,
    source: &'static str,
    /// Cause of a miss, or what limits the comparison.
    note: &'static str,
}

impl Row {
    fn miss(&self) -> f64 {
        let (low, high) = self.published;
        (low - self.predicted).max(self.predicted - high).max(0.0)
    }
}

fn fluids(rows: &mut Vec<Row>) {
    let pg25 = Fluid::from_volume_fraction(FluidKind::PropyleneGlycol, 0.25).unwrap();
    let t = 313.15;
    let mut row = |what, published, predicted, unit, allowed, note| {
        rows.push(Row {
            what,
            published,
            predicted,
            unit,
            basis: Basis::Independent,
            allowed,
            source: "DOWFROST LC 25 data sheets of 2022 and 2023, by way of dealers",
            note,
        });
    };
    row(
        "PG25 at 40 °C: density",
        (1022.5, 1024.4),
        pg25.density(t),
        "kg/m³",
        15.0,
        "a heat-transfer fluid with inhibitors, against glycol and water alone",
    );
    row(
        "PG25 at 40 °C: specific heat",
        (3920.0, 3920.0),
        pg25.specific_heat(t),
        "J/(kg K)",
        60.0,
        "",
    );
    row(
        "PG25 at 40 °C: conductivity",
        (0.476, 0.476),
        pg25.conductivity(t),
        "W/(m K)",
        0.02,
        "",
    );
    row(
        "PG25 at 40 °C: viscosity",
        (1.39, 1.58),
        1e3 * pg25.viscosity(t),
        "mPa s",
        0.15,
        "the two editions are 14 % apart",
    );
}

fn racks(rows: &mut Vec<Row>) {
    let gb300 = |t, q| rack("gb300-nvl72", "water", t, q, "nameplate");
    let lenovo = "Lenovo LP2357, Table 27 (GB300 NVL72): supply, flow and pressure drop";
    for (what_t, what_p, t, q, psi) in [
        (
            "GB300 rack, 25 °C at 59 L/min: return",
            "the same: pressure drop",
            25.0,
            59.0,
            2.3,
        ),
        (
            "GB300 rack, 35 °C at 89 L/min: return",
            "the same: pressure drop",
            35.0,
            89.0,
            4.9,
        ),
        (
            "GB300 rack, 45 °C at 177 L/min: return",
            "the same: pressure drop",
            45.0,
            177.0,
            18.4,
        ),
    ] {
        let found = gb300(t, q);
        rows.push(Row {
            what: what_t,
            published: (54.8, 55.2),
            predicted: coolant(&found).return_c,
            unit: "°C",
            basis: Basis::Independent,
            allowed: 1.5,
            source: "the same table: 121.5 kW of liquid heat, decoded to a return of 55 °C",
            note: "the tray's liquid heat is assumed to be 90 % of 135 kW",
        });
        rows.push(Row {
            what: what_p,
            published: (psi, psi),
            predicted: coolant(&found).dp_sensor_pa / 6894.757,
            unit: "psi",
            basis: Basis::Made,
            allowed: 0.25 * psi,
            source: lenovo,
            note: "plates from the first point's exponent and shares of another study",
        });
    }
    let gb200 = rack("gb200-nvl72", "pg25", 45.0, 130.0, "nameplate");
    let liquid = coolant(&gb200).heat_w / 1e3;
    let hpe = "HPE QuickSpecs: 132 kW = 115 liquid + 17 air";
    for (what, published, predicted) in [
        (
            "GB200 NVL72 at nameplate: power",
            132.0,
            gb200.result.facility.it_power_w / 1e3,
        ),
        ("the same: heat into the coolant", 115.0, liquid),
        (
            "the same: heat into the air",
            17.0,
            gb200.result.facility.it_power_w / 1e3 - liquid,
        ),
    ] {
        rows.push(Row {
            what,
            published: (published, published),
            predicted,
            unit: "kW",
            basis: Basis::Made,
            allowed: 3.0,
            source: hpe,
            note: "what remains of the sum is shared out among the trays",
        });
    }
    rows.push(Row {
        what: "GB200 NVL72 at 130 L/min: pressure drop of the rack",
        published: (69.0, 69.0),
        predicted: coolant(&gb200).dp_sensor_pa / 1e3,
        unit: "kPa",
        basis: Basis::Independent,
        allowed: 35.0,
        source: "MGX/OCP 1.1: about 10 psi a node with its couplings, at up to 130 L/min a rack",
        note: "PG25 of 45 °C; the plates are those of the GB300 table, in water",
    });
    let lenovo_h100 = rack("sd650-n-v3-enclosure", "water", 45.0, 180.0, "nameplate");
    rows.push(Row {
        what: "H100 tray at 45 °C and 5 L/min: hottest junction",
        published: (45.0, 87.0),
        predicted: lenovo_h100.result.gpus.temperature_max_c.unwrap(),
        unit: "°C",
        basis: Basis::Independent,
        allowed: 0.0,
        source: "Lenovo LP1834 rates the tray for 45 °C at 5 L/min: below the 87 °C at which it would slow down",
        note: "a bound, not a measurement",
    });
    let cool = |t| {
        let run = rack("supermicro-hgx-h100-64", "pg25", t, 80.0, "nameplate");
        run.result.gpus.temperature_mean_c.unwrap()
    };
    rows.push(Row {
        what: "H100 under load in a liquid-cooled node, coolant of 17.5 °C",
        published: (41.0, 50.0),
        predicted: cool(17.5),
        unit: "°C",
        basis: Basis::Independent,
        allowed: 3.0,
        source: "arXiv 2507.16781: 41 to 50 °C; the coolant's temperature is not stated, 15 to 20 °C assumed",
        note: "one kelvin of coolant is one of junction",
    });
    let node = |state| {
        rack("supermicro-hgx-h100-64", "pg25", 40.0, 80.0, state)
            .result
            .facility
            .it_power_w
            / 8e3
    };
    rows.push(Row {
        what: "HGX H100 node in training",
        published: (7.2, 7.8),
        predicted: node("training"),
        unit: "kW",
        basis: Basis::Made,
        allowed: 0.2,
        source: "76 % of 10.2 kW (arXiv 2506.14551), less the fans that liquid cooling saves",
        note: "the training load of the example halls is chosen for it",
    });
    rows.push(Row {
        what: "HGX H100 node, everything at its rating",
        published: (9.0, 9.0),
        predicted: node("nameplate"),
        unit: "kW",
        basis: Basis::Made,
        allowed: 0.2,
        source: "bill of power of the DGX H100 and the HGX H200, third-party transcriptions",
        note: "",
    });
}

fn sites(rows: &mut Vec<Row>) {
    let hall = "models/halls/colossus.toml";
    let (nameplate, training) = (run(hall, "nameplate", &[]), run(hall, "training", &[]));
    let mw = |w: f64| w / 1e6;
    for (what, published, predicted, note) in [
        (
            "100,000 H100: GPUs at their rating",
            (70.0, 70.0),
            mw(nameplate.result.gpus.power_w),
            "arithmetic: 100,000 x 700 W",
        ),
        (
            "100,000 H100: IT at nameplate",
            (138.9, 150.0),
            mw(nameplate.result.facility.it_power_w),
            "published for air-cooled boxes of 10.2 kW; ours are liquid-cooled of 9.1 kW: a miss by design",
        ),
        (
            "100,000 H100: IT in training",
            (107.0, 116.0),
            mw(training.result.facility.it_power_w),
            "from air-cooled measurements of 7.75 to 8.4 kW a box; liquid cooling saves about 1 kW of fans",
        ),
        (
            "100,000 H100: the site in training",
            (118.0, 145.0),
            mw(training.result.facility.power_w),
            "a band from the same measurements at a PUE of 1.10 to 1.25; the contract is 150 MW",
        ),
    ] {
        rows.push(Row {
            what,
            published,
            predicted,
            unit: "MW",
            basis: Basis::Independent,
            allowed: 20.0,
            source: "SemiAnalysis (1,389 W of IT a GPU, rounded to 150 MW); BNL and arXiv 2506.14551 for training",
            note,
        });
    }
    let cooling = &training.result;
    let sinks = |f: fn(&loopwatt::result::HeatSink) -> f64| -> f64 {
        cooling.heat_sinks.iter().map(f).sum()
    };
    let heat_kw = sinks(|s| s.watts) / 1e3;
    rows.push(Row {
        what: "Towers on the design day: water evaporated per heat",
        published: (1.3, 1.5),
        predicted: sinks(|s| s.evaporation_l_per_h) / heat_kw,
        unit: "L/kWh",
        basis: Basis::Independent,
        allowed: 0.1,
        source: "rule of thumb; the latent limit is 1.48",
        note: "the design day's air is warmer than the water that leaves, so evaporation cools the air as well",
    });
    rows.push(Row {
        what: "Towers on the design day: make-up per heat",
        published: (1.7, 1.9),
        predicted: cooling.facility.water_l_per_h / heat_kw,
        unit: "L/kWh",
        basis: Basis::Independent,
        allowed: 0.2,
        source: "rule of thumb for 4 to 6 cycles of concentration",
        note: "",
    });
    let cdus: f64 = cooling
        .power
        .iter()
        .filter(|row| row.kind == "cdu")
        .map(|row| row.watts)
        .sum();
    let liquid: f64 = cooling
        .loops
        .iter()
        .filter(|(name, _)| name.ends_with("coolant"))
        .map(|(_, l)| l.heat_w)
        .sum();
    rows.push(Row {
        what: "In-rack CDUs: power over liquid heat",
        published: (0.7, 1.2),
        predicted: 100.0 * cdus / liquid,
        unit: "%",
        basis: Basis::Independent,
        allowed: 0.3,
        source: "875 W of 121 kW (CoolChip 121), 13.7 of 1,368 kW (XDU1350)",
        note: "units rated for 250 kW that carry 46",
    });
}

fn units(rows: &mut Vec<Row>) {
    let full = run("tests/halls/cdu-head.toml", "full", &[]);
    let found = coolant(&full);
    rows.push(Row {
        what: "XDU1350 with three pumps on a system of 200 kPa at 1,800 L/min: flow",
        published: (1800.0, 1800.0),
        predicted: found.flow_kg_s / 995.65 * 60e3,
        unit: "L/min",
        basis: Basis::Independent,
        allowed: 200.0,
        source: "Vertiv data sheet, third-party transcription",
        note: "its curve is fitted to two pumps; what exchanger and filter inside take at 1.5 times the flow is not in it",
    });
}

fn all() -> Vec<Row> {
    let mut rows = Vec::new();
    fluids(&mut rows);
    racks(&mut rows);
    units(&mut rows);
    sites(&mut rows);
    rows
}

/// A number with about four digits.
fn short(value: f64) -> String {
    let digits = (3 - value.abs().log10().floor() as i32).clamp(0, 4) as usize;
    format!("{value:.digits$}")
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| Quantity | Published | Predicted | Off by | Basis | Source; what limits it |\n|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let (low, high) = row.published;
        let published = if low == high {
            short(low)
        } else {
            format!("{} to {}", short(low), short(high))
        };
        let off = match row.miss() {
            0.0 => "within".to_owned(),
            miss => format!(
                "{} ({:.1} %)",
                short(miss),
                100.0 * miss / if row.predicted < low { low } else { high }
            ),
        };
        let basis = match row.basis {
            Basis::Independent => "independent",
            Basis::Made => "part made from it",
        };
        let note = if row.note.is_empty() {
            String::new()
        } else {
            format!("; {}", row.note)
        };
        writeln!(
            text,
            "| {} | {published} {} | {} {} | {off} | {basis} | {}{note} |",
            row.what,
            row.unit,
            short(row.predicted),
            row.unit,
            row.source
        )
        .unwrap();
    }
    text
}

#[test]
fn predictions_stand_as_the_book_has_them() {
    let rows = all();
    let off: Vec<String> = rows
        .iter()
        .filter(|row| row.miss() > row.allowed)
        .map(|row| {
            format!(
                "{}: {} {} against {:?}",
                row.what, row.predicted, row.unit, row.published
            )
        })
        .collect();
    assert!(off.is_empty(), "{}", off.join("\n"));
    let path = root().join("docs/validation.md");
    let old = std::fs::read_to_string(&path).unwrap();
    let (open, close) = ("<!-- table -->\n", "<!-- end table -->");
    let start = old.find(open).unwrap() + open.len();
    let end = old.find(close).unwrap();
    let mut new = old.clone();
    new.replace_range(start..end, &table(&rows));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, new).unwrap();
    } else {
        assert_eq!(
            old, new,
            "UPDATE_DOCS=1 cargo test --test validation writes the table anew"
        );
    }
}
