#![allow(clippy::unwrap_used)]

use super::{Grade, Library, Part, PartKind, Parts};
use crate::diag::Diagnostics;

#[test]
fn embedded_files_are_sound() {
    let whole = Library::from_texts(super::embedded::FILES);
    assert!(
        whole.faults().is_empty(),
        "{}",
        whole.faults().render(false)
    );
    // A part that is read on its own is the same, with the same places.
    let library = Library::embedded();
    let same = |one: &Part, other: &Part| {
        (&one.name, one.span, &one.source, one.heading)
            == (&other.name, other.span, &other.source, other.heading)
            && one.table == other.table
    };
    assert_eq!(whole.parts().count(), library.parts().count());
    for (one, other) in whole.parts().zip(library.parts()) {
        assert!(same(one, other), "{}", one.name);
    }
    assert!(library.parts().count() > 20);
    for part in library.parts() {
        assert!(library.kind(part).is_some(), "{}", part.name);
        assert!(
            part.name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b))
        );
    }
}

#[test]
fn numbers_carry_source_and_confidence() {
    let library = Library::embedded();
    let numbers = library.numbers(library.get("h100-sxm5").unwrap());
    let find = |key: &str| numbers.iter().find(|number| number.key == key).unwrap();
    assert_eq!(find("rated_power").value, "700 W");
    assert_eq!(find("rated_power").confidence, Grade::A);
    assert_eq!(find("leakage").confidence, Grade::D);
    assert!(find("leakage").source.contains("assumption"));
    assert!(numbers.iter().all(|number| !number.source.is_empty()));
}

const BASES: &str = r#"
[a]
kind = "gpu"
title = "A"
source = "s"
confidence = "B"
rated_power = "700 W"
idle_power = "90 W"

[b]
base = "a"
title = "B"
source = "t"
confidence = "C"
rated_power = "650 W"

[c]
base = "d"
title = "C"
source = "s"
confidence = "C"

[d]
base = "c"
title = "D"
source = "s"
confidence = "C"

[e]
base = "a"
kind = "server"
title = "E"
source = "s"
confidence = "C"
"#;

#[test]
fn bases_are_inherited() {
    let library = Library::from_texts(&[("parts.toml", BASES)]);
    assert!(library.faults().is_empty());
    let b = library.get("b").unwrap();
    assert_eq!(library.kind(b), Some(PartKind::Gpu));
    let numbers = library.numbers(b);
    let find = |key: &str| numbers.iter().find(|number| number.key == key).unwrap();
    assert_eq!(
        (
            find("rated_power").value.as_str(),
            find("rated_power").part.as_str()
        ),
        ("650 W", "b")
    );
    assert_eq!(
        (
            find("idle_power").value.as_str(),
            find("idle_power").part.as_str()
        ),
        ("90 W", "a")
    );
    assert_eq!(find("idle_power").confidence, Grade::B);
}

#[test]
fn circles_and_mixed_kinds_are_faults() {
    let library = Library::from_texts(&[("parts.toml", BASES)]);
    let parts = Parts::library_only(&library);
    let fault = |name: &str| {
        let mut diagnostics = Diagnostics::new(library.faults().sources().clone());
        assert!(
            parts
                .chain(library.get(name).unwrap(), &mut diagnostics)
                .is_none()
        );
        diagnostics.lines().join("\n")
    };
    assert!(
        fault("c").contains("the bases of part `c` go round in a circle: c -> d -> c"),
        "{}",
        fault("c")
    );
    assert!(
        fault("e").contains("of kind server, but its base `a` is of kind gpu"),
        "{}",
        fault("e")
    );
    assert_eq!(library.kind(library.get("c").unwrap()), None);
}

#[test]
fn faults_in_the_files_are_collected() {
    let library = Library::from_texts(&[
        (
            "one.toml",
            "[a]\nkind = \"gpu\"\n[b]\nkind = \"gpu\"\ntitle = \"B\"\nsource = \"s\"\nconfidence = \"E\"\n",
        ),
        (
            "two.toml",
            "[b]\nkind = \"gpu\"\ntitle = \"B\"\nsource = \"s\"\nconfidence = \"A\"\n",
        ),
        ("three.toml", "[["),
    ]);
    let text = library.faults().lines().join("\n");
    for part in [
        "one.toml:1:2: part `a` has no `title`",
        "no `source`",
        "unknown confidence `E`",
        "there twice",
        "three.toml:1",
    ] {
        assert!(text.contains(part), "{part} missing in\n{text}");
    }
}

/// Every number of every part says where it comes from; what nobody published is called an assumption.
#[test]
fn every_number_has_a_source_and_a_grade() {
    let library = Library::embedded();
    let (mut numbers, mut faults) = (0, Vec::new());
    for part in library.parts() {
        for number in library.numbers(part) {
            numbers += 1;
            let says = number.source.to_lowercase();
            if says.trim().len() < 8 {
                faults.push(format!("{}.{}: source `{}`", part.name, number.key, says));
            }
            if number.confidence == Grade::D && !says.contains("assumption") {
                faults.push(format!(
                    "{}.{}: grade D, but `{says}`",
                    part.name, number.key
                ));
            }
            if number.confidence != Grade::D && says.starts_with("assumption") {
                faults.push(format!(
                    "{}.{}: an assumption of a better grade",
                    part.name, number.key
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(numbers > 1500, "{numbers}");
}

/// The parts that a hall of this generation, the one before and the one after is made of.
#[test]
fn measured_plates_name_the_fluid_of_the_measurement() {
    let library = Library::embedded();
    let measured = library
        .parts()
        .map(|part| (part, library.numbers(part)))
        .filter(|(_, numbers)| numbers.iter().any(|n| n.key == "resistance"));
    let mut count = 0;
    for (part, numbers) in measured {
        count += 1;
        for key in ["reference_temperature", "solid_resistance"] {
            assert!(numbers.iter().any(|n| n.key == key), "{}: {key}", part.name);
        }
        assert!(part.table.get("reference_fluid").is_some(), "{}", part.name);
    }
    assert!(count >= 7, "{count}");
}

#[test]
fn library_covers_the_field() {
    let library = Library::embedded();
    for (kind, names) in [
        (
            "gpu",
            &[
                "a100-sxm4-80gb",
                "h100-sxm5",
                "h100-pcie",
                "h200-sxm5",
                "b200-sxm",
                "gb200",
                "b300-sxm",
                "gb300",
                "mi250x",
                "mi300x",
                "mi355x",
            ][..],
        ),
        (
            "server",
            &[
                "hgx-a100-liquid",
                "hgx-h100-liquid",
                "hgx-h200-liquid",
                "hgx-b200-liquid",
                "hgx-b300-liquid",
                "gb200-nvl72-tray",
                "gb300-nvl72-tray",
                "sc777-nvl4-tray",
                "sd650-n-v3-tray",
                "mi300x-liquid",
                "frontier-node",
            ],
        ),
        (
            "rack",
            &[
                "supermicro-hgx-h100-64",
                "gb200-nvl72",
                "gb300-nvl72",
                "frontier-cabinet",
                "mi300x-64",
            ],
        ),
        (
            "cdu",
            &[
                "cdu-in-rack-100",
                "cdu-in-rack-250",
                "vertiv-xdu1350",
                "vertiv-coolchip-121",
                "coolit-chx2000",
                "coolit-chx1500",
                "google-deschutes",
                "jetcool-160",
                "jetcool-300",
                "envicool-2500",
                "hpe-in-row-1300",
                "supermicro-in-row-1800",
                "motivair-mcdu50",
            ],
        ),
        (
            "cold_plate",
            &[
                "ocp-1kw-oam-pg25",
                "ocp-1kw-oam-water",
                "nvl72-gpu-plate",
                "wakefield-133032",
            ],
        ),
        (
            "resistance",
            &["uqd02", "uqd04", "uqd06", "uqd08", "filter-25um-2mw"],
        ),
        (
            "pump_set",
            &[
                "frontier-cdu-pump",
                "frontier-tower-pump",
                "facility-water-pump",
                "chilled-water-pump",
            ],
        ),
        ("tower", &["tower-cell-york", "frontier-tower-cell"]),
        (
            "dry_cooler",
            &["dry-cooler-bac-trillium", "adiabatic-cooler-bac-trillium"],
        ),
        (
            "chiller",
            &[
                "york-yk-2771",
                "york-yk-2771-reformulated",
                "carrier-30xw-1012",
            ],
        ),
        (
            "thermodynamic_chiller",
            &[
                "carrier-19xr-2391-thermodynamic",
                "carrier-30xw-1012-thermodynamic",
            ],
        ),
        (
            "air_cooled_chiller",
            &["carrier-30xa300", "carrier-30rb390", "air-cooled-1680kw"],
        ),
        (
            "rear_door",
            &["rear-door-active-20kw", "rear-door-passive-20kw"],
        ),
        (
            "crah",
            &["vertiv-pw170", "vertiv-fa069hc", "vertiv-fa096hc"],
        ),
        (
            "power_supply",
            &[
                "psu-titanium-3300w",
                "psu-platinum-3000w",
                "power-shelf-33kw",
                "frontier-rectifier",
            ],
        ),
        ("ups", &["ups-1mw", "ups-eaton-9395xr"]),
        (
            "transformer",
            &["hv-transformer-100mva", "mv-lv-transformer-2500kva"],
        ),
        ("busway", &["busway-4000a", "rack-busway-400a"]),
    ] {
        for name in names {
            let part = library.get(name).unwrap_or_else(|| panic!("no {name}"));
            let found = library.kind(part).map(PartKind::name);
            assert_eq!(found, Some(kind), "{name}");
        }
    }
}

/// Published numbers as their documents have them; a change here needs a better document.
#[test]
fn published_numbers_stand_as_published() {
    let library = Library::embedded();
    for (name, key, value, grade) in [
        ("h100-sxm5", "rated_power", "700 W", Grade::A),
        ("h100-sxm5", "software_slowdown", "87 degC", Grade::A),
        ("h100-sxm5", "hardware_slowdown", "89 degC", Grade::A),
        ("h100-sxm5", "shutdown", "95 degC", Grade::A),
        ("a100-sxm4-80gb", "software_slowdown", "85 degC", Grade::A),
        ("a100-sxm4-80gb", "hardware_slowdown", "89 degC", Grade::A),
        ("a100-sxm4-80gb", "shutdown", "92 degC", Grade::A),
        ("b200-sxm", "software_slowdown", "88 degC", Grade::A),
        ("b200-sxm", "hardware_slowdown", "91 degC", Grade::A),
        ("b200-sxm", "shutdown", "93 degC", Grade::A),
        ("gb200", "rated_power", "1200 W", Grade::B),
        ("gb300", "rated_power", "1400 W", Grade::B),
        ("mi250x", "rated_power", "560 W", Grade::A),
        ("mi250x", "idle_power", "88 W", Grade::A),
        ("coolit-chx2000", "rated_heat", "2000 kW", Grade::B),
        ("coolit-chx2000", "secondary_flow", "2125 L/min", Grade::B),
        ("vertiv-xdu1350", "rated_heat", "1368 kW", Grade::B),
        ("google-deschutes", "approach", "3 K", Grade::A),
        (
            "dry-cooler-bac-trillium",
            "nominal_heat",
            "2931 kW",
            Grade::A,
        ),
        (
            "dry-cooler-bac-trillium",
            "fan_power",
            "117.68 kW",
            Grade::A,
        ),
        (
            "tower-cell-york",
            "nominal_wet_bulb",
            "25.55 degC",
            Grade::A,
        ),
        ("frontier-rectifier", "constant_loss", "17 W", Grade::A),
        ("gb200-nvl72", "pressure_limit", "5 bar", Grade::B),
    ] {
        let numbers = library.numbers(library.get(name).unwrap());
        let number = numbers.iter().find(|number| number.key == key).unwrap();
        assert_eq!(
            (number.value.as_str(), number.confidence),
            (value, grade),
            "{name}.{key}"
        );
    }
}
