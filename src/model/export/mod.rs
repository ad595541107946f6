//! A formula as text for people and for other programs.
//!
//! How a function is written stands in its row of the table of primitives ([`crate::expr::Spelling`]); the
//! printers here add names, numbers and brackets. All but [`infix()`] and [`latex()`] write every digit of every
//! fitted number and keep the order of all operations: what is printed is what was scored.
//!
//! ```
//! use closedform::expr::parse;
//! use closedform::model::export::{Digits, infix, latex, sympy};
//! let law = parse("a*exp(-t/2)", &["a", "t"])?;
//! let names = ["a".to_string(), "t".to_string()];
//! assert_eq!(infix(&law, &names, Digits::All), "a*exp(-t/2)");
//! assert!(latex(&law, &names, Digits::All).contains("e^{"));
//! assert_eq!(sympy(&law, &names).text, "a*exp(-t/2)");
//! # Ok::<(), closedform::Error>(())
//! ```

mod c;
mod code;
mod exmex;
mod infix;
mod latex;
mod names;
mod number;
mod printer;
mod python;
mod rust;
mod sympy;

pub use c::c;
pub use exmex::{Exmex, exmex};
pub use infix::infix;
pub use latex::latex;
pub use number::Digits;
pub use python::python;
pub use rust::rust;
pub use sympy::{Sympy, sympy};
