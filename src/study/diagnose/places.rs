//! What stands where in a hall: rooms with what meets their air, fixed heats, loops with what is on them, by group path.

use crate::component::{Kind, heat_load};
use crate::hall::model::{Group, Hall};
use crate::result::gather::group_path;

/// A room and what meets its air: group paths of equipment with the number of the air node.
pub(super) struct Met {
    /// Group path of its group.
    pub prefix: String,
    pub name: String,
    pub meets: Vec<(String, usize)>,
}

/// Every room.
pub(super) fn rooms(hall: &Hall) -> Vec<Met> {
    let mut out: Vec<Met> = Vec::new();
    walk(&hall.root, &mut Vec::new(), &mut |group, above| {
        let prefix = prefix(above);
        for room in &group.rooms {
            out.push(Met {
                prefix: prefix.clone(),
                name: room.name.clone(),
                meets: Vec::new(),
            });
        }
        for equipment in &group.equipment {
            for (node, air) in equipment.air.iter().enumerate() {
                let Some(owner) = above.len().checked_sub(1 + air.up).map(|k| above[k]) else {
                    continue;
                };
                let Some(room) = owner.rooms.get(air.index) else {
                    continue;
                };
                let outer = self::prefix(&above[..above.len() - air.up]);
                let found = out
                    .iter_mut()
                    .find(|met| met.prefix == outer && met.name == room.name);
                if let Some(met) = found {
                    met.meets
                        .push((format!("{prefix}{}", equipment.name), node));
                }
            }
        }
    });
    out
}

/// Fixed heats by group path, W.
pub(super) fn fixed_heats(hall: &Hall) -> Vec<(String, f64)> {
    let mut out = Vec::new();
    walk(&hall.root, &mut Vec::new(), &mut |group, above| {
        for equipment in group.equipment.iter().filter(|e| e.kind == Kind::HeatLoad) {
            let p = heat_load::Parameters::<f64>::load(&equipment.theta);
            out.push((format!("{}{}", prefix(above), equipment.name), p.heat));
        }
    });
    out
}

/// Equipment of the hall by group path, with the loops of its sides: the group path of each, and its name.
fn sides(hall: &Hall) -> Vec<(String, Vec<(String, String)>)> {
    let mut out = Vec::new();
    walk(&hall.root, &mut Vec::new(), &mut |group, above| {
        for equipment in &group.equipment {
            let circuits = equipment.sides.iter().filter_map(|(a, _)| {
                let depth = above.len().checked_sub(1 + a.circuit.up)?;
                let name = &above[depth].loops.get(a.circuit.index)?.name;
                Some((format!("{}{name}", prefix(&above[..=depth])), name.clone()))
            });
            let circuits = circuits.collect();
            out.push((format!("{}{}", prefix(above), equipment.name), circuits));
        }
    });
    out
}

/// Loop of the first side of the equipment at a group path.
pub(super) fn circuit_of(hall: &Hall, path: &str) -> Option<String> {
    let all = sides(hall);
    let (_, circuits) = all.into_iter().find(|(own, _)| own == path)?;
    circuits.into_iter().next().map(|(_, name)| name)
}

/// Group paths of all equipment on the loop of that at a group path.
pub(super) fn on_loop(hall: &Hall, path: &str) -> Vec<String> {
    let all = sides(hall);
    let own = all.iter().find(|(own, _)| own == path);
    let Some((circuit, _)) = own.and_then(|(_, circuits)| circuits.first()) else {
        return Vec::new();
    };
    let on = |circuits: &[(String, String)]| circuits.iter().any(|(other, _)| other == circuit);
    let found = all.iter().filter(|(_, circuits)| on(circuits));
    found.map(|(path, _)| path.clone()).collect()
}

fn walk<'a>(
    group: &'a Group,
    above: &mut Vec<&'a Group>,
    see: &mut dyn FnMut(&'a Group, &[&'a Group]),
) {
    above.push(group);
    see(group, above);
    for inner in &group.groups {
        walk(inner, above, see);
    }
    above.pop();
}

/// Group path of what stands in the innermost of these groups, as results write it.
fn prefix(above: &[&Group]) -> String {
    let names: Vec<(String, u32)> = above.iter().skip(1).map(|g| (g.name.clone(), 0)).collect();
    group_path(&names, "")
}
