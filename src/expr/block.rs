//! A function applied to a block of numbers: the inner loops of every evaluation.

use super::tape::BLOCK;
use super::{Number, Op, vector_math};

/// `out[i] = op(a[i])`, for at most [`BLOCK`] numbers.
///
/// Transcendental values come from one vector loop over plain `f64`, then the chain rule is applied per element,
/// so that the values are the same bits in every number type.
#[inline]
pub(crate) fn unary<T: Number>(op: Op, a: &[T], out: &mut [T]) {
    macro_rules! each {
        ($($op:ident),*) => {
            match op {
                $(Op::$op => a.iter().zip(out).for_each(|(x, o)| *o = x.apply(Op::$op)),)*
                Op::Neg => a.iter().zip(out).for_each(|(x, o)| *o = -*x),
                Op::Exp | Op::Ln | Op::Sin | Op::Cos | Op::Tanh | Op::Logistic | Op::Softplus => {
                    transcendental(op, a, out);
                }
                _ => unreachable!("{op:?} takes two arguments"),
            }
        };
    }
    each!(Sqrt, Square, Cube, Reciprocal, Tan, Asin, Acos, Atan, Sinh, Cosh, Abs, Sign, Relu);
}

fn transcendental<T: Number>(op: Op, a: &[T], out: &mut [T]) {
    let n = a.len();
    let (mut x, mut f) = ([0.0; BLOCK], [0.0; BLOCK]);
    let (x, f) = (&mut x[..n], &mut f[..n]);
    T::values(a, x);
    // The function whose values the derivatives need beside f, where there is one.
    let mut partner = [0.0; BLOCK];
    let partner = &mut partner[..n];
    match op {
        Op::Exp => vector_math::exp(x, f),
        Op::Ln => vector_math::ln(x, f),
        Op::Tanh => vector_math::tanh(x, f),
        Op::Sin if T::HAS_DERIVATIVES => vector_math::sin_cos(x, f, partner),
        Op::Sin => vector_math::sin(x, f),
        Op::Cos if T::HAS_DERIVATIVES => vector_math::sin_cos(x, partner, f),
        Op::Cos => vector_math::cos(x, f),
        Op::Logistic => {
            vector_math::logistic(x, f);
            if T::HAS_DERIVATIVES {
                // 1 - f loses all digits for large x.
                let mut negative = [0.0; BLOCK];
                x.iter().zip(&mut negative).for_each(|(x, m)| *m = -x);
                vector_math::logistic(&negative[..n], partner);
            }
        }
        Op::Softplus => {
            vector_math::softplus(x, f);
            if T::HAS_DERIVATIVES {
                vector_math::logistic(x, partner);
            }
        }
        _ => unreachable!("{op:?} has no vector loop"),
    }
    for i in 0..n {
        let (x, f, p) = (x[i], f[i], partner[i]);
        let (d1, d2) = match op {
            Op::Sin => (p, -f),
            Op::Cos => (-p, -f),
            Op::Logistic => (f * p, f * p * (1.0 - 2.0 * f)),
            Op::Softplus => (p, p * (1.0 - p)),
            _ => op.derivatives(x, f),
        };
        out[i] = a[i].chain(f, d1, d2);
    }
}

/// `out[i] = op(a[i], b[i])`, for at most [`BLOCK`] numbers.
#[inline]
pub(crate) fn binary<T: Number>(op: Op, a: &[T], b: &[T], out: &mut [T]) {
    if op == Op::Pow && !T::HAS_DERIVATIVES {
        let n = a.len();
        let (mut x, mut p, mut f) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
        T::values(a, &mut x[..n]);
        T::values(b, &mut p[..n]);
        vector_math::powf(&x[..n], &p[..n], &mut f[..n]);
        out.iter_mut().zip(&f).for_each(|(o, f)| *o = T::constant(*f));
        return;
    }
    let pairs = a.iter().zip(b).zip(out);
    match op {
        Op::Add => pairs.for_each(|((x, y), o)| *o = *x + *y),
        Op::Sub => pairs.for_each(|((x, y), o)| *o = *x - *y),
        Op::Mul => pairs.for_each(|((x, y), o)| *o = *x * *y),
        Op::Div => pairs.for_each(|((x, y), o)| *o = *x / *y),
        Op::Pow => pairs.for_each(|((x, y), o)| *o = x.power(*y)),
        Op::Max => pairs.for_each(|((x, y), o)| *o = T::apply2(Op::Max, *x, *y)),
        Op::Min => pairs.for_each(|((x, y), o)| *o = T::apply2(Op::Min, *x, *y)),
        _ => unreachable!("{op:?} takes one argument"),
    }
}
