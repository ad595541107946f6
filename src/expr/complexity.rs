//! The complexity of a formula: the length of what is printed.

use super::{Expr, Node, Primitive};

/// Sum over the nodes of the written-out formula (a shared part counts as often as it is written): 1 per leaf,
/// and per function what its row of the table says.
///
/// ```
/// use closedform::expr::{Expr, complexity};
/// let x = Expr::variable(0);
/// assert_eq!(complexity(&(x.clone() * x)), 3);
/// ```
pub fn complexity(expr: &Expr) -> u32 {
    let mut size: Vec<u32> = Vec::with_capacity(expr.nodes().len());
    for node in expr.nodes() {
        size.push(match *node {
            Node::Constant(_) | Node::Parameter(_) | Node::Variable(_) => 1,
            Node::Unary(op, a) => size[a as usize].saturating_add(Primitive::complexity_of(op)),
            Node::Binary(op, a, b) => {
                size[a as usize].saturating_add(size[b as usize]).saturating_add(Primitive::complexity_of(op))
            }
        });
    }
    size[size.len() - 1]
}
