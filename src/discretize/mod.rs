//! From a trained supernet to discrete graphs: arg max or a draw per edge, then every operation is judged by what
//! the loss loses without it after the constants are solved again.

mod choice;
mod discretizer;

pub(crate) use choice::Choice;
pub(crate) use discretizer::Discretizer;
