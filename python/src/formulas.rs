//! Formulas found elsewhere, and models found on several machines.

use crate::error::OrRaise;
use crate::model::Model;
use crate::{options, table};
use closedform::expr::{Expr, parse_form};
use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use std::collections::HashMap;

/// Fits the constants of formulas and ranks them. `columns` says which column a name stands for; with `named`, any
/// other name is a constant to fit. `starts` gives first values of named constants. Also returns the names of the
/// constants of each formula, in order.
#[pyfunction]
#[pyo3(signature = (options, formulas, columns, named, starts, x, y, weights, variables, target))]
#[allow(clippy::too_many_arguments)] // one caller, by name
pub(crate) fn fit_formulas(
    py: Python<'_>,
    options: &str,
    formulas: Vec<String>,
    columns: HashMap<String, usize>,
    named: bool,
    starts: HashMap<String, f64>,
    x: PyReadonlyArray2<'_, f64>,
    y: PyReadonlyArray1<'_, f64>,
    weights: Option<PyReadonlyArray1<'_, f64>>,
    variables: &str,
    target: &str,
) -> PyResult<(Model, Vec<Vec<String>>)> {
    let regressor = options::regressor(py, options)?;
    let data = table::dataset(py, &x, &y, weights.as_ref(), variables, target)?;
    let mut forms: Vec<Expr> = Vec::new();
    let mut names = Vec::new();
    for formula in &formulas {
        let (form, called) = parse_form(formula, |name| columns.get(name).copied(), named).or_raise(py)?;
        let values: Vec<f64> =
            called.iter().zip(form.parameters()).map(|(n, v)| starts.get(n).copied().unwrap_or(*v)).collect();
        forms.push(form.with_parameters(&values));
        names.push(called);
    }
    let model = py.detach(|| regressor.fit_formulas(&forms, &data)).or_raise(py)?;
    Ok((Model(model), names))
}

/// One model from several of the same data; their order does not matter.
#[pyfunction]
#[pyo3(signature = (models, x, y, weights, variables, target))]
pub(crate) fn merge(
    py: Python<'_>,
    models: Vec<Py<Model>>,
    x: PyReadonlyArray2<'_, f64>,
    y: PyReadonlyArray1<'_, f64>,
    weights: Option<PyReadonlyArray1<'_, f64>>,
    variables: &str,
    target: &str,
) -> PyResult<Model> {
    let data = table::dataset(py, &x, &y, weights.as_ref(), variables, target)?;
    let models = models.iter().map(|m| m.get().0.clone()).collect();
    closedform::Model::merge(models, &data).or_raise(py).map(Model)
}
