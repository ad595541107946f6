//! From a table to a model: the only place that knows all stages.
//!
//! ```text
//! Dataset -> SearchSpace -> Supernet -> SearchStrategy -> Genotype -> Expr -> simplify -> refit -> ParetoFront -> Model
//! ```
//! A strategy works in rounds; [`engine`] discretises, simplifies and refits what it proposes and files it on the
//! front, which the strategy sees in its next round.

mod architecture;
mod builder;
mod certainty;
mod compare;
mod elimination;
mod engine;
mod finish;
mod formulas;
mod regressor;
mod rows;

pub use builder::{RegressorBuilder, StrategyKind};
pub use compare::{ComparedRun, ComparedRuns, ComparedStrategy, Comparison};
pub use regressor::{FitControl, Progress, SymbolicRegressor};
