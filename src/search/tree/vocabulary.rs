//! [`Vocabulary`]: the symbols that a search may write, with how often it should.

use super::{Symbol, Tree};
use crate::expr::{Op, Primitive};
use crate::search::Problem;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Functions of one argument and how often they are drawn.
const UNARY: [(Op, u32); 18] = [
    (Op::Exp, 6),
    (Op::Ln, 5),
    (Op::Sqrt, 4),
    (Op::Square, 5),
    (Op::Cube, 2),
    (Op::Sin, 6),
    (Op::Cos, 5),
    (Op::Tan, 1),
    (Op::Asin, 1),
    (Op::Acos, 1),
    (Op::Atan, 1),
    (Op::Sinh, 1),
    (Op::Cosh, 1),
    (Op::Tanh, 3),
    (Op::Abs, 1),
    (Op::Logistic, 2),
    (Op::Relu, 2),
    (Op::Softplus, 1),
];

/// Functions of two arguments and how often they are drawn.
const BINARY: [(Op, u32); 7] =
    [(Op::Add, 7), (Op::Sub, 4), (Op::Mul, 8), (Op::Div, 5), (Op::Pow, 1), (Op::Max, 1), (Op::Min, 1)];

/// What a primitive set lets a formula contain.
#[derive(Clone, Debug)]
pub(crate) struct Vocabulary {
    unary: Vec<Op>,
    binary: Vec<Op>,
    /// Formulas of the user's own over variables 0 and 1, with their number of inputs.
    own: Vec<(Tree, usize)>,
    inputs: usize,
}

impl Vocabulary {
    /// The symbols of the space of a problem.
    pub(crate) fn new(problem: &Problem<'_>) -> Self {
        let set = &problem.space.primitives;
        // A draw is uniform over the list, in which frequent functions stand several times.
        let repeated = |rows: &[(Op, u32)]| -> Vec<Op> {
            rows.iter()
                .filter(|(op, _)| set.uses(*op))
                .flat_map(|(op, n)| std::iter::repeat_n(*op, *n as usize))
                .collect()
        };
        let own = set
            .primitives()
            .into_iter()
            .filter(|p| Primitive::named(&p.name).is_none() && p.arity > 0)
            .filter_map(|p| Tree::from_expr(p.template(), 30).map(|t| (t, p.arity)))
            .collect();
        Self { unary: repeated(&UNARY), binary: repeated(&BINARY), own, inputs: problem.columns.len() }
    }

    /// Number of inputs.
    pub(crate) fn inputs(&self) -> usize {
        self.inputs
    }

    /// The functions of one argument, each once, in a fixed order.
    pub(crate) fn unaries(&self) -> Vec<Op> {
        let mut ops = self.unary.clone();
        ops.dedup();
        ops
    }

    /// Whether a function may be written.
    pub(crate) fn has(&self, op: Op) -> bool {
        self.unary.contains(&op) || self.binary.contains(&op)
    }

    /// A function of one argument; `None` where there is none.
    pub(crate) fn draw_unary(&self, rng: &mut ChaCha8Rng) -> Option<Op> {
        (!self.unary.is_empty()).then(|| self.unary[rng.random_range(0..self.unary.len())])
    }

    /// A function of two arguments.
    pub(crate) fn draw_binary(&self, rng: &mut ChaCha8Rng) -> Op {
        self.binary[rng.random_range(0..self.binary.len())]
    }

    /// An input.
    pub(crate) fn draw_variable(&self, rng: &mut ChaCha8Rng) -> Symbol {
        Symbol::Variable(rng.random_range(0..self.inputs) as u32)
    }

    /// A number to start from.
    pub(crate) fn draw_number(rng: &mut ChaCha8Rng) -> f64 {
        let size: f64 = match rng.random_range(0..4) {
            0 => 1.0,
            _ => 2f64.powf(rng.random_range(-2.5..2.5)),
        };
        if rng.random_bool(0.3) { -size } else { size }
    }

    /// A random formula of about `size` symbols.
    pub(crate) fn draw_tree(&self, size: usize, rng: &mut ChaCha8Rng) -> Tree {
        let mut symbols = Vec::new();
        self.grow(size, rng, &mut symbols);
        Tree::from_symbols(symbols)
    }

    fn grow(&self, size: usize, rng: &mut ChaCha8Rng, out: &mut Vec<Symbol>) {
        if size <= 1 {
            let leaf = if rng.random_bool(0.85) {
                self.draw_variable(rng)
            } else {
                Symbol::Parameter(Self::draw_number(rng))
            };
            out.push(leaf);
            return;
        }
        if !self.own.is_empty() && rng.random_bool(0.25) {
            return self.grow_own(size, rng, out);
        }
        if (size == 2 || rng.random_bool(0.35))
            && let Some(op) = self.draw_unary(rng)
        {
            // Arguments of transcendental functions want a scale.
            let scale =
                size > 3 && rng.random_bool(0.4) && !matches!(op, Op::Square | Op::Cube | Op::Sqrt | Op::Abs);
            if scale {
                out.push(Symbol::Parameter(Self::draw_number(rng)));
            }
            self.grow(size - 1 - usize::from(scale) * 2, rng, out);
            if scale {
                out.push(Symbol::Binary(Op::Mul));
            }
            out.push(Symbol::Unary(op));
            return;
        }
        let op = self.draw_binary(rng);
        let left = if size > 3 { rng.random_range(1..size - 1) } else { 1 };
        self.grow(left, rng, out);
        if op == Op::Pow {
            out.push(Symbol::Parameter([0.5, 1.5, 2.5, -0.5, -1.5, 4.0][rng.random_range(0..6)]));
        } else {
            self.grow((size - 1).saturating_sub(left).max(1), rng, out);
        }
        out.push(Symbol::Binary(op));
    }

    fn grow_own(&self, size: usize, rng: &mut ChaCha8Rng, out: &mut Vec<Symbol>) {
        let (template, arity) = &self.own[rng.random_range(0..self.own.len())];
        let arguments: Vec<Tree> = (0..*arity).map(|_| self.draw_tree(size.min(5) / 2, rng)).collect();
        for symbol in template.symbols() {
            match *symbol {
                Symbol::Variable(v) => out.extend_from_slice(arguments[v as usize].symbols()),
                Symbol::Parameter(_) => out.push(Symbol::Parameter(Self::draw_number(rng))),
                other => out.push(other),
            }
        }
    }
}
