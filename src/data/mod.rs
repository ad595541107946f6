//! Tables of numbers: columns with their metadata, target, weights.

mod csv;
mod dataset;
mod scaler;
mod split;
mod variable;

pub use dataset::Dataset;
pub use scaler::Scaler;
pub(crate) use scaler::scale_of;
pub use split::Split;
pub use variable::{Variable, VariableKind};
