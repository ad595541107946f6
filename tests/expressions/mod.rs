//! Random expressions, and expressions as short text, for the tests of several stages.
#![allow(dead_code)] // every test binary uses its part

use closedform::expr::{Expr, ExprBuilder, Node, NodeId, Op, parse};
use proptest::prelude::*;

/// Names of variables 0, 1, 2, ...
pub(crate) const VARIABLES: [&str; 4] = ["x", "y", "z", "t"];

/// Names that stand for fitted constants in [`formula`], with their values.
pub(crate) const PARAMETERS: [(&str, f64); 7] =
    [("a", 2.5), ("b", -0.75), ("c", 3.5), ("d", 1.25), ("p0", 0.0), ("p1", 1.0), ("m1", -1.0)];

/// A formula in `x y z t` and the fitted constants of [`PARAMETERS`]; a letter written twice is one constant.
pub(crate) fn formula(text: &str) -> Expr {
    let names: Vec<&str> = VARIABLES.into_iter().chain(PARAMETERS.map(|p| p.0)).collect();
    let mut inputs: Vec<Expr> = (0..VARIABLES.len()).map(Expr::variable).collect();
    inputs.extend(PARAMETERS.map(|p| Expr::parameter(p.1)));
    parse(text, &names).unwrap_or_else(|e| panic!("{e}")).substitute(&inputs)
}

/// The expression in the notation of the parser; fitted constants are written `#value` with four digits.
pub(crate) fn show(expr: &Expr) -> String {
    let mut text: Vec<(String, u8)> = Vec::new();
    for node in expr.nodes() {
        let arg = |a: NodeId, least: u8| {
            let (t, power) = &text[a as usize];
            if *power < least { format!("({t})") } else { t.clone() }
        };
        text.push(match *node {
            Node::Constant(c) => (format!("{c}"), if c < 0.0 { 3 } else { 9 }),
            Node::Parameter(p) => {
                let v = expr.parameters()[p as usize];
                (format!("#{}", (v * 1e4).round() / 1e4), 9)
            }
            Node::Variable(v) => (VARIABLES[v as usize].to_string(), 9),
            Node::Unary(Op::Neg, a) => (format!("-{}", arg(a, 3)), 3),
            Node::Unary(Op::Square, a) => (format!("{}^2", arg(a, 5)), 4),
            Node::Unary(Op::Cube, a) => (format!("{}^3", arg(a, 5)), 4),
            Node::Unary(Op::Reciprocal, a) => (format!("1/{}", arg(a, 3)), 2),
            Node::Unary(op, a) => {
                (format!("{}({})", format!("{op:?}").to_lowercase(), text[a as usize].0), 9)
            }
            Node::Binary(op, a, b) => {
                let (symbol, power) = match op {
                    Op::Add => (" + ", 1),
                    Op::Sub => (" - ", 1),
                    Op::Mul => ("*", 2),
                    Op::Div => ("/", 2),
                    Op::Pow => ("^", 4),
                    _ => {
                        let name = format!("{op:?}").to_lowercase();
                        let both = format!("{name}({}, {})", text[a as usize].0, text[b as usize].0);
                        text.push((both, 9));
                        continue;
                    }
                };
                let left = arg(a, if op == Op::Pow { 5 } else { power });
                let right = arg(b, if op == Op::Add || op == Op::Mul { power } else { power + 1 });
                (format!("{left}{symbol}{right}"), power)
            }
        });
    }
    text.pop().map(|t| t.0).unwrap_or_default()
}

/// Random expressions over every function, `variables` inputs, exact and fitted constants.
pub(crate) fn expression(variables: usize, depth: u32) -> impl Strategy<Value = Expr> {
    let exact = prop_oneof![
        (-3i32..=4).prop_map(f64::from),
        Just(0.5),
        Just(0.1),
        Just(-0.03),
        Just(std::f64::consts::PI),
    ];
    let fitted = prop_oneof![4 => -3.0..3.0f64, 1 => Just(0.0), 1 => Just(1.0), 1 => Just(-1.0)];
    let leaf = prop_oneof![
        5 => (0..variables).prop_map(Expr::variable),
        2 => exact.prop_map(Expr::constant),
        2 => fitted.prop_map(Expr::parameter),
    ];
    leaf.prop_recursive(depth, 24, 2, |inner| {
        let unary: Vec<Op> = Op::ALL.into_iter().filter(|op| op.arity() == 1).collect();
        let binary: Vec<Op> = Op::ALL.into_iter().filter(|op| op.arity() == 2).collect();
        let arithmetic = vec![Op::Add, Op::Sub, Op::Mul, Op::Div];
        prop_oneof![
            3 => (prop::sample::select(unary), inner.clone()).prop_map(|(op, a)| a.apply(op)),
            1 => (prop::sample::select(binary), inner.clone(), inner.clone())
                .prop_map(|(op, a, b)| Expr::apply2(op, &a, &b)),
            3 => (prop::sample::select(arithmetic.clone()), inner.clone(), inner.clone())
                .prop_map(|(op, a, b)| Expr::apply2(op, &a, &b)),
            // A part used twice, its constants shared.
            1 => (prop::sample::select(arithmetic), inner.clone(), inner).prop_map(|(op, a, b)| {
                let mut g = ExprBuilder::new();
                let (a, b) = (g.import(&a), g.import(&b));
                let left = g.binary(op, a, b);
                let root = g.binary(Op::Add, left, a);
                g.finish(root)
            }),
        ]
    })
}
