//! Scaling of columns that is undone exactly in what is printed.

use crate::expr::Expr;

/// One positive factor per column; a power of two, so that scaling and undoing it lose no digit.
///
/// ```
/// use closedform::Scaler;
/// let s = Scaler::fit(&[&[1000.0, -3000.0]]);
/// let scaled = s.apply(&[&[1000.0, -3000.0]]);
/// assert!(scaled[0][0].abs() <= 2.0);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Scaler {
    factors: Vec<f64>,
}

impl Scaler {
    /// The power of two nearest to the root mean square of each column (1 for a column of zeros).
    ///
    /// ```
    /// use closedform::Scaler;
    /// assert_eq!(Scaler::fit(&[&[1000.0, -1000.0], &[0.0, 0.0]]).factors(), [1024.0, 1.0]);
    /// ```
    pub fn fit(columns: &[&[f64]]) -> Self {
        Self { factors: columns.iter().map(|c| scale_of(c)).collect() }
    }

    /// The factors that columns are divided by.
    ///
    /// ```
    /// use closedform::Scaler;
    /// assert_eq!(Scaler::fit(&[&[0.25, 0.25], &[3.0, 5.0]]).factors(), [0.25, 4.0]);
    /// ```
    pub fn factors(&self) -> &[f64] {
        &self.factors
    }

    /// The columns divided by their factors, of which there have to be as many.
    ///
    /// ```
    /// use closedform::Scaler;
    /// let scaler = Scaler::fit(&[&[4.0, 4.0]]);
    /// assert_eq!(scaler.apply(&[&[4.0, 6.0]]), [[1.0, 1.5]]);
    /// ```
    pub fn apply(&self, columns: &[&[f64]]) -> Vec<Vec<f64>> {
        columns.iter().zip(&self.factors).map(|(c, f)| c.iter().map(|x| x / f).collect()).collect()
    }

    /// An expression over scaled columns as the same expression over the original ones.
    ///
    /// ```
    /// use closedform::{Scaler, expr::Expr};
    /// let scaler = Scaler::fit(&[&[1000.0, 1024.0]]);
    /// assert_eq!(scaler.factors(), [1024.0]);
    /// // 3 z over the scaled column z = x/1024.
    /// let law = scaler.undo(&(Expr::constant(3.0) * Expr::variable(0)));
    /// assert_eq!(law.evaluate_row(&[2048.0]), 6.0);
    /// ```
    pub fn undo(&self, expr: &Expr) -> Expr {
        let inputs: Vec<Expr> = self
            .factors
            .iter()
            .enumerate()
            .map(
                |(i, f)| {
                    if *f == 1.0 { Expr::variable(i) } else { Expr::parameter(1.0 / f) * Expr::variable(i) }
                },
            )
            .collect();
        expr.substitute(&inputs)
    }
}

/// The power of two nearest to the root mean square of the values; 1 where that is zero or not finite.
pub(crate) fn scale_of(values: &[f64]) -> f64 {
    let largest = values.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    if largest == 0.0 || !largest.is_finite() {
        return 1.0;
    }
    // Divided by the largest value first: squares of 1e200 overflow.
    let mean = values.iter().map(|x| (x / largest) * (x / largest)).sum::<f64>() / values.len() as f64;
    let exponent = (largest.log2() + 0.5 * mean.log2()).round().clamp(-1000.0, 1000.0);
    exponent.exp2()
}

/// The median; the larger of the two in the middle where the number of values is even.
///
/// # Panics
/// Without any value.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    let half = values.len() / 2;
    *values.select_nth_unstable_by(half, f64::total_cmp).1
}
