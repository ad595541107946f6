//! Expression to normal form and back: the cheap part of the simplifier, for use inside search loops.

use super::algebra::{Algebra, power_of};
use super::emit::Emitter;
use super::interval::Interval;
use super::normal_form::{Atom, Coef, Kind, Mono, Poly};
use crate::expr::{Expr, Node};

/// The normal form of an expression, valid for any data: like terms collected, constants folded, arguments of
/// commutative functions in a fixed order. Two spellings of an expression mostly become the same.
pub(crate) fn normalize(expr: &Expr) -> Expr {
    normalize_on(expr, &[])
}

/// The normal form where variable `i` is known to stay within `ranges[i]`; a missing range is unknown.
pub(crate) fn normalize_on(expr: &Expr, ranges: &[Interval]) -> Expr {
    let mut result = pass(expr, ranges);
    // A constant that occurred twice may now stand alone and be taken up: at most two rounds more.
    for _ in 0..2 {
        let next = pass(&result, ranges);
        if next == result {
            break;
        }
        result = next;
    }
    result
}

fn pass(expr: &Expr, ranges: &[Interval]) -> Expr {
    let mut algebra = Algebra { ranges, values: expr.parameters().to_vec() };
    let poly = normal_form(expr, &mut algebra);
    Emitter::new(&mut algebra).expression(&poly)
}

fn normal_form(expr: &Expr, algebra: &mut Algebra<'_>) -> Poly {
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
