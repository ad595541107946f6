//! Parts that hardly matter.

use super::{Sample, Symbol, Tree, cleaned};
use crate::expr::Op;

/// Size of a summand beside the other one that makes it faint.
const FAINT: f64 = 0.02;

/// The formula with one faint summand less, for every sum in it that has one: leftovers of the search beside the
/// law that it has found.
pub(crate) fn without_faint_parts(tree: &Tree, sample: &Sample) -> Vec<Tree> {
    let mut out = Vec::new();
    for at in 0..tree.len() {
        let Symbol::Binary(Op::Add | Op::Sub) = tree.symbols()[at] else { continue };
        let right = at - 1;
        let left = tree.span(right).start - 1;
        let (a, b) = (tree.part(left), tree.part(right));
        let (size_a, size_b) = (sample.rms(&a), sample.rms(&b));
        if size_b < FAINT * size_a {
            out.push(cleaned(&tree.replaced(at, a.symbols())));
        } else if size_a < FAINT * size_b {
            let minus = tree.symbols()[at] == Symbol::Binary(Op::Sub);
            let mut symbols = b.symbols().to_vec();
            if minus {
                symbols.push(Symbol::Unary(Op::Neg));
            }
            out.push(cleaned(&tree.replaced(at, &symbols)));
        }
    }
    out
}
