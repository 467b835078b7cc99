//! Temperatures from the die to the outdoor air, for the mean and the hottest GPU.
//!
//! The mean is over all GPUs, and in loops over all replicas, by flow. The hottest GPU's ladder takes the loops of its own
//! group where there are several, and the shared ones beyond.

use super::{Chart, Data, caption};
use crate::component::device;
use crate::hall::model::{DeviceRole, RETURN, SUPPLY};
use crate::plot::{Limit, Quantity, ladder};
use crate::report::site::Site;
use crate::report::text::{Text, label};
use crate::result::gpus::{self, GpuPoint};

/// The chart.
pub fn chart(site: &Site<'_>, text: Text) -> Option<Chart> {
    let run = site.run;
    let points = gpus::points(&run.network, &run.solution);
    let hottest = gpus::hottest(&run.network, &points)?;
    let total: f64 = points.iter().map(|p| f64::from(p.count)).sum();
    let mean = |value: fn(&GpuPoint) -> f64| {
        points
            .iter()
            .map(|p| f64::from(p.count) * value(p))
            .sum::<f64>()
            / total
    };
    let of: [(&str, fn(&GpuPoint) -> f64); 4] = [
        ("Junction", |p| p.junction),
        ("Case", |p| p.case),
        ("Coolant leaving plate", |p| p.coolant_outlet),
        ("Coolant entering plate", |p| p.coolant_inlet),
    ];
    let mut stations: Vec<String> = Vec::new();
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for (name, value) in of {
        stations.push(name.to_owned());
        first.push(Some(text.degrees(mean(value) - 273.15)));
        second.push(Some(text.degrees(value(hottest) - 273.15)));
    }
    let rack = &run.network.racks[hottest.rack as usize];
    for circuit in chain(site, &rack.path) {
        let name = label(&circuit, 1.0);
        let average = loop_mean(site, &circuit);
        let own = loop_at(site, &circuit, &rack.path);
        for (word, k) in [("return", RETURN), ("supply", SUPPLY)] {
            stations.push(format!("{name} {word}"));
            first.push(average.map(|t| text.degrees(t[k] - 273.15)));
            second.push(own.map(|t| text.degrees(t[k] - 273.15)));
        }
    }
    let outdoor = &run.network.outdoor;
    for (name, kelvin) in [
        ("Outdoor dry bulb", outdoor.dry_bulb),
        ("Outdoor wet bulb", outdoor.wet_bulb),
    ] {
        stations.push(name.to_owned());
        first.push(Some(text.degrees(kelvin - 273.15)));
        second.push(Some(text.degrees(kelvin - 273.15)));
    }
    let set = rack
        .design
        .sets
        .iter()
        .find(|set| set.role == DeviceRole::Gpu)?;
    let device = device::Parameters::<f64>::load(&set.device_theta);
    let limits = [
        ("Slowdown", device.software_slowdown),
        ("Shutdown", device.shutdown),
    ]
    .into_iter()
    .filter_map(|(name, kelvin)| {
        let value = (text.degrees(kelvin? - 273.15) * 100.0).round() / 100.0;
        Some(ladder::StationLimit {
            limit: Limit {
                label: name.to_owned(),
                value,
            },
            from: 0,
            to: 0,
        })
    })
    .collect();
    let data = ladder::Data {
        caption: caption(site, "Temperatures from die to outdoor air", ""),
        quantity: Quantity::new("Temperature", text.degree()),
        stations,
        series: vec![
            ladder::Series {
                name: "Mean GPU".to_owned(),
                values: first,
            },
            ladder::Series {
                name: "Hottest GPU".to_owned(),
                values: second,
            },
        ],
        limits,
    };
    let words = format!(
        "The hottest GPU is {}. Each step is a resistance that could be bought smaller: junction to case the package, case to \
         coolant the plate, between loops the heat exchanger's approach.",
        run.result.gpus.hottest.as_deref().unwrap_or("not known")
    );
    Some(Chart {
        id: "ladder",
        title: "From die to outdoor air",
        caption: words,
        data: Data::Ladder(data),
    })
}

/// The loops that heat passes through from this rack outward, by group path; the rack's own comes first.
fn chain(site: &Site<'_>, rack: &[(String, u32)]) -> Vec<String> {
    let names: Vec<&str> = rack.iter().map(|(name, _)| name.as_str()).collect();
    let path = names.join(".*.");
    let Some(item) = site.racks.iter().find(|item| item.path == path) else {
        return Vec::new();
    };
    let mut out = vec![item.circuit.clone()];
    while let Some(last) = out.last() {
        // The component that takes most heat out of this loop and gives it to another.
        let next = site
            .items
            .iter()
            .filter(|item| item.loops.len() == 2)
            .flat_map(|item| [(0, 1), (1, 0)].map(|(from, to)| (item, from, to)))
            .filter(|(item, from, to)| {
                item.loops[*from] == *last
                    && item.sums.heat[*from] < 0.0
                    && item.sums.heat[*to] > 0.0
            })
            .max_by(|a, b| a.0.sums.heat[a.2].total_cmp(&b.0.sums.heat[b.2]))
            .map(|(item, _, to)| item.loops[to].clone());
        match next {
            Some(next) if !out.contains(&next) => out.push(next),
            _ => break,
        }
    }
    out
}

/// Supply and return temperature of a loop over all replicas, K.
fn loop_mean(site: &Site<'_>, circuit: &str) -> Option<[f64; 2]> {
    let name = circuit.rsplit('.').next().unwrap_or(circuit);
    let loops = &site.run.result.loops;
    let found = loops
        .get(&circuit.replace(".*.", "."))
        .or_else(|| loops.get(name))?;
    let mut out = [0.0; 2];
    out[SUPPLY] = found.supply_c + 273.15;
    out[RETURN] = found.return_c + 273.15;
    Some(out)
}

/// Supply and return temperature of the loop that this rack hangs on or that lies beyond, K.
fn loop_at(site: &Site<'_>, circuit: &str, rack: &[(String, u32)]) -> Option<[f64; 2]> {
    let name = circuit.rsplit('.').next().unwrap_or(circuit);
    let depth = circuit.matches(".*.").count();
    let run = site.run;
    let block = run
        .network
        .blocks
        .iter()
        .position(|b| b.depth == depth && rack.starts_with(&b.path))?;
    let numbers = run.network.blocks[block]
        .structure
        .loops
        .iter()
        .find(|l| l.name == name)?;
    let x = &run.solution.state.blocks[block].x;
    let mut out = [0.0; 2];
    for k in [SUPPLY, RETURN] {
        out[k] = *x.get(numbers.nodes[k] as usize + 1)?;
    }
    Some(out)
}
