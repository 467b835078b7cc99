#![allow(clippy::unwrap_used)]

use super::model::Hall;
use super::{LoadError, LoadOptions, Warnings, load};
use crate::world::Memory;
use std::path::Path;

/// A hall of one pod with racks of the library; `drive` is what drives its loop.
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

#[test]
fn show() {
    let result = read(HALL, &LoadOptions::default());
    match result {
        Ok((hall, warnings)) => println!("{warnings:?} {:?}", hall.provenance),
        Err(error) => println!("{}", error.diagnostics().unwrap().render(false)),
    }
}
