//! Random expressions over every function, and points where their values can be compared.

#![allow(dead_code, unreachable_pub)] // each test uses a part of it

use closedform::expr::{Expr, Node, Op};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// Names of the variables of random expressions: a keyword, a name with a space, a function, a letter in Greek.
pub const NAMES: [&str; 5] = ["x1", "lambda", "x y", "exp", "θ"];

/// Any expression of moderate size over five variables.
pub fn expressions() -> impl Strategy<Value = Expr> {
    let exact = prop_oneof![
        Just(std::f64::consts::PI),
        Just(std::f64::consts::E),
        Just(std::f64::consts::SQRT_2),
        Just(std::f64::consts::FRAC_PI_3),
        Just(1.0 / 3.0),
        Just(-2.0 / 3.0),
        Just(0.1),
        (-4i32..6).prop_map(f64::from),
    ];
    let leaf = prop_oneof![
        4 => (0usize..NAMES.len()).prop_map(Expr::variable),
        1 => exact.prop_map(Expr::constant),
        1 => (-10.0..10.0f64).prop_map(Expr::parameter),
        1 => (-12i32..16, -9.0..9.0f64).prop_map(|(e, m)| Expr::parameter(m * 10f64.powi(e))),
    ];
    leaf.prop_recursive(5, 24, 2, |inner| {
        (proptest::sample::select(Op::ALL.to_vec()), inner.clone(), inner, any::<bool>()).prop_map(
            |(op, a, b, shared)| match op.arity() {
                1 => a.apply(op),
                // Half of the time one part is used twice.
                _ if shared => Expr::apply2(op, &a, &a.apply(Op::Tanh)),
                _ => Expr::apply2(op, &a, &b),
            },
        )
    })
}

/// The same expressions at every run.
pub fn sample(count: usize) -> Vec<Expr> {
    let mut runner = TestRunner::deterministic();
    let strategy = expressions();
    (0..count)
        .map(|_| strategy.new_tree(&mut runner).expect("the strategy rejects nothing").current())
        .collect()
}

/// Rows that random expressions are compared at.
pub fn rows() -> Vec<Vec<f64>> {
    vec![
        vec![0.7, 1.3, 2.1, 0.4, 1.9],
        vec![-0.6, 0.8, -1.7, 2.2, 0.3],
        vec![3.1, -2.4, 0.9, -0.2, -1.1],
        vec![0.05, 0.31, 0.62, 0.93, 0.18],
        vec![-5.2, 7.7, -3.3, 4.6, -8.1],
    ]
}

/// The value at a row, if every part of the formula is of moderate size there and roundings of the parts do not
/// show in the result beyond 3e-13 of it: what two correct programs agree on.
pub fn comparable(expr: &Expr, row: &[f64]) -> Option<f64> {
    let exact = perturbed(expr, row, 0)?;
    for seed in 1..6 {
        let moved = perturbed(expr, row, seed)?;
        if (moved - exact).abs() > 3e-13 * exact.abs() {
            return None;
        }
    }
    Some(exact)
}

/// The value with every part changed in its last digits; `None` where a part is no ordinary number.
fn perturbed(expr: &Expr, row: &[f64], seed: u64) -> Option<f64> {
    let mut values: Vec<f64> = Vec::new();
    for (i, node) in expr.nodes().iter().enumerate() {
        let value = match *node {
            Node::Constant(c) => c,
            Node::Parameter(p) => expr.parameters()[p as usize],
            Node::Variable(v) => row[v as usize],
            Node::Unary(op, a) => op.value(values[a as usize]),
            Node::Binary(op, a, b) => op.value2(values[a as usize], values[b as usize]),
        };
        // SymPy and exmex write ln(1 + e^x), which keeps its digits in this range only.
        if let Node::Unary(Op::Softplus, a) = *node
            && !(-6.0..600.0).contains(&values[a as usize])
        {
            return None;
        }
        // An underflow to 0 is no value to compare; the exact 0 of a difference or of `relu` is.
        let zero = |a: u32| values[a as usize] == 0.0;
        let underflow = value == 0.0
            && match *node {
                Node::Unary(op, a) => {
                    matches!(op, Op::Exp | Op::Logistic) || (op == Op::Reciprocal && !zero(a))
                }
                Node::Binary(Op::Mul, a, b) => !zero(a) && !zero(b),
                Node::Binary(Op::Div | Op::Pow, a, _) => !zero(a),
                _ => false,
            };
        if underflow {
            return None;
        }
        if !(value == 0.0 || (1e-100..1e100).contains(&value.abs())) {
            return None;
        }
        let hash =
            (seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (i as u64)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        let step = if seed == 0 { 0.0 } else { ((hash >> 40) as f64 / (1u64 << 23) as f64 - 1.0) * 2e-15 };
        values.push(value * (1.0 + step));
    }
    values.pop()
}

/// Panics where two numbers differ by more than 1e-12 of the first.
#[track_caller]
pub fn assert_close(expected: f64, got: f64, what: &str) {
    assert!(
        (expected - got).abs() <= 1e-12 * expected.abs(),
        "expected {expected:e}, got {got:e} (relative difference {:e}) from {what}",
        ((expected - got) / expected).abs()
    );
}
