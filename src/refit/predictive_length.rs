//! The length of a description by which a model is chosen from the front: constants are paid for by what they promise
//! too much, structure by the number of formulas that were tried.

use super::Likelihood;
use super::description_length::{ERROR_FLOOR, exact_constants, rows_and_scale, structure};
use super::lbfgs::Loss;
use super::snap::constant_cost;
use crate::expr::{Expr, ExprBuilder, Node, Tape, Workspace};
use nalgebra::DMatrix;

/// Nats of a fitted constant in a prediction from many rows, and of a written number at most.
const FITTED: f64 = 1.0;

/// Nats of a number that may come from elsewhere than the data: 1 to 20, small fractions, pi.
const SHORT: f64 = 4.0;

/// Rows up to which every row has an influence of its own on the constants. Beyond, all have the mean one.
const INFLUENCE_ROWS: usize = 4096;

/// What is left of a row at least when its influence on its own prediction is taken off.
const LEFT: f64 = 1e-6;

/// Degrees of freedom that are left over at least.
const LEAST_FREE: f64 = 0.5;

/// The description length of data by a formula with fitted constants: residuals as they would be on rows that the
/// constants have not seen, structure and numbers, in nats.
///
/// Nobody has to be told a constant that is fitted again to all rows but the one in question, so fitted constants are paid
/// for by what they promise too much: for the squared error by leaving out one row at a time, `r / (1 - h)` for a
/// residual `r` and the row's influence `h` on its own prediction (Allen, *Technometrics* 16, 1974; for many rows the mean
/// influence, generalised cross-validation: Golub, Heath, Wahba, *Technometrics* 21, 1979); for a likelihood by one
/// nat each, the limit for many rows (Stone 1977). The number of digits of a constant, by contrast, grows with the
/// number of rows without making predictions any worse: as the price of a constant it is right for deciding whether it
/// is a nice number, and too high for deciding whether to have it. A number that is written costs no more than one that is
/// fitted.
///
/// A formula without meaning leaves the share `r` of the squares with a chance of about `r^((n - k)/2)`: on few rows
/// the best of many formulas comes near by luck. Structure and numbers are therefore dearer by `n / (n - k - 3/2)` for
/// `k` fitted constants, the factor by which the logarithm of such a share is too large (Bartlett, *Proceedings of the
/// Cambridge Philosophical Society* 34, 1938, for one more regressor beside `k` and the mean).
///
/// `structure_limit` is that of [`description_length`](super::description_length). Infinite where there are as many
/// constants as rows.
pub(crate) fn predictive_length(
    expr: &Expr,
    tape: &Tape,
    columns: &[&[f64]],
    target: &[f64],
    weights: Option<&[f64]>,
    likelihood: Likelihood,
    structure_limit: f64,
) -> f64 {
    let nodes = structure(expr, structure_limit);
    if likelihood != Likelihood::Gaussian {
        let loss = Loss { tape, columns, target, weights, likelihood }.total(expr.parameters());
        return loss + nodes + exact_constants(expr, FITTED) + FITTED * expr.parameters().len() as f64;
    }
    let fitted = with_rounded_constants(expr);
    let constants = fitted.parameters().len() as f64;
    let paid = nodes + exact_constants(&fitted, FITTED);
    let (rows, scale) = rows_and_scale(weights, target.len());
    let weight = |i: usize| weights.map_or(1.0, |w| w[i]);
    let squares: f64 = target.iter().enumerate().map(|(i, y)| weight(i) * y * y).sum();
    let floor = (ERROR_FLOOR * ERROR_FLOOR * squares / rows).max(f64::MIN_POSITIVE);
    let Some(loss) = left_out(&fitted, columns, target, weights, rows, floor) else {
        return f64::INFINITY;
    };
    let rate = rows / (rows - constants - 1.5).max(LEAST_FREE);
    0.5 * rows * (scale * (loss / rows).max(floor)).ln() + rate * paid
}

/// The sum of squares of the residuals on rows that the constants have not seen. A residual below `floor`, a square, is
/// rounding, which no influence enlarges.
fn left_out(
    expr: &Expr,
    columns: &[&[f64]],
    target: &[f64],
    weights: Option<&[f64]>,
    rows: f64,
    floor: f64,
) -> Option<f64> {
    let (tape, parameters) = (Tape::compile(expr), expr.parameters());
    let (n, p) = (target.len(), parameters.len());
    if p as f64 >= rows {
        return None;
    }
    let weight = |i: usize| weights.map_or(1.0, |w| w[i]);
    let sum = |predicted: &[f64], influence: &dyn Fn(usize) -> f64| {
        let square = |i: usize| {
            let square = weight(i) * (target[i] - predicted[i]).powi(2);
            if square <= floor { square } else { square / (1.0 - influence(i)).max(LEFT).powi(2) }
        };
        let total: f64 = (0..n).filter(|&i| weight(i) > 0.0).map(square).sum();
        total.is_finite().then_some(total)
    };
    let mean = p as f64 / rows;
    if p == 0 || n > INFLUENCE_ROWS {
        return sum(&tape.values(parameters, columns), &|_| mean);
    }
    let mut predicted = vec![0.0; n];
    let mut jacobian = vec![0.0; n * p];
    tape.jacobian(parameters, columns, 0..n, &mut Workspace::new(), &mut predicted, &mut jacobian);
    if jacobian.iter().any(|d| !d.is_finite()) {
        return sum(&predicted, &|_| mean);
    }
    let influence = influences(&jacobian, p, weight);
    sum(&predicted, &|i| influence[i])
}

/// The formula with its long numbers fitted: 1.516 is a constant that was fitted and then rounded within its error, and 2, 1/2 or pi
/// belong to the structure.
fn with_rounded_constants(expr: &Expr) -> Expr {
    let mut g = ExprBuilder::new();
    let root = g.import_with(expr, |g, node| match node {
        Node::Constant(c) if constant_cost(c) > SHORT => Some(g.parameter(c)),
        Node::Parameter(p) => Some(g.parameter(expr.parameters()[p as usize])),
        _ => None,
    });
    g.finish(root)
}

/// The influence of each row on its own prediction: the diagonal of the projection onto the columns of the weighted
/// Jacobian, which is given row by row. Columns that the others span have none.
fn influences(jacobian: &[f64], parameters: usize, weight: impl Fn(usize) -> f64) -> Vec<f64> {
    let rows = jacobian.len() / parameters;
    let mut matrix =
        DMatrix::from_fn(rows, parameters, |i, j| weight(i).sqrt() * jacobian[i * parameters + j]);
    for mut column in matrix.column_iter_mut() {
        let norm = column.norm();
        if norm > 0.0 {
            column /= norm;
        }
    }
    let factors = matrix.col_piv_qr();
    let r = factors.r();
    let rank = (0..r.nrows().min(r.ncols())).take_while(|&j| r[(j, j)].abs() > 1e-10).count();
    let q = factors.q();
    (0..rows).map(|i| (0..rank).map(|j| q[(i, j)].powi(2)).sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{parse, parse_form};
    use crate::refit::Refitter;

    fn length(expr: &Expr, columns: &[&[f64]], target: &[f64], weights: Option<&[f64]>) -> f64 {
        let tape = Tape::compile(expr);
        predictive_length(expr, &tape, columns, target, weights, Likelihood::Gaussian, f64::INFINITY)
    }

    /// A formula of x and y; numbers with a point are to be fitted.
    fn form(text: &str) -> Expr {
        let column = |name: &str| ["x", "y"].iter().position(|n| *n == name);
        parse_form(text, column, false).unwrap().0
    }

    /// Points on a parabola with something added.
    fn table(rows: usize) -> (Vec<f64>, Vec<f64>) {
        let x: Vec<f64> = (0..rows).map(|i| (i as f64 + 0.5).powf(1.3)).collect();
        let y = x.iter().map(|x| 0.3 * x * x + (7.0 * x).sin() + 2.0).collect();
        (x, y)
    }

    #[test]
    fn leaving_a_row_out_by_fitting_without_it() {
        let (x, y) = table(9);
        let weights: Vec<f64> = x.iter().map(|x| 1.0 + x.cos().powi(2)).collect();
        let form = form("1.0*x^2 + 1.0");
        let fitted = Refitter::default().refit(&form, &[&x], &y, Some(&weights)).expr;
        let quick = left_out(&fitted, &[&x], &y, Some(&weights), 9.0, 0.0).unwrap();
        let mut slow = 0.0;
        for out in 0..9 {
            let without: Vec<f64> =
                weights.iter().enumerate().map(|(i, w)| if i == out { 0.0 } else { *w }).collect();
            let fitted = Refitter::default().refit(&form, &[&x], &y, Some(&without)).expr;
            slow += weights[out] * (y[out] - fitted.evaluate_row(&[x[out]])).powi(2);
        }
        assert!((quick / slow - 1.0).abs() < 1e-9, "{quick} {slow}");
    }

    #[test]
    fn constants_that_are_one_count_once() {
        let (x, y) = table(12);
        let once = Refitter::default().refit(&form("1.0*x"), &[&x], &y, None).expr;
        let slope = once.parameters()[0];
        let twice = Expr::parameter(slope / 2.0) * Expr::variable(0)
            + Expr::parameter(slope / 2.0) * Expr::variable(0);
        let loss = |e: &Expr| left_out(e, &[&x], &y, None, 12.0, 0.0).unwrap();
        assert!((loss(&once) / loss(&twice) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_constant_costs_one_nat_on_many_rows() {
        let (x, y) = table(4000);
        let noisy: Vec<f64> = y.iter().zip(&x).map(|(y, x)| y + (1e4 * x).sin()).collect();
        let free = Refitter::default().refit(&form("0.3*x^2 + sin(7*x) + 2.0"), &[&x], &noisy, None).expr;
        let plain = |e: &Expr| {
            let mse =
                e.evaluate(&[&x]).iter().zip(&noisy).map(|(p, y)| (p - y).powi(2)).sum::<f64>() / 4000.0;
            2000.0 * mse.ln() + structure(e, f64::INFINITY) + exact_constants(e, FITTED)
        };
        let paid = length(&free, &[&x], &noisy, None) - plain(&free);
        assert!((paid - 2.0).abs() < 0.3, "{paid}");
    }

    #[test]
    fn as_many_constants_as_rows_are_no_law() {
        let (x, y) = table(3);
        let line = form("1.0*x + 1.0");
        assert!(length(&line, &[&x], &y, None).is_finite());
        assert_eq!(length(&(line + Expr::parameter(1.0)), &[&x], &y, None), f64::INFINITY);
    }

    /// Periods of the planets in years against distances in astronomical units: a long formula fits nine rows a
    /// thousand times better by luck.
    #[test]
    fn few_rows_make_structure_dearer() {
        let a = [0.387098, 0.723332, 1.000001, 1.523679, 5.2044, 9.5826, 19.2184, 30.11, 39.482];
        let e = [0.205630, 0.006772, 0.016709, 0.0934, 0.0489, 0.0565, 0.046381, 0.009456, 0.2488];
        let t =
            [0.240846, 0.615198, 1.0000174, 1.8808158, 11.862615, 29.447498, 84.016846, 164.79132, 247.94];
        let fitted = |form: Expr| Refitter::default().refit(&form, &[&a, &e], &t, None).expr;
        let short = fitted(form("x^1.4996"));
        let long = fitted(form("x^(y^0.0001853 - 0.0000711/sin(x)^2 + 0.500174)"));
        let error =
            |f: &Expr| f.evaluate(&[&a, &e]).iter().zip(&t).map(|(p, t)| (p - t).powi(2)).sum::<f64>();
        assert!(error(&long) < 1e-4 * error(&short), "{:e} {:e}", error(&long), error(&short));
        assert!(length(&short, &[&a, &e], &t, None) < length(&long, &[&a, &e], &t, None));
    }

    #[test]
    fn a_fitted_number_does_not_get_cheaper_by_rounding() {
        let (x, y) = table(9);
        let fitted = Refitter::default().refit(&form("1.0*x^2 + 1.0"), &[&x], &y, None).expr;
        let [slope, offset] = fitted.parameters() else { panic!("{fitted:?}") };
        let rounded = parse(&format!("{slope:.3}*x^2 + {offset:.3}"), &["x"]).unwrap();
        assert!(rounded.parameters().is_empty());
        assert!(length(&rounded, &[&x], &y, None) > length(&fitted, &[&x], &y, None) - 0.1);
        assert_eq!(with_rounded_constants(&form("2*x^2/3 + pi*y")).parameters().len(), 0);
    }

    #[test]
    fn the_unit_of_weights_says_nothing() {
        let (x, y) = table(30);
        let expr = Expr::parameter(2.0) * Expr::variable(0);
        let of = |scale: f64| {
            let weights: Vec<f64> = x.iter().map(|x| scale * (1.5 + x.cos())).collect();
            length(&expr, &[&x], &y, Some(&weights))
        };
        assert!((of(1e-6) - of(1.0)).abs() < 1e-9);
        assert!((of(1e6) - of(1.0)).abs() < 1e-9);
    }
}
