//! A problem as the tests see it: a few rows to test on, more rows to fit and verify on, columns of sane size.
//!
//! A view may also be a reduced problem, with some variables divided out of the target as powers. Expressions
//! found in a view are lifted to the original variables by [`View::lift`].

use super::powers::{monomial, tidy};
use crate::data::scale_of;
use crate::expr::{Expr, Op};
use crate::search::Problem;

/// Rows that hashes, sketches and joins look at.
pub(super) const FIT_ROWS: usize = 64;

/// Rows that relations are solved and refined on.
const SOLVE_ROWS: usize = 400;

/// Held-out rows that relations are verified on.
const CHECK_ROWS: usize = 250;

/// Columns and target over some rows.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    pub(super) columns: Vec<Vec<f64>>,
    pub(super) target: Vec<f64>,
}

impl Rows {
    pub(super) fn views(&self) -> Vec<&[f64]> {
        self.columns.iter().map(Vec::as_slice).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.target.len()
    }
}

/// A problem over scaled columns, possibly reduced.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) fit: Rows,
    pub(super) solve: Rows,
    pub(super) check: Rows,
    /// Original column of each column here.
    inputs: Vec<usize>,
    /// Original column = factor * column here.
    factors: Vec<f64>,
    /// Original target = factor * target here * product of powers.
    target_factor: f64,
    stripped: Vec<(usize, f64)>,
}

/// Evenly spread over a list.
fn spread(rows: &[usize], count: usize, offset: usize) -> Vec<usize> {
    if rows.len() <= count {
        return rows.to_vec();
    }
    (0..count).map(|i| rows[((i * rows.len() + offset) / count).min(rows.len() - 1)]).collect()
}

impl View {
    /// The problem itself over chosen input columns, `stripped` powers divided out of its target.
    pub(super) fn new(problem: &Problem<'_>, inputs: &[usize], stripped: &[(usize, f64)]) -> Self {
        let train = &problem.split.train;
        let held = if problem.split.validation.is_empty() { train } else { &problem.split.validation };
        let factors = column_factors(problem, inputs, train);
        let target: Vec<f64> = (0..problem.target.len())
            .map(|r| {
                let power: f64 = stripped.iter().map(|&(v, p)| problem.columns[v][r].powf(p)).product();
                problem.target[r] / power
            })
            .collect();
        let on_train: Vec<f64> = train.iter().map(|&r| target[r]).collect();
        let scale = scale_of(&on_train);
        let target_factor = if (1e-3..1e4).contains(&scale) { 1.0 } else { scale };
        let pick = |rows: &[usize]| Rows {
            columns: inputs
                .iter()
                .zip(&factors)
                .map(|(&v, f)| rows.iter().map(|&r| problem.columns[v][r] / f).collect())
                .collect(),
            target: rows.iter().map(|&r| target[r] / target_factor).collect(),
        };
        // Rows in the order of the file may be a trajectory or sorted: evenly spread rows cover it.
        Self {
            fit: pick(&spread(train, FIT_ROWS, 0)),
            solve: pick(&spread(train, SOLVE_ROWS, 1)),
            check: pick(&spread(held, CHECK_ROWS, 0)),
            inputs: inputs.to_vec(),
            factors,
            target_factor,
            stripped: stripped.to_vec(),
        }
    }

    /// Number of inputs.
    pub(super) fn width(&self) -> usize {
        self.inputs.len()
    }

    /// An expression of this view in the variables and the target of the problem.
    pub(super) fn lift(&self, expr: &Expr) -> Expr {
        let inputs: Vec<Expr> = self
            .inputs
            .iter()
            .zip(&self.factors)
            .map(
                |(&v, f)| {
                    if *f == 1.0 { Expr::variable(v) } else { Expr::parameter(1.0 / f) * Expr::variable(v) }
                },
            )
            .collect();
        let mut lifted = expr.substitute(&inputs);
        if self.target_factor != 1.0 {
            lifted = Expr::parameter(self.target_factor) * lifted;
        }
        if !self.stripped.is_empty() {
            let factors: Vec<(Expr, f64)> =
                self.stripped.iter().map(|&(v, p)| (Expr::variable(v), p)).collect();
            lifted = Expr::apply2(Op::Mul, &lifted, &monomial(&factors));
        }
        tidy(&lifted)
    }
}

/// Powers of two by which columns of extreme size are divided. Columns of like size get one factor, so that
/// sums of like quantities stay sums.
fn column_factors(problem: &Problem<'_>, inputs: &[usize], train: &[usize]) -> Vec<f64> {
    let scales: Vec<f64> = inputs
        .iter()
        .map(|&v| scale_of(&train.iter().map(|&r| problem.columns[v][r]).collect::<Vec<f64>>()))
        .collect();
    let extreme = |s: f64| !(1e-2..=1e3).contains(&s);
    let mut order: Vec<usize> = (0..scales.len()).filter(|&i| extreme(scales[i])).collect();
    order.sort_by(|&a, &b| scales[a].total_cmp(&scales[b]).then(a.cmp(&b)));
    let mut factors = vec![1.0; scales.len()];
    let mut group: Option<(f64, f64)> = None; // last scale seen, factor of the group
    for &i in &order {
        let factor = match group {
            Some((last, factor)) if scales[i] <= 32.0 * last => factor,
            _ => scales[i],
        };
        factors[i] = factor;
        group = Some((scales[i], factor));
    }
    factors
}
