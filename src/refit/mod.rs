//! Constants: refitted by L-BFGS and Levenberg-Marquardt, solved exactly where they enter linearly, snapped to
//! nice numbers where that shortens the description, and given standard errors.
//!
//! ```
//! use closedform::expr::Expr;
//! use closedform::refit::{Refitter, snap_constants};
//! let line = Expr::parameter(1.0) * Expr::variable(0) + Expr::parameter(0.0);
//! let (x, y) = ([0.0, 1.0, 2.0], [7.0, 10.0, 13.0]);
//! let fit = Refitter::default().refit(&line, &[&x], &y, None);
//! assert!((fit.expr.evaluate_row(&[10.0]) - 37.0).abs() < 1e-9);
//! let exact = snap_constants(&fit.expr, &[&x], &y, None, &Refitter::default());
//! assert_eq!((exact.parameters().len(), exact.evaluate_row(&[10.0])), (0, 37.0));
//! ```

mod description_length;
mod lbfgs;
mod likelihood;
mod predictive_length;
mod refitter;
mod rounding;
mod snap;
mod standard_errors;
mod straighten;

pub(crate) use description_length::{ERROR_FLOOR, description_length};
pub use likelihood::Likelihood;
pub(crate) use predictive_length::{likelihood_length, predictive_length};
pub use refitter::{Refit, Refitter};
pub(crate) use rounding::Rounding;
pub use snap::snap_constants;
pub(crate) use snap::snapped_cost;
pub(crate) use standard_errors::standard_errors;
pub(crate) use straighten::straightened;
