//! The one trait behind every search method.

use super::darts::Epoch;
use super::{Control, Problem};
use crate::expr::Expr;
use crate::relaxation::TrainedSupernet;
use crate::search_space::Genotype;

/// What a strategy found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub(crate) enum Graph {
    /// An expression in the original variables and the original target, with fitted constants.
    Expr(Expr),
    /// A discrete architecture; its constants are starts.
    Genotype(Genotype),
    /// A trained supernet, for the discretiser.
    Supernet(Box<TrainedSupernet>),
}

/// A proposal of a strategy.
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
/// let round = SemanticBank::new().round(&problem, &[], &Control::unlimited());
/// assert_eq!(round.candidates[0].origin, "bank");
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Candidate {
    /// What was found.
    pub(crate) graph: Graph,
    /// The stage that found it, for the report.
    pub origin: &'static str,
}

impl Candidate {
    /// An expression.
    pub(crate) fn new(expr: Expr, origin: &'static str) -> Self {
        Self { graph: Graph::Expr(expr), origin }
    }

    /// The expression, where that is what was found.
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
    /// let round = SemanticBank::new().round(&problem, &[], &Control::unlimited());
    /// assert!(round.candidates[0].expr().is_some());
    /// // DARTS hands over supernets, which become expressions in the discretiser.
    /// let mut darts = Darts::new(DartsOptions { epochs: 1, restarts: 1, ..DartsOptions::default() }, false);
    /// assert!(darts.round(&problem, &[], &Control::unlimited()).candidates[0].expr().is_none());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn expr(&self) -> Option<&Expr> {
        match &self.graph {
            Graph::Expr(expr) => Some(expr),
            _ => None,
        }
    }
}

/// What is on the front, as strategies see it.
///
/// ```
/// use closedform::expr::{complexity, parse};
/// use closedform::search::Known;
/// let expr = parse("3*ln(t)", &["t"])?;
/// let known = Known { complexity: complexity(&expr), mse: 0.5, expr };
/// assert_eq!(known.complexity, 4);
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The refitted expression.
    pub expr: Expr,
    /// Its mean squared error over the training rows.
    pub mse: f64,
    /// Its complexity.
    pub complexity: u32,
}

/// The outcome of a round.
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
/// let mut darts = Darts::new(DartsOptions { epochs: 0, restarts: 5, ..DartsOptions::default() }, false);
/// let rounds = [0, 1].map(|_| darts.round(&problem, &[], &Control::unlimited()));
/// // Four restarts in the first round, the last one in the second.
/// assert_eq!(rounds.map(|r| (r.candidates.len(), r.finished)), [(4, false), (1, true)]);
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Round {
    /// What was found, in a fixed order.
    pub candidates: Vec<Candidate>,
    /// True when the strategy has nothing more to try.
    pub finished: bool,
}

/// A method that searches the space.
///
/// ```
/// use closedform::search::{Candidate, Control, Known, Problem, Round, SearchStrategy};
/// /// Tries nothing.
/// struct Idle;
/// impl SearchStrategy for Idle {
///     fn name(&self) -> &'static str {
///         "idle"
///     }
///     fn round(&mut self, _: &Problem<'_>, _: &[Known], _: &Control) -> Round {
///         Round { candidates: Vec::new(), finished: true }
///     }
/// }
/// assert_eq!((Idle.name(), Idle.masked().len(), Idle.trace().len()), ("idle", 0, 0));
/// ```
pub trait SearchStrategy: Send {
    /// Name on the command line.
    ///
    /// ```
    /// use closedform::search::{SearchStrategy, SemanticBank};
    /// assert_eq!(SemanticBank::new().name(), "bank");
    /// ```
    fn name(&self) -> &'static str;

    /// One round of work, a fraction of a second to a few seconds long. It must be a function of the problem, the
    /// front and the strategy's own state alone (same result on any number of threads), except that it returns
    /// early, with what it has, once `control` says stop.
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
    /// let first = || SemanticBank::new().round(&problem, &[], &Control::unlimited()).candidates[0].expr().cloned();
    /// assert_eq!(first(), first());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    fn round(&mut self, problem: &Problem<'_>, front: &[Known], control: &Control) -> Round;

    /// Primitives that were masked somewhere because they overflow on the data.
    ///
    /// ```
    /// # use closedform::search::darts::{Darts, DartsOptions};
    /// # use closedform::search::{Control, Problem, SearchStrategy, SemanticBank};
    /// # use closedform::{PrimitiveSet, Split, search_space::SearchSpace};
    /// # let x: Vec<f64> = (0..60).map(|i| 1.0 + f64::from(i) / 20.0).collect();
    /// # let y: Vec<f64> = x.iter().map(|x| 3.0 * x.ln() + 1.0).collect();
    /// # let columns = [x.as_slice()];
    /// # let (split, space) = (Split::random(60, 0.25, 1), SearchSpace::new(PrimitiveSet::SCIENCE, 1)?);
    /// let large: Vec<f64> = x.iter().map(|x| 500.0 * x).collect();
    /// let columns = [large.as_slice()];
    /// let space = SearchSpace::new(PrimitiveSet::parse("add,exp")?, 1)?;
    /// # let problem = Problem { columns: &columns, target: &y, weights: None, split: &split, space: &space, seed: 1 };
    /// let mut darts = Darts::new(DartsOptions { epochs: 1, restarts: 1, ..DartsOptions::default() }, false);
    /// darts.round(&problem, &[], &Control::unlimited());
    /// assert_eq!(darts.masked(), ["exp"]); // exp(500) is beyond what a supernet counts with
    /// # Ok::<(), closedform::Error>(())
    /// ```
    fn masked(&self) -> Vec<String> {
        Vec::new()
    }

    /// The trajectory of the architecture weights so far.
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
    /// let mut darts = Darts::new(DartsOptions { epochs: 3, restarts: 1, ..DartsOptions::default() }, false);
    /// darts.round(&problem, &[], &Control::unlimited());
    /// assert_eq!(darts.trace().iter().map(|e| e.epoch).collect::<Vec<usize>>(), [1, 2, 3]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    fn trace(&self) -> &[Epoch] {
        &[]
    }
}
