//! Text tables (CSV, semicolons, tabs) to columns.
//!
//! The rule for the delimiter: of comma, semicolon and tab, the one that splits the header and the first row into
//! the same number of fields, more than one, and into the most; where none does, the one that splits the header
//! into the most; on a tie the first of the three.

use super::number::{self, Field};
use super::origin::Origin;
use super::{Dataset, Variable};
use crate::error::Error;
use ::csv::{Reader, ReaderBuilder, StringRecord, Trim};

/// A text table whose header has been read and checked.
#[derive(Clone, Debug)]
pub(super) struct CsvText {
    file: String,
    text: String,
    delimiter: u8,
    names: Vec<String>,
}

impl CsvText {
    /// Reads and checks the header. `file` is the name shown in messages.
    pub(super) fn new(file: String, bytes: Vec<u8>) -> Result<Self, Error> {
        let text = decode(&file, bytes)?;
        if text.trim().is_empty() {
            return Err(Error::data(format!(
                "{file}: the file is empty; expected a header row with the column names and rows of numbers"
            )));
        }
        let delimiter = delimiter(&text);
        let mut header = StringRecord::new();
        reader(&text, delimiter)
            .read_record(&mut header)
            .map_err(|e| Error::data(format!("{file}: the header row cannot be read: {e}")))?;
        let names: Vec<String> = header.iter().map(str::to_string).collect();
        if names.iter().all(|n| number::is_number(n)) {
            return Err(Error::data(format!(
                "{file}, row 1: expected column names, got only numbers; put a header row such as \
                 `{}` above the first row",
                (1..names.len()).map(|i| format!("x{i},")).collect::<String>() + "y"
            )));
        }
        check_names(&file, &names)?;
        Ok(Self { file, text, delimiter, names })
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn rows(&self) -> Result<usize, Error> {
        let (mut rows, mut records) = (0, Records::after_header(self));
        while records.next()?.is_some() {
            rows += 1;
        }
        if rows == 0 {
            return Err(self.header_only());
        }
        Ok(rows)
    }

    /// Reads the columns at these positions. Text and gaps in other columns do no harm.
    pub(super) fn columns(&self, wanted: &[usize]) -> Result<Dataset, Error> {
        let mut columns: Vec<Vec<f64>> = vec![Vec::new(); wanted.len()];
        let mut origin = Origin { file: Some(self.file.clone()), rows: Vec::new() };
        let mut records = Records::after_header(self);
        while let Some((row, record)) = records.next()? {
            for (&c, column) in wanted.iter().zip(&mut columns) {
                let field = &record[c];
                match number::parse(field) {
                    Field::Number(value) => column.push(value),
                    Field::Missing => return Err(self.missing(row, c, wanted)),
                    Field::Other { expected, hint } => {
                        return Err(Error::data(format!(
                            "{}, row {row}, column `{}`: expected {expected}, got `{}`{hint}",
                            self.file,
                            self.names[c],
                            number::shown(field)
                        )));
                    }
                }
            }
            origin.rows.push(row);
        }
        if origin.rows.is_empty() {
            return Err(self.header_only());
        }
        let variables = wanted.iter().map(|&c| Variable::new(&self.names[c])).collect();
        Dataset::from_parts(variables, columns, origin)
    }

    fn header_only(&self) -> Error {
        let open = self.names.iter().any(|n| n.contains('\n'));
        let hint = if open { " (is a quotation mark not closed?)" } else { "" };
        let file = &self.file;
        Error::data(format!("{file}: expected rows of numbers below the header, got the header only{hint}"))
    }

    /// The error for a missing value, with how many rows have one.
    fn missing(&self, row: u64, column: usize, wanted: &[usize]) -> Error {
        let (mut rows, mut gaps) = (0, 0);
        let mut records = Records::after_header(self);
        while let Ok(Some((_, record))) = records.next() {
            rows += 1;
            gaps += usize::from(wanted.iter().any(|&c| number::parse(&record[c]) == Field::Missing));
        }
        Error::data(format!(
            "{}, row {row}, column `{}`: expected a number, got a missing value; {gaps} of {rows} rows have \
             missing values: remove these rows or fill them in",
            self.file, self.names[column]
        ))
    }
}

/// The rows below the header, with their numbers.
struct Records<'a> {
    table: &'a CsvText,
    reader: Reader<&'a [u8]>,
    record: StringRecord,
    /// Bytes of the text whose line ends have been counted, and the number of the line that follows them.
    counted: usize,
    line: u64,
}

impl<'a> Records<'a> {
    fn after_header(table: &'a CsvText) -> Self {
        let mut reader = reader(&table.text, table.delimiter);
        let mut record = StringRecord::new();
        // `CsvText::new` has read it without an error.
        let _ = reader.read_record(&mut record);
        Self { table, reader, record, counted: 0, line: 1 }
    }

    /// The line on which the current record starts. The position that the reader gives is where the record before
    /// ended, in front of empty lines.
    fn row(&mut self) -> u64 {
        let bytes = self.table.text.as_bytes();
        let mut start = self.record.position().map_or(0, |p| p.byte() as usize);
        while matches!(bytes.get(start), Some(b'\n' | b'\r')) {
            start += 1;
        }
        let feeds = |i: usize| bytes[i] == b'\n' || (bytes[i] == b'\r' && bytes.get(i + 1) != Some(&b'\n'));
        self.line += (self.counted..start).filter(|&i| feeds(i)).count() as u64;
        self.counted = start;
        self.line
    }

    fn next(&mut self) -> Result<Option<(u64, &StringRecord)>, Error> {
        let (file, width) = (&self.table.file, self.table.names.len());
        loop {
            let read = self.reader.read_record(&mut self.record);
            if !read.map_err(|e| Error::data(format!("{file}: {e}")))? {
                return Ok(None);
            }
            // A line of white space alone counts as empty; the reader skips only those without any character.
            if width == 1 || self.record.len() != 1 || !self.record[0].is_empty() {
                break;
            }
        }
        let row = self.row();
        if self.record.len() != width {
            let (got, first) = (self.record.len(), &self.record[0]);
            let hint = if first.contains('\n') {
                " (is a quotation mark not closed?)"
            } else if self.table.names[0].starts_with('#') || first.starts_with('#') {
                " (remove lines of comments)"
            } else {
                ""
            };
            return Err(Error::data(format!(
                "{file}, row {row}: expected {width} field{} as in the header, got {got}{hint}",
                if width == 1 { "" } else { "s" }
            )));
        }
        Ok(Some((row, &self.record)))
    }
}

fn reader(text: &str, delimiter: u8) -> Reader<&[u8]> {
    ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes())
}

/// Bytes to text without byte order mark and without empty rows at the end.
fn decode(file: &str, bytes: Vec<u8>) -> Result<String, Error> {
    for (magic, what) in [
        (&b"PK\x03\x04"[..], "a spreadsheet or zip archive; export it as CSV"),
        (b"PAR1", "a Parquet table; name it with the ending .parquet"),
        (b"\x1f\x8b", "compressed with gzip; unpack it first"),
        (b"\xff\xfe", "UTF-16 text; save it as UTF-8"),
        (b"\xfe\xff", "UTF-16 text; save it as UTF-8"),
    ] {
        if bytes.starts_with(magic) {
            return Err(Error::data(format!("{file}: expected a text table (CSV), got {what}")));
        }
    }
    let mut text = String::from_utf8(bytes).map_err(|e| {
        let good = &e.as_bytes()[..e.utf8_error().valid_up_to()];
        let row = 1 + good.iter().filter(|b| **b == b'\n').count();
        Error::data(format!(
            "{file}, row {row}: expected UTF-8 text, got the byte 0x{:02x} at position {} of the file; save it \
             as UTF-8",
            e.as_bytes()[good.len()],
            good.len()
        ))
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    let end = |t: &str| {
        let kept = t.trim_end_matches(['\n', '\r']);
        let last = kept.rfind(['\n', '\r']).map_or(0, |i| i + 1);
        let blank = kept[last..].chars().all(|c| c.is_whitespace() || matches!(c, ',' | ';'));
        // The header stays, whatever it is.
        if blank && last > 0 { last } else { kept.len() }
    };
    let mut length = text.len();
    loop {
        let shorter = end(&text[..length]);
        if shorter == length {
            break;
        }
        length = shorter;
    }
    text.truncate(length);
    Ok(text)
}

/// See the head of the file.
fn delimiter(text: &str) -> u8 {
    let fields = |delimiter: u8| {
        let mut reader = reader(text, delimiter);
        let mut record = StringRecord::new();
        let mut count =
            || reader.read_record(&mut record).map_or(0, |more| if more { record.len() } else { 0 });
        (count(), count())
    };
    let mut best = (b',', (false, 0));
    for candidate in [b',', b';', b'\t'] {
        let (header, first) = fields(candidate);
        let score = (header == first && header > 1, header);
        if score > best.1 {
            best = (candidate, score);
        }
    }
    best.0
}

fn check_names(file: &str, names: &[String]) -> Result<(), Error> {
    for (i, name) in names.iter().enumerate() {
        if name.is_empty() {
            let hint = if i == 0 {
                " (an index without a name? write the table without it)"
            } else if i + 1 == names.len() {
                " (a delimiter at the end of the row?)"
            } else {
                ""
            };
            return Err(Error::data(format!(
                "{file}, row 1: expected a name for column {}, got nothing{hint}",
                i + 1
            )));
        }
        if let Some(k) = names[..i].iter().position(|n| n == name) {
            return Err(Error::data(format!(
                "{file}, row 1: the name `{}` is used twice, for columns {} and {}; expected a name of its own \
                 for every column",
                number::shown(name),
                k + 1,
                i + 1
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Dataset, Error> {
        let table = CsvText::new("t.csv".to_string(), text.as_bytes().to_vec())?;
        table.columns(&(0..table.names().len()).collect::<Vec<usize>>())
    }

    fn message(text: &str) -> String {
        read(text).unwrap_err().to_string()
    }

    #[test]
    fn delimiters() {
        for text in
            ["a,b\n1,2\n", "a;b\n1;2\n", "a\tb\n1\t2\n", "\"a\";\"b\"\r\n1;2\r\n", "\u{feff}a, b\n1, 2"]
        {
            let d = read(text).unwrap();
            assert_eq!(d.names(), ["a", "b"], "{text:?}");
            assert_eq!(d.columns(), [&[1.0], &[2.0]], "{text:?}");
        }
        // A comma in a name does not outweigh the semicolons that both rows agree on.
        assert_eq!(read("\"x, mm\";t, s;y\n1;2;3\n").unwrap().names(), ["x, mm", "t, s", "y"]);
        // Decimal commas do not make a comma the delimiter.
        assert_eq!(
            message("a;b\n1,5;2,5\n"),
            "t.csv, row 2, column `a`: expected a number, got `1,5` (a decimal comma: write 1.5)"
        );
    }

    #[test]
    fn rows_are_counted_as_in_a_spreadsheet() {
        assert_eq!(
            message("a,b\r\n1,2\r\n\r\n3,x\r\n"),
            "t.csv, row 4, column `b`: expected a number, got `x`"
        );
    }

    #[test]
    fn empty_rows_at_the_end() {
        for tail in ["", "\n", "\n\n\n", "\n,\n", "\r\n , \r\n\r\n", "\n   \n"] {
            assert_eq!(read(&format!("a,b\n1,2{tail}")).unwrap().rows(), 1, "{tail:?}");
        }
        // One that ends in a gap is not empty.
        assert!(
            message("a,b\n1,2\n3,\n").contains("row 3, column `b`: expected a number, got a missing value")
        );
    }

    #[test]
    fn missing_values_are_counted() {
        assert_eq!(
            message("a,b\n1,2\nNA,3\n,\n4,\n5,6\n"),
            "t.csv, row 3, column `a`: expected a number, got a missing value; 3 of 5 rows have missing values: \
             remove these rows or fill them in"
        );
    }

    #[test]
    fn headers() {
        assert!(message("1,2\n3,4\n").contains("put a header row such as `x1,y` above"));
        assert!(message("").contains("the file is empty"));
        assert!(message("\n\n").contains("the file is empty"));
        assert!(message("a,b\n").contains("got the header only"));
        assert!(message("a,\"b\n1,2\n").contains("quotation mark"));
        assert!(message("a,b,a\n1,2,3\n").contains("`a` is used twice, for columns 1 and 3"));
        assert!(message(",a\n1,2\n").contains("column 1, got nothing (an index"));
        assert!(message("a,\n1,2\n").contains("column 2, got nothing (a delimiter at the end"));
        assert_eq!(
            read("\"e\",\"x, y\",\"say \"\"hi\"\"\"\n1,2,3").unwrap().names(),
            ["e", "x, y", "say \"hi\""]
        );
    }

    #[test]
    fn ragged_rows() {
        assert_eq!(message("a,b\n1,2\n3\n"), "t.csv, row 3: expected 2 fields as in the header, got 1");
        assert_eq!(message("a,b\n1,2\n3,4,5\n"), "t.csv, row 3: expected 2 fields as in the header, got 3");
        assert!(message("# made by hand\na,b\n1,2\n").contains("(remove lines of comments)"));
    }

    #[test]
    fn files_of_other_kinds() {
        let of = |bytes: &[u8]| CsvText::new("t".to_string(), bytes.to_vec()).unwrap_err().to_string();
        assert!(of(b"PK\x03\x04...").contains("export it as CSV"));
        assert!(of(b"\xff\xfea\0").contains("UTF-16"));
        assert_eq!(
            of(b"a,b\n1,\xe9\n"),
            "t, row 2: expected UTF-8 text, got the byte 0xe9 at position 6 of the file; save it as UTF-8"
        );
    }
}
