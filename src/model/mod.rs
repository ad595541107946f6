//! What comes out of a fit: equations with scores, the Pareto front, the chosen model, and all that it prints.
//!
//! ```
//! use closedform::{Criterion, Model};
//! let model = Model::load("examples/data/learning_curve.json")?;
//! assert_eq!(model.formula(), "1 - (1 - p0)*exp(-0.03*t)");
//! assert_eq!(model.front().iter().map(|e| e.complexity()).collect::<Vec<u32>>(), [5, 6, 10]);
//! assert_eq!(model.with_criterion(Criterion::Bic).best_index(), 2);
//! # Ok::<(), closedform::Error>(())
//! ```

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
