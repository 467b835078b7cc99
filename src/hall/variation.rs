//! What differs from one instance to the next: spread, per-asset tables, overrides, in that order.
//!
//! A rule covers the assets of a path of names, each with indices. An equipment entry carries no
//! index in a hall file and counts as index 0 here.

mod lookup;
mod query;
mod random;

pub use lookup::{Lookup, code};
pub use query::{Distinct, Matched};
use random::LANES;
pub use random::{inverse_normal, uniform};

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
    Table(Lookup),
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
    /// Hash of all that a spread depends on beside the indices.
    salt: u64,
}

impl Rule {
    /// A rule.
    pub fn new(path: Vec<Step>, key: impl Into<String>, action: Action) -> Self {
        let key = key.into();
        let salt = match action {
            Action::Spread { seed, .. } => {
                random::salt(seed, path.iter().map(|step| step.name.as_str()), &key)
            }
            Action::Table(_) | Action::Set(_) => 0,
        };
        Self {
            path,
            key,
            action,
            salt,
        }
    }

    /// Whether the asset of these indices, one for each step, is covered.
    pub fn covers(&self, indices: &[u32]) -> bool {
        indices.len() == self.path.len()
            && self
                .path
                .iter()
                .zip(indices)
                .all(|(step, index)| step.indices.contains(*index))
    }

    /// The value of the asset of these indices (one for each step of the path) where it was `base`
    /// before; an asset that is not covered keeps it.
    pub fn apply(&self, indices: &[u32], base: f64) -> f64 {
        if !self.covers(indices) {
            return base;
        }
        match &self.action {
            Action::Set(value) => *value,
            Action::Table(table) => table.get(indices).unwrap_or(base),
            Action::Spread { distribution, .. } => {
                base * distribution.factor(uniform(self.salt, indices))
            }
        }
    }
}

impl Rule {
    /// [`Rule::apply`] to all assets of the last step side by side: `around` are the indices of what they are in,
    /// `values` theirs from index 0.
    pub fn apply_to_all(&self, around: &[u32], values: &mut [f64]) {
        let Some((last, outer)) = self.path.split_last() else {
            return;
        };
        let covered = outer.len() == around.len()
            && (outer.iter().zip(around)).all(|(step, index)| step.indices.contains(*index));
        if !covered {
            return;
        }
        let first = match last.indices {
            Indices::All => 0,
            Indices::Range(first, _) => first,
        };
        let end = match last.indices {
            Indices::All => values.len(),
            Indices::Range(_, last) => values.len().min(last as usize + 1),
        };
        let Some(values) = values.get_mut(first as usize..end) else {
            return;
        };
        match &self.action {
            Action::Set(value) => values.fill(*value),
            Action::Table(table) => table.replace(around, first, values),
            Action::Spread { distribution, .. } => {
                let around = random::hashed(self.salt, around);
                for (part, values) in values.chunks_mut(LANES).enumerate() {
                    let first = first + (part * LANES) as u32;
                    let draws = std::array::from_fn(|lane| {
                        random::draw(random::one_more(around, first + lane as u32))
                    });
                    let factors = distribution.factors(draws);
                    for (value, factor) in values.iter_mut().zip(factors) {
                        *value *= factor;
                    }
                }
            }
        }
    }
}

impl Distribution {
    /// [`Distribution::factor`] at each of several draws.
    fn factors(self, draws: [f64; LANES]) -> [f64; LANES] {
        match self {
            Self::Normal { sigma } => random::inverse_normals(draws).map(|z| 1.0 + sigma * z),
            Self::LogNormal { sigma } => {
                random::exps(random::inverse_normals(draws).map(|z| sigma * z))
            }
            Self::Uniform { .. } | Self::Chance { .. } => draws.map(|draw| self.factor(draw)),
        }
    }

    /// The factor at a uniform draw from 0 to 1, both excluded.
    pub fn factor(self, uniform: f64) -> f64 {
        match self {
            Self::Normal { sigma } => 1.0 + sigma * inverse_normal(uniform),
            Self::LogNormal { sigma } => random::exp(sigma * inverse_normal(uniform)),
            Self::Uniform { half_width } => 1.0 + half_width * (2.0 * uniform - 1.0),
            Self::Chance {
                probability,
                factor,
            } => {
                if uniform < probability {
                    factor
                } else {
                    1.0
                }
            }
        }
    }

    /// Least and greatest factor that any draw can give.
    pub fn extremes(self) -> (f64, f64) {
        // The draws next to 0 and 1.
        let (low, high) = (0.5 / 9_007_199_254_740_992.0, 1.0 - f64::EPSILON / 2.0);
        match self {
            Self::Chance { factor, .. } => (factor.min(1.0), factor.max(1.0)),
            other => (other.factor(low), other.factor(high)),
        }
    }
}

/// All rules, in the order in which they apply (spread, table, override, `--set`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Variations {
    /// The rules.
    pub rules: Vec<Rule>,
}

#[cfg(test)]
mod tests;
