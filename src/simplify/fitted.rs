//! Free and shared fitted constants within a normal form.

use super::algebra::{Algebra, exact, power_of};
use super::interval::Interval;
use super::normal_form::{Atom, Coef, Factor, Kind, Mono, Poly, is_constant};

impl Algebra<'_> {
    /// Whether a sum holds a free constant.
    pub(super) fn has_fitted(poly: &Poly) -> bool {
        poly.iter().any(|m| m.coef.is_fitted() || m.factors.iter().any(Self::is_fitted))
    }

    pub(super) fn is_fitted(f: &Factor) -> bool {
        f.exponent.is_fitted()
            || match &f.base.kind {
                Kind::Call(_, a) | Kind::Sum(a) => Self::has_fitted(a),
                Kind::Call2(_, a, b) => Self::has_fitted(a) || Self::has_fitted(b),
                _ => false,
            }
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

    /// Turns free constants into shared ones: what occurs twice cannot take up its neighbours in one place only.
    pub(super) fn freeze(&mut self, poly: &Poly) -> Poly {
        let mut sum = Vec::new();
        for m in poly {
            let mut product = self.frozen_coef(m.coef);
            for f in &m.factors {
                let base = match &f.base.kind {
                    Kind::Call(op, a) => {
                        let a = self.freeze(a);
                        self.call(*op, a)
                    }
                    Kind::Call2(op, a, b) => {
                        let (a, b) = (self.freeze(a), self.freeze(b));
                        self.call2(*op, a, b)
                    }
                    Kind::Sum(a) => self.freeze(a),
                    _ => power_of(f.base.clone(), Coef::ONE),
                };
                let exponent = self.frozen_coef(f.exponent);
                let power = self.pow(base, exponent);
                product = self.multiply(product, power);
            }
            sum = self.add(sum, product);
        }
        sum
    }

    pub(super) fn frozen_coef(&self, coef: Coef) -> Poly {
        match coef {
            Coef::Exact(r) => exact(r),
            Coef::Fitted(i) => {
                power_of(Atom::leaf(Kind::Shared(i), Interval::fitted(self.values[i as usize])), Coef::ONE)
            }
        }
    }
}
