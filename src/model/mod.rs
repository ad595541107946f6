//! What comes out of a fit: equations with scores, the Pareto front, the chosen model, and all that it prints.

mod equation;
pub mod export;
mod file;
mod front;
mod json;
mod merge;
pub mod metrics;
#[expect(clippy::module_inception)] // the file is named after its type
mod model;
mod report;
mod selection;

pub use equation::{Equation, FittedConstant, Scores};
#[cfg(feature = "cli")]
pub(crate) use file::write_atomically;
pub use front::ParetoFront;
pub use model::Model;
pub use report::{Report, StopReason};
pub use selection::{Criterion, DataSummary};

/// The crate behind [`Equation::to_exmex_expression`], in the version that fits.
pub use ::exmex;
