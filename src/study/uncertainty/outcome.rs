//! What is found: results, their distributions, and what each input does to them.

use serde::Serialize;

use super::effects::Effect;
use super::inputs::Input;
use super::sobol::Pair;
use crate::result::SolveResult;
use crate::study::derivatives::{Derived, Slopes};

/// A result that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// Facility power, W.
    Power,
    /// IT power, W.
    ItPower,
    /// PUE at this point.
    Pue,
    /// Hottest GPU, °C.
    HottestGpu,
    /// GPUs throttled or shut down.
    Slowed,
}

impl Output {
    /// All.
    pub const ALL: [Self; 5] = [
        Self::Power,
        Self::ItPower,
        Self::Pue,
        Self::HottestGpu,
        Self::Slowed,
    ];

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Power => "facility power",
            Self::ItPower => "IT power",
            Self::Pue => "PUE",
            Self::HottestGpu => "hottest GPU",
            Self::Slowed => "GPUs throttled or shut down",
        }
    }

    /// In words within a sentence, with the article that it takes.
    pub const fn named(self) -> &'static str {
        match self {
            Self::HottestGpu => "the hottest GPU",
            Self::Slowed => "the number of GPUs throttled or shut down",
            other => other.words(),
        }
    }

    /// Its value; `None` where there is none (no IT, no GPUs).
    fn of(self, result: &SolveResult) -> Option<f64> {
        match self {
            Self::Power => Some(result.facility.power_w),
            Self::ItPower => Some(result.facility.it_power_w),
            Self::Pue => result.facility.pue,
            Self::HottestGpu => result.gpus.temperature_max_c,
            Self::Slowed => Some((result.gpus.throttled + result.gpus.shut_down) as f64),
        }
    }
}

pub(super) type Values = [Option<f64>; Output::ALL.len()];

pub(super) fn values(result: &SolveResult) -> Values {
    Output::ALL.map(|output| output.of(result))
}

/// Results at an input's two ends, others at their present values; null without a solution.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Swing {
    /// The input.
    pub input: Input,
    /// Each result at its low end.
    pub low: Values,
    /// Each result at its high end.
    pub high: Values,
    /// Share of the variance of each result that it explains; null where it is not sampled.
    pub shares: Values,
    /// Whether it is sampled.
    pub sampled: bool,
    /// Exact slopes of facility power, IT power, PUE and hottest GPU by the input's unit; null where there is none.
    pub slopes: Values,
    /// Whether a smaller and a greater value do not move a result alike; the slopes are then those of a greater one.
    pub kink: bool,
    /// Whether devices switch (a control at its stop, a GPU at its limit) between the present value and each end.
    pub switches: [bool; 2],
    /// Sobol' indices of each result, where they were asked for.
    pub indices: [Option<Pair>; Output::ALL.len()],
}

impl Swing {
    /// How far it moves a result: the widest of low, base and high.
    pub fn reach(&self, output: usize, base: &Values) -> f64 {
        let all = [self.low[output], self.high[output], base[output]];
        let known = all.iter().flatten();
        let high = known.clone().copied().fold(f64::NEG_INFINITY, f64::max);
        let low = known.copied().fold(f64::INFINITY, f64::min);
        if high >= low { high - low } else { 0.0 }
    }
}

/// A result's distribution.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spread {
    /// The result.
    pub output: Output,
    /// Value of the hall as it stands.
    pub base: Option<f64>,
    /// Quantile 5 %.
    pub p5: Option<f64>,
    /// Median.
    pub p50: Option<f64>,
    /// Quantile 95 %.
    pub p95: Option<f64>,
    /// Mean.
    pub mean: Option<f64>,
    /// Standard deviation.
    pub deviation: Option<f64>,
    /// Share of the variance that the regression explains; null where nothing varies.
    pub r_squared: Option<f64>,
    /// The sample itself, in the order of its points.
    #[serde(skip)]
    pub values: Vec<f64>,
}

pub(super) fn spread(
    output: Output,
    base: Option<f64>,
    values: Vec<f64>,
    r_squared: Option<f64>,
) -> Spread {
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    let quantile = |share: f64| {
        let last = sorted.len().checked_sub(1)?;
        let place = share * last as f64;
        let (low, high) = (place.floor() as usize, place.ceil() as usize);
        Some(sorted[low] + (sorted[high] - sorted[low]) * (place - low as f64))
    };
    let n = values.len() as f64;
    let mean = (n > 0.0).then(|| values.iter().sum::<f64>() / n);
    let deviation = mean.filter(|_| n > 1.0).map(|mean| {
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (squares / (n - 1.0)).sqrt()
    });
    Spread {
        output,
        base,
        p5: quantile(0.05),
        p50: quantile(0.5),
        p95: quantile(0.95),
        mean,
        deviation,
        r_squared,
        values,
    }
}

/// How Sobol' indices were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct IndexSample {
    /// Rows.
    pub rows: u32,
    /// Inputs.
    pub inputs: usize,
    /// Points solved: rows × (inputs + 2).
    pub points: usize,
    /// Of them without a solution.
    pub unsolved: usize,
}

/// All that was found.
#[derive(Debug, Clone, Serialize)]
pub struct Uncertainty {
    /// Version of this structure.
    pub schema_version: u32,
    /// Name of the hall.
    pub name: String,
    /// Operating state.
    pub state: String,
    /// Outdoor condition, in words.
    pub scenario: String,
    /// Points sampled.
    pub samples: u32,
    /// Of them with a solution.
    pub solved: usize,
    /// Of them in which every limit holds.
    pub holding: usize,
    /// Reasons of those without a solution, with their number.
    pub unsolved: Vec<(String, usize)>,
    /// Distributions.
    pub spreads: Vec<Spread>,
    /// Inputs: those that move facility power most first.
    pub swings: Vec<Swing>,
    /// Inputs without a range that the hall file takes.
    pub refused: Vec<String>,
    /// What each number of the hall moves, by exact derivatives: those that move facility power most first.
    pub effects: Vec<Effect>,
    /// Devices at the point at which they switch: derivatives are those of the side on which they do not.
    pub edges: Vec<String>,
    /// How Sobol' indices were found, where they were asked for.
    pub index_sample: Option<IndexSample>,
}

/// Slopes in the order of the results that are looked at.
pub(super) fn by_output(slopes: &Slopes) -> Values {
    Output::ALL.map(|output| {
        let derived = match output {
            Output::Power => Derived::Power,
            Output::ItPower => Derived::ItPower,
            Output::Pue => Derived::Pue,
            Output::HottestGpu => Derived::HottestGpu,
            Output::Slowed => return None,
        };
        let place = Derived::ALL.iter().position(|one| *one == derived)?;
        slopes[place]
    })
}
