//! The continuous relaxation: every edge a mixture of all primitives, weighted by architecture weights.
//!
//! ```
//! # use closedform::{PrimitiveSet, search_space::SearchSpace};
//! # use closedform::relaxation::{Batch, MixtureKind, Supernet, SupernetOptions, Wanted};
//! # let space = SearchSpace::new(PrimitiveSet::parse("add,mult")?, 1)?;
//! # let options = SupernetOptions {
//! #     mixture: MixtureKind::Softmax,
//! #     constant: false,
//! #     output_weights: false,
//! #     output_bias: true,
//! #     logistic_output: false,
//! #     normalise: false,
//! #     zero_centred: false,
//! # };
//! // Half of x and half of a*x, with a = 3 and the bias 1: 2 x + 1.
//! let net = Supernet::new(&space, 1, options);
//! let batch = Batch { columns: vec![vec![0.0, 1.0]], target: vec![1.0, 3.0], weights: None };
//! let alpha = [0.0, 0.0, -40.0]; // the gate says sum
//! let step = net.gradients(&alpha, &[3.0, 1.0], &batch, Wanted::Both);
//! assert!(step.loss < 1e-20);
//! # Ok::<(), closedform::Error>(())
//! ```

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
