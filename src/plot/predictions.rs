//! Observed and predicted values, which the parity and the residual figures share.

use super::axis::drawable;
use super::figure::Figure;

/// What a model predicted for the rows it was fitted to and for rows held back.
///
/// ```
/// use closedform::plot::PredictionsPlot;
///
/// let plot = PredictionsPlot::new("performance", &[0.1, 0.5, 0.9], &[0.1, 0.6, 0.9])
///     .validation(&[0.2], &[0.25]);
/// assert_eq!(plot.validation_predicted, [0.25]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PredictionsPlot {
    /// Size and title.
    pub figure: Figure,
    /// Name of the predicted variable.
    pub target: String,
    /// Observed values of the rows that the model was fitted to.
    pub train_observed: Vec<f64>,
    /// Predictions for these rows.
    pub train_predicted: Vec<f64>,
    /// Observed values of the rows held back; may be empty.
    pub validation_observed: Vec<f64>,
    /// Predictions for these rows.
    pub validation_predicted: Vec<f64>,
}

impl PredictionsPlot {
    /// Predictions for the rows that the model was fitted to.
    ///
    /// ```
    /// # use closedform::plot::PredictionsPlot;
    /// assert_eq!(PredictionsPlot::new("y", &[1.0], &[1.1]).target, "y");
    /// ```
    pub fn new(target: impl Into<String>, observed: &[f64], predicted: &[f64]) -> Self {
        Self {
            target: target.into(),
            train_observed: observed.to_vec(),
            train_predicted: predicted.to_vec(),
            ..Self::default()
        }
    }

    /// Adds the rows held back.
    ///
    /// ```
    /// # use closedform::plot::PredictionsPlot;
    /// assert_eq!(PredictionsPlot::default().validation(&[1.0], &[1.1]).validation_observed, [1.0]);
    /// ```
    #[must_use]
    pub fn validation(mut self, observed: &[f64], predicted: &[f64]) -> Self {
        (self.validation_observed, self.validation_predicted) = (observed.to_vec(), predicted.to_vec());
        self
    }

    /// Sets size and title.
    ///
    /// ```
    /// # use closedform::plot::{Figure, PredictionsPlot};
    /// assert_eq!(PredictionsPlot::default().figure(Figure::default().size(640, 480)).figure.width, 640);
    /// ```
    #[must_use]
    pub fn figure(mut self, figure: Figure) -> Self {
        self.figure = figure;
        self
    }

    pub(super) fn train(&self) -> Vec<(f64, f64)> {
        pairs(&self.train_observed, &self.train_predicted)
    }

    pub(super) fn held_back(&self) -> Vec<(f64, f64)> {
        pairs(&self.validation_observed, &self.validation_predicted)
    }
}

/// Rows in which both numbers can be drawn.
fn pairs(observed: &[f64], predicted: &[f64]) -> Vec<(f64, f64)> {
    let both = observed.iter().copied().zip(predicted.iter().copied());
    both.filter(|(o, p)| drawable(*o) && drawable(*p)).collect()
}

/// Dots get smaller and fainter the more there are, so that dense clouds keep their shape.
pub(super) fn dot_style(count: usize) -> (f64, f64) {
    match count {
        0..=150 => (4.0, 0.75),
        151..=1000 => (3.2, 0.55),
        1001..=10_000 => (2.4, 0.35),
        _ => (1.6, 0.2),
    }
}
