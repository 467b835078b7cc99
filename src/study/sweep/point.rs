//! The points of a block, each solved from the block's anchor.

use std::ops::Range;

use super::axis::Value;
use super::journal::{Record, Row};
use super::model::Model;
use super::output::Sections;
use super::plan::Plan;
use crate::hall::model::Hall;
use crate::network::Network;
use crate::network::build;
use crate::result;
use crate::solve::{self, Options, Solution, State};

/// Longest reason that is kept.
const LONGEST_REASON: usize = 300;

/// Solves the points of a block that are wanted, and hands each on as it is done.
pub(super) fn solve_block<E>(
    plan: &Plan,
    model: &Model,
    block: u64,
    wanted: impl Fn(u64) -> bool,
    mut done: impl FnMut(Record) -> Result<(), E>,
) -> Result<(), E> {
    let points: Range<u64> = plan.points_of(block);
    if !points.clone().any(&wanted) {
        return Ok(());
    }
    let middle = plan.anchor(block);
    let anchor = at(plan, model, &middle).ok().and_then(|(_, network)| {
        let solution = solve_cold(&network).ok()?;
        Some(Anchor {
            state: solution.state,
            words: words(&middle),
            size: size(&network),
        })
    });
    for point in points.filter(|point| wanted(*point)) {
        let outcome = solve_point(plan, model, &plan.values(point), anchor.as_ref());
        done(Record { point, outcome })?;
    }
    Ok(())
}

/// The state that the points of a block start from.
struct Anchor {
    state: State,
    words: Vec<String>,
    size: [usize; 2],
}

/// Words among the values: where they differ, the hall may have another form.
fn words(values: &[Value]) -> Vec<String> {
    values
        .iter()
        .filter_map(|value| match value {
            Value::Word(word) => Some(word.clone()),
            Value::Number(_) => None,
        })
        .collect()
}

fn size(network: &Network) -> [usize; 2] {
    [network.racks.len(), network.blocks.len()]
}

fn at(plan: &Plan, model: &Model, values: &[Value]) -> Result<(Hall, Network), String> {
    let sets: Vec<String> = plan
        .axes
        .iter()
        .zip(values)
        .map(|(axis, value)| axis.set(value))
        .collect();
    let hall = model
        .load(&sets)
        .map_err(|error| one_line(&error.to_string()))?;
    let network = build::build(&hall).map_err(|error| one_line(&error.to_string()))?;
    Ok((hall, network))
}

fn solve_cold(network: &Network) -> Result<Solution, String> {
    solve::solve(network, solve::guess(network), &Options::default())
        .map_err(|error| one_line(&error.to_string()))
}

fn solve_point(
    plan: &Plan,
    model: &Model,
    values: &[Value],
    anchor: Option<&Anchor>,
) -> Result<Row, String> {
    let (hall, network) = at(plan, model, values)?;
    let warm = anchor
        .filter(|anchor| anchor.words == words(values) && anchor.size == size(&network))
        .and_then(|anchor| solve::solve(&network, anchor.state.clone(), &Options::default()).ok());
    let solution = match warm {
        Some(solution) => solution,
        None => solve_cold(&network)?,
    };
    let result = result::evaluate(&hall, &network, &solution, 0.0);
    if !result.facility.power_w.is_finite() {
        return Err("the solution is no number".to_owned());
    }
    let sections = Sections::of(&result, &plan.outputs);
    let mut row = Row::default();
    for output in &plan.outputs {
        if output.is_word {
            row.words.push(output.word(&sections));
        } else {
            row.numbers.push(output.number(&sections));
        }
    }
    Ok(row)
}

/// A message on one line, not too long for a table.
pub(super) fn one_line(text: &str) -> String {
    let line = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("; ");
    match line.char_indices().nth(LONGEST_REASON) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line,
    }
}
