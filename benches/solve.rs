//! Times in process: numbering a hall, solving it from nothing, solving it again after a small change.
//!
//! `cargo bench --bench solve`. The halls are `models/halls/bench-100k.toml` with 1 to 1,960 pods of
//! 512 GPUs, plant and power scaled with them; all GPUs differ.

use std::path::Path;

use divan::Bencher;
use loopwatt::hall::model::Hall;
use loopwatt::hall::{LoadOptions, load};
use loopwatt::network::Network;
use loopwatt::network::build::{build, renew};
use loopwatt::solve::{Options, Start, guess, solve, solve_again, solve_from};
use loopwatt::world::Disk;

fn main() {
    divan::main();
}

/// Pods of 512 GPUs.
const PODS: [usize; 5] = [1, 8, 64, 196, 1960];

fn hall(pods: usize, supply: &str) -> Hall {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/halls/bench-100k.toml");
    let scaled = |of_196: usize| (of_196 * pods).div_ceil(196).max(1);
    let mut set = vec![
        format!("groups.pod.count={pods}"),
        format!("groups.pod.equipment.cdu.supply_temperature={supply}"),
    ];
    for (name, count) in [
        ("facility-pumps", 12),
        ("plate-exchangers", 15),
        ("tower-pumps", 11),
        ("towers", 34),
        ("hv", 3),
        ("transformers", 64),
        ("busway", 64),
        ("mechanical", 14),
    ] {
        set.push(format!("equipment.{name}.count={}", scaled(count)));
    }
    let bore = 1000.0 * (pods as f64 / 196.0).sqrt();
    set.push(format!("equipment.facility-main.bore={bore} mm"));
    // A header with more taps is wider, for the same pressure to its end.
    let taps = 196.0 / pods as f64;
    for (key, value) in [
        ("segment_linear", format!("{} Pa s/kg", 0.02 * taps.powi(2))),
        (
            "segment_quadratic",
            format!("{} Pa s2/kg2", 1e-4 * taps.powi(3)),
        ),
    ] {
        set.push(format!("loops.facility.header.{key}={value}"));
    }
    for (path, megawatts) in [
        ("equipment.feed.power_limit", 200.0),
        ("equipment.air.capacity", 80.0),
    ] {
        set.push(format!("{path}={} MW", megawatts * pods as f64 / 196.0));
    }
    let options = LoadOptions { set, state: None };
    load(&Disk, &path, &options).expect("the example hall").0
}

fn network(pods: usize, supply: &str) -> Network {
    build(&hall(pods, supply)).expect("the example hall")
}

#[divan::bench(args = PODS, sample_count = 15, sample_size = 1)]
fn network_build(bencher: Bencher<'_, '_>, pods: usize) {
    let hall = hall(pods, "40 degC");
    bencher.bench_local(|| build(&hall));
}

#[divan::bench(args = PODS, sample_count = 15, sample_size = 1)]
fn cold_solve(bencher: Bencher<'_, '_>, pods: usize) {
    let network = network(pods, "40 degC");
    bencher.bench_local(|| {
        solve(&network, guess(&network), &Options::default()).expect("the example hall")
    });
}

/// The same hall with coolant 1 K warmer, from the solution before, in its memory.
#[divan::bench(args = PODS, sample_count = 15, sample_size = 1)]
fn warm_solve(bencher: Bencher<'_, '_>, pods: usize) {
    let before = network(pods, "40 degC");
    let options = Options::default();
    let solved = || solve(&before, guess(&before), &options).expect("the example hall");
    let start = Start::new(solved());
    let after = renew(&hall(pods, "41 degC"), before.clone()).expect("the example hall");
    let mut spare = Some(solved());
    bencher.bench_local(|| {
        let solution = solve_from(&after, &start, spare.take(), &options);
        spare = Some(solution.expect("the example hall"));
    });
}

/// From nothing, in the memory of a former solve.
#[divan::bench(args = PODS, sample_count = 15, sample_size = 1)]
fn cold_solve_again(bencher: Bencher<'_, '_>, pods: usize) {
    let network = network(pods, "40 degC");
    let options = Options::default();
    let mut spare = None;
    bencher.bench_local(|| {
        let solution = solve_again(&network, spare.take(), &options);
        spare = Some(solution.expect("the example hall"));
    });
}
