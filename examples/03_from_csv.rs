//! A table from a laboratory: columns to leave out, weights, units; the model is saved and used again.
//!
//! ```text
//! cargo run --example 03_from_csv
//! ```
//! `enzyme.csv` holds reaction rates over substrate concentrations, measured to 2 %, as Michaelis and Menten
//! describe them: `rate = Vmax*S/(Km + S)`.

#![allow(clippy::print_stdout, reason = "an example shows what it finds")]

use closedform::{Dataset, Model, SymbolicRegressor, Variable};
use std::time::Duration;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Weights are one over the variance of a measurement. The temperature was written down, but everybody knows
    // that it was kept constant: it is no feature. Names are taken as they are, `[S]` as well.
    let data = Dataset::from_csv("examples/data/enzyme.csv")?
        .target("rate")?
        .weights_from("weight")?
        .features(&["[S]"])?
        .describe(Variable::new("[S]").unit("mM").range(0.0, 40.0))?
        .describe(Variable::new("rate").unit("µM/s"))?;

    // Noisy data are never fitted exactly, so the search goes on until its time is over.
    let regressor = SymbolicRegressor::builder().time_limit(Duration::from_secs(5)).build()?;
    let model = regressor.fit(&data)?;
    println!("rate = {}\n\n{model}", model.formula());

    // Saved as JSON, loaded to the same bits.
    let folder = std::path::Path::new("target/examples-output");
    std::fs::create_dir_all(folder)?;
    let path = folder.join("enzyme.json");
    model.save(&path)?;
    let loaded = Model::load(&path)?;
    assert_eq!(loaded.predict(&data)?, model.predict(&data)?);
    model.plot_recovered(&data, folder.join("enzyme.png"))?;
    println!("model and figure: {}", folder.display());

    // Predictions for other concentrations, far beyond the measured ones too. A table without the column would be
    // an error that names it.
    let new = Dataset::from_columns(vec![Variable::new("[S]")], vec![vec![0.5, 1.5, 5.0, 1000.0]])?;
    let predicted = loaded.predict(&new)?;
    println!("predictions: {predicted:.3?}");

    // The check: the shape of the law, Vmax = 3.2 and Km = 1.5, to the accuracy of the measurement.
    for (s, rate) in [0.5, 1.5, 5.0, 1000.0].into_iter().zip(predicted) {
        let expected = 3.2 * s / (1.5 + s);
        assert!((rate - expected).abs() < 0.03 * expected, "at {s}: {rate}, expected {expected}");
    }
    let error = Dataset::from_csv("examples/data/enzyme.csv")?.target("speed").unwrap_err();
    println!("an error names what is wrong: {error}");
    assert!(error.to_string().contains("[S]"));
    Ok(())
}
