//! Powers of normal forms. A root or a fitted exponent takes apart only what cannot be negative on the data.

use super::algebra::{Algebra, exact, number_factor, power_of};
use super::content::take_common_factors;
use super::interval::Interval;
use super::normal_form::{Atom, Coef, Factor, Kind, Mono, Poly, compare_atoms};
use super::rational::Rational;
use crate::expr::Op;

impl Algebra<'_> {
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
                let nonnegative = range.is_nonnegative();
                if !nonnegative && exponent.is_fitted() {
                    // Taking this apart would write the fitted exponent twice.
                    return self.opaque_power(poly, exponent);
                }
                // Of a sum that may be negative only a positive number comes out.
                let (content, base) = self.primitive(poly, false);
                let front = self.power(vec![Mono::number(content)], exponent);
                let root = if nonnegative {
                    let range = self.range(&base);
                    power_of(Atom::sum(base, range), exponent)
                } else {
                    self.opaque_power(base, exponent)
                };
                return self.multiply(front, root);
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

    pub(super) fn integer_power(&mut self, mono: Mono, e: Rational) -> Poly {
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
    pub(super) fn real_power(&mut self, mono: Mono, exponent: Coef) -> Poly {
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
    pub(super) fn opaque_power(&mut self, base: Poly, exponent: Coef) -> Poly {
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
}
