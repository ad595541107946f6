//! `closedform refit`: the constants of a model on other data, or another graph from its architecture weights.

use super::data_args::{DataArgs, open};
use super::failure::Failure;
use super::interrupt;
use super::model_args::inputs_and_target;
use super::progress::ProgressLine;
use super::report::OutputArgs;
use super::search_args::SearchArgs;
use crate::data::Dataset;
use crate::error::Error;
use crate::model::{Model, Report};
use crate::pipeline::{FitControl, Progress};
use crate::search::darts::{DartsOptions, Epoch};
use clap::Args;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  closedform refit result/model.json new.csv --out result2
  closedform refit result/model.json curve.csv --sampling sample --seed 3
  closedform refit result/model.json curve.csv --epochs 100      train the supernet on
  closedform refit --architecture graph.json new.csv             no model, the last column is the target";

/// Fit the constants of a model again
///
/// Keeps the structures of the front, or, for a model of a supernet strategy, takes the graph from its architecture
/// weights again: `--sampling max` gives the same graph, `--sampling sample` draws another one.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, allow_negative_numbers = true, mut_arg("epochs", |a| {
    a.help("Epochs that the supernet is trained on; 0 keeps its architecture weights [default: 0]")
}))]
pub(super) struct RefitCommand {
    /// Model file, as `fit` writes it; left out where an architecture alone is fitted
    #[arg(value_name = "MODEL")]
    model: PathBuf,

    /// Table with the columns that the model was fitted to, or the inputs of the architecture in order and the
    /// target last; `-` reads CSV from standard input
    #[arg(value_name = "DATA", required_unless_present = "architecture")]
    data: Option<PathBuf>,

    /// Column of row weights, 0 or larger
    #[arg(long, value_name = "COLUMN")]
    weights: Option<String>,

    /// Architecture to start from instead of the model's own, as `show --as architecture` prints it; with it no
    /// model is needed
    #[arg(long, value_name = "FILE")]
    architecture: Option<PathBuf>,

    #[command(flatten)]
    search: SearchArgs,

    #[command(flatten)]
    output: OutputArgs,
}

impl RefitCommand {
    pub(super) fn run(self) -> Result<(), Failure> {
        let darts = self.search.darts.over(DartsOptions { epochs: 0, ..DartsOptions::default() });
        let regressor = self.search.builder(darts)?.build()?;
        let architecture = self.architecture.as_deref().map(read_json).transpose()?;
        let (model, data) = match &self.data {
            Some(data) => {
                let mut model = Model::load(&self.model)?;
                if let Some(architecture) = architecture.clone() {
                    let report = Report { architecture, ..model.report().clone() };
                    model = model.with_report(report);
                }
                let data = inputs_and_target(&model, None, &open(data)?, self.weights.as_deref())?;
                (Some(model), data)
            }
            None => (None, self.columns_of_an_architecture()?),
        };
        data.check_fittable()?;
        let interrupted = interrupt::flag();
        let folder = self.output.prepare()?;

        let line = ProgressLine::start(self.search.limit(), self.output.quiet);
        let names = data.names();
        let mut trace: Vec<Epoch> = Vec::new();
        let control = FitControl {
            interrupted,
            observer: Some(&mut |p: &Progress| line.update(p, &names)),
            epochs: Some(&mut |e: &Epoch| trace.push(e.clone())),
        };
        let refitted = match model {
            Some(model) => regressor.refit_with(&model, &data, control),
            None => regressor.refit_architecture_with(&architecture.unwrap_or_default(), &data, control),
        };
        drop(line);
        self.output.report(&refitted?, &data, &trace, folder)
    }

    /// The only table of the command line: inputs in the order of its columns, the target last.
    fn columns_of_an_architecture(&self) -> Result<Dataset, Failure> {
        DataArgs {
            data: self.model.clone(),
            target: None,
            features: Vec::new(),
            weights: self.weights.clone(),
            describe: Vec::new(),
        }
        .load()
    }
}

fn read_json(path: &Path) -> Result<serde_json::Value, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|e| Error::io(format!("cannot read {shown}"), e))?;
    serde_json::from_str(&text)
        .map_err(|e| Error::model(format!("{shown}: expected the JSON of an architecture: {e}")).into())
}
