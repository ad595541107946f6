//! Formulas as text to expressions: a precedence-climbing (Pratt) parser.
//!
//! Mathematical reading: `-x^2` is `-(x^2)`, `2^3^2` is `2^(3^2)`; `**` is `^`. A name is looked up among the
//! variables first, so that a column may be called `e` or `pi`; a name with other characters is written between
//! backquotes (a backquote in it is doubled) or braces.

use super::{Expr, ExprBuilder, Node, NodeId, Op, Primitive};
use crate::error::Error;

/// Reads a formula; `names[i]` is the name of variable `i`. Numbers become exact constants.
///
/// ```
/// use closedform::expr::parse;
/// let e = parse("-x^2 + 2*`reaction time`", &["x", "reaction time"])?;
/// assert_eq!(e.evaluate_row(&[3.0, 1.0]), -7.0);
/// # Ok::<(), closedform::Error>(())
/// ```
///
/// # Errors
/// With the position of the first character that does not fit.
pub fn parse<S: AsRef<str>>(text: &str, names: &[S]) -> Result<Expr, Error> {
    Parser::new(text, |name| names.iter().position(|n| n.as_ref() == name).map(Expr::variable)).formula()
}

/// Reads a formula whose constants are to be fitted, and the names of these constants in the order of
/// [`Expr::parameters`]. `variable` tells which column a name stands for.
///
/// Numbers with a point or an exponent become fitted constants that start at their value; whole numbers belong to the
/// structure, and so do whole and half exponents. With `named`, any other name becomes a fitted constant as well; it
/// starts at 1 and is the same constant wherever it stands.
///
/// ```
/// use closedform::expr::parse_form;
/// let column = |name: &str| (name == "t").then_some(0);
/// let (form, names) = parse_form("a*exp(-b*t) + 0.5*a*t^2", column, true)?;
/// assert_eq!(names, ["a", "b", "c0"]);
/// assert_eq!(form.parameters(), [1.0, 1.0, 0.5]);
/// assert!(parse_form("a*t", column, false).is_err());
/// # Ok::<(), closedform::Error>(())
/// ```
///
/// # Errors
/// With the position of the first character that does not fit.
pub fn parse_form(
    text: &str,
    variable: impl Fn(&str) -> Option<usize>,
    named: bool,
) -> Result<(Expr, Vec<String>), Error> {
    /// Variables from here on stand for named constants until the formula is read: there is one of each.
    const NAMED: usize = 1 << 30;
    let mut names: Vec<String> = Vec::new();
    let lookup = |name: &str| {
        if let Some(column) = variable(name) {
            return Some(Expr::variable(column));
        }
        if !named || matches!(name, "pi" | "e" | "E") {
            return None;
        }
        let known = names.iter().position(|n| n == name).unwrap_or_else(|| {
            names.push(name.to_string());
            names.len() - 1
        });
        Some(Expr::variable(NAMED + known))
    };
    let raw = Parser { free_numbers: true, ..Parser::new(text, lookup) }.formula()?;
    let mut g = ExprBuilder::new();
    // Marks tell after the last renumbering which constant is which: names first, then numbers.
    let marks: Vec<NodeId> = (0..names.len()).map(|i| g.parameter(i as f64)).collect();
    let root = g.import_with(&raw, |g, node| match node {
        Node::Variable(i) if i as usize >= NAMED => Some(marks[i as usize - NAMED]),
        Node::Parameter(p) => Some(g.parameter((names.len() + p as usize) as f64)),
        _ => None,
    });
    let marked = g.finish(root);
    let mut starts = vec![1.0; names.len()];
    starts.extend_from_slice(raw.parameters());
    // A name of the user's own may look like one of ours.
    let mut ours = (0..).map(|k| format!("c{k}")).filter(|n| !names.contains(n));
    let order = || marked.parameters().iter().map(|mark| *mark as usize);
    let values: Vec<f64> = order().map(|i| starts[i]).collect();
    let called = order().map(|i| names.get(i).cloned().or_else(|| ours.next()).unwrap_or_default());
    Ok((marked.with_parameters(&values), called.collect()))
}

/// Reads the formula of a primitive: `x`, `y` are its inputs, other single letters its constants.
pub(crate) fn parse_template(text: &str) -> Result<Expr, Error> {
    // Letters become variables 2, 3, ... first, so that a letter that is used twice stays one constant.
    let mut letters: Vec<String> = Vec::new();
    let raw = Parser::new(text, |name| match name {
        "x" => Some(Expr::variable(0)),
        "y" => Some(Expr::variable(1)),
        _ if name.chars().count() == 1 && name != "e" => {
            let known = letters.iter().position(|l| l == name);
            Some(Expr::variable(
                2 + known.unwrap_or_else(|| {
                    letters.push(name.to_string());
                    letters.len() - 1
                }),
            ))
        }
        _ => None,
    })
    .formula()?;
    let mut inputs = vec![Expr::variable(0), Expr::variable(1)];
    inputs.extend(letters.iter().map(|_| Expr::parameter(1.0)));
    Ok(raw.substitute(&inputs))
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// The value, and whether it is written with a point or an exponent.
    Number(f64, bool),
    Name(String),
    Symbol(char),
    End,
}

struct Parser<'t, F> {
    text: &'t str,
    at: usize,
    token: Token,
    token_at: usize,
    depth: usize,
    /// Whether numbers that are not whole become fitted constants.
    free_numbers: bool,
    lookup: F,
}

/// Nesting beyond this is refused instead of overflowing the stack.
const MAX_DEPTH: usize = 200;

impl<'t, F: FnMut(&str) -> Option<Expr>> Parser<'t, F> {
    fn new(text: &'t str, lookup: F) -> Self {
        Self { text, at: 0, token: Token::End, token_at: 0, depth: 0, free_numbers: false, lookup }
    }

    fn fail<T>(&self, what: impl std::fmt::Display) -> Result<T, Error> {
        let column = self.text[..self.token_at].chars().count() + 1;
        Err(Error::formula(format!("{what} at character {column} of `{}`", self.text)))
    }

    fn formula(mut self) -> Result<Expr, Error> {
        self.advance()?;
        let e = self.expression(0)?;
        if self.token != Token::End {
            return self.fail("expected an operator or the end");
        }
        Ok(e)
    }

    fn advance(&mut self) -> Result<(), Error> {
        let rest = &self.text[self.at..];
        let skipped = rest.len() - rest.trim_start().len();
        self.at += skipped;
        self.token_at = self.at;
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else {
            self.token = Token::End;
            return Ok(());
        };
        if first.is_ascii_digit() || first == '.' {
            let len = number_length(rest);
            let Ok(value) = rest[..len].parse::<f64>() else {
                return self.fail(format!("`{}` is not a number", &rest[..len]));
            };
            self.token = Token::Number(value, rest[..len].contains(['.', 'e', 'E']));
            self.at += len;
        } else if first.is_alphabetic() || first == '_' {
            let len = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            self.token = Token::Name(rest[..len].to_string());
            self.at += len;
        } else if first == '`' || first == '{' {
            let close = if first == '`' { '`' } else { '}' };
            let mut name = String::new();
            let mut chars = rest.char_indices().skip(1).peekable();
            let len = loop {
                match chars.next() {
                    None => return self.fail(format!("`{first}` is never closed")),
                    // A doubled backquote stands for one in the name.
                    Some((_, '`')) if first == '`' && chars.next_if(|c| c.1 == '`').is_some() => {
                        name.push('`')
                    }
                    Some((at, c)) if c == close => break at + 1,
                    Some((_, c)) => name.push(c),
                }
            };
            self.token = Token::Name(name);
            self.at += len;
        } else if rest.starts_with("**") {
            self.token = Token::Symbol('^');
            self.at += 2;
        } else {
            self.token = Token::Symbol(first);
            self.at += first.len_utf8();
        }
        Ok(())
    }

    /// Binding powers: + - 1, * / 2, unary minus 3, ^ 4 (right associative).
    fn expression(&mut self, least: u8) -> Result<Expr, Error> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail("the formula is nested too deeply");
        }
        let mut left = self.prefix()?;
        loop {
            let (op, power, right_power) = match self.token {
                Token::Symbol('+') => (Op::Add, 1, 2),
                Token::Symbol('-') => (Op::Sub, 1, 2),
                Token::Symbol('*') => (Op::Mul, 2, 3),
                Token::Symbol('/') => (Op::Div, 2, 3),
                Token::Symbol('^') => (Op::Pow, 4, 3),
                _ => break,
            };
            if power < least {
                break;
            }
            self.advance()?;
            let mut right = self.expression(right_power)?;
            if op == Op::Pow
                && let [Node::Parameter(_)] = right.nodes()
                && (2.0 * right.parameters()[0]).fract() == 0.0
            {
                right = right.frozen();
            }
            left = Expr::apply2(op, &left, &right);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn prefix(&mut self) -> Result<Expr, Error> {
        match self.token.clone() {
            Token::Number(v, decimal) => {
                self.advance()?;
                let free = self.free_numbers && decimal;
                Ok(if free { Expr::parameter(v) } else { Expr::constant(v) })
            }
            Token::Symbol('-') => {
                self.advance()?;
                let inner = self.expression(3)?;
                // `-2` is a number, not the negative of one.
                match inner.nodes() {
                    [Node::Constant(c)] => return Ok(Expr::constant(-c)),
                    [Node::Parameter(_)] => return Ok(Expr::parameter(-inner.parameters()[0])),
                    _ => {}
                }
                Ok(inner.apply(Op::Neg))
            }
            Token::Symbol('+') => {
                self.advance()?;
                self.expression(3)
            }
            Token::Symbol('(') => {
                self.advance()?;
                let inner = self.expression(0)?;
                self.close()?;
                Ok(inner)
            }
            Token::Name(name) => {
                let at = self.token_at;
                self.advance()?;
                if self.token == Token::Symbol('(')
                    && let Some(op) = function(&name)
                {
                    return self.call(op);
                }
                if let Some(e) = (self.lookup)(&name) {
                    return Ok(e);
                }
                match name.as_str() {
                    "pi" => Ok(Expr::constant(std::f64::consts::PI)),
                    "e" | "E" => Ok(Expr::constant(std::f64::consts::E)),
                    _ => {
                        self.token_at = at;
                        self.fail(format!("`{name}` is neither a variable nor a function"))
                    }
                }
            }
            Token::Symbol(c) => self.fail(format!("`{c}` does not fit")),
            Token::End => self.fail("the formula ends too early"),
        }
    }

    fn close(&mut self) -> Result<(), Error> {
        if self.token != Token::Symbol(')') {
            return self.fail("expected `)`");
        }
        self.advance()
    }

    fn call(&mut self, op: Op) -> Result<Expr, Error> {
        self.advance()?;
        let first = self.expression(0)?;
        let result = if op.arity() == 2 {
            if self.token != Token::Symbol(',') {
                return self.fail("expected `,` and a second argument");
            }
            self.advance()?;
            let second = self.expression(0)?;
            Expr::apply2(op, &first, &second)
        } else {
            first.apply(op)
        };
        self.close()?;
        Ok(result)
    }
}

fn number_length(text: &str) -> usize {
    let b = text.as_bytes();
    let digits = |mut i: usize| {
        while i < b.len() && b[i].is_ascii_digit() {
            i += 1;
        }
        i
    };
    let mut i = digits(0);
    if i < b.len() && b[i] == b'.' {
        i = digits(i + 1);
    }
    if i < b.len() && (b[i] == b'e' || b[i] == b'E') {
        let sign = usize::from(i + 1 < b.len() && (b[i + 1] == b'+' || b[i + 1] == b'-'));
        let end = digits(i + 1 + sign);
        if end > i + 1 + sign {
            i = end;
        }
    }
    i
}

/// Functions by the name in the table, and by what other programs call them.
fn function(name: &str) -> Option<Op> {
    let alias = match name {
        "log" => "ln",
        "inv" => "reciprocal",
        "sigmoid" | "expit" => "logistic",
        "softplus" => "ln1pexp",
        "Abs" | "fabs" => "abs",
        "arcsin" => "asin",
        "arccos" => "acos",
        "arctan" => "atan",
        "Max" | "maximum" | "fmax" => "max",
        "Min" | "minimum" | "fmin" => "min",
        "power" => "pow",
        other => other,
    };
    Op::ALL.into_iter().find(|op| Primitive::name_of(*op) == alias)
}
