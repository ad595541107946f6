//! What a strategy is given.

use crate::data::Split;
use crate::search_space::SearchSpace;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The data and the space of a search.
///
/// For a probability or count target the pipeline hands over the target as it is, and the output function is
/// applied by the pipeline's loss; strategies search for a formula of the target itself.
///
/// ```
/// # use closedform::search::darts::{Darts, DartsOptions};
/// # use closedform::search::{Control, Problem, SearchStrategy, SemanticBank};
/// # use closedform::{PrimitiveSet, Split, search_space::SearchSpace};
/// # let x: Vec<f64> = (0..60).map(|i| 1.0 + f64::from(i) / 20.0).collect();
/// # let y: Vec<f64> = x.iter().map(|x| 3.0 * x.ln() + 1.0).collect();
/// # let columns = [x.as_slice()];
/// # let (split, space) = (Split::random(60, 0.25, 1), SearchSpace::new(PrimitiveSet::SCIENCE, 1)?);
/// let problem =
///     Problem { columns: &columns, target: &y, weights: None, split: &split, space: &space, seed: 1 };
/// let round = SemanticBank::new().round(&problem, &[], &Control::unlimited());
/// assert!(!round.candidates.is_empty());
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Problem<'a> {
    /// Input columns, all rows.
    pub columns: &'a [&'a [f64]],
    /// Target, all rows.
    pub target: &'a [f64],
    /// Row weights, if any.
    pub weights: Option<&'a [f64]>,
    /// Rows to fit constants on and rows to judge structures on.
    pub split: &'a Split,
    /// What may be found.
    pub space: &'a SearchSpace,
    /// Seed of every random choice.
    pub seed: u64,
}

/// When to stop, and how much was done: shared between threads.
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
/// let control = Control::unlimited();
/// SemanticBank::new().round(&problem, &[], &control);
/// assert!(control.evaluations() > 0);
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Control {
    interrupted: Arc<AtomicBool>,
    deadline: Option<Instant>,
    most_evaluations: u64,
    evaluations: Arc<AtomicU64>,
    /// Evaluations since [`Control::counted`], beside those of all.
    counted: Arc<Counter>,
}

/// A count that is part of another.
#[derive(Debug, Default)]
struct Counter {
    own: AtomicU64,
    within: Option<Arc<Counter>>,
}

impl Counter {
    fn add(&self, evaluations: u64) {
        self.own.fetch_add(evaluations, Ordering::Relaxed);
        if let Some(outer) = &self.within {
            outer.add(evaluations);
        }
    }
}

impl Control {
    /// No limit, or one of so much wall time from now. Setting `interrupted` (Ctrl-C) stops as well.
    pub(crate) fn new(limit: Option<Duration>, interrupted: Arc<AtomicBool>) -> Self {
        Self {
            interrupted,
            deadline: limit.map(|l| Instant::now() + l),
            most_evaluations: u64::MAX,
            evaluations: Arc::new(AtomicU64::new(0)),
            counted: Arc::default(),
        }
    }

    /// The same with a limit on evaluations. Where it ends the search is the same in every run only on a single
    /// thread.
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
    /// let limited = Control::unlimited().most_evaluations(0);
    /// let mut darts = Darts::new(DartsOptions { epochs: 5, restarts: 1, ..DartsOptions::default() }, false);
    /// darts.round(&problem, &[], &limited);
    /// assert!(darts.trace().len() < 5);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    #[must_use]
    pub fn most_evaluations(mut self, most: u64) -> Self {
        self.most_evaluations = most;
        self
    }

    /// Without any limit.
    ///
    /// ```
    /// use closedform::search::Control;
    /// assert_eq!(Control::unlimited().evaluations(), 0);
    /// ```
    pub fn unlimited() -> Self {
        Self::new(None, Arc::new(AtomicBool::new(false)))
    }

    /// True once the search has to end; long loops ask about every millisecond.
    pub(crate) fn is_stopped(&self) -> bool {
        self.is_interrupted() || self.is_out_of_evaluations() || self.is_out_of_time()
    }

    /// True when a person has asked for the end.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// True when the time is over.
    pub(crate) fn is_out_of_time(&self) -> bool {
        self.deadline.is_some_and(|d| Instant::now() >= d)
    }

    /// True when the limit on evaluations is reached.
    pub(crate) fn is_out_of_evaluations(&self) -> bool {
        self.evaluations() >= self.most_evaluations
    }

    /// Whether evaluations are limited at all.
    pub(crate) fn limits_evaluations(&self) -> bool {
        self.most_evaluations < u64::MAX
    }

    /// Restarts per round: `usual`, or one under a limit on evaluations, which would otherwise cut all of them
    /// before any has been discretised. Fixed either way, so that results do not depend on the number of threads.
    pub(crate) fn per_round(&self, usual: usize) -> usize {
        if self.limits_evaluations() { 1 } else { usual }
    }

    /// Counts evaluations of an expression (or of a partial derivative of it) over the rows.
    pub(crate) fn count(&self, evaluations: u64) {
        self.evaluations.fetch_add(evaluations, Ordering::Relaxed);
        self.counted.add(evaluations);
    }

    /// The same limits and counts, with a count of its own beside them that begins at zero.
    pub(crate) fn counted(&self) -> Self {
        Self {
            counted: Arc::new(Counter { own: AtomicU64::new(0), within: Some(Arc::clone(&self.counted)) }),
            ..self.clone()
        }
    }

    /// Evaluations through this copy since [`Control::counted`].
    pub(crate) fn counted_evaluations(&self) -> u64 {
        self.counted.own.load(Ordering::Relaxed)
    }

    /// Evaluations so far.
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
    /// let (short, long) = (Control::unlimited(), Control::unlimited());
    /// for (epochs, control) in [(1, &short), (4, &long)] {
    ///     let options = DartsOptions { epochs, restarts: 1, ..DartsOptions::default() };
    ///     Darts::new(options, false).round(&problem, &[], control);
    /// }
    /// assert!(long.evaluations() > 2 * short.evaluations());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn evaluations(&self) -> u64 {
        self.evaluations.load(Ordering::Relaxed)
    }
}
