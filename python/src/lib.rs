//! The compiled part of the Python package: arrays and options in, a model out.
//!
//! Private: the package's own modules are its only callers, so that options travel as JSON and checks for people
//! are made in Python. What the engine refuses comes back as the exceptions of `closedform.errors`.

mod error;
mod fit;
mod formulas;
mod model;
mod options;
mod table;

use pyo3::prelude::*;

#[pymodule]
fn _engine(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<model::Model>()?;
    module.add_function(wrap_pyfunction!(fit::fit, module)?)?;
    module.add_function(wrap_pyfunction!(fit::refit, module)?)?;
    module.add_function(wrap_pyfunction!(formulas::fit_formulas, module)?)?;
    module.add_function(wrap_pyfunction!(formulas::merge, module)?)?;
    module.add_function(wrap_pyfunction!(options::check_options, module)?)?;
    module.add_function(wrap_pyfunction!(options::edge_text, module)?)?;
    module.add_function(wrap_pyfunction!(options::primitives, module)?)?;
    Ok(())
}
