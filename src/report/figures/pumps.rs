//! Pump curve, system curve and operating point of each loop with pumps.
//!
//! A pump's curve at a speed is read from the component's own momentum equation: at each flow that pressure rise at which
//! its residual vanishes. For a CDU this is the rise outside the unit, its exchanger and filter taken off.
//! The system curve is the quadratic through the operating point above what the control holds:
//! Δp(q) = Δp_held + (Δp − Δp_held)·(q/q_0)².

use super::{Chart, Data, caption};
use crate::component::{At, Bound, Kind};
use crate::network::Element;
use crate::plot::{Limit, Quantity, pump_curve};
use crate::report::site::Site;
use crate::report::text::{Text, count, fixed, join, label};
use crate::result::gather::Part;
use crate::solve::block::component_at;
use crate::units::{Dimension, UnitSystem};

/// Most panels drawn.
const MOST: usize = 12;
/// Points of a curve.
const POINTS: usize = 61;

/// The chart.
pub fn chart(site: &Site<'_>, text: Text) -> Option<Chart> {
    let mut seen: Vec<&str> = Vec::new();
    let mut loops: Vec<(f64, pump_curve::Loop)> = Vec::new();
    for part in &site.parts {
        if seen.contains(&part.group.as_str()) || loops.len() >= MOST {
            continue;
        }
        if let Some(panel) = panel(site, part, text) {
            seen.push(&part.group);
            let same = site.parts.iter().filter(|p| p.group == part.group);
            let number: f64 = same.map(|p| p.count).sum();
            // Groups whose pumps run alike share a panel.
            match loops.iter_mut().find(|(_, known)| alike(known, &panel)) {
                Some((known, _)) => *known += number,
                None => loops.push((number, panel)),
            }
        }
    }
    let loops: Vec<pump_curve::Loop> = loops
        .into_iter()
        .map(|(number, mut one)| {
            if number > 1.0 {
                one.name.push_str(&format!(", one of {}", count(number)));
            }
            one
        })
        .collect();
    if loops.is_empty() {
        return None;
    }
    let (flow, rise) = units(text);
    let data = pump_curve::Data {
        caption: caption(site, "Pumps and the loops that they serve", ""),
        flow: Quantity::new("Flow", flow),
        rise: Quantity::new("Pressure rise", rise),
        loops,
    };
    let words = "Pump curves at the present number of pumps and speed, and at full speed; of replicated pumps the first is \
                 shown. For a CDU the rise is that outside the unit. The system curve is the quadratic through the \
                 operating point above the pressure difference that the control holds (nothing held: through the origin): \
                 it shows the loop with its valves as they stand, and other valve positions move it."
        .to_owned();
    Some(Chart {
        id: "pumps",
        title: "Pumps and their loops",
        caption: words,
        data: Data::Pumps(data),
    })
}

fn units(text: Text) -> (&'static str, &'static str) {
    match text.system {
        UnitSystem::Si => ("L/min", "kPa"),
        UnitSystem::Us => ("gpm", "psi"),
    }
}

/// Whether two panels would look the same.
fn alike(a: &pump_curve::Loop, b: &pump_curve::Loop) -> bool {
    let near = |x: f64, y: f64| (x - y).abs() <= 1e-3 * x.abs();
    a.name == b.name
        && a.note == b.note
        && near(a.operating.0, b.operating.0)
        && near(a.operating.1, b.operating.1)
}

fn panel(site: &Site<'_>, part: &Part<'_>, text: Text) -> Option<pump_curve::Loop> {
    let Element::Component(index) = part.stamp.element else {
        return None;
    };
    let kind = part.block.components[index].kind;
    let spec = kind.spec();
    let speed = spec
        .internal
        .iter()
        .position(|name| name.contains("speed"))?;
    let side = (0..spec.sides.len())
        .rev()
        .find(|&s| spec.source[s] && part.rise[s] > 0.0 && part.flow[s] > 0.0)?;
    let run = site.run;
    let state = &run.solution.state.blocks[part.block_index];
    let at = || component_at(&run.network, part.block, state, part.stamp, index);
    let here = at();
    let density = here.fluids[side].density(here.sides[side].inlet_temperature());
    let operating = (part.flow[side] / density, part.rise[side]);

    let curve = |relative: f64| -> Vec<(f64, f64)> {
        let mut at = at();
        at.internal[speed] = relative;
        let mut out = Vec::new();
        for k in 0..POINTS {
            let flow = 1.5 * operating.0 * k as f64 / (POINTS - 1) as f64;
            match rise(kind, &mut at, side, flow * density) {
                Some(rise) if rise >= 0.0 => out.push((flow, rise)),
                _ => break,
            }
        }
        out
    };
    let (present, full) = (here.internal[speed], 1.0);
    let rated = if (present - full).abs() > 1e-3 {
        curve(full)
    } else {
        Vec::new()
    };
    let held = part
        .report
        .controls
        .iter()
        .find(|c| c.dimension == Dimension::Pressure && !c.saturated)
        .map(|c| c.actual);
    let floor = held.unwrap_or(0.0).min(operating.1);
    let system: Vec<(f64, f64)> = (0..POINTS)
        .map(|k| {
            let share = 1.3 * k as f64 / (POINTS - 1) as f64;
            (
                operating.0 * share,
                floor + (operating.1 - floor) * share * share,
            )
        })
        .collect();
    let (flow_unit, rise_unit) = units(text);
    let flow = |q: f64| {
        Dimension::VolumeFlow
            .display_in(q, flow_unit)
            .map_or(f64::NAN, |v| v.value)
    };
    let pressure = |p: f64| {
        Dimension::Pressure
            .display_in(p, rise_unit)
            .map_or(f64::NAN, |v| v.value)
    };
    let scaled = |curve: Vec<(f64, f64)>| {
        curve
            .into_iter()
            .map(|(q, p)| (flow(q), pressure(p)))
            .collect()
    };
    let quantity = |name: &str| {
        part.report
            .quantities
            .iter()
            .find(|q| q.name == name)
            .map(|q| q.value)
    };
    let mut note = vec![format!(
        "{} of {} on",
        count(part.report.on),
        count(part.report.of)
    )];
    note.push(format!("speed {}", join(&fixed(present * 100.0, 0), "%")));
    if let Some(efficiency) =
        quantity("wire-to-water efficiency").or_else(|| quantity("hydraulic efficiency"))
    {
        note.push(format!(
            "efficiency {}",
            join(&fixed(efficiency * 100.0, 0), "%")
        ));
    }
    note.push(text.power(part.drawn));
    let minimum = part
        .report
        .limits
        .iter()
        .find(|l| l.dimension == Dimension::VolumeFlow && l.bound == Bound::AtLeast)
        .map(|l| flow(l.limit * part.report.on.max(1.0)));
    Some(pump_curve::Loop {
        name: label(&part.group, 1.0),
        note: note.join(", "),
        pump: scaled(curve(present)),
        rated: scaled(rated),
        system: scaled(system),
        operating: (flow(operating.0), pressure(operating.1)),
        set_points: held
            .map(|value| Limit {
                label: "Held".to_owned(),
                value: (pressure(value) * 10.0).round() / 10.0,
            })
            .into_iter()
            .collect(),
        minimum_flow: minimum,
    })
}

/// Pressure rise at which a side's momentum equation holds at this mass flow, Pa.
fn rise(kind: Kind, at: &mut At<'_, f64>, side: usize, mass_flow: f64) -> Option<f64> {
    // The residual is linear in the rise: two values give its zero.
    const PROBE: f64 = 1e5;
    at.sides[side].mass_flow = mass_flow;
    let base = at.sides[side].pressure_a;
    at.sides[side].pressure_b = base;
    let still = kind.equations(at).pressure[side];
    at.sides[side].pressure_b = base + PROBE;
    let raised = kind.equations(at).pressure[side];
    let slope = (raised - still) / PROBE;
    let rise = -still / slope;
    (slope.abs() > 1e-9 && rise.is_finite()).then_some(rise)
}
