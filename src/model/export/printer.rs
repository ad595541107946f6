//! Brackets where they are needed and nowhere else: one printer for all languages.
//!
//! Nodes are written in the order of the expression, arguments first; a [`Target`] says how a leaf looks and
//! which column of the table of functions it reads.

use crate::expr::{Expr, Form, Level, Node, NodeId, Op, Primitive, Spelling};

/// A written part of a formula.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) level: Level,
}

impl Text {
    pub(super) fn atom(text: impl Into<String>) -> Self {
        Self { text: text.into(), level: Level::Atom }
    }

    /// The text without its leading minus sign, where that is the sign of all of it.
    fn without_sign(&self) -> Option<&str> {
        if self.level >= Level::Product { self.text.strip_prefix('-') } else { None }
    }
}

/// A language.
pub(super) trait Target {
    /// Brackets that change nothing but the grouping.
    const BRACKETS: (&'static str, &'static str) = ("(", ")");
    /// Whether `a + -b` is written `a - b`.
    const MOVES_SIGNS: bool = true;
    /// Whether quotients are stacked, so that a sign of the numerator is better written before the bar.
    const STACKS_QUOTIENTS: bool = false;

    /// The language's column of the table.
    fn form(&self, spelling: &'static Spelling) -> Form;

    /// An exact number.
    fn constant(&mut self, value: f64) -> Text;

    /// A fitted number.
    fn parameter(&mut self, value: f64) -> Text;

    /// An input.
    fn variable(&mut self, index: usize) -> Text;

    /// The form of a product of these factors.
    fn product(&self, form: Form, _left: &Text, _right: &Text) -> Form {
        form
    }

    /// Called with every written function; may put it aside under a name.
    fn place(&mut self, _node: NodeId, text: Text) -> Text {
        text
    }
}

/// The expression as text.
pub(super) fn print<T: Target>(target: &mut T, expr: &Expr) -> String {
    let mut texts: Vec<Text> = Vec::with_capacity(expr.nodes().len());
    for (i, node) in expr.nodes().iter().enumerate() {
        let text = match *node {
            Node::Constant(c) => target.constant(c),
            Node::Parameter(p) => target.parameter(expr.parameters()[p as usize]),
            Node::Variable(v) => target.variable(v as usize),
            Node::Unary(op, a) => {
                let text = unary(target, op, &texts[a as usize]);
                target.place(i as NodeId, text)
            }
            Node::Binary(op, a, b) => {
                let text = binary(target, op, &texts[a as usize], &texts[b as usize]);
                target.place(i as NodeId, text)
            }
        };
        texts.push(text);
    }
    texts.pop().map_or_else(String::new, |t| t.text)
}

fn unary<T: Target>(target: &T, op: Op, a: &Text) -> Text {
    let form = target.form(Primitive::spelling_of(op));
    let mut text = expand::<T>(form, &[a]);
    if op == Op::Neg && T::MOVES_SIGNS && a.level <= Level::Negative && a.level >= Level::Product {
        // `-a*b`, or the two signs of `-(-a)` have met.
        text.level = Level::Product;
    }
    text
}

fn binary<T: Target>(target: &T, op: Op, a: &Text, b: &Text) -> Text {
    let form = target.form(Primitive::spelling_of(op));
    if T::MOVES_SIGNS {
        let opposite = match op {
            Op::Add => Some(Op::Sub),
            Op::Sub => Some(Op::Add),
            _ => None,
        };
        if let Some(opposite) = opposite
            && let Some(positive) = b.without_sign()
        {
            let form = target.form(Primitive::spelling_of(opposite));
            let b = Text { text: positive.to_string(), level: b.level };
            return expand::<T>(form, &[a, &b]);
        }
        if op == Op::Div
            && T::STACKS_QUOTIENTS
            && let Some(positive) = a.without_sign()
        {
            let a = Text { text: positive.to_string(), level: a.level };
            let quotient = expand::<T>(form, &[&a, b]);
            return Text { text: format!("-{}", quotient.text), level: Level::Negative };
        }
        // A sum inside a sum needs no brackets where the language's form says so, but a sign does.
        if op == Op::Add
            && b.level == Level::Sum
            && form.text.contains("$1:s")
            && let Some(rest) = b.text.strip_prefix('-')
        {
            let a = &expand::<T>(Form { level: Level::Sum, text: "$0:s" }, &[a]).text;
            return Text { text: format!("{a} - {rest}"), level: Level::Sum };
        }
    }
    let form = if op == Op::Mul { target.product(form, a, b) } else { form };
    expand::<T>(form, &[a, b])
}

/// Puts the arguments into the template.
fn expand<T: Target>(form: Form, arguments: &[&Text]) -> Text {
    let mut out = String::new();
    let mut rest = form.text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let bytes = rest.as_bytes();
        let argument = arguments[usize::from(bytes[at + 1] - b'0')];
        let least = (bytes.get(at + 2) == Some(&b':')).then(|| match bytes[at + 3] {
            b's' => Level::Sum,
            b'p' => Level::Product,
            b'n' => Level::Negative,
            b'w' => Level::Power,
            _ => Level::Atom,
        });
        rest = &rest[at + if least.is_some() { 4 } else { 2 }..];
        match least {
            None => out.push_str(&argument.text),
            Some(_) if T::MOVES_SIGNS && out.ends_with('-') && argument.without_sign().is_some() => {
                out.pop();
                out.push_str(&argument.text[1..]);
            }
            Some(least) => {
                let hidden_sign = least > Level::Sum && !out.is_empty() && argument.text.starts_with('-');
                if argument.level < least || hidden_sign {
                    out.push_str(T::BRACKETS.0);
                    out.push_str(&argument.text);
                    out.push_str(T::BRACKETS.1);
                } else {
                    out.push_str(&argument.text);
                }
            }
        }
    }
    out.push_str(rest);
    Text { text: out, level: form.level }
}

/// How often the texts of its users contain each node's text.
pub(super) fn occurrences(expr: &Expr, form: impl Fn(&'static Spelling) -> Form) -> Vec<usize> {
    let mut count = vec![0; expr.nodes().len()];
    for node in expr.nodes() {
        let times = |op: Op, argument: &str| form(Primitive::spelling_of(op)).text.matches(argument).count();
        match *node {
            Node::Unary(op, a) => count[a as usize] += times(op, "$0"),
            Node::Binary(op, a, b) => {
                count[a as usize] += times(op, "$0");
                count[b as usize] += times(op, "$1");
            }
            _ => {}
        }
    }
    count
}

/// The words that the functions of an expression are written with: names that a variable may not have.
pub(super) fn words(expr: &Expr, form: impl Fn(&'static Spelling) -> Form) -> Vec<&'static str> {
    let mut words: Vec<&'static str> = Vec::new();
    for node in expr.nodes() {
        if let Node::Unary(op, _) | Node::Binary(op, _, _) = *node {
            let text = form(Primitive::spelling_of(op)).text;
            // A template's `:s` is no word.
            let pieces =
                text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':' || c == '$'));
            words.extend(pieces.filter(|w| w.starts_with(|c: char| c.is_ascii_alphabetic())));
        }
    }
    words.sort_unstable();
    words.dedup();
    words
}
