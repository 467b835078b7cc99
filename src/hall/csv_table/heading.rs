//! The first line of a table: the column of assets, and key and unit of the others.

use super::cell::place;
use crate::diag::{self, Diagnostic, FileId, Span};

/// Key and unit of a column.
pub(super) struct Heading {
    pub key: String,
    pub unit: String,
    pub span: Span,
}

/// All columns.
pub(super) struct Headings {
    pub list: Vec<Heading>,
    /// Column of the assets' paths.
    pub asset: usize,
    /// Byte after the line.
    pub end: usize,
}

/// A reader of records as tables have them: any number of cells, no line apart.
pub(super) fn reader(text: &str) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
}

/// Start of a record. The reader's position may stand before the line break of the record above.
pub(super) fn start(text: &str, position: Option<&csv::Position>) -> usize {
    let start = position.map_or(0, |position| position.byte() as usize);
    let rest = &text[start..];
    start + rest.len() - rest.trim_start_matches(['\r', '\n']).len()
}

/// Reads the first line; no headings where nothing can be read by them.
pub(super) fn read(file: FileId, text: &str) -> (Option<Headings>, Vec<Diagnostic>) {
    let mut reader = reader(text);
    let mut record = csv::StringRecord::new();
    let fault = |start, message: String| Diagnostic::error(place(file, text, start, 0), message);
    match reader.read_record(&mut record) {
        Ok(true) => {}
        Ok(false) => {
            let span = Span {
                file,
                start: 0,
                end: 0,
            };
            let fault = Diagnostic::error(span, "the table is empty")
                .hint("its first line names the columns: asset,KEY [UNIT],...");
            return (None, vec![fault]);
        }
        Err(error) => return (None, vec![fault(0, format!("not valid CSV: {error}"))]),
    }
    record.trim();
    let start = start(text, record.position());
    let end = reader.position().byte() as usize;
    let (list, asset, mut faults) = columns(file, text, &record, start);
    let Some(asset) = asset else {
        let words: Vec<&str> = list.iter().map(|heading| heading.key.as_str()).collect();
        let near = diag::nearest("asset", words).map(str::to_owned);
        let fault = fault(start, "the table has no column `asset`".to_owned());
        let other = |mark: &str| {
            let first = record.get(0).unwrap_or("");
            record.len() == 1 && first.starts_with("asset") && first.contains(mark)
        };
        faults.push(match near {
            _ if other(";") => fault.hint("columns are separated by commas, not by `;`"),
            _ if other("\t") => fault.hint("columns are separated by commas, not by tabs"),
            Some(word) => fault.hint(format!("is it `{word}`?")),
            None => fault.hint("its first line names the columns: asset,KEY [UNIT],..."),
        });
        return (None, faults);
    };
    if list.len() < 2 {
        let message = "the table has no column of values beside `asset`";
        faults.push(fault(start, message.to_owned()));
    }
    let headings = faults.is_empty().then_some(Headings { list, asset, end });
    (headings, faults)
}

fn columns(
    file: FileId,
    text: &str,
    record: &csv::StringRecord,
    start: usize,
) -> (Vec<Heading>, Option<usize>, Vec<Diagnostic>) {
    let mut list: Vec<Heading> = Vec::new();
    let mut asset = None;
    let mut faults = Vec::new();
    for (cell, words) in record.iter().enumerate() {
        let span = place(file, text, start, cell);
        let (key, unit) = match words.split_once('[') {
            Some((key, rest)) if rest.ends_with(']') => (key.trim(), rest[..rest.len() - 1].trim()),
            Some(_) => {
                faults.push(
                    Diagnostic::error(
                        span,
                        format!("the heading `{words}` does not close its unit"),
                    )
                    .allowed("KEY [UNIT]"),
                );
                (words, "")
            }
            None => (words, ""),
        };
        if key == "asset" {
            if asset.replace(cell).is_some() {
                faults.push(Diagnostic::error(span, "a second column `asset`"));
            }
        } else if list.iter().any(|heading| heading.key == key) {
            faults.push(Diagnostic::error(span, format!("a second column `{key}`")));
        }
        let unit = if unit == "-" { "" } else { unit };
        list.push(Heading {
            key: key.to_owned(),
            unit: unit.to_owned(),
            span,
        });
    }
    (list, asset, faults)
}
