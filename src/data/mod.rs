//! Tables of numbers: columns with their metadata, target, weights.
//!
//! A file becomes a [`Table`] (its header checked, nothing else read), the columns asked for become a
//! [`Dataset`] of finite numbers. Whatever is wrong is said with file, row (as a spreadsheet counts: the header is
//! row 1), column and what was expected.
//!
//! ```
//! use closedform::data::Table;
//! let table = Table::from_csv_text("curve.csv", "t,performance\n0,0.25\n10,n/a\n")?;
//! let error = table.all_columns().unwrap_err().to_string();
//! assert!(error.starts_with("curve.csv, row 3, column `performance`: expected a number, got a missing value"));
//! # Ok::<(), closedform::Error>(())
//! ```

mod check;
mod csv;
mod dataset;
mod number;
mod origin;
mod output;
#[cfg(feature = "parquet")]
mod parquet;
mod repeat;
mod scaler;
mod split;
mod table;
mod variable;

pub use dataset::Dataset;
pub use output::{OutputType, ProbabilityLoss};
pub use scaler::Scaler;
pub(crate) use scaler::{median, scale_of};
pub use split::Split;
pub(crate) use split::thinned;
pub use table::Table;
#[cfg(feature = "cli")]
pub(crate) use table::listed as columns_listed;
pub use variable::{Variable, VariableKind};
