//! The one error type of the crate: opaque, with a kind per stage.

use std::fmt;

/// What kind of thing went wrong. One kind per stage of the pipeline.
///
/// ```
/// use closedform::{ErrorKind, Model, SymbolicRegressor};
/// assert_eq!(Model::from_json("{").unwrap_err().kind(), ErrorKind::Model);
/// assert_eq!(SymbolicRegressor::builder().threads(0).build().unwrap_err().kind(), ErrorKind::Options);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The table of numbers: its file, its columns, its values.
    Data,
    /// An option is out of range or contradicts another.
    Options,
    /// A formula that does not parse.
    Formula,
    /// The search found nothing that can be evaluated on the data.
    Search,
    /// A model file: damaged, of another version, or asked for a column that the data lack.
    Model,
    /// A figure could not be drawn or written.
    Plot,
    /// Reading or writing a file.
    Io,
}

/// An error with a message that names the place and says what was expected.
///
/// ```
/// use closedform::{Dataset, ErrorKind};
/// let e = Dataset::from_csv("no/such/file.csv").unwrap_err();
/// assert_eq!(e.kind(), ErrorKind::Io);
/// assert!(e.to_string().contains("no/such/file.csv"));
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: ErrorKind,
    message: String,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// Which stage failed.
    ///
    /// ```
    /// use closedform::{ErrorKind, PrimitiveSet};
    /// assert_eq!(PrimitiveSet::parse("no_such_function").unwrap_err().kind(), ErrorKind::Options);
    /// ```
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    pub(crate) fn new(kind: ErrorKind, message: impl fmt::Display) -> Self {
        Self { kind, message: message.to_string(), source: None }
    }

    pub(crate) fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    pub(crate) fn data(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Data, message)
    }

    pub(crate) fn options(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Options, message)
    }

    pub(crate) fn formula(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Formula, message)
    }

    pub(crate) fn search(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Search, message)
    }

    pub(crate) fn model(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Model, message)
    }

    pub(crate) fn io(message: impl fmt::Display, source: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, format!("{message}: {source}")).with_source(source)
    }
}
