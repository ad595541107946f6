//! [`Dataset`]: named columns, a target, weights.

use super::check::{check_column, check_weights};
use super::origin::Origin;
use super::table::listed;
use super::{Table, Variable};
use crate::error::Error;
use ndarray::{ArrayView1, ArrayView2};
use std::borrow::Cow;
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
    rows: usize,
    origin: Origin,
}

impl Dataset {
    /// Reads all columns of a CSV file with a header (commas, semicolons or tabs). Until [`Dataset::target`] is
    /// called, every column is an input. [`Table`] reads some of the columns.
    ///
    /// ```
    /// use closedform::Dataset;
    /// let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
    /// assert_eq!((data.names(), data.rows()), (vec!["p0", "t"], 286));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// With file, row and column of the first thing that is not a finite number, a ragged row, an empty or
    /// duplicate name, or text that is not UTF-8.
    pub fn from_csv(path: impl AsRef<Path>) -> Result<Self, Error> {
        Table::open_csv(path)?.all_columns()
    }

    /// Reads all columns of a Parquet file (ending `.parquet` or `.pq`, feature `parquet`) or of a text table.
    ///
    /// ```
    /// use closedform::Dataset;
    /// let data = Dataset::from_path("examples/data/learning_curve.csv")?;
    /// assert_eq!(data.names().last(), Some(&"performance"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Dataset::from_csv`].
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, Error> {
        Table::open(path)?.all_columns()
    }

    /// From columns and their metadata, without a target.
    ///
    /// ```
    /// use closedform::{Dataset, Variable, VariableKind};
    /// let p = Variable::new("p").kind(VariableKind::Probability);
    /// let error = Dataset::from_columns(vec![p], vec![vec![0.5, 1.5]]).unwrap_err();
    /// assert_eq!(error.to_string(), "row 2, column `p`: expected a probability between 0 and 1, got 1.5");
    /// ```
    ///
    /// # Errors
    /// If there is no column or no row, lengths differ, names are empty or repeat, or a value is not finite or
    /// contradicts the kind or range of its variable.
    pub fn from_columns(variables: Vec<Variable>, columns: Vec<Vec<f64>>) -> Result<Self, Error> {
        Self::from_parts(variables, columns, Origin::default())
    }

    pub(super) fn from_parts(
        variables: Vec<Variable>,
        columns: Vec<Vec<f64>>,
        origin: Origin,
    ) -> Result<Self, Error> {
        let file = origin.head();
        if columns.is_empty() || variables.len() != columns.len() {
            return Err(Error::data(format!(
                "{file}expected one name per column and at least one column, got {} names and {} columns",
                variables.len(),
                columns.len()
            )));
        }
        let rows = columns[0].len();
        if rows == 0 {
            return Err(Error::data(format!("{file}the table has no rows")));
        }
        for (i, (v, c)) in variables.iter().zip(&columns).enumerate() {
            if v.name.is_empty() {
                return Err(Error::data(format!("{file}column {} has no name", i + 1)));
            }
            if variables[..i].iter().any(|w| w.name == v.name) {
                return Err(Error::data(format!("{file}the column name `{}` is used twice", v.name)));
            }
            if c.len() != rows {
                return Err(Error::data(format!(
                    "{file}column `{}` has {} rows, column `{}` has {rows}",
                    v.name,
                    c.len(),
                    variables[0].name
                )));
            }
            check_column(v, c, &origin)?;
        }
        Ok(Self { variables, columns, target: None, weights: None, rows, origin })
    }

    /// From a matrix of inputs (rows x columns) and a target; columns are named `x1`, `x2`, ..., the target `y`.
    ///
    /// ```
    /// use closedform::Dataset;
    /// use ndarray::array;
    /// let data = Dataset::from_arrays(array![[0.0, 1.0], [2.0, 3.0]].view(), array![1.0, 5.0].view())?;
    /// assert_eq!(data.names(), ["x1", "x2"]);
    /// assert_eq!(data.columns()[1], [1.0, 3.0]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Dataset::from_columns`]; the message for a matrix without columns says so.
    pub fn from_arrays(x: ArrayView2<'_, f64>, y: ArrayView1<'_, f64>) -> Result<Self, Error> {
        let variables = (1..=x.ncols()).map(|i| Variable::new(format!("x{i}"))).collect();
        let columns = x.columns().into_iter().map(|c| c.to_vec()).collect();
        Self::from_columns(variables, columns)?.with_target(Variable::new("y"), y.to_vec())
    }

    /// Replaces the metadata of all inputs and of the target, names included.
    ///
    /// ```
    /// use closedform::{Dataset, Variable};
    /// use ndarray::array;
    /// let data = Dataset::from_arrays(array![[0.0], [1.0]].view(), array![1.0, 3.0].view())?
    ///     .named(vec![Variable::new("t").unit("s")], Variable::new("distance").unit("m"))?;
    /// assert_eq!(data.names(), ["t"]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there are not as many variables as inputs, there is no target, names repeat, or values contradict a kind.
    pub fn named(self, inputs: Vec<Variable>, target: Variable) -> Result<Self, Error> {
        let Some((_, values)) = self.target else {
            return Err(Error::data("the data set has no target to be described"));
        };
        let described = Self::from_parts(inputs, self.columns, self.origin)?.with_target(target, values)?;
        Ok(Self { weights: self.weights, ..described })
    }

    /// Makes the column `name` the target; all others stay inputs.
    ///
    /// ```
    /// # use closedform::{Dataset, Variable};
    /// # let columns = vec![vec![0.0, 1.0, 2.0], vec![1.0, 1.0, 2.0], vec![1.0, 3.0, 5.0]];
    /// # let data = Dataset::from_columns(["t", "w", "y"].map(Variable::new).to_vec(), columns)?;
    /// let data = data.target("y")?;
    /// assert_eq!(data.names(), ["t", "w"]);
    /// assert_eq!(data.target_values(), Some(&[1.0, 3.0, 5.0][..]));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there is no such column, or no other column beside it.
    pub fn target(mut self, name: &str) -> Result<Self, Error> {
        let i = self.position(name, "target")?;
        let v = self.variables.remove(i);
        let c = self.columns.remove(i);
        self.with_target(v, c)
    }

    /// Makes the last column the target.
    ///
    /// ```
    /// # use closedform::{Dataset, Variable};
    /// # let columns = vec![vec![0.0, 1.0, 2.0], vec![1.0, 1.0, 2.0], vec![1.0, 3.0, 5.0]];
    /// # let data = Dataset::from_columns(["t", "w", "y"].map(Variable::new).to_vec(), columns)?;
    /// let data = data.last_column_as_target()?;
    /// assert_eq!(data.target_variable().unwrap().name, "y");
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there is only one column.
    pub fn last_column_as_target(self) -> Result<Self, Error> {
        let name = self.variables.last().map(|v| v.name.clone()).unwrap_or_default();
        self.target(&name)
    }

    /// Adds a target column. A target that was set before is dropped.
    ///
    /// ```
    /// # use closedform::{Dataset, Variable};
    /// # let columns = vec![vec![0.0, 1.0, 2.0], vec![1.0, 1.0, 2.0], vec![1.0, 3.0, 5.0]];
    /// # let data = Dataset::from_columns(["t", "w", "y"].map(Variable::new).to_vec(), columns)?;
    /// let data = data.with_target(Variable::new("z"), vec![7.0, 8.0, 9.0])?;
    /// assert_eq!(data.names(), ["t", "w", "y"]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If its length differs, an input has its name, a value is not finite, or a probability or count is out of
    /// range.
    pub fn with_target(mut self, variable: Variable, values: Vec<f64>) -> Result<Self, Error> {
        if self.columns.is_empty() {
            return Err(Error::data(format!(
                "{}no input column is left beside the target `{}`; expected at least one more column",
                self.origin.head(),
                variable.name
            )));
        }
        if values.len() != self.rows {
            return Err(Error::data(format!(
                "the target `{}` has {} rows, the inputs have {}",
                variable.name,
                values.len(),
                self.rows
            )));
        }
        if self.variables.iter().any(|v| v.name == variable.name) {
            return Err(Error::data(format!("the target `{}` has the name of an input", variable.name)));
        }
        check_column(&variable, &values, &self.origin)?;
        self.target = Some((variable, values));
        Ok(self)
    }

    /// Uses the column `name` as row weights, 0 or larger: a row of weight 2 counts as two rows. Weights that are not
    /// whole, such as `1/sigma^2`, say how precise rows are beside each other; their unit does not matter.
    ///
    /// ```
    /// # use closedform::{Dataset, Variable};
    /// # let columns = vec![vec![0.0, 1.0, 2.0], vec![1.0, 1.0, 2.0], vec![1.0, 3.0, 5.0]];
    /// # let data = Dataset::from_columns(["t", "w", "y"].map(Variable::new).to_vec(), columns)?;
    /// let data = data.target("y")?.weights_from("w")?;
    /// assert_eq!((data.names(), data.weights()), (vec!["t"], Some(&[1.0, 1.0, 2.0][..])));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there is no such column, a weight is negative, or all are zero.
    pub fn weights_from(mut self, name: &str) -> Result<Self, Error> {
        let i = self.position(name, "weights")?;
        check_weights(Some(name), &self.columns[i], &self.origin)?;
        self.variables.remove(i);
        self.weights = Some(self.columns.remove(i));
        Ok(self)
    }

    /// Sets row weights, as [`Dataset::weights_from`] does.
    ///
    /// ```
    /// # use closedform::{Dataset, Variable};
    /// # let columns = vec![vec![0.0, 1.0, 2.0], vec![1.0, 1.0, 2.0], vec![1.0, 3.0, 5.0]];
    /// # let data = Dataset::from_columns(["t", "w", "y"].map(Variable::new).to_vec(), columns)?;
    /// assert_eq!(data.clone().with_weights(vec![1.0, 0.0, 0.5])?.weights(), Some(&[1.0, 0.0, 0.5][..]));
    /// assert!(data.with_weights(vec![1.0, -1.0, 1.0]).is_err());
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the length differs, a weight is negative or not finite, or all are zero.
    pub fn with_weights(mut self, weights: Vec<f64>) -> Result<Self, Error> {
        if weights.len() != self.rows {
            return Err(Error::data(format!(
                "expected one weight per row, got {} weights for {} rows",
                weights.len(),
                self.rows
            )));
        }
        check_weights(None, &weights, &self.origin)?;
        self.weights = Some(weights);
        Ok(self)
    }

    pub(super) fn without_weights(self) -> Self {
        Self { weights: None, ..self }
    }

    /// Keeps the inputs of these names, in this order.
    ///
    /// ```
    /// # use closedform::{Dataset, Variable};
    /// # let columns = vec![vec![0.0, 1.0, 2.0], vec![1.0, 1.0, 2.0], vec![1.0, 3.0, 5.0]];
    /// # let data = Dataset::from_columns(["t", "w", "y"].map(Variable::new).to_vec(), columns)?;
    /// let data = data.target("y")?.features(&["t"])?;
    /// assert_eq!(data.names(), ["t"]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If a name is missing or repeated.
    pub fn features<S: AsRef<str>>(mut self, names: &[S]) -> Result<Self, Error> {
        let places = self.places(names)?;
        self.variables = places.iter().map(|&i| self.variables[i].clone()).collect();
        // Moved, not copied: a column may be large.
        self.columns = places.iter().map(|&i| std::mem::take(&mut self.columns[i])).collect();
        Ok(self)
    }

    /// The same of a table that stays; nothing is copied where it has just these inputs.
    pub(crate) fn with_features<S: AsRef<str>>(&self, names: &[S]) -> Result<Cow<'_, Self>, Error> {
        let places = self.places(names)?;
        if places.iter().copied().eq(0..self.columns.len()) {
            return Ok(Cow::Borrowed(self));
        }
        Ok(Cow::Owned(Self {
            variables: places.iter().map(|&i| self.variables[i].clone()).collect(),
            columns: places.iter().map(|&i| self.columns[i].clone()).collect(),
            target: self.target.clone(),
            weights: self.weights.clone(),
            rows: self.rows,
            origin: self.origin.clone(),
        }))
    }

    /// The positions of the inputs of these names, each once.
    fn places<S: AsRef<str>>(&self, names: &[S]) -> Result<Vec<usize>, Error> {
        let mut places = Vec::with_capacity(names.len());
        for name in names {
            let i = self.position(name.as_ref(), "features")?;
            if places.contains(&i) {
                return Err(Error::data(format!("feature `{}` is asked for twice", name.as_ref())));
            }
            places.push(i);
        }
        if places.is_empty() {
            return Err(Error::data("no feature is left"));
        }
        Ok(places)
    }

    /// Replaces the metadata of the input or target of that name.
    ///
    /// ```
    /// # use closedform::{Dataset, Variable};
    /// # let columns = vec![vec![0.0, 1.0, 2.0], vec![1.0, 1.0, 2.0], vec![1.0, 3.0, 5.0]];
    /// # let data = Dataset::from_columns(["t", "w", "y"].map(Variable::new).to_vec(), columns)?;
    /// let data = data.describe(Variable::new("t").unit("s").range(0.0, 10.0))?;
    /// assert_eq!(data.variables()[0].unit.as_deref(), Some("s"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there is no such column, or its values contradict the kind.
    pub fn describe(mut self, variable: Variable) -> Result<Self, Error> {
        if let Some((v, c)) = &mut self.target
            && v.name == variable.name
        {
            check_column(&variable, c, &self.origin)?;
            *v = variable;
            return Ok(self);
        }
        let i = self.position(&variable.name, "describe")?;
        check_column(&variable, &self.columns[i], &self.origin)?;
        self.variables[i] = variable;
        Ok(self)
    }

    fn position(&self, name: &str, what: &str) -> Result<usize, Error> {
        self.variables.iter().position(|v| v.name == name).ok_or_else(|| {
            let taken = self.target.as_ref().is_some_and(|(v, _)| v.name == name);
            let why = if taken {
                format!("the column `{name}` is the target")
            } else {
                format!("there is no column `{name}`")
            };
            Error::data(format!("{}{what}: {why}; {}", self.origin.head(), listed(&self.names(), name)))
        })
    }

    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// A row as people find it: in the file it came from, or counted from 1.
    pub(crate) fn row_number(&self, row: usize) -> u64 {
        self.origin.row(row)
    }

    /// A cell as people find it: file, row, column.
    pub(crate) fn place(&self, row: usize, column: &str) -> String {
        self.origin.place(row, column)
    }

    /// Number of rows, 1 or more.
    ///
    /// ```
    /// # use closedform::{Dataset, Variable};
    /// # let columns = vec![vec![0.0, 1.0, 2.0], vec![1.0, 1.0, 2.0], vec![1.0, 3.0, 5.0]];
    /// # let data = Dataset::from_columns(["t", "w", "y"].map(Variable::new).to_vec(), columns)?.target("y")?;
    /// assert_eq!(data.rows(), 3);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The input variables.
    ///
    /// ```
    /// # use closedform::{Dataset, Variable};
    /// # let columns = vec![vec![0.0, 1.0, 2.0], vec![1.0, 1.0, 2.0], vec![1.0, 3.0, 5.0]];
    /// # let data = Dataset::from_columns(["t", "w", "y"].map(Variable::new).to_vec(), columns)?.target("y")?;
    /// let data = data.describe(Variable::new("t").unit("s"))?;
    /// assert_eq!(data.variables()[0].unit.as_deref(), Some("s"));
    /// assert_eq!(data.variables().len(), 2); // t and w; the target y is no input
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The names of the inputs.
    ///
    /// ```
    /// # use closedform::{Dataset, Variable};
    /// # let columns = vec![vec![0.0, 1.0, 2.0], vec![1.0, 1.0, 2.0], vec![1.0, 3.0, 5.0]];
    /// # let data = Dataset::from_columns(["t", "w", "y"].map(Variable::new).to_vec(), columns)?.target("y")?;
    /// assert_eq!(data.names(), ["t", "w"]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn names(&self) -> Vec<&str> {
        self.variables.iter().map(|v| v.name.as_str()).collect()
    }

    /// The input columns, each as long as there are rows, in the order of [`Dataset::names`].
    ///
    /// ```
    /// # use closedform::{Dataset, Variable};
    /// # let columns = vec![vec![0.0, 1.0, 2.0], vec![1.0, 1.0, 2.0], vec![1.0, 3.0, 5.0]];
    /// # let data = Dataset::from_columns(["t", "w", "y"].map(Variable::new).to_vec(), columns)?.target("y")?;
    /// assert_eq!(data.columns(), [[0.0, 1.0, 2.0], [1.0, 1.0, 2.0]]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn columns(&self) -> Vec<&[f64]> {
        self.columns.iter().map(Vec::as_slice).collect()
    }

    /// The target's metadata, if a target is set.
    ///
    /// ```
    /// # use closedform::{Dataset, Variable};
    /// # let columns = vec![vec![0.0, 1.0, 2.0], vec![1.0, 1.0, 2.0], vec![1.0, 3.0, 5.0]];
    /// # let data = Dataset::from_columns(["t", "w", "y"].map(Variable::new).to_vec(), columns)?.target("y")?;
    /// assert_eq!(data.target_variable().map(|v| v.name.as_str()), Some("y"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn target_variable(&self) -> Option<&Variable> {
        self.target.as_ref().map(|t| &t.0)
    }

    /// The target's values, if a target is set.
    ///
    /// ```
    /// # use closedform::{Dataset, Variable};
    /// # let columns = vec![vec![0.0, 1.0, 2.0], vec![1.0, 1.0, 2.0], vec![1.0, 3.0, 5.0]];
    /// # let data = Dataset::from_columns(["t", "w", "y"].map(Variable::new).to_vec(), columns)?.target("y")?;
    /// assert_eq!(data.target_values(), Some(&[1.0, 3.0, 5.0][..]));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn target_values(&self) -> Option<&[f64]> {
        self.target.as_ref().map(|t| t.1.as_slice())
    }

    /// The row weights, 0 or more each, if there are any.
    ///
    /// ```
    /// # use closedform::{Dataset, Variable};
    /// # let columns = vec![vec![0.0, 1.0, 2.0], vec![1.0, 1.0, 2.0], vec![1.0, 3.0, 5.0]];
    /// # let data = Dataset::from_columns(["t", "w", "y"].map(Variable::new).to_vec(), columns)?.target("y")?;
    /// assert_eq!(data.weights(), None);
    /// assert_eq!(data.weights_from("w")?.weights(), Some(&[1.0, 1.0, 2.0][..]));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// The table with only these rows, in this order.
    ///
    /// ```
    /// # use closedform::{Dataset, Variable};
    /// # let columns = vec![vec![0.0, 1.0, 2.0], vec![1.0, 1.0, 2.0], vec![1.0, 3.0, 5.0]];
    /// # let data = Dataset::from_columns(["t", "w", "y"].map(Variable::new).to_vec(), columns)?;
    /// assert_eq!(data.select(&[2, 0]).columns()[0], [2.0, 0.0]);
    /// # Ok::<(), closedform::Error>(())
    /// ```
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
            rows: rows.len(),
            origin: self.origin.select(rows),
        }
    }
}
