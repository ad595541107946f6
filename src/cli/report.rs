//! What a fit leaves behind: text or JSON on standard output, and a folder of files.

use super::failure::Failure;
use super::output::{self, Folder};
use crate::data::Dataset;
use crate::model::export::Digits;
use crate::model::{Equation, Model};
use crate::plot::{self, PlotError};
use crate::search::darts::Epoch;
use clap::{Args, ValueEnum};
use std::fmt::Write as _;
use std::path::PathBuf;

/// How the result is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON object, the model
    Json,
}

/// Where results go, shared by the commands that fit.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// What is printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// Folder for model.json, formula.txt, front.csv and figures; made where it does not exist
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Record every epoch of differentiable architecture search in trace.csv and trajectories.png
    #[arg(long, requires = "out")]
    trace: bool,

    /// No progress line
    #[arg(long, short)]
    pub(super) quiet: bool,
}

impl OutputArgs {
    /// Checks that the folder can be written, before the work starts.
    pub(super) fn prepare(&self) -> Result<Option<Folder>, Failure> {
        self.out.as_deref().map(Folder::prepare).transpose()
    }

    /// Writes the files, then prints.
    pub(super) fn report(
        &self,
        model: &Model,
        data: &Dataset,
        trace: &[Epoch],
        folder: Option<Folder>,
    ) -> Result<(), Failure> {
        for note in &model.report().notes {
            output::say(&format!("note: {note}"));
        }
        if let (Some(folder), Some(out)) = (folder, &self.out) {
            self.write(model, data, trace, &folder)?;
            let names = folder.commit()?;
            let paths: Vec<String> = names.iter().map(|n| out.join(n).display().to_string()).collect();
            output::say(&format!("wrote {}", paths.join(", ")));
        }
        output::print(&match self.format {
            Format::Json => model.to_json() + "\n",
            Format::Text => summary(model) + "\n" + &how_it_went(model),
        })
    }

    fn write(&self, model: &Model, data: &Dataset, trace: &[Epoch], folder: &Folder) -> Result<(), Failure> {
        folder.write("model.json", model.to_reproducible_json().as_bytes())?;
        folder.write("formula.txt", formulas(model).as_bytes())?;
        folder.write("front.csv", front(model)?.as_bytes())?;
        let drawn = [
            plot::front(folder.path("front.png"), &plot::front_of(model)),
            plot::parity(folder.path("parity.png"), &plot::predictions_of(model.best(), data)?),
            plot::residuals(folder.path("residuals.png"), &plot::predictions_of(model.best(), data)?),
            plot::curves(folder.path("curves.png"), &plot::curves_of(model.best(), data, None, &[])?),
        ];
        for result in drawn {
            drawable(result)?;
        }
        if let Some(graph) = plot::architecture_of(model) {
            drawable(plot::architecture(folder.path("architecture.png"), &graph))?;
        }
        if self.trace {
            folder.write("trace.csv", trajectories(trace)?.as_bytes())?;
            if let Some(figure) = plot::trajectories_of(model, trace) {
                drawable(plot::trajectories(folder.path("trajectories.png"), &figure))?;
            }
        }
        Ok(())
    }
}

/// A figure without anything to show is left out; another fault is one.
fn drawable(result: Result<(), PlotError>) -> Result<(), Failure> {
    match result {
        Err(PlotError::Empty { .. }) => Ok(()),
        other => Ok(other?),
    }
}

/// The chosen formula, its scores and constants, and the front.
pub(super) fn summary(model: &Model) -> String {
    let best = model.best();
    let mut text = String::new();
    let target = &model.target().name;
    // Writing to a string does not fail.
    let _ = writeln!(text, "{target} = {}\n\n{}", best.formula(), scores(best));
    let constants = best.constants();
    if !constants.is_empty() {
        let _ = writeln!(text, "\nconstants");
    }
    for c in constants {
        let error = c.std_error.map_or_else(String::new, |e| format!(" +- {e:.2e}"));
        let _ = writeln!(text, "  {} = {:?}{error}", c.name, c.value);
    }
    let _ = write!(text, "\nformulas by complexity (> is chosen by {})\n{model}", criterion(model));
    text
}

fn scores(equation: &Equation) -> String {
    let s = equation.scores();
    let held_out = s.validation_mse.map_or_else(String::new, |v| format!(", {v:.3e} on held-out rows"));
    format!("R2 {:.6}, MSE {:.3e}{held_out}, complexity {}", s.r2, s.mse, equation.complexity())
}

/// The name of the criterion as on the command line.
fn criterion(model: &Model) -> String {
    let name = serde_json::to_value(model.criterion()).ok();
    name.and_then(|n| n.as_str().map(|s| s.replace('_', " "))).unwrap_or_default()
}

fn how_it_went(model: &Model) -> String {
    let r = model.report();
    let seconds = r.wall_seconds.map_or_else(String::new, |s| format!(" after {s:.1} s"));
    let threads = match r.threads {
        Some(1) => ", 1 thread".to_string(),
        Some(n) => format!(", {n} threads"),
        None => String::new(),
    };
    let stop = r.stop_reason.to_string().replace('_', " ");
    let by = match &r.found_by {
        Some(stage) if *stage != r.strategy => format!(" (found by {stage})"),
        _ => String::new(),
    };
    let evaluations = match r.evaluations {
        0 => String::new(),
        n => format!(", {n} evaluations"),
    };
    format!("ended: {stop}{seconds}{evaluations}; strategy {}{by}, seed {}{threads}\n", r.strategy, r.seed)
}

/// The chosen formula in every spelling that fits on a line.
fn formulas(model: &Model) -> String {
    let target = &model.target().name;
    format!(
        "{target} = {}\n\nall digits\n{target} = {}\n\nLaTeX\n{}\n\nSymPy\n{}\n\n{}\n",
        model.formula(),
        model.formula_with(Digits::All),
        model.to_latex(),
        model.to_sympy(),
        scores(model.best())
    )
}

/// The front as a table.
fn front(model: &Model) -> Result<String, Failure> {
    let number = |x: Option<f64>| x.map_or_else(String::new, |x| format!("{x:?}"));
    let rows = model.front().iter().enumerate().map(|(i, e)| {
        let s = e.scores();
        vec![
            i.to_string(),
            u8::from(i == model.best_index()).to_string(),
            e.complexity().to_string(),
            number(Some(s.mse)),
            number(Some(s.r2)),
            number(s.validation_mse),
            number(s.description_length),
            e.formula(),
            e.to_sympy(),
        ]
    });
    let header = [
        "index",
        "chosen",
        "complexity",
        "mse",
        "r2",
        "validation_mse",
        "description_length",
        "formula",
        "sympy",
    ];
    csv(&header.map(str::to_string), rows)
}

/// Loss and mixture weights per epoch.
fn trajectories(trace: &[Epoch]) -> Result<String, Failure> {
    let width = trace.first().map_or(0, |e| e.weights.len());
    let mut header = ["restart", "epoch", "loss"].map(str::to_string).to_vec();
    header.extend((0..width).map(|i| format!("w{i}")));
    let rows = trace.iter().map(|e| {
        let mut row = vec![e.restart.to_string(), e.epoch.to_string(), format!("{:?}", e.loss)];
        row.extend(e.weights.iter().map(|w| format!("{w:?}")));
        row
    });
    csv(&header, rows)
}

/// Text of a CSV file.
pub(super) fn csv(header: &[String], rows: impl Iterator<Item = Vec<String>>) -> Result<String, Failure> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let fault = |e: std::io::Error| Failure::write(std::path::Path::new("a table"), e);
    writer.write_record(header).map_err(|e| fault(e.into()))?;
    for row in rows {
        writer.write_record(&row).map_err(|e| fault(e.into()))?;
    }
    let bytes = writer.into_inner().map_err(|e| fault(e.into_error()))?;
    String::from_utf8(bytes).map_err(|e| fault(std::io::Error::other(e)))
}
