//! What schemas are made of: texts, numbers with units, tables.

use crate::spec::{DefaultValue, Field, FieldKind};
use crate::units::{Dimension, UnitSystem};
use serde_json::{Map, Value, json};

pub(super) fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

pub(super) fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "default": false, "description": description })
}

pub(super) fn count(description: &str) -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": crate::hall::MOST_DEVICES, "description": description })
}

pub(super) fn object(properties: &[(&str, Value)], required: &[&str]) -> Value {
    let map: Map<String, Value> = properties
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect();
    closed(map, required)
}

pub(super) fn closed(properties: Map<String, Value>, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// A table of named things.
pub(super) fn named(inner: Value, description: &str) -> Value {
    json!({
        "type": "object",
        "description": description,
        "propertyNames": { "$ref": "#/$defs/name" },
        "additionalProperties": inner,
    })
}

/// A quantity: text with a unit, a bare number where that is allowed, or either with its source.
pub(super) fn quantity(dimension: Dimension) -> Value {
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

pub(super) fn described(mut value: Value, description: &str) -> Value {
    value["description"] = json!(description);
    value
}

pub(super) fn number(dimension: Dimension, description: &str) -> Value {
    let units: Vec<&str> = dimension.symbols().collect();
    let units = if units.is_empty() {
        String::new()
    } else {
        format!(" Units: {}.", units.join(", "))
    };
    described(quantity(dimension), &format!("{description}{units}"))
}

pub(super) fn field(field: &Field) -> Value {
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

pub(super) fn points(x: Dimension, y: Dimension, doc: &str) -> Value {
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
