//! Search strategies: from a problem to candidate expressions.
//!
//! A strategy works in rounds. It gets the problem and what is on the front so far, and hands back candidates;
//! the pipeline simplifies, refits and files them. So the loop between search and refit closes in one place, and
//! every strategy is compared on the same terms.

mod bank;
pub mod darts;
pub mod enas;
mod memetic;
mod neighbourhood;
mod parts;
pub mod portfolio;
mod problem;
mod product_dag;
mod random;
mod strategy;
mod tree;
mod weight_sharing;

pub use bank::SemanticBank;
pub use memetic::Memetic;
pub use neighbourhood::Neighbourhood;
pub use parts::Parts;
pub use problem::{Control, Problem};
pub use product_dag::ProductDag;
pub use random::{RandomOptions, RandomSearch};
pub use strategy::{Candidate, Graph, Known, Round, SearchStrategy};
