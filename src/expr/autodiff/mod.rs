//! Forward-mode automatic differentiation by dual numbers.
//!
//! | type | carries | used for |
//! |---|---|---|
//! | `f64` | the value | scoring |
//! | [`Dual`] | value and one directional derivative | line searches, spot checks |
//! | [`DualVec`] | value and `N` partial derivatives | Jacobians, gradients |
//! | [`HyperDual`] | value, two directions and their mixed second derivative | exact second-order terms |
//! | [`Nested`] | value and `N` partial derivatives, each with a derivative of its own | rows of the same |
//!
//! All of them are a [`Number`], and the one evaluator of [`crate::expr::Tape`] runs on any of them: the
//! derivative is exact to rounding, there is no step size.
//!
//! References: Griewank and Walther, *Evaluating Derivatives*, 2nd ed. (2008), chapter 3 (forward mode);
//! Fike and Alonso, AIAA 2011-886 (hyper-dual numbers).

mod dual;
mod hyperdual;
mod nested;
mod number;

pub use dual::{Dual, DualVec};
pub use hyperdual::HyperDual;
pub(crate) use nested::Nested;
pub use number::Number;
