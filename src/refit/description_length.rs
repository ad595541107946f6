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
    let parameters = expr.parameters();
    let formula = structure(expr, structure_limit) + exact_constants(expr, f64::INFINITY);
    if likelihood != Likelihood::Gaussian {
        let loss = Loss { tape, columns, target, weights, likelihood };
        let n: f64 = weights.map_or(target.len() as f64, |w| w.iter().sum());
        return loss.total(parameters) + formula + parameters.len() as f64 * (0.5 * n.ln() + 1.0);
    }
    let residuals = Residuals::of(target, weights);
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
        let variance = residuals.mean(cost);
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
    residuals.length(cost) + formula + fitted
}

/// What a sum of squared residuals is measured by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Residuals {
    /// Rows that count.
    pub(super) rows: f64,
    /// Mean square below which residuals are rounding.
    pub(super) floor: f64,
    /// What brings the weights to a mean of 1. Weights such as `1/sigma^2` say how precise rows are beside each other: in
    /// another unit they must not stand for more rows.
    scale: f64,
}

impl Residuals {
    pub(super) fn of(target: &[f64], weights: Option<&[f64]>) -> Self {
        let squares: f64 =
            target.iter().enumerate().map(|(i, y)| weights.map_or(1.0, |w| w[i]) * y * y).sum();
        let (rows, scale) = weights.map_or((target.len() as f64, 1.0), |weights| {
            let counted = weights.iter().filter(|w| **w > 0.0).count() as f64;
            (counted, counted / weights.iter().sum::<f64>())
        });
        let floor = (ERROR_FLOOR * ERROR_FLOOR * squares / rows).max(f64::MIN_POSITIVE);
        Self { rows, floor, scale }
    }

    /// The mean of squares with this sum, not below rounding.
    fn mean(&self, squares: f64) -> f64 {
        (squares / self.rows).max(self.floor)
    }

    /// What residuals with this sum of squares take, in nats: `n/2 ln(mse)`.
    pub(super) fn length(&self, squares: f64) -> f64 {
        0.5 * self.rows * (self.scale * self.mean(squares)).ln()
    }
}

/// What the nodes cost.
pub(super) fn structure(expr: &Expr, limit: f64) -> f64 {
    let nodes = NATS_PER_NODE * f64::from(complexity(expr));
    nodes.min(limit + BEYOND_LIST * (nodes - limit).max(0.0))
}

/// What the numbers of a formula cost, each `most` at most.
pub(super) fn exact_constants(expr: &Expr, most: f64) -> f64 {
    let cost = |node: &Node| if let Node::Constant(c) = node { constant_cost(*c).min(most) } else { 0.0 };
    expr.nodes().iter().map(cost).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_of_weights_says_nothing() {
        let x: Vec<f64> = (0..30).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|x| 2.0 * x + x.sin()).collect();
        let expr = Expr::parameter(2.0) * Expr::variable(0);
        let length = |scale: f64| {
            let weights: Vec<f64> = x.iter().map(|x| scale * (1.5 + x.cos())).collect();
            let tape = Tape::compile(&expr);
            description_length(&expr, &tape, &[&x], &y, Some(&weights), Likelihood::Gaussian, 100.0)
        };
        assert!((length(1e-6) - length(1.0)).abs() < 1e-9);
        assert!((length(1e6) - length(1.0)).abs() < 1e-9);
    }
}
