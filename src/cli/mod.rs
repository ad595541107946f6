//! The command line: `closedform fit | compare | predict | show | plot | refit | primitives`.
//!
//! One file per command. Results go to standard output, progress and messages to standard error. Exit codes: 0
//! done, 1 the data, the model or a file is at fault, 2 wrong usage.
//!
//! ```
//! use closedform::cli;
//! use std::process::ExitCode;
//! assert_eq!(cli::run(["closedform", "primitives", "--help"].map(Into::into)), ExitCode::SUCCESS);
//! assert_eq!(cli::run(["closedform", "show", "no_such_file.json"].map(Into::into)), ExitCode::from(1));
//! assert_eq!(cli::run(["closedform", "draw"].map(Into::into)), ExitCode::from(2));
//! ```

mod choice;
mod compare;
mod darts_args;
mod data_args;
mod failure;
mod fit;
mod interrupt;
mod model_args;
mod output;
mod plot;
mod predict;
mod primitives;
mod progress;
mod refit;
mod report;
mod search_args;
mod show;

use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  closedform fit curve.csv                           the law of the last column
  closedform fit curve.csv --target y --out result   model.json, formula.txt, front.csv and figures
  closedform predict result/model.json new.csv       one prediction per row
  closedform show result/model.json --as latex       the formula for a paper
  closedform plot result/model.json curve.csv --out curve.png

Exit codes: 0 done, 1 the data, the model or a file is at fault, 2 wrong usage.";

/// A table of numbers in, a closed-form law out.
#[derive(Debug, Parser)]
#[command(name = "closedform", version, after_help = EXAMPLES, max_term_width = 100)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Fit(Box<fit::Fit>),
    Compare(Box<compare::Compare>),
    Predict(predict::Predict),
    Show(show::Show),
    Plot(plot::Plot),
    Refit(Box<refit::RefitCommand>),
    Primitives(primitives::Primitives),
}

/// Runs the program with these arguments, the first of which is its own name, and says how it ended.
///
/// ```
/// use closedform::cli;
/// // Wrong usage: exit code 2, and a message on standard error.
/// let code = cli::run(["closedform", "fit"].map(Into::into));
/// assert_eq!(code, std::process::ExitCode::from(2));
/// ```
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let command_line = match CommandLine::try_parse_from(arguments) {
        Ok(command_line) => command_line,
        Err(e) => {
            // Help and version are "errors" with exit code 0. A reader that went away is no fault.
            let _ = e.print();
            return ExitCode::from(u8::try_from(e.exit_code()).unwrap_or(2));
        }
    };
    let outcome = match command_line.command {
        Command::Fit(c) => c.run(),
        Command::Compare(c) => c.run(),
        Command::Predict(c) => c.run(),
        Command::Show(c) => c.run(),
        Command::Plot(c) => c.run(),
        Command::Refit(c) => c.run(),
        Command::Primitives(c) => c.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let message = failure.message();
            if !message.is_empty() {
                output::say(&message);
            }
            ExitCode::from(failure.exit_code())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        CommandLine::command().debug_assert();
    }
}
