//! What the terms of a sum have in common: a coefficient, and powers.

use super::algebra::Algebra;
use super::normal_form::{Coef, Factor, Mono, Poly, compare_atoms};
use super::rational::Rational;
use std::cmp::Ordering;

impl Algebra<'_> {
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

    pub(super) fn exact_content(&self, poly: &[Mono], signed: bool) -> Option<Rational> {
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
}

/// The powers that all terms share, and the terms without them.
pub(super) fn take_common_factors(poly: Poly) -> (Vec<Factor>, Poly) {
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
