//! What belongs together in a sum before it is written down: common factors and logarithms.

use super::algebra::power_of;
use super::content::{holds, without};
use super::emit::Emitter;
use super::normal_form::{
    Atom, Coef, Factor, Kind, Mono, Poly, compare_factors, size_of_factor, size_of_mono,
};
use super::rational::Rational;
use crate::expr::Op;

impl Emitter<'_, '_> {
    /// `ln x + 2 ln y` as `ln(x y^2)`, where all of them are positive.
    pub(super) fn gather_logarithms(&mut self, poly: Poly) -> Poly {
        let three = Rational::integer(3);
        let logarithm = |m: &Mono| match m.factors.as_slice() {
            [Factor { base, exponent }] if exponent.is_one() => match &base.kind {
                Kind::Call(Op::Ln, z) => {
                    let c = m.coef.exact()?;
                    let small = c.is_integer() && c.abs() <= three || c.abs() == Rational::HALF;
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

    /// `sqrt(2)/5*sqrt(x + 12.5*y)` as `sqrt(0.08*x + y)`: the exact numbers in front of the root of a sum taken into it,
    /// where that is shorter and takes no more digits.
    pub(super) fn number_into_root(&mut self, coef: Coef, factors: &[Factor]) -> Option<Mono> {
        let front = coef.exact()?;
        let half = |f: &Factor| f.exponent.exact().filter(|e| e.abs() == Rational::HALF);
        // The square of what stands in front.
        let mut square = front.times(front)?;
        let mut rest: Vec<Factor> = Vec::with_capacity(factors.len());
        let mut root: Option<(Factor, Poly, bool)> = None;
        for f in factors {
            match (&f.base.kind, half(f)) {
                (Kind::Number(bits), Some(e)) => {
                    let number = Rational::from_f64(f64::from_bits(*bits))?;
                    square = square.times(if e.is_negative() { number.inverse()? } else { number })?;
                }
                (Kind::Sum(terms), Some(e)) if root.is_none() => {
                    root = Some((f.clone(), terms.clone(), e.is_negative()));
                }
                (Kind::Call(Op::Sqrt, terms), _)
                    if root.is_none()
                        && terms.len() > 1
                        && f.exponent.exact().is_some_and(|e| e.abs().is_one()) =>
                {
                    root = Some((f.clone(), terms.clone(), f.exponent.exact()?.is_negative()));
                }
                _ => rest.push(f.clone()),
            }
        }
        let (factor, terms, below) = root?;
        if square.is_one() || square.is_zero() {
            return None;
        }
        let inside = Coef::Exact(if below { square.inverse()? } else { square });
        let digits_before = digits(front) + sum_of_digits(&terms);
        let terms: Poly = terms.into_iter().map(|m| self.algebra.scale_mono(m, inside)).collect();
        if sum_of_digits(&terms) > digits_before {
            return None;
        }
        let range = self.algebra.range(&terms);
        let base = match factor.base.kind {
            Kind::Call(op, _) => Atom::call(op, terms, range.apply(op)),
            _ => Atom::sum(terms, range),
        };
        rest.push(Factor { base, exponent: factor.exponent });
        let sign = if front.is_negative() { Rational::MINUS_ONE } else { Rational::ONE };
        let short = Mono { coef: Coef::Exact(sign), factors: rest };
        let long = Mono { coef, factors: factors.to_vec() };
        (size_of_mono(&short) < size_of_mono(&long)).then_some(short)
    }

    /// Takes out the factor, exact coefficient or power, that shortens the sum most; again until none does.
    pub(super) fn factor_out(&mut self, mut poly: Poly) -> Poly {
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
    pub(super) fn grouped(&mut self, coef: Coef, mut factors: Vec<Factor>, inner: Poly) -> Mono {
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

    pub(super) fn negated(&mut self, poly: &Poly) -> Poly {
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
}

/// Digits of an exact number as it is written; a 1 is not written.
fn digits(r: Rational) -> usize {
    if r.abs().is_one() {
        return 0;
    }
    r.to_f64().to_string().trim_start_matches(['-', '0', '.']).chars().filter(char::is_ascii_digit).count()
}

fn sum_of_digits(poly: &[Mono]) -> usize {
    poly.iter().filter_map(|m| m.coef.exact()).map(digits).sum()
}
