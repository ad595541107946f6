//! Sine and cosine.
//!
//! x = n pi/2 + r with |r| <= pi/4. Near a multiple of pi/2 nearly all bits of x cancel, so pi/2 stands in
//! three parts, the first two short enough that n times them is exact (Cody and Waite). Up to [`LIMIT`] no
//! number comes closer than 2^-61 to a multiple of pi/2 (`vector_math_fit.py` looks at them all), which the
//! 125 bits of the three parts cover. With the rounding of r the error stays below 1.6 units in the last place.

use super::loops::{Begun, Unary};
use super::primitives::{Arithmetic, beyond, polynomial, round_to_integer};
use std::f64::consts::FRAC_2_PI;

/// Beyond this size an element goes to the standard library, which reduces arguments of any size.
pub(super) const LIMIT: f64 = 1e5;

/// pi/2 in parts of 36, 36 and 53 bits.
const PI_2: [f64; 3] = [1.5707963267923333, 2.5633441515839558e-12, 1.0562999066987428e-23];

/// (sin(r)/r - 1)/r^2 in powers of r^2, |r| <= pi/4.
const SIN: [f64; 6] = [
    -0.16666666666666666,
    0.00833333333333095,
    -0.00019841269836759208,
    2.7557316102723463e-6,
    -2.5051131855038404e-8,
    1.591812854191806e-10,
];

/// (cos(r) - 1)/r^2 in powers of r^2, |r| <= pi/4: -1/2, and (cos(r) - 1 + r^2/2)/r^4.
const COS: [f64; 7] = [
    -0.5,
    0.041666666666666664,
    -0.0013888888888887398,
    2.4801587298765916e-5,
    -2.75573172717598e-7,
    2.087614626041983e-9,
    -1.1382631029830746e-11,
];

/// r and the quadrant n, as the low bits of a word, of |x| for |x| <= `LIMIT`.
///
/// The first two products are exact, and so is the first difference, and the second where it is small.
#[inline(always)]
fn reduced<A: Arithmetic>(x: f64) -> Begun {
    let size = x.abs();
    let (n, quadrant) = round_to_integer(size * FRAC_2_PI);
    let r = A::mul_add(-PI_2[1], n, A::mul_add(-PI_2[0], n, size));
    [A::mul_add(-PI_2[2], n, r), f64::from_bits(quadrant), 0.0]
}

/// sin(x) and cos(x) from r and the quadrant of |x|. Taking the sign of x apart keeps that of a zero.
///
/// An odd quadrant swaps the two; quadrants 2, 3 turn the sign of the sine, 1, 2 that of the cosine.
#[inline(always)]
fn both<A: Arithmetic>(x: f64, [r, quadrant, _]: Begun) -> (f64, f64) {
    let z = r * r;
    let s = A::mul_add(r * z, polynomial::<A, _>(z, &SIN), r).to_bits();
    let c = A::mul_add(z, polynomial::<A, _>(z, &COS), 1.0).to_bits();
    let quadrant = quadrant.to_bits();
    // Blending looks at the sign of a word, so that this is no work.
    let swapped = ((quadrant << 63) as i64) < 0;
    let sine_sign = ((quadrant & 2) << 62) ^ (x.to_bits() & (1 << 63));
    let cosine_sign = (quadrant.wrapping_add(1) & 2) << 62;
    let (sine, cosine) = (if swapped { c } else { s }, if swapped { s } else { c });
    (f64::from_bits(sine ^ sine_sign), f64::from_bits(cosine ^ cosine_sign))
}

/// Sine and cosine for |x| <= `LIMIT`.
#[inline(always)]
pub(super) fn sin_cos<A: Arithmetic>(x: f64) -> (f64, f64) {
    both::<A>(x, reduced::<A>(x))
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
    fn begin<A: Arithmetic>(x: f64) -> Begun {
        reduced::<A>(x)
    }

    #[inline(always)]
    fn finish<A: Arithmetic>(x: f64, begun: Begun) -> f64 {
        both::<A>(x, begun).0
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
    fn begin<A: Arithmetic>(x: f64) -> Begun {
        reduced::<A>(x)
    }

    #[inline(always)]
    fn finish<A: Arithmetic>(x: f64, begun: Begun) -> f64 {
        both::<A>(x, begun).1
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
