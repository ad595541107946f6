//! Sparse sums over a large dictionary: solve with all terms at once, then eliminate.
//!
//! Where noise is at rounding level there is no need to guess which terms take part: if the true terms are among
//! the columns, the residual of the full solution is zero, and backward elimination uncovers them. (Greedy forward
//! selection fails on collinear columns.) With a scan of one inner constant on top, sums such as
//! `a x + b x^3 + c sin(w t)` are found in one go.

use super::frame::Frame;
use super::relation::values_on;
use super::view::View;
use crate::expr::{Expr, Op};
use crate::search::Control;
use crate::search_space::PrimitiveSet;

/// Functions of single inputs, and products of two of those over two inputs, simple ones first.
pub(super) fn atoms(width: usize, primitives: &PrimitiveSet, view: &View, most: usize) -> Vec<Expr> {
    let uses = |op| primitives.uses(op);
    let one = Expr::constant(1.0);
    let of = |i: usize| -> Vec<Expr> {
        let x = Expr::variable(i);
        let mut v = vec![x.clone(), x.apply(Op::Square), x.apply(Op::Cube)];
        let positive = view.solve.columns[i].iter().all(|x| *x > 0.0);
        let absolute = if positive { x.clone() } else { x.apply(Op::Abs) };
        let may_abs = positive || uses(Op::Abs);
        if uses(Op::Sin) {
            v.push(x.apply(Op::Sin));
        }
        if uses(Op::Cos) {
            v.push(x.apply(Op::Cos));
        }
        if uses(Op::Exp) {
            v.push(x.apply(Op::Exp));
            v.push((-x.clone()).apply(Op::Exp));
            if !positive && may_abs {
                v.push((-absolute.clone()).apply(Op::Exp));
            }
        }
        if uses(Op::Ln) && may_abs {
            v.push((absolute.clone() + one.clone()).apply(Op::Ln));
            v.push(absolute.apply(Op::Ln));
        }
        if uses(Op::Sqrt) && may_abs {
            v.push(absolute.apply(Op::Sqrt));
        }
        if uses(Op::Pow) && may_abs {
            v.push(Expr::apply2(Op::Pow, &absolute, &Expr::constant(1.0 / 3.0)));
        }
        if uses(Op::Div) {
            v.push(one.clone() / x.clone());
            v.push(one.clone() / x.apply(Op::Square));
        }
        if !positive && uses(Op::Abs) {
            v.push(x.apply(Op::Abs));
        }
        v.push(x.clone() * x.apply(Op::Cube));
        v.push(x.apply(Op::Square) * x.apply(Op::Cube));
        v
    };
    let singles: Vec<Vec<Expr>> = (0..width).map(of).collect();
    let mut out = vec![one.clone()];
    out.extend(singles.iter().flatten().cloned());
    // An input times its own functions, then times those of the others, then squares, then the rest.
    for i in 0..width {
        out.extend(singles[i].iter().skip(3).map(|f| Expr::variable(i) * f.clone()));
    }
    for power in 0..2 {
        for i in 0..width {
            for j in 0..width {
                if i != j {
                    out.extend(singles[j].iter().map(|f| singles[i][power].clone() * f.clone()));
                }
            }
        }
    }
    for i in 0..width {
        for j in i + 1..width {
            for f in singles[i].iter().skip(2) {
                out.extend(singles[j].iter().skip(2).map(|g| f.clone() * g.clone()));
            }
        }
    }
    for i in 0..width {
        for j in i + 1..width {
            for k in j + 1..width {
                out.push(Expr::variable(i) * Expr::variable(j) * Expr::variable(k));
            }
        }
    }
    out.truncate(4 * most);
    out
}

/// Dictionary functions with their values on the solving rows, and their span.
#[derive(Debug)]
pub(super) struct Wide {
    pub(super) exprs: Vec<Expr>,
    pub(super) frame: Frame,
}

impl Wide {
    /// The first functions that are independent, up to `most`.
    pub(super) fn new(exprs: Vec<Expr>, view: &View, most: usize, control: &Control) -> Self {
        let rows = view.solve.len();
        let mut frame = Frame::new(rows, std::iter::empty());
        let mut kept = Vec::new();
        for e in exprs {
            if kept.len() >= most || control.is_stopped() {
                break;
            }
            let v = values_on(&e, &view.solve);
            if v.iter().all(|x| x.is_finite()) && frame.push(&v) {
                kept.push(e);
            }
        }
        frame.finish(rows);
        Self { exprs: kept, frame }
    }
}
