//! The schedule: of each set how many units, what they must do, which margin they have and what governs.

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::Serialize;

use super::Choice;
use super::capacity::{Class, classes};
use super::judge::Need;
use super::search::{Problem, all_hold};
use super::sets::{KV, Plan, STEP, Set, Sort, kvs, set as put, value};
use crate::component::pump_law::{Efficiency, Head, PumpLaw};
use crate::result::gather::{Part, gather};
use crate::study::Run;
use crate::units::Dimension;

/// Rated powers of motors, kW: the preferred values of IEC 60072-1.
const MOTORS: [f64; 35] = [
    0.37, 0.55, 0.75, 1.1, 1.5, 2.2, 3.0, 4.0, 5.5, 7.5, 11.0, 15.0, 18.5, 22.0, 30.0, 37.0, 45.0,
    55.0, 75.0, 90.0, 110.0, 132.0, 150.0, 160.0, 185.0, 200.0, 220.0, 250.0, 280.0, 300.0, 315.0,
    355.0, 400.0, 450.0, 500.0,
];

/// A margin asked for and found.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct MarginRow {
    /// On what.
    pub class: Class,
    /// Asked for, as a share.
    pub asked: f64,
    /// Found, as a share.
    pub found: f64,
}

/// A number of the schedule.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// Name.
    pub name: &'static str,
    /// Value; SI, temperatures in K.
    pub value: f64,
    /// Unit.
    pub unit: &'static str,
    /// Dimension.
    #[serde(skip)]
    pub dimension: Dimension,
}

/// A line of the schedule.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Path, with `*` for the indices of groups.
    pub path: String,
    /// Path in the hall file.
    pub file_path: String,
    /// Kind.
    pub kind: &'static str,
    /// Part of the library, or of the file.
    pub part: Option<String>,
    /// Instances of the set in the hall.
    pub instances: f64,
    /// Redundancy: `N`, `N+1`, `2N`.
    pub redundancy: String,
    /// Units that carry the load.
    pub duty: u32,
    /// Units installed.
    pub installed: u32,
    /// Both in the file as it was.
    pub before: [f64; 2],
    /// Size of a unit over that of the part.
    pub size: f64,
    /// Units, of the chosen size, that just carry the load without a margin.
    pub required_units: Option<f64>,
    /// Margins.
    pub margins: Vec<MarginRow>,
    /// What the set would miss with one unit fewer, a step smaller or its margins used up, as it stands in the sized hall.
    pub governs: Option<Need>,
    /// Why there would be no solution then.
    pub unsolved: Option<String>,
    /// The case in which it does.
    pub case: String,
    /// What the units do in that case.
    pub figures: Vec<Figure>,
}

/// All lines.
pub fn rows(problem: &Problem<'_>, plans: &[Plan], choice: Choice) -> Vec<Row> {
    // Runs of all cases with the sizes found: figures of every line come from them.
    let runs: Vec<Option<Run>> = (0..problem.cases.len())
        .into_par_iter()
        .map(|case| problem.solve(&problem.cases[case], plans, None).ok())
        .collect();
    (0..problem.sets.len())
        .map(|set| row(problem, plans, set, &runs, choice))
        .collect()
}

fn row(
    problem: &Problem<'_>,
    plans: &[Plan],
    index: usize,
    runs: &[Option<Run>],
    choice: Choice,
) -> Row {
    let (set, plan) = (&problem.sets[index], plans[index]);
    let found: Vec<(Class, f64)> = classes(set.kind)
        .into_iter()
        .map(|class| (class, problem.margin(plans, index, class)))
        .collect();
    let margins = found
        .iter()
        .map(|&(class, found)| MarginRow {
            class,
            asked: problem.margins.of(class),
            found,
        })
        .collect();
    // Where something else asks for as many, that fewer would carry the load is no help.
    let required_units = found
        .iter()
        .filter(|(class, _)| matches!(class, Class::Duty | Class::Power))
        .filter(|_| !matches!(set.sort, Sort::Rating | Sort::Valve))
        .map(|(class, found)| {
            (
                problem.margins.of(*class),
                f64::from(plan.duty) / (1.0 + found),
            )
        })
        .find(|(asked, units)| units * (1.0 + asked) > f64::from(plan.duty - 1) - 1e-6)
        .map(|(_, units)| units);
    let governing = problem.governing(plans, index, &found);
    let case = governing.as_ref().map_or(0, |(case, _)| *case);
    let (need, unsolved) = match governing {
        Some((_, Ok(need))) => (Some(need), None),
        Some((_, Err(reason))) => (None, Some(reason)),
        None => (None, None),
    };
    let mut figures = Vec::new();
    if let Some(Some(run)) = runs.get(case) {
        let parts = gather(&run.network, &run.solution);
        // Of instances that differ the one with the greatest flow or heat through it.
        let size = |part: &Part<'_>| part.flow[0].abs() + part.below.abs();
        let part = parts
            .iter()
            .filter(|part| part.group == set.path)
            .reduce(|a, b| if size(b) > size(a) { b } else { a });
        if let Some(part) = part {
            of_part(problem, set, plan, run, part, &mut figures);
        }
    }
    if set.sort == Sort::Valve
        && let Some(authority) = authority(problem, plans, index, case, &figures)
    {
        figure(&mut figures, "authority", authority, Dimension::Fraction);
    }
    let part = set.units[plan.unit].part.clone();
    let installed = plan.duty + set.reserve.of(plan.duty);
    Row {
        path: set.path.clone(),
        file_path: set.file_path.clone(),
        kind: set.kind.spec().kind,
        part: part
            .filter(|_| choice != Choice::Required || set.sort == Sort::Valve || plan.size == 0),
        instances: set.instances,
        redundancy: set.reserve.words(),
        duty: plan.duty,
        installed,
        before: [set.before.0, set.before.1],
        size: if set.sort == Sort::Valve {
            1.0
        } else {
            STEP.powi(plan.size)
        },
        required_units,
        margins,
        governs: need,
        unsolved,
        case: problem
            .cases
            .get(case)
            .map_or_else(String::new, |case| case.name.clone()),
        figures,
    }
}

fn figure(out: &mut Vec<Figure>, name: &'static str, value: f64, dimension: Dimension) {
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

fn of_part(
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
            for (side, name) in [(0, "hot flow of a unit"), (1, "cold flow of a unit")] {
                figure(out, name, part.flow[side].abs() / on, Dimension::MassFlow);
            }
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

fn law(equipment: &crate::hall::model::Equipment) -> Option<PumpLaw<'_>> {
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

/// Flow, head and motor of a pump.
fn pump(
    problem: &Problem<'_>,
    part: &Part<'_>,
    planned: &crate::hall::model::Equipment,
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
fn authority(
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
        let none = super::capacity::Margins::NONE;
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
