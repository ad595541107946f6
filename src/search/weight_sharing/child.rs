//! [`Child`]: one discrete graph of a supernet, as a sampler makes it.

use crate::relaxation::Supernet;
use crate::search_space::{Combine, Edge, Genotype, GraphNode};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Logit of a choice that was made: 98 % of the weight against seven others.
const CHOSEN: f64 = 6.0;

/// A primitive or nothing on every edge, sum or product at every node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Child {
    /// Index of the primitive of every edge; `None` for an edge that is not there.
    pub(crate) primitive: Vec<Option<usize>>,
    /// Whether a node multiplies.
    pub(crate) product: Vec<bool>,
}

impl Child {
    /// A graph without edges, all nodes of the kind that the layout allows.
    pub(crate) fn empty(net: &Supernet) -> Self {
        Self {
            primitive: vec![None; net.layout.edges()],
            product: vec![net.layout.combine == Combine::Product; net.layout.nodes],
        }
    }

    /// Every edge and every kind of node uniformly at random.
    pub(crate) fn uniform(net: &Supernet, rng: &mut ChaCha8Rng) -> Self {
        let mut child = Self::empty(net);
        for p in &mut child.primitive {
            *p = Some(rng.random_range(0..net.layout.primitives()));
        }
        if net.layout.combine == Combine::Both {
            for p in &mut child.product {
                *p = rng.random_range(0..2) == 1;
            }
        }
        child
    }

    /// The graph with its constants out of those of the supernet.
    pub(crate) fn genotype(&self, net: &Supernet, theta: &[f64]) -> Genotype {
        let layout = &net.layout;
        let nodes = (0..layout.nodes)
            .map(|j| GraphNode {
                product: self.product[j],
                edges: layout
                    .edges_of(j)
                    .zip(layout.sources(j))
                    .filter_map(|(e, from)| {
                        let o = self.primitive[e]?;
                        let primitive = net.primitives()[o].name.clone();
                        let constants = theta[layout.theta(e, o)].to_vec();
                        (primitive != "none").then_some(Edge { from, primitive, weight: 1.0, constants })
                    })
                    .collect(),
            })
            .collect();
        Genotype {
            nodes,
            output_weights: (0..layout.nodes)
                .map(|j| layout.output_weight(j).map_or(1.0, |i| theta[i]))
                .collect(),
            output_bias: layout.bias().map_or(0.0, |i| theta[i]),
            train_output_weights: layout.output_weights,
            train_output_bias: layout.output_bias,
        }
    }

    /// Architecture weights that say this graph; `None` where an edge is missing and the set has no `none`.
    pub(crate) fn alpha(&self, net: &Supernet) -> Option<Vec<f64>> {
        let none = net.primitives().iter().position(|p| p.name == "none");
        let mut alpha = vec![0.0; net.layout.alphas()];
        for (edge, o) in self.primitive.iter().enumerate() {
            alpha[net.layout.alpha(edge, (*o).or(none)?)] = CHOSEN;
        }
        for (j, product) in self.product.iter().enumerate() {
            if let Some(i) = net.layout.gate(j) {
                alpha[i] = if *product { CHOSEN } else { -CHOSEN };
            }
        }
        Some(alpha)
    }
}
