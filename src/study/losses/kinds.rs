//! The losses of each kind of component, and the changes that stand for them.

use super::{Claimed, Loss, Place, Severity, Sort, Units};
use crate::component::Kind;
use crate::hall::model::Hall;
use crate::network::build::supply;
use crate::result::gather::Part;
use crate::spec::{FieldKind, position};
use crate::study::scenario::Change;

/// What a unit of a kind is called.
fn unit(kind: &str) -> &'static str {
    match kind {
        "pump_set" => "pump",
        "cdu" => "CDU",
        "exchanger" | "economiser" => "exchanger",
        "tower" => "cell",
        "chiller" | "thermodynamic_chiller" | "air_cooled_chiller" => "machine",
        "crah" => "air handler",
        "transformer" => "transformer",
        "busway" => "run",
        "ups" => "module",
        _ => "unit",
    }
}

/// Least value of `running` of kinds of which `running` of `count` run: nothing, or as little as the kind allows.
pub(super) fn least_running(kind: Kind) -> Option<f64> {
    let fields = kind.spec().fields;
    match fields[position(fields, "running")?].kind {
        FieldKind::Number { min, .. } => Some(min),
        FieldKind::Choice(_) | FieldKind::Flag | FieldKind::Points { .. } => None,
    }
}

pub(super) fn of_component(part: &Part<'_>, severity: Severity, hall: &Hall, out: &mut Vec<Loss>) {
    let (block, kind) = (part.block, part.kind);
    let Some(component) = block.component(part.stamp) else {
        return;
    };
    let value = |key: &str| {
        position(component.kind.spec().fields, key)
            .map(|slot| component.theta[slot])
            .filter(|value| !value.is_nan())
    };
    let path = part.path.clone();
    let set = |key: &'static str, to: f64| Change::equipment(&block.path, &component.name, key, to);
    let loss = |sort: Sort, what: &str, text: String, changes: Vec<Change>| Loss {
        name: format!("{path}: {what}"),
        path: path.clone(),
        group: part.group.clone(),
        kind,
        sort,
        text,
        alike: u64::from(block.multiplicity),
        hopeless: None,
        claimed: None,
        changes,
        place: Place {
            block: block.path.clone(),
            name: component.name.clone(),
            units: None,
        },
    };
    let count = value("count").unwrap_or(1.0);
    let unit = unit(kind);
    let of_units = |units: Units| {
        let reserve = units.count - units.may;
        let text = if units.count < 1.5 {
            format!("the only {unit} lost")
        } else if reserve > 0.5 {
            format!(
                "one {unit} of {} lost, a reserve runs in its place",
                units.count
            )
        } else {
            format!("one {unit} of {} lost", units.count)
        };
        let mut found = loss(Sort::Unit, &format!("{unit} lost"), text, Vec::new());
        found.place.units = Some(units);
        found.changes = lose(&found.place, units, 1.0);
        let (claimed, key) = match kind {
            "transformer" => (units.redundant, "redundant_units"),
            _ => (reserve, "running"),
        };
        found.claimed = (claimed > 0.5).then(|| Claimed {
            words: format!("N+{claimed:.0}"),
            losses: claimed as u32,
            key,
        });
        found
    };
    let cut = supply::cut(
        hall,
        &super::names(block).collect::<Vec<_>>(),
        &component.name,
    );
    // With every load on another path as well, what is claimed is that the whole of it can go.
    let spare = cut.paths > 1 && cut.unfed.is_empty();
    if spare && let Some(installed) = component.kind.installed(&component.theta) {
        let what = match kind {
            "ups" => "UPS",
            "power_supply" => "power supply",
            other => other,
        };
        let text = format!("all of this {what} out of service: its loads on their other path");
        let mut found = loss(
            Sort::System,
            "path lost",
            text,
            vec![set("out_of_service", installed)],
        );
        found.claimed = Some(Claimed {
            words: if cut.paths == 2 { "2N" } else { "N+1" }.to_owned(),
            losses: 1,
            key: "feeder",
        });
        out.push(found);
    }
    match kind {
        "transformer" | "busway" | "feed" if spare && count < 1.5 => {}
        _ if least_running(component.kind).is_some() => {
            let may = value("running").unwrap_or(count).min(count);
            out.push(of_units(Units {
                kind: component.kind,
                count,
                may,
                redundant: 0.0,
            }));
        }
        "transformer" | "busway" | "economiser" => {
            let mut found = of_units(Units {
                kind: component.kind,
                count,
                may: count,
                redundant: value("redundant_units").unwrap_or(0.0),
            });
            if count < 1.5 && kind != "economiser" {
                found.hopeless = Some("nothing else feeds what hangs below it");
            }
            if count > 1.5 || kind != "economiser" {
                out.push(found);
            }
        }
        "feed" => {
            let mut found = loss(Sort::Unit, "feed lost", "lost".into(), Vec::new());
            found.hopeless = Some("nothing else feeds what hangs below it");
            out.push(found);
        }
        "ups" => of_ups(component.kind, &value, &set, &loss, out),
        "rear_door" if value("fan_power").unwrap_or(0.0) > 0.0 => {
            // What servers' own fans push through a door that stands still is not measured: grade D.
            let text = "its fans stopped, the servers' push a third of the air".to_owned();
            let changes = vec![set("speed", 0.33), set("fan_power", 0.0)];
            out.push(loss(Sort::Part, "fans stopped", text, changes));
        }
        "given_water" => out.push(loss(
            Sort::Unit,
            "supply lost",
            "no pressure difference from the supplier".into(),
            vec![set("control", 0.0), set("pressure_difference", 0.0)],
        )),
        "heat_reuse" => out.push(loss(
            Sort::Unit,
            "demand lost",
            "the network takes no heat".into(),
            vec![set("demand", 0.0)],
        )),
        // A check valve has nothing to stick.
        "valve" if value("valve_type") != Some(3.0) => {
            for (sort, what, to) in [
                (Sort::StuckOpen, "stuck open", 1.0),
                (Sort::StuckShut, "stuck shut", 0.0),
            ] {
                let mut changes = vec![
                    set("control", 0.0),
                    set("position", to),
                    set("minimum_position", 0.0),
                ];
                if value("valve_type") == Some(1.0) {
                    // A pressure-independent valve sized by its flow becomes a plain one of the same size.
                    let flow = value("flow").unwrap_or(1e-3);
                    let least = value("minimum_pressure_difference").unwrap_or(20e3);
                    let size = value("flow_coefficient").unwrap_or(flow / least.sqrt());
                    changes.extend([set("valve_type", 0.0), set("flow_coefficient", size)]);
                }
                out.push(loss(sort, what, format!("valve {what}"), changes));
            }
        }
        _ => {}
    }
    if kind == "cdu" {
        of_cdu(&value, &set, &loss, count, severity, out);
    }
    let share = severity.fouling;
    let resistance = match kind {
        "exchanger" | "cdu" => part
            .report
            .quantities
            .iter()
            .find(|quantity| quantity.name == "conductance")
            // That of all running units; fouling is that of one.
            .map(|quantity| share * part.report.on / quantity.value)
            .filter(|resistance| resistance.is_finite()),
        "economiser" => Some(share),
        _ => None,
    };
    if let Some(resistance) = resistance {
        let text = format!(
            "fouled: {:.0} % more thermal resistance{}",
            share * 100.0,
            if count > 1.5 { " in each unit" } else { "" }
        );
        let all = value("fouling").unwrap_or(0.0) + resistance;
        out.push(loss(
            Sort::Fouled,
            "fouled",
            text,
            vec![set("fouling", all)],
        ));
    }
}

type Value<'a> = dyn Fn(&str) -> Option<f64> + 'a;
type Set<'a> = dyn Fn(&'static str, f64) -> Change + 'a;
type Make<'a> = dyn Fn(Sort, &str, String, Vec<Change>) -> Loss + 'a;

/// Redundancy and losses of a UPS: see `component::ups`.
fn of_ups(kind: Kind, value: &Value<'_>, set: &Set<'_>, loss: &Make<'_>, out: &mut Vec<Loss>) {
    let redundancy = value("redundancy").unwrap_or(0.0);
    // All modules share the load, those of two systems too.
    let modules = value("modules").unwrap_or(1.0) * if redundancy > 1.5 { 2.0 } else { 1.0 };
    let units = Units {
        kind,
        count: modules,
        may: modules,
        redundant: 0.0,
    };
    let claimed = |words: &str| {
        Some(Claimed {
            words: words.to_owned(),
            losses: 1,
            key: "redundancy",
        })
    };
    if modules < 1.5 {
        let text = "its only module lost: the load on the bypass, unprotected".to_owned();
        out.push(loss(
            Sort::Unit,
            "module lost",
            text,
            vec![set("mode", 2.0)],
        ));
        return;
    }
    let text = format!("one module of {modules} lost");
    let mut found = loss(Sort::Unit, "module lost", text, Vec::new());
    found.place.units = Some(units);
    found.changes = lose(&found.place, units, 1.0);
    if redundancy > 0.5 && redundancy < 1.5 {
        found.claimed = claimed("N+1");
    }
    out.push(found);
    if redundancy > 1.5 {
        let text = "one of both systems lost".to_owned();
        let mut found = loss(
            Sort::System,
            "system lost",
            text,
            vec![set("redundancy", 0.0)],
        );
        found.claimed = claimed("2N");
        out.push(found);
    }
}

/// What else can go wrong in a CDU.
fn of_cdu(
    value: &Value<'_>,
    set: &Set<'_>,
    loss: &Make<'_>,
    count: f64,
    severity: Severity,
    out: &mut Vec<Loss>,
) {
    let pumps = value("pumps_running").unwrap_or(1.0);
    // Units of one entry are alike, so one pump of several units cannot be told from the others.
    if pumps > 1.5 && count < 1.5 {
        let text = format!("one pump of {pumps} in it lost");
        out.push(loss(
            Sort::Part,
            "pump lost",
            text,
            vec![set("pumps_running", pumps - 1.0)],
        ));
    }
    let whose = if count > 1.5 { "valves" } else { "valve" };
    for (sort, what, to) in [
        (Sort::StuckOpen, "stuck open", 1.0),
        (Sort::StuckShut, "stuck shut", 0.0),
    ] {
        let changes = vec![set("valve_control", 2.0), set("valve_position", to)];
        let name = format!("{whose} {what}");
        out.push(loss(sort, &name, format!("facility-water {name}"), changes));
    }
    if value("filter_pressure_drop").unwrap_or(0.0) > 0.0 {
        let factor = value("filter_factor").unwrap_or(1.0) * severity.blockage;
        let text = format!(
            "filter blocked: {} times its pressure drop",
            severity.blockage
        );
        out.push(loss(
            Sort::Blocked,
            "filter blocked",
            text,
            vec![set("filter_factor", factor)],
        ));
    }
}

/// Changes that take `lost` units out of a set.
pub(super) fn lose(place: &Place, units: Units, lost: f64) -> Vec<Change> {
    let set = |key: &'static str, to: f64| Change::equipment(&place.block, &place.name, key, to);
    let left = (units.count - lost).max(0.0);
    let kind = units.kind.spec().kind;
    if kind == "ups" {
        // What is left of one system or of two is one system, its redundancy used up.
        return vec![set("modules", left), set("redundancy", 0.0)];
    }
    // A count is one or more: where nothing is left, nothing runs.
    let mut changes = vec![set("count", left.max(1.0))];
    if kind == "transformer" {
        let redundant = (units.redundant - lost).max(0.0);
        changes.push(set("redundant_units", redundant));
    }
    if let Some(least) = least_running(units.kind) {
        changes.push(set("running", units.may.min(left).max(least)));
    }
    changes
}
