//! The length of a description by which a model is chosen from the front: constants are paid for by what they promise
//! too much, structure by the number of formulas that were tried.

use super::description_length::{Residuals, exact_constants, structure};
use super::rounding::Rounding;
use super::snap::constant_cost;
use crate::expr::{Expr, ExprBuilder, Node, Tape, Workspace};
use nalgebra::DMatrix;

/// Nats of a fitted constant in a prediction from many rows, and of a written number at most.
const FITTED: f64 = 1.0;

/// Share of the price of structure that is paid where the purpose is to predict. Half keeps the laws that noise hides and
/// keeps what tables without a law gain by longer formulas (docs/benchmarks.md): a third already loses laws to noise.
const STRUCTURE: f64 = 0.5;

/// Nats of a number that may come from elsewhere than the data: 1 to 20, small fractions, pi.
const SHORT: f64 = 4.0;

/// Rows up to which every row has an influence of its own on the constants. Beyond, all have the mean one.
const INFLUENCE_ROWS: usize = 4096;

/// What is left of a row at least when its influence on its own prediction is taken off.
const LEFT: f64 = 1e-6;

/// Degrees of freedom that are left over at least.
const LEAST_FREE: f64 = 0.5;

/// The description length of data by a formula with fitted constants: residuals as they would be on rows that the
/// constants have not seen, structure and numbers, in nats. `predicted` holds the values of the formula.
///
/// Nobody has to be told a constant that is fitted again to all rows but the one in question, so fitted constants are paid
/// for by what they promise too much, by leaving out one row at a time: `r / (1 - h)` for a
/// residual `r` and the row's influence `h` on its own prediction (Allen, *Technometrics* 16, 1974; for many rows the mean
/// influence, generalised cross-validation: Golub, Heath, Wahba, *Technometrics* 21, 1979). The number of digits of a
/// constant, by contrast, grows with the
/// number of rows without making predictions any worse: as the price of a constant it is right for deciding whether it
/// is a nice number, and too high for deciding whether to have it. A number that is written costs no more than one that is
/// fitted.
///
/// A formula without meaning leaves the share `r` of the squares with a chance of about `r^((n - k)/2)`: on few rows
/// the best of many formulas comes near by luck. Numbers are therefore dearer by `n / (n - k - 3/2)` for
/// `k` fitted constants, the factor by which the logarithm of such a share is too large (Bartlett, *Proceedings of the
/// Cambridge Philosophical Society* 34, 1938, for one more regressor beside `k` and the mean), and structure by its
/// square as long as that is not beyond the factor times the whole price: by the factor alone, fourteen nodes are taken for
/// the orbits of nine planets; by the square alone, no law for six.
///
/// No error counts as less than what the `rounding` of the table explains. `structure_limit` is that of [`description_length`](super::description_length). Infinite where there are as many
/// constants as rows.
pub(crate) fn predictive_length(
    expr: &Expr,
    columns: &[&[f64]],
    target: &[f64],
    weights: Option<&[f64]>,
    predicted: &[f64],
    rounding: Option<&Rounding>,
    structure_limit: f64,
) -> f64 {
    let fitted = with_rounded_constants(expr);
    let constants = fitted.parameters().len() as f64;
    let residuals = Residuals::of(target, weights);
    if constants >= residuals.rows {
        return f64::INFINITY;
    }
    let squares = left_out(&fitted, columns, target, weights, predicted, &residuals);
    if !squares.is_finite() {
        return f64::INFINITY;
    }
    // Constants are paid for at the error of rounding as well.
    let squares = rounding.map_or(squares, |r| squares * r.share(expr, columns, target, weights, predicted));
    let rate = residuals.rows / (residuals.rows - constants - 1.5).max(LEAST_FREE);
    let structure = (STRUCTURE * rate).min(1.0) * structure(expr, structure_limit);
    residuals.length(squares) + rate * (structure + exact_constants(&fitted, FITTED))
}

/// The same where the negative logarithm of a likelihood is known: a constant costs one nat, the limit of leaving rows
/// out for many rows (Stone 1977).
pub(crate) fn likelihood_length(expr: &Expr, negative_log_likelihood: f64, structure_limit: f64) -> f64 {
    let constants = exact_constants(expr, FITTED) + FITTED * expr.parameters().len() as f64;
    negative_log_likelihood + STRUCTURE * structure(expr, structure_limit) + constants
}

/// The sum of squares of the residuals on rows that the constants have not seen. What is below rounding no influence
/// enlarges.
fn left_out(
    expr: &Expr,
    columns: &[&[f64]],
    target: &[f64],
    weights: Option<&[f64]>,
    predicted: &[f64],
    residuals: &Residuals,
) -> f64 {
    let weight = |i: usize| weights.map_or(1.0, |w| w[i]);
    let mean = expr.parameters().len() as f64 / residuals.rows;
    let influence = influences(expr, columns, target.len(), weight);
    let square = |i: usize| {
        let square = weight(i) * (target[i] - predicted[i]).powi(2);
        let own = influence.as_ref().map_or(mean, |h| h[i]);
        if square <= residuals.floor { square } else { square / (1.0 - own).max(LEFT).powi(2) }
    };
    (0..target.len()).filter(|&i| weight(i) > 0.0).map(square).sum()
}

/// The formula with its long numbers fitted: 1.516 is a constant that was fitted and then rounded within its error, and
/// 2, 1/2 or pi belong to the structure.
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
/// Jacobian. Columns that the others span have none. `None` without constants or derivatives, and on many rows.
fn influences(
    expr: &Expr,
    columns: &[&[f64]],
    rows: usize,
    weight: impl Fn(usize) -> f64,
) -> Option<Vec<f64>> {
    let p = expr.parameters().len();
    if p == 0 || rows > INFLUENCE_ROWS {
        return None;
    }
    let (mut values, mut jacobian) = (vec![0.0; rows], vec![0.0; rows * p]);
    let tape = Tape::compile(expr);
    tape.jacobian(expr.parameters(), columns, 0..rows, &mut Workspace::new(), &mut values, &mut jacobian);
    if jacobian.iter().any(|d| !d.is_finite()) {
        return None;
    }
    let mut matrix = DMatrix::from_fn(rows, p, |i, j| weight(i).sqrt() * jacobian[i * p + j]);
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
    Some((0..rows).map(|i| (0..rank).map(|j| q[(i, j)].powi(2)).sum()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{parse, parse_form};
    use crate::refit::Refitter;

    fn length(expr: &Expr, columns: &[&[f64]], target: &[f64], weights: Option<&[f64]>) -> f64 {
        predictive_length(expr, columns, target, weights, &expr.evaluate(columns), None, f64::INFINITY)
    }

    fn left_out_of(expr: &Expr, x: &[f64], y: &[f64], weights: Option<&[f64]>) -> f64 {
        left_out(expr, &[x], y, weights, &expr.evaluate(&[x]), &Residuals::of(y, weights))
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
        let quick = left_out_of(&fitted, &x, &y, Some(&weights));
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
        let loss = |e: &Expr| left_out_of(e, &x, &y, None);
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
            2000.0 * mse.ln() + STRUCTURE * structure(e, f64::INFINITY) + exact_constants(e, FITTED)
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

    /// Kepler's table of 1618: distances, and periods in days.
    #[test]
    fn six_rows_are_enough_for_a_law() {
        let a = [0.389, 0.724, 1.0, 1.524, 5.2, 9.51];
        let t = [87.77, 224.70, 365.25, 686.95, 4332.62, 10759.2];
        let law = Refitter::default().refit(&form("362.1*x^1.5"), &[&a], &t, None).expr;
        let nothing = Expr::constant(0.0);
        assert!(length(&law, &[&a], &t, None) < length(&nothing, &[&a], &t, None));
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
