//! What a step of differentiable architecture search costs, by the order of its gradient: a supernet of two nodes,
//! seven primitives, two inputs, batches of 64 rows.
//!
//! `iteration` is one step on the architecture weights and one on the constants, `architecture` the first alone.
//! Twenty epochs of ten such steps are one measurement.

use closedform::search::darts::{Darts, DartsOptions, Order};
use closedform::search::{Control, Problem, SearchStrategy};
use closedform::search_space::{Combine, SearchSpace};
use closedform::{PrimitiveSet, Split};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

const STEPS: usize = 10;

fn steps(c: &mut Criterion) {
    let space = SearchSpace { primitives: PrimitiveSet::SEED, nodes: 2, combine: Combine::Sum };
    let a: Vec<f64> = (0..200).map(|i| f64::from(i % 14) / 13.0).collect();
    let b: Vec<f64> = (0..200).map(|i| f64::from(i / 14) / 14.0).collect();
    let y: Vec<f64> = a.iter().zip(&b).map(|(a, b)| 2.0 * a + (5.0 * b).exp()).collect();
    let split = Split::random(200, 0.5, 1);
    let columns = [a.as_slice(), b.as_slice()];
    let problem =
        Problem { columns: &columns, target: &y, weights: None, split: &split, space: &space, seed: 1 };
    for (what, param_updates) in [("iteration", STEPS), ("architecture", 0)] {
        let mut group = c.benchmark_group(what);
        group.sample_size(20);
        for order in [Order::First, Order::Unrolled, Order::Exact] {
            let options = DartsOptions {
                order,
                epochs: 20,
                restarts: 1,
                arch_updates: STEPS,
                param_updates,
                ..DartsOptions::default()
            };
            group.bench_function(format!("{order:?}"), |bencher| {
                bencher.iter(|| {
                    let mut darts = Darts::new(options.clone(), false);
                    black_box(darts.round(&problem, &[], &Control::unlimited()))
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, steps);
criterion_main!(benches);
