//! Pumps that valves of their own accord can leave without a way: found before the solve, which has no temperature to
//! find for water that stands between a pump and shut valves.

use super::BuildFault;
use crate::component::Kind;
use crate::hall::model::{Equipment, Group, Hall, Loop, Ref};

/// A way from node to node of one loop.
struct Way<'h> {
    from: usize,
    to: usize,
    /// Whether water passes from `from` to `to` alone.
    one_way: bool,
    /// The equipment whose valve may shut it.
    shut_by: Option<&'h str>,
    /// Whose it is; headers and racks are nobody's.
    owner: Option<&'h Equipment>,
}

/// Refuses pumps behind which every way may be shut at once.
pub fn check(hall: &Hall) -> Result<(), BuildFault> {
    group(&mut vec![&hall.root])
}

/// `chain` leads from the hall to the group at hand.
fn group(chain: &mut Vec<&Group>) -> Result<(), BuildFault> {
    let Some(&at) = chain.last() else {
        return Ok(());
    };
    for pump in at.equipment.iter().filter(|one| one.kind == Kind::PumpSet) {
        let Some((from, to)) = pump.sides.first() else {
            continue;
        };
        let home = chain.len().checked_sub(from.circuit.up + 1);
        let Some(home) = home.and_then(|depth| chain.get(depth)) else {
            continue;
        };
        let Some(circuit) = home.loops.get(from.circuit.index) else {
            continue;
        };
        let mut ways = headers(circuit);
        collect(
            home,
            Ref {
                up: 0,
                ..from.circuit
            },
            &mut ways,
        );
        ways.retain(|way| way.owner.is_none_or(|owner| !std::ptr::eq(owner, pump)));
        let open = |way: &Way<'_>| way.shut_by.is_none();
        if reaches(&ways, to.node, from.node, open) || !reaches(&ways, to.node, from.node, |_| true)
        {
            continue;
        }
        let names = chain.iter().skip(1).map(|group| group.name.as_str());
        return Err(BuildFault::NoWay {
            pump: names
                .chain([pump.name.as_str()])
                .collect::<Vec<_>>()
                .join("."),
            circuit: circuit.name.clone(),
            economiser: ways
                .iter()
                .find_map(|way| way.shut_by)
                .unwrap_or_default()
                .to_owned(),
        });
    }
    for inner in &at.groups {
        chain.push(inner);
        let found = group(chain);
        chain.pop();
        found?;
    }
    Ok(())
}

fn headers(circuit: &Loop) -> Vec<Way<'_>> {
    let node = |name: &str| circuit.nodes.iter().position(|known| known == name);
    [("supply", "supply_end"), ("return", "return_end")]
        .into_iter()
        .filter_map(|(from, to)| {
            let (from, to) = (node(from)?, node(to)?);
            circuit.header.as_ref()?;
            Some(Way {
                from,
                to,
                one_way: false,
                shut_by: None,
                owner: None,
            })
        })
        .collect()
}

/// All ways of the loop `circuit`, as seen from the group `at`, in it and in the groups inside.
fn collect<'h>(at: &'h Group, circuit: Ref, ways: &mut Vec<Way<'h>>) {
    for equipment in &at.equipment {
        let shut = equipment.kind.may_shut(&equipment.theta);
        for (index, (from, to)) in equipment.sides.iter().enumerate() {
            if from.circuit == circuit && to.circuit == circuit {
                ways.push(Way {
                    from: from.node,
                    to: to.node,
                    one_way: equipment.kind == Kind::PumpSet,
                    shut_by: (shut == Some(index)).then_some(equipment.name.as_str()),
                    owner: Some(equipment),
                });
            }
        }
    }
    for set in at.racks.iter().filter(|set| set.supply.circuit == circuit) {
        let (from, to) = (set.supply.node, set.back.node);
        ways.push(Way {
            from,
            to,
            one_way: false,
            shut_by: None,
            owner: None,
        });
    }
    for inner in &at.groups {
        collect(
            inner,
            Ref {
                up: circuit.up + 1,
                ..circuit
            },
            ways,
        );
    }
}

/// Whether water gets from one node to another by ways that are `open`.
fn reaches(ways: &[Way<'_>], start: usize, end: usize, open: impl Fn(&Way<'_>) -> bool) -> bool {
    let mut reached = vec![start];
    let mut next = 0;
    while let Some(&at) = reached.get(next) {
        next += 1;
        if at == end {
            return true;
        }
        for way in ways.iter().filter(|way| open(way)) {
            let beyond = if way.from == at {
                way.to
            } else if way.to == at && !way.one_way {
                way.from
            } else {
                continue;
            };
            if !reached.contains(&beyond) {
                reached.push(beyond);
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{BuildFault, check};
    use crate::hall::{LoadOptions, load};
    use crate::world::Memory;
    use std::path::Path;

    const HALL: &str = include_str!("../../../tests/faults/pump-without-way.toml");

    fn checked(text: &str, edit: Option<&str>) -> Result<(), BuildFault> {
        let world = Memory::new().with("hall.toml", text);
        let set = edit.into_iter().map(str::to_owned).collect();
        let options = LoadOptions {
            set,
            ..LoadOptions::default()
        };
        let Ok((hall, _)) = load(&world, Path::new("hall.toml"), &options) else {
            panic!("the hall file is at fault")
        };
        check(&hall)
    }

    #[test]
    fn a_bypass_or_what_stays_open_is_a_way() {
        assert!(
            matches!(checked(HALL, None), Err(BuildFault::NoWay { pump, .. }) if pump == "tower-pumps")
        );
        // Whatever the speed holds, the water would stand.
        assert!(checked(HALL, Some("equipment.tower-pumps.control=fixed_speed")).is_err());
        assert_eq!(
            checked(HALL, Some("equipment.economiser.when_shut=bypass")),
            Ok(())
        );
        let beside = "\n[equipment.beside]\nkind = \"valve\"\nflow_coefficient = \"50 Kv\"\nposition = 0.2\n";
        let open =
            format!("{HALL}{beside}fluid = {{ from = \"tower.pumped\", to = \"tower.return\" }}\n");
        assert_eq!(checked(&open, None), Ok(()));
        // A second pump beside the first lets nothing back.
        let second = "\n[equipment.second]\npart = \"condenser-water-pump\"\nroom = \"hall\"\n";
        let pair =
            format!("{HALL}{second}fluid = {{ from = \"tower.supply\", to = \"tower.pumped\" }}\n");
        assert!(checked(&pair, None).is_err());
    }
}
