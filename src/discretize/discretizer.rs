//! [`Discretizer`]: solves discrete graphs and improves them one operation at a time.
//!
//! The size of an architecture weight does not say what an operation is worth (Wang et al., *Rethinking
//! Architecture Selection in Differentiable NAS*, ICLR 2021): so every edge is tried with every primitive, the
//! constants solved again each time, and the primitive stays that the loss needs. A re-solve takes well under a
//! millisecond here, because it is Levenberg-Marquardt on some hundred rows.
//!
//! A sweep over all edges and primitives costs up to a hundred thousand evaluations that way. Under a limit on
//! evaluations it is thrifty: it begins with the two strongest edges of every node, as DARTS does, glances at every
//! change for a few iterations, and solves only those that look best.

use super::Choice;
use crate::expr::{Expr, Tape, complexity};
use crate::least_squares::{LmOptions, SquaredError, levenberg_marquardt, linear_parameters, solve_linear};
use crate::relaxation::{Batch, TrainedSupernet};
use crate::search::Control;
use crate::search_space::{Genotype, SearchSpace};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, HashMap};

/// A discrete graph with solved constants.
#[derive(Clone, Debug)]
pub(crate) struct Solved {
    /// Which primitives.
    pub(crate) choice: Choice,
    /// The same with its constants.
    pub(crate) genotype: Genotype,
    /// The same as an expression, output function applied.
    pub(crate) expr: Expr,
    /// Mean squared error over the rows of the discretiser.
    pub(crate) mse: f64,
}

/// Takes discrete graphs out of one trained supernet.
#[derive(Debug)]
pub(crate) struct Discretizer<'a> {
    trained: &'a TrainedSupernet,
    space: &'a SearchSpace,
    batch: &'a Batch,
    iterations: usize,
    /// Mean square of the target: the unit of the loss.
    unit: f64,
    known: HashMap<Choice, f64>,
    best_score: f64,
    archive: BTreeMap<u32, Solved>,
    rng: ChaCha8Rng,
    control: Control,
    /// Whether evaluations are limited.
    thrifty: bool,
}

/// Random changes after the first local optimum.
const KICKS: usize = 24;

/// Iterations of every start before the best is chosen.
const SCREEN: usize = 12;

/// How far (in the logarithm of the loss) a screened graph may be behind the best so far to be solved to the end.
const PROMISING: f64 = 3.0;

/// The same where evaluations are limited.
const PROMISING_THRIFTY: f64 = 1.0;

/// Where evaluations are limited: iterations of a first look at a change,
const GLANCE: usize = 4;

/// how many changes of an edge are solved after it,
const SOLVED: usize = 3;

/// and how many edges into a node the first graph has.
const FAN_IN: usize = 2;

/// Below this relative error a graph is exact and nothing is left to improve.
const EXACT: f64 = 1e-24;

/// What one unit of complexity has to gain: a relative fall of the loss by this much. On the hundred rows of a
/// discretiser every superfluous constant gains about a hundredth by fitting noise.
const PER_NODE: f64 = 0.02;

impl<'a> Discretizer<'a> {
    /// For one supernet, judged on the rows of `batch`; `iterations` bounds each fit of constants. Evaluations are
    /// counted on `control`, which also ends [`Discretizer::improve`].
    pub(crate) fn new(
        trained: &'a TrainedSupernet,
        space: &'a SearchSpace,
        batch: &'a Batch,
        iterations: usize,
        seed: u64,
        control: &Control,
    ) -> Self {
        let unit = batch.target.iter().map(|y| y * y).sum::<f64>() / batch.rows() as f64;
        Self {
            trained,
            space,
            batch,
            iterations,
            unit: if unit > 0.0 { unit } else { 1.0 },
            known: HashMap::new(),
            best_score: f64::INFINITY,
            archive: BTreeMap::new(),
            rng: ChaCha8Rng::seed_from_u64(seed),
            control: control.clone(),
            thrifty: control.limits_evaluations(),
        }
    }

    /// A graph drawn from the weights, constants solved.
    pub(crate) fn sample(&mut self) -> Option<Solved> {
        let choice = Choice::sample(self.trained, &mut self.rng);
        let theta = self.trained.theta.clone();
        self.solve(&choice, &theta, 6).map(|(s, _)| s)
    }

    /// A graph that was taken before, its constants solved again; `None` where it is not one of this supernet.
    pub(crate) fn keep(&mut self, genotype: &Genotype) -> Option<Solved> {
        let (choice, theta) = Choice::of(genotype, &self.trained.supernet, &self.trained.theta)?;
        self.solve(&choice, &theta, 6).map(|(s, _)| s)
    }

    /// The best graph of every complexity met on the way from the arg-max graph: sweeps over all edges and nodes
    /// until no single change helps, then some random double changes, each followed by sweeps.
    pub(crate) fn improve(&mut self) -> Vec<Solved> {
        let mut choice =
            if self.thrifty { Choice::strongest(self.trained, FAN_IN) } else { Choice::argmax(self.trained) };
        let mut theta = self.trained.theta.clone();
        let mut score = self.visit(&choice, &mut theta, 3);
        self.sweep(&mut choice, &mut theta, &mut score);
        for _ in 0..KICKS {
            if self.control.is_stopped() || self.best_error() < EXACT {
                break;
            }
            let (mut c, mut t) = (choice.clone(), theta.clone());
            self.kick(&mut c);
            let mut s = self.visit(&c, &mut t, 2);
            self.sweep(&mut c, &mut t, &mut s);
            if s < score {
                (choice, theta, score) = (c, t, s);
            }
        }
        let mut best = f64::INFINITY;
        // By complexity ascending; what is larger and not better is of no use.
        let kept: Vec<Solved> = std::mem::take(&mut self.archive)
            .into_values()
            .filter(|s| {
                let better = s.mse < best;
                best = best.min(s.mse);
                better
            })
            .collect();
        kept.into_iter().map(|s| self.prune(s)).collect()
    }

    /// Takes out the edges that the loss does not need at all: the sweeps stop at an exact graph, which may still
    /// carry some with a constant near zero.
    fn prune(&mut self, mut solved: Solved) -> Solved {
        let net = &self.trained.supernet;
        let Some(none) = net.primitives().iter().position(|p| p.name == "none") else { return solved };
        for edge in 0..net.layout.edges() {
            if solved.choice.primitive[edge] == none || !net.active[net.layout.alpha(edge, none)] {
                continue;
            }
            let Some((mut choice, theta)) = Choice::of(&solved.genotype, net, &self.trained.theta) else {
                return solved;
            };
            choice.primitive[edge] = none;
            if let Some((without, _)) = self.solve(&choice, &theta, 1)
                && without.mse <= (solved.mse * (1.0 + 1e-9)).max(EXACT * self.unit)
            {
                solved = without;
            }
        }
        solved
    }

    fn best_error(&self) -> f64 {
        self.archive.values().map(|s| s.mse / self.unit).fold(f64::INFINITY, f64::min)
    }

    /// Tries every primitive on every edge and every kind of every node until nothing helps.
    fn sweep(&mut self, choice: &mut Choice, theta: &mut Vec<f64>, score: &mut f64) {
        let layout = &self.trained.supernet.layout;
        let places = layout.edges() + layout.nodes;
        loop {
            let before = *score;
            let mut order: Vec<usize> = (0..places).collect();
            // Random order, else the first edges take what later ones should explain.
            for i in (1..order.len()).rev() {
                order.swap(i, self.rng.random_range(0..=i));
            }
            for at in order {
                if self.control.is_stopped() || *score < f64::ln(EXACT) {
                    return;
                }
                let mut best: Option<(Choice, Vec<f64>, f64)> = None;
                let mut changes = self.changes(choice, at);
                if self.thrifty {
                    changes = self.screened(changes, theta);
                }
                for c in changes {
                    if self.control.is_stopped() {
                        break;
                    }
                    let mut t = theta.clone();
                    let s = self.visit(&c, &mut t, 2);
                    if s < best.as_ref().map_or(*score, |b| b.2) {
                        best = Some((c, t, s));
                    }
                }
                if let Some((c, t, s)) = best {
                    (*choice, *theta, *score) = (c, t, s);
                }
            }
            if *score >= before - 1e-6 {
                return;
            }
        }
    }

    /// The graphs that differ from this one at an edge or, counted after the edges, at a node.
    fn changes(&self, choice: &Choice, at: usize) -> Vec<Choice> {
        let net = &self.trained.supernet;
        let edges = net.layout.edges();
        let with = |change: &dyn Fn(&mut Choice)| {
            let mut changed = choice.clone();
            change(&mut changed);
            changed
        };
        if at < edges {
            (0..net.layout.primitives())
                .filter(|&o| o != choice.primitive[at] && net.active[net.layout.alpha(at, o)])
                .map(|o| with(&|c| c.primitive[at] = o))
                .collect()
        } else {
            let kinds = Choice::kinds(&net.layout).iter().filter(|k| **k != choice.product[at - edges]);
            kinds.map(|&kind| with(&|c| c.product[at - edges] = kind)).collect()
        }
    }

    /// The best of these graphs after a first look, those that were not visited yet.
    fn screened(&mut self, changes: Vec<Choice>, theta: &[f64]) -> Vec<Choice> {
        let mut looks: Vec<(f64, Choice)> = Vec::new();
        for choice in changes {
            if self.control.is_stopped() {
                break;
            }
            if !self.known.contains_key(&choice)
                && let Some(score) = self.glance(&choice, theta)
            {
                looks.push((score, choice));
            }
        }
        looks.sort_by(|a, b| a.0.total_cmp(&b.0));
        looks.into_iter().take(SOLVED).map(|(_, choice)| choice).collect()
    }

    /// Score of a graph after a few iterations from `theta`.
    fn glance(&self, choice: &Choice, theta: &[f64]) -> Option<f64> {
        let net = &self.trained.supernet;
        let expr = net.discrete_expr(&choice.genotype(net, &self.trained.alpha, theta), self.space).ok()?;
        let tape = Tape::compile(&expr);
        let views = self.batch.views();
        let problem = SquaredError::new(&tape, &views, &self.batch.target, self.batch.weights.as_deref());
        let linear = linear_parameters(&expr);
        let mut point = expr.parameters().to_vec();
        let mut cost = solve_linear(&problem, &linear, &mut point);
        let mut spent = 2 + linear.len();
        if point.len() > linear.len() {
            let options =
                LmOptions { iterations: GLANCE, tolerance: 1e-4, polish: 0, ..LmOptions::default() };
            let fit = levenberg_marquardt(&problem, &point, &options);
            spent += fit.iterations * (point.len() + 2);
            cost = fit.cost;
        }
        self.control.count(spent as u64);
        let score = (cost / self.batch.total_weight() / self.unit).max(1e-32).ln();
        score.is_finite().then(|| score + PER_NODE * f64::from(complexity(&expr)))
    }

    /// Changes two to four edges or node kinds at random.
    fn kick(&mut self, choice: &mut Choice) {
        let layout = &self.trained.supernet.layout;
        let edges = layout.edges();
        for _ in 0..self.rng.random_range(2..=4) {
            let at = self.rng.random_range(0..edges + layout.nodes);
            if at < edges {
                let o = self.rng.random_range(0..layout.primitives());
                if self.trained.supernet.active[layout.alpha(at, o)] {
                    choice.primitive[at] = o;
                }
            } else {
                let kinds = Choice::kinds(layout);
                choice.product[at - edges] = kinds[self.rng.random_range(0..kinds.len())];
            }
        }
    }

    /// Score of a graph (smaller is better), its constants updated in `theta`; remembered, and filed by complexity.
    fn visit(&mut self, choice: &Choice, theta: &mut Vec<f64>, starts: usize) -> f64 {
        if let Some(&score) = self.known.get(choice) {
            return score;
        }
        let score = match self.solve(choice, theta, starts) {
            Some((solved, solution)) => {
                *theta = solution;
                let size = complexity(&solved.expr);
                let score = (solved.mse / self.unit).max(1e-32).ln() + PER_NODE * f64::from(size);
                self.best_score = self.best_score.min(score);
                if self.archive.get(&size).is_none_or(|s| solved.mse < s.mse) {
                    self.archive.insert(size, solved);
                }
                score
            }
            None => f64::INFINITY,
        };
        self.known.insert(choice.clone(), score);
        score
    }

    /// Solves the constants from `theta` and from random starts; returns the graph and all constants.
    ///
    /// Starts get a few iterations each; only the best of them is followed to the end, and only where it is worth
    /// it: `SCREEN` iterations tell a hopeless graph from one on its way.
    fn solve(&mut self, choice: &Choice, theta: &[f64], starts: usize) -> Option<(Solved, Vec<f64>)> {
        let net = &self.trained.supernet;
        let genotype = choice.genotype(net, &self.trained.alpha, theta);
        let expr = net.discrete_expr(&genotype, self.space).ok()?;
        let tape = Tape::compile(&expr);
        let views = self.batch.views();
        let problem = SquaredError::new(&tape, &views, &self.batch.target, self.batch.weights.as_deref());
        let linear = linear_parameters(&expr);
        let total: f64 = self.batch.weights.as_ref().map_or(self.batch.rows() as f64, |w| w.iter().sum());
        let screen = LmOptions { iterations: SCREEN, tolerance: 1e-4, polish: 0, ..LmOptions::default() };
        // One evaluation is a pass of the formula or of a partial derivative: 2 and one for each basis function for
        // the linear constants, 2 and one for each constant for an iteration.
        let mut spent = 0;
        let mut best: Option<(Vec<f64>, f64)> = None;
        for start in 0..starts.max(1) {
            let mut point = expr.parameters().to_vec();
            if start > 0 {
                for x in &mut point {
                    let size = self.rng.random_range(-2.0f64..1.5).exp();
                    let sign = if self.rng.random_range(0.0..1.0) < 0.5 { -1.0 } else { 1.0 };
                    *x = if *x == 0.0 { sign * size } else { x.abs() * size * sign };
                }
            }
            solve_linear(&problem, &linear, &mut point);
            let fit = levenberg_marquardt(&problem, &point, &screen);
            spent += 2 + linear.len() + fit.iterations * (point.len() + 2);
            if fit.cost.is_finite() && best.as_ref().is_none_or(|b| fit.cost < b.1) {
                best = Some((fit.parameters, fit.cost));
            }
            let done = best.as_ref().is_some_and(|b| b.1 / total <= EXACT * self.unit);
            if done || point.len() == linear.len() {
                break;
            }
        }
        self.control.count(spent as u64);
        let (mut parameters, mut cost) = best?;
        let margin = if self.thrifty { PROMISING_THRIFTY } else { PROMISING };
        let promising = (cost / total / self.unit).max(1e-32).ln() < self.best_score + margin;
        if promising && parameters.len() > linear.len() {
            let full =
                LmOptions { iterations: self.iterations, tolerance: 1e-9, polish: 2, ..LmOptions::default() };
            let fit = levenberg_marquardt(&problem, &parameters, &full);
            self.control.count((fit.iterations * (parameters.len() + 2)) as u64);
            (parameters, cost) = (fit.parameters, fit.cost);
        }
        let mse = cost / total;
        if !mse.is_finite() {
            return None;
        }
        let expr = expr.with_parameters(&parameters);
        let theta = self.constants_back(choice, theta, &parameters, &expr)?;
        let genotype = choice.genotype(net, &self.trained.alpha, &theta);
        Some((Solved { choice: choice.clone(), genotype, expr, mse }, theta))
    }

    /// Writes the parameters of the expression back to their places among the supernet's constants.
    ///
    /// The expression numbers its parameters by first use, so the way back is found by marking: the graph is built
    /// once more with the position of every constant in place of its value.
    fn constants_back(
        &self,
        choice: &Choice,
        theta: &[f64],
        parameters: &[f64],
        expr: &Expr,
    ) -> Option<Vec<f64>> {
        let net = &self.trained.supernet;
        // +1, because an output weight of exactly 0 is left out of the expression.
        let marks: Vec<f64> = (0..theta.len()).map(|i| (i + 1) as f64).collect();
        let marked =
            net.discrete_expr(&choice.genotype(net, &self.trained.alpha, &marks), self.space).ok()?;
        if marked.parameters().len() != expr.parameters().len() {
            // Some output weight was 0 and its node is missing; the constants stay where they are.
            return Some(theta.to_vec());
        }
        let mut out = theta.to_vec();
        for (mark, value) in marked.parameters().iter().zip(parameters) {
            out[*mark as usize - 1] = *value;
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relaxation::{MixtureKind, Supernet, SupernetOptions};
    use crate::search_space::{Combine, PrimitiveSet};

    fn discretise(
        combine: Combine,
        nodes: usize,
        law: impl Fn(f64, f64) -> f64,
        scale: f64,
        seed: u64,
    ) -> f64 {
        let space = SearchSpace { primitives: PrimitiveSet::SEED, nodes, combine };
        let all = combine != Combine::Sum;
        let options = SupernetOptions {
            mixture: MixtureKind::Softmax,
            constant: all,
            output_weights: all,
            output_bias: all,
            logistic_output: false,
            normalise: true,
            zero_centred: false,
        };
        let net = Supernet::new(&space, 2, options);
        let (a, t) = (net.layout.alphas(), net.layout.thetas());
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut uniform = |n: usize| (0..n).map(|_| rng.random_range(-1.0..1.0)).collect::<Vec<f64>>();
        let trained = TrainedSupernet { supernet: net, alpha: uniform(a), theta: uniform(t) };
        let grid: Vec<(f64, f64)> =
            (0..100).map(|i| (f64::from(i % 10) / 9.0, f64::from(i / 10) / 9.0 * scale)).collect();
        let batch = Batch {
            columns: vec![grid.iter().map(|g| g.0).collect(), grid.iter().map(|g| g.1).collect()],
            target: grid.iter().map(|g| law(g.0, g.1)).collect(),
            weights: None,
        };
        let mut d = Discretizer::new(&trained, &space, &batch, 60, seed, &Control::unlimited());
        let found = d.improve();
        found.last().unwrap().mse
    }

    #[test]
    fn finds_a_sum_with_an_inner_constant() {
        let hits =
            (0..4).filter(|s| discretise(Combine::Sum, 2, |a, b| 2.0 * a + (5.0 * b).exp(), 1.0, *s) < 1e-10);
        assert!(hits.count() >= 2);
    }

    #[test]
    fn one_node_reaches_the_best_of_all_its_graphs() {
        let mse = discretise(Combine::Sum, 1, |a, b| 2.0 * a + (5.0 * b).exp(), 1.0, 1);
        assert!((mse - 706.1).abs() < 0.5, "{mse}");
    }

    #[test]
    fn finds_a_product() {
        let law = |p: f64, t: f64| 1.0 - (1.0 - p) * (-0.03 * t).exp();
        let hits = (0..4).filter(|s| discretise(Combine::Both, 3, law, 100.0, *s) < 1e-10);
        // One of the four restarts of a round is enough.
        assert!(hits.count() >= 1);
    }
}
