//! Times in process: numbering a hall, one pass over it, solving it from nothing, solving it again after a
//! small change, a block of a sweep, a year of weather bins.
//!
//! `cargo bench --bench solve` runs all of it; a part of a name runs that part alone
//! (`cargo bench --bench solve -- different::warm`, `-- 100352`). Names end in the number of GPUs:
//! `models/halls/bench-100k.toml` with 1 to 1,960 pods of 512, plant and power scaled with them; all GPUs
//! different, or all identical (then only places on the headers tell them apart).
//!
//! One pass linearises every plate, path, rack and group, eliminates upward and substitutes back. Flow and
//! heat are one system with exact derivatives, so there is no hydraulic pass without a thermal one; what a
//! pass costs is `pass`.

mod common;

use common::{Gpus, hall};
use divan::Bencher;
use loopwatt::network::Network;
use loopwatt::network::build::{build, renew};
use loopwatt::solve::{Options, Solution, Start, guess, solve, solve_again, solve_from};
use loopwatt::study::annual::{self, AnnualOptions};
use loopwatt::world::Disk;

fn main() {
    divan::main();
}

/// GPUs: pods of 512.
const GPUS: [usize; 5] = [512, 4096, 32768, 100352, 1003520];
/// Sizes at which a study of many points stays short.
const FEW: [usize; 3] = [512, 4096, 32768];

fn network(gpus: usize, supply: &str, which: Gpus) -> Network {
    build(&hall(gpus / 512, supply, which)).expect("the example hall")
}

fn solved(network: &Network) -> Solution {
    solve(network, guess(network), &Options::default()).expect("the example hall")
}

fn network_build(bencher: Bencher<'_, '_>, gpus: usize, which: Gpus) {
    let hall = hall(gpus / 512, "40 degC", which);
    bencher.bench_local(|| build(&hall));
}

/// One pass at the solution.
fn pass(bencher: Bencher<'_, '_>, gpus: usize, which: Gpus) {
    let network = network(gpus, "40 degC", which);
    // Any step is small enough: the first ends the iteration.
    let options = Options {
        tolerance: f64::INFINITY,
        ..Options::default()
    };
    again(bencher, &network, &network, &options);
}

fn cold(bencher: Bencher<'_, '_>, gpus: usize, which: Gpus) {
    let network = network(gpus, "40 degC", which);
    bencher.bench_local(|| solved(&network));
}

/// From nothing, in the memory of a former solve.
fn cold_again(bencher: Bencher<'_, '_>, gpus: usize, which: Gpus) {
    let network = network(gpus, "40 degC", which);
    let options = Options::default();
    let mut spare = None;
    bencher.bench_local(|| {
        let solution = solve_again(&network, spare.take(), &options);
        spare = Some(solution.expect("the example hall"));
    });
}

/// The same hall with coolant 1 K warmer, from the solution before, in its memory.
fn warm(bencher: Bencher<'_, '_>, gpus: usize, which: Gpus) {
    let before = network(gpus, "40 degC", which);
    let after =
        renew(&hall(gpus / 512, "41 degC", which), before.clone()).expect("the example hall");
    again(bencher, &before, &after, &Options::default());
}

fn again(bencher: Bencher<'_, '_>, before: &Network, after: &Network, options: &Options) {
    let start = Start::new(solved(before));
    let mut spare = Some(solved(before));
    bencher.bench_local(|| {
        let solution = solve_from(after, &start, spare.take(), options);
        spare = Some(solution.expect("the example hall"));
    });
}

/// What a point of a sweep costs: the hall numbered again after an edit, and solved from an anchor.
fn sweep_point(bencher: Bencher<'_, '_>, gpus: usize, which: Gpus) {
    let hall_after = hall(gpus / 512, "41 degC", which);
    let before = network(gpus, "40 degC", which);
    let start = Start::new(solved(&before));
    let mut spare = Some(solved(&before));
    let mut kept = Some(before);
    bencher.bench_local(|| {
        let after = kept.take().map(|network| renew(&hall_after, network));
        let after = after.expect("kept").expect("the example hall");
        let solution = solve_from(&after, &start, spare.take(), &Options::default());
        spare = Some(solution.expect("the example hall"));
        kept = Some(after);
    });
}

/// The built-in year of Memphis in bins of temperature.
fn year(bencher: Bencher<'_, '_>, gpus: usize, which: Gpus) {
    let hall = hall(gpus / 512, "40 degC", which);
    let options = AnnualOptions::default();
    bencher
        .bench_local(|| annual::run(&Disk, &hall, &options, &|_, _| {}).expect("the example hall"));
}

/// All of them, for these GPUs.
macro_rules! suite {
    ($name:ident, $which:ident) => {
        mod $name {
            use super::{Bencher, FEW, GPUS, Gpus};
            const WHICH: Gpus = Gpus::$which;

            #[divan::bench(args = GPUS, sample_count = 15, sample_size = 1)]
            fn network_build(bencher: Bencher<'_, '_>, gpus: usize) {
                super::network_build(bencher, gpus, WHICH);
            }

            #[divan::bench(args = GPUS, sample_count = 15, sample_size = 1)]
            fn pass(bencher: Bencher<'_, '_>, gpus: usize) {
                super::pass(bencher, gpus, WHICH);
            }

            #[divan::bench(args = GPUS, sample_count = 15, sample_size = 1)]
            fn cold(bencher: Bencher<'_, '_>, gpus: usize) {
                super::cold(bencher, gpus, WHICH);
            }

            #[divan::bench(args = GPUS, sample_count = 15, sample_size = 1)]
            fn cold_again(bencher: Bencher<'_, '_>, gpus: usize) {
                super::cold_again(bencher, gpus, WHICH);
            }

            #[divan::bench(args = GPUS, sample_count = 15, sample_size = 1)]
            fn warm(bencher: Bencher<'_, '_>, gpus: usize) {
                super::warm(bencher, gpus, WHICH);
            }

            #[divan::bench(args = FEW, sample_count = 15, sample_size = 1)]
            fn sweep_point(bencher: Bencher<'_, '_>, gpus: usize) {
                super::sweep_point(bencher, gpus, WHICH);
            }

            #[divan::bench(args = FEW, sample_count = 3, sample_size = 1)]
            fn year(bencher: Bencher<'_, '_>, gpus: usize) {
                super::year(bencher, gpus, WHICH);
            }
        }
    };
}

suite!(different, Different);
suite!(identical, Identical);
