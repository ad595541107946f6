//! Dual numbers over other numbers: `N` first derivatives, each of which may carry a derivative of its own.

use super::Number;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A number of type `K` with `N` partial derivatives of the same type.
///
/// Over `f64` this is [`super::DualVec`]. Over [`super::Dual`] every tangent carries its derivative along one more
/// direction `v`: one pass gives a row of mixed second derivatives `d/dv (df/dx_i)`, `i < N`, where
/// [`super::HyperDual`] gives one of them (forward over forward; Griewank and Walther 2008, section 3.2). `K` may
/// carry first derivatives only.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Nested<K, const N: usize> {
    /// The value.
    pub(crate) value: K,
    /// The derivatives of the value with respect to `N` directions.
    pub(crate) tangents: [K; N],
}

impl<K: Number, const N: usize> Nested<K, N> {
    /// A number that does not depend on the `N` directions.
    #[inline]
    pub(crate) fn lift(value: K) -> Self {
        Self { value, tangents: [K::constant(0.0); N] }
    }

    /// The independent variable of direction `index`.
    #[inline]
    pub(crate) fn variable(value: K, index: usize) -> Self {
        let mut x = Self::lift(value);
        x.tangents[index] = K::constant(1.0);
        x
    }

    #[inline(always)]
    fn zip(self, other: Self, value: K, f: impl Fn(K, K) -> K) -> Self {
        Self { value, tangents: std::array::from_fn(|i| f(self.tangents[i], other.tangents[i])) }
    }
}

/// Exactly zero, derivatives included.
#[inline]
fn is_zero<K: Number>(x: K) -> bool {
    x.value() == 0.0 && x.is_constant()
}

impl<K: Number, const N: usize> Number for Nested<K, N> {
    #[inline]
    fn constant(value: f64) -> Self {
        Self::lift(K::constant(value))
    }

    #[inline]
    fn value(self) -> f64 {
        self.value.value()
    }

    #[inline]
    fn is_constant(self) -> bool {
        self.value.is_constant() && self.tangents.iter().all(|t| is_zero(*t))
    }

    #[inline]
    fn chain(self, f: f64, d1: f64, d2: f64) -> Self {
        // f' as a number of type K: its own derivative is f''. The last argument would only matter for a K with
        // second derivatives.
        let slope = self.value.chain(d1, d2, 0.0);
        let mut tangents = self.tangents;
        for t in &mut tangents {
            // 0 * inf would turn a direction that plays no part into NaN.
            *t = if is_zero(*t) { *t } else { *t * slope };
        }
        Self { value: self.value.chain(f, d1, d2), tangents }
    }
}

impl<K: Number, const N: usize> Add for Nested<K, N> {
    type Output = Self;
    #[inline]
    fn add(self, o: Self) -> Self {
        self.zip(o, self.value + o.value, |a, b| a + b)
    }
}

impl<K: Number, const N: usize> Sub for Nested<K, N> {
    type Output = Self;
    #[inline]
    fn sub(self, o: Self) -> Self {
        self.zip(o, self.value - o.value, |a, b| a - b)
    }
}

impl<K: Number, const N: usize> Mul for Nested<K, N> {
    type Output = Self;
    // The product rule adds.
    #[allow(clippy::suspicious_arithmetic_impl)]
    #[inline]
    fn mul(self, o: Self) -> Self {
        self.zip(o, self.value * o.value, |a, b| a * o.value + b * self.value)
    }
}

impl<K: Number, const N: usize> Div for Nested<K, N> {
    type Output = Self;
    #[inline]
    fn div(self, o: Self) -> Self {
        let q = self.value / o.value;
        let r = K::constant(1.0) / o.value;
        self.zip(o, q, |a, b| (a - q * b) * r)
    }
}

impl<K: Number, const N: usize> Neg for Nested<K, N> {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        self.zip(self, -self.value, |a, _| -a)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Dual, HyperDual, Op};

    /// A function that uses every rule.
    fn f<T: Number>(x: T, y: T) -> T {
        let a = (x * y).apply(Op::Exp) / (x + y.apply(Op::Square)) - (-x).apply(Op::Logistic);
        a + x.power(y) * y.apply(Op::Sin)
    }

    #[test]
    fn mixed_derivatives_are_those_of_hyperduals() {
        let (x, y) = (0.7, 1.3);
        for (v, direction) in [[1.0, 0.0], [0.3, -2.0]].into_iter().enumerate() {
            let nested = f(
                Nested::<Dual, 2>::variable(Dual::new(x, direction[0]), 0),
                Nested::<Dual, 2>::variable(Dual::new(y, direction[1]), 1),
            );
            for i in 0..2 {
                let along = |k: usize, value: f64| HyperDual {
                    value,
                    e1: direction[k],
                    e2: f64::from(u8::from(k == i)),
                    e12: 0.0,
                };
                let want = f(along(0, x), along(1, y));
                assert!((nested.value.derivative() - want.e1).abs() < 1e-13, "{v}");
                assert!((nested.tangents[i].value - want.e2).abs() < 1e-13, "{v} {i}");
                assert!((nested.tangents[i].derivative() - want.e12).abs() < 1e-12, "{v} {i}");
            }
        }
    }
}
