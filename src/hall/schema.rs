//! The JSON Schema of the hall file, from the field lists that the reader itself goes by: with it
//! an editor completes keys, shows what they mean, and marks wrong units.

mod differences;
mod parts;
mod surroundings;
mod things;
mod words;

use crate::library::PartKind;
use differences::{assumption, claim, overrides, spread};
use parts::part;
use serde_json::{Value, json};
use surroundings::{annual, fluid, site, state};
use things::{ends, group, scope};
use words::{named, object, text};

/// The JSON Schema (draft 2020-12) of the hall file.
pub fn schema() -> Value {
    let mut root = scope();
    for (key, value) in [
        (
            "schema",
            json!({ "const": super::SCHEMA, "description": "Version of the hall file; the first key." }),
        ),
        ("name", text("Name of the hall.")),
        ("description", text("A sentence or two.")),
        (
            "state",
            text(
                "Operating state that is solved unless --state names another: nameplate, training, idle, or one of [states].",
            ),
        ),
        (
            "seed",
            json!({ "type": "integer", "minimum": 0, "default": 0, "description": "Seed of all spreads." }),
        ),
        ("site", site()),
        ("annual", annual()),
        (
            "states",
            named(
                state(),
                "Operating states; nameplate, training and idle always exist.",
            ),
        ),
        (
            "fluids",
            named(fluid(), "Fluids beside water, pgNN and egNN."),
        ),
        (
            "parts",
            named(
                json!({ "anyOf": PartKind::all().map(part).collect::<Vec<_>>() }),
                "Parts of this hall's own, in the form of the library.",
            ),
        ),
        (
            "spreads",
            named(spread(), "Seeded spread from asset to asset."),
        ),
        (
            "tables",
            named(
                object(
                    &[("file", text("CSV file, relative to the hall file."))],
                    &["file"],
                ),
                "Per-asset CSV tables: column `asset`, and KEY [UNIT].",
            ),
        ),
        ("overrides", overrides()),
        (
            "assumptions",
            named(assumption(), "Assumptions that the report lists."),
        ),
        ("claims", named(claim(), "Published claims to audit.")),
    ] {
        root.insert(key.to_owned(), value);
    }
    let names = json!({ "pattern": "^[a-z0-9_-]+$" });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "loopwatt hall file",
        "type": "object",
        "properties": root,
        "required": ["schema"],
        "additionalProperties": false,
        "$defs": {
            "name": names,
            "group": group(),
            "confidence": { "enum": ["A", "B", "C", "D"], "description": "A official or measured, B careful transcription, C derived, D assumption." },
            "ends": ends(),
        },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::annual::ANNUAL_KEYS;
    use super::super::circuits::{LOOP_KEYS, ROOM_KEYS};
    use super::super::equipment::COMMON_KEYS;
    use super::super::names::hall_keys;
    use super::super::racks::PLACE_KEYS;
    use super::super::site::SITE_KEYS;
    use super::schema;
    use crate::component::Kind;
    use crate::library::PartKind;
    use serde_json::Value;
    use std::collections::BTreeSet;

    fn keys(value: &Value) -> BTreeSet<String> {
        value["properties"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    }

    /// The reader and the schema know the same keys: neither more nor fewer.
    #[test]
    fn keys_are_those_of_the_reader() {
        let all = schema();
        let set = |words: Vec<&str>| {
            words
                .into_iter()
                .map(str::to_owned)
                .collect::<BTreeSet<_>>()
        };
        let of = |name: &str| &all["properties"][name]["additionalProperties"];
        assert_eq!(keys(&all), set(hall_keys().collect()));
        assert_eq!(keys(of("loops")), set(LOOP_KEYS.to_vec()));
        assert_eq!(keys(of("rooms")), set(ROOM_KEYS.to_vec()));
        assert_eq!(keys(&all["properties"]["site"]), set(SITE_KEYS.to_vec()));
        assert_eq!(
            keys(&all["properties"]["annual"]),
            set(ANNUAL_KEYS.to_vec())
        );
        let fields = |kind: PartKind| {
            kind.fields()
                .iter()
                .map(|field| field.key)
                .chain(kind.structure_keys().iter().copied())
        };
        assert_eq!(
            keys(of("racks")),
            set(PLACE_KEYS
                .into_iter()
                .chain(fields(PartKind::Rack))
                .collect())
        );
        for kind in Kind::written() {
            let spec = kind.spec();
            let one = of("equipment")["anyOf"].as_array().unwrap();
            let one = one
                .iter()
                .find(|one| one["properties"]["kind"]["const"] == spec.kind)
                .unwrap();
            let known = COMMON_KEYS
                .iter()
                .chain(spec.sides)
                .chain(spec.air)
                .copied();
            assert_eq!(
                keys(one),
                set(known.chain(fields(PartKind::Component(kind))).collect()),
                "{}",
                spec.kind
            );
        }
    }

    #[test]
    fn every_key_is_described_and_quantities_have_patterns() {
        let all = schema();
        let rack = &all["properties"]["racks"]["additionalProperties"]["properties"];
        assert!(
            rack["air_flow"]["description"]
                .as_str()
                .unwrap()
                .contains("L/min")
        );
        assert_eq!(rack["arrangement"]["enum"][1], "reverse");
        assert_eq!(rack["arrangement"]["default"], "direct");
        assert!(
            rack["air_flow"]["anyOf"][0]["pattern"]
                .as_str()
                .unwrap()
                .starts_with('^')
        );
        let gpu = &rack["server"]["anyOf"][1]["properties"]["gpu"]["anyOf"][1]["properties"];
        assert_eq!(gpu["reference_temperature"]["default"], "60 degC");
        for (key, value) in rack.as_object().unwrap() {
            assert!(
                value["description"]
                    .as_str()
                    .is_some_and(|words| words.len() > 5),
                "{key}"
            );
        }
    }
}
