//! Time per element of the vector functions and of the standard library's, over blocks of several lengths.
//!
//! Run: `cargo bench --bench vector_math`. Throughput is in elements: its inverse is the time per element.

// The functions are not public; their folder stands on its own and is compiled into this program.
#[allow(dead_code, missing_docs)]
#[path = "../src/expr/vector_math/mod.rs"]
mod vector_math;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::hint::black_box;

const LENGTHS: [usize; 4] = [64, 100, 256, 1024];

type Vector = fn(&[f64], &mut [f64]);
type Scalar = fn(f64) -> f64;

fn unary(criterion: &mut Criterion, name: &str, range: std::ops::Range<f64>, ours: Vector, std: Scalar) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut group = criterion.benchmark_group(name);
    for length in LENGTHS {
        let x: Vec<f64> = (0..length).map(|_| rng.random_range(range.clone())).collect();
        let mut out = vec![0.0; length];
        group.throughput(Throughput::Elements(length as u64));
        group.bench_function(format!("std/{length}"), |b| {
            b.iter(|| {
                for (out, &x) in out.iter_mut().zip(black_box(&x)) {
                    *out = std(x);
                }
                black_box(&mut out);
            });
        });
        group.bench_function(format!("vector/{length}"), |b| {
            b.iter(|| {
                ours(black_box(&x), &mut out);
                black_box(&mut out);
            });
        });
    }
    group.finish();
}

fn all(c: &mut Criterion) {
    unary(c, "exp", -20.0..20.0, vector_math::exp, f64::exp);
    unary(c, "ln", 1e-3..1e3, vector_math::ln, f64::ln);
    unary(c, "sin", -50.0..50.0, vector_math::sin, f64::sin);
    unary(c, "cos", -50.0..50.0, vector_math::cos, f64::cos);
    unary(c, "tanh", -3.0..3.0, vector_math::tanh, f64::tanh);
    unary(c, "logistic", -10.0..10.0, vector_math::logistic, |x| 1.0 / (1.0 + (-x).exp()));
    unary(c, "softplus", -10.0..10.0, vector_math::softplus, |x| x.max(0.0) + (-x.abs()).exp().ln_1p());
    unary(c, "sqrt", 0.0..1e3, vector_math::sqrt, f64::sqrt);
    two_arguments(c);
}

fn two_arguments(criterion: &mut Criterion) {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for length in LENGTHS {
        let x: Vec<f64> = (0..length).map(|_| rng.random_range(0.01..100.0)).collect();
        let y: Vec<f64> = (0..length).map(|_| rng.random_range(-5.0..5.0)).collect();
        let (mut first, mut second) = (vec![0.0; length], vec![0.0; length]);
        let mut group = criterion.benchmark_group("powf");
        group.throughput(Throughput::Elements(length as u64));
        group.bench_function(format!("std/{length}"), |b| {
            b.iter(|| {
                for ((out, &x), &y) in first.iter_mut().zip(black_box(&x)).zip(black_box(&y)) {
                    *out = x.powf(y);
                }
                black_box(&mut first);
            });
        });
        group.bench_function(format!("vector/{length}"), |b| {
            b.iter(|| {
                vector_math::powf(black_box(&x), black_box(&y), &mut first);
                black_box(&mut first);
            });
        });
        group.finish();
        let mut group = criterion.benchmark_group("sin_cos");
        group.throughput(Throughput::Elements(length as u64));
        group.bench_function(format!("std/{length}"), |b| {
            b.iter(|| {
                for ((s, c), &x) in first.iter_mut().zip(&mut second).zip(black_box(&x)) {
                    (*s, *c) = x.sin_cos();
                }
                black_box((&mut first, &mut second));
            });
        });
        group.bench_function(format!("vector/{length}"), |b| {
            b.iter(|| {
                vector_math::sin_cos(black_box(&x), &mut first, &mut second);
                black_box((&mut first, &mut second));
            });
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).warm_up_time(std::time::Duration::from_millis(100))
        .measurement_time(std::time::Duration::from_millis(300));
    targets = all
}
criterion_main!(benches);
