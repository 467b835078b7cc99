//! Counts of the hall file that the question "how many fit" moves.

use crate::hall::model::{Group, Hall};
use crate::spec::position;

/// A count by its path in the file.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Count {
    /// Path (`groups.pod.count`).
    pub path: String,
    /// Its value.
    pub present: f64,
    /// Whether it must be a whole number.
    pub whole: bool,
}

impl Count {
    /// The edit that multiplies it; a whole one is rounded and not below 1.
    pub fn edit(&self, factor: f64) -> String {
        let value = self.present * factor;
        let value = if self.whole {
            value.round().max(1.0)
        } else {
            value
        };
        format!("{}={value}", self.path)
    }
}

/// Why a path is no count.
#[derive(Debug, thiserror::Error)]
#[error("the file has no count `{path}`{}; counts are {}", hint.as_deref().map_or_else(String::new, |hint| format!(" (did you mean `{hint}`?)")), known.join(", "))]
pub struct CountError {
    path: String,
    known: Vec<String>,
    hint: Option<String>,
}

/// The counts asked for, the leading one first; without any those of the racks, and of the IT loads beside them.
///
/// # Errors
/// [`CountError`] for a path that is no count.
pub fn counts(hall: &Hall, asked: &[String]) -> Result<Vec<Count>, CountError> {
    if asked.is_empty() {
        return Ok(own(hall));
    }
    let known = all(&hall.root, "");
    asked
        .iter()
        .map(|path| {
            let found = known.iter().find(|one| one.path == *path);
            found.cloned().ok_or_else(|| {
                let words: Vec<String> = known.iter().map(|one| one.path.clone()).collect();
                CountError {
                    path: path.clone(),
                    hint: crate::diag::nearest(path, words.iter().map(String::as_str))
                        .map(str::to_owned),
                    known: words,
                }
            })
        })
        .collect()
}

/// All counts of groups, racks, and equipment of which there are several.
fn all(group: &Group, prefix: &str) -> Vec<Count> {
    let mut out = Vec::new();
    for set in &group.racks {
        out.push(whole(
            format!("{prefix}racks.{}.count", set.name),
            set.count,
        ));
    }
    out.extend(loads(group, prefix, |_| true));
    for inner in &group.groups {
        let path = format!("{prefix}groups.{}.", inner.name);
        out.push(whole(format!("{path}count"), inner.count));
        out.extend(all(inner, &path));
    }
    out
}

fn whole(path: String, count: usize) -> Count {
    Count {
        path,
        present: count as f64,
        whole: true,
    }
}

fn loads(group: &Group, prefix: &str, pick: impl Fn(&str) -> bool) -> Vec<Count> {
    let equipment = group.equipment.iter();
    equipment
        .filter(|one| pick(one.kind.spec().kind))
        .filter_map(|one| {
            let slot = position(one.kind.spec().fields, "count")?;
            let present = *one.theta.get(slot)?;
            (present > 1.0).then(|| Count {
                path: format!("{prefix}equipment.{}.count", one.name),
                present,
                whole: present.fract() == 0.0,
            })
        })
        .collect()
}

/// Racks by the innermost group of several that holds them, else by their own count; with them the IT loads that stand
/// beside what is counted.
fn own(hall: &Hall) -> Vec<Count> {
    let mut racks: Vec<(Count, f64)> = Vec::new();
    let mut beside: Vec<Count> = Vec::new();
    walk(&hall.root, "", 1.0, None, &mut racks, &mut beside);
    let several = racks.iter().any(|(count, _)| count.present > 1.0);
    racks.retain(|(count, _)| count.present > 1.0 || !several);
    // The largest leads.
    racks.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.path.cmp(&b.0.path)));
    let mut out: Vec<Count> = racks.into_iter().map(|(count, _)| count).collect();
    out.extend(beside);
    out
}

fn walk(
    group: &Group,
    prefix: &str,
    instances: f64,
    innermost: Option<&(Count, Vec<Count>)>,
    racks: &mut Vec<(Count, f64)>,
    beside: &mut Vec<Count>,
) {
    for set in &group.racks {
        let (count, loads) = match innermost {
            Some((count, loads)) => (count.clone(), loads.clone()),
            None => (
                whole(format!("{prefix}racks.{}.count", set.name), set.count),
                loads(group, prefix, |kind| kind == "it_load"),
            ),
        };
        let number = instances * set.count as f64;
        match racks.iter_mut().find(|(known, _)| *known == count) {
            Some((_, sum)) => *sum += number,
            None => racks.push((count, number)),
        }
        for load in loads {
            if !beside.contains(&load) {
                beside.push(load);
            }
        }
    }
    for inner in &group.groups {
        let path = format!("{prefix}groups.{}.", inner.name);
        let own = (inner.count > 1).then(|| {
            (
                whole(format!("{path}count"), inner.count),
                loads(group, prefix, |kind| kind == "it_load"),
            )
        });
        walk(
            inner,
            &path,
            instances * inner.count as f64,
            own.as_ref().or(innermost),
            racks,
            beside,
        );
    }
}
