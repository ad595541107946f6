//! The model as Python holds it: immutable, its state is its JSON.

use crate::error::{OrRaise, new};
use crate::{options, table};
use closedform::model::export::{Digits, infix, latex};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use std::path::PathBuf;

/// A Pareto front and the equation chosen from it.
#[pyclass(frozen, module = "closedform._engine")]
pub(crate) struct Model(pub(crate) closedform::Model);

impl Model {
    fn equation(&self, py: Python<'_>, index: Option<usize>) -> PyResult<&closedform::Equation> {
        let front = self.0.front().equations();
        let at = index.unwrap_or(self.0.best_index());
        front.get(at).ok_or_else(|| {
            let message = format!("index {at}: the front has {} equations, counted from 0", front.len());
            new(py, "OptionsError", &message)
        })
    }

    /// Names to print: the columns' own where no others are given.
    fn names(&self, py: Python<'_>, others: Option<Vec<String>>) -> PyResult<Vec<String>> {
        let own = || self.0.inputs().iter().map(|v| v.name.clone()).collect::<Vec<String>>();
        match others {
            Some(names) if names.len() == self.0.inputs().len() => Ok(names),
            None => Ok(own()),
            Some(names) => {
                let message = format!("names: expected {} names, got {}", self.0.inputs().len(), names.len());
                Err(new(py, "OptionsError", &message))
            }
        }
    }
}

fn digits(number: Option<usize>) -> Digits {
    number.map_or(Digits::All, Digits::Significant)
}

#[pymethods]
impl Model {
    /// Reads what `to_json` wrote.
    #[new]
    fn new(py: Python<'_>, text: &str) -> PyResult<Self> {
        closedform::Model::from_json(text).or_raise(py).map(Self)
    }

    /// Reads a model file, of Python, Rust or the command line.
    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        closedform::Model::load(path).or_raise(py).map(Self)
    }

    /// Writes a model file, all of it or nothing.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        self.0.save(path).or_raise(py)
    }

    /// The model as JSON; `reproducible` leaves out what differs between runs of the same result.
    #[pyo3(signature = (reproducible=false))]
    fn to_json(&self, reproducible: bool) -> String {
        if reproducible { self.0.to_reproducible_json() } else { self.0.to_json() }
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        (py.get_type::<Self>(), (self.0.to_json(),)).into_pyobject(py)
    }

    fn __len__(&self) -> usize {
        self.0.front().len()
    }

    fn __repr__(&self) -> String {
        format!("<Model {} = {}>", self.0.target().name, self.0.formula())
    }

    /// The place of the chosen equation on the front.
    #[getter]
    fn best_index(&self) -> usize {
        self.0.best_index()
    }

    /// The place of the equation that a criterion chooses.
    fn choose(&self, py: Python<'_>, criterion: &str) -> PyResult<usize> {
        let criterion = options::criterion(py, criterion)?;
        Ok(self.0.clone().with_criterion(criterion).best_index())
    }

    /// Values for every row, not finite where the formula has no value.
    #[pyo3(signature = (x, index=None))]
    fn evaluate<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray2<'py, f64>,
        index: Option<usize>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let equation = self.equation(py, index)?;
        let data = table::inputs(py, &x, &self.0)?;
        let values = py.detach(|| equation.evaluate(&data)).or_raise(py)?;
        Ok(values.into_pyarray(py))
    }

    /// The formula, with so many significant digits or all, and with other names of the columns.
    #[pyo3(signature = (index=None, significant=None, names=None))]
    fn formula(
        &self,
        py: Python<'_>,
        index: Option<usize>,
        significant: Option<usize>,
        names: Option<Vec<String>>,
    ) -> PyResult<String> {
        let equation = self.equation(py, index)?;
        Ok(infix(equation.expr(), &self.names(py, names)?, digits(significant)))
    }

    /// LaTeX, with so many significant digits or all, and with other names of the columns.
    #[pyo3(signature = (index=None, significant=None, names=None))]
    fn latex(
        &self,
        py: Python<'_>,
        index: Option<usize>,
        significant: Option<usize>,
        names: Option<Vec<String>>,
    ) -> PyResult<String> {
        let equation = self.equation(py, index)?;
        Ok(latex(equation.expr(), &self.names(py, names)?, digits(significant)))
    }

    /// The formula as code: `python`, `rust`, `c` or `exmex`.
    #[pyo3(signature = (language, index=None))]
    fn code(&self, py: Python<'_>, language: &str, index: Option<usize>) -> PyResult<String> {
        let equation = self.equation(py, index)?;
        match language {
            "python" => Ok(equation.to_python()),
            "rust" => Ok(equation.to_rust()),
            "c" => Ok(equation.to_c()),
            "exmex" => Ok(equation.to_exmex().text),
            other => {
                let message = format!("language: expected python, rust, c or exmex, got `{other}`");
                Err(new(py, "OptionsError", &message))
            }
        }
    }

    /// Text for SymPy, and its symbols that are not called like their columns.
    #[pyo3(signature = (index=None))]
    fn sympy(
        &self,
        py: Python<'_>,
        index: Option<usize>,
    ) -> PyResult<(String, std::collections::BTreeMap<String, String>)> {
        let equation = self.equation(py, index)?;
        Ok((equation.to_sympy(), equation.sympy_symbols()))
    }
}
