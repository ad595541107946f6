//! Symbolic regression.

#[allow(dead_code)]
pub mod expr;
