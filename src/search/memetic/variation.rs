//! Edits of formulas: the moves of the evolutionary search.

use crate::expr::Op;
use crate::search::tree::{Symbol, Tree, Vocabulary, assemble, cleaned};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// An edit of one parent.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Point,
    Subtree,
    Insert,
    Delete,
    Hoist,
    AddTerm,
    Multiply,
    Constants,
    Substitute,
}

/// How often each edit is drawn.
const EDITS: [(Edit, u32); 9] = [
    (Edit::Point, 16),
    (Edit::Subtree, 16),
    (Edit::Insert, 16),
    (Edit::Delete, 12),
    (Edit::Hoist, 2),
    (Edit::AddTerm, 14),
    (Edit::Multiply, 6),
    (Edit::Constants, 5),
    (Edit::Substitute, 6),
];

/// A child of one parent by one random edit.
pub(crate) fn mutate(parent: &Tree, vocabulary: &Vocabulary, rng: &mut ChaCha8Rng) -> Tree {
    let total: u32 = EDITS.iter().map(|e| e.1).sum();
    let mut draw = rng.random_range(0..total);
    let edit = EDITS
        .iter()
        .find(|(_, n)| {
            let hit = draw < *n;
            draw = draw.saturating_sub(*n);
            hit
        })
        .map_or(Edit::Point, |e| e.0);
    let small = |rng: &mut ChaCha8Rng| {
        let size = 1 + rng.random_range(0..3) * rng.random_range(1..3);
        vocabulary.draw_tree(size, rng)
    };
    let at = rng.random_range(0..parent.len());
    let child = match edit {
        Edit::Point => point(parent, at, vocabulary, rng),
        Edit::Subtree => parent.replaced(at, small(rng).symbols()),
        Edit::Insert => insert(parent, at, vocabulary, rng),
        Edit::Delete => delete(parent, rng),
        Edit::Hoist => parent.part(at),
        Edit::AddTerm => {
            let term = vocabulary.draw_tree(rng.random_range(1..7), rng);
            assemble(Op::Add, parent, &term)
        }
        Edit::Multiply => {
            let op = if vocabulary.has(Op::Div) && rng.random_bool(0.4) { Op::Div } else { Op::Mul };
            assemble(op, parent, &small(rng))
        }
        Edit::Constants => shake(parent, rng),
        Edit::Substitute => substitute(parent, vocabulary, rng),
    };
    cleaned(&child)
}

/// A part of one parent in place of a part of another; sometimes a sum or product of the two.
pub(crate) fn cross(a: &Tree, b: &Tree, rng: &mut ChaCha8Rng) -> Tree {
    let child = match rng.random_range(0..10) {
        0 => assemble(Op::Add, a, b),
        1 => assemble(Op::Mul, a, &b.part(rng.random_range(0..b.len()))),
        2 => assemble(Op::Add, a, &b.part(rng.random_range(0..b.len()))),
        _ => {
            let part = b.part(inner(b, rng));
            a.replaced(inner(a, rng), part.symbols())
        }
    };
    cleaned(&child)
}

/// A position, functions preferred to leaves.
fn inner(tree: &Tree, rng: &mut ChaCha8Rng) -> usize {
    for _ in 0..3 {
        let at = rng.random_range(0..tree.len());
        if tree.symbols()[at].arity() > 0 {
            return at;
        }
    }
    rng.random_range(0..tree.len())
}

fn point(parent: &Tree, at: usize, vocabulary: &Vocabulary, rng: &mut ChaCha8Rng) -> Tree {
    let new = match parent.symbols()[at] {
        Symbol::Constant(_) | Symbol::Parameter(_) => {
            if rng.random_bool(0.5) {
                vocabulary.draw_variable(rng)
            } else {
                Symbol::Parameter(Vocabulary::draw_number(rng))
            }
        }
        Symbol::Variable(_) => vocabulary.draw_variable(rng),
        Symbol::Unary(op) => Symbol::Unary(vocabulary.draw_unary(rng).unwrap_or(op)),
        Symbol::Binary(_) => {
            let op = vocabulary.draw_binary(rng);
            // A power of a formula by a formula is not what is meant.
            if op == Op::Pow { Symbol::Binary(Op::Mul) } else { Symbol::Binary(op) }
        }
    };
    let mut symbols = parent.symbols().to_vec();
    symbols[at] = new;
    Tree::from_symbols(symbols)
}

fn insert(parent: &Tree, at: usize, vocabulary: &Vocabulary, rng: &mut ChaCha8Rng) -> Tree {
    let part = parent.part(at);
    let number = |v: f64| Tree::leaf(Symbol::Parameter(v));
    let wrapped = match rng.random_range(0..10) {
        0..3 => match vocabulary.draw_unary(rng) {
            Some(op) => {
                let mut symbols = part.symbols().to_vec();
                symbols.push(Symbol::Unary(op));
                Tree::from_symbols(symbols)
            }
            None => assemble(Op::Mul, &part, &part),
        },
        // A scale or a shift, drawn where it is no 1 or 0 that cleaning takes away.
        3 => assemble(Op::Mul, &number(Vocabulary::draw_number(rng) * 1.01), &part),
        4 => assemble(Op::Add, &number(Vocabulary::draw_number(rng)), &part),
        5 if vocabulary.has(Op::Pow) => {
            let mut symbols = part.symbols().to_vec();
            let exponent = [0.5, 1.5, -0.5, 2.5, 1.2, 0.8][rng.random_range(0..6)];
            symbols.extend([Symbol::Parameter(exponent), Symbol::Binary(Op::Pow)]);
            Tree::from_symbols(symbols)
        }
        _ => {
            let other = vocabulary.draw_tree([1, 1, 2, 3, 4][rng.random_range(0..5)], rng);
            let op = match vocabulary.draw_binary(rng) {
                Op::Pow => Op::Mul,
                op => op,
            };
            if rng.random_bool(0.5) { assemble(op, &part, &other) } else { assemble(op, &other, &part) }
        }
    };
    parent.replaced(at, wrapped.symbols())
}

fn delete(parent: &Tree, rng: &mut ChaCha8Rng) -> Tree {
    let at = inner(parent, rng);
    match parent.symbols()[at] {
        Symbol::Unary(_) => parent.replaced(at, parent.part(at - 1).symbols()),
        Symbol::Binary(_) => {
            let right = at - 1;
            let left = parent.span(right).start - 1;
            let keep = if rng.random_bool(0.5) { left } else { right };
            parent.replaced(at, parent.part(keep).symbols())
        }
        _ => parent.clone(),
    }
}

fn shake(parent: &Tree, rng: &mut ChaCha8Rng) -> Tree {
    let symbols = parent
        .symbols()
        .iter()
        .map(|s| match *s {
            Symbol::Parameter(v) if rng.random_bool(0.5) => {
                let sign = if rng.random_bool(0.15) { -1.0 } else { 1.0 };
                Symbol::Parameter(v * sign * 2f64.powf(rng.random_range(-3.0..3.0)))
            }
            other => other,
        })
        .collect();
    Tree::from_symbols(symbols)
}

/// Another input, or a small formula, wherever an input occurs.
fn substitute(parent: &Tree, vocabulary: &Vocabulary, rng: &mut ChaCha8Rng) -> Tree {
    let old = vocabulary.draw_variable(rng);
    let new = vocabulary.draw_tree(rng.random_range(1..4), rng);
    let mut symbols = Vec::new();
    for s in parent.symbols() {
        if *s == old {
            symbols.extend_from_slice(new.symbols());
        } else {
            symbols.push(*s);
        }
    }
    Tree::from_symbols(symbols)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;
    use crate::expr::{Expr, Node, complexity};
    use crate::search::Problem;
    use crate::search_space::{PrimitiveSet, SearchSpace};
    use proptest::prelude::*;
    use rand::SeedableRng;

    proptest! {
        #[test]
        fn children_are_formulas(seed in any::<u64>()) {
            let columns: Vec<Vec<f64>> = (0..3).map(|_| vec![1.0, 2.0, 3.0]).collect();
            let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let split = Split { train: vec![0, 1, 2], validation: Vec::new() };
            let set = PrimitiveSet::parse("add, mult, exp, sin, power, hill = x^a/(b^a + x^a)").unwrap();
            let space = SearchSpace::new(set, 2).unwrap();
            let target = [1.0, 2.0, 4.0];
            let problem =
                Problem { columns: &columns, target: &target, weights: None, split: &split, space: &space, seed };
            let vocabulary = Vocabulary::new(&problem);
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let mut tree = vocabulary.draw_tree(6, &mut rng);
            let other = vocabulary.draw_tree(9, &mut rng);
            for _ in 0..20 {
                let child = if rng.random_bool(0.3) {
                    cross(&tree, &other, &mut rng)
                } else {
                    mutate(&tree, &vocabulary, &mut rng)
                };
                let expr = child.to_expr();
                // Read back from a file, every index is checked.
                if expr.parameters().iter().all(|p| p.is_finite()) {
                    let text = serde_json::to_string(&expr).unwrap();
                    prop_assert_eq!(&serde_json::from_str::<Expr>(&text).unwrap(), &expr);
                }
                prop_assert_eq!(complexity(&expr), child.complexity());
                for node in expr.nodes() {
                    if let Node::Unary(op, _) | Node::Binary(op, _, _) = node {
                        prop_assert!(space.primitives.uses(*op), "{:?}", op);
                    }
                }
                if child.has_variable() && child.len() < 60 {
                    tree = child;
                }
            }
        }
    }
}
