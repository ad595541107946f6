//! [`SemanticBank`]: the strategy and its rounds.

use super::pool::Pool;
use super::relation::EXACT_LAW;
use super::stage::{LEVELS, Stage, Task};
use super::strip::power_factors;
use super::view::View;
use crate::search::{Candidate, Control, Known, Problem, Round, SearchStrategy};

/// Candidates handed out per round.
const PER_ROUND: usize = 24;

/// Search by semantic enumeration and closed-form tests.
///
/// Rounds are the parts of five levels, each level with about five times as many functions as the one before.
#[derive(Debug, Default)]
pub struct SemanticBank {
    stages: Vec<Stage>,
    tasks: Vec<(usize, Task)>,
    level: usize,
    next: usize,
    pool: Pool,
    started: bool,
}

impl SemanticBank {
    /// A search that has not begun.
    pub fn new() -> Self {
        Self::default()
    }

    fn start(&mut self, problem: &Problem<'_>) {
        self.started = true;
        let inputs: Vec<usize> = (0..problem.columns.len()).collect();
        let primitives = &problem.space.primitives;
        let factors = power_factors(problem);
        let rest: Vec<usize> = inputs.iter().copied().filter(|v| factors.iter().all(|f| f.0 != *v)).collect();
        if rest.len() < inputs.len() {
            let powers: Vec<(usize, f64)> = factors.into_iter().filter(|f| f.1 != 0.0).collect();
            self.stages.push(Stage::new(View::new(problem, &rest, &powers), primitives));
        }
        self.stages.push(Stage::new(View::new(problem, &inputs, &[]), primitives));
        self.plan();
    }

    fn plan(&mut self) {
        self.next = 0;
        self.tasks = (0..self.stages.len())
            .flat_map(|s| Stage::tasks(&LEVELS[self.level]).into_iter().map(move |t| (s, t)))
            .collect();
    }
}

impl SearchStrategy for SemanticBank {
    fn name(&self) -> &'static str {
        "bank"
    }

    fn round(&mut self, problem: &Problem<'_>, _front: &[Known], control: &Control) -> Round {
        if !self.started {
            self.start(problem);
        }
        let mut finished = false;
        // The first levels take one round each, later ones a round per test.
        loop {
            if self.next == self.tasks.len() {
                self.level += 1;
                if self.level == LEVELS.len() || self.pool.best_error() <= EXACT_LAW {
                    self.level = self.level.min(LEVELS.len() - 1);
                    finished = true;
                } else {
                    self.plan();
                }
                break;
            }
            if control.is_stopped() {
                break;
            }
            let (stage, task) = self.tasks[self.next];
            if task == Task::Greedy && self.pool.best_error() <= EXACT_LAW {
                self.next += 1;
                continue;
            }
            let laws = self.stages[stage].run(task, &LEVELS[self.level], &problem.space.primitives, control);
            let before = self.pool.best_error();
            for (expr, error) in laws {
                self.pool.offer(expr, error);
            }
            self.next += 1;
            let found = self.pool.best_error() <= EXACT_LAW && before > EXACT_LAW;
            if found || (self.level >= 2 && task != Task::Grow && self.next < self.tasks.len()) {
                break;
            }
        }
        let candidates =
            self.pool.news(PER_ROUND).into_iter().map(|e| Candidate::new(e, self.name())).collect();
        Round { candidates, finished }
    }
}
