//! The points of a block, each solved from the block's anchor.

use std::ops::Range;

use super::axis::Value;
use super::journal::{Record, Row};
use super::model::Model;
use super::output::Sections;
use super::plan::Plan;
use super::ways::{Ways, sets_of};
use crate::hall::model::Hall;
use crate::network::Network;
use crate::network::build;
use crate::result;
use crate::solve::{self, Options, Solution, State};

/// Longest reason that is kept.
const LONGEST_REASON: usize = 300;

/// What all points of a sweep have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) plan: &'a Plan,
    pub(super) model: &'a Model,
    pub(super) ways: &'a Ways,
}

/// Solves the points of a block that are wanted, and hands each on as it is done.
pub(super) fn solve_block<E>(
    task: Task<'_>,
    block: u64,
    wanted: impl Fn(u64) -> bool,
    mut done: impl FnMut(Record) -> Result<(), E>,
) -> Result<(), E> {
    let plan = task.plan;
    let points: Range<u64> = plan.points_of(block);
    if !points.clone().any(&wanted) {
        return Ok(());
    }
    let middle = plan.anchor(block);
    let mut at = None;
    let anchor = task.go(&mut at, &middle).ok().and_then(|place| {
        let solution = solve_cold(&place.network).ok()?;
        Some(Anchor {
            state: solution.state,
            read: task.read(&middle),
        })
    });
    for point in points.filter(|point| wanted(*point)) {
        let values = plan.values(point);
        let outcome = task
            .go(&mut at, &values)
            .and_then(|place| task.solve(place, &values, anchor.as_ref()));
        done(Record { point, outcome })?;
    }
    Ok(())
}

/// The state that the points of a block start from.
struct Anchor {
    state: State,
    /// Values that were read with the file: where they differ, the hall may have another form.
    read: Vec<Value>,
}

/// A hall and its network, at some values.
struct Place {
    hall: Hall,
    network: Network,
    values: Vec<Value>,
}

impl Task<'_> {
    fn read(&self, values: &[Value]) -> Vec<Value> {
        let read = values
            .iter()
            .enumerate()
            .filter(|(axis, _)| self.ways.reads(*axis));
        read.map(|(_, value)| value.clone()).collect()
    }

    /// Brings hall and network to the values, from where they are or from the hall file.
    fn go<'p>(&self, at: &'p mut Option<Place>, values: &[Value]) -> Result<&'p Place, String> {
        let axes = &self.plan.axes;
        if let Some(mut place) = at.take()
            && self.read(&place.values) == self.read(values)
            && self.ways.set(axes, values, &mut place.hall)
        {
            let network = if self.ways.reach_racks(&place.values, values) {
                build::build(&place.hall)
            } else {
                build::renew(&place.hall, place.network)
            };
            return Ok(at.insert(Place {
                network: network.map_err(|error| one_line(&error.to_string()))?,
                hall: place.hall,
                values: values.to_vec(),
            }));
        }
        let hall = self
            .model
            .load(&sets_of(axes, values))
            .map_err(|error| one_line(&error.to_string()))?;
        let network = build::build(&hall).map_err(|error| one_line(&error.to_string()))?;
        Ok(at.insert(Place {
            hall,
            network,
            values: values.to_vec(),
        }))
    }

    fn solve(
        &self,
        place: &Place,
        values: &[Value],
        anchor: Option<&Anchor>,
    ) -> Result<Row, String> {
        let network = &place.network;
        let warm = anchor
            .filter(|anchor| anchor.read == self.read(values))
            .and_then(|anchor| {
                solve::solve(network, anchor.state.clone(), &Options::default()).ok()
            });
        let solution = match warm {
            Some(solution) => solution,
            None => solve_cold(network)?,
        };
        let result = result::evaluate(&place.hall, network, &solution, 0.0);
        if !result.facility.power_w.is_finite() {
            return Err("the solution is no number".to_owned());
        }
        let outputs = &self.plan.outputs;
        let sections = Sections::of(&result, outputs);
        let mut row = Row::default();
        for output in outputs {
            if output.is_word {
                row.words.push(output.word(&sections));
            } else {
                row.numbers.push(output.number(&sections));
            }
        }
        Ok(row)
    }
}

fn solve_cold(network: &Network) -> Result<Solution, String> {
    solve::solve(network, solve::guess(network), &Options::default())
        .map_err(|error| one_line(&error.to_string()))
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
