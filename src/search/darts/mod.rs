//! Differentiable architecture search (Liu, Simonyan, Yang, *DARTS*, ICLR 2019) on the expression supernet.
//!
//! Several seeded restarts run in parallel; each hands its trained supernet to the pipeline, whose discretiser
//! takes the graphs out of it.
//!
//! ```
//! use closedform::search::darts::DartsOptions;
//! use closedform::{Dataset, StrategyKind, SymbolicRegressor};
//! let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
//! let regressor = SymbolicRegressor::builder()
//!     .strategy(StrategyKind::Darts)
//!     .darts(DartsOptions { epochs: 1, restarts: 1, ..DartsOptions::default() })
//!     .max_evaluations(2_000)
//!     .build()?;
//! assert_eq!(regressor.fit(&data)?.report().strategy, "darts");
//! # Ok::<(), closedform::Error>(())
//! ```

mod architect;
pub(crate) mod optimizer;
mod options;
mod trainer;

pub use crate::relaxation::MixtureKind;
pub use architect::Order;
pub use options::{DartsOptions, Sampling};
pub use trainer::Epoch;
pub(crate) use trainer::fresh;

use super::{Candidate, Control, Graph, Known, Problem, Round, SearchStrategy};
use crate::relaxation::TrainedSupernet;
use rayon::prelude::*;

/// Restarts per round; fixed, so that the result does not depend on the number of threads.
const PER_ROUND: usize = 4;

/// The strategy `darts`.
///
/// ```
/// # use closedform::search::darts::{Darts, DartsOptions};
/// # use closedform::search::{Control, Problem, SearchStrategy, SemanticBank};
/// # use closedform::{PrimitiveSet, Split, search_space::SearchSpace};
/// # let x: Vec<f64> = (0..60).map(|i| 1.0 + f64::from(i) / 20.0).collect();
/// # let y: Vec<f64> = x.iter().map(|x| 3.0 * x.ln() + 1.0).collect();
/// # let columns = [x.as_slice()];
/// # let (split, space) = (Split::random(60, 0.25, 1), SearchSpace::new(PrimitiveSet::SCIENCE, 1)?);
/// # let problem = Problem { columns: &columns, target: &y, weights: None, split: &split, space: &space, seed: 1 };
/// let mut darts = Darts::new(DartsOptions { epochs: 2, restarts: 1, ..DartsOptions::default() }, false);
/// let round = darts.round(&problem, &[], &Control::unlimited());
/// assert_eq!((round.candidates.len(), round.finished, darts.trace().len()), (1, true, 2));
/// # Ok::<(), closedform::Error>(())
/// ```
#[doc(hidden)]
#[derive(Debug)]
pub struct Darts {
    options: DartsOptions,
    logistic_output: bool,
    start: Option<TrainedSupernet>,
    next: usize,
    trace: Vec<Epoch>,
    masked: Vec<String>,
}

impl Darts {
    /// A search with these options; `logistic_output` for probabilities.
    ///
    /// ```
    /// use closedform::search::darts::{Darts, DartsOptions, Order};
    /// use closedform::search::SearchStrategy;
    /// let options = DartsOptions { order: Order::Exact, ..DartsOptions::default() };
    /// assert_eq!(Darts::new(options, false).name(), "darts-exact");
    /// ```
    pub fn new(options: DartsOptions, logistic_output: bool) -> Self {
        Self { options, logistic_output, start: None, next: 0, trace: Vec::new(), masked: Vec::new() }
    }

    /// Trains one supernet on from its weights; with 0 epochs they stay as they are.
    pub(crate) fn resume(options: DartsOptions, start: TrainedSupernet) -> Self {
        let logistic_output = start.supernet.options.logistic_output;
        let options = DartsOptions { restarts: 1, ..options };
        Self { start: Some(start), ..Self::new(options, logistic_output) }
    }
}

/// The name of the variant.
fn name(options: &DartsOptions) -> &'static str {
    match (options.order, options.mixture) {
        (Order::First, MixtureKind::Softmax) => "darts",
        (Order::First, MixtureKind::Sigmoid) => "darts-fair",
        (Order::Unrolled, _) => "darts-unrolled",
        (Order::Exact, _) => "darts-exact",
        (Order::Implicit, _) => "darts-implicit",
    }
}

impl SearchStrategy for Darts {
    fn name(&self) -> &'static str {
        name(&self.options)
    }

    fn round(&mut self, problem: &Problem<'_>, _front: &[Known], control: &Control) -> Round {
        let last = (self.next + control.per_round(PER_ROUND)).min(self.options.restarts);
        let trained: Vec<_> = (self.next..last)
            .into_par_iter()
            .map(|restart| {
                let start = self.start.clone();
                trainer::train(problem, &self.options, self.logistic_output, restart, start, control)
            })
            .collect();
        self.next = last;
        let mut round = Round { finished: last == self.options.restarts, ..Round::default() };
        for (net, epochs, masked) in trained {
            round.candidates.push(Candidate { graph: Graph::Supernet(Box::new(net)), origin: self.name() });
            self.trace.extend(epochs);
            self.masked.extend(masked);
        }
        self.masked.sort_unstable();
        self.masked.dedup();
        round
    }

    fn masked(&self) -> Vec<String> {
        self.masked.clone()
    }

    fn trace(&self) -> &[Epoch] {
        &self.trace
    }
}
