//! The rows that each step of the pipeline looks at.

use crate::data::Split;
use crate::relaxation::Batch;
use crate::search::Problem;

/// Rows for refits and scores during the search, at most; the final fit and selection see all rows.
const FIT_ROWS: usize = 1024;

/// Samples of the training and validation rows.
#[derive(Debug)]
pub(super) struct Rows {
    /// Rows that constants are fitted on.
    pub(super) fit: Batch,
    /// Rows that structures are judged on.
    pub(super) held_out: Batch,
}

impl Rows {
    pub(super) fn new(problem: &Problem<'_>) -> Self {
        let Split { train, validation } = problem.split;
        let gather = |rows: &[usize]| Batch::gather(problem.columns, problem.target, problem.weights, rows);
        let fit = gather(&spread(train, FIT_ROWS));
        // Without validation rows the training rows have to serve.
        let held_out =
            if validation.is_empty() { fit.clone() } else { gather(&spread(validation, FIT_ROWS)) };
        Self { fit, held_out }
    }
}

/// At most `most` of the rows, evenly spread.
fn spread(rows: &[usize], most: usize) -> Vec<usize> {
    evenly(rows.len(), most).into_iter().map(|i| rows[i]).collect()
}

/// At most `most` of the numbers below `rows`, evenly spread.
pub(super) fn evenly(rows: usize, most: usize) -> Vec<usize> {
    let n = rows.min(most);
    (0..n).map(|i| i * rows / n).collect()
}
