//! The rows a search works on, and the views of the problem it works in.

use super::strip::Reduced;
use crate::expr::Expr;
use crate::search::Problem;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Rows that constants are refitted on, and rows that candidates are checked on.
const FIT_ROWS: usize = 512;
const CHECK_ROWS: usize = 512;

/// Some rows of the problem, as columns of their own.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Vec<f64>>,
    pub(crate) target: Vec<f64>,
    pub(crate) weights: Option<Vec<f64>>,
}

impl Table {
    fn select(problem: &Problem<'_>, rows: &[usize]) -> Self {
        let pick = |c: &[f64]| rows.iter().map(|r| c[*r]).collect::<Vec<f64>>();
        Self {
            columns: problem.columns.iter().map(|c| pick(c)).collect(),
            target: pick(problem.target),
            weights: problem.weights.map(pick),
        }
    }

    /// The columns as slices.
    pub(crate) fn views(&self) -> Vec<&[f64]> {
        self.columns.iter().map(Vec::as_slice).collect()
    }
}

/// The rows of a search: chosen once, by seed.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) fit: Table,
    pub(crate) check: Table,
}

impl Frame {
    /// Draws rows for fitting from the training rows and rows for checking from the validation rows (from the
    /// training rows that are left, or all, where there are none).
    pub(crate) fn new(problem: &Problem<'_>) -> Self {
        let mut train = problem.split.train.clone();
        train.shuffle(&mut ChaCha8Rng::seed_from_u64(problem.seed));
        let mut check = problem.split.validation.clone();
        check.shuffle(&mut ChaCha8Rng::seed_from_u64(problem.seed ^ 0x9e37_79b9));
        if check.is_empty() {
            check = train.get(FIT_ROWS..).filter(|r| !r.is_empty()).unwrap_or(&train).to_vec();
        }
        train.truncate(FIT_ROWS);
        check.truncate(CHECK_ROWS);
        Self { fit: Table::select(problem, &train), check: Table::select(problem, &check) }
    }
}

/// The problem as it is, or after a reduction: columns and target of the first rows of the frame.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) columns: Vec<Vec<f64>>,
    pub(crate) target: Vec<f64>,
    pub(crate) weights: Option<Vec<f64>>,
    pub(crate) reduced: Option<Reduced>,
}

impl View {
    /// The problem as it is, or what `reduced` leaves of it, on the first `rows` rows for fitting.
    pub(crate) fn new(frame: &Frame, reduced: Option<Reduced>, rows: usize) -> Self {
        let rows = rows.min(frame.fit.target.len());
        let columns: Vec<Vec<f64>> = frame.fit.columns.iter().map(|c| c[..rows].to_vec()).collect();
        let target = frame.fit.target[..rows].to_vec();
        let weights = frame.fit.weights.as_ref().map(|w| w[..rows].to_vec());
        match reduced {
            None => Self { columns, target, weights, reduced: None },
            Some(r) => {
                let views: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
                let (target, weights) = r.target(&views, &target, weights.as_deref());
                let columns = r.columns(&views).into_iter().map(<[f64]>::to_vec).collect();
                Self { columns, target, weights: Some(weights), reduced: Some(r) }
            }
        }
    }

    /// The columns as slices.
    pub(crate) fn views(&self) -> Vec<&[f64]> {
        self.columns.iter().map(Vec::as_slice).collect()
    }

    /// A formula of the view as a formula of the problem.
    pub(crate) fn lift(&self, expr: Expr) -> Expr {
        match &self.reduced {
            Some(r) => r.rebuild(&expr),
            None => expr,
        }
    }
}
