//! Time of evaluation and of the gradient beside `dynamic_expressions` 0.10.1: the same expressions, rows and run,
//! one thread, double precision. Rounds of the two alternate; printed are the medians of the times and of the
//! ratios.
//!
//! Run: `RUSTFLAGS="-C target-cpu=native" cargo run --release --manifest-path benches/compare/Cargo.toml`. The
//! flag is for the other crate: this one picks its instruction set at run time.

use closedform::expr::{Expr, Op, Tape, Workspace};
use closedform::least_squares::{LmOptions, SquaredError, levenberg_marquardt};
use dynamic_expressions::operator_enum::builtin::*;
use dynamic_expressions::operators::*;
use dynamic_expressions::{
    EvalOptions, GradContext, PNode, PostfixExpr, compile_plan, eval_grad_tree_array, eval_plan_array_into, opset,
};
use ndarray::Array2;
use std::hint::black_box;
use std::time::Instant;

opset! { pub Ops for f64 { Add, Sub, Mul, Div, Sin, Cos, Exp, Log, Sqrt, Tanh } }

const ROUNDS: usize = 15;
const COLUMNS: usize = 5;
type Theirs = PostfixExpr<f64, Ops, 2>;

/// The same expression in both crates.
struct Case {
    name: &'static str,
    ours: Expr,
    theirs: Theirs,
}

fn v(feature: u16) -> Theirs {
    PostfixExpr::new(vec![PNode::Var { feature }], vec![], Default::default())
}

fn c(x: f64) -> Theirs {
    PostfixExpr::new(vec![PNode::Const { idx: 0 }], vec![x], Default::default())
}

fn cases() -> Vec<Case> {
    let x = Expr::variable;
    let p = Expr::parameter;
    let product = || (x(0) * p(1.5) + x(1)) * (x(2) - p(0.7) * x(3));
    let their_product = || mul(add(mul(v(0), c(1.5)), v(1)), sub(v(2), mul(c(0.7), v(3))));
    vec![
        Case {
            name: "arithmetic",
            ours: product() + (x(4) - p(2.0)),
            theirs: add(their_product(), sub(v(4), c(2.0))),
        },
        Case {
            name: "with a quotient",
            ours: product() / (x(4) + p(3.0)),
            theirs: div(their_product(), add(v(4), c(3.0))),
        },
        Case {
            name: "sin, exp, log",
            ours: (p(1.5) * x(0)).apply(Op::Sin) + x(1) * (p(0.7) * x(2)).apply(Op::Exp)
                - (x(3) + p(3.0)).apply(Op::Ln),
            theirs: sub(
                add(sin(mul(c(1.5), v(0))), mul(v(1), exp(mul(c(0.7), v(2))))),
                log(add(v(3), c(3.0))),
            ),
        },
    ]
}

/// Seconds of one call, from enough calls to fill a hundredth of a second.
fn time(f: &mut dyn FnMut()) -> f64 {
    let start = Instant::now();
    f();
    let calls = (0.01 / start.elapsed().as_secs_f64().max(1e-8)).ceil() as usize;
    let start = Instant::now();
    (0..calls).for_each(|_| f());
    start.elapsed().as_secs_f64() / calls as f64
}

fn median(mut x: Vec<f64>) -> f64 {
    x.sort_by(f64::total_cmp);
    x[x.len() / 2]
}

/// Times in microseconds and their ratio.
fn compare(theirs: &mut dyn FnMut(), ours: &mut dyn FnMut()) -> (f64, f64, f64) {
    let (mut a, mut b, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (x, y) = (time(theirs), time(ours));
        a.push(x * 1e6);
        b.push(y * 1e6);
        ratios.push(x / y);
    }
    (median(a), median(b), median(ratios))
}

fn main() {
    println!("| expression | rows | what | dynamic_expressions, us | closedform, us | ratio |");
    println!("|---|---|---|---|---|---|");
    for rows in [100, 1_000, 10_000, 100_000] {
        let number = |j: usize, i: usize| -1.0 + 2.0 * (((i * 7919 + j * 104_729) % 10_007) as f64 / 10_007.0);
        let x = Array2::from_shape_fn((COLUMNS, rows), |(j, i)| number(j, i));
        let columns: Vec<&[f64]> = x.rows().into_iter().map(|r| r.to_slice().expect("rows lie together")).collect();
        for case in cases() {
            let options = EvalOptions { check_finite: true, early_exit: true };
            let plan = compile_plan::<2>(&case.theirs.nodes, COLUMNS, case.theirs.consts.len());
            let mut scratch = Array2::<f64>::zeros((0, 0));
            let mut out = vec![0.0; rows];
            let tape = Tape::compile(&case.ours);
            let parameters = case.ours.parameters();
            let mut workspace = Workspace::new();
            let mut ours = vec![0.0; rows];
            let (a, b, ratio) = compare(
                &mut || {
                    let e = &case.theirs;
                    black_box(eval_plan_array_into(&mut out, &plan, e, x.view(), &mut scratch, &options));
                },
                &mut || {
                    tape.values_into(parameters, &columns, 0, &mut ours, &mut workspace);
                    black_box(&mut ours);
                },
            );
            assert!(out.iter().zip(&ours).all(|(a, b)| (a - b).abs() < 1e-12 * (1.0 + a.abs())), "{}", case.name);
            println!("| {} | {rows} | value | {a:.2} | {b:.2} | {ratio:.2} |", case.name);

            let mut context = GradContext::<f64, 2>::new(rows);
            let mut derivatives = vec![vec![0.0; rows]; parameters.len()];
            let (a, b, ratio) = compare(
                &mut || {
                    black_box(&eval_grad_tree_array(&case.theirs, x.view(), false, &mut context, &options));
                },
                &mut || {
                    let mut views: Vec<&mut [f64]> = derivatives.iter_mut().map(Vec::as_mut_slice).collect();
                    tape.gradients(parameters, &columns, 0..rows, &mut workspace, &mut ours, &mut views);
                    black_box(&mut derivatives);
                },
            );
            println!("| {} | {rows} | gradient, 3 constants | {a:.2} | {b:.2} | {ratio:.2} |", case.name);
        }
    }
    println!();
    per_row();
    println!();
    fit();
}

/// Time per row of values, one thread, from a thousand rows to ten million.
fn per_row() {
    println!("| rows | arithmetic, ns/row | sin, exp, log, ns/row | normal equations of the latter, ns/row |");
    println!("|---|---|---|---|");
    let largest = 10_000_000;
    let all: Vec<Vec<f64>> =
        (0..COLUMNS).map(|j| (0..largest).map(|i| ((i * 7919 + j * 104_729) % 10_007) as f64 / 1e4).collect()).collect();
    let target = vec![0.5; largest];
    for rows in [1_000, 10_000, 100_000, 1_000_000, largest] {
        let columns: Vec<&[f64]> = all.iter().map(|c| &c[..rows]).collect();
        let mut line = format!("| {rows} |");
        let mut out = vec![0.0; rows];
        for at in [0, 2] {
            let case = &cases()[at];
            let tape = Tape::compile(&case.ours);
            let mut workspace = Workspace::new();
            let mut run = || tape.values_into(case.ours.parameters(), &columns, 0, &mut out, &mut workspace);
            let t = median((0..7).map(|_| time(&mut run)).collect());
            line += &format!(" {:.3} |", t * 1e9 / rows as f64);
        }
        let case = &cases()[2];
        let tape = Tape::compile(&case.ours);
        let problem = SquaredError::new(&tape, &columns, &target[..rows], None);
        let mut workspace = Workspace::new();
        let mut run = || {
            black_box(problem.normal_equations(case.ours.parameters(), &mut workspace));
        };
        let t = median((0..7).map(|_| time(&mut run)).collect());
        println!("{line} {:.3} |", t * 1e9 / rows as f64);
    }
}

/// Levenberg-Marquardt on `a exp(b x) + c`, 50 rows without noise, from far away.
fn fit() {
    let x: Vec<f64> = (0..50).map(|i| f64::from(i) * 0.06).collect();
    let y: Vec<f64> = x.iter().map(|x| 2.5 * (-0.7 * x).exp() + 0.3).collect();
    let p = Expr::parameter;
    let e = p(1.0) * (p(-0.1) * Expr::variable(0)).apply(Op::Exp) + p(0.0);
    let columns = [x.as_slice()];
    let mut run = || {
        let tape = Tape::compile(&e);
        let problem = SquaredError::new(&tape, &columns, &y, None);
        black_box(levenberg_marquardt(&problem, e.parameters(), &LmOptions::default()));
    };
    let t = median((0..ROUNDS).map(|_| time(&mut run)).collect());
    println!("Levenberg-Marquardt, a exp(b x) + c, 50 rows, compilation included: {:.1} us", t * 1e6);
}
