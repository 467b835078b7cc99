//! Why a result is what it is: the equation, its numbers, and where they came from.

mod places;
mod totals;

use std::fmt;

use serde::Serialize;

use super::Run;
use crate::component::{cold_plate, device, module_documentation};
use crate::network::rack::Leakage;
use crate::network::{Element, path_text};
use crate::result::gather::{self, Part};
use crate::result::{GpuPoint, shown};
use crate::spec::{Field, FieldKind};
use crate::units::Dimension;

/// An explanation.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// What is explained.
    pub path: String,
    /// What it is, in a sentence.
    pub what: String,
    /// Equations with the numbers put in, a line each.
    pub steps: Vec<String>,
    /// Numbers with unit, source and confidence.
    pub numbers: Vec<Number>,
    /// The component's own documentation, where there is one.
    pub documentation: String,
}

/// A number behind a result.
#[derive(Debug, Clone, Serialize)]
pub struct Number {
    /// Name.
    pub name: String,
    /// Value with unit.
    pub value: String,
    /// Source and confidence, where it is not a result itself.
    pub source: Option<String>,
}

/// A path that names nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing is called '{path}'{hint}")]
pub struct UnknownPath {
    /// As given.
    pub path: String,
    /// What was probably meant, or what there is.
    pub hint: String,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n", self.path, self.what)?;
        for step in &self.steps {
            writeln!(f, "  {step}")?;
        }
        if !self.numbers.is_empty() {
            let width = self
                .numbers
                .iter()
                .map(|n| n.name.chars().count())
                .max()
                .unwrap_or(0);
            let value = self
                .numbers
                .iter()
                .map(|n| n.value.chars().count())
                .max()
                .unwrap_or(0);
            writeln!(f, "\nNumbers")?;
            for n in &self.numbers {
                let source = n.source.as_deref().unwrap_or("result");
                writeln!(f, "  {:width$}  {:value$}  {source}", n.name, n.value)?;
            }
        }
        if !self.documentation.is_empty() {
            writeln!(f, "\n{}", self.documentation)?;
        }
        Ok(())
    }
}

/// Explains a result of a run.
///
/// # Errors
/// [`UnknownPath`] with the nearest thing that there is.
pub fn explain(run: &Run, path: &str) -> Result<Explanation, UnknownPath> {
    let trimmed = path.trim();
    if trimmed == "facility" {
        return explain(run, "facility.power_w");
    }
    if let Some(found) = totals::gpus(run, trimmed)
        .or_else(|| totals::power(run, trimmed))
        .or_else(|| totals::account(run, trimmed))
    {
        return Ok(found);
    }
    if let Some(key) = trimmed.strip_prefix("facility.")
        && let Some(found) = facility(run, trimmed, key)
    {
        return Ok(found);
    }
    if let Some(rest) = trimmed.strip_prefix("loops.") {
        // Names may have dots (`hall.chilled`), and a key may follow.
        let name = run
            .result
            .loops
            .keys()
            .filter(|name| {
                rest.strip_prefix(name.as_str())
                    .is_some_and(|tail| tail.is_empty() || tail.starts_with('.'))
            })
            .max_by_key(|name| name.len());
        if let Some(found) = name.and_then(|name| circuit(run, trimmed, name)) {
            return Ok(found);
        }
    }
    let points = crate::result::gpu_points(&run.network, &run.solution);
    let asked = match trimmed {
        "gpus" | "gpus.hottest" | "gpus.temperature_max_c" => {
            run.result.gpus.hottest.clone().unwrap_or_default()
        }
        other => other.to_owned(),
    };
    if let Some(point) = points.iter().find(|p| covers(run, p, &asked)) {
        return Ok(gpu(run, &asked, point));
    }
    let parts = gather::gather(&run.network, &run.solution);
    if let Some(part) = parts
        .iter()
        .find(|p| p.path == trimmed || p.group == trimmed)
    {
        return Ok(component(run, part));
    }
    if let Some(found) = places::any(run, trimmed) {
        return Ok(found);
    }
    let mut known: Vec<String> = parts.iter().map(|p| p.path.clone()).collect();
    known.extend(run.result.loops.keys().map(|name| format!("loops.{name}")));
    known.extend(FACILITY.iter().map(|(key, ..)| format!("facility.{key}")));
    known.extend(run.result.gpus.hottest.clone());
    known.extend(run.result.limits.iter().map(|limit| limit.path.clone()));
    known.extend(run.result.power.iter().map(|row| row.path.clone()));
    let near = known
        .iter()
        .map(|k| (strsim::damerau_levenshtein(k, trimmed), k))
        .min_by_key(|&(distance, _)| distance)
        .filter(|(distance, _)| *distance <= 3 + trimmed.len() / 3);
    Err(UnknownPath {
        path: trimmed.to_owned(),
        hint: near.map_or_else(
            || {
                format!(
                    "; try facility.pue, {}",
                    run.result.gpus.hottest.as_deref().unwrap_or("loops.NAME")
                )
            },
            |(_, k)| format!("; did you mean '{k}'?"),
        ),
    })
}

/// Whether a (collapsed) GPU stands for the asset of this path.
fn covers(run: &Run, point: &GpuPoint, path: &str) -> bool {
    let rack = &run.network.racks[point.rack as usize];
    let tail = format!(".server.{}.gpu.{}", point.server, point.gpu);
    let Some(rack_path) = path.strip_suffix(tail.as_str()) else {
        return false;
    };
    if path_text(&rack.path) == rack_path {
        return true;
    }
    // An instance that is not listed apart is represented by the one of the same names.
    let names: Vec<&str> = rack_path.split('.').step_by(2).collect();
    let same =
        names.len() == rack.path.len() && names.iter().zip(&rack.path).all(|(a, (b, _))| a == b);
    let listed = run
        .network
        .racks
        .iter()
        .any(|r| path_text(&r.path) == rack_path);
    same && rack.multiplicity > 1 && !listed
}

const FACILITY: &[(&str, &str, &str)] = &[
    (
        "power_w",
        "Power at the utility meter",
        "facility = IT + cooling + electrical loss + other",
    ),
    (
        "it_power_w",
        "Power of the IT equipment at its inlet",
        "IT = Σ racks (devices + air-cooled + fans + supply loss + switches) + IT loads",
    ),
    (
        "cooling_power_w",
        "Power of pumps, fans and chillers at their terminals",
        "cooling = Σ cooling components",
    ),
    (
        "electrical_loss_w",
        "Power lost between the meter and all loads",
        "loss = Σ (input − output) of the electrical tree",
    ),
    (
        "other_power_w",
        "Lighting and the rest",
        "other = Σ other loads",
    ),
    (
        "pue",
        "Power usage effectiveness at this operating point (not a year's energy)",
        "PUE = facility / IT",
    ),
    (
        "pue_it_inlet",
        "PUE at the IT equipment's inlet",
        "PUE = facility / IT",
    ),
    (
        "pue_rack_pdu",
        "PUE as a meter at the rack PDU shows it",
        "PUE = facility / (IT + what is fed inside the rack)",
    ),
    (
        "itue",
        "IT power usage effectiveness",
        "ITUE = IT / (IT − server fans − power-supply loss)",
    ),
    ("tue", "Total power usage effectiveness", "TUE = ITUE · PUE"),
    (
        "wue_l_per_kwh",
        "Water usage effectiveness at this operating point",
        "WUE = make-up water / IT energy",
    ),
    (
        "water_l_per_h",
        "Make-up water",
        "water = Σ (evaporation + drift + blowdown)",
    ),
];

fn number(name: &str, value: impl Into<String>) -> Number {
    Number {
        name: name.to_owned(),
        value: value.into(),
        source: None,
    }
}

fn megawatts(watts: f64) -> String {
    format!("{:.4} MW", watts / 1e6)
}

fn facility(run: &Run, path: &str, key: &str) -> Option<Explanation> {
    let (_, what, equation) = FACILITY.iter().find(|(k, ..)| *k == key)?;
    let f = &run.result.facility;
    let ratio =
        |v: Option<f64>| v.map_or_else(|| "none (no IT power)".to_owned(), |v| format!("{v:.4}"));
    let value = match key {
        "power_w" => megawatts(f.power_w),
        "it_power_w" => megawatts(f.it_power_w),
        "cooling_power_w" => megawatts(f.cooling_power_w),
        "electrical_loss_w" => megawatts(f.electrical_loss_w),
        "other_power_w" => megawatts(f.other_power_w),
        "pue" | "pue_it_inlet" => ratio(f.pue),
        "pue_rack_pdu" => ratio(f.pue_rack_pdu),
        "itue" => ratio(f.itue),
        "tue" => ratio(f.tue),
        "wue_l_per_kwh" => ratio(f.wue_l_per_kwh) + " L/kWh",
        _ => format!("{:.1} L/h", f.water_l_per_h),
    };
    let rows = run.result.power.iter().map(|row| Number {
        name: row.path.clone(),
        value: megawatts(row.watts),
        source: None,
    });
    Some(Explanation {
        path: path.to_owned(),
        what: (*what).to_owned(),
        steps: vec![(*equation).to_owned(), format!("= {value}")],
        numbers: rows.collect(),
        documentation: String::new(),
    })
}

fn circuit(run: &Run, path: &str, name: &str) -> Option<Explanation> {
    let l = run.result.loops.get(name)?;
    let rise = l.return_c - l.supply_c;
    let heat = l.heat_w;
    let capacity = if rise.abs() > 1e-9 && l.flow_kg_s > 0.0 {
        heat / rise / l.flow_kg_s
    } else {
        f64::NAN
    };
    let mut steps = vec![
        format!(
            "heat picked up = {}; flow = {:.4} kg/s in {} loop(s) of {}",
            megawatts(heat),
            l.flow_kg_s,
            l.count,
            l.fluid
        ),
        format!(
            "return − supply = {:.3} − {:.3} °C = {rise:.3} K",
            l.return_c, l.supply_c
        ),
    ];
    if capacity.is_finite() {
        steps.push(format!(
            "heat / (flow · rise) = {capacity:.1} J/(kg K): the fluid's specific heat, where nothing but pumps adds heat"
        ));
    }
    Some(Explanation {
        path: path.to_owned(),
        what: "A loop: flow is set by pump and resistances, the temperature rise by heat over flow"
            .to_owned(),
        steps,
        numbers: vec![
            number("dp_pump", format!("{:.1} kPa", l.dp_pump_pa / 1e3)),
            number(
                "dp_supply_to_return",
                format!("{:.1} kPa", l.dp_sensor_pa / 1e3),
            ),
            number("pump_power", format!("{:.2} kW", l.pump_power_w / 1e3)),
        ],
        documentation: String::new(),
    })
}

fn gpu(run: &Run, path: &str, p: &GpuPoint) -> Explanation {
    let rack = &run.network.racks[p.rack as usize];
    let design = &rack.design;
    let c = |t: f64| t - 273.15;
    let mut steps = Vec::new();
    let mut numbers = Vec::new();
    if let Some(set) = design
        .sets
        .iter()
        .find(|s| s.role == crate::hall::model::DeviceRole::Gpu)
    {
        let index = p.server as usize * design.plates_per_server + set.first_plate + p.gpu as usize;
        let plate = rack.parameters.plates.get(index);
        let (leakage, slope) = set.leakage.at(
            plate.leakage,
            plate.e_fold,
            p.junction - plate.reference_temperature,
        );
        let law = match set.leakage {
            Leakage::Exponential => "L_ref·exp((T_j − T_ref)/T_e)",
            Leakage::Linear => "k·(T_j − T_ref)",
        };
        let conductance = run.solution.rack(p.rack as usize).conductance(index);
        let to_plate = p.power * (1.0 - plate.air_fraction);
        steps = vec![
            format!("leakage L = {law} = {leakage:.2} W, rising by {slope:.3} W/K"),
            format!(
                "power P = {:.2} + L = {:.2} W ({})",
                plate.base_power,
                p.power,
                crate::result::assets::STATUS[p.status as usize]
            ),
            format!("heat into the plate = P·(1 − f_air) = {to_plate:.2} W"),
            format!(
                "plate: Q = K·(T_case − T_in) with K = ṁ·cp·(1 − exp(−UA/ṁcp)) = {conductance:.3} W/K at ṁ = {:.5} kg/s",
                p.flow
            ),
            format!(
                "T_case = T_in + Q/K = {:.3} + {:.3} = {:.3} °C",
                c(p.coolant_inlet),
                to_plate / conductance,
                c(p.case)
            ),
            format!(
                "T_junction = T_case + R_j·(1 − s)·P = {:.3} + {:.3} = {:.3} °C",
                c(p.case),
                p.junction - p.case,
                c(p.junction)
            ),
            format!("T_memory = T_case + R_m·s·P = {:.3} °C", c(p.memory)),
            format!("margin to the nearest protective limit = {:.3} K", p.margin),
        ];
        let prefix = format!(
            "{}.server.gpu",
            rack.path.last().map_or("", |(name, _)| name.as_str())
        );
        numbers.extend(parameters(
            run,
            device::Parameters::<f64>::FIELDS,
            &set.device_theta,
            &prefix,
            "",
        ));
        numbers.extend(parameters(
            run,
            cold_plate::Parameters::<f64>::FIELDS,
            &set.plate_theta,
            &prefix,
            "plate.",
        ));
    }
    let documentation = module_documentation(include_str!("../component/device.rs"))
        + "\n\n"
        + &module_documentation(include_str!("../component/cold_plate.rs"));
    Explanation {
        path: path.to_owned(),
        what: format!(
            "A GPU ({} alike): from power to junction temperature",
            p.count
        ),
        steps,
        numbers,
        documentation,
    }
}

/// Parameters with what the file or library says of their source.
fn parameters(run: &Run, fields: &[Field], theta: &[f64], prefix: &str, sub: &str) -> Vec<Number> {
    fields
        .iter()
        .zip(theta)
        .filter(|(_, value)| !value.is_nan())
        .map(|(field, &value)| {
            let text = match field.kind {
                FieldKind::Number { dimension, .. } => quantity(dimension, value),
                FieldKind::Choice(options) => options
                    .get(value as usize)
                    .copied()
                    .unwrap_or("?")
                    .to_owned(),
                FieldKind::Flag => (value > 0.5).to_string(),
                FieldKind::Points { .. } => "measured points".to_owned(),
            };
            let tail = format!("{prefix}.{sub}{}", field.key);
            let source = run
                .hall
                .provenance
                .iter()
                .find(|p| p.path.ends_with(&tail))
                .map_or_else(
                    || "default".to_owned(),
                    |p| format!("{} ({:?})", p.source, p.confidence),
                );
            Number {
                name: format!("{sub}{}", field.key),
                value: text,
                source: Some(source),
            }
        })
        .collect()
}

fn quantity(dimension: Dimension, value: f64) -> String {
    dimension
        .display(value, crate::units::UnitSystem::Si)
        .to_string()
}

fn component(run: &Run, part: &Part<'_>) -> Explanation {
    let Element::Component(index) = part.stamp.element else {
        return Explanation {
            path: part.path.clone(),
            what: String::new(),
            steps: Vec::new(),
            numbers: Vec::new(),
            documentation: String::new(),
        };
    };
    let numbers = &part.block.components[index];
    let spec = numbers.kind.spec();
    let mut steps = vec![format!(
        "mode: {}; {} of {} running",
        part.report.mode, part.report.on, part.report.of
    )];
    for (s, side) in spec.sides.iter().enumerate() {
        steps.push(format!(
            "side {side}: flow {:.5} kg/s, pressure rise {:.2} kPa, heat to the fluid {:.3} kW",
            part.flow[s],
            part.rise[s] / 1e3,
            part.heat[s] / 1e3
        ));
    }
    steps.push(format!(
        "electrical power drawn: {:.4} kW",
        part.drawn / 1e3
    ));
    for q in &part.report.quantities {
        steps.push(format!("{} = {}", q.name, quantity(q.dimension, q.value)));
    }
    for control in &part.report.controls {
        let (setpoint, unit) = shown(control.dimension, control.setpoint);
        let (actual, _) = shown(control.dimension, control.actual);
        let state = if control.saturated {
            "at its stop, set-point floats"
        } else {
            "held"
        };
        steps.push(format!(
            "control of {}: set-point {setpoint:.3} {unit}, reached {actual:.3} {unit} ({state})",
            control.what
        ));
    }
    Explanation {
        path: part.path.clone(),
        what: spec.doc.to_owned(),
        steps,
        numbers: parameters(run, spec.fields, &numbers.theta, &numbers.name, ""),
        documentation: numbers.kind.documentation(),
    }
}
