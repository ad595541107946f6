//! The `closedform` program: everything is in [`closedform::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    closedform::cli::run(std::env::args_os())
}
