//! Edits without a function of the bank: parts taken away, functions swapped.

use crate::expr::Op;
use crate::search::tree::{Symbol, Tree, Vocabulary, cleaned};

/// Every formula with one part less: a function left out, one argument kept, a number in place of a part.
pub(super) fn drops(tree: &Tree) -> Vec<Tree> {
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

/// Every formula with one function or input in place of another.
pub(super) fn swaps(tree: &Tree, vocabulary: &Vocabulary) -> Vec<Tree> {
    let mut out = Vec::new();
    let mut put = |at: usize, symbol: Symbol| {
        let mut symbols = tree.symbols().to_vec();
        symbols[at] = symbol;
        out.push(cleaned(&Tree::from_symbols(symbols)));
    };
    for at in 0..tree.len() {
        match tree.symbols()[at] {
            Symbol::Unary(old) => {
                vocabulary
                    .unaries()
                    .into_iter()
                    .filter(|op| *op != old)
                    .for_each(|op| put(at, Symbol::Unary(op)));
            }
            Symbol::Binary(old) if old != Op::Pow => {
                let all = [Op::Add, Op::Sub, Op::Mul, Op::Div];
                let other = all.into_iter().filter(|op| *op != old && vocabulary.has(*op));
                other.for_each(|op| put(at, Symbol::Binary(op)));
            }
            Symbol::Variable(old) => {
                let other = (0..vocabulary.inputs() as u32).filter(|v| *v != old);
                other.for_each(|v| put(at, Symbol::Variable(v)));
            }
            _ => {}
        }
    }
    out.retain(Tree::has_variable);
    out
}
