//! The number in front of a sum: `7.14*x^2*(y + 0.14006*z)` is `x^2*(7.14*y + z)`.
//!
//! A factor of a sum can be moved between its terms and what stands in front of it, also through a power. Fitted numbers
//! say the same wherever it is, but a law has been written with round numbers at one place, and only there they show.

use super::algebra::{Algebra, Poles};
use super::emit::{Emitter, Signs};
use super::interval::Interval;
use super::normal_form::{Atom, Coef, Factor, Kind, Mono, Poly};
use super::normalize::normal_form;
use super::rational::Rational;
use crate::expr::{Expr, Op};
use std::rc::Rc;

/// The expression with the fitted factor of each sum where its numbers cost least together; `price` says what a number
/// costs, in any unit. Never more fitted constants, and the same expression where nothing is gained.
pub(crate) fn rescaled(expr: &Expr, columns: &[&[f64]], price: &dyn Fn(f64) -> f64) -> Expr {
    let ranges: Vec<Interval> = columns.iter().map(|c| Interval::of_column(c)).collect();
    let mut algebra =
        Algebra { ranges: &ranges, values: expr.parameters().to_vec(), expand: false, poles: Poles::Kept };
    let poly = normal_form(expr, &mut algebra);
    let mut rescaling = Rescaling { algebra: &mut algebra, price, changed: false };
    let poly = rescaling.sum(poly);
    if !rescaling.changed {
        return expr.clone();
    }
    let result = Emitter::new(&mut algebra, Signs::Written).expression(&poly);
    if result.parameters().len() > expr.parameters().len() { expr.clone() } else { result }
}

struct Rescaling<'r, 'a> {
    algebra: &'r mut Algebra<'a>,
    price: &'r dyn Fn(f64) -> f64,
    changed: bool,
}

impl Rescaling<'_, '_> {
    fn sum(&mut self, poly: Poly) -> Poly {
        poly.into_iter().map(|m| self.term(m)).collect()
    }

    fn term(&mut self, mono: Mono) -> Mono {
        let Mono { mut coef, factors } = mono;
        let factors = factors
            .into_iter()
            .map(|f| {
                let f = Factor { base: self.atom(&f.base), exponent: f.exponent };
                self.factor(&mut coef, f)
            })
            .collect();
        Mono { coef, factors }
    }

    /// The parts of an atom first: what they give off becomes a coefficient of the sum around them.
    fn atom(&mut self, atom: &Rc<Atom>) -> Rc<Atom> {
        let before = std::mem::replace(&mut self.changed, false);
        let new = match &atom.kind {
            Kind::Number(_) | Kind::Shared(_) | Kind::Variable(_) => None,
            Kind::Call(op, a) => Some(Atom::call(*op, self.sum(a.clone()), atom.range)),
            Kind::Call2(op, a, b) => {
                Some(Atom::call2(*op, self.sum(a.clone()), self.sum(b.clone()), atom.range))
            }
            Kind::Sum(a) => Some(Atom::sum(self.sum(a.clone()), atom.range)),
        };
        let new = new.filter(|_| self.changed).unwrap_or_else(|| atom.clone());
        self.changed |= before;
        new
    }

    /// `coef * (sum)^e`, the factor of the sum where it costs least.
    fn factor(&mut self, coef: &mut Coef, f: Factor) -> Factor {
        let (terms, root) = match &f.base.kind {
            Kind::Sum(terms) => (terms, false),
            Kind::Call(Op::Sqrt, terms) if terms.len() > 1 => (terms, true),
            _ => return f,
        };
        let e = self.algebra.value(f.exponent) * if root { 0.5 } else { 1.0 };
        let front = self.algebra.value(*coef);
        let numbers: Vec<f64> = terms.iter().map(|m| self.algebra.value(m.coef)).collect();
        // One of all these numbers is redundant and has to be exact, a one; more than that are no choice any more.
        let exact: Vec<f64> = std::iter::once(&*coef)
            .chain(terms.iter().map(|m| &m.coef))
            .filter_map(|c| c.exact())
            .map(Rational::to_f64)
            .collect();
        if exact.len() != 1 || exact[0].abs() != 1.0 || e == 0.0 {
            return f;
        }
        let unit = |v: f64| v.abs() == 1.0;
        let cost = |front: f64, scale: f64| -> f64 {
            let price = |v: f64| if unit(v) { 0.0 } else { (self.price)(v) };
            price(front) + numbers.iter().map(|d| price(d / scale)).sum::<f64>()
        };
        // Either a term has the coefficient 1 or what stands in front is 1.
        let scales = numbers.iter().map(|d| d.abs()).chain([front.abs().powf(-1.0 / e)]);
        let mut best: Option<(f64, usize, f64)> = None;
        for (at, scale) in scales.enumerate() {
            let moved = if at == numbers.len() { 1f64.copysign(front) } else { front * scale.powf(e) };
            if !(scale > 0.0 && scale.is_finite() && moved.is_finite() && moved != 0.0) {
                continue;
            }
            let cost = cost(moved, scale);
            if best.is_none_or(|b| cost < b.0) {
                best = Some((cost, at, scale));
            }
        }
        let Some((least, at, scale)) = best else { return f };
        if least >= cost(front, 1.0) {
            return f;
        }
        self.changed = true;
        let sign = |v: f64| Coef::Exact(if v < 0.0 { Rational::MINUS_ONE } else { Rational::ONE });
        *coef = if at == numbers.len() { sign(front) } else { self.algebra.fitted(front * scale.powf(e)) };
        let terms: Poly = terms
            .iter()
            .zip(&numbers)
            .enumerate()
            .map(|(i, (m, d))| Mono {
                coef: if i == at { sign(*d) } else { self.algebra.fitted(d / scale) },
                factors: m.factors.clone(),
            })
            .collect();
        let range = self.algebra.range(&terms);
        let base =
            if root { Atom::call(Op::Sqrt, terms, range.apply(Op::Sqrt)) } else { Atom::sum(terms, range) };
        Factor { base, exponent: f.exponent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse;

    /// Two digits are cheap, everything else is dear.
    fn price(v: f64) -> f64 {
        let round = (v * 100.0).round() / 100.0;
        if (v - round).abs() < 1e-9 * v.abs() { 1.0 } else { 10.0 }
    }

    #[test]
    fn round_numbers_come_out() {
        let names = ["x", "y", "z", "a", "b", "c"];
        let columns = [[0.5, 1.0, 2.0], [1.5, 0.3, 1.0], [0.2, 0.4, 0.9]];
        let views: Vec<&[f64]> = columns.iter().map(|c| c.as_slice()).collect();
        for (formula, constants, expected) in [
            // x^2*(7.14*y + z): the number that is left for z is 1.
            ("a*x^2*(y + b*z)", vec![7.14, 1.0 / 7.14], vec![1.0, 7.14]),
            ("sqrt(a + b*x - c*z)", vec![4.7524, 1.996_008, 0.998_004], vec![0.21, 0.42, 2.18]),
            ("a*y/(x + b)^2", vec![0.25, 0.5], vec![1.0, 2.0]),
            ("a*x*(y + b*z)", vec![0.123_456, 0.314_159], vec![0.123_456, 0.314_159]),
            ("exp(a*x*(y + b*z))*c", vec![0.03, 2.0 / 3.0, 0.777], vec![0.02, 0.777, 1.5]),
        ] {
            let inputs: Vec<Expr> =
                (0..3).map(Expr::variable).chain(constants.iter().map(|c| Expr::parameter(*c))).collect();
            let e = parse(formula, &names).unwrap().substitute(&inputs);
            let r = rescaled(&e, &views, &price);
            let mut numbers: Vec<f64> = r.parameters().iter().map(|v| v.abs()).collect();
            numbers.sort_by(f64::total_cmp);
            let close = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-12;
            assert!(
                numbers.len() == expected.len() && numbers.iter().zip(&expected).all(close),
                "{formula}: {numbers:?}"
            );
            let row = [0.7, 0.8, 0.6];
            let (new, old) = (r.evaluate_row(&row), e.evaluate_row(&row));
            assert!((new - old).abs() <= 1e-12 * old.abs(), "{formula}: {new} {old}");
        }
    }
}
