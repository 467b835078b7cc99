//! What differs from one instance to the next: spread, per-asset tables, overrides, in that order.

use std::collections::HashMap;

/// Which indices of a name a rule covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Indices {
    /// `*`
    All,
    /// `3` or `0-7`, inclusive.
    Range(u32, u32),
}

impl Indices {
    /// Whether `index` is covered.
    pub fn contains(&self, index: u32) -> bool {
        match *self {
            Self::All => true,
            Self::Range(first, last) => (first..=last).contains(&index),
        }
    }
}

/// One step of an asset path: `rack.17`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Name.
    pub name: String,
    /// Instances.
    pub indices: Indices,
}

/// How a spread is distributed; all multiply the value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Distribution {
    /// 1 + σ·z.
    Normal {
        /// Relative standard deviation.
        sigma: f64,
    },
    /// exp(σ·z).
    LogNormal {
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Uniform between 1 − w and 1 + w.
    Uniform {
        /// Half width.
        half_width: f64,
    },
    /// `factor` with this probability, else 1 (blocked plates).
    Chance {
        /// Probability.
        probability: f64,
        /// Multiplier where it strikes.
        factor: f64,
    },
}

/// What a rule does to a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Multiply by a factor hashed from (seed, path, key).
    Spread {
        /// Seed.
        seed: u64,
        /// Distribution.
        distribution: Distribution,
    },
    /// Look the asset's indices up in a table; assets that are not in it keep their value.
    Table(HashMap<Box<[u32]>, f64>),
    /// Replace by a value, SI.
    Set(f64),
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Assets it covers: a step for each group, rack, server and device (`gpu`) of the path.
    pub path: Vec<Step>,
    /// Key at that asset (`idle_power`, `plate.pressure_drop_factor`).
    pub key: String,
    /// What it does.
    pub action: Action,
}

/// All rules, in the order in which they apply (spread, table, override, `--set`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Variations {
    /// The rules.
    pub rules: Vec<Rule>,
}

/// stub
pub enum Distinct {
    /// n
    None,
    /// a
    All,
    /// s
    Some(Vec<u32>),
}
/// stub
pub struct Matched<'a> {
    /// r
    pub rule: &'a Rule,
    /// x
    pub rest: &'a [Step],
}
impl Variations {
    /// stub
    pub fn distinct(&self, _: &[&str], _: &[u32], _: u32) -> Distinct {
        Distinct::None
    }
    /// stub
    pub fn rules_for(&self, _: &[(&str, u32)]) -> Vec<Matched<'_>> {
        Vec::new()
    }
}
impl Rule {
    /// stub
    pub fn apply(&self, _: &[u32], base: f64) -> f64 {
        base
    }
}
