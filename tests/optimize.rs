//! Optima against dense grids that are solved one by one from the edited file, shadow prices against limits that are
//! relaxed, and the command as a user meets it.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Output};

use assert_cmd::cargo::cargo_bin;
use loopwatt::hall::LoadOptions;
use loopwatt::solve::on_threads;
use loopwatt::study;
use loopwatt::study::optimize::{self, OptimizeOptions, Optimum, Purpose};
use loopwatt::world::Disk;

const RACK: &str = "models/halls/rack.toml";
const TOWER: &str = "tests/halls/tower.toml";
const CHILLED: &str = "models/halls/chilled-12.toml";
const COLOSSUS: &str = "models/halls/colossus.toml";

fn options(vary: &[&str], set: &[&str]) -> OptimizeOptions {
    let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
    OptimizeOptions {
        vary: owned(vary),
        minimise: "power".to_owned(),
        load: LoadOptions {
            set: owned(set),
            state: None,
        },
        starts: 3, // Few, to spare time: a search from the command line starts at more.
        ..OptimizeOptions::default()
    }
}

fn optimum(hall: &str, options: &OptimizeOptions) -> Optimum {
    let plan = optimize::plan(&Disk, Path::new(hall), options).unwrap();
    plan.run(&|_| ()).unwrap().optimum
}

/// An axis of a grid: path, values, unit.
type Axis<'a> = (&'a str, Vec<f64>, &'a str);

fn steps(from: f64, to: f64, count: usize) -> Vec<f64> {
    let step = (to - from) / (count - 1) as f64;
    (0..count).map(|k| from + step * k as f64).collect()
}

/// The least power in kW, of points that hold all limits, of a grid that is solved point by point, and where it is.
fn grid(hall: &str, axes: &[Axis<'_>], set: &[&str]) -> (f64, Vec<f64>) {
    let total: usize = axes.iter().map(|(_, values, _)| values.len()).product();
    let mut best = (f64::INFINITY, Vec::new());
    for mut point in 0..total {
        let mut sets: Vec<String> = set.iter().map(|one| (*one).to_owned()).collect();
        let mut at = Vec::new();
        for (path, values, unit) in axes {
            let value = values[point % values.len()];
            point /= values.len();
            sets.push(format!("{path}={value} {unit}").trim_end().to_owned());
            at.push(value);
        }
        let load = LoadOptions {
            set: sets,
            state: None,
        };
        if let Ok(run) = study::run(&Disk, Path::new(hall), &load)
            && run.result.holds()
            && run.result.facility.power_w * 1e-3 < best.0
        {
            best = (run.result.facility.power_w * 1e-3, at);
        }
    }
    best
}

/// The optimum is no worse than the best of the grid, and no better than the grid's spacing allows.
fn agree(found: &Optimum, best: &(f64, Vec<f64>), spacing: f64) {
    assert!(found.feasible, "{found:?}");
    let objective = found.optimum.objective;
    assert!(
        objective <= best.0 * (1.0 + 1e-7) && objective >= best.0 - spacing,
        "{objective} against {best:?}"
    );
}

const FLOW: &str = "equipment.cdu.flow=40..110 L/min";
const SUPPLY: &str = "equipment.cdu.supply_temperature=28..46 degC";

#[test]
fn one_rack_as_a_dense_grid_has_it() {
    // Inside in one direction; in the other where the facility's water can hold the set-point no more.
    let found = optimum(RACK, &options(&[FLOW, SUPPLY], &[]));
    let axes = |flow: Vec<f64>, supply: Vec<f64>| {
        [
            ("equipment.cdu.flow", flow, "L/min"),
            ("equipment.cdu.supply_temperature", supply, "degC"),
        ]
    };
    let best = grid(
        RACK,
        &axes(steps(40.0, 110.0, 15), steps(28.0, 46.0, 19)),
        &[],
    );
    agree(&found, &best, 0.1);
    // A finer grid about the place.
    let at: Vec<f64> = found
        .variables
        .iter()
        .map(|one| one.optimum_number.unwrap())
        .collect();
    let near = axes(
        steps(at[0] - 5.0, at[0] + 5.0, 11),
        steps(at[1] - 0.2, at[1] + 0.2, 17),
    );
    agree(&found, &grid(RACK, &near, &[]), 0.01);
    // The valve is wide open there: colder water asked for changes nothing, warmer water costs what the slope above says.
    let missed = |one: &&optimize::BindingLimit| one.what == "supply temperature set-point";
    let missed = found.binding.iter().find(missed).unwrap();
    let supply = &found.variables[1];
    let [below, above] = supply.sides.as_ref().unwrap();
    assert!(supply.kink && !below.holds && above.holds && above.switches.is_empty());
    let opens = |one: &optimize::Switched| one.path == "cdu" && one.to == "valve wide open";
    assert!(below.switches.iter().any(opens), "{below:?}");
    let (flat, steep) = (below.slope.unwrap(), above.slope.unwrap());
    assert!(flat.abs() < 1e-3 * steep && steep > 0.0, "{flat} {steep}");
    assert!(missed.price < 0.02 * steep, "{missed:?}");
    assert!(
        (missed.cost.unwrap() / steep - 1.0).abs() < 0.05,
        "{missed:?} {steep}"
    );
    assert!(found.residual.unwrap() < 0.01 && found.warnings.is_empty());
}

#[test]
fn a_limit_that_binds_is_worth_what_relaxing_it_gains() {
    const MEMORY: &str = "racks.rack.server.gpu.memory_limit";
    let vary = [FLOW, "equipment.cdu.supply_temperature=36..46 degC"];
    let with = |limit: f64| {
        let set = format!("{MEMORY}={limit} degC");
        optimum(RACK, &options(&vary, &[&set]))
    };
    let [low, middle, high] = [69.95, 70.0, 70.05].map(with);
    // Today's memory is hotter than that, so a start is not at hand.
    assert!(middle.feasible && middle.today.as_ref().unwrap().limits_broken > 0);
    let binding = &middle.binding[0];
    assert_eq!(binding.what, "GPU memory temperature");
    let gained = (low.optimum.objective - high.optimum.objective) / 0.1;
    assert!(
        (binding.price / gained - 1.0).abs() < 0.03,
        "{} against {gained}",
        binding.price
    );
    assert!(middle.residual.unwrap() < 0.01);
    let set = format!("{MEMORY}=70 degC");
    let axes = [("equipment.cdu.flow", steps(95.0, 110.0, 61), "L/min")];
    let cold = ["equipment.cdu.supply_temperature=36 degC", set.as_str()];
    agree(&middle, &grid(RACK, &axes, &cold), 0.01);
}

#[test]
fn the_end_of_a_range_is_worth_what_a_wider_one_gains() {
    let with = |low: f64| {
        let supply = format!("equipment.cdu.supply_temperature={low}..46 degC");
        optimum(RACK, &options(&[&supply], &[]))
    };
    let [wide, middle, narrow] = [35.9, 36.0, 36.1].map(with);
    let supply = &middle.variables[0];
    assert_eq!(
        (supply.optimum.as_str(), supply.at),
        ("36 degC", Some("low"))
    );
    let gained = (narrow.optimum.objective - wide.optimum.objective) / 0.2;
    assert!((supply.price.unwrap() / gained - 1.0).abs() < 0.02);
}

#[test]
fn counts_and_ranges_together_as_a_grid_has_them() {
    let vary = [
        "equipment.towers.running=1..2",
        "equipment.towers.approach=2..12 K",
        "groups.unit.equipment.cdu.supply_temperature=36..46 degC",
    ];
    let found = optimum(TOWER, &options(&vary, &[]));
    assert_eq!(found.search.combinations, 2);
    let axes = [
        ("equipment.towers.running", vec![1.0, 2.0], ""),
        ("equipment.towers.approach", steps(2.0, 12.0, 11), "K"),
        (
            "groups.unit.equipment.cdu.supply_temperature",
            steps(36.0, 46.0, 11),
            "degC",
        ),
    ];
    let best = grid(TOWER, &axes, &[]);
    let between = 0.003 * best.0;
    agree(&found, &best, between);
    assert_eq!(found.variables[0].optimum_number, Some(best.1[0]));
}

#[test]
fn colossus_as_a_coarse_grid_has_it() {
    let vary = [
        "parts.site-cdu.supply_temperature=36..44 degC",
        "parts.site-towers.approach=4..8 K",
    ];
    let found = optimum(COLOSSUS, &options(&vary, &[]));
    let axes = [
        (
            "parts.site-cdu.supply_temperature",
            steps(36.0, 44.0, 9),
            "degC",
        ),
        ("parts.site-towers.approach", steps(4.0, 8.0, 5), "K"),
    ];
    let best = grid(COLOSSUS, &axes, &[]);
    agree(&found, &best, 0.002 * best.0);
}

#[test]
fn water_and_sums_are_minimised_as_their_grids_have_them() {
    let vary = [
        "equipment.towers.approach=2..12 K",
        "equipment.pumps.pressure_difference=80..140 kPa",
    ];
    let least = |minimise: &str| {
        let options = OptimizeOptions {
            minimise: minimise.to_owned(),
            samples: Some(16),
            starts: 1,
            ..options(&vary, &[])
        };
        let found = optimum(TOWER, &options);
        assert!(found.feasible);
        (
            found.optimum.power_w * 1e-3,
            found.optimum.water_l_per_h,
            found,
        )
    };
    let [power, water, sum] = ["power", "water", "power=1,water=0.1"].map(least);
    assert_eq!(water.2.unit, "L/h");
    // Each is best at its own.
    let slack = 1.0 + 1e-7;
    let of_sum = |(power, water, _): &(f64, f64, Optimum)| power + 0.1 * water;
    assert!(power.0 <= water.0.min(sum.0) * slack);
    assert!(water.1 <= power.1.min(sum.1) * slack);
    assert!(of_sum(&sum) <= of_sum(&power).min(of_sum(&water)) * slack);
    assert!((sum.2.optimum.objective / of_sum(&sum) - 1.0).abs() < 1e-12);
    let axes = [
        ("equipment.towers.approach", steps(2.0, 12.0, 11), "K"),
        (
            "equipment.pumps.pressure_difference",
            steps(80.0, 140.0, 7),
            "kPa",
        ),
    ];
    let best = grid(TOWER, &axes, &[]);
    agree(&power.2, &best, 0.002 * best.0);
}

/// The chillers' table ends at 54 °F of chilled water; beyond they would need less power.
#[test]
fn curves_are_not_left_further_than_today_unless_asked_for() {
    let vary = ["equipment.chillers.supply_temperature=8..20 degC"];
    let inside = optimum(CHILLED, &options(&vary, &[]));
    assert!(inside.feasible && inside.model_warnings.is_empty());
    let chosen = |found: &Optimum| found.variables[0].optimum_number.unwrap();
    let edge = &inside.ranges[0];
    assert!(edge.text.contains("left their fitted range") && !edge.left);
    let last = (54.0 - 32.0) / 1.8;
    assert!((chosen(&inside) - last).abs() < 0.05, "{}", chosen(&inside));
    let beyond = OptimizeOptions {
        beyond_range: true,
        ..options(&vary, &[])
    };
    let beyond = optimum(CHILLED, &beyond);
    assert!(beyond.feasible && beyond.ranges.is_empty());
    assert!(chosen(&beyond) > chosen(&inside) + 1.0);
    assert!(beyond.optimum.objective < inside.optimum.objective);
}

#[test]
fn a_design_set_and_a_year_are_solved_with_one_choice() {
    let vary = ["equipment.towers.approach=2..12 K"];
    let design = OptimizeOptions {
        purpose: Purpose::Design,
        ..options(&vary, &[])
    };
    let found = optimum(TOWER, &design);
    assert!(found.search.conditions > 1 && found.feasible);
    let year = OptimizeOptions {
        purpose: Purpose::Year,
        minimise: "cost".to_owned(),
        samples: Some(8),
        starts: 1,
        ..options(&vary, &[])
    };
    let found = optimum(TOWER, &year);
    assert!((found.hours - 8760.0).abs() < 1.0 && found.unit == "USD");
    let (today, optimum) = (found.today.unwrap(), found.optimum);
    assert!(optimum.objective <= today.objective * (1.0 + 1e-9));
    // Cost is power and water at the file's prices.
    let cost = 0.08 * optimum.power_w * 1e-3 + 2e-3 * optimum.water_l_per_h;
    assert!((optimum.objective / (cost * found.hours) - 1.0).abs() < 1e-9);
}

#[test]
fn the_same_on_any_number_of_threads() {
    let on = |threads: usize| {
        on_threads(Some(threads), || {
            let found = optimum(RACK, &options(&[], &[]));
            serde_json::to_string(&found).unwrap()
        })
        .unwrap()
    };
    assert_eq!(on(1), on(3));
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(cargo_bin("loopwatt"))
        .current_dir(folder)
        .args(["optimize", "rack.toml"])
        .args(arguments)
        .output()
        .unwrap()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(RACK, folder.path().join("rack.toml")).unwrap();
    folder
}

#[test]
fn the_hall_file_is_written_in_place_and_solves() {
    let folder = folder();
    let output = run(
        folder.path(),
        &[
            "--vary",
            FLOW,
            "--vary",
            SUPPLY,
            "--write",
            "best.toml",
            "--out",
            "page",
            "--json",
        ],
    );
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let (old, new) = (read("rack.toml"), read("best.toml"));
    let mut expected = old.clone();
    for (old, index) in [("80 L/min\" }", 0), ("36 degC\", flow", 1)] {
        let chosen = found["variables"][index]["optimum"].as_str().unwrap();
        let end = &old[old.find('"').unwrap()..];
        expected = expected.replace(old, &format!("{chosen}{end}"));
    }
    assert_eq!(new, expected);
    let solved = Command::new(cargo_bin("loopwatt"))
        .current_dir(folder.path())
        .args(["solve", "best.toml", "--json"])
        .output()
        .unwrap();
    assert_eq!(solved.status.code(), Some(0));
    let solved: serde_json::Value = serde_json::from_slice(&solved.stdout).unwrap();
    let power = solved["facility"]["power_w"].as_f64().unwrap();
    let promised = found["optimum"]["power_w"].as_f64().unwrap();
    assert!((power / promised - 1.0).abs() < 1e-9);
    assert!(folder.path().join("page/index.html").exists());
}

#[test]
fn limits_that_cannot_be_held_together_are_named() {
    let folder = folder();
    let output = run(
        folder.path(),
        &[
            "--vary",
            "equipment.cdu.flow=40..60 L/min",
            "--set",
            "racks.rack.server.gpu.memory_limit=66 degC",
            "--write",
            "best.toml",
        ],
    );
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("cannot be held together") && text.contains("GPU"),
        "{text}"
    );
    assert!(!folder.path().join("best.toml").exists());
}

#[test]
fn wrong_plans_are_told_before_anything_is_solved() {
    let folder = folder();
    for (arguments, part) in [
        (
            &["--vary", "equipment.cdu.flo=40..60 L/min"][..],
            "did you mean `flow`?",
        ),
        (
            &["--vary", "equipment.cdu.flow=40..60 kW"],
            "wanted volume flow",
        ),
        (
            &["--vary", "equipment.cdu.flow=60..40 L/min"],
            "the range is empty",
        ),
        (
            &["--vary", "equipment.cdu.flow=40..60 L/min:5"],
            "has no `:N`",
        ),
        (
            &["--vary", "equipment.cdu.fouling"],
            "no set-point with a usual range",
        ),
        (
            &["--vary", "equipment.*.flow", "--vary", "equipment.cdu.flow"],
            "varied twice",
        ),
        (
            &[
                "--vary",
                "equipment.cdu.flow",
                "--set",
                "equipment.cdu.flow=70 L/min",
            ],
            "both set and varied",
        ),
        (
            &["--vary", "groups.*.flow=1..2 L/min"],
            "no set-point or number",
        ),
        (
            &["--vary", "equipment.pump.flow=40..60 L/min"],
            "equipment.pump",
        ),
        (
            &["--vary", "equipment.cdu.supply_temperature=30..40"],
            "unit",
        ),
        (
            &[
                "--set",
                "equipment.cdu.flow=70 L/min",
                "--set",
                "equipment.cdu.supply_temperature=36 degC",
                "--set",
                "equipment.air.room_temperature=25 degC",
            ],
            "no set-point that could be chosen",
        ),
        (&["--starts", "0"], "--starts"),
        (&["--minimise", "pue"], "cannot be minimised"),
        (&["--minimise", "cost"], "--electricity-price"),
        (&["--mean"], "--design"),
        (&["--year", "--weather", "mars"], "built-in weather"),
        (
            &[
                "--vary",
                "rack.0.server.1.gpu.2.idle_power=40..60 W",
                "--write",
                "x.toml",
            ],
            "single assets",
        ),
    ] {
        let output = run(folder.path(), arguments);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        assert!(text.contains(part), "{arguments:?}: {text}");
    }
    let output = run(folder.path(), &["--year", "--weather", "no-such.epw"]);
    assert_eq!(output.status.code(), Some(4));
}
