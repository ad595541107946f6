//! From a trained supernet to discrete graphs: arg max or a draw per edge, then every operation is judged by what
//! the loss loses without it after the constants are solved again.

mod choice;
mod discretizer;

pub use choice::Choice;
pub use discretizer::{Discretizer, Solved};
