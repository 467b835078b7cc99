//! Numbers as the page writes them: customary units, grouped thousands, a true minus sign.

use crate::units::{Dimension, UnitSystem};

/// What stands where there is no number.
pub const NONE: &str = "–";

/// Writes quantities in one system of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Text {
    /// The system.
    pub system: UnitSystem,
}

impl Text {
    /// A quantity given in SI, in the customary unit of its size.
    pub fn quantity(self, dimension: Dimension, si: f64) -> String {
        if !si.is_finite() {
            return NONE.to_owned();
        }
        match dimension {
            Dimension::Temperature => self.temperature(si - 273.15),
            Dimension::TemperatureDifference => difference(si),
            _ => {
                let shown = dimension.display(si, self.system);
                join(
                    &grouped(&format!(
                        "{}",
                        crate::units::Quantity {
                            symbol: "",
                            ..shown
                        }
                    )),
                    pretty(shown.symbol),
                )
            }
        }
    }

    /// A quantity given as results hold it: SI, but temperatures in °C.
    pub fn shown(self, dimension: Dimension, value: f64) -> String {
        match dimension {
            Dimension::Temperature => self.temperature(value),
            _ => self.quantity(dimension, value),
        }
    }

    /// A temperature given in °C.
    pub fn temperature(self, celsius: f64) -> String {
        if !celsius.is_finite() {
            return NONE.to_owned();
        }
        join(&fixed(self.degrees(celsius), 1), self.degree())
    }

    /// A temperature given in °C, in the system's unit.
    pub fn degrees(self, celsius: f64) -> f64 {
        match self.system {
            UnitSystem::Si => celsius,
            UnitSystem::Us => celsius * 1.8 + 32.0,
        }
    }

    /// Unit of temperatures.
    pub fn degree(self) -> &'static str {
        match self.system {
            UnitSystem::Si => "°C",
            UnitSystem::Us => "°F",
        }
    }

    /// Power in W, W to GW by size.
    pub fn power(self, watts: f64) -> String {
        self.quantity(Dimension::Power, watts)
    }

    /// Volume flow in m³/s.
    pub fn volume_flow(self, flow: f64) -> String {
        self.quantity(Dimension::VolumeFlow, flow)
    }

    /// Water use in L/h.
    pub fn water(self, litres_per_hour: f64) -> String {
        match self.system {
            UnitSystem::Si => join(&significant(litres_per_hour / 1000.0, 3), "m³/h"),
            UnitSystem::Us => self.volume_flow(litres_per_hour / 3.6e6),
        }
    }
}

/// A temperature difference in K. Kelvin in both systems, as in the results.
pub fn difference(kelvin: f64) -> String {
    if kelvin.is_finite() {
        join(&fixed(kelvin, 1), "K")
    } else {
        NONE.to_owned()
    }
}

/// A change of temperature in K, with its sign.
pub fn change(value: f64, decimals: usize, unit: &str) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let text = fixed(value, decimals);
    let sign = if text.starts_with('−') || text.bytes().all(|b| matches!(b, b'0' | b'.')) {
        ""
    } else {
        "+"
    };
    join(&format!("{sign}{text}"), unit)
}

/// A share as a percentage with its sign.
pub fn percent_change(share: f64) -> String {
    let size = (share * 100.0).abs();
    change(share * 100.0, usize::from(size < 10.0), "%")
}

/// A number of things.
pub fn count(number: f64) -> String {
    fixed(number, usize::from((number - number.round()).abs() >= 1e-6))
}

/// A ratio with the given decimals.
pub fn ratio(value: Option<f64>, decimals: usize) -> String {
    value
        .filter(|v| v.is_finite())
        .map_or_else(|| NONE.to_owned(), |v| fixed(v, decimals))
}

/// A number in scientific form where it is small (`2.3·10⁻¹²`).
pub fn scientific(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let text = format!("{value:.1e}");
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text;
    };
    let digits = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raised: String = exponent
        .chars()
        .map(|c| match c {
            '-' => '⁻',
            other => other
                .to_digit(10)
                .and_then(|d| digits.get(d as usize))
                .copied()
                .unwrap_or(other),
        })
        .collect();
    format!("{}·10{raised}", mantissa.replace('-', "−"))
}

/// A number with fixed decimals, thousands grouped.
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    grouped(&format!("{value:.decimals$}"))
}

/// A number with this many significant digits, all digits before the point kept.
pub fn significant(value: f64, digits: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return fixed(value, 0);
    }
    let exponent = value.abs().log10().floor() as i32;
    fixed(value, usize::try_from(digits - 1 - exponent).unwrap_or(0))
}

/// Groups the digits before the point by thousands; the minus becomes a true one, and goes where only zeros are left.
fn grouped(text: &str) -> String {
    if text.contains('e') {
        return text.replace('-', "−");
    }
    let (negative, rest) = text
        .strip_prefix('-')
        .map_or((false, text), |rest| (true, rest));
    let (whole, decimals) = rest
        .split_once('.')
        .map_or((rest, None), |(a, b)| (a, Some(b)));
    let mut out = String::new();
    if negative && rest.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
        out.push('−');
    }
    for (index, digit) in whole.chars().enumerate() {
        // Four digits are read at a glance; longer numbers are grouped.
        if index > 0 && whole.len() > 4 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(decimals) = decimals {
        out.push('.');
        out.push_str(decimals);
    }
    out
}

/// A number and its unit; a percent sign stands without a blank.
pub fn join(number: &str, unit: &str) -> String {
    match unit {
        "" => number.to_owned(),
        "%" => format!("{number}%"),
        _ => format!("{number}\u{a0}{unit}"),
    }
}

/// A unit as it is printed.
pub fn pretty(symbol: &'static str) -> &'static str {
    match symbol {
        "degC" => "°C",
        "degF" => "°F",
        "m2" => "m²",
        "m3" => "m³",
        "m3/s" => "m³/s",
        "m3/h" => "m³/h",
        "mm2" => "mm²",
        "kg/m3" => "kg/m³",
        "inH2O" => "inH₂O",
        other => other,
    }
}

/// A name of the file as words: `tcs` becomes TCS, `tower-east` Tower east.
pub fn words(name: &str) -> String {
    const ACRONYMS: [&str; 22] = [
        "cdu", "cdus", "ups", "pdu", "pdus", "rpp", "tcs", "fws", "cws", "chw", "cw", "crah",
        "crahs", "crac", "it", "gpu", "gpus", "hx", "dc", "ac", "hv", "mv",
    ];
    let text: Vec<String> = name
        .split(['-', '_', ' '])
        .filter(|word| !word.is_empty())
        .map(|word| {
            if ACRONYMS.contains(&word) {
                word.to_uppercase()
            } else {
                word.to_owned()
            }
        })
        .collect();
    let text = text.join(" ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// The words with a small first letter, for use within a sentence; acronyms stay.
pub fn within(words: &str) -> String {
    let mut letters = words.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => words.to_owned(),
    }
}

/// Last name of a dotted path, without indices.
pub fn last_name(path: &str) -> &str {
    path.rsplit('.')
        .find(|name| *name != "*" && name.parse::<u32>().is_err())
        .unwrap_or(path)
}

/// Last name of a dotted path in words, with the count where there are several.
pub fn label(path: &str, number: f64) -> String {
    let words = words(last_name(path));
    if number > 1.0 {
        format!("{words} ×\u{2009}{}", count(number))
    } else {
        words
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Text, change, count, fixed, label, percent_change, scientific, significant, words,
    };
    use crate::units::{Dimension, UnitSystem};

    #[test]
    fn quantities_read_as_engineers_write_them() {
        let si = Text::default();
        let us = Text {
            system: UnitSystem::Us,
        };
        assert_eq!(si.power(131.94e6), "131.9\u{a0}MW");
        assert_eq!(si.temperature(35.0), "35.0\u{a0}°C");
        assert_eq!(us.temperature(35.0), "95.0\u{a0}°F");
        assert_eq!(us.quantity(Dimension::Temperature, 308.15), "95.0\u{a0}°F");
        assert_eq!(si.quantity(Dimension::Fraction, 0.425), "42.5%");
        assert_eq!(si.quantity(Dimension::Pressure, f64::NAN), "–");
        assert_eq!(si.water(123_456.0), "123\u{a0}m³/h");
    }

    #[test]
    fn numbers_are_grouped_and_signed() {
        assert_eq!(count(100_352.0), "100,352");
        assert_eq!(count(1568.0), "1568");
        assert_eq!(fixed(-0.04, 1), "0.0");
        assert_eq!(fixed(-1234.56, 1), "−1234.6");
        assert_eq!(significant(0.012_345, 3), "0.0123");
        assert_eq!(change(0.0, 2, "MW"), "0.00\u{a0}MW");
        assert_eq!(change(1.5, 2, "MW"), "+1.50\u{a0}MW");
        assert_eq!(percent_change(-0.45), "−45%");
        assert_eq!(scientific(2.34e-12), "2.3·10⁻¹²");
    }

    #[test]
    fn names_become_words() {
        assert_eq!(words("tower-east"), "Tower east");
        assert_eq!(words("tcs"), "TCS");
        assert_eq!(label("pod.*.cdu", 196.0), "CDU ×\u{2009}196");
        assert_eq!(label("rack.17", 1.0), "Rack");
    }
}
