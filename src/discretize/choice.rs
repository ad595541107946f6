//! [`Choice`]: one primitive per edge and one kind per node.

use crate::relaxation::{Layout, Supernet, TrainedSupernet};
use crate::search_space::{Combine, Edge, Genotype, GraphNode};
use rand::{Rng, RngExt};

/// A discrete graph of a supernet.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Choice {
    /// Index of the primitive of every edge.
    pub(crate) primitive: Vec<usize>,
    /// Whether a node multiplies.
    pub(crate) product: Vec<bool>,
}

impl Choice {
    /// The largest weight of every edge; ties go to the primitive that comes first.
    pub(crate) fn argmax(trained: &TrainedSupernet) -> Self {
        Self::pick(
            trained,
            |weights| {
                let mut best = 0;
                for (o, w) in weights.iter().enumerate() {
                    if *w > weights[best] {
                        best = o;
                    }
                }
                best
            },
            |gate| gate > 0.5,
        )
    }

    /// The graph of the largest weights with at most `fan_in` edges into each node, as DARTS takes it out: of the
    /// others those go that have not got half of the weight on one primitive. Without `none` in the set all stay.
    pub(crate) fn strongest(trained: &TrainedSupernet, fan_in: usize) -> Self {
        let net = &trained.supernet;
        let mut choice = Self::argmax(trained);
        let Some(none) = net.primitives().iter().position(|p| p.name == "none") else { return choice };
        for node in 0..net.layout.nodes {
            let mut edges: Vec<(usize, f64)> = net
                .layout
                .edges_of(node)
                .filter(|e| choice.primitive[*e] != none && net.active[net.layout.alpha(*e, none)])
                .map(|e| (e, net.edge_weights(&trained.alpha, e)[choice.primitive[e]]))
                .collect();
            edges.sort_by(|a, b| b.1.total_cmp(&a.1));
            for &(edge, _) in edges.iter().skip(fan_in).filter(|(_, weight)| *weight < 0.5) {
                choice.primitive[edge] = none;
            }
        }
        choice
    }

    /// One draw per edge in proportion to its weights.
    pub(crate) fn sample(trained: &TrainedSupernet, rng: &mut impl Rng) -> Self {
        let rng = std::cell::RefCell::new(rng);
        Self::pick(
            trained,
            |weights| {
                let total: f64 = weights.iter().sum();
                let mut u = rng.borrow_mut().random_range(0.0..1.0) * total;
                for (o, w) in weights.iter().enumerate() {
                    u -= w;
                    if u < 0.0 {
                        return o;
                    }
                }
                weights.iter().rposition(|w| *w > 0.0).unwrap_or(0)
            },
            |gate| rng.borrow_mut().random_range(0.0..1.0) < gate,
        )
    }

    fn pick(
        trained: &TrainedSupernet,
        mut edge: impl FnMut(&[f64]) -> usize,
        mut node: impl FnMut(f64) -> bool,
    ) -> Self {
        let net = &trained.supernet;
        let primitive = (0..net.layout.edges()).map(|e| edge(&net.edge_weights(&trained.alpha, e))).collect();
        let product = (0..net.layout.nodes).map(|j| node(net.gate_weight(&trained.alpha, j))).collect();
        Self { primitive, product }
    }

    /// The graph with its constants (positions as in [`Layout`]) and, for the report, its weights.
    pub(crate) fn genotype(&self, net: &Supernet, alpha: &[f64], theta: &[f64]) -> Genotype {
        let layout = &net.layout;
        let nodes = (0..layout.nodes)
            .map(|j| GraphNode {
                product: self.product[j],
                edges: layout
                    .edges_of(j)
                    .zip(layout.sources(j))
                    .filter(|(e, _)| net.primitives()[self.primitive[*e]].name != "none")
                    .map(|(e, from)| Edge {
                        from,
                        primitive: net.primitives()[self.primitive[e]].name.clone(),
                        weight: net.edge_weights(alpha, e)[self.primitive[e]],
                        constants: theta[layout.theta(e, self.primitive[e])].to_vec(),
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

    /// The way back from [`Choice::genotype`]: the graph, and all constants with those of the graph in their places.
    /// `None` where the genotype is not one of this supernet.
    pub(crate) fn of(genotype: &Genotype, net: &Supernet, theta: &[f64]) -> Option<(Self, Vec<f64>)> {
        let layout = &net.layout;
        let place = |name: &str| net.primitives().iter().position(|p| p.name == name);
        if genotype.nodes.len() != layout.nodes || genotype.output_weights.len() != layout.nodes {
            return None;
        }
        let mut theta = theta.to_vec();
        let mut primitive = Vec::new();
        for (j, node) in genotype.nodes.iter().enumerate() {
            for (e, from) in layout.edges_of(j).zip(layout.sources(j)) {
                let Some(edge) = node.edges.iter().find(|edge| edge.from == from) else {
                    primitive.push(place("none")?);
                    continue;
                };
                let o = place(&edge.primitive)?;
                let constants = &mut theta[layout.theta(e, o)];
                if constants.len() != edge.constants.len() {
                    return None;
                }
                constants.copy_from_slice(&edge.constants);
                primitive.push(o);
            }
            if let Some(i) = layout.output_weight(j) {
                theta[i] = genotype.output_weights[j];
            }
        }
        if let Some(i) = layout.bias() {
            theta[i] = genotype.output_bias;
        }
        let product = genotype.nodes.iter().map(|n| n.product).collect();
        Some((Self { primitive, product }, theta))
    }

    /// Kinds of node that a layout allows.
    pub(crate) fn kinds(layout: &Layout) -> &'static [bool] {
        match layout.combine {
            Combine::Sum => &[false],
            Combine::Product => &[true],
            Combine::Both => &[false, true],
        }
    }
}
