//! Functions with a kink or a step: where the range of the data keeps to one side of it, they vanish.

use super::algebra::{Algebra, exact, power_of};
use super::functions::inner;
use super::interval::Interval;
use super::normal_form::{Atom, Coef, Kind, Mono, Poly, compare_polys};
use super::rational::Rational;
use crate::expr::Op;
use std::cmp::Ordering;

impl Algebra<'_> {
    pub(super) fn abs(&mut self, arg: Poly) -> Poly {
        let range = self.range(&arg);
        if range.is_nonnegative() {
            return arg;
        }
        if range.is_nonpositive() {
            return self.negate(arg);
        }
        if let [m] = arg.as_slice() {
            let mut result = self.positive_number(m.coef);
            let mut inside = Mono::number(Coef::ONE);
            for f in m.factors.clone() {
                let power = power_of(f.base.clone(), f.exponent);
                let even = f.exponent.exact().is_some_and(Rational::is_even);
                let known = self.range(&power);
                if even || known.is_nonnegative() {
                    result = self.multiply(result, power);
                } else if known.is_nonpositive() {
                    let power = self.negate(power);
                    result = self.multiply(result, power);
                } else {
                    inside.factors.push(f);
                }
            }
            let inside = match inside.as_factor() {
                // |z^3| = |z|^3, |1/z| = 1/|z|
                Some(f) if !f.exponent.is_one() && f.exponent.exact().is_some_and(Rational::is_integer) => {
                    let base = self.atom_poly(f);
                    let exponent = f.exponent;
                    let abs = self.abs(base);
                    self.power(abs, exponent)
                }
                Some(f) if matches!(f.base.kind, Kind::Sum(_)) => {
                    let base = self.atom_poly(f);
                    self.even(Op::Abs, base)
                }
                _ => self.plain(Op::Abs, vec![inside]),
            };
            return self.multiply(result, inside);
        }
        let (content, base) = self.primitive(arg, true);
        let content = self.positive_number(content);
        let base = self.even(Op::Abs, base);
        self.multiply(content, base)
    }

    pub(super) fn positive_number(&mut self, coef: Coef) -> Poly {
        match coef {
            Coef::Exact(r) => exact(r.abs()),
            Coef::Fitted(_) => {
                let value = self.value(coef).abs();
                vec![Mono::number(self.fitted(value))]
            }
        }
    }

    pub(super) fn sign(&mut self, arg: Poly) -> Poly {
        let range = self.range(&arg);
        if range.defined && range.is_positive() {
            return exact(Rational::ONE);
        }
        if range.defined && range.high < 0.0 {
            return exact(Rational::MINUS_ONE);
        }
        let (content, base) = match arg.as_slice() {
            [m] if !m.factors.is_empty() => {
                (m.coef, vec![Mono { coef: Coef::ONE, factors: m.factors.clone() }])
            }
            [] | [_] => (Coef::ONE, arg),
            _ => self.primitive(arg, true),
        };
        let value = self.value(content);
        if value == 0.0 {
            let arg = self.multiply(vec![Mono::number(content)], base);
            return self.plain(Op::Sign, arg);
        }
        let base = match inner(&base) {
            Some((Op::Sign, _)) => base,
            _ => self.plain(Op::Sign, base),
        };
        if value < 0.0 { self.negate(base) } else { base }
    }

    pub(super) fn relu(&mut self, arg: Poly) -> Poly {
        let range = self.range(&arg);
        if range.is_nonnegative() {
            return arg;
        }
        if range.is_nonpositive() && range.defined {
            return Vec::new();
        }
        let (content, base) = match arg.as_slice() {
            [m] => (m.coef, vec![Mono { coef: Coef::ONE, factors: m.factors.clone() }]),
            _ => self.primitive(arg, false),
        };
        // relu(c z) = |c| relu(+-z)
        let negative = self.value(content) < 0.0;
        let front = self.positive_number(content);
        if front.is_empty() {
            return front;
        }
        let base = if negative { self.negate(base) } else { base };
        let relu = self.plain(Op::Relu, base);
        self.multiply(front, relu)
    }

    /// `max` and `min`.
    pub(super) fn extreme(&mut self, op: Op, a: Poly, b: Poly) -> Poly {
        let (a, b) = if compare_polys(&a, &b) == Ordering::Greater { (b, a) } else { (a, b) };
        if compare_polys(&a, &b) == Ordering::Equal {
            return a;
        }
        if op == Op::Max && (a.is_empty() || b.is_empty()) {
            return self.relu(if a.is_empty() { b } else { a });
        }
        let (ra, rb) = (self.range(&a), self.range(&b));
        let (above, below) = if op == Op::Max { (&a, &b) } else { (&b, &a) };
        if ra.low >= rb.high && ra.defined && rb.defined {
            return above.clone();
        }
        if rb.low >= ra.high && ra.defined && rb.defined {
            return below.clone();
        }
        let range = Interval::apply2(op, ra, rb);
        power_of(Atom::call2(op, a, b, range), Coef::ONE)
    }
}
