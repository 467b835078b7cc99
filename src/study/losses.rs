//! What can be lost, one thing at a time, and which changes of the hall stand for it.
//!
//! | kind | losses |
//! |---|---|
//! | pumps, CDUs, exchangers, tower cells, dry coolers, chillers, air handlers | one unit; where fewer run than are installed, a reserve takes over |
//! | CDU | one of its pumps (where two or more run), fouled, filter blocked, valve stuck open or shut |
//! | exchanger, economiser | fouled |
//! | valve | stuck open, stuck shut |
//! | rear door | its fans: the servers' own push a third of the air (assumed, grade D) |
//! | given water | no pressure |
//! | heat reuse | the network takes no heat |
//! | transformer, busway | one of the units in parallel |
//! | UPS | one module; of two systems one; a lone module leaves its load on the bypass |
//! | feed, transformer, busway, UPS, power supply on one of a load's two paths | all of it: the load goes on on the others, which the list of feeders claims |
//!
//! A loss strikes one instance. Of instances that the model solves as one it does not matter which; of a group whose
//! instances differ, that with the hottest GPU is taken, or every one.

mod kinds;

use serde::Serialize;

use crate::component::Kind;
use crate::hall::model::Hall;
use crate::hall::variation::{Indices, Rule};
use crate::network::{Block, Network, path_text};
use crate::result::gather::{gather, group_path};
use crate::result::{GpuPoint, gpu_points};
use crate::study::Run;
use crate::study::scenario::{Change, Scenario};
use kinds::{least_running, lose, of_component};

/// How hard what is not simply lost is struck; assumptions, of grade D.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Severity {
    /// Resistance added to an exchanger by fouling, as a share of its resistance at the undisturbed point.
    pub fouling: f64,
    /// Factor on the pressure drop of a filter.
    pub blockage: f64,
}

impl Default for Severity {
    fn default() -> Self {
        Self {
            fouling: 0.5,
            blockage: 5.0,
        }
    }
}

/// What sort of loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// A unit of several, or the only one.
    Unit,
    /// One of two whole systems.
    System,
    /// A part inside a unit.
    Part,
    /// Fouled.
    Fouled,
    /// Filter blocked.
    Blocked,
    /// Valve stuck open.
    StuckOpen,
    /// Valve stuck shut.
    StuckShut,
}

/// Redundancy that the file claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claimed {
    /// `N+1`, `N+2`, `2N`.
    pub words: String,
    /// Losses that it must stand: units, or systems.
    pub losses: u32,
    /// Key that claims it.
    pub key: &'static str,
}

/// One loss.
#[derive(Debug, Clone, PartialEq)]
pub struct Loss {
    /// Path of the instance struck, with what is lost: `hall.0.towers: cell`.
    pub name: String,
    /// Path of the instance.
    pub path: String,
    /// Path with `*` for indices.
    pub group: String,
    /// Kind of the component.
    pub kind: &'static str,
    /// Sort of loss.
    pub sort: Sort,
    /// What happens, in words.
    pub text: String,
    /// Instances that the one struck stands for, itself included.
    pub alike: u64,
    /// Why nothing can be solved, where that is plain beforehand.
    pub hopeless: Option<&'static str>,
    /// Redundancy claimed against it.
    pub claimed: Option<Claimed>,
    /// Changes of the hall.
    pub changes: Vec<Change>,
    place: Place,
}

/// Where a loss strikes: enough to make it stand for several units.
#[derive(Debug, Clone, PartialEq)]
struct Place {
    block: Vec<(String, u32)>,
    name: String,
    units: Option<Units>,
}

/// Units in parallel.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Units {
    kind: Kind,
    /// Installed.
    count: f64,
    /// That may run.
    may: f64,
    /// Claimed in reserve, of transformers.
    redundant: f64,
}

impl Loss {
    /// As a scenario.
    pub fn scenario(&self) -> Scenario {
        Scenario {
            name: self.name.clone(),
            text: self.text.clone(),
            changes: self.changes.clone(),
        }
    }

    /// The same loss in the next instance of the innermost group of several that holds it, with the path there; `None`
    /// where there is no other instance.
    pub fn elsewhere(&self, hall: &Hall) -> Option<(String, Vec<Change>)> {
        let mut block = self.place.block.clone();
        let mut group = &hall.root;
        let mut innermost = None;
        for (at, (name, _)) in block.iter().enumerate() {
            group = group.groups.iter().find(|group| group.name == *name)?;
            if group.count > 1 {
                innermost = Some((at, group.count as u32));
            }
        }
        let (at, count) = innermost?;
        let own = block.get(at)?.1;
        let next = if own + 1 < count { own + 1 } else { own - 1 };
        block.get_mut(at)?.1 = next;
        let changes = self.changes.iter().map(|change| match change {
            Change::Value(rule) => {
                let mut path = rule.path.clone();
                if let Some(step) = path.get_mut(at) {
                    step.indices = Indices::Range(next, next);
                }
                Change::Value(Rule::new(path, rule.key.clone(), rule.action.clone()))
            }
            other => other.clone(),
        });
        let path = format!("{}.{}", path_text(&block), self.place.name);
        Some((path, changes.collect()))
    }

    /// Whether both strike in instances of one group.
    pub fn beside(&self, other: &Self) -> bool {
        let names = |loss: &Self| {
            loss.place
                .block
                .iter()
                .map(|(name, _)| name.clone())
                .collect()
        };
        let (own, others): (Vec<String>, Vec<String>) = (names(self), names(other));
        !own.is_empty() && own == others
    }

    /// The loss of `number` units of the same set; `None` where there are not as many, or it is not of that sort.
    pub fn times(&self, number: u32) -> Option<Scenario> {
        let units = self.place.units?;
        let lost = f64::from(number);
        // Only what can be at rest can be lost altogether.
        let most = units.count - f64::from(least_running(units.kind).is_none());
        (lost < most + 0.5).then(|| Scenario {
            name: format!("{}, {number} units", self.path),
            text: String::new(),
            changes: lose(&self.place, units, lost),
        })
    }
}

/// All single losses of a solved hall; with `every`, of each instance that is told apart.
pub fn losses(run: &Run, severity: Severity, every: bool) -> Vec<Loss> {
    let points = gpu_points(&run.network, &run.solution);
    let parts = gather(&run.network, &run.solution);
    let mut out = Vec::new();
    // Blocks stand with children before parents; losses are told from the hall inwards.
    for index in (0..run.network.blocks.len()).rev() {
        if every || chosen(&run.network, &points, index) {
            for part in parts.iter().filter(|part| part.block_index == index) {
                of_component(part, severity, &run.hall, &mut out);
            }
        }
    }
    out
}

/// Instances of a group that are told apart and not struck: group path and number.
pub fn left_out(run: &Run) -> Vec<(String, usize)> {
    let network = &run.network;
    let points = gpu_points(network, &run.solution);
    let mut out: Vec<(String, usize)> = Vec::new();
    for (index, block) in network.blocks.iter().enumerate() {
        if !block.components.is_empty() && !chosen(network, &points, index) {
            let group = group_path(&block.path, "");
            let group = group.trim_end_matches('.').to_owned();
            match out.iter_mut().find(|(known, _)| *known == group) {
                Some((_, number)) => *number += 1,
                None => out.push((group, 1)),
            }
        }
    }
    out
}

fn names(block: &Block) -> impl Iterator<Item = &str> {
    block.path.iter().map(|(name, _)| name.as_str())
}

/// Whether this block is struck for all distinct blocks of its group: the first of those with the hottest GPU.
fn chosen(network: &Network, points: &[GpuPoint], index: usize) -> bool {
    let block = &network.blocks[index];
    let alike = |other: &Block| names(other).eq(names(block));
    let hottest = |block: &Block| {
        points
            .iter()
            .filter(|p| network.racks[p.rack as usize].path.starts_with(&block.path))
            .map(|p| p.junction)
            .fold(f64::NEG_INFINITY, f64::max)
    };
    let others: Vec<usize> = (0..network.blocks.len())
        .filter(|&k| alike(&network.blocks[k]))
        .collect();
    if others.len() == 1 {
        return true;
    }
    let best = others
        .iter()
        .copied()
        .reduce(|a, b| {
            if hottest(&network.blocks[b]) > hottest(&network.blocks[a]) {
                b
            } else {
                a
            }
        })
        .unwrap_or(index);
    best == index
}
