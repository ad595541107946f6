//! Rational laws in closed form: the first linear dependence among monomials and target times monomials.
//!
//! `v = P/Q` means `P - v Q = 0`. Columns `m` and `v m` are orthogonalised in order of length; the first column
//! that depends on those before it gives the relation, and it is unique because those before are independent.
//! One pass costs less than a millisecond, and an atom can stand in for an input.

use super::context::Context;
use super::head::Head;
use super::judge::Found;
use super::pursuit::polynomial;
use crate::expr::{Expr, Op};
use crate::least_squares::{dot, linear_fit, orthogonalise};

/// Relative length below which a column counts as dependent.
const DEPENDENT: f64 = 1e-9;

/// Terms that a relation may have.
const LONGEST: usize = 16;

/// Looks for a rational law over the given features.
pub(crate) fn rational(context: &Context<'_>, head: Head, members: &[usize]) -> Vec<Found> {
    let Some(target) = context.transform(head) else { return Vec::new() };
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
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let mut kept: Vec<(usize, bool, Vec<f64>)> = Vec::new();
    for (m, with_target) in order {
        let mut c = if with_target { target.values.clone() } else { vec![1.0; n] };
        if m > 0 {
            for &(f, p) in &monomials[m - 1] {
                c.iter_mut().zip(&values[f]).for_each(|(c, v)| *c *= v.powi(p as i32));
            }
        }
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
            kept.push((m, with_target, c));
            continue;
        }
        let views: Vec<&[f64]> = kept.iter().map(|k| k.2.as_slice()).collect();
        let Some(w) = linear_fit(&views, &c, None) else { return Vec::new() };
        let meets_target = with_target || kept.iter().zip(&w).any(|(k, w)| k.1 && w.abs() > 1e-6);
        if !meets_target {
            continue; // inputs that depend on one another
        }
        kept.push((m, with_target, c));
        let mut w: Vec<f64> = w.into_iter().map(|w| -w).collect();
        w.push(1.0);
        // Undo the scaling of the columns: the norm of the column as it was.
        let relation: Vec<(usize, bool, f64)> =
            kept.iter().zip(&w).filter(|(_, w)| w.abs() > 1e-6).map(|(k, w)| (k.0, k.1, *w)).collect();
        if relation.len() > LONGEST {
            return Vec::new();
        }
        return write(context, head, members, &monomials, &relation, &values, &target).into_iter().collect();
    }
    Vec::new()
}

/// The relation as a quotient, refitted and measured.
fn write(
    context: &Context<'_>,
    head: Head,
    members: &[usize],
    monomials: &[Vec<(usize, f64)>],
    relation: &[(usize, bool, f64)],
    values: &[Vec<f64>],
    target: &super::head::Transformed,
) -> Option<Found> {
    let n = target.values.len();
    let norm = |m: usize, with_target: bool| -> f64 {
        let mut c = if with_target { target.values.clone() } else { vec![1.0; n] };
        if m > 0 {
            for &(f, p) in &monomials[m - 1] {
                c.iter_mut().zip(&values[f]).for_each(|(c, v)| *c *= v.powi(p as i32));
            }
        }
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
