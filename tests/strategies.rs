//! Every strategy on the tutorial's law, and architectures on their own.

mod laws;

use closedform::search::darts::{DartsOptions, Epoch};
use closedform::search_space::Combine;
use closedform::{
    Dataset, ErrorKind, FitControl, PrimitiveSet, RegressorBuilder, StrategyKind, SymbolicRegressor,
};

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
        assert!(model.best().scores().r2 > 0.9, "{strategy}: {}", model.best().scores().r2);
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
    let y: ndarray::Array1<f64> =
        x.rows().into_iter().map(|r| 3.0 * r[0] + (2.0 * r[1]).exp()).collect();
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
