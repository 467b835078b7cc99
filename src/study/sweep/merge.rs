//! Parts of a plan that were solved apart, found and put in order.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::folder::difference;
use super::journal::{JournalError, Reader};
use super::plan::{Plan, Shard};
use super::{Folder, FolderError, SweepError};

/// All parts of one plan.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The plan.
    pub plan: Plan,
    /// Journals in the order of the plan.
    pub journals: Vec<(PathBuf, Shard)>,
}

/// Finds the journals in folders and checks that they are the parts of one plan, each there once.
///
/// # Errors
/// [`SweepError::Parts`] where they are not; trouble with files.
pub fn parts(folders: &[PathBuf]) -> Result<Parts, SweepError> {
    let mut plan: Option<(serde_json::Value, Plan, &Path)> = None;
    let mut found: Vec<(PathBuf, Shard)> = Vec::new();
    for path in folders {
        let folder = Folder::existing(path);
        let Some(json) = folder.plan()? else {
            return Err(SweepError::Parts(format!(
                "'{}' holds no sweep: there is no plan.json in it",
                path.display()
            )));
        };
        let own =
            Plan::from_json(&json).ok_or_else(|| FolderError::Foreign(path.join("plan.json")))?;
        match &plan {
            Some((first, known, first_path)) if known.digest != own.digest => {
                return Err(SweepError::Parts(format!(
                    "'{}' and '{}' hold parts of different plans: {}",
                    first_path.display(),
                    path.display(),
                    difference(first, &json)
                )));
            }
            Some(_) => {}
            None => plan = Some((json, own.clone(), path)),
        }
        for journal in folder.journals()? {
            let file = File::open(&journal).map_err(|source| JournalError::Io {
                path: journal.clone(),
                source,
            })?;
            let reader = Reader::of(&file, &journal)?;
            if reader.digest != own.digest {
                return Err(JournalError::OtherPlan(journal).into());
            }
            let shard = reader.shard;
            found.push((journal, shard));
        }
    }
    let Some((_, plan, _)) = plan else {
        return Err(SweepError::Parts("no folder is given".to_owned()));
    };
    Ok(Parts {
        journals: ordered(found)?,
        plan,
    })
}

/// Parts 1 to N of N, each once.
fn ordered(mut found: Vec<(PathBuf, Shard)>) -> Result<Vec<(PathBuf, Shard)>, SweepError> {
    found.sort_by_key(|(path, shard)| (shard.of, shard.part, path.clone()));
    let Some((first_path, first)) = found.first().cloned() else {
        return Err(SweepError::Parts(
            "there are no points yet; run the sweep, or its parts, first".to_owned(),
        ));
    };
    if let Some((path, other)) = found.iter().find(|(_, shard)| shard.of != first.of) {
        return Err(SweepError::Parts(format!(
            "'{}' is part {first} and '{}' is part {other}: the plan was cut in different ways; leave out those of one",
            first_path.display(),
            path.display()
        )));
    }
    if let Some(pair) = found.windows(2).find(|pair| pair[0].1 == pair[1].1) {
        return Err(SweepError::Parts(format!(
            "part {} is there twice: '{}' and '{}'",
            pair[0].1,
            pair[0].0.display(),
            pair[1].0.display()
        )));
    }
    let missing: Vec<String> = (1..=first.of)
        .filter(|part| !found.iter().any(|(_, shard)| shard.part == *part))
        .map(|part| format!("{part}/{}", first.of))
        .collect();
    if !missing.is_empty() {
        let more = missing.len().saturating_sub(12);
        let mut text = missing[..missing.len() - more].join(", ");
        if more > 0 {
            text.push_str(&format!(" and {more} more"));
        }
        return Err(SweepError::Parts(format!(
            "parts are missing: {text}; run them with --shard, or name their folders too"
        )));
    }
    Ok(found)
}
