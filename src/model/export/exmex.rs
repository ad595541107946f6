//! exmex, the Rust crate of evaluable and differentiable expressions.
//!
//! exmex reads `-x^2` as `(-x)^2` and `a^b^c` as `(a^b)^c`, knows no exponents in numbers, no `pow(a, b)`, and takes
//! a column called `e` for Euler's number. So every operand is in brackets, numbers are written out, and names
//! that it might take for something else are in braces.

use super::names::{identifiers, is_ascii_identifier};
use super::number::leaf;
use super::printer::{Target, Text, print};
use crate::expr::{Expr, Form, Spelling};

/// A formula as text for exmex.
///
/// ```
/// use closedform::{expr::parse, model::export::exmex};
/// let out = exmex(&parse("b*a", &["b", "a"])?, &["b", "a"]);
/// assert_eq!((out.text.as_str(), out.variables), ("b*a", vec!["a".to_string(), "b".to_string()]));
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Exmex {
    /// The formula.
    pub text: String,
    /// The columns whose values exmex asks for, in its order.
    pub variables: Vec<String>,
}

/// The formula for `exmex::parse` with the order in which exmex wants the variables.
///
/// Where the formula has a finite value, exmex gives the same, but for `ln1pexp`, which exmex must write as
/// `ln(1 + exp(x))`: below -9 that loses digits, above 709 it overflows. Its `max` and `min` drop a NaN. exmex does
/// not differentiate `abs`, `sign`, `relu`, `max` and `min`.
///
/// ```
/// use closedform::expr::parse;
/// use closedform::model::export::exmex;
/// let names = ["x10", "x2", "e"];
/// let out = exmex(&parse("-x2^2 + 1e-7*e*x10", &names)?, &names);
/// assert_eq!(out.text, "(-(x2^2)) + ((0.0000001*{e})*x10)");
/// assert_eq!(out.variables, ["e", "x10", "x2"]);
/// # Ok::<(), closedform::Error>(())
/// ```
pub fn exmex<S: AsRef<str>>(expr: &Expr, names: &[S]) -> Exmex {
    // Anything may stand between braces but a brace.
    let spelled = identifiers(names, |n| !n.is_empty() && !n.contains(['{', '}']));
    let mut used: Vec<(&str, &str)> =
        expr.variables().into_iter().map(|v| (spelled[v].as_str(), names[v].as_ref())).collect();
    used.sort_unstable();
    let variables = used.into_iter().map(|(_, name)| name.to_string()).collect();
    let text = print(&mut ExmexText { names: &spelled }, expr);
    Exmex { text, variables }
}

struct ExmexText<'a> {
    names: &'a [String],
}

impl Target for ExmexText<'_> {
    const MOVES_SIGNS: bool = false;

    fn form(&self, spelling: &'static Spelling) -> Form {
        spelling.exmex
    }

    fn constant(&mut self, value: f64) -> Text {
        leaf(format!("{value}"))
    }

    fn parameter(&mut self, value: f64) -> Text {
        self.constant(value)
    }

    fn variable(&mut self, index: usize) -> Text {
        let name = &self.names[index];
        Text::atom(if is_plain(name) { name.clone() } else { format!("{{{name}}}") })
    }
}

/// Whether exmex reads the name as a variable without braces. It takes what only begins like `max` for `max`.
fn is_plain(name: &str) -> bool {
    const TAKEN: [&str; 29] = [
        "abs", "signum", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh",
        "acosh", "atanh", "floor", "round", "ceil", "trunc", "fract", "exp", "sqrt", "cbrt", "ln", "log2",
        "log10", "log", "PI", "E", "e",
    ];
    is_ascii_identifier(name)
        && name != "TAU"
        && !TAKEN.contains(&name)
        && !["atan2", "min", "max"].iter().any(|p| name.starts_with(p))
}
