//! What is sized: every set of units of the hall, its redundancy, and what is left alone and why.

use super::capacity::{Margins, derate, keys, scale};
use super::pipes;
use crate::component::Kind;
use crate::hall::model::{Equipment, Group, Hall};
use crate::spec::{FieldKind, position};

/// Units beyond those that carry the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserve {
    /// So many: N, N+1, N+2.
    Units(u32),
    /// As many again: 2N.
    Double,
}

impl Reserve {
    /// Units in reserve beside `duty` that carry the load.
    pub fn of(self, duty: u32) -> u32 {
        match self {
            Self::Units(units) => units,
            Self::Double => duty,
        }
    }

    /// `N`, `N+1`, `2N`.
    pub fn words(self) -> String {
        match self {
            Self::Units(0) => "N".to_owned(),
            Self::Units(units) => format!("N+{units}"),
            Self::Double => "2N".to_owned(),
        }
    }

    /// Reads `n`, `n+1`, `2n`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        match text.as_str() {
            "n" => Some(Self::Units(0)),
            "2n" => Some(Self::Double),
            _ => {
                let units = text.strip_prefix("n+")?.parse().ok()?;
                (1..=20).contains(&units).then_some(Self::Units(units))
            }
        }
    }
}

/// How the number of units is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Units in parallel, of which some run and some stand by.
    Units,
    /// Units in parallel that all carry load, some of them spare.
    Spare(&'static str),
    /// Modules of a UPS.
    Modules,
    /// One rating that is given, and judged.
    Rating,
    /// A valve: one, of a size.
    Valve,
    /// A pipe: as many as there are, of a size.
    Pipe,
}

impl Sort {
    /// Whether it is one thing of some size, so that no number of units is sought.
    pub fn is_one(self) -> bool {
        matches!(self, Self::Rating | Self::Valve | Self::Pipe)
    }
}

/// A set of units.
#[derive(Debug, Clone)]
pub struct Set {
    /// Path with `*` for the indices of groups, as in results.
    pub path: String,
    /// Path in the hall file.
    pub file_path: String,
    /// Groups to go down, by index.
    pub groups: Vec<usize>,
    /// Place among the equipment there.
    pub index: usize,
    /// Names of the groups.
    pub names: Vec<String>,
    /// Kind.
    pub kind: Kind,
    /// How it is sized.
    pub sort: Sort,
    /// Reserve.
    pub reserve: Reserve,
    /// Instances of the set in the hall.
    pub instances: f64,
    /// The units to choose from: the file's own first.
    pub units: Vec<Unit>,
    /// Units that carry the load in the file, and installed ones.
    pub before: (f64, f64),
    /// First guess of the units that carry the load.
    pub guess: u32,
}

/// A unit.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Library part, where it is one.
    pub part: Option<String>,
    /// The entry of the hall with this unit.
    pub equipment: Equipment,
}

/// What was found for a set, so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Plan {
    /// Units that carry the load.
    pub duty: u32,
    /// Size of a unit in steps of [`STEP`]; 0 is the unit as it is.
    pub size: i32,
    /// Pressure of a pump in the same steps.
    pub head: i32,
    /// Unit among those to choose from.
    pub unit: usize,
}

/// Ratio from one size to the next, where sizes are sought.
pub const STEP: f64 = 1.01;

/// Preferred flow coefficients of control valves, Kv in m³/h: the series R5 of ISO 3 as rounded by valve makers.
pub const KVS: [f64; 5] = [1.0, 1.6, 2.5, 4.0, 6.3];

/// A valve's flow coefficient by its place in the series, Kv in m³/h.
pub fn kvs(place: i32) -> f64 {
    KVS[place.rem_euclid(5) as usize] * 10f64.powi(place.div_euclid(5))
}

/// One Kv in m³/s/√Pa.
pub const KV: f64 = 1.0 / 3600.0 / 316.227_766_016_837_94;

/// Something that is not sized, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Kept {
    /// Path.
    pub path: String,
    /// Kind.
    pub kind: &'static str,
    /// Reason.
    pub reason: String,
}

/// All sets of a hall, the rest with reasons.
pub fn find(hall: &Hall) -> (Vec<Set>, Vec<Kept>) {
    let mut found = (Vec::new(), Vec::new());
    walk(&hall.root, &mut Place::default(), &mut found);
    let (mut sets, kept) = found;
    // From the heat source outwards, then pumps, then the electrical tree: the order in which sizes depend on one another.
    sets.sort_by_key(|set| rank(set.kind.spec().kind));
    (sets, kept)
}

fn rank(kind: &str) -> usize {
    const ORDER: [&str; 15] = [
        "cdu",
        "crah",
        "valve",
        "pipe",
        "exchanger",
        "chiller",
        "thermodynamic_chiller",
        "air_cooled_chiller",
        "tower",
        "dry_cooler",
        "pump_set",
        "busway",
        "ups",
        "transformer",
        "feed",
    ];
    let at = ORDER.iter().position(|name| *name == kind);
    at.unwrap_or(ORDER.len())
}

#[derive(Default)]
struct Place {
    groups: Vec<usize>,
    names: Vec<String>,
    instances: f64,
}

fn walk(group: &Group, place: &mut Place, found: &mut (Vec<Set>, Vec<Kept>)) {
    if place.names.is_empty() {
        place.instances = 1.0;
    }
    let load = it_power(group);
    for (index, equipment) in group.equipment.iter().enumerate() {
        let prefix: String = place
            .names
            .iter()
            .map(|name| format!("{name}.*."))
            .collect();
        let path = format!("{prefix}{}", equipment.name);
        let kind = equipment.kind.spec().kind;
        match sort(equipment) {
            Ok(Some(sort)) => {
                let (before, reserve) = claims(equipment, sort);
                let file: String = place
                    .names
                    .iter()
                    .map(|name| format!("groups.{name}."))
                    .collect();
                let unit = Unit {
                    part: equipment.part.clone(),
                    equipment: equipment.clone(),
                };
                found.0.push(Set {
                    file_path: format!("{file}equipment.{}", equipment.name),
                    path,
                    groups: place.groups.clone(),
                    index,
                    names: place.names.clone(),
                    kind: equipment.kind,
                    sort,
                    reserve,
                    instances: place.instances,
                    units: vec![unit],
                    before,
                    guess: guess(equipment, load),
                });
            }
            Ok(None) => {}
            Err(reason) => found.1.push(Kept { path, kind, reason }),
        }
    }
    for (index, inner) in group.groups.iter().enumerate() {
        place.groups.push(index);
        place.names.push(inner.name.clone());
        place.instances *= inner.count as f64;
        walk(inner, place, found);
        place.instances /= inner.count as f64;
        place.names.pop();
        place.groups.pop();
    }
}

/// Value of a key; none where it was left out.
pub fn value(equipment: &Equipment, key: &str) -> Option<f64> {
    let slot = position(equipment.kind.spec().fields, key)?;
    Some(equipment.theta[slot]).filter(|value| !value.is_nan())
}

/// Sets a value, where the kind has it.
pub fn set(equipment: &mut Equipment, key: &str, value: f64) {
    if let Some(slot) = position(equipment.kind.spec().fields, key) {
        equipment.theta[slot] = value;
    }
}

/// How an entry is sized; `None` for what nobody would expect to be (loads), words for what one might.
fn sort(equipment: &Equipment) -> Result<Option<Sort>, String> {
    let kind = equipment.kind.spec().kind;
    let is = |key: &str, wanted: f64| value(equipment, key) == Some(wanted);
    match kind {
        "transformer" => Ok(Some(Sort::Spare("redundant_units"))),
        "busway" if value(equipment, "rated_current").is_none() => {
            Err("it has no rated current".to_owned())
        }
        "busway" => Ok(Some(Sort::Spare("redundant_runs"))),
        "ups" => Ok(Some(Sort::Modules)),
        "feed" => Ok(Some(Sort::Rating)),
        "pipe" if value(equipment, "bore").is_none() => {
            Err("it has no bore: only the textbook law".to_owned())
        }
        "pipe" => Ok(Some(Sort::Pipe)),
        "valve" if is("valve_type", 0.0) && (is("control", 1.0) || is("control", 2.0)) => {
            Ok(Some(Sort::Valve))
        }
        "valve" if is("valve_type", 1.0) => {
            Err("a pressure-independent valve is sized by its flow".to_owned())
        }
        "valve" => Err("it controls nothing whose flow could be missed".to_owned()),
        "economiser" => Err(
            "it carries what the weather lets it, and nothing at the design condition asks for it"
                .to_owned(),
        ),
        "rear_door" => Err("one for each rack".to_owned()),
        "heat_reuse" | "room_cooler" | "given_water" | "buffer_tank" => {
            Err("its size is given".to_owned())
        }
        _ if keys(equipment.kind).is_empty() => Ok(None),
        _ if is("running", 0.0) => Err("it stands still in the file".to_owned()),
        "cdu" if is("pump_control", 0.0) && value(equipment, "flow").is_none() => Err(
            "its coolant flow is left out, so that it grows with the number of units: give `flow`"
                .to_owned(),
        ),
        "crah" if is("control", 2.0) => Err("it holds no temperature".to_owned()),
        "tower" if is("control", 2.0) => Err("its fans run at a given speed".to_owned()),
        _ => Ok(Some(Sort::Units)),
    }
}

/// Units that carry the load and units installed in the file, and the reserve that it claims.
fn claims(equipment: &Equipment, sort: Sort) -> ((f64, f64), Reserve) {
    let count = value(equipment, "count").unwrap_or(1.0);
    match sort {
        Sort::Units => {
            let running = value(equipment, "running").unwrap_or(count).min(count);
            let reserve = Reserve::Units((count - running).round() as u32);
            ((running, count), reserve)
        }
        Sort::Spare(key) => {
            let spare = value(equipment, key).unwrap_or(0.0);
            ((count - spare, count), Reserve::Units(spare.round() as u32))
        }
        Sort::Modules => {
            let modules = value(equipment, "modules").unwrap_or(1.0);
            match value(equipment, "redundancy") {
                Some(2.0) => ((modules, 2.0 * modules), Reserve::Double),
                Some(1.0) => ((modules - 1.0, modules), Reserve::Units(1)),
                _ => ((modules, modules), Reserve::Units(0)),
            }
        }
        Sort::Pipe => ((count, count), Reserve::Units(0)),
        Sort::Rating | Sort::Valve => ((1.0, 1.0), Reserve::Units(0)),
    }
}

impl Set {
    /// The key that holds the number of units, and the most that it may be.
    pub fn count_key(&self) -> (&'static str, f64) {
        let key = if self.sort == Sort::Modules {
            "modules"
        } else {
            "count"
        };
        let fields = self.kind.spec().fields;
        let most = position(fields, key).map_or(1.0, |slot| match fields[slot].kind {
            FieldKind::Number { max, .. } => max,
            _ => 1.0,
        });
        (key, most)
    }

    /// Values of the hall file that a plan sets, by key.
    pub fn counts(&self, plan: Plan) -> Vec<(&'static str, f64)> {
        let duty = f64::from(plan.duty);
        let reserve = f64::from(self.reserve.of(plan.duty));
        match self.sort {
            Sort::Units => vec![("count", duty + reserve), ("running", duty)],
            Sort::Spare(key) => vec![("count", duty + reserve), (key, reserve)],
            Sort::Modules => match self.reserve {
                Reserve::Double => vec![("modules", duty), ("redundancy", 2.0)],
                Reserve::Units(0) => vec![("modules", duty), ("redundancy", 0.0)],
                Reserve::Units(_) => vec![("modules", duty + 1.0), ("redundancy", 1.0)],
            },
            Sort::Rating | Sort::Valve | Sort::Pipe => Vec::new(),
        }
    }

    /// The entry as planned, margins not taken off.
    pub fn planned(&self, plan: Plan) -> Equipment {
        let mut equipment = self.units[plan.unit].equipment.clone();
        if self.sort == Sort::Valve {
            set(&mut equipment, "flow_coefficient", kvs(plan.size) * KV);
        } else if self.sort == Sort::Pipe {
            set(&mut equipment, "bore", pipes::size(plan.size).1);
        } else if (plan.size, plan.head) != (0, 0) {
            scale(&mut equipment, STEP.powi(plan.size), STEP.powi(plan.head));
        }
        for (key, value) in self.counts(plan) {
            set(&mut equipment, key, value);
        }
        equipment
    }

    /// Puts the planned entry into a hall.
    pub fn place(&self, hall: &mut Hall, plan: Plan, margins: Option<&Margins>) {
        let mut group = &mut hall.root;
        for &index in &self.groups {
            group = &mut group.groups[index];
        }
        let mut equipment = self.planned(plan);
        if let Some(margins) = margins {
            derate(&mut equipment, margins);
        }
        group.equipment[self.index] = equipment;
    }
}

/// Rated power of all IT equipment of a group and of those in it, W: for first guesses alone.
fn it_power(group: &Group) -> f64 {
    let racks: f64 = group
        .racks
        .iter()
        .map(|set| {
            let devices: f64 = set
                .server
                .devices
                .iter()
                .map(|set| {
                    let rated = crate::component::device::Parameters::<f64>::load(&set.device);
                    set.count as f64 * rated.rated_power
                })
                .sum();
            // What is on no plate and the loss of the supplies: a third on top.
            1.33 * devices * (set.servers * set.count) as f64
        })
        .sum();
    let loads: f64 = group
        .equipment
        .iter()
        .filter(|one| matches!(one.kind.spec().kind, "it_load" | "heat_load"))
        .map(|one| value(one, "power").unwrap_or(0.0) * value(one, "count").unwrap_or(1.0))
        .sum();
    let inner: f64 = group
        .groups
        .iter()
        .map(|inner| inner.count as f64 * it_power(inner))
        .sum();
    racks + loads + inner
}

/// Units by the rule of thumb: the IT load over what one takes at its rating, a third more.
fn guess(equipment: &Equipment, load: f64) -> u32 {
    let get = |key: &str| value(equipment, key);
    // Water at a rise of 8 K.
    let water = |flow: f64| 4186.0 * 8.0 * flow;
    let one = match equipment.kind.spec().kind {
        "cdu" => get("rated_heat"),
        "crah" => get("nominal_heat").map(|heat| 4.0 * heat),
        "exchanger" => get("rated_heat").or(get("hot_flow").map(water)),
        "chiller" | "thermodynamic_chiller" | "air_cooled_chiller" => get("reference_capacity"),
        "tower" => get("nominal_water_flow").map(water),
        "dry_cooler" => get("nominal_heat").map(|heat| 0.6 * heat),
        "pump_set" => {
            let full = equipment
                .tables
                .first()
                .map(|curve| 0.6e3 * curve.range().max);
            full.map(water)
        }
        "busway" => get("rated_current").map(|i| 1.5 * i * get("voltage").unwrap_or(400.0)),
        "ups" => get("module_rating"),
        "transformer" => get("rating"),
        _ => None,
    };
    let units = one.filter(|one| *one > 0.0).map_or(1.0, |one| load / one);
    (1.33 * units).ceil().clamp(1.0, 1000.0) as u32
}
