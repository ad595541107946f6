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
// 9. constants of a given structure
pub mod refit;
// 11. figures
#[cfg(feature = "plot")]
pub mod plot;

pub use data::{Dataset, Scaler, Split, Variable, VariableKind};
pub use error::{Error, ErrorKind};
pub use search_space::PrimitiveSet;
