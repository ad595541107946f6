//! A function applied to a block of numbers: the inner loops of every evaluation.

use super::{Number, Op};

/// `out[i] = op(a[i])`.
///
/// Transcendental values come from one loop over plain `f64`, then the chain rule is applied per element, so
/// that the values are the same bits in every number type.
#[inline]
pub(crate) fn unary<T: Number>(op: Op, a: &[T], out: &mut [T]) {
    macro_rules! each {
        ($($op:ident),*) => {
            match op {
                $(Op::$op => a.iter().zip(out).for_each(|(x, o)| *o = x.apply(Op::$op)),)*
                Op::Neg => a.iter().zip(out).for_each(|(x, o)| *o = -*x),
                _ => unreachable!("{op:?} takes two arguments"),
            }
        };
    }
    each!(
        Exp, Ln, Sqrt, Square, Cube, Reciprocal, Sin, Cos, Tan, Asin, Acos, Atan, Sinh, Cosh, Tanh, Abs,
        Sign, Logistic, Relu, Softplus
    );
}

/// `out[i] = op(a[i], b[i])`.
#[inline]
pub(crate) fn binary<T: Number>(op: Op, a: &[T], b: &[T], out: &mut [T]) {
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
