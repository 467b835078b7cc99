//! What differs from one asset to the next, and what is assumed or claimed.

use super::words::{number, object, text};
use crate::units::Dimension;
use serde_json::{Value, json};

pub(super) fn spread() -> Value {
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

pub(super) fn overrides() -> Value {
    json!({
        "type": "object",
        "description": "Values of single assets, ranges (rack.0-7) and all (rack.*): \"PATH\" = { KEY = VALUE }.",
        "additionalProperties": { "type": "object" },
    })
}

pub(super) fn assumption() -> Value {
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

pub(super) fn claim() -> Value {
    let properties = [
        ("power", number(Dimension::Power, "Power claimed.")),
        ("text", text("Words of the claim.")),
        ("source", text("Source.")),
    ];
    object(&properties, &["power", "text", "source"])
}
