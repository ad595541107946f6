//! Pages that are made from the code, so that they cannot be stale.
//!
//! `CLOSEDFORM_WRITE_DOCS=1 cargo test --test docs` writes them anew.

use closedform::PrimitiveSet;
use closedform::expr::{Definition, Domain, Primitive};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn domain(domain: Domain) -> &'static str {
    match domain {
        Domain::Real => "every number",
        Domain::Positive => "x > 0",
        Domain::NonNegative => "x ≥ 0",
        Domain::NonZero => "divisor not 0",
        Domain::UnitInterval => "−1 ≤ x ≤ 1",
        Domain::Power => "x > 0, or integer exponent",
        _ => "see the code",
    }
}

/// A cell of a Markdown table: a bar would end it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn primitives_page() -> String {
    let mut page = String::from(
        "# Primitives\n\n\
         Made from the table in `src/expr/` by `CLOSEDFORM_WRITE_DOCS=1 cargo test --test docs`; do not edit.\n\n\
         What an edge of the supernet may compute of its input `x` (and `y`), and what formulas are made of. Letters `a`, `b` are constants of\n\
         the primitive that the search fits. A primitive of one's own is a formula of this kind:\n\
         `--primitives \"add,exp,hill = x^a/(b^a + x^a)\"`, `PrimitiveSet::parse` or `Primitive::from_formula`.\n\n\
         Sets: `seed` are the seven primitives of AutoRA's tutorial, `science` is the default, `autora` the default of AutoRA's\n\
         `DARTSRegressor`. All 25 of AutoRA's primitives are here under their names. Complexity is what a primitive adds to that of a formula;\n\
         a variable or a constant adds 1.\n\n\
         | Name | Computes | Inputs | Constants | Defined for | Complexity | Sets |\n\
         |---|---|---|---|---|---|---|\n",
    );
    let sets =
        [("seed", PrimitiveSet::SEED), ("science", PrimitiveSet::SCIENCE), ("autora", PrimitiveSet::AUTORA)];
    for p in Primitive::table() {
        let member: Vec<&str> =
            sets.iter().filter(|(_, s)| s.names().contains(&p.name.as_str())).map(|(n, _)| *n).collect();
        let computes = match &p.definition {
            Definition::Formula(formula) => format!("`{formula}`"),
            _ => cell(&p.summary),
        };
        writeln!(
            page,
            "| `{}` | {computes} | {} | {} | {} | {} | {} |",
            p.name,
            p.arity,
            p.constants(),
            domain(p.domain),
            p.complexity,
            member.join(", ")
        )
        .unwrap();
    }
    page.push_str(
        "\n## Spelling\n\n\
         How each function is written in the exports. `$0` and `$1` are its arguments; a letter after a colon says how tightly an argument has to\n\
         bind to do without brackets. Formulas above are written by the functions in them.\n\n\
         | Name | Formula | LaTeX | SymPy | Python | Rust | C | exmex |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for p in Primitive::table() {
        let Some(s) = p.spelling() else { continue };
        let forms = [&s.infix, &s.latex, &s.sympy, &s.python, &s.rust, &s.c, &s.exmex];
        let cells: Vec<String> = forms.iter().map(|f| format!("`{}`", cell(f.text))).collect();
        writeln!(page, "| `{}` | {} |", p.name, cells.join(" | ")).unwrap();
    }
    page
}

#[test]
fn the_page_of_primitives_shows_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/primitives.md");
    let page = primitives_page();
    if std::env::var_os("CLOSEDFORM_WRITE_DOCS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
    assert!(written == page, "docs/primitives.md is stale: CLOSEDFORM_WRITE_DOCS=1 cargo test --test docs");
}

/// Options that the tutorial and the pages name are there.
#[test]
fn pages_name_files_that_exist() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in
        ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/decisions.md", "docs/search.md"]
    {
        let text = std::fs::read_to_string(root.join(page)).unwrap();
        let folder = root.join(page).parent().unwrap().to_path_buf();
        // Links `](target)` to files, and code spans that look like a path from the root.
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap();
            let inside = !target.is_empty() && !target.contains("://");
            assert!(!inside || folder.join(target).exists(), "{page}: {link} does not exist");
        }
        for span in text.split('`').skip(1).step_by(2) {
            let is_path =
                ["src/", "tests/", "docs/", "examples/", "benches/"].iter().any(|p| span.starts_with(p));
            assert!(
                !is_path || span.contains(char::is_whitespace) || root.join(span).exists(),
                "{page}: {span} does not exist"
            );
        }
    }
}

/// Source files below a folder, in order.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Folders whose items are internal (hidden in the documentation) or no library.
const INTERNAL: [&str; 5] = ["cli", "least_squares", "relaxation", "discretize", "search"];

/// Internal items elsewhere.
const NO_EXAMPLE: [&str; 11] = [
    "Readme",
    "TapeSet",
    "Workspace",
    "description_length",
    "predictive_length",
    "standard_errors",
    "Source",
    "Edge",
    "GraphNode",
    "Genotype",
    "SearchSpace",
];

#[test]
fn every_public_type_and_function_has_an_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut missing = Vec::new();
    let mut seen = 0;
    for path in files {
        let shown = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        if INTERNAL.iter().any(|stage| shown.starts_with(&format!("{stage}/"))) {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let mut documentation = String::new();
        // Items of a file stand at its left margin; those of tests and of `impl` blocks are indented.
        for line in text.lines() {
            if line.starts_with("///") {
                documentation += line;
            } else if !line.starts_with("#[") {
                let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
                if let ["pub", "struct" | "enum" | "trait" | "fn", name, ..] = words[..]
                    && line.starts_with("pub ")
                    && !NO_EXAMPLE.contains(&name)
                {
                    seen += 1;
                    if !documentation.contains("```") {
                        missing.push(format!("{shown}: {name}"));
                    }
                }
                documentation.clear();
            }
        }
    }
    assert!(seen > 50, "{seen}");
    assert!(missing.is_empty(), "without an example: {missing:#?}");
}
