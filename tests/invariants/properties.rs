//! Laws that hold whatever the numbers: balances close, more flow cools, warmer water warms, more
//! load draws more.

use super::{circuit, closes, try_run};
use loopwatt::result::SolveResult;
use proptest::prelude::{ProptestConfig, proptest};
use proptest::test_runner::RngSeed;

/// The same cases every time: a failure here is to be looked into, not to come and go.
fn fixed(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(2026),
        ..ProptestConfig::default()
    }
}

/// One rack: coolant flow L/min, coolant and facility temperature degC, load of the GPUs.
fn rack(flow: f64, supply: f64, approach: f64, load: f64) -> SolveResult {
    let set = [
        format!("equipment.cdu.flow={flow} L/min"),
        format!("equipment.cdu.supply_temperature={supply} degC"),
        format!(
            "equipment.water.supply_temperature={} degC",
            supply - approach
        ),
        format!("states.training.gpu_load={load}"),
    ];
    let set: Vec<&str> = set.iter().map(String::as_str).collect();
    let run = try_run("models/halls/rack.toml", None, &set)
        .unwrap_or_else(|error| panic!("{set:?}: {error}"));
    run.result
}

fn unthrottled(result: &SolveResult) -> bool {
    result.gpus.throttled + result.gpus.shut_down == 0
}

proptest! {
    #![proptest_config(fixed(24))]

    #[test]
    fn one_rack(
        flow in 40.0f64..140.0, supply in 20.0f64..50.0, approach in 1.0f64..12.0, load in 0.0f64..0.9,
    ) {
        let base = rack(flow, supply, approach, load);
        closes(&base);
        // The coolant's heat is what its flow carries: between it and mass flow x cp x rise with cp
        // of water and of half glycol.
        let coolant = circuit(&base, "coolant");
        let rise = coolant.return_c - coolant.supply_c;
        let cp = coolant.heat_w / coolant.flow_kg_s / rise;
        assert!(rise > 0.0 && (3500.0..4200.0).contains(&cp), "{cp}");
        let mean = |r: &SolveResult| r.gpus.temperature_mean_c.unwrap();
        let hottest = |r: &SolveResult| r.gpus.temperature_max_c.unwrap();
        assert!(mean(&base) > coolant.supply_c && hottest(&base) >= mean(&base));

        let flowing = rack(flow * 1.1, supply, approach, load);
        let warmer = rack(flow, supply + 1.0, approach, load);
        let busier = rack(flow, supply, approach, load + 0.05);
        for other in [&flowing, &warmer, &busier] {
            closes(other);
        }
        let free = [&base, &flowing, &warmer, &busier].into_iter().all(unthrottled);
        // A saturated CDU holds another supply temperature than the one asked for.
        let held = |r: &SolveResult| r.controls.iter().all(|c| !c.saturated);
        let held = [&base, &flowing, &warmer, &busier].into_iter().all(held);
        if free && held {
            assert!(mean(&flowing) < mean(&base) && hottest(&flowing) < hottest(&base));
            assert!(mean(&warmer) > mean(&base) + 0.9 && hottest(&warmer) > hottest(&base) + 0.9);
            assert!(busier.gpus.power_w > base.gpus.power_w);
            assert!(busier.facility.power_w > base.facility.power_w);
            // Leakage grows with temperature.
            assert!(warmer.gpus.power_w > base.gpus.power_w);
        } else {
            // At a limit the sense of the change is still the same.
            let slack = 1e-6;
            assert!(hottest(&warmer) > hottest(&base) - slack);
            assert!(busier.gpus.power_w > base.gpus.power_w - slack);
        }
    }
}

proptest! {
    #![proptest_config(fixed(16))]

    /// Every kind of component at once, its numbers at random.
    #[test]
    fn everything_balances(
        racks in 1u32..4, flow in 80.0f64..240.0, load in 0.0f64..1.0, wet_bulb in 6.0f64..14.0,
        supply in 30.0f64..40.0, chilled in 12.0f64..18.0, heat in 1.0f64..60.0,
    ) {
        let set = [
            format!("racks.rack.count={racks}"),
            format!("equipment.door.count={racks}"),
            format!("equipment.cdu.flow={flow} L/min"),
            format!("equipment.cdu.supply_temperature={supply} degC"),
            format!("states.training.gpu_load={load}"),
            format!("site.wet_bulb={wet_bulb} degC"),
            format!("equipment.chiller.supply_temperature={chilled} degC"),
            format!("equipment.heat-user.heat={heat} kW"),
        ];
        let set: Vec<&str> = set.iter().map(String::as_str).collect();
        let run = try_run("tests/halls/everything.toml", None, &set)
            .unwrap_or_else(|error| panic!("{set:?}: {error}"));
        closes(&run.result);
        assert!(run.result.balance.water_relative < 1e-9);
        let rejected: f64 = run.result.heat_sinks.iter().map(|s| s.watts).sum();
        assert!(rejected > 0.0);
    }
}
