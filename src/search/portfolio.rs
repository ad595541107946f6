//! The strategy `auto`: all methods side by side.

use super::darts::{Darts, DartsOptions};
use super::{Control, Known, Problem, Round, SearchStrategy};

/// The stages, by the names that `--without` takes.
pub const STAGES: [&str; 1] = ["darts"];

/// The default strategy: runs its stages in turn, one round each.
pub struct Portfolio {
    stages: Vec<(Box<dyn SearchStrategy>, bool)>,
    next: usize,
}

impl Portfolio {
    /// All stages but those named.
    pub fn new(without: &[String]) -> Self {
        let mut stages: Vec<(Box<dyn SearchStrategy>, bool)> = Vec::new();
        if !without.iter().any(|w| w == "darts") {
            stages.push((Box::new(Darts::new(DartsOptions::default(), false)), false));
        }
        Self { stages, next: 0 }
    }
}

impl SearchStrategy for Portfolio {
    fn name(&self) -> &'static str {
        "auto"
    }

    fn round(&mut self, problem: &Problem<'_>, front: &[Known], control: &Control) -> Round {
        let n = self.stages.len();
        for step in 0..n {
            let at = (self.next + step) % n;
            let (stage, finished) = &mut self.stages[at];
            if *finished {
                continue;
            }
            self.next = at + 1;
            let mut round = stage.round(problem, front, control);
            *finished = round.finished;
            round.finished = self.stages.iter().all(|s| s.1);
            return round;
        }
        Round { candidates: Vec::new(), finished: true }
    }

    fn masked(&self) -> Vec<String> {
        self.stages.iter().flat_map(|s| s.0.masked()).collect()
    }
}
