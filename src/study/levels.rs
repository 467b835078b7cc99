//! Levels of the electrical and of the hydraulic tree, and to which of them a limit belongs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::hall::model::{Group, Ref};
use crate::result::Limit;

/// A level, from the utility feed down to the GPU, then from the rack's coolant out to the air outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Utility feed.
    Feed,
    /// Transformers that feed transformers.
    Substation,
    /// Transformers.
    Transformer,
    /// UPS.
    Ups,
    /// Busway.
    Busway,
    /// Racks and their servers.
    Rack,
    /// GPUs.
    Gpu,
    /// Air of rooms.
    Room,
    /// Coolant distribution units.
    Cdu,
    /// Loops: their supply, pipes, valves and given water.
    Loop,
    /// Pumps.
    Pump,
    /// Heat exchangers.
    Exchanger,
    /// Rear doors, air handlers, room coolers.
    Air,
    /// Chillers.
    Chiller,
    /// Towers and dry coolers.
    HeatRejection,
    /// Whatever else.
    Other,
}

impl Level {
    /// All, in order.
    pub const ALL: [Self; 16] = [
        Self::Feed,
        Self::Substation,
        Self::Transformer,
        Self::Ups,
        Self::Busway,
        Self::Rack,
        Self::Gpu,
        Self::Room,
        Self::Cdu,
        Self::Loop,
        Self::Pump,
        Self::Exchanger,
        Self::Air,
        Self::Chiller,
        Self::HeatRejection,
        Self::Other,
    ];

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Substation => "substation",
            Self::Transformer => "transformer",
            Self::Ups => "UPS",
            Self::Busway => "busway",
            Self::Rack => "rack",
            Self::Gpu => "GPU",
            Self::Room => "room",
            Self::Cdu => "CDU",
            Self::Loop => "loop",
            Self::Pump => "pump",
            Self::Exchanger => "exchanger",
            Self::Air => "air side",
            Self::Chiller => "chiller",
            Self::HeatRejection => "heat rejection",
            Self::Other => "other",
        }
    }

    /// Level of a kind of component.
    fn of_kind(kind: &str) -> Self {
        match kind {
            "feed" => Self::Feed,
            "transformer" => Self::Transformer,
            "ups" => Self::Ups,
            "busway" => Self::Busway,
            "cdu" => Self::Cdu,
            "pump_set" => Self::Pump,
            "exchanger" | "economiser" => Self::Exchanger,
            "pipe" | "valve" | "resistance" | "buffer_tank" | "given_water" => Self::Loop,
            "rear_door" | "crah" | "room_cooler" | "room_air" => Self::Air,
            "chiller" | "thermodynamic_chiller" | "air_cooled_chiller" => Self::Chiller,
            "tower" | "dry_cooler" | "heat_reuse" => Self::HeatRejection,
            _ => Self::Other,
        }
    }
}

/// Levels of the equipment of a hall, by path with `*` for indices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Levels(BTreeMap<String, Level>);

impl Levels {
    /// Levels of all equipment below a group.
    pub fn of(root: &Group) -> Self {
        let mut found = Self(BTreeMap::new());
        let mut feeders = Vec::new();
        found.walk(&mut vec![(root, String::new())], &mut feeders);
        for path in feeders {
            if let Some(level) = found.0.get_mut(&path)
                && *level == Level::Transformer
            {
                *level = Level::Substation;
            }
        }
        found
    }

    /// Notes the equipment of the innermost group and of those inside it, and what feeds transformers.
    fn walk(&mut self, above: &mut Vec<(&Group, String)>, feeders: &mut Vec<String>) {
        let Some((group, prefix)) = above.last().cloned() else {
            return;
        };
        for equipment in &group.equipment {
            let kind = equipment.kind.spec().kind;
            self.0
                .insert(format!("{prefix}{}", equipment.name), Level::of_kind(kind));
            let buses = equipment.feeders.buses();
            for Ref { up, index } in buses.filter(|_| kind == "transformer") {
                let place = above.len().checked_sub(1 + up).and_then(|at| above.get(at));
                feeders.extend(place.and_then(|(group, prefix)| {
                    Some(format!("{prefix}{}", group.equipment.get(index)?.name))
                }));
            }
        }
        for inner in &group.groups {
            above.push((inner, format!("{prefix}{}.*.", inner.name)));
            self.walk(above, feeders);
            above.pop();
        }
    }

    /// Level of a component by its path, with indices or `*`.
    pub fn of_path(&self, path: &str) -> Option<Level> {
        self.0.get(&starred(path)).copied()
    }

    /// Level of a limit.
    pub fn of_limit(&self, limit: &Limit) -> Level {
        if let Some(level) = self.of_path(&limit.path) {
            return level;
        }
        // What is no component is told by what is limited.
        match limit.what.as_str() {
            what if what.starts_with("GPU") => Level::Gpu,
            "air temperature at server inlets" => Level::Room,
            what if what.starts_with("supply temperature") => Level::Loop,
            _ => Level::Rack,
        }
    }
}

/// A path with `*` in place of indices.
pub fn starred(path: &str) -> String {
    path.split('.')
        .map(|word| {
            if word.parse::<u32>().is_ok() {
                "*"
            } else {
                word
            }
        })
        .collect::<Vec<_>>()
        .join(".")
}
