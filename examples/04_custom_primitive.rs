//! A primitive of one's own is a formula: its derivatives, its simplification and its spelling follow from it.
//!
//! ```text
//! cargo run --example 04_custom_primitive
//! ```
//! Pharmacologists describe the effect of a dose with Hill's function `x^a/(b^a + x^a)`. Here two drugs act
//! together, each with a Hill function of its own, on top of a resting level.

#![allow(clippy::print_stdout, reason = "an example shows what it finds")]

use closedform::search_space::Combine;
use closedform::{Dataset, Error, PrimitiveSet, StrategyKind, SymbolicRegressor, Variable};

fn effect(first: f64, second: f64) -> f64 {
    let hill = |x: f64, a: f64, b: f64| x.powf(a) / (b.powf(a) + x.powf(a));
    hill(first, 2.0, 1.5) + hill(second, 3.0, 0.8)
}

fn main() -> Result<(), Error> {
    let doses: Vec<f64> = (1..=15).map(|i| 0.2 * f64::from(i)).collect();
    let pairs: Vec<(f64, f64)> = doses.iter().flat_map(|a| doses.iter().map(move |b| (*a, *b))).collect();
    let data = Dataset::from_columns(
        vec![Variable::new("first").unit("mg"), Variable::new("second").unit("mg")],
        vec![pairs.iter().map(|p| p.0).collect(), pairs.iter().map(|p| p.1).collect()],
    )?
    .with_target(Variable::new("effect"), pairs.iter().map(|p| effect(p.0, p.1)).collect())?;

    // Built-in names and own formulas side by side. `x` is the input of the primitive; other letters are constants
    // that the search fits, here `a` and `b`.
    let primitives = PrimitiveSet::parse("none, add, mult, hill = x^a/(b^a + x^a)")?;
    println!("primitives: {}", primitives.to_text());

    // One node that adds is enough for a sum of two functions.
    let model = SymbolicRegressor::builder()
        .primitives(primitives)
        .strategy(StrategyKind::Darts)
        .combine(Combine::Sum)
        .nodes(1)
        .build()?
        .fit(&data)?;
    println!("effect = {}", model.formula());
    println!("mean squared error {:.1e}, R2 {:.6}", model.best().scores().mse, model.best().scores().r2);

    // The check: exact, also between and beyond the doses that were seen.
    let new = Dataset::from_columns(data.variables().to_vec(), vec![vec![0.33, 6.0], vec![5.0, 0.11]])?;
    let predicted = model.predict(&new)?;
    assert!(model.best().scores().mse < 1e-20);
    assert!((predicted[0] - effect(0.33, 5.0)).abs() < 1e-9);
    assert!((predicted[1] - effect(6.0, 0.11)).abs() < 1e-9);
    Ok(())
}
