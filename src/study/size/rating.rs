//! What a unit's size is measured by, and the point that pumps of a given number must reach.

use super::capacity::Margins;
use super::pipes;
use super::search::{Problem, all_hold};
use super::sets::{Plan, STEP, Set, Sort, kvs, value};
use crate::component::pump_law::{Efficiency, Head, PumpLaw};
use crate::hall::model::Equipment;
use crate::result::gather::gather;

/// The law of a pump's equations, from its entry.
pub(super) fn law(equipment: &Equipment) -> Option<PumpLaw<'_>> {
    let table =
        |key: &str| value(equipment, key).and_then(|index| equipment.tables.get(index as usize));
    let head = match table("curve") {
        Some(curve) => Head::Points(curve, value(equipment, "reference_density")?),
        None => Head::Quadratic(
            value(equipment, "shutoff_pressure")?,
            value(equipment, "quadratic")?,
        ),
    };
    let efficiency = match table("efficiency") {
        Some(curve) => Efficiency::Points(curve),
        None => Efficiency::Constant(value(equipment, "hydraulic_efficiency")?),
    };
    Some(PumpLaw { head, efficiency })
}

/// What a unit's size is measured by, for comparing parts.
pub fn rating(set: &Set, unit: usize) -> f64 {
    let equipment = &set.units[unit].equipment;
    let get = |key: &str| value(equipment, key);
    let found = match set.kind.spec().kind {
        "cdu" => get("rated_heat"),
        "exchanger" => get("conductance"),
        "tower" => get("nominal_water_flow"),
        "dry_cooler" | "crah" => get("nominal_heat"),
        "chiller" | "thermodynamic_chiller" | "air_cooled_chiller" => get("reference_capacity"),
        "transformer" => get("rating"),
        "busway" => get("rated_current"),
        "ups" => get("module_rating"),
        "pump_set" => law(equipment).map(|law| {
            let mass = law.full_flow() / 1.5;
            let rise: f64 = law.at(mass, 998.2, 1.0).rise;
            mass / 998.2 * rise
        }),
        _ => None,
    };
    found.filter(|found| *found > 0.0).unwrap_or(1.0)
}

/// A plan in words: `12 units`, `1 unit of 2.4 times its size`.
pub fn size_words(set: &Set, plan: Plan) -> String {
    if set.sort == Sort::Valve {
        return format!("a Kv of {}", kvs(plan.size));
    }
    if set.sort == Sort::Pipe {
        return format!("DN {}", pipes::size(plan.size).0);
    }
    let plural = if plan.duty == 1 { "" } else { "s" };
    let size = if plan.size == 0 {
        String::new()
    } else {
        format!(" of {:.2} times the part's size", STEP.powi(plan.size))
    };
    format!("{} unit{plural}{size}", plan.duty)
}

/// The plan of controlled pumps of a given number: the curve of the part, moved so that two thirds of its greatest flow
/// fall on the flow required and the pressure there on the pressure required. `None` for what is no such set.
pub fn pump_point(
    problem: &Problem<'_>,
    plans: &[Plan],
    index: usize,
) -> Result<Option<Plan>, Plan> {
    let set = &problem.sets[index];
    let own = &set.units[0].equipment;
    if set.kind.spec().kind != "pump_set" || value(own, "control") == Some(0.0) {
        return Ok(None);
    }
    let Some(curve) = value(own, "curve").and_then(|at| own.tables.get(at as usize)) else {
        return Ok(None);
    };
    let at = curve.range().max / 1.5;
    let rise_at = curve.eval(at);
    let mut trial = plans.to_vec();
    for _ in 0..8 {
        let none = Margins::NONE;
        if !all_hold(&problem.found(&trial, index, &none)) {
            // Twice the flow and the pressure, until they hold what they should.
            trial[index].size += 70;
            trial[index].head += 70;
            continue;
        }
        let (mut flow, mut rise) = (0.0f64, 0.0f64);
        for case in problem.cases {
            let Ok(run) = problem.solve(case, &trial, None) else {
                continue;
            };
            for part in gather(&run.network, &run.solution)
                .iter()
                .filter(|part| part.group == set.path)
            {
                let component = part.block.component(part.stamp);
                let fluid = component.and_then(|c| run.network.fluids.get(c.fluids[0] as usize));
                let density = fluid.map_or(1000.0, |fluid| fluid.density(303.15));
                flow = flow.max(part.flow[0].abs() / density / part.report.on.max(1.0));
                // As the curve's own fluid would have it.
                let reference = value(own, "reference_density").unwrap_or(998.2);
                rise = rise.max(part.rise[0] * reference / density);
            }
        }
        let steps = |ratio: f64| (ratio.ln() / STEP.ln() - 1e-3).ceil() as i32;
        return Ok(Some(Plan {
            size: steps(flow * (1.0 + problem.margins.flow) / at),
            head: steps(rise * (1.0 + problem.margins.head) / rise_at),
            ..trial[index]
        }));
    }
    Err(trial[index])
}
