//! What a point's neighbourhood shows: slopes on the side on which devices stay as they are, slopes beyond a switch, steps,
//! and lines of limits that show only beyond their edge.

use std::collections::BTreeMap;

use super::{EDGE, FLAT, PlaceFunction, Point};
use crate::study::optimize::descent::{End, Line, SPARE, Sample, lines};
use crate::study::optimize::problem::{Probe, Switch, switches};

/// Steps of the differences: within what limits are held with to spare, so that nothing switches; beyond what they are held
/// with; and once more as far.
const STEPS: [f64; 3] = [2e-5, 3e-4, 6e-4];
/// A difference of slopes, over the objective's steepest, that is a kink.
const KINK: f64 = 0.05;
/// A change over the larger step, over what the steepest slope would make of it, that is a step of the function.
const STEP: f64 = 10.0;
/// A step of the scaled objective below this is what solves leave.
const NOISE: f64 = 1e-4;
/// Most points beyond edges at which lines are taken.
const MOST_BEYOND: usize = 12;
/// Tries to get beyond the edge of a limit, each twice as far.
const TRIES: i32 = 6;

/// One side of a variable.
#[derive(Debug, Clone, Default)]
pub(in crate::study::optimize) struct Side {
    /// Slope of the worst objective beyond what switches, over the range; none without room or solution.
    pub(in crate::study::optimize) slope: Option<f64>,
    /// Whether limits hold there.
    pub(in crate::study::optimize) holds: bool,
    /// By how much the objective is higher there at once.
    pub(in crate::study::optimize) step: Option<f64>,
    /// What switches on the way.
    pub(in crate::study::optimize) switches: Vec<Switch>,
    /// Which step it was seen at.
    at: usize,
}

/// A bend of the objective: slopes change by this where these devices switch.
#[derive(Debug, Clone)]
pub(super) struct Bend {
    pub(super) jump: Vec<f64>,
    /// Whether limits hold beyond it.
    pub(super) holds: bool,
    switches: Vec<Switch>,
}

/// All of it.
pub(super) struct Around {
    pub(super) objectives: Vec<Line>,
    pub(super) limits: BTreeMap<u64, Line>,
    pub(super) bends: Vec<Bend>,
    pub(super) sides: Vec<[Side; 2]>,
    /// Direction away from the end, edge or step at which a variable stands.
    pub(super) walls: Vec<Option<f64>>,
    /// Variables that stand at a bend or a step.
    pub(super) kinks: Vec<bool>,
}

/// Probes at all steps: by step, variable and side.
struct Probes {
    at: Point,
    distances: Vec<[[f64; 2]; STEPS.len()]>,
    found: Vec<[[Option<Probe>; 2]; STEPS.len()]>,
}

impl Probes {
    fn take(function: &PlaceFunction<'_>, u: &[f64]) -> Self {
        let n = u.len();
        let mut points = Vec::new();
        let mut distances = vec![[[0.0; 2]; STEPS.len()]; n];
        for k in 0..n {
            for (i, step) in STEPS.iter().enumerate() {
                for (side, sign) in [-1.0, 1.0].into_iter().enumerate() {
                    let mut point = u.to_vec();
                    point[k] = (point[k] + sign * step).clamp(0.0, 1.0);
                    distances[k][i][side] = point[k] - u[k];
                    points.push(point);
                }
            }
        }
        let mut solved = function(Some(u), &points).into_iter();
        let mut found = Vec::with_capacity(n);
        for distance in &distances {
            found.push(std::array::from_fn(|i| {
                std::array::from_fn(|side| {
                    let probe = solved.next().flatten();
                    probe.filter(|_| distance[i][side].abs() > 0.5 * STEPS[i])
                })
            }));
        }
        Self {
            at: u.to_vec(),
            distances,
            found,
        }
    }

    /// Slope from the point itself over the smallest step: of both sides on which devices stay as they are, weighted as in a
    /// parabola; where limits hold on one side alone, of that.
    fn slope(&self, here: &Probe, k: usize, value: &dyn Fn(&Sample) -> Option<f64>) -> f64 {
        let Some(own) = value(&here.sample) else {
            return 0.0;
        };
        let of = |side: usize| {
            let probe = self.found[k][0][side].as_ref()?;
            let distance = self.distances[k][0][side];
            let slope = (value(&probe.sample)? - own) / distance;
            let rank = u8::from(probe.devices != here.devices)
                + 2 * u8::from(here.sample.holds && !probe.sample.holds);
            Some((slope, distance.abs(), rank))
        };
        match (of(0), of(1)) {
            (Some(a), Some(b)) if a.2 == b.2 => (a.0 * b.1 + b.0 * a.1) / (a.1 + b.1),
            (Some(a), Some(b)) => {
                if a.2 < b.2 {
                    a.0
                } else {
                    b.0
                }
            }
            (Some(one), None) | (None, Some(one)) => one.0,
            (None, None) => 0.0,
        }
    }

    fn line(&self, here: &Probe, value: &dyn Fn(&Sample) -> Option<f64>) -> Option<Line> {
        let slope = (0..self.at.len()).map(|k| self.slope(here, k, value));
        Some(Line {
            at: self.at.clone(),
            value: value(&here.sample)?,
            slope: slope.collect(),
        })
    }

    /// A side of a variable beyond the larger step.
    fn side(&self, here: &Probe, k: usize, side: usize, steepest: f64) -> Side {
        let [_, near, far] = &self.found[k];
        let (Some(near), Some(far)) = (&near[side], &far[side]) else {
            return Side::default();
        };
        let [_, a, b] = self.distances[k].map(|distance| distance[side]);
        let value = |probe: &Probe| probe.sample.objective();
        let slope = (value(far) - value(near)) / (b - a);
        // Where more switches between the two steps the first of them counts.
        let (slope, beyond, at) = if near.devices == far.devices {
            (slope, far, 2)
        } else if near.devices == here.devices {
            ((value(near) - value(here)) / a, near, 1)
        } else {
            (slope, near, 1)
        };
        let jump = value(near) - slope * a - value(here);
        Side {
            slope: Some(slope),
            holds: beyond.sample.holds,
            step: (jump.abs() > (STEP * steepest * a.abs()).max(NOISE + here.noise))
                .then_some(jump),
            switches: switches(&here.devices, &beyond.devices),
            at,
        }
    }
}

impl Around {
    pub(super) fn look(function: &PlaceFunction<'_>, end: &End) -> Option<(Self, Probe)> {
        let u = &end.u;
        let n = u.len();
        // From the same start as its neighbours, so that what solves leave is the same.
        let here = function(Some(u), std::slice::from_ref(u)).pop().flatten()?;
        let probes = Probes::take(function, u);
        let objectives: Vec<Line> = (0..here.sample.objectives.len())
            .filter_map(|i| probes.line(&here, &|one| one.objectives.get(i).copied()))
            .collect();
        let mut limits: BTreeMap<u64, Line> = here
            .sample
            .margins
            .iter()
            .filter_map(|&(key, _)| Some((key, probes.line(&here, &|one| one.margin(key))?)))
            .collect();
        limits.extend(hidden(function, end, &here, &probes));
        let worst = |line: &&Line| line.value + 1e-3 >= here.sample.objective();
        let slopes = objectives.iter().filter(worst).flat_map(|one| &one.slope);
        let steepest = slopes.fold(FLAT, |most, slope| most.max(slope.abs()));
        let sides: Vec<[Side; 2]> = (0..n)
            .map(|k| [0, 1].map(|side| probes.side(&here, k, side, steepest)))
            .collect();
        let walls: Vec<Option<f64>> = (0..n)
            .map(|k| {
                let missing = |side: usize| probes.found[k][0][side].is_none();
                let step = |side: usize| sides[k][side].step.is_some_and(|step| step > 0.0);
                match u[k] {
                    at if at < EDGE => Some(1.0),
                    at if at > 1.0 - EDGE => Some(-1.0),
                    _ if missing(0) && !missing(1) => Some(1.0),
                    _ if missing(1) && !missing(0) => Some(-1.0),
                    _ if step(0) && !step(1) => Some(1.0),
                    _ if step(1) && !step(0) => Some(-1.0),
                    _ => None,
                }
            })
            .collect();
        let mut own = Self {
            objectives,
            limits,
            bends: Vec::new(),
            sides,
            walls,
            kinks: vec![false; n],
        };
        own.bend(function, &probes, &here, steepest);
        Some((own, here))
    }

    /// Gathers bends: sides beyond the same switches are one. The slope beyond is taken along all variables.
    fn bend(&mut self, function: &PlaceFunction<'_>, probes: &Probes, here: &Probe, steepest: f64) {
        let top = here.sample.objective();
        let Some(worst) = (self.objectives.iter()).position(|line| line.value + 1e-3 >= top) else {
            return;
        };
        let mut bends: Vec<Bend> = Vec::new();
        for k in 0..self.sides.len() {
            self.kinks[k] = self.sides[k].iter().any(|side| side.step.is_some());
            for (which, side) in self.sides[k].iter().enumerate() {
                let base = self.objectives[worst].slope[k];
                let open = here.noise / (STEPS[2] - STEPS[1]);
                let jumps = |slope: f64| (slope - base).abs() > KINK * steepest + open;
                if side.step.is_some() || !side.slope.is_some_and(jumps) {
                    continue;
                }
                self.kinks[k] = true;
                let known = bends
                    .iter_mut()
                    .find(|bend| !side.switches.is_empty() && bend.switches == side.switches);
                if let Some(bend) = known {
                    bend.holds |= side.holds;
                } else if bends.len() < MOST_BEYOND {
                    let jump = self.jump(function, probes, (k, which, side.at), worst);
                    bends.extend(jump.map(|jump| Bend {
                        jump,
                        holds: side.holds,
                        switches: side.switches.clone(),
                    }));
                }
            }
        }
        self.bends = bends;
    }

    /// How all slopes change from the point to beyond a side.
    fn jump(
        &self,
        function: &PlaceFunction<'_>,
        probes: &Probes,
        (k, side, step): (usize, usize, usize),
        worst: usize,
    ) -> Option<Vec<f64>> {
        let beyond = probes.found[k][step][side].as_ref()?;
        let mut point = probes.at.clone();
        point[k] += probes.distances[k][step][side];
        let seen = lines(&plain(function), &point, &beyond.sample, STEPS[0]);
        let pairs = (seen.objectives.get(worst)?.slope.iter()).zip(&self.objectives[worst].slope);
        Some(pairs.map(|(there, here)| there - here).collect())
    }
}

/// The function without devices.
fn plain<'f>(
    function: &'f PlaceFunction<'f>,
) -> impl Fn(Option<&[f64]>, &[Point]) -> Vec<Option<Sample>> + Sync + 'f {
    |near, points| {
        let found = function(near, points).into_iter();
        found.map(|probe| probe.map(|probe| probe.sample)).collect()
    }
}

/// Lines of limits that show only beyond their edge, taken anew there.
fn hidden(
    function: &PlaceFunction<'_>,
    end: &End,
    here: &Probe,
    probes: &Probes,
) -> BTreeMap<u64, Line> {
    let plain = plain(function);
    let shows = |key: u64| here.sample.margin(key).is_some();
    // Points beyond: those of the probes, and down the lines that the search kept.
    let mut beyond: BTreeMap<u64, Point> = BTreeMap::new();
    for (k, steps) in probes.found.iter().enumerate() {
        for (i, sides) in steps.iter().enumerate() {
            for (side, probe) in sides.iter().enumerate() {
                let margins = probe.iter().flat_map(|probe| &probe.sample.margins);
                for &(key, margin) in margins {
                    if margin < 0.0 && !shows(key) {
                        let mut point = probes.at.clone();
                        point[k] += probes.distances[k][i][side];
                        beyond.entry(key).or_insert(point);
                    }
                }
            }
        }
    }
    for (&key, line) in &end.hidden {
        if shows(key) || beyond.contains_key(&key) {
            continue;
        }
        let steepest = line.slope.iter().map(|s| s * s).sum::<f64>();
        if steepest < 1e-12 || line.value(&end.u) > 0.05 {
            continue;
        }
        for size in 0..TRIES {
            let far = 3.0 * SPARE * f64::from(1 << size) / steepest;
            let pairs = end.u.iter().zip(&line.slope);
            let point: Point = pairs
                .map(|(u, slope)| (u - far * slope).clamp(0.0, 1.0))
                .collect();
            let found = plain(Some(&end.u), std::slice::from_ref(&point)).pop();
            let margin = found.flatten().and_then(|sample| sample.margin(key));
            if margin.is_some_and(|margin| margin < 0.0) {
                beyond.insert(key, point);
                break;
            }
        }
    }
    let mut out = BTreeMap::new();
    let mut taken = 0;
    for (key, point) in &beyond {
        if out.contains_key(key) || taken == MOST_BEYOND {
            continue;
        }
        taken += 1;
        let Some(sample) = plain(None, std::slice::from_ref(point)).pop().flatten() else {
            continue;
        };
        let seen = lines(&plain, point, &sample, STEPS[0]);
        for (other, line) in seen.limits {
            if beyond.contains_key(&other)
                && sample.margin(other).is_some_and(|margin| margin < 0.0)
            {
                out.entry(other).or_insert(line);
            }
        }
    }
    for (key, line) in &end.hidden {
        if !shows(*key) && !out.contains_key(key) {
            out.insert(*key, line.clone());
        }
    }
    out
}
