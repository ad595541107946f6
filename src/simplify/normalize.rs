//! Expression to normal form and back: the cheap part of the simplifier, for use inside search loops.

use super::algebra::{Algebra, Poles, power_of};
use super::emit::{Emitter, Signs};
use super::interval::Interval;
use super::normal_form::{Atom, Coef, Kind, Mono, Poly};
use crate::expr::{Expr, Node};

/// The normal form of an expression, valid for any data: like terms collected, constants folded, arguments of
/// commutative functions in a fixed order. Spellings of one family of functions mostly become the same nodes,
/// whatever the values of the fitted constants: `p*x + y - x*q` and `y + p*x`.
#[allow(dead_code)] // the searches call it
pub(crate) fn normalize(expr: &Expr) -> Expr {
    settled(expr, &[], Poles::Kept, Signs::Ignored)
}

/// The normal form for reading, where variable `i` is known to stay within `ranges[i]`; a missing range is unknown.
pub(super) fn normalize_on(expr: &Expr, ranges: &[Interval], poles: Poles) -> Expr {
    settled(expr, ranges, poles, Signs::Written)
}

fn settled(expr: &Expr, ranges: &[Interval], poles: Poles, signs: Signs) -> Expr {
    let mut result = pass(expr, ranges, Products::Factored, poles, signs);
    // A constant that occurred twice may now stand alone and be taken up: at most two rounds more.
    for _ in 0..2 {
        let next = pass(&result, ranges, Products::Factored, poles, signs);
        if next == result {
            break;
        }
        result = next;
    }
    result
}

/// The normal form with products of sums multiplied out, which lets terms of different factors cancel.
pub(super) fn expand_on(expr: &Expr, ranges: &[Interval], poles: Poles) -> Expr {
    pass(expr, ranges, Products::Expanded, poles, Signs::Written)
}

#[derive(Clone, Copy, PartialEq)]
enum Products {
    Factored,
    Expanded,
}

fn pass(expr: &Expr, ranges: &[Interval], products: Products, poles: Poles, signs: Signs) -> Expr {
    let expand = products == Products::Expanded;
    let mut algebra = Algebra { ranges, values: expr.parameters().to_vec(), expand, poles };
    let poly = normal_form(expr, &mut algebra);
    // What is written down is factored again.
    algebra.expand = false;
    Emitter::new(&mut algebra, signs).expression(&poly)
}

/// An expression as a normal form.
pub(super) fn normal_form(expr: &Expr, algebra: &mut Algebra<'_>) -> Poly {
    let nodes = expr.nodes();
    let mut uses = vec![0u32; nodes.len()];
    for node in nodes {
        match *node {
            Node::Unary(_, a) => uses[a as usize] += 1,
            Node::Binary(_, a, b) => {
                uses[a as usize] += 1;
                uses[b as usize] += 1;
            }
            _ => {}
        }
    }
    let mut forms: Vec<Poly> = Vec::with_capacity(nodes.len());
    for (i, node) in nodes.iter().enumerate() {
        let form = match *node {
            Node::Constant(c) => algebra.number(c),
            Node::Parameter(p) => vec![Mono::number(Coef::Fitted(p))],
            Node::Variable(v) => {
                let range = algebra.ranges.get(v as usize).copied().unwrap_or(Interval::UNKNOWN);
                power_of(Atom::leaf(Kind::Variable(v), range), Coef::ONE)
            }
            Node::Unary(op, a) => {
                let a = take(&mut forms, a, &uses);
                algebra.call(op, a)
            }
            Node::Binary(op, a, b) => {
                let (a, b) = (take(&mut forms, a, &uses), take(&mut forms, b, &uses));
                algebra.call2(op, a, b)
            }
        };
        let form = if uses[i] > 1 && Algebra::has_fitted(&form) { algebra.freeze(&form) } else { form };
        forms.push(form);
    }
    forms.pop().unwrap_or_default()
}

/// A form that is used once is moved, not copied.
fn take(forms: &mut [Poly], at: u32, uses: &[u32]) -> Poly {
    if uses[at as usize] == 1 { std::mem::take(&mut forms[at as usize]) } else { forms[at as usize].clone() }
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse;

    fn same(a: &str, b: &str) {
        let names = ["x", "y", "p", "q"];
        let inputs: Vec<Expr> = (0..2).map(Expr::variable).chain([0.5, 1.5].map(Expr::parameter)).collect();
        let form = |text: &str| {
            let e = parse(text, &names).map(|e| e.substitute(&inputs)).unwrap_or_else(|e| panic!("{e}"));
            normalize(&e)
        };
        assert_eq!(form(a).nodes(), form(b).nodes(), "{a} and {b}");
    }

    #[test]
    fn spellings_meet() {
        same("x + y", "y + x");
        same("x*(y*x)", "x^2*y");
        same("(x + y) + x", "y + 2*x");
        same("2*(x + y)", "x + x + y + y");
        same("p*x + q*x", "p*x");
        same("p*x + y - x*q", "y + p*x");
        same("x + p", "x - p");
        same("x - y", "-(y - x)");
        same("1/(x - y)", "-1/(y - x)");
        same("(x - y)^2", "(y - x)^2");
        same("sin(y - x)", "-sin(x - y)");
        same("max(x, y)", "max(y, x)");
        same("exp(x)/exp(y)", "exp(x - y)");
        same("exp(p*x + q*y)", "exp(q*y + p*x)");
        same("(p*x + q*y)/(x*y + x)", "(p*y + q*x)/(x*(1 + y))");
    }

    #[test]
    fn a_form_is_its_own_form() {
        for text in
            ["x - y*x^2", "(x + p)/(y - q)", "exp(x*y - p)*sqrt(x^2 + 1)", "x/(2*y) - 0.03*x", "-x - y"]
        {
            let names = ["x", "y", "p", "q"];
            let e = parse(text, &names).unwrap_or_else(|e| panic!("{e}"));
            let once = normalize(&e);
            assert_eq!(normalize(&once), once, "{text}");
        }
    }
}
