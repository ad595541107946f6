//! `a exp(b x) + c` on 50 rows without noise, from far away: Levenberg-Marquardt beside argmin's L-BFGS on the same
//! cost and gradient.

use crate::{ROUNDS, median, time};
use argmin::core::{CostFunction, Error, Executor, Gradient, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use closedform::expr::{DualVec, Expr, LANES, Op, Tape, Workspace};
use closedform::least_squares::{LmOptions, SquaredError, levenberg_marquardt};
use std::cell::RefCell;
use std::hint::black_box;

struct Problem<'a> {
    error: SquaredError<'a>,
    values: RefCell<Workspace<f64>>,
    duals: RefCell<Workspace<DualVec<LANES>>>,
}

impl CostFunction for &Problem<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, p: &Vec<f64>) -> Result<f64, Error> {
        Ok(self.error.cost(p, &mut self.values.borrow_mut()))
    }
}

impl Gradient for &Problem<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, p: &Vec<f64>) -> Result<Vec<f64>, Error> {
        let equations = self.error.normal_equations(p, &mut self.duals.borrow_mut());
        let equations = equations.ok_or_else(|| Error::msg("no finite derivative"))?;
        Ok(equations.jtr.iter().map(|g| 2.0 * g).collect())
    }
}

pub(crate) fn fit() {
    let x: Vec<f64> = (0..50).map(|i| f64::from(i) * 0.06).collect();
    let y: Vec<f64> = x.iter().map(|x| 2.5 * (-0.7 * x).exp() + 0.3).collect();
    let p = Expr::parameter;
    let e = p(1.0) * (p(-0.1) * Expr::variable(0)).apply(Op::Exp) + p(0.0);
    let columns = [x.as_slice()];
    let tape = Tape::compile(&e);
    let far = |found: &[f64]| {
        found.iter().zip([2.5, -0.7, 0.3]).map(|(a, b)| (a / b - 1.0).abs()).fold(0.0, f64::max)
    };
    println!("| method | us | iterations | largest relative error of a constant |");
    println!("|---|---|---|---|");
    let mut found = None;
    let t = median(
        (0..ROUNDS)
            .map(|_| {
                time(&mut || {
                    let problem = SquaredError::new(&tape, &columns, &y, None);
                    found =
                        Some(black_box(levenberg_marquardt(&problem, e.parameters(), &LmOptions::default())));
                })
            })
            .collect(),
    );
    let fit = found.take().expect("a fit");
    println!("| Levenberg-Marquardt | {:.1} | {} | {:.1e} |", t * 1e6, fit.iterations, far(&fit.parameters));
    let t = median(
        (0..ROUNDS)
            .map(|_| {
                time(&mut || {
                    let tape = Tape::compile(&e);
                    let problem = SquaredError::new(&tape, &columns, &y, None);
                    found =
                        Some(black_box(levenberg_marquardt(&problem, e.parameters(), &LmOptions::default())));
                })
            })
            .collect(),
    );
    println!(
        "| the same with compilation | {:.1} | {} | {:.1e} |",
        t * 1e6,
        fit.iterations,
        far(&fit.parameters)
    );
    let mut best = (Vec::new(), 0);
    let t = median(
        (0..ROUNDS)
            .map(|_| {
                time(&mut || {
                    let problem = Problem {
                        error: SquaredError::new(&tape, &columns, &y, None),
                        values: RefCell::default(),
                        duals: RefCell::default(),
                    };
                    let solver = LBFGS::new(MoreThuenteLineSearch::new(), 7)
                        .with_tolerance_grad(1e-12)
                        .and_then(|s| s.with_tolerance_cost(1e-25))
                        .expect("good tolerances");
                    let run = Executor::new(&problem, solver)
                        .configure(|s| s.param(e.parameters().to_vec()).max_iters(200))
                        .ctrlc(false)
                        .run();
                    if let Ok(run) = run {
                        best = (
                            run.state().get_best_param().cloned().unwrap_or_default(),
                            run.state().get_iter() as usize,
                        );
                    }
                })
            })
            .collect(),
    );
    println!(
        "| argmin's L-BFGS, memory 7, More-Thuente | {:.1} | {} | {:.1e} |",
        t * 1e6,
        best.1,
        far(&best.0)
    );
}
