//! Nonlinear least squares on exact forward-mode derivatives: the inner solver of every search.

mod levenberg_marquardt;
mod linear;
mod linear_parameters;
mod objective;
mod variable_projection;
mod vector;

pub use levenberg_marquardt::{LmFit, LmOptions, levenberg_marquardt};
pub(crate) use linear::{Gram, linear_fit};
pub(crate) use linear_parameters::{linear_parameters, solve_linear};
pub use objective::{NormalEquations, SquaredError};
pub(crate) use variable_projection::{SeparableModel, VarProOptions, variable_projection};
pub(crate) use vector::{dot, subtract};
