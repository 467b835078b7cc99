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
