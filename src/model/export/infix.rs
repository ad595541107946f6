//! The formula for people, which [`crate::expr::parse`] reads back.

use super::number::{Digits, Symbol, exact_on_a_line, leaf, short};
use super::printer::{Target, Text, print};
use crate::expr::{Expr, Form, Spelling};

/// The formula on one line. Fitted numbers are rounded to `digits`; exact ones are written in full, multiples of
/// `pi` and `e` by name. A column name that is no word stands between backquotes.
///
/// ```
/// use closedform::expr::parse;
/// use closedform::model::export::{Digits, infix};
/// let names = ["dose", "reaction time"];
/// let e = parse("1 - 0.5*exp(-dose/2) + `reaction time`^2*(2*3)", &names)?;
/// assert_eq!(infix(&e, &names, Digits::All), "1 - 0.5*exp(-dose/2) + `reaction time`^2*2*3");
/// # Ok::<(), closedform::Error>(())
/// ```
pub fn infix<S: AsRef<str>>(expr: &Expr, names: &[S], digits: Digits) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    print(&mut Infix { names, digits }, expr)
}

struct Infix<'a> {
    names: Vec<&'a str>,
    digits: Digits,
}

impl Target for Infix<'_> {
    fn form(&self, spelling: &'static Spelling) -> Form {
        spelling.infix
    }

    fn constant(&mut self, value: f64) -> Text {
        exact_on_a_line(value, |symbol| {
            let name = match symbol {
                Symbol::Pi => "pi",
                Symbol::E => "e",
                Symbol::Sqrt2 => "sqrt(2)",
            };
            // A column of that name comes first when the text is read.
            (!self.names.contains(&name)).then_some(name)
        })
    }

    fn parameter(&mut self, value: f64) -> Text {
        leaf(short(value, self.digits))
    }

    fn variable(&mut self, index: usize) -> Text {
        Text::atom(quoted(self.names[index]))
    }
}

/// A name as the parser reads it.
fn quoted(name: &str) -> String {
    let word = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if word { name.to_string() } else { format!("`{}`", name.replace('`', "``")) }
}
