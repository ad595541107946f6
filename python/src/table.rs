//! NumPy arrays to the engine's tables.

use crate::error::{OrRaise, new};
use closedform::{Dataset, Variable};
use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

/// A table with a target: columns of `x` are described by `variables` and `target`, both JSON.
pub(crate) fn dataset(
    py: Python<'_>,
    x: &PyReadonlyArray2<'_, f64>,
    y: &PyReadonlyArray1<'_, f64>,
    weights: Option<&PyReadonlyArray1<'_, f64>>,
    variables: &str,
    target: &str,
) -> PyResult<Dataset> {
    let fault = |e: serde_json::Error| new(py, "DataError", &format!("variables: {e}"));
    let variables: Vec<Variable> = serde_json::from_str(variables).map_err(fault)?;
    let target: Variable = serde_json::from_str(target).map_err(fault)?;
    let data = Dataset::from_columns(variables, columns(x)).or_raise(py)?;
    let data = data.with_target(target, y.as_array().to_vec()).or_raise(py)?;
    match weights {
        Some(weights) => data.with_weights(weights.as_array().to_vec()).or_raise(py),
        None => Ok(data),
    }
}

/// The inputs of a prediction, under the names that the model knows. Kinds and ranges described the data of the fit;
/// a prediction may leave them.
pub(crate) fn inputs(
    py: Python<'_>,
    x: &PyReadonlyArray2<'_, f64>,
    model: &closedform::Model,
) -> PyResult<Dataset> {
    let variables: Vec<Variable> = model.inputs().iter().map(|v| Variable::new(&v.name)).collect();
    Dataset::from_columns(variables, columns(x)).or_raise(py)
}

fn columns(x: &PyReadonlyArray2<'_, f64>) -> Vec<Vec<f64>> {
    x.as_array().columns().into_iter().map(|c| c.to_vec()).collect()
}
