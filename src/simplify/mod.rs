//! The shortest expression that is equal to a given one on the data.
//!
//! Goes in: an expression as a search leaves it, with terms times one, constants that belong together and
//! products written as exponentials of logarithms, and the columns of the training data. Comes out: an
//! expression of the same values with a lower [`cost`].
//!
//! Two engines take turns. The *normal form* `Σ c Π z^p` settles commutativity, associativity, like terms,
//! common factors and redundant fitted constants in microseconds. *Equality saturation* (crate `egg`, Willsey et
//! al., "egg: Fast and extensible equality saturation", POPL 2021) then tries identities in every combination.
//! Both ask the range of the data before they use what does not hold everywhere, and the result is compared with
//! the original on the training rows before it is handed back.
//!
//! ```
//! use closedform::expr::{Expr, Op, complexity};
//! use closedform::simplify::Simplifier;
//! let x = Expr::variable(0);
//! // a + (b + exp(c + x)): the constants a, b become one, exp(c) a coefficient.
//! let long = Expr::parameter(1.0) + (Expr::parameter(2.0) + (Expr::parameter(0.5) + x).apply(Op::Exp));
//! let short = Simplifier::new().simplify(&long, &[&[0.0, 1.0, 2.0]]);
//! assert_eq!((complexity(&short), short.parameters().len()), (6, 2));
//! ```

mod algebra;
mod analysis;
mod content;
mod cost;
mod emit;
mod fitted;
mod functions;
mod gather;
mod interval;
mod judge;
mod kinks;
mod language;
mod normal_form;
mod normalize;
mod power;
mod product;
mod rational;
mod rescale;
mod rules;
mod simplifier;

pub use cost::cost;
#[allow(unused_imports)] // for the search loops
pub(crate) use normalize::normalize;
pub(crate) use rescale::rescaled;
pub use simplifier::Simplifier;
