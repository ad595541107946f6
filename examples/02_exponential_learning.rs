//! The tutorial: from variables over a search by DARTS to the figure of the recovered learning curves.
//!
//! ```text
//! cargo run --example 02_exponential_learning                  # the figure goes to target/learning_curve.png
//! cargo run --example 02_exponential_learning -- my/figure.svg
//! ```
//! Exponential learning: performance `P` after `t` trials is `1 - (1 - P0)*exp(-0.03*t)`, where `P0` is the
//! performance at the start. The law is a *product* of two terms with different variables. A graph whose nodes
//! only add what reaches them, as in AutoRA's `DARTSRegressor`, holds it for no number of nodes as long as its
//! primitives are the seven below; here nodes may multiply as well.

#![allow(clippy::print_stdout, reason = "an example shows what it finds")]

use closedform::plot::{self, Figure};
use closedform::search::darts::{DartsOptions, Sampling};
use closedform::search_space::Combine;
use closedform::{Dataset, PrimitiveSet, StrategyKind, SymbolicRegressor, Variable, VariableKind};
use ndarray::{Array1, Array2};
use std::path::PathBuf;

/// The law that the search does not know.
fn performance(p0: f64, t: f64) -> f64 {
    1.0 - (1.0 - p0) * (-0.03 * t).exp()
}

/// Every combination of some initial performances with the trials 1 to 100.
fn grid(initial: &[f64]) -> Result<Dataset, closedform::Error> {
    let trials = Array1::linspace(1.0, 100.0, 100);
    let rows = initial.len() * trials.len();
    let x = Array2::from_shape_fn((rows, 2), |(row, column)| match column {
        0 => initial[row / trials.len()],
        _ => trials[row % trials.len()],
    });
    let y: Array1<f64> = x.rows().into_iter().map(|row| performance(row[0], row[1])).collect();

    // What is known of the columns beside their numbers. Units come back on the axes of figures; the kind of the
    // target decides what the output of the formula is. Performance lies between 0 and 1, but it is measured and
    // no chance of an event, so it stays a real number.
    Dataset::from_arrays(x.view(), y.view())?.named(
        vec![
            Variable::new("P0").range(0.0, 0.5),
            Variable::new("t").unit("trials").range(1.0, 100.0).kind(VariableKind::Integer),
        ],
        Variable::new("performance").range(0.0, 1.0),
    )
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let figure =
        std::env::args_os().nth(1).map_or_else(|| PathBuf::from("target/learning_curve.png"), PathBuf::from);

    // 1. The data: 100 initial performances by 100 trials.
    let data = grid(&Array1::linspace(0.0, 0.5, 100).to_vec())?;
    println!("{} rows, inputs {}", data.rows(), data.names().join(", "));

    // 2. The search. Every edge of the graph starts as a mixture of the seven primitives. Gradients of the loss
    //    shift the mixture's weights until one primitive stands out on each edge.
    let options = DartsOptions::default();
    let regressor = SymbolicRegressor::builder()
        .primitives(PrimitiveSet::SEED) // none, add, subtract, mult, exp, logistic, relu
        .strategy(StrategyKind::Darts)
        .combine(Combine::Both) // nodes add or multiply; the default
        .seed(1)
        .darts(options.clone());
    let model = regressor.clone().build()?.fit(&data)?;
    println!("\nfit:      performance = {}", model.formula());
    // `exp(t)` reaches 1e43 in this table. Values beyond 1e30 are masked during the search, so that no loss turns
    // infinite, and the report says so.
    for note in &model.report().notes {
        println!("          note: {note}");
    }

    // 3. Refit with more updates of the constants. Without epochs the weights of the mixtures stay as they are, so
    //    the architecture does too.
    let refit = |sampling| DartsOptions { epochs: 0, sampled_updates: 1000, sampling, ..options.clone() };
    let longer = regressor.clone().darts(refit(Sampling::Max)).build()?.refit(&model, &data)?;
    println!("refit:    performance = {}", longer.formula());

    // 4. Another architecture, drawn at random with the mixtures' weights as probabilities. After a short search
    //    these are still close to each other, so that the draw is of little use but to see how sure the search was.
    let sampled = regressor.clone().darts(refit(Sampling::Sample)).build()?.refit(&longer, &data)?;
    println!("sampled:  performance = {}", sampled.formula());

    // 5. Back to the best: the same architecture as before the draw, to the last bit.
    let again = regressor.darts(refit(Sampling::Max)).build()?.refit(&sampled, &data)?;
    println!("again:    performance = {}", again.formula());
    assert!(again.report().architecture == longer.report().architecture);
    assert_eq!(again.formula(), longer.formula());
    assert_eq!(again.formula(), model.formula());

    // 6. The figure: the original curves and the recovered ones on top, for three initial performances.
    let three = grid(&[0.0, 0.25, 0.5])?;
    let curves = plot::curves_of(model.best(), &three, Some("t"), &[])?
        .figure(Figure::default().title("Exponential learning: original and recovered"));
    plot::curves(&figure, &curves)?;
    println!("\nfigure:   {}", figure.display());

    // The check: the exact law.
    assert_eq!(model.formula(), "1 - (1 - P0)*exp(-0.03*t)");
    assert!(model.best().scores().mse < 1e-10);
    assert_eq!(curves.curves.len(), 3);
    Ok(())
}
