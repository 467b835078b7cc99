//! Published power claims (`[claims.NAME]`) held against every boundary and state that they could mean.
//!
//! A claim of a power says seldom what it is the power of. Boundaries, from the inside out: the rated power of all GPUs
//! (their nameplate), what the GPUs draw, the racks, the IT equipment, and the facility at the meter; the last four in
//! each operating state. The claim matches the boundary whose power is nearest to it as a ratio, |ln(claim/value)|, so
//! that half and double count alike. Beyond [`MATCH`] it is said to be none of them.

use serde::Serialize;

use crate::component::device;
use crate::hall::model::{Claim, DeviceRole};
use crate::network::Network;
use crate::result::SolveResult;

/// |ln(claim/value)| up to which a claim is taken to mean a boundary.
pub const MATCH: f64 = 0.05;

/// What a power is the power of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Boundary {
    /// Rated power of all GPUs.
    GpuNameplate,
    /// What the GPUs draw.
    Gpus,
    /// What all racks draw.
    Racks,
    /// IT equipment.
    It,
    /// The facility at its meter.
    Facility,
}

impl Boundary {
    /// All, from the inside out.
    pub const ALL: [Self; 5] = [
        Self::GpuNameplate,
        Self::Gpus,
        Self::Racks,
        Self::It,
        Self::Facility,
    ];

    /// Heading of its row.
    pub const fn label(self) -> &'static str {
        match self {
            Self::GpuNameplate => "GPU nameplate",
            Self::Gpus => "GPUs",
            Self::Racks => "Servers (all racks)",
            Self::It => "IT equipment",
            Self::Facility => "Facility, at the meter",
        }
    }

    /// In a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::GpuNameplate => "the GPUs' nameplate",
            Self::Gpus => "the GPUs",
            Self::Racks => "the servers",
            Self::It => "the IT equipment",
            Self::Facility => "the facility",
        }
    }

    /// Its power, W; `nameplate` is the sum of the GPUs' rated power.
    pub fn watts(self, nameplate: f64, result: &SolveResult) -> f64 {
        match self {
            Self::GpuNameplate => nameplate,
            Self::Gpus => result.gpus.power_w,
            Self::Racks => racks(result),
            Self::It => result.facility.it_power_w,
            Self::Facility => result.facility.power_w,
        }
    }
}

/// Power at the rack inlets: all that racks draw, without storage and the like, W.
pub fn racks(result: &SolveResult) -> f64 {
    let rows = result.power.iter().filter(|row| row.kind == "rack");
    rows.map(|row| row.watts).sum()
}

/// Sum of the GPUs' rated power, W.
pub fn nameplate(network: &Network) -> f64 {
    let racks = network.racks.iter().map(|rack| {
        let sets = rack.design.sets.iter();
        let each: f64 = sets
            .filter(|set| set.role == DeviceRole::Gpu)
            .map(|set| {
                let rated = device::Parameters::<f64>::load(&set.device_theta).rated_power;
                (set.count * rack.design.servers) as f64 * rated
            })
            .sum();
        each * f64::from(rack.multiplicity)
    });
    racks.sum()
}

/// A boundary, and how far off the claim is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// Boundary.
    pub boundary: Boundary,
    /// Operating state; null for the nameplate.
    pub state: Option<String>,
    /// Power there, W.
    pub watts: f64,
    /// Claim over value, less 1.
    pub miss: f64,
}

impl Candidate {
    /// |ln(claim/value)|.
    fn distance(&self) -> f64 {
        (1.0 + self.miss).ln().abs()
    }

    /// In a sentence.
    pub fn words(&self) -> String {
        match &self.state {
            Some(state) => format!("{} in state {state}", self.boundary.words()),
            None => self.boundary.words().to_owned(),
        }
    }
}

/// One claim's audit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Audit {
    /// Name of the claim.
    pub name: String,
    /// Power claimed, W.
    pub power_w: f64,
    /// Words of the claim.
    pub text: String,
    /// Source.
    pub source: String,
    /// What it comes nearest to; null where no state has a solution.
    pub nearest: Option<Candidate>,
    /// Whether it is near enough to be meant.
    pub matches: bool,
    /// All boundaries in all states, from the inside out.
    pub candidates: Vec<Candidate>,
}

/// Audits claims against the solved states.
pub fn audit(claims: &[Claim], nameplate: f64, states: &[(&str, &SolveResult)]) -> Vec<Audit> {
    claims
        .iter()
        .map(|claim| {
            let mut candidates = Vec::new();
            let mut add = |boundary, state: Option<&str>, watts: f64| {
                if watts > 0.0 {
                    candidates.push(Candidate {
                        boundary,
                        state: state.map(str::to_owned),
                        watts,
                        miss: claim.power_w / watts - 1.0,
                    });
                }
            };
            add(Boundary::GpuNameplate, None, nameplate);
            for boundary in &Boundary::ALL[1..] {
                for (state, result) in states {
                    add(*boundary, Some(state), boundary.watts(nameplate, result));
                }
            }
            // The first of equals: a nameplate goes before a state that happens to draw it.
            let nearest = candidates
                .iter()
                .reduce(|a, b| {
                    if b.distance() < a.distance() - 1e-12 {
                        b
                    } else {
                        a
                    }
                })
                .cloned();
            Audit {
                name: claim.name.clone(),
                power_w: claim.power_w,
                text: claim.text.clone(),
                source: claim.source.clone(),
                matches: nearest.as_ref().is_some_and(|n| n.distance() < MATCH),
                nearest,
                candidates,
            }
        })
        .collect()
}

impl Audit {
    /// What it matches, and by how much it misses the other boundaries in the state `present` (else in the first).
    /// `power` and `share` write a power in W and a relative difference.
    pub fn verdict(
        &self,
        present: &str,
        power: &dyn Fn(f64) -> String,
        share: &dyn Fn(f64) -> String,
    ) -> String {
        let Some(nearest) = &self.nearest else {
            return "No state has a solution to hold it against.".to_owned();
        };
        let claimed = power(self.power_w);
        let found = format!(
            "{} ({}, off by {})",
            nearest.words(),
            power(nearest.watts),
            share(nearest.miss)
        );
        let mut out = if self.matches {
            format!("{claimed} is {found}.")
        } else {
            format!("{claimed} is none of these within 5 %; it comes nearest to {found}.")
        };
        let mut states = self.candidates.iter().filter_map(|c| c.state.as_deref());
        let first = states.clone().next();
        let Some(state) = states.find(|state| *state == present).or(first) else {
            return out;
        };
        let misses: Vec<String> = self
            .candidates
            .iter()
            .filter(|c| *c != nearest && c.state.as_deref().is_none_or(|name| name == state))
            .map(|c| format!("{} by {}", c.boundary.words(), share(c.miss)))
            .collect();
        if let Some((last, others)) = misses.split_last() {
            let list = if others.is_empty() {
                last.clone()
            } else {
                format!("{} and {last}", others.join(", "))
            };
            out.push_str(&format!(" In state {state} it misses {list}."));
        }
        out
    }
}
