//! [`Joint`]: a term `f(x_i) g(others)` whose constants leave the least beside any smooth function of the others.

use super::blocks::{Beside, Rows, combined, smooth, terms, times};
use crate::expr::{Expr, Tape, Workspace};
use crate::least_squares::{dot, linear_fit};

/// Steps of Gauss and Newton, how often one is halved, and the relative gain below which they end.
const STEPS: usize = 20;
const HALVINGS: usize = 6;
const GAIN: f64 = 1e-3;

/// Degree of polynomials of one other input: for the function beside the term, to which constants are as exact as it is near, and
/// for the function in the term, which is simpler and has to be smooth where there are few rows.
const BESIDE: usize = 32;
const INSIDE: usize = 8;

/// Rows on which a term stands beside a polynomial of all inputs but one.
pub(super) struct Joint<'a> {
    rows: &'a Rows<'a>,
    columns: Vec<&'a [f64]>,
    /// 1 and products of the other inputs, for the function in the term.
    inside: Vec<Vec<f64>>,
    /// The same for the function beside it.
    beside: Beside,
    /// What that does not explain of the target.
    target: Vec<f64>,
}

impl<'a> Joint<'a> {
    /// The term beside a polynomial of all inputs but `input`.
    pub(super) fn new(columns: &'a [Vec<f64>], rows: &'a Rows<'a>, input: usize) -> Self {
        let others: Vec<usize> = (0..columns.len()).filter(|i| *i != input).collect();
        let smooth = smooth(columns);
        let polynomials = |of_one: usize| terms(&smooth, &others, rows.most() / 2, of_one);
        let beside = Beside::new(polynomials(BESIDE), rows.weights);
        let columns = columns.iter().map(Vec::as_slice).collect();
        Self { rows, columns, inside: polynomials(INSIDE), target: beside.apart(rows.target), beside }
    }

    /// The values of `g`, where those of `f` are known.
    pub(super) fn slope(&self, f: &[f64]) -> Option<Vec<f64>> {
        let columns: Vec<Vec<f64>> = self.inside.iter().map(|g| self.beside.apart(&times(g, f))).collect();
        let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        Some(combined(&self.inside, &linear_fit(&views, &self.target, None)?))
    }

    /// The term with the constants that leave the least, and what it leaves, as a mean square.
    pub(super) fn refined(&self, term: &Expr) -> Option<(Expr, f64)> {
        let n = self.target.len();
        let tape = Tape::compile(term);
        let mut parameters = term.parameters().to_vec();
        let mut workspace = Workspace::new();
        let mut values = vec![0.0; n];
        let mut derivatives = vec![vec![0.0; n]; parameters.len()];
        let mut at = |parameters: &[f64], derivatives: &mut [Vec<f64>]| -> (Vec<f64>, f64) {
            let mut slices: Vec<&mut [f64]> = derivatives.iter_mut().map(Vec::as_mut_slice).collect();
            tape.gradients(parameters, &self.columns, 0..n, &mut workspace, &mut values, &mut slices);
            let own = self.beside.apart(&values);
            let residual: Vec<f64> = self.target.iter().zip(own).map(|(t, v)| t - v).collect();
            let cost = dot(&residual, &residual);
            (residual, cost)
        };
        let (mut residual, mut cost) = at(&parameters, &mut derivatives);
        for _ in 0..STEPS {
            let slopes: Vec<Vec<f64>> = derivatives.iter().map(|d| self.beside.apart(d)).collect();
            let views: Vec<&[f64]> = slopes.iter().map(Vec::as_slice).collect();
            let Some(step) = linear_fit(&views, &residual, None) else { break };
            let shortened = (0..HALVINGS).find_map(|k| {
                let share = 0.5f64.powi(k as i32);
                let trial: Vec<f64> = parameters.iter().zip(&step).map(|(p, s)| p + share * s).collect();
                let mut there = derivatives.clone();
                let (residual, now) = at(&trial, &mut there);
                (now < cost).then_some((trial, there, residual, now))
            });
            let Some((trial, there, left, now)) = shortened else { break };
            let settled = now > (1.0 - GAIN) * cost;
            (parameters, derivatives, residual, cost) = (trial, there, left, now);
            if settled {
                break;
            }
        }
        let total: f64 = self.rows.weights.iter().sum();
        cost.is_finite().then(|| (term.with_parameters(&parameters), cost / total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Op;
    use crate::search::groups::columns;

    #[test]
    fn constants_of_a_term_beside_any_function() {
        let x = columns(3, 400);
        let y: Vec<f64> =
            (0..400).map(|r| 1.7 * x[0][r] * (-0.6 * x[2][r]).exp() + (x[1][r] + x[0][r]).ln()).collect();
        let weights = vec![1.0; 400];
        let rows = Rows { target: &y, weights: &weights };
        let joint = Joint::new(&x, &rows, 2);
        let (a, c) = (Expr::variable(0), Expr::variable(2));
        let start = Expr::parameter(1.5) * a * (Expr::parameter(-0.7) * c).apply(Op::Exp);
        let (term, left) = joint.refined(&start).unwrap();
        let off = |k: usize, v: f64| (term.parameters()[k] - v).abs();
        assert!(off(0, 1.7) < 0.01 && off(1, -0.6) < 0.01, "{:?}, {left}", term.parameters());
        let f: Vec<f64> = x[2].iter().map(|c| (-0.6 * c).exp()).collect();
        let slope = joint.slope(&f).unwrap();
        assert!(slope.iter().zip(&x[0]).all(|(g, a)| (g - 1.7 * a).abs() < 0.1));
    }
}
