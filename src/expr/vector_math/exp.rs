//! The exponential.
//!
//! e^x = 2^k * e^r with k the integer nearest to x/ln 2, and r = x - k ln 2 taken in two steps (Cody and
//! Waite): the leading part of ln 2 is short enough that its product with k is exact. For |r| <= ln(2)/2,
//! e^r = 1 + r + r^2 P(r), summed from the smallest term up.

use super::loops::{Begun, Unary};
use super::primitives::{Arithmetic, Scale, beyond, clamp, polynomial, round_to_scale};
use std::f64::consts::LOG2_E;

/// ln 2 in two parts, the first of 42 bits.
pub(super) const LN_2: [f64; 2] = [0.6931471805598903, 5.497923018708371e-14];

/// (e^r - 1 - r)/r^2 on |r| <= ln(2)/2.
const TAIL: [f64; 11] = [
    0.5,
    0.1666666666666667,
    0.041666666666666685,
    0.00833333333332614,
    0.0013888888888874409,
    0.00019841269874802732,
    2.4801587347317082e-5,
    2.755725542315273e-6,
    2.7557252933335086e-7,
    2.510520737036265e-8,
    2.0921582477586803e-9,
];

/// Up to this size of x, e^x is a normal number.
pub(super) const LIMIT: f64 = 708.0;

/// r in two parts and 2^k, x = k ln 2 + r; |x| <= 760.
#[inline(always)]
fn reduced<A: Arithmetic>(x: f64) -> (f64, f64, Scale) {
    let (k, scale) = round_to_scale(x * LOG2_E);
    (A::mul_add(-LN_2[0], k, x), -LN_2[1] * k, scale)
}

/// e^(high + low) - 1 where the sum is within ln(2)/2 of zero.
#[inline(always)]
pub(super) fn exp_m1_reduced<A: Arithmetic>(high: f64, low: f64) -> f64 {
    let r = high + low;
    high + A::mul_add(r * r, polynomial::<A, _>(r, &TAIL), low)
}

/// e^x for |x| <= `LIMIT`.
#[inline(always)]
pub(super) fn exp_within_limit<A: Arithmetic>(x: f64) -> f64 {
    Exp::finish::<A>(x, Exp::begin::<A>(x))
}

/// e^x for any x.
#[inline(always)]
pub(super) fn exp<A: Arithmetic>(x: f64) -> f64 {
    // Beyond these the result is infinite or zero.
    let (high, low, scale) = reduced::<A>(clamp(x, -746.0, 710.0));
    scale.apply(1.0 + exp_m1_reduced::<A>(high, low))
}

pub(super) struct Exp;

impl Unary for Exp {
    #[inline(always)]
    fn begin<A: Arithmetic>(x: f64) -> Begun {
        let (high, low, scale) = reduced::<A>(x);
        [high, low, scale.within_range()]
    }

    #[inline(always)]
    fn finish<A: Arithmetic>(_x: f64, [high, low, scale]: Begun) -> f64 {
        // As the scale is a power of two, this rounds as its product with 1 + ... does.
        A::mul_add(exp_m1_reduced::<A>(high, low), scale, scale)
    }

    #[inline(always)]
    fn odd_word(x: f64) -> u64 {
        beyond(x, LIMIT)
    }

    #[inline(always)]
    fn at_any<A: Arithmetic>(x: f64) -> f64 {
        exp::<A>(x)
    }
}
