//! Functions that level off: tanh, the logistic function, softplus.
//!
//! Each is written in e^-|x| or e^(2|x|), so that nothing overflows that should not, and the half of the
//! axis where the result tends to zero keeps its relative accuracy.

use super::exp::exp;
use super::ln::ln_1p_unit;
use super::loops::Unary;
use super::primitives::{polynomial, select};

/// Below this 1 - 2/(e^(2x) + 1) would cancel, and a polynomial takes over.
const TANH_EDGE: f64 = 0.55;

/// (tanh(r)/r - 1)/r^2 in powers of r^2, |r| up to the edge.
const TANH: [f64; 11] = [
    -0.3333333333333333,
    0.13333333333332742,
    -0.05396825396746473,
    0.02186948849496389,
    -0.008863234425637617,
    0.0035921107215991692,
    -0.0014556644033664212,
    0.0005889480049805502,
    -0.0002346682971950983,
    8.51652964461153e-5,
    -2.063722602142574e-5,
];

pub(super) struct Tanh;

impl Unary for Tanh {
    #[inline(always)]
    fn at(x: f64) -> f64 {
        let size = x.abs();
        let z = size * size;
        let near = size + size * z * polynomial(z, &TANH);
        let far = 1.0 - 2.0 / (exp(2.0 * size) + 1.0);
        select(size < TANH_EDGE, near, far).copysign(x)
    }
}

pub(super) struct Logistic;

impl Unary for Logistic {
    #[inline(always)]
    fn at(x: f64) -> f64 {
        let e = exp(-x.abs());
        select(x < 0.0, e, 1.0) / (1.0 + e)
    }
}

pub(super) struct Softplus;

impl Unary for Softplus {
    #[inline(always)]
    fn at(x: f64) -> f64 {
        let above = select(x < 0.0, 0.0, x);
        above + ln_1p_unit(exp(-x.abs()))
    }
}
