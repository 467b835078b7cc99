//! Places of the hall: a rack, a room, one loop of many alike.

use super::{Explanation, Number, number};
use crate::component::{manifold, module_documentation};
use crate::hall::model::{RETURN, SUPPLY};
use crate::network::{Block, Element, NONE, path_text};
use crate::solve::block::component_at;
use crate::solve::rack::supply_loss;
use crate::study::Run;

/// Whether an instance stands for the asset of this path: it is that one, or the one listed of many
/// alike; `*` stands for any.
pub(super) fn stands_for(run: &Run, own: &[(String, u32)], path: &str, racks: bool) -> bool {
    let parts: Vec<&str> = path.split('.').collect();
    if parts.len() != 2 * own.len() {
        return false;
    }
    let names = parts
        .chunks(2)
        .zip(own)
        .all(|(pair, (name, _))| pair[0] == name);
    let same = parts
        .chunks(2)
        .zip(own)
        .all(|(pair, (_, index))| pair[1] == "*" || pair[1].parse() == Ok(*index));
    if !names || same {
        return names;
    }
    let numbers = parts.chunks(2).all(|pair| pair[1].parse::<u32>().is_ok());
    let listed = if racks {
        run.network
            .racks
            .iter()
            .any(|rack| path_text(&rack.path) == path)
    } else {
        run.network
            .blocks
            .iter()
            .any(|block| path_text(&block.path) == path)
    };
    numbers && !listed
}

/// A path as the group's and the name in it.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('.').unwrap_or(("", path))
}

fn blocks<'a>(run: &'a Run, group: &'a str) -> impl Iterator<Item = (usize, &'a Block)> {
    run.network
        .blocks
        .iter()
        .enumerate()
        .filter(move |(_, block)| {
            if group.is_empty() {
                block.path.is_empty()
            } else {
                stands_for(run, &block.path, group, false)
            }
        })
}

/// Explains a rack.
pub(super) fn rack(run: &Run, path: &str) -> Option<Explanation> {
    let (index, rack) = run
        .network
        .racks
        .iter()
        .enumerate()
        .find(|(_, rack)| stands_for(run, &rack.path, path, true))?;
    let found = run.solution.rack(index);
    let (linear, design) = (found.linear(), &rack.design);
    let (mut devices, mut air_cooled, mut fans, mut loss) = (0.0, 0.0, 0.0, 0.0);
    for (s, numbers) in rack.parameters.servers.iter().enumerate() {
        let first = s * design.plates_per_server;
        let direct: f64 = (first..first + design.plates_per_server)
            .map(|plate| found.device_power(plate))
            .sum();
        devices += direct;
        air_cooled += numbers.air_cooled_power;
        fans += numbers.fan_power;
        let all = direct + numbers.air_cooled_power + numbers.fan_power;
        loss += supply_loss(design, numbers, all).0;
    }
    let kilowatts = |watts: f64| format!("{:.3} kW", watts / 1e3);
    let switches = rack.parameters.manifold.switch_power;
    let name = rack.path.last().map_or("", |(name, _)| name.as_str());
    Some(Explanation {
        path: path.to_owned(),
        what: format!(
            "A rack ({} alike): {} servers on a supply and a return manifold",
            rack.multiplicity, design.servers
        ),
        steps: vec![
            "P = devices on plates + air-cooled parts + fans + supply loss + switches".to_owned(),
            format!(
                "= {} + {} + {} + {} + {} = {}",
                kilowatts(devices),
                kilowatts(air_cooled),
                kilowatts(fans),
                kilowatts(loss),
                kilowatts(switches),
                kilowatts(linear.power[0])
            ),
            format!(
                "coolant: {:.5} kg/s, leaving at {:.3} °C",
                linear.flow[0].abs(),
                found.return_temperature() - 273.15
            ),
        ],
        numbers: manifold::Parameters::<f64>::FIELDS
            .iter()
            .filter_map(|field| {
                let tail = format!("{name}.{}", field.key);
                let found = run
                    .hall
                    .provenance
                    .iter()
                    .find(|p| p.path.ends_with(&tail))?;
                Some(Number {
                    name: field.key.to_owned(),
                    value: found.value.clone(),
                    source: Some(format!("{} ({:?})", found.source, found.confidence)),
                })
            })
            .collect(),
        documentation: module_documentation(include_str!("../../component/manifold.rs"))
            + "\n\n"
            + &module_documentation(include_str!("../../component/server.rs")),
    })
}

/// Explains a room or an aisle.
pub(super) fn room(run: &Run, path: &str) -> Option<Explanation> {
    let (group, name) = split(path);
    let (index, block, room) = blocks(run, group).find_map(|(index, block)| {
        let room = block
            .structure
            .rooms
            .iter()
            .find(|room| room.name == name)?;
        Some((index, block, room))
    })?;
    let state = &run.solution.state.blocks[index];
    let mut numbers = Vec::new();
    let mut sum = 0.0;
    for stamp in &block.structure.stamps {
        let Element::Component(k) = stamp.element else {
            continue;
        };
        let spec = block.components[k].kind.spec();
        let base = 5 * spec.sides.len() + 2;
        for place in 0..spec.air.len() {
            if stamp.variables[base + place] != room.variable || room.variable == NONE {
                continue;
            }
            let at = component_at(&run.network, block, state, stamp, k);
            let heat = block.components[k].kind.equations(&at).air_heat[place];
            if heat != 0.0 {
                sum += heat;
                let value = format!("{:+.3} kW", heat / 1e3);
                numbers.push(number(
                    &format!("heat from {}", block.components[k].name),
                    value,
                ));
            }
        }
    }
    if sum.abs() > 1e-3 {
        let value = format!("{:+.3} kW", -sum / 1e3);
        numbers.push(number("heat from racks and groups", value));
    }
    Some(Explanation {
        path: path.to_owned(),
        what: "Air: its temperature is the one at which the heats given to it add up to nothing"
            .to_owned(),
        steps: vec![
            "Σ heat given to the air = 0".to_owned(),
            format!("T = {:.3} °C", state.x[room.variable as usize] - 273.15),
        ],
        numbers,
        documentation: String::new(),
    })
}

/// Explains one loop of a group.
pub(super) fn circuit(run: &Run, path: &str) -> Option<Explanation> {
    let (group, name) = split(path);
    let (index, block, found) = blocks(run, group).find_map(|(index, block)| {
        let found = block.structure.loops.iter().find(|one| one.name == name)?;
        Some((index, block, found))
    })?;
    let state = &run.solution.state.blocks[index];
    let at = |node: usize, offset: usize| state.x[found.nodes[node] as usize + offset];
    let nodes = found
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, variable)| **variable != NONE);
    let numbers = nodes.map(|(node, _)| {
        let value = format!(
            "{:.3} °C, {:.2} kPa",
            at(node, 1) - 273.15,
            at(node, 0) / 1e3
        );
        number(&found.node_names[node], value)
    });
    let rise = at(RETURN, 1) - at(SUPPLY, 1);
    Some(Explanation {
        path: path.to_owned(),
        what: format!(
            "A loop of {} ({} alike); `loops.{name}` is all of them",
            found.fluid_name, block.multiplicity
        ),
        steps: vec![
            "each node: Σ mass flow in = 0; its temperature is that of what flows in, mixed"
                .to_owned(),
            format!("return − supply = {rise:.3} K"),
        ],
        numbers: numbers.collect(),
        documentation: String::new(),
    })
}

/// Explains a rack, a room or a loop, whichever has this path.
pub(super) fn any(run: &Run, path: &str) -> Option<Explanation> {
    rack(run, path)
        .or_else(|| room(run, path))
        .or_else(|| circuit(run, path))
}
