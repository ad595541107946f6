//! Search strategies: from a problem to candidate expressions.
//!
//! A strategy works in rounds. It gets the problem and what is on the front so far, and hands back candidates;
//! the pipeline simplifies, refits and files them. So the loop between search and refit closes in one place, and
//! every strategy is compared on the same terms.
//!
//! A caller chooses a strategy by its [`crate::StrategyKind`] and sets options of it here; the strategies themselves are
//! internal.
//!
//! ```
//! use closedform::search::darts::{DartsOptions, Order};
//! use closedform::{StrategyKind, SymbolicRegressor};
//! let darts = DartsOptions { order: Order::Exact, epochs: 5, ..DartsOptions::default() };
//! assert!(SymbolicRegressor::builder().strategy(StrategyKind::Darts).darts(darts).build().is_ok());
//! ```

mod algebraic;
mod bank;
mod chebyshev;
pub mod darts;
pub mod enas;
mod groups;
mod memetic;
mod neighbourhood;
mod parts;
pub(crate) mod portfolio;
mod problem;
mod product_dag;
mod random;
mod reduced;
mod separable;
mod strategy;
#[cfg(test)]
mod strategy_tests;
mod tree;
mod weight_sharing;

#[doc(hidden)]
pub use bank::SemanticBank;
pub(crate) use memetic::Memetic;
pub(crate) use neighbourhood::Neighbourhood;
pub(crate) use parts::Parts;
#[doc(hidden)]
pub use problem::{Control, Problem};
pub(crate) use product_dag::ProductDag;
pub use random::RandomOptions;
pub(crate) use random::RandomSearch;
pub(crate) use strategy::Graph;
#[doc(hidden)]
pub use strategy::{Candidate, Known, Round, SearchStrategy};
pub(crate) use tree::shortened;
