//! Derivatives and compiled evaluation against independent ones: row by row, finite differences, `num-dual`.

use closedform::expr::{
    Dual, DualVec, Expr, ExprBuilder, HyperDual, LANES, Node, NodeId, Op, Tape, TapeSet, Workspace,
};
use num_dual::{DualNum, HyperDual64};
use proptest::prelude::*;

const INPUTS: usize = 3;

/// A step of a random expression: which function, and which earlier nodes.
type Gene = (usize, usize, usize);

/// A random DAG over inputs, constants and fitted constants, all of whose functions stay inside their domains.
/// Without `kinks` it is smooth.
fn build(genes: &[Gene], parameters: &[f64], kinks: bool) -> Expr {
    let mut g = ExprBuilder::new();
    let mut nodes: Vec<NodeId> = (0..INPUTS).map(|i| g.variable(i)).collect();
    nodes.extend([g.constant(0.75), g.constant(-2.0)]);
    nodes.extend(parameters.iter().map(|p| g.parameter(*p)).collect::<Vec<_>>());
    for &(op, a, b) in genes {
        let op = Op::ALL[op % Op::ALL.len()];
        if !kinks && matches!(op, Op::Abs | Op::Sign | Op::Relu | Op::Max | Op::Min) {
            continue;
        }
        // Later nodes more often: deep expressions.
        let pick = |i: usize| nodes[nodes.len() - 1 - i % nodes.len().min(9)];
        let node = safe(&mut g, op, pick(a), pick(b));
        nodes.push(node);
    }
    let mut root = nodes[nodes.len() - 1];
    // Every fitted constant takes part.
    for i in 0..parameters.len() {
        let scaled = g.binary(Op::Mul, nodes[INPUTS + 2 + i], nodes[i % INPUTS]);
        root = g.binary(Op::Add, root, scaled);
    }
    g.finish(root)
}

/// `op`, its arguments brought into its domain and to moderate size.
fn safe(g: &mut ExprBuilder, op: Op, a: NodeId, b: NodeId) -> NodeId {
    let bounded = g.unary(Op::Tanh, a);
    let half = g.constant(0.5);
    let positive = {
        let square = g.unary(Op::Square, a);
        g.binary(Op::Add, square, half)
    };
    let other = g.unary(Op::Tanh, b);
    match op {
        Op::Ln | Op::Sqrt | Op::Reciprocal => g.unary(op, positive),
        Op::Asin | Op::Acos => {
            let inside = g.binary(Op::Mul, bounded, half);
            g.unary(op, inside)
        }
        Op::Exp | Op::Square | Op::Cube | Op::Tan | Op::Sinh | Op::Cosh => g.unary(op, bounded),
        Op::Pow => g.binary(op, positive, other),
        Op::Div => {
            let two = g.constant(2.0);
            let divisor = g.binary(Op::Add, other, two);
            g.binary(op, a, divisor)
        }
        Op::Mul => g.binary(op, a, other),
        _ if op.arity() == 1 => g.unary(op, a),
        _ => g.binary(op, a, b),
    }
}

fn columns(rows: usize) -> Vec<Vec<f64>> {
    let number = |i: usize, j: usize| {
        let u = ((i * 7919 + j * 104_729 + 13) % 10_007) as f64 / 10_007.0;
        if i % 17 == 5 && j == 1 { 0.0 } else { -1.5 + 3.0 * u }
    };
    (0..INPUTS).map(|j| (0..rows).map(|i| number(i, j)).collect()).collect()
}

fn close(a: f64, b: f64, scale: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-10 * scale.max(1.0)
}

fn genes() -> impl Strategy<Value = Vec<Gene>> {
    prop::collection::vec((0..1000usize, 0..1000usize, 0..1000usize), 1..16)
}

fn constants() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![-2.0..-0.1f64, 0.1..2.0f64], 1..12)
}

/// The expression by `num-dual`, which knows nothing of this crate.
fn oracle(expr: &Expr, row: &[f64], parameters: &[HyperDual64]) -> HyperDual64 {
    let mut v: Vec<HyperDual64> = Vec::new();
    let number = HyperDual64::from_re;
    for node in expr.nodes() {
        let at = |i: NodeId| v[i as usize];
        v.push(match *node {
            Node::Constant(c) => number(c),
            Node::Parameter(p) => parameters[p as usize],
            Node::Variable(i) => number(row[i as usize]),
            Node::Unary(op, a) => {
                let x = at(a);
                match op {
                    Op::Neg => -x,
                    Op::Exp => x.exp(),
                    Op::Ln => x.ln(),
                    Op::Sqrt => x.sqrt(),
                    Op::Square => x * x,
                    Op::Cube => x * x * x,
                    Op::Reciprocal => x.recip(),
                    Op::Sin => x.sin(),
                    Op::Cos => x.cos(),
                    Op::Tan => x.tan(),
                    Op::Asin => x.asin(),
                    Op::Acos => x.acos(),
                    Op::Atan => x.atan(),
                    Op::Sinh => x.sinh(),
                    Op::Cosh => x.cosh(),
                    Op::Tanh => x.tanh(),
                    Op::Logistic => ((-x).exp() + 1.0).recip(),
                    Op::Softplus => (x.exp() + 1.0).ln(),
                    other => panic!("{other:?} is not smooth"),
                }
            }
            Node::Binary(op, a, b) => {
                let (x, y) = (at(a), at(b));
                match op {
                    Op::Add => x + y,
                    Op::Sub => x - y,
                    Op::Mul => x * y,
                    Op::Div => x / y,
                    Op::Pow => x.powd(y),
                    other => panic!("{other:?} is not smooth"),
                }
            }
        });
    }
    v[v.len() - 1]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_tape_equals_row_by_row_evaluation(genes in genes(), parameters in constants(), rows in 1..140usize) {
        let e = build(&genes, &parameters, true);
        let data = columns(rows);
        let views: Vec<&[f64]> = data.iter().map(Vec::as_slice).collect();
        let p = e.parameters();
        let tape = Tape::compile(&e);
        let at = |i: usize| -> Vec<f64> { data.iter().map(|c| c[i]).collect() };

        for (i, f) in tape.values(p, &views).into_iter().enumerate() {
            let want = e.evaluate_row(&at(i));
            prop_assert!(close(f, want, want.abs()), "row {i}: {f} {want}");
        }

        let lifted: Vec<DualVec<3>> = p.iter().enumerate().map(|(j, v)| DualVec::variable(*v, j % 3)).collect();
        let hyper: Vec<HyperDual> = p.iter().enumerate().map(|(j, v)| HyperDual {
            value: *v, e1: if j == 0 { 1.0 } else { 0.0 }, e2: 0.3 * j as f64, e12: 0.0,
        }).collect();
        let mut wrong = None;
        tape.run(&lifted, &views, 0..rows, &mut Workspace::new(), |start, block| {
            for (i, d) in block.iter().enumerate() {
                let row: Vec<DualVec<3>> =
                    at(start + i).into_iter().map(|x| DualVec { value: x, tangents: [0.0; 3] }).collect();
                let want = e.evaluate_row_with(&row, &lifted);
                let same = close(d.value, want.value, want.value.abs())
                    && d.tangents.iter().zip(want.tangents).all(|(a, b)| close(*a, b, b.abs()));
                if !same { wrong = Some(format!("row {}: {d:?} {want:?}", start + i)); }
            }
        });
        tape.run(&hyper, &views, 0..rows, &mut Workspace::new(), |start, block| {
            for (i, d) in block.iter().enumerate() {
                let row: Vec<HyperDual> =
                    at(start + i).into_iter().map(|x| HyperDual { value: x, ..HyperDual::default() }).collect();
                let want = e.evaluate_row_with(&row, &hyper);
                let pairs = [(d.value, want.value), (d.e1, want.e1), (d.e2, want.e2), (d.e12, want.e12)];
                let scale = want.value.abs() + want.e1.abs() + want.e2.abs() + want.e12.abs();
                if !pairs.iter().all(|(a, b)| close(*a, *b, scale)) {
                    wrong = Some(format!("row {}: {d:?} {want:?}", start + i));
                }
            }
        });
        prop_assert!(wrong.is_none(), "{wrong:?}");
    }

    #[test]
    fn the_jacobian_equals_row_by_row_duals(genes in genes(), parameters in constants(), rows in 1..140usize) {
        let e = build(&genes, &parameters, true);
        let data = columns(rows);
        let views: Vec<&[f64]> = data.iter().map(Vec::as_slice).collect();
        let p = e.parameters().len();
        let tape = Tape::compile(&e);
        let (mut values, mut jacobian) = (vec![0.0; rows], vec![0.0; rows * p]);
        tape.jacobian(e.parameters(), &views, 0..rows, &mut Workspace::new(), &mut values, &mut jacobian);
        let mut by_column = vec![vec![0.0; rows]; p];
        let mut targets: Vec<&mut [f64]> = by_column.iter_mut().map(Vec::as_mut_slice).collect();
        let mut again = vec![0.0; rows];
        tape.gradients(e.parameters(), &views, 0..rows, &mut Workspace::new(), &mut again, &mut targets);
        prop_assert_eq!(&values, &again);
        for i in 0..rows {
            let row: Vec<Dual> = data.iter().map(|c| Dual::new(c[i], 0.0)).collect();
            for j in 0..p {
                let lifted: Vec<Dual> = e.parameters().iter().enumerate()
                    .map(|(k, v)| Dual::new(*v, if k == j { 1.0 } else { 0.0 })).collect();
                let want = e.evaluate_row_with(&row, &lifted);
                let got = jacobian[i * p + j];
                prop_assert!(close(values[i], want.value, want.value.abs()));
                prop_assert!(close(got, want.derivative(), want.derivative().abs()),
                    "row {i}, constant {j}: {got} {want:?}");
                prop_assert_eq!(got, by_column[j][i]);
            }
        }
    }

    #[test]
    fn first_and_second_derivatives_agree_with_num_dual(genes in genes(), parameters in constants()) {
        let e = build(&genes, &parameters, false);
        let tape = Tape::compile(&e);
        let data = columns(9);
        let views: Vec<&[f64]> = data.iter().map(Vec::as_slice).collect();
        let p = e.parameters();
        let (first, second) = (0, p.len() - 1);
        let seed = |j: usize, k: usize| if j == k { 1.0 } else { 0.0 };
        let hyper: Vec<HyperDual> = p.iter().enumerate()
            .map(|(j, v)| HyperDual { value: *v, e1: seed(j, first), e2: seed(j, second), e12: 0.0 }).collect();
        let theirs: Vec<HyperDual64> = p.iter().enumerate()
            .map(|(j, v)| HyperDual64::new(*v, seed(j, first), seed(j, second), 0.0)).collect();
        let mut got = Vec::new();
        tape.run(&hyper, &views, 0..9, &mut Workspace::new(), |_, block| got.extend_from_slice(block));
        for (i, d) in got.iter().enumerate() {
            let row: Vec<f64> = data.iter().map(|c| c[i]).collect();
            let want = oracle(&e, &row, &theirs);
            let scale = want.re.abs() + want.eps1.abs() + want.eps2.abs() + want.eps1eps2.abs();
            for (a, b) in [(d.value, want.re), (d.e1, want.eps1), (d.e2, want.eps2), (d.e12, want.eps1eps2)] {
                prop_assert!((a - b).abs() <= 1e-9 * (1.0 + scale), "row {i}: {d:?} {want:?}");
            }
        }
    }

    #[test]
    fn the_jacobian_agrees_with_finite_differences(genes in genes(), parameters in constants()) {
        let e = build(&genes, &parameters, false);
        let tape = Tape::compile(&e);
        let data = columns(5);
        let views: Vec<&[f64]> = data.iter().map(Vec::as_slice).collect();
        let p = e.parameters().len();
        let (mut values, mut jacobian) = (vec![0.0; 5], vec![0.0; 5 * p]);
        tape.jacobian(e.parameters(), &views, 0..5, &mut Workspace::new(), &mut values, &mut jacobian);
        for j in 0..p {
            let at = |h: f64| {
                let mut q = e.parameters().to_vec();
                q[j] += h;
                tape.values(&q, &views)
            };
            // Fourth order: two central differences, the step halved.
            let h = 2e-3;
            let (a, b, c, d) = (at(h), at(-h), at(0.5 * h), at(-0.5 * h));
            for i in 0..5 {
                let (wide, narrow) = ((a[i] - b[i]) / (2.0 * h), (c[i] - d[i]) / h);
                let want = (4.0 * narrow - wide) / 3.0;
                let error = (narrow - wide).abs() + 1e-7 * (1.0 + values[i].abs() + want.abs());
                prop_assert!((jacobian[i * p + j] - want).abs() <= error, "row {i}, constant {j}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_set_of_expressions_equals_each_of_them(
        genes in prop::collection::vec(genes(), 1..12), parameters in constants(), rows in 1..200usize,
    ) {
        let all: Vec<Expr> = genes.iter().map(|g| build(g, &parameters, true)).collect();
        let data = columns(rows);
        let views: Vec<&[f64]> = data.iter().map(Vec::as_slice).collect();
        let set = TapeSet::compile(&all);
        prop_assert_eq!(set.len(), all.len());
        for (e, values) in all.iter().zip(set.values(&views)) {
            for (i, (got, want)) in values.iter().zip(e.evaluate(&views)).enumerate() {
                prop_assert!(close(*got, want, want.abs()), "row {i}: {got} {want}");
            }
        }
    }
}

#[test]
fn what_expressions_share_is_computed_once() {
    let shared = (Expr::parameter(0.7) * Expr::variable(0)).apply(Op::Sin) * Expr::variable(1).apply(Op::Exp);
    let all: Vec<Expr> = (0..20).map(|k| shared.clone() + Expr::constant(f64::from(k))).collect();
    // A product, a sine, an exponential, their product, and twenty sums.
    assert_eq!(TapeSet::compile(&all).instructions(), 24);
    let data = columns(60_001);
    let views: Vec<&[f64]> = data.iter().map(Vec::as_slice).collect();
    let many = TapeSet::compile(&all).values(&views);
    for (e, values) in all.iter().zip(&many) {
        assert_eq!(e.evaluate(&views), *values);
    }
    assert!(TapeSet::compile(&[]).values(&views).is_empty());
}

#[test]
fn block_boundaries() {
    let p = Expr::parameter;
    let x = Expr::variable;
    let e = p(0.7) * (p(1.3) * x(0)).apply(Op::Sin) + (x(1) * x(1)).apply(Op::Exp) * p(0.2)
        - x(2) / (p(3.0) + x(0).apply(Op::Square));
    let tape = Tape::compile(&e);
    let all = columns(60_001);
    for rows in [1, 2, 7, 8, 9, 63, 64, 65, 127, 511, 513, 1000, 16_385, 49_999, 50_000, 60_001] {
        let views: Vec<&[f64]> = all.iter().map(|c| &c[..rows]).collect();
        let values = tape.values(e.parameters(), &views);
        assert_eq!(values.len(), rows);
        for i in [0, rows / 2, rows - 1] {
            // An element does not depend on its neighbours, to the last bit.
            let one: Vec<&[f64]> = all.iter().map(|c| &c[i..=i]).collect();
            assert_eq!(
                tape.values(e.parameters(), &one)[0].to_bits(),
                values[i].to_bits(),
                "{rows} rows, {i}"
            );
        }
        let mut seen = 0;
        tape.run(e.parameters(), &views, 0..rows, &mut Workspace::new(), |start, block| {
            assert_eq!(start, seen);
            assert_eq!(block, &values[start..start + block.len()]);
            seen += block.len();
        });
        assert_eq!(seen, rows);
    }
}

#[test]
fn apply_takes_inputs_of_any_number() {
    // d/dx of x^2 sin(a x) at x: the input itself carries the direction.
    let e = Expr::variable(0).apply(Op::Square) * (Expr::parameter(0.5) * Expr::variable(0)).apply(Op::Sin)
        + Expr::constant(2.0);
    let tape = Tape::compile(&e);
    let inputs: Vec<Dual> = (0..130).map(|i| Dual::new(f64::from(i) * 0.1 - 5.0, 1.0)).collect();
    let mut out = vec![Dual::new(0.0, 0.0); 130];
    tape.apply(&[Dual::new(0.5, 0.0)], &[&inputs], &mut out, &mut Workspace::new());
    for (d, x) in out.iter().zip(&inputs) {
        let x = x.value;
        let want = 2.0 * x * (0.5 * x).sin() + x * x * 0.5 * (0.5 * x).cos();
        assert!((d.derivative() - want).abs() < 1e-12 * (1.0 + want.abs()));
        assert!((d.value - (x * x * (0.5 * x).sin() + 2.0)).abs() < 1e-12 * (1.0 + x * x));
    }
}

#[test]
fn results_that_need_no_rows() {
    let ws = &mut Workspace::new();
    let column = [1.0, 2.0, 3.0];
    for (e, want) in [
        (Expr::parameter(2.0), [2.0; 3]),
        (Expr::constant(4.0), [4.0; 3]),
        (Expr::variable(0), column),
        (Expr::parameter(2.0).apply(Op::Square) + Expr::constant(1.0), [5.0; 3]),
        (Expr::variable(0).apply(Op::Square), [1.0, 4.0, 9.0]),
    ] {
        let tape = Tape::compile(&e);
        assert_eq!(tape.values(e.parameters(), &[&column]), want);
        let p = e.parameters().len();
        let (mut values, mut jacobian) = ([0.0; 3], vec![f64::NAN; 3 * p]);
        tape.jacobian(e.parameters(), &[&column], 0..3, ws, &mut values, &mut jacobian);
        assert_eq!(values, want);
        assert!(jacobian.iter().all(|j| j.is_finite()));
    }
    let e = Expr::parameter(2.0).apply(Op::Square);
    assert_eq!(Tape::compile(&e).values(&[3.0], &[]), [9.0]);
}

#[test]
fn what_is_not_finite_comes_through() {
    let x = [0.0, -1.0, 1e300, f64::NAN, f64::INFINITY];
    let p = Expr::parameter;
    let v = Expr::variable(0);
    for e in [
        (p(1.0) * v.clone()).apply(Op::Ln),
        (p(1.0) * v.clone()).apply(Op::Sqrt),
        p(1.0) / v.clone(),
        (p(1.0) * v.clone()).apply(Op::Exp),
        (p(1.0) * v.clone()).apply(Op::Cube),
        Expr::apply2(Op::Pow, &v, &p(0.5)),
        Expr::apply2(Op::Max, &v, &p(0.5)),
        Expr::apply2(Op::Min, &(p(2.0) * v.clone()), &v),
        (p(1.0) * v.clone()).apply(Op::Relu),
    ] {
        let tape = Tape::compile(&e);
        for (i, f) in tape.values(e.parameters(), &[&x]).into_iter().enumerate() {
            let want = e.evaluate_row(&[x[i]]);
            assert!(
                close(f, want, want.abs()) && f.is_nan() == want.is_nan(),
                "{e:?} at {}: {f} {want}",
                x[i]
            );
        }
    }
}

#[test]
fn a_direction_that_plays_no_part_stays_zero() {
    let ws = &mut Workspace::<DualVec<LANES>>::new();
    let jacobian = |e: &Expr, x: f64, ws: &mut Workspace<DualVec<LANES>>| {
        let p = e.parameters().len();
        let (mut value, mut jacobian) = ([0.0], vec![f64::NAN; p]);
        Tape::compile(e).jacobian(e.parameters(), &[&[x]], 0..1, ws, &mut value, &mut jacobian);
        jacobian
    };
    // sqrt(a x) at x = 0: the derivative of the root is infinite, that of a x is zero.
    let e = (Expr::parameter(2.0) * Expr::variable(0)).apply(Op::Sqrt);
    assert_eq!(jacobian(&e, 0.0, ws), [0.0]);
    // A factor of zero: sqrt(a * 0).
    let e = (Expr::parameter(0.0) * Expr::parameter(3.0)).apply(Op::Sqrt) + Expr::variable(0);
    assert_eq!(jacobian(&e, 1.0, ws)[1], 0.0);
    // x^a with x = 0, and (a x)^(3/2) at 0.
    let e = Expr::apply2(Op::Pow, &Expr::variable(0), &Expr::parameter(0.7));
    assert_eq!(jacobian(&e, 0.0, ws), [0.0]);
    let e = Expr::apply2(Op::Pow, &(Expr::parameter(0.7) + Expr::variable(0)), &Expr::constant(1.5));
    assert_eq!(jacobian(&e, -0.7, ws), [0.0]);
}

#[test]
fn constant_powers_are_products() {
    for p in [
        -8.0, -3.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 7.5, 8.0, 9.0,
        0.3,
    ] {
        let base = Expr::parameter(1.5) * Expr::variable(0);
        let e = Expr::apply2(Op::Pow, &base, &Expr::constant(p));
        let x: Vec<f64> = (1..20).map(|i| f64::from(i) * 0.3).collect();
        let tape = Tape::compile(&e);
        let (mut values, mut jacobian) = (vec![0.0; 19], vec![0.0; 19]);
        tape.jacobian(&[1.5], &[&x], 0..19, &mut Workspace::new(), &mut values, &mut jacobian);
        for (i, x) in x.iter().enumerate() {
            let (f, d) = ((1.5 * x).powf(p), p * x * (1.5 * x).powf(p - 1.0));
            assert!((values[i] - f).abs() <= 4e-15 * f, "{x}^{p}");
            assert!((jacobian[i] - d).abs() <= 4e-15 * d.abs(), "{x}^{p}");
        }
    }
}
