//! The continuous relaxation: every edge a mixture of all primitives, weighted by architecture weights.

mod layout;
mod mixture;
mod supernet;
mod sweep;

pub use layout::Layout;
pub use mixture::MixtureKind;
pub(crate) use mixture::mixture_weights;
pub(crate) use supernet::TrainedSupernet;
pub use supernet::{Batch, Supernet, SupernetOptions};
pub use sweep::{Gradients, Wanted};
