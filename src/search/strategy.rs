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
    pub fn expr(&self) -> Option<&Expr> {
        match &self.graph {
            Graph::Expr(expr) => Some(expr),
            _ => None,
        }
    }
}

/// What is on the front, as strategies see it.
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
#[derive(Clone, Debug, Default)]
pub struct Round {
    /// What was found, in a fixed order.
    pub candidates: Vec<Candidate>,
    /// True when the strategy has nothing more to try.
    pub finished: bool,
}

/// A method that searches the space.
pub trait SearchStrategy: Send {
    /// Name on the command line.
    fn name(&self) -> &'static str;

    /// One round of work, a fraction of a second to a few seconds long. It must be a function of the problem, the
    /// front and the strategy's own state alone (same result on any number of threads), except that it returns
    /// early, with what it has, once `control` says stop.
    fn round(&mut self, problem: &Problem<'_>, front: &[Known], control: &Control) -> Round;

    /// Primitives that were masked somewhere because they overflow on the data.
    fn masked(&self) -> Vec<String> {
        Vec::new()
    }

    /// The trajectory of the architecture weights so far.
    fn trace(&self) -> &[Epoch] {
        &[]
    }
}
