//! Products of normal forms: exponents of equal factors add where no pole is lost, exponentials merge, a
//! coefficient goes into the sum behind it where that writes no fitted constant twice.

use super::algebra::{Algebra, LARGEST_EXPANSION, Poles, number_factor};
use super::content::take_common_factors;
use super::normal_form::{Atom, Coef, Factor, Kind, Mono, Poly, compare_atoms};
use super::rational::Rational;
use crate::expr::Op;
use std::cmp::Ordering;

impl Algebra<'_> {
    /// The product of two coefficients; where it is no small fraction, one of them is handed back as a factor.
    pub(super) fn multiply_coefs(&mut self, a: Coef, b: Coef) -> (Coef, Option<Factor>) {
        if a.is_one() {
            return (b, None);
        }
        if b.is_one() {
            return (a, None);
        }
        match (a, b) {
            (Coef::Exact(x), Coef::Exact(y)) => match x.times(y) {
                Some(r) => (Coef::Exact(r), None),
                None => (a, Some(number_factor(y.to_f64(), Coef::ONE))),
            },
            _ => (self.fitted(self.value(a) * self.value(b)), None),
        }
    }

    pub(super) fn multiply(&mut self, a: Poly, b: Poly) -> Poly {
        match (a.as_slice(), b.as_slice()) {
            ([m], _) if m.factors.is_empty() && b.len() > 1 => return self.distribute(m.coef, b),
            (_, [m]) if m.factors.is_empty() && a.len() > 1 => return self.distribute(m.coef, a),
            _ => {}
        }
        let (a, b) = (self.as_mono(a), self.as_mono(b));
        self.multiply_monos(a, b)
    }

    /// A sum as a single term: itself, or its common factors times the rest as a factor.
    pub(super) fn as_mono(&mut self, mut poly: Poly) -> Mono {
        match poly.len() {
            0 => Mono::number(Coef::Exact(Rational::ZERO)),
            1 => poly.remove(0),
            _ => {
                let (mut factors, poly) = take_common_factors(poly);
                let (coef, base) = self.primitive(poly, true);
                let range = self.range(&base);
                self.push_factor(&mut factors, Factor { base: Atom::sum(base, range), exponent: Coef::ONE });
                Mono { coef, factors }
            }
        }
    }

    pub(super) fn multiply_monos(&mut self, a: Mono, b: Mono) -> Poly {
        let (coef, overflow) = self.multiply_coefs(a.coef, b.coef);
        let mut factors = a.factors;
        let mut exponentials: Vec<Poly> = Vec::new();
        for factor in b.factors.into_iter().chain(overflow) {
            if let Kind::Call(Op::Exp, arg) = &factor.base.kind
                && let Some(at) = factors.iter().position(|f| f.base.is_exp())
            {
                if let Kind::Call(_, other) = &factors.remove(at).base.kind {
                    exponentials.push(other.clone());
                }
                exponentials.push(arg.clone());
                continue;
            }
            self.push_factor(&mut factors, factor);
        }
        if exponentials.is_empty() {
            return self.product(coef, factors);
        }
        // exp(u) * exp(v) = exp(u + v), and the sum may have lost its terms.
        let mut arg = Vec::new();
        for e in exponentials {
            arg = self.add(arg, e);
        }
        let rest = Mono { coef, factors };
        let power = self.exp(arg);
        let power = self.as_mono(power);
        self.multiply_monos(rest, power)
    }

    /// Puts a factor into a sorted list, adding exponents of equal bases where that loses no pole or none is to be kept.
    pub(super) fn push_factor(&mut self, factors: &mut Vec<Factor>, new: Factor) {
        for at in 0..factors.len() {
            if compare_atoms(&factors[at].base, &new.base) != Ordering::Equal {
                continue;
            }
            let range = new.base.range;
            let (e1, e2) = (self.value(factors[at].exponent), self.value(new.exponent));
            let safe = e1 * e2 > 0.0 || range.excludes_zero() && range.is_finite();
            if !safe && self.poles == Poles::Kept {
                continue;
            }
            let Some(exponent) = self.add_coefs(factors[at].exponent, new.exponent) else { continue };
            let base = factors.remove(at).base;
            if !exponent.exact().is_some_and(Rational::is_zero) {
                self.push_factor(factors, Factor { base, exponent });
            }
            return;
        }
        let at = factors
            .iter()
            .position(|f| {
                let order = compare_atoms(&f.base, &new.base);
                order.then_with(|| self.value(new.exponent).total_cmp(&self.value(f.exponent)))
                    == Ordering::Greater
            })
            .unwrap_or(factors.len());
        factors.insert(at, new);
    }

    /// A coefficient times factors, as a sum.
    pub(super) fn product(&mut self, mut coef: Coef, mut factors: Vec<Factor>) -> Poly {
        // Exact numbers whose powers have become small fractions again, such as sqrt(2)^2.
        for at in (0..factors.len()).rev() {
            if let (Kind::Number(bits), Some(e), Some(c)) =
                (&factors[at].base.kind, factors[at].exponent.exact(), coef.exact())
                && let Some(r) = Rational::from_f64(f64::from_bits(*bits))
                && let Some(r) = r.power(e).and_then(|r| r.times(c))
            {
                coef = Coef::Exact(r);
                factors.remove(at);
            }
        }
        let constant = |f: &Factor| f.base.constant;
        let free = coef.is_fitted() || factors.iter().any(|f| constant(f) && f.exponent.is_fitted());
        if free && factors.iter().any(constant) {
            let value = factors
                .iter()
                .filter(|f| constant(f))
                .fold(self.value(coef), |v, f| v * self.constant_factor(f));
            if value.is_finite() {
                factors.retain(|f| !constant(f));
                coef = self.fitted(value);
            }
        }
        if coef.exact().is_some_and(Rational::is_zero)
            && factors.iter().all(|f| self.range_of_factor(f).is_finite())
        {
            return Vec::new();
        }
        if coef.is_fitted() && factors.iter().any(one_exact_constant) {
            (coef, factors) = self.monic_factors(coef, factors);
        }
        if self.expand
            && let Some(at) = factors.iter().position(|f| self.can_expand(f))
            && !factors.iter().enumerate().any(|(i, f)| i != at && Self::is_fitted(f))
        {
            if coef.exact().is_some() {
                return self.expanded(coef, factors, at);
            }
            // A free constant is not copied onto the terms: it stays in front of their sum.
            let sum = self.expanded(Coef::ONE, factors, at);
            let mono = self.as_mono(sum);
            let (coef, _) = self.multiply_coefs(coef, mono.coef);
            return vec![Mono { coef, factors: mono.factors }];
        }
        if let [Factor { base, exponent }] = factors.as_slice()
            && exponent.is_one()
            && let Kind::Sum(terms) = &base.kind
        {
            return self.distribute(coef, terms.clone());
        }
        vec![Mono { coef, factors }]
    }

    /// `c / (d x + 1)` is `c' / (x + d')`: the free coefficient in front lets another one become 1.
    pub(super) fn monic_factors(&mut self, mut coef: Coef, factors: Vec<Factor>) -> (Coef, Vec<Factor>) {
        let mut kept = Vec::with_capacity(factors.len());
        for f in factors {
            let (Kind::Sum(terms), Some(e), true) =
                (&f.base.kind, f.exponent.exact(), one_exact_constant(&f))
            else {
                self.push_factor(&mut kept, f);
                continue;
            };
            let mut terms = terms.clone();
            for m in &mut terms {
                if !m.coef.is_fitted() {
                    m.coef = self.fitted(self.value(m.coef));
                }
            }
            let (content, base) = self.primitive(terms, true);
            let front = self.value(coef) * self.value(content).powf(e.to_f64());
            if !front.is_finite() || content.is_one() {
                self.push_factor(&mut kept, f);
                continue;
            }
            coef = self.fitted(front);
            let range = self.range(&base);
            self.push_factor(&mut kept, Factor { base: Atom::sum(base, range), exponent: f.exponent });
        }
        (coef, kept)
    }

    pub(super) fn can_expand(&self, f: &Factor) -> bool {
        let Kind::Sum(terms) = &f.base.kind else { return false };
        let Some(n) = f.exponent.exact().filter(|e| e.is_integer() && *e > Rational::ZERO) else {
            return false;
        };
        let n = n.numerator() as u32;
        // A power of a sum writes its fitted constants more than once.
        (n == 1 || !Self::has_fitted(terms)) && terms.len().saturating_pow(n) <= LARGEST_EXPANSION
    }

    /// The product with the sum at `at` multiplied out.
    pub(super) fn expanded(&mut self, coef: Coef, mut factors: Vec<Factor>, at: usize) -> Poly {
        let f = factors.remove(at);
        let Kind::Sum(terms) = &f.base.kind else { return Vec::new() };
        let n = f.exponent.exact().map_or(1, |e| e.numerator());
        let mut product = self.product(coef, factors);
        for _ in 0..n {
            let mut sum: Poly = Vec::new();
            for left in &product {
                for right in terms {
                    sum.extend(self.multiply_monos(left.clone(), right.clone()));
                }
            }
            product = self.collect(sum);
        }
        product
    }

    /// `coef * (sum)`. A free constant is not copied onto several terms: it goes to fitted terms, which take it
    /// up, and stays in front of the rest.
    pub(super) fn distribute(&mut self, coef: Coef, terms: Poly) -> Poly {
        if coef.is_one() {
            return terms;
        }
        if coef.is_fitted() && terms.iter().filter(|m| !m.coef.is_fitted()).count() > 1 {
            let (fitted, rest): (Poly, Poly) = terms.into_iter().partition(|m| m.coef.is_fitted());
            let rest = self.as_mono(rest);
            let (coef_of_rest, _) = self.multiply_coefs(coef, rest.coef);
            let mut sum = vec![Mono { coef: coef_of_rest, factors: rest.factors }];
            sum.extend(fitted.into_iter().map(|m| self.scale_mono(m, coef)).collect::<Vec<_>>());
            return self.collect(sum);
        }
        let terms = terms.into_iter().map(|m| self.scale_mono(m, coef)).collect();
        self.collect(terms)
    }

    pub(super) fn scale_mono(&mut self, mut mono: Mono, by: Coef) -> Mono {
        let (coef, overflow) = self.multiply_coefs(mono.coef, by);
        mono.coef = coef;
        if let Some(f) = overflow {
            self.push_factor(&mut mono.factors, f);
        }
        if coef.is_fitted() && mono.factors.iter().any(|f| f.base.constant) {
            let mut product = self.product(coef, mono.factors);
            return product.pop().unwrap_or(Mono::number(Coef::Exact(Rational::ZERO)));
        }
        mono
    }
}

/// An integer power of a sum of fitted terms and one exact number.
fn one_exact_constant(f: &Factor) -> bool {
    let integer = f.exponent.exact().is_some_and(Rational::is_integer);
    match &f.base.kind {
        Kind::Sum(terms) if integer => {
            let mut exact = terms.iter().filter(|m| !m.coef.is_fitted());
            exact.next().is_some_and(|m| m.factors.is_empty()) && exact.next().is_none()
        }
        _ => false,
    }
}
