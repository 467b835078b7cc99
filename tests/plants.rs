//! The example plants over the built-in bins of Memphis: complete years, balanced hours, and the order in which
//! generations of plants stand.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use loopwatt::hall::{LoadOptions, load};
use loopwatt::study::annual::{AnnualOptions, AnnualResult, run};
use loopwatt::world::Memory;

fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("models/halls")
        .join(name);
    std::fs::read_to_string(path).unwrap()
}

fn year(hall: &str) -> AnnualResult {
    let world = Memory::new().with("hall.toml", hall);
    let Ok((hall, _)) = load(&world, Path::new("hall.toml"), &LoadOptions::default()) else {
        panic!("the hall file is at fault");
    };
    let options = AnnualOptions {
        weather: Some("memphis".to_owned()),
        ..AnnualOptions::default()
    };
    run(&world, &hall, &options, &|_, _| {}).unwrap().result
}

#[test]
fn generations_of_plants_stand_in_their_order() {
    let names = [
        "dry-45.toml",
        "tower-32.toml",
        "trim-24.toml",
        "chilled-12.toml",
        "air-a100.toml",
    ];
    let years = names.map(|name| year(&text(name)));
    for (name, year) in names.iter().zip(&years) {
        assert!(year.complete, "{name}");
        assert_eq!(year.hours_limit_broken, 0.0, "{name}");
        assert!(year.balance.energy_relative_max < 1e-8, "{name}");
        assert!(year.balance.water_relative_max < 1e-8, "{name}");
    }
    let pue = years.each_ref().map(|year| year.pue.unwrap());
    assert!(pue.windows(2).all(|pair| pair[0] < pair[1]), "{pue:?}");
    // Without compressors only fans and pumps are left: 2 to 10 % of IT; air with chillers 15 to 30 %.
    assert!(
        (1.02..1.10).contains(&pue[0]) && (1.15..1.30).contains(&pue[4]),
        "{pue:?}"
    );
    // Pads are wetted above 26 degC alone; towers evaporate 1.5 L/kWh of heat and more.
    let water = years.each_ref().map(|year| year.wue_l_per_kwh.unwrap());
    assert!(water[0] < 0.1 && water[1] > 1.4, "{water:?}");
}

/// Heat given to a network lowers ERE by itself, without a list of names, and the towers' water with it.
#[test]
fn heat_reuse_counts_in_ere() {
    let plain = text("tower-32.toml");
    // The network takes its heat before the plate exchangers do.
    let before = "hot = { from = \"facility.pumped\"";
    let nodes = "nodes = [\"pumped\"]\n\n[loops.tower]";
    assert!(plain.contains(before) && plain.contains(nodes));
    let reuse = plain
        .replace(before, "hot = { from = \"facility.warm\"")
        .replace(nodes, "nodes = [\"pumped\", \"warm\"]\n\n[loops.tower]")
        + r#"
[equipment.district]
kind = "heat_reuse"
water = { from = "facility.pumped", to = "facility.warm" }
nominal_heat = "3 MW"
nominal_inlet_temperature = "40 degC"
nominal_flow = "240 kg/s"
network_flow = "60 kg/s"
network_return_temperature = "25 degC"
"#;
    let (plain, reuse) = (year(&plain), year(&reuse));
    assert!(reuse.complete);
    let (pue, ere) = (reuse.pue.unwrap(), reuse.ere.unwrap());
    let share = reuse.reused_heat_kwh / reuse.energy.it_kwh;
    assert!(
        (pue - ere - share).abs() < 1e-9 && share > 0.2,
        "{pue} {ere} {share}"
    );
    assert!(plain.ere == plain.pue);
    assert!(reuse.water.make_up_m3 < 0.85 * plain.water.make_up_m3);
    assert!(reuse.balance.energy_relative_max < 1e-8);
}
