#![allow(clippy::unwrap_used)]
use super::{Derivative, Derivatives, Derived, HOTTEST, POWERS, Slopes};
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
fn solved(
    run: &Run,
    start: &Start,
    (rack, plate): (usize, usize),
    number: &Number,
    value: f64,
) -> Option<(Slopes, bool)> {
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
    let same = a
        .blocks
        .iter()
        .zip(&b.blocks)
        .all(|(a, b)| a.status == b.status)
        && a.batches
            .iter()
            .zip(&b.batches)
            .all(|(a, b)| a.status == b.status);
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
        // Of the GPU that is the hottest at the present value.
        Derived::HottestGpu => Some(solution.rack(rack).junction(plate)),
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
    let (compared, switched, nought, of) = compare_all(path, wanted);
    assert_eq!(compared + switched.len() + nought, of, "{path}");
    (compared, switched)
}

/// As [`compare`], with the count of numbers that are nought, of which there is no relative step, and of all.
fn compare_all(path: &str, wanted: impl Fn(&Number) -> bool) -> (usize, Vec<String>, usize, usize) {
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
    let numbers: Vec<Number> = derivatives.numbers().into_iter().filter(&wanted).collect();
    let nought = numbers.iter().filter(|number| number.value == 0.0).count();
    for number in numbers.iter().filter(|number| number.value != 0.0) {
        let number = number.clone();
        let found = derivatives.by(&number);
        let points_at = |step: f64| -> Option<Vec<(Slopes, bool)>> {
            let hottest = derivatives.hottest().unwrap();
            let at =
                |steps: f64| solved(&run, &start, hottest, &number, number.value + steps * step);
            [-1.0, -0.5, 0.5, 1.0, 0.0].map(at).into_iter().collect()
        };
        // Some laws bend within less than a tenth of a kelvin: smaller steps where the first does not serve.
        let mut misses = Vec::new();
        let mut stays = false;
        for size in [1e-3, 1e-4, 1e-5] {
            let step = size * number.value.abs().min(300.0);
            let Some(points) =
                points_at(step).filter(|points| points.iter().all(|(_, same)| *same))
            else {
                continue;
            };
            stays = true;
            misses = match &found {
                Some(found) => misses_of(&points, step, found),
                None => vec!["no derivative".to_owned()],
            };
            if misses.is_empty() {
                break;
            }
        }
        match found {
            _ if !stays => switched.push(number.path),
            Some(found) if found.one_sided() => switched.push(format!("{}: kink", number.path)),
            _ => {
                compared += 1;
                wrong.extend(misses.iter().map(|miss| format!("{} {miss}", number.path)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    (compared, switched, nought, numbers.len())
}

/// Results of which the derivative is not that of the points at −1, −½, ½, 1 and 0 steps, to 1e-5.
fn misses_of(points: &[(Slopes, bool)], step: f64, found: &Derivative) -> Vec<String> {
    let mut misses = Vec::new();
    let power = points[4].0[0].unwrap_or(0.0);
    let whole = [power, power, 1.0, 300.0, power, power, power];
    for (k, derived) in Derived::ALL.into_iter().enumerate() {
        let value = |point: usize| points[point].0[k];
        let (Some(low), Some(down), Some(up), Some(high), Some(base), Some(slope)) = (
            value(0),
            value(1),
            value(2),
            value(3),
            value(4),
            found.slopes[k],
        ) else {
            continue;
        };
        let coarse = (high - low) / (2.0 * step);
        let fine = (up - down) / step;
        let expected = (4.0 * fine - coarse) / 3.0;
        let noise = ROUNDING * base.abs() / step;
        // Rounding of the equations in a component of which next to nothing reaches the result.
        let own = ROUNDING * whole[k] / found.step;
        if (slope - expected).abs() > 1e-5 * expected.abs() + 10.0 * (noise + own) {
            misses.push(format!(
                "{derived:?}: {slope:e} {expected:e} ({:.1e}; noise {noise:.1e})",
                slope / expected - 1.0
            ));
        }
    }
    misses
}

#[test]
fn every_number_of_a_rack_agrees_with_central_differences() {
    let (compared, switched) = compare("models/halls/rack.toml", |_| true);
    // Of the 175 numbers 32 are nought, and no device switches.
    assert!(
        compared > 140 && switched.is_empty(),
        "{compared} {switched:?}"
    );
}

/// Towers, chillers, economisers, pumps on headers, transformers, UPS: a number in seven.
#[test]
fn a_sample_of_colossus_agrees_with_central_differences() {
    let turn = std::cell::Cell::new(0);
    let (compared, switched) = compare("models/halls/colossus.toml", |_| {
        turn.set(turn.get() + 1);
        turn.get() % 7 == 0
    });
    assert!(
        compared > 60 && switched.len() * 5 < compared,
        "{compared} {switched:?}"
    );
}

/// What is found at the places of a number alone is what the whole hall gives, numbered again.
#[test]
fn numbers_are_found_where_they_stand() {
    for path in [
        "models/halls/rack.toml",
        "models/halls/colossus.toml",
        "tests/halls/everything.toml",
    ] {
        let run = run(path);
        let derivatives = Derivatives::new(&run).unwrap();
        let numbers = derivatives.numbers();
        let mut placed = 0;
        let found: Vec<_> = numbers.iter().map(|n| derivatives.by(n)).collect();
        for (number, own) in numbers.iter().zip(found) {
            let whole = derivatives.by_numbering(number);
            let at = &number.path;
            assert_eq!(own.is_some(), whole.is_some(), "{at}");
            let Some((own, whole)) = own.zip(whole) else {
                continue;
            };
            assert_eq!(own.kink, whole.kink, "{at}");
            placed += usize::from(derivatives.places.of_number(number, &run.network).is_some());
            for (k, (own, whole)) in own.slopes.into_iter().zip(whole.slopes).enumerate() {
                let (Some(own), Some(whole)) = (own, whole) else {
                    continue;
                };
                // Sums of parts in another order.
                let size = own
                    .abs()
                    .max(1e-9 * derivatives.size(k.min(POWERS.len())) / number.value.abs());
                assert!(
                    (own - whole).abs() <= 1e-6 * size,
                    "{at} {k}: {own:e} {whole:e}"
                );
            }
        }
        assert!(placed > 30, "{path}: {placed}");
    }
}

/// A quarter of the step gives the same slopes: what the differences of components' equations leave is below 1e-7 of a slope,
/// or rounding of the equations.
#[test]
fn a_smaller_step_gives_the_same() {
    for path in ["models/halls/rack.toml", "models/halls/colossus.toml"] {
        let run = run(path);
        let derivatives = Derivatives::new(&run).unwrap();
        let mut wrong = Vec::new();
        for number in derivatives.numbers() {
            let placed = derivatives.places.of_number(&number, &run.network);
            let Some((places, slot)) = placed else {
                continue;
            };
            let Some(own) = derivatives.by(&number).filter(|own| !own.one_sided()) else {
                continue;
            };
            let step = 0.25 * own.step;
            let changed = |value| {
                Some(
                    derivatives
                        .adjoint
                        .change_of_components(places, slot, value),
                )
            };
            let other = derivatives.at_step(number.value, step, changed).unwrap();
            let powers = [Derived::Power, Derived::ItPower, Derived::PumpPower];
            for derived in powers.into_iter().chain([Derived::HottestGpu]) {
                let k = Derived::ALL.iter().position(|one| *one == derived).unwrap();
                let (a, b) = (own.slopes[k].unwrap(), other.slopes[k].unwrap());
                let size = if derived == Derived::HottestGpu {
                    300.0
                } else {
                    derivatives.size(0)
                };
                let apart = (a - b).abs() - 10.0 * ROUNDING * size / step;
                if apart > 1e-7 * a.abs() {
                    wrong.push(format!("{} {derived:?} {a:e} {b:e}", number.path));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// Two halls with GPUs as hot: a number of both moves the hottest as far as one of them does, and one of a single hall
/// moves it upward alone.
#[test]
fn hottest_gpus_that_tie_are_not_added() {
    let run = run("models/halls/colossus.toml");
    let derivatives = Derivatives::new(&run).unwrap();
    assert_eq!(
        HOTTEST,
        Derived::ALL
            .iter()
            .position(|one| *one == Derived::HottestGpu)
            .unwrap()
    );
    let numbers = derivatives.numbers();
    let own: Vec<Derivative> = numbers
        .iter()
        .filter(|number| {
            number
                .path
                .ends_with("unit.racks.rack.server.gpu.junction_resistance")
        })
        .map(|number| derivatives.by(number).unwrap())
        .collect();
    assert!(own.len() > 1 && derivatives.junctions.len() > 1);
    let alone = own[0].slopes[HOTTEST].unwrap();
    let all = own
        .iter()
        .skip(1)
        .fold(own[0].clone(), |sum, one| sum.with(one, 1.0));
    assert!(own[0].one_sided() && !all.one_sided());
    assert!(
        (all.slopes[HOTTEST].unwrap() / alone - 1.0).abs() < 1e-3,
        "{all:?} {alone}"
    );
    assert_eq!(
        own[0].clone().scaled(2.0).slopes[HOTTEST],
        Some(2.0 * alone)
    );
}

/// A pump whose highest speed is the one at which it runs: less flow is reached and more is not. The device is named,
/// and the derivative is that of the side on which the speed is free.
#[test]
fn at_a_stop_the_derivative_is_one_sided() {
    let load = |set: Vec<String>| {
        let options = LoadOptions { set, state: None };
        let path = Path::new("models/halls/rack.toml");
        run_hall(load(&Disk, path, &options).unwrap().0).unwrap()
    };
    let free = load(Vec::new());
    assert_eq!(
        Derivatives::new(&free).unwrap().edges(),
        Vec::<String>::new()
    );
    let block = free.network.blocks.last().unwrap();
    let speed = block.structure.variables[..block.structure.unknowns]
        .iter()
        .position(|v| v.name.contains("cdu") && v.name.contains("speed"))
        .unwrap();
    let stop = free.solution.state.blocks.last().unwrap().x[speed];
    // A hair above, so that the set-point holds.
    let stop = stop + 1e-8;
    let run = load(vec![format!("equipment.cdu.maximum_speed={stop:.12}")]);
    let derivatives = Derivatives::new(&run).unwrap();
    assert_eq!(derivatives.edges(), ["cdu"]);
    let number = derivatives
        .numbers()
        .into_iter()
        .find(|number| number.path == "equipment.cdu.flow")
        .unwrap();
    let slope = derivatives.by(&number).unwrap().slopes[4].unwrap();
    let at = |factor: f64| {
        let mut hall = run.hall.clone();
        number.slots.set(&mut hall, number.value * factor);
        let result = run_hall(hall).unwrap().result;
        let all = result.equipment.iter();
        all.filter(|one| one.kind == "cdu")
            .map(|one| one.power_w)
            .sum::<f64>()
    };
    let h = 2e-3;
    let (base, less, least) = (at(1.0), at(1.0 - h), at(1.0 - 2.0 * h));
    let below = (3.0 * base - 4.0 * less + least) / (2.0 * h * number.value);
    let above = (at(1.0 + h) - base) / (h * number.value);
    // What is left of the step: its square.
    assert!((slope / below - 1.0).abs() < 1e-4, "{slope} {below}");
    assert!(above.abs() < 1e-3 * below, "{above} {below}");
}
