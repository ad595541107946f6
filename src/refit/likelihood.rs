//! What "fits" means: the loss per row for each kind of target.

use crate::expr::Number;
use serde::{Deserialize, Serialize};

/// The loss of a prediction `f` against an observation `y`.
///
/// The squared error is fitted by Levenberg-Marquardt; the two likelihoods by Fisher scoring, which is the same with
/// weights that follow the prediction, and L-BFGS.
///
/// ```
/// use closedform::refit::Likelihood;
/// assert_eq!(Likelihood::Gaussian.loss(2.0f64, 5.0), 9.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Likelihood {
    /// Squared error, `(f - y)^2`.
    #[default]
    Gaussian,
    /// Cross-entropy of a probability `f` against a rate or outcome `y` in 0..=1, less that of a perfect `f`.
    Bernoulli,
    /// Poisson deviance of a mean `f > 0` against a count `y`, halved.
    Poisson,
}

impl Likelihood {
    /// The loss of one row; 0 for a perfect prediction, infinite outside of the range of predictions.
    ///
    /// ```
    /// use closedform::refit::Likelihood;
    /// assert_eq!(Likelihood::Poisson.loss(3.0, 3.0), 0.0);
    /// assert!((Likelihood::Bernoulli.loss(0.5, 1.0) - 2f64.ln()).abs() < 1e-15);
    /// assert_eq!(Likelihood::Bernoulli.loss(1.5, 1.0), f64::INFINITY);
    /// ```
    #[inline]
    pub fn loss<T: Number>(self, f: T, y: f64) -> T {
        use crate::expr::Op::Ln;
        match self {
            Likelihood::Gaussian => {
                let r = f - T::constant(y);
                r * r
            }
            Likelihood::Bernoulli => {
                let v = f.value();
                if !(0.0..=1.0).contains(&v) || (v == 0.0 && y > 0.0) || (v == 1.0 && y < 1.0) {
                    return T::constant(f64::INFINITY);
                }
                let mut loss = T::constant(xlogx(y) + xlogx(1.0 - y));
                if y > 0.0 {
                    loss = loss - T::constant(y) * f.apply(Ln);
                }
                if y < 1.0 {
                    loss = loss - T::constant(1.0 - y) * (T::constant(1.0) - f).apply(Ln);
                }
                loss
            }
            Likelihood::Poisson => {
                if f.value() <= 0.0 {
                    return T::constant(f64::INFINITY);
                }
                let mut loss = f + T::constant(xlogx(y) - y);
                if y > 0.0 {
                    loss = loss - T::constant(y) * f.apply(Ln);
                }
                loss
            }
        }
    }

    /// The loss of all rows together, each times its weight.
    pub(crate) fn total(self, predicted: &[f64], target: &[f64], weights: Option<&[f64]>) -> f64 {
        let weight = |i: usize| weights.map_or(1.0, |w| w[i]);
        (0..target.len()).map(|i| weight(i) * self.loss(predicted[i], target[i])).sum()
    }

    /// What one row tells of its prediction, up to a constant factor: the Fisher information, one over the variance
    /// of an observation of mean `f`. Bounded, so that no row decides alone.
    pub(crate) fn information(self, f: f64) -> f64 {
        match self {
            Likelihood::Gaussian => 1.0,
            Likelihood::Bernoulli => 1.0 / (f * (1.0 - f)).max(1e-4),
            Likelihood::Poisson => 1.0 / f.max(1e-3),
        }
    }
}

fn xlogx(x: f64) -> f64 {
    if x > 0.0 { x * x.ln() } else { 0.0 }
}
