//! Times of the adjoint of a solved hall: of its multipliers and slopes for six results (facility power, IT power, PUE's
//! two parts, pumps, cooling, electrical losses, hottest GPU), against one solve from nothing; and of the derivatives to one
//! number of a rack and to one of the plant.
//!
//! `cargo bench --bench adjoint`

use std::path::Path;

use divan::Bencher;
use loopwatt::hall::{LoadOptions, load};
use loopwatt::network::build::build;
use loopwatt::solve::{Options, guess, solve};
use loopwatt::study::derivatives::Derivatives;
use loopwatt::study::{Run, run_hall};
use loopwatt::world::Disk;

fn main() {
    divan::main();
}

const HALLS: [&str; 3] = ["rack", "colossus", "bench-100k"];

fn run(hall: &str) -> Run {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("models/halls/{hall}.toml"));
    let (hall, _) = load(&Disk, &path, &LoadOptions::default()).expect("the example hall");
    run_hall(hall).expect("the example hall")
}

#[divan::bench(args = HALLS, sample_count = 11, sample_size = 1)]
fn cold_solve(bencher: Bencher<'_, '_>, hall: &str) {
    let hall = run(hall).hall;
    let network = build(&hall).expect("the example hall");
    bencher.bench_local(|| solve(&network, guess(&network), &Options::default()));
}

#[divan::bench(args = HALLS, sample_count = 11, sample_size = 1)]
fn adjoint(bencher: Bencher<'_, '_>, hall: &str) {
    let run = run(hall);
    bencher.bench_local(|| Derivatives::new(&run).map(|derivatives| derivatives.hottest()));
}

fn one(bencher: Bencher<'_, '_>, hall: &str, key: &str) {
    let run = run(hall);
    let derivatives = Derivatives::new(&run).expect("an adjoint");
    let numbers = derivatives.numbers();
    let number = numbers
        .iter()
        .find(|number| number.path.ends_with(key))
        .expect("the number");
    bencher.bench_local(|| derivatives.by(number));
}

#[divan::bench(args = HALLS, sample_count = 5, sample_size = 1)]
fn one_number_of_a_rack(bencher: Bencher<'_, '_>, hall: &str) {
    one(bencher, hall, "server.gpu.leakage");
}

#[divan::bench(args = HALLS, sample_count = 5, sample_size = 1)]
fn one_number_of_a_cdu(bencher: Bencher<'_, '_>, hall: &str) {
    one(bencher, hall, "cdu.motor_efficiency");
}

/// Derivatives to every number of the hall, once their multipliers are known.
#[divan::bench(args = HALLS, sample_count = 3, sample_size = 1)]
fn all_numbers(bencher: Bencher<'_, '_>, hall: &str) {
    let run = run(hall);
    let derivatives = Derivatives::new(&run).expect("an adjoint");
    let numbers = derivatives.numbers();
    println!("{} numbers", numbers.len());
    bencher.bench_local(|| {
        use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
        let found: Vec<_> = numbers
            .par_iter()
            .map(|number| derivatives.by(number))
            .collect();
        found
    });
}
