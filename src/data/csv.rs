//! CSV files to columns.

use super::{Dataset, Variable};
use crate::error::Error;
use std::path::Path;

/// Reads a file with a header row; every field below must be a finite number.
pub(super) fn read(path: &Path) -> Result<Dataset, Error> {
    let shown = path.display();
    let file = std::fs::File::open(path).map_err(|e| Error::io(format!("cannot read {shown}"), e))?;
    let mut reader = ::csv::ReaderBuilder::new().trim(::csv::Trim::All).from_reader(file);
    let header = reader.headers().map_err(|e| Error::data(format!("{shown}: {e}")))?.clone();
    let mut columns: Vec<Vec<f64>> = vec![Vec::new(); header.len()];
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(|e| Error::data(format!("{shown}: {e}")))?;
        for (c, field) in record.iter().enumerate() {
            let value: f64 = field.parse().map_err(|_| {
                Error::data(format!(
                    "{shown}, row {}, column `{}`: expected a number, got `{field}`",
                    row + 1,
                    &header[c]
                ))
            })?;
            columns[c].push(value);
        }
    }
    Dataset::from_columns(header.iter().map(Variable::new).collect(), columns)
        .map_err(|e| Error::data(format!("{shown}: {e}")))
}
