//! Budgets, failures, sizing and uncertainty as a user meets them: exit codes, wrong input, JSON, the folder.

#![allow(clippy::unwrap_used)]

use assert_cmd::Command;
use std::path::Path;

const RACK: &str = include_str!("../models/halls/rack.toml");

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("loopwatt")
        .unwrap()
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rack.toml"), RACK).unwrap();
    folder
}

#[test]
fn a_budget_ends_with_one_where_a_limit_is_broken() {
    let folder = folder();
    let quiet = [
        "budget",
        "rack.toml",
        "--ask",
        "none",
        "--weather",
        "memphis",
    ];
    let (code, text, messages) = run(folder.path(), &quiet);
    assert_eq!((code, messages.as_str()), (0, ""), "{text}");
    assert!(text.contains("synchronous-peak"), "{text}");
    let tight = [
        &quiet[..],
        &["--set", "racks.rack.power_limit=65 kW", "--json"],
    ]
    .concat();
    let (code, text, _) = run(folder.path(), &tight);
    assert_eq!(code, 1);
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found["schema_version"], 1);
    let first = &found["limits"][0];
    assert_eq!(
        (&first["level"], &first["status"]),
        (&"rack".into(), &"broken".into())
    );
    assert_eq!(first["limit"], 65e3);
    // In SI whatever the tables are set in.
    let us = [&tight[..], &["--units", "us"]].concat();
    assert_eq!(run(folder.path(), &us).1, text);
}

#[test]
fn failures_end_with_one_where_claimed_redundancy_is_not_there() {
    let folder = folder();
    let (code, text, _) = run(folder.path(), &["failures", "rack.toml"]);
    assert_eq!(code, 0);
    assert!(text.contains("The file claims no redundancy."), "{text}");
    // Two pumps, one in reserve, of which one cannot carry the loop.
    let pumped = RACK.replace(
        "water = { kind = \"given_water\"",
        "feed = { kind = \"feed\" }\nfeeder = { kind = \"transformer\", rating = \"90 kVA\", count = 2, redundant_units = 1, no_load_loss = \"200 W\", load_loss = \"1 kW\", room = \"hall\", feeder = \"feed\" }\nwater = { kind = \"given_water\"",
    ).replace("inlet_air = \"hall\"", "inlet_air = \"hall\"\nfeeder = \"feeder\"");
    std::fs::write(folder.path().join("fed.toml"), pumped).unwrap();
    let (code, text, messages) = run(folder.path(), &["failures", "fed.toml", "--json"]);
    assert_eq!(code, 0, "{messages}");
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found["redundancy"][0]["holds"], true);
    let weak = [
        "failures",
        "fed.toml",
        "--set",
        "equipment.feeder.rating=50 kVA",
        "--json",
    ];
    let (code, text, _) = run(folder.path(), &weak);
    assert_eq!(code, 1);
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found["redundancy"][0]["claimed"], "N+1");
    assert_eq!(found["redundancy"][0]["shown"], 0);
}

#[test]
fn wrong_input_is_told_with_what_was_meant() {
    let folder = folder();
    for (arguments, code, words) in [
        (
            vec!["budget", "rack.toml", "--at", "trainin"],
            2,
            "did you mean `training`?",
        ),
        (
            vec!["budget", "rack.toml", "--count", "racks.rack"],
            2,
            "racks.rack.count",
        ),
        (
            vec!["budget", "rack.toml", "--ask", "racks"],
            2,
            "possible values",
        ),
        (
            vec!["budget", "rack.toml", "--weather", "menphis"],
            2,
            "did you mean `memphis`?",
        ),
        (
            vec!["budget", "rack.toml", "--weather", "none.epw"],
            4,
            "none.epw",
        ),
        (
            vec!["budget", "rack.toml", "--state", "trainin"],
            2,
            "training",
        ),
        (vec!["budget", "none.toml"], 4, "none.toml"),
        (
            vec!["failures", "rack.toml", "--fouling", "-1"],
            2,
            "between 0.01 and 20",
        ),
        (
            vec!["failures", "rack.toml", "--blockage", "0.5"],
            2,
            "between 1 and 1000",
        ),
        (
            vec![
                "failures",
                "rack.toml",
                "--set",
                "equipment.cdu.flw=1 L/min",
            ],
            2,
            "flow",
        ),
        (
            vec!["failures", "rack.toml", "--out", "rack.toml"],
            4,
            "rack.toml",
        ),
    ] {
        let (found, _, messages) = run(folder.path(), &arguments);
        assert_eq!(found, code, "{arguments:?}: {messages}");
        assert!(messages.contains(words), "{arguments:?}: {messages}");
    }
}

#[test]
fn pages_are_written_whole_and_the_same_twice() {
    let folder = folder();
    for (command, figures) in [
        (
            vec!["budget", "rack.toml", "--ask", "none", "--out", "b"],
            vec!["power", "limits"],
        ),
        (
            vec!["failures", "rack.toml", "--pairs", "--out", "f"],
            vec!["losses", "pairs"],
        ),
    ] {
        let out = folder.path().join(command[command.len() - 1]);
        let mut pages = Vec::new();
        for _ in 0..2 {
            let (code, text, messages) = run(folder.path(), &command);
            assert_eq!(code, 0, "{messages}");
            assert!(text.starts_with(&format!("{}/index.html", command[command.len() - 1])));
            let page = std::fs::read_to_string(out.join("index.html")).unwrap();
            assert!(!page.contains("could not be drawn"), "{page}");
            let start = page.find("run-").unwrap();
            let run = out.join(&page[start..start + 20]);
            for figure in &figures {
                assert!(page.contains(&format!("{figure}.svg")));
                for end in ["svg", "png"] {
                    assert!(
                        run.join(format!("{figure}.{end}")).is_file(),
                        "{figure}.{end}"
                    );
                }
            }
            pages.push(page);
        }
        assert_eq!(pages[0], pages[1]);
    }
}

#[test]
fn uncertainty_is_the_same_on_any_number_of_threads_and_refuses_wrong_ranges() {
    let folder = folder();
    let asked = [
        "uncertainty",
        "rack.toml",
        "--samples",
        "32",
        "--inputs",
        "8",
        "--json",
    ];
    let (code, text, messages) = run(folder.path(), &asked);
    assert_eq!(code, 0, "{messages}");
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&found["schema_version"], &found["solved"]),
        (&1.into(), &32.into())
    );
    assert_eq!(found["spreads"][0]["output"], "power");
    let alone = [&asked[..], &["--threads", "1"]].concat();
    assert_eq!(run(folder.path(), &alone).1, text);
    for (range, words) in [
        ("equipment.cdu.flow=70 L/min..60 L/min", "empty"),
        ("equipment.cdu.flow", "no `=`"),
        ("equipment.cdu.flow=60..70 kPa", "does not take"),
        ("equipment.cdu.flwo=60 L/min..70 L/min", "flwo"),
    ] {
        let (code, _, messages) = run(
            folder.path(),
            &["uncertainty", "rack.toml", "--range", range],
        );
        assert_eq!(code, 2, "{range}: {messages}");
        assert!(messages.contains(words), "{range}: {messages}");
    }
    let out = [
        "uncertainty",
        "rack.toml",
        "--samples",
        "16",
        "--inputs",
        "4",
        "--out",
        "u",
    ];
    let (code, text, messages) = run(folder.path(), &out);
    assert_eq!(code, 0, "{messages}");
    assert!(text.starts_with("u/index.html"));
    let page = std::fs::read_to_string(folder.path().join("u/index.html")).unwrap();
    assert!(page.contains("power-tornado.svg") && !page.contains("could not be drawn"));
}

#[test]
fn a_sized_hall_is_written_and_accepted_and_wrong_plans_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let tower = include_str!("halls/tower.toml").replace("count = 2\n", "count = 1 # too few\n");
    std::fs::write(folder.path().join("tower.toml"), &tower).unwrap();
    let sized = folder.path().join("sized.toml");
    let write = [
        "size",
        "tower.toml",
        "--redundancy",
        "towers=n+1",
        "--write",
        "sized.toml",
        "--out",
        "s",
    ];
    let (code, text, messages) = run(folder.path(), &write);
    assert_eq!((code, messages.as_str()), (0, ""), "{text}");
    assert!(text.contains("(N+1)"), "{text}");
    let written = std::fs::read_to_string(&sized).unwrap();
    assert!(written.contains("# too few"), "{written}");
    for command in ["check", "solve", "failures"] {
        let (code, text, messages) = run(folder.path(), &[command, "sized.toml"]);
        assert_eq!(code, 0, "{command}: {text}{messages}");
    }
    // The page with its chart, the hall and the schedule.
    let page = std::fs::read_to_string(folder.path().join("s/index.html")).unwrap();
    let run_folder = page.split("run-").nth(1).unwrap();
    let run_folder = format!("s/run-{}", run_folder.split('/').next().unwrap());
    for name in [
        "sized.toml",
        "schedule.csv",
        "size.json",
        "margins.svg",
        "margins.png",
    ] {
        assert!(
            folder.path().join(&run_folder).join(name).is_file(),
            "{name}"
        );
    }
    // What cannot be had is told, and the file stays as it was.
    let cold = [
        "size",
        "tower.toml",
        "--set",
        "equipment.towers.control=fixed",
        "--set",
        "equipment.towers.supply_temperature=20 degC",
        "--write",
        "sized.toml",
    ];
    let (code, text, messages) = run(folder.path(), &cold);
    assert_eq!(code, 1, "{messages}");
    assert!(text.contains("CANNOT BE SIZED: towers"), "{text}");
    assert!(messages.contains("not written"), "{messages}");
    assert_eq!(std::fs::read_to_string(&sized).unwrap(), written);
    for (arguments, code, words) in [
        (vec!["--margin", "heat=10%"], 2, "duty, flow, head, power"),
        (vec!["--margin", "duty=-5%"], 2, "between 0 % and 300 %"),
        (vec!["--redundancy", "n+"], 2, "n+1"),
        (
            vec!["--redundancy", "tower5=n+1"],
            2,
            "did you mean `towers`?",
        ),
        (
            vec!["--from-library", "--required"],
            2,
            "cannot be used with",
        ),
        (vec!["--write", "none/sized.toml"], 4, "no such folder"),
        (vec!["--weather", "menphis"], 2, "did you mean `memphis`?"),
        (vec!["--set", "equipment.towers.cout=3"], 2, "count"),
    ] {
        let all = [&["size", "tower.toml"][..], &arguments].concat();
        let (found, _, messages) = run(folder.path(), &all);
        assert_eq!(found, code, "{arguments:?}: {messages}");
        assert!(messages.contains(words), "{arguments:?}: {messages}");
    }
}
