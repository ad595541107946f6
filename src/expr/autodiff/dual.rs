//! First-order dual numbers: a value and `N` partial derivatives.

use super::Number;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A value with one directional derivative.
///
/// ```
/// use closedform::expr::Dual;
/// let x = Dual::new(3.0, 1.0);
/// assert_eq!((x * x).derivative(), 6.0);
/// ```
pub type Dual = DualVec<1>;

/// A value with `N` partial derivatives (tangents), propagated by the rules of first-order differentials.
///
/// ```
/// use closedform::expr::{DualVec, Number, Op};
/// // f(a, b) = a * exp(b) at (3, 0): df/da = 1, df/db = 3
/// let a = DualVec::<2>::variable(3.0, 0);
/// let b = DualVec::<2>::variable(0.0, 1);
/// let f = a * b.apply(Op::Exp);
/// assert_eq!((f.value(), f.tangents), (3.0, [1.0, 3.0]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DualVec<const N: usize> {
    /// The value.
    pub value: f64,
    /// The derivatives of the value with respect to `N` directions.
    pub tangents: [f64; N],
}

impl Dual {
    /// A value and its derivative.
    ///
    /// ```
    /// use closedform::expr::{Dual, Number};
    /// let x = Dual::new(2.0, 1.0);
    /// assert_eq!((x.value(), x.derivative()), (2.0, 1.0));
    /// ```
    #[inline(always)]
    pub fn new(value: f64, derivative: f64) -> Self {
        Self { value, tangents: [derivative] }
    }

    /// The derivative.
    ///
    /// ```
    /// use closedform::expr::{Dual, Number, Op};
    /// assert_eq!(Dual::new(0.0, 1.0).apply(Op::Sin).derivative(), 1.0); // cos(0)
    /// ```
    #[inline(always)]
    pub fn derivative(self) -> f64 {
        self.tangents[0]
    }
}

impl<const N: usize> DualVec<N> {
    /// The independent variable of direction `index`: derivative 1 there, 0 elsewhere.
    ///
    /// ```
    /// use closedform::expr::DualVec;
    /// let (a, b) = (DualVec::<2>::variable(3.0, 0), DualVec::<2>::variable(5.0, 1));
    /// assert_eq!((a * b).tangents, [5.0, 3.0]);
    /// ```
    #[inline(always)]
    pub fn variable(value: f64, index: usize) -> Self {
        let mut tangents = [0.0; N];
        tangents[index] = 1.0;
        Self { value, tangents }
    }

    /// `value`, and tangents `f(self, other)` per direction.
    #[inline(always)]
    fn zip(self, other: Self, value: f64, f: impl Fn(f64, f64) -> f64) -> Self {
        Self { value, tangents: std::array::from_fn(|i| f(self.tangents[i], other.tangents[i])) }
    }
}

impl<const N: usize> Number for DualVec<N> {
    #[inline(always)]
    fn constant(value: f64) -> Self {
        Self { value, tangents: [0.0; N] }
    }

    #[inline(always)]
    fn value(self) -> f64 {
        self.value
    }

    #[inline(always)]
    fn is_constant(self) -> bool {
        self.tangents.iter().all(|t| *t == 0.0)
    }

    #[inline(always)]
    fn chain(self, f: f64, d1: f64, _d2: f64) -> Self {
        let mut tangents = self.tangents;
        for t in &mut tangents {
            // 0 * inf would turn a direction that plays no part into NaN.
            *t = if *t == 0.0 { 0.0 } else { *t * d1 };
        }
        Self { value: f, tangents }
    }
}

impl<const N: usize> Add for DualVec<N> {
    type Output = Self;
    #[inline(always)]
    fn add(self, o: Self) -> Self {
        self.zip(o, self.value + o.value, |a, b| a + b)
    }
}

impl<const N: usize> Sub for DualVec<N> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, o: Self) -> Self {
        self.zip(o, self.value - o.value, |a, b| a - b)
    }
}

impl<const N: usize> Mul for DualVec<N> {
    type Output = Self;
    // The product rule adds.
    #[allow(clippy::suspicious_arithmetic_impl)]
    #[inline(always)]
    fn mul(self, o: Self) -> Self {
        self.zip(o, self.value * o.value, |a, b| a * o.value + b * self.value)
    }
}

impl<const N: usize> Div for DualVec<N> {
    type Output = Self;
    #[inline(always)]
    fn div(self, o: Self) -> Self {
        let q = self.value / o.value;
        let r = 1.0 / o.value;
        self.zip(o, q, |a, b| (a - q * b) * r)
    }
}

impl<const N: usize> Neg for DualVec<N> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.zip(self, -self.value, |a, _| -a)
    }
}
