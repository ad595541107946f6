//! Formulas with a part less.

use super::{Symbol, Tree, cleaned};
use crate::expr::{Expr, Op};
use std::collections::HashSet;

/// Longest formula that is taken apart, in symbols.
const LONGEST: usize = 80;

/// Every formula with one part less: a function left out, one argument kept, a number in place of a part.
pub(crate) fn drops(tree: &Tree) -> Vec<Tree> {
    let mut out = Vec::new();
    for at in 0..tree.len() {
        match tree.symbols()[at] {
            Symbol::Unary(_) => out.push(tree.replaced(at, tree.part(at - 1).symbols())),
            Symbol::Binary(op) => {
                let right = at - 1;
                let left = tree.span(right).start - 1;
                out.push(tree.replaced(at, tree.part(left).symbols()));
                if op != Op::Pow {
                    out.push(tree.replaced(at, tree.part(right).symbols()));
                }
                if at + 1 < tree.len() {
                    out.push(tree.replaced(at, &[Symbol::Parameter(1.5)]));
                }
            }
            Symbol::Variable(_) if tree.len() > 1 => out.push(tree.replaced(at, &[Symbol::Parameter(1.5)])),
            _ => {}
        }
    }
    out.iter().map(cleaned).filter(Tree::has_variable).collect()
}

/// The distinct ones of [`drops`], for a formula with its constants as they are.
pub(crate) fn shortened(expr: &Expr) -> Vec<Expr> {
    let Some(tree) = Tree::from_expr(expr, LONGEST) else { return Vec::new() };
    let mut seen = HashSet::from([tree.structure()]);
    drops(&tree).iter().filter(|t| seen.insert(t.structure())).map(Tree::to_expr).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{complexity, parse};

    #[test]
    fn shorter_forms_are_shorter_and_differ() {
        for formula in ["a*b + 0.3*sin(a)*b", "sqrt(a^2 + b)/(1 - exp(-2*a))", "a", "ln(a/b)^1.5"] {
            let expr = parse(formula, &["a", "b"]).unwrap();
            let all = shortened(&expr);
            assert!(all.iter().all(|e| complexity(e) <= complexity(&expr)), "{formula}");
            assert!(all.iter().enumerate().all(|(i, e)| !all[..i].contains(e)), "{formula}");
            assert!(all.iter().all(|e| !e.variables().is_empty()), "{formula}");
        }
        let sum = shortened(&parse("a*b + sin(a)", &["a", "b"]).unwrap());
        for part in ["a*b", "sin(a)", "a*b + a"] {
            let part = parse(part, &["a", "b"]).unwrap();
            let row = [0.7, 1.9];
            assert!(sum.iter().any(|e| (e.evaluate_row(&row) - part.evaluate_row(&row)).abs() < 1e-12));
        }
    }
}
