//! Where every number of a supernet stands: edges, architecture weights, constants, output layer.

use crate::search_space::{Combine, Source};
use serde::{Deserialize, Serialize};

/// Number of an edge: edges of node 0 first, each node's in the order constant, inputs, earlier nodes.
pub(crate) type EdgeIndex = usize;

/// The wiring of a supernet, and the positions of its weights in two flat vectors.
///
/// Architecture weights `alpha`: `edges x primitives`, row-major, then one gate per node (the logit of its
/// product side against its sum side) where nodes may do both. Constants `theta`: those of the primitives, edge by
/// edge, then output weights and output bias where they are trained.
///
/// ```
/// # use closedform::{PrimitiveSet, search_space::SearchSpace};
/// # use closedform::relaxation::{Batch, MixtureKind, Supernet, SupernetOptions, Wanted};
/// # let space = SearchSpace::new(PrimitiveSet::parse("add,mult")?, 1)?;
/// # let options = SupernetOptions {
/// #     mixture: MixtureKind::Softmax,
/// #     constant: false,
/// #     output_weights: false,
/// #     output_bias: true,
/// #     logistic_output: false,
/// #     normalise: false,
/// #     zero_centred: false,
/// # };
/// let layout = Supernet::new(&space, 2, options).layout;
/// // Two edges with two primitives and a gate; one constant of `mult` on each edge and the bias.
/// assert_eq!((layout.alphas(), layout.thetas()), (5, 3));
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// Input columns.
    pub(crate) inputs: usize,
    /// Intermediate nodes.
    pub(crate) nodes: usize,
    /// Whether the constant 1 is a source.
    pub(crate) constant: bool,
    /// How nodes combine.
    pub(crate) combine: Combine,
    /// Trainable constants of each primitive.
    pub(crate) constants_of: Vec<usize>,
    /// Whether output weights are trained.
    pub(crate) output_weights: bool,
    /// Whether an output bias is trained.
    pub(crate) output_bias: bool,
}

impl Layout {
    /// Number of primitives per edge.
    pub(crate) fn primitives(&self) -> usize {
        self.constants_of.len()
    }

    /// Sources of node `j`: the constant 1 (where used), inputs, earlier nodes.
    pub(crate) fn sources(&self, node: usize) -> Vec<Source> {
        let mut s = Vec::new();
        if self.constant {
            s.push(Source::One);
        }
        s.extend((0..self.inputs).map(Source::Input));
        s.extend((0..node).map(Source::Node));
        s
    }

    /// The edges of node `j`.
    pub(crate) fn edges_of(&self, node: usize) -> std::ops::Range<EdgeIndex> {
        let base = usize::from(self.constant) + self.inputs;
        let from = node * base + node * node.saturating_sub(1) / 2;
        from..from + base + node
    }

    /// Number of edges.
    pub(crate) fn edges(&self) -> usize {
        self.edges_of(self.nodes - 1).end
    }

    /// Length of `alpha`.
    ///
    /// ```
    /// # use closedform::{PrimitiveSet, search_space::SearchSpace};
    /// # use closedform::relaxation::{Batch, MixtureKind, Supernet, SupernetOptions, Wanted};
    /// # let space = SearchSpace::new(PrimitiveSet::parse("add,mult")?, 1)?;
    /// # let options = SupernetOptions {
    /// #     mixture: MixtureKind::Softmax,
    /// #     constant: false,
    /// #     output_weights: false,
    /// #     output_bias: true,
    /// #     logistic_output: false,
    /// #     normalise: false,
    /// #     zero_centred: false,
    /// # };
    /// assert_eq!(Supernet::new(&space, 3, options).layout.alphas(), 3 * 2 + 1);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn alphas(&self) -> usize {
        self.edges() * self.primitives() + if self.combine == Combine::Both { self.nodes } else { 0 }
    }

    /// Position of the architecture weight of a primitive on an edge.
    pub(crate) fn alpha(&self, edge: EdgeIndex, primitive: usize) -> usize {
        edge * self.primitives() + primitive
    }

    /// Position of a node's gate, where nodes may add or multiply.
    pub(crate) fn gate(&self, node: usize) -> Option<usize> {
        (self.combine == Combine::Both).then(|| self.edges() * self.primitives() + node)
    }

    /// Constants of one edge.
    fn constants_per_edge(&self) -> usize {
        self.constants_of.iter().sum()
    }

    /// Positions in `theta` of the constants of a primitive on an edge.
    pub(crate) fn theta(&self, edge: EdgeIndex, primitive: usize) -> std::ops::Range<usize> {
        let before: usize = self.constants_of[..primitive].iter().sum();
        let from = edge * self.constants_per_edge() + before;
        from..from + self.constants_of[primitive]
    }

    /// Position in `theta` of the output weight of a node, where trained.
    pub(crate) fn output_weight(&self, node: usize) -> Option<usize> {
        self.output_weights.then(|| self.edges() * self.constants_per_edge() + node)
    }

    /// Position in `theta` of the output bias, where trained.
    pub(crate) fn bias(&self) -> Option<usize> {
        self.output_bias.then(|| {
            self.edges() * self.constants_per_edge() + if self.output_weights { self.nodes } else { 0 }
        })
    }

    /// Length of `theta`.
    ///
    /// ```
    /// # use closedform::{PrimitiveSet, search_space::SearchSpace};
    /// # use closedform::relaxation::{Batch, MixtureKind, Supernet, SupernetOptions, Wanted};
    /// # let space = SearchSpace::new(PrimitiveSet::parse("add,mult")?, 1)?;
    /// # let options = SupernetOptions {
    /// #     mixture: MixtureKind::Softmax,
    /// #     constant: false,
    /// #     output_weights: false,
    /// #     output_bias: true,
    /// #     logistic_output: false,
    /// #     normalise: false,
    /// #     zero_centred: false,
    /// # };
    /// assert_eq!(Supernet::new(&space, 3, options).layout.thetas(), 3 + 1);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn thetas(&self) -> usize {
        self.edges() * self.constants_per_edge()
            + if self.output_weights { self.nodes } else { 0 }
            + usize::from(self.output_bias)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_follow_each_other() {
        let l = Layout {
            inputs: 2,
            nodes: 3,
            constant: true,
            combine: Combine::Both,
            constants_of: vec![0, 1, 2],
            output_weights: true,
            output_bias: true,
        };
        assert_eq!((l.edges_of(0), l.edges_of(1), l.edges_of(2)), (0..3, 3..7, 7..12));
        assert_eq!(l.sources(2).len(), 5);
        assert_eq!(l.alphas(), 12 * 3 + 3);
        assert_eq!(l.thetas(), 12 * 3 + 3 + 1);
        assert_eq!(l.theta(1, 2), 4..6);
        assert_eq!(l.bias(), Some(39));
    }
}
