//! What columns must fulfil: finite, within their kind and range; and what a table must, to be fitted.

use super::origin::Origin;
use super::{Dataset, Variable, VariableKind};
use crate::error::Error;

/// A target within less than this cannot be scored: squares of small errors are not normal numbers any more.
const NARROWEST: f64 = 1e-130;

/// With an exponent where there would be a long row of zeros.
fn short(value: f64) -> String {
    let plain = value == 0.0 || (1e-5..1e15).contains(&value.abs());
    if plain { value.to_string() } else { format!("{value:e}") }
}

/// Every value is finite and agrees with the variable's kind and range.
pub(super) fn check_column(variable: &Variable, values: &[f64], origin: &Origin) -> Result<(), Error> {
    let expect = |ok: &dyn Fn(f64) -> bool, what: &str| match values.iter().position(|v| !ok(*v)) {
        None => Ok(()),
        Some(row) => Err(Error::data(format!(
            "{}: expected {what}, got {}",
            origin.place(row, &variable.name),
            short(values[row])
        ))),
    };
    expect(&|v| v.is_finite(), "a finite number")?;
    match variable.kind {
        VariableKind::Real => {}
        VariableKind::Probability => expect(&|v| (0.0..=1.0).contains(&v), "a probability between 0 and 1")?,
        VariableKind::Count => expect(&|v| v >= 0.0 && v.fract() == 0.0, "a count (0, 1, 2, ...)")?,
        VariableKind::Integer => expect(&|v| v.fract() == 0.0, "an integer")?,
    }
    if let Some((low, high)) = variable.range {
        if low.is_nan() || high.is_nan() || low > high {
            return Err(Error::options(format!(
                "range of `{}`: expected a lower and an upper end, got {low} and {high}",
                variable.name
            )));
        }
        expect(&|v| (low..=high).contains(&v), &format!("a value between {low} and {high}"))?;
    }
    Ok(())
}

/// Weights are finite, 0 or larger, not all zero.
pub(super) fn check_weights(name: Option<&str>, weights: &[f64], origin: &Origin) -> Result<(), Error> {
    if let Some(row) = weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
        return Err(Error::data(format!(
            "{}: expected a weight of 0 or more, got {}",
            origin.place(row, name.unwrap_or("weights")),
            short(weights[row])
        )));
    }
    if weights.iter().all(|w| *w == 0.0) {
        let column = name.map_or_else(String::new, |n| format!(", column `{n}`"));
        return Err(Error::data(format!(
            "{}all weights are zero{column}; expected some rows to count",
            origin.head()
        )));
    }
    Ok(())
}

impl Dataset {
    /// Checks that the table can be fitted: a target that varies, at least two rows, and at least as many rows as
    /// inputs. Rows of weight 0 do not count.
    ///
    /// ```
    /// use closedform::{Dataset, Variable};
    /// let data = Dataset::from_columns(vec![Variable::new("x")], vec![vec![1.0, 2.0]])?
    ///     .with_target(Variable::new("y"), vec![5.0, 5.0])?;
    /// assert!(data.check_fittable().unwrap_err().to_string().contains("`y` is 5 in every row"));
    /// # Ok::<(), closedform::Error>(())
    /// ```
    ///
    /// # Errors
    /// Of kind [`crate::ErrorKind::Data`], naming what is lacking.
    pub fn check_fittable(&self) -> Result<(), Error> {
        let file = self.origin().head();
        let (Some(variable), Some(target)) = (self.target_variable(), self.target_values()) else {
            return Err(Error::data(format!("{file}no column is marked as the target")));
        };
        let counts = |row: &usize| self.weights().is_none_or(|w| w[*row] > 0.0);
        let mut rows = (0..self.rows()).filter(counts);
        let count = rows.clone().count();
        let weighted = if count < self.rows() { " of positive weight" } else { "" };
        let Some(first) = rows.next().filter(|_| count > 1) else {
            return Err(Error::data(format!("{file}expected at least 2 rows{weighted}, got {count}")));
        };
        let inputs = self.variables().len();
        if count < inputs {
            return Err(Error::data(format!(
                "{file}expected at least as many rows as input columns, got {count} rows{weighted} and {inputs} \
                 inputs; choose fewer input columns"
            )));
        }
        let first = target[first];
        let ends = |(low, high): (f64, f64), row: usize| (target[row].min(low), target[row].max(high));
        let (low, high) = rows.fold((first, first), ends);
        if low == high {
            return Err(Error::data(format!(
                "{file}the target `{}` is {} in every row{weighted}; expected values that vary",
                variable.name,
                short(first)
            )));
        }
        if high - low < NARROWEST {
            return Err(Error::data(format!(
                "{file}the target `{}` varies by {:e} only, and squares of its errors are too small for double \
                 precision; multiply it by a constant",
                variable.name,
                high - low
            )));
        }
        Ok(())
    }
}
