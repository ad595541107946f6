//! What the exports to programming languages share: arguments, and names for parts that are used more than once.

use super::number::{float, leaf};
use super::printer::{Target, Text, occurrences, print};
use crate::expr::{Expr, Form, NodeId, Spelling};

/// How one language writes a function's body.
pub(super) struct Language {
    pub(super) form: fn(&'static Spelling) -> Form,
    /// The named numbers of the language.
    pub(super) symbols: &'static [(f64, &'static str)],
    /// Before and after `name = value`.
    pub(super) declaration: (&'static str, &'static str),
}

/// The body of a function.
pub(super) struct Body {
    /// Statements that name parts used more than once.
    pub(super) statements: Vec<String>,
    /// What the function returns.
    pub(super) value: String,
}

/// Writes the body; `arguments[i]` is the name of variable `i`.
pub(super) fn body(language: &Language, expr: &Expr, arguments: &[String]) -> Body {
    let numbered = |prefix: &str| {
        arguments.iter().any(|a| {
            a.strip_prefix(prefix).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
        })
    };
    let prefix = ["s", "t", "u", "part"].into_iter().find(|p| !numbered(p)).unwrap_or("shared_part");
    let uses = occurrences(expr, language.form);
    let mut code = Code { language, arguments, prefix, uses, statements: Vec::new() };
    let value = print(&mut code, expr);
    Body { statements: code.statements, value }
}

struct Code<'a> {
    language: &'a Language,
    arguments: &'a [String],
    prefix: &'static str,
    uses: Vec<usize>,
    statements: Vec<String>,
}

impl Target for Code<'_> {
    fn form(&self, spelling: &'static Spelling) -> Form {
        (self.language.form)(spelling)
    }

    fn constant(&mut self, value: f64) -> Text {
        let named = self.language.symbols.iter().find(|(v, _)| v.to_bits() == value.abs().to_bits());
        let sign = if value < 0.0 { "-" } else { "" };
        leaf(named.map_or_else(|| float(value), |(_, name)| format!("{sign}{name}")))
    }

    fn parameter(&mut self, value: f64) -> Text {
        leaf(float(value))
    }

    fn variable(&mut self, index: usize) -> Text {
        Text::atom(self.arguments[index].clone())
    }

    fn place(&mut self, node: NodeId, text: Text) -> Text {
        if self.uses[node as usize] < 2 {
            return text;
        }
        let name = format!("{}{}", self.prefix, self.statements.len() + 1);
        let (before, after) = self.language.declaration;
        self.statements.push(format!("{before}{name} = {}{after}", text.text));
        Text::atom(name)
    }
}

/// Comment lines that say which column each renamed argument is.
pub(super) fn renamed<S: AsRef<str>>(
    expr: &Expr,
    names: &[S],
    arguments: &[String],
    comment: &str,
) -> String {
    expr.variables()
        .into_iter()
        .filter(|v| arguments[*v] != names[*v].as_ref())
        .map(|v| format!("{comment}{}: column {:?}\n", arguments[v], names[v].as_ref()))
        .collect()
}

/// The arguments that the formula reads, in the order of the columns.
pub(super) fn used(expr: &Expr, arguments: &[String]) -> Vec<String> {
    expr.variables().into_iter().map(|v| arguments[v].clone()).collect()
}
