//! Times of whole commands, from the start of the process to its end, on as many threads as there are cores.
//!
//! `cargo bench --bench command` runs all of it, a part of a name that part alone
//! (`cargo bench --bench command -- table`). Numbers are of GPUs: `plain` solves
//! `models/halls/bench-100k.toml` with plant and power scaled to them, `table` the hall of `benches/peers` with
//! five coefficients of each GPU from a CSV file that is written here before.

#[allow(dead_code, reason = "the halls are read by the program itself")]
mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::Gpus;
use divan::Bencher;
use loopwatt::hall::variation::{inverse_normal, uniform};
use tempfile::TempDir;

fn main() {
    divan::main();
}

const GPUS: [usize; 5] = [512, 4096, 32768, 100352, 1003520];

/// Runs a command to its end; a limit that is broken (exit 1) is an answer too.
fn run(arguments: &[String]) {
    let status = Command::new(env!("CARGO_BIN_EXE_loopwatt"))
        .args(arguments)
        .stdout(Stdio::null())
        .status()
        .expect("the program starts");
    assert!(matches!(status.code(), Some(0 | 1)), "{status}");
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn model(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[divan::bench(sample_count = 51, sample_size = 1)]
fn version(bencher: Bencher<'_, '_>) {
    let command = words(&["--version"]);
    bencher.bench_local(|| run(&command));
}

#[divan::bench(sample_count = 51, sample_size = 1)]
fn check(bencher: Bencher<'_, '_>) {
    let rack = model("models/halls/rack.toml").display().to_string();
    let command = words(&["check", &rack]);
    bencher.bench_local(|| run(&command));
}

#[divan::bench(args = GPUS, sample_count = 15, sample_size = 1)]
fn plain(bencher: Bencher<'_, '_>, gpus: usize) {
    let hall = model("models/halls/bench-100k.toml").display().to_string();
    let edits = common::edits(gpus / 512, "40 degC", Gpus::Different);
    solve(bencher, &hall, edits);
}

#[divan::bench(args = GPUS, sample_count = 15, sample_size = 1)]
fn table(bencher: Bencher<'_, '_>, gpus: usize) {
    let folder = hall_with_table(gpus).expect("room for the table");
    let hall = folder.path().join("hall.toml").display().to_string();
    solve(bencher, &hall, common::header(gpus / 512));
}

fn solve(bencher: Bencher<'_, '_>, hall: &str, edits: impl IntoIterator<Item = String>) {
    let mut command = words(&["solve", hall, "--json"]);
    for edit in edits {
        command.extend(["--set".to_owned(), edit]);
    }
    bencher.bench_local(|| run(&command));
}

/// Key with unit, middle and relative width of what differs between GPUs.
const COLUMNS: [(&str, f64, f64); 5] = [
    ("plate.linear [Pa s/kg]", 2e5, 0.05),
    ("plate.quadratic [Pa s2/kg2]", 4e7, 0.05),
    ("plate.conductance [W/K]", 80.0, 0.05),
    ("leakage [W]", 60.0, 0.15),
    ("rated_power [W]", 700.0, 0.03),
];

/// The hall of `benches/peers` with pods of 512 GPUs, and a table with a row for each GPU.
fn hall_with_table(gpus: usize) -> std::io::Result<TempDir> {
    let folder = tempfile::tempdir()?;
    let hall = std::fs::read_to_string(model("benches/peers/hall.toml"))?;
    let pods = format!("count = {}", gpus / 512);
    std::fs::write(
        folder.path().join("hall.toml"),
        hall.replace("count = 196", &pods),
    )?;
    let mut text = "asset".to_owned();
    for (key, ..) in COLUMNS {
        text += &format!(",{key}");
    }
    for gpu in 0..gpus {
        let (pod, rack, server) = (gpu / 512, gpu / 64 % 8, gpu / 8 % 8);
        let _ = write!(
            text,
            "\npod.{pod}.rack.{rack}.server.{server}.gpu.{}",
            gpu % 8
        );
        for (column, (_, middle, width)) in (0..).zip(COLUMNS) {
            let draw = inverse_normal(uniform(column, &[gpu as u32]));
            let _ = write!(text, ",{:.7}", middle * (width * draw).exp());
        }
    }
    text.push('\n');
    std::fs::write(folder.path().join("gpus.csv"), text)?;
    Ok(folder)
}
