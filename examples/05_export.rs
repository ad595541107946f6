//! One law, every spelling: for people, LaTeX, SymPy, Python, Rust, C, exmex, JSON.
//!
//! ```text
//! cargo run --example 05_export
//! ```

#![allow(clippy::print_stdout, reason = "an example shows what it finds")]

use closedform::model::exmex::Express;
use closedform::model::export::Digits;
use closedform::{Dataset, Model, SymbolicRegressor};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A cooling cup of tea: Newton's law.
    let data = Dataset::from_csv("examples/data/cooling.csv")?.target("temperature")?;
    let model = SymbolicRegressor::builder().build()?.fit(&data)?;

    // For people: fitted constants are rounded to six digits unless more are asked for.
    println!("formula   {}", model.formula());
    println!("3 digits  {}", model.formula_with(Digits::Significant(3)));

    // For papers.
    println!("LaTeX     {}", model.to_latex());

    // For computer algebra, with every digit: what is printed is what was scored.
    println!("SymPy     {}", model.to_sympy());

    // Functions to paste into other programs.
    println!("\nPython\n{}", model.to_python());
    println!("Rust\n{}", model.to_rust());
    println!("C\n{}", model.to_c());

    // As an expression of the crate exmex, which evaluates and differentiates: the rate of cooling after 10 minutes.
    let expression = model.to_exmex_expression()?;
    println!("exmex     {}", model.to_exmex().text);
    let slope = exmex_slope(expression.clone())?;
    println!("rate of cooling after 10 minutes: {slope:.3} degrees a minute");

    // The whole model, to be loaded again.
    let text = model.to_json();
    println!("JSON      {} bytes", text.len());

    // The checks: all of them say the same.
    let at_ten = model.predict(&data)?[10];
    assert!((expression.eval(&[10.0])? - at_ten).abs() < 1e-12 * at_ten);
    assert!((slope - -0.12 * 64.0 * f64::exp(-1.2)).abs() < 1e-9);
    assert_eq!(Model::from_json(&text)?, model);
    assert!(model.to_c().contains("exp(") && model.to_latex().contains("e^{"));
    Ok(())
}

/// The derivative at 10 minutes.
fn exmex_slope(expression: closedform::model::exmex::FlatEx<f64>) -> Result<f64, Box<dyn std::error::Error>> {
    use closedform::model::exmex::Differentiate;
    Ok(expression.partial(0)?.eval(&[10.0])?)
}
