//! The hall as its reader sees it: every entry of the file once, replicas summed, with what it is joined to.
//!
//! An entry is known by its *group path*: `pod.*.cdu` is the equipment `cdu` of all pods, as in the results.

use std::collections::BTreeMap;

use crate::component::device;
use crate::hall::model::{DeviceRole, Equipment, Feeders, Group, RackSet, Ref};
use crate::network::{Element, Network};
use crate::report::text::{label, last_name};
use crate::result::gather::{self, Part};
use crate::solve::Solution;
use crate::solve::block::component_at;
use crate::study::Run;

/// Sums over the replicas of one piece of equipment, W.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sums {
    /// Instances.
    pub count: f64,
    /// Power drawn from the feeder.
    pub drawn: f64,
    /// Power that hangs below it.
    pub below: f64,
    /// Heat given to the fluid of each side.
    pub heat: [f64; 2],
    /// Heat given to each air node.
    pub air: [f64; 2],
    /// Heat that leaves the site there.
    pub out: f64,
    /// Energy that comes in there beside the feed.
    pub energy_in: f64,
}

/// An equipment entry.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    /// Group path.
    pub path: String,
    /// The entry.
    pub equipment: &'a Equipment,
    /// Group path of each side's loop.
    pub loops: Vec<String>,
    /// Group path of each air node.
    pub air: Vec<String>,
    /// Group path of each feeder, and the share of the load on it; none at the meter.
    pub feeders: Vec<(String, f64)>,
    /// Sums.
    pub sums: Sums,
}

/// Sums over the racks of one set, W.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RackSums {
    /// Racks.
    pub racks: f64,
    /// Power of GPUs, processors, auxiliary devices.
    pub devices: [f64; 3],
    /// What of it goes into the air from the boards.
    pub devices_to_air: [f64; 3],
    /// Power at the servers' inputs.
    pub power: f64,
    /// Heat that the coolant takes away.
    pub liquid: f64,
    /// Heat that the air takes away.
    pub air: f64,
    /// Rated power of the GPUs.
    pub rated: f64,
    /// GPUs.
    pub gpus: f64,
}

/// A rack entry.
#[derive(Debug, Clone)]
pub struct RackItem<'a> {
    /// Group path.
    pub path: String,
    /// Name of its branch in the power tree.
    pub branch: String,
    /// The entry.
    pub set: &'a RackSet,
    /// Group path of its loop.
    pub circuit: String,
    /// Group path of the air node that takes its heat.
    pub exhaust: String,
    /// Group path of each feeder, and the share of the load on it; none at the meter.
    pub feeders: Vec<(String, f64)>,
    /// Sums.
    pub sums: RackSums,
}

/// All entries.
#[derive(Debug)]
pub struct Site<'a> {
    /// The run.
    pub run: &'a Run,
    /// Components one by one.
    pub parts: Vec<Part<'a>>,
    /// Equipment entries.
    pub items: Vec<Item<'a>>,
    /// Rack entries.
    pub racks: Vec<RackItem<'a>>,
}

impl<'a> Site<'a> {
    /// Gathers a run.
    pub fn new(run: &'a Run) -> Self {
        let parts = gather::gather(&run.network, &run.solution);
        let mut site = Self {
            run,
            parts,
            items: Vec::new(),
            racks: Vec::new(),
        };
        let sums = component_sums(&run.network, &run.solution, &site.parts);
        let racks = rack_sums(&run.network, &run.solution);
        walk(&run.hall.root, &mut Vec::new(), &mut site);
        for item in &mut site.items {
            item.sums = sums.get(item.path.as_str()).copied().unwrap_or_default();
            shares(&item.path, &mut item.feeders, &sums);
        }
        for item in &mut site.racks {
            shares(&item.path, &mut item.feeders, &sums);
            item.sums = racks.get(&item.branch).copied().unwrap_or_default();
        }
        site
    }

    /// Name and number of all equipment that is like this one, as the figures sum it.
    pub fn label_of(&self, item: &Item<'_>) -> String {
        let alike = item.alike();
        let same = self.items.iter().filter(|other| other.alike() == alike);
        label(&item.path, same.map(|other| other.sums.count).sum())
    }

    /// Sums over all racks.
    pub fn all_racks(&self) -> RackSums {
        let mut all = RackSums::default();
        for item in &self.racks {
            let s = &item.sums;
            for k in 0..3 {
                all.devices[k] += s.devices[k];
                all.devices_to_air[k] += s.devices_to_air[k];
            }
            all.racks += s.racks;
            all.power += s.power;
            all.liquid += s.liquid;
            all.air += s.air;
            all.rated += s.rated;
            all.gpus += s.gpus;
        }
        all
    }
}

impl Item<'_> {
    /// What equipment of one name and kind in all groups has in common.
    pub fn alike(&self) -> String {
        let kind = self.equipment.kind.spec().kind;
        format!("{kind} {}", last_name(&self.path))
    }
}

/// A group and its group path (`pod.*.`, empty for the hall).
type Level<'a> = (&'a Group, String);

fn walk<'a>(group: &'a Group, above: &mut Vec<Level<'a>>, site: &mut Site<'a>) {
    let prefix = match above.last() {
        None => String::new(),
        Some((_, outer)) => format!("{outer}{}.*.", group.name),
    };
    above.push((group, prefix.clone()));
    let levels = above.clone();
    let name_of = |reference: Ref, name: fn(&Group, usize) -> Option<&str>| -> String {
        let level = levels
            .len()
            .checked_sub(1 + reference.up)
            .and_then(|k| levels.get(k));
        level
            .and_then(|(g, path)| name(g, reference.index).map(|n| format!("{path}{n}")))
            .unwrap_or_default()
    };
    let circuit = |r: Ref| name_of(r, |g, k| g.loops.get(k).map(|l| l.name.as_str()));
    let room = |r: Ref| name_of(r, |g, k| g.rooms.get(k).map(|l| l.name.as_str()));
    let feeders = |feeders: &Feeders| -> Vec<(String, f64)> {
        let name = |r| name_of(r, |g, k| g.equipment.get(k).map(|l| l.name.as_str()));
        let cords = feeders.0.iter();
        cords.map(|cord| (name(cord.bus), cord.share)).collect()
    };
    for equipment in &group.equipment {
        site.items.push(Item {
            path: format!("{prefix}{}", equipment.name),
            equipment,
            loops: equipment
                .sides
                .iter()
                .map(|(a, _)| circuit(a.circuit))
                .collect(),
            air: equipment.air.iter().map(|&r| room(r)).collect(),
            feeders: feeders(&equipment.feeders),
            sums: Sums::default(),
        });
    }
    for set in &group.racks {
        let path = format!("{prefix}{}", set.name);
        site.racks.push(RackItem {
            branch: path.replace(".*.", "-"),
            path,
            set,
            circuit: circuit(set.supply.circuit),
            exhaust: room(set.exhaust_air),
            feeders: feeders(&set.feeders),
            sums: RackSums::default(),
        });
    }
    for inner in &group.groups {
        walk(inner, above, site);
    }
    above.pop();
}

fn component_sums(
    network: &Network,
    solution: &Solution,
    parts: &[Part<'_>],
) -> BTreeMap<String, Sums> {
    let mut all: BTreeMap<String, Sums> = BTreeMap::new();
    for part in parts {
        let sum = all.entry(part.group.clone()).or_default();
        let air = match part.stamp.element {
            Element::Component(index) => {
                let state = &solution.state.blocks[part.block_index];
                let at = component_at(network, part.block, state, part.stamp, index);
                part.block.components[index].kind.equations(&at).air_heat
            }
            Element::Rack(_) | Element::Child(_) => [0.0; 2],
        };
        let n = part.count;
        sum.count += n;
        sum.drawn += n * part.drawn;
        sum.below += n * part.below;
        sum.out += n * part.ledger.heat_out;
        sum.energy_in += n * part.ledger.energy_in;
        for k in 0..2 {
            sum.heat[k] += n * part.heat[k];
            sum.air[k] += n * air[k];
        }
    }
    all
}

/// Shares in effect of a load's feeders, by what its cords carry.
fn shares(path: &str, feeders: &mut [(String, f64)], sums: &BTreeMap<String, Sums>) {
    let carried: Vec<f64> = feeders
        .iter()
        .map(|(feeder, _)| sums.get(&format!("{path}-on-{}", last_name(feeder))))
        .map(|sum| sum.map_or(0.0, |sum| sum.drawn))
        .collect();
    let all: f64 = carried.iter().sum();
    if all > 0.0 {
        for ((_, share), carried) in feeders.iter_mut().zip(carried) {
            *share = carried / all;
        }
    }
}

fn rack_sums(network: &Network, solution: &Solution) -> BTreeMap<String, RackSums> {
    let mut all: BTreeMap<String, RackSums> = BTreeMap::new();
    for (index, rack) in network.racks.iter().enumerate() {
        let names: Vec<&str> = rack.path.iter().map(|(name, _)| name.as_str()).collect();
        let sum = all.entry(names.join("-")).or_default();
        let work = solution.rack(index);
        let linear = work.linear();
        let (n, design) = (f64::from(rack.multiplicity), &rack.design);
        sum.racks += n;
        sum.liquid += n * linear.liquid[0];
        sum.air += n * linear.air[0];
        sum.power += n * linear.power[0];
        for set in &design.sets {
            let role = match set.role {
                DeviceRole::Gpu => 0,
                DeviceRole::Processor => 1,
                DeviceRole::Auxiliary => 2,
            };
            for server in 0..design.servers {
                let first = server * design.plates_per_server + set.first_plate;
                for plate in first..first + set.count {
                    let power = n * work.device_power(plate);
                    sum.devices[role] += power;
                    sum.devices_to_air[role] +=
                        power * rack.parameters.plates.get(plate).air_fraction;
                }
            }
            if role == 0 {
                let number = n * (set.count * design.servers) as f64;
                sum.gpus += number;
                sum.rated +=
                    number * device::Parameters::<f64>::load(&set.device_theta).rated_power;
            }
        }
    }
    all
}
