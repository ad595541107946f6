//! Symbolic regression: a table of numbers goes in, a closed-form law comes out.

mod error;

// 1. tables of numbers
pub mod data;
// 2. expressions, their derivatives and their evaluation
pub mod expr;
// 3. constants by nonlinear least squares
pub mod least_squares;
// 4. what may be found
pub mod search_space;
// 5. the continuous relaxation of that space
pub mod relaxation;
// 6. the search itself
pub mod search;
// 7. from the relaxation to a formula
pub mod discretize;
// 8. the shortest equal formula
pub mod simplify;
// 9. constants of a given structure
pub mod refit;
// 10. what comes out of a fit
pub mod model;
// 11. figures
#[cfg(feature = "plot")]
pub mod plot;
// 12. all stages together
mod pipeline;
// 13. the program
#[cfg(feature = "cli")]
pub mod cli;

pub use data::{Dataset, OutputType, ProbabilityLoss, Scaler, Split, Variable, VariableKind};
pub use error::{Error, ErrorKind};
pub use model::{Criterion, Equation, Model, ParetoFront, Report, StopReason};
pub use pipeline::{FitControl, Progress, RegressorBuilder, StrategyKind, SymbolicRegressor};
pub use search_space::PrimitiveSet;
