//! The program as a user meets it: exit codes, an empty directory, JSON.

#![allow(clippy::unwrap_used)]

use assert_cmd::Command;

fn loopwatt() -> Command {
    Command::cargo_bin("loopwatt").unwrap()
}

const RACK: &str = include_str!("../models/halls/rack.toml");

#[test]
fn works_in_an_empty_directory() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rack.toml"), RACK).unwrap();
    let output = loopwatt()
        .current_dir(folder.path())
        .args(["solve", "rack.toml", "--json"])
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["schema_version"], 1);
    assert_eq!(result["gpus"]["count"], 64);
    for key in [
        "state",
        "scenario",
        "facility",
        "power",
        "gpus",
        "loops",
        "controls",
        "equipment",
        "heat_sinks",
        "limits",
        "balance",
        "solver",
        "warnings",
    ] {
        assert!(!result[key].is_null(), "{key}");
    }
}

/// The binary alone, copied away from where it was built: library, fluids, weather and fonts are in it.
#[test]
fn works_without_its_sources() {
    let folder = tempfile::tempdir().unwrap();
    let name = format!("loopwatt{}", std::env::consts::EXE_SUFFIX);
    let binary = folder.path().join(&name);
    std::fs::copy(assert_cmd::cargo::cargo_bin("loopwatt"), &binary).unwrap();
    let hall = folder.path().join("hall");
    std::fs::create_dir(&hall).unwrap();
    std::fs::write(hall.join("rack.toml"), RACK).unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(&binary)
            .current_dir(&hall)
            .env_clear()
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    };
    let result: serde_json::Value =
        serde_json::from_slice(&run(&["solve", "rack.toml", "--json"])).unwrap();
    assert!(
        result["facility"]["power_w"]
            .as_f64()
            .is_some_and(|watts| watts > 6e4)
    );
    run(&["check", "rack.toml"]);
    run(&["library", "show", "h100-sxm5"]);
    run(&["report", "rack.toml", "--out", "report"]);
    let report = hall.join("report");
    let page = std::fs::read_to_string(report.join("index.html")).unwrap();
    assert!(page.contains("One rack of 64 GPUs"));
    let inside = |folder: &std::path::Path| std::fs::read_dir(folder).unwrap();
    let files = inside(&report)
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .flat_map(|path| inside(&path));
    let names: Vec<String> = files
        .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    let of = |end: &str| names.iter().filter(|name| name.ends_with(end)).count();
    assert!(of(".svg") >= 5 && of(".png") == of(".svg"), "{names:?}");
    // Nothing else was written anywhere near.
    let beside: Vec<_> = std::fs::read_dir(&hall).unwrap().collect();
    assert_eq!(beside.len(), 2);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

/// The number of threads is no part of the answer.
#[test]
fn threads_print_the_same() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rack.toml"), RACK).unwrap();
    let print = |threads: &str| {
        let output = loopwatt()
            .current_dir(folder.path())
            .args(["solve", "rack.toml", "--json", "--threads", threads])
            .output()
            .unwrap();
        let mut result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        result["solver"]["seconds"] = 0.into();
        result.to_string()
    };
    let one = print("1");
    assert_eq!(one, print("2"));
    assert_eq!(one, print("8"));
}

#[test]
fn exit_codes_tell_what_happened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rack.toml");
    std::fs::write(&file, RACK).unwrap();
    let code = |arguments: &[&str]| {
        let output = loopwatt()
            .current_dir(folder.path())
            .args(arguments)
            .output()
            .unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    assert_eq!(code(&["check", "rack.toml"]).0, 0);
    let hot = [
        "solve",
        "rack.toml",
        "--set",
        "equipment.water.supply_temperature=70 degC",
        "--set",
        "equipment.cdu.supply_temperature=72 degC",
    ];
    assert_eq!(code(&hot).0, 1);
    assert_eq!(
        code(&["solve", "rack.toml", "--set", "equipment.cdu.running=0"]).0,
        1
    );
    let (misspelt, message) = code(&[
        "solve",
        "rack.toml",
        "--set",
        "equipment.cdu.suply_temperature=30 degC",
    ]);
    assert_eq!(misspelt, 2);
    assert!(message.contains("supply_temperature"), "{message}");
    assert_eq!(code(&["solve", "missing.toml"]).0, 4);
    assert_eq!(code(&["solve", "."]).0, 4);
    assert_eq!(code(&["solve", "rack.toml", "--gpus", "gpus.xlsx"]).0, 2);
    assert_eq!(code(&["frobnicate"]).0, 2);
}

#[test]
fn per_asset_tables_are_written_whole() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rack.toml"), RACK).unwrap();
    loopwatt()
        .current_dir(folder.path())
        .args([
            "solve",
            "rack.toml",
            "--gpus",
            "g.csv",
            "--racks",
            "r.parquet",
            "--servers",
            "s.csv",
            "--cdus",
            "c.csv",
        ])
        .assert()
        .success();
    let gpus = std::fs::read_to_string(folder.path().join("g.csv")).unwrap();
    assert_eq!(gpus.lines().count(), 65);
    assert!(gpus.starts_with("asset,count,junction_temperature [degC],"));
    let parquet = std::fs::read(folder.path().join("r.parquet")).unwrap();
    assert_eq!(&parquet[..4], b"PAR1");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 5, "nothing half-written is left behind");
}

#[test]
fn explains_results_and_parts() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rack.toml"), RACK).unwrap();
    for (path, wanted) in [
        ("facility.pue", "PUE = facility / IT"),
        ("rack.0.server.1.gpu.3", "T_junction"),
        ("cdu", "Equations"),
        ("loops.coolant", "specific heat"),
    ] {
        let output = loopwatt()
            .current_dir(folder.path())
            .args(["explain", "rack.toml", path])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains(wanted), "{path}: {text}");
    }
    let output = loopwatt()
        .args(["library", "show", "h100-sxm5"])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("700 W"));
    let output = loopwatt()
        .args(["library", "show", "h100-sxm"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}
