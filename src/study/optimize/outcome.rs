//! What an optimisation found, put into words and numbers for readers.

use serde::Serialize;

use super::conditions::Over;
use super::objective::Objective;
use crate::result::SeverityName;
use crate::units::Dimension;

/// Everything that `optimize --json` prints. SI, temperatures in degC; objectives in their own unit.
#[derive(Debug, Clone, Serialize)]
pub struct Optimum {
    /// Version of this structure.
    pub schema_version: u32,
    /// Name of the hall.
    pub name: String,
    /// Operating state.
    pub state: String,
    /// What the set-points are chosen for, in words.
    pub scenario: String,
    /// What is minimised.
    pub minimise: Objective,
    /// Over what.
    pub over: Over,
    /// Hours that the objective is summed over; 1 unless over a year.
    pub hours: f64,
    /// Unit of the objective.
    pub unit: &'static str,
    /// Whether a point was found at which every limit that counts holds.
    pub feasible: bool,
    /// What was chosen.
    pub variables: Vec<Chosen>,
    /// The hall as it stands; null where it has no solution.
    pub today: Option<Figures>,
    /// The hall at the optimum, or where the least is broken.
    pub optimum: Figures,
    /// Objective of today less that of the optimum.
    pub gain: Option<f64>,
    /// Limits that bind, those of the highest price first.
    pub binding: Vec<BindingLimit>,
    /// Limits broken where nothing holds all of them: these and those that bind cannot be held together.
    pub broken: Vec<BrokenLimit>,
    /// Ranges of curves and correlations at whose edge the optimum stands, or that could not be kept.
    pub ranges: Vec<RangeEdge>,
    /// What the prices do not explain of the objective's slope, 0 to 1; null where none were found.
    pub residual: Option<f64>,
    /// How the search went.
    pub search: Searched,
    /// Warnings of the model at the optimum that today does not have.
    pub model_warnings: Vec<String>,
    /// What is to be known.
    pub warnings: Vec<String>,
    /// The objective along each range through the optimum.
    pub lines: Vec<Slice>,
    /// The objective over the two ranges, where there are two.
    pub grid: Option<Grid>,
}

/// A variable, and what was chosen.
#[derive(Debug, Clone, Serialize)]
pub struct Chosen {
    /// Name.
    pub name: String,
    /// Paths that it sets.
    pub paths: Vec<String>,
    /// Unit of the numbers, as written.
    pub unit: String,
    /// Least value; null for words.
    pub from: Option<f64>,
    /// Greatest value; null for words.
    pub to: Option<f64>,
    /// Allowed values, where they are few.
    pub choices: Vec<String>,
    /// Value today, as written.
    pub today: Option<String>,
    /// Value chosen, as written.
    pub optimum: String,
    /// The same as a number in `unit`.
    pub optimum_number: Option<f64>,
    /// `low` or `high` where it stands at an end of its range, `edge` where nothing beyond can be solved, or the model
    /// does not cover it.
    pub at: Option<&'static str>,
    /// What one unit more is worth, in the objective's unit; null where it does not stand at an end or edge.
    pub price: Option<f64>,
    /// Whether the objective has a kink or a step there, which holds the value.
    pub kink: bool,
    /// What the objective does below and above, where it has a kink or a step.
    pub sides: Option<[OneSide; 2]>,
}

/// What the objective does on one side of a set-point.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OneSide {
    /// Slope, in the objective's unit for one unit of the set-point; null without room or solution.
    pub slope: Option<f64>,
    /// By how much the objective is higher there at once.
    pub step: Option<f64>,
    /// Whether every limit that counts holds there.
    pub holds: bool,
    /// Devices that switch on the way.
    pub switches: Vec<Switched>,
}

/// A device that switches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Switched {
    /// Path, `*` for replicas.
    pub path: String,
    /// What it does at the optimum.
    pub from: String,
    /// What it does beyond.
    pub to: String,
}

/// Switches of devices in a sentence.
const SWITCHES: usize = 2;

impl Chosen {
    /// What one unit of it is called.
    pub fn per(&self) -> &str {
        match self.unit.as_str() {
            "" => "1",
            "degC" | "degF" => "K",
            unit => unit,
        }
    }

    /// What happens on both sides of a kink, in a sentence; none where there is no kink.
    pub fn bends(&self, unit: &str) -> Option<String> {
        let sides = self.sides.as_ref()?;
        let side = |index: usize| -> String {
            let one = &sides[index];
            let place = ["below", "above"][index];
            let along = match (one.step, one.slope) {
                (Some(step), _) if step >= 0.0 => format!("a step up of {}", amount(step, unit)),
                (Some(step), _) => format!("a step down of {}", amount(-step, unit)),
                (None, Some(slope)) => {
                    // Going down a positive slope saves.
                    let change = if index == 0 { -slope } else { slope };
                    let size = amount(change.abs(), unit);
                    let verb = if change < 0.0 { "less" } else { "more" };
                    if size.starts_with("0 ") {
                        "no change".to_owned()
                    } else {
                        format!("{size} {verb} per {}", self.per())
                    }
                }
                (None, None) => "no way on".to_owned(),
            };
            let mut why: Vec<String> = one
                .switches
                .iter()
                .take(SWITCHES)
                .map(|one| format!("{}: {}, not {}", one.path, one.to, one.from))
                .collect();
            if one.switches.len() > SWITCHES {
                why.push(format!("{} more", one.switches.len() - SWITCHES));
            }
            if !one.holds && one.slope.is_some() {
                why.push("a limit breaks".to_owned());
            }
            let why = if why.is_empty() {
                String::new()
            } else {
                format!(" ({})", why.join("; "))
            };
            format!("{place} {along}{why}")
        };
        Some(format!("{} at a kink: {}; {}", self.name, side(0), side(1)))
    }
}

/// The hall at some set-points. Over several conditions power and water are means by hours, or those of the worst.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Figures {
    /// The objective.
    pub objective: f64,
    /// Facility power, W.
    pub power_w: f64,
    /// IT power, W.
    pub it_power_w: f64,
    /// Cooling power, W.
    pub cooling_power_w: f64,
    /// Make-up water, L/h.
    pub water_l_per_h: f64,
    /// Facility over IT power.
    pub pue: Option<f64>,
    /// Cost, USD per hour; null without a price of electricity.
    pub cost_per_h: Option<f64>,
    /// Hottest GPU of all conditions, degC.
    pub gpu_temperature_max_c: Option<f64>,
    /// Limits that count and are broken, over all conditions.
    pub limits_broken: usize,
    /// Conditions without a solution.
    pub unsolved: usize,
}

/// A limit without margin.
#[derive(Debug, Clone, Serialize)]
pub struct BindingLimit {
    /// Path.
    pub path: String,
    /// What is limited.
    pub what: String,
    /// Condition in which it binds.
    pub condition: String,
    /// Severity.
    pub severity: SeverityName,
    /// Value.
    pub value: Option<f64>,
    /// Limit.
    pub limit: f64,
    /// Unit of both.
    pub unit: &'static str,
    /// Gain of the objective for one unit (SI; kelvin for temperatures) more of limit; 0 where another limit, or a device
    /// that switches, holds the optimum at once.
    pub price: f64,
    /// What one unit less costs; null where nothing holds that could pay for it.
    pub cost: Option<f64>,
    /// Dimension, for display.
    #[serde(skip)]
    pub dimension: Dimension,
}

impl BindingLimit {
    /// What one unit is worth, in words.
    pub fn worth(&self, unit: &str) -> String {
        let (symbol, scale) = price_unit(self.dimension, self.limit);
        let of = |price: f64| amount(price * scale, unit);
        match self.cost {
            Some(cost) if cost <= 0.0 => "nothing: others hold it already".to_owned(),
            Some(cost) if cost > self.price && self.price <= 0.0 => {
                format!("one {symbol} less costs {}, more gains nothing", of(cost))
            }
            Some(cost) if cost > self.price => format!(
                "one {symbol} less costs {}, more gains {}",
                of(cost),
                of(self.price)
            ),
            Some(_) => format!("{} per {symbol}", of(self.price)),
            None => format!(
                "one {symbol} more gains {}; less cannot be held",
                of(self.price)
            ),
        }
    }
}

/// A range of the model that holds the optimum.
#[derive(Debug, Clone, Serialize)]
pub struct RangeEdge {
    /// Path.
    pub path: String,
    /// The warning of the model that stands beyond.
    pub text: String,
    /// Condition in which it holds the optimum.
    pub condition: String,
    /// Whether it is left all the same, for want of points that keep it.
    pub left: bool,
}

impl RangeEdge {
    /// In words.
    pub fn sentence(&self) -> String {
        let how = if self.left {
            "Outside a range of the model"
        } else {
            "Held by the edge of a range of the model, beyond which"
        };
        format!("{how}: {}: {}", self.path, self.text)
    }
}

/// A broken limit.
#[derive(Debug, Clone, Serialize)]
pub struct BrokenLimit {
    /// Path.
    pub path: String,
    /// What is limited.
    pub what: String,
    /// Condition in which it is broken most.
    pub condition: String,
    /// Value.
    pub value: Option<f64>,
    /// Limit.
    pub limit: f64,
    /// Unit of both.
    pub unit: &'static str,
    /// By how much, below zero.
    pub margin: Option<f64>,
    /// Conditions in which it is broken.
    pub conditions: usize,
    /// Dimension, for display.
    #[serde(skip)]
    pub dimension: Dimension,
}

/// How a search went.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Searched {
    /// Conditions.
    pub conditions: usize,
    /// Solves in all.
    pub solves: u64,
    /// Points of the sample.
    pub sampled: usize,
    /// Of them with a solution.
    pub sampled_solved: usize,
    /// Of them with every limit held.
    pub sampled_holding: usize,
    /// Local searches.
    pub searches: usize,
    /// Combinations of choices that were searched.
    pub combinations: usize,
    /// Combinations that there are.
    pub combinations_of: f64,
    /// Reasons of points without a solution, with their number.
    pub unsolved: Vec<(String, usize)>,
}

/// The objective along one range, the others at the optimum.
#[derive(Debug, Clone, Serialize)]
pub struct Slice {
    /// Index of the variable.
    pub variable: usize,
    /// Value, objective (null without a solution), and whether every limit that counts holds.
    pub points: Vec<(f64, Option<f64>, bool)>,
}

/// The objective over two ranges.
#[derive(Debug, Clone, Serialize)]
pub struct Grid {
    /// Indices of the variables.
    pub variables: [usize; 2],
    /// Values of the first.
    pub xs: Vec<f64>,
    /// Values of the second.
    pub ys: Vec<f64>,
    /// Objective, all of the first `ys`, then all of the second; null without a solution.
    pub values: Vec<Option<f64>>,
    /// Least margin in the scale of margins (10 K, or the limit), below zero where a limit is broken.
    pub margins: Vec<f64>,
}

impl Optimum {
    /// Whether limits hold, but ranges of curves and correlations do not.
    pub fn only_ranges(&self) -> bool {
        !self.feasible && self.broken.is_empty() && self.ranges.iter().any(|one| one.left)
    }

    /// Whether any point at all has a solution.
    pub fn solved(&self) -> bool {
        self.optimum.unsolved == 0
    }
}

/// An amount of an objective in words: 4 digits and the unit that suits its size.
pub fn amount(value: f64, unit: &str) -> String {
    const LADDERS: [(&str, &[(f64, &str)]); 5] = [
        ("kW", &[(1e3, "MW"), (1.0, "kW"), (1e-3, "W")]),
        ("kWh", &[(1e6, "GWh"), (1e3, "MWh"), (1.0, "kWh")]),
        ("L/h", &[(1e4, "m3/h"), (1.0, "L/h")]),
        ("L", &[(1e3, "m3"), (1.0, "L")]),
        ("USD", &[(1.0, "USD")]),
    ];
    let ladder = LADDERS
        .iter()
        .find(|(own, _)| *own == unit)
        .map(|(_, ladder)| *ladder);
    let steps = ladder.unwrap_or(&[]);
    let step = steps
        .iter()
        .find(|(size, _)| value.abs() >= *size)
        .or(steps.last())
        .copied();
    // Water is counted in litres and shown in cubic metres.
    let (size, symbol) = match step {
        Some((_, symbol @ "m3/h")) => (1e3, symbol),
        Some(step) => step,
        None => (1.0, unit),
    };
    let number = value / size;
    let digits = number.abs().max(1e-9).log10().floor();
    let decimals = (4.0 - digits).clamp(0.0, 4.0) as usize;
    let text = format!("{number:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    let text = if text == "-0" { "0" } else { text };
    format!("{text} {symbol}")
}

/// The unit by which a limit is priced, and its size in SI.
pub fn price_unit(dimension: Dimension, limit: f64) -> (&'static str, f64) {
    let large = limit.abs() >= 1e6;
    match dimension {
        Dimension::Temperature | Dimension::TemperatureDifference => ("K", 1.0),
        Dimension::Pressure => ("kPa", 1e3),
        Dimension::Power if large => ("MW", 1e6),
        Dimension::Power => ("kW", 1e3),
        Dimension::ApparentPower if large => ("MVA", 1e6),
        Dimension::ApparentPower => ("kVA", 1e3),
        Dimension::VolumeFlow => ("L/min", 1e-3 / 60.0),
        Dimension::Fraction => ("percentage point", 0.01),
        Dimension::Dimensionless => ("1", 1.0),
        other => (other.si_symbol(), 1.0),
    }
}
