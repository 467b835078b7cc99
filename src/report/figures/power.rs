//! Power from the feed to the GPUs.

use super::{Chart, Data, caption};
use crate::component::EndUse;
use crate::plot::style::Carrier;
use crate::report::flows::Flows;
use crate::report::site::Site;
use crate::report::text::{Text, label};

const METER: &str = "\u{1}meter";

/// The chart.
pub fn chart(site: &Site<'_>, text: Text) -> Option<Chart> {
    let mut flows = Flows::default();
    let meter = flows.place(METER, "Utility meter");
    let rows = &site.run.result.power;
    let carries = |path: &str| {
        site.items
            .iter()
            .any(|i| i.path == path && i.equipment.kind.spec().carries_bus)
    };
    let feeder = |flows: &mut Flows, feeder: &Option<String>| match feeder {
        Some(path) if carries(path) => {
            let count = site
                .items
                .iter()
                .find(|i| i.path == *path)
                .map_or(1.0, |i| i.sums.count);
            flows.place(path, &label(path, count))
        }
        _ => meter,
    };
    for item in site
        .items
        .iter()
        .filter(|item| item.equipment.kind.spec().carries_bus)
    {
        let from = feeder(&mut flows, &item.feeder);
        let to = flows.place(&item.path, &label(&item.path, item.sums.count));
        flows.add(from, to, item.sums.drawn, Carrier::Electric);
    }
    let supplies = "\u{1}servers";
    for item in &site.racks {
        let from = feeder(&mut flows, &item.feeder);
        let name = label(&item.path, item.sums.racks);
        let to = flows.place(&format!("{supplies}{}", item.path), &name);
        flows.add(from, to, item.sums.power, Carrier::Electric);
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
    let loss = "\u{1}loss";
    for item in &site.items {
        let sums = &item.sums;
        match item.equipment.kind.end_use() {
            EndUse::Electrical => {
                let from = flows.place(&item.path, &label(&item.path, sums.count));
                let to = flows.place(loss, "Lost on the way");
                flows.add(from, to, sums.drawn - sums.below, Carrier::Loss);
            }
            EndUse::It => {
                let from = feeder(&mut flows, &item.feeder);
                let to = flows.place(&item.path, &label(&item.path, sums.count));
                flows.add(from, to, sums.drawn, Carrier::Electric);
            }
            EndUse::Cooling | EndUse::Other if !item.equipment.kind.spec().carries_bus => {
                let from = feeder(&mut flows, &item.feeder);
                let to = flows.place(&item.path, &label(&item.path, sums.count));
                flows.add(from, to, sums.drawn, Carrier::Electric);
            }
            EndUse::Cooling | EndUse::Other => {}
        }
    }
    if flows.is_empty() {
        return None;
    }
    let (data, left_out) = flows.diagram(caption(site, "Power from the feed to the GPUs", ""));
    let facility = &site.run.result.facility;
    let mut words = format!(
        "{} at the utility meter, of which {} reach the IT equipment. Rows of the same name in replicated groups are summed.",
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
