//! Walls between the stages: who may import whom, how long a file may be, that each file says what it is for.
//!
//! The order of the stages is that of the `mod` lines in `src/lib.rs`. A stage imports from itself and from the
//! stages above it there, and nothing else.

use std::path::{Path, PathBuf};

/// Lines of the longest file in `src/`.
const LONGEST: usize = 600;

/// Imports against the order, each with its reason.
const ALLOWED: [(&str, &str); 1] = [
    // A scaler is undone in the formula, exactly, so that what is printed reads unscaled columns.
    ("data", "expr"),
];

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// Every source file with its text.
fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    files
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let shown = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().to_path_buf();
            (shown, text)
        })
        .collect()
}

/// The stages in order, and the names that `lib.rs` exports with the stage of each.
fn stages_and_exports(lib: &str) -> (Vec<String>, Vec<(String, String)>) {
    let mut stages = Vec::new();
    let mut exports = Vec::new();
    for line in lib.lines() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("mod ")) {
            stages.push(name.trim_end_matches(';').to_string());
        }
        if let Some((stage, names)) = line.strip_prefix("pub use ").and_then(|rest| rest.split_once("::")) {
            for name in names.split(|c: char| !c.is_alphanumeric()).filter(|n| !n.is_empty()) {
                exports.push((name.to_string(), stage.to_string()));
            }
        }
    }
    (stages, exports)
}

/// What a file imports by `crate::`, outside of comments and of its unit tests.
fn imports(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let mut found = Vec::new();
    for line in code.lines().filter(|l| !l.trim_start().starts_with("//")) {
        for rest in line.split("crate::").skip(1) {
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !name.is_empty() {
                found.push(name);
            }
        }
    }
    found
}

#[test]
fn stages_import_only_from_earlier_stages() {
    let sources = sources();
    let lib = &sources.iter().find(|(path, _)| path.ends_with("src/lib.rs")).unwrap().1;
    let (stages, exports) = stages_and_exports(lib);
    assert!(stages.len() >= 12 && exports.len() >= 10, "{stages:?} {exports:?}");
    let mut wrong = Vec::new();
    for (path, text) in &sources {
        let first = path.components().nth(1).unwrap().as_os_str().to_string_lossy().into_owned();
        let stage = first.trim_end_matches(".rs");
        // Unit tests in a file of their own may look ahead, as those at the end of a file may.
        if ["lib", "main"].contains(&stage) || path.ends_with("tests.rs") {
            continue;
        }
        let place = |name: &str| stages.iter().position(|s| s == name);
        let own = place(stage).unwrap_or_else(|| panic!("{stage} is no stage of src/lib.rs"));
        for name in imports(text) {
            let from = exports.iter().find(|(n, _)| *n == name).map_or(name.as_str(), |(_, s)| s.as_str());
            let Some(theirs) = place(from) else {
                wrong.push(format!("{}: crate::{name} is no stage", path.display()));
                continue;
            };
            if theirs > own && !ALLOWED.contains(&(stage, from)) {
                wrong.push(format!("{}: {stage} imports crate::{name} of the later {from}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_short() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|(_, text)| text.lines().count() > LONGEST)
        .map(|(path, text)| format!("{}: {} lines", path.display(), text.lines().count()))
        .collect();
    assert!(long.is_empty(), "split these, the limit is {LONGEST} lines:\n{}", long.join("\n"));
}

#[test]
fn files_say_what_they_are_for() {
    let silent: Vec<String> = sources()
        .iter()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "these need a `//!` header:\n{}", silent.join("\n"));
}
