//! Evaluation of expressions: values, Jacobians, fits of constants, a step of the relaxation.
//!
//! Run: `cargo bench --bench evaluation`. Beside another crate: `benches/compare`.

use closedform::expr::{Expr, Op, Tape, TapeSet, Workspace};
use closedform::least_squares::{LmOptions, SquaredError, levenberg_marquardt};
use closedform::relaxation::{Batch, MixtureKind, Supernet, SupernetOptions, Wanted};
use closedform::search::{Control, Problem, SearchStrategy, SemanticBank};
use closedform::search_space::SearchSpace;
use closedform::{PrimitiveSet, Split};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

fn columns(rows: usize) -> Vec<Vec<f64>> {
    let number = |j: usize, i: usize| -1.0 + 2.0 * (((i * 7919 + j * 104_729) % 10_007) as f64 / 10_007.0);
    (0..5).map(|j| (0..rows).map(|i| number(j, i)).collect()).collect()
}

/// Name and expression: arithmetic with three constants, three transcendental functions, eleven constants.
fn expressions() -> [(&'static str, Expr); 3] {
    let x = Expr::variable;
    let p = Expr::parameter;
    [
        ("arithmetic", (x(0) * p(1.5) + x(1)) * (x(2) - p(0.7) * x(3)) + (x(4) - p(2.0))),
        (
            "transcendental",
            (p(1.5) * x(0)).apply(Op::Sin) + x(1) * (p(0.7) * x(2)).apply(Op::Exp)
                - (x(3) + p(3.0)).apply(Op::Ln),
        ),
        (
            "eleven_constants",
            p(1.1) * (p(0.5) * x(0) + p(0.3)).apply(Op::Exp)
                + p(0.7) * (p(1.5) * x(1) + p(0.2)).apply(Op::Sin) * (p(0.2) * x(2) + p(1.0))
                + p(0.4) / (x(3).apply(Op::Square) + p(2.0))
                + p(0.1),
        ),
    ]
}

fn values_and_derivatives(criterion: &mut Criterion) {
    for rows in [100, 1_000, 100_000] {
        let data = columns(rows);
        let views: Vec<&[f64]> = data.iter().map(Vec::as_slice).collect();
        for (name, e) in expressions() {
            let mut group = criterion.benchmark_group(format!("{name}/{rows}"));
            group.throughput(Throughput::Elements(rows as u64));
            let tape = Tape::compile(&e);
            let p = e.parameters();
            let mut values = vec![0.0; rows];
            let mut workspace = Workspace::new();
            group.bench_function("value", |b| {
                b.iter(|| tape.values_into(black_box(p), &views, 0, &mut values, &mut workspace));
            });
            let mut by_column = vec![vec![0.0; rows]; p.len()];
            group.bench_function("gradients", |b| {
                b.iter(|| {
                    let mut targets: Vec<&mut [f64]> = by_column.iter_mut().map(Vec::as_mut_slice).collect();
                    tape.gradients(black_box(p), &views, 0..rows, &mut workspace, &mut values, &mut targets);
                });
            });
            let problem = SquaredError::new(&tape, &views, &data[0], None);
            let mut duals = Workspace::new();
            group.bench_function("cost", |b| b.iter(|| problem.cost(black_box(p), &mut workspace)));
            group.bench_function("normal_equations", |b| {
                b.iter(|| problem.normal_equations(black_box(p), &mut duals));
            });
            group.finish();
        }
    }
}

fn compilation(criterion: &mut Criterion) {
    for (name, e) in expressions() {
        criterion.bench_function(&format!("compile/{name}"), |b| b.iter(|| Tape::compile(black_box(&e))));
    }
}

fn fits(criterion: &mut Criterion) {
    let x: Vec<f64> = (0..50).map(|i| f64::from(i) * 0.06).collect();
    let y: Vec<f64> = x.iter().map(|x| 2.5 * (-0.7 * x).exp() + 0.3).collect();
    let p = Expr::parameter;
    let e = p(1.0) * (p(-0.1) * Expr::variable(0)).apply(Op::Exp) + p(0.0);
    let columns_of_one = [x.as_slice()];
    let tape = Tape::compile(&e);
    let problem = SquaredError::new(&tape, &columns_of_one, &y, None);
    criterion.bench_function("fit/exponential_50_rows", |b| {
        b.iter(|| levenberg_marquardt(&problem, black_box(e.parameters()), &LmOptions::default()));
    });
    let data = columns(200);
    let views: Vec<&[f64]> = data.iter().map(Vec::as_slice).collect();
    let [_, _, (_, e)] = expressions();
    let tape = Tape::compile(&e);
    let target = tape.values(e.parameters(), &views);
    let start: Vec<f64> = e.parameters().iter().map(|p| p * 1.2 + 0.01).collect();
    let problem = SquaredError::new(&tape, &views, &target, None);
    criterion.bench_function("fit/eleven_constants_200_rows", |b| {
        b.iter(|| levenberg_marquardt(&problem, black_box(&start), &LmOptions::default()));
    });
}

/// One step of the relaxed search: the loss and its gradient by all weights, 40 rows, two nodes over two inputs.
fn supernet(criterion: &mut Criterion) {
    let space = SearchSpace::new(PrimitiveSet::SEED, 2).expect("two nodes and seven primitives");
    let options = SupernetOptions {
        mixture: MixtureKind::Softmax,
        constant: true,
        output_weights: true,
        output_bias: true,
        logistic_output: false,
        normalise: true,
        zero_centred: false,
    };
    let net = Supernet::new(&space, 2, options);
    let wave = |n: usize, f: f64| (0..n).map(|i| (i as f64 * f).sin()).collect::<Vec<f64>>();
    let (alpha, theta) = (wave(net.layout.alphas(), 0.7), wave(net.layout.thetas(), 1.3));
    let batch = Batch { columns: vec![wave(40, 0.4), wave(40, 0.9)], target: wave(40, 2.0), weights: None };
    criterion.bench_function("supernet_step/40_rows", |b| {
        b.iter(|| {
            black_box(net.gradients(black_box(&alpha), &theta, &batch, Wanted::Theta));
            black_box(net.gradients(black_box(&alpha), &theta, &batch, Wanted::Alpha));
        });
    });
}

/// Many expressions that share subexpressions: one by one, and as a set.
fn sets(criterion: &mut Criterion) {
    let data = columns(1_000);
    let views: Vec<&[f64]> = data.iter().map(Vec::as_slice).collect();
    let (x, p) = (Expr::variable, Expr::parameter);
    let shared = (p(0.5) * x(0)).apply(Op::Sin) * (p(0.3) * x(1)).apply(Op::Exp);
    let all: Vec<Expr> =
        (0..32).map(|k| shared.clone() * p(f64::from(k)) + x(2) * x(k as usize % 5)).collect();
    let tapes: Vec<Tape> = all.iter().map(Tape::compile).collect();
    let set = TapeSet::compile(&all);
    let mut out = vec![vec![0.0; 1_000]; all.len()];
    let mut workspace = Workspace::new();
    let mut group = criterion.benchmark_group("32_expressions/1000");
    group.bench_function("one_by_one", |b| {
        b.iter(|| {
            for ((tape, e), out) in tapes.iter().zip(&all).zip(&mut out) {
                tape.values_into(e.parameters(), &views, 0, out, &mut workspace);
            }
        });
    });
    let mut out = vec![vec![0.0; 1_000]; all.len()];
    let mut workspace = Workspace::new();
    group.bench_function("set", |b| {
        b.iter(|| {
            let mut out: Vec<&mut [f64]> = out.iter_mut().map(Vec::as_mut_slice).collect();
            set.values_into(&views, 0..1_000, &mut out, &mut workspace);
        });
    });
    group.finish();
}

/// The semantic bank up to 4,000 functions of two inputs, with its tests, on a target that is no law.
fn bank(criterion: &mut Criterion) {
    let space = SearchSpace::new(PrimitiveSet::SCIENCE, 2).expect("two nodes");
    let wave = |f: f64| (0..100).map(|i| 2.0 + (f64::from(i) * f).sin()).collect::<Vec<f64>>();
    let (a, b, target) = (wave(1.3), wave(0.7), wave(2.9));
    let columns = [a.as_slice(), b.as_slice()];
    let split = Split::random(100, 0.25, 1);
    let problem =
        Problem { columns: &columns, target: &target, weights: None, split: &split, space: &space, seed: 1 };
    criterion.bench_function("bank/4000_functions", |b| {
        b.iter(|| {
            let mut bank = SemanticBank::new();
            for _ in 0..2 {
                black_box(bank.round(&problem, &[], &Control::unlimited()));
            }
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).warm_up_time(std::time::Duration::from_millis(100))
        .measurement_time(std::time::Duration::from_millis(300));
    targets = values_and_derivatives, compilation, fits, supernet, sets, bank
}
criterion_main!(benches);
