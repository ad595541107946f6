//! Loops of an instruction over a block: every argument a plane or one number.
//!
//! Everything here is `#[inline(always)]`, because only what is inlined takes on the instruction set that the
//! caller is compiled for.

/// Elements of an inner loop. Its length is fixed and too long to be unrolled, so that the compiler makes vector
/// instructions of it; of an inner loop over one vector it makes gathers across the outer one, four times slower.
const RUN: usize = 64;

/// The widest vector of doubles.
const WIDTH: usize = 8;

/// An argument.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Plane(&'a [f64]),
    Scalar(f64),
}

impl Value<'_> {
    #[inline(always)]
    fn at(self, i: usize) -> f64 {
        match self {
            Value::Plane(x) => x[i],
            Value::Scalar(x) => x,
        }
    }
}

/// An argument of known kind.
trait Source: Copy {
    /// Its elements from `start` on, `N` of them.
    fn window<const N: usize>(self, start: usize) -> impl Fn(usize) -> f64;
    fn at(self, i: usize) -> f64;
}

impl Source for &[f64] {
    #[inline(always)]
    fn window<const N: usize>(self, start: usize) -> impl Fn(usize) -> f64 {
        let window: &[f64; N] = self[start..].first_chunk().expect("arguments are as long as the result");
        #[inline(always)]
        move |i| window[i]
    }

    #[inline(always)]
    fn at(self, i: usize) -> f64 {
        self[i]
    }
}

impl Source for f64 {
    #[inline(always)]
    fn window<const N: usize>(self, _: usize) -> impl Fn(usize) -> f64 {
        #[inline(always)]
        move |_| self
    }

    #[inline(always)]
    fn at(self, _: usize) -> f64 {
        self
    }
}

/// A loop over some arguments: runs, then whole vectors, then one that overlaps the last of them. No result stands
/// where an argument does, so that doing some elements twice does no harm; one at a time the last few would take as
/// long as all others.
macro_rules! elementwise {
    ($name:ident, $($x:ident $kind:ident),+) => {
        #[inline(always)]
        fn $name<$($kind: Source),+>(out: &mut [f64], $($x: $kind,)+ f: impl Fn($(elementwise!(@f64 $x)),+) -> f64) {
            let length = out.len();
            if length < WIDTH {
                for (i, o) in out.iter_mut().enumerate() {
                    *o = f($($x.at(i)),+);
                }
                return;
            }
            macro_rules! window {
                ($size:expr, $start:expr) => {
                    if let Some(o) = out[$start..].first_chunk_mut::<{ $size }>() {
                        $(let $x = $x.window::<{ $size }>($start);)+
                        for i in 0..$size {
                            o[i] = f($($x(i)),+);
                        }
                    }
                };
            }
            let mut start = 0;
            while start + RUN <= length {
                window!(RUN, start);
                start += RUN;
            }
            while start + WIDTH <= length {
                window!(WIDTH, start);
                start += WIDTH;
            }
            if start < length {
                window!(WIDTH, length - WIDTH);
            }
        }
    };
    (@f64 $x:ident) => { f64 };
}
elementwise!(one, x A);
elementwise!(two, x A, y B);
elementwise!(three, x A, y B, z C);
elementwise!(four, x A, y B, z C, w D);

/// `out = f(x)`.
#[inline(always)]
pub(super) fn unary(out: &mut [f64], x: Value<'_>, f: impl Fn(f64) -> f64) {
    match x {
        Value::Plane(x) => one(out, x, f),
        Value::Scalar(x) => out.fill(f(x)),
    }
}

/// `out = f(x, y)`.
#[inline(always)]
pub(super) fn binary(out: &mut [f64], x: Value<'_>, y: Value<'_>, f: impl Fn(f64, f64) -> f64) {
    use Value::{Plane, Scalar};
    match (x, y) {
        (Plane(x), Plane(y)) => two(out, x, y, f),
        (Plane(x), Scalar(y)) => two(out, x, y, f),
        (Scalar(x), Plane(y)) => two(out, x, y, f),
        (Scalar(x), Scalar(y)) => out.fill(f(x, y)),
    }
}

/// `out = f(x, y, z)`, fast where `x` is a plane.
#[inline(always)]
pub(super) fn ternary(
    out: &mut [f64],
    x: Value<'_>,
    y: Value<'_>,
    z: Value<'_>,
    f: impl Fn(f64, f64, f64) -> f64,
) {
    use Value::{Plane, Scalar};
    match (x, y, z) {
        (Plane(x), Plane(y), Plane(z)) => three(out, x, y, z, f),
        (Plane(x), Plane(y), Scalar(z)) => three(out, x, y, z, f),
        (Plane(x), Scalar(y), Plane(z)) => three(out, x, y, z, f),
        (Plane(x), Scalar(y), Scalar(z)) => three(out, x, y, z, f),
        _ => out.iter_mut().enumerate().for_each(|(i, o)| *o = f(x.at(i), y.at(i), z.at(i))),
    }
}

/// `out = f(x, y, z, w)`, fast where `x` and `z` are planes.
#[inline(always)]
pub(super) fn quaternary(
    out: &mut [f64],
    [x, y, z, w]: [Value<'_>; 4],
    f: impl Fn(f64, f64, f64, f64) -> f64,
) {
    use Value::{Plane, Scalar};
    match (x, y, z, w) {
        (Plane(x), Plane(y), Plane(z), Plane(w)) => four(out, x, y, z, w, f),
        (Plane(x), Plane(y), Plane(z), Scalar(w)) => four(out, x, y, z, w, f),
        (Plane(x), Scalar(y), Plane(z), Plane(w)) => four(out, x, y, z, w, f),
        (Plane(x), Scalar(y), Plane(z), Scalar(w)) => four(out, x, y, z, w, f),
        _ => out.iter_mut().enumerate().for_each(|(i, o)| *o = f(x.at(i), y.at(i), z.at(i), w.at(i))),
    }
}
