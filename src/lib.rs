//! Symbolic regression: a table of numbers goes in, a closed-form law comes out.

mod error;

// 1. tables of numbers
pub mod data;
// 2. expressions, their derivatives and their evaluation
pub mod expr;
// 3. shortest equivalent expressions
pub mod simplify;

pub use data::{Dataset, Scaler, Split, Variable, VariableKind};
pub use error::{Error, ErrorKind};
