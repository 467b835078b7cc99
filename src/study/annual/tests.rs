#![allow(clippy::unwrap_used)]

use super::{AnnualOptions, plan, run, sums};
use crate::hall::{LoadOptions, load};
use crate::weather::{MoistAir, Sample};
use crate::world::Memory;
use std::path::Path;

const HALL: &str = include_str!("../../../tests/halls/tower.toml");
const BINS: &str = "hours [h],dry_bulb [degC],wet_bulb [degC],pressure [Pa]\n\
    4000,30,24,100700\n3000,20,15,100700\n1760,5,3,100700\n";

/// An hour without a solution is named and counted, and the sums say that they are no year's.
#[test]
fn an_hour_without_solution_is_never_dropped() {
    let world = Memory::new().with("h.toml", HALL).with("b.csv", BINS);
    let hall = load(&world, Path::new("h.toml"), &LoadOptions::default())
        .unwrap()
        .0;
    let options = AnnualOptions {
        weather: Some("b.csv".to_owned()),
        ..AnnualOptions::default()
    };
    let mut year = run(&world, &hall, &options, &|_, _| {}).unwrap();
    let whole = year.result.clone();
    assert!(whole.complete);
    year.outcomes[1] = Err("no steady state found".to_owned());
    let found = sums::sum(
        &hall,
        &year,
        &sums::Rates::default(),
        Vec::new(),
        Vec::new(),
    );
    assert!(!found.complete);
    assert_eq!((found.hours, found.hours_solved), (8760.0, 5760.0));
    assert_eq!(found.unsolved.len(), 1);
    assert_eq!(
        found.unsolved[0].label,
        "bin 2 (20.0 degC, wet bulb 15.0 degC)"
    );
    assert_eq!(found.unsolved[0].reason, "no steady state found");
    assert!(found.warnings[0].contains("3000 of 8760 hours have no solution"));
    let lost = year.power();
    assert_eq!(lost[1], (None, 3000.0));
    let rest: f64 = lost
        .iter()
        .filter_map(|(p, h)| Some(p.as_ref()? * h / 1000.0))
        .sum();
    assert!((found.energy.facility_kwh / rest - 1.0).abs() < 1e-14);
    assert!(found.energy.facility_kwh < whole.energy.facility_kwh);
}

/// An anchor hangs on the point's own air and workload alone, and no air is impossible.
#[test]
fn points_of_one_cell_share_their_anchor() {
    let sample = |dry: f64, wet: f64| Sample {
        air: MoistAir::from_wet_bulb(dry + 273.15, wet + 273.15, 100_700.0).unwrap(),
        wet_bulb: wet + 273.15,
        hours: 1.0,
    };
    // The middle of the last two points' cell, -9.15 and -13.15 degC, is drier than dry air.
    let samples = [
        sample(30.0, 24.0),
        sample(5.0, 5.0),
        sample(30.2, 24.1),
        sample(30.0, 24.0),
        sample(-11.1, -12.12),
        sample(-10.9, -12.0),
    ];
    let plan = plan::plan(&samples, &[1.0; 6]);
    assert_eq!(plan.points.len(), 5, "equal hours are one point");
    assert_eq!(plan.of_sample, [0, 1, 2, 0, 3, 4]);
    assert_eq!(plan.points[0].anchor(), plan.points[2].anchor());
    assert_eq!(plan.points[3].anchor(), plan.points[4].anchor());
    assert!(plan.tasks.contains(&vec![0, 2]) && plan.tasks.contains(&vec![3, 4]));
    for point in &plan.points {
        let outdoor = point.anchor().outdoor;
        assert!(outdoor.wet_bulb <= outdoor.dry_bulb);
        assert!((outdoor.dry_bulb - point.outdoor.dry_bulb).abs() <= 2.0);
    }
}
