//! A model on the command line, and the columns that it reads.

use super::failure::Failure;
use crate::data::{Dataset, Table, Variable};
use crate::error::Error;
use crate::model::{Equation, Model};
use clap::Args;
use std::path::PathBuf;

/// A model file and which of its formulas is meant.
#[derive(Debug, Args)]
pub(super) struct ModelArgs {
    /// Model file, as `fit` writes it
    pub(super) model: PathBuf,

    /// Formula of the front, 0 for the simplest [default: the chosen one]
    #[arg(long, value_name = "I")]
    pub(super) index: Option<usize>,
}

impl ModelArgs {
    /// The model and the formula.
    pub(super) fn load(&self) -> Result<(Model, Equation), Failure> {
        let model = Model::load(&self.model)?;
        let equation = match self.index {
            None => model.best().clone(),
            Some(i) => model.front().equations().get(i).cloned().ok_or_else(|| {
                let last = model.front().len() - 1;
                Failure::Usage(format!(
                    "--index {i}: expected a formula from 0 to {last} of {}",
                    self.model.display()
                ))
            })?,
        };
        Ok((model, equation))
    }
}

/// The columns of the table that a formula reads.
pub(super) fn inputs(equation: &Equation, table: &Table) -> Result<Dataset, Failure> {
    let read = names_read(equation);
    check_names(&read, "the formula reads", table)?;
    if read.is_empty() {
        // A constant: only the number of rows matters.
        let rows = table.rows()?;
        let numbers = (0..rows).map(|r| r as f64).collect();
        return Ok(Dataset::from_columns(vec![Variable::new("row")], vec![numbers])?);
    }
    Ok(table.columns(&read)?)
}

/// The inputs, the target and the weights of a model. Where only one formula is of interest, inputs that it does not
/// read may be missing.
pub(super) fn inputs_and_target(
    model: &Model,
    only: Option<&Equation>,
    table: &Table,
    weights: Option<&str>,
) -> Result<Dataset, Failure> {
    let target = model.target().name.as_str();
    let have = table.names();
    let spare = |name: &str| only.is_some_and(|e| !names_read(e).contains(&name)) && !have.contains(&name);
    let inputs: Vec<&Variable> = model.inputs().iter().filter(|v| !spare(&v.name)).collect();
    let mut wanted: Vec<&str> = inputs.iter().map(|v| v.name.as_str()).collect();
    wanted.push(target);
    check_names(&wanted, "the model was fitted to", table)?;
    wanted.extend(weights);
    let mut data = table.columns(&wanted)?;
    if let Some(weights) = weights {
        data = data.weights_from(weights)?;
    }
    data = data.target(target)?;
    for v in inputs.into_iter().chain([model.target()]) {
        // The range of the first data is no demand on these.
        data = data.describe(Variable { range: None, ..v.clone() })?;
    }
    Ok(data)
}

fn names_read(equation: &Equation) -> Vec<&str> {
    equation.expr().variables().into_iter().map(|v| equation.names()[v].as_str()).collect()
}

fn check_names(wanted: &[&str], why: &str, table: &Table) -> Result<(), Failure> {
    let have = table.names();
    match wanted.iter().find(|w| !have.contains(w)) {
        None => Ok(()),
        Some(missing) => {
            let file = table.file();
            let rest = crate::data::columns_listed(&have, missing);
            Err(Error::model(format!("{file}: {why} the column `{missing}`, which is not there; {rest}"))
                .into())
        }
    }
}
