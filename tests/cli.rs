//! The program as people run it: what it prints, its exit codes, and what it leaves behind.
//!
//! Help texts and messages are snapshots in `tests/snapshots`; `INSTA_UPDATE=always cargo test --test cli` takes new
//! ones, to be read before they are committed.

#![cfg(feature = "cli")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A folder with files in it, in which the program runs.
struct Place {
    folder: TempDir,
}

#[derive(Debug)]
struct Outcome {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn with(files: &[(&str, &[u8])]) -> Self {
        let place = Self::new();
        for (name, content) in files {
            place.write(name, content);
        }
        place
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_closedform"));
        command.args(arguments).current_dir(self.folder.path()).env_remove("COLUMNS");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        outcome(self.command(arguments).output().unwrap())
    }

    fn run_with_input(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        outcome(child.wait_with_output().unwrap())
    }

    /// All files and folders, also hidden ones.
    fn files(&self) -> Vec<String> {
        fn walk(folder: &Path, root: &Path, all: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                all.push(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
                if path.is_dir() {
                    walk(&path, root, all);
                }
            }
        }
        let mut all = Vec::new();
        walk(self.folder.path(), self.folder.path(), &mut all);
        all.sort();
        all
    }
}

fn outcome(output: std::process::Output) -> Outcome {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Outcome { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// A search that takes milliseconds.
const QUICK: [&str; 10] =
    ["--strategy", "darts", "--primitives", "seed", "--nodes", "1", "--epochs", "1", "--restarts", "1"];

fn fit<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&["fit"], arguments, &QUICK[..]].concat()
}

/// `y = 2 x + 3` on a grid of `x` and `u`.
fn line() -> String {
    let rows = (0..24).map(|i| format!("{},{},{}\n", i % 8, i / 8, 2 * (i % 8) + 3));
    "x,u,y\n".to_string() + &rows.collect::<String>()
}

/// A model of [`line`], found once.
fn model() -> &'static str {
    static MODEL: OnceLock<String> = OnceLock::new();
    MODEL.get_or_init(|| {
        let place = Place::with(&[("line.csv", line().as_bytes())]);
        let done = place.run(&fit(&["line.csv", "--format", "json"]));
        assert_eq!(done.code, Some(0), "{done:?}");
        done.out
    })
}

/// Tables that cannot be read or fitted: name of the case, content, more arguments, what is said.
const BAD_TABLES: &[(&str, &[u8], &[&str], &str)] = &[
    ("empty file", b"", &[], "d.csv: the file is empty; expected a header row"),
    ("header only", b"x,y\n", &[], "d.csv: expected rows of numbers below the header, got the header only"),
    ("no header", b"1,2\n3,4\n", &[], "d.csv, row 1: expected column names, got only numbers"),
    ("text", b"x,y\n1,2\n3,abc\n", &[], "d.csv, row 3, column `y`: expected a number, got `abc`"),
    ("NaN", b"x,y\n1,2\nNaN,4\n", &[], "d.csv, row 3, column `x`: expected a finite number, got `NaN`"),
    ("inf", b"x,y\n1,-inf\n3,4\n", &[], "d.csv, row 2, column `y`: expected a finite number, got `-inf`"),
    ("overflow", b"x,y\n1,1e999\n", &[], "d.csv, row 2, column `y`: expected a number of at most 1.8e308"),
    (
        "gap",
        b"x,y\n1,2\n3,\n4,NA\n5,6\n",
        &[],
        "row 3, column `y`: expected a number, got a missing value; 2 of 4 rows",
    ),
    (
        "decimal comma",
        b"x;y\n1;2,5\n",
        &[],
        "row 2, column `y`: expected a number, got `2,5` (a decimal comma: write 2.5)",
    ),
    ("thousands", b"x,y\n1,\"2,345,678\"\n", &[], "got `2,345,678` (thousands separators: write 2345678)"),
    ("spaces", b"x y\n1 2\n3 4\n", &[], "columns separated by spaces? use commas, semicolons or tabs"),
    ("short row", b"x,y\n1,2\n3\n", &[], "d.csv, row 3: expected 2 fields as in the header, got 1"),
    ("long row", b"x,y\n1,2\n3,4,5\n", &[], "d.csv, row 3: expected 2 fields as in the header, got 3"),
    ("duplicate names", b"x,y,x\n1,2,3\n", &[], "the name `x` is used twice, for columns 1 and 3"),
    ("empty name", b",x,y\n0,1,2\n", &[], "d.csv, row 1: expected a name for column 1, got nothing"),
    ("open quote", b"x,y\n1,\"2\n3,4\n", &[], "is a quotation mark not closed?"),
    (
        "not UTF-8",
        b"x,y\n1,\xff\n",
        &[],
        "d.csv, row 2: expected UTF-8 text, got the byte 0xff at position 6",
    ),
    ("UTF-16", b"\xff\xfex\0,\0", &[], "UTF-16 text; save it as UTF-8"),
    ("zip", b"PK\x03\x04....", &[], "a spreadsheet or zip archive; export it as CSV"),
    ("one row", b"x,y\n1,2\n", &[], "d.csv: expected at least 2 rows, got 1"),
    ("constant target", b"x,y\n1,5\n2,5\n3,5\n", &[], "d.csv: the target `y` is 5 in every row"),
    ("wide table", b"a,b,c,y\n1,2,3,4\n5,6,7,8\n", &[], "got 2 rows and 3 inputs"),
    ("one column", b"y\n1\n2\n", &[], "no input column is left beside the target `y`"),
    ("missing target", b"x,y\n1,2\n3,4\n", &["--target", "Y"], "there is no column `Y`; did you mean `y`?"),
    (
        "missing feature",
        b"x,y\n1,2\n3,4\n",
        &["--features", "x,z"],
        "there is no column `z`; the columns are `x`, `y`",
    ),
    ("missing weights", b"x,y\n1,2\n3,4\n", &["--weights", "w"], "there is no column `w`"),
    (
        "negative weight",
        b"x,w,y\n1,1,2\n3,-1,4\n",
        &["--weights", "w"],
        "row 3, column `w`: expected a weight of 0 or more, got -1",
    ),
    ("zero weights", b"x,w,y\n1,0,2\n3,0,4\n", &["--weights", "w"], "all weights are zero, column `w`"),
    (
        "no probability",
        b"x,y\n1,0.5\n2,1.5\n",
        &["--describe", "y: kind=probability"],
        "row 3, column `y`: expected a probability between 0 and 1, got 1.5",
    ),
    (
        "no count",
        b"x,y\n1,1\n2,2.5\n",
        &["--describe", "y: kind=count"],
        "expected a count (0, 1, 2, ...), got 2.5",
    ),
    (
        "out of range",
        b"x,y\n1,1\n2,2\n",
        &["--describe", "x: range=0..1"],
        "row 3, column `x`: expected a value between 0 and 1, got 2",
    ),
    ("text column", b"name,x,y\nann,1,2\nbob,3,4\n", &[], "--features names the columns to use"),
];

#[test]
fn bad_tables_are_named_with_the_place() {
    for (case, content, more, said) in BAD_TABLES {
        let place = Place::with(&[("d.csv", content)]);
        let done = place.run(&[&fit(&["d.csv", "--out", "result", "--time-limit", "5"]), *more].concat());
        assert_eq!(done.code, Some(1), "{case}: {done:?}");
        assert!(done.err.starts_with("error: ") && done.err.contains(said), "{case}: {}", done.err);
        assert!(!done.err.contains("panicked"), "{case}: {}", done.err);
        assert_eq!(done.out, "", "{case}");
        assert_eq!(place.files(), ["d.csv"], "{case}");
    }
}

/// Wrong usage: arguments, what is said.
const BAD_USAGE: &[(&[&str], &str)] = &[
    (&[], "Usage: closedform"),
    (&["fit"], "<DATA>"),
    (&["fits", "d.csv"], "unrecognized subcommand 'fits'"),
    (&["fit", "d.csv", "--tarjet", "y"], "unexpected argument '--tarjet'"),
    (&["fit", "d.csv", "--strategy", "magic"], "invalid value 'magic' for '--strategy <NAME>'"),
    (&["fit", "d.csv", "--primitives", "exp,magic"], "unknown primitive `magic`"),
    (&["fit", "d.csv", "--primitives", "exp,,ln"], "a name is missing between two commas"),
    (&["fit", "d.csv", "--time-limit", "-1"], "expected a number of seconds above 0"),
    (
        &["fit", "d.csv", "--time-limit", "soon"],
        "expected a number of seconds above 0, or `none`, got `soon`",
    ),
    (&["fit", "d.csv", "--threads", "0"], "0 is not in 1.."),
    (&["fit", "d.csv", "--seed", "x"], "invalid value 'x' for '--seed <N>'"),
    (&["fit", "d.csv", "--nodes", "0"], "nodes: expected 1 or more"),
    (
        &["fit", "d.csv", "--validation-fraction", "1"],
        "validation_fraction: expected a number from 0 to 0.9, got 1",
    ),
    (&["fit", "d.csv", "--without", "everything"], "invalid value 'everything' for '--without <STAGE,...>'"),
    (
        &["fit", "d.csv", "--criterion", "luck"],
        "[possible values: description-length, bic, aic, validation, accuracy]",
    ),
    (&["fit", "d.csv", "--combine", "both,sum"], "[possible values: sum, product, both]"),
    (&["fit", "d.csv", "--output-type", "class"], "invalid value 'class'"),
    (&["fit", "d.csv", "--format", "xml"], "[possible values: text, json]"),
    (&["fit", "d.csv", "--grad-clip", "0"], "grad_clip: expected a number above 0, got 0"),
    (&["fit", "d.csv", "--darts-type", "unfair"], "[possible values: original, fair]"),
    (&["fit", "d.csv", "--features", "x,,u"], "a name is missing between two commas"),
    (
        &["fit", "d.csv", "--features", "x,y", "--target", "y"],
        "the column `y` cannot be both an input and the target",
    ),
    (
        &["fit", "d.csv", "--target", "y", "--weights", "y"],
        "the column `y` cannot be both target and weights",
    ),
    (&["fit", "d.csv", "--describe", "x: unit"], "expected key=value, got `unit`"),
    (&["fit", "d.csv", "--describe", "z: unit=s"], "a column among `x`, `u`, `y`"),
    (&["fit", "d.csv", "--trace"], "--out <DIR>"),
    (&["show", "m.json", "--as", "cobol"], "invalid value 'cobol'"),
    (&["show", "m.json", "--as", "formula", "--index", "99"], "--index 99: expected a formula from 0 to"),
    (&["show", "m.json", "--as", "json", "--index", "0"], "this form shows the whole model"),
    (&["show", "m.json", "--as", "c", "--digits", "3"], "--digits goes with"),
    (&["show", "m.json", "--as", "latex", "--digits", "0"], "expected `all` or a number from 1 to 17"),
    (&["plot", "m.json", "d.csv", "--out", "f.pdf"], "expected a name that ends in .png or .svg"),
    (
        &["plot", "m.json", "d.csv", "--out", "f.png", "--over", "z"],
        "over: expected an input column, one of x, u; got `z`",
    ),
    (&["plot", "m.json", "d.csv", "--out", "f.png", "--hold", "u"], "expected COLUMN=VALUE"),
    (&["plot", "m.json", "d.csv", "--out", "f.png", "--hold", "u=a"], "expected COLUMN=VALUE"),
    (
        &["plot", "m.json", "d.csv", "--out", "f.png", "--kind", "front", "--over", "x"],
        "go with --kind curves",
    ),
    (&["refit", "m.json", "d.csv", "--nodes", "7"], "nodes: the model was found with 1"),
    (&["refit", "m.json", "d.csv", "--primitives", "science"], "primitives: the model was found with"),
    (&["primitives", "--set", "magic"], "unknown primitive `magic`"),
];

#[test]
fn wrong_usage_has_exit_code_2() {
    let place = Place::with(&[("d.csv", line().as_bytes()), ("m.json", model().as_bytes())]);
    for (arguments, said) in BAD_USAGE {
        let done = place.run(arguments);
        assert_eq!(done.code, Some(2), "{arguments:?}: {done:?}");
        assert!(done.err.contains(said), "{arguments:?}: {}", done.err);
        assert!(!done.err.contains("panicked"), "{arguments:?}: {}", done.err);
        assert_eq!(done.out, "", "{arguments:?}");
        assert_eq!(place.files(), ["d.csv", "m.json"], "{arguments:?}");
    }
}

#[test]
fn files_that_cannot_be_read() {
    let place = Place::with(&[("d.csv", line().as_bytes()), ("m.json", model().as_bytes())]);
    std::fs::create_dir(place.path("folder")).unwrap();
    let before = place.files();
    for (arguments, said) in [
        (&["fit", "no.csv"][..], "cannot read no.csv (looked in "),
        (&["fit", "folder/no.csv"], "(the folder folder exists, the file does not)"),
        (&["fit", "nowhere/no.csv"], "(there is no folder nowhere)"),
        (&["fit", "folder"], "cannot read folder: expected a file, got a folder"),
        (&["fit", "no.parquet"], "cannot read no.parquet"),
        (&["show", "no.json"], "cannot read no.json"),
        (&["show", "folder"], "cannot read folder"),
        (&["predict", "m.json", "no.csv"], "cannot read no.csv"),
        (&["refit", "m.json", "d.csv", "--architecture", "no.json"], "cannot read no.json"),
    ] {
        let done = place.run(arguments);
        assert_eq!(done.code, Some(1), "{arguments:?}: {done:?}");
        assert!(done.err.starts_with("error: ") && done.err.contains(said), "{arguments:?}: {}", done.err);
        assert_eq!(done.err.matches("No such file").count(), usize::from(!arguments.contains(&"folder")));
    }
    assert_eq!(place.files(), before);
}

#[test]
fn bad_models() {
    let cut = |n: usize| &model().as_bytes()[..n];
    let other = |from: &str, to: &str| {
        assert!(model().contains(from));
        model().replacen(from, to, 1).into_bytes()
    };
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("", Vec::new()),
        ("cut", cut(model().len() / 2).to_vec()),
        ("cut at the end", cut(model().len() - 3).to_vec()),
        ("version", other("\"version\":1", "\"version\":99")),
        ("format", other("closedform-model", "other-model")),
        ("a table", line().into_bytes()),
        ("a list", b"[1, 2]".to_vec()),
        ("no text", b"\xff\xfe{".to_vec()),
    ];
    for (case, content) in cases {
        let place = Place::with(&[("d.csv", line().as_bytes()), ("m.json", &content)]);
        for arguments in [
            &["show", "m.json", "--as", "formula"][..],
            &["predict", "m.json", "d.csv", "--out", "p.csv"],
            &["plot", "m.json", "d.csv", "--out", "f.png"],
            &["refit", "m.json", "d.csv", "--out", "r"],
        ] {
            let done = place.run(arguments);
            assert_eq!(done.code, Some(1), "{case}: {done:?}");
            assert!(done.err.starts_with("error: m.json: "), "{case}: {}", done.err);
            assert!(!done.err.contains("panicked"), "{case}: {}", done.err);
            assert_eq!(place.files(), ["d.csv", "m.json"], "{case}");
        }
    }
    let place = Place::with(&[("m.json", &other("\"version\":1", "\"version\":99"))]);
    assert!(place.run(&["show", "m.json"]).err.contains("99"), "the version is named");
}

#[test]
fn places_that_cannot_be_written() {
    let place = Place::with(&[("d.csv", line().as_bytes()), ("m.json", model().as_bytes())]);
    let before = place.files();
    for arguments in [
        &fit(&["d.csv", "--out", "d.csv"])[..],
        &fit(&["d.csv", "--out", "d.csv/deeper"]),
        &fit(&["d.csv", "--out", "/proc/closedform"]),
        &["predict", "m.json", "d.csv", "--out", "nowhere/p.csv"],
        &["predict", "m.json", "d.csv", "--out", "."],
        &["plot", "m.json", "d.csv", "--out", "nowhere/f.png"],
    ] {
        let done = place.run(arguments);
        assert_eq!(done.code, Some(1), "{arguments:?}: {done:?}");
        assert!(done.err.starts_with("error: cannot write"), "{arguments:?}: {}", done.err);
        assert_eq!(place.files(), before, "{arguments:?}");
    }
}

#[test]
fn fit_prints_text_and_writes_a_folder() {
    let place = Place::with(&[("line.csv", line().as_bytes())]);
    let done = place.run(&fit(&["line.csv", "--out", "a/b", "--trace"]));
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.out.starts_with("y = 2*x + 3\n\nR2 1.000000, MSE "), "{}", done.out);
    assert!(done.out.contains("\nended: ") && done.out.contains("strategy darts, seed 0"), "{}", done.out);
    let written = [
        "a",
        "a/b",
        "a/b/architecture.png",
        "a/b/curves.png",
        "a/b/formula.txt",
        "a/b/front.csv",
        "a/b/front.png",
        "a/b/model.json",
        "a/b/parity.png",
        "a/b/residuals.png",
        "a/b/trace.csv",
        "a/b/trajectories.png",
        "line.csv",
    ];
    assert_eq!(place.files(), written);
    assert!(place.read("a/b/formula.txt").starts_with("y = 2*x + 3\n"));
    assert!(place.read("a/b/front.csv").starts_with("index,chosen,complexity,mse,r2,"));
    assert!(place.read("a/b/trace.csv").starts_with("restart,epoch,loss,w0,"));
    // Again into the same folder, and the same bytes for another number of threads.
    let first = place.read("a/b/model.json");
    let done = place.run(&fit(&["line.csv", "--out", "a/b", "--trace", "--threads", "1"]));
    assert_eq!((done.code, place.read("a/b/model.json") == first), (Some(0), true), "{done:?}");
    assert_eq!(place.files(), written);
}

#[test]
fn fit_as_json_prints_one_object_and_nothing_else() {
    let value: serde_json::Value = serde_json::from_str(model()).unwrap();
    assert_eq!(value["format"], "closedform-model");
    assert_eq!(value["version"], 1);
    for equation in value["front"].as_array().unwrap().iter().chain([&value["best"]]) {
        for key in ["formula", "sympy", "latex", "complexity", "mse", "r2", "constants"] {
            assert!(!equation[key].is_null(), "{key}: {equation}");
        }
    }
    for key in ["strategy", "stop_reason", "seed", "threads", "wall_seconds", "evaluations"] {
        assert!(!value["report"][key].is_null(), "{key}");
    }
    assert!(model().ends_with("}\n") && model().lines().count() == 1);
}

#[test]
fn roles_of_columns() {
    // The last column is text, the target is named, one row does not count.
    let table = "x;w;y;note\n0;1;1;a\n1;1;3;\n2;1;5;c\n3;0;99;d\n4;1;9;e\n5;1;11;f\n";
    let place = Place::with(&[("t.csv", table.as_bytes())]);
    let done = place.run(&fit(&["t.csv", "--target", "y", "--features", "x", "--weights", "w"]));
    assert!(done.code == Some(0) && done.out.starts_with("y = 2*x + 1\n"), "{done:?}");
    // From standard input, with names that are no identifiers.
    let table = "\"x, mm\",%,λ\n0,5,1\n1,7,3\n2,1,5\n3,2,7\n4,9,9\n5,0,11\n";
    let done = place.run_with_input(&fit(&["-", "--features", "\"x, mm\""]), table);
    assert!(done.code == Some(0) && done.out.starts_with("λ = "), "{done:?}");
    let done = place.run_with_input(&fit(&["-"]), "x,y\n1,2\nx,4\n");
    assert!(done.err.starts_with("error: standard input, row 3, column `x`"), "{done:?}");
}

#[test]
fn predict_finds_columns_by_name() {
    let place = Place::with(&[("m.json", model().as_bytes())]);
    // Another order, no target, no column that the formula does not read, one of text.
    place.write("new.csv", "name,x\nann,10\nbob,-1\n");
    let done = place.run(&["predict", "m.json", "new.csv"]);
    assert_eq!((done.code, done.out.as_str()), (Some(0), "y\n23.0\n1.0\n"), "{done:?}");
    let done = place.run(&["predict", "m.json", "new.csv", "--out", "p.csv"]);
    assert_eq!((done.code, done.out.as_str()), (Some(0), ""), "{done:?}");
    assert_eq!(place.read("p.csv"), "y\n23.0\n1.0\n");
    place.write("new.csv", "z\n1\n");
    let done = place.run(&["predict", "m.json", "new.csv", "--out", "q.csv"]);
    assert_eq!(done.code, Some(1));
    assert!(
        done.err.starts_with("error: new.csv: the formula reads the column `x`, which is not there"),
        "{done:?}"
    );
    place.write("new.csv", "x\n1\n1e308\n");
    let done = place.run(&["predict", "m.json", "new.csv", "--out", "q.csv"]);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.err.contains("row 3") && done.err.contains("no finite value"), "{done:?}");
    assert_eq!(place.files(), ["m.json", "new.csv", "p.csv"]);
    let done = place.run(&["predict", "m.json", "new.csv", "--allow-nan"]);
    assert_eq!((done.code, done.out.as_str()), (Some(0), "y\n5.0\nNaN\n"), "{done:?}");
}

#[test]
fn show_in_every_form() {
    let place = Place::with(&[("m.json", model().as_bytes())]);
    for (form, said) in [
        ("formula", "2*x + 3\n"),
        ("latex", "2 x + 3\n"),
        ("sympy", "2*x + 3\n"),
        ("python", "def f("),
        ("rust", "fn f("),
        ("c", "double f("),
        ("exmex", "x"),
        ("json", "{\"format\":\"closedform-model\""),
        ("architecture", "{"),
        ("summary", "formulas by complexity"),
    ] {
        let done = place.run(&["show", "m.json", "--as", form]);
        assert!(done.code == Some(0) && done.out.contains(said), "{form}: {done:?}");
        assert!(done.err.is_empty(), "{form}: {done:?}");
    }
    assert_eq!(place.run(&["show", "m.json", "--as", "json"]).out, model());
}

#[test]
fn plot_writes_every_kind() {
    let place = Place::with(&[("d.csv", line().as_bytes()), ("m.json", model().as_bytes())]);
    for kind in ["curves", "front", "parity", "residuals", "architecture"] {
        for ending in ["png", "svg"] {
            let file = format!("{kind}.{ending}");
            let done = place.run(&["plot", "m.json", "d.csv", "--kind", kind, "--out", &file]);
            assert_eq!(done.code, Some(0), "{done:?}");
            assert!(std::fs::metadata(place.path(&file)).unwrap().len() > 500, "{file}");
        }
    }
    // Columns that the formula does not read may be missing.
    place.write("x.csv", "y,x\n3,0\n5,1\n7,2\n");
    assert_eq!(place.run(&["plot", "m.json", "x.csv", "--out", "x.png"]).code, Some(0));
    let done = place.run(&["plot", "m.json", "d.csv", "--out", "c.svg", "--over", "x", "--hold", "u=0,1,2"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let picture = place.read("c.svg");
    for label in ["u = 0", "u = 1", "u = 2", "recovered"] {
        assert!(picture.contains(label), "{label}");
    }
}

#[test]
fn refit_keeps_the_structure_on_other_data() {
    let rows = (0..24).map(|i| {
        let (x, u) = (i % 8, i / 8);
        format!("{x},{u},{}\n", 0.75 - 1.5 * f64::from(x))
    });
    let other = "x,u,y\n".to_string() + &rows.collect::<String>();
    let place = Place::with(&[("other.csv", other.as_bytes()), ("m.json", model().as_bytes())]);
    let done = place.run(&["refit", "m.json", "other.csv", "--out", "r"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let predicted = place.run(&["predict", "r/model.json", "other.csv"]).out;
    for (line, row) in predicted.lines().zip(other.lines()).skip(1) {
        let (p, y): (f64, f64) = (line.parse().unwrap(), row.rsplit(',').next().unwrap().parse().unwrap());
        assert!((p - y).abs() < 1e-6, "{p} for {y}");
    }
}

#[test]
fn refit_finds_other_numbers_for_those_that_had_become_exact() {
    let curve = |rate: f64| {
        let rows = (0..60).map(|i| {
            let (t, p) = (f64::from(i / 3) * 5.0, f64::from(i % 3) * 0.25);
            format!("{t},{p},{}\n", 1.0 - (1.0 - p) * (-rate * t).exp())
        });
        "t,p,y\n".to_string() + &rows.collect::<String>()
    };
    let place = Place::with(&[("a.csv", curve(0.03).as_bytes()), ("b.csv", curve(0.05).as_bytes())]);
    let done = place.run(&["fit", "a.csv", "--out", "a"]);
    assert!(done.out.starts_with("y = 1 - (1 - p)*exp(-0.03*t)\n"), "{done:?}");
    let done = place.run(&["refit", "a/model.json", "b.csv"]);
    assert!(done.out.starts_with("y = 1 - (1 - p)*exp(-0.05*t)\n"), "{done:?}");
    // The evaluations of the search on the other data are not those of the refit.
    assert!(!done.out.contains("evaluations"), "{done:?}");
}

#[test]
fn primitives_lists_the_table() {
    let place = Place::new();
    let done = place.run(&["primitives"]);
    assert_eq!(done.code, Some(0));
    for p in closedform::expr::Primitive::table() {
        assert!(done.out.lines().any(|l| l.split_whitespace().next() == Some(&p.name)), "{}", p.name);
    }
    let done = place.run(&["primitives", "--set", "exp,hill = x^a/(b^a + x^a)"]);
    assert_eq!(done.out.lines().count(), 3, "{}", done.out);
    assert!(done.out.contains("x^a/(b^a + x^a)"));
}

#[test]
#[cfg(unix)]
fn a_reader_that_goes_away_is_no_error() {
    let place = Place::with(&[("m.json", model().as_bytes())]);
    for arguments in [&["primitives"][..], &["show", "m.json"], &["fit", "--help"]] {
        let mut child = place.command(arguments).spawn().unwrap();
        drop(child.stdout.take());
        let done = outcome(child.wait_with_output().unwrap());
        assert_eq!((done.code, done.err.as_str()), (Some(0), ""), "{arguments:?}");
    }
    // Neither is one of standard error, beside the exit code that is due.
    let mut child = place.command(&["show", "no.json"]).spawn().unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let full = || Stdio::from(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    let done = outcome(Place::new().command(&["primitives"]).stdout(full()).output().unwrap());
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.err.starts_with("error: cannot write standard output"), "{done:?}");
}

/// A fit without end, once the program is ready for Ctrl-C: the folder of results is prepared after that.
#[cfg(unix)]
fn endless_fit(place: &Place, more: &[&str]) -> std::process::Child {
    let endless = ["fit", "d.csv", "--strategy", "darts", "--primitives", "seed", "--epochs", "100000000"];
    let child = place
        .command(&[&endless[..], &["--time-limit", "none", "--out", "result"], more].concat())
        .spawn()
        .unwrap();
    let ready = || place.files().iter().any(|f| f.starts_with(".closedform."));
    while !ready() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    std::thread::sleep(std::time::Duration::from_millis(500));
    child
}

#[cfg(unix)]
fn interrupt(child: &std::process::Child) {
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
}

#[test]
#[cfg(unix)]
fn an_interrupt_ends_with_the_best_so_far() {
    let place = Place::with(&[("d.csv", line().as_bytes())]);
    let child = endless_fit(&place, &["--format", "json"]);
    interrupt(&child);
    let done = outcome(child.wait_with_output().unwrap());
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.err.contains("best model so far"), "{done:?}");
    let value: serde_json::Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!(value["report"]["stop_reason"], "interrupted");
    assert!(place.files().contains(&"result/model.json".to_string()), "{:?}", place.files());
    assert!(!place.files().iter().any(|f| f.starts_with('.')), "{:?}", place.files());
}

#[test]
fn a_fit_without_time_gives_a_model() {
    let place = Place::with(&[("d.csv", line().as_bytes())]);
    let done = place.run(&["fit", "d.csv", "--time-limit", "0.000001", "--strategy", "darts"]);
    assert!(done.code == Some(0) && done.out.starts_with("y = "), "{done:?}");
}

#[test]
#[cfg(unix)]
fn a_second_interrupt_ends_at_once_and_leaves_nothing() {
    use std::io::{BufRead, BufReader, Read};
    // Enough rows that the end of a fit, figures included, takes a moment.
    let mut table = "a,b,y\n".to_string();
    for i in 0..20_000 {
        let (a, b) = (f64::from(i % 100) * 0.03, f64::from(i / 100) * 0.02);
        table += &format!("{a},{b},{}\n", (3.0 * a).sin() * b + (f64::from(i) * 12.9898).sin());
    }
    let place = Place::with(&[("d.csv", table.as_bytes())]);
    let mut child = endless_fit(&place, &[]);
    interrupt(&child);
    let mut messages = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("press Ctrl-C again") {
        assert!(messages.read_line(&mut said).unwrap() > 0, "{said}");
    }
    interrupt(&child);
    messages.read_to_string(&mut said).unwrap();
    let done = outcome(child.wait_with_output().unwrap());
    assert_eq!((done.code, done.out.as_str()), (Some(130), ""), "{said}");
    assert_eq!(place.files(), ["d.csv"], "{said}");
}

#[test]
fn help_texts() {
    let place = Place::new();
    for command in ["", "fit", "predict", "show", "plot", "refit", "primitives"] {
        let arguments: Vec<&str> = [command, "--help"].into_iter().filter(|a| !a.is_empty()).collect();
        let done = place.run(&arguments);
        assert_eq!((done.code, done.err.as_str()), (Some(0), ""));
        assert!(done.out.contains("Examples:"), "{command}");
        insta::assert_snapshot!(
            format!("help_{}", if command.is_empty() { "all" } else { command }),
            done.out
        );
    }
}

#[test]
fn error_messages() {
    let tables: [(&str, &[u8]); 2] = [("d.csv", b"x;y\n1;2,5\n3;4\n"), ("c.csv", b"x,y\n1,5\n2,5\n")];
    let place = Place::with(&tables);
    place.write("m.json", model());
    let mut all = String::new();
    for arguments in [
        &["fit", "d.csv"][..],
        &["fit", "c.csv"],
        &["fit", "c.csv", "--target", "Y"],
        &["fit", "nowhere/c.csv"],
        &["fit", "c.csv", "--target", "y", "--features", "y"],
        &["fit", "c.csv", "--primitives", "exp,xep"],
        &["fit", "c.csv", "--combine", "som"],
        &["fit", "c.csv", "--grad-clip", "-1"],
        &["show", "c.csv"],
        &["predict", "c.csv"],
        &["plot", "m.json", "c.csv", "--out", "f.pdf"],
    ] {
        all += &format!("$ closedform {}\n{}\n", arguments.join(" "), place.run(arguments).err);
    }
    insta::assert_snapshot!("error_messages", all);
}
