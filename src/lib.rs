//! Symbolic regression.

#[cfg(feature = "plot")]
pub mod plot;
