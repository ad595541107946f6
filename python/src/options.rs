//! Options as JSON to a regressor of the engine.

use crate::error::{OrRaise, new};
use closedform::expr::{Expr, Primitive};
use closedform::model::export::{self, Digits, infix};
use closedform::search::RandomOptions;
use closedform::search::darts::DartsOptions;
use closedform::search::enas::EnasOptions;
use closedform::search_space::Combine;
use closedform::{
    Criterion, Error, OutputType, PrimitiveSet, ProbabilityLoss, RegressorBuilder, StrategyKind,
    SymbolicRegressor,
};
use pyo3::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// What the constructor of the estimators says; a missing entry leaves the engine's default.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    primitives: Option<String>,
    strategy: Option<String>,
    nodes: Option<usize>,
    combine: Option<Combine>,
    /// Seconds; `null` for no limit.
    time_limit: Option<f64>,
    max_evaluations: Option<u64>,
    seed: u64,
    threads: Option<usize>,
    criterion: Option<Criterion>,
    output_type: Option<Output>,
    validation_fraction: Option<f64>,
    without: Option<Vec<String>>,
    darts: Option<Value>,
    enas: Option<Value>,
    random: Option<Value>,
}

/// Output types under their names on the command line.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Output {
    Real,
    Probability,
    ProbabilitySquared,
    Count,
}

impl From<Output> for OutputType {
    fn from(output: Output) -> Self {
        match output {
            Output::Real => OutputType::Real,
            Output::Probability => OutputType::Probability { loss: ProbabilityLoss::Bernoulli },
            Output::ProbabilitySquared => OutputType::Probability { loss: ProbabilityLoss::SquaredError },
            Output::Count => OutputType::Count,
        }
    }
}

/// Reads options and checks all of them.
pub(crate) fn regressor(py: Python<'_>, json: &str) -> PyResult<SymbolicRegressor> {
    let said: Said = serde_json::from_str(json).map_err(|e| wrong(py, &e.to_string()))?;
    builder(py, said)?.build().or_raise(py)
}

/// A criterion by its name.
pub(crate) fn criterion(py: Python<'_>, name: &str) -> PyResult<Criterion> {
    serde_json::from_value(Value::from(name.replace('-', "_")))
        .map_err(|e| wrong(py, &format!("criterion: {e}")))
}

fn wrong(py: Python<'_>, message: &str) -> PyErr {
    new(py, "OptionsError", message)
}

fn builder(py: Python<'_>, said: Said) -> PyResult<RegressorBuilder> {
    let mut builder = SymbolicRegressor::builder().seed(said.seed);
    if let Some(primitives) = said.primitives {
        builder = builder.primitives(PrimitiveSet::parse(&primitives).or_raise(py)?);
    }
    if let Some(strategy) = said.strategy {
        builder = builder.strategy(strategy.parse::<StrategyKind>().or_raise(py)?);
    }
    builder = match said.time_limit {
        None => builder.no_time_limit(),
        Some(seconds) => match Duration::try_from_secs_f64(seconds) {
            Ok(limit) if !limit.is_zero() => builder.time_limit(limit),
            _ => {
                let message =
                    format!("time_limit: expected a number of seconds above 0, or None, got {seconds}");
                return Err(wrong(py, &message));
            }
        },
    };
    macro_rules! pass_on {
        ($($option:ident),*) => { $(if let Some(value) = said.$option { builder = builder.$option(value.into()); })* };
    }
    pass_on!(nodes, combine, max_evaluations, threads, criterion, output_type, validation_fraction, without);
    if let Some(o) = said.darts {
        builder = builder.darts(over::<DartsOptions>(py, "darts", o)?);
    }
    if let Some(o) = said.enas {
        builder = builder.enas(over::<EnasOptions>(py, "enas", o)?);
    }
    if let Some(o) = said.random {
        builder = builder.random(over::<RandomOptions>(py, "random", o)?);
    }
    Ok(builder)
}

/// Defaults with some of the fields said; a field that does not exist is refused.
fn over<T: Default + Serialize + DeserializeOwned>(py: Python<'_>, what: &str, said: Value) -> PyResult<T> {
    let known = serde_json::to_value(T::default()).map_err(|e| wrong(py, &e.to_string()))?;
    let (Some(known), Some(given)) = (known.as_object(), said.as_object()) else {
        return Err(wrong(py, &format!("{what}: expected a dictionary of options")));
    };
    if let Some(unknown) = given.keys().find(|key| !known.contains_key(*key)) {
        let names: Vec<&str> = known.keys().map(String::as_str).collect();
        return Err(wrong(
            py,
            &format!("{what}: unknown option `{unknown}`; the options are {}", names.join(", ")),
        ));
    }
    serde_json::from_value(said).map_err(|e| wrong(py, &format!("{what}: {e}")))
}

/// Checks options without a fit.
#[pyfunction]
pub(crate) fn check_options(py: Python<'_>, options: &str) -> PyResult<()> {
    regressor(py, options).map(|_| ())
}

/// The names of a set of primitives as the engine reads it, and of all that exist: `(set, all)`.
#[pyfunction]
pub(crate) fn primitives(py: Python<'_>, set: &str) -> PyResult<(Vec<String>, Vec<String>)> {
    let parsed: Result<PrimitiveSet, Error> = PrimitiveSet::parse(set);
    let names = parsed.or_raise(py)?.names().iter().map(ToString::to_string).collect();
    Ok((names, Primitive::table().iter().map(|p| p.name.clone()).collect()))
}

/// An edge of a graph as text or LaTeX: a primitive of a set with its constants, of the input `source`.
#[pyfunction]
#[pyo3(signature = (set, primitive, constants, source, significant, latex))]
pub(crate) fn edge_text(
    py: Python<'_>,
    set: &str,
    primitive: &str,
    constants: Vec<f64>,
    source: &str,
    significant: usize,
    latex: bool,
) -> PyResult<String> {
    let set = PrimitiveSet::parse(set).or_raise(py)?;
    let known = set.primitives();
    let found = known.iter().find(|p| p.name == primitive);
    let fits = found.map(|p| p.template()).filter(|t| t.parameters().len() == constants.len());
    let Some(template) = fits else {
        return Err(new(py, "ModelError", &format!("the graph's primitive `{primitive}` is damaged")));
    };
    let expr = template.with_parameters(&constants);
    // An edge from the constant 1 is a number.
    let expr = if source == "1" { Expr::constant(expr.evaluate_row(&[1.0, 0.0])) } else { expr };
    let names = [source, "y"];
    let digits = Digits::Significant(significant);
    Ok(if latex { export::latex(&expr, &names, digits) } else { infix(&expr, &names, digits) })
}
