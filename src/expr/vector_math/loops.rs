//! The loops over the elements, cut in blocks and padded.
//!
//! A function gives a short branch-free formula for nearly all arguments and a longer one for any argument. A
//! block in which an odd argument turned up is done over again by the longer one; where both formulas
//! hold they give the same bits, so that no element's result depends on its neighbours.

use super::dispatch::{Job, Level};
use super::primitives::{Arithmetic, beyond};
use super::{pow, trig};
use std::marker::PhantomData;

/// How many elements are done before the odd ones among them are looked after: they are still in the cache.
const BLOCK: usize = 512;

/// How many elements go through the first half of a function before the second half.
///
/// A processor looks ahead over some two hundred instructions. Over a whole function that is a few elements only, and
/// it mostly waits for their chains of operations; over half of one it overlaps twice as many, of half the length.
pub(super) const STAGE: usize = 64;

/// A vector of the widest instructions. Where the length is no multiple of it, the last whole vector overlaps
/// the one before, and fewer elements than one vector are padded: one at a time the last few would take longer
/// than many whole vectors.
const PADDING: usize = 8;

/// What the first half of a function's work hands on to the second.
pub(super) type Begun = [f64; 3];

/// A function of one argument, without a branch and in two halves.
pub(super) trait Unary {
    /// The first half of the work; must be `#[inline(always)]`.
    #[inline(always)]
    fn begin<A: Arithmetic>(_x: f64) -> Begun {
        [0.0; 3]
    }

    /// The function, from what `begin` gave; must be `#[inline(always)]`.
    fn finish<A: Arithmetic>(x: f64, begun: Begun) -> f64;

    /// A word whose top bit says that the two halves are not good for this argument.
    ///
    /// The words of a block are or-ed together; a comparison would first have to be made a word, at the price
    /// of several instructions.
    #[inline(always)]
    fn odd_word(_x: f64) -> u64 {
        0
    }

    /// Whether `at_any` is a call and only good for odd arguments, which it is then given one by one.
    const ODD_BY_CALL: bool = false;

    /// The function for any argument, the same as by halves where they are good; must be `#[inline(always)]`.
    #[inline(always)]
    fn at_any<A: Arithmetic>(x: f64) -> f64 {
        Self::finish::<A>(x, Self::begin::<A>(x))
    }
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

/// x^y for all pairs.
pub(super) fn power(x: &[f64], y: &[f64], out: &mut [f64]) {
    power_with(Level::best(), x, y, out);
}

/// [`power`] with a chosen instruction set.
pub(super) fn power_with(level: Level, x: &[f64], y: &[f64], out: &mut [f64]) {
    assert!(x.len() == out.len() && y.len() == out.len(), "slices of different lengths");
    level.run(PowerJob { x, y, out });
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

/// `rest`, shorter than a vector, filled up with ones.
#[inline(always)]
fn padded(rest: &[f64]) -> [f64; PADDING] {
    let mut full = [1.0; PADDING];
    full[..rest.len()].copy_from_slice(rest);
    full
}

struct UnaryJob<'a, F> {
    x: &'a [f64],
    out: &'a mut [f64],
    function: PhantomData<F>,
}

impl<F: Unary> Job for UnaryJob<'_, F> {
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for (x, out) in self.x.chunks(BLOCK).zip(self.out.chunks_mut(BLOCK)) {
            let whole = x.len() - x.len() % PADDING;
            unary_block::<F, A>(&x[..whole], &mut out[..whole]);
            if whole == x.len() {
                continue;
            }
            if let (Some(x), Some(out)) = (x.last_chunk::<PADDING>(), out.last_chunk_mut::<PADDING>()) {
                unary_block::<F, A>(x, out);
            } else {
                let mut results = [0.0; PADDING];
                unary_block::<F, A>(&padded(x), &mut results);
                out.copy_from_slice(&results[..x.len()]);
            }
        }
    }
}

#[inline(always)]
fn unary_block<F: Unary, A: Arithmetic>(x: &[f64], out: &mut [f64]) {
    let mut odd = 0;
    let [mut first, mut second, mut third] = [[0.0; STAGE]; 3];
    for (x, out) in x.chunks(STAGE).zip(out.chunks_mut(STAGE)) {
        for (((a, b), c), &x) in first.iter_mut().zip(&mut second).zip(&mut third).zip(x) {
            [*a, *b, *c] = F::begin::<A>(x);
            odd |= F::odd_word(x);
        }
        for ((((out, &x), &a), &b), &c) in out.iter_mut().zip(x).zip(&first).zip(&second).zip(&third) {
            *out = F::finish::<A>(x, [a, b, c]);
        }
    }
    if odd >> 63 != 0 {
        for (out, &x) in out.iter_mut().zip(x) {
            if !F::ODD_BY_CALL || F::odd_word(x) >> 63 != 0 {
                *out = F::at_any::<A>(x);
            }
        }
    }
}

struct PowerJob<'a> {
    x: &'a [f64],
    y: &'a [f64],
    out: &'a mut [f64],
}

impl Job for PowerJob<'_> {
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let blocks = self.x.chunks(STAGE).zip(self.y.chunks(STAGE));
        for ((x, y), out) in blocks.zip(self.out.chunks_mut(STAGE)) {
            let whole = x.len() - x.len() % PADDING;
            pow::pow_block::<A>(&x[..whole], &y[..whole], &mut out[..whole]);
            if whole == x.len() {
                continue;
            }
            let last =
                (x.last_chunk::<PADDING>(), y.last_chunk::<PADDING>(), out.last_chunk_mut::<PADDING>());
            if let (Some(x), Some(y), Some(out)) = last {
                pow::pow_block::<A>(x, y, out);
            } else {
                let mut results = [0.0; PADDING];
                pow::pow_block::<A>(&padded(x), &padded(y), &mut results);
                out.copy_from_slice(&results[..x.len()]);
            }
        }
    }
}

struct SinCosJob<'a> {
    x: &'a [f64],
    s: &'a mut [f64],
    c: &'a mut [f64],
}

impl Job for SinCosJob<'_> {
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for ((x, s), c) in self.x.chunks(BLOCK).zip(self.s.chunks_mut(BLOCK)).zip(self.c.chunks_mut(BLOCK)) {
            let whole = x.len() - x.len() % PADDING;
            sin_cos_block::<A>(&x[..whole], &mut s[..whole], &mut c[..whole]);
            if whole == x.len() {
                continue;
            }
            let last =
                (x.last_chunk::<PADDING>(), s.last_chunk_mut::<PADDING>(), c.last_chunk_mut::<PADDING>());
            if let (Some(x), Some(s), Some(c)) = last {
                sin_cos_block::<A>(x, s, c);
            } else {
                let (mut sines, mut cosines) = ([0.0; PADDING], [0.0; PADDING]);
                sin_cos_block::<A>(&padded(x), &mut sines, &mut cosines);
                s.copy_from_slice(&sines[..x.len()]);
                c.copy_from_slice(&cosines[..x.len()]);
            }
        }
    }
}

#[inline(always)]
fn sin_cos_block<A: Arithmetic>(x: &[f64], s: &mut [f64], c: &mut [f64]) {
    let mut odd = 0;
    for ((s, c), &x) in s.iter_mut().zip(c.iter_mut()).zip(x) {
        (*s, *c) = trig::sin_cos::<A>(x);
        odd |= beyond(x, trig::LIMIT);
    }
    if odd >> 63 != 0 {
        for ((s, c), &x) in s.iter_mut().zip(c).zip(x) {
            if trig::is_odd(x) {
                (*s, *c) = x.sin_cos();
            }
        }
    }
}
