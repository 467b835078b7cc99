//! A hall and its network, brought from one point's values to the next's.

use super::axis::{Axis, Value};
use super::model::Model;
use super::ways::{Ways, sets_of};
use crate::hall::model::Hall;
use crate::network::Network;
use crate::network::build;
use crate::solve::Solution;

/// Longest reason that is kept.
const LONGEST_REASON: usize = 300;

/// A hall and its network, at some values.
pub(in crate::study) struct Place {
    pub(in crate::study) hall: Hall,
    pub(in crate::study) network: Network,
    values: Vec<Value>,
    /// The last solution here, whose memory serves the next.
    pub(in crate::study) spare: Option<Solution>,
}

/// The values that are read with the hall file: where they differ, the hall may have another form.
pub(super) fn read(ways: &Ways, values: &[Value]) -> Vec<Value> {
    let read = values
        .iter()
        .enumerate()
        .filter(|(axis, _)| ways.reads(*axis));
    read.map(|(_, value)| value.clone()).collect()
}

/// Brings hall and network to the values, from where they are or from the hall file.
pub(in crate::study) fn go<'p>(
    axes: &[Axis],
    model: &Model,
    ways: &Ways,
    at: &'p mut Option<Place>,
    values: &[Value],
) -> Result<&'p mut Place, String> {
    if at.as_ref().is_some_and(|place| place.values == values)
        && !ways.always_read
        && let Some(place) = at.take()
    {
        return Ok(at.insert(place));
    }
    if let Some(mut place) = at.take()
        && read(ways, &place.values) == read(ways, values)
        && ways.set(axes, values, &mut place.hall)
    {
        let network = if ways.reach_racks(&place.values, values) {
            build::build(&place.hall)
        } else {
            build::renew(&place.hall, place.network)
        };
        return Ok(at.insert(Place {
            network: network.map_err(|error| one_line(&error.to_string()))?,
            hall: place.hall,
            values: values.to_vec(),
            spare: place.spare,
        }));
    }
    let hall = model
        .load(&sets_of(axes, values))
        .map_err(|error| one_line(&error.to_string()))?;
    let network = build::build(&hall).map_err(|error| one_line(&error.to_string()))?;
    Ok(at.insert(Place {
        hall,
        network,
        values: values.to_vec(),
        spare: None,
    }))
}

/// A message on one line, not too long for a table.
pub(in crate::study) fn one_line(text: &str) -> String {
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
