//! What feeds a load: one bus, or several supply paths with their shares.
//!
//! `feeder = "busway"` is one path; `feeder = ["busway_a", "busway_b"]` are two cords, each with an equal
//! share unless `feeder_share = [0.6, 0.4]` says otherwise.

use super::model::{Cord, Feeders};
use super::resolve::Resolver;
use crate::diag::{Diagnostic, Span};
use crate::document::{Entry, Node, Table, Value};

/// Most supply paths of one load.
const MOST: usize = 8;
/// How far shares may add up beside 1: they are written with a few digits.
const SLACK: f64 = 1e-6;

impl<'t> Resolver<'t> {
    /// The buses that feed a thing; none is the meter.
    pub(super) fn feeders(&mut self, place: &'t Table) -> Feeders {
        let shares = place.get("feeder_share");
        let Some(found) = place.get("feeder") else {
            if let Some(shares) = shares {
                let fault = Diagnostic::error(
                    shares.key_span,
                    "`feeder_share` without the list of feeders that it shares among",
                );
                self.reader
                    .push(fault.allowed("feeder = [\"NAME\", \"NAME\"] beside it"));
            }
            return Feeders::default();
        };
        let list: Vec<&'t Node> = match &found.node.value {
            Value::Array(nodes) => nodes.iter().collect(),
            _ => vec![&found.node],
        };
        if list.is_empty() || list.len() > MOST {
            let number = list.len();
            self.reader.push(
                Diagnostic::error(found.node.span, format!("`feeder` names {number} paths"))
                    .allowed(format!("one feeder, or a list of two to {MOST}"))
                    .hint("leave `feeder` out to feed it from the meter"),
            );
            return Feeders::default();
        }
        let mut cords: Vec<(Cord, Span)> = Vec::new();
        for node in &list {
            let Some(name) = node.as_str() else {
                let sort = node.value.sort();
                let fault = Diagnostic::error(
                    node.span,
                    format!("`feeder` must be the name of an equipment entry, not {sort}"),
                );
                self.reader.push(fault.allowed(
                    "the name of an equipment entry that carries a bus, or a list of such names",
                ));
                continue;
            };
            let Some(bus) = self.scopes.feeder(name, node.span, &mut self.reader) else {
                continue;
            };
            if let Some((_, first)) = cords.iter().find(|(cord, _)| cord.bus == bus) {
                self.reader.push(
                    Diagnostic::error(node.span, format!("feeder `{name}` is named twice"))
                        .related(*first, "first here")
                        .hint("two cords on one feeder are one path: name it once"),
                );
                continue;
            }
            cords.push((Cord { bus, share: 1.0 }, node.span));
        }
        let count = list.len();
        let shares = match shares {
            Some(shares) => self.feeder_shares(shares, count),
            None => Some(vec![1.0 / count as f64; count]),
        };
        // A path that is at fault has said so; shares then belong to nothing.
        if let Some(shares) = shares.filter(|shares| shares.len() == cords.len()) {
            for ((cord, _), share) in cords.iter_mut().zip(shares) {
                cord.share = share;
            }
        }
        Feeders(cords.into_iter().map(|(cord, _)| cord).collect())
    }

    fn feeder_shares(&mut self, entry: &'t Entry, count: usize) -> Option<Vec<f64>> {
        let allowed = format!("a list of {count} numbers from 0 to 1 that add up to 1");
        let Value::Array(nodes) = &entry.node.value else {
            let sort = entry.node.value.sort();
            let fault = Diagnostic::error(
                entry.node.span,
                format!("`feeder_share` must be a list, not {sort}"),
            );
            self.reader.push(fault.allowed(allowed));
            return None;
        };
        let mut values = Vec::new();
        for node in nodes {
            let value = match node.value {
                Value::Float(value) => value,
                Value::Integer(value) => value as f64,
                _ => f64::NAN,
            };
            if !(0.0..=1.0).contains(&value) {
                let written = node.value.written();
                let fault =
                    Diagnostic::error(node.span, format!("`{written}` is no share of a load"));
                self.reader.push(fault.allowed(allowed));
                return None;
            }
            values.push(value);
        }
        let sum: f64 = values.iter().sum();
        let message = if values.len() != count {
            let s = if count == 1 { "" } else { "s" };
            format!("{} shares for {count} feeder{s}", values.len())
        } else if (sum - 1.0).abs() > SLACK {
            format!("shares add up to {sum}, not to 1")
        } else {
            return Some(values.into_iter().map(|share| share / sum).collect());
        };
        self.reader
            .push(Diagnostic::error(entry.node.span, message).allowed(allowed));
        None
    }
}
