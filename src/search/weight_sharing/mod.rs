//! Discrete graphs with shared constants: what ENAS and random search with weight sharing have in common.
//!
//! All graphs are parts of one supernet and read their constants from one vector, keyed by edge and primitive
//! (Pham, Guan, Zoph, Le, Dean, *Efficient Neural Architecture Search via Parameter Sharing*, ICML 2018). A sampled
//! graph improves its share by a few Levenberg-Marquardt iterations, which here cost less than a step of stochastic
//! gradient descent costs a network, and the next graph that has an edge in common starts from there.

mod child;

pub(crate) use child::Child;

use super::darts::{DartsOptions, fresh};
use super::{Candidate, Control, Graph, Problem};
use crate::expr::{Expr, Tape, Workspace};
use crate::least_squares::{LmOptions, SquaredError, levenberg_marquardt, linear_parameters, solve_linear};
use crate::relaxation::{Batch, Supernet, TrainedSupernet};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Rows that a graph is fitted on, and rows that it is judged on, at most: as many as the discretiser looks at.
const ROWS: usize = 100;

/// A supernet whose constants many graphs share.
#[derive(Debug)]
pub(crate) struct SharedConstants<'a> {
    pub(crate) net: Supernet,
    problem: &'a Problem<'a>,
    control: &'a Control,
    theta: Vec<f64>,
    train: Batch,
    validation: Batch,
    /// Variance of the target on the validation rows.
    unit: f64,
}

/// A graph with its own constants.
#[derive(Clone, Debug)]
pub(crate) struct Fitted {
    pub(crate) child: Child,
    /// All constants of the supernet, those of the graph solved.
    pub(crate) theta: Vec<f64>,
    /// Mean squared error on the training rows.
    pub(crate) mse: f64,
    /// `1 / (1 + NRMSE)` on the validation rows: 1 for a perfect graph, 0 for one without finite value.
    pub(crate) reward: f64,
}

/// How a graph is fitted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Starts: the shared constants first, then random ones.
    pub(crate) starts: usize,
    /// Levenberg-Marquardt iterations of each.
    pub(crate) iterations: usize,
    /// Iterations that the best start is given on top.
    pub(crate) finish: usize,
    /// Mean squared error above which a graph is not worth those.
    pub(crate) promising: f64,
}

impl Effort {
    /// A few iterations from the shared constants.
    pub(crate) fn short(iterations: usize) -> Self {
        Self { starts: 1, iterations, finish: 0, promising: 0.0 }
    }
}

impl<'a> SharedConstants<'a> {
    pub(crate) fn new(
        problem: &'a Problem<'a>,
        logistic_output: bool,
        control: &'a Control,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let (net, _, theta) = fresh(problem, &DartsOptions::default(), logistic_output, rng);
        let gather = |rows: &[usize]| {
            let n = rows.len().min(ROWS);
            let rows: Vec<usize> = (0..n).map(|i| rows[i * rows.len() / n]).collect();
            Batch::gather(problem.columns, problem.target, problem.weights, &rows)
        };
        let train = gather(&problem.split.train);
        let validation = match problem.split.validation.as_slice() {
            [] => train.clone(),
            rows => gather(rows),
        };
        let total = validation.total_weight();
        let n = validation.rows();
        let mean = (0..n).map(|i| validation.weight(i) * validation.target[i]).sum::<f64>() / total;
        let unit =
            (0..n).map(|i| validation.weight(i) * (validation.target[i] - mean).powi(2)).sum::<f64>() / total;
        Self { net, problem, control, theta, train, validation, unit: if unit > 0.0 { unit } else { 1.0 } }
    }

    /// Fits a graph from the shared constants; `None` where it has no finite value on the training rows.
    pub(crate) fn fit(&self, child: &Child, effort: Effort, rng: &mut ChaCha8Rng) -> Option<Fitted> {
        // Constants are marked by their position first: that is how they find their way back.
        let marks: Vec<f64> = (0..self.theta.len()).map(|i| (i + 1) as f64).collect();
        let marked = self.net.discrete_expr(&child.genotype(&self.net, &marks), self.problem.space).ok()?;
        let places: Vec<usize> = marked.parameters().iter().map(|m| *m as usize - 1).collect();
        let shared: Vec<f64> = places.iter().map(|&i| self.theta[i]).collect();
        let tape = Tape::compile(&marked);
        let views = self.train.views();
        let problem = SquaredError::new(&tape, &views, &self.train.target, self.train.weights.as_deref());
        let linear = linear_parameters(&marked);
        let mut best: Option<(Vec<f64>, f64)> = None;
        let options =
            LmOptions { iterations: effort.iterations, tolerance: 1e-6, polish: 0, ..LmOptions::default() };
        for start in 0..effort.starts.max(1) {
            let mut point = shared.clone();
            if start > 0 {
                point.iter_mut().for_each(|x| *x = elsewhere(*x, rng));
            }
            let (point, cost) = self.descend(&problem, &linear, point, &options);
            if cost.is_finite() && best.as_ref().is_none_or(|b| cost < b.1) {
                best = Some((point, cost));
            }
            // Nothing but linear constants: the first start has solved it.
            if places.len() == linear.len() {
                break;
            }
        }
        let (mut point, mut cost) = best?;
        let promising = cost / self.train.total_weight() <= effort.promising;
        if effort.finish > 0 && promising && places.len() > linear.len() {
            let options =
                LmOptions { iterations: effort.finish, tolerance: 1e-9, polish: 2, ..LmOptions::default() };
            (point, cost) = self.descend(&problem, &linear, point, &options);
        }
        let mut theta = self.theta.clone();
        places.iter().zip(&point).for_each(|(i, x)| theta[*i] = *x);
        let reward = self.reward(&marked, &tape, &point);
        Some(Fitted { child: child.clone(), theta, mse: cost / self.train.total_weight(), reward })
    }

    fn descend(
        &self,
        problem: &SquaredError<'_>,
        linear: &[usize],
        mut point: Vec<f64>,
        options: &LmOptions,
    ) -> (Vec<f64>, f64) {
        let cost = solve_linear(problem, linear, &mut point);
        self.control.count(2 + linear.len() as u64);
        if point.len() == linear.len() || options.iterations == 0 {
            return (point, cost);
        }
        let fit = levenberg_marquardt(problem, &point, options);
        // An iteration is one pass for the trial point and one for the values and each partial derivative.
        self.control.count(fit.iterations as u64 * (point.len() as u64 + 2));
        (fit.parameters, fit.cost)
    }

    fn reward(&self, expr: &Expr, tape: &Tape, parameters: &[f64]) -> f64 {
        debug_assert_eq!(expr.parameters().len(), parameters.len());
        let v = &self.validation;
        let views = v.views();
        let problem = SquaredError::new(tape, &views, &v.target, v.weights.as_deref());
        let mse = problem.cost(parameters, &mut Workspace::new()) / v.total_weight();
        self.control.count(1);
        if mse.is_finite() { 1.0 / (1.0 + (mse / self.unit).sqrt()) } else { 0.0 }
    }

    /// Moves the shared constants a part of the way to those of a graph.
    pub(crate) fn share(&mut self, fitted: &Fitted, part: f64) {
        for (shared, own) in self.theta.iter_mut().zip(&fitted.theta) {
            if own.is_finite() {
                *shared += part * (own - *shared);
            }
        }
    }

    /// The graph as a candidate for the discretiser's local search, with nearly all weight on its choices; plain
    /// where the set lacks `none` and an edge is missing.
    pub(crate) fn candidate(&self, fitted: &Fitted, local_search: bool, origin: &'static str) -> Candidate {
        let graph = match fitted.child.alpha(&self.net) {
            Some(alpha) if local_search => Graph::Supernet(Box::new(TrainedSupernet {
                supernet: self.net.clone(),
                alpha,
                theta: fitted.theta.clone(),
            })),
            _ => match self
                .net
                .discrete_expr(&fitted.child.genotype(&self.net, &fitted.theta), self.problem.space)
            {
                Ok(expr) => Graph::Expr(expr),
                Err(_) => Graph::Genotype(fitted.child.genotype(&self.net, &fitted.theta)),
            },
        };
        Candidate { graph, origin }
    }
}

/// Another start of a constant: its size times a factor between 1/7 and 4.5, either sign.
fn elsewhere(x: f64, rng: &mut ChaCha8Rng) -> f64 {
    let size = rng.random_range(-2.0f64..1.5).exp();
    let sign = if rng.random_range(0.0..1.0) < 0.5 { -1.0 } else { 1.0 };
    if x == 0.0 { sign * size } else { x.abs() * size * sign }
}

/// Keeps the best few graphs, no graph twice.
#[derive(Debug, Default)]
pub(crate) struct Best {
    pub(crate) kept: Vec<Fitted>,
}

impl Best {
    /// Files a graph by its reward, then by its error on the training rows.
    pub(crate) fn offer(&mut self, fitted: Fitted, most: usize) {
        let better =
            |a: &Fitted, b: &Fitted| b.reward.total_cmp(&a.reward).then(a.mse.total_cmp(&b.mse)).is_lt();
        if let Some(at) = self.kept.iter().position(|f| f.child == fitted.child) {
            if !better(&fitted, &self.kept[at]) {
                return;
            }
            self.kept.remove(at);
        }
        let at = self.kept.partition_point(|f| !better(&fitted, f));
        self.kept.insert(at, fitted);
        self.kept.truncate(most);
    }
}
