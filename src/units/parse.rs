//! From text to SI, and what is said when that fails.
//!
//! A quantity is a number, optional blanks, and a unit: `"1.2 L/min"`, `"1.2kW"`, `"-5 degC"`. In a unit `²` and
//! `³` stand for `2` and `3`, and `·`, `⋅` and `*` for the blank between factors.

use super::{Dimension, Unit};
use std::fmt::Write as _;
use thiserror::Error;

/// Why a text is not a quantity of the wanted dimension.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum UnitError {
    /// The text does not begin with a number.
    #[error("`{text}` is not {}: it must begin with a number{}", article(*.wanted), allowed(*.wanted))]
    NotANumber {
        /// The text as given.
        text: String,
        /// The dimension that was asked for.
        wanted: Dimension,
    },
    /// Digits go on where the number should have ended: a decimal comma, a blank between thousands.
    #[error("`{text}` is not {}: write its number with a decimal point and nothing else between the digits{}", article(*.wanted), allowed(*.wanted))]
    BadNumber {
        /// The text as given.
        text: String,
        /// The dimension that was asked for.
        wanted: Dimension,
    },
    /// The number, or its SI value, is infinite or not a number.
    #[error("`{text}` is not a finite number")]
    NotFinite {
        /// The text as given.
        text: String,
    },
    /// A number without a unit where a unit is needed.
    #[error("`{text}` has no unit: {} needs one{}", article(*.wanted), allowed(*.wanted))]
    MissingUnit {
        /// The text as given.
        text: String,
        /// The dimension that was asked for.
        wanted: Dimension,
    },
    /// A known unit, but of another dimension.
    #[error("`{unit}` is a unit of {found}, wanted {wanted}{}", allowed(*.wanted))]
    WrongDimension {
        /// The unit as given.
        unit: String,
        /// What that unit measures.
        found: Dimension,
        /// The dimension that was asked for.
        wanted: Dimension,
    },
    /// A unit that no table knows.
    #[error("unknown unit `{unit}` for {}{}{}", article(*.wanted), hint(*.nearest), allowed(*.wanted))]
    UnknownUnit {
        /// The unit as given.
        unit: String,
        /// The dimension that was asked for.
        wanted: Dimension,
        /// The nearest spelling that would be accepted.
        nearest: Option<&'static str>,
    },
    /// An absolute scale where a difference of temperatures is wanted: its zero point would be ambiguous.
    #[error(
        "`{unit}` is for absolute temperatures: write a temperature difference in K (1 K = 1 degC = 1.8 degF of difference)"
    )]
    AbsoluteForDifference {
        /// The unit as given.
        unit: String,
    },
    /// A temperature below 0 K.
    #[error("`{text}` is below absolute zero")]
    BelowAbsoluteZero {
        /// The text as given.
        text: String,
    },
}

fn allowed(dimension: Dimension) -> String {
    let mut text = String::new();
    for (index, symbol) in dimension.symbols().enumerate() {
        text.push_str(if index == 0 { "; allowed: " } else { ", " });
        text.push_str(symbol);
    }
    if dimension == Dimension::Fraction {
        text.push_str(" or a bare number");
    }
    if dimension == Dimension::Pressure {
        text.push_str(" (all gauge)");
    }
    text
}

fn article(dimension: Dimension) -> String {
    let name = dimension.name();
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {name}")
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |symbol| format!("; did you mean `{symbol}`?"))
}

impl Dimension {
    /// The SI value of `text`, such as `"1.2 L/min"`.
    ///
    /// # Errors
    /// [`UnitError`] where the text has no number, no unit (unless bare numbers are allowed), a unit that is
    /// unknown or measures something else, a number that is not finite, or lies below absolute zero.
    pub fn parse(self, text: &str) -> Result<f64, UnitError> {
        let trimmed = text.trim();
        let ascii = trimmed.replace('\u{2212}', "-");
        let (number, unit) = split_number(&ascii);
        let Ok(value) = number.parse::<f64>() else {
            let word = ascii.trim_start_matches(['+', '-']).to_ascii_lowercase();
            return Err(if word.starts_with("inf") || word.starts_with("nan") {
                UnitError::NotFinite {
                    text: trimmed.into(),
                }
            } else {
                UnitError::NotANumber {
                    text: trimmed.into(),
                    wanted: self,
                }
            });
        };
        let unit = unit.trim();
        if unit.is_empty() {
            return self.bare(value, || trimmed.into());
        }
        let goes_on = |c: char| c.is_ascii_digit() || matches!(c, ',' | '.' | '_' | '\'');
        let unit = self.find_unit(unit).map_err(|error| match error {
            UnitError::UnknownUnit { .. } if unit.starts_with(goes_on) => UnitError::BadNumber {
                text: trimmed.into(),
                wanted: self,
            },
            other => other,
        })?;
        self.accept(unit.to_si(value), || trimmed.into())
    }

    /// The SI value of a number that carries no unit, as in a TOML integer.
    ///
    /// # Errors
    /// [`UnitError::MissingUnit`] unless this is a plain number or a fraction; [`UnitError::NotFinite`].
    pub fn parse_bare(self, value: f64) -> Result<f64, UnitError> {
        self.bare(value, || written(value))
    }

    /// The SI value of `value` in the unit `symbol`, as under a table heading `power [kW]`.
    ///
    /// # Errors
    /// As [`Dimension::parse`].
    pub fn convert(self, value: f64, symbol: &str) -> Result<f64, UnitError> {
        let symbol = symbol.trim();
        if symbol.is_empty() {
            return self.parse_bare(value);
        }
        self.in_unit(value, self.find_unit(symbol)?)
    }

    /// The SI value of `value` in a unit of this dimension that was found before.
    ///
    /// # Errors
    /// [`UnitError::NotFinite`] or [`UnitError::BelowAbsoluteZero`].
    pub fn in_unit(self, value: f64, unit: &Unit) -> Result<f64, UnitError> {
        self.accept(unit.to_si(value), || {
            format!("{} {}", written(value), unit.symbol)
        })
    }

    /// The unit of this dimension that is spelled `symbol`.
    ///
    /// # Errors
    /// [`UnitError::WrongDimension`], [`UnitError::UnknownUnit`] or [`UnitError::AbsoluteForDifference`].
    pub fn find_unit(self, symbol: &str) -> Result<&'static Unit, UnitError> {
        let plain: String = symbol.trim().chars().map(plain_character).collect();
        let matching = |dimension: Self| dimension.units().iter().find(|unit| unit.is(&plain));
        if let Some(unit) = matching(self) {
            return Ok(unit);
        }
        let unit = symbol.to_owned();
        match Self::ALL
            .into_iter()
            .find(|other| matching(*other).is_some())
        {
            Some(Self::Temperature) if self == Self::TemperatureDifference => {
                Err(UnitError::AbsoluteForDifference { unit })
            }
            Some(found) => Err(UnitError::WrongDimension {
                unit,
                found,
                wanted: self,
            }),
            None => Err(UnitError::UnknownUnit {
                unit,
                wanted: self,
                nearest: self.nearest(&plain),
            }),
        }
    }

    /// A regular expression (ECMA 262, as JSON Schema uses) that matches what [`Dimension::parse`] accepts.
    pub fn pattern(self) -> String {
        let mut pattern =
            String::from(r"^\s*[-+\u2212]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+\u2212]?[0-9]+)?\s*(");
        let spellings = self
            .units()
            .iter()
            .flat_map(|unit| std::iter::once(&unit.symbol).chain(unit.aliases));
        for (index, spelling) in spellings.enumerate() {
            if index > 0 {
                pattern.push('|');
            }
            for character in spelling.chars() {
                match character {
                    '2' => pattern.push_str("[2²]"),
                    '3' => pattern.push_str("[3³]"),
                    ' ' => pattern.push_str("[ ·⋅*]"),
                    '(' | ')' | '$' | '.' | '*' | '+' | '?' | '/' => {
                        // `write!` to a String cannot fail.
                        let _ = write!(pattern, "\\{character}");
                    }
                    other => pattern.push(other),
                }
            }
        }
        pattern.push_str(if self.allows_bare_number() {
            r")?\s*$"
        } else {
            r")\s*$"
        });
        pattern
    }

    fn bare(self, value: f64, text: impl FnOnce() -> String) -> Result<f64, UnitError> {
        if self.allows_bare_number() {
            self.accept(value, text)
        } else {
            Err(UnitError::MissingUnit {
                text: text(),
                wanted: self,
            })
        }
    }

    fn accept(self, si: f64, text: impl FnOnce() -> String) -> Result<f64, UnitError> {
        if !si.is_finite() {
            Err(UnitError::NotFinite { text: text() })
        } else if self == Self::Temperature && si < 0.0 {
            Err(UnitError::BelowAbsoluteZero { text: text() })
        } else {
            Ok(si)
        }
    }

    /// The accepted symbol nearest to a misspelled one, if any is near.
    fn nearest(self, text: &str) -> Option<&'static str> {
        let given = text.to_lowercase();
        // Rank 0: other case; 1: part of a symbol (`C` of `degC`); then one more than the edits.
        let most_edits = (given.chars().count() / 2).min(3);
        self.units()
            .iter()
            .flat_map(|unit| {
                std::iter::once(&unit.symbol)
                    .chain(unit.aliases)
                    .map(|spelling| (unit.symbol, *spelling))
            })
            .map(|(symbol, spelling)| {
                let known = spelling.to_lowercase();
                let rank = if known == given {
                    0
                } else if known.contains(&given) {
                    1
                } else {
                    strsim::damerau_levenshtein(&known, &given) + 1
                };
                (rank, symbol)
            })
            .filter(|(rank, _)| *rank <= most_edits + 1)
            .min_by_key(|(rank, _)| *rank)
            .map(|(_, symbol)| symbol)
    }
}

/// A number as a file would write it: `nan`, not `NaN`.
fn written(value: f64) -> String {
    value.to_string().to_lowercase()
}

fn plain_character(character: char) -> char {
    match character {
        '²' => '2',
        '³' => '3',
        '·' | '⋅' | '*' => ' ',
        other => other,
    }
}

/// Splits after the longest leading decimal number; the first part is empty where there is none.
fn split_number(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    let digits_from = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let start = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits_from(start);
    let mut end = whole;
    if bytes.get(whole) == Some(&b'.') {
        end = digits_from(whole + 1);
        if end == start + 1 {
            return ("", text);
        }
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits_from(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    text.split_at(end)
}
