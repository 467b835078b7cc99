//! What is around the hall: site, year, operating states, fluids.

use super::words::{described, number, object, text};
use crate::hall::circuits::{CONSTANT_KEYS, FLUID_KINDS};
use crate::hall::site::LOADS;
use crate::units::Dimension;
use serde_json::{Value, json};

pub(super) fn site() -> Value {
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

pub(super) fn annual() -> Value {
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

pub(super) fn state() -> Value {
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

pub(super) fn fluid() -> Value {
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
