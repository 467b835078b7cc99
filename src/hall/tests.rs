#![allow(clippy::unwrap_used, clippy::float_cmp)]

use super::model::{DeviceRole, Grade, Hall, RETURN, SUPPLY};
use super::variation::Action;
use super::{LoadError, LoadOptions, Warnings, load};
use crate::world::Memory;
use std::path::Path;

/// A hall with something of everything that the language has.
const HALL: &str = r#"
schema = 1
name = "Test"
state = "training"
seed = 7

[site]
scenario = "design day"
dry_bulb = "35.6 degC"
wet_bulb = "25.2 degC"
elevation = "100 m"

[loops.tcs]
fluid = "pg25"
class = "W32"
nodes = ["east"]

[equipment.water]
kind = "given_water"
water = "tcs"
supply_temperature = "30 degC"

[equipment.wall]
kind = "envelope"
conductance = "1 kW/K"
room = "exhaust"

[equipment.air-handler]
kind = "envelope"
conductance = "1 kW/K"
room = "hall"

[equipment.busway]
part = "busway-4000a"
room = "hall"

[rooms.hall]
limit = "32 degC"

[rooms.exhaust]
exhaust = true

[racks.rack]
part = "supermicro-hgx-h100-64"
count = 4
loop = "tcs"
inlet_air = "hall"
exhaust_air = "exhaust"
feeder = "busway"

[racks.rack.server.gpu]
idle_power = { value = "95 W", source = "measured", confidence = "A" }

[spreads.silicon]
asset = "rack.*.server.*.gpu.*"
key = "leakage"
distribution = "lognormal"
sigma = 0.15

[tables.measured]
file = "racks.csv"

[overrides]
"rack.1.server.3.gpu.5" = { idle_power = "99 W", plate.pressure_drop_factor = 1.5 }
"rack.0-2" = { air_flow = "2 m3/s" }

[assumptions.idle]
text = "Idle power as measured on one box."
path = "racks.rack.server.gpu.idle_power"
alternatives = ["80 W", "110 W"]
confidence = "C"
"#;

const CSV: &str = "asset,power_cap [W],plate.pressure_drop_factor [-]\nrack.0.server.0.gpu.0,650,\nrack.0.server.0.gpu.1,600,1.2\n";

fn read(text: &str, options: &LoadOptions) -> Result<(Hall, Warnings), LoadError> {
    let world = Memory::new()
        .with("halls/test.toml", text)
        .with("halls/racks.csv", CSV);
    load(&world, Path::new("halls/test.toml"), options)
}

fn good(text: &str) -> (Hall, Warnings) {
    read(text, &LoadOptions::default()).unwrap_or_else(|error| {
        panic!(
            "{}",
            error
                .diagnostics()
                .map_or(error.to_string(), |all| all.render(false))
        )
    })
}

fn number<'h>(hall: &'h Hall, path: &str) -> &'h super::model::Provenance {
    hall.provenance
        .iter()
        .find(|number| number.path == path)
        .unwrap()
}

#[test]
fn everything_is_resolved_in_si() {
    let (hall, warnings) = good(HALL);
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(
        (hall.name.as_str(), hall.scenario.as_str()),
        ("Test", "design day")
    );
    assert_eq!(hall.state.name, "training");
    assert!((hall.outdoor.dry_bulb - 308.75).abs() < 1e-9);
    assert!((hall.outdoor.wet_bulb - 298.35).abs() < 1e-6);
    // Standard atmosphere at 100 m: 100.13 kPa (ASHRAE Fundamentals, chapter 1, table 1).
    assert!(
        (hall.outdoor.pressure - 100_129.0).abs() < 20.0,
        "{}",
        hall.outdoor.pressure
    );
    let circuit = &hall.root.loops[0];
    assert_eq!(circuit.nodes, ["supply", "return", "east"]);
    assert_eq!(
        (circuit.fluid_name.as_str(), circuit.supply_limit),
        ("PG25", Some(305.15))
    );
    let rack = &hall.root.racks[0];
    assert_eq!(
        (rack.count, rack.servers, rack.part.as_str()),
        (4, 8, "supermicro-hgx-h100-64")
    );
    assert_eq!((rack.supply.node, rack.back.node), (SUPPLY, RETURN));
    assert_eq!((rack.inlet_air.index, rack.exhaust_air.index), (0, 1));
    let feeder = &hall.root.equipment[rack.feeders.0[0].bus.index];
    assert_eq!(feeder.name, "busway");
    let water = &hall.root.equipment[0];
    assert_eq!(
        (water.sides[0].0.node, water.sides[0].1.node),
        (RETURN, SUPPLY),
        "a source runs the other way"
    );
    let gpu = &rack.server.devices[0];
    assert_eq!(
        (gpu.role, gpu.count, gpu.part.as_str()),
        (DeviceRole::Gpu, 8, "h100-sxm5")
    );
    assert_eq!(
        (gpu.device[0], gpu.device[1]),
        (700.0, 95.0),
        "part, and override on top"
    );
    assert_eq!(gpu.plate_tables.len(), 1);
}

#[test]
fn numbers_know_their_source() {
    let (hall, _) = good(HALL);
    let idle = number(&hall, "racks.rack.server.gpu.idle_power");
    assert_eq!(
        (idle.value.as_str(), idle.confidence),
        ("95 W", Grade::C),
        "graded by its assumption"
    );
    assert_eq!(idle.source, "assumption `idle`");
    let rated = number(&hall, "racks.rack.server.gpu.rated_power");
    assert_eq!(
        (rated.part.as_deref(), rated.confidence),
        (Some("h100-sxm5"), Grade::A)
    );
    let limit = number(&hall, "rooms.hall.limit");
    assert_eq!(
        (limit.source.as_str(), limit.part.as_deref()),
        ("hall file", None)
    );
    let pitch = number(&hall, "racks.rack.linear");
    assert_eq!(
        (pitch.source.as_str(), pitch.confidence),
        ("default", Grade::D)
    );
    let set = LoadOptions {
        set: vec!["rooms.hall.limit=35 degC".into()],
        state: Some("idle".into()),
    };
    let (hall, _) = read(HALL, &set).unwrap();
    assert_eq!(number(&hall, "rooms.hall.limit").source, "--set");
    assert_eq!(hall.state.name, "idle");
    assert_eq!(hall.root.rooms[0].limit, Some(308.15));
}

#[test]
fn rules_come_in_the_order_of_their_rank() {
    let set = LoadOptions {
        set: vec!["rack.0.server.0.gpu.1.idle_power=50 W".into()],
        state: None,
    };
    let (hall, _) = read(HALL, &set).unwrap();
    let rules = &hall.variations.rules;
    let sort = |action: &Action| match action {
        Action::Spread { .. } => 0,
        Action::Table(_) => 1,
        Action::Set(_) => 2,
    };
    let order: Vec<u8> = rules.iter().map(|rule| sort(&rule.action)).collect();
    assert_eq!(order, [0, 1, 1, 2, 2, 2, 2]);
    let value = |key: &str, indices: &[u32], base: f64| {
        rules
            .iter()
            .filter(|rule| rule.key == key)
            .fold(base, |value, rule| rule.apply(indices, value))
    };
    assert_eq!(value("power_cap", &[0, 0, 1], f64::NAN), 600.0);
    assert_eq!(
        value("plate.pressure_drop_factor", &[0, 0, 0], 1.0),
        1.0,
        "an empty cell changes nothing"
    );
    assert_eq!(value("plate.pressure_drop_factor", &[0, 0, 1], 1.0), 1.2);
    assert_eq!(value("plate.pressure_drop_factor", &[1, 3, 5], 1.0), 1.5);
    assert_eq!(value("idle_power", &[1, 3, 5], 95.0), 99.0);
    assert_eq!(value("idle_power", &[0, 0, 1], 95.0), 50.0);
    assert_eq!(value("air_flow", &[2], 1.6), 2.0);
    assert_eq!(value("air_flow", &[3], 1.6), 1.6);
    assert!((value("leakage", &[3, 2, 1], 45.0) - 45.0).abs() > 1e-6);
}

/// A part changed for another keeps how it is built in, and drops what came with the old one.
#[test]
fn another_part_takes_its_own_values() {
    let text = HALL.replace(
        "[racks.rack.server.gpu]\nidle_power = { value = \"95 W\", source = \"measured\", confidence = \"A\" }",
        "[racks.rack.server.gpu]\npart = \"mine\"\n[parts.mine]\nbase = \"b200-sxm\"\nidle_power = \"150 W\"",
    );
    let (hall, _) = good(&text);
    let gpu = &hall.root.racks[0].server.devices[0];
    assert_eq!(
        (gpu.count, gpu.part.as_str(), gpu.plate_part.as_str()),
        (8, "mine", "ocp-1kw-oam-pg25")
    );
    assert_eq!((gpu.device[0], gpu.device[1]), (1000.0, 150.0));
    assert_eq!(
        number(&hall, "racks.rack.server.gpu.rated_power")
            .part
            .as_deref(),
        Some("b200-sxm")
    );
}

/// Groups see the names around them, and their own before those.
#[test]
fn names_are_found_from_inside_out() {
    let text = "schema = 1\n[loops.outer]\nfluid = \"water\"\n[loops.tcs]\nfluid = \"water\"\n[rooms.hall]\n\
        [equipment.source]\nkind = \"given_water\"\nwater = \"outer\"\nsupply_temperature = \"20 degC\"\n\
        [equipment.other]\nkind = \"given_water\"\nwater = \"tcs\"\nsupply_temperature = \"20 degC\"\n\
        [equipment.load]\nkind = \"pipe\"\nfluid = \"tcs\"\n\
        [groups.pod]\ncount = 3\n[groups.pod.loops.tcs]\nfluid = \"pg25\"\n\
        [groups.pod.equipment.source]\nkind = \"given_water\"\nwater = \"tcs\"\nsupply_temperature = \"30 degC\"\n\
        [groups.pod.equipment.pipe]\nkind = \"pipe\"\nfluid = \"outer\"\nroom = \"hall\"\n\
        [groups.pod.racks.rack]\npart = \"hgx-h100-32\"\nloop = \"tcs\"\n";
    let (hall, _) = good(text);
    let pod = &hall.root.groups[0];
    assert_eq!((pod.name.as_str(), pod.count), ("pod", 3));
    assert_eq!(
        pod.racks[0].supply.circuit,
        super::model::Ref { up: 0, index: 0 }
    );
    assert_eq!(
        pod.equipment[1].sides[0].0.circuit,
        super::model::Ref { up: 1, index: 0 }
    );
    assert_eq!(
        pod.racks[0].inlet_air,
        super::model::Ref { up: 1, index: 0 },
        "the only room in sight"
    );
}

/// Every server, rack and component of the library can be used as it is.
#[test]
fn every_rack_of_the_library_resolves() {
    let library = crate::library::Library::embedded();
    let mut text = String::from(
        "schema = 1\n[loops.tcs]\nfluid = \"pg25\"\n[rooms.hall]\n[equipment.water]\nkind = \"given_water\"\nwater = \"tcs\"\nsupply_temperature = \"30 degC\"\n",
    );
    for part in library.parts() {
        match library.kind(part).unwrap() {
            crate::library::PartKind::Rack => {
                text += &format!("[racks.{0}]\npart = \"{0}\"\nloop = \"tcs\"\n", part.name);
            }
            crate::library::PartKind::Component(kind) => {
                text += &format!("[equipment.part-{0}]\npart = \"{0}\"\n", part.name);
                for side in kind.spec().sides {
                    text += &format!("{side} = \"tcs\"\n");
                }
            }
            _ => {}
        }
    }
    let (hall, _) = good(&text);
    assert!(hall.root.racks.len() >= 8 && hall.root.equipment.len() >= 20);
    assert!(
        hall.root
            .racks
            .iter()
            .all(|rack| rack.server.theta.iter().any(|slot| *slot > 0.0))
    );
}

#[test]
fn halls_that_come_along_load() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/halls");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "toml") {
            let loaded = load(&crate::world::Disk, &path, &LoadOptions::default());
            assert!(loaded.is_ok(), "{}", loaded.unwrap_err());
        }
    }
}

/// W+ has no highest temperature; what the list of classes is known by is said.
#[test]
fn classes_say_how_well_they_are_known() {
    let class = |word: &str| {
        let (hall, _) = good(&HALL.replace("\"W32\"", &format!("\"{word}\"")));
        let circuit = &hall.root.loops[0];
        let limit = circuit.supply_limit;
        assert_eq!(circuit.class.as_deref(), Some(word));
        let source = hall
            .provenance
            .iter()
            .find(|n| n.path == "loops.tcs.supply_limit");
        (limit, source.map(|number| number.confidence))
    };
    assert_eq!(class("W+"), (None, None));
    assert_eq!(class("W45"), (Some(318.15), Some(crate::library::Grade::B)));
    assert_eq!(class("S45"), (Some(318.15), Some(crate::library::Grade::B)));
    assert_eq!(class("S50"), (Some(323.15), Some(crate::library::Grade::D)));
}
