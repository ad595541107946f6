//! Normal form to expression: common factors in front, quotients instead of negative powers, `x - y` instead of
//! `x + -1*y`, positive terms first.

use super::algebra::Algebra;
use super::normal_form::{Atom, Coef, Factor, Kind, Mono, Poly};
use super::rational::Rational;
use crate::expr::{Expr, ExprBuilder, NodeId, Op};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What the sign of a fitted constant does to the structure.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Signs {
    /// `x - 2` rather than `x + -2`: for people.
    Written,
    /// Nothing: expressions that differ in the values of constants only have one structure.
    Ignored,
}

pub(super) struct Emitter<'e, 'a> {
    pub(super) algebra: &'e mut Algebra<'a>,
    graph: ExprBuilder,
    signs: Signs,
    /// Node of a fitted constant, as it is or with its sign changed.
    parameters: BTreeMap<(u32, bool), NodeId>,
}

impl<'e, 'a> Emitter<'e, 'a> {
    pub(super) fn new(algebra: &'e mut Algebra<'a>, signs: Signs) -> Self {
        Self { algebra, signs, graph: ExprBuilder::new(), parameters: BTreeMap::new() }
    }

    pub(super) fn expression(mut self, poly: &Poly) -> Expr {
        let root = self.sum(poly.clone());
        self.graph.finish(root)
    }

    fn parameter(&mut self, id: u32, negated: bool) -> NodeId {
        if let Some(node) = self.parameters.get(&(id, negated)) {
            return *node;
        }
        let value = self.algebra.values[id as usize];
        let node = self.graph.parameter(if negated { -value } else { value });
        self.parameters.insert((id, negated), node);
        node
    }

    pub(super) fn is_negative(&self, m: &Mono) -> bool {
        match m.coef {
            Coef::Exact(r) => r.is_negative(),
            Coef::Fitted(i) => self.signs == Signs::Written && self.algebra.values[i as usize] < 0.0,
        }
    }

    fn sum(&mut self, poly: Poly) -> NodeId {
        let poly = self.gather_logarithms(poly);
        let poly = self.factor_out(poly);
        let Some(first) = self.leading_term(&poly) else { return self.graph.constant(0.0) };
        let mut sum = if self.is_negative(&poly[first]) {
            self.negative_term(&poly[first])
        } else {
            self.term(poly[first].coef, &poly[first].factors, false)
        };
        for (i, m) in poly.iter().enumerate() {
            if i == first {
                continue;
            }
            let negative = self.is_negative(m);
            let term = self.term(m.coef, &m.factors, negative);
            sum = self.graph.binary(if negative { Op::Sub } else { Op::Add }, sum, term);
        }
        sum
    }

    /// The term to begin with: an exact constant from which something is taken off or to which only functions
    /// are added (1 - x, 1 + exp(x)), else the first positive one, else one whose coefficient can carry the sign.
    fn leading_term(&self, poly: &Poly) -> Option<usize> {
        let positive = |m: &Mono| !self.is_negative(m);
        let taken_off = poly.iter().any(|m| self.is_negative(m));
        let constant = |m: &Mono| m.is_constant() && !m.coef.is_fitted() && positive(m);
        let called = |m: &Mono| m.factors.iter().any(|f| matches!(f.base.kind, Kind::Call(..)));
        let taken_off = taken_off || poly.iter().all(|m| m.is_constant() || called(m));
        let carries = |m: &Mono| {
            m.coef.is_fitted() || m.factors.is_empty() || m.coef.exact() != Some(Rational::MINUS_ONE)
        };
        poly.iter()
            .position(|m| taken_off && constant(m))
            .or_else(|| poly.iter().position(positive))
            .or_else(|| poly.iter().position(carries))
            .or(if poly.is_empty() { None } else { Some(0) })
    }

    /// True where the sum can be written with the opposite sign without a minus in front of it.
    fn can_be_negated(&self, poly: &Poly) -> bool {
        poly.iter().any(|m| {
            self.is_negative(m)
                || m.coef.is_fitted()
                || m.factors.is_empty()
                || m.coef.exact().is_some_and(|r| !r.abs().is_one())
        })
    }

    /// A term with a minus in front, where the minus goes to the place in which it costs least.
    fn negative_term(&mut self, m: &Mono) -> NodeId {
        let carries = m.coef.exact() != Some(Rational::MINUS_ONE) || m.factors.is_empty();
        if carries {
            return self.term(m.coef, &m.factors, false);
        }
        for (i, f) in m.factors.iter().enumerate() {
            let odd = f.exponent.exact().is_some_and(|e| e.is_integer() && !e.is_even());
            if !odd {
                continue;
            }
            let flipped = match &f.base.kind {
                Kind::Sum(terms) if self.can_be_negated(terms) => {
                    let terms = self.negated(terms);
                    Some(Atom::sum(terms, f.base.range.apply(Op::Neg)))
                }
                Kind::Call(op, arg) if is_odd(*op) && self.can_be_negated(arg) => {
                    let arg = self.negated(arg);
                    Some(Atom::call(*op, arg, f.base.range.apply(Op::Neg)))
                }
                _ => None,
            };
            if let Some(base) = flipped {
                let mut factors = m.factors.clone();
                factors[i] = Factor { base, exponent: f.exponent };
                return self.term(Coef::ONE, &factors, false);
            }
        }
        if m.factors.iter().all(|f| f.exponent.exact().is_some_and(Rational::is_negative)) {
            return self.term(m.coef, &m.factors, false);
        }
        let term = self.term(Coef::ONE, &m.factors, false);
        self.graph.unary(Op::Neg, term)
    }

    /// A term, without its sign if `unsigned`.
    fn term(&mut self, coef: Coef, factors: &[Factor], unsigned: bool) -> NodeId {
        if let Some(short) = self.number_into_root(coef, factors) {
            return self.term(short.coef, &short.factors, unsigned);
        }
        let mut above: Vec<NodeId> = Vec::new();
        let mut below: Vec<NodeId> = Vec::new();
        let (upper, lower): (Vec<&Factor>, Vec<&Factor>) =
            factors.iter().partition(|f| !f.exponent.exact().is_some_and(Rational::is_negative));
        let lone = factors.len() == 1 && coef.is_one();
        match coef {
            Coef::Fitted(i) => {
                let negated =
                    unsigned && self.signs == Signs::Written && self.algebra.values[i as usize] < 0.0;
                above.push(self.parameter(i, negated));
            }
            Coef::Exact(r) => self.number(if unsigned { r.abs() } else { r }, &upper, &mut above, &mut below),
        }
        self.powers(&upper, lone, &mut above, &mut below);
        let mut lower_nodes = Vec::new();
        self.powers(&lower, true, &mut lower_nodes, &mut above);
        below.extend(lower_nodes);
        match (self.product(&above), self.product(&below)) {
            (Some(a), Some(b)) => self.graph.binary(Op::Div, a, b),
            (Some(a), None) => a,
            (None, Some(b)) => self.graph.unary(Op::Reciprocal, b),
            (None, None) => self.graph.constant(1.0),
        }
    }

    fn product(&mut self, nodes: &[NodeId]) -> Option<NodeId> {
        let (first, rest) = nodes.split_first()?;
        Some(rest.iter().fold(*first, |p, n| self.graph.binary(Op::Mul, p, *n)))
    }

    /// An exact coefficient, on top of the fraction bar or below it: 3*x, x/2, 0.03*x, 2*x/3.
    fn number(&mut self, r: Rational, upper: &[&Factor], above: &mut Vec<NodeId>, below: &mut Vec<NodeId>) {
        let (p, q) = (r.numerator(), r.denominator());
        let terminates = {
            let mut q = q;
            while q % 2 == 0 {
                q /= 2;
            }
            while q % 5 == 0 {
                q /= 5;
            }
            q == 1
        };
        let quotient = !upper.is_empty() && p == 1 && q <= 12 && q != 10;
        if q == 1 {
            if p != 1 {
                above.push(self.graph.constant(p as f64));
            }
        } else if terminates && !quotient {
            above.push(self.graph.constant(r.to_f64()));
        } else {
            if p != 1 || upper.is_empty() {
                above.push(self.graph.constant(p as f64));
            }
            below.push(self.graph.constant(q as f64));
        }
    }

    /// Powers with the sign of their exponents left out; equal exponents share one power: `(x*y)^2`.
    fn powers(&mut self, factors: &[&Factor], lone: bool, out: &mut Vec<NodeId>, opposite: &mut Vec<NodeId>) {
        let mut done = vec![false; factors.len()];
        for i in 0..factors.len() {
            if done[i] {
                continue;
            }
            let exponent = factors[i].exponent;
            let mut group = vec![i];
            if let Some(e) = exponent.exact()
                && !e.abs().is_one()
            {
                group.extend((i + 1..factors.len()).filter(|&j| factors[j].exponent == exponent));
            }
            if !lone
                && exponent.is_one()
                && let Kind::Call(Op::Exp, arg) = &factors[i].base.kind
                && !arg.iter().any(|m| !self.is_negative(m) || self.carries_sign(m))
            {
                // y * exp(-x) is longer than y / exp(x).
                let arg = self.negated(arg);
                let arg = self.sum(arg);
                opposite.push(self.graph.unary(Op::Exp, arg));
                continue;
            }
            let mut bases = Vec::new();
            for &j in &group {
                done[j] = true;
                bases.push(self.atom(&factors[j].base.clone()));
            }
            let Some(base) = self.product(&bases) else { continue };
            out.push(self.power(base, exponent));
        }
    }

    /// True where a minus can go into the number that the term begins with.
    fn carries_sign(&self, m: &Mono) -> bool {
        m.factors.is_empty() || m.coef.exact() != Some(Rational::MINUS_ONE)
    }

    fn power(&mut self, base: NodeId, exponent: Coef) -> NodeId {
        let e = match exponent {
            Coef::Exact(r) => r.abs(),
            Coef::Fitted(i) => {
                let p = self.parameter(i, false);
                return self.graph.binary(Op::Pow, base, p);
            }
        };
        match (e.numerator(), e.denominator()) {
            (1, 1) => base,
            (2, 1) => self.graph.unary(Op::Square, base),
            (3, 1) => self.graph.unary(Op::Cube, base),
            (1, 2) => self.graph.unary(Op::Sqrt, base),
            _ => {
                let p = self.graph.constant(e.to_f64());
                self.graph.binary(Op::Pow, base, p)
            }
        }
    }

    fn atom(&mut self, atom: &Rc<Atom>) -> NodeId {
        match &atom.kind {
            Kind::Number(bits) => self.graph.constant(f64::from_bits(*bits)),
            Kind::Shared(i) => self.parameter(*i, false),
            Kind::Variable(v) => self.graph.variable(*v as usize),
            Kind::Call(op, arg) => {
                let arg = self.sum(arg.clone());
                self.graph.unary(*op, arg)
            }
            Kind::Call2(op, a, b) => {
                let (a, b) = (self.sum(a.clone()), self.sum(b.clone()));
                self.graph.binary(*op, a, b)
            }
            Kind::Sum(terms) => self.sum(terms.clone()),
        }
    }
}

fn is_odd(op: Op) -> bool {
    matches!(op, Op::Sin | Op::Tan | Op::Asin | Op::Atan | Op::Sinh | Op::Tanh | Op::Sign)
}
