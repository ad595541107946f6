//! [`Genotype`]: a discrete architecture, as it is written to JSON.

use super::PrimitiveSet;
use crate::error::Error;
use crate::expr::{Expr, ExprBuilder, NodeId, Op};
use serde::{Deserialize, Serialize};

/// Where an edge comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// The constant 1.
    One,
    /// An input column.
    Input(usize),
    /// An earlier node.
    Node(usize),
}

/// An edge with its one primitive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Edge {
    /// Where it comes from.
    pub(crate) from: Source,
    /// Name of its primitive.
    pub(crate) primitive: String,
    /// Architecture weight of the primitive on the edge when it was chosen, 0 to 1.
    pub(crate) weight: f64,
    /// Values of the primitive's trainable constants.
    pub(crate) constants: Vec<f64>,
}

/// A node: the edges that reach it, and whether it adds or multiplies them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GraphNode {
    /// Multiplies instead of adding.
    pub(crate) product: bool,
    /// The edges; `none` edges are left out.
    pub(crate) edges: Vec<Edge>,
}

/// A discrete architecture: nodes in order, and the output layer `sum_i weight_i node_i + bias`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Genotype {
    /// Intermediate nodes.
    pub(crate) nodes: Vec<GraphNode>,
    /// Weight of each node in the output.
    pub(crate) output_weights: Vec<f64>,
    /// Constant term of the output.
    pub(crate) output_bias: f64,
    /// Whether the weights of the output layer are fitted (otherwise they stay as they are).
    pub(crate) train_output_weights: bool,
    /// Whether the constant term of the output is fitted.
    pub(crate) train_output_bias: bool,
}

impl Genotype {
    /// The architecture as an expression. Constants of primitives and of trained output layers become fitted
    /// parameters; a node of weight exactly 0 in the output is left out of the sum.
    ///
    /// # Errors
    /// If a primitive is not in the set, or an edge comes from a later node.
    pub(crate) fn to_expr(&self, primitives: &PrimitiveSet) -> Result<Expr, Error> {
        let known = primitives.primitives();
        let mut g = ExprBuilder::new();
        let mut nodes: Vec<NodeId> = Vec::new();
        for (j, node) in self.nodes.iter().enumerate() {
            let mut total: Option<NodeId> = None;
            for edge in &node.edges {
                let primitive = known.iter().find(|p| p.name == edge.primitive).ok_or_else(|| {
                    Error::model(format!(
                        "the architecture uses the primitive `{}`, which is not in the set",
                        edge.primitive
                    ))
                })?;
                let source = match edge.from {
                    Source::One => g.constant(1.0),
                    Source::Input(i) => g.variable(i),
                    Source::Node(k) if k < j => nodes[k],
                    Source::Node(k) => {
                        return Err(Error::model(format!("node {j} of the architecture reads node {k}")));
                    }
                };
                let template = primitive.template();
                if template.parameters().len() != edge.constants.len() {
                    return Err(Error::model(format!(
                        "primitive `{}` has {} constants, the architecture gives {}",
                        edge.primitive,
                        template.parameters().len(),
                        edge.constants.len()
                    )));
                }
                let constants: Vec<NodeId> = edge.constants.iter().map(|c| g.parameter(*c)).collect();
                let value = g.import_with(template, |_, n| match n {
                    crate::expr::Node::Variable(_) => Some(source),
                    crate::expr::Node::Parameter(p) => Some(constants[p as usize]),
                    _ => None,
                });
                let op = if node.product { Op::Mul } else { Op::Add };
                total = Some(match total {
                    Some(t) => g.binary(op, t, value),
                    None => value,
                });
            }
            nodes.push(total.unwrap_or_else(|| g.constant(0.0)));
        }
        let mut root: Option<NodeId> = None;
        for (node, &w) in nodes.iter().zip(&self.output_weights) {
            let term = if self.train_output_weights && w != 0.0 {
                let p = g.parameter(w);
                g.binary(Op::Mul, p, *node)
            } else if w == 1.0 {
                *node
            } else if w == 0.0 {
                continue;
            } else {
                let c = g.constant(w);
                g.binary(Op::Mul, c, *node)
            };
            root = Some(root.map_or(term, |r| g.binary(Op::Add, r, term)));
        }
        if self.train_output_bias || self.output_bias != 0.0 {
            let b = if self.train_output_bias {
                g.parameter(self.output_bias)
            } else {
                g.constant(self.output_bias)
            };
            root = Some(root.map_or(b, |r| g.binary(Op::Add, r, b)));
        }
        let root = root.unwrap_or_else(|| g.constant(0.0));
        Ok(g.finish(root))
    }
}
