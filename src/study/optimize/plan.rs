//! Laying an optimisation out: what may be chosen, for which conditions, and all that can be found wrong before anything is
//! solved.

use std::path::Path;

use toml_edit::DocumentMut;

use super::conditions::{self, Condition, Over, Purpose};
use super::edit::{self, EditError};
use super::objective::{Objective, Prices};
use super::setpoints;
use super::variables::{self, Known, Variable};
use super::{OptimizeError, OptimizeOptions};
use crate::hall::Warnings;
use crate::hall::model::{Hall, Workload};
use crate::study::annual;
use crate::study::sweep::model::Model;
use crate::study::sweep::{SweepError, judge_value};
use crate::weather;
use crate::world::World;

/// A planned optimisation.
#[derive(Debug)]
pub struct Plan {
    pub(super) hall: Hall,
    /// What is to be known of the hall file.
    pub warnings: Warnings,
    pub(super) model: Model,
    pub(super) text: String,
    /// What may be chosen.
    pub variables: Vec<Variable>,
    /// Whether the variables are the hall's own set-points.
    pub(super) usual: bool,
    pub(super) conditions: Vec<Condition>,
    pub(super) scenario: String,
    pub(super) over: Over,
    pub(super) objective: Objective,
    pub(super) prices: Prices,
    pub(super) notes: Vec<String>,
    pub(super) options: OptimizeOptions,
}

/// Lays an optimisation out, and checks all that can be checked before anything is solved.
///
/// # Errors
/// [`OptimizeError`].
pub fn plan(
    world: &dyn World,
    path: &Path,
    options: &OptimizeOptions,
) -> Result<Plan, OptimizeError> {
    if options.starts == 0 {
        return Err(OptimizeError::Plan(
            "0 local searches find nothing; --starts must be 1 or more".to_owned(),
        ));
    }
    if options.samples == Some(0) {
        return Err(OptimizeError::Plan(
            "0 points leave nothing to start from; --samples must be 1 or more".to_owned(),
        ));
    }
    let (mut model, hall, warnings) = Model::read(world, path, &options.load)?;
    let text = model.text().0;
    let document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        OptimizeError::Edit(EditError::Text(error.message().to_owned()))
    })?;
    let prices = Prices {
        electricity: options.prices.electricity.or(hall.annual.electricity_price),
        water: options.prices.water.or(hall.annual.water_price),
    };
    let objective = Objective::parse(&options.minimise, &prices)
        .map_err(|fault| OptimizeError::Plan(format!("--minimise: {fault}")))?;
    let known = Known {
        hall: &hall,
        document: &document,
    };
    let usual = options.vary.is_empty();
    let mut variables = if usual {
        setpoints::usual(&hall, &document)
    } else {
        let vary = options.vary.iter();
        vary.map(|text| variables::parse(&known, text))
            .collect::<Result<_, _>>()?
    };
    let edits: Vec<String> = model.edits().map(str::to_owned).collect();
    if usual {
        variables.retain(|one| !one.axes.iter().any(|axis| edits.contains(&axis.path)));
    }
    check(&variables, &edits)?;
    if options.write {
        check_file(&document, &variables, &edits)?;
    }
    judge(world, &mut model, &variables, usual)?;
    let mut notes = Vec::new();
    let (conditions, over, scenario) = set_out(world, &hall, options, &mut notes)?;
    Ok(Plan {
        hall,
        warnings,
        model,
        text,
        variables,
        usual,
        conditions,
        scenario,
        over,
        objective,
        prices,
        notes,
        options: options.clone(),
    })
}

/// Contradictions between variables.
fn check(variables: &[Variable], edits: &[String]) -> Result<(), OptimizeError> {
    if variables.is_empty() {
        return Err(OptimizeError::Plan(
            "this hall has no set-point that could be chosen; give --vary PATH=FROM..TO UNIT"
                .to_owned(),
        ));
    }
    let paths: Vec<&str> = variables
        .iter()
        .flat_map(|one| one.axes.iter().map(|axis| axis.path.as_str()))
        .collect();
    for (at, path) in paths.iter().enumerate() {
        if paths[..at].contains(path) {
            return Err(OptimizeError::Plan(format!("`{path}` is varied twice")));
        }
        if edits.iter().any(|edit| edit == path) {
            return Err(OptimizeError::Plan(format!(
                "`{path}` is both set and varied; leave out one of --set and --vary"
            )));
        }
    }
    Ok(())
}

/// Whether all paths can be written into the file.
fn check_file(
    document: &DocumentMut,
    variables: &[Variable],
    edits: &[String],
) -> Result<(), OptimizeError> {
    let paths = variables.iter().flat_map(|one| &one.axes);
    let mut all = paths.map(|axis| &axis.path).chain(edits);
    match all.find(|path| !edit::is_of_file(document, path)) {
        Some(path) => Err(EditError::Asset(path.clone()).into()),
        None => Ok(()),
    }
}

/// Whether the hall file takes the values: all of a list, both ends of a range.
fn judge(
    world: &dyn World,
    model: &mut Model,
    variables: &[Variable],
    usual: bool,
) -> Result<(), OptimizeError> {
    if usual {
        // Their ranges come from the field lists.
        return Ok(());
    }
    let axes: Vec<_> = variables
        .iter()
        .flat_map(|variable| variable.axes.iter().cloned())
        .collect();
    for at in 0..axes.len() {
        for value in axes[at].judged() {
            judge_value(model, world, &axes, at, &value).map_err(|error| match error {
                SweepError::Value { set, error } => OptimizeError::Value { set, error },
                other => OptimizeError::Plan(other.to_string()),
            })?;
        }
    }
    Ok(())
}

/// The conditions, what the objective is over, and words for both.
fn set_out(
    world: &dyn World,
    hall: &Hall,
    options: &OptimizeOptions,
    notes: &mut Vec<String>,
) -> Result<(Vec<Condition>, Over, String), OptimizeError> {
    let purpose = options.purpose;
    if purpose == Purpose::Point {
        return Ok((
            conditions::point(&hall.scenario),
            Over::Point,
            hall.scenario.clone(),
        ));
    }
    let source = annual::source(
        &hall.annual,
        options.weather.as_deref(),
        options.design_table.as_deref(),
    );
    let (weather, mut said) = weather::open(world, &source)?;
    notes.append(&mut said);
    if options.weather.is_none() && hall.annual.weather.is_none() {
        notes.push(format!(
            "neither --weather nor [annual] names the weather: {} is taken",
            weather.name
        ));
    }
    if purpose != Purpose::Year && weather.design.is_empty() {
        return Err(OptimizeError::Plan(format!(
            "{} has no design conditions; --design-table FILE.csv gives some",
            weather.name
        )));
    }
    let by = match purpose {
        Purpose::Design => Some((Over::DesignWorst, "worst of")),
        Purpose::DesignMean => Some((Over::DesignMean, "mean of")),
        _ => None,
    };
    if let Some((over, how)) = by {
        let all = conditions::design(&weather.design, 1.0);
        let scenario = format!("{how} {} design conditions of {}", all.len(), weather.name);
        return Ok((all, over, scenario));
    }
    if hall.annual.workload != Workload::Constant(1.0) {
        notes.push(
            "the workload of [annual] is left out: every hour is solved in the state itself"
                .to_owned(),
        );
    }
    let mut all = conditions::year(&weather);
    let mut scenario = format!("year of {}, {} conditions", weather.name, all.len());
    if purpose == Purpose::YearAndDesign {
        all.extend(conditions::design(&weather.design, 0.0));
        scenario.push_str(", limits at its design conditions too");
    }
    Ok((all, Over::Year, scenario))
}
