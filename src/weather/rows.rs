//! Rows of a comma-separated file with the places of their cells, so that a message can point at one.

use crate::diag::{Diagnostic, FileId, Span};

/// A reader that knows where each row starts.
pub(crate) struct Rows<'t> {
    text: &'t str,
    file: FileId,
    reader: csv::Reader<&'t [u8]>,
}

/// One row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    record: csv::StringRecord,
    start: usize,
}

impl<'t> Rows<'t> {
    /// Rows of an EPW file: quotation marks are letters, since its comments may hold a single one.
    pub(crate) fn epw(text: &'t str, file: FileId) -> Self {
        Self::with(text, file, csv::ReaderBuilder::new().quoting(false))
    }

    /// Rows of a table; lines that begin with `#` are remarks.
    pub(crate) fn table(text: &'t str, file: FileId) -> Self {
        Self::with(text, file, csv::ReaderBuilder::new().comment(Some(b'#')))
    }

    fn with(text: &'t str, file: FileId, builder: &mut csv::ReaderBuilder) -> Self {
        let reader = builder
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        Self { text, file, reader }
    }

    /// The next row; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Row>, Diagnostic> {
        let mut row = Row::default();
        match self.reader.read_record(&mut row.record) {
            Ok(false) => Ok(None),
            Ok(true) => {
                let byte = row.record.position().map_or(0, csv::Position::byte) as usize;
                row.start = self.skip(byte);
                Ok(Some(row))
            }
            Err(error) => {
                let byte = error.position().map_or(0, csv::Position::byte) as usize;
                let message = format!("not valid CSV: {error}");
                Err(Diagnostic::error(self.line(self.skip(byte)), message))
            }
        }
    }

    /// The position that the reader gives may stand before line breaks and remarks.
    fn skip(&self, byte: usize) -> usize {
        let mut at = byte.min(self.text.len());
        loop {
            let rest = self.text.get(at..).unwrap_or_default();
            at += rest.len() - rest.trim_start_matches(['\r', '\n']).len();
            let rest = self.text.get(at..).unwrap_or_default();
            match (rest.starts_with('#'), rest.find('\n')) {
                (true, Some(end)) => at += end + 1,
                _ => return at,
            }
        }
    }

    fn line(&self, start: usize) -> Span {
        let rest = self.text.get(start..).unwrap_or_default();
        let end = rest.find(['\r', '\n']).unwrap_or(rest.len());
        Span {
            file: self.file,
            start,
            end: start + end,
        }
    }

    /// Place of a whole row.
    pub(crate) fn place(&self, row: &Row) -> Span {
        self.line(row.start)
    }

    /// Place of a cell; of the whole row where it has no such cell.
    pub(crate) fn cell(&self, row: &Row, index: usize) -> Span {
        let whole = self.line(row.start);
        let text = self.text.get(whole.start..whole.end).unwrap_or_default();
        let mut start = 0;
        for (at, part) in text.split(',').enumerate() {
            if at == index {
                let lead = part.len() - part.trim_start().len();
                let start = whole.start + start + lead;
                return Span {
                    start,
                    end: start + part.trim().len(),
                    ..whole
                };
            }
            start += part.len() + 1;
        }
        whole
    }

    /// Where the file ends.
    pub(crate) fn end(&self) -> Span {
        let last = self.text.trim_end().len();
        let start = self.text[..last].rfind('\n').map_or(0, |at| at + 1);
        self.line(start)
    }
}

impl Row {
    /// Cells.
    pub(crate) fn len(&self) -> usize {
        self.record.len()
    }

    /// A cell's words without blanks around them; empty where there is none.
    pub(crate) fn get(&self, index: usize) -> &str {
        self.record.get(index).unwrap_or_default()
    }

    /// All cells.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &str> {
        self.record.iter()
    }
}
