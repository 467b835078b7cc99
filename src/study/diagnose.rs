//! Why a hall has no steady state: it is solved again with relief, and what the relief has to carry is the cause.
//!
//! 1. Every room gets an ideal cooler that begins at [`RELIEF`], far above what a room is run at, and every fixed heat on a
//!    loop is taken away. Where this hall has a steady state, the air of rooms whose relief works cannot lose that heat
//!    otherwise; what else takes heat from them, and how much, is read off the solution.
//! 2. The flow past each heat that was taken away tells whether it could be carried at all, at a rise of [`MOST_RISE`].
//! 3. Where it could, fixed heats are put back in part, to find how much of them the plant can reject, and which devices
//!    stand at their stops then.

mod places;

use crate::component::{Kind, heat_load, pump_set, room_cooler};
use crate::hall::model::{Equipment, Feeders, Group, Hall, Ref};
use crate::network::{Element, build};
use crate::result::causes::said;
use crate::result::gather::{Part, gather};
use crate::solve::block::component_at;
use crate::solve::{self, Options, Solution};
use crate::units::Dimension;
use places::{circuit_of, fixed_heats, on_loop, rooms};

/// Temperature at which a room's relief begins, K (65 °C).
const RELIEF: f64 = 338.15;
/// Capacity of a relief, W.
const ENDLESS: f64 = 1e9;
/// Rise of its coolant that a fixed heat may cause, K: from a cold supply to boiling.
const MOST_RISE: f64 = 80.0;
/// Halvings in the search for the share of fixed heats that can be rejected.
const HALVINGS: u32 = 6;
/// Load above which a device is taken to be at its end, as the search stops short of the very point.
const FULL: f64 = 0.9;
/// Name of a room's relief; no name of a file has a space.
const NAME: &str = "relief of ";

/// A sentence for each cause that was found.
pub fn causes(hall: &Hall) -> Vec<String> {
    let Some(relieved) = Relieved::solve(hall, &|_| 0.0) else {
        return Vec::new();
    };
    let mut out = relieved.rooms(hall);
    let loads = relieved.loads(hall);
    let starved: Vec<&Load> = loads.iter().filter(|load| load.starved()).collect();
    out.extend(
        starved
            .iter()
            .map(|load| load.words(&relieved.still_pumps(load))),
    );
    if out.is_empty() {
        out.extend(rejected(hall, &loads));
    }
    out
}

/// How much of the fixed heats the hall can reject: of each that alone is too much, or of all together.
fn rejected(hall: &Hall, loads: &[Load]) -> Vec<String> {
    let rests = |share: &dyn Fn(&str) -> f64| {
        let found = Relieved::solve(hall, share)?;
        // With relief at work the hall rejects less than this.
        (found.relief_heat() < 1.0).then_some(found)
    };
    let alone = |load: &&Load| rests(&|path| f64::from(u8::from(path != load.group))).is_some();
    let culprits: Vec<&Load> = loads.iter().filter(alone).collect();
    let together: Vec<Vec<&Load>> = match culprits.as_slice() {
        [] if loads.is_empty() => Vec::new(),
        [] => vec![loads.iter().collect()],
        some => some.iter().map(|load| vec![*load]).collect(),
    };
    together
        .iter()
        .map(|loads| {
            let (mut least, mut most, mut last) = (0.0, 1.0, None);
            for _ in 0..HALVINGS {
                let share = 0.5 * (least + most);
                let of = |path: &str| {
                    let own = loads.iter().any(|load| load.group == path);
                    if own { share } else { 1.0 }
                };
                match rests(&of) {
                    Some(found) => (least, last) = (share, Some(found)),
                    None => most = share,
                }
            }
            let stops = last.map_or_else(Vec::new, |found| found.stops(hall, loads));
            limited(loads, (least, most), &stops)
        })
        .collect()
}

/// What can be rejected of some fixed heats, as shares of them, and what stands at its stop then.
fn limited(loads: &[&Load], (least, most): (f64, f64), stops: &[String]) -> String {
    let all: f64 = loads.iter().map(|load| load.heat).sum();
    let names: Vec<String> = loads
        .iter()
        .map(|load| format!("`{}`", load.path))
        .collect();
    let (names, into) = match loads {
        [one] => (names.join(""), format!("puts into loop `{}`", one.circuit)),
        _ => (names.join(", "), "put into the water".to_owned()),
    };
    let stops = if stops.is_empty() {
        String::new()
    } else {
        format!("; at that point {} can give hardly more", stops.join(", "))
    };
    format!(
        "of the {} that {names} {into}, between {} and {} can be rejected{stops}",
        said(Dimension::Power, all),
        said(Dimension::Power, all * least),
        said(Dimension::Power, all * most)
    )
}

/// A fixed heat on a loop.
struct Load {
    path: String,
    /// Path with `*` for indices.
    group: String,
    circuit: String,
    heat: f64,
    flow: f64,
    specific_heat: f64,
}

impl Load {
    fn carried(&self) -> f64 {
        self.flow.abs() * self.specific_heat * MOST_RISE
    }

    fn starved(&self) -> bool {
        self.heat.abs() > self.carried()
    }

    fn words(&self, pumps: &[String]) -> String {
        let why = if pumps.is_empty() {
            String::new()
        } else {
            format!(
                ": {} of that loop {} not run",
                pumps.join(", "),
                if pumps.len() == 1 { "does" } else { "do" }
            )
        };
        format!(
            "loop `{}` cannot carry the {} of `{}`: {:.3} kg/s flow there, which take up {} at a rise of {MOST_RISE:.0} K{why}",
            self.circuit,
            said(Dimension::Power, self.heat),
            self.path,
            self.flow.abs(),
            said(Dimension::Power, self.carried())
        )
    }
}

/// The hall with relief, solved.
struct Relieved {
    network: crate::network::Network,
    solution: Solution,
}

impl Relieved {
    /// With `share` of each fixed heat, by group path.
    fn solve(hall: &Hall, share: &dyn Fn(&str) -> f64) -> Option<Self> {
        let mut relieved = hall.clone();
        relieve(&mut relieved.root, "", share);
        let network = build::build(&relieved).ok()?;
        let solution = solve::solve(&network, solve::guess(&network), &Options::default()).ok()?;
        Some(Self { network, solution })
    }

    fn parts(&self) -> Vec<Part<'_>> {
        gather(&self.network, &self.solution)
    }

    fn relief_heat(&self) -> f64 {
        let parts = self.parts();
        let own = parts.iter().filter(|part| part.path.contains(NAME));
        own.map(|part| part.count * taken(part)).sum()
    }

    /// Heat that a component gives to each of its air nodes, W.
    fn air_heat(&self, part: &Part<'_>) -> [f64; 2] {
        let Element::Component(index) = part.stamp.element else {
            return [0.0; 2];
        };
        let state = &self.solution.state.blocks[part.block_index];
        let at = component_at(&self.network, part.block, state, part.stamp, index);
        part.block.components[index].kind.equations(&at).air_heat
    }

    /// Rooms whose air cannot lose its heat.
    fn rooms(&self, hall: &Hall) -> Vec<String> {
        let parts = self.parts();
        let mut out = Vec::new();
        for room in rooms(hall) {
            let relief = format!("{}{NAME}{}", room.prefix, room.name);
            let own: Vec<&Part<'_>> = parts.iter().filter(|part| part.group == relief).collect();
            let lacking: f64 = own.iter().map(|part| part.count * taken(part)).sum();
            if lacking < 1.0 {
                continue;
            }
            let number: f64 = own.iter().map(|part| part.count).sum();
            let mut takers = Vec::new();
            let mut all = lacking;
            for (path, side) in &room.meets {
                let same = parts.iter().filter(|part| part.group == *path);
                let (mut heat, mut flow, mut full, mut sides, mut kind) = (0.0, 0.0, true, 0, "");
                for part in same {
                    heat -= part.count * self.air_heat(part)[*side];
                    flow += part.count * part.flow[0].abs();
                    kind = part.kind;
                    sides = Kind::from_name(part.kind).map_or(0, |kind| kind.spec().sides.len());
                    full &= part.report.controls.iter().any(|c| c.saturated)
                        || part
                            .report
                            .load_fraction
                            .is_some_and(|load| load >= 1.0 - 1e-9);
                }
                // What gives heat to the room is no way out, and a relief of its own says nothing.
                if heat <= 0.0 && !TAKERS.contains(&kind) {
                    continue;
                }
                all += heat.max(0.0);
                let note = match kind {
                    _ if sides > 0 && flow < 1e-3 => ", no water flows through it",
                    "room_cooler" if full => ", all that it can",
                    _ if full => ", at its stop",
                    _ => "",
                };
                let words = format!("`{path}` {}{note}", said(Dimension::Power, heat.max(0.0)));
                takers.push(words);
            }
            let takers = if takers.is_empty() {
                "nothing takes any of it".to_owned()
            } else {
                format!("at {:.0} °C {}", RELIEF - 273.15, takers.join(", "))
            };
            let alike = if number > 1.5 {
                format!(" ({number:.0} alike together)")
            } else {
                String::new()
            };
            out.push(format!(
                "the air of room `{}{}`{alike} cannot lose {} of the {} that come into it: {takers}",
                room.prefix,
                room.name,
                said(Dimension::Power, lacking),
                said(Dimension::Power, all)
            ));
        }
        out
    }

    /// Fixed heats of the hall, with the flow that would carry them.
    fn loads(&self, hall: &Hall) -> Vec<Load> {
        let heats = fixed_heats(hall);
        let parts = self.parts();
        let of = |part: &&Part<'_>| part.kind == "heat_load";
        let mut out: Vec<Load> = Vec::new();
        for part in parts.iter().filter(of) {
            let heat = heats.iter().find(|(path, _)| *path == part.group);
            let Some((_, heat)) = heat.filter(|(_, heat)| *heat != 0.0) else {
                continue;
            };
            let Element::Component(index) = part.stamp.element else {
                continue;
            };
            let state = &self.solution.state.blocks[part.block_index];
            let at = component_at(&self.network, part.block, state, part.stamp, index);
            out.push(Load {
                path: part.path.clone(),
                group: part.group.clone(),
                circuit: circuit_of(hall, &part.group).unwrap_or_default(),
                heat: *heat,
                flow: part.flow[0],
                specific_heat: at.fluids[0].specific_heat(at.sides[0].inlet_temperature()),
            });
        }
        out
    }

    /// Pumps on the loop of a load that stand still.
    fn still_pumps(&self, load: &Load) -> Vec<String> {
        let parts = self.parts();
        let still = parts.iter().filter(|part| {
            part.kind == "pump_set" && part.report.on < 0.5 && {
                let Element::Component(index) = part.stamp.element else {
                    return false;
                };
                // Its running pumps are given by the file.
                let theta = &part.block.components[index].theta;
                pump_set::Parameters::<f64>::load(theta).running.is_some()
            }
        });
        let loops = &self.network;
        still
            .filter(|part| {
                part.block.structure.loops.iter().any(|numbers| {
                    numbers.name == load.circuit && numbers.nodes.contains(&part.stamp.variables[0])
                })
            })
            .map(|part| format!("`{}`", part.path))
            .take(loops.blocks.len())
            .collect()
    }

    /// Devices on the loops of some loads that can give no more.
    fn stops(&self, hall: &Hall, loads: &[&Load]) -> Vec<String> {
        let near: Vec<String> = loads
            .iter()
            .flat_map(|load| on_loop(hall, &load.group))
            .collect();
        let parts = self.parts();
        let at_stop = |part: &&Part<'_>| {
            let missed = |c: &crate::component::Control| c.saturated && c.required;
            let full = part.report.load_fraction.is_some_and(|load| load >= FULL);
            near.contains(&part.group) && (full || part.report.controls.iter().any(missed))
        };
        let stops = parts.iter().filter(at_stop);
        stops.map(|part| format!("`{}`", part.path)).collect()
    }
}

/// Kinds that are there to take heat from a room.
const TAKERS: &[&str] = &["room_cooler", "crah", "rear_door", "room_air", "envelope"];

/// Heat that a relief takes, W.
fn taken(part: &Part<'_>) -> f64 {
    let heat = part.report.quantities.iter().find(|q| q.name == "heat");
    heat.map_or(0.0, |q| q.value)
}

/// Gives every room its relief and leaves a share of every fixed heat.
fn relieve(group: &mut Group, prefix: &str, share: &dyn Fn(&str) -> f64) {
    for equipment in group
        .equipment
        .iter_mut()
        .filter(|e| e.kind == Kind::HeatLoad)
    {
        let slot = crate::spec::position(heat_load::Parameters::<f64>::FIELDS, "heat");
        if let Some(heat) = slot.and_then(|slot| equipment.theta.get_mut(slot)) {
            *heat *= share(&format!("{prefix}{}", equipment.name));
        }
    }
    for (index, room) in group.rooms.iter().enumerate() {
        let theta = room_cooler::Parameters::<f64>::FIELDS
            .iter()
            .map(|field| match field.key {
                "capacity" => ENDLESS,
                "room_temperature" => RELIEF,
                "proportional_band" => 5.0,
                "cop" => 10.0,
                _ => 0.0,
            })
            .collect();
        group.equipment.push(Equipment {
            name: format!("{NAME}{}", room.name),
            kind: Kind::RoomCooler,
            part: None,
            theta,
            tables: Vec::new(),
            sides: Vec::new(),
            air: vec![Ref { up: 0, index }],
            sensor: None,
            feeders: Feeders::default(),
            rack_fed: false,
        });
    }
    for inner in &mut group.groups {
        let prefix = format!("{prefix}{}.*.", inner.name);
        relieve(inner, &prefix, share);
    }
}
