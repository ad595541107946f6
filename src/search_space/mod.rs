//! What may be found: which primitives, how many nodes, how they combine, and the discrete architecture.
//!
//! ```
//! use closedform::search_space::{Combine, PrimitiveSet};
//! use closedform::SymbolicRegressor;
//! let set = PrimitiveSet::parse("add, mult, hill = x^a/(b^a + x^a)")?;
//! assert_eq!(set.names(), ["add", "mult", "hill"]);
//! assert!(SymbolicRegressor::builder().primitives(set).nodes(2).combine(Combine::Sum).build().is_ok());
//! # Ok::<(), closedform::Error>(())
//! ```

mod genotype;
mod primitive_set;
mod space;

pub(crate) use genotype::{Edge, Genotype, GraphNode, Source};
pub use primitive_set::PrimitiveSet;
pub use space::Combine;
#[doc(hidden)]
pub use space::SearchSpace;
