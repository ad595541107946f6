//! SymPy.

use super::names::identifiers;
use super::number::{Symbol, exact_on_a_line, float, leaf};
use super::printer::{Target, Text, print, words};
use crate::expr::{Expr, Form, Spelling};
use std::collections::BTreeMap;

/// A formula as text for SymPy.
///
/// ```
/// use closedform::{expr::Expr, model::export::sympy};
/// let out = sympy(&Expr::variable(0), &["x y"]);
/// assert_eq!(out.symbols[&out.text], "x y");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Sympy {
    /// The formula.
    pub text: String,
    /// Symbols that are not called like their columns: symbol to column name.
    pub symbols: BTreeMap<String, String>,
}

/// The formula for `sympy.parse_expr` and `sympy.sympify`.
///
/// A column whose name is a Python identifier keeps it, also where SymPy has an object of that name (`E`, `N`,
/// `S`, `beta`): pass the columns as `local_dict`, they come first. Names that Python's grammar or the text itself
/// reserves (`lambda`; `exp` in a formula with `exp(...)`), and those that are no identifiers, get another symbol,
/// listed in [`Sympy::symbols`].
///
/// ```python
/// names = ["E", "lambda_"]
/// f = sympy.parse_expr(text, local_dict={n: sympy.Symbol(n) for n in names})
/// ```
///
/// ```
/// use closedform::expr::parse;
/// use closedform::model::export::sympy;
/// let names = ["E", "lambda"];
/// let s = sympy(&parse("logistic(E)*relu(lambda)*pi/3", &names)?, &names);
/// assert_eq!(s.text, "1/(1 + exp(-E))*Max(0, lambda_)*pi/3");
/// assert_eq!(s.symbols["lambda_"], "lambda");
/// # Ok::<(), closedform::Error>(())
/// ```
pub fn sympy<S: AsRef<str>>(expr: &Expr, names: &[S]) -> Sympy {
    let mut reserved = words(expr, |s| s.sympy);
    // The constant e is `exp(1)`.
    reserved.extend(["exp", "sqrt"]);
    let symbols = identifiers(names, |n| {
        is_stable_identifier(n)
            && !PYTHON_KEYWORDS.contains(&n)
            && !PARSER_NAMES.contains(&n)
            && !reserved.contains(&n)
    });
    let renamed = expr.variables().into_iter().filter(|v| symbols[*v] != names[*v].as_ref());
    let map = renamed.map(|v| (symbols[v].clone(), names[v].as_ref().to_string())).collect();
    let text = print(&mut SympyText { symbols }, expr);
    Sympy { text, symbols: map }
}

struct SympyText {
    symbols: Vec<String>,
}

impl SympyText {
    fn has(&self, name: &str) -> bool {
        self.symbols.iter().any(|s| s == name)
    }
}

impl Target for SympyText {
    fn form(&self, spelling: &'static Spelling) -> Form {
        spelling.sympy
    }

    fn constant(&mut self, value: f64) -> Text {
        exact_on_a_line(value, |symbol| match symbol {
            Symbol::Pi => (!self.has("pi")).then_some("pi"),
            // `lambdify` may write the number as `e`, and would read the column's value there.
            Symbol::E => (!self.has("e") && !self.has("E")).then_some("exp(1)"),
            Symbol::Sqrt2 => Some("sqrt(2)"),
        })
    }

    fn parameter(&mut self, value: f64) -> Text {
        leaf(float(value))
    }

    fn variable(&mut self, index: usize) -> Text {
        Text::atom(self.symbols[index].clone())
    }
}

/// Python's reserved words.
pub(super) const PYTHON_KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// What SymPy's parser writes into the text itself.
const PARSER_NAMES: [&str; 6] = ["Symbol", "Function", "Integer", "Float", "Rational", "factorial"];

/// Identifiers whose letters Python does not replace by others when it reads them (NFKC): ASCII, Latin with
/// accents, Greek, Cyrillic, and the common blocks of Chinese, Japanese and Korean.
pub(super) fn is_stable_identifier(name: &str) -> bool {
    let letter = |c: char| {
        c.is_ascii_alphabetic()
            || c == '_'
            || matches!(c,
                'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ı' | 'Ĵ'..='ľ' | 'Ł'..='ň' | 'Ŋ'..='ž'
                | 'Α'..='Ρ' | 'Σ'..='Ω' | 'ά'..='ώ' | 'Ѐ'..='ӿ'
                | '一'..='\u{9fa5}' | 'ぁ'..='ゖ' | 'ァ'..='ヺ' | '가'..='힣')
                && c.is_alphabetic()
    };
    name.chars().next().is_some_and(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit())
}
