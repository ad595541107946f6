//! Edits without a function of the bank: functions and inputs swapped.

use crate::expr::Op;
use crate::search::tree::{Symbol, Tree, Vocabulary, cleaned};

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
