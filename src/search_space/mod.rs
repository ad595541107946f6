//! What may be found: which primitives, how many nodes, how they combine, and the discrete architecture.

mod genotype;
mod primitive_set;
mod space;

pub(crate) use genotype::{Edge, Genotype, GraphNode, Source};
pub use primitive_set::PrimitiveSet;
pub use space::Combine;
#[doc(hidden)]
pub use space::SearchSpace;
