#![allow(clippy::unwrap_used)]
use super::hours;
use super::inverse::Ask;
use super::{Budget, BudgetError, BudgetOptions, PEAK, Sort, run};
use crate::hall::LoadOptions;
use crate::result::LimitStatus;
use crate::study::annual::{self, AnnualOptions};
use crate::study::claims::Boundary;
use crate::study::levels::Level;
use crate::study::scenario::Base;
use crate::world::Disk;
use std::path::Path;
use std::sync::OnceLock;

const COLOSSUS: &str = "models/halls/colossus.toml";
const RACK: &str = "models/halls/rack.toml";

fn budget(path: &str, set: &[&str], options: &BudgetOptions) -> Result<Budget, BudgetError> {
    let load = LoadOptions {
        set: set.iter().map(|set| (*set).to_owned()).collect(),
        state: None,
    };
    let base = Base::load(&Disk, Path::new(path), &load).unwrap();
    run(&Disk, &base, options, &|| ())
}

/// The budget of Colossus as its file stands, solved once for all that read it.
fn colossus() -> &'static Budget {
    static FOUND: OnceLock<Budget> = OnceLock::new();
    FOUND.get_or_init(|| budget(COLOSSUS, &[], &BudgetOptions::default()).unwrap())
}

/// 100,000 x 700 W: the claim of 70 MW is the GPUs' nameplate, a third short of the IT and two fifths of the facility.
#[test]
fn seventy_megawatts_are_the_nameplate_of_the_gpus() {
    let found = colossus();
    let claim = found
        .claims
        .iter()
        .find(|c| c.name == "press-70-mw")
        .unwrap();
    let nearest = claim.nearest.as_ref().unwrap();
    assert!(claim.matches);
    assert_eq!(nearest.boundary, Boundary::GpuNameplate);
    assert!((nearest.watts - 70e6).abs() < 1.0);
    let training = found
        .scenarios
        .iter()
        .find(|s| s.name == "training")
        .unwrap();
    for (boundary, watts) in [
        (Boundary::It, training.it_power_w),
        (Boundary::Facility, training.power_w),
    ] {
        let candidate = claim
            .candidates
            .iter()
            .find(|c| c.boundary == boundary && c.state.as_deref() == Some("training"))
            .unwrap();
        assert!((candidate.miss - (70e6 / watts.unwrap() - 1.0)).abs() < 1e-12);
        assert!(candidate.miss < -0.3);
    }
    let words = claim.verdict("training", &|w| format!("{w:.0}"), &|s| format!("{s:.3}"));
    assert!(
        words.starts_with("70000000 is the GPUs' nameplate"),
        "{words}"
    );
    assert!(words.contains("the IT equipment by -0.") && words.contains("the facility by -0."));
}

#[test]
fn every_level_of_the_tree_is_judged_and_the_peak_lies_between() {
    let found = colossus();
    for level in [
        Level::Feed,
        Level::Substation,
        Level::Transformer,
        Level::Ups,
        Level::Busway,
        Level::Rack,
        Level::Gpu,
        Level::Room,
        Level::Cdu,
        Level::Loop,
        Level::Pump,
        Level::Exchanger,
        Level::Chiller,
        Level::HeatRejection,
    ] {
        assert!(
            found.limits.iter().any(|row| row.level == level),
            "{level:?}"
        );
    }
    assert_eq!(found.unlimited, [] as [String; 0]);
    let levels: Vec<Level> = found.by_level().iter().map(|row| row.level).collect();
    assert!(levels.is_sorted() && levels.len() >= 14, "{levels:?}");
    let power = |name: &str| {
        let one = found.scenarios.iter().find(|s| s.name == name).unwrap();
        one.power_w.unwrap()
    };
    assert!(power("training") < power(PEAK) && power(PEAK) < power("nameplate"));
    assert!(found.scenarios.iter().any(|s| s.sort == Sort::OneOut));
    // The tightest of those that hold, in the state that draws most.
    let feed = found
        .limits
        .iter()
        .find(|row| row.what == "contracted power")
        .unwrap();
    assert_eq!(
        (feed.scenario.as_str(), feed.status),
        ("nameplate", LimitStatus::Ok)
    );
    assert!(found.holds() && found.complete());
}

/// A contract that lies between training and nameplate is broken in nameplate and at the peak, and stands first.
#[test]
fn a_tight_contract_is_the_first_row_and_names_its_scenarios() {
    let found = budget(
        COLOSSUS,
        &["equipment.feed.power_limit=125 MW"],
        &BudgetOptions::default(),
    )
    .unwrap();
    assert!(!found.holds());
    let first = &found.limits[0];
    assert_eq!(
        (first.level, first.what.as_str()),
        (Level::Feed, "contracted power")
    );
    assert_eq!(first.scenario, "nameplate");
    let peaks = ["worst-hour-peak", "hottest-hour-peak", "worst-design-peak"];
    assert_eq!(first.broken_in[..2], ["nameplate", PEAK]);
    assert_eq!(first.broken_in[2..], peaks);
}

/// The worst hour is the one of the year that draws most, the hottest the one with the most broken limits or the highest
/// wet bulb: both as the year itself has them.
#[test]
fn the_worst_hours_are_those_of_the_year() {
    const TOWER: &str = "tests/halls/tower.toml";
    let found = budget(TOWER, &[], &BudgetOptions::default()).unwrap();
    let (hall, _) = crate::hall::load(&Disk, Path::new(TOWER), &LoadOptions::default()).unwrap();
    let year = annual::run(&Disk, &hall, &AnnualOptions::default(), &|_, _| ()).unwrap();
    let scenario = |name: &str| found.scenarios.iter().find(|one| one.name == name).unwrap();
    let most = year
        .power()
        .iter()
        .filter_map(|(power, _)| *power)
        .fold(0.0, f64::max);
    let worst = scenario(hours::WORST).power_w.unwrap();
    // Two solves of one point, from different starts.
    assert!((worst / most - 1.0).abs() < 1e-9, "{worst} {most}");
    let searched = found.year.as_ref().unwrap();
    assert_eq!(searched.samples, year.weather.samples.len());
    let peak = year.result.peak.as_ref().unwrap();
    assert!(searched.worst_hour.starts_with(&peak.label), "{searched:?}");
    // No hour breaks more limits than the hottest.
    let hottest = scenario(hours::HOTTEST);
    assert!(year.result.hours_limit_broken > 0.0 && hottest.broken > 0);
    for hour in &year.result.worst_hours {
        assert!(hour.broken.len() <= hottest.broken, "{hour:?}");
    }
    // All GPUs at once draw more in the same hour.
    assert!(scenario("worst-hour-peak").power_w.unwrap() > worst);
    assert!(scenario(hours::DESIGN).power_w.is_some());
}

/// Without weather there is no year: the worst hour is the file's own design condition, and it says so.
#[test]
fn without_weather_the_worst_hour_is_the_design_condition() {
    let found = budget(RACK, &[], &BudgetOptions::default()).unwrap();
    assert!(found.year.is_none());
    let worst = found
        .scenarios
        .iter()
        .find(|one| one.name == hours::WORST)
        .unwrap();
    assert!(worst.text.contains("[site]"), "{}", worst.text);
    assert!(
        found
            .warnings
            .iter()
            .any(|w| w.contains("no year to search"))
    );
    let text = budget(
        RACK,
        &[],
        &BudgetOptions {
            at: Some("hottest-hour".into()),
            ..BudgetOptions::default()
        },
    );
    assert!(
        text.unwrap_err()
            .to_string()
            .contains("there is no scenario")
    );
}

/// The number of racks under a power limit is that which arithmetic gives: loads in proportion, all of it on one feed.
#[test]
fn as_many_racks_fit_as_the_rack_limit_allows() {
    let options = BudgetOptions {
        ask: Ask::ALL.to_vec(),
        ..BudgetOptions::default()
    };
    let found = budget(RACK, &[], &options).unwrap();
    let count = &found.answers[0];
    assert_eq!(count.counts[0].path, "racks.rack.count");
    let (holds, breaks) = (count.holds_to.unwrap(), count.breaks_at.unwrap());
    assert_eq!(breaks - holds, 1.0);
    // The edge is where it is said to be: one rack less holds, one more does not.
    for (number, whole) in [(holds, true), (breaks, false)] {
        let set = format!("racks.rack.count={number}");
        let again = budget(RACK, &[&set], &BudgetOptions::default()).unwrap();
        let peak = again.scenarios.iter().find(|s| s.name == PEAK).unwrap();
        assert_eq!(peak.broken == 0, whole, "{number}");
    }
    // Water comes from outside at a given temperature: no weather breaks anything.
    for ask in [Ask::WetBulb, Ask::DryBulb] {
        let answer = found.answers.iter().find(|a| a.ask == ask).unwrap();
        assert!(answer.present_holds && answer.breaks_at.is_none() && answer.first.is_none());
    }
}

/// The cap at which a rack's limit of power holds, found by bisection, against a solve on both sides of it.
#[test]
fn a_power_cap_keeps_the_rack_within_its_limit() {
    let set = ["racks.rack.power_limit=60 kW"];
    let options = BudgetOptions {
        ask: vec![Ask::PowerCap],
        ..BudgetOptions::default()
    };
    let found = budget(RACK, &set, &options).unwrap();
    let answer = &found.answers[0];
    assert!(!answer.present_holds);
    assert_eq!(answer.first.as_ref().unwrap().what, "rack power");
    let (low, high) = (answer.holds_to.unwrap(), answer.breaks_at.unwrap());
    assert!(high - low < 1.0, "{low} {high}");
    for (cap, whole) in [(low, true), (high, false)] {
        let cap = format!("racks.rack.server.gpu.power_cap={cap} W");
        let again = budget(RACK, &[set[0], &cap], &BudgetOptions::default()).unwrap();
        let peak = again.scenarios.iter().find(|s| s.name == PEAK).unwrap();
        assert_eq!(peak.broken == 0, whole, "{cap}");
    }
}

#[test]
fn what_is_asked_wrongly_is_told_before_anything_is_solved() {
    let wrong = |options: BudgetOptions| budget(RACK, &[], &options).unwrap_err().to_string();
    let text = wrong(BudgetOptions {
        at: Some("synchronous-peek".into()),
        ..BudgetOptions::default()
    });
    assert!(text.contains("did you mean `synchronous-peak`?"), "{text}");
    let text = wrong(BudgetOptions {
        ask: vec![Ask::Count],
        counts: vec!["racks.rak.count".into()],
        ..BudgetOptions::default()
    });
    assert!(text.contains("did you mean `racks.rack.count`?"), "{text}");
}
