//! Search strategies: from a problem to candidate expressions.
//!
//! A strategy works in rounds. It gets the problem and what is on the front so far, and hands back candidates;
//! the pipeline simplifies, refits and files them. So the loop between search and refit closes in one place, and
//! every strategy is compared on the same terms.
//!
//! A caller chooses a strategy by its [`crate::StrategyKind`] and sets options of it here; the strategies themselves are
//! internal.

mod algebraic;
mod bank;
pub mod darts;
pub mod enas;
mod memetic;
mod neighbourhood;
mod parts;
#[doc(hidden)]
pub mod portfolio;
mod problem;
mod product_dag;
mod random;
mod strategy;
#[cfg(test)]
mod strategy_tests;
mod tree;
mod weight_sharing;

#[doc(hidden)]
pub use bank::SemanticBank;
#[doc(hidden)]
pub use memetic::Memetic;
#[doc(hidden)]
pub use neighbourhood::Neighbourhood;
#[doc(hidden)]
pub use parts::Parts;
#[doc(hidden)]
pub use problem::{Control, Problem};
#[doc(hidden)]
pub use product_dag::ProductDag;
pub use random::RandomOptions;
#[doc(hidden)]
pub use random::RandomSearch;
#[doc(hidden)]
pub use strategy::{Candidate, Graph, Known, Round, SearchStrategy};
