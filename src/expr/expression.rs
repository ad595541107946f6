//! [`Expr`]: an expression as a hash-consed DAG with its constants.

use super::{Number, Op, Tape};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Position of a node in its [`Expr`] or [`ExprBuilder`].
///
/// ```
/// use closedform::expr::{NodeId, parse};
/// let law = parse("exp(t)", &["t"])?;
/// let root: NodeId = law.root();
/// assert_eq!(root as usize, law.nodes().len() - 1);
/// # Ok::<(), closedform::Error>(())
/// ```
pub type NodeId = u32;

/// A node of an expression. Arguments stand before the node that uses them.
///
/// ```
/// use closedform::expr::{Node, parse};
/// let law = parse("2*t", &["t"])?;
/// assert_eq!(law.nodes()[law.root() as usize - 1], Node::Variable(0));
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// An exact number: part of the formula's structure (the 2 in `x^2`, a snapped `pi`), never refitted.
    Constant(f64),
    /// A fitted number: index into [`Expr::parameters`].
    Parameter(u32),
    /// An input: index of the column in the data set.
    Variable(u32),
    /// A function of one argument.
    Unary(Op, NodeId),
    /// A function of two arguments.
    Binary(Op, NodeId, NodeId),
}

/// A closed-form expression: a DAG in which equal parts exist once, and the values of its fitted constants.
///
/// Nodes are in topological order, the root comes last. An `Expr` that comes out of [`ExprBuilder::finish`] (and
/// so every one in this crate) holds no unreachable node, and its parameters are numbered in order of their
/// first use; two expressions of equal structure therefore compare equal.
///
/// ```
/// use closedform::expr::{Expr, Op};
/// let x = Expr::variable(0);
/// let law = Expr::parameter(2.0) * x.clone() + (Expr::parameter(5.0) * x).apply(Op::Exp);
/// assert_eq!(law.parameters(), &[2.0, 5.0]);
/// assert_eq!(law.evaluate_row(&[0.0]), 1.0);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawExpr")]
pub struct Expr {
    nodes: Vec<Node>,
    parameters: Vec<f64>,
}

/// An expression as read from a file, before its indices are checked.
#[derive(Deserialize)]
struct RawExpr {
    nodes: Vec<Node>,
    parameters: Vec<f64>,
}

impl TryFrom<RawExpr> for Expr {
    type Error = String;

    fn try_from(raw: RawExpr) -> Result<Self, String> {
        if raw.nodes.is_empty() {
            return Err("an expression without nodes".into());
        }
        for (i, node) in raw.nodes.iter().enumerate() {
            let ok = match *node {
                Node::Constant(_) | Node::Variable(_) => true,
                Node::Parameter(p) => (p as usize) < raw.parameters.len(),
                Node::Unary(op, a) => op.arity() == 1 && (a as usize) < i,
                Node::Binary(op, a, b) => op.arity() == 2 && (a as usize) < i && (b as usize) < i,
            };
            if !ok {
                return Err(format!("node {i} of the expression is malformed: {node:?}"));
            }
        }
        Ok(Expr { nodes: raw.nodes, parameters: raw.parameters })
    }
}

impl Expr {
    /// The input in column `index`.
    ///
    /// ```
    /// use closedform::expr::Expr;
    /// assert_eq!(Expr::variable(1).evaluate_row(&[10.0, 20.0]), 20.0);
    /// ```
    pub fn variable(index: usize) -> Self {
        Self { nodes: vec![Node::Variable(index as u32)], parameters: Vec::new() }
    }

    /// An exact number.
    ///
    /// ```
    /// use closedform::expr::Expr;
    /// let half = Expr::constant(0.5);
    /// assert_eq!((half.evaluate_row(&[]), half.parameters().len()), (0.5, 0));
    /// ```
    pub fn constant(value: f64) -> Self {
        Self { nodes: vec![Node::Constant(value)], parameters: Vec::new() }
    }

    /// A fitted number with its present value.
    ///
    /// ```
    /// use closedform::expr::Expr;
    /// assert_eq!(Expr::parameter(0.5).parameters(), [0.5]);
    /// ```
    pub fn parameter(value: f64) -> Self {
        Self { nodes: vec![Node::Parameter(0)], parameters: vec![value] }
    }

    /// A function of one argument, of this expression.
    ///
    /// ```
    /// use closedform::expr::{Expr, Op};
    /// assert_eq!(Expr::variable(0).apply(Op::Sqrt).evaluate_row(&[9.0]), 3.0);
    /// ```
    pub fn apply(&self, op: Op) -> Self {
        let mut g = ExprBuilder::new();
        let a = g.import(self);
        let root = g.unary(op, a);
        g.finish(root)
    }

    /// A function of two arguments, of two expressions. Fitted constants of the two stay separate.
    ///
    /// ```
    /// use closedform::expr::{Expr, Op};
    /// let power = Expr::apply2(Op::Pow, &Expr::variable(0), &Expr::constant(3.0));
    /// assert_eq!(power.evaluate_row(&[2.0]), 8.0);
    /// ```
    pub fn apply2(op: Op, a: &Expr, b: &Expr) -> Self {
        let mut g = ExprBuilder::new();
        let a = g.import(a);
        let b = g.import(b);
        let root = g.binary(op, a, b);
        g.finish(root)
    }

    /// The nodes, arguments first, root last.
    ///
    /// ```
    /// use closedform::expr::{Node, Op, parse};
    /// assert_eq!(parse("exp(t)", &["t"])?.nodes(), [Node::Variable(0), Node::Unary(Op::Exp, 0)]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The outermost node.
    ///
    /// ```
    /// use closedform::expr::{Expr, Op};
    /// assert_eq!(Expr::variable(0).apply(Op::Exp).root(), 1);
    /// ```
    pub fn root(&self) -> NodeId {
        (self.nodes.len() - 1) as NodeId
    }

    /// The values of the fitted constants.
    ///
    /// ```
    /// use closedform::expr::Expr;
    /// let line = Expr::parameter(2.0) * Expr::variable(0) + Expr::parameter(5.0);
    /// assert_eq!(line.parameters(), [2.0, 5.0]);
    /// ```
    pub fn parameters(&self) -> &[f64] {
        &self.parameters
    }

    /// The same structure with other values of the fitted constants.
    ///
    /// ```
    /// use closedform::expr::Expr;
    /// let line = Expr::parameter(1.0) * Expr::variable(0) + Expr::parameter(0.0);
    /// assert_eq!(line.with_parameters(&[2.0, 5.0]).evaluate_row(&[3.0]), 11.0);
    /// ```
    ///
    /// # Panics
    /// If the number of values differs.
    #[must_use]
    pub fn with_parameters(&self, values: &[f64]) -> Self {
        assert_eq!(values.len(), self.parameters.len(), "one value per parameter");
        Self { nodes: self.nodes.clone(), parameters: values.to_vec() }
    }

    /// The part below a node as an expression of its own.
    ///
    /// ```
    /// use closedform::expr::{Node, parse};
    /// let law = parse("exp(t) + 1", &["t"])?;
    /// let Node::Binary(_, first, _) = law.nodes()[law.root() as usize] else { panic!("a sum") };
    /// assert_eq!(law.subexpression(first), parse("exp(t)", &["t"])?);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Panics
    /// If there is no such node.
    #[must_use]
    pub fn subexpression(&self, id: NodeId) -> Self {
        let part = Self { nodes: self.nodes[..=id as usize].to_vec(), parameters: self.parameters.clone() };
        let mut g = ExprBuilder::new();
        let root = g.import(&part);
        g.finish(root)
    }

    /// The columns that the expression reads, ascending, each once.
    ///
    /// ```
    /// use closedform::expr::parse;
    /// assert_eq!(parse("c*exp(a)", &["a", "b", "c"])?.variables(), [0, 2]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn variables(&self) -> Vec<usize> {
        let mut v: Vec<usize> = self
            .nodes
            .iter()
            .filter_map(|n| if let Node::Variable(i) = n { Some(*i as usize) } else { None })
            .collect();
        v.sort_unstable();
        v.dedup();
        v
    }

    /// Puts expression `replacement[i]` in place of variable `i`.
    ///
    /// ```
    /// use closedform::expr::parse;
    /// let outer = parse("u^2", &["u"])?;
    /// assert_eq!(outer.substitute(&[parse("t + 1", &["t"])?]), parse("(t + 1)^2", &["t"])?);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Panics
    /// If a variable has no replacement.
    #[must_use]
    pub fn substitute(&self, replacement: &[Expr]) -> Self {
        let mut g = ExprBuilder::new();
        let inputs: Vec<NodeId> = replacement.iter().map(|e| g.import(e)).collect();
        let root = g.import_with(self, |g, node| match node {
            Node::Variable(i) => Some(inputs[i as usize]),
            Node::Parameter(p) => Some(g.parameter(self.parameters[p as usize])),
            _ => None,
        });
        g.finish(root)
    }

    /// The value at one point: `row[i]` is the value of variable `i`.
    ///
    /// ```
    /// use closedform::expr::parse;
    /// assert_eq!(parse("a - 2*b", &["a", "b"])?.evaluate_row(&[7.0, 3.0]), 1.0);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn evaluate_row(&self, row: &[f64]) -> f64 {
        self.evaluate_row_with::<f64>(row, &self.parameters)
    }

    /// The value at one point, in any [`Number`], with the given values of the fitted constants.
    ///
    /// ```
    /// use closedform::expr::{Dual, Expr, Number};
    /// // The derivative of 3 x^2 with respect to x at 2.
    /// let square = Expr::parameter(3.0) * Expr::variable(0) * Expr::variable(0);
    /// let x = Dual::new(2.0, 1.0);
    /// assert_eq!(square.evaluate_row_with(&[x], &[Dual::constant(3.0)]).derivative(), 12.0);
    /// ```
    pub fn evaluate_row_with<T: Number>(&self, row: &[T], parameters: &[T]) -> T {
        let mut v: Vec<T> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            v.push(match *node {
                Node::Constant(c) => T::constant(c),
                Node::Parameter(p) => parameters[p as usize],
                Node::Variable(i) => row[i as usize],
                Node::Unary(op, a) => v[a as usize].apply(op),
                Node::Binary(op, a, b) => T::apply2(op, v[a as usize], v[b as usize]),
            });
        }
        v[v.len() - 1]
    }

    /// The values over columns of equal length; `columns[i]` holds variable `i`.
    ///
    /// ```
    /// use closedform::expr::parse;
    /// assert_eq!(parse("a*b", &["a", "b"])?.evaluate(&[&[1.0, 2.0], &[3.0, 4.0]]), [3.0, 8.0]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn evaluate(&self, columns: &[&[f64]]) -> Vec<f64> {
        Tape::compile(self).values(&self.parameters, columns)
    }

    /// Turns every fitted constant into an exact number of the same value.
    ///
    /// ```
    /// use closedform::expr::Expr;
    /// assert_eq!(Expr::parameter(2.0).frozen(), Expr::constant(2.0));
    /// ```
    #[must_use]
    pub fn frozen(&self) -> Self {
        let mut g = ExprBuilder::new();
        let root = g.import_with(self, |g, node| match node {
            Node::Parameter(p) => Some(g.constant(self.parameters[p as usize])),
            _ => None,
        });
        g.finish(root)
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $op:expr) => {
        impl std::ops::$trait for Expr {
            type Output = Expr;
            fn $method(self, other: Expr) -> Expr {
                Expr::apply2($op, &self, &other)
            }
        }
    };
}
operator!(Add, add, Op::Add);
operator!(Sub, sub, Op::Sub);
operator!(Mul, mul, Op::Mul);
operator!(Div, div, Op::Div);

impl std::ops::Neg for Expr {
    type Output = Expr;
    fn neg(self) -> Expr {
        self.apply(Op::Neg)
    }
}

/// Builds expressions in which equal parts exist once (hash-consing).
///
/// ```
/// use closedform::expr::{ExprBuilder, Op};
/// let mut g = ExprBuilder::new();
/// let x = g.variable(0);
/// let a = g.unary(Op::Exp, x);
/// assert_eq!(a, g.unary(Op::Exp, x)); // the same node
/// let root = g.binary(Op::Mul, a, a);
/// assert_eq!(g.finish(root).nodes().len(), 3);
/// ```
#[derive(Clone, Debug, Default)]
pub struct ExprBuilder {
    nodes: Vec<Node>,
    parameters: Vec<f64>,
    known: HashMap<Key, NodeId>,
}

/// A node as a hash key: floating-point numbers by their bits, arguments of commutative functions in order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Key {
    Constant(u64),
    Parameter(u32),
    Variable(u32),
    Unary(Op, NodeId),
    Binary(Op, NodeId, NodeId),
}

impl ExprBuilder {
    /// An empty graph.
    ///
    /// ```
    /// use closedform::expr::ExprBuilder;
    /// let mut g = ExprBuilder::new();
    /// let t = g.variable(0);
    /// assert_eq!((t, g.finish(t).evaluate_row(&[4.0])), (0, 4.0));
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    fn add(&mut self, key: Key, node: Node) -> NodeId {
        let next = self.nodes.len() as NodeId;
        *self.known.entry(key).or_insert_with(|| {
            self.nodes.push(node);
            next
        })
    }

    /// The input in column `index`.
    ///
    /// ```
    /// use closedform::expr::{ExprBuilder, Node};
    /// let mut g = ExprBuilder::new();
    /// let b = g.variable(1);
    /// assert_eq!((g.node(b), g.variable(1)), (Node::Variable(1), b));
    /// ```
    pub fn variable(&mut self, index: usize) -> NodeId {
        self.add(Key::Variable(index as u32), Node::Variable(index as u32))
    }

    /// An exact number.
    ///
    /// ```
    /// use closedform::expr::ExprBuilder;
    /// let mut g = ExprBuilder::new();
    /// assert_eq!(g.constant(2.0), g.constant(2.0)); // the same node
    /// ```
    pub fn constant(&mut self, value: f64) -> NodeId {
        self.add(Key::Constant(value.to_bits()), Node::Constant(value))
    }

    /// A new fitted number; two calls give two numbers even where the values agree.
    ///
    /// ```
    /// use closedform::expr::ExprBuilder;
    /// let mut g = ExprBuilder::new();
    /// assert_ne!(g.parameter(2.0), g.parameter(2.0));
    /// ```
    pub fn parameter(&mut self, value: f64) -> NodeId {
        let p = self.parameters.len() as u32;
        self.parameters.push(value);
        self.add(Key::Parameter(p), Node::Parameter(p))
    }

    /// A function of one argument.
    ///
    /// ```
    /// use closedform::expr::{ExprBuilder, Op};
    /// let mut g = ExprBuilder::new();
    /// let t = g.variable(0);
    /// let root = g.unary(Op::Neg, t);
    /// assert_eq!(g.finish(root).evaluate_row(&[3.0]), -3.0);
    /// ```
    pub fn unary(&mut self, op: Op, a: NodeId) -> NodeId {
        debug_assert_eq!(op.arity(), 1);
        self.add(Key::Unary(op, a), Node::Unary(op, a))
    }

    /// A function of two arguments.
    ///
    /// ```
    /// use closedform::expr::{ExprBuilder, Op};
    /// let mut g = ExprBuilder::new();
    /// let (a, b) = (g.variable(0), g.variable(1));
    /// assert_eq!(g.binary(Op::Add, a, b), g.binary(Op::Add, b, a)); // the order plays no part
    /// assert_ne!(g.binary(Op::Sub, a, b), g.binary(Op::Sub, b, a));
    /// ```
    pub fn binary(&mut self, op: Op, a: NodeId, b: NodeId) -> NodeId {
        debug_assert_eq!(op.arity(), 2);
        let (ka, kb) = if op.is_commutative() { (a.min(b), a.max(b)) } else { (a, b) };
        self.add(Key::Binary(op, ka, kb), Node::Binary(op, a, b))
    }

    /// The node behind an id.
    ///
    /// ```
    /// use closedform::expr::{ExprBuilder, Node};
    /// let mut g = ExprBuilder::new();
    /// let two = g.constant(2.0);
    /// assert_eq!(g.node(two), Node::Constant(2.0));
    /// ```
    pub fn node(&self, id: NodeId) -> Node {
        self.nodes[id as usize]
    }

    /// Copies an expression into this graph, its fitted constants as new ones; returns its root.
    ///
    /// ```
    /// use closedform::expr::{ExprBuilder, Op, parse};
    /// let mut g = ExprBuilder::new();
    /// let law = g.import(&parse("t^2 + 1", &["t"])?);
    /// let root = g.unary(Op::Sqrt, law);
    /// assert_eq!(g.finish(root), parse("sqrt(t^2 + 1)", &["t"])?);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn import(&mut self, expr: &Expr) -> NodeId {
        self.import_with(expr, |g, node| match node {
            Node::Parameter(p) => Some(g.parameter(expr.parameters[p as usize])),
            _ => None,
        })
    }

    /// Copies an expression, asking `replace` for every node of it; `None` copies the node as it is. A
    /// parameter that is not replaced keeps its index and so must exist in this graph.
    ///
    /// ```
    /// use closedform::expr::{ExprBuilder, Node, parse};
    /// // Every t becomes t + 1.
    /// let mut g = ExprBuilder::new();
    /// let root = g.import_with(&parse("exp(t)", &["t"])?, |g, node| match node {
    ///     Node::Variable(0) => {
    ///         let (t, one) = (g.variable(0), g.constant(1.0));
    ///         Some(g.binary(closedform::expr::Op::Add, t, one))
    ///     }
    ///     _ => None,
    /// });
    /// assert_eq!(g.finish(root), parse("exp(t + 1)", &["t"])?);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn import_with(
        &mut self,
        expr: &Expr,
        mut replace: impl FnMut(&mut Self, Node) -> Option<NodeId>,
    ) -> NodeId {
        self.import_mapped(expr, |g, node, _| replace(g, node))
    }

    /// The same for a `replace` that also reads where the nodes before went: the arguments of `node` in this graph
    /// stand under their old ids.
    pub(crate) fn import_mapped(
        &mut self,
        expr: &Expr,
        mut replace: impl FnMut(&mut Self, Node, &[NodeId]) -> Option<NodeId>,
    ) -> NodeId {
        let mut map: Vec<NodeId> = Vec::with_capacity(expr.nodes.len());
        for &node in &expr.nodes {
            let id = match replace(self, node, &map) {
                Some(id) => id,
                None => match node {
                    Node::Constant(c) => self.constant(c),
                    Node::Parameter(p) => self.add(Key::Parameter(p), node),
                    Node::Variable(i) => self.variable(i as usize),
                    Node::Unary(op, a) => self.unary(op, map[a as usize]),
                    Node::Binary(op, a, b) => self.binary(op, map[a as usize], map[b as usize]),
                },
            };
            map.push(id);
        }
        map[map.len() - 1]
    }

    /// The expression below `root`: unreachable nodes left out, nodes in depth-first order, parameters numbered
    /// by first use.
    ///
    /// ```
    /// use closedform::expr::{ExprBuilder, Op};
    /// let mut g = ExprBuilder::new();
    /// let (unused, p) = (g.parameter(1.0), g.parameter(2.0));
    /// let root = g.unary(Op::Exp, p);
    /// assert_ne!(unused, p);
    /// assert_eq!(g.finish(root).parameters(), [2.0]);
    /// ```
    pub fn finish(&self, root: NodeId) -> Expr {
        let mut place: Vec<Option<NodeId>> = vec![None; self.nodes.len()];
        let mut renumber: HashMap<u32, u32> = HashMap::new();
        let mut nodes = Vec::new();
        let mut parameters = Vec::new();
        let mut stack = vec![(root, false)];
        while let Some((id, children_done)) = stack.pop() {
            if place[id as usize].is_some() {
                continue;
            }
            let node = self.nodes[id as usize];
            if !children_done {
                stack.push((id, true));
                match node {
                    Node::Unary(_, a) => stack.push((a, false)),
                    Node::Binary(_, a, b) => {
                        stack.push((b, false));
                        stack.push((a, false));
                    }
                    _ => {}
                }
                continue;
            }
            let at = |x: NodeId| place[x as usize].expect("arguments are placed first");
            let node = match node {
                Node::Unary(op, a) => Node::Unary(op, at(a)),
                Node::Binary(op, a, b) => Node::Binary(op, at(a), at(b)),
                Node::Parameter(p) => {
                    let next = renumber.len() as u32;
                    Node::Parameter(*renumber.entry(p).or_insert_with(|| {
                        parameters.push(self.parameters[p as usize]);
                        next
                    }))
                }
                leaf => leaf,
            };
            place[id as usize] = Some(nodes.len() as NodeId);
            nodes.push(node);
        }
        Expr { nodes, parameters }
    }
}
