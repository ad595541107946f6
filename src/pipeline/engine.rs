//! The loop between search and refit: candidates in, a front of simplified and refitted formulas out.

use super::certainty;
use super::finish::with_nice_numbers;
use super::rows::Rows;
use crate::discretize::Discretizer;
use crate::expr::{Expr, Node, Op, Tape, Workspace, complexity};
use crate::least_squares::{LmOptions, SquaredError, levenberg_marquardt};
use crate::refit::{
    Likelihood, Refitter, Rounding, description_length, likelihood_length, predictive_length, straightened,
};
use crate::relaxation::TrainedSupernet;
use crate::search::darts::{DartsOptions, Sampling};
use crate::search::{Candidate, Control, Graph, Known, Problem, SearchStrategy};
use crate::search_space::Genotype;
use crate::simplify::Simplifier;
use rayon::prelude::*;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

/// A formula on the front, with what produced it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) expr: Expr,
    /// Mean loss over the fit rows.
    pub(super) loss: f64,
    pub(super) complexity: u32,
    pub(super) description_length: f64,
    /// The description length by which models are chosen at the end, on the fit rows.
    pub(super) predictive_length: f64,
    pub(super) origin: &'static str,
    pub(super) architecture: Option<(Arc<TrainedSupernet>, Genotype)>,
}

/// Why the search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Certain,
    Exhausted,
    TimeLimit,
    EvaluationLimit,
    Interrupted,
}

/// A candidate on its way to the front.
pub(super) struct Draft {
    pub(super) expr: Expr,
    origin: &'static str,
    architecture: Option<(Arc<TrainedSupernet>, Genotype)>,
    pub(super) loss: f64,
}

pub(super) struct Engine<'a> {
    pub(super) problem: &'a Problem<'a>,
    pub(super) control: &'a Control,
    pub(super) rows: Rows,
    pub(super) likelihood: Likelihood,
    pub(super) darts: &'a DartsOptions,
    pub(super) front: Vec<Entry>,
    pub(super) structure_limit: f64,
    rounding: Option<Rounding>,
    /// The graph that a refit keeps.
    pub(super) kept: Option<Genotype>,
    link: Option<Op>,
    seen: HashSet<Vec<u8>>,
    /// Formulas whose shorter forms have been tried.
    pub(super) taken_apart: HashSet<Vec<u8>>,
}

impl<'a> Engine<'a> {
    pub(super) fn new(
        problem: &'a Problem<'a>,
        control: &'a Control,
        likelihood: Likelihood,
        darts: &'a DartsOptions,
    ) -> Self {
        let rows = Rows::new(problem);
        let rounding = Rounding::of(problem.columns, problem.target);
        Self {
            rounding,
            problem,
            control,
            rows,
            likelihood,
            darts,
            front: Vec::new(),
            structure_limit: f64::INFINITY,
            kept: None,
            link: None,
            seen: HashSet::new(),
            taken_apart: HashSet::new(),
        }
    }

    /// Lets strategies search for the argument of this function, for a target between 0 and 1.
    pub(super) fn link(&mut self, op: Op) {
        self.link = Some(op);
    }

    /// The target behind the link, `logit(y)`, with the weights `p (1 - p)` times the row's own squared: the
    /// derivative of the logistic function, so that errors weigh as they will after it.
    fn linked_target(&self) -> Option<(Vec<f64>, Vec<f64>)> {
        self.link?;
        let p: Vec<f64> = self.problem.target.iter().map(|y| y.clamp(1e-4, 1.0 - 1e-4)).collect();
        let weight = |i: usize| self.problem.weights.map_or(1.0, |w| w[i]);
        let weights = p.iter().enumerate().map(|(i, p)| weight(i) * (p * (1.0 - p)).powi(2)).collect();
        Some((p.iter().map(|p| (p / (1.0 - p)).ln()).collect(), weights))
    }

    /// The argument of the link function; `None` where the formula does not end in it.
    pub(super) fn unlinked(&self, expr: &Expr) -> Option<Expr> {
        let Some(link) = self.link else { return Some(expr.clone()) };
        match expr.nodes()[expr.root() as usize] {
            Node::Unary(op, a) if op == link => Some(expr.subexpression(a)),
            _ => None,
        }
    }

    /// Runs a strategy to its end, to certainty, or until it is stopped.
    pub(super) fn run(
        &mut self,
        strategy: &mut dyn SearchStrategy,
        mut after_round: impl FnMut(&[Entry], &dyn SearchStrategy),
    ) -> Stop {
        let linked = self.linked_target();
        let mut problem = self.problem.clone();
        if let Some((target, weights)) = &linked {
            (problem.target, problem.weights) = (target.as_slice(), Some(weights.as_slice()));
        }
        loop {
            let known: Vec<Known> = self
                .front
                .iter()
                .filter_map(|e| self.unlinked(&e.expr).map(|expr| (e, expr)))
                .map(|(e, expr)| Known { expr, mse: e.loss, complexity: e.complexity })
                .collect();
            let round = strategy.round(&problem, &known, self.control);
            let finished = round.finished;
            self.file(round.candidates);
            let mut certain = self.is_certain();
            if !certain {
                self.eliminate();
                certain = self.is_certain();
            }
            after_round(&self.front, strategy);
            if self.control.is_interrupted() {
                return Stop::Interrupted;
            }
            if certain {
                return Stop::Certain;
            }
            if self.control.is_out_of_time() {
                return Stop::TimeLimit;
            }
            if self.control.is_out_of_evaluations() {
                return Stop::EvaluationLimit;
            }
            if finished {
                return Stop::Exhausted;
            }
        }
    }

    /// Discretises, simplifies, refits candidates and files them on the front.
    pub(super) fn file(&mut self, candidates: Vec<Candidate>) {
        let drafts: Vec<Draft> = candidates.into_par_iter().flat_map_iter(|c| self.drafts(c)).collect();
        let refined: Vec<Draft> = drafts.into_par_iter().filter_map(|d| self.refine(d)).collect();
        self.file_refined(refined);
    }

    /// Files candidates that have been through [`Self::refine`].
    pub(super) fn file_refined(&mut self, mut refined: Vec<Draft>) {
        // The best first: what it dominates is not worth the full treatment.
        refined.sort_by(|a, b| a.loss.total_cmp(&b.loss).then(complexity(&a.expr).cmp(&complexity(&b.expr))));
        let mut promising: Vec<Draft> = Vec::new();
        for draft in refined {
            if self.is_new(&draft.expr) && !self.is_dominated(&draft, &promising) {
                promising.push(draft);
            }
        }
        let entries: Vec<Entry> = promising.par_iter().flat_map_iter(|d| self.complete(d)).collect();
        for entry in entries {
            self.insert(entry);
        }
    }

    /// The expressions of a candidate.
    pub(super) fn drafts(&self, candidate: Candidate) -> Vec<Draft> {
        let origin = candidate.origin;
        let plain = |expr: Expr| {
            let expr = self.link.map_or_else(|| expr.clone(), |op| expr.apply(op));
            vec![Draft { expr, origin, architecture: None, loss: f64::NAN }]
        };
        match candidate.graph {
            Graph::Expr(expr) => plain(expr),
            Graph::Genotype(genotype) => match genotype.to_expr(&self.problem.space.primitives) {
                Ok(expr) => plain(expr),
                Err(_) => Vec::new(),
            },
            Graph::Supernet(trained) => {
                let trained = Arc::new(*trained);
                let rows = super::rows::evenly(self.rows.fit.rows(), 100);
                let fit = &self.rows.fit;
                let batch = crate::relaxation::Batch::gather(
                    &fit.views(),
                    &fit.target,
                    fit.weights.as_deref(),
                    &rows,
                );
                let seed = self.problem.seed;
                let mut discretizer = Discretizer::new(
                    &trained,
                    self.problem.space,
                    &batch,
                    self.darts.sampled_updates,
                    seed,
                    self.control,
                );
                let solved = match (self.darts.sampling, &self.kept) {
                    (Sampling::Max, Some(genotype)) => discretizer.keep(genotype).into_iter().collect(),
                    (Sampling::Max, None) => discretizer.improve(),
                    (Sampling::Sample, _) => discretizer.sample().into_iter().collect(),
                };
                solved
                    .into_iter()
                    .map(|s| Draft {
                        expr: s.expr,
                        origin,
                        architecture: Some((trained.clone(), s.genotype)),
                        loss: f64::NAN,
                    })
                    .collect()
            }
        }
    }

    /// A few steps on the fit rows; drops what has no finite value on some row.
    pub(super) fn refine(&self, mut draft: Draft) -> Option<Draft> {
        let tape = Tape::compile(&draft.expr);
        let fit = &self.rows.fit;
        let views = fit.views();
        if self.likelihood == Likelihood::Gaussian {
            let problem = SquaredError::new(&tape, &views, &fit.target, fit.weights.as_deref());
            let options = LmOptions { iterations: 15, polish: 1, ..LmOptions::default() };
            let lm = levenberg_marquardt(&problem, draft.expr.parameters(), &options);
            draft.expr = draft.expr.with_parameters(&lm.parameters);
        }
        draft.loss = self.mean_loss(&draft.expr, &tape, fit);
        let held_out = self.mean_loss(&draft.expr, &tape, &self.rows.held_out);
        (draft.loss.is_finite() && held_out.is_finite()).then_some(draft)
    }

    fn mean_loss(&self, expr: &Expr, tape: &Tape, rows: &crate::relaxation::Batch) -> f64 {
        let views = rows.views();
        let mut total = 0.0;
        let mut weight = 0.0;
        tape.run(expr.parameters(), &views, 0..rows.rows(), &mut Workspace::<f64>::new(), |start, values| {
            for (i, f) in values.iter().enumerate() {
                let w = rows.weights.as_ref().map_or(1.0, |w| w[start + i]);
                total += w * self.likelihood.loss(*f, rows.target[start + i]);
                weight += w;
            }
        });
        total / weight
    }

    fn is_new(&mut self, expr: &Expr) -> bool {
        self.seen.insert(key(expr))
    }

    /// Whether something shorter is already as good. A draft may still shrink by simplification, so it has to be
    /// beaten by something clearly shorter.
    fn is_dominated(&self, draft: &Draft, others: &[Draft]) -> bool {
        let size = complexity(&draft.expr);
        let limit = f64::from(size) * 0.6;
        let floor = self.floor();
        let beats = |loss: f64, other_size: u32| {
            loss <= draft.loss.max(floor)
                && (f64::from(other_size) < limit || (loss < 0.5 * draft.loss && other_size < size))
        };
        self.front.iter().any(|e| beats(e.loss, e.complexity))
            || others.iter().any(|d| beats(d.loss, complexity(&d.expr)))
    }

    /// The loss below which two formulas are equally exact.
    fn floor(&self) -> f64 {
        let fit = &self.rows.fit;
        let squares: f64 = fit.target.iter().map(|y| y * y).sum::<f64>() / fit.rows() as f64;
        squares * crate::refit::ERROR_FLOOR * crate::refit::ERROR_FLOOR
    }

    /// Simplify, refit, snap, simplify again; scores on both sets of rows.
    ///
    /// With few rows a constant is snapped away easily, so the formula is also filed as it was before: the rows of
    /// the whole table, which only the end of a fit looks at, decide between the two.
    fn complete(&self, draft: &Draft) -> Vec<Entry> {
        let fit = &self.rows.fit;
        let (views, weights) = (fit.views(), fit.weights.as_deref());
        let simplifier = Simplifier::default();
        let refitter = Refitter {
            likelihood: self.likelihood,
            starts: 2,
            seed: self.problem.seed,
            structure_limit: self.structure_limit,
            ..Refitter::default()
        };
        let expr = simplifier.simplify(&draft.expr, &views);
        let free = refitter.refit(&expr, &views, &fit.target, weights).expr;
        let free = self.straight(free, &simplifier, &refitter);
        // The end of the fit looks for nice constants anyway: no time is left for a look ahead.
        let snapped = if self.control.is_stopped() {
            free.clone()
        } else {
            with_nice_numbers(&free, &views, &fit.target, weights, &refitter)
        };
        let mut found = Vec::new();
        if snapped != free {
            let expr = simplifier.simplify(&snapped, &views);
            let expr = Refitter { starts: 1, ..refitter }.refit(&expr, &views, &fit.target, weights).expr;
            found.extend(self.entry(draft, expr));
        }
        found.extend(self.entry(draft, free));
        found
    }

    /// Without functions that the data see in their linear range only, where the description gets shorter.
    fn straight(&self, expr: Expr, simplifier: &Simplifier, refitter: &Refitter) -> Expr {
        let fit = &self.rows.fit;
        let (views, weights) = (fit.views(), fit.weights.as_deref());
        let Some(short) = straightened(&expr, &views) else { return expr };
        let short = simplifier.simplify(&short, &views);
        let short = refitter.refit(&short, &views, &fit.target, weights).expr;
        let length = |e: &Expr| self.description_length(e, &Tape::compile(e));
        if length(&short) <= length(&expr) { short } else { expr }
    }

    fn description_length(&self, expr: &Expr, tape: &Tape) -> f64 {
        let fit = &self.rows.fit;
        let (views, weights) = (fit.views(), fit.weights.as_deref());
        description_length(expr, tape, &views, &fit.target, weights, self.likelihood, self.structure_limit)
    }

    /// What a model is chosen by at the end, on the fit rows.
    pub(super) fn predictive_length(&self, expr: &Expr) -> f64 {
        let fit = &self.rows.fit;
        let (views, weights, limit) = (fit.views(), fit.weights.as_deref(), self.structure_limit);
        let predicted = expr.evaluate(&views);
        if self.likelihood == Likelihood::Gaussian {
            let rounding = self.rounding.as_ref();
            return predictive_length(expr, &views, &fit.target, weights, &predicted, rounding, limit);
        }
        likelihood_length(expr, self.likelihood.total(&predicted, &fit.target, weights), limit)
    }

    fn entry(&self, draft: &Draft, expr: Expr) -> Option<Entry> {
        let fit = &self.rows.fit;
        let tape = Tape::compile(&expr);
        let loss = self.mean_loss(&expr, &tape, fit);
        let held_out = self.mean_loss(&expr, &tape, &self.rows.held_out);
        if !(loss.is_finite() && held_out.is_finite()) {
            return None;
        }
        Some(Entry {
            complexity: complexity(&expr),
            description_length: self.description_length(&expr, &tape),
            predictive_length: self.predictive_length(&expr),
            loss,
            origin: draft.origin,
            architecture: draft.architecture.clone(),
            expr,
        })
    }

    /// Keeps the front free of dominated formulas: more complex and not better.
    fn insert(&mut self, entry: Entry) {
        let floor = self.floor();
        let value = |e: &Entry| e.loss.max(floor);
        // Of two of the same length the one with the shorter description stays; of exact ones, whose constants are no loss
        // for predictions, that with the nicer numbers.
        let beats = |a: &Entry, b: &Entry| match a.complexity.cmp(&b.complexity) {
            Ordering::Less => value(a) <= value(b),
            Ordering::Equal if value(a) == value(b) => a.description_length <= b.description_length,
            Ordering::Equal => a.predictive_length <= b.predictive_length,
            Ordering::Greater => false,
        };
        if self.front.iter().any(|e| beats(e, &entry)) {
            return;
        }
        self.front.retain(|e| !beats(&entry, e));
        let at = self.front.partition_point(|e| e.complexity < entry.complexity);
        self.front.insert(at, entry);
    }

    /// The entry with the shortest description.
    pub(super) fn best(&self) -> Option<&Entry> {
        self.front.iter().min_by(|a, b| a.description_length.total_cmp(&b.description_length))
    }

    fn is_certain(&self) -> bool {
        self.likelihood == Likelihood::Gaussian
            && self.best().is_some_and(|e| certainty::is_certain(&e.expr, self.problem, &self.rows))
    }
}

/// What tells formulas apart: the structure, in which parameters stand for any number, and these to three digits. The same
/// structure may come back with better constants; the loss decides then.
pub(super) fn key(expr: &Expr) -> Vec<u8> {
    let mut key = Vec::new();
    for node in expr.nodes() {
        key.extend(format!("{node:?}").bytes());
    }
    for p in expr.parameters() {
        key.extend(format!("{p:.2e}").bytes());
    }
    key
}
