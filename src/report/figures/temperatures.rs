//! How warm the GPUs are, against their limits.

use super::{Chart, Data, caption};
use crate::component::device;
use crate::hall::model::DeviceRole;
use crate::plot::{Limit, Quantity, Spacing, histogram};
use crate::report::site::Site;
use crate::report::text::{Text, count};
use crate::result::gpus;

/// The chart.
pub fn chart(site: &Site<'_>, text: Text) -> Option<Chart> {
    let run = site.run;
    let points = gpus::points(&run.network, &run.solution);
    if points.is_empty() {
        return None;
    }
    let mut parts: Vec<(
        String,
        device::Parameters<f64>,
        histogram::Distribution,
        histogram::Distribution,
    )> = Vec::new();
    for point in &points {
        let design = &run.network.racks[point.rack as usize].design;
        let set = design.sets.iter().find(|set| set.role == DeviceRole::Gpu)?;
        let place = match parts.iter().position(|(part, ..)| *part == set.part) {
            Some(place) => place,
            None => {
                let device = device::Parameters::<f64>::load(&set.device_theta);
                parts.push((
                    set.part.clone(),
                    device,
                    Default::default(),
                    Default::default(),
                ));
                parts.len() - 1
            }
        };
        let (_, _, core, memory) = &mut parts[place];
        core.values.push(text.degrees(point.junction - 273.15));
        core.counts.push(f64::from(point.count));
        memory.values.push(text.degrees(point.memory - 273.15));
        memory.counts.push(f64::from(point.count));
    }
    let several = parts.len() > 1;
    let mut distributions = Vec::new();
    for (part, device, mut core, mut memory) in parts {
        let suffix = if several {
            format!(", {part}")
        } else {
            String::new()
        };
        let limits = |list: &[(&str, Option<f64>)]| -> Vec<Limit> {
            list.iter()
                .filter_map(|&(name, kelvin)| {
                    let value = text.degrees(kelvin? - 273.15);
                    Some(Limit {
                        label: name.to_owned(),
                        value: (value * 100.0).round() / 100.0,
                    })
                })
                .collect()
        };
        core.name = format!("GPU junction{suffix}");
        core.limits = limits(&[
            ("Design", device.design_limit),
            ("Software slowdown", device.software_slowdown),
            ("Hardware slowdown", device.hardware_slowdown),
            ("Shutdown", device.shutdown),
        ]);
        distributions.push(core);
        if device.memory_share > 0.0 || device.memory_limit.is_some() {
            memory.name = format!("GPU memory{suffix}");
            memory.limits = limits(&[("Memory", device.memory_limit)]);
            distributions.push(memory);
        }
    }
    let total: f64 = points.iter().map(|p| f64::from(p.count)).sum();
    let result = &run.result.gpus;
    let words = format!(
        "{} GPUs{}. Counts are on a logarithmic axis so that a few warm ones show. Least margin to a protective limit: {}.",
        count(total),
        if (points.len() as f64) < total {
            format!(", {} of them distinct", count(points.len() as f64))
        } else {
            String::new()
        },
        result
            .margin_min_k
            .map_or_else(|| "none given".to_owned(), crate::report::text::difference)
    );
    let data = histogram::Data {
        caption: caption(site, "GPU temperatures against their limits", ""),
        quantity: Quantity::new("Temperature", text.degree()),
        counted: "GPUs".to_owned(),
        spacing: Spacing::Logarithmic,
        distributions,
    };
    Some(Chart {
        id: "temperatures",
        title: "How warm the GPUs are",
        caption: words,
        data: Data::Histogram(data),
    })
}
