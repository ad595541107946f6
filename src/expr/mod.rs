//! Expressions: the table of primitives, the hash-consed DAG, exact derivatives, evaluation over columns.

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
pub(crate) use plan::{Block, Cache, Plan, Plane, Scratch};
pub use primitive::{Definition, Domain, Primitive};
pub(crate) use rows::chunks;
pub use spelling::{Form, Level, Spelling};
#[doc(hidden)]
pub use tape::{LANES, Tape, Workspace};
#[doc(hidden)]
pub use tape_set::TapeSet;
