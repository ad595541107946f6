//! A table goes in, a law comes out.
//!
//! ```text
//! cargo run --example 01_quickstart
//! ```
//! The table is a learning curve: how well people do a task (`performance`) after `t` trials, from an initial
//! performance `p0`. Nothing is said about the shape of the law.

#![allow(clippy::print_stdout, reason = "an example shows what it finds")]

use closedform::{Dataset, Error, SymbolicRegressor};

fn main() -> Result<(), Error> {
    // 1. The table. Every column is an input until one is made the target.
    let data = Dataset::from_csv("examples/data/learning_curve.csv")?.target("performance")?;

    // 2. The search. The same seed gives the same model, on any number of threads.
    let model = SymbolicRegressor::builder().seed(7).build()?.fit(&data)?;

    // 3. The law, and what else was found on the way: longer formulas that fit better, down to the chosen one.
    println!("{} = {}\n", model.target().name, model.formula());
    println!("{model}");
    println!("stopped because: {}", model.report().stop_reason);

    // 4. A model predicts for any table that has its columns.
    let predicted = model.predict(&data)?;
    let observed = data.target_values().unwrap_or_default();
    let worst = predicted.iter().zip(observed).map(|(p, y)| (p - y).abs()).fold(0.0, f64::max);
    println!("largest error: {worst:.1e}");

    assert_eq!(model.formula(), "1 - (1 - p0)*exp(-0.03*t)");
    assert!(worst < 1e-12);
    Ok(())
}
