//! Per-asset tables: CSV with a column `asset` and a column a key, units in the header.
//!
//! ```csv
//! asset,idle_power [W],plate.pressure_drop_factor [-]
//! rack.0.server.0.gpu.0,95.5,1.02
//! ```
//! An empty cell leaves the asset's value as it is.
//!
//! A table may have a row for each of a million GPUs: its rows are read in stretches side by side, each of which
//! brings its values and its faults; both are then joined in the order of the file.

mod cell;
mod heading;
mod rows;

use super::model::Group;
use super::names::{as_table, named, text};
use super::resolve::Resolver;
use super::rules::Sources;
use super::variation::{Action, Indices, Lookup, Rule, Step};
use crate::diag::{self, Diagnostic, FileId, Span};
use crate::document::{Entry, Table};
use crate::world::ReadError;
use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rows::{Rows, Shared};
use std::collections::{BTreeMap, BTreeSet};

/// Faults of one file after which reading it stops.
const MOST_FAULTS: usize = 20;

/// Bytes of a stretch of rows: enough that starting one costs nothing, few enough for all threads to get some.
const STRETCH: usize = 1 << 18;

/// Assets of one kind: names of their path, with the instances of each.
type Assets = (Vec<String>, Vec<u32>);

/// Values of some assets of one kind, from one stretch of a file.
struct Block {
    file: FileId,
    asset_column: usize,
    /// Asset of each row, as [`Lookup`] counts them.
    codes: Vec<u64>,
    /// Where each row starts.
    starts: Vec<usize>,
    /// A value a row for each key; NaN where the cell is empty.
    columns: BTreeMap<String, Vec<f64>>,
}

/// The rules of all tables, and the number of files that could not be read.
pub(super) fn tables<'t>(
    resolver: &mut Resolver<'t>,
    root: &'t Table,
    hall: &Group,
    sources: &Sources<'_>,
) -> (Vec<Rule>, usize) {
    let mut blocks: BTreeMap<Assets, Vec<Block>> = BTreeMap::new();
    let mut unreadable = 0;
    for entry in named(root, "tables", &mut resolver.reader) {
        if let Some(file) = open(resolver, entry, sources, &mut unreadable) {
            let files = resolver.reader.diagnostics.sources();
            let outcome = read(files, file, (hall, &resolver.faulty), STRETCH);
            outcome
                .faults
                .into_iter()
                .for_each(|fault| resolver.reader.push(fault));
            for (assets, block) in outcome.blocks {
                blocks.entry(assets).or_default().push(block);
            }
        }
    }
    let mut columns: Vec<(&Assets, &str, &[Block])> = Vec::new();
    for (assets, blocks) in &blocks {
        let keys: BTreeSet<&str> = blocks
            .iter()
            .flat_map(|block| block.columns.keys().map(String::as_str))
            .collect();
        columns.extend(keys.into_iter().map(|key| (assets, key, blocks.as_slice())));
    }
    let files = resolver.reader.diagnostics.sources();
    let outcomes: Vec<Result<Option<Rule>, Diagnostic>> = columns
        .into_par_iter()
        .map(|(assets, key, blocks)| rule(assets, key, blocks, files))
        .collect();
    let mut rules = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(rule) => rules.extend(rule),
            Err(fault) => resolver.reader.push(fault),
        }
    }
    (rules, unreadable)
}

/// The rule that one key makes for assets of one kind; none where all cells are empty.
fn rule(
    (names, counts): &Assets,
    key: &str,
    blocks: &[Block],
    files: &diag::Sources,
) -> Result<Option<Rule>, Diagnostic> {
    let filled = || {
        blocks.iter().flat_map(|block| {
            let column = block.columns.get(key).map_or(&[][..], Vec::as_slice);
            let rows = block.codes.iter().zip(&block.starts).zip(column);
            rows.filter(|(_, value)| !value.is_nan())
                .map(move |((code, start), value)| (*code, *value, (block, *start)))
        })
    };
    let (codes, values): (Vec<u64>, Vec<f64>) =
        filled().map(|(code, value, _)| (code, value)).unzip();
    if codes.is_empty() {
        return Ok(None);
    }
    let place = |number: usize| {
        filled().nth(number).map(|(.., (block, start))| {
            let text = &files.get(block.file).text;
            cell::place(block.file, text, start, block.asset_column)
        })
    };
    let steps = names.iter().map(|name| Step {
        name: name.clone(),
        indices: Indices::All,
    });
    match Lookup::new(counts.clone(), codes, values) {
        Ok(lookup) => Ok(Some(Rule::new(steps.collect(), key, Action::Table(lookup)))),
        Err((first, second)) => {
            let nowhere = Span {
                file: blocks[0].file,
                start: 0,
                end: 0,
            };
            let message = format!("`{key}` of this asset is there twice");
            Err(Diagnostic::error(place(second).unwrap_or(nowhere), message)
                .related(place(first).unwrap_or(nowhere), "first here"))
        }
    }
}

fn open<'t>(
    resolver: &mut Resolver<'t>,
    entry: &'t Entry,
    sources: &Sources<'_>,
    unreadable: &mut usize,
) -> Option<FileId> {
    let table = as_table(entry, &mut resolver.reader)?;
    resolver
        .reader
        .known_keys(table, &format!("table `{}`", entry.key), ["file"]);
    let Some(found) = table.get("file") else {
        let fault = Diagnostic::error(
            entry.node.span,
            format!("table `{}` lacks `file`", entry.key),
        );
        resolver
            .reader
            .push(fault.hint("the path of a CSV file, relative to the hall file"));
        return None;
    };
    let name = text(table, "file", &mut resolver.reader)?;
    let path = sources.directory.join(name);
    match sources.world.read_to_string(&path) {
        Ok(text) => {
            let shown = path.display().to_string();
            Some(resolver.reader.diagnostics.sources_mut().add(shown, text))
        }
        Err(error) => {
            if !matches!(error, ReadError::NotText { .. }) {
                *unreadable += 1;
            }
            let fault = Diagnostic::error(found.node.span, format!("cannot read {error}"));
            resolver
                .reader
                .push(fault.hint("paths are relative to the hall file"));
            None
        }
    }
}

/// What a file holds, and what is wrong with it.
#[derive(Default)]
struct Outcome {
    blocks: Vec<(Assets, Block)>,
    faults: Vec<Diagnostic>,
}

/// Reads a file in stretches of about `stretch` bytes.
fn read(
    files: &diag::Sources,
    file: FileId,
    (hall, faulty): (&Group, &BTreeSet<&str>),
    stretch: usize,
) -> Outcome {
    let text: &str = &files.get(file).text;
    let (headings, mut faults) = heading::read(file, text);
    let mut outcome = Outcome::default();
    let Some(headings) = headings else {
        outcome.faults = faults;
        return outcome;
    };
    let shared = Shared {
        hall,
        faulty,
        file,
        text,
        headings: &headings,
    };
    let read: Vec<Rows> = stretches(text, headings.end, stretch)
        .par_iter()
        .map(|&(from, to)| Rows::read(&shared, from, to))
        .collect();
    if read.iter().all(|rows| rows.count == 0) {
        faults.push(
            Diagnostic::error(
                cell::place(file, text, 0, 0),
                "the table has a heading and no rows",
            )
            .hint("give a row for each asset that differs, or leave the table out"),
        );
    }
    let mut count = 0;
    for rows in read {
        for (start, fault) in rows.faults {
            // Each stretch finds what is wrong with the heading.
            if count >= MOST_FAULTS || fault.as_ref().is_some_and(|fault| faults.contains(fault)) {
                continue;
            }
            faults.extend(fault);
            count += 1;
            if count == MOST_FAULTS {
                let name = &files.get(file).name;
                faults.push(Diagnostic::error(
                    cell::place(file, text, start, 0),
                    format!("more faults in {name} are not shown"),
                ));
            }
        }
        outcome.blocks.extend(rows.blocks);
    }
    outcome.faults = faults;
    outcome
}

/// Parts of a text that each end with a line. Where cells are quoted a line may end inside one: the text stays whole.
fn stretches(text: &str, from: usize, length: usize) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    let mut start = from;
    if text.as_bytes().contains(&b'"') {
        return vec![(from, text.len())];
    }
    while start < text.len() {
        let least = start.saturating_add(length).min(text.len());
        let rest = &text.as_bytes()[least..];
        let end = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(text.len(), |line| least + line + 1);
        all.push((start, end));
        start = end;
    }
    all
}

#[cfg(test)]
mod tests;
