//! A function applied to a block of numbers of any type that carries derivatives.

use super::plan::Kernel;
use super::tape::BLOCK;
use super::{Number, Op, vector_math};

/// An argument: a number per row, or the same for all.
#[derive(Clone, Copy)]
pub(super) enum Argument<'a, T> {
    Plane(&'a [T]),
    Scalar(T),
}

/// Applies one instruction of a value's plan; `second` is written by [`Kernel::SinCos`] only.
#[inline(always)]
pub(super) fn apply_kernel<'a, T: Number>(
    kernel: Kernel,
    argument: impl Fn(usize) -> Argument<'a, T>,
    out: &mut [T],
    second: &mut [T],
) {
    match kernel {
        Kernel::Op(op) if op.arity() == 1 => unary(op, plane(argument(0)), out),
        Kernel::Op(op) => binary(op, argument(0), argument(1), out),
        Kernel::MulAdd => {
            binary(Op::Mul, argument(0), argument(1), out);
            update(out, argument(2), |xy, z| xy + z);
        }
        Kernel::MulSub => {
            binary(Op::Mul, argument(0), argument(1), out);
            update(out, argument(2), |xy, z| xy - z);
        }
        Kernel::SubMul => {
            binary(Op::Mul, argument(0), argument(1), out);
            update(out, argument(2), |xy, z| z - xy);
        }
        Kernel::TwoProducts => {
            let mut other = [T::constant(0.0); BLOCK];
            let other = &mut other[..out.len()];
            binary(Op::Mul, argument(0), argument(1), out);
            binary(Op::Mul, argument(2), argument(3), other);
            update(out, Argument::Plane(other), |xy, zw| xy + zw);
        }
        Kernel::SinCos => {
            unary(Op::Sin, plane(argument(0)), out);
            unary(Op::Cos, plane(argument(0)), &mut second[..out.len()]);
        }
        Kernel::Chain
        | Kernel::Derivative(_)
        | Kernel::PowerByBase
        | Kernel::PowerByExponent
        | Kernel::IfMax
        | Kernel::IfMin => unreachable!("the number carries its derivatives itself"),
    }
}

#[inline(always)]
fn plane<T>(argument: Argument<'_, T>) -> &[T] {
    match argument {
        Argument::Plane(x) => x,
        Argument::Scalar(_) => unreachable!("a function of one number is computed once"),
    }
}

#[inline(always)]
fn update<T: Number>(out: &mut [T], z: Argument<'_, T>, f: impl Fn(T, T) -> T) {
    match z {
        Argument::Plane(z) => out.iter_mut().zip(z).for_each(|(o, z)| *o = f(*o, *z)),
        Argument::Scalar(z) => out.iter_mut().for_each(|o| *o = f(*o, z)),
    }
}

/// `out[i] = op(a[i])`, for at most [`BLOCK`] numbers.
///
/// Transcendental values come from one vector loop over plain `f64`, then the chain rule is applied per element,
/// so that the values are the same bits in every number type.
#[inline(always)]
fn unary<T: Number>(op: Op, a: &[T], out: &mut [T]) {
    macro_rules! each {
        ($($op:ident),*) => {
            match op {
                $(Op::$op => a.iter().zip(out).for_each(|(x, o)| *o = x.apply(Op::$op)),)*
                Op::Neg => a.iter().zip(out).for_each(|(x, o)| *o = -*x),
                Op::Exp | Op::Ln | Op::Sqrt | Op::Sin | Op::Cos | Op::Tanh | Op::Logistic | Op::Softplus => {
                    transcendental(op, a, out);
                }
                _ => unreachable!("{op:?} takes two arguments"),
            }
        };
    }
    each!(Square, Cube, Reciprocal, Tan, Asin, Acos, Atan, Sinh, Cosh, Abs, Sign, Relu);
}

#[inline(always)]
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
        Op::Sqrt => vector_math::sqrt(x, f),
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
#[inline(always)]
fn binary<T: Number>(op: Op, a: Argument<'_, T>, b: Argument<'_, T>, out: &mut [T]) {
    match op {
        Op::Add => each_pair(a, b, out, |x, y| x + y),
        Op::Sub => each_pair(a, b, out, |x, y| x - y),
        Op::Mul => each_pair(a, b, out, |x, y| x * y),
        Op::Div => each_pair(a, b, out, |x, y| x / y),
        Op::Pow if !T::HAS_DERIVATIVES => plain_power(a, b, out),
        Op::Pow => each_pair(a, b, out, |x, y| x.power(y)),
        Op::Max => each_pair(a, b, out, |x, y| T::apply2(Op::Max, x, y)),
        Op::Min => each_pair(a, b, out, |x, y| T::apply2(Op::Min, x, y)),
        _ => unreachable!("{op:?} takes one argument"),
    }
}

#[inline(always)]
fn each_pair<T: Number>(a: Argument<'_, T>, b: Argument<'_, T>, out: &mut [T], f: impl Fn(T, T) -> T) {
    use Argument::{Plane, Scalar};
    match (a, b) {
        (Plane(a), Plane(b)) => a.iter().zip(b).zip(out).for_each(|((x, y), o)| *o = f(*x, *y)),
        (Plane(a), Scalar(y)) => a.iter().zip(out).for_each(|(x, o)| *o = f(*x, y)),
        (Scalar(x), Plane(b)) => b.iter().zip(out).for_each(|(y, o)| *o = f(x, *y)),
        (Scalar(x), Scalar(y)) => out.fill(f(x, y)),
    }
}

fn plain_power<T: Number>(a: Argument<'_, T>, b: Argument<'_, T>, out: &mut [T]) {
    let n = out.len();
    let (mut x, mut p, mut f) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
    for (values, argument) in [(&mut x[..n], a), (&mut p[..n], b)] {
        match argument {
            Argument::Plane(a) => T::values(a, values),
            Argument::Scalar(a) => values.fill(a.value()),
        }
    }
    vector_math::powf(&x[..n], &p[..n], &mut f[..n]);
    out.iter_mut().zip(&f).for_each(|(o, f)| *o = T::constant(*f));
}
