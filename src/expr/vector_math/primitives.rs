//! Steps that the functions share: rounding, scaling and polynomials without a branch or a call.
//!
//! Everything but the fused form of a * b + c is an operation that the oldest x86-64 processor has as a vector
//! instruction.
//! `f64::round`, a conversion to `i64` and an arithmetic shift of 64-bit integers are not among them, which is
//! why rounding and exponents go through the bits of a number shifted by a large constant.

use super::loops::{Begun, Unary};

/// How a * b + c is rounded.
///
/// Where the instruction exists, the fused form takes a quarter to a third off the time of `exp` and `ln`. Where
/// it does not, `f64::mul_add` would be a slow library call for each element.
pub(crate) trait Arithmetic {
    /// a * b + c.
    fn mul_add(a: f64, b: f64, c: f64) -> f64;
}

/// Rounded once.
pub(super) struct Fused;

impl Arithmetic for Fused {
    #[inline(always)]
    fn mul_add(a: f64, b: f64, c: f64) -> f64 {
        a.mul_add(b, c)
    }
}

/// The product rounded, and the sum.
pub(super) struct Separate;

impl Arithmetic for Separate {
    #[inline(always)]
    fn mul_add(a: f64, b: f64, c: f64) -> f64 {
        a * b + c
    }
}

/// 1.5 * 2^52: a number of size up to 2^51 added to this loses its fraction, rounded to nearest even, and the
/// low bits of the sum are the integer in two's complement.
const SHIFTER: f64 = 6_755_399_441_055_744.0;

/// The integer nearest to `x`, |x| <= 2^51, as a number and as the low bits of a word.
#[inline(always)]
pub(super) fn round_to_integer(x: f64) -> (f64, u64) {
    let shifted = x + SHIFTER;
    (shifted - SHIFTER, shifted.to_bits())
}

/// The low bits of a sum with this are the integer plus the bias of exponents.
const SCALE_SHIFTER: f64 = SHIFTER + 1023.0;

/// A power of two that may be out of the range of a double.
#[derive(Clone, Copy, Default)]
pub(super) struct Scale(u64);

/// The integer k nearest to `x`, |x| <= 1100, as a number and as the scale 2^k.
#[inline(always)]
pub(super) fn round_to_scale(x: f64) -> (f64, Scale) {
    let shifted = x + SCALE_SHIFTER;
    (shifted - SCALE_SHIFTER, Scale(shifted.to_bits()))
}

impl Scale {
    /// `x` * 2^k, infinite or subnormal as needed.
    ///
    /// The scale is applied in two halves, whose exponent fields add up to k + 2046, that is, k plus twice the
    /// bias; the first product is exact, so that a subnormal result is rounded only once.
    #[inline(always)]
    pub(super) fn apply(self, x: f64) -> f64 {
        let both = self.0.wrapping_add(1023);
        let half = both >> 1;
        x * f64::from_bits(half << 52) * f64::from_bits(both.wrapping_sub(half) << 52)
    }

    /// 2^k, which must be a normal number.
    #[inline(always)]
    pub(super) fn within_range(self) -> f64 {
        f64::from_bits(self.0 << 52)
    }
}

/// A word whose top bit says that |x| > `limit` or that x is NaN; `limit` must be positive.
#[inline(always)]
pub(super) fn beyond(x: f64, limit: f64) -> u64 {
    // Without the sign, the bits of doubles are in the order of the doubles, and NaN comes last.
    limit.to_bits().wrapping_sub(x.to_bits() & (u64::MAX >> 1))
}

/// The polynomial with ascending `coefficients`.
///
/// Four terms at a time (Estrin's scheme), and Horner's rule in x^4 over these: a processor looks ahead over
/// a few elements only, and with Horner's rule throughout it would wait most of the time for the last sum.
#[inline(always)]
pub(super) fn polynomial<A: Arithmetic, const N: usize>(x: f64, coefficients: &[f64; N]) -> f64 {
    let square = x * x;
    let fourth = square * square;
    let first_of_last = (N - 1) / 4 * 4;
    let mut sum = up_to_four_terms::<A>(x, square, &coefficients[first_of_last..]);
    for block in (0..first_of_last / 4).rev() {
        let terms = up_to_four_terms::<A>(x, square, &coefficients[4 * block..4 * block + 4]);
        sum = A::mul_add(sum, fourth, terms);
    }
    sum
}

#[inline(always)]
fn up_to_four_terms<A: Arithmetic>(x: f64, square: f64, c: &[f64]) -> f64 {
    match c.len() {
        1 => c[0],
        2 => A::mul_add(c[1], x, c[0]),
        3 => A::mul_add(c[2], square, A::mul_add(c[1], x, c[0])),
        _ => A::mul_add(A::mul_add(c[3], x, c[2]), square, A::mul_add(c[1], x, c[0])),
    }
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
    fn finish<A: Arithmetic>(x: f64, _begun: Begun) -> f64 {
        x.sqrt()
    }
}
