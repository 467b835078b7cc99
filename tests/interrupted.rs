//! A report that is killed while it is being written leaves the old one whole or the new one.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;

const RACK: &str = include_str!("../models/halls/rack.toml");
/// What makes the second report another than the first.
const OTHER: [&str; 2] = ["--set", "equipment.cdu.supply_temperature=38 degC"];

fn report(folder: &Path, out: &str, other: bool) -> Command {
    let mut command = Command::new(cargo_bin("loopwatt"));
    command
        .current_dir(folder)
        .args(["report", "rack.toml", "--out", out])
        .args(if other { &OTHER[..] } else { &[] })
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// What a reader of the report sees: the page, and every file of the run that it names, with their bytes; without the
/// time that the solve took and the name of the run, which depends on it.
fn seen(out: &Path) -> BTreeMap<String, Vec<u8>> {
    let page = std::fs::read_to_string(out.join("index.html")).unwrap();
    let start = page.find("run-").expect("the page names its run");
    let run: String = page[start..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    let timeless = |text: &str| -> Vec<u8> {
        let kept = text
            .split_inclusive('\n')
            .filter(|line| !line.contains("Time of the solve") && !line.contains("\"seconds\""));
        kept.collect::<String>().replace(&run, "run").into_bytes()
    };
    let mut files: BTreeMap<String, Vec<u8>> = std::fs::read_dir(out.join(&run))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (name(&path), std::fs::read(&path).unwrap()))
        .collect();
    let result = files.get_mut("result.json").unwrap();
    *result = timeless(std::str::from_utf8(result).unwrap());
    files.insert("index.html".to_owned(), timeless(&page));
    files
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// The folders of runs in `out`, the unfinished ones too.
fn runs(out: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(out)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| name(path).trim_start_matches('.').starts_with("run-"))
        .collect()
}

/// Waits until the child has written `files` files of a run that was not in `before`; says whether it still runs.
fn wait_for(child: &mut Child, out: &Path, before: &[PathBuf], files: usize) -> bool {
    let end = Instant::now() + Duration::from_secs(300);
    loop {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(Instant::now() < end, "the report takes too long");
        let written = runs(out)
            .into_iter()
            .filter(|run| !before.contains(run))
            .filter_map(|run| std::fs::read_dir(run).ok().map(Iterator::count))
            .max();
        if written.is_some_and(|count| count >= files) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_killed_report_leaves_the_old_one_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rack.toml"), RACK).unwrap();
    for (out, other) in [("old", false), ("new", true), ("out", false)] {
        assert!(
            report(folder.path(), out, other)
                .status()
                .unwrap()
                .success()
        );
    }
    let old = seen(&folder.path().join("old"));
    let new = seen(&folder.path().join("new"));
    assert_ne!(old, new);
    let out = folder.path().join("out");
    assert!(seen(&out) == old, "the same hall has the same report");

    let (mut killed, mut at) = (0, false);
    let moments: Vec<usize> = (0..new.len()).step_by(3).collect();
    for &files in &moments {
        let before = runs(&out);
        // Always the report that is not there.
        at = seen(&out) == old;
        let mut child = report(folder.path(), "out", at).spawn().unwrap();
        killed += usize::from(wait_for(&mut child, &out, &before, files));
        child.kill().ok();
        child.wait().unwrap();
        let now = seen(&out);
        assert!(now == old || now == new, "killed after {files} files");
    }
    assert!(killed > moments.len() / 2, "{killed} were killed in time");

    // What the killed left behind does not stop the next report, which clears it away.
    assert!(report(folder.path(), "out", at).status().unwrap().success());
    assert!(seen(&out) == if at { new } else { old });
    assert_eq!(runs(&out).len(), 1);
}
