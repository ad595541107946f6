//! Nonlinear least squares on exact forward-mode derivatives: the inner solver of every search.

mod levenberg_marquardt;
mod linear;
mod linear_parameters;
mod objective;
mod variable_projection;
mod vector;

pub use levenberg_marquardt::{LmFit, LmOptions, levenberg_marquardt};
pub use linear::{Gram, linear_fit};
pub use linear_parameters::{linear_parameters, solve_linear};
pub use objective::{NormalEquations, SquaredError};
pub use variable_projection::{SeparableModel, VarProFit, VarProOptions, variable_projection};
pub(crate) use vector::{dot, subtract};
