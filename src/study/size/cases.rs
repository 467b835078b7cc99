//! The cases in which everything must hold.

use super::search::Case;
use super::{SizeError, SizeOptions};
use crate::component::Outdoor;
use crate::hall::model::{Group, Hall};
use crate::network::build::supply;
use crate::study::annual;
use crate::weather;
use crate::world::World;

/// An outdoor condition beside that of the file: name, words, air.
pub(super) type Condition = (String, String, Outdoor);

/// The design conditions asked for.
pub(super) fn conditions(
    world: &dyn World,
    hall: &Hall,
    options: &SizeOptions,
) -> Result<Vec<Condition>, SizeError> {
    if options.weather.is_none() && options.design.is_none() {
        return Ok(Vec::new());
    }
    let source = annual::source(
        &hall.annual,
        options.weather.as_deref(),
        options.design.as_deref(),
    );
    let (weather, _) = weather::open(world, &source)?;
    Ok(weather
        .design
        .iter()
        .map(|point| {
            let outdoor = Outdoor {
                dry_bulb: point.air.dry_bulb(),
                wet_bulb: point.wet_bulb,
                humidity_ratio: point.air.humidity_ratio(),
                pressure: point.air.pressure(),
            };
            (point.name.clone(), point.text.clone(), outdoor)
        })
        .collect())
}

/// Cases: the nameplate state and the present one at the file's outdoor air, nameplate at each condition asked for.
pub(super) fn cases(hall: &Hall, conditions: &[Condition]) -> Vec<Case> {
    let mut out: Vec<Case> = Vec::new();
    let nameplate = hall.states.iter().find(|state| state.name == "nameplate");
    for state in nameplate.into_iter().chain([&hall.state]) {
        if out.iter().any(|case| case.hall.state == *state) {
            continue;
        }
        let mut hall = hall.clone();
        hall.state = state.clone();
        out.push(Case {
            name: state.name.clone(),
            text: format!("state {} at {}", state.name, air(&hall)),
            hall,
            lost: None,
        });
    }
    for (name, text, outdoor) in conditions {
        let mut hall = out
            .first()
            .map_or_else(|| hall.clone(), |case| case.hall.clone());
        hall.outdoor = *outdoor;
        out.push(Case {
            name: name.clone(),
            text: format!("state {} at {text}", hall.state.name),
            hall,
            lost: None,
        });
    }
    out
}

/// The outdoor air of a hall in words.
fn air(hall: &Hall) -> String {
    if !hall.scenario.is_empty() {
        return hall.scenario.clone();
    }
    let celsius = |kelvin: f64| kelvin - 273.15;
    format!(
        "{:.1} degC, wet bulb {:.1} degC",
        celsius(hall.outdoor.dry_bulb),
        celsius(hall.outdoor.wet_bulb)
    )
}

/// The first case once more for each supply path of loads that have several, with that path lost: what is left must carry
/// all of it.
pub(super) fn paths(hall: &Hall, first: &Case) -> Vec<Case> {
    let mut out = Vec::new();
    walk(hall, &hall.root, &mut Vec::new(), first, &mut out);
    out
}

fn walk(hall: &Hall, group: &Group, names: &mut Vec<String>, first: &Case, out: &mut Vec<Case>) {
    for equipment in &group.equipment {
        if equipment.kind.installed(&equipment.theta).is_none() {
            continue;
        }
        let words: Vec<&str> = names.iter().map(String::as_str).collect();
        let cut = supply::cut(hall, &words, &equipment.name);
        if cut.paths > 1 && cut.unfed.is_empty() {
            let prefix: String = names.iter().map(|name| format!("{name}.0.")).collect();
            out.push(Case {
                name: format!("{prefix}{} lost", equipment.name),
                text: format!("{}, {prefix}{} out of service", first.text, equipment.name),
                lost: Some((names.clone(), equipment.name.clone())),
                ..first.clone()
            });
        }
    }
    for inner in &group.groups {
        names.push(inner.name.clone());
        walk(hall, inner, names, first, out);
        names.pop();
    }
}
