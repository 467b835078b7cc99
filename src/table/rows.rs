//! A table too long for memory: rows come in pieces and go to CSV and Parquet at once, whole or not at all.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

#[cfg(feature = "parquet")]
use parquet::{errors::ParquetError, file::writer::SerializedFileWriter};

use super::{Column, Table, TableError};

/// Rows of a Parquet row group: fixed, so that the file does not depend on how the rows came.
const GROUP: usize = 65_536;

/// Writes `STEM.csv` and `STEM.parquet` (the latter where this build has Parquet) beside their places, and renames both
/// when they are whole.
pub struct RowWriter {
    csv: csv::Writer<BufWriter<File>>,
    csv_path: PathBuf,
    #[cfg(feature = "parquet")]
    parquet: SerializedFileWriter<File>,
    #[cfg(feature = "parquet")]
    parquet_path: PathBuf,
    /// Rows that do not fill a group yet.
    waiting: Table,
    done: bool,
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    PathBuf::from(name)
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> TableError + '_ {
    |source| TableError::Io {
        path: path.to_owned(),
        source,
    }
}

impl RowWriter {
    /// Starts the files; `columns` has names and kinds of the columns and no rows.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn create(stem: &Path, columns: Table) -> Result<Self, TableError> {
        let csv_path = stem.with_extension("csv");
        let file = File::create(beside(&csv_path)).map_err(at(&csv_path))?;
        let mut csv = csv::Writer::from_writer(BufWriter::new(file));
        let header = columns.columns.iter().map(|(name, _)| name.as_str());
        csv.write_record(header)
            .map_err(|error| at(&csv_path)(error.into()))?;
        #[cfg(feature = "parquet")]
        let parquet_path = stem.with_extension("parquet");
        Ok(Self {
            #[cfg(feature = "parquet")]
            parquet: {
                let file = File::create(beside(&parquet_path)).map_err(at(&parquet_path))?;
                parquet_writer(&columns, file).map_err(failed(&parquet_path))?
            },
            #[cfg(feature = "parquet")]
            parquet_path,
            csv,
            csv_path,
            waiting: columns,
            done: false,
        })
    }

    /// Writes more rows, in columns of the same names and kinds.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn push(&mut self, rows: &Table) -> Result<(), TableError> {
        for row in 0..rows.rows() {
            let cells = rows.columns.iter().map(|(_, column)| column.cell(row));
            self.csv
                .write_record(cells)
                .map_err(|error| at(&self.csv_path)(error.into()))?;
        }
        let mut first = 0;
        while first < rows.rows() {
            let end = rows
                .rows()
                .min(first + GROUP.saturating_sub(self.waiting.rows()).max(1));
            for ((_, to), (_, from)) in self.waiting.columns.iter_mut().zip(&rows.columns) {
                to.extend(from, first..end);
            }
            first = end;
            if self.waiting.rows() >= GROUP {
                self.group()?;
            }
        }
        Ok(())
    }

    /// Ends the files and puts them in their places; gives their paths.
    ///
    /// # Errors
    /// [`TableError`]; files that were there before are then as they were.
    pub fn finish(mut self) -> Result<Vec<PathBuf>, TableError> {
        if self.waiting.rows() > 0 {
            self.group()?;
        }
        self.csv.flush().map_err(at(&self.csv_path))?;
        self.csv
            .get_ref()
            .get_ref()
            .sync_all()
            .map_err(at(&self.csv_path))?;
        let mut written = vec![self.csv_path.clone()];
        #[cfg(feature = "parquet")]
        {
            self.parquet.finish().map_err(failed(&self.parquet_path))?;
            self.parquet
                .inner()
                .sync_all()
                .map_err(at(&self.parquet_path))?;
            written.push(self.parquet_path.clone());
        }
        for path in &written {
            std::fs::rename(beside(path), path).map_err(at(path))?;
        }
        self.done = true;
        Ok(written)
    }

    fn group(&mut self) -> Result<(), TableError> {
        #[cfg(feature = "parquet")]
        parquet_group(&self.waiting, &mut self.parquet).map_err(failed(&self.parquet_path))?;
        for (_, column) in &mut self.waiting.columns {
            column.clear();
        }
        Ok(())
    }
}

impl Drop for RowWriter {
    fn drop(&mut self) {
        if !self.done {
            let _ = std::fs::remove_file(beside(&self.csv_path));
            #[cfg(feature = "parquet")]
            let _ = std::fs::remove_file(beside(&self.parquet_path));
        }
    }
}

#[cfg(feature = "parquet")]
fn failed(path: &Path) -> impl Fn(ParquetError) -> TableError + '_ {
    |reason| TableError::Parquet {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}

impl Column {
    fn extend(&mut self, other: &Self, rows: std::ops::Range<usize>) {
        match (self, other) {
            (Self::Number(to), Self::Number(from)) => to.extend_from_slice(&from[rows]),
            (Self::Integer(to), Self::Integer(from)) => to.extend_from_slice(&from[rows]),
            (Self::Text(to), Self::Text(from)) => to.extend_from_slice(&from[rows]),
            // Columns of one table have one kind.
            _ => {}
        }
    }

    fn clear(&mut self) {
        match self {
            Self::Number(all) => all.clear(),
            Self::Integer(all) => all.clear(),
            Self::Text(all) => all.clear(),
        }
    }
}

/// Starts a Parquet file with the columns of a table. Its metadata tell the unit of each under `unit.NAME`.
#[cfg(feature = "parquet")]
pub(super) fn parquet_writer<W: Write + Send>(
    table: &Table,
    out: W,
) -> Result<SerializedFileWriter<W>, ParquetError> {
    use std::sync::Arc;

    use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
    use parquet::file::metadata::KeyValue;
    use parquet::file::properties::WriterProperties;
    use parquet::schema::types::Type;

    let fields = table
        .columns
        .iter()
        .map(|(name, column)| {
            let builder = match column {
                Column::Number(_) => Type::primitive_type_builder(name, Physical::DOUBLE)
                    .with_repetition(Repetition::OPTIONAL),
                Column::Integer(_) => Type::primitive_type_builder(name, Physical::INT64)
                    .with_repetition(Repetition::REQUIRED),
                Column::Text(_) => Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
                    .with_logical_type(Some(LogicalType::String))
                    .with_repetition(Repetition::REQUIRED),
            };
            builder.build().map(Arc::new)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let schema = Arc::new(
        Type::group_type_builder("table")
            .with_fields(fields)
            .build()?,
    );
    let units = table
        .columns
        .iter()
        .map(|(name, _)| super::unit_of(name))
        .filter(|(_, unit)| !unit.is_empty())
        .map(|(name, unit)| KeyValue::new(format!("unit.{name}"), unit.to_owned()))
        .collect();
    let properties = Arc::new(
        WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_key_value_metadata(Some(units))
            .build(),
    );
    SerializedFileWriter::new(out, schema, properties)
}

/// Writes all rows of a table as one row group.
#[cfg(feature = "parquet")]
pub(super) fn parquet_group<W: Write + Send>(
    table: &Table,
    writer: &mut SerializedFileWriter<W>,
) -> Result<(), ParquetError> {
    use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};

    let mut group = writer.next_row_group()?;
    for (_, column) in &table.columns {
        let Some(mut out) = group.next_column()? else {
            break;
        };
        match column {
            Column::Number(values) => {
                let present: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
                let levels: Vec<i16> = values.iter().map(|v| i16::from(v.is_finite())).collect();
                out.typed::<DoubleType>()
                    .write_batch(&present, Some(&levels), None)?;
            }
            Column::Integer(values) => {
                out.typed::<Int64Type>().write_batch(values, None, None)?;
            }
            Column::Text(values) => {
                let bytes: Vec<ByteArray> =
                    values.iter().map(|v| ByteArray::from(v.as_str())).collect();
                out.typed::<ByteArrayType>()
                    .write_batch(&bytes, None, None)?;
            }
        }
        out.close()?;
    }
    group.close()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Column, GROUP, RowWriter, Table};

    fn rows(range: std::ops::Range<usize>) -> Table {
        let number = range.clone().map(|k| k as f64 * 0.5).collect();
        let text = range.map(|k| format!("row {k}")).collect();
        Table {
            columns: vec![
                ("power [W]".to_owned(), Column::Number(number)),
                ("name".to_owned(), Column::Text(text)),
            ],
        }
    }

    #[test]
    fn the_files_do_not_depend_on_the_pieces() {
        let folder = tempfile::tempdir().unwrap();
        let total = 2 * GROUP + 77;
        let mut all = Vec::new();
        for piece in [total, 1000, GROUP, GROUP - 1] {
            let stem = folder.path().join(format!("by-{piece}"));
            let mut writer = RowWriter::create(&stem, rows(0..0)).unwrap();
            for first in (0..total).step_by(piece) {
                writer.push(&rows(first..total.min(first + piece))).unwrap();
            }
            let written = writer.finish().unwrap();
            all.push(
                written
                    .iter()
                    .map(|path| std::fs::read(path).unwrap())
                    .collect::<Vec<_>>(),
            );
        }
        assert!(all.iter().all(|files| *files == all[0]));
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 4 * all[0].len(), "nothing is left beside");
    }

    #[test]
    fn an_unfinished_table_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = RowWriter::create(&folder.path().join("t"), rows(0..0)).unwrap();
        writer.push(&rows(0..10)).unwrap();
        drop(writer);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
