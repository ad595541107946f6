//! Shapes: sums of products whose exponents and inner constants are the architecture weights.

use super::allowed::Allowed;
use super::feature::{Feature, power};
use crate::expr::{Expr, Op};

/// A power of a feature in a product.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Power {
    /// Index of the feature.
    pub(crate) feature: usize,
    /// The exponent of the scaled feature.
    pub(crate) exponent: f64,
    /// Takes the sign of the feature as a factor: the parity of an odd power.
    pub(crate) odd: bool,
    /// The solver may change the exponent.
    pub(crate) free: bool,
}

impl Power {
    /// A power with a free exponent; its parity is that of the nearest integer.
    pub(crate) fn free(feature: usize, exponent: f64) -> Self {
        Self { feature, exponent, odd: exponent.round().rem_euclid(2.0) == 1.0, free: true }
    }

    /// A power with a given exponent.
    pub(crate) fn fixed(feature: usize, exponent: f64) -> Self {
        Self { free: false, ..Self::free(feature, exponent) }
    }
}

/// A function in a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// `|1 + a u|^r`, with `r` a constant of its own.
    Binomial,
    /// `f(a u + b)`.
    Function(Op),
    /// `ln|1 + a u|`.
    LnBinomial,
}

/// A function of an inner product: `f(a u + b)`, `u` a product of powers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unit {
    pub(crate) link: Link,
    /// The factors of `u`.
    pub(crate) inner: Vec<Power>,
    /// `a`, for the scaled features.
    pub(crate) slope: f64,
    /// `b`; fixed (0, or 1 in a binomial) where it is not free.
    pub(crate) shift: f64,
    pub(crate) free_shift: bool,
    /// `r` of a binomial.
    pub(crate) exponent: f64,
    pub(crate) free_exponent: bool,
}

/// A product of powers and of functions of inner products.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Term {
    pub(crate) powers: Vec<Power>,
    pub(crate) units: Vec<Unit>,
}

/// A weighted sum of terms.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shape {
    /// Whether the sum has a constant term; it then has the first coefficient.
    pub(crate) constant: bool,
    pub(crate) terms: Vec<Term>,
    /// Coefficients of the constant term (if any) and the terms, after a solve.
    pub(crate) coefficients: Vec<f64>,
}

impl Term {
    /// A product of powers alone.
    pub(crate) fn product(powers: Vec<Power>) -> Self {
        Self { powers, units: Vec::new() }
    }

    /// Calls `visit` with every free constant, in the fixed order of the solver.
    fn each_free(&mut self, visit: &mut impl FnMut(&mut f64, Limit)) {
        for p in self.powers.iter_mut().filter(|p| p.free) {
            visit(&mut p.exponent, Limit::Exponent);
        }
        for u in &mut self.units {
            visit(&mut u.slope, Limit::None);
            if u.free_shift {
                visit(&mut u.shift, Limit::None);
            }
            for p in u.inner.iter_mut().filter(|p| p.free) {
                visit(&mut p.exponent, Limit::Exponent);
            }
            if u.free_exponent {
                visit(&mut u.exponent, Limit::Exponent);
            }
        }
    }
}

/// What keeps a constant in bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Limit {
    None,
    Exponent,
}

impl Shape {
    /// The free constants.
    pub(crate) fn parameters(&self) -> Vec<f64> {
        let mut out = Vec::new();
        self.clone().each_free(|x, _, _| out.push(*x));
        out
    }

    /// Sets the free constants.
    pub(crate) fn set_parameters(&mut self, values: &[f64]) {
        let mut values = values.iter();
        self.each_free(|x, _, _| *x = *values.next().expect("one value per free constant"));
    }

    /// Calls `visit(constant, term, limit)` for every free constant.
    pub(crate) fn each_free(&mut self, mut visit: impl FnMut(&mut f64, usize, Limit)) {
        for (k, term) in self.terms.iter_mut().enumerate() {
            term.each_free(&mut |x, limit| visit(x, k, limit));
        }
    }

    /// Every power of the shape, inner ones too.
    pub(crate) fn powers_mut(&mut self) -> Vec<&mut Power> {
        let mut all = Vec::new();
        for term in &mut self.terms {
            all.extend(term.powers.iter_mut());
            for u in &mut term.units {
                all.extend(u.inner.iter_mut());
            }
        }
        all
    }

    /// Takes out factors with exponent 0 and functions of nothing.
    pub(crate) fn tidy(&mut self) {
        for term in &mut self.terms {
            term.powers.retain(|p| p.free || p.exponent != 0.0);
            for u in &mut term.units {
                u.inner.retain(|p| p.free || p.exponent != 0.0);
            }
            term.units.retain(|u| !u.inner.is_empty());
        }
        // A term without factors is the constant term.
        let before = self.terms.len();
        self.terms.retain(|t| !t.powers.is_empty() || !t.units.is_empty());
        if self.terms.len() < before {
            self.constant = true;
        }
    }

    /// A rough length of the formula in nodes: features, exponents other than 1, functions, coefficients.
    pub(crate) fn length(&self, features: &[Feature]) -> f64 {
        let of = |powers: &[Power]| -> f64 {
            powers
                .iter()
                .map(|p| {
                    let plain = features[p.feature].exponential || p.exponent.abs() == 1.0;
                    1.0 + f64::from(features[p.feature].cost)
                        + if plain { 0.0 } else { 1.0 }
                        + if p.free { 2.0 } else { 0.0 }
                })
                .sum()
        };
        let unit = |u: &Unit| of(&u.inner) + 4.0 + if u.free_shift { 2.0 } else { 0.0 };
        let terms: f64 =
            self.terms.iter().map(|t| 2.0 + of(&t.powers) + t.units.iter().map(unit).sum::<f64>()).sum();
        terms + if self.constant { 2.0 } else { 0.0 }
    }

    /// The sum as an expression in the variables of the view, multiplied by `unit`; `None` where it cannot be
    /// written with the allowed functions or its coefficients leave the range of numbers.
    pub(crate) fn to_expr(&self, features: &[Feature], unit: f64, allowed: &Allowed) -> Option<Expr> {
        let mut coefficients = self.coefficients.iter().map(|c| c * unit);
        let mut sum: Option<Expr> = None;
        let mut constant = None;
        if self.constant {
            constant = coefficients.next();
        }
        for (term, c) in self.terms.iter().zip(coefficients) {
            if c == 0.0 {
                continue;
            }
            let mut product = Product { coefficient: c.ln_abs(), ..Product::default() };
            product.sign = c.signum();
            for p in &term.powers {
                product.multiply(p, features, allowed)?;
            }
            for u in &term.units {
                product.numerator.push(u.to_expr(features, allowed)?);
            }
            let e = product.finish()?;
            sum = Some(sum.map_or(e.clone(), |s| s + e));
        }
        if let Some(c) = constant {
            let e = Expr::parameter(c);
            sum = Some(sum.map_or(e.clone(), |s| s + e));
        }
        sum
    }
}

/// `ln|c|` and back keeps coefficients of any magnitude in range while factors are collected.
trait LnAbs {
    fn ln_abs(self) -> f64;
}

impl LnAbs for f64 {
    fn ln_abs(self) -> f64 {
        self.abs().ln()
    }
}

impl Unit {
    fn to_expr(&self, features: &[Feature], allowed: &Allowed) -> Option<Expr> {
        let mut product = Product { coefficient: self.slope.ln_abs(), ..Product::default() };
        product.sign = self.slope.signum();
        for p in &self.inner {
            product.multiply(p, features, allowed)?;
        }
        let u = product.finish()?;
        let one = || Expr::constant(1.0);
        Some(match self.link {
            Link::Binomial if self.free_exponent => {
                if !allowed.power {
                    return None;
                }
                Expr::apply2(Op::Pow, &(one() + u), &Expr::parameter(self.exponent))
            }
            Link::Binomial => {
                if !allowed.exponent(self.exponent) || self.exponent == 0.0 {
                    return None;
                }
                let base = one() + u;
                if self.exponent > 0.0 {
                    power(&base, self.exponent, allowed)
                } else {
                    one() / power(&base, -self.exponent, allowed)
                }
            }
            Link::LnBinomial => (one() + u).apply(Op::Ln),
            Link::Function(op) if self.free_shift => (u + Expr::parameter(self.shift)).apply(op),
            Link::Function(op) => u.apply(op),
        })
    }
}

/// Factors on their way to a quotient.
#[derive(Default)]
struct Product {
    /// `ln|c|`.
    coefficient: f64,
    sign: f64,
    numerator: Vec<Expr>,
    denominator: Vec<Expr>,
    root_numerator: Vec<Expr>,
    root_denominator: Vec<Expr>,
}

impl Product {
    fn multiply(&mut self, p: &Power, features: &[Feature], allowed: &Allowed) -> Option<()> {
        let f = &features[p.feature];
        if p.exponent == 0.0 {
            return Some(());
        }
        self.coefficient -= p.exponent * f.centre / f.scale;
        let exponent = p.exponent / f.scale;
        if f.exponential {
            self.numerator.push((Expr::parameter(exponent) * f.expr.clone()).apply(Op::Exp));
            return Some(());
        }
        let integer = exponent.fract() == 0.0;
        let odd_integer = integer && exponent.rem_euclid(2.0) == 1.0;
        let mut base = f.expr.clone();
        if f.negative {
            if odd_integer {
                self.sign = -self.sign;
            } else if !integer {
                base = -base;
            }
        } else if f.signs.is_some() && !(integer && odd_integer == p.odd) {
            if !allowed.has(Op::Abs) {
                return None;
            }
            if p.odd && !integer {
                return None; // sgn(x) |x|^1.7 is no form that people write
            }
            if p.odd {
                // sgn(x) x^2 = x |x|
                self.numerator.push(f.expr.clone());
                let rest = exponent - 1.0;
                let e = power(&f.expr.apply(Op::Abs), rest.abs(), allowed);
                if rest > 0.0 {
                    self.numerator.push(e)
                } else {
                    self.denominator.push(e)
                }
                return Some(());
            }
            base = base.apply(Op::Abs);
        }
        if p.free {
            // Two terms with exponents near zero imitate a logarithm by cancellation: no form to keep.
            if !allowed.power || exponent.abs() < 0.02 {
                return None;
            }
            self.numerator.push(Expr::apply2(Op::Pow, &base, &Expr::parameter(exponent)));
            return Some(());
        }
        if !allowed.exponent(exponent) {
            return None;
        }
        let list = match (exponent > 0.0, exponent.abs() == 0.5) {
            (true, false) => &mut self.numerator,
            (false, false) => &mut self.denominator,
            (true, true) => &mut self.root_numerator,
            (false, true) => &mut self.root_denominator,
        };
        list.push(if exponent.abs() == 0.5 { base } else { power(&base, exponent.abs(), allowed) });
        Some(())
    }

    /// The coefficient times the quotient.
    fn finish(mut self) -> Option<Expr> {
        let product = |list: Vec<Expr>| list.into_iter().reduce(|a, b| a * b);
        match (product(self.root_numerator), product(self.root_denominator)) {
            (Some(a), Some(b)) => self.numerator.push((a / b).apply(Op::Sqrt)),
            (Some(a), None) => self.numerator.push(a.apply(Op::Sqrt)),
            (None, Some(b)) => self.denominator.push(b.apply(Op::Sqrt)),
            (None, None) => {}
        }
        let c = self.sign * self.coefficient.exp();
        if !(c.is_finite() && c != 0.0) {
            return None;
        }
        let mut e = Expr::parameter(c);
        if let Some(n) = product(self.numerator) {
            e = e * n;
        }
        if let Some(d) = product(self.denominator) {
            e = e / d;
        }
        Some(e)
    }
}
