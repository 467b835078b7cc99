//! What makes a unit larger: the values of each kind that grow with its capacity, and those that a margin takes off.
//!
//! A unit scaled by f is, for the equations, the same as f units side by side: flows, heats and powers are multiplied
//! by f, resistances divided. Pressures of pumps are scaled apart from that.

use crate::component::Kind;
use crate::curve::Pchip;
use crate::hall::model::Equipment;
use crate::spec::position;

/// What a margin is asked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Heat that a unit moves.
    Duty,
    /// Flow of a pump, valve or pipe.
    Flow,
    /// Pressure of a pump.
    Head,
    /// Power through a part of the electrical tree.
    Power,
}

impl Class {
    /// All.
    pub const ALL: [Self; 4] = [Self::Duty, Self::Flow, Self::Head, Self::Power];

    /// In a word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Duty => "duty",
            Self::Flow => "flow",
            Self::Head => "head",
            Self::Power => "power",
        }
    }
}

/// Margins, as shares: one for each class.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Margins {
    /// On heat.
    pub duty: f64,
    /// On the flow of pumps, valves and pipes.
    pub flow: f64,
    /// On the pressure of pumps.
    pub head: f64,
    /// On the electrical tree.
    pub power: f64,
}

impl Default for Margins {
    /// A tenth on each: an assumption of grade D.
    fn default() -> Self {
        Self {
            duty: 0.1,
            flow: 0.1,
            head: 0.1,
            power: 0.1,
        }
    }
}

impl Margins {
    /// None.
    pub const NONE: Self = Self {
        duty: 0.0,
        flow: 0.0,
        head: 0.0,
        power: 0.0,
    };

    /// That of a class.
    pub fn of(&self, class: Class) -> f64 {
        match class {
            Class::Duty => self.duty,
            Class::Flow => self.flow,
            Class::Head => self.head,
            Class::Power => self.power,
        }
    }

    /// With that of one class set.
    #[must_use]
    pub fn with(mut self, class: Class, margin: f64) -> Self {
        match class {
            Class::Duty => self.duty = margin,
            Class::Flow => self.flow = margin,
            Class::Head => self.head = margin,
            Class::Power => self.power = margin,
        }
        self
    }
}

/// How a value follows a unit's size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Follows {
    /// In proportion.
    Size,
    /// Inversely: a resistance to one unit's flow.
    Inverse,
    /// Inversely with the square.
    InverseSquare,
    /// A curve whose abscissas are in proportion and whose ordinates are pressures.
    CurveOfHead,
    /// A curve whose abscissas are in proportion.
    Curve,
    /// A pressure: with the head alone.
    Head,
    /// Size and head both: power of a pump.
    SizeAndHead,
    /// h/f²: the coefficient of h₀ − a·ṁ².
    HeadOverSquare,
}

/// A value that follows a unit's size.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Key of the hall file.
    pub key: &'static str,
    /// How.
    pub follows: Follows,
    /// Class of the margin that is taken off it while sizes are sought; none where it stays.
    pub margin: Option<Class>,
}

const fn key(key: &'static str, follows: Follows, margin: Option<Class>) -> Key {
    Key {
        key,
        follows,
        margin,
    }
}

use Class::{Duty, Flow, Power};
use Follows::{
    Curve, CurveOfHead, Head, HeadOverSquare, Inverse, InverseSquare, Size, SizeAndHead,
};

const PUMP_SET: &[Key] = &[
    key("curve", CurveOfHead, Some(Flow)),
    key("efficiency", Curve, Some(Flow)),
    key("shutoff_pressure", Head, Some(Class::Head)),
    key("quadratic", HeadOverSquare, Some(Flow)),
    key("rated_power", SizeAndHead, None),
    key("minimum_flow", Size, None),
];

// A unit holds its flows itself, so that a margin on them is one on its pumps.
const CDU: &[Key] = &[
    key("rated_heat", Size, Some(Duty)),
    key("conductance", Size, Some(Duty)),
    key("primary_flow", Size, None),
    key("secondary_flow", Size, None),
    key("fouling", Inverse, None),
    key("pump_curve", CurveOfHead, Some(Flow)),
    key("pump_efficiency", Curve, Some(Flow)),
    key("pump_shutoff_pressure", Head, Some(Class::Head)),
    key("pump_quadratic", HeadOverSquare, Some(Flow)),
    key("electronics_power", Size, None),
    key("measured_power", Size, None),
    key("rated_power", SizeAndHead, None),
];

const EXCHANGER: &[Key] = &[
    key("conductance", Size, Some(Duty)),
    key("rated_heat", Size, Some(Duty)),
    key("hot_flow", Size, None),
    key("cold_flow", Size, None),
    key("fouling", Inverse, None),
    key("hot_linear", Inverse, None),
    key("cold_linear", Inverse, None),
    key("hot_quadratic", InverseSquare, None),
    key("cold_quadratic", InverseSquare, None),
];

const TOWER: &[Key] = &[
    key("nominal_water_flow", Size, Some(Duty)),
    key("nominal_air_flow", Size, Some(Duty)),
    key("fan_power", Size, None),
    key("spray_power", Size, None),
];

const DRY_COOLER: &[Key] = &[
    key("nominal_heat", Size, Some(Duty)),
    key("nominal_air_flow", Size, Some(Duty)),
    key("fan_power", Size, None),
];

const CRAH: &[Key] = &[
    key("nominal_heat", Size, Some(Duty)),
    key("nominal_water_flow", Size, Some(Duty)),
    key("air_flow", Size, Some(Duty)),
    key("fan_power", Size, None),
];

const CHILLER: &[Key] = &[
    key("reference_capacity", Size, Some(Duty)),
    key("evaporator_flow", Size, None),
    key("condenser_flow", Size, None),
];

const AIR_COOLED_CHILLER: &[Key] = &[
    key("reference_capacity", Size, Some(Duty)),
    key("evaporator_flow", Size, None),
    key("free_cooling_fan_power", Size, None),
    key("air_flow", Size, None),
];

const TRANSFORMER: &[Key] = &[
    key("rating", Size, Some(Power)),
    key("no_load_loss", Size, None),
    key("load_loss", Size, None),
];

const BUSWAY: &[Key] = &[
    key("rated_current", Size, Some(Power)),
    key("rated_loss", Size, None),
    key("resistance", Inverse, None),
    key("reactance", Inverse, None),
];

const UPS: &[Key] = &[
    key("module_rating", Size, Some(Power)),
    key("module_apparent_rating", Size, Some(Power)),
];

const FEED: &[Key] = &[
    key("rating", Size, Some(Power)),
    key("power_limit", Size, Some(Power)),
];

const VALVE: &[Key] = &[key("flow_coefficient", Size, Some(Flow))];

// A pipe's capacity is its flow: with a margin on it, fewer pipes carry the same.
const PIPE: &[Key] = &[key("count", Size, Some(Flow))];

/// Values of a kind that follow a unit's size; none for kinds that are not sized.
pub fn keys(kind: Kind) -> &'static [Key] {
    match kind.spec().kind {
        "pump_set" => PUMP_SET,
        "cdu" => CDU,
        "exchanger" => EXCHANGER,
        "tower" => TOWER,
        "dry_cooler" => DRY_COOLER,
        "crah" => CRAH,
        "chiller" | "thermodynamic_chiller" => CHILLER,
        "air_cooled_chiller" => AIR_COOLED_CHILLER,
        "transformer" => TRANSFORMER,
        "busway" => BUSWAY,
        "ups" => UPS,
        "feed" => FEED,
        "valve" => VALVE,
        "pipe" => PIPE,
        _ => &[],
    }
}

/// Classes of margin that a kind has.
pub fn classes(kind: Kind) -> Vec<Class> {
    let keys = keys(kind);
    Class::ALL
        .into_iter()
        .filter(|class| {
            keys.iter().any(|key| key.margin == Some(*class))
                // The curve of a pump has both.
                || (*class == Class::Head && keys.iter().any(|key| key.follows == CurveOfHead))
        })
        .collect()
}

/// Scales a unit: its size, and the pressure of its pumps.
pub fn scale(equipment: &mut Equipment, size: f64, head: f64) {
    for key in keys(equipment.kind) {
        apply(equipment, key, size, head);
    }
}

/// Takes margins off a unit.
pub fn derate(equipment: &mut Equipment, margins: &Margins) {
    let head = 1.0 / (1.0 + margins.head);
    for key in keys(equipment.kind) {
        if let Some(class) = key.margin {
            apply(equipment, key, 1.0 / (1.0 + margins.of(class)), head);
        }
    }
}

fn apply(equipment: &mut Equipment, key: &Key, size: f64, head: f64) {
    let Some(slot) = position(equipment.kind.spec().fields, key.key) else {
        return;
    };
    let value = equipment.theta[slot];
    if value.is_nan() {
        return;
    }
    let factor = match key.follows {
        Size => size,
        Inverse => 1.0 / size,
        InverseSquare => 1.0 / (size * size),
        Head => head,
        SizeAndHead => size * head,
        HeadOverSquare => head / (size * size),
        CurveOfHead | Curve => {
            let head = if key.follows == Curve { 1.0 } else { head };
            if let Some(table) = equipment.tables.get_mut(value as usize) {
                let (x, y) = table.points().map(|(x, y)| (x * size, y * head)).unzip();
                if let Ok(scaled) = Pchip::new(x, y) {
                    *table = scaled.with_extrapolation(table.extrapolation());
                }
            }
            return;
        }
    };
    equipment.theta[slot] = value * factor;
}
