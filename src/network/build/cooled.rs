//! Rooms that nothing can cool: found before the solve, which would only say that it finds no rest.

use super::BuildFault;
use crate::component::{Kind, cold_plate, server};
use crate::hall::model::{Group, Hall, RackSet, Ref};

/// Kinds that only give heat to the air that they meet; every other kind may take some.
const ONLY_GIVE: &[Kind] = &[
    Kind::ItLoad,
    Kind::OtherLoad,
    Kind::Transformer,
    Kind::Ups,
    Kind::Busway,
    Kind::PumpSet,
    Kind::Cdu,
    Kind::Chiller,
    Kind::ThermodynamicChiller,
];

/// Refuses rooms into which heat only comes.
pub fn check(hall: &Hall) -> Result<(), BuildFault> {
    // Bare plates and hoses let the coolant take heat from warm air; any asset may be given that.
    let by_rule = hall
        .variations
        .rules
        .iter()
        .any(|rule| rule.key.ends_with("air_conductance"));
    if by_rule {
        return Ok(());
    }
    group(&hall.root, "")
}

fn group(at: &Group, path: &str) -> Result<(), BuildFault> {
    for (index, room) in at.rooms.iter().enumerate() {
        let (gives, takes) = meets(at, Ref { up: 0, index });
        if gives && !takes {
            return Err(BuildFault::Uncooled {
                room: format!("{path}{}", room.name),
                exhaust: room.exhaust,
            });
        }
    }
    at.groups
        .iter()
        .try_for_each(|inner| group(inner, &format!("{path}{}.", inner.name)))
}

/// Whether anything gives heat to a room, and whether anything may take it.
fn meets(at: &Group, room: Ref) -> (bool, bool) {
    let (mut gives, mut takes) = (false, false);
    for equipment in at.equipment.iter().filter(|e| e.air.contains(&room)) {
        if ONLY_GIVE.contains(&equipment.kind) {
            gives = true;
        } else {
            takes = true;
        }
    }
    for set in &at.racks {
        if set.inlet_air == room || set.exhaust_air == room {
            gives |= set.exhaust_air == room;
            takes |= carries_its_air(set);
        }
    }
    for inner in &at.groups {
        let outside = Ref {
            up: room.up + 1,
            ..room
        };
        let (inner_gives, inner_takes) = meets(inner, outside);
        gives |= inner_gives;
        takes |= inner_takes;
    }
    (gives, takes)
}

/// Whether a rack's coolant can take the heat of its air through plates and hoses: what is cooled by
/// air at full load, with air at most this much warmer than the coolant.
const MOST_EXCESS: f64 = 100.0;

fn carries_its_air(set: &RackSet) -> bool {
    let conductance: f64 = set
        .server
        .devices
        .iter()
        .map(|d| d.count as f64 * cold_plate::Parameters::<f64>::load(&d.plate).air_conductance)
        .sum();
    let server = server::Parameters::<f64>::load(&set.server.theta);
    conductance > 0.0 && server.air_cooled_power + server.fan_power <= conductance * MOST_EXCESS
}
