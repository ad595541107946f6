//! Elementary functions on whole columns of numbers.
//!
//! Evaluating an expression over a table spends nearly all its time in `exp`, `ln`, `sin`, `cos` and powers.
//! The standard library takes them one number at a time; the loops here have no branch and no call in them,
//! so the compiler turns each into vector instructions, and several times as many numbers pass in the same
//! time.
//!
//! * **Accuracy.** The result is within 2 units in the last place of the true value over the whole range, and
//!   zeros, infinities, NaN and subnormal numbers come out as the standard library gives them.
//! * **One result everywhere.** Each loop is compiled for AVX-512, for AVX2 with FMA and for the target's
//!   baseline, and [`dispatch`] picks one at run time. All processors with a fused multiply-add (x86-64 since
//!   about 2013, all of 64-bit ARM) give the same bits, and so a search run on two of them takes the same path.
//!   Exceptions:
//!   - processors without it, which may differ in the last places. Doing without it everywhere would cost all
//!     others a third to a half more time in `exp` and `ln`;
//!   - the few elements handed to the standard library, whose `sin`, `cos` and `powf` belong to the platform:
//!     sine and cosine beyond [`trig::LIMIT`], and powers with a zero, infinite or NaN operand, or of a
//!     negative base to a power of 2^51 or more.
//! * **Any length.** All slices of one call must be of one length, which may be 0.
//!
//! The methods are those of J.-M. Muller, *Handbook of Floating-Point Arithmetic* and *Elementary Functions*,
//! and of W. J. Cody and W. Waite, *Software Manual for the Elementary Functions*: reduction of the argument
//! with a constant split in parts, a minimax polynomial, and a correction for what the reduction rounded off.
//! The coefficients come from `tests/golden/vector_math_fit.py`.

pub(crate) mod dispatch;
mod exp;
mod ln;
mod loops;
mod pow;
mod primitives;
mod sigmoid;
mod trig;

#[cfg(test)]
mod tests;

#[allow(unused_imports)] // the benchmark compiles this folder alone
pub(crate) use primitives::Arithmetic;

use loops::{power, sin_cos_pair, unary};

/// e^x.
pub(crate) fn exp(x: &[f64], out: &mut [f64]) {
    unary::<exp::Exp>(x, out);
}

/// The natural logarithm: -inf at 0, NaN below.
pub(crate) fn ln(x: &[f64], out: &mut [f64]) {
    unary::<ln::Ln>(x, out);
}

/// Sine of an angle in radians.
pub(crate) fn sin(x: &[f64], out: &mut [f64]) {
    unary::<trig::Sin>(x, out);
}

/// Cosine of an angle in radians.
pub(crate) fn cos(x: &[f64], out: &mut [f64]) {
    unary::<trig::Cos>(x, out);
}

/// Sine and cosine at once, for the price of one: the same bits as [`sin`] and [`cos`] give.
pub(crate) fn sin_cos(x: &[f64], s: &mut [f64], c: &mut [f64]) {
    sin_cos_pair(x, s, c);
}

/// The hyperbolic tangent.
pub(crate) fn tanh(x: &[f64], out: &mut [f64]) {
    unary::<sigmoid::Tanh>(x, out);
}

/// The logistic function 1/(1 + e^-x).
pub(crate) fn logistic(x: &[f64], out: &mut [f64]) {
    unary::<sigmoid::Logistic>(x, out);
}

/// ln(1 + e^x), without overflow for large x and without cancellation for very negative x.
pub(crate) fn softplus(x: &[f64], out: &mut [f64]) {
    unary::<sigmoid::Softplus>(x, out);
}

/// x to the power of y, element by element, with the special cases of [`f64::powf`].
pub(crate) fn powf(x: &[f64], y: &[f64], out: &mut [f64]) {
    power(x, y, out);
}

/// The square root, which processors have as a correctly rounded vector instruction.
pub(crate) fn sqrt(x: &[f64], out: &mut [f64]) {
    unary::<primitives::Sqrt>(x, out);
}
