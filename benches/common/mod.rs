//! The halls that benchmarks solve: `models/halls/bench-100k.toml` with any number of pods of 512 GPUs,
//! plant and power scaled with them.

use std::path::Path;

use loopwatt::hall::model::Hall;
use loopwatt::hall::{LoadOptions, load};
use loopwatt::world::Disk;

/// Whether the GPUs differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gpus {
    /// Every one has its own leakage, power and plate.
    Different,
    /// All are alike; their places on the headers still tell them apart.
    Identical,
}

/// Pods of 512 GPUs with coolant of this temperature.
pub fn hall(pods: usize, supply: &str, gpus: Gpus) -> Hall {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/halls/bench-100k.toml");
    let set = edits(pods, supply, gpus);
    let options = LoadOptions { set, state: None };
    load(&Disk, &path, &options).expect("the example hall").0
}

/// The edits of the hall file that make it so.
pub fn edits(pods: usize, supply: &str, gpus: Gpus) -> Vec<String> {
    let scaled = |of_196: usize| (of_196 * pods).div_ceil(196).max(1);
    let mut set = vec![
        format!("groups.pod.count={pods}"),
        format!("groups.pod.equipment.cdu.supply_temperature={supply}"),
    ];
    for (name, count) in [
        ("facility-pumps", 12),
        ("plate-exchangers", 15),
        ("tower-pumps", 11),
        ("towers", 34),
        ("hv", 3),
        ("transformers", 64),
        ("busway", 64),
        ("mechanical", 14),
    ] {
        set.push(format!("equipment.{name}.count={}", scaled(count)));
    }
    let bore = 1000.0 * (pods as f64 / 196.0).sqrt();
    set.push(format!("equipment.facility-main.bore={bore} mm"));
    set.extend(header(pods));
    for (path, megawatts) in [
        ("equipment.feed.power_limit", 200.0),
        ("equipment.air.capacity", 80.0),
    ] {
        set.push(format!("{path}={} MW", megawatts * pods as f64 / 196.0));
    }
    if gpus == Gpus::Identical {
        for name in ["leakage", "power", "plate-flow", "plate-conductance"] {
            set.push(format!("spreads.{name}.sigma=0.0"));
        }
    }
    set
}

/// A header with more taps is wider, for the same pressure to its end.
pub fn header(pods: usize) -> [String; 2] {
    let taps = 196.0 / pods as f64;
    [
        ("segment_linear", format!("{} Pa s/kg", 0.02 * taps.powi(2))),
        (
            "segment_quadratic",
            format!("{} Pa s2/kg2", 1e-4 * taps.powi(3)),
        ),
    ]
    .map(|(key, value)| format!("loops.facility.header.{key}={value}"))
}
