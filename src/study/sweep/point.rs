//! The points of a block, each solved from the block's anchor.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::axis::Value;
use super::journal::{Record, Row};
use super::model::Model;
use super::output::Sections;
use super::place::{self, Place, one_line};
use super::plan::Plan;
use super::ways::Ways;
use crate::result;
use crate::solve::{self, Options, Solution, Start};

/// What all points of a sweep have in common.
pub(super) struct Task<'a> {
    plan: &'a Plan,
    model: &'a Model,
    ways: &'a Ways,
    /// The state that anchors start from: that of the plan's middle.
    root: Option<Anchor>,
    /// Halls and networks of blocks that are done, for the next. What they hold is set anew at every point.
    places: Mutex<Vec<Place>>,
}

/// The state that points start from.
struct Anchor {
    start: Start,
    /// Values that were read with the file: where they differ, the hall may have another form.
    read: Vec<Value>,
}

impl<'a> Task<'a> {
    /// Solves what all blocks start from.
    pub(super) fn new(plan: &'a Plan, model: &'a Model, ways: &'a Ways) -> Self {
        let mut task = Self {
            plan,
            model,
            ways,
            root: None,
            places: Mutex::default(),
        };
        let mut at = None;
        task.root = task.anchor(&mut at, &plan.middle());
        task.places = Mutex::new(at.into_iter().collect());
        task
    }

    fn places(&self) -> MutexGuard<'_, Vec<Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Solves the points of a block that are wanted, and hands each on as it is done.
    pub(super) fn solve_block<E>(
        &self,
        block: u64,
        wanted: impl Fn(u64) -> bool,
        mut done: impl FnMut(Record) -> Result<(), E>,
    ) -> Result<(), E> {
        let points: Range<u64> = self.plan.points_of(block);
        if !points.clone().any(&wanted) {
            return Ok(());
        }
        let mut at = self.places().pop();
        let anchor = self.anchor(&mut at, &self.plan.anchor(block));
        for point in points.filter(|point| wanted(*point)) {
            let values = self.plan.values(point);
            let outcome = self
                .go(&mut at, &values)
                .and_then(|place| self.row(place, &values, anchor.as_ref()));
            done(Record { point, outcome })?;
        }
        self.places().extend(at);
        Ok(())
    }

    fn anchor(&self, at: &mut Option<Place>, values: &[Value]) -> Option<Anchor> {
        let place = self.go(at, values).ok()?;
        let solution = self.solve(place, values, self.root.as_ref()).ok()?;
        Some(Anchor {
            start: Start::new(solution),
            read: self.read(values),
        })
    }

    fn read(&self, values: &[Value]) -> Vec<Value> {
        place::read(self.ways, values)
    }

    /// Brings hall and network to the values, from where they are or from the hall file.
    fn go<'p>(&self, at: &'p mut Option<Place>, values: &[Value]) -> Result<&'p mut Place, String> {
        place::go(&self.plan.axes, self.model, self.ways, at, values)
    }

    /// Solves from an anchor's state, else from the network's own first guess.
    fn solve(
        &self,
        place: &mut Place,
        values: &[Value],
        anchor: Option<&Anchor>,
    ) -> Result<Solution, String> {
        let (network, options) = (&place.network, Options::default());
        let spare = place.spare.take();
        let start = anchor
            .filter(|anchor| anchor.read == self.read(values))
            .map(|anchor| &anchor.start);
        solve::solve_from_any(network, start, spare, &options)
            .map_err(|error| one_line(&error.to_string()))
    }

    fn row(
        &self,
        place: &mut Place,
        values: &[Value],
        anchor: Option<&Anchor>,
    ) -> Result<Row, String> {
        let solution = self.solve(place, values, anchor)?;
        let result = result::evaluate(&place.hall, &place.network, &solution, 0.0);
        place.spare = Some(solution);
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
