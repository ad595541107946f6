//! From a detected relation to a law: coefficients, elimination, inversion, refinement.
//!
//! Tests detect on a few rows that some functions are linearly dependent together with the (peeled) target `t`.
//! Here the dependence is solved on more rows, terms that it does not need are eliminated, it is solved for the
//! target, and the law is refined in the target's own space and verified on held-out rows.

use super::peel::Peel;
use super::powers::{monomial, power, tidy};
use super::store::Bank;
use super::view::{Rows, View};
use crate::data::median;
use crate::expr::{Expr, Node, Op, Tape};
use crate::least_squares::{LmOptions, SquaredError, dot, levenberg_marquardt};
use crate::search::Control;
use crate::search_space::PrimitiveSet;

/// Relative residual up to which a relation counts as exact.
pub(super) const EXACT: f64 = 1e-9;

/// Relative error in the target below which a law counts as exact.
pub(super) const EXACT_LAW: f64 = 1e-9;

/// A term of a relation: a function, or a function times the peeled target.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) expr: Expr,
    pub(super) times_target: bool,
}

impl Term {
    pub(super) fn plain(expr: Expr) -> Self {
        Self { expr, times_target: false }
    }

    pub(super) fn times(expr: Expr) -> Self {
        Self { expr, times_target: true }
    }
}

/// A detected dependence, the first term being one that surely takes part.
#[derive(Clone, Debug)]
pub(super) enum Relation {
    /// `sum_k c_k f_k + t * sum_k d_k g_k = 0`.
    Linear { peel: Peel, terms: Vec<Term> },
    /// `ln|t| = a + sum_k p_k ln|f_k|`.
    Power { peel: Peel, factors: Vec<Expr> },
}

/// A law with its quality.
#[derive(Clone, Debug)]
pub(super) struct Law {
    /// Over the view's variables.
    pub(super) expr: Expr,
    /// Root mean square error on held-out rows relative to the spread of the target.
    pub(super) error: f64,
}

/// Solves and verifies; `None` if the relation does not hold or gives no law.
pub(super) fn resolve(
    relation: &Relation,
    view: &View,
    bank: &Bank,
    primitives: &PrimitiveSet,
    most_terms: usize,
    control: &Control,
) -> Option<Law> {
    let (peel, value) = match relation {
        Relation::Linear { peel, terms } => {
            (peel, solve_linear(peel, terms, view, bank, most_terms, control)?)
        }
        Relation::Power { peel, factors } => {
            (peel, solve_power(peel, factors, view, bank, primitives, control)?)
        }
    };
    let law = tidy(&peel.invert(&value, bank, &view.fit.target)?);
    finish(&law, view, primitives, 30)
}

/// Refines a law in the target's space and judges it.
pub(super) fn finish(law: &Expr, view: &View, primitives: &PrimitiveSet, iterations: usize) -> Option<Law> {
    if !allowed(law, primitives) {
        return None;
    }
    let mut expr = law.clone();
    let first = error(&expr, &view.solve);
    if !first.is_finite() {
        return None;
    }
    if first > 1e-14 && !expr.parameters().is_empty() && iterations > 0 {
        let tape = Tape::compile(&expr);
        let columns = view.solve.views();
        let squared = SquaredError::new(&tape, &columns, &view.solve.target, None);
        let options = LmOptions { iterations, ..LmOptions::default() };
        let fit = levenberg_marquardt(&squared, expr.parameters(), &options);
        expr = expr.with_parameters(&fit.parameters);
    }
    let worst = |e: &Expr| error(e, &view.check).max(error(e, &view.solve));
    let mut error = worst(&expr);
    if error < EXACT_LAW {
        expr = neaten(expr, worst);
        error = worst(&expr);
    }
    error.is_finite().then_some(Law { expr, error })
}

/// Sets constants of an exact law to 0, 1 or a small fraction where it stays exact.
fn neaten(mut expr: Expr, error: impl Fn(&Expr) -> f64) -> Expr {
    let mut k = 0;
    while k < expr.parameters().len() {
        let value = expr.parameters()[k];
        let half = (2.0 * value).round() / 2.0;
        let near = (value - half).abs() < 1e-6 * value.abs();
        let mut changed = None;
        for trial in [0.0, half] {
            if trial == 0.0 || near {
                let mut parameters = expr.parameters().to_vec();
                parameters[k] = trial;
                let candidate = expr.with_parameters(&parameters);
                if error(&candidate) < 1e-11 {
                    changed = Some(candidate);
                    break;
                }
            }
        }
        if let Some(candidate) = changed {
            let value = candidate.parameters()[k];
            let tidied =
                if value == 0.0 || value.abs() == 1.0 { tidy(&candidate) } else { candidate.clone() };
            if tidied.parameters().len() < expr.parameters().len() && error(&tidied) < 1e-11 {
                expr = tidied;
                continue;
            }
            expr = candidate;
        }
        k += 1;
    }
    expr
}

/// Root mean square error relative to the standard deviation of the target, or the median error relative to the
/// median deviation where that is more: of a target with poles a few rows make up the mean squares.
pub(super) fn error(expr: &Expr, rows: &Rows) -> f64 {
    let columns = rows.views();
    let values = if columns.is_empty() { vec![] } else { expr.evaluate(&columns) };
    let n = rows.len() as f64;
    let mean = rows.target.iter().sum::<f64>() / n;
    let spread = rows.target.iter().map(|y| (y - mean).powi(2)).sum::<f64>();
    let off = values.iter().zip(&rows.target).map(|(v, y)| (v - y).powi(2)).sum::<f64>();
    let centre = median(rows.target.clone());
    let usual_spread = median(rows.target.iter().map(|y| (y - centre).abs()).collect());
    let usual = median(values.iter().zip(&rows.target).map(|(v, y)| (v - y).abs()).collect());
    let relative = (off / spread).sqrt();
    // A target that is mostly one value has no usual spread.
    let relative = if usual_spread > 0.0 { relative.max(usual / usual_spread) } else { relative };
    if relative.is_finite() { relative } else { f64::INFINITY }
}

/// Whether the space has every function of the expression.
pub(crate) fn allowed(expr: &Expr, primitives: &PrimitiveSet) -> bool {
    expr.nodes().iter().all(|n| match *n {
        Node::Unary(op, _) => primitives.uses(op) || (op == Op::Sqrt && primitives.uses(Op::Pow)),
        Node::Binary(Op::Pow, _, p) => {
            primitives.uses(Op::Pow)
                || matches!(expr.nodes()[p as usize], Node::Constant(c) if c.fract() == 0.0 && c > 0.0)
        }
        Node::Binary(op, ..) => primitives.uses(op),
        _ => true,
    })
}

/// Values of an expression on the rows, a constant one too.
pub(super) fn values_on(expr: &Expr, rows: &Rows) -> Vec<f64> {
    let columns = rows.views();
    expr.evaluate(&columns)
}

/// The peel's values on the rows.
pub(super) fn peel_on(peel: &Peel, bank: &Bank, rows: &Rows) -> Vec<f64> {
    peel.apply(&rows.target, |g| values_on(&bank.expr(g as usize), rows))
}

fn solve_linear(
    peel: &Peel,
    terms: &[Term],
    view: &View,
    bank: &Bank,
    most: usize,
    control: &Control,
) -> Option<Expr> {
    let t = peel_on(peel, bank, &view.solve);
    let columns: Vec<Vec<f64>> = terms
        .iter()
        .map(|term| {
            let mut v = values_on(&term.expr, &view.solve);
            if term.times_target {
                v.iter_mut().zip(&t).for_each(|(v, t)| *v *= t);
            }
            v
        })
        .collect();
    let coefficients = eliminate(&columns, EXACT, control)?;
    let used: Vec<usize> = (0..terms.len()).filter(|&k| coefficients[k] != 0.0).collect();
    if used.len() > most {
        return None;
    }
    let below: Vec<(f64, &Expr)> =
        used.iter().filter(|&&k| terms[k].times_target).map(|&k| (coefficients[k], &terms[k].expr)).collect();
    let above: Vec<(f64, &Expr)> = used
        .iter()
        .filter(|&&k| !terms[k].times_target)
        .map(|&k| (-coefficients[k], &terms[k].expr))
        .collect();
    if below.is_empty() || above.is_empty() {
        return None;
    }
    let unit = if above.len() == 1 { above[0].0 } else { below[0].0 };
    Some(sum(&above, unit) / sum(&below, unit))
}

/// `sum_k (c_k / unit) e_k`.
pub(super) fn sum(terms: &[(f64, &Expr)], unit: f64) -> Expr {
    terms
        .iter()
        .map(|(c, e)| Expr::parameter(c / unit) * (*e).clone())
        .reduce(|a, b| a + b)
        .expect("a sum has a term")
}

/// The coefficients of a linear dependence of the columns in which the first takes part, with as few others as
/// greedy elimination leaves; `None` if the first column is not in the span of the others to `tolerance`, or when the
/// search is stopped.
pub(super) fn eliminate(columns: &[Vec<f64>], tolerance: f64, control: &Control) -> Option<Vec<f64>> {
    let norms: Vec<f64> = columns.iter().map(|c| c.iter().map(|x| x * x).sum::<f64>().sqrt()).collect();
    if norms.iter().any(|n| !n.is_finite()) || norms[0] == 0.0 {
        return None;
    }
    let scaled: Vec<Vec<f64>> = columns
        .iter()
        .zip(&norms)
        .map(|(c, n)| c.iter().map(|x| x / if *n > 0.0 { *n } else { 1.0 }).collect())
        .collect();
    let mut active: Vec<usize> = (1..columns.len()).filter(|&k| norms[k] > 0.0).collect();
    let mut best = least_squares(&scaled, &active)?;
    if best.residual > tolerance {
        return None;
    }
    let limit = tolerance.min((best.residual * 1e3).max(1e-12));
    loop {
        // What the residual would grow to without each term; drop the cheapest, several at a time while many.
        let mut order: Vec<usize> = (0..active.len()).collect();
        order.sort_by(|&a, &b| best.cost[a].total_cmp(&best.cost[b]).then(a.cmp(&b)));
        let cheap = order.iter().filter(|&&k| best.cost[k] < limit).count();
        let mut batch = if active.len() > 12 { cheap.min(active.len() / 4) } else { cheap.min(1) };
        let mut dropped = false;
        while batch > 0 {
            if control.is_stopped() {
                return None;
            }
            let out = &order[..batch];
            let fewer: Vec<usize> =
                (0..active.len()).filter(|k| !out.contains(k)).map(|k| active[k]).collect();
            if let Some(fit) = least_squares(&scaled, &fewer)
                && fit.residual <= limit
            {
                active = fewer;
                best = fit;
                dropped = true;
                break;
            }
            batch /= 2;
        }
        if !dropped {
            break;
        }
    }
    let mut out = vec![0.0; columns.len()];
    out[0] = -1.0 / norms[0];
    for (&k, c) in active.iter().zip(&best.coefficients) {
        out[k] = c / norms[k];
    }
    Some(out)
}

/// A least-squares solution with what each column is worth.
struct Fit {
    coefficients: Vec<f64>,
    /// Norm of the residual; the target has norm 1.
    residual: f64,
    /// Growth of the residual's norm if a column is left out.
    cost: Vec<f64>,
}

/// Column 0 on the active ones, by Gram-Schmidt with re-orthogonalisation.
fn least_squares(columns: &[Vec<f64>], active: &[usize]) -> Option<Fit> {
    let n = columns[0].len();
    let p = active.len();
    let mut q: Vec<Vec<f64>> = Vec::with_capacity(p);
    let mut r = vec![0.0; p * p];
    let mut used = vec![true; p];
    for (j, &k) in active.iter().enumerate() {
        let mut v = columns[k].clone();
        for _ in 0..2 {
            for (i, qi) in q.iter().enumerate() {
                if used[i] {
                    let d = dot(qi, &v);
                    r[i * p + j] += d;
                    v.iter_mut().zip(qi).for_each(|(v, q)| *v -= d * q);
                }
            }
        }
        let norm = dot(&v, &v).sqrt();
        if norm > 1e-12 {
            r[j * p + j] = norm;
            v.iter_mut().for_each(|x| *x /= norm);
        } else {
            used[j] = false;
        }
        q.push(v);
    }
    let mut rest = columns[0][..n].to_vec();
    let mut qtb = vec![0.0; p];
    for _ in 0..2 {
        for k in 0..p {
            if used[k] {
                let d = dot(&q[k], &rest);
                qtb[k] += d;
                rest.iter_mut().zip(&q[k]).for_each(|(x, q)| *x -= d * q);
            }
        }
    }
    let residual = dot(&rest, &rest).sqrt();
    // Rows of the inverse of R give the distance of each column from the span of the others.
    let mut inverse = vec![0.0; p * p];
    for j in 0..p {
        if !used[j] {
            continue;
        }
        inverse[j * p + j] = 1.0 / r[j * p + j];
        for i in (0..j).rev() {
            if used[i] {
                let s: f64 = (i + 1..=j).map(|k| r[i * p + k] * inverse[k * p + j]).sum();
                inverse[i * p + j] = -s / r[i * p + i];
            }
        }
    }
    let coefficients: Vec<f64> = (0..p).map(|i| (i..p).map(|j| inverse[i * p + j] * qtb[j]).sum()).collect();
    let cost = (0..p)
        .map(|i| {
            let row = (i..p).map(|j| inverse[i * p + j].powi(2)).sum::<f64>().sqrt();
            if row > 0.0 { coefficients[i].abs() / row } else { 0.0 }
        })
        .collect();
    (residual.is_finite() && coefficients.iter().all(|c| c.is_finite())).then_some(Fit {
        coefficients,
        residual,
        cost,
    })
}

fn solve_power(
    peel: &Peel,
    factors: &[Expr],
    view: &View,
    bank: &Bank,
    primitives: &PrimitiveSet,
    control: &Control,
) -> Option<Expr> {
    let t = peel_on(peel, bank, &view.solve);
    let values: Vec<Vec<f64>> = factors.iter().map(|f| values_on(f, &view.solve)).collect();
    // Rows with a zero say nothing about exponents.
    let rows: Vec<usize> =
        (0..t.len()).filter(|&i| t[i] != 0.0 && values.iter().all(|v| v[i] != 0.0)).collect();
    if rows.len() < factors.len() + 3 {
        return None;
    }
    let log = |v: &[f64]| -> Vec<f64> { rows.iter().map(|&i| v[i].abs().ln()).collect() };
    let mut columns = vec![log(&t), vec![1.0; rows.len()]];
    columns.extend(values.iter().map(|v| log(v)));
    let c = eliminate(&columns, EXACT, control)?;
    let mut powers: Vec<f64> = c[2..].iter().map(|p| -p / c[0]).collect();
    for p in &mut powers {
        for d in [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] {
            let near = (*p * d).round() / d;
            if (*p - near).abs() < 1e-7 {
                *p = near;
                break;
            }
        }
    }
    // The constant, with the exponents as they are now.
    let scale = rows
        .iter()
        .enumerate()
        .map(|(r, _)| columns[0][r] - powers.iter().zip(&columns[2..]).map(|(p, c)| p * c[r]).sum::<f64>())
        .sum::<f64>()
        / rows.len() as f64;
    let bases: Vec<(&Expr, &[f64])> = factors.iter().zip(values.iter().map(Vec::as_slice)).collect();
    power_law(&bases, &powers, scale.exp(), &t, primitives)
}

/// `+-scale * prod f_k^p_k` with the sign that the target `t` has; `None` if no one sign fits all rows. Powers that
/// are no simple fractions become fitted constants.
pub(super) fn power_law(
    factors: &[(&Expr, &[f64])],
    powers: &[f64],
    scale: f64,
    t: &[f64],
    primitives: &PrimitiveSet,
) -> Option<Expr> {
    let rows: Vec<usize> =
        (0..t.len()).filter(|&i| t[i] != 0.0 && factors.iter().all(|f| f.1[i] != 0.0)).collect();
    let mut bases = Vec::new();
    let mut sign_of: Vec<f64> = t.iter().map(|t| t.signum()).collect();
    let mut free = Vec::new();
    for (&(f, v), &p) in factors.iter().zip(powers) {
        if p == 0.0 {
            continue;
        }
        let mut base = f.clone();
        if v.iter().any(|x| *x < 0.0) {
            if p.fract() == 0.0 {
                if p.rem_euclid(2.0) == 1.0 {
                    sign_of.iter_mut().zip(v).for_each(|(s, x)| *s *= x.signum());
                }
            } else if v.iter().all(|x| *x <= 0.0) {
                base = base.apply(Op::Neg);
            } else if primitives.uses(Op::Abs) {
                base = base.apply(Op::Abs);
            } else {
                return None;
            }
        }
        if [1.0, 2.0, 3.0, 4.0, 5.0, 6.0].iter().any(|d| (p * d).fract() == 0.0) {
            bases.push((base, p));
        } else {
            free.push(Expr::apply2(Op::Pow, &base, &Expr::parameter(p)));
        }
    }
    // By majority: noise may turn the sign of small targets.
    let plus = rows.iter().filter(|&&i| sign_of[i] > 0.0).count();
    let sign = if 2 * plus >= rows.len() { 1.0 } else { -1.0 };
    let against = if sign > 0.0 { rows.len() - plus } else { plus };
    if 20 * against > rows.len() {
        return None;
    }
    let mut e = Expr::parameter(sign * scale) * monomial(&bases);
    for f in free {
        e = e * f;
    }
    Some(e)
}

/// A polynomial's monomials up to a degree over `width` variables, by degree; the first is 1.
pub(super) fn monomials(width: usize, degree: u32) -> Vec<Expr> {
    let mut out = vec![Expr::constant(1.0)];
    let mut level: Vec<Vec<u32>> = vec![vec![0; width]];
    for _ in 0..degree {
        let mut next: Vec<Vec<u32>> = Vec::new();
        for m in &level {
            let from = m.iter().rposition(|e| *e > 0).unwrap_or(0);
            for v in from..width {
                let mut m = m.clone();
                m[v] += 1;
                next.push(m);
            }
        }
        for m in &next {
            let factors: Vec<Expr> = m
                .iter()
                .enumerate()
                .filter(|(_, e)| **e > 0)
                .map(|(v, e)| power(&Expr::variable(v), f64::from(*e)))
                .collect();
            out.push(factors.into_iter().reduce(|a, b| a * b).expect("degree 1 or more"));
        }
        level = next;
    }
    out
}
