//! Functions in their linear range: `sin(1e-5*x)` says `1e-5*x`.

use crate::expr::{Expr, ExprBuilder, Node, Op};

/// Largest argument at which a function counts as straight: the cube of it, over six, is the error.
const STRAIGHT: f64 = 0.02;

/// The expression with the arguments in place of functions that are the identity to third order and that see nothing
/// but small arguments on the data; `None` where there is no such function. Searches arrive at them where a product or
/// a plain variable was not on offer. Whether the data can tell the difference is for the caller to see.
pub(crate) fn straightened(expr: &Expr, columns: &[&[f64]]) -> Option<Expr> {
    let straight = |op: Op, a: u32| {
        matches!(op, Op::Sin | Op::Tan | Op::Asin | Op::Atan | Op::Sinh | Op::Tanh)
            && expr.subexpression(a).evaluate(columns).iter().all(|v| v.abs() <= STRAIGHT)
    };
    let mut g = ExprBuilder::new();
    let mut changed = false;
    let root = g.import_mapped(expr, |g, node, ids| match node {
        Node::Parameter(p) => Some(g.parameter(expr.parameters()[p as usize])),
        Node::Unary(op, a) if straight(op, a) => {
            changed = true;
            Some(ids[a as usize])
        }
        _ => None,
    });
    changed.then(|| g.finish(root))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_functions_in_their_linear_range() {
        let x = Expr::variable(0);
        let column = [0.5, -1.0, 2.0];
        let faint = Expr::parameter(3e5) * (Expr::parameter(1e-5) * x.clone()).apply(Op::Tanh);
        let short = straightened(&faint, &[&column]).unwrap();
        assert_eq!(short, Expr::parameter(3e5) * (Expr::parameter(1e-5) * x.clone()));
        assert_eq!(straightened(&x.apply(Op::Tanh), &[&column]), None);
        let exp = (Expr::parameter(1e-5) * x).apply(Op::Exp);
        assert_eq!(straightened(&exp, &[&column]), None);
    }
}
