//! Sine and cosine.
//!
//! x = n pi/2 + r with |r| <= pi/4. Near a multiple of pi/2 nearly all bits of x cancel, so pi/2 stands in
//! three parts, the first two short enough that n times them is exact (Cody and Waite), and r is kept as a
//! sum of two numbers. Up to [`LIMIT`] no number comes closer than 2^-61 to a multiple of pi/2
//! (`vector_math_fit.py` looks at them all), which the 125 bits of the three parts cover.

use super::loops::Unary;
use super::primitives::{Arithmetic, beyond, polynomial, round_to_integer};
use std::f64::consts::FRAC_2_PI;

/// Beyond this size an element goes to the standard library, which reduces arguments of any size.
pub(super) const LIMIT: f64 = 1e5;

/// pi/2 in parts of 36, 36 and 53 bits.
const PI_2: [f64; 3] = [1.5707963267923333, 2.5633441515839558e-12, 1.0562999066987428e-23];

/// (sin(r)/r - 1)/r^2 in powers of r^2, |r| <= pi/4.
const SIN_FIRST: f64 = -0.16666666666666666;
const SIN_REST: [f64; 5] = [
    0.00833333333333095,
    -0.00019841269836759208,
    2.7557316102723463e-6,
    -2.5051131855038404e-8,
    1.591812854191806e-10,
];

/// (cos(r) - 1 + r^2/2)/r^4 in powers of r^2, |r| <= pi/4.
const COS: [f64; 6] = [
    0.041666666666666664,
    -0.0013888888888887398,
    2.4801587298765916e-5,
    -2.75573172717598e-7,
    2.087614626041983e-9,
    -1.1382631029830746e-11,
];

/// Sine and cosine for |x| <= `LIMIT`.
#[inline(always)]
pub(super) fn sin_cos<A: Arithmetic>(x: f64) -> (f64, f64) {
    let (n, quadrant) = round_to_integer(x * FRAC_2_PI);
    // Exact: the product has at most 53 bits, and the difference cancels.
    let first = x - n * PI_2[0];
    let product = n * PI_2[1];
    let second = first - product;
    let lost = (first - second) - product;
    let product = n * PI_2[2] - lost;
    let r = second - product;
    let low = (second - r) - product;

    let z = r * r;
    let cube = z * r;
    let half = 0.5 * z;
    // Written as r - (...), which keeps the sign of a zero.
    let sine = r - ((z * (0.5 * low - cube * polynomial::<A, _>(z, &SIN_REST)) - low) - cube * SIN_FIRST);
    let one = 1.0 - half;
    let cosine = one + (((1.0 - one) - half) + (z * z * polynomial::<A, _>(z, &COS) - r * low));

    // An odd quadrant swaps the two; quadrants 2, 3 turn the sign of the sine, 1, 2 that of the cosine.
    let swap = 0_u64.wrapping_sub(quadrant & 1);
    let (s, c) = (sine.to_bits(), cosine.to_bits());
    let different = (s ^ c) & swap;
    let sine_sign = (quadrant & 2) << 62;
    let cosine_sign = (quadrant.wrapping_add(1) & 2) << 62;
    (f64::from_bits(s ^ different ^ sine_sign), f64::from_bits(c ^ different ^ cosine_sign))
}

/// Whether the standard library takes over: a large, infinite or NaN argument.
#[inline(always)]
pub(super) fn is_odd(x: f64) -> bool {
    beyond(x, LIMIT) >> 63 != 0
}

pub(super) struct Sin;

impl Unary for Sin {
    const ODD_BY_CALL: bool = true;

    #[inline(always)]
    fn at<A: Arithmetic>(x: f64) -> f64 {
        sin_cos::<A>(x).0
    }

    #[inline(always)]
    fn odd_word(x: f64) -> u64 {
        beyond(x, LIMIT)
    }

    #[inline(always)]
    fn at_any<A: Arithmetic>(x: f64) -> f64 {
        x.sin()
    }
}

pub(super) struct Cos;

impl Unary for Cos {
    const ODD_BY_CALL: bool = true;

    #[inline(always)]
    fn at<A: Arithmetic>(x: f64) -> f64 {
        sin_cos::<A>(x).1
    }

    #[inline(always)]
    fn odd_word(x: f64) -> u64 {
        beyond(x, LIMIT)
    }

    #[inline(always)]
    fn at_any<A: Arithmetic>(x: f64) -> f64 {
        x.cos()
    }
}
