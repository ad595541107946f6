//! Steps that the functions share: rounding, scaling and polynomials without a branch or a call.
//!
//! Everything here is written in operations that the oldest x86-64 processor has as vector instructions.
//! `f64::round`, a conversion to `i64` and an arithmetic shift of 64-bit integers are not among them, which is
//! why rounding and exponents go through the bits of a number shifted by a large constant.

use super::loops::Unary;

/// 1.5 * 2^52: a number of size up to 2^51 added to this loses its fraction, rounded to nearest even, and the
/// low bits of the sum are the integer in two's complement.
const SHIFTER: f64 = 6_755_399_441_055_744.0;

/// The integer nearest to `x`, |x| <= 2^51, as a number and as the low bits of a word.
#[inline(always)]
pub(super) fn round_to_integer(x: f64) -> (f64, u64) {
    let shifted = x + SHIFTER;
    (shifted - SHIFTER, shifted.to_bits())
}

/// `x` * 2^`k` for an integer `k` of size up to 2000, `x` near 1: infinite or subnormal as needed.
///
/// The scale is applied in two halves, as 2^k itself may be out of range; the first product is exact, so
/// that a subnormal result is rounded only once.
#[inline(always)]
pub(super) fn scale(x: f64, k: f64) -> f64 {
    let half = k * 0.5 + SHIFTER;
    let rest = k - (half - SHIFTER) + SHIFTER;
    x * power_of_two(half) * power_of_two(rest)
}

/// 2^k from `SHIFTER` + k, -1022 <= k <= 1023.
#[inline(always)]
fn power_of_two(shifted: f64) -> f64 {
    f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52)
}

/// The polynomial with ascending `coefficients`, by Horner's rule.
///
/// Many elements are under way at once, so the length of one element's chain of operations costs little, and
/// Horner's rule has the fewest operations and the least rounding.
#[inline(always)]
pub(super) fn polynomial<const N: usize>(x: f64, coefficients: &[f64; N]) -> f64 {
    let mut sum = coefficients[N - 1];
    for i in (0..N - 1).rev() {
        sum = sum * x + coefficients[i];
    }
    sum
}

/// `x` cut to its leading 26 bits: the product of two such numbers is exact.
#[inline(always)]
pub(super) fn leading_half(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0xffff_ffff_f800_0000)
}

/// `x` if `condition`, else `y`, without a branch.
#[inline(always)]
pub(super) fn select(condition: bool, x: f64, y: f64) -> f64 {
    if condition { x } else { y }
}

/// `x` held between two bounds; NaN stays NaN.
#[inline(always)]
pub(super) fn clamp(x: f64, low: f64, high: f64) -> f64 {
    let x = select(x < low, low, x);
    select(x > high, high, x)
}

pub(super) struct Sqrt;

impl Unary for Sqrt {
    #[inline(always)]
    fn at(x: f64) -> f64 {
        x.sqrt()
    }
}
