//! What a model's output is.

use super::VariableKind;
use serde::{Deserialize, Serialize};

/// What the numbers that a model predicts are, and by what they are fitted.
///
/// ```
/// use closedform::{OutputType, ProbabilityLoss, VariableKind};
/// let output = OutputType::from(VariableKind::Probability);
/// assert_eq!(output, OutputType::Probability { loss: ProbabilityLoss::Bernoulli });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OutputType {
    /// Real numbers, by least squares.
    #[default]
    Real,
    /// Probabilities: the formula ends in a logistic function.
    Probability {
        /// What is minimised.
        loss: ProbabilityLoss,
    },
    /// Expected counts, by the Poisson likelihood.
    Count,
}

/// What is minimised for a probability.
///
/// ```
/// use closedform::{OutputType, ProbabilityLoss, SymbolicRegressor};
/// let output = OutputType::Probability { loss: ProbabilityLoss::SquaredError };
/// let regressor = SymbolicRegressor::builder().output_type(output).build()?;
/// # let _ = regressor;
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbabilityLoss {
    /// The Bernoulli likelihood.
    #[default]
    Bernoulli,
    /// Squared error.
    SquaredError,
}

impl From<VariableKind> for OutputType {
    fn from(kind: VariableKind) -> Self {
        match kind {
            VariableKind::Probability => OutputType::Probability { loss: ProbabilityLoss::default() },
            VariableKind::Count => OutputType::Count,
            VariableKind::Real | VariableKind::Integer => OutputType::Real,
        }
    }
}
