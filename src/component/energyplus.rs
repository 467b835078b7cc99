//! Components against EnergyPlus 25.2, state by state; see `docs/energyplus.md`.
//!
//! The tables in `tests/energyplus/data` were made by the scripts in `tests/energyplus/generate`: what entered
//! the component of EnergyPlus in an hour, and what it answered. Each row of errors found here stands in the
//! chapter as it is written here, so that the chapter cannot say anything else.

#![allow(clippy::unwrap_used)]

use super::bench::Bench;
use super::{Component, Outdoor, chiller, dry_cooler, tower};
use crate::fluid::Fluid;
use crate::library::Library;
use crate::spec::{Field, FieldKind};

/// A table of EnergyPlus' answers: columns by the name before their unit.
struct Answers {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Answers {
    fn of(text: &str) -> Self {
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        let columns = reader
            .headers()
            .unwrap()
            .iter()
            .map(|name| name.split(' ').next().unwrap().to_owned());
        let columns = columns.collect();
        let rows = reader
            .records()
            .map(|row| row.unwrap().iter().map(str::to_owned).collect())
            .collect();
        Self { columns, rows }
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn text(&self, row: usize, column: &str) -> &str {
        &self.rows[row][self.columns.iter().position(|name| name == column).unwrap()]
    }

    fn number(&self, row: usize, column: &str) -> f64 {
        self.text(row, column).parse().unwrap()
    }

    /// A temperature, K.
    fn kelvin(&self, row: usize, column: &str) -> f64 {
        self.number(row, column) + 273.15
    }

    fn outdoor(&self, row: usize) -> Outdoor {
        Outdoor {
            dry_bulb: self.kelvin(row, "dry_bulb"),
            wet_bulb: self.kelvin(row, "wet_bulb"),
            humidity_ratio: self.number(row, "humidity_ratio"),
            pressure: self.number(row, "pressure"),
        }
    }
}

/// Errors of one quantity.
#[derive(Default)]
struct Errors(Vec<f64>);

impl Errors {
    fn push(&mut self, error: f64) {
        self.0.push(error.abs());
    }

    fn largest(&self) -> f64 {
        self.0.iter().copied().fold(0.0, f64::max)
    }

    /// Holds the largest error to its bound; gives the row for the chapter.
    #[track_caller]
    fn hold(&self, what: &str, unit: &str, scale: f64, bound: f64) -> String {
        let mean = self.0.iter().sum::<f64>() / self.0.len() as f64;
        let row = format!(
            "| {what} | {} | {:.2} {unit} | {:.2} {unit} | {} {unit} |",
            self.0.len(),
            mean * scale,
            self.largest() * scale,
            (bound * scale * 1e6).round() / 1e6,
        );
        println!("{row}");
        assert!(self.largest() <= bound, "{row}");
        row
    }
}

/// Holds the chapter to the rows.
#[track_caller]
fn written(rows: &[String]) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/energyplus.md");
    let chapter = std::fs::read_to_string(path).unwrap();
    for row in rows {
        assert!(chapter.contains(row), "docs/energyplus.md must hold\n{row}");
    }
}

fn quantity<C: Component>(bench: &Bench, name: &str) -> f64 {
    bench
        .report::<C>()
        .quantities
        .iter()
        .find(|q| q.name == name)
        .unwrap()
        .value
}

/// The component with the numbers of a library part.
fn part(fields: &'static [Field], wanted: impl Fn(&str) -> bool) -> Bench {
    let library = Library::embedded();
    let part = library.parts().find(|part| wanted(&part.source)).unwrap();
    let mut bench = Bench::new(fields);
    for number in library.numbers(part) {
        let field = fields.iter().find(|field| field.key == number.key).unwrap();
        let value = match field.kind {
            FieldKind::Number { dimension, .. } => dimension
                .parse(&number.value)
                .unwrap_or_else(|_| dimension.parse_bare(number.value.parse().unwrap()).unwrap()),
            _ => unreachable!(),
        };
        bench.set(field.key, value);
    }
    bench
}

/// Water that has the specific heat with which EnergyPlus gave this heat at this flow and difference.
fn water_of(heat: f64, flow: f64, difference: f64) -> Fluid {
    Fluid::constant(998.0, heat / (flow * difference), 1e-3, 0.6).unwrap()
}

/// Every set of curves of the library, at what EnergyPlus took and gave: the machine must take the same power.
fn chillers(text: &str, what: &str, clamped: bool) {
    let answers = Answers::of(text);
    let (mut power, mut leaving, mut continued) =
        (Errors::default(), Errors::default(), Errors::default());
    for row in 0..answers.len() {
        let number = |column: &str| answers.number(row, column);
        let kelvin = |column: &str| answers.kelvin(row, column);
        let name = format!("Chillers.idf, {}", answers.text(row, "chiller"));
        let mut bench = part(chiller::Parameters::<f64>::FIELDS, |source| {
            source.ends_with(&name)
        });
        bench.set("supply_temperature", kelvin("chilled_outlet"));
        bench.set("compatibility", if clamped { 1.0 } else { 0.0 });
        // Words are no numbers, so the library does not list them.
        bench.set("form", if name.contains("Reform") { 1.0 } else { 0.0 });
        bench.fluids = [
            water_of(
                number("load"),
                number("chilled_flow"),
                number("chilled_inlet") - number("chilled_outlet"),
            ),
            water_of(
                number("rejected"),
                number("condenser_flow"),
                number("condenser_outlet") - number("condenser_inlet"),
            ),
        ];
        bench.flow(0, number("chilled_flow"), kelvin("chilled_inlet"));
        bench.flow(1, number("condenser_flow"), kelvin("condenser_inlet"));
        bench.solve::<chiller::Chiller>();
        let found = bench.out::<chiller::Chiller>().power[0];
        power.push(found / number("power") - 1.0);
        leaving.push(bench.leaving::<chiller::Chiller>(1) - kelvin("condenser_outlet"));
        assert_eq!(
            bench.report::<chiller::Chiller>().warnings.is_empty(),
            !clamped,
            "{name}, row {row}"
        );
        if clamped {
            bench.set("compatibility", 0.0).solve::<chiller::Chiller>();
            continued.push(bench.out::<chiller::Chiller>().power[0] / number("power") - 1.0);
        }
    }
    let mut rows = vec![
        power.hold(&format!("{what}: power"), "ppm", 1e6, 1e-6),
        leaving.hold(&format!("{what}: leaving condenser water"), "mK", 1e3, 1e-4),
    ];
    if clamped {
        // No bound of physics: what clamping costs, against the second-law continuation.
        rows.push(continued.hold(&format!("{what}, as it comes: power"), "%", 100.0, 1.0));
    }
    written(&rows);
}

#[test]
fn chillers_by_entering_condenser_water() {
    chillers(
        include_str!("../../tests/energyplus/data/chiller-eir.csv"),
        "Chiller, EIR, 13 machines",
        false,
    );
}

#[test]
fn chillers_by_leaving_condenser_water() {
    chillers(
        include_str!("../../tests/energyplus/data/chiller-reformulated-eir.csv"),
        "Chiller, reformulated EIR, 4 machines",
        false,
    );
}

/// Far beyond their range EnergyPlus clamps the curves: matched by the profile, not by the default.
#[test]
fn chillers_beyond_their_range() {
    chillers(
        include_str!("../../tests/energyplus/data/chiller-clamped.csv"),
        "Chiller, 12 to 24 degC leaving, 4 machines",
        true,
    );
}

/// A tower cell as the scripts rate it; `flow` is the rated water flow in kg/s.
fn cell(method: f64, flow: f64) -> Bench {
    let mut bench = Bench::new(tower::Parameters::<f64>::FIELDS);
    bench
        .set("method", method)
        .set("nominal_water_flow", flow)
        .set("nominal_air_flow", 80.0);
    bench
        .set("fan_power", 30e3)
        .set("recirculation", 0.0)
        .set("drift", 5e-5);
    for (key, celsius) in [
        ("nominal_wet_bulb", 25.55),
        ("nominal_outlet_temperature", 29.44),
        ("nominal_inlet_temperature", 35.0),
    ] {
        bench.set(key, celsius + 273.15);
    }
    bench
}

/// What is compared of a tower.
struct Tower<'a> {
    what: &'a str,
    method: f64,
    /// Rated water flow, kg/s.
    flow: f64,
    /// Bound on the leaving water, K.
    bound: f64,
    /// Bound without the profile, K.
    physical: f64,
    /// Whether EnergyPlus' answer in a row is within the fit, and one.
    fair: fn(&Answers, usize) -> bool,
}

fn towers(text: &str, tower: &Tower<'_>) {
    let answers = Answers::of(text);
    let (mut leaving, mut fan, mut low) = (Errors::default(), Errors::default(), Errors::default());
    let (mut evaporation, mut physical, mut vapour) =
        (Errors::default(), Errors::default(), Errors::default());
    let rows: Vec<usize> = (0..answers.len())
        .filter(|&row| (tower.fair)(&answers, row))
        .collect();
    for &row in &rows {
        let number = |column: &str| answers.number(row, column);
        let mut bench = cell(tower.method, tower.flow);
        bench.outdoor = answers.outdoor(row);
        bench.flow(0, number("flow"), answers.kelvin(row, "inlet"));
        bench.set("supply_temperature", answers.kelvin(row, "setpoint"));
        bench.set("compatibility", 1.0).solve::<tower::Tower>();
        let out = answers.kelvin(row, "outlet");
        leaving.push(bench.leaving::<tower::Tower>(0) - out);
        let power = quantity::<tower::Tower>(&bench, "fan power");
        if number("air_ratio") >= 0.25 {
            fan.push(power / number("fan_power") - 1.0);
        } else {
            low.push((power - number("fan_power")) / 30e3);
        }
        // EnergyPlus divides the mass by the density of the basin's water.
        let density = bench.fluids[0].density(out);
        let found = quantity::<tower::Tower>(&bench, "evaporation");
        evaporation.push(found / (number("evaporation") * density) - 1.0);
        assert!(bench.imbalance::<tower::Tower>() < 1e-9);
        if number("air_ratio") >= 0.25 {
            // As it comes, from the fan speed of the other program on.
            bench.set("compatibility", 0.0).internal[0] = number("air_ratio");
            bench.settle::<tower::Tower>();
            physical.push(bench.leaving::<tower::Tower>(0) - out);
            let found = quantity::<tower::Tower>(&bench, "evaporation");
            vapour.push(found / (number("evaporation") * density) - 1.0);
        }
    }
    println!("{}: {} of {} rows", tower.what, rows.len(), answers.len());
    let what = tower.what;
    written(&[
        leaving.hold(&format!("{what}: leaving water"), "mK", 1e3, tower.bound),
        physical.hold(
            &format!("{what}, as it comes: leaving water"),
            "mK",
            1e3,
            tower.physical,
        ),
        fan.hold(
            &format!("{what}: fan power, from a quarter of the air"),
            "%",
            100.0,
            0.01,
        ),
        low.hold(
            &format!("{what}: fan power, below, of full power"),
            "%",
            100.0,
            0.001,
        ),
        evaporation.hold(&format!("{what}: evaporation"), "%", 100.0, 0.03),
        // EnergyPlus takes specific humidities for humidity ratios, and the vapour's own enthalpy for none.
        vapour.hold(
            &format!("{what}, as it comes: evaporation"),
            "%",
            100.0,
            0.12,
        ),
    ]);
}

/// Rows within the York fit.
fn york_is_fair(answers: &Answers, row: usize) -> bool {
    let number = |column: &str| answers.number(row, column);
    let range = number("inlet") - number("outlet");
    if !(1.1112..22.222).contains(&range) || number("wet_bulb") > 26.66 {
        return false;
    }
    true
}

#[test]
fn york_tower() {
    towers(
        include_str!("../../tests/energyplus/data/tower-york.csv"),
        &Tower {
            what: "Tower, York",
            method: 1.0,
            // 0.1 m3/s of water at the rated 35 degC.
            flow: 99.403,
            bound: 0.005,
            physical: 0.05,
            fair: york_is_fair,
        },
    );
}

/// Rows in which the fan runs: EnergyPlus' state with the fan off has a rating of its own.
fn merkel_is_fair(answers: &Answers, row: usize) -> bool {
    answers.number(row, "air_ratio") > 0.0
}

/// Rows within the `CoolTools` fit, which ends at 11 K of range and of approach and at −1 degC of wet bulb.
fn cooltools_is_fair(answers: &Answers, row: usize) -> bool {
    let number = |column: &str| answers.number(row, column);
    let fitted = 1.1112..11.111;
    fitted.contains(&(number("inlet") - number("outlet")))
        && fitted.contains(&(number("outlet") - number("wet_bulb")))
        && (-1.0..26.66).contains(&number("wet_bulb"))
}

#[test]
fn cooltools_tower() {
    towers(
        include_str!("../../tests/energyplus/data/tower-cooltools.csv"),
        &Tower {
            what: "Tower, CoolTools",
            method: 2.0,
            flow: 99.403,
            bound: 0.005,
            physical: 0.05,
            fair: cooltools_is_fair,
        },
    );
}

#[test]
fn merkel_tower() {
    towers(
        include_str!("../../tests/energyplus/data/tower-merkel.csv"),
        &Tower {
            what: "Tower, Merkel",
            method: 0.0,
            // EnergyPlus turns 0.1 m3/s into mass with the density at 5 degC.
            flow: 99.9898,
            bound: 0.05,
            physical: 0.2,
            fair: merkel_is_fair,
        },
    );
}

#[test]
fn dry_cooler_with_two_speeds() {
    let answers = Answers::of(include_str!("../../tests/energyplus/data/dry-cooler.csv"));
    let (mut leaving, mut fan) = (Errors::default(), Errors::default());
    // The rating that gives 50 kW/K: by EnergyPlus' own form of the effectiveness.
    let water = Fluid::water();
    let (flow, entering, air_temperature) = (0.02 * 999.898, 318.15, 308.15);
    let air = 25.0 / crate::weather::specific_volume(air_temperature, 0.0, 101_325.0);
    let per_kelvin = super::heat_exchange::crossflow(
        50e3,
        flow * water.specific_heat(entering),
        air * super::coil::AIR_SPECIFIC_HEAT,
    );
    let heat = per_kelvin * (entering - air_temperature);
    let enthalpy = water.enthalpy(entering) - heat / flow;
    let outlet = super::heat_exchange::temperature_at(&water, enthalpy, entering);
    for row in 0..answers.len() {
        let number = |column: &str| answers.number(row, column);
        let mut bench = Bench::new(dry_cooler::Parameters::<f64>::FIELDS);
        bench
            .set("compatibility", 1.0)
            .set("recirculation", 0.0)
            .set("fan_power", 5e3);
        bench
            .set("nominal_heat", heat)
            .set("nominal_air_flow", 25.0);
        bench.set("nominal_air_temperature", air_temperature);
        bench
            .set("nominal_inlet_temperature", entering)
            .set("nominal_outlet_temperature", outlet);
        bench.set("supply_temperature", answers.kelvin(row, "setpoint"));
        bench.outdoor = answers.outdoor(row);
        bench.flow(0, number("flow"), answers.kelvin(row, "inlet"));
        bench.solve::<dry_cooler::DryCooler>();
        leaving.push(bench.leaving::<dry_cooler::DryCooler>(0) - answers.kelvin(row, "outlet"));
        let power = quantity::<dry_cooler::DryCooler>(&bench, "fan power");
        fan.push((power - number("fan_power")) / 5e3);
        assert!(bench.imbalance::<dry_cooler::DryCooler>() < 1e-9);
    }
    // The smaller capacity flow is rounded within 1 % of equality, by a quarter of a per cent at most.
    let leaving = leaving.hold("Dry cooler, two speeds: leaving water", "mK", 1e3, 0.02);
    let fan = fan.hold(
        "Dry cooler, two speeds: fan power, of full power",
        "%",
        100.0,
        0.01,
    );
    written(&[leaving, fan]);
}
