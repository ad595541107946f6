//! Numbers that begin at a cache line, so that no vector lies across two.

use std::ops::{Deref, DerefMut};

/// Bytes of a cache line, and of the widest vector.
const LINE: usize = 64;

/// Numbers in a line.
const NUMBERS: usize = LINE / size_of::<f64>();

/// A plane's memory. A clone may lie anywhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Aligned {
    memory: Vec<f64>,
    first: usize,
    length: usize,
}

impl Aligned {
    /// Makes room for so many numbers; what it held is lost where it has to grow.
    pub(super) fn grow(&mut self, length: usize) {
        if self.length < length {
            self.memory = vec![0.0; length + NUMBERS - 1];
            // Where the distance cannot be told, any place does.
            self.first = self.memory.as_ptr().align_offset(LINE).min(NUMBERS - 1);
            self.length = length;
        }
    }
}

impl Deref for Aligned {
    type Target = [f64];

    #[inline(always)]
    fn deref(&self) -> &[f64] {
        &self.memory[self.first..][..self.length]
    }
}

impl DerefMut for Aligned {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [f64] {
        &mut self.memory[self.first..][..self.length]
    }
}
