//! Where the power goes, and the metrics made of it.
//!
//! IT power is at the inlet of the IT equipment: servers with their fans and power supplies, rack
//! switches, storage. Cooling is at its terminals. The electrical loss is what the tree loses on the
//! way to both. `pue_it_inlet` is facility over IT; `pue_rack_pdu` counts what is fed inside the rack
//! (in-rack pumps, door fans) as IT, as a meter at the rack PDU would. ITUE is IT over compute
//! components (IT without server fans and supply losses), TUE = ITUE·PUE (EE HPC Working Group).
//! All are values of one operating point: design or instantaneous, not a year's energy.

use serde::Serialize;

use super::gather::Part;
use super::survey::Survey;
use crate::component::EndUse;
use crate::hall::model::{DeviceRole, Hall};
use crate::network::{Network, same_groups};
use crate::solve::rack::supply_loss;

/// Power, PUE and water of the site.
#[derive(Debug, Clone, Serialize)]
pub struct Facility {
    /// All of it, W: the sum of the four below.
    pub power_w: f64,
    /// IT equipment at its inlet, W.
    pub it_power_w: f64,
    /// Pumps, fans, chillers at their terminals, W.
    pub cooling_power_w: f64,
    /// Lost between the meter and both, W.
    pub electrical_loss_w: f64,
    /// Lighting, storage and the rest, W.
    pub other_power_w: f64,
    /// Make-up water, L/h.
    pub water_l_per_h: f64,
    /// PUE at this operating point (`pue_it_inlet`); null where IT is 0.
    pub pue: Option<f64>,
    /// Facility over IT at the IT equipment's inlet.
    pub pue_it_inlet: Option<f64>,
    /// Facility over what a meter at the rack PDU shows.
    pub pue_rack_pdu: Option<f64>,
    /// IT over compute components.
    pub itue: Option<f64>,
    /// ITUE times PUE.
    pub tue: Option<f64>,
    /// Water per IT energy, L/kWh.
    pub wue_l_per_kwh: Option<f64>,
}

/// A line of the power tree.
#[derive(Debug, Clone, Serialize)]
pub struct PowerRow {
    /// Path, dotted; its parent is the path without the last name.
    pub path: String,
    /// `total`, `it`, `cooling`, `electrical`, `other`, or the kind of what stands there.
    pub kind: &'static str,
    /// Instances.
    pub count: f64,
    /// Power, W.
    pub watts: f64,
}

/// Parts of a rack set's power, W.
#[derive(Debug, Clone, Copy, Default)]
struct RackParts {
    racks: f64,
    gpus: [f64; 2],
    processors: [f64; 2],
    auxiliary: [f64; 2],
    air_cooled: f64,
    fans: f64,
    supply_loss: f64,
    switches: f64,
}

impl RackParts {
    fn total(&self) -> f64 {
        self.gpus[1]
            + self.processors[1]
            + self.auxiliary[1]
            + self.air_cooled
            + self.fans
            + self.supply_loss
            + self.switches
    }
}

fn rack_sets(network: &Network, survey: &Survey) -> Vec<(String, RackParts)> {
    let mut sets: Vec<(String, RackParts)> = Vec::new();
    let mut last: Option<(&[(String, u32)], usize)> = None;
    for (index, rack) in network.racks.iter().enumerate() {
        // Most racks are of the same set as the one before.
        let place = match last {
            Some((path, place)) if same_groups(path, &rack.path) => place,
            _ => {
                let names: Vec<&str> = rack.path.iter().map(|(name, _)| name.as_str()).collect();
                let name = names.join("-");
                sets.iter()
                    .position(|(known, _)| *known == name)
                    .unwrap_or_else(|| {
                        sets.push((name, RackParts::default()));
                        sets.len() - 1
                    })
            }
        };
        last = Some((&rack.path, place));
        let sum = &mut sets[place].1;
        let n = f64::from(rack.multiplicity);
        let design = &rack.design;
        let found = survey.rack(index);
        sum.racks += n;
        sum.switches += n * rack.parameters.manifold.switch_power;
        for (k, set) in design.sets.iter().enumerate() {
            let target = match set.role {
                DeviceRole::Gpu => &mut sum.gpus,
                DeviceRole::Processor => &mut sum.processors,
                DeviceRole::Auxiliary => &mut sum.auxiliary,
            };
            target[0] += n * (design.servers * set.count) as f64;
            target[1] += n * found.set_power(k);
        }
        for (s, numbers) in rack.parameters.servers.iter().enumerate() {
            let by_air = numbers.air_cooled_power + numbers.fan_power;
            sum.air_cooled += n * numbers.air_cooled_power;
            sum.fans += n * numbers.fan_power;
            sum.supply_loss += n * supply_loss(design, numbers, found.server_power(s) + by_air).0;
        }
    }
    sets
}

/// Power tree and metrics.
pub fn account(
    _hall: &Hall,
    network: &Network,
    survey: &Survey,
    parts: &[Part<'_>],
) -> (Facility, Vec<PowerRow>) {
    let sets = rack_sets(network, survey);
    let racks: f64 = sets.iter().map(|(_, p)| p.total()).sum();
    let (mut it, mut cooling, mut electrical, mut other, mut rack_fed, mut water) =
        (racks, 0.0, 0.0, 0.0, 0.0, 0.0);
    let mut leaves: Vec<PowerRow> = Vec::new();
    for part in parts {
        let own = (part.drawn - part.below) * part.count;
        let branch = match part.end_use {
            EndUse::It => {
                it += own;
                "it"
            }
            EndUse::Cooling => {
                cooling += own;
                rack_fed += if part.rack_fed { own } else { 0.0 };
                "cooling"
            }
            EndUse::Electrical => {
                electrical += own;
                "electrical"
            }
            EndUse::Other => {
                other += own;
                "other"
            }
        };
        water += part.ledger.water_in * 3600.0 * part.count;
        if own == 0.0 && part.report.of == 1.0 && (part.kind == "pipe" || part.kind == "resistance")
        {
            continue;
        }
        // A part's path becomes one name of the tree: dots are what separates parents from children.
        let path = format!("site.{branch}.{}", part.group.replace(".*.", "-"));
        match leaves.iter_mut().find(|row| row.path == path) {
            Some(row) => {
                row.watts += own;
                row.count += part.count;
            }
            None => leaves.push(PowerRow {
                path,
                kind: part.kind,
                count: part.count,
                watts: own,
            }),
        }
    }
    leaves.retain(|row| row.watts != 0.0);
    let total = it + cooling + electrical + other;
    let mut rows = vec![
        PowerRow {
            path: "site".into(),
            kind: "total",
            count: 1.0,
            watts: total,
        },
        PowerRow {
            path: "site.it".into(),
            kind: "it",
            count: 1.0,
            watts: it,
        },
    ];
    for (name, p) in &sets {
        let path = format!("site.it.{name}");
        rows.push(PowerRow {
            path: path.clone(),
            kind: "rack",
            count: p.racks,
            watts: p.total(),
        });
        for (leaf, kind, count, watts) in [
            ("gpus", "gpu", p.gpus[0], p.gpus[1]),
            ("processors", "processor", p.processors[0], p.processors[1]),
            ("auxiliary", "auxiliary", p.auxiliary[0], p.auxiliary[1]),
            ("air-cooled", "air_cooled", p.racks, p.air_cooled),
            ("fans", "fan", p.racks, p.fans),
            ("supply-loss", "loss", p.racks, p.supply_loss),
            ("switches", "switch", p.racks, p.switches),
        ] {
            if watts != 0.0 {
                rows.push(PowerRow {
                    path: format!("{path}.{leaf}"),
                    kind,
                    count,
                    watts,
                });
            }
        }
    }
    let take = |branch: &str, rows: &mut Vec<PowerRow>| {
        let prefix = format!("site.{branch}.");
        rows.extend(
            leaves
                .iter()
                .filter(|row| row.path.starts_with(&prefix))
                .cloned(),
        );
    };
    take("it", &mut rows);
    for (branch, kind, watts) in [
        ("cooling", "cooling", cooling),
        ("electrical", "electrical", electrical),
        ("other", "other", other),
    ] {
        rows.push(PowerRow {
            path: format!("site.{branch}"),
            kind,
            count: 1.0,
            watts,
        });
        take(branch, &mut rows);
    }
    let (fans, losses) = sets
        .iter()
        .fold((0.0, 0.0), |(f, l), (_, p)| (f + p.fans, l + p.supply_loss));
    let over = |top: f64, bottom: f64| (bottom > 0.0).then(|| top / bottom);
    let pue = over(total, it);
    let itue = over(it, it - fans - losses);
    let facility = Facility {
        power_w: total,
        it_power_w: it,
        cooling_power_w: cooling,
        electrical_loss_w: electrical,
        other_power_w: other,
        water_l_per_h: water,
        pue,
        pue_it_inlet: pue,
        pue_rack_pdu: over(total, it + rack_fed),
        itue,
        tue: itue.zip(pue).map(|(a, b)| a * b),
        wue_l_per_kwh: over(water, it / 1000.0),
    };
    (facility, rows)
}
