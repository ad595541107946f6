//! argmin's L-BFGS on exact dual gradients, guarded against everything that is not a finite number.
//!
//! The line search is backtracking with Armijo's condition: unlike More-Thuente's it does not loop for ever when
//! a step leaves the domain of the formula, because a point without finite value simply fails the condition.
//! The guard around the cost function remembers the best point of all, since argmin returns the last.

use super::Likelihood;
use crate::expr::{Dual, Plane, Scratch, Tape, chunks};
use crate::least_squares::dot;
use argmin::core::{CostFunction, Executor, Gradient};
use argmin::solver::linesearch::BacktrackingLineSearch;
use argmin::solver::linesearch::condition::ArmijoCondition;
use argmin::solver::quasinewton::LBFGS;
use std::cell::{Cell, RefCell};

/// An expression's mean loss over rows, as a function of its constants.
#[derive(Debug)]
pub(crate) struct Loss<'a> {
    pub(crate) tape: &'a Tape,
    pub(crate) columns: &'a [&'a [f64]],
    pub(crate) target: &'a [f64],
    pub(crate) weights: Option<&'a [f64]>,
    pub(crate) likelihood: Likelihood,
}

impl Loss<'_> {
    fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |w| w[row])
    }

    /// The weighted sum of losses; infinite where the expression has no finite value.
    pub(crate) fn total(&self, parameters: &[f64]) -> f64 {
        let sums = chunks(self.target.len(), &mut Scratch::default(), |rows, scratch| {
            let mut sum = 0.0;
            self.tape.value_blocks(parameters, self.columns, rows, scratch, |start, values| {
                for (i, f) in values.iter().enumerate() {
                    sum += self.weight(start + i) * self.likelihood.loss(*f, self.target[start + i]);
                }
                sum.is_finite()
            });
            sum.is_finite().then_some(sum)
        });
        let total = sums.map_or(f64::INFINITY, |sums| sums.into_iter().sum());
        if f64::is_finite(total) { total } else { f64::INFINITY }
    }

    /// The gradient of [`Loss::total`]: of the loss by the value from a dual number, times the derivatives of the
    /// value.
    pub(crate) fn gradient(&self, parameters: &[f64]) -> Vec<f64> {
        let p = parameters.len();
        let chunks = chunks(self.target.len(), &mut Scratch::default(), |rows, scratch| {
            let mut gradient = vec![0.0; p];
            let (mut values, mut slopes) = (Vec::new(), Vec::new());
            self.tape.derivative_blocks(parameters, self.columns, None, rows, scratch, |start, n, block| {
                values.resize(n, 0.0);
                block.value().copy_to(&mut values);
                slopes.clear();
                slopes.extend(values.iter().enumerate().map(|(i, f)| {
                    let loss = self.likelihood.loss(Dual::new(*f, 1.0), self.target[start + i]);
                    self.weight(start + i) * loss.derivative()
                }));
                for (j, g) in gradient.iter_mut().enumerate() {
                    *g += match block.partial(j) {
                        (0.0, _) => 0.0,
                        (factor, Plane::Rows(d)) => factor * dot(&slopes, d),
                        (factor, Plane::Same(d)) => factor * d * slopes.iter().sum::<f64>(),
                    };
                }
            });
            Some(gradient)
        });
        let mut gradient = vec![0.0; p];
        for chunk in chunks.into_iter().flatten() {
            gradient.iter_mut().zip(chunk).for_each(|(g, c)| *g += c);
        }
        gradient
    }
}

/// The loss in scaled constants (`parameter = scale * u`), divided by its value at the start.
struct Guarded<'a> {
    loss: &'a Loss<'a>,
    scale: Vec<f64>,
    unit: f64,
    best: RefCell<(f64, Vec<f64>)>,
    /// Evaluations of the cost that are left.
    left: Cell<u64>,
}

impl Guarded<'_> {
    fn parameters(&self, u: &[f64]) -> Vec<f64> {
        u.iter().zip(&self.scale).map(|(u, s)| u * s).collect()
    }
}

impl CostFunction for &Guarded<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, u: &Self::Param) -> Result<f64, argmin::core::Error> {
        self.left.set(self.left.get().saturating_sub(1));
        if self.left.get() == 0 {
            // Backtracking has no limit of its own: where rounding hides every descent it would halve its step
            // for ever.
            return Err(argmin::core::Error::msg("no evaluation is left"));
        }
        let parameters = self.parameters(u);
        let total = self.loss.total(&parameters);
        let mut best = self.best.borrow_mut();
        if total < best.0 {
            *best = (total, parameters);
        }
        Ok(total / self.unit)
    }
}

impl Gradient for &Guarded<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, u: &Self::Param) -> Result<Vec<f64>, argmin::core::Error> {
        let g = self.loss.gradient(&self.parameters(u));
        let g: Vec<f64> = g.iter().zip(&self.scale).map(|(g, s)| g * s / self.unit).collect();
        if g.iter().any(|x| !x.is_finite()) {
            // Ends the run; the best point so far is kept.
            return Err(argmin::core::Error::msg("the gradient is not finite"));
        }
        Ok(g)
    }
}

/// Evaluations of the cost that a run may spend per iteration, on average.
const EVALUATIONS_PER_ITERATION: u64 = 8;

/// Minimises from `start`; returns the best constants seen and their total loss. Never worse than the start.
pub(crate) fn minimise(loss: &Loss<'_>, start: &[f64], iterations: u64) -> (Vec<f64>, f64) {
    let at_start = loss.total(start);
    if start.is_empty() || !at_start.is_finite() || at_start == 0.0 {
        return (start.to_vec(), at_start);
    }
    let scale: Vec<f64> = start.iter().map(|x| if x.abs() > 1e-300 { x.abs() } else { 1.0 }).collect();
    let u: Vec<f64> = start.iter().zip(&scale).map(|(x, s)| x / s).collect();
    let problem = Guarded {
        loss,
        scale,
        unit: at_start,
        best: RefCell::new((at_start, start.to_vec())),
        left: Cell::new(EVALUATIONS_PER_ITERATION * iterations),
    };
    let solver = || -> Result<_, argmin::core::Error> {
        let search = BacktrackingLineSearch::new(ArmijoCondition::new(1e-4)?).rho(0.5)?;
        LBFGS::new(search, 7).with_tolerance_grad(1e-14)?.with_tolerance_cost(1e-16)
    };
    if let Ok(solver) = solver() {
        // An error of the run (a gradient that is not finite) leaves the best point so far, which is the answer.
        let _ = Executor::new(&problem, solver)
            .configure(|state| state.param(u).max_iters(iterations))
            .ctrlc(false)
            .run();
    }
    let (cost, parameters) = problem.best.into_inner();
    (parameters, cost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Expr, Op};

    #[test]
    fn ends_where_rounding_hides_every_descent() {
        // At the solution to the last digit, on a scale where no step lowers the loss.
        let x: Vec<f64> = (1..=64).map(|i| f64::from(i) * 1e3).collect();
        let e = (Expr::parameter(-3e-5) * Expr::variable(0)).apply(Op::Exp) * Expr::parameter(1e12)
            + Expr::parameter(1e-9);
        let columns = [x.as_slice()];
        let y = e.evaluate(&columns);
        let tape = Tape::compile(&e);
        let loss = Loss {
            tape: &tape,
            columns: &columns,
            target: &y,
            weights: None,
            likelihood: Likelihood::Gaussian,
        };
        for nudge in [0.0, 1e-16, 1e-15, 1e-12] {
            let start: Vec<f64> = e.parameters().iter().map(|p| p * (1.0 + nudge)).collect();
            assert!(minimise(&loss, &start, 60).1 <= loss.total(&start));
        }
    }

    #[test]
    fn a_start_outside_of_the_domain_comes_back() {
        let x = [1.0, 2.0];
        let e = (Expr::parameter(-1.0) * Expr::variable(0)).apply(Op::Ln);
        let tape = Tape::compile(&e);
        let columns = [x.as_slice()];
        let loss = Loss {
            tape: &tape,
            columns: &columns,
            target: &x,
            weights: None,
            likelihood: Likelihood::Gaussian,
        };
        assert_eq!(minimise(&loss, &[-1.0], 20).0, [-1.0]);
    }
}
