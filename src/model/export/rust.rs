//! A Rust function without dependencies.

use super::code::{Body, Language, body, renamed, used};
use super::names::{identifiers, is_ascii_identifier};
use super::printer::words;
use crate::expr::Expr;

const LANGUAGE: Language = Language {
    form: |s| s.rust,
    symbols: &[
        (std::f64::consts::PI, "std::f64::consts::PI"),
        (std::f64::consts::E, "std::f64::consts::E"),
        (std::f64::consts::SQRT_2, "std::f64::consts::SQRT_2"),
    ],
    declaration: ("    let ", ";"),
};

/// A Rust function that needs the standard library only. The arguments are the columns that the formula reads, in
/// their order.
///
/// ```
/// use closedform::expr::parse;
/// use closedform::model::export::rust;
/// let names = ["t", "type"];
/// let code = rust(&parse("exp(-t)^2 + type*exp(-t)", &names)?, &names, "law");
/// assert_eq!(code, r#"// type_: column "type"
/// pub fn law(t: f64, type_: f64) -> f64 {
///     let s1 = f64::exp(-t);
///     f64::powf(s1, 2.0) + type_*s1
/// }
/// "#);
/// # Ok::<(), closedform::Error>(())
/// ```
pub fn rust<S: AsRef<str>>(expr: &Expr, names: &[S], function: &str) -> String {
    let reserved = words(expr, LANGUAGE.form);
    let arguments = identifiers(names, |n| {
        is_ascii_identifier(n) && n != "_" && !KEYWORDS.contains(&n) && !reserved.contains(&n)
    });
    let Body { statements, value } = body(&LANGUAGE, expr, &arguments);
    let mut out = renamed(expr, names, &arguments, "// ");
    let used = used(expr, &arguments);
    if used.iter().any(|a| a.contains(|c: char| c.is_ascii_uppercase()) || a.contains("__")) {
        out += "#[allow(non_snake_case)]\n";
    }
    // Brackets that the compiler finds superfluous: around `if`, or where two signs have met.
    let doubled = |s: &str| s.starts_with('(') || ["(if ", "((", "= (", ", ("].iter().any(|p| s.contains(p));
    if doubled(&value) || statements.iter().any(|s| doubled(s)) {
        out += "#[allow(unused_parens)]\n";
    }
    let typed: Vec<String> = used.iter().map(|a| format!("{a}: f64")).collect();
    out += &format!("pub fn {function}({}) -> f64 {{\n", typed.join(", "));
    for statement in statements {
        out += &statement;
        out.push('\n');
    }
    out += &format!("    {value}\n}}\n");
    out
}

/// Reserved words of all editions.
const KEYWORDS: [&str; 53] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "Self",
    "static", "struct", "super", "trait", "true", "try", "type", "typeof", "union", "unsafe", "unsized",
    "use", "virtual", "where", "while", "yield",
];
