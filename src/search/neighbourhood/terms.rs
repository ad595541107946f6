//! [`Terms`]: a small bank of functions of the inputs, the material of edits.

use crate::expr::Op;
use crate::search::tree::{Sample, Symbol, Tree, Vocabulary, assemble, cleaned};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::collections::HashSet;

/// Functions, at most.
const MOST: usize = 3000;

/// Inner scales of functions whose argument has one.
const SCALES: [f64; 4] = [1.0, -1.0, 0.3, 3.0];

/// A function with its values over the rows of a sample.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    pub(crate) tree: Tree,
    pub(crate) values: Vec<f64>,
}

/// Distinct functions of the inputs, simplest first.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    terms: Vec<Term>,
    seen: HashSet<u64>,
}

impl Terms {
    /// Inputs, their products, quotients, sums and powers, functions of one argument of these, and products of
    /// those with inputs, as far as there is room.
    pub(crate) fn new(sample: &Sample, vocabulary: &Vocabulary) -> Self {
        let mut bank = Self { terms: Vec::new(), seen: HashSet::new() };
        let inputs: Vec<Tree> =
            (0..vocabulary.inputs()).map(|i| Tree::leaf(Symbol::Variable(i as u32))).collect();
        let div = vocabulary.has(Op::Div);
        inputs.iter().for_each(|x| bank.add(x.clone(), sample));
        let mut simple = inputs.clone();
        for x in &inputs {
            simple.push(function(Op::Square, x));
            if div {
                simple.push(assemble(Op::Div, &number(1.0), x));
            }
        }
        for (i, x) in inputs.iter().enumerate() {
            for y in &inputs[..i] {
                simple.push(assemble(Op::Mul, x, y));
                if div {
                    simple.push(assemble(Op::Div, x, y));
                    simple.push(assemble(Op::Div, y, x));
                }
                simple.push(assemble(Op::Sub, x, y));
                simple.push(assemble(Op::Add, x, y));
            }
        }
        simple.iter().for_each(|m| bank.add(m.clone(), sample));
        // Functions of the inputs before functions of products.
        let mut functions = Vec::new();
        for m in &simple {
            for op in vocabulary.unaries() {
                for c in scales(op) {
                    let argument = if *c == 1.0 { m.clone() } else { assemble(Op::Mul, &number(*c), m) };
                    let f = function(op, &argument);
                    if m.len() == 1 {
                        functions.push(f.clone());
                    }
                    bank.add(f, sample);
                }
            }
        }
        let few = if vocabulary.inputs() <= 3 { simple.len() } else { inputs.len() };
        bank.add_products(&simple, &simple[..few], div, sample);
        bank.add_products(&functions, &inputs, div, sample);
        bank.add_products(&functions, &functions, false, sample);
        bank
    }

    /// Adds the products of two lists, and the quotients where `div`.
    fn add_products(&mut self, left: &[Tree], right: &[Tree], div: bool, sample: &Sample) {
        for a in left {
            for b in right {
                if self.terms.len() >= MOST {
                    return;
                }
                self.add(assemble(Op::Mul, a, b), sample);
                if div {
                    self.add(assemble(Op::Div, a, b), sample);
                }
            }
        }
    }

    /// Adds a function unless it is there, constant, or without a finite value on some row.
    pub(crate) fn add(&mut self, tree: Tree, sample: &Sample) {
        if self.terms.len() >= MOST {
            return;
        }
        let tree = cleaned(&tree);
        if !tree.has_variable() {
            return;
        }
        let values = tree.to_expr().evaluate(&sample.views());
        let largest = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        if values.iter().any(|v| !v.is_finite()) || largest == 0.0 || largest > 1e12 {
            return;
        }
        let spread = values.iter().fold(0.0f64, |m, v| m.max((v - values[0]).abs()));
        if spread > 1e-9 * largest && self.seen.insert(signature(&values)) {
            self.terms.push(Term { tree, values });
        }
    }

    /// Adds random small functions: material that the list by hand does not have.
    pub(super) fn extend_randomly(
        &mut self,
        count: usize,
        sample: &Sample,
        vocabulary: &Vocabulary,
        rng: &mut ChaCha8Rng,
    ) {
        self.terms.truncate(MOST.saturating_sub(count));
        for _ in 0..count {
            let tree = vocabulary.draw_tree(rng.random_range(3..9), rng);
            self.add(tree, sample);
        }
    }

    /// The functions.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Term> {
        self.terms.iter()
    }

    /// The function at a place.
    pub(crate) fn get(&self, at: usize) -> &Term {
        &self.terms[at]
    }

    /// Number of functions.
    pub(crate) fn len(&self) -> usize {
        self.terms.len()
    }
}

fn number(v: f64) -> Tree {
    Tree::leaf(Symbol::Parameter(v))
}

fn function(op: Op, a: &Tree) -> Tree {
    let mut symbols = a.symbols().to_vec();
    symbols.push(Symbol::Unary(op));
    cleaned(&Tree::from_symbols(symbols))
}

/// Scales that are no factor outside of the function.
fn scales(op: Op) -> &'static [f64] {
    match op {
        Op::Square | Op::Cube | Op::Abs | Op::Sqrt | Op::Ln => &SCALES[..1],
        Op::Exp | Op::Relu | Op::Softplus => &SCALES,
        Op::Sin | Op::Cos => &[1.0, 0.3, 2.0, 3.5, std::f64::consts::TAU],
        Op::Asin | Op::Acos | Op::Tan => &SCALES[..1],
        _ => &[1.0, 0.3, 3.0],
    }
}

/// The values up to a factor, to nine digits, at a few rows.
fn signature(values: &[f64]) -> u64 {
    let norm = values.iter().map(|v| v * v).sum::<f64>().sqrt();
    let first = values.iter().find(|v| v.abs() > 1e-6 * norm).copied().unwrap_or(1.0);
    let scale = norm * first.signum();
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for k in 0..6 {
        let v = values[k * (values.len() - 1) / 5] / scale;
        hash = (hash ^ ((v * 1e9).round() as i64 as u64)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(17);
    }
    hash
}
