//! Rows that repeat: a table means the same whether a row is written twice or has the weight 2.

use super::Dataset;
use rayon::prelude::*;
use std::borrow::Cow;
use std::cmp::Ordering;

/// Whole weights are written out as repeated rows up to so many rows, or so many times the rows of the table.
const WRITTEN_OUT: (f64, f64) = (20_000.0, 4.0);

impl Dataset {
    /// The table in one of the ways that it can be written: rows of weight 0 are left out, a row of weight 2 stands
    /// there twice, and repeated rows are in order. So a fit cannot depend on which way was chosen. A table without
    /// weights in which no row repeats comes back as it is.
    ///
    /// Weights that are not whole, or that would give a very long table, stay weights.
    ///
    /// ```
    /// use closedform::Dataset;
    /// use ndarray::array;
    /// let weighted = Dataset::from_arrays(array![[3.0], [1.0], [2.0]].view(), array![5.0, 6.0, 7.0].view())?
    ///     .with_weights(vec![2.0, 1.0, 0.0])?;
    /// let repeated = Dataset::from_arrays(array![[3.0], [3.0], [1.0]].view(), array![5.0, 5.0, 6.0].view())?;
    /// assert_eq!(weighted.written_out(), repeated.written_out());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn written_out(&self) -> Cow<'_, Self> {
        let mut columns = self.columns();
        columns.extend(self.target_values());
        let mut order: Vec<usize> = (0..self.rows()).collect();
        order.par_sort_unstable_by(|a, b| compare(&columns, *a, *b).then(a.cmp(b)));
        if let Some(weights) = self.weights() {
            let total: f64 = weights.iter().sum();
            let longest = WRITTEN_OUT.0.max(WRITTEN_OUT.1 * self.rows() as f64);
            if weights.iter().any(|w| w.fract() != 0.0) || total > longest {
                return Cow::Borrowed(self);
            }
            let rows: Vec<usize> =
                order.into_iter().flat_map(|r| std::iter::repeat_n(r, weights[r] as usize)).collect();
            return Cow::Owned(self.select(&rows).without_weights());
        }
        let repeats = order.windows(2).any(|w| compare(&columns, w[0], w[1]) == Ordering::Equal);
        if repeats { Cow::Owned(self.select(&order)) } else { Cow::Borrowed(self) }
    }
}

/// The order of two rows.
fn compare(columns: &[&[f64]], a: usize, b: usize) -> Ordering {
    // Adding 0 makes -0 and 0 one number.
    let number = |c: &&[f64]| (c[a] + 0.0).total_cmp(&(c[b] + 0.0));
    columns.iter().map(number).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn table() -> Dataset {
        Dataset::from_arrays(array![[2.0], [1.0], [3.0]].view(), array![1.0, 2.0, 3.0].view()).unwrap()
    }

    #[test]
    fn a_plain_table_is_not_copied() {
        assert!(matches!(table().written_out(), Cow::Borrowed(_)));
    }

    #[test]
    fn weights_that_are_not_whole_or_too_large_stay() {
        for weights in [vec![1.0, 0.5, 2.0], vec![1e6, 1.0, 1.0]] {
            let data = table().with_weights(weights).unwrap();
            assert_eq!(*data.written_out(), data);
        }
    }

    #[test]
    fn the_order_of_repeated_rows_does_not_matter() {
        let rows = |order: &[usize]| table().select(order).written_out().into_owned();
        assert_eq!(rows(&[0, 1, 1, 2]), rows(&[1, 2, 0, 1]));
        assert_eq!(rows(&[0, 1, 1]).columns()[0], [1.0, 1.0, 2.0]);
    }
}
