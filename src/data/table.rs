//! [`Table`]: a file of columns before it is said which of them matter.

use super::Dataset;
use super::csv::CsvText;
use crate::error::Error;
use std::path::Path;

/// A file of named columns, opened and its header checked, of which some columns will be read as numbers.
///
/// Columns that nobody asks for may hold text or gaps.
///
/// ```
/// use closedform::data::Table;
/// let table = Table::from_csv_text("trees.csv", "kind,girth,height\noak,8.3,70\nash,8.6,65\n")?;
/// assert_eq!(table.names(), ["kind", "girth", "height"]);
/// let data = table.columns(&["girth", "height"])?.target("height")?;
/// assert_eq!((data.names(), data.rows()), (vec!["girth"], 2));
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Table {
    file: String,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Csv(CsvText),
    #[cfg(feature = "parquet")]
    Parquet(super::parquet::ParquetTable),
}

impl Table {
    /// Opens a Parquet file (ending `.parquet` or `.pq`) or a text table (any other ending): columns separated by
    /// commas, semicolons or tabs, the first row holds their names.
    ///
    /// ```
    /// use closedform::data::Table;
    /// let table = Table::open("examples/data/learning_curve.csv")?;
    /// assert_eq!(table.file(), "examples/data/learning_curve.csv");
    /// assert_eq!(table.rows()?, 286);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the file cannot be read, is not UTF-8 text, is empty, has no header, or a name is empty or used twice.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        if ending == "parquet" || ending == "pq" { Self::open_parquet(path) } else { Self::open_csv(path) }
    }

    /// Opens a text table, whatever the ending of its name.
    ///
    /// ```
    /// use closedform::data::Table;
    /// assert_eq!(Table::open_csv("examples/data/learning_curve.csv")?.names().last(), Some(&"performance"));
    /// assert!(Table::open_csv("examples/data").unwrap_err().to_string().contains("expected a file, got a folder"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Table::open`].
    pub fn open_csv(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|e| cannot_read(path, e))?;
        Self::from_csv_bytes(&path.display().to_string(), bytes)
    }

    /// A text table that is in memory already; `file` is what messages call it.
    ///
    /// ```
    /// use closedform::data::Table;
    /// assert_eq!(Table::from_csv_text("x.csv", "t\ty\n1\t2\n")?.names(), ["t", "y"]);
    /// let error = Table::from_csv_text("x.csv", "t,t\n1,2\n").unwrap_err();
    /// assert!(error.to_string().starts_with("x.csv"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Table::open`].
    pub fn from_csv_text(file: &str, text: &str) -> Result<Self, Error> {
        Self::from_csv_bytes(file, text.as_bytes().to_vec())
    }

    /// As [`Table::from_csv_text`], from bytes that may turn out not to be text.
    ///
    /// ```
    /// use closedform::data::Table;
    /// let error = Table::from_csv_bytes("x.csv", b"t,y\n1,\xff\n".to_vec()).unwrap_err();
    /// assert!(error.to_string().starts_with("x.csv, row 2: expected UTF-8 text"));
    /// ```
    ///
    /// # Errors
    /// As [`Table::open`].
    pub fn from_csv_bytes(file: &str, bytes: Vec<u8>) -> Result<Self, Error> {
        let content = Content::Csv(CsvText::new(file.to_string(), bytes)?);
        Ok(Self { file: file.to_string(), content })
    }

    #[cfg(feature = "parquet")]
    fn open_parquet(path: &Path) -> Result<Self, Error> {
        let content = Content::Parquet(super::parquet::ParquetTable::open(path)?);
        Ok(Self { file: path.display().to_string(), content })
    }

    #[cfg(not(feature = "parquet"))]
    fn open_parquet(path: &Path) -> Result<Self, Error> {
        if let Err(e) = std::fs::metadata(path) {
            return Err(cannot_read(path, e));
        }
        Err(Error::data(format!(
            "{}: this build reads text tables only; build with `--features parquet`, or write the table as CSV",
            path.display()
        )))
    }

    /// The file, as messages call it.
    ///
    /// ```
    /// use closedform::data::Table;
    /// assert_eq!(Table::from_csv_text("pasted", "t,y\n1,2\n")?.file(), "pasted");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The names of all columns.
    ///
    /// ```
    /// use closedform::data::Table;
    /// assert_eq!(Table::from_csv_text("x.csv", "time (s),y\n1,2\n")?.names(), ["time (s)", "y"]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn names(&self) -> Vec<&str> {
        match &self.content {
            Content::Csv(t) => t.names().iter().map(String::as_str).collect(),
            #[cfg(feature = "parquet")]
            Content::Parquet(t) => t.names().iter().map(String::as_str).collect(),
        }
    }

    /// Reads these columns, in this order, as numbers.
    ///
    /// ```
    /// use closedform::data::Table;
    /// let table = Table::from_csv_text("x.csv", "t;note;y\n1;a;2.5\n2;b;3.5\n")?;
    /// assert_eq!(table.columns(&["y", "t"])?.columns()[0], [2.5, 3.5]);
    /// assert!(table.columns(&["note"]).unwrap_err().to_string().contains("row 2, column `note`"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If a name is missing or repeated, and with row and column of the first thing that is not a finite number.
    pub fn columns<S: AsRef<str>>(&self, names: &[S]) -> Result<Dataset, Error> {
        let have = self.names();
        let mut wanted = Vec::new();
        for name in names {
            let name = name.as_ref();
            let Some(i) = have.iter().position(|n| *n == name) else {
                return Err(Error::data(format!(
                    "{}: there is no column `{name}`; {}",
                    self.file,
                    listed(&have, name)
                )));
            };
            if wanted.contains(&i) {
                return Err(Error::data(format!("{}: the column `{name}` is asked for twice", self.file)));
            }
            wanted.push(i);
        }
        if wanted.is_empty() {
            return Err(Error::data(format!("{}: no column is asked for", self.file)));
        }
        match &self.content {
            Content::Csv(t) => t.columns(&wanted),
            #[cfg(feature = "parquet")]
            Content::Parquet(t) => t.columns(&wanted),
        }
    }

    /// Counts the rows.
    ///
    /// ```
    /// use closedform::data::Table;
    /// assert_eq!(Table::from_csv_text("x.csv", "t,y\n1,2\n3,n/a\n")?.rows()?, 2);
    /// assert!(Table::from_csv_text("x.csv", "t,y\n1,2\n3\n")?.rows().is_err());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If a row has not as many fields as the header.
    pub fn rows(&self) -> Result<usize, Error> {
        match &self.content {
            Content::Csv(t) => t.rows(),
            #[cfg(feature = "parquet")]
            Content::Parquet(t) => Ok(t.rows()),
        }
    }

    /// Reads every column as numbers.
    ///
    /// ```
    /// use closedform::data::Table;
    /// let data = Table::from_csv_text("x.csv", "t,y\n1,2\n3,4\n")?.all_columns()?;
    /// assert_eq!(data.columns(), [[1.0, 3.0], [2.0, 4.0]]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Table::columns`].
    pub fn all_columns(&self) -> Result<Dataset, Error> {
        self.columns(&self.names())
    }
}

/// The columns there are, the nearest name first where one differs in case or white space only.
pub(crate) fn listed(have: &[&str], wanted: &str) -> String {
    let plain =
        |s: &str| s.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let near = have.iter().find(|n| !plain(n).is_empty() && plain(n) == plain(wanted));
    let guess = near.map_or_else(String::new, |n| format!("did you mean `{n}`? "));
    let shown: Vec<String> = have.iter().take(30).map(|n| format!("`{n}`")).collect();
    let more = if have.len() > 30 { format!(" and {} more", have.len() - 30) } else { String::new() };
    format!("{guess}the columns are {}{more}", shown.join(", "))
}

/// The error for a file that cannot be read, with what to look at.
pub(super) fn cannot_read(path: &Path, error: std::io::Error) -> Error {
    let shown = path.display();
    if path.is_dir() {
        return Error::io(format!("cannot read {shown}: expected a file, got a folder"), error);
    }
    if error.kind() == std::io::ErrorKind::NotFound {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
        let hint = match folder {
            Some(folder) if !folder.is_dir() => format!("there is no folder {}", folder.display()),
            Some(folder) => format!("the folder {} exists, the file does not", folder.display()),
            None => match std::env::current_dir() {
                Ok(here) => format!("looked in {}", here.display()),
                Err(_) => "looked in the current folder".to_string(),
            },
        };
        return Error::io(format!("cannot read {shown} ({hint})"), error);
    }
    Error::io(format!("cannot read {shown}"), error)
}
