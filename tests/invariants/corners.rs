//! The corners: nothing flows, nothing runs, nothing is left to cool, or ten times too much.

use super::{circuit, closes, run, run_text, text, try_run};
use loopwatt::result::{LimitStatus, SolveResult};

/// The benchmark hall with four of its pods and a fiftieth of the plant.
const SMALL_BENCH: &[&str] = &[
    "groups.pod.count=4",
    "equipment.facility-pumps.count=1",
    "equipment.plate-exchangers.count=1",
    "equipment.tower-pumps.count=1",
    "equipment.towers.count=1",
    "equipment.transformers.count=2",
    "equipment.busway.count=2",
    "equipment.mechanical.count=1",
    "equipment.hv.count=1",
];

fn bench(more: &[&str]) -> SolveResult {
    let set: Vec<&str> = SMALL_BENCH.iter().chain(more).copied().collect();
    run("models/halls/bench-100k.toml", None, &set).result
}

fn power(result: &SolveResult, path: &str) -> f64 {
    result
        .power
        .iter()
        .find(|row| row.path == path)
        .map_or(0.0, |row| row.watts)
}

/// Two racks, the second behind a valve of its own.
fn racks_behind_valves(first: &str, second: &str) -> SolveResult {
    let hall = text("models/halls/rack.toml")
        .replace(
            "[loops.coolant] #",
            "[loops.coolant]\nnodes = [\"first\", \"second\"] #",
        )
        .replace(
            "loop = \"coolant\"\n",
            "supply = \"coolant.first\"\nreturn = \"coolant.return\"\n",
        )
        .replace(
            "[equipment]\n",
            "[racks.other]\npart = \"supermicro-hgx-h100-64\"\nsupply = \"coolant.second\"\n\
             return = \"coolant.return\"\ninlet_air = \"hall\"\n[equipment]\n\
             first = { kind = \"valve\", fluid = { from = \"coolant.supply\", to = \"coolant.first\" }, \
             flow_coefficient = \"20 Kv\", position = FIRST }\n\
             second = { kind = \"valve\", fluid = { from = \"coolant.supply\", to = \"coolant.second\" }, \
             flow_coefficient = \"20 Kv\", position = SECOND }\n",
        )
        .replace("FIRST", first)
        .replace("SECOND", second);
    run_text(&hall, "")
}

/// Without flow through one branch its GPUs switch off, and nobody else's.
#[test]
fn zero_flow_in_a_branch() {
    let result = racks_behind_valves("1.0", "0.0");
    closes(&result);
    assert_eq!(result.gpus.count, 128);
    assert_eq!(result.gpus.shut_down, 64);
    assert_eq!(result.gpus.throttled, 0);
    assert_eq!(power(&result, "site.it.other.gpus"), 0.0);
    assert!(power(&result, "site.it.rack.gpus") > 30e3);
    // The pump's flow set-point is the first rack's flow, but for what leaks past the valve.
    let both = racks_behind_valves("1.0", "1.0");
    closes(&both);
    assert_eq!(both.gpus.shut_down, 0);
    let (one, two) = (circuit(&result, "coolant"), circuit(&both, "coolant"));
    assert!((one.flow_kg_s / two.flow_kg_s - 1.0).abs() < 0.01);
    // Half the racks' heat in the same flow.
    assert!(one.heat_w < 0.6 * two.heat_w);
    assert!(!result.holds() && result.gpus.lost_work_job == 1.0);
}

/// With all valves shut the pump turns against its shutoff pressure; no GPU runs.
#[test]
fn all_valves_shut() {
    let result = racks_behind_valves("0.0", "0.0");
    closes(&result);
    assert_eq!(result.gpus.shut_down, 128);
    assert_eq!(result.gpus.power_w, 0.0);
    let coolant = circuit(&result, "coolant");
    // Shut valves leak a ten-thousandth of their opening.
    assert!(coolant.flow_kg_s < 0.02, "{}", coolant.flow_kg_s);
    assert!(
        result
            .controls
            .iter()
            .any(|c| c.what == "secondary flow" && c.saturated)
    );
    assert!(!result.holds());
}

/// Where nothing draws power and nothing is warm, everything rests at one temperature.
#[test]
fn zero_load() {
    let set = [
        "parts.gpu.rated_power=0 W",
        "parts.gpu.idle_power=0 W",
        "parts.server.fan_power=0 W",
    ];
    let result = run("tests/halls/single-gpu.toml", None, &set).result;
    closes(&result);
    assert_eq!(result.gpus.power_w, 0.0);
    assert_eq!(result.facility.it_power_w, 0.0);
    // 0 W over 0 W is no PUE.
    assert!(result.facility.pue.is_none());
    let coolant = circuit(&result, "coolant");
    assert!((coolant.return_c - 40.0).abs() < 1e-9 && coolant.heat_w.abs() < 1e-9);
    assert!((result.gpus.temperature_max_c.unwrap() - 40.0).abs() < 1e-9);
    assert!((coolant.flow_kg_s - 0.02).abs() < 1e-12);
    assert!(result.holds());
}

/// One GPU on a textbook plate: what the head of the file works out by hand.
#[test]
fn one_gpu() {
    let result = run("tests/halls/single-gpu.toml", None, &[]).result;
    closes(&result);
    let coolant = circuit(&result, "coolant");
    assert_eq!(result.gpus.count, 1);
    // UA is written with eight digits.
    assert!((result.gpus.temperature_max_c.unwrap() - 71.5).abs() < 1e-6);
    assert!((coolant.return_c - 48.75).abs() < 1e-6);
    assert!((coolant.dp_sensor_pa - 6000.0).abs() < 0.01);
    assert!((result.facility.it_power_w - 750.0).abs() < 1e-6);
    assert!((result.facility.power_w - 775.0).abs() < 1e-6);
}

/// Ten times the power on the same plates: GPUs hold their limit by doing less, and say so.
#[test]
fn ten_times_too_hot() {
    for (path, set) in [
        (
            "models/halls/rack.toml",
            &[
                "racks.rack.server.gpu.rated_power=7000 W",
                "racks.rack.server.gpu.power_cap=7000 W",
                "states.training.gpu_load=1",
            ][..],
        ),
        (
            "models/halls/bench-100k.toml",
            &[
                "groups.pod.count=4",
                "parts.bench-server.gpu.rated_power=7000 W",
                "parts.bench-server.gpu.power_cap=7000 W",
            ][..],
        ),
    ] {
        let run = run(path, None, set);
        let result = &run.result;
        closes(result);
        assert_eq!(
            result.gpus.throttled + result.gpus.shut_down,
            result.gpus.count,
            "{path}"
        );
        for point in loopwatt::result::gpu_points(&run.network, &run.solution) {
            assert!(point.margin > -1e-5, "{path}: {point:?}");
            assert!(point.power < 7000.0 && point.work < 1.0);
            assert!(point.junction > point.coolant_inlet - 1e-6);
        }
        assert!(
            result.gpus.lost_work_mean > 0.1,
            "{}",
            result.gpus.lost_work_mean
        );
        assert!(!result.holds());
        let broken = |what: &str| {
            let limit = result.limits.iter().find(|l| l.what == what).unwrap();
            limit.status == LimitStatus::Broken
        };
        assert!(broken("GPUs throttled") || broken("GPUs shut down"));
    }
}

#[test]
fn the_small_bench_is_in_order() {
    let result = bench(&[]);
    closes(&result);
    assert_eq!(result.gpus.count, 4 * 512);
    assert_eq!(result.gpus.throttled + result.gpus.shut_down, 0);
}

/// No facility water: coolant goes round but gives its heat to nobody.
#[test]
fn facility_pumps_off() {
    let result = bench(&["equipment.facility-pumps.running=0"]);
    closes(&result);
    assert!(circuit(&result, "facility").flow_kg_s.abs() < 0.01);
    assert_eq!(result.gpus.shut_down, result.gpus.count);
    assert_eq!(result.gpus.power_w, 0.0);
    // Air-cooled parts run on: 3.02 kW and fans of 0.6 kW a server.
    let air_cooled = 3020.0 * 256.0;
    let found = power(&result, "site.it.pod-rack.air-cooled");
    assert!((found - air_cooled).abs() < 1e-6 * air_cooled, "{found}");
    assert!(!result.holds());
}

/// No tower water: exchangers pass nothing on, the facility water heats up until the GPUs go.
#[test]
fn tower_pumps_off() {
    let result = bench(&["equipment.tower-pumps.running=0"]);
    closes(&result);
    assert!(circuit(&result, "tower").flow_kg_s.abs() < 0.01);
    assert!(circuit(&result, "facility").flow_kg_s > 10.0);
    assert_eq!(result.gpus.shut_down, result.gpus.count);
    assert_eq!(result.gpus.power_w, 0.0);
    assert!(tower(&result).watts.abs() < 1e3);
    // The pumps' heat has no way out but through the coolant's losses to the air: far above the
    // 40 degC that the CDUs ask for.
    assert!(circuit(&result, "coolant").supply_c > 45.0);
    assert!(!result.holds());
}

fn tower(result: &SolveResult) -> &loopwatt::result::HeatSink {
    let mut sinks = result.heat_sinks.iter();
    sinks.find(|sink| sink.path == "towers").unwrap()
}

#[test]
fn a_dry_tower_evaporates_nothing() {
    let result = bench(&["equipment.tower-pumps.running=0"]);
    // What is left is the rounding of a flow at zero.
    assert!(tower(&result).water_l_per_h < 0.1, "{:?}", tower(&result));
}

/// The same in the whole hall, its plant as it is.
#[test]
fn pumps_off_in_the_whole_hall() {
    for pumps in ["facility-pumps", "tower-pumps"] {
        let set = format!("equipment.{pumps}.running=0");
        let result = run("models/halls/bench-100k.toml", None, &[&set]).result;
        closes(&result);
        assert_eq!(result.gpus.count, 100_352);
        assert_eq!(result.gpus.shut_down, result.gpus.count, "{pumps}");
        assert_eq!(result.gpus.power_w, 0.0);
    }
}

/// A fixed heat on a loop whose pump stands still has no temperature to settle at: no answer, and
/// the loop is named.
#[test]
fn fixed_heat_without_flow_has_no_answer() {
    let error = try_run(
        "tests/halls/everything.toml",
        None,
        &["equipment.dry-pump.running=0"],
    )
    .unwrap_err()
    .to_string();
    assert!(error.contains("dry"), "{error}");
}
