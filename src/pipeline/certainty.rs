//! When a law is certainly found.
//!
//! A small error alone is no proof: on a narrow range any rich basis approximates an analytic law to many digits.
//! So all of these have to hold: (1) the error on held-out rows is at rounding level for 95 % of the rows;
//! (2) few free constants; (3) the structure, refitted on two disjoint halves of the rows, gives the same
//! constants and the same error; (4) refitted on the inner rows, the error stays at rounding level on the outer
//! rows, which it has not seen.

use super::rows::Rows;
use crate::expr::{Expr, Tape};
use crate::least_squares::{LmOptions, SquaredError, levenberg_marquardt};
use crate::relaxation::Batch;
use crate::search::Problem;

/// Relative error that counts as rounding.
const EXACT: f64 = 1e-10;

/// Most free constants.
const MOST_CONSTANTS: usize = 4;

pub(super) fn is_certain(expr: &Expr, problem: &Problem<'_>, rows: &Rows) -> bool {
    let scale = typical_size(problem.target);
    let free = expr.parameters().len();
    let enough = rows.fit.rows() >= 3 * (free + 1) + 4;
    if free > MOST_CONSTANTS || !enough || scale == 0.0 {
        return false;
    }
    let small = |e: &Expr, batch: &Batch| quantile_error(e, batch, scale, 0.95) <= EXACT * scale;
    if !small(expr, &rows.fit) || !small(expr, &rows.held_out) {
        return false;
    }
    if free == 0 {
        return true;
    }
    let fit = &rows.fit;
    let views = fit.views();
    let refit = |members: &[usize]| {
        let batch = Batch::gather(&views, &fit.target, fit.weights.as_deref(), members);
        let tape = Tape::compile(expr);
        let columns = batch.views();
        let problem = SquaredError::new(&tape, &columns, &batch.target, batch.weights.as_deref());
        // Off the solution, so that the rows have to lead back to it.
        let start: Vec<f64> = expr.parameters().iter().map(|p| p * 1.001).collect();
        expr.with_parameters(&levenberg_marquardt(&problem, &start, &LmOptions::default()).parameters)
    };
    let (even, odd): (Vec<usize>, Vec<usize>) = (0..fit.rows()).partition(|i| i % 2 == 0);
    let (a, b) = (refit(&even), refit(&odd));
    let same =
        a.parameters().iter().zip(b.parameters()).all(|(x, y)| (x - y).abs() <= 1e-6 * x.abs().max(y.abs()));
    if !same || !small(&a, fit) || !small(&b, fit) {
        return false;
    }
    let (inner, outer) = inner_and_outer(fit);
    let c = refit(&inner);
    let outside = Batch::gather(&views, &fit.target, fit.weights.as_deref(), &outer);
    quantile_error(&c, &outside, scale, 0.95) <= 100.0 * EXACT * scale
}

/// The median of the absolute values, or their root mean square where most are zero. The median, because a few
/// huge rows would make every error on the others look small.
fn typical_size(y: &[f64]) -> f64 {
    let mut sizes: Vec<f64> = y.iter().map(|y| y.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let median = sizes[sizes.len() / 2];
    if median > 0.0 { median } else { (y.iter().map(|y| y * y).sum::<f64>() / y.len() as f64).sqrt() }
}

/// The quantile of the absolute errors, those of rows beyond `size` divided by how far they are beyond it;
/// infinite where a value is not finite.
fn quantile_error(expr: &Expr, batch: &Batch, size: f64, q: f64) -> f64 {
    let values = Tape::compile(expr).values(expr.parameters(), &batch.views());
    let mut errors: Vec<f64> =
        values.iter().zip(&batch.target).map(|(f, y)| (f - y).abs() / (y.abs() / size).max(1.0)).collect();
    if errors.is_empty() || errors.iter().any(|e| !e.is_finite()) {
        return f64::INFINITY;
    }
    errors.sort_by(f64::total_cmp);
    errors[((errors.len() - 1) as f64 * q).ceil() as usize]
}

/// Rows near the middle of the data (three quarters) and those far out, by the largest distance from the median
/// of any column in units of its spread.
fn inner_and_outer(batch: &Batch) -> (Vec<usize>, Vec<usize>) {
    let n = batch.rows();
    let mut distance = vec![0.0f64; n];
    for column in &batch.columns {
        let mut sorted = column.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted[n / 2];
        let spread = (sorted[n * 9 / 10] - sorted[n / 10]).max(f64::MIN_POSITIVE);
        for (d, x) in distance.iter_mut().zip(column) {
            *d = d.max((x - middle).abs() / spread);
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| distance[*a].total_cmp(&distance[*b]).then(a.cmp(b)));
    let outer = order.split_off((n * 3).div_ceil(4).min(n - 1));
    (order, outer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;
    use crate::expr::parse;
    use crate::search_space::{PrimitiveSet, SearchSpace};

    /// Whether a structure, fitted to a law on 0.05..0.95 from starts for its constants, counts as certain.
    fn certain(constants: &[f64], build: impl Fn(&[Expr]) -> Expr, law: impl Fn(f64) -> f64) -> bool {
        let x: Vec<f64> = (0..400).map(|i| 0.05 + 0.9 * f64::from(i) / 399.0).collect();
        let y: Vec<f64> = x.iter().map(|x| law(*x)).collect();
        let columns = [x.as_slice()];
        let split = Split::random(x.len(), 0.25, 1);
        let space = SearchSpace::new(PrimitiveSet::SCIENCE, 1).unwrap();
        let problem =
            Problem { columns: &columns, target: &y, weights: None, split: &split, space: &space, seed: 0 };
        let parameters: Vec<Expr> = constants.iter().map(|c| Expr::parameter(*c)).collect();
        let guess = build(&parameters);
        let refit =
            crate::refit::Refitter { starts: 4, ..Default::default() }.refit(&guess, &columns, &y, None);
        is_certain(&refit.expr, &problem, &Rows::new(&problem))
    }

    fn x() -> Expr {
        parse("x", &["x"]).unwrap()
    }

    #[test]
    fn a_law_is_certain() {
        let law = |x: f64| 1.0 - 0.7 * (-2.0 * x).exp();
        assert!(certain(
            &[1.1, -0.6, -0.02],
            |c| c[0].clone() + c[1].clone() * (c[2].clone() * x()).apply(crate::expr::Op::Exp),
            law
        ));
    }

    #[test]
    fn a_good_approximation_on_a_narrow_range_is_not() {
        let law = |x: f64| 1.0 - 0.7 * (-0.03 * x).exp();
        // Four constants reach some 1e-11 here.
        let cubic = |c: &[Expr]| {
            let (a, b, d, e) = (c[0].clone(), c[1].clone(), c[2].clone(), c[3].clone());
            a + x() * (b + x() * (d + x() * e))
        };
        assert!(!certain(&[0.3, 0.02, -0.0003, 3e-6], cubic, law));
        let ratio = |c: &[Expr]| {
            let (a, b, d, e) = (c[0].clone(), c[1].clone(), c[2].clone(), c[3].clone());
            (a + x() * (b + x() * d)) / (Expr::constant(1.0) + x() * e)
        };
        assert!(!certain(&[0.3, 0.02, 1e-4, 0.01], ratio, law));
    }
}
