//! Which equation of the front is the model.

use super::{Equation, ParetoFront, metrics};
use crate::data::Dataset;
use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// What selection needs to know of the data.
///
/// ```
/// # use closedform::{Criterion, Dataset, Equation, Model, ParetoFront, Report, expr::parse, model::DataSummary};
/// # use ndarray::array;
/// # let data = Dataset::from_arrays(array![[1.0], [2.0], [3.0]].view(), array![1.0, 4.0, 9.0].view())?;
/// let summary = DataSummary::of(&data)?;
/// assert_eq!(summary.rows, 3);
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataSummary {
    /// Number of rows.
    pub rows: usize,
    /// Variance of the target (weighted).
    pub target_variance: f64,
}

impl DataSummary {
    /// The summary of a data set.
    ///
    /// ```
    /// # use closedform::{Dataset, Equation, expr::parse};
    /// # use ndarray::array;
    /// # let data = Dataset::from_arrays(array![[1.0], [2.0], [3.0]].view(), array![1.0, 4.0, 9.0].view())?;
    /// use closedform::model::DataSummary;
    /// let summary = DataSummary::of(&data)?;
    /// assert_eq!(summary.rows, 3);
    /// assert!((summary.target_variance - 98.0 / 9.0).abs() < 1e-12);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If it has no target.
    pub fn of(data: &Dataset) -> Result<Self, Error> {
        let target = data.target_values().ok_or_else(|| Error::data("the data set has no target"))?;
        Ok(Self { rows: data.rows(), target_variance: metrics::variance(target, data.weights()) })
    }

    /// Mean squared errors below this are rounding: relative errors of 1e-14.
    ///
    /// ```
    /// use closedform::model::DataSummary;
    /// let floor = DataSummary { rows: 10, target_variance: 4.0 }.mse_floor();
    /// assert!((floor / 4e-28 - 1.0).abs() < 1e-12);
    /// ```
    pub fn mse_floor(&self) -> f64 {
        (1e-28 * self.target_variance).max(f64::MIN_POSITIVE)
    }
}

/// How one equation is chosen from the front: the one with the smallest value, the simplest of several.
///
/// With `n` rows, `k` fitted constants (and the spread of the residuals as one more, `k + 1`) and
/// `L` the negative logarithm of the likelihood, for real targets the Gaussian one
/// `L = n/2 (ln(2 pi mse) + 1)`; `mse` is not taken below the rounding of an exact law.
///
/// ```
/// # use closedform::{Criterion, Dataset, Equation, Model, ParetoFront, Report, expr::parse, model::DataSummary};
/// # use ndarray::array;
/// # let data = Dataset::from_arrays(array![[1.0], [2.0], [3.0]].view(), array![1.0, 4.0, 9.0].view())?;
/// let front: ParetoFront =
///     ["x1", "x1^2"].iter().map(|f| Equation::of(parse(f, &["x1"]).unwrap(), &data).unwrap()).collect();
/// let model = Model::new(front, &data, Report::default())?;
/// assert_eq!(model.with_criterion(Criterion::Accuracy).formula(), "x1^2");
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Criterion {
    /// The equation's description length: the nats that structure and residuals take, these as they would be on rows
    /// that the constants have not seen. Where it is not known, half of BIC.
    #[default]
    DescriptionLength,
    /// Bayesian information criterion, `2 L + (k + 1) ln n`.
    Bic,
    /// Akaike's criterion with the correction for few rows,
    /// `2 L + 2 (k + 1) + 2 (k + 1)(k + 2) / (n - k - 2)`; infinite where there are not more rows than that.
    Aic,
    /// Mean squared error on held-out rows; on all rows where none were held out.
    Validation,
    /// Mean squared error on the fitted rows, whatever the complexity.
    Accuracy,
}

impl Criterion {
    /// The value of the criterion, smaller is better.
    ///
    /// ```
    /// use closedform::{Criterion, Equation, expr::Expr, model::DataSummary, model::Scores};
    /// let scores = Scores { mse: 0.5, ..Scores::default() };
    /// let law = Equation::new(Expr::parameter(2.0), Vec::new(), scores)?;
    /// let data = DataSummary { rows: 10, target_variance: 1.0 };
    /// assert_eq!(Criterion::Accuracy.value(&law, &data), 0.5);
    /// // 2 L + (k + 1) ln n with k = 1
    /// let bic = 10.0 * ((std::f64::consts::PI).ln() + 1.0) + 2.0 * 10f64.ln();
    /// assert!((Criterion::Bic.value(&law, &data) - bic).abs() < 1e-12);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn value(self, equation: &Equation, data: &DataSummary) -> f64 {
        let scores = equation.scores();
        let floor = data.mse_floor();
        let n = data.rows as f64;
        let k = equation.expr().parameters().len() as f64 + 1.0;
        let gaussian = || 0.5 * n * ((2.0 * PI * scores.mse.max(floor)).ln() + 1.0);
        let doubled = 2.0 * scores.negative_log_likelihood.unwrap_or_else(gaussian);
        let bic = doubled + k * n.ln();
        match self {
            Criterion::DescriptionLength => scores.description_length.unwrap_or(0.5 * bic),
            Criterion::Bic => bic,
            Criterion::Aic if n > k + 1.0 => doubled + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0),
            Criterion::Aic => f64::INFINITY,
            Criterion::Validation => scores.validation_mse.unwrap_or(scores.mse).max(floor),
            Criterion::Accuracy => scores.mse.max(floor),
        }
    }

    /// The place on the front of the equation with the smallest value; `None` for an empty front.
    ///
    /// ```
    /// use closedform::{Criterion, Dataset, Equation, ParetoFront};
    /// use closedform::expr::parse;
    /// use closedform::model::DataSummary;
    /// use ndarray::array;
    /// let data = Dataset::from_arrays(array![[1.0], [2.0], [3.0]].view(), array![1.0, 4.0, 9.0].view())?;
    /// let formulas = ["x1", "x1*x1", "x1*x1 + 1e-20*sin(x1)"];
    /// let front: ParetoFront =
    ///     formulas.iter().map(|f| Equation::of(parse(f, &["x1"]).unwrap(), &data).unwrap()).collect();
    /// let best = Criterion::Bic.choose(&front, &DataSummary::of(&data)?).unwrap();
    /// assert_eq!(front.equations()[best].formula(), "x1*x1");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn choose(self, front: &ParetoFront, data: &DataSummary) -> Option<usize> {
        let values: Vec<f64> = front.iter().map(|e| self.value(e, data)).collect();
        // `min_by` gives the first of equals, which is the simplest.
        (0..values.len()).min_by(|a, b| values[*a].total_cmp(&values[*b]))
    }
}
