//! Constants of a formula: which of them are nice numbers, and which only look like one.

use closedform::expr::{Expr, Node, Op};
use closedform::refit::{Refitter, snap_constants};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::f64::consts::PI;

/// About normal, with variance 1.
fn noise(rng: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| rng.random_range(-0.5..0.5)).sum()
}

/// `c x`, fitted to rows with noise of which the constant has this relative standard error.
fn snapped(c: f64, error: f64, rng: &mut ChaCha8Rng) -> Expr {
    let x: Vec<f64> = (1..=60).map(|i| f64::from(i) / 60.0).collect();
    let squares: f64 = x.iter().map(|x| x * x).sum();
    let sigma = error * c.abs() * squares.sqrt();
    let y: Vec<f64> = x.iter().map(|x| c * x + sigma * noise(rng)).collect();
    let refitter = Refitter::default();
    let fitted = refitter.refit(&(Expr::parameter(c) * Expr::variable(0)), &[&x], &y, None).expr;
    snap_constants(&fitted, &[&x], &y, None, &refitter)
}

/// Whether a formula has pi, e, a root or a logarithm in it.
fn is_irrational(expr: &Expr) -> bool {
    expr.nodes().iter().any(|n| match *n {
        Node::Constant(c) => c == PI || c == std::f64::consts::E,
        Node::Unary(op, _) => matches!(op, Op::Sqrt | Op::Ln | Op::Square),
        _ => false,
    })
}

#[test]
fn a_constant_without_meaning_is_no_multiple_of_pi() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for error in [0.02, 0.001, 1e-5] {
        let count = 300;
        let irrational = (0..count)
            .filter(|_| {
                let c = rng.random_range(0.1f64.ln()..20f64.ln()).exp();
                is_irrational(&snapped(c, error, &mut rng))
            })
            .count();
        assert!(irrational * 50 < count, "standard error {error}: {irrational} of {count}");
    }
}

#[test]
fn a_constant_with_a_meaning_is_found() {
    for (c, name) in
        [(PI / 2.0, "pi/2"), ((2.0 * PI).sqrt(), "sqrt(2 pi)"), (1.0 / 3.0, "1/3"), (0.03, "0.03")]
    {
        let found = (0..20)
            .filter(|&seed| {
                let expr = snapped(c, 1e-6, &mut ChaCha8Rng::seed_from_u64(seed));
                expr.parameters().is_empty() && (expr.evaluate_row(&[1.0]) / c - 1.0).abs() < 1e-15
            })
            .count();
        assert!(found >= 18, "{name}: {found} of 20");
    }
}

#[test]
fn pi_is_found_in_noisy_data() {
    let found = (0..20)
        .filter(|&seed| {
            let expr = snapped(PI, 5e-4, &mut ChaCha8Rng::seed_from_u64(seed));
            expr.parameters().is_empty() && expr.evaluate_row(&[1.0]) == PI
        })
        .count();
    assert!(found >= 18, "{found} of 20");
}
