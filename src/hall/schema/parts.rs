//! Parts of the library and of the hall file.

use super::words::{closed, count, field, text};
use crate::library::PartKind;
use serde_json::{Map, Value, json};

pub(super) fn fields(kind: PartKind) -> Map<String, Value> {
    kind.fields()
        .iter()
        .map(|entry| (entry.key.to_owned(), field(entry)))
        .collect()
}

/// A part's name, or a table that may name one and overrides its values.
pub(super) fn nested(kind: PartKind, own: &[(&str, Value)], description: &str) -> Value {
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

pub(super) fn devices(kind: PartKind, description: &str) -> Value {
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

pub(super) fn servers() -> Vec<(&'static str, Value)> {
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

pub(super) fn rack_parts() -> [(&'static str, Value); 2] {
    [
        ("servers", count("Servers in a rack.")),
        (
            "server",
            nested(PartKind::Server, &servers(), "The server."),
        ),
    ]
}

pub(super) fn part(kind: PartKind) -> Value {
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
