#![allow(clippy::unwrap_used)]

use std::path::Path;

use super::capacity::Margins;
use super::sets::{Reserve, kvs};
use super::{Choice, Schedule, SizeOptions, run};
use crate::hall::LoadOptions;
use crate::study::failures::{self, FailureOptions};
use crate::study::scenario::Base;
use crate::world::Memory;

/// Racks with their CDUs on one tower loop: pumps, cells and a transformer to size.
const TOWER: &str = include_str!("../../../tests/halls/tower.toml");
const PATH: &str = "hall.toml";

fn electrical() -> &'static str {
    "\n[equipment.feed]\nkind = \"feed\"\npower_limit = \"40 MW\"\n\n[equipment.transformers] # racks\n\
     part = \"mv-lv-transformer-2500kva\"\ncount = 3 # to be found\nredundant_units = 1\nroom = \"hall\"\nfeeder = \"feed\"\n"
}

fn hall() -> String {
    TOWER.replace(
        "inlet_air = \"hall\"\n",
        "inlet_air = \"hall\"\nfeeder = \"transformers\"\n",
    ) + electrical()
}

fn size(text: &str, set: &[&str], options: &SizeOptions) -> (Schedule, String) {
    let world = Memory::new().with(PATH, text);
    let load = LoadOptions {
        set: set.iter().map(|one| (*one).to_owned()).collect(),
        state: None,
    };
    let (schedule, file) = run(&world, Path::new(PATH), &load, options, &|| ()).unwrap();
    (schedule, file.text())
}

fn counts(schedule: &Schedule) -> Vec<(String, u32, u32)> {
    let sets = schedule.sets.iter();
    sets.map(|row| (row.path.clone(), row.duty, row.installed))
        .collect()
}

fn of(schedule: &Schedule, path: &str) -> u32 {
    let row = schedule.sets.iter().find(|row| row.path == path);
    row.unwrap().duty
}

fn n_plus_one() -> SizeOptions {
    SizeOptions {
        redundancy: vec![
            (None, Reserve::Units(1)),
            (Some("cdu".into()), Reserve::Units(0)),
        ],
        ..SizeOptions::default()
    }
}

#[test]
fn too_small_and_too_large_come_to_the_same_and_the_file_is_read_again() {
    let small = [
        "equipment.pumps.count=1",
        "equipment.towers.count=1",
        "equipment.transformers.count=2",
    ];
    let large = [
        "equipment.pumps.count=9",
        "equipment.towers.count=30",
        "equipment.transformers.count=40",
    ];
    let options = n_plus_one();
    let (a, written) = size(&hall(), &small, &options);
    let (b, _) = size(&hall(), &large, &options);
    assert_eq!(counts(&a), counts(&b));
    assert!(a.holds() && b.holds(), "{a:#?}");
    // Comments stay, and the file says what the schedule says.
    assert!(
        written.contains("# racks\n") && written.contains("# to be found"),
        "{written}"
    );
    let world = Memory::new().with(PATH, written.as_str());
    let load = LoadOptions::default();
    let base = Base::load(&world, Path::new(PATH), &load).unwrap();
    let found = failures::run(&base, &FailureOptions::default(), &|_, _| ()).unwrap();
    assert!(found.undisturbed.reason.is_none());
    // One of each is claimed: pumps, cells, transformers.
    assert_eq!(found.redundancy.len(), 3);
    assert!(found.holds(), "{:#?}", found.redundancy);
    // Sizing what has been sized changes nothing.
    let (again, text) = size(&written, &[], &SizeOptions::default());
    assert_eq!(counts(&again), counts(&a));
    assert_eq!(text, written);
    // One unit fewer of each would not do: that is what governs.
    for row in a.sets.iter().filter(|row| row.duty > 1) {
        assert!(row.governs.is_some() || row.unsolved.is_some(), "{row:#?}");
    }
    for row in a.sets.iter().filter(|row| row.kind != "feed") {
        for margin in &row.margins {
            assert!(margin.found >= margin.asked, "{row:#?}");
        }
    }
}

/// Margins do not come into it here, so that only whole units round.
#[test]
fn twice_the_load_takes_twice_the_units() {
    let options = SizeOptions {
        margins: Margins::NONE,
        ..SizeOptions::default()
    };
    let (room, once) = ("equipment.air.capacity=20 MW", "groups.unit.count=240");
    let (one, _) = size(&hall(), &[once, room], &options);
    let (two, _) = size(&hall(), &["groups.unit.count=480", room], &options);
    for path in ["pumps", "towers", "transformers"] {
        let (n, m) = (of(&one, path), of(&two, path));
        assert!(m == 2 * n || m + 1 == 2 * n, "{path}: {n} and {m}");
    }
    // More margin is never fewer units.
    let (more, _) = size(
        &hall(),
        &[once, room],
        &SizeOptions {
            margins: Margins {
                duty: 0.5,
                flow: 0.5,
                head: 0.5,
                power: 0.5,
            },
            ..SizeOptions::default()
        },
    );
    for path in ["pumps", "towers", "transformers"] {
        assert!(of(&more, path) >= of(&one, path), "{path}");
    }
    assert!(of(&more, "towers") > of(&one, "towers"));
}

#[test]
fn ratings_are_found_for_a_given_number_of_units() {
    let options = SizeOptions {
        choice: Choice::Required,
        ..SizeOptions::default()
    };
    let (found, text) = size(&hall(), &["equipment.towers.count=4"], &options);
    assert!(found.holds(), "{found:#?}");
    assert_eq!(of(&found, "towers"), 4);
    let row = found.sets.iter().find(|row| row.path == "towers").unwrap();
    assert!(
        row.margins[0].found >= 0.1 && row.margins[0].found < 0.125,
        "{row:#?}"
    );
    assert!(text.contains("nominal_water_flow = "), "{text}");
    // The given rating of the unit does not matter.
    let other = [
        "equipment.towers.count=4",
        "equipment.towers.nominal_water_flow=60 kg/s",
        "equipment.towers.fan_power=17571 W",
    ];
    let (same, _) = size(&hall(), &other, &options);
    let other = same.sets.iter().find(|row| row.path == "towers").unwrap();
    // Sizes are found in steps of a hundredth.
    assert!((row.size * 126.0 / (other.size * 60.0) - 1.0).abs() < 0.021);
}

#[test]
fn a_supply_colder_than_the_wet_bulb_cannot_be_had() {
    let (found, _) = size(
        &hall(),
        &[
            "equipment.towers.control=fixed",
            "equipment.towers.supply_temperature=24 degC",
        ],
        &SizeOptions::default(),
    );
    assert!(!found.holds());
    let text = &found
        .unmet
        .iter()
        .find(|one| one.path == "towers")
        .unwrap()
        .text;
    assert!(text.contains("wet bulb is 26.8 degC"), "{text}");
}

/// Each of two supply paths is sized to carry everything when the other is lost.
#[test]
fn two_supply_paths_are_sized_for_the_loss_of_each() {
    const PATHS: &str = include_str!("../../../tests/halls/two-paths.toml");
    let (found, _) = size(
        PATHS,
        &["equipment.ups_a.modules=1"],
        &SizeOptions::default(),
    );
    assert!(found.holds(), "{:#?}", found.trials);
    assert_eq!((of(&found, "ups_a"), of(&found, "ups_b")), (2, 2));
    let ups = found.sets.iter().find(|row| row.path == "ups_a").unwrap();
    assert!(ups.case.ends_with("_b lost"), "{}", ups.case);
}

/// A main gets the smallest nominal bore that friction and velocity allow, whatever it was.
#[test]
fn pipes_get_the_smallest_size_that_the_limits_allow() {
    let main = "\n[equipment.main]\nkind = \"pipe\"\nfluid = { from = \"tower.out\", to = \"tower.supply\" }\n\
                length = \"50 m\"\nbore = \"900 mm\"\nroom = \"hall\"\n";
    let text = hall()
        .replace("nodes = [\"pumped\"]", "nodes = [\"pumped\", \"out\"]")
        .replace(
            "to = \"tower.supply\" }\n\n[equipment.air]",
            "to = \"tower.out\" }\n\n[equipment.air]",
        )
        + main;
    let (found, written) = size(&text, &[], &SizeOptions::default());
    let row = found.sets.iter().find(|row| row.path == "main").unwrap();
    assert!(found.holds(), "{found:#?}");
    let figure = |name: &str| {
        row.figures
            .iter()
            .find(|one| one.name == name)
            .unwrap()
            .value
    };
    // 120 racks at some 45 L/min, with a tenth more: between 2.1 m/s and 400 Pa/m.
    let (velocity, friction) = (figure("velocity"), figure("friction per metre"));
    assert!(
        1.1 * velocity <= 2.1 && friction * 1.21 <= 400.0 * 1.02,
        "{row:#?}"
    );
    assert!(row.margins[0].found >= 0.1, "{row:#?}");
    let bore = format!("bore = \"{:.2} mm\"", 1e3 * figure("bore"));
    assert!(written.contains(&bore), "{bore}: {written}");
    let governs = &row.governs.as_ref().unwrap().what;
    assert!(
        governs.contains("friction") || governs.contains("velocity"),
        "{governs}"
    );
    // Half the friction is never a smaller pipe.
    let half = SizeOptions {
        gradient: 100.0,
        ..SizeOptions::default()
    };
    let (wide, _) = size(&text, &[], &half);
    let row = wide.sets.iter().find(|row| row.path == "main").unwrap();
    assert!(
        row.figures[0].value >= figure("nominal size DN"),
        "{row:#?}"
    );
}

#[test]
fn what_is_named_must_be_there() {
    let world = Memory::new().with(PATH, hall());
    let asked = |name: &str| SizeOptions {
        redundancy: vec![(Some(name.to_owned()), Reserve::Units(1))],
        ..SizeOptions::default()
    };
    let fail = |options: &SizeOptions| {
        let load = LoadOptions::default();
        let none = || panic!("nothing is solved");
        run(&world, Path::new(PATH), &load, options, &none)
            .unwrap_err()
            .to_string()
    };
    let text = fail(&asked("tower5"));
    assert!(text.contains("did you mean `towers`?"), "{text}");
    assert!(fail(&asked("feed")).contains("feed"));
}

#[test]
fn valves_come_in_a_series() {
    assert_eq!(kvs(0), 1.0);
    assert!((kvs(7) - 25.0).abs() < 1e-9 && (kvs(-1) - 0.63).abs() < 1e-9);
    assert_eq!(Reserve::parse("N+2"), Some(Reserve::Units(2)));
    assert_eq!(Reserve::parse("2n").unwrap().words(), "2N");
    assert_eq!(Reserve::parse("n+0"), None);
}
