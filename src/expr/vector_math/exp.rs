//! The exponential.
//!
//! e^x = 2^k * e^r with k the integer nearest to x/ln 2, and r = x - k ln 2 taken in two steps (Cody and
//! Waite): the leading part of ln 2 is short enough that its product with k is exact. For |r| <= ln(2)/2,
//! e^r = 1 + r + r^2 P(r), summed from the smallest term up.

use super::loops::Unary;
use super::primitives::{clamp, polynomial, round_to_integer, scale};
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

/// e^x.
#[inline(always)]
pub(super) fn exp(x: f64) -> f64 {
    // Beyond these the result is infinite or zero, and the scale stays within what can be built.
    let x = clamp(x, -746.0, 710.0);
    let (k, _) = round_to_integer(x * LOG2_E);
    let leading = x - k * LN_2[0];
    let trailing = k * LN_2[1];
    let r = leading - trailing;
    let lost = (leading - r) - trailing;
    scale(exp_reduced(r, lost), k)
}

/// e^(r + lost) for |r| <= ln(2)/2 and a `lost` below half a unit in the last place of r.
#[inline(always)]
pub(super) fn exp_reduced(r: f64, lost: f64) -> f64 {
    1.0 + (r + (lost + r * r * polynomial(r, &TAIL)))
}

pub(super) struct Exp;

impl Unary for Exp {
    #[inline(always)]
    fn at(x: f64) -> f64 {
        exp(x)
    }
}
