//! Every strategy on the tutorial's law, and architectures on their own.

mod laws;

use closedform::relaxation::MixtureKind;
use closedform::search::darts::{Darts, DartsOptions, Epoch, Order};
use closedform::search::{Control, Problem, SearchStrategy};
use closedform::search_space::{Combine, SearchSpace};
use closedform::{
    Comparison, Dataset, ErrorKind, FitControl, PrimitiveSet, RegressorBuilder, Split, StrategyKind,
    SymbolicRegressor, Variable,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Duration;

/// The tutorial's space: seven primitives, two nodes that add.
fn builder(strategy: StrategyKind) -> RegressorBuilder {
    SymbolicRegressor::builder()
        .primitives(PrimitiveSet::SEED)
        .nodes(2)
        .combine(Combine::Sum)
        .strategy(strategy)
        .no_time_limit()
        .seed(1)
}

#[test]
fn every_strategy_but_random_search_finds_the_law_of_the_tutorial() {
    let data = laws::sum_and_exponential();
    for strategy in StrategyKind::ALL {
        if matches!(strategy, StrategyKind::Random | StrategyKind::RandomShared) {
            continue;
        }
        let model = builder(strategy).build().unwrap().fit(&data).unwrap();
        let best = model.best();
        assert!(best.scores().mse < 1e-20, "{strategy}: {} {}", best.formula(), best.scores().mse);
        assert_eq!(model.report().strategy, strategy.name());
        let known = strategy == StrategyKind::Auto || !model.report().architecture.is_null();
        assert!(known, "{strategy} has no architecture");
    }
}

#[test]
fn random_search_finds_something() {
    let data = laws::sum_and_exponential();
    for strategy in [StrategyKind::Random, StrategyKind::RandomShared] {
        let model = builder(strategy).build().unwrap().fit(&data).unwrap();
        // More than the best graph of one node has, 0.6607.
        assert!(model.best().scores().r2 > 0.67, "{strategy}: {}", model.best().scores().r2);
    }
}

#[test]
fn names_of_strategies_are_read_back() {
    for strategy in StrategyKind::ALL {
        assert_eq!(strategy.name().parse::<StrategyKind>().unwrap(), strategy);
    }
    let message = "nas".parse::<StrategyKind>().unwrap_err().to_string();
    assert!(message.contains("darts-unrolled") && message.contains("random-shared"), "{message}");
}

#[test]
fn an_architecture_alone_is_refitted() {
    let data = laws::sum_and_exponential();
    let found = builder(StrategyKind::DartsExact).build().unwrap().fit(&data).unwrap();
    let json = &found.report().architecture;
    for key in ["nodes", "primitives", "combine", "genotype"] {
        assert!(json.get(key).is_some(), "{key}");
    }
    let edge = &json["genotype"]["nodes"][0]["edges"][0];
    assert!(edge["primitive"].is_string() && edge["weight"].is_number(), "{edge}");

    // Another law of the same form: y = 3 x1 + exp(2 x2).
    let columns = data.columns();
    let x = ndarray::Array2::from_shape_fn((columns[0].len(), 2), |(i, j)| columns[j][i]);
    let y: ndarray::Array1<f64> = x.rows().into_iter().map(|r| 3.0 * r[0] + (2.0 * r[1]).exp()).collect();
    let other = Dataset::from_arrays(x.view(), y.view()).unwrap();
    let keep = DartsOptions { epochs: 0, ..DartsOptions::default() };
    let refit = SymbolicRegressor::builder().darts(keep).build().unwrap();
    let again = refit.refit_architecture(json, &other).unwrap();
    assert!(again.best().scores().mse < 1e-20, "{}", again.best().formula());

    // Damaged, empty, of other data.
    let mut damaged = json.clone();
    damaged["alpha"] = serde_json::json!([0.0]);
    assert_eq!(refit.refit_architecture(&damaged, &other).unwrap_err().kind(), ErrorKind::Model);
    let empty = serde_json::Value::Null;
    assert_eq!(refit.refit_architecture(&empty, &other).unwrap_err().kind(), ErrorKind::Model);
    let one = ndarray::Array2::from_shape_fn((columns[0].len(), 1), |(i, _)| columns[1][i]);
    let narrow = Dataset::from_arrays(one.view(), y.view()).unwrap();
    let message = refit.refit_architecture(json, &narrow).unwrap_err().to_string();
    assert!(message.contains("2 input columns, the data have 1"), "{message}");
}

#[test]
fn the_observer_sees_every_epoch_of_every_restart() {
    let data = laws::sum_and_exponential();
    let darts = DartsOptions { epochs: 3, restarts: 2, ..DartsOptions::default() };
    let mut epochs: Vec<Epoch> = Vec::new();
    let mut rounds = 0;
    let model = builder(StrategyKind::DartsUnrolled)
        .darts(darts)
        .build()
        .unwrap()
        .fit_with(
            &data,
            FitControl {
                observer: Some(&mut |p| rounds = p.rounds),
                epochs: Some(&mut |e: &Epoch| epochs.push(e.clone())),
                ..FitControl::default()
            },
        )
        .unwrap();
    assert!(rounds >= 1 && !model.front().is_empty());
    let seen: Vec<(usize, usize)> = epochs.iter().map(|e| (e.restart, e.epoch)).collect();
    assert_eq!(seen, [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3)]);
    for e in &epochs {
        assert!(e.loss.is_finite());
        // Five edges; the seven weights of each add to 1.
        assert_eq!(e.weights.len(), 35);
        assert!(e.weights.chunks(7).all(|w| (w.iter().sum::<f64>() - 1.0).abs() < 1e-12));
    }
}

#[test]
fn a_limit_on_evaluations_ends_the_search() {
    let data = laws::learning_curve(0.02, 1);
    let model = builder(StrategyKind::Darts).max_evaluations(20_000).build().unwrap().fit(&data).unwrap();
    let report = model.report();
    assert_eq!(report.stop_reason, closedform::StopReason::EvaluationLimit);
    assert_eq!(report.threads, Some(1));
    assert!((20_000..30_000).contains(&report.evaluations), "{}", report.evaluations);
}

/// One round of DARTS on `y = 2 x1 + exp(x2)` in the space of 20 primitives and three nodes.
fn one_round(options: DartsOptions, control: &Control) -> Vec<Epoch> {
    let space = SearchSpace::new(PrimitiveSet::SCIENCE, 3).unwrap();
    let a: Vec<f64> = (0..100).map(|i| f64::from(i % 10) / 9.0).collect();
    let b: Vec<f64> = (0..100).map(|i| f64::from(i / 10) / 9.0).collect();
    let y: Vec<f64> = a.iter().zip(&b).map(|(a, b)| 2.0 * a + b.exp()).collect();
    let split = Split::random(100, 0.25, 1);
    let columns = [a.as_slice(), b.as_slice()];
    let problem =
        Problem { columns: &columns, target: &y, weights: None, split: &split, space: &space, seed: 1 };
    let mut darts = Darts::new(options, false);
    darts.round(&problem, &[], control);
    darts.trace().to_vec()
}

#[test]
fn the_zero_one_loss_of_fair_darts_decides_mixtures() {
    let undecided = |fair_loss_weight: f64| {
        let options = DartsOptions {
            mixture: MixtureKind::Sigmoid,
            fair_loss_weight,
            arch_learning_rate: 0.2,
            epochs: 160,
            restarts: 1,
            ..DartsOptions::default()
        };
        let epochs = one_round(options, &Control::unlimited());
        let weights = &epochs.last().unwrap().weights;
        weights.iter().map(|w| w * (1.0 - w)).sum::<f64>() / weights.len() as f64
    };
    // Independent sigmoids begin at 1/2, so at 1/4 here. The first epochs still depend on the last bits of the losses.
    let (without, with) = (undecided(0.0), undecided(1e6));
    assert!(with < 0.7 * without, "{without} {with}");
}

#[test]
#[allow(clippy::print_stdout)]
fn training_leaves_most_of_a_budget_to_the_discretiser() {
    for order in [Order::First, Order::Unrolled, Order::Exact, Order::Implicit] {
        let limited = Control::unlimited().most_evaluations(100_000);
        let epochs = one_round(DartsOptions { order, ..DartsOptions::default() }, &limited);
        println!("{order:?}: {} evaluations of training", limited.evaluations());
        assert!(limited.evaluations() < 20_000, "{order:?} {}", limited.evaluations());
        // One restart at a time.
        assert_eq!(epochs.iter().map(|e| e.restart).max(), Some(0));
    }
}

#[test]
fn runs_that_end_before_their_first_formula_do_not_end_a_comparison() {
    let data = laws::sum_and_exponential();
    let strategies = [StrategyKind::Random, StrategyKind::Enas, StrategyKind::Darts];
    let plan = Comparison::new(&strategies).seeds(2).evaluations(1);
    let runs = plan.run(&builder(strategies[0]), &data).unwrap();
    assert_eq!(runs.runs.len(), 6);
    for r in &runs.runs {
        assert!(!r.law && r.failure.is_some() == r.formula.is_empty(), "{r:?}");
        assert!(r.failure.is_none() || r.loss == f64::INFINITY, "{r:?}");
    }
    assert!(!runs.to_string().is_empty());
}

#[test]
#[cfg(feature = "cli")]
fn an_architecture_goes_through_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_closedform"))
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    let table = |name: &str, a: f64, b: f64| {
        let mut text = String::from("x1,x2,y\n");
        for i in 0..100 {
            let (u, v) = (f64::from(i % 10) / 9.0, f64::from(i / 10) / 9.0);
            text += &format!("{u},{v},{}\n", a * u + (b * v).exp());
        }
        std::fs::write(folder.path().join(name), text).unwrap();
    };
    table("one.csv", 2.0, 5.0);
    table("other.csv", 3.0, 2.0);
    let space = ["--strategy", "darts-exact", "--primitives", "seed", "--nodes", "2", "--combine", "sum"];
    run(&[&["fit", "one.csv", "--seed", "1", "--out", "found", "--trace"], &space[..]].concat());
    for file in ["trace.csv", "trajectories.png", "architecture.png"] {
        assert!(folder.path().join("found").join(file).metadata().unwrap().len() > 100, "{file}");
    }
    let graph = run(&["show", "found/model.json", "--as", "architecture"]);
    std::fs::write(folder.path().join("graph.json"), graph).unwrap();
    let refitted = run(&["refit", "--architecture", "graph.json", "other.csv", "--format", "json"]);
    let model: serde_json::Value = serde_json::from_str(&refitted).unwrap();
    assert!(model["best"]["mse"].as_f64().unwrap() < 1e-20, "{}", model["best"]);
}

/// Tables of few rows, each stage of `auto` alone: what has more unknowns than rows must not be solved for.
#[test]
fn every_stage_takes_tables_of_few_rows() {
    let stages = ["groups", "separable", "product", "bank", "parts", "neighbourhood", "memetic"];
    for (rows, inputs) in [(2, 1), (3, 2), (7, 1), (12, 6), (20, 20), (31, 3), (66, 2)] {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut column = |_| -> Vec<f64> { (0..rows).map(|_| rng.random_range(1.0..18.0)).collect() };
        let columns: Vec<Vec<f64>> = (0..=inputs).map(&mut column).collect();
        let names = (1..=inputs).map(|i| Variable::new(format!("x{i}"))).collect();
        let data = Dataset::from_columns(names, columns[1..].to_vec()).unwrap();
        let data = data.with_target(Variable::new("y"), columns[0].clone()).unwrap();
        for stage in stages {
            let others = stages.iter().filter(|s| **s != stage).map(|s| s.to_string()).collect();
            let limit = Duration::from_millis(600);
            let fit = SymbolicRegressor::builder().without(others).time_limit(limit).seed(1).build().unwrap();
            let model = fit.fit(&data).unwrap();
            let finite = model.predict(&data).unwrap().iter().all(|y| y.is_finite());
            assert!(finite, "{stage}, {rows} rows, {inputs} inputs: {}", model.formula());
        }
    }
}
