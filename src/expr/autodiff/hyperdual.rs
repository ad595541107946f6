//! Hyper-dual numbers: two directional derivatives and their mixed second derivative.

use super::Number;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// `value + e1 eps1 + e2 eps2 + e12 eps1 eps2` with `eps1^2 = eps2^2 = 0`.
///
/// Seeding `e1` along `u` and `e2` along `v` gives `e12 = u^T H v` of the result, exact to rounding (Fike and
/// Alonso 2011, equation 5).
///
/// ```
/// use closedform::expr::{HyperDual, Number};
/// // f = x^2 y at (3, 5): d2f/dxdy = 2x = 6
/// let x = HyperDual { value: 3.0, e1: 1.0, e2: 0.0, e12: 0.0 };
/// let y = HyperDual { value: 5.0, e1: 0.0, e2: 1.0, e12: 0.0 };
/// assert_eq!((x * x * y).e12, 6.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct HyperDual {
    /// The value.
    pub value: f64,
    /// Derivative along the first direction.
    pub e1: f64,
    /// Derivative along the second direction.
    pub e2: f64,
    /// Mixed second derivative along both.
    pub e12: f64,
}

/// A product in which an exact zero wins over an infinity: a direction that plays no part stays zero.
#[inline]
fn times(derivative: f64, factor: f64) -> f64 {
    if derivative == 0.0 { 0.0 } else { derivative * factor }
}

impl Number for HyperDual {
    #[inline(always)]
    fn constant(value: f64) -> Self {
        Self { value, ..Self::default() }
    }

    #[inline(always)]
    fn value(self) -> f64 {
        self.value
    }

    #[inline(always)]
    fn is_constant(self) -> bool {
        self.e1 == 0.0 && self.e2 == 0.0 && self.e12 == 0.0
    }

    #[inline(always)]
    fn chain(self, f: f64, d1: f64, d2: f64) -> Self {
        Self {
            value: f,
            e1: times(self.e1, d1),
            e2: times(self.e2, d1),
            e12: times(self.e12, d1) + times(self.e1 * self.e2, d2),
        }
    }
}

impl Add for HyperDual {
    type Output = Self;
    #[inline(always)]
    fn add(self, o: Self) -> Self {
        Self { value: self.value + o.value, e1: self.e1 + o.e1, e2: self.e2 + o.e2, e12: self.e12 + o.e12 }
    }
}

impl Sub for HyperDual {
    type Output = Self;
    #[inline(always)]
    fn sub(self, o: Self) -> Self {
        Self { value: self.value - o.value, e1: self.e1 - o.e1, e2: self.e2 - o.e2, e12: self.e12 - o.e12 }
    }
}

impl Mul for HyperDual {
    type Output = Self;
    #[inline(always)]
    fn mul(self, o: Self) -> Self {
        Self {
            value: self.value * o.value,
            e1: self.e1 * o.value + self.value * o.e1,
            e2: self.e2 * o.value + self.value * o.e2,
            e12: self.e12 * o.value + self.e1 * o.e2 + self.e2 * o.e1 + self.value * o.e12,
        }
    }
}

impl Div for HyperDual {
    type Output = Self;
    #[inline(always)]
    fn div(self, o: Self) -> Self {
        let r = 1.0 / o.value;
        let q = self.value / o.value;
        let e1 = (self.e1 - q * o.e1) * r;
        let e2 = (self.e2 - q * o.e2) * r;
        // From self = quotient * o, differentiated twice.
        let e12 = (self.e12 - e1 * o.e2 - e2 * o.e1 - q * o.e12) * r;
        Self { value: q, e1, e2, e12 }
    }
}

impl Neg for HyperDual {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self { value: -self.value, e1: -self.e1, e2: -self.e2, e12: -self.e12 }
    }
}
