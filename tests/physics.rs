//! Circuits and power chains of every shape, whole: each against what a hand calculation says.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use loopwatt::hall::LoadOptions;
use loopwatt::result::gather::{Part, gather};
use loopwatt::result::{Limit, LimitStatus};
use loopwatt::study::{self, Run};
use loopwatt::world::Disk;

fn run(name: &str, set: &[&str]) -> Run {
    let options = LoadOptions {
        set: set.iter().map(|s| (*s).to_owned()).collect(),
        state: None,
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let run = study::run(&Disk, &path, &options)
        .unwrap_or_else(|error| panic!("{name} {set:?}: {error}"));
    assert!(run.result.balance.energy_relative < 1e-9, "{name} {set:?}");
    assert!(run.result.balance.mass_relative < 1e-9, "{name} {set:?}");
    run
}

fn part<'a>(parts: &'a [Part<'_>], name: &str) -> &'a Part<'a> {
    parts.iter().find(|part| part.path == name).unwrap()
}

fn quantity(part: &Part<'_>, name: &str) -> f64 {
    let found = part.report.quantities.iter().find(|q| q.name == name);
    found
        .unwrap_or_else(|| panic!("{} has no {name}", part.path))
        .value
}

fn limit<'a>(run: &'a Run, what: &str) -> &'a Limit {
    let found = run.result.limits.iter().find(|limit| limit.what == what);
    found.unwrap_or_else(|| panic!("no limit of {what}"))
}

#[test]
fn a_ring_main_feeds_from_both_sides() {
    let ring = run("tests/halls/ring-main.toml", &[]);
    let parts = gather(&ring.network, &ring.solution);
    let flow = |name: &str| part(&parts, name).flow[0];
    let rise = |name: &str| part(&parts, name).rise[0];
    // Around either closed ring the pressure differences add up to nothing.
    for ring in ["supply", "return"] {
        let names = ["a", "b", "c", "d"].map(|end| format!("{ring}-{end}"));
        let around: f64 = names.iter().map(|name| rise(name)).sum();
        assert!(around.abs() < 1e-3, "{ring}: {around} Pa");
    }
    // The middle tap gets half of its water from each side, by symmetry; 1e-6 covers a solve's tolerance.
    assert!((flow("supply-b") + flow("supply-c")).abs() < 1e-6 * flow("tap-2"));
    assert!((flow("supply-b") - 0.5 * flow("tap-2")).abs() < 1e-6 * flow("tap-2"));
    assert!((flow("tap-1") - flow("tap-3")).abs() < 1e-6 * flow("tap-1"));
    assert!(flow("tap-2") < flow("tap-1"));
    // One segment cut: all is fed from the other side, less of it, and every tap still runs.
    let cut = run(
        "tests/halls/ring-main.toml",
        &["equipment.supply-a.linear=1e9 Pa s/kg"],
    );
    let cut = gather(&cut.network, &cut.solution);
    let after = |name: &str| part(&cut, name).flow[0];
    assert!(after("supply-a").abs() < 1e-3);
    let taps: f64 = ["tap-1", "tap-2", "tap-3"].map(after).iter().sum();
    assert!((after("supply-d") + taps).abs() < 1e-3);
    for (tap, least) in [("tap-1", 0.6), ("tap-2", 0.6), ("tap-3", 0.6)] {
        let share = after(tap) / flow(tap);
        assert!((least..1.0).contains(&share), "{tap}: {share}");
    }
}

#[test]
fn a_decoupler_flows_either_way() {
    // Primary 10 L/s; the secondary takes less, the same, and more.
    for (secondary, surplus) in [(6.0, 4.0), (10.0, 0.0), (14.0, -4.0)] {
        let set = format!("equipment.secondary-pump.flow={secondary} L/s");
        let hall = run("tests/halls/decoupler.toml", &[&set]);
        let parts = gather(&hall.network, &hall.solution);
        // Volume flows are held at each machine's inlet: densities differ by a quarter of a per cent.
        let found = part(&parts, "decoupler").flow[0];
        assert!((found - surplus).abs() < 0.04, "{secondary} L/s: {found}");
        // With too little from the primary, the secondary gets return water mixed in: 200 kW over the
        // primary's 10 L/s fix the rise of return over the source, 4.8 K.
        let l = &hall.result.loops["chilled"];
        let expected = if surplus < 0.0 {
            18.0 + 4.0 / 14.0 * (l.return_c - 18.0)
        } else {
            18.0
        };
        assert!(
            (l.supply_c - expected).abs() < 0.02,
            "{secondary} L/s: {}",
            l.supply_c
        );
    }
}

#[test]
fn a_check_valve_passes_one_way() {
    let shut = run("tests/halls/check-valve.toml", &[]);
    let parts = gather(&shut.network, &shut.solution);
    assert_eq!(part(&parts, "check").report.mode, "closed");
    // Backward Δp = R·ṁ²/(w + ṁ) with R a million times the Δp/ṁ of 10 kPa forward (1.757 kg/s), w a
    // millionth of that flow: 1.92e-5 kg/s at 100 kPa.
    assert!((part(&parts, "check").flow[0] / -1.92e-5 - 1.0).abs() < 0.01);
    let load = part(&parts, "load").flow[0];
    // The load's law: 60 kPa at 8 kg/s, so √(100/60)·8 at 100 kPa.
    assert!((load - 8.0 * (100.0f64 / 60.0).sqrt()).abs() < 1e-4);
    let open = run(
        "tests/halls/check-valve.toml",
        &[
            "equipment.check.fluid.from=facility.supply",
            "equipment.check.fluid.to=facility.return",
        ],
    );
    let parts = gather(&open.network, &open.solution);
    assert_eq!(part(&parts, "check").report.mode, "open");
    // Kv 20 at 1 bar: 20 m³/h of cold water.
    assert!((part(&parts, "check").flow[0] / (20.0 / 3.6 * 0.9985) - 1.0).abs() < 1e-3);
}

#[test]
fn a_bypass_keeps_the_pump_above_its_least_flow() {
    let open = run("tests/halls/bypass.toml", &[]);
    let parts = gather(&open.network, &open.solution);
    assert_eq!(part(&parts, "bypass").report.mode, "at lower stop");
    // Shut it leaks a ten-thousandth of its Kv.
    assert!(part(&parts, "bypass").flow[0] < 2e-3);
    // The consumer throttled to a few per cent: the valve opens and holds 190 kPa.
    let throttled = run(
        "tests/halls/bypass.toml",
        &["equipment.throttle.position=0.05"],
    );
    let parts = gather(&throttled.network, &throttled.solution);
    let bypass = part(&parts, "bypass");
    assert_eq!(bypass.report.mode, "controlling");
    assert!((-bypass.rise[0] / 190e3 - 1.0).abs() < 1e-9);
    assert_eq!(
        limit(&throttled, "flow of one pump").status,
        LimitStatus::Ok
    );
    // Without the bypass the pump runs below its least flow, and that is said.
    let blocked = run(
        "tests/halls/bypass.toml",
        &[
            "equipment.throttle.position=0.05",
            "equipment.bypass.pressure_difference=400 kPa",
        ],
    );
    assert_eq!(
        limit(&blocked, "flow of one pump").status,
        LimitStatus::Broken
    );
    // A bypass too small stands wide open, and the pressure that it cannot relieve is a broken set-point.
    let small = run(
        "tests/halls/bypass.toml",
        &[
            "equipment.throttle.position=0.05",
            "equipment.bypass.flow_coefficient=1 Kv",
        ],
    );
    let set_point = limit(&small, "relieved pressure difference set-point");
    assert_eq!(set_point.status, LimitStatus::Broken);
}

#[test]
fn a_stopped_unit_on_a_shared_header_is_shut_off() {
    let one = run("tests/halls/shared-header.toml", &[]);
    let parts = gather(&one.network, &one.solution);
    let (a, b) = (part(&parts, "cdu-a"), part(&parts, "cdu-b"));
    // 160 L/min through the running unit, nothing through the other, forward or back.
    assert!((quantity(a, "secondary flow") * 60e3 - 160.0).abs() < 1e-6);
    assert_eq!((b.report.mode, b.drawn), ("off", 0.0));
    assert!(
        b.flow[0].abs() < 1e-5 && b.flow[1].abs() < 1e-5,
        "{:?}",
        b.flow
    );
    // Both running at half the flow carry half of the heat each, with cooler facility water needed.
    let both = run(
        "tests/halls/shared-header.toml",
        &[
            "equipment.cdu-b.running=1",
            "equipment.cdu-a.flow=80 L/min",
            "equipment.cdu-b.flow=80 L/min",
        ],
    );
    let parts = gather(&both.network, &both.solution);
    let duty = |name| quantity(part(&parts, name), "heat duty");
    assert!((duty("cdu-a") / duty("cdu-b") - 1.0).abs() < 1e-6);
    let alone = gather(&one.network, &one.solution);
    let alone = quantity(part(&alone, "cdu-a"), "heat duty");
    assert!((2.0 * duty("cdu-a") / alone - 1.0).abs() < 0.01);
    // Less flow through each exchanger brings the approach down.
    let approach = |run: &Run| {
        let parts = gather(&run.network, &run.solution);
        quantity(part(&parts, "cdu-a"), "primary flow")
    };
    assert!(2.0 * approach(&both) < approach(&one));
}

#[test]
fn one_side_of_a_double_power_chain_carries_all() {
    let both = run("tests/halls/two-sides.toml", &[]);
    let lost = run(
        "tests/halls/two-sides.toml",
        &[
            "equipment.transformers.out_of_service=1",
            "equipment.ups.out_of_service=2",
            "equipment.busway.out_of_service=1",
            "equipment.shelves.out_of_service=64",
        ],
    );
    // What the whole chain promises of its survivors is what they carry once one side is lost. Beyond
    // the shelves' 97.5 % at half load and 96.5 % at full load nothing should tell the two apart: 2 %.
    for (promised, carried) in [
        (
            "apparent power of a unit with the redundant ones out",
            "apparent power of a unit",
        ),
        ("load of a module with one system out", "load of a module"),
        (
            "current of a run with the redundant ones out",
            "current of a run",
        ),
        (
            "load of a module with the redundant ones out",
            "load of a module",
        ),
    ] {
        let path = &limit(&both, promised).path;
        let found = lost
            .result
            .limits
            .iter()
            .find(|l| l.what == carried && l.path == *path)
            .unwrap();
        let ratio = found.value.unwrap() / limit(&both, promised).value.unwrap();
        assert!((ratio - 1.0).abs() < 0.02, "{promised}: {ratio}");
    }
    assert!(both.result.holds() && lost.result.holds());
    // The shelves' loss is IT's, metered at their inlet.
    let it = both.result.facility.it_power_w;
    assert!((1.9e6 / it - 0.975).abs() < 2e-3, "{it}");
    // 2.2 MW is too much for one side, and the chain says so while both still run.
    let heavy = run(
        "tests/halls/two-sides.toml",
        &["equipment.racks.power=2.2 MW"],
    );
    assert_eq!(
        limit(&heavy, "load of a module with one system out").status,
        LimitStatus::Broken
    );
    assert_eq!(
        limit(&heavy, "apparent power of a unit").status,
        LimitStatus::Ok
    );
}

const PATHS: &str = "tests/halls/two-paths.toml";

/// Power that hangs on a device, W.
fn below(run: &Run, name: &str) -> f64 {
    let parts = gather(&run.network, &run.solution);
    part(&parts, name).below
}

#[test]
fn two_cords_share_a_load_and_the_one_left_carries_all() {
    let both = run(PATHS, &[]);
    let (a, b) = (below(&both, "busway_a"), below(&both, "busway_b"));
    // Rack and room cooler lie on both alike; the CDU's transfer switch stands on A.
    let cdu = below(&both, "cdu-on-busway_a");
    assert!(cdu > 100.0 && below(&both, "cdu-on-busway_b") == 0.0);
    assert!((a - cdu - b).abs() < 1e-9 * b, "{a} {b}");
    let rack = below(&both, "rack-on-busway_a") + below(&both, "rack-on-busway_b");
    let whole = both
        .result
        .power
        .iter()
        .find(|row| row.kind == "rack")
        .unwrap()
        .watts;
    assert!((rack - whole).abs() < 1e-9 * whole);
    let uneven = run(PATHS, &["racks.rack.feeder_share=[0.7, 0.3]"]);
    let share = below(&uneven, "rack-on-busway_a") / whole;
    assert!((share - 0.7).abs() < 1e-6, "{share}");
    // Whatever is out on path A, and by whichever key, B carries everything.
    for out in [
        "busway_a.out_of_service=1",
        "ups_a.out_of_service=2",
        "feed_a.out_of_service=1",
    ] {
        let lost = run(PATHS, &[&format!("equipment.{out}")]);
        // The room cooler has the losses of the power supplies to carry, which are others now: 0.5 %.
        assert!(
            (below(&lost, "busway_b") - (a + b)).abs() < 5e-3 * b,
            "{out}"
        );
        for dead in ["busway_a", "rack-on-busway_a", "cdu-on-busway_a"] {
            assert_eq!(below(&lost, dead), 0.0, "{out} {dead}");
        }
        let parts = gather(&lost.network, &lost.solution);
        assert_eq!(part(&parts, "busway_a").report.mode, "out of service");
        let moved = part(&parts, "cdu-on-busway_b").below;
        assert!((moved - cdu).abs() < 1e-4 * cdu, "{moved} {cdu}");
        // A UPS behind a dead feed loses nothing, so the meter falls by its idle loss.
        let idle = part(&parts, "ups_a").drawn - part(&parts, "ups_a").below;
        assert_eq!(idle > 0.0, out.starts_with("busway"), "{out}");
        assert!(
            lost.result
                .limits
                .iter()
                .all(|limit| limit.status == LimitStatus::Ok)
        );
    }
}

#[test]
fn the_path_left_is_held_to_its_rating() {
    // The rack's 60 kW are 84 A at 415 V, 42 A on each path.
    let set = ["equipment.busway_b.rated_current=60 A"];
    let current = |run: &Run| {
        let limits = run.result.limits.iter();
        let mut of_b = limits.filter(|l| l.path == "busway_b" && l.what == "current of a run");
        of_b.next().unwrap().status
    };
    assert_eq!(current(&run(PATHS, &set)), LimitStatus::Ok);
    let lost = run(PATHS, &[set[0], "equipment.ups_a.out_of_service=2"]);
    assert_eq!(current(&lost), LimitStatus::Broken);
}

#[test]
fn a_load_on_the_lost_path_alone_is_named() {
    let set = [
        "equipment.cdu.feeder=\"busway_a\"",
        "equipment.cdu.feeder_share=[1]",
        "equipment.ups_a.out_of_service=2",
    ];
    let options = LoadOptions {
        set: set.map(str::to_owned).to_vec(),
        state: None,
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PATHS);
    let error = study::run(&Disk, &path, &options)
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`cdu`: all that feeds it is out of service (busway_a)"),
        "{error}"
    );
}

#[test]
fn racks_in_groups_are_held_to_the_rooms_dew_point_and_their_pressure() {
    let tower = |set: &[&str]| run("tests/halls/tower.toml", set);
    // The room is outside the groups that the racks are in.
    let dry = tower(&["rooms.hall.dew_point=20 degC"]);
    let found = limit(&dry, "coolant supply above the room's dew point");
    assert_eq!(found.status, LimitStatus::Ok);
    assert!((found.margin.unwrap() - 20.0).abs() < 0.01);
    let wet = tower(&[
        "rooms.hall.design_temperature=44 degC",
        "rooms.hall.dew_point=41 degC",
    ]);
    let found = limit(&wet, "coolant supply above the room's dew point");
    assert_eq!(
        (found.status, found.broken_count),
        (LimitStatus::Broken, 120)
    );
    // The pump adds about 60 kPa to the 150 kPa at its suction; racks bear 4.4 bar.
    let pressure = limit(&dry, "gauge pressure at the rack");
    assert!((1.9e5..2.5e5).contains(&pressure.value.unwrap()));
    let high = tower(&["groups.unit.loops.coolant.reference_pressure=400 kPa"]);
    let pressure = limit(&high, "gauge pressure at the rack");
    assert_eq!(pressure.status, LimitStatus::Broken);
}

/// The hall whose every number its file works out by hand.
#[test]
fn one_gpu_by_hand() {
    let one = run("tests/halls/single-gpu.toml", &[]);
    let point = loopwatt::result::gpu_points(&one.network, &one.solution)[0];
    assert!(
        (point.junction - 273.15 - 71.5).abs() < 1e-6,
        "{}",
        point.junction
    );
    assert!((point.coolant_outlet - 273.15 - 48.75).abs() < 1e-6);
    let facility = &one.result.facility;
    assert!(
        (facility.power_w - 775.0).abs() < 1e-6,
        "{}",
        facility.power_w
    );
    assert!((facility.it_power_w - 750.0).abs() < 1e-6);
    assert!((one.result.loops["coolant"].dp_sensor_pa / 6e3 - 1.0).abs() < 1e-6);
}

/// R = 45 mK/W from inlet to junction. Leakage of 300 W at 60 °C that grows by e in 10 K turns at
/// 60 + 10·ln(10/(0.045·300)) = 57 °C, where 0.045·(400 + 222) W = 28 K still exceed the 17 K over the
/// inlet: no steady temperature. Hot coolant alone throttles, which is another matter.
#[test]
fn runaway_is_named() {
    let named = |run: &Run| {
        run.result
            .warnings
            .iter()
            .any(|warning| warning.text.contains("thermal runaway"))
    };
    let away = run(
        "tests/halls/single-gpu.toml",
        &[
            "parts.gpu.leakage=300 W",
            "parts.gpu.leakage_e_fold=10 K",
            "parts.gpu.idle_power=350 W",
        ],
    );
    assert!(named(&away));
    assert!(away.result.gpus.throttled + away.result.gpus.shut_down == 1);
    let hot = run(
        "tests/halls/single-gpu.toml",
        &["equipment.water.supply_temperature=70 degC"],
    );
    assert!(!named(&hot));
    assert_eq!(hot.result.gpus.throttled, 1);
}

/// A resistance counted from the coolant's mean is 1/(2·C) less than from its inlet: 25 mK/W are 18.75
/// at C = 80 W/K, and the answer is the same.
#[test]
fn plates_say_what_their_resistance_counts_from() {
    let text = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/halls/single-gpu.toml"),
    )
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let junction = |points: &str, reference: &str| {
        let plate = format!(
            "resistance = {{ points = [[0.6, {points}], [1.2, {points}]], units = [\"L/min\", \"mK/W\"] }}\n\
             resistance_reference = \"{reference}\"\nreference_density = \"1000 kg/m3\"\n"
        );
        let cut = text.replace(
            "conductance = \"55.451774 W/K\"\nconductance_flow = \"0.02 kg/s\"\n",
            &plate,
        );
        assert_ne!(cut, text);
        let path = folder.path().join("hall.toml");
        std::fs::write(&path, cut).unwrap();
        let run = study::run(&Disk, &path, &LoadOptions::default()).unwrap();
        loopwatt::result::gpu_points(&run.network, &run.solution)[0].junction - 273.15
    };
    // The point at 0.6 L/min only has to be possible there: above 1/C = 25 mK/W from the inlet.
    assert!((junction("26", "inlet") - (40.0 + 700.0 * 0.046)).abs() < 1e-6);
    assert!((junction("19.75", "mean") - (40.0 + 700.0 * 0.046)).abs() < 1e-6);
}

/// Every path that results print can be asked about.
#[test]
fn every_result_path_is_explained() {
    for name in [
        "models/halls/rack.toml",
        "models/halls/nvl72.toml",
        "models/halls/colossus.toml",
    ] {
        let run = run(name, &[]);
        let json = serde_json::to_value(&run.result).unwrap();
        let mut paths: Vec<String> = Vec::new();
        for list in ["power", "controls", "equipment", "heat_sinks", "limits"] {
            for row in json[list].as_array().unwrap() {
                paths.push(row["path"].as_str().unwrap().to_owned());
            }
        }
        for object in ["facility", "gpus", "balance", "solver"] {
            for key in json[object].as_object().unwrap().keys() {
                paths.push(format!("{object}.{key}"));
            }
        }
        for (name, fields) in json["loops"].as_object().unwrap() {
            for key in fields.as_object().unwrap().keys() {
                paths.push(format!("loops.{name}.{key}"));
            }
        }
        assert!(paths.len() > 60, "{name}: {}", paths.len());
        for path in paths {
            let found = study::explain::explain(&run, &path)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(
                !found.what.is_empty() && !found.steps.is_empty(),
                "{name}: {path}"
            );
            assert!(!found.to_string().contains("NaN"), "{name}: {path}");
        }
    }
}

/// Velocities are flow over the cross-section that the file gives, and nothing is said where it gives none.
#[test]
fn velocities_in_plates_and_couplings_follow_their_cross_sections() {
    let everything = "tests/halls/everything.toml";
    let without = run(everything, &[]);
    let said = ["cold plate velocity", "quick disconnect velocity"];
    let limits = &without.result.limits;
    assert!(
        limits
            .iter()
            .all(|limit| !said.contains(&limit.what.as_str()))
    );
    let set = [
        "parts.rack-plate.channel_area=20 mm2",
        "racks.rack.server.coupling_bore=12 mm",
    ];
    let with = run(everything, &set);
    let design = &with.network.racks[0].design;
    let (mut plate, mut coupling) = (0.0f64, 0.0f64);
    for (index, rack) in with.network.racks.iter().enumerate() {
        let found = with.solution.rack(index);
        let density = rack.design.fluid.density(found.return_temperature());
        // The set of the GPUs comes first, and alone has the plate that was changed.
        let gpus = &design.sets[0];
        for server in 0..design.servers {
            coupling = coupling.max(found.server_totals(server)[0] / density);
            for path in 0..gpus.count / gpus.in_series {
                let at = server * design.paths_per_server + gpus.first_path + path;
                plate = plate.max(found.path_flow(at) / density);
            }
        }
    }
    let bore: f64 = 0.012;
    for (what, flow, area, most) in [
        (said[0], plate, 20e-6, 1.5),
        (
            said[1],
            coupling,
            0.25 * std::f64::consts::PI * bore * bore,
            2.1,
        ),
    ] {
        let found = limit(&with, what);
        assert!(
            (found.value.unwrap() - flow / area).abs() < 1e-9 * found.value.unwrap(),
            "{what}"
        );
        assert_eq!(found.limit, most);
    }
}
