//! What is minimised: power, water, cost, or a weighted sum of them.
//!
//! All are a·P + b·W with the facility's power P and make-up water W, in an hour; over a year they are summed by hours.

use serde::Serialize;

use crate::result::Facility;

/// J in a kWh.
const KWH: f64 = 3.6e6;

/// What is minimised.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// Facility power.
    Power,
    /// Make-up water.
    Water,
    /// Cost of electricity and water.
    Cost,
    /// A sum with weights of its own.
    Sum,
}

/// Prices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Prices {
    /// USD per J.
    pub electricity: Option<f64>,
    /// USD per m3.
    pub water: Option<f64>,
}

impl Prices {
    /// Cost of an hour, USD; `None` without a price of electricity.
    pub fn cost_per_h(&self, power_w: f64, water_l_per_h: f64) -> Option<f64> {
        let electricity = self.electricity?;
        Some(power_w * 3600.0 * electricity + self.water.unwrap_or(0.0) * 1e-3 * water_l_per_h)
    }
}

/// The objective: weights on power and water.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Objective {
    /// What is minimised.
    pub aim: Aim,
    /// Weight of power, in the objective's unit per kW.
    pub per_kw: f64,
    /// Weight of water, in the objective's unit per L/h.
    pub per_l_per_h: f64,
    /// In words.
    pub words: String,
}

/// What is allowed.
const ALLOWED: &str = "allowed: power, water, cost, or weights such as power=1,water=0.002 (in kW and L/h), cost=1 (in USD/h)";

impl Objective {
    /// Reads `power`, `water`, `cost`, or `power=1,water=0.002`.
    ///
    /// # Errors
    /// Words for what is wrong.
    pub fn parse(text: &str, prices: &Prices) -> Result<Self, String> {
        let priced = || {
            prices.electricity.ok_or_else(|| {
                "a cost needs the price of electricity: give --electricity-price \"0.06 USD/kWh\", or electricity_price in [annual] of the hall file".to_owned()
            })
        };
        let cost = |weight: f64| -> Result<(f64, f64), String> {
            let electricity = priced()? * KWH;
            Ok((
                weight * electricity,
                weight * prices.water.unwrap_or(0.0) * 1e-3,
            ))
        };
        let (aim, per_kw, per_l_per_h, words) = match text.trim() {
            "power" => (Aim::Power, 1.0, 0.0, "facility power".to_owned()),
            "water" => (Aim::Water, 0.0, 1.0, "make-up water".to_owned()),
            "cost" => {
                let (a, b) = cost(1.0)?;
                let words = if prices.water.is_some() {
                    "cost of electricity and water"
                } else {
                    "cost of electricity"
                };
                (Aim::Cost, a, b, words.to_owned())
            }
            sum => {
                let (mut a, mut b) = (0.0, 0.0);
                let mut seen: Vec<&str> = Vec::new();
                for term in sum.split(',') {
                    let Some((name, weight)) = term.split_once('=') else {
                        return Err(format!("`{}` cannot be minimised; {ALLOWED}", term.trim()));
                    };
                    let (name, weight) = (name.trim(), weight.trim());
                    let weight: f64 = weight
                        .parse()
                        .ok()
                        .filter(|weight: &f64| weight.is_finite() && *weight >= 0.0)
                        .ok_or_else(|| {
                            format!("`{weight}` is no weight; a weight is a number of 0 or more")
                        })?;
                    if seen.contains(&name) {
                        return Err(format!("`{name}` stands twice in the sum"));
                    }
                    seen.push(name);
                    match name {
                        "power" => a += weight,
                        "water" => b += weight,
                        "cost" => {
                            let (more_a, more_b) = cost(weight)?;
                            a += more_a;
                            b += more_b;
                        }
                        other => {
                            return Err(format!("`{other}` cannot be minimised; {ALLOWED}"));
                        }
                    }
                }
                if a == 0.0 && b == 0.0 {
                    return Err("all weights are 0, so that nothing is minimised".to_owned());
                }
                (Aim::Sum, a, b, format!("weighted sum {}", sum.trim()))
            }
        };
        Ok(Self {
            aim,
            per_kw,
            per_l_per_h,
            words,
        })
    }

    /// Its value in an hour.
    pub fn of(&self, facility: &Facility) -> f64 {
        self.value(facility.power_w, facility.water_l_per_h)
    }

    /// Its value in an hour from power in W and water in L/h.
    pub fn value(&self, power_w: f64, water_l_per_h: f64) -> f64 {
        self.per_kw * power_w * 1e-3 + self.per_l_per_h * water_l_per_h
    }

    /// Unit of an hour's value; of a sum over hours where `year`.
    pub fn unit(&self, year: bool) -> &'static str {
        match (self.aim, year) {
            (Aim::Power, false) => "kW",
            (Aim::Power, true) => "kWh",
            (Aim::Water, false) => "L/h",
            (Aim::Water, true) => "L",
            (Aim::Cost, false) => "USD/h",
            (Aim::Cost, true) => "USD",
            (Aim::Sum, _) => "of the sum",
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Objective, Prices};

    #[test]
    fn weights_are_read() {
        let prices = Prices {
            electricity: Some(0.06 / 3.6e6),
            water: Some(2.0),
        };
        let of = |text: &str| Objective::parse(text, &prices).unwrap().value(1e6, 500.0);
        assert_eq!(of("power"), 1000.0);
        assert_eq!(of("water"), 500.0);
        assert!((of("cost") - (60.0 + 1.0)).abs() < 1e-9);
        assert_eq!(of("power=1,water=0.002"), 1001.0);
        assert!((of("cost=2") - 122.0).abs() < 1e-9);
        for (wrong, part) in [
            ("pue", "cannot be minimised"),
            ("power=x", "no weight"),
            ("power=-1", "no weight"),
            ("power=1,power=2", "twice"),
            ("power=0", "nothing is minimised"),
        ] {
            let error = Objective::parse(wrong, &prices).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        let error = Objective::parse("cost", &Prices::default()).unwrap_err();
        assert!(error.contains("--electricity-price"), "{error}");
    }
}
