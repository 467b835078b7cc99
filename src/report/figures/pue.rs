//! Where the PUE comes from.

use super::{Chart, Data, caption, power_unit};
use crate::plot::breakdown;
use crate::plot::style::Carrier;
use crate::report::site::Site;
use crate::report::text::{ratio, words};

/// Most end uses shown one by one.
const MOST: usize = 14;

/// The chart.
pub fn chart(site: &Site<'_>) -> Option<Chart> {
    let facility = &site.run.result.facility;
    if facility.it_power_w <= 0.0 {
        return None;
    }
    let (unit, scale) = power_unit(facility.it_power_w);
    let mut uses = Vec::new();
    for (branch, order) in [("electrical", 0), ("cooling", 1), ("other", 2)] {
        let prefix = format!("site.{branch}.");
        for row in site
            .run
            .result
            .power
            .iter()
            .filter(|row| row.path.starts_with(&prefix))
        {
            let name = &row.path[prefix.len()..];
            let item = site
                .items
                .iter()
                .find(|item| item.path.replace(".*.", "-") == name);
            let label = item.map_or_else(|| words(name), |item| site.label_of(item));
            let carrier = match branch {
                "electrical" => Carrier::Loss,
                "cooling" => carrier(row.kind),
                _ => Carrier::Electric,
            };
            let power = row.watts / scale;
            let known = uses
                .iter_mut()
                .find(|(of, one): &&mut (i32, breakdown::Use)| {
                    *of == order && one.label == label && one.carrier == carrier
                });
            match known {
                Some((_, one)) => one.power += power,
                None => uses.push((
                    order,
                    breakdown::Use {
                        label,
                        power,
                        carrier,
                    },
                )),
            }
        }
    }
    if uses.is_empty() {
        return None;
    }
    uses.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.power.total_cmp(&a.1.power)));
    let mut uses: Vec<breakdown::Use> = uses.into_iter().map(|(_, one)| one).collect();
    if uses.len() > MOST {
        let mut by_size: Vec<f64> = uses.iter().map(|one| one.power).collect();
        by_size.sort_by(|a, b| b.total_cmp(a));
        let least = by_size[MOST - 2];
        let (kept, rest): (Vec<_>, Vec<_>) = uses.into_iter().partition(|one| one.power >= least);
        let power = rest.iter().map(|one| one.power).sum();
        uses = kept;
        uses.push(breakdown::Use {
            label: format!("{} smaller ones", rest.len()),
            power,
            carrier: Carrier::Electric,
        });
    }
    let data = breakdown::Data {
        caption: caption(site, "Where the PUE comes from", ""),
        ratio: "PUE".to_owned(),
        unit: unit.to_owned(),
        base_label: "IT equipment".to_owned(),
        base: facility.it_power_w / scale,
        uses,
        legend: [
            "Refrigeration and other",
            "Pumps of liquid",
            "Fans",
            "Electrical loss",
        ]
        .map(str::to_owned),
    };
    let words = format!(
        "Design or instantaneous PUE {} at this operating point, not a year's. Each bar is an end use's power over IT power at \
         the IT equipment's inlet; losses are those upstream of it. \
         Equipment of one name and kind is summed over all groups.",
        ratio(facility.pue, 3)
    );
    Some(Chart {
        id: "pue",
        title: "Where the PUE comes from",
        caption: words,
        data: Data::Breakdown(data),
    })
}

/// What moves the heat there.
fn carrier(kind: &str) -> Carrier {
    if ["pump_set", "cdu", "given_water"].contains(&kind) {
        Carrier::Liquid
    } else if kind.contains("chiller") {
        Carrier::Electric
    } else {
        Carrier::Air
    }
}
