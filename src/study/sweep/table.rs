//! From journals to the table: rows in the order of the plan, in pieces of one segment.

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::axis::{Axis, Value};
use super::journal::{JournalError, Reader, Record};
use super::output::Output;
use super::plan::{Plan, Shard};
use super::{Folder, SweepError};
use crate::table::{Column, RowWriter, Table};

/// Kinds of reasons that are told apart in a tally.
const MOST_REASONS: usize = 5;

/// Rows of a piece of the plan, in its order.
#[derive(Debug)]
pub struct Rows {
    /// First point.
    pub first: u64,
    /// Records, one for each point.
    pub records: Vec<Record>,
}

/// What became of all points.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tally {
    /// Points.
    pub points: u64,
    /// Those with a solution.
    pub solved: u64,
    /// Reasons for the others, the first few kinds with their counts.
    pub reasons: BTreeMap<String, u64>,
}

/// Reads journals that together hold the whole plan, and hands on their rows in its order, a segment at a time.
///
/// # Errors
/// [`SweepError::Parts`] where a point is missing.
pub fn read(
    plan: &Plan,
    journals: &[(PathBuf, Shard)],
    mut take: impl FnMut(&Rows) -> Result<(), SweepError>,
) -> Result<(), SweepError> {
    for (path, shard) in journals {
        let file = File::open(path).map_err(|source| JournalError::Io {
            path: path.clone(),
            source,
        })?;
        let mut reader = Reader::of(&file, path)?;
        for blocks in plan.segments(*shard) {
            let points: Range<u64> =
                plan.points_of(blocks.start).start..plan.points_of(blocks.end - 1).end;
            let count = (points.end - points.start) as usize;
            let mut slots: Vec<Option<Record>> = vec![None; count];
            for found in 0..count {
                let missing = || {
                    SweepError::Parts(format!(
                        "'{}' is not complete: it holds {} of the {} points of part {shard}; run that part again, it goes on where it was",
                        path.display(),
                        points.start - plan.points_in(*shard).start + found as u64,
                        plan.points_in(*shard).end - plan.points_in(*shard).start,
                    ))
                };
                let record = reader.next()?.ok_or_else(missing)?;
                if !points.contains(&record.point) {
                    return Err(missing());
                }
                let place = (record.point - points.start) as usize;
                slots[place] = Some(record);
            }
            let records: Vec<Record> = slots.into_iter().flatten().collect();
            if records.len() < count {
                return Err(SweepError::Parts(format!(
                    "'{}' holds a point twice; remove it and run part {shard} again",
                    path.display()
                )));
            }
            take(&Rows {
                first: points.start,
                records,
            })?;
        }
    }
    Ok(())
}

/// Writes the table of a whole plan, and counts.
///
/// # Errors
/// [`SweepError`]; tables that were there before are then as they were.
pub fn write_tables(
    plan: &Plan,
    journals: &[(PathBuf, Shard)],
    folder: &Folder,
    mut also: impl FnMut(&Rows),
) -> Result<(Tally, Vec<PathBuf>), SweepError> {
    let stem: PathBuf = Path::new(folder.path()).join("sweep");
    let empty = Rows {
        first: 0,
        records: Vec::new(),
    };
    let mut writer = RowWriter::create(&stem, columns(plan, &empty))?;
    let mut tally = Tally::default();
    read(plan, journals, |rows| {
        writer.push(&columns(plan, rows))?;
        tally.take(rows);
        also(rows);
        Ok(())
    })?;
    Ok((tally, writer.finish()?))
}

impl Tally {
    /// Counts rows.
    pub fn take(&mut self, rows: &Rows) {
        for record in &rows.records {
            self.points += 1;
            match &record.outcome {
                Ok(_) => self.solved += 1,
                Err(reason) => {
                    if self.reasons.len() < MOST_REASONS || self.reasons.contains_key(reason) {
                        *self.reasons.entry(reason.clone()).or_default() += 1;
                    }
                }
            }
        }
    }
}

fn columns(plan: &Plan, rows: &Rows) -> Table {
    let values: Vec<Vec<Value>> = rows
        .records
        .iter()
        .map(|record| plan.values(record.point))
        .collect();
    let records = &rows.records;
    let points = records
        .iter()
        .map(|record| record.point.cast_signed())
        .collect();
    let solved = records
        .iter()
        .map(|record| i64::from(record.outcome.is_ok()))
        .collect();
    let reasons = records
        .iter()
        .map(|record| record.outcome.as_ref().err().cloned().unwrap_or_default())
        .collect();
    let mut columns = vec![("point".to_owned(), Column::Integer(points))];
    for (index, axis) in plan.axes.iter().enumerate() {
        columns.push((axis.column(), axis_column(axis, &values, index)));
    }
    columns.push(("solved".to_owned(), Column::Integer(solved)));
    let mut place = Place::default();
    for output in &plan.outputs {
        columns.push((output.column(), output_column(output, records, &mut place)));
    }
    columns.push(("reason".to_owned(), Column::Text(reasons)));
    Table { columns }
}

fn axis_column(axis: &Axis, values: &[Vec<Value>], index: usize) -> Column {
    if axis.is_words() {
        let word = |row: &Vec<Value>| axis.written(&row[index]);
        return Column::Text(values.iter().map(word).collect());
    }
    let number = |row: &Vec<Value>| match row[index] {
        Value::Number(number) => number,
        Value::Word(_) => f64::NAN,
    };
    Column::Number(values.iter().map(number).collect())
}

/// Where the next number and the next word of a row are.
#[derive(Default)]
struct Place {
    number: usize,
    word: usize,
}

fn output_column(output: &Output, records: &[Record], place: &mut Place) -> Column {
    if output.is_word {
        let at = place.word;
        place.word += 1;
        let word = |record: &Record| match &record.outcome {
            Ok(row) => row.words.get(at).cloned().unwrap_or_default(),
            Err(_) => String::new(),
        };
        return Column::Text(records.iter().map(word).collect());
    }
    let at = place.number;
    place.number += 1;
    let number = |record: &Record| match &record.outcome {
        Ok(row) => row.numbers.get(at).copied().unwrap_or(f64::NAN),
        Err(_) => f64::NAN,
    };
    Column::Number(records.iter().map(number).collect())
}
