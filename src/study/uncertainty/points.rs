//! Points of the input space, each solved from the hall as it stands.
//!
//! What an input sets is found by comparing the hall read with it at both ends of its range ([`Numbers`]): where these are
//! numbers and nothing else, they are set in place and the file is not read again; where a word, a count or the outdoor air
//! hangs on the input, points that move it are read. Ways are tried against reading before they are used.
//!
//! Every point starts from the solution of the hall as it stands, and never from another point, so that no order of points
//! shows in the results.

use std::sync::{Mutex, PoisonError};

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::inputs::Input;
use super::moved;
use crate::hall::model::Hall;
use crate::hall::slots;
use crate::network::{Network, build};
use crate::result::{self, SolveResult};
use crate::solve::{self, Options, Solution, Start, State};
use crate::study::scenario::{Base, reason};
use crate::study::sweep::ways::Numbers;
use crate::study::{Run, RunError};

/// Shares of the way along each input at which ways are tried against reading, each input turned on by one.
const TRIED: [f64; 3] = [0.381_966, 0.618_034, 0.145_898];

/// Inputs that are moved, by their place in the list, and their values in their own units.
pub(super) type Moves = Vec<(usize, f64)>;

/// A hall and its network at some moves, whose memory serves the next point.
struct Place {
    network: Network,
    moves: Moves,
    spare: Option<Solution>,
}

/// Solves points of the input space.
pub(super) struct Points<'a> {
    base: &'a Base<'a>,
    /// The hall without where its numbers come from, to be copied for each point.
    hall: Hall,
    inputs: Vec<Input>,
    /// Numbers that each input sets; `None` where the hall file is read again.
    ways: Vec<Option<Numbers>>,
    start: Start,
    places: Mutex<Vec<Place>>,
}

impl<'a> Points<'a> {
    /// Points about a hall that is solved.
    pub(super) fn new(
        base: &'a Base<'a>,
        whole: Run,
        inputs: Vec<Input>,
        ways: Vec<Option<Numbers>>,
    ) -> Self {
        let mut hall = whole.hall;
        hall.provenance.clear();
        let mut points = Self {
            base,
            hall,
            inputs,
            ways,
            start: Start::new(whole.solution),
            places: Mutex::default(),
        };
        if !points.hold() {
            points.ways.fill(None);
        }
        points
    }

    /// Whether the ways give what reading gives, inside all ranges at once.
    fn hold(&self) -> bool {
        (0..TRIED.len()).all(|turn| {
            let moves: Moves = (0..self.inputs.len())
                .filter(|&at| self.ways[at].is_some())
                .map(|at| (at, self.inputs[at].at(TRIED[(at + turn) % TRIED.len()])))
                .collect();
            match (self.set(&moves), self.read(&moves)) {
                (Some(set), Ok(read)) => slots::same_numbers(&set, &read),
                (None, read) => read.is_err(),
                (Some(_), Err(_)) => false,
            }
        })
    }

    /// The hall with numbers set in place; `None` where the hall file is to be asked.
    fn set(&self, moves: &[(usize, f64)]) -> Option<Hall> {
        let mut hall = self.hall.clone();
        for &(at, value) in moves {
            let numbers = self.ways[at].as_ref()?;
            numbers.set(&mut hall, self.inputs[at].rounded(value));
        }
        (!slots::is_at_fault(&hall)).then_some(hall)
    }

    fn read(&self, moves: &[(usize, f64)]) -> Result<Hall, RunError> {
        let edits = moves.iter().flat_map(|&(at, value)| {
            let input = &self.inputs[at];
            input.edits(value).collect::<Vec<_>>()
        });
        Ok(moved(edits).hall(self.base)?)
    }

    /// Whether racks are to be filled in again between two points.
    fn reach_racks(&self, from: &[(usize, f64)], to: &[(usize, f64)]) -> bool {
        let differs = |one: &[(usize, f64)], other: &[(usize, f64)]| {
            let mut moved = one.iter().filter(|own| !other.contains(own));
            moved.any(|&(at, _)| {
                let numbers = self.ways[at].as_ref();
                numbers.is_none_or(Numbers::reach_racks)
            })
        };
        differs(from, to) || differs(to, from)
    }

    fn network(&self, moves: &[(usize, f64)]) -> Result<(Hall, Place), RunError> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let last = places.pop();
        drop(places);
        let Some(hall) = self.set(moves) else {
            let hall = self.read(moves)?;
            let place = Place {
                network: build::build(&hall)?,
                moves: moves.to_vec(),
                spare: None,
            };
            return Ok((hall, place));
        };
        let (network, spare) = match last {
            Some(last) if !self.reach_racks(&last.moves, moves) => {
                (build::renew(&hall, last.network)?, last.spare)
            }
            Some(last) => (build::build(&hall)?, last.spare),
            None => (build::build(&hall)?, None),
        };
        let place = Place {
            network,
            moves: moves.to_vec(),
            spare,
        };
        Ok((hall, place))
    }

    fn solve<T>(
        &self,
        moves: &[(usize, f64)],
        keep: impl Fn(&SolveResult, &State) -> T,
    ) -> Result<T, RunError> {
        let (hall, mut place) = self.network(moves)?;
        let (network, options) = (&place.network, Options::default());
        let spare = place.spare.take();
        let solution = solve::solve_from_any(network, [&self.start], spare, &options)?;
        let result = result::evaluate(&hall, network, &solution, 0.0);
        let kept = keep(&result, &solution.state);
        // What was read may be of another form: its memory serves nobody.
        if moves.iter().all(|&(at, _)| self.ways[at].is_some()) {
            place.spare = Some(solution);
            let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
            places.push(place);
        }
        Ok(kept)
    }

    /// Solves all points in parallel, keeping of each what `keep` makes of it; words where one has no solution. `done` is
    /// told of each that is finished.
    pub(super) fn run_all<T: Send>(
        &self,
        points: &[Moves],
        done: &(dyn Fn() + Sync),
        keep: impl Fn(&SolveResult, &State) -> T + Sync,
    ) -> Vec<Result<T, String>> {
        points
            .par_iter()
            .with_max_len(1)
            .map(|moves| {
                let outcome = self.solve(moves, &keep);
                done();
                outcome.map_err(|error| reason(&error))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::inputs::inputs;
    use super::super::outcome::values;
    use super::super::ranges::{alone, taken};
    use super::{Moves, Points, moved};
    use crate::hall::LoadOptions;
    use crate::study::scenario::{Base, Scenario};
    use crate::world::Disk;
    use std::path::Path;

    /// Points set in place and solved from the hall's own solution are those of the hall file read with all inputs moved and
    /// solved from nothing; and no input of the grades has to be read.
    #[test]
    fn points_are_those_of_the_hall_file() {
        for (file, tried) in [("rack", 8), ("colossus", 2)] {
            let path = format!("models/halls/{file}.toml");
            let options = LoadOptions::default();
            let base = Base::load(&Disk, Path::new(&path), &options).unwrap();
            let hall = &base.hall;
            let all = inputs(&hall.provenance, &hall.assumptions, &[]).unwrap();
            let (taken, _) = taken(&base, alone(&base, all)).unwrap();
            let (all, ways): (Vec<_>, Vec<_>) = taken.into_iter().unzip();
            assert!(ways.iter().all(Option::is_some), "{file}");
            let whole = Scenario::default().run(&base).unwrap();
            let points = Points::new(&base, whole, all.clone(), ways);
            assert!(points.ways.iter().all(Option::is_some));
            let sample: Vec<Moves> = (0..tried)
                .map(|point| {
                    let share = |at: usize| sobol_burley::sample(point, at as u32 % 256, 1);
                    let moves = all.iter().enumerate();
                    moves
                        .map(|(at, input)| (at, input.at(f64::from(share(at)))))
                        .collect()
                })
                .collect();
            let found = points.run_all(&sample, &|| (), |result, _| values(result));
            for (moves, found) in sample.iter().zip(found) {
                let edits = moves.iter().flat_map(|&(at, value)| all[at].edits(value));
                let read = moved(edits).run(&base).unwrap();
                for (own, other) in found.unwrap().into_iter().zip(values(&read.result)) {
                    let (own, other) = (own.unwrap(), other.unwrap());
                    assert!((own - other).abs() <= 1e-9 * other.abs(), "{own} {other}");
                }
            }
        }
    }
}
