//! A cheap normal form: numbers folded and moved to the left, so that no two constants do one constant's work.
//!
//! The pipeline's simplifier does far more, but costs milliseconds; this one runs on every child.

use super::{Symbol, Tree};
use crate::expr::Op;

/// The formula rebuilt from its leaves by [`assemble`].
pub(crate) fn cleaned(tree: &Tree) -> Tree {
    let mut stack: Vec<Vec<Symbol>> = Vec::new();
    for symbol in tree.symbols() {
        let part = match *symbol {
            Symbol::Unary(op) => {
                let a = stack.pop().expect("postfix order");
                unary(op, a)
            }
            Symbol::Binary(op) => {
                let b = stack.pop().expect("postfix order");
                let a = stack.pop().expect("postfix order");
                binary(op, a, b)
            }
            // Exact numbers have a meaning as exponents only, and those are recognised by the power.
            leaf => vec![leaf],
        };
        stack.push(part);
    }
    Tree::from_symbols(stack.pop().expect("postfix order"))
}

/// A function of two formulas, in the normal form.
pub(crate) fn assemble(op: Op, a: &Tree, b: &Tree) -> Tree {
    Tree::from_symbols(binary(op, a.symbols().to_vec(), b.symbols().to_vec()))
}

fn number(part: &[Symbol]) -> Option<f64> {
    if part.len() == 1 { part[0].number() } else { None }
}

fn fitted(value: f64) -> Vec<Symbol> {
    vec![Symbol::Parameter(value)]
}

fn plain(op: Op, mut a: Vec<Symbol>, b: Vec<Symbol>) -> Vec<Symbol> {
    a.extend(b);
    a.push(Symbol::Binary(op));
    a
}

/// `c * u` as `(c, u)`; the number stands on the left in the normal form.
fn scaled(part: &[Symbol]) -> Option<(f64, Vec<Symbol>)> {
    match part {
        [first, rest @ .., Symbol::Binary(Op::Mul)] => {
            let value = first.number()?;
            // The number is the whole left argument where the rest is one formula.
            is_one(rest).then(|| (value, rest.to_vec()))
        }
        _ => None,
    }
}

/// `c + u` as `(c, u)`.
fn shifted(part: &[Symbol]) -> Option<(f64, Vec<Symbol>)> {
    match part {
        [first, rest @ .., Symbol::Binary(Op::Add)] => {
            let value = first.number()?;
            is_one(rest).then(|| (value, rest.to_vec()))
        }
        _ => None,
    }
}

/// `c / u` as `(c, u)`.
fn over(part: &[Symbol]) -> Option<(f64, Vec<Symbol>)> {
    match part {
        [first, rest @ .., Symbol::Binary(Op::Div)] => {
            let value = first.number()?;
            is_one(rest).then(|| (value, rest.to_vec()))
        }
        _ => None,
    }
}

fn is_one(symbols: &[Symbol]) -> bool {
    let mut depth = 0usize;
    for s in symbols {
        match depth.checked_sub(s.arity()) {
            Some(d) => depth = d + 1,
            None => return false,
        }
    }
    depth == 1
}

fn unary(op: Op, a: Vec<Symbol>) -> Vec<Symbol> {
    if let Some(v) = number(&a) {
        return fitted(op.value(v));
    }
    let last = a[a.len() - 1];
    let inner = || a[..a.len() - 1].to_vec();
    match (op, last) {
        (Op::Neg, _) => return binary(Op::Mul, fitted(-1.0), a),
        (Op::Reciprocal, _) => return binary(Op::Div, fitted(1.0), a),
        (Op::Exp, Symbol::Unary(Op::Ln))
        | (Op::Ln, Symbol::Unary(Op::Exp))
        | (Op::Square, Symbol::Unary(Op::Sqrt)) => return inner(),
        (Op::Abs, Symbol::Unary(Op::Abs | Op::Square | Op::Exp | Op::Sqrt))
        | (Op::Relu, Symbol::Unary(Op::Relu)) => {
            return a;
        }
        (Op::Square, Symbol::Unary(Op::Abs)) => return unary(Op::Square, inner()),
        _ => {}
    }
    // Powers let a factor out, even and odd functions a sign.
    if let Some((c, u)) = scaled(&a) {
        match op {
            Op::Square => return binary(Op::Mul, fitted(c * c), unary(op, u)),
            Op::Cube => return binary(Op::Mul, fitted(c * c * c), unary(op, u)),
            Op::Sqrt if c > 0.0 => return binary(Op::Mul, fitted(c.sqrt()), unary(op, u)),
            Op::Abs => return binary(Op::Mul, fitted(c.abs()), unary(op, u)),
            _ => {}
        }
    }
    let mut part = a;
    part.push(Symbol::Unary(op));
    part
}

fn binary(op: Op, a: Vec<Symbol>, b: Vec<Symbol>) -> Vec<Symbol> {
    let (na, nb) = (number(&a), number(&b));
    if let (Some(x), Some(y)) = (na, nb) {
        return fitted(op.value2(x, y));
    }
    match op {
        Op::Add => {
            if nb.is_some() {
                return binary(op, b, a);
            }
            if let (Some(x), Some((y, u))) = (na, shifted(&b)) {
                return binary(op, fitted(x + y), u);
            }
            if let Some((x, u)) = shifted(&a) {
                return binary(op, fitted(x), binary(op, u, b));
            }
            if let Some((y, u)) = shifted(&b) {
                return binary(op, fitted(y), binary(op, a, u));
            }
            if na == Some(0.0) {
                return b;
            }
            if a == b {
                return binary(Op::Mul, fitted(2.0), a);
            }
        }
        Op::Sub => {
            if let Some(y) = nb {
                return binary(Op::Add, fitted(-y), a);
            }
            if a == b {
                return fitted(0.0);
            }
            if let Some((c, u)) = scaled(&b) {
                return binary(Op::Add, a, binary(Op::Mul, fitted(-c), u));
            }
            if let Some((y, u)) = shifted(&b) {
                return binary(Op::Add, fitted(-y), binary(op, a, u));
            }
            if let Some((x, u)) = shifted(&a) {
                return binary(Op::Add, fitted(x), binary(op, u, b));
            }
        }
        Op::Mul => {
            if nb.is_some() {
                return binary(op, b, a);
            }
            if let Some(x) = na {
                if x == 1.0 {
                    return b;
                }
                if x == 0.0 {
                    return fitted(0.0);
                }
                if let Some((y, u)) = scaled(&b) {
                    return binary(op, fitted(x * y), u);
                }
                if let Some((y, u)) = over(&b) {
                    return binary(Op::Div, fitted(x * y), u);
                }
            }
            if let Some((x, u)) = scaled(&a) {
                return binary(op, fitted(x), binary(op, u, b));
            }
            if na.is_none()
                && let Some((y, u)) = scaled(&b)
            {
                return binary(op, fitted(y), binary(op, a, u));
            }
            if let Some((x, u)) = over(&a) {
                return binary(op, fitted(x), binary(Op::Div, b, u));
            }
            if na.is_none()
                && let Some((y, u)) = over(&b)
            {
                return binary(op, fitted(y), binary(Op::Div, a, u));
            }
            if a == b {
                return unary(Op::Square, a);
            }
        }
        Op::Div => {
            if let Some(y) = nb {
                return binary(Op::Mul, fitted(1.0 / y), a);
            }
            if let Some((y, u)) = scaled(&b) {
                return binary(Op::Mul, fitted(1.0 / y), binary(op, a, u));
            }
            if na.is_none()
                && let Some((x, u)) = scaled(&a)
            {
                return binary(Op::Mul, fitted(x), binary(op, u, b));
            }
            if let Some((y, u)) = over(&b) {
                return binary(Op::Mul, fitted(1.0 / y), binary(Op::Mul, a, u));
            }
            if let Some((x, u)) = over(&a) {
                return binary(op, fitted(x), binary(Op::Mul, u, b));
            }
            if a == b {
                return fitted(1.0);
            }
        }
        Op::Pow => {
            if let [Symbol::Constant(p)] = b[..] {
                match p {
                    1.0 => return a,
                    2.0 => return unary(Op::Square, a),
                    3.0 => return unary(Op::Cube, a),
                    -1.0 => return binary(Op::Div, fitted(1.0), a),
                    -2.0 => return binary(Op::Div, fitted(1.0), unary(Op::Square, a)),
                    _ => {}
                }
            }
            if let (Some(p), [u @ .., Symbol::Parameter(q), Symbol::Binary(Op::Pow)]) = (nb, &a[..])
                && is_one(u)
            {
                return plain(op, u.to_vec(), fitted(p * q));
            }
        }
        _ => {}
    }
    plain(op, a, b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Expr, parse};

    fn check(formula: &str, expected: &str) {
        let names = vec!["x".to_string(), "y".to_string()];
        let read = |text: &str| Tree::from_expr(&parse(text, &names).unwrap(), 100).unwrap();
        let got = cleaned(&read(formula));
        let want = read(expected);
        // Numbers that were folded are parameters now.
        let same = got.len() == want.len()
            && got.symbols().iter().zip(want.symbols()).all(|(a, b)| match (a.number(), b.number()) {
                (Some(x), Some(y)) => (x - y).abs() < 1e-12,
                _ => a == b,
            });
        assert!(same, "{formula}: {got:?}");
        let row = [0.7, 1.3];
        let (x, y) = (read(formula).to_expr().evaluate_row(&row), got.to_expr().evaluate_row(&row));
        assert!((x - y).abs() < 1e-12, "{formula}: {x} {y}");
    }

    #[test]
    fn numbers_gather() {
        check("(x*3)*2", "6*x");
        check("(x + 1) + (y + 2)", "3 + (x + y)");
        check("(2*x)/(4*y)", "0.5*(x/y)");
        check("(2/x)*3", "6/x");
        check("x - (1 - 2*y)", "-1 + (x + 2*y)");
        check("(2*x)*(3*y)", "6*(x*y)");
        check("x + x", "2*x");
        check("1/(2*x)", "0.5/x");
    }

    #[test]
    fn what_cancels_is_gone() {
        for formula in ["x - x", "x/x"] {
            let tree = Tree::from_expr(&parse(formula, &["x".to_string()]).unwrap(), 9).unwrap();
            assert_eq!(cleaned(&tree).len(), 1);
        }
        let e = Expr::variable(0).apply(Op::Ln).apply(Op::Exp);
        assert_eq!(cleaned(&Tree::from_expr(&e, 9).unwrap()).to_expr(), Expr::variable(0));
    }
}
