//! Years of a small hall: sums, independence of order and threads, workloads, and the program as a user meets it.

#![allow(clippy::unwrap_used)]

mod epw;

use std::path::Path;

use assert_cmd::Command;
use loopwatt::component::Outdoor;
use loopwatt::hall::model::{Hall, Workload};
use loopwatt::hall::{LoadOptions, load};
use loopwatt::solve::on_threads;
use loopwatt::study::annual::{AnnualError, AnnualOptions, AnnualResult, Year, run};
use loopwatt::study::run_hall;
use loopwatt::table::{Column, csv_to, parquet_bytes};
use loopwatt::weather::MoistAir;
use loopwatt::world::{Disk, Memory};

const HALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/halls/tower.toml");

fn hall() -> Hall {
    load(&Disk, Path::new(HALL), &LoadOptions::default())
        .unwrap()
        .0
}

fn year(world: &Memory, weather: &str, workload: Option<Workload>) -> Year {
    let options = AnnualOptions {
        weather: Some(weather.to_owned()),
        workload,
        ..AnnualOptions::default()
    };
    run(world, &hall(), &options, &|_, _| {}).unwrap()
}

/// Without the time that it took.
fn timeless(result: &AnnualResult) -> AnnualResult {
    AnnualResult {
        seconds: 0.0,
        ..result.clone()
    }
}

const BINS: [(f64, f64, f64); 5] = [
    (3000.0, 30.0, 24.0),
    (2000.0, 20.0, 15.0),
    (1500.0, 12.0, 9.0),
    (2000.0, 3.0, 1.0),
    (260.0, 36.0, 25.0),
];

fn table(rows: impl Iterator<Item = (f64, f64, f64)>) -> Memory {
    let mut text = "hours [h],dry_bulb [degC],wet_bulb [degC],pressure [Pa]\n".to_owned();
    for (hours, dry, wet) in rows {
        text.push_str(&format!("{hours},{dry},{wet},100700\n"));
    }
    Memory::new().with("bins.csv", text)
}

#[test]
fn a_bin_year_is_the_weighted_sum_of_its_bins() {
    let found = year(&table(BINS.into_iter()), "bins.csv", None).result;
    let (mut power, mut it, mut water) = (0.0, 0.0, 0.0);
    for (hours, dry, wet) in BINS {
        let mut hall = hall();
        let air = MoistAir::from_wet_bulb(dry + 273.15, wet + 273.15, 100_700.0).unwrap();
        hall.outdoor = Outdoor {
            dry_bulb: air.dry_bulb(),
            wet_bulb: wet + 273.15,
            humidity_ratio: air.humidity_ratio(),
            pressure: 100_700.0,
        };
        let facility = run_hall(hall).unwrap().result.facility;
        power += hours * facility.power_w / 1000.0;
        it += hours * facility.it_power_w / 1000.0;
        water += hours * facility.water_l_per_h / 1000.0;
    }
    // Starts differ, so solutions differ by what the solver's tolerance leaves.
    let near = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-9, "{a} {b}");
    near(found.energy.facility_kwh, power);
    near(found.energy.it_kwh, it);
    near(found.water.make_up_m3, water);
    near(found.pue.unwrap(), power / it);
    near(found.wue_l_per_kwh.unwrap(), 1000.0 * water / it);
    near(found.money.electricity_usd.unwrap(), 0.08 * power);
    near(found.money.water_usd.unwrap(), 2.0 * water);
    near(found.money.co2_t.unwrap(), 0.4 * power / 1000.0);
    // No heat is used, so ERE is PUE.
    assert_eq!(found.ere, found.pue);
    let ends: f64 = found.end_uses.iter().map(|end| end.kwh).sum();
    near(ends, power);
    assert!(found.complete && found.hours == 8760.0);
    // The wettest air is not the dearest hour here, but the hours of each mode make the year.
    for entry in &found.modes {
        near(entry.modes.iter().map(|mode| mode.hours).sum(), 8760.0);
    }
}

#[test]
fn nothing_depends_on_threads_or_order() {
    let forward = table(BINS.into_iter());
    let one = on_threads(Some(1), || year(&forward, "bins.csv", None)).unwrap();
    let four = on_threads(Some(4), || year(&forward, "bins.csv", None)).unwrap();
    assert_eq!(timeless(&one.result), timeless(&four.result));
    assert_eq!(one.hourly(), four.hourly());

    let backward = year(&table(BINS.into_iter().rev()), "bins.csv", None);
    let mut powers = backward.power();
    powers.reverse();
    assert_eq!(one.power(), powers, "the same air gives the same bits");
    // A bin does not know what others there are.
    let alone = year(&table(BINS[1..2].iter().copied()), "bins.csv", None);
    assert_eq!(alone.power()[0], one.power()[1]);
    let (a, b) = (one.result.energy, backward.result.energy);
    assert!((a.facility_kwh / b.facility_kwh - 1.0).abs() < 1e-14);
}

/// Whether two cells are the same to the bit.
fn same(one: &Column, row: usize, other: &Column, place: usize) -> bool {
    match (one, other) {
        (Column::Number(a), Column::Number(b)) => a[row].to_bits() == b[place].to_bits(),
        (Column::Integer(a), Column::Integer(b)) => a[row] == b[place],
        (Column::Text(a), Column::Text(b)) => a[row] == b[place],
        _ => false,
    }
}

/// A hall in which every GPU differs, over the hours of an EPW file: the files that are written have the same bytes on any
/// number of threads; hours put in another order, or solved a part of the year at a time, have the same values to the bit.
#[test]
fn hours_do_not_know_of_threads_or_of_each_other() {
    let spread = "\n[spreads.leakage]\nasset = \"unit.*.rack.*.server.*.gpu.*\"\nkey = \"leakage\"\n\
                  distribution = \"lognormal\"\nsigma = 0.15\n";
    let text = std::fs::read_to_string(HALL).unwrap() + spread;
    let text = text.replace("count = 120", "count = 12");
    let world = Memory::new().with("h.toml", text);
    let different = load(&world, Path::new("h.toml"), &LoadOptions::default())
        .unwrap()
        .0;
    let solved = |world: &Memory, weather: &str, threads: usize| {
        let options = AnnualOptions {
            weather: Some(weather.to_owned()),
            ..AnnualOptions::default()
        };
        on_threads(Some(threads), || {
            run(world, &different, &options, &|_, _| {})
        })
        .unwrap()
        .unwrap()
    };
    let world = Memory::new().with("a.epw", epw::year(false).text());
    let [one, three] = [1, 3].map(|threads| solved(&world, "a.epw", threads));
    assert_eq!(timeless(&one.result), timeless(&three.result));
    let files = |year: &Year| {
        let hours = year.hourly();
        let parquet = parquet_bytes(&hours, Path::new("hours.parquet")).unwrap();
        (csv_to(&hours, Vec::new()).unwrap(), parquet)
    };
    assert_eq!(files(&one), files(&three));

    // Air of all kinds, cold and dry too: there no air has the wet bulb of the middle of the point's cell.
    let mut air: Vec<(f64, f64)> = (0..24)
        .map(|k| (-12.0 + 2.1 * f64::from(k), -13.0 + 1.6 * f64::from(k)))
        .collect();
    air.extend([
        (-11.1, -12.12),
        (-10.9, -12.0),
        (-9.2, -10.9),
        (-9.1, -10.2),
    ]);
    let rows = |order: &[usize]| {
        let table = table(order.iter().map(|&k| (1.0, air[k].0, air[k].1)));
        solved(&table, "bins.csv", 2).hourly()
    };
    let forward: Vec<usize> = (0..air.len()).collect();
    let whole = rows(&forward);
    // By nines, which visits all 28; backward; and two halves.
    let mixed: Vec<usize> = forward.iter().map(|k| (k * 9 + 5) % air.len()).collect();
    let backward: Vec<usize> = forward.iter().rev().copied().collect();
    for order in [&mixed[..], &backward, &forward[..14], &forward[14..]] {
        let found = rows(order);
        for ((name, column), (_, known)) in found.columns.iter().zip(&whole.columns) {
            // The bins are counted anew, and plant modes are numbered by what the year holds.
            if name == "bin" || name == "plant_mode" {
                continue;
            }
            for (row, &k) in order.iter().enumerate() {
                assert!(same(column, row, known, k), "{name} of {:?}", air[k]);
            }
        }
    }
}

#[test]
fn an_epw_year_adds_up() {
    for leap in [false, true] {
        let world = Memory::new().with("a.epw", epw::year(leap).text());
        let year = year(&world, "a.epw", None);
        let found = &year.result;
        assert_eq!(found.hours_solved, if leap { 8784.0 } else { 8760.0 });
        // Twelve months of four parts of the day: each kind of hour is solved once.
        assert_eq!(found.points, 48);
        let near = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-12, "{a} {b}");
        let months = |value: &dyn Fn(&loopwatt::study::annual::Month) -> f64| {
            found.months.iter().map(value).sum::<f64>()
        };
        near(
            months(&|m| m.energy.facility_kwh),
            found.energy.facility_kwh,
        );
        near(months(&|m| m.water.make_up_m3), found.water.make_up_m3);
        near(
            months(&|m| m.end_uses_kwh.iter().sum()),
            found.energy.facility_kwh,
        );
        assert_eq!(found.months[1].hours, if leap { 696.0 } else { 672.0 });
        let e = &found.energy;
        near(
            e.it_kwh + e.cooling_kwh + e.electrical_loss_kwh + e.other_kwh,
            e.facility_kwh,
        );
        let w = &found.water;
        near(w.evaporation_m3 + w.drift_m3 + w.blowdown_m3, w.make_up_m3);
        assert!(
            found.balance.energy_relative_max < 1e-8 && found.balance.water_relative_max < 1e-8
        );
        assert_eq!(found.balance.hours_off, 0.0);
        // Equal hours are equal to the last bit: 1 and 2 January.
        let power = year.power();
        assert_eq!(power[..24], power[24..48]);
        let highest = power.iter().map(|(p, _)| p.unwrap()).fold(0.0, f64::max);
        assert_eq!(found.peak.as_ref().unwrap().power_w, highest);
        assert_eq!(found.worst_hours.len(), 10);
        assert_eq!(found.design.len(), 6);
        assert!(found.design.iter().all(|point| point.holds.is_some()));
        assert_eq!(year.hourly().rows(), power.len());
    }
}

#[test]
fn workloads_lie_between_idle_and_the_state() {
    let bins = table(BINS[..1].iter().copied());
    let it = |workload: f64| {
        year(&bins, "bins.csv", Some(Workload::Constant(workload)))
            .result
            .energy
            .it_kwh
    };
    let state = |name: &str| {
        let options = LoadOptions {
            state: Some(name.to_owned()),
            ..LoadOptions::default()
        };
        let mut hall = load(&Disk, Path::new(HALL), &options).unwrap().0;
        let air = MoistAir::from_wet_bulb(303.15, 297.15, 100_700.0).unwrap();
        hall.outdoor = Outdoor {
            dry_bulb: 303.15,
            wet_bulb: 297.15,
            humidity_ratio: air.humidity_ratio(),
            pressure: 100_700.0,
        };
        run_hall(hall).unwrap().result.facility.it_power_w * 3.0
    };
    let near = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-9, "{a} {b}");
    near(it(1.0), state("training"));
    near(it(0.0), state("idle"));
    assert!(it(0.5) > it(0.0) && it(0.5) < it(1.0));

    // A day, and the same as a trace that repeats.
    let mut day = [0.25; 24];
    day[12..].fill(1.0);
    let rows: String = day.iter().map(|w| format!("{}\n", 100.0 * w)).collect();
    let world = Memory::new()
        .with("a.epw", epw::year(false).text())
        .with("day.csv", format!("workload [%]\n{rows}"));
    let daily = year(&world, "a.epw", Some(Workload::Daily(Box::new(day))));
    let trace = year(&world, "a.epw", Some(Workload::Trace("day.csv".into())));
    assert_eq!(timeless(&daily.result), timeless(&trace.result));
    assert!((daily.result.workload_mean - 0.625).abs() < 1e-12);
    assert!(daily.power()[12].0 > daily.power()[11].0);
}

#[test]
fn workloads_that_do_not_fit_are_refused() {
    let world = table(BINS.into_iter())
        .with("a.epw", epw::year(false).text())
        .with("short.csv", "workload\n0.5\n0.5\n")
        .with("high.csv", "hour,workload [%]\n0,50\n1,150\n")
        .with("wrong.csv", "hour,load\n0,1\n");
    let fault = |weather: &str, workload: Workload| {
        let options = AnnualOptions {
            weather: Some(weather.to_owned()),
            workload: Some(workload),
            ..AnnualOptions::default()
        };
        run(&world, &hall(), &options, &|_, _| {})
            .unwrap_err()
            .to_string()
    };
    let trace = |name: &str| fault("a.epw", Workload::Trace(name.into()));
    assert!(trace("short.csv").contains("short.csv:3:1: the trace has 2 hours, the weather 8760"));
    assert!(trace("high.csv").contains("high.csv:3:3: `150` is no workload"));
    assert!(trace("wrong.csv").contains("wrong.csv:1:6: unknown column `load`"));
    let daily = fault("bins.csv", Workload::Daily(Box::new([1.0; 24])));
    assert!(daily.contains("no hours of the day"), "{daily}");
    let options = AnnualOptions {
        weather: Some("bins.csv".to_owned()),
        reused_heat: vec!["tower".to_owned()],
        ..AnnualOptions::default()
    };
    let error = run(&world, &hall(), &options, &|_, _| {}).unwrap_err();
    assert!(matches!(error, AnnualError::NoSink { .. }));
    assert!(
        error.to_string().contains("did you mean `towers`?"),
        "{error}"
    );
}

#[test]
fn used_heat_lowers_ere() {
    let options = AnnualOptions {
        weather: Some("bins.csv".to_owned()),
        reused_heat: vec!["towers".to_owned()],
        ..AnnualOptions::default()
    };
    let found = run(&table(BINS.into_iter()), &hall(), &options, &|_, _| {})
        .unwrap()
        .result;
    let (ere, pue) = (found.ere.unwrap(), found.pue.unwrap());
    assert!(found.reused_heat_kwh > 0.0);
    let share = found.reused_heat_kwh / found.energy.it_kwh;
    assert!((ere + share - pue).abs() < 1e-12, "{ere} {share} {pue}");
}

fn loopwatt(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("loopwatt")
        .unwrap()
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn the_program_solves_a_year_and_writes_its_page() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("tower.toml"), std::fs::read(HALL).unwrap()).unwrap();
    std::fs::write(at.join("a.epw"), epw::year(false).text()).unwrap();
    // A wider approach, which the tower can hold in every hour.
    let wide = "equipment.towers.approach=9 K";

    let (code, out, err) = loopwatt(
        at,
        &[
            "annual",
            "tower.toml",
            "--weather",
            "a.epw",
            "--set",
            wide,
            "--json",
            "--out",
            "page",
        ],
    );
    assert_eq!(code, 0, "{err}");
    assert!(
        err.is_empty(),
        "no progress where there is no terminal: {err}"
    );
    let result: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(result["schema_version"], 1);
    assert_eq!(result["hours_solved"], 8760.0);
    assert_eq!(result["months"].as_array().unwrap().len(), 12);
    let index = std::fs::read_to_string(at.join("page/index.html")).unwrap();
    let run = std::fs::read_dir(at.join("page"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .find(|entry| entry.file_name().to_string_lossy().starts_with("run-"))
        .unwrap();
    for name in [
        "months.svg",
        "months.png",
        "overhead.svg",
        "duration.svg",
        "pue.svg",
        "water.svg",
        "hours.csv",
        "hours.parquet",
        "annual.json",
    ] {
        assert!(run.path().join(name).is_file(), "{name}");
        assert!(
            name == "months.png" || index.contains(name),
            "{name} is on the page"
        );
    }
    assert!(!index.contains("could not be drawn"));
    let hours = std::fs::read_to_string(run.path().join("hours.csv")).unwrap();
    assert_eq!(hours.lines().count(), 8761);
    assert!(hours.starts_with("month,day,hour,duration [h],dry_bulb [degC],wet_bulb [degC],"));
    let parquet = std::fs::read(run.path().join("hours.parquet")).unwrap();
    let text = String::from_utf8_lossy(&parquet);
    assert!(parquet.starts_with(b"PAR1") && text.contains("unit.dry_bulb"));
    let saved = std::fs::read_to_string(run.path().join("annual.json")).unwrap();
    let saved: serde_json::Value = serde_json::from_str(&saved).unwrap();
    assert_eq!(saved["energy"], result["energy"]);

    // The built-in year of the hall file; a limit is broken: the tower cannot hold an approach of 4 K.
    let (code, out, _) = loopwatt(at, &["annual", "tower.toml"]);
    assert_eq!(code, 1);
    for words in [
        "Memphis International Airport",
        "PUE",
        "Worst hours",
        "wet-bulb-highest",
        "USD",
    ] {
        assert!(out.contains(words), "{words}:\n{out}");
    }
}

#[test]
fn several_halls_stand_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let text = std::fs::read_to_string(HALL).unwrap();
    std::fs::write(at.join("a.toml"), &text).unwrap();
    let other = text
        .replace("120 racks on two tower cells", "A wider approach")
        .replace("\"4 K\"", "\"8 K\"");
    std::fs::write(at.join("b.toml"), other).unwrap();
    let (_, out, err) = loopwatt(at, &["annual", "a.toml", "b.toml", "--out", "page"]);
    for words in [
        "120 racks on two tower cells",
        "A wider approach",
        "WUE",
        "Limits at wet-bulb-highest",
    ] {
        assert!(out.contains(words), "{words}:\n{out}\n{err}");
    }
    let index = std::fs::read_to_string(at.join("page/index.html")).unwrap();
    assert!(index.contains("compare.svg") && index.contains("2-hours.csv"));
    let (_, out, _) = loopwatt(at, &["annual", "a.toml", "b.toml", "--json"]);
    let both: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(both["halls"][1]["name"], "A wider approach");
}

#[test]
fn exit_codes_tell_what_happened() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("tower.toml"), std::fs::read(HALL).unwrap()).unwrap();
    std::fs::write(at.join("cut.epw"), &epw::year(false).text()[..5000]).unwrap();
    let code = |arguments: &[&str]| {
        let mut all = vec!["annual", "tower.toml"];
        all.extend(arguments);
        let (code, out, err) = loopwatt(at, &all);
        assert!(out.is_empty(), "{out}");
        (code, err)
    };
    let (cut, message) = code(&["--weather", "cut.epw"]);
    assert!(cut == 2 && message.contains("cut.epw:"), "{message}");
    assert_eq!(code(&["--weather", "none.epw"]).0, 4);
    let (unknown, message) = code(&["--weather", "memfis"]);
    assert!(
        unknown == 2 && message.contains("did you mean `memphis`?"),
        "{message}"
    );
    let (wrong, message) = code(&["--workload", "1.5"]);
    assert!(wrong == 2 && message.contains("0 to 1"), "{message}");
    assert_eq!(
        code(&["--workload", "trace.csv"]).0,
        2,
        "a bin table has no hours"
    );
    assert_eq!(code(&["--electricity-price", "0.08 USD/m3"]).0, 2);
    let stopped = [
        "annual",
        "tower.toml",
        "--set",
        "groups.unit.equipment.cdu.running=0",
    ];
    assert_eq!(loopwatt(at, &stopped).0, 1, "every GPU is off, all year");
    let (wrong, message) = code(&["--set", "annual.weathr=memphis"]);
    assert!(
        wrong == 2 && message.contains("did you mean `weather`?"),
        "{message}"
    );
}
