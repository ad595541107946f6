//! Seven laws of AutoRA's synthetic experiments, found by differentiable architecture search.
//!
//! ```text
//! cargo run --release --example autora_suite                      # all tasks, seeds 0 to 4
//! cargo run --release --example autora_suite -- luce_choice_ratio 0 3
//! ```
//! AutoRA (<https://autoresearch.github.io>) ships models of psychology, economics and neuroscience that generate
//! data, and a `DARTSRegressor` to recover them with. Here each table is split 80 to 20; the search sees the larger
//! part, R2 is that of the smaller one. Every task has the same settings: the library's defaults for the strategy
//! `darts`, with the output type that AutoRA's metadata give (probability for choices). The last column is the
//! best test R2 of `DARTSRegressor` 1.1.0 over two settings (500 epochs of 10 updates, 150 epochs of 100 updates).

#![allow(clippy::print_stdout, reason = "an example shows what it finds")]

use closedform::model::metrics;
use closedform::{Dataset, Error, Split, StrategyKind, SymbolicRegressor, Variable, VariableKind};
use std::time::Instant;

struct Task {
    name: &'static str,
    data: Result<Dataset, Error>,
    /// The test R2 to beat.
    autora: f64,
}

/// Evenly spaced numbers, both ends included.
fn levels(low: f64, high: f64, n: usize) -> Vec<f64> {
    (0..n).map(|i| low + (high - low) * i as f64 / (n - 1) as f64).collect()
}

/// Every combination of the levels, the last column fastest.
fn grid(levels: &[Vec<f64>]) -> Vec<Vec<f64>> {
    levels.iter().fold(vec![Vec::new()], |rows, column| {
        rows.iter().flat_map(|row| column.iter().map(|v| [row.as_slice(), &[*v]].concat())).collect()
    })
}

fn table(
    names: &[&str],
    target: Variable,
    rows: &[Vec<f64>],
    law: impl Fn(&[f64]) -> f64,
) -> Result<Dataset, Error> {
    let variables = names.iter().map(|n| Variable::new(*n)).collect();
    let columns = (0..names.len()).map(|c| rows.iter().map(|r| r[c]).collect()).collect();
    Dataset::from_columns(variables, columns)?.with_target(target, rows.iter().map(|r| law(r)).collect())
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Stevens' power law: perceived magnitude of a stimulus.
fn stevens() -> Result<Dataset, Error> {
    table(&["S"], Variable::new("perceived"), &grid(&[levels(0.01, 5.0, 100)]), |r| r[0].powf(0.8))
}

/// Weber and Fechner: perceived difference of two stimuli.
fn weber_fechner() -> Result<Dataset, Error> {
    let mut rows = grid(&[levels(0.01, 5.0, 100), levels(0.01, 5.0, 100)]);
    rows.retain(|r| r[0] <= r[1]);
    table(&["S1", "S2"], Variable::new("difference"), &rows, |r| (r[1] / r[0]).ln())
}

/// Exponential learning.
fn exp_learning() -> Result<Dataset, Error> {
    let rows = grid(&[levels(0.0, 0.5, 100), levels(1.0, 100.0, 100)]);
    table(&["P0", "t"], Variable::new("performance"), &rows, |r| 1.0 - (1.0 - r[0]) * (-0.03 * r[1]).exp())
}

fn probability(name: &str) -> Variable {
    Variable::new(name).kind(VariableKind::Probability)
}

/// Luce's choice ratio: probability to answer with the first of four stimuli, two of them in the attended category.
fn luce_choice_ratio() -> Result<Dataset, Error> {
    let rows = grid(&vec![levels(0.1, 10.0, 8); 4]);
    table(&["A1", "A2", "B1", "B2"], probability("P_A1"), &rows, |r| {
        let focus = 0.8;
        let all = focus * (r[0] + r[1]) + (1.0 - focus) * (r[2] + r[3]);
        (focus * r[0] / all).clamp(0.0001, 0.9999)
    })
}

/// Values and probabilities of two offers, ten levels each.
fn offers() -> Vec<Vec<f64>> {
    let (value, chance) = (levels(-1.0, 1.0, 10), levels(0.0, 1.0, 10));
    grid(&[value.clone(), chance.clone(), value, chance])
}

const OFFERS: [&str; 4] = ["V_A", "P_A", "V_B", "P_B"];

/// Expected value theory: probability to take the first of two offers.
fn expected_value_theory() -> Result<Dataset, Error> {
    table(&OFFERS, probability("choose_A"), &offers(), |r| logistic(0.5 * (r[0] * r[1] - r[2] * r[3]) / 0.1))
}

/// Prospect theory: the same with bent values and probabilities, other ones for losses.
fn prospect_theory() -> Result<Dataset, Error> {
    let worth = |v: f64, p: f64| {
        let (value, c) = if v > 0.0 { (v.powf(0.88), 0.61) } else { (-2.25 * (-v).powf(0.88), 0.69) };
        value * p.powf(c) / (p.powf(c) + (1.0 - p).powf(c)).powf(1.0 / c)
    };
    table(&OFFERS, probability("choose_A"), &offers(), |r| {
        logistic((worth(r[0], r[1]) - worth(r[2], r[3])) / 0.1)
    })
}

/// Task switching: probability of a right answer from the strengths of two tasks, `switch` being 1 after a change.
fn task_switching() -> Result<Dataset, Error> {
    let rows = grid(&[levels(0.02, 1.0, 50), levels(0.02, 1.0, 50), vec![0.0, 1.0]]);
    table(&["current", "alternative", "switch"], probability("right"), &rows, |r| {
        let (c, a) = (r[0] + 0.3 * (1.0 - r[2]), r[1] + 0.3 * r[2]);
        let control = (1.0 / (2.61541389 * c / a + 0.7042097)).max(0.15);
        logistic(5.0 * ((-1.5 * a).exp() - (-1.5 * (c + control)).exp()))
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let task = |name, data, autora| Task { name, data, autora };
    let tasks = [
        task("stevens_power_law", stevens(), 0.996),
        task("weber_fechner_law", weber_fechner(), 0.625),
        task("exp_learning", exp_learning(), 0.014),
        task("luce_choice_ratio", luce_choice_ratio(), 0.623),
        task("expected_value_theory", expected_value_theory(), 0.578),
        task("task_switching", task_switching(), 0.898),
        task("prospect_theory", prospect_theory(), 0.644),
    ];
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seeds: Vec<u64> = arguments.iter().filter_map(|a| a.parse().ok()).collect();
    let seeds = if seeds.is_empty() { (0..5).collect() } else { seeds };
    let only: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|a| a.parse::<u64>().is_err()).collect();

    println!(
        "{:<22} {:>6} {:>4} {:>10} {:>7} {:>7}  formula",
        "task", "rows", "seed", "test R2", "s", "AutoRA"
    );
    let (mut runs, mut behind) = (0, Vec::new());
    for Task { name, data, autora } in tasks {
        if !only.is_empty() && !only.contains(&name) {
            continue;
        }
        let data = data?;
        for &seed in &seeds {
            let split = Split::random(data.rows(), 0.2, seed);
            let (train, test) = (data.select(&split.train), data.select(&split.validation));
            let started = Instant::now();
            let regressor = SymbolicRegressor::builder().strategy(StrategyKind::Darts).seed(seed).build()?;
            let model = regressor.fit(&train)?;
            let r2 = metrics::r2(test.target_values().unwrap_or_default(), &model.predict(&test)?, None);
            println!(
                "{name:<22} {:>6} {seed:>4} {r2:>10.6} {:>7.1} {autora:>7.3}  {}",
                data.rows(),
                started.elapsed().as_secs_f64(),
                model.formula()
            );
            runs += 1;
            if r2 <= autora {
                behind.push(format!("{name} with seed {seed}: {r2}"));
            }
        }
    }
    println!("\nbetter than AutoRA in {} of {runs} runs", runs - behind.len());
    assert!(runs > 0, "no task of that name");
    assert!(behind.is_empty(), "not better: {}", behind.join("; "));
    Ok(())
}
