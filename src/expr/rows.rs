//! Many rows in chunks: threads share them, and results come in a fixed order.

use super::Scratch;
use rayon::prelude::*;
use std::ops::Range;

/// Rows of which a thread takes care at a time.
pub(crate) const CHUNK: usize = 16_384;

/// From so many rows on, threads share the work.
pub(crate) const PARALLEL_ROWS: usize = 50_000;

/// The results of `each` for chunks of `rows` rows, in order; `None` as soon as one of them is.
///
/// The chunks do not depend on the number of threads, and neither does what is made of their results in order.
pub(crate) fn chunks<R: Send>(
    rows: usize,
    scratch: &mut Scratch,
    each: impl Fn(Range<usize>, &mut Scratch) -> Option<R> + Sync,
) -> Option<Vec<R>> {
    let count = rows.div_ceil(CHUNK);
    let range = |chunk: usize| chunk * CHUNK..rows.min((chunk + 1) * CHUNK);
    if rows < PARALLEL_ROWS {
        return (0..count).map(|chunk| each(range(chunk), scratch)).collect();
    }
    (0..count)
        .into_par_iter()
        .map_init(Scratch::default, |scratch, chunk| each(range(chunk), scratch))
        .collect()
}
