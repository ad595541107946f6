//! Exact desired semantics: what a part of a formula would have to be for the formula to meet the target.
//!
//! Functions on the way from the root to the part are inverted one by one on the target (Pawlak, Wieloch, Krawiec,
//! *Semantic backpropagation for designing search operators in genetic programming*, IEEE TEVC 2015). Of several
//! inverses the one nearest to the present value is taken.

use super::sensitivity::Sensitivity;
use crate::expr::Op;
use crate::search::tree::{Symbol, Tree};
use std::f64::consts::{PI, TAU};

/// The share of rows on which a part has to have one sign to be meant to have it.
const ONE_SIGN: f64 = 0.8;

/// The desired values of every part; `NaN` on rows where there is none, `None` for parts behind a function without
/// inverse.
pub(crate) fn desired_values(tree: &Tree, target: &[f64], s: &Sensitivity) -> Vec<Option<Vec<f64>>> {
    let symbols = tree.symbols();
    let mut desired: Vec<Option<Vec<f64>>> = vec![None; symbols.len()];
    desired[symbols.len() - 1] = Some(target.to_vec());
    for at in (0..symbols.len()).rev() {
        let Some(wanted) = desired[at].clone() else { continue };
        match symbols[at] {
            Symbol::Unary(op) => {
                let child = at - 1;
                desired[child] = invert_unary(op, &wanted, &s.values[child]);
            }
            Symbol::Binary(op) => {
                let right = at - 1;
                let left = tree.span(right).start - 1;
                let (a, b) = (&s.values[left], &s.values[right]);
                desired[left] = rows(&wanted, b, |t, b| left_inverse(op, t, b));
                desired[right] = rows(&wanted, a, |t, a| right_inverse(op, t, a));
            }
            _ => {}
        }
    }
    desired
}

fn rows(wanted: &[f64], other: &[f64], f: impl Fn(f64, f64) -> Option<f64>) -> Option<Vec<f64>> {
    wanted.iter().zip(other).map(|(t, o)| f(*t, *o)).collect()
}

/// `a` such that `op(a, b) = t`.
fn left_inverse(op: Op, t: f64, b: f64) -> Option<f64> {
    Some(match op {
        Op::Add => t - b,
        Op::Sub => t + b,
        Op::Mul => finite(t / b),
        Op::Div => t * b,
        // Of a negative number only odd integers are roots; those are cubes and the like.
        Op::Pow => finite(t.powf(1.0 / b)),
        _ => return None,
    })
}

/// `b` such that `op(a, b) = t`.
fn right_inverse(op: Op, t: f64, a: f64) -> Option<f64> {
    Some(match op {
        Op::Add => t - a,
        Op::Sub => a - t,
        Op::Mul => finite(t / a),
        Op::Div => finite(a / t),
        Op::Pow => finite(t.ln() / a.ln()),
        _ => return None,
    })
}

fn finite(v: f64) -> f64 {
    if v.is_finite() { v } else { f64::NAN }
}

/// What has one sign nearly everywhere is meant to have it everywhere.
fn one_sign(values: &[f64]) -> Option<f64> {
    let positive = values.iter().filter(|u| **u > 0.0).count() as f64 / values.len() as f64;
    match positive {
        p if p >= ONE_SIGN => Some(1.0),
        p if p <= 1.0 - ONE_SIGN => Some(-1.0),
        _ => None,
    }
}

fn invert_unary(op: Op, wanted: &[f64], now: &[f64]) -> Option<Vec<f64>> {
    let meant = if matches!(op, Op::Square | Op::Abs) { one_sign(now) } else { None };
    let sign = |u: f64| meant.unwrap_or(u);
    rows(wanted, now, |t, u| {
        Some(finite(match op {
            Op::Neg => -t,
            Op::Exp => t.ln(),
            Op::Ln => t.exp(),
            Op::Sqrt => {
                if t >= 0.0 {
                    t * t
                } else {
                    f64::NAN
                }
            }
            Op::Square => t.sqrt().copysign(sign(u)),
            Op::Cube => t.cbrt(),
            Op::Reciprocal => 1.0 / t,
            // Two solutions per period.
            Op::Sin => nearest(u, t.asin(), PI - t.asin()),
            Op::Cos => nearest(u, t.acos(), -t.acos()),
            Op::Tan => t.atan() + PI * ((u - t.atan()) / PI).round(),
            Op::Asin => t.sin(),
            Op::Acos => t.cos(),
            Op::Atan => {
                if t.abs() < PI / 2.0 {
                    t.tan()
                } else {
                    f64::NAN
                }
            }
            Op::Sinh => t.asinh(),
            Op::Cosh => t.acosh().copysign(u),
            Op::Tanh => t.atanh(),
            Op::Abs => {
                if t >= 0.0 {
                    t.copysign(sign(u))
                } else {
                    f64::NAN
                }
            }
            Op::Logistic => (t / (1.0 - t)).ln(),
            Op::Relu => {
                if t > 0.0 {
                    t
                } else {
                    f64::NAN
                }
            }
            Op::Softplus => t.exp_m1().ln(),
            _ => return None,
        }))
    })
}

/// The solution nearest to `u` among two, each up to whole periods.
fn nearest(u: f64, a: f64, b: f64) -> f64 {
    let near = |x: f64| x + TAU * ((u - x) / TAU).round();
    let (a, b) = (near(a), near(b));
    if (a - u).abs() <= (b - u).abs() { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;
    use crate::expr::parse;
    use crate::search::Problem;
    use crate::search::tree::Sample;
    use crate::search_space::{PrimitiveSet, SearchSpace};

    #[test]
    fn the_parts_of_the_law_are_their_own_desired_values() {
        let x: Vec<f64> = (0..40).map(|i| 0.4 + 0.07 * f64::from(i)).collect();
        let names = vec!["x".to_string()];
        for formula in [
            "3*exp(-(x^2)) + 1",
            "sin(2*x + 1)/x",
            "sqrt(x + cos(3*x) + 2)",
            "2/(1 + ln(x + 1))",
            "tanh(x/4)*x^3",
            "x^1.5 - atan(x)",
        ] {
            let law = parse(formula, &names).unwrap();
            let y = law.evaluate(&[&x]);
            let columns = [x.as_slice()];
            let split = Split { train: (0..x.len()).collect(), validation: Vec::new() };
            let space = SearchSpace::new(PrimitiveSet::SCIENCE, 2).unwrap();
            let problem = Problem {
                columns: &columns,
                target: &y,
                weights: None,
                split: &split,
                space: &space,
                seed: 1,
            };
            let sample = Sample::new(&problem, 100);
            let tree = Tree::from_expr(&law, 50).unwrap();
            let s = Sensitivity::new(&tree, &sample).unwrap();
            let desired = desired_values(&tree, sample.target(), &s);
            for (at, wanted) in desired.iter().enumerate() {
                let wanted = wanted.as_ref().unwrap_or_else(|| panic!("{formula}: part {at}"));
                for (w, v) in wanted.iter().zip(&s.values[at]) {
                    assert!((w - v).abs() < 1e-6 * (1.0 + v.abs()), "{formula}, part {at}: {w} for {v}");
                }
            }
        }
    }
}
