//! Where the rows of a table came from, so that messages name a place that people can go to.

/// The file of a table and, for each of its rows, the line of that file.
///
/// Two tables with the same numbers are equal wherever they came from.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin {
    /// The file as the user named it.
    pub(super) file: Option<String>,
    /// Row of the file for each row of the table, as a spreadsheet counts (the header is row 1). Empty: the rows
    /// are counted from 1.
    pub(super) rows: Vec<u64>,
}

impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Origin {
    /// `curve.csv, ` or nothing.
    pub(super) fn prefix(&self) -> String {
        self.file.as_ref().map_or_else(String::new, |f| format!("{f}, "))
    }

    /// `curve.csv: ` or nothing.
    pub(super) fn head(&self) -> String {
        self.file.as_ref().map_or_else(String::new, |f| format!("{f}: "))
    }

    /// The number of a row in its file.
    pub(super) fn row(&self, row: usize) -> u64 {
        self.rows.get(row).copied().unwrap_or(row as u64 + 1)
    }

    /// `curve.csv, row 17, column `y``.
    pub(super) fn place(&self, row: usize, column: &str) -> String {
        format!("{}row {}, column `{column}`", self.prefix(), self.row(row))
    }

    /// The origin of some of the rows.
    pub(super) fn select(&self, rows: &[usize]) -> Self {
        Self { file: self.file.clone(), rows: rows.iter().map(|&r| self.row(r)).collect() }
    }
}
