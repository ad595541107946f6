//! The strategy `auto`: all methods side by side.
//!
//! The first round belongs to the cheapest stage alone, since many laws are simple. After that every round runs one
//! round of each stage that still has something to try, in parallel; their candidates are joined in the fixed
//! order of the stages, so that the result does not depend on which came first.

use super::{Control, Known, Memetic, Problem, ProductDag, Round, SearchStrategy, SemanticBank};
use rayon::prelude::*;

/// The stages, by the names that `--without` takes, in the order of their start.
pub const STAGES: [&str; 3] = ["product", "bank", "memetic"];

struct Stage {
    strategy: Box<dyn SearchStrategy>,
    /// Round in which it first takes part.
    starts: usize,
    finished: bool,
}

/// The default strategy.
pub struct Portfolio {
    stages: Vec<Stage>,
    rounds: usize,
}

impl Portfolio {
    /// All stages but those named.
    pub fn new(without: &[String]) -> Self {
        let make = |name: &str| -> Stage {
            let (strategy, starts): (Box<dyn SearchStrategy>, usize) = match name {
                "product" => (Box::new(ProductDag::new()), 0),
                "bank" => (Box::new(SemanticBank::new()), 1),
                // The fallback: only what the others did not find at once.
                _ => (Box::new(Memetic::new()), 4),
            };
            Stage { strategy, starts, finished: false }
        };
        let stages = STAGES.iter().filter(|s| !without.iter().any(|w| w == *s)).map(|s| make(s)).collect();
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
        let rounds: Vec<Round> = self
            .stages
            .par_iter_mut()
            .filter(|s| !s.finished && s.starts <= now)
            .map(|stage| {
                let round = stage.strategy.round(problem, front, control);
                stage.finished = round.finished;
                round
            })
            .collect();
        Round {
            candidates: rounds.into_iter().flat_map(|r| r.candidates).collect(),
            finished: self.stages.iter().all(|s| s.finished),
        }
    }

    fn masked(&self) -> Vec<String> {
        self.stages.iter().flat_map(|s| s.strategy.masked()).collect()
    }
}
