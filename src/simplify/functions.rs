//! Functions of normal forms: what an argument says of the value before the function is written down.

use super::algebra::{Algebra, exact, power_of};
use super::interval::Interval;
use super::normal_form::{Atom, Coef, Factor, Kind, Mono, Poly, is_constant};
use super::rational::Rational;
use crate::expr::Op;
impl Algebra<'_> {
    /// A function of one argument.
    pub(super) fn call(&mut self, op: Op, arg: Poly) -> Poly {
        let half = Coef::Exact(Rational::HALF);
        let integer = |n| Coef::Exact(Rational::integer(n));
        let result = match op {
            Op::Neg => self.negate(arg),
            Op::Sqrt => self.power(arg, half),
            Op::Square => self.power(arg, integer(2)),
            Op::Cube => self.power(arg, integer(3)),
            Op::Reciprocal => self.power(arg, integer(-1)),
            Op::Exp => self.exp(arg),
            Op::Ln => self.ln(arg),
            Op::Abs => self.abs(arg),
            Op::Sign => self.sign(arg),
            Op::Relu => self.relu(arg),
            Op::Sin | Op::Tan | Op::Asin | Op::Atan | Op::Sinh | Op::Tanh => self.odd(op, arg),
            Op::Cos | Op::Cosh => self.even(op, arg),
            _ => self.plain(op, arg),
        };
        self.folded(&result).unwrap_or(result)
    }

    /// A function of two arguments.
    pub(super) fn call2(&mut self, op: Op, a: Poly, b: Poly) -> Poly {
        let result = match op {
            Op::Add => self.add(a, b),
            Op::Sub => {
                let b = self.negate(b);
                self.add(a, b)
            }
            Op::Mul => self.multiply(a, b),
            Op::Div => {
                let b = self.power(b, Coef::Exact(Rational::MINUS_ONE));
                self.multiply(a, b)
            }
            Op::Pow => self.pow(a, b),
            _ => self.extreme(op, a, b),
        };
        self.folded(&result).unwrap_or(result)
    }

    /// The function as it stands, but for the exact numbers 0 and 1.
    pub(super) fn plain(&mut self, op: Op, arg: Poly) -> Poly {
        let number = match arg.as_slice() {
            [] => Some(Rational::ZERO),
            [m] if m.factors.is_empty() => m.coef.exact(),
            _ => None,
        };
        if let Some(r) = number
            && (r.is_zero() || r.is_one())
            && let Some(v) = Rational::from_f64(op.value(r.to_f64()))
        {
            return exact(v);
        }
        let range = self.range(&arg).apply(op);
        power_of(Atom::call(op, arg, range), Coef::ONE)
    }

    /// `(sign, |arg|)` where the sign can be told from the exact coefficients.
    pub(super) fn unsigned(&mut self, arg: Poly) -> (bool, Poly) {
        let exact = arg.iter().filter_map(|m| m.coef.exact());
        let minus = exact.clone().filter(|r| r.is_negative()).count();
        let plus = exact.count() - minus;
        let lead = arg.iter().find(|m| !m.coef.is_fitted());
        let lead_negative = lead.and_then(|m| m.coef.exact()).is_some_and(Rational::is_negative);
        if minus > plus || minus == plus && lead_negative { (true, self.negate(arg)) } else { (false, arg) }
    }

    pub(super) fn odd(&mut self, op: Op, arg: Poly) -> Poly {
        let (minus, arg) = self.unsigned(arg);
        let inverse = match op {
            Op::Tan => Some(Op::Atan),
            Op::Sin => Some(Op::Asin),
            _ => None,
        };
        let value = match inner(&arg) {
            // sin(asin(z)) = z, where asin exists.
            Some((g, z)) if Some(g) == inverse && self.range(z).apply(g).defined => z.clone(),
            _ => self.plain(op, arg),
        };
        if minus { self.negate(value) } else { value }
    }

    pub(super) fn even(&mut self, op: Op, arg: Poly) -> Poly {
        let (_, arg) = self.unsigned(arg);
        match inner(&arg) {
            Some((Op::Abs, z)) => {
                let z = z.clone();
                self.even(op, z)
            }
            Some((Op::Acos, z)) if op == Op::Cos && self.range(z).apply(Op::Acos).defined => z.clone(),
            _ => self.plain(op, arg),
        }
    }

    pub(super) fn exp(&mut self, arg: Poly) -> Poly {
        let mut rest = Vec::new();
        let mut front: Poly = exact(Rational::ONE);
        for m in arg {
            let moved = self.exp_of_term(&m);
            match moved {
                Some(power) => front = self.multiply(front, power),
                None => rest.push(m),
            }
        }
        if rest.is_empty() {
            return front;
        }
        let exponential = self.plain(Op::Exp, rest);
        self.multiply(front, exponential)
    }

    /// `exp` of a term where it is no exponential any more: `exp(c)` of a free constant, `exp(p ln z) = z^p`.
    pub(super) fn exp_of_term(&mut self, m: &Mono) -> Option<Poly> {
        if m.factors.is_empty() {
            if !m.coef.is_fitted() {
                return None;
            }
            let value = self.value(m.coef).exp();
            return (value.is_finite() && value > 0.0).then(|| vec![Mono::number(self.fitted(value))]);
        }
        let is_ln = |f: &Factor| matches!(f.base.kind, Kind::Call(Op::Ln, _)) && f.exponent.is_one();
        let at = m.factors.iter().position(is_ln)?;
        let Kind::Call(_, z) = &m.factors[at].base.kind else { return None };
        if !self.range(z).is_positive() {
            return None;
        }
        let z = z.clone();
        if m.factors.len() == 1 {
            return Some(self.power(z, m.coef));
        }
        let mut exponent = m.clone();
        exponent.factors.remove(at);
        Some(self.pow(z, vec![exponent]))
    }

    pub(super) fn ln(&mut self, arg: Poly) -> Poly {
        if arg.len() != 1 {
            // Of fitted terms alone one coefficient is redundant: ln(a x + b) = ln(x + b/a) + ln a.
            if arg.len() > 1 && arg.iter().all(|m| m.coef.is_fitted()) {
                let (content, base) = self.primitive(arg, false);
                let content = self.ln(vec![Mono::number(content)]);
                let base = self.plain(Op::Ln, base);
                return self.add(content, base);
            }
            return self.plain(Op::Ln, arg);
        }
        let m = &arg[0];
        let mut sum: Poly = Vec::new();
        let mut inside = Mono::number(m.coef);
        if m.coef.is_fitted() {
            let v = self.value(m.coef);
            if v != 0.0 && !m.factors.is_empty() {
                inside.coef = Coef::Exact(if v < 0.0 { Rational::MINUS_ONE } else { Rational::ONE });
                let ln = self.fitted(v.abs().ln());
                sum.push(Mono::number(ln));
            }
        }
        let lone = m.factors.len() == 1 && inside.coef.is_one();
        for f in &m.factors {
            let exponent = vec![Mono::number(f.exponent)];
            let range = f.base.range;
            let part = match &f.base.kind {
                Kind::Call(Op::Exp, u) => Some(u.clone()),
                Kind::Call2(Op::Pow, z, u) if self.range(z).is_positive() => {
                    let (z, u) = (z.clone(), u.clone());
                    let ln = self.ln(z);
                    Some(self.multiply(u, ln))
                }
                _ if range.is_positive() || lone && range.is_nonnegative() => {
                    Some(self.plain(Op::Ln, self.atom_poly(f)))
                }
                _ => None,
            };
            match part {
                Some(p) => {
                    let term = self.multiply(exponent, p);
                    sum = self.add(sum, term);
                }
                None => inside.factors.push(f.clone()),
            }
        }
        if inside.factors.is_empty() && inside.coef.is_one() {
            return sum;
        }
        let ln = self.plain(Op::Ln, vec![inside]);
        self.add(sum, ln)
    }

    /// The base of a factor as a sum of its own.
    pub(super) fn atom_poly(&self, f: &Factor) -> Poly {
        match &f.base.kind {
            Kind::Sum(terms) => terms.clone(),
            _ => power_of(f.base.clone(), Coef::ONE),
        }
    }

    pub(super) fn pow(&mut self, base: Poly, exponent: Poly) -> Poly {
        if exponent.is_empty() {
            return exact(Rational::ONE);
        }
        if let [m] = exponent.as_slice() {
            if m.factors.is_empty() {
                return self.power(base, m.coef);
            }
            // An exponent such as 1/3, written as the nearest number.
            if let Some(Factor { base: atom, .. }) = m.as_factor()
                && let Kind::Number(bits) = atom.kind
                && let Some(e) = Rational::from_exponent(f64::from_bits(bits))
            {
                return self.power(base, Coef::Exact(e));
            }
        }
        if let [m] = base.as_slice() {
            if let Some(f) = m.as_factor()
                && f.exponent.is_one()
                && let Kind::Call(Op::Exp, u) = &f.base.kind
            {
                let arg = self.multiply(exponent, u.clone());
                return self.exp(arg);
            }
            if m.factors.is_empty() && m.coef.exact().is_some_and(Rational::is_one) {
                return base;
            }
            // p^(k u) with two free constants has one too many.
            let fitted = |m: &Mono| m.coef.is_fitted();
            if m.factors.is_empty() && fitted(m) && self.value(m.coef) > 0.0 && exponent.iter().all(fitted) {
                let ln = self.fitted(self.value(m.coef).ln());
                let arg = self.multiply(vec![Mono::number(ln)], exponent);
                return self.exp(arg);
            }
        }
        let range = Interval::apply2(Op::Pow, self.range(&base), self.range(&exponent));
        power_of(Atom::call2(Op::Pow, base, exponent, range), Coef::ONE)
    }
}

/// The function and argument of a sum that is one call.
pub(super) fn inner(poly: &Poly) -> Option<(Op, &Poly)> {
    let [m] = poly.as_slice() else { return None };
    let f = m.as_factor().filter(|f| f.exponent.is_one())?;
    match &f.base.kind {
        Kind::Call(op, arg) if !is_constant(arg) => Some((*op, arg)),
        _ => None,
    }
}
