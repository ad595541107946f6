//! `closedform predict`: a model and a table in, one number per row out.

use super::data_args::open;
use super::failure::Failure;
use super::model_args::{self, ModelArgs};
use super::output;
use super::report::csv;
use crate::model::write_atomically;
use clap::Args;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  closedform predict result/model.json new.csv
  closedform predict result/model.json new.csv --out predicted.csv
  closedform predict result/model.json new.csv --index 2      another formula of the front";

/// Apply a model to a table
///
/// Writes CSV with one column, named as the column that the model was fitted to. Columns are found by name; those
/// that the formula does not read may be missing, others are ignored.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Predict {
    #[command(flatten)]
    model: ModelArgs,

    /// Table with the columns that the formula reads; `-` reads CSV from standard input
    data: PathBuf,

    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Write NaN where the formula has no finite value, instead of ending with an error
    #[arg(long)]
    allow_nan: bool,
}

impl Predict {
    pub(super) fn run(self) -> Result<(), Failure> {
        let (model, equation) = self.model.load()?;
        let data = model_args::inputs(&equation, &open(&self.data)?)?;
        let values = if self.allow_nan { equation.evaluate(&data)? } else { equation.predict(&data)? };
        let number = |v: &f64| vec![if v.is_finite() { format!("{v:?}") } else { "NaN".to_string() }];
        let text = csv(std::slice::from_ref(&model.target().name), values.iter().map(number))?;
        match &self.out {
            Some(path) => Ok(write_atomically(path, text.as_bytes())?),
            None => output::print(&text),
        }
    }
}
