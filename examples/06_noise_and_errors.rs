//! Noisy data: how sure are the constants, how is one formula chosen of many, does it fit rows it has not seen.
//!
//! ```text
//! cargo run --example 06_noise_and_errors
//! ```
//! The learning curve again, `1 - (1 - p0)*exp(-0.03*t)`, now with noise of standard deviation 0.01.

#![allow(clippy::print_stdout, reason = "an example shows what it finds")]

use closedform::plot;
use closedform::{Criterion, Dataset, Split, SymbolicRegressor};
use std::time::Duration;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let all = Dataset::from_csv("examples/data/learning_curve_noisy.csv")?.target("performance")?;

    // A fifth of the rows is put away and not shown to the search at all. (Of the rows that it does see, the search
    // holds a quarter back by itself, to judge structures by.)
    let split = Split::random(all.rows(), 0.2, 3);
    let (train, test) = (all.select(&split.train), all.select(&split.validation));
    let model = SymbolicRegressor::builder().time_limit(Duration::from_secs(8)).build()?.fit(&train)?;

    // 1. The front: every formula that no other one beats in both error and complexity. The description length (DL)
    //    weighs the two: what structure, constants and residuals take to write down.
    println!("{model}");

    // 2. Other criteria may choose otherwise. Accuracy alone takes the longest formula, which fits the noise.
    for criterion in
        [Criterion::DescriptionLength, Criterion::Bic, Criterion::Validation, Criterion::Accuracy]
    {
        let chosen = model.clone().with_criterion(criterion);
        let mse = test_error(chosen.best(), &test)?;
        println!("{criterion:?}: {} (test mse {mse:.2e})", chosen.formula());
    }

    // 3. Constants with standard errors. A constant within its error of a short number is replaced by it where that
    //    makes the description shorter; it is no fitted constant any more then.
    for c in model.constants() {
        println!("{} = {:.6} +- {:.6}", c.name, c.value, c.std_error.unwrap_or(f64::NAN));
    }

    // 4. Pictures of the fit.
    let folder = std::path::Path::new("target/examples-output");
    std::fs::create_dir_all(folder)?;
    plot::front(folder.join("front.png"), &plot::front_of(&model))?;
    plot::parity(folder.join("parity.png"), &plot::predictions_of(model.best(), &test)?)?;
    plot::residuals(folder.join("residuals.png"), &plot::predictions_of(model.best(), &test)?)?;
    println!("figures: {}", folder.display());

    // The check: on unseen rows the error is that of the noise, 1e-4, and the law is near the true one everywhere.
    let mse = test_error(model.best(), &test)?;
    assert!((0.5e-4..2e-4).contains(&mse), "test mse {mse}");
    let predicted = model.predict(&test)?;
    let columns = test.columns();
    for (row, p) in predicted.iter().enumerate() {
        let truth = 1.0 - (1.0 - columns[0][row]) * (-0.03 * columns[1][row]).exp();
        assert!((p - truth).abs() < 0.01);
    }
    Ok(())
}

/// Mean squared error on rows that the search has not seen.
fn test_error(equation: &closedform::Equation, test: &Dataset) -> Result<f64, closedform::Error> {
    let predicted = equation.predict(test)?;
    Ok(closedform::model::metrics::mse(test.target_values().unwrap_or_default(), &predicted, None))
}
