//! Time of evaluation and of the gradient beside `dynamic_expressions` 0.10.1: the same expressions, rows and run,
//! one thread, double precision. Rounds of the two alternate; printed are the medians of the times and of the
//! ratios.
//!
//! Run: `RUSTFLAGS="-C target-cpu=native" cargo run --release --manifest-path benches/compare/Cargo.toml`, with
//! the names of sections behind `--` where not all are wanted: `peer`, `scaling`, `threads`, `memory`, `sets`,
//! `single`, `fit`. The flag is for the other crate: this one picks its instruction set at run time.

mod fit;
mod large;
mod precision;

use closedform::expr::{Expr, Op, Tape, TapeSet, Workspace};
use dynamic_expressions::operator_enum::builtin::*;
use dynamic_expressions::operators::*;
use dynamic_expressions::{
    EvalOptions, GradContext, PNode, PostfixExpr, compile_plan, eval_grad_tree_array, eval_plan_array_into,
    opset,
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
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let sections: [(&str, fn()); 7] = [
        ("peer", peer),
        ("scaling", large::per_row),
        ("threads", large::threads),
        ("memory", large::memory),
        ("sets", sets),
        ("single", precision::single),
        ("fit", fit::fit),
    ];
    for (name, section) in sections {
        if wanted.is_empty() || wanted.iter().any(|w| w == name) {
            section();
            println!();
        }
    }
}

/// Values and gradients beside `dynamic_expressions`.
fn peer() {
    println!("| expression | rows | what | dynamic_expressions, us | closedform, us | ratio |");
    println!("|---|---|---|---|---|---|");
    for rows in [100, 1_000, 10_000, 100_000] {
        let number =
            |j: usize, i: usize| -1.0 + 2.0 * (((i * 7919 + j * 104_729) % 10_007) as f64 / 10_007.0);
        let x = Array2::from_shape_fn((COLUMNS, rows), |(j, i)| number(j, i));
        let columns: Vec<&[f64]> =
            x.rows().into_iter().map(|r| r.to_slice().expect("rows lie together")).collect();
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
            assert!(
                out.iter().zip(&ours).all(|(a, b)| (a - b).abs() < 1e-12 * (1.0 + a.abs())),
                "{}",
                case.name
            );
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
}

/// Many expressions over the same rows: one by one, and as a set that shares its subexpressions.
fn sets() {
    println!("| 64 expressions | rows | one by one, us | as a set, us | ratio |");
    println!("|---|---|---|---|---|");
    let x = Expr::variable;
    let p = Expr::parameter;
    // As searches make them: the same few parts, combined anew.
    let parts: Vec<Expr> = (0..8)
        .map(|k| match k % 4 {
            0 => (p(0.5 + f64::from(k)) * x(0)).apply(Op::Sin),
            1 => (p(0.1 * f64::from(k)) * x(1)).apply(Op::Exp),
            2 => (x(2) + p(2.0 + f64::from(k))).apply(Op::Ln),
            _ => x(3) * x(4) + p(f64::from(k)),
        })
        .collect();
    let all: Vec<Expr> = (0..64)
        .map(|k| {
            parts[k % 8].clone() * p(1.0 + k as f64)
                + parts[(k / 8 + k) % 8].clone() * parts[(k / 8) % 8].clone()
        })
        .collect();
    let tapes: Vec<Tape> = all.iter().map(Tape::compile).collect();
    let set = TapeSet::compile(&all);
    for rows in [128, 1_000, 100_000] {
        let data = columns(rows);
        let views: Vec<&[f64]> = data.iter().map(Vec::as_slice).collect();
        let (mut single, mut together) = (vec![vec![0.0; rows]; all.len()], vec![vec![0.0; rows]; all.len()]);
        let (mut one, mut two) = (Workspace::new(), Workspace::new());
        let (a, b, ratio) = compare(
            &mut || {
                for ((tape, e), out) in tapes.iter().zip(&all).zip(&mut single) {
                    tape.values_into(e.parameters(), &views, 0, out, &mut one);
                }
                black_box(&mut single);
            },
            &mut || {
                let mut out: Vec<&mut [f64]> = together.iter_mut().map(Vec::as_mut_slice).collect();
                set.values_into(&views, 0..rows, &mut out, &mut two);
                black_box(&mut together);
            },
        );
        assert!(single == together);
        println!("| sums of products of 8 parts | {rows} | {a:.1} | {b:.1} | {ratio:.2} |");
    }
}

/// Five columns of numbers between -1 and 1.
fn columns(rows: usize) -> Vec<Vec<f64>> {
    let number = |j: usize, i: usize| -1.0 + 2.0 * (((i * 7919 + j * 104_729) % 10_007) as f64 / 10_007.0);
    (0..COLUMNS).map(|j| (0..rows).map(|i| number(j, i)).collect()).collect()
}
