//! A stretch of a table's rows: values by asset, and what is wrong with them.

use super::cell::{Meaning, meaning, place, value};
use super::heading::{Headings, reader, start};
use super::{Assets, Block, MOST_FAULTS};
use crate::diag::{Diagnostic, FileId};
use crate::hall::assets::{Asset, Target, asset};
use crate::hall::model::Group;
use crate::hall::variation::Indices;
use std::collections::{BTreeMap, BTreeSet};

/// What all stretches of a file have in common.
pub(super) struct Shared<'a> {
    pub hall: &'a Group,
    /// Names of things that are at fault themselves.
    pub faulty: &'a BTreeSet<&'a str>,
    pub file: FileId,
    pub text: &'a str,
    pub headings: &'a Headings,
}

/// What a stretch holds.
#[derive(Default)]
pub(super) struct Rows {
    pub blocks: Vec<(Assets, Block)>,
    /// Faults with the start of their row; `None` where it is told elsewhere. At most [`MOST_FAULTS`] and those of one
    /// row.
    pub faults: Vec<(usize, Option<Diagnostic>)>,
    /// Rows that were read.
    pub count: usize,
}

/// Assets of one kind of path, what the columns mean for them, and what rows say.
struct Kind {
    names: Vec<String>,
    counts: Vec<u32>,
    /// An equipment entry carries no index in its path.
    equipment: bool,
    /// `None` for the column of assets and one that does not fit these.
    meanings: Vec<Option<Meaning>>,
    codes: Vec<u64>,
    starts: Vec<usize>,
    columns: Vec<Vec<f64>>,
}

impl Rows {
    /// Reads the rows from one byte of the text to another.
    pub(super) fn read(shared: &Shared<'_>, from: usize, to: usize) -> Self {
        let text = &shared.text[from..to];
        let mut rows = Self::default();
        let mut kinds: Vec<Kind> = Vec::new();
        let mut reader = reader(text);
        let mut record = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let start = from + start(text, error.position());
                    let span = place(shared.file, shared.text, start, 0);
                    let fault = Diagnostic::error(span, format!("not valid CSV: {error}"));
                    rows.faults.push((start, Some(fault)));
                    break;
                }
            }
            let start = from + start(text, record.position());
            rows.count += 1;
            rows.row(shared, &record, start, &mut kinds);
            if rows.faults.len() >= MOST_FAULTS {
                break;
            }
        }
        let blocks = kinds.into_iter().map(|kind| kind.block(shared));
        rows.blocks = blocks.collect();
        rows
    }

    fn row(
        &mut self,
        shared: &Shared<'_>,
        record: &csv::StringRecord,
        start: usize,
        kinds: &mut Vec<Kind>,
    ) {
        let headings = &shared.headings.list;
        let place = |cell| place(shared.file, shared.text, start, cell);
        if record.len() != headings.len() {
            let cells = record.len();
            let plural = if cells == 1 { "cell" } else { "cells" };
            let message = format!(
                "the row has {cells} {plural}, the heading {}",
                headings.len()
            );
            let mut fault = Diagnostic::error(place(0), message);
            if record.iter().any(|cell| cell.contains('\n')) {
                fault = fault.hint("a quote is not closed: the cell runs over several lines");
            }
            return self.faults.push((start, Some(fault)));
        }
        let path = record[shared.headings.asset].trim();
        // Paths of a known kind are judged by their indices alone: there may be many.
        let known = kinds
            .iter()
            .enumerate()
            .find_map(|(at, kind)| kind.code(path).map(|code| (at, code)));
        let (at, code) = match known {
            Some(known) => known,
            None => match self.find(shared, path, start, kinds) {
                Some(found) => found,
                None => return,
            },
        };
        let kind = &mut kinds[at];
        kind.codes.push(code);
        kind.starts.push(start);
        for (cell, heading) in headings.iter().enumerate() {
            let Some(meaning) = kind.meanings[cell] else {
                continue;
            };
            let words = record[cell].trim();
            let value = if words.is_empty() {
                Ok(f64::NAN)
            } else {
                value(words, heading, meaning)
            };
            kind.columns[cell].push(value.unwrap_or_else(|fault| {
                let span = place(cell);
                self.faults
                    .push((start, Some(Diagnostic { span, ..fault })));
                f64::NAN
            }));
        }
    }

    /// Kind of an asset by the words of its path, added to the others where it is new, and the asset's code.
    fn find(
        &mut self,
        shared: &Shared<'_>,
        path: &str,
        start: usize,
        kinds: &mut Vec<Kind>,
    ) -> Option<(usize, u64)> {
        let span = place(shared.file, shared.text, start, shared.headings.asset);
        let found = match asset(shared.hall, path, shared.faulty) {
            Ok(found) => found,
            Err(fault) => {
                self.faults.push((start, fault.at(span)));
                return None;
            }
        };
        let mut indices = Vec::with_capacity(found.steps.len());
        for step in &found.steps {
            match step.indices {
                Indices::Range(first, last) if first == last => indices.push(first),
                _ => {
                    let message = format!("a row is for one asset, not `{path}`");
                    let fault = Diagnostic::error(span, message)
                        .hint("give values of many assets at once under [overrides]");
                    self.faults.push((start, Some(fault)));
                    return None;
                }
            }
        }
        let same = |kind: &Kind| {
            kind.counts == found.counts
                && (kind.names.iter()).eq(found.steps.iter().map(|step| &step.name))
        };
        let at = kinds.iter().position(same).unwrap_or_else(|| {
            kinds.push(self.kind(shared, &found, start));
            kinds.len() - 1
        });
        let code = crate::hall::variation::code(&found.counts, &indices);
        Some((at, code))
    }

    /// What the columns mean for assets of this kind of path.
    fn kind(&mut self, shared: &Shared<'_>, found: &Asset<'_>, start: usize) -> Kind {
        let mut meanings = Vec::new();
        for (cell, heading) in shared.headings.list.iter().enumerate() {
            if cell == shared.headings.asset {
                meanings.push(None);
                continue;
            }
            let slot = found.target.slot(&heading.key);
            let known = match slot {
                Ok(slot) => meaning(heading, slot).map_err(Some),
                Err(fault) => Err(fault.at(heading.span)),
            };
            meanings.push(known.map_err(|fault| self.faults.push((start, fault))).ok());
        }
        Kind {
            names: found.steps.iter().map(|step| step.name.clone()).collect(),
            counts: found.counts.clone(),
            equipment: matches!(found.target, Target::Equipment(_)),
            codes: Vec::new(),
            starts: Vec::new(),
            columns: vec![Vec::new(); meanings.len()],
            meanings,
        }
    }
}

impl Kind {
    /// Code of the asset of a path, where it is one of this kind written plainly.
    fn code(&self, path: &str) -> Option<u64> {
        let mut rest = path.as_bytes();
        let mut code: u64 = 0;
        for (at, (name, count)) in self.names.iter().zip(&self.counts).enumerate() {
            if at > 0 {
                rest = rest.strip_prefix(b".")?;
            }
            rest = rest.strip_prefix(name.as_bytes())?;
            if self.equipment && at + 1 == self.names.len() {
                break;
            }
            rest = rest.strip_prefix(b".")?;
            let mut index: u32 = 0;
            let mut digits = 0;
            // Nine digits fit.
            while digits < 9
                && let Some((digit @ b'0'..=b'9', after)) = rest.split_first()
            {
                index = index * 10 + u32::from(digit - b'0');
                digits += 1;
                rest = after;
            }
            if digits == 0 || index >= *count {
                return None;
            }
            code = code
                .wrapping_mul(u64::from(*count))
                .wrapping_add(u64::from(index));
        }
        rest.is_empty().then_some(code)
    }

    fn block(self, shared: &Shared<'_>) -> (Assets, Block) {
        let columns: BTreeMap<String, Vec<f64>> = (shared.headings.list.iter())
            .zip(self.meanings)
            .zip(self.columns)
            .filter(|((_, meaning), _)| meaning.is_some())
            .map(|((heading, _), column)| (heading.key.clone(), column))
            .collect();
        let block = Block {
            file: shared.file,
            asset_column: shared.headings.asset,
            codes: self.codes,
            starts: self.starts,
            columns,
        };
        ((self.names, self.counts), block)
    }
}
