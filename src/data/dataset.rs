//! [`Dataset`]: named columns, a target, weights.

use super::{Variable, VariableKind};
use crate::error::Error;
use ndarray::{ArrayView1, ArrayView2};
use std::path::Path;

/// A table of finite numbers: input columns, a target column and optional row weights.
///
/// Columns are stored one after the other (column-major), as the evaluator reads them.
///
/// ```
/// use closedform::Dataset;
/// use ndarray::array;
/// let x = array![[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]];
/// let y = array![1.0, 2.0, 3.0];
/// let data = Dataset::from_arrays(x.view(), y.view())?;
/// assert_eq!((data.rows(), data.names().len()), (3, 2));
/// # Ok::<(), closedform::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    variables: Vec<Variable>,
    columns: Vec<Vec<f64>>,
    target: Option<(Variable, Vec<f64>)>,
    weights: Option<Vec<f64>>,
}

impl Dataset {
    /// Reads a CSV file with a header. Until [`Dataset::target`] is called, every column is an input.
    ///
    /// # Errors
    /// With file, row and column of the first thing that is not a finite number, a ragged row, an empty or
    /// duplicate name, or text that is not UTF-8.
    pub fn from_csv(path: impl AsRef<Path>) -> Result<Self, Error> {
        super::csv::read(path.as_ref())
    }

    /// From columns and their metadata, without a target.
    ///
    /// # Errors
    /// If there is no column or no row, lengths differ, names repeat, or a value is not finite.
    pub fn from_columns(variables: Vec<Variable>, columns: Vec<Vec<f64>>) -> Result<Self, Error> {
        if columns.is_empty() || variables.len() != columns.len() {
            return Err(Error::data(format!(
                "expected one name per column and at least one column, got {} names and {} columns",
                variables.len(),
                columns.len()
            )));
        }
        let rows = columns[0].len();
        if rows == 0 {
            return Err(Error::data("the table has no rows"));
        }
        for (v, c) in variables.iter().zip(&columns) {
            if c.len() != rows {
                return Err(Error::data(format!(
                    "column `{}` has {} rows, column `{}` has {rows}",
                    v.name,
                    c.len(),
                    variables[0].name
                )));
            }
            check_column(v, c)?;
        }
        for (i, v) in variables.iter().enumerate() {
            if variables[..i].iter().any(|w| w.name == v.name) {
                return Err(Error::data(format!("the column name `{}` is used twice", v.name)));
            }
        }
        Ok(Self { variables, columns, target: None, weights: None })
    }

    /// From a matrix of inputs (rows x columns) and a target; columns are named `x1`, `x2`, ..., the target `y`.
    ///
    /// # Errors
    /// As [`Dataset::from_columns`].
    pub fn from_arrays(x: ArrayView2<'_, f64>, y: ArrayView1<'_, f64>) -> Result<Self, Error> {
        let variables = (1..=x.ncols()).map(|i| Variable::new(format!("x{i}"))).collect();
        let columns = x.columns().into_iter().map(|c| c.to_vec()).collect();
        Self::from_columns(variables, columns)?.with_target(Variable::new("y"), y.to_vec())
    }

    /// Makes the column `name` the target; all others stay inputs.
    ///
    /// # Errors
    /// If there is no such column.
    pub fn target(mut self, name: &str) -> Result<Self, Error> {
        let i = self.position(name, "target")?;
        let v = self.variables.remove(i);
        let c = self.columns.remove(i);
        self.with_target(v, c)
    }

    /// Makes the last column the target.
    ///
    /// # Errors
    /// If there is only one column.
    pub fn last_column_as_target(self) -> Result<Self, Error> {
        let name = self.variables.last().map(|v| v.name.clone()).unwrap_or_default();
        self.target(&name)
    }

    /// Adds a target column.
    ///
    /// # Errors
    /// If its length differs, a value is not finite, or a probability or count is out of range.
    pub fn with_target(mut self, variable: Variable, values: Vec<f64>) -> Result<Self, Error> {
        if self.columns.is_empty() {
            return Err(Error::data(format!(
                "no input column is left beside the target `{}`",
                variable.name
            )));
        }
        if values.len() != self.columns[0].len() {
            return Err(Error::data(format!(
                "the target `{}` has {} rows, the inputs have {}",
                variable.name,
                values.len(),
                self.columns[0].len()
            )));
        }
        check_column(&variable, &values)?;
        self.target = Some((variable, values));
        Ok(self)
    }

    /// Uses the column `name` as row weights (0 or larger; a row of weight 2 counts as two rows).
    ///
    /// # Errors
    /// If there is no such column, a weight is negative, or all are zero.
    pub fn weights_from(mut self, name: &str) -> Result<Self, Error> {
        let i = self.position(name, "weights")?;
        self.variables.remove(i);
        let w = self.columns.remove(i);
        self.with_weights(w)
    }

    /// Sets row weights.
    ///
    /// # Errors
    /// If the length differs, a weight is negative or not finite, or all are zero.
    pub fn with_weights(mut self, weights: Vec<f64>) -> Result<Self, Error> {
        if weights.len() != self.rows() {
            return Err(Error::data(format!("{} weights for {} rows", weights.len(), self.rows())));
        }
        if let Some(i) = weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
            return Err(Error::data(format!(
                "weight in row {}: expected a number of 0 or more, got {}",
                i + 1,
                weights[i]
            )));
        }
        if weights.iter().all(|w| *w == 0.0) {
            return Err(Error::data("all weights are zero"));
        }
        self.weights = Some(weights);
        Ok(self)
    }

    /// Keeps the inputs of these names, in this order.
    ///
    /// # Errors
    /// If a name is missing or repeated.
    pub fn features<S: AsRef<str>>(mut self, names: &[S]) -> Result<Self, Error> {
        let mut variables = Vec::new();
        let mut columns = Vec::new();
        for name in names {
            let i = self.position(name.as_ref(), "features")?;
            if variables.iter().any(|v: &Variable| v.name == name.as_ref()) {
                return Err(Error::data(format!("feature `{}` is asked for twice", name.as_ref())));
            }
            variables.push(self.variables[i].clone());
            columns.push(self.columns[i].clone());
        }
        if columns.is_empty() {
            return Err(Error::data("no feature is left"));
        }
        self.variables = variables;
        self.columns = columns;
        Ok(self)
    }

    /// Replaces the metadata of the input or target of that name.
    ///
    /// # Errors
    /// If there is no such column, or its values contradict the kind.
    pub fn describe(mut self, variable: Variable) -> Result<Self, Error> {
        if let Some((v, c)) = &mut self.target
            && v.name == variable.name
        {
            check_column(&variable, c)?;
            *v = variable;
            return Ok(self);
        }
        let i = self.position(&variable.name, "describe")?;
        check_column(&variable, &self.columns[i])?;
        self.variables[i] = variable;
        Ok(self)
    }

    fn position(&self, name: &str, what: &str) -> Result<usize, Error> {
        self.variables.iter().position(|v| v.name == name).ok_or_else(|| {
            let have: Vec<&str> = self.names();
            Error::data(format!("{what}: there is no column `{name}`; the columns are {}", have.join(", ")))
        })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns[0].len()
    }

    /// The input variables.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The names of the inputs.
    pub fn names(&self) -> Vec<&str> {
        self.variables.iter().map(|v| v.name.as_str()).collect()
    }

    /// The input columns.
    pub fn columns(&self) -> Vec<&[f64]> {
        self.columns.iter().map(Vec::as_slice).collect()
    }

    /// The target's metadata, if a target is set.
    pub fn target_variable(&self) -> Option<&Variable> {
        self.target.as_ref().map(|t| &t.0)
    }

    /// The target's values, if a target is set.
    pub fn target_values(&self) -> Option<&[f64]> {
        self.target.as_ref().map(|t| t.1.as_slice())
    }

    /// The row weights, if there are any.
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// The table with only these rows, in this order.
    ///
    /// # Panics
    /// If a row does not exist.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let pick = |c: &[f64]| rows.iter().map(|&r| c[r]).collect::<Vec<f64>>();
        Self {
            variables: self.variables.clone(),
            columns: self.columns.iter().map(|c| pick(c)).collect(),
            target: self.target.as_ref().map(|(v, c)| (v.clone(), pick(c))),
            weights: self.weights.as_ref().map(|w| pick(w)),
        }
    }
}

fn check_column(variable: &Variable, values: &[f64]) -> Result<(), Error> {
    let expected = |row: usize, what: &str| {
        Err(Error::data(format!(
            "column `{}` row {}: expected {what}, got {}",
            variable.name,
            row + 1,
            values[row]
        )))
    };
    if let Some(i) = values.iter().position(|v| !v.is_finite()) {
        return expected(i, "a finite number");
    }
    match variable.kind {
        VariableKind::Real => {}
        VariableKind::Probability => {
            if let Some(i) = values.iter().position(|v| !(0.0..=1.0).contains(v)) {
                return expected(i, "a probability between 0 and 1");
            }
        }
        VariableKind::Count => {
            if let Some(i) = values.iter().position(|v| *v < 0.0 || v.fract() != 0.0) {
                return expected(i, "a count (0, 1, 2, ...)");
            }
        }
        VariableKind::Integer => {
            if let Some(i) = values.iter().position(|v| v.fract() != 0.0) {
                return expected(i, "an integer");
            }
        }
    }
    Ok(())
}
