//! What every search by small edits has to do, for the tests of the strategies.

use super::{Control, Graph, Problem, SearchStrategy};
use crate::data::Split;
use crate::expr::Expr;
use crate::search_space::{PrimitiveSet, SearchSpace};

fn inputs() -> Vec<f64> {
    (0..30).map(|i| f64::from(i) * 0.1 - 1.2).collect()
}

fn law(x: f64) -> f64 {
    x * x - (2.0 * x).sin() + 0.5
}

fn candidates<S: SearchStrategy>(mut search: S, rounds: usize, threads: usize) -> Vec<Expr> {
    let x = inputs();
    let y: Vec<f64> = x.iter().map(|x| law(*x)).collect();
    let columns = [x.as_slice()];
    let split = Split { train: (0..30).collect(), validation: Vec::new() };
    let space = SearchSpace::new(PrimitiveSet::SCIENCE, 2).unwrap();
    let problem =
        Problem { columns: &columns, target: &y, weights: None, split: &split, space: &space, seed: 3 };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let control = Control::unlimited();
        let candidates = (0..rounds).flat_map(|_| search.round(&problem, &[], &control).candidates);
        candidates
            .map(|c| match c.graph {
                Graph::Expr(e) => e,
                _ => unreachable!("the strategy hands out expressions"),
            })
            .collect()
    })
}

/// Finds a law of one input within some rounds, with the same candidates on one thread and on two.
pub(super) fn finds_a_law_on_any_number_of_threads<S: SearchStrategy>(new: impl Fn() -> S, rounds: usize) {
    let one = candidates(new(), rounds, 1);
    assert_eq!(one, candidates(new(), rounds, 2));
    let x = inputs();
    let error = |e: &Expr| e.evaluate(&[&x]).iter().zip(&x).map(|(f, x)| (f - law(*x)).abs()).sum::<f64>();
    assert!(!one.is_empty() && one.iter().all(|e| error(e).is_finite()));
    assert!(one.iter().any(|e| error(e) < 1e-6));
}

/// Hands out nothing once the search has been stopped.
pub(super) fn returns_at_once_when_stopped(mut search: impl SearchStrategy) {
    let stopped = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let control = Control::new(None, stopped);
    let x = [1.0, 2.0, 3.0, 4.0];
    let columns = [&x[..]];
    let split = Split { train: (0..4).collect(), validation: Vec::new() };
    let space = SearchSpace::new(PrimitiveSet::SEED, 2).unwrap();
    let problem =
        Problem { columns: &columns, target: &x, weights: None, split: &split, space: &space, seed: 3 };
    assert!(search.round(&problem, &[], &control).candidates.is_empty());
}
