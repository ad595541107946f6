//! What ends a command early, and the exit code that it ends with.

use crate::error::{Error, ErrorKind};
use crate::plot::PlotError;
use std::error::Error as _;
use std::path::Path;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub(super) enum Failure {
    /// The command line contradicts itself: exit code 2.
    Usage(String),
    /// The data, the model or a file is at fault: exit code 1 (2 for an option out of range).
    Fault(Error),
    /// A figure could not be drawn: exit code 1 (2 for a name that is neither PNG nor SVG).
    Plot(PlotError),
    /// The reader of standard output went away, as `head` does: exit code 0.
    BrokenPipe,
}

impl Failure {
    /// A file or stream that cannot be written.
    pub(super) fn write(what: &Path, error: std::io::Error) -> Self {
        Failure::Fault(Error::io(format!("cannot write {}", what.display()), error))
    }

    /// 0, 1 or 2, as the contract of the command line says.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Failure::BrokenPipe => 0,
            Failure::Usage(_) | Failure::Plot(PlotError::Extension { .. }) => 2,
            Failure::Fault(e) if e.kind() == ErrorKind::Options => 2,
            Failure::Fault(_) | Failure::Plot(_) => 1,
        }
    }

    /// The message with its causes, each on a line of its own, those left out that the message repeats.
    pub(super) fn message(&self) -> String {
        let (mut text, mut cause) = match self {
            Failure::BrokenPipe => return String::new(),
            Failure::Usage(message) => {
                return format!("error: {message}\n\nFor more information, try '--help'.");
            }
            Failure::Fault(e) => (format!("error: {e}"), e.source()),
            Failure::Plot(e) => (format!("error: {e}"), e.source()),
        };
        while let Some(e) = cause {
            let line = e.to_string();
            if !text.contains(&line) {
                text += &format!("\n  caused by: {line}");
            }
            cause = e.source();
        }
        text
    }
}

impl From<Error> for Failure {
    fn from(e: Error) -> Self {
        Failure::Fault(e)
    }
}

impl From<PlotError> for Failure {
    fn from(e: PlotError) -> Self {
        Failure::Plot(e)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_said_once() {
        let e = std::io::Error::from(std::io::ErrorKind::NotFound);
        let failure = Failure::write(Path::new("a/b"), e);
        assert_eq!(failure.message(), "error: cannot write a/b: entity not found");
        assert_eq!(failure.exit_code(), 1);
    }

    #[test]
    fn exit_codes() {
        assert_eq!(Failure::Usage(String::new()).exit_code(), 2);
        assert_eq!(Failure::BrokenPipe.exit_code(), 0);
        assert_eq!(Failure::from(Error::options("nodes")).exit_code(), 2);
        assert_eq!(Failure::from(Error::data("row 1")).exit_code(), 1);
        assert_eq!(Failure::from(PlotError::Extension { path: "a.pdf".into() }).exit_code(), 2);
    }
}
