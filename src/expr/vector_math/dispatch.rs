//! The choice of instruction set, at run time.
//!
//! A [`Job`] is compiled once for each [`Level`]. The levels differ only in how many elements go through one
//! instruction; all with a fused multiply-add give the same bits.

// Calling a function compiled for instructions that the processor lacks is undefined behaviour, so the
// language calls it unsafe. The calls here are sound because a `Level` other than the baseline exists only
// where `Level::available` has asked the processor for every feature that the function is compiled for: the
// field of `Level` is private, and nothing else makes one. The other unsafe call is a hint to the caches ([`prefetch`]).
#![allow(unsafe_code)]

use super::primitives::Arithmetic;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use super::primitives::Fused;
#[cfg(not(target_arch = "aarch64"))]
use super::primitives::Separate;
use std::sync::OnceLock;

/// What the baseline has. Every 64-bit ARM processor has the fused form.
#[cfg(target_arch = "aarch64")]
type BaselineArithmetic = Fused;
#[cfg(not(target_arch = "aarch64"))]
type BaselineArithmetic = Separate;

/// A loop to be compiled for several instruction sets. `run` must be `#[inline(always)]`, as must all that it
/// calls in the loop: only what is inlined takes on the instruction set of the caller.
pub(crate) trait Job {
    fn run<A: Arithmetic>(self);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum InstructionSet {
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// An instruction set that this processor is known to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Level(InstructionSet);

impl Level {
    /// All that this processor has, the slowest first.
    pub(super) fn available() -> Vec<Self> {
        #[allow(unused_mut)]
        let mut levels = vec![Self(InstructionSet::Baseline)];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                levels.push(Self(InstructionSet::Avx2));
            }
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("fma")
            {
                levels.push(Self(InstructionSet::Avx512));
            }
        }
        levels
    }

    /// The fastest that this processor has.
    pub(crate) fn best() -> Self {
        static BEST: OnceLock<Level> = OnceLock::new();
        *BEST.get_or_init(|| Self::available().pop().unwrap_or(Self(InstructionSet::Baseline)))
    }

    /// Runs the job with this instruction set.
    #[inline]
    pub(crate) fn run<J: Job>(self, job: J) {
        match self.0 {
            InstructionSet::Baseline => job.run::<BaselineArithmetic>(),
            // Sound: see the head of this file.
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => unsafe { run_avx2(job) },
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => unsafe { run_avx512(job) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_avx2<J: Job>(job: J) {
    job.run::<Fused>();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,fma")]
fn run_avx512<J: Job>(job: J) {
    job.run::<Fused>();
}

/// Numbers of a cache line.
const LINE: usize = 8;

/// Asks for these numbers to be brought near the processor. Changes nothing but the time that reading them takes.
#[inline]
pub(crate) fn prefetch(values: &[f64]) {
    #[cfg(target_arch = "x86_64")]
    for line in values.chunks(LINE) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // Sound: a prefetch reads nothing that the program can see, whatever the address, and SSE is part of the baseline.
        unsafe { _mm_prefetch(line.as_ptr().cast(), _MM_HINT_T0) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = values;
}
