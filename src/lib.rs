//! Symbolic regression: a table of numbers goes in, a closed-form law comes out.

mod error;

// 1. tables of numbers
pub mod data;
// 2. expressions, their derivatives and their evaluation
pub mod expr;
// 9. what comes out of a fit
pub mod model;

pub use data::{Dataset, OutputType, ProbabilityLoss, Scaler, Split, Variable, VariableKind};
pub use error::{Error, ErrorKind};
pub use model::{Criterion, Equation, Model, ParetoFront, Report, StopReason};
