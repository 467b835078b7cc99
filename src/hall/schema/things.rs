//! What stands in the hall: loops, rooms, racks, equipment, and groups of them.

use super::parts::{fields, rack_parts};
use super::words::{closed, count, described, field, flag, named, number, object, text};
use crate::component::Kind;
use crate::hall::circuits::CLASSES;
use crate::library::PartKind;
use crate::units::Dimension;
use serde_json::{Map, Value, json};

/// What the hall and every group may hold.
pub(super) fn scope() -> Map<String, Value> {
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

pub(super) fn group() -> Value {
    let mut properties = scope();
    properties.insert("count".to_owned(), count("Instances."));
    properties.insert("description".to_owned(), text("A sentence or two."));
    closed(properties, &[])
}

pub(super) fn circuit() -> Value {
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

pub(super) fn room() -> Value {
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

pub(super) fn rack() -> Value {
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

pub(super) fn feeder() -> Value {
    json!({
        "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" }, "minItems": 1, "maxItems": 8, "uniqueItems": true }],
        "description": "Equipment that feeds it, or a list for two or more supply paths; the meter if left out."
    })
}

pub(super) fn feeder_share() -> Value {
    json!({
        "type": "array",
        "items": { "type": "number", "minimum": 0, "maximum": 1 },
        "description": "Share of the load on each path of the list; they add up to 1. Equal if left out."
    })
}

pub(super) fn ends() -> Value {
    let table = object(
        &[("from", text("LOOP.NODE")), ("to", text("LOOP.NODE"))],
        &["from", "to"],
    );
    json!({ "anyOf": [{ "type": "string" }, table], "description": "A loop, or the two nodes of the branch." })
}

pub(super) fn equipment(kind: Kind) -> Value {
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
