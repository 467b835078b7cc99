//! Tables as the page shows them: texts by row, each with what it means for the reader.

use serde::Serialize;

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
    /// Paths and names of the file, in a fixed-width face.
    Path,
}

/// What a row or a cell says beside its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Nothing.
    #[default]
    Plain,
    /// A limit is broken.
    Broken,
    /// Worth a look: saturated, advisory, unknown.
    Caution,
    /// It holds.
    Good,
    /// The line that matters: a total, a nearest match.
    Strong,
    /// Detail.
    Faint,
}

/// A cell.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Cell {
    /// Text.
    pub text: String,
    /// Tone.
    pub tone: Tone,
    /// Steps of indentation.
    pub indent: usize,
    /// Share of the column's bar, 0 to 1; none where there is no bar.
    pub bar: Option<f64>,
}

impl Cell {
    /// The same in another tone.
    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// The same, further in.
    #[must_use]
    pub fn indent(mut self, steps: usize) -> Self {
        self.indent = steps;
        self
    }

    /// The same with a bar behind it.
    #[must_use]
    pub fn bar(mut self, share: f64) -> Self {
        self.bar = Some(share.clamp(0.0, 1.0)).filter(|share| share.is_finite());
        self
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
}

/// A row.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Row {
    /// Cells, one a column.
    pub cells: Vec<Cell>,
    /// Tone of the whole row.
    pub tone: Tone,
}

/// A column's heading.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column {
    /// Heading.
    pub name: String,
    /// How it is set.
    pub align: Align,
}

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Table {
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Row>,
    /// What to know when reading it, below.
    pub note: String,
}

impl Table {
    /// An empty table with these columns.
    pub fn new(columns: &[(&str, Align)]) -> Self {
        Self {
            columns: columns
                .iter()
                .map(|&(name, align)| Column {
                    name: name.to_owned(),
                    align,
                })
                .collect(),
            ..Self::default()
        }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, tone: Tone, cells: [Cell; N]) {
        self.rows.push(Row {
            cells: cells.into(),
            tone,
        });
    }

    /// Adds a row of any length.
    pub fn push(&mut self, tone: Tone, cells: Vec<Cell>) {
        self.rows.push(Row { cells, tone });
    }

    /// With a note.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.note = text.into();
        self
    }
}
