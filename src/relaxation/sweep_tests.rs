//! Tests of the sweep against finite differences and hyper-duals.

use super::*;
use crate::expr::{Dual, HyperDual};
use crate::relaxation::SupernetOptions;
use crate::search_space::{PrimitiveSet, SearchSpace};

/// A supernet with every option on, on more rows than one chunk has.
fn net(combine: Combine, mixture: MixtureKind, logistic: bool) -> (Supernet, Vec<f64>, Vec<f64>, Batch) {
    let primitives =
        PrimitiveSet::parse("none, mult, exp, linear_tanh, hill = a*x/(b^2 + c^2 + x^2) + d").unwrap();
    let space = SearchSpace { primitives, nodes: 3, combine };
    let options = SupernetOptions {
        mixture,
        constant: true,
        output_weights: true,
        output_bias: true,
        logistic_output: logistic,
        normalise: true,
        zero_centred: logistic,
    };
    let mut net = Supernet::new(&space, 2, options);
    net.temperature = 0.7;
    let wave = |n: usize, f: f64| (0..n).map(|i| (i as f64 * f).sin()).collect::<Vec<f64>>();
    let (alpha, theta) = (wave(net.layout.alphas(), 0.7), wave(net.layout.thetas(), 1.3));
    let batch = Batch {
        columns: vec![wave(150, 0.4), wave(150, 0.9)],
        target: wave(150, 2.0),
        weights: Some((0..150).map(|i| 1.0 + f64::from(i % 3)).collect()),
    };
    net.calibrate(&alpha, &theta, &batch);
    net.active[net.layout.alpha(2, 2)] = false;
    (net, alpha, theta, batch)
}

const CASES: [(Combine, MixtureKind, bool); 4] = [
    (Combine::Sum, MixtureKind::Softmax, false),
    (Combine::Product, MixtureKind::Sigmoid, false),
    (Combine::Both, MixtureKind::Softmax, true),
    (Combine::Both, MixtureKind::Sigmoid, false),
];

/// The loss by the plain evaluation in any number type.
fn loss<T: Number>(net: &Supernet, alpha: &[T], theta: &[T], batch: &Batch) -> T {
    let f = net.evaluate(alpha, theta, batch);
    let mut total = T::constant(0.0);
    for (i, f) in f.into_iter().enumerate() {
        let r = f - T::constant(batch.target[i]);
        total = total + T::constant(batch.weight(i) / batch.total_weight()) * r * r;
    }
    total
}

#[test]
fn the_sweep_agrees_with_pure_forward_mode() {
    for (combine, mixture, logistic) in CASES {
        let (net, alpha, theta, batch) = net(combine, mixture, logistic);
        let both = net.gradients(&alpha, &theta, &batch, Wanted::Both);
        assert!((both.loss - net.loss(&alpha, &theta, &batch)).abs() < 1e-13);
        let only = net.gradients(&alpha, &theta, &batch, Wanted::Alpha);
        assert_eq!((only.alpha.clone(), only.theta.iter().any(|t| *t != 0.0)), (both.alpha.clone(), false));
        let seeded = |x: &[f64], at: Option<usize>| -> Vec<Dual> {
            x.iter().enumerate().map(|(i, x)| Dual::new(*x, f64::from(u8::from(at == Some(i))))).collect()
        };
        for i in 0..alpha.len() {
            let want = loss(&net, &seeded(&alpha, Some(i)), &seeded(&theta, None), &batch).derivative();
            assert!((both.alpha[i] - want).abs() < 1e-12 * (1.0 + want.abs()), "{combine:?} alpha {i}");
        }
        for i in 0..theta.len() {
            let want = loss(&net, &seeded(&alpha, None), &seeded(&theta, Some(i)), &batch).derivative();
            assert!((both.theta[i] - want).abs() < 1e-12 * (1.0 + want.abs()), "{combine:?} theta {i}");
        }
    }
}

#[test]
fn over_duals_it_gives_the_mixed_second_derivatives_of_hyperduals() {
    for (combine, mixture, logistic) in CASES {
        let (net, alpha, theta, batch) = net(combine, mixture, logistic);
        let v: Vec<f64> = (0..theta.len()).map(|i| (i as f64 * 0.37).cos()).collect();
        let along: Vec<Dual> = theta.iter().zip(&v).map(|(x, v)| Dual::new(*x, *v)).collect();
        let fixed: Vec<Dual> = alpha.iter().map(|a| Dual::constant(*a)).collect();
        let sweep = net.gradients(&fixed, &along, &batch, Wanted::Alpha);
        let theta: Vec<HyperDual> =
            theta.iter().zip(&v).map(|(x, v)| HyperDual { value: *x, e1: *v, e2: 0.0, e12: 0.0 }).collect();
        for i in 0..alpha.len() {
            let alpha: Vec<HyperDual> = alpha
                .iter()
                .enumerate()
                .map(|(k, a)| HyperDual { value: *a, e1: 0.0, e2: f64::from(u8::from(k == i)), e12: 0.0 })
                .collect();
            let want = loss(&net, &alpha, &theta, &batch);
            let got = sweep.alpha[i];
            assert!((got.value - want.e2).abs() < 1e-12 * (1.0 + want.e2.abs()), "{combine:?} {i}");
            assert!(
                (got.derivative() - want.e12).abs() < 1e-11 * (1.0 + want.e12.abs()),
                "{combine:?} {i}: {} {}",
                got.derivative(),
                want.e12
            );
        }
    }
}

#[test]
fn the_jacobian_gives_the_gradient() {
    let (net, alpha, theta, batch) = net(Combine::Both, MixtureKind::Softmax, true);
    let (f, jacobian) = net.jacobian(&alpha, &theta, &batch);
    let gradient = net.gradients(&alpha, &theta, &batch, Wanted::Theta).theta;
    for (j, g) in gradient.iter().enumerate() {
        let by_rows: f64 = (0..f.len())
            .map(|i| {
                let factor = 2.0 * batch.weight(i) / batch.total_weight() * (f[i] - batch.target[i]);
                factor * jacobian[i * theta.len() + j]
            })
            .sum();
        assert!((by_rows - g).abs() < 1e-12 * (1.0 + g.abs()));
    }
}
