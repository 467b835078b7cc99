//! What a set of units has to do, read off a solved hall: its own set-points and ratings, and the temperature of the loop
//! that it supplies.

use serde::Serialize;

use super::pipes;
use super::sets::{Set, value};
use crate::component::Bound;
use crate::hall::model::{Group, Hall, Loop, RETURN, SUPPLY};
use crate::network::Block;
use crate::result::gather::{Part, gather};
use crate::spec::position;
use crate::study::Run;
use crate::units::Dimension;

/// One thing that must hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Need {
    /// What, in words.
    pub what: String,
    /// Value found; SI, temperatures in K.
    pub value: f64,
    /// Limit.
    pub limit: f64,
    /// Dimension of both.
    #[serde(skip)]
    pub dimension: Dimension,
    /// Whether the value may not exceed the limit, rather than fall below.
    pub at_most: bool,
    /// Whether it holds.
    pub holds: bool,
}

/// Slack of temperatures, K, as the results judge limits with.
const KELVIN: f64 = 1e-3;

impl Need {
    pub(super) fn new(
        what: String,
        value: f64,
        limit: f64,
        dimension: Dimension,
        at_most: bool,
    ) -> Self {
        let slack = match dimension {
            Dimension::Temperature | Dimension::TemperatureDifference => KELVIN,
            _ => 1e-6 * limit.abs(),
        };
        let over = if at_most {
            value - limit
        } else {
            limit - value
        };
        Self {
            what,
            value,
            limit,
            dimension,
            at_most,
            // What is no number holds nothing.
            holds: over <= slack,
        }
    }

    /// How far it is broken as a share of the limit, of temperatures of 10 K; negative where it holds.
    pub fn excess(&self) -> f64 {
        let over = if self.at_most {
            self.value - self.limit
        } else {
            self.limit - self.value
        };
        let scale = match self.dimension {
            Dimension::Temperature | Dimension::TemperatureDifference => 10.0,
            _ => self.limit.abs().max(1e-12),
        };
        over / scale
    }
}

/// Design temperatures that the file gives for a loop.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Design {
    /// Supply temperature, K: the design value or that of a class, whichever is lower.
    pub supply: Option<f64>,
    /// Rise from supply to return, K.
    pub rise: Option<f64>,
}

/// What a set is judged by beside its own limits.
#[derive(Debug, Clone, PartialEq)]
pub enum Duty {
    /// Design values that it must hold in a loop.
    Circuit {
        /// The loop, with its groups.
        circuit: String,
        /// Names of the groups around it.
        names: Vec<String>,
        /// Name of the loop.
        name: String,
        /// Design values.
        design: Design,
    },
    /// Friction of a pipe at most, Pa/m.
    Friction(f64),
    /// Air that racks blow into what the units draw from, m³/s.
    Air(f64),
}

/// Least share of the racks' air that air handlers must move, as the handlers' own limit has it.
const AIR: f64 = 0.9;

/// Air of all racks of one instance of a set's group that is blown into the set's return, m³/s; none where the set says
/// itself what servers move, or has no return of its own.
fn rack_air(hall: &Hall, set: &Set) -> Option<f64> {
    let equipment = &set.units.first()?.equipment;
    if value(equipment, "server_air_flow").is_some() {
        return None;
    }
    let [room, back] = equipment.air.as_slice() else {
        return None;
    };
    if room == back {
        return None;
    }
    let depth = set.groups.len().checked_sub(back.up)?;
    let mut group = &hall.root;
    for &index in set.groups.get(..depth)? {
        group = group.groups.get(index)?;
    }
    let air = air_into(group, 0, back.index);
    (air > 0.0).then_some(air)
}

/// Air that the racks of a group and of those in it blow into a room `up` groups above, m³/s.
fn air_into(group: &Group, up: usize, room: usize) -> f64 {
    let own: f64 = group
        .racks
        .iter()
        .filter(|racks| racks.exhaust_air.up == up && racks.exhaust_air.index == room)
        .map(|racks| {
            let manifold = crate::component::manifold::Parameters::<f64>::load(&racks.theta);
            racks.count as f64 * manifold.air_flow
        })
        .sum();
    let inner: f64 = group
        .groups
        .iter()
        .map(|inner| inner.count as f64 * air_into(inner, up + 1, room))
        .sum();
    own + inner
}

/// The loop on one side of a set, with the number of groups around it.
pub fn circuit<'h>(hall: &'h Hall, set: &Set, side: usize) -> Option<(&'h Loop, usize)> {
    let equipment = &set.units.first()?.equipment;
    let reference = equipment.sides.get(side)?.1.circuit;
    let depth = set.groups.len().checked_sub(reference.up)?;
    let mut group = &hall.root;
    for &index in set.groups.get(..depth)? {
        group = group.groups.get(index)?;
    }
    Some((group.loops.get(reference.index)?, depth))
}

/// The path of a loop, without indices: `hall.tower`.
fn loop_path(set: &Set, circuit: &Loop, depth: usize) -> String {
    let mut words: Vec<&str> = set.names[..depth].iter().map(String::as_str).collect();
    words.push(&circuit.name);
    words.join(".")
}

/// Whether this side of a set ends at the loop's supply or feeds it: sources do.
fn holds_supply(set: &Set) -> Option<usize> {
    match set.kind.spec().kind {
        "cdu" => Some(1),
        "tower" | "dry_cooler" | "chiller" | "thermodynamic_chiller" | "air_cooled_chiller" => {
            Some(0)
        }
        _ => None,
    }
}

/// What each set is judged by beside its own limits, pipes by a `gradient` in Pa/m; words where that cannot be known. `given` says whether the file
/// gives a key of a loop.
pub fn duties(
    hall: &Hall,
    sets: &[Set],
    gradient: f64,
    given: &dyn Fn(&str, &str) -> bool,
) -> Vec<Result<Option<Duty>, String>> {
    let held: Vec<(String, String)> = sets
        .iter()
        .filter_map(|set| {
            let (circuit, depth) = circuit(hall, set, holds_supply(set)?)?;
            Some((loop_path(set, circuit, depth), set.path.clone()))
        })
        .collect();
    sets.iter()
        .map(|set| {
            let fixed = value(&set.units[0].equipment, "control") == Some(0.0);
            let kind = set.kind.spec().kind;
            if kind == "pipe" {
                return Ok(Some(Duty::Friction(gradient)));
            }
            if kind == "crah" {
                return Ok(rack_air(hall, set).map(Duty::Air));
            }
            if kind != "exchanger" && !(kind == "pump_set" && fixed) {
                return Ok(None);
            }
            let Some((circuit, depth)) = circuit(hall, set, 0) else {
                return Ok(None);
            };
            let path = loop_path(set, circuit, depth);
            let mut design = Design::default();
            if kind == "exchanger" {
                if let Some((_, holder)) = held.iter().find(|(held, _)| *held == path) {
                    return Err(format!(
                        "{holder} holds the supply of {path}, whatever this carries"
                    ));
                }
                let supply = given(&path, "design_supply_temperature")
                    .then_some(circuit.design_supply_temperature);
                design.supply = match (supply, circuit.supply_limit) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
            } else {
                if !given(&path, "design_temperature_rise") {
                    return Err(format!(
                        "it runs at a fixed speed, and the file gives {path} no design_temperature_rise: \
                         no flow is asked for"
                    ));
                }
                design.rise = Some(circuit.design_temperature_rise);
            }
            Ok(Some(Duty::Circuit {
                circuit: path,
                names: set.names[..depth].to_vec(),
                name: circuit.name.clone(),
                design,
            }))
        })
        .collect()
}

/// Everything that a set must do, in a solved hall.
pub fn needs(run: &Run, set: &Set, duty: Option<&Duty>) -> Vec<Need> {
    let parts = gather(&run.network, &run.solution);
    let mut out: Vec<Need> = Vec::new();
    for part in parts.iter().filter(|part| part.group == set.path) {
        of_part(part, set, &mut out);
        if let Some(Duty::Friction(gradient)) = duty {
            pipes::needs(run, part, *gradient, &mut out);
        }
        if let Some(Duty::Air(air)) = duty
            && let Some(component) = part.block.component(part.stamp)
            && let Some(slot) = position(component.kind.spec().fields, "air_flow")
        {
            let share = part.report.on * component.theta[slot] / air;
            let what = "air of the units over that of the racks".to_owned();
            out.push(Need::new(what, share, AIR, Dimension::Fraction, false));
        }
    }
    if let Some(Duty::Circuit {
        circuit,
        names,
        name,
        design,
    }) = duty
    {
        of_loop(run, circuit, (names, name), design, &mut out);
    }
    out
}

/// Design values of a loop, in every instance that is told apart.
fn of_loop(
    run: &Run,
    circuit: &str,
    (names, name): (&[String], &str),
    design: &Design,
    out: &mut Vec<Need>,
) {
    let here = |block: &Block| block.path.iter().map(|(name, _)| name).eq(names);
    let blocks = run.network.blocks.iter().zip(&run.solution.state.blocks);
    for (block, state) in blocks.filter(|(block, _)| here(block)) {
        let numbers = block.structure.loops.iter();
        for numbers in numbers.filter(|numbers| numbers.name == name) {
            let temperature = |node: usize| state.x[numbers.nodes[node] as usize + 1];
            let (supply, back) = (temperature(SUPPLY), temperature(RETURN));
            if let Some(limit) = design.supply {
                let what = format!("supply temperature of {circuit}");
                out.push(Need::new(what, supply, limit, Dimension::Temperature, true));
            }
            if let Some(limit) = design.rise {
                let what = format!("rise of {circuit}");
                let dimension = Dimension::TemperatureDifference;
                out.push(Need::new(what, back - supply, limit, dimension, true));
            }
        }
    }
}

fn of_part(part: &Part<'_>, set: &Set, out: &mut Vec<Need>) {
    for control in &part.report.controls {
        let warm = control.dimension == Dimension::Temperature;
        // A control that is not at its stop holds its set-point, whatever the round-off.
        let actual = if control.saturated {
            control.actual
        } else {
            control.setpoint
        };
        out.push(Need::new(
            format!("{} against its set-point", control.what),
            actual,
            control.setpoint,
            control.dimension,
            warm,
        ));
    }
    for limit in &part.report.limits {
        let Some(value) = limit.value else { continue };
        let at_most = limit.bound == Bound::AtMost;
        // Least values warn of units too large, save that of air handlers that must move as much as servers do.
        let counts = at_most || limit.what == "air of the units over that of the servers";
        if counts {
            out.push(Need::new(
                limit.what.to_owned(),
                value,
                limit.limit,
                limit.dimension,
                at_most,
            ));
        }
    }
    if set.kind.spec().kind == "exchanger"
        && let Some(component) = part.block.component(part.stamp)
    {
        let fields = component.kind.spec().fields;
        let on = part.report.on.max(1e-9);
        for (side, key, what) in [
            (0, "hot_flow", "hot flow of a unit against its nominal one"),
            (
                1,
                "cold_flow",
                "cold flow of a unit against its nominal one",
            ),
        ] {
            if let Some(slot) = position(fields, key) {
                out.push(Need::new(
                    what.to_owned(),
                    part.flow[side].abs() / on,
                    component.theta[slot],
                    Dimension::MassFlow,
                    true,
                ));
            }
        }
    }
}
