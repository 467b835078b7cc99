#![allow(clippy::unwrap_used)]

use super::{Assets, Block, Outcome, read, stretches};
use crate::diag::{Diagnostics, Sources};
use crate::hall::{LoadOptions, load};
use crate::world::Memory;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const HALL: &str = r#"
schema = 1
[site]
dry_bulb = "30 degC"
wet_bulb = "20 degC"
[rooms.hall]
[groups.pod]
count = 12
[groups.pod.loops.tcs]
fluid = "pg25"
[groups.pod.equipment.water]
kind = "given_water"
water = "tcs"
supply_temperature = "30 degC"
[groups.pod.racks.rack]
part = "supermicro-hgx-h100-64"
count = 2
loop = "tcs"
inlet_air = "hall"
[equipment.air]
part = "ideal-room-cooler-100kw"
room = "hall"
"#;

fn outcome(text: &str, stretch: usize) -> (Outcome, Sources) {
    let world = Memory::new().with("hall.toml", HALL);
    let (hall, _) = load(&world, Path::new("hall.toml"), &LoadOptions::default()).unwrap();
    let mut files = Sources::default();
    let file = files.add("gpus.csv", text.to_owned());
    let outcome = read(&files, file, (&hall.root, &BTreeSet::new()), stretch);
    (outcome, files)
}

/// Faults as lines, and values by asset and key with the start of their row.
type Seen = (
    Vec<String>,
    BTreeMap<Assets, BTreeMap<String, Vec<(u64, usize, Option<f64>)>>>,
);

fn seen(text: &str, stretch: usize) -> Seen {
    let (outcome, files) = outcome(text, stretch);
    let mut all = Diagnostics::new(files);
    outcome.faults.into_iter().for_each(|fault| all.push(fault));
    let mut values: BTreeMap<Assets, BTreeMap<String, Vec<_>>> = BTreeMap::new();
    for (assets, block) in outcome.blocks {
        let Block {
            codes,
            starts,
            columns,
            ..
        } = block;
        for (key, column) in columns {
            let rows = codes.iter().zip(&starts).zip(column);
            let rows = rows.map(|((code, start), value)| {
                (*code, *start, Some(value).filter(|value| !value.is_nan()))
            });
            let found = values.entry(assets.clone()).or_default();
            found.entry(key).or_default().extend(rows);
        }
    }
    (all.lines(), values)
}

fn rows(count: u32) -> String {
    let mut text = "asset, idle_power [W] ,plate.pressure_drop_factor\r\n".to_owned();
    for i in 0..count {
        let (pod, rack, gpu) = (i % 12, i / 12 % 2, i / 24);
        text += &format!("pod.{pod}.rack.{rack}.server.1.gpu.{gpu}, 9{i}.5,");
        text += if i % 3 == 0 { "\r\n" } else { "1.25\r\n\r\n" };
    }
    text
}

#[test]
fn a_table_is_the_same_in_any_stretches() {
    let good = rows(50);
    let (faults, values) = seen(&good, usize::MAX);
    assert_eq!(faults, [""; 0]);
    let (assets, columns) = values.first_key_value().unwrap();
    assert_eq!(assets.0, ["pod", "rack", "server", "gpu"]);
    assert_eq!(assets.1, [12, 2, 8, 8]);
    let (code, start, value) = columns["idle_power"][25];
    // 25: pod 1, rack 0, server 1, GPU 1.
    assert_eq!((code, value), (((2 * 8) + 1) * 8 + 1, Some(925.5)));
    assert!(good[start..].starts_with("pod.1.rack.0.server.1.gpu.1,"));
    let drop = &columns["plate.pressure_drop_factor"];
    assert_eq!((drop[3].2, drop[4].2), (None, Some(1.25)));
    // Rows of another kind, paths written otherwise, and faults of each sort.
    let mixed = good.clone()
        + "pod.3.rack.1.server.2.gpu.007,1,1\n\
           pod.3.rack.+1.server.2.gpu.0,1,1\n\
           pod.3.rack.1,1,1\n\
           pod.12.rack.1.server.2.gpu.0,1,1\n\
           pod.3.rack.1.server.*.gpu.0,1,1\n\
           pod.3.rack.1.server.2.gpu.1,x,-3\n\
           pod.3.rack.1.server.2.gpu.2,1\n\
           pod.3.rack.0,1,1\n\
           pod.3.rack.1.server.2.gpu.3,inf,1";
    for text in [&good, &mixed] {
        let whole = seen(text, usize::MAX);
        for stretch in [1, 40, 333, 2000] {
            assert_eq!(seen(text, stretch), whole, "stretches of {stretch}");
        }
    }
    let (faults, values) = seen(&mixed, 100);
    assert_eq!(values.len(), 1, "none of these keys is one of a rack");
    assert_eq!(faults.len(), 8, "{faults:#?}");
    assert!(
        faults.iter().any(|f| f.contains("gpus.csv:88:1")),
        "{faults:#?}"
    );
    // After the most that are shown reading stops, earlier or later; the faults are the same.
    let many = good.replace("rack.1.", "rack.2.");
    let (faults, _) = seen(&many, 300);
    for stretch in [1, 40, usize::MAX] {
        assert_eq!(seen(&many, stretch).0, faults);
    }
    assert_eq!(faults.len(), 21);
    assert!(faults[20].contains("more faults in gpus.csv are not shown"));
}

#[test]
fn stretches_end_with_lines_and_leave_quotes_whole() {
    let text = "asset,x\n1,2\n33,4\n5,6";
    assert_eq!(stretches(text, 8, 1), [(8, 12), (12, 17), (17, 20)]);
    assert_eq!(stretches(text, 8, 6), [(8, 17), (17, 20)]);
    assert_eq!(stretches(text, 8, 100), [(8, 20)]);
    assert_eq!(stretches(text, 20, 100), []);
    let quoted = "asset,x\n\"a\nb\",2\n3,4\n";
    assert_eq!(stretches(quoted, 8, 1), [(8, 20)]);
    let plain = rows(20);
    let quotes = plain.replace(", 9", ",\"9").replace(".5,", ".5\",");
    let values = |text: &str| {
        let (faults, values) = seen(text, 10);
        assert_eq!(faults, [""; 0]);
        let columns = values.into_values().next().unwrap();
        let column = columns["idle_power"]
            .iter()
            .map(|(code, _, value)| (*code, *value));
        column.collect::<Vec<_>>()
    };
    assert_eq!(values(&plain), values(&quotes));
}
