//! Expressions: the table of primitives, the hash-consed DAG, exact derivatives, evaluation over columns.
//!
//! ```
//! use closedform::expr::{Dual, Number, complexity, parse};
//! let law = parse("a*exp(-t)", &["a", "t"])?;
//! assert_eq!((law.evaluate_row(&[3.0, 0.0]), complexity(&law)), (3.0, 5));
//! // The derivative with respect to t.
//! let (a, t) = (Dual::constant(3.0), Dual::new(0.0, 1.0));
//! assert_eq!(law.evaluate_row_with(&[a, t], &[]).derivative(), -3.0);
//! # Ok::<(), closedform::Error>(())
//! ```

mod autodiff;
mod block;
mod complexity;
mod expression;
mod functions;
mod number_blocks;
mod op;
mod parse;
mod plan;
mod primitive;
mod rows;
mod spelling;
mod tape;
mod tape_set;
pub(crate) mod vector_math;

pub(crate) use autodiff::Nested;
pub use autodiff::{Dual, DualVec, HyperDual, Number};
pub use complexity::complexity;
pub use expression::{Expr, ExprBuilder, Node, NodeId};
pub use op::Op;
pub(crate) use parse::parse_template;
pub use parse::{parse, parse_form};
pub(crate) use plan::{Block, Cache, Plan, Plane, Scratch, values_of};
pub use primitive::{Definition, Domain, Primitive};
pub(crate) use rows::chunks;
pub use spelling::{Form, Level, Spelling};
#[doc(hidden)]
pub use tape::{LANES, Tape, Workspace};
#[doc(hidden)]
pub use tape_set::TapeSet;
