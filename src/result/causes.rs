//! Why a set-point that must be met is not: what the device gives at its stop against what would be needed.
//!
//! | device | is held against |
//! |---|---|
//! | pumps | pressure difference or flow asked, and the head that they give at no flow and full speed |
//! | CDU | heat that its coolant brings, and what the facility water could take up at the set-point: C_p·(T_set + Q/C_s − T_in,p) |
//! | towers, dry coolers | the outdoor bulb that the set-point has to stay above, and the rated duty |
//! | chillers | heat that would bring the chilled water as it comes down to its set-point |
//! | room coolers | capacity |
//!
//! Everything is taken at the solved point, with the streams that are there.

use super::Warning;
use super::gather::Part;
use crate::component::{At, Control, cdu, room_cooler};
use crate::network::{Element, Network};
use crate::solve::Solution;
use crate::solve::block::component_at;
use crate::units::{Dimension, UnitSystem};

/// A sentence for each set-point that is missed on the side that matters; of replicas the first.
pub fn causes(network: &Network, solution: &Solution, parts: &[Part<'_>]) -> Vec<Warning> {
    let mut out: Vec<Warning> = Vec::new();
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for part in parts {
        for control in &part.report.controls {
            let Element::Component(index) = part.stamp.element else {
                continue;
            };
            if !(control.required && control.saturated)
                || seen.contains(&(&part.group, control.what))
            {
                continue;
            }
            seen.push((&part.group, control.what));
            let state = &solution.state.blocks[part.block_index];
            let at = component_at(network, part.block, state, part.stamp, index);
            if let Some(text) = sentence(part, control, &at) {
                out.push(Warning {
                    path: part.path.clone(),
                    text,
                    beyond: None,
                });
            }
        }
    }
    out
}

/// A value with the unit in which one would say it.
pub fn said(dimension: Dimension, value: f64) -> String {
    let shown = dimension.display(value, UnitSystem::Si);
    let digits = match shown.value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    format!("{:.digits$} {}", shown.value, shown.symbol)
}

fn sentence(part: &Part<'_>, control: &Control, at: &At<'_, f64>) -> Option<String> {
    let own = |name: &str| {
        let found = part.report.quantities.iter().find(|q| q.name == name);
        found.map(|q| q.value)
    };
    let (asked, got) = (
        said(control.dimension, control.setpoint),
        said(control.dimension, control.actual),
    );
    match (part.kind, control.what) {
        ("pump_set", _) => {
            let rise = own("pressure rise")?;
            let shutoff = own("pressure rise at no flow and full speed")?;
            Some(pump(control, rise, shutoff, part.flow[0] / density(at, 0)))
        }
        ("cdu", "secondary flow" | "pressure difference") => {
            let rise = own("pump pressure rise")?;
            let shutoff = own("pump pressure rise at no flow and full speed")?;
            Some(pump(control, rise, shutoff, own("secondary flow")?))
        }
        ("cdu", "supply temperature") => Some(exchanger(at, control, -part.heat[1])),
        ("tower" | "dry_cooler", _) => {
            let (bulb, name) = match part.kind {
                "tower" => (at.outdoor.wet_bulb, "wet bulb"),
                _ => (at.outdoor.dry_bulb, "dry bulb"),
            };
            let shown = said(Dimension::Temperature, bulb);
            Some(
                if control.setpoint <= bulb
                    && own("evaporation").is_none_or(|e| e <= 0.0 || part.kind == "tower")
                {
                    format!(
                        "the water leaves at {got}: its set-point of {asked} is not above the outdoor {name} of {shown}, which it cannot pass"
                    )
                } else {
                    let duty = part.report.load_fraction.map_or(String::new(), |load| {
                        format!(", {:.0} % of its rated heat", 100.0 * load)
                    });
                    format!(
                        "the water leaves at {got} instead of {asked}: with all fans at full speed it rejects {}{duty}, {} above the outdoor {name} of {shown}",
                        said(Dimension::Power, -part.heat[0]),
                        said(Dimension::TemperatureDifference, control.actual - bulb)
                    )
                },
            )
        }
        ("chiller" | "air_cooled_chiller", _) => {
            let taken = -part.heat[0];
            let (flow, fluid, inlet) = (
                at.sides[0].mass_flow,
                at.fluids[0],
                at.sides[0].inlet_temperature(),
            );
            let needed = flow * (fluid.enthalpy(inlet) - fluid.enthalpy(control.setpoint));
            Some(format!(
                "the chilled water leaves at {got} instead of {asked}: at full load it takes {}; to bring {flow:.1} kg/s from {} to the set-point it would have to take {}",
                said(Dimension::Power, taken),
                said(Dimension::Temperature, inlet),
                said(Dimension::Power, needed)
            ))
        }
        ("room_cooler", _) => {
            let p = room_cooler::Parameters::<f64>::load(at.theta);
            Some(format!(
                "the room stands at {got}: it takes {}, all that it can, since {} is reached",
                said(Dimension::Power, p.capacity),
                said(
                    Dimension::Temperature,
                    p.room_temperature + p.proportional_band
                )
            ))
        }
        _ => None,
    }
}

fn density(at: &At<'_, f64>, side: usize) -> f64 {
    at.fluids[side].density(at.sides[side].inlet_temperature())
}

/// A pump at full speed: `rise` across it, `shutoff` its rise at no flow and full speed, Pa; `flow` m³/s.
fn pump(control: &Control, rise: f64, shutoff: f64, flow: f64) -> String {
    let p = |value| said(Dimension::Pressure, value);
    let q = |value| said(Dimension::VolumeFlow, value);
    if control.dimension == Dimension::Pressure {
        let most = if control.setpoint >= shutoff {
            format!(
                "even at no flow it gives no more than {}, so no speed reaches it",
                p(shutoff)
            )
        } else {
            format!(
                "at no flow it would give {}; the circuit lets too much through",
                p(shutoff)
            )
        };
        return format!(
            "at full speed it holds {} of the {} asked, with {} flowing and {} across the pump: {most}",
            p(control.actual),
            p(control.setpoint),
            q(flow),
            p(rise)
        );
    }
    // Friction goes at most with the square of the flow, and at least in proportion.
    let ratio = control.setpoint / control.actual.max(1e-12);
    let needed = rise * ratio * ratio;
    let most = if rise * ratio > shutoff {
        "no speed reaches it"
    } else {
        "its curve does not reach that point"
    };
    format!(
        "at full speed it carries {} of the {} asked against {}: that flow would take up to {} (by the square of the flow), and at no flow it gives {}; {most}",
        q(control.actual),
        q(control.setpoint),
        p(rise),
        p(needed),
        p(shutoff)
    )
}

/// A CDU whose valve stands wide open; `needed` is the heat that it takes from its coolant, W.
fn exchanger(at: &At<'_, f64>, control: &Control, needed: f64) -> String {
    let p = cdu::Parameters::<f64>::load(at.theta);
    let t = |value| said(Dimension::Temperature, value);
    let w = |value| said(Dimension::Power, value);
    let inlet = [0, 1].map(|s| at.sides[s].inlet_temperature());
    let flow = [0, 1].map(|s| at.sides[s].mass_flow.abs());
    let capacity = [0, 1].map(|s: usize| flow[s] * at.fluids[s].specific_heat(inlet[s]));
    // With the set-point held, the same heat would come back colder.
    let back = control.setpoint + needed / capacity[1].max(1e-9);
    let span = (back - inlet[0]).max(0.0);
    let head = format!(
        "valve wide open, the coolant leaves at {} instead of {}: ",
        t(control.actual),
        t(control.setpoint)
    );
    let tail = if flow[0] < 1e-6 * p.primary_flow * 1e3 {
        "no facility water flows through it".to_owned()
    } else if inlet[0] >= control.setpoint {
        format!(
            "the facility water comes at {}, which is not below that set-point",
            t(inlet[0])
        )
    } else if capacity[0] * span < needed {
        format!(
            "{} have to go; with the set-point held the coolant would come back at {}, and {:.2} kg/s of facility water of {} take up no more than {} until they are as warm: more water is needed",
            w(needed),
            t(back),
            flow[0],
            t(inlet[0]),
            w(capacity[0] * span)
        )
    } else {
        format!(
            "{} have to go; with the set-point held an endless exchanger would transfer {} between these streams, and this one is too small",
            w(needed),
            w(capacity[0].min(capacity[1]) * span)
        )
    };
    head + &tail
}
