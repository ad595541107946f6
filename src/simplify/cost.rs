//! What a short formula is: complexity, fitted constants, and how it reads.

use super::language::Math;
use crate::expr::{Expr, Node, Op, Primitive, complexity};
use egg::{Id, Language};

/// What one fitted constant weighs against the length of the formula. A free constant costs a digit string to
/// write, a digit string to estimate and a degree of freedom; three symbols are what the search charges for it.
pub(crate) const PARAMETER_WEIGHT: u32 = 3;

/// The cost that simplification never raises: [`complexity`] plus 3 for every fitted constant.
///
/// ```
/// use closedform::expr::Expr;
/// use closedform::simplify::cost;
/// let x = Expr::variable(0);
/// assert_eq!(cost(&(Expr::constant(2.0) * x.clone())), 3);
/// assert_eq!(cost(&(Expr::parameter(2.0) * x)), 6);
/// ```
pub fn cost(expr: &Expr) -> u32 {
    complexity(expr).saturating_add(PARAMETER_WEIGHT * expr.parameters().len() as u32)
}

/// What decides between two spellings: the cost, where a negative exponent counts as the fraction bar it hides
/// (`1/sqrt(x)` reads better than `x^-0.5`), then the number of places that read badly: `-1*x`, a leading minus,
/// `x + -2`, `x*2`, `x*x`.
pub(super) fn rank(expr: &Expr) -> (u32, u32) {
    let nodes = expr.nodes();
    let number = |id: u32| match nodes[id as usize] {
        Node::Constant(c) => Some(c),
        Node::Parameter(p) => Some(expr.parameters()[p as usize]),
        _ => None,
    };
    let negative = |id: u32| {
        number(id).is_some_and(|v| v < 0.0)
            || match nodes[id as usize] {
                Node::Unary(Op::Neg, _) => true,
                Node::Binary(Op::Mul, a, _) => number(a).is_some_and(|v| v < 0.0),
                _ => false,
            }
    };
    let awkward = nodes.iter().map(|node| match *node {
        Node::Unary(Op::Neg, _) => 1,
        Node::Unary(Op::Exp, _) => 0,
        Node::Unary(_, a) => u32::from(negative(a)),
        Node::Binary(Op::Add | Op::Sub, a, b) => u32::from(negative(a)) + 2 * u32::from(negative(b)),
        Node::Binary(Op::Mul, a, b) => {
            u32::from(number(b).is_some()) + u32::from(negative(b)) + u32::from(a == b)
        }
        Node::Binary(..) => 0,
        _ => 0,
    });
    let bars = nodes.iter().filter(|n| match n {
        Node::Binary(Op::Pow, _, p) => matches!(nodes[*p as usize], Node::Constant(c) if c < 0.0),
        _ => false,
    });
    (cost(expr) + 2 * bars.count() as u32, awkward.sum())
}

/// The cost within the e-graph, where every constant counts as often as it is written.
pub(super) struct Written;

impl egg::CostFunction<Math> for Written {
    type Cost = u64;

    fn cost<C: FnMut(Id) -> u64>(&mut self, node: &Math, mut costs: C) -> u64 {
        // The last decimal digits break ties: signs are better kept in subtractions.
        let own = match node {
            Math::Number(bits) => 1000 + u64::from(f64::from_bits(*bits) < 0.0),
            Math::Variable(_) => 1000,
            Math::Fitted(_) | Math::Shared(_) => 1000 * (1 + u64::from(PARAMETER_WEIGHT)),
            Math::Unary(op, _) => 1000 * u64::from(Primitive::complexity_of(*op)) + u64::from(*op == Op::Neg),
            Math::Binary(op, [a, b]) => {
                1000 * u64::from(Primitive::complexity_of(*op)) + u64::from(*op == Op::Mul && a == b)
            }
        };
        node.fold(own, |sum, id| u64::saturating_add(sum, costs(id)))
    }
}
