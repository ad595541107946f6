//! Tables: CSV and Parquet in, checks, splits, scaling.

use closedform::data::Table;
use closedform::expr::{Expr, Op};
use closedform::{Dataset, ErrorKind, Scaler, Split, Variable, VariableKind};
use proptest::prelude::*;

fn columns(names: &[&str], columns: &[&[f64]]) -> Result<Dataset, closedform::Error> {
    Dataset::from_columns(
        names.iter().map(|n| Variable::new(*n)).collect(),
        columns.iter().map(|c| c.to_vec()).collect(),
    )
}

fn message<T: std::fmt::Debug>(result: Result<T, closedform::Error>) -> String {
    result.unwrap_err().to_string()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

proptest! {
    #[test]
    fn split_is_a_partition(rows in 0usize..200, fraction in -0.5f64..1.5, seed: u64) {
        let split = Split::random(rows, fraction, seed);
        let mut all: Vec<usize> = split.train.iter().chain(&split.validation).copied().collect();
        all.sort_unstable();
        prop_assert_eq!(all, (0..rows).collect::<Vec<usize>>());
        prop_assert!(split.train.is_sorted() && split.validation.is_sorted());
        prop_assert!(rows == 0 || !split.train.is_empty());
        prop_assert_eq!(split, Split::random(rows, fraction, seed));
    }

    #[test]
    fn scaling_is_undone_exactly(
        column in prop::collection::vec(-1e9f64..1e9, 2..20),
        exponent in -100i32..100,
        a in -5.0f64..5.0,
    ) {
        let column: Vec<f64> = column.iter().map(|x| x * f64::from(exponent).exp2()).collect();
        let scaler = Scaler::fit(&[&column]);
        let scaled = scaler.apply(&[&column]);
        prop_assert_eq!(scaler.factors()[0].log2().fract(), 0.0);
        for (s, x) in scaled[0].iter().zip(&column) {
            prop_assert_eq!(s * scaler.factors()[0], *x);
        }
        // exp(a*x) over scaled columns, and the same law over the original ones.
        let law = (Expr::parameter(a) * Expr::variable(0)).apply(Op::Exp);
        let original = scaler.undo(&law);
        let left = law.evaluate(&[&scaled[0]]);
        let right = original.evaluate(&[&column]);
        prop_assert_eq!(left, right);
    }

    #[test]
    fn any_names_and_numbers_survive_a_file(
        names in prop::collection::btree_set("[^\r\n]{0,11}[a-zα-ω%#\"]", 1..5),
        rows in prop::collection::vec(prop::num::f64::NORMAL | prop::num::f64::ZERO, 1..20),
        semicolon: bool,
    ) {
        let names: Vec<String> = names.iter().map(|n| n.trim().to_string()).collect();
        prop_assume!(names.iter().enumerate().all(|(i, n)| !names[..i].contains(n)));
        prop_assume!(names.iter().any(|n| n.parse::<f64>().is_err()));
        let delimiter = if semicolon { ";" } else { "," };
        let header: Vec<String> = names.iter().map(|n| quoted(n)).collect();
        let mut text = header.join(delimiter) + "\r\n";
        for r in &rows {
            let fields: Vec<String> = names.iter().map(|_| format!("{r:e}")).collect();
            text += &(fields.join(delimiter) + "\r\n");
        }
        let data = Table::from_csv_text("t.csv", &text)?.all_columns()?;
        prop_assert_eq!(data.names(), names);
        for column in data.columns() {
            prop_assert_eq!(column, &rows[..]);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(table) = Table::from_csv_bytes("t.csv", bytes) {
            let _ = table.all_columns();
        }
    }

    #[test]
    fn arbitrary_tables_never_panic(text in "[0-9a,;\t\"\r\n .eN-]{0,80}") {
        if let Ok(table) = Table::from_csv_text("t.csv", &text) {
            let _ = table.all_columns();
        }
    }
}

#[test]
fn kinds_and_ranges_are_checked_with_the_row_of_the_file() {
    let data =
        Table::from_csv_text("t.csv", "p,n,y\n0.5,1,1\n\n1.5,2.5,-1\n").unwrap().all_columns().unwrap();
    let describe = |v: Variable| message(data.clone().describe(v));
    assert_eq!(
        describe(Variable::new("p").kind(VariableKind::Probability)),
        "t.csv, row 4, column `p`: expected a probability between 0 and 1, got 1.5"
    );
    assert_eq!(
        describe(Variable::new("n").kind(VariableKind::Integer)),
        "t.csv, row 4, column `n`: expected an integer, got 2.5"
    );
    assert_eq!(
        describe(Variable::new("y").kind(VariableKind::Count)),
        "t.csv, row 4, column `y`: expected a count (0, 1, 2, ...), got -1"
    );
    assert_eq!(
        describe(Variable::new("p").range(0.0, 1.0)),
        "t.csv, row 4, column `p`: expected a value between 0 and 1, got 1.5"
    );
    assert!(describe(Variable::new("p").range(1.0, 0.0)).contains("expected a lower and an upper end"));
    assert!(describe(Variable::new("P")).contains("there is no column `P`; did you mean `p`?"));
    assert_eq!(
        message(data.clone().weights_from("y")),
        "t.csv, row 4, column `y`: expected a weight of 0 or more, got -1"
    );
    let part = data.select(&[1]);
    assert!(message(part.describe(Variable::new("p").range(0.0, 1.0))).starts_with("t.csv, row 4"));
}

#[test]
fn targets_features_weights() {
    let data = columns(&["a", "b", "y"], &[&[1.0, 2.0], &[3.0, 4.0], &[5.0, 6.0]]).unwrap();
    let fitted = data.clone().target("y").unwrap().weights_from("a").unwrap();
    assert_eq!((fitted.names(), fitted.weights()), (vec!["b"], Some(&[1.0, 2.0][..])));
    assert_eq!(data.clone().last_column_as_target().unwrap().target_variable().unwrap().name, "y");
    assert_eq!(data.clone().features(&["b", "a"]).unwrap().names(), ["b", "a"]);
    assert!(message(data.clone().features(&["b", "b"])).contains("asked for twice"));
    assert!(message(data.clone().features::<&str>(&[])).contains("no feature"));
    assert!(
        message(data.clone().target("z")).contains("there is no column `z`; the columns are `a`, `b`, `y`")
    );
    let with_target = data.clone().target("y").unwrap();
    assert!(message(with_target.features(&["y"])).contains("the column `y` is the target"));
    assert!(
        message(data.clone().with_target(Variable::new("a"), vec![1.0, 2.0])).contains("name of an input")
    );
    assert!(message(data.clone().with_weights(vec![1.0])).contains("got 1 weights for 2 rows"));
    assert!(message(data.clone().with_weights(vec![0.0, 0.0])).contains("all weights are zero"));
    assert!(message(data.with_weights(vec![1.0, f64::NAN])).contains("row 2"));
    // The only column as weights: an error later, not a panic.
    let lone = columns(&["w"], &[&[1.0, 2.0]]).unwrap().weights_from("w").unwrap();
    assert_eq!(lone.rows(), 2);
    assert!(
        message(lone.with_target(Variable::new("y"), vec![1.0, 2.0])).contains("no input column is left")
    );
}

#[test]
fn what_cannot_be_fitted() {
    let check = |data: Dataset| message(data.check_fittable());
    let data = |x: &[f64], y: &[f64]| columns(&["x", "y"], &[x, y]).unwrap().target("y").unwrap();
    assert!(check(data(&[1.0], &[2.0])).contains("expected at least 2 rows, got 1"));
    assert!(check(data(&[1.0, 2.0], &[2.0, 2.0])).contains("`y` is 2 in every row"));
    assert!(check(data(&[1.0, 2.0], &[2e-200, 2e-200])).contains("`y` is 2e-200 in every row"));
    assert!(check(data(&[1.0, 2.0], &[1e-200, 2e-200])).contains("multiply it by a constant"));
    assert!(check(columns(&["x"], &[&[1.0, 2.0]]).unwrap()).contains("no column is marked"));
    let weighted = data(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0]);
    assert!(
        check(weighted.clone().with_weights(vec![0.0, 1.0, 0.0]).unwrap()).contains("of positive weight")
    );
    assert!(weighted.with_weights(vec![0.0, 1.0, 1.0]).unwrap().check_fittable().is_ok());
    let wide = columns(&["a", "b", "c", "y"], &[&[1.0, 2.0][..]; 4]).unwrap().target("y").unwrap();
    assert!(check(wide).contains("got 2 rows and 3 inputs"));
}

#[test]
fn columns_that_are_not_asked_for_may_hold_anything() {
    let table = Table::from_csv_text("t.csv", "name;x;y;note\nann;1;2;\nbob;3;4;late\n").unwrap();
    let data = table.columns(&["y", "x"]).unwrap();
    assert_eq!((data.names(), data.columns()[0]), (vec!["y", "x"], &[2.0, 4.0][..]));
    assert_eq!(message(table.all_columns()), "t.csv, row 2, column `name`: expected a number, got `ann`");
    assert!(message(table.columns(&["x", "x"])).contains("asked for twice"));
    assert!(message(table.columns(&["z"])).contains("no column `z`"));
}

#[test]
fn files_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Dataset::from_csv(folder.path().join("a/b.csv")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Io);
    assert!(missing.to_string().contains("there is no folder"), "{missing}");
    let missing = message(Dataset::from_csv(folder.path().join("b.csv")));
    assert!(missing.contains("exists, the file does not"), "{missing}");
    assert!(message(Dataset::from_csv(folder.path())).contains("expected a file, got a folder"));
    assert!(message(Dataset::from_path(folder.path().join("b.parquet"))).contains("cannot read"));
}

#[cfg(feature = "parquet")]
mod parquet_files {
    use super::*;
    use parquet::basic::Compression;
    use parquet::data_type::{ByteArrayType, DoubleType, FloatType, Int32Type, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    /// Two row groups of two rows each; the optional column has a gap in the last row.
    fn write(folder: &Path) -> PathBuf {
        let path = folder.join("t.parquet");
        let schema = "message t { required double x; required int32 n; required int64 big (UINT_64);
            required float f; optional double gap; required binary text (UTF8); required int32 day (DATE); }";
        let schema = Arc::new(parquet::schema::parser::parse_message_type(schema).unwrap());
        let properties = Arc::new(WriterProperties::builder().set_compression(Compression::SNAPPY).build());
        let file = std::fs::File::create(&path).unwrap();
        let mut writer = SerializedFileWriter::new(file, schema, properties).unwrap();
        for g in 0..2 {
            let at = f64::from(g) * 2.0;
            let mut group = writer.next_row_group().unwrap();
            macro_rules! column {
                ($kind:ty, $values:expr, $levels:expr) => {
                    let mut column = group.next_column().unwrap().unwrap();
                    column.typed::<$kind>().write_batch($values, $levels, None).unwrap();
                    column.close().unwrap();
                };
            }
            column!(DoubleType, &[at + 0.5, at + 1.5], None);
            column!(Int32Type, &[-1, 7], None);
            column!(Int64Type, &[1, -1], None);
            column!(FloatType, &[0.25, 0.5], None);
            let (values, levels): (&[f64], &[i16]) =
                if g == 0 { (&[1.0, 2.0], &[1, 1]) } else { (&[3.0], &[1, 0]) };
            column!(DoubleType, values, Some(levels));
            column!(ByteArrayType, &["a".into(), "b".into()], None);
            column!(Int32Type, &[1, 2], None);
            group.close().unwrap();
        }
        writer.close().unwrap();
        path
    }

    #[test]
    fn numbers_of_every_type() {
        let folder = tempfile::tempdir().unwrap();
        let table = Table::open(write(folder.path())).unwrap();
        assert_eq!(table.names(), ["x", "n", "big", "f", "gap", "text", "day"]);
        let data = table.columns(&["f", "x", "n", "big"]).unwrap();
        assert_eq!(data.columns()[0], [0.25, 0.5, 0.25, 0.5]);
        assert_eq!(data.columns()[1], [0.5, 1.5, 2.5, 3.5]);
        assert_eq!(data.columns()[2], [-1.0, 7.0, -1.0, 7.0]);
        assert_eq!(data.columns()[3], [1.0, u64::MAX as f64, 1.0, u64::MAX as f64]);
    }

    #[test]
    fn errors_name_the_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = write(folder.path());
        let table = Table::open(&path).unwrap();
        assert!(
            message(table.columns(&["gap"]))
                .ends_with("row 4, column `gap`: expected a number, got a missing value")
        );
        assert!(message(table.columns(&["text"])).contains("column `text`: expected floating-point"));
        assert!(message(table.columns(&["day"])).contains("column `day`: expected floating-point"));
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert!(message(Table::open(&path)).contains("expected a Parquet file"));
        std::fs::write(&path, "x,y\n1,2\n").unwrap();
        assert!(message(Table::open(&path)).contains("expected a Parquet file"));
        assert!(message(Table::open(folder.path().join("no.parquet"))).contains("the file does not"));
        std::fs::create_dir(folder.path().join("d.parquet")).unwrap();
        assert!(message(Table::open(folder.path().join("d.parquet"))).contains("got a folder"));
    }
}
