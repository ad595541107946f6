//! Arithmetic on normal forms: sums, products and powers that stay in `Σ c Π z^p`.
//!
//! Every step that could change a value somewhere asks the range of the data first: factors cancel where they
//! cannot be 0 (or everywhere, with [`Poles::Lost`]), a root is taken apart where its parts cannot be negative, a vanishing term is dropped where it
//! cannot be infinite. Free fitted constants take up what is constant around them and stay free.

use super::interval::Interval;
use super::normal_form::{Atom, Coef, Factor, Kind, Mono, Poly, compare_factors};
use super::rational::Rational;
use crate::expr::Op;
use std::cmp::Ordering;
use std::rc::Rc;

/// The arithmetic with the values of the fitted constants, old ones and merged ones.
pub(super) struct Algebra<'a> {
    pub(super) ranges: &'a [Interval],
    pub(super) values: Vec<f64>,
    /// Products and powers of sums are multiplied out.
    pub(super) expand: bool,
    pub(super) poles: Poles,
}

/// What becomes of a factor above and below the fraction bar that may be 0: of `x^2/x` at 0.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Poles {
    /// The quotient stays, and with it the place where it has no value.
    Kept,
    /// The factor cancels: `x`, which has a value there. The data have to be asked whether they see it.
    Lost,
}

/// Sums of more terms than this are not multiplied out.
pub(super) const LARGEST_EXPANSION: usize = 64;
impl Algebra<'_> {
    pub(super) fn fitted(&mut self, value: f64) -> Coef {
        self.values.push(value);
        Coef::Fitted((self.values.len() - 1) as u32)
    }

    pub(super) fn value(&self, coef: Coef) -> f64 {
        match coef {
            Coef::Exact(r) => r.to_f64(),
            Coef::Fitted(i) => self.values[i as usize],
        }
    }

    pub(super) fn number(&self, value: f64) -> Poly {
        match Rational::from_f64(value) {
            Some(r) => exact(r),
            None => power_of(Atom::leaf(Kind::Number(value.to_bits()), Interval::point(value)), Coef::ONE),
        }
    }

    pub(super) fn range_of_coef(&self, coef: Coef) -> Interval {
        match coef {
            Coef::Exact(r) => Interval::point(r.to_f64()),
            Coef::Fitted(i) => Interval::fitted(self.values[i as usize]),
        }
    }

    pub(super) fn range_of_factor(&self, f: &Factor) -> Interval {
        if f.exponent.is_one() {
            return f.base.range;
        }
        Interval::apply2(Op::Pow, f.base.range, self.range_of_coef(f.exponent))
    }

    pub(super) fn range_of_mono(&self, m: &Mono) -> Interval {
        m.factors.iter().fold(self.range_of_coef(m.coef), |range, f| {
            Interval::apply2(Op::Mul, range, self.range_of_factor(f))
        })
    }

    pub(super) fn range(&self, poly: &[Mono]) -> Interval {
        let Some((first, rest)) = poly.split_first() else { return Interval::point(0.0) };
        rest.iter().fold(self.range_of_mono(first), |range, m| {
            Interval::apply2(Op::Add, range, self.range_of_mono(m))
        })
    }

    /// The value of a sum in which no variable occurs.
    pub(super) fn constant_value(&self, poly: &[Mono]) -> f64 {
        poly.iter().map(|m| self.constant_mono(m)).sum()
    }

    pub(super) fn constant_mono(&self, m: &Mono) -> f64 {
        m.factors.iter().fold(self.value(m.coef), |product, f| product * self.constant_factor(f))
    }

    pub(super) fn constant_factor(&self, f: &Factor) -> f64 {
        let base = match &f.base.kind {
            Kind::Number(bits) => f64::from_bits(*bits),
            Kind::Shared(i) => self.values[*i as usize],
            Kind::Variable(_) => f64::NAN,
            Kind::Call(op, a) => op.value(self.constant_value(a)),
            Kind::Call2(op, a, b) => op.value2(self.constant_value(a), self.constant_value(b)),
            Kind::Sum(a) => self.constant_value(a),
        };
        if f.exponent.is_one() { base } else { base.powf(self.value(f.exponent)) }
    }

    pub(super) fn add_coefs(&mut self, a: Coef, b: Coef) -> Option<Coef> {
        match (a, b) {
            (Coef::Exact(x), Coef::Exact(y)) => x.plus(y).map(Coef::Exact),
            _ => Some(self.fitted(self.value(a) + self.value(b))),
        }
    }

    pub(super) fn add(&mut self, a: Poly, b: Poly) -> Poly {
        if a.is_empty() {
            return b;
        }
        if b.is_empty() {
            return a;
        }
        let mut terms = a;
        terms.extend(b);
        self.collect(terms)
    }

    /// Sorts terms and adds like ones.
    pub(super) fn collect(&mut self, mut terms: Vec<Mono>) -> Poly {
        terms.sort_by(|a, b| compare_factors(&a.factors, &b.factors));
        let mut sum: Poly = Vec::with_capacity(terms.len());
        for term in terms {
            if let Some(last) = sum.last_mut()
                && compare_factors(&last.factors, &term.factors) == Ordering::Equal
                && let Some(coef) = self.add_coefs(last.coef, term.coef)
            {
                last.coef = coef;
                continue;
            }
            sum.push(term);
        }
        // 0 * f is 0 only where f is finite.
        sum.retain(|m| {
            let zero = m.coef.exact().is_some_and(Rational::is_zero);
            !(zero && m.factors.iter().all(|f| self.range_of_factor(f).is_finite()))
        });
        // A free additive constant takes up the others.
        let constants = sum.iter().filter(|m| m.is_constant()).count();
        if constants >= 2 && sum.iter().any(|m| m.is_constant() && m.coef.is_fitted()) {
            let total: f64 = sum.iter().filter(|m| m.is_constant()).map(|m| self.constant_mono(m)).sum();
            if total.is_finite() {
                sum.retain(|m| !m.is_constant());
                let coef = self.fitted(total);
                sum.push(Mono::number(coef));
            }
        }
        sum
    }

    pub(super) fn negate(&mut self, poly: Poly) -> Poly {
        self.scale(poly, Coef::Exact(Rational::MINUS_ONE))
    }

    pub(super) fn scale(&mut self, poly: Poly, by: Coef) -> Poly {
        self.multiply(vec![Mono::number(by)], poly)
    }
}

/// An exact number as a sum.
pub(super) fn exact(r: Rational) -> Poly {
    if r.is_zero() { Vec::new() } else { vec![Mono::number(Coef::Exact(r))] }
}

/// A power of an atom as a sum.
pub(super) fn power_of(base: Rc<Atom>, exponent: Coef) -> Poly {
    vec![Mono { coef: Coef::ONE, factors: vec![Factor { base, exponent }] }]
}

pub(super) fn number_factor(value: f64, exponent: Coef) -> Factor {
    Factor { base: Atom::leaf(Kind::Number(value.to_bits()), Interval::point(value)), exponent }
}
