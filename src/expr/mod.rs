//! Expressions: the table of primitives, the hash-consed DAG, exact derivatives, evaluation over columns.

pub mod autodiff;
mod block;
mod complexity;
mod expression;
mod functions;
mod number_blocks;
mod op;
mod parse;
mod plan;
mod primitive;
mod spelling;
mod tape;
pub(crate) mod vector_math;

pub use autodiff::{Dual, DualVec, HyperDual, Nested, Number};
pub use complexity::complexity;
pub use expression::{Expr, ExprBuilder, Node, NodeId};
pub use op::Op;
pub(crate) use parse::parse_template;
pub use parse::{parse, parse_form};
pub(crate) use plan::{Block, Cache, Plan, Plane, Scratch};
pub use primitive::{Definition, Domain, Primitive};
pub use spelling::{Form, Level, Spelling};
pub use tape::{BLOCK, LANES, Tape, Workspace};
pub(crate) use tape::{CHUNK, PARALLEL_ROWS};
