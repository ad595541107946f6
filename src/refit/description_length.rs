//! The length of a description of the data by a formula, in nats.
//!
//! Two-part code (Rissanen 1978; the parameter term follows Bartlett, Desmond, Ferreira, *Exhaustive Symbolic
//! Regression*, 2022, equation 10): residuals, structure, and every fitted constant to the precision that the
//! data give it.

use super::Likelihood;
use super::lbfgs::Loss;
use super::snap::constant_cost;
use crate::expr::{Expr, Node, Tape, complexity};
use crate::least_squares::SquaredError;

/// Relative error below which two formulas fit equally well: rounding of the data and of the evaluation.
pub(crate) const ERROR_FLOOR: f64 = 1e-11;

/// Nats per node of the formula: the logarithm of how many symbols there are to choose from.
const NATS_PER_NODE: f64 = 2.3;

/// Part of the price of a node that is charged beyond the length of the list of all graphs: several graphs are one
/// formula, and of those the shorter is wanted.
const BEYOND_LIST: f64 = 0.22;

/// Nats of a fitted constant in a prediction from many rows.
const FITTED: f64 = 1.0;

/// The description length of the data by a formula:
/// `data + sum over nodes + sum over exact constants + sum over fitted constants`, where `data` is
/// `n/2 ln(mse)` for the squared error and the negative logarithm of the likelihood otherwise.
///
/// `structure_limit` bounds the cost of the nodes: a formula out of a search space of few graphs needs no code
/// longer than its number in the list of them all, `ln(number of graphs)`; nodes beyond cost a fraction of the
/// full price. Infinity where there is no such list.
///
/// `mse` is floored at ([`ERROR_FLOOR`] x rms(y))^2.
/// The additive constant is the same for all formulas on the same data. Infinite where the error is not finite.
#[allow(clippy::too_many_arguments)] // data, formula and code are separate things
pub(crate) fn description_length(
    expr: &Expr,
    tape: &Tape,
    columns: &[&[f64]],
    target: &[f64],
    weights: Option<&[f64]>,
    likelihood: Likelihood,
    structure_limit: f64,
) -> f64 {
    let n = weights.map_or(target.len() as f64, |w| w.iter().sum());
    let squares: f64 = target.iter().enumerate().map(|(i, y)| weights.map_or(1.0, |w| w[i]) * y * y).sum();
    let parameters = expr.parameters();
    let formula = structure(expr, structure_limit) + exact_constants(expr, f64::INFINITY);
    if likelihood != Likelihood::Gaussian {
        let loss = Loss { tape, columns, target, weights, likelihood };
        return loss.total(parameters) + formula + parameters.len() as f64 * (0.5 * n.ln() + 1.0);
    }
    let problem = SquaredError::new(tape, columns, target, weights);
    let cost;
    let mut fitted = 0.0;
    if parameters.is_empty() {
        cost = problem.cost(parameters, &mut crate::expr::Workspace::new());
    } else {
        let Some(equations) = problem.normal_equations(parameters, &mut crate::expr::Workspace::new()) else {
            return f64::INFINITY;
        };
        cost = equations.cost;
        let floor = (ERROR_FLOOR * ERROR_FLOOR * squares).max(f64::MIN_POSITIVE);
        let variance = cost.max(floor) / n;
        for (j, theta) in parameters.iter().enumerate() {
            let information = equations.jtj[j * parameters.len() + j] / variance;
            // ln(|theta| / precision), precision = sqrt(12 / information); at least one nat, a fitted constant
            // is never free.
            let digits = (theta.abs().max(f64::MIN_POSITIVE)).ln()
                + 0.5 * (information.max(f64::MIN_POSITIVE) / 12.0).ln();
            fitted += digits.max(0.0) + 1.0;
        }
    }
    if !cost.is_finite() {
        return f64::INFINITY;
    }
    let floor = (ERROR_FLOOR * ERROR_FLOOR * squares / n).max(f64::MIN_POSITIVE);
    0.5 * n * (cost / n).max(floor).ln() + formula + fitted
}

/// The description length by which a formula is chosen from others with other constants: residuals as they would be on
/// rows that the constants have not seen, structure and exact constants. `loss` is the sum of losses over `rows` rows,
/// `squares` that of the squared target.
///
/// Nobody has to be told a constant that is fitted again to all rows but the one in question, so constants are paid for
/// by what they promise too much: for the squared error by generalised cross-validation, `mse / (1 - k/n)^2` for `k`
/// constants (Golub, Heath, Wahba, *Technometrics* 21, 1979), which is the mean over rows left out one at a time
/// with their leverages made equal; for a likelihood by one nat each, its limit for many rows (Stone 1977). The number of
/// digits of a constant, by contrast, grows with the number of rows without making predictions any worse: as the
/// price of a constant it is right for deciding whether it is a nice number, and too high for deciding whether to have
/// it. A number that is written costs no more than one that is fitted. Infinite where there are as many constants as
/// rows.
pub(crate) fn predictive_length(
    expr: &Expr,
    loss: f64,
    squares: f64,
    rows: f64,
    likelihood: Likelihood,
    structure_limit: f64,
) -> f64 {
    let constants = expr.parameters().len() as f64;
    let formula = structure(expr, structure_limit) + exact_constants(expr, FITTED);
    if likelihood != Likelihood::Gaussian {
        return loss + formula + FITTED * constants;
    }
    if constants >= rows || !loss.is_finite() {
        return f64::INFINITY;
    }
    let floor = (ERROR_FLOOR * ERROR_FLOOR * squares / rows).max(f64::MIN_POSITIVE);
    0.5 * rows * (loss / rows).max(floor).ln() - rows * (-constants / rows).ln_1p() + formula
}

/// What the nodes cost.
fn structure(expr: &Expr, limit: f64) -> f64 {
    let nodes = NATS_PER_NODE * f64::from(complexity(expr));
    nodes.min(limit + BEYOND_LIST * (nodes - limit).max(0.0))
}

/// What the numbers of a formula cost, each `most` at most.
fn exact_constants(expr: &Expr, most: f64) -> f64 {
    let cost = |node: &Node| if let Node::Constant(c) = node { constant_cost(*c).min(most) } else { 0.0 };
    expr.nodes().iter().map(cost).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse;

    #[test]
    fn a_constant_costs_what_it_promises_too_much() {
        let x = Expr::variable(0);
        let with = |k: usize| {
            let expr = (0..k).fold(x.clone(), |e, _| e + Expr::parameter(1.0));
            predictive_length(&expr, 100.0, 1e4, 100.0, Likelihood::Gaussian, 0.0) - structure(&expr, 0.0)
        };
        assert_eq!(with(0), 0.0);
        // One nat for many rows, without end where there are as many constants as rows.
        assert!((with(1) - 1.005).abs() < 1e-3, "{}", with(1));
        assert!((with(50) - 69.3).abs() < 0.1, "{}", with(50));
        assert_eq!(with(100), f64::INFINITY);
    }

    #[test]
    fn a_written_number_costs_no_more_than_a_fitted_one() {
        let length = |formula: &str| {
            let expr = parse(formula, &["x"]).unwrap();
            predictive_length(&expr, 1e4, 1e6, 1e4, Likelihood::Gaussian, 0.0) - structure(&expr, 0.0)
        };
        assert_eq!(length("0.137*x"), FITTED);
        assert_eq!(length("x"), 0.0);
    }
}
