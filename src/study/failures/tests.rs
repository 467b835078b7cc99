#![allow(clippy::unwrap_used)]
use super::{Consequence, FailureOptions, Failures, run};
use crate::hall::LoadOptions;
use crate::study::losses::Sort;
use crate::study::scenario::Base;
use crate::world::Disk;
use std::path::Path;

const COLOSSUS: &str = "models/halls/colossus.toml";
const RACK: &str = "models/halls/rack.toml";

fn failures(path: &str, set: &[&str], options: &FailureOptions) -> Failures {
    let load = LoadOptions {
        set: set.iter().map(|set| (*set).to_owned()).collect(),
        state: None,
    };
    let base = Base::load(&Disk, Path::new(path), &load).unwrap();
    run(&base, options, &|_, _| ()).unwrap()
}

/// A CDU lost takes the 64 GPUs of its rack with it: 0.064 % of the hall's work, all of a synchronous job's.
#[test]
fn a_lost_cdu_costs_the_gpus_of_its_rack() {
    let found = failures(COLOSSUS, &[], &FailureOptions::default());
    let cdu = found
        .losses
        .iter()
        .find(|row| row.path == "hall.0.unit.0.cdu" && row.sort == Sort::Unit)
        .unwrap();
    assert_eq!(cdu.alike, 1173);
    assert_eq!(cdu.outcome.consequence, Consequence::ShutDown);
    assert_eq!(cdu.outcome.shut_down, 64);
    assert!((cdu.outcome.lost_work_mean - 64.0 / 100_000.0).abs() < 1e-12);
    assert!((cdu.outcome.lost_work_job - 1.0).abs() < 1e-12);
    assert_eq!(cdu.outcome.racks.len(), 1);
    assert_eq!(cdu.outcome.racks[0].path, "hall.0.unit.0.rack.0");
    // The feed is all there is: nothing can be solved without it, and it stands first.
    assert_eq!(found.losses[0].kind, "feed");
    assert_eq!(found.losses[0].outcome.consequence, Consequence::NoSolution);
    assert!(found.holds());
    // The worse is never below the better.
    for two in found.losses.windows(2) {
        assert!(two[0].outcome.consequence >= two[1].outcome.consequence);
    }
}

/// Three transformers of 40 MVA that carry 120 MVA have no reserve, whatever the file says.
#[test]
fn redundancy_that_is_only_claimed_fails() {
    let set = ["equipment.hv.rating=50 MVA"];
    let found = failures(COLOSSUS, &set, &FailureOptions::default());
    let hv = found
        .redundancy
        .iter()
        .find(|one| one.path == "hv")
        .unwrap();
    assert_eq!((hv.claimed.as_str(), hv.shown, hv.holds), ("N+1", 0, false));
    assert!(
        hv.breaks
            .as_ref()
            .unwrap()
            .starts_with("hv: apparent power of a unit")
    );
    assert!(!found.holds());
    assert!(!found.redundancy[0].holds, "claims that fail come first");
}

/// A reserve of a UPS in 2N is a whole system; one module of both is a smaller loss.
#[test]
fn two_systems_are_judged_by_the_loss_of_one() {
    let set = ["parts.site-ups.redundancy=2n"];
    let found = failures(COLOSSUS, &set, &FailureOptions::default());
    let ups = found
        .redundancy
        .iter()
        .find(|one| one.path == "hall.0.ups")
        .unwrap();
    assert_eq!((ups.claimed.as_str(), ups.holds), ("2N", true));
    let small = ["parts.site-ups.redundancy=2n", "parts.site-ups.modules=2"];
    let found = failures(COLOSSUS, &small, &FailureOptions::default());
    let ups = found
        .redundancy
        .iter()
        .find(|one| one.path == "hall.0.ups")
        .unwrap();
    assert_eq!((ups.shown, ups.holds), (0, false));
}

#[test]
fn pairs_hold_every_two_losses_once_and_are_no_better_than_their_parts() {
    let options = FailureOptions {
        pairs: true,
        ..FailureOptions::default()
    };
    let found = failures(RACK, &[], &options);
    let n = found.losses.len();
    // The two ways in which the one valve sticks exclude each other.
    assert_eq!(found.pairs.len(), n * (n - 1) / 2 - 1);
    let mut seen: Vec<[usize; 2]> = found.pairs.iter().map(|pair| pair.losses).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), found.pairs.len());
    for pair in &found.pairs {
        let worst = pair
            .losses
            .map(|at| found.losses[at].outcome.shut_down)
            .into_iter()
            .max();
        if pair.outcome.consequence != Consequence::NoSolution {
            assert!(pair.outcome.shut_down >= worst.unwrap(), "{pair:?}");
        }
    }
}

/// Two CDUs of one group are a pair of their own: twice the GPUs of one, which is no more than the two by themselves.
#[test]
fn a_pair_strikes_two_instances_of_a_group_as_well() {
    let options = FailureOptions {
        pairs: true,
        ..FailureOptions::default()
    };
    let set = ["groups.unit.count=4", "equipment.towers.count=1"];
    let found = failures("tests/halls/tower.toml", &set, &options);
    let cdu = found
        .losses
        .iter()
        .position(|row| row.group == "unit.*.cdu" && row.sort == Sort::Unit)
        .unwrap();
    let both = found
        .pairs
        .iter()
        .find(|pair| pair.losses == [cdu, cdu])
        .unwrap();
    assert_eq!(both.second.as_deref(), Some("unit.1.cdu"));
    let one = &found.losses[cdu].outcome;
    assert_eq!(both.outcome.shut_down, 2 * one.shut_down);
    assert!(!both.outcome.worse_than_both(one, one));
    assert_eq!(
        found.pair_words(both),
        format!("{} + unit.1.cdu: CDU lost", found.losses[cdu].name)
    );
    // A valve that sticks open and shut excludes itself in one instance alone.
    let sort = |pair: &super::Pair, at: usize| found.losses[pair.losses[at]].sort;
    let stuck: Vec<_> = found
        .pairs
        .iter()
        .filter(|pair| {
            let mut sorts = [sort(pair, 0), sort(pair, 1)];
            sorts.sort_unstable();
            sorts == [Sort::StuckOpen, Sort::StuckShut]
        })
        .collect();
    assert!(!stuck.is_empty() && stuck.iter().all(|pair| pair.second.is_some()));
}

/// Fouling and blockage warm the GPUs up, and more of it more.
#[test]
fn fouling_is_as_hard_as_it_is_said_to_be() {
    let hottest = |fouling: f64| {
        let options = FailureOptions {
            severity: crate::study::losses::Severity {
                fouling,
                blockage: 5.0,
            },
            ..FailureOptions::default()
        };
        // A valve wide open cannot make up for what the exchanger lost.
        let set = ["equipment.cdu.valve_control=fixed"];
        let found = failures(RACK, &set, &options);
        let row = found
            .losses
            .iter()
            .find(|row| row.sort == Sort::Fouled)
            .unwrap();
        let before = found.undisturbed.gpu_temperature_max_c.unwrap();
        row.outcome.gpu_temperature_max_c.unwrap() - before
    };
    let (some, more) = (hottest(0.5), hottest(1.0));
    assert!(some > 0.05 && more > 1.5 * some, "{some} {more}");
}

/// Two supply paths claim 2N: each whole path can go, and where what is left of it is too small the claim fails.
#[test]
fn two_supply_paths_are_judged_by_the_loss_of_each() {
    const PATHS: &str = "tests/halls/two-paths.toml";
    let found = failures(PATHS, &[], &FailureOptions::default());
    let claims: Vec<_> = found
        .redundancy
        .iter()
        .filter(|one| one.key == "feeder")
        .map(|one| (one.path.as_str(), one.claimed.as_str(), one.holds))
        .collect();
    for path in ["feed_a", "feed_b", "ups_a", "ups_b", "busway_a", "busway_b"] {
        assert!(claims.contains(&(path, "2N", true)), "{path}: {claims:?}");
    }
    assert!(found.holds());
    let small = ["equipment.busway_b.rated_current=60 A"];
    let found = failures(PATHS, &small, &FailureOptions::default());
    let failed: Vec<_> = found.redundancy.iter().filter(|one| !one.holds).collect();
    assert_eq!(failed.len(), 3, "{failed:?}");
    for one in failed {
        assert!(one.path.ends_with("_a"), "{}", one.path);
        let words = one.breaks.as_deref().unwrap_or_default();
        assert!(words.starts_with("busway_b: current of a run"), "{words}");
    }
    // A pump on one path alone is named, and nothing is claimed of that path.
    let single = [
        "equipment.cdu.feeder=\"busway_a\"",
        "equipment.cdu.feeder_share=[1]",
    ];
    let found = failures(PATHS, &single, &FailureOptions::default());
    assert!(found.redundancy.iter().all(|one| one.path.ends_with("_b")));
}
