//! [`groups`]: several terms of a sum, or factors of a product, as one part.
//!
//! Sums and products are chains of operations with two arguments, in which neighbours form parts by accident. Which terms
//! belong together is not known, so that one or two are kept and all the others are the part.

use super::{Symbol, Tree};
use crate::expr::Op;

/// Members of a chain beyond which it is left alone.
const LONGEST: usize = 8;

/// A member of a chain, and whether it is added (multiplied by) rather than subtracted (divided by).
type Member = (bool, Vec<Symbol>);

/// The formula with its chains reordered so that a part holds all their members but one or two, and where that part is.
pub(super) fn groups(tree: &Tree) -> Vec<(Tree, usize)> {
    let symbols = tree.symbols();
    let mut out = Vec::new();
    for at in 0..symbols.len() {
        let Symbol::Binary(op) = symbols[at] else { continue };
        let Some((join, split)) = chain_of(op) else { continue };
        // The chain starts at its top.
        if (at + 1..symbols.len()).any(|up| is_link(tree, up, at, join, split)) {
            continue;
        }
        let mut members = Vec::new();
        flatten(tree, at, true, (join, split), &mut members);
        if !(3..=LONGEST).contains(&members.len()) {
            continue;
        }
        for i in 0..members.len() {
            for j in i..members.len() {
                if i != j && members.len() == 3 {
                    continue;
                }
                let (kept, others): (Vec<_>, Vec<_>) =
                    members.iter().enumerate().partition(|(k, _)| *k == i || *k == j);
                let strip = |m: Vec<(usize, &Member)>| m.into_iter().map(|(_, m)| m.clone()).collect();
                let part = joined(strip(others), (join, split));
                let place = tree.span(at).start + part.len() - 1;
                let mut chain = part;
                for (with, member) in strip(kept) {
                    chain.extend(member);
                    chain.push(Symbol::Binary(if with { join } else { split }));
                }
                out.push((tree.replaced(at, &chain), place));
            }
        }
    }
    out
}

fn chain_of(op: Op) -> Option<(Op, Op)> {
    match op {
        Op::Add | Op::Sub => Some((Op::Add, Op::Sub)),
        Op::Mul | Op::Div => Some((Op::Mul, Op::Div)),
        _ => None,
    }
}

/// Whether the operation at `up` continues the chain that the one at `at` belongs to, as its parent.
fn is_link(tree: &Tree, up: usize, at: usize, join: Op, split: Op) -> bool {
    if !matches!(tree.symbols()[up], Symbol::Binary(op) if op == join || op == split) {
        return false;
    }
    let right = up - 1;
    at == right || at + 1 == tree.span(right).start
}

fn flatten(tree: &Tree, at: usize, with: bool, ops: (Op, Op), out: &mut Vec<Member>) {
    match tree.symbols()[at] {
        Symbol::Binary(op) if op == ops.0 || op == ops.1 => {
            let right = at - 1;
            let left = tree.span(right).start - 1;
            flatten(tree, left, with, ops, out);
            flatten(tree, right, with == (op == ops.0), ops, out);
        }
        _ => out.push((with, tree.part(at).symbols().to_vec())),
    }
}

/// The members as one formula.
fn joined(mut members: Vec<Member>, (join, split): (Op, Op)) -> Vec<Symbol> {
    let mut out = match members.iter().position(|m| m.0) {
        Some(first) => members.remove(first).1,
        None => vec![Symbol::Parameter(if join == Op::Add { 0.0 } else { 1.0 })],
    };
    for (with, member) in members {
        out.extend(member);
        out.push(Symbol::Binary(if with { join } else { split }));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse;

    #[test]
    fn one_or_two_members_stay_outside() {
        let names = ["a", "b", "c", "d"].map(String::from);
        let x = [vec![1.3], vec![0.7], vec![-2.1], vec![0.4]];
        let views: Vec<&[f64]> = x.iter().map(Vec::as_slice).collect();
        for (formula, groupings) in [
            ("a - b*c/d - exp(d)", 3 + 3),
            ("a + b - c + d", 4 + 6),
            ("exp(a - (b - c))/d", 3),
            ("a*b + c", 0),
        ] {
            let tree = Tree::from_expr(&parse(formula, &names).unwrap(), 40).unwrap();
            let value = tree.to_expr().evaluate(&views)[0];
            let found = groups(&tree);
            assert_eq!(found.len(), groupings, "{formula}");
            for (grouped, at) in found {
                assert!((grouped.to_expr().evaluate(&views)[0] - value).abs() < 1e-12, "{formula}");
                assert!(at < grouped.len() - 1 && grouped.part(at).len() > 2, "{formula}: {grouped:?} {at}");
            }
        }
    }
}
