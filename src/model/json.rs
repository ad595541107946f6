//! The JSON form of a model, version 1.
//!
//! The texts (`formula`, `sympy`, `latex`) and `best` are for readers; a model is loaded from `front`,
//! `best_index` and the `expression`s, so that it evaluates to the same bits.

use super::equation::names_of;
use super::{Criterion, DataSummary, Equation, FittedConstant, Model, ParetoFront, Report, Scores};
use crate::data::{OutputType, Variable};
use crate::error::Error;
use crate::expr::Expr;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;

const FORMAT: &str = "closedform-model";
const VERSION: u64 = 1;

#[derive(Serialize)]
struct ModelOut<'a> {
    format: &'static str,
    version: u64,
    best: EquationOut<'a>,
    front: Vec<EquationOut<'a>>,
    report: &'a Report,
    best_index: usize,
    criterion: Criterion,
    inputs: &'a [Variable],
    target: &'a Variable,
    output: OutputType,
    data: &'a DataSummary,
}

#[derive(Serialize)]
struct EquationOut<'a> {
    formula: String,
    sympy: String,
    latex: String,
    complexity: u32,
    #[serde(flatten)]
    scores: &'a Scores,
    constants: Vec<FittedConstant>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    symbols: BTreeMap<String, String>,
    // On one line, also in a file for people.
    expression: Box<RawValue>,
}

impl<'a> From<&'a Equation> for EquationOut<'a> {
    fn from(e: &'a Equation) -> Self {
        Self {
            formula: e.formula(),
            sympy: e.to_sympy(),
            latex: e.to_latex(),
            complexity: e.complexity(),
            scores: e.scores(),
            constants: e.constants(),
            symbols: e.sympy_symbols(),
            expression: to_raw_value(e.expr()).expect("every number of an equation is finite"),
        }
    }
}

/// Writes a model with this report, on one line or on many.
pub(super) fn write(model: &Model, report: &Report, pretty: bool) -> String {
    let out = ModelOut {
        format: FORMAT,
        version: VERSION,
        best: EquationOut::from(model.best()),
        front: model.front().iter().map(EquationOut::from).collect(),
        report,
        best_index: model.best_index(),
        criterion: model.criterion(),
        inputs: model.inputs(),
        target: model.target(),
        output: model.output(),
        data: model.data(),
    };
    let text = if pretty { serde_json::to_string_pretty(&out) } else { serde_json::to_string(&out) };
    text.expect("every key of the format is text and every number is finite")
}

#[derive(Deserialize)]
#[serde(expecting = "a JSON object")]
struct Header {
    format: Option<String>,
    version: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(expecting = "a JSON object")]
struct ModelIn {
    front: Vec<EquationIn>,
    report: Report,
    best_index: usize,
    criterion: Criterion,
    inputs: Vec<Variable>,
    target: Variable,
    output: OutputType,
    data: DataSummary,
}

#[derive(Deserialize)]
struct EquationIn {
    complexity: u32,
    #[serde(flatten)]
    scores: Scores,
    constants: Vec<FittedConstant>,
    expression: Expr,
}

/// Reads a model.
pub(super) fn read(text: &str) -> Result<Model, Error> {
    let fault = |e: serde_json::Error| {
        // A number that is cut is no longer a number rather than an early end.
        let end = text.lines().last().unwrap_or_default();
        let at_end = e.line() >= text.lines().count() && e.column() >= end.len();
        let what = if e.is_eof() || (e.is_syntax() && at_end) {
            format!("the model is cut short: {e}")
        } else {
            format!("this is no closedform model: {e}")
        };
        Error::model(what).with_source(e)
    };
    let header: Header = serde_json::from_str(text).map_err(fault)?;
    match header.format.as_deref() {
        Some(FORMAT) => {}
        Some(other) => {
            return Err(Error::model(format!("expected the format `{FORMAT}`, got `{other}`")));
        }
        None => return Err(Error::model(format!("expected the format `{FORMAT}`, got no `format`"))),
    }
    match header.version {
        Some(v) if v == VERSION => {}
        Some(v) => {
            return Err(Error::model(format!(
                "the model has version {v}; this program reads version {VERSION}"
            )));
        }
        None => return Err(Error::model("the model says no `version`")),
    }
    let read: ModelIn = serde_json::from_str(text).map_err(fault)?;
    let names = names_of(&read.inputs);
    let mut equations: Vec<Equation> = Vec::with_capacity(read.front.len());
    for (i, e) in read.front.into_iter().enumerate() {
        let place =
            |what: &dyn std::fmt::Display| Error::model(format!("equation {} of the front: {what}", i + 1));
        if e.constants.len() != e.expression.parameters().len() {
            return Err(place(&format!(
                "expected {} constants, got {}",
                e.expression.parameters().len(),
                e.constants.len()
            )));
        }
        let errors = e.constants.iter().map(|c| c.std_error).collect();
        let equation = Equation::new(e.expression, names.clone(), e.scores)
            .map_err(|e| place(&e))?
            .with_std_errors(errors)
            .with_complexity(e.complexity);
        if let Some(last) = equations.last()
            && !(last.complexity() < equation.complexity() && last.scores().mse > equation.scores().mse)
        {
            return Err(place(&"expected it to be longer and better than the one before"));
        }
        equations.push(equation);
    }
    let count = equations.len();
    let front = ParetoFront::from_iter(equations);
    if read.best_index >= count {
        return Err(Error::model(format!(
            "best_index is {}, the front has {count} equations",
            read.best_index
        )));
    }
    Ok(Model::from_parts(super::model::Parts {
        front,
        best: read.best_index,
        criterion: read.criterion,
        report: read.report,
        inputs: read.inputs,
        target: read.target,
        output: read.output,
        data: read.data,
    }))
}
