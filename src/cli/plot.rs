//! `closedform plot`: a model and a table in, a figure out.

use super::data_args::open;
use super::failure::Failure;
use super::model_args::{ModelArgs, inputs_and_target};
use crate::model::Model;
use crate::plot;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  closedform plot result/model.json curve.csv --out curve.png
  closedform plot result/model.json curve.csv --out curve.svg --over t --hold p0=0,0.25,0.5
  closedform plot result/model.json curve.csv --out parity.png --kind parity";

/// Draw what was found
///
/// `curves` draws the data and the law over one column, with the others held at values that occur in the data.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Plot {
    #[command(flatten)]
    model: ModelArgs,

    /// Table with the columns that the model was fitted to; `-` reads CSV from standard input
    data: PathBuf,

    /// Picture to write, PNG or SVG after its ending
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// What to draw
    #[arg(long, value_enum, default_value_t)]
    kind: Kind,

    /// Column on the horizontal axis of the curves [default: the one with the most different values]
    #[arg(long, value_name = "COLUMN")]
    over: Option<String>,

    /// Values at which to hold another column, such as p0=0,0.25,0.5; may be given several times
    #[arg(long, value_name = "COLUMN=VALUES")]
    hold: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, ValueEnum)]
enum Kind {
    /// Data and law over one column
    #[default]
    Curves,
    /// Error against complexity of all formulas
    Front,
    /// Predicted against observed values
    Parity,
    /// Residuals against predictions, and their distribution
    Residuals,
    /// The expression graph that the search found
    Architecture,
}

impl Plot {
    pub(super) fn run(self) -> Result<(), Failure> {
        if self.kind != Kind::Curves && (self.over.is_some() || !self.hold.is_empty()) {
            return Err(Failure::Usage("--over and --hold go with --kind curves".to_string()));
        }
        let hold = self.hold.iter().map(|h| held(h)).collect::<Result<Vec<_>, _>>()?;
        let (model, equation) = self.model.load()?;
        let data = || inputs_and_target(&model, Some(&equation), &open(&self.data)?, None);
        match self.kind {
            Kind::Curves => {
                let figure = plot::curves_of(&equation, &data()?, self.over.as_deref(), &hold)?;
                plot::curves(&self.out, &figure)?;
            }
            Kind::Parity => plot::parity(&self.out, &plot::predictions_of(&equation, &data()?)?)?,
            Kind::Residuals => plot::residuals(&self.out, &plot::predictions_of(&equation, &data()?)?)?,
            Kind::Front => plot::front(&self.out, &plot::front_of(&model))?,
            Kind::Architecture => plot::architecture(&self.out, &architecture(&model)?)?,
        }
        Ok(())
    }
}

fn architecture(model: &Model) -> Result<plot::GraphPlot, Failure> {
    plot::architecture_of(model).ok_or_else(|| {
        let strategy = &model.report().strategy;
        crate::Error::model(format!(
            "the model has no architecture to draw: it was found by the strategy {strategy}, not on a supernet"
        ))
        .into()
    })
}

/// `p0=0,0.25,0.5`; the name may have equals signs in it.
fn held(text: &str) -> Result<(String, Vec<f64>), Failure> {
    let wrong =
        || Failure::Usage(format!("--hold {text}: expected COLUMN=VALUE,VALUE,... such as p0=0,0.25,0.5"));
    let (name, values) = text.rsplit_once('=').ok_or_else(wrong)?;
    let values: Option<Vec<f64>> =
        values.split(',').map(|v| v.trim().parse::<f64>().ok().filter(|v| v.is_finite())).collect();
    Ok((name.trim().to_string(), values.ok_or_else(wrong)?))
}
