//! scratch
use closedform::search_space::Combine;
use closedform::*;
use ndarray::{Array1, Array2};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let which = a[1].as_str();
    let seed: u64 = a[2].parse().unwrap();
    let n = if which == "b" { 100 } else { 10 };
    let g = |i: usize, lo: f64, hi: f64| lo + (hi - lo) * i as f64 / (n - 1) as f64;
    let x = Array2::from_shape_fn((n * n, 2), |(i, j)| {
        let k = if j == 0 { i / n } else { i % n };
        if which == "b" { if j == 0 { g(k, 0.0, 0.5) } else { g(k, 1.0, 100.0) } } else { g(k, 0.0, 1.0) }
    });
    let y = Array1::from_iter(x.rows().into_iter().map(|r| {
        if which == "b" { 1.0 - (1.0 - r[0]) * (-0.03 * r[1]).exp() } else { 2.0 * r[0] + (5.0 * r[1]).exp() }
    }));
    let data = Dataset::from_arrays(x.view(), y.view()).unwrap();
    let t = std::time::Instant::now();
    let mut b =
        SymbolicRegressor::builder().primitives(PrimitiveSet::SEED).strategy(StrategyKind::Darts).seed(seed);
    if which != "b" {
        b = b.nodes(if which == "a1" { 1 } else { 2 }).combine(Combine::Sum);
    }
    let m = b.build().unwrap().fit(&data).unwrap();
    println!(
        "{which} seed {seed} {:?} mse {:.2e} r2 {:.4} {} {:?}",
        t.elapsed(),
        m.best().scores().mse,
        m.best().scores().r2,
        m.formula(),
        m.report().stop_reason
    );
    if a.len() > 3 {
        println!("{m}");
    }
}
