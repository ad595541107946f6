//! Arithmetic on normal forms: sums, products and powers that stay in `Σ c Π z^p`.
//!
//! Every step that could change a value somewhere asks the range of the data first: factors cancel where they
//! cannot be 0, a root is taken apart where its parts cannot be negative, a vanishing term is dropped where it
//! cannot be infinite. Free fitted constants take up what is constant around them and stay free.

use super::interval::Interval;
use super::normal_form::{Atom, Coef, Factor, Kind, Mono, Poly, compare_atoms, compare_factors, is_constant};
use super::rational::Rational;
use crate::expr::Op;
use std::cmp::Ordering;
use std::rc::Rc;

/// The arithmetic with the values of the fitted constants, old ones and merged ones.
pub(super) struct Algebra<'a> {
    pub(super) ranges: &'a [Interval],
    pub(super) values: Vec<f64>,
}

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

    // ---- ranges and values ----

    fn range_of_coef(&self, coef: Coef) -> Interval {
        match coef {
            Coef::Exact(r) => Interval::point(r.to_f64()),
            Coef::Fitted(i) => Interval::fitted(self.values[i as usize]),
        }
    }

    fn range_of_factor(&self, f: &Factor) -> Interval {
        if f.exponent.is_one() {
            return f.base.range;
        }
        Interval::apply2(Op::Pow, f.base.range, self.range_of_coef(f.exponent))
    }

    fn range_of_mono(&self, m: &Mono) -> Interval {
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

    fn constant_mono(&self, m: &Mono) -> f64 {
        m.factors.iter().fold(self.value(m.coef), |product, f| product * self.constant_factor(f))
    }

    fn constant_factor(&self, f: &Factor) -> f64 {
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

    // ---- sums ----

    fn add_coefs(&mut self, a: Coef, b: Coef) -> Option<Coef> {
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
    fn collect(&mut self, mut terms: Vec<Mono>) -> Poly {
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

    fn scale(&mut self, poly: Poly, by: Coef) -> Poly {
        self.multiply(vec![Mono::number(by)], poly)
    }

    // ---- products ----

    /// The product of two coefficients; where it is no small fraction, one of them is handed back as a factor.
    fn multiply_coefs(&mut self, a: Coef, b: Coef) -> (Coef, Option<Factor>) {
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
        let (a, b) = (self.as_mono(a), self.as_mono(b));
        self.multiply_monos(a, b)
    }

    /// A sum as a single term: itself, or its primitive part as a factor.
    fn as_mono(&mut self, mut poly: Poly) -> Mono {
        match poly.len() {
            0 => Mono::number(Coef::Exact(Rational::ZERO)),
            1 => poly.remove(0),
            _ => {
                let (coef, base) = self.primitive(poly, true);
                let range = self.range(&base);
                Mono { coef, factors: vec![Factor { base: Atom::sum(base, range), exponent: Coef::ONE }] }
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

    /// Puts a factor into a sorted list, adding exponents of equal bases where that loses no pole.
    fn push_factor(&mut self, factors: &mut Vec<Factor>, new: Factor) {
        for at in 0..factors.len() {
            if compare_atoms(&factors[at].base, &new.base) != Ordering::Equal {
                continue;
            }
            let range = new.base.range;
            let (e1, e2) = (self.value(factors[at].exponent), self.value(new.exponent));
            if !(e1 * e2 > 0.0 || range.excludes_zero() && range.is_finite()) {
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
    fn product(&mut self, mut coef: Coef, mut factors: Vec<Factor>) -> Poly {
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
        if let [Factor { base, exponent }] = factors.as_slice()
            && exponent.is_one()
            && let Kind::Sum(terms) = &base.kind
        {
            return self.distribute(coef, terms.clone());
        }
        vec![Mono { coef, factors }]
    }

    /// `coef * (sum)`. A free constant is not copied onto several terms: it goes to fitted terms, which take it
    /// up, and stays in front of the rest.
    fn distribute(&mut self, coef: Coef, terms: Poly) -> Poly {
        if coef.is_one() {
            return terms;
        }
        let rest = terms.iter().filter(|m| !m.coef.is_fitted()).count();
        if coef.is_fitted() && rest > 1 {
            if rest == terms.len() {
                let range = self.range(&terms);
                return vec![Mono {
                    coef,
                    factors: vec![Factor { base: Atom::sum(terms, range), exponent: Coef::ONE }],
                }];
            }
            let (fitted, rest): (Poly, Poly) = terms.into_iter().partition(|m| m.coef.is_fitted());
            let scaled = fitted.into_iter().map(|m| self.scale_mono(m, coef)).collect::<Vec<_>>();
            let (content, rest) = self.primitive(rest, true);
            let (coef, _) = self.multiply_coefs(coef, content);
            let range = self.range(&rest);
            let mut sum = vec![Mono {
                coef,
                factors: vec![Factor { base: Atom::sum(rest, range), exponent: Coef::ONE }],
            }];
            sum.extend(scaled);
            return self.collect(sum);
        }
        let terms = terms.into_iter().map(|m| self.scale_mono(m, coef)).collect();
        self.collect(terms)
    }

    fn scale_mono(&mut self, mut mono: Mono, by: Coef) -> Mono {
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

    /// Takes the common coefficient out of a sum: `(c, s)` with `poly = c * s`. Of fitted coefficients alone one
    /// is redundant in a factor, so the leading one is taken out; exact ones give a common divisor, and a sign
    /// if `signed`.
    pub(super) fn primitive(&mut self, poly: Poly, signed: bool) -> (Coef, Poly) {
        let content = if poly.iter().all(|m| m.coef.is_fitted()) {
            let size = |m: &Mono| self.value(m.coef).abs();
            let largest = poly.iter().map(size).fold(0.0, f64::max);
            // The leading one, unless the fit has all but removed it.
            let lead = poly.iter().find(|m| !m.is_constant() && size(m) > 1e-6 * largest);
            match lead {
                Some(m) if signed => self.value(m.coef),
                Some(m) => size(m),
                None => return (Coef::ONE, poly),
            }
        } else {
            match self.exact_content(&poly, signed) {
                Some(c) if !c.is_one() => {
                    let Some(inverse) = c.inverse() else { return (Coef::ONE, poly) };
                    let terms = poly.into_iter().map(|m| self.scale_mono(m, Coef::Exact(inverse))).collect();
                    return (Coef::Exact(c), terms);
                }
                _ => return (Coef::ONE, poly),
            }
        };
        let mut pulled = false;
        let terms = poly
            .into_iter()
            .map(|mut m| {
                let ratio = self.value(m.coef) / content;
                if !pulled && ratio.abs() == 1.0 && !m.is_constant() {
                    pulled = true;
                    let sign = if ratio < 0.0 { Rational::MINUS_ONE } else { Rational::ONE };
                    m.coef = Coef::Exact(sign);
                } else {
                    m.coef = self.fitted(ratio);
                }
                m
            })
            .collect();
        (self.fitted(content), terms)
    }

    fn exact_content(&self, poly: &[Mono], signed: bool) -> Option<Rational> {
        let exact: Vec<Rational> = poly.iter().filter_map(|m| m.coef.exact()).collect();
        let first = exact.first()?.abs();
        let same = exact.iter().all(|r| r.abs() == first);
        let size = if same && !first.is_zero() {
            first
        } else if exact.iter().all(|r| r.is_integer()) {
            exact.iter().fold(first, |g, r| if r.is_zero() { g } else { g.common_divisor(*r) })
        } else {
            Rational::ONE
        };
        let minus = exact.iter().filter(|r| r.is_negative()).count();
        let plus = exact.len() - minus;
        // Mostly positive terms; in a tie the constant, or else the first term, is positive: 1 - x, x - y.
        let lead = poly.iter().rev().find(|m| m.factors.is_empty() && !m.coef.is_fitted());
        let lead = lead.or(poly.iter().find(|m| !m.coef.is_fitted()));
        let lead_negative = lead.and_then(|m| m.coef.exact()).is_some_and(Rational::is_negative);
        let flip = signed && (minus > plus || minus == plus && lead_negative);
        Some(if flip { size.negated() } else { size })
    }

    // ---- powers ----

    pub(super) fn power(&mut self, poly: Poly, exponent: Coef) -> Poly {
        if exponent.is_one() {
            return poly;
        }
        if exponent.exact().is_some_and(Rational::is_zero) {
            return exact(Rational::ONE);
        }
        let integer = exponent.exact().filter(|e| e.is_integer());
        if poly.is_empty() {
            return match exponent.exact() {
                Some(e) if !e.is_negative() => poly,
                _ => self.opaque_power(poly, exponent),
            };
        }
        if poly.len() > 1 {
            let range = self.range(&poly);
            let Some(e) = integer else {
                if !range.is_nonnegative() {
                    return self.opaque_power(poly, exponent);
                }
                let (content, base) = self.primitive(poly, false);
                let front = self.power(vec![Mono::number(content)], exponent);
                let range = self.range(&base);
                return self.multiply(front, power_of(Atom::sum(base, range), exponent));
            };
            let (content, base) = self.primitive(poly, true);
            let front = self.power(vec![Mono::number(content)], Coef::Exact(e));
            let range = self.range(&base);
            return self.multiply(front, power_of(Atom::sum(base, range), exponent));
        }
        let mut poly = poly;
        let mono = poly.remove(0);
        match integer {
            Some(e) => self.integer_power(mono, e),
            None => self.real_power(mono, exponent),
        }
    }

    fn integer_power(&mut self, mono: Mono, e: Rational) -> Poly {
        let coef = match mono.coef {
            Coef::Exact(r) => r.power(e).map(Coef::Exact),
            Coef::Fitted(_) => {
                let value = self.value(mono.coef).powf(e.to_f64());
                value.is_finite().then(|| self.fitted(value))
            }
        };
        let Some(coef) = coef else { return self.opaque_power(vec![mono], Coef::Exact(e)) };
        let mut result = vec![Mono::number(coef)];
        for f in mono.factors {
            let power = match &f.base.kind {
                Kind::Call(Op::Exp, arg) => {
                    let arg = self.scale(arg.clone(), Coef::Exact(e));
                    self.exp(arg)
                }
                _ => {
                    let (exponent, overflow) = self.multiply_coefs(f.exponent, Coef::Exact(e));
                    match overflow {
                        None => power_of(f.base, exponent),
                        Some(_) => self.opaque_power(power_of(f.base, f.exponent), Coef::Exact(e)),
                    }
                }
            };
            result = self.multiply(result, power);
        }
        result
    }

    /// A power with a fraction or a fitted number as exponent: what cannot be negative comes out of it.
    fn real_power(&mut self, mono: Mono, exponent: Coef) -> Poly {
        if exponent.is_fitted() && (mono.factors.len() > 1 || !mono.coef.is_fitted() && !mono.coef.is_one()) {
            // Taking this apart would write the fitted exponent twice.
            return self.opaque_power(vec![mono], exponent);
        }
        let e = self.value(exponent);
        let mut inside = Mono::number(Coef::ONE);
        let mut outside: Vec<Poly> = Vec::new();
        match mono.coef {
            Coef::Exact(r) => {
                let power = exponent.exact().and_then(|e| r.abs().power(e));
                if r.is_negative() {
                    inside.coef = Coef::Exact(Rational::MINUS_ONE);
                }
                match power {
                    Some(p) => outside.push(exact(p)),
                    None if r.abs().is_one() => {}
                    None if r.is_zero() => inside.coef = mono.coef,
                    None => outside.push(vec![Mono {
                        coef: Coef::ONE,
                        factors: vec![number_factor(r.abs().to_f64(), exponent)],
                    }]),
                }
            }
            Coef::Fitted(_) => {
                let v = self.value(mono.coef);
                let power = v.abs().powf(e);
                if v == 0.0 || !power.is_finite() || power == 0.0 {
                    inside.coef = mono.coef;
                } else {
                    if v < 0.0 {
                        inside.coef = Coef::Exact(Rational::MINUS_ONE);
                    }
                    let coef = self.fitted(power);
                    outside.push(vec![Mono::number(coef)]);
                }
            }
        }
        let lone = inside.coef.is_one() && mono.factors.len() == 1;
        let mut moved: Vec<(Factor, Poly)> = Vec::new();
        for f in mono.factors {
            let range = f.base.range;
            if let Kind::Call(Op::Exp, arg) = &f.base.kind {
                let arg = self.scale(arg.clone(), exponent);
                let power = self.exp(arg);
                moved.push((f, power));
                continue;
            }
            let product = self.multiply_coefs(f.exponent, exponent);
            let (combined, None) = product else {
                inside.factors.push(f);
                continue;
            };
            let even = f.exponent.exact().is_some_and(Rational::is_even);
            let sure = range.is_positive() || (lone && range.is_nonnegative());
            if sure {
                let power = power_of(f.base.clone(), combined);
                moved.push((f, power));
            } else if even && (lone || range.excludes_zero()) {
                let plain = combined.exact().is_some_and(Rational::is_even);
                let base = power_of(f.base.clone(), Coef::ONE);
                let base = if plain { base } else { self.abs(base) };
                let power = self.power(base, combined);
                moved.push((f, power));
            } else {
                inside.factors.push(f);
            }
        }
        let empty = inside.factors.is_empty() && inside.coef.is_one();
        if empty || inside.coef.exact().is_some_and(|c| !c.is_zero()) {
            outside.extend(moved.into_iter().map(|(_, power)| power));
        } else {
            // A coefficient that had to stay keeps everything with it.
            inside.factors.extend(moved.into_iter().map(|(f, _)| f));
            inside.factors.sort_by(|a, b| compare_atoms(&a.base, &b.base));
        }
        let mut result = if empty { exact(Rational::ONE) } else { self.opaque_power(vec![inside], exponent) };
        for power in outside {
            result = self.multiply(result, power);
        }
        result
    }

    /// A power that stays as it is; halves as powers of a square root.
    fn opaque_power(&mut self, base: Poly, exponent: Coef) -> Poly {
        if let Some(e) = exponent.exact()
            && e.denominator() == 2
        {
            let range = self.range(&base).apply(Op::Sqrt);
            let root = Atom::call(Op::Sqrt, base, range);
            return power_of(root, Coef::Exact(Rational::integer(e.numerator())));
        }
        let range = Interval::apply2(Op::Pow, self.range(&base), self.range_of_coef(exponent));
        power_of(Atom::call2(Op::Pow, base, vec![Mono::number(exponent)], range), Coef::ONE)
    }

    /// A free constant in place of a part without variables that holds one.
    pub(super) fn folded(&mut self, poly: &Poly) -> Option<Poly> {
        let free = |m: &Mono| m.coef.is_fitted() || m.factors.iter().any(|f| f.exponent.is_fitted());
        if !is_constant(poly) || !poly.iter().any(free) {
            return None;
        }
        let value = self.constant_value(poly);
        value.is_finite().then(|| vec![Mono::number(self.fitted(value))])
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

fn number_factor(value: f64, exponent: Coef) -> Factor {
    Factor { base: Atom::leaf(Kind::Number(value.to_bits()), Interval::point(value)), exponent }
}
