//! A search that ends at the same place everywhere: a limit on evaluations instead of one on time.
//!
//! ```text
//! cargo run --example 09_same_everywhere
//! closedform fit examples/data/cooling.csv --evaluations 20000 --time-limit none --seed 5 --format json
//! ```
//! Both lines, and `SymbolicRegressor(max_evaluations=20_000, time_limit=None, random_state=5)` in Python, give the same
//! model; `python/tests/test_agreement.py` compares the three. The example prints it as JSON.

#![allow(clippy::print_stdout, reason = "an example shows what it finds")]

use closedform::{Dataset, StopReason, SymbolicRegressor};

fn main() -> Result<(), closedform::Error> {
    let data = Dataset::from_csv("examples/data/cooling.csv")?.target("temperature")?;
    let regressor = SymbolicRegressor::builder().max_evaluations(20_000).no_time_limit().seed(5).build()?;
    let model = regressor.fit(&data)?;
    print!("{}", model.to_reproducible_json());

    // The check: a second run gives the same bytes, and it was not the clock that ended it.
    assert_eq!(regressor.fit(&data)?.to_reproducible_json(), model.to_reproducible_json());
    assert_ne!(model.report().stop_reason, StopReason::TimeLimit);
    Ok(())
}
