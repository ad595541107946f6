//! Efficient neural architecture search (Pham, Guan, Zoph, Le, Dean, ICML 2018) on the expression supernet.
//!
//! Two phases alternate. With the controller fixed, sampled graphs improve the constants that all graphs share.
//! With the constants fixed, the controller is trained by REINFORCE (Williams 1992): graphs are sampled, fitted by
//! a few iterations from the shared constants, rewarded by `1 / (1 + NRMSE)` on validation rows, and the
//! log-probability of their decisions follows the reward's lead over its moving average. At the end many graphs
//! are drawn and scored; the best of them and of all that were seen go on to the discretiser.
//!
//! ```
//! use closedform::search::enas::EnasOptions;
//! use closedform::{Dataset, StrategyKind, SymbolicRegressor};
//! let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
//! let regressor = SymbolicRegressor::builder()
//!     .strategy(StrategyKind::Enas)
//!     .enas(EnasOptions { epochs: 1, restarts: 1, hidden: 8, final_samples: 5, ..EnasOptions::default() })
//!     .max_evaluations(2_000)
//!     .build()?;
//! assert_eq!(regressor.fit(&data)?.report().strategy, "enas");
//! # Ok::<(), closedform::Error>(())
//! ```

mod controller;
mod options;

pub use options::EnasOptions;

use super::darts::optimizer::Adam;
use super::weight_sharing::{Best, Child, Effort, SharedConstants};
use super::{Candidate, Control, Known, Problem, Round, SearchStrategy};
use controller::Controller;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// Controllers per round; fixed, so that the result does not depend on the number of threads.
const PER_ROUND: usize = 2;

/// First RNG stream, so that no restart of another strategy has the same.
const STREAM: u64 = 1 << 32;

/// Random starts that the graphs of the final choice are given beside the shared constants.
const FINAL_STARTS: usize = 3;

/// The strategy `enas`.
#[derive(Debug)]
pub(crate) struct Enas {
    options: EnasOptions,
    logistic_output: bool,
    next: usize,
}

impl Enas {
    /// A search with these options; `logistic_output` for probabilities.
    pub(crate) fn new(options: EnasOptions, logistic_output: bool) -> Self {
        Self { options, logistic_output, next: 0 }
    }

    /// One controller from its start to its best graphs.
    fn run(&self, problem: &Problem<'_>, restart: usize, control: &Control) -> Vec<Candidate> {
        let o = &self.options;
        let mut rng = ChaCha8Rng::seed_from_u64(problem.seed);
        rng.set_stream(STREAM + restart as u64);
        let mut shared = SharedConstants::new(problem, self.logistic_output, control, &mut rng);
        let empty = Child::empty(&shared.net);
        let mut controller = Controller::new(&shared.net.layout, o, &mut rng);
        let mut adam = Adam::new(controller.weights.len(), o.learning_rate, 0.0, 0.0).epsilon(1e-3);
        let mut baseline = 0.0;
        let mut best = Best::default();
        let stopped = || control.is_stopped();
        for _ in 0..o.epochs {
            for _ in 0..o.shared_steps {
                if stopped() {
                    break;
                }
                let child = controller.sample(empty.clone(), &mut rng).child;
                let effort = Effort::short(o.shared_iterations);
                if let Some(fitted) = shared.fit(&child, effort, &mut rng) {
                    shared.share(&fitted, o.shared_part);
                    best.offer(fitted, o.keep);
                }
            }
            for _ in 0..o.controller_steps {
                if stopped() {
                    break;
                }
                let mut gradient = vec![0.0; controller.weights.len()];
                for _ in 0..o.samples {
                    let episode = controller.sample(empty.clone(), &mut rng);
                    let effort = Effort::short(o.reward_iterations);
                    let fitted = shared.fit(&episode.child, effort, &mut rng);
                    let reward =
                        fitted.as_ref().map_or(0.0, |f| f.reward) + o.entropy_weight * episode.entropy();
                    // The average takes the reward in before it is compared with, as in the reference.
                    baseline -= (1.0 - o.baseline_decay) * (baseline - reward);
                    let scale = (reward - baseline) / o.samples as f64;
                    controller.add_gradient(&episode, scale, &mut gradient);
                    if let Some(fitted) = fitted {
                        best.offer(fitted, o.keep);
                    }
                }
                adam.update(&mut controller.weights, &gradient);
            }
        }
        let effort = Effort { starts: FINAL_STARTS, ..Effort::short(12) };
        for _ in 0..o.final_samples {
            if stopped() {
                break;
            }
            let child = controller.sample(empty.clone(), &mut rng).child;
            if let Some(fitted) = shared.fit(&child, effort, &mut rng) {
                best.offer(fitted, o.keep);
            }
        }
        best.kept.iter().map(|f| shared.candidate(f, true, "enas")).collect()
    }
}

impl SearchStrategy for Enas {
    fn name(&self) -> &'static str {
        "enas"
    }

    fn round(&mut self, problem: &Problem<'_>, _front: &[Known], control: &Control) -> Round {
        let last = (self.next + control.per_round(PER_ROUND)).min(self.options.restarts);
        let found: Vec<Vec<Candidate>> =
            (self.next..last).into_par_iter().map(|restart| self.run(problem, restart, control)).collect();
        self.next = last;
        Round { candidates: found.into_iter().flatten().collect(), finished: last == self.options.restarts }
    }
}
