//! Tables of results: one set of columns, written as CSV or as Parquet, whole or not at all.

mod rows;

pub use rows::RowWriter;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Values of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Numbers; NaN stands for no value and is written as an empty cell or a null.
    Number(Vec<f64>),
    /// Whole numbers.
    Integer(Vec<i64>),
    /// Words.
    Text(Vec<String>),
}

impl Column {
    /// Rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Number(v) => v.len(),
            Self::Integer(v) => v.len(),
            Self::Text(v) => v.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn cell(&self, row: usize) -> String {
        match self {
            Self::Number(v) if v[row].is_finite() => format!("{}", v[row]),
            Self::Number(_) => String::new(),
            Self::Integer(v) => v[row].to_string(),
            Self::Text(v) => v[row].clone(),
        }
    }
}

/// Named columns of equal length; a name carries its unit (`power [W]`).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Columns in order.
    pub columns: Vec<(String, Column)>,
}

impl Table {
    /// Rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }
}

/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Neither CSV nor Parquet.
    #[error("'{}': a table is written as .csv or .parquet; name the file so", .0.display())]
    Extension(PathBuf),
    /// Parquet was left out of this build.
    #[error("'{}': this build writes no Parquet (feature `parquet`); name the file .csv", .0.display())]
    NoParquet(PathBuf),
    /// The file could not be written.
    #[error("'{}' could not be written: {source}", path.display())]
    Io {
        /// File.
        path: PathBuf,
        /// Cause.
        source: std::io::Error,
    },
    /// The Parquet writer refused.
    #[error("'{}' could not be written as Parquet: {reason}", path.display())]
    Parquet {
        /// File.
        path: PathBuf,
        /// Cause.
        reason: String,
    },
}

impl TableError {
    /// Whether the caller asked for something impossible, rather than the disk refusing.
    pub fn is_input(&self) -> bool {
        matches!(self, Self::Extension(_) | Self::NoParquet(_))
    }
}

/// Writes a table by the file's extension: beside first, then renamed.
///
/// # Errors
/// [`TableError`]; the file is then as it was before.
pub fn write(table: &Table, path: &Path) -> Result<(), TableError> {
    let io = |source| TableError::Io {
        path: path.to_owned(),
        source,
    };
    let extension = path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = match extension.as_str() {
        "csv" => write_csv(table, &beside).map_err(io),
        "parquet" => write_parquet(table, &beside, path),
        _ => Err(TableError::Extension(path.to_owned())),
    };
    let done = written.and_then(|()| std::fs::rename(&beside, path).map_err(io));
    if done.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    done
}

fn write_csv(table: &Table, path: &Path) -> std::io::Result<()> {
    let mut inner = csv_to(table, BufWriter::new(File::create(path)?))?;
    inner.flush()?;
    inner.get_ref().sync_all()
}

/// Writes a table as CSV and gives the writer back.
///
/// # Errors
/// The writer's own.
pub fn csv_to<W: Write>(table: &Table, out: W) -> std::io::Result<W> {
    let mut out = csv::Writer::from_writer(out);
    out.write_record(table.columns.iter().map(|(name, _)| name.as_str()))?;
    for row in 0..table.rows() {
        out.write_record(table.columns.iter().map(|(_, column)| column.cell(row)))?;
    }
    out.into_inner()
        .map_err(|e| std::io::Error::other(e.to_string()))
}

#[cfg(not(feature = "parquet"))]
fn write_parquet(_: &Table, _: &Path, path: &Path) -> Result<(), TableError> {
    Err(TableError::NoParquet(path.to_owned()))
}

#[cfg(feature = "parquet")]
fn write_parquet(table: &Table, beside: &Path, path: &Path) -> Result<(), TableError> {
    let io = |source| TableError::Io {
        path: path.to_owned(),
        source,
    };
    let file = parquet_to(table, File::create(beside).map_err(io)?, path)?;
    file.sync_all().map_err(io)
}

/// A table as the bytes of a Parquet file; `None` where this build writes none.
///
/// # Errors
/// [`TableError::Parquet`], naming the file as `path`.
pub fn parquet_bytes(table: &Table, path: &Path) -> Result<Option<Vec<u8>>, TableError> {
    #[cfg(feature = "parquet")]
    return parquet_to(table, Vec::new(), path).map(Some);
    #[cfg(not(feature = "parquet"))]
    {
        let _ = (table, path);
        Ok(None)
    }
}

/// Name and unit of a column (`power [W]`); the unit is empty where there is none.
pub fn unit_of(column: &str) -> (&str, &str) {
    match column.split_once(" [") {
        Some((name, rest)) => (name, rest.trim_end_matches(']')),
        None => (column, ""),
    }
}

/// Writes a table as Parquet and gives the writer back. The file's metadata tell the unit of each column under
/// `unit.NAME`.
#[cfg(feature = "parquet")]
fn parquet_to<W: Write + Send>(table: &Table, out: W, path: &Path) -> Result<W, TableError> {
    let failed = |reason: parquet::errors::ParquetError| TableError::Parquet {
        path: path.to_owned(),
        reason: reason.to_string(),
    };
    let mut writer = rows::parquet_writer(table, out).map_err(failed)?;
    rows::parquet_group(table, &mut writer).map_err(failed)?;
    writer.into_inner().map_err(failed)
}
