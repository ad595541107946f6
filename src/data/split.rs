//! Train and validation rows, by seed.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// At most `most` of the values of a column, from everywhere; of all columns the same rows.
pub(crate) fn thinned<T: Copy>(column: &[T], most: usize) -> Vec<T> {
    let rows = column.len().min(most);
    (0..rows).map(|r| column[r * column.len() / rows]).collect()
}

/// A partition of the rows into training and validation rows, both ascending.
///
/// ```
/// use closedform::Split;
/// let s = Split::random(10, 0.3, 7);
/// assert_eq!((s.train.len(), s.validation.len()), (7, 3));
/// assert_eq!(s, Split::random(10, 0.3, 7));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Rows that constants are fitted on.
    pub train: Vec<usize>,
    /// Rows that structures are judged on.
    pub validation: Vec<usize>,
}

impl Split {
    /// Draws `fraction` of `rows` (rounded; 0 to 1) for validation. At least one row stays for training.
    ///
    /// ```
    /// use closedform::Split;
    /// let split = Split::random(8, 0.25, 1);
    /// assert_eq!(split.validation.len(), 2);
    /// let mut all = [split.train, split.validation].concat();
    /// all.sort_unstable();
    /// assert_eq!(all, [0, 1, 2, 3, 4, 5, 6, 7]);
    /// assert_eq!(Split::random(3, 1.0, 1).train.len(), 1);
    /// ```
    pub fn random(rows: usize, fraction: f64, seed: u64) -> Self {
        let mut order: Vec<usize> = (0..rows).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let held = ((rows as f64 * fraction.clamp(0.0, 1.0)).round() as usize).min(rows.saturating_sub(1));
        let mut validation = order.split_off(rows - held);
        validation.sort_unstable();
        order.sort_unstable();
        Self { train: order, validation }
    }
}
