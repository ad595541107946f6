//! The engine's errors as Python exceptions.

use closedform::{Error, ErrorKind};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// The exception of `closedform.errors` for a kind of error, with the engine's own message.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    let class = match error.kind() {
        ErrorKind::Data => "DataError",
        ErrorKind::Options => "OptionsError",
        ErrorKind::Formula => "FormulaError",
        ErrorKind::Search => "SearchError",
        ErrorKind::Model => "ModelError",
        ErrorKind::Io => "FileError",
        _ => "ClosedFormError",
    };
    new(py, class, &error.to_string())
}

/// An exception of `closedform.errors` by name.
pub(crate) fn new(py: Python<'_>, class: &str, message: &str) -> PyErr {
    let built = py
        .import("closedform.errors")
        .and_then(|module| module.getattr(class))
        .and_then(|class| class.call1((message,)));
    match built {
        Ok(exception) => PyErr::from_value(exception),
        // Only a broken installation lacks the module; the message must not get lost there either.
        Err(_) => PyRuntimeError::new_err(message.to_string()),
    }
}

/// `?` for results of the engine.
pub(crate) trait OrRaise<T> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> OrRaise<T> for Result<T, Error> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|e| raised(py, &e))
    }
}
