//! Every component's account of itself, with the path and the count that it stands for.

use super::ties::{EQUAL, Worst};
use super::{Control, Equipment, HeatSink, shown};
use crate::component::{EndUse, Ledger, Report};
use crate::network::{Block, Element, Network, Stamp};
use crate::solve::Solution;
use crate::solve::block::component_at;

/// A component at the solution.
#[derive(Debug)]
pub struct Part<'a> {
    /// Path of this instance.
    pub path: String,
    /// Path with `*` for the indices of replicated groups.
    pub group: String,
    /// Kind's name.
    pub kind: &'static str,
    /// What its power counts as.
    pub end_use: EndUse,
    /// Whether it is fed inside the rack.
    pub rack_fed: bool,
    /// Instances.
    pub count: f64,
    /// Block, stamp and component it stands at.
    pub block: &'a Block,
    /// Index of the block.
    pub block_index: usize,
    /// Stamp.
    pub stamp: &'a Stamp,
    /// Its account.
    pub report: Report,
    /// What crosses the site's boundary there.
    pub ledger: Ledger,
    /// Power drawn from its feeder, W.
    pub drawn: f64,
    /// Power that hangs below it, W.
    pub below: f64,
    /// Mass flow of each side, kg/s.
    pub flow: [f64; 2],
    /// Heat given to the fluid of each side, W.
    pub heat: [f64; 2],
    /// Pressure rise from a to b of each side, Pa.
    pub rise: [f64; 2],
}

/// Path with `*` in place of indices.
pub fn group_path(path: &[(String, u32)], name: &str) -> String {
    let mut text: String = path
        .iter()
        .map(|(group, _)| format!("{group}.*."))
        .collect();
    text.push_str(name);
    text
}

/// Evaluates all components.
pub fn gather<'a>(network: &'a Network, solution: &Solution) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    for (block_index, block) in network.blocks.iter().enumerate() {
        let prefix = crate::network::path_text(&block.path);
        let state = &solution.state.blocks[block_index];
        for stamp in &block.structure.stamps {
            let Element::Component(index) = stamp.element else {
                continue;
            };
            let numbers = &block.components[index];
            let kind = numbers.kind;
            let at = component_at(network, block, state, stamp, index);
            let out = kind.equations(&at);
            let side = |s: usize| at.sides[s];
            parts.push(Part {
                path: if prefix.is_empty() {
                    numbers.name.clone()
                } else {
                    format!("{prefix}.{}", numbers.name)
                },
                group: group_path(&block.path, &numbers.name),
                kind: kind.spec().kind,
                end_use: kind.end_use(),
                rack_fed: numbers.rack_fed,
                count: f64::from(block.multiplicity),
                block,
                block_index,
                stamp,
                report: kind.report(&at),
                ledger: kind.ledger(&at),
                drawn: out.power[0],
                below: kind.passed(&at)[0],
                flow: [side(0).mass_flow, side(1).mass_flow],
                heat: std::array::from_fn(|s| out.energy_out[s] - out.energy_in[s]),
                rise: std::array::from_fn(|s| side(s).pressure_b - side(s).pressure_a),
            });
        }
    }
    parts
}

/// Header segments are pipes that the network made itself; results leave them out.
fn listed(part: &Part<'_>) -> bool {
    part.kind != "pipe" && part.kind != "resistance"
}

/// Components, replicas summed.
pub fn equipment(parts: &[Part<'_>]) -> Vec<Equipment> {
    let mut out: Vec<Equipment> = Vec::new();
    for part in parts.iter().filter(|p| listed(p)) {
        let power = (part.drawn - part.below) * part.count;
        let (on, of) = (part.report.on * part.count, part.report.of * part.count);
        match out.iter_mut().find(|e| e.path == part.group) {
            Some(known) => {
                known.on += on;
                known.of += of;
                known.power_w += power;
                if known.mode != part.report.mode {
                    known.mode = "mixed";
                }
                known.load_fraction = match (known.load_fraction, part.report.load_fraction) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    (a, b) => a.or(b),
                };
            }
            None => out.push(Equipment {
                path: part.group.clone(),
                kind: part.kind,
                mode: part.report.mode,
                on,
                of,
                load_fraction: part.report.load_fraction,
                power_w: power,
            }),
        }
    }
    out
}

/// Controls; of replicated ones that which misses its set-point most.
pub fn controls(parts: &[Part<'_>]) -> Vec<Control> {
    let mut out: Vec<(&str, &str, Worst<Control>)> = Vec::new();
    for part in parts {
        for control in &part.report.controls {
            let miss = (control.actual - control.setpoint).abs()
                + if control.saturated { 1e-6 } else { 0.0 };
            let place = out
                .iter()
                .position(|(group, what, _)| *group == part.group && *what == control.what)
                .unwrap_or_else(|| {
                    out.push((&part.group, control.what, Worst::default()));
                    out.len() - 1
                });
            let equal = EQUAL * control.setpoint.abs();
            let path = || part.path.clone();
            out[place].2.offer(-miss, equal, path, |path| {
                let (setpoint, unit) = shown(control.dimension, control.setpoint);
                let (actual, _) = shown(control.dimension, control.actual);
                Control {
                    path: path.to_owned(),
                    what: control.what,
                    setpoint,
                    actual,
                    unit,
                    saturated: control.saturated,
                    // What holds misses nothing, whatever the sign of its rounding.
                    required: control.saturated && control.required,
                    dimension: control.dimension,
                }
            });
        }
    }
    out.into_iter()
        .filter_map(|(.., worst)| worst.worst())
        .collect()
}

/// Heat sinks, replicas summed.
pub fn sinks(parts: &[Part<'_>]) -> Vec<HeatSink> {
    let mut out: Vec<HeatSink> = Vec::new();
    for part in parts {
        let Some(sink) = part.report.sink else {
            continue;
        };
        // A litre of make-up water is taken as a kilogram (0.3 % at 25 °C).
        let litres = 3600.0 * part.count;
        let water = sink.water * litres;
        let used = |name: &str| {
            let quantity = part.report.quantities.iter().find(|q| q.name == name);
            // Where air gives water back (its dew point above the water), nothing is made up for it.
            quantity.map_or(0.0, |q| q.value.max(0.0) * litres)
        };
        let (evaporation, drift, blowdown) = (used("evaporation"), used("drift"), used("blowdown"));
        match out.iter_mut().find(|s| s.path == part.group) {
            Some(known) => {
                known.watts += sink.heat * part.count;
                known.water_l_per_h += water;
                known.evaporation_l_per_h += evaporation;
                known.drift_l_per_h += drift;
                known.blowdown_l_per_h += blowdown;
            }
            None => out.push(HeatSink {
                path: part.group.clone(),
                kind: part.kind,
                watts: sink.heat * part.count,
                water_l_per_h: water,
                evaporation_l_per_h: evaporation,
                drift_l_per_h: drift,
                blowdown_l_per_h: blowdown,
            }),
        }
    }
    out
}
