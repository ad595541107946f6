//! [`Report`]: how a fit went.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a search ended.
///
/// ```
/// use closedform::StopReason;
/// assert_eq!(StopReason::TimeLimit.to_string().replace('_', " "), "time limit");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StopReason {
    /// The strategy did all that it was asked to do.
    #[default]
    Completed,
    /// A formula fits the data to the last digits.
    Exact,
    /// Nothing better was found for long enough.
    Converged,
    /// The time limit; another run may come further.
    TimeLimit,
    /// The limit on evaluations.
    EvaluationLimit,
    /// The caller asked to stop.
    Interrupted,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StopReason::Completed => "completed",
            StopReason::Exact => "exact",
            StopReason::Converged => "converged",
            StopReason::TimeLimit => "time_limit",
            StopReason::EvaluationLimit => "evaluation_limit",
            StopReason::Interrupted => "interrupted",
        })
    }
}

/// How a fit went: what searched, how long, and why it stopped.
///
/// ```
/// use closedform::Report;
/// let report = Report { seed: 7, wall_seconds: Some(1.5), ..Report::default() };
/// let kept = report.reproducible();
/// assert_eq!((kept.seed, kept.wall_seconds), (7, None));
/// ```
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Report {
    /// The search strategy's name.
    pub strategy: String,
    /// The stage of the strategy that proposed the chosen formula.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_by: Option<String>,
    /// Why it stopped.
    pub stop_reason: StopReason,
    /// The seed of all random numbers.
    pub seed: u64,
    /// Number of threads; `None` in a saved model, whose bytes do not depend on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
    /// Duration; `None` in a saved model, whose bytes do not depend on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall_seconds: Option<f64>,
    /// Passes of a formula, or of a derivative of it, over the rows during the search; 0 for a refit that only fitted
    /// constants again.
    pub evaluations: u64,
    /// The architecture that was found, as the strategy describes it.
    #[serde(default)]
    pub architecture: serde_json::Value,
    /// Warnings for the user: rows left out, columns that say nothing, primitives masked by the data's range.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Report {
    /// The report without what differs between runs that give the same result: threads and duration.
    ///
    /// ```
    /// use closedform::Report;
    /// let report = Report { threads: Some(4), evaluations: 10, ..Report::default() }.reproducible();
    /// assert_eq!((report.threads, report.evaluations), (None, 10));
    /// ```
    #[must_use]
    pub fn reproducible(&self) -> Self {
        Self { threads: None, wall_seconds: None, ..self.clone() }
    }
}
