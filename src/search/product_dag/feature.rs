//! Features: what a product may raise to a power, as columns of logarithms.

use super::allowed::Allowed;
use crate::expr::{Expr, Op};

/// A factor that a product may take: `|z|^p` for an atom `z`, or `e^(q z)`.
///
/// In log space both are a number times a column, so one solver moves exponents and rates alike.
#[derive(Clone, Debug)]
pub(crate) struct Feature {
    /// The atom `z` in the variables of the view.
    pub(crate) expr: Expr,
    /// `e^(q z)` instead of `|z|^p`.
    pub(crate) exponential: bool,
    /// `(ln|z| - centre) / scale`, or `(z - centre) / scale`.
    pub(crate) log: Vec<f64>,
    pub(crate) centre: f64,
    pub(crate) scale: f64,
    /// The signs of `z`, where it has both.
    pub(crate) signs: Option<Vec<f64>>,
    /// `z < 0` on every row.
    pub(crate) negative: bool,
    /// Its length in a formula.
    pub(crate) cost: u32,
}

impl Feature {
    /// The feature of an atom over columns; `None` where its values are of no use (not finite, constant, or zero
    /// on many rows).
    pub(crate) fn new(expr: Expr, exponential: bool, columns: &[&[f64]]) -> Option<Self> {
        let values = expr.evaluate(columns);
        let n = values.len() as f64;
        let cost = crate::expr::complexity(&expr);
        if values.iter().any(|v| !v.is_finite()) {
            return None;
        }
        let largest = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        let spread = values.iter().fold(f64::NEG_INFINITY, |m, v| m.max(*v))
            - values.iter().fold(f64::INFINITY, |m, v| m.min(*v));
        if !(spread > 1e-9 * largest) {
            return None;
        }
        let mut log: Vec<f64> = if exponential {
            values.clone()
        } else {
            // An exact zero would be minus infinity: near enough to zero for every positive power.
            values.iter().map(|v| v.abs().max(1e-14 * largest).ln()).collect()
        };
        let zeros = values.iter().filter(|v| **v == 0.0).count();
        if !exponential && zeros as f64 > 0.5 * n {
            return None;
        }
        let centre = log.iter().sum::<f64>() / n;
        log.iter_mut().for_each(|l| *l -= centre);
        let scale = if exponential { (log.iter().map(|l| l * l).sum::<f64>() / n).sqrt() } else { 1.0 };
        if !(scale > 0.0 && scale.is_finite()) {
            return None;
        }
        log.iter_mut().for_each(|l| *l /= scale);
        let negatives = values.iter().filter(|v| **v < 0.0).count();
        let mixed = !exponential && negatives > 0 && negatives < values.len();
        let signs = mixed.then(|| values.iter().map(|v| if *v < 0.0 { -1.0 } else { 1.0 }).collect());
        let negative = !exponential && negatives == values.len();
        Some(Self { expr, exponential, log, centre, scale, signs, negative, cost })
    }
}

/// One feature per column, index by index; a column of no use gives `None`.
pub(crate) fn inputs(columns: &[&[f64]]) -> Vec<Option<Feature>> {
    (0..columns.len()).map(|i| Feature::new(Expr::variable(i), false, columns)).collect()
}

/// Atoms over `columns` in a fixed order, shortest first: each of them new to a product of powers of inputs.
pub(crate) fn atoms(columns: &[&[f64]], allowed: &Allowed, most: usize) -> Vec<Feature> {
    let d = columns.len();
    let one = || Expr::constant(1.0);
    let x = Expr::variable;
    let mut found: Vec<(Expr, bool)> = Vec::new();
    // Arguments of functions.
    let mut arguments: Vec<Expr> = (0..d).map(x).collect();
    for i in 0..d {
        found.push((x(i), true));
        found.push((one() + x(i), false));
        found.push((one() - x(i), false));
        found.push((one() + x(i).apply(Op::Square), false));
        found.push((one() - x(i).apply(Op::Square), false));
        found.push((x(i).apply(Op::Square), true));
        if d <= 4 {
            arguments.push(x(i).apply(Op::Square));
            arguments.push(x(i).apply(Op::Cube));
            arguments.push(x(i) + x(i).apply(Op::Square));
            if allowed.has(Op::Sqrt) {
                arguments.push(x(i).apply(Op::Sqrt));
            }
        }
        if allowed.division {
            found.push((one() / x(i), true));
        }
        if allowed.has(Op::Abs) {
            found.push((x(i).apply(Op::Abs), true));
        }
        if allowed.has(Op::Ln) {
            found.push(((one() + x(i)).apply(Op::Ln), false));
            for (op, z) in [(Op::Sin, one() + x(i)), (Op::Cos, one() + x(i))] {
                if allowed.has(op) {
                    found.push((z.apply(Op::Ln).apply(op), false));
                }
            }
        }
    }
    // Where magnitudes differ by far, a sum is the larger of the two.
    let size = |i: usize| crate::data::scale_of(columns[i]);
    for i in 0..d {
        for j in 0..i {
            let (a, b) = (x(j), x(i));
            let ratio = size(i) / size(j);
            if (1e-4..1e4).contains(&ratio) {
                found.push((a.clone() - b.clone(), false));
                found.push((a.clone() + b.clone(), false));
                found.push((a.apply(Op::Square) + b.apply(Op::Square), false));
                found.push((a.apply(Op::Square) - b.apply(Op::Square), false));
                arguments.push(a.clone() - b.clone());
                arguments.push(a.clone() + b.clone());
            }
            arguments.push(a.clone() * b.clone());
            found.push((a.clone() * b.clone(), true));
            found.push((one() + a.clone() * b.clone(), false));
            found.push((one() - a.clone() * b.clone(), false));
            for (p, q) in [(&a, &b), (&b, &a)] {
                if allowed.division {
                    arguments.push(p.clone() / q.clone());
                    found.push((p.clone() / q.clone(), true));
                    found.push((one() - (p.clone() / q.clone()).apply(Op::Square), false));
                    found.push((one() + p.clone() / q.clone(), false));
                }
                if allowed.power && allowed.has(Op::Ln) {
                    // p^q
                    found.push((q.clone() * p.apply(Op::Ln), true));
                }
            }
        }
    }
    for u in &arguments {
        let values = u.evaluate(columns);
        if !values.iter().all(|v| v.is_finite() && v.abs() < 200.0) {
            continue;
        }
        let plain = u.nodes().len() == 1;
        for op in [Op::Sin, Op::Cos, Op::Ln, Op::Tanh, Op::Asin, Op::Acos, Op::Atan, Op::Logistic, Op::Tan] {
            if allowed.has(op) && (plain || op != Op::Ln) {
                found.push((u.apply(op), false));
            }
        }
        if allowed.has(Op::Exp) {
            found.push((u.apply(Op::Exp) - one(), false));
            found.push((u.apply(Op::Exp) + one(), false));
        }
        for op in [Op::Cos, Op::Sin] {
            if allowed.has(op) {
                found.push((one() - u.apply(op), false));
                found.push((one() + u.apply(op), false));
                if plain {
                    found.push(((u.clone() / Expr::constant(2.0)).apply(op), false));
                }
            }
        }
    }
    let mut features: Vec<Feature> =
        found.into_iter().filter_map(|(e, exponential)| Feature::new(e, exponential, columns)).collect();
    features.sort_by_key(|f| f.cost);
    features.truncate(most);
    features
}

/// `base^exponent` in the form that people write.
pub(crate) fn power(base: &Expr, exponent: f64, allowed: &Allowed) -> Expr {
    debug_assert!(exponent > 0.0);
    if exponent == 1.0 {
        base.clone()
    } else if exponent == 0.5 && allowed.has(Op::Sqrt) {
        base.apply(Op::Sqrt)
    } else if exponent == 2.0 {
        base.apply(Op::Square)
    } else if exponent == 3.0 {
        base.apply(Op::Cube)
    } else if allowed.power {
        Expr::apply2(Op::Pow, base, &Expr::constant(exponent))
    } else if exponent.fract() == 0.5 {
        power(base, exponent.floor().max(1.0), allowed) * base.apply(Op::Sqrt)
    } else {
        let rest = exponent - 2.0;
        if rest == 2.0 {
            base.apply(Op::Square).apply(Op::Square)
        } else {
            power(base, rest, allowed) * base.apply(Op::Square)
        }
    }
}
