//! What is known of a column beside its numbers.

use serde::{Deserialize, Serialize};

/// What the numbers of a column are.
///
/// ```
/// use closedform::{OutputType, Variable, VariableKind};
/// let clicks = Variable::new("clicks").kind(VariableKind::Count);
/// assert_eq!(OutputType::from(clicks.kind), OutputType::Count);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VariableKind {
    /// Any real number.
    #[default]
    Real,
    /// Between 0 and 1; as a target it makes the model's output a probability.
    Probability,
    /// 0, 1, 2, ...; as a target it calls for the Poisson likelihood.
    Count,
    /// An integer of either sign.
    Integer,
}

/// A column's name, unit, range and kind.
///
/// ```
/// use closedform::{Variable, VariableKind};
/// let t = Variable::new("t").unit("s").range(0.0, 100.0);
/// assert_eq!(t.name, "t");
/// assert_eq!(t.kind, VariableKind::Real);
/// ```
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Variable {
    /// Name, as in the header of the table; any text.
    pub name: String,
    /// Unit as text, shown on axes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Range that values are expected in, lower and upper end included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<(f64, f64)>,
    /// What the numbers are.
    #[serde(default)]
    pub kind: VariableKind,
}

impl Variable {
    /// A real variable of that name.
    ///
    /// ```
    /// use closedform::{Variable, VariableKind};
    /// let v = Variable::new("response time");
    /// assert_eq!((v.name.as_str(), v.kind, v.unit, v.range), ("response time", VariableKind::Real, None, None));
    /// ```
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Sets the unit.
    ///
    /// ```
    /// use closedform::Variable;
    /// assert_eq!(Variable::new("t").unit("s").unit.as_deref(), Some("s"));
    /// ```
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// Sets the range that values are expected in.
    ///
    /// ```
    /// use closedform::{Dataset, Variable};
    /// let t = Variable::new("t").range(0.0, 10.0);
    /// assert!(Dataset::from_columns(vec![t.clone()], vec![vec![0.0, 10.0]]).is_ok());
    /// assert!(Dataset::from_columns(vec![t], vec![vec![0.0, 10.5]]).is_err());
    /// ```
    #[must_use]
    pub fn range(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }

    /// Sets what the numbers are.
    ///
    /// ```
    /// use closedform::{Dataset, Variable, VariableKind};
    /// let clicks = Variable::new("clicks").kind(VariableKind::Count);
    /// assert!(Dataset::from_columns(vec![clicks], vec![vec![3.0, 0.5]]).is_err());
    /// ```
    #[must_use]
    pub fn kind(mut self, kind: VariableKind) -> Self {
        self.kind = kind;
        self
    }
}
