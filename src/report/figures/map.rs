//! Racks of the hall by their hottest GPU.
//!
//! A hall file gives no floor plan: racks stand in the order of their indices, in a block for each group that holds more
//! than one. Instances that the solve has collapsed are drawn one by one with the value that they share.

use std::collections::HashMap;

use super::{Chart, Data, caption};
use crate::hall::model::Group;
use crate::plot::{Limit, Quantity, hall_map};
use crate::report::site::Site;
use crate::report::text::{Text, words};
use crate::result::{LimitStatus, gpus};
use crate::solve::rack::status;

/// Most racks drawn.
const MOST: usize = 50_000;

#[derive(Debug, Clone, Copy)]
struct Value {
    hottest: f64,
    broken: bool,
    count: u32,
}

/// The chart.
pub fn chart(site: &Site<'_>, text: Text) -> Option<Chart> {
    let run = site.run;
    let mut values: Vec<Option<Value>> = vec![None; run.network.racks.len()];
    for point in gpus::points(&run.network, &run.solution) {
        let value = values[point.rack as usize].get_or_insert(Value {
            hottest: f64::NEG_INFINITY,
            broken: false,
            count: point.count,
        });
        value.hottest = value.hottest.max(point.junction);
        let slowed = [
            status::THROTTLED_CORE,
            status::THROTTLED_MEMORY,
            status::SHUT_DOWN,
        ]
        .contains(&point.status);
        value.broken |= slowed || point.margin < -1e-6;
    }
    let tree = Tree::new(
        run.network.racks.iter().map(|rack| rack.path.as_slice()),
        &values,
    );
    let mut racks = Vec::new();
    instances(&run.hall.root, &mut Vec::new(), &tree, &values, &mut racks);
    if racks.is_empty() || racks.len() > MOST {
        return None;
    }
    let cells = arrange(&racks, text);
    let limits = run
        .result
        .limits
        .iter()
        .filter(|l| l.what.starts_with("GPU junction") && l.status != LimitStatus::Unknown)
        .map(|l| Limit {
            label: words(l.what.trim_start_matches("GPU junction, ")),
            value: (text.degrees(l.limit) * 100.0).round() / 100.0,
        })
        .collect();
    let range = least_range(&cells, 2.0 * (text.degrees(1.0) - text.degrees(0.0)));
    let broken = cells.iter().filter(|rack| rack.broken).count();
    let data = hall_map::Data {
        caption: caption(site, "Racks by their hottest GPU", ""),
        quantity: Quantity::new("Hottest GPU", text.degree()),
        racks: cells,
        limits,
        range,
    };
    let words = format!(
        "Racks in the order of their indices{}; the hall file gives no floor plan. {} {}.",
        if racks.iter().any(|r| r.path.len() > 1) {
            ", by group"
        } else {
            ""
        },
        match broken {
            0 => "No rack holds a GPU that throttles, is shut down or is".to_owned(),
            1 => "1 rack, crossed out, holds a GPU that throttles, is shut down or is".to_owned(),
            n => format!("{n} racks, crossed out, hold GPUs that throttle, are shut down or are"),
        },
        "beyond a protective limit"
    );
    Some(Chart {
        id: "map",
        title: "Where the warm racks are",
        caption: words,
        data: Data::Map(data),
    })
}

/// The distinct instances as a tree of names and indices, to find whose values an instance shares.
#[derive(Debug, Default)]
struct Tree {
    /// Children by name: index, racks that this child stands for, and what is below.
    children: HashMap<String, Vec<(u32, u64, Tree)>>,
    /// The distinct rack, at a leaf.
    rack: Option<usize>,
}

impl Tree {
    fn new<'p>(paths: impl Iterator<Item = &'p [(String, u32)]>, values: &[Option<Value>]) -> Self {
        let mut root = Self::default();
        for (rack, path) in paths.enumerate() {
            let weight = values[rack].map_or(1, |v| u64::from(v.count));
            let mut at = &mut root;
            for (name, index) in path {
                let list = at.children.entry(name.clone()).or_default();
                let place = list
                    .iter()
                    .position(|(known, ..)| known == index)
                    .unwrap_or_else(|| {
                        list.push((*index, 0, Self::default()));
                        list.len() - 1
                    });
                list[place].1 += weight;
                at = &mut list[place].2;
            }
            at.rack = Some(rack);
        }
        root
    }

    /// The child of this index, or the one that stands for all that nothing tells apart: it stands for the most.
    fn child(&self, name: &str, index: u32) -> Option<&Self> {
        let list = self.children.get(name)?;
        list.iter()
            .find(|(known, ..)| *known == index)
            .or_else(|| list.iter().max_by_key(|(_, weight, _)| *weight))
            .map(|(_, _, below)| below)
    }
}

#[derive(Debug)]
struct Place {
    path: Vec<(String, u32)>,
    value: Option<Value>,
}

fn instances(
    group: &Group,
    path: &mut Vec<(String, u32)>,
    tree: &Tree,
    values: &[Option<Value>],
    out: &mut Vec<Place>,
) {
    for set in &group.racks {
        for index in 0..set.count as u32 {
            let value = tree
                .child(&set.name, index)
                .and_then(|leaf| leaf.rack)
                .and_then(|rack| values[rack]);
            let mut own = path.clone();
            own.push((set.name.clone(), index));
            out.push(Place { path: own, value });
            if out.len() > MOST {
                return;
            }
        }
    }
    for inner in &group.groups {
        for index in 0..inner.count as u32 {
            let Some(below) = tree.child(&inner.name, index) else {
                continue;
            };
            path.push((inner.name.clone(), index));
            instances(inner, path, below, values, out);
            path.pop();
            if out.len() > MOST {
                return;
            }
        }
    }
}

/// Ends of the colour scale where the racks' own would be closer than `least`: differences that no one would act on are
/// not to look like hot spots.
fn least_range(racks: &[hall_map::Rack], least: f64) -> Option<(f64, f64)> {
    let values = || racks.iter().filter_map(|rack| rack.value);
    let low = values().fold(f64::INFINITY, f64::min);
    let high = values().fold(f64::NEG_INFINITY, f64::max);
    let middle = f64::midpoint(low, high);
    (high - low < least && middle.is_finite())
        .then_some((middle - least / 2.0, middle + least / 2.0))
}

/// Puts racks into blocks and rows.
fn arrange(places: &[Place], text: Text) -> Vec<hall_map::Rack> {
    // The shortest part of the paths that leaves blocks of more than a few racks.
    let deepest = places.iter().map(|p| p.path.len()).max().unwrap_or(1);
    let name = |place: &Place, depth: usize| -> String {
        let steps = &place.path[..depth.min(place.path.len() - 1)];
        let mut label: Vec<String> = steps
            .iter()
            .map(|(name, index)| format!("{name}.{index}"))
            .collect();
        if label.is_empty() {
            label.push(place.path[0].0.clone());
        }
        label.join(".")
    };
    let mut depth = deepest.saturating_sub(1);
    let sizes = loop {
        let mut sizes: HashMap<String, usize> = HashMap::new();
        for place in places {
            *sizes.entry(name(place, depth)).or_default() += 1;
        }
        if depth == 0 || places.len() / sizes.len() >= 3 {
            break sizes;
        }
        depth -= 1;
    };
    let mut filled: HashMap<String, usize> = HashMap::new();
    places
        .iter()
        .map(|place| {
            let group = name(place, depth);
            let size = sizes.get(&group).copied().unwrap_or(1);
            let across = across(size);
            let position = filled.entry(group.clone()).or_default();
            let (row, column) = (*position / across, *position % across);
            *position += 1;
            hall_map::Rack {
                group,
                row,
                column,
                value: place.value.map(|v| text.degrees(v.hottest - 273.15)),
                broken: place.value.is_some_and(|v| v.broken),
            }
        })
        .collect()
}

/// Racks in a row of a block: one row up to 16, else rows of a block twice as wide as it is deep.
fn across(size: usize) -> usize {
    if size <= 16 {
        return size.max(1);
    }
    let wide = (2.0 * size as f64).sqrt().ceil() as usize;
    // Rows of eight racks are common: the next multiple keeps the columns readable.
    wide.div_ceil(8) * 8
}
