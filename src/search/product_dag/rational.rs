//! Rational laws in closed form: the first linear dependence among monomials and target times monomials.
//!
//! `v = P/Q` means `P - v Q = 0`. Columns `m` and `v m` are orthogonalised in order of length; the first column
//! that depends on those before it gives the relation, and it is unique because those before are independent.
//! One pass costs less than a millisecond, and an atom can stand in for an input.

use super::context::Context;
use super::head::Head;
use super::judge::Found;
use super::pursuit::{Column, polynomial};
use crate::data::thinned;
use crate::expr::{Expr, Op};
use crate::least_squares::{dot, linear_fit, orthogonalise};

/// Relative length below which a column counts as dependent.
const DEPENDENT: f64 = 1e-9;

/// Terms that a relation may have.
const LONGEST: usize = 16;

/// Rows per column on which a dependence has to show before all rows are asked.
const SCREENED: usize = 2;

/// Looks for a rational law over the given features.
pub(crate) fn rational(context: &Context<'_>, head: Head, members: &[usize]) -> Option<Found> {
    let target = context.transform(head)?;
    let columns = context.view.views();
    let n = target.values.len();
    let values: Vec<Vec<f64>> =
        members.iter().map(|i| context.features[*i].expr.evaluate(&columns)).collect();
    // 1, x, x^2, ..., each without and with the target as a factor, by degree.
    let most = (n * 2 / 3).min(90);
    let monomials = polynomial(members.len(), if members.len() == 1 { 10 } else { 5 }, most);
    let degree = |m: usize| if m == 0 { 0.0 } else { monomials[m - 1].iter().map(|f| f.1).sum::<f64>() };
    let mut order: Vec<(usize, bool)> = (0..=monomials.len()).flat_map(|m| [(m, false), (m, true)]).collect();
    order.sort_by(|a, b| {
        (degree(a.0) + f64::from(u8::from(a.1))).total_cmp(&(degree(b.0) + f64::from(u8::from(b.1))))
    });
    order.truncate(most);
    // What depends on all rows depends on some of them: most have no relation, and few rows show it in a fraction of the time.
    let few = SCREENED * most;
    if n > 2 * few {
        let some: Vec<Vec<f64>> = values.iter().map(|v| thinned(v, few)).collect();
        dependence(&order, &monomials, &some, &thinned(&target.values, few))?;
    }
    let mut relation = dependence(&order, &monomials, &values, &target.values)?;
    relation.retain(|term| term.2.abs() > 1e-6);
    if relation.len() > LONGEST {
        return None;
    }
    write(context, head, members, &monomials, &relation, &values, &target)
}

/// The columns up to the first that depends on those before it, with the target among them, and their coefficients: what they
/// add up to, each of length 1, is 0.
fn dependence(
    order: &[(usize, bool)],
    monomials: &[Column],
    values: &[Vec<f64>],
    target: &[f64],
) -> Option<Vec<(usize, bool, f64)>> {
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let mut kept: Vec<(usize, bool)> = Vec::new();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for &(m, with_target) in order {
        let mut c = column(m, with_target, monomials, values, target);
        let norm = dot(&c, &c).sqrt();
        if !(norm > 0.0 && norm.is_finite()) {
            continue;
        }
        c.iter_mut().for_each(|x| *x /= norm);
        let mut rest = c.clone();
        orthogonalise(&basis, &mut rest);
        let left = dot(&rest, &rest).sqrt();
        if left > DEPENDENT {
            rest.iter_mut().for_each(|x| *x /= left);
            basis.push(rest);
            kept.push((m, with_target));
            columns.push(c);
            continue;
        }
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let w = linear_fit(&views, &c, None)?;
        let meets_target = with_target || kept.iter().zip(&w).any(|(k, w)| k.1 && w.abs() > 1e-6);
        if !meets_target {
            continue; // inputs that depend on one another
        }
        let mut relation: Vec<(usize, bool, f64)> = kept.iter().zip(w).map(|(k, w)| (k.0, k.1, -w)).collect();
        relation.push((m, with_target, 1.0));
        return Some(relation);
    }
    None
}

/// A monomial, 0 for the number 1, times the target or alone.
fn column(
    m: usize,
    with_target: bool,
    monomials: &[Column],
    values: &[Vec<f64>],
    target: &[f64],
) -> Vec<f64> {
    let mut c = if with_target { target.to_vec() } else { vec![1.0; target.len()] };
    if m > 0 {
        for &(f, p) in &monomials[m - 1] {
            c.iter_mut().zip(&values[f]).for_each(|(c, v)| *c *= v.powi(p as i32));
        }
    }
    c
}

/// The relation as a quotient, refitted and measured.
fn write(
    context: &Context<'_>,
    head: Head,
    members: &[usize],
    monomials: &[Column],
    relation: &[(usize, bool, f64)],
    values: &[Vec<f64>],
    target: &super::head::Transformed,
) -> Option<Found> {
    let norm = |m: usize, with_target: bool| -> f64 {
        let c = column(m, with_target, monomials, values, &target.values);
        dot(&c, &c).sqrt()
    };
    let monomial = |m: usize| -> Option<Expr> {
        if m == 0 {
            return None;
        }
        let factors = monomials[m - 1]
            .iter()
            .map(|&(f, p)| super::feature::power(&context.features[members[f]].expr, p, context.allowed));
        factors.reduce(|a, b| a * b)
    };
    // The heaviest part of the denominator is given the coefficient 1.
    let lead = relation.iter().filter(|r| r.1).max_by(|a, b| a.2.abs().total_cmp(&b.2.abs()))?;
    let unit = lead.2 / norm(lead.0, true);
    let (mut over, mut under): (Option<Expr>, Option<Expr>) = (None, None);
    for r in relation {
        let c = r.2 / norm(r.0, r.1) / unit;
        let part = match monomial(r.0) {
            _ if !r.1 => {
                let c = Expr::parameter(-c * target.unit);
                monomial(r.0).map_or(c.clone(), |m| c * m)
            }
            Some(m) if r.0 == lead.0 => m,
            None if r.0 == lead.0 => Expr::constant(1.0),
            Some(m) => Expr::parameter(c) * m,
            None => Expr::parameter(c),
        };
        let side = if r.1 { &mut under } else { &mut over };
        *side = Some(side.take().map_or(part.clone(), |s| s + part));
    }
    let (over, under) = (over?, under?);
    let one = under == Expr::constant(1.0);
    if !one && !context.allowed.division {
        return None;
    }
    let quotient = if one { over } else { Expr::apply2(Op::Div, &over, &under) };
    let formula = head.invert(quotient, target.sign, context.allowed);
    let formula = context.view.lift(formula);
    // A relation among the rows of the fit alone is no law, and refitting it would be dear.
    if context.judge.error(&formula) > 1e-8 {
        return None;
    }
    context.judge.assess(&formula, "product_dag/rational")
}
