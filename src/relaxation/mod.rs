//! The continuous relaxation: every edge a mixture of all primitives, weighted by architecture weights.

mod layout;
mod mixture;
mod supernet;
mod sweep;

pub use layout::{EdgeIndex, Layout};
pub use mixture::{MixtureKind, mixture_weights};
pub use supernet::{Batch, Supernet, SupernetOptions, TrainedSupernet};
pub use sweep::{Gradients, Wanted};
