//! Constants: refitted by L-BFGS and Levenberg-Marquardt, solved exactly where they enter linearly, snapped to
//! nice numbers where that shortens the description, and given standard errors.

mod description_length;
mod lbfgs;
mod likelihood;
mod refitter;
mod snap;
mod standard_errors;
mod straighten;

#[doc(hidden)]
pub use description_length::{ERROR_FLOOR, description_length, predictive_length};
pub use likelihood::Likelihood;
pub use refitter::{Refit, Refitter};
pub use snap::snap_constants;
#[doc(hidden)]
pub use standard_errors::standard_errors;
pub(crate) use straighten::straightened;
