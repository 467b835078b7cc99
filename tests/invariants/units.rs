//! A hall written in feet, pounds and degrees Fahrenheit is the same hall.

use super::same::same;
use super::{run_text, text};

/// Units and what the same is in others: the factor, and the name. By definition: gallon
/// 3.785411784 L, inch 25.4 mm, pound 0.45359237 kg, psi and ton (12,000 Btu_IT an hour) from them.
const OTHERS: &[(&str, f64, &str)] = &[
    ("L/min", 1.0 / 3.785_411_784, "gpm"),
    ("m3/s", 1.0 / (0.3048 * 0.3048 * 0.3048 / 60.0), "cfm"),
    ("kPa", 1000.0 / 6_894.757_293_168_361, "psi"),
    ("MW", 1e6 / 3_516.852_842_067, "ton"),
    ("kW", 1000.0 / 3_516.852_842_067, "ton"),
    ("W", 1.0 / 0.293_071_070_172_22, "Btu/h"),
    ("kg/s", 1.0 / 0.453_592_37, "lb/s"),
    ("m3", 1.0 / 3.785_411_784e-3, "gal"),
    ("m", 1.0 / 0.3048, "ft"),
    ("mm", 1.0 / 25.4, "in"),
];

/// The text with every quantity in other units.
fn other_units(text: &str) -> (String, usize) {
    let mut out = String::new();
    let mut changed = 0;
    for (k, piece) in text.split('"').enumerate() {
        let quoted = k % 2 == 1;
        let other = || {
            let (number, unit) = piece.split_once(' ').filter(|_| quoted)?;
            let number: f64 = number.parse().ok()?;
            if unit == "degC" {
                return Some(format!("{} degF", number * 1.8 + 32.0));
            }
            let (_, factor, name) = OTHERS.iter().find(|(known, ..)| *known == unit)?;
            Some(format!("{} {name}", number * factor))
        };
        match other() {
            Some(text) => {
                changed += 1;
                out.push_str(&text);
            }
            None => out.push_str(piece),
        }
        out.push('"');
    }
    out.pop();
    (out, changed)
}

#[test]
fn units_of_the_file_do_not_matter() {
    for path in [
        "tests/halls/everything.toml",
        "models/halls/rack.toml",
        "tests/halls/single-gpu.toml",
        "tests/halls/tower.toml",
    ] {
        // A quote in a comment would upset the halves.
        let plain: String = text(path)
            .lines()
            .map(|line| format!("{}\n", line.split(" #").next().unwrap_or(line)))
            .filter(|line| !line.starts_with('#'))
            .collect();
        let (other, changed) = other_units(&plain);
        assert!(changed >= 5, "{path}: {changed}");
        // Conversions round in the 16th digit; the constants above have 13 or more, and the answer
        // is no more sensitive than a hundred times its input.
        same(
            &run_text(&plain, ""),
            &run_text(&other, ""),
            1e-10,
            &str::to_owned,
        );
    }
}

#[test]
fn units_are_changed_where_they_stand() {
    let (text, changed) = other_units("a = \"10 degC\" # \nb = \"1 L/min\"\nc = \"37 degs\"");
    assert_eq!(changed, 2);
    assert!(
        text.starts_with("a = \"50 degF\" # \nb = \"0.26417205235814845 gpm\"\nc = \"37 degs\""),
        "{text}"
    );
}
