//! What a set does at its design point: the numbers that stand below the schedule.

use super::pipes;
use super::rating::law;
use super::schedule::Figure;
use super::search::Problem;
use super::sets::{KV, Plan, Set, kvs, set as put, value};
use crate::hall::model::Equipment;
use crate::result::gather::{Part, gather};
use crate::study::Run;
use crate::units::Dimension;

/// Rated powers of motors, kW: the preferred values of IEC 60072-1.
const MOTORS: [f64; 35] = [
    0.37, 0.55, 0.75, 1.1, 1.5, 2.2, 3.0, 4.0, 5.5, 7.5, 11.0, 15.0, 18.5, 22.0, 30.0, 37.0, 45.0,
    55.0, 75.0, 90.0, 110.0, 132.0, 150.0, 160.0, 185.0, 200.0, 220.0, 250.0, 280.0, 300.0, 315.0,
    355.0, 400.0, 450.0, 500.0,
];

pub(super) fn figure(out: &mut Vec<Figure>, name: &'static str, value: f64, dimension: Dimension) {
    if value.is_finite() {
        out.push(Figure {
            name,
            value,
            unit: dimension.si_symbol(),
            dimension,
        });
    }
}

/// Quantities of a component's account that a schedule shows: kind, name there, name here, and whether that of all
/// units is divided by their number.
const SHOWN: &[(&str, &str, &str, bool)] = &[
    ("cdu", "heat duty", "heat of a unit", true),
    ("cdu", "approach", "approach", false),
    ("cdu", "secondary flow", "coolant flow of a unit", true),
    ("cdu", "primary flow", "facility-water flow of a unit", true),
    ("cdu", "pump pressure rise", "pump pressure rise", false),
    ("exchanger", "heat duty", "heat of a unit", true),
    ("exchanger", "conductance", "conductance of a unit", true),
    ("exchanger", "approach", "approach", false),
    ("tower", "leaving water temperature", "leaving water", false),
    ("tower", "approach to outdoor wet bulb", "approach", false),
    ("tower", "range", "range", false),
    (
        "dry_cooler",
        "leaving water temperature",
        "leaving water",
        false,
    ),
    (
        "dry_cooler",
        "approach to outdoor dry bulb",
        "approach",
        false,
    ),
    (
        "chiller",
        "heat from the chilled water",
        "heat of a machine",
        true,
    ),
    (
        "chiller",
        "leaving chilled water temperature",
        "leaving water",
        false,
    ),
    ("chiller", "COP", "COP", false),
    (
        "air_cooled_chiller",
        "heat from the chilled water",
        "heat of a machine",
        true,
    ),
    (
        "air_cooled_chiller",
        "leaving chilled water temperature",
        "leaving water",
        false,
    ),
    ("air_cooled_chiller", "COP", "COP", false),
    ("crah", "heat", "heat of a unit", true),
    ("crah", "fan speed", "fan speed", false),
    ("crah", "valve opening", "valve opening", false),
    (
        "transformer",
        "apparent power",
        "apparent power of a unit",
        true,
    ),
    ("busway", "current of a run", "current of a run", false),
    ("feed", "apparent power", "apparent power", false),
];

pub(super) fn of_part(
    problem: &Problem<'_>,
    set: &Set,
    plan: Plan,
    run: &Run,
    part: &Part<'_>,
    out: &mut Vec<Figure>,
) {
    let on = part.report.on.max(1.0);
    let kind = set.kind.spec().kind;
    let quantity = |name: &str| {
        let found = part.report.quantities.iter().find(|q| q.name == name);
        found.map(|q| (q.value, q.dimension))
    };
    for (of, there, here, divided) in SHOWN {
        if *of == kind
            && let Some((found, dimension)) = quantity(there)
        {
            let by = if *divided { on } else { 1.0 };
            figure(out, here, found / by, dimension);
        }
    }
    let planned = set.planned(plan);
    let density = |side: usize| {
        let component = part.block.component(part.stamp)?;
        let fluid = run.network.fluids.get(component.fluids[side] as usize)?;
        Some(fluid.density(303.15))
    };
    match kind {
        "pump_set" => pump(problem, part, &planned, density(0), out),
        "tower" | "dry_cooler" => {
            if let Some(sink) = part.report.sink {
                figure(out, "heat of a unit", sink.heat / on, Dimension::Power);
            }
            figure(
                out,
                "water flow of a unit",
                part.flow[0].abs() / on,
                Dimension::MassFlow,
            );
        }
        "cdu" => {
            let get = |key: &str| value(&planned, key).unwrap_or(0.0);
            let (rated, open) = (get("primary_flow"), get("valve_pressure_drop"));
            let (Some(density), flow) = (density(0), part.flow[0].abs() / on) else {
                return;
            };
            let share = flow / (rated * density);
            let across = -part.rise[0];
            let left = across - get("primary_pressure_drop") * share * share;
            let own = rated * (density / (1000.0 * open)).sqrt();
            valve(out, flow, density, (left, across * problem.authority), own);
            let drop = open * share * share;
            figure(out, "valve authority", drop / across, Dimension::Fraction);
        }
        "crah" => {
            let get = |key: &str| value(&planned, key).unwrap_or(0.0);
            let (rated, open) = (get("nominal_water_flow"), get("valve_pressure_drop"));
            let (Some(density), flow) = (density(0), part.flow[0].abs() / on) else {
                return;
            };
            let (share, across) = (flow / rated, -part.rise[0]);
            let left = across - get("nominal_pressure_drop") * share.powf(get("exponent"));
            let own = rated / density * (density / (1000.0 * open)).sqrt();
            valve(out, flow, density, (left, across * problem.authority), own);
            let drop = open * share * share;
            figure(out, "valve authority", drop / across, Dimension::Fraction);
        }
        "ups" => figure(out, "load of a module", part.below / on, Dimension::Power),
        "feed" => {
            let margin = 1.0 + problem.margins.power;
            figure(out, "power", part.below, Dimension::Power);
            figure(out, "power required", part.below * margin, Dimension::Power);
        }
        "exchanger" => {
            if let Some((conductance, _)) = quantity("conductance") {
                let area = conductance / on / problem.coefficient;
                figure(
                    out,
                    "area of a unit at the coefficient assumed",
                    area,
                    Dimension::Area,
                );
            }
            for (side, name) in [(0, "hot flow of a unit"), (1, "cold flow of a unit")] {
                figure(out, name, part.flow[side].abs() / on, Dimension::MassFlow);
            }
        }
        "pipe" => {
            let number = f64::from(pipes::size(plan.size).0);
            figure(out, "nominal size DN", number, Dimension::Dimensionless);
            let Some(flow) = pipes::flow(run, part) else {
                return;
            };
            figure(out, "bore", flow.bore, Dimension::Length);
            let before = value(&set.units[0].equipment, "bore").unwrap_or(f64::NAN);
            figure(out, "bore in the file", before, Dimension::Length);
            figure(out, "flow of a pipe", flow.volume, Dimension::VolumeFlow);
            figure(out, "velocity", flow.velocity, Dimension::Velocity);
            figure(
                out,
                "friction per metre",
                flow.gradient,
                Dimension::Pressure,
            );
        }
        "valve" => {
            let (Some(density), flow) = (density(0), part.flow[0].abs()) else {
                return;
            };
            figure(out, "flow", flow / density, Dimension::VolumeFlow);
            valve(
                out,
                flow,
                density,
                (-part.rise[0], f64::NAN),
                kvs(plan.size) * KV,
            );
        }
        _ => {}
    }
    // Air handlers and chillers: what flows through one.
    if matches!(
        kind,
        "crah" | "chiller" | "thermodynamic_chiller" | "air_cooled_chiller"
    ) {
        figure(
            out,
            "water flow of a unit",
            part.flow[0].abs() / on,
            Dimension::MassFlow,
        );
    }
}

/// Flow coefficients: that passes a mass flow at the pressure left for the valve, that which takes the share of the whole
/// that is asked for as authority, and that of the valve.
fn valve(out: &mut Vec<Figure>, flow: f64, density: f64, (left, share): (f64, f64), own: f64) {
    let passes = |pressure: f64| flow / (1000.0 * density * pressure).sqrt();
    if left > 0.0 {
        figure(
            out,
            "flow coefficient required",
            passes(left),
            Dimension::FlowCoefficient,
        );
    }
    if share > 0.0 {
        figure(
            out,
            "flow coefficient for the authority asked",
            passes(share),
            Dimension::FlowCoefficient,
        );
    }
    figure(
        out,
        "flow coefficient of the valve",
        own,
        Dimension::FlowCoefficient,
    );
}

/// Flow, head and motor of a pump.
fn pump(
    problem: &Problem<'_>,
    part: &Part<'_>,
    planned: &Equipment,
    density: Option<f64>,
    out: &mut Vec<Figure>,
) {
    let (Some(density), on) = (density, part.report.on.max(1.0)) else {
        return;
    };
    let flow = part.flow[0].abs() / density / on;
    let rise = part.rise[0];
    let (more_flow, more_head) = (1.0 + problem.margins.flow, 1.0 + problem.margins.head);
    figure(out, "flow of a pump", flow, Dimension::VolumeFlow);
    figure(out, "pressure rise", rise, Dimension::Pressure);
    figure(
        out,
        "flow required",
        flow * more_flow,
        Dimension::VolumeFlow,
    );
    figure(
        out,
        "pressure required",
        rise * more_head,
        Dimension::Pressure,
    );
    let Some(law) = law(planned) else { return };
    let mass = flow * more_flow * density;
    let speed = law
        .speed_for(mass, density, rise * more_head)
        .unwrap_or(1.0);
    let shaft: f64 = law.at(mass, density, speed).shaft;
    figure(out, "shaft power required", shaft, Dimension::Power);
    if let Some(motor) = MOTORS.iter().find(|motor| 1e3 * *motor >= shaft) {
        figure(out, "motor", 1e3 * motor, Dimension::Power);
    }
}

/// Part of the pressure across a valve when it is shut that it takes wide open at the design flow.
pub(super) fn authority(
    problem: &Problem<'_>,
    plans: &[Plan],
    index: usize,
    case: usize,
    figures: &[Figure],
) -> Option<f64> {
    let set = &problem.sets[index];
    let flow = figures.iter().find(|figure| figure.name == "flow")?.value;
    let mut case = problem.cases.get(case)?.clone();
    for (other, plan) in problem.sets.iter().zip(plans) {
        other.place(&mut case.hall, *plan, None);
    }
    let mut group = &mut case.hall.root;
    for &inner in &set.groups {
        group = &mut group.groups[inner];
    }
    let entry = &mut group.equipment[set.index];
    put(entry, "control", 0.0);
    put(entry, "position", 0.0);
    put(entry, "minimum_position", 0.0);
    let run = crate::study::run_hall(case.hall).ok()?;
    (problem.done)();
    let parts = gather(&run.network, &run.solution);
    let shut = -parts.iter().find(|part| part.group == set.path)?.rise[0];
    // Δp = (ρ/1000)·(q/Kv)², with water.
    let open = (flow / (kvs(plans[index].size) * KV)).powi(2);
    (shut > 0.0).then_some(open / shut)
}
