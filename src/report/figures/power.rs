//! Power from the feed to the GPUs.

use super::{Chart, Data, caption};
use crate::component::EndUse;
use crate::plot::style::Carrier;
use crate::report::flows::Flows;
use crate::report::site::{Item, Site};
use crate::report::text::{Text, label, last_name, within};

const METER: &str = "\u{1}meter";

/// The chart.
pub fn chart(site: &Site<'_>, text: Text) -> Option<Chart> {
    let mut flows = Flows::default();
    let meter = flows.place(METER, "Utility meter");
    let rows = &site.run.result.power;
    let place =
        |flows: &mut Flows, item: &Item<'_>| flows.place(&item.alike(), &site.label_of(item));
    // Draws what a load takes from each of its feeders, or from the meter.
    let feed = |flows: &mut Flows, feeders: &[(String, f64)], to: usize, watts: f64| {
        if feeders.is_empty() {
            flows.add(meter, to, watts, Carrier::Electric);
        }
        for (feeder, share) in feeders.iter().filter(|(_, share)| *share > 0.0) {
            let mut carriers = site
                .items
                .iter()
                .filter(|item| item.equipment.kind.spec().carries_bus);
            let from = carriers
                .find(|item| *feeder == item.path)
                .map_or(meter, |item| place(flows, item));
            flows.add(from, to, watts * share, Carrier::Electric);
        }
    };
    for item in site
        .items
        .iter()
        .filter(|item| item.equipment.kind.spec().carries_bus)
    {
        let to = place(&mut flows, item);
        feed(&mut flows, &item.feeders, to, item.sums.drawn);
    }
    let supplies = "\u{1}servers";
    for item in &site.racks {
        let own = last_name(&item.path);
        let same = site.racks.iter().filter(|r| last_name(&r.path) == own);
        let name = label(own, same.map(|r| r.sums.racks).sum());
        let to = flows.place(&format!("{supplies}{own}"), &name);
        feed(&mut flows, &item.feeders, to, item.sums.power);
        let prefix = format!("site.it.{}.", item.branch);
        for row in rows.iter().filter(|row| row.path.starts_with(&prefix)) {
            let (name, carrier) = match row.kind {
                "gpu" => ("GPUs", Carrier::Electric),
                "processor" => ("Processors", Carrier::Electric),
                "auxiliary" => ("Other devices on plates", Carrier::Electric),
                "air_cooled" => ("Air-cooled parts", Carrier::Electric),
                "fan" => ("Server fans", Carrier::Electric),
                "switch" => ("Rack switches", Carrier::Electric),
                _ => ("Power supply loss", Carrier::Loss),
            };
            let leaf = flows.place(&format!("\u{1}{}", row.kind), name);
            flows.add(to, leaf, row.watts, carrier);
        }
    }
    for item in &site.items {
        let sums = &item.sums;
        match item.equipment.kind.end_use() {
            _ if item.equipment.kind.spec().carries_bus => {
                let from = place(&mut flows, item);
                let name = format!("Loss in {}", within(&label(&item.path, 1.0)));
                let to = flows.place(&format!("\u{1}lost in {}", item.alike()), &name);
                flows.add(from, to, sums.drawn - sums.below, Carrier::Loss);
            }
            EndUse::It | EndUse::Cooling | EndUse::Other => {
                let to = place(&mut flows, item);
                feed(&mut flows, &item.feeders, to, sums.drawn);
            }
            EndUse::Electrical => {}
        }
    }
    if flows.is_empty() {
        return None;
    }
    let (data, left_out) = flows.diagram(caption(site, "Power from the feed to the GPUs", ""));
    let facility = &site.run.result.facility;
    let mut words = format!(
        "{} at the utility meter, of which {} reach the IT equipment. Equipment of one name and kind is summed over all groups.",
        text.power(facility.power_w),
        text.power(facility.it_power_w)
    );
    if left_out > 0.0 {
        words.push_str(&format!(
            " Flows of together {} are too thin to draw and are in the power table.",
            text.power(left_out)
        ));
    }
    Some(Chart {
        id: "power",
        title: "Where the power goes",
        caption: words,
        data: Data::Sankey(data),
    })
}
