//! A scenario: what is changed of a hall before it is solved.
//!
//! Changes of loads, of outdoor air and of single values are made on the hall as it was read; an edit of the file
//! (`PATH=VALUE`, as on the command line) reads it again. A value set on one instance leaves the others alike: they stay
//! one block with a count.

use std::path::Path;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::{Run, RunError, run_hall};
use crate::component::Outdoor;
use crate::hall::model::{Hall, State};
use crate::hall::variation::{Action, Indices, Rule, Step};
use crate::hall::{self, LoadError, LoadOptions, Warnings};
use crate::world::World;

/// The hall that scenarios start from.
pub struct Base<'a> {
    world: &'a dyn World,
    path: &'a Path,
    options: &'a LoadOptions,
    /// The hall as it was read.
    pub hall: Hall,
    /// What was said when it was read.
    pub warnings: Warnings,
}

impl<'a> Base<'a> {
    /// Reads a hall file.
    ///
    /// # Errors
    /// [`LoadError`] with every fault.
    pub fn load(
        world: &'a dyn World,
        path: &'a Path,
        options: &'a LoadOptions,
    ) -> Result<Self, LoadError> {
        let (hall, warnings) = hall::load(world, path, options)?;
        Ok(Self {
            world,
            path,
            options,
            hall,
            warnings,
        })
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Loads of all devices.
    Loads(State),
    /// Outdoor air.
    Outdoor(Outdoor),
    /// A value of one instance, or of all.
    Value(Rule),
    /// An edit of the hall file, `PATH=VALUE`.
    File(String),
}

impl Change {
    /// Sets a value of the equipment `name` (no group) or of a block around it; SI.
    pub fn equipment(block: &[(String, u32)], name: &str, key: &'static str, value: f64) -> Self {
        let steps = block
            .iter()
            .map(|(name, index)| (name.as_str(), *index))
            .chain(std::iter::once((name, 0)))
            .map(|(name, index)| Step {
                name: name.to_owned(),
                indices: Indices::Range(index, index),
            })
            .collect();
        Self::Value(Rule::new(steps, key, Action::Set(value)))
    }
}

/// A named set of changes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scenario {
    /// Name.
    pub name: String,
    /// What it is, in words.
    pub text: String,
    /// What is changed, in this order.
    pub changes: Vec<Change>,
}

impl Scenario {
    /// The hall with the changes made.
    ///
    /// # Errors
    /// [`LoadError`] where an edit of the file is at fault.
    pub fn hall(&self, base: &Base<'_>) -> Result<Hall, LoadError> {
        let edits: Vec<String> = self
            .changes
            .iter()
            .filter_map(|change| match change {
                Change::File(edit) => Some(edit.clone()),
                _ => None,
            })
            .collect();
        let mut hall = if edits.is_empty() {
            base.hall.clone()
        } else {
            hall::load(base.world, base.path, &with_edits(base.options, &edits))?.0
        };
        for change in &self.changes {
            match change {
                Change::Loads(state) => hall.state = state.clone(),
                Change::Outdoor(outdoor) => hall.outdoor = *outdoor,
                // The last rule wins, over those of the command line too.
                Change::Value(rule) => hall.variations.rules.push(rule.clone()),
                Change::File(_) => {}
            }
        }
        Ok(hall)
    }

    /// Solves it.
    ///
    /// # Errors
    /// [`RunError`] with the stage that failed.
    pub fn run(&self, base: &Base<'_>) -> Result<Run, RunError> {
        run_hall(self.hall(base)?)
    }
}

/// The options with edits added; an edit of the same path that was there gives way.
pub fn with_edits(options: &LoadOptions, edits: &[String]) -> LoadOptions {
    let path = |edit: &str| edit.split('=').next().unwrap_or(edit).trim().to_owned();
    let mut options = options.clone();
    options
        .set
        .retain(|set| !edits.iter().any(|new| path(new) == path(set)));
    options.set.extend(edits.iter().cloned());
    options
}

/// Solves all scenarios in parallel, keeping of each what `keep` makes of it; words where one has no solution.
/// `done` is told of each that is finished.
pub fn run_all<T: Send>(
    base: &Base<'_>,
    scenarios: &[Scenario],
    done: &(dyn Fn() + Sync),
    keep: impl Fn(&Run) -> T + Sync,
) -> Vec<Result<T, String>> {
    scenarios
        .par_iter()
        .with_max_len(1)
        .map(|scenario| {
            let outcome = scenario
                .run(base)
                .map(|run| keep(&run))
                .map_err(|error| reason(&error));
            done();
            outcome
        })
        .collect()
}

/// Why a run failed, on one line.
pub fn reason(error: &RunError) -> String {
    let text = match error {
        // Which line of the file it is says little about a change of it.
        RunError::Build(error) => error.fault.to_string(),
        other => other.to_string(),
    };
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Base, Change, Scenario, run_all, with_edits};
    use crate::hall::LoadOptions;
    use crate::world::Disk;
    use std::path::Path;

    const COLOSSUS: &str = "models/halls/colossus.toml";

    fn unit(index: u32) -> Vec<(String, u32)> {
        vec![("hall".into(), 1), ("unit".into(), index)]
    }

    /// The valve of one CDU of 1,563 is shut: its 64 GPUs shut down and no others, and the rest stays collapsed.
    #[test]
    fn a_value_of_one_instance_touches_that_instance_alone() {
        let options = LoadOptions::default();
        let base = Base::load(&Disk, Path::new(COLOSSUS), &options).unwrap();
        let lost = Scenario {
            changes: vec![
                Change::equipment(&unit(7), "cdu", "valve_control", 2.0),
                Change::equipment(&unit(7), "cdu", "valve_position", 0.0),
            ],
            ..Scenario::default()
        };
        let outcome = run_all(&base, &[Scenario::default(), lost], &|| (), |run| {
            (run.result.gpus.shut_down, run.network.blocks.len())
        });
        let [Ok((none, blocks)), Ok((some, more))] = outcome.as_slice() else {
            panic!("{outcome:?}")
        };
        assert_eq!((*none, *some), (0, 64));
        // Beside the hall and the unit concerned nothing is told apart.
        assert_eq!(more - blocks, 3);
    }

    #[test]
    fn an_edit_gives_way_to_one_of_the_same_path() {
        let options = LoadOptions {
            set: vec!["a.b=1".into(), "c = 2".into()],
            state: None,
        };
        let edited = with_edits(&options, &["c=3".into()]);
        assert_eq!(edited.set, ["a.b=1", "c=3"]);
    }
}
