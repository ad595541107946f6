//! What the evaluator needs from a number: arithmetic, and the chain rule of a function of one argument.

use crate::expr::Op;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A real number that may carry derivatives.
///
/// ```
/// use closedform::expr::{Dual, Number, Op};
/// let x = Dual::new(2.0, 1.0); // x = 2, dx/dx = 1
/// let y = (x * x).apply(Op::Ln); // ln(x^2)
/// assert_eq!(y.value(), 4f64.ln());
/// assert_eq!(y.derivative(), 1.0); // 2/x
/// ```
pub trait Number:
    Copy
    + Send
    + Sync
    + std::fmt::Debug
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + 'static
{
    /// Whether the type carries derivatives at all.
    ///
    /// ```
    /// use closedform::expr::{Dual, Number};
    /// const { assert!(Dual::HAS_DERIVATIVES && !f64::HAS_DERIVATIVES) };
    /// ```
    const HAS_DERIVATIVES: bool = true;

    /// A number without derivatives.
    ///
    /// ```
    /// use closedform::expr::{Dual, Number};
    /// assert_eq!(Dual::constant(2.0), Dual::new(2.0, 0.0));
    /// ```
    fn constant(value: f64) -> Self;

    /// The value, derivatives left out.
    ///
    /// ```
    /// use closedform::expr::{Dual, Number};
    /// assert_eq!(Dual::new(2.0, 7.0).value(), 2.0);
    /// ```
    fn value(self) -> f64;

    /// The values of many numbers.
    ///
    /// ```
    /// use closedform::expr::{Dual, Number};
    /// let mut out = [0.0; 2];
    /// Dual::values(&[Dual::new(1.0, 5.0), Dual::new(2.0, 6.0)], &mut out);
    /// assert_eq!(out, [1.0, 2.0]);
    /// ```
    fn values(numbers: &[Self], out: &mut [f64]) {
        numbers.iter().zip(out).for_each(|(x, o)| *o = x.value());
    }

    /// These numbers as plain ones, where the type is `f64` itself: the evaluator has a shorter way for them.
    ///
    /// ```
    /// use closedform::expr::{Dual, Number};
    /// assert_eq!(f64::as_f64(&[1.0, 2.0]), Some(&[1.0, 2.0][..]));
    /// assert_eq!(Dual::as_f64(&[Dual::new(1.0, 0.0)]), None);
    /// ```
    fn as_f64(_numbers: &[Self]) -> Option<&[f64]> {
        None
    }

    /// Plain numbers as numbers of this type, where it is `f64` itself.
    ///
    /// ```
    /// use closedform::expr::{Dual, Number};
    /// assert_eq!(f64::from_f64(&[1.0, 2.0]), Some(&[1.0, 2.0][..]));
    /// assert_eq!(Dual::from_f64(&[1.0]), None);
    /// ```
    fn from_f64(_numbers: &[f64]) -> Option<&[Self]> {
        None
    }

    /// True when every derivative is zero.
    ///
    /// ```
    /// use closedform::expr::{Dual, Number};
    /// assert!(Dual::new(2.0, 0.0).is_constant() && !Dual::new(2.0, 1.0).is_constant());
    /// ```
    fn is_constant(self) -> bool;

    /// The chain rule: given `f = f(self)` and the first two derivatives of `f` there, the result with its
    /// derivatives. Directions that `self` does not depend on stay exactly zero, also where `d1` is infinite.
    ///
    /// ```
    /// use closedform::expr::{Dual, Number};
    /// // f(x) = x^3 at 2: value 8, first derivative 12, second 12.
    /// assert_eq!(Dual::new(2.0, 1.0).chain(8.0, 12.0, 12.0), Dual::new(8.0, 12.0));
    /// // A direction that plays no part: 0 and not 0 * inf.
    /// assert_eq!(Dual::new(0.0, 0.0).chain(0.0, f64::INFINITY, 0.0).derivative(), 0.0);
    /// ```
    fn chain(self, f: f64, d1: f64, d2: f64) -> Self;

    /// A function of one argument.
    ///
    /// ```
    /// use closedform::expr::{Dual, Number, Op};
    /// assert_eq!(Dual::new(4.0, 1.0).apply(Op::Sqrt), Dual::new(2.0, 0.25));
    /// ```
    #[inline]
    fn apply(self, op: Op) -> Self {
        let f = op.value(self.value());
        let (d1, d2) = op.derivatives(self.value(), f);
        self.chain(f, d1, d2)
    }

    /// A function of two arguments.
    ///
    /// ```
    /// use closedform::expr::{Dual, Number, Op};
    /// let (a, b) = (Dual::new(6.0, 1.0), Dual::new(2.0, 0.0));
    /// assert_eq!(Dual::apply2(Op::Div, a, b), Dual::new(3.0, 0.5));
    /// assert_eq!(Dual::apply2(Op::Max, a, b), a);
    /// ```
    #[inline]
    fn apply2(op: Op, a: Self, b: Self) -> Self {
        match op {
            Op::Add => a + b,
            Op::Sub => a - b,
            Op::Mul => a * b,
            Op::Div => a / b,
            Op::Pow => a.power(b),
            Op::Max => {
                if a.value() > b.value() || a.value().is_nan() {
                    a
                } else {
                    b
                }
            }
            Op::Min => {
                if a.value() < b.value() || a.value().is_nan() {
                    a
                } else {
                    b
                }
            }
            _ => panic!("{op:?} takes one argument"),
        }
    }

    /// `self` to the power `exponent`.
    ///
    /// A constant exponent follows the power rule, so that a negative base with an integer exponent has its
    /// derivative; otherwise `exp(exponent * ln(self))`, whose derivative exists for a positive base only.
    ///
    /// ```
    /// use closedform::expr::{Dual, Number};
    /// // d/dx x^3 at -2; an exponent that is constant takes negative bases as well.
    /// assert_eq!(Dual::new(-2.0, 1.0).power(Dual::constant(3.0)), Dual::new(-8.0, 12.0));
    /// ```
    #[inline]
    fn power(self, exponent: Self) -> Self {
        let (x, p) = (self.value(), exponent.value());
        let f = x.powf(p);
        if exponent.is_constant() {
            return power_rule(self, x, p, f);
        }
        if self.is_constant() {
            let l = x.ln();
            return if f == 0.0 && x == 0.0 {
                exponent.chain(f, 0.0, 0.0)
            } else {
                exponent.chain(f, f * l, f * l * l)
            };
        }
        if x == 0.0 && p > 0.0 {
            // The limit from the right, where x^p ln x -> 0.
            return power_rule(self, x, p, f);
        }
        let log = exponent * self.apply(Op::Ln);
        log.chain(f, f, f)
    }
}

#[inline]
fn power_rule<T: Number>(base: T, x: f64, p: f64, f: f64) -> T {
    let d1 = if p == 0.0 { 0.0 } else { p * x.powf(p - 1.0) };
    let d2 = if p == 0.0 || p == 1.0 { 0.0 } else { p * (p - 1.0) * x.powf(p - 2.0) };
    base.chain(f, d1, d2)
}

impl Number for f64 {
    const HAS_DERIVATIVES: bool = false;

    fn values(numbers: &[Self], out: &mut [f64]) {
        out.copy_from_slice(numbers);
    }

    fn as_f64(numbers: &[Self]) -> Option<&[f64]> {
        Some(numbers)
    }

    fn from_f64(numbers: &[f64]) -> Option<&[Self]> {
        Some(numbers)
    }

    #[inline]
    fn constant(value: f64) -> Self {
        value
    }

    #[inline]
    fn value(self) -> f64 {
        self
    }

    #[inline]
    fn is_constant(self) -> bool {
        true
    }

    #[inline]
    fn chain(self, f: f64, _d1: f64, _d2: f64) -> Self {
        f
    }

    #[inline]
    fn apply(self, op: Op) -> Self {
        op.value(self)
    }

    #[inline]
    fn apply2(op: Op, a: Self, b: Self) -> Self {
        op.value2(a, b)
    }

    #[inline]
    fn power(self, exponent: Self) -> Self {
        self.powf(exponent)
    }
}
