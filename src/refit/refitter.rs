//! [`Refitter`]: the best constants of a given structure.

use super::Likelihood;
use super::lbfgs::{self, Loss};
use crate::expr::{Expr, Tape};
use crate::least_squares::{LmOptions, SquaredError, levenberg_marquardt, linear_parameters, solve_linear};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// An expression with refitted constants and its total weighted loss.
///
/// ```
/// use closedform::expr::Expr;
/// use closedform::refit::{Refit, Refitter};
/// let line = Expr::parameter(1.0) * Expr::variable(0);
/// let Refit { expr, loss } = Refitter::default().refit(&line, &[&[1.0, 2.0]], &[3.0, 6.0], None);
/// assert!((expr.parameters()[0] - 3.0).abs() < 1e-12 && loss < 1e-20);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Refit {
    /// The expression with its new constants.
    pub expr: Expr,
    /// The weighted sum of losses over the rows (of squared errors for [`Likelihood::Gaussian`]).
    pub loss: f64,
}

/// Finds the constants of an expression that minimise a loss: L-BFGS from several starts, constants that enter
/// linearly solved exactly, and a Levenberg-Marquardt polish.
///
/// ```
/// use closedform::expr::{Expr, Op};
/// use closedform::refit::Refitter;
/// let x: Vec<f64> = (0..40).map(|i| f64::from(i) * 0.1).collect();
/// let y: Vec<f64> = x.iter().map(|x| 3.0 * (-0.5 * x).exp() + 2.0).collect();
/// let guess = Expr::parameter(1.0) * (Expr::parameter(-1.0) * Expr::variable(0)).apply(Op::Exp) + Expr::parameter(0.0);
/// let fit = Refitter::default().refit(&guess, &[&x], &y, None);
/// assert!((fit.expr.parameters()[1] + 0.5).abs() < 1e-9);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Refitter {
    /// The loss.
    pub likelihood: Likelihood,
    /// Starts: the given constants, then random perturbations of them.
    pub starts: usize,
    /// L-BFGS iterations per start.
    pub iterations: u64,
    /// Seed of the perturbations.
    pub seed: u64,
    /// Most that the structure of a formula may cost in a description length, in nats: the logarithm of the number
    /// of graphs where the search space is finite, else infinity.
    pub structure_limit: f64,
}

impl Default for Refitter {
    fn default() -> Self {
        Self {
            likelihood: Likelihood::Gaussian,
            starts: 3,
            iterations: 60,
            seed: 0,
            structure_limit: f64::INFINITY,
        }
    }
}

impl Refitter {
    /// Refits an expression; the result is never worse than the start. `columns[i]` holds variable `i`, `weights` one
    /// number of 0 or more per row, all 1 where there are none.
    ///
    /// ```
    /// use closedform::{expr::Expr, refit::Refitter};
    /// let law = Expr::parameter(1.0) * Expr::variable(0);
    /// let fit = Refitter::default().refit(&law, &[&[1.0, 2.0]], &[4.0, 5.0], Some(&[1.0, 0.0]));
    /// assert!((fit.expr.parameters()[0] - 4.0).abs() < 1e-9); // the second row has no weight
    /// ```
    pub fn refit(&self, expr: &Expr, columns: &[&[f64]], target: &[f64], weights: Option<&[f64]>) -> Refit {
        let tape = Tape::compile(expr);
        let loss = Loss { tape: &tape, columns, target, weights, likelihood: self.likelihood };
        let linear = linear_parameters(expr);
        let scale: f64 = target.iter().enumerate().map(|(i, y)| weights.map_or(1.0, |w| w[i]) * y * y).sum();
        let mut best = (expr.parameters().to_vec(), loss.total(expr.parameters()));
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        for start in 0..self.starts.max(1) {
            let mut point = expr.parameters().to_vec();
            if start > 0 {
                // A factor between 1/4 and 4, and now and then the other sign.
                for x in &mut point {
                    *x *= rng.random_range(-1.4f64..1.4).exp()
                        * if rng.random_range(0.0..1.0) < 0.2 { -1.0 } else { 1.0 };
                }
            }
            let (point, cost) = self.descend(&loss, &linear, point, start == 0);
            if cost < best.1 {
                best = (point, cost);
            }
            // Exact to rounding: no other start can be better.
            if best.1 <= 1e-26 * scale {
                break;
            }
        }
        Refit { expr: expr.with_parameters(&best.0), loss: best.1 }
    }

    /// A few steps from constants that are nearly right, for many rows; never worse than the start. Arguments are those
    /// of [`Refitter::refit`].
    ///
    /// ```
    /// use closedform::{expr::Expr, refit::Refitter};
    /// let law = Expr::parameter(2.9) * Expr::variable(0);
    /// let fit = Refitter::default().polish(&law, &[&[1.0, 2.0]], &[3.0, 6.0], None);
    /// assert!((fit.expr.parameters()[0] - 3.0).abs() < 1e-9);
    /// ```
    pub fn polish(&self, expr: &Expr, columns: &[&[f64]], target: &[f64], weights: Option<&[f64]>) -> Refit {
        let tape = Tape::compile(expr);
        let (point, loss) = if self.likelihood == Likelihood::Gaussian {
            let problem = SquaredError::new(&tape, columns, target, weights);
            let options = LmOptions { iterations: 6, damping: 1e-6, ..LmOptions::default() };
            let fit = levenberg_marquardt(&problem, expr.parameters(), &options);
            (fit.parameters, fit.cost)
        } else {
            let loss = Loss { tape: &tape, columns, target, weights, likelihood: self.likelihood };
            self.likely(&loss, expr.parameters().to_vec())
        };
        Refit { expr: expr.with_parameters(&point), loss }
    }

    /// Fisher scoring (McCullagh and Nelder, *Generalized Linear Models*, 1989, section 2.5): weighted least squares
    /// whose weights follow the predictions. Where the start has no likelihood, as a probability above 1, squared
    /// errors come first. L-BFGS on the likelihood itself ends it.
    fn likely(&self, loss: &Loss<'_>, mut point: Vec<f64>) -> (Vec<f64>, f64) {
        let options = LmOptions { iterations: 4, polish: 1, ..LmOptions::default() };
        let mut best = loss.total(&point);
        for _ in 0..self.iterations.div_ceil(5) {
            let predicted = loss.tape.values(&point, loss.columns);
            let weights: Vec<f64> = predicted
                .iter()
                .enumerate()
                .map(|(i, f)| {
                    let information = if best.is_finite() { loss.likelihood.information(*f) } else { 1.0 };
                    loss.weights.map_or(1.0, |w| w[i]) * information
                })
                .collect();
            let squares = SquaredError::new(loss.tape, loss.columns, loss.target, Some(&weights));
            let next = levenberg_marquardt(&squares, &point, &options).parameters;
            let total = loss.total(&next);
            if !total.is_finite() || (best.is_finite() && total >= best) {
                break;
            }
            let little = best - total <= 1e-9 * best.abs();
            (point, best) = (next, total);
            if little {
                break;
            }
        }
        lbfgs::minimise(loss, &point, self.iterations / 4)
    }

    fn descend(&self, loss: &Loss<'_>, linear: &[usize], mut point: Vec<f64>, near: bool) -> (Vec<f64>, f64) {
        if self.likelihood != Likelihood::Gaussian {
            return self.likely(loss, point);
        }
        let problem = SquaredError::new(loss.tape, loss.columns, loss.target, loss.weights);
        solve_linear(&problem, linear, &mut point);
        // Near a solution Levenberg-Marquardt alone gets there; L-BFGS walks the long way of a far start.
        let iterations = if near { self.iterations / 2 } else { self.iterations };
        let (mut point, _) = lbfgs::minimise(loss, &point, iterations);
        solve_linear(&problem, linear, &mut point);
        let fit = levenberg_marquardt(&problem, &point, &LmOptions::default());
        (fit.parameters, fit.cost)
    }
}
