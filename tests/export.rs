//! Every export, checked by the program that it is written for.
//!
//! SymPy and NumPy (`exports/requirements.txt`) are wanted from `python3` or `CLOSEDFORM_PYTHON`, a C compiler from
//! `cc`, and `rustc`. A test whose tool is missing says so and passes, unless `CLOSEDFORM_REQUIRE_EXTERNAL=1`: then it
//! fails.
#![allow(clippy::print_stderr)] // skipped tests say so

mod random;

use closedform::Equation;
use closedform::expr::{Expr, Op, Primitive, parse};
use closedform::model::export::{Digits, c, infix, latex, python, rust, sympy};
use closedform::model::{Scores, exmex::Express};
use insta::assert_snapshot;
use proptest::prelude::*;
use random::{NAMES, assert_close, comparable, expressions, rows, sample};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Random expressions that have a comparable value somewhere, with the rows and values.
fn cases(count: usize) -> Vec<(Expr, Vec<Vec<f64>>, Vec<f64>)> {
    let mut out = Vec::new();
    for expr in sample(count) {
        let found: Vec<(Vec<f64>, f64)> =
            rows().into_iter().filter_map(|r| comparable(&expr, &r).map(|v| (r, v))).collect();
        if !found.is_empty() {
            let (rows, values) = found.into_iter().unzip();
            out.push((expr, rows, values));
        }
    }
    assert!(out.len() > count / 3, "only {} of {count} expressions are comparable", out.len());
    out
}

fn equation(expr: &Expr, names: &[&str]) -> Equation {
    let names: Vec<String> = names.iter().map(|n| n.to_string()).collect();
    Equation::new(expr.clone(), names, Scores::default()).unwrap()
}

/// The values of the variables that an export takes as arguments.
fn arguments(expr: &Expr, row: &[f64]) -> Vec<f64> {
    expr.variables().into_iter().map(|v| row[v]).collect()
}

fn missing(tool: &str) {
    assert!(
        std::env::var_os("CLOSEDFORM_REQUIRE_EXTERNAL").is_none_or(|v| v != "1"),
        "CLOSEDFORM_REQUIRE_EXTERNAL=1, but {tool} cannot be run"
    );
    eprintln!("skipped: {tool} cannot be run");
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|s| s.success())
}

#[test]
fn every_function_is_spelled_in_every_language() {
    for op in Op::ALL {
        let spelling = Primitive::of(op).spelling().unwrap();
        let forms = [
            spelling.infix,
            spelling.latex,
            spelling.sympy,
            spelling.python,
            spelling.rust,
            spelling.c,
            spelling.exmex,
        ];
        for form in forms {
            assert!(form.text.contains("$0"), "{op:?}: {}", form.text);
            assert_eq!(form.text.contains("$1"), op.arity() == 2, "{op:?}: {}", form.text);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn infix_reads_back(expr in expressions()) {
        let text = infix(&expr, &NAMES, Digits::All);
        let back = parse(&text, &NAMES).unwrap();
        for row in rows() {
            if let Some(value) = comparable(&expr, &row) {
                assert_close(value, back.evaluate_row(&row), &text);
            }
        }
    }

    #[test]
    fn rounded_infix_reads_back(expr in expressions()) {
        let text = infix(&expr, &NAMES, Digits::default());
        prop_assert!(parse(&text, &NAMES).is_ok(), "{text}");
    }

    #[test]
    fn exmex_gives_the_same(expr in expressions()) {
        let equation = equation(&expr, &NAMES);
        let text = equation.to_exmex();
        let built = exmex::parse::<f64>(&text.text).unwrap();
        for row in rows() {
            let values: Vec<f64> = text
                .variables
                .iter()
                .map(|v| row[NAMES.iter().position(|n| n == v).unwrap()])
                .collect();
            if let Some(value) = comparable(&expr, &row) {
                assert_close(value, built.eval(&values).unwrap(), &text.text);
                prop_assert!(equation.to_exmex_expression().is_ok(), "{}", text.text);
            }
        }
    }

    #[test]
    fn katex_takes_the_latex(expr in expressions()) {
        typeset(&latex(&expr, &NAMES, Digits::All));
        typeset(&latex(&expr, &NAMES, Digits::default()));
    }
}

/// Lets KaTeX, as strict as it can be, set the formula.
#[track_caller]
fn typeset(text: &str) {
    thread_local!(static CONTEXT: katex::KatexContext = katex::KatexContext::default());
    let settings = katex::Settings::builder().strict(katex::StrictSetting::Bool(true)).build();
    let result = CONTEXT.with(|context| katex::render_to_string(context, text, &settings));
    assert!(result.is_ok(), "{}: {text}", result.unwrap_err());
}

/// Runs `tests/exports/evaluate.py` and compares.
fn check_in_python(jobs: Vec<serde_json::Value>, expected: Vec<Vec<f64>>) {
    let python = std::env::var("CLOSEDFORM_PYTHON").unwrap_or_else(|_| "python3".into());
    if !runs(&python, &["-c", "import sympy, numpy"]) {
        return missing("Python with SymPy and NumPy");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports/evaluate.py");
    let mut child =
        Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(serde_json::to_string(&jobs).unwrap().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let results: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(results.len(), jobs.len());
    for ((job, result), expected) in jobs.iter().zip(results).zip(expected) {
        let values: Vec<f64> =
            serde_json::from_value(result.clone()).unwrap_or_else(|_| panic!("{result}: {job}"));
        assert_eq!(values.len(), expected.len());
        for (value, expected) in values.into_iter().zip(expected) {
            assert_close(expected, value, &job["text"].to_string());
        }
    }
}

#[test]
fn sympy_gives_the_same() {
    let (mut jobs, mut expected) = (Vec::new(), Vec::new());
    for (expr, rows, values) in cases(600) {
        let text = sympy(&expr, &NAMES);
        let symbols: Vec<String> = (expr.variables().into_iter())
            .map(|v| {
                let renamed = text.symbols.iter().find(|(_, column)| *column == NAMES[v]);
                renamed.map_or_else(|| NAMES[v].to_string(), |(symbol, _)| symbol.clone())
            })
            .collect();
        let rows: Vec<Vec<f64>> = rows.iter().map(|r| arguments(&expr, r)).collect();
        jobs.push(
            serde_json::json!({"kind": "sympy", "text": text.text, "arguments": symbols, "rows": rows}),
        );
        expected.push(values);
    }
    check_in_python(jobs, expected);
}

#[test]
fn python_gives_the_same() {
    let (mut jobs, mut expected) = (Vec::new(), Vec::new());
    for (expr, rows, values) in cases(600) {
        let rows: Vec<Vec<f64>> = rows.iter().map(|r| arguments(&expr, r)).collect();
        jobs.push(serde_json::json!({"kind": "python", "text": python(&expr, &NAMES, "f"), "rows": rows}));
        expected.push(values);
    }
    check_in_python(jobs, expected);
}

/// Writes one program with all functions that prints all values, compiles and runs it.
fn check_compiled(
    file: &str,
    compiler: &[&str],
    code: impl Fn(&Expr, &str) -> String,
    call: impl Fn(&str) -> String,
    main: impl Fn(&str) -> String,
) {
    if !runs(compiler[0], &["--version"]) {
        return missing(compiler[0]);
    }
    let cases = cases(600);
    let (mut source, mut body, mut expected) = (String::new(), String::new(), Vec::new());
    for (i, (expr, rows, values)) in cases.iter().enumerate() {
        source += &code(expr, &format!("f{i}"));
        for (row, value) in rows.iter().zip(values) {
            let arguments: Vec<String> = arguments(expr, row).iter().map(|v| format!("{v:?}")).collect();
            let _ = writeln!(body, "    {}", call(&format!("f{i}({})", arguments.join(", "))));
            expected.push((i, *value));
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    std::fs::write(&path, source.clone() + &main(&body)).unwrap();
    let program = folder.path().join("program");
    let built =
        Command::new(compiler[0]).arg(&path).arg("-o").arg(&program).args(&compiler[1..]).output().unwrap();
    let messages = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success() && messages.is_empty(), "{messages}");
    let output = Command::new(program).output().unwrap();
    let values: Vec<f64> =
        String::from_utf8(output.stdout).unwrap().lines().map(|l| l.trim().parse().unwrap()).collect();
    assert_eq!(values.len(), expected.len());
    for (value, (i, expected)) in values.into_iter().zip(expected) {
        assert_close(expected, value, &code(&cases[i].0, "f"));
    }
}

#[test]
fn c_gives_the_same() {
    check_compiled(
        "formulas.c",
        &["cc", "-std=c99", "-Wall", "-Wextra", "-ffp-contract=off", "-lm"],
        |e, name| c(e, &NAMES, name),
        |call| format!("printf(\"%.17g\\n\", {call});"),
        |body| format!("#include <stdio.h>\nint main(void) {{\n{body}    return 0;\n}}\n"),
    );
}

#[test]
fn rust_gives_the_same() {
    check_compiled(
        "formulas.rs",
        &["rustc", "--edition=2021", "-Adead_code"],
        |e, name| rust(e, &NAMES, name),
        |call| format!("println!(\"{{:e}}\", {call});"),
        |body| format!("fn main() {{\n{body}}}\n"),
    );
}

/// Column names from the world: words of programming languages, constants, functions, other scripts, signs.
const AWKWARD: [&str; 36] = [
    "e",
    "E",
    "N",
    "I",
    "S",
    "pi",
    "π",
    "lambda",
    "λ",
    "x y",
    "%",
    "x_1",
    "x1",
    "x_y",
    "1st",
    "`",
    "``a`",
    "{",
    "}",
    "a}b{c`",
    "\\",
    "$",
    "_",
    "__",
    "température (°C)",
    "温度",
    "max",
    "maximum",
    "sin",
    "s1",
    "for",
    "i\nj",
    "Float",
    "np",
    "M_x",
    "NAN",
];

#[test]
fn awkward_names_work_in_every_export() {
    let sum = (0..AWKWARD.len())
        .map(|i| Expr::parameter(i as f64 + 0.5) * Expr::variable(i).apply(Op::Exp))
        .reduce(|a, b| a + b)
        .unwrap();
    let expr = sum + Expr::constant(std::f64::consts::PI) * Expr::constant(std::f64::consts::E);
    let row: Vec<f64> = (0..AWKWARD.len()).map(|i| (i as f64 * 0.7).sin()).collect();
    let value = expr.evaluate_row(&row);

    let text = infix(&expr, &AWKWARD, Digits::All);
    assert_close(value, parse(&text, &AWKWARD).unwrap().evaluate_row(&row), &text);

    let law = equation(&expr, &AWKWARD);
    let exmex = law.to_exmex_expression().unwrap();
    let order: Vec<f64> =
        law.to_exmex().variables.iter().map(|v| row[AWKWARD.iter().position(|n| n == v).unwrap()]).collect();
    assert_close(value, exmex.eval(&order).unwrap(), "exmex");

    let formula = latex(&expr, &AWKWARD, Digits::default());
    typeset(&formula);

    let text = sympy(&expr, &AWKWARD);
    let symbols: Vec<String> = AWKWARD
        .iter()
        .map(|name| {
            let renamed = text.symbols.iter().find(|(_, column)| column == name);
            renamed.map_or_else(|| name.to_string(), |(symbol, _)| symbol.clone())
        })
        .collect();
    let code = python(&expr, &AWKWARD, "f");
    let jobs = vec![
        serde_json::json!({"kind": "sympy", "text": text.text, "arguments": symbols, "rows": [row]}),
        serde_json::json!({"kind": "python", "text": code, "rows": [row]}),
    ];
    check_in_python(jobs, vec![vec![value], vec![value]]);

    let folder = tempfile::tempdir().unwrap();
    for (compiler, file, code) in
        [("cc", "f.c", c(&expr, &AWKWARD, "f")), ("rustc", "f.rs", rust(&expr, &AWKWARD, "f"))]
    {
        if !runs(compiler, &["--version"]) {
            missing(compiler);
            continue;
        }
        let path = folder.path().join(file);
        std::fs::write(&path, &code).unwrap();
        let flags: &[&str] =
            if compiler == "cc" { &["-c", "-Wall"] } else { &["--crate-type=lib", "--edition=2024"] };
        let built = Command::new(compiler)
            .arg(&path)
            .args(flags)
            .arg("-o")
            .arg(folder.path().join(format!("{file}.out")))
            .output()
            .unwrap();
        assert!(built.stderr.is_empty(), "{}\n{code}", String::from_utf8_lossy(&built.stderr));
    }
}

/// A law with fitted numbers: numbers with a decimal point become parameters.
fn law(formula: &str, names: &[&str]) -> Equation {
    let read = parse(formula, names).unwrap();
    let mut builder = closedform::expr::ExprBuilder::new();
    let root = builder.import_with(&read, |g, node| match node {
        closedform::expr::Node::Constant(c) if c.fract() != 0.0 && c != std::f64::consts::PI => {
            Some(g.parameter(c))
        }
        _ => None,
    });
    equation(&builder.finish(root), names)
}

#[test]
fn exponential_learning() {
    let law = law("1 - (1 - 0.2500000004)*exp(-0.030000012*t)", &["t"]);
    assert_snapshot!(law.formula(), @"1 - (1 - 0.25)*exp(-0.03*t)");
    assert_snapshot!(law.to_sympy(), @"1 - (1 - 0.2500000004)*exp(-0.030000012*t)");
    assert_snapshot!(law.to_latex(), @r"1 - \left(1 - 0.2500000004\right) e^{-0.030000012 t}");
    assert_snapshot!(law.to_exmex().text, @"1 - ((1 - 0.2500000004)*(exp((-0.030000012)*t)))");
    assert_snapshot!(law.to_rust(), @"
    pub fn f(t: f64) -> f64 {
        1.0 - (1.0 - 0.2500000004)*f64::exp(-0.030000012*t)
    }
    ");
    assert_snapshot!(law.to_c(), @"
    #include <math.h>

    double f(double t) {
        return 1.0 - (1.0 - 0.2500000004)*exp(-0.030000012*t);
    }
    ");
}

#[test]
fn gravitation() {
    let law = law("6.6743e-11*m_1*m_2/r^2", &["m_1", "m_2", "r"]);
    assert_snapshot!(law.formula(), @"6.6743e-11*m_1*m_2/r^2");
    assert_snapshot!(law.to_latex(), @r"\frac{6.6743 \times 10^{-11} m_{1} m_{2}}{r^{2}}");
    assert_snapshot!(law.to_sympy(), @"6.6743e-11*m_1*m_2/r**2");
    assert_snapshot!(law.to_exmex().text, @"((0.000000000066743*m_1)*m_2)/(r^2)");
}

#[test]
fn ideal_pendulum() {
    let law = law("2*pi*sqrt(length/g)", &["length", "g"]);
    assert_snapshot!(law.formula(), @"2*pi*sqrt(length/g)");
    assert_snapshot!(law.to_latex(), @r"2 \pi \sqrt{\frac{\mathrm{length}}{g}}");
    assert_snapshot!(law.to_sympy(), @"2*pi*sqrt(length/g)");
}

#[test]
fn hill_equation() {
    let law = law("2.5*dose^1.7/(0.8^1.7 + dose^1.7)", &["dose"]);
    assert_snapshot!(law.formula(), @"2.5*dose^1.7/(0.8^1.7 + dose^1.7)");
    assert_snapshot!(law.to_latex(), @r"\frac{2.5 \mathrm{dose}^{1.7}}{0.8^{1.7} + \mathrm{dose}^{1.7}}");
    assert_snapshot!(law.to_python(), @r#"
    import numpy as np


    def f(dose):
        dose, = (np.asarray(v, dtype=float) for v in (dose,))
        with np.errstate(all="ignore"):
            s1 = np.power(dose, 1.7)
            return 2.5*s1/(np.power(0.8, 1.7) + s1)
    "#);
}

#[test]
fn choice_probability() {
    let law = law("logistic(1.5*(value_left - value_right) - 0.5)", &["value_left", "value_right"]);
    assert_snapshot!(law.formula(), @"logistic(1.5*(value_left - value_right) - 0.5)");
    assert_snapshot!(law.to_latex(), @r"\frac{1}{1 + e^{-\left(1.5 \left(\mathrm{value}_{\mathrm{left}} - \mathrm{value}_{\mathrm{right}}\right) - 0.5\right)}}");
    assert_snapshot!(law.to_sympy(), @"1/(1 + exp(-(1.5*(value_left - value_right) - 0.5)))");
}

#[test]
fn signs_and_brackets() {
    let print = |formula: &str| {
        let e = parse(formula, &["x", "y"]).unwrap();
        let names = ["x", "y"];
        let s = sympy(&e, &names).text;
        format!("{}   {s}   {}", infix(&e, &names, Digits::All), latex(&e, &names, Digits::All))
    };
    let lines: Vec<String> = [
        "x + (-y)",
        "x - (-2*y)",
        "-(x + y)",
        "-(-x)",
        "-x^2",
        "(-x)^2",
        "(-2)^x",
        "x^(-2)",
        "x^y^2",
        "(x^y)^2",
        "x - (y - 1)",
        "x + (y - 1)",
        "x + (-y + 1)",
        "x*(-y)",
        "x/(y*2)",
        "x/y/2",
        "x/(y/2)",
        "x*(y/2)",
        "-x/y",
        "-3/(x + 1)",
        "exp(-(-x))",
        "1/(1/x)",
        "exp(x)^2",
        "sqrt(x)^2",
        "abs(x)^y",
        "2*3*x",
        "x*3",
        "pi*x/2 + e",
        "logistic(-x)",
        "relu(x - 1)*max(x, -y)",
    ]
    .iter()
    .map(|f| format!("{f:28} {}", print(f)))
    .collect();
    assert_snapshot!(lines.join("\n"), @r"
    x + (-y)                     x - y   x - y   x - y
    x - (-2*y)                   x + 2*y   x + 2*y   x + 2 y
    -(x + y)                     -(x + y)   -(x + y)   -\left(x + y\right)
    -(-x)                        x   x   x
    -x^2                         -x^2   -x**2   -x^{2}
    (-x)^2                       (-x)^2   (-x)**2   \left(-x\right)^{2}
    (-2)^x                       (-2)^x   (-2)**x   \left(-2\right)^{x}
    x^(-2)                       x^(-2)   x**(-2)   x^{-2}
    x^y^2                        x^(y^2)   x**(y**2)   x^{y^{2}}
    (x^y)^2                      (x^y)^2   (x**y)**2   \left(x^{y}\right)^{2}
    x - (y - 1)                  x - (y - 1)   x - (y - 1)   x - \left(y - 1\right)
    x + (y - 1)                  x + y - 1   x + (y - 1)   x + y - 1
    x + (-y + 1)                 x - y + 1   x + (-y + 1)   x - y + 1
    x*(-y)                       x*(-y)   x*(-y)   x \left(-y\right)
    x/(y*2)                      x/(y*2)   x/(y*2)   \frac{x}{y \cdot 2}
    x/y/2                        x/y/2   x/y/2   \frac{\frac{x}{y}}{2}
    x/(y/2)                      x/(y/2)   x/(y/2)   \frac{x}{\frac{y}{2}}
    x*(y/2)                      x*y/2   x*(y/2)   x \frac{y}{2}
    -x/y                         -x/y   -x/y   -\frac{x}{y}
    -3/(x + 1)                   -3/(x + 1)   -3/(x + 1)   -\frac{3}{x + 1}
    exp(-(-x))                   exp(x)   exp(x)   e^{x}
    1/(1/x)                      1/(1/x)   1/(1/x)   \frac{1}{\frac{1}{x}}
    exp(x)^2                     exp(x)^2   exp(x)**2   \left(e^{x}\right)^{2}
    sqrt(x)^2                    sqrt(x)^2   sqrt(x)**2   \sqrt{x}^{2}
    abs(x)^y                     abs(x)^y   Abs(x)**y   \left|x\right|^{y}
    2*3*x                        2*3*x   2*3*x   2 \cdot 3 x
    x*3                          x*3   x*3   x \cdot 3
    pi*x/2 + e                   pi*x/2 + e   pi*x/2 + exp(1)   \frac{\pi x}{2} + e
    logistic(-x)                 logistic(-x)   1/(1 + exp(x))   \frac{1}{1 + e^{x}}
    relu(x - 1)*max(x, -y)       relu(x - 1)*max(x, -y)   Max(0, x - 1)*Max(x, -y)   \max\left(0, x - 1\right) \max\left(x, -y\right)
    ");
}
