//! `closedform show`: a model as text for people or programs.

use super::failure::Failure;
use super::model_args::ModelArgs;
use super::{output, report};
use crate::model::export::Digits;
use clap::{Args, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  closedform show result/model.json                     formula, constants, front
  closedform show result/model.json --as latex --digits 3
  closedform show result/model.json --as c > law.c
  closedform show result/model.json --as formula --index 0   the simplest of the front";

/// Print a model as a formula, LaTeX, SymPy, code or JSON
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Show {
    #[command(flatten)]
    model: ModelArgs,

    /// What to print; code and SymPy hold all digits
    #[arg(long = "as", value_enum, default_value_t)]
    form: Form,

    /// Significant digits of constants in formula and latex [default: 6 for formula, all for latex]
    #[arg(long, value_name = "N|all", value_parser = digits)]
    digits: Option<Digits>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, ValueEnum)]
enum Form {
    /// Formula, constants and front
    #[default]
    Summary,
    /// One line for people
    Formula,
    /// LaTeX
    Latex,
    /// Text for SymPy
    Sympy,
    /// A Python function over NumPy
    Python,
    /// A Rust function
    Rust,
    /// A C function
    C,
    /// Text for the exmex crate
    Exmex,
    /// The whole model
    Json,
    /// The architecture that the search found, as JSON
    Architecture,
}

impl Show {
    pub(super) fn run(self) -> Result<(), Failure> {
        let (model, equation) = self.model.load()?;
        let whole = matches!(self.form, Form::Summary | Form::Json | Form::Architecture);
        if whole && self.model.index.is_some() {
            return Err(Failure::Usage(
                "--index names a formula, this form shows the whole model".to_string(),
            ));
        }
        if self.digits.is_some() && !matches!(self.form, Form::Formula | Form::Latex) {
            return Err(Failure::Usage("--digits goes with --as formula and --as latex".to_string()));
        }
        let text = match self.form {
            Form::Summary => report::summary(&model),
            Form::Formula => equation.formula_with(self.digits.unwrap_or_default()),
            Form::Latex => equation.to_latex_with(self.digits.unwrap_or(Digits::All)),
            Form::Sympy => equation.to_sympy(),
            Form::Python => equation.to_python(),
            Form::Rust => equation.to_rust(),
            Form::C => equation.to_c(),
            Form::Exmex => equation.to_exmex().text,
            Form::Json => model.to_json(),
            Form::Architecture => model.report().architecture.to_string(),
        };
        output::print(&(text.trim_end().to_string() + "\n"))
    }
}

fn digits(text: &str) -> Result<Digits, String> {
    match text.parse::<usize>() {
        _ if text == "all" => Ok(Digits::All),
        Ok(n) if (1..=17).contains(&n) => Ok(Digits::Significant(n)),
        _ => Err(format!("expected `all` or a number from 1 to 17, got `{text}`")),
    }
}
