//! Targets that are no measurements: choices (yes or no) and counts.
//!
//! ```text
//! cargo run --example 07_counts_and_probabilities
//! ```
//! The kind of the target decides by what a formula is fitted. A choice is 0 or 1; the formula gives the probability
//! of 1, ends in a logistic function, and is fitted by the Bernoulli likelihood. A count is 0, 1, 2, ...; the
//! formula gives the expected count and is fitted by the Poisson likelihood.

#![allow(clippy::print_stdout, reason = "an example shows what it finds")]

use closedform::{Dataset, Error, SymbolicRegressor, Variable, VariableKind};
use std::time::Duration;

fn main() -> Result<(), Error> {
    let regressor = SymbolicRegressor::builder().time_limit(Duration::from_secs(5)).build()?;

    // 1. Choices between two offers. The chooser takes the first one with probability logistic(3*(a - b)).
    let choices = Dataset::from_csv("examples/data/choices.csv")?
        .target("chose_a")?
        .describe(Variable::new("chose_a").kind(VariableKind::Probability))?;
    let chooser = regressor.fit(&choices)?;
    println!("P(chose_a) = {}", chooser.formula());
    let likelihood = chooser.best().scores().negative_log_likelihood;
    println!("negative log-likelihood {:.1} over {} rows", likelihood.unwrap_or(f64::NAN), choices.rows());

    // 2. Spikes of a cell in a second, whose expected number is 2*exp(1.8*contrast).
    let spikes = Dataset::from_csv("examples/data/spikes.csv")?
        .target("spikes")?
        .describe(Variable::new("spikes").kind(VariableKind::Count))?;
    let cell = regressor.fit(&spikes)?;
    println!("E(spikes) = {}", cell.formula());
    for c in cell.constants() {
        println!("  {} = {:.4} +- {:.4}", c.name, c.value, c.std_error.unwrap_or(f64::NAN));
    }

    // A value that the kind does not allow is an error that names its row.
    let error = Dataset::from_csv("examples/data/enzyme.csv")?
        .target("rate")?
        .describe(Variable::new("rate").kind(VariableKind::Count))
        .unwrap_err();
    println!("wrong kind: {error}");

    // The checks: predicted probabilities and expected counts against the ones that the data were drawn from.
    let columns = choices.columns();
    for (row, p) in chooser.predict(&choices)?.iter().enumerate() {
        let truth = 1.0 / (1.0 + (-3.0 * (columns[0][row] - columns[1][row])).exp());
        assert!((p - truth).abs() < 0.06, "row {row}: {p}, expected {truth}");
    }
    let contrast = spikes.columns()[0];
    for (c, mean) in contrast.iter().zip(cell.predict(&spikes)?) {
        let truth = 2.0 * (1.8 * c).exp();
        assert!((mean - truth).abs() < 0.08 * truth, "at {c}: {mean}, expected {truth}");
    }
    Ok(())
}
