//! LaTeX, math mode.

use super::names::{greek_name, is_greek};
use super::number::{Digits, Exact, Symbol, exact, leaf, short};
use super::printer::{Target, Text, print};
use crate::expr::{Expr, Form, Level, Spelling};

/// The formula in LaTeX's math mode (amsmath; KaTeX and MathJax read it).
///
/// `x_1` and `x1` become `x_{1}`, `theta` and `θ` become `\theta`, words are upright, and any other column name is
/// written as text with its special characters escaped.
///
/// ```
/// use closedform::expr::parse;
/// use closedform::model::export::{Digits, latex};
/// let names = ["alpha_1", "reaction time"];
/// let e = parse("exp(-alpha_1)/sqrt(2) + `reaction time`^2", &names)?;
/// let text = r"\frac{e^{-\alpha_{1}}}{\sqrt{2}} + \text{reaction time}^{2}";
/// assert_eq!(latex(&e, &names, Digits::All), text);
/// # Ok::<(), closedform::Error>(())
/// ```
pub fn latex<S: AsRef<str>>(expr: &Expr, names: &[S], digits: Digits) -> String {
    let mut written: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        let name = name.as_ref();
        let short = symbol(name).filter(|s| !written.contains(s));
        written.push(short.unwrap_or_else(|| text(name)));
    }
    print(&mut Latex { names: written, digits }, expr)
}

struct Latex {
    names: Vec<String>,
    digits: Digits,
}

impl Target for Latex {
    const BRACKETS: (&'static str, &'static str) = (r"\left(", r"\right)");
    const STACKS_QUOTIENTS: bool = true;

    fn form(&self, spelling: &'static Spelling) -> Form {
        spelling.latex
    }

    fn constant(&mut self, value: f64) -> Text {
        let sign = if value < 0.0 { "-" } else { "" };
        let Some(Exact { numerator, denominator, symbol }) = exact(value.abs()) else {
            return number(value, Digits::All);
        };
        let name = symbol.map(|s| match s {
            Symbol::Pi => r"\pi",
            Symbol::E => "e",
            Symbol::Sqrt2 => r"\sqrt{2}",
        });
        let above = match name {
            None => numerator.to_string(),
            Some(name) if numerator == 1 => name.to_string(),
            Some(name) => format!("{numerator} {name}"),
        };
        let (text, level) = match (denominator, numerator) {
            (1, 1) => (above, Level::Atom),
            (1, _) => (above, Level::Product),
            _ => (format!(r"\frac{{{above}}}{{{denominator}}}"), Level::Power),
        };
        let level = if sign.is_empty() { level } else { level.min(Level::Negative) };
        Text { text: format!("{sign}{text}"), level }
    }

    fn parameter(&mut self, value: f64) -> Text {
        number(value, self.digits)
    }

    fn variable(&mut self, index: usize) -> Text {
        Text::atom(self.names[index].clone())
    }

    /// Factors stand side by side; a dot parts what would run together: `2 \cdot 3`, two words.
    fn product(&self, form: Form, left: &Text, right: &Text) -> Form {
        let wordy = |t: &str| t.starts_with(r"\mathrm") || t.starts_with(r"\text");
        let number = |t: &str| t.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
        let bracketed = right.level < Level::Product;
        let last = left.text.rsplit_once(' ').map_or(left.text.as_str(), |(_, last)| last);
        let digit = right.text.starts_with(|c: char| c.is_ascii_digit());
        let words = wordy(last) || (wordy(&right.text) && !number(&left.text));
        if !bracketed && (digit || words) { Form { text: r"$0:p \cdot $1:p", ..form } } else { form }
    }
}

/// A number; powers of ten are written as such.
fn number(value: f64, digits: Digits) -> Text {
    let plain = short(value, digits);
    match plain.split_once('e') {
        Some((mantissa, exponent)) => {
            Text { text: format!(r"{mantissa} \times 10^{{{exponent}}}"), level: Level::Product }
        }
        None => leaf(plain),
    }
}

/// A name as a symbol with subscripts, where it has that shape.
fn symbol(name: &str) -> Option<String> {
    if matches!(name, "e" | "pi" | "π") {
        return None; // those are numbers
    }
    let (word, mut subscripts) = match name.split_once('_') {
        Some((word, rest)) => (word, rest.split('_').map(letters).collect::<Option<Vec<_>>>()?),
        None => (name, Vec::new()),
    };
    let base = word.trim_end_matches(|c: char| c.is_ascii_digit());
    if base.len() < word.len() {
        subscripts.insert(0, word[base.len()..].to_string());
    }
    let base = letters(base).filter(|_| !base.is_empty())?;
    if subscripts.is_empty() { Some(base) } else { Some(format!("{base}_{{{}}}", subscripts.join(", "))) }
}

/// A word of letters, or of digits: one letter in italics, the name of a Greek letter as that letter.
fn letters(word: &str) -> Option<String> {
    let mut chars = word.chars();
    let first = chars.next()?;
    if chars.next().is_none() && !first.is_ascii() {
        return greek_name(first).map(|g| greek(&g));
    }
    let digits = word.bytes().all(|b| b.is_ascii_digit());
    if digits || (word.len() == 1 && first.is_ascii_alphabetic()) {
        Some(word.to_string())
    } else if is_greek(word) {
        Some(greek(word))
    } else if word.bytes().all(|b| b.is_ascii_alphanumeric()) {
        Some(format!(r"\mathrm{{{word}}}"))
    } else {
        None
    }
}

/// A Greek letter; the capitals that look like Latin ones have no command.
fn greek(name: &str) -> String {
    const CAPITALS: [&str; 11] =
        ["Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"];
    let lower = name.starts_with(|c: char| c.is_ascii_lowercase());
    if (lower && name != "omicron") || CAPITALS.contains(&name) {
        format!("\\{name}")
    } else {
        format!(r"\mathrm{{{name}}}")
    }
}

/// A name as it is, in text mode.
fn text(name: &str) -> String {
    let mut out = String::from(r"\text{");
    for c in name.chars() {
        match c {
            '\\' => out.push_str(r"\textbackslash{}"),
            '^' => out.push_str(r"\textasciicircum{}"),
            '~' => out.push_str(r"\textasciitilde{}"),
            '{' | '}' | '_' | '%' | '&' | '#' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => match greek_name(c) {
                Some(name) => out.push_str(&format!("${}$", greek(&name))),
                None => out.push(c),
            },
        }
    }
    out.push('}');
    out
}
