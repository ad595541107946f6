//! The loops over the elements, for functions of one and of two arguments.
//!
//! A function gives a branch-free formula for nearly all arguments. The odd ones left are counted block by
//! block, and where there are any, they are done over again one at a time.

use super::dispatch::{Job, Level};
use super::trig;
use std::marker::PhantomData;

/// How many elements are done before the odd ones among them are looked at: they are still in the cache.
const BLOCK: usize = 512;

/// Elements left over at the end are padded up to a multiple of this, the most that one pass of a compiled
/// loop takes; else the last few would go one at a time and cost more than all others.
const PADDING: usize = 32;

/// A function of one argument.
pub(super) trait Unary {
    /// Whether there are any odd arguments.
    const SOME_ODD: bool = false;

    /// The function without a branch; must be `#[inline(always)]`.
    fn at(x: f64) -> f64;

    /// Whether `at` is not good for this argument.
    #[inline(always)]
    fn is_odd(_x: f64) -> bool {
        false
    }

    /// The function at an odd argument.
    fn at_odd(x: f64) -> f64 {
        Self::at(x)
    }
}

/// A function of two arguments.
pub(super) trait Binary {
    /// The function without a branch; must be `#[inline(always)]`.
    fn at(x: f64, y: f64) -> f64;

    /// Whether `at` is not good for these arguments.
    fn is_odd(x: f64, y: f64) -> bool;

    /// The function at odd arguments.
    fn at_odd(x: f64, y: f64) -> f64;
}

/// Applies `F` to all of `x`.
pub(super) fn unary<F: Unary>(x: &[f64], out: &mut [f64]) {
    unary_with::<F>(Level::best(), x, out);
}

/// [`unary`] with a chosen instruction set.
pub(super) fn unary_with<F: Unary>(level: Level, x: &[f64], out: &mut [f64]) {
    assert_eq!(x.len(), out.len(), "slices of different lengths");
    level.run(UnaryJob::<F> { x, out, function: PhantomData });
}

/// Applies `F` to all pairs of `x` and `y`.
pub(super) fn binary<F: Binary>(x: &[f64], y: &[f64], out: &mut [f64]) {
    binary_with::<F>(Level::best(), x, y, out);
}

/// [`binary`] with a chosen instruction set.
pub(super) fn binary_with<F: Binary>(level: Level, x: &[f64], y: &[f64], out: &mut [f64]) {
    assert!(x.len() == out.len() && y.len() == out.len(), "slices of different lengths");
    level.run(BinaryJob::<F> { x, y, out, function: PhantomData });
}

/// Sine and cosine of all of `x`.
pub(super) fn sin_cos_pair(x: &[f64], s: &mut [f64], c: &mut [f64]) {
    sin_cos_pair_with(Level::best(), x, s, c);
}

/// [`sin_cos_pair`] with a chosen instruction set.
pub(super) fn sin_cos_pair_with(level: Level, x: &[f64], s: &mut [f64], c: &mut [f64]) {
    assert!(x.len() == s.len() && x.len() == c.len(), "slices of different lengths");
    level.run(SinCosJob { x, s, c });
}

struct UnaryJob<'a, F> {
    x: &'a [f64],
    out: &'a mut [f64],
    function: PhantomData<F>,
}

impl<F: Unary> Job for UnaryJob<'_, F> {
    #[inline(always)]
    fn run(self) {
        for (x, out) in self.x.chunks(BLOCK).zip(self.out.chunks_mut(BLOCK)) {
            let whole = x.len() - x.len() % PADDING;
            let (x_whole, x_rest) = x.split_at(whole);
            let (out_whole, out_rest) = out.split_at_mut(whole);
            unary_loop::<F>(x_whole, out_whole);
            if !x_rest.is_empty() {
                let mut padded = [1.0; PADDING];
                let mut results = [0.0; PADDING];
                padded[..x_rest.len()].copy_from_slice(x_rest);
                unary_loop::<F>(&padded, &mut results);
                out_rest.copy_from_slice(&results[..x_rest.len()]);
            }
            if F::SOME_ODD && x.iter().fold(0, |odd, &x| odd | u64::from(F::is_odd(x))) != 0 {
                for (out, &x) in out.iter_mut().zip(x) {
                    if F::is_odd(x) {
                        *out = F::at_odd(x);
                    }
                }
            }
        }
    }
}

// The slices come as arguments of a function of their own because only there the compiler knows that they do
// not overlap; from the fields of a struct it would have to check.
#[inline(always)]
fn unary_loop<F: Unary>(x: &[f64], out: &mut [f64]) {
    for (out, &x) in out.iter_mut().zip(x) {
        *out = F::at(x);
    }
}

struct BinaryJob<'a, F> {
    x: &'a [f64],
    y: &'a [f64],
    out: &'a mut [f64],
    function: PhantomData<F>,
}

impl<F: Binary> Job for BinaryJob<'_, F> {
    #[inline(always)]
    fn run(self) {
        for ((x, y), out) in self.x.chunks(BLOCK).zip(self.y.chunks(BLOCK)).zip(self.out.chunks_mut(BLOCK)) {
            let whole = x.len() - x.len() % PADDING;
            let (x_whole, x_rest) = x.split_at(whole);
            let (y_whole, y_rest) = y.split_at(whole);
            let (out_whole, out_rest) = out.split_at_mut(whole);
            binary_loop::<F>(x_whole, y_whole, out_whole);
            if !x_rest.is_empty() {
                let mut x_padded = [1.0; PADDING];
                let mut y_padded = [1.0; PADDING];
                let mut results = [0.0; PADDING];
                x_padded[..x_rest.len()].copy_from_slice(x_rest);
                y_padded[..y_rest.len()].copy_from_slice(y_rest);
                binary_loop::<F>(&x_padded, &y_padded, &mut results);
                out_rest.copy_from_slice(&results[..x_rest.len()]);
            }
            if x.iter().zip(y).fold(0, |odd, (&x, &y)| odd | u64::from(F::is_odd(x, y))) != 0 {
                for ((out, &x), &y) in out.iter_mut().zip(x).zip(y) {
                    if F::is_odd(x, y) {
                        *out = F::at_odd(x, y);
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn binary_loop<F: Binary>(x: &[f64], y: &[f64], out: &mut [f64]) {
    for ((out, &x), &y) in out.iter_mut().zip(x).zip(y) {
        *out = F::at(x, y);
    }
}

struct SinCosJob<'a> {
    x: &'a [f64],
    s: &'a mut [f64],
    c: &'a mut [f64],
}

impl Job for SinCosJob<'_> {
    #[inline(always)]
    fn run(self) {
        for ((x, s), c) in self.x.chunks(BLOCK).zip(self.s.chunks_mut(BLOCK)).zip(self.c.chunks_mut(BLOCK)) {
            let whole = x.len() - x.len() % PADDING;
            let (x_whole, x_rest) = x.split_at(whole);
            let (s_whole, s_rest) = s.split_at_mut(whole);
            let (c_whole, c_rest) = c.split_at_mut(whole);
            sin_cos_loop(x_whole, s_whole, c_whole);
            if !x_rest.is_empty() {
                let mut padded = [1.0; PADDING];
                let (mut sines, mut cosines) = ([0.0; PADDING], [0.0; PADDING]);
                padded[..x_rest.len()].copy_from_slice(x_rest);
                sin_cos_loop(&padded, &mut sines, &mut cosines);
                s_rest.copy_from_slice(&sines[..x_rest.len()]);
                c_rest.copy_from_slice(&cosines[..x_rest.len()]);
            }
            if x.iter().fold(0, |odd, &x| odd | u64::from(trig::is_odd(x))) != 0 {
                for ((s, c), &x) in s.iter_mut().zip(c).zip(x) {
                    if trig::is_odd(x) {
                        (*s, *c) = x.sin_cos();
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn sin_cos_loop(x: &[f64], s: &mut [f64], c: &mut [f64]) {
    for ((s, c), &x) in s.iter_mut().zip(c).zip(x) {
        (*s, *c) = trig::sin_cos(x);
    }
}
