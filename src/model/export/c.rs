//! A C function with `math.h`.

use super::code::{Body, Language, body, renamed, used};
use super::names::{identifiers, is_ascii_identifier};
use super::printer::words;
use crate::expr::Expr;

// M_PI is no part of standard C.
const LANGUAGE: Language = Language { form: |s| s.c, symbols: &[], declaration: ("    const double ", ";") };

/// A C99 function (C++ reads it too). The arguments are the columns that the formula reads, in their order.
///
/// ```
/// use closedform::expr::parse;
/// use closedform::model::export::c;
/// let names = ["t", "λ"];
/// let code = c(&parse("relu(t - 1)*λ", &names)?, &names, "law");
/// assert_eq!(code, r#"#include <math.h>
///
/// // lambda: column "λ"
/// double law(double t, double lambda) {
///     const double s1 = t - 1.0;
///     return (s1 < 0.0 ? 0.0 : s1)*lambda;
/// }
/// "#);
/// # Ok::<(), closedform::Error>(())
/// ```
pub fn c<S: AsRef<str>>(expr: &Expr, names: &[S], function: &str) -> String {
    let reserved = words(expr, LANGUAGE.form);
    let arguments =
        identifiers(names, |n| is_ascii_identifier(n) && !is_reserved(n) && !reserved.contains(&n));
    let Body { statements, value } = body(&LANGUAGE, expr, &arguments);
    let comments = renamed(expr, names, &arguments, "// ");
    let typed: Vec<String> = used(expr, &arguments).iter().map(|a| format!("double {a}")).collect();
    let typed = if typed.is_empty() { "void".to_string() } else { typed.join(", ") };
    let mut out = format!("#include <math.h>\n\n{comments}double {function}({typed}) {{\n");
    for statement in statements {
        out += &statement;
        out.push('\n');
    }
    out += &format!("    return {value};\n}}\n");
    out
}

/// Reserved words of C and C++, macros of `math.h`, and names that the compiler may have taken.
fn is_reserved(name: &str) -> bool {
    name.starts_with("_")
        || ["M_", "FP_", "HUGE", "NAN", "INFINITY", "MATH_"].iter().any(|p| name.starts_with(p))
        || KEYWORDS.contains(&name)
}

const KEYWORDS: [&str; 97] = [
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char8_t",
    "char16_t",
    "char32_t",
    "class",
    "compl",
    "concept",
    "const",
    "consteval",
    "constexpr",
    "constinit",
    "const_cast",
    "continue",
    "co_await",
    "co_return",
    "co_yield",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "nullptr",
    "operator",
    "or",
    "or_eq",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "requires",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "typeof",
    "union",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
    "linux",
    "unix",
    "i386",
];
