//! Features: what a product may raise to a power, as columns of logarithms.

use super::allowed::Allowed;
use crate::expr::{Expr, Op, Primitive};

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
        let spread =
            values.iter().fold(f64::NEG_INFINITY, |m, v| m.max(*v)) - values.iter().fold(f64::INFINITY, |m, v| m.min(*v));
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

/// How far an atom is from the inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Functions of one input.
    One,
    /// And of sums, differences, products and quotients of two.
    Two,
}

/// Atoms over `columns` in a fixed order, shortest first: each of them new to a product of powers of inputs.
pub(crate) fn atoms(columns: &[&[f64]], allowed: &Allowed, reach: Reach, most: usize) -> Vec<Feature> {
    let d = columns.len();
    let one = || Expr::constant(1.0);
    let mut found: Vec<(Expr, bool)> = Vec::new();
    let mut arguments: Vec<Expr> = (0..d).map(Expr::variable).collect();
    let small = |e: &Expr| {
        let v = e.evaluate(columns);
        v.iter().all(|v| v.is_finite() && v.abs() < 200.0)
    };
    // Sums and differences of inputs of one kind; where magnitudes differ by far, a sum is the larger of the two.
    let size = |i: usize| crate::data::scale_of(columns[i]);
    for i in 0..d {
        let x = Expr::variable(i);
        found.push((x.clone(), true));
        found.push((one() + x.clone(), false));
        found.push((one() - x.clone(), false));
        found.push((one() + x.apply(Op::Square), false));
        found.push((one() - x.apply(Op::Square), false));
    }
    if reach == Reach::Two {
        for i in 0..d {
            for j in 0..i {
                let (a, b) = (Expr::variable(j), Expr::variable(i));
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
                if allowed.division {
                    for (p, q) in [(&a, &b), (&b, &a)] {
                        arguments.push(p.clone() / q.clone());
                        found.push((p.clone() / q.clone(), true));
                        found.push((one() - (p.clone() / q.clone()).apply(Op::Square), false));
                    }
                }
            }
        }
    }
    for u in &arguments {
        if !small(u) {
            continue;
        }
        for op in [Op::Sin, Op::Cos, Op::Ln, Op::Tanh, Op::Asin, Op::Acos, Op::Atan, Op::Logistic, Op::Tan] {
            if allowed.has(op) && (op != Op::Ln || u.nodes().len() == 1) {
                found.push((u.apply(op), false));
            }
        }
        if allowed.has(Op::Exp) {
            found.push((u.apply(Op::Exp) - one(), false));
            found.push((u.apply(Op::Exp) + one(), false));
        }
        if allowed.has(Op::Cos) {
            found.push((one() - u.apply(Op::Cos), false));
            found.push((one() + u.apply(Op::Cos), false));
        }
        if u.nodes().len() == 1 {
            if allowed.has(Op::Sin) {
                found.push(((u.clone() / Expr::constant(2.0)).apply(Op::Sin), false));
                found.push((one() + u.apply(Op::Sin), false));
            }
            if allowed.has(Op::Cos) {
                found.push(((u.clone() / Expr::constant(2.0)).apply(Op::Cos), false));
            }
            if allowed.has(Op::Ln) {
                found.push(((u.clone() + one()).apply(Op::Ln), false));
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
        if rest == 2.0 { base.apply(Op::Square).apply(Op::Square) } else { power(base, rest, allowed) * base.apply(Op::Square) }
    }
}

/// The length that a function adds to a formula.
pub(crate) fn length_of(op: Op) -> u32 {
    Primitive::complexity_of(op)
}
