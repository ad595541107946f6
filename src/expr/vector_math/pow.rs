//! Powers.
//!
//! |x|^y = 2^(y log2 |x|). The exponent may be as large as 1074, and its absolute error becomes the relative
//! error of the result, so log2 |x| is needed to about 64 bits. It is computed as a sum of two doubles; where
//! a product must be exact, its factors are cut to 26 bits. The scheme is that of K. C. Ng's `pow`
//! in Sun's fdlibm (also Muller, *Elementary Functions*, on the power function), with one interval in place
//! of two:
//!
//! ln(1 + f) = 2/3 s (3 + s^2 + s^4 Q(s^2)) with s = f/(2 + f), where s and 3 + s^2 + ... are kept in two
//! parts, and the term with Q is so small that one double will do.

use super::exp::exp_m1_reduced;
use super::ln::split;
use super::loops::STAGE;
use super::primitives::{
    Arithmetic, Scale, clamp, leading_half, polynomial, round_to_integer, round_to_scale, select,
};
use std::f64::consts::LN_2;

/// (3 atanh(s)/s - 3 - s^2)/s^4 in powers of s^2.
const TAIL: [f64; 8] = [
    0.6,
    0.4285714285714406,
    0.33333333332477505,
    0.27272727504366884,
    0.2307689232085563,
    0.20002213110321962,
    0.17559205921672574,
    0.17586196775484708,
];

/// 2/(3 ln 2), and in two parts, the first of 26 bits.
const FACTOR: f64 = 0.9617966939259756;
const FACTOR_PARTS: [f64; 2] = [0.9617966860532761, 7.872699542894897e-9];

/// ln 2 in two parts, the first of 26 bits.
const LN_2_PARTS: [f64; 2] = [0.6931471675634384, 1.2996506893889889e-8];

/// Beyond this size of y the power of any x but 1 is 0 or infinite; products stay finite within it.
const LARGEST_Y: f64 = 1.180_591_620_717_411_3e21;

/// Beyond this size of the exponent of 2 the power is 0 or infinite.
const LARGEST_EXPONENT: f64 = 1100.0;

/// 2^51: up to here the integers among the exponents are told apart by rounding.
const LARGEST_PARITY: f64 = 2_251_799_813_685_248.0;

/// k and s of `x` > 0, finite, s in two parts, the first of 26 bits.
#[inline(always)]
fn quotient(x: f64) -> [f64; 3] {
    let (k, f) = split(x);
    // s = f/(2 + f) in two parts: the second is the remainder of the division.
    let divisor = 2.0 + f;
    let inverse = 1.0 / divisor;
    let s_high = leading_half(f * inverse);
    let divisor_high = leading_half(divisor);
    let divisor_low = f - (divisor_high - 2.0);
    let s_low = ((f - s_high * divisor_high) - s_high * divisor_low) * inverse;
    [k, s_high, s_low]
}

/// log2 of `x` from its quotient, as a sum: the first part has 26 bits.
#[inline(always)]
fn log2_in_two<A: Arithmetic>([k, s_high, s_low]: [f64; 3]) -> (f64, f64) {
    // 3 + s^2 + s^4 Q(s^2) in two parts.
    let s = s_high + s_low;
    let z = s * s;
    let square = s_high * s_high;
    let rest = s_low * (s_high + s) + z * z * polynomial::<A, _>(z, &TAIL);
    let t_high = leading_half(3.0 + square + rest);
    let t_low = rest - ((t_high - 3.0) - square);
    // Their product, times 2/(3 ln 2), plus k.
    let exact = s_high * t_high;
    let small = s_low * t_high + t_low * s;
    let p_high = leading_half(exact + small);
    let p_low = small - (p_high - exact);
    let exact = FACTOR_PARTS[0] * p_high;
    let small = FACTOR_PARTS[1] * p_high + FACTOR * p_low;
    let high = leading_half((exact + small) + k);
    (high, small - ((high - k) - exact))
}

/// y log2 |x|, from the two parts of the logarithm, as n ln 2 plus a sum of two numbers: these and 2^n. An infinite y is taken too.
#[inline(always)]
fn exponent(y: f64, (log_high, log_low): (f64, f64)) -> (f64, f64, Scale) {
    let y = clamp(y, -LARGEST_Y, LARGEST_Y);
    let y_high = leading_half(y);
    let high = y_high * log_high;
    let low = (y - y_high) * log_high + y * log_low;
    let outside = high.abs() > LARGEST_EXPONENT;
    let high = clamp(high, -LARGEST_EXPONENT, LARGEST_EXPONENT);
    let low = select(outside, 0.0, low);
    // 2^(high + low) = 2^n e^((high + low - n) ln 2), the last product again in two parts.
    let (n, scale) = round_to_scale(high + low);
    let fraction = high - n;
    let cut = leading_half(fraction + low);
    let rest = low - (cut - fraction);
    (cut * LN_2_PARTS[0], rest * LN_2 + cut * LN_2_PARTS[1], scale)
}

/// 2^n e^(high + low).
#[inline(always)]
fn power<A: Arithmetic>((high, low, scale): (f64, f64, Scale)) -> f64 {
    scale.apply(1.0 + exp_m1_reduced::<A>(high, low))
}

/// Gives |x|^y the sign that x and y call for: NaN for a negative x and a y that is no integer.
#[inline(always)]
fn with_sign(x: f64, y: f64, size: f64) -> f64 {
    let (integer, bits) = round_to_integer(y);
    let signed = f64::from_bits(size.to_bits() ^ (bits << 63));
    select(x > 0.0, size, select(integer == y, signed, f64::NAN))
}

/// Zero, infinite or NaN, or a negative base to a power whose parity needs a closer look.
#[inline(always)]
fn is_odd(x: f64, y: f64) -> bool {
    let size = x.abs();
    let base_good = (size > 0.0) & (size < f64::INFINITY);
    let exponent_good = select(x > 0.0, f64::INFINITY, LARGEST_PARITY) >= y.abs();
    !(base_good & exponent_good)
}

/// x^y for up to `STAGE` elements, each step for all of them before the next (see [`STAGE`]).
#[inline(always)]
pub(super) fn pow_block<A: Arithmetic>(x: &[f64], y: &[f64], out: &mut [f64]) {
    let [mut first, mut second, mut third] = [[0.0; STAGE]; 3];
    let mut scales = [Scale::default(); STAGE];
    for (((a, b), c), &x) in first.iter_mut().zip(&mut second).zip(&mut third).zip(x) {
        [*a, *b, *c] = quotient(x.abs());
    }
    for (((a, b), c), _) in first.iter_mut().zip(&mut second).zip(&third).zip(x) {
        (*a, *b) = log2_in_two::<A>([*a, *b, *c]);
    }
    for (((a, b), scale), &y) in first.iter_mut().zip(&mut second).zip(&mut scales).zip(y) {
        (*a, *b, *scale) = exponent(y, (*a, *b));
    }
    let mut some_odd = 0;
    let exponents = first.iter().zip(&second).zip(&scales);
    for (((out, ((&a, &b), &scale)), &x), &y) in out.iter_mut().zip(exponents).zip(x).zip(y) {
        *out = with_sign(x, y, power::<A>((a, b, scale)));
        some_odd |= u64::from(is_odd(x, y));
    }
    if some_odd != 0 {
        for ((out, &x), &y) in out.iter_mut().zip(x).zip(y) {
            if is_odd(x, y) {
                *out = x.powf(y);
            }
        }
    }
}
