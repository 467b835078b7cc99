//! Heat from the GPUs to the outdoor air.
//!
//! What a component takes from a loop, a room or its feeder and gives to another is read from the solution, so that each
//! node's inflow is its outflow. A pump only adds heat to its loop; a CDU stands between two.

use super::{Chart, Data, caption};
use crate::component::EndUse;
use crate::plot::style::Carrier;
use crate::report::flows::Flows;
use crate::report::site::{Item, Site};
use crate::report::text::{Text, label, last_name, within};

/// The chart.
pub fn chart(site: &Site<'_>, text: Text) -> Option<Chart> {
    let mut flows = Flows::default();
    racks(site, &mut flows);
    for item in &site.items {
        component(site, item, &mut flows);
    }
    if flows.is_empty() {
        return None;
    }
    let (data, left_out) =
        flows.diagram(caption(site, "Heat from the GPUs to the outdoor air", ""));
    let balance = &site.run.result.balance;
    let mut words = format!(
        "Equipment, loops and rooms of one name are summed over all groups. {} come in at the meter{} and {} leave the site; the difference is {} of the meter's power.",
        text.power(balance.meter_w),
        if balance.other_in_w.abs() > 0.5 {
            format!(", {} beside it,", text.power(balance.other_in_w))
        } else {
            String::new()
        },
        text.power(balance.heat_out_w),
        crate::report::text::scientific(balance.energy_relative)
    );
    if left_out > 0.0 {
        words.push_str(&format!(
            " Flows of together {} are too thin to draw, or would close a ring.",
            text.power(left_out)
        ));
    }
    Some(Chart {
        id: "heat",
        title: "Where the heat goes",
        caption: words,
        data: Data::Sankey(data),
    })
}

fn racks(site: &Site<'_>, flows: &mut Flows) {
    let all = site.all_racks();
    if all.power == 0.0 {
        return;
    }
    let names = [
        ("\u{1}gpu", "GPUs"),
        ("\u{1}cpu", "Processors"),
        ("\u{1}aux", "Other devices on plates"),
    ];
    let sources = names.map(|(key, name)| flows.place(key, name));
    let rest = flows.place("\u{1}rest", "Air-cooled parts, fans, supplies");
    let plates = flows.place("\u{1}plates", "Cold plates");
    let air = flows.place("\u{1}air", "Server air");
    for (k, &source) in sources.iter().enumerate() {
        flows.add(
            source,
            plates,
            all.devices[k] - all.devices_to_air[k],
            Carrier::Liquid,
        );
        flows.add(source, air, all.devices_to_air[k], Carrier::Air);
    }
    let devices: f64 = all.devices.iter().sum();
    let to_plates = devices - all.devices_to_air.iter().sum::<f64>();
    flows.add(rest, air, all.power - devices, Carrier::Air);
    // What plates and hoses give to the air around them, or take from it.
    flows.add(plates, air, to_plates - all.liquid, Carrier::Air);
    for item in &site.racks {
        let circuit = circuit(flows, &item.circuit);
        flows.add(plates, circuit, item.sums.liquid, Carrier::Liquid);
        let room = room(flows, &item.exhaust);
        flows.add(air, room, item.sums.air, Carrier::Air);
    }
}

/// The loops of this name in all groups.
fn circuit(flows: &mut Flows, path: &str) -> usize {
    let name = label(path, 1.0);
    let key = format!("loop {}", last_name(path));
    flows.place(&key, &format!("{} loop", name.trim_end_matches(" loop")))
}

/// The rooms of this name in all groups.
fn room(flows: &mut Flows, path: &str) -> usize {
    let name = label(path, 1.0);
    let key = format!("room {}", last_name(path));
    flows.place(&key, &format!("{} air", name.trim_end_matches(" air")))
}

fn component(site: &Site<'_>, item: &Item<'_>, flows: &mut Flows) {
    let sums = &item.sums;
    let kind = item.equipment.kind;
    let electric = sums.drawn - sums.below;
    // Pumps, fans and compressors come in where they work, each under its name; the rest comes from one place of its sort.
    let source = match kind.end_use() {
        EndUse::It => ("\u{1}other-it".to_owned(), "Other IT equipment".to_owned()),
        EndUse::Cooling => (
            format!("\u{1}power of {}", item.alike()),
            format!("Power to {}", within(&label(&item.path, 1.0))),
        ),
        EndUse::Electrical => ("\u{1}electrical".to_owned(), "Electrical losses".to_owned()),
        EndUse::Other => (
            "\u{1}other".to_owned(),
            "Lighting and other loads".to_owned(),
        ),
    };
    // What it exchanges with its places: positive is given.
    let mut exchanges: Vec<(usize, f64, Carrier)> = Vec::new();
    let mut exchange = |place: usize, watts: f64, carrier: Carrier| match exchanges
        .iter_mut()
        .find(|e| e.0 == place)
    {
        Some(known) => known.1 += watts,
        None => exchanges.push((place, watts, carrier)),
    };
    for (side, path) in item.loops.iter().enumerate() {
        let place = circuit(flows, path);
        exchange(place, sums.heat[side], Carrier::Liquid);
    }
    for (k, path) in item.air.iter().enumerate() {
        let place = room(flows, path);
        exchange(place, sums.air[k], Carrier::Air);
    }
    if sums.out != 0.0 {
        // Water that the file gives takes its heat along; everything else ends in the outdoor air.
        let (key, name, carrier) = if kind.spec().kind == "given_water" {
            ("\u{1}stream", "Leaves with given water", Carrier::Liquid)
        } else {
            ("\u{1}outdoor", "Outdoor air", Carrier::Air)
        };
        let away = flows.place(key, name);
        exchange(away, sums.out, carrier);
    }
    if sums.energy_in != 0.0 {
        let given = flows.place("\u{1}given", "Given heat");
        exchange(given, -sums.energy_in, Carrier::Liquid);
    }
    if electric != 0.0 {
        let place = flows.place(&source.0, &source.1);
        exchange(place, -electric, Carrier::Electric);
    }
    let largest = exchanges.iter().map(|e| e.1.abs()).fold(0.0, f64::max);
    exchanges.retain(|e| e.1.abs() > 1e-9 * largest);
    let (takes, gives): (Vec<_>, Vec<_>) = exchanges.into_iter().partition(|e| e.1 < 0.0);
    match (takes.as_slice(), gives.as_slice()) {
        ([], _) | (_, []) => {}
        // From one place to several, or from several to one: no node of its own is needed, unless it stands between
        // two loops, or a loop and the air, and so is something that a reader looks for.
        ([only], several) if only.2 == Carrier::Electric => {
            for &(place, watts, carrier) in several {
                let carrier = if kind.end_use() == EndUse::Cooling {
                    Carrier::Electric
                } else {
                    carrier
                };
                flows.add(only.0, place, watts, carrier);
            }
        }
        _ => {
            let node = flows.place(&item.alike(), &site.label_of(item));
            for &(place, watts, carrier) in &takes {
                flows.add(place, node, -watts, carrier);
            }
            for &(place, watts, carrier) in &gives {
                flows.add(node, place, watts, carrier);
            }
        }
    }
}
