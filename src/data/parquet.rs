//! Parquet files to columns (feature `parquet`).
//!
//! Columns of floating-point numbers and integers are read; integers beyond 2^53 lose digits as they become
//! doubles. Everything else, and a gap, is an error that names the column and the row.

use super::origin::Origin;
use super::{Dataset, Variable};
use crate::error::Error;
use ::parquet::basic::{ConvertedType, LogicalType, Type as Physical};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::data_type::DataType;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::schema::types::ColumnDescriptor;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// An open Parquet file.
#[derive(Clone)]
pub(super) struct ParquetTable {
    file: String,
    reader: Arc<SerializedFileReader<File>>,
    names: Vec<String>,
}

impl std::fmt::Debug for ParquetTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { file, reader: _, names } = self;
        f.debug_struct("ParquetTable").field("file", file).field("names", names).finish_non_exhaustive()
    }
}

impl ParquetTable {
    /// Opens the file and reads its schema.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let shown = path.display().to_string();
        let file = File::open(path).map_err(|e| super::table::cannot_read(path, e))?;
        if path.is_dir() {
            let e = std::io::Error::from(std::io::ErrorKind::IsADirectory);
            return Err(super::table::cannot_read(path, e));
        }
        let reader = SerializedFileReader::new(file).map_err(|e| damaged(&shown, e))?;
        let schema = reader.metadata().file_metadata().schema_descr_ptr();
        let names: Vec<String> = schema.columns().iter().map(|c| c.path().parts().join(".")).collect();
        for (i, name) in names.iter().enumerate() {
            if name.is_empty() {
                return Err(Error::data(format!("{shown}: column {} has no name", i + 1)));
            }
            if names[..i].contains(name) {
                return Err(Error::data(format!("{shown}: the column name `{name}` is used twice")));
            }
        }
        if names.is_empty() {
            return Err(Error::data(format!("{shown}: the table has no columns")));
        }
        Ok(Self { file: shown, reader: Arc::new(reader), names })
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn rows(&self) -> usize {
        usize::try_from(self.reader.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// Reads the columns at these positions.
    pub(super) fn columns(&self, wanted: &[usize]) -> Result<Dataset, Error> {
        let mut columns = Vec::new();
        for &c in wanted {
            let mut values: Vec<f64> = Vec::new();
            // At once, so that no copy of a half-read column stands beside it; a number of rows that no memory
            // holds is a damaged file, which the reading below finds.
            let _ = values.try_reserve_exact(self.rows());
            for g in 0..self.reader.num_row_groups() {
                self.read_chunk(g, c, &mut values)?;
            }
            columns.push(values);
        }
        let variables = wanted.iter().map(|&c| Variable::new(&self.names[c])).collect();
        Dataset::from_parts(variables, columns, Origin { file: Some(self.file.clone()), rows: Vec::new() })
    }

    /// Appends the values of one column in one row group.
    fn read_chunk(&self, group: usize, column: usize, values: &mut Vec<f64>) -> Result<(), Error> {
        let schema = self.reader.metadata().file_metadata().schema_descr_ptr();
        let description = schema.column(column);
        let numbers = self.number_type(&description)?;
        let group = self.reader.get_row_group(group).map_err(|e| damaged(&self.file, e))?;
        let chunk = group.get_column_reader(column).map_err(|e| damaged(&self.file, e))?;
        match chunk {
            ColumnReader::DoubleColumnReader(r) => self.append(r, column, values, |v| *v),
            ColumnReader::FloatColumnReader(r) => self.append(r, column, values, |v| f64::from(*v)),
            ColumnReader::Int32ColumnReader(r) if numbers == Numbers::Unsigned => {
                self.append(r, column, values, |v| f64::from(*v as u32))
            }
            ColumnReader::Int32ColumnReader(r) => self.append(r, column, values, |v| f64::from(*v)),
            ColumnReader::Int64ColumnReader(r) if numbers == Numbers::Unsigned => {
                self.append(r, column, values, |v| *v as u64 as f64)
            }
            ColumnReader::Int64ColumnReader(r) => self.append(r, column, values, |v| *v as f64),
            _ => Err(self.not_numbers(&description)),
        }
    }

    fn append<T: DataType>(
        &self,
        mut reader: ColumnReaderImpl<T>,
        column: usize,
        values: &mut Vec<f64>,
        number: impl Fn(&T::T) -> f64,
    ) -> Result<(), Error> {
        loop {
            let (mut levels, mut raw) = (Vec::new(), Vec::new());
            let (records, present, _) = reader
                .read_records(8192, Some(&mut levels), None, &mut raw)
                .map_err(|e| damaged(&self.file, e))?;
            if records == 0 {
                return Ok(());
            }
            if present < records {
                let gap = levels.iter().position(|l| *l == 0).unwrap_or(present);
                return Err(Error::data(format!(
                    "{}, row {}, column `{}`: expected a number, got a missing value",
                    self.file,
                    values.len() + gap + 1,
                    self.names[column]
                )));
            }
            values.extend(raw.iter().map(&number));
        }
    }

    fn number_type(&self, column: &ColumnDescriptor) -> Result<Numbers, Error> {
        let plain = match column.physical_type() {
            Physical::DOUBLE | Physical::FLOAT => column.logical_type_ref().is_none(),
            Physical::INT32 | Physical::INT64 => match column.logical_type_ref() {
                None => !matches!(
                    column.converted_type(),
                    ConvertedType::DATE
                        | ConvertedType::DECIMAL
                        | ConvertedType::TIME_MILLIS
                        | ConvertedType::TIME_MICROS
                        | ConvertedType::TIMESTAMP_MILLIS
                        | ConvertedType::TIMESTAMP_MICROS
                ),
                Some(LogicalType::Integer { .. }) => true,
                Some(_) => false,
            },
            _ => false,
        };
        if !plain || column.max_rep_level() > 0 {
            return Err(self.not_numbers(column));
        }
        let unsigned = matches!(
            column.converted_type(),
            ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64
        );
        Ok(if unsigned { Numbers::Unsigned } else { Numbers::Signed })
    }

    fn not_numbers(&self, column: &ColumnDescriptor) -> Error {
        let kind = match (column.logical_type_ref(), column.max_rep_level()) {
            (_, 1..) => "a list".to_string(),
            (Some(logical), _) => format!("{logical:?}"),
            (None, _) if column.converted_type() != ConvertedType::NONE => {
                column.converted_type().to_string()
            }
            (None, _) => column.physical_type().to_string(),
        };
        Error::data(format!(
            "{}, column `{}`: expected floating-point numbers or integers, got {kind}",
            self.file,
            column.path().parts().join(".")
        ))
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Numbers {
    Signed,
    Unsigned,
}

fn damaged(file: &str, error: ParquetError) -> Error {
    let text = error.to_string();
    let hint = if text.contains("Disabled feature") || text.contains("compression") {
        "; this build reads uncompressed and snappy-compressed files: write the table so"
    } else {
        ""
    };
    Error::data(format!("{file}: expected a Parquet file: {text}{hint}"))
}
