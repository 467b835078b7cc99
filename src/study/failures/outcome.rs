//! What came of a loss.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::network::path_text;
use crate::result::{LimitStatus, SeverityName, gpu_points};
use crate::solve::rack::status;
use crate::study::Run;
use crate::study::levels::{Level, Levels, starred};
use crate::units::Dimension;

/// How bad it is, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Consequence {
    /// Every limit holds that held before.
    Holds,
    /// Good practice is left.
    Advisory,
    /// A rating is left or a set-point missed.
    LimitBroken,
    /// GPUs run slower.
    Throttled,
    /// GPUs switch off.
    ShutDown,
    /// There is no steady state.
    NoSolution,
}

impl Consequence {
    /// All, the least first.
    pub const ALL: [Self; 6] = [
        Self::Holds,
        Self::Advisory,
        Self::LimitBroken,
        Self::Throttled,
        Self::ShutDown,
        Self::NoSolution,
    ];

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Advisory => "advisory exceeded",
            Self::LimitBroken => "limit broken",
            Self::Throttled => "GPUs throttled",
            Self::ShutDown => "GPUs shut down",
            Self::NoSolution => "no solution",
        }
    }
}

/// A broken limit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BrokenLimit {
    /// Level of the tree.
    pub level: Level,
    /// Path of the worst instance.
    pub path: String,
    /// What is limited.
    pub what: String,
    /// Value found.
    pub value: Option<f64>,
    /// Limit.
    pub limit: f64,
    /// Unit of both.
    pub unit: &'static str,
    /// Severity.
    pub severity: SeverityName,
    /// Instances that break it.
    pub broken_count: u64,
    /// Dimension, for display.
    #[serde(skip)]
    pub dimension: Dimension,
}

impl BrokenLimit {
    /// The same limit whatever the instance.
    fn same(&self, other: &Self) -> bool {
        self.what == other.what && starred(&self.path) == starred(&other.path)
    }
}

/// Racks whose GPUs suffer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RackLoss {
    /// Path of the rack, or of the first of those that it stands for.
    pub path: String,
    /// GPUs throttled, of all racks that it stands for.
    pub throttled: u64,
    /// GPUs shut down, likewise.
    pub shut_down: u64,
}

/// Least relative margin of a level: negative where a limit is broken.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LevelState {
    /// The level.
    pub level: Level,
    /// The worst of its limits: whether it is broken, only an advisory one, or holds.
    pub state: Consequence,
    /// Least relative margin of its limits that are no advisory ones.
    pub margin: Option<f64>,
}

/// What came of a loss.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// How bad it is.
    pub consequence: Consequence,
    /// Why there is no solution.
    pub reason: Option<String>,
    /// Power of the facility, W.
    pub power_w: Option<f64>,
    /// Hottest GPU, °C.
    pub gpu_temperature_max_c: Option<f64>,
    /// Least margin of a GPU to a protective limit, K.
    pub gpu_margin_min_k: Option<f64>,
    /// GPUs throttled.
    pub throttled: u64,
    /// GPUs shut down.
    pub shut_down: u64,
    /// Work lost, mean over all GPUs of the hall.
    pub lost_work_mean: f64,
    /// Work lost by a job that waits for its slowest GPU.
    pub lost_work_job: f64,
    /// Racks whose GPUs suffer, the worst first.
    pub racks: Vec<RackLoss>,
    /// Limits broken, that the undisturbed hall does not break.
    pub broken: Vec<BrokenLimit>,
    /// Limits broken in the undisturbed hall too.
    pub broken_before: Vec<BrokenLimit>,
    /// State of each level.
    pub levels: Vec<LevelState>,
}

impl Outcome {
    /// What came of a solved hall; `before` are limits broken without the loss.
    pub fn of(run: &Run, before: &[BrokenLimit]) -> Self {
        let result = &run.result;
        let levels = Levels::of(&run.hall.root);
        let all: Vec<BrokenLimit> = result
            .limits
            .iter()
            .filter(|limit| limit.status == LimitStatus::Broken)
            .map(|limit| BrokenLimit {
                level: levels.of_limit(limit),
                path: limit.path.clone(),
                what: limit.what.clone(),
                value: limit.value,
                limit: limit.limit,
                unit: limit.unit,
                severity: limit.severity,
                broken_count: limit.broken_count,
                dimension: limit.dimension,
            })
            .collect();
        let (broken_before, broken): (Vec<_>, Vec<_>) = all
            .into_iter()
            .partition(|limit| before.iter().any(|known| known.same(limit)));
        let gpus = &result.gpus;
        let consequence = if gpus.shut_down > 0 {
            Consequence::ShutDown
        } else if gpus.throttled > 0 {
            Consequence::Throttled
        } else if broken.iter().any(counts) {
            Consequence::LimitBroken
        } else if broken.is_empty() {
            Consequence::Holds
        } else {
            Consequence::Advisory
        };
        Self {
            consequence,
            reason: None,
            power_w: Some(result.facility.power_w),
            gpu_temperature_max_c: gpus.temperature_max_c,
            gpu_margin_min_k: gpus.margin_min_k,
            throttled: gpus.throttled,
            shut_down: gpus.shut_down,
            lost_work_mean: gpus.lost_work_mean,
            lost_work_job: gpus.lost_work_job,
            racks: racks(run),
            broken,
            broken_before,
            levels: level_states(run, &levels),
        }
    }

    /// Nothing could be solved.
    pub fn unsolved(reason: String) -> Self {
        Self {
            consequence: Consequence::NoSolution,
            reason: Some(reason),
            power_w: None,
            gpu_temperature_max_c: None,
            gpu_margin_min_k: None,
            throttled: 0,
            shut_down: 0,
            lost_work_mean: 1.0,
            lost_work_job: 1.0,
            racks: Vec::new(),
            broken: Vec::new(),
            broken_before: Vec::new(),
            levels: Vec::new(),
        }
    }

    /// Whether it is worse than two outcomes make it by themselves.
    pub fn worse_than_both(&self, a: &Self, b: &Self) -> bool {
        if self.consequence > a.consequence.max(b.consequence) {
            return true;
        }
        // A thousandth more is rounding.
        let work = 1e-9 + 1.001 * (a.lost_work_mean + b.lost_work_mean);
        let known =
            |limit: &BrokenLimit| a.broken.iter().chain(&b.broken).any(|one| one.same(limit));
        self.shut_down > a.shut_down + b.shut_down
            || self.lost_work_mean > work
            || self
                .broken
                .iter()
                .any(|limit| counts(limit) && !known(limit))
    }

    /// Whether every limit that counts holds, those included that are broken before.
    pub fn holds(&self) -> bool {
        self.reason.is_none() && !self.broken.iter().chain(&self.broken_before).any(counts)
    }

    /// The worse first.
    pub fn compare(&self, other: &Self) -> Ordering {
        let counted = |o: &Self| o.broken.iter().filter(|limit| counts(limit)).count();
        let margin = |o: &Self| o.gpu_margin_min_k.unwrap_or(f64::INFINITY);
        other
            .consequence
            .cmp(&self.consequence)
            .then(other.shut_down.cmp(&self.shut_down))
            .then(other.lost_work_mean.total_cmp(&self.lost_work_mean))
            .then(counted(other).cmp(&counted(self)))
            // A thousandth of a kelvin is rounding: the name decides then.
            .then_with(|| {
                let round = |m: f64| (m * 1e3).round();
                round(margin(self)).total_cmp(&round(margin(other)))
            })
    }
}

/// Advisory limits do not count.
fn counts(limit: &BrokenLimit) -> bool {
    limit.severity != SeverityName::Advisory
}

fn racks(run: &Run) -> Vec<RackLoss> {
    let mut found: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for point in gpu_points(&run.network, &run.solution) {
        let entry = match point.status {
            status::THROTTLED_CORE | status::THROTTLED_MEMORY => (u64::from(point.count), 0),
            status::SHUT_DOWN => (0, u64::from(point.count)),
            _ => continue,
        };
        let sum = found.entry(point.rack).or_default();
        *sum = (sum.0 + entry.0, sum.1 + entry.1);
    }
    let mut racks: Vec<RackLoss> = found
        .into_iter()
        .map(|(rack, (throttled, shut_down))| RackLoss {
            path: path_text(&run.network.racks[rack as usize].path),
            throttled,
            shut_down,
        })
        .collect();
    racks.sort_by(|a, b| {
        (b.shut_down, b.throttled)
            .cmp(&(a.shut_down, a.throttled))
            .then_with(|| a.path.cmp(&b.path))
    });
    racks
}

fn level_states(run: &Run, levels: &Levels) -> Vec<LevelState> {
    let gpus = &run.result.gpus;
    let mut out: Vec<LevelState> = Vec::new();
    for limit in &run.result.limits {
        let level = levels.of_limit(limit);
        let advisory = limit.severity == SeverityName::Advisory;
        let state = match (limit.status, advisory) {
            (LimitStatus::Broken, true) => Consequence::Advisory,
            (LimitStatus::Broken, false) => Consequence::LimitBroken,
            (LimitStatus::Ok | LimitStatus::Unknown, _) => Consequence::Holds,
        };
        let margin = limit.relative_margin().filter(|_| !advisory);
        match out.iter_mut().find(|one| one.level == level) {
            Some(known) => {
                known.state = known.state.max(state);
                known.margin = match (known.margin, margin) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
            }
            None => out.push(LevelState {
                level,
                state,
                margin,
            }),
        }
    }
    for one in out.iter_mut().filter(|one| one.level == Level::Gpu) {
        if gpus.shut_down > 0 {
            one.state = Consequence::ShutDown;
        } else if gpus.throttled > 0 {
            one.state = Consequence::Throttled;
        }
    }
    out.sort_by_key(|one| one.level);
    out
}
