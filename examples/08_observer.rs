//! Watching a search: progress after every round, the weights of the mixtures after every epoch, and an early end.
//!
//! ```text
//! cargo run --example 08_observer
//! ```

#![allow(clippy::print_stdout, reason = "an example shows what it finds")]

use closedform::plot;
use closedform::search::darts::{DartsOptions, Epoch};
use closedform::search_space::Combine;
use closedform::{Dataset, FitControl, PrimitiveSet, Progress, StopReason, StrategyKind, SymbolicRegressor};
use ndarray::{Array1, Array2};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // y = 2*x1 + exp(5*x2) on a 10 x 10 grid.
    let x = Array2::from_shape_fn((100, 2), |(row, column)| {
        (if column == 0 { row / 10 } else { row % 10 }) as f64 / 9.0
    });
    let y: Array1<f64> = x.rows().into_iter().map(|r| 2.0 * r[0] + (5.0 * r[1]).exp()).collect();
    let data = Dataset::from_arrays(x.view(), y.view())?;

    let regressor = SymbolicRegressor::builder()
        .primitives(PrimitiveSet::SEED)
        .strategy(StrategyKind::Darts)
        .combine(Combine::Sum)
        .nodes(2)
        // More epochs with larger steps than the default, so that there is something to see.
        .darts(DartsOptions { epochs: 60, arch_learning_rate: 0.1, ..DartsOptions::default() })
        .build()?;

    // 1. Two observers. The first one hears of every round, the second one of every epoch of every restart.
    let mut rounds = 0;
    let mut watch = |progress: &Progress| {
        rounds += 1;
        println!(
            "round {}: loss {:.2e} after {} evaluations",
            progress.rounds, progress.loss, progress.evaluations
        );
    };
    let mut epochs: Vec<Epoch> = Vec::new();
    let mut record = |epoch: &Epoch| epochs.push(epoch.clone());
    let control =
        FitControl { observer: Some(&mut watch), epochs: Some(&mut record), ..FitControl::default() };
    let model = regressor.fit_with(&data, control)?;
    println!("y = {}", model.formula());

    // 2. The weights of every edge over the epochs, and the graph that was taken.
    let folder = std::path::Path::new("target/examples-output");
    std::fs::create_dir_all(folder)?;
    let trajectories = plot::trajectories_of(&model, &epochs).ok_or("no epochs were recorded")?;
    plot::trajectories(folder.join("trajectories.png"), &trajectories)?;
    let graph = plot::architecture_of(&model).ok_or("the model has no architecture")?;
    plot::architecture(folder.join("architecture.png"), &graph)?;
    println!("figures: {}", folder.display());

    // 3. An end from outside: a flag that another thread, a signal handler or the observer itself sets. What was
    //    found until then is the model.
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    let mut end_after_one = |_: &Progress| flag.store(true, Ordering::Relaxed);
    let control =
        FitControl { interrupted: stop, observer: Some(&mut end_after_one), ..FitControl::default() };
    let ended = regressor.fit_with(&data, control)?;
    println!("ended early: {}, y = {}", ended.report().stop_reason, ended.formula());

    assert!(rounds >= 1);
    // Five edges of seven primitives, in every epoch that was recorded.
    assert!(epochs.len() >= 60 && epochs.iter().all(|e| e.weights.len() >= 35));
    assert_eq!(trajectories.panels.len(), 5);
    assert!(model.best().scores().mse < 1e-10);
    // The end counts as certain, not as interrupted, where the first round has found the law already.
    assert!(matches!(ended.report().stop_reason, StopReason::Interrupted | StopReason::Exact));
    Ok(())
}
