//! The strategy `auto`: all methods side by side.
//!
//! The first round belongs to the cheapest stage alone, since many laws are simple. After that every round runs
//! each stage that still has something to try, in parallel; their candidates are joined in the fixed order of the
//! stages, so that the result does not depend on which came first. Rounds of the stages differ in length by a
//! factor of a hundred, so once the simple laws have had their chance, work is shared out by evaluations: a stage
//! runs as many rounds as its share allows, and one that took more sits out until the others have caught up.

use super::groups::{self, Groups};
use super::separable::{self, Separable};
use super::{
    Candidate, Control, Known, Memetic, Neighbourhood, Parts, Problem, ProductDag, Round, SearchStrategy,
    SemanticBank,
};
use crate::expr::Expr;
use rayon::prelude::*;

/// The stages, by the names that `--without` takes, in the order in which their candidates are joined.
pub(crate) const STAGES: [&str; 7] =
    ["groups", "separable", "product", "bank", "parts", "neighbourhood", "memetic"];

/// Rounds in which every stage runs once.
const LEVEL_ROUNDS: usize = 6;

/// Share of work per round once stages take turns, in milliseconds on a usual core.
const SHARE: f64 = 400.0;

/// Relative error of a formula that may be the law, and rows on which that is seen.
const EXACT: f64 = 1e-9;
const LOOKED_AT: usize = 256;

struct Stage {
    strategy: Box<dyn SearchStrategy>,
    /// Round in which it first takes part.
    starts: usize,
    /// Part of the work that it gets, relative to the others.
    part: f64,
    /// Evaluations that take a millisecond on a usual core, overheads included: measured, to turn counts into work.
    /// A clock would give other results in every run.
    pace: f64,
    /// Evaluations so far.
    work: u64,
    finished: bool,
}

impl Stage {
    fn new(name: &str) -> Self {
        let (strategy, starts, part, pace): (Box<dyn SearchStrategy>, usize, f64, f64) = match name {
            "product" => (Box::new(ProductDag::new()), 0, 0.75, 250.0),
            "bank" => (Box::new(SemanticBank::new()), 1, 0.75, 2500.0),
            // Most of the others on fewer inputs; over at once where there are not fewer.
            groups::NAME => (Box::new(Groups::new()), 1, 1.0, 500.0),
            // The same, without an input.
            separable::NAME => (Box::new(Separable::new()), 2, 1.25, 800.0),
            "parts" => (Box::new(Parts::new()), 1, 1.5, 300.0),
            "neighbourhood" => (Box::new(Neighbourhood::new()), 3, 0.75, 1400.0),
            // The fallback: only what the others did not find at once.
            _ => (Box::new(Memetic::new()), 3, 1.25, 400.0),
        };
        Self { strategy, starts, part, pace, work: 0, finished: false }
    }

    /// One round, or later on as many as fit in its share.
    fn run(
        &mut self,
        now: usize,
        problem: &Problem<'_>,
        front: &[Known],
        control: &Control,
    ) -> Vec<Candidate> {
        let share = SHARE * self.part * self.pace * now.saturating_sub(LEVEL_ROUNDS - 1) as f64;
        let mut candidates = Vec::new();
        while now < LEVEL_ROUNDS || (self.work as f64) < share {
            let counted = control.counted();
            let round = self.strategy.round(problem, front, &counted);
            let before = candidates.len();
            candidates.extend(round.candidates);
            self.finished = round.finished;
            if now >= LEVEL_ROUNDS {
                // A round without any evaluation would be repeated for ever.
                self.work += counted.counted_evaluations().max(self.pace as u64);
            }
            let found = || candidates[before..].iter().filter_map(Candidate::expr).any(|e| exact(problem, e));
            if now < LEVEL_ROUNDS || self.finished || control.is_stopped() || found() {
                break;
            }
        }
        candidates
    }
}

/// Whether a formula may be the law: the engine is to see it before more is tried.
fn exact(problem: &Problem<'_>, expr: &Expr) -> bool {
    let rows = problem.target.len().min(LOOKED_AT);
    let columns: Vec<&[f64]> = problem.columns.iter().map(|c| &c[..rows]).collect();
    let target = &problem.target[..rows];
    let off: f64 = expr.evaluate(&columns).iter().zip(target).map(|(f, y)| (f - y).powi(2)).sum();
    off <= EXACT * EXACT * target.iter().map(|y| y * y).sum::<f64>()
}

/// The default strategy.
pub(crate) struct Portfolio {
    stages: Vec<Stage>,
    rounds: usize,
}

impl Portfolio {
    /// All stages but those named.
    pub(crate) fn new(without: &[String]) -> Self {
        let stages =
            STAGES.iter().filter(|s| !without.iter().any(|w| w == *s)).map(|s| Stage::new(s)).collect();
        Self { stages, rounds: 0 }
    }
}

impl SearchStrategy for Portfolio {
    fn name(&self) -> &'static str {
        "auto"
    }

    fn round(&mut self, problem: &Problem<'_>, front: &[Known], control: &Control) -> Round {
        let now = self.rounds;
        self.rounds += 1;
        let found: Vec<Vec<Candidate>> = self
            .stages
            .par_iter_mut()
            .filter(|s| !s.finished && s.starts <= now)
            .map(|stage| stage.run(now, problem, front, control))
            .collect();
        Round {
            candidates: found.into_iter().flatten().collect(),
            finished: self.stages.iter().all(|s| s.finished),
        }
    }

    fn masked(&self) -> Vec<String> {
        self.stages.iter().flat_map(|s| s.strategy.masked()).collect()
    }
}
