//! Simplification of formulas as searches leave them.

use closedform::expr::{Expr, parse};
use closedform::simplify::Simplifier;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use std::hint::black_box;

/// Name, formula; single letters `a` to `d` become fitted constants.
const FORMULAS: [(&str, &str); 7] = [
    ("supernet", "0 + (1*(2.0*x + 0)) + exp(5.0*y + 0)"),
    ("learning_curve", "1 + -1*exp(-0.03*t) + 1*(x*exp(-0.03*t))"),
    ("log_product", "exp(2*ln(x) - ln(y) + 0.5*ln(t))"),
    ("hill", "a*exp(b*ln(x))/(c + exp(b*ln(x)))"),
    ("rational", "(x*y + x*z)/(x*t + x) + (a*x + b)/(c*x + d)"),
    (
        "thirty_nodes",
        "a*(x + b*y) + c*sin(x - y)^2 + c*cos(y - x)^2 + exp(a + b*t)*(x*t - t*x*d) + sqrt(x^2*y)/(x*t)",
    ),
    (
        "eighty_nodes",
        "(a*x + b*y + c*t)*(x*y - z*t) + exp(a*x + b)*(sin(x)*cos(y) + cos(x)*sin(y)) + (x*y + x*z)/(x*t + x) \
         + ln(exp(x)*y^a)*d + (x^2 - y^2)/(x + y) + 1/(1 + exp(-c*t)) + max(x, 0)*relu(z - t) + sqrt(x*y)*sqrt(t)",
    ),
];

fn formula(text: &str) -> Expr {
    let names = ["x", "y", "z", "t", "a", "b", "c", "d"];
    let mut inputs: Vec<Expr> = (0..4).map(Expr::variable).collect();
    inputs.extend([2.5, -0.75, 3.5, 1.25].map(Expr::parameter));
    parse(text, &names).expect("the formulas above parse").substitute(&inputs)
}

fn simplify(criterion: &mut Criterion) {
    let column = |low: f64, step: usize| -> Vec<f64> {
        (0..256).map(|i| low + (i * step % 256) as f64 * 0.01).collect()
    };
    let (x, y, z, t) = (column(0.5, 1), column(0.3, 7), column(-1.3, 11), column(0.1, 13));
    let columns: [&[f64]; 4] = [&x, &y, &z, &t];
    let mut group = criterion.benchmark_group("simplify");
    group.sample_size(20);
    for (name, text) in FORMULAS {
        let expr = formula(text);
        let full = Simplifier::new();
        group.bench_with_input(BenchmarkId::new("full", name), &expr, |b, e| {
            b.iter(|| full.simplify(black_box(e), &columns))
        });
        let normal = Simplifier::new().iteration_limit(0);
        group.bench_with_input(BenchmarkId::new("normal_form", name), &expr, |b, e| {
            b.iter(|| normal.simplify(black_box(e), &columns))
        });
    }
    group.finish();
}

criterion_group!(benches, simplify);
criterion_main!(benches);
