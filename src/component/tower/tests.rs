#![allow(clippy::unwrap_used)]

use super::super::bench::{Bench, memphis, weather};
use super::{Parameters, Tower};
use crate::component::Component;
use crate::weather::{MoistAir, saturated_enthalpy};

/// The rating of LBNL Modelica Buildings: wet bulb 25.55 degC, water 35.0 to 29.44 degC.
fn cell() -> Bench {
    let mut bench = Bench::new(Parameters::<f64>::FIELDS);
    bench.set("nominal_water_flow", 100.0).set("fan_power", 30e3).set("recirculation", 0.0);
    bench.set("supply_temperature", 290.0);
    bench.outdoor = weather(308.15, 298.7);
    bench.flow(0, 100.0, 308.15);
    bench
}

#[test]
fn meets_its_rating() {
    for method in [0.0, 1.0, 2.0] {
        let mut bench = cell();
        bench.set("method", method).solve::<Tower>();
        assert_eq!(bench.report::<Tower>().mode, "fans at full speed");
        assert!((bench.leaving::<Tower>(0) - 302.59).abs() < 1e-6, "method {method}");
        assert!((bench.out::<Tower>().power[0] - 30e3).abs() < 1e-3);
        assert!(
            bench.imbalance::<Tower>() < 1e-10,
            "method {method}: {}",
            bench.imbalance::<Tower>()
        );
    }
}

/// The Merkel integral ∫ dT_w·c_p/(h_s(T_w) − h_a) over the counterflow fill, by Simpson's rule along
/// the operating line, must be the same before and after a change of wet bulb when flows stay and f₁ is taken out: the
/// equivalent exchanger agrees with it to 0.15 K of leaving water.
#[test]
fn agrees_with_the_merkel_integral() {
    let merkel_number = |inlet: f64, outlet: f64, bulb: f64, water_to_air: f64| {
        let n = 400;
        let step = (inlet - outlet) / f64::from(n);
        let start = saturated_enthalpy(bulb, 101_325.0);
        let f = |k: i32| {
            let t = outlet + f64::from(k) * step;
            let air = start + water_to_air * 4180.0 * (t - outlet);
            4180.0 / (saturated_enthalpy(t, 101_325.0) - air)
        };
        let inner: f64 = (1..n).map(|k| if k % 2 == 1 { 4.0 } else { 2.0 } * f(k)).sum();
        (f(0) + inner + f(n)) * step / 3.0
    };
    let rated = merkel_number(308.15, 302.59, 298.7, 1.0);
    for bulb in [283.15, 291.15, 301.15] {
        let inlet = bulb + 12.0;
        let mut bench = cell();
        bench.outdoor = weather(bulb + 6.0, bulb);
        // Air by mass as at the rating, whatever its density: the integral is at equal mass flows.
        let volume = |o: &crate::component::Outdoor| {
            crate::weather::specific_volume(o.dry_bulb, o.humidity_ratio, o.pressure)
        };
        bench.set("nominal_air_flow", 100.0 * volume(&weather(308.15, 298.7)));
        let density = volume(&weather(308.15, 298.7)) / volume(&bench.outdoor);
        bench.flow(0, 100.0, inlet).solve::<Tower>();
        let found = bench.leaving::<Tower>(0);
        let correction = 1.0 + 0.0081 * (298.7 - bulb);
        let (mut low, mut high) = (bulb + 0.01, inlet);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            let wanted = rated * correction;
            if merkel_number(inlet, middle, bulb, 1.0 / density) > wanted {
                low = middle
            } else {
                high = middle
            }
        }
        assert!((found - low).abs() < 0.3, "{bulb}: {found} against {low}");
    }
}

/// Both methods stand for real towers: away from the rating they agree within 1.5 K of approach.
#[test]
fn methods_agree_nearby() {
    for (bulb, flow) in [(295.15, 100.0), (290.15, 100.0), (298.7, 80.0), (293.15, 120.0)] {
        let leaving = [0.0, 1.0].map(|method| {
            let mut bench = cell();
            bench.outdoor = weather(bulb + 8.0, bulb);
            bench.set("method", method).flow(0, flow, bulb + 10.0).solve::<Tower>();
            bench.leaving::<Tower>(0)
        });
        assert!((leaving[0] - leaving[1]).abs() < 1.5, "{bulb} {flow}: {leaving:?}");
    }
}

/// Evaporation takes 1.3 to 1.5 L per kWh of heat on a summer's day (latent limit 1.48 at 30 degC), and
/// make-up at four cycles a third more.
#[test]
fn water_use() {
    let mut bench = cell();
    bench.outdoor = weather(301.15, 295.15);
    bench.solve::<Tower>();
    let report = bench.report::<Tower>();
    let sink = report.sink.unwrap();
    let evaporation = report.quantities.iter().find(|q| q.name == "evaporation").unwrap().value;
    let litres = evaporation / sink.heat * 3.6e6;
    assert!((1.3..1.5).contains(&litres), "{litres}");
    assert!((sink.water / evaporation - 4.0 / 3.0).abs() < 0.01);
    // Mass balance of water.
    let ledger = bench.ledger::<Tower>();
    assert!((ledger.water_in - ledger.water_out).abs() < 1e-12);
    // The air that leaves is saturated or a little above by the fan's heat.
    let t = report.quantities.iter().find(|q| q.name == "saturated air temperature").unwrap().value;
    let air = MoistAir::from_relative_humidity(t, 1.0, 101_325.0).unwrap();
    assert!(air.enthalpy() < bench.internal[3]);
}

/// The hand calculation of EnergyPlus (`SaturatedExit`): air leaves saturated at h_i + Q/ṁ_a. Leaving out
/// the enthalpy of the evaporated water it is a few per cent low, most in hot dry air.
#[test]
fn evaporation_on_the_design_day() {
    let mut bench = cell();
    bench.outdoor = memphis();
    bench.solve::<Tower>();
    let evaporation = bench.ledger::<Tower>().water_in * 0.75;
    let heat = -bench.heat::<Tower>(0);
    let outdoor = memphis();
    let rated = weather(308.15, 298.7);
    let volume = |o: &crate::component::Outdoor| {
        crate::weather::specific_volume(o.dry_bulb, o.humidity_ratio, o.pressure)
    };
    let air = 100.0 * volume(&rated) / volume(&outdoor);
    let entering = crate::weather::enthalpy(outdoor.dry_bulb, outdoor.humidity_ratio);
    let (mut low, mut high) = (290.0, 320.0);
    for _ in 0..60 {
        let t = 0.5 * (low + high);
        if saturated_enthalpy(t, outdoor.pressure) < entering + heat / air {
            low = t
        } else {
            high = t
        }
    }
    let leaving = crate::weather::saturated_humidity_ratio(low, outdoor.pressure);
    let by_hand = air * (leaving - outdoor.humidity_ratio);
    assert!((evaporation / by_hand - 1.0).abs() < 0.06, "{evaporation} against {by_hand}");
}

#[test]
fn control_holds_floats_and_cycles() {
    let mut bench = cell();
    bench.set("supply_temperature", 303.15).outdoor = weather(293.15, 288.15);
    bench.solve::<Tower>();
    assert_eq!(bench.report::<Tower>().mode, "fans controlled");
    assert!((bench.leaving::<Tower>(0) - 303.15).abs() < 1e-6);
    let power = bench.out::<Tower>().power[0];
    assert!(power < 0.3 * 30e3, "{power}");
    assert!(bench.imbalance::<Tower>() < 1e-10);
    // Lightly loaded in the cold: natural draught alone is too much, the fans stop.
    bench.outdoor = weather(268.15, 266.15);
    bench.flow(0, 100.0, 303.4).settle::<Tower>();
    assert_eq!(bench.report::<Tower>().mode, "fans off");
    assert!(bench.leaving::<Tower>(0) < 303.15);
    assert!(bench.imbalance::<Tower>() < 1e-10);
    // Back to a hot day: full speed, and the water leaves too warm.
    bench.outdoor = weather(310.15, 302.15);
    bench.flow(0, 100.0, 310.0).settle::<Tower>();
    assert_eq!(bench.report::<Tower>().mode, "fans at full speed");
    assert!(bench.leaving::<Tower>(0) > 303.15);
}

#[test]
fn limits_of_flow_and_load() {
    // No flow: no heat, no trouble.
    let mut bench = cell();
    bench.flow(0, 0.0, 308.15).solve::<Tower>();
    assert!(bench.heat::<Tower>(0).abs() < 1e-6);
    // Water at the wet bulb is not cooled.
    bench.flow(0, 100.0, 298.7).solve::<Tower>();
    assert!(bench.heat::<Tower>(0).abs() < 1e-3);
    // Twice the cells with twice the flow do twice the work.
    bench.flow(0, 100.0, 308.15).solve::<Tower>();
    let one = bench.heat::<Tower>(0);
    bench.set("count", 2.0).flow(0, 200.0, 308.15).solve::<Tower>();
    assert!((bench.heat::<Tower>(0) / one - 2.0).abs() < 1e-9);
    // Shut off.
    bench.set("running", 0.0).flow(0, 0.0, 308.15).solve::<Tower>();
    assert_eq!(bench.report::<Tower>().mode, "off");
    assert!(bench.heat::<Tower>(0).abs() < 1e-9);
}

/// A kelvin of recirculation costs nearly a kelvin of leaving water.
#[test]
fn recirculation_warms_the_water() {
    let mut bench = cell();
    bench.solve::<Tower>();
    let without = bench.leaving::<Tower>(0);
    bench.set("recirculation", 1.0).solve::<Tower>();
    let cost = bench.leaving::<Tower>(0) - without;
    assert!((0.4..1.0).contains(&cost), "{cost}");
    assert!(bench.imbalance::<Tower>() < 1e-10);
}

#[test]
fn impossible_ratings_are_refused() {
    let mut bench = cell();
    assert!(Tower::check(&bench.theta, &[]).is_empty());
    bench.set("nominal_outlet_temperature", 298.0);
    assert_eq!(Tower::check(&bench.theta, &[])[0].0, "nominal_outlet_temperature");
    bench.set("nominal_outlet_temperature", 302.59).set("nominal_air_flow", 5.0);
    assert_eq!(Tower::check(&bench.theta, &[])[0].0, "nominal_air_flow");
    bench.set("nominal_air_flow", 90.0).set("minimum_speed", 0.1);
    assert_eq!(Tower::check(&bench.theta, &[])[0].0, "natural_draught");
}

/// A closed fluid cooler meets the same rating, its coil in series; away from it the coil's part of the
/// resistance does not gain with the air, so that it gains less from full fans than an open tower.
#[test]
fn closed_circuit() {
    let mut bench = cell();
    bench.set("circuit", 1.0).set("spray_power", 5e3).solve::<Tower>();
    assert!((bench.leaving::<Tower>(0) - 302.59).abs() < 1e-6);
    assert!((bench.out::<Tower>().power[0] - 35e3).abs() < 1e-3);
    assert!(bench.imbalance::<Tower>() < 1e-10, "{}", bench.imbalance::<Tower>());
    let leaving = |circuit: f64, speed: f64| {
        let mut bench = cell();
        bench.set("circuit", circuit).set("control", 2.0).set("speed", speed).solve::<Tower>();
        bench.leaving::<Tower>(0)
    };
    assert!(leaving(1.0, 0.5) < leaving(0.0, 0.5));
    // Twice the flow of fluid: the film of the coil gains, the spray does not.
    let mut bench = cell();
    bench.set("circuit", 1.0).flow(0, 200.0, 308.15).solve::<Tower>();
    let found = bench.leaving::<Tower>(0);
    assert!((302.59 + 1.5..308.15 - 1.5).contains(&found), "{found}");
    let faults = Tower::check(bench.set("method", 1.0).theta.as_slice(), &[]);
    assert_eq!(faults[0].0, "method");
}

/// As many cells as the flow needs, never fewer than the least; the number does not swing at its edge.
#[test]
fn cells_follow_the_flow() {
    let mut bench = cell();
    bench.set("count", 16.0).set("staging", 1.0).set("minimum_cells", 7.0);
    for (flow, cells) in [(1110.0, 12.0), (690.0, 7.0), (200.0, 7.0), (1590.0, 16.0), (3000.0, 16.0)] {
        bench.flow(0, flow, 308.15).solve::<Tower>();
        assert_eq!(bench.report::<Tower>().on, cells, "{flow}");
        assert!(bench.imbalance::<Tower>() < 1e-10);
    }
    // Down: 8 cells stay until the flow is 1 % below seven cells' nominal.
    bench.set("minimum_cells", 1.0).flow(0, 790.0, 308.15).solve::<Tower>();
    assert_eq!(bench.report::<Tower>().on, 8.0);
    bench.flow(0, 696.0, 308.15).settle::<Tower>();
    assert_eq!(bench.report::<Tower>().on, 8.0);
    bench.flow(0, 690.0, 308.15).settle::<Tower>();
    assert_eq!(bench.report::<Tower>().on, 7.0);
}

/// With the fan speed given nothing is controlled.
#[test]
fn given_speed() {
    let mut bench = cell();
    bench.set("control", 2.0).set("speed", 0.6).solve::<Tower>();
    assert!((bench.out::<Tower>().power[0] / 30e3 - 0.216).abs() < 1e-9);
    assert!(bench.report::<Tower>().controls.is_empty());
}
