//! Functions that level off: tanh, the logistic function, softplus.
//!
//! Each is written in e^-|x| or e^(2|x|), so that nothing overflows that should not, and the half of the
//! axis where the result tends to zero keeps its relative accuracy.

use super::exp::{self, exp, exp_within_limit};
use super::ln::ln_1p_unit;
use super::loops::{Begun, Unary};
use super::primitives::{Arithmetic, beyond, polynomial, select};

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

/// From here on tanh rounds to 1.
const TANH_ONE: f64 = 20.0;

pub(super) struct Tanh;

impl Unary for Tanh {
    #[inline(always)]
    fn begin<A: Arithmetic>(x: f64) -> Begun {
        let size = x.abs();
        let bounded = select(size > TANH_ONE, TANH_ONE, size);
        [exp_within_limit::<A>(2.0 * bounded), 0.0, 0.0]
    }

    #[inline(always)]
    fn finish<A: Arithmetic>(x: f64, [e, ..]: Begun) -> f64 {
        let size = x.abs();
        let z = size * size;
        let near = A::mul_add(size * z, polynomial::<A, _>(z, &TANH), size);
        let far = 1.0 - 2.0 / (e + 1.0);
        // In this order NaN comes out by way of `near`.
        select(size > TANH_EDGE, far, near).copysign(x)
    }
}

pub(super) struct Logistic;

/// The logistic function from e = e^-|x|.
#[inline(always)]
fn logistic(x: f64, e: f64) -> f64 {
    let negative = x < 0.0;
    let sum = 1.0 + e;
    let lost = e - (sum - 1.0);
    let quotient = select(negative, e, 1.0) / sum;
    // What the rounding of the sum took away, to first order; 1/sum is the quotient or its complement.
    let inverse = select(negative, 1.0 - quotient, quotient);
    quotient - quotient * inverse * lost
}

impl Unary for Logistic {
    #[inline(always)]
    fn begin<A: Arithmetic>(x: f64) -> Begun {
        [exp_within_limit::<A>(-x.abs()), 0.0, 0.0]
    }

    #[inline(always)]
    fn finish<A: Arithmetic>(x: f64, [e, ..]: Begun) -> f64 {
        logistic(x, e)
    }

    #[inline(always)]
    fn odd_word(x: f64) -> u64 {
        beyond(x, exp::LIMIT)
    }

    #[inline(always)]
    fn at_any<A: Arithmetic>(x: f64) -> f64 {
        logistic(x, exp::<A>(-x.abs()))
    }
}

pub(super) struct Softplus;

#[inline(always)]
fn softplus<A: Arithmetic>(x: f64, e: f64) -> f64 {
    select(x < 0.0, 0.0, x) + ln_1p_unit::<A>(e)
}

impl Unary for Softplus {
    #[inline(always)]
    fn begin<A: Arithmetic>(x: f64) -> Begun {
        [exp_within_limit::<A>(-x.abs()), 0.0, 0.0]
    }

    #[inline(always)]
    fn finish<A: Arithmetic>(x: f64, [e, ..]: Begun) -> f64 {
        softplus::<A>(x, e)
    }

    #[inline(always)]
    fn odd_word(x: f64) -> u64 {
        beyond(x, exp::LIMIT)
    }

    #[inline(always)]
    fn at_any<A: Arithmetic>(x: f64) -> f64 {
        softplus::<A>(x, exp::<A>(-x.abs()))
    }
}
