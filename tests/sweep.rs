//! Sweeps as a user runs them: killed and gone on with, cut into parts, wrong.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;
use loopwatt::hall::LoadOptions;
use loopwatt::study::sweep::{self, Folder, Shard, SweepOptions};
use loopwatt::world::Disk;

const RACK: &str = include_str!("../models/halls/rack.toml");
/// A grid of 306 points, some of them without a flow that the CDU's pump could give.
const GRID: [&str; 4] = [
    "--vary",
    "equipment.cdu.supply_temperature=34..50 degC:17",
    "--vary",
    "equipment.cdu.flow=40..108 L/min:18",
];

/// A folder with the hall file of one rack.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rack.toml"), RACK).unwrap();
    folder
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(cargo_bin("loopwatt"));
    command.current_dir(folder).args(arguments);
    command
}

fn sweep(folder: &Path, out: &str, arguments: &[&str]) -> Output {
    command(folder, &["sweep", "rack.toml", "--out", out])
        .args(arguments)
        .output()
        .unwrap()
}

fn ok(output: &Output) {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The tables' bytes.
fn tables(folder: &Path, out: &str) -> Vec<Vec<u8>> {
    ["sweep.csv", "sweep.parquet"]
        .map(|name| std::fs::read(folder.join(out).join(name)).unwrap())
        .to_vec()
}

#[test]
fn killed_at_any_moment_it_goes_on_and_ends_with_the_same_bytes() {
    let folder = folder();
    let folder = folder.path();
    ok(&sweep(folder, "whole", &GRID));
    let journal = folder.join("killed/points.journal");
    let whole = std::fs::metadata(folder.join("whole/points.journal"))
        .unwrap()
        .len();
    let mut killed = 0;
    // Each start is killed a little further on; the journal only ever grows.
    for part in 1..=6 {
        let mut child = command(folder, &["sweep", "rack.toml", "--out", "killed"])
            .args(GRID)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(120);
        let reached = || std::fs::metadata(&journal).map_or(0, |file| file.len());
        while reached() < whole * part / 8 && child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < end, "the sweep takes too long");
            std::thread::sleep(Duration::from_micros(300));
        }
        killed += usize::from(child.try_wait().unwrap().is_none());
        child.kill().ok();
        child.wait().unwrap();
    }
    assert!(killed > 2, "{killed} were killed in time");
    assert!(!folder.join("killed/sweep.csv").exists());
    // What a kill in the middle of a write leaves behind is cut off.
    let mut bytes = std::fs::read(&journal).unwrap();
    bytes.truncate(bytes.len() - 5);
    std::fs::write(&journal, bytes).unwrap();
    let last = sweep(folder, "killed", &[&GRID[..], &["--json"]].concat());
    ok(&last);
    assert!(String::from_utf8_lossy(&last.stderr).contains("were cut off"));
    let counted: serde_json::Value = serde_json::from_slice(&last.stdout).unwrap();
    let (before, now) = (
        counted["points_before"].as_u64().unwrap(),
        counted["points_now"].as_u64().unwrap(),
    );
    assert!(before > 0 && now > 0 && before + now == 306, "{counted}");
    assert_eq!(tables(folder, "whole"), tables(folder, "killed"));
    let length = std::fs::metadata(&journal).unwrap().len();
    assert_eq!(length, whole, "no point is lost or there twice");
    // A finished sweep has nothing left to do.
    let again = sweep(folder, "killed", &[&GRID[..], &["--json"]].concat());
    let counted: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(counted["points_now"], 0);
    assert_eq!(tables(folder, "whole"), tables(folder, "killed"));
}

#[test]
fn parts_merge_to_the_bytes_of_the_single_run_on_any_number_of_threads() {
    let folder = folder();
    let folder = folder.path();
    ok(&sweep(
        folder,
        "whole",
        &[&GRID[..], &["--threads", "3"]].concat(),
    ));
    for part in 1..=5 {
        let shard = format!("{part}/5");
        // Some parts share a folder.
        let out = format!("part-{}", part % 3);
        let threads = if part % 2 == 0 { "1" } else { "2" };
        let more = ["--shard", &shard, "--threads", threads];
        ok(&sweep(folder, &out, &[&GRID[..], &more].concat()));
    }
    let missing = command(folder, &["merge", "part-0", "part-1"])
        .output()
        .unwrap();
    assert_eq!(missing.status.code(), Some(2));
    let text = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(text.contains("parts are missing: 2/5, 5/5"), "{text}");
    let merged = command(
        folder,
        &["merge", "part-2", "part-0", "part-1", "--out", "merged"],
    )
    .output()
    .unwrap();
    ok(&merged);
    assert_eq!(tables(folder, "whole"), tables(folder, "merged"));
    // Parts of another plan do not fit.
    ok(&sweep(
        folder,
        "other",
        &["--vary", "equipment.cdu.flow=60,80 L/min"],
    ));
    let other = command(folder, &["merge", "part-0", "other"])
        .output()
        .unwrap();
    assert_eq!(other.status.code(), Some(2));
    let text = String::from_utf8_lossy(&other.stderr).into_owned();
    assert!(text.contains("different plans: what is varied"), "{text}");
}

#[test]
fn the_table_holds_what_was_asked_for() {
    let folder = folder();
    let folder = folder.path();
    let asked = [
        "--vary",
        "loops.coolant.fluid=water,pg25",
        "--vary",
        "equipment.cdu.flow=x0.5..x1.25:2",
        "--output",
        "gpus.temperature_max_c",
        "--output",
        "equipment[cdu].mode",
        "--output",
        "controls[cdu, secondary flow].saturated",
    ];
    ok(&sweep(folder, "out", &asked));
    let csv = std::fs::read_to_string(folder.join("out/sweep.csv")).unwrap();
    let mut lines = csv.lines();
    assert_eq!(
        lines.next().unwrap(),
        "point,loops.coolant.fluid,equipment.cdu.flow [L/min],solved,gpus.temperature_max_c [degC],\
         equipment[cdu].mode,\"controls[cdu, secondary flow].saturated\",reason"
    );
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[1][..4], ["1", "water", "100", "1"]);
    assert_eq!(rows[2][..4], ["2", "pg25", "40", "1"]);
    // The same point, solved alone from the first guess.
    let alone = command(folder, &["solve", "rack.toml", "--json"])
        .args(["--set", "loops.coolant.fluid=water"])
        .args(["--set", "equipment.cdu.flow=100 L/min"])
        .output()
        .unwrap();
    let alone: serde_json::Value = serde_json::from_slice(&alone.stdout).unwrap();
    let hottest = alone["gpus"]["temperature_max_c"].as_f64().unwrap();
    let found: f64 = rows[1][4].parse().unwrap();
    // Both end within the solver's tolerance, 1e-6 of 10 K.
    assert!((found - hottest).abs() < 1e-5, "{found} {hottest}");
}

#[test]
fn points_without_solution_are_rows_with_their_reason() {
    let folder = folder();
    let folder = folder.path();
    // Above 300 K of facility water nothing holds 26 degC: some points break, none ends the sweep.
    let asked = [
        "--vary",
        "site.wet_bulb=20..45 degC:6",
        "--output",
        "facility.power_w",
    ];
    let out = sweep(folder, "out", &asked);
    // A wet bulb above the dry bulb is refused by the hall file, so the plan is.
    assert_eq!(out.status.code(), Some(2));
    let text = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(text.contains("above the dry bulb"), "{text}");
    // In the middle of a grid it is a row.
    let asked = [
        "--vary",
        "site.dry_bulb=25..45 degC:3",
        "--vary",
        "site.wet_bulb=20..30 degC:3",
        "--set",
        "site.pressure=100 kPa",
        "--output",
        "facility.power_w",
        "--json",
    ];
    let out = sweep(folder, "grid", &asked);
    ok(&out);
    let counted: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(
        (&counted["points"], &counted["solved"]),
        (&9.into(), &8.into())
    );
    let csv = std::fs::read_to_string(folder.join("grid/sweep.csv")).unwrap();
    let row: Vec<&str> = csv.lines().nth(3).unwrap().splitn(6, ',').collect();
    assert_eq!(row[..5], ["2", "25", "30", "0", ""]);
    assert!(row[5].contains("wet bulb"), "{row:?}");
}

#[test]
fn wrong_plans_are_refused_before_anything_is_computed() {
    let folder = folder();
    let folder = folder.path();
    let flow = "equipment.cdu.flow=60..100 L/min:3";
    for (arguments, code, part) in [
        (
            &["--vary", "equipment.cdu.flw=1..2 L/min:3"][..],
            2,
            "did you mean `flow`?",
        ),
        (
            &["--vary", "equipment.cdx.flow=1..2 L/min:3"],
            2,
            "did you mean `cdu`?",
        ),
        (
            &["--vary", "equipment.cdu.flow=1..2 kg:3"],
            2,
            "wanted volume flow",
        ),
        (&["--vary", "equipment.cdu.flow=1..2:3"], 2, "no unit"),
        (
            &["--vary", "equipment.cdu.flow=60..60 L/min:3"],
            2,
            "range is empty",
        ),
        (
            &["--vary", "equipment.cdu.flow=60..80 L/min:0"],
            2,
            "0 values",
        ),
        (
            &["--vary", "equipment.cdu.flow=-5..80 L/min:3"],
            2,
            "out of range",
        ),
        (&["--vary", flow, "--vary", flow], 2, "varied twice"),
        (
            &["--vary", flow, "--set", "equipment.cdu.flow=70 L/min"],
            2,
            "both set and varied",
        ),
        (
            &["--vary", flow, "--output", "gpus.temperature_mx_c"],
            2,
            "did you mean `temperature_max_c`?",
        ),
        (&["--vary", flow, "--output", "gpus"], 2, "several results"),
        (
            &["--vary", flow, "--output", "equipment[cdx].mode"],
            2,
            "did you mean `cdu`?",
        ),
        (
            &["--vary", flow, "--output", "solver.seconds"],
            2,
            "no result `solver`",
        ),
        (&["--vary", flow, "--shard", "0/0"], 2, "0 parts"),
        (&["--vary", flow, "--shard", "4/3"], 2, "no part 4 of 3"),
        (&["--vary", flow, "--sample", "sobol:8"], 2, "with --sample"),
        (
            &[
                "--vary",
                "equipment.cdu.flow=60..100 L/min",
                "--sample",
                "sobol:0",
            ],
            2,
            "0 points",
        ),
        (
            &[
                "--vary",
                "equipment.cdu.flow=60..100 L/min",
                "--sample",
                "halton:8",
            ],
            2,
            "only sequence",
        ),
        (
            &["--vary", "equipment.cdu.flow=60..100 L/min:1000000000"],
            2,
            "need --yes",
        ),
        (
            &["--vary", "equipment.cdu.supply_temperature=x0.9..x1.1:3"],
            2,
            "no multiples",
        ),
        (&["--vary", "racks.rack.count=1..2:3"], 2, "whole number"),
        (&[], 2, "--vary"),
    ] {
        let out = sweep(folder, "out", arguments);
        let text = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(text.contains(part), "{arguments:?}: {text}");
        assert!(!folder.join("out").exists(), "{arguments:?} left something");
    }
    // A folder of another plan is left as it is.
    ok(&sweep(folder, "out", &["--vary", flow]));
    let before = tables(folder, "out");
    for arguments in [
        &["--vary", "equipment.cdu.flow=60..100 L/min:5"][..],
        &[
            "--vary",
            flow,
            "--set",
            "equipment.cdu.supply_temperature=38 degC",
        ],
        &["--vary", flow, "--output", "facility.power_w"],
    ] {
        let out = sweep(folder, "out", arguments);
        let text = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(2));
        assert!(text.contains("another plan"), "{text}");
        assert_eq!(tables(folder, "out"), before);
    }
    let out = command(folder, &["merge", "nowhere"]).output().unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("no plan.json"));
}

/// The journal's bytes of a sweep, with and without reading the hall file for every point.
fn both_ways(model: &Path, vary: &[&str], sample: Option<&str>, set: &[&str]) -> [Vec<u8>; 2] {
    let options = SweepOptions {
        vary: vary.iter().map(|one| (*one).to_owned()).collect(),
        sample: sample.map(str::to_owned),
        load: LoadOptions {
            set: set.iter().map(|one| (*one).to_owned()).collect(),
            state: None,
        },
        ..SweepOptions::default()
    };
    [false, true].map(|reads| {
        let folder = tempfile::tempdir().unwrap();
        let mut planned = sweep::plan(&Disk, model, &options).unwrap();
        if reads {
            planned.read_every_point();
        }
        let out = Folder::open(folder.path(), &planned.plan).unwrap();
        planned.run(&out, Shard::WHOLE, &|_, _| ()).unwrap();
        let journals = [(out.journal(Shard::WHOLE), Shard::WHOLE)];
        let (tally, _) = sweep::write_tables(&planned.plan, &journals, &out, |_| ()).unwrap();
        assert!(tally.solved * 2 > tally.points, "{tally:?}");
        std::fs::read(folder.path().join("sweep.csv")).unwrap()
    })
}

#[test]
fn changing_numbers_in_place_gives_the_bits_of_reading_the_file_again() {
    let halls = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/halls");
    let rack = halls.join("rack.toml");
    let [fast, read] = both_ways(
        &rack,
        &[
            "equipment.cdu.flow=50..110 L/min",
            "equipment.cdu.supply_temperature=32..48 degC",
            "states.training.gpu_load=0.2..1",
            "site.wet_bulb=15..25 degC",
            "racks.rack.server.gpu.idle_power=70..120 W",
            "rack.0.server.3.gpu.5.idle_power=60..140 W",
            "rooms.hall.limit=27..35 degC",
            "loops.coolant.fluid=pg25,water",
        ],
        Some("sobol:64"),
        &[],
    );
    assert!(fast == read, "rack");
    // Pods of differing GPUs on headers, with towers and an electrical tree.
    let [fast, read] = both_ways(
        &halls.join("bench-100k.toml"),
        &[
            "groups.pod.equipment.cdu.flow=500..600 L/min:2",
            "loops.facility.header.segment_linear=0.01,0.03 Pa s/kg",
            "spreads.leakage.sigma=0.1,0.2",
            "parts.bench-server.fan_power=500,700 W",
        ],
        None,
        &["groups.pod.count=3", "groups.pod.racks.rack.count=2"],
    );
    assert!(fast == read, "bench");
    // A count, which numbers the hall anew, beside a number.
    let vary = [
        "racks.rack.servers=2,4",
        "equipment.cdu.flow=20..30 L/min:5",
    ];
    let [fast, read] = both_ways(&rack, &vary, None, &[]);
    assert!(fast == read, "count");
}

#[test]
#[cfg(unix)]
fn the_slurm_script_solves_its_own_part() {
    let folder = folder();
    let folder = folder.path();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cluster/slurm-array.sh");
    let flow = ["--vary", "equipment.cdu.flow=60..100 L/min:24"];
    let task = |number: Option<&str>| {
        let mut command = Command::new("bash");
        command
            .arg(&script)
            .args(["2", "parts", "rack.toml"])
            .args(flow)
            .current_dir(folder)
            .env("LOOPWATT", cargo_bin("loopwatt"))
            .env_remove("SLURM_ARRAY_TASK_ID");
        if let Some(number) = number {
            command.env("SLURM_ARRAY_TASK_ID", number);
        }
        command.output().unwrap()
    };
    let outside = task(None);
    assert_eq!(outside.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&outside.stderr).contains("--array=1-2"));
    ok(&task(Some("1")));
    ok(&task(Some("2")));
    ok(&command(folder, &["merge", "parts"]).output().unwrap());
    ok(&sweep(folder, "whole", &flow));
    assert_eq!(tables(folder, "whole"), tables(folder, "parts"));
}
