//! The weighted sum of squares of an expression over columns, with its normal equations.

use super::vector::{add_products, padded, squared_error};
use crate::expr::{Block, Cache, DualVec, LANES, Plan, Plane, Scratch, Tape, Workspace, chunks};
use std::ops::Range;
use std::sync::OnceLock;

/// Numbers that are kept of what depends on columns only: 8 MB. Where there would be more, it is computed anew in
/// every evaluation.
const CACHE_NUMBERS: usize = 1 << 20;

/// `sum_i w_i (f(x_i; theta) - y_i)^2` for a compiled expression `f`.
///
/// What does not depend on the constants is evaluated once and kept. Normal equations are accumulated block by
/// block: the Jacobian is never stored, so the memory does not grow with the number of rows. Threads share the
/// work where there are many rows; sums are formed in a fixed order, whatever their number.
///
/// ```
/// # use closedform::expr::{Expr, Tape, Workspace};
/// # use closedform::least_squares::SquaredError;
/// # let tape = Tape::compile(&(Expr::parameter(1.0) * Expr::variable(0) + Expr::parameter(0.0)));
/// # let columns: [&[f64]; 1] = [&[0.0, 1.0, 2.0]];
/// let problem = SquaredError::new(&tape, &columns, &[0.0, 1.0, 5.0], None);
/// assert_eq!(problem.cost(&[1.0, 0.0], &mut Workspace::new()), 9.0);
/// ```
#[derive(Debug)]
pub struct SquaredError<'a> {
    tape: &'a Tape,
    columns: &'a [&'a [f64]],
    target: &'a [f64],
    weights: Option<&'a [f64]>,
    value_cache: OnceLock<Option<Cache>>,
    derivative_cache: OnceLock<Option<Cache>>,
}

/// `J^T W J` (row-major, `p x p`), `J^T W r` and the cost at one point, with `r = f - y`.
///
/// ```
/// # use closedform::expr::{Expr, Tape, Workspace};
/// # use closedform::least_squares::SquaredError;
/// # let tape = Tape::compile(&(Expr::parameter(1.0) * Expr::variable(0) + Expr::parameter(0.0)));
/// # let columns: [&[f64]; 1] = [&[0.0, 1.0, 2.0]];
/// let problem = SquaredError::new(&tape, &columns, &[0.0, 1.0, 5.0], None);
/// let equations = problem.normal_equations(&[1.0, 0.0], &mut Workspace::new()).unwrap();
/// assert_eq!((equations.jtj.len(), equations.jtr.len(), equations.cost), (4, 2, 9.0));
/// ```
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
    /// The squared error of `tape` against `target` over all rows; `columns[i]` holds variable `i`. Weights are 0 or
    /// more, one per row, all 1 where there are none.
    ///
    /// ```
    /// # use closedform::expr::{Expr, Tape, Workspace};
    /// # use closedform::least_squares::SquaredError;
    /// # let tape = Tape::compile(&(Expr::parameter(1.0) * Expr::variable(0) + Expr::parameter(0.0)));
    /// # let columns: [&[f64]; 1] = [&[0.0, 1.0, 2.0]];
    /// let problem = SquaredError::new(&tape, &columns, &[1.0, 1.0, 2.0], Some(&[4.0, 1.0, 1.0]));
    /// assert_eq!(problem.cost(&[1.0, 0.0], &mut Workspace::new()), 4.0);
    /// ```
    pub fn new(
        tape: &'a Tape,
        columns: &'a [&'a [f64]],
        target: &'a [f64],
        weights: Option<&'a [f64]>,
    ) -> Self {
        let (value_cache, derivative_cache) = (OnceLock::new(), OnceLock::new());
        Self { tape, columns, target, weights, value_cache, derivative_cache }
    }

    /// The target and the weights.
    pub(crate) fn target(&self) -> (&'a [f64], Option<&'a [f64]>) {
        (self.target, self.weights)
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.target.len()
    }

    fn cache<'c>(
        &self,
        cell: &'c OnceLock<Option<Cache>>,
        plan: &Plan,
        scratch: &mut Scratch,
    ) -> Option<&'c Cache> {
        cell.get_or_init(|| {
            let size = plan.cache_size(self.rows());
            (size > 0 && size <= CACHE_NUMBERS).then(|| plan.cache(self.columns, self.rows(), scratch))
        })
        .as_ref()
    }

    /// The weighted sum of squares; infinite where the expression has no finite value on some row.
    ///
    /// ```
    /// # use closedform::expr::{Expr, Tape, Workspace};
    /// # use closedform::least_squares::SquaredError;
    /// # let tape = Tape::compile(&(Expr::parameter(1.0) * Expr::variable(0) + Expr::parameter(0.0)));
    /// # let columns: [&[f64]; 1] = [&[0.0, 1.0, 2.0]];
    /// let problem = SquaredError::new(&tape, &columns, &[1.0, 3.0, 5.0], None);
    /// assert_eq!(problem.cost(&[2.0, 1.0], &mut Workspace::new()), 0.0);
    /// assert_eq!(problem.cost(&[f64::NAN, 1.0], &mut Workspace::new()), f64::INFINITY);
    /// ```
    pub fn cost(&self, parameters: &[f64], workspace: &mut Workspace<f64>) -> f64 {
        let plan = self.tape.value_plan();
        let scratch = workspace.scratch();
        let cache = self.cache(&self.value_cache, plan, scratch);
        let sums = chunks(self.rows(), scratch, |rows, scratch| {
            plan.start(parameters, scratch);
            let mut sum = 0.0;
            for start in rows.clone().step_by(plan.block_rows()) {
                let block = start..rows.end.min(start + plan.block_rows());
                let results = plan.block(self.columns, cache, block.clone(), scratch);
                let (target, weights) =
                    (&self.target[block.clone()], self.weights.map(|w| &w[block.clone()]));
                sum += match results.value() {
                    Plane::Rows(f) => squared_error(f, target, weights),
                    Plane::Same(f) => squared_error(&vec![f; target.len()], target, weights),
                };
                if !f64::is_finite(sum) {
                    return None;
                }
            }
            Some(sum)
        });
        let cost = sums.map_or(f64::INFINITY, |sums| sums.into_iter().sum());
        if f64::is_finite(cost) { cost } else { f64::INFINITY }
    }

    /// The normal equations at a point, or `None` where a value or derivative is not finite.
    ///
    /// ```
    /// # use closedform::expr::{Expr, Tape, Workspace};
    /// # use closedform::least_squares::SquaredError;
    /// # let tape = Tape::compile(&(Expr::parameter(1.0) * Expr::variable(0) + Expr::parameter(0.0)));
    /// # let columns: [&[f64]; 1] = [&[0.0, 1.0, 2.0]];
    /// let problem = SquaredError::new(&tape, &columns, &[0.0, 1.0, 5.0], None);
    /// let equations = problem.normal_equations(&[1.0, 0.0], &mut Workspace::new()).unwrap();
    /// // J has the rows (0, 1), (1, 1), (2, 1), and r = (0, 0, -3).
    /// assert_eq!((equations.jtj, equations.jtr), (vec![5.0, 3.0, 3.0, 3.0], vec![-6.0, -3.0]));
    /// ```
    pub fn normal_equations(
        &self,
        parameters: &[f64],
        workspace: &mut Workspace<DualVec<LANES>>,
    ) -> Option<NormalEquations> {
        let p = parameters.len();
        // The residual counts as one more column; an even number of them goes two by two.
        let m = (p + 1).next_multiple_of(2);
        let plan = self.tape.derivative_plan();
        let scratch = workspace.scratch();
        let cache = self.cache(&self.derivative_cache, plan, scratch);
        let sums = chunks(self.rows(), scratch, |rows, scratch| {
            plan.start(parameters, scratch);
            let mut sums = vec![0.0; m * m];
            let mut packed = vec![0.0; m * padded(plan.block_rows().min(rows.len()))];
            for start in rows.clone().step_by(plan.block_rows()) {
                let block = start..rows.end.min(start + plan.block_rows());
                let results = plan.block(self.columns, cache, block.clone(), scratch);
                let length = self.pack(&results, block, p, &mut packed);
                add_products(&packed, length, m, &mut sums);
                if !sums[p * m + p].is_finite() {
                    return None;
                }
            }
            Some(sums)
        })?;
        let mut sums = sums.into_iter();
        let mut total = sums.next().unwrap_or_else(|| vec![0.0; m * m]);
        for chunk in sums {
            total.iter_mut().zip(chunk).for_each(|(s, c)| *s += c);
        }
        plan.start(parameters, scratch);
        let factor = |j: usize| plan.factor(j, scratch);
        let mut jtj = vec![0.0; p * p];
        let mut jtr = vec![0.0; p];
        for a in 0..p {
            jtr[a] = factor(a) * total[p * m + a];
            for b in 0..=a {
                let product = factor(a) * total[a * m + b] * factor(b);
                (jtj[a * p + b], jtj[b * p + a]) = (product, product);
            }
        }
        let cost = total[p * m + p];
        let finite = cost.is_finite() && jtr.iter().chain(&jtj).all(|x| x.is_finite());
        finite.then_some(NormalEquations { jtj, jtr, cost })
    }

    /// Puts the derivatives of a block, without their factors, and the residuals side by side, each times the root
    /// of the weight and filled up with zeros to whole vectors. Returns the rows of such a column.
    fn pack(&self, results: &Block<'_>, rows: Range<usize>, p: usize, packed: &mut [f64]) -> usize {
        let n = rows.len();
        let length = padded(n);
        let mut columns = packed.chunks_exact_mut(length);
        for (j, column) in columns.by_ref().take(p).enumerate() {
            match results.partial(j) {
                (0.0, _) => column[..n].fill(0.0),
                (_, direction) => direction.copy_to(&mut column[..n]),
            }
            self.weigh(&mut column[..n], rows.start);
            column[n..].fill(0.0);
        }
        if let Some(column) = columns.next() {
            results.value().copy_to(&mut column[..n]);
            column.iter_mut().zip(&self.target[rows.clone()]).for_each(|(r, y)| *r -= y);
            self.weigh(&mut column[..n], rows.start);
            column[n..].fill(0.0);
        }
        length
    }

    /// Multiplies rows from `first` on by the roots of their weights.
    fn weigh(&self, values: &mut [f64], first: usize) {
        if let Some(weights) = self.weights {
            values.iter_mut().zip(&weights[first..]).for_each(|(x, w)| *x *= w.sqrt());
        }
    }

    /// The values, and the derivatives with respect to the constants `which`, a column for each; no weights.
    pub(crate) fn values_and_columns(
        &self,
        parameters: &[f64],
        which: &[usize],
        scratch: &mut Scratch,
    ) -> (Vec<f64>, Vec<Vec<f64>>) {
        let mut values = vec![0.0; self.rows()];
        let mut columns = vec![vec![0.0; self.rows()]; which.len()];
        let cache = self.cache(&self.derivative_cache, self.tape.derivative_plan(), scratch);
        let rows = 0..self.rows();
        self.tape.derivative_blocks(parameters, self.columns, cache, rows, scratch, |start, n, block| {
            block.value().copy_to(&mut values[start..start + n]);
            for (&j, column) in which.iter().zip(&mut columns) {
                block.copy_partial(j, &mut column[start..start + n]);
            }
        });
        (values, columns)
    }
}
