//! Nonlinear least squares on exact forward-mode derivatives: the inner solver of every search.
//!
//! ```
//! use closedform::expr::{Expr, Op, Tape};
//! use closedform::least_squares::{LmOptions, SquaredError, levenberg_marquardt};
//! let curve = Tape::compile(&(Expr::parameter(1.0) * Expr::variable(0)).apply(Op::Exp));
//! let x = [0.0, 0.5, 1.0];
//! let y = x.map(|x: f64| (2.0 * x).exp());
//! let columns: [&[f64]; 1] = [&x];
//! let problem = SquaredError::new(&curve, &columns, &y, None);
//! let fit = levenberg_marquardt(&problem, &[1.0], &LmOptions::default());
//! assert!((fit.parameters[0] - 2.0).abs() < 1e-12);
//! ```

mod levenberg_marquardt;
mod linear;
mod linear_parameters;
mod objective;
mod variable_projection;
mod vector;

pub use levenberg_marquardt::{LmFit, LmOptions, levenberg_marquardt};
pub(crate) use linear::{Gram, linear_fit, linear_fit_and_rest};
pub(crate) use linear_parameters::{linear_parameters, solve_linear};
pub use objective::{NormalEquations, SquaredError};
pub(crate) use variable_projection::{SeparableModel, VarProOptions, variable_projection};
pub(crate) use vector::{depends, dot, dots, orthogonalise, project_out, subtract};
