//! Normal form to expression: common factors in front, quotients instead of negative powers, `x - y` instead of
//! `x + -1*y`, positive terms first.

use super::algebra::{Algebra, power_of};
use super::normal_form::{
    Atom, Coef, Factor, Kind, Mono, Poly, compare_atoms, compare_factors, size_of_factor, size_of_mono,
};
use super::rational::Rational;
use crate::expr::{Expr, ExprBuilder, NodeId, Op};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

pub(super) struct Emitter<'e, 'a> {
    algebra: &'e mut Algebra<'a>,
    graph: ExprBuilder,
    /// Node of a fitted constant, as it is or with its sign changed.
    parameters: BTreeMap<(u32, bool), NodeId>,
}

impl<'e, 'a> Emitter<'e, 'a> {
    pub(super) fn new(algebra: &'e mut Algebra<'a>) -> Self {
        Self { algebra, graph: ExprBuilder::new(), parameters: BTreeMap::new() }
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

    fn is_negative(&self, m: &Mono) -> bool {
        match m.coef {
            Coef::Exact(r) => r.is_negative(),
            Coef::Fitted(i) => self.algebra.values[i as usize] < 0.0,
        }
    }

    // ---- sums ----

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

    /// `ln x + 2 ln y` as `ln(x y^2)`, where all of them are positive.
    fn gather_logarithms(&mut self, poly: Poly) -> Poly {
        let two = Rational::integer(2);
        let logarithm = |m: &Mono| match m.factors.as_slice() {
            [Factor { base, exponent }] if exponent.is_one() => match &base.kind {
                Kind::Call(Op::Ln, z) => {
                    let c = m.coef.exact()?;
                    let small = c.abs() == two || c.abs().is_one() || c.abs() == Rational::HALF;
                    small.then(|| (c, z.clone()))
                }
                _ => None,
            },
            _ => None,
        };
        let found: Vec<(Rational, Poly)> = poly.iter().filter_map(logarithm).collect();
        let equal = found.iter().all(|(c, _)| c.abs() == found[0].0.abs());
        if found.len() < 2 {
            return poly;
        }
        let common = if equal { found[0].0.abs() } else { Rational::ONE };
        // One argument may be negative: then both sides are NaN together, unless an even power hides it.
        let unsure: Vec<&(Rational, Poly)> =
            found.iter().filter(|(_, z)| !self.algebra.range(z).is_positive()).collect();
        if unsure.len() > 1 || unsure.iter().any(|(c, _)| !equal && c.is_even()) {
            return poly;
        }
        let mut rest: Poly = poly.into_iter().filter(|m| logarithm(m).is_none()).collect();
        let mut product = vec![Mono::number(Coef::ONE)];
        for (c, z) in found {
            let power = common.inverse().and_then(|i| c.times(i)).unwrap_or(c);
            let power = self.algebra.power(z, Coef::Exact(power));
            product = self.algebra.multiply(product, power);
        }
        let range = self.algebra.range(&product).apply(Op::Ln);
        let mut gathered = power_of(Atom::call(Op::Ln, product, range), Coef::ONE);
        gathered[0].coef = Coef::Exact(common);
        rest.splice(0..0, gathered);
        rest
    }

    /// Takes out the factor, exact coefficient or power, that shortens the sum most; again until none does.
    fn factor_out(&mut self, mut poly: Poly) -> Poly {
        while poly.len() > 1 {
            let mut best: Option<(u32, Factor, Vec<usize>)> = None;
            let mut coefficient: Option<(Rational, Vec<usize>)> = None;
            for (i, m) in poly.iter().enumerate() {
                for f in m.factors.iter().filter(|f| !f.exponent.is_fitted()) {
                    let members: Vec<usize> =
                        (0..poly.len()).filter(|&j| holds(&poly[j], f).is_some()).collect();
                    // Each set of terms once, when its first member comes by.
                    if members.len() < 2 || members[0] != i {
                        continue;
                    }
                    let before: u32 = members.iter().map(|&j| size_of_mono(&poly[j])).sum();
                    let after: u32 = members.iter().map(|&j| size_of_mono(&without(&poly[j], f))).sum();
                    let after = after + size_of_factor(f) + 1;
                    if before > after && best.as_ref().is_none_or(|b| before - after > b.0) {
                        best = Some((before - after, f.clone(), members));
                    }
                }
                if let Some(r) = m.coef.exact().map(Rational::abs).filter(|r| !r.is_one())
                    && !m.factors.is_empty()
                {
                    let same = |j: &usize| poly[*j].coef.exact().is_some_and(|c| c.abs() == r);
                    let members: Vec<usize> = (0..poly.len()).filter(same).collect();
                    let known = coefficient.as_ref().map_or(1, |(_, c)| c.len());
                    if members.len() > known {
                        coefficient = Some((r, members));
                    }
                }
            }
            let coefficient_saving = coefficient.as_ref().map_or(0, |(_, c)| 2 * (c.len() as u32 - 1));
            let grouped = match (best, coefficient) {
                (Some((saving, f, members)), _) if saving >= coefficient_saving => {
                    let inner: Poly = members.iter().map(|&j| without(&poly[j], &f)).collect();
                    (members, self.grouped(Coef::ONE, vec![f], inner))
                }
                (_, Some((r, members))) => {
                    let unit = |m: &Mono| {
                        let sign = if m.coef.exact().is_some_and(Rational::is_negative) {
                            Rational::MINUS_ONE
                        } else {
                            Rational::ONE
                        };
                        Mono { coef: Coef::Exact(sign), factors: m.factors.clone() }
                    };
                    let inner: Poly = members.iter().map(|&j| unit(&poly[j])).collect();
                    (members, self.grouped(Coef::Exact(r), Vec::new(), inner))
                }
                _ => break,
            };
            let (members, group) = grouped;
            let mut at = 0;
            poly.retain(|_| {
                at += 1;
                !members.contains(&(at - 1))
            });
            poly.push(group);
            poly.sort_by(|a, b| compare_factors(&a.factors, &b.factors));
        }
        poly
    }

    /// `coef * factors * (inner)` as one term, its sign where it reads best.
    fn grouped(&mut self, coef: Coef, mut factors: Vec<Factor>, inner: Poly) -> Mono {
        let minus = inner.iter().filter(|m| self.is_negative(m)).count();
        let plus = inner.len() - minus;
        let lead = inner.iter().find(|m| m.factors.is_empty()).or(inner.first());
        let flip = minus > plus || minus == plus && lead.is_some_and(|m| self.is_negative(m));
        let (coef, inner) = match (coef, flip) {
            (Coef::Exact(r), true) => (Coef::Exact(r.negated()), self.negated(&inner)),
            _ => (coef, inner),
        };
        let range = self.algebra.range(&inner);
        factors.push(Factor { base: Atom::sum(inner, range), exponent: Coef::ONE });
        Mono { coef, factors }
    }

    fn negated(&mut self, poly: &Poly) -> Poly {
        poly.iter()
            .map(|m| {
                let coef = match m.coef {
                    Coef::Exact(r) => Coef::Exact(r.negated()),
                    Coef::Fitted(i) => self.algebra.fitted(-self.algebra.values[i as usize]),
                };
                Mono { coef, factors: m.factors.clone() }
            })
            .collect()
    }

    // ---- terms ----

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
        let mut above: Vec<NodeId> = Vec::new();
        let mut below: Vec<NodeId> = Vec::new();
        let (upper, lower): (Vec<&Factor>, Vec<&Factor>) =
            factors.iter().partition(|f| !f.exponent.exact().is_some_and(Rational::is_negative));
        let lone = factors.len() == 1 && coef.is_one();
        match coef {
            Coef::Fitted(i) => {
                let negated = unsigned && self.algebra.values[i as usize] < 0.0;
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

/// Where in the term a power stands of which `f` is a part: same base, same sign, at least that exponent.
fn holds(m: &Mono, f: &Factor) -> Option<usize> {
    let e = f.exponent.exact()?;
    m.factors.iter().position(|g| {
        g.exponent.exact().is_some_and(|d| d.is_negative() == e.is_negative() && d.abs() >= e.abs())
            && compare_atoms(&g.base, &f.base) == Ordering::Equal
    })
}

/// The term divided by a factor that it holds.
fn without(m: &Mono, f: &Factor) -> Mono {
    let mut m = m.clone();
    if let (Some(at), Some(e)) = (holds(&m, f), f.exponent.exact())
        && let Some(d) = m.factors[at].exponent.exact()
    {
        match d.plus(e.negated()) {
            Some(left) if !left.is_zero() => m.factors[at].exponent = Coef::Exact(left),
            _ => {
                m.factors.remove(at);
            }
        }
    }
    m
}
