//! The natural logarithm.
//!
//! x = 2^k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2). With s = f/(2 + f), ln(1 + f) = 2 atanh(s) =
//! 2s + s z L(z), z = s^2; as 2s = f - s f, and s f = f^2/2 - s f^2/2, the exact f can be
//! brought out of the sum, so that only small terms carry a rounding error.

use super::exp::LN_2;
use super::loops::{Begun, Unary};
use super::primitives::{Arithmetic, polynomial, select};
use std::f64::consts::FRAC_1_SQRT_2;

/// (2 atanh(s)/s - 2)/s^2 in powers of s^2, for 1 + f between sqrt(1/2) and sqrt(2).
const TAIL: [f64; 7] = [
    0.666666666666667,
    0.39999999999898506,
    0.2857142862637137,
    0.22222211077381626,
    0.1818289288836581,
    0.15331607929565752,
    0.1461773720949914,
];

/// The same for s from 0 to 1/3.
const LONG_TAIL: [f64; 10] = [
    0.6666666666666666,
    0.4000000000001525,
    0.28571428566947993,
    0.2222222273231083,
    0.1818178874617806,
    0.15385588027776656,
    0.13313869552871646,
    0.12003520001586171,
    0.08788981657328902,
    0.16187577519969393,
];

const MANTISSA: u64 = (1 << 52) - 1;
const TWO_52: f64 = 4_503_599_627_370_496.0;
const TWO_54: f64 = 18_014_398_509_481_984.0;

/// `x` > 0, finite and not subnormal, as (k, f): x = 2^k (1 + f), 1 + f between sqrt(1/2) and sqrt(2).
#[inline(always)]
fn split_normal(x: f64) -> (f64, f64) {
    // With the bits of sqrt(1/2) moved to those of 1, the exponent field counts octaves from sqrt(1/2).
    let low = FRAC_1_SQRT_2.to_bits();
    let moved = x.to_bits().wrapping_add(1.0_f64.to_bits() - low);
    let mantissa = f64::from_bits((moved & MANTISSA) + low);
    // The exponent field as the low bits of a number from 2^52 on: no conversion from integers is needed.
    let field = f64::from_bits((moved >> 52) | TWO_52.to_bits()) - (TWO_52 + 1023.0);
    (field, mantissa - 1.0)
}

/// The same for a subnormal number too.
#[inline(always)]
pub(super) fn split(x: f64) -> (f64, f64) {
    let subnormal = x < f64::MIN_POSITIVE;
    let (k, f) = split_normal(select(subnormal, x * TWO_54, x));
    (k - select(subnormal, 54.0, 0.0), f)
}

/// k, f and s of `x` = 2^k (1 + f).
#[inline(always)]
fn with_quotient((k, f): (f64, f64)) -> Begun {
    [k, f, f / (2.0 + f)]
}

/// k ln 2 + ln(1 + f).
#[inline(always)]
fn ln_of_split<A: Arithmetic>([k, f, s]: Begun) -> f64 {
    let half_square = 0.5 * f * f;
    let z = s * s;
    let curved = s * A::mul_add(z, polynomial::<A, _>(z, &TAIL), half_square);
    A::mul_add(k, LN_2[0], f - (half_square - A::mul_add(k, LN_2[1], curved)))
}

/// ln x for any x.
#[inline(always)]
fn ln<A: Arithmetic>(x: f64) -> f64 {
    let at_edge = select(x == 0.0, f64::NEG_INFINITY, select(x == f64::INFINITY, x, f64::NAN));
    select(x > 0.0 && x < f64::INFINITY, ln_of_split::<A>(with_quotient(split(x))), at_edge)
}

/// ln(1 + u) for 0 <= u <= 1.
#[inline(always)]
pub(super) fn ln_1p_unit<A: Arithmetic>(u: f64) -> f64 {
    let s = u / (2.0 + u);
    let half_square = 0.5 * u * u;
    let z = s * s;
    u - (half_square - s * A::mul_add(z, polynomial::<A, _>(z, &LONG_TAIL), half_square))
}

pub(super) struct Ln;

impl Unary for Ln {
    #[inline(always)]
    fn begin<A: Arithmetic>(x: f64) -> Begun {
        with_quotient(split_normal(x))
    }

    #[inline(always)]
    fn finish<A: Arithmetic>(_x: f64, begun: Begun) -> f64 {
        ln_of_split::<A>(begun)
    }

    #[inline(always)]
    fn odd_word(x: f64) -> u64 {
        // One of the differences is negative, as a word, for all bits but those from `MIN_POSITIVE` to `MAX`.
        let bits = x.to_bits();
        bits.wrapping_sub(f64::MIN_POSITIVE.to_bits()) | f64::MAX.to_bits().wrapping_sub(bits)
    }

    #[inline(always)]
    fn at_any<A: Arithmetic>(x: f64) -> f64 {
        ln::<A>(x)
    }
}
