//! Random search: the baseline that every other method has to beat.
//!
//! Graphs are drawn uniformly from the same space. Without sharing each is fitted from random constants, like any
//! candidate of the discretiser; with sharing they read and improve one set of constants, are scored with it, and
//! only the best are fitted (Li and Talwalkar, *Random Search and Reproducibility for Neural Architecture Search*,
//! UAI 2019, "RSWS"). The best graphs go on to the refit without any local search.

use super::weight_sharing::{Best, Child, Effort, SharedConstants};
use super::{Candidate, Control, Known, Problem, Round, SearchStrategy};
use crate::error::Error;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Options of random search.
///
/// | field | default |
/// |---|---|
/// | `sharing` | false |
/// | `samples` | 2000 |
/// | `starts` | 3 |
/// | `iterations` | 12 |
/// | `finish` | 60 |
/// | `local_search` | false |
/// | `keep` | 4 |
///
/// ```
/// use closedform::search::RandomOptions;
/// assert!(!RandomOptions::default().sharing);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RandomOptions {
    /// Whether graphs share their constants.
    pub sharing: bool,
    /// Graphs that are drawn.
    pub samples: usize,
    /// Random starts of the constants of a graph; without sharing.
    pub starts: usize,
    /// Levenberg-Marquardt iterations of each start.
    pub iterations: usize,
    /// Iterations that the best start of a promising graph is given on top.
    pub finish: usize,
    /// Whether the best graphs go through the discretiser's local search, as those of the other strategies do.
    pub local_search: bool,
    /// Graphs of every hundred that are handed on.
    pub keep: usize,
}

impl Default for RandomOptions {
    fn default() -> Self {
        Self {
            sharing: false,
            samples: 2000,
            starts: 3,
            iterations: 12,
            finish: 60,
            local_search: false,
            keep: 4,
        }
    }
}

impl RandomOptions {
    /// Checks every range.
    ///
    /// ```
    /// use closedform::search::RandomOptions;
    /// assert!(RandomOptions::default().check().is_ok());
    /// let error = RandomOptions { samples: 0, ..RandomOptions::default() }.check().unwrap_err();
    /// assert_eq!(error.to_string(), "random samples: expected 1 or more, got 0");
    /// ```
    ///
    /// # Errors
    /// Naming the option, what is expected and what came.
    pub fn check(&self) -> Result<(), Error> {
        for (name, n) in [("samples", self.samples), ("starts", self.starts), ("keep", self.keep)] {
            if n == 0 {
                return Err(Error::options(format!("random {name}: expected 1 or more, got 0")));
            }
        }
        Ok(())
    }
}

/// Graphs that are drawn from one stream of random numbers.
const BATCH: usize = 100;

/// Batches per round; fixed, so that the result does not depend on the number of threads.
const PER_ROUND: usize = 2;

/// By what factor in the mean squared error a graph may be behind the best to be fitted to the end.
const BEHIND: f64 = 20.0;

/// First RNG stream, so that no restart of another strategy has the same.
const STREAM: u64 = 1 << 33;

/// The strategy `random`.
#[derive(Debug)]
pub(crate) struct RandomSearch {
    options: RandomOptions,
    logistic_output: bool,
    next: usize,
}

impl RandomSearch {
    /// A search with these options; `logistic_output` for probabilities.
    pub(crate) fn new(options: RandomOptions, logistic_output: bool) -> Self {
        Self { options, logistic_output, next: 0 }
    }

    fn batch(&self, problem: &Problem<'_>, batch: usize, count: usize, control: &Control) -> Vec<Candidate> {
        let o = &self.options;
        let mut rng = ChaCha8Rng::seed_from_u64(problem.seed);
        rng.set_stream(STREAM + batch as u64);
        let mut shared = SharedConstants::new(problem, self.logistic_output, control, &mut rng);
        let mut best = Best::default();
        let full =
            Effort { starts: o.starts, iterations: o.iterations, finish: o.finish, promising: f64::INFINITY };
        if o.sharing {
            // First the constants, then the graphs: both halves draw from the same distribution.
            for _ in 0..count / 2 {
                if control.is_stopped() {
                    break;
                }
                let child = Child::uniform(&shared.net, &mut rng);
                let effort = Effort::short(4);
                if let Some(fitted) = shared.fit(&child, effort, &mut rng) {
                    shared.share(&fitted, 0.5);
                }
            }
        }
        for _ in 0..count {
            if control.is_stopped() {
                break;
            }
            let child = Child::uniform(&shared.net, &mut rng);
            // As in the discretiser: a graph that is far behind after the first iterations is given up.
            let promising = BEHIND * best.kept.iter().map(|f| f.mse).fold(f64::INFINITY, f64::min);
            let effort = if o.sharing { Effort::short(0) } else { Effort { promising, ..full } };
            if let Some(fitted) = shared.fit(&child, effort, &mut rng) {
                best.offer(fitted, o.keep);
            }
        }
        let name = self.name();
        best.kept
            .iter()
            .map(|f| {
                let fitted = if o.sharing { shared.fit(&f.child, full, &mut rng) } else { None };
                shared.candidate(fitted.as_ref().unwrap_or(f), o.local_search, name)
            })
            .collect()
    }
}

impl SearchStrategy for RandomSearch {
    fn name(&self) -> &'static str {
        if self.options.sharing { "random-shared" } else { "random" }
    }

    fn round(&mut self, problem: &Problem<'_>, _front: &[Known], control: &Control) -> Round {
        let batches = self.options.samples.div_ceil(BATCH);
        let last = (self.next + control.per_round(PER_ROUND)).min(batches);
        let found: Vec<Vec<Candidate>> = (self.next..last)
            .into_par_iter()
            .map(|b| self.batch(problem, b, BATCH.min(self.options.samples - b * BATCH), control))
            .collect();
        self.next = last;
        Round { candidates: found.into_iter().flatten().collect(), finished: last == batches }
    }
}
