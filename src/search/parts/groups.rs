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
    let chains: Vec<Option<(Op, Op)>> = symbols.iter().map(|s| chain_of(*s)).collect();
    // Operations that continue the chain of their parent.
    let mut inner = vec![false; symbols.len()];
    for at in (0..symbols.len()).filter(|at| chains[*at].is_some()) {
        let right = at - 1;
        for child in [right, tree.span(right).start - 1] {
            inner[child] = chains[child] == chains[at];
        }
    }
    let mut out = Vec::new();
    for at in (0..symbols.len()).filter(|at| !inner[*at]) {
        let Some(ops) = chains[at] else { continue };
        let mut members = Vec::new();
        flatten(tree, at, true, ops, &mut members);
        if !(3..=LONGEST).contains(&members.len()) {
            continue;
        }
        for i in 0..members.len() {
            for j in i..members.len() {
                if i != j && members.len() == 3 {
                    continue;
                }
                let is_kept = |k: usize| k == i || k == j;
                let of = |kept: bool| {
                    members.iter().enumerate().filter(move |(k, _)| is_kept(*k) == kept).map(|(_, m)| m)
                };
                let mut chain = joined(of(false), ops);
                let place = tree.span(at).start + chain.len() - 1;
                of(true).for_each(|member| join(&mut chain, member, ops));
                out.push((tree.replaced(at, &chain), place));
            }
        }
    }
    out
}

/// The operations that a chain consists of: one that joins, one that splits off.
fn chain_of(symbol: Symbol) -> Option<(Op, Op)> {
    match symbol {
        Symbol::Binary(Op::Add | Op::Sub) => Some((Op::Add, Op::Sub)),
        Symbol::Binary(Op::Mul | Op::Div) => Some((Op::Mul, Op::Div)),
        _ => None,
    }
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
fn joined<'a>(members: impl Iterator<Item = &'a Member> + Clone, ops: (Op, Op)) -> Vec<Symbol> {
    let first = members.clone().position(|m| m.0);
    let mut out = match first {
        Some(first) => members.clone().nth(first).map_or_else(Vec::new, |m| m.1.clone()),
        None => vec![Symbol::Parameter(if ops.0 == Op::Add { 0.0 } else { 1.0 })],
    };
    let others = members.enumerate().filter(|(k, _)| Some(*k) != first);
    others.for_each(|(_, member)| join(&mut out, member, ops));
    out
}

fn join(chain: &mut Vec<Symbol>, (with, member): &Member, ops: (Op, Op)) {
    chain.extend(member);
    chain.push(Symbol::Binary(if *with { ops.0 } else { ops.1 }));
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
