//! The JSON Schema of the hall file, from the field lists that the reader itself goes by: with it
//! an editor completes keys, shows what they mean, and marks wrong units.

use super::circuits::{CLASSES, CONSTANT_KEYS, FLUID_KINDS};
use super::site::LOADS;
use crate::component::Kind;
use crate::library::PartKind;
use crate::spec::{DefaultValue, Field, FieldKind};
use crate::units::{Dimension, UnitSystem};
use serde_json::{Map, Value, json};

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

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "default": false, "description": description })
}

fn count(description: &str) -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": super::MOST_DEVICES, "description": description })
}

fn object(properties: &[(&str, Value)], required: &[&str]) -> Value {
    let map: Map<String, Value> = properties
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect();
    closed(map, required)
}

fn closed(properties: Map<String, Value>, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// A table of named things.
fn named(inner: Value, description: &str) -> Value {
    json!({
        "type": "object",
        "description": description,
        "propertyNames": { "$ref": "#/$defs/name" },
        "additionalProperties": inner,
    })
}

/// A quantity: text with a unit, a bare number where that is allowed, or either with its source.
fn quantity(dimension: Dimension) -> Value {
    let mut plain = vec![json!({ "type": "string", "pattern": dimension.pattern() })];
    if dimension.allows_bare_number() {
        plain.push(json!({ "type": "number" }));
    }
    let mut any = plain.clone();
    let source = [
        ("value", json!({ "anyOf": plain })),
        ("source", text("Where the number comes from.")),
        ("confidence", json!({ "$ref": "#/$defs/confidence" })),
    ];
    any.push(object(&source, &["value"]));
    json!({ "anyOf": any })
}

fn described(mut value: Value, description: &str) -> Value {
    value["description"] = json!(description);
    value
}

fn number(dimension: Dimension, description: &str) -> Value {
    let units: Vec<&str> = dimension.symbols().collect();
    let units = if units.is_empty() {
        String::new()
    } else {
        format!(" Units: {}.", units.join(", "))
    };
    described(quantity(dimension), &format!("{description}{units}"))
}

fn field(field: &Field) -> Value {
    let doc = field.doc.trim();
    let mut value = match field.kind {
        FieldKind::Number {
            dimension,
            min,
            max,
        } => {
            let range = crate::library::range_words(dimension, min, max);
            number(dimension, &format!("{doc} Range: {range}."))
        }
        FieldKind::Choice(words) => json!({ "enum": words, "description": doc }),
        FieldKind::Flag => json!({ "type": "boolean", "description": doc }),
        FieldKind::Points { x, y } => points(x, y, doc),
    };
    if let DefaultValue::Value(default) = field.default {
        value["default"] = match field.kind {
            FieldKind::Number { dimension, .. } if dimension.allows_bare_number() => json!(default),
            FieldKind::Number { dimension, .. } => {
                json!(dimension.display(default, UnitSystem::Si).to_string())
            }
            FieldKind::Choice(words) => json!(words.get(default as usize)),
            FieldKind::Flag => json!(default > 0.5),
            FieldKind::Points { .. } => Value::Null,
        };
    }
    value
}

fn points(x: Dimension, y: Dimension, doc: &str) -> Value {
    let unit = |dimension: Dimension| {
        let mut symbols: Vec<&str> = dimension
            .units()
            .iter()
            .flat_map(|unit| std::iter::once(unit.symbol).chain(unit.aliases.iter().copied()))
            .collect();
        if dimension.allows_bare_number() {
            symbols.extend(["", "-"]);
        }
        json!({ "enum": symbols })
    };
    let pair =
        json!({ "type": "array", "items": { "type": "number" }, "minItems": 2, "maxItems": 2 });
    let units =
        json!({ "type": "array", "prefixItems": [unit(x), unit(y)], "minItems": 2, "maxItems": 2 });
    let properties = [
        (
            "points",
            json!({ "type": "array", "items": pair, "minItems": 2 }),
        ),
        ("units", units),
        ("source", text("Where the points come from.")),
        ("confidence", json!({ "$ref": "#/$defs/confidence" })),
    ];
    described(
        object(&properties, &["points"]),
        &format!("{doc} Points [x, y], x ({x}) rising, y ({y})."),
    )
}

fn fields(kind: PartKind) -> Map<String, Value> {
    kind.fields()
        .iter()
        .map(|entry| (entry.key.to_owned(), field(entry)))
        .collect()
}

/// A part's name, or a table that may name one and overrides its values.
fn nested(kind: PartKind, own: &[(&str, Value)], description: &str) -> Value {
    let mut properties = fields(kind);
    properties.insert(
        "part".to_owned(),
        text("Part of the library or of [parts]."),
    );
    properties.extend(
        own.iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone())),
    );
    json!({ "description": description, "anyOf": [{ "type": "string" }, closed(properties, &[])] })
}

fn devices(kind: PartKind, description: &str) -> Value {
    let own = [
        ("count", count("Devices in a server.")),
        (
            "in_series",
            count("Devices on one path, each warming the next one's coolant; divides count."),
        ),
        ("plate", nested(PartKind::ColdPlate, &[], "The cold plate.")),
    ];
    nested(kind, &own, description)
}

fn servers() -> Vec<(&'static str, Value)> {
    vec![
        ("gpu", devices(PartKind::Gpu, "GPUs on plates.")),
        (
            "processor",
            devices(PartKind::Processor, "Host processors on plates."),
        ),
        (
            "auxiliary",
            devices(PartKind::Auxiliary, "Switch chips and other plated parts."),
        ),
    ]
}

fn rack_parts() -> [(&'static str, Value); 2] {
    [
        ("servers", count("Servers in a rack.")),
        (
            "server",
            nested(PartKind::Server, &servers(), "The server."),
        ),
    ]
}

fn part(kind: PartKind) -> Value {
    let mut properties = fields(kind);
    let words = [
        ("kind", json!({ "const": kind.name() })),
        ("base", text("Part to start from.")),
        ("title", text("Title, for people.")),
        ("description", text("A sentence or two.")),
        (
            "source",
            text("Source of all numbers that do not name their own."),
        ),
        ("confidence", json!({ "$ref": "#/$defs/confidence" })),
    ];
    let built: Vec<(&str, Value)> = match kind {
        PartKind::Server => servers(),
        PartKind::Rack => rack_parts().to_vec(),
        _ => Vec::new(),
    };
    properties.extend(
        words
            .into_iter()
            .chain(built)
            .map(|(key, value)| (key.to_owned(), value)),
    );
    closed(properties, &[])
}

/// What the hall and every group may hold.
fn scope() -> Map<String, Value> {
    let equipment: Vec<Value> = Kind::written().map(equipment).collect();
    let all = [
        ("loops", named(circuit(), "Closed circuits of one fluid.")),
        ("rooms", named(room(), "Volumes of air at one temperature.")),
        (
            "racks",
            named(
                rack(),
                "Racks of one design; instances are NAME.0, NAME.1, ...",
            ),
        ),
        (
            "equipment",
            named(
                json!({ "anyOf": equipment }),
                "Components of the plant and of the electrical tree.",
            ),
        ),
        (
            "groups",
            named(
                json!({ "$ref": "#/$defs/group" }),
                "Groups of all these, count times over.",
            ),
        ),
    ];
    all.into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

fn group() -> Value {
    let mut properties = scope();
    properties.insert("count".to_owned(), count("Instances."));
    properties.insert("description".to_owned(), text("A sentence or two."));
    closed(properties, &[])
}

fn site() -> Value {
    let properties = [
        ("scenario", text("Words for the outdoor condition.")),
        (
            "dry_bulb",
            number(Dimension::Temperature, "Dry-bulb temperature."),
        ),
        (
            "wet_bulb",
            number(Dimension::Temperature, "Wet-bulb temperature."),
        ),
        (
            "relative_humidity",
            number(Dimension::Fraction, "Relative humidity."),
        ),
        ("dew_point", number(Dimension::Temperature, "Dew point.")),
        (
            "pressure",
            number(Dimension::Pressure, "Absolute air pressure."),
        ),
        (
            "elevation",
            number(
                Dimension::Length,
                "Height above sea level, in place of pressure.",
            ),
        ),
    ];
    described(
        object(&properties, &["dry_bulb"]),
        "Outdoor air, and words for it.",
    )
}

fn annual() -> Value {
    let share = json!({ "type": "number", "minimum": 0, "maximum": 1 });
    let workload = json!({
        "description": "Share of the way from the state idle to the state solved: a number, the 24 of a day, or a CSV file.",
        "anyOf": [
            share,
            { "type": "array", "items": share, "minItems": 24, "maxItems": 24 },
            { "type": "string" },
        ],
    });
    let properties = [
        (
            "weather",
            text("Built-in weather (memphis), an .epw file, or a .csv bin table."),
        ),
        ("design", text("CSV table of design conditions.")),
        ("workload", workload),
        (
            "electricity_price",
            number(Dimension::MoneyPerEnergy, "Price of electricity."),
        ),
        (
            "water_price",
            number(
                Dimension::MoneyPerVolume,
                "Price of make-up water and its discharge.",
            ),
        ),
        (
            "co2_factor",
            number(Dimension::MassPerEnergy, "CO2 emitted for the electricity."),
        ),
        (
            "reused_heat",
            json!({
                "type": "array", "items": { "type": "string" },
                "description": "Equipment whose rejected heat is used by somebody: it counts in ERE.",
            }),
        ),
    ];
    described(
        object(&properties, &[]),
        "The year: weather, workload, prices and emission of `loopwatt annual`.",
    )
}

fn state() -> Value {
    let docs = [
        "Load of GPUs.",
        "Load of other plated devices.",
        "Load of what servers hold beside.",
    ];
    let properties: Vec<(&str, Value)> = LOADS
        .iter()
        .zip(docs)
        .map(|(key, doc)| (*key, number(Dimension::Fraction, doc)))
        .collect();
    object(&properties, &[])
}

fn fluid() -> Value {
    let words: Vec<&str> = FLUID_KINDS.iter().map(|(word, _)| *word).collect();
    let mut properties = vec![
        ("kind", json!({ "enum": words })),
        (
            "mass_fraction",
            number(Dimension::Fraction, "Mass fraction of glycol."),
        ),
        (
            "volume_fraction",
            number(Dimension::Fraction, "Volume fraction of glycol at 20 degC."),
        ),
    ];
    properties.extend(
        CONSTANT_KEYS
            .iter()
            .map(|(key, dimension, ..)| (*key, number(*dimension, "Constant property."))),
    );
    object(&properties, &["kind"])
}

fn circuit() -> Value {
    let classes: Vec<&str> = CLASSES.iter().map(|(word, ..)| *word).collect();
    let mut header: Map<String, Value> = Map::new();
    if let Some(pipe) = Kind::from_name("pipe") {
        for entry in pipe.spec().fields {
            header.insert(entry.key.to_owned(), field(entry));
            header.insert(format!("segment_{}", entry.key), field(entry));
        }
    }
    header.insert(
        "return".to_owned(),
        json!({ "enum": ["direct", "reverse"], "default": "direct" }),
    );
    let header = described(
        closed(header, &[]),
        "Branches are tapped off one after the other; the values are those of one segment.",
    );
    let properties = [
        (
            "fluid",
            text("water, pgNN, egNN (volume percent), or one of [fluids]."),
        ),
        (
            "reference_pressure",
            number(Dimension::Pressure, "Gauge pressure at the return node."),
        ),
        (
            "design_supply_temperature",
            number(
                Dimension::Temperature,
                "First guess of the supply temperature.",
            ),
        ),
        (
            "design_temperature_rise",
            number(
                Dimension::TemperatureDifference,
                "First guess of the temperature rise.",
            ),
        ),
        (
            "design_pressure_difference",
            number(
                Dimension::Pressure,
                "First guess of supply less return pressure.",
            ),
        ),
        (
            "class",
            json!({ "enum": classes, "description": "Class that the supply temperature promises to keep." }),
        ),
        (
            "supply_limit",
            number(
                Dimension::Temperature,
                "Highest supply temperature, in place of the class's.",
            ),
        ),
        (
            "nodes",
            json!({ "type": "array", "items": { "$ref": "#/$defs/name" }, "description": "Nodes beside supply and return." }),
        ),
        ("header", header),
    ];
    object(&properties, &["fluid"])
}

fn room() -> Value {
    let properties = [
        (
            "design_temperature",
            number(Dimension::Temperature, "First guess of the temperature."),
        ),
        (
            "limit",
            number(
                Dimension::Temperature,
                "Highest temperature at server inlets.",
            ),
        ),
        (
            "dew_point",
            number(Dimension::Temperature, "Dew point of the air."),
        ),
        (
            "exhaust",
            flag("Whether it is the exhaust of a rack row, passed on by a door."),
        ),
    ];
    object(&properties, &[])
}

fn rack() -> Value {
    let mut properties = fields(PartKind::Rack);
    let own = [
        ("part", text("Part of kind rack.")),
        ("description", text("A sentence or two.")),
        ("count", count("Racks.")),
        ("loop", text("Loop, from supply to return.")),
        (
            "supply",
            text("Node that feeds the rack (LOOP.NODE), in place of loop."),
        ),
        ("return", text("Node that takes its return (LOOP.NODE).")),
        (
            "inlet_air",
            text("Room at the servers' inlet; the only room where there is one."),
        ),
        (
            "exhaust_air",
            text("Room that takes the rack's heat; the inlet's own if left out."),
        ),
        ("feeder", feeder()),
        ("feeder_share", feeder_share()),
    ];
    properties.extend(
        own.into_iter()
            .chain(rack_parts())
            .map(|(key, value)| (key.to_owned(), value)),
    );
    closed(properties, &[])
}

fn feeder() -> Value {
    json!({
        "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" }, "minItems": 1, "maxItems": 8, "uniqueItems": true }],
        "description": "Equipment that feeds it, or a list for two or more supply paths; the meter if left out."
    })
}

fn feeder_share() -> Value {
    json!({
        "type": "array",
        "items": { "type": "number", "minimum": 0, "maximum": 1 },
        "description": "Share of the load on each path of the list; they add up to 1. Equal if left out."
    })
}

fn ends() -> Value {
    let table = object(
        &[("from", text("LOOP.NODE")), ("to", text("LOOP.NODE"))],
        &["from", "to"],
    );
    json!({ "anyOf": [{ "type": "string" }, table], "description": "A loop, or the two nodes of the branch." })
}

fn equipment(kind: Kind) -> Value {
    let spec = kind.spec();
    let mut properties = fields(PartKind::Component(kind));
    let sensor = object(
        &[("high", text("LOOP.NODE")), ("low", text("LOOP.NODE"))],
        &["high", "low"],
    );
    let own = [
        (
            "kind",
            json!({ "const": spec.kind, "description": spec.doc }),
        ),
        ("part", text("Part of the library or of [parts].")),
        ("description", text("A sentence or two.")),
        ("feeder", feeder()),
        ("feeder_share", feeder_share()),
        (
            "sensor",
            described(sensor, "Nodes between which pressure is controlled."),
        ),
        (
            "rack_fed",
            flag("Whether a meter at the rack would count it."),
        ),
    ];
    properties.extend(own.into_iter().map(|(key, value)| (key.to_owned(), value)));
    for side in spec.sides {
        properties.insert((*side).to_owned(), json!({ "$ref": "#/$defs/ends" }));
    }
    for air in spec.air {
        properties.insert((*air).to_owned(), text("Room."));
    }
    closed(properties, spec.sides)
}

fn spread() -> Value {
    let properties = [
        ("asset", text("Path of assets: rack.*.server.*.gpu.*")),
        ("key", text("Key at the asset.")),
        (
            "distribution",
            json!({ "enum": ["normal", "lognormal", "uniform", "chance"] }),
        ),
        (
            "sigma",
            number(
                Dimension::Fraction,
                "Standard deviation, relative or of the logarithm.",
            ),
        ),
        (
            "half_width",
            number(Dimension::Fraction, "Half width, relative."),
        ),
        (
            "probability",
            number(Dimension::Fraction, "Probability that the factor strikes."),
        ),
        (
            "factor",
            number(Dimension::Dimensionless, "Factor where it strikes."),
        ),
        (
            "seed",
            json!({ "type": "integer", "minimum": 0, "description": "Seed of its own." }),
        ),
    ];
    object(&properties, &["asset", "key", "distribution"])
}

fn overrides() -> Value {
    json!({
        "type": "object",
        "description": "Values of single assets, ranges (rack.0-7) and all (rack.*): \"PATH\" = { KEY = VALUE }.",
        "additionalProperties": { "type": "object" },
    })
}

fn assumption() -> Value {
    let properties = [
        ("text", text("What is assumed, and why.")),
        ("path", text("Path of the value that it fixes.")),
        (
            "alternatives",
            json!({ "type": "array", "description": "Other plausible values." }),
        ),
        ("confidence", json!({ "$ref": "#/$defs/confidence" })),
    ];
    object(&properties, &["text"])
}

fn claim() -> Value {
    let properties = [
        ("power", number(Dimension::Power, "Power claimed.")),
        ("text", text("Words of the claim.")),
        ("source", text("Source.")),
    ];
    object(&properties, &["power", "text", "source"])
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
