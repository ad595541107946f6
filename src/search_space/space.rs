//! [`SearchSpace`]: primitives, number of nodes, wiring.

use super::PrimitiveSet;
use crate::error::Error;
use serde::{Deserialize, Serialize};

/// How a node combines what its edges bring.
///
/// ```
/// use closedform::{SymbolicRegressor, search_space::Combine};
/// // The graph of AutoRA's DARTS: nodes add, nothing else.
/// let regressor = SymbolicRegressor::builder().combine(Combine::Sum).nodes(2).build()?;
/// # let _ = regressor;
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// Every node adds: AutoRA's graph.
    Sum,
    /// Every node multiplies.
    Product,
    /// Each node has one sum and one product side, weighted by an architecture weight of its own.
    #[default]
    Both,
}

/// What a graph may be built from.
///
/// ```
/// use closedform::PrimitiveSet;
/// use closedform::search_space::{Combine, SearchSpace};
/// let sums = SearchSpace { primitives: PrimitiveSet::SEED, nodes: 2, combine: Combine::Sum };
/// assert_ne!(sums, SearchSpace::new(PrimitiveSet::SEED, 2)?); // where nodes may multiply as well
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SearchSpace {
    /// The primitives of an edge.
    pub primitives: PrimitiveSet,
    /// Intermediate nodes, at least 1.
    pub nodes: usize,
    /// How nodes combine their inputs.
    pub combine: Combine,
}

impl SearchSpace {
    /// A space with nodes of both kinds.
    ///
    /// ```
    /// use closedform::{PrimitiveSet, search_space::SearchSpace};
    /// assert_eq!(SearchSpace::new(PrimitiveSet::SEED, 2)?.nodes, 2);
    /// assert!(SearchSpace::new(PrimitiveSet::SEED, 0).is_err());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there is no node or no primitive.
    pub fn new(primitives: PrimitiveSet, nodes: usize) -> Result<Self, Error> {
        if nodes == 0 {
            return Err(Error::options("nodes: expected 1 or more intermediate nodes, got 0"));
        }
        if primitives.names().is_empty() {
            return Err(Error::options("primitives: expected at least one"));
        }
        Ok(Self { primitives, nodes, combine: Combine::default() })
    }

    /// Number of edges for `inputs` input columns: every earlier node feeds every later one, and so does the
    /// constant 1 where it is a source.
    pub(crate) fn edges(&self, inputs: usize, constant: bool) -> usize {
        let sources = inputs + usize::from(constant);
        self.nodes * sources + self.nodes * (self.nodes - 1) / 2
    }

    /// The logarithm of the number of discrete graphs: one primitive per edge, one kind per node. The constant
    /// counts as a source where nodes may multiply.
    pub(crate) fn ln_graphs(&self, inputs: usize) -> f64 {
        let edges = self.edges(inputs, self.combine != Combine::Sum) as f64;
        let kinds =
            if self.combine == Combine::Both { self.nodes as f64 * std::f64::consts::LN_2 } else { 0.0 };
        edges * (self.primitives.names().len() as f64).ln() + kinds
    }
}
