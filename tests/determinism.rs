//! The same data, options and seed give the same bytes on 1, 2 and 4 threads.

mod laws;

use closedform::search_space::Combine;
use closedform::{
    Dataset, FitControl, PrimitiveSet, Progress, RegressorBuilder, StrategyKind, SymbolicRegressor,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The model of a fit that is ended after so many rounds, without what differs between machines.
fn bytes(builder: RegressorBuilder, data: &Dataset, threads: usize, rounds: usize) -> String {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    // A limit on rounds cuts every run at the same place, as a limit of time would not.
    let mut count = |progress: &Progress| flag.store(progress.rounds >= rounds, Ordering::Relaxed);
    let control = FitControl { interrupted: stop, observer: Some(&mut count), ..FitControl::default() };
    let regressor = builder.no_time_limit().threads(threads).build().unwrap();
    regressor.fit_with(data, control).unwrap().to_reproducible_json()
}

fn check(builder: &RegressorBuilder, data: &Dataset, rounds: usize) {
    let one = bytes(builder.clone(), data, 1, rounds);
    for threads in [2, 4] {
        let other = bytes(builder.clone(), data, threads, rounds);
        assert!(one == other, "1 thread:\n{one}\n{threads} threads:\n{other}");
    }
}

fn darts() -> RegressorBuilder {
    SymbolicRegressor::builder().strategy(StrategyKind::Darts).primitives(PrimitiveSet::SEED).seed(3)
}

#[test]
fn darts_on_a_sum() {
    check(&darts().combine(Combine::Sum).nodes(2), &laws::sum_and_exponential(), usize::MAX);
}

#[test]
fn darts_on_a_product() {
    check(&darts(), &laws::learning_curve(0.0, 0), usize::MAX);
}

#[test]
fn darts_on_noise() {
    check(&darts(), &laws::table("learning_curve_noisy"), usize::MAX);
}

#[test]
fn auto_on_exact_laws() {
    let auto = SymbolicRegressor::builder().seed(3);
    check(&auto, &laws::sum_and_exponential(), usize::MAX);
    check(&auto, &laws::table("learning_curve"), usize::MAX);
}

#[test]
fn auto_on_noise() {
    check(&SymbolicRegressor::builder().seed(3), &laws::table("learning_curve_noisy"), 2);
}
