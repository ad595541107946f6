//! The expression language of the e-graph, and expressions going in and coming out.

use crate::expr::{Expr, ExprBuilder, Node, NodeId, Op, Primitive};
use egg::{Id, Language, RecExpr};

/// A node of the e-graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Math {
    /// An exact number, by its bits.
    Number(u64),
    /// A free fitted constant: an index of `Ranges::values`.
    Fitted(u32),
    /// A fitted constant that occurs more than once.
    Shared(u32),
    Variable(u32),
    Unary(Op, Id),
    Binary(Op, [Id; 2]),
}

impl Math {
    pub(super) fn number(value: f64) -> Self {
        // One zero: -0 and 0 are the same number of a formula.
        Math::Number((value + 0.0).to_bits())
    }
}

impl Language for Math {
    type Discriminant = Math;

    fn discriminant(&self) -> Math {
        // Leaves are distinct by their contents, functions by the function.
        match *self {
            Math::Unary(op, _) => Math::Unary(op, Id::from(0)),
            Math::Binary(op, _) => Math::Binary(op, [Id::from(0); 2]),
            ref leaf => leaf.clone(),
        }
    }

    fn matches(&self, other: &Self) -> bool {
        match (self, other) {
            (Math::Unary(f, _), Math::Unary(g, _)) | (Math::Binary(f, _), Math::Binary(g, _)) => f == g,
            (a, b) => a == b,
        }
    }

    fn children(&self) -> &[Id] {
        match self {
            Math::Unary(_, a) => std::slice::from_ref(a),
            Math::Binary(_, ab) => ab,
            _ => &[],
        }
    }

    fn children_mut(&mut self) -> &mut [Id] {
        match self {
            Math::Unary(_, a) => std::slice::from_mut(a),
            Math::Binary(_, ab) => ab,
            _ => &mut [],
        }
    }
}

/// Nodes of the patterns in the rules: numbers, and functions by the name in the table of primitives or by
/// their sign.
impl egg::FromOp for Math {
    type Error = String;

    fn from_op(op: &str, children: Vec<Id>) -> Result<Self, String> {
        if children.is_empty() {
            return op.parse().map(Math::number).map_err(|_| format!("`{op}` is not a number"));
        }
        let name = match op {
            "+" => "plus",
            "-" => "minus",
            "*" => "times",
            "/" => "divide",
            "^" => "pow",
            name => name,
        };
        let found = Op::ALL.into_iter().find(|op| Primitive::name_of(*op) == name);
        match (found, children.as_slice()) {
            (Some(op), &[a]) if op.arity() == 1 => Ok(Math::Unary(op, a)),
            (Some(op), &[a, b]) if op.arity() == 2 => Ok(Math::Binary(op, [a, b])),
            _ => Err(format!("`{op}` with {} arguments is not in the table", children.len())),
        }
    }
}

impl std::fmt::Display for Math {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Math::Number(bits) => write!(f, "{}", f64::from_bits(*bits)),
            Math::Fitted(i) | Math::Shared(i) => write!(f, "p{i}"),
            Math::Variable(i) => write!(f, "x{i}"),
            Math::Unary(op, _) | Math::Binary(op, _) => write!(f, "{}", Primitive::name_of(*op)),
        }
    }
}

/// An expression for the e-graph. A fitted constant that the written-out formula shows more than once is shared.
pub(super) fn to_graph(expr: &Expr) -> RecExpr<Math> {
    let nodes = expr.nodes();
    let mut uses = vec![0u32; nodes.len()];
    uses[nodes.len() - 1] = 1;
    for i in (0..nodes.len()).rev() {
        let n = uses[i];
        let mut used = |a: NodeId| uses[a as usize] = uses[a as usize].saturating_add(n);
        match nodes[i] {
            Node::Unary(_, a) => used(a),
            Node::Binary(_, a, b) => {
                used(a);
                used(b);
            }
            _ => {}
        }
    }
    let mut graph = RecExpr::default();
    let mut ids: Vec<Id> = Vec::with_capacity(nodes.len());
    for (i, node) in nodes.iter().enumerate() {
        ids.push(graph.add(match *node {
            Node::Constant(c) => Math::number(c),
            Node::Parameter(p) if uses[i] > 1 => Math::Shared(p),
            Node::Parameter(p) => Math::Fitted(p),
            Node::Variable(v) => Math::Variable(v),
            Node::Unary(op, a) => Math::Unary(op, ids[a as usize]),
            Node::Binary(op, a, b) => Math::Binary(op, [ids[a as usize], ids[b as usize]]),
        }));
    }
    graph
}

/// The expression that was extracted; `values` holds the fitted constants.
pub(super) fn from_graph(graph: &RecExpr<Math>, values: &[f64]) -> Expr {
    let mut builder = ExprBuilder::new();
    let mut parameters: std::collections::BTreeMap<u32, NodeId> = Default::default();
    let mut ids: Vec<NodeId> = Vec::with_capacity(graph.len());
    for node in graph.as_ref() {
        let at = |id: Id| ids[usize::from(id)];
        ids.push(match *node {
            Math::Number(bits) => builder.constant(f64::from_bits(bits)),
            Math::Fitted(i) | Math::Shared(i) => {
                *parameters.entry(i).or_insert_with(|| builder.parameter(values[i as usize]))
            }
            Math::Variable(v) => builder.variable(v as usize),
            Math::Unary(op, a) => builder.unary(op, at(a)),
            Math::Binary(op, [a, b]) => builder.binary(op, at(a), at(b)),
        });
    }
    let root = ids[ids.len() - 1];
    builder.finish(root)
}
