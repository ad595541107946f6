//! [`Tree`]: a written-out formula in postfix order.

use crate::expr::{Expr, ExprBuilder, Node, NodeId, Op, Primitive};
use std::ops::Range;

/// A symbol of a formula.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Symbol {
    /// An exact number: integer exponents and the like.
    Constant(f64),
    /// A fitted number with its present value.
    Parameter(f64),
    /// An input.
    Variable(u32),
    /// A function of one argument.
    Unary(Op),
    /// A function of two arguments.
    Binary(Op),
}

impl Symbol {
    /// Number of arguments.
    pub(crate) fn arity(self) -> usize {
        match self {
            Symbol::Unary(_) => 1,
            Symbol::Binary(_) => 2,
            _ => 0,
        }
    }

    /// The number, where the symbol is one.
    pub(crate) fn number(self) -> Option<f64> {
        match self {
            Symbol::Constant(v) | Symbol::Parameter(v) => Some(v),
            _ => None,
        }
    }

    fn complexity(self) -> u32 {
        match self {
            Symbol::Unary(op) | Symbol::Binary(op) => Primitive::complexity_of(op),
            _ => 1,
        }
    }
}

/// A formula as a list of symbols, arguments before the function that takes them; every part of it is a slice.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tree {
    symbols: Vec<Symbol>,
}

impl Tree {
    /// A formula of one symbol.
    pub(crate) fn leaf(symbol: Symbol) -> Self {
        debug_assert_eq!(symbol.arity(), 0);
        Self { symbols: vec![symbol] }
    }

    /// A formula from its symbols in postfix order.
    pub(crate) fn from_symbols(symbols: Vec<Symbol>) -> Self {
        debug_assert_eq!(
            symbols.iter().try_fold(0usize, |depth, s| depth.checked_sub(s.arity()).map(|d| d + 1)),
            Some(1),
            "one root"
        );
        Self { symbols }
    }

    /// The written-out form of an expression; `None` where it has more than `most` symbols.
    pub(crate) fn from_expr(expr: &Expr, most: usize) -> Option<Self> {
        let mut parts: Vec<Vec<Symbol>> = Vec::with_capacity(expr.nodes().len());
        for node in expr.nodes() {
            let part = match *node {
                Node::Constant(c) => vec![Symbol::Constant(c)],
                Node::Parameter(p) => vec![Symbol::Parameter(expr.parameters()[p as usize])],
                Node::Variable(v) => vec![Symbol::Variable(v)],
                Node::Unary(op, a) => {
                    let mut part = parts[a as usize].clone();
                    part.push(Symbol::Unary(op));
                    part
                }
                Node::Binary(op, a, b) => {
                    let mut part = parts[a as usize].clone();
                    part.extend_from_slice(&parts[b as usize]);
                    part.push(Symbol::Binary(op));
                    part
                }
            };
            if part.len() > most {
                return None;
            }
            parts.push(part);
        }
        parts.pop().map(|symbols| Self { symbols })
    }

    /// The formula as an expression whose equal parts exist once. Every parameter stays one of its own.
    pub(crate) fn to_expr(&self) -> Expr {
        let mut g = ExprBuilder::new();
        let mut stack: Vec<NodeId> = Vec::new();
        for symbol in &self.symbols {
            let id = match *symbol {
                Symbol::Constant(v) => g.constant(v),
                Symbol::Parameter(v) => g.parameter(v),
                Symbol::Variable(v) => g.variable(v as usize),
                Symbol::Unary(op) => {
                    let a = stack.pop().expect("postfix order");
                    g.unary(op, a)
                }
                Symbol::Binary(op) => {
                    let b = stack.pop().expect("postfix order");
                    let a = stack.pop().expect("postfix order");
                    g.binary(op, a, b)
                }
            };
            stack.push(id);
        }
        g.finish(stack[0])
    }

    /// The symbols, root last.
    pub(crate) fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    /// Number of symbols.
    pub(crate) fn len(&self) -> usize {
        self.symbols.len()
    }

    /// The positions of the part whose root is at `root`.
    pub(crate) fn span(&self, root: usize) -> Range<usize> {
        let mut open = 1;
        let mut start = root + 1;
        while open > 0 {
            start -= 1;
            open += self.symbols[start].arity();
            open -= 1;
        }
        start..root + 1
    }

    /// The part whose root is at `root`.
    pub(crate) fn part(&self, root: usize) -> Tree {
        Tree { symbols: self.symbols[self.span(root)].to_vec() }
    }

    /// The formula with another part in place of the one whose root is at `root`.
    pub(crate) fn replaced(&self, root: usize, part: &[Symbol]) -> Tree {
        let span = self.span(root);
        let mut symbols = Vec::with_capacity(self.symbols.len() + part.len() - span.len());
        symbols.extend_from_slice(&self.symbols[..span.start]);
        symbols.extend_from_slice(part);
        symbols.extend_from_slice(&self.symbols[span.end..]);
        Tree { symbols }
    }

    /// The complexity of the formula, as [`crate::expr::complexity`] counts it.
    pub(crate) fn complexity(&self) -> u32 {
        self.symbols.iter().map(|s| s.complexity()).sum()
    }

    /// Whether some input occurs.
    pub(crate) fn has_variable(&self) -> bool {
        self.symbols.iter().any(|s| matches!(s, Symbol::Variable(_)))
    }

    /// The formula with new values of its parameters, in order of the expression of [`Tree::to_expr`], which
    /// numbers them as they stand here.
    pub(crate) fn with_parameters(&self, values: &[f64]) -> Tree {
        let mut next = values.iter();
        let symbols = self
            .symbols
            .iter()
            .map(|s| match s {
                Symbol::Parameter(_) => Symbol::Parameter(*next.next().expect("one value per parameter")),
                other => *other,
            })
            .collect();
        Tree { symbols }
    }

    /// A number that is the same for formulas that differ in the values of their parameters only.
    pub(crate) fn structure(&self) -> u64 {
        // FNV-1a: a fixed function, so that runs repeat.
        let mut hash = 0xcbf2_9ce4_8422_2325u64;
        let mut feed = |x: u64| hash = (hash ^ x).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23);
        for symbol in &self.symbols {
            match *symbol {
                Symbol::Constant(v) => {
                    feed(1);
                    feed(v.to_bits());
                }
                Symbol::Parameter(_) => feed(2),
                Symbol::Variable(v) => feed(3 + (u64::from(v) << 8)),
                Symbol::Unary(op) => feed(4 + ((op as u64) << 8)),
                Symbol::Binary(op) => feed(5 + ((op as u64) << 8)),
            }
        }
        hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let x = Expr::variable(0);
        let e = Expr::parameter(2.0) * (Expr::parameter(3.0) * x.clone()).apply(Op::Exp) + x;
        let tree = Tree::from_expr(&e, 50).unwrap();
        assert_eq!(tree.to_expr(), e);
        assert_eq!(tree.complexity(), crate::expr::complexity(&e));
        assert!(Tree::from_expr(&e, 5).is_none());
        let other = tree.with_parameters(&[5.0, 7.0]);
        assert_eq!(other.to_expr().parameters(), [5.0, 7.0]);
        assert_eq!(other.structure(), tree.structure());
    }

    #[test]
    fn parts() {
        // (x0 * x1) + exp(x0)
        let x = |i| Symbol::Variable(i);
        let tree = Tree::from_symbols(vec![
            x(0),
            x(1),
            Symbol::Binary(Op::Mul),
            x(0),
            Symbol::Unary(Op::Exp),
            Symbol::Binary(Op::Add),
        ]);
        assert_eq!(tree.span(2), 0..3);
        assert_eq!(tree.span(4), 3..5);
        assert_eq!(tree.span(5), 0..6);
        assert_eq!(tree.part(4).to_expr(), Expr::variable(0).apply(Op::Exp));
        assert_eq!(tree.replaced(2, &[x(1)]).len(), 4);
    }
}
