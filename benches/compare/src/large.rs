//! Many rows: time per row, threads, memory.

use crate::{Case, cases, median, time};
use closedform::expr::{Tape, Workspace};
use closedform::least_squares::SquaredError;
use closedform::{Dataset, SymbolicRegressor, Variable};
use std::hint::black_box;
use std::time::Duration;

const LARGEST: usize = 10_000_000;

fn columns(count: usize, rows: usize) -> Vec<Vec<f64>> {
    let number = |i: usize, j: usize| ((i * 7919 + j * 104_729) % 10_007) as f64 / 1e4;
    (0..count).map(|j| (0..rows).map(|i| number(i, j)).collect()).collect()
}

/// Time per row from a thousand rows to ten million, on one thread and, of the squared error of the arithmetic expression,
/// on all as well. Passes over all sizes follow one another, so that other work on the machine meets all of them alike.
pub(crate) fn per_row() {
    println!(
        "| rows | arithmetic, ns/row | sin, exp, log, ns/row | normal equations of the latter, ns/row | error of the \
         first, ns/row | the same, all threads |"
    );
    println!("|---|---|---|---|---|---|");
    let all = columns(5, LARGEST);
    let target = vec![0.5; LARGEST];
    let sizes = [1_000, 10_000, 100_000, 1_000_000, LARGEST];
    let mut times = vec![[const { Vec::new() }; 5]; sizes.len()];
    let cases = cases();
    let tapes: Vec<Tape> = cases.iter().map(|c| Tape::compile(&c.ours)).collect();
    let mut out = vec![0.0; LARGEST];
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    for _ in 0..7 {
        for (rows, times) in sizes.iter().zip(&mut times) {
            let columns: Vec<&[f64]> = all.iter().map(|c| &c[..*rows]).collect();
            let mut workspace = Workspace::new();
            for (k, at) in [0, 2].into_iter().enumerate() {
                let p = cases[at].ours.parameters();
                let out = &mut out[..*rows];
                times[k].push(time(&mut || tapes[at].values_into(p, &columns, 0, out, &mut workspace)));
            }
            let problem = SquaredError::new(&tapes[2], &columns, &target[..*rows], None);
            let mut duals = Workspace::new();
            let p = cases[2].ours.parameters();
            let mut run = || {
                black_box(problem.normal_equations(p, &mut duals));
            };
            times[2].push(one.install(|| time(&mut run)));
            let problem = SquaredError::new(&tapes[0], &columns, &target[..*rows], None);
            let p = cases[0].ours.parameters();
            let mut run = || {
                black_box(problem.cost(p, &mut workspace));
            };
            times[3].push(one.install(|| time(&mut run)));
            times[4].push(time(&mut run));
        }
    }
    for (rows, times) in sizes.iter().zip(times) {
        let [a, b, c, d, e] = times.map(|t| median(t) * 1e9 / *rows as f64);
        println!("| {rows} | {a:.3} | {b:.3} | {c:.3} | {d:.3} | {e:.3} |");
    }
}

/// One thread against two, at a million rows.
pub(crate) fn threads() {
    println!("| 1,000,000 rows | 1 thread, ms | 2 threads, ms | ratio | largest ratio |");
    println!("|---|---|---|---|---|");
    let rows = 1_000_000;
    let all = columns(5, rows);
    let views: Vec<&[f64]> = all.iter().map(Vec::as_slice).collect();
    let target = vec![0.5; rows];
    let pool = |n: usize| rayon::ThreadPoolBuilder::new().num_threads(n).build().expect("threads");
    let pools = [pool(1), pool(2)];
    for Case { name, ours, .. } in cases() {
        let tape = Tape::compile(&ours);
        let problem = SquaredError::new(&tape, &views, &target, None);
        for what in ["cost", "normal equations"] {
            let mut times = [Vec::new(), Vec::new()];
            for _ in 0..15 {
                for (pool, times) in pools.iter().zip(&mut times) {
                    let (mut values, mut duals) = (Workspace::new(), Workspace::new());
                    times.push(pool.install(|| {
                        time(&mut || {
                            if what == "cost" {
                                black_box(problem.cost(ours.parameters(), &mut values));
                            } else {
                                black_box(problem.normal_equations(ours.parameters(), &mut duals));
                            }
                        })
                    }));
                }
            }
            let ratios: Vec<f64> = times[0].iter().zip(&times[1]).map(|(a, b)| a / b).collect();
            let best = ratios.iter().copied().fold(0.0, f64::max);
            let [a, b] = times.map(|t| median(t) * 1e3);
            println!("| {name}: {what} | {a:.2} | {b:.2} | {:.2} | {best:.2} |", median(ratios));
        }
    }
}

/// Bytes of the largest resident set so far, where the system tells.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok()).map_or(f64::NAN, |kb| kb * 1024.0)
}

/// Peak memory of a whole fit on ten million rows of nine inputs and a target. Run alone: the peak is that of the
/// process.
pub(crate) fn memory() {
    let mut all = columns(9, LARGEST);
    let y: Vec<f64> = (0..LARGEST).map(|i| 2.5 * (-0.7 * all[0][i]).exp() + 0.3 * all[1][i]).collect();
    all.push(y);
    let variables =
        (1..=10).map(|j| Variable::new(if j == 10 { "y".into() } else { format!("x{j}") })).collect();
    let data = Dataset::from_columns(variables, all).and_then(|d| d.target("y")).expect("a table of numbers");
    let bytes = (10 * LARGEST * 8) as f64;
    let before = peak();
    let start = std::time::Instant::now();
    let regressor = SymbolicRegressor::builder()
        .threads(2)
        .time_limit(Duration::from_secs(25))
        .build()
        .expect("good options");
    let model = regressor.fit(&data).expect("a law");
    println!(
        "Fit on {LARGEST} rows, 9 inputs and a target: {} in {:.1} s; data {:.0} MB, peak with the data alone {:.0} \
         MB, peak of the fit {:.0} MB = {:.2} times the data",
        model.formula(),
        start.elapsed().as_secs_f64(),
        bytes / 1e6,
        before / 1e6,
        peak() / 1e6,
        peak() / bytes
    );
}
