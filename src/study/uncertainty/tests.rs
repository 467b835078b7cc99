#![allow(clippy::unwrap_used)]
use super::inputs::Origin;
use super::{Output, Uncertainty, UncertaintyError, UncertaintyOptions, run};
use crate::hall::LoadOptions;
use crate::study::scenario::Base;
use crate::world::Disk;
use std::path::Path;

const RACK: &str = "models/halls/rack.toml";

fn uncertainty(options: &UncertaintyOptions) -> Result<Uncertainty, UncertaintyError> {
    let load = LoadOptions::default();
    let base = Base::load(&Disk, Path::new(RACK), &load).unwrap();
    run(&base, options, &|_, _| (), &|_, _| ())
}

/// Only the temperature of the facility water is unsure, uniform over 4 K, and the CDU's valve is wide open: the GPUs
/// follow it one to one, so their 5 % and 95 % lie 3.6 K apart and it explains all of it.
#[test]
fn one_linear_input_comes_out_as_it_went_in() {
    let load = LoadOptions {
        set: vec!["equipment.cdu.valve_control=fixed".into()],
        state: None,
    };
    let base = Base::load(&Disk, Path::new(RACK), &load).unwrap();
    let options = UncertaintyOptions {
        samples: 128,
        ranges: vec!["equipment.water.supply_temperature=30 degC..34 degC".into()],
        given_only: true,
        ..UncertaintyOptions::default()
    };
    let mut found = run(&base, &options, &|_, _| (), &|_, _| ()).unwrap();
    // The file's own assumption has no bearing with the valve fixed, but is an input all the same.
    found
        .swings
        .retain(|swing| swing.input.origin == Origin::Given);
    let at = Output::ALL
        .iter()
        .position(|one| *one == Output::HottestGpu)
        .unwrap();
    let swing = &found.swings[0];
    // Leakage and properties bend it by a few percent.
    let moved = swing.high[at].unwrap() - swing.low[at].unwrap();
    assert!((moved / 4.0 - 1.0).abs() < 0.05, "{moved}");
    let spread = &found.spreads[at];
    let width = spread.p95.unwrap() - spread.p5.unwrap();
    assert!(
        (width / (0.9 * moved) - 1.0).abs() < 0.02,
        "{width} {moved}"
    );
    assert!(swing.shares[at].unwrap() > 0.99);
    assert!(spread.r_squared.unwrap() > 0.999);
    assert_eq!(found.solved, 128);
}

/// The power of the network load is an assumption of the file: its grade does not move it a second time, and the present
/// value, which stands in a part of the file's own, lies within the range.
#[test]
fn an_assumption_goes_before_the_grade_of_what_it_sets() {
    let load = LoadOptions::default();
    let base = Base::load(&Disk, Path::new("models/halls/colossus.toml"), &load).unwrap();
    let hall = &base.hall;
    let all = super::inputs::inputs(&hall.provenance, &hall.assumptions, &[]).unwrap();
    let power = |all: &[super::Input], name: &str| all.iter().any(|input| input.name == name);
    assert!(power(&all, "site-network: power"));
    let kept = super::alone(&base, all);
    assert!(!power(&kept, "site-network: power") && power(&kept, "site-network: idle_power"));
    let network = kept
        .iter()
        .find(|input| input.name == "assumption network")
        .unwrap();
    assert_eq!((network.low, network.base, network.high), (5.0, 7.29, 10.0));
}

#[test]
fn quantiles_are_in_order_and_shares_sum_to_what_is_explained() {
    let found = uncertainty(&UncertaintyOptions {
        samples: 128,
        most: 12,
        ..UncertaintyOptions::default()
    })
    .unwrap();
    for (at, spread) in found.spreads.iter().enumerate() {
        assert!(
            spread.p5 <= spread.p50 && spread.p50 <= spread.p95,
            "{spread:?}"
        );
        if let Some(r) = spread.r_squared {
            let sum: f64 = found
                .swings
                .iter()
                .filter_map(|swing| swing.shares[at])
                .sum();
            // Inputs of a Sobol sequence are nearly uncorrelated, so that the shares add up to nearly R2.
            assert!((sum - r).abs() < 0.1, "{:?} {sum} {r}", spread.output);
        }
    }
    assert_eq!(
        found.swings.iter().filter(|swing| swing.sampled).count(),
        12
    );
    let power = &found.spreads[0];
    assert!(power.p5.unwrap() < power.base.unwrap() && power.base.unwrap() < power.p95.unwrap());
    // The same seed gives the same sample, whatever the threads.
    let again = uncertainty(&UncertaintyOptions {
        samples: 128,
        most: 12,
        ..UncertaintyOptions::default()
    })
    .unwrap();
    assert_eq!(again.spreads, found.spreads);
}

#[test]
fn ranges_that_the_hall_file_refuses_are_told() {
    let wrong = |range: &str| {
        uncertainty(&UncertaintyOptions {
            ranges: vec![range.to_owned()],
            ..UncertaintyOptions::default()
        })
        .unwrap_err()
        .to_string()
    };
    let text = wrong("equipment.cdu.flow=1 kPa..2 kPa");
    assert!(text.contains("the hall file does not take"), "{text}");
    let text = wrong("equipment.cdu.flw=1 L/min..2 L/min");
    assert!(text.contains("flw"), "{text}");
    assert!(wrong("equipment.cdu.flow=2 L/min..1 L/min").contains("empty"));
}
