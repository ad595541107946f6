//! Symbolic regression: a table of numbers goes in, a closed-form law comes out.
//!
//! ```text
//! Dataset -> SearchSpace -> Supernet -> SearchStrategy -> Genotype -> Expr -> simplify -> refit -> ParetoFront -> Model
//! ```
//!
//! ```
//! use closedform::{Dataset, SymbolicRegressor};
//!
//! let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;
//! let model = SymbolicRegressor::builder().seed(7).build()?.fit(&data)?;
//! assert_eq!(model.formula(), "1 - (1 - p0)*exp(-0.03*t)");
//! # Ok::<(), closedform::Error>(())
//! ```
//!
//! # The stages
//! A stage reads only what stands before it here; one test checks that (`tests/architecture.rs`). Stages without a link
//! are internal: open to the benches of this repository, and no part of what a version promises.
//!
//! 1. [`data`]: tables of numbers with names, units, kinds and weights: [`Dataset`].
//! 2. [`expr`]: expressions as graphs, the table of primitives, evaluation over columns, forward-mode derivatives.
//! 3. `least_squares`: constants by Levenberg-Marquardt and variable projection; the inner solver of every search.
//! 4. [`search_space`]: what may be found: primitives, nodes, how nodes combine. [`PrimitiveSet`].
//! 5. `relaxation`: the same space made continuous: a supernet of mixed edges with architecture weights.
//! 6. [`search`]: strategies. They work in rounds and hand over candidates: graphs, formulas, or trained supernets.
//! 7. `discretize`: from a trained supernet to graphs, every operation judged by what the loss loses without it.
//! 8. [`simplify`]: the shortest formula of the same values, by a normal form and equality saturation.
//! 9. [`refit`]: constants by L-BFGS, snapped to short numbers where the description gets shorter, standard errors.
//! 10. [`model`]: the Pareto front, the [`Model`] chosen from it by a [`Criterion`], metrics, exports, JSON.
//! 11. `plot` (feature `plot`): figures as PNG and SVG.
//! 12. [`SymbolicRegressor`]: the pipeline. The loop between search and refit closes here and nowhere else.
//! 13. `cli` (feature `cli`): the program.
//!
//! # Features
//! `cli` and `plot` are on by default; write `default-features = false` for the library alone. `parquet` reads Parquet
//! files beside CSV. No feature changes what is found.
//!
//! # Errors
//! Whatever is wrong with data, options or files comes back as an [`Error`] that names the place; the library does
//! not panic on input.

mod error;

// 1. tables of numbers
pub mod data;
// 2. expressions, their derivatives and their evaluation
pub mod expr;
// 3. constants by nonlinear least squares
#[doc(hidden)]
pub mod least_squares;
// 4. what may be found
pub mod search_space;
// 5. the continuous relaxation of that space
#[doc(hidden)]
pub mod relaxation;
// 6. the search itself
pub mod search;
// 7. from the relaxation to a formula
mod discretize;
// 8. the shortest equal formula
pub mod simplify;
// 9. constants of a given structure
pub mod refit;
// 10. what comes out of a fit
pub mod model;
// 11. figures
#[cfg(feature = "plot")]
pub mod plot;
// 12. all stages together
mod pipeline;
// 13. the program
#[cfg(feature = "cli")]
pub mod cli;

pub use data::{Dataset, OutputType, ProbabilityLoss, Scaler, Split, Variable, VariableKind};
pub use error::{Error, ErrorKind};
pub use model::{Criterion, Equation, Model, ParetoFront, Report, StopReason};
pub use pipeline::{
    ComparedRun, ComparedRuns, ComparedStrategy, Comparison, FitControl, Progress, RegressorBuilder,
    StrategyKind, SymbolicRegressor,
};
pub use search_space::PrimitiveSet;

/// The code of the README, as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
