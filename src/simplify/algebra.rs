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
    /// Products and powers of sums are multiplied out.
    pub(super) expand: bool,
}

/// Sums of more terms than this are not multiplied out.
const LARGEST_EXPANSION: usize = 64;

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
        match (a.as_slice(), b.as_slice()) {
            ([m], _) if m.factors.is_empty() && b.len() > 1 => return self.distribute(m.coef, b),
            (_, [m]) if m.factors.is_empty() && a.len() > 1 => return self.distribute(m.coef, a),
            _ => {}
        }
        let (a, b) = (self.as_mono(a), self.as_mono(b));
        self.multiply_monos(a, b)
    }

    /// A sum as a single term: itself, or its common factors times the rest as a factor.
    fn as_mono(&mut self, mut poly: Poly) -> Mono {
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
        if coef.is_fitted() && factors.iter().any(one_exact_constant) {
            (coef, factors) = self.monic_factors(coef, factors);
        }
        if self.expand
            && coef.exact().is_some()
            && let Some(at) = factors.iter().position(|f| self.can_expand(f))
            && !factors.iter().enumerate().any(|(i, f)| i != at && Self::is_fitted(f))
        {
            return self.expanded(coef, factors, at);
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
    fn monic_factors(&mut self, mut coef: Coef, factors: Vec<Factor>) -> (Coef, Vec<Factor>) {
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

    fn can_expand(&self, f: &Factor) -> bool {
        let Kind::Sum(terms) = &f.base.kind else { return false };
        let Some(n) = f.exponent.exact().filter(|e| e.is_integer() && *e > Rational::ZERO) else {
            return false;
        };
        let n = n.numerator() as u32;
        // A power of a sum writes its fitted constants more than once.
        (n == 1 || !Self::has_fitted(terms)) && terms.len().saturating_pow(n) <= LARGEST_EXPANSION
    }

    /// The product with the sum at `at` multiplied out.
    fn expanded(&mut self, coef: Coef, mut factors: Vec<Factor>, at: usize) -> Poly {
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
    fn distribute(&mut self, coef: Coef, terms: Poly) -> Poly {
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
            let (common, poly) = take_common_factors(poly);
            let (content, base) = self.primitive(poly, true);
            let front = self.integer_power(Mono { coef: content, factors: common }, e);
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
        // Of parts that are never negative every one may stand alone, also where one of them is 0.
        let nonnegative = mono.factors.iter().all(|f| f.base.range.is_nonnegative());
        let lone = inside.coef.is_one() && (mono.factors.len() == 1 || nonnegative);
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

/// The powers that all terms share, and the terms without them.
fn take_common_factors(poly: Poly) -> (Vec<Factor>, Poly) {
    let mut common: Vec<Factor> = Vec::new();
    for f in &poly[0].factors {
        let Some(mut least) = f.exponent.exact() else { continue };
        let shared = poly.iter().all(|m| {
            m.factors.iter().any(|g| {
                let same = compare_atoms(&g.base, &f.base) == Ordering::Equal;
                match g.exponent.exact() {
                    Some(e) if same && e.is_negative() == least.is_negative() => {
                        if e.abs() < least.abs() {
                            least = e;
                        }
                        true
                    }
                    _ => false,
                }
            })
        });
        if shared {
            common.push(Factor { base: f.base.clone(), exponent: Coef::Exact(least) });
        }
    }
    if common.is_empty() {
        return (common, poly);
    }
    let rest = poly.into_iter().map(|m| common.iter().fold(m, |m, f| without(&m, f))).collect();
    (common, rest)
}

/// Where in the term a power stands of which `f` is a part: same base, same sign, at least that exponent.
pub(super) fn holds(m: &Mono, f: &Factor) -> Option<usize> {
    let e = f.exponent.exact()?;
    m.factors.iter().position(|g| {
        g.exponent.exact().is_some_and(|d| d.is_negative() == e.is_negative() && d.abs() >= e.abs())
            && compare_atoms(&g.base, &f.base) == Ordering::Equal
    })
}

/// The term divided by a factor that it holds.
pub(super) fn without(m: &Mono, f: &Factor) -> Mono {
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
