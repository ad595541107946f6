//! How far predictions are from the target. Predictions, and weights where there are any, have the length of the
//! target; without weights every row counts once, and without any row the result is NaN.
//!
//! ```
//! use closedform::model::metrics::{mae, mse, r2, rmse};
//! let (target, predicted) = ([1.0, 3.0], [1.0, 5.0]);
//! assert_eq!((mse(&target, &predicted, None), mae(&target, &predicted, None)), (2.0, 1.0));
//! assert_eq!((rmse(&target, &predicted, None), r2(&target, &predicted, None)), (2f64.sqrt(), -1.0));
//! ```

fn weight(weights: Option<&[f64]>, row: usize) -> f64 {
    weights.map_or(1.0, |w| w[row])
}

/// The weighted mean of `f(row)`, summed in the order of the rows.
fn mean(rows: usize, weights: Option<&[f64]>, f: impl Fn(usize) -> f64) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    for row in 0..rows {
        let w = weight(weights, row);
        // A row of weight 0 does not count, whatever is predicted there.
        if w > 0.0 {
            sum += w * f(row);
            total += w;
        }
    }
    sum / total
}

/// Mean squared error.
///
/// ```
/// use closedform::model::metrics::mse;
/// assert_eq!(mse(&[1.0, 2.0], &[1.0, 4.0], None), 2.0);
/// assert_eq!(mse(&[1.0, 2.0], &[1.0, 4.0], Some(&[3.0, 1.0])), 1.0);
/// ```
pub fn mse(target: &[f64], predicted: &[f64], weights: Option<&[f64]>) -> f64 {
    mean(target.len(), weights, |i| (target[i] - predicted[i]).powi(2))
}

/// Root of the mean squared error.
///
/// ```
/// use closedform::model::metrics::rmse;
/// assert_eq!(rmse(&[1.0, 2.0], &[1.0, 4.0], None), 2f64.sqrt());
/// ```
pub fn rmse(target: &[f64], predicted: &[f64], weights: Option<&[f64]>) -> f64 {
    mse(target, predicted, weights).sqrt()
}

/// Mean absolute error.
///
/// ```
/// use closedform::model::metrics::mae;
/// assert_eq!(mae(&[1.0, 2.0], &[1.0, 4.0], None), 1.0);
/// ```
pub fn mae(target: &[f64], predicted: &[f64], weights: Option<&[f64]>) -> f64 {
    mean(target.len(), weights, |i| (target[i] - predicted[i]).abs())
}

/// Variance around the weighted mean (divided by the sum of the weights).
///
/// ```
/// use closedform::model::metrics::variance;
/// assert_eq!(variance(&[1.0, 3.0], None), 1.0);
/// assert_eq!(variance(&[1.0, 3.0], Some(&[1.0, 0.0])), 0.0);
/// ```
pub fn variance(values: &[f64], weights: Option<&[f64]>) -> f64 {
    let center = mean(values.len(), weights, |i| values[i]);
    mean(values.len(), weights, |i| (values[i] - center).powi(2))
}

/// Coefficient of determination, `1 - mse / variance`. For a constant target it is 1 where every prediction is
/// exact and 0 otherwise.
///
/// ```
/// use closedform::model::metrics::r2;
/// assert_eq!(r2(&[1.0, 3.0], &[1.0, 3.0], None), 1.0);
/// assert_eq!(r2(&[1.0, 3.0], &[2.0, 2.0], None), 0.0);
/// assert_eq!(r2(&[5.0, 5.0], &[5.0, 5.0], None), 1.0);
/// assert_eq!(r2(&[5.0, 5.0], &[5.0, 6.0], None), 0.0);
/// ```
pub fn r2(target: &[f64], predicted: &[f64], weights: Option<&[f64]>) -> f64 {
    r2_from(mse(target, predicted, weights), variance(target, weights))
}

/// The coefficient of determination from its two parts.
pub(super) fn r2_from(mse: f64, variance: f64) -> f64 {
    if variance > 0.0 {
        1.0 - mse / variance
    } else if mse == 0.0 {
        1.0
    } else {
        0.0
    }
}
