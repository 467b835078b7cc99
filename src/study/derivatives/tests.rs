#![allow(clippy::unwrap_used)]
use super::{Derivatives, Derived, Slopes};
use crate::hall::slots::Number;
use crate::hall::{LoadOptions, load};
use crate::network::build;
use crate::result;
use crate::solve::{self, Options, Start};
use crate::study::{Run, run_hall};
use crate::world::Disk;
use std::path::Path;

fn run(path: &str) -> Run {
    let (hall, _) = load(&Disk, Path::new(path), &LoadOptions::default()).unwrap();
    run_hall(hall).unwrap()
}

/// Results with a number at another value, solved to rounding from the run's own state; and whether every device has the
/// status that it had.
fn solved(run: &Run, start: &Start, number: &Number, value: f64) -> Option<(Slopes, bool)> {
    let mut hall = run.hall.clone();
    number.slots.set(&mut hall, value);
    let network = build::build(&hall).ok()?;
    let options = Options {
        tolerance: 1e-10,
        ..Options::default()
    };
    let solution = solve::solve_from(&network, start, None, &options).ok()?;
    let result = result::evaluate(&hall, &network, &solution, 0.0);
    let (a, b) = (&solution.state, &run.solution.state);
    let same = a.blocks.iter().zip(&b.blocks).all(|(a, b)| a.status == b.status)
        && a.batches.iter().zip(&b.batches).all(|(a, b)| a.status == b.status);
    let facility = &result.facility;
    let pumps: f64 = result
        .equipment
        .iter()
        .filter(|one| one.kind == "pump_set" || one.kind == "cdu")
        .map(|one| one.power_w)
        .sum();
    let values = Derived::ALL.map(|derived| match derived {
        Derived::Power => Some(facility.power_w),
        Derived::ItPower => Some(facility.it_power_w),
        Derived::Pue => facility.pue,
        Derived::HottestGpu => result.gpus.temperature_max_c,
        Derived::PumpPower => Some(pumps),
        Derived::CoolingPower => Some(facility.cooling_power_w),
        Derived::ElectricalLoss => Some(facility.electrical_loss_w),
    });
    Some((values, same))
}

/// Rounding of a result, relative to its size, that a difference of two solves carries.
const ROUNDING: f64 = 1e-12;

/// Holds derivatives to central differences of whole solves, at two steps and extrapolated, to 1e-5; gives how many
/// numbers were compared, and those at which devices switch.
fn compare(path: &str, wanted: impl Fn(&Number) -> bool) -> (usize, Vec<String>) {
    let mut run = run(path);
    // To rounding, so that differences of solves are not those of their last steps.
    let tight = Options {
        tolerance: 1e-10,
        ..Options::default()
    };
    run.solution = solve::solve(&run.network, solve::guess(&run.network), &tight).unwrap();
    run.result = result::evaluate(&run.hall, &run.network, &run.solution, 0.0);
    let again = solve::solve(&run.network, solve::guess(&run.network), &tight).unwrap();
    let start = Start::new(again);
    let derivatives = Derivatives::new(&run).unwrap();
    let (mut compared, mut switched, mut wrong) = (0, Vec::new(), Vec::new());
    for number in derivatives.numbers().into_iter().filter(&wanted) {
        if number.value == 0.0 {
            continue;
        }
        let found = derivatives.by(&number);
        let step = 1e-3 * number.value.abs().min(300.0);
        let at = |steps: f64| solved(&run, &start, &number, number.value + steps * step);
        let Some(points) = [-1.0, -0.5, 0.5, 1.0, 0.0].map(at).into_iter().collect::<Option<Vec<_>>>()
        else {
            switched.push(format!("{}: no solution", number.path));
            continue;
        };
        if points.iter().any(|(_, same)| !same) {
            switched.push(number.path);
            continue;
        }
        let Some(found) = found else {
            wrong.push(format!("{}: no derivative", number.path));
            continue;
        };
        if found.kink {
            switched.push(format!("{}: kink", number.path));
            continue;
        }
        compared += 1;
        for (k, derived) in Derived::ALL.into_iter().enumerate() {
            let value = |point: usize| points[point].0[k];
            let (Some(low), Some(down), Some(up), Some(high), Some(base), Some(slope)) =
                (value(0), value(1), value(2), value(3), value(4), found.slopes[k])
            else {
                continue;
            };
            let coarse = (high - low) / (2.0 * step);
            let fine = (up - down) / step;
            let expected = (4.0 * fine - coarse) / 3.0;
            let noise = ROUNDING * base.abs() / step;
            if (slope - expected).abs() > 1e-5 * expected.abs() + 10.0 * noise {
                wrong.push(format!(
                    "{} {derived:?}: {slope:e} {expected:e} ({:.1e}; noise {noise:.1e})",
                    number.path,
                    slope / expected - 1.0
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    (compared, switched)
}

#[test]
fn every_number_of_a_rack_agrees_with_central_differences() {
    let (compared, switched) = compare("models/halls/rack.toml", |_| true);
    println!("{compared} {switched:?}");
    assert!(compared > 100, "{compared} {switched:?}");
}

