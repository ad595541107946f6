//! The weighted sum of squares of an expression over columns, with its normal equations.

use crate::expr::{BLOCK, DualVec, LANES, Tape, Workspace};

/// `sum_i w_i (f(x_i; theta) - y_i)^2` for a compiled expression `f`.
///
/// Normal equations are accumulated row by row: the Jacobian is never stored, so the memory does not grow with
/// the number of rows.
#[derive(Debug)]
pub struct SquaredError<'a> {
    tape: &'a Tape,
    columns: &'a [&'a [f64]],
    target: &'a [f64],
    weights: Option<&'a [f64]>,
}

/// `J^T W J` (row-major, `p x p`), `J^T W r` and the cost at one point, with `r = f - y`.
#[derive(Clone, Debug, PartialEq)]
pub struct NormalEquations {
    /// `J^T W J`, `p * p` numbers.
    pub jtj: Vec<f64>,
    /// `J^T W r`, `p` numbers.
    pub jtr: Vec<f64>,
    /// The weighted sum of squares.
    pub cost: f64,
}

impl<'a> SquaredError<'a> {
    /// The squared error of `tape` against `target` over all rows.
    pub fn new(
        tape: &'a Tape,
        columns: &'a [&'a [f64]],
        target: &'a [f64],
        weights: Option<&'a [f64]>,
    ) -> Self {
        Self { tape, columns, target, weights }
    }

    /// Tape, columns, target and weights.
    #[allow(clippy::type_complexity)]
    pub(crate) fn parts(&self) -> (&'a Tape, &'a [&'a [f64]], &'a [f64], Option<&'a [f64]>) {
        (self.tape, self.columns, self.target, self.weights)
    }

    /// Number of fitted constants.
    pub fn parameter_count(&self) -> usize {
        self.tape.parameter_count()
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.target.len()
    }

    fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |w| w[row])
    }

    /// The weighted sum of squares; infinite where the expression has no finite value on some row.
    pub fn cost(&self, parameters: &[f64], workspace: &mut Workspace<f64>) -> f64 {
        let mut cost = 0.0;
        self.tape.run(parameters, self.columns, 0..self.rows(), workspace, |start, values| {
            let mut block = 0.0;
            for (i, v) in values.iter().enumerate() {
                let r = v - self.target[start + i];
                block += self.weight(start + i) * r * r;
            }
            cost += block;
        });
        if cost.is_finite() { cost } else { f64::INFINITY }
    }

    /// The normal equations at a point, or `None` where a value or derivative is not finite.
    pub fn normal_equations(
        &self,
        parameters: &[f64],
        workspace: &mut Workspace<DualVec<LANES>>,
    ) -> Option<NormalEquations> {
        let p = parameters.len();
        let mut jtj = vec![0.0; p * p];
        let mut jtr = vec![0.0; p];
        let mut cost = 0.0;
        let mut values = [0.0; BLOCK];
        let mut jacobian = vec![0.0; BLOCK * p];
        let mut start = 0;
        while start < self.rows() {
            let n = BLOCK.min(self.rows() - start);
            self.tape.jacobian(
                parameters,
                self.columns,
                start..start + n,
                workspace,
                &mut values[..n],
                &mut jacobian[..n * p],
            );
            for i in 0..n {
                let w = self.weight(start + i);
                let r = values[i] - self.target[start + i];
                cost += w * r * r;
                let row = &jacobian[i * p..(i + 1) * p];
                for (a, &ja) in row.iter().enumerate() {
                    let wja = w * ja;
                    jtr[a] += wja * r;
                    for (b, &jb) in row[..=a].iter().enumerate() {
                        jtj[a * p + b] += wja * jb;
                    }
                }
            }
            start += n;
        }
        for a in 0..p {
            for b in 0..a {
                jtj[b * p + a] = jtj[a * p + b];
            }
        }
        let finite = cost.is_finite() && jtr.iter().chain(&jtj).all(|x| x.is_finite());
        finite.then_some(NormalEquations { jtj, jtr, cost })
    }

    /// Weighted residuals `sqrt(w) (f - y)` and weighted Jacobian (row-major, `rows x p`), for solvers that need
    /// more digits than the normal equations keep.
    pub fn residuals_and_jacobian(
        &self,
        parameters: &[f64],
        workspace: &mut Workspace<DualVec<LANES>>,
    ) -> Option<(Vec<f64>, Vec<f64>)> {
        let p = parameters.len();
        let mut values = vec![0.0; self.rows()];
        let mut jacobian = vec![0.0; self.rows() * p];
        self.tape.jacobian(parameters, self.columns, 0..self.rows(), workspace, &mut values, &mut jacobian);
        for i in 0..self.rows() {
            let s = self.weight(i).sqrt();
            values[i] = s * (values[i] - self.target[i]);
            jacobian[i * p..(i + 1) * p].iter_mut().for_each(|j| *j *= s);
        }
        values.iter().chain(&jacobian).all(|x| x.is_finite()).then_some((values, jacobian))
    }
}
